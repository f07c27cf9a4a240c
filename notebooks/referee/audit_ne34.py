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
# No: Table A4 prints ρ = **{glue:text}`a_rho:.3f`**, and the eight short-run total effects of Table A5 need
# ρ = **{glue:text}`a_short_rho:.3f`** (standard error {glue:text}`a_short_rho_error:.3f`), whatever the weight
# matrix is. Under a positive ρ within its limits, and weights without a minus sign, the own
# coefficients would carry a weight of one or more in them; they carry **{glue:text}`a_short_own:.3f`**
# ({glue:text}`a_short_own_error:.3f`). So effects and ρ do not come from one model, and whether neighbours pull
# each other up or push each other apart cannot be read from the print.
# :::
#
# **Shown by print alone.** Table A5 does not follow from the ρ of Table A4. One standard deviation is impossible. The
# test of city effects has other degrees of freedom than cities would give. Two groups said to differ significantly
# cannot be told apart. Of spillovers said to be insignificant, that of income has stars. The effect of environmental
# regulation has the other sign in {glue:text}`a_er_other:d` of {glue:text}`a_er_columns:d` columns.
#
# **Likely.** The sign of ρ was turned between estimate and effects. Two long-run effects of Table A5 (TI, LnER) stand in
# each other's rows. Three regressors described as shares entered in per cent. The matrix that the paper names is not the
# one behind its Moran's $I$, and one row of that table was carried forward.
#
# **Not known.** How the sign was turned, with which program, on which matrix; and the sign of the true dependence,
# which an uncorrected estimate of either sign leaves open.

# %% tags=["parameters"]
draws: int = (
    500  # draws behind the printed effects; their simulation noise is allowed for: 500..1000
)
correlation: float = -0.9  # assumed between the estimates of a term and its square: -1..1
seed: int = 20260707  # of simulated incomes: 0..

# %%
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import audit, weights
from analysis.book import figures, ledger, parameters, published, referee, tables
from analysis.book.page import Page, numbers
from analysis.papers.ne34 import tables as made
from analysis.papers.places import cities
from analysis.spatial import TestResult

parameters.check()
FILES = {f"table A{i}": f"data/published/paper_a_table{i}.csv" for i in range(1, 8)}
page = Page({**FILES, "text": "data/published/paper_a_intext.csv"}, {"draws": draws},
            captions=made.STUDY.captions)  # fmt: skip

# %%
T1, T2, T3, T4, T5, T6, T7 = (
    (published.load if i < 4 else published.estimates)(f"paper_a_table{i}").assign(table=f"A{i}")
    for i in range(1, 8)
)
T1 = T1.rename(columns={"symbol": "term"})
model = audit.dynamics(T4, "Model 2")
rho, tau, eta = (model.value(name) for name in ("rho", "tau", "eta"))
short, long = (audit.effect_rows(T4, T5, "Model 2", run) for run in ("short", "long"))
swap = audit.exchanged(long, draws)

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
named = audit.named_weights(against, [name for name in MATRICES if "nest" in name])

# %%
sign, *effects = audit.effects(T4, T5, "Model 2", draws)
(winsorised,) = audit.stability(T6, "Model 3")
sign = replace(sign, witnesses=(*sign.witnesses, winsorised))
groups = [audit.group_difference(T7, "RC", "NRC", x, claimed=True) for x in made.CURVE]
checks = referee.check_statements("A")
read_as = dict.fromkeys(("LnPGDP", "LnRD"), "negative")
read_as |= dict.fromkeys(("LnER", "FDI", "GOV"), "positive")
regulation = [audit.across_columns([T4, T6], term, way) for term, way in read_as.items()]
DF = {"Individual fixed effects test": 33, "Time fixed effects test": 19}
degrees = audit.degrees_of_freedom(T3, DF)
fraction = audit.Interval(0, 1)
shares = audit.natural_units(T1, ["LnPGDP", "LnRD", "LnER"], {"GOV": fraction, "FDI": fraction})
described = [*audit.spread(T1), *audit.units(T4, T1, "Model 2", 646), *shares]
told = [finding for found in checks.values() for finding in found]
stars = [found for table in (T4, T5, T6, T7) for found in audit.stars(table)]

# %% [markdown]
# ## All findings
#
# {numref}`tab-audit-ne34-findings` lists what does not fit. *Shown* means by print alone, beyond rounding and simulation
# noise; *likely*, that a finding rests on chance or on something outside the print. Much agrees: all
# {glue:text}`a_stars:d` estimates of Tables A4 to A7 have the stars that their standard errors support, the twenty $P$
# values of Table A2 are those of their $Z$, and the turning point in the text is that of the printed coefficients.

