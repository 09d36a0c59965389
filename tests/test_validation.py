"""What comes in is an array of the model's dtype, or an error that names it."""

import numpy as np
import pandas
import pytest

from minimlp import Dense, Sequential
from minimlp.validation import (
    as_array,
    as_batch,
    as_count,
    as_dtype,
    as_flag,
    as_generator,
    as_number,
    as_targets,
    as_weights,
)

F64, F32 = np.dtype(np.float64), np.dtype(np.float32)


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_counts_become_python_ints(value):
    assert as_count("n", value) == 3
    assert type(as_count("n", value)) is int


@pytest.mark.parametrize("value", [True, np.True_, 3.0, 2.5, "3", None, [3]])
def test_what_is_no_whole_number_is_no_count(value):
    with pytest.raises(TypeError, match="epochs must be a whole number of at least 1, got"):
        as_count("epochs", value)


def test_counts_have_a_least_value():
    assert as_count("epochs", 0, low=0) == 0
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        as_count("epochs", 0)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.float64(2), np.int64(2)])
def test_numbers_become_python_floats(value):
    assert as_number("rate", value) == 2.0
    assert type(as_number("rate", value)) is float


@pytest.mark.parametrize("value", [True, "2", b"2", None, 1j, [2.0], np.zeros(2), 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="rate must be a number, got"):
        as_number("rate", value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.1, 1.0, 7])
def test_numbers_outside_their_range_are_refused(value):
    with pytest.raises(ValueError, match="share must be finite and at least 0 and below 1, got"):
        as_number("share", value, low=0, below=1)


def test_flags():
    assert as_flag("on", np.True_) is True
    for value in (1, 0, "True", None):
        with pytest.raises(TypeError, match="on must be True or False"):
            as_flag("on", value)


def test_dtypes():
    assert as_dtype("float32") == F32
    assert as_dtype(float) == F64
    for value in (np.float16, int, bool, object, "complex64"):
        with pytest.raises(ValueError, match="dtype must be float32, float64"):
            as_dtype(value)
    with pytest.raises(TypeError, match="dtype must be float32, float64 or complex128"):
        as_dtype("float31")


def test_seeds():
    assert as_generator(3).random() == np.random.default_rng(3).random()
    rng = np.random.default_rng(0)
    assert as_generator(rng) is rng
    for value in (-1, "x", 1.5):
        with pytest.raises((TypeError, ValueError), match=r"seed must be what np\.random"):
            as_generator(value)


@pytest.mark.parametrize(
    "value",
    [
        [[1, 2], [3, 4]],
        ((1, 2), (3, 4)),
        np.array([[1, 2], [3, 4]], np.uint8),
        np.array([[1, 2], [3, 4]], np.float16),
        np.array([[1, 2], [3, 4]], np.longdouble),
        np.array([[1, 2], [3, 4]], ">f8"),
        np.array([[1, 3], [2, 4]]).T,
        np.array([[1, 0, 2], [3, 0, 4]], float)[:, ::2],
        np.array([[3, 4], [1, 2]], float)[::-1],
    ],
    ids=["list", "tuple", "uint8", "float16", "longdouble", "big-endian", "T", "columns", "rows"],
)
@pytest.mark.parametrize("dtype", [F32, F64])
def test_batches_of_any_kind_and_layout_become_c_ordered_arrays(value, dtype):
    batch = as_batch("x", value, 2, dtype)
    assert batch.tolist() == [[1, 2], [3, 4]]
    assert batch.dtype == dtype
    assert batch.flags.c_contiguous


def test_data_frames_work():
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    assert as_batch("x", frame, 2, F32).tolist() == [[1, 0.5], [2, 1.5]]
    assert as_targets("y", frame["a"], 2, 1, F64).tolist() == [[1], [2]]


def test_an_array_that_fits_is_not_copied():
    x = np.ones((2, 3))
    assert as_batch("x", x, 3, F64) is x


