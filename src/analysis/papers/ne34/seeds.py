"""The north-east tables over 200 seeds of the generator: what one simulated data set cannot say."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from analysis.book import heavy as validate
from analysis.inference.groups import compare_groups
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.measures import VARIABLES
from analysis.papers.ne34.tables import (
    RUNS,
    UNCORRECTED,
    descriptives,
    group_difference,
    group_fits,
    robustness_fits,
    sector_fits,
)
from analysis.papers.ne34.targets import TRUTHS
from analysis.spatial import Fit, fit
from analysis.spatial.moran import global_moran
from analysis.spatial.results import Horizon
from analysis.spatial.specification_tests import specification_tests
from analysis.study import Sample, open_study, results
from analysis.study.seeds import attempt, over_seeds

SEEDS = range(1, 201)
Row = tuple[str, str, str, float]
KEYS = ["table", "column", "row"]


def _estimates(table: str, make: Callable[[], dict[str, Fit]]) -> list[Row]:
    return attempt(
        lambda: [
            (table, column, term, float(value))
            for column, result in make().items()
            for term, value in result.params.items()
        ]
    )


def _effects(sample: Sample, horizon: Horizon) -> list[Row]:
    found = fit(sample.panel, sample.study.model, sample.weights).effects(horizon)
    return [
        ("5", f"{RUNS[horizon]} {effect} effect", term, float(value))
        for (effect, term), value in found["estimate"].items()
    ]


def _tests(sample: Sample) -> list[Row]:
    tests = specification_tests(sample.panel, ne34.DYNAMIC, sample.weights)
    return [
        ("3", column, str(name), float(value))
        for column, source in (("statistic", "statistic"), ("p", "p_value"))
        for name, value in tests[source].dropna().items()
    ]


def _turning_point(sample: Sample) -> list[Row]:
    b = fit(sample.panel, sample.study.model, sample.weights).params
    return [("4", "Model 2", "turning point", -float(b["Coagg"] / (2 * b["Coagg^2"])))]


def _difference(sample: Sample) -> list[Row]:
    model, test = group_difference(sample)
    one, two = (model.fit.params[f"Coagg[{group}]"] for group in model.groups)
    return [
        ("7", "difference", "Coagg", float(one - two)),
        ("7", "difference", "p", float(test.p_value)),
    ]


def estimates(sample: Sample) -> list[dict[str, object]]:
    """Every table of one sample in long form; of the second scenario Tables 4 and 5."""
    rows: list[Row] = []
    for name, model in (("Model 1", sample.study.static), ("Model 2", sample.study.model)):
        for table, estimator in (("4", model.estimator), ("4 uncorrected", UNCORRECTED)):
            asked = {name: (sample, replace(model, estimator=estimator))}
            rows += _estimates(table, partial(results.fits, asked, fit))
    for horizon in RUNS:
        rows += attempt(partial(_effects, sample, horizon))
    if sample.parameters["scenario"] == TRUTHS[0]:
        moments = descriptives(sample)
        rows += [
            ("1", item, name, float(moments.loc[name, item]))
            for name in VARIABLES
            for item in ("mean", "std_dev", "min", "max")
        ]
        moran = global_moran(sample.panel, "Carbon", sample.weights, permutations=0)
        for column, source in (("morans_i", "I"), ("z", "z_random")):
            rows += [("2", column, str(year), float(v)) for year, v in moran[source].items()]
        rows += attempt(lambda: _tests(sample))
        for table, make in (("6", robustness_fits), ("7", group_fits), ("7", sector_fits)):
            rows += _estimates(table, partial(make, sample))
        rows += attempt(lambda: _turning_point(sample))
        rows += attempt(lambda: _difference(sample))
    return [dict(zip([*KEYS, "value"], row, strict=True)) for row in rows]


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
    keys = ["scenario", *KEYS]
    grouped = draws.groupby(keys, sort=False)["value"]
    table = grouped.quantile([0.5, 0.05, 0.95]).unstack()
    table.columns = pd.Index(["median", "low", "high"])
    table["below_5_percent"] = grouped.agg(lambda values: float((values < 0.05).mean()))
    table["seeds"] = grouped.size()
    return table.loc[list(dict.fromkeys(map(tuple, draws[keys].to_numpy())))].reset_index()


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
