"""The balanced panel of units and periods that every estimator takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import errors
from analysis.errors import did_you_mean, listed, told_apart
from analysis.resources import declared, refuse

Effects = Literal["none", "individual", "time", "two-way"]
FloatArray = NDArray[np.float64]

_KEYS = {"unit": ("unit", "city"), "period": ("period", "year")}
"""Names under which the keys of a frame are looked for where none are given."""

SAYS = declared("analysis", "refusals.toml")["panel"]


def _floats(column: pd.Series, what: str) -> pd.Series:
    """A column as floats, missing where a cell is no number."""
    kind = "M" if isinstance(column.dtype, pd.PeriodDtype) else column.dtype.kind
    refuse(errors.PanelError, SAYS, {kind: kind in "Mmc"}, what=what, column=column)
    try:
        found = pd.to_numeric(column, errors="coerce")
    except (TypeError, ValueError, OverflowError):  # intervals, or whole numbers of 400 digits
        found = column
    numeric = found.dtype.kind in "biuf"
    return found.astype("float64") if numeric else pd.Series(np.nan, column.index)


def numbers(column: pd.Series, source: str = "panel", gaps: bool = False) -> pd.Series:
    """A column as floats, each finite.

    Parameters
    ----------
    column : Series
    source : str
        Named in messages.
    gaps : bool
        Whether what is missing may stay so.

    Raises
    ------
    PanelError
        If the column holds dates, durations or complex numbers.
    NonFiniteError
        If a value is missing, infinite or not a number.

    Examples
    --------
    >>> numbers(pd.Series(["1", 2, None], dtype=object), gaps=True).tolist()
    [1.0, 2.0, nan]
    """
    if column.dtype == "float64" and np.isfinite(column.to_numpy()).all():
        return column
    what = f"{source}: column {column.name!r}"
    found = _floats(column, what)
    bad = ~np.isfinite(found.to_numpy()) & ~(column.isna().to_numpy() & gaps)
    keys = " and ".join(str(name) for name in column.index.names if name) or "row"
    refuse(errors.NonFiniteError, SAYS, {"number": where(column[bad])}, what=what, keys=keys)
    return found


def labels(index: pd.Index) -> list[str]:
    """Keys of rows as a message writes them."""
    return [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in index]


def where(wrong: pd.Series, form: str = "") -> list[str]:
    """Places of a series as a message writes them, each with its value."""
    cells = zip(labels(wrong.index), wrong, strict=True)
    return [f"{place} ({value:{form}})" for place, value in cells]


def present(frame: pd.DataFrame, names: Iterable[Any], source: str = "panel") -> list[Any]:
    """The names, each of which is one column of the frame.

    Raises
    ------
    SpecificationError
        If it is no frame.
    PanelError, MissingColumnError
        If a column occurs twice, or one that is asked for is absent.
    """
    refuse(errors.SpecificationError, SAYS, {"frame": not isinstance(frame, pd.DataFrame)},
           source=source, frame=frame)  # fmt: skip
    columns, names = frame.columns, list(names)
    wrong = {
        "levels": columns.nlevels > 1,
        "twice": columns.has_duplicates and columns[columns.duplicated()].unique(),
    }
    refuse(errors.PanelError, SAYS, wrong, source=source, columns=columns)
    if absent := [name for name in names if name not in columns]:
        words = {"hint": did_you_mean(absent[0], columns), "known": listed(columns, 30)}
        refuse(
            errors.MissingColumnError,
            SAYS,
            {"absent": [*map(repr, absent)]},
            source=source,
            **words,
        )
    return names


def holes(periods: Iterable[int]) -> list[str]:
    """Periods that are missing between the first and the last, each run of them as one.

    Examples
    --------
    >>> holes([2003, 2005, 2009])
    ['2004', '2006-2008']
    """
    return [
        f"{before + 1}" if after == before + 2 else f"{before + 1}-{after - 1}"
        for before, after in pairwise(periods)
        if after > before + 1
    ]


Data = TypeVar("Data", pd.DataFrame, pd.Series)


def measured(
    data: Data, source: str = "data", columns: Sequence[str] | None = None, gaps: bool = False
) -> Data:
    """Numbers by unit and period, in any order and with rows missing: the door of all frames.

    Parameters
    ----------
    data : DataFrame or Series
        With the keys that :func:`keyed` reads.
    source : str
        Named in messages.
    columns : sequence of str, optional
        Columns that must be numbers; all by default.
    gaps : bool
        Whether cells may be missing.

    Returns
    -------
    DataFrame or Series
        In the order of the rows, indexed by unit and period, with floats in `columns`.

    Raises
    ------
    SpecificationError
        If it is neither.
    MissingColumnError, PanelError, DuplicateObservationError
        As for :meth:`Panel.from_frame`.
    NonFiniteError
        As for :func:`numbers`.
    """
    known = isinstance(data, pd.DataFrame | pd.Series)
    refuse(errors.SpecificationError, SAYS, {"indexed": not known}, source=source, data=data)
    if isinstance(data, pd.Series):
        frame = data.to_frame("values" if data.name is None else data.name)
        return measured(frame, source, columns, gaps).iloc[:, 0].rename(data.name)
    frame = keyed(data, source=source)
    for column in present(frame, frame.columns if columns is None else columns, source):
        frame[column] = numbers(frame[column], source, gaps)
    return frame


def as_panel(data: Panel | pd.DataFrame) -> Panel:
    """Return a panel as it is, and make one of a frame (:meth:`Panel.from_frame`).

    Raises
    ------
    SpecificationError
        If it is neither.
    PanelError
        If the frame is no balanced panel.
    """
    known = isinstance(data, Panel | pd.DataFrame)
    refuse(errors.SpecificationError, SAYS, {"kind": not known}, data=data)
    return data if isinstance(data, Panel) else Panel.from_frame(data)


def value_of_each(
    values: pd.Series | Mapping[Any, Any], what: str, units: pd.Index, error: type[Exception]
) -> pd.Series:
    """One value for each of the units, from a series indexed by unit, or by unit and period.

    Parameters
    ----------
    values : Series or mapping
        A unit may occur more than once with the same value, as in a frame of units and periods.
    what : str
        What the values are, for messages.
    units : Index
        Its name says which level of the index holds the units; else that is one called unit or
        city, or the first.
    error : type
        Raised where a unit has no value.

    Returns
    -------
    Series
        In the order of the units.

    Raises
    ------
    SpecificationError
        If `values` is no series.
    DuplicateObservationError
        If a unit has different values.

    Examples
    --------
    >>> sides = pd.Series(["east", "east", "west"], index=["a", "a", "b"])
    >>> value_of_each(sides, "groups", pd.Index(["b", "a"]), KeyError).to_dict()
    {'b': 'west', 'a': 'east'}
    """
    known = isinstance(values, Mapping | pd.Series)
    refuse(errors.SpecificationError, SAYS, {"mapping": not known}, what=what, values=values)
    values = pd.Series(values)
    named = [n for n in (units.name, *_KEYS["unit"]) if n and n in values.index.names]
    values = values.set_axis(values.index.get_level_values([*named, 0][0]))
    try:
        distinct = values[~pd.MultiIndex.from_arrays([values.index, values]).duplicated()]
    except TypeError as fault:
        raise errors.SpecificationError(SAYS["neither"].format(fault, what=what)) from fault
    several = distinct.index[distinct.index.duplicated()].unique()
    found = [f"{label} ({listed(distinct.loc[label], 2)})" for label in several]
    refuse(errors.DuplicateObservationError, SAYS, {"differ": found}, what=what)
    missing = units.difference(distinct.index[distinct.notna()], sort=False)
    refuse(error, SAYS, {"lacking": told_apart(missing, distinct.index)}, what=what)
    return distinct.loc[units]


def within(values: FloatArray, effects: Effects) -> FloatArray:
    """Remove unit means, period means or both from arrays with axes period and unit first.

    Parameters
    ----------
    values : ndarray, shape (T, N) or (T, N, K)
    effects : {"none", "individual", "time", "two-way"}
        Which means to remove. Demeaning over periods commutes with a spatial lag; demeaning over
        units does not.

    Returns
    -------
    ndarray
        Same shape as `values`.

    Raises
    ------
    SpecificationError
        If `effects` is none of the four.

    Examples
    --------
    >>> within(np.array([[1.0, 2.0], [3.0, 6.0]]), "two-way")
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    axes = {"none": [], "individual": [0], "time": [1], "two-way": [0, 1]}
    wrong = {"effects": effects not in axes}
    refuse(errors.SpecificationError, SAYS, wrong, effects=effects, known=", ".join(axes))
    years, cities = values.shape[:2]
    if 0 in axes[effects]:
        values = values - values.mean(axis=0)
    if 1 in axes[effects]:  # a product, since numpy is slow to sum along the middle of three axes
        means = np.full(cities, 1 / cities) @ values.reshape(years, cities, -1)
        values = values - means.reshape(years, 1, *values.shape[2:])
    return values


