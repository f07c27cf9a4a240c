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
# # A baseline without space
#
# :::{simulated}
# 283 real cities, generated series. *Latent efficiency* is what the data were built from;
# *efficiency scores* are what can be computed from the raw tables. With the parameter `raw` the
# page is derived from real files instead, and latent efficiency drops out.
# :::
#
# Before neighbours enter, the paper regresses efficiency on co-agglomeration and five controls by
# pooled least squares, with city effects fixed and random, and with city and year effects. The same
# four models on both outcomes, and the tests that choose between them.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010
outcome: str = "index"  # form of the outcome: index | log-index | level | cumulative

# %%
import numpy as np
import pandas as pd
from myst_nb import glue

from analysis.book import figures, ledger, parameters, tables
from analysis.inference.panel_tests import baseline
from analysis.papers.cities283 import study

parameters.check()
sample = study.load(raw, seed, dropped, first_raw_year, outcome=outcome)
regressors = list(study.DURBIN.regressors)
found = {name: baseline(sample.panel, name, regressors) for name in sample.outcomes}
net = {
    name: baseline(sample.panel.within([name, *regressors], "time"), name, regressors)
    for name in sample.outcomes
}
where = {
    "code": [baseline],
    "data": {"panel": sample.panel},
    "parameters": sample.parameters,
}

# %% [markdown]
# ## A first look (the paper's Figure 4)
#
# {numref}`fig-cities283-scatter` has every city-year in it.

# %%
figure, panels = figures.canvas(1, len(found), width=7.2, height=3.2, squeeze=False, sharey=True)
slopes = {}
for axis, name in zip(panels[0], found, strict=True):
    x, y = sample.panel.frame["INA"], sample.panel.frame[name]
    slopes[name] = np.polyfit(x, y, 1)
    axis.scatter(x, y, s=5, alpha=0.35, linewidth=0)
    axis.axline((0, slopes[name][1]), slope=slopes[name][0], color=figures.COLOURS[1])
    axis.set(xlim=(x.min(), x.max()), title=study.COLUMNS[name], xlabel="co-agglomeration")
panels[0][0].set_ylabel("yearly index" if outcome == "index" else outcome)
glue("cities283_slope", float(slopes["TCE"][0]), display=False)
figures.show(
    figure,
    "fig-cities283-scatter",
    "Efficiency against co-agglomeration in all city-years, with the least-squares line (the paper's "
    "Figure 4).",
    alt="Scatter plots of the outcome against co-agglomeration, all city-years. Slope of the line: "
    + "; ".join(f"{study.COLUMNS[name]} {slope:.3f}" for name, (slope, _) in slopes.items())
    + ".",
    data={"panel": sample.panel},
    parameters=sample.parameters,
)

# %% [markdown]
# The line of the scores rises by {glue:text}`cities283_slope:.3f` a unit of co-agglomeration and means little:
# the band far above the others is one year, and cities differ for reasons that have nothing to do with
# co-agglomeration. That is what the effects are for.
#
# ## Four models (the paper's Table 4)
#
# {numref}`tab-cities283-baseline` has the estimates, {numref}`tab-cities283-baseline-tests` the tests
# between them.

# %%
tables.regressions(
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
    **where,
)

# %%
NET = ["Honda: city effects", "Hausman: fixed against random"]
tests = {
    study.COLUMNS[name]: pd.concat(
        [result.tests, net[name].tests.loc[NET].rename(index="{}, net of year means".format)]
    )
    for name, result in found.items()
}
first = next(iter(found))
glue("cities283_hausman_net", float(net[first].tests.loc[NET[1], "statistic"]), display=False)
glue(
    "cities283_hausman_net_scores", float(net["TCE"].tests.loc[NET[1], "statistic"]), display=False
)
varies = net[first].results["random"].variance_decomposition
glue("cities283_effects_share", float(varies["Percent due to Effects"]), display=False)
glue(
    "cities283_honda",
    tables.number(float(found[first].tests.loc[NET[0], "statistic"]), ".1f"),
    display=False,
)
both = pd.concat(
    {label: frame[["statistic", "df", "p_value"]] for label, frame in tests.items()}, axis=1
)
tables.show(
    both.rename(columns={"p_value": "p"}),
    "tab-cities283-baseline-tests",
    "Tests between the models: F of the effects, Breusch and Pagan's LM, Honda's, Hausman's.",
    stub="test",
    formats={"statistic": ".2f", "df": ".0f", "p": ".4f"},
    notes="The last two rows are of the models without year effects on data less the means of each year.",
    **where,
)