# %%
moran = [*audit.repeated_rows(T2, ["morans_i", "z", "p"]), *audit.statistics_against_p(T2), named]
listed = [sign, *effects, groups[0], *described, *degrees, *moran, *stars, *regulation, *told]
made.findings(
    page.by(audit.effects, audit.spread, audit.degrees_of_freedom, audit.group_difference),
    [found for found in listed if found.contradicts],
    "tab-audit-ne34-findings",
)

# %%
far = abs(sign.values["distance"])
estimated = sum((table["std_error"] != "").sum() for table in (T4, T5, T6, T7))
numbers(a={"rho": rho, "tau": tau, "eta": eta, "draws": draws})
numbers(a_short=sign.values, a_distance=far, a_distance_few=far / 10**0.5)
numbers(a_er=regulation[2].values, a_named=named.values, a_fitting=named.recomputed)
numbers(a_stars=estimated - len(stars))

# %% [markdown]
# ## What effects tell without a matrix
#
# Let $\beta$ and $\theta$ be the coefficients of a variable and of its spatial lag, and $S = I - \rho W$. Its matrix of
# short-run effects is $\beta S^{-1} + \theta W S^{-1}$. So the total effect, the mean row sum, is $a\beta + b\theta$ with
# *one pair* $(a, b)$ for all regressors, whatever $W$ is, if carbon intensity and regressors share it. And since
# $S^{-1} - \rho W S^{-1} = I$, the pair tells ρ:
#
# $$ a - \rho\, b = 1 . $$
#
# Eight printed totals determine the two numbers: $a$ = {glue:text}`a_short_own:.3f`
# ({glue:text}`a_short_own_error:.3f`) and $b$ = {glue:text}`a_short_lagged:.3f`
# ({glue:text}`a_short_lagged_error:.3f`), errors from rounding and from the noise of a mean of {glue:text}`a_draws:d`
# draws. All eight fit ($\chi^2$ = {glue:text}`a_short_scatter:.1f` on {glue:text}`a_short_df:d` degrees of freedom, $P$ =
# {glue:text}`a_short_scatter_p:.2f`; {numref}`tab-audit-ne34-totals`, {numref}`fig-audit-ne34-totals`). They give ρ =
# {glue:text}`a_short_rho:.3f` ({glue:text}`a_short_rho_error:.3f`); at the printed ρ, $a - \rho b$ misses one by
# {glue:text}`a_distance:.0f` of its standard errors, with a tenth of the draws still by about
# {glue:text}`a_distance_few:.0f`.

# %%
sums = audit.effect_sums(short, draws=draws)
put_back = audit.effect_sums(swap.rows, draws=draws)
totals = pd.concat({"short run": sums.rows, "long run": put_back.rows})
heads = ["total", "standard error at most", "a β + b θ", "noise", "in units of noise"]
totals = totals.set_axis(heads, axis=1)
page.by(audit.effect_sums).table(totals, "tab-audit-ne34-totals")

# %%
figure, axes = figures.canvas(1, 2, height=3.2)
runs = {"short run": (short, 0), "long run": (swap.rows, tau + eta)}
for ax, (run, (rows, kept)) in zip(axes, runs.items(), strict=True):
    slopes = {"ρ negative": 1 / (1 - kept + rho), "ρ as printed": 1 / (1 - kept - rho)}
    referee.totals_figure(ax, rows, totals.loc[run, "noise"], slopes)
    ax.set(title=run, xlabel="β + θ (Table A4)", ylabel="total effect (Table A5)")
hollow = {"color": figures.MUTED, "markersize": 4, "fillstyle": "none"}
axes[1].plot(long["beta"] + long["theta"], long["total"], "o", **hollow)
axes[0].legend()
page.figure(figure, "fig-audit-ne34-totals", values=totals.reset_index(names=["run", "regressor"]))

# %%
left = audit.leave_one_out(short, draws).agg(["min", "max"])
ratio, weight = (sign.witness(name) for name in ("indirect standard errors", "direct effects"))
numbers(a_left=left, a_floor=audit.lower_bounds(short, rho, draws).loc["LnER"])
numbers(a_ratio=ratio, a_weight=weight, a_stretch=1 / (1 - rho))

