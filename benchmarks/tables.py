"""How good a table's model is without any option, beside scikit-learn's networks.

Each set is split five times, seeds 0 to 4, classes in proportion. minimlp gets the training rows as
they are; scikit-learn's `MLPClassifier` or `MLPRegressor` gets them behind a `StandardScaler`, text
columns one-hot, regression targets standardised as well. Both are then measured on the same test
rows: accuracy for classes, RMSE for quantities. The sets are those that packages ship.

    pip install -e ".[bench]"
    python benchmarks/tables.py
    python benchmarks/tables.py iris diabetes --test 0.3
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from statistics import mean
from typing import Any

import numpy as np
from measuring.machine import use_threads

use_threads(1)

from table_sets import SETS, Set  # noqa: E402

SEEDS = range(5)


def main() -> None:
    """Print a line for each set, and the averages."""
    options = read_options()
    chosen = [each for each in SETS if not options.sets or each.name in options.sets]
    for task, head in (("classification", "accuracy"), ("regression", "RMSE / scikit-learn's")):
        sets = [each for each in chosen if each.task == task]
        if sets:
            print(
                f"{task + ', test ' + head:<36}{'minimlp':>10}{'sklearn':>10}{'':>9}{'seconds':>9}"
            )
            compare(sets, options.test)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [each.name for each in SETS]
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(names)} (all)")
    parser.add_argument("--test", type=float, default=0.2, help="share of test rows (0.2)")
    options = parser.parse_args()
    unknown = set(options.sets) - set(names)
    if unknown:
        parser.error(f"unknown sets {', '.join(sorted(unknown))}: there are {', '.join(names)}")
    return options


def compare(sets: list[Set], test: float) -> None:
    """Measure both sides on each set; print them, their difference or ratio, and averages."""
    own_scores, other_scores, ratios = [], [], []
    for each in sets:
        frame = each.load()
        own, other, seconds = zip(
            *(measure(each, frame, test, seed) for seed in SEEDS), strict=True
        )
        shape = f"{each.name}, {frame.height} × {frame.width - len(each.targets)}"
        own_scores.append(mean(own))
        other_scores.append(mean(other))
        ratios.append(own_scores[-1] / other_scores[-1])
        print_line(shape, each.task, own_scores[-1], other_scores[-1], max(seconds))
    if sets[0].task == "classification":
        print_line("mean", sets[0].task, mean(own_scores), mean(other_scores), None)
    else:
        print(f"{'geometric mean of the ratios':<36}{'':20}{np.exp(np.mean(np.log(ratios))):9.3f}")
    print()


def print_line(name: str, task: str, own: float, other: float, seconds: float | None) -> None:
    """Print accuracies and their difference in points, or RMSEs and their ratio."""
    last = "" if seconds is None else f"{seconds:9.2f}"
    if task == "classification":
        print(f"{name:<36}{own:10.4f}{other:10.4f}{100 * (own - other):+9.2f}{last}", flush=True)
    else:
        print(f"{name:<36}{own:10.4g}{other:10.4g}{own / other:9.3f}{last}", flush=True)


def measure(each: Set, frame: Any, test: float, seed: int) -> tuple[float, float, float]:
    """Train both on one split; give minimlp's figure, scikit-learn's, and minimlp's seconds."""
    from sklearn.model_selection import train_test_split

    from minimlp import TableModel

    classes = frame[each.targets[0]].to_list() if each.task == "classification" else None
    train, rest = train_test_split(
        np.arange(frame.height), test_size=test, random_state=seed, stratify=classes
    )
    train, rest = frame[train], frame[rest]
    start = time.perf_counter()
    model = TableModel.fit(train, target=each.targets, task=each.task, seed=seed, progress=False)
    seconds = time.perf_counter() - start
    return figure(each, rest, model.predict), figure(each, rest, peer(each, train, seed)), seconds


def peer(each: Set, train: Any, seed: int) -> Callable[[Any], Any]:
    """Train scikit-learn's network; give its function from rows to predictions."""
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x, y = train.drop(each.targets).to_pandas(), train[each.targets].to_numpy()
    numbers = x.select_dtypes("number").columns
    words = x.columns.difference(numbers)
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        ]
    )
    if each.task == "classification":
        model: Any = make_pipeline(columns, MLPClassifier(random_state=seed))
    else:
        network = make_pipeline(columns, MLPRegressor(random_state=seed))
        model = TransformedTargetRegressor(network, transformer=StandardScaler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its 200 epochs are its own default
        model.fit(x, y.ravel() if len(each.targets) == 1 else y)
    return lambda rows: model.predict(rows.drop(each.targets).to_pandas())


def figure(each: Set, rows: Any, predict: Callable[[Any], Any]) -> float:
    """Give the accuracy, or the RMSE with several targets each in units of its own deviation."""
    predicted = np.asarray(predict(rows)).reshape(len(rows), -1)
    true = rows[each.targets].to_numpy()
    if each.task == "classification":
        return float(np.mean(predicted == true))
    error = predicted - true
    if len(each.targets) > 1:
        error = error / true.std(axis=0)
    return float(np.sqrt(np.mean(error**2)))


if __name__ == "__main__":
    main()
