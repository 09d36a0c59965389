"""What is printed never steers a terminal, nor fills it."""

import pytest

from minimlp import TableModel
from minimlp.cli import main
from minimlp.cli.words import columns, listed, words

EVIL = "\x1b[2J\x1b]0;owned\x07\u202e\x9b31m"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("plain", "plain"),
        ("tab\tnew\nline\r", "tab?new?line?"),
        ("\x1b[31m\x7f\x9b\u202e\udcff", "?[31m????"),
        (0.123456, "0.1235"),
        (-54770.4, "-54,770"),
        (9999.0, "9999"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        ([1, "a\n", [2.0]], "1 a? 2"),
        (None, "None"),
    ],
)
def test_words(value, said):
    assert words(value) == said


def test_long_text_is_cut():
    assert words("x" * 10, 10) == "x" * 10
    assert words("x" * 11, 10) == "x" * 9 + "…"
    assert words(["x"] * 1000, 10) == "x x x x x…"
    assert listed(["a", "b\n", "c" * 99], most=2) == "a, b?, ... 1 more"
    assert len(listed(["c" * 99])) == 24


def test_columns():
    assert columns([["", "n"], ["long", "1"], ["x", "22"]]) == "         n\n  long   1\n  x     22"


def harmless(text):
    assert all(line.isprintable() for line in text.splitlines())
    assert max(map(len, text.split("\n"))) < 400


@pytest.fixture
def evil_table(tmp_path):
    """A table whose column names, class names and cells are escapes, and long."""
    names = [f"x{EVIL}", "w" * 5000, f"c{EVIL}", f"kind{EVIL}", "k"]
    rows = [
        f"{k},{k * k % 7},{'ab'[k % 2]}{EVIL}{'v' * 3000},{'AB'[k // 2 % 2]}{EVIL}{'t' * 3000},1"
        for k in range(20)
    ]
    (tmp_path / "evil.csv").write_text("\n".join([",".join(names), *rows]))
    return names


@pytest.mark.parametrize("target", [0, 3])
def test_a_table_of_escapes(target, evil_table, capsys, tmp_path):
    options = ["--target", evil_table[target], "--epochs", "1", "--drop", "k", "-o", f"r{EVIL}"]
    assert main(["train", "evil.csv", *options]) == 0
    assert main(["info", f"r{EVIL}"]) == 0
    assert main(["evaluate", f"r{EVIL}", "evil.csv"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    harmless(out)
    model = TableModel.load(tmp_path / f"r{EVIL}" / "model.npz")
    assert model.target.names == (evil_table[target],)  # the model knows the real ones
    name = evil_table[1 if target else 3]
    assert main(["predict", f"r{EVIL}", "evil.csv", "-o", "out.csv", "--keep", name]) == 0
    harmless(capsys.readouterr().err)


def test_errors_of_escapes(evil_table, classifier, fails, tmp_path):
    (tmp_path / f"f{EVIL}.csv").write_text(f"length,{EVIL}\n")
    header = "length,width,colour,wild\n"
    (tmp_path / "cell.csv").write_text(f"{header}1,2,{EVIL},true\n")
    (tmp_path / "number.csv").write_text(f"{header}1,{EVIL},red,true\n")
    for arguments in (
        ["train", "evil.csv"],
        ["train", "evil.csv", "--target", EVIL],
        ["train", f"no{EVIL}.csv", "--target", "x"],
        ["train", f"f{EVIL}.csv", "--target", "x"],
        ["train", "evil.csv", "--target", "k", "--test", EVIL],
        ["predict", classifier, "evil.csv"],
        ["predict", classifier, "cell.csv"],
        ["predict", classifier, "number.csv"],
        ["predict", classifier, "cell.csv", "--keep", EVIL],
        ["predict", classifier, "cell.csv", "-o", f"{EVIL}/out.csv"],
        ["info", EVIL],
        [EVIL],
        ["train", f"--{EVIL}"],
        ["train", "--epochs", EVIL],
    ):
        assert len(fails(arguments)) < 2100
