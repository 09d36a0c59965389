"""``minimlp explain``: the worked page, any row of any model, and one line for every mistake."""

import contextlib
import io
import os
from pathlib import Path

import numpy as np
import pytest

from minimlp import SGD, Dense, Sequential, Sigmoid, TableModel, explain
from minimlp.cli import main
from minimlp.datasets import load_digits
from minimlp.explanation.worked_page import worked_page
from minimlp.losses import CategoricalCrossEntropy


def test_without_a_model_it_is_the_worked_page(capsys):
    assert main(["explain"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out == worked_page().to_text()
    assert main(["explain", "--digits", "12", "--format", "latex"]) == 0
    assert capsys.readouterr().out == worked_page(12).to_latex()


@pytest.mark.parametrize(
    ("name", "options", "method"),
    [
        ("page.html", [], "to_html"),
        ("page.HTM", [], "to_html"),
        ("page.md", [], "to_markdown"),
        ("page.tex", [], "to_latex"),
        ("page.txt", [], "to_text"),
        ("page.txt", ["--format", "html"], "to_html"),
        ("page", ["--format", "markdown"], "to_markdown"),
    ],
)
def test_the_file_chooses_the_format(name, options, method, capsys, tmp_path):
    assert main(["explain", "-o", name, *options]) == 0
    assert capsys.readouterr() == ("", "")
    written = (tmp_path / name).read_text(encoding="utf-8")
    assert written == getattr(worked_page(), method)()


def test_a_file_that_exists_stays(fails, tmp_path):
    (tmp_path / "page.html").write_text("mine")
    fails(["explain", "-o", "page.html"], "page.html already exists", "--overwrite")
    assert (tmp_path / "page.html").read_text() == "mine"
    assert main(["explain", "-o", "page.html", "--overwrite"]) == 0
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory, classifier):
    """Give runs of small networks: of classes, with label smoothing, and of two quantities."""
    folder = tmp_path_factory.mktemp("small")
    table = folder / "plants.csv"
    table.write_text((Path(classifier).parent / "plants.csv").read_text())
    common = ["train", str(table), "-q", "--epochs", "5", "--drop", "id", "--networks", "1"]
    common += ["--hidden", "3", "--optimizer", "adam"]
    runs = {
        "classes": ["--target", "kind", "--label-smoothing", "0.1", "--l2", "0.001"],
        "quantities": ["--target", "mass", "--target", "length", "--drop", "kind"],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        for name, options in runs.items():
            assert main([*common, *options, "-o", str(folder / name)]) == 0
    return folder


def test_a_row_of_a_table_of_classes(small, capsys):
    table, run = str(small / "plants.csv"), str(small / "classes")
    assert main(["explain", run, table, "--row", "2"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    model = TableModel.load(small / "classes" / "model.npz")
    assert "CategoricalCrossEntropy(label_smoothing=0.1)" in out
    assert "The penalty on weights that training added is not part of this step." in out
    assert "The outputs from o₁ on: ash, elm, oak." in out
    assert "target(o₂) = 1 " in out  # the second row is an elm
    for words in ("length", "colour = blue", "wild = true"):
        assert f" {words} " in out
    loss = CategoricalCrossEntropy(0.1)
    cells = (small / "plants.csv").read_text().splitlines()[2].split(",")
    row = dict(zip(["id", "length", "width", "colour", "wild", "kind", "mass"], cells, strict=True))
    outputs = model.predict_scores({k: [_number(v)] for k, v in row.items()})
    expected = loss.value(outputs, np.array([1]))
    assert f"Loss = loss(o₁) + loss(o₂) + loss(o₃) = {_terms(out)} = {expected:#.6g}" in out


def _number(cell):
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return float(cell)
    except ValueError:
        return cell


def _terms(out):
    return out.split("Loss = loss(o₁) + loss(o₂) + loss(o₃) = ")[1].split(" = ")[0]


def test_a_row_of_quantities_and_one_parameter(small, capsys):
    table, run = str(small / "plants.csv"), str(small / "quantities" / "model.npz")
    assert main(["explain", run, table, "--learning-rate", "0.25", "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "SGD(0.25)" in out
    assert "in standard deviations" in out
    name = "layers[1].weight[0, 2]"
    assert main(["explain", run, table, "--row", "60", "--parameter", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"One step of {name}\n")
    assert "As matrices" in out


def test_the_digits(digits, capsys):
    name = "layers[0].weight[20, 5]"
    assert main(["explain", digits, "--row", "3", "--parameter", name]) == 0
    out = capsys.readouterr().out
    assert "Digit 3 of 1,797, a 2." in out
    model = Sequential.load(os.path.join(digits, "model.npz"))
    x, y = load_digits()
    expected = explain(model, x[2:3], y[2:3], optimizer=SGD(0.1), parameter=name)
    assert expected.to_text().partition("\nEvery path\n")[2] in out


def test_a_large_network_offers_one_parameter(digits, fails):
    fails(["explain", digits], "4,810 parameters", "give --parameter 'layers[0].weight[32, 32]'")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--row 3", ["--row", "MODEL"]),
        ("--parameter w", ["--parameter", "MODEL"]),
        ("--learning-rate 1", ["--learning-rate", "MODEL"]),
        ("--format pdf", ["--format", "pdf"]),
        ("--digits 1", ["--digits"]),
        ("--digits 18", ["digits", "17"]),
        ("-o page.pdf", ["page.pdf", ".html", "--format"]),
        ("-o no/page.html", ["no/page.html: No such file"]),
        ("-o .", ["--output .", "folder"]),
        ("none.npz a.csv", ["none.npz: No such file"]),
        ("RUN", ["a model of a table", "DATA"]),
        ("RUN none.csv", ["none.csv: No such file"]),
        ("RUN TABLE --row 0", ["--row"]),
        ("RUN TABLE --row 61", ["--row 61", "has 60 rows"]),
        ("RUN TABLE --parameter layers[1].weigth[0,0]", ["did you mean 'layers[1].weight[0, 0]'"]),
        ("RUN TABLE --parameter layers[1].weight[99,0]", ["shape"]),
        ("RUN TABLE --unknown", ["--unknown"]),
        ("own.npz TABLE", ["a model of no table"]),
        ("own.npz", ["neither a table nor the digits"]),
    ],
)
def test_mistakes(typed, words, small, fails):
    Sequential(Dense(3, 2), Sigmoid()).save("own.npz")
    places = {"RUN": str(small / "classes"), "TABLE": str(small / "plants.csv")}
    fails(["explain", *(places.get(word, word) for word in typed.split(" "))], *words)


def test_a_row_that_lacks_a_value(small, fails, tmp_path):
    lines = (small / "plants.csv").read_text().splitlines()
    lines[2] = lines[2].replace("blue", "")
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n")
    run = str(small / "classes")
    fails(["explain", run, "gap.csv", "--row", "2"], "--row 2", "lacks a value")
    assert main(["explain", run, "gap.csv", "--row", "3"]) == 0
