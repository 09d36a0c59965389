"""Small tables, models trained on them once, and what is asked of every failure."""

import contextlib
import io
import os

import numpy as np
import pytest

from minimlp.cli import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plants(rows=60, seed=0):
    """Give lines of CSV: ``kind`` is one of three classes, ``mass`` a quantity."""
    rng = np.random.default_rng(seed)
    lines = ["id,length,width,colour,wild,kind,mass"]
    for row in range(rows):
        kind = row % 3
        length, width = rng.normal(5 + 2 * kind, 0.3), rng.normal(3 - kind, 0.3)
        colour, wild = ("red", "blue")[row % 2], ("true", "false")[row // 2 % 2]
        mass = 1000 * length + 300 * (row % 2) + rng.normal()
        cells = [f"{length:.3f}", f"{width:.3f}", colour, wild, ("ash", "elm", "oak")[kind]]
        lines.append(",".join([f"p{row}", *cells, f"{mass:.2f}"]))
    return lines


@pytest.fixture
def lines():
    return plants()


@pytest.fixture
def table(lines, tmp_path):
    (tmp_path / "plants.csv").write_text("\n".join(lines) + "\n")
    return "plants.csv"


@pytest.fixture
def fails(capsys):
    """Run a command that must fail in one line, and give the line."""

    def run(arguments, *words, status=2):
        before = sorted(os.walk("."))
        capsys.readouterr()
        assert main(arguments) == status
        err = capsys.readouterr().err
        assert err.startswith("minimlp: error: ")
        assert err.count("\n") == 1
        assert err[:-1].isprintable()
        for word in words:
            assert word in err
        assert sorted(os.walk(".")) == before  # nothing written, nothing left behind
        return err

    return run


def trained(folder, *options):
    (folder / "plants.csv").write_text("\n".join(plants()) + "\n")
    arguments = ["train", str(folder / "plants.csv"), "--epochs", "5", "--drop", "id", *options]
    with contextlib.redirect_stdout(io.StringIO()):
        assert main([*arguments, "-o", str(folder / "run")]) == 0
    return str(folder / "run")


@pytest.fixture(scope="session")
def classifier(tmp_path_factory):
    """Give the folder of a run that learnt ``kind``."""
    return trained(tmp_path_factory.mktemp("kind"), "--target", "kind", "--drop", "mass")


@pytest.fixture(scope="session")
def regressor(tmp_path_factory):
    """Give the folder of a run that learnt ``mass``."""
    return trained(tmp_path_factory.mktemp("mass"), "--target", "mass", "--drop", "kind")


@pytest.fixture(scope="session")
def two(tmp_path_factory):
    """Give the folder of a run that learnt ``mass`` and ``length``."""
    options = ["--target", "mass", "--target", "length", "--drop", "kind"]
    return trained(tmp_path_factory.mktemp("two"), *options)


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """Give the folder of a run on the digits."""
    folder = tmp_path_factory.mktemp("digits")
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["train", "-q", "--epochs", "1", "-o", str(folder / "run")]) == 0
    return str(folder / "run")
