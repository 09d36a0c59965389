"""Several networks as one, which averages what they say before its last layer.

Their hidden units stand next to each other, with zeros between those of different networks; the
last layers add up, each divided by the number of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..layers import Dense, Layer
from ..sequential import Sequential

if TYPE_CHECKING:
    from ..activations import Activation


def side_by_side(
    first: Layer,
    networks: Sequence[Sequential],
    activation: type[Activation],
    output: Activation | None = None,
) -> Sequential:
    """Join networks of one shape: Dense layers with an activation between each two.

    Parameters
    ----------
    first : Layer
        What the whole begins with; the networks were trained on its outputs.
    networks : sequence of Sequential
    activation : Activation class
        Of the hidden layers.
    output : Activation, optional
        What the networks end with, and the whole then does.

    Returns
    -------
    Sequential
        What goes into its last layer is the mean of what goes into theirs, to rounding.
    """
    dense = [[layer for layer in each.layers if isinstance(layer, Dense)] for each in networks]
    count, last = len(networks), len(dense[0]) - 1
    layers: list[Layer] = [first]
    for depth, part in enumerate(dense[0]):
        n_in = part.n_in * (count if depth else 1)
        n_out = part.n_out * (1 if depth == last else count)
        layers += [Dense(n_in, n_out), activation()]
    layers[-1:] = [] if output is None else [output]
    whole = Sequential(*layers, dtype=networks[0].dtype)
    whole.parameters[:] = 0
    for depth, joined in enumerate(each for each in whole.layers if isinstance(each, Dense)):
        share = count if depth == last else 1
        for k, parts in enumerate(dense):
            part = parts[depth]
            rows = slice(k * part.n_in, (k + 1) * part.n_in) if depth else slice(None)
            columns = slice(None) if depth == last else slice(k * part.n_out, (k + 1) * part.n_out)
            joined.weight[rows, columns] += part.weight / share
            joined.bias[columns] += part.bias / share
    return whole
