"""What only a wrong unit explains, what must be positive, and energy by its intensity."""

from collections.abc import Mapping

import pandas as pd

from analysis.errors import DomainError, SpecificationError
from analysis.measures import SAYS
from analysis.measures.deflation import at_city
from analysis.panel import measured, where
from analysis.resources import refuse

Ratio = tuple[str, str, float, float]
"""The file to look at, what is divided by what, smallest and largest plausible value."""


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
