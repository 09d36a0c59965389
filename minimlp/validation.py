"""The door: what a caller hands in becomes an array here, once, or is refused with its name.

Everything behind the door may rely on C-ordered, finite arrays of the model's own dtype and on
plain Python numbers.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import DTypeLike, NDArray

REAL_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def as_count(name: str, value: Any, *, low: int = 1) -> int:
    """Check a whole number of at least `low`; booleans and fractions are refused."""
    if type(value) is int and value >= low:
        return value
    if not isinstance(value, bool | np.bool_):
        try:
            count = operator.index(value)
        except TypeError:
            pass
        else:
            if count >= low:
                return count
            raise ValueError(f"{name} must be at least {low}, got {count}")
    raise TypeError(f"{name} must be a whole number of at least {low}, got {value!r:.80}")


def as_number(name: str, value: Any, *, low: float = -math.inf, below: float = math.inf) -> float:
    """Check a finite number in [low, below) and make it a Python float.

    A NumPy scalar would promote float32 arrays to float64.
    """
    if isinstance(value, bool | np.bool_ | str | bytes | np.complexfloating):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = operator.index(value) if hasattr(value, "__index__") else value
        number = float(number)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if math.isfinite(number) and low <= number < below:
        return number
    wanted = [f"at least {low}"] * (low > -math.inf) + [f"below {below}"] * (below < math.inf)
    raise ValueError(f"{name} must be {' and '.join(['finite', *wanted])}, got {value!r}")


def as_positive(name: str, value: Any, *, below: float = math.inf) -> float:
    """Check a finite number above 0 and below a bound, and make it a Python float."""
    number = as_number(name, value)
    if 0 < number < below:
        return number
    wanted = "above 0" + f" and below {below}" * (below < math.inf)
    raise ValueError(f"{name} must be finite, {wanted}, got {value!r}")


def as_flag(name: str, value: Any) -> bool:
    """Check a boolean."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise TypeError(f"{name} must be True or False, got {value!r}")


def as_dtype(value: DTypeLike) -> np.dtype[Any]:
    """Check a dtype that a model can have: float32, float64, or complex128 for derivatives."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        raise TypeError(f"dtype must be float32, float64 or complex128, got {value!r}") from None
    if dtype in REAL_DTYPES or dtype == np.complex128:
        return dtype
    raise ValueError(f"dtype must be float32, float64 or complex128, got {dtype}")


def as_generator(seed: Any) -> Generator:
    """Make a random generator from whatever `np.random.default_rng` takes."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"seed must be what np.random.default_rng takes, got {seed!r}: {error}"
        ) from None


def as_array(
    name: str, value: Any, dtype: np.dtype[Any], axes: tuple[str, ...] = ("row", "column")
) -> NDArray[Any]:
    """Cast numbers of any kind to a C-ordered array of `dtype`, all finite.

    The array is the caller's own where it already is one: it is read, never written.
    """
    if type(value) is np.ndarray and value.dtype == dtype:
        array: NDArray[Any] = value
    else:
        array = _cast(name, _raw(name, value), dtype)
    array = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    if not _all_finite(array):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        place = ", ".join(f"{axis} {i}" for axis, i in zip(axes, where, strict=False))
        raise ValueError(
            f"{name} holds {array[where]} at {place or 'its only entry'}: expected finite numbers"
        )
    return array


def _all_finite(array: NDArray[Any]) -> bool:
    """Look for infinities and nan; in a large array first by a product, four times as fast."""
    if array.size > 1 << 14:
        entries = array.reshape(-1)
        with np.errstate(all="ignore"):
            if np.isfinite(entries.dot(entries)):  # it is not where squares overflow, either
                return True
    return bool(np.count_nonzero(np.isfinite(array)) == array.size)  # faster than .all()


def _cast(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if array.dtype.kind not in ("bfiu" if dtype.kind != "c" else "bfiuc"):
        hint = "; convert it with .astype(float)" if array.dtype.kind in "OUS" else ""
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}{hint}")
    check_range(name, array, dtype)
    return array.astype(dtype, copy=False)


def _raw(name: str, value: Any) -> NDArray[Any]:
    """Make an array of whatever it holds; of pandas' numbers and booleans together, numbers."""
    if type(value).__module__.startswith("numpy.ma"):
        raise TypeError(f"{name} is a masked array: fill or drop the masked entries first")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} has rows of different lengths: expected a rectangular array"
        ) from None
    if array.dtype == object and type(value).__module__.startswith("pandas"):
        dtypes = value.dtypes if array.ndim == 2 else [value.dtype]
        if all(dtype.kind in "bfiu" for dtype in dtypes):
            return np.asarray(value.to_numpy(dtype=float, na_value=np.nan))
    return array


