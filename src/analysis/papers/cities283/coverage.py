"""Coverage of intervals with and without the first stage, on simulated studies of known truth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.book import heavy
from analysis.book.sweep import grid
from analysis.efficiency import Technology
from analysis.inference.first_stage import Frontier, FrontierBootstrap, frontier_bootstrap
from analysis.inference.groups import interaction_model
from analysis.inference.mediation import mediation
from analysis.simulate.frontier import TWO_STAGES, two_stages
from analysis.spatial import Specification

STUDIES, DRAWS = 200, 99
SHOWN = ("theta1", "share", "east - west")
TILTS = {"errors apart from it": 0.0, "errors go with the regressor": 0.15}
"""Whether errors of scores go with co-agglomeration: how far that moves the mix of inputs."""

SCORED = Specification("scored", ["x"], model="sdm")
TECHNOLOGY = Technology(("capital", "labour", "energy"), ("gdp",), ("co2",))


def bootstrapped(seed: int, tilt: float, exponent: float, draws: int) -> FrontierBootstrap:
    """Simulate a study, measure and estimate it, and draw both bootstraps."""
    production, latent, weights = two_stages(seed, tilt=tilt)
    frontier = Frontier(production, TECHNOLOGY, exponent)
    panel = latent.assign(scored=frontier.outcome(frontier.levels))
    regions = pd.Series(np.where(panel.values("east")[0] > 0, "east", "west"), panel.units)
    groups = {"region": interaction_model(panel, SCORED, weights, regions)}
    found = mediation(panel, SCORED, weights, "x", "m")
    return frontier_bootstrap(found, frontier, groups, draws=draws, seed=seed)


def replication(specification: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Intervals of one study by stage and quantity, and whether they hold the truth."""
    tilt = TILTS[specification["errors"]]
    found = bootstrapped(specification["seed"], tilt, specification["exponent"], DRAWS)
    ends = found.intervals().query("quantity in @SHOWN").reset_index()
    truth = ends["quantity"].map(TWO_STAGES)
    return ends.assign(
        basic=truth.between(ends["lower"], ends["upper"]),
        percentile=truth.between(ends["percentile_lower"], ends["percentile_upper"]),
        width=ends["upper"] - ends["lower"],
        true_bias=ends["estimate"] - truth,
    )[["stage", "quantity", "basic", "percentile", "width", "bias", "true_bias"]].to_dict("records")


@heavy.result("cities283_coverage", budget=900)
def coverage() -> pd.DataFrame:
    """Shares of basic and percentile intervals that hold the truth; median width, mean biases."""
    plan = grid({"errors": [*TILTS], "exponent": Frontier.exponent, "seed": [*range(STUDIES)]})
    rows = heavy.swept("cities283_coverage", replication, plan)
    means = ["basic", "percentile", "bias", "true_bias"]
    rows = rows[rows["error"] == ""].astype(dict.fromkeys(means, float))
    by = rows.groupby(["errors", "stage", "quantity"], sort=False)
    return by[means].mean().assign(width=by["width"].median(), studies=by.size()).reset_index()
