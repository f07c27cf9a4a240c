"""Study A: industrial co-agglomeration and carbon intensity in 34 cities of north-east China."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.book import parameters as notebook_parameters
from analysis.errors import ParameterError
from analysis.measures.cleaning import PercentileRule, winsorise
from analysis.panel import Panel
from analysis.papers.ne34.generator import simulate
from analysis.papers.ne34.measures import CONTRACT, SECTORS, VARIABLES, in_per_cent, variables
from analysis.papers.ne34.targets import REGRESSORS, SCENARIOS, SEED, YEARS, truth
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.spatial import Specification
from analysis.study.declaration import Study, Variable, weight_matrix
from analysis.weights import Weights

STUDY = Study(
    name="ne34",
    paper="A",
    title="The impact of industrial co-agglomeration on carbon intensity in northeast China",
    citation="han2026",
    variables=(
        Variable(
            "Carbon", "carbon intensity", "outcome", "tonnes per 10⁴ yuan", "CO2 emissions over GDP"
        ),
        Variable(
            "Coagg", "co-agglomeration", "explanatory", "index",
            "balance plus level of the location quotients of manufacturing and of six producer "
            "services",
        ),
        Variable("GOV", "government size", "control", "per cent", "fiscal expenditure over GDP"),
        Variable("LnPGDP", "ln GDP per head", "control", "ln yuan", "GDP over population"),
        Variable("FDI", "foreign investment", "control", "per cent", "investment used over GDP"),
        Variable("LnRD", "ln road area per head", "control", "ln m²", "urban road area a head"),
        Variable(
            "TI", "technology spending", "control", "per cent",
            "science and technology expenditure over fiscal expenditure",
        ),
        Variable(
            "LnER", "ln environmental regulation", "control", "ln share",
            "share of environmental words in the government work report",
        ),
    ),
    regressors=REGRESSORS,
    years=YEARS,
    weights="additive-nest",
)  # fmt: skip

STATIC = Specification("Carbon", REGRESSORS, model="sdm")
"""Model 1 of the printed Table 4."""

DYNAMIC = Specification("Carbon", REGRESSORS, model="sdm", time_lag=True, space_time_lag=True)
"""Model 2 of the printed Table 4, and the paper's main model."""

GROUPS: Mapping[str, tuple[str, int]] = {
    "RC": ("resource-based cities", 1),
    "NRC": ("other cities", 0),
}
"""Printed label to name and flag of the geography file."""


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
    w = weights.dense()
    eye = np.eye(len(w))
    rho = parameters["rho"]
    multiplier = eye - rho * w
    if horizon == "long":
        tau, eta = parameters.get("L.Carbon", 0.0), parameters.get("W.L.Carbon", 0.0)
        multiplier = (1 - tau) * eye - (rho + eta) * w
    rows = {}
    for name in STUDY.regressors:
        responses = np.linalg.solve(
            multiplier, parameters[name] * eye + parameters[f"W.{name}"] * w
        )
        direct, total = float(np.diag(responses).mean()), float(responses.sum(axis=1).mean())
        rows[name] = {"direct": direct, "indirect": total - direct, "total": total}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def cities_of(group: str) -> list[str]:
    """Cities of a printed group, ``"RC"`` or ``"NRC"``.

    Examples
    --------
    >>> len(cities_of("RC")), len(cities_of("NRC"))
    (19, 15)
    """
    geo = cities("ne34")
    return list(geo.index[geo["resource_based"] == GROUPS[group][1]])


