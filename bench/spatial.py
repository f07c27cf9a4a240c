"""Spatial panel models beside their peers, and as the number of cities grows.

``make bench`` runs the short comparison of :func:`jobs`. The record that the book shows takes some
minutes more::

    python bench/spatial.py                              # print what this machine does
    python bench/spatial.py --spreg python3.12 --write   # the newest spreg too, and keep it all

R's splm and SDPDmod run where ``Rscript`` loads them, from the folder ``--r-library`` or from R's own; where
it does not, the record has their seconds from another machine, and says so.

In the record every measurement runs in a fresh process, after a small sample to warm up, and is CPU time on
one core, so that a busy machine does not count: the median of five samples, of a single one where a fit takes
long. The data are simulated: ten years, four regressors, two-way effects (of cities in the model of errors),
in arrays (here: a panel whose columns have been read). "first" is a fit with a W that nothing is known of
yet; "fit" one more with the same; "prepare" what depends on W alone. Standard errors are in the fits. The
numpy reference does the same work as somebody writes it for this one model: eigenvalues, a bounded search,
the correction of the dynamic model, the information matrix.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import current_spreg
import in_r
import numpy as np
import pandas as pd
from measure import FOLDER, Measured, alone, machine, settled, timed, typical
from rich.console import Console
from rich.table import Table
from run import Job
from scipy.optimize import minimize_scalar

from analysis.panel import Panel
from analysis.spatial import Specification, fit
from analysis.spatial.operator import DenseOperator, operator_of
from analysis.weights import Weights, inverse_distance, k_nearest

YEARS, SLOPES = 10, ("a", "b", "c", "d")
STATIC = Specification("y", SLOPES)
DYNAMIC = Specification("y", SLOPES, time_lag=True, space_time_lag=True)
ERROR = Specification("y", SLOPES, model="sem", effects="individual")
MODELS = {"static SDM": STATIC, "dynamic SDM": DYNAMIC, "static SEM, city effects": ERROR}
SAMPLES = 5
"""Samples that are timed where fits are quick; else it is one."""
LONG = 10.0
"""Seconds of a fit in R beyond which it is one."""
SMALL = 24
"""Cities of the sample with which each process warms up."""
LARGEST_NEWEST = 1000
"""The newest spreg writes dense matrices of all city-years as sparse ones: beyond, memory ends."""
ELSEWHERE = [
    # seconds recorded on another machine, T = 10, for what is not measured
    ("static SDM", "R splm", 283, 0.49),
    ("dynamic SDM", "R SDPDmod", 283, 162.0),
    ("static SDM", "R splm", 1000, 3.9),
    ("static SDM", "R splm", 3000, 199.0),
]


def sample(n: int, sparse: bool, draw: int = 0) -> tuple[Panel, Weights]:
    """Random points, a dense 1/d or a sparse six-nearest W, and a panel with rho 0.3."""
    rng = np.random.default_rng([n, draw])
    cities = pd.Index([f"c{i:05d}" for i in range(n)], name="city")
    geo = pd.DataFrame({"lon": rng.uniform(75, 130, n), "lat": rng.uniform(20, 50, n)}, cities)
    w = k_nearest(geo, 6, dense=False) if sparse else inverse_distance(geo)
    index = pd.MultiIndex.from_product([cities, range(YEARS + 1)], names=["city", "year"])
    frame = pd.DataFrame(rng.normal(size=(len(index), 5)), index, ["y", *SLOPES])
    panel = Panel.from_frame(frame)
    signal = panel.block(SLOPES).sum(axis=2) + panel.values("y")
    return panel.assign(y=operator_of(w).solve(0.3, signal)), Weights(w.matrix, cities, w.name)


Steps = dict[str, Callable[[], Any]]


def ours(n: int, sparse: bool, model: str, draw: int = 0) -> Steps:
    """A first fit, what depends on W alone, and a further fit."""
    panel, w = sample(n, sparse, draw)
    specification = MODELS[model]
    parameter = "lambda" if specification is ERROR else "rho"

    def once(w: Weights) -> float:
        found = fit(panel, specification, w)
        _ = found.std_errors
        return float(found.params[parameter])

    def first() -> float:
        return once(Weights(w.matrix, w.units, w.name))

    def prepare() -> None:
        """Know of W what all fits after the second use."""
        known["w"] = Weights(w.matrix, w.units, w.name)
        operator = operator_of(known["w"])
        _ = operator.bounds
        if isinstance(operator, DenseOperator):
            _ = operator.is_symmetrisable and operator._decomposition
            operator.trace_gtg(0.1)

    def further() -> float:
        return once(known["w"])

    known: dict[str, Weights] = {}
    return {"first": first, "prepare": prepare, "fit": further}


def textbook(n: int, sparse: bool, model: str, draw: int = 0) -> Steps:
    """The same estimates in plain numpy: transformation likelihood, correction, standard errors.

    As somebody writes it for this one model, without checks, labels or other options.
    """
    panel, weights = sample(n, sparse, draw)
    w = weights.dense()
    lagged = int(model == "dynamic SDM")
    levels = panel.values("y")
    x = [panel.values(name)[lagged:] for name in SLOPES]
    before = [levels[:-1], levels[:-1] @ w.T] if lagged else []
    y = levels[lagged:]
    years, identity = len(y), np.eye(n)
    periods = years - 1 + lagged  # the transformation of a dynamic model keeps them all
    size = (n - 1) * periods

    def free(v: np.ndarray) -> np.ndarray:
        return v - v.mean(axis=0) - v.mean(axis=1, keepdims=True) + v.mean()

    def covariance(z: np.ndarray, b: np.ndarray, rho: float, s2: float) -> np.ndarray:
        g = np.linalg.solve((identity - rho * w).T, w.T).T
        q = (z @ b).reshape(y.shape) @ g.T
        q = (q - q.mean(axis=1, keepdims=True)).ravel()
        g = g - g.mean(axis=0)
        information = np.zeros((len(b) + 2,) * 2)
        information[:-2, :-2] = z.T @ z / s2
        information[:-2, -2] = information[-2, :-2] = z.T @ q / s2
        information[-2, -2] = periods * ((g * g.T).sum() + (g * g).sum()) + q @ q / s2
        information[-2, -1] = information[-1, -2] = periods * np.trace(g) / s2
        information[-1, -1] = size / (2 * s2**2)
        return np.linalg.inv(information)

    def once() -> float:
        columns = [y, y @ w.T, *before, *x, *[v @ w.T for v in x]]
        outcome, lag, *regressors = (free(v).ravel() for v in columns)
        z = np.column_stack(regressors)
        b0, b1 = np.linalg.lstsq(z, np.column_stack([outcome, lag]))[0].T
        e0, e1 = outcome - z @ b0, lag - z @ b1
        roots = prepared["roots"]

        def loss(rho: float) -> float:
            e = e0 - rho * e1
            return size / 2 * np.log(e @ e) - periods * np.log(np.abs(1 - rho * roots)).sum()

        rho = minimize_scalar(loss, bounds=(-0.99, 0.99), method="bounded").x
        b, e = b0 - rho * b1, e0 - rho * e1
        s2 = e @ e / size
        if lagged:
            h = 1 / (1 - b[0] - (rho + b[1]) * roots)
            g = roots / (1 - rho * roots)
            bias = np.zeros(len(b) + 2)
            bias[:2] = h.sum(), (roots * h).sum()
            bias[-2] = ((b[0] + b[1] * roots) * g * h + g).sum()
            bias = np.real(bias) / (n - 1)
            bias[-1] = 1 / (2 * s2)
            shift = size * covariance(z, b, rho, s2) @ bias / years
            b, rho, s2 = b + shift[:-2], rho + shift[-2], s2 + shift[-1]
        _ = np.sqrt(np.diag(covariance(z, b, rho, s2)))
        return float(rho)

    def prepare() -> None:
        roots = np.real(np.linalg.eigvals(w))
        prepared["roots"] = np.delete(roots, np.argmin(np.abs(roots - 1)))

    def first() -> float:
        prepare()
        return once()

    prepared: dict[str, np.ndarray] = {}
    return {"first": first, "prepare": prepare, "fit": once}


def with_spreg(n: int, sparse: bool, model: str, draw: int = 0) -> Steps:
    """The locked spreg's models with city effects: of errors, or of a lag with W X among the regressors."""
    import spreg

    panel, weights = sample(n, sparse, draw)
    w = weights.dense()
    theirs = weights.to_libpysal()
    y = panel.values("y").reshape(-1, 1)  # all cities of a year, then the next
    x = [panel.values(name) for name in SLOPES]
    matrix = np.column_stack([v.ravel() for v in (*x, *[v @ w.T for v in x])])

    def once() -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if MODELS[model] is ERROR:
                return float(np.ravel(spreg.Panel_FE_Error(y, matrix[:, : len(x)], theirs).lam)[0])
            return float(np.ravel(spreg.Panel_FE_Lag(y, matrix, theirs).rho)[0])

    return {"fit": once}


