import numpy as np
import pytest

from minimlp import MSE, SGD, Dense, Loss, Sequential


class LogCosh(Loss):
    """A loss of one's own: value and gradient, nothing else."""

    def value(self, prediction, target, sample_weight=None):
        rows = np.log(np.cosh(prediction - target)).sum(axis=1)
        return (rows if sample_weight is None else rows * sample_weight).mean().item()

    def gradient(self, prediction, target, sample_weight=None, out=None):
        gradient = np.tanh(prediction - target) / len(prediction)
        return gradient if sample_weight is None else gradient * sample_weight[:, None]


class WithOut(LogCosh):
    def gradient(self, prediction, target, sample_weight=None, out=None):
        gradient = super().gradient(prediction, target, sample_weight)
        if out is None:
            return gradient
        out[:] = gradient
        return out


@pytest.mark.parametrize("loss", [LogCosh(), WithOut()], ids=["returns", "writes into out"])
@pytest.mark.parametrize("weight", [None, [1.0, 0.0, 3.0, 2.0]])
def test_a_loss_of_ones_own_trains_as_the_loop_that_uses_it(loss, weight):
    x, y = np.arange(8.0).reshape(4, 2) / 8, np.array([[1.0], [0.0], [2.0], [1.0]])
    model = Sequential(Dense(2, 1), seed=0)
    by_hand = model.parameters.copy()
    history = model.fit(
        x, y, loss=loss, optimizer=SGD(0.5), epochs=5, batch_size=4, shuffle=False,
        sample_weight=weight,
    )  # fmt: skip
    relative = None if weight is None else np.array(weight) / np.mean(weight)
    values = []
    for _ in range(5):
        prediction = x @ by_hand[:2, None] + by_hand[2]
        values.append(loss.value(prediction, y, relative))
        delta = loss.gradient(prediction, y, relative)
        by_hand -= 0.5 * np.append(x.T @ delta, delta.sum())
    assert history.history["loss"] == pytest.approx(values, rel=1e-13)
    assert model.parameters == pytest.approx(by_hand, rel=1e-13)


def test_evaluate_uses_a_loss_of_ones_own():
    model = Sequential(Dense(1, 1))
    model.parameters = [2.0, 1.0]
    value = model.evaluate([[1.0], [2.0]], [3.0, 4.0], loss=LogCosh())["loss"]
    assert value == pytest.approx((0 + np.log(np.cosh(1))) / 2)


def test_a_loss_without_value_or_gradient_says_so():
    class Half(Loss):
        pass

    with pytest.raises(NotImplementedError, match="Half does not define value"):
        Half().value([[1.0]], [[1.0]])
    with pytest.raises(NotImplementedError, match="Half does not define gradient"):
        Half().gradient([[1.0]], [[1.0]])


@pytest.mark.parametrize("loss", [MSE, "mse", np.square])
def test_what_is_no_loss_is_refused(loss):
    model = Sequential(Dense(1, 1), seed=0)
    before = model.parameters.tobytes()
    with pytest.raises(TypeError, match="loss must be a Loss"):
        model.fit([[1.0]], [1.0], loss=loss)
    assert model.parameters.tobytes() == before
