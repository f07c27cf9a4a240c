"""The sections of a study's book: each turns a sample into tables, figures and sentences.

A section is a mapping from the name of a part to a table or figure, with the sentences that open
its page in ``short``. A part whose data are not there is None and shows nothing; ``lacks`` says
which columns a whole section would need.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import wraps
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.book import figures, maps, tables
from analysis.book.page import Page, in_short
from analysis.book.text import literal
from analysis.errors import (
    AnalysisError,
    EstimatorWarning,
    ParameterError,
    did_you_mean,
    listed,
)
from analysis.inference.contrasts import contrast
from analysis.inference.groups import interaction_model
from analysis.inference.implied_rho import implied_rho
from analysis.inference.mediation import mediation as mediate
from analysis.inference.panel_tests import variance_inflation
from analysis.inference.probabilities import PRIOR_NOTE, model_probabilities
from analysis.inference.turning_point import quadratic_report
from analysis.spatial import Fit, fit
from analysis.spatial.results import Horizon
from analysis.spatial.specification import Estimator
from analysis.spatial.specification_tests import specification_tests
from analysis.study import results
from analysis.study.declaration import Study
from analysis.study.fallback import STOOD_IN, estimate, first_estimate
from analysis.study.sample import Sample

LARGEST_CURVE = 600
"""Specifications that a page estimates while it is built."""


@dataclass(slots=True)
class Section(Mapping[str, Any]):
    """Parts of one section, by name, and its sentences."""

    page: Page
    parts: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        if name not in self.parts:
            hint = did_you_mean(name, self.parts) or ";"
            raise ParameterError(f"no part {name!r}{hint} there are: {listed(self.parts, 20)}")
        return self.parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def short(self) -> None:
        """Show the box of what was found."""
        in_short(*self.said)

    def say(self, text: str, when: object = True) -> None:
        """Add a sentence where it holds."""
        if when:
            self.said.append(text)


def told(make: Callable[..., Section]) -> Callable[..., Section]:
    """Make a section say what its estimators warn of, in place of warnings on the page."""

    @wraps(make)
    def section(*args: Any, **options: Any) -> Section:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", EstimatorWarning)
            token = STOOD_IN.set({})
            try:
                made = make(*args, **options)
                stood_in = STOOD_IN.get()
            finally:
                STOOD_IN.reset(token)
        for asked, used in stood_in:
            why = (
                "likelihood has no maximum"
                if asked == "transformation"
                else "estimate does not exist"
            )
            made.say(f"The {asked} {why} here; the {used} estimator stands in its place.")
        for kind in EstimatorWarning.__subclasses__():
            messages = [str(w.message) for w in caught if issubclass(w.category, kind)]
            many = f" ({len(messages)} such fits)" if len(messages) > 1 else ""
            made.say(f"A caution of the estimator{many}: {literal(messages[0])}." if messages else "",
                     when=messages)  # fmt: skip
        for other in caught:
            if not issubclass(other.category, EstimatorWarning):
                warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
        return made

    return section


def lacks(study: Study) -> dict[str, str]:
    """What each section would need and the study does not declare; empty where it can run.

    Examples
    --------
    >>> from analysis.study import find_study
    >>> lacks(find_study("cigarettes"))["mediation"]
    'a variable with the role mediator ([mediation] mediator)'
    """
    of_interest = "a variable with the role explanatory among the regressors"
    squared = len(study.focus) == 2 and study.focus[1] == f"{study.focus[0]}^2"
    needs: dict[str, tuple[str, object]] = {
        "efficiency": ("inputs and outputs of a frontier ([efficiency])", study.technology),
        "effects": (of_interest, study.focus),
        "turning_point": (f"{of_interest}, and its square", squared),
        "robustness": (of_interest, study.focus),
        "heterogeneity": ("a division of the units ([groups.NAME])", study.groups),
        "mediation": (
            "a variable with the role mediator ([mediation] mediator)", study.symbols("mediator")
        ),
        "specification_curve": (of_interest, study.focus),
        "audit": ("a file of printed numbers ([printed] tables)", study.printed),
    }  # fmt: skip
    return {name: "" if there else what for name, (what, there) in needs.items()}


def labels(study: Study, terms: Any) -> dict[str, str]:
    """Labels of terms as text that no page takes for markup."""
    return {term: literal(label) for term, label in study.labels(list(terms)).items()}


def plain(text: object) -> str:
    """Text for a drawing: no dollar sign begins a formula."""
    return str(text).replace("$", r"\$")


def named(sample: Sample, unit: object) -> str:
    """Name of a unit for a sentence."""
    column = sample.study.names
    return literal(sample.places.loc[unit, column] if column else unit)


def significance(p: float) -> str:
    """How strong a rejection is, in words."""
    level = next((level for level in (1, 5, 10) if p < level / 100), 0)
    return f"significant at {level} %" if level else "not significant at 10 %"


def _title(sample: Sample) -> str:
    study, panel = sample.study, sample.panel
    return f"{panel.n_units} {literal(study.units)}, {panel.periods[0]}-{panel.periods[-1]}"


@told
def description(sample: Sample) -> Section:
    """Variables, correlations, trends, map: what the data are."""
    study, panel = sample.study, sample.panel
    section = Section(sample.page(description))
    declared = {v.symbol: v for v in study.variables if v.symbol in panel.columns}
    frame = panel.frame[list(declared)].astype(float)
    in_model = {*study.columns, *study.symbols("mediator")}
    rows = {}
    for symbol, variable in declared.items():
        values = frame[symbol]
        top, bottom = values.idxmax(), values.idxmin()
        rows[literal(variable.label)] = {
            "role": variable.role if symbol in in_model else "not in the model",
            "unit": literal(variable.unit),
            "mean": values.mean(),
            "std. dev.": values.std(),
            "min": values.min(),
            "lowest in": f"{named(sample, bottom[0])} {bottom[1]}",
            "max": values.max(),
            "highest in": f"{named(sample, top[0])} {top[1]}",
        }
    section.parts["variables"] = section.page.table(
        pd.DataFrame.from_dict(rows, orient="index"), "tab-variables",
        f"Variables and where their extremes lie, {_title(sample)}.", stub="variable",
    )  # fmt: skip
    columns = [
        name for name in dict.fromkeys((study.outcome, *study.columns)) if frame[name].std() > 0
    ]
    short = {name: literal(declared[name].label) for name in columns}
    r = frame[columns].corr()
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt((len(frame) - 2) / (1 - r**2))
    p = pd.DataFrame(2 * stats.t.sf(np.abs(t), len(frame) - 2), r.index, r.columns).where(r < 1)
    shown = r.rename(index=short, columns=short).astype(object)
    inflation = variance_inflation(panel, [c for c in columns if c != study.outcome])
    shown["VIF"] = inflation.rename(short)
    p["VIF"] = np.nan
    section.parts["correlations"] = section.page.table(
        shown, "tab-correlations",
        "Correlations over all rows, and variance inflation factors of the regressors.",
        p_values=p, formats={"VIF": ".1f"}, digits=2,
    )  # fmt: skip
    shown_now = [study.outcome, *dict.fromkeys(t.partition("^")[0] for t in study.focus)]
    figure, axes = figures.canvas(1, len(shown_now), width=7.2, height=2.8, squeeze=False)
    for axis, name in zip(axes[0], shown_now, strict=True):
        spread = frame[name].groupby(level=1).quantile([0.1, 0.5, 0.9]).unstack()
        axis.fill_between(spread.index, spread[0.1], spread[0.9], alpha=0.25, linewidth=0)
        axis.plot(spread.index, spread[0.5])
        axis.set(title=plain(declared[name].label), xlabel=plain(panel.period))
    section.parts["trends"] = section.page.figure(
        figure, "fig-trends", "Median and the middle 80 % in each period.",
        alt="Line charts of the median by period, with a band for the middle 80 per cent, of "
        + ", ".join(plain(declared[name].label) for name in shown_now) + ".",
    )  # fmt: skip
    mean = frame[study.outcome].groupby(level=0).mean()[panel.units]
    figure, axis = figures.canvas(width=7.2, height=4.2)
    drawn = maps.points(axis, sample.places, mean)
    figure.colorbar(drawn, ax=axis, shrink=0.7, label=plain(declared[study.outcome].label))
    section.parts["map"] = section.page.figure(
        figure, "fig-map", f"Mean of {short[study.outcome]} over all periods.",
        alt=f"Map of {panel.n_units} points coloured by the mean of the outcome; largest in "
        f"{named(sample, mean.idxmax())}, smallest in {named(sample, mean.idxmin())}.",
    )  # fmt: skip
    largest = inflation.idxmax()
    change = frame[study.outcome].groupby(level=1).mean()
    section.say(
        f"The panel has {panel.n_units} {literal(study.units)} in {panel.n_periods} periods. The mean of "
        f"{short[study.outcome]} goes from {tables.number(change.iloc[0], '.3g')} to "
        f"{tables.number(change.iloc[-1], '.3g')}."
    )
    section.say(
        f"The largest variance inflation factor is {inflation.max():.1f} ({short[largest]})"
        f"{', above the usual bound of ten' if inflation.max() > 10 else ''}."
    )
    for note in sample.data.notes:
        section.say(literal(note))
    return section


@told
def efficiency(sample: Sample) -> Section:
    """Scores and index of the frontier behind the outcome."""
    section = Section(sample.page(efficiency))
    found = sample.data.efficiency
    if found is None:
        raise ParameterError(
            f"{sample.study.title}: {lacks(sample.study)['efficiency']} is missing"
        )
    summary = found.summary
    by = summary.groupby(level=1)
    index = summary["index"].groupby(level=1)
    frame = pd.DataFrame(
        {
            "mean score": by["efficiency"].mean(),
            "on the frontier": by["efficiency"].agg(lambda s: float((s > 1 - 1e-6).mean())),
            "mean index": index.mean(),
            "share improving": index.agg(
                lambda s: float((s.dropna() > 1).mean()) if s.notna().any() else np.nan
            ),
        }
    )
    section.parts["scores"] = section.page.table(
        frame, "tab-efficiency", "Efficiency scores and the index of their change, by period.",
        stub="period",
    )  # fmt: skip
    means = summary["efficiency"].groupby(level=0).mean()
    section.say(
        f"The mean score is {means.mean():.2f}; {named(sample, means.idxmax())} is the most efficient "
        f"on average ({means.max():.2f}), {named(sample, means.idxmin())} the least ({means.min():.2f})."
    )
    section.say(
        "Each score was checked: a second calculation proves that no better one exists.",
        when=found.certified,
    )
    return section


@told
def dependence(sample: Sample, permutations: int = 499) -> Section:
    """Moran's I by period and weight matrix, local clusters of the last period."""
    study, panel = sample.study, sample.panel
    section = Section(sample.page(dependence, permutations=permutations))
    found = results.moran_by_weights(sample, permutations=permutations)
    own = found[sample.matrix]
    section.parts["moran"] = section.page.table(
        own[["I", "z_random", "p_random", "p_permutation"]].set_axis(
            ["I", "z", "P", "P, permutation"], axis=1
        ),
        "tab-moran", f"Moran's I of the outcome by period, weights {literal(sample.matrix)}.",
        stub="period",
    )  # fmt: skip
    heads = {"mean": "mean I", "least": "least", "most": "most",
             "significant": "periods significant at 5 %"}  # fmt: skip
    section.parts["weights"] = section.page.table(
        results.over_periods(found)[list(heads)].rename(index=literal, columns=heads),
        "tab-moran-weights", "Moran's I of the outcome over the periods, by weight matrix.",
        stub="weights",
    )  # fmt: skip
    last = int(panel.periods[-1])
    local = results.clusters(sample, study.outcome, [last], permutations)[last]
    clusters = local[local["cluster"] != "not significant"].sort_values("I", ascending=False)
    listing = clusters[["cluster", "value", "I", "p_value"]].rename(columns={"p_value": "P"})
    section.parts["clusters"] = section.page.table(
        listing.set_axis([named(sample, unit) for unit in listing.index]), "tab-clusters",
        f"Local clusters of the outcome in {last}, at 5 % without correction for many tests.",
        stub=literal(study.unit), folded=len(listing) > 15,
    ) if len(listing) else None  # fmt: skip
    figure, axis = figures.canvas(width=7.2, height=4.2)
    maps.classes(axis, sample.places, local["cluster"].astype(str), title=str(last))
    figure.legend(loc="outside lower center", ncols=3)
    section.parts["map"] = section.page.figure(
        figure, "fig-clusters", f"Local clusters of the outcome in {last}.",
        alt=f"Map of local clusters in {last}: {len(clusters)} of {panel.n_units} units are in one.",
    )  # fmt: skip
    count = int((own["p_random"] < 0.05).sum())
    signs = (
        "positive"
        if (own["I"] > 0).all()
        else "negative"
        if (own["I"] < 0).all()
        else "of both signs"
    )
    section.say(
        f"With {literal(sample.matrix)} Moran's I is {signs} and significant at 5 % in {count} of "
        f"{len(own)} periods (between {tables.number(own['I'].min(), '.3f')} and "
        f"{tables.number(own['I'].max(), '.3f')})."
    )
    by_chance = 0.05 * panel.n_units
    section.say(
        f"In {last}, {len(clusters)} {literal(study.units)} stand in a local cluster at 5 %; about "
        f"{by_chance:.0f} would by chance, and {int((local['p_fdr'] < 0.05).sum())} do once the number of "
        "tests is counted."
    )
    return section