def repeats_at(n: int) -> int:
    """How often a fit to the same sample is timed."""
    return 21 if n <= 100 else 5 if n <= 300 else 1


def measured(who: Callable[..., Steps], n: int, sparse: bool, model: str) -> dict[str, Measured]:
    """Time the steps of one implementation: the median of several samples, each many times where quick.

    Several, since how long a search is depends on a sample's last digits: some by a factor of two.
    """
    repeats = repeats_at(n)
    for step in who(SMALL, sparse, model).values():
        step()
    settled()
    draws = []
    quick = n <= 1000 or (who is ours and n <= 3000)
    for draw in range(SAMPLES if quick else 1):
        draws.append({k: timed(step, repeats) for k, step in who(n, sparse, model, draw).items()})
    return {name: typical([steps[name] for steps in draws]) for name in draws[0]}


def newest_spreg(python: Path, n: int) -> dict[str, Measured]:
    """The static model with both kinds of effects, as spreg has it from 1.9.1 on."""
    found = []
    for draw in range(SAMPLES):
        panel, weights = sample(n, False, draw)
        y, x = panel.values("y").reshape(-1, 1), panel.block(SLOPES).reshape(-1, len(SLOPES))
        found.append(current_spreg.run(python, y, x, weights.dense()))
    return {"fit": typical([steps["fit"] for steps in found])}


