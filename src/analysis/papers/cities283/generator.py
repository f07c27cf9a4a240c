"""Raw-like tables for 283 real cities, built from a latent efficiency whose law is stated.

The order is: regressors, innovation, the latent index by a spatial Durbin model with two-way
effects, the latent level as its product over years, and then the capital, employment, energy and
carbon dioxide that give each city-year that level against a reference technology. Efficiency
scores computed from the raw tables are measured against the cities' own frontier, so they are
near the latent level and not equal to it. Arrays have shape (T, N), years first.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import RawDataError, SpecificationError, did_you_mean, listed
from analysis.measures.capital import DEPRECIATION
from analysis.panel import within
from analysis.papers.cities283.measures import CONTRACT, SERVICES
from analysis.papers.cities283.targets import (
    CONTROLS,
    DECLARED,
    DEFAULT_DROPPED,
    PRINTED,
    REGIONS,
    SEED,
    YEARS,
    chosen,
)
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.simulate.common import deviations, halved, persistent, scores, stream
from analysis.weights import great_circle

FloatArray = NDArray[np.float64]

REFERENCE: Mapping[str, float] = DECLARED["reference"]
"""Reference technology per 10^4 yuan of output."""

PATHS, PROCESSES, SHARES = DECLARED["paths"], DECLARED["processes"], DECLARED["shares"]
FOLDER = ROOT / "data" / "simulated" / "cities283"
SINCE = np.arange(len(YEARS))[:, None]


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


class _World:
    """Geography of the draw, and one stream of random numbers for each purpose."""

    def __init__(self, geo: pd.DataFrame, seed: int, dropped: str) -> None:
        self.geo, self.seed, self.n = geo, seed, len(geo)
        self.kept = (geo.index != dropped).copy()
        self.distance = great_circle(geo)
        apart = self.distance + np.diag(np.full(self.n, np.inf))
        # The city outside the study is moved by its neighbours and moves none of them.
        proximity = np.where(self.kept, 1 / apart, 0.0)
        self.W: FloatArray = proximity / proximity.sum(axis=1, keepdims=True)
        self.province, self.provinces = pd.factorize(geo["province_en"])
        flags = ("provincial_capital", "subprovincial", "municipality", "resource_based")
        self.places = {name: geo[name].to_numpy() == 1 for name in flags}
        self.places |= {name: (geo["region3"] == name).to_numpy() for name in REGIONS}
        self.places["hubs"] = np.any([self.places[name] for name in flags[:3]], axis=0)

    def stream(self, name: str) -> np.random.Generator:
        return stream(self.seed, f"cities283 {name}")

    def smooth(self, draws: FloatArray, range_km: float) -> FloatArray:
        """Standardised field that varies smoothly over space, along the last axis."""
        rough = draws @ np.exp(-((self.distance / range_km) ** 2)).T
        centred = rough - rough.mean(axis=-1, keepdims=True)
        return np.asarray(centred / centred.std(axis=-1, keepdims=True))

    def moving(self, rng: np.random.Generator, scale: float, persistence: float) -> FloatArray:
        """Stationary first-order autoregressions over the raw years."""
        return scale * persistent(rng, len(YEARS), self.n, persistence)

    def level(self, name: str) -> FloatArray:
        """Logarithm of a process's level, shifted by place."""
        process = PROCESSES[name]
        shifts = (process.get(place, 0.0) * flag for place, flag in self.places.items())
        return np.asarray(np.log(process["level"]) + sum(shifts))

    def series(self, name: str, income: FloatArray | float = 0.0) -> FloatArray:
        """Positive process around its level."""
        process, rng = defaultdict(float, PROCESSES[name]), self.stream(name)
        between = self.level(name) + process["income"] * income
        between = between + process["spread"] * rng.standard_normal(self.n)
        moves = self.moving(rng, process["moving"], process["persistence"])
        return np.asarray(np.exp(between + process["drift"] * SINCE + moves))


