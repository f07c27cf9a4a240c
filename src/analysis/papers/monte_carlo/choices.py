"""How often the true W and the true model are found, and what Conley intervals cover."""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from analysis.book.heavy import result
from analysis.errors import IndefiniteWarning
from analysis.inference.probabilities import model_probabilities
from analysis.inference.resampling import parallel
from analysis.panel import Panel
from analysis.papers.monte_carlo.likelihood import MATRICES, SHAPES, matrix_of
from analysis.simulate.panel import spatial_panel
from analysis.spatial import Conley, Specification, fit
from analysis.weights import Weights, great_circle

FloatArray = NDArray[np.float64]

SEED = 20_261_130
RHO, THETA, DRAWS = 0.3, 0.5, 100
FILES = ["data/geography/cities_ne34.csv", "data/geography/cities_283.csv"]
CHOICE = Specification("y", ["x"])
LEAST_SQUARES = Specification("y", ["x"], model="ols")
KINDS = {
    "information": "information", "cluster": "cluster", "driscoll-kraay": "driscoll-kraay",
    "conley": "conley", "conley, uniform": Conley(kernel="uniform"),
}  # fmt: skip
SPREADS = {"none": (0, 0.0), "over years": (0, 0.5), "over 100 km and years": (100, 0.5),
           "over 300 km and years": (300, 0.5)}  # fmt: skip
"""Dependence of regressor and errors: kilometres of an exponential law, and an AR coefficient."""


def _panel(w: Weights, **values: FloatArray) -> Panel:
    years = len(next(iter(values.values())))
    rows = pd.MultiIndex.from_product([w.units, range(years)], names=["city", "year"])
    columns = {name: value.T.ravel() for name, value in values.items()}
    return Panel(pd.DataFrame(columns, rows), "Monte Carlo")


def _found(job: tuple[str, str, str, int]) -> dict[str, object]:
    """Best W and model in one sample whose truth is one W and one model."""
    shape, matrix, model, draw = job
    w, years = matrix_of(shape, matrix), SHAPES[shape][1]
    place = (list(SHAPES).index(shape), MATRICES.index(matrix), model == "sdm", draw)
    rng = np.random.default_rng([SEED, *place])
    city, year = rng.standard_normal(w.n), rng.standard_normal((years, 1))
    x = city + rng.standard_normal((years, w.n))
    around = x + THETA * (model == "sdm") * x @ w.dense().T
    noise = city + year + rng.standard_normal((years, w.n))
    panel = _panel(w, x=x, y=spatial_panel(w, around + noise, RHO))
    matrices = {name: matrix_of(shape, name) for name in MATRICES}
    found = model_probabilities(panel, CHOICE, matrices)
    best_w, best_model = found.best
    return {
        "shape": shape, "weights": matrix, "model": model, "matrix found": best_w == matrix,
        "model found": best_model == model, "probability": found.of_weights[matrix],
    }  # fmt: skip


@result("monte_carlo_weights", budget=400, files=FILES)
def monte_carlo_weights() -> pd.DataFrame:
    """Shares of samples in which the true W, and the true model, are the most probable."""
    jobs = [
        (shape, matrix, model, draw)
        for shape, matrix, model in product(SHAPES, MATRICES, ("sar", "sdm"))
        for draw in range(DRAWS if shape == "34 x 20" else DRAWS // 4)
    ]
    draws = pd.DataFrame(list(parallel(_found, jobs)))
    cells = draws.groupby(["shape", "weights", "model"], sort=False)
    return cells.mean(numeric_only=False).assign(draws=cells.size()).reset_index().round(4)


def _dependent(root: FloatArray, years: int, ar: float, rng: np.random.Generator) -> FloatArray:
    """A field of unit variance with given correlation over space, AR(1) over years."""
    shocks = np.sqrt(1 - ar**2) * rng.standard_normal((years + 30, len(root))) @ root.T
    return np.asarray(signal.lfilter([1.0], [1.0, -ar], shocks, axis=0))[-years:]


def _covered(job: tuple[str, str, int]) -> dict[str, object]:
    """Whether the interval of a slope covers it in one sample, by kind of standard errors."""
    shape, spread, draw = job
    w, years = matrix_of(shape, "1/d"), SHAPES[shape][1]
    assert w.places is not None
    rng = np.random.default_rng(
        [SEED, list(SHAPES).index(shape), list(SPREADS).index(spread), draw]
    )
    reach, ar = SPREADS[spread]
    near = np.exp(-great_circle(w.places) / reach) if reach else np.eye(w.n)
    root = np.asarray(np.linalg.cholesky(near + 1e-9 * np.eye(w.n)), dtype=float)
    x, e = (_dependent(root, years, ar, rng) for _ in range(2))
    found = fit(_panel(w, x=x, y=x + e), LEAST_SQUARES, w)
    row: dict[str, object] = {"shape": shape, "dependence": spread}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndefiniteWarning)
        for name, kind in KINDS.items():
            ends = found.with_cov(kind).conf_int().loc["x"]
            row[name] = bool(ends["lower"] < 1 < ends["upper"])
    return row


@result("monte_carlo_conley", budget=400, files=FILES)
def monte_carlo_conley() -> pd.DataFrame:
    """Coverage of 95 % intervals of a slope with two-way effects, by kind of standard errors."""
    jobs = [
        (shape, spread, draw)
        for shape, spread in product(SHAPES, SPREADS)
        for draw in range(10 * DRAWS if shape == "34 x 20" else 2 * DRAWS)
    ]
    draws = pd.DataFrame(list(parallel(_covered, jobs)))
    cells = draws.groupby(["shape", "dependence"], sort=False)
    return cells.mean(numeric_only=False).assign(draws=cells.size()).reset_index().round(4)
