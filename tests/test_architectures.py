import numpy as np
import pytest

from minimlp import Dense, Identity, ReLU, Sequential, Sigmoid, Tanh, mlp


def test_an_activation_stands_behind_every_dense_layer():
    model = mlp(64, 32, 16, 10, hidden=Tanh, output=Identity)
    layers = "Dense(64, 32), Tanh(), Dense(32, 16), Tanh(), Dense(16, 10), Identity()"
    assert repr(model) == f"Sequential({layers})"


def test_it_is_the_same_as_the_chain_written_out():
    short = mlp(3, 4, 2, hidden=ReLU, output=Sigmoid, dtype=np.float32, seed=5)
    long = Sequential(Dense(3, 4), ReLU(), Dense(4, 2), Sigmoid(), dtype=np.float32, seed=5)
    assert repr(short) == repr(long)
    assert short.parameters.tobytes() == long.parameters.tobytes()


def test_sigmoid_is_hidden_unless_asked_and_output_is_required():
    assert [type(layer) for layer in mlp(2, 3, 1, output=Identity).layers[1::2]] == [
        Sigmoid,
        Identity,
    ]
    with pytest.raises(TypeError, match="output"):
        mlp(2, 3, 1)


def test_one_activation_object_serves_every_layer():
    tanh = Tanh()
    layers = mlp(2, 3, 4, 1, hidden=tanh, output=tanh).layers
    assert len({id(layer) for layer in (tanh, *layers[1::2])}) == 4


@pytest.mark.parametrize(
    ("widths", "given", "error", "words"),
    [
        ((), {}, ValueError, "at least two widths"),
        ((3,), {}, ValueError, r"at least two widths, inputs and outputs, got \(3,\)"),
        ((3, 0), {}, ValueError, "n_out must be at least 1, got 0"),
        ((3, 2.5, 1), {}, TypeError, "n_out must be a whole number"),
        (([3, 2],), {}, ValueError, "at least two widths"),
        ((3, 2), {"output": "sigmoid"}, TypeError, "output must be an Activation"),
        ((3, 2), {"output": Dense}, TypeError, "output must be an Activation"),
        ((3, 2, 1), {"hidden": np.tanh}, TypeError, "hidden must be an Activation"),
    ],
)
def test_what_does_not_fit_is_named(widths, given, error, words):
    with pytest.raises(error, match=words):
        mlp(*widths, **{"output": Sigmoid, **given})
