"""What a file says of its table is believed only where it fits."""

import copy

import pytest

from minimlp import Dense, Sequential
from minimlp.tables import Classes, Feature, Quantities
from minimlp.tables.description import describe_table, read_description

FEATURES = (Feature("age", "number", ()), Feature("city", "text", ("Bern", "Oslo")))
MODEL = Sequential(Dense(3, 2), seed=0)
CLASSES = Classes("kind", ("a", "b"))
QUANTITIES = Quantities(("w", "h"), (1.0, 2.0), (0.5, 1e9))


@pytest.mark.parametrize(
    "target", [CLASSES, QUANTITIES, Classes("k", (1, 2)), Classes("k", (0.5, 1.5))]
)
def test_there_and_back(target):
    described = describe_table(FEATURES, target)
    described["features"][1]["values"] = list(described["features"][1]["values"])
    described["features"][0]["values"] = []
    assert read_description("file", described, MODEL) == (FEATURES, target)


def described(target):
    made = describe_table(FEATURES, target)
    for feature in made["features"]:
        feature["values"] = list(feature["values"])
    return made


@pytest.mark.parametrize(
    ("target", "path", "value"),
    [
        (CLASSES, ["features"], None),
        (CLASSES, ["features"], []),
        (CLASSES, ["features"], [1]),
        (CLASSES, ["features", 0, "name"], 5),
        (CLASSES, ["features", 0, "name"], "city"),
        (CLASSES, ["features", 0, "name"], "kind"),
        (CLASSES, ["features", 0, "kind"], "date"),
        (CLASSES, ["features", 0, "kind"], []),
        (CLASSES, ["features", 0, "values"], ["x"]),
        (CLASSES, ["features", 1, "values"], []),
        (CLASSES, ["features", 1, "values"], ["x", "x"]),
        (CLASSES, ["features", 1, "values"], ["x", 1]),
        (CLASSES, ["features", 1, "values"], ["x", "y", "z"]),
        (CLASSES, ["target"], 7),
        (CLASSES, ["target"], {}),
        (CLASSES, ["target", "name"], None),
        (CLASSES, ["target", "labels"], ["a"]),
        (CLASSES, ["target", "labels"], ["a", "a"]),
        (CLASSES, ["target", "labels"], ["a", 1]),
        (CLASSES, ["target", "labels"], ["a", "b", "c"]),
        (CLASSES, ["target", "labels"], [[], {}]),
        (CLASSES, ["target", "labels"], [float("nan"), 1.0]),
        (CLASSES, ["target", "labels"], [1, 10**90]),
        (CLASSES, ["features", 0, "name"], " "),
        (CLASSES, ["features", 1, "kind"], "boolean"),
        (QUANTITIES, ["target", "names"], ["w"]),
        (QUANTITIES, ["target", "names"], ["w", "w"]),
        (QUANTITIES, ["target", "mean"], [1.0]),
        (QUANTITIES, ["target", "mean"], [1.0, float("nan")]),
        (QUANTITIES, ["target", "scale"], [1.0, float("inf")]),
        (QUANTITIES, ["target", "scale"], [1.0, "1"]),
        (QUANTITIES, ["target", "scale"], "ab"),
        (QUANTITIES, ["target", "scale"], [1.0, 0.0]),
        (QUANTITIES, ["target", "scale"], [1.0, -1.0]),
        (QUANTITIES, ["target", "mean"], [1.0, True]),
        (CLASSES, ["target", "labels"], "ab"),
    ],
)
def test_what_does_not_fit_is_refused(target, path, value):
    changed = copy.deepcopy(described(target))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValueError, match="file: "):
        read_description("file", changed, MODEL)


@pytest.mark.parametrize("key", ["features", "target"])
def test_what_is_missing_is_named(key):
    changed = described(CLASSES)
    del changed[key]
    with pytest.raises(ValueError, match=f"{key}"):
        read_description("file", changed, MODEL)
