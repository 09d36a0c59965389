"""A layer of one's own, written as the design prints it, does all that the package's own do."""

# ruff: noqa: E501  (the design prints its lines this long)

import copy
import pickle

import numpy as np
import pytest

from minimlp import MSE, SGD, Activation, Dense, Layer, Sequential, Sigmoid, register


# fmt: off
@register                                   # by name, so that loading a file never imports code
class Scale(Layer):
    """y = s · x, one trained factor per feature."""

    def __init__(self, width):              # arguments kept under their own names: repr, copy, save need nothing more
        self.width = width

    def parameter_shapes(self):             # after binding: self.scale and self.scale_gradient are views of the vectors
        return {"scale": (self.width,)}

    def initialize(self, rng):              # default: zeros
        self.scale[:] = 1

    def forward(self, x, out):
        np.multiply(x, self.scale, out=out)

    def backward(self, x, y, dy, dx):       # dx is None where nobody needs it
        np.sum(x * dy, axis=0, out=self.scale_gradient)
        if dx is not None:
            np.multiply(dy, self.scale, out=dx)
# fmt: on


@register
class Parabola(Activation):
    """a(h) = h², whose derivative 2h needs the input."""

    def forward(self, x, out):
        np.multiply(x, x, out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(2 * x, dy, out=dx)


class Shift(Layer):
    """Two parameters and no initialize: y = x + a + b."""

    def parameter_shapes(self):
        return {"a": (), "b": (2, 1)}


def shares(model):
    layer = model.layers[0]
    return np.shares_memory(layer.scale, model.parameters) and np.shares_memory(
        layer.scale_gradient, model.gradients
    )


def test_scale_starts_at_one_and_its_arrays_are_views():
    model = Sequential(Scale(3))
    assert shares(model)
    assert model.parameters.tolist() == [1, 1, 1]
    assert model.predict([[2.0, 3.0, 4.0]]).tolist() == [[2, 3, 4]]


def test_scale_has_the_gradient_worked_out_by_hand():
    # Rows (1, 2) and (3, 5) with dy (10, 20) and (30, 40) and s = (2, −1):
    # ds = (1·10 + 3·30, 2·20 + 5·40) = (100, 240), dx = dy · s.
    model = Sequential(Scale(2))
    model.parameters = [2.0, -1.0]
    model.forward([[1.0, 2.0], [3.0, 5.0]])
    assert model.backward([[10.0, 20.0], [30.0, 40.0]]).tolist() == [[20, -20], [60, -40]]
    assert model.gradients.tolist() == [100, 240]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scale_trains_saves_and_loads(tmp_path, dtype):
    x = np.random.default_rng(0).normal(size=(200, 3))
    model = Sequential(Scale(3), dtype=dtype, seed=0)
    model.fit(x, x * [2.0, -1.0, 0.5], optimizer=SGD(0.5), epochs=60)
    assert np.allclose(model.parameters, [2, -1, 0.5], rtol=0, atol=1e-5)
    model.save(tmp_path / "model.npz")
    loaded = Sequential.load(tmp_path / "model.npz")
    assert repr(loaded) == repr(model)
    assert loaded.dtype == dtype
    assert loaded.parameters.tobytes() == model.parameters.tobytes()
    assert shares(loaded)


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        Sequential.copy,
        lambda m: m.copy(np.complex128),
        lambda m: pickle.loads(pickle.dumps(m)),
    ],
    ids=["copy.copy", "deepcopy", "copy", "complex", "pickle"],
)
def test_scale_is_copied_with_views_of_its_own(copied):
    model = Sequential(Scale(2))
    model.parameters = [3.0, 4.0]
    other = copied(model)
    assert shares(other)
    other.layers[0].scale *= 2
    assert other.parameters.tolist() == [6, 8]
    assert model.parameters.tolist() == [3, 4]
    assert not np.shares_memory(model.parameters, other.parameters)


def test_an_activation_of_ones_own_that_reads_its_input_is_not_run_in_place():
    # y = ((x·2 + 1))², at x = 3: y = 49, dy/dx = 2·7·2 = 28, dy/dw = 2·7·3 = 42, dy/db = 14.
    model = Sequential(Dense(1, 1), Parabola())
    model.parameters = [2.0, 1.0]
    assert model.forward([[3.0]]).item() == 49
    assert model.backward([[1.0]]).item() == 28
    assert model.gradients.tolist() == [42, 14]


def test_parameters_start_at_zero_and_may_have_any_number_of_axes():
    layer = Shift()
    model = Sequential(layer)
    assert model.parameters.tolist() == [0, 0, 0]
    layer.a = 5.0
    layer.b = [[1.0], [2.0]]
    layer.a *= 2
    assert model.parameters.tolist() == [10, 1, 2]


