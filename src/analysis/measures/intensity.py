"""Carbon intensity and the control variables, each with its units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import DomainError, listed

Ratio = tuple[str, str, float, float]
"""The file to look at, what is divided by what, smallest and largest plausible value."""

PLAUSIBLE_CARBON: Ratio = (
    "co2.csv", "carbon dioxide (10^4 tonnes) over GDP (10^8 yuan)", 0.005, 500.0
)  # fmt: skip
"""Outside it a unit is wrong, not an economy."""


def check_units(frame: pd.DataFrame, ratios: Mapping[str, Ratio], source: str) -> None:
    """Refuse ratios of two files that only a wrong unit explains.

    Parameters
    ----------
    frame : DataFrame
        Indexed by (city, year).
    ratios : mapping
        By column of `frame`.
    source : str
        For the message.

    Raises
    ------
    DomainError
        Names file, cities, years and values.
    """
    for name, (file, ratio, low, high) in ratios.items():
        outside = frame.index[~frame[name].between(low, high)]
        if len(outside):
            where = listed(
                f"{city} {year} ({frame.loc[(city, year), name]:.3g})" for city, year in outside
            )
            raise DomainError(
                f"{source}: {file}: {ratio} must lie between {low:g} and {high:g}, which fails in "
                f"{where}; check the units of both files"
            )


def positive(series: pd.Series, what: str, source: str) -> pd.Series:
    """Return the series, or name the city-years where it is not positive.

    Raises
    ------
    DomainError
    """
    wrong = series.index[~(series > 0)]
    if len(wrong):
        where = listed(f"{city} {year} ({series.loc[(city, year)]:g})" for city, year in wrong)
        raise DomainError(f"{source}: {what} must be positive, is not in {where}")
    return series


def carbon_intensity(co2: pd.Series, gdp: pd.Series) -> pd.Series:
    """CO2 per unit of GDP.

    Parameters
    ----------
    co2 : Series
        10^4 tonnes.
    gdp : Series
        10^8 yuan.

    Returns
    -------
    Series
        Tonnes per 10^4 yuan.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2003)])
    >>> carbon_intensity(pd.Series([600.0], index), pd.Series([100.0], index)).tolist()
    [6.0]
    """
    return co2 / positive(gdp, "GDP", "gdp.csv")


def log_gdp_per_head(gdp: pd.Series, population: pd.Series) -> pd.Series:
    """Natural logarithm of GDP per head in yuan, from 10^8 yuan and 10^4 persons.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2003)])
    >>> log_gdp_per_head(pd.Series([100.0], index), pd.Series([100.0], index)).round(4).tolist()
    [9.2103]
    """
    people = positive(population, "population", "gdp.csv")
    return np.log(positive(gdp, "GDP", "gdp.csv") * 1e4 / people)


def expenditure_share(expenditure: pd.Series, gdp: pd.Series) -> pd.Series:
    """Fiscal expenditure over GDP, a fraction, from 10^4 yuan and 10^8 yuan.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2003)])
    >>> expenditure_share(pd.Series([200000.0], index), pd.Series([100.0], index)).tolist()
    [0.2]
    """
    return expenditure / (positive(gdp, "GDP", "gdp.csv") * 1e4)


def foreign_investment_share(investment: pd.Series, gdp: pd.Series, rate: pd.Series) -> pd.Series:
    """Foreign direct investment over GDP, a fraction.

    Parameters
    ----------
    investment : Series
        10^4 US dollars, indexed by (city, year).
    gdp : Series
        10^8 yuan.
    rate : Series
        Yuan for a dollar, indexed by year.

    Returns
    -------
    Series

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2010)], names=["city", "year"])
    >>> fdi, gdp = pd.Series([5000.0], index), pd.Series([100.0], index)
    >>> foreign_investment_share(fdi, gdp, pd.Series({2010: 6.77})).round(5).tolist()
    [0.03385]
    """
    years = investment.index.get_level_values("year")
    absent = sorted(set(years) - set(rate.index))
    if absent:
        raise DomainError(f"exchange_rate.csv: no rate for {listed(absent)}")
    yuan = investment * rate.reindex(years).to_numpy()
    return yuan / (positive(gdp, "GDP", "gdp.csv") * 1e4)


def road_area_per_head(roads: pd.DataFrame) -> pd.Series:
    """Road area in square metres a head, as it came or from 10^4 m2 and 10^4 persons.

    Roads are published for urban districts, so the population must be that of the districts.
    """
    if "road_area_per_head" in roads:
        return roads["road_area_per_head"]
    people = positive(roads["district_population"], "district population", "roads.csv")
    return positive(roads["road_area"], "road area", "roads.csv") / people


def log_word_share(words: pd.Series, total: pd.Series) -> pd.Series:
    """Natural logarithm of the share of environmental words in a report.

    A report without any such word has no logarithm: it is refused with its city and year.
    """
    count = positive(words, "the count of environmental words", "reports.csv")
    return np.log(count / positive(total, "the count of words", "reports.csv"))