@told
def model_choice(sample: Sample) -> Section:
    """All specification tests in one table."""
    section = Section(sample.page(specification_tests))
    found = first_estimate(
        lambda spec: specification_tests(sample.panel, spec, sample.weights),
        replace(sample.study.model, model="sdm"),
    )
    shown = found[["statistic", "df", "p_value"]].rename(columns={"p_value": "P"})
    notes = [f"{name}: {literal(note)}." for name, note in found["note"].items() if note]
    if sample.study.model.time_lag or sample.study.model.space_time_lag:
        notes.insert(0, "LM and Hausman tests use the static model, the others the declared one.")
    section.parts["tests"] = section.page.table(
        shown, "tab-tests", "Tests that choose between models.", stub="test",
        formats={"df": ".0f"}, notes=" ".join(notes),
    )  # fmt: skip
    p = found["p_value"]
    verdict = {
        name: "cannot be tested" if pd.isna(p.get(name))
        else "is rejected" if p[name] < 0.05 else "is not rejected"
        for name in ("LR SAR", "LR SEM", "Hausman")
    }  # fmt: skip
    section.say(
        f"By likelihood ratio tests against the Durbin model at 5 %, the spatial lag model "
        f"{verdict['LR SAR']} and the spatial error model {verdict['LR SEM']}. Hausman's test: that "
        f"effects are random {verdict['Hausman']}."
    )
    try:
        found = results.probabilities(sample)
    except AnalysisError as error:
        section.say(f"Matrices and models could not be compared: {literal(error)}")
        return section
    section.parts["probabilities"] = section.page.by(model_probabilities).table(
        found.table.assign(all=found.of_weights).rename(index=literal, columns=str.upper),
        "tab-probabilities", "Posterior probabilities of weight matrices and models.", stub="weights",
        formats=dict.fromkeys([*map(str.upper, found.table), "ALL"], ".3f"), notes=PRIOR_NOTE,
    )  # fmt: skip
    section.parts["figure"] = section.page.probabilities(
        found, "fig-probabilities", "Which weights, and with which model."
    )
    matrix, model = str(found.of_weights.idxmax()), str(found.of_models.idxmax())
    section.say(
        f"Of matrices and models alike before, {literal(matrix)} has {found.of_weights[matrix]:.0%} of "
        f"the probability, the {model.upper()} {found.of_models[model]:.0%}."
    )
    return section