@dataclass(frozen=True, eq=False, slots=True)
class Banner:
    """What the data of a page are, as the output of its first cell."""

    kind: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        plain = f"{self.kind} data: {self.text}"
        return {"text/markdown": f":::{{{self.kind}}}\n{self.text}\n:::", "text/plain": plain}


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """The study's data as one notebook uses them.

    Attributes
    ----------
    panel : Panel
        In the units of the regressions: GOV, FDI and TI in per cent.
    tabulated : Panel
        In the units of the printed Table 1: GOV, FDI and TI as fractions.
    raw : dict of DataFrame
        Raw tables, gaps as they came.
    weights : Weights
    geo : DataFrame
        Geography of the panel's cities.
    truth : Series or None
        Parameters of the generating model by term, where data are simulated.
    scenario : str
        Empty for real data.
    recovers : bool
        Whether estimates can be held against `truth`: simulated data, the generator's weight
        matrix, no winsorising.
    parameters : dict
        What was asked for, to be named below tables.
    """

    panel: Panel
    tabulated: Panel
    raw: dict[str, pd.DataFrame]
    weights: Weights
    geo: pd.DataFrame
    truth: pd.Series | None
    scenario: str
    recovers: bool
    parameters: dict[str, Any]

    @property
    def is_simulated(self) -> bool:
        """Whether the generator made these data."""
        return self.truth is not None

    @property
    def estimate_kind(self) -> str:
        """Kind of a comparison between an estimate of the main model and print."""
        return "recovered" if self.recovers else self.derived_kind

    @property
    def derived_kind(self) -> str:
        """Kind of a comparison with whatever else the planted coefficients enter."""
        return "inherited" if self.is_simulated else "free"

    @property
    def target_kind(self) -> str:
        """Kind of a comparison with a number to which the generator was calibrated."""
        return "targeted" if self.is_simulated else "free"

    def true(self, term: str) -> float | None:
        """The generator's parameter for a term, where estimates can be held against it."""
        if not self.recovers or self.truth is None or term not in self.truth:
            return None
        return float(self.truth[term])

    @property
    def income(self) -> pd.Series:
        """Mean GDP per head of each city over the sample years, yuan."""
        return self.tabulated.frame["PGDP"].groupby(level="city").mean()[self.panel.units]

    def with_weights(self, kind: str) -> Sample:
        """The same data with another weight matrix, one of :data:`analysis.study.declaration.WEIGHTS`."""
        return replace(
            self,
            weights=weight_matrix(kind, self.geo, self.income),
            recovers=self.recovers and kind == STUDY.weights,
            parameters={**self.parameters, "weights": kind},
        )

    def winsorised(self, percent: float = 1.0, rule: PercentileRule = "stata") -> Sample:
        """The same data with all variables winsorised; the weight matrix stays."""
        names = [*VARIABLES, *(f"Coagg_{sector}" for sector in SECTORS)]
        trimmed = Panel(
            winsorise(self.tabulated.frame, names, percent, rule), self.tabulated.source
        )
        return replace(
            self,
            panel=in_per_cent(trimmed),
            tabulated=trimmed,
            recovers=False,
            parameters={**self.parameters, "winsorised": percent},
        )

    def sub(
        self, cities: Collection[str] | None = None, years: Collection[int] | None = None
    ) -> Sample:
        """Some cities, in panel order, or some years; the matrix keeps its rows, standardised anew."""
        kept = (
            None if cities is None else [city for city in self.panel.units if city in set(cities)]
        )
        panel = self.panel.sub(kept, years)
        return replace(
            self,
            panel=panel,
            tabulated=self.tabulated.sub(kept, years),
            weights=self.weights.sub(panel.units),
            geo=self.geo.loc[panel.units],
            recovers=self.recovers and kept is None,
        )

    @property
    def banner(self) -> Banner:
        """Banner of the page."""
        n, t = self.panel.n_units, self.panel.n_periods
        if not self.is_simulated:
            return Banner("real", f"{n} cities, {t} years, from the files of {self.panel.source}.")
        rho = None if self.truth is None else self.truth["rho"]
        return Banner(
            "simulated",
            f"{n} real cities, {t} years of generated series, scenario *{self.scenario}* "
            f"(ρ = {rho:.3f}), seed {self.parameters['seed']}.",
        )


def load(
    scenario: str = "as-printed",
    raw: str | Path = "",
    seed: int = SEED,
    years: str = "2003-2022",
    weights: str = STUDY.weights,
    winsorised: float = 0.0,
    without: Collection[str] = (),
) -> Sample:
    """Read or generate the study's raw files and build everything a notebook needs.

    Parameters
    ----------
    scenario : {"as-printed", "effects-implied"}
        Which simulated data; ignored where `raw` is given.
    raw : path
        Folder with the study's real files, in the form of the raw contract. A relative path is
        taken from the project's folder.
    seed : int
        Of the generator. The book's own seed reads the committed files, another generates.
    years : str
        ``"2003-2022"``.
    weights : str
        One of :data:`analysis.study.declaration.WEIGHTS`; income is the mean over the sample years.
    winsorised : float
        Per cent in each tail; 0 for none.
    without : collection of str
        Cities left out.

    Returns
    -------
    Sample

    Raises
    ------
    RawDataError, GapError, DomainError
        If raw files break their contract.
    ParameterError
        If simulated data do not cover the years.

    Examples
    --------
    >>> sample = load(years="2003-2019")
    >>> sample.panel.n_units, sample.panel.n_periods, sample.true("rho")
    (34, 17, 0.18)
    """
    span = notebook_parameters.years(years)
    asked = {
        **({"raw": str(raw)} if str(raw) else {"scenario": scenario, "seed": seed}),
        "years": years,
        "weights": weights,
        **({"without": ", ".join(without)} if without else {}),
    }
    if str(raw):
        folder = ROOT / Path(raw)
        roster = [city for city in cities("ne34").index if city not in set(without)]
        tables = CONTRACT.read(folder, {"city": roster, "year": list(span)})
        source, parameters, scenario = str(raw), None, ""
    else:
        beyond = sorted(set(span) - set(YEARS))
        if beyond:
            raise ParameterError(
                f"simulated data cover {YEARS[0]}-{YEARS[-1]}, not {beyond[0]}; choose years inside"
            )
        tables = _simulated(scenario, seed)
        source = f"simulated ({scenario}, seed {seed})"
        parameters = truth(scenario).as_series().rename({"L.y": "L.Carbon", "W.L.y": "W.L.Carbon"})
    panel = variables(tables, without=without, years=span, source=source)
    geo = cities("ne34").loc[panel.units]
    income = panel.frame["PGDP"].groupby(level="city").mean()
    sample = Sample(
        panel=in_per_cent(panel),
        tabulated=panel,
        raw=tables,
        weights=weight_matrix(weights, geo, income),
        geo=geo,
        truth=parameters,
        scenario=scenario,
        recovers=parameters is not None and weights == STUDY.weights,
        parameters=asked,
    )
    return sample.winsorised(winsorised) if winsorised else sample


def _simulated(scenario: str, seed: int) -> dict[str, pd.DataFrame]:
    if scenario not in SCENARIOS:
        raise ParameterError(f"scenario {scenario!r} is unknown; choose {' or '.join(SCENARIOS)}")
    if seed != SEED:
        return simulate(scenario, seed).tables
    folder = ROOT / "data" / "simulated" / "ne34" / scenario
    return CONTRACT.read(folder, {"city": list(cities("ne34").index), "year": list(YEARS)})
