"""Work on all cores, and draws each from its own stream: the same numbers with any number of workers."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

from analysis.errors import EstimatorWarning, SpecificationError
from analysis.resources import declared, refuse

SAYS = declared("analysis.inference", "refusals.toml")
Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel(
    function: Callable[[Item], Result], items: Iterable[Item], n_jobs: int = -1,
    in_order: bool = True,
) -> Iterator[Result]:  # fmt: skip
    """Apply a function to every item in worker processes, one thread each.

    Parameters
    ----------
    function : callable
        Must be picklable if `n_jobs` is not 1.
    items : iterable
    n_jobs : int
        Worker processes; -1 for one a core, 1 stays in this process.
    in_order : bool
        Results in the order of the items, or else as they are finished.

    Yields
    ------
    object
        Result of each item.

    Examples
    --------
    >>> list(parallel(abs, [-3, 2, -1], n_jobs=1))
    [3, 2, 1]
    """
    from joblib import Parallel, delayed

    kind = "generator" if in_order else "generator_unordered"
    pool = Parallel(n_jobs=n_jobs, return_as=kind)
    yield from pool(delayed(alone)(function, item) for item in items)


def alone(function: Callable[[Item], Result], item: Item) -> Result:
    """Call with one BLAS thread, so that sums are taken in one order everywhere."""
    with _threads().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimatorWarning)  # some among many are near one
        return function(item)


_threads = cache(ThreadpoolController)  # looks at all loaded libraries, once a process


def run_draws(
    function: Callable[[np.random.Generator], Result], draws: int, seed: int, n_jobs: int = 1
) -> list[Result]:
    """Call a function once a draw, each time with a generator of its own.

    Parameters
    ----------
    function : callable
        Takes a generator; must be picklable if `n_jobs` is not 1.
    draws, seed : int
    n_jobs : int
        As for :func:`parallel`.

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
    refuse(SpecificationError, SAYS, {"draws": draws < 1}, draws=draws)
    streams = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(draws))
    return list(parallel(function, streams, n_jobs))