@told
def estimates(sample: Sample) -> Section:
    """Static and dynamic model, by the default estimator and without its correction."""
    study = sample.study
    section = Section(sample.page(fit))
    found = results.main_fits(sample, (study.model.estimator, "direct"))
    terms = dict.fromkeys(t for result in found.values() for t in result.params.index)
    section.parts["table"] = section.page.regressions(
        found, "tab-estimates",
        f"{study.model.model.upper()} of {literal(study.label(study.outcome))}, static and dynamic, "
        "by estimator. Standard errors below.",
        terms=labels(study, terms),
        with_stars=True,
        statistics={
            "rows": "nobs", "log-likelihood": "loglik",
            "R², within": lambda result: result.rsquared["within"],
        },
        formats={"rows": ".0f", "log-likelihood": ".1f"},
    )  # fmt: skip
    focus = [t for t in terms if t.removeprefix("W.") in study.focus or t == "rho"]
    section.parts["figure"] = section.page.figure(
        figures.intervals(
            {
                f"{a}, {b}": pd.DataFrame(
                    {"estimate": result.params.reindex(focus), "std_error": result.std_errors.reindex(focus)}
                ).dropna()
                for (a, b), result in found.items()
            },
            labels={t: plain(study.label(t)) for t in focus},
        ),
        "fig-estimates", "Estimates of interest with 95 % intervals.",
        alt="Interval plot of the coefficients of interest and of rho, by model and estimator.",
    )  # fmt: skip
    rows, unread = {}, {}
    for (heading, estimator), result in found.items():
        if estimator == "direct" and "rho" in result.params:
            rho = result.summary.loc["rho", ["estimate", "std_error"]].astype(float)
            try:
                stands = implied_rho(sample.weights, *rho)
            except AnalysisError:
                unread[heading] = float(rho["estimate"])
                continue
            rows[heading] = {
                "uncorrected ρ": stands.printed, "implied ρ": stands.truth, "lower": stands.lower,
                "upper": stands.upper,
            }  # fmt: skip
    section.parts["implied"] = section.page.by(implied_rho).table(
        pd.DataFrame.from_dict(rows, orient="index"), "tab-implied-rho",
        "The ρ for which an uncorrected estimate stands, with its 95 % interval.", stub="model",
    ) if rows else None  # fmt: skip
    heading = "dynamic" if study.model.time_lag else "static"
    main = next((r for (h, _), r in found.items() if h == heading), next(iter(found.values())))
    told = []
    for term in (*study.focus, *main.params.index.intersection(["rho"])):
        row = main.summary.loc[term]
        told.append(
            f"{literal(study.label(term))} {tables.number(row['estimate'], '.3g')} "
            f"({tables.p_value(row['p_value'])})"
        )
    section.say(
        f"The {heading} model, by the {main.specification.estimator} estimator, gives "
        f"{', '.join(told[:-1])}{' and ' if told[:-1] else ''}{told[-1]}."
    )
    for name, row in rows.items():
        section.say(
            f"Without correction ρ of the {name} model is "
            f"{tables.number(row['uncorrected ρ'], '.3f')}, which stands for "
            f"{tables.number(row['implied ρ'], '.3f')}."
        )
    for name, value in unread.items():
        section.say(
            f"The uncorrected ρ of the {name} model, {tables.number(value, '.3f')}, lies outside what "
            f"this formula can read with {literal(sample.matrix)} weights."
        )
    return section


