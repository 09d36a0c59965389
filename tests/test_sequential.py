"""The chain over one flat vector: binding, the two passes, predict, and copies of it all."""

import copy
import gc
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from minimlp import (
    MSE,
    Dense,
    GlorotUniform,
    HeNormal,
    Identity,
    Layer,
    Normal,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    Zeros,
    mlp,
    register,
)

X = np.random.default_rng(0).normal(size=(5, 3))
DY = np.random.default_rng(1).normal(size=(5, 2))


def small(dtype=np.float64, seed=0):
    return Sequential(Dense(3, 4), Sigmoid(), Dense(4, 2), Tanh(), dtype=dtype, seed=seed)


def assert_views(model):
    """Every trained array is its own slice of the two vectors, which it fills together."""
    for vector, suffix in ((model.parameters, ""), (model.gradients, "_gradient")):
        assert vector.flags.c_contiguous
        assert vector.ndim == 1
        kept = vector.copy()
        vector[:] = np.arange(vector.size)
        views = [
            getattr(layer, name + suffix)
            for layer in model.layers
            for name in layer.parameter_shapes()
        ]
        assert all(np.shares_memory(view, vector) for view in views)
        flat = np.concatenate([view.ravel() for view in views])
        assert flat.tolist() == list(range(vector.size))
        vector[:] = kept


def reload(model, folder):
    model.save(folder / "model.npz")
    return Sequential.load(folder / "model.npz")


COPIES = {
    "copy": lambda model, folder: model.copy(),
    "copy.copy": lambda model, folder: copy.copy(model),
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "load": reload,
}


# One flat vector


def test_one_entry_per_trainable_number():
    model = small()
    assert model.parameters.shape == model.gradients.shape == (3 * 4 + 4 + 4 * 2 + 2,)
    assert model.parameters.dtype == np.float64
    assert model.layers[0].weight.shape == (3, 4)
    assert_views(model)


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_copies_are_equal_views_and_independent(name, dtype, tmp_path):
    model = small(dtype)
    model.metadata = {"note": ["a", 1]}
    model.layers[2].freeze("bias")
    model.forward(X)
    other = COPIES[name](model, tmp_path)
    assert_views(other)
    assert repr(other) == repr(model)
    assert other.dtype == dtype
    assert other.metadata == model.metadata
    assert [layer.frozen for layer in other.layers] == [layer.frozen for layer in model.layers]
    assert other.parameters.tobytes() == model.parameters.tobytes()
    assert np.array_equal(other.predict(X), model.predict(X))
    before = model.parameters.tobytes(), model.gradients.tobytes()
    other.layers[0].weight += 1
    other.gradients[:] = 5
    other.metadata["note"].append(2)
    other.layers[2].unfreeze()
    other.fit(X, DY)
    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before
    assert model.metadata == {"note": ["a", 1]}
    assert model.layers[2].frozen == {"bias"}
    assert_views(model)


def test_setting_parameters_copies_into_the_vector():
    model = small()
    vector, values = model.parameters, np.arange(26.0)
    model.parameters = values
    assert model.parameters is vector
    assert vector.tolist() == values.tolist()
    assert not np.shares_memory(vector, values)
    model.parameters = values[::-1].tolist()
    model.parameters *= 2
    model.parameters -= 1
    assert vector.tolist() == (2 * values[::-1] - 1).tolist()
    assert_views(model)


def test_views_stay_views_through_everything_that_writes():
    model = small()
    layer = model.layers[0]
    layer.weight = np.ones((3, 4))
    layer.weight *= 2
    layer.weight[0] = 7
    layer.bias -= 1
    model.fit(X, DY, epochs=2)
    model.backward(MSE().gradient(model.forward(X), DY))
    model.layers[0].freeze()
    model.layers[0].unfreeze("bias")
    model.fit(X, DY)
    assert_views(model)


def test_setting_gradients_keeps_them_views():
    model = small()
    model.gradients = np.arange(26.0)
    assert_views(model)
    assert model.layers[0].weight_gradient[0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("values", "error"),
    [(np.zeros(25), ValueError), (0.0, ValueError), (np.zeros((26, 1)), ValueError),
     (np.zeros(26, complex), TypeError), (["a"] * 26, TypeError)],
)  # fmt: skip
def test_parameters_of_another_shape_or_kind_change_nothing(values, error):
    model = small()
    before = model.parameters.tobytes()
    with pytest.raises(error, match=r"^parameters"):
        model.parameters = values
    assert model.parameters.tobytes() == before


