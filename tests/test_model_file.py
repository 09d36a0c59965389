"""Saving and loading: all of a model in one file that is whole or refused."""

import errno
import json
import os
import re
import tracemalloc
import zipfile

import numpy as np
import pytest

from minimlp import (
    Activation,
    Dense,
    Layer,
    Normal,
    Normalization,
    Sequential,
    Sigmoid,
    Tanh,
    register,
)

X = np.random.default_rng(0).normal(size=(6, 3))


@register
class Leaky(Activation):
    """An activation of one's own with an argument."""

    def __init__(self, slope=0.1, *, note="σ"):
        self.slope = slope
        self.note = note

    def forward(self, x, out):
        np.multiply(x, np.where(x > 0, 1, self.slope).astype(x.dtype), out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(dy, np.where(x > 0, 1, self.slope), out=dx)


def trained(dtype=np.float64):
    model = Sequential(
        Normalization(3),
        Dense(3, 4, bias=False, weight_initializer=Normal(0.3)),
        Leaky(0.25, note="é"),
        Dense(4, 2),
        Sigmoid(),
        dtype=dtype,
        seed=0,
    )
    model.layers[0].adapt(5 + 2 * X)
    model.layers[3].freeze("bias")
    model.fit(X, np.ones((6, 2)), epochs=2)
    model.metadata = {"accuracy": 0.98, "labels": ["a", "β"], "nested": {"none": None}}
    return model


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.npz"
    trained().save(path)
    return path


def rewrite(path, header=None, **arrays):
    """Change a file's header or arrays, as another program might have written it."""
    with np.load(path, allow_pickle=False) as archive:
        members = dict(archive)
    old = json.loads(members["header"].tobytes())
    changed = {**old, **(header or {}), "arrays": [k for k in (*members, *arrays) if k != "header"]}
    changed["arrays"] = sorted(set(changed["arrays"]))
    members.update(arrays)
    members["header"] = np.frombuffer(json.dumps(changed).encode(), np.uint8)
    np.savez(path, **members)


def refused(path):
    """Load, and give the one ValueError's text, which must name the file."""
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        Sequential.load(path)
    assert type(caught.value) is ValueError
    return str(caught.value)


# What comes back


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_comes_back(tmp_path, dtype):
    model, path = trained(dtype), tmp_path / "any name, no ending"
    model.save(path)
    loaded = Sequential.load(str(path))
    assert os.listdir(tmp_path) == [path.name]
    assert repr(loaded) == repr(model)
    assert loaded.dtype == dtype
    assert loaded.parameters.tobytes() == model.parameters.tobytes()
    assert [layer.frozen for layer in loaded.layers] == [layer.frozen for layer in model.layers]
    assert loaded.metadata == model.metadata
    assert loaded.layers[0].mean.tobytes() == model.layers[0].mean.tobytes()
    assert loaded.layers[0].scale.dtype == dtype
    assert loaded.layers[2].note == "é"
    assert np.array_equal(loaded.predict(X), model.predict(X))
    for layer in loaded.layers[1::2]:
        assert np.shares_memory(layer.weight, loaded.parameters)
        assert np.shares_memory(layer.weight_gradient, loaded.gradients)


def test_a_loaded_model_trains_on_with_its_frozen_parts(path):
    model = Sequential.load(path)
    kept, weight = model.layers[3].bias.tobytes(), model.layers[3].weight.tobytes()
    model.fit(X, np.ones((6, 2)), epochs=2)
    assert model.layers[3].bias.tobytes() == kept
    assert model.layers[3].weight.tobytes() != weight


def test_the_file_is_plain_arrays_and_json(path):
    assert zipfile.is_zipfile(path)
    with np.load(path, allow_pickle=False) as archive:
        assert archive["parameters"].tolist() == trained().parameters.tolist()
        header = json.loads(archive["header"].tobytes())
    assert header["format"] == "minimlp"
    assert header["version"] == 1
    assert [layer["class"] for layer in header["layers"]] == [
        "Normalization",
        "Dense",
        "Leaky",
        "Dense",
        "Sigmoid",
    ]


# What is refused in reading


def test_a_file_truncated_anywhere_is_refused(path):
    content = path.read_bytes()
    for length in [0, 1, 3, 4, 10, *range(25, len(content), 97), len(content) - 1]:
        path.write_bytes(content[:length])
        assert "truncated" in refused(path) or length == 0
    path.write_bytes(b"")
    assert "is empty" in refused(path)


def test_files_of_another_kind_are_refused(path):
    for content in (b"not a model", b"\x93NUMPY\x01\x00", b"\x80\x04K\x01.", os.urandom(2000)):
        path.write_bytes(content)
        assert "is not a minimlp model file" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "is not a minimlp model file" in refused(path)
    np.savez(path, parameters=np.zeros(3))
    assert "the archive has no header" in refused(path)
    np.savez(path, header=np.frombuffer(b'{"format": "other", "version": 1}', np.uint8))
    assert "is not a minimlp model file" in refused(path)


def test_a_pickle_is_never_run(path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(path) + ".bang",)

    rewrite(path)
    with np.load(path) as archive:
        members = dict(archive)
    np.savez(path, **{**members, "parameters": np.array([Bomb()], object)})
    assert "cannot be read" in refused(path)
    assert not os.path.exists(str(path) + ".bang")


def test_a_future_version_is_refused(path):
    rewrite(path, {"version": 2})
    assert "format version 2, from a later minimlp: this one reads version 1" in refused(path)


@pytest.mark.parametrize("size", [0, 1, 21, 23])
def test_a_wrong_number_of_parameters_is_refused(path, size):
    rewrite(path, parameters=np.zeros(size))  # 3·4 + 4·2 + 2 = 22
    assert f"parameters has shape ({size},), the layers need (22,)" in refused(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_no_numbers_are_refused(path, value):
    parameters = np.zeros(22)
    parameters[7] = value
    rewrite(path, parameters=parameters)
    assert "parameters holds NaN" in refused(path)


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.complex128, ">f8"])
def test_parameters_of_another_dtype_are_refused(path, dtype):
    rewrite(path, parameters=np.zeros(22, dtype))
    assert "expected float32 or float64" in refused(path)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(4), "layers[0].mean has shape (4,), the layers need (3,)"),
        (np.zeros((3, 1)), "layers[0].mean has shape (3, 1)"),
        (np.array([0, np.nan, 0]), "layers[0].mean holds NaN"),
        (np.array([1, 2, 3]), "layers[0].mean holds int64, expected numbers with a fraction"),
        (np.array(["a", "b", "c"]), "'layers[0].mean', which cannot be read: its dtype '<U1'"),
    ],
)
def test_a_wrong_normalization_is_refused(path, array, words):
    rewrite(path, **{"layers[0].mean": array})
    assert words in refused(path)


