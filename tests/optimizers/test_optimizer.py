import copy
import pickle

import numpy as np
import pytest

from minimlp import SGD, Dense, Optimizer, Sequential

X, Y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])


class Signs(Optimizer):
    """An optimizer of one's own: every parameter moves by `size` against its gradient's sign."""

    def __init__(self, size):
        self.size = size

    def allocate(self, parameters):
        self.steps = np.zeros_like(parameters)

    def step(self, parameters, gradients):
        self.attach(parameters)
        self.steps += 1
        parameters -= self.size * np.sign(gradients)


def test_an_optimizer_of_ones_own_trains_and_allocates_once():
    # From (0, 0) every difference is negative: both parameters climb by ¼ a step.
    model = Sequential(Dense(1, 1))
    model.parameters = [0, 0]
    optimizer = Signs(0.25)
    model.fit(X, Y, optimizer=optimizer, batch_size=3)
    model.fit(X, Y, optimizer=optimizer, batch_size=3, epochs=2)
    assert model.parameters.tolist() == [0.75, 0.75]
    assert optimizer.steps.tolist() == [3, 3]


def test_it_belongs_to_one_model():
    optimizer = SGD(0.1, momentum=0.9)
    first, second = Sequential(Dense(1, 1), seed=0), Sequential(Dense(1, 1), seed=0)
    first.fit(X, Y, optimizer=optimizer)
    before = second.parameters.tobytes()
    with pytest.raises(ValueError, match=r"SGD\(0\.1, momentum=0\.9\) already trains another"):
        second.fit(X, Y, optimizer=optimizer)
    with pytest.raises(ValueError, match="already trains another model"):
        optimizer.step(second.parameters, second.gradients)
    with pytest.raises(ValueError, match="already trains another model"):
        first.copy().fit(X, Y, optimizer=optimizer)
    assert second.parameters.tobytes() == before


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copied_together_with_its_model_it_goes_on(copied):
    model, optimizer = Sequential(Dense(1, 1), seed=0), SGD(0.1, momentum=0.9)
    model.fit(X, Y, optimizer=optimizer, epochs=2)
    twin, twins_optimizer = copied((model, optimizer))
    for m, o in ((model, optimizer), (twin, twins_optimizer)):
        m.fit(X, Y, optimizer=o, epochs=2)
    assert np.array_equal(model.parameters, twin.parameters)


def test_without_step_it_says_so():
    class Lazy(Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Lazy does not define step"):
        Lazy().step(np.zeros(1), np.zeros(1))


@pytest.mark.parametrize("optimizer", [SGD, "sgd", 0.1])
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(TypeError, match="optimizer must be an Optimizer"):
        Sequential(Dense(1, 1)).fit(X, Y, optimizer=optimizer)
