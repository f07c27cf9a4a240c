"""The tables of study B as functions of a sample: what each column of the print estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.book import heavy
from analysis.book.tables import p_value
from analysis.inference.groups import InteractionModel, compare_groups, interaction_model
from analysis.inference.mediation import Mediation, decomposition
from analysis.measures.capital import DEPRECIATION, accumulate
from analysis.panel import Panel
from analysis.papers.cities283.claims import positive
from analysis.papers.cities283.study import (
    COLUMNS,
    DURBIN,
    REGIONS,
    RESOURCE,
    STUDY,
    mediate,
)
from analysis.papers.cities283.targets import PRINTED
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.gmm import GmmSpecification, SpatialGmmFit, fit_gmm
from analysis.spatial.moran import global_moran, moran_scatter
from analysis.spatial.specification import Estimator, Model
from analysis.study import Sample
from analysis.study.fallback import estimate
from analysis.study.results import fits
from analysis.weights import Weights, inverse_distance

GROUPS = {"region": REGIONS, "resource": tuple(RESOURCE.values())}
"""Groups of the printed Table 10, by what divides them."""


def specifications(sample: Sample, **changes: Any) -> dict[str, Specification]:
    """The main model of each outcome of the sample."""
    return {name: replace(DURBIN, outcome=name, **changes) for name in sample.outcomes}


def capital_as_printed(production: Panel) -> pd.DataFrame:
    """Mean capital stock by year, by perpetual inventory and by equation 7 as printed.

    Both begin with the same stock and add the same investment.
    """
    stock = production.values("capital")
    # Investment of the first year is part of the first stock and enters no other: any value does.
    flow = np.vstack([stock[:1], stock[1:] - (1 - DEPRECIATION) * stock[:-1]])
    printed = accumulate(flow, stock[0], formula="printed")
    means = pd.DataFrame(
        {"perpetual inventory": stock.mean(axis=1), "equation as printed": printed.mean(axis=1)},
        index=production.periods,
    )
    return means.assign(ratio=means["equation as printed"] / means["perpetual inventory"])


INPUT_NAMES = {
    "capital": ("input", "capital stock, 10⁸ yuan of 2009"),
    "labour": ("input", "employment, persons"),
    "energy": ("input", "energy, 10⁴ tonnes of standard coal"),
    "output": ("good output", "real GDP, 10⁸ yuan of 2009"),
    "co2": ("bad output", "carbon dioxide, 10⁴ tonnes"),
}


def truths(sample: Sample) -> pd.DataFrame:
    """Parameters of the generator that are not zero; of real data none."""
    table = sample.data.truth
    if table is None:
        return pd.DataFrame(columns=["value", "kind"])
    return table.query("value != 0").set_index(["equation", "term"])


def mean_growth(sample: Sample, columns: list[str]) -> pd.DataFrame:
    """Yearly growth of inputs or outputs in the geometric mean of the cities."""
    assert sample.data.production is not None
    logs = np.log(sample.data.production.frame[columns])
    return np.expm1(logs.groupby(level="city").diff().groupby(level="year").mean())


def inputs_described(sample: Sample) -> pd.DataFrame:
    """Moments of the inputs and outputs of the efficiency measurement."""
    assert sample.data.production is not None
    moments = sample.data.production.frame[list(INPUT_NAMES)].agg(["mean", "std", "min", "max"]).T
    return moments.set_axis(pd.MultiIndex.from_tuples(INPUT_NAMES.values()))


def described(sample: Sample) -> pd.DataFrame:
    """Table 2: moments of the variables, and what is left after city and year means."""
    names = [*COLUMNS, "INA", *STUDY.regressors[1:], "INNOV", "CI"]
    names = [name for name in names if name in sample.panel.columns]
    found = sample.panel.frame[names].agg(["count", "mean", "std", "min", "median", "max"]).T
    found["within std. dev."] = sample.panel.within(names, "two-way").frame[names].std()
    labels = STUDY.labels(names) | COLUMNS | {"CI": "CO2 over GDP"}
    return found.rename(columns={"std": "std. dev."}, index=labels).astype({"count": int})


def means_by_region(sample: Sample, columns: list[str]) -> pd.DataFrame:
    """Means of columns by year and region."""
    frame = sample.panel.frame[columns].join(sample.group("region").rename("region"), on="city")
    return frame.groupby(["year", "region"]).mean()


def correlations(panel: Panel, outcome: str, regressor: str) -> pd.DataFrame:
    """Correlation of two columns by year and over all years, with its p value."""
    parts = {**{str(y): f for y, f in panel.frame.groupby(level="year")}, "all": panel.frame}
    rows = {name: stats.pearsonr(part[outcome], part[regressor]) for name, part in parts.items()}
    return pd.DataFrame(
        {name: {"r": found.statistic, "p": found.pvalue} for name, found in rows.items()}
    ).T


def with_neighbours(panel: Panel, names: list[str], weights: Weights) -> pd.DataFrame:
    """What is left of each variable, and of its neighbours' mean, after city and year means."""
    moved = panel.within(names, "two-way")
    lagged = {f"W.{n}": moved.series(moved.values(n) @ weights.dense().T, n) for n in names}
    return moved.frame[names].assign(**lagged)


