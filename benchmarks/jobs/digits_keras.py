"""Read the digits with Keras: load, train, measure."""

import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

DIGITS = Path(__file__).parents[2] / "minimlp" / "datasets" / "digits.npz"

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)
with np.load(DIGITS) as stored:
    x, y = stored["images"].reshape(-1, 64) / np.float32(16), stored["labels"]
order = np.random.default_rng(seed).permutation(len(x))
train, test = order[:1440], order[1440:]
x -= x[train].mean(axis=0)

layers = [keras.Input((64,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(10)]
model = keras.Sequential(layers)
model.compile(
    optimizer=keras.optimizers.Adam(0.04, beta_1=0.8),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit(x[train], y[train], batch_size=240, epochs=5, verbose=0)

print(np.mean(model.predict(x[test], batch_size=357, verbose=0).argmax(axis=1) == y[test]))
