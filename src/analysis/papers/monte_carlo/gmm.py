"""Spatial system GMM on samples of known truth: what a dense matrix does to its spatial lag.

The samples are those of :mod:`analysis.papers.monte_carlo.likelihood` at one true rho. Their theta
is zero, so the model without ``W x`` is as true as the one with it, and the instrument ``W^2 x`` is
as strong as ``rho beta`` with ``W x`` among the regressors and stronger without.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from analysis.book.heavy import result
from analysis.panel import Panel, within
from analysis.papers.monte_carlo.likelihood import (
    FILES,
    LEVEL,
    REACH,
    SHAPES,
    Cell,
    draw_panel,
    drawn,
    matrix_of,
    median_error,
    share,
)
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.weights import Weights

RHO = 0.2
DRAWS = 200
MATRICES = ("1/d", "additive nest", "5 nearest")
MODELS = {"lag": (), "Durbin": ("x",)}
"""Name: terms whose spatial lag is a regressor."""
ITEMS = ("rho", "L.y", "W.L.y", "x")


def least_squares(panel: Panel, w: Weights, durbin: bool) -> dict[str, float]:
    """Regress y on what GMM has, spatial lag included, by least squares with two-way effects."""
    y, x, lag = panel.values("y"), panel.values("x"), w.matrix.T
    columns = {"rho": y[1:] @ lag, "L.y": y[:-1], "W.L.y": y[:-1] @ lag, "x": x[1:]}
    if durbin:
        columns["W.x"] = x[1:] @ lag
    free = within(np.stack([y[1:], *columns.values()], axis=-1), "two-way").reshape(
        -1, 1 + len(columns)
    )
    slopes = np.linalg.lstsq(free[:, 1:], free[:, 0], rcond=None)[0]
    return dict(zip(columns, map(float, slopes), strict=True))


def one_draw(job: tuple[str, str, str, int]) -> list[dict[str, object]]:
    """Estimates of one draw, and the least-squares ones of the same parameters."""
    shape, matrix, model, draw = job
    w, panel = matrix_of(shape, matrix), draw_panel(Cell(shape, matrix, True, RHO), draw)
    spec = GmmSpecification("y", ["x"], durbin=MODELS[model], space_time_lag=True)
    fit, plain = fit_gmm(panel, spec, w), least_squares(panel, w, bool(MODELS[model]))
    head = {"shape": shape, "weights": matrix, "model": model}
    rest = {"hansen": fit.tests.loc["Hansen", "p_value"], "instruments": fit.n_instruments}
    return [
        {**head, "item": item, "value": fit.params[item], "std_error": fit.std_errors[item],
         "least_squares": plain[item], **rest}
        for item in ITEMS
    ]  # fmt: skip


def summarise(draws: pd.DataFrame) -> pd.DataFrame:
    """Median, spread and coverage of each parameter, the size of Hansen's test, least squares."""
    keys, truths = ["shape", "weights", "model", "item"], Cell("", "", True, RHO).truth
    rows: list[dict[str, object]] = []
    for key, group in draws.groupby(keys, sort=False):
        value, truth, plain = group["value"].to_numpy(), truths[key[-1]], group["least_squares"]
        low, median, high = np.quantile(value, [0.05, 0.5, 0.95])
        covered, covered_error = share(np.abs(value - truth) <= REACH * group["std_error"])
        rows.append(
            {
                **dict(zip(keys, key, strict=True)),
                "truth": truth, "median": median, "median_error": median_error(value),
                "low": low, "high": high, "above_one": (value >= 1).mean(),
                "least_squares": plain.median(),
                "least_squares_error": median_error(plain.to_numpy()),
                "coverage": covered, "coverage_error": covered_error,
                "hansen_rejects": (group["hansen"] < 1 - LEVEL).mean(),
                "instruments": group["instruments"].iloc[0], "draws": len(group),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).round(5)


@result("monte_carlo_gmm", budget=300, files=FILES)
def monte_carlo_gmm() -> pd.DataFrame:
    """Return the whole experiment: shapes, matrices, models with and without ``W x``."""
    return summarise(drawn(one_draw, dict.fromkeys(product(SHAPES, MATRICES, MODELS), DRAWS)))
