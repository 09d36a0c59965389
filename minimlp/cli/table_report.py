"""What the commands say about tables, and what a table's model file records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..metrics import confusion_matrix
from ..tables import Classes, Quantities
from ..tables.figures import measure, measure_mean
from .words import columns, listed, words

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

    from ..tables import Feature
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
        notes.append(f"{prepared.incomplete:,} rows left out: they lack a value")
    if prepared.moved:
        notes.append(f"{prepared.moved:,} rows train rather than test: they alone hold some value")
    used = [[words(feature.name, 40), use(feature)] for feature in prepared.features]
    used += [[words(name, 40), "left out, it does not vary"] for name in prepared.constant]
    used += [[words(name, 40), "dropped"] for name in prepared.dropped]
    lines = [
        f"data       {words(prepared.source)}",
        *(f"           {note}" for note in notes),
        f"rows       {rows}",
        f"columns    {len(prepared.features)} to learn from",
        left_columns(used),
        *_target(prepared, options),
        f"network    {prepared.training.x.shape[1]}-"
        f"{'-'.join(map(str, [*recipe.hidden, prepared.target.outputs]))}, "
        f"hidden layers {recipe.activation}, {recipe.dtype}",
        f"training   {recipe.words(len(prepared.training))}, seed {options.seed}",
        f"output     {folder}",
    ]
    return "\n".join(lines) + "\n"


def use(feature: Feature) -> str:
    """Say how a column is read."""
    if not feature.values:
        return "number"
    kind = "true or false" if feature.kind == "boolean" else f"{len(feature.values)} values"
    return kind if feature.kind == "boolean" else f"{kind}: {listed(feature.values)}"


def left_columns(rows: list[list[str]]) -> str:
    """Lay out names beside what is said of them."""
    wide = max(len(row[0]) for row in rows)
    return "\n".join(f"  {name:<{wide}}  {said}" for name, said in rows)


def _target(prepared: Preparation, options: argparse.Namespace) -> list[str]:
    target = prepared.target
    asked = "as asked" if options.task else "--task changes that"
    names = listed(target.names)
    if isinstance(target, Quantities):
        return [f"target     {names}: regression ({asked})"]
    counts = [[words(label, 40), f"{count:,}"] for label, count in prepared.counts.items()]
    head = f"target     {names}: classification, {len(counts)} classes ({asked})"
    more = [f"  ... {len(counts) - _MOST_CLASSES} more"] if len(counts) > _MOST_CLASSES else []
    return [head, columns(counts[:_MOST_CLASSES]), *more]


def summary(history: History, seconds: float) -> str:
    """Say how training went."""
    line = f"trained {len(history.epoch):,} epochs in {seconds:.2f} s"
    if history.stopped_because is not None:
        line += f"; {history.stopped_because}, the network is kept as it was then"
    return line + "\n"


def files(folder: Path) -> str:
    """Say where the files are."""
    return f"""\
{folder / "model.npz"}        minimlp predict {folder} DATA, or TableModel.load
{folder / "history.json"}     loss and figures of every epoch
{folder / "curves.png"}       the same as a picture
{folder / "predictions.png"}  predicted against true
"""


def figures(target: Classes | Quantities, part: Part, outputs: NDArray[Any], of: str) -> str:
    """Lay out how good a model's outputs are."""
    head = f"{of}: {len(part):,} rows"
    measured = measure(target, part, outputs)
    if isinstance(target, Classes):
        rows = [[name.replace("_", " "), f"{value:.4f}"] for name, value in measured.items()]
        return "\n".join([head, columns(rows), *_confusion(target.labels, part, outputs)])
    mean = measure_mean(target, part)
    lines = [f"{head}; in brackets, what predicting the training rows' mean would give"]
    several = len(target.names) > 1
    for name in target.names:
        own, other = (measured[name], mean[name]) if several else (measured, mean)
        lines += [f"{words(name, 40)}"] * several
        rows = [
            [label, f"{own[key]:.4g}", f"({other[key]:.4g})"]
            for label, key in (("RMSE", "rmse"), ("MAE", "mae"), ("R²", "r2"))
        ]
        lines.append(columns(rows))
    return "\n".join(lines)


def _confusion(labels: Sequence[Any], part: Part, outputs: NDArray[Any]) -> list[str]:
    if len(labels) > _MOST_CLASSES:
        return []
    names = [words(label, 12) for label in labels]
    counts = confusion_matrix(part.y, outputs).tolist()
    rows = [["true \\ predicted", *names]]
    rows += [[name, *map(str, row)] for name, row in zip(names, counts, strict=True)]
    return ["", columns(rows)]


def metadata(
    prepared: Preparation,
    recipe: Recipe,
    options: argparse.Namespace,
    history: History,
    measured: dict[str, Any],
) -> dict[str, Any]:
    """Collect what `minimlp info` shows later: data, settings, figures."""
    parts = {"training": prepared.training, "validation": prepared.validation}
    parts["test"] = prepared.test
    recorded: dict[str, Any] = {
        "data": {
            "source": prepared.source,
            **{name: f"{len(part):,} rows" for name, part in parts.items() if part},
        },
        "settings": {**recipe.settings(len(prepared.training)), "seed": options.seed},
        "figures": measured,
    }
    if history.stopped_because is not None:
        recorded["stopped"] = history.stopped_because
    return recorded
