import numpy as np
import pytest

from minimlp import Dense, Normal, Sequential, Zeros


def test_forward_by_hand():
    # (1, 2)·[[1, 2, 3], [4, 5, 6]] + (10, 20, 30) = (9, 12, 15) + (10, 20, 30)
    model = Sequential(Dense(2, 3))
    model.layers[0].weight = [[1, 2, 3], [4, 5, 6]]
    model.layers[0].bias = [10, 20, 30]
    assert model.predict([[1, 2]]).tolist() == [[19, 32, 45]]


def test_backward_by_hand():
    # δ rows (1, 10) and (100, 1000), x rows (1, 2) and (3, 4), W = [[1, 2], [3, 4]]:
    # ∂W = [[1·1 + 3·100, 1·10 + 3·1000], [2·1 + 4·100, 2·10 + 4·1000]], ∂b = column sums,
    # ∂x = δ·Wᵀ = [[1 + 20, 3 + 40], [100 + 2000, 300 + 4000]].
    model = Sequential(Dense(2, 2))
    model.parameters = [1, 2, 3, 4, 0, 0]
    model.forward([[1, 2], [3, 4]])
    assert model.backward([[1, 10], [100, 1000]]).tolist() == [[21, 43], [2100, 4300]]
    assert model.layers[0].weight_gradient.tolist() == [[301, 3010], [402, 4020]]
    assert model.layers[0].bias_gradient.tolist() == [101, 1010]


def test_without_bias_it_is_the_product_alone():
    x = np.random.default_rng(0).normal(size=(5, 3))
    model = Sequential(Dense(3, 2, bias=False), seed=1)
    layer = model.layers[0]
    assert layer.bias is None
    assert model.parameters.shape == (6,)
    assert np.allclose(model.forward(x), np.einsum("bi,ij->bj", x, layer.weight), 0, 1e-15)
    model.backward(np.ones((5, 2)))
    assert np.allclose(layer.weight_gradient, x.sum(axis=0)[:, None].repeat(2, axis=1), 0, 1e-14)
    with pytest.raises(ValueError, match="no parameter 'bias'"):
        layer.freeze("bias")


def test_weights_come_from_the_initializer_and_biases_start_at_zero():
    layer = Dense(50, 40, weight_initializer=Normal(3.0))
    Sequential(layer, seed=0)
    assert 2.8 < layer.weight.std() < 3.2
    assert not layer.bias.any()
    zeros = Dense(2, 2, weight_initializer=Zeros())
    assert not Sequential(zeros).parameters.any()


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Dense(2, 3), "Dense(2, 3)"),
        (Dense(n_in=np.int64(2), n_out=3, bias=np.False_), "Dense(2, 3, bias=False)"),
        (
            Dense(2, 3, weight_initializer=Normal(0.5)),
            "Dense(2, 3, weight_initializer=Normal(standard_deviation=0.5))",
        ),
    ],
)
def test_repr_is_the_call_that_makes_it(layer, text):
    assert repr(layer) == text
    assert repr(eval(text)) == text


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((0, 2), ValueError, "n_in must be at least 1, got 0"),
        ((2, -1), ValueError, "n_out must be at least 1, got -1"),
        ((2.0, 2), TypeError, "n_in must be a whole number of at least 1, got 2.0"),
        ((True, 2), TypeError, "n_in must be a whole number of at least 1, got True"),
        ((2, "3"), TypeError, "n_out must be a whole number of at least 1, got '3'"),
    ],
)
def test_sizes_are_checked(arguments, error, words):
    with pytest.raises(error, match=words):
        Dense(*arguments)


@pytest.mark.parametrize("given", [{"bias": 1}, {"weight_initializer": Zeros}])
def test_options_are_checked(given):
    with pytest.raises(TypeError, match=next(iter(given))):
        Dense(2, 2, **given)


def test_output_width():
    assert Dense(2, 3).output_width(2) == 3
    with pytest.raises(ValueError, match=r"Dense\(2, 3\) takes 2 features, but is given 4"):
        Dense(2, 3).output_width(4)
