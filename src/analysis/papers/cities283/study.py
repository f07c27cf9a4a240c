"""Study B: industrial co-agglomeration and total-factor carbon emission efficiency in 283 cities."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.book import published
from analysis.book.text import literal
from analysis.efficiency import Efficiency, Technology, malmquist
from analysis.errors import EstimationError, ParameterError
from analysis.inference.mediation import Mediation, mediation
from analysis.measures.capital import DEPRECIATION, Formula, Initial
from analysis.panel import Panel
from analysis.papers.cities283 import generator
from analysis.papers.cities283.generator import Simulated, require_candidate
from analysis.papers.cities283.measures import BAD, CONTRACT, GOOD, INPUTS, variables
from analysis.papers.cities283.targets import (
    DEFAULT_DROPPED,
    PRINTED,
    REGRESSORS,
    SEED,
    YEARS,
    Scenario,
    chosen,
)
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.spatial import Specification, TestResult, fit
from analysis.spatial.specification_tests import durbin_tests, hausman, joint_effects_tests
from analysis.study import Data, Group, Study, Variable
from analysis.study.curve.choices import RAW, offered, spans
from analysis.study.fallback import FALLBACKS as FALLBACKS
from analysis.study.fallback import estimate as estimate
from analysis.study.fallback import first_estimate
from analysis.weights import Weights

Outcome = Literal["index", "log-index", "level", "cumulative"]

TECHNOLOGY = Technology(INPUTS, GOOD, BAD)
"""Slacks-based, constant returns, all city-years pooled."""

DURBIN = Specification("TCE", REGRESSORS, model="sdm")
"""The main model of the printed Table 6."""

WITHOUT_ENERGY = replace(TECHNOLOGY, inputs=tuple(x for x in INPUTS if x != "energy"))
"""The same without the input that is known by province only."""

FIGURE_YEARS = (2010, 2013, 2016, 2019)
"""Years of the printed Figures 6 to 8."""

REGIONS = ("east", "central", "west")
PLACES = {"east": "east", "central": "centre", "west": "west"}
"""The regions as nouns, for sentences."""
RESOURCE = {1: "resource-based", 0: "other"}

FACTORS = {
    "index": "index",
    "efficiency_change": "efficiency change",
    "best_practice_change": "best-practice change",
}
"""The index of the scores and what it is made of."""

COLUMNS = {"latent": "latent efficiency", "TCE": "efficiency scores"}
"""The two outcomes that the tables show side by side."""


def load(
    raw: str | Path = "",
    seed: int = SEED,
    dropped: str = DEFAULT_DROPPED,
    first_raw_year: int = 2009,
    outcome: Outcome = "index",
    initial: Initial = "ratio",
    formula: Formula = "standard",
    technology: Technology = TECHNOLOGY,
    scenario: Scenario = "placed",
) -> Data:
    """Read or generate the raw files, measure efficiency and build the variables.

    Parameters
    ----------
    raw : path
        Folder with the study's real files, in the form of the raw contract. A relative path is
        taken from the project's folder.
    seed : int
        Of the generator. The book's own seed reads the committed files, another generates.
    dropped : str
        Which city without resource base the 283 leave out of the 284.
    first_raw_year : {2009, 2010}
        2009 gives an index for 2010-2019, 2010 one for 2011-2019.
    outcome : {"index", "log-index", "level", "cumulative"}
        The yearly index, its logarithm, the pooled score or the product of the index.
    initial, formula
        Of the capital stock, as for :func:`analysis.measures.capital.capital_stock`.
    technology : Technology
    scenario : {"placed", "faint-field"}
        Of the generator: how far the index's city effects follow the map.

    Returns
    -------
    Data
        Its panel has, for the years of the index, ``TCE`` and, of simulated data, ``latent`` in the
        chosen form; the regressors, ``INNOV``, ``CI`` (carbon dioxide over real GDP), ``index``,
        ``level``, ``PGDP``.

    Raises
    ------
    RawDataError, GapError, DomainError
        If raw files break their contract.
    ParameterError
        If an option is unknown.

    Examples
    --------
    >>> data = load()
    >>> data.panel.n_units, data.panel.n_periods, len(data.production.frame)
    (283, 10, 3113)
    """
    if outcome not in get_args(Outcome):
        raise ParameterError(
            f"outcome {outcome!r} is unknown; choose {', '.join(get_args(Outcome))}"
        )
    if first_raw_year not in (2009, 2010):
        raise ParameterError(f"first_raw_year={first_raw_year}: choose 2009 or 2010")
    require_candidate(dropped)
    years = list(range(first_raw_year, YEARS[-1] + 1))
    geo = cities("cities284").drop(dropped)
    draw = None
    if str(raw):
        tables = _read(ROOT / Path(raw), geo, years)
        source, about = str(raw), f", from the files of {literal(raw)}."
    else:
        asked = (seed, dropped, scenario)
        same = asked == (SEED, DEFAULT_DROPPED, "placed")
        draw = generator.read() if same else _generate(*asked)
        tables, source = draw.raw, f"simulated (seed {seed})"
        about = (
            f" of generated series, seed {seed}. Latent efficiency is what the data were built "
            "from, efficiency scores are what can be computed from the raw tables."
        )
    production = variables(
        tables, [dropped], years, DEPRECIATION, initial, formula, source=source
    )  # fmt: skip
    efficiency = malmquist(production, technology)
    panel = _outcomes(production, efficiency, draw, outcome).sub(periods=years[1:])
    return Data(
        panel=panel.assign(PGDP=np.exp(panel.values("lnGDP"))),
        places=geo.loc[panel.units],
        kind="real" if draw is None else "simulated",
        about=about,
        tables=tables,
        truth=None if draw is None else draw.truth,
        recovers=draw is not None and outcome == "index" and first_raw_year == 2009,
        production=production,
        efficiency=efficiency,
    )


def _generate(seed: int, dropped: str, scenario: Scenario) -> Simulated:
    """Draw anew; a dropped city cannot be made to improve or decline."""
    named: dict[str, Any] = {
        name: [city for city in getattr(PRINTED, name) if city != dropped]
        for name in ("always_up", "always_down")
    }
    return generator.simulate(seed, dropped, replace(PRINTED, **named), chosen(scenario))


def _read(folder: Path, geo: pd.DataFrame, years: list[int]) -> dict[str, pd.DataFrame]:
    required = {
        "city": list(geo.index),
        "province": list(geo["province_en"].unique()),
        "year": years,
    }
    return CONTRACT.read(folder, required)


def _outcomes(
    production: Panel, efficiency: Efficiency, draw: Simulated | None, outcome: Outcome
) -> Panel:
    scores = efficiency.summary
    columns = {
        "TCE": _form(scores["efficiency"], outcome),
        "level": scores["efficiency"],
        "index": scores["index"],
    }
    if draw is not None:
        level = draw.latent["efficiency"].reindex(scores.index)
        columns["latent"] = _form(level, outcome)
        columns["latent level"] = level
    return production.assign(**{name: column.rename(name) for name, column in columns.items()})


def _form(level: pd.Series, outcome: Outcome) -> pd.Series:
    by_city = level.groupby(level="city")
    if outcome == "level":
        return level
    if outcome == "cumulative":
        return level / by_city.transform("first")
    index = level / by_city.shift(1)
    return np.log(index) if outcome == "log-index" else index


STUDY = Study(
    name="cities283",
    paper="B",
    title="Paper B, on industrial co-agglomeration and carbon emission efficiency in 283 cities",
    variables=tuple(
        Variable(*row)
        for row in pd.read_csv(Path(__file__).with_name("variables.csv")).itertuples(index=False)
    ),
    model=DURBIN,
    load=load,
    years=YEARS[1:],
    weights="inverse-distance",
    income="PGDP",
    outcomes=COLUMNS,
    recovered="latent",
    groups={"region": Group("region3"), "resource": Group("resource_based", RESOURCE)},
    left_out={"without-municipalities": "municipality"},
    choices=(
        RAW,
        offered(
            "outcome", "form of the efficiency index", "index", "log-index",
            more=("level", "cumulative"),
        ),
        offered(
            "weights", "spatial weights", "inverse-distance", "inverse-distance-squared", "gravity",
            "nearest-5", more=("additive-nest", "diagonal-nest", "product"),
        ),
        spans("2010-2019", "2011-2019"),
        offered("cities", "cities", "all", "without-municipalities", more=("without-extreme",)),
    ),
    files=tuple(f"data/simulated/cities283/{table.file}" for table in CONTRACT.tables),
)  # fmt: skip


def mediate(panel: Panel, specification: Specification, weights: Weights) -> Mediation:
    """Mediation of co-agglomeration by innovation, all three equations by one estimator."""
    return first_estimate(
        lambda spec: mediation(panel, spec, weights, "INA", "INNOV"), specification
    )


def model_choice(panel: Panel, specification: Specification, weights: Weights) -> pd.DataFrame:
    """Tests of a Durbin model against SAR and SEM, of fixed effects, and of the effects' presence.

    Wald and LR tests by the first estimator under which SAR, SEM and SDM all exist, as in
    :func:`estimate`. A test whose models do not exist under any is missing.

    Returns
    -------
    DataFrame
        Indexed by test: ``statistic``, ``df``, ``p_value``; ``attrs["estimator"]`` names the
        estimator of the Wald and LR tests.
    """
    columns = ["statistic", "df", "p_value"]
    used: list[str] = []

    def against_special_cases(spec: Specification) -> list[TestResult]:
        found = durbin_tests(fit(panel, spec, weights))
        used.append(spec.estimator)
        return found

    results = first_estimate(against_special_cases, specification)
    tables = [pd.concat([result.summary for result in results])[columns]]
    try:
        tables.append(hausman(panel, specification, weights).summary[columns])
    except EstimationError:
        tables.append(pd.DataFrame(np.nan, index=["Hausman"], columns=columns))
    joint = joint_effects_tests(panel, specification, weights)
    tables.append(pd.concat([result.summary for result in joint])[columns])
    table = pd.concat(tables)
    table.attrs["estimator"] = used[-1]
    return table


TEXTS: pd.Series = published.rows("B").set_index("row")["text"]
"""What the running text prints, by quantity."""


def printed_number(row: str) -> str:
    """Leading number of a quantity in paper B's text, as printed.

    Examples
    --------
    >>> printed_number("INA, two-way FE (no space)"), printed_number("cities")
    ('0.0170', '283')
    """
    found = re.match(r"-?[\d.]+", TEXTS[row])
    if found is None:
        raise ParameterError(f"paper B prints no number for {row!r}, but {TEXTS[row]!r}")
    return found.group()
