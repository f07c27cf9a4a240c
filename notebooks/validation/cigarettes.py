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
# # IV.2 Can the estimators be trusted? Cigarette demand in 46 US states, 1963-92
#
# :::{real}
# 46 states over 30 years {cite:p}`baltagilevin1992`: packs sold per head, their price and disposable
# income, both deflated by consumer prices. The panel comes with R's plm, the contiguity of the
# states with libpysal.
# :::
#
# :::{in-short}
# As arithmetic, yes: another program that estimates the same thing agrees as far as its own arithmetic allows, spreg's
# $\rho$ in {glue:text}`recorded_spatial:.0f` digits, splm's in {glue:text}`splm_rho_same:.0f`, a second implementation of
# ours in at least {glue:text}`second_worst:.1f` everywhere, and every larger gap of an estimate has a cause that this page names. The
# choice of estimator matters more than that of the program: it moves $\rho$ by {glue:text}`leak:.3f` under contiguity, and
# by {glue:text}`dense_leak_s_e:.1f` standard errors where W is dense.
# :::
#
# Smokers near a border buy next door, so this panel is a standard example {cite:p}`elhorst2014`. Agreement is counted in
# digits: minus the decimal logarithm of the relative difference.

# %% tags=["parameters"]
years_ahead: int = 40  # years over which a response to a price rise is followed: 10..80
draws: int = 5000  # draws of the simulated effects: 500..50000
density_power: float = 1.0  # power of distance in the densest matrix: 0.25..3

# %%
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import spatial
from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.papers import comparison, elsewhere, validation
from analysis.papers.cigarettes import pictures
from analysis.papers.elsewhere import ELHORST, SDPDMOD, SECOND, SPLM, SPREG
from analysis.spatial import specification_tests
from analysis.spatial.moran import global_moran
from analysis.weights import inverse_distance, k_nearest

parameters.check()
panel, weights = validation.cigarettes()
points = validation.states(weights)

# %%
model = validation.CIGARETTES
page = validation.page({"Cigar": panel}, [spatial.fit])

# %% [markdown]
# ## The data
#
# Every state and every year has an intercept below, so only the column *two-way* of {numref}`tab-cigar-data` is left;
# {numref}`fig-cigar-states` shows what that takes out. Neighbours resemble each other: Moran's $I$ of sales
# {cite:p}`moran1950` lies between {glue:text}`moran_min:.2f` and {glue:text}`moran_max:.2f` and is significant at 5 % in
# {glue:text}`moran_significant:d` of {glue:text}`moran_years:d` years ({numref}`fig-cigar-moran`). R's spdep
# {cite:p}`bivand2018` agrees in at least {glue:text}`moran_digits:.1f` digits ({numref}`tab-cigar-moran`).

# %%
spread = comparison.spread(panel, ["logc", "logp", "logy"])
page.by(comparison.spread).table(spread, "tab-cigar-data")

# %%
packs = np.exp(panel.frame["logc"]).unstack()
drawn = pictures.states(packs, points, weights)
page.by(pictures.states).figure(drawn, "fig-cigar-states", values=packs)

# %%
moran = global_moran(panel, "logc", weights, permutations=0)
numbers(moran_first=moran["I"].iloc[0], moran_last=moran["I"].iloc[-1])
page.by(global_moran).figure(pictures.moran(moran), "fig-cigar-moran", values=moran)

# %%
spdep = elsewhere.moran("cigar", by="year")
kinds = list(spdep.filter(regex="^I$|_random|_normal"))
by_year = elsewhere.beside(moran[kinds].stack(), spdep[kinds].stack(), "spdep")
compared = by_year.loc[moran.index[0]].assign(digits=by_year["digits"].groupby(level=1).min())
numbers(moran=moran["I"].agg(["min", "max"]), moran_digits=compared["digits"].min())
numbers(moran_significant=int((moran["p_random"] < 0.05).sum()), moran_years=len(moran))

# %%
page.by(global_moran).table(compared, "tab-cigar-moran")

