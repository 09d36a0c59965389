"""The derivative of every output of every row, by the parameters or by the inputs.

The chain rule runs backward from one output at a time, for all rows at once: δ starts as 1 at that
output and 0 at the others. What a training step sums over the rows is kept apart, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, Objective
from ..parameters import layout, output_width
from ..validation import as_batch, as_count
from ..workspace import Workspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Fill = Callable[[slice, NDArray[Any]], NDArray[Any]]

BATCH_SIZE = 256


def jacobian(model: Model, x: Any, batch_size: int = BATCH_SIZE) -> NDArray[Any]:
    """Differentiate every output of every row by every parameter.

    Parameters
    ----------
    x : array-like (rows, n_in)
    batch_size : int
        Rows worked on at once, which bounds everything but the result.

    Returns
    -------
    array (rows, n_out, P)
        Of the model's dtype, in the layout of ``model.parameters``; 0 where frozen. It takes
        rows · n_out · P numbers, and the passes about 2 · batch_size · (sum of all layers' widths)
        more. Where that is too large, use `jacobian_chunks`.

    Raises
    ------
    TypeError, ValueError
        `x` is not a batch for this model, or `batch_size` not a whole number of at least 1.

    Notes
    -----
    Rows do not depend on each other; a layer that mixes rows has no such Jacobian. A layer without
    `per_sample_gradients` of its own costs one `backward` for each row and output. The model is
    only read.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> model = Sequential(Dense(2, 1), seed=0)
    >>> model.jacobian([[3.0, 4.0]])  # by the two weights and the bias
    array([[[3., 4., 1.]]])
    """
    rows, shape, fill = _jacobian(model, x)
    return _whole(rows, shape, model, batch_size, fill)


def jacobian_chunks(model: Model, x: Any, batch_size: int = BATCH_SIZE) -> Iterator[NDArray[Any]]:
    """Iterate over `jacobian` in chunks of `batch_size` rows, each an array of its own.

    Parameters, errors (raised at the call) and the arrays, (batch_size, n_out, P) and fewer rows in
    the last one, are those of `jacobian`; the model is as it was at the call throughout.

    Examples
    --------
    Accumulate JᵀJ without ever holding J:

    >>> import numpy as np
    >>> from minimlp import Dense, Sequential
    >>> model = Sequential(Dense(2, 1), seed=0)
    >>> x = np.ones((1000, 2))
    >>> sum(np.einsum("bkp,bkq->pq", j, j) for j in model.jacobian_chunks(x, batch_size=100))
    array([[1000., 1000., 1000.],
           [1000., 1000., 1000.],
           [1000., 1000., 1000.]])
    """
    rows, shape, fill = _jacobian(model, x)
    return _chunks(rows, shape, model, batch_size, fill)


def input_jacobian(model: Model, x: Any, batch_size: int = BATCH_SIZE) -> NDArray[Any]:
    """Differentiate every output of every row by that row's inputs: the sensitivities.

    Parameters
    ----------
    x : array-like (rows, n_in)
    batch_size : int
        Rows worked on at once, which bounds everything but the result.

    Returns
    -------
    array (rows, n_out, n_in)
        Of the model's dtype.

    Raises
    ------
    TypeError, ValueError
        As for `jacobian`.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> layer = Dense(2, 1)
    >>> model = Sequential(layer)
    >>> layer.weight = [[5.0], [7.0]]
    >>> model.input_jacobian([[3.0, 4.0]])
    array([[[5., 7.]]])
    """
    x = as_batch("x", x, model.input_width, model.dtype)
    own = model.copy()

    def fill(rows: slice, out: NDArray[Any]) -> NDArray[Any]:
        workspace = Workspace(own.layers, x[rows].copy())
        own.forward_pass(workspace)
        for k in range(out.shape[1]):
            _start_at_output(workspace, k)
            own.backward_pass(workspace)
            out[:, k] = workspace.deltas[0]
        return out

    shape = output_width(model.layers, x.shape[1]), x.shape[1]
    return _whole(len(x), shape, model, batch_size, fill)


def per_sample_gradients(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    batch_size: int = BATCH_SIZE,
) -> NDArray[Any]:
    """Differentiate each sample's own loss by every parameter; the mean is the plain gradient.

    Parameters
    ----------
    loss : Loss or None
        `MSE` if None.
    x, y, sample_weight
        As for `fit`; the weights, scaled to mean 1, multiply their samples' gradients.
    batch_size : int
        Rows worked on at once, which bounds everything but the result.

    Returns
    -------
    array (rows, P)
        Of the model's dtype, in the layout of ``model.parameters``; 0 where frozen. It takes
        rows · P numbers; where that is too large, use `per_sample_gradient_chunks`.

    Raises
    ------
    TypeError, ValueError
        The samples do not fit the model, or are empty or not finite.

    Examples
    --------
    >>> from minimlp import MSE, Dense, Sequential
    >>> layer = Dense(1, 1)
    >>> model = Sequential(layer)
    >>> layer.weight = [[0.0]]
    >>> model.per_sample_gradients(MSE(), [[3.0], [1.0]], [[-1.0], [-2.0]])
    array([[3., 1.],
           [2., 2.]])
    """
    rows, shape, fill = _per_sample(model, loss, x, y, sample_weight)
    return _whole(rows, shape, model, batch_size, fill)


def per_sample_gradient_chunks(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[NDArray[Any]]:
    """Iterate over `per_sample_gradients` in chunks of `batch_size` rows, each an array of its own.

    Weights are scaled over all samples; otherwise as `jacobian_chunks`.
    """
    rows, shape, fill = _per_sample(model, loss, x, y, sample_weight)
    return _chunks(rows, shape, model, batch_size, fill)


def _jacobian(model: Model, x: Any) -> tuple[int, tuple[int, ...], Fill]:
    x = as_batch("x", x, model.input_width, model.dtype)
    own = model.copy()

    def fill(rows: slice, out: NDArray[Any]) -> NDArray[Any]:
        workspace = Workspace(own.layers, x[rows].copy(), input_gradient=False)
        own.forward_pass(workspace)
        for k in range(out.shape[1]):
            _start_at_output(workspace, k)
            _per_row_pass(own, workspace, out[:, k])
        return out

    return len(x), (output_width(model.layers, x.shape[1]), own.parameters.size), fill


def _per_sample(
    model: Model, loss: Loss | None, x: Any, y: Any, sample_weight: Any
) -> tuple[int, tuple[int, ...], Fill]:
    objective = Objective(model, loss)
    samples = objective.samples(x, y, sample_weight)
    own = model.copy()

    def fill(rows: slice, out: NDArray[Any]) -> NDArray[Any]:
        workspace = Workspace(own.layers, samples.x[rows].copy(), input_gradient=False)
        prediction, delta = own.forward_pass(workspace), workspace.deltas[-1]
        weight = None if samples.weight is None else samples.weight[rows]
        objective.loss.value_and_gradient(prediction, samples.target[rows], weight, delta)
        delta *= len(delta)  # the loss is a mean over the rows
        _per_row_pass(own, workspace, out)
        return out

    return len(samples.x), (own.parameters.size,), fill


def _start_at_output(workspace: Workspace, k: int) -> None:
    workspace.deltas[-1].fill(0)
    workspace.deltas[-1][:, k] = 1


def _per_row_pass(model: Model, workspace: Workspace, out: NDArray[Any]) -> None:
    """Run the chain rule from ``workspace.deltas[-1]`` back; each row's gradient goes into out."""
    rows = len(out)
    views: dict[Any, dict[str, NDArray[Any]]] = {layer: {} for layer in model.layers}
    for part in layout(model.layers):
        views[part.layer][part.name] = out[:, part.slice].reshape(rows, *part.shape)
    for layer, x, y, dy, dx in workspace.backward_steps:
        if views[layer]:
            layer.per_sample_gradients(x, y, dy, views[layer])
            for name in layer.frozen:
                views[layer][name].fill(0)
        if dx is not None:
            layer.backward(x, y, dy, dx)


def _whole(
    rows: int, shape: tuple[int, ...], model: Model, batch_size: int, fill: Fill
) -> NDArray[Any]:
    size = as_count("batch_size", batch_size)
    out = np.empty((rows, *shape), model.dtype)
    for start in range(0, rows, size):
        some = slice(start, start + size)
        fill(some, out[some])
    return out


def _chunks(
    rows: int, shape: tuple[int, ...], model: Model, batch_size: int, fill: Fill
) -> Iterator[NDArray[Any]]:
    size, dtype = as_count("batch_size", batch_size), model.dtype
    starts = range(0, rows, size)
    return (
        fill(slice(start, start + size), np.empty((min(size, rows - start), *shape), dtype))
        for start in starts
    )
