"""The specification curve of a study and the same where there is no effect, as heavy results."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from analysis.book import heavy
from analysis.inference.resampling import parallel
from analysis.study.curve.choices import choices, estimate, full_grid
from analysis.study.curve.null import curve_of, null_fit, null_grid, null_outcome, shares
from analysis.study.declaration import Study
from analysis.study.sample import find_study

DRAWS = 199
SEED = 20_261_122


def whole_curve(study: Study) -> pd.DataFrame:
    """Estimate the full grid; one row a specification and quantity, failures with their error."""
    run = partial(estimate, study.name)
    table = heavy.swept(f"curve-{study.name}", run, full_grid(study))
    constant = [name for name, choice in choices(study).items() if len(choice.values) == 1]
    return table.drop(columns=constant)


def null_shares(name: str, draw: int) -> pd.DataFrame:
    """Summarise the null grid on one draw; draw -1 is the data themselves."""
    study = find_study(name)
    outcome = None
    if draw >= 0:
        outcome = null_outcome(null_fit(study), np.random.default_rng([SEED, draw]))
    curve = curve_of(study, null_grid(study), outcome, with_effects=False)
    return shares(curve).assign(draw=draw)


def null_curves(study: Study) -> pd.DataFrame:
    """Return the shares of the null grid on the data (draw -1) and on every draw."""
    drawn = parallel(partial(null_shares, study.name), range(-1, DRAWS))
    return pd.concat(drawn, ignore_index=True)


def register(study: Study) -> None:
    """Make the curve and its null heavy results: ``curve-NAME`` and ``curve-NAME-null``."""
    runs = {"": (whole_curve, 90.0), "-null": (null_curves, 120.0)}
    for suffix, (run, budget) in runs.items():
        heavy.result(
            f"curve-{study.name}{suffix}",
            budget=budget,
            files=study.files,
            modules=[study.load.__module__],
        )(_of(run, study))


def _of(run: Callable[[Study], pd.DataFrame], study: Study) -> Callable[[], pd.DataFrame]:
    return lambda: run(study)
