"""Read the digits with scikit-learn: load, train, measure."""

import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

DIGITS = Path(__file__).parents[2] / "minimlp" / "datasets" / "digits.npz"

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
with np.load(DIGITS) as stored:
    x, y = stored["images"].reshape(-1, 64) / np.float32(16), stored["labels"]
order = np.random.default_rng(seed).permutation(len(x))
train, test = order[:1440], order[1440:]
x -= x[train].mean(axis=0)

warnings.simplefilter("ignore", ConvergenceWarning)  # four epochs are meant to be all
model = MLPClassifier(96, batch_size=144, max_iter=4, learning_rate_init=0.03, random_state=seed)
model.fit(x[train], y[train])

print(model.score(x[test], y[test]))
