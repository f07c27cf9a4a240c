"""The tables of study A as functions of a sample: what each column of the print estimates."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, groupby, product
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis import audit
from analysis.book import compare, published, referee
from analysis.book.ledger import QUANTILE, Claim, claim_in_words, printed_claim
from analysis.book.page import Page, conditions, numbers
from analysis.book.tables import Fitted, Table
from analysis.errors import DiscardedDrawsWarning, FewClustersWarning
from analysis.inference.contrasts import Contrast, apart, contrast
from analysis.inference.groups import InteractionModel, interaction_model
from analysis.inference.turning_point import curve, quadratic_report
from analysis.papers.ne34 import targets
from analysis.papers.ne34.measures import SECTORS
from analysis.papers.ne34.study import GROUPS, STUDY, effects_of, sector_specification
from analysis.papers.ne34.targets import DYNAMICS, TRUTHS, YEARS, printed, printed_moran, truth
from analysis.papers.places import cities
from analysis.resources import data_path, declared
from analysis.spatial import Fit, StandardErrors, TestResult, fit
from analysis.spatial.effects import Horizon
from analysis.study import Sample, open_page, results
from analysis.study.sections import Section, joined
from analysis.weights import Weights

WORDS = declared("analysis.papers.ne34", "words.toml")
PRINTED_LABELS, CHECKS = WORDS["labels"], WORDS["checks"]
PRINTED_TESTS: dict[str, str] = WORDS["tests"]
OF_SPACE = list(PRINTED_TESTS)[:8]

CURVE = ["Coagg", "Coagg^2"]
RUNS: Mapping[Horizon, str] = {"short": "ST", "long": "LT"}
"""Horizon of an effect to its prefix in Table 5."""


def standing(sample: Sample) -> dict[str, bool]:
    """What a page may say of this sample: conditions of its tagged cells.

    ``seeded`` is a sample of the design of the study over seeds: its truth, cities, years, matrix.
    """
    whole = (sample.panel.n_units, sample.panel.n_periods) == (len(cities("ne34")), len(YEARS))
    scenario, targeted = sample.parameters.get("scenario", ""), sample.target_kind == "targeted"
    placed = sample.is_simulated and scenario != "levels-at-random"
    return {
        "seeded": sample.recovers and whole and scenario in TRUTHS,
        "placed": placed,
        "targeted": targeted,
        "on_path": placed and targeted and sample.matrix == PLACED_ON,
    }


def opened(given: dict[str, Any], *code: object, **named: object) -> tuple[Sample, Page]:
    """Open a chapter of Part I: its sample and page, with what :func:`standing` says of it."""
    sample, page = open_page(STUDY, given, *code, **named)
    conditions(**standing(sample))
    numbers(print=of_print())
    return sample, page


def of_print() -> dict[str, Any]:
    """What several chapters quote of the print; they glue it as ``print_turn`` and so on."""
    main, gap = printed("4", "Model 2"), printed_gap("Coagg")
    described = published.load("paper_a_table1").set_index("symbol")
    return {
        "b1": main.cells["Coagg"], "b2": main.cells["Coagg^2"], "rho": main.cells["rho"],
        "sum": main.params[list(DYNAMICS)].sum(), "turn": turn(main.params),
        "needed": targets.rho_implied_by_effects()[0], "mean": described.loc["Coagg", "mean"],
        "gap": gap.estimate, "gap_error": gap.std_error, "gap_p": gap.p_value,
    }  # fmt: skip


def truths() -> pd.DataFrame:
    """Parameters of interest of the two truths, under the names of the book."""
    table = pd.DataFrame({name: truth(name) for name in TRUTHS})
    table.loc["τ + η + ρ"] = table.loc[list(DYNAMICS)].sum()
    table = table.loc[[*DYNAMICS, "τ + η + ρ", *CURVE, *(f"W.{x}" for x in CURVE)]]
    return table


def turns(series: pd.Series) -> list[int]:
    """Directions that a series takes, one after the other: 1 up, -1 down.

    Examples
    --------
    >>> turns(pd.Series([3.0, 2.0, 1.0, 4.0, 2.0]))
    [-1, 1, -1]
    """
    return [int(step) for step, _ in groupby(np.sign(np.diff(series)))]


def extremes(results: pd.DataFrame) -> pd.DataFrame:
    """Printed minima and maxima against their range over the seeds of the generator."""
    table = published.load("paper_a_table1").set_index("symbol")[["min", "max"]].astype(float)
    parts = {item: compare.seeds(results, TRUTHS[0], "1", item).round(3) for item in table}
    found = pd.concat(parts).assign(printed=table.unstack())
    above, below = found["printed"] > found["high"] + 1e-9, found["printed"] < found["low"] - 1e-9
    least = found.index.get_level_values(0) == "min"
    found["print lies"] = np.select(
        [np.where(least, below, above), above | below], ["further out", "less far out"], "inside"
    )
    return found.swaplevel().loc[list(table.index)]


PLACED_ON = "inverse-distance-squared"
"""Matrix on which the generator places the levels of carbon intensity."""

RANDOM = ("sd_random_least", "sd_random_most")
"""Columns of the least and the largest standard deviation under randomisation."""


def moran_implied(sample: Sample) -> pd.DataFrame:
    """The print's row of a table of matrices: its mean I, the deviations that I and z imply, its P."""
    table = printed_moran()
    implied = audit.implied_moran_sd(published.load("paper_a_table2"), sample.panel.n_units)
    least, most = implied["implied_sd"].min(), implied["implied_sd"].max()
    row = {"mean": table["morans_i"].mean(), RANDOM[0]: least, RANDOM[1]: most}
    return pd.DataFrame({**row, "significant": int((table["p"] < 0.05).sum())}, index=["print"])


