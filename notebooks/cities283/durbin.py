# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # II.6 Spillovers: paper B, Tables B6 and B7

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance | inverse-distance-squared | additive-nest | diagonal-nest | product | gravity | nearest-5
outcome: str = "index"  # form of the outcome: index | log-index | level | cumulative

# %%
from dataclasses import replace

import pandas as pd

from analysis import spatial
from analysis.book import figures, parameters, tables
from analysis.book.page import Page, in_short, say
from analysis.papers.cities283 import study
from analysis.papers.cities283 import tables as made
from analysis.papers.cities283.claims import by_outcome, in_numbers, in_words, positive, said
from analysis.study import open_study
from analysis.weights import inverse_distance

parameters.check()
sample = open_study(study.STUDY, globals())
page = Page({"panel": sample.panel}, sample.parameters, [study.estimate])
fits = made.durbin_fits(sample)
durbin = {name: fits[label, "SDM"] for name, label in sample.outcomes.items()}
effects = {name: fit.effects() for name, fit in durbin.items()}
first = next(iter(durbin))
sample.banner

# %%
printed = {"INA": float(study.printed_number("INA, SDM two-way FE")),
           "W.INA": float(study.printed_number("W x INA, SDM two-way FE"))}  # fmt: skip
row_sum = float(inverse_distance(sample.places, standardise=False).row_sums.mean())
times = [(printed["INA"] + printed["W.INA"] * s) / printed["INA"] for s in (row_sum, 1.0)]
scored, lag = durbin["TCE"].summary, durbin["TCE"].summary.loc["rho"]
in_short(
    f"The paper prints {printed['INA']} for a city's own co-agglomeration and {printed['W.INA']} for its neighbours', "
    "both significant at 1 %, a significantly positive spatial lag, and effects that are all significantly "
    "positive, the indirect one larger than the direct.",
    f"From the print alone: without any spatial lag the total effect is {times[0]:.1f} times the first coefficient if "
    f"(B6) is taken as printed, with distances in kilometres, and {times[1]:.0f} times if rows sum to one; a positive lag "
    "makes it larger. The paper names the inverse-distance matrix and does not say whether its rows were "
    "made to sum to one.",
    f"Here the scores give {scored.loc['INA', 'estimate']:.4f} and {scored.loc['W.INA', 'estimate']:.3f}, and a spatial "
    f"lag of {lag['estimate']:.2f} ({lag['std_error']:.2f}).",
)

# %% [markdown]
# ## Three models and a matrix (section 4)
#
# In the paper's symbols, with $\dots$ for the controls in between:
#
# **(B3)**, SAR: $TCE_{it} = \alpha_0 \sum_j W_{ij} TCE_{it} + \alpha_1 INA_{it} + \alpha_2 \ln GDP_{it} + \alpha_3 GOV_{it} + \alpha_4 ROAD_{it} + \alpha_5 OPEN_{it} + \alpha_6 HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it}$.
#
# **(B4)**, SEM: $TCE_{it} = \beta_1 INA_{it} + \beta_2 \ln GDP_{it} + \dots + \beta_6 HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it}$ with
# $\varepsilon_{it} = \eta \sum_j W_{ij} v_{jt}$.
#
# **(B5)**, SDM: $TCE_{it} = \theta_0 \sum_j W_{ij} TCE_{it} + \theta_1 INA_{it} + \theta_2 \ln GDP_{it} + \dots + \theta_6 HUM_{it} +
# \rho_0 \sum_j W_{ij} INA_{it} + \rho_1 \sum_j W_{ij} \ln GDP_{it} + \dots + \rho_5 \sum_j W_{ij} HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it}$.
#
# **(B6)**: $W_{ij} = 1/d_{ij}$ for $i \neq j$ and $0$ for $i = j$, $d$ the geographical distance.
#
# The book estimates the Durbin model as
# $y_t = \rho W y_t + X_t \beta + W X_t \theta + \mu + \xi_t \iota + \varepsilon_t$
# and departs from the print in four places:
#
# * The sums over neighbours in (B3) and (B5) are printed with the *city's own* index, $\sum_j W_{ij} TCE_{it}$; only
#   (B4) has $jt$. Taken at their word they are the city's own value times a row sum and no spatial lag; $jt$ is meant.
# * In (B4) the disturbance is a mean of the neighbours' shocks, without the own shock and without
#   recursion. Then $\eta$ and the variance of $v$ cannot be told apart. Computed is
#   $\varepsilon_t = \eta W \varepsilon_t + v_t$.
# * (B6) has rows that do not sum to one; the book divides them by their sums. {numref}`tab-cities283-equation-six`
#   has both.
# * $\rho$ is the neighbours' *regressors'* coefficient in (B5) and the efficiency score in (B1). In this book
#   it is the spatial lag of the outcome, the paper's $\theta_0$.
#
# The default estimator is the transformation likelihood {cite:p}`leeyu2010`; the one that printed papers use
# stands beside it, because on a matrix as dense as $1/d$ the two differ a lot.

