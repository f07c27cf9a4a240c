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
# # VI.1 Do the printed tables agree with themselves? Paper A, north-east China
#
# :::{published}
# Only numbers that the paper prints, transcribed character by character, and the coordinates of its
# 34 cities. Where matrices need incomes these are simulated, and the text says so.
# :::
#
# :::{in-short}
# Table A4 prints ρ = **{glue:text}`a_rho:.3f`**. The eight short-run total effects of Table A5 imply
# ρ = **{glue:text}`a_short_rho:.3f`** (standard error {glue:text}`a_short_error:.3f`), whatever the weight
# matrix is. Under a positive ρ within its limits, and weights without a minus sign, the own
# coefficients would carry a weight of one or more in them; they carry **{glue:text}`a_own:.3f`** ({glue:text}`a_own_error:.3f`). So effects and
# ρ do not come from one model, and whether neighbours pull each other up or push each other apart cannot
# be read from the print.
# :::
#
# **Shown by print alone.** Table A5 does not follow from the ρ of Table A4. One printed standard deviation
# is impossible. The test of city effects has another number of degrees of freedom than cities
# would give. The two groups of cities, said to differ significantly, cannot be told apart. Of the spillovers, said to
# be insignificant, that of income has stars. The effect of environmental regulation has
# the other sign in {glue:text}`a_er_other:d` of {glue:text}`a_er_columns:d` columns.
#
# **Likely.** The sign of ρ was turned between estimate and effects: either the estimate was negative and was posted as
# positive (a program that does this is named below), or the effects were computed with the wrong sign. Two long-run
# estimates of Table A5 (TI, LnER) stand in each other's rows; their standard errors do not. Three regressors entered in per cent and are described as shares. The matrix that
# the paper names is not the one behind its Moran's $I$. A row of Table A2 was carried forward.
#
# **Not known.** How the sign was turned, with which program, on which matrix; and the sign of the true
# spatial dependence, which an uncorrected estimate of either sign leaves open.

# %% tags=["parameters"]
draws: int = (
    500  # draws behind the printed effects; their simulation noise is allowed for: 500..1000
)
correlation: float = -0.9  # assumed between the estimates of a term and its square: -1..1
seed: int = 20260707  # of simulated incomes: 0..

# %%
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from analysis import audit, weights
from analysis.book import figures, ledger, parameters, published, referee, tables
from analysis.book.page import Page, numbers
from analysis.papers.ne34 import tables as made
from analysis.papers.places import cities
from analysis.spatial import TestResult

parameters.check()
name = "paper_a_table{}".format
T1, T2, T3 = (published.load(name(i)).assign(table=f"A{i}") for i in (1, 2, 3))
T4, T5, T6, T7 = (published.estimates(name(i)).assign(table=f"A{i}") for i in (4, 5, 6, 7))
T1 = T1.rename(columns={"symbol": "term"})
FILES = {f"table A{i}": f"data/published/{name(i)}.csv" for i in range(1, 8)}
FILES["text"] = "data/published/paper_a_intext.csv"
page = Page(FILES, {"draws": draws})
model = audit.dynamics(T4, "Model 2")
rho = model.value("rho")
short, long = (audit.effect_rows(T4, T5, "Model 2", run) for run in ("short", "long"))
swap = audit.exchanged(long, draws)
FINDINGS, TOTALS, TOLD = (f"tab-audit-ne34-{x}" for x in ("findings", "totals", "statements"))
show = partial(referee.findings_table, data=FILES, parameters={"draws": draws})
BOTH, FALLS = ["Coagg", "Coagg^2"], ["LnPGDP", "LnRD"]

# %%
geo = cities("ne34")
income = pd.Series(np.exp(np.random.default_rng(seed).normal(10.5, 0.4, len(geo))), index=geo.index)
MATRICES = {
    "additive nest, 1/d (simulated incomes)": weights.additive_nest(geo, income),
    "additive nest, 1/d² (simulated incomes)": weights.additive_nest(geo, income, power=2),
    "diagonal nest (simulated incomes)": weights.diagonal_nest(geo, income),
    "product with 1/d² (simulated incomes)": weights.product(geo, income),
    "inverse distance": weights.inverse_distance(geo),
    "inverse squared distance": weights.inverse_distance(geo, power=2),
    "4 nearest neighbours": weights.k_nearest(geo, 4),
}
against = audit.moran_against_weights(T2, {name: w.dense() for name, w in MATRICES.items()})

