"""The north-east study's raw contract, and its variables built from raw tables."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd

from analysis.errors import GapError, PanelError
from analysis.measures import intensity
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.panel import Panel
from analysis.papers.ne34.targets import YEARS
from analysis.papers.places import cities, names
from analysis.study.raw import RawContract, fill, left

VARIABLES = ("Carbon", "Coagg", "GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER")
SHARES = ("GOV", "FDI", "TI")
"""Variables tabulated as fractions and, judged by the size of their coefficients, regressed in
per cent."""

PLAUSIBLE_RATIOS = {
    "Carbon": intensity.PLAUSIBLE_CARBON,
    "FDI": ("fdi.csv", "foreign investment (10^4 US dollars) over GDP (10^8 yuan)", 0.0, 5.0),
}
"""Ratios of two files, as :func:`analysis.measures.intensity.check_units` reads them."""


CONTRACT = RawContract.of("analysis.papers.ne34", "ne34", labels=names("ne34"), years=YEARS)

SECTORS = {c.name: c.meaning for c in CONTRACT.table("employment.csv").columns[2:]}
"""The six producer-service sectors in the order of the printed Table 7."""


def _leave_out(
    raw: Mapping[str, pd.DataFrame], without: Collection[str], years: Collection[int]
) -> dict[str, pd.DataFrame]:
    """Drop cities; their employment stays where it can be filled, for the study-area totals."""
    kept = dict(raw)
    for name, table in raw.items():
        if "city" in table.index.names and without:
            gone = [
                c for c in without if name != "employment" or not _can_be_filled(table, c, years)
            ]
            kept[name] = table[~table.index.get_level_values("city").isin(gone)]
    return kept


def _can_be_filled(table: pd.DataFrame, city: str, years: Collection[int]) -> bool:
    own = table[table.index.get_level_values("city") == city]
    try:
        fill({"employment": own}, years)
    except GapError:
        return False
    return len(own) >= len(years)


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
    """Every variable but carbon intensity that the tables, which have no gaps, suffice for.

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
    flat = {name: table[name] for table in filled.values() for name in table}
    roads = filled.get("roads", pd.DataFrame())
    make: dict[str, Callable[[], pd.Series]] = {
        "GOV": lambda: intensity.expenditure_share(flat["expenditure"], flat["gdp"]),
        "LnPGDP": lambda: intensity.log_gdp_per_head(flat["gdp"], flat["population"]),
        "FDI": lambda: intensity.foreign_investment_share(
            flat["fdi"], flat["gdp"], flat["yuan_per_dollar"]
        ),
        "LnRD": lambda: np.log(intensity.road_area_per_head(roads)),
        "TI": lambda: flat["science"] / flat["expenditure"],
        "LnER": lambda: intensity.log_word_share(flat["environment_words"], flat["total_words"]),
        "PGDP": lambda: flat["gdp"] * 1e4 / flat["population"],
    }
    lacking = CONTRACT.lacking(filled)
    frame = pd.DataFrame({name: of() for name, of in make.items() if not lacking.get(name)})
    if lacking["Coagg"]:
        return frame
    quotients = coagglomeration_frame(
        filled["employment"], "manufacturing", list(SECTORS), "all_industries"
    )
    frame = quotients.rename(columns={"coagg": "Coagg"}).join(frame)
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
        Cities left out of the panel. Where employment.csv can be filled for them they still count
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
    PanelError
        If no city is left.
    GapError, DomainError
        If a gap or a value stands in the way; name file, city, year and column.
    """
    roster = left(cities("ne34").index, without, source)
    if not roster:
        raise PanelError(f"{source}: no city left in the sub-panel")
    by_city = next(table for table in raw.values() if "city" in table.index.names)
    wanted = by_city.index.unique("year") if years is None else years
    tables = fill(_leave_out(raw, without, wanted), wanted)
    frame = regressors(tables)
    if not CONTRACT.lacking(tables)["Carbon"]:
        carbon = intensity.carbon_intensity(tables["co2"]["co2"], tables["gdp"]["gdp"])
        frame.insert(0, "Carbon", carbon)
    present = set(by_city.index.unique("city"))
    frame = frame.loc[[city for city in roster if city in present]]
    ratios = {name: ratio for name, ratio in PLAUSIBLE_RATIOS.items() if name in frame}
    intensity.check_units(frame, ratios, source)
    return Panel.from_frame(frame, source=source)


def in_per_cent(panel: Panel) -> Panel:
    """Return the panel with GOV, FDI and TI times 100."""
    there = panel.columns.intersection(SHARES)
    return panel.assign(**{name: panel.values(name) * 100 for name in there})


def in_fractions(panel: Panel) -> Panel:
    """Return the panel of the regressions in the units of the printed Table 1."""
    return panel.assign(**{name: panel.values(name) / 100 for name in SHARES})
