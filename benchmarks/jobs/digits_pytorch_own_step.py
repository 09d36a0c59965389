"""Read the digits with PyTorch, the step written by hand: `torch.optim` imports its compiler."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

DIGITS = Path(__file__).parents[2] / "minimlp" / "datasets" / "digits.npz"

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
with np.load(DIGITS) as stored:
    x = torch.from_numpy(stored["images"].reshape(-1, 64) / np.float32(16))
    y = torch.from_numpy(stored["labels"].astype(np.int64))
order = torch.from_numpy(np.random.default_rng(seed).permutation(len(x)))
train, test = order[:1440], order[1440:]
x -= x[train].mean(dim=0)

model = nn.Sequential(nn.Linear(64, 192), nn.ReLU(), nn.Linear(192, 10))
for _ in range(6):
    for batch in train[torch.randperm(len(train))].split(180):
        model.zero_grad()
        functional.cross_entropy(model(x[batch]), y[batch]).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 3.8 * parameter.grad

with torch.no_grad():
    print((model(x[test]).argmax(dim=1) == y[test]).float().mean().item())
