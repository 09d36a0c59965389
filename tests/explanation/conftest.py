"""A browser for the tests of the page, where one is installed."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def _without(reason):
    """Leave the test out; where all of them must run, fail."""
    if os.environ.get("MINIMLP_NEED_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _without("no browser is installed: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without('playwright is not installed: pip install "minimlp[test]"')
    with sync_playwright() as playwright:
        # Without a sandbox of its own, for root has none; it opens our own files alone.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a derivation's page from a file; any error of its script, or request, fails the test."""
    contexts, errors = [], []

    def open_page(derivation, *, fragment="", width=1280, height=900, scheme="light", **options):
        file = tmp_path / "page.html"
        file.write_text(derivation.to_html(), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.on(
            "request",
            lambda request: request.url.startswith("file:") or errors.append(request.url),
        )
        page.goto(file.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
