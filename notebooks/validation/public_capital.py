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
# Pooled, the elasticity of output to public capital is {glue:text}`pooled:.2f`; with an intercept for
# each state it is {glue:text}`fixed:.2f`. A return next door does not show either: the indirect effect
# is {glue:text}`static_indirect_lpcap_estimate:.2f` ($P$ = {glue:text}`static_indirect_lpcap_p_value:.2f`). In the same order of
# operations every number of splm is met in at least {glue:text}`capital_same:.1f` digits; the other
# order moves coefficients by up to {glue:text}`capital_other_gap:.1f` standard errors.
# :::
#
# Roads, sewers and schools ought to make private business more productive. Regressed on levels,
# they do {cite:p}`munnell1990`; with an intercept for each state, the effect is gone
# {cite:p}`baltagipinnoi1995`. Roads also end at no state border, so perhaps the return is only looked
# for in the wrong place: next door.
#
# That makes this panel a second test of the estimators, on data unlike the cigarettes: shorter, with
# more regressors, and with inputs that vary far less within a state than between states.

# %% tags=["parameters"]
years_ahead: int = 30  # years over which a response to public capital is followed: 10..60
effects_kind: str = "two-way"  # fixed effects of the spatial models: two-way | individual

# %%
from dataclasses import replace

import seaborn as sns

from analysis import spatial
from analysis.book import figures, parameters
from analysis.book.page import Page, numbers
from analysis.papers import comparison, elsewhere, validation
from analysis.papers.cigarettes import pictures
from analysis.papers.comparison import CORRECTED, DIRECT
from analysis.papers.elsewhere import SDPDMOD, SECOND, SPLM

parameters.check()
panel, weights = validation.public_capital()
model = replace(validation.PUBLIC_CAPITAL, effects=effects_kind)
page = Page({"Produc": panel}, {"effects_kind": effects_kind}, [spatial.fit])

# %%
OWN = {
    "lpcap": "public capital",
    "lpc": "private capital",
    "lemp": "employment",
    "unemp": "unemployment",
}
# %% [markdown]
# ## The data
#
# Output, both kinds of capital and employment are logarithms, unemployment is in per cent.
# {numref}`tab-capital-data` shows the difficulty: public capital differs between states
# {glue:text}`spread_ratio:.0f` times as much as within them, and once what all states have in common in a
# year is taken out, {glue:text}`spread_rest:.0%` of that is left. {numref}`fig-capital-scatter` draws both.

# %%
names = {"lgsp": "output", **OWN}
spread = comparison.spread(panel, names)
page.by(comparison.spread).table(
    spread,
    "tab-capital-data",
    f"Public capital: {panel.n_units} states, {panel.n_periods} years.",
    stub="variable",
)

# %%
capital = spread.loc["public capital"]
numbers(
    spread_rest=capital["two-way"] / capital["within"],
    spread_ratio=capital["between"] / capital["within"],
)

# %%
changes = panel.within(list(names), "two-way").frame
clouds = {
    "state means": panel.frame.groupby(level=0).mean(),
    "net of state and year effects": changes,
}
figure, panels = figures.canvas(1, 2, height=3.4)
look = {"scatter_kws": {"s": 9, "linewidths": 0}, "line_kws": {"color": figures.COLOURS[1]}}
for axis, (title, cloud) in zip(panels, clouds.items(), strict=True):
    sns.regplot(cloud, x="lpcap", y="lgsp", ci=None, ax=axis, **look)
    axis.set(title=title, xlabel="public capital, log", ylabel="output, log")
page.figure(
    figure,
    "fig-capital-scatter",
    "Output against public capital: means of the states, and what is left of both after state and "
    "year effects. The lines are least squares on public capital alone.",
    "Two scatter plots with fitted lines. State means lie along a steep line; the state-years net "
    "of both effects form a cloud with far smaller spread.",
    values=changes[["lpcap", "lgsp"]],
)

# %% [markdown]
# ## Without neighbours
#
# {numref}`tab-capital-ols` repeats the finding in the literature: an elasticity of output to public
# capital by pooled least squares, and what becomes of it.

# %%
KINDS = {"pooled": "none", "state effects": "individual", "state and year effects": "two-way"}
plain = comparison.fits(
    panel,
    weights,
    replace(model, model="ols", **DIRECT),
    {title: {"effects": kind} for title, kind in KINDS.items()},
)
LOGLIK = {"log-likelihood": lambda fit: f"{fit.loglik:.1f}", "state-years": "nobs"}
page.regressions(
    plain,
    "tab-capital-ols",
    "Production function without spatial terms: least squares. Standard errors below.",
    terms=OWN,
    statistics=LOGLIK,
    notes="The standard errors are those of maximum likelihood.",
)

