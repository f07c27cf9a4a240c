"""The calibrated generator of the north-east study's raw files.

Real cities, coordinates and flags; simulated series. The order of building is that of the data:
employment, from which location quotients and co-agglomeration follow; the controls, inverted into
the raw columns they are computed from; then carbon intensity by the dynamic spatial Durbin model
with stated truth, from the variables that the study's own pipeline computes from those raw
columns; last, gaps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq, root

from analysis.errors import DomainError
from analysis.measures.agglomeration import coagglomeration, location_quotient
from analysis.panel import within
from analysis.papers.ne34 import targets
from analysis.papers.ne34.measures import CONTRACT, SECTORS, SHARES, regressors
from analysis.papers.ne34.targets import DESIGN, DYNAMICS, REGRESSORS, SCENARIOS, SEED, YEARS
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.simulate import common as draws
from analysis.study.results import largest_roots
from analysis.weights import Weights, additive_nest, inverse_distance

FloatArray = NDArray[np.float64]

BURN_IN = 30
_YEARS = np.array(YEARS)


@dataclass(frozen=True, eq=False, slots=True)
class Simulation:
    """One simulated data set with everything that went into it.

    Attributes
    ----------
    scenario : str
    truth : Series
    tables : dict of DataFrame
        Raw tables as the contract wants them, gaps included.
    complete : dict of DataFrame
        The same before gaps were made.
    weights : Weights
        The matrix of the generating model: additive nest, phi 0.5.
    errors : ndarray, shape (T, N)
        Errors of carbon intensity.
    carbon : ndarray, shape (T, N)
        Carbon intensity before its raw column was rounded.
    """

    scenario: targets.ScenarioName
    truth: pd.Series
    tables: dict[str, pd.DataFrame]
    complete: dict[str, pd.DataFrame]
    weights: Weights
    errors: FloatArray
    carbon: FloatArray


def simulate(scenario: targets.ScenarioName = "as-printed", seed: int = SEED) -> Simulation:
    """Generate the raw files of the north-east study.

    Parameters
    ----------
    scenario : {"as-printed", "effects-implied", "levels-at-random"}
        Which dynamic parameters are the truth, and whether the levels of cities have a place in
        space; regressors do not depend on it.
    seed : int

    Returns
    -------
    Simulation

    Raises
    ------
    DomainError
        If the model would need negative carbon emissions in a city-year.

    Examples
    --------
    >>> data = simulate(seed=1)
    >>> sorted(data.tables) == sorted(simulate(seed=1).tables)
    True
    """
    parameters, in_space = targets.truth(scenario), scenario != "levels-at-random"
    raw, block, weights = _world(seed)
    carbon, errors = _carbon(block, weights, parameters, seed, in_space)
    complete = _tables({**raw, "co2": (carbon * raw["gdp"]).round(2)}, weights.units)
    return Simulation(
        scenario, parameters, _with_gaps(complete, seed), complete, weights, errors, carbon
    )


@lru_cache(maxsize=2)
def _world(seed: int) -> tuple[dict[str, FloatArray], FloatArray, Weights]:
    """What all scenarios share: raw regressors, their block as the model uses it, the matrix."""
    size = _size_scores(seed)
    raw = _raw_regressors(seed, size)
    frame = regressors(_tables(raw, size.index), sectors=False)
    wide = {name: frame[name].unstack("city")[size.index] for name in frame.columns}
    weights = additive_nest(cities("ne34"), wide["PGDP"].mean())
    return raw, _regression_block({name: table.to_numpy() for name, table in wide.items()}), weights


def _tables(columns: Mapping[str, FloatArray], labels: pd.Index) -> dict[str, pd.DataFrame]:
    """Raw tables as the contract names them, from arrays (T, N), or (T,) where cities are alike."""
    index = pd.MultiIndex.from_product([labels, YEARS], names=["city", "year"])
    tables = {}
    for table in CONTRACT.tables:
        held = {c.name: columns[c.name].T.ravel() for c in table.columns if c.name in columns}
        if held:
            by = index if "city" in table.keys else index.levels[1]
            tables[Path(table.file).stem] = pd.DataFrame(held, by)
    return tables


def write(simulation: Simulation, folder: str | Path) -> list[Path]:
    """Write the raw files of one simulation and its truth (``truth.csv``) to a folder."""
    written, truth = CONTRACT.write(simulation.tables, folder), Path(folder) / "truth.csv"
    names = {"L.Carbon": "L.y", "W.L.Carbon": "W.L.y"}
    simulation.truth.rename(names).to_csv(truth, lineterminator="\n")
    return [*written, truth]


def regenerate(folder: str | Path | None = None) -> list[Path]:
    """Write the book's simulated data, all scenarios at the declared seed.

    Parameters
    ----------
    folder : path, optional
        ``data/simulated/ne34`` by default; each scenario gets a folder of its own there.

    Returns
    -------
    list of Path
    """
    base = ROOT / "data" / "simulated" / "ne34" if folder is None else Path(folder)
    simulations = [simulate(scenario) for scenario in SCENARIOS]
    return [file for data in simulations for file in write(data, base / data.scenario)]


def _size_scores(seed: int) -> pd.Series:
    """Rank cities by size as normal scores: four large cities first, the rest in random order."""
    geo = cities("ne34")
    large = geo.index[geo["subprovincial"] == 1]
    rng = draws.stream(seed, "size")
    order = [*rng.permutation(large), *rng.permutation(geo.index.difference(large, sort=False))]
    n = len(geo)
    ranked = pd.Series(draws.normal_scores(n)[::-1], index=order)
    ranked.iloc[len(large) :] *= DESIGN.small_city_flatness
    return ranked.reindex(geo.index).rename_axis("city")


def _raw_regressors(seed: int, size: pd.Series) -> dict[str, FloatArray]:
    """Columns of the raw tables but carbon dioxide, by year and city."""
    score = size.to_numpy()
    controls = _controls(seed, size.index)
    population = np.exp(np.log(250.0) + 0.55 * score) * (1 - 0.003 * (_YEARS - 2003))[:, None]
    population = population.round(2)
    gdp = (np.exp(controls["LnPGDP"]) * population / 1e4).round(2)
    expenditure = (controls["GOV"] * gdp * 1e4).round()
    rate = np.interp(_YEARS, list(DESIGN.rates), list(DESIGN.rates.values())).round(3)
    districts = (0.4 * population).round(2)
    words = draws.stream(seed, "report length").normal(9500, 900, population.shape).round()
    return _employment(seed, size) | {
        "gdp": gdp,
        "population": population,
        "expenditure": expenditure,
        "science": (controls["TI"] * expenditure).round(),
        "fdi": (controls["FDI"] * gdp * 1e4 / rate[:, None]).round(),
        "yuan_per_dollar": rate,
        "road_area": (np.exp(controls["LnRD"]) * districts).round(2),
        "district_population": districts,
        "environment_words": np.maximum((np.exp(controls["LnER"]) * words).round(), 1),
        "total_words": words,
    }


def _controls(seed: int, labels: pd.Index) -> dict[str, FloatArray]:
    """Control variables with the printed mean and standard deviation, shares as fractions."""
    n = len(labels)
    controls: dict[str, FloatArray] = {}
    for name in ("GOV", "LnPGDP", "FDI", "LnRD", "TI", "LnER"):
        rng, target = draws.stream(seed, name), targets.printed_moments()[name]
        common = draws.path(DESIGN.log_paths[name], _YEARS)[:, None]
        city = rng.permutation(draws.normal_scores(n))
        yearly = draws.deviations(draws.persistent(rng, len(YEARS), n, DESIGN.persistence))
        spread = targets.within_std_dev(name)
        if name.startswith("Ln"):
            between = (target.std_dev**2 - spread**2 - common.var()) ** 0.5
            controls[name] = target.mean + common + between * city + spread * yearly
        elif name == "GOV":
            where, year = DESIGN.extreme_cell
            extreme = (YEARS.index(year), labels.get_loc(where), target.maximum)
            controls[name] = _share(common + DESIGN.gov_within * yearly, city, target, extreme)
        else:
            controls[name] = _share_with_spread(common, yearly, city, target, spread / 100)
    return controls


def _share(
    swings: FloatArray, city: FloatArray, target: targets.Moments,
    extreme: tuple[int, int, float] | None = None,
) -> FloatArray:  # fmt: skip
    """Series ``minimum + exp(level + spread * city + swings)`` with given mean and deviation.

    `extreme` puts a value into one cell, given as (year position, city position, value).
    """

    def build(unknown: FloatArray) -> FloatArray:
        values = target.minimum + np.exp(unknown[0] + unknown[1] * city + swings)
        if extreme is not None:
            values[extreme[:2]] = extreme[2]
        return values

    def miss(unknown: FloatArray) -> list[float]:
        values = build(unknown)
        return [values.mean() / target.mean - 1, values.std(ddof=1) / target.std_dev - 1]

    above = target.mean - target.minimum
    spread = np.log1p((target.std_dev / above) ** 2) ** 0.5
    found = root(miss, [np.log(above) - spread**2 / 2, spread], tol=1e-12)
    if not found.success:
        raise DomainError(f"no series above {target.minimum} has the moments {target}")
    return build(found.x)


def _share_with_spread(
    common: FloatArray, yearly: FloatArray, city: FloatArray, target: targets.Moments, wanted: float
) -> FloatArray:
    """As :func:`_share`, with yearly swings scaled to a two-way within deviation in levels.

    The common path alone makes large shares move more than small ones; where that exceeds the
    deviation asked for, there are no other swings.
    """

    def miss(log_spread: float) -> float:
        series = _share(common + log_spread * yearly, city, target)
        return float(within(series, "two-way").std()) - wanted

    log_spread = 0.0 if miss(0.0) >= 0 else brentq(miss, 0.0, 0.5, xtol=1e-10)
    return _share(common + log_spread * yearly, city, target)


def _industry_shares(odds: FloatArray, weight: FloatArray, overall: FloatArray) -> FloatArray:
    """Employment shares of the two industries from log odds, scaled to given area-wide shares.

    Parameters
    ----------
    odds : ndarray, shape (2, T, N)
    weight : ndarray, shape (N,)
        Each city's share of all employment.
    overall : ndarray, shape (2,)

    Returns
    -------
    ndarray, shape (2, T, N)
    """
    level = np.log(overall)[:, None, None] * np.ones(odds.shape[:2])[..., None]
    for _ in range(12):
        raw = np.exp(odds + level)
        shares = raw / (1 + raw.sum(axis=0))
        level += np.log(overall[:, None] / (shares @ weight))[..., None]
    return shares


def _employment(seed: int, size: pd.Series) -> dict[str, FloatArray]:
    """Employment whose co-agglomeration has the printed yearly path and overall deviation.

    Two unknowns are solved for. In each year, how steeply the odds of both industries rise with
    city size: this sets the year's unweighted mean, because the mean of a location quotient
    weighted by employment is one whatever the data. Over all years, how concentrated employment is
    in large cities: this sets the standard deviation.
    """
    score, n = size.to_numpy(), len(size)
    rng = draws.stream(seed, "employment")
    first, second = rng.normal(size=(2, n))
    r = DESIGN.specialisation_correlation
    city = np.stack([draws.scores(first), draws.scores(r * first + (1 - r**2) ** 0.5 * second)])
    swings = [
        draws.deviations(draws.persistent(rng, len(YEARS), n, DESIGN.persistence)) for _ in range(2)
    ]
    own = DESIGN.specialisation * city[:, None, :] + DESIGN.employment_noise * np.stack(swings)
    overall = np.array([DESIGN.manufacturing_share, DESIGN.services_share])
    target = targets.coagglomeration_path().to_numpy()

    def index_and_shares(slope: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        shares = _industry_shares(own + slope[:, None] * score, weight, overall)
        everyone = np.broadcast_to(weight, shares.shape[1:])
        quotients = [location_quotient(share * weight, everyone) for share in shares]
        return coagglomeration(*quotients), shares

    def solve(concentration: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        weight = np.exp(concentration * score)
        weight /= weight.sum()
        slope = draws.halved(
            lambda slope: index_and_shares(slope, weight)[0].mean(axis=1) > target,
            np.zeros(len(YEARS)), np.full(len(YEARS), 6.0), rounds=45,
        )  # fmt: skip
        return *index_and_shares(slope, weight), weight

    wanted = targets.printed_moments()["Coagg"].std_dev
    concentration = brentq(lambda value: solve(value)[0].std(ddof=1) - wanted, 0.8, 3.5, xtol=1e-6)
    _, shares, weight = solve(concentration)
    jobs = 9e6 * weight * (1 + 0.004 * (_YEARS - 2003))[:, None]
    split = np.log(np.array([DESIGN.sector_shares[name] for name in SECTORS]))
    mix = draws.stream(seed, "sectors")
    odds = split[:, None, None] + 0.25 * mix.normal(size=(len(SECTORS), 1, n))
    moves = [draws.persistent(mix, len(YEARS), n, DESIGN.persistence) for _ in SECTORS]
    parts = np.exp(odds + 0.1 * np.stack(moves))
    services = np.maximum((jobs * shares[1] * parts / parts.sum(axis=0)).round(), 1)
    return {
        "all_industries": jobs.round(),
        "manufacturing": (jobs * shares[0]).round(),
        **dict(zip(SECTORS, services, strict=True)),
    }


def _regression_block(wide: dict[str, FloatArray]) -> FloatArray:
    """Regressors in the units of the regression, shape (T, N, K)."""
    parts = [name.partition("^") for name in REGRESSORS]
    columns = [(wide[x] * (100 if x in SHARES else 1)) ** int(power or 1) for x, _, power in parts]
    return np.stack(columns, axis=-1)


def _carbon(
    block: FloatArray, weights: Weights, parameters: pd.Series, seed: int, in_space: bool
) -> tuple[FloatArray, FloatArray]:
    """Carbon intensity from the dynamic spatial Durbin model with two-way effects.

    The model determines each year's deviations from the mean of the cities; that mean is absorbed
    by the year effects and follows the declared path. So the dynamics are those on W without its
    unit eigenvalue, where the printed parameters are stable, and not those of the common trend, which
    with ``tau + eta + rho > 1`` would explode. City effects are set so that each city swings
    around a long-run level; the levels are spread to give the printed standard deviation.
    """
    tau, eta, rho = parameters[list(DYNAMICS)]
    _, around_trend = largest_roots(weights, tau, eta, rho)
    if around_trend >= 1:
        raise DomainError(
            f"the dynamics around the common trend explode (largest root {around_trend:.3f}); choose "
            "another scenario or another seed"
        )
    beta, theta = (parameters[[w + name for name in REGRESSORS]].to_numpy() for w in ("", "W."))
    drive = within(block @ beta + (block @ theta) @ weights.dense().T, "two-way")
    drive = np.concatenate([np.repeat(drive[:1], BURN_IN, axis=0), drive])
    errors = draws.stream(seed, "carbon errors").normal(scale=DESIGN.sigma, size=drive.shape)
    moved = within(draws.spatial_panel(weights, drive + errors, rho, tau, eta)[BURN_IN:], "time")
    common = draws.path(DESIGN.carbon_path, _YEARS)[:, None]
    level = _carbon_levels(common + moved, seed, in_space)
    carbon = targets.printed_moments()["Carbon"].mean + common + (level - level.mean()) + moved
    if carbon.min() <= 0:
        year, city = np.unravel_index(carbon.argmin(), carbon.shape)
        raise DomainError(
            f"seed {seed}: carbon intensity would be {carbon.min():.2f} in "
            f"{cities('ne34').index[city]} {YEARS[year]}; choose another seed"
        )
    return carbon, errors[BURN_IN:]


def _carbon_levels(swings: FloatArray, seed: int, in_space: bool) -> FloatArray:
    """Long-run level of each city: a skewed spread above the floor, resource-based cities higher.

    The skew is solved for, so that all city-years together have the printed deviation.
    """
    moments = targets.printed_moments()["Carbon"]
    geo = cities("ne34")
    flags = geo["resource_based"].to_numpy()
    n = len(flags)
    latent = draws.stream(seed, "carbon levels").normal(size=n) + DESIGN.resource_lift * flags
    score = draws.normal_scores(n)[np.argsort(np.argsort(latent))]

    def spread(skew: float, score: FloatArray) -> FloatArray:
        above = np.exp(skew * score)
        return DESIGN.carbon_floor + (moments.mean - DESIGN.carbon_floor) / above.mean() * above

    def miss(skew: float, score: FloatArray) -> float:
        level = spread(skew, score)
        return float((level - level.mean() + swings).std(ddof=1) - moments.std_dev)

    def levels(score: FloatArray) -> FloatArray:
        return spread(brentq(miss, 0.1, 6.0, args=(score,), xtol=1e-10), score)

    if in_space:
        w, wanted = inverse_distance(geo, DESIGN.placement), targets.printed_moran()["morans_i"]
        score = score[_places(levels(score), swings, w.dense(), flags, wanted.to_numpy())]
    return levels(score)


def _places(
    level: FloatArray, swings: FloatArray, w: FloatArray, kind: FloatArray, target: FloatArray
) -> NDArray[np.signedinteger]:
    """Order in which levels go to cities so that yearly Moran's I comes near to a target.

    Two cities of one kind swap their levels as long as a swap brings the path nearer, the best swap
    first; so the result is a local optimum, reached in some thirty steps.
    """
    order, pairs = np.arange(len(level)), np.argwhere(np.triu(kind[:, None] == kind, 1))

    def loss(orders: NDArray[np.signedinteger]) -> FloatArray:
        z = level[orders][:, None, :] + swings
        z = z - z.mean(axis=-1, keepdims=True)
        i = (z @ w.T * z).sum(axis=-1) / (z**2).sum(axis=-1)
        return ((i - target) ** 2).sum(axis=-1)

    while True:
        swapped = np.repeat(order[None], len(pairs), axis=0)
        np.put_along_axis(swapped, pairs, order[pairs[:, ::-1]], axis=1)
        found = loss(swapped)
        if found.min() >= loss(order[None])[0]:
            return order
        order = swapped[found.argmin()]


def _with_gaps(complete: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """Empty some cells, never a city's first or last year nor the city of the extreme cell."""
    tables = {name: table.copy() for name, table in complete.items()}
    safe = cities("ne34").index.drop(DESIGN.extreme_cell[0])
    candidates = pd.MultiIndex.from_product([safe, YEARS[1:-1]])
    for where, count in DESIGN.gaps.items():
        name, column = where.split(".")
        rng = draws.stream(seed, f"gaps {where}")
        emptied = candidates[rng.choice(len(candidates), size=count, replace=False)]
        tables[name].loc[emptied, column] = np.nan
    return tables
