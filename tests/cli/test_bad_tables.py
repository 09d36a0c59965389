"""Tables that cannot be used: one line with file, row and column, and nothing written."""

import gzip
import os
import sys

import pytest

from minimlp import Dense, Sequential
from minimlp.cli import main

GOOD = "x,c,y\n" + "".join(f"{k},{'ab'[k % 2]},{['no', 'yes'][k // 2 % 2]}\n" for k in range(20))
NUMBERS = "x,y,z\n" + "".join(f"{k},{k * k}.5,{9 - k}.5\n" for k in range(20))


def with_row(text):
    return GOOD + text + "\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        (" \n\n", ["empty"]),
        ("x,c,y\n", ["no rows"]),
        (with_row("1,a"), ["row 21", "2 cells", "3 columns"]),
        (with_row("1,a,yes,4"), ["row 21", "4 cells", "3 columns"]),
        (with_row('1,"a,yes'), ["row 21", "quotes"]),
        (bytes(range(256)) * 4, ["data.csv"]),
        (b"PK\x03\x04" + b"\0" * 99, ["zip", "workbook", "CSV"]),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, ["workbook", "CSV"]),
        (GOOD.encode("utf-16"), ["UTF-16", "UTF-8"]),
        (with_row("1,é,yes").encode("latin-1"), ["row 21", "column 'c'", "UTF-8"]),
        (b"PAR1" + b"\0" * 99, ["damaged"]),
        (gzip.compress(GOOD.encode())[:-20], ["damaged"]),
        (GOOD.replace("x,c,y", "x,x,y"), ["two columns are named 'x'"]),
        (GOOD.replace("x,c,y", "x,,y"), ["column 2 has no name"]),
        (with_row("1,,yes"), ["row 21, column 'c'", "missing", "--drop-missing"]),
        (with_row("NA,a,yes"), ["row 21, column 'x'", "missing"]),
        (with_row("1,a,"), ["row 21, column 'y'", "missing"]),
        (with_row("inf,a,yes"), ["row 21, column 'x'", "inf"]),
        (with_row("1e999,a,yes"), ["row 21, column 'x'", "inf"]),
        (with_row("many,a,yes"), ["row 21, column 'x'", "'many'"]),
        (with_row('"1,234",a,yes'), ["row 21, column 'x'", "'1,234'", "thousands"]),
        (
            GOOD.replace(",", ";").replace("\n1;", "\n1,5;"),
            ["row 2, column 'x'", "'1,5'", "decimal"],
        ),
        (with_row("1,a,perhaps"), ["row 21, column 'y'", "'perhaps'", "alone"]),
        (GOOD.replace("yes", "no"), ["'y'", "'no' in every row"]),
        ("x,c,y\n1,a,no\n2,b,no\n3,a,yes\n", ["'yes'", "alone"]),
        ("x,c,y\n1,a,no\n", ["'no' in every row"]),
        ("y\n" + "no\nyes\n" * 9, ["no column is left"]),
        ("x,c,y\n" + "1,a,no\n1,a,yes\n" * 9, ["no column varies"]),
        (
            "x,c,y\n" + "".join(f"{k},a{k},{'ab'[k % 2]}\n" for k in range(200)),
            ["column 'c'", "different values", "--drop c"],
        ),
        (
            "x,c,y\n" + "".join(f"{k},2024-01-{1 + k % 28:02},{'ab'[k % 2]}\n" for k in range(40)),
            ["column 'c'", "dates", "--drop c"],
        ),
        (
            "x,c,y\n" + "".join(f"{'oops' if k == 9999 else k},a,{k % 2}\n" for k in range(12_000)),
            ["column 'x'", "'oops'", "row 10000"],
        ),
    ],
)
def test_training(content, words, fails, tmp_path):
    content = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "data.csv").write_bytes(content)
    fails(["train", "data.csv", "--target", "y"], "data.csv", *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--target Y", ["no column 'Y'", "did you mean 'y'"]),
        ("--target y --drop zone", ["no column 'zone'"]),
        ("--target y --categorical xx", ["no column 'xx'", "'x'"]),
        ("--target y --drop y", ["'y'", "dropped"]),
        ("--target y --target y", ["twice"]),
        ("--target y --target z --task classification", ["several targets"]),
        ("--target y --test 0.5 --validation 0.5", ["no rows to train on"]),
        ("--target y --test none.csv", ["none.csv: No such file"]),
        ("--target y --validation .", [": Is a directory"]),
        ("--target y --test unfit.csv", ["unfit.csv, row 1, column 'x'", "'red'"]),
        ("--target y --test header.csv", ["header.csv has no rows"]),
        ("--target y --output taken", ["taken", "exists"]),
        (f"--target y --output new/{'x' * 300}", ["name too long"]),
        ("", ["--target", "x, y, z"]),
    ],
)
def test_options(options, words, fails, tmp_path):
    (tmp_path / "data.csv").write_text(NUMBERS)
    (tmp_path / "unfit.csv").write_text("x,y,z\nred,1,2\n")
    (tmp_path / "header.csv").write_text("x,y,z\n")
    (tmp_path / "taken").mkdir()
    fails(["train", "data.csv", *options.split()], *words)


