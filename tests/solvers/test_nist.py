"""Curves of one input against NIST's certified parameters (Statistical Reference Datasets).

Each function is a layer of one's own: its parameters are the b of the data set's page.
"""

from typing import Any

import numpy as np
import pytest

from minimlp import MSE, Layer, LevenbergMarquardt, Sequential


class Curve(Layer):
    """y = f(x; b); a kind of curve says `count`, `curve` and `slopes`."""

    width = 1
    count = 0

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"b": (self.count,)}

    def initialize(self, rng: Any) -> None:
        self.b[...] = 1

    def curve(self, x: Any) -> Any:
        """Give f(x)."""

    def slopes(self, x: Any) -> list[Any]:
        """Give ∂f/∂b, entry by entry."""
        raise NotImplementedError

    def forward(self, x: Any, out: Any) -> None:
        out[...] = self.curve(x)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        self.b_gradient[...] = [(slope * dy).sum() for slope in self.slopes(x)]


class Misra1a(Curve):
    """b1·(1 − exp(−b2·x)): monomolecular adsorption; lower difficulty."""

    count = 2

    def curve(self, x: Any) -> Any:
        b1, b2 = self.b
        return b1 * (1 - np.exp(-b2 * x))

    def slopes(self, x: Any) -> list[Any]:
        b1, b2 = self.b
        return [1 - np.exp(-b2 * x), b1 * x * np.exp(-b2 * x)]


class Eckerle4(Curve):
    """b1/b2·exp(−½·((x − b3)/b2)²): circular interference transmittance; higher difficulty."""

    count = 3

    def curve(self, x: Any) -> Any:
        b1, b2, b3 = self.b
        return b1 / b2 * np.exp(-0.5 * ((x - b3) / b2) ** 2)

    def slopes(self, x: Any) -> list[Any]:
        b1, b2, b3 = self.b
        z = (x - b3) / b2
        y = self.curve(x)
        return [y / b1, y * (z**2 - 1) / b2, y * z / b2]


class Rat43(Curve):
    """b1/(1 + exp(b2 − b3·x))^(1/b4): sigmoidal growth; higher difficulty."""

    count = 4

    def curve(self, x: Any) -> Any:
        b1, b2, b3, b4 = self.b
        return b1 * (1 + np.exp(b2 - b3 * x)) ** (-1 / b4)

    def slopes(self, x: Any) -> list[Any]:
        _, b2, b3, b4 = self.b
        e = np.exp(b2 - b3 * x)
        power = (1 + e) ** (-1 / b4)
        y = self.curve(x)
        inner = -y / b4 * e / (1 + e)
        return [power, inner, -x * inner, y * np.log(1 + e) / b4**2]


MISRA1A = """
10.07 77.6   14.73 114.9  17.94 141.1  23.93 190.8  29.61 239.9  35.18 289.0  40.02 332.8
44.82 378.4  50.76 434.8  55.05 477.3  61.01 536.8  66.40 593.1  75.47 689.1  81.78 760.0
"""
ECKERLE4 = """
0.0001575 400.0  0.0001699 405.0  0.0002350 410.0  0.0003102 415.0  0.0004917 420.0
0.0008710 425.0  0.0017418 430.0  0.0046400 435.0  0.0065895 436.5  0.0097302 438.0
0.0149002 439.5  0.0237310 441.0  0.0401683 442.5  0.0712559 444.0  0.1264458 445.5
0.2073413 447.0  0.2902366 448.5  0.3445623 450.0  0.3698049 451.5  0.3668534 453.0
0.3106727 454.5  0.2078154 456.0  0.1164354 457.5  0.0616764 459.0  0.0337200 460.5
0.0194023 462.0  0.0117831 463.5  0.0074357 465.0  0.0022732 470.0  0.0008800 475.0
0.0004579 480.0  0.0002345 485.0  0.0001586 490.0  0.0001143 495.0  0.0000710 500.0
"""
RAT43 = """
16.08 1    33.83 2    65.80 3    97.20 4    191.55 5   326.20 6   386.87 7   520.53 8
590.03 9   651.92 10  724.93 11  699.56 12  689.96 13  637.56 14  717.41 15
"""
# Curve, data (y and x by turns), both starts; certified: parameters, their deviations, the sum of
# squares.
SETS = {
    "Misra1a": (
        Misra1a, MISRA1A, [(500, 1e-4), (250, 5e-4)],
        (2.3894212918e02, 5.5015643181e-04), (2.7070075241e00, 7.2668688436e-06), 1.2455138894e-01,
    ),
    "Eckerle4": (
        Eckerle4, ECKERLE4, [(1, 10, 500), (1.5, 5, 450)],
        (1.5543827178e00, 4.0888321754e00, 4.5154121844e02),
        (1.5408051163e-02, 4.6803020753e-02, 4.6800518816e-02), 1.4635887487e-03,
    ),
    "Rat43": (
        Rat43, RAT43, [(100, 10, 1, 1), (700, 5, 0.75, 1.3)],
        (6.9964151270e02, 5.2771253025e00, 7.5962938329e-01, 1.2792483859e00),
        (1.6302297817e01, 2.0828735829e00, 1.9566123451e-01, 6.8761936385e-01), 8.7864049080e03,
    ),
}  # fmt: skip


def given(name: str, b: Any) -> tuple[Sequential, Any, Any]:
    """Give a model at b, and the data."""
    kind, text, *_ = SETS[name]
    y, x = np.array(text.split(), float).reshape(-1, 2).T[:, :, None]
    model = Sequential(kind(), seed=0)
    model.parameters = b
    return model, x, y


@pytest.mark.parametrize("name", SETS)
def test_the_data_are_nists(name: str) -> None:
    certified, _, squares = SETS[name][3:]
    model, x, y = given(name, certified)
    assert ((model.predict(x) - y) ** 2).sum() == pytest.approx(squares, rel=1e-9)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("scaling", ["levenberg", "marquardt"])
def test_it_reaches_the_certified_parameters(name: str, start: int, scaling: str) -> None:
    starts, certified, _, squares = SETS[name][2:]
    model, x, y = given(name, starts[start])
    history = model.fit(x, y, optimizer=LevenbergMarquardt(scaling=scaling), epochs=1500)
    assert history.stopped_because.startswith("converged")
    np.testing.assert_allclose(model.parameters, certified, rtol=1e-6)
    assert 2 * len(x) * history.history["loss"][-1] == pytest.approx(squares, rel=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_it_gives_the_certified_standard_deviations(name: str) -> None:
    certified, deviations, squares = SETS[name][3:]
    model, x, y = given(name, certified)
    posterior = model.laplace(MSE(), x, y, prior_precision=0)
    np.testing.assert_allclose(np.sqrt(posterior.covariance.diagonal()), deviations, rtol=1e-8)
    degrees = len(x) - len(certified)
    assert posterior.degrees_of_freedom == pytest.approx(degrees)
    assert posterior.noise == pytest.approx(np.sqrt(squares / degrees), rel=1e-9)
