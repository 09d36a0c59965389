"""How strong is the prior, how large the noise? Where the evidence of the data is largest.

With noise of precision β = 1/σ² in N targets, a prior of precision α on each of P parameters w, and
the eigenvalues λ of JᵀJ, J being the Jacobian of the residuals r,

    γ = Σ β·λ/(β·λ + α)         how many parameters the data determine: 0 ≤ γ ≤ P
    α = γ / Σ w²                β = (N − γ) / Σ r²

Each of the three depends on the others, so they are found in turn (MacKay 1992).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 1e-300  # a sum of squares that something is divided by
_LEAST_FREEDOM = 1e-3  # N − γ, where the network can follow every residual
_LEAST_GAMMA = 1e-6  # below it all weights have gone to 0, and α would rise for ever


def effective_parameters(eigenvalues: NDArray[np.float64], alpha: float, beta: float) -> float:
    """Give γ."""
    share = beta * eigenvalues
    return float((share / np.maximum(share + alpha, LEAST)).sum())


def prior_precision(gamma: float, weights: float, before: float) -> float:
    """Give α for a sum of squares `weights`; what it was `before` where nothing is determined."""
    return gamma / weights if gamma > _LEAST_GAMMA else before


def degrees_of_freedom(count: int, gamma: float) -> float:
    """Give N − γ, above 0."""
    return max(count - gamma, _LEAST_FREEDOM)
