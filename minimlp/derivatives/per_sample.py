"""The gradient of each sample's own loss, whose mean over the samples is the plain gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..losses import Loss
from ..objective import Model, Objective
from ..penalties import Penalty
from .rows import BATCH_SIZE, RowWise, forward_rows, per_row_pass

if TYPE_CHECKING:
    from numpy.typing import NDArray


def per_sample_gradients(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    batch_size: int = BATCH_SIZE,
    penalty: Penalty | None = None,
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
    penalty : Penalty, optional
        Its gradient is added to that of each sample.

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
    return _per_sample(model, loss, x, y, sample_weight, penalty).whole(batch_size)


def per_sample_gradient_chunks(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    batch_size: int = BATCH_SIZE,
    penalty: Penalty | None = None,
) -> Iterator[NDArray[Any]]:
    """Iterate over `per_sample_gradients` in chunks of `batch_size` rows, each an array of its own.

    Weights are scaled over all samples; otherwise as `jacobian_chunks`.
    """
    return _per_sample(model, loss, x, y, sample_weight, penalty).chunks(batch_size)


def _per_sample(
    model: Model, loss: Loss | None, x: Any, y: Any, sample_weight: Any, penalty: Penalty | None
) -> RowWise:
    own = model.copy()  # chunks are made later
    objective = Objective(own, loss, penalty)
    x, target, weight = objective.samples(x, y, sample_weight)
    x, target = x.copy(), target.copy()
    penalty_gradient = None
    if penalty is not None:
        own.gradients.fill(0)
        objective.penalty_term().add_gradient()
        penalty_gradient = own.gradients.copy()

    def fill(rows: slice, out: NDArray[Any]) -> None:
        workspace = forward_rows(objective.chain, x[rows])
        weights = None if weight is None else weight[rows]
        _, measure = objective.measure(workspace, target[rows], weights)
        measure()
        delta = workspace.deltas[-1]
        delta *= len(delta)  # the loss is a mean over the rows
        per_row_pass(objective.chain, workspace, out)
        if penalty_gradient is not None:
            out += penalty_gradient

    return RowWise((len(x), own.parameters.size), model.dtype, fill)
