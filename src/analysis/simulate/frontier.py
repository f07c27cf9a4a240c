"""A small simulated city panel whose distance to the frontier is known, for the efficiency chapter.

Nothing here is calibrated to a paper: the two studies have generators of their own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import SpecificationError
from analysis.panel import Panel

ELASTICITIES = {"capital": 0.35, "labour": 0.25, "energy": 0.15, "co2": 0.25}
"""Exponents of the frontier; they sum to one, so returns are constant."""

DEPRECIATION = 0.096


def frontier_panel(
    n_cities: int = 283,
    n_years: int = 11,
    *,
    seed: int = 20,
    on_frontier: float = 0.0,
    inefficiency: float = 0.35,
    progress: float = 0.01,
    first_year: int = 2009,
) -> Panel:
    """Simulate inputs, output and carbon dioxide around a Cobb-Douglas frontier.

    ``gdp = exp(progress x year) x capital^.35 labour^.25 energy^.15 co2^.25 x exp(-u)``: carbon
    dioxide enters as the use of a free resource, and ``u >= 0`` is the distance to the frontier.

    Parameters
    ----------
    n_cities, n_years : int
    seed : int
    on_frontier : float
        Share of city-years with ``u = 0`` exactly; the others draw a half-normal ``u``.
    inefficiency : float
        Scale of the half-normal.
    progress : float
        Yearly shift of the frontier.
    first_year : int

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

    logs = {
        "capital": series(0.35, 0.08, 0.02),
        "labour": series(0.25, 0.01, 0.03),
        "energy": series(0.35, 0.02, 0.04),
        "co2": series(0.45, 0.02, 0.05),
    }
    lasting = np.abs(rng.normal(0.0, inefficiency, n_cities))
    u = np.maximum(lasting + rng.normal(0.0, 0.08, (n_years, n_cities)), 0.01)
    u = np.where(rng.random((n_years, n_cities)) < on_frontier, 0.0, u)
    values = {name: np.exp(log) for name, log in logs.items()}
    frontier = sum(ELASTICITIES[name] * log for name, log in logs.items())
    values["gdp"] = np.exp(progress * year + frontier - u)
    capital = values["capital"]
    values["investment"] = np.vstack(
        [0.1 * capital[:1], capital[1:] - (1 - DEPRECIATION) * capital[:-1]]
    )
    values["inefficiency"] = u
    index = pd.MultiIndex.from_product(
        [
            [f"city {k:0{len(str(n_cities))}d}" for k in range(1, n_cities + 1)],
            range(first_year, first_year + n_years),
        ],
        names=["city", "year"],
    )
    frame = pd.DataFrame({name: v.T.ravel() for name, v in values.items()}, index=index)
    return Panel.from_frame(frame, source="simulated frontier panel")
