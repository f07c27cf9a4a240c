"""From a panel, a specification and weight matrices to the arrays of one estimation."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from analysis import errors
from analysis.panel import FloatArray, Panel, as_panel, within
from analysis.resources import declared, refuse
from analysis.spatial.likelihood import Problem
from analysis.spatial.operator import SpatialOperator, operator_of
from analysis.spatial.specification import Specification, Term, term_values
from analysis.weights import Weights, as_weights

SAYS = declared("analysis.spatial", "refusals.toml")["design"]
_LAGGED: WeakKeyDictionary[Panel, WeakKeyDictionary[SpatialOperator, dict[str, FloatArray]]]
_LAGGED = WeakKeyDictionary()
"""Spatial lags of the variables of a panel, kept while panel and matrix live."""
_ZERO = 1e-10
"""Relative size below which a column has no variation left."""
_DEPENDENT = 1e-6
"""Share of its own below which a regressor counts as collinear: its square is lost to rounding in Z'Z."""
_SCALES = (1e-60, 1e60)
"""Norms of columns whose squares and their sums can be held."""


@dataclass(frozen=True, eq=False)
class Design:
    """Arrays before the effects are removed.

    Attributes
    ----------
    y, wy : ndarray, shape (T, N)
    z : ndarray, shape (T, N, K)
        Lags of the outcome, a constant where there are no fixed effects, X, W X.
    names : tuple of str
        Labels of the K columns.
    """

    y: FloatArray
    wy: FloatArray
    z: FloatArray
    names: tuple[str, ...]
    panel: Panel
    specification: Specification
    weights: Weights
    error_weights: Weights

    @property
    def periods(self) -> pd.Index:
        """The T periods left after lags."""
        return self.panel.periods[self.specification.longest_lag :]

    @property
    def operator(self) -> SpatialOperator:
        """Operator of the matrix of the spatial lag."""
        return operator_of(self.weights)


def build(
    panel: Panel,
    specification: Specification,
    weights: Weights,
    error_weights: Weights | None = None,
) -> Design:
    """Assemble outcome, spatial lag and regressors.

    Parameters
    ----------
    panel : Panel
    specification : Specification
    weights : Weights
        Matrix of the spatial lags, put into the panel's order of units.
    error_weights : Weights, optional
        Matrix of the error process; `weights` by default.

    Returns
    -------
    Design

    Raises
    ------
    UnitMismatchError
        If W and panel differ in their units.
    IslandError
        If a unit has no neighbours.
    NotRowStandardisedError
        If rows must sum to one for the estimator and do not.
    SampleSizeError
        If cities or years are too few.
    SpecificationError
        If `panel` is not a Panel, or W not a Weights.
    """
    panel, spec = as_panel(panel), specification
    weights, apart = as_weights(weights).align(panel.units), error_weights is not None
    wrong = {"error_weights": apart and not spec.has_spatial_error}
    refuse(errors.SpecificationError, SAYS, wrong, spec=spec)
    other = as_weights(error_weights).align(panel.units) if apart else weights
    filters = spec.has_spatial_lag or spec.has_spatial_error or spec.space_time_lag
    sums = spec.is_transformed or spec.is_corrected
    for w in dict.fromkeys((weights, other)) if spec.uses_weights else ():
        w.require_neighbours()
        if filters and spec.has_time_effects and sums:
            w.require_row_standardised(SAYS["transformed" if spec.is_transformed else "corrected"])
    skip, end, outcome = spec.longest_lag, panel.n_periods, spec.outcome
    _check_size(panel, spec, skip)
    values = {outcome: panel.values(outcome)}
    values |= {term.contemporary: term_values(panel, term) for term in spec.terms}
    in_space, operator = (Term(outcome), *spec.durbin_terms), operator_of(weights)
    lagged = _LAGGED.setdefault(panel, WeakKeyDictionary()).setdefault(operator, {})
    if new := [t for t in dict.fromkeys(t.contemporary for t in in_space) if t not in lagged]:
        found = operator.lag(np.concatenate([values[name] for name in new]))
        lagged.update(zip(new, found.reshape(len(new), -1, operator.n), strict=True))
    y, wy = values[outcome][skip:], lagged[outcome][skip:]
    columns: dict[str, FloatArray] = {}
    if spec.time_lag:
        columns[f"L.{outcome}"] = values[outcome][skip - 1 : -1]
    if spec.space_time_lag:
        columns[f"W.L.{outcome}"] = lagged[outcome][skip - 1 : -1]
    if spec.effects in ("none", "random"):
        columns["const"] = np.ones_like(y)
    for prefix, terms, source in (("", spec.terms, values), ("W.", spec.durbin_terms, lagged)):
        for t in terms:
            columns[f"{prefix}{t}"] = source[t.contemporary][skip - t.lag : end - t.lag]
    z = np.stack(list(columns.values()), axis=-1)
    return Design(y, wy, z, tuple(columns), panel, spec, weights, other)


