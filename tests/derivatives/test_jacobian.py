"""Jacobians against complex steps of `predict`, against the plain gradient, and in chunks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from own_pieces import Affine

from minimlp import (
    Activation,
    Dense,
    Identity,
    Layer,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)

RNG = np.random.default_rng(2)
X = RNG.normal(size=(7, 3))


class Slope(Layer):
    """y = a·x, whose backward keeps what it works out in dy."""

    def __init__(self, width):
        self.width = width

    def parameter_shapes(self):
        return {"a": (self.width,)}

    def initialize(self, rng):
        self.a[...] = rng.normal(size=self.width)

    def forward(self, x, out):
        np.multiply(x, self.a, out=out)

    def backward(self, x, y, dy, dx):
        np.sum(x * dy, axis=0, out=self.a_gradient)
        dy *= self.a
        if dx is not None:
            dx[...] = dy


class Cubic(Activation):
    def forward(self, x, out):
        np.multiply(x, x**2, out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(3 * x**2, dy, out=dx)


class PairSums(Layer):
    """Takes any even number of features, and gives half as many."""

    def output_width(self, input_width):
        return input_width // 2

    def forward(self, x, out):
        np.add(x[:, ::2], x[:, 1::2], out=out)

    def backward(self, x, y, dy, dx):
        if dx is not None:
            dx[:, ::2] = dx[:, 1::2] = dy


def adapted():
    layer = Normalization(3)
    layer.adapt(2 * X + 1)
    return layer


def frozen(*names):
    layer = Dense(3, 4)
    layer.freeze(*names)
    return layer


CHAINS = {
    "page": lambda: [Dense(3, 2), Sigmoid(), Dense(2, 2), Sigmoid()],
    "deep": lambda: [Dense(3, 5), Tanh(), Dense(5, 4, bias=False), ReLU(), Dense(4, 3), Identity()],
    "one output": lambda: [Dense(3, 4), Sigmoid(), Dense(4, 1)],
    "normalization": lambda: [adapted(), Dense(3, 4), Tanh(), Dense(4, 2)],
    "own first": lambda: [Affine(3), Tanh(), Dense(3, 2)],
    "own within": lambda: [Dense(3, 4), Tanh(), Affine(4), Sigmoid(), Cubic(), Dense(4, 2)],
    "own last": lambda: [Dense(3, 2), Cubic(), Affine(2)],
    "own that writes into dy": lambda: [Dense(3, 4), Tanh(), Slope(4), Dense(4, 2)],
    "own without parameters": lambda: [Dense(3, 8), PairSums(), Tanh(), PairSums()],
    "frozen": lambda: [frozen("weight"), Tanh(), frozen_affine(), Dense(4, 2)],
    "all frozen": lambda: [frozen(), Tanh()],
    "activation": lambda: [Sigmoid()],
    "no parameters": lambda: [adapted(), Tanh(), Identity()],
}


def frozen_affine():
    layer = Affine(4)
    layer.freeze("c")
    return layer


def chain(name, dtype=np.float64):
    return Sequential(*CHAINS[name](), dtype=dtype, seed=4)


def frozen_entries(model):
    return np.concatenate(
        [np.zeros(0, bool)]
        + [
            np.full(int(np.prod(shape)), name in layer.frozen)
            for layer in model.layers
            for name, shape in layer.parameter_shapes().items()
        ]
    )


def by_complex_step(model, x=X):
    """∂y/∂parameters (rows, n_out, P) and ∂y/∂x (rows, n_out, n_in), from values of `predict`."""
    twin, step = model.copy(np.complex128), 1e-200
    columns = []
    for k in range(twin.parameters.size):
        kept = twin.parameters[k]
        twin.parameters[k] += 1j * step
        columns.append(twin.predict(x).imag / step)
        twin.parameters[k] = kept
    inputs = [twin.predict(x + 1j * step * row).imag / step for row in np.eye(x.shape[1])]
    empty = np.empty((*model.predict(x).shape, 0))
    found = np.stack(columns, axis=-1) if columns else empty
    found[:, :, frozen_entries(model)] = 0
    return found, np.stack(inputs, axis=-1)


def error(found, expected):
    return np.abs(found - expected).max(initial=0) / (np.abs(expected).max(initial=0) or 1)


@pytest.mark.parametrize("name", CHAINS)
def test_both_jacobians_are_the_complex_steps_of_predict(name):
    model = chain(name)
    parameters, inputs = by_complex_step(model)
    found = model.jacobian(X)
    assert found.shape == (7, inputs.shape[1], model.parameters.size)
    assert error(found, parameters) <= 1e-13
    assert not found[:, :, frozen_entries(model)].any()
    found = model.input_jacobian(X)
    assert found.shape == inputs.shape
    assert error(found, inputs) <= 1e-13


@pytest.mark.parametrize("name", CHAINS)
def test_summed_with_deltas_they_are_what_backward_gives(name):
    model = chain(name)
    dy = RNG.normal(size=model.forward(X).shape)
    dx = model.backward(dy)
    gradients = np.einsum("bkp,bk->p", model.jacobian(X), dy)
    assert error(gradients, model.gradients) <= 1e-13
    assert error(np.einsum("bki,bk->bi", model.input_jacobian(X), dy), dx) <= 1e-13


@pytest.mark.parametrize("name", CHAINS)
def test_a_row_alone_has_its_part_of_the_jacobian(name):
    model = chain(name)
    whole, inputs = model.jacobian(X), model.input_jacobian(X)
    for row in range(7):
        assert error(model.jacobian(X[row : row + 1])[0], whole[row]) <= 1e-14
        assert error(model.input_jacobian(X[row : row + 1])[0], inputs[row]) <= 1e-14


@pytest.mark.parametrize("name", ["deep", "own within", "frozen", "activation"])
def test_they_are_of_the_models_dtype(name):
    double = chain(name)
    for dtype, limit in ((np.float32, 1e-5), (np.complex128, 1e-14)):
        model = double.copy(dtype)
        for work in ("jacobian", "input_jacobian"):
            found = getattr(model, work)(X)
            assert found.dtype == dtype
            assert error(found, getattr(double, work)(X)) <= limit


def test_of_a_complex_model_they_are_complex_derivatives():
    # y = a·x at complex a and x: ∂y/∂a = x and ∂y/∂x = a, without conjugation.
    model = Sequential(Dense(1, 1, bias=False), dtype=np.complex128)
    model.parameters = [2 + 3j]
    assert model.jacobian([[5 - 1j]]).tolist() == [[[5 - 1j]]]
    assert model.input_jacobian([[5 - 1j]]).tolist() == [[[2 + 3j]]]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 8, 1000, np.int64(4)])
@pytest.mark.parametrize("name", ["deep", "own within", "frozen", "activation"])
def test_rows_are_worked_on_a_few_at_a_time(name, batch_size):
    model = chain(name)
    whole = model.jacobian(X)
    assert error(model.jacobian(X, batch_size=batch_size), whole) <= 1e-14
    assert error(model.input_jacobian(X, batch_size), model.input_jacobian(X)) <= 1e-14
    chunks = list(model.jacobian_chunks(X, batch_size=batch_size))
    rows = [min(batch_size, 7 - start) for start in range(0, 7, int(batch_size))]
    assert [chunk.shape for chunk in chunks] == [(b, *whole.shape[1:]) for b in rows]
    assert error(np.concatenate(chunks), whole) <= 1e-14


def test_more_rows_than_one_batch_of_the_default_size():
    model, x = chain("deep"), np.random.default_rng(0).normal(size=(600, 3))
    expected = np.concatenate([model.jacobian(x[i : i + 100]) for i in range(0, 600, 100)])
    assert error(model.jacobian(x), expected) <= 1e-14
    rows = [len(chunk) for chunk in model.jacobian_chunks(x)]
    assert sum(rows) == 600
    assert max(rows) < 600


def test_each_chunk_is_the_callers_own_and_of_model_and_data_as_they_were_at_the_call():
    model, x = chain("deep"), X.copy()
    whole = model.jacobian(X)
    chunks = model.jacobian_chunks(x, batch_size=2)
    first = next(chunks)
    x.fill(np.nan)
    model.parameters = np.zeros_like(model.parameters)
    model.layers[0].freeze()
    kept = first.copy()
    second = next(chunks)
    assert not np.shares_memory(first, second)
    assert first.tobytes() == kept.tobytes()
    first.fill(0)
    assert error(np.concatenate([kept, second, *chunks]), whole) <= 1e-14
    assert next(chunks, None) is None


@pytest.mark.parametrize("work", ["jacobian", "jacobian_chunks", "input_jacobian"])
def test_the_model_and_its_pending_pass_are_only_read(work):
    model, twin = chain("own within"), chain("own within")
    x = X.copy()
    x.flags.writeable = False
    for each in (model, twin):
        each.forward(X[:4])
        each.backward(np.ones((4, 2)))
    before = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    list(getattr(model, work)(x, batch_size=2))
    after = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    assert after == before
    assert x.tobytes() == X.tobytes()
    dy = RNG.normal(size=(4, 2))
    assert model.backward(dy).tobytes() == twin.backward(dy).tobytes()
    assert model.gradients.tobytes() == twin.gradients.tobytes()


def test_several_threads_may_ask_one_model():
    model = chain("own within")
    batches = [np.random.default_rng(seed).normal(size=(40, 3)) for seed in range(8)]
    expected = [(model.jacobian(x, 7), model.input_jacobian(x, 7)) for x in batches]

    def ask(x):
        return model.jacobian(x, 7), model.input_jacobian(x, 7)

    with ThreadPoolExecutor(4) as pool:
        for found, once in zip(pool.map(ask, batches * 3), expected * 3, strict=True):
            assert all(a.tobytes() == b.tobytes() for a, b in zip(found, once, strict=True))


@pytest.mark.parametrize("work", ["jacobian", "input_jacobian"])
def test_the_packages_layers_are_not_asked_row_by_row(work, monkeypatch):
    model = mlp(3, 4, 4, 2, hidden=Tanh, output=Sigmoid, seed=0)
    calls = []
    for piece in (Dense, Tanh, Sigmoid):
        method = piece.plan

        def counted(self, *given, method=method):
            return [
                lambda call=call: (calls.append(len(given[0])), call())
                for call in method(self, *given)
            ]

        monkeypatch.setattr(piece, "plan", counted)
    counts = []
    for rows in (1, 50, 200):
        calls.clear()
        getattr(model, work)(np.ones((rows, 3)))
        assert set(calls) == {rows}
        counts.append(len(calls))
    assert len(set(counts)) == 1


def at(value, dtype=float):
    x = X.astype(dtype)
    x[4, 1] = value
    return x


BAD_INPUTS = [
    (X[:, :2], ["x has shape (7, 2)", "takes 3"]),
    (X[0], ["x has shape (3,)", "(rows, features)"]),
    (X[:, :, None], ["x has shape (7, 3, 1)", "(rows, features)"]),
    (X[:0], ["x has shape (0, 3)", "at least one row"]),
    (at(np.nan), ["x holds nan at row 4, column 1", "finite"]),
    (at(np.inf), ["x holds inf at row 4, column 1", "finite"]),
    (at(1j, complex), ["x must hold real numbers", "complex128"]),
    (None, ["x must hold real numbers", "object"]),
]
BAD_SIZES = [
    (0, ["batch_size must be at least 1, got 0"]),
    (-3, ["batch_size must be at least 1, got -3"]),
    (True, ["batch_size must be a whole number of at least 1, got True"]),
    (2.5, ["batch_size must be a whole number of at least 1, got 2.5"]),
    (2.0, ["batch_size must be a whole number of at least 1, got 2.0"]),
    (None, ["batch_size must be a whole number of at least 1, got None"]),
]


@pytest.mark.parametrize("work", ["jacobian", "jacobian_chunks", "input_jacobian"])
@pytest.mark.parametrize(
    ("given", "words"),
    [*(((x,), words) for x, words in BAD_INPUTS), *(((X, b), words) for b, words in BAD_SIZES)],
)
def test_bad_input_is_refused_by_name_at_the_call(given, words, work):
    model = chain("page")
    before = model.parameters.tobytes(), model.gradients.tobytes()
    with pytest.raises((TypeError, ValueError)) as caught:
        getattr(model, work)(*given)  # nothing is taken from the iterator
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before


def test_a_backward_that_writes_over_the_outputs_raises_instead_of_spoiling_the_next_row():
    class Scratching(Activation):
        def forward(self, x, out):
            np.tanh(x, out=out)

        def backward(self, x, y, dy, dx):
            np.multiply(y, y, out=y)
            np.multiply(1 - y, dy, out=dx)

    model = Sequential(Dense(3, 4), Scratching(), Dense(4, 2), seed=0)
    for method in (model.jacobian, model.input_jacobian):
        with pytest.raises(ValueError, match="read-only"):
            method(X)