def keyed(
    frame: pd.DataFrame, unit: str = "", period: str = "", source: str = "panel"
) -> pd.DataFrame:
    """Check the keys of a long frame, in any order and with holes, and index it by them.

    Parameters
    ----------
    frame : DataFrame
    unit, period : str
        Columns or levels of the index. By default the two levels of the index, unit first, or
        columns called unit or city, and period or year.
    source : str
        Named in messages.

    Returns
    -------
    DataFrame
        Indexed by unit and period, which are whole numbers.

    Raises
    ------
    MissingColumnError, PanelError, DuplicateObservationError
        As for :meth:`Panel.from_frame`.
    """
    present(frame, (), source)
    names = [*frame.index.names, *frame.columns]
    if not (unit or period) and frame.index.nlevels == 2:
        levels = [n or key for n, key in zip(frame.index.names, _KEYS, strict=True)]
        turned = levels[0] in _KEYS["period"] and levels[1] in _KEYS["unit"]
        frame = frame.set_axis(frame.index.set_names(levels), axis=0)
        unit, period = levels[::-1] if turned else levels
    unit = unit or next((n for n in _KEYS["unit"] if n in names), _KEYS["unit"][0])
    year = _KEYS["period"][unit == "city"]
    period = period or next((n for n in _KEYS["period"] if n in names), year)
    if not {unit, period} <= set(frame.columns):
        frame = frame.reset_index(allow_duplicates=True)
        both = frame.columns[frame.columns.duplicated()]
        refuse(errors.PanelError, SAYS, {"both": both}, source=source)
    for key in present(frame, (unit, period), f"{source} (say which by unit=... and period=...)"):
        gaps = frame.index[frame[key].isna()]
        refuse(errors.PanelError, SAYS, {"empty": gaps}, source=source, key=key)
    whole = _floats(frame[period], f"{source}: column {period!r}")
    bad = frame.loc[~(whole.abs() < 2**53) | (whole % 1 != 0), period].unique()
    wrong = {"rows": frame.empty, "whole": bad}
    refuse(errors.PanelError, SAYS, wrong, source=source, period=period)
    frame = frame.assign(**{period: whole.astype("int64")}).set_index([unit, period])
    twice, words = frame.index[frame.index.duplicated()], {"unit": unit, "period": period}
    refuse(errors.DuplicateObservationError, SAYS, {"again": labels(twice)}, source=source, **words)
    return frame


