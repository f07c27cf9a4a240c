"""What the north-east generator is calibrated to: printed targets, declared choices, seed.

Everything here was fixed before any estimate on generated data was looked at. Numbers that the
paper prints are read from ``data/published``; numbers that it does not print are choices, each
with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import SpecificationError, listed
from analysis.resources import data_path

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


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Last year's outcome (tau), its spatial lag (eta), this year's spatial lag (rho)."""

    tau: float
    eta: float
    rho: float

    @property
    def unit_root_sum(self) -> float:
        """Sum of the three: above one, the common trend of the cities explodes."""
        return self.tau + self.eta + self.rho


@dataclass(frozen=True, slots=True)
class Truth:
    """Parameters of the model that generates carbon intensity; shares in per cent.

    Attributes
    ----------
    dynamics : Dynamics
    beta, theta : mapping
        Coefficient of each regressor and of its spatial lag.
    sigma : float
        Standard deviation of the error.
    """

    dynamics: Dynamics
    beta: MappingProxyType[str, float]
    theta: MappingProxyType[str, float]
    sigma: float

    def as_series(self) -> pd.Series:
        """Return the parameters under the names that a fitted model gives them."""
        terms = {"L.y": self.dynamics.tau, "W.L.y": self.dynamics.eta}
        terms |= dict(self.beta) | {f"W.{name}": value for name, value in self.theta.items()}
        terms |= {"rho": self.dynamics.rho, "sigma2": self.sigma**2}
        return pd.Series(terms, name="truth").rename_axis("term")


@dataclass(frozen=True, slots=True)
class Design:
    """Choices that print does not settle.

    Attributes
    ----------
    sigma : float
        Error of carbon intensity. The printed standard errors leave its scale open, because they
        fix only its ratio to the variation of the regressors. Normal errors as large as the
        extreme cell of GOV suggests (about 1) would make carbon intensity negative in the cleanest
        cities, so it is set lower and the regressors vary less in proportion.
    carbon_floor : float
        Least long-run level of a city, tonnes per 10^4 yuan: five standard deviations of the
        swings around it, so that no city-year turns negative.
    carbon_path : mapping
        Year knots of the mean path, "decline-rise-decline"; print gives the shape and no numbers.
    resource_lift : float
        How much higher a resource-based city stands in the ranking of carbon levels, in standard
        scores.
    placement : float
        Power of distance in the matrix on which city levels of carbon intensity are placed. Table 2
        prints Moran's I between .168 and .281 in every year, the premise of the paper's model. The
        levels, which the city effects absorb, are therefore given to cities such that the yearly I
        comes as near to that path as swapping two cities of the same kind (resource-based or not)
        can bring it; their distribution and each kind's stay. On inverse distances squared, nearest
        five and gravity a trial reached a mean I of .23, on the additive nest only .11; the square
        is chosen, because the deviation that the printed I and z imply (.083 to .096) is that of I
        on it under normality (.090). z under randomisation is larger, because the levels have heavy
        tails: that is not aimed at. In the scenario *levels-at-random* levels stay where they fell.
    fdi_std_dev : float
        The printed deviation, 0.529, is impossible for values between 0.001 and 0.419 with mean
        0.034. One decimal place to the left it is possible: 0.0529 is used.
    extreme_cell : tuple
        City and year that take the printed maximum of GOV, an expenditure above GDP. Which cell it
        was is not printed. It is an injected outlier in the raw file: the model sees it.
    manufacturing_share, services_share : float
        Of all employment in the area, in every year.
    sector_shares : mapping
        How services divide, on average.
    specialisation, specialisation_correlation : float
        Spread of the cities' long-run log odds of the two industries beyond what size explains,
        and their correlation.
    employment_noise : float
        Spread of the yearly log odds within a city; makes the standard error of co-agglomeration
        about the printed one.
    small_city_flatness : float
        Normal scores of size are multiplied by this in all but the four large cities.
    persistence : float
        Autocorrelation of yearly deviations, of all series.
    gov_within : float
        Yearly spread of log GOV in a city; its printed standard error is the extreme cell's.
    log_paths : mapping
        Year knots of the common paths of the controls (log points).
    rates : mapping
        Yuan per dollar at four years, interpolated.
    gaps : mapping
        Number of empty cells in each file and group of columns, never in the first or last year.
    """

    sigma: float = 0.4
    carbon_floor: float = 4.0
    carbon_path: MappingProxyType[int, float] = field(
        default_factory=lambda: MappingProxyType({2003: 7.1, 2011: 5.8, 2016: 6.7, 2022: 5.8})
    )
    resource_lift: float = 1.0
    placement: float = 2.0
    fdi_std_dev: float = 0.0529
    extreme_cell: tuple[str, int] = ("qitaihe", 2009)
    manufacturing_share: float = 0.15
    services_share: float = 0.12
    sector_shares: MappingProxyType[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "research": 0.11,
                "finance": 0.20,
                "leasing": 0.09,
                "information": 0.08,
                "transport": 0.26,
                "wholesale": 0.26,
            }
        )
    )
    specialisation: float = 0.6
    specialisation_correlation: float = -0.5
    employment_noise: float = 0.3
    small_city_flatness: float = 0.5
    persistence: float = 0.7
    gov_within: float = 0.05
    log_paths: MappingProxyType[str, MappingProxyType[int, float]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "LnPGDP": MappingProxyType({2003: 9.4, 2013: 10.9, 2016: 10.8, 2022: 11.2}),
                "LnRD": MappingProxyType({2003: 0.0, 2022: 0.6}),
                "LnER": MappingProxyType({2003: 0.0, 2014: 0.4, 2022: 0.6}),
                "GOV": MappingProxyType({2003: 0.0, 2022: 0.5}),
                "FDI": MappingProxyType({2003: 0.0, 2012: 0.4, 2022: -1.0}),
                "TI": MappingProxyType({2003: 0.0, 2006: 0.0, 2007: 0.4, 2022: 0.6}),
            }
        )
    )
    rates: MappingProxyType[int, float] = field(
        default_factory=lambda: MappingProxyType(
            {2003: 8.277, 2010: 6.770, 2015: 6.228, 2022: 6.726}
        )
    )
    gaps: MappingProxyType[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "employment.manufacturing": 4,
                "employment.finance": 5,
                "employment.leasing": 5,
                "public_finance.expenditure": 3,
                "public_finance.science": 8,
                "fdi.fdi": 14,
                "roads.road_area": 10,
                "reports.environment_words": 8,
            }
        )
    )


