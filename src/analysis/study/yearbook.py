"""Raw tables that studies of Chinese cities share: one function a file, units and checks with it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.study.raw import Column, RawTable, RowCheck

CITY = ("city", "year")


def _at_most(part: str, whole: str) -> RowCheck:
    return RowCheck(
        (part, whole), f"{part} must not exceed {whole}", lambda frame: frame[part] <= frame[whole]
    )


def _per_head(
    name: str, above: str, below: str, unit: str, low: float, high: float, factor: float
) -> RowCheck:
    return RowCheck(
        (above, below),
        f"{name} must lie between {low:,} and {high:,} {unit}",
        lambda frame: (frame[above] * factor / frame[below]).between(low, high),
    )


def city_table(
    file: str, *columns: Column, checks: tuple[RowCheck, ...] = (), instead: tuple[Column, ...] = ()
) -> RawTable:
    """One row a city and year."""
    return RawTable(file, CITY, columns, checks, instead)


def province_table(file: str, *columns: Column) -> RawTable:
    """One row a province and year."""
    return RawTable(file, ("province", "year"), columns)


def employment(services: Mapping[str, str], words: str, gaps: bool = False) -> RawTable:
    """Employment by sector; `words` names the services, as in "the five services"."""

    def together(frame: pd.DataFrame) -> pd.Series:
        return frame[["manufacturing", *services]].sum(axis=1) <= frame["all_industries"]

    return city_table(
        "employment.csv",
        Column("all_industries", "persons", "urban units, all industries", gaps=gaps),
        Column("manufacturing", "persons", "manufacturing", gaps=True),
        *(
            Column(name, "persons", meaning, positive=False, gaps=True)
            for name, meaning in services.items()
        ),
        checks=(
            RowCheck(
                ("all_industries", "manufacturing", *services),
                f"manufacturing and {words} together must not exceed all_industries",
                together,
            ),
        ),
    )


GDP = city_table(
    "gdp.csv",
    Column("gdp", "10^8 yuan", "gross domestic product at current prices, whole city"),
    Column("population", "10^4 persons", "registered population, whole city"),
    checks=(
        _per_head(
            "GDP per head (gdp in 10^8 yuan over population in 10^4 persons)",
            "gdp", "population", "yuan", 500, 1_000_000, 1e4,
        ),
    ),
)  # fmt: skip
ROADS = city_table(
    "roads.csv",
    Column("road_area", "10^4 m2", "urban road area, districts", gaps=True),
    Column("district_population", "10^4 persons", "population of the districts", gaps=True),
    checks=(
        _per_head(
            "road area per head (road_area in 10^4 m2 over district_population in 10^4 persons)",
            "road_area", "district_population", "m2", 0.1, 500, 1,
        ),
    ),
    instead=(
        Column("road_area_per_head", "m2", "urban roads", at_least=0.1, at_most=500, gaps=True),
    ),
)  # fmt: skip
EXCHANGE_RATE = RawTable(
    "exchange_rate.csv",
    ("year",),
    (Column("yuan_per_dollar", "yuan", "average rate of the year", at_most=20),),
)
CO2 = city_table("co2.csv", Column("co2", "10^4 tonnes", "carbon dioxide"))
REPORTS = city_table(
    "reports.csv",
    Column(
        "environment_words",
        "words",
        "environmental words in the work report",
        whole=True,
        gaps=True,
    ),
    Column("total_words", "words", "words of the report", whole=True, gaps=True),
    checks=(_at_most("environment_words", "total_words"),),
)


def public_finance(*, science: bool = False) -> RawTable:
    """Budget expenditure and, where asked for, what of it is science and technology."""
    part = Column("science", "10^4 yuan", "science and technology expenditure", gaps=True)
    return city_table(
        "public_finance.csv",
        Column("expenditure", "10^4 yuan", "general budget expenditure", gaps=True),
        *([part] if science else []),
        checks=(_at_most("science", "expenditure"),) if science else (),
    )


def dollars(name: str, meaning: str, positive: bool = True) -> RawTable:
    """One amount in US dollars, in a file of its own name."""
    return city_table(
        f"{name}.csv", Column(name, "10^4 US dollars", meaning, positive=positive, gaps=True)
    )
