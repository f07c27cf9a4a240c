"""Monte Carlo of the estimators in the shapes of the two papers: bias, error, coverage, size.

The cities and their coordinates are real, everything else is drawn. Incomes for the additive nest are
log-normal, drawn once: what matters is that the matrix is dense. The true theta is zero, so that the
Wald and likelihood-ratio tests of the spatial lag model have a size in every cell.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis import weights
from analysis.book.heavy import result
from analysis.errors import EstimationError
from analysis.inference.resampling import parallel
from analysis.panel import Panel
from analysis.papers.places import Roster, cities
from analysis.simulate.common import panel_of, spatial_panel
from analysis.spatial import Specification, TestResult, fit
from analysis.spatial.specification import Estimator, StandardErrors
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import Weights

FloatArray = NDArray[np.float64]

SEED = 20_261_122
SHAPES: dict[str, tuple[Roster, int, int]] = {
    "34 x 20": ("ne34", 20, 300),
    "283 x 10": ("cities283", 10, 500),
}
"""Name: roster of cities, years of the estimation sample, draws."""
FILES = ("data/geography/cities_ne34.csv", "data/geography/cities_283.csv")
MATRICES = ("1/d", "1/d^2", "additive nest", "product", "5 nearest")
RHOS = (-0.2, 0.0, 0.2)
BETA, THETA, TAU, ETA = 1.0, 0.0, 0.6, 0.1
INCOME_SPREAD = 0.45
BURN_IN = 50
ESTIMATORS: tuple[Estimator, ...] = ("transformation", "direct", "direct-corrected")
ERRORS: tuple[StandardErrors, ...] = ("information", "sandwich", "cluster", "driscoll-kraay")
LEVEL = 0.95
REACH = stats.norm.ppf((1 + LEVEL) / 2)
DESIGN = ["shape", "weights", "model", "true_rho"]
COLUMNS = ["estimator", "quantity", "item", "std_errors", "value", "mc_error", "draws"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One design: sample shape, matrix, static or dynamic, true rho."""

    shape: str
    matrix: str
    dynamic: bool
    rho: float

    @property
    def truth(self) -> dict[str, float]:
        """True parameters and total effects."""
        truth = {"x": BETA, "W.x": THETA, "rho": self.rho}
        truth["short-run total effect"] = (BETA + THETA) / (1 - self.rho)
        if self.dynamic:
            truth |= {"L.y": TAU, "W.L.y": ETA}
            truth["long-run total effect"] = (BETA + THETA) / (1 - TAU - ETA - self.rho)
        return truth


CELLS = tuple(Cell(*each) for each in product(SHAPES, MATRICES, (False, True), RHOS))


@cache
def matrix_of(shape: str, name: str) -> Weights:
    """Weight matrix of a shape, on its real coordinates."""
    geo = cities(SHAPES[shape][0])[["lon", "lat"]]
    drawn = np.random.default_rng([SEED, len(geo)]).standard_normal(len(geo))
    income = pd.Series(np.exp(INCOME_SPREAD * drawn), index=geo.index)
    builds: dict[str, tuple[Any, ...]] = {
        "1/d": (weights.inverse_distance,), "1/d^2": (weights.inverse_distance, 2),
        "5 nearest": (weights.k_nearest, 5), "product": (weights.product, income),
        "additive nest": (weights.additive_nest, income),
    }  # fmt: skip
    build, *given = builds[name]
    return build(geo, *given)


def sample(
    rng: np.random.Generator, w: Weights, years: int, rho: float, theta: float, *lags: float
) -> Panel:
    """One sample: x and both effects normal, x correlated with the city effects, unit variances."""
    total = years + BURN_IN * bool(lags)
    city, year = rng.standard_normal(w.n), rng.standard_normal((total, 1))
    x = city + rng.standard_normal((total, w.n))
    noise = city + year + rng.standard_normal((total, w.n))
    y = spatial_panel(w, BETA * x + theta * x @ w.dense().T + noise, rho, *lags)
    return panel_of(w.units, "Monte Carlo", y=y[-years:], x=x[-years:])


def draw_panel(cell: Cell, draw: int) -> Panel:
    """One sample of a cell, whatever else runs; a dynamic one has a year more, which the lag costs."""
    rng = np.random.default_rng([SEED, zlib.crc32(repr(cell).encode()), draw])
    w, years = matrix_of(cell.shape, cell.matrix), SHAPES[cell.shape][1] + cell.dynamic
    return sample(rng, w, years, cell.rho, THETA, *((TAU, ETA) if cell.dynamic else ()))


def drawn(one: Callable[[Any], Iterable[Any]], designs: Mapping[Any, int]) -> pd.DataFrame:
    """Records of all draws of some designs, on all cores, in order: one tidy frame.

    Parameters
    ----------
    one : callable
        Takes a design and the number of a draw, as one tuple, and returns records.
    designs : mapping
        Design to its number of draws.
    """
    jobs = [(*design, draw) for design, draws in designs.items() for draw in range(draws)]
    return pd.DataFrame(chain.from_iterable(parallel(one, jobs)))


class Record(NamedTuple):
    """One number of one draw: an estimate with a standard error, a P value or a failure."""

    estimator: str
    kind: str
    std_errors: str
    item: str
    value: float
    std_error: float = np.nan


