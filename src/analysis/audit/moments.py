"""Descriptive statistics against one another, against the sample and against the coefficients."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pandas as pd

from analysis.audit.finding import Finding, checked
from analysis.audit.table import cell, place, require
from analysis.errors import AuditTableError
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
    require(table, MOMENTS, "spread")
    for _, row in table.iterrows():
        mean, sd, low, high = (cell(row, name) for name in MOMENTS)
        if mean is None or sd is None or low is None or high is None:
            continue
        count = n or _observations(row)
        where = place(row)
        if low.interval.lower > mean.interval.upper or mean.interval.lower > high.interval.upper:
            yield Finding(
                "shown", "secondary", "spread", where, f"mean {mean}, range {low} to {high}",
                f"mean within {low} to {high}", "min <= mean <= max",
                f"The mean {mean} lies outside the range {low} to {high}.",
            )  # fmt: skip
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
        yield Finding(
            "shown", "secondary", "spread", where,
            f"standard deviation {sd} (mean {mean}, range {low} to {high})",
            f"{bounds:.4f}",
            f"sqrt(({high} - {mean}) ({mean} - {low}) n/(n-1)) <= {bhatia:.4f} "
            f"(Bhatia and Davis); half the range {popoviciu:.4f} (Popoviciu); "
            f"at least {least:.4f}; n = {count}",
            f"No {count} numbers between {low} and {high} with mean {mean} have a standard "
            f"deviation of {sd}; it can be {'at most' if too_large else 'no less than'} "
            f"{bhatia if too_large else least:.3f}."
            + (f" A decimal point moved by {abs(shifted[0])} would make it possible."
               if shifted else ""),
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
    if number is None or number.value < 2 or number.value % 1:
        raise AuditTableError(
            f"{place(row)}: the number of observations is needed; fill the column "
            "'observations' with whole numbers above 1"
        )
    return int(number.value)


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
    require(table, ["term", *MOMENTS], "natural units")
    for _, row in table.iterrows():
        term = str(row["term"])
        allowed = (bounds or {}).get(term)
        mean, sd, low, high = (cell(row, name) for name in MOMENTS)
        if mean is None or sd is None or low is None or high is None:
            continue
        if term not in logs and allowed is None:
            continue
        ends = [math.exp(x.value) if term in logs else x.value for x in (low, high)]
        out = allowed is not None and not (allowed.contains(ends[0]) and allowed.contains(ends[1]))
        times = ends[1] / (math.exp(mean.value) if term in logs else mean.value)
        far = (high.value - mean.value) / sd.value
        n = printed(row.get("observations", ""))
        share = far**2 * n.value / (n.value - 1) ** 2 if n is not None else math.nan
        yield Finding(
            *(("likely", "secondary") if out else ("none", "none")), "natural units",
            place(row), f"{low} to {high}", f"{ends[0]:.4g} to {ends[1]:.6g}",
            ("exp of the printed extremes; " if term in logs else "")
            + f"the maximum is {times:.1f} times the {'geometric ' * (term in logs)}mean and "
            f"lies {far:.1f} standard deviations above it"
            + (f", {share:.0%} of the sum of squares" if share > 0.25 else ""),
            f"{term} runs from {ends[0]:.4g} to {ends[1]:.6g} in its own unit"
            + (f", outside {allowed:.4g}." if out else "."),
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
    number = printed(printed_n, where)
    usable = cities * (years - lags)
    if number is None or number.interval.contains(usable):
        return []
    return [
        Finding(
            "shown", "secondary", "observations", where, number.text, str(usable),
            f"{cities} x ({years} - {lags}) = {usable}",
            f"{cities} cities and {years} years with {lags} lost to lags give {usable} "
            f"observations, not {number}.",
        )
    ]  # fmt: skip


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
    numbers = [[printed(value, name) for value in texts[name]] for name in columns]
    if any(number is None for column in numbers for number in column):
        return
    values = np.array([[number.value for number in column if number] for column in numbers]).T
    unit = np.array([min(number.unit for number in column if number) for column in numbers])
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
        shown = ", ".join(f"{name} {texts.iloc[position][name]}" for name in columns)
        yield Finding(
            "likely", "slight", "repeated row",
            f"{place(table.iloc[twin])} and {place(table.iloc[position])}", shown, "",
            f"{pairs:.0f} pairs over about {cells:.3g} distinguishable rows: "
            f"{chance:.2g} coincidences expected",
            "Two rows agree in every digit, which chance seldom does.",
            values={"chance": chance},
        )  # fmt: skip


def units(
    estimates: pd.DataFrame, descriptives: pd.DataFrame, model: str, n: int,
    factor: float = 20.0,
) -> list[Finding]:  # fmt: skip
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
    sd = {str(row["term"]): cell(row, "std_dev") for _, row in descriptives.iterrows()}
    rows, bounds = [], []
    for _, row in estimates[estimates["model"].astype(str) == model].iterrows():
        deviation, error = sd.get(str(row["term"])), cell(row, "std_error")
        if deviation is not None and error is not None and error.value > 0:
            rows.append((place(row), error, deviation))
            bounds.append((error.positive * deviation.positive).upper * math.sqrt(n))
    if len(rows) < 3:
        return []
    usual = float(np.median(sorted(bounds)[len(bounds) // 2 :])) / factor
    others = min(bound for bound in bounds if bound >= usual)
    listing = "; ".join(
        f"{where.split(', ')[-1]} {bound:.3g}"
        for (where, _, _), bound in zip(rows, bounds, strict=True)
    )
    low = [
        (where, error, deviation, bound)
        for (where, error, deviation), bound in zip(rows, bounds, strict=True)
        if bound < usual
    ]
    if not low:
        return []
    names = [where.split(", ")[-1] for where, *_ in low]
    return [
        Finding(
            "likely", "secondary", "units", f"{low[0][0].rpartition(', ')[0]}: {', '.join(names)}",
            "; ".join(f"standard error {error}, sd of the regressor {deviation}"
                      for _, error, deviation, _ in low),
            f"sigma at most {', '.join(f'{bound:.3g}' for *_, bound in low)}; the other rows allow "
            f"at most {others:.3g}",
            f"se x sd x sqrt(n), n = {n}: {listing}",
            f"With the printed spread of {' and '.join(names)} the standard errors would need a "
            f"residual standard deviation of {max(bound for *_, bound in low):.3g} or less, where the "
            f"other rows together allow {others:.3g}: such a regressor seems to have entered the "
            "model in another unit.",
            values={"others": others, "most": max(bound for *_, bound in low)},
        )
    ]  # fmt: skip
