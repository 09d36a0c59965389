"""PyTorch in practice: the loop that its users write, with validation and early stopping."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import torch
from measuring.machine import processors
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from .practice import EPSILON, PracticeTask
from .task import Array


class Practice:
    """`nn.Sequential` that ends in logits, `torch.optim.Adam`, everything eager."""

    name: ClassVar[str] = "PyTorch"

    def __init__(self, task: PracticeTask) -> None:
        torch.set_num_threads(processors())
        self.task = task
        self.figures: list[float] = []
        self.x, self.y = map(torch.from_numpy, task.data)
        self.validation = tuple(map(torch.from_numpy, task.validation))
        dtype = getattr(torch, task.dtype)
        self.network = nn.Sequential()
        for n_in, n_out in pairwise(task.widths):
            self.network += nn.Sequential(nn.Linear(n_in, n_out, dtype=dtype), nn.ReLU())
        del self.network[-1]
        with torch.no_grad():
            for tensor, array in zip(self.network.parameters(), task.weights, strict=True):
                tensor.copy_(torch.from_numpy(array.T))
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), task.learning_rate, eps=EPSILON
        )

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`, as one epoch."""
        self._epoch(torch.from_numpy(batches))

    def train(self, epochs: int) -> None:
        """Shuffle, train, validate and keep the best."""
        rows, batch = self.task.rows, self.task.batch
        best, waited, patience = float("inf"), 0, epochs + 1
        kept = [tensor.detach().clone() for tensor in self.network.parameters()]
        for _ in range(epochs):
            self._epoch(torch.randperm(rows)[: rows - rows % batch].view(-1, batch))
            val_loss, waited = self.figures[2], waited + 1
            if val_loss < best:
                best, waited = val_loss, 0
                self._copy(list(self.network.parameters()), kept)
            if waited >= patience:
                break
        self._copy(kept, list(self.network.parameters()))

    def _epoch(self, batches: Tensor) -> None:
        network, optimizer = self.network, self.optimizer
        network.train()
        total = torch.zeros((), dtype=self.x.dtype)
        right = torch.zeros((), dtype=torch.int64)
        # One gather for all batches costs a few µs a step less than one for each.
        for x, y in zip(self.x[batches], self.y[batches], strict=True):
            optimizer.zero_grad(set_to_none=True)
            logits = network(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            # Tensors till the end of the epoch: `item` would take longer than adding them.
            total += loss.detach()
            right += (logits.argmax(1) == y).sum()
        trained = [total.item() / len(batches), right.item() / batches.numel()]
        self.figures = trained + self._validate()

    def _validate(self) -> list[float]:
        x, y = self.validation
        self.network.eval()
        with torch.inference_mode():
            logits = self.network(x)
            accuracy = (logits.argmax(1) == y).sum().item() / len(y)
            return [cross_entropy(logits, y).item(), accuracy]

    @torch.no_grad()
    def _copy(self, source: list[Tensor], target: list[Tensor]) -> None:
        for one, other in zip(source, target, strict=True):
            other.copy_(one)

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied; PyTorch keeps a weight as (n_out, n_in)."""
        return [tensor.detach().numpy().T.copy() for tensor in self.network.parameters()]