# %% [markdown]
# **One row is enough.** If no weight is negative and $\rho > 0$ is below its limit, no entry of $S^{-1}$ is below that
# of $I$. Then a total effect is no smaller than $\beta$ where $\beta$ and $\beta + \theta/\rho$ have one sign. For
# environmental regulation (LnER) that is {glue:text}`a_floor_bound:.3f`; printed are {glue:text}`a_floor_printed:.3f`,
# below it by {glue:text}`a_floor_distance:.1f` times the noise of the mean of draws ({glue:text}`a_floor_noise:.3f`).
#
# **Other explanations, one by one.**
#
# * *Effects from another run.* Then the coefficients of Table A4 would not fit all eight totals. They do.
# * *τ or η taken for ρ.* Short-run totals contain neither; {glue:text}`a_tau:.3f` and {glue:text}`a_eta:.3f` are
#   positive as well.
# * *One cell misprinted or wrongly transcribed.* Without any one regressor ρ lies between {glue:text}`a_left_min:.2f` and
#   {glue:text}`a_left_max:.2f`. Only the sign of ρ itself can be a misprint.
# * *A matrix that is not row-standardised.* Nothing above needs it to be.
#
# **More traces.** Standard errors of the indirect effects are {glue:text}`a_ratio_least:.2f` to
# {glue:text}`a_ratio_most:.2f` times those of θ, where the printed ρ would stretch them to about
# {glue:text}`a_stretch:.2f`; they fit ρ = {glue:text}`a_ratio_rho:.2f`. In the direct effects θ has the weight
# {glue:text}`a_weight_lagged:.3f` ({glue:text}`a_weight_lagged_error:.3f`), and under a positive ρ it cannot be negative.
#
# ## The long run, and two estimates that changed places
#
# In the long run $(1-\tau)\,a - (\rho+\eta)\,b = 1$. As printed no pair fits ($\chi^2$ =
# {glue:text}`a_before:.0f` on {glue:text}`a_short_df:d` degrees of freedom). One exchange of two estimates within a
# column makes all eight totals fit: the long-run indirect effects of TI and LnER ($\chi^2$ = {glue:text}`a_after:.1f`;
# the next best leaves {glue:text}`a_next:.0f`). Put back, they give ρ + η = {glue:text}`a_both:.3f`
# ({glue:text}`a_both_error:.3f`), hence ρ = {glue:text}`a_long_rho:.3f` given the printed η: the short run's finding again.
# Their standard errors stand in their own rows: over those of θ they are {glue:text}`a_se_ti:.1f` (TI) and
# {glue:text}`a_se_lner:.1f` (LnER), beside a median of {glue:text}`a_se_rest:.1f` of the other six; exchanged they would be
# {glue:text}`a_se_other_ti:.1f` and {glue:text}`a_se_other_lner:.1f`.
#
# The printed parameters sum to {glue:text}`a_sum_sum:.3f` (standard error {glue:text}`a_sum_std_error:.3f` if
# uncorrelated): above one, where no total long-run effect exists, by {glue:text}`a_sum_far:.1f` standard errors. With ρ
# negative the sum is {glue:text}`a_sum_flipped:.3f`. The winsorised column of Table A6 prints no ρ and is stable only with
# one below {glue:text}`a_needed:.3f` (standard error {glue:text}`a_needed_error:.3f` if τ and η were uncorrelated).

# %%
own = long["indirect_se"] / long["theta_se"]
other = long["indirect_se"].rename({"TI": "LnER", "LnER": "TI"}) / long["theta_se"]
both, both_error = put_back.spatial_parameter(tau)
numbers(a={"before": swap.before, "after": swap.after, "next": swap.next_best})
numbers(a_both=both, a_both_error=both_error, a_long=sign.witness("long-run totals"))
numbers(a_se=own, a_se_rest=own.drop(["TI", "LnER"]).median(), a_se_other=other)
steady, tails = sign.witness("stability"), audit.dynamics(T6, "Model 3")
numbers(a_sum=steady, a_sum_far=(steady["sum"] - 1) / steady["std_error"])
numbers(a_needed=winsorised.values["needed"])
numbers(a_needed_error=np.hypot(tails.error("tau"), tails.error("eta")))

