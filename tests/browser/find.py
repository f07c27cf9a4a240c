"""Finds a Chromium for the browser tests, and gets one where there is none.

Run by `make test`. An installed Chromium or Chrome comes first; then Debian's package where we may
install one; then the one that Playwright brings. ``CHROMIUM=/path/to/chrome`` overrides them all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from analysis.book.export.chromium import FLAGS, HOW, installed

__all__ = ["FLAGS", "find"]


class NoBrowserError(RuntimeError):
    """No Chromium is installed and none can be had; the message names the command."""


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
            f"the browser tests need Chromium or Chrome and none could be had: {HOW}"
        )
    return path


if __name__ == "__main__":
    try:
        print(f"browser tests use {find()}")
    except NoBrowserError as error:
        sys.exit(str(error))
