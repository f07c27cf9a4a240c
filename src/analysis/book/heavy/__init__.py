"""Heavy results: made on purpose, kept as small tables with the fingerprint of what made them.

Monte Carlo experiments, permutation draws, bootstraps and specification curves take minutes. Each
is a function in a module of this room, registered with :func:`result`; ``make validate`` runs
them and writes ``data/validated/NAME.csv`` with a sidecar ``NAME.json``. Pages read the table
with :func:`load`. Once code, data or a locked package behind it changes, the page says that the
table is stale and the strict build fails until the study has been run again. A page with other
parameters says that the table is the default's, or has it made anew, if that is asked for.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.book import parameters, provenance, sweep
from analysis.book.text import literal, spelled
from analysis.errors import StudyError, choose, did_you_mean, listed
from analysis.resources import ROOT, lock, write_all

FOLDER = ROOT / "data" / "validated"
ANEW = FOLDER / ".anew"
"""Where tables for other parameters are kept."""
BEGUN = FOLDER / ".begun"
"""Where rows of studies are kept that are not finished."""
REQUEST = "BOOK_HEAVY"
"""Variable of the environment under which a page has its heavy results made for its parameters."""
PACKAGES = ("numpy", "pandas", "scipy")
"""Packages whose locked versions count."""
WORDS = ("captions.toml", "faults.toml")
MACHINERY = (__name__, f"{__name__}.__main__", "analysis.book.provenance", *WORDS)
"""What carries a study about, or words over its table, without taking part in it."""

Run = Callable[..., pd.DataFrame]


class StaleResultWarning(UserWarning):
    """A heavy result that today's code, data and packages would not give."""


@dataclass(frozen=True, slots=True)
class HeavyResult:
    """A heavy result: how it is made, and everything that its table depends on.

    Attributes
    ----------
    name : str
    run : callable
        Returns the table; takes the parameters in `takes`, which are left out by default.
    inputs : dict
        Arguments of :func:`analysis.book.provenance.fingerprint`, fit for JSON.
    budget : float
        Seconds that it may take on two cores.
    takes : tuple of str
        Parameters of a page for which it can be made anew.
    """

    name: str
    run: Run
    inputs: Mapping[str, Any]
    budget: float
    takes: tuple[str, ...] = ()

    def of(self, values: Mapping[str, Any]) -> HeavyResult:
        """Return the same with other parameters."""
        if not values:
            return self
        asked = {**self.inputs, "extra": {**self.inputs["extra"], "parameters": dict(values)}}
        name = f"{self.name}--{provenance.digest(json.dumps(values, sort_keys=True))}"
        return replace(self, name=name, inputs=asked, run=lambda: self.run(**values))


@dataclass(frozen=True, slots=True)
class Committed:
    """A heavy result as committed.

    Attributes
    ----------
    frame : DataFrame
        Its table.
    stale : bool
        Whether today's code, data or packages would give another one, as far as can be told.
    seconds : float
        How long the study took.
    """

    frame: pd.DataFrame
    stale: bool
    seconds: float


_registered: dict[str, HeavyResult] = {}


def result(
    name: str,
    *,
    budget: float,
    files: Sequence[str] = (),
    modules: Sequence[str] = (),
    takes: Sequence[str] = (),
) -> Callable[[Run], Run]:
    """Register a function that returns the study's table.

    Parameters
    ----------
    name : str
        Name of the study and of its files.
    budget : float
        Seconds that it may take on two cores.
    files : sequence of str
        Data files that it reads, relative to the project's folder.
    modules : sequence of str
        Modules of this package that count although the study's own module does not import them.
    takes : sequence of str
        Keyword arguments of the function: parameters of a page for which the table can be made
        anew.
    """

    def register(run: Run) -> Run:
        other = _registered.get(name)
        if other is not None and other.run.__module__ != run.__module__:
            raise StudyError(f"two studies are called {name!r}")
        inputs = {
            "modules": [run.__module__, *modules],
            "files": list(files),
            "packages": list(PACKAGES),
            "extra": {"study": name},
            "without": list(MACHINERY),
        }
        _registered[name] = HeavyResult(name, run, inputs, budget, tuple(takes))
        return run

    return register


def results() -> dict[str, HeavyResult]:
    """Every registered heavy result, by name."""
    declared = importlib.import_module("analysis.papers")
    for found in pkgutil.walk_packages(declared.__path__, f"{declared.__name__}."):
        importlib.import_module(found.name)
    return dict(sorted(_registered.items()))


