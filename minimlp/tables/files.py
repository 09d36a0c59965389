"""Table files: CSV, TSV and the like, also compressed by gzip, and Parquet, read frame by frame.

polars does the reading. What it cannot read, or reads and forgives, is read again by Python's own
reader, which knows where a record is wrong.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from .blocks import blocks, find_separator, records, split_header

if TYPE_CHECKING:
    from types import ModuleType

    import polars

_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"
_ROWS = 1 << 16  # of a frame from Parquet
_ESCAPED = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of bytes that are not UTF-8
_NEVER = '"\r\n\0'  # what cannot part cells
_REFUSED = {
    b"PK\x03\x04": "a zip archive or a workbook: save its table as CSV",
    b"\xd0\xcf\x11\xe0": "a workbook: save its table as CSV",
    b"\xff\xfe": "UTF-16: save it as UTF-8",
    b"\xfe\xff": "UTF-16: save it as UTF-8",
}


def import_polars() -> ModuleType:
    """Import polars.

    Raises
    ------
    ImportError
        It is not installed; the message says how to get it.
    """
    try:
        import polars
    except ImportError as error:
        message = f'table files need polars ({error}): pip install "minimlp[tables]"'
        raise ImportError(message) from error
    return polars


class TableFile:
    """A table in a file: the names of its columns, and its rows in frames.

    Attributes
    ----------
    name : str
        The file's name, for messages.
    columns : list of str
        Each once, none blank.
    text : bool
        Whether the frames hold text as it stands in the file, rather than typed columns.
    """

    def __init__(self, name: str, columns: list[str], text: bool) -> None:
        self.name = name
        self.columns = columns
        self.text = text
        for place, column in enumerate(columns, start=1):
            if not column:
                raise ValueError(f"{name}: column {place} has no name in the header")
            if columns.count(column) > 1:
                raise ValueError(f"{name}: two columns are named {column!r}")

    def frames(self, numbers: Collection[str] = ()) -> Iterator[polars.DataFrame]:
        """Read the rows, from the first, some thousands at a time. Can be done once.

        Columns of text that should be `numbers` are so already in a frame where all cells fit.
        """
        raise NotImplementedError


@contextlib.contextmanager
def open_table(
    source: str | os.PathLike[str] | BinaryIO, separator: str | None = None
) -> Iterator[TableFile]:
    """Open a table file; what kind it is, its first bytes tell.

    Parameters
    ----------
    source : path or binary file
    separator : str, optional
        One character between the cells of a text file; found among ``, ; tab |`` unless given.

    Raises
    ------
    ImportError
        polars is not installed.
    OSError
        The file cannot be opened.
    ValueError
        It is empty, of another kind, or damaged; two columns have one name, or one has none.
    """
    import_polars()
    if separator is not None and (
        len(separator) != 1 or ord(separator) > 127 or separator in _NEVER
    ):
        raise ValueError(f"separator must be one character such as ',', got {separator!r:.40}")
    with contextlib.ExitStack() as stack:
        if isinstance(source, str | os.PathLike):
            name = os.fsdecode(source)
            file: Any = stack.enter_context(open(source, "rb"))
        else:
            if not hasattr(source, "peek"):  # as io.BytesIO
                source = cast(BinaryIO, io.BufferedReader(io.BytesIO(source.read())))
            name, file = "standard input", source
        start = _start(file)
        if start.startswith(_PARQUET):
            yield _Parquet(name, source)
            return
        if start.startswith(_GZIP):
            file = stack.enter_context(gzip.open(file))
        yield _Text(name, file, separator)


def _start(file: Any) -> bytes:
    return bytes(file.peek(4)[:4])


class _Text(TableFile):
    def __init__(self, name: str, file: BinaryIO, separator: str | None) -> None:
        self.name = name
        self._blocks = self._read(file)
        first = next(self._blocks, b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
        while not first and (block := next(self._blocks, b"")):  # blank lines above the header
            first = block.lstrip(b"\r\n")
        for magic, kind in _REFUSED.items():
            if first.startswith(magic):
                raise ValueError(f"{name} is no text table but {kind}")
        if not first.strip():
            raise ValueError(f"{name} is empty: expected a header and rows")
        if b"\0" in first:
            raise ValueError(f"{name} is binary: expected a table as text, or Parquet")
        text = first.decode(errors="surrogateescape")  # bytes that are not UTF-8 are found below
        self._separator = separator or find_separator(text)
        try:
            cells, body = split_header(text, self._separator)
            "".join(cells).encode()
        except csv.Error as error:
            raise ValueError(f"{name}: the header cannot be read ({error})") from error
        except UnicodeEncodeError as error:
            raise ValueError(f"{name}: the header is not UTF-8: save the file as UTF-8") from error
        self._first = body.encode(errors="surrogateescape")
        super().__init__(name, [cell.strip() for cell in cells], text=True)

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        try:
            yield from blocks(file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{self.name} is truncated or damaged: {error}") from error

    def frames(self, numbers: Collection[str] = ()) -> Iterator[polars.DataFrame]:
        row = 1
        frame = self._frame(self._first, row, numbers)
        yield frame
        for block in self._blocks:
            row += frame.height
            frame = self._frame(block, row, numbers)
            yield frame

    def _frame(self, block: bytes, row: int, numbers: Collection[str]) -> polars.DataFrame:
        """Read a block of whole records, the first of which is number `row`."""
        frame = None
        if not self._is_strange(block):
            frame = self._quick_frame(block, numbers)
            if frame is None and numbers:
                frame = self._quick_frame(block, ())
        if frame is None or frame[:, -1].null_count():  # a record that is too short ends in nothing
            return self._frame_of(self._checked(block, row))
        return frame

    def _is_strange(self, block: bytes) -> bool:
        """Tell whether polars may take text for something else without a word.

        That is bytes that are not UTF-8, a line end that is a carriage return alone, a quote that
        is not closed, and a quoted cell after a space.
        """
        if not block.isascii():  # which is found out without making a copy
            try:
                block.decode()
            except UnicodeDecodeError:
                return True
        if b"\r" in block and block.count(b"\r") > block.count(b"\r\n"):
            return True
        if b'"' in block and block.count(b'"') % 2:
            return True
        return self._has_spaced_quotes(block)

    def _has_spaced_quotes(self, block: bytes) -> bool:
        between = re.escape(self._separator.encode())
        return b' "' in block and bool(re.search(rb'(?:^|[\r\n]|%b) +"' % between, block))

    def _quick_frame(self, block: bytes, numbers: Collection[str]) -> polars.DataFrame | None:
        pl = import_polars()
        schema = {name: pl.Float64 if name in numbers else pl.String for name in self.columns}
        try:
            frame: polars.DataFrame = pl.read_csv(
                io.BytesIO(block), has_header=False, schema=schema, separator=self._separator
            )
        except pl.exceptions.PolarsError:
            return None
        return frame

    def _frame_of(self, found: list[list[str]]) -> polars.DataFrame:
        pl = import_polars()
        schema = dict.fromkeys(self.columns, pl.String)
        frame: polars.DataFrame = pl.DataFrame(found, schema=schema, orient="row")
        return frame

    def _checked(self, block: bytes, row: int) -> list[list[str]]:
        """Read records that all have a cell for each column; blank lines are none."""
        text = block.decode(errors="surrogateescape")
        found: list[list[str]] = []
        width = len(self.columns)
        try:
            for cells in records(text, self._separator, self._has_spaced_quotes(block)):
                if cells and len(cells) != width:
                    raise ValueError(
                        f"{self.name}, row {row + len(found)}: {len(cells)} cells, "
                        f"but the header names {width} columns"
                        f" (cells are parted by {self._separator!r})"
                    )
                if cells:
                    self._check_encoding(cells, row + len(found))
                    found.append(cells)
        except csv.Error as error:
            where = f"{self.name}, row {row + len(found)}"
            raise ValueError(f"{where}: quotes that do not fit together ({error})") from error
        return found

    def _check_encoding(self, cells: list[str], row: int) -> None:
        for column, cell in zip(self.columns, cells, strict=True):
            if escaped := _ESCAPED.search(cell):
                raise ValueError(
                    f"{self.name}, row {row}, column {column!r}: the byte "
                    f"{ord(escaped[0]) - 0xDC00:#04x} is not UTF-8: save the file as UTF-8"
                )


class _Parquet(TableFile):
    def __init__(self, name: str, source: Any) -> None:
        polars = import_polars()
        with self._damage_told(name):
            self._scan = polars.scan_parquet(source, glob=False)
            columns = self._scan.collect_schema().names()
        super().__init__(name, columns, text=False)

    def frames(self, numbers: Collection[str] = ()) -> Iterator[polars.DataFrame]:
        start, full = 0, True
        while full:
            with self._damage_told(self.name):
                frame = self._scan.slice(start, _ROWS).collect()
            full = frame.height == _ROWS
            start += _ROWS
            yield frame

    @staticmethod
    @contextlib.contextmanager
    def _damage_told(name: str) -> Iterator[None]:
        errors = import_polars().exceptions
        try:
            yield
        except (errors.PolarsError, errors.PanicException) as error:
            first = str(error).partition("\n")[0]
            raise ValueError(f"{name} is truncated or damaged: {first}") from error