def as_numbers(name: str, value: Any, whole: DTypeLike | None = None) -> NDArray[Any]:
    """Make an array of numbers, finite or not; whole ones become `whole` where it is given."""
    array = _raw(name, value)
    if array.dtype.kind not in "bfiuc":
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}")
    return array if whole is None or array.dtype.kind in "fc" else array.astype(whole)


def check_range(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Refuse what the narrower dtype cannot hold, before the cast overflows with a warning."""
    if array.dtype.kind != "f" or array.dtype.itemsize <= dtype.itemsize:
        return
    limit = np.finfo(dtype).max
    large = np.isfinite(array) & (np.abs(array) > limit)
    if large.any():
        where = tuple(int(i) for i in np.argwhere(large)[0])
        raise ValueError(f"{name} holds {array[where]} at index {where}: too large for {dtype}")


def as_batch(name: str, value: Any, width: int | None, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Check a batch of inputs: shape (rows, width) with at least one row.

    A `width` of None takes any number of features.
    """
    array = as_array(name, value, dtype)
    if array.ndim == 2 and array.size and (width is None or array.shape[1] == width):
        return array
    if array.size == 0 and array.ndim < 2:
        raise ValueError(f"{name} has shape {array.shape}: expected at least one row of features")
    if array.ndim == 1:
        one_row = f"{name}.reshape(1, -1) for one sample of {array.size} features"
        column = f"{name}.reshape(-1, 1) for {array.size} samples of one feature"
        offers = (
            column if width == 1 else one_row if width == array.size else f"{one_row}, {column}"
        )
        raise ValueError(f"{name} has shape {array.shape}: expected (rows, features); use {offers}")
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}: expected two axes, (rows, features)")
    if width is not None and array.shape[1] != width:
        features = array.shape[1]
        raise ValueError(
            f"{name} has shape {array.shape}, {features} features a row: the model takes {width}"
        )
    # What is left has no rows or no features.
    raise ValueError(f"{name} has shape {array.shape}: expected at least one row and one feature")


def as_vector(name: str, value: Any, size: int) -> NDArray[np.float64]:
    """Check a flat vector of one finite real number a parameter, in float64."""
    vector = as_array(name, value, np.dtype(np.float64), axes=("entry",))
    if vector.shape != (size,):
        raise ValueError(
            f"{name} has shape {vector.shape}: expected ({size},), one number for each parameter"
        )
    return vector


def as_targets(name: str, value: Any, rows: int, width: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Check targets and give them the shape of the outputs, (rows, width).

    (rows,) stands for (rows, 1) when the model has one output; whole numbers (rows,) are labels
    when it has more, and become one-hot rows. Nothing else is stretched to fit.
    """
    raw = _raw(name, value)
    if raw.ndim == 1 and width > 1 and raw.dtype.kind in "iu":
        return _one_hot(name, raw, rows, width, dtype)
    array = as_array(name, raw, dtype)
    if array.ndim == 1 and width == 1:
        array = array.reshape(-1, 1)
    if array.shape == (rows, width):
        return array
    labels = f", or ({rows},) whole-number labels below {width}" if width > 1 else f" or ({rows},)"
    given = f"shape {raw.shape} and dtype {raw.dtype}"
    raise ValueError(f"{name} has {given}: expected {(rows, width)}{labels}")


def _one_hot(
    name: str, labels: NDArray[Any], rows: int, width: int, dtype: np.dtype[Any]
) -> NDArray[Any]:
    if len(labels) != rows:
        raise ValueError(f"{name} has {len(labels)} labels: x has {rows} rows")
    outside = np.flatnonzero((labels < 0) | (labels >= width))
    if outside.size:
        row = int(outside[0])
        raise ValueError(
            f"{name} holds the label {labels[row]} at row {row}: "
            f"the model has {width} outputs, so labels run from 0 to {width - 1}"
        )
    targets = np.zeros((rows, width), dtype)
    targets[np.arange(rows), labels] = 1
    return targets


def as_weights(name: str, value: Any, rows: int) -> NDArray[np.float64]:
    """Check one weight a row: shape (rows,), finite, not negative, not all zero. In float64."""
    weights = as_array(name, value, np.dtype(np.float64))
    if weights.shape != (rows,):
        raise ValueError(f"{name} has shape {weights.shape}: expected ({rows},), one weight a row")
    if (weights < 0).any():
        row = int(np.flatnonzero(weights < 0)[0])
        raise ValueError(f"{name} holds {weights[row]} at row {row}: expected no negative weight")
    if not weights.any():
        raise ValueError(
            f"{name} is zero for all {rows} rows: expected at least one positive weight"
        )
    return weights
