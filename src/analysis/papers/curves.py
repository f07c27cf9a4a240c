"""What the specification curves of both studies share."""

from __future__ import annotations

from functools import partial
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from analysis.book import heavy as validate
from analysis.book.sweep import sweep
from analysis.study.curve.choices import Case, case_of, estimate, full_grid
from analysis.study.curve.null import curve_of, null_fit, null_grid, null_outcome, shares

DRAWS = 199
SEED = 20_261_122


def whole_curve(case: Case) -> pd.DataFrame:
    """Estimate the full grid; one row a specification and quantity, failures with their error."""
    with TemporaryDirectory() as folder:
        table = sweep(partial(estimate, case.name), full_grid(case), folder)
    constant = [c.parameter.name for c in case.choices if len(c.values) == 1]
    return table.drop(columns=constant)


def null_shares(name: str, draw: int) -> pd.DataFrame:
    """Summarise the null grid on one draw; draw -1 is the data themselves."""
    case = case_of(name)
    outcome = None
    if draw >= 0:
        outcome = null_outcome(null_fit(case), np.random.default_rng([SEED, draw]))
    curve = curve_of(case, null_grid(case), outcome, with_effects=False)
    return shares(curve).assign(draw=draw)


def null_curves(case: Case) -> pd.DataFrame:
    """Return the shares of the null grid on the data (draw -1) and on every draw."""
    drawn = validate.parallel(partial(null_shares, case.name), range(-1, DRAWS))
    return pd.concat(drawn, ignore_index=True)
