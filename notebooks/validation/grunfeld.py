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
# # IV.4 Which panel estimator? Grunfeld's investment data
#
# :::{real}
# Ten large US firms, 1935 to 1954 {cite:p}`grunfeld1958`: gross investment, value of the firm and
# stock of plant and equipment, in millions of dollars. They take the place of cities here.
# :::
#
# Before space enters, a panel already asks a question: firms differ in ways that nobody measured.
# Write
#
# $$
# y_{it} = \alpha + x_{it}'\beta + \mu_i + \xi_t + \varepsilon_{it}.
# $$
#
# *Pooled* least squares sets $\mu_i = \xi_t = 0$. *Fixed effects* give every firm a $\mu_i$ of
# its own, so that $\beta$ rests on changes within a firm. *Random effects* draw $\mu_i$ from a
# distribution that has nothing to do with $x_{it}$; where that is true they are the more precise,
# where it is not they are biased. *Two-way* effects add a $\xi_t$ to every year. The 283-city paper
# walks through these four before it turns to space, and so does this page, on data on which many
# packages have been tried.

# %% tags=["parameters"]
regressors: list[str] = ["value", "capital"]  # regressors, in order: value | capital
covariance: str = "unadjusted"  # standard errors of the estimates: unadjusted | clustered

# %%
import pandas as pd
from myst_nb import glue
from scipy import stats

from analysis.book import ledger, parameters, tables
from analysis.inference.panel_tests import baseline
from analysis.papers import firms

parameters.check()

panel = firms.investment()
found = baseline(panel, "inv", regressors, covariance)
headings = {
    "pooled": "pooled",
    "fixed": "fixed effects",
    "random": "random effects",
    "two-way": "two-way effects",
}

# %% [markdown]
# {numref}`tab-grunfeld-estimates` sets the four side by side.

# %%
tables.regressions(
    {headings[name]: fit for name, fit in found.results.items()},
    "tab-grunfeld-estimates",
    f"Investment of ten firms, {panel.periods[0]} to {panel.periods[-1]}: four estimators, "
    f"{covariance} standard errors in parentheses.",
    terms={**{name: name for name in regressors}, "const": "constant"},
    statistics={"observations": "nobs"},
    formats={"observations": ".0f", "constant": ".2f"},
    stub="term",
    code=[baseline],
    data={"plm Grunfeld": panel},
    parameters={"covariance": covariance},
)

# %%
within, pooled = (found.results[name].params for name in ("fixed", "pooled"))
glue("grunfeld_pooled_capital", float(pooled[regressors[-1]]), display=False)
glue("grunfeld_fixed_capital", float(within[regressors[-1]]), display=False)
glue("grunfeld_last", regressors[-1], display=False)

# %% [markdown]
# The coefficient of {glue:text}`grunfeld_last` is {glue:text}`grunfeld_pooled_capital:.3f` in the
# pooled regression and {glue:text}`grunfeld_fixed_capital:.3f` within firms. The pooled number mixes
# differences between firms with changes inside them; the second rests on changes alone.
#
# ## Tests between them
#
# Four kinds of test choose among the columns.
#
# - An **F test** compares sums of squares with and without the effects.
# - The **Lagrange multiplier** of Breusch and Pagan {cite:p}`breusch1980` needs the pooled residuals
#   $e_{it}$ alone: if firms have effects, a firm's residuals add up instead of cancelling,
#
#   $$
#   LM = \frac{NT}{2(T-1)} \left[ \frac{\sum_i (\sum_t e_{it})^2}{\sum_i \sum_t e_{it}^2} - 1
#   \right]^2 \sim \chi^2(1).
#   $$
#
# - **Honda**'s version {cite:p}`honda1985` takes the square root and keeps the sign, for a variance
#   can only be positive.
# - **Hausman**'s test {cite:p}`hausman1978` asks whether fixed and random effects differ by more
#   than chance. If not, the more precise random effects may be used.

