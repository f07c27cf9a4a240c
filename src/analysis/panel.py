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

Effects = Literal["none", "individual", "time", "two-way"]
FloatArray = NDArray[np.float64]

_KEYS = {"unit": ("unit", "city"), "period": ("period", "year")}
"""Names under which the keys of a frame are looked for where none are given."""

_NO_NUMBERS = {
    "M": ("dates", "take .dt.year, or the days since a first date"),
    "m": ("durations", "divide by a unit, such as pd.Timedelta(days=1)"),
    "c": ("complex numbers", "take .real or .abs()"),
}
"""Kinds of columns that would turn into numbers of no meaning, and what to do about each."""


def _floats(column: pd.Series, what: str) -> pd.Series:
    """A column as floats, missing where a cell is no number."""
    kind = "M" if isinstance(column.dtype, pd.PeriodDtype) else column.dtype.kind
    if kind in _NO_NUMBERS:
        holds, remedy = _NO_NUMBERS[kind]
        raise errors.PanelError(
            f"{what} holds {holds}, such as {column.iloc[0]}, where numbers are needed: {remedy}"
        )
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
    if (bad := ~np.isfinite(found.to_numpy()) & ~(column.isna().to_numpy() & gaps)).any():
        keys = "each such " + " and ".join(str(n) for n in column.index.names if n) or "them"
        cells = zip(labels(column.index[bad]), column[bad], strict=True)
        raise errors.NonFiniteError(
            f"{what} is not a finite number in {listed(f'{at} ({cell})' for at, cell in cells)}; "
            f"fill or drop {keys} first"
        )
    return found


def labels(index: pd.Index) -> list[str]:
    """Keys of rows as a message writes them."""
    return [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in index]


