"""Raw-like tables for 283 real cities, built from a latent efficiency whose law is stated.

The order is: regressors, innovation, the latent index by a spatial Durbin model with two-way
effects, the latent level as its product over years, and then the capital, employment, energy and
carbon dioxide that give each city-year that level against a reference technology. Efficiency
scores computed from the raw tables are measured against the cities' own frontier, so they are
near the latent level and not equal to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import RawDataError, SpecificationError, did_you_mean, listed
from analysis.measures.capital import DEPRECIATION
from analysis.panel import within
from analysis.papers.cities283.measures import CONTRACT, SERVICES
from analysis.papers.cities283.targets import (
    CHOSEN,
    CONTROLS,
    DECLARED,
    DEFAULT_DROPPED,
    PRINTED,
    SEED,
    YEARS,
    Chosen,
    Printed,
)
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.simulate.common import deviations, persistent, scores, stream
from analysis.weights import great_circle

FloatArray = NDArray[np.float64]

REFERENCE: Mapping[str, float] = DECLARED["reference"]
"""Reference technology per 10^4 yuan of output."""

PATHS: Mapping[str, list[float]] = DECLARED["paths"]
SHARES: Mapping[str, float] = DECLARED["shares"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw.

    Attributes
    ----------
    raw : dict of DataFrame
        The tables of the raw contract, by file name without suffix.
    latent : DataFrame
        Indexed by (city, year): ``efficiency`` (the latent level, all years) and ``index`` (its
        yearly factor, from the second year).
    truth : DataFrame
        One row a parameter: equation, term, value and kind.
    """

    raw: dict[str, pd.DataFrame]
    latent: pd.DataFrame
    truth: pd.DataFrame


@dataclass(slots=True)
class _World:
    """Geography of the draw, and one stream of random numbers for each purpose."""

    geo: pd.DataFrame
    seed: int
    dropped: str
    distance: FloatArray = field(init=False)
    W: FloatArray = field(init=False)
    kept: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.distance = great_circle(self.geo)
        self.kept = (self.geo.index != self.dropped).copy()
        apart = self.distance.copy()
        np.fill_diagonal(apart, np.inf)
        # The city outside the study is moved by its neighbours and moves none of them.
        proximity = np.where(self.kept, 1 / apart, 0.0)
        self.W = proximity / proximity.sum(axis=1, keepdims=True)

    @property
    def n(self) -> int:
        return len(self.geo)

    def stream(self, name: str) -> np.random.Generator:
        return stream(self.seed, f"cities283 {name}")

    def flag(self, column: str, value: object = 1) -> NDArray[np.bool_]:
        return (self.geo[column] == value).to_numpy(dtype=bool)

    @property
    def hubs(self) -> NDArray[np.bool_]:
        """Capitals, sub-provincial cities and municipalities."""
        return (
            self.flag("provincial_capital") | self.flag("subprovincial") | self.flag("municipality")
        )

    def smooth(self, draws: FloatArray, range_km: float) -> FloatArray:
        """Standardised field that varies smoothly over space, along the last axis."""
        rough = draws @ np.exp(-((self.distance / range_km) ** 2)).T
        centred = rough - rough.mean(axis=-1, keepdims=True)
        scaled: FloatArray = centred / centred.std(axis=-1, keepdims=True)
        return scaled

    def solve(self, rho: float, values: FloatArray) -> FloatArray:
        """``(I - rho W)^{-1}`` applied to each year of a (T, N) array."""
        return np.asarray(np.linalg.solve(np.eye(self.n) - rho * self.W, values.T).T, dtype=float)


def _autoregressive(
    rng: np.random.Generator, n: int, persistence: float, scale: float
) -> FloatArray:
    """Stationary first-order autoregressions over the raw years, shape (T, n)."""
    return scale * persistent(rng, len(YEARS), n, persistence)


