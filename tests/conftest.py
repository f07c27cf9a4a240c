"""Settings of every test, and the one browser that tests share."""

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

collect_ignore = ["book/validate_crate.py"]
"""Runs in an environment of its own."""


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium; one for each process, since Playwright allows no second beside it."""
    from browser.find import FLAGS, find
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open pages of a site under guard, in a fresh profile."""
    from browser.guard import DESK, Visit

    contexts = []

    def begin(home, **options):
        options.setdefault("viewport", DESK)
        contexts.append(chromium.new_context(**options))
        return Visit(contexts[-1].new_page(), home)

    yield begin
    for context in contexts:
        context.close()
