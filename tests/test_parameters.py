import numpy as np
import pytest

from minimlp import Dense, Identity, Layer, Normalization, Sequential, Sigmoid
from minimlp.parameters import (
    FrozenParts,
    bind,
    check_chain,
    count_parameters,
    input_width,
    layout,
    which_train,
)


class AnyToOne(Layer):
    """Takes any width and gives one: only data can tell what comes in before it."""

    def output_width(self, input_width):
        return 1


def test_slices_lie_one_after_the_other_in_the_order_of_their_names():
    layers = [Dense(2, 3), Sigmoid(), Dense(3, 1, bias=False)]
    assert count_parameters(layers) == 2 * 3 + 3 + 3 * 1
    parameters, gradients = np.arange(12.0), 100 + np.arange(12.0)
    bind(layers, parameters, gradients)
    assert layers[0].weight.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert layers[0].bias.tolist() == [6, 7, 8]
    assert layers[2].weight.tolist() == [[9], [10], [11]]
    assert layers[0].bias_gradient.tolist() == [106, 107, 108]
    assert layers[2].weight_gradient.tolist() == [[109], [110], [111]]
    parameters *= 2
    gradients[:] = 0
    assert layers[2].weight.tolist() == [[18], [20], [22]]
    assert not layers[0].weight_gradient.any()


def test_every_part_of_the_vector_is_written_as_in_python():
    class Mixed(Layer):
        def parameter_shapes(self):
            return {"gain": (), "table": (2, 2, 2)}

    layers = [Normalization(2), Dense(2, 3), Sigmoid(), Mixed(), Dense(3, 1, bias=False)]
    parts = layout(layers)
    assert [str(part) for part in parts] == [
        "layers[1].weight",
        "layers[1].bias",
        "layers[3].gain",
        "layers[3].table",
        "layers[4].weight",
    ]
    ends = [0, 6, 9, 10, 18, 21]
    assert [part.slice for part in parts] == [slice(*ends[i : i + 2]) for i in range(5)]
    assert [part.shape for part in parts] == [(2, 3), (3,), (), (2, 2, 2), (3, 1)]
    for part in parts:
        assert layers[part.position] is part.layer
        assert part.layer.parameter_shapes()[part.name] == part.shape
    assert layout([Sigmoid(), Normalization(2)]) == []


def test_what_is_frozen_does_not_train():
    layers = [Dense(2, 3), Sigmoid(), Dense(3, 1, bias=False)]
    assert which_train(layers).tolist() == [True] * 12
    layers[0].freeze("bias")
    assert which_train(layers).tolist() == [True] * 6 + [False] * 3 + [True] * 3
    layers[2].freeze()
    assert which_train(layers).tolist() == [True] * 6 + [False] * 6
    assert which_train([Sigmoid()]).tolist() == []


def test_frozen_parts_are_put_back_to_the_bit():
    model = Sequential(Dense(2, 2), Dense(2, 2), seed=0)
    model.layers[0].freeze("bias")
    model.layers[1].freeze("weight")
    frozen = FrozenParts(model.layers)
    frozen.refresh()
    model.layers[0].bias = [np.pi, -0.0]
    before = model.parameters.copy()
    for view, kept in frozen.parts:
        kept[...] = view
    model.parameters += 1
    for view, kept in frozen.parts:
        view[...] = kept
    still = np.zeros(12, bool)
    still[[4, 5, 6, 7, 8, 9]] = True  # 0–3 and 4–5 of the first layer, 6–9 and 10–11 of the second
    assert model.parameters[still].tobytes() == before[still].tobytes()
    assert (model.parameters[~still] == before[~still] + 1).all()
    model.layers[0].unfreeze()
    frozen.refresh()
    for view, kept in frozen.parts:
        kept[...] = view
    model.parameters += 1
    for view, kept in frozen.parts:
        view[...] = kept
    assert model.layers[0].bias.tolist() == [np.pi + 1, 1]


@pytest.mark.parametrize(
    ("layers", "width"),
    [
        ([Dense(2, 3)], 2),
        ([Sigmoid(), Identity(), Dense(4, 1)], 4),
        ([Normalization(5), Dense(5, 1)], 5),
        ([Sigmoid()], None),
        ([AnyToOne(), Dense(1, 2)], None),
    ],
)
def test_input_width(layers, width):
    check_chain(layers)
    assert input_width(layers) == width
    assert Sequential(*layers).input_width == width


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        ([], ValueError, "at least one layer, got none"),
        ([Dense(2, 3), Dense(4, 1)], ValueError, r"layer 1 does not fit: layer 0.*3.*takes 4"),
        ([Dense(2, 3), Sigmoid(), Dense(2, 1)], ValueError, "gives 3.*takes 2"),
        ([Dense(2, 3), Normalization(2)], ValueError, r"Normalization\(2\) takes 2"),
        ([Dense(2, 2), "Sigmoid"], TypeError, "layer 1 must be a Layer, got 'Sigmoid'"),
        ([Dense(2, 2), np.tanh], TypeError, "layer 1 must be a Layer"),
        ([Dense(2, 2), Sigmoid], TypeError, "layer 1 is the class Sigmoid"),
        ([[Dense(2, 2), Sigmoid()]], TypeError, r"one by one: Sequential\(\*layers\)"),
        ([None], TypeError, "layer 0 must be a Layer, got None"),
    ],
)
def test_chains_that_do_not_fit(layers, error, words):
    with pytest.raises(error, match=words):
        Sequential(*layers)


def test_a_layer_belongs_to_one_place():
    layer = Dense(2, 2)
    with pytest.raises(ValueError, match=r"layer 2, Dense\(2, 2\), is used twice"):
        Sequential(layer, Sigmoid(), layer)
    model = Sequential(layer, seed=0)  # the refusal above left it free
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match="belongs to another model"):
        Sequential(layer)
    assert np.shares_memory(layer.weight, model.parameters)
    assert model.parameters.tobytes() == before