# %%
named = {
    "statistic": "statistic",
    "df": "df",
    "df_resid": "df, denominator",
    "p_value": "p",
}
tables.show(
    found.tests[list(named)].rename(columns=named),
    "tab-grunfeld-tests",
    "Tests between pooled, fixed-effects, random-effects and two-way models.",
    stub="test",
    formats={"statistic": ".3f", "df": ".0f", "df, denominator": ".0f", "p": ".2g"},
    code=[baseline],
    data={"plm Grunfeld": panel},
)

# %%
chosen = found.tests["p_value"]
glue("grunfeld_lm", float(found.tests.loc["LM: city effects", "statistic"]), display=False)
glue("grunfeld_limit", float(stats.chi2.ppf(0.95, 1)), display=False)
glue("grunfeld_hausman_p", float(chosen["Hausman: fixed against random"]), display=False)
glue("grunfeld_year_p", float(chosen["F: year effects given city effects"]), display=False)

# %% [markdown]
# With the firms' effects left out, {numref}`tab-grunfeld-tests` has a multiplier of
# {glue:text}`grunfeld_lm:.1f`, where {glue:text}`grunfeld_limit:.2f` would be significant at 5 %: they
# are there. The Hausman test's p
# value is {glue:text}`grunfeld_hausman_p:.2f` and that of the year effects, once firms have theirs,
# {glue:text}`grunfeld_year_p:.2f`. A p value above the usual limits is a reason not to reject, never
# proof: ten firms say little about how firms differ, and a Hausman test without power lets a biased
# estimator through. The 283-city paper goes on with two-way fixed effects. So does this book, because
# its question is about changes within cities.
#
# ## The same numbers from elsewhere
#
# R's plm {cite:p}`croissant2008` was run once on the same data. {numref}`tab-grunfeld-plm` counts
# the digits in which it and this page agree, the fewest over all coefficients or standard errors of
# a model.

# %%
plm = {name: firms.investment_elsewhere(name) for name in headings}
digits = pd.DataFrame(
    {
        headings[name]: {
            part: min(
                ledger.agreeing_digits(getattr(fit, attribute)[t], getattr(plm[name], attribute)[t])
                for t in regressors
            )
            for part, attribute in (("coefficients", "params"), ("standard errors", "std_errors"))
        }
        for name, fit in baseline(panel, "inv", ["value", "capital"]).results.items()
    }
).T
theirs = firms.investment_tests_elsewhere()
standard = baseline(panel, "inv", ["value", "capital"]).tests
compared = pd.DataFrame(
    {
        "here": standard["statistic"],
        "plm": theirs["statistic"],
        "digits": [
            ledger.agreeing_digits(a, b)
            for a, b in zip(standard["statistic"], theirs["statistic"], strict=True)
        ],
    }
)
tables.show(
    digits,
    "tab-grunfeld-plm",
    f"Digits in which estimates here and from {plm['pooled'].software} agree.",
    digits=1,
    stub="model",
    data={"panel_R_plm_grunfeld.json": firms.INVESTMENT_FILE},
)

# %%
tables.show(
    compared,
    "tab-grunfeld-plm-tests",
    f"Test statistics here and from {plm['pooled'].software}, with the digits that agree.",
    stub="test",
    formats={"here": ".8f", "plm": ".8f", "digits": ".1f"},
    data={"panel_R_plm_grunfeld.json": firms.INVESTMENT_FILE},
)

# %%
glue("grunfeld_digits", float(min(digits.min().min(), compared["digits"].min())), display=False)

# %% [markdown]
# The tests, in {numref}`tab-grunfeld-plm-tests`, agree as well: everything on this page does so in
# at least {glue:text}`grunfeld_digits:.1f` digits. Agreement that close is possible because random
# effects were given the same estimate of their variances, Swamy and Arora's {cite:p}`swamy1972`;
# others are in use, and a paper that prints random effects without saying which leaves the last
# digits open.
