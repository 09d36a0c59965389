"""The page in a real browser: its arithmetic is the framework's, and everyone can use it."""

import re
from urllib.parse import urlencode

import numpy as np
import pytest
from explained_networks import fitted, random_case

from minimlp import (
    MSE,
    SGD,
    Adam,
    Dense,
    Nadam,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    explain,
)
from minimlp.activations import ELU, GELU
from minimlp.datasets import worked_example
from minimlp.explanation.worked_page import worked_page
from minimlp.losses import BinaryCrossEntropy, CategoricalCrossEntropy, Huber


def frozen_page():
    model, x, y = worked_example()
    for layer in model.layers[::2]:
        layer.freeze("bias")
    return model, x, y, MSE(), SGD(0.5)


def classifier():
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 3), Tanh(), Dense(3, 2), Softmax(), seed=0)
    return model, np.array([[0.5, -0.2, 0.9]]), np.array([1]), CategoricalCrossEntropy(), SGD(0.5)


def batch():
    model = Sequential(Dense(2, 3), ReLU(), Dense(3, 1), Sigmoid(), seed=1)
    x = np.array([[0.5, -0.2], [1.0, 2.0], [-1.0, 0.3]])
    return model, x, np.array([1.0, 0.0, 1.0]), BinaryCrossEntropy(), Adam(0.05)


def bent():
    model = Sequential(Normalization(2), Dense(2, 3), GELU(), Dense(3, 2), ELU(0.5), seed=2)
    model.layers[0].adapt([[0.0, 1.0], [3.0, 5.0]])
    return model, np.array([[0.7, 2.0]]), np.array([[0.3, 2.0]]), Huber(0.5), Nadam(0.02)


def exact():
    model = Sequential(Dense(1, 3), GELU(approximate=False), Dense(3, 2), Softmax(), seed=3)
    optimizer = SGD(0.5, momentum=0.5, clip_norm=0.1)
    return model, np.array([[0.7]]), np.array([[0.3, 0.7]]), MSE(), optimizer


def at_random(seed):
    return lambda: random_case(np.random.default_rng(seed))


CASES = {
    "page": frozen_page,
    "classifier": classifier,
    "batch": batch,
    "bent": bent,
    "exact": exact,
    **{f"random {seed}": at_random(seed) for seed in (207, 209)},
}


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12)


def numbers(page):
    """All numbers that can be changed, by their names, at full precision."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("input[data-given]")].map(
            (input) => [input.labels[0].textContent.trim(), Number(input.value)]))"""
    )


def loss_shown(page):
    found = re.search(r"Loss (\S+) after (\d+) step", page.text_content("#status"))
    return found[1], int(found[2])


def as_number(written):
    """Read what the page writes, such as −4.5·10⁻⁷."""
    digits, _, power = written.replace("−", "-").partition("·10")
    return float(
        digits + "e" + power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
        if power
        else digits
    )


@pytest.mark.parametrize("name", CASES)
def test_a_hundred_steps_are_those_of_the_framework(name, opened):
    model, x, y, loss, optimizer = CASES[name]()
    derivation = explain(model, x, y, loss=loss, optimizer=optimizer, digits=15)
    page = opened(derivation)
    where = {given.name: given.words.split(", ")[0] for given in derivation.givens}
    assert numbers(page) == {g.name: g.value for g in derivation.givens if g.role != "memory"}

    def agrees():
        found = numbers(page)
        for given in derivation.givens:
            if given.role != "parameter":
                continue
            position, array, index = re.match(
                r"layers\[(\d+)\]\.(\w+)(?:\[([\d, ]+)\])?", given.words
            ).groups()
            held = getattr(model.layers[int(position)], array)
            index = (0,) if index is None else tuple(map(int, index.split(",")))
            assert found[given.name] == close(held[index]), where[given.name]

    page.click("#one")
    fitted(model, x, y, loss, optimizer)
    agrees()
    page.click("#hundred")
    fitted(model, x, y, loss, optimizer, steps=100)
    agrees()
    written, steps = loss_shown(page)
    assert steps == 101
    assert as_number(written) == close(model.evaluate(x, y, loss=loss)["loss"])


def _plain():
    from minimlp.explanation.formats.plain import PlainWriter

    return PlainWriter


def figures(page):
    """The value of every step of the derivation, as it is written."""
    return page.evaluate(
        """() => [...document.querySelectorAll("ol.steps > li > .value")].map(
            (line) => line.querySelector("math > mn:last-child").textContent)"""
    )


