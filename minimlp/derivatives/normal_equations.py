"""The normal equations of a loss that is a sum of squares: JᵀJ and Jᵀr, some rows at a time.

With r for all residuals (prediction − target) and J for their Jacobian by the parameters, the loss
½·rᵀr has the gradient Jᵀr, and JᵀJ is its Hessian but for what bends the network itself. Residuals
are written beside their Jacobian, as one more column, so that one product of a matrix with itself
gives everything:

    [J r]ᵀ·[J r] = [ JᵀJ  Jᵀr ]
                   [ rᵀJ  rᵀr ]

Sums over rows are sums over chunks of rows, so J as a whole is never held.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..parameters import layout, output_width, which_train
from ..penalties import L2, is_weight
from .residual_chunk import ResidualChunk, chunk_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .loss_function import LossFunction

    Vector = NDArray[np.float64]


class NormalEquations(NamedTuple):
    """JᵀJ, Jᵀr and rᵀr of the parameters that train, divided by the number of samples."""

    hessian: NDArray[np.float64]
    gradient: NDArray[np.float64]
    squares: float

    @property
    def diagonal(self) -> NDArray[np.float64]:
        """The diagonal of `hessian`."""
        return self.hessian.diagonal()

    def with_ridge(self, ridge: NDArray[np.float64], point: NDArray[np.float64]) -> NormalEquations:
        """Add ½·Σ ridge·w² to the loss: the residuals √ridge·w, one for each parameter.

        These equations stay as they are.
        """
        pull, hessian = ridge * point, self.hessian.copy()
        np.einsum("ii->i", hessian)[...] += ridge
        return NormalEquations(hessian, self.gradient + pull, self.squares + float(pull.dot(point)))

    @property
    def is_finite(self) -> bool:
        """Whether all are numbers: the diagonal tells of every column of J."""
        return math.isfinite(self.diagonal.sum() + self.gradient.dot(self.gradient) + self.squares)


class SquaredResiduals:
    """A loss of squared residuals, or of reweighted ones, on fixed samples.

    Parameters
    ----------
    function : LossFunction
        In float64, of a loss that `is_reweighted`. Its `model` is moved.

    Attributes
    ----------
    ridge : array (P,)
        Adds ½·Σ ridge·w² to the loss: at first an `L2` penalty of `function`, or 0.
    has_ridge : bool
        Whether it is not 0 throughout.
    bare_value : float
        What `value` was last, without the ridge.
    samples, counted, count : int
        How many there are, how many of a weight above 0, and how many residuals these have.
    trained : array (P,) of bool
        Which parameters are not frozen; `point` and the equations are of these alone.
    """

    def __init__(self, function: LossFunction) -> None:
        model, self._function = function.model, function
        self._vector = model.parameters
        self.trained = which_train(model.layers)
        self._all = bool(self.trained.all())
        columns: dict[tuple[int, str], slice] = {}
        count = 0
        for part in layout(model.layers):
            if part.name not in part.layer.frozen:
                size = part.slice.stop - part.slice.start
                columns[part.position, part.name] = slice(count, count + size)
                count += size
        self._constant = 0.0  # what frozen weights add to the penalty
        penalty = function.objective.penalty
        self.ridge: Vector = np.zeros(count)
        if isinstance(penalty, L2):
            whole = is_weight(model.layers, self._vector)
            self.ridge = 2 * penalty.l2 * whole[self.trained]
            frozen = self._vector * whole * ~self.trained
            self._constant = penalty.l2 * float(frozen.dot(frozen))
        self.has_ridge = bool(self.ridge.any())
        self.samples = len(function.x)
        outputs = output_width(model.layers, function.x.shape[1])
        weight = function.weight
        self.counted = self.samples if weight is None else int(np.count_nonzero(weight))
        self.count = self.counted * outputs
        size = min(chunk_rows(count, outputs), self.samples)
        slices = [
            slice(start, min(start + size, self.samples)) for start in range(0, self.samples, size)
        ]
        chunks: dict[int, ResidualChunk] = {}  # all but the last have one size, and share one
        for rows in slices:
            if rows.stop - rows.start not in chunks:
                chunks[rows.stop - rows.start] = ResidualChunk(
                    function, rows.stop - rows.start, columns, count
                )
        self._chunks = [(chunks[rows.stop - rows.start], rows) for rows in slices]
        self._is_whole = len(slices) == 1
        if self._is_whole:
            self._chunks[0][0].load(slices[0])
        self.bare_value = math.nan
        self._sum = np.empty((count + 1, count + 1))

    @property
    def point(self) -> Vector:
        """The parameters that train; assigning moves the model."""
        return self._vector.copy() if self._all else self._vector[self.trained]

    @point.setter
    def point(self, values: Vector) -> None:
        if self._all:
            self._vector[...] = values
        else:
            self._vector[self.trained] = values

    @property
    def bare_hessian(self) -> NDArray[np.float64]:
        """JᵀJ of the last `normal_equations`, without the ridge; not to be written to."""
        return self._sum[:-1, :-1]

    def value(self) -> float:
        """Give the loss where the model is, with what `ridge` adds."""
        total = 0.0
        self._function.rewind()
        for chunk, rows in self._chunks:
            if not self._is_whole:
                chunk.load(rows)
            total += chunk.value() * chunk.rows
        self.bare_value = total / self.samples
        return self.ridged_value()

    def ridged_value(self) -> float:
        """Give `value` once more, with the `ridge` there now is."""
        if not self.has_ridge:
            return self.bare_value + self._constant
        point = self.point
        return self.bare_value + self._constant + 0.5 * float(self.ridge.dot(point * point))

    def normal_equations(self) -> NormalEquations:
        """Give those of the point where `value` was last asked for; the arrays are the caller's."""
        if self._is_whole:  # the chunk still holds what `value` left there
            jacobian = self._chunks[0][0].jacobian()
            self._sum = jacobian.T.dot(jacobian)
            return self.ridged_equations()
        self._sum = np.zeros_like(self._sum)
        self._function.rewind()
        for chunk, rows in self._chunks:
            chunk.load(rows)
            chunk.value()
            jacobian = chunk.jacobian()
            self._sum += jacobian.T.dot(jacobian)
        return self.ridged_equations()

    def ridged_equations(self) -> NormalEquations:
        """Give `normal_equations` once more, with the `ridge` there now is."""
        total = self._sum
        found = NormalEquations(total[:-1, :-1], total[:-1, -1], float(total[-1, -1]))
        return found.with_ridge(self.ridge, self.point) if self.has_ridge else found


def eigenvalues_of(hessian: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Give the eigenvalues of JᵀJ for `count` residuals, in ascending order, at least 0.

    There are no more than `count` that are not 0; what else there is, or is lost in rounding beside
    the largest, is noise.
    """
    return without_noise(np.linalg.eigvalsh(hessian), count)


def without_noise(eigenvalues: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Set eigenvalues in ascending order to 0 that can only be rounding."""
    size = len(eigenvalues)
    least = size * np.finfo(float).eps * eigenvalues[-1]
    clean = np.where(eigenvalues > least, eigenvalues, 0.0)
    clean[: max(0, size - count)] = 0
    return clean


def rank(hessian: NDArray[np.float64]) -> int:
    """Give the rank of J from JᵀJ, to rounding, whatever the units of its columns."""
    diagonal = hessian.diagonal()
    unit = np.sqrt(np.where(diagonal > 0, diagonal, 1))
    return int(np.linalg.matrix_rank(hessian / np.outer(unit, unit), hermitian=True))
