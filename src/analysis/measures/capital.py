"""Capital stock by perpetual inventory, and what a misprinted formula makes of it."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import DomainError, NonFiniteError, SpecificationError
from analysis.measures import SAYS
from analysis.panel import FloatArray, Panel, as_panel, where
from analysis.resources import refuse

Initial = Literal["steady-state", "ratio", "depreciation"]
Formula = Literal["standard", "printed"]

DEPRECIATION = 0.096
"""Yearly rate usual for China (Zhang, Wu and Zhang)."""


def accumulate(
    investment: FloatArray,
    initial: FloatArray,
    depreciation: float = DEPRECIATION,
    formula: Formula = "standard",
) -> FloatArray:
    """Accumulate investment into capital, the stock of the first year given.

    Parameters
    ----------
    investment : ndarray, shape (T, N)
        Real investment; the first year's is not used.
    initial : ndarray, shape (N,)
        Stock at the end of the first year.
    depreciation : float
    formula : {"standard", "printed"}
        ``standard``: ``K_t = (1 - depreciation) K_{t-1} + I_t``. ``printed``: the equation as
        it is sometimes misprinted, ``K_t = K_{t-1} + (1 - depreciation) I_t``, in which old capital never
        wears out; for showing what it does.

    Returns
    -------
    ndarray, shape (T, N)

    Raises
    ------
    SpecificationError
        If the formula is unknown or the rate is not in [0, 1).

    Examples
    --------
    >>> accumulate(np.array([[0.0], [10.0], [10.0]]), np.array([100.0]), 0.1).ravel().tolist()
    [100.0, 100.0, 100.0]
    >>> accumulate(np.array([[0.0], [10.0]]), np.array([100.0]), 0.1, "printed").ravel().tolist()
    [100.0, 109.0]
    """
    wrong = {"formula": formula not in get_args(Formula), "depreciation": not 0 <= depreciation < 1}
    refuse(SpecificationError, SAYS, wrong, formula=formula, depreciation=depreciation)
    kept, added = (1 - depreciation, 1.0) if formula == "standard" else (1.0, 1 - depreciation)
    stock = np.empty_like(investment, dtype=float)
    stock[0] = initial
    for year in range(1, len(stock)):
        stock[year] = kept * stock[year - 1] + added * investment[year]
    return stock


def capital_stock(
    panel: Panel,
    investment: str,
    depreciation: float = DEPRECIATION,
    initial: Initial = "ratio",
    ratio: float = 0.10,
    formula: Formula = "standard",
) -> pd.Series:
    """Capital stock of every city-year by perpetual inventory.

    Parameters
    ----------
    panel : Panel
    investment : str
        Column of real investment: nominal investment over a price index that is one in the base
        year (:func:`analysis.measures.deflation.constant_prices`).
    depreciation : float
        Yearly rate; 9.6 % as usual for China.
    initial : {"steady-state", "ratio", "depreciation"}
        Stock of the first year from its investment ``I_0``: ``I_0 / (g + depreciation)`` with g the
        city's mean growth of real investment; ``I_0 / ratio``; or ``I_0 / depreciation``, the
        steady state without growth. The first is the usual formula; it is the steady state at the
        beginning of the first year, and the stock at its end would be larger by the factor 1 + g.
    ratio : float
        For ``initial="ratio"``; 10 % is the choice of Zhang, Wu and Zhang (2004).
    formula : {"standard", "printed"}
        See :func:`accumulate`.

    Returns
    -------
    Series
        Indexed by (city, year), at the prices of the investment.

    Raises
    ------
    MissingColumnError, NonFiniteError
        If the column is absent or has gaps.
    DomainError
        If investment is negative, or zero in the first year (or the last, for its growth); or if
        growth is so negative that no steady state exists. The message names the cities.
    SpecificationError
        If an option is unknown or out of range.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": "a", "year": [2009, 2010, 2011], "i": [10.0, 20.0, 20.0]})
    >>> capital_stock(Panel.from_frame(frame), "i", depreciation=0.1).round(6).tolist()
    [100.0, 110.0, 119.0]
    """
    wrong = {"initial": initial not in get_args(Initial), "ratio": not 0 < ratio <= 1,
             "still": initial == "depreciation" and depreciation == 0}  # fmt: skip
    refuse(SpecificationError, SAYS, wrong, initial=initial, ratio=ratio)
    panel = as_panel(panel)
    flows, words = panel.values(investment), {"source": panel.source, "column": investment}
    series = panel.series(flows, investment)
    refuse(DomainError, SAYS, {"negative": where(series[series < 0], "g")}, **words)
    _refuse(panel, investment, flows[0] <= 0, f"zero in {panel.periods[0]}")
    rate = np.full(panel.n_units, ratio if initial == "ratio" else depreciation)
    if initial == "steady-state":
        _refuse(panel, investment, flows[-1] <= 0, f"zero in {panel.periods[-1]}")
        refuse(DomainError, SAYS, {"years": panel.n_periods < 2}, **words)
        growth = (flows[-1] / flows[0]) ** (1 / (panel.n_periods - 1)) - 1  # geometric mean
        rate = growth + depreciation
        what = "shrinking as fast as capital wears out (no steady state)"
        _refuse(panel, investment, rate <= 0, what)
    stock = accumulate(flows, flows[0] / rate, depreciation, formula)
    refuse(NonFiniteError, SAYS, {"overflow": not np.isfinite(stock).all()}, **words)
    return panel.series(stock, "capital")


def _refuse(panel: Panel, column: str, wrong: np.ndarray, what: str) -> None:
    words = {"source": panel.source, "column": column, "what": what}
    refuse(DomainError, SAYS, {"stock": panel.units[wrong]}, **words)
