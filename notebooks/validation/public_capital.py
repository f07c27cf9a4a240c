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
# # IV.3 Does public capital pay? Output of 48 US states, 1970-86
#
# :::{real}
# 48 states over 17 years {cite:p}`munnell1990,baltagipinnoi1995`: gross state product, public and
# private capital, employment and unemployment. The panel comes with R's plm, the contiguity of the
# states with libpysal.
# :::
#
# :::{in-short}
# No, once states are compared with themselves: pooled, the elasticity of output to public capital is
# {glue:text}`pooled:.2f`, with an intercept for each state {glue:text}`fixed:.2f`. A return next door does not show either:
# the indirect effect is {glue:text}`static_indirect_lpcap_estimate:.2f`
# ($P$ = {glue:text}`static_indirect_lpcap_p_value:.2f`). The software agrees where it does the same: in the same order
# of operations every estimate of splm and its standard error are met in at least {glue:text}`capital_same:.1f` digits, the errors of its
# effects are not; the other order moves
# coefficients by up to {glue:text}`capital_other_gap:.1f` standard errors.
# :::
#
# Roads, sewers and schools ought to make private business more productive. Regressed on levels, they do
# {cite:p}`munnell1990`; with an intercept for each state, the effect is gone {cite:p}`baltagipinnoi1995`. Roads end at no
# state border, so perhaps the return is only looked for in the wrong place. The panel is a second test of the estimators,
# shorter than the cigarettes, with more regressors, which vary far less within a state than between states.

# %% tags=["parameters"]
years_ahead: int = 30  # years over which a response to public capital is followed: 10..60
effects_kind: str = "two-way"  # fixed effects of the spatial models: two-way | individual

# %%
from dataclasses import replace

import seaborn as sns

from analysis import spatial
from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.papers import comparison, elsewhere, validation
from analysis.papers.elsewhere import SDPDMOD, SECOND, SPLM, XSMLE

parameters.check()
panel, weights = validation.public_capital()

# %%
model = replace(validation.PUBLIC_CAPITAL, effects=effects_kind)
page = validation.page({"Produc": panel}, [spatial.fit], effects_kind=effects_kind)

# %% [markdown]
# ## The data
#
# Output, both kinds of capital and employment are logarithms, unemployment is in per cent. Public capital differs between
# states {glue:text}`spread_ratio:.0f` times as much as within them, and once what all states have in common in a year is
# taken out, {glue:text}`spread_rest:.0%` of what varies within them is left ({numref}`tab-capital-data`, {numref}`fig-capital-scatter`).

# %%
names = ["lgsp", "lpcap", "lpc", "lemp", "unemp"]
spread = comparison.spread(panel, names)
between, within, rest = spread.loc["lpcap", ["between", "within", "two-way"]]
numbers(spread_rest=rest / within, spread_ratio=between / within)
page.by(comparison.spread).table(spread, "tab-capital-data")

# %%
changes = panel.within(names, "two-way").frame
means = panel.frame.groupby(level=0).mean()
clouds = {"state means": means, "net of state and year effects": changes}
figure, panels = figures.canvas(1, 2, height=3.4)
look = {"scatter_kws": {"s": 9, "linewidths": 0}, "line_kws": {"color": figures.COLOURS[1]}}
for axis, (title, cloud) in zip(panels, clouds.items(), strict=True):
    sns.regplot(cloud, x="lpcap", y="lgsp", ci=None, ax=axis, **look)
    axis.set(title=title, xlabel="public capital, log", ylabel="output, log")
page.figure(figure, "fig-capital-scatter", values=changes[["lpcap", "lgsp"]])

# %% [markdown]
# ## Without neighbours
#
# Pooled, the elasticity of output to public capital is {glue:text}`pooled:.3f`. With state effects it is
# {glue:text}`fixed:.3f` ($z$ = {glue:text}`fixed_z:.1f`), with year effects as well {glue:text}`twoway_ols:.3f`
# ({numref}`tab-capital-ols`). States with more public capital produce more from given inputs; states that added to it
# faster than others did not.

# %%
plain = comparison.fits(panel, weights, model, "capital-ols")
pooled, fixed, twoway = (fit.params["lpcap"] for fit in plain.values())
numbers(pooled=pooled, fixed=fixed, twoway_ols=twoway)
numbers(fixed_z=plain["state effects"].tstats["lpcap"])
page.regressions(plain, "tab-capital-ols")

# %% [markdown]
# ## With neighbours
#
# By the three estimators that {doc}`the chapter on cigarettes <cigarettes>` explains, output of neighbouring states moves
# together ({numref}`tab-capital-static`): $\rho$ is {glue:text}`capital_rho:.2f` ($z$ = {glue:text}`capital_rho_z:.1f`),
# {glue:text}`capital_rho_direct:.2f` by the direct likelihood. The effect of public capital is
# {glue:text}`static_direct_lpcap_estimate:.3f` directly ($P$ = {glue:text}`static_direct_lpcap_p_value:.2f`) and
# {glue:text}`static_indirect_lpcap_estimate:.3f` indirectly ($P$ = {glue:text}`static_indirect_lpcap_p_value:.2f`;
# {numref}`tab-capital-effects`). The 95 % interval of its total effect runs from
# {glue:text}`static_total_lpcap_lower:.2f` to {glue:text}`static_total_lpcap_upper:.2f`; private capital has a total
# effect of {glue:text}`static_total_lpc_estimate:.2f`.