def _income(world: _World) -> FloatArray:
    """Log of GDP per head: a level, the common path, swings of regions and trends of cities."""
    process, rng = PROCESSES["lnGDP"], world.stream("income")
    field = process["field"] * world.smooth(rng.standard_normal(world.n), 400)
    level = world.level("lnGDP") + field + process["spread"] * rng.standard_normal(world.n)
    swings = world.moving(rng, 1.0, process["persistence"])
    regional = process["regional"] * world.smooth(swings, 700)
    trend = process["trend"] * rng.standard_normal(world.n) * (SINCE - SINCE.mean())
    common = np.concatenate([[0.0], np.cumsum(PATHS["growth"])])[:, None]
    own = world.moving(rng, process["moving"], process["persistence"])
    return np.asarray(level + common + regional + trend + own)


def _coagglomeration(world: _World, income: FloatArray) -> FloatArray:
    """Co-agglomeration up to a constant a year, which the adding-up of employment fixes later."""
    process, rng = DECLARED["coagglomeration"], world.stream("co-agglomeration")
    between = process["level"] + process["field"] * world.smooth(rng.standard_normal(world.n), 400)
    between += process["spread"] * np.clip(rng.standard_normal(world.n), -2, 2)
    between += process["east"] * world.places["east"]
    moves = world.moving(rng, process["moving"], process["persistence"])
    neighbours = process["income"] * deviations(income @ world.W.T)
    return np.asarray(np.clip(between, *process["bounds"]) + moves + neighbours)


def _project(world: _World, outcome: FloatArray, regressors: FloatArray) -> FloatArray:
    """Two-way within least squares over the study's cities and the index's years."""
    Z = within(regressors[1:][:, world.kept], "two-way")
    y = within(outcome[1:][:, world.kept], "two-way")
    return np.asarray(np.linalg.lstsq(Z.reshape(-1, Z.shape[-1]), y.ravel(), rcond=None)[0], float)


def _departures(
    world: _World, X: FloatArray, WX: FloatArray, truth: SimpleNamespace
) -> tuple[FloatArray, float]:
    """Departures of each city's slope of INA by group, and of the slope of W INA.

    What the departures would add to the pooled coefficients of INA and W INA is taken out, so
    that these stay the stated ones.
    """
    departure = world.geo["region3"].map(truth.region).to_numpy(dtype=float)
    departure = departure + np.where(world.places["resource_based"], truth.resource, truth.other)
    pooled = _project(world, departure * X[..., 0], np.concatenate([X, WX], axis=-1))
    return np.asarray(departure - pooled[0]), float(-pooled[X.shape[-1]])


def _index_shifts(world: _World, z: FloatArray) -> FloatArray:
    """Year effects that bring the latent index to its targets; z has shape (T - 1, N)."""
    inside = z[:, world.kept]
    shifts, means = pd.Series(np.nan, YEARS[1:]), pd.Series(inside.mean(axis=1), YEARS[1:])
    for year, mean in PRINTED.yearly_mean.items():
        shifts[year] = mean - means[year]
    for year, count in PRINTED.improving.items():
        falling = np.sort(inside[YEARS.index(year) - 1])[::-1]
        shifts[year] = 1 - (falling[count - 1] + falling[count]) / 2
    left = PRINTED.overall_mean * len(z) - (means + shifts).sum()
    return shifts.fillna(left / shifts.isna().sum() - means).to_numpy()[:, None]


