"""What every format promises: width, balance, and that it compiles where TeX is installed."""

import html.parser
import math
import re
import shutil
import subprocess
import unicodedata

import numpy as np
import pytest
from explained_networks import random_case

from minimlp import SGD, Adam, Dense, Normalization, Sequential, Softmax, Tanh, explain
from minimlp.activations import ELU, GELU, LeakyReLU
from minimlp.explanation.formats.plain import PlainWriter
from minimlp.explanation.worked_page import worked_page
from minimlp.losses import CategoricalCrossEntropy, Huber


def classifier():
    model = Sequential(
        Dense(3, 4), ELU(0.5), Dense(4, 3), LeakyReLU(), Dense(3, 2), Softmax(), seed=1
    )
    x = [[1, 2, -0.3], [0.1, 0, -1]]
    loss = CategoricalCrossEntropy(0.1)
    return explain(model, x, [0, 1], loss=loss, optimizer=Adam(0.01, clip_norm=0.1))


def regressor():
    model = Sequential(Normalization(2), Dense(2, 12), GELU(), Dense(12, 1), seed=1)
    return explain(model, [[1.0, 2.0]], [0.0], loss=Huber(), digits=3)


def one_weight():
    model = Sequential(Dense(30, 40), Tanh(), Dense(40, 20), Tanh(), Dense(20, 5), seed=0)
    return explain(model, np.ones((2, 30)), np.ones((2, 5)), parameter="layers[0].weight[3, 1]")


DERIVATIONS = {
    "page": worked_page,
    "classifier": classifier,
    "regressor": regressor,
    "one weight": one_weight,
    **{
        f"random {seed}": lambda seed=seed: explain(
            *(case := random_case(np.random.default_rng(seed)))[:3], loss=case[3], optimizer=case[4]
        )
        for seed in range(100, 106)
    },
}


@pytest.fixture(params=DERIVATIONS, scope="module")
def derivation(request):
    return DERIVATIONS[request.param]()


def width(line):
    return sum(not unicodedata.combining(letter) for letter in line)


def test_text_fits_a_terminal(derivation):
    text = derivation.to_text()
    for line in text.splitlines():
        assert width(line) <= 80
        assert line == line.rstrip()
    assert text.isprintable() or set(filter(lambda s: not s.isprintable(), text)) == {"\n"}
    for step in derivation.steps:
        assert f"  {step.name} = " in text
    assert str(derivation) == text
    assert "Derivation" in repr(derivation)


def test_brackets_close(derivation):
    for block in derivation.to_text().split("\n\n"):
        assert block.count("(") == block.count(")")


def test_markdown_is_balanced(derivation):
    written = derivation.to_markdown()
    assert written.count("$$") % 2 == 0
    inline = re.sub(r"\\\$", "", written.replace("$$", ""))
    assert inline.count("$") % 2 == 0
    assert written.count(r"\begin{aligned}") == len(derivation.steps)
    for section in derivation.sections:
        assert f"## {section.title}" in written


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(derivation, tmp_path):
    (tmp_path / "step.tex").write_text(derivation.to_latex(), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "step.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")


def test_latex_is_ascii_and_balanced(derivation):
    written = derivation.to_latex()
    assert written.isascii()
    assert written.count("{") - written.count(r"\{") == written.count("}") - written.count(r"\}")
    assert written.count(r"\begin{") == written.count(r"\end{")


class Checker(html.parser.HTMLParser):
    """Notes elements that are not closed where they should be, and addresses."""

    void = ("meta", "input", "link", "br", "hr", "img")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        self.addresses += [v for k, v in attrs if k in ("src", "href", "action", "data")]
        self.ids += [v for k, v in attrs if k == "id"]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_whole_and_needs_nothing_else(derivation):
    written = derivation.to_html()
    checker = Checker()
    checker.feed(written)
    assert checker.open == []
    assert checker.addresses == []
    assert len(set(checker.ids)) == len(checker.ids)
    assert not re.search(r"//[a-z]|url\(|@import", written)
    assert not re.search(r"\$[a-z]", written)  # a place of the template that nothing filled