def _controls(world: _World) -> dict[str, FloatArray]:
    """Population and the five controls, arrays of shape (T, N)."""
    n, years = world.n, np.arange(len(YEARS))[:, None]
    east, west, hubs = world.flag("region3", "east"), world.flag("region3", "west"), world.hubs
    rng = world.stream("population")
    population = np.exp(
        np.log(350) + 0.55 * rng.standard_normal(n) + 0.3 * hubs + 0.9 * world.flag("municipality")
        + 0.004 * years
    )  # fmt: skip
    rng = world.stream("income")
    level = (
        np.log(2.6) + 0.35 * east - 0.12 * west + 0.35 * hubs
        + 0.15 * world.smooth(rng.standard_normal(n), 400) + 0.22 * rng.standard_normal(n)
    )  # fmt: skip
    regional = 0.12 * world.smooth(_autoregressive(rng, n, 0.6, 1.0), 700)
    trend = 0.008 * rng.standard_normal(n) * (years - years.mean())
    common = np.concatenate([[0.0], np.cumsum(PATHS["growth"])])[:, None]
    income = level + common + regional + trend + _autoregressive(rng, n, 0.6, 0.05)
    rank = income.mean(axis=0) - income.mean()

    def positive(name: str, level: FloatArray | float, spread: float, ar: float, sd: float,
                 drift: float = 0.0) -> FloatArray:  # fmt: skip
        rng = world.stream(name)
        between = level + spread * rng.standard_normal(n)
        return np.exp(between + drift * years + _autoregressive(rng, n, ar, sd))

    return {
        "population": population,
        "lnGDP": income,
        "GOV": positive("GOV", np.log(0.17) - 0.35 * rank, 0.25, 0.5, 0.12),
        "ROAD": positive("ROAD", np.log(10) + 0.3 * rank, 0.35, 0.6, 0.12, 0.02),
        "OPEN": positive("OPEN", np.log(0.11) + 0.8 * east + 0.3 * hubs, 0.6, 0.5, 0.20),
        "HUM": positive("HUM", np.log(0.012) + 0.9 * hubs, 0.45, 0.5, 0.12, 0.015),
    }


def _coagglomeration(world: _World, income: FloatArray) -> FloatArray:
    """Co-agglomeration up to a constant a year, which the adding-up of employment fixes later."""
    rng = world.stream("co-agglomeration")
    neighbours = deviations(income @ world.W.T)
    between = (
        2.6 + 0.32 * world.smooth(rng.standard_normal(world.n), 400)
        + 0.28 * np.clip(rng.standard_normal(world.n), -2, 2) + 0.10 * world.flag("region3", "east")
    )  # fmt: skip
    moving = _autoregressive(rng, world.n, 0.5, 0.24)
    return np.clip(between, 1.9, 3.4) + moving + 0.09 * neighbours


def _project(world: _World, outcome: FloatArray, regressors: FloatArray) -> FloatArray:
    """Two-way within least squares over the study's cities and the index's years."""
    Z = within(regressors[1:][:, world.kept], "two-way")
    y = within(outcome[1:][:, world.kept], "two-way")
    return np.asarray(np.linalg.lstsq(Z.reshape(-1, Z.shape[-1]), y.ravel(), rcond=None)[0], float)


def _slopes(world: _World, X: FloatArray, WX: FloatArray, chosen: Chosen) -> FloatArray:
    """Group departures of the slope of INA, as a part of the outcome.

    What the departures would add to the pooled coefficients of INA and W INA is taken out, so
    that these stay the stated ones.
    """
    region = world.geo["region3"].map(chosen.region).to_numpy(dtype=float)
    departure = region + np.where(world.flag("resource_based"), chosen.resource, chosen.other)
    part = departure * X[..., 0]
    pooled = _project(world, part, np.concatenate([X, WX], axis=-1))
    own, neighbours = pooled[0], pooled[X.shape[-1]]
    return np.stack([departure - own, np.full(world.n, -neighbours)])


