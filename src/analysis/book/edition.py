"""Which state of the book a page or document shows: version, commit and its date."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from analysis.book.provenance import PACKAGE
from analysis.resources import ROOT


def edition(root: Path = ROOT) -> str:
    """Name version, commit and date of the project, as far as they are known.

    The date is the commit's: a build of the same commit says the same on any day.
    """
    said = f"Version {metadata.version(PACKAGE.name)}"
    commit, _, day = _git(root, "log", "-1", "--format=%h %cs").partition(" ")
    if commit:
        changed = ", with changes" if _git(root, "status", "--porcelain", "-uno") else ""
        said += f", commit {commit} of {day}{changed}"
    return said


def committed() -> str:
    """Date of the commit, as in 2026-11-30; empty where there is none."""
    return _git(ROOT, "log", "-1", "--format=%cs")


def _git(root: Path, *asked: str) -> str:
    if not (root / ".git").exists() or shutil.which("git") is None:
        return ""
    done = subprocess.run(["git", *asked], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip()