# %%
sign, *effects = audit.effects(T4, T5, "Model 2", draws)
(winsorised,) = audit.stability(T6, "Model 3")
sign = replace(sign, witnesses=(*sign.witnesses, winsorised))
groups = [audit.group_difference(T7, "RC", "NRC", x, claimed=True) for x in BOTH]
checks = referee.check_statements("A")
regulation = [audit.across_columns([T4, T6], x, "negative") for x in FALLS]
regulation += [audit.across_columns([T4, T6], x, "positive") for x in ("LnER", "FDI", "GOV")]
DF = {"Individual fixed effects test": 33, "Time fixed effects test": 19}
degrees = audit.degrees_of_freedom(T3, DF)
named = audit.named_weights(against, [name for name in MATRICES if "nest" in name])
shares = audit.natural_units(
    T1, ["LnPGDP", "LnRD", "LnER"], {"GOV": audit.Interval(0, 1), "FDI": audit.Interval(0, 1)}
)
described = [*audit.spread(T1), *audit.units(T4, T1, "Model 2", 646), *shares]
told = [finding for found in checks.values() for finding in found]
stars = [found for table in (T4, T5, T6, T7) for found in audit.stars(table)]

# %% [markdown]
# ## All findings
#
# {numref}`tab-audit-ne34-findings` lists what does not fit. How sure a finding is and how much it weighs are
# two things: *shown* means by print alone, beyond rounding and simulation noise; *likely*, that it rests on
# chance or on something outside the print. Traces of one fact stand as one finding. Much agrees, and
# belongs in the record: all {glue:text}`a_stars:d` estimates of Tables A4 to A7 have the stars that their
# standard errors support, the twenty $P$ values of Table A2 are those of their $Z$, and the turning point in the
# text is that of the printed coefficients.

# %%
moran = [*audit.repeated_rows(T2, ["morans_i", "z", "p"]), *audit.statistics_against_p(T2), named]
listed = [sign, *effects, groups[0], *described, *degrees, *moran, *stars, *regulation, *told]
show(
    [found for found in listed if found.contradicts],
    FINDINGS,
    "Findings on the printed tables of paper A",
    code=[audit.effects, audit.spread, audit.degrees_of_freedom, audit.group_difference],
)

# %%
sums = audit.effect_sums(short, draws=draws)
numbers(
    a_rho=rho, a_short_rho=sign.values["rho"], a_short_error=sign.values["rho_error"],
    a_own=sums.own, a_own_error=sums.std_errors[0], a_lagged=sums.lagged,
    a_lagged_error=sums.std_errors[1], a_below=sign.values["below_floor"],
    a_distance=abs(sign.values["distance"]), a_distance_few=abs(sign.values["distance"]) / 10**0.5, a_scatter=sums.scatter, a_df=sums.df,
    a_scatter_p=sums.scatter_p, **{f"a_er_{name}": value for name, value in regulation[2].values.items()},
    a_stars=sum(len(table[table["std_error"] != ""]) for table in (T4, T5, T6, T7)) - len(stars),
)  # fmt: skip

