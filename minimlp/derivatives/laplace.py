"""Error bars: how far could the parameters be from where training put them, given the data?

Near a minimum the loss is a bowl, so what the data leave open of the parameters is a normal
distribution about it (Laplace's approximation). With noise of precision β = 1/σ² in the targets and
a prior of precision α on each parameter, its covariance is

    Σ = (β·JᵀJ + α·I)⁻¹        J: the Jacobian of all outputs of all samples

and a prediction has the variance j·Σ·jᵀ from the parameters, j being its own row of the Jacobian,
and σ² from the noise of a new observation. Of P parameters the data determine γ = Σ β·λ/(β·λ + α),
with the eigenvalues λ of JᵀJ.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import MSE, Loss
from ..objective import Model, check_real
from ..prediction import Prediction
from ..validation import as_batch, as_count, as_generator, as_number, as_positive
from .interval import Interval, interval
from .jacobian import jacobian_chunks
from .loss_function import LossFunction
from .memory import check_memory
from .normal_equations import SquaredResiduals, without_noise
from .rows import BATCH_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_ROUNDS = 200  # of estimating α and β in turn; a few are enough
_LEAST_FREEDOM = 1e-3  # n − γ, where the network can follow every residual
_LEAST = 1e-300  # a sum of squares that something is divided by


class LaplacePosterior:
    """A normal distribution over a model's parameters; `Sequential.laplace` makes it.

    Parameters
    ----------
    model : Sequential
        float64, its own.
    root : array (P, k)
        R with Σ = R·Rᵀ.
    noise : float
        σ.

    Attributes
    ----------
    model : Sequential
        A copy of the model, as it was.
    noise : float
        Standard deviation of the noise in targets.
    prior_precision : float
        α.
    effective_parameters : float
        γ.
    degrees_of_freedom : float
        n − γ, which `noise` was estimated from; infinite where it was given.
    """

    def __init__(
        self,
        model: Model,
        root: NDArray[np.float64],
        noise: float,
        prior_precision: float,
        effective_parameters: float,
        degrees_of_freedom: float = math.inf,
    ) -> None:
        self.model = model
        self.root = root
        self.noise = noise
        self.prior_precision = prior_precision
        self.effective_parameters = effective_parameters
        self.degrees_of_freedom = degrees_of_freedom

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Σ (P, P), in the layout of ``model.parameters``; 0 where frozen."""
        return self.root @ self.root.T

    def predict(self, x: Any, level: float = 0.95, batch_size: int = BATCH_SIZE) -> Interval:
        """Predict with intervals.

        Parameters
        ----------
        x : array-like (rows, n_in)
        level : float
            Probability that a new observation lies within, above 0 and below 1.
        batch_size : int
            Rows worked on at once.

        Returns
        -------
        Interval
            Of float64. The quantiles are Student's, of `degrees_of_freedom`.

        Raises
        ------
        TypeError, ValueError
            As for `Sequential.predict`; a level out of range.
        """
        level = as_positive("level", level, below=1)
        as_count("batch_size", batch_size)
        mean, variance = self._mean(x, batch_size), self.variance(x, batch_size)
        return interval(mean, variance, self.noise, level, self.degrees_of_freedom)

    def variance(self, x: Any, batch_size: int = BATCH_SIZE) -> NDArray[np.float64]:
        """Give the parameters' part of the variance of each prediction (rows, n_out)."""
        parts = [
            np.square(chunk @ self.root).sum(axis=2)
            for chunk in jacobian_chunks(self.model, x, batch_size)
        ]
        return np.concatenate(parts) if parts else np.zeros_like(self._mean(x, batch_size))

    def _mean(self, x: Any, batch_size: int) -> NDArray[np.float64]:
        rows = as_batch("x", x, self.model.input_width, self.model.dtype)
        return Prediction(self.model.layers).run(rows, batch_size)

    def sample(self, n: int = 1, seed: Any = None) -> NDArray[np.float64]:
        """Draw parameter vectors.

        Parameters
        ----------
        n : int
            How many, at least 1.
        seed : optional
            Anything `np.random.default_rng` takes.

        Returns
        -------
        array (n, P)
            Each can be assigned to ``model.parameters``; frozen ones do not vary.
        """
        rng = as_generator(seed)
        drawn = rng.standard_normal((as_count("n", n), self.root.shape[1]))
        return self.model.parameters + drawn @ self.root.T

    def __repr__(self) -> str:
        return (
            f"<LaplacePosterior: {self.effective_parameters:.1f} of {len(self.root)} parameters "
            f"determined, noise {self.noise:.4g}>"
        )


