"""How surprising the true class is, to one who believes the outputs.

    ℓ(p, t) = −Σₖ tₖ·ln pₖ        ∂ℓ/∂pₖ = −tₖ / pₖ

behind a Softmax, pₖ = e^(zₖ) / Σ e^z, as a formula of z (see `canonical`), m being the largest zₖ:

    ℓ = ln Σₖ e^(zₖ) − Σₖ tₖ·zₖ = ln Σₖ e^(zₖ − m) − Σₖ tₖ·(zₖ − m)        ∂ℓ/∂zₖ = pₖ − tₖ
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import add, divide, exp, log, multiply, subtract

from ..activations import Softmax
from ..constants import constant, ones
from ..formula import Formula
from ..registry import register
from ..validation import as_number
from .canonical import Canonical
from .elementwise import clip, summed
from .loss import Measure
from .targets import check_sums, check_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 4  # classes, for which calls one by one are faster


@register
class CategoricalCrossEntropy(Canonical):
    """Loss = (1/B) Σ_samples Σ_k −t_k·ln p_k, for one-hot rows, labels, or rows of shares.

    Behind a last layer `Softmax`, training, evaluation and derivatives use the formula of its
    input, which is right for every logit. On bare probabilities, `value` and `gradient` keep p at
    least at eps, the dtype's rounding unit (2.2e-16 in float64, 1.2e-7 in float32), and do not
    scale rows to sum 1. The value is that of PyTorch's ``CrossEntropyLoss`` and Keras's
    ``CategoricalCrossentropy``.

    Parameters
    ----------
    label_smoothing : float
        s in [0, 1): targets become t·(1 − s) + s/K for K classes.

    Raises
    ------
    TypeError, ValueError
        `label_smoothing` is no number in [0, 1).

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens & Wojna (2016), "Rethinking the Inception architecture for
    computer vision", section 7, for label smoothing.

    Examples
    --------
    >>> from minimlp.losses import CategoricalCrossEntropy
    >>> CategoricalCrossEntropy().value([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], [1, 2])
    0.804718...
    """

    natural_output = Softmax
    prediction_range = (0, 1)

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = as_number("label_smoothing", label_smoothing, low=0, below=1)

    @property
    def formula(self) -> Formula:  # type: ignore[override]
        t = self._share
        return Formula(
            f"-{t} * ln(a)",
            f"-{t} / a",
            safe_value=f"-{t} * ln(max(a, eps))",
            safe_derivative=f"-{t} / max(a, eps)",
            letters=self._letters,
        )

    @property
    def logit_formula(self) -> Formula:  # type: ignore[override]
        t = self._share
        return Formula(
            f"{t} * (largest(h) + ln(total(exp(h - largest(h)))) - h)",
            f"a - {t}",
            letters=self._letters,
        )

    @property
    def _letters(self) -> dict[str, str]:
        return {"s": "label_smoothing"} if self.label_smoothing else {}

    @property
    def _share(self) -> str:
        return "(t * (1 - s) + s / n)" if self.label_smoothing else "t"

    def check_targets(self, name: str, target: NDArray[Any]) -> None:
        what = "CategoricalCrossEntropy takes labels, or rows of shares that sum to 1"
        check_within(name, target, 0, 1, what)
        check_sums(name, target, what)

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        p, shares = np.empty_like(prediction), np.empty_like(target)
        self._smooth(target, shares)
        clip(prediction, float(np.finfo(prediction.dtype).eps), np.inf, p)
        values[...] = -shares * np.log(p)
        slopes[...] = -shares / p

    def link(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        prediction: NDArray[Any],
        slopes: NDArray[Any],
    ) -> Measure:
        rows, classes = logits.shape
        largest, sums = np.empty(rows, logits.real.dtype), np.empty_like(logits[:, 0])
        find_largest = _largest(logits.real, largest)
        values, every = np.empty_like(logits), ones(classes, logits.dtype)
        largest_column, sums_column = largest[:, None], sums[:, None]
        chosen, total = summed(values, sample_weight), summed(sums_column, sample_weight)

        def call() -> Any:
            find_largest()
            subtract(logits, largest_column, values)
            exp(values, prediction)
            prediction.dot(every, sums)
            divide(prediction, sums_column, prediction)
            log(sums, sums)
            multiply(values, target, values)
            subtract(prediction, target, slopes)
            return total() - chosen()

        return call

    def plan_from_logits(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> tuple[NDArray[Any], Measure]:
        if not self.label_smoothing:
            return super().plan_from_logits(logits, target, sample_weight, out)
        shares = np.empty_like(target)
        prediction, measure = super().plan_from_logits(logits, shares, sample_weight, out)

        def smoothed() -> Any:
            self._smooth(target, shares)
            return measure()

        return prediction, smoothed

    def _smooth(self, target: NDArray[Any], out: NDArray[Any]) -> None:
        """Write t·(1 − s) + s/K."""
        s, dtype = self.label_smoothing, out.dtype
        multiply(target, constant(1 - s, dtype), out)
        add(out, constant(s / target.shape[1], dtype), out)


def _largest(logits: NDArray[Any], out: NDArray[Any]) -> Callable[[], object]:
    """Prepare a call that writes the largest of each row into `out`."""
    columns = [*logits.T]
    if 2 <= len(columns) <= _FEW:
        first, second, *rest = columns

        def of_few() -> None:
            np.maximum(first, second, out=out)
            for column in rest:
                np.maximum(out, column, out=out)

        return of_few
    by_class, transposed = np.empty(logits.T.shape, logits.dtype), logits.T

    def of_many() -> None:
        by_class[...] = transposed  # side by side, where the largest is found faster
        np.maximum.reduce(by_class, axis=0, out=out)

    return of_many
