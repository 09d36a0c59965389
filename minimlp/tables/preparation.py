"""Everything before training: rows read, columns understood, parts split off, all made numbers.

What is learnt from data here (values of text columns, classes aside) is learnt from training rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..training.split import random_split, stratified_split
from ..validation import as_generator, as_number
from .features import Feature, check_no_dates, check_present, encode, find_features
from .rows import need_columns, open_rows
from .table import Table
from .target import Classes, Quantities, Task, find_classes, find_quantities, find_task

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """Rows for one purpose: inputs and encoded targets."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Preparation:
    """A table ready to train on.

    Attributes
    ----------
    source : str
        What the table is called.
    features : tuple of Feature
    target : Classes or Quantities
    training : Part
    validation, test : Part or None
    counts : dict
        Rows of each class in the whole table; empty for a regression.
    constant, dropped : tuple of str
        Columns left out: those that do not vary, and those the user named.
    incomplete : int
        Rows left out because a value is missing.
    moved : int
        Rows that were drawn to be held out, but train: they alone have some value.
    """

    source: str
    features: tuple[Feature, ...]
    target: Classes | Quantities
    training: Part
    validation: Part | None
    test: Part | None
    counts: dict[Any, int]
    constant: tuple[str, ...]
    dropped: tuple[str, ...]
    incomplete: int
    moved: int


def prepare(
    rows: Any,
    target: str | Sequence[str],
    *,
    task: Task | None = None,
    drop: str | Sequence[str] = (),
    categorical: str | Sequence[str] = (),
    drop_missing: bool = False,
    separator: str | None = None,
    validation: Any = 0.0,
    test: Any = 0.0,
    seed: Any = None,
) -> Preparation:
    """Read a table and make it ready to train on.

    Parameters
    ----------
    rows, target, task, drop, categorical, drop_missing, separator
        As for `TableModel.fit`.
    validation, test : float or rows
        The share of all rows to hold out, in [0, 1), each class in proportion; or rows of their
        own.
    seed : optional
        Chooses the rows that are held out.

    Raises
    ------
    TypeError, ValueError, OSError
        Something in the table or the arguments that cannot be used; the message names it.
    """
    targets, dropped = _names("target", target), _names("drop", drop)
    words = _names("categorical", categorical)
    if task not in (None, "classification", "regression"):
        raise ValueError(f"task must be 'classification' or 'regression', got {task!r}")
    shares = {"test": _share("test", test), "validation": _share("validation", validation)}
    if sum(shares.values()) >= 1:
        raise ValueError(f"test and validation leave no rows to train on: {shares}")
    _check_targets(targets, dropped)
    with open_rows(rows, separator) as opened:
        need_columns(opened, [*targets, *dropped, *words])
        names = [name for name in opened.columns if name not in (*targets, *dropped)]
        if not names:
            raise ValueError(f"{opened.name}: no column is left beside the target to learn from")
        table = opened.whole([*names, *targets], words)
    read = len(table)
    for name in names:
        check_no_dates(table, name)
    if drop_missing:
        table = table.only_complete()
        if not len(table):
            raise ValueError(f"{table.source}: every one of {read:,} rows lacks some value")
    for name in (*names, *targets):
        check_present(table, name)
    task = task or find_task(table, targets)
    if task == "classification" and len(targets) > 1:
        raise ValueError(
            f"several targets are for regression alone, got {', '.join(map(repr, targets))}"
        )
    classes = find_classes(table, targets[0]) if task == "classification" else None
    labels = None if classes is None else classes.encode(table).argmax(axis=1)
    wordy = [name for name in names if not table.columns[name].numeric or name in words]
    parts, moved = _split(table, labels, wordy, shares, as_generator(seed))

    training = table.take(parts["training"])
    features = tuple(find_features(training, names, words))
    if not features:
        raise ValueError(f"{table.source}: no column varies from row to row: nothing to learn from")
    found = classes or find_quantities(training, targets)

    def part(name: str, given: Any) -> Part | None:
        if parts[name].size:
            held_out = table.take(parts[name])
            return Part(encode(held_out, features), found.encode(held_out))
        if isinstance(given, int | float):
            return None
        return read_part(given, features, found, drop_missing=drop_missing, separator=separator)

    used = {feature.name for feature in features}
    return Preparation(
        source=table.source,
        features=features,
        target=found,
        training=Part(encode(training, features), found.encode(training)),
        validation=part("validation", validation),
        test=part("test", test),
        counts=_counts(classes, labels),
        constant=tuple(name for name in names if name not in used),
        dropped=dropped,
        incomplete=read - len(table),
        moved=moved,
    )


