"""Arguments of the command line: commands that are right, with words changed, missing or added."""

from __future__ import annotations

from .choices import Choices

_FILES = (
    "model.npz", "table.npz", "values.npz", "data.csv", "data.parquet", "damaged.npz", "folder",
    "missing", "-", "", "broken.csv", "out.csv", "large.csv",
)  # fmt: skip
_VALUES = (
    "0", "1", "2", "-1", "0.5", "1e-3", "nan", "inf", "1e400", "", " ", "x", "kind", "mass",
    "length", "count", "σ", "a\nb", "\x1b[31m", "--", "-", "-x", "--x=1", "0x10", "١", "1_0", "tab",
    "float32", "tanh", "relu", "regression", "classification", "data.csv", "out.parquet",
    "x" * 3000, "\udcff", "%s", "{0}", "@data.csv", ",", ";",
)  # fmt: skip
_SWITCHES = ("--drop-missing", "--overwrite", "-q", "--help", "--version", "-h")
_OPTIONS = (
    "--target", "--task", "--drop", "--categorical", "--separator", "--test", "--validation",
    "--activation", "--dtype", "--learning-rate", "--momentum", "--weight-decay", "--batch-size",
    "--seed", "-o", "--output", "--keep", "--unknown", "--networks", "--hidden",
)  # fmt: skip


def arguments(choices: Choices) -> tuple[str, list[str]]:
    """Make a case, and say of which kind it is."""
    command = choices.pick(("info", "info", "predict", "predict", "evaluate", "evaluate", "train"))
    words = [command]
    words += [choices.pick(_FILES) for _ in range(1 + (command in ("predict", "evaluate")))]
    if choices.below(3):  # mostly a model and a table where they belong
        words[1:] = {
            "info": [choices.pick(_FILES[:3])],
            "train": ["data.csv", "--target", choices.pick(("kind", "mass", "length"))],
        }.get(command, [choices.pick(_FILES[1:3]), choices.pick((*_FILES[3:5], _FILES[-1]))])
    for _ in range(choices.below(3)):
        words += [choices.pick(_OPTIONS), choices.pick(_VALUES)]
    for _ in range(choices.below(3)):
        place, kind = choices.below(len(words) + 1), choices.below(4)
        if kind == 0:
            words.insert(place, choices.pick(_SWITCHES))
        elif kind == 1:
            words.insert(place, choices.pick(_VALUES))
        elif kind == 2:
            words[place : place + 1] = [choices.pick((*_VALUES, *_FILES))]
        else:
            del words[place : place + 1]
    if "train" in words:  # what was left to train, quickly
        quick = ["--epochs", "1", "--networks", "1", "--hidden", "2", "--weight-decay", "0"]
        words += quick if choices.below(2) else ["--epochs", choices.pick(_VALUES[3:9])]
    return f"command: {command}", words