# %%
# totals of a row-standardised W at the printed ρ with its sign turned: no parameter is free
gaps = (sums.rows["printed"] - (short["beta"] + short["theta"]) / (1 + rho)) / sums.rows["noise"]
turned = TestResult("sign turned", float((gaps**2).sum()), len(short))
matrices = referee.against_matrices(short, model, sign.values["rho"], T2, MATRICES, draws)
fit, behind = matrices["χ² at implied ρ"], matrices["truth behind"]
numbers(a_turned=turned.statistic, a_turned_p=turned.p_value, a_turned_df=len(short))
numbers(a_fit=fit.agg(["min", "max"]), a_fit_p=matrices.loc[fit.idxmin(), "P"])
numbers(a_fit_none=int((matrices["P"] < 0.05).sum()))
numbers(a_fit_print=matrices["χ² at print"].min(), a_truth=behind.agg(["min", "max"]))

# %%
page.by(referee.against_matrices, seed=seed).table(matrices, "tab-audit-ne34-matrices")

# %% [markdown]
# ## Which matrix, and what a negative estimate means
#
# The paper names its matrix *economic-geographic nested* and gives no formula; {numref}`tab-audit-ne34-matrices` asks
# seven candidates. At the printed ρ sixteen short-run effects are off by a $\chi^2$ of {glue:text}`a_fit_print:.0f` or
# more, at the implied one by {glue:text}`a_fit_min:.0f` to {glue:text}`a_fit_max:.0f`: least ($P$ =
# {glue:text}`a_fit_p:.2f`) where weights fall off fast or neighbours are few. Even then
# {glue:text}`a_fit_none:d` of these matrices are rejected at 5 %: the matrix is another one, or the noise larger than assumed here.
#
# A printed $I$ and $Z$ give the standard deviation that was used, and with it the matrix. The nests can have made
# {glue:text}`a_named_named:d` of the {glue:text}`a_named_rows:d` rows of Table A2; all of them can have been made by:
# {glue:text}`a_fitting`. So the matrix of Table A2 is sparser, or falls off faster, than what its name may mean; whether
# the model used another, print does not say.
#
# A negative estimate is no evidence of neighbours that push each other apart: without correction the likelihood with
# year effects is biased downward, the more the denser $W$ ([](../validation/monte_carlo.py)). A value like the implied one
# stands for a true ρ between {glue:text}`a_truth_min:.2f` and {glue:text}`a_truth_max:.2f`, depending on the matrix.
#
# ## What could have turned the sign
#
# **A program that posts the absolute value.** Version 1.4.5 of the Stata command `xsmle` {cite:p}`belotti2017`, read in
# its public copy at [github.com/r-stata/tssc](https://github.com/r-stata/tssc), file `ssc/xsmle/xsmle.ado`, commit 7219f0d,
# takes, in every dynamic Durbin model and just before it posts the estimates, the absolute value of the last but one. A
# comment says that this is to make a variance positive; with fixed effects that place holds ρ. The effects, by default
# means of 500 draws, have been simulated before from the signed estimate (with delta-method errors they would not be).
# Static models are not touched. Such a run leaves a table like A4 beside one like A5. We did not run the program, and
# that the paper used it is not known to us.
#
# **Effects computed with −ρ.** With rows of W that sum to one and the printed ρ behind a minus sign nothing is left to
# fit, and $\chi^2$ = {glue:text}`a_turned:.1f` on {glue:text}`a_turned_df:d` ($P$ = {glue:text}`a_turned_p:.2f`). Then the
# printed ρ is the estimate; the tables alone cannot exclude it.
#
# **A misprint** of one sign would leave the same trace in Tables A4 and A5. It would not explain that the winsorised
# column needs a negative ρ while every dynamic column of Table A7 prints a positive one, unless signs were lost there too.
#
# ## Descriptive statistics
#
# The standard deviation of FDI is more than any variable with its mean and range can have {cite:p}`bhatia2000`; with the
# decimal point one place to the left it is possible ({numref}`tab-audit-ne34-moments`). GOV reaches
# {glue:text}`a_gov_highest:.3f`, a value that alone makes up {glue:text}`a_gov_share:.0%` of the sum of squares. Income per
# head runs up to {glue:text}`a_income_highest:,.0f` yuan, {glue:text}`a_income_times_mean:.1f` times its geometric mean. And
# GOV, FDI and TI seem to have entered the model in per cent, so that the text, calling GOV's coefficient small, compares
# numbers in unlike units.

# %%
by_term = {found.place.split(", ")[-1]: found.values for found in shares}
numbers(a_gov=by_term["GOV"], a_income=by_term["LnPGDP"])
on_spread = page.by(audit.spread, audit.natural_units, audit.units)
made.findings(on_spread, described, "tab-audit-ne34-moments")

