"""Spatial system GMM on samples of known truth: what a dense matrix does to its spatial lag.

The samples are those of :mod:`analysis.papers.monte_carlo.likelihood` at one true rho. Their theta
is zero, so the model without ``W x`` is as true as the one with it, and the instrument ``W^2 x`` is
as strong as ``rho beta`` with ``W x`` among the regressors and stronger without.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.book.heavy import result
from analysis.inference.resampling import parallel
from analysis.panel import Panel
from analysis.papers.monte_carlo.likelihood import (
    LEVEL,
    SHAPES,
    Cell,
    draw_panel,
    matrix_of,
    median_error,
    share,
)
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.weights import Weights

RHO = 0.2
DRAWS = 200
CHUNK = 25
MATRICES = ("1/d", "additive nest", "5 nearest")
MODELS = {"lag": (), "Durbin": ("x",)}
"""Name: terms whose spatial lag is a regressor."""
ITEMS = ("rho", "L.y", "W.L.y", "x")


class Draw(NamedTuple):
    """One estimate of one draw, and the least-squares one of the same parameter."""

    item: str
    value: float
    std_error: float
    hansen: float
    instruments: int
    least_squares: float


def least_squares(panel: Panel, w: Weights, durbin: bool) -> dict[str, float]:
    """Regress y on what GMM has, spatial lag included, by least squares with two-way effects."""
    y, x, lag = panel.values("y"), panel.values("x"), w.matrix.T
    columns = {"rho": y[1:] @ lag, "L.y": y[:-1], "W.L.y": y[:-1] @ lag, "x": x[1:]}
    if durbin:
        columns["W.x"] = x[1:] @ lag
    taken = [
        c - c.mean(0) - c.mean(1, keepdims=True) + c.mean() for c in (y[1:], *columns.values())
    ]
    outcome, *regressors = (c.ravel() for c in taken)
    slopes = np.linalg.lstsq(np.column_stack(regressors), outcome, rcond=None)[0]
    return dict(zip(columns, map(float, slopes), strict=True))


def one_chunk(job: tuple[Cell, str, int]) -> list[Draw]:
    """Estimates of one chunk of draws."""
    cell, model, start = job
    w = matrix_of(cell.shape, cell.matrix)
    spec = GmmSpecification("y", ["x"], durbin=MODELS[model], space_time_lag=True)
    found = []
    for draw in range(start, start + CHUNK):
        panel = draw_panel(cell, w, draw)
        fit, plain = fit_gmm(panel, spec, w), least_squares(panel, w, bool(MODELS[model]))
        hansen = float(fit.tests.loc["Hansen", "p_value"])
        found += [
            Draw(
                item, fit.params[item], fit.std_errors[item], hansen, fit.n_instruments, plain[item]
            )
            for item in ITEMS
        ]
    return found


def summarise(cell: Cell, model: str, draws: pd.DataFrame) -> pd.DataFrame:
    """Median, spread and coverage of each parameter, the size of Hansen's test, least squares."""
    reach = stats.norm.ppf((1 + LEVEL) / 2)
    rows = []
    for item, group in draws.groupby("item", sort=False):
        value, truth = group["value"].to_numpy(), cell.truth[str(item)]
        low, median, high = np.quantile(value, [0.05, 0.5, 0.95])
        covered, covered_error = share(np.abs(value - truth) <= reach * group["std_error"])
        rows.append(
            {
                "item": item, "truth": truth, "median": median, "median_error": median_error(value),
                "low": low, "high": high, "above_one": (value >= 1).mean(),
                "least_squares": group["least_squares"].median(),
                "least_squares_error": median_error(group["least_squares"].to_numpy()),
                "coverage": covered, "coverage_error": covered_error,
                "hansen_rejects": (group["hansen"] < 1 - LEVEL).mean(),
                "instruments": int(group["instruments"].iloc[0]), "draws": len(group),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows).round(5)
    head = pd.DataFrame({"shape": cell.shape, "weights": cell.matrix, "model": model}, table.index)
    return pd.concat([head, table], axis=1)


@result(
    "monte_carlo_gmm",
    budget=300,
    files=("data/geography/cities_ne34.csv", "data/geography/cities_283.csv"),
)
def monte_carlo_gmm() -> pd.DataFrame:
    """Return the whole experiment: shapes, matrices, models with and without ``W x``."""
    cells = [Cell(shape, matrix, True, RHO) for shape, matrix in product(SHAPES, MATRICES)]
    designs = list(product(cells, MODELS))
    jobs = [(cell, model, at) for cell, model in designs for at in range(0, DRAWS, CHUNK)]
    chunks = parallel(one_chunk, jobs)
    draws: dict[tuple[Cell, str], list[Draw]] = {design: [] for design in designs}
    for (cell, model, _), chunk in zip(jobs, chunks, strict=True):
        draws[cell, model] += chunk
    return pd.concat(
        [
            summarise(cell, model, pd.DataFrame(found, columns=Draw._fields))
            for (cell, model), found in draws.items()
        ],
        ignore_index=True,
    )
