"""Every optimizer of the package, found by its registry: a new one is tested without a new test."""

import inspect

import pytest

from minimlp.optimizers import Optimizer
from minimlp.registry import registered
from minimlp.schedules import CosineDecay


def plainest(piece):
    """Its defaults; what has none is a learning rate."""
    required = [p for p in inspect.signature(piece).parameters.values() if p.default is p.empty]
    return {parameter.name: 0.05 for parameter in required}


def everything(piece):
    """What is off by default is on: flags, numbers that are 0 or None; and a schedule."""
    on = {False: True, None: 0.5}
    parameters = inspect.signature(piece).parameters
    given = {
        name: 0.3 if type(parameter.default) is float else on[parameter.default]
        for name, parameter in parameters.items()
        if not parameter.default  # an empty one is a class, hence true
    }
    if "learning_rate" in parameters:
        given["learning_rate"] = CosineDecay(0.05, 30)
    return given


MAKERS = {
    f"{name}-{settings.__name__}": lambda piece=piece, settings=settings: piece(**settings(piece))
    for name, piece in registered(Optimizer).items()
    if piece.__module__.startswith("minimlp.")
    for settings in (plainest, everything)
}


@pytest.fixture(params=MAKERS)
def make(request):
    """A function that makes the same optimizer again and again."""
    return MAKERS[request.param]
