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
# Difference and system GMM agree with R's plm in at least {glue:text}`employment_digits:.1f` digits,
# and with Stata's printed output but for {glue:text}`employment_gap:.1f` in the seventh decimal. What an
# author is left to choose matters more: collapsing the instruments makes the standard error of lagged employment
# {glue:text}`employment_wider:.1f` times as large, and Windmeijer's correction of two steps
# {glue:text}`employment_ratio:.1f` times.
# :::
#
# Firms that employ many people this year did so last year. A model that says so,
#
# $$
# n_{it} = \tau\, n_{i,t-1} + x_{it}'\beta + \mu_i + \xi_t + \varepsilon_{it},
# $$
#
# cannot be estimated by removing firm means when $T$ is short: the mean of $n_{i,t-1}$ contains
# $\varepsilon_{i,t-1}$, the demeaned lag is correlated with the demeaned error, and $\tau$ comes out
# too small by a bias of order $1/T$ {cite:p}`nickell1981`. First differences remove $\mu_i$ as well,
# and leave a correlation that can be dealt with: $\Delta n_{i,t-1}$ contains
# $\varepsilon_{i,t-1}$, but $n_{i,t-2}$ and what is older do not. If the errors are not
# autocorrelated, these levels are instruments for the difference. That is *difference* GMM
# {cite:p}`arellano1991`. If, besides, changes are uncorrelated with $\mu_i$, past differences are
# instruments for the equation in levels, and both equations together make *system* GMM
# {cite:p}`blundell1998`. The 283-city paper uses the second, with a spatial lag added, as a
# robustness check.

# %% tags=["parameters"]
last_lag: int = 8  # oldest level of a variable used as instrument: 2..8

# %%
import pandas as pd

from analysis.book import figures, parameters
from analysis.book.page import Page, numbers
from analysis.papers import elsewhere, firms
from analysis.papers.elsewhere import PLM, ROODMAN
from analysis.papers.firms import difference_gmm, system_gmm

parameters.check()

data = firms.employment()
difference = {steps: difference_gmm(data, steps, last_lag) for steps in (1, 2)}
system = {
    (collapse, steps): system_gmm(data, steps, last_lag, collapse)
    for collapse in (False, True)
    for steps in (1, 2)
}
page = Page({"plm EmplUK": data}, {"last_lag": last_lag}, [difference_gmm])

# %% [markdown]
# ## Difference GMM
#
# Equation (a) of Arellano and Bond's fourth table takes wage, capital and output as exogenous and
# instruments employment by all its levels from the second lag on. One step weights the moments as
# independent errors would ask for; two steps take the weights from the residuals of the first. The
# textbook standard errors of the second step are far too small, because they forget that the
# weights were estimated; Windmeijer's correction {cite:p}`windmeijer2005` puts that back.

# %%
plain = difference_gmm(data, 2, last_lag, "information")
COUNTS = {"instruments": "n_instruments", "observations": "nobs", "firms": "n_units"}
page.regressions(
    {
        "one step": difference[1],
        "two steps, Windmeijer": difference[2],
        "two steps, uncorrected": plain,
    },
    "tab-employment-difference",
    "Employment by difference GMM, year effects included, standard errors in parentheses. Lags of "
    "k and ys beyond those shown are in the model.",
    terms={name: name for name in ("L.n", "L2.n", "w", "L.w", "k", "ys")},
    statistics=COUNTS,
    formats=dict.fromkeys(COUNTS, ".0f"),
    stub="term",
)

# %%
numbers(employment_ratio=difference[2].std_errors["L.n"] / plain.std_errors["L.n"])

# %% [markdown]
# In {numref}`tab-employment-difference` the corrected standard error of lagged employment is
# {glue:text}`employment_ratio:.1f` times the uncorrected one.
#
# ## Do the instruments hold?
#
# {numref}`tab-employment-tests` has the tests that must stand beside such a table.
#
# - **AR(1)** and **AR(2)**: differenced errors *must* be correlated with their first lag, since they
#   share an error; correlation with the second lag would mean that the errors in levels are
#   autocorrelated and the youngest instruments invalid.
# - **Sargan** and **Hansen**: with more instruments than parameters, not all moments can be zero at
#   once; the statistics ask whether they are farther from zero than chance allows if all instruments
#   are valid. Sargan's assumes independent errors of one variance; Hansen's does not, but loses its
#   power when instruments are many.

