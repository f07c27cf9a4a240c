"""Turning points of quadratic terms, with rounding and sampling error."""

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import pandas as pd

from analysis.audit.finding import Finding, checked, found
from analysis.audit.significance import two_sided
from analysis.audit.table import Estimate, filled, find, require
from analysis.rounding import Interval


def _pairs(table: pd.DataFrame) -> Iterator[tuple[str, str, Estimate, Estimate]]:
    models = table["model"].astype(str) if "model" in table else [""] * len(table)
    for model, rows in table.groupby(models, sort=False):
        rows = rows[~rows["term"].duplicated(keep=False)]
        for term in rows["term"].astype(str):
            linear, quadratic = (find(rows, None, name) for name in (term, term + "^2"))
            if linear is not None and quadratic is not None and quadratic.estimate.value:
                yield str(model), term, linear, quadratic


def totals_table(effects: pd.DataFrame) -> pd.DataFrame:
    """Total effects as the sums of printed direct and indirect ones, as a table of estimates.

    Parameters
    ----------
    effects : DataFrame
        Columns ``table``, ``term``, ``horizon``, ``effect``, ``estimate``, ``std_error``.

    Returns
    -------
    DataFrame
        One row a total, ``model`` being "short-run total" and so on. The standard error is the sum
        of the two, the most that it can be, since their covariance is not printed.
    """
    columns = ["table", "term", "horizon", "effect", "estimate", "std_error"]
    require(effects, columns, "total effects")
    rows = []
    for (horizon, term), pair in effects.groupby(["horizon", "term"], sort=False):
        parts = pair[pair["effect"].isin(["direct", "indirect"])]
        if parts["effect"].nunique() < 2:
            continue
        row = {"table": pair["table"].iloc[0], "model": f"{horizon}-run total", "term": term}
        for name in ("estimate", "std_error"):
            numbers = [number for _, number in filled(parts, "total effects", name)]
            decimals = max(len(number.text.partition(".")[2]) for number in numbers)
            row[name] = f"{sum(number.value for number in numbers):.{decimals}f}"
        rows.append(row)
    return pd.DataFrame(rows)


def _point(linear: Estimate, quadratic: Estimate) -> Interval:
    return -linear.estimate.interval / (quadratic.estimate.interval * 2.0)


def _error(linear: Estimate, quadratic: Estimate, correlation: float) -> float:
    """Delta-method standard error of -b1 / (2 b2)."""
    if linear.error is None or quadratic.error is None:
        return math.nan
    b1, b2 = linear.estimate.value, quadratic.estimate.value
    x, y = linear.error.value / (2 * b2), quadratic.error.value * b1 / (2 * b2**2)
    return math.sqrt(max(x**2 - 2 * correlation * x * y + y**2, 0.0))


@checked
def turning_points(
    table: pd.DataFrame, ranges: Mapping[str, Interval] | None = None
) -> Iterator[Finding]:
    """-b1 / (2 b2) for each pair of a term and its square.

    Parameters
    ----------
    table : DataFrame
        Columns ``term``, ``estimate`` and, where printed, ``model`` and ``std_error``.
    ranges : mapping of str to Interval, optional
        Least and largest value of each linear term in the data.

    Returns
    -------
    list of Finding
        One a pair, for information. The printed table has no covariance, so the standard error is given
        for three correlations of the two estimates; a regressor and its square have one near -1. Whether
        a stated point is one that the rounded coefficients allow says
        :func:`analysis.audit.stated_numbers`, given the ``lower`` and ``upper`` of `values`.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["m", "m"], "term": ["x", "x^2"],
    ...                       "estimate": ["0.550", "-0.082"], "std_error": ["0.173", "0.028"]})
    >>> turning_points(table)[0].recomputed
    '3.354 (3.330 to 3.377)'
    """
    require(table, ["term", "estimate"], "turning points")
    for _, term, linear, quadratic in _pairs(table):
        point = _point(linear, quadratic)
        value = -linear.estimate.value / (2 * quadratic.estimate.value)
        reach = (ranges or {}).get(term, point)
        outside = not reach.overlaps(point)
        errors = {r: _error(linear, quadratic, r) for r in (-0.99, -0.9, 0)}
        listed = ", ".join(f"{error:.2f} at correlation {r}" for r, error in errors.items())
        yield found(
            "turning point", linear.where, False, value=value, interval=point, linear=linear,
            quadratic=quadratic, errors=listed, term=term, reach=reach, ends=["outside"] * outside,
            values={"point": value, "lower": point.lower, "upper": point.upper,
                    "std_error": errors[-0.9], "outside": float(outside)},
        )  # fmt: skip


@checked
def turning_points_apart(
    table: pd.DataFrame, term: str, models: list[str] | None = None, claimed: bool = False,
    correlation: float = -0.9,
) -> Iterator[Finding]:  # fmt: skip
    """Whether the turning points of several models can be told apart at 5 %.

    Parameters
    ----------
    table : DataFrame
        As in :func:`turning_points`, with ``model`` and ``std_error``.
    term : str
        The linear term.
    models : list of str, optional
        All models with the pair of terms without it.
    claimed : bool
        Whether the text ranks them; then pairs that cannot be told apart speak
        against it.
    correlation : float
        Correlation assumed between the two estimates within a model. The estimates of different
        models are taken as independent; models on one sample are not, so this is a guide.

    Returns
    -------
    list of Finding
        One a pair.
    """
    require(table, ["model", "term", "estimate", "std_error"], "turning points")
    known = {m: (x, q) for m, name, x, q in _pairs(table) if name == term}
    for a, b in combinations(models or list(known), 2):
        pairs = known[a], known[b]
        points = [-x.estimate.value / (2 * q.estimate.value) for x, q in pairs]
        errors = [_error(*pair, correlation) for pair in pairs]
        gap, error = points[0] - points[1], math.hypot(*errors)
        p = two_sided(Interval.exactly(gap / error)).middle if error else 0.0
        rounding, apart = _point(*pairs[0]).overlaps(_point(*pairs[1])), p < 0.05
        yield found(
            "turning points apart", f"{a} against {b}, {term}", claimed and not apart, points=points,
            errors=errors, correlation=correlation, a=a, b=b, can="can" if apart else "cannot",
            rounding="overlap" if rounding else "do not overlap",
            values={"difference": gap, "std_error": error, "p": p},
        )  # fmt: skip