def test_assignment_writes_into_the_view():
    model = Sequential(Dense(2, 2), seed=0)
    layer = model.layers[0]
    weight, vector = layer.weight, model.parameters
    layer.weight = [[1, 2], [3, 4]]
    layer.weight *= 2
    layer.bias += 7
    layer.weight_gradient = np.ones((2, 2))
    assert layer.weight is weight
    assert model.parameters is vector
    assert vector.tolist() == [2, 4, 6, 8, 7, 7]
    assert model.gradients.tolist() == [1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.0, ValueError),
        ([1.0, 2.0], ValueError),
        ([[1j, 0], [0, 0]], TypeError),
        ([["a", "b"], ["c", "d"]], TypeError),
        (None, TypeError),
    ],
)
def test_assignment_of_another_shape_or_kind_changes_nothing(value, error):
    model = Sequential(Dense(2, 2), seed=0)
    before = model.parameters.tobytes()
    with pytest.raises(error, match=r"Dense\.weight"):
        model.layers[0].weight = value
    assert model.parameters.tobytes() == before


def test_frozen_names_have_gradient_zero_and_train_again_when_unfrozen():
    x, y = np.ones((4, 2)), np.zeros((4, 3))
    model = Sequential(Dense(2, 3), seed=0)
    layer = model.layers[0]

    def gradients():
        model.backward(MSE().gradient(model.forward(x), y))
        return layer.weight_gradient.any(), layer.bias_gradient.any()

    assert gradients() == (True, True)
    layer.freeze("bias")
    assert layer.frozen == {"bias"}
    assert gradients() == (True, False)
    layer.freeze()
    assert layer.frozen == {"weight", "bias"}
    assert gradients() == (False, False)
    layer.unfreeze("weight")
    assert gradients() == (True, False)
    layer.unfreeze()
    assert gradients() == (True, True)
    assert model.parameters.shape == model.gradients.shape == (9,)


def test_frozen_parts_keep_their_bits_under_momentum_and_weight_decay():
    x = np.random.default_rng(1).normal(size=(8, 2))
    model = Sequential(Scale(2), Dense(2, 2), seed=0)
    optimizer = SGD(0.1, momentum=0.9, weight_decay=0.1)
    model.fit(x, x, optimizer=optimizer, batch_size=3)  # gathers a velocity first
    scale, dense = model.layers
    scale.freeze("scale")
    dense.freeze("bias")
    kept, moved = [scale.scale.tobytes(), dense.bias.tobytes()], dense.weight.tobytes()
    model.fit(x, x, optimizer=optimizer, batch_size=3, epochs=3)
    assert [scale.scale.tobytes(), dense.bias.tobytes()] == kept
    assert dense.weight.tobytes() != moved
    scale.unfreeze("scale")
    model.fit(x, x, optimizer=optimizer, batch_size=3)
    assert scale.scale.tobytes() != kept[0]


@pytest.mark.parametrize("method", ["freeze", "unfreeze"])
def test_freezing_an_unknown_name_names_the_known_ones(method):
    layer = Dense(2, 2)
    layer.freeze("bias")
    with pytest.raises(ValueError, match=r"no parameter 'weigth'.*weight, bias"):
        getattr(layer, method)("weight", "weigth")
    assert layer.frozen == {"bias"}


def test_a_layer_may_be_frozen_before_it_is_bound_and_two_do_not_share_it():
    first, second = Dense(1, 1), Dense(1, 1)
    first.freeze("weight")
    model = Sequential(first, second, seed=0)
    model.forward([[1.0]])
    model.backward([[1.0]])
    assert first.weight_gradient.item() == 0
    assert second.weight_gradient.item() != 0


def test_parameters_before_binding_are_explained():
    with pytest.raises(AttributeError, match=r"'weight'.*once it is part of a Sequential"):
        Dense(2, 2).weight  # noqa: B018
    with pytest.raises(AttributeError, match=r"'Dense' object has no attribute 'wieght'$"):
        Sequential(Dense(2, 2)).layers[0].wieght  # noqa: B018


def test_output_width_is_the_same_unless_the_layer_has_another():
    assert Parabola().output_width(7) == 7
    assert Scale(3).output_width(3) == 3
    with pytest.raises(ValueError, match="takes 3 features, but is given 4"):
        Scale(3).output_width(4)


def test_a_layer_that_defines_no_pass_says_so():
    model = Sequential(Shift())
    with pytest.raises(NotImplementedError, match="Shift does not define forward"):
        model.predict([[1.0]])
    with pytest.raises(NotImplementedError, match="Shift does not define backward"):
        Shift().backward(None, None, None, None)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_bound_layer_is_free_for_another_model(copied):
    model = Sequential(Dense(2, 2), seed=0)
    before = model.parameters.tobytes()
    layer = copied(model.layers[0])
    with pytest.raises(AttributeError, match="once it is part of a Sequential"):
        layer.weight  # noqa: B018
    other = Sequential(layer, seed=1)
    assert np.shares_memory(layer.weight, other.parameters)
    assert model.parameters.tobytes() == before


def test_a_subclass_with_its_own_backward_reads_what_it_likes():
    class Swish(Sigmoid):
        def forward(self, x, out):
            out[...] = x / (1 + np.exp(-x))

        def backward(self, x, y, dy, dx):
            s = 1 / (1 + np.exp(-x))
            dx[...] = dy * (s + x * s * (1 - s))

    model = Sequential(Dense(3, 4), Swish(), Dense(4, 1), seed=0)
    x, dy = np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 1))
    model.forward(x)
    model.backward(dy)
    twin = model.copy(np.complex128)
    for k in range(model.parameters.size):
        twin.parameters = model.parameters
        twin.parameters[k] += 1e-200j
        assert abs(twin.predict(x).sum().imag / 1e-200 - model.gradients[k]) < 1e-12