# %% [markdown]
# ## The static model
#
# The spatial Durbin model lets sales depend on the neighbours' sales, prices and incomes,
#
# $$
# y_t = \rho W y_t + X_t \beta + W X_t \theta + \mu + \xi_t \iota + e_t ,
# $$
#
# with an intercept $\mu_i$ for each state and $\xi_t$ for each year. Papers seldom say by which of three ways they
# estimate it:
#
# * **direct**: the intercepts are parameters, as many as states and years, and their estimation error leaks into $\rho$
#   and $\sigma^2$;
# * **direct, corrected**: an estimate of that leak is subtracted afterwards {cite:p}`leeyu2010`;
# * **transformation**: the intercepts are removed before the likelihood is formed {cite:p}`leeyu2010`, so that nothing
#   leaks. This is the default of this book.

# %%
static = comparison.fits(panel, weights, model, "cigar-static")
rho = comparison.rho(static)
page.regressions(static, "tab-cigar-static")

# %% [markdown]
# $\rho$ is {glue:text}`rho_direct:.3f` directly, {glue:text}`rho_direct_corrected:.3f` after the correction and
# {glue:text}`rho_transformation:.3f` by transformation ({numref}`tab-cigar-static`). That leak of {glue:text}`leak:.3f`
# is {glue:text}`leak_in_errors:.1f` standard errors, and more years do not shrink it: it is of order $1/N$.
#
# The last column is an estimator that papers do not name and some packages compute. Whether $Wy$ is formed first, which
# is the likelihood with dummy variables, or from the demeaned outcome, moves $\rho$ by {glue:text}`order_gap:.4f`:
# removing year means does not commute with $W$.
#
# ### The same from elsewhere
#
# {numref}`tab-cigar-static-digits` sets the estimates beside spreg (run here, and 1.9.1 as recorded), R's splm
# {cite:p}`millopiras2012`, Elhorst's routines in Octave, and a second implementation of ours, a guard against slips of
# the keyboard alone.

# %%
pairs = comparison.pairs(panel, weights, model, "cigar", "cigar-static-digits")
live = comparison.spreg_models(panel, weights, model)
(version, title), (random, theirs) = list(live.items())[-1]
imitated = version, f"{title}, by its formulas"
live[imitated] = comparison.as_spreg(random, panel), theirs
digits = elsewhere.digits(live | pairs)
page.by(comparison.pairs).table(digits, "tab-cigar-static-digits")

# %%
(_, dummies), (_, recorded) = digits.loc[SPREG].iterrows()
direct, octave = pairs[ELHORST, "direct"]
first, mended, _ = digits.loc[SPLM, "spatial"]
_, splm, lee_yu = (theirs.params["rho"] for (name, _), (_, theirs) in pairs.items() if name == SPLM)
leak, correction = rho[["transformation", "direct, corrected"]] - rho["direct"]
numbers(rho=rho, leak=leak, leak_in_errors=leak / static["transformation"].std_errors["rho"])

# %%
loglik = next(theirs.loglik for _, theirs in live.values())
total, own = panel.n_units * panel.n_periods, digits.loc[list(live)[:2]]
numbers(spreg_loglik=loglik, spreg_loglik_mended=loglik + total / 2 * np.log(total))
numbers(spreg_loglik_later=elsewhere.estimates(SPREG, "cigar", "sar", "individual").loglik)
numbers(spreg_now=own.drop(columns=["gap", "loglik"]).min(axis=None))
numbers(order_gap=rho["direct"] - rho["direct, demeaned first"])
numbers(like_random=digits.loc[imitated].drop("gap").min(), recorded=recorded)
numbers(spreg_se_dummies=dummies["std_errors"], leeyu_shift=correction, splm_shift=lee_yu - splm)
numbers(splm_rho_other=first, splm_rho_same=mended)
numbers(elhorst_off=octave.params["rho"] - direct.params["rho"])
numbers(second_worst=digits.loc[SECOND].drop(columns="gap").min(axis=None))

