"""Study A: industrial co-agglomeration and carbon intensity in 34 cities of north-east China."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from analysis.audit import expected_effects
from analysis.book import parameters
from analysis.book.text import literal
from analysis.errors import ParameterError
from analysis.papers.ne34.generator import simulate
from analysis.papers.ne34.measures import CONTRACT, in_per_cent, variables
from analysis.papers.ne34.targets import REGRESSORS, SCENARIOS, SEED, YEARS, truth
from analysis.papers.places import cities
from analysis.resources import ROOT, declared
from analysis.spatial import Specification
from analysis.study import Data, Study
from analysis.study.curve.choices import RAW, offered, spans
from analysis.study.declaration import written
from analysis.weights import Weights

DYNAMIC = Specification("Carbon", REGRESSORS, model="sdm", time_lag=True, space_time_lag=True)
"""Model 2 of the printed Table 4, and the paper's main model."""

STATIC = replace(DYNAMIC, time_lag=False, space_time_lag=False)
"""Model 1 of the printed Table 4."""

GROUPS = {"RC": "resource-based cities", "NRC": "other cities"}
"""Printed label of a group to its name."""


def load(
    scenario: str = "as-printed",
    raw: str | Path = "",
    seed: int = SEED,
    years: str = f"{YEARS[0]}-{YEARS[-1]}",
    without: Collection[str] = (),
) -> Data:
    """Read or generate the raw files and build the variables.

    Parameters
    ----------
    scenario : {"as-printed", "effects-implied", "levels-at-random"}
        Which simulated data; ignored where `raw` is given.
    raw : path
        Folder with the study's real files, in the form of the raw contract. A relative path is
        taken from the project's folder.
    seed : int
        Of the generator. The book's own seed reads the committed files, another generates.
    years : str
        ``"2003-2022"``.
    without : collection of str
        Cities left out.

    Raises
    ------
    RawDataError, GapError, DomainError
        If raw files break their contract.
    ParameterError
        If simulated data do not cover the years.
    """
    span = parameters.years(years)
    true = None
    if str(raw):
        roster = [city for city in cities("ne34").index if city not in set(without)]
        required = {"city": roster, "year": list(span)}
        tables = CONTRACT.read(ROOT / Path(raw), required, partial=True)
        source = CONTRACT.source(raw, tables)
        about = f", from the files of {literal(source)}."
    else:
        beyond = sorted(set(span) - set(YEARS))
        if beyond:
            raise ParameterError(
                f"simulated data cover {YEARS[0]}-{YEARS[-1]}, not {beyond[0]}; choose years inside"
            )
        if scenario not in SCENARIOS:
            choices = " or ".join(SCENARIOS)
            raise ParameterError(f"scenario {scenario!r} is unknown; choose {choices}")
        if seed == SEED:
            folder = ROOT / "data" / "simulated" / "ne34" / scenario
            tables = CONTRACT.read(
                folder, {"city": list(cities("ne34").index), "year": list(YEARS)}
            )
        else:
            tables = simulate(scenario, seed).tables
        source = f"simulated ({scenario}, seed {seed})"
        values = truth(scenario)
        true = values.rename("value").reset_index().assign(equation="Carbon")
        rho = f"{values['rho']:.3f}".replace("-", "−")
        about = f" of generated series, scenario *{scenario}* (ρ = {rho}), seed {seed}."
    panel = in_per_cent(variables(tables, without=without, years=span, source=source))
    return Data(
        panel=panel,
        places=cities("ne34").loc[panel.units],
        kind="real" if true is None else "simulated",
        about=about,
        tables=tables,
        truth=true,
        recovers=true is not None,
    )


STUDY = Study(
    **written("analysis.papers.ne34"),
    model=DYNAMIC,
    load=load,
    years=YEARS,
    choices=(
        RAW,
        offered("scenario", "simulated data", "as-printed", more=("effects-implied", "levels-at-random")),
        offered(
            "weights", "spatial weights", "additive-nest", "inverse-distance",
            "inverse-distance-squared", "product", "gravity", "nearest-5", more=("diagonal-nest",),
        ),
        spans("2003-2022", "2003-2019"),
    ),
    captions=declared("analysis.papers.ne34", "captions.toml"),
    files=tuple(f"data/simulated/ne34/as-printed/{table.file}" for table in CONTRACT.tables),
)  # fmt: skip


def sector_specification(sector: str, base: Specification = DYNAMIC) -> Specification:
    """Return the model with co-agglomeration of manufacturing and one service sector."""
    renamed = tuple(term.replace("Coagg", f"Coagg_{sector}") for term in base.regressors)
    return replace(base, regressors=renamed)


def effects_of(
    parameters: pd.Series, weights: Weights, horizon: Literal["short", "long"] = "short"
) -> pd.DataFrame:
    """Direct, indirect and total effects that given parameters imply, without any estimation.

    Parameters
    ----------
    parameters : Series
        By term: each regressor, its ``W.`` term, ``rho``, and ``L.Carbon``, ``W.L.Carbon``.
    weights : Weights
    horizon : {"short", "long"}

    Returns
    -------
    DataFrame
        One row a regressor; columns direct, indirect, total. In the long run these are what the
        formula gives, whether or not the dynamics converge to it.
    """
    terms = list(STUDY.regressors)
    theta = parameters[[f"W.{term}" for term in terms]].set_axis(terms)
    rows = pd.DataFrame({"beta": parameters[terms], "theta": theta}).rename_axis("term")
    tau, eta = parameters.get("L.Carbon", 0.0), parameters.get("W.L.Carbon", 0.0)
    roots = np.linalg.eigvals(weights.dense())
    effects = expected_effects(rows, tau, parameters["rho"], eta, roots, horizon)
    return effects.assign(total=effects.sum(axis=1))
