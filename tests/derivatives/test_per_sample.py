"""Each sample's own gradient: against the gradient of one sample, and their mean against all."""

import numpy as np
import pytest
from own_pieces import Affine, Quartic

from minimlp import MSE, Dense, Identity, Normalization, Sequential, Sigmoid, Tanh, mlp

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))
WEIGHT = np.array([1.0, 0.0, 3.0, 0.5, 2.0, 1.0, 4.0])


def frozen():
    layer = Dense(3, 4)
    layer.freeze("bias")
    return layer


def adapted():
    layer = Normalization(3)
    layer.adapt(2 * X + 1)
    return layer


CHAINS = {
    "page": lambda: [Dense(3, 2), Sigmoid(), Dense(2, 2), Sigmoid()],
    "normalization": lambda: [adapted(), Dense(3, 4), Tanh(), Dense(4, 2)],
    "own": lambda: [Affine(3), Tanh(), Dense(3, 2), Affine(2)],
    "frozen": lambda: [frozen(), Tanh(), Dense(4, 2), Identity()],
}


def chain(name, dtype=np.float64):
    return Sequential(*CHAINS[name](), dtype=dtype, seed=4)


def error(found, expected):
    return np.abs(found - expected).max(initial=0) / (np.abs(expected).max(initial=0) or 1)


@pytest.mark.parametrize("loss", [None, MSE(), Quartic()])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("name", CHAINS)
def test_each_row_is_the_gradient_of_its_sample_alone(name, weight, loss):
    model = chain(name)
    found = model.per_sample_gradients(loss, X, Y, weight)
    assert found.shape == (7, model.parameters.size)
    w = np.ones(7) if weight is None else weight / weight.mean()
    for row in range(7):
        f = model.value_and_gradient(loss, X[row : row + 1], Y[row : row + 1])
        assert error(found[row], w[row] * f(model.parameters)[1]) <= 1e-13


@pytest.mark.parametrize("loss", [None, Quartic()])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("name", CHAINS)
def test_their_mean_is_the_plain_gradient(name, weight, loss):
    model = chain(name)
    _, gradient = model.value_and_gradient(loss, X, Y, weight)(model.parameters)
    found = model.per_sample_gradients(loss, X, Y, sample_weight=weight)
    assert error(found.mean(axis=0), gradient) <= 1e-14
    assert not found[:, gradient == 0].any()


def test_frozen_columns_are_zero_and_the_others_as_ever():
    model, free = chain("frozen"), chain("frozen")
    free.layers[0].unfreeze()
    found, whole = (each.per_sample_gradients(None, X, Y) for each in (model, free))
    assert whole[:, 12:16].all()
    whole[:, 12:16] = 0
    assert found.tobytes() == whole.tobytes()


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 8, 1000])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_rows_are_worked_on_a_few_at_a_time(weight, batch_size):
    model = chain("own")
    whole = model.per_sample_gradients(None, X, Y, weight)
    few = model.per_sample_gradients(None, X, Y, weight, batch_size=batch_size)
    assert error(few, whole) <= 1e-14
    chunks = list(model.per_sample_gradient_chunks(None, X, Y, weight, batch_size=batch_size))
    assert [len(c) for c in chunks] == [min(batch_size, 7 - s) for s in range(0, 7, batch_size)]
    assert error(np.concatenate(chunks), whole) <= 1e-14


def test_each_chunk_is_the_callers_own_and_of_model_and_data_as_they_were_at_the_call():
    model, x, y, weight = chain("page"), X.copy(), Y.copy(), WEIGHT.copy()
    whole = model.per_sample_gradients(None, X, Y, WEIGHT)
    chunks = model.per_sample_gradient_chunks(None, x, y, weight, batch_size=2)
    first = next(chunks)
    for array in (x, y, weight):
        array.fill(np.nan)
    kept = first.copy()
    model.parameters = np.zeros_like(model.parameters)
    second = next(chunks)
    assert first.tobytes() == kept.tobytes()
    first.fill(0)
    assert error(np.concatenate([kept, second, *chunks]), whole) <= 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_they_are_of_the_models_dtype(dtype):
    double = chain("own")
    expected = double.per_sample_gradients(None, X, Y, WEIGHT)
    found = double.copy(dtype).per_sample_gradients(None, X, Y, WEIGHT)
    assert found.dtype == dtype
    assert error(found, expected) <= (1e-5 if dtype == np.float32 else 1e-14)