def totals(names: list[str], values: FloatArray) -> Iterator[tuple[str, float, FloatArray]]:
    """Total effects in closed form for a row-standardised W, with their gradients."""
    runs = {"short-run total effect": ["rho"], "long-run total effect": ["rho", "L.y", "W.L.y"]}
    slopes = [names.index(name) for name in ("x", "W.x")]
    for item, parts in runs.items() if "L.y" in names else [*runs.items()][:1]:
        spatial = [names.index(name) for name in parts]
        both, room = values[slopes].sum(), 1 - sum(values[spatial])
        if room > 0:
            gradient = np.zeros(len(values))
            gradient[slopes], gradient[spatial] = 1 / room, both / room**2
            yield item, both / room, gradient


def one_draw(job: tuple[Cell, int]) -> list[Record]:
    """Estimates with each kind of standard error, and P of each test."""
    (cell, _), rows = job, []
    panel, w = draw_panel(*job), matrix_of(cell.shape, cell.matrix)
    base = Specification("y", ["x"], time_lag=cell.dynamic, space_time_lag=cell.dynamic)
    for estimator in ESTIMATORS:
        try:
            found = fit(panel, replace(base, estimator=estimator), w)
        except EstimationError:
            rows.append(Record(estimator, "failure", "", "fit", 1.0))
            continue
        names, values = list(found.params.index), found.params.to_numpy()
        own = zip(names, values, np.eye(len(names)), strict=True)
        items = [each for each in chain(own, totals(names, values)) if each[0] != "sigma2"]
        for errors in ERRORS if estimator == "transformation" else ERRORS[:1]:
            cov = found.covariance(errors).to_numpy()
            for item, value, gradient in items:
                deviation = np.sqrt(gradient @ cov @ gradient)
                rows.append(Record(estimator, "estimate", errors, item, value, deviation))
        if estimator == "transformation":
            restricted = fit(panel, replace(base, model="sar"), w)
            ratio = TestResult("LR of W x", 2 * (found.loglik - restricted.loglik), 1)
            multipliers = [] if cell.dynamic else lm_tests(panel, base, w)
            for test in (found.wald(["W.x"], "Wald of W x"), ratio, *multipliers):
                rows.append(Record(estimator, "test", "", test.name, float(test.p_value)))
    return rows


def summarise(cell: Cell, records: pd.DataFrame) -> pd.DataFrame:
    """Bias, root mean squared error, coverage and size of one cell, each with Monte Carlo error."""
    rows: list[tuple[object, ...]] = []
    keys = ["kind", "estimator", "std_errors", "item"]
    groups = records.sort_values("kind", kind="stable").groupby(keys, sort=False)
    for (kind, estimator, errors, item), group in groups:
        values, n = group["value"].to_numpy(), len(group)
        found = {}
        if kind == "estimate":
            gap = values - cell.truth[item]
            if errors == "information":
                rmse = np.sqrt((gap**2).mean())
                found["bias"] = gap.mean(), gap.std(ddof=1) / np.sqrt(n)
                found["median bias"] = np.median(gap), median_error(gap)
                found["rmse"] = rmse, (gap**2).std(ddof=1) / np.sqrt(n) / rmse / 2
            found["coverage"] = share(np.abs(gap) <= REACH * group["std_error"].to_numpy())
        elif kind == "test" and ("LM" not in item or cell.rho == 0):  # LM tests are of rho = 0
            found["size"] = share(values < 1 - LEVEL)
        for name, pair in found.items():
            rows.append((estimator, name, item, errors if name == "coverage" else "", *pair, n))
    failed, draws = records.loc[records["kind"] == "failure", "estimator"], SHAPES[cell.shape][2]
    for estimator in ESTIMATORS:
        missed = float((failed == estimator).sum())
        rows.append((estimator, "failures", "fit", "", missed, 0, draws))
    model = "dynamic" if cell.dynamic else "static"
    head = dict(zip(DESIGN, (cell.shape, cell.matrix, model, cell.rho), strict=True))
    return pd.DataFrame(rows, columns=COLUMNS).round(5).assign(**head)[[*DESIGN, *COLUMNS]]


def share(hits: NDArray[np.bool_] | pd.Series) -> tuple[float, float]:
    """Share of the draws in which something happens, with its Monte Carlo error."""
    found = float(hits.mean())
    return found, float(np.sqrt(found * (1 - found) / len(hits)))


def median_error(values: FloatArray | pd.Series) -> float:
    """Half the width of the central 68 % interval of the median by order statistics."""
    n = len(values)
    low, high = (stats.binom.ppf([0.16, 0.84], n, 0.5)).astype(int).clip(0, n - 1)
    ordered = np.sort(values)
    return float(ordered[high] - ordered[low]) / 2


@result("monte_carlo", budget=1200, files=FILES)
def monte_carlo(cells: Iterable[Cell] = CELLS) -> pd.DataFrame:
    """Return the whole experiment: all draws of some cells summarised, a cell at a time."""
    tables = [summarise(cell, drawn(one_draw, {(cell,): SHAPES[cell.shape][2]})) for cell in cells]
    return pd.concat(tables, ignore_index=True)
