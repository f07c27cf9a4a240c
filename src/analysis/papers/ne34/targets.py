"""What the north-east generator is calibrated to: printed targets, declared choices, seed.

Everything here was fixed before any estimate on generated data was looked at. Numbers that the
paper prints are read from ``data/published``; numbers that it does not print are choices, each
with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import SpecificationError, listed
from analysis.resources import data_path, declared

ScenarioName = Literal["as-printed", "effects-implied", "levels-at-random"]

SCENARIOS: tuple[ScenarioName, ...] = ("as-printed", "effects-implied", "levels-at-random")
TRUTHS = SCENARIOS[:2]
"""Scenarios that differ in their parameters; the third has those of the first."""
SEED = 20260315
YEARS = tuple(range(2003, 2023))
REGRESSORS = ("Coagg", "Coagg^2", "GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER")


@dataclass(frozen=True, slots=True)
class Moments:
    """Printed moments over the 680 city-years; a fraction where print has one.

    Mean and standard deviation are targets. The minimum is the floor of the shares (GOV, FDI and
    TI), the maximum is used for the extreme cell of GOV; beyond that the extremes are free.
    """

    mean: float
    std_dev: float
    minimum: float
    maximum: float


DESIGN = SimpleNamespace(**declared("analysis.papers.ne34", "design.toml"))
"""Choices that print does not settle; ``design.toml`` says why each is as it is."""


def _table(number: int) -> pd.DataFrame:
    return pd.read_csv(data_path("published", f"paper_a_table{number}.csv"), keep_default_na=False)


@lru_cache(maxsize=1)
def printed_moments() -> MappingProxyType[str, Moments]:
    """Means and standard deviations of Table 1, the impossible one of FDI replaced.

    Examples
    --------
    >>> printed_moments()["Carbon"]
    Moments(mean=6.297, std_dev=5.78, minimum=0.533, maximum=50.148)
    """
    table = _table(1)
    moments = {
        symbol: Moments(*map(float, values))
        for symbol, *values in table[["symbol", "mean", "std_dev", "min", "max"]].to_numpy()
    }
    moments["FDI"] = replace(moments["FDI"], std_dev=DESIGN.fdi_std_dev)
    return MappingProxyType(moments)


@lru_cache(maxsize=1)
def coagglomeration_path() -> tuple[float, ...]:
    """Mean co-agglomeration by year: up to the printed peak in 2011, then down.

    A parabola through the printed peak whose mean over the years is the printed mean; print gives
    these two numbers and the shape.

    Examples
    --------
    >>> by_year = dict(zip(YEARS, coagglomeration_path()))
    >>> max(by_year, key=by_year.get), by_year[2011]
    (2011, 1.4)
    >>> round(sum(by_year.values()) / len(by_year), 3)
    1.361
    """
    text = pd.read_csv(data_path("published", "paper_a_intext.csv")).set_index("quantity")["value"]
    peak, mean = float(text["peak of mean Coagg"]), printed_moments()["Coagg"].mean
    distance = (np.array(YEARS) - 2011.0) ** 2
    return tuple(float(v) for v in peak - (peak - mean) / distance.mean() * distance)


@lru_cache(maxsize=1)
def moran_path() -> tuple[float, ...]:
    """Moran's I of carbon intensity by year, as Table 2 prints it.

    Examples
    --------
    >>> moran_path()[:2]
    (0.212, 0.228)
    """
    return tuple(_table(2)["morans_i"].astype(float))


def _printed_estimates(model: str = "Model 2") -> pd.DataFrame:
    table = _table(4)
    chosen = table[(table["model"] == model) & (table["std_error"] != "")].set_index("term")
    return chosen[["estimate", "std_error"]].astype(float)


def printed_standard_errors() -> pd.Series:
    """Read the standard errors of the dynamic model of Table 4, by term."""
    return _printed_estimates()["std_error"]


def rho_implied_by_effects() -> tuple[float, float]:
    """Spatial parameter that the short-run effects of Table 5 imply, and its standard error.

    With a row-standardised W the short-run total effect of a regressor is
    ``(beta + theta) / (1 - rho)``. Table 4 prints ``beta + theta``, Table 5 the totals, so each of
    the eight regressors gives one value of ``1 - rho``; they are combined by least squares, each
    weighted by the inverse variance of what separates the two tables: rounding of the four printed
    numbers, and the noise of a mean of 500 simulated draws in the effects.

    Returns
    -------
    tuple of float
        Estimate and standard error.
    """
    coefficients = _printed_estimates()["estimate"]
    effects = _table(5)
    effects = effects.assign(
        half=[0.5 * 10.0 ** -len(text.split("*")[0].split("(")[0].strip().split(".")[1])
              for text in effects["printed"]]
    )  # fmt: skip
    numerators, totals, variances = [], [], []
    for name in REGRESSORS:
        rows = effects[(effects["term"] == name) & effects["model"].str.startswith("ST")]
        totals.append(rows["estimate"].astype(float).sum())
        numerators.append(coefficients[name] + coefficients[f"W.{name}"])
        rounding = 2 * 0.0005**2 / 3 + (rows["half"] ** 2 / 3).sum()
        draws = (rows["std_error"].astype(float) ** 2).sum() / 500
        variances.append(rounding + draws)
    a, b, v = map(np.array, (numerators, totals, variances))
    slope = float((a * b / v).sum() / (b * b / v).sum())
    return 1 - slope, float((b * b / v).sum() ** -0.5)


def truth(scenario: str) -> pd.Series:
    """Parameters of one scenario, under the names that a fitted model gives them; shares in per cent.

    Parameters
    ----------
    scenario : {"as-printed", "effects-implied", "levels-at-random"}
        ``as-printed``: every parameter as Table 4, model 2, prints it. ``effects-implied``: the
        same with the spatial parameter that the effects of Table 5 imply, to three decimals.
        ``levels-at-random``: as the first; the levels of cities have no place in space.

    Examples
    --------
    >>> truth("as-printed")[["L.Carbon", "W.L.Carbon", "rho"]].tolist()
    [0.708, 0.265, 0.18]
    >>> truth("effects-implied")["rho"]
    np.float64(-0.186)
    """
    if scenario not in SCENARIOS:
        raise SpecificationError(f"scenario={scenario!r} is unknown; choose {listed(SCENARIOS)}")
    values = _printed_estimates()["estimate"].rename(
        {"y.L(1)": "L.Carbon", "Wy.L(1)": "W.L.Carbon"}
    )
    lagged = [f"W.{name}" for name in REGRESSORS]
    values = values[["L.Carbon", "W.L.Carbon", *REGRESSORS, *lagged, "rho"]]
    if scenario == "effects-implied":
        values["rho"] = round(rho_implied_by_effects()[0], 3)
    values["sigma2"] = DESIGN.sigma**2
    return values.rename("truth").rename_axis("term")


def within_std_dev(name: str) -> float:
    """Yearly spread of a control around its city and year means, in the units of the regression.

    The one at which the printed standard error arises from the declared error deviation in 646
    observations: ``sigma / (se * sqrt(646))``.
    """
    return DESIGN.sigma / (float(printed_standard_errors()[name]) * 646**0.5)