def test_labels_are_targets_as_in_fit():
    model, labels = chain("page"), np.arange(7) % 2
    found = model.per_sample_gradients(None, X, labels)
    assert found.tobytes() == model.per_sample_gradients(None, X, np.eye(2)[labels]).tobytes()


def test_a_chain_without_parameters_has_no_columns():
    assert Sequential(Tanh()).per_sample_gradients(None, Y, Y).shape == (7, 0)


def test_model_data_and_pending_pass_are_only_read():
    model, twin = chain("own"), chain("own")
    x, y, weight = X.copy(), Y.copy(), WEIGHT.copy()
    for array in (x, y, weight):
        array.flags.writeable = False
    for each in (model, twin):
        each.forward(X[:4])
    before = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    model.per_sample_gradients(None, x, y, weight, batch_size=3)
    after = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    assert after == before
    assert model.backward(Y[:4]).tobytes() == twin.backward(Y[:4]).tobytes()


def test_a_loss_that_writes_into_its_target_does_not_reach_the_callers():
    class Careless(MSE):
        def value_and_gradient(self, prediction, target, sample_weight, out):
            value = super().value_and_gradient(prediction, target, sample_weight, out)
            target.fill(0)
            return value

    y = Y.copy()
    found = chain("page").per_sample_gradients(Careless(), X, y)
    assert np.array_equal(y, Y)
    assert found.tobytes() == chain("page").per_sample_gradients(None, X, Y).tobytes()


def test_the_packages_layers_are_not_asked_row_by_row(monkeypatch):
    model = mlp(3, 4, 4, 2, hidden=Tanh, output=Sigmoid, seed=0)
    calls = []
    backward = Dense.backward

    def counted(self, x, y, dy, dx):
        calls.append(len(x))
        backward(self, x, y, dy, dx)

    monkeypatch.setattr(Dense, "backward", counted)
    for rows in (1, 200):
        calls.clear()
        model.per_sample_gradients(None, np.ones((rows, 3)), np.ones((rows, 2)))
        assert calls == [rows, rows]  # none for the first layer, whose dx nobody needs


@pytest.mark.parametrize("work", ["per_sample_gradients", "per_sample_gradient_chunks"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"x": X[:, :2]}, ["x has shape (7, 2)", "takes 3"]),
        ({"x": X[:0], "y": Y[:0]}, ["x has shape (0, 3)", "at least one row"]),
        ({"x": X * np.inf}, ["x holds", "inf", "finite"]),
        ({"x": X + 0j}, ["x must hold real numbers", "complex128"]),
        ({"y": Y[:5]}, ["y has shape (5, 2)", "(7, 2)"]),
        ({"y": Y * np.nan}, ["y holds nan", "finite"]),
        ({"sample_weight": WEIGHT[:5]}, ["sample_weight has shape (5,)", "(7,)"]),
        ({"sample_weight": -WEIGHT}, ["sample_weight holds", "no negative weight"]),
        ({"loss": MSE}, ["loss must be a Loss such as MSE()", "MSE'"]),
        ({"batch_size": 0}, ["batch_size must be at least 1, got 0"]),
        ({"batch_size": True}, ["batch_size must be a whole number", "True"]),
        ({"batch_size": 2.5}, ["batch_size must be a whole number", "2.5"]),
    ],
)
def test_bad_input_is_refused_by_name_at_the_call(given, words, work):
    model = chain("page")
    before = model.parameters.tobytes(), model.gradients.tobytes()
    with pytest.raises((TypeError, ValueError)) as caught:
        getattr(model, work)(**{"loss": None, "x": X, "y": Y, **given})
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before