# %% [markdown]
# ## What effects tell without a matrix
#
# Let $\beta$ and $\theta$ be the coefficients of a variable and of its spatial lag, and
# $S = I - \rho W$. Its matrix of short-run effects is $\beta S^{-1} + \theta W S^{-1}$. So the mean row sum, the
# total effect, is $a\beta + b\theta$, with *one pair* $(a, b)$ for all regressors: the mean row sums of $S^{-1}$ and
# $W S^{-1}$. Nothing is assumed about $W$ but that it is the same for carbon intensity and regressors; the floor of one
# does not need even that. And since $S^{-1} - \rho W S^{-1} = I$, the pair tells ρ:
#
# $$ a - \rho\, b = 1 . $$
#
# Eight printed totals determine the two numbers: $a$ = {glue:text}`a_own:.3f` ({glue:text}`a_own_error:.3f`) and
# $b$ = {glue:text}`a_lagged:.3f` ({glue:text}`a_lagged_error:.3f`), errors from rounding and from the noise of a mean
# of {glue:text}`a_draws:d` draws. All eight fit them ($\chi^2$ = {glue:text}`a_scatter:.1f` on {glue:text}`a_df:d`
# degrees of freedom, $P$ {glue:text}`a_scatter_p:.2f`; {numref}`tab-audit-ne34-totals`,
# {numref}`fig-audit-ne34-totals`). They give ρ = {glue:text}`a_short_rho:.3f` ({glue:text}`a_short_error:.3f`); at the
# printed ρ the pair misses by {glue:text}`a_distance:.0f` standard errors, and with a tenth of the draws it would still miss
# by about {glue:text}`a_distance_few:.0f`. That $a$ and $b$ are equal within
# their errors is what rows of $W$ that sum to one would give.

# %%
bounds = audit.lower_bounds(short, rho, draws)
totals = pd.concat(
    {"short run": sums.rows, "long run": audit.effect_sums(swap.rows, draws=draws).rows}
).set_axis(["total", "standard error at most", "a β + b θ", "noise", "in units of noise"], axis=1)
page.by(audit.effect_sums).table(
    totals,
    TOTALS,
    "Printed total effects of Table A5 beside one pair (a, b) for all regressors",
    stub="regressor",
    formats={"in units of noise": ".1f"},
    notes="Total: direct plus indirect; its standard error is at most the sum of theirs. Noise: rounding and "
    "simulation. Long run: with the indirect effects of TI and LnER exchanged.",
)

# %%
figure, axes = figures.canvas(1, 2, height=3.2)
lags, runs = model.value("tau") + model.value("eta"), ("short run", "long run")
for ax, run, rows, kept in zip(axes, runs, (short, swap.rows), (0, lags), strict=True):
    slopes = {"ρ negative": 1 / (1 - kept + rho), "ρ as printed": 1 / (1 - kept - rho)}
    referee.totals_figure(ax, rows, totals.loc[run, "noise"], slopes)
    ax.set(title=run, xlabel="β + θ (Table A4)", ylabel="total effect (Table A5)")
own = long["beta"] + long["theta"]
axes[1].plot(own, long["total"], "o", color=figures.MUTED, markersize=4, fillstyle="none")
axes[0].legend()
page.figure(
    figure,
    "fig-audit-ne34-totals",
    "Printed totals lie where a negative ρ puts them. Bars: two standard deviations of rounding and simulation "
    "noise; lines: a row-standardised W with ρ of either sign; hollow: as printed, before two estimates change places.",
    alt="Two scatter plots of eight regressors. In both all points lie on the line of a negative rho; in the "
    "right one the line of the positive rho slopes the other way, and two hollow points lie off both.",
    values=totals.reset_index(names=["run", "regressor"]),
)

# %%
left_out = audit.leave_one_out(short, draws)
ratio = sign.witness("indirect standard errors")
numbers(
    a_draws=draws, a_left_low=left_out.min(), a_left_high=left_out.max(),
    **{f"a_er_{name}": value for name, value in bounds.loc["LnER"].items()}, a_tau=model.value("tau"), a_eta=model.value("eta"),
    a_ratio_low=ratio["least"], a_ratio_high=ratio["most"], a_ratio_rho=ratio["rho"],
    a_stretch=1 / (1 - rho), **{f"a_weight_{name}": value for name, value in sign.witness("direct effects").items()},
)  # fmt: skip