DENSE = {"class": "Dense", "arguments": {"n_in": 3, "n_out": 4}}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"layers": [{"class": "Convolution", "arguments": {}}]}, "unknown layer 'Convolution'"),
        ({"layers": [{"class": "MSE", "arguments": {}}]}, "unknown layer 'MSE'"),
        ({"layers": [{"class": "os.system", "arguments": {}}]}, "unknown layer 'os.system'"),
        ({"layers": []}, "at least one layer"),
        ({"layers": [DENSE, DENSE]}, "does not fit"),
        ({"layers": [{**DENSE, "arguments": {"n_in": -3, "n_out": 4}}]}, "n_in must be at least 1"),
        ({"layers": [{**DENSE, "arguments": {"wide": 4}}]}, "Dense cannot be made"),
        ({"layers": [{**DENSE, "arguments": {"n_in": 1e9, "n_out": 4}}]}, "whole number"),
        ({"layers": 5}, ""),
        ({"layers": "Dense"}, "expected the description of a Layer"),
        ({"layers": None}, ""),
        ({"frozen": [[], [], [], ["weigth"], []]}, "no parameter 'weigth'"),
        ({"frozen": [[]]}, ""),
        ({"frozen": 1}, ""),
        ({"frozen": [[[]], [], [], [], []]}, ""),
        ({"metadata": [1]}, "metadata is [1], expected a dict"),
        ({"version": "1"}, "format version '1'"),
        ({"version": True}, "format version True"),
        ({"version": 0}, "format version 0"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value)[:40],
)
def test_a_header_that_makes_no_sense_is_refused(path, header, words):
    rewrite(path, header)
    assert words in refused(path)


def test_a_file_that_was_packed_by_numpy_is_read(path):
    model = Sequential.load(path)
    with np.load(path) as archive:
        members = dict(archive)
    np.savez_compressed(path, **members)
    assert Sequential.load(path).parameters.tobytes() == model.parameters.tobytes()