def specification_claims(tests: pd.DataFrame, kind: str) -> list[Claim]:
    """Claims on every number of Table 3."""
    table = published.load("paper_a_table3").set_index("test")
    return [
        printed_claim("A", "3", theirs, column, kind=kind, derived=float(tests.loc[ours, name]))
        for column, name in (("p", "p_value"), ("statistic", "statistic"))
        for ours, theirs in PRINTED_TESTS.items()
        if table.loc[theirs, column]
    ]


def rejections(results: pd.DataFrame, monte_carlo: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Each test's statistic over the seeds, how often it rejects, and how often a true null.

    Returns
    -------
    DataFrame
        By test: ``median``, ``low``, ``high``, ``share rejected at 5 %``, ``a true null``.
    str
        How many seeds each test loses.
    """
    spread = compare.seeds(results, TRUTHS[0], "3", "statistic")
    p = compare.column_of(results, TRUTHS[0], "3", "p").set_index("row")
    spread["share rejected at 5 %"] = p["below_5_percent"]
    sizes = monte_carlo.query(
        "quantity == 'size' and shape == '34 x 20' and weights == 'additive nest' and true_rho == 0"
    ).set_index(["model", "item"])["value"]
    of_wx = {"Wald of W x": "Wald SAR", "LR of W x": "LR SAR"}
    static, dynamic = sizes["static"].filter(regex="LM"), sizes["dynamic"].rename(of_wx)
    spread["a true null"] = pd.concat([static, dynamic])
    lost = int(results["seeds"].max()) - p["seeds"].astype(int)
    return spread, ", ".join(f"{name} {n}" for name, n in lost[lost > 0].items()) or "none"


def main_fits(sample: Sample) -> dict[str, Fit]:
    """Table 4: the static (Model 1) and the dynamic (Model 2) spatial Durbin model."""
    found = results.main_fits(sample, ("transformation",)).values()
    return dict(zip(("Model 1", "Model 2"), found, strict=True))


def stood_in(fits: Mapping[str, Fit]) -> str:
    """Models that another estimator than the default had to estimate, with its name; empty if none."""
    used = {name: fit.specification.estimator for name, fit in fits.items()}
    return ", ".join(f"{name} by {by}" for name, by in used.items() if by != "transformation")


def robustness_fits(sample: Sample, by: results.Estimate = fit) -> dict[str, Fit]:
    """Table 6: another matrix (Model 1), spatial error model (Model 2), winsorised (Model 3)."""
    study = sample.study
    asked = [
        (sample.with_weights("product"), study.model),
        (sample, replace(study.static, model="sem")),
        (sample.winsorised(1), study.model),
    ]
    return results.fits({f"Model {k}": each for k, each in enumerate(asked, start=1)}, by)


def group_fits(sample: Sample) -> dict[str, Fit]:
    """Table 7, first two columns: resource-based cities and the others, each on its own matrix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewClustersWarning)  # the page says how few they are
        found = results.group_fits(sample, "resource", sample.study.model, fit)
    return {group: found[group] for group in GROUPS}