# %% [markdown]
# **One row is enough.** If no weight is negative and $\rho > 0$ is below its limit, $S^{-1}$ has no entry below those
# of $I$. Then a total effect is no smaller than $\beta$ where $\beta$ and $\beta + \theta/\rho$ have one sign. For
# environmental regulation (LnER) that is {glue:text}`a_er_bound:.3f`; printed are {glue:text}`a_er_printed:.3f`,
# {glue:text}`a_er_distance:.1f` times the noise of the mean of {glue:text}`a_draws:d` draws
# ({glue:text}`a_er_noise:.3f`) below.
#
# **Other explanations, one by one.**
#
# * *The effects are from another run.* Then the coefficients of Table A4 would not fit all eight totals
#   to within noise. They do.
# * *τ or η was taken for ρ.* Short-run totals contain neither; {glue:text}`a_tau:.3f` and {glue:text}`a_eta:.3f`
#   are positive as well.
# * *One cell was misprinted or wrongly transcribed.* Without any one of the eight regressors ρ lies between
#   {glue:text}`a_left_low:.2f` and {glue:text}`a_left_high:.2f`. Only the sign of ρ itself can be a misprint.
# * *The matrix is not row-standardised.* Nothing above needs it to be.
#
# **More traces of the same.** A multiplier stretches or shrinks standard errors too: those of the indirect
# effects are {glue:text}`a_ratio_low:.2f` to {glue:text}`a_ratio_high:.2f` times those of θ, where the printed ρ
# would need about {glue:text}`a_stretch:.2f`; they fit ρ = {glue:text}`a_ratio_rho:.2f`. In the direct effects θ
# has the weight {glue:text}`a_weight_lagged:.3f` ({glue:text}`a_weight_lagged_error:.3f`), and under a positive ρ it cannot be
# negative.
#
# ## The long run, and two estimates that changed places
#
# In the long run $(1-\tau)\,a - (\rho+\eta)\,b = 1$. As printed no pair fits
# ($\chi^2$ = {glue:text}`a_before:.0f` on {glue:text}`a_df:d` degrees of freedom). Of all exchanges of two estimates
# within a column one makes all eight totals fit: that of the long-run indirect effects of TI and LnER
# ($\chi^2$ = {glue:text}`a_after:.1f`; the next best leaves {glue:text}`a_next:.0f`). With them put back ρ + η is
# {glue:text}`a_both:.3f` ({glue:text}`a_both_error:.3f`), hence ρ = {glue:text}`a_long_rho:.3f` given the printed η: the
# short run's finding again. Their standard errors stand in their own rows: over those of θ they are
# {glue:text}`a_se_ti:.1f` (TI) and {glue:text}`a_se_er:.1f` (LnER), beside a median of {glue:text}`a_se_rest:.1f` of the other
# six; exchanged they would be {glue:text}`a_se_ti_other:.1f` and {glue:text}`a_se_er_other:.1f`.
#
# The printed parameters themselves sum to {glue:text}`a_sum:.3f` (standard error {glue:text}`a_sum_error:.3f` if the
# three were uncorrelated): above one, where no total long-run effect exists, but by only {glue:text}`a_sum_far:.1f` standard errors. With ρ negative the sum is {glue:text}`a_flipped:.3f`. The winsorised column of Table A6 prints no ρ; it is
# stable only below {glue:text}`a_needed:.3f` (standard error of τ + η {glue:text}`a_needed_error:.3f` if the two were
# uncorrelated).

# %%
run = sign.witness("long-run totals")
tails = audit.dynamics(T6, "Model 3")
stretches = (long["indirect_se"] / long["theta_se"]).drop(["TI", "LnER"])
steady = sign.witness("stability")
# totals of a row-standardised W at the printed ρ with its sign turned: no parameter is free
gaps = (sums.rows["printed"] - (short["beta"] + short["theta"]) / (1 + rho)) / sums.rows["noise"]
turned = float((gaps**2).sum())
both, both_error = audit.effect_sums(swap.rows, draws=draws).spatial_parameter(model.value("tau"))
matrices = referee.against_matrices(short, model, sign.values["rho"], T2, MATRICES, draws)

