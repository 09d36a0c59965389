from typing import Any

import numpy as np
import pytest

from minimlp import MSE, Dense, Identity, Loss, Sequential, Sigmoid, mlp

IDENTITY = Sequential(Identity())
RNG = np.random.default_rng(3)


def test_figures_by_hand() -> None:
    x, y = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]]
    figures = IDENTITY.evaluate(x, y, metrics=["mse", "rmse", "accuracy"])
    assert figures == {
        "loss": 0.5 * (4 + 9) / 2,
        "mse": (4 + 9) / 4,
        "rmse": pytest.approx((2**0.5 + 4.5**0.5) / 2, abs=1e-15),
        "accuracy": 0.5,
    }
    assert all(type(value) is float for value in figures.values())


def test_weights_are_scaled_to_mean_one_and_metrics_unweighted() -> None:
    x, y = [[1.0], [2.0], [3.0]], [0.0, 0.0, 0.0]
    once = IDENTITY.evaluate(x, y, sample_weight=[1, 0, 3], metrics="mse")
    # 0.5 · (1·1 + 3·9) / (1 + 3), as if the third sample were there three times.
    assert once == {"loss": pytest.approx(3.5, abs=1e-15), "mse": pytest.approx(14 / 3)}


@pytest.mark.parametrize("rows", [1023, 1024, 1025, 3000])
def test_any_number_of_rows(rows: int) -> None:
    x, y = RNG.normal(size=(rows, 2)), RNG.normal(size=(rows, 2))
    weight = RNG.random(rows)
    figures = IDENTITY.evaluate(x, y, metrics="mse", sample_weight=weight)
    per_sample = 0.5 * ((x - y) ** 2).sum(axis=1)
    assert figures["loss"] == pytest.approx(np.average(per_sample, weights=weight), rel=1e-12)
    assert figures["mse"] == pytest.approx(((x - y) ** 2).mean(), rel=1e-12)


def test_metrics_see_all_predictions_at_once_in_the_order_of_the_rows() -> None:
    seen: list[Any] = []

    def watch(target: Any, prediction: Any) -> float:
        seen.append((target.copy(), prediction.copy()))
        return 0.0

    x, y = RNG.normal(size=(2500, 2)), RNG.normal(size=(2500, 2))
    assert IDENTITY.evaluate(x, y, metrics=watch)["watch"] == 0.0
    ((target, prediction),) = seen
    np.testing.assert_array_equal(target, y)
    np.testing.assert_array_equal(prediction, x)


def test_metrics_of_an_epoch_are_computed_once_over_shuffled_short_batches() -> None:
    """Averaged over batches, the largest error would be another number."""
    seen: list[Any] = []

    def watch(target: Any, prediction: Any) -> float:
        seen.append((target.copy(), prediction.copy()))
        return float(len(seen))

    x, y = RNG.normal(size=(7, 2)), RNG.normal(size=(7, 2))
    history = Sequential(Identity()).fit(x, y, epochs=2, batch_size=3, metrics=watch)
    assert history.history["watch"] == [1.0, 2.0]
    for target, prediction in seen:
        np.testing.assert_array_equal(target, y)
        np.testing.assert_array_equal(prediction, x)


def test_validation_figures_are_those_of_evaluate() -> None:
    x, y = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2))
    held, weight = (RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))), RNG.random(5)
    model = mlp(3, 4, 2, output=Identity, seed=0)
    history = model.fit(x, y, metrics=["r2"], validation_data=(*held, weight))
    figures = model.evaluate(*held, metrics=["r2"], sample_weight=weight)
    assert history.history["val_loss"] == [pytest.approx(figures["loss"], abs=1e-15)]
    assert history.history["val_r2"] == [pytest.approx(figures["r2"], abs=1e-15)]


def test_a_loss_of_ones_own() -> None:
    class Absolute(Loss):
        def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
            each = np.abs(prediction - target).sum(axis=1)
            return float((each if sample_weight is None else each * sample_weight).mean())

        def gradient(
            self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
        ) -> Any:
            weight = 1 if sample_weight is None else sample_weight[:, None]
            return np.sign(prediction - target) * weight / len(prediction)

    assert IDENTITY.evaluate([[1.0], [2.0]], [0.0, 4.0], loss=Absolute()) == {"loss": 1.5}
    assert IDENTITY.evaluate([[1.0], [2.0]], [0.0, 4.0], loss=MSE()) == {"loss": 1.25}


def test_it_disturbs_neither_the_model_nor_a_pass_in_progress() -> None:
    model = Sequential(Dense(3, 4), Sigmoid(), Dense(4, 2), seed=0)
    x, y = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 2))
    model.forward(x)
    model.backward(y)
    expected, before = model.gradients.copy(), model.parameters.tobytes()
    model.forward(x)
    model.gradients[:] = 7
    model.evaluate(RNG.normal(size=(6, 3)), y, metrics="mse", sample_weight=np.ones(6))
    assert (model.gradients == 7).all()
    assert model.parameters.tobytes() == before
    model.backward(y)
    assert model.gradients.tobytes() == expected.tobytes()