def _hold_named(world: _World, z: FloatArray, S: FloatArray) -> FloatArray:
    """Latent index whose named cities improve, or decline, in each of the printed years.

    Only shocks of these cities in these years move, by as little as it takes; the spatial
    multiplier S carries them on.
    """
    signs = dict.fromkeys(PRINTED.always_up, 1.0) | dict.fromkeys(PRINTED.always_down, -1.0)
    named = {world.geo.index.get_loc(city): sign for city, sign in signs.items()}
    for _ in range(100):
        y, settled = z + _index_shifts(world, z), True
        for i, sign in named.items():
            for t in (YEARS.index(year) - 1 for year in PRINTED.improving):
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
    world: _World, X: FloatArray, truth: SimpleNamespace
) -> tuple[FloatArray, FloatArray, FloatArray, pd.DataFrame]:
    """Innovation (T, N), latent index (T - 1, N), latent level (T, N) and the table of truths."""
    n, eye = world.n, np.eye(world.n)
    WX = np.einsum("ij,tjk->tik", world.W, X)
    rng = world.stream("innovation")
    news = truth.innov_error * rng.standard_normal((len(YEARS), n))
    base = np.exp(world.level("INNOV") + PROCESSES["INNOV"]["spread"] * rng.standard_normal(n))
    drive = X @ np.array([truth.innov_ina, *truth.innov_controls.values()])
    drive = drive + truth.innov_w_ina * WX[..., 0]
    drive = drive + np.maximum(base, 3.5) + 0.35 * SINCE + news
    innov = np.linalg.solve(eye - truth.innov_rho * world.W, drive.T).T

    phi2 = PRINTED.mediated_share * PRINTED.ina / truth.innov_ina
    departures, lagged = _departures(world, X, WX, truth)
    S = np.linalg.inv(eye - truth.rho * world.W)
    known = X @ np.array([PRINTED.ina, *truth.controls.values()])
    known = known + (PRINTED.w_ina + lagged) * WX[..., 0] + departures * X[..., 0]
    # The neighbours' income takes the coefficient at which the model without space has, in
    # expectation given the regressors, the printed coefficient of INA.
    without, per_unit = (_project(world, part @ S.T, X)[0] for part in (known, WX[..., 1]))
    w_income = (PRINTED.ina_two_way - without) / per_unit
    part = known + w_income * WX[..., 1]

    own_error = np.sqrt(truth.error**2 - (phi2 * truth.innov_error) ** 2)
    errors = own_error * world.stream("errors").standard_normal((len(YEARS), n)) + phi2 * news
    rng, cross = world.stream("effects"), part[1:].mean(axis=0)
    effects = (
        truth.field_sd * world.smooth(rng.standard_normal(n), 400)
        + truth.noise_sd * rng.standard_normal(n)
        + truth.tie_sd * scores(X[..., 0].mean(axis=0))
        - truth.offset * (cross - cross.mean())
    )
    z = ((part + effects + errors) @ S.T)[1:]
    index = _hold_named(world, z - z.mean(axis=1, keepdims=True), S)
    path = np.concatenate([np.ones((1, n)), np.cumprod(index, axis=0)])
    typical = np.exp(np.log(0.42) + 0.12 * world.stream("level").standard_normal(n))
    level = path * typical / np.exp(np.log(path).mean(axis=0))
    level *= np.minimum(1, 0.85 / level.max(axis=0))
    table = _truths(truth, w_income, phi2, own_error)
    return innov, index, level, pd.concat([table, _slopes(world, X, departures)], ignore_index=True)


