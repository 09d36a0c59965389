"""Writing a file so that it is never seen half-written.

The content goes to a temporary file beside the target and to the disk; then the name moves, which
the file system does at once or not at all; then the folder, which holds the name, goes to the disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable


def write_atomic(
    path: str | os.PathLike[str],
    write: Callable[[BinaryIO], None],
    *,
    temporary: str | None = None,
) -> None:
    """Write a file so that it is never seen half-written, not even after a power cut.

    Parameters
    ----------
    path : str or os.PathLike
        The file, used exactly as given; a symbolic link is followed. What was there before stays
        until the new content is complete, and for good if writing fails.
    write : callable
        Gets the open binary file and writes the content.
    temporary : str, optional
        Name of the temporary file, beside the target; a random one unless given. A file or link of
        that name, which a killed process has left, is removed first: so only one process at a time
        may use it.

    Raises
    ------
    OSError
        No such folder, no permission, a full disk, or `path` is no regular file. Whatever `write`
        raises comes through as well.
    ValueError
        `temporary` is no name of another file in the same folder.
    """
    name = as_path(path)
    target = os.path.realpath(name)
    mode = _replaceable_mode(name, target)
    aside = _temporary_path(target, temporary)
    try:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(aside)
        # 0o666 leaves the permissions of a new file to the umask, as open() does. O_EXCL follows no
        # link that someone has put there meanwhile.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(aside, flags, 0o666), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(aside, mode)
        os.replace(aside, target)
    except BaseException as error:
        _remove(aside)
        # A full disk names no file, a missing folder the temporary one: the caller knows `path`.
        if isinstance(error, OSError) and error.errno and error.filename in (None, aside):
            raise OSError(error.errno, error.strerror, name) from error
        raise
    _sync_folder(os.path.dirname(target))


def as_path(path: Any) -> str:
    """Check a path."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(f"path must be a str or os.PathLike, got {path!r:.80}") from None


def _temporary_path(target: str, temporary: str | None) -> str:
    if temporary is None:
        # Not made from the target's name: that one may already have the greatest length.
        temporary = f".minimlp-{os.urandom(8).hex()}.tmp"
    folder, base = os.path.split(target)
    if temporary in ("", ".", "..", base) or os.path.basename(temporary) != temporary:
        raise ValueError(
            f"temporary must be the name of another file beside {base}, got {temporary!r}"
        )
    return os.path.join(folder, temporary)


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


def _remove(aside: str) -> None:
    # It was never made, or the disk is gone: the error that led here says more.
    with contextlib.suppress(OSError):
        os.remove(aside)


def _sync_folder(folder: str) -> None:
    # Where a folder cannot be opened or synced (Windows, some network disks) nothing is lost but
    # the promise about power cuts, and the file is in its place already.
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
