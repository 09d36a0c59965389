"""Table files: what Python's own reader reads, and an error that names the place for the rest."""

import csv
import datetime
import decimal
import gzip
import io
import os
import re
import sys
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from minimlp.tables import blocks as module
from minimlp.tables.files import open_table

CELL = st.text(st.sampled_from('ab1é😀,;\t|"\n\r\u2028\x0b #'), max_size=5).map(str.strip)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


def read(source: Any, separator: str | None = None) -> tuple[list[str], list[list[str]]]:
    """Give names and cells; of an empty cell "" whether quoted or not."""
    with open_table(source, separator) as file:
        rows = [[cell or "" for cell in row] for frame in file.frames() for row in frame.rows()]
        return file.columns, rows


def refused(source: Any, separator: str | None = None) -> str:
    """Read, and give the ValueError's text: one line that names the file."""
    with pytest.raises(ValueError, match=re.escape(str(source))) as caught:
        read(source, separator)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(source))


@pytest.fixture
def path(tmp_path: Any) -> Any:
    return tmp_path / "table"


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=TABLES,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    size=st.sampled_from([1, 2, 3, 5, 8, 30, 1 << 20]),
    tail=st.booleans(),
)
def test_reads_what_python_reads(
    path: Any, rows: Any, end: str, separator: str, quoting: Any, size: int, tail: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, delimiter=separator, quoting=quoting)
    header = [f"c{i}" for i in range(len(rows[0]))]
    writer.writerows([header, *rows])
    content = text.getvalue() if tail else text.getvalue().removesuffix(end)
    path.write_bytes(content.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", size)
        # Without its line end, a last record of one empty cell that is not quoted is none.
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
        expected = [row for row in reader if row]
        # The writer leaves a line feed without quotes where lines end otherwise.
        assume(all(len(row) == len(header) for row in expected))
        assert [header, *read(path, separator)[1]] == expected


@pytest.mark.parametrize("size", [1, 4, 1 << 20])
@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [["1", "2"]]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [["1", "2"]]),
        (b'\xef\xbb\xbf"a",b\n1,2\n', [["1", "2"]]),
        (b"\n\r\n\na,b\n\n1,2\n\n\n3,4\n\n", [["1", "2"], ["3", "4"]]),
        (b"a , b\r\n1,2", [["1", "2"]]),
        (b'a, "b"\n1, "2, 3"\n "4", 5\n', [["1", "2, 3"], ["4", "5"]]),
        (b'a,b\r1,"x\ry"\r3,4\r', [["1", "x\ry"], ["3", "4"]]),
        (b'a,b\n1,"say ""hi"""\n2,5" pipe\n', [["1", 'say "hi"'], ["2", '5" pipe']]),
        (b"a,b\n,\n1,\n", [["", ""], ["1", ""]]),
    ],
)
def test_by_hand(path: Any, content: bytes, rows: Any, size: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_BLOCK", size)
    path.write_bytes(content)
    assert read(path) == (["a", "b"], rows)
    path.write_bytes(gzip.compress(content))
    assert read(str(path)) == (["a", "b"], rows)
    assert read(io.BytesIO(content)) == (["a", "b"], rows)


def test_one_column_and_two_thousand(path: Any) -> None:
    path.write_bytes(b'a\r\n1\r\n\r\n""\r\n2')
    assert read(path) == (["a"], [["1"], [""], ["2"]])
    path.write_bytes(b"a\r1\r2\r")  # a carriage return alone ends a record
    assert read(path) == (["a"], [["1"], ["2"]])
    names = [f"c{i}" for i in range(2000)]
    path.write_text(",".join(names) + "\n" + ",".join("1" * 2000) + "\n")
    assert read(path) == (names, [["1"] * 2000])


@pytest.mark.parametrize("size", [1, 4, 1 << 20])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", " is empty"),
        (b"\r\n\n", " is empty"),
        (b"\xef\xbb\xbf", " is empty"),
        (b"PK\x03\x04zip", "a zip archive or a workbook"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\0\0\0", " is binary"),
        (b"a,a\n1,2\n", ": two columns are named 'a'"),
        (b"a,,b\n1,2,3\n", ": column 2 has no name in the header"),
        (b"a,b, \n1,2,3\n", ": column 3 has no name in the header"),
        (b"a,\xe9\n1,2\n", ": the header is not UTF-8"),
        (b'a,b\n\n1,"x\ny"\n\n2,\xe9\n3,4\n', ", row 2, column 'b': the byte 0xe9 is not UTF-8"),
        (b"a,b\n1,2\n\n3,4,5\n6,7\n", ", row 2: 3 cells, but the header names 2 columns"),
        (b"a,b\n1,2\n3\n6,7\n", ", row 2: 1 cells, but the header names 2 columns"),
        (b"a,b\n1,2\n3", ", row 2: 1 cells"),
        (b"a,b\n1,2\n3,4,5", ", row 2: 3 cells"),
        (b'a,b\n1,"x\ny"\n3,4,5', ", row 2: 3 cells"),
        (b"a;b\n1;2;3\n", ", row 1: 3 cells, but the header names 2 columns (cells are parted by"),
        (b'a,b\n1,2\n3,"4\n5,6\n', ", row 2: quotes that do not fit together"),
        (b'a,b\n1,2\n3,"', ", row 2: quotes that do not fit together"),
        (b'a,b\n1,2\n"","""', ", row 2: quotes that do not fit together"),
    ],
)
def test_refused(path: Any, content: bytes, message: str, size: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_BLOCK", size)
    path.write_bytes(content)
    assert message in refused(path)


def test_gzip_truncated_or_damaged(path: Any) -> None:
    rows = b"".join(b"%d,%d\n" % (i, i * i) for i in range(2000))
    content = gzip.compress(b"a,b\n" + rows)
    for length in [3, 12, 100, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        assert "truncated or damaged" in refused(path)
    path.write_bytes(content[:500] + b"\0" * 50 + content[550:])
    assert "truncated or damaged" in refused(path)


def test_parquet(path: Any) -> None:
    frame = pl.DataFrame(
        {
            "flag": [True, None],
            "kind": pl.Series(["x", None], dtype=pl.Categorical),
            "cost": [decimal.Decimal("1.50"), None],
            "day": [datetime.date(2024, 1, 1), None],
            "list": [[1], None],
            "small": pl.Series([1, None], dtype=pl.UInt8),
            "half": pl.Series([0.5, None], dtype=pl.Float32),
        }
    )
    frame.write_parquet(path)
    with open_table(path) as file:
        assert file.columns == frame.columns
        assert not file.text
        assert [each.rows() for each in file.frames()] == [frame.rows()]
    content = path.read_bytes()
    assert read(io.BytesIO(content))[0] == frame.columns
    for length in [4, 8, 50, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        assert "truncated or damaged" in refused(path)


def test_parquet_in_frames_and_without_rows(path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("minimlp.tables.files._ROWS", 2)
    for rows in (0, 1, 2, 3, 4):
        pl.DataFrame({"a": list(range(rows))}, schema={"a": pl.Int64}).write_parquet(path)
        with open_table(path) as file:
            heights = [frame.height for frame in file.frames()]
        assert sum(heights) == rows
        assert max(heights) <= 2


@pytest.mark.parametrize("separator", ["", "ab", '"', "\n", "é", "\0"])
def test_separators_that_cannot_be(path: Any, separator: str) -> None:
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="separator must be one character"):
        read(path, separator)


def test_a_separator_asked_for(path: Any) -> None:
    path.write_text("a:b,c\n1:2,3\n")
    assert read(path, ":") == (["a", "b,c"], [["1", "2,3"]])
    assert read(path, ",") == (["a:b", "c"], [["1:2", "3"]])


def test_no_file(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(IsADirectoryError if os.name == "posix" else PermissionError):
        read(tmp_path)


def test_without_polars_the_error_says_what_to_install(path: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r"pip install \"minimlp\[tables\]\""):
        read(path)
