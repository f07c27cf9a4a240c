"""The north-east tables over 200 seeds of the generator: what one simulated data set cannot say."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from analysis.book import heavy as validate
from analysis.errors import EstimationError, UnstableError
from analysis.inference.groups import compare_groups
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34 import tables
from analysis.papers.ne34.measures import VARIABLES, in_fractions
from analysis.papers.ne34.targets import TRUTHS
from analysis.spatial import Fit, fit
from analysis.spatial.effects import Horizon
from analysis.spatial.moran import global_moran
from analysis.spatial.specification_tests import specification_tests
from analysis.study import Sample, open_study, results
from analysis.study.results import over_seeds

SEEDS = range(1, 201)
Columns = Mapping[str, pd.Series]
"""Rows of a table by column."""


def _params(make: Callable[..., Mapping[str, Fit]], *given: Any) -> Columns:
    return {column: found.params for column, found in make(*given).items()}


def _main(sample: Sample) -> Fit:
    return fit(sample.panel, sample.study.model, sample.weights)


def _effects(sample: Sample, horizon: Horizon) -> Columns:
    found, run = _main(sample).effects(horizon)["estimate"], tables.RUNS[horizon]
    return {f"{run} {effect} effect": found[effect] for effect in ("direct", "indirect", "total")}


def _moments(sample: Sample) -> Columns:
    frame = in_fractions(sample.panel).frame[list(VARIABLES)]
    moments = frame.agg(["mean", "std", "min", "max"]).T.rename(columns={"std": "std_dev"})
    return {str(item): values for item, values in moments.items()}


def _moran(sample: Sample) -> Columns:
    moran = global_moran(sample.panel, "Carbon", sample.weights, permutations=0)
    return {"morans_i": moran["I"], "z": moran["z_random"]}


def _tests(sample: Sample) -> Columns:
    tests = specification_tests(sample.panel, ne34.DYNAMIC, sample.weights)
    return {"statistic": tests["statistic"].dropna(), "p": tests["p_value"].dropna()}


def _turning_point(sample: Sample) -> Columns:
    return {"Model 2": pd.Series({"turning point": tables.turn(_main(sample).params)})}


def _difference(sample: Sample) -> Columns:
    model, test = tables.group_difference(sample)
    one, two = (model.fit.params[f"Coagg[{group}]"] for group in model.groups)
    return {"difference": pd.Series({"Coagg": one - two, "p": test.p_value})}


def estimations(sample: Sample) -> Iterator[tuple[str, Callable[[], Columns]]]:
    """Every table of one sample; of the second scenario Tables 4 and 5."""
    for name, model in (("Model 1", sample.study.static), ("Model 2", sample.study.model)):
        for table, estimator in (("4", model.estimator), ("4 uncorrected", "direct")):
            asked = {name: (sample, replace(model, estimator=estimator))}
            yield table, partial(_params, results.fits, asked, fit)
    for horizon in tables.RUNS:
        yield "5", partial(_effects, sample, horizon)
    if sample.parameters["scenario"] == TRUTHS[0]:
        yield from zip("123", (partial(f, sample) for f in (_moments, _moran, _tests)), strict=True)
        fits = (tables.robustness_fits, tables.group_fits, tables.sector_fits)
        for table, make in zip("677", fits, strict=True):
            yield table, partial(_params, make, sample)
        yield "4", partial(_turning_point, sample)
        yield "7", partial(_difference, sample)


def estimates(sample: Sample) -> list[dict[str, object]]:
    """Tables of one sample in long form, without what its data do not identify."""
    rows = []
    for table, make in estimations(sample):
        with suppress(EstimationError, UnstableError):
            rows += [
                {"table": table, "column": column, "row": str(row), "value": float(value)}
                for column, values in make().items()
                for row, value in values.items()
            ]
    return rows


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
    runs = {s: over_seeds("ne34", estimates, SEEDS, scenario=s, **asked) for s in TRUTHS}
    draws = pd.concat(runs, names=["scenario"])
    found = draws.groupby(["scenario", "table", "column", "row"], sort=False)["value"].agg(
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
    compared = {
        term: compare_groups(
            sample.panel, ne34.DYNAMIC, sample.weights, sample.group("resource"), term,
            draws=999, seed=1, n_jobs=os.cpu_count() or 1,
        ).pairs
        for term in tables.CURVE
    }  # fmt: skip
    return pd.concat(compared, names=["term"]).reset_index(level=0).reset_index(drop=True)
