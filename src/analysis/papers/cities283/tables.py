"""The tables of study B as functions of a sample: what each column of the print estimates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.book import heavy
from analysis.book.ledger import Claim
from analysis.book.tables import p_value
from analysis.inference.groups import InteractionModel, compare_groups
from analysis.inference.mediation import Mediation, decomposition
from analysis.measures.capital import DEPRECIATION, accumulate
from analysis.panel import Panel
from analysis.papers.cities283.claims import Frames, claim
from analysis.papers.cities283.study import COLUMNS, DURBIN, REGIONS, STUDY, WORDS, mediate
from analysis.papers.cities283.targets import PRINTED
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.gmm import GmmSpecification, SpatialGmmFit, fit_gmm
from analysis.spatial.moran import global_moran, moran_scatter
from analysis.study import Sample, results, sections
from analysis.study.fallback import estimate
from analysis.weights import Weights, inverse_distance

GROUPS = {"region": REGIONS, "resource": tuple(STUDY.groups["resource"].labels.values())}
"""Groups of the printed Table 10, by what divides them."""


def specifications(sample: Sample, **changes: Any) -> dict[str, Specification]:
    """The main model of each outcome of the sample."""
    return {name: replace(DURBIN, outcome=name, **changes) for name in sample.outcomes}


def each_outcome(sample: Sample, models: Mapping[str, Any]) -> dict[tuple[str, str], Fit]:
    """Fit the main model of each outcome with changes, by heading of the outcome and of the changes."""
    asked = {
        (label, heading): (sample, replace(DURBIN, outcome=name, **changes))
        for name, label in sample.outcomes.items()
        for heading, changes in models.items()
    }
    return results.fits(asked)


def capital_as_printed(production: Panel) -> pd.DataFrame:
    """Mean capital stock by year, by perpetual inventory and by equation 7 as printed.

    Both begin with the same stock and add the same investment.
    """
    stock = production.values("capital")
    # Investment of the first year is part of the first stock and enters no other: any value does.
    flow = np.vstack([stock[:1], stock[1:] - (1 - DEPRECIATION) * stock[:-1]])
    printed = accumulate(flow, stock[0], formula="printed").mean(axis=1)
    means = {"perpetual inventory": stock.mean(axis=1), "equation as printed": printed}
    return pd.DataFrame(means, production.periods).assign(ratio=printed / stock.mean(axis=1))


def inputs_described(production: Panel) -> pd.DataFrame:
    """Moments of the inputs and outputs of the efficiency measurement."""
    names = WORDS["inputs"]
    moments = production.frame[list(names)].agg(["mean", "std", "min", "max"]).T
    return moments.set_axis(pd.MultiIndex.from_tuples(names.values()))


def mean_growth(production: Panel, columns: list[str]) -> pd.DataFrame:
    """Yearly growth of inputs or outputs in the geometric mean of the cities."""
    logs = np.log(production.frame[columns])
    return np.expm1(logs.groupby(level="city").diff().groupby(level="year").mean())


def truths(sample: Sample) -> pd.DataFrame:
    """Parameters of the generator that are not zero; of real data none."""
    columns = ["equation", "term", "value", "kind"]
    table = pd.DataFrame(columns=columns) if sample.data.truth is None else sample.data.truth
    named = STUDY.labels(table["term"].unique()) | WORDS["truths"]
    return table.query("value != 0").set_index(columns[:2]).rename(named)


def described(sample: Sample) -> dict[str, str]:
    """Columns of Table 2 and their labels."""
    names = [*sample.outcomes, *STUDY.regressors, "INNOV", "CI"]
    return {**STUDY.labels(names), **sample.outcomes, "CI": "CO2 over GDP"}


def means_by_region(sample: Sample, columns: list[str]) -> pd.DataFrame:
    """Means of columns by year and region."""
    frame = sample.panel.frame[columns].join(sample.group("region").rename("region"), on="city")
    return frame.groupby(["year", "region"]).mean()


def correlations(panel: Panel, outcome: str, regressor: str) -> pd.DataFrame:
    """Correlation of two columns by year and over all years, with its p value."""
    parts = {**{str(y): f for y, f in panel.frame.groupby(level="year")}, "all": panel.frame}
    found = {name: stats.pearsonr(part[outcome], part[regressor]) for name, part in parts.items()}
    return pd.DataFrame(found, index=["r", "p"]).T


def with_neighbours(panel: Panel, names: list[str], weights: Weights) -> pd.DataFrame:
    """What is left of each variable, and of its neighbours' mean, after city and year means."""
    moved = panel.within(names, "two-way")
    lagged = {f"W.{n}": moved.series(moved.values(n) @ weights.dense().T, n) for n in names}
    return moved.frame[names].assign(**lagged)