def _index_shifts(world: _World, z: FloatArray, printed: Printed) -> FloatArray:
    """Year effects that bring the latent index to its targets; z has shape (T - 1, N)."""
    shifts = np.full(len(z), np.nan)
    inside = z[:, world.kept]
    for t, year in enumerate(YEARS[1:]):
        if year in printed.improving:
            falling = np.sort(inside[t])[::-1]
            count = printed.improving[year]
            shifts[t] = 1 - (falling[count - 1] + falling[count]) / 2
        elif year in printed.yearly_mean:
            shifts[t] = printed.yearly_mean[year] - inside[t].mean()
    means = inside.mean(axis=1)
    free = np.isnan(shifts)
    left = printed.overall_mean * len(z) - (means + shifts)[~free].sum()
    shifts[free] = left / free.sum() - means[free]
    return shifts


def _hold_named(world: _World, z: FloatArray, S: FloatArray, printed: Printed) -> FloatArray:
    """Latent index whose named cities improve, or decline, in each of the printed years.

    Only shocks of these cities in these years move, by as little as it takes; the spatial
    multiplier carries them on.
    """
    signs = dict.fromkeys(printed.always_up, 1.0) | dict.fromkeys(printed.always_down, -1.0)
    rows = [YEARS[1:].index(year) for year in printed.improving]
    for _ in range(100):
        y = z + _index_shifts(world, z, printed)[:, None]
        settled = True
        for city, sign in signs.items():
            i = int(world.geo.index.get_loc(city))
            for t in rows:
                short = 0.005 - sign * (y[t, i] - 1)
                if world.kept[i] and short > 0:
                    z[t] += S[:, i] * sign * (short + 0.002) / S[i, i]
                    settled = False
        if settled:
            return y
    raise SpecificationError(
        "the named cities and the numbers of improving cities cannot both hold"
    )


def _latent(
    world: _World, X: FloatArray, printed: Printed, chosen: Chosen
) -> tuple[FloatArray, FloatArray, FloatArray, pd.DataFrame]:
    """Innovation (T, N), latent index (T - 1, N), latent level (T, N) and the table of truths."""
    n = world.n
    WX = np.einsum("ij,tjk->tik", world.W, X)
    rng = world.stream("innovation")
    news = chosen.innov_error * rng.standard_normal((len(YEARS), n))
    base = np.exp(
        np.log(5) + 0.4 * world.flag("region3", "east") + 0.9 * world.hubs
        + 0.5 * rng.standard_normal(n)
    )  # fmt: skip
    own = np.array([chosen.innov_ina, *chosen.innov_controls])
    innov = world.solve(
        chosen.innov_rho,
        X @ own + chosen.innov_w_ina * WX[..., 0] + np.maximum(base, 3.5)
        + 0.35 * np.arange(len(YEARS))[:, None] + news,
    )  # fmt: skip

    phi2 = printed.mediated_share * printed.ina / chosen.innov_ina
    beta = np.array([printed.ina, *chosen.controls])
    slopes = _slopes(world, X, WX, chosen)
    S: FloatArray = np.linalg.inv(np.eye(n) - chosen.rho * world.W).astype(float)
    known = X @ beta + (printed.w_ina + slopes[1]) * WX[..., 0] + slopes[0] * X[..., 0]
    # The neighbours' income takes the coefficient at which the model without space has, in
    # expectation given the regressors, the printed coefficient of INA.
    without = _project(world, known @ S.T, X)[0]
    per_unit = _project(world, WX[..., 1] @ S.T, X)[0]
    w_income = (printed.ina_two_way - without) / per_unit
    part = known + w_income * WX[..., 1]

    rng = world.stream("errors")
    own_error = np.sqrt(chosen.error**2 - (phi2 * chosen.innov_error) ** 2)
    errors = own_error * rng.standard_normal((len(YEARS), n)) + phi2 * news
    rng = world.stream("effects")
    cross = part[1:].mean(axis=0)
    effects = (
        chosen.field_sd * world.smooth(rng.standard_normal(n), 400)
        + chosen.noise_sd * rng.standard_normal(n)
        + chosen.tie_sd * scores(X[..., 0].mean(axis=0))
        - chosen.offset * (cross - cross.mean())
    )
    z = ((part + effects + errors) @ S.T)[1:]
    index = _hold_named(world, z - z.mean(axis=1, keepdims=True), S, printed)
    path = np.concatenate([np.ones((1, n)), np.cumprod(index, axis=0)])
    typical = np.exp(np.log(0.42) + 0.12 * world.stream("level").standard_normal(n))
    level = path * typical / np.exp(np.log(path).mean(axis=0))
    level *= np.minimum(1, 0.85 / level.max(axis=0))
    truth = _truth_table(world, X, slopes[0], w_income, phi2, own_error, printed, chosen)
    return innov, index, level, truth


