"""From a panel, a specification and weight matrices to the arrays of one estimation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from analysis.errors import (
    CollinearityError,
    ConstantOutcomeError,
    EstimationError,
    IslandError,
    SampleSizeError,
    SpecificationError,
    listed,
)
from analysis.panel import Panel, as_panel, within
from analysis.spatial.likelihood import Problem
from analysis.spatial.operator import SpatialOperator, operator_of
from analysis.spatial.specification import Specification, term_values
from analysis.weights import Weights, as_weights

FloatArray = NDArray[np.float64]

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
    periods : Index
        The T periods left after lags.
    """

    y: FloatArray
    wy: FloatArray
    z: FloatArray
    names: tuple[str, ...]
    periods: pd.Index
    panel: Panel
    specification: Specification
    weights: Weights
    error_weights: Weights

    @property
    def operator(self) -> SpatialOperator:
        """Operator of the matrix of the spatial lag."""
        return operator_of(self.weights)

    @property
    def error_operator(self) -> SpatialOperator:
        """Operator of the matrix of the error process."""
        return operator_of(self.error_weights)


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
    weights = as_weights(weights).align(panel.units)
    if error_weights is not None and not spec.has_spatial_error:
        raise SpecificationError(
            f"error_weights were given, but model={spec.model!r} has no spatial error; choose 'sem', "
            "'sdem' or 'sac', or leave them out"
        )
    errors = weights if error_weights is None else as_weights(error_weights).align(panel.units)
    for w in dict.fromkeys((weights, errors)) if spec.uses_weights else ():
        _check_weights(w, spec)
    skip = spec.longest_lag
    years = panel.periods[skip:]
    _check_size(panel, spec, skip)
    outcome = panel.values(spec.outcome)
    operator = operator_of(weights)
    y = outcome[skip:]
    columns: dict[str, FloatArray] = {}
    if spec.is_dynamic:
        before = outcome[skip - 1 : -1]
        if spec.time_lag:
            columns[f"L.{spec.outcome}"] = before
        if spec.space_time_lag:
            columns[f"W.L.{spec.outcome}"] = operator.lag(before)
    if spec.effects in ("none", "random"):
        columns["const"] = np.ones_like(y)
    own = {
        str(t): term_values(panel, t)[skip - t.lag : panel.n_periods - t.lag] for t in spec.terms
    }
    columns |= own
    durbin = [str(t) for t in spec.durbin_terms]
    if durbin:
        lagged = operator.lag(np.stack([own[name] for name in durbin], axis=-1))
        columns |= {f"W.{name}": lagged[..., k] for k, name in enumerate(durbin)}
    z = np.stack(list(columns.values()), axis=-1)
    return Design(y, operator.lag(y), z, tuple(columns), years, panel, spec, weights, errors)


def _check_weights(w: Weights, spec: Specification) -> None:
    islands = w.row_sums <= 0
    if islands.any():
        raise IslandError(
            f"{w.name}: without neighbours: {listed(w.units[islands])}; give them neighbours or drop "
            "them from W and panel"
        )
    needs = None
    if spec.has_time_effects and spec.is_transformed:
        needs = "the transformation that removes time effects"
    elif spec.has_time_effects and spec.is_corrected:
        needs = "the bias correction for time effects"
    filters = spec.has_spatial_lag or spec.has_spatial_error or spec.space_time_lag
    if needs and filters:
        w.require_row_standardised(needs)


def _check_size(panel: Panel, spec: Specification, skip: int) -> None:
    years, cities = panel.n_periods - skip, panel.n_units
    least = 2 if spec.has_unit_effects or spec.is_random or spec.is_dynamic else 1
    if years < least:
        raise SampleSizeError(
            f"{panel.source}: {panel.n_periods} periods leave {max(years, 0)} after {skip} for lags; "
            f"{spec.label} needs at least {least}"
        )
    if cities < 2:
        raise SampleSizeError(
            f"{panel.source}: a spatial model needs at least 2 units, not {cities}"
        )
    # A lower bound on what is estimated, before the arrays are built.
    fixed = (cities - 1) * spec.has_unit_effects + (years - 1) * spec.has_time_effects
    asked = len(spec.terms) + len(spec.durbin_terms) + spec.time_lag + spec.space_time_lag
    if cities * years <= fixed + asked + spec.has_spatial_lag + spec.has_spatial_error + 1:
        raise SampleSizeError(
            f"{panel.source}: {cities} x {panel.unit} and {years} x {panel.period} are too "
            f"few for {asked} regressors and {spec.effects} effects; drop regressors or effects"
        )