# %% [markdown]
# Each line that falls short has a cause:
#
# * **spreg** has no two-way Durbin model; year effects enter it as dummies, and a lagged outcome or a correction not at
#   all. Run here, its models with state effects agree in at least {glue:text}`spreg_now:.1f` digits but for the
#   log-likelihood. That of the lag is {glue:text}`spreg_loglik:.1f` in this version, which takes the sum of squares for the
#   variance; with $\tfrac{NT}{2} \ln NT$ put back it is {glue:text}`spreg_loglik_mended:.1f`, as in 1.9.1
#   ({glue:text}`spreg_loglik_later:.1f`) and here. Of the recorded two-way estimates $\rho$ agrees in
#   {glue:text}`recorded_spatial:.0f` digits and the standard errors in {glue:text}`recorded_std_errors:.0f`; with dummies
#   here as well in {glue:text}`spreg_se_dummies:.0f`.
# * **spreg's random effects** agree in the estimates but not in log-likelihood and standard errors. With $\phi$ the weight
#   that is left to state means, it omits $N \ln \phi$ from the log-likelihood, and its information matrix has
#   $N (1 + 1/\phi^2)$ for $\phi$ where the second derivative gives $2N/\phi^2$, and entries beside it that differ on the
#   two sides of the diagonal. By its formulas every number agrees in at least {glue:text}`like_random:.1f` digits.
# * **splm demeans first.** Against $W$ first its $\rho$ agrees in {glue:text}`splm_rho_other:.0f` digits, in the same
#   order in {glue:text}`splm_rho_same:.0f`.
# * **splm's two-way correction** has the wrong sign and scale: Lee and Yu's moves $\rho$ by
#   {glue:text}`leeyu_shift:+.4f`, splm's by {glue:text}`splm_shift:+.5f`. `LeeYu = TRUE` should not be used with two-way
#   effects.
# * **Elhorst's routines** look the log-determinant up in a table of values of $\rho$ a thousandth apart, so $\rho$ ends
#   {glue:text}`elhorst_off:+.4f` from the maximum. The eigenvalues of $W$ {cite:p}`ord1975` give it at any $\rho$.
#
# spreg's pooled tests are found again with its variance of the residuals, but for the LM test against a lag
# ({numref}`tab-cigar-spreg-lm`): it multiplies the trace of $W'W + WW$ by itself where the formula multiplies it by the
# number of years, so that its LM lag and robust LM error no longer sum to LM error and robust LM lag.

# %%
tests = comparison.spreg_lm(panel, weights, model)
page.by(comparison.spreg_lm).table(tests, "tab-cigar-spreg-lm")

# %% [markdown]
# ### What a price rise does
#
# One per cent on the price changes sales in the state by {glue:text}`static_direct_logp_estimate:.2f` per cent, what
# comes back from the neighbours included: the *direct* effect. The *indirect* one, of all other states together
# {cite:p}`lesagepace2009`, is {glue:text}`static_indirect_logp_estimate:.2f` ($z$ =
# {glue:text}`static_indirect_logp_z:.1f`; {numref}`tab-cigar-effects`). Border trade would make it positive.

# %%
effects = static["transformation"].effects()
theirs = elsewhere.estimates(SECOND, "cigar", estimator="transformation").effects["short"]
numbers(static=effects[["estimate", "z"]])
compared = comparison.estimates_beside(effects, theirs, "second")
page.by(spatial.Fit.effects).table(compared, "tab-cigar-effects")

# %% [markdown]
# ## How well is $\rho$ known, and what a dense $W$ does to it
#
# {numref}`fig-cigar-profile` draws the likelihood as a function of $\rho$ alone: below the dashed line a likelihood ratio
# test at 5 % rejects. On the right $W$ is one over distance, where every state is a neighbour of every other, as in the
# papers of this book. There the direct estimate is {glue:text}`dense_direct:.2f`, the correction takes it to
# {glue:text}`dense_corrected:.2f`, and the transformation says {glue:text}`dense_transformation:.2f`
# ({numref}`tab-cigar-dense`). If all states were equally near, $Wy$ would be the mean of the others, and once year means
# are taken out $-y/(N-1)$: the outcome itself, from which nothing can be learnt about $\rho$. Who is right
# {doc}`the Monte Carlo chapter <monte_carlo>` knows.

# %%
dense_name = f"1/distance{'' if density_power == 1 else f'^{density_power:g}'}"
matrices = {
    "contiguity": weights,
    "five nearest": k_nearest(points, 5),
    "1/distance²": inverse_distance(points, power=2),
    dense_name: inverse_distance(points, power=density_power),
}
by_matrix = {w: comparison.fits(panel, matrices[w], model, "cigar-dense") for w in matrices}
ends = {w: by_matrix[w] for w in ("contiguity", dense_name)}
figure, curves = pictures.profiles(ends, drawn=("direct", "transformation"))

# %%
dense_page = page.by(spatial.profile, density_power=density_power)
dense_page.figure(figure, "fig-cigar-profile", values=curves)

