"""Monte Carlo of the estimators in the shapes of the two papers: bias, error, coverage, size.

The cities and their coordinates are real, everything else is drawn. Incomes for the additive nest are
log-normal, drawn once: what matters is that the matrix is dense. The true theta is zero, so that the
Wald and likelihood-ratio tests of the spatial lag model have a size in every cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis import weights
from analysis.book.heavy import result
from analysis.errors import EstimationError
from analysis.inference.resampling import parallel
from analysis.panel import Panel
from analysis.resources import ROOT
from analysis.simulate.panel import spatial_panel
from analysis.spatial import Fit, Specification, TestResult, fit
from analysis.spatial.specification import Estimator, StandardErrors
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import Weights

FloatArray = NDArray[np.float64]

SEED = 20_261_122
SHAPES = {"34 x 20": ("cities_ne34", 20, 300), "283 x 10": ("cities_283", 10, 500)}
"""Name: geography, years of the estimation sample, draws."""
MATRICES = ("1/d", "1/d^2", "additive nest", "product", "5 nearest")
RHOS = (-0.2, 0.0, 0.2)
BETA, THETA, TAU, ETA = 1.0, 0.0, 0.6, 0.1
INCOME_SPREAD = 0.45
BURN_IN = 50
CHUNK = 25
ESTIMATORS: tuple[Estimator, ...] = ("transformation", "direct", "direct-corrected")
ERRORS: tuple[StandardErrors, ...] = ("information", "sandwich", "cluster", "driscoll-kraay")
LEVEL = 0.95
COLUMNS = ["estimator", "quantity", "item", "std_errors", "value", "mc_error", "draws"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One design: sample shape, matrix, static or dynamic, true rho."""

    shape: str
    matrix: str
    dynamic: bool
    rho: float

    @property
    def label(self) -> dict[str, object]:
        """Columns that identify the cell in the table."""
        return {
            "shape": self.shape,
            "weights": self.matrix,
            "model": "dynamic" if self.dynamic else "static",
            "true_rho": self.rho,
        }

    @property
    def truth(self) -> dict[str, float]:
        """True parameters and total effects."""
        truth = {"x": BETA, "W.x": THETA, "rho": self.rho}
        truth["short-run total effect"] = (BETA + THETA) / (1 - self.rho)
        if self.dynamic:
            truth |= {"L.y": TAU, "W.L.y": ETA}
            truth["long-run total effect"] = (BETA + THETA) / (1 - TAU - ETA - self.rho)
        return truth

    def generator(self, draw: int) -> np.random.Generator:
        """Random numbers of one draw, whatever else runs."""
        name = zlib.crc32(repr(self).encode())
        return np.random.default_rng([SEED, name, draw])


CELLS = tuple(
    Cell(shape, matrix, dynamic, rho)
    for shape, matrix, dynamic, rho in product(SHAPES, MATRICES, (False, True), RHOS)
)


@cache
def matrix_of(shape: str, name: str) -> Weights:
    """Weight matrix of a shape, on its real coordinates."""
    path = ROOT / "data" / "geography" / f"{SHAPES[shape][0]}.csv"
    geo = pd.read_csv(path).set_index("city_id")[["lon", "lat"]]
    if name == "1/d":
        return weights.inverse_distance(geo)
    if name == "1/d^2":
        return weights.inverse_distance(geo, 2)
    if name == "5 nearest":
        return weights.k_nearest(geo, 5)
    rng = np.random.default_rng([SEED, len(geo)])
    drawn = np.exp(INCOME_SPREAD * rng.standard_normal(len(geo)))
    nest = weights.product if name == "product" else weights.additive_nest
    return nest(geo, pd.Series(drawn, index=geo.index))


def draw_panel(cell: Cell, w: Weights, draw: int) -> Panel:
    """One sample: x and both effects normal, x correlated with the city effects, unit variances."""
    rng = cell.generator(draw)
    years, n = SHAPES[cell.shape][1] + int(cell.dynamic), w.n
    total = years + BURN_IN * int(cell.dynamic)
    city = rng.standard_normal(n)
    year = rng.standard_normal((total, 1))
    x = city + rng.standard_normal((total, n))
    noise = city + year + rng.standard_normal((total, n))
    signal = BETA * x + THETA * x @ w.dense().T + noise
    y = spatial_panel(w, signal, cell.rho, *((TAU, ETA) if cell.dynamic else ()))
    index = pd.MultiIndex.from_product([w.units, range(2000, 2000 + years)], names=["city", "year"])
    values = {name: v[-years:].T.ravel() for name, v in (("y", y), ("x", x))}
    return Panel(pd.DataFrame(values, index=index), "Monte Carlo")


class Record(NamedTuple):
    """One number of one draw: an estimate with a standard error, a P value or a failure."""

    draw: int
    estimator: str
    kind: str
    std_errors: str
    item: str
    value: float
    std_error: float = np.nan


def totals(names: list[str], values: FloatArray) -> Iterator[tuple[str, float, FloatArray]]:
    """Total effects in closed form for a row-standardised W, with their gradients."""
    at = {name: position for position, name in enumerate(names)}
    both = values[at["x"]] + values[at["W.x"]]
    spatial = ["rho", *(name for name in ("L.y", "W.L.y") if name in at)]
    for item, parts in (
        ("short-run total effect", spatial[:1]),
        ("long-run total effect", spatial),
    ):
        if item.startswith("long") and len(spatial) == 1:
            continue
        room = 1 - sum(values[at[name]] for name in parts)
        if room <= 0:
            continue
        gradient = np.zeros(len(values))
        gradient[[at["x"], at["W.x"]]] = 1 / room
        gradient[[at[name] for name in parts]] = both / room**2
        yield item, both / room, gradient


