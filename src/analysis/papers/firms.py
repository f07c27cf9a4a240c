"""Two classic panels of firms."""

from itertools import product
from typing import Literal

import numpy as np
import pandas as pd

from analysis.panel import Panel
from analysis.papers.validation import rdataset
from analysis.spatial.dynamic_panel import GmmFit, Instruments, dynamic_panel_gmm


def investment() -> Panel:
    """Grunfeld's investment data: ten US firms, 1935-1954.

    Returns
    -------
    Panel
        Columns inv (gross investment), value (of the firm), capital (stock of plant and
        equipment), in millions of dollars of 1947.

    Examples
    --------
    >>> investment().n_units, investment().n_periods
    (10, 20)
    """
    frame = rdataset("Grunfeld")[["firm", "year", "inv", "value", "capital"]]
    return Panel.from_frame(frame, unit="firm", source="plm Grunfeld")


def employment() -> pd.DataFrame:
    """Employment in 140 UK firms, 1976-1984, not all observed in every year.

    Returns
    -------
    DataFrame
        One row a firm and year; n, w, k, ys are logarithms of employment, real wage, gross
        capital and industry output.

    Examples
    --------
    >>> len(employment()), employment()["firm"].nunique()
    (1031, 140)
    """
    raw = rdataset("EmplUK")
    names = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}
    return raw[["firm", "year"]].assign(
        **{short: np.log(raw[name]) for short, name in names.items()}
    )


EXOGENOUS = ("w", "L.w", "k", "L.k", "L2.k", "ys", "L.ys", "L2.ys")
"""Regressors of Arellano and Bond's equation (a) that are their own instruments."""


def difference_gmm(data: pd.DataFrame, steps: Literal[1, 2] = 1, last: int | None = None) -> GmmFit:
    """Arellano and Bond's equation (a) of table 4, employment instrumented by its levels.

    Parameters
    ----------
    data : DataFrame
        :func:`employment`.
    steps : {1, 2}
    last : int, optional
        Oldest lag used as instrument; default all.

    Examples
    --------
    >>> difference_gmm(employment()).params["L.n"].round(4)
    np.float64(0.6862)
    """
    own = [Instruments(name, "own", group="regressors") for name in EXOGENOUS]
    regressors, moments = ["L.n", "L2.n", *EXOGENOUS], [Instruments("n", last=last), *own]
    return dynamic_panel_gmm(data, "n", regressors, moments, unit="firm", steps=steps)


def system_gmm(
    data: pd.DataFrame, steps: Literal[1, 2] = 1, last: int | None = None, collapse: bool = False
) -> GmmFit:
    """Blundell and Bond's equation, employment, wage and capital instrumented by their lags.

    Parameters
    ----------
    data : DataFrame
        :func:`employment`.
    steps : {1, 2}
    last : int, optional
        Oldest lag used as instrument; default all.
    collapse : bool
        One column a lag in place of one a lag and year.

    Examples
    --------
    >>> system_gmm(employment()).n_instruments
    113
    """
    lags = [Instruments(name, last=last, collapse=collapse) for name in ("n", "w", "k")]
    regressors = ["L.n", "w", "L.w", "k", "L.k"]
    return dynamic_panel_gmm(data, "n", regressors, lags, unit="firm", system=True, steps=steps)


def by_oldest_lag(data: pd.DataFrame) -> pd.DataFrame:
    """System GMM in two steps by the oldest lag used, from the second to the eighth.

    Returns
    -------
    DataFrame
        ``instruments used`` ("all", "collapsed"), ``last_lag``, ``instruments``, and of lagged
        employment ``estimate`` and ``std_error``.

    Examples
    --------
    >>> len(by_oldest_lag(employment()))
    14
    """
    rows = []
    for kind, last in product(("all", "collapsed"), range(2, 9)):
        fit = system_gmm(data, 2, last, collapse=kind == "collapsed")
        rows.append((kind, last, fit.n_instruments, fit.params["L.n"], fit.std_errors["L.n"]))
    columns = ["instruments used", "last_lag", "instruments", "estimate", "std_error"]
    return pd.DataFrame(rows, columns=columns)


def beside_print(fit: GmmFit) -> pd.Series:
    """What Roodman (2009) prints of an equation: lagged employment, tests, counts."""
    lagged = {"L.n": fit.params["L.n"], "standard error": fit.std_errors["L.n"]}
    counts = {"instruments": fit.n_instruments, "observations": fit.nobs}
    return pd.Series({**lagged, **fit.tests["statistic"], **counts})


def equations(data: pd.DataFrame, last: int | None = None) -> dict[tuple[str, str], GmmFit]:
    """Difference and system GMM, the latter with collapsed instruments too, in one and two steps."""
    found = {}
    every: dict[str, Literal[1, 2]] = {"one step": 1, "two steps": 2}
    for words, steps in every.items():
        found["difference", words] = difference_gmm(data, steps, last)
        found["system", words] = system_gmm(data, steps, last)
        found["system, collapsed", words] = system_gmm(data, steps, last, collapse=True)
    return found
