"""The north-east study's raw contract, and its variables built from raw tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.errors import RawDataError, did_you_mean, listed
from analysis.measures import intensity
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.measures.cleaning import interpolate
from analysis.panel import Panel
from analysis.papers.places import cities
from analysis.study.raw import Column, RawContract, RawTable, RowCheck

SECTORS = {
    "research": "scientific research and technical services",
    "finance": "finance",
    "leasing": "leasing and business services",
    "information": "information transmission, software and IT services",
    "transport": "transport, storage and post",
    "wholesale": "wholesale and retail trade",
}
"""The six producer-service sectors in the order of the printed Table 7."""

VARIABLES = ("Carbon", "Coagg", "GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER")
SHARES = ("GOV", "FDI", "TI")
"""Variables tabulated as fractions and, judged by the size of their coefficients, regressed in
per cent."""

PLAUSIBLE_GDP_PER_HEAD = (500.0, 1_000_000.0)
"""Yuan; outside it a unit is wrong, not an economy."""
PLAUSIBLE_ROAD_AREA = (0.1, 500.0)
"""Square metres a head."""
PLAUSIBLE_RATIOS = {
    "Carbon": intensity.PLAUSIBLE_CARBON,
    "FDI": ("fdi.csv", "foreign investment (10^4 US dollars) over GDP (10^8 yuan)", 0.0, 5.0),
}
"""Ratios of two files, as :func:`analysis.measures.intensity.check_units` reads them."""


def _no_more_than_all(frame: pd.DataFrame) -> pd.Series:
    return frame[["manufacturing", *SECTORS]].sum(axis=1) <= frame["all_industries"]


CONTRACT = RawContract(
    study="ne34",
    tables=(
        RawTable(
            "employment.csv",
            ("city", "year"),
            (
                Column("all_industries", "persons", "urban units, all industries", gaps=True),
                Column("manufacturing", "persons", "manufacturing", gaps=True),
                *(
                    Column(name, "persons", meaning, positive=False, gaps=True)
                    for name, meaning in SECTORS.items()
                ),
            ),
            (
                RowCheck(
                    ("all_industries", "manufacturing", *SECTORS),
                    "manufacturing and the six sectors together must not exceed all_industries",
                    _no_more_than_all,
                ),
            ),
        ),
        RawTable(
            "gdp.csv",
            ("city", "year"),
            (
                Column("gdp", "10^8 yuan", "gross domestic product, whole city"),
                Column("population", "10^4 persons", "registered population, whole city"),
            ),
            (
                RowCheck(
                    ("gdp", "population"),
                    "GDP per head (gdp in 10^8 yuan over population in 10^4 persons) must lie "
                    "between 500 and 1,000,000 yuan",
                    lambda frame: (frame["gdp"] * 1e4 / frame["population"]).between(
                        *PLAUSIBLE_GDP_PER_HEAD
                    ),
                ),
            ),
        ),
        RawTable(
            "public_finance.csv",
            ("city", "year"),
            (
                Column("expenditure", "10^4 yuan", "general budget expenditure", gaps=True),
                Column("science", "10^4 yuan", "science and technology expenditure", gaps=True),
            ),
            (
                RowCheck(
                    ("expenditure", "science"),
                    "science must not exceed expenditure",
                    lambda frame: frame["science"] <= frame["expenditure"],
                ),
            ),
        ),
        RawTable(
            "fdi.csv",
            ("city", "year"),
            (
                Column(
                    "fdi",
                    "10^4 US dollars",
                    "foreign investment actually used",
                    positive=False,
                    gaps=True,
                ),
            ),
        ),
        RawTable(
            "exchange_rate.csv",
            ("year",),
            (Column("yuan_per_dollar", "yuan", "average rate of the year", at_most=20),),
        ),
        RawTable(
            "roads.csv",
            ("city", "year"),
            (
                Column("road_area", "10^4 m2", "urban road area, districts", gaps=True),
                Column(
                    "district_population", "10^4 persons", "population of the districts", gaps=True
                ),
            ),
            (
                RowCheck(
                    ("road_area", "district_population"),
                    "road area per head (road_area in 10^4 m2 over district_population in 10^4 "
                    "persons) must lie between 0.1 and 500 m2",
                    lambda frame: (frame["road_area"] / frame["district_population"]).between(
                        *PLAUSIBLE_ROAD_AREA
                    ),
                ),
            ),
        ),
        RawTable(
            "reports.csv",
            ("city", "year"),
            (
                Column(
                    "environment_words",
                    "words",
                    "environmental words in the work report",
                    whole=True,
                    gaps=True,
                ),
                Column("total_words", "words", "words of the report", whole=True, gaps=True),
            ),
            (
                RowCheck(
                    ("environment_words", "total_words"),
                    "environment_words must not exceed total_words",
                    lambda frame: frame["environment_words"] <= frame["total_words"],
                ),
            ),
        ),
        RawTable("co2.csv", ("city", "year"), (Column("co2", "10^4 tonnes", "carbon dioxide"),)),
    ),
    labels={"city": tuple(cities("ne34").index)},
)


def fill(raw: Mapping[str, pd.DataFrame], years: Collection[int]) -> dict[str, pd.DataFrame]:
    """Interpolate the gaps of every raw table and keep the given years.

    Parameters
    ----------
    raw : mapping
        By file name without suffix, as :meth:`RawContract.read` returns it.
    years : collection of int

    Raises
    ------
    GapError
        If a gap is not inside its city's observed range; names file, city, year and column.
    """
    return {
        name: interpolate(table, source=f"{name}.csv", years=years) for name, table in raw.items()
    }


def _leave_out(
    raw: Mapping[str, pd.DataFrame], without: Collection[str], years: Collection[int]
) -> dict[str, pd.DataFrame]:
    """Drop cities; their employment stays where it is whole, for the study-area totals."""
    kept = {}
    for name, table in raw.items():
        if "city" not in table.index.names or not without:
            kept[name] = table
            continue
        drop = set(without)
        if name == "employment":
            in_years = table[table.index.get_level_values("year").isin(list(years))]
            whole = in_years.notna().all(axis=1).groupby(level="city").sum() == len(years)
            drop -= set(whole.index[whole])
        kept[name] = table[~table.index.get_level_values("city").isin(drop)]
    return kept


def sector_coagglomeration(employment: pd.DataFrame) -> pd.DataFrame:
    """Co-agglomeration of manufacturing with each producer-service sector alone.

    Returns
    -------
    DataFrame
        One column a sector, named ``Coagg_<sector>``.
    """
    return pd.DataFrame(
        {
            f"Coagg_{sector}": coagglomeration_frame(
                employment, "manufacturing", [sector], "all_industries"
            )["coagg"]
            for sector in SECTORS
        }
    )


def regressors(filled: Mapping[str, pd.DataFrame], sectors: bool = True) -> pd.DataFrame:
    """Every variable of the study but carbon intensity, from tables without gaps.

    Parameters
    ----------
    filled : mapping
        Raw tables by file name without suffix.
    sectors : bool
        Whether to add co-agglomeration with each single sector.

    Returns
    -------
    DataFrame
        Indexed by (city, year): the two location quotients, ``Coagg``, ``Coagg_<sector>``, the
        controls as fractions and logarithms, and ``PGDP`` (yuan a head).
    """
    gdp = filled["gdp"]["gdp"]
    population = filled["gdp"]["population"]
    finance = filled["public_finance"]
    quotients = coagglomeration_frame(
        filled["employment"], "manufacturing", list(SECTORS), "all_industries"
    )
    frame = quotients.rename(columns={"coagg": "Coagg"}).assign(
        GOV=intensity.expenditure_share(finance["expenditure"], gdp),
        LnPGDP=intensity.log_gdp_per_head(gdp, population),
        FDI=intensity.foreign_investment_share(
            filled["fdi"]["fdi"], gdp, filled["exchange_rate"]["yuan_per_dollar"]
        ),
        LnRD=intensity.log_road_area(
            filled["roads"]["road_area"], filled["roads"]["district_population"]
        ),
        TI=finance["science"] / finance["expenditure"],
        LnER=intensity.log_word_share(
            filled["reports"]["environment_words"], filled["reports"]["total_words"]
        ),
        PGDP=gdp * 1e4 / population,
    )
    return frame.join(sector_coagglomeration(filled["employment"])) if sectors else frame


def variables(
    raw: Mapping[str, pd.DataFrame],
    without: Collection[str] = (),
    years: Collection[int] | None = None,
    source: str = "ne34",
) -> Panel:
    """Build the study's panel from raw tables.

    Parameters
    ----------
    raw : mapping
        As :meth:`RawContract.read` returns it; gaps inside the range are interpolated.
    without : collection of str
        Cities left out of the panel. Where employment.csv holds all their years they still count
        in the study-area totals of the location quotients.
    years : collection of int, optional
        Years of the panel; those of gdp.csv by default.
    source : str

    Returns
    -------
    Panel
        ``Carbon`` (tonnes per 10^4 yuan), the regressors of :func:`regressors`; shares as
        fractions. Cities in the order of the geography file.

    Raises
    ------
    RawDataError
        If a city to leave out is unknown.
    GapError, DomainError
        If a gap or a value stands in the way; name file, city, year and column.
    """
    roster = list(cities("ne34").index)
    unknown = [city for city in without if city not in roster]
    if unknown:
        raise RawDataError(
            f"{source}: cannot leave out {listed(unknown)}: not among the cities"
            f"{did_you_mean(unknown[0], roster)}"
        )
    wanted = raw["gdp"].index.unique("year") if years is None else years
    tables = fill(_leave_out(raw, without, wanted), wanted)
    frame = regressors(tables)
    carbon = intensity.carbon_intensity(tables["co2"]["co2"], tables["gdp"]["gdp"])
    frame.insert(0, "Carbon", carbon)
    present = set(tables["gdp"].index.unique("city"))
    kept = [city for city in roster if city in present and city not in without]
    frame = frame.loc[kept]
    intensity.check_units(frame, PLAUSIBLE_RATIOS, source)
    return Panel.from_frame(frame, source=source)


def in_per_cent(panel: Panel) -> Panel:
    """Return the panel with GOV, FDI and TI times 100."""
    return panel.assign(**{name: panel.values(name) * 100 for name in SHARES})
