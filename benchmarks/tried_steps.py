"""Ideas of `tried` for layers, whole steps and training.

Where an idea changes a constant of minimlp, minimlp's own code runs with that constant changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from measuring.machine import processors
from measuring.rounds import Run
from numpy import add, multiply, square, subtract, tanh
from peers.task import Task
from tried_calls import Array, Call, Trial, in_order, normal

from minimlp import MSE, SGD, Dense, Sequential, Sigmoid
from minimlp.constants import constant, ones
from minimlp.layers import dense
from minimlp.objective import Objective
from minimlp.optimizers import blocks, sgd
from minimlp.training import batches
from minimlp.workspace import Workspace

ALWAYS = 1 << 62
"""More entries than any array has."""


def changed(module: ModuleType, name: str, value: int, run: Run) -> Run:
    """Run with another constant in a module."""

    def other_run(times: int) -> None:
        with patch.object(module, name, value):
            run(times)

    return other_run


def passes(workspace: Workspace) -> tuple[list[Call], list[Call]]:
    """Give the forward and the backward calls, each in the order of its pass."""
    plans = [step.plan() for step in workspace.forward_steps]
    return [forward for forward, _ in plans], [backward for _, backward in reversed(plans)]


def bias_by_itself() -> Iterator[Trial]:
    """Both passes of one `Dense`: two products forward and backward, or one with [x 1]."""
    x, y, dy, dx = normal(32, 64), normal(32, 32), normal(32, 32), normal(32, 64)
    layer = Dense(64, 32)
    model = Sequential(layer, dtype="float32", seed=0)
    as_is = in_order(*layer.plan(x, y, dy, dx))
    bare = in_order(
        partial(x.dot, layer.weight, y),
        partial(add, y, layer.bias, y),
        partial(x.T.dot, dy, layer.weight_gradient),
        partial(ones(32, x.dtype).dot, dy, layer.bias_gradient),
        partial(dy.dot, layer.weight.T, dx),
    )
    where, results = "64×32, 32 rows", [y, dx, model.gradients]
    name = "bias apart, nothing to look up, for [x 1]·[W; b]"
    yield Trial(name, where, as_is, bare, results)
    plain = in_order(partial(layer.forward, x, y), partial(layer.backward, x, y, dy, dx))
    name = "bias apart, by Dense's own methods, for [x 1]·[W; b]"
    yield Trial(name, where, as_is, plain, results)

    x, y, dy, dx = normal(64, 784), normal(64, 128), normal(64, 128), normal(64, 784)
    layer = Dense(784, 128)
    model = Sequential(layer, dtype="float32", seed=0)
    as_is = in_order(*layer.plan(x, y, dy, dx))
    with patch.object(dense, "_SMALL", ALWAYS):
        idea = in_order(*layer.plan(x, y, dy, dx))
    where, results = "784×128, 64 rows", [y, dx, model.gradients]
    yield Trial("[x 1]·[W; b], for bias apart", where, as_is, idea, results)


def ones_in_place() -> Iterator[Trial]:
    """Both passes of Dense, Sigmoid, Dense: the sigmoid writes where the ones are already."""
    model = Sequential(Dense(64, 32), Sigmoid(), Dense(32, 10), dtype="float32", seed=0)
    workspace = Objective(model).workspace(normal(32, 64))
    workspace.deltas[-1][...] = normal(32, 10)
    (first, bend, last), half = workspace.forward_steps, constant(0.5, model.dtype)
    forward, backward = passes(workspace)
    first_forward, first_backward = first.plan()
    a_1 = np.ones((32, 33), model.dtype)
    a, transposed = a_1[:, :-1], a_1.T
    both = last.layer._own_parameters.reshape(33, 10)
    both_gradient = last.layer._own_gradients.reshape(33, 10)
    h, dy, dx, weight_transposed = bend.x, bend.dy, bend.dx, last.layer.weight.T
    assert dx is not None

    def bend_forward() -> None:
        multiply(h, half, h)
        tanh(h, h)
        multiply(h, half, h)
        add(h, half, a)  # only here and backward it meets rows that lie apart

    def bend_backward() -> None:
        square(a, dx)
        subtract(a, dx, dx)
        multiply(dx, dy, dx)

    def last_backward() -> None:
        transposed.dot(last.dy, both_gradient)
        last.dy.dot(weight_transposed, last.dx)

    # The first layer copies as before: `take` cannot gather into rows that lie apart.
    ahead: list[Call] = [first_forward, bend_forward, partial(a_1.dot, both, last.y)]
    back: list[Call] = [last_backward, bend_backward, first_backward]
    yield Trial(
        "activations written beside ones, for a copy there",
        "64-32-10, batch 32",
        in_order(*forward, *backward),
        in_order(*ahead, *back),
        [workspace.outputs[-1], model.gradients],
    )


def prepared(task: Task) -> tuple[Workspace, Call, list[Array]]:
    """Make the arrays of a step on a full batch, its loss, and give parameters and gradients."""
    objective = Objective(task.model(), MSE())
    x, target = (array[: task.batch] for array in task.data)
    workspace = objective.workspace(x)
    loss = objective.loss.plan(workspace.outputs[-1], target, None, workspace.deltas[-1])
    return workspace, loss, [objective.model.parameters, objective.model.gradients]


def update_layer_by_layer() -> Iterator[Trial]:
    """A step without gathering: a layer's gradient is in the cache when it is used, or not."""
    task = Task((784, 512, 512, 10), 256, rows=256)
    workspace, loss, vectors = prepared(task)
    forward, backward = passes(workspace)
    at_end: list[Call] = [*backward, partial(SGD(0.1).step, *vectors)]
    at_once: list[Call] = []
    for step, call in zip(reversed(workspace.forward_steps), backward, strict=True):
        at_once.append(call)
        if isinstance(step.layer, Dense):
            own = step.layer._own_parameters, step.layer._own_gradients
            at_once.append(partial(SGD(0.1).step, *own))
    as_is, idea = in_order(*forward, loss, *at_end), in_order(*forward, loss, *at_once)
    name = "update layer by layer, for all at the end"
    yield Trial(name, task.name, as_is, idea, vectors)


