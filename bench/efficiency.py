"""Slacks-based scores with an undesirable output against one pooled frontier."""

from __future__ import annotations

import numpy as np
import pandas as pd
from run import Job
from scipy.optimize import linprog

from analysis.efficiency import Technology, score
from analysis.panel import Panel

CITIES, YEARS, SAMPLE = 283, 10, 40


def panel() -> Panel:
    """Draw three inputs, one good and one bad output of 283 cities over ten years."""
    rng = np.random.default_rng(5)
    inputs = np.exp(rng.normal(size=(CITIES * YEARS, 3)))
    good = inputs.prod(axis=1) ** 0.3 * np.exp(-np.abs(rng.normal(0, 0.4, CITIES * YEARS)))
    bad = good**0.8 * np.exp(np.abs(rng.normal(0, 0.5, CITIES * YEARS)))
    frame = pd.DataFrame(np.c_[inputs, good, bad], columns=["k", "l", "e", "y", "b"])
    frame["city"] = np.repeat([f"c{i:03d}" for i in range(CITIES)], YEARS)
    frame["year"] = np.tile(np.arange(2010, 2010 + YEARS), CITIES)
    return Panel.from_frame(frame)


def one_by_one(values: np.ndarray, units: np.ndarray) -> list[float]:
    """Solve one scipy linear program for each unit, scaled by the unit's own values."""
    n = len(values)
    found = []
    for unit in values[units]:
        columns = (values / unit).T
        slack = np.diag([1.0, 1, 1, -1, 1])
        rows = np.hstack([-np.ones((5, 1)), columns, slack])
        norm = np.r_[1.0, np.zeros(n + 3), 0.5, 0.5]
        cost = np.r_[1.0, np.zeros(n), [-1 / 3] * 3, 0, 0]
        solved = linprog(cost, A_eq=np.vstack([rows, norm]), b_eq=np.r_[np.zeros(5), 1.0])
        found.append(solved.fun)
    return found


def jobs() -> list[Job]:
    """All scores at once beside one linear program a unit."""
    data = panel()
    technology = Technology(inputs=["k", "l", "e"], good=["y"], bad=["b"])
    values = data.frame[["k", "l", "e", "y", "b"]].to_numpy()
    units = np.random.default_rng(1).choice(len(values), SAMPLE, replace=False)
    peer = "scipy linprog, one by one"
    return [
        Job("sbm with an undesirable output", f"{len(values)} units, pooled frontier",
            lambda: score(data, technology), {peer: lambda: one_by_one(values, units)},
            {peer: SAMPLE / len(values)}, repeats=3),
    ]  # fmt: skip