def read_part(
    rows: Any,
    features: Sequence[Feature],
    target: Classes | Quantities,
    *,
    drop_missing: bool = False,
    separator: str | None = None,
) -> Part:
    """Read rows with known columns and targets.

    Raises
    ------
    TypeError, ValueError, OSError
        There are no rows, a column is missing, or a value does not fit.
    """
    kinds = {feature.name: feature.kind for feature in features}
    kinds.update(dict.fromkeys(target.names, target.kind))
    with open_rows(rows, separator) as opened:
        need_columns(opened, kinds)
        pieces = [
            piece.only_complete() if drop_missing else piece for piece in opened.pieces(kinds)
        ]
        name = opened.name
    encoded = [(encode(piece, features), target.encode(piece)) for piece in pieces if len(piece)]
    if not encoded:
        raise ValueError(f"{name} has no rows to measure")
    x, y = (np.concatenate(arrays) for arrays in zip(*encoded, strict=True))
    return Part(x, y)


def _names(argument: str, given: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    try:
        return tuple(map(str, given))
    except TypeError:
        expected = "expected a column's name, or several in a list"
        raise TypeError(f"{argument} is {given!r:.40}: {expected}") from None


def _share(name: str, given: Any) -> float:
    return as_number(name, given, low=0, below=1) if isinstance(given, int | float) else 0.0


def _check_targets(targets: Sequence[str], dropped: Sequence[str]) -> None:
    if not targets:
        raise ValueError("target names no column: expected at least one")
    if len(set(targets)) < len(targets):
        raise ValueError(f"target names a column twice: {', '.join(map(repr, targets))}")
    both = [name for name in targets if name in dropped]
    if both:
        raise ValueError(f"column {both[0]!r} is the target and dropped as well")


def _split(
    table: Table,
    labels: NDArray[np.intp] | None,
    wordy: Sequence[str],
    shares: dict[str, float],
    rng: Generator,
) -> tuple[dict[str, NDArray[np.intp]], int]:
    """Give the row numbers of each part, and how many were drawn but train after all."""
    rest = np.arange(len(table))
    parts = {}
    for name, share in shares.items():
        parts[name] = rest[:0]
        if share:
            share *= len(table) / len(rest)
            try:
                if labels is None:
                    kept, part = random_split(len(rest), share, rng)
                else:
                    kept, part = stratified_split(labels[rest], share, rng)
            except ValueError:
                raise ValueError(
                    f"{table.source} has too few rows to train on some and hold out others for "
                    f"{name}: {len(table):,}"
                ) from None
            rest, parts[name] = rest[kept], rest[part]
    seen = {name: set(table.columns[name].take(rest).words()) for name in wordy}
    alone = np.zeros(len(table), bool)
    for name, values in seen.items():
        alone |= [word not in values for word in table.columns[name].words()]
    parts = {name: rows[~alone[rows]] for name, rows in parts.items()}
    parts["training"] = np.sort(np.concatenate([rest, np.flatnonzero(alone)]))
    return parts, int(alone.sum())


def _counts(classes: Classes | None, labels: Any) -> dict[Any, int]:
    if classes is None:
        return {}
    counts = np.bincount(labels, minlength=len(classes.labels)).tolist()
    return dict(zip(classes.labels, counts, strict=True))