# %%
numbers(
    a_before=swap.before, a_after=swap.after, a_next=swap.next_best, a_both=both,
    a_both_error=both_error, a_long_rho=run["rho"], a_sum=steady["sum"],
    a_sum_error=steady["std_error"], a_sum_far=(steady["sum"] - 1) / steady["std_error"], a_flipped=steady["flipped"],
    a_needed=winsorised.values["needed"], a_needed_error=np.hypot(tails.error("tau"), tails.error("eta")),
    a_se_ti=long.loc["TI", "indirect_se"] / long.loc["TI", "theta_se"], a_se_rest=stretches.median(),
    a_se_er=long.loc["LnER", "indirect_se"] / long.loc["LnER", "theta_se"],
    a_se_ti_other=long.loc["LnER", "indirect_se"] / long.loc["TI", "theta_se"],
    a_se_er_other=long.loc["TI", "indirect_se"] / long.loc["LnER", "theta_se"],
    a_turned=turned, a_turned_p=TestResult("sign turned", turned, len(short)).p_value, a_turned_df=len(short),
    a_fit_p=matrices.loc[matrices["χ² at implied ρ"].idxmin(), "P"], a_fit_print=matrices["χ² at print"].min(),
    a_fit_low=matrices["χ² at implied ρ"].min(), a_fit_high=matrices["χ² at implied ρ"].max(),
    a_truth_low=matrices["truth behind"].min(), a_truth_high=matrices["truth behind"].max(),
    a_years=named.values["rows"], a_named=named.values["named"], a_fitting=named.recomputed,
)  # fmt: skip

# %%
page.by(referee.against_matrices, seed=seed).table(
    matrices,
    "tab-audit-ne34-matrices",
    "What effects and Moran's I of paper A say about seven matrices on its 34 cities",
    stub="W",
    formats={"χ² at print": ".0f", "χ² at implied ρ": ".0f", "rows of Moran's I": ".0f"},
    notes="χ²: distance of sixteen short-run effects in units of rounding and noise, P that of the second. Modulus: "
    "largest of the dynamics, above one they explode. Truth behind: the ρ whose uncorrected estimate with year effects "
    "tends to the implied one. Rows: of Table A2, that the matrix can have made. The nests are what the name of the "
    "paper's matrix may mean.",
)

# %% [markdown]
# ## Which matrix, and what a negative estimate means
#
# The paper names its matrix *economic-geographic nested* and gives no formula. {numref}`tab-audit-ne34-matrices` asks
# each of seven candidates. At the printed ρ
# sixteen short-run effects are off by a $\chi^2$ of {glue:text}`a_fit_print:.0f` or more, at the implied one by
# {glue:text}`a_fit_low:.0f` to {glue:text}`a_fit_high:.0f`: least ($P$ = {glue:text}`a_fit_p:.2f`) where weights fall off fast or
# neighbours are few, and far more than noise explains for the nests and $1/d$.
#
# A printed $I$ and $Z$ give the standard deviation that was used, and with it the matrix. The nests can have made
# at most {glue:text}`a_named:d` of the {glue:text}`a_years:d` rows of Table A2; all of them can have been made by:
# {glue:text}`a_fitting`. So the matrix of Table A2 is sparser, or falls off faster, than what its name may mean;
# whether the model used another one, print does not say. Two rows, 2020 and 2021, agree in every
# digit.
#
# A negative estimate is no evidence of neighbours that push each other apart. Without correction the likelihood with
# year effects is biased downward, the more the denser $W$ ([](../validation/monte_carlo.py)). A value like the implied one
# stands for a true ρ between {glue:text}`a_truth_low:.2f` and {glue:text}`a_truth_high:.2f`, depending on the matrix. If
# the paper's estimate was negative and uncorrected, neither sign settles the dependence.
#
# ## What could have turned the sign
#
# **A program that posts the absolute value.** Version 1.4.5 of the Stata command `xsmle` {cite:p}`belotti2017`, read in
# its public copy at [github.com/r-stata/tssc](https://github.com/r-stata/tssc), file `ssc/xsmle/xsmle.ado`, commit 7219f0d,
# does this in every dynamic Durbin model: just before it posts the estimates it takes the absolute value of the
# last but one of them. A comment says that this is to make a variance positive. In the model with fixed effects that place
# holds ρ. The effects, by default means of 500 draws, have been simulated before from the signed estimate, and keep
# its sign. (With delta-method errors for the effects, the program would read the posted value.) Static models are
# not touched. Such a run leaves a table like A4 beside one like A5. We did not run the program, and that the paper used
# it is not known to us.
#
# **The effects were computed with −ρ.** This fits the totals as well: with rows of W that sum to one and the printed ρ
# behind a minus sign nothing is left to fit, and $\chi^2$ = {glue:text}`a_turned:.1f` on {glue:text}`a_turned_df:d`
# ($P$ = {glue:text}`a_turned_p:.2f`). Then the printed ρ is the estimate; the tables alone cannot exclude it.
#
# **A misprint** of one sign would leave the same trace in Tables A4 and A5. It would not explain that the winsorised
# column would need a negative ρ while every dynamic column of Table A7 prints a positive one, unless signs were lost there too.
#
# ## Descriptive statistics
#
# {numref}`tab-audit-ne34-moments` holds Table A1 against itself. The standard deviation of FDI is more than any variable
# with its mean and range can have {cite:p}`bhatia2000`; with the decimal point one place to the left it is possible. GOV,
# expenditure over output, has a maximum of {glue:text}`a_gov:.3f`, and this value alone makes up {glue:text}`a_gov_share:.0%` of the variable's
# sum of squares. Income per head runs up to {glue:text}`a_income:,.0f` yuan, {glue:text}`a_income_times:.1f` times its
# geometric mean. And GOV, FDI and TI seem to have entered the model in per cent: which also means that the text, calling
# GOV's coefficient small, compares numbers in unlike units.

