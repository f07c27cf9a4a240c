"""Takes the README's picture of a page: ``python tests/browser/picture.py [PAGE] [ANCHOR]``."""

import sys
from pathlib import Path

from find import FLAGS, find
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SIZE = {"width": 1180, "height": 860}


def take(page, anchor, target):
    """Photograph the built page as it opens, scrolled to an anchor."""
    address = (ROOT / "_build" / "html" / f"{page}.html").as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        tab = browser.new_page(viewport=SIZE, color_scheme="light")
        tab.goto(f"{address}#{anchor}" if anchor else address)
        tab.wait_for_timeout(500)
        tab.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    usual = ["notebooks/ne34/estimates", "tab-ne34-dynamic-beside"]
    page, anchor = [*sys.argv[1:], ""][:2] if sys.argv[1:] else usual
    take(page, anchor, ROOT / "book/_static/page.png")
