"""Carbon intensity, energy by its intensity, and the control variables, each with its units."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import DomainError, SpecificationError
from analysis.measures import SAYS
from analysis.measures.deflation import at_city
from analysis.panel import measured, numbers, present, value_of_each, where
from analysis.resources import refuse

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
    frame = measured(frame, source, list(ratios), gaps=True)
    for name, (file, ratio, low, high) in ratios.items():
        outside = where(frame.loc[~frame[name].between(low, high), name], ".3g")
        words = {"file": file, "ratio": ratio, "low": low, "high": high}
        refuse(DomainError, SAYS, {"units": outside}, source=source, **words)


def positive(series: pd.Series, what: str, source: str) -> pd.Series:
    """Return the series, or name the city-years where it is not positive.

    Raises
    ------
    DomainError
    """
    series = measured(series, source, gaps=True)
    wrong = where(series[~(series > 0)], "g")
    refuse(DomainError, SAYS, {"positive": wrong}, source=source, what=what)
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
    return measured(co2, "co2.csv", gaps=True) / positive(gdp, "GDP", "gdp.csv")


def energy_from_intensity(
    gdp: pd.Series,
    intensity: pd.Series,
    province: pd.Series,
    *,
    gdp_base: int | None,
    intensity_base: int | None,
) -> pd.Series:
    """Energy use as GDP times the energy intensity of the province.

    Energy over GDP then takes one value a province-year: within a province and year it says nothing
    about the cities.

    Parameters
    ----------
    gdp : Series
        Indexed by (city, year).
    intensity : Series
        Energy per unit of GDP, indexed by (province, year).
    province : Series
        Province of each city.
    gdp_base, intensity_base : int or None
        Years in whose prices GDP and the GDP behind the intensity are measured; None for current
        prices. They must agree.

    Returns
    -------
    Series
        Indexed by (city, year).

    Raises
    ------
    SpecificationError
        If the price bases differ.
    UnitMismatchError
        If a city has no province.
    DomainError
        If a province-year has no intensity, or a value is not positive.

    Examples
    --------
    >>> gdp = pd.Series([100.0, 50.0], pd.MultiIndex.from_tuples([("a", 2010), ("b", 2010)]))
    >>> intensity = pd.Series([0.8], pd.MultiIndex.from_tuples([("Jilin", 2010)]))
    >>> province = pd.Series({"a": "Jilin", "b": "Jilin"})
    >>> energy_from_intensity(gdp, intensity, province, gdp_base=2009, intensity_base=2009).tolist()
    [80.0, 40.0]
    """
    bases = gdp_base, intensity_base
    shown = ["current prices" if base is None else f"prices of {base}" for base in bases]
    refuse(SpecificationError, SAYS, {"bases": gdp_base != intensity_base}, shown=shown)
    gdp = positive(gdp, "GDP", "energy")
    intensity = positive(intensity, "the energy intensity", "energy")
    ratio = at_city(intensity, gdp.index, province, "energy intensity")
    return (gdp * ratio).rename("energy")


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
    spent = measured(expenditure, "public_finance.csv", gaps=True)
    return spent / (positive(gdp, "GDP", "gdp.csv") * 1e4)


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
    dollars = measured(investment, "fdi.csv", gaps=True)
    years = dollars.index.get_level_values(1)
    rates = numbers(value_of_each(rate, "exchange_rate.csv", years.unique(), DomainError))
    return dollars * rates.loc[years].to_numpy() / (positive(gdp, "GDP", "gdp.csv") * 1e4)


def road_area_per_head(roads: pd.DataFrame) -> pd.Series:
    """Road area in square metres a head, as it came or from 10^4 m2 and 10^4 persons.

    Roads are published for urban districts, so the population must be that of the districts.
    """
    roads = measured(roads, "roads.csv", gaps=True)
    if "road_area_per_head" in roads:
        return roads["road_area_per_head"]
    present(roads, ["road_area", "district_population"], "roads.csv")
    people = positive(roads["district_population"], "district population", "roads.csv")
    return positive(roads["road_area"], "road area", "roads.csv") / people


def log_word_share(words: pd.Series, total: pd.Series) -> pd.Series:
    """Natural logarithm of the share of environmental words in a report.

    A report without any such word has no logarithm: it is refused with its city and year.
    """
    count = positive(words, "the count of environmental words", "reports.csv")
    return np.log(count / positive(total, "the count of words", "reports.csv"))
