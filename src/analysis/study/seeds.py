"""The same estimates over many seeds of a study's generator."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pandas as pd

from analysis.inference.resampling import parallel
from analysis.study.sample import Sample, find_study, open_study

Rows = list[dict[str, Any]]


def _one(
    name: str, estimates: Callable[[Sample], Rows], choices: dict[str, Any], seed: int
) -> Rows:
    sample = open_study(find_study(name), seed=seed, **choices)
    return [{"seed": seed, **row} for row in estimates(sample)]


def over_seeds(
    name: str, estimates: Callable[[Sample], Rows], seeds: Iterable[int], **choices: Any
) -> pd.DataFrame:
    """Open a study at every seed, on all cores, and collect what is estimated there.

    Parameters
    ----------
    name : str
        A declared study whose loader has a choice ``seed``.
    estimates : callable
        From a sample to rows.
    seeds : iterable of int
    **choices
        Further choices, the same for all seeds.

    Returns
    -------
    DataFrame
        One row an estimate, ``seed`` first, in the order of the seeds.
    """
    found = parallel(partial(_one, name, estimates, choices), seeds)
    return pd.DataFrame([row for rows in found for row in rows])
