"""What can be chosen in each study, and the estimates of one specification."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

from analysis.book import parameters
from analysis.book.parameters import Parameter
from analysis.book.sweep import grid
from analysis.inference.turning_point import turning_point
from analysis.panel import Panel
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.covariance import COVARIANCES
from analysis.spatial.specification import ESTIMATORS, MODELS
from analysis.study.declaration import Choice, Study
from analysis.study.sample import Sample, find_study, open_study
from analysis.weights import Weights

Chosen = Mapping[str, Any]

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


DECISIONS: Mapping[str, tuple[str, Collection[str], tuple[str, ...]]] = {
    "model": ("spatial model", MODELS, ()),
    "dynamics": ("lags of the outcome", ("static", "dynamic"), ("static", "dynamic")),
    "estimator": ("treatment of the effects' bias", ESTIMATORS, ("transformation", "direct")),
    "std_errors": ("standard errors", COVARIANCES, ("information", "cluster")),
}
"""Choices that begin with what the model declares: meaning, values, and the usual ones."""


def decision(model: Specification, name: str, values: Sequence[str] = ()) -> Choice:
    """One of :data:`DECISIONS`: what the model has, then the values asked for or the usual ones."""
    meaning, allowed, usual = DECISIONS[name]
    dynamics = "dynamic" if model.time_lag else "static"
    own = dynamics if name == "dynamics" else str(getattr(model, name))
    kept = dict.fromkeys((own, *(values or usual)))
    return offered(name, meaning, *kept, more=tuple(v for v in allowed if v not in kept))


RAW = Choice(
    Parameter("raw", "str", "", "real raw files; empty for simulated data", path="folder"), ("",)
)
TAIL = Choice(
    Parameter("tail", "float", 0.0, "per cent winsorised in each tail", low=0, high=10), (0.0, 1.0)
)


def choices(study: Study) -> dict[str, Choice]:
    """Return what can be chosen in a study, by name: its own choices, then those all studies share.

    Examples
    --------
    >>> list(choices(find_study("cigarettes")))[:4]
    ['weights', 'years', 'cities', 'tail']
    """
    span = f"{study.years[0]}-{study.years[-1]}"
    matrices = [study.weights, *(name for name in study.matrices if name != study.weights)]
    usual = (
        offered("weights", "spatial weights", *matrices),
        spans(span),
        offered("cities", study.units, "all", *study.left_out, "without-extreme"),
        TAIL,
        controls(*study.controls),
        *(decision(study.model, name) for name in DECISIONS),
    )
    declared = {choice.parameter.name: choice for choice in study.choices}
    shared = {choice.parameter.name: choice for choice in usual}
    own = {name: choice for name, choice in declared.items() if name not in shared}
    return own | {name: declared.get(name, choice) for name, choice in shared.items()}


def offers(study: Study) -> dict[str, Parameter]:
    """Return the parameters of the choices, by name."""
    return {name: choice.parameter for name, choice in choices(study).items()}


def defaults(study: Study) -> dict[str, Any]:
    """Return the specification of the book."""
    return {name: parameter.default for name, parameter in offers(study).items()}


def extreme(study: Study, panel: Panel) -> list[Any]:
    """Return the unit of the cell that lies farthest from its variable's mean, in deviations."""
    frame = panel.frame[study.columns]
    distance = ((frame - frame.mean()) / frame.std()).abs().max(axis=1)
    return [distance.groupby(level=0).max().idxmax()]


def full_grid(study: Study) -> list[dict[str, Any]]:
    """Return every combination of every choice of a study."""
    return grid({name: list(choice.values) for name, choice in choices(study).items()})


