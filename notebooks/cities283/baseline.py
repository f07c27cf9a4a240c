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

from analysis.book import parameters, tables
from analysis.book.page import Page, in_short, say
from analysis.inference.panel_tests import baseline
from analysis.papers.cities283 import study
from analysis.study import open_study
from analysis.papers.cities283.claims import by_outcome, in_numbers, in_words, positive, said
from analysis.papers.cities283.pictures import by_year as by_year_scatter
from analysis.papers.cities283.tables import correlations, with_neighbours

parameters.check()
sample = open_study(study.STUDY, globals())
page = Page({"panel": sample.panel}, sample.parameters, [baseline])
regressors = list(study.DURBIN.regressors)
found = {name: baseline(sample.panel, name, regressors) for name in sample.outcomes}
two_way = {name: result.summary["two-way"].T for name, result in found.items()}
first = next(iter(found))
sample.banner

# %%
ROW = "INA, two-way FE (no space)"
own = {name: rows["INA"] for name, rows in two_way.items()}
scored = own["TCE"]
in_short(
    f"Without space the paper prints a coefficient of {study.printed_number(ROW)} for co-agglomeration, "
    "significant at 5 % and not at 1 %; GDP per head raises efficiency, the four other controls lower it, all "
    "significantly. F, LM and Hausman tests lead it to city and year effects.",
    f"Here the scores give {scored['estimate']:.4f} ({tables.p_value(scored['p_value'])}) "
    f"and for GDP per head {tables.number(two_way['TCE']['lnGDP']['estimate'], '.3f')}.",
)

# %% [markdown]
# ## Co-agglomeration and efficiency, year by year (Figure B-F4)

# %%
by_year = correlations(sample.panel, "TCE", "INA").drop("all")
page.by(correlations).figure(
    by_year_scatter(sample.panel, "INA", "TCE", by_year),
    "fig-cities283-scatter",
    "Index of the scores against co-agglomeration in each year, with the least-squares line (Figure B-F4).",
    alt="Ten scatter plots, one a year. Correlations: "
    + ", ".join(f"{year} {r:.2f}" for year, r in by_year["r"].items())
    + ".",
    values=by_year,
)

# %%
weak = by_year[by_year["p"] >= 0.05]
say(f"""
The paper reads from its figure that efficiency rises with co-agglomeration in every year. Here the correlation is
positive in {(by_year["r"] > 0).sum()} of {len(by_year)} years ({{numref}}`fig-cities283-scatter`) and reaches
{by_year["r"].max():.2f} at most; in {len(weak)} it is not significant at 5 %. Cities differ for many reasons that
have nothing to do with co-agglomeration; the effects of the models below take out those that last.
""")

# %% [markdown]
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

# %%
p = found["TCE"].tests["p_value"]
clean = found["TCE"].tests.iloc[-1]
honda = float(found["TCE"].tests.loc["Honda: city effects", "statistic"])
random = found["TCE"].results["random+time"]
share = float(random.variance_decomposition["Percent due to Effects"])
fixed = "speaks for fixed effects" if clean["p_value"] < 0.05 else "leaves random effects standing"
say(f"""
City effects have {tables.p_value(p["F: city effects"])} by the F and {tables.p_value(p["LM: city effects"])} by the
LM test on the scores, year effects {tables.p_value(p["F: year effects given city effects"])}
({{numref}}`tab-cities283-baseline-tests`). Hausman's test compares models *without* year effects in its plain form;
with them in both its statistic is {clean["statistic"]:.1f} ({tables.p_value(clean["p_value"])}) and
{fixed}. City effects are then {share:.0%} of the variance.
""")
# %%
models = found["TCE"].results
say(
    """
The random column is the pooled one: with what is common to all cities in a year left in the residuals, the variance
of the city effects is estimated as zero.
""",
    when=np.allclose(models["random"].params, models["pooled"].params, atol=1e-6),
)
say(
    f"""
The two-sided LM test rejects here, Honda's one-sided version of it does not, because its statistic is negative
({tables.number(honda, ".1f")}): in pooled residuals that contain a jump common to all cities, the test sees that
jump and not the cities. Which of the two the paper used its text does not say.
""",
    when=honda < 0 and p["LM: city effects"] < 0.05,
)

# %%
signs = {"lnGDP": 1, "GOV": -1, "ROAD": -1, "OPEN": -1, "HUM": -1}
kept = {
    name: {x: positive(rows[x], sign=sign) for x, sign in signs.items()}
    for name, rows in two_way.items()
}
p = {name: result.tests["p_value"] for name, result in found.items()}
derived = sample.derived_kind

# %%
page.beside(
    by_outcome(
        in_numbers(
            sample, ROW, {n: (row["estimate"], row["std_error"]) for n, row in own.items()},
            sample.true("INA", "without space"), "**",
        ),
        in_words(sample, "INA, two-way FE (no space), significance",
                 {n: 0.01 < row["p_value"] < 0.05 for n, row in own.items()},
                 {n: said(row, ".4f") for n, row in own.items()}, derived),
        in_words(sample, "signs of controls, two-way FE",
                 {n: all(k.values()) for n, k in kept.items()},
                 {n: ", ".join(f"{x} {said(two_way[n][x])}" for x in signs) for n in kept}, derived),
        in_words(sample, "F test, LM test",
                 {n: max(v["F: city effects"], v["LM: city effects"]) < 0.01 for n, v in p.items()},
                 kind=derived),
        in_words(sample, "year effects",
                 {n: v["F: year effects given city effects"] < 0.05 for n, v in p.items()}, kind=derived),
        in_words(sample, "Hausman, two-way",
                 {n: r.tests["p_value"].iloc[-1] < 0.05 for n, r in found.items()},
                 dict.fromkeys(found, "year effects in both"), derived),
    ),
    "tab-cities283-baseline-beside",
    "What the paper's text says about Table B4, beside the two-way models above.",
)  # fmt: skip

# %%
left = with_neighbours(sample.panel, ["INA", "lnGDP"], sample.weights)
moves = float(left["INA"].std())
say(
    f"""
**How large is it?** Within cities and years co-agglomeration moves by {moves:.2f}. A usual movement goes with a change of the scores'
{"yearly index" if outcome == "index" else outcome} by {scored["estimate"] * moves:.4f}
({{numref}}`tab-cities283-baseline-beside`).
"""
)

# %%
income = {name: rows["lnGDP"] for name, rows in two_way.items()}
turned = [study.COLUMNS[name] for name, row in income.items() if row["estimate"] < 0]
say(
    f"""
**Why GDP per head changes its sign.** The paper finds it positive; here it is negative on
{" and ".join(turned)} ({said(income[first])}). Incomes of neighbouring cities move together: within cities and years a
city's income correlates with its neighbours' by {left["lnGDP"].corr(left["W.lnGDP"]):.2f}, co-agglomeration with the
neighbours' income by {left["INA"].corr(left["W.lnGDP"]):.2f}. If the neighbours' income enters with a minus sign, a
model that leaves the neighbours out charges the city for them.
""",
    when=turned,
)
say(
    """In the generator the city's own income has a plus sign and its neighbours' was solved so that
the coefficient of co-agglomeration without space is smaller than the one with space by as much as print says.""",
    when=sample.is_simulated,
)