@told
def estimators(sample: Sample) -> Section:
    """What each estimator makes of rho, on every weight matrix, and the truth behind the first."""
    study = sample.study
    section = Section(sample.page(fit, implied_rho))
    rows: dict[tuple[str, str], dict[str, float]] = {}
    errors: dict[tuple[str, str], dict[str, float]] = {}
    shown_by: tuple[Estimator, ...] = ("direct", "direct-corrected", "transformation")
    for kind in study.matrices:
        other = sample.with_weights(kind)
        for (heading, name), found in results.main_fits(other, shown_by, fit).items():
            key = (literal(kind), heading)
            rows.setdefault(key, {})[name] = float(found.params["rho"])
            errors.setdefault(key, {})[name] = float(found.std_errors["rho"])
        for heading in ("static", "dynamic"):
            key = (literal(kind), heading)
            stands = implied_rho(other.weights, rows[key]["direct"], errors[key]["direct"])
            rows[key]["implied"] = stands.truth
            errors[key]["implied"] = (stands.upper - stands.lower) / (2 * figures.QUANTILE)
    estimate, error = (pd.DataFrame.from_dict(part, orient="index") for part in (rows, errors))
    for frame in (estimate, error):
        frame.index = pd.MultiIndex.from_tuples(list(rows))
    section.parts["table"] = section.page.table(
        estimate, "tab-estimators",
        "ρ by weight matrix, model and estimator, and the true ρ for which the first stands.",
        errors=error, notes="Standard errors below; that of the implied ρ from its interval.",
    )  # fmt: skip
    drawn = [(plain(kind), heading) for kind in study.matrices for heading in ("static", "dynamic")]
    shown = {
        name: pd.DataFrame({"estimate": estimate[name], "std_error": error[name]}).set_axis(
            pd.MultiIndex.from_tuples(drawn)
        )
        for name in estimate
    }
    section.parts["figure"] = section.page.figure(
        figures.intervals(shown, unit="ρ, with 95 % intervals"), "fig-estimators",
        "ρ by weight matrix, model and estimator.",
        alt="Interval plot of rho by weight matrix and model: direct maximum likelihood, its correction, "
        "the transformation, and the truth behind the first.",
    )  # fmt: skip
    apart = (estimate["transformation"] - estimate["direct"]).abs()
    (kind, heading), row = apart.idxmax(), estimate.loc[apart.idxmax()]
    section.say(
        f"On {sample.panel.n_units} {literal(study.units)}, with {kind} weights, the {heading} model gives "
        f"ρ = {tables.number(row['direct'], '.2f')} by maximum likelihood, "
        f"{tables.number(row['direct-corrected'], '.2f')} corrected and "
        f"{tables.number(row['transformation'], '.2f')} by the transformation; the first stands for "
        f"{tables.number(row['implied'], '.2f')}."
    )
    gap = (estimate["implied"] - estimate["transformation"]).abs().max()
    section.say(
        "The true ρ that the formula reads from the uncorrected estimate differs from the "
        f"transformation's by at most {np.ceil(1000 * gap) / 1000:.3f}."
    )
    dynamic = (
        estimate.xs("dynamic", level=1)["transformation"]
        / error.xs("dynamic", level=1)["transformation"]
    )
    seen = int((dynamic.abs() > figures.QUANTILE).sum())
    section.say(
        f"With last period's outcome in the model, ρ differs from zero at 5 % on {seen or 'none'} of "
        f"{len(dynamic)} matrices."
    )
    return section