def _truth_table(
    world: _World, X: FloatArray, departures: FloatArray, w_income: float, phi2: float,
    own_error: float, printed: Printed, chosen: Chosen,
) -> pd.DataFrame:  # fmt: skip
    """Every parameter of the three equations and of the groups, with where it comes from.

    The neighbours' patents enter the equation with INNOV with minus `innov_rho` times the
    coefficient of INNOV, which makes the equation without INNOV a spatial Durbin model exactly.
    """
    lagged = dict.fromkeys([f"W.{x}" for x in CONTROLS], 0.0)
    total = {
        "INA": printed.ina, "W.INA": printed.w_ina,
        **dict(zip(CONTROLS, chosen.controls, strict=True)),
        **lagged, "W.lnGDP": w_income, "rho": chosen.rho, "sigma2": chosen.error**2,
    }  # fmt: skip
    mechanism = {
        "INA": chosen.innov_ina, "W.INA": chosen.innov_w_ina,
        **dict(zip(CONTROLS, chosen.innov_controls, strict=True)),
        **lagged, "rho": chosen.innov_rho, "sigma2": chosen.innov_error**2,
    }  # fmt: skip
    outcome = {"INA": 0.0, "INNOV": phi2, "W.INA": 0.0, "W.INNOV": -chosen.innov_rho * phi2}
    outcome |= {term: value - phi2 * mechanism[term] for term, value in total.items()}
    outcome |= {"rho": chosen.rho, "sigma2": own_error**2}
    kinds = {
        ("TCE", "INA"): "targeted",
        ("TCE", "W.INA"): "targeted",
        ("TCE", "W.lnGDP"): (by_two_way := "solved for the two-way coefficient of INA"),
        ("TCE with INNOV", "W.lnGDP"): by_two_way,
        ("without space", "INA"): "targeted in expectation",
        ("mediation", "share"): "targeted",
    }
    equations = {
        "TCE": total,
        "INNOV": mechanism,
        "TCE with INNOV": outcome,
        "without space": {"INA": printed.ina_two_way},
        "mediation": {"share": printed.mediated_share},
    }
    rows = [
        (equation, term, value, kinds.get((equation, term), "chosen"))
        for equation, terms in equations.items()
        for term, value in terms.items()
    ]
    table = pd.DataFrame(rows, columns=["equation", "term", "value", "kind"])
    other = (table["equation"] == "TCE with INNOV") & (
        table["value"] != table["term"].map(pd.Series(total))
    )
    table.loc[other, "kind"] = "solved"
    moving = within(X[1:][..., 0], "two-way").var(axis=0)
    regions = ("east", "central", "west")
    groups = {region: world.flag("region3", region) for region in regions}
    groups |= {"resource-based": world.flag("resource_based")}
    groups |= {"other": ~groups["resource-based"]}
    for name, members in groups.items():
        weight = moving * (members & world.kept)
        slope = printed.ina + np.average(departures, weights=weight)
        table.loc[len(table)] = [f"group {name}", "INA", float(slope), "order targeted"]
    return table