def formulas(page):
    """The formulas and numbers of the derivation that are to be seen."""
    return page.evaluate(
        """() => {
            const seen = (e) => !e.closest(".hidden");
            const leaves = (line) => [...line.querySelectorAll("math *")]
                .filter((e) => seen(e) && !e.children.length).map((e) => e.textContent).join("");
            return [...document.querySelectorAll("ol.steps .line")].filter(seen).map(leaves);
        }"""
    )


@pytest.mark.parametrize(
    ("name", "size"),
    [("page", 1.0), ("page", 1000.0), ("classifier", 30.0), ("bent", 1.0), ("exact", 3.0)],
)
def test_after_any_change_the_page_is_as_if_written_for_these_numbers(name, size, opened):
    model, x, y, loss, optimizer = CASES[name]()
    first = explain(model, x, y, loss=loss, optimizer=optimizer)
    rng, changed = np.random.default_rng(7), model.copy()
    changed.parameters = (size * rng.normal(size=model.parameters.size)).round(3)
    if name == "page":  # its biases are one number for a layer
        for layer in changed.layers[::2]:
            layer.bias = layer.bias[[0, 0]]
    x = rng.normal(size=x.shape).round(3)
    new = explain(changed, x, y, loss=loss, optimizer=optimizer)
    given = {each.name: each.value for each in new.givens if each.role in ("input", "parameter")}
    page = opened(first, fragment="" if name == "page" else f"#{urlencode(given)}")
    for label in given if name == "page" else ():
        page.get_by_label(label, exact=True).fill(repr(given[label]))
    fresh = opened(new)
    assert figures(page) == figures(fresh)
    assert formulas(page) == formulas(fresh)
    for math in re.findall(r"<math>(.*?)</math>", new.to_html()):
        assert not re.search(r"<mo>[×·+−]</mo>(<mrow>)*<mn[^>]*>−", math)  # two signs in a row


def test_what_is_no_number_is_refused_and_the_last_one_kept(opened):
    page = opened(worked_page())
    field = page.get_by_label("w₁₁", exact=True)
    before = page.text_content("#status")
    for wrong in ("", "-"):
        field.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(wrong) if wrong else page.keyboard.press("Delete")
        assert field.get_attribute("aria-invalid") == "true"
        assert "w₁₁ needs a number" in page.text_content("#wrong")
        assert page.text_content("#status") == before
    page.focus("#one")
    assert field.input_value() == "0.15"
    assert field.get_attribute("aria-invalid") is None
    assert page.text_content("#status") == before


def test_an_emptied_field_of_any_activation(opened):
    model, x, y, loss, optimizer = exact()
    page = opened(explain(model, x, y, loss=loss, optimizer=optimizer))
    page.get_by_label("i₁", exact=True).fill("")
    assert "i₁ needs a number" in page.text_content("#wrong")


def test_what_is_said_of_the_pages_figures_is_said_of_them_alone(opened):
    page = opened(worked_page())
    assert page.is_visible("#card .note")
    page.click("#one")
    assert page.locator(".note:visible").count() == 0
    page.click("#reset")
    assert page.is_visible("#card .note")


def test_numbers_without_bounds_do_no_harm(opened):
    page = opened(worked_page())
    page.get_by_label("w₂₁", exact=True).fill("1e4")
    assert "Loss" in page.text_content("#status")
    page.get_by_label("η", exact=True).fill("1e308")
    page.click("#hundred")
    page.click("#reset")
    assert loss_shown(page) == ("0.298371", 0)


def test_a_first_step_that_is_far_too_long(opened):
    model = Sequential(Dense(1, 1), seed=0)
    page = opened(explain(model, [[9.0]], [[1.0]], optimizer=SGD(1e200)))
    assert "the next step gives ∞" in page.text_content("#status")
    before = numbers(page)
    page.click("#hundred")
    assert "not finite" in page.text_content("#status")
    assert numbers(page) == before


def test_saturation_is_shown_by_the_formula_that_still_holds(opened):
    model, x, y, loss, optimizer = classifier()
    page = opened(explain(model, x, y, loss=loss, optimizer=optimizer))
    for name in ("b₃₁", "b₃₂"):
        page.get_by_label(name, exact=True).fill("4000" if name == "b₃₁" else "-4000")
    assert page.locator(".told:visible").count() > 0
    page.select_option("#follow", label="b₃₁")
    product = page.text_content(".path .line:last-child > math:last-child mn")
    assert page_gradient(page) == as_number(product) == 1
    model.layers[4].bias = [4000.0, -4000.0]
    (before,) = fitted(model, x, y, loss, SGD(0.5))
    assert float(loss_shown(page)[0]) == pytest.approx(before, rel=1e-5)
    page.click("#one")
    assert numbers(page)["b₃₁"] == close(model.layers[4].bias[0])