def sector_fits(sample: Sample) -> dict[str, Fit]:
    """Table 7, last six columns: co-agglomeration of manufacturing with one service sector."""
    models = [sector_specification(sector, sample.study.model) for sector in SECTORS]
    asked = {f"Sector {k}": (sample, model) for k, model in enumerate(models, start=1)}
    return results.fits(asked, fit)


def group_difference(sample: Sample) -> tuple[InteractionModel, TestResult]:
    """One model for all cities in which each group has its own slopes, and the test the paper omits.

    Returns
    -------
    InteractionModel
    TestResult
        Wald test that both groups have the same inverted U: equal coefficients of co-agglomeration
        and of its square.
    """
    groups = sample.group("resource")
    model = interaction_model(sample.panel, sample.study.model, sample.weights, groups)
    return model, results.same_slopes(model, CURVE)


def turn(params: pd.Series) -> float:
    """Co-agglomeration at which a curve turns.

    Examples
    --------
    >>> round(turn(printed("4", "Model 2").params), 3)
    3.354
    """
    return float(-params["Coagg"] / (2 * params["Coagg^2"]))


def column_claims(
    sample: Sample, table: str, fits: Mapping[str, Fit], kind: str = ""
) -> list[Claim]:
    """Claims on everything in printed columns: estimates, R² and what they control for.

    Parameters
    ----------
    fits : mapping
        By printed column. Co-agglomeration with one sector stands for co-agglomeration.
    kind : str
        Kind of the comparison; by default that of whatever planted coefficients enter.
    """
    kind, derived = kind or sample.derived_kind, sample.derived_kind
    true = sample.true if kind == "recovered" else None
    claims = []
    for model, fitted in fits.items():
        here = fitted.summary.rename(lambda term: re.sub("_[a-z]+", "", term))
        claims += compare.estimates(
            "A", table, model, here["estimate"], here["std_error"],
            kind=kind, outcome="Carbon", true=true,
        )  # fmt: skip
        below = {"R^2": (derived, fitted.rsquared["within"])}
        below |= {"Observations": ("setting", fitted.nobs)} if table == "4" else {}
        claims += [
            printed_claim("A", table, row, model, kind=of, derived=float(value))
            for row, (of, value) in below.items()
        ]
        claims += compare.settings("A", table, model)
    return claims


def bend(fitted: Fit) -> pd.Series:
    """Turning point of a fit, its intervals, and the U test on the range of its data."""
    return quadratic_report(
        fitted.params, fitted.cov, "Coagg", "Coagg^2", fitted.panel.values("Coagg")
    )


def height(fitted: Fit, grid: np.ndarray) -> pd.DataFrame:
    """The fitted curve over its value at zero, with its pointwise band."""
    return curve(fitted.params, fitted.cov, "Coagg", "Coagg^2", grid)


def long_run_denominator(fitted: Fit) -> Contrast:
    """One minus tau, eta and rho, by which total long-run effects divide."""
    sums = contrast(fitted.params, fitted.cov, dict.fromkeys(DYNAMICS, -1))
    return Contrast(1 + sums.estimate, sums.std_error)


