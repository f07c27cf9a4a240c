"""Measure one piece of work in a process of its own, and say on what machine."""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "data" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall and CPU seconds of one run, peak memory net of imports, and what it found."""

    seconds: float
    cpu: float
    megabytes: float
    found: Any = None


def timed(work: Callable[[], Any], repeats: int = 1) -> Measured:
    """Run `work` some times and keep the median; the peak is net of what imports took."""
    walls, cpus, found = [], [], None
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Measured(median(walls), median(cpus), peak_memory() - _imports, found)


def typical(runs: Sequence[Measured]) -> Measured:
    """Medians of several runs' seconds, the largest peak, and what the first found."""
    walls, cpus = (median(getattr(run, clock) for run in runs) for clock in ("seconds", "cpu"))
    return Measured(walls, cpus, max(run.megabytes for run in runs), runs[0].found)


_imports = 0.0
"""Megabytes that a process held before its measurement began."""


def settled() -> None:
    """Count from now on: what the process holds by now are imports and a warm-up."""
    global _imports
    marks = Path("/proc/self/clear_refs")
    if marks.exists():  # Linux forgets the peak so far
        marks.write_text("5")
    _imports = peak_memory()


def peak_memory() -> float:
    """Largest memory that the process has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the process that started this one held
        return (
            next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM")) / 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _send(pipe: Any, job: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    settled()
    pipe.send(job(*arguments))


def alone(job: Callable[..., Any], *arguments: object) -> Any:
    """Run a measurement in a fresh process and return what it returns."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(send, job, arguments))
    process.start()
    send.close()
    try:
        return receive.recv()
    finally:
        process.join()


def machine(packages: Sequence[str]) -> dict[str, object]:
    """What the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }
