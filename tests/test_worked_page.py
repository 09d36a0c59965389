"""The worked page, line by line, in its own letters and order; see docs/worked-page.md."""

import math

import numpy as np
import pytest

from minimlp import MSE, SGD
from minimlp.datasets import worked_example

# What the page starts from.
I1, I2 = 0.05, 0.10
W11, W12, W13, W14 = 0.15, 0.20, 0.25, 0.30
W21, W22, W23, W24 = 0.40, 0.45, 0.50, 0.55
B1, B2 = 0.35, 0.60
TARGET1, TARGET2 = 0.01, 0.99
ETA = 0.5

# What its lines come to, to 12 digits.
H = [0.3775, 0.3925]
A_H = [0.593269992107, 0.596884378260]
O = [1.105905967060, 1.224921404096]  # noqa: E741  (the page's letter)
A_O = [0.751365069552, 0.772928465321]
LOSSES = [0.274811083176, 0.023560025584]
LOSS = 0.298371108760
D_A_O = [0.741365069552, -0.217071534679]
SLOPE_O = [0.186815601809, 0.175510052817]
DELTA_O = [0.138498561629, -0.038098236517]
D_W2 = [[0.082167040564, -0.022602540477], [0.082667627848, -0.022740242216]]
D_A_H_BY_LOSS1 = [0.055399424651, 0.062324352733]
D_A_H_BY_LOSS2 = [-0.019049118258, -0.020954030084]
D_A_H = [0.036350306393, 0.041370322649]
SLOPE_H = [0.241300708572, 0.240613417249]
DELTA_H = [0.008771354689, 0.009954254705]
D_W1 = [[0.000438567734, 0.000497712735], [0.000877135469, 0.000995425471]]
NEW_W1 = [[0.149780716133, 0.249751143632], [0.199561432266, 0.299502287265]]
NEW_W2 = [[0.358916479718, 0.511301270239], [0.408666186076, 0.561370121108]]


def to_12_digits(figures):
    figures = np.array(figures) if isinstance(figures, list) else figures
    return pytest.approx(figures, rel=0, abs=5.01e-13)


@pytest.fixture
def page():
    return worked_example()


def row():
    return np.empty((1, 2))


def test_the_example_is_the_page(page):
    model, x, y = page
    hidden, _, output, _ = model.layers
    assert x.tolist() == [[I1, I2]]
    assert y.tolist() == [[TARGET1, TARGET2]]
    assert hidden.weight.tolist() == [[W11, W13], [W12, W14]]
    assert hidden.bias.tolist() == [B1, B1]
    assert output.weight.tolist() == [[W21, W23], [W22, W24]]
    assert output.bias.tolist() == [B2, B2]
    assert model.dtype == np.float64


def test_layer_by_layer(page):
    model, x, y = page
    hidden, hidden_sigmoid, output, output_sigmoid = model.layers

    # Forward.
    h, a_h, o, a_o = row(), row(), row(), row()
    hidden.forward(x, h)
    assert h[0] == to_12_digits(H)
    hidden_sigmoid.forward(h, a_h)
    assert a_h[0] == to_12_digits(A_H)
    output.forward(a_h, o)
    assert o[0] == to_12_digits(O)
    output_sigmoid.forward(o, a_o)
    assert a_o[0] == to_12_digits(A_O)

    # 1. The loss, each output's and their sum.
    loss = MSE()
    each = [loss.value(a_o[:, [k]], y[:, [k]]) for k in range(2)]
    assert each == to_12_digits(LOSSES)
    assert loss.value(a_o, y) == to_12_digits(LOSS)

    # 2. Hidden -> output.
    d_a_o = loss.gradient(a_o, y)
    assert d_a_o[0] == to_12_digits(D_A_O)
    slope_o, delta_o = row(), row()
    output_sigmoid.backward(o, a_o, np.ones((1, 2)), slope_o)
    assert slope_o[0] == to_12_digits(SLOPE_O)
    output_sigmoid.backward(o, a_o, d_a_o, delta_o)
    assert delta_o[0] == to_12_digits(DELTA_O)

    # 3.1 Each output's path to the hidden units, then both.
    d_a_h = row()
    output.backward(a_h, o, delta_o * [1, 0], d_a_h)
    assert d_a_h[0] == to_12_digits(D_A_H_BY_LOSS1)
    output.backward(a_h, o, delta_o * [0, 1], d_a_h)
    assert d_a_h[0] == to_12_digits(D_A_H_BY_LOSS2)
    output.backward(a_h, o, delta_o, d_a_h)
    assert d_a_h[0] == to_12_digits(D_A_H)
    assert output.weight_gradient == to_12_digits(D_W2)  # 2.4
    assert output.bias_gradient == to_12_digits(DELTA_O)

    # 3.2 to 3.4 Input -> hidden.
    slope_h, delta_h = row(), row()
    hidden_sigmoid.backward(h, a_h, np.ones((1, 2)), slope_h)
    assert slope_h[0] == to_12_digits(SLOPE_H)
    hidden_sigmoid.backward(h, a_h, d_a_h, delta_h)
    assert delta_h[0] == to_12_digits(DELTA_H)
    hidden.backward(x, h, delta_h, None)
    assert hidden.weight_gradient == to_12_digits(D_W1)
    assert hidden.bias_gradient == to_12_digits(DELTA_H)


