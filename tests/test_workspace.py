import numpy as np
import pytest

from minimlp import Activation, Dense, Identity, Layer, ReLU, Sequential, Sigmoid, Tanh
from minimlp.workspace import Workspace


class Cube(Activation):
    """Needs its input, so nothing may be written over it."""

    def forward(self, x, out):
        np.power(x, 3, out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(3 * x * x, dy, out=dx)


class Softplus(Layer):
    """A plain layer that reads its output: what follows may not write over it."""

    def forward(self, x, out):
        np.log1p(np.exp(x), out=out)

    def backward(self, x, y, dy, dx):
        if dx is not None:
            np.multiply(1 - np.exp(-y), dy, out=dx)


def model_of(*between, dtype=np.float64):
    return Sequential(Dense(3, 4), *between, Dense(4, 2), dtype=dtype, seed=0)


def test_shapes_follow_the_widths_and_deltas_the_outputs():
    workspace = Workspace(model_of(Sigmoid()).layers, np.ones((5, 3)))
    assert [a.shape for a in workspace.outputs] == [(5, 3), (5, 4), (5, 4), (5, 2)]
    assert [a.shape for a in workspace.deltas] == [(5, 3), (5, 4), (5, 4), (5, 2)]
    for i, delta in enumerate(workspace.deltas):
        others = [*workspace.outputs, *workspace.deltas[:i]]
        assert not any(np.shares_memory(delta, other) for other in others)


@pytest.mark.parametrize("activation", [Sigmoid, Tanh, ReLU, Identity])
def test_an_activation_that_needs_only_its_output_writes_over_its_input(activation):
    outputs = Workspace(model_of(activation()).layers, np.ones((5, 3))).outputs
    assert outputs[2] is outputs[1]
    alone = Workspace([activation()], np.ones((5, 3))).outputs
    assert not np.shares_memory(alone[0], alone[1])  # the batch is the caller's


@pytest.mark.parametrize(
    "between",
    [(Cube(),), (Sigmoid(), Tanh()), (Softplus(), Identity()), (Cube(), Sigmoid())],
    ids=repr,
)
def test_nothing_is_written_over_what_a_backward_reads(between):
    # Independent truth: the derivative by the batch, from central differences.
    model = model_of(*between)
    x = np.random.default_rng(1).normal(size=(2, 3))
    model.forward(x)
    dx = model.backward(np.ones((2, 2)))
    for place in np.ndindex(x.shape):
        h = np.zeros_like(x)
        h[place] = 1e-6
        slope = (model.predict(x + h).sum() - model.predict(x - h).sum()) / 2e-6
        assert dx[place] == pytest.approx(slope, abs=1e-8)


def test_without_backward_there_are_no_deltas():
    workspace = Workspace(model_of(Sigmoid()).layers, np.ones((5, 3)), backward=False)
    assert workspace.deltas == []
    assert workspace.backward_steps == []


def test_without_input_gradient_the_backward_pass_ends_at_the_first_trained_layer():
    model = Sequential(Tanh(), Identity(), Dense(3, 2), Sigmoid(), seed=0)
    x, dy = np.random.default_rng(0).normal(size=(4, 3)), np.ones((4, 2))
    model.forward(x)
    model.backward(dy)
    expected = model.gradients.copy()
    model.gradients[:] = np.nan
    workspace = Workspace(model.layers, x, input_gradient=False)
    assert [step[0] for step in workspace.backward_steps] == [model.layers[3], model.layers[2]]
    assert workspace.backward_steps[-1][-1] is None
    workspace.forward()
    workspace.deltas[-1][:] = dy
    workspace.backward()
    assert np.array_equal(model.gradients, expected)


def test_the_batch_is_read_never_written():
    batch = np.ones((5, 3))
    batch.flags.writeable = False
    model = Sequential(Sigmoid(), Dense(3, 2), seed=0)
    workspace = Workspace(model.layers, batch)
    workspace.forward()
    workspace.deltas[-1][:] = 1
    workspace.backward()
    assert workspace.outputs[0] is batch


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_every_array_has_the_batchs_dtype(dtype):
    workspace = Workspace(model_of(Sigmoid(), dtype=dtype).layers, np.ones((5, 3), dtype))
    assert {array.dtype for array in (*workspace.outputs, *workspace.deltas)} == {np.dtype(dtype)}
