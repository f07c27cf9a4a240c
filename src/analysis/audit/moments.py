"""Descriptive statistics against one another, against the sample and against the coefficients."""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.finding import Finding, checked, found
from analysis.audit.table import SAYS, filled, place, require
from analysis.errors import AuditTableError
from analysis.resources import refuse
from analysis.rounding import Interval, printed

MOMENTS = ("mean", "std_dev", "min", "max")


@checked
def spread(table: pd.DataFrame, n: int | None = None) -> Iterator[Finding]:
    """Check standard deviations against mean, minimum, maximum and sample size.

    Parameters
    ----------
    table : DataFrame
        Columns ``mean``, ``std_dev``, ``min``, ``max`` as printed, and ``observations`` unless `n`
        is given.
    n : int, optional
        Number of observations.

    Returns
    -------
    list of Finding
        One where no sample with this mean and range has this standard deviation.

    Notes
    -----
    Upper bound: (max - mean)(mean - min) n / (n - 1) (Bhatia and Davis 2000), which is at most
    (max - min)^2 / 4 n / (n - 1) (Popoviciu 1935). Lower bound: one observation at either end and
    the others at the value that keeps the mean.

    Examples
    --------
    >>> table = pd.DataFrame({"term": ["x"], "observations": ["680"], "mean": ["0.034"],
    ...                       "std_dev": ["0.529"], "min": ["0.001"], "max": ["0.419"]})
    >>> spread(table)[0].recomputed
    '0.0148 to 0.1146'
    """
    for row, mean, sd, low, high in filled(table, "spread", *MOMENTS):
        where = place(row)
        number = printed(row.get("observations"), f"{where}, column observations")
        size = n or (number.value if number else 0.0)
        refuse(AuditTableError, SAYS, {"sample": size < 2 or size % 1}, where=where)
        count = int(size)
        shown: dict[str, Any] = {"mean": mean, "sd": sd, "low": low, "high": high, "n": count}
        if low.interval.lower > mean.interval.upper or mean.interval.lower > high.interval.upper:
            yield found("outside", where, **shown)
            continue
        above, below = high.interval - mean.interval, mean.interval - low.interval
        above, below = (Interval(max(x.lower, 0.0), x.upper) for x in (above, below))
        scale = count / (count - 1)
        bhatia = math.sqrt(above.upper * below.upper * scale)
        popoviciu = (high.interval.upper - low.interval.lower) / 2 * math.sqrt(scale)
        least = math.sqrt(_least_squares(above, below, count) / (count - 1))
        bounds = Interval(min(least, bhatia), bhatia)
        if bounds.overlaps(sd.positive):
            continue
        shifted = [k for k in (-3, -2, -1, 1, 2, 3) if bounds.contains(sd.value * 10.0**k)]
        bound = f"at most {bhatia:.3f}" if sd.value > bhatia else f"no less than {least:.3f}"
        yield found(
            "spread", where, ends=["shifted"] if shifted else [], bounds=bounds, least=least,
            places=abs(shifted[0]) if shifted else 0, bound=bound, **shown,
            values={"lower": bounds.lower, "upper": bhatia, "popoviciu": popoviciu},
        )  # fmt: skip


def _least_squares(above: Interval, below: Interval, n: int) -> float:
    """Least sum of squares about the mean with one value at each end of the range."""
    if n <= 2:
        return above.lower**2 + below.lower**2
    # convex in the two distances, so the least lies where one is at its lower end
    ends = []
    for low, other in ((above.lower, below), (below.lower, above)):
        best = min(max(low / (n - 1), other.lower), other.upper)
        ends.append(low**2 + best**2 + (low - best) ** 2 / (n - 2))
    return min(ends)


@checked
def natural_units(
    table: pd.DataFrame, logs: Collection[str], bounds: Mapping[str, Interval] | None = None
) -> Iterator[Finding]:
    """Extremes of variables in the units in which they are measured.

    Parameters
    ----------
    table : DataFrame
        Columns ``term``, ``mean``, ``std_dev``, ``min``, ``max`` as printed.
    logs : collection of str
        Terms that are natural logarithms.
    bounds : mapping of str to Interval, optional
        What each variable can be, in its natural units, by what is known outside the print.

    Returns
    -------
    list of Finding
        One a variable of `logs` or `bounds`: likely an error where an extreme lies outside its
        bounds, else for information.

    Examples
    --------
    >>> table = pd.DataFrame({"term": ["ln"], "mean": ["10.5"], "std_dev": ["0.7"],
    ...                       "min": ["8.4"], "max": ["12.8"]})
    >>> natural_units(table, ["ln"])[0].recomputed
    '4447 to 362217'
    """
    for row, mean, sd, low, high in filled(table, "natural units", *MOMENTS, also=["term"]):
        term = str(row["term"])
        log, allowed = term in logs, (bounds or {}).get(term)
        if not log and allowed is None:
            continue
        *ends, centre = (float(np.exp(x.value)) if log else x.value for x in (low, high, mean))
        out = allowed is not None and not all(map(allowed.contains, ends))
        times = ends[1] / centre if centre else math.inf
        far = (high.value - mean.value) / sd.value if sd.value else math.inf
        n = printed(row.get("observations", ""))
        share = far**2 * n.value / (n.value - 1) ** 2 if n is not None else math.nan
        yield found(
            "natural units", place(row), out, ends=["out" if out else "inside"], low=low, high=high,
            bounds=ends, exp="exp of the printed extremes; " if log else "", times=times, far=far,
            geometric="geometric " * log, term=term, allowed=allowed,
            squares=f", {share:.0%} of the sum of squares" if share > 0.25 else "",
            values={"lowest": ends[0], "highest": ends[1], "times_mean": times, "share": share},
        )  # fmt: skip


