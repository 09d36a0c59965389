"""``minimlp evaluate``: the figures of known rows, and one line where they cannot be had."""

import re

import pytest

from minimlp import TableModel
from minimlp.cli import main


def evaluate(capsys, *options):
    assert main(["evaluate", *options]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_classes(classifier, table, capsys):
    out = evaluate(capsys, classifier, table)
    measured = TableModel.load(f"{classifier}/model.npz").evaluate(table)
    assert out.startswith("plants.csv: 60 rows\n")
    for name, value in measured.items():
        assert re.search(rf"^  {name.replace('_', ' ')} +{value:.4f}$", out, re.MULTILINE)
    assert out == evaluate(capsys, f"{classifier}/model.npz", table)


def test_quantities(regressor, two, table, capsys):
    out = evaluate(capsys, regressor, table)
    measured = TableModel.load(f"{regressor}/model.npz").evaluate(table)
    assert re.search(rf"^  RMSE +{measured['rmse']:.4g} ", out, re.MULTILINE)
    assert re.search(rf"^  R² +{measured['r2']:.4f} ", out, re.MULTILINE)
    out = evaluate(capsys, two, table)
    measured = TableModel.load(f"{two}/model.npz").evaluate(table)
    for name in ("mass", "length"):
        assert re.search(rf"^  {name}\n +RMSE +{measured[name]['rmse']:.4g} ", out, re.MULTILINE)


def test_one_row(classifier, regressor, lines, capsys, tmp_path):
    (tmp_path / "one.csv").write_text("\n".join(lines[:2]))
    assert "one.csv: 1 row\n" in evaluate(capsys, classifier, "one.csv")
    assert "nan" not in evaluate(capsys, regressor, "one.csv")


def test_standard_input_and_rows_left_out(classifier, lines, capsys, tmp_path, monkeypatch):
    lines[3] = lines[3].replace("p2,", "p2,NA,", 1).replace(",NA,", ",NA;", 1)
    lines[3] = "p2,NA,1,red,true,oak,5"
    (tmp_path / "holes.csv").write_text("\n".join(lines))
    with open("holes.csv") as file:
        monkeypatch.setattr("sys.stdin", file)
        out = evaluate(capsys, classifier, "-", "--drop-missing")
    assert out.startswith("standard input: 59 rows\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("length,width,colour,wild\n5,3,red,true\n", ["no column 'kind'"]),
        ("length,width,colour,wild,kind\n", ["no rows"]),
        ("length,width,colour,wild,kind\n5,3,red,true,fir\n", ["row 1, column 'kind'", "'fir'"]),
        ("length,width,colour,wild,kind\n5,3,red,true,\n", ["row 1, column 'kind'", "missing"]),
        ("length,width,colour,wild,kind\n5,,red,true,elm\n", ["row 1, column 'width'", "missing"]),
        ("length,width,colour,wild,kind\n5,x,red,true,elm\n", ["row 1, column 'width'", "'x'"]),
        ("length,width,colour,wild,kind\n5,3,red,yes,elm\n", ["row 1, column 'wild'", "'yes'"]),
    ],
)
def test_rows_that_cannot_be_measured(text, words, classifier, fails, tmp_path):
    (tmp_path / "known.csv").write_text(text)
    fails(["evaluate", classifier, "known.csv"], "known.csv", *words)