# %%
by_term = {found.place.split(", ")[-1]: found.values for found in shares}
numbers(
    a_gov=by_term["GOV"]["highest"], a_income=by_term["LnPGDP"]["highest"],
    a_income_times=by_term["LnPGDP"]["times_mean"],
    a_gov_share=by_term["GOV"]["share"],
)  # fmt: skip
show(
    described,
    "tab-audit-ne34-moments",
    "Descriptive statistics of Table A1 against themselves, in natural units, and against Table A4",
    computation=True,
    code=[audit.spread, audit.natural_units, audit.units],
    folded=True,
)

# %% [markdown]
# ## Specification tests
#
# Eight tests of Table A3 are printed without statistics. Of the two with both, that of the city effects
# does not fit: with 33 degrees of freedom, one less than cities, its statistic has a $P$ of
# {glue:text}`a_df_p:.2f`. The printed one fits {glue:text}`a_df_fits:d` number of degrees of freedom,
# {glue:text}`a_df_needed:d`, the number of slopes of the static model. The Wald test against the spatial lag model is printed
# with $P$ = {glue:text}`a_wald`. The $z$ values of the spatial lags would give {glue:text}`a_wald_static:.3f` in the
# static and {glue:text}`a_wald_dynamic:.2f` in the dynamic model if they were uncorrelated. They are not, so this
# contradicts nothing; it sits better with a test made on the static model than on the dynamic one that the paper uses.

# %%
wald = audit.printed(T3.set_index("test").loc["Wald-SAR test", "p"])
lags = ["W." + x for x in short.index]
joint = [audit.joint_test(T4, f"Model {i}", lags, wald).values["uncorrelated"] for i in (1, 2)]
individual = next(found.values for found in degrees if found.values)
turns = [
    found
    for table in (T4[~T4["term"].str.startswith("W.")], T5[T5["effect"] == "direct"], T6, T7)
    for found in audit.turning_points(table)
]
point = next(f.values for f in turns if "4, Model 2" in f.place)
coagg = T1.set_index("term").loc["Coagg", ["mean", "std_dev", "min", "max"]].astype(float)
reach = {"Coagg": audit.Interval(coagg["min"], coagg["max"])}
whole = audit.turning_points(audit.totals_table(T5), ranges=reach)
numbers(
    a_df_p=individual["p_implied"], a_df_fits=int(individual["fits"]), a_wald=str(wald),
    a_df_needed=int(individual["df"]), a_wald_static=joint[0], a_wald_dynamic=joint[1], a_max=coagg["max"],
    a_turn_short=whole[0].values["point"], a_turn_long=whole[1].values["point"],
    a_turn=point["point"], a_turn_error=point["std_error"],
)  # fmt: skip

