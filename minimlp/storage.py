"""Files that are either whole or not there, and are never trusted.

Writing goes to a temporary file beside the target, which takes the target's place in one move when
every byte is on the disk. Reading checks everything and unpickles nothing. A model file is an
ordinary ``.npz`` archive: arrays, and a header in JSON as an array of bytes.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

FORMAT = "minimlp"
VERSION = 1

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


def write_atomic(path: str | os.PathLike[str], write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that it is never seen half-written.

    Parameters
    ----------
    path : str or os.PathLike
        The file, used exactly as given; a symbolic link is followed. What was there before stays
        until the new content is complete, and for good if writing fails.
    write : callable
        Gets the open binary file and writes the content.

    Raises
    ------
    OSError
        No such folder, no permission, a full disk, or `path` is no regular file. Whatever `write`
        raises comes through as well.
    """
    name = _as_path(path)
    target = os.path.realpath(name)
    mode = _replaceable_mode(name, target)
    # A name of its own, not made from the target's: that one may already have the greatest length.
    temporary = os.path.join(os.path.dirname(target), f".minimlp-{os.urandom(8).hex()}.tmp")
    try:
        # 0o666 leaves the permissions of a new file to the umask, as open() does.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException as error:
        _remove(temporary)
        # A full disk names no file, a missing folder the temporary one: the caller knows `path`.
        if isinstance(error, OSError) and error.errno and error.filename in (None, temporary):
            raise OSError(error.errno, error.strerror, name) from error
        raise


def _as_path(path: Any) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(f"path must be a str or os.PathLike, got {path!r:.80}") from None


def _replaceable_mode(name: str, target: str) -> int | None:
    """Permissions of the file that will be replaced, None where there is none."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    # A move would put a plain file in the place of /dev/null, and replace what is write-protected.
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", name)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    return stat.S_IMODE(mode)


def _remove(temporary: str) -> None:
    # It was never made, or the disk is gone: the error that led here says more.
    with contextlib.suppress(OSError):
        os.remove(temporary)


def write_archive(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write a header and named arrays to one uncompressed ``.npz``, atomically.

    The same content gives the same bytes.

    Parameters
    ----------
    path : str or os.PathLike
        The file, used exactly as given: no ending is added.
    header : dict
        JSON-able data. The format's name and version and the arrays' names are added to it, as
        ``"format"``, ``"version"`` and ``"arrays"``.
    arrays : dict of str to array
        Arrays of numbers; the name ``"header"`` is taken.

    Raises
    ------
    TypeError
        The header holds what JSON cannot, or an array holds objects.
    ValueError
        An array is named ``"header"``.
    OSError
        The file cannot be written; see `write_atomic`.
    """
    import json
    import zipfile

    if "header" in arrays:
        raise ValueError("arrays has one named 'header': that name is taken by the header itself")
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise TypeError(f"arrays[{name!r}] holds objects: only pickle could write them")
    try:
        text = json.dumps({**header, "format": FORMAT, "version": VERSION, "arrays": [*arrays]})
    except (TypeError, ValueError) as error:
        raise TypeError(f"header must be JSON-able: {error}") from error
    members = {"header": np.frombuffer(text.encode(), np.uint8), **arrays}

    def write(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in members.items():
                # ZipInfo's date is fixed, so that equal models are equal files.
                member = zipfile.ZipInfo(f"{name}.npy")
                with archive.open(member, "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)

    write_atomic(path, write)


def read_archive(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write_archive` wrote: the header as it was given, and the arrays.

    Raises
    ------
    OSError
        No such file, no permission, or a folder.
    ValueError
        Anything else: the file is empty, truncated, damaged, of another kind, of a future version,
        or holds what only pickle could read. The message names the file and says which.
    """
    name = _as_path(path)
    with open(name, "rb") as file:
        content = file.read(len(_ZIP))
        if content.startswith((_ZIP, _EMPTY_ZIP)):
            content += file.read()
    if not content.startswith((_ZIP, _EMPTY_ZIP)):
        if not content:
            raise ValueError(f"{name} is empty: expected a minimlp model file")
        if _ZIP.startswith(content):
            raise ValueError(f"{name} is truncated: it has only {len(content)} bytes")
        raise ValueError(f"{name} is not a minimlp model file: it is no .npz archive")
    # The whole file is in memory, so no error below is one of the disk. A damaged archive can raise
    # nearly anything (BadZipFile, RuntimeError, NotImplementedError, OSError, zlib.error, ...).
    try:
        archive = np.load(io.BytesIO(content), allow_pickle=False)
    except Exception as error:
        raise ValueError(f"{name} is truncated or damaged: {error}") from error
    with archive:
        if "header" not in archive.files:
            raise ValueError(f"{name} is not a minimlp model file: the archive has no header")
        _check_sums(name, archive)
        header = _read_header(name, _read_array(name, archive, "header"))
        # A damaged table of contents hides members from zipfile: the header knows their names too.
        keys = header.pop("arrays", None)
        if not isinstance(keys, list) or sorted(archive.files) != sorted(
            ["header", *map(str, keys)]
        ):
            raise ValueError(f"{name} is damaged: it holds {archive.files}, its header says {keys}")
        arrays = {str(key): _read_array(name, archive, str(key)) for key in keys}
    return header, arrays


def _check_sums(name: str, archive: Any) -> None:
    """Read every member to its end: NumPy stops where the array ends, before the sum is checked."""
    try:
        bad = archive.zip.testzip()
    except Exception as error:
        raise ValueError(f"{name} is truncated or damaged: {error}") from error
    if bad is not None:
        raise ValueError(f"{name} is damaged: the checksum of its member {bad} is wrong")


def _read_array(name: str, archive: Any, key: str) -> NDArray[Any]:
    try:
        array = archive[key]
    except Exception as error:
        raise ValueError(f"{name} holds {key!r}, which cannot be read: {error}") from error
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} holds {key!r}, which is not an array")
    return array


def _read_header(name: str, array: NDArray[Any]) -> dict[str, Any]:
    import json

    if array.dtype != np.uint8 or array.ndim != 1:
        raise ValueError(
            f"{name} is not a minimlp model file: its header has dtype {array.dtype} and "
            f"shape {array.shape}, expected bytes"
        )
    try:
        header = json.loads(array.tobytes().decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} has a header that is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ValueError(f"{name} has a header that is a {type(header).__name__}, not a dict")
    if header.pop("format", None) != FORMAT:
        raise ValueError(f"{name} is not a minimlp model file: its header does not say so")
    version = header.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"{name} has format version {version!r}: expected a whole number from 1")
    if version > VERSION:
        raise ValueError(
            f"{name} has format version {version}, from a later minimlp: "
            f"this one reads version {VERSION}"
        )
    return header
