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
import pandas as pd

from analysis import spatial
from analysis.book.page import conditions, numbers
from analysis.papers.cities283 import claims, study, tables
from analysis.papers.cities283.claims import beside, in_numbers, positive, said, signed
from analysis.spatial.specification_tests import specification_tests
from analysis.study import open_page, results, sections

sample, page = open_page(study.STUDY, globals(), study.estimate)
fits = tables.each_outcome(sample, {m.upper(): {"model": m} for m in ("sar", "sem", "sdm")})
durbin = {name: fits[label, "SDM"] for name, label in sample.outcomes.items()}
rows = {n: fit.summary for n, fit in durbin.items()}
first, lag, OF = next(iter(durbin)), rows["TCE"].loc["rho"], ["INA", "W.INA", "rho"]
sample.banner

# %% tags=["remove-cell"]
PLACES = {"INA": "INA, SDM two-way FE", "W.INA": "W x INA, SDM two-way FE"}
quotes = {term: study.printed_number(row) for term, row in PLACES.items()}
printed = {term: float(number) for term, number in quotes.items()}
times = printed["W.INA"] / printed["INA"]
estimated = results.terms_of(durbin, OF)
as_printed = tables.as_equation_six(sample)
of_scores = {how: fit for (of, how), fit in as_printed.items() if of == study.COLUMNS["TCE"]}
numbers(
    b6_printed=quotes,
    b6_times_raw=1 + times * of_scores["as printed"].weights.row_sums.mean(),
    b6_times_one=1 + times,
    b6=estimated["estimate"],
    b6_error=estimated["std_error"],
    b6_total={how: fit.effects()["estimate"]["total", "INA"] for how, fit in of_scores.items()},
)

# %% [markdown]
# :::{in-short}
# The paper prints {glue:text}`b6_printed_ina` for a city's own co-agglomeration and {glue:text}`b6_printed_w_ina` for its neighbours',
# both significant at 1 %, a significantly positive spatial lag, and effects that are all significantly
# positive, the indirect one larger than the direct. From the print alone: without any spatial lag the total effect is
# {glue:text}`b6_times_raw:.1f` times the first coefficient if (B6) is taken as printed, with distances in kilometres, and
# {glue:text}`b6_times_one:.1f` times if rows sum to one; a positive lag makes it larger. The paper names the
# inverse-distance matrix and does not say whether its rows were made to sum to one. Here the scores give
# {glue:text}`b6_tce_ina:.4f` and {glue:text}`b6_tce_w_ina:.3f`, and a spatial lag of {glue:text}`b6_tce_rho:.2f`
# ({glue:text}`b6_error_tce_rho:.2f`).
# :::

# %% [markdown]
# ## Three models and a matrix (section 4)
#
# In the paper's symbols:
#
# **(B3)**, SAR:
#
# $$
# \begin{aligned}
# TCE_{it} &= \alpha_0 \sum_j W_{ij} TCE_{it} + \alpha_1 INA_{it} + \alpha_2 \ln GDP_{it} + \alpha_3 GOV_{it} \\
# &\quad + \alpha_4 ROAD_{it} + \alpha_5 OPEN_{it} + \alpha_6 HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} .
# \end{aligned}
# $$
#
# **(B4)**, SEM:
#
# $$
# \begin{aligned}
# TCE_{it} &= \beta_1 INA_{it} + \beta_2 \ln GDP_{it} + \beta_3 GOV_{it} + \beta_4 ROAD_{it} + \beta_5 OPEN_{it}
# + \beta_6 HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} , \\
# \varepsilon_{it} &= \eta \sum_j W_{ij} v_{jt} .
# \end{aligned}
# $$
#
# **(B5)**, SDM:
#
# $$
# \begin{aligned}
# TCE_{it} &= \theta_0 \sum_j W_{ij} TCE_{it} + \theta_1 INA_{it} + \theta_2 \ln GDP_{it} + \theta_3 GOV_{it}
# + \theta_4 ROAD_{it} + \theta_5 OPEN_{it} + \theta_6 HUM_{it} \\
# &\quad + \rho_0 \sum_j W_{ij} INA_{it} + \rho_1 \sum_j W_{ij} \ln GDP_{it} + \rho_2 \sum_j W_{ij} GOV_{it}
# + \rho_3 \sum_j W_{ij} ROAD_{it} \\
# &\quad + \rho_4 \sum_j W_{ij} OPEN_{it} + \rho_5 \sum_j W_{ij} HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} .
# \end{aligned}
# $$
#
# **(B6)**, the matrix, with $d$ the geographical distance:
#
# $$
# W_{ij} = 1/d_{ij} \text{ if } i \neq j, \qquad W_{ij} = 0 \text{ if } i = j .
# $$
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
page.by(tables.as_equation_six).regressions(
    as_printed,
    "tab-cities283-equation-six",
    statistics={
        "mean row sum of W": lambda fit: float(fit.weights.row_sums.mean()),
        "total effect of co-agglomeration": lambda fit: float(
            fit.effects().loc[("total", "INA"), "estimate"]
        ),
        "log-likelihood": "loglik",
    },
)