def _main(sample: Sample) -> Fit:
    return estimate(sample.panel, sample.study.model, sample.weights)


@told
def effects(sample: Sample) -> Section:
    """Direct, indirect and total effects by horizon, and the slope of a square at its mean."""
    study = sample.study
    section = Section(sample.page(Fit.effects))
    main = _main(sample)
    found: dict[Horizon, pd.DataFrame] = {}
    slopes = {}
    for horizon in results.horizons(main):
        try:
            found[horizon] = main.effects(horizon)
        except AnalysisError as error:
            section.say(f"Long-run effects do not exist here: {literal(error)}.")
    columns = results.effect_columns({f"{horizon} run": of for horizon, of in found.items()})
    curved = not lacks(study)["turning_point"]
    for horizon, kind in product(found if curved else (), ("direct", "indirect", "total")):
        linear, squared = study.focus
        weights = {linear: 1.0, squared: 2 * float(sample.panel.values(linear).mean())}
        block = found[horizon].loc[kind]["estimate"]
        at_mean = contrast(block, main.effects_covariance(kind, horizon), weights)
        if at_mean.std_error > 0:  # a model without spillovers has none
            slopes[f"{horizon} run, {kind}"] = {
                "slope at the mean": at_mean.estimate, "std. error": at_mean.std_error,
                "P": at_mean.p_value,
            }  # fmt: skip
    section.parts["table"] = section.page.table(
        columns["estimate"].rename(index=labels(study, columns["estimate"].index)),
        "tab-effects", "Effects on the outcome; standard errors below.",
        errors=columns["std_error"], p_values=columns["p_value"],
    )  # fmt: skip
    section.parts["slopes"] = section.page.by(contrast).table(
        pd.DataFrame.from_dict(slopes, orient="index"), "tab-slopes",
        f"Slope of the outcome in {literal(study.label(study.focus[0]))} at its mean, the square counted.",
        stub="effect",
    ) if slopes else None  # fmt: skip
    for term in study.focus[:1]:
        for run, kind in columns["estimate"]:
            section.say(
                f"The {run.replace(' ', '-')} {kind} effect of {literal(study.label(term))} is "
                f"{tables.number(columns['estimate'].loc[term, (run, kind)], '.3g')} "
                f"({tables.p_value(columns['p_value'].loc[term, (run, kind)])}).",
                when=kind == "total" or (kind == "direct" and len(results.horizons(main)) == 1),
            )
    return section