def moran_points(sample: Sample, name: str, years: Sequence[int]) -> dict[int, pd.DataFrame]:
    """Points of the Moran scatterplot of a column, by year."""
    return {y: moran_scatter(sample.panel.cross_section(name, y), sample.weights) for y in years}


def moran_by_scenario(sample: Sample) -> pd.DataFrame:
    """Yearly z of Moran's I of each outcome, as the generator places it and with the fainter field."""
    found = {}
    for heading, scenario in (("as placed", "placed"), ("fainter field", "faint-field")):
        other = sample.again(scenario=scenario)
        for name, label in other.outcomes.items():
            found[label, heading] = global_moran(other.panel, name, other.weights)["z_random"]
    return pd.DataFrame(found)[sorted(found, key=lambda key: list(COLUMNS.values()).index(key[0]))]


def durbin_fits(sample: Sample) -> dict[tuple[str, str], Fit]:
    """Table 6: SAR, SEM and SDM of each outcome."""
    return fits(
        {
            (COLUMNS[name], model.upper()): (sample, replace(spec, model=model))
            for name, spec in specifications(sample).items()
            for model in ("sar", "sem", "sdm")
        }
    )


ESTIMATORS: Mapping[str, Estimator] = {
    "default": "transformation",
    "uncorrected": "direct",
    "corrected": "direct-corrected",
}


def by_estimator(sample: Sample) -> dict[str, dict[str, Fit]]:
    """The Durbin model of each outcome by three estimators."""
    return {
        label: fits(
            {n: (sample, s) for n, s in specifications(sample, estimator=estimator).items()}
        )
        for label, estimator in ESTIMATORS.items()
    }


SIGNS = {"lnGDP": 1, "GOV": -1, "ROAD": -1, "OPEN": -1, "HUM": -1}
"""Signs of the controls that the paper prints as significant."""


def signs(estimates: pd.DataFrame) -> dict[str, bool]:
    """Whether each control has the printed sign and is significant at 10 %."""
    return {x: positive(estimates.loc[x], sign=sign) for x, sign in SIGNS.items()}


def p_or_reason(p: float) -> str:
    """P value in words, or why there is none."""
    return "no value, a model of the test has no estimate" if np.isnan(p) else p_value(p)


def tests_in_words(
    tests: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.Series], dict[str, str], dict[str, float]]:
    """P values of the tests against SAR and SEM by outcome, the same told, and Hausman's p."""
    special = {
        f"{test} {model}": f"{test} against {model}"
        for model in ("SAR", "SEM")
        for test in ("Wald", "LR")
    }
    p = {n: f["p_value"].reindex(list(special)).rename(index=special) for n, f in tests.items()}
    told = {
        n: ", ".join(
            f"{test} has no value here"
            if np.isnan(x)
            else f"{test} {'rejects' if x < 0.05 else 'does not reject'} ({p_value(x)})"
            for test, x in values.items()
        )
        for n, values in p.items()
    }
    return p, told, {n: float(f.loc["Hausman", "p_value"]) for n, f in tests.items()}


