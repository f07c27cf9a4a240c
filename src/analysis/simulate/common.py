"""Helpers of the generators: named random streams, persistent series, standard scores, spatial panels."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import SpecificationError
from analysis.panel import FloatArray, Panel, within
from analysis.weights import Weights, as_weights


def stream(seed: int, name: str) -> np.random.Generator:
    """Random stream of one ingredient.

    Each ingredient draws from its own stream, so that adding or changing one leaves the others as
    they were.

    Examples
    --------
    >>> a, b = stream(7, "income").normal(), stream(7, "income").normal()
    >>> bool(a == b), bool(a == stream(7, "roads").normal())
    (True, False)
    """
    return np.random.default_rng(np.random.SeedSequence([seed, *name.encode()]))


def persistent(
    rng: np.random.Generator, n_years: int, n_cities: int, persistence: float
) -> FloatArray:
    """Draw stationary first-order autoregressions, one a city, with unit variance.

    Returns
    -------
    ndarray, shape (T, N)
    """
    shocks = rng.normal(size=(n_years, n_cities))
    series = np.empty_like(shocks)
    series[0] = shocks[0]
    for year in range(1, n_years):
        series[year] = persistence * series[year - 1] + np.sqrt(1 - persistence**2) * shocks[year]
    return series


def deviations(series: FloatArray) -> FloatArray:
    """Two-way demeaned series with unit standard deviation over all city-years."""
    demeaned = within(series, "two-way")
    return demeaned / demeaned.std()


def scores(values: FloatArray) -> FloatArray:
    """Scale a cross-section to mean zero and standard deviation one (divisor N)."""
    return (values - values.mean()) / values.std()


def normal_scores(n: int) -> FloatArray:
    """Return normal quantiles of n equally likely ranks, ascending, scaled to unit deviation.

    Examples
    --------
    >>> normal_scores(3).round(3).tolist()
    [-1.225, 0.0, 1.225]
    """
    return scores(norm.ppf((np.arange(n) + 0.5) / n))


def path(knots: dict[int, float], years: np.ndarray) -> FloatArray:
    """Broken line through the knots, less its mean over the years.

    Examples
    --------
    >>> path({2003: 0.0, 2005: 2.0}, np.arange(2003, 2006))
    array([-1.,  0.,  1.])
    """
    line = np.interp(years, list(knots), list(knots.values()))
    return line - line.mean()


def halved(
    too_low: Callable[[FloatArray], Any], low: FloatArray, high: FloatArray, rounds: int = 60
) -> FloatArray:
    """Solve for several unknowns at once by halving the interval of each.

    Examples
    --------
    >>> halved(lambda x: x**2 < [2.0, 9.0], np.zeros(2), np.full(2, 4.0)).round(4)
    array([1.4142, 3.    ])
    """
    for _ in range(rounds):
        middle = (low + high) / 2
        below = too_low(middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def spatial_panel(
    weights: Weights, signal: FloatArray, rho: float, tau: float = 0.0, eta: float = 0.0
) -> FloatArray:
    """Outcome of ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + s_t``, from zero on.

    Parameters
    ----------
    weights : Weights
    signal : ndarray, shape (T, N)
        What regressors, effects and errors add in each period.
    rho, tau, eta : float

    Returns
    -------
    ndarray, shape (T, N)
        With tau or eta the first periods still remember the start: draw more and drop them.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.weights import k_nearest
    >>> line = pd.DataFrame({"lon": [0.0, 1, 2], "lat": 40.0}, index=list("abc"))
    >>> spatial_panel(k_nearest(line, 2), np.ones((2, 3)), rho=0.5, tau=0.25).round(2).tolist()
    [[2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]
    """
    w = as_weights(weights).dense()
    if np.shape(signal)[1:] != (len(w),):
        shape = np.shape(signal)
        raise SpecificationError(f"signal: must be periods by {len(w)} units, is {shape}")
    inverse = np.linalg.inv(np.eye(len(w)) - rho * w)
    y = np.zeros_like(signal)
    before = np.zeros(len(w))
    for t, now in enumerate(signal):
        before = y[t] = inverse @ (now + tau * before + eta * w @ before)
    return y


def panel_of(units: Iterable[str], source: str, first: int = 2000, **values: FloatArray) -> Panel:
    """A panel of simulated columns, each of shape (T, N), from a first year on."""
    years = range(first, first + len(next(iter(values.values()))))
    rows = pd.MultiIndex.from_product([units, years], names=["city", "year"])
    columns = {name: value.T.ravel() for name, value in values.items()}
    return Panel(pd.DataFrame(columns, rows), source)