def test_a_forward_that_returns_instead_of_writing_is_refused():
    class Double(Layer):
        def forward(self, x, out):
            return 2 * x

    with pytest.raises(TypeError, match="must write into out"):
        Sequential(Double()).predict([[1.0]])


def test_a_layer_cannot_write_into_the_callers_input():
    class Shift(Layer):
        def forward(self, x, out):
            x -= 1

    x = np.ones((2, 1))
    with pytest.raises(ValueError, match="read-only"):
        Sequential(Shift()).predict(x)
    assert (x == 1).all()


def test_a_dense_subclass_with_a_signature_of_its_own_is_saved_and_loaded(tmp_path):
    @register
    class Square4(Dense):
        def __init__(self, n):
            super().__init__(n, n)
            self.n = n

    model = Sequential(Square4(4), seed=0)
    assert repr(model) == "Sequential(Square4(4))"
    model.save(tmp_path / "m.npz")
    assert (Sequential.load(tmp_path / "m.npz").parameters == model.parameters).all()


def per_sample(layer, x, y, dy):
    out = {
        name: np.full((len(x), *shape), np.nan) for name, shape in layer.parameter_shapes().items()
    }
    layer.per_sample_gradients(x, y, dy, out)
    return out


def test_per_sample_gradients_are_what_backward_gives_for_each_row_alone():
    # With s = (2, −1), a row x with dy has the gradient x · dy; see the sums above.
    model = Sequential(Scale(2))
    model.parameters = [2.0, -1.0]
    x, dy = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[10.0, 20.0], [30.0, 40.0]])
    out = per_sample(model.layers[0], x, x * [2, -1], dy)
    assert out["scale"].tolist() == [[10, 40], [90, 200]]


def test_per_sample_gradients_of_parameters_of_any_number_of_axes():
    class Added(Shift):
        def backward(self, x, y, dy, dx):
            self.a_gradient[...] = dy.sum()
            self.b_gradient[:, 0] = dy.sum(axis=0)

    model = Sequential(Added())
    dy = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    out = per_sample(model.layers[0], dy, dy, dy)
    assert out["a"].tolist() == [3, 7, 11]
    assert out["b"].tolist() == [[[1], [2]], [[3], [4]], [[5], [6]]]


def test_per_sample_gradients_leave_the_arrays_of_a_pass_alone():
    class Scribbling(Scale):
        def backward(self, x, y, dy, dx):
            super().backward(x, y, dy, dx)
            dy *= 2

    model = Sequential(Scribbling(2))
    x = np.ones((3, 2))
    y, dy = x.copy(), x.copy()
    assert per_sample(model.layers[0], x, y, dy)["scale"].tolist() == x.tolist()
    assert (x.sum(), y.sum(), dy.sum()) == (6, 6, 6)


class Halved:
    """A mixin with a backward of its own."""

    def backward(self, x, y, dy, dx):
        self.weight_gradient[...] = x.T @ dy / 2
        self.bias_gradient[...] = dy.sum(axis=0) / 2
        if dx is not None:
            dx[...] = dy @ self.weight.T / 2


class HalvedDense(Dense):
    backward = Halved.backward


class MixedDense(Halved, Dense):
    pass


class HeirDense(MixedDense):
    pass


@pytest.mark.parametrize("kind", [HalvedDense, MixedDense, HeirDense])
def test_a_backward_defined_anew_brings_the_defaults_back(kind):
    assert kind.per_sample_gradients is Layer.per_sample_gradients
    assert kind.reads_output is kind.reads_input is True
    model, plain = Sequential(kind(3, 2), seed=0), Sequential(Dense(3, 2), seed=0)
    x = np.random.default_rng(0).normal(size=(4, 3))
    assert model.jacobian(x).tolist() == (plain.jacobian(x) / 2).tolist()


def test_what_a_class_says_beside_its_own_backward_is_kept():
    class Fast(Halved, Dense):
        reads_output = False

        def per_sample_gradients(self, x, y, dy, out):
            Dense.per_sample_gradients(self, x, y, dy / 2, out)

    class Heir(Fast):
        pass

    class Renamed(Dense):
        def forward(self, x, out):
            super().forward(x, out)

    for kind in (Fast, Heir):
        assert kind.per_sample_gradients is Fast.per_sample_gradients
        assert (kind.reads_output, kind.reads_input) == (False, True)
    assert Renamed.per_sample_gradients is Dense.per_sample_gradients
    assert Renamed.reads_output is False
    x = np.random.default_rng(0).normal(size=(4, 3))
    fast, slow = Sequential(Fast(3, 2), seed=0), Sequential(MixedDense(3, 2), seed=0)
    assert fast.jacobian(x).tolist() == slow.jacobian(x).tolist()
