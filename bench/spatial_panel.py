"""Spatial panel models on a dense W of 283 real cities and ten years."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from run import Job
from scipy.optimize import minimize_scalar

from analysis import provenance, weights
from analysis.panel import Panel
from analysis.spatial import Specification, fit

YEARS = 10


def panel_and_weights() -> tuple[Panel, weights.Weights]:
    """Draw two regressors and an outcome with rho 0.3 over the 283 cities."""
    cities = pd.read_csv(provenance.data_path("geography", "cities_283.csv")).set_index("city_id")
    near = weights.inverse_distance(cities[["lon", "lat"]], power=2).row_standardise()
    rng = np.random.default_rng(11)
    x = rng.normal(size=(YEARS, 2, len(cities)))
    noise = x.sum(axis=1) + rng.normal(size=(YEARS, len(cities)))
    outcome = np.linalg.solve(np.eye(len(cities)) - 0.3 * np.asarray(near.matrix), noise.T).T
    index = pd.MultiIndex.from_product([range(YEARS), near.cities], names=["year", "city"])
    frame = pd.DataFrame(
        {"y": outcome.ravel(), "a": x[:, 0].ravel(), "b": x[:, 1].ravel()}, index=index
    )
    return Panel.from_frame(frame.reset_index()), near


def textbook(panel: Panel, near: weights.Weights, regressors: list[str]) -> float:
    """Concentrated likelihood of the two-way Durbin model as a textbook has it: rho by search."""
    w = np.asarray(near.matrix)
    y, *x = [panel.values(name) for name in ("y", *regressors)]
    within = [
        (v - v.mean(axis=0) - v.mean(axis=1, keepdims=True) + v.mean()).ravel()
        for v in (y, y @ w.T, *x, *[each @ w.T for each in x])
    ]
    outcome, lagged, matrix = within[0], within[1], np.column_stack(within[2:])
    e0 = outcome - matrix @ np.linalg.lstsq(matrix, outcome)[0]
    e1 = lagged - matrix @ np.linalg.lstsq(matrix, lagged)[0]
    roots = np.linalg.eigvals(w)

    def loss(rho: float) -> float:
        e = e0 - rho * e1
        return e.size / 2 * np.log(e @ e) - len(y) * np.log(np.abs(1 - rho * roots)).sum()

    return minimize_scalar(loss, bounds=(-0.99, 0.99), method="bounded").x


def jobs() -> list[Job]:
    """Lag and Durbin models beside spreg (where it runs) and a textbook's numpy."""
    import spreg

    panel, near = panel_and_weights()
    size = f"N = {panel.n_cities}, T = {panel.n_years}, dense W"
    regressors = ["a", "b"]
    lag = Specification("y", regressors, model="sar", effects="individual", estimator="direct")
    static = Specification("y", regressors)
    dynamic = Specification("y", regressors, time_lag=True, space_time_lag=True)
    wide = [panel.values(name).T for name in ("y", *regressors)]
    outcome, matrix = wide[0], np.hstack(wide[1:])
    theirs = near.to_libpysal()

    def by_spreg() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return spreg.Panel_FE_Lag(outcome, matrix, theirs)

    return [
        Job("static lag model, individual effects", size, lambda: fit(panel, lag, near),
            {f"spreg {spreg.__version__}": by_spreg}),
        Job("static sdm, two-way", size, lambda: fit(panel, static, near),
            {"numpy, as a textbook has it": lambda: textbook(panel, near, regressors)}),
        Job("dynamic sdm, two-way, bias corrected", size, lambda: fit(panel, dynamic, near)),
    ]  # fmt: skip
