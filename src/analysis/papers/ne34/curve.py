"""Carbon intensity of 34 cities in north-east China: paper A."""

from __future__ import annotations

from analysis.panel import Panel
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.measures import CONTRACT
from analysis.papers.places import cities
from analysis.study.curve.choices import (
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

_CONTROLS = tuple(term for term in ne34.STUDY.regressors if not term.startswith("Coagg"))


def _weights(kind: str, panel: Panel) -> Weights:
    income = panel.frame["PGDP"].groupby(level="city").mean()
    return weight_matrix(kind, cities("ne34").loc[panel.units], income)


CASE = Case(
    name="ne34",
    title="Carbon intensity of 34 cities in north-east China",
    outcome="Carbon",
    focus=("Coagg", "Coagg^2"),
    controls=_CONTROLS,
    panel=lambda chosen: ne34.load(**chosen).panel,
    weights=_weights,
    choices=(
        RAW,
        offered("scenario", "simulated data", "as-printed", more=("effects-implied",)),
        offered(
            "weights",
            "spatial weights",
            "additive-nest",
            "inverse-distance",
            "inverse-distance-squared",
            "product",
            "gravity",
            "nearest-5",
            more=("diagonal-nest",),
        ),
        spans("2003-2022", "2003-2019"),
        offered("cities", "cities", "all", "without-extreme"),
        TAIL,
        controls(*_CONTROLS),
        MODEL,
        offered("dynamics", "lags of the outcome", "dynamic", "static"),
        ESTIMATOR,
        STD_ERRORS,
    ),
    under_null=("weights", "dynamics", "estimator"),
    files=tuple(
        f"data/simulated/ne34/as-printed/{table.file}" for table in CONTRACT.tables
    ),
)  # fmt: skip