def test_constant_quantities_and_too_few_rows(fails, tmp_path):
    (tmp_path / "same.csv").write_text("x,y\n" + "".join(f"{k},2.5\n" for k in range(20)))
    fails(["train", "same.csv", "--target", "y"], "same.csv", "'y' is 2.5 in every row")
    (tmp_path / "one.csv").write_text("x,y\n1,2.5\n")
    fails(["train", "one.csv", "--target", "y"], "one.csv", "too few")


@pytest.mark.parametrize("name", ["missing.csv", ".", ""])
def test_no_file(name, classifier, fails):
    for arguments in (["predict", classifier], ["evaluate", classifier]):
        fails([*arguments, name], name or "''")
    fails(["train", name, "--target", "y"], name or "''")


@pytest.mark.parametrize("form", ["bom", "tab", ";", "|", "crlf", "gzip"])
def test_forms_that_are_read(form, capsys, tmp_path):
    text = GOOD.replace("\n", "\r\n") if form == "crlf" else GOOD
    text = text.replace(",", {"tab": "\t"}.get(form, form)) if form in ("tab", ";", "|") else text
    content = text.encode("utf-8-sig" if form == "bom" else "utf-8")
    (tmp_path / "data").write_bytes(gzip.compress(content) if form == "gzip" else content)
    assert main(["train", "data", "--target", "y", "--epochs", "1"]) == 0
    assert "\n  x  number\n  c  2 values: a, b\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("length,width,wild\n1,2,true\n", ["no column 'colour'"]),
        ("Length,width,colour,wild\n1,2,red,true\n", ["'length'", "did you mean 'Length'"]),
        ("length,width,colour,wild\n1,2,mauve,true\n", ["row 1, column 'colour'", "known are"]),
        ("length,width,colour,wild\n1,2,red,true\n1,,red,true\n", ["row 2, column 'width'"]),
        ("length,width,colour,wild\n1,2,red,true\n1,two,red,true\n", ["row 2, column 'width'"]),
        ("length,width,colour,wild\n1,-inf,red,true\n", ["row 1, column 'width'", "inf"]),
        ("length,width,colour,wild\n1,2,3,true\n", ["row 1, column 'colour'", "'3'"]),
        ("length,width,colour,wild\n1,2,red\n", ["row 1", "3 cells"]),
        ("", ["empty"]),
    ],
)
def test_prediction(content, words, classifier, fails, tmp_path):
    (tmp_path / "new.csv").write_text(content)
    for options in ([], ["-o", "out.csv"], ["-o", "out.parquet"]):
        fails(["predict", classifier, "new.csv", *options], "new.csv", *words)
    fails(["predict", classifier, "new.csv", "--keep", "idd"], "new.csv")


def test_models_that_are_none(digits, classifier, table, fails, tmp_path):
    Sequential(Dense(4, 3)).save("plain.npz")
    with open(os.path.join(classifier, "model.npz"), "rb") as file:
        whole = file.read()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    turned = bytearray(whole)
    turned[len(whole) // 2] ^= 255
    (tmp_path / "turned.npz").write_bytes(turned)
    (tmp_path / "text.npz").write_text("a,b\n")
    (tmp_path / "folder").mkdir()
    for command in ("predict", "evaluate"):
        for name, words in (
            (digits, "no table"),
            ("plain.npz", "no table"),
            ("cut.npz", "damaged"),
            ("turned.npz", "checksum"),
            ("text.npz", "not a minimlp model"),
            ("folder", "model.npz: No such file"),
            ("none.npz", "No such file"),
        ):
            fails([command, name, table], name, words)


def test_without_polars(classifier, table, fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    fails(["train", table, "--target", "kind"], "minimlp[tables]")
    fails(["predict", classifier, table, "-o", "out.csv"], "minimlp[tables]")
    fails(["evaluate", classifier, table], "minimlp[tables]")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(classifier, table, fails, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    fails(["train", table, "--target", "kind", "-o", "closed/run"], "Permission denied")
    fails(["predict", classifier, table, "-o", "closed/out.csv"], "Permission denied")