def test_buttons_and_arrow_keys_walk_through_all_steps(opened):
    derivation = worked_page()
    page = opened(derivation)
    total = len(derivation.steps)
    assert page.text_content("#position") == f"step 1 of {total}"
    assert page.get_attribute("#back", "aria-disabled") == "true"
    seen = [page.text_content("#card")]
    for _ in range(total - 1):
        page.keyboard.press("ArrowRight")
        seen.append(page.text_content("#card"))
    assert len(set(seen)) == total
    assert page.get_attribute("#next", "aria-disabled") == "true"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.text_content("#card") == seen[-2]
    page.click("#back")
    assert page.text_content("#card") == seen[-3]
    for name in ("Forward", "Loss", "Deltas", "Gradients", "Update"):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        assert button.get_attribute("aria-current") == "step"
    assert "w₁₁ after the step" in page.text_content("#card")
    # In a field the arrows belong to the field.
    page.get_by_label("w₁₁", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    assert "w₁₁ after the step" in page.text_content("#card")


def test_a_step_shows_formula_numbers_and_value(opened):
    page = opened(worked_page(), fragment="#at=5")
    lines = page.eval_on_selector_all("#card .line", "(all) => all.map((line) => line.textContent)")
    words = [re.sub(r"\s", "", line) for line in lines]
    assert words == ["o1=a(h1)·w21+a(h2)·w22+b2", "=0.593270×0.4+0.596884×0.45+0.6", "o1=1.10591"]
    assert page.get_attribute("[data-place='o₁']", "class") == "now"


def test_every_path_of_a_weight_is_lit_with_its_factors(opened):
    page = opened(worked_page())
    page.select_option("#follow", label="w₁₁")
    lit = page.eval_on_selector_all(".lit", "(all) => all.map((e) => e.dataset.place).sort()")
    assert lit == sorted(["w₁₁", "h₁", "w₂₁", "w₂₃", "o₁", "o₂", "Loss"])
    paths = page.eval_on_selector_all(".path .hint", "(all) => all.map((e) => e.textContent)")
    assert paths == [f"w₁₁ → h₁ → a(h₁) → o{k} → a(o{k}) → Loss" for k in "₁₂"]

    def colours(selector, attribute):
        return page.eval_on_selector_all(
            selector, f"(all) => all.map((e) => getComputedStyle(e).{attribute})"
        )

    factors = colours(".path .factor", "color")[:5]
    drawn = [
        colours(f"[data-place='{place}'] > .lit-by", "stroke")[0]
        for place in ("w₁₁", "h₁", "w₂₁", "o₁", "Loss")
    ]
    assert factors == drawn
    assert len(set(factors)) == 5
    assert "0.000438568" in page.text_content("#paths")

    page.locator("[data-place='w₂₄'] .grasp").dispatch_event("click")
    assert page.input_value("#follow") == str(list(worked_page().values).index("w₂₄"))
    assert page.locator(".path").count() == 1


def page_gradient(page):
    return as_number(page.text_content("#paths > p math > mn"))


def test_paths_through_softmax_and_of_each_sample(opened):
    model, x, y, loss, optimizer = classifier()
    page = opened(explain(model, x, y, loss=loss, optimizer=optimizer))
    page.select_option("#follow", label="w₁₁₁")
    assert page.locator(".path").count() == 3 * 2
    assert page.locator(".lit > .edge.lit-by").count() == 1 + 3 + 6
    assert page.locator(".lit > circle.node").count() == 1 + 3 + 2
    lines = page.eval_on_selector_all(
        ".path .line:last-child math:last-child mn", "(all) => all.map((e) => e.textContent)"
    )
    products = [as_number(line) for line in lines]
    assert len(products) == 6
    assert sum(products) == pytest.approx(page_gradient(page), rel=1e-4)

    model, x, y, loss, optimizer = batch()
    derivation = explain(model, x, y, loss=loss, optimizer=optimizer)
    page = opened(derivation)
    page.select_option("#follow", label="b₁₁")
    for s in "123":
        page.select_option("#sample", label=s)
        value = derivation.values[f"∂Loss⁽{'⁰¹²³'[int(s)]}⁾/∂b₁₁"]
        assert derivation.writer(_plain()).figure(value) in page.text_content("#paths")


def test_a_link_carries_the_state(opened, browser):
    page = opened(worked_page())
    page.get_by_label("w₂₃", exact=True).fill("-0.7")
    page.click("#hundred")
    page.click("#one")
    page.get_by_role("button", name="Gradients", exact=True).click()
    page.select_option("#follow", label="w₁₂")
    address, state = page.url, numbers(page)
    other = opened(worked_page(), fragment="#" + address.split("#")[1])
    assert numbers(other) == state
    assert loss_shown(other) == loss_shown(page)
    assert loss_shown(other)[1] == 101
    assert other.text_content("#card") == page.text_content("#card")
    assert other.text_content("#paths") == page.text_content("#paths")
    other.click("#reset")
    assert loss_shown(other) == ("0.298371", 0)
    assert numbers(other)["w₂₃"] == 0.5


@pytest.mark.parametrize(
    "fragment",
    ["#", "#x=1", "#w₁₁=", "#w₁₁=NaN", "#w₁₁=Infinity", "#at=-3", "#at=99999", "#steps=1e99",
     "#steps=x", "#follow=Loss", "#follow=__proto__", "#sample=7", "#%E0%A4%A", "#w₁₁=0x", "#&&=&"],
)  # fmt: skip
def test_links_that_say_nothing(fragment, opened):
    page = opened(worked_page(), fragment=fragment)
    assert numbers(page)["w₁₁"] == 0.15
    assert loss_shown(page)[0] == "0.298371"


def test_the_curve_falls(opened):
    page = opened(worked_page())
    page.click("#hundred")
    points = page.get_attribute("#curve-line", "d")
    heights = [float(y) for y in re.findall(r" ([\d.]+)", points)]
    assert len(heights) == 101
    assert heights == sorted(heights)  # downwards on the screen
    assert page.text_content("#curve-end") == "step 100"


def test_by_keyboard_alone(opened):
    page = opened(worked_page())
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        focused = page.evaluate("document.activeElement.tagName")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or focused == "BODY"  # behind the last one
    assert {"follow", "next", "one", "hundred", "reset", "link", "INPUT", "SUMMARY"} <= reached
    page.focus("#one")
    page.keyboard.press("Enter")
    assert loss_shown(page)[1] == 1
    page.keyboard.press("ArrowRight")
    assert page.text_content("#position").startswith("step 2")
    page.focus("#back")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "back"


@pytest.mark.parametrize(
    ("name", "width", "height", "scheme"),
    [
        ("page", 360, 780, "light"),
        ("page", 1920, 1080, "dark"),
        ("batch", 360, 780, "dark"),
        ("one weight", 1920, 1080, "light"),
    ],
)
def test_accessible_and_never_wider_than_the_screen(name, width, height, scheme, opened):
    from axe_playwright_python.sync_playwright import Axe

    if name == "page":
        derivation = worked_page()
    else:
        model, loss, optimizer = Sequential(Dense(1, 2), ReLU(), Dense(2, 1)), MSE(), SGD(0.1)
        x, y = [[1.0], [-2.0]], [0.5, 1.0]
        parameter = "layers[0].weight[0, 1]" if name == "one weight" else None
        derivation = explain(model, x, y, loss=loss, optimizer=optimizer, parameter=parameter)
    page = opened(derivation, width=width, height=height, scheme=scheme)
    if name != "one weight":
        page.select_option("#follow", index=1)
        page.click("#one")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_derivation_is_there(opened):
    page = opened(worked_page(), java_script_enabled=False)
    assert page.locator("ol.steps > li:visible").count() == len(worked_page().steps)
    assert not page.is_visible("#play")


def test_what_is_said_aloud(opened):
    page = opened(worked_page())
    assert page.get_by_role("status").count() == 1
    page.keyboard.press("ArrowRight")
    assert page.text_content("#aloud") == "Step 2: what unit h₂ sums; h₂ = 0.3925."
    page.click("#one")
    assert page.text_content("#aloud").startswith("Loss 0.291028 after 1 step;")
    page.select_option("#follow", label="w₁₁")
    assert "over 2 paths" in page.text_content("#aloud")
    assert page.get_by_role("img", name=re.compile("network 2-2-2")).count() == 1
    assert page.get_by_role("heading").count() >= 10