def test_a_model_without_parameters_has_an_empty_vector():
    model = Sequential(Sigmoid())
    assert model.parameters.shape == (0,)
    model.forward([[0.0]])
    assert model.backward([[1.0]]).tolist() == [[0.25]]
    assert model.copy().predict([[0.0]]).tolist() == [[0.5]]


# Passes


def test_forward_is_the_formula():
    model = small()
    w, b, v, c = (p for layer in model.layers[::2] for p in (layer.weight, layer.bias))
    expected = np.tanh(1 / (1 + np.exp(-(X @ w + b))) @ v + c)
    assert np.allclose(model.forward(X), expected, rtol=0, atol=1e-15)
    assert np.array_equal(model.forward(X), model.predict(X))
    assert np.array_equal(model.forward(X.tolist(), training=True), model.predict(X))


@pytest.mark.parametrize("hidden", [Sigmoid, Tanh, ReLU, Identity])
def test_backward_against_central_differences(hidden):
    model = mlp(3, 4, 4, 2, hidden=hidden, output=Tanh, seed=3)
    model.forward(X)
    dx = model.backward(DY)

    def slope(array, place, x):
        kept = array[place]
        values = []
        for h in (1e-6, -1e-6):
            array[place] = kept + h
            values.append((model.predict(x) * DY).sum())
        array[place] = kept
        return (values[0] - values[1]) / 2e-6

    for k in range(model.parameters.size):
        assert model.gradients[k] == pytest.approx(slope(model.parameters, k, X), abs=1e-8)
    x = X.copy()
    for place in np.ndindex(x.shape):
        assert dx[place] == pytest.approx(slope(x, place, x), abs=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_every_gradient_agrees_with_the_complex_step(seed):
    rng = np.random.default_rng(seed)
    kinds = [Sigmoid, Tanh, ReLU, Identity]
    layers, width = [Normalization(3)], 3
    for _ in range(rng.integers(1, 4)):
        n_out = int(rng.integers(1, 6))
        layers += [
            Dense(width, n_out, bias=bool(rng.integers(2)), weight_initializer=HeNormal()),
            kinds[rng.integers(4)](),
        ]
        width = n_out
    model = Sequential(*layers, Dense(width, 2), seed=seed)
    model.layers[0].adapt(10 + 3 * X)
    y = rng.normal(size=(5, 2))
    dx = model.backward(MSE().gradient(model.forward(X), y))
    in_complex = model.copy(np.complex128)
    assert_views(in_complex)
    x = X.astype(np.complex128)

    def step(array, place):
        kept = array[place]
        array[place] += 1e-200j
        value = MSE().value(in_complex.predict(x), y)
        array[place] = kept
        return value.imag / 1e-200

    by_step = [step(in_complex.parameters, k) for k in range(model.parameters.size)]
    assert np.abs(model.gradients - by_step).max() <= 1e-12 * np.abs(model.gradients).max()
    for place in np.ndindex(x.shape):
        assert abs(dx[place] - step(x, place)) <= 1e-12 * np.abs(dx).max()


def test_backward_in_complex_does_not_conjugate():
    # y = w·x with w = 2j, x = 3 + 1j, dy = 1j: dw = x·dy = −1 + 3j, dx = w·dy = −2, db = 1j.
    model = Sequential(Dense(1, 1), dtype=np.complex128)
    model.parameters = [2j, 0]
    model.forward([[3 + 1j]])
    assert model.backward([[1j]]).tolist() == [[-2]]
    assert model.gradients.tolist() == [-1 + 3j, 1j]


def test_backward_needs_a_forward_of_the_same_batch():
    model = small()
    for act in (lambda: None, lambda: model.predict(X), lambda: model.fit(X, DY)):
        act()
        with pytest.raises(RuntimeError, match="needs a forward"):
            model.backward(DY)
    model.forward(X)
    with pytest.raises(RuntimeError, match="needs a forward"):
        model.copy().backward(DY)
    before = model.gradients.tobytes()
    for dy in (DY[:4], DY[:, :1], DY[0], 1.0):
        with pytest.raises(ValueError, match=r"dy has shape .*: the last forward gave \(5, 2\)"):
            model.backward(dy)
    assert model.gradients.tobytes() == before


@register
class Breakable(Layer):
    """The identity, until it is broken."""

    broken = False

    def forward(self, x, out):
        if self.broken:
            raise ArithmeticError("broken")
        out[:] = x

    def backward(self, x, y, dy, dx):
        if dx is not None:
            dx[:] = dy


@pytest.mark.parametrize("rows", [5, 3], ids=["same shape", "another shape"])
def test_backward_after_a_forward_that_failed_raises(rows):
    model = Sequential(Dense(3, 2), Breakable(), seed=0)
    model.forward(X)
    model.layers[1].broken = True
    with pytest.raises(ArithmeticError):
        model.forward(-X[:rows])
    with pytest.raises(RuntimeError, match="needs a forward"):
        model.backward(DY[:rows])


def test_backward_overwrites_and_may_be_repeated():
    model = small()
    model.forward(X)
    model.gradients[:] = np.nan
    first = model.backward(DY), model.gradients.copy()
    second = model.backward(DY), model.gradients.copy()
    assert all(map(np.array_equal, first, second))
    assert np.isfinite(model.gradients).all()


def test_results_belong_to_the_caller_and_inputs_are_not_kept():
    model = small()
    x = X.copy()
    y = model.forward(x)
    kept = y.copy()
    x[:] = 0
    y[:] = 0  # neither reaches the pass in progress
    dx = model.backward(DY)
    model.forward(X)
    assert np.array_equal(dx, model.backward(DY))
    kept_dx = dx.copy()
    first = model.forward(X)
    model.forward(2 * X)
    model.backward(3 * DY)
    assert np.array_equal(first, kept)
    assert np.array_equal(dx, kept_dx)
    for batch_size in (2, 1024):
        y = model.predict(X, batch_size)
        assert y.flags.owndata
        assert y.flags.writeable
        y[:] = 0
        assert np.array_equal(model.forward(X), kept)


def test_predict_fit_and_evaluate_do_not_disturb_a_pass_in_progress():
    model = small()
    model.forward(X)
    expected = model.backward(DY)
    model.forward(X)
    vector = model.parameters.copy()
    model.predict(7 * X)
    model.predict(np.ones((9, 3)), batch_size=2)
    model.evaluate(-X, DY)
    model.fit(3 * X, DY, epochs=2)
    model.parameters = vector
    assert np.array_equal(model.backward(DY), expected)


# Predict


@pytest.mark.parametrize("batch_size", [1, 2, 7, 99, 100, 101])
def test_predict_takes_any_number_of_rows_in_chunks(batch_size):
    x = np.random.default_rng(2).normal(size=(100, 3))
    chunks = [small().predict(x[i : i + batch_size]) for i in range(0, 100, batch_size)]
    y = small().predict(x, batch_size=batch_size)
    assert np.array_equal(y, np.vstack(chunks))
    assert np.allclose(y, small().forward(x), rtol=0, atol=1e-15)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_batch_sizes_are_checked(batch_size):
    with pytest.raises((TypeError, ValueError), match="batch_size must be"):
        small().predict(X, batch_size=batch_size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predict_from_eight_threads_is_bit_equal_and_leaves_a_pass_alone(dtype):
    model = mlp(20, 64, 64, 5, output=Sigmoid, dtype=dtype, seed=0)
    rng = np.random.default_rng(3)
    batches = [rng.normal(size=(rows, 20)) for rows in (1, 2, 33, 64, 65, 256, 500, 700) * 8]
    alone = [model.predict(x, batch_size=256) for x in batches]
    dy = np.ones((64, 5))
    model.forward(batches[3])
    dx = model.backward(dy)
    gradients = model.gradients.copy()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            running = [pool.submit(model.predict, x, batch_size=256) for x in batches]
            model.forward(batches[3])
            assert np.array_equal(model.backward(dy), dx)
            assert np.array_equal(model.gradients, gradients)
            results = [job.result() for job in running]
            assert all(map(np.array_equal, results, alone))


def test_thousands_of_batch_sizes_do_not_grow_memory():
    model = mlp(8, 32, 4, output=Sigmoid, seed=0)
    x = np.ones((3000, 8))

    def use(sizes):
        for rows in sizes:
            model.predict(x[:rows])
            model.predict(x[:50], batch_size=rows)
            model.forward(x[: rows % 200 + 1])
            model.backward(np.ones((rows % 200 + 1, 4)))

    use([1, 700, 3000])
    gc.collect()
    tracemalloc.start()
    use(range(1, 301, 10))
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    use(range(1, 3001))
    gc.collect()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One kept workspace of 200 rows is 200·(2·8 + 2·2·32 + 2·2·4) numbers, some 256 KB.
    assert now - held < 500_000


# Precision, seeds, representation


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_everything_has_the_models_dtype(dtype):
    model = small(dtype)
    arrays = [model.parameters, model.gradients, model.forward(X), model.backward(DY)]
    arrays += [model.predict(X), model.predict(X, batch_size=2), model.layers[0].weight]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert model.dtype == dtype


def test_copy_to_another_dtype_is_the_same_function():
    model = small()
    assert np.allclose(model.copy(np.float32).predict(X), model.predict(X), rtol=0, atol=1e-6)
    assert np.allclose(model.copy(complex).predict(X), model.predict(X), rtol=0, atol=1e-15)
    assert model.dtype == np.float64


def test_the_same_seed_gives_the_same_bits_and_none_differs():
    assert np.array_equal(small(seed=4).parameters, small(seed=4).parameters)
    assert not np.array_equal(small(seed=None).parameters, small(seed=None).parameters)
    rng = np.random.default_rng(4)
    assert np.array_equal(small(seed=rng).parameters, small(seed=4).parameters)
    assert not np.array_equal(small(seed=rng).parameters, small(seed=4).parameters)


def test_a_copy_draws_what_the_model_would_have_drawn():
    model = small()
    twin = model.copy()
    for m in (model, twin):
        m.fit(X, DY, epochs=3, batch_size=2)
    assert np.array_equal(model.parameters, twin.parameters)


@pytest.mark.parametrize(
    "model",
    [
        small(),
        small(np.float32),
        small(np.complex128),
        Sequential(
            Normalization(3),
            Dense(3, 4, bias=False, weight_initializer=Normal(0.25)),
            ReLU(),
            Dense(4, 4, weight_initializer=HeNormal()),
            Identity(),
            Dense(4, 1, weight_initializer=Zeros()),
        ),
    ],
    ids=["float64", "float32", "complex128", "everything"],
)
def test_repr_round_trips_by_eval(model):
    again = eval(repr(model))
    assert repr(again) == repr(model)
    assert again.dtype == model.dtype
    assert again.parameters.shape == model.parameters.shape
    assert repr(GlorotUniform()) not in repr(model)  # what is the default is not said


@pytest.mark.parametrize("dtype", [np.float16, int, object, "text"])
def test_other_dtypes_are_refused_and_leave_the_layers_free(dtype):
    layer = Dense(2, 2)
    with pytest.raises((TypeError, ValueError), match="dtype must be float32"):
        Sequential(layer, dtype=dtype)
    assert_views(Sequential(layer))


@pytest.mark.parametrize("method", ["forward", "predict"])
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.ones((5, 4)), ValueError, "x has shape .*, 4 features a row: the model takes 3"),
        (np.ones(3), ValueError, r"x\.reshape\(1, -1\)"),
        (np.ones((0, 3)), ValueError, "at least one row"),
        (X.astype(complex), TypeError, "x must hold real numbers"),
        ([[1, 2, np.nan]], ValueError, "x holds nan at row 0, column 2"),
    ],
)
def test_inputs_that_do_not_fit_are_named(method, x, error, words):
    model = small()
    model.forward(X)
    before = model.parameters.tobytes()
    with pytest.raises(error, match=words):
        getattr(model, method)(x)
    assert model.parameters.tobytes() == before


def test_training_is_a_flag():
    with pytest.raises(TypeError, match="training must be True or False"):
        small().forward(X, training=1)