# %% [markdown]
# ## Where the curve turns
#
# The text gives the turning point of the own coefficients; with an assumed correlation of
# {glue:text}`a_correlation:.1f` between the two it is {glue:text}`a_turn:.2f` ({glue:text}`a_turn_error:.2f`).
# {numref}`tab-audit-ne34-turning` has the point of every column and of the effects. Two of them tell more. The winsorised
# column turns at {glue:text}`a_turn_winsorised:.2f`, its square being {glue:text}`a_square:.1f` times that of the main
# model: signs stay, as the text says, the curve does not. And the *total* effects, spillovers included, turn at
# {glue:text}`a_turn_short:.1f` in the short and {glue:text}`a_turn_long:.1f` in the long run, beyond the largest value in the
# data, {glue:text}`a_max:.3f`. Taken at their word, with neighbours counted, they rise everywhere; but their standard errors are
# too large to tell.
#
# Mean and standard deviation of Table A1 allow at most {glue:text}`a_beyond:.0f` % of city-years beyond the turn (Cantelli's
# inequality). How many there are, print does not show.

# %%
winsor, main = (audit.dynamics(t, m, tau="Coagg^2") for t, m in ((T6, "Model 3"), (T4, "Model 2")))
apart = audit.turning_points_apart(
    T7, "Coagg", [f"Sector {i}" for i in range(1, 7)], claimed=True, correlation=correlation
)
finance = [f for f in apart if "Sector 2" in f.place]
numbers(
    a_turn_winsorised=next(f.values["point"] for f in turns if "6, Model 3" in f.place),
    a_square=winsor.value("tau") / main.value("tau"), a_correlation=correlation,
    a_beyond=100 * audit.largest_share(coagg["mean"], coagg["std_dev"], point["point"]),
    a_gap=groups[0].values["difference"], a_gap_error=groups[0].values["std_error"],
    a_gap_p=groups[0].values["p"], a_square_p=groups[1].values["p"],
    a_pairs=len(apart), a_told=sum(not f.contradicts for f in apart), a_finance=len(finance),
    a_finance_told=sum(not f.contradicts for f in finance),
    a_coagg=coagg["mean"], a_needed_link=(2 - coagg["mean"]) / coagg["std_dev"],
)  # fmt: skip
show(
    [*turns, *whole],
    "tab-audit-ne34-turning",
    "Turning points of Tables A4 to A7 and of total effects, with rounding and sampling error",
    computation=True,
    notes="Standard errors for three correlations of the two estimates, whose covariance is not printed; that of a "
    "total takes its standard error at the most it can be.",
    code=[audit.turning_points, audit.totals_table],
    folded=True,
)

# %% [markdown]
# ## Groups, sectors, controls
#
# *Groups.* The text finds significant heterogeneity: an effect in cities that do not depend on resources and none in
# those that do. That compares stars {cite:p}`gelman2006`. The difference of the linear terms is {glue:text}`a_gap:.3f`
# ({glue:text}`a_gap_error:.3f`), $P$ = {glue:text}`a_gap_p:.2f`; that of the squares has $P$ =
# {glue:text}`a_square_p:.2f`. Two independent samples are assumed.
#
# *Sectors.* {glue:text}`a_told:d` of {glue:text}`a_pairs:d` pairs of turning points can be told apart at 5 %, finance
# from {glue:text}`a_finance_told:d` of the other {glue:text}`a_finance:d`. Its point is the lowest; but each sector's index has a
# scale of its own whose distribution is not printed, so which sector is most able to cross its point cannot be known.
#
# *Controls.* The text reads each from one column. {numref}`tab-audit-ne34-controls` has all columns of Tables A4 and A6:
# what is called a failure of environmental policy rests on the dynamic columns alone.

# %%
show(
    regulation,
    "tab-audit-ne34-controls",
    "What the text concludes of each control, over all printed columns",
    computation=True,
    code=[audit.across_columns],
)

# %% [markdown]
# ## Sentences and numbers of the text
#
# {numref}`tab-audit-ne34-statements` holds each sentence that a table can bear out against the cells of which it
# speaks. Most hold. {numref}`tab-audit-ne34-numbers` does so for the numbers of the text that stand in tables or follow
# from them: {glue:text}`a_numbers_off:d` of {glue:text}`a_numbers:d` do not round from them. What is left was read and
# not computed ({numref}`tab-audit-ne34-read`): a Table 8 where the paper has seven, a symbol that its equation does not
# have, names that its tables do not use. And co-agglomeration rises and falls in one section and declines in another.

