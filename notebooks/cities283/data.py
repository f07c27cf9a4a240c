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
# # Data: from raw tables to variables
#
# :::{simulated}
# 283 real cities, generated series. *Latent efficiency* is what the data were built from;
# *efficiency scores* are what can be computed from the raw tables. With the parameter `raw` the
# page is derived from real files instead, and latent efficiency drops out.
# :::
#
# The paper's data are not public. What is embedded here is a simulated data set in the form that the
# real files would have (`data/raw/cities283/README.md` describes it): employment by sector,
# investment, prices, energy intensities, carbon dioxide and so on. Every variable below is built
# from those raw tables by the same functions that would build it from the real ones.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import numpy as np
import pandas as pd
import seaborn as sns
from myst_nb import glue
from statsmodels.stats.outliers_influence import variance_inflation_factor

from analysis.book import figures, ledger, parameters, tables
from analysis.book import published
from analysis.measures.capital import DEPRECIATION, accumulate
from analysis.papers.cities283.measures import BAD, GOOD, INPUTS, variables
from analysis.papers.cities283 import study

parameters.check()
CORRELATIONS = "tab-cities283-correlations"
sample = study.load(raw, seed, dropped, first_raw_year)
where = {"data": {"panel": sample.panel}, "parameters": sample.parameters}

# %% [markdown]
# ## How the simulated data were made
#
# The generator starts from a **latent efficiency** and works backwards to the raw tables:
#
# 1. Co-agglomeration, five controls and patents follow processes of their own on the real map.
# 2. The latent yearly index obeys a spatial Durbin model with two-way effects whose coefficients are
#    stated in {numref}`tab-cities283-truth`. Year effects are set so that the latent index has
#    exactly the means and the numbers of improving cities that the paper prints, and the cities it
#    names improve or decline in the years it names.
# 3. The latent level is the product of the index over the years. Capital, employment, energy and
#    carbon dioxide are then chosen so that each city-year has that level against one reference
#    technology. Energy is output times the *province's* intensity, as in the paper, and capital is
#    the sum of past investment, so employment and carbon dioxide take up the rest.
# 4. Everything is rounded as yearbooks are, and about one cell in a hundred of some tables is left
#    empty for the interpolation to fill.
#
# Targets, free choices and the seed were committed before any estimate on these data was looked at.
# Which kind of truth each is, the last column says: *targeted* (printed in the paper; *in expectation*
# where samples vary around it, *order* where print only ranks the groups), *chosen* (print gives a sign at
# most), *solved* (what the other numbers then imply).

# %%
shown = sample.truth.query("value != 0")
tables.show(
    shown.set_index(["equation", "term"])
    if len(shown)
    else pd.DataFrame({"value": [0.0]}, index=["real files have no known truth"]),
    "tab-cities283-truth",
    "Parameters of the process that generated the data; those that are zero are left out.",
    stub="term",
    digits=4,
    parameters=sample.parameters,
)

# %% [markdown]
# ### What the generator could not do quietly
#
# A mean index of {glue:text}`cities283_printed_2018` in 2018, where the paper says that every year but 2011
# and 2018 lies below one, is a jump that raw data can hardly make: capital falls by
# {glue:text}`cities283_depreciation:.1f` % a year at most, and energy per unit of GDP changes by the printed
# {glue:text}`cities283_printed_energy:.1f` %. The simulated raw data carry a break instead: real GDP jumps by
# {glue:text}`cities283_gdp_jump:.0f` % in 2018 while employment falls by
# {glue:text}`cities283_labour_drop:.0f` % in the mean city. If the printed means are right, then either most
# cities jump like this in the paper's data as well, or a few by very much; both look like a break in the
# statistics. The two-way and spatial models below have year effects, which absorb it; the pooled, fixed and
# random ones of the baseline do not.

# %%
logs = np.log(sample.production.frame[["output", "labour"]]).groupby(level="city").diff()
change = logs.groupby(level="year").mean()
glue("cities283_gdp_jump", float(100 * np.expm1(change.loc[2018, "output"])), display=False)
glue("cities283_printed_2018", study.printed_number("mean SML 2018"), display=False)
glue("cities283_printed_energy", float(study.printed_number("energy per GDP 2018")), display=False)
glue("cities283_depreciation", 100 * DEPRECIATION, display=False)
glue("cities283_labour_drop", float(-100 * np.expm1(change.loc[2018, "labour"])), display=False)

# %% [markdown]
# ## Inputs and outputs (the paper's Table 1)
#
# {numref}`tab-cities283-inputs` describes them. Capital is the stock by perpetual inventory, $K_t = (1 - \delta) K_{t-1} + I_t / P_t$ with
# $\delta$ = {glue:text}`cities283_depreciation:.1f` % and 2009 prices. The paper prints $K_t = K_{t-1} + (1 - \delta) I_t$, under which
# old capital never wears out; {numref}`tab-cities283-capital` shows what the misprint would do: in the last year the mean stock would be
# {glue:text}`cities283_capital_ratio:.2f` times as large.

# %%
NAMES = {
    "capital": ("input", "capital stock, 10⁸ yuan of 2009"),
    "labour": ("input", "employment, persons"),
    "energy": ("input", "energy, 10⁴ tonnes of standard coal"),
    "output": ("good output", "real GDP, 10⁸ yuan of 2009"),
    "co2": ("bad output", "carbon dioxide, 10⁴ tonnes"),
}
describe = sample.production.frame[[*INPUTS, *GOOD, *BAD]].agg(["mean", "std", "min", "max"]).T
tables.show(
    describe.set_axis(pd.MultiIndex.from_tuples(NAMES.values())),
    "tab-cities283-inputs",
    f"Inputs and outputs of the efficiency measurement, {len(sample.production.frame):,} city-years.",
    stub="variable",
    digits=1,
    notes="The paper's Table 1 is not known; nothing here is compared with it.",
    code=[variables],
    data={"raw tables": sample.production},
    parameters=sample.parameters,
)

