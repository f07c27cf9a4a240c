"""Finds a Chromium for the browser tests, and gets one where there is none.

Run by `make test`. An installed Chromium or Chrome comes first; then Debian's package where we may
install one; then the one that Playwright brings. ``CHROMIUM=/path/to/chrome`` overrides them all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu"]


class NoBrowserError(RuntimeError):
    """No Chromium is installed and none can be had; the message names the command."""


def installed() -> str | None:
    """Path of a browser that is there already."""
    named = os.environ.get("CHROMIUM", "")
    if named and Path(named).is_file():
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    for place in PLACES:
        if Path(place).is_file():
            return place
    return playwrights_own()


def playwrights_own() -> str | None:
    """Path of the browser that ``playwright install`` has put down, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).is_file() else None


def _debian() -> bool:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    update = subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
    install = subprocess.run(
        ["apt-get", "install", "-y", "-qq", "chromium"],
        env=quiet,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return update.returncode == 0 and install.returncode == 0


def _playwright() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False).returncode == 0


def find() -> str:
    """Path of a browser, installed on the way if need be.

    Raises
    ------
    NoBrowserError
        None is there and none can be had.
    """
    path = installed()
    for get in (_debian, _playwright):
        if path is None and get():
            path = installed()
    if path is None:
        raise NoBrowserError(
            "the browser tests need Chromium or Chrome and none could be had: install one with "
            "`apt-get install chromium` or `python -m playwright install --with-deps chromium`, "
            "or name one with CHROMIUM=/path/to/chrome"
        )
    return path


if __name__ == "__main__":
    try:
        print(f"browser tests use {find()}")
    except NoBrowserError as error:
        sys.exit(str(error))
