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
        count, where = n or _observations(row), place(row)
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
        too_large = sd.positive.lower > bhatia
        shifted = [k for k in (-3, -2, -1, 1, 2, 3) if bounds.contains(sd.value * 10.0**k)]
        yield found(
            "spread", where, ends=["shifted"] if shifted else [], bounds=bounds, bhatia=bhatia,
            popoviciu=popoviciu, least=least, places=abs(shifted[0]) if shifted else 0, **shown,
            bound=f"at most {bhatia:.3f}" if too_large else f"no less than {least:.3f}",
            values={"lower": bounds.lower, "upper": bounds.upper, "popoviciu": popoviciu},
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


def _observations(row: pd.Series) -> int:
    number = printed(row.get("observations"), f"{place(row)}, column observations")
    count = number.value if number else 0.0
    refuse(AuditTableError, SAYS, {"sample": count < 2 or count % 1}, where=place(row))
    return int(count)


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


def observations(
    printed_n: object, cities: int, years: int, lags: int = 0, where: str = "observations"
) -> list[Finding]:
    """Check a printed sample size against cities times usable years.

    Examples
    --------
    >>> observations("646", 34, 20, lags=1)
    []
    >>> observations("680", 34, 20, lags=1)[0].recomputed
    '646'
    """
    number, usable = printed(printed_n, where), cities * (years - lags)
    if number is None or number.interval.contains(usable):
        return []
    sizes: dict[str, Any] = {"cities": cities, "years": years, "lags": lags}
    return [found("observations", where, number=number, usable=usable, **sizes)]


@checked
def repeated_rows(
    table: pd.DataFrame, columns: list[str], rarer_than: float = 0.001
) -> Iterator[Finding]:
    """Rows that repeat another in every given column.

    Parameters
    ----------
    table : DataFrame
    columns : list of str
        Columns with printed numbers.
    rarer_than : float
        Report only if fewer coincidences than this are expected by chance.

    Returns
    -------
    list of Finding

    Notes
    -----
    The expected number of coinciding pairs is pairs / cells, where the cells are the distinct
    printed values that fit in the data's spread, column after column, each counted on what its
    predecessors leave unexplained: correlated columns add few cells.
    """
    require(table, columns, "repeated rows")
    texts = table[columns].astype(str)
    if len(table) < 2:
        return
    numbers = [list(cells) for _, *cells in filled(table, "repeated rows", *columns)]
    if len(numbers) < len(table):
        return
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
    if chance > rarer_than:
        return
    for position in np.flatnonzero(texts.duplicated().to_numpy()):
        twin = int(np.flatnonzero((texts == texts.iloc[position]).all(axis=1).to_numpy())[0])
        shown = ", ".join(
            f"{name.replace('morans_i', 'I')} {texts.iloc[position][name]}" for name in columns
        )
        yield found(
            "repeated row", f"{place(table.iloc[twin])} and {place(table.iloc[position])}",
            shown=shown, pairs=pairs, cells=cells, chance=chance, values={"chance": chance},
        )  # fmt: skip


@checked
def units(
    estimates: pd.DataFrame, descriptives: pd.DataFrame, model: str, n: int, factor: float = 20.0
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
    factor : float
        How far below the others a regressor may be before it is reported.

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
    row is reported if its bound is more than `factor` times below the median of the larger half,
    and set against the least bound of the rows that are not.
    """
    require(estimates, ["model", "term", "std_error"], "units")
    require(descriptives, ["term", "std_dev"], "units")
    sd = {str(row["term"]): one for row, one in filled(descriptives, "units", "std_dev")}
    rows, own = [], estimates[estimates["model"].astype(str) == model]
    for row, error in filled(own, "units", "std_error"):
        deviation = sd.get(str(row["term"]))
        if deviation is not None and error.value > 0:
            bound = (error.positive * deviation.positive).upper * math.sqrt(n)
            rows.append((*place(row).rpartition(", ")[::2], error, deviation, bound))
    if len(rows) < 3:
        return
    bounds = [bound for *_, bound in rows]
    usual = float(np.median(sorted(bounds)[len(bounds) // 2 :])) / factor
    others = min(bound for bound in bounds if bound >= usual)
    low = [row for row in rows if row[-1] < usual]
    if low:
        names, most = [name for _, name, *_ in low], max(bound for *_, bound in low)
        shown = "; ".join(f"standard error {e}, sd of the regressor {d}" for _, _, e, d, _ in low)
        yield found(
            "units", f"{low[0][0]}: {', '.join(names)}", shown=shown, others=others, n=n, most=most,
            least=", ".join(f"{bound:.3g}" for *_, bound in low), names=" and ".join(names),
            listing="; ".join(f"{name} {bound:.3g}" for _, name, _, _, bound in rows),
            values={"others": others, "most": most},
        )  # fmt: skip
