"""Heavy results: made on purpose, kept as small tables with the fingerprint of what made them.

Monte Carlo experiments, permutation draws, bootstraps and specification curves take minutes. Each
is a function in a module of this room, registered with :func:`result`; ``make validate`` runs
them and writes ``data/validated/NAME.csv`` with a sidecar ``NAME.json``. Pages read the table
with :func:`load`. Once code, data or a locked package behind it changes, the page says that the
table is stale and the strict build fails until the study has been run again.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from joblib import Parallel, delayed

from analysis.book import parameters, provenance
from analysis.errors import StudyError, UnitRootWarning, did_you_mean, listed
from analysis.resources import ROOT

FOLDER = ROOT / "data" / "validated"
PACKAGES = ("numpy", "pandas", "scipy")
MACHINERY = (__name__, f"{__name__}.__main__", "analysis.book.provenance")
"""Modules that carry a study about without taking part in it."""

T = TypeVar("T")
R = TypeVar("R")
Run = Callable[[], pd.DataFrame]


class StaleResultWarning(UserWarning):
    """A heavy result that today's code, data and packages would not give."""


@dataclass(frozen=True, slots=True)
class HeavyResult:
    """A heavy result: how it is made, and everything that its table depends on."""

    name: str
    run: Run
    modules: tuple[str, ...]
    files: tuple[str, ...]
    packages: tuple[str, ...]
    budget: float

    @property
    def inputs(self) -> dict[str, Any]:
        """Arguments of :func:`analysis.book.provenance.fingerprint`, fit for JSON."""
        return {
            "modules": list(self.modules),
            "files": list(self.files),
            "packages": list(self.packages),
            "extra": {"study": self.name},
            "without": list(MACHINERY),
        }


@dataclass(frozen=True, slots=True)
class Committed:
    """A heavy result as committed.

    Attributes
    ----------
    name : str
        The study.
    frame : DataFrame
        Its table.
    stale : bool
        Whether today's code, data or packages would give another one, as far as can be told.
    seconds : float
        How long the study took.
    """

    name: str
    frame: pd.DataFrame
    stale: bool
    seconds: float


_registered: dict[str, HeavyResult] = {}


def result(
    name: str,
    *,
    budget: float,
    files: Sequence[str] = (),
    packages: Sequence[str] = PACKAGES,
    modules: Sequence[str] = (),
) -> Callable[[Run], Run]:
    """Register a function without arguments that returns the study's table.

    Parameters
    ----------
    name : str
        Name of the study and of its files.
    budget : float
        Seconds that it may take on two cores.
    files : sequence of str
        Data files that it reads, relative to the project's folder.
    packages : sequence of str
        Packages whose locked versions count.
    modules : sequence of str
        Modules of this package that count although the study's own module does not import them.
    """

    def register(run: Run) -> Run:
        other = _registered.get(name)
        if other is not None and other.run.__module__ != run.__module__:
            raise StudyError(f"two studies are called {name!r}")
        _registered[name] = HeavyResult(
            name, run, (run.__module__, *modules), tuple(files), tuple(packages), budget
        )
        return run

    return register


def results() -> dict[str, HeavyResult]:
    """Every registered heavy result, by name."""
    declared = importlib.import_module("analysis.papers")
    for found in pkgutil.walk_packages(declared.__path__, f"{declared.__name__}."):
        importlib.import_module(found.name)
    return dict(sorted(_registered.items()))


def parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Apply a function to every item on all cores, one thread each; results in the items' order."""
    pool = Parallel(n_jobs=os.cpu_count(), batch_size="auto")
    return list(pool(delayed(_quietly)(function, item) for item in items))


def _quietly(function: Callable[[T], R], item: T) -> R:
    with warnings.catch_warnings():  # among thousands of samples some are near a unit root
        warnings.simplefilter("ignore", UnitRootWarning)
        return function(item)


def chosen(names: Sequence[str] = ()) -> list[HeavyResult]:
    """Return the studies of the given names, or all of them.

    Raises
    ------
    StudyError
        No study has one of the names; the message suggests the nearest.
    """
    known = results()
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or ";"
            raise StudyError(f"no study is called {name!r}{hint} there are: {listed(known, 20)}")
    return [known[name] for name in names] if names else list(known.values())


def perform(asked: HeavyResult, folder: Path | None = None) -> Committed:
    """Run one study and write its table and sidecar; neither is touched if the study fails.

    Raises
    ------
    StudyError
        The study returned something other than a table with a plain index.
    """
    target = FOLDER if folder is None else folder
    inputs = asked.inputs
    before = provenance.fingerprint(**inputs)
    started = time.perf_counter()
    frame = asked.run()
    seconds = time.perf_counter() - started
    plain = isinstance(frame, pd.DataFrame) and isinstance(frame.index, pd.RangeIndex)
    if not plain or frame.index.name is not None:
        raise StudyError(f"study {asked.name!r} must return a DataFrame with a plain index")
    content = frame.to_csv(index=False, lineterminator="\n")
    sidecar = {
        "study": asked.name,
        "fingerprint": before,
        "content": provenance.digest(content, 64),
        "inputs": inputs,
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
    }
    target.mkdir(parents=True, exist_ok=True)
    _replace(target / f"{asked.name}.csv", content)
    _replace(target / f"{asked.name}.json", json.dumps(sidecar, indent=1) + "\n")
    return Committed(asked.name, frame, False, seconds)


def _replace(path: Path, content: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content.encode())
    partial.replace(path)


def load(name: str, folder: Path | None = None) -> Committed:
    """Read a committed heavy result; inside a notebook, a stale one says so on the page.

    Raises
    ------
    StudyError
        There is no such table; the message names the command that makes it.
    """
    source = FOLDER if folder is None else folder
    table, sidecar = source / f"{name}.csv", source / f"{name}.json"
    if not (table.is_file() and sidecar.is_file()):
        there = sorted(path.stem for path in source.glob("*.csv"))
        hint = did_you_mean(name, there) or f"; run `make validate STUDIES={name}`"
        raise StudyError(f"no committed result {name!r} in {source.name}/{hint}")
    stale = not provenance.is_current(sidecar)
    if stale:
        _announce(name)
    if parameters.differing():
        _say(
            f":::{{container}} data-banner data-stale\nThe result “{name}” below was made with the "
            "book's own parameters, not with those of this page.\n:::"
        )
    frame = pd.read_csv(table)
    return Committed(name, frame, stale, json.loads(sidecar.read_text(encoding="utf-8"))["seconds"])


def _say(myst: str) -> None:
    from IPython.display import display

    display({"text/markdown": myst}, raw=True)


def _announce(name: str) -> None:
    from IPython import get_ipython

    if get_ipython() is None:
        warnings.warn(
            f"the committed result {name!r} is stale: run `make validate STUDIES={name}`",
            StaleResultWarning,
            stacklevel=3,
        )
    else:
        _say(f":::{{stale}} {name}\n:::")