def sentences(
    table: str, columns: Mapping[str, pd.DataFrame], kind: str, but: Mapping[str, str] | None = None
) -> list[Claim]:
    """Claims on the sentences that speak of cells of a printed table, judged on the data at hand.

    The sentences and the rule are those of the audit, which holds them against the print.

    Parameters
    ----------
    table : str
    columns : mapping
        Printed column to what stands in it here, by term: ``estimate`` and ``std_error``. What a
        sentence says of further columns is left out; where all the rest holds, that decides nothing.
    kind : str
        Kind of the comparison; `but` has it for single rows.
    """
    here = pd.concat(columns, names=["model", "term"])[["estimate", "std_error"]].astype(float)
    rows = here.map("{:.9f}".format).reset_index()
    rows["term"] = rows["term"].str.replace("L.Carbon", "L.y").str.replace(r"_\w+", "", regex=True)
    rows = rows.assign(model=rows["model"].map(heading), term=rows["term"].map(STUDY.label))
    claims = []
    for row, entries in referee.statements("A").items():
        ours = [each for where, each in entries if where == table]
        spoken = [
            replace(each, cells=_named(each.cells), than=_named(each.than))
            for each in ours
            if {model for model, _ in (*each.cells, *each.than)} <= {*columns}
        ]
        against = [found for found in audit.check_statements(rows, spoken) if found.contradicts]
        if spoken:
            several = [found.recomputed for found in against if len(spoken[0].cells) > 1]
            if len(spoken) < len(ours) and not against:
                several = ["holds as far as its columns exist here"]
            holds = False if against else len(spoken) == len(ours) or None
            of = (but or {}).get(row, kind)
            claims.append(
                printed_claim("A", "text", row, kind=of, holds=holds, note="; ".join(several))
            )
    return claims


def heading(column: str) -> str:
    """A printed column in words.

    Examples
    --------
    >>> heading("ST indirect effect"), heading("Model 2")
    ('indirect effect in the short run', 'Model 2')
    """
    runs = {short: run for run, short in RUNS.items()}
    short, _, effect = column.partition(" ")
    return f"{effect} in the {runs[short]} run" if short in runs else column