def chosen(names: Sequence[str] = ()) -> list[HeavyResult]:
    """Return the studies of the given names, or all of them.

    Raises
    ------
    StudyError
        No study has one of the names; the message suggests the nearest.
    """
    known = results()
    if unknown := [name for name in names if name not in known]:
        raise StudyError(f"no study is called {unknown[0]!r}{choose(unknown[0], known)}")
    return [known[name] for name in names or known]


def perform(asked: HeavyResult, folder: Path | None = None) -> Committed:
    """Run one study and write its table and sidecar; neither is touched if the study fails.

    Raises
    ------
    StudyError
        The study returned something other than a table with a plain index.
    """
    before = provenance.fingerprint(**asked.inputs)
    started = time.perf_counter()
    frame = asked.run()
    seconds = time.perf_counter() - started
    index = getattr(frame, "index", None)
    if not isinstance(frame, pd.DataFrame) or not isinstance(index, pd.RangeIndex) or index.name:
        raise StudyError(f"study {asked.name!r} must return a DataFrame with a plain index")
    # last bits hang on which samples a process has met before, and on the machine
    content = frame.to_csv(index=False, lineterminator="\n", float_format="%.12g")
    sidecar = {
        "study": asked.name,
        "fingerprint": before,
        "content": provenance.digest(content, 64),
        "inputs": asked.inputs,
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
    }
    told = json.dumps(sidecar, indent=1) + "\n"
    write_all(folder or FOLDER, {f"{asked.name}.csv": content, f"{asked.name}.json": told})
    return Committed(frame, False, seconds)


def swept(name: str, run: sweep.Run, specifications: Iterable[sweep.Specification]) -> pd.DataFrame:
    """Sweep for a study, rows kept until all are there: one that was killed goes on where it was.

    Parameters
    ----------
    name : str
        A registered study, whose fingerprint the rows carry.
    run, specifications
        As for :func:`analysis.book.sweep.sweep`.
    """
    fingerprint = provenance.fingerprint(**_registered[name].inputs)
    table = sweep.sweep(run, specifications, BEGUN / name, fingerprint=fingerprint)
    shutil.rmtree(BEGUN / name)
    return table


def load(name: str, folder: Path | None = None) -> Committed:
    """Read a heavy result; inside a notebook, a stale one or the default's says so on the page.

    Raises
    ------
    StudyError
        There is no such table; the message names the command that makes it.
    """
    from IPython import get_ipython

    source = folder or FOLDER
    do = f"run `make validate STUDIES={name}`"
    if (given := parameters.differing()) and (anew := _anew(name, given)):
        return anew
    if not all((source / f"{name}{ending}").is_file() for ending in (".csv", ".json")):
        there = sorted(path.stem for path in source.glob("*.csv"))
        hint = did_you_mean(name, there) or f"; {do}"
        raise StudyError(f"no committed result {name!r} in {source.name}/{hint}")
    found = _read(source / f"{name}.json")
    if found.stale and get_ipython() is not None:
        _say(name, "{stale} ")
    elif found.stale:
        said = f"the committed result {name!r} is stale: {do}"
        warnings.warn(said, StaleResultWarning, stacklevel=2)
    if given:
        own = "was made with the book's own parameters, not with those of this page"
        _say(f"The result “{name}” below {own}.")
    return found


def _read(sidecar: Path) -> Committed:
    frame = pd.read_csv(sidecar.with_suffix(".csv"))
    seconds = json.loads(sidecar.read_text(encoding="utf-8"))["seconds"]
    return Committed(frame, not provenance.is_current(sidecar), seconds)


def _anew(name: str, given: Mapping[str, Any]) -> Committed | None:
    """Return the table for a page's parameters, if it exists or was asked for."""
    (study,) = chosen([name])
    values = {key: value for key, value in given.items() if key in study.takes}
    asked = study.of(values)
    sidecar = ANEW / f"{asked.name}.json"
    if not values or not (REQUEST in os.environ or provenance.is_current(sidecar)):
        return None
    ANEW.mkdir(parents=True, exist_ok=True)
    with sidecar.with_suffix(".lock").open("w") as held:  # several pages may need it at once
        lock(held)
        if not provenance.is_current(sidecar):
            perform(asked, ANEW)
    made = literal(", ".join(f"{key} = {spelled(value)}" for key, value in values.items()))
    rest = [key for key in given if key not in values]
    own = f", and with the book's own {literal(listed(rest, 20))}" if rest else ""
    _say(f"The result “{name}” below was made anew with {made}{own}.")
    return _read(sidecar)


def _say(text: str, box: str = "{container} data-banner data-stale\n") -> None:
    from IPython.display import display

    display({"text/markdown": f":::{box}{text}\n:::"}, raw=True)
