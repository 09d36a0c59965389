import functools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minimlp.metrics import accuracy, mse, resolve
from minimlp.metrics.resolve import KNOWN

TARGET = np.array([[0.0], [1.0]])
PREDICTION = np.array([[0.5], [1.0]])


def largest_error(target: Any, prediction: Any) -> Any:
    return np.abs(target - prediction).max()


@pytest.mark.parametrize("metrics", [(), []])
def test_none(metrics: Any) -> None:
    assert resolve(metrics) == {}


@pytest.mark.parametrize("metrics", ["mse", ["mse"], ("mse",), mse, [mse]])
def test_one(metrics: Any) -> None:
    found = resolve(metrics)
    assert list(found) == ["mse"]
    assert found["mse"](TARGET, PREDICTION) == 0.125


def test_several_keep_their_order() -> None:
    found = resolve(["r2", largest_error, accuracy, "rmse", "mse"])
    assert list(found) == ["r2", "largest_error", "accuracy", "rmse", "mse"]
    value = found["largest_error"](TARGET, PREDICTION)
    assert value == 0.5
    assert type(value) is float


def test_every_name_resolves_and_has_a_row_in_the_docs() -> None:
    assert list(resolve(list(KNOWN))) == list(KNOWN)
    path = Path(__file__).parent.parent.parent / "docs" / "README.md"
    table = path.read_text(encoding="utf-8")
    assert not [name for name in KNOWN if not re.search(rf'^\| `"{name}"', table, re.MULTILINE)]


def test_the_target_comes_first() -> None:
    def first(target: Any, prediction: Any) -> Any:
        return target[1, 0] - prediction[0, 0]

    assert resolve(first)["first"](TARGET, PREDICTION) == 0.5


def test_an_object_goes_by_its_class() -> None:
    class Offset:
        def __call__(self, target: Any, prediction: Any) -> float:
            return float((prediction - target).mean())

    assert list(resolve(Offset())) == ["Offset"]
    assert list(resolve(functools.partial(largest_error))) == ["partial"]


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(
        ValueError, match=r"'acuracy'.*accuracy, top_k_accuracy, .*, rmse, r2, mape"
    ):
        resolve(["acuracy"])


@pytest.mark.parametrize("metrics", [["mse", "mse"], ["mse", mse]])
def test_a_name_used_twice(metrics: Any) -> None:
    with pytest.raises(ValueError, match="two named 'mse'"):
        resolve(metrics)


@pytest.mark.parametrize("name", ["loss", "val_loss", "val_accuracy"])
def test_names_of_the_history(name: str) -> None:
    def metric(target: Any, prediction: Any) -> float:
        return 0.0

    metric.__name__ = name
    with pytest.raises(ValueError, match=f"metrics has one named '{name}'"):
        resolve(metric)


@pytest.mark.parametrize("metrics", [None, 3, {"mse": mse}, [3], [None], [["mse"]]])
def test_what_is_no_metric(metrics: Any) -> None:
    with pytest.raises(TypeError, match="metrics"):
        resolve(metrics)


@pytest.mark.parametrize("value", [None, "0.5", 1j, np.ones(1), np.ones(3), (1, 2)])
def test_what_is_no_single_number(value: Any) -> None:
    def metric(target: Any, prediction: Any) -> Any:
        return value

    with pytest.raises(TypeError, match="metric 'metric' must return a single number"):
        resolve(metric)["metric"](TARGET, PREDICTION)


@pytest.mark.parametrize("value", [1, 1.0, True, np.float32(1), np.array(1.0)])
def test_what_is_a_single_number(value: Any) -> None:
    def metric(target: Any, prediction: Any) -> Any:
        return value

    found = resolve(metric)["metric"](TARGET, PREDICTION)
    assert found == 1.0
    assert type(found) is float