# %%
fixed = plain["state effects"]
numbers(
    pooled=plain["pooled"].params["lpcap"],
    fixed=fixed.params["lpcap"],
    fixed_z=fixed.tstats["lpcap"],
    twoway_ols=plain["state and year effects"].params["lpcap"],
)

# %% [markdown]
# Pooled, the elasticity of output to public capital is {glue:text}`pooled:.3f`. With state effects it is
# {glue:text}`fixed:.3f` ($z$ = {glue:text}`fixed_z:.1f`), with year effects as well
# {glue:text}`twoway_ols:.3f`. States with more public capital produce more from given inputs; states
# that added to it faster than others did not.
#
# ## With neighbours
#
# {numref}`tab-capital-static` has the spatial Durbin model by the three estimators that
# {doc}`the chapter on cigarettes <cigarettes>` explains.

# %%
CHOICES = {"direct": DIRECT, "corrected": CORRECTED, "transformation": {}}
static = comparison.fits(panel, weights, model, CHOICES)
page.regressions(
    static,
    "tab-capital-static",
    f"Static spatial Durbin model of output, {effects_kind} effects. Standard errors below.",
    terms=comparison.labels(model, "output", OWN),
    statistics=LOGLIK,
    formats={"$\\sigma^2$": ".6f"},
)

# %%
effects = static["transformation"].effects()
columns = ["direct", "indirect", "total"]
wide = effects.unstack("effect").rename(OWN).reindex(list(OWN.values()))
page.by(spatial.Fit.effects).table(
    wide["estimate"][columns],
    "tab-capital-effects",
    "Effects in the static model by transformation, with errors by the delta method.",
    errors=wide["std_error"][columns],
    p_values=wide["p_value"][columns],
    stub="effect of",
)

# %%
transformed = static["transformation"]
numbers(
    capital_rho_direct=static["direct"].params["rho"],
    capital_rho=transformed.params["rho"],
    capital_rho_z=transformed.tstats["rho"],
    static=effects[["estimate", "p_value", "lower", "upper"]],
)

# %% [markdown]
# Output of neighbouring states moves together ($\rho$ = {glue:text}`capital_rho:.2f`,
# $z$ = {glue:text}`capital_rho_z:.1f`; {glue:text}`capital_rho_direct:.2f` by the direct likelihood),
# and that of public capital is {glue:text}`static_direct_lpcap_estimate:.3f` directly
# ($P$ = {glue:text}`static_direct_lpcap_p_value:.2f`) and {glue:text}`static_indirect_lpcap_estimate:.3f` indirectly
# ($P$ = {glue:text}`static_indirect_lpcap_p_value:.2f`; {numref}`tab-capital-effects`). The 95 % interval of its
# total effect runs from {glue:text}`static_total_lpcap_lower:.2f` to {glue:text}`static_total_lpcap_upper:.2f`. Private
# capital, for comparison, has a total effect of {glue:text}`static_total_lpc_estimate:.2f`.
#
# ## The same from elsewhere
#
# R's splm {cite:p}`millopiras2012` was run on this panel with a spatial lag and with a spatial error,
# state, year and two-way effects. {numref}`tab-capital-digits` sets each beside the estimate here in
# both orders of $W$ and demeaning. The last lines are the Durbin model by the second implementation
# of ours, which is no third-party software.

# %%
ORDERS = {"weights-first": "W first", "demean-first": "demeaned first"}
rows = [
    (SPLM, f"{kind}, {effect}, {shown} here", {**DIRECT, "model": kind, "effects": effect,
                                               "within_order": order}, "direct")
    for kind in ("sar", "sem")
    for effect in ("individual", "time", "two-way")
    for order, shown in ORDERS.items()
]  # fmt: skip
two_way = replace(model, effects="two-way")
pairs = comparison.pairs(panel, weights, two_way, "produc", [*rows, *comparison.STATIC])
static_digits = elsewhere.digits(pairs)
comparison.digits_table(
    page.by(comparison.pairs, elsewhere),
    static_digits,
    "tab-capital-digits",
    "Static models (spatial lag: sar, spatial error: sem, the second implementation: Durbin): fewest "
    "digits in which the estimates here agree with those from elsewhere.",
)

