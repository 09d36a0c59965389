"""Read the digits with minimlp: load, train, measure."""

import sys

import numpy as np

from minimlp import SGD, Dense, ReLU, Sequential
from minimlp.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
x, y = load_digits()
order = np.random.default_rng(seed).permutation(len(x))
train, test = order[:1440], order[1440:]
x -= x[train].mean(axis=0)

model = Sequential(Dense(64, 96), ReLU(), Dense(96, 10), dtype=np.float32, seed=seed)
optimizer = SGD(0.3, momentum=0.9, nesterov=True)
model.fit(x[train], y[train], optimizer=optimizer, epochs=2, batch_size=48)

print(np.mean(model.predict(x[test]).argmax(axis=1) == y[test]))
