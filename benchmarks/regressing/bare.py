"""One hidden tanh layer in bare NumPy: residuals, and their Jacobian layer by layer.

Arrays are made once. The parameters are in the order of ``model.parameters``, the residuals row by
row.
"""

from __future__ import annotations

import numpy as np

from minimlp import Sequential

from .problems import Array, Data


class BareNetwork:
    """Residuals and Jacobian at a point, for SciPy and for the floor."""

    def __init__(self, model: Sequential, data: Data) -> None:
        self.x, self.y = np.ascontiguousarray(data.x), np.ascontiguousarray(data.y)
        rows, n_in = self.x.shape
        n_out, hidden = self.y.shape[1], model.layers[0].weight.shape[1]
        self.ends = np.cumsum([n_in * hidden, hidden, hidden * n_out])
        self.h, self.slope = np.empty((rows, hidden)), np.empty((rows, hidden))
        self.out = np.empty((rows, n_out))
        self.whole = np.zeros((rows, n_out, model.parameters.size))
        first, second, third = self.ends
        self.by_weight = self.whole[:, :, :first].reshape(rows, n_out, n_in, hidden)
        self.by_bias = self.whole[:, :, first:second]
        by_last = self.whole[:, :, second:third].reshape(rows, n_out, hidden, n_out)
        self.by_last = np.einsum("bkhk->bkh", by_last)  # a view; what is beside it stays 0
        np.einsum("bkk->bk", self.whole[:, :, third:])[...] = 1
        self.jacobian = self.whole.reshape(rows * n_out, -1)
        self.columns = self.x[:, None, :, None]
        self.point = np.full(model.parameters.size, np.nan)

    def forward(self, point: Array) -> None:
        """Fill `h` and `out`."""
        first, second, third = self.ends
        np.dot(self.x, point[:first].reshape(self.x.shape[1], -1), out=self.h)
        np.add(self.h, point[first:second], out=self.h)
        np.tanh(self.h, out=self.h)
        np.dot(self.h, point[second:third].reshape(self.h.shape[1], -1), out=self.out)
        np.add(self.out, point[third:], out=self.out)

    def backward(self, point: Array) -> Array:
        """Fill `jacobian`, of where `forward` has been."""
        _, second, third = self.ends
        np.multiply(self.h, self.h, out=self.slope)
        np.subtract(1, self.slope, out=self.slope)
        last = point[second:third].reshape(self.h.shape[1], -1)
        np.multiply(self.slope[:, None, :], last.T, out=self.by_bias)
        np.multiply(self.columns, self.by_bias[:, :, None, :], out=self.by_weight)
        self.by_last[...] = self.h[:, None, :]
        return self.jacobian

    def residuals(self, point: Array) -> Array:
        """Give prediction − target, an array of its own."""
        self.forward(point)
        self.point[...] = point
        return (self.out - self.y).reshape(-1)

    def jacobian_at(self, point: Array) -> Array:
        """Give the Jacobian; the pass forward is that of `residuals` where it was at that point."""
        if not np.array_equal(point, self.point):
            self.residuals(point)
        return self.backward(point)


class Floor:
    """The least an iteration could cost: J, JᵀJ, one Cholesky, one solve; it learns nothing."""

    def __init__(self, model: Sequential, data: Data) -> None:
        self.network, self.at = BareNetwork(model, data), model.parameters.copy()
        size = self.at.size
        self.product = np.empty((size, size))
        self.diagonal = self.product.reshape(-1)[:: size + 1]
        self.right = np.linspace(-1, 1, size)

    def __call__(self, iterations: int) -> None:
        """Do the work of so many."""
        network, at, product = self.network, self.at, self.product
        for _ in range(iterations):
            network.forward(at)
            jacobian = network.backward(at)
            np.dot(jacobian.T, jacobian, out=product)
            self.diagonal += 1e-3  # without, it is not positive definite to rounding
            np.linalg.cholesky(product)
            np.linalg.solve(product, self.right)