def as_equation_six(sample: Sample) -> dict[tuple[str, str], Fit]:
    """The Durbin model on 1/d with rows that sum to one, and as equation 6 prints it.

    By the dummy-variable likelihood, which needs no row sums of one.
    """
    raw = inverse_distance(sample.places, standardise=False)
    return {
        (COLUMNS[name], label): fit(sample.panel, spec, weights)
        for name, spec in specifications(sample, estimator="direct").items()
        for label, weights in (
            ("rows sum to one", inverse_distance(sample.places)),
            ("as printed", raw),
        )
    }


def effects(fits: Mapping[str, Fit], terms: list[str]) -> dict[str, pd.DataFrame]:
    """Table 7: direct, indirect and total effects, in the form that a table takes."""
    order = ["direct", "indirect", "total"]
    found = {COLUMNS.get(name, name): result.effects() for name, result in fits.items()}

    def cells(column: str) -> pd.DataFrame:
        wide = {label: f[column].unstack("effect")[order] for label, f in found.items()}
        return pd.concat(wide, axis=1).loc[terms].rename(index=STUDY.labels(terms))

    return {"estimate": cells("estimate"), "errors": cells("std_error"), "p": cells("p_value")}


def seeds() -> pd.DataFrame:
    """Median and 90 % range of each estimate over the seeds of the generator, with the truth.

    Also the median with the seeds that have no estimate put on top, where they belong.
    """
    draws = heavy.load("cities283_seeds").frame
    grouped = draws.groupby(["outcome", "quantity"], sort=False)["estimate"]
    spread = grouped.quantile([0.5, 0.05, 0.95]).unstack()
    on_top = draws.assign(estimate=draws["estimate"].fillna(np.inf))
    table = spread.set_axis(["median", "5 %", "95 %"], axis=1).assign(
        truth=draws.groupby(["outcome", "quantity"], sort=False)["truth"].first(),
        seeds=grouped.count(),
        all_seeds=on_top.groupby(["outcome", "quantity"], sort=False)["estimate"].median(),
    )
    return table.round(4) + 0.0  # a minus zero loses its minus


def group_fits(sample: Sample) -> dict[tuple[str, str], Fit]:
    """Table 10: the Durbin model of each outcome in each group of cities, on its part of W."""
    parts = {
        group: sample.sub(units=sample.group(by).index[sample.group(by) == group])
        for by, groups in GROUPS.items()
        for group in groups
    }
    return fits(
        {
            (COLUMNS[name], group): (part, spec)
            for name, spec in specifications(sample).items()
            for group, part in parts.items()
        }
    )


def interactions(models: Mapping[tuple[str, str], InteractionModel]) -> dict[str, pd.DataFrame]:
    """Slopes by group in one model on the whole map, with Wald tests of their equality."""
    cells: dict[str, dict[str, float]] = {label: {} for label, _ in models}
    errors: dict[str, dict[str, float]] = {label: {} for label, _ in models}
    for (label, by), model in models.items():
        for term in ("INA", "W.INA"):
            slopes = model.slopes.loc[term].unstack()
            for group in GROUPS[by]:
                row = f"{STUDY.label(term)}, {group}"
                cells[label][row], errors[label][row] = slopes.loc[group, ["estimate", "std_error"]]
        for term in ("INA", "W.INA"):
            test = f"{STUDY.label(term)}: equal by {by}, p"
            cells[label][test] = model.tests.loc[term, "p_value"]
    frame = pd.DataFrame(cells)
    return {"estimate": frame, "errors": pd.DataFrame(errors).reindex_like(frame)}


