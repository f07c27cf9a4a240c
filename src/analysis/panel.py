"""The balanced city-by-year panel that every estimator takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import (
    DuplicateObservationError,
    MissingColumnError,
    NonFiniteError,
    PanelError,
    SampleSizeError,
    SpecificationError,
    UnbalancedPanelError,
    did_you_mean,
    listed,
)

Effects = Literal["none", "individual", "time", "two-way"]
FloatArray = NDArray[np.float64]

_NO_NUMBERS = {
    "M": ("dates", "take .dt.year, or the days since a first date"),
    "m": ("durations", "divide by a unit, such as pd.Timedelta(days=1)"),
    "c": ("complex numbers", "take .real or .abs()"),
}
"""Kinds of columns that would turn into numbers of no meaning, and what to do about each."""


def _kind(column: pd.Series) -> str:
    return "M" if isinstance(column.dtype, pd.PeriodDtype) else column.dtype.kind


def require_panel(panel: object) -> None:
    """Raise SpecificationError, saying how to make one, unless the argument is a panel."""
    if not isinstance(panel, Panel):
        raise SpecificationError(
            f"panel must be a Panel, not {type(panel).__name__}; make it one by "
            "Panel.from_frame(frame, city=..., year=...)"
        )


def by_city(values: pd.Series, what: str) -> pd.Series:
    """One value a city from a series indexed by city, or by city and year.

    Parameters
    ----------
    values : Series
        A city may occur more than once with the same value, as in a frame of city-years.
    what : str
        What the values are, for messages.

    Returns
    -------
    Series
        Indexed by city, each once.

    Raises
    ------
    SpecificationError
        If `values` is no series.
    DuplicateObservationError
        If a city has different values.

    Examples
    --------
    >>> by_city(pd.Series(["east", "east", "west"], index=["a", "a", "b"]), "groups").to_dict()
    {'a': 'east', 'b': 'west'}
    """
    if not isinstance(values, pd.Series):
        raise SpecificationError(
            f"{what}: must be a Series indexed by city, not {type(values).__name__}"
        )
    if "city" in values.index.names:
        values = values.set_axis(values.index.get_level_values("city"))
    distinct = values[~pd.MultiIndex.from_arrays([values.index, values]).duplicated()]
    several = distinct.index[distinct.index.duplicated()].unique()
    if len(several):
        found = (f"{city} ({listed(distinct.loc[city], 2)})" for city in several)
        raise DuplicateObservationError(
            f"{what}: more than one value for {listed(found, 3)}; give one value a city"
        )
    return distinct


def within(values: FloatArray, effects: Effects) -> FloatArray:
    """Remove city means, year means or both from arrays whose first two axes are year and city.

    Parameters
    ----------
    values : ndarray, shape (T, N) or (T, N, K)
    effects : {"none", "individual", "time", "two-way"}
        Which means to remove. Demeaning over years commutes with a spatial lag; demeaning over
        cities does not.

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
    if effects == "none":
        return values
    if effects == "individual":
        return values - values.mean(axis=0, keepdims=True)
    if effects == "time":
        return values - values.mean(axis=1, keepdims=True)
    if effects == "two-way":
        by_city = values - values.mean(axis=0, keepdims=True)
        return by_city - by_city.mean(axis=1, keepdims=True)
    raise SpecificationError(
        f"effects={effects!r} is unknown; choose 'none', 'individual', 'time' or 'two-way'"
    )


