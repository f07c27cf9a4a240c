"""Carbon emission efficiency of 283 cities: paper B."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.panel import Panel
from analysis.papers.cities283 import study as cities283
from analysis.papers.cities283.measures import CONTRACT, MUNICIPALITIES
from analysis.papers.places import cities
from analysis.study.curve.choices import (
    DYNAMICS,
    ESTIMATOR,
    MODEL,
    RAW,
    STD_ERRORS,
    TAIL,
    Case,
    controls,
    offered,
    spans,
)
from analysis.study.declaration import weight_matrix
from analysis.weights import Weights

_CONTROLS = tuple(term for term in cities283.STUDY.regressors if term != "INA")


def _weights(kind: str, panel: Panel) -> Weights:
    income = np.exp(panel.frame["lnGDP"]).groupby(level="city").mean()
    return weight_matrix(kind, cities("cities284").loc[panel.units], income)


def _municipalities(panel: Panel) -> list[Any]:
    return [city for city in panel.units if city in MUNICIPALITIES]


CASE = Case(
    name="cities283",
    title="Carbon emission efficiency of 283 cities",
    outcome="TCE",
    focus=("INA",),
    controls=_CONTROLS,
    panel=lambda chosen: cities283.load(**chosen).panel,
    weights=_weights,
    choices=(
        RAW,
        offered(
            "outcome",
            "form of the efficiency index",
            "index",
            "log-index",
            more=("level", "cumulative"),
        ),
        offered(
            "weights",
            "spatial weights",
            "inverse-distance",
            "inverse-distance-squared",
            "gravity",
            "nearest-5",
            more=("additive-nest", "diagonal-nest", "product"),
        ),
        spans("2010-2019", "2011-2019"),
        offered("cities", "cities", "all", "without-municipalities", more=("without-extreme",)),
        TAIL,
        controls(*_CONTROLS),
        MODEL,
        DYNAMICS,
        ESTIMATOR,
        STD_ERRORS,
    ),
    groups={"without-municipalities": _municipalities},
    under_null=("weights", "dynamics", "estimator"),
    files=tuple(f"data/simulated/cities283/{table.file}" for table in CONTRACT.tables),
)
