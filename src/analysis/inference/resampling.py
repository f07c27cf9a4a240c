"""Many draws, each from its own stream: the same numbers whatever the number of workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from analysis.errors import SpecificationError
from analysis.panel import Panel
from analysis.spatial import Specification

Result = TypeVar("Result")

_CHUNK = 8
"""Draws a worker takes at once; it changes the speed only."""


def lean(panel: Panel, *specifications: Specification) -> Panel:
    """Only the columns that the specifications read: workers receive a copy of the panel."""
    terms = [term for spec in specifications for term in spec.terms]
    read = {spec.outcome for spec in specifications}
    read |= {term.name for term in terms} | {term.contemporary for term in terms}
    return replace(panel, frame=panel.frame.loc[:, panel.columns.isin(list(read))])


def _run(
    function: Callable[[np.random.Generator], Result], seeds: Sequence[np.random.SeedSequence]
) -> list[Result]:
    return [function(np.random.default_rng(seed)) for seed in seeds]


def run_draws(
    function: Callable[[np.random.Generator], Result],
    draws: int,
    seed: int,
    n_jobs: int = 1,
    progress: bool = False,
    label: str = "draws",
) -> list[Result]:
    """Call a function once a draw, each time with a generator of its own.

    Parameters
    ----------
    function : callable
        Takes a generator; must be picklable if `n_jobs` is not 1.
    draws : int
    seed : int
    n_jobs : int
        Worker processes; -1 for one a core.
    progress : bool
        Show a progress bar on the terminal.
    label : str
        Its caption.

    Returns
    -------
    list
        Results in the order of the draws.

    Raises
    ------
    SpecificationError
        If `draws` is not positive.

    Examples
    --------
    >>> a = run_draws(lambda rng: rng.integers(100), 3, seed=1)
    >>> b = run_draws(lambda rng: rng.integers(100), 5, seed=1)
    >>> a == b[:3]
    True
    """
    from joblib import Parallel, delayed
    from rich.progress import track

    if draws < 1:
        raise SpecificationError(f"draws={draws}: at least one is needed")
    seeds = np.random.SeedSequence(seed).spawn(draws)
    chunks = [seeds[start : start + _CHUNK] for start in range(0, draws, _CHUNK)]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    found = parallel(delayed(_run)(function, chunk) for chunk in chunks)
    shown = track(found, description=label, total=len(chunks), disable=not progress, transient=True)
    return [result for chunk in shown for result in chunk]
