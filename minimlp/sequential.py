"""A chain of layers: what one gives, the next takes; backward, the same chain in reverse.

Forward, o = a(a(x·W₁ + b₁)·W₂ + b₂). Backward, each layer turns the derivative of the loss by its
output into that by its input, which is the next one's output, so the page's product of factors

    ∂Loss/∂w = ∂Loss/∂a · ∂a/∂h · ∂h/∂w

is built from the right, one layer at a time. All weights and biases are views of one flat vector.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from . import derivatives
from .layers import Layer
from .layers.layer import write_into
from .model_file import load_model, save_model
from .parameters import bind, cast, check_chain, count_parameters, input_width
from .prediction import Prediction
from .summary import summary
from .training import evaluate, fit
from .validation import as_array, as_batch, as_count, as_dtype, as_flag, as_generator
from .workspace import Workspace

if TYPE_CHECKING:
    from os import PathLike

    from numpy.random import Generator
    from numpy.typing import DTypeLike, NDArray


class Sequential:
    """A multi-layer perceptron: layers in a chain over one flat vector of parameters.

    Parameters
    ----------
    *layers : Layer
        Each must take the width that the one before gives, and belong to no other model.
    dtype : dtype
        float64 (default) or float32, for parameters and every array of a pass. complex128 is for
        derivatives by complex step: no pass conjugates.
    seed : optional
        Anything `np.random.default_rng` takes: draws the first weights, then the order of batches.

    Attributes
    ----------
    layers : tuple of Layer
    seed : int or None
        The `seed` it was made with, if that was a whole number.
    metadata : dict
        Anything JSON can hold; saved with the model.
    stop_training : bool
        A callback sets it to True to end `fit`.

    Raises
    ------
    TypeError, ValueError
        No layers, something that is none, one used twice, or neighbours that do not fit.

    Examples
    --------
    >>> from minimlp import Dense, Sequential, Sigmoid
    >>> model = Sequential(Dense(2, 2), Sigmoid(), Dense(2, 1), seed=0)
    >>> model
    Sequential(Dense(2, 2), Sigmoid(), Dense(2, 1))
    >>> model.parameters.shape
    (9,)
    """

    fit = fit
    evaluate = evaluate
    summary = summary
    save = save_model
    value_and_gradient = derivatives.value_and_gradient
    hessian_product = derivatives.hessian_product
    jacobian = derivatives.jacobian
    jacobian_chunks = derivatives.jacobian_chunks
    input_jacobian = derivatives.input_jacobian
    per_sample_gradients = derivatives.per_sample_gradients
    per_sample_gradient_chunks = derivatives.per_sample_gradient_chunks
    laplace = derivatives.laplace

    def __init__(self, *layers: Layer, dtype: DTypeLike = np.float64, seed: Any = None) -> None:
        dtype, rng = as_dtype(dtype), as_generator(seed)
        check_chain(layers)
        size = count_parameters(layers)
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        self._assemble(layers, np.zeros(size, dtype), rng, {}, int(seed) if whole else None)
        for layer in layers:
            layer.initialize(rng)

    def _assemble(
        self,
        layers: tuple[Layer, ...],
        parameters: NDArray[Any],
        rng: Generator | None,
        metadata: dict[str, Any],
        seed: int | None = None,
    ) -> None:
        self.layers = layers
        self.seed = seed
        self._input_width = input_width(layers)
        self.metadata = metadata
        self.stop_training = False
        self._parameters = parameters
        self._gradients = np.zeros_like(parameters)
        self._rng = rng
        self._pass: Workspace | None = None
        self._prediction = Prediction(layers)
        bind(layers, self._parameters, self._gradients)

    @property
    def parameters(self) -> NDArray[Any]:
        """The flat vector (P,), writable in place; assigning copies into it."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: Any) -> None:
        write_into("parameters", self._parameters, values)

    @property
    def gradients(self) -> NDArray[Any]:
        """Derivative of the loss by each parameter (P,), written by `backward`; 0 where frozen."""
        return self._gradients

    @gradients.setter
    def gradients(self, values: Any) -> None:
        write_into("gradients", self._gradients, values)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of parameters, gradients and every array of a pass."""
        return self._parameters.dtype

    @property
    def input_width(self) -> int | None:
        """Number of input features; None where any number will do."""
        return self._input_width

    @property
    def rng(self) -> Generator:
        """The model's random generator: it drew the weights and draws the order of batches."""
        if self._rng is None:
            self._rng = as_generator(None)
        return self._rng

    def forward(self, x: Any, training: bool = False) -> NDArray[Any]:
        """Compute the outputs of a batch and keep what `backward` needs.

        Parameters
        ----------
        x : array-like (rows, n_in)
        training : bool
            Whether layers do what they do in training, as `Dropout` does.

        Returns
        -------
        array (rows, n_out)
            The caller's own.
        """
        rng = self.rng if as_flag("training", training) else None
        x = as_batch("x", x, self.input_width, self.dtype)
        workspace, self._pass = self._pass, None  # a pass that fails leaves nothing to go back over
        if workspace is None or workspace.outputs[0].shape != x.shape or workspace.rng is not rng:
            workspace = Workspace(self.layers, np.empty_like(x), rng=rng)
        np.copyto(workspace.outputs[0], x)
        outputs = workspace.forward().copy()
        self._pass = workspace
        return outputs

    def backward(self, dy: Any) -> NDArray[Any]:
        """Fill `gradients` from the derivative of the loss by the outputs of the last `forward`.

        Parameters
        ----------
        dy : array-like (rows, n_out)

        Returns
        -------
        array (rows, n_in)
            The derivative of the loss by the inputs; the caller's own.

        Raises
        ------
        RuntimeError
            There was no `forward`.
        ValueError
            `dy` is not of the shape that `forward` gave.
        """
        if self._pass is None:
            raise RuntimeError("backward needs a forward of the same batch before it")
        dy, expected = as_array("dy", dy, self.dtype), self._pass.outputs[-1].shape
        if dy.shape != expected:
            raise ValueError(f"dy has shape {dy.shape}: the last forward gave {expected}")
        np.copyto(self._pass.deltas[-1], dy)
        self._pass.backward()
        return self._pass.deltas[0].copy()

    def predict(self, x: Any, batch_size: int = 1024) -> NDArray[Any]:
        """Compute the outputs of any number of rows, in chunks; safe from several threads at once.

        Parameters
        ----------
        x : array-like (N, n_in)
        batch_size : int
            Rows a chunk, which bounds the memory of the layers between.

        Returns
        -------
        array (N, n_out)
            The caller's own.
        """
        size = as_count("batch_size", batch_size)
        x = as_batch("x", x, self._input_width, self.dtype)
        return self._prediction.run(x, size)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Sequential:
        """Read a model that `save` wrote; `minimlp.model_file.load_model` says what is refused."""
        return cls.restored(load_model(path))

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Sequential:
        model = cls.__new__(cls)
        model.__setstate__(state)
        return model

    def copy(self, dtype: DTypeLike | None = None) -> Sequential:
        """Make an independent copy, generator included, in another dtype if one is given.

        In complex128 no pass conjugates, so that the complex-step derivative works.
        """
        parameters = cast(self._parameters, self.dtype if dtype is None else as_dtype(dtype))
        rest = copy.deepcopy({**self.__getstate__(), "parameters": None})
        return self.restored({**rest, "parameters": parameters})

    __copy__ = copy

    def __getstate__(self) -> dict[str, Any]:
        return {
            "layers": self.layers,
            "parameters": self._parameters,
            "rng": self._rng,
            "metadata": self.metadata,
            "seed": self.seed,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._assemble(**state)

    def __repr__(self) -> str:
        words = [repr(layer) for layer in self.layers]
        words += [] if self.dtype == np.float64 else [f"dtype='{self.dtype}'"]
        return f"Sequential({', '.join(words)})"
