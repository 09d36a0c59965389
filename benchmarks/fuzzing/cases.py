"""One case: what it is, what came of it, and whether that is what the documentation says.

A model file is loaded, a checkpoint gone on from and a table read, or refused by a ValueError, and
a command ends with status 0, or with 2 and one line. Each message is one line that names the file.
What is loaded works: it predicts, and can be written again.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minimlp import Sequential
from minimlp.cli import main
from minimlp.model_file import model_contents
from minimlp.tables import TableModel
from minimlp.tables.preparation import prepare

from . import Unexpected
from .archives import archive, bases
from .checkpoints import EPOCHS, checkpoint, train
from .choices import Choices
from .commands import arguments
from .tables import lines, parquet, table

SECONDS = 20
_KINDS = (*["archives"] * 12, *["checkpoints"] * 3, *["tables"] * 4, "commands")
_LONGEST = 1000  # letters of a message about a model file


class Cases:
    """Makes cases in a folder of their own.

    Parameters
    ----------
    folder : path
        Existing and empty; nothing outside it is written.
    only : str, optional
        ``"archives"``, ``"checkpoints"``, ``"tables"`` or ``"commands"``; all in proportion unless
        given.
    """

    def __init__(self, folder: str | os.PathLike[str], only: str | None = None) -> None:
        self.only = only
        self.folder = Path(folder)
        (self.folder / "folder").mkdir()
        for name, base in zip(("model.npz", "table.npz", "values.npz"), bases()[::2], strict=True):
            (self.folder / name).write_bytes(base.content)
        (self.folder / "table.npz").write_bytes(self._trained())
        (self.folder / "data.csv").write_bytes(b"".join(lines()))
        (self.folder / "data.parquet").write_bytes(parquet())
        (self.folder / "large.csv").write_bytes(b"".join(lines()).replace(b"5.1", b"1e308"))
        (self.folder / "broken.csv").write_bytes(b'a,b\n1,"2\n3')
        (self.folder / "damaged.npz").write_bytes(bases()[0].content[:500])
        self._given = sorted(os.listdir(self.folder))

    def _trained(self) -> bytes:
        (self.folder / "data.csv").write_bytes(b"".join(lines()))
        recipe: dict[str, Any] = {"hidden": (2,), "networks": 1, "epochs": 1, "seed": 0}
        self.model = TableModel.fit(self.folder / "data.csv", target="kind", **recipe)
        self.model.save(self.folder / "trained")
        return (self.folder / "trained").read_bytes()

    def one_case(self, data: bytes) -> tuple[str, str]:
        """Make the case that `data` stands for, and try it.

        Returns
        -------
        kind, end : str
            Of which kind the case is, and ``"taken"`` or ``"refused"``.

        Raises
        ------
        Unexpected
            It ended in another way; the cause says how.
        """
        choices = Choices(data)
        kind = self.only or choices.pick(_KINDS)
        made = {
            "archives": self._archive,
            "checkpoints": self._checkpoint,
            "tables": self._table,
            "commands": self._command,
        }
        return made[kind](choices)

    def _archive(self, choices: Choices) -> tuple[str, str]:
        kind, content = archive(choices)
        path = self.folder / "case.npz"
        path.write_bytes(content)
        as_table = choices.below(2) if b'"table"' in content else choices.one_in(10)

        def load() -> None:
            model = (TableModel if as_table else Sequential).load(path)
            with np.errstate(all="ignore"):
                _use(model)

        return kind, _outcome(kind, path, load, _LONGEST)

    def _checkpoint(self, choices: Choices) -> tuple[str, str]:
        kind, number, content = checkpoint(choices)
        path = self.folder / "checkpoint.npz"
        path.write_bytes(content)
        try:
            return kind, _outcome(
                kind, path, lambda: train(number, path, EPOCHS + 1), 20 * _LONGEST
            )
        finally:
            for left in self.folder.glob("checkpoint.npz*"):
                left.unlink()

    def _table(self, choices: Choices) -> tuple[str, str]:
        kind, content = table(choices)
        path = self.folder / "case.csv"
        path.write_bytes(content)
        target = choices.pick(("kind", "mass", "length", "wild"))
        options: dict[str, Any] = {"drop_missing": choices.one_in(2)}
        if choices.one_in(8):
            options["categorical"] = "count"
        if choices.one_in(8):
            options["separator"] = choices.pick((",", ";", "\t", "x", " "))
        predicts = choices.one_in(3)

        def read() -> None:
            if predicts:
                options.pop("categorical", None)
                with np.errstate(all="ignore"):  # a number may be too large for the model
                    self.model.predict(path, **options)
            else:
                prepare(path, target, seed=0, **options)

        return kind, _outcome(kind, path, read)

    def _command(self, choices: Choices) -> tuple[str, str]:
        kind, words = arguments(choices)
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            return kind, _command_outcome(kind, words)
        finally:
            os.chdir(before)
            for name in os.listdir(self.folder):
                if name not in self._given:
                    path = self.folder / name
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _use(model: Any) -> None:
    """Do with a model what its user will: nothing of it may fail."""
    repr(model)
    if isinstance(model, TableModel):
        row = {each.name: [each.values[0] if each.values else 0.5] for each in model.features}
        try:
            assert len(model.predict(row)) == 1
        except ValueError as error:  # of weights that are large, and numbers all the same
            if "is not finite" not in str(error):
                raise
        model = model.model
    width = model.input_width or 3
    if width < 10**6:
        assert len(model.predict(np.zeros((1, width)))) == 1
    model_contents(model)


def _outcome(kind: str, path: Path, call: Any, most: float = math.inf) -> str:
    try:
        with _limited():
            call()
    except ValueError as error:
        message = str(error)
        if str(path) not in message or "\n" in message or len(message) > most:
            raise Unexpected(f"{kind}: a message of another form: {message[:300]!r}") from error
        return "refused"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Unexpected(f"{kind}: {type(error).__name__}: {error!s:.300}") from error
    return "taken"


def _command_outcome(kind: str, words: list[str]) -> str:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(b"".join(lines())))
    before = sys.stdin
    try:
        sys.stdin = given
        with _limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(words)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Unexpected(f"{words}: {type(error).__name__}: {error!s:.300}") from error
    finally:
        sys.stdin = before
    err.flush()
    told = err.buffer.getvalue().decode()  # type: ignore[attr-defined]
    one_line = (
        told.startswith("minimlp: error: ") and told.endswith("\n") and told[:-1].isprintable()
    )
    if status == 2 and one_line:
        return "refused"
    if status == 0 and "Traceback" not in told and "Warning" not in told:
        return "taken"
    raise Unexpected(f"{words}: status {status}, and {told[:300]!r}")


class _TooSlowError(BaseException):
    pass


def _stop(*_: Any) -> None:
    raise _TooSlowError(f"more than {SECONDS} seconds")


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Make a warning an error, and end what takes too long where the system has a timer for it."""
    timed = hasattr(signal, "setitimer")
    if timed:
        before = signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
