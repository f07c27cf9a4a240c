"""Moran's I of a panel variable, year by year, and its local decomposition (on esda)."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from analysis import errors
from analysis.errors import listed
from analysis.panel import FloatArray, Panel, as_panel, numbers
from analysis.weights import Weights, as_weights

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
"""Own value first, the neighbours' second; the order is esda's."""

NOT_SIGNIFICANT = "not significant"

_MOMENTS = {
    "I": "I", "expected": "EI", "variance_normal": "VI_norm", "z_normal": "z_norm", "p_normal": "p_norm",
    "variance_random": "VI_rand", "z_random": "z_rand", "p_random": "p_rand",
}  # fmt: skip
"""Names of the statistic and its moments here and in esda."""

_SCALES = (1e-60, 1e60)
"""Ranges of values whose squares and products can be held."""


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
    if not isinstance(values, pd.Series):
        raise errors.SpecificationError(
            f"{what}: give a Series indexed by unit, not {type(values).__name__}"
        )
    if values.index.has_duplicates:
        twice = values.index[values.index.duplicated()]
        raise errors.DuplicateObservationError(f"{what}: more than one value for {listed(twice)}")
    found = numbers(values, what).to_numpy()
    if len(found) < 4:
        raise errors.SampleSizeError(
            f"{what}: Moran's I needs at least four units for its moments, there are {len(found)}"
        )
    size = np.ptp(found)
    if size <= 1e-12 * np.abs(found).max():
        raise errors.ConstantOutcomeError(
            f"{what}: the same value everywhere, so Moran's I is not defined; drop the period"
        )
    if not _SCALES[0] < size < _SCALES[1]:
        raise errors.EstimationError(
            f"{what} ranges over {size:.0e}, beyond what sums of squares hold; change its unit"
        )
    return found


def _check_seed(seed: int) -> None:
    if not (isinstance(seed, int | np.integer) and 0 <= seed < 2**32):
        raise errors.SpecificationError(f"seed={seed!r}: a whole number from 0 to {2**32 - 1}")


def _aligned(weights: Any, units: pd.Index) -> Weights:
    found = as_weights(weights).align(units)
    if not found.row_sums.any():
        raise errors.IslandError(
            f"{found.name}: no unit has a neighbour, so Moran's I is not defined"
        )
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

    if permutations < 0:
        raise errors.SpecificationError(f"permutations={permutations}: cannot be negative")
    _check_seed(seed)
    panel = as_panel(panel)
    if not isinstance(periods, Iterable | None):
        raise errors.SpecificationError(
            f"periods={periods!r}: give a list of them, such as [{periods!r}]"
        )
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

    if permutations < 1:
        raise errors.SpecificationError(f"permutations={permutations}: at least one is needed")
    _check_seed(seed)
    frame = moran_scatter(values, weights)
    found = _checked(values, str(values.name or "variable"))
    aligned, options = _aligned(weights, values.index), {"transformation": "o", "n_jobs": 1}
    with _silence():
        result = Moran_Local(
            found, aligned.to_libpysal(), permutations=permutations, seed=seed, **options
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
