"""Study B: industrial co-agglomeration and total-factor carbon emission efficiency in 283 cities."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.book import published
from analysis.book.text import literal
from analysis.efficiency import Technology, malmquist
from analysis.errors import ParameterError, listed
from analysis.inference.mediation import Mediation, mediation
from analysis.measures.capital import Formula, Initial
from analysis.panel import Panel
from analysis.papers.cities283 import generator
from analysis.papers.cities283.measures import BAD, CONTRACT, GOOD, INPUTS, variables
from analysis.papers.cities283.targets import DEFAULT_DROPPED, REGRESSORS, SEED, YEARS
from analysis.papers.cities283.targets import REGIONS as REGIONS
from analysis.papers.places import cities
from analysis.resources import ROOT, declared, refuse
from analysis.spatial import Specification
from analysis.study import Data, Study
from analysis.study.curve.choices import RAW, offered, spans
from analysis.study.declaration import written
from analysis.study.fallback import estimate as estimate
from analysis.study.fallback import first_estimate
from analysis.weights import Weights

OUTCOMES = ("index", "log-index", "level", "cumulative")
"""Forms of the outcome: the yearly index, its logarithm, the pooled score, the product of the index."""

TECHNOLOGY = Technology(INPUTS, GOOD, BAD)
"""Slacks-based, constant returns, all city-years pooled."""

DURBIN = Specification("TCE", REGRESSORS, model="sdm")
"""The main model of the printed Table 6."""

WITHOUT_ENERGY = replace(TECHNOLOGY, inputs=tuple(x for x in INPUTS if x != "energy"))
"""The same without the input that is known by province only."""

FIGURE_YEARS = (2010, 2013, 2016, 2019)
"""Years of the printed Figures 6 to 8."""

WORDS = declared("analysis.papers.cities283", "words.toml")
"""Headings by the names that the package gives rows and columns."""


def load(
    raw: str | Path = "",
    seed: int = SEED,
    dropped: str = DEFAULT_DROPPED,
    first_raw_year: int = 2009,
    outcome: str = "index",
    initial: Initial = "ratio",
    formula: Formula = "standard",
    technology: Technology = TECHNOLOGY,
    scenario: str = "placed",
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
    wrong = {
        "outcome": outcome not in OUTCOMES,
        "first_raw_year": first_raw_year not in (2009, 2010),
    }
    told = {"outcome": outcome, "year": first_raw_year, "known": listed(OUTCOMES)}
    refuse(ParameterError, WORDS["refusals"], wrong, **told)
    generator.require_candidate(dropped)
    years, draw = list(range(first_raw_year, YEARS[-1] + 1)), None
    geo = cities("cities284").drop(dropped)
    if str(raw):
        provinces = list(geo["province_en"].unique())
        required = {"city": list(geo.index), "province": provinces, "year": years}
        tables = CONTRACT.read(ROOT / Path(raw), required, partial=True)
        source = CONTRACT.source(raw, tables)
        about = WORDS["about"]["real"].format(source=literal(source))
    else:
        committed = (seed, dropped, scenario) == (SEED, DEFAULT_DROPPED, "placed")
        draw = generator.read() if committed else generator.simulate(seed, dropped, scenario)
        tables, source = draw.raw, f"simulated (seed {seed})"
        about = WORDS["about"]["simulated"].format(seed=seed)
    production = variables(tables, [dropped], years, initial, formula, source)
    efficiency = malmquist(production, technology)
    level, index = efficiency.level, efficiency.summary["index"]
    columns = {"TCE": _form(level, outcome), "level": level, "index": index}
    if draw is not None:
        latent = draw.latent["efficiency"].reindex(level.index)
        columns |= {"latent": _form(latent, outcome), "latent level": latent}
    columns["PGDP"] = np.exp(production.frame["lnGDP"])
    panel = production.assign(**columns).sub(periods=years[1:])
    return Data(
        panel=panel,
        places=geo.loc[panel.units],
        kind="real" if draw is None else "simulated",
        about=about,
        tables=tables,
        truth=draw and draw.truth,
        recovers=draw is not None and outcome == "index" and first_raw_year == 2009,
        production=production,
        efficiency=efficiency,
    )


def _form(level: pd.Series, outcome: str) -> pd.Series:
    by_city = level.groupby(level="city")
    index = level / by_city.shift(1)
    forms = (index, np.log(index), level, level / by_city.transform("first"))
    return dict(zip(OUTCOMES, forms, strict=True))[outcome]


STUDY = Study(
    **written("analysis.papers.cities283"),
    model=DURBIN,
    load=load,
    years=YEARS[1:],
    choices=(
        RAW,
        offered("outcome", "form of the efficiency index", *OUTCOMES[:2], more=OUTCOMES[2:]),
        offered(
            "weights", "spatial weights", "inverse-distance", "inverse-distance-squared", "gravity",
            "nearest-5", more=("additive-nest", "diagonal-nest", "product"),
        ),
        spans("2010-2019", "2011-2019"),
        offered("cities", "cities", "all", "without-municipalities", more=("without-extreme",)),
    ),
    files=tuple(f"data/simulated/cities283/{table.file}" for table in CONTRACT.tables),
    captions=declared("analysis.papers.cities283", "captions.toml"),
)  # fmt: skip

COLUMNS = STUDY.outcomes
"""The two outcomes that the tables show side by side, with their headings."""


def mediate(panel: Panel, specification: Specification, weights: Weights) -> Mediation:
    """Mediation of co-agglomeration by innovation, all three equations by one estimator."""
    return first_estimate(
        lambda spec: mediation(panel, spec, weights, "INA", "INNOV"), specification
    )


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
