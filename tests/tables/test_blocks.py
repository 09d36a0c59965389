"""Blocks end where records end, whatever their size, and separators are found."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimlp.tables import blocks as module
from minimlp.tables.blocks import blocks, find_separator, records, split_header

CELL = st.text(st.sampled_from('ab1é😀,;\t|"\n\r \u2028'), max_size=5)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6)
)


def written(rows: Any, end: str = "\n", separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, delimiter=separator).writerows(rows)
    return text.getvalue()


def cut(content: bytes, size: int) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", size)
        return list(blocks(io.BytesIO(content)))


@settings(deadline=None, max_examples=150)
@given(TABLE, st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 40))
def test_blocks_hold_whole_records_and_all_of_the_text(rows: Any, end: str, size: int) -> None:
    text = written(rows, end)
    pieces = cut(text.encode(), size)
    assert b"".join(pieces) == text.encode()
    read = [row for piece in pieces for row in records(piece.decode(), ",")]
    assert [row for row in read if row] == [
        row for row in csv.reader(io.StringIO(text, newline="")) if row
    ]


def test_blocks_by_hand() -> None:
    assert cut(b"ab\ncd\nef", 4) == [b"ab\n", b"cd\n", b"ef"]
    assert cut(b'"a\nb"\ncd\n', 4) == [b'"a\nb"\n', b"cd\n"]
    assert cut(b'"a\nb"\ncd\nef\n', 4) == [b'"a\nb"\n', b"cd\nef\n"]
    assert cut(b"", 4) == []


def test_many_quotes_after_one_that_is_not_closed_take_no_time() -> None:
    content = b'1,"open\n' + b'2,"a, b"\n' * 100_000  # counted over and over, this took minutes
    assert b"".join(cut(content, 300_000)) == content


def test_a_header_may_span_lines() -> None:
    assert split_header('"a\nb",c\n1,2\n', ",") == (["a\nb", "c"], "1,2\n")
    assert split_header("a,b", ",") == (["a", "b"], "")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_the_separator_that_wrote_a_table_is_found(separator: str, data: Any) -> None:
    width = data.draw(st.integers(2, 4))
    cells = st.lists(st.text("ab1. ", max_size=4), min_size=width, max_size=width)
    rows = data.draw(st.lists(cells, min_size=1, max_size=30))
    assert find_separator(written([[f"c{i}" for i in range(width)], *rows], "\n", separator)) == (
        separator
    )


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,5;2,5\n3,5;4\n", ";"),  # decimal commas
        ("a,b\n1;2,3\n4;5,6\n", ","),
        ('a|b\n"x,y"|1\n"x,y"|2\n', "|"),
        ("a;b\n1;2\n3\n4;5;6\n7;8\n", ";"),  # ragged, and yet
        ("a;b\n1;2;3\n", ";"),
        ("one\n1\n2\n", ","),
        ("name\nDoe, Jane\nRoe, Jim\n", ","),
        ("", ","),
    ],
)
def test_separators_by_hand(text: str, separator: str) -> None:
    assert find_separator(text) == separator


def test_a_space_before_a_quote_is_no_part_of_the_cell() -> None:
    assert list(records('a, "b, c",  d\n', ",", spaced=True)) == [["a", "b, c", "d"]]
    assert list(records("a  b\n", " ", spaced=True)) == [["a", "", "b"]]


def test_a_quote_that_is_not_closed() -> None:
    with pytest.raises(csv.Error, match="unexpected end"):
        list(records('a\n"b\n', ","))