# %%
lag, splm = pairs[SPLM, "sar, two-way, demeaned first here"]
found, theirs = lag.effects(), splm.effects["short"]
impacts = comparison.effects_beside(found, theirs)
page.by(spatial.Fit.effects).table(
    impacts.rename(index=OWN, columns={"there": "splm"}),
    "tab-capital-impacts",
    "Effects in the two-way spatial lag model, here (demeaned first) and by splm.",
    stub="effect of",
    digits=4,
    formats={"digits": ".1f"},
    data={"estimates.csv": elsewhere.FILE},
)

# %%
titles = static_digits.loc[SPLM].index
same = static_digits.loc[SPLM][titles.str.contains("demeaned first")]
other = static_digits.loc[SPLM][titles.str.contains("(?:time|two-way), W first")]
uncorrelated = comparison.errors_without_covariance(lag, list(OWN))
numbers(
    capital_same=same.drop(columns="gap").min(axis=None),
    capital_other=other["spatial"].max(),
    capital_other_gap=other["gap"].max(),
    impact_rest=100 * (uncorrelated / theirs.loc["total", "std_error"] - 1).abs().max(),
    impact_digits=impacts["effect", "digits"].min(),
    impact_error_digits=impacts["standard error", "digits"].min(),
    capital_second=static_digits.loc[SECOND].drop(columns="gap").min(axis=None),
    capital_second_gap=static_digits.loc[SECOND, "gap"].max(),
)

# %% [markdown]
# In the same order of operations every number of splm is met in at least
# {glue:text}`capital_same:.1f` digits, with the spatial lag and with the spatial error. With state effects
# alone the order does not matter. Wherever there are year effects it does: formed from $W$ first,
# $\rho$ or $\lambda$ agrees in {glue:text}`capital_other:.1f` digits at best, and some coefficient
# lies {glue:text}`capital_other_gap:.1f` standard errors off: little for an economist, but a world away
# from rounding. Neither is a mistake in arithmetic; they are two estimators under one name.
#
# The effects that splm prints ({numref}`tab-capital-impacts`) agree in at least
# {glue:text}`impact_digits:.1f` digits. Their standard errors agree in {glue:text}`impact_error_digits:.1f`
# only: in the covariance matrix that splm passes on $\rho$ and the slopes are uncorrelated, while the
# errors here use all of the matrix. With that covariance set to zero, the formula here gives the errors
# of splm's total effects to within {glue:text}`impact_rest:.0f` per cent; the rest has the size of the
# noise in simulated errors.
#
# The second implementation agrees in at least {glue:text}`capital_second:.1f` digits. Digits are
# relative, so the few are those of a coefficient near zero; the largest difference anywhere is
# {glue:text}`capital_second_gap:.0e` standard errors.
#
# ## Over time
#
# States do not adjust their output within a year. {numref}`tab-capital-dynamic` adds last year's
# output, own and neighbours', with state effects and with both kinds.

# %%
dynamic_model = replace(model, time_lag=True, space_time_lag=True)
dynamic = {
    (f"{shown} effects", word): spatial.fit(
        panel, replace(dynamic_model, effects=kind, estimator=estimator), weights
    )
    for shown, kind in (("state", "individual"), ("two-way", "two-way"))
    for word, estimator in (
        ("uncorrected", "transformation-uncorrected"), ("corrected", "transformation"),
    )
}  # fmt: skip
page.regressions(
    dynamic,
    "tab-capital-dynamic",
    "Dynamic spatial Durbin model of output, by transformation. Standard errors below.",
    terms=comparison.labels(dynamic_model, "output", OWN),
    statistics=comparison.STABILITY | {"state-years": "nobs"},
    formats={"$\\sigma^2$": ".6f"},
    notes=comparison.STABILITY_NOTE,
)

# %%
both = dynamic["two-way effects", "corrected"]
path = both.response_path(years_ahead, cumulative=True)
figure, panels = figures.canvas(1, 2, height=3.2, sharey=True)
for axis, kind in zip(panels, ("direct", "total"), strict=True):
    pictures.responses(axis, path, {(kind, term): OWN[term] for term in ("lpcap", "lpc", "lemp")})
    axis.set_title(f"{kind} effect")
