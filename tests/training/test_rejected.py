"""A call that is refused has changed nothing: model, optimizer, callbacks, files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minimlp import (
    SGD,
    Adam,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    PoissonNLL,
    Sequential,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from minimlp.callbacks import CSVLogger, EarlyStopping, ReduceLROnPlateau

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(40, 3)), RNG.integers(0, 2, 40)


def as_it_is(model: Sequential, optimizer: Adam, callbacks: list[Any], log: Path) -> list[Any]:
    return [
        model.parameters.tobytes(),
        repr(model.rng.bit_generator.state),
        {name: np.array(value).tobytes() for name, value in optimizer.state().items()},
        [repr(sorted(vars(each).items(), key=lambda item: item[0])) for each in callbacks],
        log.read_bytes(),
    ]


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ({"metrics": ["top_k_accuracy"]}, ValueError, "metrics has 'top_k_accuracy'"),
        ({"more": ReduceLROnPlateau("nope")}, ValueError, "monitor='nope'"),
        ({"more": CSVLogger("/nowhere/at/all/log.csv")}, OSError, "nowhere"),
        ({"loss": PoissonNLL(), "y": -X[:, :2]}, ValueError, "PoissonNLL"),
    ],
)
def test_nothing_has_changed(bad: dict[str, Any], error: Any, words: str, tmp_path: Path) -> None:
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2), Softmax(), seed=0)
    optimizer, log = Adam(0.01), tmp_path / "log.csv"
    callbacks: list[Any] = [EarlyStopping("loss"), CSVLogger(log)]
    given: dict[str, Any] = {"loss": CategoricalCrossEntropy(), "epochs": 3, "y": LABELS}
    model.fit(X, optimizer=optimizer, callbacks=callbacks, **given)
    before = as_it_is(model, optimizer, callbacks, log)
    more = [bad.pop("more")] if "more" in bad else []
    with pytest.raises(error, match=words):
        model.fit(X, optimizer=optimizer, callbacks=callbacks + more, **{**given, **bad})
    assert as_it_is(model, optimizer, callbacks, log) == before


@pytest.mark.parametrize(
    ("loss", "last", "words"),
    [
        (CategoricalCrossEntropy(), [], r"outputs from 0 to 1.*Dense\(3, 2\).*Softmax\(\)"),
        (BinaryCrossEntropy(), [Tanh()], r"outputs from 0 to 1.*Tanh\(\).*Sigmoid\(\)"),
        (PoissonNLL(), [], r"outputs from 0 to inf.*Exp\(\)"),
    ],
)
def test_a_last_layer_that_the_loss_has_no_meaning_for(loss: Any, last: Any, words: str) -> None:
    model = Sequential(Dense(3, 2), *last, seed=0)
    with pytest.raises(ValueError, match=words):
        model.fit(X, LABELS, loss=loss)


@pytest.mark.parametrize(
    ("loss", "last"),
    [(CategoricalCrossEntropy(), Sigmoid()), (PoissonNLL(), Softplus())],
)
def test_one_that_keeps_to_the_range_will_do(loss: Any, last: Any) -> None:
    model = Sequential(Dense(3, 2), last, seed=0)
    history = model.fit(X, LABELS, loss=loss, optimizer=SGD(0.1), epochs=20).history["loss"]
    assert history[-1] < history[0]


def test_a_loss_that_defines_elements_anew_has_no_natural_layer() -> None:
    class Focal(BinaryCrossEntropy):
        def elements(self, prediction: Any, target: Any, values: Any, slopes: Any) -> None:
            values[...] = (target - prediction) ** 4
            slopes[...] = 4 * (prediction - target) ** 3

    class Same(BinaryCrossEntropy):
        def check_targets(self, name: str, target: Any) -> None: ...

    assert Focal.natural_output is None
    assert Same.natural_output is Sigmoid
    model = Sequential(Dense(3, 1), Sigmoid(), seed=0)
    bare = Focal().value(model.predict(X), LABELS[:, None])
    assert model.evaluate(X, LABELS, loss=Focal())["loss"] == pytest.approx(bare, rel=1e-12)
