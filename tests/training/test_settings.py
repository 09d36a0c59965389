"""A call of `fit` that is another one is told from the first, by what differs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.resuming import LABELS, X, Y, net

from minimlp import MSE, SGD, Adam, CategoricalCrossEntropy, Dense, Sequential, Softmax, Tanh
from minimlp.callbacks import CSVLogger, EarlyStopping, LearningRateScheduler
from minimlp.losses import Huber
from minimlp.penalties import L1, L2
from minimlp.schedules import StepDecay


def call(folder: Path, model: Sequential | None = None, **other: Any) -> Any:
    """Train for two epochs, or go on from there."""
    model = net() if model is None else model
    given = {
        "loss": Huber(1.0),
        "optimizer": SGD(0.1, momentum=0.5),
        "epochs": 2,
        "batch_size": 4,
        "sample_weight": np.arange(11.0),
        "validation_data": (X[:3], Y[:3], [1.0, 2.0, 3.0]),
        "penalty": L2(0.01),
        "metrics": ["mae", "r2"],
        "callbacks": [EarlyStopping(patience=5)],
        "seed": 3,
    }
    x, y = other.pop("x", X), other.pop("y", Y)
    return model, model.fit(x, y, **{**given, **other}, checkpoint=folder / "checkpoint")


def moved(array: Any) -> Any:
    """Change the last bit of the last number."""
    array = array.copy()
    array.flat[-1] = np.nextafter(array.flat[-1], 9.0)
    return array


def frozen() -> Sequential:
    model = net()
    model.layers[2].freeze("bias")
    return model


DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "x": ({"x": moved(X)}, "x is not the same"),
    "y": ({"y": moved(Y)}, "y is not the same"),
    "rows": ({"x": X[:8], "y": Y[:8], "sample_weight": np.arange(8.0)}, "x is not the same"),
    "weights": ({"sample_weight": np.arange(1, 12.0)}, "weights is not the same"),
    "no weights": ({"sample_weight": None}, "weights is not the same"),
    "validation x": (
        {"validation_data": (moved(X[:3]), Y[:3], [1.0, 2.0, 3.0])},
        "validation x is not the same",
    ),
    "validation weights": (
        {"validation_data": (X[:3], Y[:3], [1.0, 2.0, 4.0])},
        "validation weights is not the same",
    ),
    "no validation": (
        {"validation_data": None, "callbacks": []},
        r"callbacks was \[EarlyStopping\(patience=5\)\], now \[\]; "
        "validation x is not the same; validation y",
    ),
    "layers": (
        {"model": Sequential(Dense(3, 5), Tanh(), Dense(5, 2))},
        r"model was Sequential\(Dense\(3, 4\).*, now Sequential\(Dense\(3, 5\)",
    ),
    "dtype": ({"model": net(dtype=np.float32)}, "model was .* now .*dtype='float32'"),
    "frozen": ({"model": frozen()}, r"frozen parameters was .*, now \[\[\], \[\], \['bias'\]\]"),
    "generator": (
        {"model": net(seed=np.random.Generator(np.random.Philox(1)))},
        "model's generator was PCG64, now Philox",
    ),
    "another seed of the model": ({"model": net(seed=77)}, "model's seed was 3, now 77"),
    "loss": ({"loss": Huber(2.0)}, r"loss was Huber\(\), now Huber\(delta=2\.0\)"),
    "another loss": ({"loss": MSE()}, r"loss was Huber\(.*\), now MSE\(\)"),
    "optimizer": ({"optimizer": Adam(0.1)}, r"optimizer was SGD\(.*, now Adam\("),
    "momentum": ({"optimizer": SGD(0.1, momentum=0.6)}, "momentum=0.5.*, now .*momentum=0.6"),
    "clip_norm": ({"optimizer": SGD(0.1, momentum=0.5, clip_norm=1.0)}, r"now .*clip_norm=1\.0"),
    "rate": ({"optimizer": SGD(0.2, momentum=0.5)}, r"learning_rate was 0\.1, now 0\.2"),
    "schedule": (
        {"optimizer": SGD(StepDecay(0.1, 5), momentum=0.5)},
        r"learning_rate was 0\.1, now StepDecay\(0\.1, 5\)",
    ),
    "penalty": ({"penalty": L1(0.01)}, r"penalty was L2\(0\.01\), now L1\(0\.01\)"),
    "no penalty": ({"penalty": None}, r"penalty was L2\(0\.01\), now None"),
    "batch_size": ({"batch_size": 5}, "batch_size was 4, now 5"),
    "shuffle": ({"shuffle": False}, "shuffle was True, now False"),
    "callbacks": (
        {"callbacks": [EarlyStopping(patience=6)]},
        r"callbacks was .*patience=5.*, now .*patience=6",
    ),
    "order of metrics": ({"metrics": ["r2", "mae"]}, r"metrics was \['mae', 'r2'\], now"),
    "seed": ({"seed": 4}, "seed was 3, now 4"),
    "no seed": ({"seed": None}, "seed was 3, now None"),
    "an array as seed": ({"seed": np.array([3, 4])}, "seed is not the same"),
    "a generator as seed": ({"seed": np.random.default_rng(3)}, "seed was 3, now PCG64"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_difference_is_named(name: str, tmp_path: Path) -> None:
    other, words = DIFFERENCES[name]
    call(tmp_path)
    content = (tmp_path / "checkpoint").read_bytes()
    model = other.get("model") or net()
    before = model.parameters.tobytes(), repr(model.rng.bit_generator.state)
    with pytest.raises(ValueError, match=rf"was made by another call of fit: .*{words}"):
        call(tmp_path, **{"epochs": 3, **other, "model": model})
    assert (model.parameters.tobytes(), repr(model.rng.bit_generator.state)) == before
    assert (tmp_path / "checkpoint").read_bytes() == content


def test_all_differences_are_named_at_once(tmp_path: Path) -> None:
    call(tmp_path)
    with pytest.raises(ValueError, match="another call") as caught:
        call(tmp_path, x=moved(X), batch_size=7, penalty=None, loss=MSE())
    words = str(caught.value)
    for part in ("loss was", "penalty was", "batch_size was", "x is not the same"):
        assert words.count(part) == 1
    assert "y is not" not in words
    assert "momentum" not in words


@pytest.mark.parametrize(
    "same",
    [
        {"x": X.tolist(), "y": Y.tolist()},
        {"x": np.asfortranarray(X)},
        {"batch_size": np.int64(4)},
        {"seed": np.int64(3)},
        {"sample_weight": np.arange(11.0) * 2},  # scaled to mean 1
        {"metrics": ("mae", "r2")},
        {"progress": False},
        {"epochs": 3},
    ],
)
def test_what_means_the_same_is_the_same(same: dict[str, Any], tmp_path: Path) -> None:
    first, _ = call(tmp_path)
    model, _ = call(tmp_path, **same)
    assert ("epochs" in same) == (model.parameters.tobytes() != first.parameters.tobytes())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.int64(1), np.int64(2)),
        (np.array([1, 2]), np.array([1, 3])),
        ([1, 2], [1, 3]),
        (np.random.SeedSequence(1), np.random.SeedSequence(2)),
        (np.random.SeedSequence(1), np.random.SeedSequence(1).spawn(1)[0]),
        (np.random.MT19937(1), np.random.PCG64(1)),
        (np.random.default_rng(1), np.random.Generator(np.random.SFC64(1))),
    ],
)
def test_seeds_of_every_kind_are_told_apart(one: Any, other: Any, tmp_path: Path) -> None:
    call(tmp_path, seed=one)
    call(tmp_path, seed=one)
    with pytest.raises(ValueError, match="another call of fit: seed "):
        call(tmp_path, seed=other)


def test_the_class_weight_is_among_the_weights(tmp_path: Path) -> None:
    def run(**given: Any) -> None:
        model = Sequential(Dense(3, 2), Softmax(), seed=0)
        loss = CategoricalCrossEntropy()
        model.fit(X, LABELS, loss=loss, checkpoint=tmp_path / "checkpoint", **given)

    run(class_weight={0: 1.0, 1: 2.0})
    run(class_weight={0: 2.0, 1: 4.0})
    with pytest.raises(ValueError, match="fit: weights is not the same"):
        run(class_weight={0: 1.0, 1: 3.0})


def test_functions_are_the_same_in_every_process(tmp_path: Path) -> None:
    for _ in range(2):  # each time another function of that name
        callbacks = [LearningRateScheduler(lambda epoch, lr: lr), CSVLogger(tmp_path / "log.csv")]
        call(tmp_path, callbacks=callbacks, metrics=[lambda t, p: 0.0])


def test_an_optimizer_that_keeps_no_arguments_is_known_by_its_name(tmp_path: Path) -> None:
    class Own(SGD):
        def __init__(self, speed: float) -> None:
            super().__init__(speed)

    call(tmp_path, optimizer=Own(0.1))
    call(tmp_path, optimizer=Own(0.1))
    with pytest.raises(ValueError, match="optimizer was Own, now SGD"):
        call(tmp_path)