def moran_points(sample: Sample, name: str, years: Sequence[int]) -> pd.DataFrame:
    """Points of the Moran scatterplot of a column, by year and city."""
    parts = {y: moran_scatter(sample.panel.cross_section(name, y), sample.weights) for y in years}
    return pd.concat(parts, names=["year"])


def moran_by_scenario(sample: Sample) -> pd.DataFrame:
    """Yearly z of Moran's I of each outcome, as the generator places it and with the fainter pattern."""
    headings = {"as placed": "placed", "fainter pattern": "faint-field"}
    samples = {heading: sample.again(scenario=name) for heading, name in headings.items()}
    return pd.DataFrame({
        (label, heading): global_moran(other.panel, name, other.weights)["z_random"]
        for name, label in sample.outcomes.items()
        for heading, other in samples.items()
    })  # fmt: skip


def test_sentences(tests: Frames, kind: str) -> Iterator[tuple[Any, ...]]:
    """What the text says about the tests by outcome: row, whether it holds at 5 %, notes, kind."""

    def told(test: str, p: float) -> str:
        said = f"rejects ({p_value(p)})" if p < 0.05 else f"does not reject ({p_value(p)})"
        without = "has no value, since one of its models has no estimate"
        name = "Hausman's test" if test == "Hausman" else test.replace(" ", " against ")
        return f"{name} {without if np.isnan(p) else said}"

    for row, which in {"Wald and LR tests": "SAR|SEM", "Hausman, SDM": "Hausman"}.items():
        p = {name: frame["p_value"].filter(regex=which) for name, frame in tests.items()}
        holds = {n: None if of.isna().any() else bool((of < 0.05).all()) for n, of in p.items()}
        yield row, holds, {n: ", ".join(map(told, of.index, of)) for n, of in p.items()}, kind


def as_equation_six(sample: Sample) -> dict[tuple[str, str], Fit]:
    """The Durbin model on 1/d with rows that sum to one, and as equation 6 prints it.

    By the dummy-variable likelihood, which needs no row sums of one.
    """
    printed = inverse_distance(sample.places, standardise=False)
    matrices = {"rows sum to one": printed.row_standardise(), "as printed": printed}
    return {
        (COLUMNS[name], how): fit(sample.panel, spec, weights)
        for name, spec in specifications(sample, estimator="direct").items()
        for how, weights in matrices.items()
    }


def seeds() -> pd.DataFrame:
    """Median and 90 % range of each estimate over the seeds of the generator, with the truth.

    Also the median with the seeds that have no estimate put on top, where they belong.
    """
    draws = heavy.load("cities283_seeds").frame
    draws["on_top"] = draws["estimate"].fillna(np.inf)
    by = draws.groupby(["outcome", "quantity"], sort=False)
    spread = by["estimate"].quantile([0.5, 0.05, 0.95]).unstack()
    return spread.set_axis(["median", "5 %", "95 %"], axis=1).assign(
        truth=by["truth"].first(), seeds=by["estimate"].count(), all_seeds=by["on_top"].median()
    ).round(4) + 0.0  # fmt: skip  # a minus zero loses its minus


def group_fits(sample: Sample) -> dict[tuple[str, str], Fit]:
    """Table 10: the Durbin model of each outcome in each group of cities, on its part of W."""
    return {
        (COLUMNS[name], group): found[group]
        for name, spec in specifications(sample).items()
        for by, groups in GROUPS.items()
        for found in [results.group_fits(sample, by, spec)]
        for group in groups
    }


def interaction_models(sample: Sample) -> dict[tuple[str, str], InteractionModel]:
    """One model on the whole map for each outcome and division of the cities."""
    return {
        (COLUMNS[name], by): model
        for name, spec in specifications(sample, estimator="direct-corrected").items()
        for by, model in sections.heterogeneity(sample.with_model(spec)).of["models"].items()
    }