# %%
static = comparison.fits(panel, weights, model, "capital-static")
page.regressions(static, "tab-capital-static")

# %%
direct, transformed = static["direct"], static["transformation"]
effects = transformed.effects()
wide = effects.unstack("effect")
numbers(capital_rho_direct=direct.params["rho"], capital_rho=transformed.params["rho"])
numbers(capital_rho_z=transformed.tstats["rho"])
numbers(static=effects[["estimate", "p_value", "lower", "upper"]])
shown = {part: wide[part] for part in ("estimate", "std_error", "p_value")}
page.by(spatial.Fit.effects).table(shown, "tab-capital-effects")

# %% [markdown]
# ## The same from elsewhere
#
# R's splm {cite:p}`millopiras2012` was run on this panel with a spatial lag and with a spatial error, state, year and
# two-way effects. In the same order of $W$ and demeaning every number is met in at least {glue:text}`capital_same:.1f`
# digits ({numref}`tab-capital-digits`). With state effects alone the order does not matter. Wherever there are year
# effects it does: formed from $W$ first, $\rho$ or $\lambda$ agrees in {glue:text}`capital_other:.1f` digits at best, and
# some coefficient lies {glue:text}`capital_other_gap:.1f` standard errors off. Neither is a mistake in arithmetic; they
# are two estimators under one name. The second implementation of ours agrees in at least
# {glue:text}`capital_second:.1f` digits in the Durbin model; its few are those of a coefficient near zero, and the
# largest difference anywhere is {glue:text}`capital_second_gap:.0e` standard errors.

# %%
two_way = replace(model, effects="two-way")
pairs = comparison.pairs(panel, weights, two_way, "produc", "capital-digits")
digits = elsewhere.digits(pairs)
page.by(comparison.pairs).table(digits, "tab-capital-digits")

# %% [markdown]
# Stata prints the errors of the *observed* information, by default. With `std_errors="observed"` the Durbin model with
# state effects has every coefficient of xsmle {cite:p}`belotti2017` in at least {glue:text}`stata_params:.1f` digits and
# every error in {glue:text}`stata_std_errors:.1f` ({numref}`tab-capital-stata`): all that Stata displays. Those of the
# expected information differ by up to {glue:text}`stata_off:.0%`. With year effects xsmle climbs one likelihood by the
# derivatives of the other; its $\rho$ of {glue:text}`stata_rho:.6f` in the two-way lag lies between
# {glue:text}`stata_demeaned:.6f` and {glue:text}`stata_weights:.6f`, the two maxima here.

# %%
as_stata = {"effects": "individual", "estimator": "direct", "std_errors": "observed"}
observed = spatial.fit(panel, replace(model, **as_stata), weights)
stata = elsewhere.estimates(XSMLE, "produc", effects="individual")
log = comparison.estimates_beside(observed, stata, "Stata")
expected = observed.with_cov("information").std_errors / stata.std_errors - 1
orders = {"demeaned": "demeaned first", "weights": "W first"}
lags = {k: pairs[SPLM, f"sar, two-way, {w} here"][0].params["rho"] for k, w in orders.items()}
numbers(stata=lags, stata_rho=elsewhere.estimates(XSMLE, "produc", "sar").params["rho"])
numbers(stata_params=log["estimate", "digits"].min(), stata_off=expected.abs().max())
numbers(stata_std_errors=log["standard error", "digits"].min())

# %%
page.by(spatial.fit, elsewhere).table(log, "tab-capital-stata")

# %% [markdown]
# The effects that splm prints agree in at least {glue:text}`impact_digits:.1f` digits ({numref}`tab-capital-impacts`),
# their standard errors in {glue:text}`impact_error_digits:.1f` only: in the covariance matrix that splm passes on $\rho$
# and the slopes are uncorrelated. With that covariance set to zero, the formula here gives the errors of splm's total
# effects to within {glue:text}`impact_rest:.0%`; the rest has the size of the noise in simulated errors.

# %%
lag, splm = pairs[SPLM, "sar, two-way, demeaned first here"]
theirs = splm.effects["short"]
impacts = comparison.estimates_beside(lag.effects(), theirs, "splm")
by_splm, second = digits.loc[SPLM], digits.loc[SECOND]
same = by_splm.filter(like="demeaned first", axis=0).drop(columns="gap")
other = by_splm.filter(regex="(?:time|two-way), W first", axis=0)
uncorrelated = comparison.errors_without_covariance(lag, names[1:])
rest = (uncorrelated / theirs.loc["total", "std_error"] - 1).abs().max()
numbers(capital_same=same.min(axis=None), capital_other=other["spatial"].max())
numbers(capital_other_gap=other["gap"].max(), capital_second_gap=second["gap"].max())
numbers(capital_second=second.drop(columns="gap").min(axis=None), impact_rest=rest)
numbers(impact_digits=impacts["estimate", "digits"].min())
numbers(impact_error_digits=impacts["standard error", "digits"].min())