# %% [markdown]
# On the scores the total effect of co-agglomeration is {glue:text}`b6_total_rows_sum_to_one:.3f` with rows that sum to one and
# {glue:text}`b6_total_as_printed:.3f` with the matrix as printed: whoever reads a printed total has to know which it was.
#
# ## Which model?
#
# The paper rejects SAR and SEM by Wald and LR tests and random effects by Hausman's
# ({numref}`tab-cities283-model-choice` has these tests here).

# %%
specs = tables.specifications(sample).items()
chosen = {n: sections.model_choice(sample.with_model(spec), n == "TCE") for n, spec in specs}
tests = {n: of.of["tests"].filter(regex="^(Wald|LR|H)", axis=0) for n, of in chosen.items()}
table = pd.concat({study.COLUMNS[n]: frame for n, frame in tests.items()}, axis=1).rename_axis(None)
used = table.xs("estimator", axis=1, level=1).iloc[0]
numbers(b6_estimators="; ".join(f"{label}, {estimator}" for label, estimator in used.items()))
shown = table.drop(columns=["estimator", "note"], level=1).rename(columns={"p_value": "p"})
page.by(specification_tests).table(shown, "tab-cities283-model-choice")

# %% [markdown]
# Tests take the matrix as given. Marginal likelihoods compare matrices and models at once
# {cite:p}`lesage2014`: {numref}`fig-cities283-probabilities` has the posterior probabilities, for the scores, of
# the study's {ref}`matrices <the-matrices>` with each model, all alike before.

# %%
found = chosen["TCE"].of["chances"]
chosen["TCE"]["figure"]

# %%
durbin_share = found.of_models[["sdm", "sdem", "slx"]].sum()
conditions(durbin_seldom=durbin_share < 0.5)
numbers(
    cities283_best={"weights": found.of_weights.idxmax(), "share": found.of_weights.max()},
    cities283_best_model=found.of_models.idxmax().upper(),
    cities283_model_share=found.of_models.max(),
    cities283_durbin_share=durbin_share,
)

# %% [markdown]
# The matrix {glue:text}`cities283_best_weights` has {glue:text}`cities283_best_share:.0%` of the probability, the
# {glue:text}`cities283_best_model` {glue:text}`cities283_model_share:.0%`. Models that lag the regressors (SDM, SDEM,
# SLX) have {glue:text}`cities283_durbin_share:.1%` together.

# %% [markdown] tags=["when-durbin_seldom"]
# What their six more slopes explain does not pay for them.

# %% [markdown]
# ## Estimates (Table B6)

# %%
true = {t: sample.true(t) for t in OF} if sample.recovers else None
found = sections.estimates(sample, fits, printed, true)
found["figure"]

# %%
found["table"]

# %%
signs = {x: positive(rows["TCE"].loc[x], sign=sign) for x, sign in claims.SIGNS.items()}
against = [study.STUDY.label(x) for x, good in signs.items() if not good]
against = f", not those of {', '.join(against)}" if against else ""
good = f"{sum(signs.values())} of these {len(signs)}" if against else f"all {len(signs)} of these"
numbers(b6_signs=f"{good} signs", b6_against=against)
conditions(latent="latent" in durbin)

