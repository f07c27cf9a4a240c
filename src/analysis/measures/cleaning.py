"""Filling gaps and trimming tails, with the rules said aloud."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import DomainError, GapError, NonFiniteError, SpecificationError
from analysis.measures import SAYS
from analysis.panel import FloatArray, labels, measured, numbers, present
from analysis.resources import refuse

PercentileRule = Literal["stata", "numpy"]

_METHODS: dict[str, Any] = {"stata": "averaged_inverted_cdf", "numpy": "linear"}


def interpolate(
    frame: pd.DataFrame,
    columns: Sequence[str] | None = None,
    source: str = "panel",
    years: Collection[int] | None = None,
) -> pd.DataFrame:
    """Fill gaps linearly on the year axis, inside each city's observed range only.

    Parameters
    ----------
    frame : DataFrame
        Indexed by (unit, year), the unit being a city or a province, or by year alone.
    columns : sequence of str, optional
        Columns to fill; all by default.
    source : str
        Name of the file, for messages.
    years : collection of int, optional
        Years to return; the others only help to fill these. All by default.

    Returns
    -------
    DataFrame
        Sorted by its index; nothing missing in `columns`.

    Raises
    ------
    GapError
        If a gap lies before the first or after the last observed year, where interpolation would
        have to invent a trend.

    Notes
    -----
    Unequal year steps count as they are (``method="index"``), and trailing gaps are not filled
    with the last value, as the default of pandas would do.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2003), ("a", 2004), ("a", 2007)],
    ...                                   names=["city", "year"])
    >>> interpolate(pd.DataFrame({"x": [1.0, np.nan, 5.0]}, index=index))["x"].tolist()
    [1.0, 2.0, 5.0]
    """
    present(frame, columns or (), source)
    levels = frame.index.names
    if not len(frame):
        return frame
    if len(levels) == 1:
        frame = pd.concat({"all": frame}, names=["unit"])
    filled = measured(frame, source, columns, gaps=True).sort_index()
    names = list(filled.columns if columns is None else columns)
    by_unit = filled[names].unstack(0).interpolate(method="index", limit_area="inside")
    filled[names] = by_unit.stack().swaplevel().reindex(filled.index)[names]
    if len(levels) == 1:
        filled = filled.droplevel(0).rename_axis(levels)
    if years is not None:
        filled = filled[filled.index.get_level_values(-1).isin(list(years))]
    for name in names:
        left = labels(filled.index[filled[name].isna()])
        refuse(GapError, SAYS, {"gap": left}, source=source, column=name)
    return filled


def percentile_bounds(
    values: FloatArray, percent: float = 1.0, rule: PercentileRule = "stata"
) -> tuple[float, float]:
    """Lower and upper percentile of a sample.

    Parameters
    ----------
    values : ndarray
        Any shape; what is missing does not count.
    percent : float
        Per cent in each tail, above 0 and below 50.
    rule : {"stata", "numpy"}
        Stata's percentiles average two order statistics where n * percent is whole (numpy's
        ``averaged_inverted_cdf``); numpy's default interpolates between them.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> percentile_bounds(np.arange(1.0, 101), 1)
    (1.5, 99.5)
    >>> percentile_bounds(np.arange(1.0, 101), 1, rule="numpy")
    (1.99, 99.01)
    """
    values = np.asarray(values, dtype=float)
    refuse(SpecificationError, SAYS, {"rule": rule not in _METHODS}, rule=rule)
    refuse(DomainError, SAYS, {"percent": not 0 < percent < 50}, percent=percent)
    refuse(NonFiniteError, SAYS, {"missing": np.isnan(values).all()})
    low, high = np.nanpercentile(values, [percent, 100 - percent], method=_METHODS[rule])
    return float(low), float(high)


def winsorise(
    frame: pd.DataFrame,
    columns: Sequence[str],
    percent: float = 1.0,
    rule: PercentileRule = "stata",
) -> pd.DataFrame:
    """Pull the tails of some columns in to their percentiles, over all rows together.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
    percent, rule
        See :func:`percentile_bounds`.

    Returns
    -------
    DataFrame
        A copy; other columns untouched.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": np.arange(1.0, 101)})
    >>> winsorise(frame, ["x"])["x"].agg(["min", "max"]).tolist()
    [1.5, 99.5]
    """
    trimmed = {}
    for name in present(frame, columns, "panel"):
        values = numbers(frame[name], gaps=True)
        trimmed[name] = values.clip(*percentile_bounds(values.to_numpy(), percent, rule))
    return frame.assign(**trimmed)


def isolated_jumps(frame: pd.DataFrame, column: str, factor: float = 3.0) -> pd.DataFrame:
    """Cells that differ by more than a factor from both the year before and the year after.

    A unit slip in one cell looks like this; a change of level does not.

    Parameters
    ----------
    frame : DataFrame
        Indexed by (city, year).
    column : str
        Positive values.
    factor : float
        At least this many times both neighbours, or at most one over it.

    Returns
    -------
    DataFrame
        One row a suspicious cell: ``before``, ``value``, ``after``, ``ratio`` to the geometric
        mean of the two neighbours.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["a"], range(2003, 2007)], names=["city", "year"])
    >>> isolated_jumps(pd.DataFrame({"x": [1.0, 1.1, 12.0, 1.2]}, index=index), "x")["value"]
    city  year
    a     2005    12.0
    Name: value, dtype: float64
    """
    values = measured(frame, "panel", [column], gaps=True)[column].sort_index()
    log = np.log(values.where(values > 0))
    units, periods = (log.index.get_level_values(level) for level in (0, 1))

    def shifted(by: int) -> pd.Series:
        moved = pd.MultiIndex.from_arrays([units, periods + by], names=log.index.names)
        return log.set_axis(moved).reindex(log.index)

    before, after = shifted(1), shifted(-1)
    up, down = log - before, log - after
    suspicious = (up * down > 0) & (np.minimum(up.abs(), down.abs()) > np.log(factor))
    parts = {"before": before, "value": log, "after": after, "ratio": log - (before + after) / 2}
    return np.exp(pd.DataFrame(parts))[suspicious]
