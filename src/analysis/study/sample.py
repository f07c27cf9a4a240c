"""One way to open a study, and the sample that every page, curve and seed works on."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.book import parameters
from analysis.book.inline import Banner
from analysis.book.text import literal
from analysis.errors import IslandError, ParameterError, choose
from analysis.measures.cleaning import PercentileRule, winsorise
from analysis.panel import Panel
from analysis.spatial import Specification
from analysis.study.declaration import Data, Study
from analysis.study.raw import left
from analysis.weights import Weights

if TYPE_CHECKING:
    from analysis.book.page import Page

DECLARED = "analysis.papers"
"""The package whose packages with a module ``study`` are the studies known by name."""

PERIODS = ("year", "quarter", "month", "week", "day", "wave")
"""What a banner calls periods, if their column does."""

GENERATED = ("seed", "scenario")
"""Choices of a generator; they mean nothing for files of one's own."""


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A study's data as one page uses them.

    Attributes
    ----------
    study : Study
    data : Data
        What the loader returned: raw tables, the table of truths.
    panel : Panel
        In the units of the regressions, cut to the units and periods asked for.
    weights : Weights
    places : DataFrame
        Of the panel's units.
    recovers : bool
        Whether estimates can be held against the generator's parameters: simulated data, the
        study's own weights and outcome, all units, no winsorising.
    asked : mapping
        Choices by name, as they were given.
    parameters : dict
        What was asked for, to be named below tables.
    """

    study: Study
    data: Data
    panel: Panel
    weights: Weights
    places: pd.DataFrame
    recovers: bool
    asked: Mapping[str, Any]
    parameters: dict[str, Any]

    def again(self, **choices: Any) -> Sample:
        """Open the study once more with what was asked for, but for these choices."""
        return open_study(self.study, self.asked, **choices)

    @property
    def units(self) -> pd.Index:
        """Labels of the units, in panel order."""
        return self.panel.units

    @property
    def raw(self) -> Mapping[str, pd.DataFrame]:
        """Raw tables, gaps as they came."""
        return self.data.tables

    @property
    def matrix(self) -> str:
        """Name of the weight matrix."""
        return str(self.parameters["weights"])

    @property
    def is_simulated(self) -> bool:
        """Whether a generator made these data."""
        return self.data.kind == "simulated"

    @property
    def truth(self) -> pd.Series | None:
        """The generator's parameters of the main equation, by term."""
        table = self.data.truth
        if table is None:
            return None
        main = table[table["equation"] == table["equation"].iloc[0]]
        return main.set_index("term")["value"]

    def true(self, term: str, equation: str = "") -> float | None:
        """The generator's parameter for a term, where estimates can be held against it.

        Parameters
        ----------
        term : str
        equation : str
            The main one by default.
        """
        table = self.data.truth
        if not self.recovers or table is None:
            return None
        where = equation or table["equation"].iloc[0]
        found = table.loc[(table["equation"] == where) & (table["term"] == term), "value"]
        return float(found.iloc[0]) if len(found) else None

    def kind(self, outcome: str = "") -> str:
        """Kind of a comparison between print and an estimate of the main model of an outcome."""
        own = self.study.recovered or self.study.outcome
        is_own = self.recovers and (outcome or self.study.outcome) == own
        return "recovered" if is_own else self.derived_kind

    @property
    def derived_kind(self) -> str:
        """Kind of a comparison with whatever else the planted coefficients enter."""
        return "inherited" if self.is_simulated else "free"

    @property
    def estimate_kind(self) -> str:
        """Kind of a comparison between an estimate of the main model and print."""
        return self.kind()

    @property
    def target_kind(self) -> str:
        """Kind of a comparison with a number to which the generator was calibrated on the whole sample."""
        cut = self.asked.get("without") or self.parameters.get("winsorised")
        whole = not cut and set(self.study.years) <= set(self.panel.periods)
        return "targeted" if self.is_simulated and whole else self.derived_kind

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome columns that the panel has, with their headings."""
        offered = self.study.outcomes or {self.study.outcome: self.study.label(self.study.outcome)}
        return {name: label for name, label in offered.items() if name in self.panel.columns}

    def group(self, by: str) -> pd.Series:
        """Group of each unit, by one of the study's divisions."""
        if by not in self.study.groups:
            known = choose(by, self.study.groups)
            raise ParameterError(f"{self.study.name}: no groups by {by!r}{known or 'none'}")
        group = self.study.groups[by]
        column = self.places[group.column]
        return (column.map(group.labels) if group.labels else column).rename(by)

    def on(self, kind: str) -> Weights:
        """One of the study's weight matrices on these units; the sample's own as it stands."""
        if kind == self.matrix:
            return self.weights
        return self.study.matrix(kind, self.panel, self.places)

    def with_weights(self, kind: str) -> Sample:
        """The same data with another of the study's weight matrices."""
        return replace(
            self,
            weights=self.on(kind),
            recovers=self.recovers and kind == self.study.weights,
            parameters={**self.parameters, "weights": kind},
        )

    def with_model(self, model: Specification) -> Sample:
        """The same data with another main model."""
        return replace(self, study=replace(self.study, model=model))

    def winsorised(self, percent: float = 1.0, rule: PercentileRule = "stata") -> Sample:
        """The same data with the tails of all variables pulled in; the weight matrix stays."""
        numeric = self.panel.frame.select_dtypes("number").columns
        names = [name for name in numeric if name != self.study.income]
        return replace(
            self,
            panel=Panel(winsorise(self.panel.frame, names, percent, rule), self.panel.source),
            recovers=False,
            parameters={**self.parameters, "winsorised": percent},
        )

    def sub(
        self, units: Collection[object] | None = None, periods: Collection[int] | None = None
    ) -> Sample:
        """Some units, in panel order, or some periods.

        The matrix keeps its rows, standardised anew; where that leaves a unit without neighbours it
        is built again for the units that stay.
        """
        kept = None if units is None else [unit for unit in self.units if unit in set(units)]
        panel = self.panel.sub(kept, periods)
        places = self.places.loc[panel.units]
        try:
            weights = self.weights.sub(panel.units)
        except IslandError:
            weights = self.study.matrix(self.parameters["weights"], panel, places)
        return replace(
            self,
            panel=panel,
            weights=weights,
            places=places,
            recovers=self.recovers and kept is None,
        )

    @property
    def banner(self) -> Banner:
        """Banner of the page."""
        n, t = self.panel.n_units, self.panel.n_periods
        units = "real " * self.is_simulated + literal(self.study.units)
        return Banner(self.data.kind, f"{n} {units}, {t} {self.study.period}s{self.data.about}")

    def page(self, *code: object, **parameters: object) -> Page:
        """Return the page that carries this panel and what was asked for into tables and figures."""
        from analysis.book.page import Page  # draws in matplotlib, which estimation does without

        asked = {**self.parameters, **parameters}
        return Page({"panel": self.panel}, asked, code, self.study.captions, self.study.label)


