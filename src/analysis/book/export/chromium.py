"""Finds an installed Chromium. ``CHROMIUM=/path/to/chrome`` overrides what is found."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu"]
HOW = (
    "install one with `apt-get install chromium` or "
    "`python -m playwright install --with-deps chromium`, or name one with CHROMIUM=/path/to/chrome"
)


def installed() -> str | None:
    """Path of a browser that is there already."""
    named = [os.environ.get("CHROMIUM", ""), *filter(None, map(shutil.which, NAMES)), *PLACES]
    return next((path for path in named if Path(path).is_file()), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    """Path of the browser that ``playwright install`` has put down, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).is_file() else None
