"""`validation_split` as in Keras: the last part of the data, taken before any shuffling."""

from typing import Any

import numpy as np
import pytest

from minimlp import Identity, Sequential, Sigmoid, mlp

RNG = np.random.default_rng(6)
X, Y = RNG.normal(size=(10, 3)), RNG.normal(size=(10, 2))
WEIGHT = RNG.random(10)


def run(*data: Any, **given: Any) -> tuple[bytes, dict[str, list[float]]]:
    model = mlp(3, 4, 2, output=Sigmoid, seed=0)
    history = model.fit(*data, epochs=3, batch_size=4, metrics="rmse", **given)
    return model.parameters.tobytes(), history.history


def test_the_last_part_is_held_out_before_shuffling() -> None:
    split = run(X, Y, validation_split=0.3)
    assert split == run(X[:7], Y[:7], validation_data=(X[7:], Y[7:]))


def test_weights_are_split_with_their_rows() -> None:
    split = run(X, Y, sample_weight=WEIGHT, validation_split=0.3)
    parts = run(X[:7], Y[:7], sample_weight=WEIGHT[:7], validation_data=(X[7:], Y[7:], WEIGHT[7:]))
    assert split[1].keys() == parts[1].keys()
    for name, values in split[1].items():
        np.testing.assert_allclose(values, parts[1][name], rtol=1e-13)
    np.testing.assert_allclose(np.frombuffer(split[0]), np.frombuffer(parts[0]), rtol=1e-12)


def test_class_weights_are_for_training_alone() -> None:
    labels = np.arange(10) % 2
    split = run(X, labels, class_weight={0: 3.0}, validation_split=0.3)
    parts = run(X[:7], labels[:7], class_weight={0: 3.0}, validation_data=(X[7:], labels[7:]))
    np.testing.assert_allclose(np.frombuffer(split[0]), np.frombuffer(parts[0]), rtol=1e-12)
    np.testing.assert_allclose(split[1]["val_loss"], parts[1]["val_loss"], rtol=1e-13)


def test_balanced_means_the_rows_that_train() -> None:
    """Sorted labels: five and two of the classes train, the three held out are of the second."""
    labels = np.array([0] * 5 + [1] * 5)
    split = run(X, labels, class_weight="balanced", validation_split=0.3)
    parts = run(X[:7], labels[:7], class_weight="balanced", validation_data=(X[7:], labels[7:]))
    np.testing.assert_allclose(np.frombuffer(split[0]), np.frombuffer(parts[0]), rtol=1e-12)


@pytest.mark.parametrize(
    ("rows", "share", "trains"), [(10, 0.3, 7), (5, 0.5, 2), (3, 0.1, 2), (2, 0.5, 1), (7, 0.0, 7)]
)
def test_how_many_rows_train(rows: int, share: float, trains: int) -> None:
    """⌊rows·(1 − share)⌋; with targets 0, the identity's loss is ½ of the rows' mean square."""
    x = np.arange(1.0, rows + 1).reshape(-1, 1)
    history = Sequential(Identity()).fit(x, 0 * x, validation_split=share).history
    assert history["loss"] == [pytest.approx(0.5 * np.mean(x[:trains] ** 2))]
    if trains < rows:
        assert history["val_loss"] == [pytest.approx(0.5 * np.mean(x[trains:] ** 2))]
    else:
        assert "val_loss" not in history


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            {"validation_split": 0.3, "validation_data": (X, Y)},
            ValueError,
            ["validation_data", "validation_split"],
        ),
        ({"validation_split": 1.0}, ValueError, ["validation_split", "below 1", "1.0"]),
        ({"validation_split": 1}, ValueError, ["validation_split", "below 1"]),
        ({"validation_split": -0.1}, ValueError, ["validation_split", "-0.1"]),
        ({"validation_split": np.nan}, ValueError, ["validation_split", "nan"]),
        ({"validation_split": True}, TypeError, ["validation_split", "True"]),
        ({"validation_split": "0.3"}, TypeError, ["validation_split", "'0.3'"]),
        ({"validation_split": None}, TypeError, ["validation_split", "None"]),
        (
            {"validation_split": 0.99},
            ValueError,
            ["validation_split=0.99", "10 rows", "none to train on"],
        ),
        (
            {"validation_split": 0.3, "sample_weight": [1.0] * 7 + [0.0] * 3},
            ValueError,
            ["sample_weight", "zero"],
        ),
        (
            {"validation_split": 0.3, "sample_weight": [0.0] * 7 + [1.0] * 3},
            ValueError,
            ["sample_weight", "zero"],
        ),
    ],
)
def test_shares_that_are_none(
    given: dict[str, Any], error: type[Exception], words: list[str]
) -> None:
    model = mlp(3, 4, 2, output=Sigmoid, seed=0)
    before = model.parameters.tobytes()
    with pytest.raises(error) as caught:
        model.fit(X, Y, **given)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert model.parameters.tobytes() == before
