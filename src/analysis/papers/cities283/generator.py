"""Raw-like tables for 283 real cities, built from a latent efficiency whose law is stated.

The order is: regressors, innovation, the latent index by a spatial Durbin model with two-way
effects, the latent level as its product over years, and then the capital, employment, energy and
carbon dioxide that give each city-year that level against a reference technology. Efficiency
scores computed from the raw tables are measured against the cities' own frontier, so they are
near the latent level and not equal to it. Arrays have shape (T, N), years first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from analysis.errors import RawDataError, SpecificationError, did_you_mean, listed
from analysis.measures.capital import DEPRECIATION
from analysis.panel import FloatArray, within
from analysis.papers.cities283 import targets
from analysis.papers.cities283.measures import CONTRACT, SERVICES
from analysis.papers.cities283.targets import CONTROLS, DECLARED, PRINTED, REGIONS, YEARS
from analysis.papers.places import cities
from analysis.resources import ROOT, refuse
from analysis.simulate.common import deviations, halved, persistent, scores, stream
from analysis.weights import great_circle

REFERENCE: Mapping[str, float] = DECLARED["reference"]
"""Reference technology per 10^4 yuan of output."""

PROCESSES = pd.DataFrame(DECLARED["processes"]).fillna(0.0)
PATHS, SHARES, SAYS = DECLARED["paths"], DECLARED["shares"], DECLARED["refusals"]
FOLDER = ROOT / "data" / "simulated" / "cities283"
T, SINCE = len(YEARS), np.arange(len(YEARS))[:, None]


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
        self.kept = np.array(geo.index != dropped)
        self.distance = great_circle(geo)
        # The city outside the study is moved by its neighbours and moves none of them.
        proximity = np.where(self.kept, 1 / (self.distance + np.diag([np.inf] * self.n)), 0.0)
        self.W: FloatArray = proximity / proximity.sum(axis=1, keepdims=True)
        self.province, self.provinces = pd.factorize(geo["province_en"])
        hubs, resource = (
            ["provincial_capital", "subprovincial", "municipality"],
            geo["resource_based"],
        )
        flags = {name: geo["region3"] == name for name in REGIONS}
        flags |= {"municipality": geo["municipality"] == 1, "hubs": (geo[hubs] == 1).any(axis=1)}
        flags |= {"resource-based": resource == 1, "other": resource == 0}
        self.places = {name: flag.to_numpy() for name, flag in flags.items()}

    def stream(self, name: str) -> np.random.Generator:
        return stream(self.seed, f"cities283 {name}")

    def smooth(self, draws: FloatArray, range_km: float = 400) -> FloatArray:
        """Standardised field that varies smoothly over space, along the last axis."""
        rough = draws @ np.exp(-((self.distance / range_km) ** 2)).T
        centred = rough - rough.mean(axis=-1, keepdims=True)
        return centred / centred.std(axis=-1, keepdims=True)

    def moving(self, rng: np.random.Generator, scale: float, persistence: float) -> FloatArray:
        """Stationary first-order autoregressions over the raw years."""
        return scale * persistent(rng, T, self.n, persistence)

    def level(self, name: str, rng: np.random.Generator) -> FloatArray:
        """Level of a process in each city: by place, in a smooth field, and at random."""
        process = PROCESSES[name]
        level = process["mean"] or np.log(process["level"])
        level = level + sum(process.get(place, 0.0) * flag for place, flag in self.places.items())
        if process["field"]:
            level = level + process["field"] * self.smooth(rng.standard_normal(self.n))
        bound = process["within"] or np.inf
        return level + process["spread"] * rng.standard_normal(self.n).clip(-bound, bound)

    def series(self, name: str, income: FloatArray) -> FloatArray:
        """Positive process around its level."""
        process, rng = PROCESSES[name], self.stream(name)
        level = self.level(name, rng) + process["income"] * income + process["drift"] * SINCE
        return np.exp(level + self.moving(rng, process["moving"], process["persistence"]))


def _income(world: _World) -> FloatArray:
    """Log of GDP per head: a level, the common path, swings of regions and trends of cities."""
    process, rng = PROCESSES["lnGDP"], world.stream("income")
    level = world.level("lnGDP", rng)
    swings = world.smooth(world.moving(rng, 1.0, process["persistence"]), 700)
    trend = process["trend"] * rng.standard_normal(world.n) * (SINCE - SINCE.mean())
    common = np.cumsum([0.0, *PATHS["growth"]])[:, None]
    own = world.moving(rng, process["moving"], process["persistence"])
    return level + common + process["regional"] * swings + trend + own


def _coagglomeration(world: _World, income: FloatArray) -> FloatArray:
    """Co-agglomeration up to a constant a year, which the adding-up of employment fixes later."""
    process, rng = PROCESSES["INA"], world.stream("co-agglomeration")
    between = world.level("INA", rng).clip(process["least"], process["most"])
    moves = world.moving(rng, process["moving"], process["persistence"])
    return between + moves + process["neighbours"] * deviations(income @ world.W.T)


def _project(world: _World, outcome: FloatArray, regressors: FloatArray) -> FloatArray:
    """Two-way within least squares over the study's cities and the index's years."""
    y, Z = (within(values[1:][:, world.kept], "two-way") for values in (outcome, regressors))
    return np.asarray(np.linalg.lstsq(Z.reshape(-1, Z.shape[-1]), y.ravel(), rcond=None)[0], float)


def _departures(
    world: _World, X: FloatArray, WX: FloatArray, truth: SimpleNamespace
) -> tuple[FloatArray, float]:
    """Departures of each city's slope of INA by group, and of the slope of W INA.

    What the departures would add to the pooled coefficients of INA and W INA is taken out, so
    that these stay the stated ones.
    """
    departure = world.geo["region3"].map(truth.region).to_numpy(dtype=float)
    departure = departure + np.where(world.places["resource-based"], truth.resource, truth.other)
    pooled = _project(world, departure * X[..., 0], np.concatenate([X, WX], axis=-1))
    return departure - pooled[0], -float(pooled[X.shape[-1]])


def _index_shifts(world: _World, z: FloatArray) -> FloatArray:
    """Year effects that bring the latent index to its targets; z has shape (T - 1, N)."""
    ranked = np.sort(z[:, world.kept])[:, ::-1]
    shifts, means = pd.Series(np.nan, YEARS[1:]), pd.Series(ranked.mean(axis=1), YEARS[1:])
    shifts.update(pd.Series(PRINTED.yearly_mean) - means)
    for year, count in PRINTED.improving.items():
        shifts[year] = 1 - ranked[YEARS.index(year) - 1, count - 1 : count + 1].mean()
    left = PRINTED.overall_mean * len(z) - (means + shifts).sum()
    return shifts.fillna(left / shifts.isna().sum() - means).to_numpy()[:, None]


def _hold_named(world: _World, z: FloatArray, S: FloatArray) -> FloatArray:
    """Latent index whose named cities improve, or decline, in each of the printed years.

    Only shocks of these cities in these years move, by as little as it takes; the spatial
    multiplier S carries them on.
    """
    signs = dict.fromkeys(PRINTED.always_up, 1.0) | dict.fromkeys(PRINTED.always_down, -1.0)
    where = [(world.geo.index.get_loc(city), sign) for city, sign in signs.items()]
    named = [(i, sign) for i, sign in where if world.kept[i]]
    for _ in range(100):
        y, settled = z + _index_shifts(world, z), True
        for (i, sign), year in product(named, PRINTED.improving):
            t = YEARS.index(year) - 1
            short = 0.005 - sign * (y[t, i] - 1)
            if short > 0:
                z[t] += S[:, i] * sign * (short + 0.002) / S[i, i]
                settled = False
        if settled:
            return y
    raise SpecificationError(SAYS["both"])


def _latent(
    world: _World, X: FloatArray, truth: SimpleNamespace
) -> tuple[FloatArray, FloatArray, FloatArray, pd.DataFrame]:
    """Innovation (T, N), latent index (T - 1, N), latent level (T, N) and the table of truths."""
    n, eye, ina = world.n, np.eye(world.n), X[..., 0]
    WX = np.einsum("ij,tjk->tik", world.W, X)
    rng = world.stream("innovation")
    news = truth.innov_error * rng.standard_normal((T, n))
    base = np.maximum(np.exp(world.level("INNOV", rng)), 3.5) + 0.35 * SINCE
    drive = X @ np.array([truth.innov_ina, *truth.innov_controls.values()])
    drive = drive + truth.innov_w_ina * WX[..., 0] + base + news
    innov = np.linalg.solve(eye - truth.innov_rho * world.W, drive.T).T

    phi2 = PRINTED.mediated_share * PRINTED.ina / truth.innov_ina
    departures, lagged = _departures(world, X, WX, truth)
    S = np.linalg.inv(eye - truth.rho * world.W)
    known = X @ np.array([PRINTED.ina, *truth.controls.values()])
    known = known + (PRINTED.w_ina + lagged) * WX[..., 0] + departures * ina
    # The neighbours' income takes the coefficient at which the model without space has, in
    # expectation given the regressors, the printed coefficient of INA.
    without, per_unit = (_project(world, part @ S.T, X)[0] for part in (known, WX[..., 1]))
    w_income = (PRINTED.ina_two_way - without) / per_unit
    part = known + w_income * WX[..., 1]

    own_error = np.sqrt(truth.error**2 - (phi2 * truth.innov_error) ** 2)
    errors = own_error * world.stream("errors").standard_normal((T, n)) + phi2 * news
    rng, cross = world.stream("effects"), part[1:].mean(axis=0)
    effects = (
        truth.field_sd * world.smooth(rng.standard_normal(n))
        + truth.noise_sd * rng.standard_normal(n)
        + truth.tie_sd * scores(ina.mean(axis=0))
        - truth.offset * (cross - cross.mean())
    )
    z = ((part + effects + errors) @ S.T)[1:]
    index = _hold_named(world, z - z.mean(axis=1, keepdims=True), S)
    path = np.cumprod(np.vstack([np.ones(n), index]), axis=0)
    typical = np.exp(np.log(0.42) + 0.12 * world.stream("level").standard_normal(n))
    level = path * typical / np.exp(np.log(path).mean(axis=0))
    level *= np.minimum(1, 0.85 / level.max(axis=0))
    moves = within(ina[1:], "two-way").var(axis=0) * world.kept
    slopes = {
        f"group {name}": PRINTED.ina + np.average(departures, weights=moves * world.places[name])
        for name in (*REGIONS, "resource-based", "other")
    }
    return innov, index, level, _truths(truth, w_income, phi2, own_error, slopes)


def _truths(
    truth: SimpleNamespace, w_income: float, phi2: float, own_error: float, slopes: dict[str, float]
) -> pd.DataFrame:
    """Every parameter of the three equations, with where it comes from, and INA's slope by group.

    The neighbours' patents enter the equation with INNOV with minus `innov_rho` times the
    coefficient of INNOV, which makes the equation without INNOV a spatial Durbin model exactly.
    """
    lagged = {f"W.{x}": 0.0 for x in CONTROLS}
    total = {"INA": PRINTED.ina, "W.INA": PRINTED.w_ina, **truth.controls,
             **lagged, "W.lnGDP": w_income, "rho": truth.rho, "sigma2": truth.error**2}  # fmt: skip
    mechanism = {"INA": truth.innov_ina, "W.INA": truth.innov_w_ina, **truth.innov_controls,
                 **lagged, "rho": truth.innov_rho, "sigma2": truth.innov_error**2}  # fmt: skip
    outcome = {"INA": 0.0, "INNOV": phi2, "W.INA": 0.0, "W.INNOV": -truth.innov_rho * phi2}
    outcome |= {term: value - phi2 * mechanism[term] for term, value in total.items()}
    outcome |= {"rho": truth.rho, "sigma2": own_error**2}
    equations = {
        "TCE": total, "INNOV": mechanism, "TCE with INNOV": outcome,
        "without space": {"INA": PRINTED.ina_two_way}, "mediation": {"share": PRINTED.mediated_share},
        **{group: {"INA": slope} for group, slope in slopes.items()},
    }  # fmt: skip
    values = pd.concat({name: pd.Series(terms) for name, terms in equations.items()})
    table = values.rename_axis(["equation", "term"]).rename("value").reset_index()
    solved = (table["equation"] == "TCE with INNOV") & (table["value"] != table["term"].map(total))
    kinds = pd.DataFrame(DECLARED["kinds"]).unstack().reindex(values.index).fillna("chosen")
    return table.assign(kind=kinds.mask(solved.to_numpy(), "solved").to_numpy())


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
    tilt = np.exp(0.06 * rng.standard_normal(len(world.provinces)))
    saving = pd.Series(0.0, YEARS)
    saving[[2018, 2019]] = -np.log1p(PRINTED.energy_2018), 0.02
    path = np.exp(saving.cumsum() - saving.cumsum().mean()).to_numpy()[:, None]
    common = pd.Series((3 * level / (2 + level)).mean(axis=0)).groupby(world.province).mean()
    energy_ratio = 0.8 * path * (common.to_numpy() * tilt)[world.province]

    smooth_ratio = (4.5 * level - energy_ratio) / (2 + 1.5 * level) * mix["capital"]
    capital = REFERENCE["capital"] * output / np.maximum(smooth_ratio, 0.02)
    for t in range(1, T):
        least = (1 - DEPRECIATION) * capital[t - 1] + 0.03 * output[t]
        capital[t] = np.maximum(capital[t], least)
    capital_ratio = REFERENCE["capital"] * output / capital

    m = (4.5 * level - capital_ratio - energy_ratio) / (mix["labour"] + 1.5 * level * mix["co2"])
    for t, i in np.argwhere(m <= 0)[:1]:
        told = {"seed": world.seed, "city": world.geo.index[i], "year": YEARS[t]}
        raise SpecificationError(SAYS["inputs"].format(level=level[t, i], **told))
    first_city = np.unique(world.province, return_index=True)[1]
    return {
        "capital": capital,
        "all_industries": REFERENCE["labour"] * output * 1e4 / (m * mix["labour"]),
        "energy_intensity": (REFERENCE["energy"] / energy_ratio)[:, first_city],
        "co2": REFERENCE["co2"] * output / (m * mix["co2"]),
    }


def _employment(world: _World, ina: FloatArray, employment: FloatArray) -> dict[str, FloatArray]:
    """Employment by sector whose location quotients give the stated co-agglomeration.

    With q the sum of the two quotients and h half their difference, INA = 1 - 2|h|/q + q, up to a
    constant a year. Employment-weighted, h must average zero and q two: the constant is what the
    second asks.
    """
    rng = world.stream("quotients")
    weight = employment / employment.sum(axis=1, keepdims=True)
    half = np.clip(0.18 * rng.standard_normal(world.n) + world.moving(rng, 0.03, 0.6), -0.3, 0.3)
    half -= (weight * half).sum(axis=1, keepdims=True)

    def total(shift: FloatArray) -> FloatArray:
        excess = ina + shift - 1
        return (excess + np.sqrt(excess**2 + 8 * np.abs(half))) / 2

    def too_low(shift: FloatArray) -> FloatArray:  # the mean of q rises with the constant
        return ~((weight * total(shift)).sum(axis=1, keepdims=True) > 2)

    q = total(halved(too_low, np.full((T, 1), -1.5), np.full((T, 1), 1.5)))
    base = np.array([SHARES[name] for name in SERVICES])
    makers = SHARES["manufacturing"] * (q / 2 + half) * employment
    services = base.sum() * (q / 2 - half) * employment
    least = np.minimum(np.minimum(makers, services), employment - makers - services).min()
    refuse(SpecificationError, SAYS, {"employment": least <= 0}, seed=world.seed)
    split = base * np.exp(0.3 * world.stream("services").standard_normal((world.n, len(base))))
    split /= split.sum(axis=1, keepdims=True)
    parts = zip(SERVICES, services * split.T[:, None], strict=True)
    return {"manufacturing": makers, **dict(parts)}


def _long(columns: Mapping[str, FloatArray], decimals: int, **keys: object) -> pd.DataFrame:
    """Columns by the product of their keys, rounded."""
    index = pd.MultiIndex.from_product(list(keys.values()), names=list(keys))
    found = {name: np.round(values.T.ravel(), decimals) for name, values in columns.items()}
    return pd.DataFrame(found, index if len(keys) > 1 else index.get_level_values(0))


def _raw_tables(world: _World, made: Mapping[str, FloatArray]) -> dict[str, pd.DataFrame]:
    """Put everything in the units of the raw contract, rounded as yearbooks are, with gaps."""
    rng, capital = world.stream("raw tables"), made["capital"]

    def yearly(name: str, spread: float) -> FloatArray:
        noise = spread * rng.standard_normal((T, len(world.provinces)))
        changes = np.array([100.0, *PATHS[name]])[:, None] + noise
        changes[0] = 100.0
        return changes.round(1)

    indices = {"gdp_deflator": yearly("gdp_deflator", 0.6)}
    indices["investment_price"] = yearly("investment_price", 0.8)
    prices = {name: np.cumprod(of / 100, axis=0)[:, world.province] for name, of in indices.items()}
    gdp, population = np.round(made["output"] * prices["gdp_deflator"], 2), made["population"]
    investment = capital - (1 - DEPRECIATION) * np.roll(capital, 1, axis=0)
    investment[0] = DECLARED["first_investment"] * capital[0]
    urban = np.where(world.places["municipality"], 0.9, rng.uniform(0.2, 0.8, world.n))
    districts, rate = np.round(population * urban, 2), np.array(PATHS["exchange_rate"])[:, None]
    columns = {
        **made,
        **indices,
        "gdp": gdp,
        "investment": investment * prices["investment_price"],
        "expenditure": made["GOV"] * gdp * 1e4,
        "trade": made["OPEN"] * gdp * 1e4 / rate,
        "yuan_per_dollar": rate,
        "road_area": made["ROAD"] * districts,
        "district_population": districts,
        "students": made["HUM"] * population * 1e4,
        "patents": made["INNOV"] * population,
    }
    labels = {"city": world.geo.index, "province": world.provinces, "year": YEARS}
    tables = {}
    for table in CONTRACT.tables:
        name, keys = Path(table.file).stem, {key: labels[key] for key in table.keys}
        held = {column: columns[column] for column in table.names}
        tables[name] = _long(held, DECLARED["decimals"][name], **keys)
        if share := DECLARED["gaps"].get(name):
            inner = tables[name].index.isin(YEARS[1:-1], level="year")
            empty = inner & (world.stream(f"gaps {name}").random(len(inner)) < share)
            tables[name].loc[empty, table.names[0]] = np.nan
    return {name: table.sort_index() for name, table in tables.items()}


def simulate(
    seed: int = targets.SEED, dropped: str = targets.DEFAULT_DROPPED, scenario: str = "placed"
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
    require_candidate(dropped)
    world = _World(cities("cities284"), seed, dropped)
    income = _income(world)
    rank = income.mean(axis=0) - income.mean()
    made = {name: world.series(name, rank) for name in ("population", *CONTROLS[1:])}
    made |= {"lnGDP": income, "INA": _coagglomeration(world, income)}
    X = np.stack([made[name] for name in targets.REGRESSORS], axis=-1)
    made["INNOV"], index, level, truth = _latent(world, X, targets.chosen(scenario))
    made["output"] = np.exp(income) * made["population"]
    made["population"] = made["population"].round(2)
    made |= _inputs(world, level, made["output"])
    made |= _employment(world, made["INA"], made["all_industries"])
    latent = {"efficiency": level, "index": np.vstack([np.full(world.n, np.nan), index])}
    latent_table = _long(latent, 8, city=world.geo.index, year=YEARS).sort_index()
    return Simulated(_raw_tables(world, made), latent_table, truth)


def require_candidate(dropped: str) -> None:
    """Check that a city can be the one that the study leaves out of the 284.

    Raises
    ------
    RawDataError
        If it is unknown, or resource-based: 283 = 114 + 169 leaves out one of the 170 others.
    """
    geo = cities("cities284")
    known = geo.index[geo["resource_based"] == 0]
    wrong = {"unknown": dropped not in geo.index, "resource_based": dropped not in known}
    told = {"near": did_you_mean(dropped, known), "others": listed(known, 3), "many": len(known)}
    refuse(RawDataError, SAYS, wrong, dropped=dropped, **told)


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