@told
def turning_point(sample: Sample) -> Section:
    """Turning points of the coefficients and of the effects of a variable with its square."""
    study = sample.study
    section = Section(sample.page(quadratic_report))
    main = _main(sample)
    linear, _ = study.focus
    values = sample.panel.values(linear)
    found, without = results.turning_points(main, study.focus, {"short": main.effects()})
    run = "short-run " if main.specification.time_lag else ""
    named = {
        name: name if run else name.removeprefix("short-run ") for name in [*found.index, *without]
    }
    for name, why in without.items():
        section.say(f"The {named[name]} have no turning point: {literal(why)}.")
    heads = {"turning_point": "turning point", "std_error": "std. error", "fieller": "95 % set",
             "shape": "shape", "u_p": "U test, P", "share_beyond": "rows beyond"}  # fmt: skip
    frame = found.reindex(columns=list(heads)).rename(index=named, columns=heads)
    frame["95 % set"] = frame["95 % set"].map(literal)
    rows = frame.T.to_dict()
    section.parts["table"] = section.page.table(
        frame, "tab-turning", f"Where the outcome turns in {literal(study.label(linear))}.",
        stub="of", formats={"rows beyond": ".0%"},
        notes=f"Observed values run from {values.min():.3g} to {values.max():.3g}. The set is "
        "Fieller's; the U test is Lind and Mehlum's.",
    ) if rows else None  # fmt: skip
    words = {
        "coefficients": "The coefficients turn",
        f"{run}total effect": f"The {run}total effect turns",
    }
    for name, words_of in words.items():
        if name not in rows:
            continue
        row = rows[name]
        inside = values.min() <= row["turning point"] <= values.max()
        section.say(
            f"{words_of} at {tables.number(row['turning point'], '.3g')}, "
            f"{'inside' if inside else 'outside'} the observed range of {literal(study.label(linear))}; "
            f"{row['rows beyond']:.0%} of the rows lie beyond. The U test "
            f"{'finds' if row['U test, P'] < 0.05 else 'does not find'} a turn inside the range at 5 % "
            f"({tables.p_value(row['U test, P'])})."
        )
    return section


