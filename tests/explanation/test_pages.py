"""The pages that docs/ carries are those that the package writes now."""

import importlib.util
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "pages"


def made():
    spec = importlib.util.spec_from_file_location("make_pages", PAGES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PAGES


NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def numbers_in(page):
    return [float(number.replace("−", "-")) for number in NUMBER.findall(page)]


@pytest.mark.parametrize("name", made())
def test_the_pages_are_up_to_date(name):
    kept = (PAGES / name).read_text(encoding="utf-8")
    now = made()[name]().to_html()
    assert NUMBER.sub("0", kept) == NUMBER.sub("0", now), "run python docs/pages/make.py"
    # The last digits may differ from machine to machine.
    assert numbers_in(kept) == pytest.approx(numbers_in(now), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", made())
def test_the_pages_open(name, browser):
    page = browser.new_page(viewport={"width": 360, "height": 780})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((PAGES / name).as_uri())
    page.click("#hundred")
    assert "after 100 steps" in page.text_content("#status")
    page.close()
    assert errors == []