DESIGN = Design()


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


@lru_cache(maxsize=4)
def truth(scenario: ScenarioName) -> Truth:
    """Parameters of one scenario.

    Parameters
    ----------
    scenario : {"as-printed", "effects-implied", "levels-at-random"}
        ``as-printed``: every parameter as Table 4, model 2, prints it. ``effects-implied``: the
        same with the spatial parameter that the effects of Table 5 imply, to three decimals.
        ``levels-at-random``: as the first; the levels of cities have no place in space.

    Examples
    --------
    >>> truth("as-printed").dynamics
    Dynamics(tau=0.708, eta=0.265, rho=0.18)
    >>> [truth(scenario).dynamics.unit_root_sum > 1 for scenario in TRUTHS]
    [True, False]
    """
    printed = _printed_estimates()["estimate"]
    rho = float(printed["rho"])
    if scenario == "effects-implied":
        rho = round(rho_implied_by_effects()[0], 3)
    elif scenario not in SCENARIOS:
        raise SpecificationError(f"scenario={scenario!r} is unknown; choose {listed(SCENARIOS)}")
    return Truth(
        dynamics=Dynamics(float(printed["y.L(1)"]), float(printed["Wy.L(1)"]), rho),
        beta=MappingProxyType({name: float(printed[name]) for name in REGRESSORS}),
        theta=MappingProxyType({name: float(printed[f"W.{name}"]) for name in REGRESSORS}),
        sigma=DESIGN.sigma,
    )


def within_std_dev(name: str) -> float:
    """Yearly spread of a control around its city and year means, in the units of the regression.

    The one at which the printed standard error arises from the declared error deviation in 646
    observations: ``sigma / (se * sqrt(646))``.
    """
    return DESIGN.sigma / (float(printed_standard_errors()[name]) * 646**0.5)