# %% tags=["when-recovers", "remove-input"]
spread = tables.seeds()
medians = spread["median"].unstack()
median = medians["W × outcome (ρ)"]
conditions(enlarged=sample.recovers and median["TCE"] > max(sample.true("rho"), median["latent"]))
numbers(b6_true={t: sample.true(t) for t in OF}, b6_median=median, b6_seeds=medians["INA"])

# %% [markdown]
# {numref}`fig-cities283-durbin` holds the estimates against the print; the full models are in
# {numref}`tab-cities283-durbin`, the verdicts in {numref}`tab-cities283-durbin-beside`. From the spatial lag the paper
# reads that officials under promotion pressure learn from neighbours with high efficiency. From the controls it reads
# that a richer city is regulated more strictly (lnGDP, +), that governments put money where returns are high and not into
# the environment (GOV, −), that roads burn fossil energy to build (ROAD, −), and that openness and human capital lower
# efficiency significantly, for which the results give no reason. On the scores {glue:text}`b6_signs` come out
# significantly{glue:text}`b6_against`.

# %% [markdown] tags=["when-latent"]
# On the measured scores the slope is {glue:text}`b6_tce_ina:.4f`, on latent efficiency {glue:text}`b6_latent_ina:.4f`;
# the spatial lag is {glue:text}`b6_tce_rho:.2f` against {glue:text}`b6_latent_rho:.2f`.

# %% [markdown] tags=["when-recovers"]
# The true $\rho$ of latent efficiency is {glue:text}`b6_true_rho`, the scores have none of their own; over seeds the median is {glue:text}`b6_median_latent:.2f` on latent
# efficiency and {glue:text}`b6_median_tce:.2f` on the scores ({numref}`tab-cities283-seeds`).

# %% [markdown] tags=["when-enlarged"]
# Measurement can enlarge a spillover of efficiency.

# %%
found = {t: {n: r.loc[t, ["estimate", "std_error"]] for n, r in rows.items()} for t in PLACES}
held = [in_numbers(sample, row, found[t], sample.true(t), "***") for t, row in PLACES.items()]
held += [in_numbers(sample, "headline", found["INA"], sample.true("INA"), "***")]
held += [signed(sample, rows, told) for told in claims.NAMED["durbin"].values()]
told = tables.test_sentences(tests, sample.derived_kind)
beside(page.by(spatial.fit), "tab-cities283-durbin-beside", sample, *held, *told)

# %% [markdown]
# ## Is the spatial lag in the cities or in the measurement?
#
# Energy is output times a provincial intensity, the same per unit of output for all cities of a province.
# {numref}`tab-cities283-energy` measures efficiency once more without that input.

# %%
bare = sample.again(technology=study.WITHOUT_ENERGY)
unmeasured = study.estimate(bare.panel, study.DURBIN, sample.weights)
measured = {"with energy": durbin["TCE"], "without energy": unmeasured}
page.regressions(measured, "tab-cities283-energy")

# %% tags=["remove-cell"]
without = unmeasured.summary.loc["rho"]
numbers(b6_bare=without["estimate"], b6_bare_error=without["std_error"])
conditions(measured=lag["p_value"] < 0.05 <= without["p_value"])

# %% [markdown]
# Without energy the spatial lag is {glue:text}`b6_bare:.2f` (standard error {glue:text}`b6_bare_error:.2f`), with it
# {glue:text}`b6_tce_rho:.2f`, in the same cities.

# %% [markdown] tags=["when-measured"]
# A significant spatial lag on such scores can come from the measurement and is no proof that efficiency
# spills over; how much of it does, another sample would have to show.

# %% [markdown]
# ## What the estimator does to $\rho$

# %%
compared = tables.each_outcome(sample, study.WORDS["estimators"])
drawn = {key: fit.summary.loc[OF, ["estimate", "std_error"]] for key, fit in compared.items()}
marks = {how: pd.concat(drawn).xs(how, level=1) for how in study.WORDS["estimators"]}
page.by(spatial.fit).intervals(marks, "fig-cities283-estimators", pd.concat(marks))