def with_r(package: str, model: str, n: int, library: str | None) -> dict[str, Measured]:
    """A model of splm or SDPDmod, of a single sample where it takes long; nothing where R fails."""
    found: list[Measured] = []
    try:
        while not found or (len(found) < SAMPLES and found[0].cpu < LONG):
            panel, weights = sample(n, False, len(found))
            y, x, w = panel.values("y"), panel.block(SLOPES), weights.dense()
            found.append(in_r.run(package, model, y, x, w, repeats_at(n), library))
    except in_r.NoRError as error:
        print(f"R's {package} is left out, {model} of {n} cities: {error}")
        return {}
    return {"fit": typical(found)}


def _specifications() -> list[Specification]:
    """Distinct specifications: subsets of regressors, models, effects, corrections, lags."""
    subsets = [SLOPES[:1], SLOPES[:2], SLOPES[:3], SLOPES, SLOPES[1:], SLOPES[2:], SLOPES[::2]]
    models = ("sar", "sdm", "slx", "sem", "sdem")
    errors = ("information", "sandwich")
    found = []
    for slopes, model, lag, effects, error in product(
        subsets, models, (False, True), ("individual", "time", "two-way"), errors
    ):
        found.append(
            Specification("y", slopes, model, time_lag=lag, effects=effects, std_errors=error)  # type: ignore[arg-type]
        )
    return found


_shared: dict[int, tuple[Panel, Weights]] = {}


def _many(job: tuple[int, int, int]) -> float:
    """CPU seconds of some of the specifications."""
    n, start, stop = job
    if n not in _shared:
        _shared[n] = sample(n, False)
    panel, w = _shared[n]
    specifications = _specifications()
    started = time.process_time()
    for position in range(start, stop):
        _ = fit(panel, specifications[position % len(specifications)], w).std_errors
    return time.process_time() - started


