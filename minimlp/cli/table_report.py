"""What the commands say about tables, and what a table's model file records."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..metrics import confusion_matrix
from ..tables import Classes, Quantities
from ..tables.figures import measure, measure_mean
from ..tables.trials import judged, networks_for
from .run_files import go_on, how_it_ended
from .toolbox import SOLVER_NAMES
from .words import columns, listed, words

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

    from ..tables import Feature, TableModel
    from ..tables.preparation import Part, Preparation
    from ..tables.recipe import Recipe
    from ..training import History

_MOST_CLASSES = 20  # whose confusion matrix is printed


def plan(prepared: Preparation, recipe: Recipe, options: argparse.Namespace, folder: Path) -> str:
    """Say what is about to happen."""
    parts = {"train": prepared.training, "validate": prepared.validation, "test": prepared.test}
    rows = ", ".join(f"{name} {len(part):,}" for name, part in parts.items() if part)
    notes = []
    if prepared.incomplete:
        notes.append(f"{_rows(prepared.incomplete)} left out for want of a value")
    if prepared.moved:
        notes.append(f"{_rows(prepared.moved)} to train, not to test: a value is nowhere else")
    used = [[words(feature.name, 40), use(feature)] for feature in prepared.features]
    used += [[words(name, 40), "left out, it does not vary"] for name in prepared.constant]
    used += [[words(name, 40), "dropped"] for name in dict.fromkeys(prepared.dropped)]
    lines = [
        f"data       {words(prepared.source)}",
        *(f"           {note}" for note in notes),
        f"rows       {rows}",
        f"columns    {len(prepared.features)} to learn from",
        left_columns(used),
        *_target(prepared, options),
        _filled(
            f"network    {_network(prepared, recipe)}, hidden layers {recipe.activation}, "
            f"{recipe.dtype}"
        ),
        _filled(_training(prepared, recipe, options)),
        f"output     {words(folder)}",
    ]
    return "\n".join(lines) + "\n"


def _network(prepared: Preparation, recipe: Recipe) -> str:
    widths = [prepared.training.x.shape[1], *(recipe.hidden or ()), prepared.target.outputs]
    one = "-".join(map(str, widths))
    count = networks_for(prepared, recipe)
    return one if count == 1 else f"{count} networks {one} side by side"


def _training(prepared: Preparation, recipe: Recipe, options: argparse.Namespace) -> str:
    task = prepared.target.task
    strengths = recipe.strengths(task, judged(prepared, recipe))
    loss = recipe.loss_for(task)
    how = [loss.upper() if loss in ("mse", "mae") else loss]
    solver = not recipe.by_steps
    if recipe.optimizer in SOLVER_NAMES:
        chosen = "" if options.optimizer or options.intervals else " (--optimizer changes that)"
        how.append(f"{SOLVER_NAMES[recipe.optimizer]} on all rows at once{chosen}")
    else:
        how.append(f"{recipe.optimizer} at learning rate {recipe.highest_rate:g}")
        how.append(f"{recipe.schedule} schedule" if recipe.schedule else "falling")
    more = ("momentum", "clip_norm", "weight_decay", "dropout", "l1", "label_smoothing")
    given = {name: getattr(recipe, name) for name in more}
    how += [f"{name.replace('_', ' ')} {value:g}" for name, value in given.items() if value]
    known = [f"{l2:g}" for l2 in strengths if l2 is not None]
    how += [f"l2 {' or '.join(known)}"] if known else []
    epochs = recipe.epochs_for(len(prepared.training))
    judging, most, patience = "", "", ""
    stops = recipe.stops_early(judged(prepared, recipe))
    if stops:
        most = "at most "
        patience = f", no more than {recipe.patience_for(epochs):,} without a better loss"
    if prepared.validation is not None:
        judging = f"the validation rows {'stop and ' * stops}judge each; "
    elif judged(prepared, recipe):
        count = networks_for(prepared, recipe)
        judging = f"each on {1 - 1 / count:.0%} of the rows, the rest stop and judge it; "
    return (
        f"training   {judging}{', '.join(how)}, {most}{epochs:,} "
        + ("iterations" if solver else "epochs")
        + patience
        + ("" if solver else f", batches of {recipe.rows_a_step:,}")
        + f", seed {options.seed}"
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _filled(text: str) -> str:
    return textwrap.fill(text, 80, subsequent_indent=" " * 11, break_long_words=False)


def use(feature: Feature) -> str:
    """Say how a column is read."""
    if not feature.values:
        return "number"
    kind = "true or false" if feature.kind == "boolean" else f"{len(feature.values)} values"
    return kind if feature.kind == "boolean" else f"{kind}: {listed(feature.values)}"


def left_columns(rows: list[list[str]], indent: int = 2) -> str:
    """Lay out names beside what is said of them."""
    wide = max(len(row[0]) for row in rows)
    return "\n".join(f"{'':{indent}}{name:<{wide}}  {said}" for name, said in rows)


def _target(prepared: Preparation, options: argparse.Namespace) -> list[str]:
    target = prepared.target
    asked = "as asked" if options.task else "--task changes that"
    names = listed(target.names)
    if isinstance(target, Quantities):
        return [f"target     {names}: regression" + f" ({asked})" * (len(target.names) == 1)]
    counts = [[words(label, 40), f"{count:,}"] for label, count in prepared.counts.items()]
    head = f"target     {names}: classification, {len(counts)} classes ({asked})"
    more = [f"  ... {len(counts) - _MOST_CLASSES} more"] if len(counts) > _MOST_CLASSES else []
    return [head, columns(counts[:_MOST_CLASSES]), *more]


def summary(history: History, seconds: float) -> str:
    """Say how training went."""
    return how_it_ended(history, seconds) + "\n"


def files(folder: Path, history: History, options: argparse.Namespace) -> str:
    """Say where the files are, and how to go on."""
    name = words(folder)
    rows = [
        ["model.npz", f"minimlp predict {name} DATA; TableModel.load"],
        ["history.json", "loss and figures of every epoch"],
        ["curves.png", "the same as a picture"],
        ["predictions.png", "predicted against true"],
    ]
    more = "" if options.data == "-" else go_on(folder, history)
    said = [[words(folder / file), what] for file, what in rows]
    return f"{left_columns(said, indent=0)}\n{more}"


def figures(target: Classes | Quantities, part: Part, outputs: NDArray[Any], of: str) -> str:
    """Lay out how good a model's outputs are."""
    head = f"{words(of)}: {_rows(len(part))}"
    measured = measure(target, part, outputs)
    if isinstance(target, Classes):
        rows = [[name.replace("_", " "), f"{value:.4f}"] for name, value in measured.items()]
        return "\n".join([head, columns(rows), *_confusion(target.labels, part, outputs)])
    mean = measure_mean(target, part)
    rows = [["", "model", "always the training mean"]]
    several = len(target.names) > 1
    indent = "  " * several
    for name in target.names:
        own, other = (measured[name], mean[name]) if several else (measured, mean)
        rows += [[words(name, 40), "", ""]] * several
        for label, key in (("RMSE", "rmse"), ("MAE", "mae")):
            rows.append([indent + label, words(own[key]), words(other[key])])
        rows.append([indent + "R²", _share(own["r2"]), _share(other["r2"])])
    return f"{head}\n{columns(rows)}"


