"""JAX with one compiled function a step, called from Python for each batch.

The data stay on the device, and so does the epoch's shuffled order: each call is given only where
its batch starts. The parameters are donated, so that the step may write the new ones over the old.
Of the ways to hand over a batch's rows this was never the slower one; an order drawn by NumPy
costs far less than `jax.random.permutation`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .task import Array, Task

take = partial(jnp.take, axis=0, mode="clip")


def forward(weights: Any, x: Any) -> Any:
    """Give the outputs."""
    for w, b in weights:
        x = jax.nn.sigmoid(x @ w + b)
    return x


def loss(weights: Any, x: Any, y: Any) -> Any:
    """Half the squared error, summed over the outputs and averaged over the batch."""
    return 0.5 * jnp.sum((forward(weights, x) - y) ** 2) / len(x)


def update_for(task: Task) -> Callable[[Any, Any, Any], Any]:
    """Make the task's update of (weights, velocity) by one batch."""

    def update(state: Any, x: Any, y: Any) -> Any:
        weights, velocity = state
        change = jax.grad(loss)(weights, x, y)
        if task.momentum:
            change = jax.tree.map(lambda v, g: task.momentum * v + g, velocity, change)
            velocity = change
        return jax.tree.map(lambda w, c: w - task.learning_rate * c, weights, change), velocity

    return update


class JaxStep:
    """One call of the compiled step for each batch."""

    name: ClassVar[str] = "JAX step"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        # For the whole process, and so for the training too: only one dtype at a time.
        jax.config.update("jax_enable_x64", task.dtype == "float64")
        self.task = task
        self.rng = np.random.default_rng(0)
        self.x, self.y = (jnp.asarray(array) for array in task.data)
        weights = [(jnp.array(w), jnp.array(b)) for w, b in task.layers]
        self.state = (weights, jax.tree.map(jnp.zeros_like, weights) if task.momentum else None)
        self.forward = jax.jit(forward)
        update = update_for(task)

        @partial(jax.jit, donate_argnums=0)
        def step(state: Any, x: Any, y: Any, order: Any, start: Any) -> Any:
            rows = jax.lax.dynamic_slice(order, (start,), (task.batch,))
            return update(state, take(x, rows), take(y, rows))

        self.step = step

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`, and wait for the last."""
        state, x, y, step = self.state, self.x, self.y, self.step
        order = jnp.asarray(batches.ravel().astype(np.int32))
        for start in range(0, order.size, self.task.batch):
            state = step(state, x, y, order, start)
        self.state = jax.block_until_ready(state)

    def train(self, epochs: int) -> None:
        """Shuffle the rows in each epoch."""
        for _ in range(epochs):
            self.train_on(self.task.batches(self.rng))

    def predict(self, x: Array) -> Array:
        """Give the outputs, from NumPy to NumPy."""
        return np.asarray(self.forward(self.state[0], x))

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [np.array(array) for layer in self.state[0] for array in layer]
