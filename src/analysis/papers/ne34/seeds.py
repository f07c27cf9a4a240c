"""The north-east tables over 200 seeds of the generator: what one simulated data set cannot say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from analysis.book import heavy as validate
from analysis.inference.groups import compare_groups
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34 import tables
from analysis.papers.ne34.targets import TRUTHS
from analysis.spatial import Fit, fit
from analysis.spatial.effects import Horizon
from analysis.spatial.moran import global_moran
from analysis.spatial.specification_tests import specification_tests
from analysis.study import Sample, open_study, results
from analysis.study.seeds import attempt, over_seeds

SEEDS = range(1, 201)
KEYS = ["table", "column", "row"]
Columns = list[tuple[str, str, pd.Series]]
"""Table, column and its rows."""


def _fitted(table: str, make: Callable[[], Mapping[str, Fit]]) -> Columns:
    return [(table, column, found.params) for column, found in make().items()]


def _effects(sample: Sample, horizon: Horizon) -> Columns:
    found = fit(sample.panel, sample.study.model, sample.weights).effects(horizon)["estimate"]
    return [
        ("5", f"{tables.RUNS[horizon]} {effect} effect", found[effect])
        for effect in ("direct", "indirect", "total")
    ]


def _moments(sample: Sample) -> Columns:
    moments = tables.descriptives(sample).drop(columns="observations")
    moran = global_moran(sample.panel, "Carbon", sample.weights, permutations=0)
    return [
        *(("1", str(item), values) for item, values in moments.items()),
        ("2", "morans_i", moran["I"]),
        ("2", "z", moran["z_random"]),
    ]


def _tests(sample: Sample) -> Columns:
    tests = specification_tests(sample.panel, ne34.DYNAMIC, sample.weights)
    return [("3", "statistic", tests["statistic"].dropna()), ("3", "p", tests["p_value"].dropna())]


def _turning_point(sample: Sample) -> Columns:
    b = fit(sample.panel, sample.study.model, sample.weights).params
    return [("4", "Model 2", pd.Series({"turning point": tables.turn(b)}))]


def _difference(sample: Sample) -> Columns:
    model, test = tables.group_difference(sample)
    one, two = (model.fit.params[f"Coagg[{group}]"] for group in model.groups)
    return [("7", "difference", pd.Series({"Coagg": one - two, "p": test.p_value}))]


def estimations(sample: Sample) -> Iterator[Callable[[], Columns]]:
    """Every table of one sample; of the second scenario Tables 4 and 5."""
    for name, model in (("Model 1", sample.study.static), ("Model 2", sample.study.model)):
        for table, estimator in (("4", model.estimator), ("4 uncorrected", tables.UNCORRECTED)):
            asked = {name: (sample, replace(model, estimator=estimator))}
            yield partial(_fitted, table, partial(results.fits, asked, fit))
    for horizon in tables.RUNS:
        yield partial(_effects, sample, horizon)
    if sample.parameters["scenario"] != TRUTHS[0]:
        return
    for make in (_moments, _tests):
        yield partial(make, sample)
    for table, fits in (
        ("6", tables.robustness_fits),
        ("7", tables.group_fits),
        ("7", tables.sector_fits),
    ):
        yield partial(_fitted, table, partial(fits, sample))
    for make in (_turning_point, _difference):
        yield partial(make, sample)


def estimates(sample: Sample) -> list[dict[str, object]]:
    """Tables of one sample in long form."""
    return [
        dict(zip([*KEYS, "value"], (table, column, str(row), float(value)), strict=True))
        for make in estimations(sample)
        for table, column, values in attempt(make)
        for row, value in values.items()
    ]


@validate.result(
    "ne34_seeds",
    budget=300,
    files=[
        "data/geography/cities_ne34.csv",
        "data/published/paper_a_intext.csv",
        "src/analysis/papers/ne34/design.toml",
        *(f"data/published/paper_a_table{number}.csv" for number in (1, 2, 4, 5)),
    ],
    takes=("weights", "years", "without", "winsorised"),
)
def ne34_seeds(**asked: Any) -> pd.DataFrame:
    """Median, 5 % and 95 % quantile of every estimate, and the share of p values below 0.05."""
    draws = pd.concat(
        [
            over_seeds("ne34", estimates, SEEDS, scenario=s, **asked).assign(scenario=s)
            for s in TRUTHS
        ]
    )
    found = draws.groupby(["scenario", *KEYS], sort=False)["value"].agg(
        median="median",
        low=lambda values: values.quantile(0.05),
        high=lambda values: values.quantile(0.95),
        below_5_percent=lambda values: float((values < 0.05).mean()),
        seeds="size",
    )
    return found.reset_index()


@validate.result("ne34_groups", budget=120, files=["data/simulated/ne34/as-printed/co2.csv"])
def ne34_groups() -> pd.DataFrame:
    """Permutation test of the groups' difference on the book's data, whole cities permuted."""
    sample = open_study(ne34.STUDY)
    rows = []
    for term in ("Coagg", "Coagg^2"):
        compared = compare_groups(
            sample.panel, ne34.DYNAMIC, sample.weights, sample.group("resource"), term,
            draws=999, seed=1, n_jobs=os.cpu_count() or 1,
        )  # fmt: skip
        rows.append({"term": term, **compared.pairs.iloc[0].to_dict()})
    return pd.DataFrame(rows)
