"""Table files: CSV and CSV in gzip, changed in a few places, and Parquet that was cut."""

from __future__ import annotations

import functools
import gzip
import io

from .choices import Choices

_PIECES = (
    b",", b";", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3",
    b" ", b"nan", b"inf", b"-inf", b"1e999", b"1e308", b"9" * 400, b"0x10", b"1_000", b"true",
    b"2024-01-01", b"NA", b"", b"kind", b"\xe2\x80\xae", b"x" * 5000, b"=1+1", b"\x1b[31m", b"-",
    b"9007199254740993", b"-0", b"\n\n\n", b",,,,", b"\xed\xa0\x80",
)  # fmt: skip


@functools.cache
def lines() -> tuple[bytes, ...]:
    """Give lines of a table of numbers, text and booleans."""
    rows = [
        f"{5 + 0.1 * (i % 7):.1f},{i % 4},{('red', 'blue')[i % 2]},{('true', 'false')[i // 2 % 2]},"
        f"{('ash', 'elm')[i // 3 % 2]},{1000 + i}"
        for i in range(24)
    ]
    return tuple(f"{row}\n".encode() for row in ["length,count,colour,wild,kind,mass", *rows])


@functools.cache
def parquet() -> bytes:
    """Give the same table as Parquet."""
    import polars

    stream = io.BytesIO()
    polars.read_csv(b"".join(lines())).write_parquet(stream)
    return stream.getvalue()


def table(choices: Choices) -> tuple[str, bytes]:
    """Make a case, and say of which kind it is."""
    kind = choices.pick(("cells", "cells", "bytes", "lines", "gzip", "parquet", "noise"))
    if kind == "parquet":
        return f"table: {kind}", _cut_parquet(choices)
    if kind == "noise":
        return f"table: {kind}", b"".join(choices.pick(_PIECES) for _ in range(choices.below(40)))
    content = _changed_lines(choices) if kind == "lines" else b"".join(lines())
    if kind == "cells":
        content = _changed_cells(choices)
    if kind == "bytes":
        content = _changed_bytes(choices, content)
    if kind == "gzip":
        content = gzip.compress(_changed_cells(choices), 1)
        content = _changed_bytes(choices, content) if choices.below(2) else content
    return f"table: {kind}", content


def _cut_parquet(choices: Choices) -> bytes:
    """Cut or lengthen; no more, for polars ends the whole process over some damaged pages."""
    content = parquet()
    if choices.below(2):
        return content[: choices.below(len(content))]
    return content + choices.pick((b"", b"PAR1", choices.bytes(8), bytes(8) + b"PAR1"))


def _changed_cells(choices: Choices) -> bytes:
    cells = [line.rstrip(b"\n").split(b",") for line in lines()]
    for _ in range(1 + choices.below(4)):
        row = cells[choices.below(len(cells)) if choices.below(4) else 0]
        row[choices.below(len(row))] = choices.pick(_PIECES)
    if choices.one_in(4):  # a whole column
        place, piece = choices.below(6), choices.pick(_PIECES)
        for row in cells[1:]:
            row[place] = piece
    between = choices.pick((b",", b",", b",", b";", b"\t", b"|"))
    return b"".join(between.join(row) + b"\n" for row in cells)


def _changed_lines(choices: Choices) -> bytes:
    changed = [*lines()]
    for _ in range(1 + choices.below(3)):
        kind, place = choices.below(5), choices.below(len(changed) or 1)
        if kind == 0 or not changed:
            del changed[place:]
        elif kind == 1:
            changed.insert(place, changed[choices.below(len(changed))])
        elif kind == 2:
            changed[place] = changed[place].rstrip(b"\n")
        elif kind == 3:
            del changed[place]
        else:
            changed[place] = choices.pick(_PIECES) + changed[place]
    return b"".join(changed)


def _changed_bytes(choices: Choices, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(1 + choices.below(4)):
        place = choices.below(len(changed) + 1)
        kind = choices.below(4)
        if kind == 0:
            changed[place : place + 1] = bytes([choices.below(256)])
        elif kind == 1:
            changed[place:place] = choices.pick(_PIECES)
        elif kind == 2:
            del changed[place : place + choices.below(20)]
        elif choices.one_in(3):
            del changed[place:]
    return bytes(changed)