def coverage(model: TableModel, part: Part, of: str) -> str:
    """Say how many of the rows the intervals hold."""
    assert model.posterior is not None
    _, lower, upper = model.posterior.predict(part.x)
    within = float(((lower <= part.y) & (part.y <= upper)).mean())
    return f"95 % intervals hold {within:.1%} of the {words(of)} values"


def _share(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e4 else f"{value:.4g}"


def _confusion(labels: Sequence[Any], part: Part, outputs: NDArray[Any]) -> list[str]:
    if len(labels) > _MOST_CLASSES:
        return []
    counts = confusion_matrix(part.y, outputs).tolist()
    fit = max(3, 60 // len(labels) - 2)  # letters of a name, for lines of 80
    rows = [["true \\ predicted", *(words(label, fit) for label in labels)]]
    rows += [[words(label, 16), *map(str, row)] for label, row in zip(labels, counts, strict=True)]
    return ["", columns(rows)]


def metadata(
    prepared: Preparation,
    recipe: Recipe,
    l2: list[float],
    options: argparse.Namespace,
    history: History,
    measured: dict[str, Any],
) -> dict[str, Any]:
    """Collect what `minimlp info` shows later: data, settings, figures."""
    parts = {"training": prepared.training, "validation": prepared.validation}
    parts["test"] = prepared.test
    settings = {name: value for name, value in asdict(recipe).items() if value not in (None, False)}
    settings["hidden"] = [*(recipe.hidden or ())]
    settings["loss"] = recipe.loss_for(prepared.target.task)
    settings["epochs"] = recipe.epochs_for(len(prepared.training))
    if recipe.stops_early(judged(prepared, recipe)):
        settings["patience"] = recipe.patience_for(settings["epochs"])
    if recipe.by_steps:
        settings["batch_size"] = recipe.rows_a_step
        settings["learning_rate"] = recipe.highest_rate
    recorded: dict[str, Any] = {
        "data": {
            "source": prepared.source,
            **{name: f"{len(part):,} rows" for name, part in parts.items() if part},
        },
        "settings": {
            **{name.replace("_", " "): value for name, value in settings.items()},
            **({"l2": l2} if l2 else {}),
            "seed": options.seed,
        },
        "figures": measured,
    }
    if history.stopped_because is not None:
        recorded["stopped"] = history.stopped_because
    return recorded
