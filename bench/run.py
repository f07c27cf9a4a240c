"""Times this package beside its peers within one run, and prints how many times faster it is.

``make bench`` runs every file of this folder that defines ``jobs()``; ``make bench JOBS="sdm"``
only the jobs whose name holds one of the words. Seconds depend on the machine, ratios less so.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, done by this package and by others.

    Attributes
    ----------
    name, size : str
        What is done, on how much.
    ours : callable
        The work as this package does it.
    peers : mapping
        Name of a peer to the same work as it does it. One that raises is listed as failing.
    share : mapping
        Name of a peer to the share of the work that its callable does, where all of it would take
        minutes; its seconds are scaled up and marked.
    repeats : int
        Runs of ours, of which the median counts, after one that does not.
    """

    name: str
    size: str
    ours: Run
    peers: Mapping[str, Run] = field(default_factory=dict)
    share: Mapping[str, float] = field(default_factory=dict)
    repeats: int = 5


def seconds(run: Run) -> float:
    """Wall time of one run."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main(words: list[str]) -> None:
    """Run the jobs whose name holds one of the words, or all."""
    folder = Path(__file__).parent
    sys.path.insert(0, str(folder))
    names = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    modules = [importlib.import_module(name) for name in names if name not in ("run", "measure")]
    jobs = [job for module in modules if hasattr(module, "jobs") for job in module.jobs()]
    table = Table("job", "size", "who", "seconds", "times ours", title="Ratios within one run")
    for job in jobs:
        if words and not any(word in job.name for word in words):
            continue
        job.ours()
        own = median(seconds(job.ours) for _ in range(job.repeats))
        table.add_row(job.name, job.size, "analysis", f"{own:.4f}", "1")
        for peer, run in job.peers.items():
            share = job.share.get(peer, 1.0)
            try:
                spent = seconds(run) / share
            except Exception as error:
                table.add_row("", "", peer, "fails here", f"{type(error).__name__}: {error}"[:60])
                continue
            mark = "" if share == 1 else f" (from {share:.0%})"
            table.add_row("", "", peer + mark, f"{spent:.3f}", f"{spent / own:.0f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
