"""The worked page's network has the page's numbers (tests/test_worked_page.py follows the page)."""

import numpy as np

from minimlp.datasets import worked_example


def test_the_numbers_of_the_page():
    model, x, y = worked_example()
    assert repr(model) == "Sequential(Dense(2, 2), Sigmoid(), Dense(2, 2), Sigmoid())"
    assert model.dtype == x.dtype == y.dtype == np.float64
    assert x.tolist() == [[0.05, 0.10]]
    assert y.tolist() == [[0.01, 0.99]]
    hidden, _, output, _ = model.layers
    assert hidden.weight.tolist() == [[0.15, 0.25], [0.20, 0.30]]
    assert hidden.bias.tolist() == [0.35, 0.35]
    assert output.weight.tolist() == [[0.40, 0.50], [0.45, 0.55]]
    assert output.bias.tolist() == [0.60, 0.60]
    assert np.shares_memory(hidden.weight, model.parameters)


def test_its_outputs():
    model, x, _ = worked_example()
    np.testing.assert_allclose(
        model.predict(x), [[0.751365069552, 0.772928465321]], rtol=0, atol=1e-12
    )


def test_every_call_gives_a_model_of_its_own():
    first, _, _ = worked_example()
    first.parameters[:] = 0
    second, _, _ = worked_example()
    assert second.parameters.all()
