"""The file that training goes on from: written every few seconds, whole or not at all.

Two generations are kept. The new one is written beside them and, when every byte is on the disk,
takes the place of the last, which takes that of the one before. Whenever the machine stops, one
whole generation is there.
"""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..storage import read_archive, write_archive
from .environment import environment
from .settings import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Content = tuple[dict[str, Any], dict[str, NDArray[Any]]]

SECONDS = 3.0  # from one write to the next
SHARE = 0.01  # of the time that writing may take
KIND = "training checkpoint"
_MOST_LINES = 20  # of differences that are named


class Checkpoint:
    """A checkpoint file and the one before it.

    Parameters
    ----------
    path : str or os.PathLike
        The newest generation; the one before has ``.previous`` behind its name.
    settings : dict of str to str
        What `settings.settings` says of the call.
    moving : function
        Gives what `settings.moving` says, as it now is.

    Raises
    ------
    TypeError, ValueError
        `path` is no path of a file.
    OSError
        Its folder is not there or cannot be written to, or `path` is a folder itself.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: dict[str, str],
        moving: Callable[[], dict[str, str]],
    ) -> None:
        try:
            name = os.fsdecode(path)
        except TypeError:
            raise TypeError(f"checkpoint must be a path, got {path!r:.80}") from None
        if not name or "\0" in name:
            raise ValueError(f"checkpoint must be the path of a file, got {name!r:.80}")
        self.path = Path(os.path.realpath(name))  # a link stays one
        self.previous = self.path.with_name(self.path.name + ".previous")
        self._next = self.path.with_name(self.path.name + ".next")
        self._settings, self._moving = settings, moving
        self._warned = False
        self._damaged = False  # the newest generation
        self.due = time.monotonic() + SECONDS
        self._check_writable()

    def _check_writable(self) -> None:
        """Refuse before training what would fail in the middle of it."""
        folder = self.path.parent
        if self.path.is_dir():
            raise IsADirectoryError(f"checkpoint is a folder: {self.path}")
        if not folder.is_dir():
            raise FileNotFoundError(f"checkpoint has no folder {folder}: make it first")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(f"checkpoint cannot be written: no permission in {folder}")
        with contextlib.suppress(FileNotFoundError):
            os.lstat(self.previous)  # whose name may be too long

    def save(self, capture: Callable[[], Content]) -> bool:
        """Write what `capture` gives, and tell whether it is written.

        A disk that is full costs a warning, not the training.
        """
        start, done = time.monotonic(), False
        header, arrays = capture()
        header = {
            "kind": KIND,
            "settings": self._settings,
            "reached": self._moving(),
            "environment": environment(),
            **header,
        }
        try:
            write_archive(self._next, header, arrays, temporary=f"{self.path.name}.writing")
            if self.path.exists() and not self._damaged:
                os.replace(self.path, self.previous)
            os.replace(self._next, self.path)
            self._damaged, done = False, True
        except OSError as error:
            if not self._warned:
                warnings.warn(
                    f"the checkpoint {self.path} cannot be written ({error}): training goes on "
                    f"without it, and tries again",
                    RuntimeWarning,
                    stacklevel=2,
                )
            self._warned = True
        now = time.monotonic()
        self.due = now + max(SECONDS, (now - start) / SHARE)
        return done

    def load(self) -> Content | None:
        """Read the newest whole generation; None where there is none yet.

        Raises
        ------
        ValueError
            It is that of another call, with every difference; it is another kind of file; or there
            are files, and none of them can be read.
        """
        found, faults = None, []
        # Between its two moves a process that is killed leaves no newest one, but the next.
        if not os.path.lexists(self.path) and not os.path.lexists(self._next):
            return None  # somebody has removed it, to begin anew
        for path in (self.path, self.previous):
            if found is None and os.path.lexists(path):
                try:
                    found = path, *_read(path)
                except (OSError, ValueError) as error:
                    faults.append(f"{error}")
        if found is None:
            if faults:
                raise ValueError(
                    f"no checkpoint to go on from: {'; '.join(faults)}. Remove it to begin anew"
                )
            return None
        path, header, arrays = found
        if header.get("kind") != KIND:
            raise ValueError(f"{path} is not a training checkpoint: give another path")
        saved: Any = header.get("settings")
        lines = differences(saved, self._settings, header.get("reached"))
        if lines:
            more = f"; and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
            raise ValueError(
                f"{path} was made by another call of fit: {'; '.join(lines[:_MOST_LINES])}{more}. "
                f"Give the same call to go on, or another path to begin anew"
            )
        self._settings = saved  # those of the first call, with what training has changed since
        if faults:
            self._damaged = True
            warnings.warn(
                f"{faults[0]}: going on from the generation before", RuntimeWarning, stacklevel=2
            )
        self._compare_environment(path, header.get("environment"))
        return header, arrays

    def _compare_environment(self, path: Path, saved: Any) -> None:
        saved, now = saved if isinstance(saved, dict) else {}, environment()
        changed = [
            f"{name} {saved.get(name)} → {now[name]}"
            for name in now
            if saved.get(name) != now[name]
        ]
        if changed:
            warnings.warn(
                f"{path} was written elsewhere ({', '.join(changed)}): training goes on, but not "
                f"with the same bits",
                RuntimeWarning,
                stacklevel=2,
            )


def _read(path: Path) -> Content:
    """Read and check every byte, while there still is another generation to turn to."""
    header, arrays = read_archive(path)
    if arrays.packed:  # not by us: it may take a thousand times as much memory as it has bytes
        raise ValueError(f"{path} is damaged: it was packed after it was written")
    return header, dict(arrays)