@told
def robustness(sample: Sample) -> Section:
    """The estimates of interest under other choices, one at a time."""
    study = sample.study
    section = Section(sample.page(fit))
    terms = [*study.focus, "rho"]
    fits, failed = results.one_at_a_time(results.alternatives(sample))
    found = results.terms_of({(kind, literal(n)): made for (kind, n), made in fits.items()}, terms)
    frame, p = found["estimate"], found["p_value"]
    rows = pd.Series([made.nobs for made in fits.values()], frame.index)
    section.parts["table"] = section.page.table(
        frame.assign(rows=rows).rename(columns=labels(study, terms)), "tab-robustness",
        "Estimates of interest under other choices, one at a time. Standard errors below.",
        errors=found["std_error"].assign(rows=np.nan), p_values=p.assign(rows=np.nan),
        formats={"rows": ".0f"}, notes=f"Not estimated: {'; '.join(failed)}." if failed else "",
    )  # fmt: skip
    for term in study.focus:
        values = frame[term].dropna()
        same = np.sign(values) == np.sign(values.iloc[0])
        strong = same & (p.loc[values.index, term] < 0.05)
        section.say(
            f"Of {len(values)} estimates of {literal(study.label(term))}, {same.sum()} have the sign "
            f"of the main one and {strong.sum()} are significant at 5 % with that sign."
        )
    return section


@told
def heterogeneity(sample: Sample, by: str = "") -> Section:
    """Slopes by group in one model, and the test that they are equal."""
    study = sample.study
    by = by or next(iter(study.groups))
    section = Section(sample.page(interaction_model, by=by))
    groups = sample.group(by).astype(str)
    counts = groups.value_counts()
    model = first_estimate(
        lambda spec: interaction_model(sample.panel, spec, sample.weights, groups), study.model
    )
    slopes = model.slopes
    inner = [
        t for t in slopes.index if t in study.regressors or t.removeprefix("W.") in study.focus
    ]
    parts = {
        key: slopes.xs(key, axis=1, level=1).loc[inner]
        for key in ("estimate", "std_error", "p_value")
    }
    heads = {group: f"{literal(group)} ({counts.get(group, 0)})" for group in model.groups}
    section.parts["table"] = section.page.table(
        parts["estimate"].rename(index=labels(study, inner), columns=heads), "tab-groups",
        f"Slopes by {literal(by)} in one model, number of {literal(study.units)} in parentheses.",
        errors=parts["std_error"], p_values=parts["p_value"],
    )  # fmt: skip
    section.parts["tests"] = section.page.table(
        model.tests.rename(index=labels(study, model.tests.index), columns={"p_value": "P"}),
        "tab-group-tests", "Tests that a regressor's slopes are equal in all groups.",
        stub="regressor", formats={"df": ".0f"},
    )  # fmt: skip
    for term in study.focus:
        if term in model.tests.index:
            p = float(model.tests.loc[term, "p_value"])
            section.say(
                f"That {literal(study.label(term))} has the same slope in all groups is "
                f"{'rejected' if p < 0.05 else 'not rejected'} at 5 % ({tables.p_value(p)})."
            )
    return section


@told
def mediation(sample: Sample) -> Section:
    """Whether the effect of interest runs through the mediator."""
    study = sample.study
    through, treatment = study.symbols("mediator")[0], study.focus[0]
    section = Section(sample.page(mediate))
    spec = study.static
    if spec.model in ("sem", "sdem", "sac"):
        spec = replace(spec, model="sdm")
        section.say("The paths are those of a Durbin model: the procedure has no spatial errors.")
    section.say(
        "The declared model is dynamic; the paths are those of the static one.",
        when=study.model.time_lag,
    )
    found = first_estimate(
        lambda spec: mediate(sample.panel, spec, sample.weights, treatment, through), spec
    )
    what = {
        "theta1": "total: {x} to the outcome", "chi1": "{x} to {m}", "phi1": "{x} to the outcome, {m} held",
        "phi2": "{m} to the outcome",
    }  # fmt: skip
    x, m = (literal(study.label(term)) for term in (treatment, through))
    paths = found.paths[["estimate", "std_error", "p_value"]].astype(float)
    section.parts["paths"] = section.page.table(
        paths[["estimate"]].rename(index={k: v.format(x=x, m=m) for k, v in what.items()}), "tab-paths",
        f"Paths from {x} through {m}.", errors=paths[["std_error"]], p_values=paths[["p_value"]],
    )  # fmt: skip
    section.parts["tests"] = section.page.table(
        found.tests.rename(columns={"p_value": "P"}), "tab-mediation-tests",
        "Tests of the mediated effect.", stub="test",
    )  # fmt: skip
    low, high = found.monte_carlo_interval()
    section.say(
        f"The mediated effect is {tables.number(found.indirect, '.3g')}, 95 % interval "
        f"{tables.number(low, '.3g')} to {tables.number(high, '.3g')}, which "
        f"{'contains' if low <= 0 <= high else 'leaves out'} zero."
    )
    with_square = f"{treatment}^2" in study.regressors
    section.say(
        f"It is {found.share:.0%} of the coefficient without the mediator.",
        when=not with_square and paths.loc["theta1", "p_value"] < 0.05,
    )
    section.say(
        "With a square among the regressors the linear coefficient is no effect, so no share is given.",
        when=with_square,
    )
    return section


