"""Turning points of quadratic terms, with rounding and sampling error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.audit.finding import Finding
from analysis.audit.significance import two_sided
from analysis.audit.table import Estimate, find, require
from analysis.rounding import Interval, printed


def _pairs(table: pd.DataFrame, square: str) -> list[tuple[str | None, str, Estimate, Estimate]]:
    out = []
    models = table["model"].astype(str).unique() if "model" in table else [None]
    for model in models:
        rows = table if model is None else table[table["model"].astype(str) == model]
        for term in rows["term"].astype(str):
            linear, quadratic = find(rows, None, term), find(rows, None, term + square)
            if linear is not None and quadratic is not None:
                out.append((model, term, linear, quadratic))
    return out


def _point(linear: Estimate, quadratic: Estimate) -> Interval:
    return -linear.estimate.interval / (quadratic.estimate.interval * 2.0)


def _error(linear: Estimate, quadratic: Estimate, correlation: float) -> float:
    """Delta-method standard error of -b1 / (2 b2)."""
    if linear.error is None or quadratic.error is None:
        return math.nan
    b1, b2 = linear.estimate.value, quadratic.estimate.value
    v = np.array([-1 / (2 * b2), b1 / (2 * b2**2)]) * [linear.error.value, quadratic.error.value]
    return float(np.sqrt(max(v @ np.array([[1, correlation], [correlation, 1]]) @ v, 0.0)))


def turning_points(
    table: pd.DataFrame,
    stated: Mapping[tuple[str, str], str] | None = None,
    square: str = "^2",
) -> list[Finding]:
    """-b1 / (2 b2) for each pair of a term and its square.

    Parameters
    ----------
    table : DataFrame
        Columns ``term``, ``estimate`` and, where printed, ``model`` and ``std_error``.
    stated : mapping of (str, str) to str, optional
        Turning points as the text prints them, by model and linear term.
    square : str
        What marks the quadratic term.

    Returns
    -------
    list of Finding
        Moderate where a stated point is none that the rounded coefficients allow, else none. The
        printed table has no covariance, so the standard error is given for three correlations of
        the two estimates; a regressor and its square have one near -1.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["m", "m"], "term": ["x", "x^2"],
    ...                       "estimate": ["0.550", "-0.082"], "std_error": ["0.173", "0.028"]})
    >>> turning_points(table, {("m", "x"): "3.354"})[0].grade
    'none'
    """
    require(table, ["term", "estimate"], "turning points")
    found = []
    for model, term, linear, quadratic in _pairs(table, square):
        if quadratic.estimate.value == 0:
            continue
        point = _point(linear, quadratic)
        value = -linear.estimate.value / (2 * quadratic.estimate.value)
        text = (stated or {}).get((str(model), term))
        said = None if text is None else printed(text, f"stated turning point of {model}")
        off = said is not None and not said.interval.overlaps(point)
        errors = ", ".join(
            f"{_error(linear, quadratic, r):.2f} at correlation {r}" for r in (-0.99, -0.9, 0)
        )
        found.append(
            Finding(
                "moderate" if off else "none", "turning point",
                linear.where, said.text if said else "", f"{value:.3f} ({point:.3f})",
                f"-({linear.estimate}) / (2 x {quadratic.estimate}) = {value:.4f}; "
                f"by rounding {point:.3f}; delta-method standard error {errors}",
                f"The coefficients of {term} turn at {value:.3f}"
                + (f", not at {said}." if off else f", as stated ({said})." if said else "."),
            )
        )  # fmt: skip
    return found


def turning_points_apart(
    table: pd.DataFrame, term: str, models: list[str] | None = None, claimed: bool = False,
    correlation: float = -0.9, square: str = "^2", level: float = 0.05,
) -> list[Finding]:  # fmt: skip
    """Whether the turning points of several models can be told apart.

    Parameters
    ----------
    table : DataFrame
        As in :func:`turning_points`, with ``model`` and ``std_error``.
    term : str
        The linear term.
    models : list of str, optional
        All models with the pair of terms without it.
    claimed : bool
        Whether the text ranks them; then pairs that cannot be told apart are graded slight.
    correlation : float
        Correlation assumed between the two estimates within a model. The estimates of different
        models are taken as independent; models on one sample are not, so this is a guide.
    square : str
    level : float

    Returns
    -------
    list of Finding
        One a pair.
    """
    require(table, ["model", "term", "estimate", "std_error"], "turning points")
    known = {
        str(model): (linear, quadratic)
        for model, name, linear, quadratic in _pairs(table, square)
        if name == term and quadratic.estimate.value
    }
    found = []
    for a, b in combinations(models or list(known), 2):
        points = [-x.estimate.value / (2 * q.estimate.value) for x, q in (known[a], known[b])]
        errors = [_error(x, q, correlation) for x, q in (known[a], known[b])]
        gap, error = points[0] - points[1], math.hypot(*errors)
        p = two_sided(Interval.exactly(gap / error)).middle if error else 0.0
        rounding = _point(*known[a]).overlaps(_point(*known[b]))
        apart = p < level
        found.append(
            Finding(
                "slight" if claimed and not apart else "none", "turning points apart",
                f"{a} against {b}, {term}",
                f"{points[0]:.3f} and {points[1]:.3f}",
                f"difference {gap:.3f} ({error:.3f}), P {p:.3f}",
                f"standard errors {errors[0]:.3f} and {errors[1]:.3f} at correlation "
                f"{correlation}; rounding intervals {'overlap' if rounding else 'do not overlap'}",
                f"The turning points of {a} and {b} "
                + ("can" if apart else "cannot") + f" be told apart at the {level:.0%} level.",
            )
        )  # fmt: skip
    return found