def problem_of(design: Design) -> Problem:
    """Remove the effects and state the effective sample sizes.

    Raises
    ------
    ConstantOutcomeError
    CollinearityError
    """
    spec = design.specification
    years, cities = design.y.shape

    def without_effects(values: FloatArray) -> FloatArray:
        return within(values, spec.fixed_effects)

    y, z = without_effects(design.y), without_effects(design.z)
    m = design.error_operator.lag if spec.has_spatial_error else np.zeros_like
    if spec.within_order == "weights-first":
        wy = without_effects(design.wy)
        my, mwy = without_effects(m(design.y)), without_effects(m(design.wy))
        mz = without_effects(m(design.z))
    else:
        wy = design.operator.lag(y)
        my, mwy, mz = m(y), m(wy), m(z)
    transformed = spec.is_transformed
    problem = Problem(
        y=y,
        wy=wy,
        my=my,
        mwy=mwy,
        z=z,
        mz=mz,
        names=design.names,
        lag_operator=design.operator if spec.has_spatial_lag else None,
        error_operator=design.error_operator if spec.has_spatial_error else None,
        dynamic_operator=design.operator if spec.is_dynamic else None,
        units=cities - int(transformed and spec.has_time_effects),
        periods=years - int(transformed and spec.has_unit_effects and not spec.is_dynamic),
        centred=transformed and spec.has_time_effects,
        random=spec.is_random,
    )
    with np.errstate(over="ignore", under="ignore"):
        scales = [np.linalg.norm(design.y), *np.linalg.norm(design.z, axis=(0, 1))]
    _check_rank(problem, np.array(scales), spec.effects)
    return problem


def _check_rank(problem: Problem, raw_scale: FloatArray, effects: str) -> None:
    """Refuse a constant outcome and regressors without independent variation."""
    low, high = _SCALES
    for name, size in zip(("the outcome", *problem.names), raw_scale, strict=True):
        if size > 0 and not low < size < high:
            raise EstimationError(
                f"{name} is of the order of {size:.0e}, beyond what sums of squares hold; change its "
                "unit"
            )
    if np.linalg.norm(problem.y - problem.y.mean()) <= _ZERO * raw_scale[0]:
        raise ConstantOutcomeError(
            f"the outcome does not vary once {effects} effects are removed; nothing to explain"
        )
    z = problem.z.reshape(-1, problem.z.shape[-1])
    norms = np.linalg.norm(z, axis=0)
    flat = norms <= _ZERO * np.maximum(raw_scale[1:], np.finfo(float).tiny)
    if flat.any():
        names = [name for name, is_flat in zip(problem.names, flat, strict=True) if is_flat]
        raise CollinearityError(
            f"no variation left after {effects} effects in {listed(names)}: constant over the periods "
            "of each unit, or common to all units; drop them or choose other effects"
        )
    if not len(problem.names):
        return
    r = linalg.qr(z / norms, mode="r", check_finite=False)[0][: len(norms)]
    tail = np.abs(np.diag(r))
    if tail.size < len(norms) or tail.min() <= _DEPENDENT:
        dependent = int(np.argmin(tail)) if tail.size == len(norms) else len(tail)
        others = linalg.lstsq(z[:, :dependent] / norms[:dependent], z[:, dependent])[0]
        involved = [
            problem.names[j] for j in np.flatnonzero(np.abs(others) > 1e-8 * np.abs(others).max())
        ]
        raise CollinearityError(
            f"{problem.names[dependent]} is a linear combination of {listed(involved)}, or nearly, "
            f"after {effects} effects; drop one of them"
        )
