"""What can be chosen in each study, and the estimates of one specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from scipy import stats

from analysis.book import parameters
from analysis.book.parameters import Parameter
from analysis.book.sweep import grid
from analysis.errors import ParameterError, did_you_mean
from analysis.inference.turning_point import turning_point
from analysis.measures.cleaning import winsorise
from analysis.panel import Panel
from analysis.spatial import Fit, Specification, fit
from analysis.weights import Weights

Chosen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision of an analyst.

    Attributes
    ----------
    parameter : Parameter
        Its name, default, meaning, and what is allowed.
    values : tuple
        What a full grid runs through.
    """

    parameter: Parameter
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A study as the curve sees it.

    Attributes
    ----------
    name, title : str
    outcome : str
    focus : tuple of str
        The terms whose estimates are kept; two terms ``x`` and ``x^2`` have a turning point.
    controls : tuple of str
    panel : callable
        From the study's own choices (a mapping) to the whole panel.
    weights : callable
        From the name of a matrix and the panel, cut to its cities and years, to the matrix.
    choices : tuple of Choice
        Those that :data:`SHARED` names, and the study's own.
    groups : mapping of str to callable
        What ``cities`` may leave out besides the extreme city: from the panel to the cities.
    under_null : tuple of str
        Choices that run through all their values on every draw under the null.
    files : tuple of str
        Data files that count for the fingerprint.
    """

    name: str
    title: str
    outcome: str
    focus: tuple[str, ...]
    controls: tuple[str, ...]
    panel: Callable[[Chosen], Panel]
    weights: Callable[[str, Panel], Weights]
    choices: tuple[Choice, ...]
    groups: Mapping[str, Callable[[Panel], list[Any]]] = field(default_factory=dict)
    under_null: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def variables(self) -> list[str]:
        """Columns that take part."""
        return [self.outcome, *(term for term in self.focus if "^" not in term), *self.controls]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The choices by name."""
        return {choice.parameter.name: choice.parameter for choice in self.choices}

    @property
    def null_choices(self) -> dict[str, list[Any]]:
        """Values by name of the part of the full grid that is estimated under the null."""
        offered = {choice.parameter.name: list(choice.values) for choice in self.choices}
        return {name: offered[name] for name in self.under_null}

    @property
    def defaults(self) -> dict[str, Any]:
        """The specification of the book."""
        return {name: parameter.default for name, parameter in self.parameters.items()}


CASES = ("cigarettes", "ne34", "cities283")
"""Studies that can be swept: packages of :mod:`analysis.papers` with a module `curve`."""

SHARED = ("weights", "years", "cities", "tail", "controls", "model", "dynamics", "estimator",
          "std_errors")  # fmt: skip
"""Choices that mean the same in every study; all others are handed to the study's own loader."""


def offered(
    name: str, meaning: str, *values: str, more: tuple[str, ...] = (), default: str = ""
) -> Choice:
    """Declare a choice among texts.

    Parameters
    ----------
    name, meaning : str
    *values : str
        What a full grid runs through.
    more : tuple of str
        Allowed besides.
    default : str
        The first value unless named.

    Examples
    --------
    >>> offered("dynamics", "lags of the outcome", "static", "dynamic").parameter.default
    'static'
    """
    allowed = (*values, *more)
    return Choice(Parameter(name, "str", default or values[0], meaning, allowed), values)


def spans(*values: str) -> Choice:
    """Declare the sample years: spans to run through, the first being the default and the bounds.

    Examples
    --------
    >>> spans("2003-2022", "2003-2019").parameter.allowed
    'years as "first-last" from 2003 to 2022'
    """
    whole = parameters.years(values[0])
    span = Parameter("years", "str", values[0], "sample years", low=whole[0], high=whole[-1])
    return Choice(span, values)


def controls(*names: str, also: tuple[str, ...] = ()) -> Choice:
    """Declare which controls enter: all, none, or all but one."""
    rest = tuple(f"without-{name}" for name in names if f"without-{name}" not in also)
    return offered("controls", "control variables", "all", "none", *also, more=rest)


DYNAMICS = offered("dynamics", "lags of the outcome", "static", "dynamic")
ESTIMATOR = offered(
    "estimator",
    "treatment of the effects' bias",
    "transformation",
    "direct",
    more=("direct-corrected",),
)
STD_ERRORS = offered(
    "std_errors",
    "standard errors",
    "information",
    "cluster",
    more=("sandwich", "driscoll-kraay"),
)
RAW = Choice(
    Parameter("raw", "str", "", "real raw files; empty for simulated data", path="folder"), ("",)
)
MODEL = offered("model", "spatial model", "sdm", more=("sar", "sem", "sdem", "slx"))
TAIL = Choice(
    Parameter("tail", "float", 0.0, "per cent winsorised in each tail", low=0, high=10), (0.0, 1.0)
)


def extreme(case: Case, panel: Panel) -> list[Any]:
    """Return the city of the cell that lies farthest from its variable's mean, in deviations."""
    frame = panel.frame[case.variables]
    distance = ((frame - frame.mean()) / frame.std()).abs().max(axis=1)
    return [distance.groupby(level="city").max().idxmax()]


@lru_cache
def case_of(name: str) -> Case:
    """Return the case of that name.

    Raises
    ------
    ParameterError
        If there is none, with the nearest name.
    """
    if name not in CASES:
        hint = did_you_mean(name, CASES) or ";"
        raise ParameterError(f"there is no study {name}{hint} there are: {', '.join(CASES)}")
    case: Case = import_module(f"analysis.papers.{name}.curve").CASE
    return case


