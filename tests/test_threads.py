"""Eight threads predict with one model while eight copies of it train: no bit is different."""

import threading
import time

import numpy as np
import pytest

from minimlp import (
    Adam,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Normalization,
    ReLU,
    Sequential,
    Softmax,
)

SECONDS = 5.0
THREADS = 8


def make_model(dtype="float64"):
    model = Sequential(
        Normalization(20), Dense(20, 64), ReLU(), Dropout(0.2), Dense(64, 5), Softmax(),
        dtype=dtype, seed=1,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 20))
    model.layers[0].adapt(x)
    return model, x, rng.integers(5, size=300)


def train(model, x, y, epochs=1):
    return model.fit(
        x, y, loss=CategoricalCrossEntropy(), optimizer=Adam(1e-2), epochs=epochs, progress=False
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predictions_beside_training_have_the_bits_of_those_alone(dtype):
    model, x, y = make_model(dtype)
    blocks = [x[:rows] for rows in (1, 2, 7, 32, 100, 300)]
    alone = [model.predict(block) for block in blocks]
    parameters = model.parameters.copy()
    copies = [model.copy() for _ in range(THREADS)]
    trained_alone = model.copy()
    train(trained_alone, x, y, epochs=3)

    end = time.monotonic() + SECONDS / 2
    wrong: list[str] = []
    counts = {"predicted": 0, "trained": 0}
    start = threading.Barrier(2 * THREADS)

    def predict(first):
        start.wait()
        k = first
        while time.monotonic() < end and not wrong:
            block, expected = blocks[k % len(blocks)], alone[k % len(blocks)]
            if model.predict(block).tobytes() != expected.tobytes():
                wrong.append(f"prediction of {len(block)} rows")
            k += 1
            counts["predicted"] += 1

    def learn(copy):
        start.wait()
        while time.monotonic() < end and not wrong:
            learner = copy.copy()
            train(learner, x, y, epochs=3)
            if learner.parameters.tobytes() != trained_alone.parameters.tobytes():
                wrong.append("training")
            counts["trained"] += 1

    threads = [threading.Thread(target=predict, args=(k,)) for k in range(THREADS)]
    threads += [threading.Thread(target=learn, args=(copy,)) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert counts["predicted"] > THREADS
    assert counts["trained"] >= THREADS
    np.testing.assert_array_equal(model.parameters, parameters)