# %%
STEPS = {1: "one step", 2: "two steps"}
tests = {
    **{f"difference, {STEPS[s]}": fit.tests for s, fit in difference.items()},
    **{f"system, {STEPS[s]}": system[False, s].tests for s in STEPS},
}
page.by(difference_gmm, system_gmm).table(
    pd.concat(
        {name: each[["statistic", "p_value"]] for name, each in tests.items()}, axis=1
    ).rename(columns={"p_value": "p"}),
    "tab-employment-tests",
    "Tests of autocorrelation in differences and of overidentification.",
    stub="test",
    formats={"statistic": ".2f", "p": ".3f"},
)

# %%
p = system[False, 2].tests["p_value"]
numbers(employment_ar2=p["AR(2)"], employment_sargan=p["Sargan"], employment_hansen=p["Hansen"])

# %% [markdown]
# For system GMM in two steps the p value of second-order correlation is
# {glue:text}`employment_ar2:.2f`, that of Sargan's test {glue:text}`employment_sargan:.0e` and that of
# Hansen's {glue:text}`employment_hansen:.2f`. Sargan's is no verdict on the instruments alone: errors
# whose variance differs between firms make it reject too.
#
# ## System GMM, and how many instruments
#
# Blundell and Bond's equation instruments wage and capital by their lags too. Every variable, lag
# and year then makes a column, and {numref}`tab-employment-system` shows what that costs: the
# number of instruments nears the number of firms. So many instruments fit the endogenous variables
# too well and leave the Hansen test without power. *Collapsing* keeps one column a lag
# {cite:p}`roodman2009`.

# %%
page.by(system_gmm).regressions(
    {
        ("collapsed" if collapse else "all instruments", STEPS[s]): fit
        for (collapse, s), fit in system.items()
    },
    "tab-employment-system",
    "Employment by system GMM, year effects and constant included, robust standard errors in "
    "parentheses.",
    terms={name: name for name in ("L.n", "w", "L.w", "k", "L.k")},
    statistics={
        "instruments": "n_instruments",
        "Hansen": lambda fit: fit.tests.loc["Hansen", "statistic"],
        "degrees of freedom": lambda fit: fit.tests.loc["Hansen", "df"],
        "p of Hansen": lambda fit: fit.tests.loc["Hansen", "p_value"],
    },
    formats={"instruments": ".0f", "degrees of freedom": ".0f", "Hansen": ".2f"},
    stub="term",
)

# %%
numbers(employment_wider=system[True, 2].std_errors["L.n"] / system[False, 2].std_errors["L.n"])

# %% [markdown]
# Collapsing makes the standard error of lagged employment {glue:text}`employment_wider:.1f` times as
# large after two steps. The smaller one is bought with instruments whose validity a Hansen test with
# so many of them can hardly judge.
#
# A Hansen test can be taken apart: without one group of instruments the statistic falls, and the
# fall tests that group. {numref}`tab-employment-groups` does so for the lags that only the level
# equation uses: they rest on the extra assumption that system GMM makes, so they are the ones to
# ask about.

# %%
GROUPS = {
    "without": "Hansen without", "without_df": "df without", "statistic": "difference", "df": "df",
    "p_value": "p",
}  # fmt: skip
groups = system[False, 2].difference_in_hansen
page.by(system_gmm).table(
    groups[list(GROUPS)].rename(columns=GROUPS),
    "tab-employment-groups",
    "Difference-in-Hansen tests of groups of instruments, system GMM with all instruments.",
    stub="instruments",
    formats={"Hansen without": ".2f", "df without": ".0f", "difference": ".2f", "df": ".0f"},
)

# %%
numbers(employment_level_p=groups.loc["lags in the level equation", "p_value"])

# %% [markdown]
# For them p is {glue:text}`employment_level_p:.2f`: no evidence against the extra assumption, from a
# test that many instruments have weakened.