def _inputs(
    world: _World, level: FloatArray, output: FloatArray, printed: Printed
) -> dict[str, FloatArray]:
    """Inputs and carbon dioxide at which each city-year has its latent level.

    Against one reference technology under constant returns, with ratios kappa, lambda, epsilon
    and beta of the reference's capital, labour, energy and carbon dioxide to the city's own, the
    slacks-based score is ((kappa + lambda + epsilon) / 3) / (1.5 - 0.5 beta). Energy follows from
    the province's intensity and capital from smooth investment, so labour and carbon dioxide
    take up the rest: with lambda = m l and beta = m b the score is linear in m.
    """
    rng = world.stream("inputs")
    mix = {
        name: np.exp(
            0.12 * rng.standard_normal(world.n) + _autoregressive(rng, world.n, 0.7, moving)
        )
        for name, moving in (("capital", 0.0), ("labour", 0.04), ("co2", 0.08))
    }
    common = 3 * level / (2 + level)
    codes, provinces = pd.factorize(world.geo["province_en"])
    tilt = np.exp(0.06 * rng.standard_normal(len(provinces)))
    saving = np.zeros(len(YEARS))
    saving[YEARS.index(2018)] = -np.log1p(printed.energy_2018)
    saving[YEARS.index(2019)] = 0.02
    path = np.exp(np.cumsum(saving) - np.cumsum(saving).mean())
    ratio = np.array([common[:, codes == p].mean() for p in range(len(provinces))]) * tilt
    energy_ratio = 0.8 * path[:, None] * ratio[codes]

    smooth_ratio = (4.5 * level - energy_ratio) / (2 + 1.5 * level) * mix["capital"]
    wanted = REFERENCE["capital"] * output / np.maximum(smooth_ratio, 0.02)
    capital = np.empty_like(output)
    capital[0] = wanted[0]
    for t in range(1, len(YEARS)):
        least = (1 - DEPRECIATION) * capital[t - 1] + 0.03 * output[t]
        capital[t] = np.maximum(wanted[t], least)
    capital_ratio = REFERENCE["capital"] * output / capital

    m = (4.5 * level - capital_ratio - energy_ratio) / (mix["labour"] + 1.5 * level * mix["co2"])
    if not (m > 0).all():
        t, i = np.argwhere(m <= 0)[0]
        raise SpecificationError(
            f"seed {world.seed}: no employment gives {world.geo.index[i]} {YEARS[t]} its latent "
            f"efficiency of {level[t, i]:.3f}; take another seed"
        )
    return {
        "capital": capital,
        "labour": REFERENCE["labour"] * output * 1e4 / (m * mix["labour"]),
        "energy_intensity": REFERENCE["energy"] / energy_ratio,
        "co2": REFERENCE["co2"] * output / (m * mix["co2"]),
    }