def test_a_notebook_shows_the_steps_without_a_script(derivation):
    written = derivation._repr_html_()
    checker = Checker()
    checker.feed(written)
    assert checker.open == []
    assert "<script" not in written
    assert written.count("<li") == len(derivation.steps)


def test_size_of_the_worked_page():
    assert len(worked_page().to_html().encode()) < 200_000


def test_words_are_escaped():
    class Odd(Tanh):
        formula = Tanh.formula

        def __repr__(self):
            return "<b>&$x_1^2\\{50%#~|é☃`*"

    derivation = explain(Sequential(Dense(1, 1), Odd()), [[1.0]], [[1.0]])
    assert "<b>" not in derivation.to_html()
    assert "<b>" not in derivation._repr_html_()
    assert r"\<b\>&\$x\_1^2\\\{50%\#\~\|é☃\`\*" in derivation.to_markdown()
    assert r"$<$b$>$\&\$x\_1" in derivation.to_latex()
    assert "é?" in derivation.to_latex()  # pdflatex has no snowman


@pytest.mark.parametrize(
    ("digits", "expected"),
    [(2, "0.59"), (6, "0.593270"), (12, "0.593269992107"), (17, "0.5932699921071872")],
)
def test_digits(digits, expected):
    text = worked_page(digits).to_text()
    assert f"= {expected}\n" in re.sub(r" +\n", "\n", text) or f"= {expected}" in text


def test_how_numbers_are_written():
    model = Sequential(Dense(6, 1, bias=False))
    model.parameters = [1e-7, 123456789.0, -0.0, 0.25, -2.5e20, 1 / 3]
    text = explain(model, np.ones((1, 6)), [[1.0]], optimizer=SGD(0.0), digits=4).to_text()
    for name, figure in zip(
        ["w₁₁", "w₁₂", "w₁₃", "w₁₄", "w₁₅", "w₁₆"],
        ["1·10⁻⁷", "1.235·10⁸", "0", "0.25", "−2.5·10²⁰", "0.3333"],
        strict=True,
    ):
        assert re.search(rf"{name} += {re.escape(figure)} ", text)


@pytest.mark.parametrize("seed", range(300, 320))
def test_signs_and_powers_keep_their_brackets(seed):
    """What is printed, computed as it stands, gives what stands behind the last equals sign."""
    case = random_case(np.random.default_rng(seed))
    derivation = explain(*case[:3], loss=case[3], optimizer=case[4], digits=17)
    text = derivation.to_text()
    assert not re.search(r"[+−×·/^] −|−−|\^−|·10[⁻⁰-⁹]+²|/ [\d.]+·10", text)
    for step in derivation.steps:
        if step.shown and not step.told:
            writer = derivation.writer(PlainWriter)
            line = writer.with_numbers(step.shown[0])
            found = step.value if "Σ" in line else evaluated(line)
            assert found == pytest.approx(step.value, rel=1e-9, abs=1e-9), step.name


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def evaluated(line):
    """Compute a printed line of numbers by Python's own rules of precedence."""
    line = re.sub(r"·10([⁻⁰-⁹]+)", lambda m: "*10**" + m[1].translate(SUPERSCRIPTS), line)
    line = re.sub(r"[⁰¹²³⁴-⁹]+", lambda m: "**" + m[0].translate(SUPERSCRIPTS), line)
    line = re.sub(r"\|([^|]*)\|", r"abs(\1)", line).replace("√", "sqrt").replace("∞", "inf")
    for sign, python in {"−": "-", "×": "*", "^": "**", "½": "0.5", "π": "pi"}.items():
        line = line.replace(sign, python)
    line = re.sub(r"\be\b", "E", line)
    names = {
        "E": math.e, "pi": math.pi, "inf": math.inf, "sqrt": math.sqrt, "abs": abs,
        "ln": math.log, "tanh": math.tanh, "max": max, "min": min,
        "sign": lambda x: float(np.sign(x)), "Φ": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    }  # fmt: skip
    return eval(line, {"__builtins__": {}}, names)  # of our own text, in a test alone
