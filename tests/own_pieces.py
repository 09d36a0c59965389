"""Layers and a loss as users write them, without any of the optional methods."""

import numpy as np

from minimlp import Activation, Layer, Loss


class Affine(Layer):
    """y = x·m + c with a square m and one number c; it has no per_sample_gradients of its own."""

    def __init__(self, width):
        self.width = width

    def parameter_shapes(self):
        return {"c": (), "m": (self.width, self.width)}

    def initialize(self, rng):
        self.m[...] = rng.normal(size=self.m.shape) / 2
        self.c[...] = rng.normal()

    def forward(self, x, out):
        np.add(x @ self.m, self.c, out=out)

    def backward(self, x, y, dy, dx):
        self.m_gradient[...] = x.T @ dy
        self.c_gradient[...] = dy.sum()
        if dx is not None:
            dx[...] = dy @ self.m.T


class Quartic(Loss):
    """Σ_k ¼·(out − target)⁴, by the plain base: no value_and_gradient of its own."""

    def value(self, prediction, target, sample_weight=None):
        rows = ((prediction - target) ** 4).sum(axis=1) / 4
        return (rows if sample_weight is None else rows * sample_weight).mean()

    def gradient(self, prediction, target, sample_weight=None, out=None):
        gradient = (prediction - target) ** 3 / len(target)
        return gradient if sample_weight is None else gradient * sample_weight[:, None]


class Dropped(Activation):
    """Drops half of the units at random, the same in backward as in forward."""

    in_place = False

    def __init__(self, rng):
        self.rng = rng

    def forward(self, x, out):
        self.kept = self.rng.random(x.shape) < 0.5
        np.multiply(x, self.kept, out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(dy, self.kept, out=dx)