def _check_size(panel: Panel, spec: Specification, skip: int) -> None:
    left, cities = panel.n_periods - skip, panel.n_units
    least = 2 if spec.has_unit_effects or spec.is_random or spec.is_dynamic else 1
    # A lower bound on what is estimated, before the arrays are built.
    fixed = (cities - 1) * spec.has_unit_effects + (left - 1) * spec.has_time_effects
    asked = len(spec.terms) + len(spec.durbin_terms) + spec.time_lag + spec.space_time_lag
    few = cities * left <= fixed + asked + spec.has_spatial_lag + spec.has_spatial_error + 1
    wrong = {"periods": left < least, "units": cities < 2, "many": few}
    words = {"panel": panel, "left": max(left, 0), "least": least, "asked": asked}
    refuse(errors.SampleSizeError, SAYS, wrong, spec=spec, **words)


def problem_of(design: Design) -> Problem:
    """Remove the effects and state the effective sample sizes.

    Raises
    ------
    ConstantOutcomeError
    CollinearityError
    """
    spec, fixed = design.specification, design.specification.fixed_effects
    years, cities = design.y.shape
    raw = np.concatenate([design.z, design.y[..., None], design.wy[..., None]], axis=-1)
    columns = lagged = within(raw, fixed)
    if spec.within_order == "demean-first":
        columns[..., -1] = design.operator.lag(columns[..., -2])
    process = operator_of(design.error_weights) if spec.has_spatial_error else None
    if process is not None:
        first = spec.within_order == "weights-first"
        source, lagged = raw if first else columns, np.zeros_like(raw)
        count = raw.shape[-1] - (not spec.has_spatial_lag)  # without rho W y is of no account
        lagged[..., :count] = process.lag(source[..., :count])
        lagged = within(lagged, fixed) if first else lagged
    centred = spec.is_transformed and spec.has_time_effects
    problem = Problem(
        columns,
        lagged,
        design.names,
        lag_operator=design.operator if spec.has_spatial_lag else None,
        error_operator=process,
        dynamic_operator=design.operator if spec.is_dynamic else None,
        units=cities - centred,
        periods=years - (spec.is_transformed and spec.has_unit_effects and not spec.is_dynamic),
        centred=centred,
        random=spec.is_random,
    )
    with np.errstate(over="ignore", under="ignore"):
        rows = raw.reshape(-1, raw.shape[-1])
        scales = np.sqrt(np.einsum("ij,ij->j", rows, rows))
    _check_rank(problem, scales, spec.effects)
    return problem


def _check_rank(problem: Problem, raw_scale: FloatArray, effects: str) -> None:
    """Refuse a constant outcome and regressors without independent variation."""
    (low, high), k = _SCALES, len(problem.names)
    for name, size in zip((*problem.names, "the outcome"), raw_scale, strict=False):
        if size > 0 and not low < size < high:
            refuse(errors.EstimationError, SAYS, {"scale": True}, name=name, size=size)
    r = np.concatenate(problem.triangles)[:, : k + 1]
    norms = np.linalg.norm(r, axis=0)
    spread = np.linalg.norm(problem.y - problem.y.mean()) if "const" in problem.names else norms[k]
    still = spread <= _ZERO * raw_scale[k]
    refuse(errors.ConstantOutcomeError, SAYS, {"constant": still}, effects=effects)
    names = np.array(problem.names, dtype=object)
    flat = norms[:k] <= _ZERO * np.maximum(raw_scale[:k], np.finfo(float).tiny)
    refuse(errors.CollinearityError, SAYS, {"flat": names[flat]}, effects=effects)
    r = r[:, :k] / norms[:k]
    tail = np.abs(np.diag(r if len(problem.triangles) == 1 else np.linalg.qr(r, mode="r")))
    if tail.size < k or (tail <= _DEPENDENT).any():
        at = int(np.argmin(tail)) if tail.size == k else len(tail)
        others = np.abs(np.linalg.lstsq(r[:, :at], r[:, at])[0]) / norms[:at]
        involved = names[:at][others > 1e-8 * others.max()]
        wrong = {"dependent": involved}
        refuse(errors.CollinearityError, SAYS, wrong, name=names[at], effects=effects)
