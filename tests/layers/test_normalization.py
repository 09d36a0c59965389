import copy
import pickle
import statistics

import numpy as np
import pytest

from minimlp import Dense, Normalization, Sequential

COLUMNS = [[1.0, -2.0, 4.0, 9.0], [100.0, 300.0, 200.0, 250.0]]
X = np.transpose(COLUMNS)


def adapted(x, dtype=None):
    layer = Normalization(np.shape(x)[1])
    if dtype is not None:
        Sequential(layer, dtype=dtype)
    layer.adapt(x)
    return layer


@pytest.mark.parametrize("dtype", [None, np.float64], ids=["before binding", "after binding"])
def test_adapt_takes_mean_and_population_deviation(dtype):
    layer = adapted(X, dtype)
    assert layer.mean == pytest.approx([statistics.fmean(c) for c in COLUMNS], rel=1e-14)
    assert layer.scale == pytest.approx([statistics.pstdev(c) for c in COLUMNS], rel=1e-14)


def test_it_does_nothing_until_it_is_adapted():
    assert Sequential(Normalization(2)).predict(X).tolist() == X.tolist()


def test_adapt_before_and_after_binding_is_the_same_function():
    before = Sequential(adapted(X))
    after = Sequential(Normalization(2))
    after.layers[0].adapt(X)
    y = before.predict(X)
    assert np.array_equal(y, after.predict(X))
    assert np.allclose(y.mean(axis=0), 0, rtol=0, atol=1e-15)
    assert np.allclose(y.std(axis=0), 1, rtol=1e-15)


def test_adapting_again_writes_over_the_first():
    layer = adapted(X, np.float64)
    mean = layer.mean
    layer.adapt(10 * X)
    assert layer.mean is mean
    assert layer.mean == pytest.approx([30, 2125])


@pytest.mark.parametrize("value", [0.0, 0.1, -0.3, 1e300, 1e-200, 12345.678])
@pytest.mark.parametrize("rows", [1, 3, 10, 1001])
def test_a_constant_column_gets_scale_one_and_becomes_zero(value, rows):
    x = np.full((rows, 1), value)
    layer = adapted(x)
    assert layer.scale.tolist() == [1]
    assert layer.mean.tolist() == [value]
    assert not Sequential(layer).predict(x).any()


@pytest.mark.parametrize("unit", [1e300, 1e150, 1e-150, 1e-200, 1e-300])
def test_very_large_and_very_small_columns_become_ordinary(unit):
    layer = adapted(X[:, :1] * unit)
    expected = (X[:, :1] - 3) / statistics.pstdev(COLUMNS[0])
    assert np.allclose(Sequential(layer).predict(X[:, :1] * unit), expected, rtol=1e-13)


def test_in_float32_all_arrays_are_float32_and_right():
    model = Sequential(Normalization(2), Dense(2, 1), dtype=np.float32, seed=0)
    layer = model.layers[0]
    layer.adapt(X)
    assert layer.mean.dtype == layer.scale.dtype == np.float32
    assert model.predict(X).dtype == np.float32
    assert layer.scale == pytest.approx([statistics.pstdev(c) for c in COLUMNS], rel=1e-6)


def test_in_float32_a_deviation_that_is_lost_gives_scale_one():
    layer = adapted([[1e-30], [2e-30]], np.float32)
    assert layer.scale == pytest.approx([5e-31], rel=1e-6)
    layer.adapt([[0.0], [1e-45]])
    assert (layer.scale > 0).all()
    assert np.isfinite(layer.scale).all()


def test_it_is_saved_and_copied(tmp_path):
    model = Sequential(adapted(X), Dense(2, 1), seed=0)
    model.save(tmp_path / "model.npz")
    expected = model.predict(X)
    for other in (
        Sequential.load(tmp_path / "model.npz"),
        model.copy(),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ):
        assert np.array_equal(other.predict(X), expected)
        other.layers[0].adapt(X + 5)
        assert other.layers[0].mean == pytest.approx([8, 217.5])
    assert np.array_equal(model.predict(X), expected)
    assert model.copy(np.float32).layers[0].mean.dtype == np.float32
    assert model.copy(np.complex128).layers[0].scale.dtype == np.complex128


def test_it_has_nothing_to_train_and_passes_the_derivative_on():
    model = Sequential(adapted(X), Dense(2, 1), seed=0)
    assert model.parameters.shape == (3,)
    layer = model.layers[0]
    mean, scale = layer.mean.tobytes(), layer.scale.tobytes()
    model.forward(X)
    dx = model.backward(np.ones((4, 1)))
    deviations = [statistics.pstdev(c) for c in COLUMNS]
    assert np.allclose(dx, [model.layers[1].weight[:, 0] / deviations] * 4, rtol=1e-14)
    model.fit(X, np.ones(4), epochs=3)
    assert (layer.mean.tobytes(), layer.scale.tobytes()) == (mean, scale)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X[:, :1], "features"),
        (X[0], "reshape"),
        (X[:0], "at least one row"),
        ([[1.0, np.nan]], "column 1"),
    ],
)
def test_a_batch_that_does_not_fit_leaves_it_as_it_was(x, words):
    layer = adapted(X, np.float64)
    before = layer.mean.tolist(), layer.scale.tolist()
    with pytest.raises(ValueError, match=words):
        layer.adapt(x)
    assert (layer.mean.tolist(), layer.scale.tolist()) == before


def test_the_batch_is_only_read():
    x = np.asfortranarray(X)
    x.flags.writeable = False
    assert adapted(x).mean.tolist() == adapted(X).mean.tolist()


def test_mean_and_scale_may_be_set_by_hand():
    model = Sequential(Normalization(2))
    model.layers[0].mean = [1, 2]
    model.layers[0].scale = [2, 4]
    assert model.predict([[3, 10]]).tolist() == [[1, 2]]
    with pytest.raises(ValueError, match=r"Normalization\.scale"):
        model.layers[0].scale = 3.0
