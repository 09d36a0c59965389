"""``minimlp train DATA``: a network for a column of a table."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from . import table_report as report
from .output import output_folder
from .parser import INTERRUPTED, CommandError, errors_in_one_line
from .run_files import overflow_is_told, write_run
from .streams import table_source
from .words import listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..tables import Classes, Quantities, TableModel
    from ..tables.preparation import Part, Preparation
    from ..tables.recipe import Recipe

_RECIPE = (
    "hidden",
    "activation",
    "networks",
    "dtype",
    "learning_rate",
    "momentum",
    "weight_decay",
    "epochs",
    "batch_size",
)


def train_table(options: argparse.Namespace) -> int:
    """Prepare, train, test, write, and say so."""
    from ..tables.recipe import Recipe

    def say(text: str) -> None:
        if not options.quiet:
            print(text, flush=True)

    given = {name: getattr(options, name) for name in _RECIPE}
    recipe = Recipe(**{name: value for name, value in given.items() if value is not None})
    with errors_in_one_line():
        prepared = _prepare(options)
    with output_folder(options.output, options.overwrite) as folder:
        say(report.plan(prepared, recipe, options, folder))
        start = time.perf_counter()
        model = _train(prepared, recipe, options)
        seconds = time.perf_counter() - start
        of, part = ("test", prepared.test) if prepared.test else ("training", prepared.training)
        outputs = model.model.predict(part.x)
        figures = _flat_figures(prepared.target, part, outputs, of)
        history = model.history
        decay = model.metadata["weight decay"]
        model.metadata = report.metadata(prepared, recipe, decay, options, history, figures)
        # First the files: what is said may find a closed pipe.
        picture = _picture(prepared.target, part, outputs, of)
        write_run(folder, model, history, "validation", predictions=picture)
        say(report.summary(history, seconds))
        say(report.files(folder))
    print(report.figures(prepared.target, part, outputs, of), flush=True)
    return 0 if history.stopped_because is None else INTERRUPTED


def _prepare(options: argparse.Namespace) -> Preparation:
    """Read the table; without a target, say which columns there are."""
    from ..tables.preparation import prepare
    from ..tables.rows import open_rows

    data = table_source(options.data)
    if options.target is None:
        with open_rows(data, options.separator) as rows:
            names = listed(rows.columns, most=20)
        raise CommandError(f"which column to predict? give --target COLUMN, one of: {names}")
    return prepare(
        data,
        options.target,
        task=options.task,
        drop=options.drop or (),
        categorical=options.categorical or (),
        drop_missing=options.drop_missing,
        separator=options.separator,
        validation=0.0 if options.validation is None else options.validation,
        test=0.2 if options.test is None else options.test,
        seed=options.seed,
    )


def _train(prepared: Preparation, recipe: Recipe, options: argparse.Namespace) -> TableModel:
    """Fit the model.

    Raises
    ------
    CommandError
        The numbers ran away, or the settings do not go together.
    """
    from ..tables import TableModel

    advice = f"try a smaller --learning-rate than {recipe.learning_rate:g}"
    with errors_in_one_line(), overflow_is_told(advice):
        return TableModel.fit_prepared(
            prepared,
            recipe,
            seed=options.seed,
            progress=False if options.quiet else None,
        )


def _flat_figures(
    target: Classes | Quantities, part: Part, outputs: NDArray[Any], of: str
) -> dict[str, float]:
    """Give the figures under names of their own: ``"test rmse"``, or ``"test rmse of width"``."""
    from ..tables.figures import measure

    flat = {}
    for name, value in measure(target, part, outputs).items():
        if isinstance(value, dict):
            flat.update({f"{of} {key} of {name}": each for key, each in value.items()})
        else:
            flat[f"{of} {name.replace('_', ' ')}"] = value
    return flat


def _picture(target: Classes | Quantities, part: Part, outputs: NDArray[Any], of: str) -> Figure:
    from ..metrics import confusion_matrix
    from ..plots import plot_confusion_matrix, plot_predictions
    from ..tables import Classes

    title = f"{of}, {len(part):,} rows"
    if isinstance(target, Classes):
        matrix = confusion_matrix(part.y, outputs)
        return plot_confusion_matrix(matrix, target.labels, title=title)
    true, predicted = target.decode(part.y), target.decode(outputs)
    return plot_predictions(true, predicted, target.names, title=title)
