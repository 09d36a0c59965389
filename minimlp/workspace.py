"""The arrays that one pass writes to, made once and used for every batch of the same size.

`outputs[0]` is the batch, `outputs[i + 1]` what layer i makes of it; `deltas[i]` is the derivative
of the loss by `outputs[i]`. An activation that allows it writes over its input.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .layers import Layer

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from .layers.layer import Call


class Step(NamedTuple):
    """One layer and its arrays: y = f(x), and dx from dy; None where no backward pass needs it."""

    layer: Layer
    x: NDArray[Any]
    y: NDArray[Any]
    dy: Any
    dx: NDArray[Any] | None

    @property
    def is_random(self) -> bool:
        """Whether the layer does something else in training."""
        return type(self.layer).training_plan is not Layer.training_plan

    def plan(self, rng: Generator | None = None) -> tuple[Call, Call]:
        """Give the layer's forward and backward as calls for these arrays.

        With a generator, they are those of training.
        """
        if rng is not None and self.is_random:
            return self.layer.training_plan(*self[1:], rng)
        own = vars(self.layer)  # where a method may have been replaced, to look at what it does
        planned = self.layer.planned and "forward" not in own and "backward" not in own
        return self.layer.plan(*self[1:]) if planned else Layer.plan(*self)


class Workspace:
    """Outputs and deltas of every layer for one batch size.

    Parameters
    ----------
    layers : sequence of Layer
    batch : array (rows, n_in)
        Becomes ``outputs[0]``; it is read, never written by a pass.
    backward : bool
        Whether a backward pass will follow; without it there are no deltas.
    input_gradient : bool
        Whether the derivative by the batch itself is wanted. Where it is not, the backward pass
        ends at the first layer that has parameters.
    rng : Generator, optional
        What layers draw from that do something else in training; without it they do not.

    Attributes
    ----------
    forward_steps, backward_steps : list of Step
        The layers in the order of each pass.
    forward_plans, backward_plans : list of functions without arguments
        What each pass calls, step by step.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        batch: NDArray[Any],
        *,
        backward: bool = True,
        input_gradient: bool = True,
        rng: Generator | None = None,
    ) -> None:
        rows, dtype = len(batch), batch.dtype
        outputs = [batch]
        for i, layer in enumerate(layers):
            width = layer.output_width(outputs[-1].shape[1])
            in_place = (
                i > 0
                and layer.in_place
                and not layer.reads_input
                and not layers[i - 1].reads_output
            )
            outputs.append(outputs[-1] if in_place else np.empty((rows, width), dtype))
        self.outputs = outputs
        self.deltas = [np.empty_like(output) for output in outputs] if backward else []

        trained = [i for i, layer in enumerate(layers) if layer.parameter_shapes()]
        self._trained = [layers[i] for i in trained]
        first = 0 if input_gradient else min(trained, default=len(layers))
        steps = []
        for i, layer in enumerate(layers):
            dy = self.deltas[i + 1] if backward and i >= first else None
            dx = self.deltas[i] if backward and (i > first or input_gradient) else None
            steps.append(Step(layer, outputs[i], outputs[i + 1], dy, dx))
        self.rng = rng
        self._arrange(steps, [step.plan(rng) for step in steps])

    def _arrange(self, steps: list[Step], plans: list[tuple[Call, Call]]) -> None:
        self.forward_steps, self._plans = steps, plans
        self.backward_steps = [step for step in reversed(steps) if step.dy is not None]
        self.forward_plans = [forward for forward, _ in plans]
        both = zip(reversed(steps), reversed(plans), strict=True)
        self.backward_plans = [backward for step, (_, backward) in both if step.dy is not None]

    def forward(self) -> NDArray[Any]:
        """Run the chain over ``outputs[0]``; the result belongs to the workspace."""
        for forward in self.forward_plans:
            forward()
        return self.outputs[-1]

    def backward(self) -> None:
        """Run the chain rule from ``deltas[-1]`` back, and fill the gradients of all parameters."""
        for backward in self.backward_plans:
            backward()
        for layer in self._trained:
            if layer.frozen:
                layer.clear_frozen_gradients()

    def with_batch(self, batch: NDArray[Any]) -> Workspace:
        """Make one that differs in its batch alone, of the same shape, and shares all else."""
        other = copy.copy(self)
        other.outputs = [batch, *self.outputs[1:]]
        if self.forward_steps:
            first = self.forward_steps[0]._replace(x=batch)
            plans = [first.plan(self.rng), *self._plans[1:]]
            other._arrange([first, *self.forward_steps[1:]], plans)
        return other