# %%
text = published.load("paper_a_intext").set_index("quantity")["value"]
turning = audit.Interval(point["lower"], point["upper"])
sources = {
    "inflection point": turning,
    "mean Coagg": audit.printed(str(coagg["mean"])).interval,
    "lag effect": model.tau.estimate.interval,
}
first, *_, last = T2["year"]
made.told(
    page.by(audit.stated_numbers),
    [
        *referee.number_claims("A", sources),
        ledger.claim_in_number("A", "cities", float(T1["observations"].iloc[0]) / len(T2)),
        ledger.claim_in_words("A", "years", text["years"] == f"{first}-{last}"),
        ledger.claim_in_words("A", "left of the turn", coagg["mean"] < turning.lower),
    ],
    "tab-audit-ne34-numbers",
    "Numbers of the text and what Tables A1, A2 and A4 make of them",
)

# %%
off = audit.stated_numbers({name: (text[name], source) for name, source in sources.items()})
numbers(a_numbers=len(sources), a_numbers_off=len(off), a_peak=text["peak of mean Coagg"])
show(
    told,
    TOLD,
    "Sentences of the text against Tables A4 to A7",
    code=[audit.check_statements],
    folded=True,
)

# %%
made.told(
    page,
    made.read(),
    "tab-audit-ne34-read",
    "Read, not computed: sentences and terms of the text that no printed number settles",
)

# %% [markdown]
# ## The index and its formula
#
# Equation (4) takes both location quotients against Northeast China. So over the 34 cities, but for two
# prefectures left out, each quotient has an employment-weighted mean of one, and the index of equation (3) one of *two or
# more*. The printed mean, in which every city counts alike, is {glue:text}`a_coagg:.3f`, and the highest yearly one
# {glue:text}`a_peak`. Both can be true if the larger cities have higher values: the correlation of the index with
# employment times the coefficient of variation of employment must reach {glue:text}`a_needed_link:.2f`. A few large cities
# can give that. The employment of the cities would settle it.
#
# ## What would settle it, and how to correct us
#
# The log of the program with version and options, or the stored estimates, would settle the sign of ρ and the two exchanged estimates
# at once; the matrix, its table of Moran's $I$; a list of the largest values, Table A1. The data would settle everything. If
# we misread a table or a sentence, an issue in the project's repository that names the cell is enough: each number here comes
# from the committed transcription, and the page is computed anew. Nobody was asked before this was written, and no
# intent is claimed: a finding says what does not fit, never why.

# %%
where = tables.origin([audit.effects, audit.check_statements, audit.spread, audit.stars], FILES)
ledger.record(
    referee.statement_claims("A", checks, {"rho Model 2": sign, "heterogeneity": groups[0]}),
    TOLD,
    where,
)

# %%
RHO, candidates = sign.check, list(MATRICES.values())
reached = ledger.printed_claim(
    "A", "4", "rho", "Model 2", kind="implied", derived=sign.values["rho"], conflict=RHO,
    inputs_rounding=3 * sign.values["rho_error"], note="implied by the short-run totals",
)  # fmt: skip
implied = [
    *referee.effect_claims("A", "5", short, model, "short", candidates, "ST {} effect", RHO, draws),
    *referee.effect_claims("A", "5", long, model, "long", candidates, "LT {} effect", RHO, draws),
]
ledger.record([reached, *implied], TOTALS, where)

# %%
cells = [
    *referee.spread_claims("A", "1", "symbol"),
    *referee.p_claims("A", "2", "z", "p", "year"),
    *referee.chi_squared_claims("A", "3", "test", DF),
    *referee.star_claims("A", "4", but=[("Model 2", "rho")]),
    *referee.star_claims("A", "5", but=[(x.column, x.row) for x in implied if x.conflict]),
    *(claim for table in "67" for claim in referee.star_claims("A", table)),
]
ledger.record(cells, FINDINGS, where)