# %%
as_printed = made.as_equation_six(sample)
total = {key: fit.effects().loc[("total", "INA"), "estimate"] for key, fit in as_printed.items()}
page.by(made.as_equation_six).regressions(
    as_printed,
    "tab-cities283-equation-six",
    "The Durbin model with 1/d whose rows sum to one, and with 1/d as (B6) prints it, in kilometres.",
    terms=study.STUDY.labels(["INA", "W.INA", "rho"]),
    statistics={
        "mean row sum of W": lambda fit: float(fit.weights.row_sums.mean()),
        "total effect of INA": lambda fit: float(fit.effects().loc[("total", "INA"), "estimate"]),
        "log-likelihood": "loglik",
    },
    digits=4,
    notes="By the uncorrected dummy-variable likelihood, which needs no row sums of one.",
)

# %%
raw_total, one_total = (total[study.COLUMNS["TCE"], k] for k in ("as printed", "rows sum to one"))
say(f"""
On the scores the total effect of co-agglomeration is {one_total:.3f} with rows that sum to one and {raw_total:.3f} with
the matrix as printed: whoever reads a printed total has to know which it was.
""")

# %% [markdown]
# ## Which model?
#
# The paper rejects SAR and SEM by Wald and LR tests and random effects by Hausman's
# ({numref}`tab-cities283-model-choice` has these tests here).

# %%
tests = {
    name: study.model_choice(sample.panel, spec, sample.weights)
    for name, spec in made.specifications(sample).items()
}
page.by(study.model_choice).table(
    pd.concat(
        {study.COLUMNS[n]: f.rename(columns={"p_value": "p"}) for n, f in tests.items()}, axis=1
    ),
    "tab-cities283-model-choice",
    "Tests of the Durbin model against SAR and SEM, of fixed against random effects, of the effects.",
    stub="test",
    formats={"statistic": ".1f", "df": ".0f"},
    notes="Wald and LR against SAR and SEM: "
    + "; ".join(f"{study.COLUMNS[n]}, {frame.attrs['estimator']}" for n, frame in tests.items())
    + ". Hausman: transformation. LR of effects: dummy-variable likelihood. A dash: a model of the test has "
    "no estimate, its likelihood rises up to ρ = 1.",
)

# %% [markdown]
# ## Estimates (Table B6)

# %%
shown = ["INA", "W.INA", "rho"]
page.figure(
    figures.intervals(
        {study.COLUMNS[n]: fit.summary.loc[shown, ["estimate", "std_error"]] for n, fit in durbin.items()},
        printed=printed,
        truth={t: sample.true(t) for t in shown} if sample.recovers else None,
        labels=study.STUDY.labels(shown),
        times={"INA": 10},
    ),
    "fig-cities283-durbin",
    "Co-agglomeration, its spatial lag and the spatial lag of efficiency (Table B6), 95 % intervals.",
    alt="Interval plot. "
    + "; ".join(f"{study.COLUMNS[n]}: " + ", ".join(f"{t} {fit.params[t]:.3f}" for t in shown)
                for n, fit in durbin.items())
    + f". Printed: {printed['INA']} and {printed['W.INA']}; of the spatial lag only its sign.",
)  # fmt: skip

