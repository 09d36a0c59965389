"""PyTorch, step by step as most people use it, and with its whole step compiled."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar, Literal

import torch
from measuring.machine import processors
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.nn.functional import mse_loss

from .task import Array, Task, Unfit


class PyTorch:
    """`nn.Sequential` and `torch.optim.SGD`, each operation run as it is met (eager)."""

    name: ClassVar[str] = "PyTorch"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        torch.set_num_threads(processors())
        self.task = task
        self.x, self.y = map(torch.from_numpy, task.data)
        dtype = getattr(torch, task.dtype)
        self.network = nn.Sequential()
        for n_in, n_out in pairwise(task.widths):
            self.network += nn.Sequential(nn.Linear(n_in, n_out, dtype=dtype), nn.Sigmoid())
        if task.output == "linear":
            del self.network[-1]
        with torch.no_grad():
            for tensor, array in zip(self.network.parameters(), task.weights, strict=True):
                tensor.copy_(torch.from_numpy(array.T))
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), task.learning_rate, momentum=task.momentum
        )

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        self._steps(torch.from_numpy(batches))

    def train(self, epochs: int) -> None:
        """Shuffle and train."""
        rows, batch = self.task.rows, self.task.batch
        for _ in range(epochs):
            self._steps(torch.randperm(rows)[: rows - rows % batch].view(-1, batch))

    def _steps(self, batches: Tensor) -> None:
        network, optimizer = self.network, self.optimizer
        scale = 0.5 / batches.shape[1]
        # One gather for all batches costs a few µs a step less than one for each.
        for x, y in zip(self.x[batches], self.y[batches], strict=True):
            optimizer.zero_grad(set_to_none=True)
            loss = mse_loss(network(x), y, reduction="sum") * scale
            loss.backward()
            optimizer.step()

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        with torch.inference_mode():
            outputs: Array = self.network(torch.from_numpy(x)).numpy()
        return outputs

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied; PyTorch keeps a weight as (n_out, n_in)."""
        return [tensor.detach().numpy().T.copy() for tensor in self.network.parameters()]


class PyTorchCompiled(PyTorch):
    """Gathering, loss, gradients and update as one compiled function of the batch's rows.

    Compiling the loss alone, with `backward` and the optimizer left as they are, is slower than no
    compiling at all for a small network.
    """

    name: ClassVar[str] = "PyTorch compiled"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        torch.compiler.reset()  # or another network's compiled step is tried first in each call
        _check_compiler()
        self._step = _compile(_whole_step(self.network, self.x, self.y, task))
        self._forward = _compile(self.network, dynamic=None)

    def _steps(self, batches: Tensor) -> None:
        step = self._step
        for rows in batches:
            step(rows)

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        with torch.inference_mode():
            outputs: Array = self._forward(torch.from_numpy(x)).numpy()
        return outputs


def _whole_step(network: nn.Module, x: Tensor, y: Tensor, task: Task) -> Any:
    """Write the step without `backward` and optimizer, which break what is compiled into pieces."""
    weights = {name: tensor.detach() for name, tensor in network.named_parameters()}
    velocities = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
    rate, momentum = task.learning_rate, task.momentum

    def loss(weights: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        prediction = functional_call(network, weights, (x,))
        return mse_loss(prediction, y, reduction="sum") * (0.5 / len(x))

    def step(rows: Tensor) -> Tensor:
        gradients, value = grad_and_value(loss)(weights, x[rows], y[rows])
        for name, weight in weights.items():
            direction = gradients[name]
            if momentum:
                direction = velocities[name].mul_(momentum).add_(direction)
            weight.sub_(direction, alpha=rate)
        return value

    return step


def _compile(function: Any, dynamic: bool | None = False) -> Any:
    """Compile for the shapes met; the C++ wrapper saves some Python in each call."""
    return torch.compile(function, fullgraph=True, dynamic=dynamic, options={"cpp_wrapper": True})


def _check_compiler() -> None:
    """Compile something tiny, since what is missing shows only then."""
    try:
        _compile(torch.sin)(torch.ones(2))
    except Exception as error:
        reason = str(error).removeprefix("backend='inductor' raised:").strip().partition("\n")[0]
        raise Unfit(f"torch.compile does not work here: {reason}") from None
