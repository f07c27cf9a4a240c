"""What the simulated 283-city data are calibrated to, their stated truth and their seed.

Fixed before any estimate on the simulated data was looked at, and not changed because of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SEED = 283
"""Seed of the committed data set."""

CONTROLS = ("lnGDP", "GOV", "ROAD", "OPEN", "HUM")
"""Controls in the order of the study."""

REGRESSORS = ("INA", *CONTROLS)


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
    always_up, always_down : tuple of str
        Cities that the text names as improving, or declining, in all years of `improving`.
    ina, w_ina : float
        Coefficients of INA and W INA in the Durbin model (Table 6).
    ina_two_way : float
        Coefficient of INA in the two-way model without space (Table 4).
    mediated_share : float
        Share of the coefficient of INA that runs through INNOV (Table 8).
    energy_2018 : float
        Change of energy per unit of GDP in 2018 (text of Figure 5).
    """

    improving: dict[int, int] = field(
        default_factory=lambda: {2010: 127, 2013: 62, 2016: 34, 2019: 105}
    )
    yearly_mean: dict[int, float] = field(default_factory=lambda: {2011: 1.0004, 2018: 1.3679})
    overall_mean: float = 0.9836
    always_up: tuple[str, ...] = ("beijing",)
    always_down: tuple[str, ...] = ("yantai", "taian", "rizhao", "chengdu", "nanning")
    ina: float = 0.0255
    w_ina: float = 0.304
    ina_two_way: float = 0.0170
    mediated_share: float = 0.2115
    energy_2018: float = -0.031


@dataclass(frozen=True, slots=True)
class Chosen:
    """Truths that print does not give: chosen once, of a size that a panel like this can show.

    Attributes
    ----------
    rho : float
        Spatial lag of the outcome; print says only that it is positive.
    controls : tuple of float
        Coefficients of :data:`CONTROLS`; print gives the signs.
    error : float
        Standard deviation of the outcome's error in the equation without INNOV.
    innov_rho, innov_ina, innov_w_ina : float
        Spatial lag of INNOV and coefficients of INA and W INA in its equation.
    innov_controls : tuple of float
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
        Standard deviations of the city effects' smooth, rough and INA-related parts.
    """

    rho: float = 0.40
    controls: tuple[float, ...] = (0.10, -0.40, -0.006, -0.12, -2.5)
    error: float = 0.07
    innov_rho: float = 0.30
    innov_ina: float = 0.45
    innov_w_ina: float = 0.60
    innov_controls: tuple[float, ...] = (1.5, 0.0, 0.0, 0.0, 20.0)
    innov_error: float = 0.60
    region: dict[str, float] = field(
        default_factory=lambda: {"east": 0.020, "central": 0.004, "west": -0.024}
    )
    resource: float = -0.012
    other: float = 0.008
    offset: float = 0.9
    field_sd: float = 0.012
    noise_sd: float = 0.010
    tie_sd: float = 0.004
