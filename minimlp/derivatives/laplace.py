"""Error bars: how far could the parameters be from where training put them, given the data?

Near a minimum the loss is a bowl, so what the data leave open of the parameters is a normal
distribution about it (Laplace's approximation). With noise of precision β = 1/σ² in the targets and
a prior of precision α on each parameter, its covariance is

    Σ = (β·JᵀJ + α·I)⁻¹        J: the Jacobian of all outputs of all samples

and a prediction has the variance j·Σ·jᵀ from the parameters, j being its own row of the Jacobian,
and σ² from the noise of a new observation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import MSE, Loss
from ..objective import Model, check_real
from ..parameters import output_width, which_train
from ..prediction import Prediction
from ..validation import as_batch, as_count, as_generator, as_number, as_positive
from .evidence import LEAST, degrees_of_freedom, effective_parameters
from .evidence import prior_precision as evident_precision
from .interval import Interval, interval
from .jacobian import jacobian_chunks
from .loss_function import LossFunction
from .memory import check_memory
from .normal_equations import SquaredResiduals, without_noise
from .rows import BATCH_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_ROUNDS = 1000  # of estimating α and β in turn; some ten are enough
_SETTLED = 1e-12  # relative change
_ENTRIES = 1 << 24  # of the Jacobian at a time


class LaplacePosterior:
    """A normal distribution over a model's parameters; `Sequential.laplace` makes it.

    Parameters
    ----------
    model : Sequential
        float64, its own.
    root : array (T, T)
        R with Σ = R·Rᵀ, for the T parameters that are not frozen.
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
        self._trained = which_train(model.layers)
        self.noise = noise
        self.prior_precision = prior_precision
        self.effective_parameters = effective_parameters
        self.degrees_of_freedom = degrees_of_freedom

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Σ (P, P), in the layout of ``model.parameters``; 0 where frozen."""
        whole = np.zeros((len(self._trained), len(self._trained)))
        whole[np.ix_(self._trained, self._trained)] = self.root @ self.root.T
        return whole

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
            Of float64. The quantiles are Student's, of `degrees_of_freedom`, to a percent from 3 on
            and for levels up to 0.99. With fewer the intervals are too short: a network that can
            follow nearly every residual tells nothing of the noise; give `noise` then.

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
        model = self.model
        as_count("batch_size", batch_size)
        x = as_batch("x", x, model.input_width, model.dtype)
        outputs = output_width(model.layers, x.shape[1])
        most = max(1, _ENTRIES // (outputs * model.parameters.size))
        parts = [
            np.square(chunk[:, :, self._trained] @ self.root).sum(axis=2)
            for chunk in jacobian_chunks(model, x, min(batch_size, most))
        ]
        return np.concatenate(parts)

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
        drawn = rng.standard_normal((as_count("n", n), len(self.root)))
        vectors = np.tile(self.model.parameters, (len(drawn), 1))
        vectors[:, self._trained] += drawn @ self.root.T
        return vectors

    def __repr__(self) -> str:
        gamma, size = self.effective_parameters, len(self._trained)
        return (
            f"<LaplacePosterior: {gamma:.1f} of {size} parameters determined, "
            f"noise {self.noise:.4g}>"
        )


@np.errstate(over="ignore", under="ignore", invalid="ignore")  # what comes out is looked at
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
    value, count, counted = problem.value(), problem.count, problem.counted
    equations = problem.normal_equations()
    if not (math.isfinite(value) and equations.is_finite):
        raise ValueError("the loss or its derivatives are out of float64's range: scale x and y")
    # Without a prior the units of parameters make no difference; the same to all is then best.
    scale = np.ones(len(equations.gradient))
    if prior_precision == 0:
        scale = np.sqrt(np.where(equations.diagonal > 0, equations.diagonal, 1))
    eigenvalues, vectors = np.linalg.eigh(counted * equations.hessian / np.outer(scale, scale))
    eigenvalues = without_noise(eigenvalues, count)
    point = problem.point
    alpha, beta, gamma = _estimate(
        eigenvalues, 2 * counted * value, float(point.dot(point)), count, prior_precision, noise
    )
    precision = beta * eigenvalues + alpha
    if not (0 < beta < math.inf and np.isfinite(precision).all()):
        raise ValueError(
            f"the posterior is out of float64's range, at a prior precision of {alpha:g} and a "
            f"noise of {beta**-0.5 if noise is None else noise:g}: scale x and y"
        )
    if precision.min() <= 0:
        raise ValueError(
            "the data leave some directions of the parameters open: give a prior_precision above 0"
        )
    root = vectors / np.sqrt(precision) / scale[:, None]
    freedom = degrees_of_freedom(count, gamma) if noise is None else math.inf
    return LaplacePosterior(function.model, root, beta**-0.5, alpha, gamma, freedom)


def _estimate(
    eigenvalues: Vector,
    squares: float,
    weights: float,
    count: int,
    prior_precision: float | None,
    noise: float | None,
) -> tuple[float, float, float]:
    """Give α, β and γ: what is given, and the rest where the evidence is largest."""
    weights, squares = max(weights, LEAST), max(squares, LEAST)
    alpha = len(eigenvalues) / weights if prior_precision is None else prior_precision
    beta = count / squares if noise is None else float(np.float64(noise) ** -2)
    gamma = effective_parameters(eigenvalues, alpha, beta)
    for _ in range(_ROUNDS):
        before = gamma
        if prior_precision is None:
            alpha = evident_precision(gamma, weights, alpha)
        if noise is None:
            if prior_precision is not None and gamma >= count:
                raise ValueError(
                    f"{count} residuals do not tell the noise from what {len(eigenvalues)} "
                    f"parameters can follow: give noise or prior_precision"
                )
            beta = degrees_of_freedom(count, gamma) / squares
        gamma = effective_parameters(eigenvalues, alpha, beta)
        if abs(gamma - before) <= _SETTLED * gamma:
            break
    return alpha, beta, gamma
