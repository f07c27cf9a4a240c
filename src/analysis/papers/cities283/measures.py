"""The 283-city study's raw contract, and its variables built from raw tables."""

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.errors import RawDataError, listed
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.measures.capital import Formula, Initial, capital_stock
from analysis.measures.deflation import chained_deflator, constant_prices
from analysis.measures.intensity import energy_from_intensity
from analysis.panel import Panel
from analysis.papers.cities283.targets import YEARS
from analysis.papers.places import cities, names
from analysis.study.raw import RawContract, fill, left

INPUTS = ("capital", "labour", "energy")
GOOD = ("output",)
BAD = ("co2",)

PRICE_BASE = 2009
"""Year whose prices real output, capital and the provinces' energy intensities are in."""

CONTRACT = RawContract.of(
    "analysis.papers.cities283", "cities283", labels=names("cities284"), years=YEARS
)

SERVICES = {c.name: c.meaning for c in CONTRACT.table("employment.csv").columns[2:]}
"""The five producer-service sectors: those of the north-east study without wholesale and retail."""


def production(
    flat: Mapping[str, pd.Series], initial: Initial = "ratio", formula: Formula = "standard"
) -> pd.DataFrame:
    """Inputs and outputs of the efficiency measurement, from columns without gaps.

    Parameters
    ----------
    flat : mapping
        Columns of the raw tables.
    initial, formula
        As for :func:`analysis.measures.capital.capital_stock`.

    Returns
    -------
    DataFrame
        Indexed by (city, year): ``capital`` (10^8 yuan), ``labour`` (persons), ``energy`` (10^4
        tonnes of standard coal), ``output`` (real GDP, 10^8 yuan), ``co2`` (10^4 tonnes).
    """
    province = cities("cities284")["province_en"]
    output, investment = (
        constant_prices(flat[flow], chained_deflator(flat[index], PRICE_BASE), province)
        for flow, index in (("gdp", "gdp_deflator"), ("investment", "investment_price"))
    )
    flows = Panel.from_frame(investment.rename("investment").to_frame(), source="investment.csv")
    bases = {"gdp_base": PRICE_BASE, "intensity_base": PRICE_BASE}
    columns = {
        "capital": capital_stock(flows, "investment", initial=initial, formula=formula),
        "labour": flat["all_industries"],
        "energy": energy_from_intensity(output, flat["energy_intensity"], province, **bases),
        "output": output,
        "co2": flat["co2"],
    }
    return pd.DataFrame(columns).reindex(flat["gdp"].index)


def variables(
    raw: Mapping[str, pd.DataFrame],
    dropped: Collection[str],
    years: Collection[int] | None = None,
    initial: Initial = "ratio",
    formula: Formula = "standard",
    source: str = "cities283",
) -> Panel:
    """Build the study's variables from raw tables, all but the efficiency scores.

    Parameters
    ----------
    raw : mapping
        As :meth:`RawContract.read` returns it.
    dropped : collection of str
        Cities left out everywhere, study-area totals included.
    years : collection of int, optional
        Raw years; those of gdp.csv by default. The prices need 2009, their base, in any case.
    initial, formula
        As for :func:`analysis.measures.capital.capital_stock`.
    source : str

    Returns
    -------
    Panel
        Columns of :func:`production`, the two location quotients, ``INA``, and the variables that
        ``raw.toml`` declares; cities in the order of the geography.

    Raises
    ------
    RawDataError
        If a city to leave out is unknown, or a file behind the efficiency index is not there.
    GapError, DomainError
        If a gap or a value stands in the way; name file, city, year and column.
    """
    if missing := CONTRACT.lacking(raw)["TCE"]:
        raise RawDataError(
            f"{source}: no {listed(missing)}, without which there is no efficiency index"
        )
    roster = left(cities("cities284").index, dropped, source)
    wanted = raw["gdp"].index.unique("year") if years is None else years
    kept = {
        name: table.drop(index=list(dropped), level="city", errors="ignore")
        if "city" in table.index.names
        else table
        for name, table in raw.items()
    }
    filled = fill(kept, list(wanted), whole=["prices"])
    flat = {name: table[name] for table in filled.values() for name in table}
    inputs = production(flat, initial, formula)
    quotients = coagglomeration_frame(
        filled["employment"], "manufacturing", list(SERVICES), "all_industries"
    ).rename(columns={"coagg": "INA"})
    more = CONTRACT.variables(filled, output=inputs["output"])
    return CONTRACT.panel(inputs.join(quotients).join(more), roster, source)