def _named(cells: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((heading(column), STUDY.label(term)) for column, term in cells)


def read() -> list[Claim]:
    """Claims on sentences that were judged by reading them, not computed (``read_a.csv``)."""
    rows = pd.read_csv(data_path("published", "read_a.csv"), keep_default_na=False)
    holds = {"yes": True, "no": False}
    return [
        printed_claim(
            "A", "text", row.quantity, kind=row.kind, holds=holds.get(row.holds), note=row.note
        )
        for row in rows.itertuples(index=False)
    ]


def said(
    judged: Mapping[str, Any], kind: str, notes: Mapping[str, str] | None = None
) -> list[Claim]:
    """Claims on sentences of the running text, judged on the data at hand.

    Parameters
    ----------
    judged : mapping
        Row of the transcription to whether the data bear it out.
    kind : str
        Kind of the comparison; ``words.toml`` has that of rows with one of their own.
    notes : mapping, optional
        By row, beside those of ``words.toml``.
    """
    noted, kinds = WORDS["notes"] | (notes or {}), WORDS["kinds"]
    return [
        printed_claim(
            "A", "text", row, kind=kinds.get(row, kind), holds=bool(holds), note=noted.get(row, "")
        )
        for row, holds in judged.items()
    ]


def told(page: Page, claims: Sequence[Claim], label: str, caption: str = "") -> Table:
    """Sentences of the running text, each with its place, beside what was found."""
    rows = published.rows("A", "text")
    words = {row.row: f"{row.words} ({row.place})" for row in rows.itertuples(index=False)}
    return page.beside(claims, label, caption, labels=words, stub="what the paper says")


def findings(page: Page, found: Sequence[audit.Finding], label: str) -> Table:
    """Findings of the audit as a numbered table, with the caption declared for it."""
    options: dict[str, Any] = {"data": page.data, "parameters": page.parameters, "code": page.code}
    return referee.findings_table(found, label, **{**page.captions[label], **options})


def settled(part: Literal["params", "std_errors", "cells"]) -> pd.DataFrame:
    """The controls in every printed column that has them: numbers, or cells with stars."""
    columns = {name: getattr(printed(*place), part) for name, place in WORDS["settled"].items()}
    return pd.DataFrame(columns).loc[list(STUDY.controls)].replace(r"\*", r"\\*", regex=True)


def controls_that(do: Literal["stay", "turn"]) -> str:
    """Controls that keep sign and 5 % significance in every printed column, or change their sign."""
    params, errors = settled("params"), settled("std_errors")
    turns = (params > 0).any(axis=1) & (params < 0).any(axis=1)
    stays = ~turns & ((params / errors).abs() > QUANTILE).all(axis=1)
    return joined([*map(STUDY.label, params.index[turns if do == "turn" else stays])])


def implied_totals(sample: Sample) -> pd.DataFrame:
    """Total effects that Table 4 implies, with its rho and with the other sign, beside Table 5."""
    main = printed("4", "Model 2").params
    turned = pd.Series({**main, "rho": -main["rho"]})
    columns = {}
    for run, prefix in RUNS.items():
        for name, params in (("printed ρ", main), ("ρ with the other sign", turned)):
            columns[f"{run}-run total", name] = effects_of(params, sample.weights, run)["total"]
        direct, indirect = (printed("5", f"{prefix} {x} effect") for x in ("direct", "indirect"))
        columns[f"{run}-run total", "Table A5"] = direct.params + indirect.params
    return pd.DataFrame(columns).loc[list(STUDY.regressors)]


def true_effects(truth: pd.Series, weights: Weights) -> dict[Horizon, pd.DataFrame]:
    """Effects of the generator's parameters, at the horizons at which they exist."""
    lasting = truth[list(DYNAMICS)].sum() < 1
    runs = [run for run in RUNS if run == "short" or lasting]
    return {run: effects_of(truth, weights, run) for run in runs}


def effects_claims(sample: Sample, effects: Mapping[Horizon, pd.DataFrame]) -> list[Claim]:
    """Claims on every number of Table 5; against the effects of the truth where these exist."""
    nothing = pd.DataFrame(np.nan, list(STUDY.regressors), ["estimate", "std_error"])
    true, claims = true_effects(sample.truth, sample.weights) if sample.recovers else {}, []
    for (run, prefix), kind in product(RUNS.items(), ("direct", "indirect")):
        here = effects[run].loc[kind] if run in effects else nothing
        claims += compare.estimates(
            "A", "5", f"{prefix} {kind} effect", here["estimate"], here["std_error"],
            kind="recovered" if run in true else sample.derived_kind, outcome="Carbon",
            true=true[run][kind].get if run in true else None,
        )  # fmt: skip
    return claims


def conventions(fitted: Fit, runs: Sequence[Horizon], draws: int) -> tuple[pd.DataFrame, dict]:
    """Effects and their standard errors under three conventions.

    Returns
    -------
    DataFrame
        By run, effect and regressor: the estimate and xsmle's mean of draws; the standard error by
        the delta method, from draws of all parameters, and from xsmle's draws without tau and eta.
    dict
        Draws that each way of drawing had to leave out, having no long run.
    """
    with warnings.catch_warnings():  # of draws without a long run: they are counted
        warnings.simplefilter("ignore", DiscardedDrawsWarning)
        found = {
            (run, how): fitted.effects(run, method=how, draws=draws)
            for run in runs
            for how in ("delta", "simulation", "xsmle")
        }
    *kept, heads = zip(*WORDS["conventions"], strict=True)
    wide = pd.concat(found, names=["run", "method"])[["estimate", "std_error"]].unstack("method")
    table = wide[list(zip(*kept, strict=True))].set_axis(pd.MultiIndex.from_tuples(heads), axis=1)
    order = [*product(runs, ("direct", "indirect"), STUDY.regressors)]
    sections = [(f"{run} run, {effect}", term) for run, effect, term in order]
    lost = {how: of.attrs["draws_without_long_run"] for (_, how), of in found.items() if of.attrs}
    return table.loc[order].set_axis(pd.MultiIndex.from_tuples(sections)), lost


def effects_over_seeds(results: pd.DataFrame, sample: Sample) -> pd.DataFrame:
    """Effects over the seeds and of the truth by kind and term; none of other samples than the seeds'."""
    spread, parts = ["median", "low", "high"], {}
    if not standing(sample)["seeded"]:
        return pd.DataFrame(columns=["truth", *spread])
    known = true_effects(sample.truth, sample.weights)
    for (run, prefix), kind in product(RUNS.items(), ("direct", "indirect")):
        column = f"{prefix} {kind} effect"
        rows = compare.column_of(results, sample.parameters["scenario"], "5", column)
        if len(rows):
            true = known[run][kind] if run in known else np.nan
            part = rows.set_index("row").assign(truth=true)[["truth", *spread]]
            parts[f"{run} run, {kind}, {rows['seeds'].min():d} seeds"] = part
    return pd.concat(parts)


def further(sample: Sample) -> list[results.Alternative]:
    """Choices that the study tries beside those of any study."""
    model, panel = sample.study.model, sample.panel
    extreme = panel.frame["GOV"].idxmax()[0]
    early = [int(year) for year in panel.periods if year < 2020]
    late = ("sample", "without 2020 and later", sample.sub(periods=early), model)
    return [
        ("sample", f"without {sample.places.loc[extreme, 'name_en']}",
         sample.sub(units=[city for city in sample.units if city != extreme]), model),
        ("tails", "winsorised 1 %, numpy's rule", sample.winsorised(1, "numpy"), model),
        ("estimator", "direct, demeaned before W", sample,
         replace(model, estimator="direct", within_order="demean-first")),
        *([late] if 2 < len(early) < panel.n_periods else []),
    ]  # fmt: skip


def kinds_of_errors(fitted: Fit) -> pd.DataFrame:
    """Standard errors of one fit, of every kind but those of a regression with dummies."""
    kinds = [kind for kind in get_args(StandardErrors) if kind != "dummies"]
    table = pd.DataFrame({kind: fitted.with_cov(kind).std_errors for kind in kinds})
    return table.loc[["L.Carbon", "W.L.Carbon", *STUDY.regressors, "rho"]]


def printed_gap(term: str) -> Contrast:
    """Printed coefficient of other cities minus that of resource-based ones."""
    return apart(printed("7", "NRC").of(term), printed("7", "RC").of(term))


def sector_claims() -> list[Claim]:
    """What the text says of the sectors' sizes and differences, and what its numbers leave open."""
    columns = {name: printed("7", f"Sector {k}") for k, name in enumerate(SECTORS, start=1)}
    linear, square = (
        pd.Series({name: column.params[x] for name, column in columns.items()}).sort_values()
        for x in CURVE
    )
    pairs = combinations([column.of("Coagg") for column in columns.values()], 2)
    p = pd.Series([apart(*pair).p_value for pair in pairs])
    words = {
        "below": (p < 0.05).sum(), "pairs": len(p),
        "holm": "one" if p.min() * len(p) < 0.05 else "none",
        "before": "" if {*linear.index[-2:]} == {"finance", "wholesale"} else "not the ",
        "after": "" if square.index[0] == "finance" else "not the ",
    }  # fmt: skip
    return [
        claim_in_words("A", row, None, note.format(**words))
        for row, note in WORDS["sectors"].items()
    ]


def named_curve(columns: Mapping[str, Fitted], names: Mapping[str, str]) -> pd.DataFrame:
    """The two terms of the curve in several columns, by name: estimate and standard error."""
    parts = {}
    for key, column in columns.items():
        found = pd.DataFrame({"estimate": column.params, "std_error": column.std_errors})
        parts[names[key]] = found.filter(regex="^Coagg", axis=0)[:2].set_axis(CURVE)
    return pd.concat(parts)


def group_tests(
    model: InteractionModel, groups: Mapping[str, Fit], permuted: pd.DataFrame | None
) -> pd.DataFrame:
    """Tests of the difference between other and resource-based cities, of print and of data.

    Parameters
    ----------
    model : InteractionModel
        One model in which each group has its own slopes.
    groups : mapping of str to Fit
        A model in each group alone.
    permuted : DataFrame, optional
        The committed permutation test, where the data are the book's.
    """
    rows = {}
    for term in CURVE:
        two = [(groups[g].params[term], groups[g].std_errors[term]) for g in ("NRC", "RC")]
        terms = {f"{term}[NRC]": 1, f"{term}[RC]": -1}
        gaps = {
            "print, two fits": printed_gap(term),
            "here, two fits": apart(*two),
            "here, one model": contrast(model.fit.params, model.fit.cov, terms),
        }
        for name, gap in gaps.items():
            rows[STUDY.label(term), name] = [gap.estimate, gap.std_error, gap.p_value]
        if permuted is not None:
            drawn = permuted.set_index("term").loc[term]
            permutation = [drawn["difference"], np.nan, drawn["p_value"]]
            rows[STUDY.label(term), "here, cities permuted"] = permutation
    same = results.same_slopes(model, CURVE)
    rows["both", "here, one model, same curve"] = [np.nan, np.nan, same.p_value]
    return pd.DataFrame(rows, ["difference", "standard error", "P"], dtype=float).T


def sector_turns(sample: Sample, sectors: Mapping[str, Fit]) -> pd.DataFrame:
    """Turning points of the six sectors: of the print and of the fits, with their intervals.

    The print gives no covariance of the two coefficients of a column; the correlation estimated on
    the data at hand stands in for it.

    Returns
    -------
    DataFrame
        By sector, under ``"print"`` and ``"here"``: ``point``, ``low``, ``high``, ``fieller``, and
        ``beyond``, the share of city-years of the data at hand to the right of it.
    """
    heads, rows = WORDS["sector_turns"], {}
    for (column, fitted), sector in zip(sectors.items(), SECTORS, strict=True):
        pair = [f"Coagg_{sector}", f"Coagg_{sector}^2"]
        named = dict(zip(pair, CURVE, strict=True))
        cov = fitted.cov.loc[pair, pair].rename(index=named, columns=named)
        theirs = printed("7", column)
        scale = theirs.std_errors[CURVE].to_numpy() / np.sqrt(np.diag(cov))
        for name, b, v in (
            ("print", theirs.params, cov * np.outer(scale, scale)),
            ("here", fitted.params.rename(named), cov),
        ):
            found = quadratic_report(b, v, "Coagg", "Coagg^2", sample.panel.values(pair[0]))
            rows[SECTORS[sector], name] = found[list(heads)]
    return pd.DataFrame(rows).T.rename(columns=heads).unstack().swaplevel(axis=1)


def in_words(part: str, **values: object) -> pd.DataFrame:
    """A table of ``words.toml`` with its numbers: print's, and those of the data at hand as given.

    Parameters
    ----------
    part : {"hypotheses", "conclusions", "policy"}
    **values
        What the part names besides the numbers of the print.
    """
    main, moran = printed("4", "Model 2"), printed_moran()
    first, second = (published.estimates(f"paper_a_table{k}") for k in (4, 5))
    effects = audit.effect_sums(audit.effect_rows(first, second, "Model 2", "short"))
    sectors = {name: printed("7", f"Sector {k}") for k, name in enumerate(SECTORS, start=1)}
    turns = pd.Series({name: turn(column.params) for name, column in sectors.items()})
    squares = pd.Series({name: column.params["Coagg^2"] for name, column in sectors.items()})
    spill = [printed("5", f"{run} indirect effect") for run in RUNS.values()]
    names = {"Coagg^2": "square", "L.Carbon": "tau"}
    values |= {names.get(term, term): main.cell(term) for term in main.params.dropna().index}
    values |= of_print() | {
        "rho": main.cell("rho"), "audited": effects.spatial_parameter()[0],
        "z": max(abs(c.params[x] / c.std_errors[x]) for c in spill for x in CURVE),
        "positive": ((moran["morans_i"] > 0) & (moran["p"] < 0.05)).sum(), "years": len(moran),
        "finance": sectors["finance"].cell("Coagg"), "trade": sectors["wholesale"].cell("Coagg"),
        "turns": turns, "rank": turns.rank().astype(int), "steep": squares.rank().astype(int),
    }  # fmt: skip
    told = Section(Page()).filled(WORDS[part], **values)
    return pd.DataFrame.from_dict(told, orient="index")
