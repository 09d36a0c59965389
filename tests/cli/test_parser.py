"""How values are read from the command line."""

import argparse

import pytest

from minimlp.cli.parser import CommandError, count, errors_in_one_line, number, separator, share


def test_what_is_read(tmp_path):
    assert count(1)("12") == 12
    assert number(0)("1e-3") == 0.001
    assert number(0, below=1)("0") == 0
    assert separator(";") == ";"
    assert separator("tab") == separator("\\t") == separator("\t") == "\t"
    assert share("0.25") == 0.25
    assert share("0") == 0
    assert share("test.csv") == "test.csv"


def test_a_file_that_is_named_like_a_number(tmp_path):
    (tmp_path / "2024").write_text("x")
    assert share("2024") == "2024"
    (tmp_path / "0.5").write_text("x")
    assert share("0.5") == 0.5


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((count(1), text) for text in ("0", "-1", "1.0", "", "x", "inf", "9" * 5000)),
        *((number(0), text) for text in ("-1", "nan", "inf", "1e999", "", "x")),
        *((number(0, below=1), text) for text in ("1", "1.5")),
        *((share, text) for text in ("1", "1.5", "-0.1", "nan", "inf")),
        *((separator, text) for text in ("", "ab", '"', "\n", "\r", "é", "\\n")),
    ],
)
def test_what_is_refused(read, text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"expected .*, got") as caught:
        read(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", [ValueError, TypeError, ImportError])
def test_what_the_library_says_is_told(kind):
    with pytest.raises(CommandError, match=r"^so it is$"), errors_in_one_line():
        raise kind("so it is")
    with pytest.raises(KeyError), errors_in_one_line():
        raise KeyError("a fault of ours keeps its traceback")
