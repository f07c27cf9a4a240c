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
# Roads, sewers and schools ought to make private business more productive. Regressed on levels,
# they do {cite:p}`munnell1990`; with an intercept for each state, the effect is gone
# {cite:p}`baltagipinnoi1995`. Roads also end at no state border, so perhaps the return is only looked
# for in the wrong place: next door.
#
# That makes this panel a second test of the estimators, on data unlike the cigarettes: shorter, with
# more regressors, and with inputs that vary far less within a state than between states. The estimates
# are again set beside those of other software, and the agreement is computed on the page.

# %% tags=["parameters"]
years_ahead: int = 30  # years over which a response to public capital is followed: 10..60
effects_kind: str = "two-way"  # fixed effects of the spatial models: two-way | individual

# %%
from dataclasses import replace

import numpy as np
import pandas as pd
from myst_nb import glue

from analysis import spatial
from analysis.book import figures, ledger, parameters, tables
from analysis.spatial import specification_tests
from analysis.papers import elsewhere, validation

parameters.check()
panel, weights = validation.public_capital()
model = replace(validation.PUBLIC_CAPITAL, effects=effects_kind)
data = {"Produc": panel}
OWN = {
    "lpcap": "public capital",
    "lpc": "private capital",
    "lemp": "employment",
    "unemp": "unemployment",
}
TERMS = {
    "L.lgsp": "output, last year ($\\tau$)",
    "W.L.lgsp": "neighbours' output, last year ($\\eta$)",
    **OWN,
    **{f"W.{term}": f"neighbours' {name}" for term, name in OWN.items()},
    "rho": "neighbours' output ($\\rho$)",
    "sigma2": "$\\sigma^2$",
}
STATIC = {term: name for term, name in TERMS.items() if "L." not in term}
DIGITS = {
    "slopes": "slopes",
    "spatial": "ρ, λ",
    "sigma2": "σ²",
    "std_errors": "std. errors",
    "loglik": "log-lik.",
    "gap": "gap / s.e.",
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
columns = panel.frame[list(names)]
spread = pd.DataFrame(
    {
        "mean": columns.mean(),
        "std. dev.": columns.std(),
        "between": columns.groupby(level="city").mean().std(),
        "within": panel.within(list(names), "individual").frame[list(names)].std(),
        "two-way": panel.within(list(names), "two-way").frame[list(names)].std(),
        "min": columns.min(),
        "max": columns.max(),
    }
).rename(names)
tables.show(
    spread,
    "tab-capital-data",
    f"Public capital: {panel.n_units} states, {panel.n_periods} years.",
    stub="variable",
    data=data,
)

# %%
capital = spread.loc["public capital"]
glue("spread_rest", float(capital["two-way"] / capital["within"]), display=False)
glue("spread_ratio", float(capital["between"] / capital["within"]), display=False)

# %%
levels = columns.groupby(level="city").mean()
changes = panel.within(list(names), "two-way").frame
figure, axes = figures.canvas(1, 2, height=3.4)
for axis, frame, title in (
    (axes[0], levels, "state means"),
    (axes[1], changes, "net of state and year effects"),
):
    slope = np.polyfit(frame["lpcap"], frame["lgsp"], 1)[0]
    axis.scatter(frame["lpcap"], frame["lgsp"], s=9, alpha=0.5, linewidth=0)
    axis.axline(
        (frame["lpcap"].mean(), frame["lgsp"].mean()), slope=slope, color=figures.COLOURS[1]
    )
    axis.set(title=title, xlabel="public capital, log", ylabel="output, log")
figures.show(
    figure,
    "fig-capital-scatter",
    "Output against public capital: means of the states, and what is left of both after state and "
    "year effects. The lines are least squares on public capital alone.",
    alt="Two scatter plots with fitted lines. State means lie along a steep line; the state-years net "
    "of both effects form a cloud with far smaller spread.",
    values=changes[["lpcap", "lgsp"]],
    data=data,
)

# %% [markdown]
# ## Without neighbours
#
# {numref}`tab-capital-ols` repeats the finding in the literature: an elasticity of output to public
# capital by pooled least squares, and what becomes of it.

# %%
plain = {
    title: spatial.fit(
        panel, replace(model, model="ols", effects=effects, estimator="direct"), weights
    )
    for title, effects in {
        "pooled": "none",
        "state effects": "individual",
        "state and year effects": "two-way",
    }.items()
}
tables.regressions(
    plain,
    "tab-capital-ols",
    "Production function without spatial terms: least squares. Standard errors below.",
    terms=OWN,
    statistics={
        "log-likelihood": lambda fit: f"{fit.loglik:.1f}",
        "state-years": "nobs",
    },
    notes="The standard errors are those of maximum likelihood.",
    code=[spatial.fit],
    data=data,
)

# %%
for name, value in {
    "pooled": plain["pooled"].params["lpcap"],
    "fixed": plain["state effects"].params["lpcap"],
    "fixed_z": plain["state effects"].summary.loc["lpcap", "z"],
    "twoway_ols": plain["state and year effects"].params["lpcap"],
}.items():
    glue(name, float(value), display=False)

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
static = {
    "direct": spatial.fit(panel, replace(model, estimator="direct"), weights),
    "corrected": spatial.fit(
        panel, replace(model, estimator="direct-corrected-published"), weights
    ),
    "transformation": spatial.fit(panel, model, weights),
}
tables.regressions(
    static,
    "tab-capital-static",
    f"Static spatial Durbin model of output, {effects_kind} effects. Standard errors below.",
    terms=STATIC,
    statistics={"log-likelihood": lambda fit: f"{fit.loglik:.1f}", "state-years": "nobs"},
    formats={"$\\sigma^2$": ".6f"},
    code=[spatial.fit],
    data=data,
    parameters={"effects_kind": effects_kind},
)

# %%
effects = static["transformation"].effects()
shown = pd.concat(
    {kind: effects.loc[kind, "estimate"] for kind in ("direct", "indirect", "total")}, axis=1
).rename(OWN)
tables.show(
    shown,
    "tab-capital-effects",
    "Effects in the static model by transformation, with errors by the delta method.",
    errors=pd.concat(
        {kind: effects.loc[kind, "std_error"] for kind in shown.columns}, axis=1
    ).rename(OWN),
    p_values=pd.concat(
        {kind: effects.loc[kind, "p_value"] for kind in shown.columns}, axis=1
    ).rename(OWN),
    stub="effect of",
    code=[spatial.Fit.effects],
    data=data,
    parameters={"effects_kind": effects_kind},
)

# %%
for name, value in {
    "capital_rho_direct": static["direct"].params["rho"],
    "capital_rho": static["transformation"].params["rho"],
    "capital_rho_z": static["transformation"].summary.loc["rho", "z"],
    "capital_direct": effects.loc[("direct", "lpcap"), "estimate"],
    "capital_indirect": effects.loc[("indirect", "lpcap"), "estimate"],
    "capital_indirect_p": effects.loc[("indirect", "lpcap"), "p_value"],
    "capital_direct_p": effects.loc[("direct", "lpcap"), "p_value"],
    "capital_upper": effects.loc[("total", "lpcap"), "upper"],
    "capital_lower": effects.loc[("total", "lpcap"), "lower"],
    "private_total": effects.loc[("total", "lpc"), "estimate"],
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Output of neighbouring states moves together ($\rho$ = {glue:text}`capital_rho:.2f`,
# $z$ = {glue:text}`capital_rho_z:.1f`; {glue:text}`capital_rho_direct:.2f` by the direct likelihood),
# but this table does not show public capital to carry it ({numref}`tab-capital-effects`). The direct effect is
# {glue:text}`capital_direct:.3f` ($P$ = {glue:text}`capital_direct_p:.2f`), the indirect effect
# {glue:text}`capital_indirect:.3f` ($P$ = {glue:text}`capital_indirect_p:.2f`). That is absence of
# evidence: the 95 % interval of the total effect runs from {glue:text}`capital_lower:.2f` to
# {glue:text}`capital_upper:.2f`. Private capital, for comparison, has a total effect of
# {glue:text}`private_total:.2f`.
#
# ## The same from elsewhere
#
# R's splm {cite:p}`millopiras2012` was run on this panel with a spatial lag and with a spatial error,
# state, year and two-way effects. {numref}`tab-capital-digits` sets each beside the estimate here in
# both orders of $W$ and demeaning. The last lines are the Durbin model by the second implementation
# of ours, which is no third-party software.

# %%
ORDERS = {"weights-first": "W first", "demean-first": "demeaned first"}
SPATIAL = {"sar": "spatial lag", "sem": "spatial error"}
static_pairs = {
    (f"splm 1.6.5, {SPATIAL[kind]}", f"{effects}, {ORDERS[order]} here"): (
        spatial.fit(
            panel,
            replace(model, model=kind, effects=effects, estimator="direct", within_order=order),
            weights,
        ),
        elsewhere.splm("produc", kind, effects),
    )
    for kind in SPATIAL
    for effects in ("individual", "time", "two-way")
    for order in ORDERS
}
static_pairs |= {
    ("second implementation of ours, two-way", title): (
        spatial.fit(panel, replace(model, effects="two-way", estimator=estimator), weights),
        elsewhere.second("produc", estimator=estimator),
    )
    for title, estimator in {
        "direct": "direct",
        "corrected": "direct-corrected-published",
        "transformation": "transformation",
    }.items()
}
static_digits = pd.DataFrame({key: ledger.agreement(*pair) for key, pair in static_pairs.items()}).T
tables.show(
    static_digits.rename(columns=DIGITS),
    "tab-capital-digits",
    "Static models: fewest digits in which the estimates here agree with those from elsewhere.",
    stub="compared with",
    digits=1,
    formats={"gap / s.e.": ".0e"},
    notes="A dash where the software prints no such number. Gap: the largest difference of a "
    "coefficient, in standard errors.",
    code=[ledger.agreement, elsewhere],
    data={pair[1].file.split("/")[-1]: pair[1].file for pair in static_pairs.values()},
)

# %%
lag_fit = static_pairs["splm 1.6.5, spatial lag", "two-way, demeaned first here"][0]
ours = static_pairs["splm 1.6.5, spatial lag", "two-way, demeaned first here"][0].effects()
theirs = elsewhere.splm("produc", "sar").effects["short"]
impacts = pd.DataFrame(
    {
        ("effect", "here"): ours["estimate"],
        ("effect", "splm"): theirs["estimate"],
        ("effect", "digits"): ours["estimate"].combine(theirs["estimate"], ledger.agreeing_digits),
        ("standard error", "here"): ours["std_error"],
        ("standard error", "splm"): theirs["std_error"],
        ("standard error", "digits"): ours["std_error"].combine(
            theirs["std_error"], ledger.agreeing_digits
        ),
    }
)
tables.show(
    impacts.rename(index=OWN),
    "tab-capital-impacts",
    "Effects in the two-way spatial lag model, here (demeaned first) and by splm.",
    stub="effect of",
    digits=4,
    formats={"digits": ".1f"},
    code=[spatial.Fit.effects],
    data={"splm_produc.json": "data/reference/spatial/splm_produc.json"},
)

# %%
splm_rows = static_digits[static_digits.index.get_level_values(0).str.startswith("splm")]
labels = splm_rows.index.get_level_values(1)
same = splm_rows[labels.str.contains("demeaned first")].drop(columns="gap")
other = splm_rows[labels.str.contains("W first") & ~labels.str.startswith("individual")]
rho, slopes, errors = lag_fit.params["rho"], lag_fit.params[list(OWN)], lag_fit.std_errors
uncorrelated = np.hypot(errors[list(OWN)] / (1 - rho), slopes * errors["rho"] / (1 - rho) ** 2)
for name, value in {
    "capital_same": same.min().min(),
    "capital_other": other["spatial"].max(),
    "capital_other_gap": other["gap"].max(),
    "impact_rest": 100 * (uncorrelated / theirs.loc["total", "std_error"] - 1).abs().max(),
    "impact_digits": impacts["effect", "digits"].min(),
    "impact_error_digits": impacts["standard error", "digits"].min(),
    "capital_second": static_digits.loc["second implementation of ours, two-way"]
    .drop(columns="gap")
    .min()
    .min(),
    "capital_second_gap": static_digits.loc["second implementation of ours, two-way", "gap"].max(),
}.items():
    glue(name, float(value), display=False)

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
# only, and that has a cause as well: in the covariance matrix that splm passes on $\rho$ and the slopes
# are uncorrelated, while the errors here use all of the matrix. With that covariance set to zero, the
# formula here gives the errors of splm's total effects to within
# {glue:text}`impact_rest:.0f` per cent, and what remains is of the size of the noise in simulated errors.
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
    ("state effects", "uncorrected"): replace(
        dynamic_model, effects="individual", estimator="transformation-uncorrected"
    ),
    ("state effects", "corrected"): replace(dynamic_model, effects="individual"),
    ("two-way effects", "uncorrected"): replace(
        dynamic_model, effects="two-way", estimator="transformation-uncorrected"
    ),
    ("two-way effects", "corrected"): replace(dynamic_model, effects="two-way"),
}
dynamic = {key: spatial.fit(panel, spec, weights) for key, spec in dynamic.items()}
tables.regressions(
    dynamic,
    "tab-capital-dynamic",
    "Dynamic spatial Durbin model of output, by transformation. Standard errors below.",
    terms=TERMS,
    statistics={
        "$\\tau + \\rho + \\eta$": lambda fit: f"{fit.stability.unit_sum:.3f}",
        "P of a unit root": lambda fit: f"{fit.stability.unit_test.p_value:.3f}",
        "largest root": lambda fit: f"{fit.stability.root:.3f}",
        "state-years": "nobs",
    },
    formats={"$\\sigma^2$": ".6f"},
    notes="P of a unit root: Wald test that the sum of the three dynamic parameters is one. Largest "
    "root: the largest modulus of the dynamics over the eigenvalues of W; below one where shocks die "
    "out.",
    code=[spatial.fit],
    data=data,
)

# %%
two_way = dynamic["two-way effects", "corrected"]
path = two_way.response_path(years_ahead, cumulative=True)
figure, axes = figures.canvas(1, 2, height=3.2, sharey=True)
for axis, kind in zip(axes, ("direct", "total"), strict=True):
    for place, term in enumerate(("lpcap", "lpc", "lemp")):
        line = path.xs((kind, term), level=("effect", "term"))
        axis.fill_between(
            line.index, line["lower"], line["upper"], color=figures.COLOURS[place], alpha=0.15,
            linewidth=0,
        )  # fmt: skip
        axis.plot(line.index, line["estimate"], color=figures.COLOURS[place], label=OWN[term])
    axis.axhline(0, color=figures.MUTED, linewidth=0.8)
    axis.set(title=f"{kind} effect", xlabel="years after the rise")
axes[0].set_ylabel("per cent of output")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
figures.show(
    figure,
    "fig-capital-path",
    "Response of output to a lasting rise of one per cent in each input: dynamic model with two-way "
    "effects, 95 % intervals by the delta method.",
    alt="Two panels of response lines over the years for public capital, private capital and "
    "employment. Direct effect: employment rises well above zero, both kinds of capital fall below it. "
    "Total effect: the intervals widen with the years and those of capital include zero.",
    values=path,
    code=[spatial.Fit.response_path],
    data=data,
    parameters={"years_ahead": years_ahead},
)

# %%
individual = dynamic["state effects", "corrected"]
short, long = two_way.effects("short"), two_way.effects("long")
for name, value in {
    "dyn_tau": two_way.params["L.lgsp"],
    "dyn_tau_uncorrected": dynamic["two-way effects", "uncorrected"].params["L.lgsp"],
    "dyn_rho": two_way.params["rho"],
    "dyn_eta": two_way.params["W.L.lgsp"],
    "dyn_rho_individual": individual.params["rho"],
    "dyn_sum": two_way.stability.unit_sum,
    "dyn_unit_p": two_way.stability.unit_test.p_value,
    "dyn_product": -two_way.params["rho"] * two_way.params["L.lgsp"],
    "dyn_short": short.loc[("direct", "lpcap"), "estimate"],
    "dyn_short_private": short.loc[("direct", "lpc"), "estimate"],
    "dyn_short_private_z": short.loc[("direct", "lpc"), "z"],
    "dyn_long": long.loc[("direct", "lpcap"), "estimate"],
    "dyn_long_total": long.loc[("total", "lpcap"), "estimate"],
    "dyn_long_total_se": long.loc[("total", "lpcap"), "std_error"],
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Output is very persistent: $\tau$ is {glue:text}`dyn_tau:.3f`, and {glue:text}`dyn_tau_uncorrected:.3f`
# before the correction, a larger step than on the cigarettes, as a shorter panel makes one expect. $\rho$
# is {glue:text}`dyn_rho:.2f`; without year effects, which then count as neighbours' doing,
# {glue:text}`dyn_rho_individual:.2f`. $\eta$ is {glue:text}`dyn_eta:.2f`, close to $-\rho\tau$ =
# {glue:text}`dyn_product:.2f`: what the neighbours pass on is news, not levels.
#
# Two things should stop a reader from believing the capital coefficients. Both kinds of capital lower
# output: the direct effect of private capital is {glue:text}`dyn_short_private:.2f`
# ($z$ = {glue:text}`dyn_short_private_z:.1f`), that of public capital {glue:text}`dyn_short:.2f`, which no
# production function allows. Capital that follows output would look like that. And the sum of the dynamic
# parameters is {glue:text}`dyn_sum:.3f`, with a unit root not rejected
# ($P$ = {glue:text}`dyn_unit_p:.2f`), so the total long-run effect of public capital,
# {glue:text}`dyn_long_total:.2f` with a standard error of {glue:text}`dyn_long_total_se:.2f`, says
# nothing ({numref}`fig-capital-path`). The dynamic model is here for the test of the software.

# %%
dynamic_pairs = {
    (
        "SDPDmod 0.0.6, clipping removed",
        f"{effects}, {'corrected' if corrected else 'uncorrected'}",
    ): (
        spatial.fit(
            panel,
            replace(
                dynamic_model,
                effects=effects,
                unit_roots=True,
                estimator="transformation" if corrected else "transformation-uncorrected",
            ),
            weights,
        ),
        elsewhere.sdpdmod("produc", effects=effects, corrected=corrected),
    )
    for effects in ("individual", "two-way")
    for corrected in (False, True)
}
dynamic_pairs |= {
    ("second implementation of ours", title): (
        spatial.fit(
            panel,
            replace(
                dynamic_model,
                effects="two-way",
                estimator=estimator,
                within_order="demean-first" if title.startswith("direct") else "weights-first",
            ),
            weights,
        ),
        elsewhere.second("produc", estimator=estimator, dynamic=True),
    )
    for title, estimator in {
        "direct": "direct",
        "direct, corrected": "direct-corrected",
        "transformation, uncorrected": "transformation-uncorrected",
        "transformation, corrected": "transformation",
    }.items()
}
dynamic_digits = pd.DataFrame(
    {key: ledger.agreement(*pair) for key, pair in dynamic_pairs.items()}
).T
tables.show(
    dynamic_digits.drop(columns="loglik").rename(columns=DIGITS),
    "tab-capital-dynamic-digits",
    "Dynamic model: fewest digits in which the estimates here agree with those from elsewhere.",
    stub="compared with",
    digits=1,
    formats={"gap / s.e.": ".0e"},
    notes="Gap: the largest difference of a coefficient, in standard errors.",
    code=[ledger.agreement, elsewhere],
    data={pair[1].file.split("/")[-1]: pair[1].file for pair in dynamic_pairs.values()},
)

# %%
sdpdmod_rows = dynamic_digits.loc["SDPDmod 0.0.6, clipping removed"]
glue("capital_sdpdmod_gap", float(sdpdmod_rows["gap"].max()), display=False)
glue(
    "capital_sdpdmod_rho",
    float(
        max(
            abs(pair[0].params["rho"] - pair[1].params["rho"])
            for key, pair in dynamic_pairs.items()
            if key[0].startswith("SDPDmod")
        )
    ),
    display=False,
)
glue(
    "capital_dynamic_gap",
    float(dynamic_digits.loc["second implementation of ours", "gap"].max()),
    display=False,
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
found = specification_tests.specification_tests(
    panel, replace(model, effects="two-way", estimator="direct"), weights
)
others = elsewhere.recorded_tests("produc").reindex(found.index)
battery = pd.concat([found[["statistic", "df", "p_value"]], others], axis=1)
battery["digits"] = [
    max(
        ledger.agreeing_digits(row["statistic"], row[name])
        for name in others
        if pd.notna(row[name])
    )
    if row[list(others)].notna().any()
    else np.nan
    for _, row in battery.iterrows()
]
tables.show(
    battery.rename(
        columns={
            "p_value": "P",
            "splm 1.6.5": "splm",
            "second implementation of ours": "second",
        }
    ),
    "tab-capital-tests",
    "Specification tests of the static model, direct likelihood, two-way effects.",
    stub="test",
    digits=2,
    formats={"df": ".0f", "P": ".4f", "digits": ".1f"},
    notes="splm 1.6.5 and the second implementation of ours; digits: those that agree with the nearer "
    "of the two.",
    code=[specification_tests.specification_tests, elsewhere.recorded_tests],
    data=data,
)

# %%
lm = battery["splm 1.6.5"].notna()
glue("capital_lm_digits", float(battery.loc[lm, "digits"].min()), display=False)
glue("capital_tests_p", float(found.loc[["LR SAR", "LR SEM"], "p_value"].max()), display=False)

# %% [markdown]
# The multiplier tests agree with splm's in at least {glue:text}`capital_lm_digits:.1f` digits. The Durbin
# model is not to be reduced to a spatial lag or a spatial error (the larger $P$ of the two likelihood
# ratio tests is {glue:text}`capital_tests_p:.4f`), and neither state nor year effects can be left out.
#
# ## What to take from this page
#
# * The estimators meet independent software on a second panel, lag and error, one kind of effects
#   and two, as far as the two programs compute the same thing.
# * Whether $W$ or the demeaning comes first matters wherever there are year effects, by
#   {glue:text}`capital_other_gap:.1f` standard errors at most on this panel. A table that cannot be
#   reproduced digit by digit may hide no more than that.
# * Neighbours' output goes with a state's own; an effect of neighbours' public capital cannot be seen.
#   With so wide an interval that is a statement about these data, not about roads.