def present(frame: pd.DataFrame, names: Iterable[Any], source: str = "panel") -> list[Any]:
    """The names, each of which is one column of the frame.

    Raises
    ------
    SpecificationError
        If it is no frame.
    PanelError, MissingColumnError
        If a column occurs twice, or one that is asked for is absent.
    """
    if not isinstance(frame, pd.DataFrame):
        raise errors.SpecificationError(f"{source}: give a DataFrame, not {type(frame).__name__}")
    if frame.columns.nlevels > 1:
        raise errors.PanelError(
            f"{source}: columns of {frame.columns.nlevels} levels; give each one name"
        )
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise errors.PanelError(
            f"{source}: columns that occur twice: {listed(twice)}; drop one of each"
        )
    names = list(names)
    if absent := [name for name in names if name not in frame.columns]:
        raise errors.MissingColumnError(
            f"{source}: no column {listed(map(repr, absent))}"
            f"{did_you_mean(absent[0], frame.columns)}; it has {listed(frame.columns, 30)}"
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
    if not isinstance(data, pd.DataFrame | pd.Series):
        raise errors.SpecificationError(
            f"{source}: must be indexed by unit and period, is a {type(data).__name__}"
        )
    if isinstance(data, pd.Series):
        frame = data.to_frame("values" if data.name is None else data.name)
        return measured(frame, source, columns, gaps).iloc[:, 0].rename(data.name)
    frame, unit, period = keyed(data, source=source)
    frame = frame.set_index([unit, period])
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
    if not isinstance(data, Panel | pd.DataFrame):
        raise errors.SpecificationError(
            f"panel must be a Panel or a DataFrame, not {type(data).__name__}; see Panel.from_frame"
        )
    return data if isinstance(data, Panel) else Panel.from_frame(data)


def by_unit(values: pd.Series | Mapping[Any, Any], what: str, unit: str = "") -> pd.Series:
    """One value a unit from a series indexed by unit, or by unit and period.

    Parameters
    ----------
    values : Series or mapping
        A unit may occur more than once with the same value, as in a frame of units and periods.
    what : str
        What the values are, for messages.
    unit : str
        The level of the index that holds the units; the first one, or one called unit or city, by
        default.

    Returns
    -------
    Series
        Indexed by unit, each once.

    Raises
    ------
    SpecificationError
        If `values` is no series.
    DuplicateObservationError
        If a unit has different values.

    Examples
    --------
    >>> by_unit(pd.Series(["east", "east", "west"], index=["a", "a", "b"]), "groups").to_dict()
    {'a': 'east', 'b': 'west'}
    """
    if not isinstance(values, Mapping | pd.Series):
        raise errors.SpecificationError(
            f"{what}: must be a Series indexed by unit, or a dict, not {type(values).__name__}"
        )
    values = pd.Series(values)
    if values.index.nlevels > 1:
        named = [n for n in (unit, *_KEYS["unit"]) if n in values.index.names]
        values = values.set_axis(values.index.get_level_values(named[0] if named else 0))
    try:
        distinct = values[~pd.MultiIndex.from_arrays([values.index, values]).duplicated()]
    except TypeError as error:
        raise errors.SpecificationError(
            f"{what}: a value that is neither text nor number ({error})"
        ) from error
    if len(several := distinct.index[distinct.index.duplicated()].unique()):
        found = (f"{label} ({listed(distinct.loc[label], 2)})" for label in several)
        raise errors.DuplicateObservationError(
            f"{what}: more than one value for {listed(found, 3)}; give one value each"
        )
    return distinct


def value_of_each(
    values: pd.Series | Mapping[Any, Any], what: str, units: pd.Index, error: type[Exception]
) -> pd.Series:
    """One value for each of the units, in their order; `error` names those without one."""
    found = by_unit(values, what, str(units.name))
    if len(missing := units.difference(found.index[found.notna()], sort=False)):
        raise error(
            f"{what}: no value for {listed(told_apart(missing, found.index))}; give each one"
        )
    return found.loc[units]


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
    if effects not in axes:
        raise errors.SpecificationError(
            f"effects={effects!r} is unknown; choose from {listed(axes)}"
        )
    for axis in axes[effects]:
        values = values - values.mean(axis=axis, keepdims=True)
    return values


def keyed(
    frame: pd.DataFrame, unit: str = "", period: str = "", source: str = "panel"
) -> tuple[pd.DataFrame, str, str]:
    """Check the keys of a long frame, in any order and with holes, and make them columns.

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
    frame : DataFrame
        With whole numbers in the column of the periods.
    unit, period : str
        The names of the keys.

    Raises
    ------
    MissingColumnError, PanelError, DuplicateObservationError
        As for :meth:`Panel.from_frame`.
    """
    both = [name for name in frame.index.names if name is not None and name in frame.columns]
    present(frame, (), source)
    names = [*frame.index.names, *frame.columns]
    if not (unit or period) and frame.index.nlevels == 2:
        levels = [n or key for n, key in zip(frame.index.names, _KEYS, strict=True)]
        turned = levels[0] in _KEYS["period"] and levels[1] in _KEYS["unit"]
        frame = frame.set_axis(frame.index.set_names(levels), axis=0)
        unit, period = levels[::-1] if turned else levels
    unit = unit or next((n for n in _KEYS["unit"] if n in names), _KEYS["unit"][0])
    period = period or next(
        (n for n in _KEYS["period"] if n in names), _KEYS["period"][unit == "city"]
    )
    if unit not in frame.columns or period not in frame.columns:
        if both:
            raise errors.PanelError(
                f"{source}: both a column and a level of the index: {listed(both)}; drop one"
            )
        try:
            frame = frame.reset_index()
        except ValueError as error:
            raise errors.PanelError(
                f"{source}: levels of the index: {error}; drop one of each"
            ) from error
    for key in present(frame, (unit, period), f"{source} (say which by unit=... and period=...)"):
        if (gaps := frame[key].isna()).any():
            rows = listed(frame.index[gaps])
            raise errors.PanelError(f"{source}: column {key!r} is empty in row {rows}")
    if frame.empty:
        raise errors.PanelError(f"{source}: no rows")
    whole = _floats(frame[period], f"{source}: column {period!r}")
    if len(bad := frame.loc[~(whole.abs() < 2**53) | (whole % 1 != 0), period]):
        raise errors.PanelError(
            f"{source}: column {period!r} holds {listed(bad.unique())}; periods must be whole numbers"
        )
    frame = frame.assign(**{period: whole.astype("int64")})
    if len(twice := frame.loc[frame.duplicated([unit, period]), [unit, period]]):
        pairs = listed(f"{u} {p}" for u, p in twice.itertuples(index=False))
        raise errors.DuplicateObservationError(
            f"{source}: more than one row for {pairs}; keep one row a {unit} and {period}"
        )
    return frame, unit, period


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
        frame, unit, period = keyed(frame, unit, period, source)
        units = pd.Index(frame[unit].unique(), name=unit)
        periods = pd.Index(np.sort(frame[period].unique()), name=period)
        if gaps := holes(periods):
            raise errors.UnbalancedPanelError(
                f"{source}: no {unit} is observed in {period} {listed(gaps)}; the {period} column "
                "must be consecutive, or lags would reach over the hole"
            )
        indexed = frame.set_index([unit, period])
        if absent := len(units) * len(periods) - len(frame):
            counts = frame[unit].value_counts(sort=False)
            short = units[counts.reindex(units) < len(periods)][:6]  # a product may not fit memory
            all_rows = pd.MultiIndex.from_product([short, periods[: 10**5]])
            missing = all_rows.difference(indexed.index, sort=False)[:5]
            labels = told_apart(missing.get_level_values(0), units)
            rows = [f"{u} {p}" for u, p in zip(labels, missing.get_level_values(1), strict=True)]
            rest = f" and {absent - 5} more" if absent > 5 else ""
            raise errors.UnbalancedPanelError(
                f"{source}: no row for {', '.join(rows)}{rest}; each {unit}, of {len(units)}, needs "
                f"each {period} {periods[0]}-{periods[-1]}. Add the rows, or drop the {unit} or the "
                f"{period} from the panel"
            )
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
        index = self.frame.index
        return index.levels[0].take(index.codes[0][:: self.n_periods])

    @cached_property
    def periods(self) -> pd.Index:
        """Periods, ascending."""
        index = self.frame.index
        return index.levels[1].take(index.codes[1][: self.n_periods]).astype("int64")

    @cached_property
    def n_periods(self) -> int:
        """Number of periods T."""
        codes = self.frame.index.codes[0]
        return int((codes == codes[0]).sum())

    @cached_property
    def n_units(self) -> int:
        """Number of units N."""
        return len(self.frame) // self.n_periods

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
            f"Panel({self.n_units} x {self.unit}, {self.period} {self.periods[0]}-"
            f"{self.periods[-1]}, {len(self.columns)} variables, source={self.source!r})"
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
            self._arrays[name] = found.reshape(self.n_units, self.n_periods).T
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
        expected = (len(index) // self.n_units, self.n_units)
        if array.shape != expected:
            raise errors.PanelError(
                f"{self.source}: {name!r} has shape {array.shape}, expected {self.period} by "
                f"{self.unit}, {expected}"
            )
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
        if period not in self.periods:
            (asked,) = told_apart([period], self.periods)
            raise errors.PanelError(
                f"{self.source}: no {self.period} {asked}; it has "
                f"{self.periods[0]}-{self.periods[-1]}, whole numbers"
            )
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
        index = self.frame.index
        if not isinstance(column, pd.Series):
            return self.series(column, name)
        if column.index.equals(index):
            return column
        if len(column) == len(index) and set(column.index) == set(index):
            return column.reindex(index)
        raise errors.PanelError(
            f"{self.source}: {name!r} must have the panel's {len(index)} rows, by {self.unit} and "
            f"{self.period}; it has {len(column)}, labelled {listed(column.index, 1)}"
        )

    def lag(self, name: str, periods: int = 1) -> pd.Series:
        """One variable `periods` earlier; the first periods are missing.

        Raises
        ------
        SpecificationError
            If `periods` is not a whole number of at least one.
        SampleSizeError
            If the panel is too short.
        """
        if not isinstance(periods, int | np.integer) or periods < 1:
            raise errors.SpecificationError(
                f"{self.source}: periods={periods!r}: a lag is a whole number of periods, 1 or more"
            )
        if periods >= self.n_periods:
            raise errors.SampleSizeError(
                f"{self.source}: a lag of {periods} is too long, the panel has {self.n_periods} periods"
            )
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
            name, kept = known.name, known if wanted is None else pd.Index(list(wanted))
            fault = "" if len(kept) else f"no {name} left in the sub-panel"
            if len(twice := kept[kept.duplicated()]):
                fault = f"{name} asked for twice: {listed(twice)}"
            if len(unknown := kept.difference(known, sort=False)):
                fault = f"the panel lacks {name} {listed(told_apart(unknown, known))}"
            if fault:
                raise errors.PanelError(f"{self.source}: {fault}")
            places.append(known.get_indexer(kept))
        rows, when = places
        if not (np.diff(when) == 1).all():
            raise errors.UnbalancedPanelError(
                f"{self.source}: {self.period} {listed(self.periods[when], 30)} are not consecutive"
            )
        frame = self.frame.iloc[(rows[:, None] * self.n_periods + when).ravel()]
        return self._with(frame, {n: a[np.ix_(when, rows)] for n, a in self._arrays.items()})

    def within(self, names: Sequence[str], effects: Effects) -> Panel:
        """Remove unit means, period means or both from the named variables."""
        demeaned = within(self.block(names), effects)
        return self.assign(**{name: demeaned[..., k] for k, name in enumerate(names)})
