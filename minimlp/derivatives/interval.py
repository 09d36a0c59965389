"""What a prediction with an error bar is: a mean, and where the truth lies about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Bounds(NamedTuple):
    mean: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


class Interval(_Bounds):
    """What `LaplacePosterior.predict` gives: ``mean, lower, upper = posterior.predict(x)``.

    Attributes
    ----------
    mean, lower, upper : array (rows, n_out)
        The prediction, and where a new observation lies with the probability `level`.
    mean_lower, mean_upper : array (rows, n_out)
        Where the mean of many observations lies: of the parameters' part alone.
    parameter_deviation, noise_deviation : array (rows, n_out)
        Standard deviations of both parts; their squares add up.
    """

    parameter_deviation: NDArray[np.float64]
    noise_deviation: NDArray[np.float64]
    mean_lower: NDArray[np.float64]
    mean_upper: NDArray[np.float64]


def interval(
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    noise: Any,
    level: float,
    degrees_of_freedom: float = math.inf,
) -> Interval:
    """Make intervals of a mean, the parameters' part of the variance and the noise's deviation."""
    quantile = -student_quantile((1 - level) / 2, degrees_of_freedom)
    reach = quantile * np.sqrt(variance + np.square(noise))
    found = Interval(mean, mean - reach, mean + reach)
    found.parameter_deviation = np.sqrt(variance)
    found.noise_deviation = np.broadcast_to(np.asarray(noise, float), mean.shape).copy()
    found.mean_lower = mean - quantile * found.parameter_deviation
    found.mean_upper = mean + quantile * found.parameter_deviation
    return found


def student_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Give a quantile of Student's distribution, to a percent from 3 degrees on, up to 99 %.

    By its expansion about the normal quantile (Abramowitz & Stegun, 1964, 26.7.5).
    """
    from statistics import NormalDist

    z, m = NormalDist().inv_cdf(probability), 1 / max(degrees_of_freedom, 1.0)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + m * (first + m * (second + m * (third + m * fourth)))
