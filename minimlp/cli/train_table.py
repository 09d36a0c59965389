"""``minimlp train DATA``: a network for a column of a table."""

from __future__ import annotations

import argparse
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import table_report as report
from .parser import DIVERGED, CommandError, errors_in_one_line
from .record import CHECKPOINTS, located, mark_finished, remove_checkpoints, run_folder
from .run_files import is_interrupted, status_of, warnings_in_one_line, write_run
from .streams import table_source
from .threads import one_blas_thread
from .toolbox import check as check_together
from .words import listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..tables import Classes, Quantities, TableModel
    from ..tables.preparation import Part, Preparation
    from ..tables.recipe import Recipe


def train_table(options: argparse.Namespace) -> int:
    """Prepare, train, test, write, and say so."""
    from ..tables.training import check, settled

    recipe = _recipe(options)
    with errors_in_one_line():
        prepared = _prepare(options)
        recipe = settled(prepared, recipe)
        check(prepared, recipe)

    def say(text: str) -> None:
        if not options.quiet:
            print(text, flush=True)

    with run_folder(options) as folder:
        say(report.plan(prepared, recipe, options, folder))
        start = time.perf_counter()
        model = _train(prepared, recipe, options, folder)
        seconds = time.perf_counter() - start
        of, part = ("test", prepared.test) if prepared.test else ("training", prepared.training)
        outputs = model.model.predict(part.x)
        figures = _flat_figures(prepared.target, part, outputs, of)
        history = model.history
        l2 = model.metadata["l2"]
        model.metadata = report.metadata(prepared, recipe, l2, options, history, figures)
        # First the files: what is said may find a closed pipe.
        picture = _picture(prepared.target, part, outputs, of)
        write_run(folder, model, history, "validation", predictions=picture)
        if not is_interrupted(history):
            mark_finished(folder)
            remove_checkpoints(folder)  # many, and of no more use
        say(report.summary(history, seconds))
        say(report.files(folder, history, options))
    print(report.figures(prepared.target, part, outputs, of), flush=True)
    if model.posterior is not None and not options.quiet:
        print(report.coverage(model, part, of), flush=True)
    return status_of(history)


def _recipe(options: argparse.Namespace) -> Recipe:
    """Make the recipe of what was given."""
    from ..tables.recipe import Recipe

    settings = {field.name: getattr(options, field.name) for field in fields(Recipe)}
    given = {name: value for name, value in settings.items() if value is not None}
    together = {"optimizer": "adam", "loss": None, **given}
    check_together(argparse.Namespace(**vars(options) | together))
    with errors_in_one_line():
        return Recipe(**given)


def _prepare(options: argparse.Namespace) -> Preparation:
    """Read the table; without a target, say which columns there are."""
    from ..tables.preparation import prepare
    from ..tables.rows import open_rows

    data = table_source(located(options.data, options))
    if options.target is None:
        with open_rows(data, options.separator) as rows:
            names = listed(rows.columns, most=20)
        raise CommandError(f"which column to predict? give --target COLUMN, one of: {names}")
    prepared = prepare(
        data,
        options.target,
        task=options.task,
        drop=options.drop or (),
        categorical=options.categorical or (),
        drop_missing=options.drop_missing,
        separator=options.separator,
        validation=0.0 if options.validation is None else located(options.validation, options),
        test=0.2 if options.test is None else located(options.test, options),
        seed=options.seed,
    )
    # Wherever the run is taken up again, the model's file says the same.
    return prepared if options.data == "-" else replace(prepared, source=options.data)


def _train(
    prepared: Preparation, recipe: Recipe, options: argparse.Namespace, folder: Path
) -> TableModel:
    """Fit the model, with a checkpoint of each network, unless the rows cannot be read again.

    Raises
    ------
    CommandError
        The numbers ran away, or the settings do not go together.
    """
    from ..tables import TableModel

    checkpoints = None if options.data == "-" else folder / CHECKPOINTS
    if checkpoints is not None:
        checkpoints.mkdir(exist_ok=True)
    try:
        with errors_in_one_line(), warnings_in_one_line(), one_blas_thread():
            return TableModel.fit_prepared(
                prepared,
                recipe,
                seed=options.seed,
                checkpoints=checkpoints,
                progress=False if options.quiet else None,
            )
    except FloatingPointError as error:
        remove_checkpoints(folder)
        message = f"training diverged, nothing is written: {error}"
        raise CommandError(message, DIVERGED) from error


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