def largest_share(mean: float, std_dev: float, at: float) -> float:
    """Return the most of a variable that can lie at or above a value over its mean (Cantelli).

    Examples
    --------
    >>> round(largest_share(1.361, 0.939, 3.354), 3)
    0.182
    """
    return 1 / (1 + ((at - mean) / std_dev) ** 2)


@checked
def observations(
    printed_n: object, cities: int, years: int, lags: int = 0, where: str = "observations"
) -> Iterator[Finding]:
    """Check a printed sample size against cities times usable years.

    Examples
    --------
    >>> observations("646", 34, 20, lags=1)
    []
    >>> observations("680", 34, 20, lags=1)[0].recomputed
    '646'
    """
    sizes: dict[str, Any] = {"cities": cities, "years": years, "lags": lags}
    number, usable = printed(printed_n, where), cities * (years - lags)
    if number and not number.interval.contains(usable):
        yield found("observations", where, number=number, usable=usable, **sizes)


@checked
def repeated_rows(table: pd.DataFrame, columns: list[str]) -> Iterator[Finding]:
    """Rows that repeat another in every given column, which chance does in less than 0.001 of the cases.

    Parameters
    ----------
    table : DataFrame
    columns : list of str
        Columns with printed numbers.

    Returns
    -------
    list of Finding

    Notes
    -----
    The expected number of coinciding pairs is pairs / cells, where the cells are the distinct
    printed values that fit in the data's spread, column after column, each counted on what its
    predecessors leave unexplained: correlated columns add few cells.
    """
    numbers = [cells for _, *cells in filled(table, "repeated rows", *columns)]
    if not 1 < len(numbers) == len(table):
        return
    texts = table[columns].astype(str)
    values = np.array([[number.value for number in row] for row in numbers])
    unit = np.array([[number.unit for number in row] for row in numbers]).min(axis=0)
    cells = 1.0
    for k in range(len(columns)):
        known = np.column_stack([np.ones(len(values)), values[:, :k]])
        left = values[:, k] - known @ np.linalg.lstsq(known, values[:, k], rcond=None)[0]
        freedom = max(len(values) - known.shape[1], 1)
        cells *= max(1.0, math.sqrt(12 * float(left @ left) / freedom) / unit[k])
    pairs = len(values) * (len(values) - 1) / 2
    chance = pairs / cells
    if chance > 0.001:
        return
    for position in np.flatnonzero(texts.duplicated().to_numpy()):
        twin = (texts == texts.iloc[position]).all(axis=1).to_numpy().argmax()
        first, again = (place(table.iloc[at]) for at in (twin, position))
        row = texts.iloc[position].rename({"morans_i": "I"})
        yield found(
            "repeated row", f"{first} and {again}", pairs=pairs, cells=cells,
            shown=", ".join(map(" ".join, row.items())), values={"chance": chance},
        )  # fmt: skip


@checked
def units(
    estimates: pd.DataFrame, descriptives: pd.DataFrame, model: str, n: int
) -> Iterator[Finding]:
    """Sizes of standard errors against the printed standard deviations of their regressors.

    Parameters
    ----------
    estimates : DataFrame
        Columns ``model``, ``term``, ``std_error`` as printed.
    descriptives : DataFrame
        Columns ``term`` and ``std_dev`` as printed.
    model : str
    n : int
        Observations of the model.

    Returns
    -------
    list of Finding
        One on all regressors that seem to have entered in another unit than the table of
        descriptives gives.

    Notes
    -----
    In any regression with effects removed, se_k >= sigma / (sd_k sqrt(n)): demeaning and other
    regressors can only shrink the variation of x_k. So each se_k sd_k sqrt(n) is an upper bound of
    the one residual standard deviation sigma, and rows together allow at most the least of theirs.
    Bounds that lie orders of magnitude apart mean that x_k did not enter in the unit described. A
    row is reported if its bound is more than twenty times below the median of the larger half,
    and set against the least bound of the rows that are not.
    """
    require(estimates, ["model", "term"], "units")
    sds = filled(descriptives, "units", "std_dev", also=["term"])
    sd = {str(row["term"]): one for row, one in sds}
    rows, own = [], estimates[estimates["model"].astype(str) == model]
    for row, error in filled(own, "units", "std_error"):
        deviation = sd.get(str(row["term"]))
        if deviation is not None and error.value > 0:
            bound = (error.positive * deviation.positive).upper * math.sqrt(n)
            rows.append((*place(row).rpartition(", ")[::2], error, deviation, bound))
    if len(rows) < 3:
        return
    bounds = [bound for *_, bound in rows]
    usual = float(np.median(sorted(bounds)[len(bounds) // 2 :])) / 20
    others = min(bound for bound in bounds if bound >= usual)
    low = [row for row in rows if row[-1] < usual]
    if low:
        names = [name for _, name, *_ in low]
        shown = "; ".join(f"standard error {e}, sd of the regressor {d}" for _, _, e, d, _ in low)
        yield found(
            "units", f"{low[0][0]}: {', '.join(names)}", shown=shown, n=n,
            least=", ".join(f"{bound:.3g}" for *_, bound in low), names=" and ".join(names),
            listing="; ".join(f"{name} {bound:.3g}" for _, name, _, _, bound in rows),
            values={"others": others, "most": max(bound for *_, bound in low)},
        )  # fmt: skip
