"""Spatial system GMM on samples of known truth: what a dense matrix does to its spatial lag.

The samples are those of :mod:`analysis.papers.monte_carlo.likelihood` at one true rho. Their theta
is zero, so the model without ``W x`` is as true as the one with it, and the instrument ``W^2 x`` is
as strong as ``rho beta`` with ``W x`` among the regressors and stronger without.
"""

from itertools import product

import numpy as np
import pandas as pd

from analysis.book.heavy import result
from analysis.panel import Panel, within
from analysis.papers.monte_carlo import likelihood as samples
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
    free = within(np.stack([y[1:], *columns.values()], axis=-1), "two-way")
    left, *right = np.moveaxis(free, -1, 0).reshape(1 + len(columns), -1)
    slopes = np.linalg.lstsq(np.transpose(right), left, rcond=None)[0]
    return dict(zip(columns, map(float, slopes), strict=True))


def one_draw(job: tuple[str, str, str, int]) -> list[dict[str, object]]:
    """Estimates of one draw, and the least-squares ones of the same parameters."""
    shape, matrix, model, draw = job
    w = samples.matrix_of(shape, matrix)
    panel = samples.draw_panel(samples.Cell(shape, matrix, True, RHO), draw)
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
    truth = draws["item"].map(samples.Cell("", "", True, RHO).truth)
    cells = draws.assign(
        truth=truth,
        covered=(draws["value"] - truth).abs() <= samples.REACH * draws["std_error"],
        above=draws["value"] >= 1,
        rejects=draws["hansen"] < 1 - samples.LEVEL,
    ).groupby(["shape", "weights", "model", "item"], sort=False)
    return cells.agg(
        truth=("truth", "first"), median=("value", "median"), median_error=("value", samples.median_error),
        low=("value", lambda values: values.quantile(0.05)),
        high=("value", lambda values: values.quantile(0.95)),
        above_one=("above", "mean"), least_squares=("least_squares", "median"),
        least_squares_error=("least_squares", samples.median_error), coverage=("covered", "mean"),
        coverage_error=("covered", lambda hits: samples.share(hits)[1]), hansen_rejects=("rejects", "mean"),
        instruments=("instruments", "first"), draws=("value", "size"),
    ).reset_index().round(5)  # fmt: skip


@result("monte_carlo_gmm", budget=300, files=samples.FILES)
def monte_carlo_gmm() -> pd.DataFrame:
    """Return the whole experiment: shapes, matrices, models with and without ``W x``."""
    designs = product(samples.SHAPES, MATRICES, MODELS)
    return summarise(samples.drawn(one_draw, dict.fromkeys(designs, DRAWS)))
