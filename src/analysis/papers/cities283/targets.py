"""What the simulated 283-city data are calibrated to, as ``targets.toml`` declares it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

FILE = "src/analysis/papers/cities283/targets.toml"
DECLARED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("targets.toml").read_text())

SEED: int = DECLARED["seed"]
"""Seed of the committed data set."""

YEARS = tuple(range(DECLARED["years"][0], DECLARED["years"][1] + 1))
"""Years of the raw tables; the latent index begins a year later."""

DEFAULT_DROPPED: str = DECLARED["dropped"]

CONTROLS = ("lnGDP", "GOV", "ROAD", "OPEN", "HUM")
"""Controls in the order of the study."""

REGRESSORS = ("INA", *CONTROLS)

Scenario = Literal["placed", "faint-field"]
"""How far the city effects of the index follow the map: see :func:`chosen`."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Numbers of paper B's running text that the latent data are made to meet.

    Attributes
    ----------
    improving : dict
        Cities whose latent index exceeds one, by year (Figure 6).
    yearly_mean : dict
        Mean latent index of a year (Figure 5).
    overall_mean : float
        Mean latent index of all city-years (Figure 5).
    always_up, always_down : list of str
        Cities that the text names as improving, or declining, in all years of `improving`.
    moran_years : list of int
        First and last year in each of which Moran's I of the index is positive and significant at
        5 % (Table 5), on `moran_matrix`.
    moran_matrix : str
    ina, w_ina : float
        Coefficients of INA and W INA in the Durbin model (Table 6).
    ina_two_way : float
        Coefficient of INA in the two-way model without space (Table 4).
    mediated_share : float
        Share of the coefficient of INA that runs through INNOV (Table 8).
    energy_2018 : float
        Change of energy per unit of GDP in 2018 (text of Figure 5).
    """

    improving: dict[int, int]
    yearly_mean: dict[int, float]
    overall_mean: float
    always_up: list[str]
    always_down: list[str]
    moran_years: list[int]
    moran_matrix: str
    ina: float
    w_ina: float
    ina_two_way: float
    mediated_share: float
    energy_2018: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """Truths that print does not give: chosen once, of a size that a panel like this can show.

    Attributes
    ----------
    rho : float
        Spatial lag of the outcome; print says only that it is positive.
    controls : list of float
        Coefficients of :data:`CONTROLS`; print gives the signs.
    error : float
        Standard deviation of the outcome's error in the equation without INNOV.
    innov_rho, innov_ina, innov_w_ina : float
        Spatial lag of INNOV and coefficients of INA and W INA in its equation.
    innov_controls : list of float
        Coefficients of :data:`CONTROLS` in the equation of INNOV.
    innov_error : float
        Standard deviation of its error, patents per 10^4 persons.
    region : dict
        Departure of the coefficient of INA by region, before centring; print gives the order
        east > centre > west.
    resource, other : float
        Departure by resource endowment, before centring; print gives other > resource.
    offset : float
        Share of the cross-section of the regressors' part that the city effects take back, so
        that a growth factor does not differ between cities as much as their levels of GDP do.
    field_sd, noise_sd, tie_sd : float
        Standard deviations of the city effects' smooth, rough and INA-related parts. The smooth
        field places the index in space, for the sake of `Printed.moran_years`; models with city
        effects do not see it.
    """

    rho: float
    controls: list[float]
    error: float
    innov_rho: float
    innov_ina: float
    innov_w_ina: float
    innov_controls: list[float]
    innov_error: float
    region: dict[str, float]
    resource: float
    other: float
    offset: float
    field_sd: float
    noise_sd: float
    tie_sd: float


def _by_year(section: dict[str, Any]) -> dict[str, Any]:
    by_year = ("improving", "yearly_mean")
    return section | {name: {int(y): v for y, v in section[name].items()} for name in by_year}


PRINTED = Printed(**_by_year(DECLARED["printed"]))
CHOSEN = Chosen(**DECLARED["chosen"])


def chosen(scenario: Scenario = "placed") -> Chosen:
    """Choices under a scenario: *placed* in space, or with the *faint-field* of before.

    Examples
    --------
    >>> chosen().field_sd > chosen("faint-field").field_sd
    True
    """
    return replace(CHOSEN, **DECLARED["scenarios"].get(scenario, {}))
