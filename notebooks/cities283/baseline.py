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
# # II.4 A baseline without space: paper B, Table B4 and Figure B-F4

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010
outcome: str = "index"  # form of the outcome: index | log-index | level | cumulative

# %%
import numpy as np
import pandas as pd

from analysis.book.page import conditions, numbers
from analysis.book.tables import p_value
from analysis.inference.panel_tests import baseline
from analysis.papers import comparison
from analysis.papers.cities283 import pictures, study, tables
from analysis.papers.cities283.claims import SIGNS, beside, in_numbers, said, signed
from analysis.study import open_page

sample, page = open_page(study.STUDY, globals(), baseline)
found = {n: baseline(sample.panel, n, list(study.DURBIN.regressors)) for n in sample.outcomes}
by_year = tables.correlations(sample.panel, "TCE", "INA").drop("all")
sample.banner

# %% tags=["remove-cell"]
two_way = {name: result.summary["two-way"] for name, result in found.items()}
own = {name: rows.loc["INA"] for name, rows in two_way.items()}
p = {name: result.tests["p_value"] for name, result in found.items()}
models, tests = found["TCE"].results, found["TCE"].tests
honda, clean = tests.loc["Honda: city effects", "statistic"], tests.iloc[-1]
left = tables.with_neighbours(sample.panel, ["INA", "lnGDP"], sample.weights)
income = {name: rows.loc["lnGDP"] for name, rows in two_way.items()}
turned = [study.COLUMNS[name] for name, row in income.items() if row["estimate"] < 0]
conditions(
    fixed=clean["p_value"] < 0.05,
    random=clean["p_value"] >= 0.05,
    pooled=np.allclose(models["random"].params, models["pooled"].params, atol=1e-6),
    one_sided=honda < 0 and tests.loc["LM: city effects", "p_value"] < 0.05,
    turned=turned,
)

# %% tags=["remove-cell"]
numbers(
    b4_printed=study.printed_number("INA, two-way FE (no space)"),
    b4_ina=said(own["TCE"], ".4f"),
    b4_gdp=said(income["TCE"]),
    b4_positive=int((by_year["r"] > 0).sum()),
    b4={"years": len(by_year), "most": by_year["r"].max(), "honda": honda},
    b4_weak=int((by_year["p"] >= 0.05).sum()),
    b4_p=p["TCE"].map(p_value),
    b4_hausman=clean["statistic"],
    b4_hausman_p=p_value(clean["p_value"]),
    b4_share=models["random+time"].variance_decomposition["Percent due to Effects"],
    b4_moves=left["INA"].std(),
    b4_usual=own["TCE"]["estimate"] * left["INA"].std(),
    b4_turned=" and ".join(turned),
    b4_turned_by=" and ".join(said(row) for row in income.values() if row["estimate"] < 0),
    b4_r=left.corr()["W.lnGDP"],
)

# %% [markdown]
# :::{in-short}
# Without space the paper prints a coefficient of {glue:text}`b4_printed` for co-agglomeration,
# significant at 5 % and not at 1 %; GDP per head raises efficiency, the four other controls lower it, all
# significantly. F, LM and Hausman tests lead it to city and year effects. Here the scores give {glue:text}`b4_ina` and for
# GDP per head {glue:text}`b4_gdp`.
# :::
#
# ## Co-agglomeration and efficiency, year by year (Figure B-F4)

# %%
scatter = pictures.by_year(sample.panel, "INA", "TCE", by_year)
page.by(tables.correlations).figure(scatter, "fig-cities283-scatter", values=by_year)

# %% [markdown]
# The paper reads from its figure that efficiency rises with co-agglomeration in every year. Here the correlation is
# positive in {glue:text}`b4_positive:d` of {glue:text}`b4_years:d` years ({numref}`fig-cities283-scatter`) and reaches
# {glue:text}`b4_most:.2f` at most; in {glue:text}`b4_weak:d` it is not significant at 5 %. Cities differ for many reasons
# that have nothing to do with co-agglomeration; the effects of the models below take out those that last.
#
# ## Five models (Table B4)
#
# The paper estimates pooled least squares, city effects fixed and random, and city and year effects, and reads the
# fourth ({numref}`tab-cities283-baseline`). The fifth has random city effects beside dummies of the years: the
# counterpart of the fourth in a Hausman test that leaves the years in both.

# %%
fits = {(study.COLUMNS[n], m): fit for n, of in found.items() for m, fit in of.results.items()}
page.regressions(fits, "tab-cities283-baseline")

