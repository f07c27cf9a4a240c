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
# :::{in-short}
# One with effects of the firms: without them the Lagrange multiplier is {glue:text}`grunfeld_lm:.0f`
# ({glue:text}`grunfeld_lm_p`). Between fixed and random ones the data {glue:text}`grunfeld_decide` (Hausman's test: p =
# {glue:text}`grunfeld_hausman_p:.2f`; with year effects in both, p = {glue:text}`grunfeld_hausman_years:.2f`). Every number
# that R's plm was asked for agrees in at least {glue:text}`grunfeld_digits:.1f`
# digits.
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
# distribution that has nothing to do with $x_{it}$: where that is true they are the more precise,
# where it is not they are biased. *Two-way* effects add a $\xi_t$ to every year. The 283-city paper
# walks through these four before it turns to space, and so does this page.

# %% tags=["parameters"]
regressors: list[str] = ["value", "capital"]  # regressors, in order: value | capital
std_errors: str = "information"  # kind: information | sandwich | cluster | driscoll-kraay

# %%
from analysis.book import parameters
from analysis.book.page import numbers
from analysis.book.tables import p_value
from analysis.inference.panel_tests import baseline
from analysis.papers import elsewhere, firms, validation
from analysis.papers.elsewhere import PLM

parameters.check()
panel = firms.investment()
found = baseline(panel, "inv", regressors, std_errors)
page = validation.page({"plm Grunfeld": panel}, [baseline], std_errors=std_errors)
headings = {
    "pooled": "pooled", "fixed": "fixed effects", "random": "random effects",
    "two-way": "two-way effects", "random+time": "random firm effects, year dummies",
}  # fmt: skip

# %%
numbers(grunfeld={"first": panel.periods[0], "end": panel.periods[-1], "errors": std_errors})
fits = {headings[name]: fit for name, fit in found.results.items()}
terms = {name: name for name in regressors} | {"const": "constant"}
page.regressions(fits, "tab-grunfeld-estimates", terms=terms)

# %%
last = regressors[-1]
pooled, fixed = (found.results[name].params[last] for name in ("pooled", "fixed"))
numbers(grunfeld_pooled_capital=pooled, grunfeld_fixed_capital=fixed, grunfeld_last=last)

# %% [markdown]
# In {numref}`tab-grunfeld-estimates` the coefficient of {glue:text}`grunfeld_last` is
# {glue:text}`grunfeld_pooled_capital:.3f` in the pooled regression and
# {glue:text}`grunfeld_fixed_capital:.3f` within firms. The pooled number mixes differences between
# firms with changes inside them; the second rests on changes alone.
#
# ## Tests between them
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
page.table(found.tests, "tab-grunfeld-tests")

# %%
lm, p = found.tests.loc["LM: firm effects"], found.tests["p_value"]
hausman, in_both = p.filter(like="Hausman")
decide = "decide" if hausman < 0.05 else "do not decide"
numbers(grunfeld_lm=lm["statistic"], grunfeld_lm_p=p_value(lm["p_value"], ".4f"))
numbers(grunfeld_decide=decide, grunfeld_hausman_p=hausman, grunfeld_hausman_years=in_both)
numbers(grunfeld_year_p=p["F: year effects given firm effects"])

# %% [markdown]
# With the firms' effects left out, {numref}`tab-grunfeld-tests` has a multiplier of
# {glue:text}`grunfeld_lm:.1f` ({glue:text}`grunfeld_lm_p`). The Hausman test's p value is {glue:text}`grunfeld_hausman_p:.2f` and that of the year effects, once
# firms have theirs, {glue:text}`grunfeld_year_p:.2f`. A p value above the usual limits is a reason
# not to reject, never proof: ten firms say little about how firms differ, and a Hausman test without
# power lets a biased estimator through. The 283-city paper goes on with two-way fixed effects. So
# does this book, because its question is about changes within cities.
#
# ## The same numbers from elsewhere
#
# R's plm {cite:p}`croissant2008` was run once on the same data. {numref}`tab-grunfeld-plm` counts
# the digits in which it and this page agree, the fewest over all terms of a model.

# %%
page = validation.page({"estimates.csv": elsewhere.FILE}, [baseline])
standard = baseline(panel, "inv", ["value", "capital"])
pairs = {
    headings[name]: (standard.results[name], elsewhere.estimates(PLM, "grunfeld", name, None, None))
    for name in ("pooled", "fixed", "random", "two-way")  # plm was not asked for the last
}
digits = elsewhere.digits(pairs).drop(columns="gap")
page.table(digits, "tab-grunfeld-plm")

# %%
there = elsewhere.tests("grunfeld")[PLM]
compared = elsewhere.beside(standard.tests.loc[there.index, "statistic"], there, "plm")
fewest = digits.min(axis=None)
numbers(grunfeld_digits=min(fewest, compared["digits"].min()))
page.table(compared, "tab-grunfeld-plm-tests")

# %% [markdown]
# The tests, in {numref}`tab-grunfeld-plm-tests`, agree as well: everything on this page does so in
# at least {glue:text}`grunfeld_digits:.1f` digits. That close an agreement needs the same estimate
# of the variances behind random effects, Swamy and Arora's {cite:p}`swamy1972`; others are in use,
# and a paper that prints random effects without saying which leaves the last digits open.
