"""Prices: from yearly price indices to a deflator, from current to constant prices."""

import numpy as np
import pandas as pd

from analysis.errors import DomainError, UnbalancedPanelError, UnitMismatchError
from analysis.measures import SAYS
from analysis.panel import holes, labels, measured, value_of_each, where
from analysis.resources import refuse


def chained_deflator(yearly: pd.Series, base_year: int) -> pd.Series:
    """Chain indices "previous year = 100" into a deflator that is one in the base year.

    Parameters
    ----------
    yearly : Series
        Indexed by (place, year), in any order; the first year's value is not used.
    base_year : int
        Year whose prices become the yardstick; any year of the series.

    Returns
    -------
    Series
        P_t = P_{t-1} x index_t / 100 with P = 1 in the base year, sorted by place and year.

    Raises
    ------
    DomainError
        If an index is not positive, or the base year is not in the data.
    UnbalancedPanelError
        If a place lacks a year: a chain cannot skip one.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["Jilin"], [2009, 2010, 2011]])
    >>> chained_deflator(pd.Series([99.0, 110.0, 120.0], index), 2009).round(4).tolist()
    [1.0, 1.1, 1.32]
    """
    table = measured(yearly, "price index", gaps=True).unstack().sort_index(axis=1)
    years = table.columns
    ends = {"base": base_year, "first": years.min(), "last": years.max()}
    refuse(DomainError, SAYS, {"base": base_year not in years}, **ends)
    needed = table.iloc[:, 1:].stack()
    wrong = {"absent": holes(years), "chain": labels(needed.index[needed.isna()])}
    refuse(UnbalancedPanelError, SAYS, wrong)
    refuse(DomainError, SAYS, {"index": where(needed[needed <= 0], "g")})
    steps = np.column_stack([np.ones(len(table)), table.iloc[:, 1:].to_numpy() / 100.0])
    chain = pd.DataFrame(np.cumprod(steps, axis=1), index=table.index, columns=years)
    return chain.div(chain[base_year], axis=0).stack().rename("deflator")


def at_city(by_place: pd.Series, index: pd.MultiIndex, place: pd.Series, what: str) -> pd.Series:
    """Give every city-year the value of its place, such as its province.

    Parameters
    ----------
    by_place : Series
        Indexed by (place, year).
    index : MultiIndex
        The (city, year) pairs to fill.
    place : Series
        Place of each city, indexed by city.
    what : str
        What the values are, for messages.

    Returns
    -------
    Series
        Indexed by `index`.

    Raises
    ------
    UnitMismatchError
        If a city has no place.
    DomainError
        If a place has no value in a year that is needed.
    """
    by_place = measured(by_place, what)
    cities = index.get_level_values(0)
    places = value_of_each(place, "place (province)", cities.unique(), UnitMismatchError)
    keys = pd.MultiIndex.from_arrays([places.loc[cities], index.get_level_values(1)])
    values = by_place.reindex(keys.set_names(by_place.index.names))
    refuse(DomainError, SAYS, {"place": labels(keys[values.isna()].unique())}, what=what)
    return pd.Series(values.to_numpy(), index=index, name=by_place.name)


def constant_prices(nominal: pd.Series, deflator: pd.Series, place: pd.Series) -> pd.Series:
    """Divide current-price values of cities by the deflator of their place.

    Parameters
    ----------
    nominal : Series
        Indexed by (city, year).
    deflator : Series
        Indexed by (place, year), one in the base year, as :func:`chained_deflator` returns it.
    place : Series
        Place of each city.

    Returns
    -------
    Series
        At prices of the deflator's base year.

    Raises
    ------
    UnitMismatchError, DomainError
        As :func:`at_city`.

    Examples
    --------
    >>> deflator = pd.Series([1.0, 1.1], pd.MultiIndex.from_product([["Jilin"], [2009, 2010]]))
    >>> gdp = pd.Series([100.0, 132.0], pd.MultiIndex.from_product([["siping"], [2009, 2010]]))
    >>> constant_prices(gdp, deflator, pd.Series({"siping": "Jilin"})).round(6).tolist()
    [100.0, 120.0]
    """
    nominal = measured(nominal, "current prices", gaps=True)
    return nominal / at_city(deflator, nominal.index, place, "deflator").to_numpy()