# %%
shown = {study.COLUMNS[name]: result.tests for name, result in found.items()}
shown = pd.concat(shown, axis=1).drop(columns="df_resid", level=1)
page.table(shown.rename(columns={"p_value": "p"}), "tab-cities283-baseline-tests")

# %% [markdown]
# City effects have {glue:text}`b4_p_f_city_effects` by the F and {glue:text}`b4_p_lm_city_effects` by the LM test on the scores, year effects
# {glue:text}`b4_p_f_year_effects_given_city_effects` ({numref}`tab-cities283-baseline-tests`). Hausman's test compares models *without* year
# effects in its plain form; with them in both its statistic is {glue:text}`b4_hausman:.1f` ({glue:text}`b4_hausman_p`).
# City effects are then {glue:text}`b4_share:.0%` of the variance.

# %% [markdown] tags=["when-fixed"]
# That speaks for fixed effects.

# %% [markdown] tags=["when-random"]
# That leaves random effects standing.

# %% [markdown] tags=["when-pooled"]
# The random column is the pooled one: with what is common to all cities in a year left in the residuals, the variance
# of the city effects is estimated as zero.

# %% [markdown] tags=["when-one_sided"]
# The two-sided LM test rejects here, Honda's one-sided version of it does not, because its statistic is negative
# ({glue:text}`b4_honda:.1f`): in pooled residuals that contain a jump common to all cities, the test sees that
# jump and not the cities. Which of the two the paper used its text does not say.

# %% [markdown]
# ## The same by other software
#
# The five models are linearmodels'. Pooled, fixed and two-way models are the spatial ones of the next chapters with the
# neighbours left out, so that each checks the other ({numref}`tab-cities283-linearmodels`): slopes agree in at least
# {glue:text}`b4_digits:.0f` digits, and errors, clustered by city and Driscoll and Kraay's too, differ by one factor for
# all terms, that of the degrees of freedom which linearmodels counts and a likelihood does not. Random city effects, by
# likelihood here and by Swamy and Arora's two variances there, agree in {glue:text}`b4_random_digits:.1f` digits.

# %%
linear = comparison.linear_now(sample.panel, sample.weights, study.DURBIN)
digits = linear["slopes agree in digits"]
numbers(b4_digits=digits.drop("random").min(), b4_random_digits=digits["random"].min())
page.by(comparison.linear_now).table(linear, "tab-cities283-linearmodels")

# %% [markdown]
# ## What the text says about Table B4
#
# {numref}`tab-cities283-baseline-beside` sets the sentences of the paper beside the two-way models.

# %%
derived, controls = sample.derived_kind, {"signs of controls, two-way FE": (0.1, SIGNS)}
between = {n: 0.01 < row["p_value"] < 0.05 for n, row in own.items()}
effects = {n: max(v["F: city effects"], v["LM: city effects"]) < 0.01 for n, v in p.items()}
years = {n: v["F: year effects given city effects"] < 0.05 for n, v in p.items()}
estimates = {n: tuple(row[["estimate", "std_error"]]) for n, row in own.items()}
ROW, truth = "INA, two-way FE (no space)", sample.true("INA", "without space")

# %%
hausman = {n: v.iloc[-1] < 0.05 for n, v in p.items()}
beside(
    page,
    "tab-cities283-baseline-beside",
    sample,
    in_numbers(sample, ROW, estimates, truth, "**"),
    (f"{ROW}, significance", between, {n: said(row, ".4f") for n, row in own.items()}, derived),
    signed(sample, two_way, controls, derived),
    ("F test, LM test", effects, None, derived),
    ("year effects", years, None, derived),
    ("Hausman, two-way", hausman, dict.fromkeys(found, "year effects in both"), derived),
)

# %% [markdown]
# **How large is it?** Within cities and years co-agglomeration has a standard
# deviation of {glue:text}`b4_moves:.2f`. That much more of it goes with a change of {glue:text}`b4_usual:.4f` in efficiency by the scores.

# %% [markdown] tags=["when-turned"]
# **Why GDP per head changes its sign.** The paper finds it positive; here it is negative on {glue:text}`b4_turned`
# ({glue:text}`b4_turned_by`). Incomes of neighbouring cities move together: within cities and years a
# city's income correlates with its neighbours' by {glue:text}`b4_r_lngdp:.2f`, co-agglomeration with the
# neighbours' income by {glue:text}`b4_r_ina:.2f`. If the neighbours' income enters with a minus sign, a
# model that leaves the neighbours out charges the city for them.

# %% [markdown] tags=["when-simulated"]
# In the generator the city's own income has a plus sign and its neighbours' was solved so that
# the coefficient of co-agglomeration without space is smaller than the one with space by as much as print says.