def test_the_model_as_a_whole(page):
    model, x, y = page
    hidden, _, output, _ = model.layers
    prediction = model.forward(x)
    assert prediction[0] == to_12_digits(A_O)
    d_x = model.backward(MSE().gradient(prediction, y))
    assert hidden.weight_gradient == to_12_digits(D_W1)
    assert hidden.bias_gradient == to_12_digits(DELTA_H)
    assert output.weight_gradient == to_12_digits(D_W2)
    assert output.bias_gradient == to_12_digits(DELTA_O)
    delta_h1, delta_h2 = DELTA_H
    by_hand = [delta_h1 * W11 + delta_h2 * W13, delta_h1 * W12 + delta_h2 * W14]
    assert d_x[0] == pytest.approx(by_hand, rel=0, abs=1e-12)


def test_one_step(page):
    model, x, y = page
    hidden, _, output, _ = model.layers
    hidden.freeze("bias")
    output.freeze("bias")
    history = model.fit(x, y, loss=MSE(), optimizer=SGD(ETA), epochs=1, batch_size=1)
    assert history.history["loss"][0] == to_12_digits(LOSS)
    assert hidden.weight == to_12_digits(NEW_W1)
    assert output.weight == to_12_digits(NEW_W2)
    assert hidden.bias.tolist() == [B1, B1]
    assert output.bias.tolist() == [B2, B2]


def sigmoid(h):
    return 1 / (1 + math.exp(-h))


def scalar_loop(steps, *, train_biases):
    """The page again and again, number by number: the last weights and biases, and every loss."""
    w11, w12, w13, w14 = W11, W12, W13, W14
    w21, w22, w23, w24 = W21, W22, W23, W24
    bh1 = bh2 = B1
    bo1 = bo2 = B2
    losses = []
    for _ in range(steps):
        a_h1 = sigmoid(I1 * w11 + I2 * w12 + bh1)
        a_h2 = sigmoid(I1 * w13 + I2 * w14 + bh2)
        a_o1 = sigmoid(a_h1 * w21 + a_h2 * w22 + bo1)
        a_o2 = sigmoid(a_h1 * w23 + a_h2 * w24 + bo2)
        losses.append(0.5 * (TARGET1 - a_o1) ** 2 + 0.5 * (TARGET2 - a_o2) ** 2)

        delta_o1 = -(TARGET1 - a_o1) * a_o1 * (1 - a_o1)
        delta_o2 = -(TARGET2 - a_o2) * a_o2 * (1 - a_o2)
        delta_h1 = (delta_o1 * w21 + delta_o2 * w23) * a_h1 * (1 - a_h1)
        delta_h2 = (delta_o1 * w22 + delta_o2 * w24) * a_h2 * (1 - a_h2)

        w21 -= ETA * delta_o1 * a_h1
        w22 -= ETA * delta_o1 * a_h2
        w23 -= ETA * delta_o2 * a_h1
        w24 -= ETA * delta_o2 * a_h2
        w11 -= ETA * delta_h1 * I1
        w12 -= ETA * delta_h1 * I2
        w13 -= ETA * delta_h2 * I1
        w14 -= ETA * delta_h2 * I2
        if train_biases:
            bo1 -= ETA * delta_o1
            bo2 -= ETA * delta_o2
            bh1 -= ETA * delta_h1
            bh2 -= ETA * delta_h2
    hidden = [[w11, w13], [w12, w14]], [bh1, bh2]
    output = [[w21, w23], [w22, w24]], [bo1, bo2]
    return hidden, output, losses


@pytest.mark.parametrize("train_biases", [False, True])
def test_ten_thousand_steps(page, train_biases):
    model, x, y = page
    hidden, _, output, _ = model.layers
    if not train_biases:
        hidden.freeze("bias")
        output.freeze("bias")
    history = model.fit(x, y, loss=MSE(), optimizer=SGD(ETA), epochs=10_000, batch_size=1)

    (w1, b1), (w2, b2), losses = scalar_loop(10_000, train_biases=train_biases)
    np.testing.assert_allclose(hidden.weight, w1, rtol=1e-12)
    np.testing.assert_allclose(hidden.bias, b1, rtol=1e-12)
    np.testing.assert_allclose(output.weight, w2, rtol=1e-12)
    np.testing.assert_allclose(output.bias, b2, rtol=1e-12)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-11)
    assert losses[-1] < 1e-4