def throughput(n: int, count: int = 1000) -> Measured:
    """Different specifications on one W, by two processes, standard errors included."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_many, [(n, 0, 5)] * 4))  # start the workers and prepare W
        started = time.perf_counter()
        cpu = sum(pool.map(_many, [(n, k, k + 50) for k in range(0, count, 50)])) / 2
        spent = time.perf_counter() - started
    return Measured(spent, cpu, float("nan"), count / cpu)


def jobs() -> list[Job]:
    """Short comparison for ``make bench``: 283 cities, first fits, all that W needs included."""
    import spreg

    peers = {"plain numpy": textbook, f"spreg {spreg.__version__}, city effects": with_spreg}
    found = []
    for model, specification in MODELS.items():
        panel, w = sample(283, False)
        runs = {name: peers[name](283, False, model) for name in peers_of(model, peers)}
        found.append(Job(
            f"{model}, first fit", f"N = {panel.n_units}, T = {YEARS}, dense W",
            lambda s=specification, p=panel, w=w: fit(p, s, Weights(w.matrix, w.units)).std_errors,
            {name: steps.get("first", steps["fit"]) for name, steps in runs.items()},
        ))  # fmt: skip
    return found


def peers_of(model: str, names: Iterable[str]) -> list[str]:
    """Those that have the model: plain numpy was written for the Durbin models, spreg has static ones."""
    without = "spreg" if model == "dynamic SDM" else "plain" if MODELS[model] is ERROR else "-"
    return [name for name in names if not name.startswith(without)]


def rows_of(job: str, who: str, n: int, w: str, run: dict[str, Measured], how: str) -> list[dict]:
    """Lines of the record."""
    return [
        {
            "job": job, "step": step, "implementation": who, "n": n, "weights": w,
            "seconds": round(m.cpu, 6), "megabytes": round(m.megabytes),
            "rho": m.found if isinstance(m.found, float) else None, "how": how,
        }
        for step, m in run.items()
    ]  # fmt: skip


def experiment(
    dense: list[int],
    sparse: list[int],
    largest_peer: int,
    newest: tuple[Path, dict[str, str]] | None,
    r: dict[str, str],
    r_library: str | None,
) -> pd.DataFrame:
    """Run everything."""
    import spreg

    rows: list[dict] = []
    locked = f"spreg {spreg.__version__}, city effects"
    peers = {"this package": ours, "plain numpy": textbook, locked: with_spreg}
    for n, model in product(dense, MODELS):
        for name in peers_of(model, peers) if n <= largest_peer else ["this package"]:
            run = alone(measured, peers[name], n, False, model)
            rows += rows_of(model, name, n, "dense 1/d", run, "measured")
        if newest and model == "static SDM" and n <= min(LARGEST_NEWEST, largest_peer):
            python, versions = newest
            run, how = newest_spreg(python, n), "measured, in a Python of its own"
            rows += rows_of(
                model, f"spreg {versions['spreg']}, both effects", n, "dense 1/d", run, how
            )
        for package in in_r.MODELS:
            fits = package in r and model in in_r.MODELS[package]
            if fits and n <= min(in_r.LARGEST[package], largest_peer):
                run = with_r(package, model, n, r_library)
                rows += rows_of(model, f"R {package}", n, "dense 1/d", run, "measured, in R")
    for n, model in product(sparse, ("static SDM", "dynamic SDM")):
        run = alone(measured, ours, n, True, model)
        rows += rows_of(model, "this package", n, "sparse, 6 nearest", run, "measured")
    here = {(row["job"], row["implementation"]) for row in rows}
    for model, who, n, seconds in ELSEWHERE:
        if (model, who) in here:
            continue
        rows.append(
            {
                "job": model, "step": "fit", "implementation": who, "n": n,
                "weights": "dense 1/d", "seconds": seconds,
                "how": "recorded elsewhere, on another machine and other data",
            }
        )  # fmt: skip
    many = throughput(283)
    rows.append(
        {
            "job": "1,000 specifications", "step": "all", "implementation": "this package",
            "n": 283, "weights": "dense 1/d", "seconds": round(many.cpu, 2),
            "how": "measured, in each of two processes",
        }
    )  # fmt: skip
    return pd.DataFrame(rows)


def show(record: pd.DataFrame) -> None:
    """Print the record, with ratios to this package within the run."""
    mine = record[(record["implementation"] == "this package") & (record["step"] == "fit")]
    base = mine.set_index(["job", "n", "weights"])["seconds"]
    table = Table("job", "step", "implementation", "N", "W", "seconds", "times ours", "MB", "how")
    for line in record.itertuples(index=False):
        key = (line.job, line.n, line.weights)
        ratio = f"{line.seconds / base[key]:.1f}" if line.step == "fit" and key in base else ""
        table.add_row(
            line.job, line.step, line.implementation, f"{line.n:,}", line.weights,
            f"{line.seconds:.4f}", ratio,
            "" if pd.isna(line.megabytes) else f"{line.megabytes:.0f}", line.how,
        )  # fmt: skip
    Console(width=max(Console().width, 150)).print(table)


def main() -> None:
    """Run the experiment and print it; keep it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dense", type=int, nargs="*", default=[34, 100, 283, 300, 1000, 3000])
    parser.add_argument("--sparse", type=int, nargs="*", default=[1000, 10_000, 50_000])
    parser.add_argument("--largest-peer", type=int, default=3000, help="largest N for the peers")
    parser.add_argument("--spreg", metavar="PYTHON", help="3.12 or newer, for the newest spreg")
    parser.add_argument("--r-library", metavar="FOLDER", help="where R finds splm and SDPDmod")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {FOLDER.name}/")
    chosen = parser.parse_args()
    newest = None
    if chosen.spreg:
        try:
            newest = current_spreg.install(chosen.spreg)
        except current_spreg.NoSpregError as error:
            print(f"The newest spreg is left out, since it cannot be installed: {error}")
    r = in_r.versions(chosen.r_library)
    record = experiment(
        chosen.dense, chosen.sparse, chosen.largest_peer, newest, r, chosen.r_library
    )
    show(record)
    if chosen.write:
        FOLDER.mkdir(parents=True, exist_ok=True)
        record.to_csv(FOLDER / "spatial.csv", index=False, lineterminator="\n")
        about = machine(("numpy", "scipy", "spreg")) | {"clock": "CPU seconds of one process"}
        if newest:
            about["newest spreg"] = newest[1]
        if r:
            about["R"] = r
        (FOLDER / "spatial.json").write_text(json.dumps(about, indent=2) + "\n")


if __name__ == "__main__":
    main()
