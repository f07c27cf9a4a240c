"""Moran's I of a panel variable, year by year, and its local decomposition (on esda)."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from analysis import errors
from analysis.panel import FloatArray, Panel, as_panel, numbers
from analysis.resources import declared, refuse
from analysis.weights import Weights, as_weights

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
"""Own value first, the neighbours' second; the order is esda's."""

NOT_SIGNIFICANT = "not significant"

_MOMENTS = {
    "I": "I", "expected": "EI", "variance_normal": "VI_norm", "z_normal": "z_norm", "p_normal": "p_norm",
    "variance_random": "VI_rand", "z_random": "z_rand", "p_random": "p_rand",
}  # fmt: skip
"""Names of the statistic and its moments here and in esda."""

SAYS = declared("analysis.spatial", "refusals.toml")["moran"]


@contextmanager
def _silence() -> Iterator[None]:
    """Give numpy's global generator, which esda seeds, its state back, and hear no warnings."""
    state = np.random.get_state()  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def _checked(values: pd.Series, what: str) -> FloatArray:
    series = isinstance(values, pd.Series)
    refuse(errors.SpecificationError, SAYS, {"series": not series}, what=what, values=values)
    twice = values.index[values.index.duplicated()]
    refuse(errors.DuplicateObservationError, SAYS, {"twice": twice}, what=what)
    found = numbers(values, what).to_numpy()
    refuse(errors.SampleSizeError, SAYS, {"few": len(found) < 4}, what=what, n=len(found))
    size = np.ptp(found)
    constant = size <= 1e-12 * np.abs(found).max()
    refuse(errors.ConstantOutcomeError, SAYS, {"constant": constant}, what=what)
    squares = 1e-60 < size < 1e60  # can be held, and products with them
    refuse(errors.EstimationError, SAYS, {"scale": not squares}, what=what, size=size)
    return found


def _check_draws(permutations: int, seed: int, least: int) -> None:
    whole = isinstance(seed, int | np.integer) and 0 <= seed < 2**32
    wrong = {"permutations": permutations < least, "seed": not whole}
    words = {"permutations": permutations, "seed": seed, "least": least}
    refuse(errors.SpecificationError, SAYS, wrong, **words)


def _aligned(weights: Any, units: pd.Index) -> Weights:
    found = as_weights(weights).align(units)
    refuse(errors.IslandError, SAYS, {"islands": not found.row_sums.any()}, w=found)
    return found


