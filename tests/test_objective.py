import numpy as np
import pytest

from minimlp import (
    MSE,
    SGD,
    Dense,
    Normalization,
    Objective,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)

X = np.random.default_rng(0).normal(size=(6, 3))
Y = np.random.default_rng(1).normal(size=(6, 2))


def measured(model, x, y, weight=None):
    objective = Objective(model)
    samples = objective.samples(x, y, weight)
    return objective.plan(objective.workspace(samples.x), *samples[1:]).value_and_gradient()


@pytest.mark.parametrize("weight", [None, [1.0, 0.0, 2.0, 5.0, 1.0, 0.5]])
def test_value_and_gradient_against_central_differences_of_a_plain_formula(weight):
    model = mlp(3, 4, 2, hidden=Tanh, output=Sigmoid, seed=0)
    w = np.ones(6) if weight is None else np.array(weight) / np.mean(weight)

    def loss(vector):
        other = model.copy()
        other.parameters = vector
        return sum(w[b] * 0.5 * ((other.predict(X)[b] - Y[b]) ** 2).sum() for b in range(6)) / 6

    assert measured(model, X, Y, weight) == pytest.approx(loss(model.parameters), rel=1e-14)
    for k in range(model.parameters.size):
        h = 1e-5 * np.eye(model.parameters.size)[k]
        slope = (loss(model.parameters + h) - loss(model.parameters - h)) / 2e-5
        assert model.gradients[k] == pytest.approx(slope, abs=1e-9)


def test_it_agrees_with_forward_loss_and_backward_to_rounding():
    model = mlp(3, 4, 2, output=Sigmoid, seed=0)
    value = measured(model, X, Y)
    gradients = model.gradients.copy()
    prediction = model.forward(X)
    assert value == pytest.approx(MSE().value(prediction, Y), rel=1e-15)
    model.backward(MSE().gradient(prediction, Y))
    assert np.abs(model.gradients - gradients).max() < 1e-15 * np.abs(gradients).max()


def test_a_weight_of_two_is_the_sample_twice():
    model = mlp(3, 4, 2, output=Sigmoid, seed=0)
    twice = measured(model, np.vstack([X, X[:1]]), np.vstack([Y, Y[:1]]))
    gradients = model.gradients.copy()
    assert measured(model, X, Y, [2, 1, 1, 1, 1, 1]) == pytest.approx(twice, rel=1e-15)
    assert model.gradients == pytest.approx(gradients, rel=1e-12, abs=1e-16)


def test_samples_are_cast_once_and_weights_have_mean_one():
    model = Sequential(Dense(3, 2), dtype=np.float32)
    samples = Objective(model).samples(X, Y, [1, 2, 3, 4, 5, 9])
    assert {array.dtype for array in samples} == {np.dtype(np.float32)}
    assert samples.weight == pytest.approx([0.25, 0.5, 0.75, 1, 1.25, 2.25])
    huge = Objective(model).samples(X[:2], Y[:2], [1e308, 1e308]).weight
    assert huge.tolist() == [1, 1]
    assert Objective(model).samples(X, [0, 1, 1, 0, 0, 1]).target.sum(axis=0).tolist() == [3, 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((X[:, :2], Y), "validation_data x .*2 features a row: the model takes 3"),
        ((X, Y[:5]), "validation_data y has shape"),
        ((X, Y, [1.0]), "validation_data sample_weight has shape"),
    ],
)
def test_messages_use_the_arguments_name(given, words):
    with pytest.raises(ValueError, match=words):
        Objective(Sequential(Dense(3, 2))).samples(*given, names="validation_data {}")


def test_every_array_of_a_float32_step_is_float32():
    model = Sequential(
        Normalization(3), Dense(3, 4), Sigmoid(), Dense(4, 2), Tanh(), dtype=np.float32, seed=0
    )
    model.layers[0].adapt(X)
    objective, sgd = Objective(model), SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1)
    samples = objective.samples(X, Y, np.arange(1.0, 7.0))
    workspace = objective.workspace(samples.x)
    loss = objective.plan(workspace, *samples[1:]).value_and_gradient()
    sgd.step(model.parameters, model.gradients)
    arrays = [
        *samples,
        *workspace.outputs,
        *workspace.deltas,
        model.parameters,
        model.gradients,
        model.predict(X),
        model.forward(X),
        model.backward(Y),
        *(a for layer in model.layers for a in vars(layer).values() if isinstance(a, np.ndarray)),
        *(a for a in vars(sgd).values() if isinstance(a, np.ndarray)),
    ]
    assert len(arrays) > 30
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert type(loss) is float


def test_in_float32_every_operation_is_done_in_float32():
    """Arrays of a subclass see every ufunc of a step, and what it was given."""
    seen = set()

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            for thing in (*inputs, *(out or ())):
                if hasattr(thing, "dtype"):
                    seen.add((ufunc.__name__, thing.dtype.name))
            plain = [i.view(np.ndarray) if isinstance(i, Watched) else i for i in inputs]
            if out is not None:
                options["out"] = tuple(o.view(np.ndarray) for o in out)
            return getattr(ufunc, method)(*plain, **options)

    model = mlp(3, 4, 2, hidden=Tanh, output=Sigmoid, dtype=np.float32, seed=0)
    sgd = SGD(np.float64(0.1), momentum=np.float64(0.9), weight_decay=0.1)
    x, y, vector, gradients = (
        a.astype(np.float32).view(Watched) for a in (X, Y, model.parameters, model.gradients)
    )
    for layer, width in zip(model.layers, (4, 4, 2, 2), strict=True):
        out = np.empty((6, width), np.float32).view(Watched)
        layer.forward(x, out)
        layer.backward(x, out, np.ones_like(out), np.empty_like(x))
        x = out
    MSE().value_and_gradient(x, y, None, np.empty_like(x))
    sgd.step(vector, gradients)
    assert {name for name, _ in seen} >= {"tanh", "multiply", "add", "subtract"}
    assert {dtype for _, dtype in seen} == {"float32"}


def test_a_loss_is_needed():
    with pytest.raises(TypeError, match=r"loss must be a Loss such as MSE\(\), got 'mse'"):
        Objective(Sequential(Dense(1, 1)), "mse")


@pytest.mark.parametrize("seed", range(6))
def test_gradient_by_complex_step_through_layers_and_loss(seed):
    rng = np.random.default_rng(seed)
    widths = [int(w) for w in rng.integers(1, 6, size=rng.integers(2, 5))]
    hidden = [Sigmoid, Tanh][seed % 2]
    model = mlp(*widths, hidden=hidden, output=[Tanh, Sigmoid][seed % 2], seed=seed)
    x, y = rng.normal(size=(7, widths[0])), rng.normal(size=(7, widths[-1]))
    weight = rng.uniform(size=7) if seed > 2 else None
    measured(model, x, y, weight)
    in_complex = model.copy(np.complex128)
    steps = np.empty_like(model.gradients)
    for k, value in enumerate(model.parameters):
        in_complex.parameters[k] = value + 1e-200j
        steps[k] = measured(in_complex, x, y, weight).imag / 1e-200
        in_complex.parameters[k] = value
    assert np.abs(model.gradients).max() > 0
    assert np.abs(steps - model.gradients).max() <= 1e-12 * np.abs(model.gradients).max()