@pytest.mark.parametrize("make", [np.asfortranarray, np.ascontiguousarray])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_read_only_and_fortran_ordered_inputs_are_accepted_and_unchanged(make, dtype):
    rng = np.random.default_rng(0)
    x, y, w = (make(a) for a in (rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), np.ones(9)))
    before = x.copy(), y.copy(), w.copy()
    for array in (x, y, w):
        array.flags.writeable = False
    model = Sequential(Dense(3, 2), dtype=dtype, seed=0)
    model.forward(x)
    model.backward(y)
    model.predict(x, batch_size=4)
    model.fit(x, y, sample_weight=w, batch_size=4, validation_data=(x, y, w))
    model.evaluate(x, y, sample_weight=w)
    model.parameters = make(np.arange(8.0))
    for array, kept in zip((x, y, w), before, strict=True):
        assert array.tobytes("A") == make(kept).tobytes("A")


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ([["a"]], TypeError, r"x must hold real numbers, got dtype <U1; convert it"),
        (np.array([[1, "a"]], object), TypeError, "x must hold real numbers, got dtype object"),
        ([[1j]], TypeError, "x must hold real numbers, got dtype complex128"),
        ([[1, 2], [3]], ValueError, "x has rows of different lengths"),
        ([[0, 1], [2, np.nan]], ValueError, "x holds nan at row 1, column 1"),
        ([[0, -np.inf], [2, 3]], ValueError, "x holds -inf at row 0, column 1"),
        ([1.0, 2.0], ValueError, r"use x\.reshape\(1, -1\) for one sample of 2 features$"),
        ([1.0, 2.0, 3.0], ValueError, r"x\.reshape\(1, -1\).*x\.reshape\(-1, 1\)"),
        (np.zeros((2, 2, 2)), ValueError, r"shape \(2, 2, 2\): expected two axes"),
        (np.zeros((4, 3)), ValueError, "3 features a row: the model takes 2"),
        (np.zeros((0, 2)), ValueError, "at least one row"),
        (3.0, ValueError, r"x has shape \(\)"),
        (None, TypeError, "x must hold real numbers"),
    ],
)
def test_batches_that_do_not_fit_are_named(value, error, words):
    with pytest.raises(error, match=words):
        as_batch("x", value, 2, F64)


def test_one_feature_offers_a_column_and_any_width_takes_all():
    with pytest.raises(ValueError, match=r"use x\.reshape\(-1, 1\) for 3 samples of one feature$"):
        as_batch("x", [1.0, 2.0, 3.0], 1, F64)
    assert as_batch("x", np.zeros((2, 7)), None, F64).shape == (2, 7)


def test_numbers_too_large_for_float32_are_named_and_the_largest_is_not():
    largest = float(np.finfo(np.float32).max)
    assert as_array("x", [largest, -largest], F32).tolist() == [largest, -largest]
    with pytest.raises(ValueError, match=r"x holds 1e\+300 at index \(0, 1\): too large"):
        as_array("x", [[0, 1e300]], F32)


def test_complex_models_take_complex_and_real_numbers():
    assert as_array("x", [[1j, 2]], np.dtype(complex)).tolist() == [[1j, 2]]
    with pytest.raises(ValueError, match="row 0, column 0"):
        as_array("x", [[complex(0, np.nan)]], np.dtype(complex))


def test_targets_of_one_output_may_be_flat_and_labels_become_one_hot_rows():
    assert as_targets("y", [1, 2], 2, 1, F64).tolist() == [[1], [2]]
    assert as_targets("y", [[1], [2]], 2, 1, F32).dtype == F32
    assert as_targets("y", [2, 0], 2, 3, F64).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert as_targets("y", np.array([1, 0], np.uint8), 2, 2, F32).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("value", "width", "words"),
    [
        (np.zeros(4), 2, r"shape \(4,\) and dtype float64: expected \(4, 2\), or \(4,\) whole"),
        (np.zeros((1, 2)), 2, r"expected \(4, 2\)"),
        (np.zeros((4, 1)), 2, r"expected \(4, 2\)"),
        (np.zeros((4, 4)), 1, r"expected \(4, 1\) or \(4,\)"),
        (np.zeros((1, 4)), 1, r"expected \(4, 1\) or \(4,\)"),
        (np.zeros(3), 1, r"expected \(4, 1\) or \(4,\)"),
        (1.0, 1, r"shape \(\)"),
        ([True, False, True, True], 2, "dtype bool"),
        ([0, 1, 2], 3, "y has 3 labels: x has 4 rows"),
        ([0, 1, 3, 0], 3, "label 3 at row 2: the model has 3 outputs"),
        ([0, -1, 1, 0], 3, "label -1 at row 1"),
        ([0.0, np.nan, 1.0, 0.0], 1, "y holds nan at row 1"),
        ([[1, 2], [3]], 2, "rows of different lengths"),
    ],
)
def test_targets_that_do_not_fit_are_never_stretched(value, width, words):
    with pytest.raises(ValueError, match=words):
        as_targets("y", value, 4, width, F64)


def test_weights():
    assert as_weights("w", [0, 2, 1], 3).tolist() == [0, 2, 1]
    for value, words in [
        ([1.0, 2.0], r"w has shape \(2,\): expected \(3,\)"),
        ([[1.0], [1.0], [1.0]], r"expected \(3,\)"),
        ([1.0, -2.0, 1.0], r"w holds -2\.0 at row 1: expected no negative"),
        ([0.0, 0.0, 0.0], "w is zero for all 3 rows"),
        ([1.0, np.inf, 1.0], "w holds inf at row 1"),
    ]:
        with pytest.raises(ValueError, match=words):
            as_weights("w", value, 3)