# %%
points = firms.by_oldest_lag(data)
collapsed = points[points["instruments used"] == "collapsed"]

# %% [markdown]
# {numref}`fig-employment-lags` shows what is left to the author's choice. Each point is an estimate
# that could have been printed.

# %%
figure, axes = figures.canvas(height=3.6)
for colour, (name, rows) in zip(figures.COLOURS, points.groupby("instruments used"), strict=False):
    at = (rows["instruments"], rows["estimate"], 1.96 * rows["std_error"])
    axes.errorbar(*at, fmt="o", markersize=4, capsize=2, color=colour, label=name)
axes.legend(loc="lower right", title="instruments used")
axes.set(xlabel="number of instruments", ylabel="coefficient of lagged employment")
page.by(firms.by_oldest_lag).figure(
    figure,
    "fig-employment-lags",
    "The coefficient of lagged employment and its 95 % interval, system GMM in two steps, by the "
    "oldest lag used (second to eighth).",
    f"{len(points)} estimates with intervals against the number of instruments. Collapsed "
    f"instruments, at most {collapsed['instruments'].max()}, give {collapsed['estimate'].min():.2f} to "
    f"{collapsed['estimate'].max():.2f} with wide intervals; all instruments give narrower ones.",
    values=points,
)

# %% [markdown]
# ## The same numbers from elsewhere
#
# R's plm estimated the same equations; {numref}`tab-employment-plm` counts the digits in which
# coefficients and robust standard errors agree, the fewest over all terms.
# Roodman {cite:p}`roodman2009` prints Stata's output for two of them, and
# {numref}`tab-employment-print` puts it beside ours.

# %%
full = {
    **{("difference", steps): difference_gmm(data, steps) for steps in (1, 2)},
    **{("system", steps): system_gmm(data, steps) for steps in (1, 2)},
    **{("system, collapsed", steps): system_gmm(data, steps, collapse=True) for steps in (1, 2)},
}
digits = elsewhere.digits(
    {
        (name, STEPS[s]): (fit, elsewhere.estimates(PLM, "empluk", name, None, STEPS[s]))
        for (name, s), fit in full.items()
    }
)[["slopes", "std_errors"]].set_axis(["coefficients", "standard errors"], axis=1)
page = Page({"estimates.csv": elsewhere.FILE}, code=[difference_gmm, system_gmm])
page.table(
    digits,
    "tab-employment-plm",
    f"Digits in which estimates here and from {PLM} agree.",
    digits=1,
    stub="estimator",
)

# %%
columns = {
    (name, where): values
    for name in ("difference", "system")
    for where, values in (
        ("here", firms.beside_print(full[name, 1])),
        ("printed", elsewhere.printed(ROODMAN, "empluk", name)),
    )
}
beside = pd.DataFrame(columns).loc[columns["system", "printed"].index]
page.table(
    beside,
    "tab-employment-print",
    "One-step estimates here and as printed by Roodman (2009).",
    stub="quantity",
    formats=dict.fromkeys(beside.index, ".2f")
    | dict.fromkeys(["L.n", "standard error"], ".7f")
    | dict.fromkeys(["instruments", "observations"], ".0f"),
)

# %%
gaps = beside.xs("here", axis=1, level=1) - beside.xs("printed", axis=1, level=1)
numbers(
    employment_digits=digits.min().min(),
    employment_gap=1e7 * gaps.loc[["L.n", "standard error"]].abs().max().max(),
)

# %% [markdown]
# With plm every number agrees in at least {glue:text}`employment_digits:.1f` digits. With the
# printed ones the largest difference is {glue:text}`employment_gap:.1f` in the seventh decimal:
# Stata's copy of the data holds logarithms in single precision, and that is what it does to them.
# Sargan's statistic is compared with print alone, because plm reports another one under that name
# after one step.
#
# The engine under this page is the one that estimates the spatial equation of the 283-city paper,
# where $W y_t$ joins the right-hand side as one more endogenous variable with its own lags as
# instruments {cite:p}`kukenova2009`. What such instruments can tell about $\rho$ when $W$ is dense
# is another matter, and is asked there.