# %%
stock = sample.production.values("capital")
# Investment of the first year is part of the first stock and enters no other: any value does.
flow = np.vstack([stock[:1], stock[1:] - (1 - DEPRECIATION) * stock[:-1]])
printed = accumulate(flow, stock[0], formula="printed")
years = sample.production.periods
glue("cities283_capital_ratio", float(printed[-1].mean() / stock[-1].mean()), display=False)
tables.show(
    pd.DataFrame(
        {
            "perpetual inventory": stock.mean(axis=1),
            "equation as printed": printed.mean(axis=1),
            "ratio": printed.mean(axis=1) / stock.mean(axis=1),
        },
        index=years,
    ),
    "tab-cities283-capital",
    "Mean capital stock by the usual formula and by the paper's equation 7 as printed, 10⁸ yuan.",
    stub="year",
    digits=1,
    formats={"ratio": ".2f"},
    code=[accumulate],
    data={"raw tables": sample.production},
)

# %% [markdown]
# ## Variables of the regressions (the paper's Tables 2 and 3)
#
# {numref}`tab-cities283-descriptives` describes them, {numref}`tab-cities283-correlations` relates them, and
# {numref}`fig-cities283-variables` shows how two of them moved.
#
# Co-agglomeration is $(1 - |a - b| / (a + b)) + (a + b)$ with $a$ and $b$ the location quotients of
# manufacturing and of five pooled producer services (wholesale and retail are left out). By
# construction the employment-weighted mean of each quotient is one in every year.

# %%
columns = [*study.COLUMNS, "INA", *study.STUDY.regressors[1:], "INNOV", "CI"]
columns = [name for name in columns if name in sample.panel.columns]
panel = sample.panel
overall = panel.frame[columns].agg(["count", "mean", "std", "min", "median", "max"]).T
overall["within"] = panel.within(columns, "two-way").frame[columns].std()
tables.show(
    overall.rename(columns={"std": "std. dev.", "within": "within std. dev."}).rename(
        index=study.COLUMNS
    ).astype({"count": int}),
    "tab-cities283-descriptives",
    "Variables of the regressions; the last column is what is left after city and year means.",
    stub="variable",
    code=[variables],
    **where,
)  # fmt: skip

# %%
regressors = list(study.STUDY.regressors)
correlations = panel.frame[["TCE", *regressors, "INNOV"]].corr()
lower = correlations.where(np.tril(np.ones(correlations.shape, dtype=bool)))
with_constant = np.column_stack([np.ones(len(panel.frame)), panel.frame[regressors].to_numpy()])
vif = [variance_inflation_factor(with_constant, k + 1) for k in range(len(regressors))]
lower["VIF"] = pd.Series(vif, index=regressors)
tables.show(
    lower,
    CORRELATIONS,
    "Correlations, and variance inflation factors of the regressors.",
    stub="",
    digits=2,
    **where,
)

# %%
off_diagonal = correlations.where(~np.eye(len(correlations), dtype=bool))
largest = float(off_diagonal.abs().max(axis=None))
glue("cities283_largest_correlation", largest, display=False)
text = published.rows().query("paper == 'B'").set_index("row")["text"]
glue(
    "cities283_printed_correlation",
    text["largest absolute correlation"].replace("<", "below "),
    display=False,
)
glue("cities283_largest_vif", float(max(vif)), display=False)
ledger.record(
    [
        ledger.printed_claim("B", "text", "largest absolute correlation", kind="free",
                             derived=largest, holds=largest < 0.7),
        *(
            ledger.printed_claim("B", "text", row, kind="setting")
            for row in (
                "capital depreciation rate", "base year, capital deflator", "base year, GDP deflator"
            )
        ),
    ],
    anchor=CORRELATIONS,
)  # fmt: skip

# %% [markdown]
# The largest correlation is {glue:text}`cities283_largest_correlation:.2f` and the largest variance
# inflation factor {glue:text}`cities283_largest_vif:.1f`: in levels the regressors can be told apart. The
# paper concludes the same from correlations that are {glue:text}`cities283_printed_correlation`. Correlations of levels say little about a model with city
# and year effects, though: what has to be told apart there is the movement in the last column of
# {numref}`tab-cities283-descriptives`, which is a fraction of the spread between cities.

# %%
figure, panels = figures.canvas(1, 2, width=7.2, height=3.0)
years = panel.frame[["INA", "INNOV"]].join(sample.group("region").rename("region"), on="city")
means = years.groupby(["year", "region"])[["INA", "INNOV"]].mean()
for axis, name in zip(panels, means, strict=True):
    sns.lineplot(
        means, x="year", y=name, hue="region", hue_order=study.REGIONS, ax=axis,
        palette=figures.COLOURS[:len(study.REGIONS)], legend=axis is panels[0],
    )  # fmt: skip
    axis.set(title=study.STUDY.label(name), ylabel="")
panels[0].legend(title=None)
moves = [
    f"{name} in the {study.PLACES[region]} from {means.loc[(panel.periods[0], region), name]:.2f} "
    f"to {means.loc[(panel.periods[-1], region), name]:.2f}"
    for name in means
    for region in study.REGIONS
]
figures.show(
    figure,
    "fig-cities283-variables",
    "Mean co-agglomeration and patents per 10⁴ persons, by region.",
    alt="Two line charts of regional means over the years, co-agglomeration (INA) and patents a head "
    f"(INNOV). From the first year to the last: {'; '.join(moves)}.",
    **where,
)  # fmt: skip
