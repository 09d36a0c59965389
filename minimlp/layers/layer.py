"""A layer is a function of a batch and of its parameters, with its derivative beside it.

`forward(x, out)` writes y = f(x) into `out`. `backward(x, y, dy, dx)` is the chain rule: from dy,
the derivative of the loss with respect to y, it writes dx, the derivative with respect to x, and
the gradients of the parameters. Both write into arrays that exist; a layer keeps nothing of a
batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Formula
from ..registry import Component, is_newer
from ..validation import as_array, check_range

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


Call = Callable[[], object]
"""A pass that knows its arrays."""


class Layer(Component):
    """Base of every layer; a layer of one's own overrides what it needs.

    Attributes
    ----------
    width : int or None
        Number of input features; None takes any number. Most layers keep it as an argument.
    frozen : frozenset of str
        Names of the parameters that do not train.
    state_names : tuple of str
        Arrays made in ``__init__`` that are kept, cast and saved with the model, but not trained.
    reads_input, reads_output : bool
        Whether `backward` reads x, or y. A layer whose backward does not read y lets the activation
        behind it write over y. A class that defines `backward` anew reads both unless it says so.
    in_place : bool
        Whether `forward` may be given one array as x and out, where nobody reads x afterwards.
    planned : bool
        Whether `plan` speaks for the class: not where it defines `forward` or `backward` anew.
    formula : Formula or None
        What `minimlp.explain` writes of a layer that has no parameters. A class that defines
        `forward` or `backward` anew has none unless it says so.
    """

    width: int | None = None
    frozen: frozenset[str] = frozenset()
    state_names: tuple[str, ...] = ()
    reads_input: bool = True
    reads_output: bool = True
    in_place: bool = False
    planned: bool = False
    formula: Formula | None = None
    bound: bool = False
    _parameter_views: dict[str, NDArray[Any]] = {}  # noqa: RUF012  (replaced, never written)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        for name in ("reads_input", "reads_output", "per_sample_gradients"):
            if is_newer(cls, ["backward", "plan"], name):
                setattr(cls, name, getattr(Layer, name))
        if is_newer(cls, ["forward", "backward", "plan"], "formula"):
            cls.formula = None
        cls.planned = not is_newer(cls, ["forward", "backward", "parameter_shapes"], "plan")

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Name the trained arrays and their shapes.

        Once the layer is part of a model, ``self.<name>`` and ``self.<name>_gradient`` are views of
        the model's flat vectors.
        """
        return {}

    def initialize(self, rng: Generator) -> None:
        """Write the first values of the parameters, drawn from `rng`; they are zeros before."""

    def output_width(self, input_width: int) -> int:
        """Give the number of outputs for `input_width` inputs; the same, unless overridden.

        Raises
        ------
        ValueError
            The layer cannot take `input_width` features.
        """
        if self.width not in (None, input_width):
            raise ValueError(f"{self!r} takes {self.width} features, but is given {input_width}")
        return input_width

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write y = f(x) into `out`: (rows, n_in) -> (rows, n_out)."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward")

    def backward(
        self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: NDArray[Any] | None
    ) -> None:
        """Write the gradients of the parameters, and dx unless it is None.

        `x` and `y` are what `forward` read and wrote, `dy` is the derivative of the loss by y. They
        are read, never written.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define backward")

    def plan(
        self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: NDArray[Any] | None
    ) -> tuple[Call, Call]:
        """Give `forward` and `backward` as calls for arrays that many batches will use.

        A layer that can prepare something once, or needs fewer calls, overrides this. The default
        here is used for a class that defines `forward` or `backward` anew and not `plan`.

        Parameters
        ----------
        x, y, dy, dx : array
            As for `forward` and `backward`. `dx` is None where nobody needs it; `dy` is None where
            no backward pass follows, and its call is then never made.

        Returns
        -------
        forward, backward : functions without arguments
            A plan lives as long as its arrays. It may prepare arrays, and views of parameters, but
            must read attributes of the layer in its calls, for they may change. Backward may be
            called several times after one forward.
        """
        return partial(self.checked_forward, x, y), partial(self.backward, x, y, dy, dx)

    def training_plan(
        self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: NDArray[Any] | None, rng: Generator
    ) -> tuple[Call, Call]:
        """Give `plan` for passes in training, where a layer then does something else.

        What it draws it must draw from `rng`, in its forward call alone. Layers that do not
        override this do in training what they always do.
        """
        return self.plan(x, y, dy, dx)

    def checked_forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Run `forward`, and notice one that makes an array instead of writing into `out`."""
        if self.forward(x, out) is not None:  # type: ignore[func-returns-value]
            raise TypeError(f"{self!r}: forward must write into out and return nothing")

    def per_sample_gradients(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        dy: NDArray[Any],
        out: dict[str, NDArray[Any]],
    ) -> None:
        """Write what `backward` sums over the rows, row by row, for Jacobians.

        ``out[name]`` is ``(rows, *shape)`` for each parameter; row b is what `backward` gives where
        dy is 0 in all other rows. That is how this default finds it, with one `backward` a row; a
        layer that overrides it with one product for all rows has its Jacobians many times faster. A
        class that defines `backward` anew has this default unless it says otherwise.
        """
        alone = np.zeros_like(dy)
        for row in range(len(dy)):
            alone[row] = dy[row]
            self.backward(x, y, alone, None)
            alone.fill(0)
            for name, gradients in out.items():
                gradients[row] = self._parameter_views[f"{name}_gradient"]

    def freeze(self, *names: str) -> None:
        """Keep parameters as they are in training; all of them when none is named.

        No shape changes: the gradients of frozen entries are 0.

        Raises
        ------
        ValueError
            The layer has no parameter of that name.
        """
        self.frozen |= self._known(names)

    def unfreeze(self, *names: str) -> None:
        """Let parameters train again; all of them when none is named."""
        self.frozen -= self._known(names)

    def _known(self, names: Iterable[str]) -> frozenset[str]:
        known = self.parameter_shapes()
        for name in names:
            if not isinstance(name, str):
                raise TypeError(f"parameters are named one by one, got {name!r}")
            if name not in known:
                has = ", ".join(known) or "none"
                raise ValueError(f"{self!r} has no parameter {name!r}: its parameters are {has}")
        return frozenset(names or known)

    def clear_frozen_gradients(self) -> None:
        """Set the gradients of frozen parameters to 0."""
        for name in self.frozen:
            self._parameter_views[f"{name}_gradient"].fill(0)

    def bind(self, views: dict[str, NDArray[Any]], dtype: np.dtype[Any]) -> None:
        """Take parameters and gradients from a model's flat vectors; called by the model alone."""
        self.__dict__.update(views, _parameter_views=views, bound=True)
        for name in self.state_names:
            self.__dict__[name] = np.array(as_array(name, getattr(self, name), dtype))

    def __setattr__(self, name: str, value: Any) -> None:
        """Assigning to a bound array writes into it, so that views stay views."""
        if name in self._parameter_views or (self.bound and name in self.state_names):
            write_into(f"{type(self).__name__}.{name}", self.__dict__[name], value)
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Explain parameters that are missing because the layer is not yet part of a model."""
        hint = "" if self.bound else ": a layer has its parameters once it is part of a Sequential"
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the views: the model that is copied or pickled binds its layers again."""
        left_out = {"_parameter_views", "bound", *self._parameter_views}
        return {name: value for name, value in self.__dict__.items() if name not in left_out}


def write_into(name: str, array: NDArray[Any], value: Any) -> None:
    """Copy `value` into `array`, refusing other shapes and complex numbers for real arrays.

    Raises
    ------
    ValueError
        The shape differs; nothing is broadcast.
    TypeError
        `value` does not hold numbers of a kind that `array` can hold.
    """
    value = np.asarray(value)
    if value.dtype.kind not in ("bfiu" if array.dtype.kind != "c" else "bfiuc"):
        raise TypeError(f"{name} holds {array.dtype}, cannot be set to dtype {value.dtype}")
    if value.shape != array.shape:
        raise ValueError(f"{name} has shape {array.shape}, cannot be set to shape {value.shape}")
    check_range(name, value, array.dtype)
    array[...] = value