@told
def specification_curve(sample: Sample) -> Section:
    """Every combination of the choices that the study crosses."""
    from analysis.study.curve import picture, report
    from analysis.study.curve.choices import estimate as estimate_one
    from analysis.study.curve.choices import full_grid
    from analysis.study.curve.null import curve_of, shares

    study = sample.study
    section = Section(sample.page(curve_of))
    grid = full_grid(study)
    if len(grid) > LARGEST_CURVE:
        section.say(
            f"The choices make {len(grid)} specifications, more than a page estimates while it is built "
            f"({LARGEST_CURVE}); this is every {-(-len(grid) // LARGEST_CURVE)}th. `analysis sweep` runs all."
        )
        grid = grid[:: -(-len(grid) // LARGEST_CURVE)]
    found = curve_of(study, grid)
    if found.empty:
        estimate_one(study.name, grid[0])  # and say why it cannot be
    failed = len(grid) - found["position"].nunique()
    chosen = pd.DataFrame(grid)
    table = found.join(chosen, on="position").assign(error="")
    curve = picture.Curve.of(study, table, sample)
    term = study.focus[-1]
    section.parts["curve"] = section.page.figure(
        picture.still(curve, term, "coefficient"), "fig-curve",
        f"Estimates of {literal(study.label(term))} with 95 % intervals over all specifications.",
        alt="Specification curve: sorted estimates with intervals above, the choices behind each below.",
    )  # fmt: skip
    summary = shares(found)
    rows = summary.assign(term=summary["term"].map(labels(study, summary["term"].unique())))
    rows = rows.sort_values("term", kind="stable")
    section.parts["shares"] = section.page.table(
        rows.set_index(["term", "quantity"])[
            ["count", "median", "same_sign", "significant_same_sign"]
        ].set_axis(["specifications", "median", "sign of the median", "and significant at 5 %"], axis=1),
        "tab-curve", "Estimates over all specifications.",
        formats={
            "specifications": ".0f", "median": ".3g", "sign of the median": ".0%",
            "and significant at 5 %": ".0%",
        },
    )  # fmt: skip
    by = report.by_choice(curve, term, "coefficient")
    section.parts["choices"] = section.page.table(
        by, "tab-curve-choices", f"Median estimate of {literal(study.label(term))} by choice.",
        formats={"specifications": ".0f", "median": ".3g", "significant": ".0%"},
    )  # fmt: skip
    row = summary[(summary["term"] == term) & (summary["quantity"] == "coefficient")].iloc[0]
    section.say(
        f"Of {row['count']:.0f} estimates of {literal(study.label(term))}, {row['same_sign']:.0%} have "
        f"the sign of the median ({tables.number(row['median'], '.3g')}) and "
        f"{row['significant_same_sign']:.0%} are significant with it."
    )
    section.say(report.beside_truth(curve, term, "coefficient"), when=curve.truths)
    with suppress(AnalysisError):  # the curve can stand where the declared model does not
        own = float(_main(sample).params[term])
        section.say(
            f"The declared model's estimate, {tables.number(own, '+.3f')}, has the other sign.",
            when=own * row["median"] < 0,
        )
    section.say(f"{failed} of {len(grid)} could not be estimated.", when=failed > 0)
    return section


@told
def audit(sample: Sample) -> Section:
    """What the printed numbers say about each other."""
    from analysis.audit import audit_table, read_table
    from analysis.book.referee import findings_table

    path = Path(sample.study.printed)
    section = Section(sample.page(audit_table, printed=path.name))
    found = audit_table(read_table(path), sample.panel.n_units, sample.panel.n_periods)
    section.parts["findings"] = findings_table(
        found, "tab-audit", "What the printed numbers say about each other."
    ) if found else None  # fmt: skip
    section.say(f"The checks of the printed numbers leave {len(found)} findings.")
    return section


SECTIONS: Mapping[str, Callable[..., Section]] = {
    "data": description,
    "efficiency": efficiency,
    "dependence": dependence,
    "model_choice": model_choice,
    "estimates": estimates,
    "effects": effects,
    "turning_point": turning_point,
    "robustness": robustness,
    "heterogeneity": heterogeneity,
    "mediation": mediation,
    "specification_curve": specification_curve,
    "audit": audit,
}
"""The sections of a book, in its order."""