def usual_choices(study: Study) -> dict[str, Any]:
    """What every study is asked, and what its loader takes, with the values that they begin with."""
    own = {name: p.default for name, p in inspect.signature(study.load).parameters.items()}
    usual = {"years": f"{study.years[0]}-{study.years[-1]}", "without": (), "winsorised": 0.0,
             "weights": study.weights, "std_errors": study.model.std_errors}  # fmt: skip
    return {**own, **usual, **own}


def open_study(study: Study, given: Mapping[str, Any] | None = None, /, **choices: Any) -> Sample:
    """Load a study's data with some choices and return the sample.

    Parameters
    ----------
    study : Study
    given : mapping, optional
        Names of which the study's choices are taken and all others left alone: ``globals()`` in a
        notebook whose parameters cell bears their names.
    **choices
        Choices of the study's loader (raw files, seeds, forms of the outcome), and of every study
        ``years`` ("2003-2022"), ``without`` (units left out), ``weights`` (income in them is the
        mean over the sample years), ``winsorised`` (per cent in each tail, 0 for none) and
        ``std_errors`` of the main model. Empty ``years``, ``weights`` and ``std_errors`` are the
        study's own.

    Raises
    ------
    ParameterError
        If a choice is unknown.
    AnalysisError
        Whatever the loader refuses.

    Examples
    --------
    >>> sample = open_study(find_study("cigarettes"), years="1970-1979")
    >>> sample.panel.n_units, sample.panel.n_periods, sample.kind()
    (46, 10, 'free')
    """
    own, asked = inspect.signature(study.load).parameters, usual_choices(study)
    span = asked["years"]
    if unknown := [name for name in choices if name not in asked]:
        raise ParameterError(f"{study.name} has no choice {unknown[0]}{choose(unknown[0], asked)}")
    named = {name: value for name, value in (given or {}).items() if name in asked} | choices
    optional = {"years", "weights", "std_errors"} - set(own)
    named = {name: value for name, value in named.items() if value != "" or name not in optional}
    asked |= named
    data = study.load(**{name: asked[name] for name in own})
    panel, without = data.panel, set(asked["without"])
    if "years" not in own and asked["years"] != span:
        panel = panel.sub(periods=list(parameters.years(asked["years"])))
    if "without" not in own and without:
        panel = panel.sub(left(panel.units, without, study.name))
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for name, value in asked.items()
        if (name in named or name in (*GENERATED, "years", "weights"))
        and value not in ("", (), [], 0.0)
        and not (asked.get("raw") and name in GENERATED)
    }
    sample = Sample(
        study=replace(study, model=replace(study.model, std_errors=asked["std_errors"])),
        data=data,
        panel=panel,
        weights=study.matrix(asked["weights"], panel, data.places),
        places=data.places.loc[panel.units],
        recovers=data.recovers and asked["weights"] == study.weights and not without,
        asked=named,
        parameters=shown,
    )
    return sample.winsorised(asked["winsorised"]) if asked["winsorised"] else sample


def open_page(
    study: Study, given: dict[str, Any], *code: object, **parameters_: object
) -> tuple[Sample, Page]:
    """Check what a chapter's parameters cell has set, open its study with it, and its page.

    Cells tagged ``when-simulated`` and ``when-recovers`` stand where the sample is so.

    Parameters
    ----------
    study : Study
    given : dict
        ``globals()`` of the chapter.
    *code, **parameters_
        What the foot lines name, as for :meth:`Sample.page`.
    """
    from analysis.book.conditions import conditions

    parameters.check()
    sample = open_study(study, given)
    conditions(simulated=sample.is_simulated, recovers=sample.recovers)
    return sample, sample.page(*code, **parameters_)


def known_studies() -> list[str]:
    """Names of the studies that the package declares."""
    within = import_module(DECLARED).__path__
    names = [found.name for found in iter_modules(within) if found.ispkg]
    return [name for name in names if find_spec(f"{DECLARED}.{name}.study")]


def find_study(name: str | Path) -> Study:
    """Return a declared study, or the one that a folder's ``study.toml`` declares.

    Raises
    ------
    ParameterError
        If there is none, with the nearest name.
    StudyFileError
        If the folder's declaration has mistakes.
    """
    known = known_studies()
    folder = Path(name).parent if Path(name).suffix == ".toml" else Path(name)
    if (folder / "study.toml").is_file() or (folder.is_dir() and name not in known):
        from analysis.study import own  # needs this module

        return own.read(folder)
    if name not in known:
        more = "and any folder with a study.toml"
        raise ParameterError(f"there is no study {name}{choose(name, known)}, {more}")
    study: Study = import_module(f"{DECLARED}.{name}.study").STUDY
    return study