# %% tags=["remove-cell"]
by_scores = {how: compared[study.COLUMNS["TCE"], how] for how in study.WORDS["estimators"]}
used = by_scores["default"].specification.estimator
conditions(gave_way=used != "transformation")
numbers(b6_used=used, b6_by={how: fit.params["rho"] for how, fit in by_scores.items()})

# %% [markdown]
# On the scores $\rho$ is {glue:text}`b6_by_uncorrected:.2f` by the dummy-variable likelihood that most published tables
# rest on, {glue:text}`b6_by_corrected:.2f` with the usual correction and {glue:text}`b6_by_default:.2f` by the default
# ({numref}`fig-cities283-estimators`).

# %% [markdown] tags=["when-gave_way"]
# The default has no estimate here and gave way to {glue:text}`b6_used`.

# %% tags=["when-recovers"]
on_top = spread.loc["TCE", "all_seeds"]
numbers(b6_top_rho=on_top["W × outcome (ρ)"], b6_top_total=on_top["total effect of INA"])
over = spread.drop(columns="all_seeds").rename(index=study.COLUMNS, level="outcome")
over = over.rename(index=lambda name: name.replace("INA", "co-agglomeration"), level=-1)
page.by(tables.seeds).table(over, "tab-cities283-seeds")

# %% [markdown] tags=["when-recovers"]
# One data set is one draw. Over other seeds ({numref}`tab-cities283-seeds`) the median of the coefficient of
# co-agglomeration is {glue:text}`b6_seeds_latent:.4f` on latent efficiency and {glue:text}`b6_seeds_tce:.4f` on the
# scores; the truth is {glue:text}`b6_true_ina`.

# %% [markdown]
# ## Direct, indirect and total effects (Table B7)
#
# A coefficient of a Durbin model is not an effect: what a city does returns to it through its neighbours.
# Direct effects are the mean of a city's own response, indirect ones the sum of all others'
# {cite:p}`lesagepace2009`; the errors are by the delta method ({numref}`tab-cities283-effects`).

# %%
sections.effects(sample, {study.COLUMNS[n]: fit for n, fit in durbin.items()})["table"]

# %%
ina = {n: fit.effects().xs("INA", level="term") for n, fit in durbin.items()}
all_told = {n: "; ".join(f"{e} {said(row)}" for e, row in f.iterrows()) for n, f in ina.items()}
larger = {n: f["estimate"]["indirect"] > f["estimate"]["direct"] for n, f in ina.items()}
good = {n: larger[n] and f.T.apply(positive).all() for n, f in ina.items()}
told = "direct, indirect, total effects of INA", good, all_told
beside(page.by(spatial.Fit.effects), "tab-cities283-effects-beside", sample, told)

# %% tags=["remove-cell"]
numbers(
    b6_ratio=ina["TCE"].loc["indirect", "estimate"] / ina["TCE"].loc["direct", "estimate"],
    b6_moves=tables.with_neighbours(sample.panel, ["INA"], sample.weights)["W.INA"].std(),
    b6_total_effect=said(ina["TCE"].loc["total"]),
    b6_first=study.COLUMNS[first],
    b6_direct=said(ina[first].loc["direct"], ".4f"),
    b6_indirect=said(ina[first].loc["indirect"]),
)

# %% [markdown]
# The paper takes an indirect effect above the direct one to mean that technology spillover and learning work between
# regions rather than within, and more so as competition grows. On the scores the indirect effect is
# {glue:text}`b6_ratio:.0f` times the direct one ({numref}`tab-cities283-effects-beside`). Such a ratio says little. It
# supposes that co-agglomeration moves by one unit in *all* other cities at once, while the weighted mean of a city's
# neighbours has a standard deviation of {glue:text}`b6_moves:.3f` within cities and years; and it divides by $1 - \rho$,
# with $\rho$ = {glue:text}`b6_tce_rho:.2f` ({glue:text}`b6_error_tce_rho:.2f`). The total effect on the scores is
# {glue:text}`b6_total_effect`.
#
# **What H1 and H3 have gained.** On {glue:text}`b6_first` the direct effect is {glue:text}`b6_direct`, the indirect one
# {glue:text}`b6_indirect`.

# %% [markdown] tags=["when-recovers"]
# Both hypotheses are true in the generator, so this is a statement about the estimator.