panels[0].set_ylabel("per cent of output")
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
page.by(spatial.Fit.response_path, years_ahead=years_ahead).figure(
    figure,
    "fig-capital-path",
    "Response of output to a lasting rise of one per cent in each input: dynamic model with two-way "
    "effects, 95 % intervals by the delta method.",
    "Two panels of response lines over the years for public capital, private capital and "
    "employment. Direct effect: employment rises well above zero, both kinds of capital fall below it. "
    "Total effect: the intervals widen with the years and those of capital include zero.",
    values=path,
)

# %%
numbers(
    dyn=both.params,
    short=both.effects("short")[["estimate", "z"]],
    long=both.effects("long")[["estimate", "std_error"]],
    dyn_tau_uncorrected=dynamic["two-way effects", "uncorrected"].params["L.lgsp"],
    dyn_rho_individual=dynamic["state effects", "corrected"].params["rho"],
    dyn_sum=both.stability.unit_sum,
    dyn_unit_p=both.stability.unit_test.p_value,
    dyn_product=-both.params["rho"] * both.params["L.lgsp"],
)

# %% [markdown]
# Output is very persistent: $\tau$ is {glue:text}`dyn_l_lgsp:.3f`, and {glue:text}`dyn_tau_uncorrected:.3f`
# before the correction, a larger step than on the cigarettes, as a shorter panel makes one expect. $\rho$
# is {glue:text}`dyn_rho:.2f`; without year effects, which then count as neighbours' doing,
# {glue:text}`dyn_rho_individual:.2f`. $\eta$ is {glue:text}`dyn_w_l_lgsp:.2f`, close to $-\rho\tau$ =
# {glue:text}`dyn_product:.2f`: what the neighbours pass on is news, not levels.
#
# Two things should stop a reader from believing the capital coefficients. Both kinds of capital lower
# output: the direct effect of private capital is {glue:text}`short_direct_lpc_estimate:.2f`
# ($z$ = {glue:text}`short_direct_lpc_z:.1f`), that of public capital {glue:text}`short_direct_lpcap_estimate:.2f`, which no
# production function allows. Capital that follows output would look like that. And the sum of the dynamic
# parameters is {glue:text}`dyn_sum:.3f`, with a unit root not rejected
# ($P$ = {glue:text}`dyn_unit_p:.2f`), so the total long-run effect of public capital,
# {glue:text}`long_total_lpcap_estimate:.2f` with a standard error of {glue:text}`long_total_lpcap_std_error:.2f`, says
# nothing ({numref}`fig-capital-path`). The dynamic model is here for the test of the software.

# %%
dynamic_model = replace(dynamic_model, effects="two-way")
dynamic_pairs = comparison.pairs(panel, weights, dynamic_model, "produc", comparison.DYNAMIC)
dynamic_digits = elsewhere.digits(dynamic_pairs).drop(columns="loglik")
comparison.digits_table(
    page.by(comparison.pairs, elsewhere),
    dynamic_digits,
    "tab-capital-dynamic-digits",
    "Dynamic model: fewest digits in which the estimates here agree with those from elsewhere.",
)

# %%
numbers(
    capital_sdpdmod_gap=dynamic_digits.loc[SDPDMOD, "gap"].max(),
    capital_sdpdmod_rho=comparison.off(dynamic_pairs, SDPDMOD),
    capital_dynamic_gap=dynamic_digits.loc[SECOND, "gap"].max(),
)

# %% [markdown]
# SDPDmod searches $\rho$ on a grid ({numref}`tab-capital-dynamic-digits`) and ends up to {glue:text}`capital_sdpdmod_rho:.4f` away from the
# maximum; the other coefficients move with it, and the largest difference is
# {glue:text}`capital_sdpdmod_gap:.2f` standard errors. Against the second implementation the largest
# difference is {glue:text}`capital_dynamic_gap:.0e` standard errors.
#
# ## Tests
#
# {numref}`tab-capital-tests` has the specification tests of the static model, beside splm's Lagrange
# multiplier tests and the second implementation.

# %%
battery = comparison.battery(panel, weights, model, "produc")
comparison.battery_table(page, battery, "tab-capital-tests")

# %%
numbers(
    capital_lm_digits=battery.loc[battery[SPLM].notna(), "digits"].min(),
    capital_tests_p=battery.loc[["LR SAR", "LR SEM"], "p_value"].max(),
)

# %% [markdown]
# The multiplier tests agree with splm's in at least {glue:text}`capital_lm_digits:.1f` digits. The Durbin
# model is held against a spatial lag and a spatial error: the larger $P$ of the two likelihood ratio
# tests is {glue:text}`capital_tests_p:.4f`.