def one_draw(cell: Cell, w: Weights, draw: int) -> Iterator[Record]:
    """Estimates with each kind of standard error, and P of each test."""
    panel = draw_panel(cell, w, draw)
    base = Specification("y", ["x"], time_lag=cell.dynamic, space_time_lag=cell.dynamic)
    for estimator in ESTIMATORS:
        try:
            found = fit(panel, replace(base, estimator=estimator), w)
        except EstimationError:
            yield Record(draw, estimator, "failure", "", "fit", 1.0)
            continue
        names, values = list(found.params.index), found.params.to_numpy()
        for errors in ERRORS if estimator == "transformation" else ERRORS[:1]:
            cov = found.covariance(errors).to_numpy()
            deviations = np.sqrt(np.diag(cov))
            for name, value, deviation in zip(names, values, deviations, strict=True):
                if name != "sigma2":
                    yield Record(draw, estimator, "estimate", errors, name, value, deviation)
            for item, value, gradient in totals(names, values):
                deviation = np.sqrt(gradient @ cov @ gradient)
                yield Record(draw, estimator, "estimate", errors, item, value, deviation)
        if estimator == "transformation":
            yield from _test_records(panel, base, found, w, draw)


def _test_records(
    panel: Panel, base: Specification, found: Fit, w: Weights, draw: int
) -> Iterator[Record]:
    restricted = fit(panel, replace(base, model="sar"), w)
    tests = [
        found.wald(["W.x"], "Wald of W x"),
        TestResult("LR of W x", 2 * (found.loglik - restricted.loglik), 1),
    ]
    if not base.is_dynamic:
        tests += lm_tests(panel, base, w)
    for test in tests:
        yield Record(draw, "transformation", "test", "", test.name, float(test.p_value))


def run_chunk(job: tuple[Cell, int]) -> pd.DataFrame:
    """All records of one chunk of draws of one cell."""
    cell, start = job
    w = matrix_of(cell.shape, cell.matrix)
    draws = range(start, min(start + CHUNK, SHAPES[cell.shape][2]))
    records = [record for draw in draws for record in one_draw(cell, w, draw)]
    return pd.DataFrame(records, columns=Record._fields)


def summarise(cell: Cell, records: pd.DataFrame) -> pd.DataFrame:
    """Bias, root mean squared error, coverage and size of one cell, each with Monte Carlo error."""
    rows: list[tuple[object, ...]] = []
    reach = stats.norm.ppf((1 + LEVEL) / 2)
    kinds = dict(list(records.groupby("kind")))
    keys = ["estimator", "std_errors", "item"]
    for (estimator, errors, item), group in kinds["estimate"].groupby(keys, sort=False):
        gap = group["value"].to_numpy() - cell.truth[item]
        n = len(gap)
        if errors == "information":
            rmse = np.sqrt((gap**2).mean())
            rows += [
                (estimator, quantity, item, "", value, error, n)
                for quantity, value, error in (
                    ("bias", gap.mean(), gap.std(ddof=1) / np.sqrt(n)),
                    ("median bias", np.median(gap), median_error(gap)),
                    ("rmse", rmse, (gap**2).std(ddof=1) / np.sqrt(n) / rmse / 2),
                )
            ]
        covered = np.abs(gap) <= reach * group["std_error"].to_numpy()
        rows.append((estimator, "coverage", item, errors, *share(covered), n))
    for item, group in kinds["test"].groupby("item", sort=False):
        if "LM" in str(item) and cell.rho != 0:
            continue  # LM tests are of rho = 0 and have a size only there
        rejected = group["value"].to_numpy() < 1 - LEVEL
        rows.append(("transformation", "size", item, "", *share(rejected), len(rejected)))
    failed = records.loc[records["kind"] == "failure", "estimator"]
    for estimator in ESTIMATORS:
        draws = SHAPES[cell.shape][2]
        rows.append(
            (estimator, "failures", "fit", "", float((failed == estimator).sum()), 0, draws)
        )
    table = pd.DataFrame(rows, columns=COLUMNS).round(5)
    return pd.concat([pd.DataFrame(cell.label, table.index), table], axis=1)


def share(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of the draws in which something happens, with its Monte Carlo error."""
    found = float(hits.mean())
    return found, float(np.sqrt(found * (1 - found) / len(hits)))


def median_error(values: FloatArray) -> float:
    """Half the width of the central 68 % interval of the median by order statistics."""
    n = len(values)
    low, high = (stats.binom.ppf([0.16, 0.84], n, 0.5)).astype(int).clip(0, n - 1)
    ordered = np.sort(values)
    return float(ordered[high] - ordered[low]) / 2


def experiment(cells: Iterable[Cell] = CELLS) -> pd.DataFrame:
    """Run all draws of some cells on all cores and summarise them."""
    cells = list(cells)
    jobs = [(cell, start) for cell in cells for start in range(0, SHAPES[cell.shape][2], CHUNK)]
    chunks = parallel(run_chunk, jobs)
    by_cell: dict[Cell, list[pd.DataFrame]] = {}
    for (cell, _), chunk in zip(jobs, chunks, strict=True):
        by_cell.setdefault(cell, []).append(chunk)
    return pd.concat(
        [summarise(cell, pd.concat(parts)) for cell, parts in by_cell.items()], ignore_index=True
    )


@result(
    "monte_carlo",
    budget=1200,
    files=("data/geography/cities_ne34.csv", "data/geography/cities_283.csv"),
)
def monte_carlo() -> pd.DataFrame:
    """Return the whole experiment."""
    return experiment()