def global_moran(
    panel: Panel,
    variable: str,
    weights: Weights,
    periods: Iterable[int] | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Moran's I of one variable in each year, with three kinds of inference.

    Parameters
    ----------
    panel : Panel
    variable : str
    weights : Weights
        Used as it stands: row-standardise it before if that is meant.
    periods : iterable of int, optional
        All periods of the panel by default; the variable may have gaps in the others.
    permutations : int
        Draws of the permutation test; 0 leaves it out.
    seed : int
        Each year draws from its own stream, so a year's p value does not depend on which other
        years were asked for.

    Returns
    -------
    DataFrame
        One row a year: ``I``, ``expected``, and for the assumptions of normality and of
        randomisation the variance, z and two-sided p (``variance_normal``, ``z_normal``,
        ``p_normal``, ``variance_random``, ``z_random``, ``p_random``); ``p_permutation`` is the
        two-sided share ``(1 + #{abs(I* - E) >= abs(I - E)}) / (1 + permutations)``.

    Raises
    ------
    UnitMismatchError
        If W and the panel have different cities.
    ConstantOutcomeError
        If the variable has the same value everywhere in some year.
    SampleSizeError
        With fewer than four cities.
    SpecificationError
        If `panel` is not a Panel, W not a Weights, or `periods` not a list.

    Notes
    -----
    Statistic and moments are esda's (Cliff and Ord 1981).

    Examples
    --------
    >>> from analysis.weights import inverse_distance
    >>> geo = pd.DataFrame({"lon": [0.0, 1, 2, 3, 4], "lat": 0.0}, index=list("abcde"))
    >>> frame = pd.DataFrame({"city": list("abcde"), "year": 2003, "y": [1.0, 2, 4, 5, 5]})
    >>> panel = Panel.from_frame(frame)
    >>> global_moran(panel, "y", inverse_distance(geo, power=2)).loc[2003, "I"].round(3)
    np.float64(0.383)
    """
    with _silence():  # its progress bar complains in notebooks without ipywidgets
        from esda import Moran

    _check_draws(permutations, seed, 0)
    panel = as_panel(panel)
    several = isinstance(periods, Iterable | None)
    refuse(errors.SpecificationError, SAYS, {"periods": not several}, periods=periods)
    aligned = _aligned(weights, panel.units)
    with _silence():
        w = aligned.to_libpysal()
    scale = aligned.n / aligned.row_sums.sum()
    rows = {}
    for year in panel.periods if periods is None else periods:
        values = _checked(panel.cross_section(variable, year), f"{variable} in {year}")
        result = Moran(values, w, transformation="o", permutations=0, two_tailed=True)
        rows[int(year)] = {name: getattr(result, theirs) for name, theirs in _MOMENTS.items()}
        if permutations:
            z, rng = result.z, np.random.default_rng([seed, int(year) % 2**64])
            draws = rng.permuted(np.tile(z, (permutations, 1)), axis=1)
            simulated = scale * (draws * (aligned.matrix @ draws.T).T).sum(axis=1) / (z @ z)
            # ties with the observed value count as extreme, whatever the rounding
            distance = np.abs(result.I - result.EI) * (1 - 1e-12)
            extreme = int((np.abs(simulated - result.EI) >= distance).sum())
            rows[int(year)]["p_permutation"] = (1 + extreme) / (1 + permutations)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(panel.period)


def moran_scatter(values: pd.Series, weights: Weights) -> pd.DataFrame:
    """Points of the Moran scatterplot.

    Parameters
    ----------
    values : Series
        One value a city.
    weights : Weights

    Returns
    -------
    DataFrame
        Indexed by city: ``z`` (standardised value), ``lag`` (its spatial lag) and ``quadrant``.
        With a row-standardised W the least-squares slope of ``lag`` on ``z`` is Moran's I.

    Raises
    ------
    ConstantOutcomeError, NonFiniteError, UnitMismatchError
        As for :func:`global_moran`.
    """
    found = _checked(values, str(getattr(values, "name", None) or "variable"))
    z = (found - found.mean()) / found.std()
    lag = _aligned(weights, values.index).matrix @ z
    quadrant = np.array([["low-low", "low-high"], ["high-low", "high-high"]])
    corner = quadrant[(z > 0).astype(int), (lag > 0).astype(int)]
    return pd.DataFrame({"z": z, "lag": lag, "quadrant": corner}, index=values.index)


def local_moran(
    values: pd.Series,
    weights: Weights,
    permutations: int = 999,
    seed: int = 0,
    level: float = 0.05,
    two_sided: bool = True,
) -> pd.DataFrame:
    """Local Moran statistics with clusters, by conditional permutation.

    Parameters
    ----------
    values : Series
        One value a city (:meth:`Panel.cross_section` gives it).
    weights : Weights
        Used as it stands.
    permutations : int
    seed : int
        Numpy's global generator is left as it was.
    level : float
        Cities with a p value at most this make a cluster.
    two_sided : bool
        False gives the folded one-sided p of GeoDa and of most printed cluster maps, half as large.

    Returns
    -------
    DataFrame
        Indexed by city: ``value``, ``z``, ``lag``, ``quadrant``, ``I`` (local statistic; the
        average of all is global I times (N - 1)/N for a row-standardised W), ``p_value``, ``p_fdr``
        (Benjamini-Hochberg over the cities) and ``cluster``: the quadrant, or "not significant".

    Raises
    ------
    ConstantOutcomeError, NonFiniteError, UnitMismatchError, SampleSizeError
        As for :func:`global_moran`.

    Notes
    -----
    Statistic and permutations are esda's (Anselin 1995).
    """
    with _silence():
        from esda import Moran_Local
    from scipy.stats import false_discovery_control

    _check_draws(permutations, seed, 1)
    frame = moran_scatter(values, weights)
    found = _checked(values, str(values.name or "variable"))
    w = _aligned(weights, values.index)
    with _silence():
        result = Moran_Local(
            found, w.to_libpysal(), "o", permutations=permutations, seed=seed, n_jobs=1
        )
    slack = 1e-12 * np.abs(result.Is)  # a tie is as extreme, on either side
    above = (result.sim >= result.Is - slack).sum(axis=0)
    below = (result.sim <= result.Is + slack).sum(axis=0)
    tail = (1 + np.minimum(above, below)) / (1 + permutations)
    p = np.minimum(1.0, 2 * tail) if two_sided else tail
    frame.insert(0, "value", found)
    return frame.assign(
        I=result.Is,
        p_value=p,
        p_fdr=false_discovery_control(p),
        cluster=frame["quadrant"].where(p <= level, NOT_SIGNIFICANT),
    )
