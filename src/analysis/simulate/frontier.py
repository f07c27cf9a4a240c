"""Small simulated city panels whose distance to the frontier is known.

Nothing here is calibrated to a paper: the two studies have generators of their own.
"""

import numpy as np
import pandas as pd

from analysis.errors import SpecificationError
from analysis.panel import FloatArray, Panel, within
from analysis.simulate.common import panel_of, persistent, spatial_panel
from analysis.weights import Weights, k_nearest

ELASTICITIES = {"capital": 0.35, "labour": 0.25, "energy": 0.15, "co2": 0.25}
"""Exponents of the frontier; they sum to one, so returns are constant."""

DEPRECIATION = 0.096

_MIX = {"capital": (0.35, 0.08, 0.02), "labour": (0.25, 0.01, 0.03), "energy": (0.35, 0.02, 0.04),
        "co2": (0.45, 0.02, 0.05)}  # fmt: skip
"""Of each input in logs: spread of cities' own mix, yearly trend, yearly shocks."""


def frontier_panel(
    n_cities: int = 283,
    n_years: int = 11,
    *,
    seed: int = 20,
    on_frontier: float = 0.0,
    progress: float = 0.01,
) -> Panel:
    """Simulate inputs, output and carbon dioxide around a Cobb-Douglas frontier.

    ``gdp = exp(progress x year) x capital^.35 labour^.25 energy^.15 co2^.25 x exp(-u)``: carbon
    dioxide enters as the use of a free resource, and ``u >= 0`` is the distance to the frontier.

    Parameters
    ----------
    n_cities, n_years : int
    seed : int
    on_frontier : float
        Share of city-years with ``u = 0`` exactly; the others draw a half-normal ``u`` of scale 0.35.
    progress : float
        Yearly shift of the frontier.

    Returns
    -------
    Panel
        Columns ``capital``, ``labour``, ``energy``, ``gdp``, ``co2``, ``investment`` (what
        capital and a depreciation of 9.6 % imply; the first year's is a tenth of the stock) and
        ``inefficiency`` (the truth u).

    Raises
    ------
    SpecificationError
        If the share is not in [0, 1] or a count is not positive.

    Examples
    --------
    >>> frontier_panel(3, 2, seed=1).columns.to_list()
    ['capital', 'labour', 'energy', 'co2', 'gdp', 'investment', 'inefficiency']
    """
    if not 0 <= on_frontier <= 1:
        raise SpecificationError(f"on_frontier={on_frontier!r} must lie in [0, 1]")
    if n_cities < 1 or n_years < 1:
        raise SpecificationError("give at least one city and one year")
    rng = np.random.default_rng(seed)
    size = rng.normal(0.0, 0.9, n_cities)
    year = np.arange(n_years)[:, None]

    def series(spread: float, trend: float, shock: float) -> np.ndarray:
        """One input in logs, (T, N): city size, a city's own mix, a trend and yearly shocks."""
        mix = rng.normal(0.0, spread, n_cities)
        return size + mix + trend * year + rng.normal(0.0, shock, (n_years, n_cities))

    logs = {name: series(*mix) for name, mix in _MIX.items()}
    lasting = np.abs(rng.normal(0.0, 0.35, n_cities))
    u = np.maximum(lasting + rng.normal(0.0, 0.08, (n_years, n_cities)), 0.01)
    u = np.where(rng.random((n_years, n_cities)) < on_frontier, 0.0, u)
    values = {name: np.exp(log) for name, log in logs.items()}
    frontier = sum(ELASTICITIES[name] * log for name, log in logs.items())
    values["gdp"] = np.exp(progress * year + frontier - u)
    capital = values["capital"]
    growth = capital[1:] - (1 - DEPRECIATION) * capital[:-1]
    values |= {"investment": np.vstack([0.1 * capital[:1], growth]), "inefficiency": u}
    names = [f"city {k:0{len(str(n_cities))}d}" for k in range(1, n_cities + 1)]
    return panel_of(names, "simulated frontier panel", 2009, **values)


TWO_STAGES = {"theta1": 0.04, "chi1": 0.5, "share": 0.4, "rho": 0.3, "east - west": 0.04}
"""Parameters of :func:`two_stages`."""