def robustness_fits(sample: Sample) -> dict[tuple[str, str], Fit]:
    """Table 9, columns 1 and 3: carbon dioxide over GDP, and without the four municipalities."""
    smaller = sample.sub(units=sample.places.index[sample.places["municipality"] == 0])
    asked = {
        (COLUMNS[name], "without municipalities"): (smaller, spec)
        for name, spec in specifications(sample).items()
    }
    return fits({("", "CO2 over GDP"): (sample, replace(DURBIN, outcome="CI"))} | asked)


def gmm(sample: Sample, outcome: str, weights: Weights, spatial_lag: bool = True) -> SpatialGmmFit:
    """Table 9, column 2: spatial system GMM with all regressors of the Durbin model."""
    specification = GmmSpecification(
        outcome, DURBIN.regressors, DURBIN.regressors, spatial_lag=spatial_lag
    )
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
    for matrix in STUDY.matrices:
        weights = sample.on(matrix)
        for name, label in sample.outcomes.items():
            by_gmm = gmm(sample, name, weights)
            likelihood = estimate(sample.panel, replace(DURBIN, outcome=name), weights)
            rows[label, matrix] = {
                "GMM": by_gmm.params["rho"],
                "std. error": by_gmm.std_errors["rho"],
                "least squares, year effects": least_squares(
                    sample, name, weights, city_effects=False
                ).params["neighbours"],
                "least squares, city and year effects": least_squares(
                    sample, name, weights, city_effects=True
                ).params["neighbours"],
                "likelihood": likelihood.params["rho"],
            }
    table = pd.DataFrame(rows).T.astype(float)
    return table.sort_index(level=0, sort_remaining=False)


LAG_HEADS = {
    "GMM": "GMM",
    "likelihood": "likelihood",
    "least squares, year effects": "least squares",
    "least squares, city and year effects": "least squares, city effects",
}
"""Columns of :func:`spatial_lags` with their headings."""

FORMS = {
    "log of the index": "log-index",
    "level of the score": "level",
    "cumulative index": "cumulative",
}
"""Other forms of the outcome."""


def one_at_a_time(sample: Sample, estimator: Estimator = "direct-corrected") -> pd.DataFrame:
    """The Durbin model of the scores with one choice changed at a time.

    The estimator is one that has an interior maximum for every choice.
    """
    used = sample.matrix
    before = [year for year in sample.panel.periods if year < 2018]
    lagged = replace(DURBIN, regressors=tuple(f"L.{x}" for x in DURBIN.regressors))
    asked = {
        ("starting point", f"yearly index, {used}"): (sample, DURBIN),
        **{
            ("outcome", label): (sample.again(outcome=form), DURBIN)
            for label, form in FORMS.items()
        },
        **{
            ("matrix", name): (sample.with_weights(name), DURBIN)
            for name in STUDY.matrices
            if name != used
        },
        ("sample", "2011-2019"): (sample.sub(periods=range(2011, 2020)), DURBIN),
        ("sample", "before the jump of 2018"): (sample.sub(periods=before), DURBIN),
        ("timing", "regressors of the year before"): (sample, lagged),
        **{
            ("errors", f"{kind} standard errors"): (sample, replace(DURBIN, std_errors=kind))
            for kind in ("cluster", "driscoll-kraay")
        },
    }
    rows = {}
    for place, (of, spec) in asked.items():
        result = estimate(of.panel, replace(spec, estimator=estimator), of.weights)
        own = spec.regressors[0]
        rows[place] = {
            "INA": result.params[own],
            "std. error": result.std_errors[own],
            "p": result.summary.loc[own, "p_value"],
            "W × INA": result.params[f"W.{own}"],
            "ρ": result.params["rho"],
            "city-years": result.nobs,
        }
    return pd.DataFrame(rows).T.astype({"city-years": int})


def components(sample: Sample) -> pd.DataFrame:
    """Mean index of the scores and its two factors, by year and region, all cities first.

    ``efficiency_change``: the city against its year's frontier; ``best_practice_change``: that
    frontier against the pooled one.
    """
    names = ["index", "efficiency_change", "best_practice_change"]
    assert sample.data.efficiency is not None
    frame = sample.data.efficiency.summary[names].dropna()
    by = sample.group("region").reindex(frame.index.get_level_values("city"))
    parts = {"all": frame.groupby(level="year").mean()}
    for region in REGIONS:
        parts[region] = frame[(by == region).to_numpy()].groupby(level="year").mean()
    return pd.concat(parts, names=["region"])