def update_the_other_way() -> Iterator[Trial]:
    """Two products and the update, which another processor's cache makes slow or does not."""
    computed = "update computed into w, for copied into it"
    copied = "update copied into w, for computed into it"
    for rows, n_in, n_out, name, limit, value in (
        (32, 64, 32, copied, "FEW", 0),
        (64, 784, 128, computed, "_COPIED", 0),
        (256, 512, 512, computed, "_COPIED", 0),
        (256, 784, 512, copied, "_COPIED", ALWAYS),
    ):
        # What counts is that another processor has read w and written its gradient just before.
        x, y, dy = normal(rows, n_in), normal(rows, n_out), 1e-6 * normal(rows, n_out)
        parameters, gradients = normal(n_in * n_out), normal(n_in * n_out)
        weight, weight_gradient = (each.reshape(n_in, n_out) for each in (parameters, gradients))
        as_is = in_order(
            partial(x.dot, weight, y),
            partial(x.T.dot, dy, weight_gradient),
            partial(SGD(1e-3).step, parameters, gradients),
        )
        other = changed(blocks, limit, value, as_is)
        if limit == "FEW":
            other = changed(sgd, limit, value, other)
        where = f"{n_in}×{n_out}, {rows} rows"
        yield Trial(name, where, as_is, other, [parameters])


def deltas_written_over() -> Iterator[Trial]:
    """A step without gathering and update: a sigmoid writes its δ over the one it was given."""
    for task in (Task((784, 128, 10), 64, rows=64), Task((784, 512, 512, 10), 256, rows=256)):
        workspace, loss, (_, gradients) = prepared(task)
        forward, backward = passes(workspace)
        scratch = np.empty(task.batch * max(task.widths), task.dtype)
        steps, plans = workspace.forward_steps, []
        for step, behind in zip(steps, [*steps[1:], None], strict=True):
            if behind is None or isinstance(step.layer, Sigmoid):
                ahead, _ = step.plan()
                room = scratch[: step.y.size].reshape(step.y.shape)
                plans.append((ahead, written_over(step.y, step.dy, room)))
            else:
                plans.append(step._replace(dy=behind.dy).plan())
        over_forward = [ahead for ahead, _ in plans]
        over_backward = [back for _, back in reversed(plans)]
        yield Trial(
            "δ written over, for an array each",
            task.name,
            in_order(*forward, loss, *backward),
            in_order(*over_forward, loss, *over_backward),
            [gradients],
        )


def written_over(y: Array, dy: Array, room: Array) -> Call:
    def backward() -> None:
        square(y, room)
        subtract(y, room, room)
        multiply(dy, room, dy)

    return backward


# Training


def training(task: Task) -> tuple[Run, Array, int]:
    """Give `fit`, which takes the batches of each call in the same order, what it trains, steps."""
    model, optimizer, (x, y) = task.model(), SGD(task.learning_rate), task.data
    how: dict[str, Any] = {"optimizer": optimizer, "batch_size": task.batch, "progress": False}

    def run(epochs: int) -> None:
        model.fit(x, y, epochs=epochs, seed=0, **how)

    return run, model.parameters, task.rows // task.batch


def gathered_one_by_one() -> Iterator[Trial]:
    for task in (Task((2, 2, 2), 1), Task((64, 32, 10), 32)):
        run, parameters, steps = training(task)
        idea = changed(batches, "_AT_ONCE", 1, run)
        name = "batches gathered singly, for several at once"
        yield Trial(name, f"{task.name}, fit", run, idea, [parameters], steps)


def one_thread() -> Iterator[Trial]:
    name = "one thread of BLAS, for two"
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError as error:
        print(f"left out, {name}: {error}")
        return
    if processors() < 2:
        print(f"left out, {name}: this process may use one processor")
        return
    pools = ThreadpoolController()
    for task in (Task((784, 128, 10), 64), Task((784, 128, 10), 1024)):
        run, parameters, steps = training(task)

        def alone(epochs: int, run: Run = run) -> None:
            with pools.limit(limits=1, user_api="blas"):
                run(epochs)

        yield Trial(name, f"{task.name}, fit", run, alone, [parameters], steps)


IDEAS = (
    bias_by_itself,
    ones_in_place,
    update_layer_by_layer,
    update_the_other_way,
    deltas_written_over,
    gathered_one_by_one,
    one_thread,
)
