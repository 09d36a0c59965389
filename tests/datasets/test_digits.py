"""The embedded digits are the ones of UCI, small, and in the promised shape."""

import hashlib
from pathlib import Path

import numpy as np

import minimlp
from minimlp.datasets import load_digits

# Made from scikit-learn's copy: sha256 of the 1797 × 64 bytes of pixels, then 1797 of labels.
HASH = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
FOLDER = Path(minimlp.__file__).parent / "datasets"


def test_shapes_types_and_range():
    x, y = load_digits()
    assert (x.shape, x.dtype) == ((1797, 64), np.float64)
    assert (y.shape, y.dtype) == ((1797,), np.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert x.flags.c_contiguous


def test_they_are_the_test_set_of_uci():
    x, y = load_digits()
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    pixels = (x * 16).astype(np.uint8)
    assert np.array_equal(pixels / 16, x)
    assert pixels.sum() == 561718
    assert pixels[0, :8].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert hashlib.sha256(pixels.tobytes() + y.astype(np.uint8).tobytes()).hexdigest() == HASH


def test_every_call_gives_arrays_of_its_own():
    x, y = load_digits()
    x[:], y[:] = -1, -1
    x, y = load_digits()
    assert x.min() == y.min() == 0


def test_the_file_is_small_and_its_licence_beside_it():
    assert (FOLDER / "digits.npz").stat().st_size < 100_000
    text = (FOLDER / "DIGITS.md").read_text(encoding="utf-8")
    for word in ("UCI", "Alpaydin", "Kaynak", "1998", "CC BY 4.0"):
        assert word in text
        assert word in load_digits.__doc__