def interactions(models: Mapping[tuple[str, str], InteractionModel]) -> dict[str, pd.DataFrame]:
    """Slopes by group in one model on the whole map, with Wald tests of their equality."""
    terms = STUDY.labels(["INA", "W.INA"])
    blocks: dict[str, list[pd.DataFrame]] = {label: [] for label, _ in models}
    for (label, by), model in models.items():
        slopes = model.slopes.loc[list(terms), list(GROUPS[by])].stack(0, future_stack=True)
        slopes.index = pd.Index([f"{terms[term]}, {group}" for term, group in slopes.index])
        tests = model.tests.loc[list(terms), ["p_value"]].set_axis(["estimate"], axis=1)
        of = by.replace("resource", "resource endowment")
        tests.index = pd.Index([f"{name}: equal by {of}, p" for name in terms.values()])
        blocks[label] += [slopes, tests]
    whole = pd.concat({label: pd.concat(parts) for label, parts in blocks.items()}, axis=1)
    return {what: whole.xs(what, axis=1, level=1) for what in ("estimate", "std_error")}


def robustness_fits(sample: Sample) -> dict[tuple[str, str], Fit]:
    """Table 9, columns 1 and 3: carbon dioxide over GDP, and without the four municipalities."""
    smaller = sample.sub(units=sample.places.index[sample.places["municipality"] == 0])
    ratio = {("", "CO2 over GDP"): (sample, replace(DURBIN, outcome="CI"))}
    return results.fits(ratio) | each_outcome(smaller, {"without municipalities": {}})


def gmm(sample: Sample, outcome: str, weights: Weights, spatial_lag: bool = True) -> SpatialGmmFit:
    """Table 9, column 2: spatial system GMM with all regressors of the Durbin model."""
    terms = DURBIN.regressors
    specification = GmmSpecification(outcome, terms, terms, spatial_lag=spatial_lag)
    return fit_gmm(sample.panel, specification, weights)


def least_squares(sample: Sample, outcome: str, weights: Weights, city_effects: bool) -> Fit:
    """The equation of :func:`gmm` by least squares, which takes the spatial lag as it comes.

    The neighbours' outcome is the regressor ``neighbours``, that of the year before ``last``.
    """
    panel, y = sample.panel, sample.panel.frame[outcome]
    neighbours = panel.series(panel.values(outcome) @ weights.dense().T, "neighbours")
    last = y.groupby(level="city").shift(1).rename("last")
    panel = panel.assign(neighbours=neighbours, last=last).sub(periods=panel.periods[1:])
    specification = Specification(
        outcome, ("last", "neighbours", *DURBIN.regressors), model="slx",
        durbin=DURBIN.regressors, effects="two-way" if city_effects else "time",
    )  # fmt: skip
    return fit(panel, specification, weights)


def spatial_lags(sample: Sample) -> pd.DataFrame:
    """Coefficient of the neighbours' outcome by matrix: GMM, least squares, likelihood."""
    rows = {}
    for (name, label), matrix in product(sample.outcomes.items(), STUDY.matrices):
        weights = sample.on(matrix)
        by_gmm = gmm(sample, name, weights)
        by_likelihood = estimate(sample.panel, replace(DURBIN, outcome=name), weights)
        pooled, within = (least_squares(sample, name, weights, only) for only in (False, True))
        rows[label, matrix] = {
            "GMM": by_gmm.params["rho"],
            "std. error": by_gmm.std_errors["rho"],
            "least squares, year effects": pooled.params["neighbours"],
            "least squares, city and year effects": within.params["neighbours"],
            "likelihood": by_likelihood.params["rho"],
        }
    return pd.DataFrame(rows).T.astype(float).sort_index(level=0, sort_remaining=False)


def further(sample: Sample) -> list[results.Alternative]:
    """Choices that the study tries beside those of any study."""
    model, panel = sample.study.model, sample.panel
    before = [year for year in panel.periods if year < 2018]
    last_year = panel.frame[list(model.regressors)].groupby(level="city").shift()
    lagged = panel.assign(**last_year).sub(periods=panel.periods[1:])
    forms = WORDS["forms"].items()
    return [
        ("sample", "before the jump of 2018", sample.sub(periods=before), model),
        ("timing", "regressors of the year before", replace(sample, panel=lagged), model),
        *(("outcome", label, sample.again(outcome=form), model) for form, label in forms),
    ]


def components(sample: Sample) -> pd.DataFrame:
    """Mean index of the scores and its two factors, by region and year, all cities first.

    ``efficiency_change``: the city against its year's frontier; ``best_practice_change``: that
    frontier against the pooled one.
    """
    assert sample.data.efficiency is not None
    frame = sample.data.efficiency.summary[list(WORDS["factors"])].dropna()
    every = frame.assign(region="all"), frame.join(sample.group("region"), on="city")
    means = pd.concat(every).groupby(["region", "year"]).mean()
    return means.loc[["all", *REGIONS]]