Sentence = tuple[str, dict[str, bool | None], dict[str, str] | None, str]


def index_sentences(
    sample: Sample, index: Mapping[str, pd.DataFrame], years: Sequence[int]
) -> list[Sentence]:
    """What the text says about the index: row, whether it holds by outcome, notes, kind.

    A rise is significant at 5 %, cities paired; regions are alike below 0.05 in every year.
    """
    region = sample.group("region")
    gap = {n: v.groupby(region).mean().agg(np.ptp).max() for n, v in index.items()}
    rose = {n: stats.ttest_rel(v[2018], v[2017]) for n, v in index.items()}
    change = {n: (v[2018] - v[2017]).mean() for n, v in index.items()}
    named = {
        sign: {n: v[v.index.isin(cities)][list(years)] for n, v in index.items()}
        for sign, cities in ((1, PRINTED.always_up), (-1, PRINTED.always_down))
    }
    stays = {
        sign: {n: bool((sign * v > sign).all(axis=None)) if len(v) else None for n, v in by.items()}
        for sign, by in named.items()
    }
    rest = {n: v.mean().drop([2011, 2018], errors="ignore") for n, v in index.items()}
    return [
        ("mean SML other years", {n: (v < 1).all() for n, v in rest.items()}, None, ""),
        ("trend of TCE", {n: v.mean(axis=None) < 1 for n, v in index.items()}, None, ""),
        ("rise from 2017 to 2018",
         {n: change[n] > 0 and t.pvalue < 0.05 for n, t in rose.items()},
         {n: f"{change[n]:.3f} ({p_value(float(t.pvalue))})" for n, t in rose.items()}, ""),
        ("regions, mean index", {n: bool(g < 0.05) for n, g in gap.items()},
         {n: f"largest difference in a year {g:.3f}, held against 0.05" for n, g in gap.items()},
         sample.derived_kind),
        ("improves in all four years", stays[1], None, ""),
        ("declines in all four years", stays[-1], None, ""),
    ]  # fmt: skip


def of_measure(sample: Sample) -> list[tuple[str, bool, str]]:
    """What the text says about score and index as measures: row, whether it holds, note."""
    efficiency = sample.data.efficiency
    assert efficiency is not None
    level = efficiency.level
    chain = efficiency.cumulative.unstack("year").iloc[:, -1]
    ends = level.unstack("year").iloc[:, -1] / level.unstack("year").iloc[:, 0]
    slackless = (efficiency.slacks.abs().max(axis=1) < 1e-6) == (level > 1 - 1e-9)
    infeasible, printed = "can be infeasible", "of the global index; that of (B2) as printed"
    return [
        ("range of the score", level.between(0, 1 + 1e-9).all(), f"{level.min():.2f} to {level.max():.2f}."),
        ("efficient score", slackless.all(), ""),
        ("index without infeasible programs", sample.panel.frame["TCE"].notna().all(),
         f"{printed} {infeasible}."),
        ("circular index", ((chain / ends - 1).abs() < 1e-9).all(), f"{printed} is not."),
    ]  # fmt: skip


def energy_change(sample: Sample) -> float:
    """Change of energy per unit of GDP in 2018, mean of the provinces, per cent."""
    intensity = sample.raw["energy"]["energy_intensity"].unstack("year").mean()
    return float(100 * (intensity[2018] / intensity[2017] - 1))


def scores_beside_latent(sample: Sample) -> pd.DataFrame:
    """Means and correlation of scores and latent efficiency, levels and indices; empty if real."""
    frame = sample.panel.frame
    pairs = {"level": ("level", "latent level"), "yearly index": ("TCE", "latent")}
    return pd.DataFrame(
        {
            label: {
                "mean of the scores": frame[a].mean(),
                "mean of latent efficiency": frame[b].mean(),
                "correlation of the two": frame[a].corr(frame[b]),
            }
            for label, (a, b) in pairs.items()
            if b in frame
        }
    )