# %%
links = {w: (each.dense() > 0).sum(axis=1).mean() for w, each in matrices.items()}
density = pd.DataFrame({w: comparison.rho(row) for w, row in by_matrix.items()}).T
density["s.e."] = [row["transformation"].std_errors["rho"] for row in by_matrix.values()]
density["leak / s.e."] = (density["transformation"] - density["direct"]) / density["s.e."]
density = density.assign(links=links)
numbers(dense=density.iloc[-1])
page.by(spatial.fit, density_power=density_power).table(density, "tab-cigar-dense")

# %% [markdown]
# ## The dynamic model
#
# Smoking is a habit, so last year's sales enter, and those of the neighbours:
#
# $$
# y_t = \rho W y_t + \tau y_{t-1} + \eta W y_{t-1} + X_t \beta + W X_t \theta + \mu + \xi_t \iota + e_t .
# $$
#
# The lag brings a bias of order $1/T$ of its own. With state effects it is corrected by the formula of
# {cite:t}`yudejonglee2008`; with year effects as well these are first transformed away {cite:p}`leeyu2010dynamic`, which
# is the default here.

# %%
dynamic_model = replace(model, time_lag=True, space_time_lag=True)
dynamic = comparison.fits(panel, weights, dynamic_model, "cigar-dynamic")
page.regressions(dynamic, "tab-cigar-dynamic")

# %% [markdown]
# Habit takes most of what the static model gave to the neighbours ({numref}`tab-cigar-dynamic`): $\tau$ is
# {glue:text}`default_l_logc:.3f` and $\rho$ {glue:text}`default_rho:.3f`. The correction moves $\tau$, from
# {glue:text}`plain_l_logc:.3f`; the transformation moves $\rho$, from {glue:text}`rho_dynamic_direct:.3f`.
#
# Year effects decide whether there is a long run at all. Without them whatever is common to all states can only be the
# work of neighbours: $\rho$ is {glue:text}`rho_individual:.3f`, and the three dynamic parameters add up to
# {glue:text}`sum_individual:.3f` (unit root: $P$ = {glue:text}`p_individual:.2f`; with year effects
# {glue:text}`p_default:.3f`). Where the largest root reaches one, the package refuses to print a long-run effect.
#
# R's **SDPDmod** has the dynamic model, but as released (0.0.6) it clips the information matrix in a way that depends on
# the units of the outcome; without that step its $\rho$ is off by at most {glue:text}`sdpdmod_off:.4f`, as its grid
# allows ({numref}`tab-cigar-dynamic-digits`). The second implementation agrees in at least
# {glue:text}`second_dynamic:.1f` digits.

# %%
dynamic_pairs = comparison.pairs(panel, weights, dynamic_model, "cigar", "dynamic")
dynamic_digits = elsewhere.digits(dynamic_pairs).drop(columns="loglik")
page.by(comparison.pairs).table(dynamic_digits, "tab-cigar-dynamic-digits")

# %%
default, states = dynamic["transformation", "corrected"], dynamic["one kind", "states"]
numbers(default=default.params, plain=dynamic["transformation", "plain"].params)
numbers(rho_dynamic_direct=dynamic["direct", "plain"].params["rho"])
roots = {"individual": states.stability, "default": default.stability}
numbers(p={name: each.unit_test.p_value for name, each in roots.items()})
numbers(rho_individual=states.params["rho"], sum_individual=roots["individual"].unit_sum)
numbers(sdpdmod_off=comparison.off(dynamic_pairs, SDPDMOD))
numbers(second_dynamic=dynamic_digits.loc[SECOND].drop(columns="gap").min(axis=None))

# %% [markdown]
# ### Short and long run
#
# A lasting price rise of one per cent changes sales in the state by {glue:text}`short_direct_logp_estimate:.2f` per cent
# in the same year and by {glue:text}`long_direct_logp_estimate:.2f` per cent in the end
# ({numref}`tab-cigar-dynamic-effects`); {numref}`fig-cigar-path` shows how long the end takes. The spillover of the price
# is {glue:text}`short_indirect_logp_estimate:.2f` ($z$ = {glue:text}`short_indirect_logp_z:.1f`) in the same year, where
# the static model said {glue:text}`static_indirect_logp_estimate:.2f`. In the long run its interval runs from
# {glue:text}`long_indirect_logp_lower:.2f` to {glue:text}`long_indirect_logp_upper:.2f`.

