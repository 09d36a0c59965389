"""Networks, losses and optimizers to be explained, at random, and one step by `fit`."""

from itertools import pairwise

import numpy as np

from minimlp import MSE, SGD, Adam, AdamW, Dense, Dropout, Nadam, Normalization, RMSprop, Sequential
from minimlp.activations import (
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from minimlp.losses import (
    MAE,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Huber,
    PoissonNLL,
    Quantile,
)

HIDDEN = [
    Sigmoid, Tanh, ReLU, SiLU, Softplus, Identity, Softmax, GELU,
    lambda: GELU(approximate=False), lambda: ELU(0.7), lambda: LeakyReLU(0.1),
]  # fmt: skip
ENDS = [
    (MSE, []),
    (MSE, [Sigmoid]),
    (MSE, [Identity]),
    (MSE, [Softmax]),
    (MAE, []),
    (lambda: Huber(0.3), [Tanh]),
    (lambda: Quantile(0.3), []),
    (BinaryCrossEntropy, [Sigmoid]),
    (BinaryCrossEntropy, [Softmax]),
    (CategoricalCrossEntropy, [Softmax]),
    (lambda: CategoricalCrossEntropy(0.1), [Softmax]),
    (CategoricalCrossEntropy, [Sigmoid]),
    (PoissonNLL, [Softplus]),
    (PoissonNLL, [lambda: ELU(0.5), Softplus]),
]
OPTIMIZERS = [
    lambda: SGD(0.5),
    lambda: SGD(0.1, momentum=0.9),
    lambda: SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda: SGD(0.1, clip_norm=0.01),
    lambda: Adam(0.01),
    lambda: Adam(0.01, amsgrad=True, clip_norm=0.1),
    lambda: AdamW(0.01, weight_decay=0.1),
    lambda: Nadam(0.01),
    lambda: RMSprop(0.01),
    lambda: RMSprop(0.01, momentum=0.5, centered=True, weight_decay=0.1),
]


def random_case(rng):
    """Draw a model, samples, a loss and an optimizer."""
    loss, ends = ENDS[rng.integers(len(ENDS))]
    widths = rng.integers(1, 5, rng.integers(2, 5))
    widths[1:] = np.maximum(widths[1:], 2)
    layers = [Normalization(widths[0])] if rng.random() < 0.2 else []
    for n_in, n_out in pairwise(widths):
        layers.append(Dense(n_in, n_out, bias=bool(rng.random() < 0.8)))
        if n_out is not widths[-1] or rng.random() < 0.5:
            layers += [HIDDEN[rng.integers(len(HIDDEN))]() for _ in range(rng.integers(0, 3))]
    last = next(i for i in reversed(range(len(layers))) if isinstance(layers[i], Dense))
    layers[last + 1 :] = [Dropout(0.0)] * bool(rng.random() < 0.1) + [end() for end in ends]
    model = Sequential(*layers, seed=rng)
    model.parameters = rng.normal(size=model.parameters.size)
    for layer in model.layers:
        if isinstance(layer, Dense) and rng.random() < 0.2:
            layer.freeze("weight")
        if isinstance(layer, Dense) and layer.has_bias and rng.random() < 0.2:
            layer.freeze("bias")
    rows = int(rng.choice([1, 1, 2, 5]))
    x, y = rng.normal(size=(rows, widths[0])), rng.dirichlet(np.ones(widths[-1]), rows)
    return model, x, y, loss(), OPTIMIZERS[rng.integers(len(OPTIMIZERS))]()


def fitted(model, x, y, loss, optimizer, steps=1):
    """Train with full batches, and give the losses before each step."""
    history = model.fit(
        x, y, loss=loss, optimizer=optimizer, epochs=steps, batch_size=len(x), shuffle=False
    )
    return history.history["loss"]
