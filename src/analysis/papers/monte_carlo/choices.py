"""How often W, the model and a null are found, and what Conley intervals cover: shares of samples."""

import warnings
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from analysis.book.heavy import result
from analysis.errors import IndefiniteWarning
from analysis.inference.probabilities import model_probabilities
from analysis.papers.monte_carlo import likelihood as samples
from analysis.simulate.common import panel_of
from analysis.spatial import Conley, Specification, StandardErrors, fit
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import great_circle

FloatArray = NDArray[np.float64]
Convention = Literal["elhorst", "dummies", "transformation"]

SEED = 20_261_130
RHO, THETA, DRAWS = 0.3, 0.5, 100
DURBIN = Specification("y", ["x"])
LEAST_SQUARES = Specification("y", ["x"], model="ols")
KINDS: dict[str, StandardErrors | Conley] = {
    "information": "information", "cluster": "cluster", "driscoll-kraay": "driscoll-kraay",
    "conley": "conley", "conley, uniform": Conley(kernel="uniform"),
}  # fmt: skip
SPREADS = {"none": (0, 0.0), "over years": (0, 0.5), "over 100 km and years": (100, 0.5),
           "over 300 km and years": (300, 0.5)}  # fmt: skip
"""Dependence of regressor and errors: kilometres of an exponential law, and an AR coefficient."""


def shares(
    one: Callable[[Any], list[dict[str, object]]], keys: list[str], draws: dict[str, int],
    *designs: Iterable[str],
) -> pd.DataFrame:  # fmt: skip
    """Share of the samples in which each thing happens, by shape and design.

    Parameters
    ----------
    one : callable
        Takes shape, design, their places (for a seed) and number of a draw, and returns records.
    keys : list of str
        Columns of a record that say whose share it counts in.
    draws : dict
        Samples of each shape.
    *designs : iterable
        What is crossed with the shapes.
    """
    numbered = product(*(enumerate(each) for each in (samples.SHAPES, *designs)))
    crossed = [tuple(zip(*each, strict=True)) for each in numbered]
    jobs = {(*design, place): draws[design[0]] for place, design in crossed}
    cells = samples.drawn(one, jobs).groupby(keys, sort=False)
    return cells.mean(numeric_only=False).assign(draws=cells.size()).reset_index().round(4)


def _found(job: tuple[str, str, str, tuple[int, ...], int]) -> list[dict[str, object]]:
    """Best W and model in one sample whose truth is one W and one model."""
    shape, matrix, model, place, draw = job
    rng, theta = np.random.default_rng([SEED, *place, draw]), THETA * (model == "sdm")
    matrices = {name: samples.matrix_of(shape, name) for name in samples.MATRICES}
    panel = samples.sample(rng, matrices[matrix], samples.SHAPES[shape][1], RHO, theta)
    found = model_probabilities(panel, DURBIN, matrices)
    best_w, best_model = found.best
    return [{
        "shape": shape, "weights": matrix, "model": model, "matrix found": best_w == matrix,
        "model found": best_model == model, "probability": found.of_weights[matrix],
    }]  # fmt: skip


@result("monte_carlo_weights", budget=400, files=samples.FILES)
def monte_carlo_weights() -> pd.DataFrame:
    """Shares of samples in which the true W, and the true model, are the most probable."""
    draws = {"34 x 20": DRAWS, "283 x 10": DRAWS // 4}
    return shares(_found, ["shape", "weights", "model"], draws, samples.MATRICES, ("sar", "sdm"))


def _dependent(root: FloatArray, years: int, ar: float, rng: np.random.Generator) -> FloatArray:
    """A field of unit variance with given correlation over space, AR(1) over years."""
    shocks = np.sqrt(1 - ar**2) * rng.standard_normal((years + 30, len(root))) @ root.T
    return np.asarray(signal.lfilter([1.0], [1.0, -ar], shocks, axis=0))[-years:]


def _covered(job: tuple[str, str, tuple[int, ...], int]) -> list[dict[str, object]]:
    """Whether the interval of a slope covers it in one sample, by kind of standard errors."""
    shape, spread, place, draw = job
    w, years = samples.matrix_of(shape, "1/d"), samples.SHAPES[shape][1]
    assert w.places is not None
    rng, (reach, ar) = np.random.default_rng([SEED, *place, draw]), SPREADS[spread]
    near = np.exp(-great_circle(w.places) / reach) if reach else np.eye(w.n)
    root = np.asarray(np.linalg.cholesky(near + 1e-9 * np.eye(w.n)), dtype=float)
    x, e = (_dependent(root, years, ar, rng) for _ in range(2))
    panel = panel_of(w.units, "Monte Carlo", x=x, y=x + e)
    found = fit(panel, LEAST_SQUARES, w)
    row: dict[str, object] = {"shape": shape, "dependence": spread}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndefiniteWarning)
        for name, kind in KINDS.items():
            ends = found.with_cov(kind).conf_int().loc["x"]
            row[name] = bool(ends["lower"] < 1 < ends["upper"])
    return [row]


@result("monte_carlo_conley", budget=400, files=samples.FILES)
def monte_carlo_conley() -> pd.DataFrame:
    """Coverage of 95 % intervals of a slope with two-way effects, by kind of standard errors."""
    draws = {"34 x 20": 10 * DRAWS, "283 x 10": 2 * DRAWS}
    return shares(_covered, ["shape", "dependence"], draws, SPREADS)


def _rejected(job: tuple[str, str, tuple[int, ...], int]) -> list[dict[str, object]]:
    """Whether each LM test rejects a true null, by what it takes for the lagged fit."""
    shape, matrix, _, draw = job
    panel = samples.draw_panel(samples.Cell(shape, matrix, False, 0.0), draw)
    w, head = samples.matrix_of(shape, matrix), {"shape": shape, "weights": matrix}
    tests = {each: lm_tests(panel, DURBIN, w, convention=each) for each in get_args(Convention)}
    return [
        head | {"convention": each} | {test.name: test.p_value < 0.05 for test in found}
        for each, found in tests.items()
    ]


@result("monte_carlo_lm", budget=120, files=samples.FILES)
def monte_carlo_lm() -> pd.DataFrame:
    """Shares of samples without spatial dependence in which each test rejects at 5 %."""
    draws = {"34 x 20": 1000, "283 x 10": 400}
    return shares(_rejected, ["shape", "weights", "convention"], draws, samples.MATRICES)
