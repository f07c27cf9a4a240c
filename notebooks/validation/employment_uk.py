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
# # IV.5 A lagged outcome and its instruments: employment in UK firms
#
# :::{real}
# 140 British firms, 1976 to 1984, not all observed in every year {cite:p}`arellano1991`: logarithms
# of employment (n), real wage (w), gross capital (k) and industry output (ys).
# :::
#
# :::{in-short}
# Difference and system GMM agree with R's plm in at least {glue:text}`employment_digits:.1f` digits, and with Stata's
# printed output but for {glue:text}`employment_gap:.1f` in the seventh decimal. What an author is left to choose matters
# more: collapsing the instruments makes the standard error of lagged employment {glue:text}`employment_wider:.1f` times
# as large, and Windmeijer's correction of two steps {glue:text}`employment_ratio:.1f` times.
# :::
#
# Firms that employ many people this year did so last year. A model that says so,
#
# $$
# n_{it} = \tau\, n_{i,t-1} + x_{it}'\beta + \mu_i + \xi_t + \varepsilon_{it},
# $$
#
# cannot be estimated by removing firm means when $T$ is short: the mean of $n_{i,t-1}$ contains $\varepsilon_{i,t-1}$, and
# $\tau$ comes out too small by a bias of order $1/T$ {cite:p}`nickell1981`. First differences leave a correlation that can
# be dealt with: $\Delta n_{i,t-1}$ contains $\varepsilon_{i,t-1}$, but $n_{i,t-2}$ and what is older do not. If the errors
# are not autocorrelated, these levels are instruments for the difference: *difference* GMM {cite:p}`arellano1991`. If
# changes are uncorrelated with $\mu_i$ besides, past differences are instruments for the equation in levels, and both
# together make *system* GMM {cite:p}`blundell1998`. Paper B uses the second, with a spatial lag added
# {cite:p}`kukenova2009`, as a robustness check, by the engine under this page.

# %% tags=["parameters"]
last_lag: int = 8  # oldest level of a variable used as instrument: 2..8

# %%
import pandas as pd

from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.papers import elsewhere, firms, validation
from analysis.papers.elsewhere import PLM, ROODMAN
from analysis.papers.firms import difference_gmm, system_gmm

parameters.check()
ONE, TWO = "one step", "two steps"
data = firms.employment()
fits = firms.equations(data, last_lag)
page = validation.page({"plm EmplUK": data}, [difference_gmm], last_lag=last_lag)

# %% [markdown]
# ## Difference GMM
#
# Equation (a) of Arellano and Bond's fourth table takes wage, capital and output as exogenous and instruments employment
# by all its levels from the second lag on. Two steps take the weights of the moments from the residuals of the first, and
# the textbook standard errors forget that these were estimated. Windmeijer's correction {cite:p}`windmeijer2005` puts that
# back: the error of lagged employment becomes {glue:text}`employment_ratio:.1f` times as large
# ({numref}`tab-employment-difference`).

# %%
corrected = fits["difference", TWO]
plain = corrected.with_cov("information")
titles = (ONE, "two steps, Windmeijer", "two steps, uncorrected")
shown = dict(zip(titles, (fits["difference", ONE], corrected, plain), strict=True))
numbers(employment_ratio=corrected.std_errors["L.n"] / plain.std_errors["L.n"])
page.regressions(shown, "tab-employment-difference")

# %% [markdown]
# ## Do the instruments hold?
#
# {numref}`tab-employment-tests` has the tests that must stand beside such a table.
#
# - **AR(1)** and **AR(2)**: differenced errors *must* be correlated with their first lag, since they share an error;
#   correlation with the second lag would make the youngest instruments invalid. By system GMM in two steps its P is
#   {glue:text}`employment_p_ar_2:.2f`.
# - **Sargan** and **Hansen**: with more instruments than parameters, not all moments can be zero at once; the statistics
#   ask whether they are farther from zero than chance allows. P is {glue:text}`employment_p_sargan:.0e` and
#   {glue:text}`employment_p_hansen:.2f`. Sargan's assumes errors of one variance and is no verdict on the instruments
#   alone; Hansen's does not, but loses its power when instruments are many.