def distance_of(score: FloatArray) -> FloatArray:
    """Log distance to the frontier of :func:`two_stages` at which the slacks-based score is as given.

    Three inputs and carbon dioxide with an elasticity of 1/4 each. With shares u of the inputs and v of
    the emissions that a point of the frontier needs, the score is the least of ``u / (1.5 - v/2)``
    over ``u^(3/4) v^(1/4) = exp(-distance)``: at v = 3/4 if that leaves u below one, else at u = 1.

    Examples
    --------
    >>> distance_of(np.array([0.5, 8 / 9, 1.0])).round(4).tolist()
    [0.5034, 0.0719, 0.0]
    """
    emissions = 3 - 2 / np.maximum(score, 8 / 9)
    inputs = np.minimum(1.125 * score, 1.0)
    return 0.75 * np.log(1 / inputs) + 0.25 * np.log(1 / emissions)


def two_stages(
    seed: int, n_cities: int = 60, n_years: int = 5, tilt: float = 0.0
) -> tuple[Panel, Panel, Weights]:
    """Simulate a study whose true scores follow a spatial model with a mediator, exactly.

    The index of the true slacks-based scores is a spatial Durbin model of x; so is the mediator m,
    which carries a stated share of x's effect; the slope of x in the east is above that in the west.
    Levels are the product of the index, each city's best year uniform in (0.4, 1): the frontier has
    cities near it. Inputs and output then have these scores against a Cobb-Douglas frontier.

    Parameters
    ----------
    seed : int
    n_cities : int
    n_years : int
        Of the index; production has one more.
    tilt : float
        By how much x raises the log of capital and lowers that of carbon dioxide: where few cities
        are, the frontier is found worst, and the error of a score then goes with x.

    Returns
    -------
    production : Panel
        ``capital``, ``labour``, ``energy``, ``gdp``, ``co2``.
    latent : Panel
        ``index`` (of the true scores), ``m``, ``x`` and ``east``.
    weights : Weights
    """
    rng = np.random.default_rng([seed, n_cities, n_years])
    names = pd.Index([f"city {k}" for k in range(n_cities)], name="city")
    places = pd.DataFrame(rng.uniform([100, 25], [110, 35], (n_cities, 2)), names, ["lon", "lat"])
    weights, truth = k_nearest(places, 5), TWO_STAGES
    W = weights.dense()
    east = (places["lon"] > places["lon"].median()).to_numpy(dtype=float)
    x = np.exp(0.4 * (rng.normal(size=n_cities) + persistent(rng, n_years, n_cities, 0.5)))
    news, errors = rng.normal(0.0, [[[1.0]], [[0.03]]], (2, n_years, n_cities))
    m = spatial_panel(weights, truth["chi1"] * x + news, truth["rho"])
    moving = within(x, "two-way").var(axis=0)  # weights that leave the pooled slope as stated
    slope = truth["theta1"] + truth["east - west"] * (east - np.average(east, weights=moving))
    through = truth["share"] * truth["theta1"] / truth["chi1"]
    signal = slope * x + 0.02 * x @ W.T + through * news + errors
    index = 1 + spatial_panel(weights, signal - signal.mean(axis=1, keepdims=True), truth["rho"])
    path = np.concatenate([np.ones((1, n_cities)), np.cumprod(index, axis=0)])
    level = rng.uniform(0.4, 1.0, n_cities) * path / path.max(axis=0)
    size = rng.normal(0.0, 0.8, n_cities)
    logs = size + rng.normal(0.0, 0.2, (4, 1, n_cities)) + rng.normal(0.0, 0.05, (4, *level.shape))
    logs[[0, 3], 1:] += np.multiply.outer([tilt, -tilt], x)
    values = dict(zip(("capital", "labour", "energy", "co2"), np.exp(logs), strict=True))
    values["gdp"] = np.exp(logs.mean(axis=0) - distance_of(level))

    latent = {"index": index, "m": m, "x": x, "east": np.broadcast_to(east, x.shape)}
    production = panel_of(names, "simulated production", 2009, **values)
    return production, panel_of(names, "simulated index", 2010, **latent), weights
