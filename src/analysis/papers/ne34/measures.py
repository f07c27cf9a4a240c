"""The north-east study's raw contract, and its variables built from raw tables."""

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.errors import GapError, PanelError
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.panel import Panel
from analysis.papers.ne34.targets import YEARS
from analysis.papers.places import cities, names
from analysis.study.raw import RawContract, fill, left

VARIABLES = ("Carbon", "Coagg", "GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER")
SHARES = ("GOV", "FDI", "TI")
"""Variables tabulated as fractions and, judged by the size of their coefficients, regressed in
per cent."""

CONTRACT = RawContract.of("analysis.papers.ne34", "ne34", labels=names("ne34"), years=YEARS)

SECTORS = {c.name: c.meaning for c in CONTRACT.table("employment.csv").columns[2:]}
"""The six producer-service sectors in the order of the printed Table 7."""


def _leave_out(
    name: str, table: pd.DataFrame, without: Collection[str], years: Collection[int]
) -> pd.DataFrame:
    """Drop cities; their employment stays where it can be filled, for the study-area totals."""
    if "city" not in table.index.names:
        return table
    gone = list(without)
    if name == "employment":
        gone = [city for city in without if not _can_be_filled(table, city, years)]
    return table.drop(index=gone, level="city", errors="ignore")


def _can_be_filled(table: pd.DataFrame, city: str, years: Collection[int]) -> bool:
    own = table[table.index.get_level_values("city") == city]
    try:
        return len(own) >= len(years) and bool(fill({"employment": own}, years))
    except GapError:
        return False


def regressors(filled: Mapping[str, pd.DataFrame], sectors: bool = True) -> pd.DataFrame:
    """Every variable that the tables, which have no gaps, suffice for.

    Parameters
    ----------
    filled : mapping
        Raw tables by file name without suffix.
    sectors : bool
        Whether to add co-agglomeration of manufacturing with each single sector.

    Returns
    -------
    DataFrame
        Indexed by (city, year): the two location quotients, ``Coagg``, ``Coagg_<sector>``, and the
        variables that ``raw.toml`` declares, shares as fractions.
    """
    frame = CONTRACT.variables(filled)
    if "employment" not in filled:
        return frame

    def index(*services: str) -> pd.DataFrame:
        employed = filled["employment"]
        return coagglomeration_frame(employed, "manufacturing", services, "all_industries")

    alone = {f"Coagg_{sector}": index(sector)["coagg"] for sector in SECTORS if sectors}
    return index(*SECTORS).rename(columns={"coagg": "Coagg"}).join(frame).assign(**alone)


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
        The variables of :func:`regressors`; cities in the order of the geography file.

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
    kept = {name: _leave_out(name, table, without, wanted) for name, table in raw.items()}
    return CONTRACT.panel(regressors(fill(kept, wanted)), roster, source)


def in_per_cent(panel: Panel) -> Panel:
    """Return the panel with GOV, FDI and TI times 100."""
    there = panel.columns.intersection(SHARES)
    return panel.assign(**{name: panel.values(name) * 100 for name in there})


def in_fractions(panel: Panel) -> Panel:
    """Return the panel of the regressions in the units of the printed Table 1."""
    return panel.assign(**{name: panel.values(name) / 100 for name in SHARES})