# %%
second, sdpdmod = (
    elsewhere.estimates(each, "cigar", estimator="transformation", dynamic=True).effects
    for each in (SECOND, SDPDMOD)
)
here = {run: default.effects(run) for run in ("short", "long")}
sources = {"here": here, "second": second, "SDPDmod": sdpdmod}
runs = {(f"{run} run", name): each[run] for run in here for name, each in sources.items()}
wide = pd.concat(runs, axis=1)
shown = {part: wide.xs(part, axis=1, level=2) for part in ("estimate", "std_error")}
page.by(spatial.Fit.effects).table(shown, "tab-cigar-dynamic-effects")

# %%
lines = {(kind, "logp"): kind for kind in ("direct", "indirect", "total")}
path, ends = default.response_path(years_ahead, cumulative=True), here["long"]["estimate"]
drawn = figures.responses(path, {"": lines}, "per cent of sales", ends)
ahead = page.by(spatial.Fit.response_path, years_ahead=years_ahead)
ahead.figure(drawn, "fig-cigar-path", values=path.xs("logp", level="term"))

# %% [markdown]
# What packages print as *the* long-run effect is often another number ({numref}`tab-cigar-draws`). Its denominator
# $1 - \tau - \rho - \eta$ is small here, so the mean of draws is pulled outwards: the indirect effect of income is
# {glue:text}`long_indirect_logy_estimate:.3f` at the estimate, {glue:text}`means_second:.3f` as a mean of draws in the
# second implementation, {glue:text}`means_sdpdmod:.3f` in SDPDmod, and would be {glue:text}`means_xsmle:.2f` in Stata's
# xsmle, which draws $\rho$ but holds $\tau$ and $\eta$ fixed. This book reports the value at the estimate.

# %%
long_run = here["long"]
simulated, stata = comparison.simulated_effects(default, draws)
means = pd.DataFrame({"second": second["long"]["mean_of_draws"]})
means = means.assign(SDPDmod=sdpdmod["long"]["mean_of_draws"], xsmle=stata["estimate"])
ways = {"delta method": long_run, "draws": simulated}
parts = {
    "value": long_run[["estimate"]],
    **{
        way: each[["lower", "upper"]].set_axis(["from", "to"], axis=1) for way, each in ways.items()
    },
    "mean of draws": means,
}
numbers(short=here["short"][["estimate", "z"]], long=long_run[["estimate", "lower", "upper"]])
numbers(means=means.loc[("indirect", "logy")])

# %%
lost = {"lost": simulated.attrs["draws_without_long_run"], "all": draws}
numbers(draws=lost, draws_xsmle=stata.attrs["draws"])
numbers(draws_xsmle_lost=stata.attrs["draws_without_long_run"])
on_draws = page.by(spatial.Fit.effects, draws=draws)
on_draws.table(pd.concat(parts, axis=1), "tab-cigar-draws")

# %% [markdown]
# ## Which model, and are both kinds of effects needed?
#
# The multiplier tests agree with splm's in at least {glue:text}`lm_digits:.1f` digits ({numref}`tab-cigar-tests`). The
# SAR has $P$ = {glue:text}`tests_lr_sar:.4f`, the SEM {glue:text}`tests_lr_sem:.3f`, so the Durbin model stays.
#
# The Hausman test is the exception: {glue:text}`hausman_statistic:.1f` here ($P$ = {glue:text}`hausman_p:.2f`),
# {glue:text}`hausman_elhorst:.1f` by Elhorst's routines, which take fixed effects after bias
# correction and each covariance matrix at its own estimate. The fixed effects stay: these states are no sample from a population.
#
# Two joint tests can be held against print ({numref}`tab-cigar-joint`; {cite:t}`elhorst2014`). {glue:text}`joint_same` to
# what is printed. The degrees of freedom differ by one: beside a constant $N - 1$ state effects and $T - 1$ year
# effects are free, where the print counts $N$ and $T$.

# %%
battery = comparison.battery(panel, weights, model, "cigar")
by_tests = page.by(specification_tests.specification_tests, comparison.battery)
by_tests.table(battery, "tab-cigar-tests")

# %%
joint = comparison.joint_effects(panel, weights, model)
same = "Both statistics round" if joint["same"].all() else "Not both round"
lm = elsewhere.beside(battery["statistic"], battery["splm"])["digits"]
numbers(joint_same=same, lm_digits=lm.min(), tests=battery["P"], hausman=battery.loc["Hausman"])
page.by(specification_tests.joint_effects_tests).table(joint, "tab-cigar-joint")
