"""Whatever is handed to `fit`, `predict` and `evaluate`: it works, or an error says why not."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minimlp import Sequential, Sigmoid, mlp

quick = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

SMALL = st.floats(-100, 100, width=16)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
REAL = st.sampled_from(["f2", "f4", "f8", ">f8", "g", "i1", "i8", "u1", "u8", "?"]).map(np.dtype)
OTHER = st.sampled_from(["c8", "c16", "U2", "S2", "M8[D]", "m8[s]", "O"]).map(np.dtype)
COUNTS = st.one_of(st.integers(-1, 5), st.floats(), st.booleans(), st.none(), st.text(max_size=1))


def arrays(dtype: np.dtype[Any], shape: Any) -> st.SearchStrategy[Any]:
    """Arrays of one dtype; those that can hold them, with small numbers."""
    elements: Any = {
        "f": SMALL,
        "i": st.integers(-1, 9),
        "u": st.integers(0, 9),
        "O": st.integers() | st.none(),
    }
    return hnp.arrays(dtype, shape, elements=elements.get(dtype.kind))


ANYTHING = st.one_of(
    (REAL | OTHER).flatmap(lambda dtype: arrays(dtype, SHAPES)),
    hnp.arrays(np.float64, SHAPES, elements=st.sampled_from([np.nan, np.inf, -np.inf, 0.0])),
    st.recursive(SMALL | st.none() | st.text(max_size=2), lambda one: st.lists(one, max_size=3)),
)


@st.composite
def calls(draw: st.DrawFn, **options: Any) -> Any:
    """A model, x, y and options; each fits, or one time in eight is anything."""

    def mostly(fitting: Any, anything: Any) -> Any:
        return draw(anything if draw(st.integers(0, 7)) == 7 else fitting)

    rows, width, outputs = (draw(st.integers(1, high)) for high in (5, 3, 3))
    model = mlp(
        width, 2, outputs, output=Sigmoid, dtype=draw(st.sampled_from(["f4", "f8"])), seed=0
    )
    x = mostly(REAL.flatmap(lambda dtype: arrays(dtype, (rows, width))), ANYTHING)
    full = REAL.flatmap(lambda dtype: arrays(dtype, (rows, outputs)))
    labels = hnp.arrays(np.int8, rows, elements=st.integers(0, outputs - 1))
    y = mostly(full | labels, ANYTHING)
    fitting = {
        "epochs": st.integers(0, 3),
        "batch_size": st.integers(1, 6),
        "validation_split": st.floats(0, 0.5),
        "sample_weight": hnp.arrays(np.float64, rows, elements=st.floats(0, 1e300)),
        "class_weight": st.none() | st.just("balanced") | st.just({0: 2.0}),
        "seed": st.none() | st.integers(0, 3),
        "shuffle": st.booleans(),
    }
    chosen = {name: mostly(fitting[name], options[name]) for name in options if draw(st.booleans())}
    return model, x, y, chosen


def works_or_explains(model: Sequential, name: str, *data: Any, **options: Any) -> Any:
    """Call a method; where it refuses, the message names an argument and the model is as it was."""
    before, state = model.parameters.tobytes(), model.rng.bit_generator.state
    try:
        return getattr(model, name)(*data, **options)
    except (TypeError, ValueError) as error:
        message = str(error)
        assert any(word in message for word in ("x ", "y ", *options)), message
        assert (model.parameters.tobytes(), model.rng.bit_generator.state) == (before, state)
        return None


@quick
@given(calls(batch_size=COUNTS))
def test_predict(call: Any) -> None:
    model, x, _, options = call
    output = works_or_explains(model, "predict", x, **options)
    if output is not None:
        assert output.shape == (len(x), model.layers[2].n_out)
        assert output.dtype == model.dtype
        assert ((output >= 0) & (output <= 1)).all()


@quick
@given(calls(sample_weight=ANYTHING))
def test_evaluate(call: Any) -> None:
    model, x, y, options = call
    before = model.parameters.tobytes()
    figures = works_or_explains(model, "evaluate", x, y, **options)
    if figures is not None:
        assert figures["loss"] >= 0
    assert model.parameters.tobytes() == before


@quick
@given(
    calls(
        epochs=COUNTS,
        batch_size=COUNTS,
        validation_split=COUNTS,
        sample_weight=ANYTHING,
        class_weight=ANYTHING | st.dictionaries(st.integers(-1, 3), st.floats(-1, 1e300)),
        seed=COUNTS,
        shuffle=COUNTS,
    )
)
def test_fit(call: Any) -> None:
    model, x, y, options = call
    history = works_or_explains(model, "fit", x, y, **options)
    if history is not None:
        assert len(history.epoch) == options.get("epochs", 1)
        assert history.stopped_because is None