def estimate(name: str, chosen: Chosen) -> list[dict[str, Any]]:
    """Estimate one specification of a study.

    Parameters
    ----------
    name : str
        Name of the study.
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
    study = find_study(name)
    complete = {**defaults(study), **parameters.checked(offers(study), chosen)}
    part = sample(study, complete)
    return quantities(study, fit(part.panel, specification(study, complete), part.weights))


def specification(study: Study, chosen: Chosen, *, is_null: bool = False) -> Specification:
    """Return the model of a specification, without the terms of interest under the null."""
    which = chosen.get("controls", "all")
    left_out = set(study.controls) if which == "none" else {which.removeprefix("without-")}
    controls = [name for name in study.controls if name not in left_out]
    dynamic = chosen.get("dynamics", "static") == "dynamic"
    return Specification(
        study.outcome,
        [*(() if is_null else study.focus), *controls],
        model=chosen.get("model", "sdm"),
        effects=study.model.effects,
        time_lag=dynamic,
        space_time_lag=dynamic,
        estimator=chosen.get("estimator", "transformation"),
        std_errors=chosen.get("std_errors", "information"),
    )


def sample(study: Study, chosen: Chosen, made: Callable[[Panel], Panel] | None = None) -> Sample:
    """Open the sample of a specification; its parts are kept for the next one.

    Parameters
    ----------
    study : Study
    chosen : mapping
        Complete.
    made : callable, optional
        Changes the panel, cut to its cities and years, before tails are pulled in; keep the
        function for further specifications, its panels are kept with it.
    """
    own = tuple((name, value) for name, value in chosen.items() if name not in SHARED)
    cut = (study.name, own, chosen["years"], chosen["cities"])
    tailed = _tailed(*cut, chosen["tail"], made)
    return replace(tailed, weights=_weights(*cut, chosen["weights"]))


_Own = tuple[tuple[str, Any], ...]


@lru_cache(maxsize=16)
def _whole(name: str, own: _Own) -> Sample:
    return open_study(find_study(name), dict(own))


@lru_cache(maxsize=64)
def _cut(name: str, own: _Own, years: str, which: str) -> Sample:
    """Choose years, then leave units out; the matrix is not yet that of what stays."""
    whole, asked = _whole(name, own), parameters.years(years)
    study, panel = whole.study, whole.panel
    panel = panel.sub(periods=[year for year in panel.periods if year in asked])
    if which != "all":
        flag = study.left_out.get(which)
        gone = whole.units[whole.places[flag] == 1] if flag else extreme(study, panel)
        panel = panel.sub([unit for unit in panel.units if unit not in set(gone)])
    return replace(whole, panel=panel, places=whole.places.loc[panel.units])


@lru_cache(maxsize=64)
def _tailed(
    name: str, own: _Own, years: str, which: str, tail: float, made: Callable[[Panel], Panel] | None
) -> Sample:
    part = _cut(name, own, years, which)
    part = part if made is None else replace(part, panel=made(part.panel))
    return part.winsorised(tail) if tail else part


@lru_cache(maxsize=64)
def _weights(name: str, own: _Own, years: str, which: str, kind: str) -> Weights:
    part = _cut(name, own, years, which)
    return part.study.matrix(kind, part.panel, part.places)


def quantities(study: Study, result: Fit, *, with_effects: bool = True) -> list[dict[str, Any]]:
    """Return the estimates that a curve keeps of a fit, one row each."""
    asked = [(term, "coefficient", result.params[term], result.std_errors[term], 0.0)
             for term in study.focus]  # fmt: skip
    if with_effects:
        effects = result.effects()[["estimate", "std_error"]]
        for term in study.focus:
            for kind in ("direct", "total"):
                asked.append((term, f"{kind} effect", *effects.loc[(kind, term)], 0.0))
        if study.squared:
            pair = list(study.focus)
            b1, b2 = result.params[pair]
            where = turning_point(b1, b2, result.cov.loc[pair, pair].to_numpy())
            asked.append((pair[0], "turning point", where.point, where.std_error, np.nan))
    return [{
        "term": term, "quantity": quantity, "estimate": float(estimate), "std_error": float(error),
        "p_value": float(2 * stats.norm.sf(abs(estimate - null) / error)) if error > 0 else np.nan,
        "nobs": result.nobs,
    } for term, quantity, estimate, error, null in asked]  # fmt: skip
