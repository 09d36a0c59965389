"""Bad input to the library: one clear error, and nothing lost.

Every case is a call that must be refused with a `TypeError` or `ValueError` whose message holds the
words given here: the argument, what was given and what is expected. Afterwards the model is bit for
bit what it was, generator included, and trains as if nothing had happened.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minimlp import (
    MSE,
    SGD,
    Callback,
    Dense,
    GlorotUniform,
    Identity,
    Normal,
    Normalization,
    Sequential,
    Sigmoid,
    mlp,
)

RNG = np.random.default_rng(8)
X, Y = RNG.normal(size=(6, 2)), RNG.normal(size=(6, 3))
LABELS = np.array([0, 1, 2, 0, 1, 2])


def at(row: int, column: int | None, value: float, like: Any = X) -> Any:
    """A copy with one entry replaced."""
    array = np.array(like, float)
    array[row if column is None else (row, column)] = value
    return array


def make(dtype: Any = np.float64) -> Sequential:
    return mlp(2, 4, 3, output=Sigmoid, dtype=dtype, seed=0)


def state_of(model: Sequential) -> Any:
    return model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state


def check_refused(
    call: Callable[[Sequential, Any], Any], words: list[str], dtype: Any = np.float64
) -> None:
    model, optimizer = make(dtype), SGD(0.5, momentum=0.9)
    before = state_of(model)
    with pytest.raises((TypeError, ValueError)) as caught:
        call(model, optimizer)
    message = str(caught.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"
    assert "\n" not in message
    assert state_of(model) == before

    # The optimizer is still free, and the run is the run without the rejected call.
    other, alone = make(dtype), make(dtype)
    other.fit(X, Y, optimizer=optimizer, batch_size=2)
    model.fit(X, Y, optimizer=SGD(0.5, momentum=0.9), batch_size=2)
    alone.fit(X, Y, optimizer=SGD(0.5, momentum=0.9), batch_size=2)
    assert model.parameters.tobytes() == alone.parameters.tobytes()
    assert other.parameters.tobytes() == alone.parameters.tobytes()


# Inputs: every way in checks them alike.

WAYS_IN: dict[str, Callable[[Sequential, Any, Any], Any]] = {
    "fit": lambda model, optimizer, x: model.fit(x, Y, optimizer=optimizer),
    "validation": lambda model, optimizer, x: model.fit(
        X, Y, optimizer=optimizer, validation_data=(x, Y)
    ),
    "evaluate": lambda model, optimizer, x: model.evaluate(x, Y),
    "predict": lambda model, optimizer, x: model.predict(x),
    "forward": lambda model, optimizer, x: model.forward(x),
}

INPUTS: dict[str, tuple[Any, list[str]]] = {
    "nan": (at(4, 1, np.nan), ["nan", "row 4, column 1", "finite"]),
    "inf": (at(0, 0, np.inf), ["inf", "row 0, column 0", "finite"]),
    "-inf": (at(5, 0, -np.inf), ["-inf", "row 5, column 0", "finite"]),
    "nan in a frame": (pd.DataFrame(at(4, 1, np.nan)), ["nan", "row 4, column 1", "finite"]),
    "text": ([["1", "2"]] * 6, ["real numbers", "<U1", ".astype(float)"]),
    "bytes": (np.full((6, 2), b"1"), ["real numbers", "S1"]),
    "complex": (X + 0j, ["real numbers", "complex128"]),
    "object": (X.astype(object), ["real numbers", "object", ".astype(float)"]),
    "missing": ([[1.0, None]] * 6, ["real numbers", "object"]),
    "mixed frame": (pd.DataFrame({"a": [1.0] * 6, "b": ["u"] * 6}), ["real numbers", "object"]),
    "dates": (np.zeros((6, 2), "datetime64[D]"), ["real numbers", "datetime64"]),
    "durations": (np.zeros((6, 2), "timedelta64[s]"), ["real numbers", "timedelta64"]),
    "records": (np.zeros(6, "f8,f8"), ["real numbers", "f0"]),
    "huge integers": ([[10**400, 1]] * 6, ["real numbers", "object"]),
    "ragged": ([[1.0, 2.0], [3.0]], ["different lengths", "rectangular"]),
    "none": (None, ["real numbers", "object"]),
    "a dict": ({"x": X}, ["real numbers", "object"]),
    "a word": ("x", ["real numbers"]),
    "0-d": (3.0, ["()", "(rows, features)"]),
    "0-d nan": (np.nan, ["nan", "finite"]),
    "one sample": (X[0], ["(2,)", "(rows, features)", "x.reshape(1, -1)"]),
    "1-D": (np.arange(6.0), ["(6,)", "x.reshape(1, -1)", "x.reshape(-1, 1)"]),
    "series": (pd.Series(np.arange(6.0)), ["(6,)", "x.reshape(1, -1)", "x.reshape(-1, 1)"]),
    "3-D": (np.zeros((6, 2, 1)), ["(6, 2, 1)", "(rows, features)"]),
    "empty": (np.zeros((0, 2)), ["(0, 2)", "at least one row"]),
    "empty list": ([], ["(0,)"]),
    "no features": (np.zeros((6, 0)), ["(6, 0)", "0 features", "takes 2"]),
    "few features": (np.zeros((6, 1)), ["(6, 1)", "1 features", "takes 2"]),
    "many features": (np.zeros((6, 5)), ["(6, 5)", "5 features", "takes 2"]),
}


@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.parametrize("case", INPUTS)
def test_inputs(case: str, way: str) -> None:
    x, words = INPUTS[case]
    check_refused(lambda model, optimizer: WAYS_IN[way](model, optimizer, x), ["x", *words])


@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.parametrize("value", [1e300, -1e39, np.longdouble("1e40")])
def test_inputs_too_large_for_float32(value: Any, way: str) -> None:
    x = X.astype(np.longdouble)
    x[3, 1] = value
    x = x if isinstance(value, np.longdouble) else x.astype(np.float64)
    words = ["x holds", "3, ", "1", "too large for float32"]
    check_refused(lambda model, optimizer: WAYS_IN[way](model, optimizer, x), words, np.float32)


def test_a_column_is_offered_where_the_model_takes_one_feature() -> None:
    with pytest.raises(ValueError, match=r"\(6,\).*x\.reshape\(-1, 1\) for 6 samples") as caught:
        mlp(1, 1, output=Sigmoid).predict(np.zeros(6))
    assert "reshape(1, -1)" not in str(caught.value)


def test_empty_input_is_called_empty_and_no_reshape_is_offered() -> None:
    with pytest.raises(ValueError, match="at least one row") as caught:
        make().predict([])
    assert "reshape" not in str(caught.value)


# Targets.

TARGETS: dict[str, tuple[Any, list[str]]] = {
    "nan": (at(4, 2, np.nan, Y), ["nan", "row 4, column 2", "finite"]),
    "inf": (at(1, 0, np.inf, Y), ["inf", "row 1, column 0", "finite"]),
    "text": (list("abcabc"), ["real numbers", "<U1"]),
    "complex": (Y + 0j, ["real numbers", "complex128"]),
    "object": (Y.astype(object), ["real numbers", "object"]),
    "object labels": (LABELS.astype(object), ["real numbers", "object"]),
    "dates": (np.zeros((6, 3), "datetime64[D]"), ["real numbers", "datetime64"]),
    "ragged": ([[1.0, 2.0], [3.0]], ["different lengths", "rectangular"]),
    "none": (None, ["real numbers", "object"]),
    "0-d": (1.0, ["()", "(6, 3)"]),
    "1-D": (np.zeros(6), ["(6,)", "float64", "(6, 3)", "labels"]),
    "3-D": (np.zeros((6, 3, 1)), ["(6, 3, 1)", "(6, 3)"]),
    "empty": (np.zeros((0, 3)), ["(0, 3)", "(6, 3)"]),
    "rows": (Y[:5], ["(5, 3)", "(6, 3)"]),
    "would broadcast from a column": (np.zeros((6, 1)), ["(6, 1)", "(6, 3)"]),
    "would broadcast from a row": (np.zeros((1, 3)), ["(1, 3)", "(6, 3)"]),
    "label too large": ([0, 1, 3, 0, 1, 2], ["label 3", "row 2", "0 to 2"]),
    "label negative": ([0, 1, 2, 0, 1, -1], ["label -1", "row 5", "0 to 2"]),
    "label fraction": (LABELS + 0.5, ["float64", "(6, 3)", "labels"]),
    "label float": (LABELS.astype(float), ["float64", "(6, 3)", "labels"]),
    "label bool": (LABELS > 1, ["bool", "(6, 3)", "labels"]),
    "label rows": (LABELS[:4], ["4 labels", "6 rows"]),
}

TARGETS_IN: dict[str, Callable[[Sequential, Any, Any], Any]] = {
    "fit": lambda model, optimizer, y: model.fit(X, y, optimizer=optimizer),
    "validation": lambda model, optimizer, y: model.fit(
        X, Y, optimizer=optimizer, validation_data=(X, y)
    ),
    "evaluate": lambda model, optimizer, y: model.evaluate(X, y),
}


@pytest.mark.parametrize("way", TARGETS_IN)
@pytest.mark.parametrize("case", TARGETS)
def test_targets(case: str, way: str) -> None:
    y, words = TARGETS[case]
    check_refused(lambda model, optimizer: TARGETS_IN[way](model, optimizer, y), ["y", *words])


def test_targets_too_large_for_float32() -> None:
    y = at(2, 1, 1e300, Y)
    words = ["y holds 1e+300", "2, ", "1", "too large for float32"]
    check_refused(lambda model, optimizer: model.fit(X, y), words, np.float32)


# Weights.

WEIGHTS: dict[str, tuple[Any, list[str]]] = {
    "negative": ([1, 1, 1, -2, 1, 1], ["-2.0", "row 3", "negative"]),
    "all zero": (np.zeros(6), ["zero", "6 rows"]),
    "short": (np.ones(5), ["(5,)", "(6,)"]),
    "long": (np.ones(7), ["(7,)", "(6,)"]),
    "2-D": (np.ones((6, 1)), ["(6, 1)", "(6,)"]),
    "0-d": (2.0, ["()", "(6,)"]),
    "empty": ([], ["(0,)", "(6,)"]),
    "nan": (at(2, None, np.nan, np.ones(6)), ["nan", "row 2", "finite"]),
    "inf": (at(5, None, np.inf, np.ones(6)), ["inf", "row 5", "finite"]),
    "text": (list("123456"), ["real numbers", "<U1"]),
    "complex": (np.ones(6) + 0j, ["real numbers", "complex128"]),
    "object": (np.ones(6, object), ["real numbers", "object"]),
    "ragged": ([[1], [1, 2]], ["different lengths", "rectangular"]),
}

WEIGHTS_IN: dict[str, Callable[[Sequential, Any, Any], Any]] = {
    "fit": lambda model, optimizer, weight: model.fit(
        X, Y, optimizer=optimizer, sample_weight=weight
    ),
    "validation": lambda model, optimizer, weight: model.fit(
        X, Y, optimizer=optimizer, validation_data=(X, Y, weight)
    ),
    "evaluate": lambda model, optimizer, weight: model.evaluate(X, Y, sample_weight=weight),
}


@pytest.mark.parametrize("way", WEIGHTS_IN)
@pytest.mark.parametrize("case", WEIGHTS)
def test_weights(case: str, way: str) -> None:
    weight, words = WEIGHTS[case]
    check_refused(
        lambda model, optimizer: WEIGHTS_IN[way](model, optimizer, weight),
        ["sample_weight", *words],
    )


# The other arguments of fit.

OPTIONS: list[tuple[str, Any, list[str]]] = [
    *[("epochs", value, ["at least 0", repr(value)]) for value in (-1, 1.5, 2.0, True, "3", None)],
    ("epochs", np.nan, ["whole number", "nan"]),
    ("epochs", np.array([3]), ["whole number"]),
    *[("batch_size", value, ["at least 1", repr(value)]) for value in (0, -1, 1.5, 2.0, True, "3")],
    *[("validation_split", value, [str(value)]) for value in (1, 1.0, -0.1, 2.5, np.nan, np.inf)],
    *[("validation_split", value, [repr(value)]) for value in (True, "0.5", None, 0.5j)],
    ("validation_split", np.complex128(0.5 + 1j), ["number", "0.5+1j"]),
    ("validation_split", 0.99, ["0.99", "6 rows"]),
    *[("shuffle", value, ["True or False", repr(value)]) for value in (0, 1, "yes", None)],
    *[("progress", value, ["True, False or None", repr(value)]) for value in (0, "yes")],
    *[("loss", value, ["MSE()", repr(value)]) for value in (MSE, "mse", 3, max)],
    *[("optimizer", value, ["SGD(0.1)", repr(value)]) for value in (SGD, "sgd", 0.1)],
    ("metrics", "acc", ["'acc'", "accuracy"]),
    ("metrics", ["accuracy", "f2"], ["'f2'", "accuracy"]),
    ("metrics", 3, ["3", "name"]),
    ("metrics", [None], ["None", "name"]),
    ("metrics", None, ["None", "name"]),
    ("metrics", ["mse", "mse"], ["two named 'mse'"]),
    *[("callbacks", value, ["Callback", repr(value)]) for value in (3, None, Callback, max)],
    *[("callbacks", [value], ["Callback", repr(value)]) for value in (3, None, Callback, max)],
    ("callbacks", [Callback(), "log"], ["Callback", "'log'"]),
    *[("seed", value, ["default_rng", repr(value)]) for value in ("abc", -1, 1.5, [1.5], {}, 1j)],
    ("seed", object(), ["default_rng", "object"]),
    *[("validation_data", value, ["(x, y)", "got"]) for value in (3, X, (X,), {}, "xy")],
    ("validation_data", (X, Y, None, None), ["(x, y)", "got"]),
    ("class_weight", {5: 1}, ["5", "0 to 2"]),
    ("class_weight", "balance", ["'balance'", "balanced"]),
]


@pytest.mark.parametrize(("name", "value", "words"), OPTIONS)
def test_options_of_fit(name: str, value: Any, words: list[str]) -> None:
    check_refused(
        lambda model, optimizer: model.fit(
            X, LABELS, **{"optimizer": optimizer, "epochs": 2, name: value}
        ),
        [name, *words],
    )


def test_a_seed_is_checked_also_where_nothing_is_shuffled() -> None:
    check_refused(
        lambda model, optimizer: model.fit(X, Y, shuffle=False, seed="abc"), ["seed", "'abc'"]
    )


def test_validation_data_and_split_at_once() -> None:
    check_refused(
        lambda model, optimizer: model.fit(X, Y, validation_data=(X, Y), validation_split=0.5),
        ["validation_data", "validation_split"],
    )


@pytest.mark.parametrize("name", ["loss", "metrics"])
def test_options_of_evaluate(name: str) -> None:
    check_refused(lambda model, optimizer: model.evaluate(X, Y, **{name: 3}), [name, "3"])


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3", None])
def test_batch_size_of_predict(value: Any) -> None:
    check_refused(
        lambda model, optimizer: model.predict(X, value), ["batch_size", "at least 1", repr(value)]
    )


@pytest.mark.parametrize("value", [0, "yes", None])
def test_training_of_forward(value: Any) -> None:
    check_refused(lambda model, optimizer: model.forward(X, value), ["training", repr(value)])


@pytest.mark.parametrize("way", ["fit", "evaluate"])
def test_a_complex_model_is_no_model_to_train_or_measure(way: str) -> None:
    model = make().copy(np.complex128)
    before = model.parameters.tobytes()
    with pytest.raises(TypeError, match=f"{way}.*complex128"):
        getattr(model, way)(X, Y)
    assert model.parameters.tobytes() == before


# Making optimizers, layers and models.


@pytest.mark.parametrize("name", ["learning_rate", "momentum", "weight_decay"])
@pytest.mark.parametrize(
    "value",
    [-0.1, np.nan, np.inf, -np.inf, True, "0.1", None, 1j, np.complex64(1 + 1j), [0.1], SGD],
)
def test_numbers_of_an_optimizer(name: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=name) as caught:
        SGD(**{"learning_rate": 0.1, name: value})
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("value", [1, 1.0, 1.5])
def test_momentum_below_one(value: float) -> None:
    with pytest.raises(ValueError, match=rf"momentum.*below 1, got {value}"):
        SGD(0.1, momentum=value)


@pytest.mark.parametrize("value", [0, 1, "yes", None])
def test_flags(value: Any) -> None:
    with pytest.raises(TypeError, match=f"nesterov must be True or False, got {value!r}"):
        SGD(0.1, momentum=0.9, nesterov=value)
    with pytest.raises(TypeError, match=f"bias must be True or False, got {value!r}"):
        Dense(2, 2, bias=value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1, "fast", None])
def test_a_learning_rate_set_later(value: Any) -> None:
    """It may be set between steps, to nothing that would lose the model."""

    def call(model: Sequential, optimizer: Any) -> None:
        sgd = SGD(0.1)
        sgd.learning_rate = value
        model.fit(X, Y, optimizer=sgd)

    check_refused(call, ["learning_rate", repr(value)])


@pytest.mark.parametrize("size", [0, -1, 1.5, 2.0, True, "3", None, [2]])
def test_sizes(size: Any) -> None:
    for name, make_layer in (
        ("n_in", lambda: Dense(size, 2)),
        ("n_out", lambda: Dense(2, size)),
        ("width", lambda: Normalization(size)),
    ):
        with pytest.raises((TypeError, ValueError), match=f"{name}.*at least 1") as caught:
            make_layer()
        assert repr(size) in str(caught.value)
    with pytest.raises((TypeError, ValueError), match="at least 1"):
        mlp(2, size, 2, output=Sigmoid)


@pytest.mark.parametrize("value", [GlorotUniform, "glorot", None, 0.1])
def test_initializers(value: Any) -> None:
    with pytest.raises(TypeError, match=r"weight_initializer.*GlorotUniform\(\)") as caught:
        Dense(2, 2, weight_initializer=value)
    assert repr(value) in str(caught.value)
    with pytest.raises((TypeError, ValueError), match="standard_deviation"):
        Normal(-1)


@pytest.mark.parametrize("value", [MSE, "sigmoid", None, Dense, 3])
def test_activations_of_mlp(value: Any) -> None:
    for name, given in (("output", {"output": value}), ("hidden", {"hidden": value})):
        with pytest.raises(TypeError, match=f"{name} must be an Activation") as caught:
            mlp(2, 3, 2, **{"output": Sigmoid, **given})
        assert repr(value) in str(caught.value)


TWICE, TAKEN = Dense(2, 2), Dense(2, 2)
Sequential(TAKEN)

CHAINS: dict[str, tuple[list[Any], list[str]]] = {
    "no layers": ([], ["at least one layer"]),
    "neighbours": ([Dense(2, 3), Dense(4, 2)], ["Dense(2, 3)", "3", "Dense(4, 2)", "takes 4"]),
    "neighbours apart": ([Dense(2, 3), Sigmoid(), Dense(4, 2)], ["3", "Dense(4, 2)", "takes 4"]),
    "normalization": ([Normalization(5), Dense(4, 2)], ["5", "Dense(4, 2)", "takes 4"]),
    "twice": ([TWICE, TWICE], ["layer 1", "Dense(2, 2)", "twice"]),
    "another model's": ([TAKEN], ["layer 0", "Dense(2, 2)", "another model"]),
    "a number": ([Dense(2, 2), 3], ["layer 1", "Layer", "3"]),
    "none": ([None], ["layer 0", "Layer", "None"]),
    "a word": (["Dense"], ["layer 0", "Layer", "'Dense'"]),
    "a class": ([Dense(2, 2), Sigmoid], ["layer 1", "class Sigmoid"]),
    "a list": ([[Dense(2, 2)]], ["one by one", "Sequential(*layers)"]),
    "a model": ([Sequential(Identity())], ["layer 0", "Layer", "Sequential"]),
    "an optimizer": ([SGD(0.1)], ["layer 0", "Layer", "SGD(0.1)"]),
}


@pytest.mark.parametrize("case", CHAINS)
def test_chains(case: str) -> None:
    layers, words = CHAINS[case]
    taken = TAKEN.weight.tobytes()
    with pytest.raises((TypeError, ValueError)) as caught:
        Sequential(*layers)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert TAKEN.weight.tobytes() == taken


def test_layers_of_a_refused_chain_are_still_free() -> None:
    first, second = Dense(2, 3), Dense(4, 2)
    with pytest.raises(ValueError, match="does not fit"):
        Sequential(first, second)
    assert Sequential(first).predict([[1.0, 2.0]]).shape == (1, 3)
    assert Sequential(second).predict(np.ones((1, 4))).shape == (1, 2)


@pytest.mark.parametrize("seed", ["abc", -1, 1.5, [1.5], {}, 1j, object()])
def test_seeds(seed: Any) -> None:
    layer = Dense(2, 2)
    with pytest.raises((TypeError, ValueError), match=r"seed.*default_rng"):
        Sequential(layer, seed=seed)
    Sequential(layer)


@pytest.mark.parametrize("dtype", [int, np.float16, np.complex64, "f2", bool, object, "banana", 3])
def test_dtypes(dtype: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"dtype.*float32"):
        Sequential(Dense(2, 2), dtype=dtype)
    with pytest.raises((TypeError, ValueError), match=r"dtype.*float32"):
        make().copy(dtype)


# backward.

GRADIENTS: dict[str, tuple[Any, list[str]]] = {
    "rows": (Y[:3], ["(3, 3)", "(6, 3)"]),
    "width": (Y[:, :1], ["(6, 1)", "(6, 3)"]),
    "1-D": (np.zeros(6), ["(6,)", "(6, 3)"]),
    "0-d": (1.0, ["()", "(6, 3)"]),
    "nan": (at(3, 2, np.nan, Y), ["nan", "row 3, column 2"]),
    "text": ([["a"] * 3] * 6, ["real numbers", "<U1"]),
    "complex": (Y + 0j, ["real numbers", "complex128"]),
}


@pytest.mark.parametrize("case", GRADIENTS)
def test_gradients_for_backward(case: str) -> None:
    dy, words = GRADIENTS[case]
    model, untouched = make(), make()
    for each in (model, untouched):
        each.forward(X)
    with pytest.raises((TypeError, ValueError)) as caught:
        model.backward(dy)
    assert all(word in str(caught.value) for word in ["dy", *words]), caught.value
    assert state_of(model) == state_of(untouched)
    # The pass in progress is whole.
    assert model.backward(Y).tobytes() == untouched.backward(Y).tobytes()


def test_a_refused_forward_leaves_the_pass_in_progress() -> None:
    model, untouched = make(), make()
    for each in (model, untouched):
        each.forward(X)
    with pytest.raises(ValueError, match="nan at row 4"):
        model.forward(at(4, 1, np.nan))
    assert model.backward(Y).tobytes() == untouched.backward(Y).tobytes()


def test_backward_without_forward() -> None:
    with pytest.raises(RuntimeError, match="forward"):
        make().backward(Y)


# Arrays that are unusual, and welcome.


@pytest.mark.parametrize("way", ["forward", "predict"])
def test_unusual_arrays_are_accepted_and_never_written_to(way: str) -> None:
    expected = getattr(make(), way)(X)
    read_only, fortran = X.copy(), np.asfortranarray(X)
    read_only.flags.writeable = fortran.flags.writeable = False
    for x in (read_only, fortran, X[::-1].copy()[::-1], X.astype(">f8"), X.tolist()):
        given = getattr(make(), way)(x)
        assert given.tobytes() == expected.tobytes()
        assert not np.shares_memory(given, x)
        given[:] = 0
    np.testing.assert_array_equal(read_only, X)
    np.testing.assert_array_equal(fortran, X)