def index_claims(sample: Sample, index: Frames, years: Sequence[int]) -> Iterator[Claim]:
    """What the text says about the index, by outcome.

    A rise is significant at 5 %, cities paired; regions are alike below 0.05 in every year.
    """
    region, most = sample.group("region"), "largest difference in a year"
    for name, v in index.items():
        gap = v.groupby(region).mean().agg(np.ptp).max()
        rise, p = (v[2018] - v[2017]).mean(), float(stats.ttest_rel(v[2018], v[2017]).pvalue)
        rest = v.mean().drop([2011, 2018], errors="ignore")
        up, down = (v.reindex(cities).dropna()[list(years)] - 1
                    for cities in (PRINTED.always_up, PRINTED.always_down))  # fmt: skip
        told = {
            "mean SML other years": ((rest < 1).all(), ""),
            "trend of TCE": (v.mean(axis=None) < 1, ""),
            "rise from 2017 to 2018": (rise > 0 and p < 0.05, f"{rise:.3f} ({p_value(p)})"),
            "regions, mean index": (gap < 0.05, f"{most} {gap:.3f}, held against 0.05"),
            "improves in all four years": ((up > 0).all(axis=None) if len(up) else None, ""),
            "declines in all four years": ((down < 0).all(axis=None) if len(down) else None, ""),
        }
        for row, (holds, note) in told.items():
            targeted = name == "latent" and row != "regions, mean index"
            kind = sample.target_kind if targeted else sample.derived_kind
            yield claim(row, kind, name, holds=holds, note=note and f"{COLUMNS[name]}: {note}.")


def of_measure(sample: Sample) -> list[Claim]:
    """What the text says about score and index as measures."""
    efficiency = sample.data.efficiency
    assert efficiency is not None
    level, chain = efficiency.level, efficiency.cumulative.unstack("year").iloc[:, -1]
    ends = level.unstack("year").iloc[:, -1] / level.unstack("year").iloc[:, 0]
    slackless = (efficiency.slacks.abs().max(axis=1) < 1e-6) == (level > 1 - 1e-9)
    solved = sample.panel.frame["TCE"].notna().all()
    of_b2 = "of the global index; that of (B2) as printed"
    told = {
        "range of the score": (level.between(0, 1 + 1e-9).all(), f"{level.min():.2f} to {level.max():.2f}."),
        "efficient score": (slackless.all(), ""),
        "index without infeasible programs": (solved, f"{of_b2} can be infeasible."),
        "circular index": (((chain / ends - 1).abs() < 1e-9).all(), f"{of_b2} is not."),
    }  # fmt: skip
    return [claim(row, "free", holds=holds, note=note) for row, (holds, note) in told.items()]


def energy_change(sample: Sample) -> float:
    """Change of energy per unit of GDP in 2018, mean of the provinces, per cent."""
    intensity = sample.raw["energy"]["energy_intensity"].unstack("year").mean()
    return float(100 * (intensity[2018] / intensity[2017] - 1))


def scores_beside_latent(sample: Sample) -> pd.DataFrame:
    """Means and correlation of scores and latent efficiency, levels and indices; empty if real."""
    frame = sample.panel.frame
    pairs = {"level": ("level", "latent level"), "yearly index": ("TCE", "latent")}
    rows = ["mean of the scores", "mean of latent efficiency", "correlation of the two"]
    return pd.DataFrame({
        label: [frame[a].mean(), frame[b].mean(), frame[a].corr(frame[b])]
        for label, (a, b) in pairs.items() if b in frame
    }, rows)  # fmt: skip


PATHS = [("TCE", "INA"), ("INNOV", "INA"), ("TCE with INNOV", "INA"), ("TCE with INNOV", "INNOV")]
"""Equation and term of theta1, chi1, phi1 and phi2."""


def mediations(sample: Sample, **changes: Any) -> dict[str, Mediation]:
    """Table 8: the three equations of each outcome."""
    return {
        name: mediate(sample.panel, spec, sample.weights)
        for name, spec in specifications(sample, **changes).items()
    }