# %% [markdown]
# City and year effects are both needed. The random column is the pooled one: with the common jump in
# the residuals the variance of the city effects is estimated as zero, and Hausman's test of that column
# compares models without year effects. Net of year means the city effects are
# {glue:text}`cities283_effects_share:.0%` of the variance on the first outcome and Hausman's statistic is
# {glue:text}`cities283_hausman_net:.1f` ({glue:text}`cities283_hausman_net_scores:.1f` on the scores). It
# speaks for fixed effects: the city effects are related to the regressors, in these data because the
# generator made them so. The two-way model is the one to read. The two-sided LM test of city effects
# rejects as well, but Honda's one-sided version of it does not reject, because the statistic is negative
# ({glue:text}`cities283_honda` on the first outcome): in pooled residuals that contain a jump common
# to all cities, the test sees that jump and not the cities. Net of year means it sees them.
#
# ## Beside the print
#
# {numref}`tab-cities283-baseline-beside` has what the text says about Table 4.

# %%
rows = {"INA": "INA, two-way FE (no space)"}
signs = {"lnGDP": 1, "GOV": -1, "ROAD": -1, "OPEN": -1, "HUM": -1}
claims = []
for name, result in found.items():
    fit = result.results["two-way"]
    latent = name == "latent" and sample.recovers
    claims.append(
        ledger.Claim(
            "B",
            "text",
            rows["INA"],
            study.COLUMNS[name],
            "recovered" if latent else sample.derived_kind,
            study.printed_number(rows["INA"]),
            stars="**",
            derived=float(fit.params["INA"]),
            std_error=float(fit.std_errors["INA"]),
            truth=sample.true("INA", "without space") if latent else None,
        )
    )
    claims.append(
        ledger.Claim(
            "B",
            "text",
            "signs of controls, two-way FE",
            study.COLUMNS[name],
            sample.derived_kind,
            says="lnGDP +, the others −, all significant",
            holds=all(
                fit.params[x] * sign > 0 and fit.pvalues[x] < 0.1 for x, sign in signs.items()
            ),
        )
    )
    p = result.tests["p_value"]
    claims.append(
        ledger.Claim(
            "B",
            "text",
            "F test, LM test",
            study.COLUMNS[name],
            sample.derived_kind,
            says="both significant at 1 %",
            holds=bool(p["F: city effects"] < 0.01 and p["LM: city effects"] < 0.01),
        )
    )
tables.beside(
    claims,
    "tab-cities283-baseline-beside",
    "What the paper's text says about its Table 4, beside the two-way models above.",
    notes="The truth of the model without space is what it returns in expectation, given the "
    "regressors, when the spatial model generates the data; the generator was solved for it.",
    **where,
)  # fmt: skip

# %%
two_way = found[next(iter(found))].results["two-way"]
moved = sample.panel.within(["INA", "lnGDP"], "two-way").frame
income = moved["lnGDP"].unstack("city")[list(sample.panel.units)]
neighbours = (income @ sample.weights.dense().T).set_axis(income.columns, axis=1).stack()
neighbours = neighbours.reorder_levels(moved.index.names).reindex(moved.index)
glue("cities283_corr_income", float(moved["lnGDP"].corr(neighbours)), display=False)
glue("cities283_corr_ina", float(moved["INA"].corr(neighbours)), display=False)
glue("cities283_baseline_ina", float(two_way.params["INA"]), display=False)
glue("cities283_baseline_lngdp", float(two_way.params["lnGDP"]), display=False)
glue(
    "cities283_within_ina",
    float(sample.panel.within(["INA"], "two-way").frame["INA"].std()),
    display=False,
)
glue(
    "cities283_baseline_effect",
    float(two_way.params["INA"] * sample.panel.within(["INA"], "two-way").frame["INA"].std()),
    display=False,
)

# %% [markdown]
# The coefficient of co-agglomeration is {glue:text}`cities283_baseline_ina:.4f` in the first outcome.
# Within cities and years co-agglomeration moves by {glue:text}`cities283_within_ina:.2f`, so a usual
# movement goes with a change of the yearly index by {glue:text}`cities283_baseline_effect:.4f`:
# significant perhaps, large no.
#
# The sign of GDP per head deserves a look. Its own effect in the generator is positive, yet the model
# without space gives {glue:text}`cities283_baseline_lngdp:.3f`: incomes of neighbouring cities move
# together (within cities and years a city's income correlates with its neighbours' by
# {glue:text}`cities283_corr_income:.2f`), the neighbours' income enters with a minus sign, and a model that
# leaves the neighbours out charges the city for them. Co-agglomeration correlates with the neighbours'
# income too, by {glue:text}`cities283_corr_ina:.2f`. So a coefficient without space can be smaller than the one
# with space, as it is in the paper; in the generator the coefficient of the neighbours' income was solved
# so that it is, by as much as the print says.
