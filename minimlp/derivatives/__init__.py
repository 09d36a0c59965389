"""Derivatives checked against values alone, and handed out in every form that is asked for."""

from .check import check_gradients
from .gradient_check import ArrayCheck, GradientCheck
from .hessian_product import hessian_product
from .jacobian import input_jacobian, jacobian, jacobian_chunks
from .laplace import LaplacePosterior, laplace
from .per_sample import per_sample_gradient_chunks, per_sample_gradients
from .value_and_gradient import value_and_gradient

__all__ = [
    "ArrayCheck",
    "GradientCheck",
    "LaplacePosterior",
    "check_gradients",
    "hessian_product",
    "input_jacobian",
    "jacobian",
    "jacobian_chunks",
    "laplace",
    "per_sample_gradient_chunks",
    "per_sample_gradients",
    "value_and_gradient",
]