def full_grid(case: Case) -> list[dict[str, Any]]:
    """Return every combination of every choice of a study."""
    return grid({choice.parameter.name: list(choice.values) for choice in case.choices})


def estimate(name: str, chosen: Chosen) -> list[dict[str, Any]]:
    """Estimate one specification of a study.

    Parameters
    ----------
    name : str
        Name of the case.
    chosen : mapping
        Value of each choice; what is missing has its default.

    Returns
    -------
    list of dict
        For each term of interest its coefficient, direct and total effect, and for a square the
        turning point (which has no P): ``term``, ``quantity``, ``estimate``, ``std_error``,
        ``p_value``, ``nobs``.

    Raises
    ------
    ParameterError, AnalysisError
        For a choice that does not exist, and whatever the estimator refuses.

    Examples
    --------
    >>> rows = estimate("cigarettes", {"dynamics": "static"})
    >>> [(row["quantity"], round(row["estimate"], 2)) for row in rows]
    [('coefficient', -1.0), ('direct effect', -1.01), ('total effect', -1.22)]
    """
    case = case_of(name)
    complete = {**case.defaults, **parameters.checked(case.parameters, chosen)}
    panel, weights = sample(case, complete)
    return quantities(case, fit(panel, specification(case, complete), weights))


def specification(case: Case, chosen: Chosen, *, is_null: bool = False) -> Specification:
    """Return the model of a specification, without the terms of interest under the null."""
    which = chosen.get("controls", "all")
    left_out = set(case.controls) if which == "none" else {which.removeprefix("without-")}
    controls = [name for name in case.controls if name not in left_out]
    dynamic = chosen.get("dynamics", "static") == "dynamic"
    return Specification(
        case.outcome,
        [*(() if is_null else case.focus), *controls],
        model=chosen.get("model", "sdm"),
        time_lag=dynamic,
        space_time_lag=dynamic,
        estimator=chosen.get("estimator", "transformation"),
        std_errors=chosen.get("std_errors", "information"),
    )


def sample(
    case: Case, chosen: Chosen, made: Callable[[Panel], Panel] | None = None
) -> tuple[Panel, Weights]:
    """Return the panel and the matrix of a specification; both are kept for the next one.

    Parameters
    ----------
    case : Case
    chosen : mapping
        Complete.
    made : callable, optional
        Changes the panel, cut to its cities and years, before tails are pulled in; keep the
        function for further specifications, its panels are kept with it.
    """
    own = tuple((name, value) for name, value in chosen.items() if name not in SHARED)
    cut = (case.name, own, chosen["years"], chosen["cities"])
    return _winsorised(*cut, chosen["tail"], made), _weights(*cut, chosen["weights"])


_Own = tuple[tuple[str, Any], ...]


@lru_cache(maxsize=16)
def _whole(name: str, own: _Own) -> Panel:
    return case_of(name).panel(dict(own))


@lru_cache(maxsize=64)
def _cut(name: str, own: _Own, years: str, which: str) -> Panel:
    """Choose years, then leave cities out."""
    case, asked = case_of(name), parameters.years(years)
    panel = _whole(name, own)
    panel = panel.sub(periods=[year for year in panel.periods if year in asked])
    if which == "all":
        return panel
    group = extreme(case, panel) if which == "without-extreme" else case.groups[which](panel)
    return panel.sub(units=[city for city in panel.units if city not in set(group)])


@lru_cache(maxsize=64)
def _winsorised(
    name: str,
    own: _Own,
    years: str,
    which: str,
    tail: float,
    made: Callable[[Panel], Panel] | None,
) -> Panel:
    panel = _cut(name, own, years, which)
    panel = panel if made is None else made(panel)
    if tail == 0:
        return panel
    return Panel(winsorise(panel.frame, case_of(name).variables, tail), panel.source)


@lru_cache(maxsize=64)
def _weights(name: str, own: _Own, years: str, which: str, kind: str) -> Weights:
    panel = _cut(name, own, years, which)
    return case_of(name).weights(kind, panel).align(panel.units)


def quantities(case: Case, result: Fit, *, with_effects: bool = True) -> list[dict[str, Any]]:
    """Return the estimates that a curve keeps of a fit, one row each."""
    rows = []

    def add(term: str, quantity: str, estimate: float, error: float, null: float = 0) -> None:
        p_value = 2 * stats.norm.sf(abs((estimate - null) / error)) if error > 0 else np.nan
        rows.append(
            {
                "term": term,
                "quantity": quantity,
                "estimate": float(estimate),
                "std_error": float(error),
                "p_value": float(p_value),
                "nobs": result.nobs,
            }
        )

    for term in case.focus:
        add(term, "coefficient", result.params[term], result.std_errors[term])
    if not with_effects:
        return rows
    effects = result.effects()
    for term in case.focus:
        for kind in ("direct", "total"):
            row = effects.loc[(kind, term)]
            add(term, f"{kind} effect", row["estimate"], row["std_error"])
    if len(case.focus) == 2:
        pair = list(case.focus)
        b1, b2 = result.params[pair]
        where = turning_point(b1, b2, result.cov.loc[pair, pair].to_numpy())
        add(case.focus[0], "turning point", where.point, where.std_error, null=np.nan)
    return rows