WIDE = {"class": "Normalization", "arguments": {"width": 10**8}}


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([WIDE], "layer 0 is {'class': 'Normalization'"),
        ([{**DENSE, "arguments": {"n_in": 10**9, "n_out": 10**9}}], "parameters has shape (22,)"),
        ([{**DENSE, "arguments": {**DENSE["arguments"], "weight_initializer": WIDE}}], "layer 0"),
        ([{**DENSE, "arguments": {"n_in": [WIDE], "n_out": {"a": WIDE}}}], "layer 0 is"),
        ([DENSE, WIDE], "'layers[1].mean' is missing"),
        ([{"class": "Tanh", "arguments": {}}] * 10_001, "10,001 layers, expected at most 10,000"),
    ],
    ids=["state", "parameters", "within", "deep within", "no arrays", "many"],
)
def test_layers_larger_than_the_file_are_refused_before_they_are_made(path, layers, words):
    rewrite(path, {"layers": layers})
    tracemalloc.start()
    try:
        assert words in refused(path)
        assert tracemalloc.get_traced_memory()[1] < 20 * 10**6
    finally:
        tracemalloc.stop()


def test_an_integer_array_does_not_stand_for_state(path):
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    header = json.loads(members["header"].tobytes())
    header["layers"] = [WIDE]
    members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    members["layers[0].mean"] = members["layers[0].scale"] = np.zeros(10**6, np.uint8)
    np.savez_compressed(path, **members)
    assert "its arrays in the file have 0 entries" in refused(path)


def test_an_array_that_no_layer_has_is_refused(path):
    rewrite(path, other=np.zeros(3))
    assert "it holds ['other'], which no layer has" in refused(path)


def test_state_too_large_for_the_models_dtype_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    trained(np.float32).save(path)
    rewrite(path, **{"layers[0].mean": np.array([0, 1e300, 0])})
    assert "layers[0].mean holds 1e+300" in refused(path)


def test_a_message_is_one_short_line(path):
    for name in ("x" * 10**5, "a\nb\n" * 50):
        rewrite(path, {"layers": [{"class": name, "arguments": {}}]})
        message = refused(path)
        assert "\n" not in message
        assert len(message) < len(str(path)) + 600


def test_a_part_that_is_missing_is_named(path):
    with np.load(path) as archive:
        members = dict(archive)
    old = json.loads(members.pop("header").tobytes())
    for missing in ("layers", "frozen", "metadata"):
        header = {key: value for key, value in old.items() if key != missing}
        coded = np.frombuffer(json.dumps(header).encode(), np.uint8)
        np.savez(path, header=coded, **members)
        assert f"'{missing}' is missing" in refused(path)


def test_files_that_cannot_be_opened_are_os_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        Sequential.load(tmp_path / "missing.npz")
    with pytest.raises(IsADirectoryError):
        Sequential.load(tmp_path)


# What is refused in writing


def test_a_write_that_fails_keeps_the_old_file(path, monkeypatch):
    before = path.read_bytes()
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*arguments):
        raise full

    for function in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, function, fail)
            with pytest.raises(OSError, match="No space left on device"):
                Sequential(Dense(1, 1)).save(path)
        assert path.read_bytes() == before
        assert os.listdir(path.parent) == [path.name]
    Sequential(Dense(1, 1)).save(path)
    assert path.read_bytes() != before


def unregistered():
    class Nameless(Layer):
        pass

    return Sequential(Nameless())


def with_metadata(metadata):
    model = trained()
    model.metadata = metadata
    return model


def nested(depth):
    metadata = {}
    for _ in range(depth):
        metadata = {"a": metadata}
    return metadata


def with_nan():
    model = trained()
    model.parameters[3] = np.nan
    return model


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (unregistered, ValueError, "Nameless is not registered"),
        (with_nan, ValueError, "parameters holds NaN or infinity"),
        (lambda: with_metadata({"x": X}), TypeError, "metadata must be a dict"),
        (lambda: with_metadata(nested(10**5)), TypeError, "metadata must be a dict"),
        (lambda: with_metadata(nested(200)), ValueError, "nested deeper than 100 levels"),
        (lambda: with_metadata(None), TypeError, "metadata must be a dict"),
        (lambda: with_metadata([("a", 1)]), TypeError, "metadata must be a dict"),
        (lambda: trained().copy(np.complex128), TypeError, "only a float32 or float64 model"),
    ],
    ids=[
        "unregistered",
        "NaN",
        "array in metadata",
        "endless",
        "deep",
        "no metadata",
        "list",
        "complex",
    ],
)
def test_a_model_that_no_file_can_hold_leaves_the_old_file(path, make, error, words):
    before = path.read_bytes()
    with pytest.raises(error, match=words):
        make().save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_saving_changes_nothing_of_the_model(tmp_path):
    model = trained()
    state = repr(model), model.parameters.tobytes(), model.rng.bit_generator.state
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    assert (repr(model), model.parameters.tobytes(), model.rng.bit_generator.state) == state
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert Sequential(Tanh()).save(tmp_path / "a") is None
    assert Sequential.load(tmp_path / "a").parameters.shape == (0,)
