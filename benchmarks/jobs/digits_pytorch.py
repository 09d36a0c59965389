"""Read the digits with PyTorch: load, train with an optimizer of its own, measure."""

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
target = functional.one_hot(y).float()

model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.04, betas=(0.8, 0.999))
for _ in range(4):
    for batch in train[torch.randperm(len(train))].split(240):
        optimizer.zero_grad()
        functional.mse_loss(model(x[batch]), target[batch]).backward()
        optimizer.step()

with torch.no_grad():
    print((model(x[test]).argmax(dim=1) == y[test]).float().mean().item())
