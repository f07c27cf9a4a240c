"""What the north-east generator is calibrated to: printed targets, declared choices, seed.

Everything here was fixed before any estimate on generated data was looked at. Numbers that the
paper prints are read from ``data/published``; numbers that it does not print are choices, each
with its reason.
"""

from functools import cache
from types import SimpleNamespace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.audit import DRAWS, effect_rows
from analysis.book import published
from analysis.errors import SpecificationError, listed
from analysis.resources import declared

ScenarioName = Literal["as-printed", "effects-implied", "levels-at-random"]

SCENARIOS: tuple[ScenarioName, ...] = ("as-printed", "effects-implied", "levels-at-random")
TRUTHS = SCENARIOS[:2]
"""Scenarios that differ in their parameters; the third has those of the first."""
SEED = 20260315
YEARS = tuple(range(2003, 2023))
REGRESSORS = ("Coagg", "Coagg^2", "GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER")
DYNAMICS = ("L.Carbon", "W.L.Carbon", "rho")

DESIGN = SimpleNamespace(**declared("analysis.papers.ne34", "design.toml"))
"""Choices that print does not settle; ``design.toml`` says why each is as it is."""


class Moments(NamedTuple):
    """Printed moments over the 680 city-years; a fraction where print has one.

    Mean and standard deviation are targets. The minimum is the floor of the shares (GOV, FDI and
    TI), the maximum is used for the extreme cell of GOV; beyond that the extremes are free.
    """

    mean: float
    std_dev: float
    minimum: float
    maximum: float


@cache
def printed_moments() -> dict[str, Moments]:
    """Means and standard deviations of Table 1, the impossible one of FDI replaced.

    Examples
    --------
    >>> printed_moments()["Carbon"]
    Moments(mean=6.297, std_dev=5.78, minimum=0.533, maximum=50.148)
    """
    table = published.load("paper_a_table1").set_index("symbol")
    numbers = table[["mean", "std_dev", "min", "max"]].astype(float)
    numbers.loc["FDI", "std_dev"] = DESIGN.fdi_std_dev
    return {symbol: Moments(*values) for symbol, *values in numbers.itertuples()}


def coagglomeration_path() -> pd.Series:
    """Mean co-agglomeration by year: up to the printed peak in 2011, then down.

    A parabola through the printed peak whose mean over the years is the printed mean; print gives
    these two numbers and the shape.

    Examples
    --------
    >>> path = coagglomeration_path()
    >>> int(path.idxmax()), float(path.max()), round(float(path.mean()), 3)
    (2011, 1.4, 1.361)
    """
    text = published.load("paper_a_intext").set_index("quantity")["value"]
    peak, mean = float(text["peak of mean Coagg"]), printed_moments()["Coagg"].mean
    distance = (np.array(YEARS) - float(text["year of the peak"])) ** 2
    return pd.Series(peak - (peak - mean) / distance.mean() * distance, YEARS)


def printed_moran() -> pd.DataFrame:
    """Table 2 as numbers, by year."""
    table = published.load("paper_a_table2").astype({"year": int}).set_index("year")
    return table[["morans_i", "z", "p"]].astype(float)


class Column(NamedTuple):
    """One printed column of estimates, under the names that a fit gives its terms."""

    params: pd.Series
    std_errors: pd.Series
    cells: pd.Series

    def of(self, term: str) -> tuple[float, float]:
        """Estimate and standard error of a term."""
        return float(self.params[term]), float(self.std_errors[term])

    def cell(self, term: str) -> str:
        """Estimate with its stars and standard error, for a cell of words."""
        return f"{self.cells[term]} ({self.std_errors[term]:.3f})".replace("*", "\\*")


def printed(table: str, model: str) -> Column:
    """Read a printed column of estimates.

    Examples
    --------
    >>> float(printed("4", "Model 2").params["L.Carbon"])
    0.708
    """
    rows = published.estimates(f"paper_a_table{table}").query("model == @model")
    rows = rows.set_index(rows["term"].replace({"L.y": "L.Carbon", "W.L.y": "W.L.Carbon"}))
    numbers = rows[["estimate", "std_error"]].replace("", np.nan).astype(float)
    cells = rows["estimate"].str.replace("-", "−") + rows["stars"]
    return Column(numbers["estimate"], numbers["std_error"], cells)


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
    coefficients, effects = (published.estimates(f"paper_a_table{k}") for k in (4, 5))
    rows = effect_rows(coefficients, effects, "Model 2", "short")
    rounding = (rows.filter(regex="(beta|theta|direct)_half") ** 2).sum(axis=1) / 3
    noise = rounding + (rows[["direct_se", "indirect_se"]] ** 2).sum(axis=1) / DRAWS
    precision = float((rows["total"] ** 2 / noise).sum())
    ratio = float(((rows["beta"] + rows["theta"]) * rows["total"] / noise).sum()) / precision
    return 1 - ratio, precision**-0.5


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
    tau, eta, rho = DYNAMICS
    terms = [tau, eta, *REGRESSORS, *(f"W.{name}" for name in REGRESSORS), rho]
    values = printed("4", "Model 2").params[terms].copy()
    if scenario == "effects-implied":
        values["rho"] = round(rho_implied_by_effects()[0], 3)
    values["sigma2"] = DESIGN.sigma**2
    return values.rename("truth").rename_axis("term")


def within_std_dev(name: str) -> float:
    """Yearly spread of a control around its city and year means, in the units of the regression.

    The one at which the printed standard error arises from the declared error deviation in 646
    observations: ``sigma / (se * sqrt(646))``.
    """
    return DESIGN.sigma / (float(printed("4", "Model 2").std_errors[name]) * 646**0.5)