def _truths(truth: SimpleNamespace, w_income: float, phi2: float, own_error: float) -> pd.DataFrame:
    """Every parameter of the three equations, with where it comes from.

    The neighbours' patents enter the equation with INNOV with minus `innov_rho` times the
    coefficient of INNOV, which makes the equation without INNOV a spatial Durbin model exactly.
    """
    lagged = {f"W.{x}": 0.0 for x in CONTROLS}
    total = {"INA": PRINTED.ina, "W.INA": PRINTED.w_ina, **truth.controls,
             **lagged, "W.lnGDP": w_income, "rho": truth.rho, "sigma2": truth.error**2}  # fmt: skip
    mechanism = {"INA": truth.innov_ina, "W.INA": truth.innov_w_ina,
                 **truth.innov_controls, **lagged,
                 "rho": truth.innov_rho, "sigma2": truth.innov_error**2}  # fmt: skip
    outcome = {"INA": 0.0, "INNOV": phi2, "W.INA": 0.0, "W.INNOV": -truth.innov_rho * phi2}
    outcome |= {term: value - phi2 * mechanism[term] for term, value in total.items()}
    outcome |= {"rho": truth.rho, "sigma2": own_error**2}
    by_two_way = "solved for the two-way coefficient of INA"
    printed = {"INA": "targeted", "W.INA": "targeted", "W.lnGDP": by_two_way}
    solved = {term: "solved" for term, value in outcome.items() if value != total.get(term)}
    equations = [
        ("TCE", total, printed),
        ("INNOV", mechanism, {}),
        ("TCE with INNOV", outcome, {"W.lnGDP": by_two_way, **solved}),
        ("without space", {"INA": PRINTED.ina_two_way}, {"INA": "targeted in expectation"}),
        ("mediation", {"share": PRINTED.mediated_share}, {"share": "targeted"}),
    ]
    rows = [
        (equation, term, value, kinds.get(term, "chosen"))
        for equation, terms, kinds in equations
        for term, value in terms.items()
    ]
    return pd.DataFrame(rows, columns=["equation", "term", "value", "kind"])


def _slopes(world: _World, X: FloatArray, departures: FloatArray) -> pd.DataFrame:
    """Slope of INA in each group of cities, weighted by how much it moves there."""
    moving = within(X[1:][..., 0], "two-way").var(axis=0) * world.kept
    resource = world.places["resource_based"]
    groups = {region: world.places[region] for region in REGIONS}
    groups |= {"resource-based": resource, "other": ~resource}
    slopes = {
        f"group {name}": PRINTED.ina + np.average(departures, weights=moving * members)
        for name, members in groups.items()
    }
    table = pd.Series(slopes, name="value").rename_axis("equation").reset_index()
    return table.assign(term="INA", kind="order targeted")


def _inputs(world: _World, level: FloatArray, output: FloatArray) -> dict[str, FloatArray]:
    """Inputs and carbon dioxide at which each city-year has its latent level.

    Against one reference technology under constant returns, with ratios kappa, lambda, epsilon
    and beta of the reference's capital, labour, energy and carbon dioxide to the city's own, the
    slacks-based score is ((kappa + lambda + epsilon) / 3) / (1.5 - 0.5 beta). Energy follows from
    the province's intensity and capital from smooth investment, so labour and carbon dioxide
    take up the rest: with lambda = m l and beta = m b the score is linear in m.
    """
    rng = world.stream("inputs")
    mix = {
        name: np.exp(0.12 * rng.standard_normal(world.n) + world.moving(rng, scale, 0.7))
        for name, scale in (("capital", 0.0), ("labour", 0.04), ("co2", 0.08))
    }
    common = 3 * level / (2 + level)
    tilt = np.exp(0.06 * rng.standard_normal(len(world.provinces)))
    saving = pd.Series(0.0, YEARS)
    saving[[2018, 2019]] = -np.log1p(PRINTED.energy_2018), 0.02
    path = np.exp(saving.cumsum() - saving.cumsum().mean()).to_numpy()[:, None]
    mean = pd.Series(common.mean(axis=0)).groupby(world.province).mean().to_numpy()
    energy_ratio = 0.8 * path * (mean * tilt)[world.province]

    smooth_ratio = (4.5 * level - energy_ratio) / (2 + 1.5 * level) * mix["capital"]
    capital = REFERENCE["capital"] * output / np.maximum(smooth_ratio, 0.02)
    for t in range(1, len(YEARS)):
        least = (1 - DEPRECIATION) * capital[t - 1] + 0.03 * output[t]
        capital[t] = np.maximum(capital[t], least)
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
    half = np.clip(0.18 * rng.standard_normal(world.n) + world.moving(rng, 0.03, 0.6), -0.3, 0.3)
    half -= (weight * half).sum(axis=1, keepdims=True)

    def total(shift: FloatArray) -> FloatArray:
        excess = ina + shift - 1
        return np.asarray((excess + np.sqrt(excess**2 + 8 * np.abs(half))) / 2)

    def too_low(shift: FloatArray) -> FloatArray:  # the mean of q rises with the constant
        return ~((weight * total(shift)).sum(axis=1, keepdims=True) > 2)

    q = total(halved(too_low, np.full((len(YEARS), 1), -1.5), np.full((len(YEARS), 1), 1.5)))
    return q / 2 + half, q / 2 - half


