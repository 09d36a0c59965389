"""Which letters a network's quantities get: the page's own, or for larger networks by one rule.

The page has one hidden layer and few weights: inputs i, hidden units h, outputs o, and weights
counted unit by unit within their layer, w₁₁ and w₁₂ into h₁, w₁₃ and w₁₄ into h₂. Its biases stay
as they are and are one number for a whole layer, b₁ and b₂.

Where that would not be clear any more, a weight says where it comes from and where it leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..layers import Dense
from .symbols import Applied, Letter, Symbol, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..layers import Layer

_ONE_DIGIT = 9  # the largest number that needs no comma after it


class Letters:
    """The symbols of a chain of layers.

    Parameters
    ----------
    layers : sequence of Layer
        Bound to a model; `Dense`, and others that keep the width.
    input_width : int

    Attributes
    ----------
    widths : list of int
        Of the inputs, and of what each layer gives.
    counted : bool
        Whether weights are counted as on the page.
    """

    def __init__(self, layers: Sequence[Layer], input_width: int) -> None:
        self.layers = layers
        self.widths = [input_width]
        for layer in layers:
            self.widths.append(layer.output_width(self.widths[-1]))
        self._dense = [i for i, layer in enumerate(layers) if isinstance(layer, Dense)]
        sizes = [self.widths[i] * self.widths[i + 1] for i in self._dense]
        self.counted = len(sizes) <= 2 and max(sizes, default=0) <= _ONE_DIGIT
        self._comma = "," if max(*self.widths, len(sizes)) > _ONE_DIGIT else ""

    @property
    def rule(self) -> list[str]:
        """The letters in words, a sentence each."""
        units = "iₖ are the inputs, oₖ the output units"
        if self.hidden == 1:
            units += ", hⱼ is unit j of the hidden layer"
        elif self.hidden:
            units += f", h{self._shown('l', 'j')} is unit j of hidden layer l"
        lines = [f"{units}."]
        made = [
            f"{text(self.level(i + 1, 0)[0])} is by {layer!r}"
            for i, layer in enumerate(self.layers)
            if not isinstance(layer, Dense)
        ]
        if made:
            lines.append(f"What activations make: {', '.join(made)}, and so for every unit.")
        if self.counted:
            lines.append(
                "The first number of a weight is its layer; the second counts the weights of that "
                "layer, unit by unit."
            )
        elif self._dense:
            lines.append(
                f"w{self._shown('l', 'k', 'j')} is the weight of layer l that leads from its "
                f"input k into its unit j."
            )
        if any(self.shares_bias(i) for i in self._dense):
            lines.append("b₁, b₂ … is the bias of a whole layer, one number for all its units.")
        if any(self.layers[i].has_bias and not self.shares_bias(i) for i in self._dense):
            lines.append(f"b{self._shown('l', 'j')} is the bias of unit j of layer l.")
        return lines

    @property
    def hidden(self) -> int:
        """Number of hidden layers."""
        return max(0, len(self._dense) - 1)

    def title_back(self, position: int) -> str:
        """Say what the way back through a layer leads over, as "hidden → output"."""
        number, hidden = self.number_of(position), self.hidden
        source = (
            "input" if number == 1 else f"hidden layer {number - 1}" if hidden > 1 else "hidden"
        )
        end = "output" if number > hidden else f"hidden layer {number}" if hidden > 1 else "hidden"
        return f"Backward: {source} → {end}"

    def _shown(self, *indices: str) -> str:
        letters = {"l": "ₗ", "k": "ₖ", "j": "ⱼ"}
        return self._comma.join(letters[index] for index in indices)

    def _below(self, *numbers: int) -> str:
        return self._comma.join(map(str, numbers))

    def number_of(self, position: int) -> int:
        """Count the Dense layers up to this one, from 1."""
        return self._dense.index(position) + 1

    def shares_bias(self, position: int) -> bool:
        """Tell whether a layer's bias is one number for all units that does not train."""
        layer = self.layers[position]
        if not (self.counted and isinstance(layer, Dense) and layer.has_bias):
            return False
        return "bias" in layer.frozen and bool(np.all(layer.bias == layer.bias[0]))

    def weight(self, position: int, k: int, j: int) -> Letter:
        """The weight from input k into unit j of the layer at a position, both from 0."""
        number = self.number_of(position)
        if self.counted:
            return Letter("w", f"{number}{j * self.widths[position] + k + 1}")
        return Letter("w", self._below(number, k + 1, j + 1))

    def bias(self, position: int, j: int) -> Letter:
        number = self.number_of(position)
        if self.shares_bias(position):
            return Letter("b", str(number))
        return Letter("b", self._below(number, j + 1))

    def unit(self, position: int, j: int, sample: int) -> Letter:
        """What unit j of a Dense layer sums."""
        number = self.number_of(position)
        if number == len(self._dense):
            return Letter("o", str(j + 1), sample)
        below = self._below(number, j + 1) if self.hidden > 1 else str(j + 1)
        return Letter("h", below, sample)

    def level(self, position: int, sample: int) -> list[Symbol]:
        """What goes into the layer at a position; the outputs at the end of the chain."""
        symbols: list[Symbol] = [Letter("i", str(k + 1), sample) for k in range(self.widths[0])]
        for i, layer in enumerate(self.layers[:position]):
            if isinstance(layer, Dense):
                symbols = [self.unit(i, j, sample) for j in range(self.widths[i + 1])]
            else:
                name = "a" if layer.formula is None else layer.formula.name
                symbols = [Applied(name, symbol) for symbol in symbols]
        return symbols
