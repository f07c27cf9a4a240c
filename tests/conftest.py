"""Settings of every test, and the one browser that tests share."""

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium; one for each process, since Playwright allows no second beside it."""
    from browser.find import FLAGS, find
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()