# %%
tests = {
    f"{name}, {steps}": fits[name, steps].tests[["statistic", "p_value"]]
    for name in ("difference", "system")
    for steps in (ONE, TWO)
}
numbers(employment_p=tests[f"system, {TWO}"]["p_value"])
shown = pd.concat(tests, axis=1).rename(columns={"p_value": "p"})
page.by(difference_gmm, system_gmm).table(shown, "tab-employment-tests")

# %% [markdown]
# ## System GMM, and how many instruments
#
# Blundell and Bond's equation instruments wage and capital by their lags too. Every variable, lag and year then makes a
# column, and the number of instruments nears the number of firms ({numref}`tab-employment-system`): they fit the
# endogenous variables too well and leave the Hansen test without power. *Collapsing* keeps one column a lag
# {cite:p}`roodman2009`; the standard error of lagged employment is then {glue:text}`employment_wider:.1f` times as large
# after two steps.
#
# A Hansen test can be taken apart: without one group of instruments the statistic falls, and the fall tests that group
# ({numref}`tab-employment-groups`). The lags that only the level equation uses rest on the extra assumption of system GMM.
# For them P is {glue:text}`employment_level_p:.2f`: no evidence against it, from a test that many instruments have
# weakened.

# %%
systems = {"all instruments": "system", "collapsed": "system, collapsed"}
every, collapsed = (fits[name, TWO].std_errors["L.n"] for name in systems.values())
numbers(employment_wider=collapsed / every)
shown = {(title, steps): fits[of, steps] for title, of in systems.items() for steps in (ONE, TWO)}
page.by(system_gmm).regressions(shown, "tab-employment-system")

# %%
groups = fits["system", TWO].difference_in_hansen
numbers(employment_level_p=groups.loc["lags in the level equation", "p_value"])
page.by(system_gmm).table(groups, "tab-employment-groups")

# %% [markdown]
# {numref}`fig-employment-lags` shows what is left to the author's choice. Each point is an estimate that could have been
# printed.

# %%
points = firms.by_oldest_lag(data)
collapsed = points[points["instruments used"] == "collapsed"]
numbers(employment_points=len(points))
numbers(collapsed=collapsed[["instruments", "estimate"]].agg(["min", "max"]).T)
figure, axes = figures.canvas(height=3.6)
for name, rows in points.groupby("instruments used"):
    reach = 1.96 * rows["std_error"]
    axes.errorbar("instruments", "estimate", reach, data=rows, fmt="o", capsize=2, label=name)
axes.legend(loc="lower right", title="instruments used")
axes.set(xlabel="number of instruments", ylabel="coefficient of lagged employment")
page.by(firms.by_oldest_lag).figure(figure, "fig-employment-lags", values=points)

# %% [markdown]
# ## The same numbers from elsewhere
#
# R's plm estimated the same equations and agrees in at least {glue:text}`employment_digits:.1f` digits, coefficients and
# robust standard errors ({numref}`tab-employment-plm`). Roodman {cite:p}`roodman2009` prints Stata's output for two of
# them ({numref}`tab-employment-print`). The largest difference is {glue:text}`employment_gap:.1f` in the seventh decimal:
# Stata's copy of the data holds logarithms in single precision. Sargan's statistic is compared with print alone, because
# plm reports another one under that name after one step.
#
# What such instruments can tell about $\rho$ when $W$ is dense is another matter, and is asked in {doc}`monte_carlo`.

# %%
full = firms.equations(data)
pairs = {
    (name, steps): (fit, elsewhere.estimates(PLM, "empluk", name, None, steps))
    for (name, steps), fit in sorted(full.items())
}
digits = elsewhere.digits(pairs).drop(columns="gap")
page = validation.page({}, [difference_gmm, system_gmm])
page.table(digits, "tab-employment-plm")

# %%
printed = {name: elsewhere.printed(ROODMAN, "empluk", name) for name in ("difference", "system")}
here = {name: firms.beside_print(full[name, ONE]).reindex(printed[name].index) for name in printed}
both = {name: pd.DataFrame({"here": here[name], "printed": printed[name]}) for name in printed}
beside = pd.concat(both, axis=1)
gaps = pd.DataFrame(here) - pd.DataFrame(printed)
gap = 1e7 * gaps.loc[["L.n", "standard error"]].abs().max(axis=None)
numbers(employment_digits=digits.min(axis=None), employment_gap=gap)
page.table(beside, "tab-employment-print")
