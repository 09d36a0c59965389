"""A loss says how wrong a batch is, and in which direction each output should move.

It is the mean over the batch of one number per sample. A sample's weight multiplies its number; the
sum is still divided by the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from ..formula import Formula
from ..registry import Component, is_newer
from ..validation import as_numbers, as_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers import Layer

Measure: TypeAlias = Callable[[], Any]
"""A loss that knows its arrays: writes its gradient into one of them and gives its value."""


class Loss(Component):
    """Base of every loss; a loss of one's own defines `value` and `gradient`.

    Attributes
    ----------
    is_reweighted : bool
        Whether `residual_weights` speaks for the class: not where it measures otherwise.
    formula : Formula or None
        What `minimlp.explain` writes of one output's part; their sum is a sample's loss.
    logit_formula : Formula or None
        The same behind the natural last layer, the value in letters of its input. A class that
        defines what it computes anew has neither unless it says so.
    natural_output : type or None
        The last layer with which the loss is one formula of that layer's input,
        `plan_from_logits`; see `losses.canonical`.
    prediction_range : tuple (low, high)
        What outputs must keep to; any number will do unless a loss says otherwise.
    """

    is_reweighted: ClassVar[bool] = False
    formula: Formula | None = None
    logit_formula: Formula | None = None
    natural_output: type[Layer] | None = None
    prediction_range: tuple[float, float] = (-np.inf, np.inf)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        # What a parent computes in one go is not what a class does that defines a part of it anew.
        if is_newer(cls, ["value", "gradient"], "value_and_gradient"):
            cls.value_and_gradient = Loss.value_and_gradient  # type: ignore[method-assign]
        if is_newer(cls, ["value", "gradient", "value_and_gradient"], "plan"):
            cls.plan = Loss.plan  # type: ignore[method-assign]
        bare = ["value", "gradient", "value_and_gradient", "plan", "elements"]
        defined = [name for name in bare if hasattr(cls, name)]
        cls.is_reweighted = cls.residual_weights is not Loss.residual_weights and not is_newer(
            cls, defined, "residual_weights"
        )
        if is_newer(cls, defined, "formula"):
            cls.formula = cls.logit_formula = None
        natural = [name for name in ("plan_from_logits", "link") if hasattr(cls, name)]
        if "natural_output" not in vars(cls) and all(
            is_newer(cls, defined, name) for name in natural
        ):
            cls.natural_output = None
            if "prediction_range" not in vars(cls):  # it may take something else
                cls.prediction_range = (-np.inf, np.inf)

    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        """Give the mean loss: a float, or a complex number for complex predictions.

        Parameters
        ----------
        prediction, target : array (rows, n_out)
        sample_weight : array (rows,), optional
            Multiplies each sample's loss as it is; the sum is divided by the number of rows.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define value")

    def gradient(
        self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
    ) -> NDArray[Any]:
        """Give the derivative of `value` by each entry of `prediction`, in `out` if given."""
        raise NotImplementedError(f"{type(self).__name__} does not define gradient")

    def value_and_gradient(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> Any:
        """Write the gradient into `out` and give the value; arrays as training holds them.

        A loss that can get both from one pass over the batch overrides this.
        """
        gradient = self.gradient(prediction, target, sample_weight, out=out)
        value = self.value(prediction, target, sample_weight)
        if np.shape(gradient) != out.shape or np.ndim(value):
            raise ValueError(
                f"{self!r} gives a gradient of shape {np.shape(gradient)} and a value of shape "
                f"{np.shape(value)}: expected {out.shape} and a single number"
            )
        if gradient is not out:
            np.copyto(out, gradient)
        return value

    def plan(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> Measure:
        """Give `value_and_gradient` as a call for arrays that every batch will use."""
        return partial(self.value_and_gradient, prediction, target, sample_weight, out)

    def plan_from_logits(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> tuple[NDArray[Any], Measure]:
        """Do what `plan` does, from the input of the natural last layer.

        Returns
        -------
        prediction : array (rows, n_out)
            Where the call leaves what that layer gives.
        call : function without arguments
            Writes the derivative by the logits into `out`, and gives the value.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define plan_from_logits")

    def residual_weights(self, residual: NDArray[Any], out: NDArray[Any]) -> None:
        """Write ℓ′(r)/r into `out` for residuals r = prediction − target, both (rows, n_out).

        For a loss Σ ℓ(r) / rows whose ℓ′(r)/r falls as |r| grows. It is then lowered by solvers of
        least squares, which weight each r² by what this gives (Holland & Welsch, 1977, "Robust
        regression using iteratively reweighted least-squares"). Other losses do not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define residual_weights")

    def check_targets(self, name: str, target: NDArray[Any]) -> None:
        """Refuse targets that the loss has no meaning for, by the name of their argument.

        Raises
        ------
        ValueError
            An entry is out of range; any number will do unless a loss overrides this.
        """


def as_pair(
    prediction: Any, target: Any, sample_weight: Any
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    """Check that prediction and target have one shape, (rows, n_out), and weights (rows,).

    As in `fit`, whole numbers (rows,) are labels where there are several outputs.

    Raises
    ------
    TypeError, ValueError
        Something holds no numbers, or the shapes differ: nothing is broadcast.
    """
    prediction = as_numbers("prediction", prediction, whole=np.float64)
    target = as_numbers("target", target)
    if prediction.ndim == 2 and prediction.shape[1] > 1 and _are_labels(target):
        rows, width = prediction.shape
        target = as_targets("target", target, rows, width, prediction.real.dtype)
    target = as_numbers("target", target, whole=prediction.real.dtype)
    if prediction.ndim != 2 or not prediction.size or target.shape != prediction.shape:
        raise ValueError(
            f"prediction has shape {prediction.shape} and target {target.shape}: "
            f"expected the same (rows, outputs)"
        )
    if target.dtype.kind == "c" and prediction.dtype.kind != "c":
        raise TypeError(f"target must hold real numbers, got dtype {target.dtype}")
    if sample_weight is None:
        return prediction, target, None
    sample_weight = as_numbers("sample_weight", sample_weight, whole=prediction.real.dtype)
    if sample_weight.dtype.kind == "c":
        raise TypeError(f"sample_weight must hold real numbers, got dtype {sample_weight.dtype}")
    if sample_weight.shape != prediction.shape[:1]:
        raise ValueError(
            f"sample_weight has shape {sample_weight.shape}: expected ({len(prediction)},)"
        )
    return prediction, target, sample_weight.astype(prediction.dtype)


def _are_labels(target: NDArray[Any]) -> bool:
    return target.ndim == 1 and target.dtype.kind in "iu"
