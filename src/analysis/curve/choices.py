"""What can be chosen in each study, and the estimates of one specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import parameters
from analysis.errors import ParameterError
from analysis.inference.turning_point import turning_point
from analysis.measures.cleaning import winsorise
from analysis.panel import Panel
from analysis.parameters import Parameter
from analysis.spatial import Fit, Specification, fit
from analysis.studies.validation import cigarettes
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
        From the study's own choices (a mapping) to the panel.
    weights : callable
        From the name of a matrix to the matrix on all cities.
    choices : tuple of Choice
        Those of :data:`COMMON` that apply, and the study's own.
    extreme : callable, optional
        From the panel to the cities that ``cities = "without-extreme"`` leaves out.
    files : tuple of str
        Data files that count for the fingerprint.
    """

    name: str
    title: str
    outcome: str
    focus: tuple[str, ...]
    controls: tuple[str, ...]
    panel: Callable[[Chosen], Panel]
    weights: Callable[[str], Weights]
    choices: tuple[Choice, ...]
    extreme: Callable[[Panel], list[Any]]
    files: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The choices by name."""
        return {choice.parameter.name: choice.parameter for choice in self.choices}

    @property
    def defaults(self) -> dict[str, Any]:
        """The specification of the book."""
        return {name: parameter.default for name, parameter in self.parameters.items()}


def offered(
    name: str, meaning: str, *values: str, default: str | None = None, free: bool = False
) -> Choice:
    """Declare a choice among texts, the first being the default; `free` allows any span of years.

    Examples
    --------
    >>> offered("dynamics", "lags of the outcome", "static", "dynamic").parameter.default
    'static'
    """
    standard = default or values[0]
    if free:
        span = parameters.years(standard)
        parameter = Parameter(name, "str", standard, meaning, low=span[0], high=span[-1])
    else:
        parameter = Parameter(name, "str", standard, meaning, values)
    return Choice(parameter, values)


CONTROLS = offered("controls", "control variables", "all", "none")
DYNAMICS = offered("dynamics", "lags of the outcome", "static", "dynamic")
ESTIMATOR = offered(
    "estimator",
    "treatment of the incidental parameters",
    "transformation",
    "direct-corrected",
    "direct",
)
STD_ERRORS = offered("std_errors", "standard errors", "information", "cluster")
TAIL = Choice(
    Parameter("tail", "float", 0.0, "per cent winsorised in each tail", low=0, high=10), (0.0, 1.0)
)
CITIES = offered("cities", "sample of cities", "all", "without-extreme")


def _cigarette_weights(name: str) -> Weights:
    _, first = cigarettes()
    if name == "contiguity":
        return first
    adjacent = first.dense() > 0
    second = (adjacent.astype(int) @ adjacent.astype(int) > 0) & ~adjacent
    np.fill_diagonal(second, val=False)
    reach = adjacent | second if name == "both-orders" else second
    return Weights(reach.astype(float), first.cities, name).row_standardise()


CIGARETTES = Case(
    name="cigarettes",
    title="Cigarette demand in 46 US states",
    outcome="logc",
    focus=("logp",),
    controls=("logy",),
    panel=lambda chosen: cigarettes()[0],
    weights=_cigarette_weights,
    choices=(
        offered("weights", "spatial weights", "contiguity", "both-orders", "second-order"),
        offered("years", "sample years", "1963-1992", "1963-1977", "1978-1992", free=True),
        TAIL,
        CITIES,
        CONTROLS,
        offered("model", "spatial model", "sdm", "sar", "sem", "sdem", "slx"),
        DYNAMICS,
        ESTIMATOR,
        STD_ERRORS,
    ),
    extreme=lambda panel: [panel.frame["logc"].groupby(level="city").mean().idxmin()],  # Utah
)

CASES: dict[str, Case] = {case.name: case for case in (CIGARETTES,)}
"""The studies that can be swept, by name."""


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
        turning point: ``term``, ``quantity``, ``estimate``, ``std_error``, ``p_value``, ``nobs``.

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
    case = CASES[name]
    complete = {**case.defaults, **parameters.checked(case.parameters, chosen)}
    panel, weights = sample(case, complete)
    return quantities(case, fit(panel, specification(case, complete), weights))


def specification(case: Case, chosen: Chosen, *, is_null: bool = False) -> Specification:
    """Return the model of a specification, without the terms of interest under the null."""
    controls = {"all": case.controls, "none": ()}[chosen.get("controls", "all")]
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


def sample(case: Case, chosen: Chosen, outcome: pd.Series | None = None) -> tuple[Panel, Weights]:
    """Return the panel and the matrix of a specification; both are kept for the next one.

    Parameters
    ----------
    case : Case
    chosen : mapping
    outcome : Series, optional
        Takes the place of the outcome before anything is chosen.
    """
    own = tuple(
        (name, value) for name, value in chosen.items() if name not in _SHARED and name != "weights"
    )
    shared = tuple((name, chosen[name]) for name in _SHARED if name in chosen)
    if outcome is None:
        panel = _sample(case.name, own, shared)
    else:
        whole = _whole(case.name, own).assign(**{case.outcome: outcome})
        panel = _cut(case, whole, dict(shared))
    return panel, _weights(case.name, chosen["weights"], tuple(panel.cities))


_SHARED = ("years", "tail", "cities", "controls", "dynamics", "estimator", "std_errors", "model")


@lru_cache(maxsize=32)
def _whole(name: str, own: tuple[tuple[str, Any], ...]) -> Panel:
    return CASES[name].panel(dict(own))


def _sample(
    name: str, own: tuple[tuple[str, Any], ...], shared: tuple[tuple[str, Any], ...]
) -> Panel:
    cuts = tuple(item for item in shared if item[0] in ("years", "tail", "cities"))
    return _cached_sample(name, own, cuts)


@lru_cache(maxsize=64)
def _cached_sample(
    name: str, own: tuple[tuple[str, Any], ...], cuts: tuple[tuple[str, Any], ...]
) -> Panel:
    return _cut(CASES[name], _whole(name, own), dict(cuts))


def _cut(case: Case, panel: Panel, chosen: Chosen) -> Panel:
    """Choose cities and years, then winsorise what is left."""
    if chosen.get("cities", "all") != "all":
        left_out = set(case.extreme(panel))
        panel = panel.sub(cities=[city for city in panel.cities if city not in left_out])
    if "years" in chosen:
        asked = parameters.years(chosen["years"])
        panel = panel.sub(years=[year for year in panel.years if year in asked])
    if chosen.get("tail", 0.0) > 0:
        columns = [case.outcome, *(term for term in case.focus if "^" not in term), *case.controls]
        panel = Panel(winsorise(panel.frame, columns, chosen["tail"]), panel.source)
    return panel


@lru_cache(maxsize=64)
def _weights(name: str, which: str, cities: tuple[Any, ...]) -> Weights:
    whole = CASES[name].weights(which)
    return whole if tuple(whole.cities) == cities else whole.sub(cities)


def quantities(case: Case, result: Fit) -> list[dict[str, Any]]:
    """Return the estimates that a curve keeps of a fit, one row each."""
    rows = []

    def add(term: str, quantity: str, estimate: float, error: float) -> None:
        p_value = 2 * stats.norm.sf(abs(estimate / error)) if error > 0 else np.nan
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

    effects = result.effects()
    for term in case.focus:
        add(term, "coefficient", result.params[term], result.std_errors[term])
        for kind in ("direct", "total"):
            row = effects.loc[(kind, term)]
            add(term, f"{kind} effect", row["estimate"], row["std_error"])
    if len(case.focus) == 2:
        pair = list(case.focus)
        b1, b2 = result.params[pair]
        where = turning_point(b1, b2, result.cov.loc[pair, pair].to_numpy())
        add(case.focus[0], "turning point", where.point, where.std_error)
    return rows


def known(name: str) -> Case:
    """Return the case of that name.

    Raises
    ------
    ParameterError
        If there is none, with the nearest name.
    """
    if name not in CASES:
        near = parameters.nearest(name, CASES)
        hint = f" Did you mean {near}?" if near else ""
        raise ParameterError(f"there is no study {name}.{hint} There are: {', '.join(CASES)}.")
    return CASES[name]