def _employment(world: _World, ina: FloatArray, labour: FloatArray) -> dict[str, FloatArray]:
    base = np.array([SHARES[name] for name in SERVICES])
    lq_m, lq_s = _quotients(world, ina, labour)
    makers, services = SHARES["manufacturing"] * lq_m * labour, base.sum() * lq_s * labour
    if min(makers.min(), services.min(), (labour - makers - services).min()) <= 0:
        raise SpecificationError(
            f"seed {world.seed}: co-agglomeration that no employment can have; take another seed"
        )
    split = base * np.exp(0.3 * world.stream("services").standard_normal((world.n, len(base))))
    split /= split.sum(axis=1, keepdims=True)
    parts = {name: services * part for name, part in zip(SERVICES, split.T, strict=True)}
    return {"all_industries": labour, "manufacturing": makers, **parts}


def _long(
    columns: Mapping[str, FloatArray], decimals: int, labels: pd.Index, key: str = "city"
) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([labels, YEARS], names=[key, "year"])
    data = {name: np.round(values.T.ravel(), decimals) for name, values in columns.items()}
    return pd.DataFrame(data, index=index)


def _raw_tables(
    world: _World, controls: dict[str, FloatArray], innov: FloatArray,
    inputs: dict[str, FloatArray], employment: dict[str, FloatArray], output: FloatArray,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Put everything in the units of the raw contract, rounded as yearbooks are, with gaps."""
    rng, codes, labels = world.stream("raw tables"), world.province, world.geo.index

    def chained(national: str, spread: float) -> tuple[FloatArray, FloatArray]:
        yearly = np.array([100.0, *PATHS[national]])[:, None]
        yearly = yearly + spread * rng.standard_normal((len(YEARS), len(world.provinces)))
        yearly[0] = 100.0
        yearly = np.asarray(np.round(yearly, 1))
        return yearly, np.asarray(np.cumprod(yearly / 100, axis=0)[:, codes])

    deflator, prices = chained("deflator", 0.6)
    investment_price, of_investment = chained("investment_price", 0.8)
    gdp, capital = np.round(output * prices, 2), inputs["capital"]
    real = capital - (1 - DEPRECIATION) * np.roll(capital, 1, axis=0)
    real[0] = DECLARED["first_investment"] * capital[0]
    population = np.round(controls["population"], 2)
    urban = np.where(world.places["municipality"], 0.9, rng.uniform(0.2, 0.8, world.n))
    districts = np.round(population * urban, 2)
    rate = pd.DataFrame({"yuan_per_dollar": PATHS["exchange_rate"]}, pd.Index(YEARS, name="year"))
    first = np.unique(codes, return_index=True)[1]
    intensity = inputs["energy_intensity"][:, first]
    of_cities: dict[str, tuple[int, dict[str, FloatArray]]] = {
        "employment": (0, employment),
        "gdp": (2, {"gdp": gdp, "population": population}),
        "investment": (2, {"investment": real * of_investment}),
        "public_finance": (0, {"expenditure": controls["GOV"] * gdp * 1e4}),
        "trade": (0, {"trade": controls["OPEN"] * gdp * 1e4 / rate.to_numpy()}),
        "roads": (2, {"road_area": controls["ROAD"] * districts, "district_population": districts}),
        "students": (0, {"students": controls["HUM"] * population * 1e4}),
        "patents": (0, {"patents": innov * population}),
        "co2": (3, {"co2": inputs["co2"]}),
    }  # fmt: skip
    of_provinces = {
        "prices": (1, {"gdp_deflator": deflator, "investment_price": investment_price}),
        "energy": (4, {"energy_intensity": intensity}),
    }
    tables = {name: _long(table, digits, labels) for name, (digits, table) in of_cities.items()}
    for name, (digits, table) in of_provinces.items():
        tables[name] = _long(table, digits, world.provinces, "province")
    for name, share in DECLARED["gaps"].items():
        inner = tables[name].index.isin(YEARS[1:-1], level="year")
        empty = inner & (world.stream(f"gaps {name}").random(len(inner)) < share)
        tables[name].loc[empty, tables[name].columns[0]] = np.nan
    return {name: table.sort_index() for name, table in tables.items()} | {"exchange_rate": rate}


def simulate(
    seed: int = SEED, dropped: str = DEFAULT_DROPPED, scenario: str = "placed"
) -> Simulated:
    """Draw raw tables for all 284 candidate cities, 2009-2019.

    Parameters
    ----------
    seed : int
        Non-negative. The same seed gives the same tables.
    dropped : str
        The city outside the study: the model holds exactly among the other 283, and this one is
        moved by them without moving them.
    scenario : {"placed", "faint-field"}
        How far the city effects of the index follow the map.

    Raises
    ------
    RawDataError
        If `dropped` is not one of the cities without resource base.
    ParameterError
        If the scenario is unknown.
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
    income = _income(world)
    rank = income.mean(axis=0) - income.mean()
    controls = {name: world.series(name, rank) for name in ("population", *CONTROLS[1:])}
    controls["lnGDP"] = income
    ina = _coagglomeration(world, income)
    X = np.stack([ina, *(controls[name] for name in CONTROLS)], axis=-1)
    innov, index, level, truth = _latent(world, X, chosen(scenario))
    output = np.exp(income) * controls["population"]
    inputs = _inputs(world, level, output)
    employment = _employment(world, ina, inputs["labour"])
    raw = _raw_tables(world, controls, innov, inputs, employment, output)
    yearly = np.concatenate([np.full((1, world.n), np.nan), index])
    latent = _long({"efficiency": level, "index": yearly}, 8, geo.index)
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
    if dropped not in candidates:
        unknown = f"no such city{did_you_mean(dropped, candidates)}"
        why = "a resource-based city" if dropped in geo.index else unknown
        raise RawDataError(
            f"dropped={dropped!r}: {why}; 283 = 114 + 169 leaves out one of the "
            f"{len(candidates)} others, such as {listed(candidates, 3)}"
        )


def regenerate(folder: Path = FOLDER) -> list[Path]:
    """Write the simulated data at the declared seed, with ``latent.csv`` and ``truth.csv``."""
    draw, latent, truth = simulate(), folder / "latent.csv", folder / "truth.csv"
    written = CONTRACT.write(draw.raw, folder)
    draw.latent.to_csv(latent, lineterminator="\n")
    # Twelve digits: the last ones of a linear system depend on how many threads solved it.
    draw.truth.to_csv(truth, index=False, float_format="%.12g", lineterminator="\n")
    return [*written, latent, truth]


def read(folder: Path = FOLDER) -> Simulated:
    """Read what :func:`regenerate` wrote; the raw tables pass the raw contract on the way.

    Raises
    ------
    RawDataError
        If a file breaks the contract.
    """
    geo = cities("cities284")
    labels = {"city": list(geo.index), "province": list(geo["province_en"].unique())}
    raw = CONTRACT.read(folder, {**labels, "year": list(YEARS)})
    latent = pd.read_csv(folder / "latent.csv", index_col=["city", "year"])
    return Simulated(raw, latent, pd.read_csv(folder / "truth.csv"))