def mediation_paths(sample: Sample, found: Mapping[str, Mediation]) -> tuple[pd.DataFrame, Frames]:
    """Paths in coefficients, and in total effects with their errors, by outcome.

    Where estimates can be held against it, the last column is the generator's own ``truth``. The
    last row of the coefficients has the gap by least squares.
    """
    paths = pd.DataFrame({COLUMNS[name]: made.summary for name, made in found.items()})
    least = mediations(sample, model="slx")
    paths.loc["ls"] = {COLUMNS[name]: made.summary["gap_share"] for name, made in least.items()}
    whole = pd.concat({COLUMNS[name]: made.in_effects() for name, made in found.items()}, axis=1)
    effects = {what: whole.xs(what, axis=1, level=1) for what in ("estimate", "std_error")}
    if sample.recovers:
        own, lagged, rho = np.array([
            [sample.true(name, equation) or 0.0 for name in (term, f"W.{term}", "rho")]
            for equation, term in PATHS
        ]).T  # fmt: skip
        truth = decomposition(*own).round(12) + 0.0
        paths["truth"] = truth.set_axis([*paths.index[:5], "gap", "share"])
        paths.loc["gap_share", "truth"] = 0.0
        effects["estimate"]["truth"] = decomposition(*(own + lagged) / (1 - rho))
        effects["std_error"]["truth"] = np.nan
    return paths, effects


def bootstrapped() -> pd.DataFrame:
    """Intervals from frontier to share and of the second stage alone, default data."""
    frame = heavy.load("cities283_bootstrap").frame
    return frame.set_index(["outcome", "stage", "quantity"]).sort_index()


def covered() -> pd.DataFrame:
    """How often such intervals hold the truth of simulated studies, by design."""
    frame = heavy.load("cities283_coverage").frame
    return frame.set_index(["errors", "quantity", "stage"]).sort_index()


def compared(sample: Sample, draws: int, seed: int) -> pd.DataFrame:
    """Table 11: differences between groups, tested by permuting whole cities.

    Run here if draws are asked for; else the committed ones, which are of the default data, or none.
    """
    if not (draws or sample.recovers):
        return pd.DataFrame(columns=["outcome", "by", "first", "second", "p_value"])
    if not draws:
        return heavy.load("cities283_groups").frame
    pairs = {
        (name, by): compare_groups(
            sample.panel, spec, sample.weights, sample.group(by), "INA", draws, seed=seed, n_jobs=-1
        ).pairs
        for name, spec in specifications(sample, estimator="direct").items()
        for by in GROUPS
    }
    return pd.concat(pairs, names=["outcome", "by"]).reset_index().assign(draws=draws)


def of_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Table 11 as it stands on the page: a row an outcome and pair, what is not there left out."""
    pair = pairs["first"].str.cat(pairs["second"], " − ").rename("pair")
    table = pairs.set_index([pairs["outcome"].map(COLUMNS), pair]).reindex(columns=WORDS["pairs"])
    return table.dropna(axis=1, how="all").rename(columns=WORDS["pairs"])


def borne_out(wald: pd.DataFrame) -> dict[str, str]:
    """On which outcomes slopes differ at 10 %, and the p values, by division, for a sentence."""
    words = {}
    for by, p in wald.rename(columns=COLUMNS).iterrows():
        words[f"b9_on_{by}"] = " and ".join(p.index[p < 0.1]) or "no outcome"
        words[f"b9_p_{by}"] = ", ".join(f"{p_value(x)} on {n}" for n, x in p.items())
    return words


def conclusions(sample: Sample) -> dict[str, pd.DataFrame]:
    """The numbers behind the paper's conclusions, by outcome, with their standard errors."""
    cells, groups, mediated = {}, group_fits(sample), mediations(sample)
    for name, label in sample.outcomes.items():
        main, by_gmm = mediated[name].total.summary, gmm(sample, name, sample.weights).summary
        rows = {"mean index": {"estimate": sample.panel.values(name).mean()},
                "mediated share (H2)": {"estimate": mediated[name].share}}  # fmt: skip
        rows |= {
            "INA (H1)": main.loc["INA"],
            "W × INA (H3)": main.loc["W.INA"],
            "ρ": main.loc["rho"],
        }
        rows |= {f"{term} by GMM": by_gmm.loc[of] for of, term in (("INA", "INA"), ("rho", "ρ"))}
        own = {group: fit for (of, group), fit in groups.items() if of == label}
        rows |= {f"INA, {group}": fit.summary.loc["INA"] for group, fit in own.items()}
        cells[label] = pd.DataFrame(rows).T[["estimate", "std_error"]]
    whole = pd.concat(cells, axis=1)
    return {what: whole.xs(what, axis=1, level=1) for what in ("estimate", "std_error")}