# %%
labels = study.STUDY.labels([*durbin["TCE"].params.index[:-2], "rho", "lambda", "sigma2"])
page.by(spatial.fit).regressions(
    fits,
    "tab-cities283-durbin",
    "Spatial models of efficiency with city and year effects; standard errors below.",
    terms=labels,
    statistics={"city-years": "nobs", "estimator": lambda fit: fit.specification.estimator},
    with_stars=True,
    folded=True,
)

# %%
signs = {"lnGDP": 1, "GOV": -1, "ROAD": -1, "OPEN": -1, "HUM": -1}
kept = {
    n: {x: positive(f.summary.loc[x], sign=s) for x, s in signs.items()} for n, f in durbin.items()
}
against = {x: scored.loc[x] for x, good in kept["TCE"].items() if not good}
latent = durbin.get("latent")
spread = made.seeds()
say(f"""
{{numref}}`fig-cities283-durbin` holds the estimates against the print; the full models are in
{{numref}}`tab-cities283-durbin`, the verdicts in {{numref}}`tab-cities283-durbin-beside`. From the spatial lag the paper reads that officials under promotion pressure learn from
neighbours with high efficiency. From the controls it reads that a richer city is regulated more strictly (lnGDP, +), that
governments put money where returns are high and not into the environment (GOV, −), that roads burn fossil energy to build
(ROAD, −), and that openness and human capital lower efficiency significantly, for which the results give no reason. On
the scores {len(signs) - len(against)} of these {len(signs)} signs come out significantly{
    "; not so " + ", ".join(f"{x} ({said(row)})" for x, row in against.items()) if against else ""
}.
""")

# %%
if latent is not None:
    say(f"""
On the measured scores the slope is {scored.loc["INA", "estimate"]:.4f}, on latent efficiency {latent.params["INA"]:.4f};
the spatial lag is {lag["estimate"]:.2f} against {latent.params["rho"]:.2f}.
""")
if sample.recovers:
    medians = spread["median"].xs("W × outcome (ρ)", level="quantity")
    say(f"""
The true $\\rho$ is {sample.true("rho")} in both; over seeds the median is {
        medians["latent"]:.2f} on latent efficiency and
{medians["TCE"]:.2f} on the scores ({{numref}}`tab-cities283-seeds`){
        ": measurement can enlarge a spillover of efficiency"
        if medians["TCE"] > max(sample.true("rho"), medians["latent"])
        else ""
    }.
""")

# %%
rows = {n: fit.summary for n, fit in durbin.items()}
SPECIAL = {
    f"{test} {model}": f"{test} against {model}"
    for model in ("SAR", "SEM")
    for test in ("Wald", "LR")
}
special = {n: f["p_value"].reindex(list(SPECIAL)).rename(index=SPECIAL) for n, f in tests.items()}


outcomes = {
    n: ", ".join(
        f"{test} has no value here"
        if pd.isna(x)
        else f"{test} {'rejects' if x < 0.05 else 'does not reject'} ({tables.p_value(x)})"
        for test, x in p.items()
    )
    for n, p in special.items()
}

# %%
claims = [
    in_numbers(sample, row, {n: tuple(r.loc[t, ["estimate", "std_error"]]) for n, r in rows.items()},
               sample.true(t), "***")
    for row, t in (("INA, SDM two-way FE", "INA"), ("W x INA, SDM two-way FE", "W.INA"), ("headline", "INA"))
] + [
    in_words(sample, row, {n: positive(r.loc[t], level) for n, r in rows.items()},
             {n: said(r.loc[t], ".4f") for n, r in rows.items()})
    for row, t, level in (("INA, SDM two-way FE, significance", "INA", 0.01),
                          ("W x INA, SDM two-way FE, significance", "W.INA", 0.01),
                          ("spatial lag of TCE", "rho", 0.05))
]  # fmt: skip

