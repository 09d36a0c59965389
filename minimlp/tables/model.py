"""A network and what stands around it: columns in, labels or quantities out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model_file import model_contents, model_state
from ..sequential import Sequential
from ..storage import read_archive, write_archive
from ..training import History
from .description import describe_table, read_description
from .features import Feature, encode
from .figures import measure
from .intervals import describe_posterior, in_units, joined, read_posterior
from .preparation import Preparation, prepare, read_part
from .recipe import Recipe
from .rows import need_columns, open_rows
from .target import Classes, Quantities, Task
from .training import posterior_of, train

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray

    from ..derivatives.interval import Interval
    from ..derivatives.laplace import LaplacePosterior
    from .table import Table


_CHUNK = 4096  # rows whose inputs stay in the cache while columns are written side by side


class TableModel:
    """A model of a table: rows in as they are, predictions out in the target's units or labels.

    `fit` makes one of data, `load` of a file.

    Attributes
    ----------
    features : tuple of Feature
        The columns it reads, with their kinds and values.
    target : Classes or Quantities
        What it predicts.
    model : Sequential
        The network between them; it standardises numbers itself.
    history : History
        How training went; not saved, empty after `load`.
    posterior : LaplacePosterior or None
        Of a regression that was trained with ``intervals=True``; in standardised units.
    metadata : dict
        Anything JSON can hold; saved with the model.

    Examples
    --------
    >>> rows = {"size": [1.0, 1.2, 0.9, 3.1, 2.9, 3.0], "kind": ["cat"] * 3 + ["dog"] * 3}
    >>> model = TableModel.fit(rows, target="kind", seed=0)
    >>> model.predict({"size": [1.1, 3.2]})
    array(['cat', 'dog'], dtype='<U3')
    """

    def __init__(
        self,
        features: Sequence[Feature],
        target: Classes | Quantities,
        model: Sequential,
        history: History | None = None,
        posterior: LaplacePosterior | None = None,
    ) -> None:
        self.features = tuple(features)
        self.target = target
        self.model = model
        self.history = History() if history is None else history
        self.posterior = posterior

    @classmethod
    def fit(
        cls,
        rows: Any,
        target: str | Sequence[str],
        *,
        task: Task | None = None,
        drop: str | Sequence[str] = (),
        categorical: str | Sequence[str] = (),
        drop_missing: bool = False,
        separator: str | None = None,
        validation: Any = 0.0,
        seed: Any = None,
        progress: bool | None = None,
        **recipe: Any,
    ) -> TableModel:
        """Train a model on a table.

        Numbers are standardised within the model, text and booleans become one-hot; columns that
        do not vary are left out. Networks are trained, chosen and joined as `minimlp.tables.recipe`
        says.

        Parameters
        ----------
        rows : path, polars or pandas DataFrame, dict of columns, or list of dicts
            A file is CSV, TSV or the like, also compressed by gzip, or Parquet. Only files need
            polars.
        target : str, or sequence of str
            The column to predict; several for several quantities.
        task : {"classification", "regression"}, optional
            By default text, booleans, and whole numbers of at most 20 values that have three rows
            each on average are classes, everything else is a quantity.
        drop : str or sequence of str
            Columns to leave out.
        categorical : str or sequence of str
            Columns whose numbers are names.
        drop_missing : bool
            Leave out rows that lack a value; without it they are an error.
        separator : str, optional
            Of a text file; found among ``, ; tab |`` unless given.
        validation : float or rows
            What networks are judged by: a share of the rows in [0, 1), each class in proportion, or
            rows of their own. By default each network is judged by the fold it has not seen.
        seed : optional
            Anything `np.random.default_rng` takes: splits, first weights, order of batches.
        progress : bool, optional
            Whether to show a bar, as for `Sequential.fit`.
        **recipe
            ``hidden``, ``activation``, ``dropout``, ``networks``, ``loss``, ``optimizer``,
            ``learning_rate``, ``epochs``, ``l2``, ``patience``, ``intervals``, ``dtype`` and the
            rest: as for `minimlp.tables.Recipe`.

        Returns
        -------
        TableModel

        Raises
        ------
        TypeError, ValueError
            Rows or arguments that cannot be used: file, row and column are named.
        OSError
            A file cannot be read.
        ImportError
            A file is given and polars is not installed.
        FloatingPointError
            The numbers ran away.
        """
        if unknown := recipe.keys() - {field.name for field in fields(Recipe)}:
            raise TypeError(f"fit() got an unexpected keyword argument {min(unknown)!r}")
        settings = Recipe(**recipe)
        prepared = prepare(
            rows,
            target,
            task=task,
            drop=drop,
            categorical=categorical,
            drop_missing=drop_missing,
            separator=separator,
            validation=validation,
            seed=seed,
        )
        return cls.fit_prepared(prepared, settings, seed=seed, progress=progress)

    @classmethod
    def fit_prepared(
        cls,
        prepared: Preparation,
        recipe: Recipe,
        *,
        seed: Any = None,
        checkpoints: Path | None = None,
        progress: bool | None = None,
    ) -> TableModel:
        """Train a model on what `prepare` made ready, with checkpoints in a folder that exists."""
        model, history = train(prepared, recipe, seed, progress, checkpoints)
        posterior = posterior_of(model, prepared) if recipe.intervals else None
        return cls(prepared.features, prepared.target, model, history, posterior)

    @property
    def task(self) -> Task:
        """``"classification"`` or ``"regression"``."""
        return "classification" if isinstance(self.target, Classes) else "regression"

    @property
    def classes(self) -> tuple[Any, ...]:
        """The labels, in the order of the scores; none for a regression."""
        return self.target.labels if isinstance(self.target, Classes) else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that prediction needs."""
        return tuple(feature.name for feature in self.features)

    @property
    def metadata(self) -> dict[str, Any]:
        """Anything JSON can hold; saved with the model."""
        return self.model.metadata

    @metadata.setter
    def metadata(self, values: dict[str, Any]) -> None:
        self.model.metadata = values

    def predict(
        self, rows: Any, *, drop_missing: bool = False, separator: str | None = None
    ) -> NDArray[Any]:
        """Predict the target of each row.

        Parameters
        ----------
        rows : path, polars or pandas DataFrame, dict of columns, or list of dicts
            With the columns of `columns`, in any order; others are ignored.
        drop_missing : bool
            Leave out rows that lack a value.
        separator : str, optional
            Of a text file; found unless given.

        Returns
        -------
        array (rows,)
            Labels as they were in training, or float64 in the target's units; (rows, targets)
            where there are several.

        Raises
        ------
        TypeError, ValueError, OSError
            The rows cannot be read, a column is missing, or a value is missing, infinite, of
            another kind than in training, or a text that was not seen there.
        """
        return self.target.decode(self._outputs(rows, drop_missing, separator))

    def predict_intervals(
        self,
        rows: Any,
        level: float = 0.95,
        *,
        drop_missing: bool = False,
        separator: str | None = None,
    ) -> Interval:
        """Predict each row with an interval that a new observation lies in, with this probability.

        Parameters
        ----------
        level : float
            The probability, above 0 and below 1.
        rows, drop_missing, separator
            As for `predict`.

        Returns
        -------
        Interval
            ``mean, lower, upper`` and the deviations of both parts, in the targets' units: arrays
            (rows, targets).

        Raises
        ------
        TypeError
            The model was trained without intervals.
        """
        pieces = [
            self.intervals_of(piece, level) for piece in self._pieces(rows, drop_missing, separator)
        ]
        return pieces[0] if len(pieces) == 1 else joined(pieces)

    def intervals_of(self, table: Table, level: float) -> Interval:
        """Give the intervals of a piece of a table."""
        if self.posterior is None or not isinstance(self.target, Quantities):
            raise TypeError("this model has no intervals: train a regression with intervals=True")
        outputs = self.outputs(table)  # which refuses rows that lead to infinite numbers
        x = encode(table, self.features)
        return in_units(self.posterior, self.target, x, outputs, level)

    def predict_scores(
        self, rows: Any, *, drop_missing: bool = False, separator: str | None = None
    ) -> NDArray[np.float64]:
        """Give each class its score, an array (rows, classes) in the order of `classes`.

        The largest score is the prediction. Parameters and errors as for `predict`.

        Raises
        ------
        TypeError
            The model predicts quantities.
        """
        if not isinstance(self.target, Classes):
            names = ", ".join(self.target.names)
            raise TypeError(f"scores are for classes, this model predicts the quantity {names}")
        return self._outputs(rows, drop_missing, separator)

    def evaluate(
        self, rows: Any, *, drop_missing: bool = False, separator: str | None = None
    ) -> dict[str, Any]:
        """Measure the model on rows with known targets.

        Parameters
        ----------
        rows, drop_missing, separator
            As for `predict`; rows hold the target as well.

        Returns
        -------
        dict
            ``"accuracy"`` and ``"balanced_accuracy"``; or ``"rmse"``, ``"mae"`` and ``"r2"`` in the
            target's units, for several targets such a dict for each by its name.

        Raises
        ------
        TypeError, ValueError, OSError
            As for `predict`; also where there are no rows, or a class that was not seen in
            training.
        """
        part = read_part(
            rows, self.features, self.target, drop_missing=drop_missing, separator=separator
        )
        return measure(self.target, part, self.model.predict(part.x))

    def outputs(self, table: Table) -> NDArray[np.float64]:
        """Give the network's outputs for a piece of a table."""
        if not len(table):
            return np.empty((0, self.target.outputs))
        found = [
            self.model.predict(encode(table.take(slice(start, start + _CHUNK)), self.features))
            for start in range(0, len(table), _CHUNK)
        ]
        outputs = found[0] if len(found) == 1 else np.concatenate(found)
        wrong = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if wrong.size:
            raise ValueError(
                f"{table.source}, row {table.numbers[wrong[0]]} holds numbers so large that "
                f"what is predicted from them is not finite"
            )
        return outputs

    def _outputs(self, rows: Any, drop_missing: bool, separator: str | None) -> NDArray[Any]:
        found = [self.outputs(piece) for piece in self._pieces(rows, drop_missing, separator)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _pieces(self, rows: Any, drop_missing: bool, separator: str | None) -> Iterator[Table]:
        with open_rows(rows, separator) as opened:
            need_columns(opened, self.columns)
            pieces = opened.pieces({feature.name: feature.kind for feature in self.features})
            for piece in pieces:
                yield piece.only_complete() if drop_missing else piece

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one ``.npz`` file, atomically.

        It holds all that prediction needs, and no code. `Sequential.load` reads the network alone.

        Raises
        ------
        TypeError, ValueError, OSError
            As for `Sequential.save`.
        """
        header, arrays = model_contents(self.model)
        header["table"] = describe_table(self.features, self.target)
        if self.posterior is not None:
            header["table"]["intervals"], more = describe_posterior(self.posterior)
            arrays.update(more)
        write_archive(path, header, arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> TableModel:
        """Read a model that `save` wrote. Prediction from a dict then needs NumPy alone.

        Raises
        ------
        ValueError
            The file is no model, or a model without a table, or damaged; the message says which.
        OSError
            The file cannot be opened.
        """
        header, arrays = read_archive(path)
        if "table" not in header:
            raise ValueError(f"{path} is a model of no table: it was not saved by a TableModel")
        model = Sequential.restored(model_state(path, header, arrays))
        features, target = read_description(path, header["table"], model)
        posterior = None
        if "intervals" in header["table"]:
            posterior = read_posterior(path, header["table"]["intervals"], arrays, model, target)
        return cls(features, target, model, posterior=posterior)

    def __repr__(self) -> str:
        return (
            f"<TableModel: {', '.join(self.target.names)} from {len(self.features)} columns, "
            f"{self.task}>"
        )