@dataclass(frozen=True, eq=False)
class Panel:
    """A balanced panel of cities observed in consecutive years.

    Build it with :meth:`from_frame`, which checks the data; the constructor itself trusts its
    argument.

    Attributes
    ----------
    frame : DataFrame
        One row a city-year, indexed by (city, year), cities in order of first appearance and
        years ascending within each city.
    source : str
        Where the data came from, for messages.

    Examples
    --------
    >>> raw = pd.DataFrame({"city": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "y": [1., 2, 3, 4]})
    >>> panel = Panel.from_frame(raw)
    >>> panel.n_cities, panel.n_years
    (2, 2)
    >>> panel.values("y")
    array([[1., 3.],
           [2., 4.]])
    """

    frame: pd.DataFrame
    source: str = "panel"

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        city: str = "city",
        year: str = "year",
        source: str = "panel",
    ) -> Panel:
        """Check a long frame and make it a panel.

        Parameters
        ----------
        frame : DataFrame
            One row a city-year; `city` and `year` are columns or index levels.
        city, year : str
            Names of the two keys.
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
            If a key holds missing values or is both a column and a level of the index, a year is
            not a whole number or there are no rows.
        DuplicateObservationError
            If a city-year occurs twice.
        UnbalancedPanelError
            If a city-year is missing, or years are not consecutive.
        """
        if city not in frame.columns or year not in frame.columns:
            both = [name for name in frame.index.names if name in frame.columns]
            if both:
                raise PanelError(
                    f"{source}: both a column and a level of the index: {listed(both)}; drop one "
                    "of the two"
                )
            frame = frame.reset_index()
        for key in (city, year):
            if key not in frame.columns:
                raise MissingColumnError(
                    f"{source}: no column {key!r}{did_you_mean(key, frame.columns)}; it has "
                    f"{listed(frame.columns, 12)}"
                )
        if frame.empty:
            raise PanelError(f"{source}: no rows")
        if frame.columns.has_duplicates:
            twice = frame.columns[frame.columns.duplicated()].unique()
            raise PanelError(
                f"{source}: columns that occur twice: {listed(twice)}; drop one of each"
            )
        for key in (city, year):
            gaps = frame.index[frame[key].isna()]
            if len(gaps):
                raise PanelError(f"{source}: column {key!r} is empty in row {listed(gaps)}")
        if _kind(frame[year]) in "mM":  # read as numbers these would be nanoseconds
            raise PanelError(
                f"{source}: column {year!r} holds dates, such as {frame[year].iloc[0]}; years must "
                f"be whole numbers: frame[{year!r}].dt.year"
            )
        years = pd.to_numeric(frame[year], errors="coerce")
        bad = frame.loc[years.isna() | (years % 1 != 0), year]
        if len(bad):
            raise PanelError(
                f"{source}: column {year!r} holds {listed(bad.unique())}; "
                "years must be whole numbers"
            )
        keyed = frame.assign(**{city: frame[city], year: years.astype("int64")})
        twice = keyed.loc[keyed.duplicated([city, year]), [city, year]]
        if len(twice):
            pairs = listed(f"{c} {y}" for c, y in twice.itertuples(index=False))
            raise DuplicateObservationError(
                f"{source}: more than one row for {pairs}; keep one row a city-year"
            )
        cities = pd.Index(keyed[city].unique(), name="city")
        all_years = pd.Index(np.sort(keyed[year].unique()), name="year")
        holes = [
            f"{before + 1}" if after == before + 2 else f"{before + 1}-{after - 1}"
            for before, after in pairwise(all_years)
            if after > before + 1
        ]
        if holes:
            raise UnbalancedPanelError(
                f"{source}: no city is observed in {listed(holes)}; years must be consecutive, "
                "or lags would reach over the hole"
            )
        full = pd.MultiIndex.from_product([cities, all_years], names=["city", "year"])
        indexed = keyed.set_index([city, year])
        indexed.index = indexed.index.set_names(["city", "year"])
        missing = full.difference(indexed.index, sort=False)
        if len(missing):
            raise UnbalancedPanelError(
                f"{source}: no row for {listed(f'{c} {y}' for c, y in missing)}; "
                f"each of the {len(cities)} cities needs each year {all_years[0]}-{all_years[-1]}. "
                "Add the rows, or drop the city or the years from the panel"
            )
        return cls(indexed.reindex(full), source)

    @cached_property
    def cities(self) -> pd.Index:
        """City labels, in panel order."""
        return pd.Index(self.frame.index.get_level_values("city")[:: self.n_years], name="city")

    @cached_property
    def years(self) -> pd.Index:
        """Years, ascending."""
        return pd.Index(
            self.frame.index.get_level_values("year")[: self.n_years].astype("int64"), name="year"
        )

    @cached_property
    def n_years(self) -> int:
        """Number of years T."""
        return int(self.frame.index.get_level_values("year").nunique())

    @cached_property
    def n_cities(self) -> int:
        """Number of cities N."""
        return len(self.frame) // self.n_years

    @property
    def columns(self) -> pd.Index:
        """Names of the variables."""
        return self.frame.columns

    def __repr__(self) -> str:
        return (
            f"Panel({self.n_cities} cities, {self.years[0]}-{self.years[-1]}, "
            f"{len(self.columns)} variables, source={self.source!r})"
        )

    def _column(self, name: str) -> pd.Series:
        if name not in self.frame.columns:
            raise MissingColumnError(
                f"{self.source}: no column {name!r}{did_you_mean(name, self.columns)}; it has "
                f"{listed(self.columns, 30)}"
            )
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
        numbers = self._numbers(self._column(name))
        return numbers.reshape(self.n_cities, self.n_years).T.copy()

    def _numbers(self, column: pd.Series) -> FloatArray:
        name = column.name
        if (kind := _kind(column)) in _NO_NUMBERS:
            holds, remedy = _NO_NUMBERS[kind]
            raise PanelError(
                f"{self.source}: column {name!r} holds {holds}, such as {column.iloc[0]}, where "
                f"numbers are needed: {remedy}"
            )
        numeric = pd.to_numeric(column, errors="coerce").astype("float64").to_numpy()
        bad = ~np.isfinite(numeric)
        if bad.any():
            where = listed(f"{c} {y} ({column.loc[(c, y)]})" for c, y in column.index[bad])
            raise NonFiniteError(
                f"{self.source}: column {name!r} is not a finite number in {where}; "
                "fill or drop these city-years first"
            )
        return numeric

    def block(self, names: Sequence[str]) -> FloatArray:
        """Several variables as one array of shape (T, N, K); errors as in :meth:`values`."""
        if not len(names):
            return np.empty((self.n_years, self.n_cities, 0))
        return np.stack([self.values(name) for name in names], axis=-1)

    def series(self, values: FloatArray, name: str, years: pd.Index | None = None) -> pd.Series:
        """Label an array of shape (T, N) by city and year.

        Parameters
        ----------
        values : ndarray, shape (T, N)
        name : str
        years : Index, optional
            The years of the first axis, where they are not all of the panel's.

        Returns
        -------
        Series
            Indexed by (city, year).

        Raises
        ------
        PanelError
            If the array has another shape, such as cities down and years across.
        """
        years = self.years if years is None else years
        array = np.asarray(values)
        if array.shape != (len(years), self.n_cities):
            raise PanelError(
                f"{self.source}: {name!r} has shape {array.shape}, expected years by cities, "
                f"{(len(years), self.n_cities)}"
            )
        index = pd.MultiIndex.from_product([self.cities, years], names=["city", "year"])
        return pd.Series(array.T.ravel(), index=index, name=name)

    def cross_section(self, name: str, year: int) -> pd.Series:
        """One variable in one year, indexed by city; other years may have gaps.

        Raises
        ------
        PanelError
            If the panel lacks the year.
        MissingColumnError, NonFiniteError
            As for :meth:`values`.
        """
        if year not in self.years:
            raise PanelError(
                f"{self.source}: no year {year}; it has {self.years[0]}-{self.years[-1]}"
            )
        rows = self._column(name).iloc[int(self.years.get_loc(year)) :: self.n_years]
        return pd.Series(self._numbers(rows), index=self.cities, name=name)

    def assign(self, **columns: pd.Series | FloatArray) -> Panel:
        """Add or replace variables: arrays of shape (T, N) or series indexed by (city, year).

        Raises
        ------
        PanelError
            If an array has another shape, or the index of a series has other city-years.
        """
        labelled = {
            name: self._aligned(column, name)
            if isinstance(column, pd.Series)
            else self.series(column, name)
            for name, column in columns.items()
        }
        return replace(self, frame=self.frame.assign(**labelled))

    def _aligned(self, column: pd.Series, name: str) -> pd.Series:
        index = self.frame.index
        if column.index.equals(index):
            return column
        if len(column) == len(index) and set(column.index) == set(index):
            return column.reindex(index)
        raise PanelError(
            f"{self.source}: {name!r} must have the panel's {len(index)} rows, indexed by city and "
            f"year; it has {len(column)}, labelled {listed(column.index, 1)}"
        )

    def lag(self, name: str, periods: int = 1) -> pd.Series:
        """One variable `periods` years earlier; the first years are missing.

        Raises
        ------
        SpecificationError
            If `periods` is not a whole number of at least one.
        SampleSizeError
            If the panel is too short.
        """
        if not isinstance(periods, int | np.integer) or periods < 1:
            raise SpecificationError(
                f"{self.source}: periods={periods!r}: a lag is a whole number of years, 1 or more"
            )
        if periods >= self.n_years:
            raise SampleSizeError(
                f"{self.source}: a lag of {periods} years needs more than {periods} years, "
                f"the panel has {self.n_years}"
            )
        lagged = np.full((self.n_years, self.n_cities), np.nan)
        lagged[periods:] = self.values(name)[:-periods]
        return self.series(lagged, f"L{periods if periods > 1 else ''}.{name}")

    def sub(
        self, cities: Iterable[object] | None = None, years: Iterable[int] | None = None
    ) -> Panel:
        """Keep some cities, in the order asked for, and some consecutive years.

        Raises
        ------
        PanelError
            If a city or year is not in the panel or nothing is left.
        UnbalancedPanelError
            If the years are not consecutive.
        """
        keep_cities = self.cities if cities is None else pd.Index(list(cities), name="city")
        keep_years = self.years if years is None else pd.Index(sorted(years), name="year")
        for kind, kept, known in (
            ("cities", keep_cities, self.cities),
            ("years", keep_years, self.years),
        ):
            unknown = kept.difference(known, sort=False)
            if len(unknown):
                raise PanelError(f"{self.source}: the panel lacks the {kind} {listed(unknown)}")
            if not len(kept):
                raise PanelError(f"{self.source}: no {kind} left in the sub-panel")
            if kept.has_duplicates:
                raise PanelError(
                    f"{self.source}: {kind} asked for twice: {listed(kept[kept.duplicated()])}"
                )
        if not (np.diff(keep_years) == 1).all():
            raise UnbalancedPanelError(
                f"{self.source}: years {listed(keep_years, 30)} are not consecutive; "
                "lags would reach over the hole"
            )
        index = pd.MultiIndex.from_product([keep_cities, keep_years], names=["city", "year"])
        return replace(self, frame=self.frame.reindex(index))

    def within(self, names: Sequence[str], effects: Effects) -> Panel:
        """Remove city means, year means or both from the named variables; others stay as they are."""
        demeaned = within(self.block(names), effects)
        return self.assign(**{name: demeaned[..., k] for k, name in enumerate(names)})

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of keys, names and values: equal panels have equal fingerprints."""
        digest = hashlib.sha256(repr(list(map(str, self.columns))).encode())
        digest.update(pd.util.hash_pandas_object(self.frame, index=True).to_numpy().tobytes())
        return digest.hexdigest()
