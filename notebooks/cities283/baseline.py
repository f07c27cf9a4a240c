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

from analysis.book import parameters
from analysis.book.conditions import conditions
from analysis.book.page import numbers
from analysis.book.tables import p_value
from analysis.inference.panel_tests import baseline
from analysis.papers.cities283 import pictures, study
from analysis.papers.cities283 import tables as made
from analysis.papers.cities283.claims import by_outcome, in_numbers, listing, said, sentences
from analysis.study import open_study

parameters.check()
sample = open_study(study.STUDY, globals())
page = sample.page(baseline)
regressors = list(study.DURBIN.regressors)
found = {name: baseline(sample.panel, name, regressors) for name in sample.outcomes}
two_way = {name: result.summary["two-way"].T for name, result in found.items()}
by_year = made.correlations(sample.panel, "TCE", "INA").drop("all")
first = next(iter(found))
sample.banner

# %% tags=["remove-cell"]
ROW = "INA, two-way FE (no space)"
own = {name: rows["INA"] for name, rows in two_way.items()}
scored, tested, clean = own["TCE"], found["TCE"].tests["p_value"], found["TCE"].tests.iloc[-1]
left = made.with_neighbours(sample.panel, ["INA", "lnGDP"], sample.weights)
models, honda = found["TCE"].results, found["TCE"].tests.loc["Honda: city effects", "statistic"]
turned = [study.COLUMNS[n] for n, rows in two_way.items() if rows["lnGDP"]["estimate"] < 0]
conditions(
    simulated=sample.is_simulated,
    fixed=clean["p_value"] < 0.05,
    random=clean["p_value"] >= 0.05,
    pooled=np.allclose(models["random"].params, models["pooled"].params, atol=1e-6),
    one_sided=honda < 0 and tested["LM: city effects"] < 0.05,
    turned=turned,
)

# %% tags=["remove-cell"]
numbers(
    b4_printed=study.printed_number(ROW),
    b4_ina=said(scored, ".4f"),
    b4_gdp=said(two_way["TCE"]["lnGDP"]),
    b4_positive=int((by_year["r"] > 0).sum()),
    b4_years=len(by_year),
    b4_most=by_year["r"].max(),
    b4_weak=int((by_year["p"] >= 0.05).sum()),
    b4_f=p_value(tested["F: city effects"]),
    b4_lm=p_value(tested["LM: city effects"]),
    b4_year_effects=p_value(tested["F: year effects given city effects"]),
    b4_hausman=clean["statistic"],
    b4_hausman_p=p_value(clean["p_value"]),
    b4_share=models["random+time"].variance_decomposition["Percent due to Effects"],
)

# %% tags=["remove-cell"]
numbers(
    b4_honda=honda,
    b4_moves=left["INA"].std(),
    b4_usual=scored["estimate"] * left["INA"].std(),
    b4_turned=" and ".join(turned),
    b4_first_gdp=said(two_way[first]["lnGDP"]),
    b4_incomes=left["lnGDP"].corr(left["W.lnGDP"]),
    b4_ina_incomes=left["INA"].corr(left["W.lnGDP"]),
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
page.by(made.correlations).figure(
    pictures.by_year(sample.panel, "INA", "TCE", by_year),
    "fig-cities283-scatter",
    "Index of the scores against co-agglomeration in each year, with the least-squares line. Ours; of Figure B-F4 we have "
    "the caption.",
    alt=f"Scatter plots, one a year. Correlations: {listing(by_year['r'], '.2f')}.",
    values=by_year,
)

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
page.regressions(
    {
        (study.COLUMNS[name], model): fit
        for name, result in found.items()
        for model, fit in result.results.items()
    },
    "tab-cities283-baseline",
    "Efficiency on co-agglomeration and controls without space; standard errors below.",
    terms={**study.STUDY.labels(regressors), "const": "constant"},
    statistics={"city-years": "nobs", "R²": "rsquared", "R² within": "rsquared_within"},
    with_stars=True,
    notes="R² is that of each model's own transformed data. R² within leaves the year effects out of the "
    "prediction but not out of the outcome, so that two-way slopes can do worse than a constant.",
)

# %%
tests = {
    study.COLUMNS[name]: result.tests[["statistic", "df", "p_value"]]
    for name, result in found.items()
}
page.table(
    pd.concat(tests, axis=1).rename(columns={"p_value": "p"}),
    "tab-cities283-baseline-tests",
    "Tests between the models: F of the effects, Breusch and Pagan's LM, Honda's, Hausman's.",
    stub="test",
    formats={"statistic": ".1f", "df": ".0f", "p": ".4f"},
)

# %% [markdown]
# City effects have {glue:text}`b4_f` by the F and {glue:text}`b4_lm` by the LM test on the scores, year effects
# {glue:text}`b4_year_effects` ({numref}`tab-cities283-baseline-tests`). Hausman's test compares models *without* year
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

# %%
kept = {name: made.signs(rows.T) for name, rows in two_way.items()}
p = {name: result.tests["p_value"] for name, result in found.items()}
derived = sample.derived_kind

# %%
page.beside(
    by_outcome(
        in_numbers(
            sample, ROW, {n: (row["estimate"], row["std_error"]) for n, row in own.items()},
            sample.true("INA", "without space"), "**",
        ),
        sentences(
            sample,
            ("INA, two-way FE (no space), significance",
             {n: 0.01 < row["p_value"] < 0.05 for n, row in own.items()},
             {n: said(row, ".4f") for n, row in own.items()}, derived),
            ("signs of controls, two-way FE", {n: all(k.values()) for n, k in kept.items()},
             {n: ", ".join(f"{x} {said(two_way[n][x])}" for x in made.SIGNS) for n in kept}, derived),
            ("F test, LM test", {n: max(v["F: city effects"], v["LM: city effects"]) < 0.01
                                 for n, v in p.items()}, None, derived),
            ("year effects", {n: v["F: year effects given city effects"] < 0.05
                              for n, v in p.items()}, None, derived),
            ("Hausman, two-way", {n: r.tests["p_value"].iloc[-1] < 0.05 for n, r in found.items()},
             dict.fromkeys(found, "year effects in both"), derived),
        ),
    ),
    "tab-cities283-baseline-beside",
    "What the paper's text says about Table B4, beside the two-way models above.",
)  # fmt: skip

# %% [markdown]
# **How large is it?** Within cities and years co-agglomeration moves by {glue:text}`b4_moves:.2f`. A usual movement goes
# with a change of the scores' outcome by {glue:text}`b4_usual:.4f` ({numref}`tab-cities283-baseline-beside`).

# %% [markdown] tags=["when-turned"]
# **Why GDP per head changes its sign.** The paper finds it positive; here it is negative on {glue:text}`b4_turned`
# ({glue:text}`b4_first_gdp`). Incomes of neighbouring cities move together: within cities and years a
# city's income correlates with its neighbours' by {glue:text}`b4_incomes:.2f`, co-agglomeration with the
# neighbours' income by {glue:text}`b4_ina_incomes:.2f`. If the neighbours' income enters with a minus sign, a
# model that leaves the neighbours out charges the city for them.

# %% [markdown] tags=["when-simulated"]
# In the generator the city's own income has a plus sign and its neighbours' was solved so that
# the coefficient of co-agglomeration without space is smaller than the one with space by as much as print says.
