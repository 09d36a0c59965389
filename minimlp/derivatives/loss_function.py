"""The loss of fixed samples as a function of the flat vector, with its gradient.

One vector holds all weights and biases, so any outside optimiser can train the network: it asks for
value and gradient at a point of its choosing, and knows nothing of layers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, Objective, Plan
from ..penalties import Penalty
from ..workspace import Workspace
from .repeated import Repeated

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class LossFunction:
    """A model's loss on fixed samples, in a copy of the model and of the data.

    Parameters
    ----------
    model : Sequential
        float32 or float64; it is copied and stays as it is.
    loss, x, y, sample_weight, penalty
        As for `Sequential.fit`.
    dtype : float64 or complex128
        What the copy computes in. Targets and weights are real in either.
    training : bool
        Whether layers do what they do in training. What is drawn at random is then the same in
        every pass.

    Attributes
    ----------
    model : Sequential
        The copy, to be moved by writing into ``model.parameters``.
    x, target, weight : array
        The copy of the data, as `Samples`.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss | None,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        penalty: Penalty | None = None,
        *,
        dtype: DTypeLike = np.float64,
        training: bool = False,
    ) -> None:
        real = Objective(model.copy(np.float64), loss)
        data = real.samples(x, y, sample_weight)
        self.model = model.copy(dtype)
        self.objective = Objective(self.model, loss, penalty)
        self.x, self.target, self.weight = data.x.astype(dtype), data.target.copy(), data.weight
        self._rng = np.random.default_rng(0) if training else None
        self._repeated = Repeated([*self.model.layers, self._rng])
        self._term = None if penalty is None else self.objective.penalty_term()

    @cached_property
    def workspace(self) -> Workspace:
        """Arrays for all samples at once; made when they are first asked for, for some never do."""
        return self.objective.workspace(self.x, rng=self._rng)

    @cached_property
    def _plan(self) -> Plan:
        return self.objective.plan(self.workspace, self.target, self.weight)

    def whole_workspaces(self) -> list[Workspace]:
        """Make arrays for the same samples, for passes that go back to the inputs.

        Where the loss takes the place of the last layer, a caller's own loop over all layers is
        right, too, as long as nothing is rounded away or clipped on its way: then there are two.
        """
        x, natural = self.x, self.objective.is_natural
        found = []
        if natural:
            found = [self.objective.workspace(x, input_gradient=True, rng=self._rng)]
        whole = Workspace(self.model.layers, x, rng=self._rng)
        if not natural or self._bare_is_exact(whole):
            found.append(whole)
        return found

    def _bare_is_exact(self, whole: Workspace) -> bool:
        self._repeated.rewind()
        with np.errstate(over="ignore"):  # of an Exp, whose loss does without
            prediction = whole.forward()
        bare = self.objective.loss.value(prediction, self.target, self.weight)
        self._repeated.rewind()
        self.workspace.forward()
        natural = self.objective.measure(self.workspace, self.target, self.weight)[1]()
        return bool(abs(bare - natural) <= 1e-13 * abs(natural))

    def rewind(self) -> None:
        """Let layers that draw at random draw what they drew before."""
        self._repeated.rewind()

    def value(self) -> Any:
        """Give the loss where the model now is."""
        self._repeated.rewind()
        if self.objective.is_natural:
            return self._plan.value()
        prediction = self.workspace.forward()
        value = self.objective.loss.value(prediction, self.target, self.weight)
        return value if self._term is None else value + self._term.value()

    def value_and_gradient(self) -> Any:
        """Give the loss; its gradient fills ``model.gradients``."""
        self._repeated.rewind()
        return self._plan.value_and_gradient()

    def backward(self, workspace: Workspace) -> None:
        """Run forward, `Loss.gradient` and backward, as a caller's own loop would.

        In a workspace of the objective's chain, the loss starts from the logits instead. The
        gradient fills ``model.gradients``, the derivatives by all outputs the workspace.
        """
        self._repeated.rewind()
        workspace.forward()
        workspace.deltas[-1].fill(1)
        workspace.backward()  # from elsewhere first, since Jacobians go back several times
        self._start_backward(workspace)
        workspace.backward()
        self._add_penalty()

    def plain_backward(self, workspace: Workspace) -> None:
        """Do the same by the layers' `forward` and `backward`, whatever their plans say."""
        self._repeated.rewind()
        forward_plans = zip(workspace.forward_steps, workspace.forward_plans, strict=True)
        for step, forward in forward_plans:
            if self._rng is not None and step.is_random:
                forward()
            else:
                step.layer.checked_forward(step.x, step.y)
        self._start_backward(workspace)
        backward_plans = zip(workspace.backward_steps, workspace.backward_plans, strict=True)
        for step, backward in backward_plans:
            if self._rng is not None and step.is_random:
                backward()
            else:
                step.layer.backward(step.x, step.y, step.dy, step.dx)
            step.layer.clear_frozen_gradients()
        self._add_penalty()

    def _start_backward(self, workspace: Workspace) -> None:
        if len(workspace.forward_steps) < len(self.model.layers):
            self.objective.measure(workspace, self.target, self.weight)[1]()
            return
        prediction = workspace.outputs[-1]
        gradient = self.objective.loss.gradient(prediction, self.target, self.weight)
        np.copyto(workspace.deltas[-1], gradient)

    def _add_penalty(self) -> None:
        if self._term is not None:
            self._term.add_gradient()
