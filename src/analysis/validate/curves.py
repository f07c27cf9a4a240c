"""Specification curves of the studies, and how they look where co-agglomeration has no effect."""

from __future__ import annotations

from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from analysis import validate
from analysis.curve.choices import CASES, Case, estimate
from analysis.curve.null import curve_of, null_fit, null_outcome, shares
from analysis.curve.plan import full_grid
from analysis.sweep import grid, sweep

DRAWS = 199
SEED = 20_261_122

NULL_GRIDS: dict[str, dict[str, list[Any]]] = {
    "ne34": {
        "weights": [
            "additive-nest",
            "inverse-distance",
            "inverse-distance-squared",
            "product",
            "gravity",
            "nearest-5",
        ],
        "dynamics": ["dynamic", "static"],
        "estimator": ["transformation", "direct"],
    },
}
"""The part of each full grid that is estimated on every draw under the null: coefficients, with
standard errors clustered by city."""


def null_grid(case: Case) -> list[dict[str, Any]]:
    """Return the specifications that are estimated on every draw."""
    return grid({**case.defaults, "std_errors": "cluster", **NULL_GRIDS[case.name]})


def whole_curve(case: Case) -> pd.DataFrame:
    """Estimate the full grid; one row a specification and quantity, failures with their error."""
    with TemporaryDirectory() as folder:
        table = sweep(partial(estimate, case.name), full_grid(case), folder)
    constant = [c.parameter.name for c in case.choices if len(c.values) == 1]
    return table.drop(columns=constant)


def null_shares(name: str, draw: int) -> pd.DataFrame:
    """Summarise the null grid on one draw; draw -1 is the data themselves."""
    case = CASES[name]
    outcome = None
    if draw >= 0:
        outcome = null_outcome(null_fit(case), np.random.default_rng([SEED, draw]))
    curve = curve_of(case, null_grid(case), outcome, with_effects=False)
    return shares(curve).assign(draw=draw)


def null_curves(case: Case) -> pd.DataFrame:
    """Return the shares of the null grid on the data (draw -1) and on every draw."""
    drawn = validate.parallel(partial(null_shares, case.name), range(-1, DRAWS))
    return pd.concat(drawn, ignore_index=True)


@validate.study("curve-ne34", budget=90, files=CASES["ne34"].files)
def curve_ne34() -> pd.DataFrame:
    """All specifications of the north-east study."""
    return whole_curve(CASES["ne34"])


@validate.study("curve-ne34-null", budget=120, files=CASES["ne34"].files)
def curve_ne34_null() -> pd.DataFrame:
    """The north-east study's curve on data without an effect."""
    return null_curves(CASES["ne34"])