# %%
page.by(spatial.Fit.effects).table(impacts, "tab-capital-impacts")

# %% [markdown]
# ## Over time
#
# States do not adjust their output within a year. With last year's output in the model, own and neighbours',
# $\tau$ is {glue:text}`dyn_l_lgsp:.3f`, and {glue:text}`dyn_tau_uncorrected:.3f` before the correction, a larger step than
# on the cigarettes, as a shorter panel makes one expect ({numref}`tab-capital-dynamic`). $\rho$ is
# {glue:text}`dyn_rho:.2f`; without year effects, which then count as neighbours' doing,
# {glue:text}`dyn_rho_individual:.2f`. $\eta$ is {glue:text}`dyn_w_l_lgsp:.2f`, close to $-\rho\tau$ =
# {glue:text}`dyn_product:.2f`: what the neighbours pass on is news, not levels.
#
# Two things should stop a reader from believing the capital coefficients. Both kinds of capital lower output: the direct
# effect of private capital is {glue:text}`short_direct_lpc_estimate:.2f` ($z$ = {glue:text}`short_direct_lpc_z:.1f`),
# that of public capital {glue:text}`short_direct_lpcap_estimate:.2f`, which no production function allows. Capital that
# follows output would look like that. And the sum of the dynamic parameters is {glue:text}`dyn_sum:.3f`, with a unit root
# not rejected ($P$ = {glue:text}`dyn_unit_p:.2f`), so the total long-run effect of public capital,
# {glue:text}`long_total_lpcap_estimate:.2f` with a standard error of {glue:text}`long_total_lpcap_std_error:.2f`, says
# nothing ({numref}`fig-capital-path`). The dynamic model is here for the test of the software.

# %%
dynamic_model = replace(model, time_lag=True, space_time_lag=True)
dynamic = comparison.fits(panel, weights, dynamic_model, "capital-dynamic")
page.regressions(dynamic, "tab-capital-dynamic")

# %%
both = dynamic["two-way effects", "corrected"]
lines = {
    f"{kind} effect": {(kind, term): page.names(term) for term in names[1:4]}
    for kind in ("direct", "total")
}
path, ends = both.response_path(years_ahead, cumulative=True), both.effects("long")["estimate"]
drawn = figures.responses(path, lines, "per cent of output", ends, sharey=True)
ahead = page.by(spatial.Fit.response_path, years_ahead=years_ahead)
ahead.figure(drawn, "fig-capital-path", values=path)

# %% [markdown]
# SDPDmod searches $\rho$ on a grid and ends up to {glue:text}`capital_sdpdmod_rho:.4f` away from the maximum; the other
# coefficients move with it, by up to {glue:text}`capital_sdpdmod_gap:.2f` standard errors
# ({numref}`tab-capital-dynamic-digits`). Against the second implementation the largest difference is
# {glue:text}`capital_dynamic_gap:.0e` standard errors.

# %%
spec = replace(dynamic_model, effects="two-way")
dynamic_pairs = comparison.pairs(panel, weights, spec, "produc", "dynamic")
dynamic_digits = elsewhere.digits(dynamic_pairs).drop(columns="loglik")
page.by(comparison.pairs).table(dynamic_digits, "tab-capital-dynamic-digits")

# %%
short, long = both.effects("short")[["estimate", "z"]], both.effects("long")
alone, stability = dynamic["state effects", "corrected"], both.stability
plain = dynamic["two-way effects", "uncorrected"].params["L.lgsp"]
numbers(dyn=both.params, short=short, long=long[["estimate", "std_error"]])
numbers(dyn_tau_uncorrected=plain, dyn_rho_individual=alone.params["rho"])
numbers(dyn_sum=stability.unit_sum, dyn_unit_p=stability.unit_test.p_value)
numbers(dyn_product=-both.params["rho"] * both.params["L.lgsp"])
gaps = dynamic_digits["gap"].groupby(level=0).max()
numbers(capital_sdpdmod_gap=gaps[SDPDMOD], capital_dynamic_gap=gaps[SECOND])
numbers(capital_sdpdmod_rho=comparison.off(dynamic_pairs, SDPDMOD))

# %% [markdown]
# ## Tests
#
# The multiplier tests agree with splm's in at least {glue:text}`capital_lm_digits:.1f` digits ({numref}`tab-capital-tests`).
# The Durbin model is held against a spatial lag and a spatial error: the larger $P$ of the two likelihood ratio tests is
# {glue:text}`capital_tests_p:.4f`.

# %%
battery = comparison.battery(panel, weights, model, "produc")
recorded, larger = battery["splm"].notna(), battery.loc[["LR SAR", "LR SEM"], "P"].max()
numbers(capital_lm_digits=battery.loc[recorded, "digits"].min(), capital_tests_p=larger)
page.by(comparison.battery).table(battery, "tab-capital-tests")
