"""Heavy results of the 283-city study: 200 seeds, permutation of cities, bootstrap from frontier to share."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd

from analysis.book import heavy as validate
from analysis.errors import EstimationError
from analysis.inference.first_stage import Frontier, FrontierBootstrap, Resampler
from analysis.inference.groups import bdiff_replica, interaction_model
from analysis.inference.mediation import mediation
from analysis.papers.cities283.measures import CONTRACT
from analysis.papers.cities283.study import DURBIN, STUDY, TECHNOLOGY, mediate
from analysis.papers.cities283.tables import compared
from analysis.papers.cities283.targets import FILE as TARGETS
from analysis.papers.cities283.targets import SEED
from analysis.spatial import fit
from analysis.study import Sample, open_study
from analysis.study.fallback import FALLBACKS
from analysis.study.results import over_seeds

SEEDS = range(1001, 1201)
"""None of them is the seed of the committed data."""

DRAWS = 1000
"""Permutations, as many as the paper reports."""

BOOTSTRAP_DRAWS = 1000
BOOTSTRAPPED = ("latent", "TCE")

DATA = tuple(
    f"data/simulated/cities283/{file}"
    for file in (*(table.file for table in CONTRACT.tables), "latent.csv", "truth.csv")
)
GEOGRAPHY = "data/geography/cities_284.csv"
TAKES = ("weights", "dropped", "first_raw_year")


def estimates(sample: Sample) -> list[dict[str, object]]:
    """Main estimates of one draw of the data, on latent efficiency and on the scores.

    Those of the Durbin model and the mediation are missing where the likelihood rises up to
    rho = 1, so that there is no estimate.
    """
    assert sample.data.truth is not None
    truth = sample.data.truth.set_index(["equation", "term"])["value"]
    own, lagged, rho = truth["TCE"][["INA", "W.INA", "rho"]]
    true = {
        "INA, two-way without space": truth["without space", "INA"],
        "INA": own,
        "W × INA": lagged,
        "W × outcome (ρ)": rho,
        "total effect of INA": (own + lagged) / (1 - rho),
        "mediated effect": truth["INNOV", "INA"] * truth["TCE with INNOV", "INNOV"],
        "mediated share": truth["mediation", "share"],
        "gap of the identity": 0.0,
    }
    table = pd.Series(true, name="truth", dtype=float).rename_axis("quantity").reset_index()
    rows: list[dict[str, object]] = []
    for outcome in sample.outcomes:
        model = replace(DURBIN, outcome=outcome)
        plain = fit(sample.panel, replace(model, model="ols", estimator="direct"), sample.weights)
        found = [plain.params["INA"]]
        with suppress(EstimationError):
            result = mediation(sample.panel, model, sample.weights, "INA", "INNOV")
            found += [*result.total.params[["INA", "W.INA", "rho"]],
                      result.total.effects().loc[("total", "INA"), "estimate"],
                      result.indirect, result.share, result.gap]  # fmt: skip
        made = table.assign(outcome=outcome, estimate=pd.Series(found, dtype=float))
        rows += made[["outcome", "quantity", "estimate", "truth"]].to_dict("records")
    return rows


@validate.result("cities283_seeds", budget=240, files=[GEOGRAPHY, TARGETS], takes=TAKES)
def seeds(**asked: Any) -> pd.DataFrame:
    """Main estimates over 200 seeds."""
    return over_seeds("cities283", estimates, SEEDS, **asked)


@lru_cache
def _resampler(outcome: str, choices: tuple[tuple[str, Any], ...]) -> Resampler:
    sample = open_study(STUDY, **dict(choices))
    spec = replace(DURBIN, outcome=outcome)
    result = mediate(sample.panel, spec, sample.weights)
    of_groups = replace(spec, estimator="direct-corrected")
    groups = {
        by: interaction_model(sample.panel, of_groups, sample.weights, sample.group(by))
        for by in STUDY.groups
    }
    frontier = None
    if outcome == "TCE":
        assert sample.data.production is not None
        frontier = Frontier(sample.data.production, TECHNOLOGY)
    return Resampler(result, frontier, groups, FALLBACKS)


def bootstrap_draw(specification: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One draw on one outcome: the chapters' own procedure, stand-in estimators included."""
    own = {k: v for k, v in specification.items() if k not in ("outcome", "draw")}
    made = _resampler(specification["outcome"], tuple(own.items()))
    return made.draw(own.get("seed", SEED), specification["draw"])


@validate.result(
    "cities283_bootstrap", budget=600, files=[GEOGRAPHY, TARGETS, *DATA], takes=(*TAKES, "seed")
)
def bootstrap(**asked: Any) -> pd.DataFrame:
    """Intervals from frontier to share, and those of the second stage alone."""
    plan = [
        {"outcome": o, "draw": k, **asked} for o in BOOTSTRAPPED for k in range(BOOTSTRAP_DRAWS)
    ]
    table = validate.swept("cities283_bootstrap", bootstrap_draw, plan)
    parts = {}
    for outcome, rows in table.groupby("outcome", sort=False):
        made, failed = _resampler(str(outcome), tuple(asked.items())), rows["error"] != ""
        kept = rows[~failed].to_dict("records")
        drawn = [
            {k: row[k] for k in ("stage", "stood_in", *made.estimates.index[:-3])} for row in kept
        ]
        found = FrontierBootstrap.of(made.estimates, drawn, rows.loc[failed, "error"])
        stood_in = found.draws["stood_in"].groupby(level=0).mean()
        counts = {"draws": BOOTSTRAP_DRAWS, "failed": sum(failed)}
        parts[outcome] = found.intervals().assign(**counts).join(stood_in)
    return pd.concat(parts, names=["outcome"]).reset_index()


@validate.result("cities283_groups", budget=420, files=[GEOGRAPHY, TARGETS, *DATA])
def permutations() -> pd.DataFrame:
    """Permutation tests of the coefficient of co-agglomeration between groups of cities."""
    sample = open_study(STUDY)
    pairs = compared(sample, DRAWS - 1, seed=283)
    replicas = []
    for outcome, by, *members in pairs[["outcome", "by", "first", "second"]].to_numpy():
        labels = sample.group(by)
        panel = sample.panel.sub(units=labels.index[labels.isin(members)])
        replicas.append(
            bdiff_replica(panel, outcome, DURBIN.regressors, labels, "INA", DRAWS, seed=283)
        )
    found = pd.DataFrame(replicas).reset_index(drop=True)
    return pairs.assign(
        draws=DRAWS, replica_difference=found["difference"], replica_p=found["p_folded"]
    )
