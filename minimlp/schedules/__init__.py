"""Learning-rate schedules: how the size of a step changes while training goes on."""

from .cosine_decay import CosineDecay
from .exponential_decay import ExponentialDecay
from .one_cycle import OneCycle
from .schedule import Schedule
from .step_decay import StepDecay

__all__ = ["CosineDecay", "ExponentialDecay", "OneCycle", "Schedule", "StepDecay"]
