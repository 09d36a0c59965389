"""A header and named arrays in one ``.npz`` archive."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from .arrays import Arrays, can_be_read
from .atomic import as_path, write_atomic
from .members import Member, directory, find_members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT = "minimlp"
VERSION = 1

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_NAME = re.compile(r"[^/\\:.]+\.npy|[^/\\:.][^/\\:]*[^/\\:.]\.npy")
_LONGEST_HEADER = 1 << 23  # bytes of JSON; of short texts, twelve times as many in memory
_MOST_PARTS = 100_000  # lists and dicts, of which even an empty one takes 60 bytes
_MOST_PACKED = 100  # times a header may have been made smaller
_DEEPEST = 100  # lists and dicts within each other


def write_archive(
    path: str | os.PathLike[str],
    header: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    *,
    temporary: str | None = None,
) -> None:
    """Write a header and named arrays to one uncompressed ``.npz``, atomically.

    The same content gives the same bytes.

    Parameters
    ----------
    path : str or os.PathLike
        The file, used exactly as given: no ending is added.
    header : dict
        JSON-able data of at most 16 MB and 100 levels. The format's name and version and the
        arrays' names are added to it, as ``"format"``, ``"version"`` and ``"arrays"``.
    arrays : dict of str to array
        Arrays of numbers of at most 8 bytes, or 16 for complex ones; the name ``"header"`` is
        taken.
    temporary : str, optional
        As for `write_atomic`.

    Raises
    ------
    TypeError
        The header holds what JSON cannot, or an array holds no numbers.
    ValueError
        An array is named ``"header"`` or as no file can be, or the header is too large.
    OSError
        The file cannot be written; see `write_atomic`.
    """
    import json
    import zipfile

    if "header" in arrays:
        raise ValueError("arrays has one named 'header': that name is taken by the header itself")
    for name, array in arrays.items():
        if not _NAME.fullmatch(f"{name}.npy"):
            raise ValueError(f"arrays has one named {name!r}: no file can have that name")
        if np.asarray(array).dtype.hasobject:
            raise TypeError(f"arrays[{name!r}] holds objects: only pickle could write them")
        if not can_be_read(np.asarray(array)):
            raise TypeError(
                f"arrays[{name!r}] holds no plain numbers but {np.asarray(array).dtype}"
            )
    try:
        text = json.dumps({**header, "format": FORMAT, "version": VERSION, "arrays": [*arrays]})
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"header must be JSON-able: {error}") from error
    _check_size(len(text))
    if text.count("[") + text.count("{") > _MOST_PARTS:
        raise ValueError(f"the header has more than {_MOST_PARTS:,} lists and dicts")
    _check_depth(header)
    members = {"header": np.frombuffer(text.encode(), np.uint8), **arrays}

    def write(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in members.items():
                # ZipInfo's date is fixed, so that equal models are equal files.
                member = zipfile.ZipInfo(f"{name}.npy")
                with archive.open(member, "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)

    write_atomic(path, write, temporary=temporary)


def read_archive(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Arrays]:
    """Read what `write_archive` wrote: the header as it was given, and the arrays.

    An array is read and checked when it is asked for, ``arrays[name]``; its shape and dtype are
    known before, ``arrays.outline(name)``, and are those of the bytes that the file has for it. A
    file that was packed with `np.savez_compressed` can be read too: there an array may take a
    thousand times its share of the file, so compare shapes first.

    Raises
    ------
    OSError
        No such file, no permission, or a folder.
    ValueError
        Anything else: the file is empty, truncated, damaged, of another kind, of a future version,
        promises more than it can hold, or holds what only pickle could read. The message names the
        file and says which.
    """
    name = as_path(path)
    content = _read_file(name)
    try:
        entries = directory(content)
    except ValueError as error:
        raise ValueError(f"{name} is truncated or damaged: {error}") from error
    if not {"header", "header.npy"} & {entry.orig_filename for entry in entries}:
        raise ValueError(f"{name} is not a minimlp model file: the archive has no header")
    try:
        members = find_members(content, entries)
    except ValueError as error:
        raise ValueError(f"{name} is truncated or damaged: {error}") from error
    for member in members:
        if not _NAME.fullmatch(member):
            raise ValueError(
                f"{name} holds {member.removesuffix('.npy')!r:.80}, which is not an array"
            )
    members = {member.removesuffix(".npy"): packed for member, packed in members.items()}
    header = _read_header(name, members.pop("header"))
    # A damaged table of contents hides members from zipfile: the header knows their names too.
    keys = header.pop("arrays", None)
    if not isinstance(keys, list) or sorted(members) != sorted(map(str, keys)):
        raise ValueError(
            f"{name} is damaged: it holds {[*members]!r:.200}, its header says {keys!r:.200}"
        )
    return header, Arrays(name, {str(key): members[str(key)] for key in keys})


def _read_file(name: str) -> bytes:
    with open(name, "rb") as file:
        content = file.read(len(_ZIP))
        if content.startswith((_ZIP, _EMPTY_ZIP)):
            return content + file.read()
    if not content:
        raise ValueError(f"{name} is empty: expected a minimlp model file")
    if _ZIP.startswith(content):
        raise ValueError(f"{name} is truncated: it has only {len(content)} bytes")
    raise ValueError(f"{name} is not a minimlp model file: it is no .npz archive")


def _read_header(name: str, member: Member) -> dict[str, Any]:
    import json

    if member.deflated and member.size > max(_MOST_PACKED * len(member.packed), 1 << 16):
        raise ValueError(f"{name} has a header that promises {member.size:,} bytes, far too many")
    try:
        _check_size(member.size)
        array = Arrays(name, {"header": member})["header"]
        if array.dtype != np.uint8 or array.ndim != 1:
            raise ValueError(
                f"{name} is not a minimlp model file: its header has dtype {array.dtype} and "
                f"shape {array.shape}, expected bytes"
            )
    except ValueError as error:
        raise ValueError(str(error) if name in str(error) else f"{name}: {error}") from error
    content = array.tobytes()
    if content.count(b"[") + content.count(b"{") > _MOST_PARTS:
        raise ValueError(f"{name} has a header of more than {_MOST_PARTS:,} lists and dicts")
    try:
        header = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} has a header that is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ValueError(f"{name} has a header that is a {type(header).__name__}, not a dict")
    if header.pop("format", None) != FORMAT:
        raise ValueError(f"{name} is not a minimlp model file: its header does not say so")
    version = header.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(
            f"{name} has format version {version!r:.80}: expected a whole number from 1"
        )
    if version > VERSION:
        raise ValueError(
            f"{name} has format version {version!s:.20}, from a later minimlp: "
            f"this one reads version {VERSION}"
        )
    try:
        _check_depth(header)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return header


def _check_size(size: int) -> None:
    if size > _LONGEST_HEADER:
        raise ValueError(f"the header takes {size:,} bytes: expected at most {_LONGEST_HEADER:,}")


def _check_depth(header: Any) -> None:
    """Refuse what would exhaust the stack of whoever copies or prints it."""
    level = [header]
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [item for each in inner for item in each if isinstance(item, dict | list | tuple)]
        if not level:
            return
    raise ValueError(f"the header is nested deeper than {_DEEPEST} levels")
