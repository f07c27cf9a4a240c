"""What 34 cities and 20 years can see: the smallest effects that this design detects."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.papers.ne34.targets import truth
from analysis.resources import declared

ROWS = {tuple(cell): name for *cell, name in declared("analysis.papers.ne34", "words.toml")["seen"]}
"""Table, column and row of the study over seeds to the name of a quantity."""


def multiple(level: float = 0.05, power: float = 0.80) -> float:
    """Standard deviations from zero at which a two-sided test rejects with the given power.

    Examples
    --------
    >>> round(multiple(), 2)
    2.8
    """
    return float(norm.ppf(1 - level / 2) + norm.ppf(power))


def detectable(seeds: pd.DataFrame, level: float = 0.05, power: float = 0.80) -> pd.DataFrame:
    """Smallest effect that a two-sided test at `level` finds with the given power, by quantity.

    Parameters
    ----------
    seeds : DataFrame
        The table of :func:`analysis.papers.ne34.seeds.ne34_seeds`.
    level, power : float

    Returns
    -------
    DataFrame
        By quantity: ``spread``, the standard deviation over simulated samples that their central
        90 % give under normality; ``smallest``, :func:`multiple` times that; ``printed``, the
        parameter that the paper prints, where it prints one; ``seen``, its size over the smallest.

    Examples
    --------
    >>> row = ("as-printed", "4", "Model 2", "rho", 0.1, -0.0645, 0.2645, 0.5, 200)
    >>> columns = ["scenario", "table", "column", "row", "median", "low", "high", "x", "seeds"]
    >>> detectable(pd.DataFrame([row], columns=columns)).round(2).iloc[0].tolist()
    [0.18, 0.1, 0.28, 0.64]
    """
    first = seeds[seeds["scenario"] == seeds["scenario"].iloc[0]]
    found = first.set_index(["table", "column", "row"]).reindex(list(ROWS)).dropna(how="all")
    spread = (found["high"] - found["low"]) / (2 * norm.ppf(0.95))
    smallest = multiple(level, power) * spread
    given = truth("as-printed")
    printed = [given[row] if table == "4" else np.nan for table, _, row in found.index]
    frame = pd.DataFrame({"printed": printed, "spread": spread, "smallest": smallest})
    frame.index = [ROWS[key] for key in found.index]
    return frame.assign(seen=frame["printed"].abs() / frame["smallest"]).rename_axis("quantity")