# %%
derived = sample.derived_kind
of_controls = {
    "lnGDP, SDM": ["lnGDP"],
    "GOV, ROAD, SDM": ["GOV", "ROAD"],
    "OPEN, HUM, SDM": ["OPEN", "HUM"],
}
claims += [
    in_words(sample, row, {n: all(k[x] for x in xs) for n, k in kept.items()},
             {n: ", ".join(f"{x} {said(r.loc[x])}" for x in xs) for n, r in rows.items()}, derived)
    for row, xs in of_controls.items()
] + [
    in_words(sample, "Wald and LR tests", {n: None if p.isna().any() else (p < 0.05).all() for n, p in special.items()},
             outcomes, derived),
    in_words(sample, "Hausman, SDM", {n: None if pd.isna(f.loc["Hausman", "p_value"]) else f.loc["Hausman", "p_value"] < 0.05 for n, f in tests.items()},
             {n: "no value, a model of the test has no estimate" if pd.isna(p := f.loc["Hausman", "p_value"]) else tables.p_value(p)
              for n, f in tests.items()}, derived),
]  # fmt: skip
page.by(spatial.fit).beside(
    by_outcome(*claims),
    "tab-cities283-durbin-beside",
    "What the paper's text says about Table B6, beside the Durbin models above.",
    notes="The headline of the conclusion is the first coefficient, read as the effect of one unit; the paper "
    "states a spillover beside it and prints the effects in Table B7.",
)

# %% [markdown]
# ## Is the spatial lag in the cities or in the measurement?
#
# Energy is output times a provincial intensity, the same per unit of output for all cities of a province.
# {numref}`tab-cities283-energy` measures efficiency once more without that input.

# %%
bare = sample.again(technology=study.WITHOUT_ENERGY)
measured = {
    "with energy": durbin["TCE"],
    "without energy": study.estimate(bare.panel, study.DURBIN, sample.weights),
}
page.regressions(
    measured,
    "tab-cities283-energy",
    "The Durbin model of efficiency scores that have energy among the inputs, or not.",
    terms=study.STUDY.labels(["INA", "W.INA", "rho"]),
    statistics={"estimator": lambda fit: fit.specification.estimator},
    digits=4,
)

# %%
without = measured["without energy"].summary.loc["rho"]
say(f"""
Without energy the spatial lag is {without["estimate"]:.2f} (standard error {without["std_error"]:.2f}), with it
{lag["estimate"]:.2f}, in the same cities.
""")
say(
    """A significant spatial lag on such scores can come from the measurement and is no proof that efficiency
spills over; how much of it does, another sample would have to show.""",
    when=lag["p_value"] < 0.05 <= without["p_value"],
)

# %% [markdown]
# ## What the estimator does to $\rho$

# %%
NAMES = {"transformation": "default", "direct": "uncorrected", "direct-corrected": "corrected"}
compared = {
    label: {
        n: study.estimate(sample.panel, replace(spec, estimator=estimator), sample.weights)
        for n, spec in made.specifications(sample).items()
    }
    for estimator, label in NAMES.items()
}
marks = {
    label: pd.DataFrame({(study.COLUMNS[n], t): f.summary.loc[t, ["estimate", "std_error"]]
                         for n, f in by.items() for t in shown}).T
    for label, by in compared.items()
}  # fmt: skip
page.by(spatial.fit).figure(
    figures.intervals(marks, labels=study.STUDY.labels(shown), times={
        (study.COLUMNS[n], "INA"): 10 for n in durbin}),
    "fig-cities283-estimators",
    "Co-agglomeration, its spatial lag and ρ by three estimators.",
    alt="Interval plot of co-agglomeration, its spatial lag and ρ by three estimators. ρ: "
    + "; ".join(f"{label} " + ", ".join(f"{f.params['rho']:.2f}" for f in by.values())
                for label, by in compared.items()),
    values=pd.concat(marks),
)  # fmt: skip

# %%
rhos = pd.Series({label: by["TCE"].params["rho"] for label, by in compared.items()})
used = compared["default"]["TCE"].specification.estimator
say(f"""
On the scores $\\rho$ is {
    rhos["uncorrected"]:.2f} by the dummy-variable likelihood that most published tables rest on,
{rhos["corrected"]:.2f} with the usual correction and {rhos["default"]:.2f} by the default
({{numref}}`fig-cities283-estimators`){
    "" if used == "transformation" else f"; the default has no estimate here and gave way to {used}"
}.
""")

