"""The derivative of every output of every row, by the parameters or by the inputs.

The chain rule runs backward from one output at a time, for all rows at once: δ starts as 1 at that
output and as 0 at the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..objective import Model
from ..parameters import output_width
from ..validation import as_batch
from ..workspace import Workspace
from .rows import BATCH_SIZE, RowWise, forward_rows, per_row_pass

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
        rows · n_out · P numbers; copies of model and `x`, and passes of about 2 · batch_size · (sum
        of all layers' widths) numbers, are added to that. Where the whole is too large, use
        `jacobian_chunks`.

    Raises
    ------
    TypeError, ValueError
        `x` is not a batch for this model, or `batch_size` not a whole number of at least 1.

    Notes
    -----
    Rows do not depend on each other; a layer that mixes rows has no such Jacobian. A layer without
    `per_sample_gradients` of its own costs one `backward` for each row and output, over
    `batch_size` rows each: fewer are then faster. The model is only read.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> model = Sequential(Dense(2, 1), seed=0)
    >>> model.jacobian([[3.0, 4.0]])  # by the two weights and the bias
    array([[[3., 4., 1.]]])
    """
    return _jacobian(model, x).whole(batch_size)


def jacobian_chunks(model: Model, x: Any, batch_size: int = BATCH_SIZE) -> Iterator[NDArray[Any]]:
    """Iterate over `jacobian` in chunks of `batch_size` rows, each an array of its own.

    Parameters, errors (raised at the call) and the arrays, (batch_size, n_out, P) and fewer rows in
    the last one, are those of `jacobian`; model and `x` are as they were at the call throughout.

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
    return _jacobian(model, x).chunks(batch_size)


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
    x = as_batch("x", x, model.input_width, model.dtype).copy()
    own = model.copy()

    def fill(rows: slice, out: NDArray[Any]) -> None:
        workspace = forward_rows(own.layers, x[rows], input_gradient=True)
        for k in range(out.shape[1]):
            _start_at_output(workspace, k)
            workspace.backward()
            out[:, k] = workspace.deltas[0]

    shape = len(x), output_width(model.layers, x.shape[1]), x.shape[1]
    return RowWise(shape, model.dtype, fill).whole(batch_size)


def _jacobian(model: Model, x: Any) -> RowWise:
    x = as_batch("x", x, model.input_width, model.dtype).copy()  # chunks are made later
    own = model.copy()

    def fill(rows: slice, out: NDArray[Any]) -> None:
        workspace = forward_rows(own.layers, x[rows])
        for k in range(out.shape[1]):
            _start_at_output(workspace, k)
            per_row_pass(own.layers, workspace, out[:, k])

    shape = len(x), output_width(model.layers, x.shape[1]), own.parameters.size
    return RowWise(shape, model.dtype, fill)


def _start_at_output(workspace: Workspace, k: int) -> None:
    workspace.deltas[-1].fill(0)
    workspace.deltas[-1][:, k] = 1
