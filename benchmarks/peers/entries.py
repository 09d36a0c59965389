"""Which peers there are and which work they take part in; imports no library."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PRACTICE = "practice"
TRAINING = ("training", "momentum", PRACTICE)
PREDICTION = {"one-row": 1, "10000-rows": 10_000}
WORK = (*TRAINING, *PREDICTION)

OURS = "minimlp"
LINEAR = "minimlp, linear output"
FLOOR = "floor"
PLAIN = "plain-step"
KERAS_LARGE = "keras-large"
BELOW = (FLOOR, PLAIN)
"""What costs less because it does less: set beside minimlp, and compared with nobody."""

PEERS = {  # file and class
    "pytorch": ("pytorch", "PyTorch"),
    "pytorch-compiled": ("pytorch", "PyTorchCompiled"),
    "jax-step": ("jax_step", "JaxStep"),
    "jax-epoch": ("jax_epoch", "JaxEpoch"),
    "keras": ("keras_on_jax", "Keras"),
    "scikit-learn": ("scikit_learn", "ScikitLearn"),
    "thinc": ("thinc_layers", "Thinc"),
    "onnxruntime": ("onnx_runtime", "OnnxRuntime"),
    "numpy-loop": ("numpy_loop", "NumpyLoop"),
    FLOOR: ("floor", "Floor"),
    KERAS_LARGE: ("practice_keras", "LargeValidation"),
    PLAIN: ("practice_minimlp", "PlainStep"),
}
IN_PRACTICE = {
    OURS: ("practice_minimlp", "Practice"),
    "pytorch": ("practice_pytorch", "Practice"),
    "keras": ("practice_keras", "Practice"),
    KERAS_LARGE: PEERS[KERAS_LARGE],
    PLAIN: PEERS[PLAIN],
}
ONLY_TRAIN = {"jax-epoch", FLOOR}  # jax-epoch predicts as jax-step does
ONLY_PREDICT = {"onnxruntime"}


def participants(work: str) -> list[str]:
    """Name the peers that do this kind of work."""
    if work == PRACTICE:
        return [key for key in PEERS if key in IN_PRACTICE]
    absent = ONLY_PREDICT if work in TRAINING else ONLY_TRAIN
    return [key for key in PEERS if key not in absent | {KERAS_LARGE, PLAIN}]


def load(work: str, key: str) -> Any:
    """Import a peer's class for this kind of work, and with it its library."""
    file, name = (IN_PRACTICE if work == PRACTICE else PEERS)[key]
    return getattr(import_module(f"{__package__}.{file}"), name)