# %% [markdown]
# ## Specification tests
#
# Eight tests of Table A3 are printed without statistics. Of the three with both, that of the city effects does not fit:
# with 33 degrees of freedom, one less than cities, its statistic has a $P$ of {glue:text}`a_df_p_implied:.2f`. The printed
# one fits {glue:text}`a_df_df:.0f` degrees of freedom and no other number; so many slopes has the static
# model. The Wald test against the spatial lag model, printed with $P$ = {glue:text}`a_wald`, sits better with the
# static model ({glue:text}`a_wald_static:.3f` if its $z$ values were uncorrelated) than with the dynamic one
# ({glue:text}`a_wald_dynamic:.2f`); they are not, so this contradicts nothing.

# %%
wald = audit.printed(T3.set_index("test").loc["Wald-SAR test", "p"])
lags = ["W." + x for x in short.index]
static, dynamic = (audit.joint_test(T4, f"Model {i}", lags, wald).values for i in (1, 2))
numbers(a_df=next(found.values for found in degrees if found.values), a_wald=str(wald))
numbers(a_wald_static=static["uncorrelated"], a_wald_dynamic=dynamic["uncorrelated"])

# %% [markdown]
# ## Where the curve turns
#
# The text gives the turning point of the own coefficients, {glue:text}`a_turn_point:.2f`; with an assumed correlation of
# {glue:text}`a_correlation:.1f` between the two its error is {glue:text}`a_turn_std_error:.2f`
# ({numref}`tab-audit-ne34-turning`). The winsorised column turns at {glue:text}`a_turn_winsorised:.2f`, its square being
# {glue:text}`a_square:.1f` times that of the main model: signs stay, as the text says, the curve does not. And the *total*
# effects, neighbours counted, turn at {glue:text}`a_turn_short:.1f` in the short and {glue:text}`a_turn_long:.1f` in the
# long run, beyond the largest value in the data, {glue:text}`a_coagg_max:.3f`; but their errors are too large to tell.
#
# Mean and standard deviation of Table A1 allow at most {glue:text}`a_beyond:.0f` % of city-years beyond the turn (Cantelli's
# inequality). How many there are, print does not show.

# %%
tables_of_curve = (T4[~T4["term"].str.startswith("W.")], T5[T5["effect"] == "direct"], T6, T7)
turns = [found for table in tables_of_curve for found in audit.turning_points(table)]
point, tail = (
    next(found.values for found in turns if place in found.place)
    for place in ("4, Model 2", "6, Model 3")
)
coagg = T1.set_index("term").loc["Coagg", ["mean", "std_dev", "min", "max"]].astype(float)
reach = {"Coagg": audit.Interval(coagg["min"], coagg["max"])}
whole = audit.turning_points(audit.totals_table(T5), ranges=reach)
winsor, main = (made.printed(*at).params["Coagg^2"] for at in (("6", "Model 3"), ("4", "Model 2")))
numbers(a_coagg=coagg, a_turn=point, a_turn_winsorised=tail["point"], a_square=winsor / main)
numbers(a_turn_short=whole[0].values["point"], a_turn_long=whole[1].values["point"])
numbers(a_beyond=100 * audit.largest_share(coagg["mean"], coagg["std_dev"], point["point"]))
on_turns = page.by(audit.turning_points, audit.totals_table)
made.findings(on_turns, [*turns, *whole], "tab-audit-ne34-turning")

# %% [markdown]
# ## Groups, sectors, controls
#
# *Groups.* An effect with stars in one group and none in the other is no difference {cite:p}`gelman2006`. That of the
# linear terms is {glue:text}`a_gap_difference:.3f` ({glue:text}`a_gap_std_error:.3f`), $P$ = {glue:text}`a_gap_p:.2f`; that
# of the squares has $P$ = {glue:text}`a_gap_square:.2f`. Two independent samples are assumed.
#
# *Sectors.* {glue:text}`a_told:d` of {glue:text}`a_pairs:d` pairs of turning points can be told apart at 5 %, finance
# from {glue:text}`a_finance_told:d` of the other {glue:text}`a_finance:d`, if columns on the same cities were independent and
# the two terms of each as correlated as assumed above. Its point is the lowest; how its index is
# spread, on which crossing depends, is not printed.
#
# *Controls.* The text reads each from one column. {numref}`tab-audit-ne34-controls` has all columns of Tables A4 and A6:
# what is called a failure of environmental policy rests on the dynamic columns alone.

