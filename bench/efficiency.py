"""Slacks-based scores with an undesirable output, beside their peers and as the problem grows.

``make bench`` runs the short comparison of :func:`jobs`. The record that the book shows takes some
minutes more::

    python bench/efficiency.py            # print what this machine does
    python bench/efficiency.py --write    # and keep it in data/benchmarks

In the record each measurement runs in a fresh process and is CPU time on one core. The data are simulated.
scipy's `linprog` solves its programs one by one, so it is timed on every tenth unit and scaled;
DEAPack is timed whole. deaR is timed where R has it; a figure recorded on another machine stands
in its place otherwise, and says so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import pandas as pd
from measure import FOLDER, alone, machine
from rich.console import Console
from rich.table import Table
from run import Job
from scipy.optimize import linprog

from analysis.efficiency import Technology, score
from analysis.panel import Panel
from analysis.simulate.frontier import frontier_panel

TECHNOLOGY = Technology(("capital", "labour", "energy"), ("gdp",), ("co2",))
RETURNS = {"constant": TECHNOLOGY, "variable": Technology(
    TECHNOLOGY.inputs, TECHNOLOGY.good, TECHNOLOGY.bad, returns="variable"
)}  # fmt: skip
EVERY = 10
DEAR_ELSEWHERE = 36.0
"""CPU seconds of deaR for 2,830 units, recorded on another machine."""

DEAR_SCRIPT = """
library(deaR)
d <- read.csv(commandArgs(TRUE)[1])
d <- make_deadata(d, dmus = 1, inputs = 2:4, outputs = 5:6, ud_outputs = 2)
t <- system.time(r <- model_sbmeff(d, rts = "crs"))
cat(sum(t[c("user.self", "sys.self")]))
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """CPU seconds, peak memory and scores of one run."""

    seconds: float
    megabytes: float
    scores: np.ndarray
    certified: bool = True