def true_decomposition(sample: Sample) -> pd.Series:
    """The mediation in total effects that the generator's parameters have."""

    def whole(equation: str, term: str) -> float:
        own, lagged, rho = (sample.true(x, equation) or 0.0 for x in (term, f"W.{term}", "rho"))
        return (own + lagged) / (1 - rho)

    return decomposition(
        whole("TCE", "INA"),
        whole("INNOV", "INA"),
        whole("TCE with INNOV", "INA"),
        whole("TCE with INNOV", "INNOV"),
    )


def mediations(sample: Sample, model: Model = "sdm") -> dict[str, Mediation]:
    """Table 8: the three equations of each outcome."""
    return {
        name: mediate(sample.panel, spec, sample.weights)
        for name, spec in specifications(sample, model=model).items()
    }


def bootstrapped() -> pd.DataFrame:
    """Intervals of mediated effect, gap and share by the residual bootstrap, default data."""
    frame = heavy.load("cities283_mediation").frame
    kept = frame["quantity"].isin(["indirect", "share", "gap"])
    return frame[kept].set_index(["outcome", "quantity"])


def compared(sample: Sample, draws: int, seed: int) -> pd.DataFrame | None:
    """Table 11: differences between groups, tested by permuting whole cities.

    Run here if draws are asked for; else the committed ones, which are of the default data, or none.
    """
    if not draws:
        return heavy.load("cities283_groups").frame if sample.recovers else None
    pairs = {
        (name, by): compare_groups(
            sample.panel, spec, sample.weights, sample.group(by), "INA", draws, seed=seed, n_jobs=-1
        ).pairs
        for name, spec in specifications(sample, estimator="direct").items()
        for by in GROUPS
    }
    return pd.concat(pairs, names=["outcome", "by"]).reset_index().assign(draws=draws)


def borne_out(wald: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """On which outcomes slopes differ at 10 %, and the p values, by division, for a sentence."""
    words = {}
    for by in GROUPS:
        p = {COLUMNS[name]: values[by] for name, values in wald.items()}
        words[f"b9_on_{by}"] = " and ".join(n for n, x in p.items() if x < 0.1) or "no outcome"
        words[f"b9_p_{by}"] = ", ".join(f"{p_value(x)} on {n}" for n, x in p.items())
    return words


def interaction_models(sample: Sample) -> dict[tuple[str, str], InteractionModel]:
    """One model on the whole map for each outcome and division of the cities."""
    return {
        (COLUMNS[name], by): interaction_model(sample.panel, spec, sample.weights, sample.group(by))
        for name, spec in specifications(sample, estimator="direct-corrected").items()
        for by in GROUPS
    }


def conclusions(sample: Sample) -> dict[str, pd.DataFrame]:
    """The numbers behind the paper's conclusions, by outcome, with their standard errors."""
    cells, errors = {}, {}
    groups = group_fits(sample)
    for name, label in sample.outcomes.items():
        result = mediate(sample.panel, replace(DURBIN, outcome=name), sample.weights)
        by_gmm = gmm(sample, name, sample.weights)
        found = {
            "INA (H1)": (result.total, "INA"),
            "W × INA (H3)": (result.total, "W.INA"),
            "ρ": (result.total, "rho"),
            "INA by GMM": (by_gmm, "INA"),
            "ρ by GMM": (by_gmm, "rho"),
            **{f"INA, {group}": (f, "INA") for (of, group), f in groups.items() if of == label},
        }
        cells[label] = {
            "mean index": sample.panel.values(name).mean(),
            "mediated share (H2)": result.share,
            **{row: f.params[term] for row, (f, term) in found.items()},
        }
        errors[label] = {row: f.std_errors[term] for row, (f, term) in found.items()}
    frame = pd.DataFrame(cells)
    return {"estimate": frame, "errors": pd.DataFrame(errors).reindex(frame.index)}
