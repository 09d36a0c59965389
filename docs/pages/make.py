"""Build the pages in this folder: ``python docs/pages/make.py``."""

from pathlib import Path

from minimlp import SGD, Dense, Sequential, Softmax, Tanh, explain
from minimlp.explanation import Derivation
from minimlp.explanation.worked_page import worked_page
from minimlp.losses import CategoricalCrossEntropy

HERE = Path(__file__).parent


def classifier() -> Derivation:
    """Explain a 3-4-3-2 network that tells two classes apart, its weights of three digits."""
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 3), Tanh(), Dense(3, 2), Softmax(), seed=1)
    model.parameters = model.parameters.round(3)
    loss, optimizer = CategoricalCrossEntropy(), SGD(0.5)
    return explain(model, [[1.0, 0.5, -0.3]], [1], loss=loss, optimizer=optimizer)


PAGES = {"worked-page.html": worked_page, "3-4-3-2.html": classifier}


def main() -> None:
    for name, derive in PAGES.items():
        (HERE / name).write_text(derive().to_html(), encoding="utf-8")


if __name__ == "__main__":
    main()
