"""A piece is its class's name and its arguments: repr and files need nothing more."""

import json

import numpy as np
import pytest

import minimlp
from minimlp import SGD, Activation, Dense, HeNormal, Layer, Loss, Normal, Zeros, register
from minimlp.registry import build, describe, registered


@register
class Stack(Layer):
    """Holds arguments of every kind a file can hold."""

    def __init__(self, numbers, *, name="σ", deep=None):
        self.numbers = numbers
        self.name = name
        self.deep = deep


PIECES = [
    Dense(2, 3),
    Dense(2, 3, bias=False, weight_initializer=Normal(0.5)),
    Stack([1, [2.5, None, True]], name="ü"),
    Stack(3, deep=HeNormal()),
    SGD(0.1, momentum=0.9, nesterov=True),
]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_piece_is_made_again_from_its_description_as_json_and_from_its_repr(piece):
    description = json.loads(json.dumps(describe(piece)))
    again = build(description, type(piece))
    assert type(again) is type(piece)
    assert repr(again) == repr(piece) == repr(eval(repr(piece)))


def test_a_list_of_pieces_is_made_again():
    piece = Stack([Zeros(), [Normal(2.0)]])
    assert repr(build(describe(piece), Layer)) == repr(piece)


def test_numpy_scalars_become_plain_numbers():
    description = describe(Stack(np.float32(0.5), deep=np.int64(3)))
    assert json.dumps(description["arguments"]) == '{"numbers": 0.5, "name": "\\u03c3", "deep": 3}'


def test_every_public_piece_is_registered_and_found_by_its_kind():
    bases = {"Activation", "Initializer", "Layer", "Loss", "Optimizer"}
    public = [getattr(minimlp, name) for name in minimlp.__all__ if name not in bases]
    for kind in (Layer, Activation, Loss, minimlp.Optimizer, minimlp.Initializer):
        expected = {p.__name__: p for p in public if isinstance(p, type) and issubclass(p, kind)}
        assert expected
        assert expected.items() <= registered(kind).items()
    assert "Dense" not in registered(Activation)


def test_defining_a_class_again_replaces_it_and_another_of_its_name_is_refused():
    def cell():
        @register
        class Twice(Activation):
            pass

        return Twice

    first, second = cell(), cell()
    assert first is not second
    assert registered(Activation)["Twice"] is second
    with pytest.raises(ValueError, match=r"'Dense' is taken by minimlp\.layers\.dense\.Dense"):
        register(type("Dense", (Layer,), {}))
    assert registered(Layer)["Dense"] is Dense


@pytest.mark.parametrize("thing", [Dense(1, 1), dict, np.tanh, None])
def test_only_classes_of_pieces_are_registered(thing):
    with pytest.raises(TypeError, match="register takes a"):
        register(thing)


def test_arguments_not_kept_under_their_own_names_are_explained():
    class Forgetful(Layer):
        def __init__(self, rate):
            self.speed = rate

    class Starred(Layer):
        def __init__(self, *sizes):
            self.sizes = sizes

    with pytest.raises(TypeError, match="keeps no attribute 'rate'"):
        repr(Forgetful(1))
    with pytest.raises(TypeError, match="name each argument"):
        repr(Starred(1))


def test_what_a_file_cannot_hold_is_refused():
    class Private(Layer):
        pass

    with pytest.raises(ValueError, match="Private is not registered: put @register"):
        describe(Private())
    for value in (np.zeros(3), len, {"a": 1}, 1j):
        with pytest.raises(TypeError, match=r"Stack\.numbers is a"):
            describe(Stack(value))


@pytest.mark.parametrize(
    ("description", "words"),
    [
        (None, "expected the description of a Layer"),
        ({"class": "Dense"}, "expected the description of a Layer"),
        ({"class": ["Dense"], "arguments": {}}, "expected the description of a Layer"),
        ({"class": "Dense", "arguments": [2, 2]}, "expected the description of a Layer"),
        ({"class": "Dens", "arguments": {}}, "unknown layer 'Dens'"),
        ({"class": "SGD", "arguments": {"learning_rate": 1}}, "unknown layer 'SGD'"),
        ({"class": "os.system", "arguments": {"command": "true"}}, "unknown layer"),
        ({"class": "Dense", "arguments": {"n_in": 2}}, "Dense cannot be made"),
        ({"class": "Dense", "arguments": {"n_in": 0, "n_out": 1}}, "n_in must be at least 1"),
        (
            {
                "class": "Dense",
                "arguments": {
                    "n_in": 1,
                    "n_out": 1,
                    "weight_initializer": {"class": "Tanh", "arguments": {}},
                },
            },
            "weight_initializer must be an Initializer",
        ),
    ],
)
def test_a_wrong_description_is_one_value_error(description, words):
    with pytest.raises(ValueError, match=words):
        build(description, Layer)