def _quotients(
    world: _World, ina: FloatArray, employment: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Location quotients that give the stated co-agglomeration, up to a constant a year.

    With q their sum and h half their difference, INA = 1 - 2|h|/q + q. Employment-weighted, h
    must average zero and q two: the constant is what the second asks.
    """
    rng = world.stream("quotients")
    weight = employment / employment.sum(axis=1, keepdims=True)
    half = 0.18 * rng.standard_normal(world.n) + _autoregressive(rng, world.n, 0.6, 0.03)
    half = np.clip(half, -0.3, 0.3)
    half -= (weight * half).sum(axis=1, keepdims=True)

    def total(shift: FloatArray) -> FloatArray:
        excess = ina + shift - 1
        return (excess + np.sqrt(excess**2 + 8 * np.abs(half))) / 2

    low, high = np.full((len(YEARS), 1), -1.5), np.full((len(YEARS), 1), 1.5)
    for _ in range(60):  # the mean of q rises with the constant, so halving finds it
        middle = (low + high) / 2
        above = (weight * total(middle)).sum(axis=1, keepdims=True) > 2
        high, low = np.where(above, middle, high), np.where(above, low, middle)
    q = total((low + high) / 2)
    return q / 2 + half, q / 2 - half


def _employment(world: _World, ina: FloatArray, labour: FloatArray) -> dict[str, FloatArray]:
    lq_m, lq_s = _quotients(world, ina, labour)
    pooled = sum(SHARES[name] for name in SERVICES)
    makers = SHARES["manufacturing"] * lq_m * labour
    services = pooled * lq_s * labour
    if (makers <= 0).any() or (services <= 0).any() or (makers + services >= labour).any():
        raise SpecificationError(
            f"seed {world.seed}: co-agglomeration that no employment can have; take another seed"
        )
    base = np.array([SHARES[name] for name in SERVICES])
    split = base * np.exp(0.3 * world.stream("services").standard_normal((world.n, len(base))))
    split /= split.sum(axis=1, keepdims=True)
    parts = {name: services * split[:, k] for k, name in enumerate(SERVICES)}
    return {"all_industries": labour, "manufacturing": makers, **parts}


def _long(world: _World, columns: dict[str, FloatArray], decimals: int) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([world.geo.index, YEARS], names=["city", "year"])
    data = {name: np.round(values.T.ravel(), decimals) for name, values in columns.items()}
    return pd.DataFrame(data, index=index)


def _raw_tables(
    world: _World, controls: dict[str, FloatArray], innov: FloatArray,
    inputs: dict[str, FloatArray], employment: dict[str, FloatArray], output: FloatArray,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Put everything in the units of the raw contract, rounded as yearbooks are, with gaps."""
    codes, provinces = pd.factorize(world.geo["province_en"])
    rng = world.stream("raw tables")

    def chained(national: str, spread: float) -> FloatArray:
        yearly = np.array([100.0, *PATHS[national]])[:, None] + spread * rng.standard_normal(
            (len(YEARS), len(provinces))
        )
        yearly[0] = 100.0
        return np.round(yearly, 1)

    deflator, price = chained("deflator", 0.6), chained("investment_price", 0.8)
    gdp = np.asarray(np.round(output * np.cumprod(deflator / 100, axis=0)[:, codes], 2), float)
    capital = inputs["capital"]
    real = np.concatenate(
        [
            DECLARED["first_investment"] * capital[:1],
            capital[1:] - (1 - DEPRECIATION) * capital[:-1],
        ]
    )
    population = np.round(controls["population"], 2)
    share = rng.uniform(0.2, 0.8, world.n)
    share = np.where(world.flag("municipality"), 0.9, share)
    districts = np.round(population * share, 2)
    rate = np.array(PATHS["exchange_rate"])[:, None]
    first = np.array([np.flatnonzero(codes == p)[0] for p in range(len(provinces))])
    by_province = pd.MultiIndex.from_product([provinces, YEARS], names=["province", "year"])
    tables = {
        "employment": _long(world, employment, 0),
        "gdp": _long(world, {"gdp": gdp, "population": population}, 2),
        "investment": _long(
            world, {"investment": real * np.cumprod(price / 100, axis=0)[:, codes]}, 2
        ),
        "public_finance": _long(world, {"expenditure": controls["GOV"] * gdp * 1e4}, 0),
        "trade": _long(world, {"trade": controls["OPEN"] * gdp * 1e4 / rate}, 0),
        "exchange_rate": pd.DataFrame(
            {"yuan_per_dollar": PATHS["exchange_rate"]}, index=pd.Index(YEARS, name="year")
        ),
        "roads": _long(
            world, {"road_area": controls["ROAD"] * districts, "district_population": districts}, 2
        ),
        "students": _long(world, {"students": controls["HUM"] * population * 1e4}, 0),
        "patents": _long(world, {"patents": innov * population}, 0),
        "co2": _long(world, {"co2": inputs["co2"]}, 3),
        "prices": pd.DataFrame(
            {"gdp_deflator": deflator.T.ravel(), "investment_price": price.T.ravel()},
            index=by_province,
        ),
        "energy": pd.DataFrame(
            {"energy_intensity": np.round(inputs["energy_intensity"][:, first].T.ravel(), 4)},
            index=by_province,
        ),
    }
    _open_gaps(world, tables)
    return {name: table.sort_index() for name, table in tables.items()}


def _open_gaps(world: _World, tables: dict[str, pd.DataFrame]) -> None:
    for name, share in DECLARED["gaps"].items():
        table = tables[name]
        year = table.index.get_level_values("year")
        inner = (year > YEARS[0]) & (year < YEARS[-1])
        empty = inner & (world.stream(f"gaps {name}").random(len(table)) < share)
        table.loc[empty, table.columns[0]] = np.nan


def simulate(
    seed: int = SEED,
    dropped: str = DEFAULT_DROPPED,
    printed: Printed = PRINTED,
    chosen: Chosen = CHOSEN,
) -> Simulated:
    """Draw raw tables for all 284 candidate cities, 2009-2019.

    Parameters
    ----------
    seed : int
        Non-negative. The same seed gives the same tables.
    dropped : str
        The city outside the study: the model holds exactly among the other 283, and this one is
        moved by them without moving them.
    printed : Printed
        Numbers to meet.
    chosen : Chosen
        Truths that print does not give.

    Returns
    -------
    Simulated

    Raises
    ------
    RawDataError
        If `dropped` is not one of the cities without resource base.
    SpecificationError
        If the draw cannot be turned into raw tables.

    Examples
    --------
    >>> draw = simulate(seed=1)
    >>> improving = draw.latent["index"].drop("zhongwei") > 1
    >>> int(improving.groupby("year").sum()[2010])
    127
    """
    geo = cities("cities284")
    require_candidate(dropped, geo)
    world = _World(geo, seed, dropped)
    controls = _controls(world)
    ina = _coagglomeration(world, controls["lnGDP"])
    X = np.stack([ina, *(controls[name] for name in CONTROLS)], axis=-1)
    innov, index, level, truth = _latent(world, X, printed, chosen)
    output = np.exp(controls["lnGDP"]) * controls["population"]
    inputs = _inputs(world, level, output, printed)
    employment = _employment(world, ina, inputs["labour"])
    raw = _raw_tables(world, controls, innov, inputs, employment, output)
    first = np.full((1, world.n), np.nan)
    latent = _long(world, {"efficiency": level, "index": np.concatenate([first, index])}, 8)
    return Simulated(raw, latent.sort_index(), truth)


def require_candidate(dropped: str, geo: pd.DataFrame | None = None) -> None:
    """Check that a city can be the one that the study leaves out of the 284.

    Raises
    ------
    RawDataError
        If it is unknown, or resource-based: 283 = 114 + 169 leaves out one of the 170 others.
    """
    geo = cities("cities284") if geo is None else geo
    candidates = geo.index[geo["resource_based"] == 0]
    if dropped not in geo.index:
        raise RawDataError(f"dropped={dropped!r}: no such city{did_you_mean(dropped, candidates)}")
    if dropped not in candidates:
        raise RawDataError(
            f"dropped={dropped!r}: a resource-based city; 283 = 114 + 169 leaves out one of the "
            f"{len(candidates)} others, such as {listed(candidates, 3)}"
        )


def write(draw: Simulated, folder: str | Path) -> list[Path]:
    """Write a draw's raw tables, its latent series and its truth (``latent.csv``, ``truth.csv``)."""
    written = CONTRACT.write(draw.raw, folder)
    latent, truth = Path(folder) / "latent.csv", Path(folder) / "truth.csv"
    draw.latent.to_csv(latent, lineterminator="\n")
    # Twelve digits: the last ones of a linear system depend on how many threads solved it.
    draw.truth.to_csv(truth, index=False, float_format="%.12g", lineterminator="\n")
    return [*written, latent, truth]


def regenerate(folder: str | Path | None = None) -> list[Path]:
    """Write the book's simulated data at the declared seed.

    Parameters
    ----------
    folder : path, optional
        ``data/simulated/cities283`` by default.

    Returns
    -------
    list of Path
    """
    return write(
        simulate(), ROOT / "data" / "simulated" / "cities283" if folder is None else folder
    )


def read(folder: str | Path | None = None) -> Simulated:
    """Read what :func:`regenerate` wrote; the raw tables pass the raw contract on the way.

    Raises
    ------
    RawDataError
        If a file breaks the contract.
    """
    base = ROOT / "data" / "simulated" / "cities283" if folder is None else Path(folder)
    geo = cities("cities284")
    labels = {"city": list(geo.index), "province": list(geo["province_en"].unique())}
    raw = CONTRACT.read(base, {**labels, "year": list(YEARS)})
    latent = pd.read_csv(base / "latent.csv", index_col=["city", "year"])
    return Simulated(raw, latent, pd.read_csv(base / "truth.csv"))