def panel_of(n: int, share: float | None = None) -> Panel:
    """Simulate n city-years over ten years; with a share of them on a frontier that stands still."""
    if share is None:
        return frontier_panel(n // 10, 10, seed=20)
    return frontier_panel(n // 10, 10, seed=20, on_frontier=share, progress=0.0)


def here(n: int, returns: str, share: float | None = None) -> Scored:
    """The package."""
    panel = panel_of(n, share)
    start = time.process_time()
    found = score(panel, RETURNS[returns])
    return _measured(start, found.level.to_numpy(), found.certified)


def with_linprog(n: int, returns: str, share: float | None = None) -> Scored:
    """One scipy `linprog` a unit, on every tenth unit, scaled to all."""
    data = panel_of(n, share).frame[list(TECHNOLOGY.columns)].to_numpy()
    signs = np.diag([1.0, 1, 1, -1, 1])
    cost = np.r_[1.0, np.zeros(n), np.full(3, -1 / 3), 0, 0]
    norm = np.r_[1.0, np.zeros(n + 3), 0.5, 0.5]
    start = time.process_time()
    scores = []
    for unit in data[::EVERY]:
        rows = np.hstack([-np.ones((5, 1)), (data / unit).T, signs])
        a_eq, b_eq = np.vstack([rows, norm]), np.r_[np.zeros(5), 1.0]
        if returns == "variable":
            a_eq = np.vstack([a_eq, np.r_[-1.0, np.ones(n), np.zeros(5)]])
            b_eq = np.r_[b_eq, 0.0]
        scores.append(linprog(cost, A_eq=a_eq, b_eq=b_eq, method="highs").fun)
    found = _measured(start, np.array(scores))
    return Scored(found.seconds * n / len(scores), found.megabytes, found.scores)


def with_deapack(n: int, returns: str, share: float | None = None) -> Scored:
    """DEAPack's separable slacks-based measure with undesirable outputs."""
    from deapack import DEAData, UndesirableSBM

    frame = panel_of(n, share).frame.reset_index()
    frame["unit"] = frame["city"] + " " + frame["year"].astype(str)
    data = DEAData.from_frame(
        frame,
        dmu="unit",
        inputs=list(TECHNOLOGY.inputs),
        outputs=list(TECHNOLOGY.good),
        bad_outputs=list(TECHNOLOGY.bad),
    )
    start = time.process_time()
    found = UndesirableSBM(returns_to_scale={"constant": "crs", "variable": "vrs"}[returns]).fit(
        data
    )
    return _measured(start, _deapack_scores(found, frame["unit"]))


def _deapack_scores(found: object, units: pd.Series) -> np.ndarray:
    table = found.summary()  # type: ignore[attr-defined]
    key = next(column for column in table if set(table[column]) == set(units))
    return table.set_index(key)["score"].reindex(units).to_numpy(dtype=float)


def with_dear(n: int) -> float | None:
    """CPU seconds of deaR; None where R or the package is missing."""
    if shutil.which("Rscript") is None:
        return None
    frame = panel_of(n).frame[list(TECHNOLOGY.columns)].reset_index()
    frame.insert(0, "unit", frame.pop("city") + " " + frame.pop("year").astype(str))
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "data.csv"), Path(folder, "run.R")
        frame.to_csv(data, index=False)
        script.write_text(DEAR_SCRIPT)
        run = subprocess.run(
            ["Rscript", str(script), str(data)], capture_output=True, text=True, check=False
        )
    return float(run.stdout) if run.returncode == 0 else None


def _measured(start: float, scores: np.ndarray, certified: bool = True) -> Scored:
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Scored(seconds, peak, scores, certified)


def row(kind: str, who: str, n: int, returns: str, run: Scored, how: str) -> dict[str, object]:
    """One line of the record."""
    return {
        "experiment": kind,
        "implementation": who,
        "n": n,
        "returns": returns,
        "efficient": float(np.mean(run.scores > 1 - 1e-7)),
        "seconds": round(run.seconds, 4),
        "megabytes": round(run.megabytes),
        "certified": run.certified if who == "this package" else None,
        "how": how,
    }


def beside_peers(n: int) -> list[dict[str, object]]:
    """The same n units by everybody, with the largest difference in scores."""
    rows = []
    for returns in RETURNS:
        ours = alone(here, n, returns)
        plain = alone(with_linprog, n, returns)
        pack = alone(with_deapack, n, returns)
        rows += [
            row("peers", "this package", n, returns, ours, "measured, all units")
            | {"difference": 0.0},
            row("peers", "scipy linprog", n, returns, plain, "measured, every tenth unit, scaled")
            | {"difference": float(np.abs(plain.scores - ours.scores[::EVERY]).max())},
            row("peers", "DEAPack", n, returns, pack, "measured, all units")
            | {"difference": float(np.abs(pack.scores - ours.scores).max())},
        ]
    seconds = with_dear(n)
    how = "measured, all units"
    if seconds is None and n == 2830:
        seconds, how = DEAR_ELSEWHERE, "recorded elsewhere, on another machine and other data"
    if seconds is not None:
        rows.append(
            {
                "experiment": "peers", "implementation": "deaR", "n": n, "returns": "constant",
                "seconds": seconds, "how": how,
            }
        )  # fmt: skip
    return rows


def growth(sizes: list[int]) -> list[dict[str, object]]:
    """The package alone, more and more units."""
    return [
        row("growth", "this package", n, returns, alone(here, n, returns), "measured")
        for n in sizes
        for returns in RETURNS
    ]


def frontier_share(n: int, shares: list[float]) -> list[dict[str, object]]:
    """The package alone, more and more units on the frontier."""
    return [
        row("frontier", "this package", n, returns, alone(here, n, returns, share), "measured")
        for share in shares
        for returns in RETURNS
    ]


def show(record: pd.DataFrame) -> None:
    """Print the record, with ratios to this package within the run."""
    console = Console(width=max(Console().width, 140))
    ours = record[record["implementation"] == "this package"]
    base = ours.drop_duplicates(["experiment", "n", "returns"]).set_index(
        ["experiment", "n", "returns"]
    )["seconds"]
    table = Table("experiment", "implementation", "n", "returns", "efficient", "CPU s", "ratio",
                  "MB", "largest difference", "how")  # fmt: skip
    for line in record.itertuples(index=False):
        ratio = line.seconds / base[(line.experiment, line.n, line.returns)]
        table.add_row(
            line.experiment, line.implementation, f"{line.n:,}", line.returns,
            "" if pd.isna(line.efficient) else f"{line.efficient:.1%}", f"{line.seconds:.2f}",
            f"{ratio:.0f}" if line.experiment == "peers" else "",
            "" if pd.isna(line.megabytes) else f"{line.megabytes:.0f}",
            "" if pd.isna(line.difference) else f"{line.difference:.0e}", line.how,
        )  # fmt: skip
    console.print(table)


def jobs() -> list[Job]:
    """Scores beside the peers at two sizes, then growth with units and with efficient ones."""
    small = {
        "scipy linprog, one by one": partial(with_linprog, 280, "constant"),
        "DEAPack": partial(with_deapack, 280, "constant"),
    }
    if shutil.which("Rscript") is not None:
        small["deaR"] = partial(with_dear, 280)
    plain = "scipy linprog, one by one"
    large = {plain: partial(with_linprog, 2830, "constant")}
    share = {plain: 1 / EVERY}
    return [
        Job("sbm", "280 city-years", _ready(280), small, share),
        Job("sbm", "2,830 city-years", _ready(2830), large, share),
        Job("sbm growth", "14,300 city-years", _ready(14300), repeats=1),
        Job("sbm growth", "57,200 city-years", _ready(57200), repeats=1),
        *(
            Job("sbm frontier", f"2,830 city-years, {s:.0%} on the frontier", _ready(2830, s))
            for s in (0.0, 0.2, 0.8)
        ),
    ]


def _ready(n: int, share: float | None = None) -> Callable[[], object]:
    return partial(score, panel_of(n, share), TECHNOLOGY)


def main() -> None:
    """Run the experiments and print them; keep them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--peers",
        type=int,
        nargs="*",
        default=[280, 2830],
        metavar="N",
        help="numbers of city-years to score beside the peers (multiples of 10)",
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        default=[710, 1420, 2830, 5720, 14300, 28600, 57200],
        metavar="N",
        help="numbers of city-years for the growth",
    )
    parser.add_argument(
        "--shares",
        type=float,
        nargs="*",
        default=[0, 0.05, 0.1, 0.2, 0.4, 0.8],
        metavar="S",
        help="shares of city-years put on the frontier",
    )
    parser.add_argument("--write", action="store_true", help=f"keep the result in {FOLDER.name}/")
    chosen = parser.parse_args()  # fmt: skip
    rows = [line for n in chosen.peers for line in beside_peers(n)]
    rows += growth(chosen.sizes) + frontier_share(2830, chosen.shares)
    record = pd.DataFrame(rows)
    show(record)
    if chosen.write:
        FOLDER.mkdir(parents=True, exist_ok=True)
        record.to_csv(FOLDER / "efficiency.csv", index=False, lineterminator="\n")
        about = machine(("numpy", "scipy", "DEAPack")) | {"clock": "CPU seconds of the process"}
        (FOLDER / "efficiency.json").write_text(json.dumps(about, indent=2) + "\n")


if __name__ == "__main__":
    main()