# %%
sectors = [f"Sector {i}" for i in range(1, 7)]
apart = audit.turning_points_apart(T7, "Coagg", sectors, claimed=True, correlation=correlation)
alike = pd.Series({found.place: not found.contradicts for found in apart})
finance = alike[alike.index.str.contains("Sector 2")]
numbers(a_gap=groups[0].values, a_gap_square=groups[1].values["p"], a_correlation=correlation)
numbers(a={"pairs": len(alike), "told": alike.sum()})
numbers(a_finance=len(finance), a_finance_told=finance.sum())
made.findings(page.by(audit.across_columns), regulation, "tab-audit-ne34-controls")

# %% [markdown]
# ## Sentences and numbers of the text
#
# {numref}`tab-audit-ne34-statements` holds each sentence against the cells of which it speaks; most hold. Of the
# {glue:text}`a_numbers:d` numbers that follow from tables {glue:text}`a_numbers_right:d` round from them
# ({numref}`tab-audit-ne34-numbers`). The rest was read and not computed ({numref}`tab-audit-ne34-read`): a Table 8
# where the paper has seven, a symbol that its equation does not have, names that its tables do not use. And
# co-agglomeration rises and falls in one section and declines in another.

# %%
text = published.load("paper_a_intext").set_index("quantity")["value"]
turning = audit.Interval(point["lower"], point["upper"])
sources = {
    "inflection point": turning,
    "mean Coagg": audit.printed(str(coagg["mean"])).interval,
    "lag effect": model.tau.estimate.interval,
    "cities": audit.Interval.exactly(float(T1["observations"].iloc[0]) / len(T2)),
}

# %%
first, *_, last = T2["year"]
judge = ledger.claim_in_words
claims = [
    *referee.number_claims("A", sources),
    judge("A", "years", text["years"] == f"{first}-{last}"),
    judge("A", "left of the turn", coagg["mean"] < turning.lower),
]
made.told(page.by(audit.stated_numbers), claims, "tab-audit-ne34-numbers")

# %%
off = audit.stated_numbers({name: (text[name], source) for name, source in sources.items()})
numbers(a_numbers=len(sources), a_numbers_right=len(sources) - len(off))
numbers(a_peak=text["peak of mean Coagg"], a_needed_link=(2 - coagg["mean"]) / coagg["std_dev"])
made.findings(page.by(audit.check_statements), told, "tab-audit-ne34-statements")

# %%
made.told(page, made.read(), "tab-audit-ne34-read")

# %% [markdown]
# ## The index and its formula
#
# By equations (3) and (4) the employment-weighted mean of the index is *two or more*, but for two prefectures left out
# ([](../ne34/data.py)). The printed mean, in which every city counts alike, is {glue:text}`a_coagg_mean:.3f`, the highest
# yearly one {glue:text}`a_peak`. Both can be true if the larger cities have higher values: the correlation of the index
# with employment times the coefficient of variation of employment must reach {glue:text}`a_needed_link:.2f`.
#
# ## What would settle it, and how to correct us
#
# The log of the program with version and options, or the stored estimates, would settle the sign of ρ and the exchanged
# estimates; the matrix, its table of Moran's $I$; a list of the largest values, Table A1; the employment of the cities,
# the index. If we misread a table or a sentence, an issue in the project's repository that names the cell is enough: each
# number here comes from the committed transcription. Nobody was asked before this was written, and no intent is claimed: a
# finding says what does not fit, never why.

# %%
anchor = "tab-audit-ne34-{}".format
where = tables.origin([audit.effects, audit.check_statements, audit.spread, audit.stars], page.data)
contradicted = {"rho Model 2": sign, "heterogeneity": groups[0]}
ledger.record(referee.statement_claims("A", checks, contradicted), anchor("statements"), where)

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
ledger.record([reached, *implied], anchor("totals"), where)

# %%
judged_above = [(claim.column, claim.row) for claim in implied if claim.conflict]
cells = [
    *referee.spread_claims("A", "1", "symbol"),
    *referee.p_claims("A", "2", "z", "p", "year"),
    *referee.p_claims("A", "3", "statistic", "p", "test", DF),
    *referee.star_claims("A", "4", but=[("Model 2", "rho")]),
    *referee.star_claims("A", "5", but=judged_above),
    *(claim for table in "67" for claim in referee.star_claims("A", table)),
]
ledger.record(cells, anchor("findings"), where)