# %%
page.by(made.seeds).table(
    spread.drop(columns="all_seeds").rename(index=study.COLUMNS, level="outcome"),
    "tab-cities283-seeds",
    "Estimates over the seeds of the generator: median, the range that holds 90 %, and the truth.",
    stub="estimate",
    digits=4,
    formats={"seeds": ".0f"},
    notes="Truth: parameters of latent efficiency. Seeds: those in which the default estimator exists. In the "
    "others the likelihood rises up to ρ = 1; with these at the top the medians on the scores are "
    f"{spread.loc[('TCE', 'W × outcome (ρ)'), 'all_seeds']:.2f} for ρ and "
    f"{spread.loc[('TCE', 'total effect of INA'), 'all_seeds']:.2f} for the total effect. Made by `make validate`; "
    "the parameters of this page do not change it.",
    data={"cities283_seeds.csv": "data/validated/cities283_seeds.csv"},
) if sample.recovers else None

# %%
say(
    f"""
One data set is one draw. Over other seeds ({{numref}}`tab-cities283-seeds`) the median of the coefficient of
co-agglomeration is {spread.loc[("latent", "INA"), "median"]:.4f} on latent efficiency and
{spread.loc[("TCE", "INA"), "median"]:.4f} on the scores; the truth is {sample.true("INA")}.
""",
    when=sample.recovers,
)

# %% [markdown]
# ## Direct, indirect and total effects (Table B7)
#
# A coefficient of a Durbin model is not an effect: what a city does returns to it through its neighbours.
# Direct effects are the mean of a city's own response, indirect ones the sum of all others'
# {cite:p}`lesagepace2009`; the errors are by the delta method ({numref}`tab-cities283-effects`).

# %%
cells = made.effects(durbin, list(study.DURBIN.regressors))
page.by(spatial.Fit.effects).table(
    cells["estimate"],
    "tab-cities283-effects",
    "Direct, indirect and total effects of the Durbin model; standard errors below.",
    errors=cells["errors"],
    p_values=cells["p"],
    stub="",
    digits=4,
)

# %%
ina = {n: f.xs("INA", level="term") for n, f in effects.items()}
good = {
    n: all(positive(row) for _, row in f.iterrows())
    and f.loc["indirect", "estimate"] > f.loc["direct", "estimate"]
    for n, f in ina.items()
}
page.by(spatial.Fit.effects).beside(
    in_words(sample, "direct, indirect, total effects of INA", good,
             {n: "; ".join(f"{e} {said(row)}" for e, row in f.iterrows()) for n, f in ina.items()}),
    "tab-cities283-effects-beside",
    "What the paper's text says about Table B7.",
)  # fmt: skip

# %%
ratio = ina["TCE"].loc["indirect", "estimate"] / ina["TCE"].loc["direct", "estimate"]
neighbours = made.with_neighbours(sample.panel, ["INA"], sample.weights)["W.INA"].std()
say(f"""
The paper takes an indirect effect above the direct one to mean that technology spillover and learning work between regions
rather than within, and more so as competition grows. On the scores the indirect effect is {ratio:.0f} times the direct
one ({{numref}}`tab-cities283-effects-beside`). Such a ratio says little. It supposes that co-agglomeration moves by one unit
in *all* other cities at once, while the weighted mean of a city's neighbours has a standard deviation of
{neighbours:.3f} within cities and years; and it divides by $1 - \\rho$, with $\\rho$ = {lag["estimate"]:.2f}
({lag["std_error"]:.2f}). The total effect on the scores is {said(ina["TCE"].loc["total"])}.

**What H1 and H3 have gained.** On {study.COLUMNS[first]} the direct effect is {said(ina[first].loc["direct"], ".4f")}, the
indirect one {said(ina[first].loc["indirect"])}.
""")
say(
    "Both hypotheses are true in the generator, so this is a statement about the estimator.",
    when=sample.recovers,
)