def laplace(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    prior_precision: float | None = None,
    noise: float | None = None,
) -> LaplacePosterior:
    """Give a trained model's parameters as a distribution, for predictions with intervals.

    Parameters
    ----------
    loss : MSE or None
        The loss it was trained by; normally distributed noise is all this knows.
    x, y, sample_weight
        What it was trained on, as for `fit`. A weight is a sample's precision beside the mean.
    prior_precision : float, optional
        α, at least 0: an `L2` penalty λ on the mean loss of n samples is α = 2·λ·n/σ². By default
        it is estimated by the evidence, as in `BayesianRegularization`, at the model as it is.
    noise : float, optional
        σ, above 0, the standard deviation of the noise, one for all outputs. By default
        σ² = Σ r² / (n − γ), with n the number of residuals.

    Returns
    -------
    LaplacePosterior
        Over all P parameters, frozen ones without variance. The model is copied.

    Raises
    ------
    TypeError, ValueError
        Samples that do not fit; another loss; a model without parameters that train, or with more
        than memory has room for; a prior precision of 0 where the data leave directions open; no
        residuals to estimate the noise from.

    References
    ----------
    MacKay (1992), "A practical Bayesian framework for backpropagation networks", Neural Computation
    4, 448-472. Bishop (2006), "Pattern recognition and machine learning", 5.7.

    Examples
    --------
    >>> import numpy as np
    >>> from minimlp import MSE, Dense, LevenbergMarquardt, Sequential
    >>> x = np.linspace(-1, 1, 20).reshape(-1, 1)
    >>> y = 3 * x + np.random.default_rng(0).normal(0, 0.1, x.shape)
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> history = model.fit(x, y, optimizer=LevenbergMarquardt(), epochs=20)
    >>> posterior = model.laplace(MSE(), x, y)
    >>> mean, lower, upper = posterior.predict([[0.0], [10.0]])
    >>> (upper - lower).round(1)
    array([[0.4],
           [1.4]])
    """
    check_real("laplace", model)
    if prior_precision is not None:
        prior_precision = as_number("prior_precision", prior_precision, low=0)
    if noise is not None:
        noise = as_positive("noise", noise)
    if loss is not None and type(loss) is not MSE:
        raise ValueError(f"laplace needs MSE(), the loss of normal noise, got {loss!r:.80}")
    check_memory("laplace", model, "freeze all layers but the last ones")
    function = LossFunction(model, loss, x, y, sample_weight)
    problem = SquaredResiduals(function)
    if not problem.ridge.size:
        raise ValueError("the model has no parameters that train")
    squares = 2 * problem.counted * problem.value()
    eigenvalues, vectors = np.linalg.eigh(problem.counted * problem.normal_equations().hessian)
    eigenvalues = without_noise(eigenvalues, problem.count)
    alpha, beta, gamma = _estimate(
        eigenvalues, squares, problem.point, problem.count, prior_precision, noise
    )
    precision = beta * eigenvalues + alpha
    if precision.min() <= len(precision) * np.finfo(float).eps * precision.max() and not alpha:
        raise ValueError(
            "the data leave some directions of the parameters open: give a prior_precision above 0"
        )
    root = np.zeros((function.model.parameters.size, len(eigenvalues)))
    root[problem.trained] = vectors / np.sqrt(precision)
    freedom = max(problem.count - gamma, _LEAST_FREEDOM) if noise is None else math.inf
    return LaplacePosterior(function.model, root, beta**-0.5, alpha, gamma, freedom)


def _estimate(
    eigenvalues: Vector,
    squares: float,
    point: Vector,
    count: int,
    prior_precision: float | None,
    noise: float | None,
) -> tuple[float, float, float]:
    """Give α, β and γ: what is given, and the rest where the evidence is largest."""
    weights = max(float(point.dot(point)), _LEAST)
    squares = max(squares, _LEAST)
    alpha = len(point) / weights if prior_precision is None else prior_precision
    beta = count / squares if noise is None else noise**-2
    gamma = 0.0
    for _ in range(_ROUNDS):
        share = beta * eigenvalues
        gamma = float((share / np.maximum(share + alpha, _LEAST)).sum())
        if prior_precision is None:
            alpha = max(gamma, 1e-10) / weights
        if noise is None:
            if prior_precision is not None and gamma >= count:
                raise ValueError(
                    f"{count} residuals do not tell the noise from what {len(eigenvalues)} "
                    f"parameters can follow: give noise or prior_precision"
                )
            beta = max(count - gamma, _LEAST_FREEDOM) / squares
    return alpha, beta, gamma
