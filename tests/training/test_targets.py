"""What targets may look like: one shape for each meaning, and nothing is broadcast."""

from typing import Any

import numpy as np
import pytest

from minimlp import Identity, Sequential, Sigmoid, mlp

X = np.array([[1.0], [2.0], [4.0]])
WIDE = np.arange(12.0).reshape(4, 3)


def losses(x: Any, y: Any) -> list[float]:
    """The loss as fit, its validation and evaluate see it."""
    model = Sequential(Identity())
    history = model.fit(x, y, validation_data=(x, y)).history
    return [history["loss"][0], history["val_loss"][0], model.evaluate(x, y)["loss"]]


@pytest.mark.parametrize("y", [[0.0, 0.0, 1.0], [0, 0, 1], [False, False, True], [[0], [0], [1]]])
def test_one_number_a_row_for_one_output(y: Any) -> None:
    # ½ (1 + 4 + 9) / 3; broadcast to (3, 3) it would be ½ (1+1+0 + 4+4+1 + 16+16+9) / 3.
    assert losses(X, np.array(y)) == [pytest.approx(7 / 3, abs=1e-15)] * 3


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8, np.uint64])
def test_labels_are_one_hot_rows(dtype: Any) -> None:
    labels = np.array([2, 0, 1, 1], dtype)
    one_hot = [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert losses(WIDE, labels) == losses(WIDE, one_hot)
    assert losses(WIDE, labels.tolist()) == losses(WIDE, one_hot)


def test_labels_of_one_output_are_numbers() -> None:
    assert losses(X, [5, 0, 1]) == losses(X, [5.0, 0.0, 1.0])


REFUSED_FOR_ONE = [(1, 3), (3, 3), (3, 2), (1, 1), (3, 1, 1), (1,), (2,), (4,), (), (0,), (0, 1)]
REFUSED_FOR_THREE = [
    (4, 1),
    (1, 3),
    (1, 1),
    (3,),
    (3, 4),
    (4, 4),
    (4, 2),
    (5, 3),
    (4, 3, 1),
    (1, 4, 3),
    (),
    (0,),
    (0, 3),
]


def refused(model: Sequential, x: Any, y: Any) -> list[str]:
    before = model.parameters.tobytes()
    messages = []
    for call in (
        lambda: model.fit(x, y),
        lambda: model.evaluate(x, y),
        lambda: model.fit(x, np.zeros((len(x), model.layers[0].n_out)), validation_data=(x, y)),
    ):
        with pytest.raises(ValueError, match=r"^(validation_data )?y ") as caught:
            call()
        messages.append(str(caught.value))
    assert model.parameters.tobytes() == before
    return messages


@pytest.mark.parametrize("shape", REFUSED_FOR_ONE)
def test_other_shapes_for_one_output(shape: tuple[int, ...]) -> None:
    for message in refused(mlp(1, 1, output=Sigmoid), X, np.zeros(shape)):
        assert str(shape) in message
        assert "(3, 1)" in message


@pytest.mark.parametrize("shape", REFUSED_FOR_THREE)
def test_other_shapes_for_three_outputs(shape: tuple[int, ...]) -> None:
    for message in refused(mlp(3, 3, output=Sigmoid), WIDE, np.zeros(shape)):
        assert str(shape) in message
        assert "(4, 3)" in message


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1, 3, 0], ["label 3", "row 2", "0 to 2"]),
        ([0, -1, 2, 0], ["label -1", "row 1", "0 to 2"]),
        (np.array([0, 0, 0, 2**63], np.uint64), ["label 9223372036854775808", "row 3", "0 to 2"]),
        ([0.0, 1.0, 2.0, 0.0], ["float64", "whole-number labels below 3"]),
        ([True, False, True, False], ["bool", "whole-number labels below 3"]),
        ([0, 1, 2], ["3 labels", "4 rows"]),
        ([0, 1, 2, 0, 1], ["5 labels", "4 rows"]),
    ],
)
def test_labels_that_are_none(labels: Any, words: list[str]) -> None:
    for message in refused(mlp(3, 3, output=Sigmoid), WIDE, labels):
        assert all(word in message for word in words), message