@dataclass(frozen=True, eq=False)
class Panel:
    """A balanced panel of units observed in consecutive periods.

    Build it with :meth:`from_frame`, which checks the data; the constructor itself trusts its
    argument. Variables are read and checked once, whatever the number of fits.

    Attributes
    ----------
    frame : DataFrame
        One row a unit and period, indexed by both under the user's own names, units in order of
        first appearance and periods ascending within each.
    source : str
        Where the data came from, for messages.

    Examples
    --------
    >>> raw = pd.DataFrame({"city": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "y": [1., 2, 3, 4]})
    >>> panel = Panel.from_frame(raw)
    >>> panel.n_units, panel.n_periods, panel.unit, panel.period
    (2, 2, 'city', 'year')
    >>> panel.values("y")
    array([[1., 3.],
           [2., 4.]])
    """

    frame: pd.DataFrame
    source: str = "panel"

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, unit: str = "", period: str = "", source: str = "panel"
    ) -> Panel:
        """Check a long frame and make it a panel.

        Parameters
        ----------
        frame : DataFrame
            One row a unit and period.
        unit, period : str
            Names of the two keys, columns or levels of the index. By default the two levels of the
            index, unit first, or columns called unit or city, and period or year.
        source : str
            Name of the file or table, used in messages.

        Returns
        -------
        Panel

        Raises
        ------
        MissingColumnError
            If a key is absent.
        PanelError
            If a key holds missing values or is both a column and a level of the index, a period is
            not a whole number or there are no rows.
        DuplicateObservationError
            If a unit and period occur twice.
        UnbalancedPanelError
            If one is missing, or periods are not consecutive.
        """
        indexed = keyed(frame, unit, period, source)
        units, periods = indexed.index.unique(0), indexed.index.unique(1).sort_values()
        words = {"source": source, "unit": units.name, "period": periods.name, "n": len(units)}
        refuse(errors.UnbalancedPanelError, SAYS, {"hole": holes(periods)}, **words)
        if absent := len(units) * len(periods) - len(indexed):
            counts = indexed.groupby(level=0, sort=False, observed=True).size()
            short = units[counts < len(periods)][:6]  # a product of all may not fit memory
            rows = pd.MultiIndex.from_product([short, periods[: 10**5]])
            rows = rows.difference(indexed.index, sort=False)[:5]
            told = told_apart(rows.get_level_values(0), units)
            rows = [f"{u} {p}" for u, p in zip(told, rows.get_level_values(1), strict=True)]
            words |= {"absent": absent, "first": periods[0], "last": periods[-1]}
            refuse(errors.UnbalancedPanelError, SAYS, {"missing": rows}, **words)
        return cls(indexed.reindex(pd.MultiIndex.from_product([units, periods])), source)

    @property
    def unit(self) -> str:
        """The user's name for a unit."""
        return str(self.frame.index.names[0])

    @property
    def period(self) -> str:
        """The user's name for a period."""
        return str(self.frame.index.names[1])

    @cached_property
    def units(self) -> pd.Index:
        """Labels of the units, in panel order."""
        return self.frame.index.unique(0)

    @cached_property
    def periods(self) -> pd.Index:
        """Periods, ascending."""
        return self.frame.index.unique(1)

    @property
    def n_periods(self) -> int:
        """Number of periods T."""
        return len(self.periods)

    @property
    def n_units(self) -> int:
        """Number of units N."""
        return len(self.units)

    @property
    def span(self) -> str:
        """The first and the last period, for messages."""
        return f"{self.periods[0]}-{self.periods[-1]}"

    @property
    def columns(self) -> pd.Index:
        """Names of the variables."""
        return self.frame.columns

    @cached_property
    def _arrays(self) -> dict[str, FloatArray]:
        """Variables that have been read, shape (T, N)."""
        return {}

    def __repr__(self) -> str:
        return (
            f"Panel({self.n_units} x {self.unit}, {self.period} {self.span}, "
            f"{len(self.columns)} variables, source={self.source!r})"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"frame": self.frame, "source": self.source}

    def _column(self, name: str) -> pd.Series:
        present(self.frame, [name], self.source)
        return self.frame[name]

    def values(self, name: str) -> FloatArray:
        """One variable as an array.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray, shape (T, N)

        Raises
        ------
        MissingColumnError
            If there is no such column.
        NonFiniteError
            If a value is missing, infinite or not a number.
        PanelError
            If the column holds dates, durations or complex numbers.
        """
        if name not in self._arrays:
            found = numbers(self._column(name), self.source).to_numpy()
            self._arrays[name] = found.reshape(-1, self.n_periods).T
        return self._arrays[name].copy()

    def block(self, names: Sequence[str]) -> FloatArray:
        """Several variables as one array of shape (T, N, K); errors as in :meth:`values`."""
        if not len(names):
            return np.empty((self.n_periods, self.n_units, 0))
        return np.stack([self.values(name) for name in names], axis=-1)

    def series(self, values: NDArray[Any], name: str, periods: pd.Index | None = None) -> pd.Series:
        """Label an array of shape (T, N) by unit and period.

        Parameters
        ----------
        values : ndarray, shape (T, N)
        name : str
        periods : Index, optional
            The periods of the first axis, where they are not all of the panel's.

        Returns
        -------
        Series
            Indexed by unit and period.

        Raises
        ------
        PanelError
            If the array has another shape, such as units down and periods across.
        """
        array, index = np.asarray(values), self.frame.index
        if periods is not None:
            index = pd.MultiIndex.from_product([self.units, periods], names=index.names)
        words = {"shape": array.shape, "expected": (len(index) // self.n_units, self.n_units)}
        wrong = {"shape": words["shape"] != words["expected"]}
        refuse(errors.PanelError, SAYS, wrong, panel=self, name=name, **words)
        return pd.Series(array.T.ravel(), index=index, name=name)

    def cross_section(self, name: str, period: int) -> pd.Series:
        """One variable in one period, indexed by unit; other periods may have gaps.

        Raises
        ------
        PanelError
            If the panel lacks the period.
        MissingColumnError, NonFiniteError
            As for :meth:`values`.
        """
        unknown = period not in self.periods and told_apart([period], self.periods)
        refuse(errors.PanelError, SAYS, {"period": unknown}, panel=self)
        rows = self._column(name).iloc[int(self.periods.get_loc(period)) :: self.n_periods]
        return numbers(rows, self.source).set_axis(self.units)

    def assign(self, **columns: pd.Series | FloatArray) -> Panel:
        """Add or replace variables: arrays of shape (T, N), or series indexed like the frame.

        Raises
        ------
        PanelError
            If an array has another shape, or the index of a series has other rows.
        """
        labelled = {name: self._aligned(column, name) for name, column in columns.items()}
        kept = {name: a for name, a in self._arrays.items() if name not in columns}
        return self._with(self.frame.assign(**labelled), kept)

    def _with(self, frame: pd.DataFrame, arrays: dict[str, FloatArray]) -> Panel:
        """The same panel on another frame, with what has been read of it."""
        panel = replace(self, frame=frame)
        panel._arrays.update(arrays)
        return panel

    def _aligned(self, column: pd.Series | FloatArray, name: str) -> pd.Series:
        if not isinstance(column, pd.Series):
            return self.series(column, name)
        index, its = self.frame.index, column.index
        alike = its.equals(index) or (len(its) == len(index) and set(its) == set(index))
        words = {"rows": len(index), "its": len(its), "label": listed(its, 1)}
        refuse(errors.PanelError, SAYS, {"order": not alike}, panel=self, name=name, **words)
        return column.reindex(index)

    def lag(self, name: str, periods: int = 1) -> pd.Series:
        """One variable `periods` earlier; the first periods are missing.

        Raises
        ------
        SpecificationError
            If `periods` is not a whole number of at least one.
        SampleSizeError
            If the panel is too short.
        """
        whole, words = isinstance(periods, int | np.integer), {"panel": self, "periods": periods}
        refuse(errors.SpecificationError, SAYS, {"lag": not whole or periods < 1}, **words)
        refuse(errors.SampleSizeError, SAYS, {"long": periods >= self.n_periods}, **words)
        label = f"L{periods if periods > 1 else ''}.{name}"
        present_values = self.series(self.values(name), label)
        return present_values.groupby(level=0, sort=False).shift(periods)

    def sub(
        self, units: Iterable[object] | None = None, periods: Iterable[int] | None = None
    ) -> Panel:
        """Keep some units, in the order asked for, and some consecutive periods.

        Raises
        ------
        PanelError
            If a unit or period is not in the panel or nothing is left.
        UnbalancedPanelError
            If the periods are not consecutive.
        """
        places = []
        asked = units, None if periods is None else sorted(periods)
        for wanted, known in zip(asked, (self.units, self.periods), strict=True):
            kept = known if wanted is None else pd.Index(list(wanted))
            lost = told_apart(kept.difference(known, sort=False), known)
            wrong = {"lost": lost, "asked": kept[kept.duplicated()], "left": not len(kept)}
            refuse(errors.PanelError, SAYS, wrong, panel=self, name=known.name)
            places.append(known.get_indexer(kept))
        rows, when = places
        apart = not (np.diff(when) == 1).all() and self.periods[when]
        refuse(errors.UnbalancedPanelError, SAYS, {"apart": apart}, panel=self)
        frame = self.frame.iloc[(rows[:, None] * self.n_periods + when).ravel()]
        return self._with(frame, {n: a[np.ix_(when, rows)] for n, a in self._arrays.items()})

    def within(self, names: Sequence[str], effects: Effects) -> Panel:
        """Remove unit means, period means or both from the named variables."""
        demeaned = within(self.block(names), effects)
        return self.assign(**{name: demeaned[..., k] for k, name in enumerate(names)})
