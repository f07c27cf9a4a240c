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
# # II.2 Data: paper B, section 4, Tables B1 to B3

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import numpy as np
import pandas as pd

from analysis.book import ledger, parameters, tables
from analysis.book.page import Page, in_short, numbers, say
from analysis.inference.panel_tests import variance_inflation
from analysis.measures.capital import DEPRECIATION, accumulate
from analysis.papers.cities283 import study
from analysis.study import open_study
from analysis.papers.cities283.claims import by_outcome, claim, in_words
from analysis.papers.cities283.measures import BAD, GOOD, INPUTS, variables
from analysis.papers.cities283.pictures import regional_means
from analysis.papers.cities283.tables import capital_as_printed, correlations

parameters.check()
sample = open_study(study.STUDY, globals())
page = Page({"panel": sample.panel}, sample.parameters)
production = Page({"raw tables": sample.data.production}, sample.parameters, [variables])
generated = sample.is_simulated
regressors = list(study.STUDY.regressors)
vif = variance_inflation(sample.panel, regressors)
together = {name: correlations(sample.panel, name, "INA") for name in sample.outcomes}
by_year = together["TCE"].drop("all")
capital = capital_as_printed(sample.data.production)
sample.banner

# %%
overall = together["TCE"].loc["all"]
in_short(
    "The paper prints that co-agglomeration and efficiency correlate positively, in all city-years and in "
    "every single year, and that no correlation reaches 0.7, which it takes for the absence of collinearity.",
    f"From the print alone: equation (7) as printed never lets old capital wear out, which makes the mean "
    f"stock {capital['ratio'].iloc[-1]:.2f} times as large by the last year here; of six controls that the "
    "text names five are defined.",
    f"Here the correlation of co-agglomeration with the scores is {overall['r']:.2f} "
    f"({tables.p_value(overall['p'])}), positive in "
    f"{(by_year['r'] > 0).sum()} of {len(by_year)} years and significant at 5 % in "
    f"{((by_year['r'] > 0) & (by_year['p'] < 0.05)).sum()}; the largest variance inflation factor "
    f"is {vif.max():.1f}.",
)

# %% [markdown]
# ## Where the paper's data come from
#
# Carbon dioxide is from the CEADs data base, price indices of investment and GDP from the China
# Statistical Yearbook, everything else from the China Urban Statistical Yearbook. Every variable below is built from raw tables in the form that those files have
# (`data/raw/cities283/README.md`): employment by sector, investment, prices, energy intensities,
# carbon dioxide and so on.

# %%
change = np.log(sample.data.production.frame[["output", "labour"]]).groupby(level="city").diff()
jump = np.expm1(change.groupby(level="year").mean()).loc[2018]

# %%
say(
    f"""**How the simulated data were made.** The paper's files are not at hand. The generator starts from a **latent efficiency** and works backwards to the raw tables:

1. Co-agglomeration, five controls and patents follow processes of their own on the real map.
2. The latent yearly index obeys a spatial Durbin model with two-way effects whose coefficients are
   stated in {{numref}}`tab-cities283-truth`. Year effects are set so that the latent index has
   exactly the means and the numbers of improving cities that the paper prints, and the cities it
   names improve or decline in the years it names.
3. The latent level is the product of the index over the years. Capital, employment, energy and
   carbon dioxide are then chosen so that each city-year has that level against one reference
   technology. Energy is output times the *province's* intensity, as in the paper, and capital is
   the sum of past investment, so employment and carbon dioxide take up the rest.
4. Everything is rounded as yearbooks are, and about one cell in a hundred of some tables is left
   empty for the interpolation to fill.

Targets, free choices and the seed were committed before any estimate on these data was looked at.
*Targeted* truths are printed in the paper (*in expectation* where samples vary around them, *order* where
print only ranks the groups), *chosen* ones have a printed sign at most, *solved* ones follow from the others.

A mean index of {study.printed_number("mean SML 2018")} in 2018 is a jump that raw data can hardly make:
capital falls by {100 * DEPRECIATION:.1f} % a year at most, and energy per unit of GDP changes by the printed
{study.printed_number("energy per GDP 2018")} %. The simulated raw data carry a break instead: real GDP
jumps by {100 * jump["output"]:.0f} % in 2018 while employment falls by {-100 * jump["labour"]:.0f} % in the
mean city. If the printed means are right, then either most cities jump like this in the paper's data as well,
or a few by very much; both look like a break in the statistics. Two-way and spatial models have year
effects, which absorb it; pooled, fixed and random ones do not.""",
    when=generated,
)

# %%
page.table(
    sample.data.truth.query("value != 0").set_index(["equation", "term"]),
    "tab-cities283-truth",
    "Parameters of the process that generated the data; those that are zero are left out.",
    stub="term",
    digits=4,
    folded=True,
) if generated else None

# %% [markdown]
# ## Inputs, outputs and two equations (Table B1)
#
# Capital, employees and energy are the inputs, real GDP the good output, carbon dioxide the bad one
# ({numref}`tab-cities283-inputs`).
#
# **(B7), capital.** The paper prints, with $\delta$ = {glue:text}`b2_depreciation:.1f` %,
#
# $$
# K_{i,t} = K_{i,t-1} + (1 - \delta) I_{i,t} .
# $$
#
# The usual perpetual inventory, and what is computed here, is
# $K_{i,t} = (1 - \delta) K_{i,t-1} + I_{i,t}$ with investment $I$ in 2009 prices. As printed, the year's
# investment loses a tenth at once and old capital never wears out. {numref}`tab-cities283-capital` has what
# that does to the stock. With it the scores keep their order (rank correlation
# {glue:text}`b2_rank:.3f`), and the Durbin coefficient of co-agglomeration is
# {glue:text}`b2_ina_printed:.4f` in place of {glue:text}`b2_ina:.4f`. The paper does not say where its first
# stock comes from; here it is investment over depreciation and growth ([](../validation/efficiency.py)).
#
# **(B8), energy.** $E_{i,t} = GDP_{i,t} \times EI_{i,t}$, with the energy intensity $EI$ of the *province*, as the
# paper assumes and this book does. All cities of a province then use the same energy per unit of output,
# so energy cannot tell them apart.

# %%
as_printed = sample.again(formula="printed")
slope = {
    name: study.estimate(data.panel, study.DURBIN, data.weights).params["INA"]
    for name, data in (("usual", sample), ("printed", as_printed))
}
rank = sample.panel.frame["level"].corr(as_printed.panel.frame["level"], method="spearman")
numbers(
    b2_depreciation=100 * DEPRECIATION,
    b2_rank=rank,
    b2_ina=slope["usual"],
    b2_ina_printed=slope["printed"],
)

# %%
INPUT_TABLE = "tab-cities283-inputs"
NAMES = {
    "capital": ("input", "capital stock, 10⁸ yuan of 2009"),
    "labour": ("input", "employment, persons"),
    "energy": ("input", "energy, 10⁴ tonnes of standard coal"),
    "output": ("good output", "real GDP, 10⁸ yuan of 2009"),
    "co2": ("bad output", "carbon dioxide, 10⁴ tonnes"),
}
describe = sample.data.production.frame[[*INPUTS, *GOOD, *BAD]].agg(["mean", "std", "min", "max"]).T
production.table(
    describe.set_axis(pd.MultiIndex.from_tuples(NAMES.values())),
    INPUT_TABLE,
    f"Inputs and outputs of the efficiency measurement, {len(sample.data.production.frame):,} city-years.",
    stub="variable",
    digits=0,
    notes="Of Table B1 we have the caption; nothing here is compared with it.",
)

# %%
production.by(accumulate).table(
    capital,
    "tab-cities283-capital",
    "Mean capital stock by the usual formula and by (B7) as printed, 10⁸ yuan.",
    stub="year",
    digits=0,
    formats={"ratio": ".2f"},
)

# %% [markdown]
# ## Co-agglomeration and the controls
#
# **(B9), co-agglomeration.** With $LQ_{im}$ and $LQ_{is}$ the location quotients of manufacturing and of
# producer services (transport, information, finance, leasing and business, research),
#
# $$
# INA_i = \left(1 - \frac{|LQ_{im} - LQ_{is}|}{LQ_{im} + LQ_{is}}\right) + (LQ_{im} + LQ_{is}) .
# $$
#
# It is computed as printed, in every year (the print has no index for the year). The first part is
# balance, the second level. A quotient's employment-weighted mean is one in every year by construction.
#
# The paper gives each control a reason and so a sign:
#
# | control | measured by | reason given | expected |
# |:--|:--|:--|:-:|
# | lnGDP, economic development | GDP per head | growth destroys; rich cities clean up and regulate | + |
# | GOV, government | fiscal expenditure over GDP | factors go to low-value sectors, environment is crowded out | − |
# | ROAD, transport | road area per head | building burns fossil energy; scale effects act indirectly | open |
# | OPEN, openness | trade over GDP | exports are resource-intensive and dirty | − |
# | HUM, human capital | college population over all | richer demand for high-carbon goods; awareness and technology | open |
#
# The list in the text opens with six, *urbanisation* among them; five are defined, and no equation holds a
# sixth. Human capital is here college students over population.
#
# ## Descriptive statistics and correlations (Tables B2 and B3)
#
# The last column of {numref}`tab-cities283-descriptives` is what a two-way model works with: the movement
# within cities and years, a fraction of the spread between cities.

# %%
columns = [*study.COLUMNS, "INA", *study.STUDY.regressors[1:], "INNOV", "CI"]
columns = [name for name in columns if name in sample.panel.columns]
described = sample.panel.frame[columns].agg(["count", "mean", "std", "min", "median", "max"]).T
described["within std. dev."] = sample.panel.within(columns, "two-way").frame[columns].std()
page.by(variables).table(
    described.rename(
        columns={"std": "std. dev."},
        index=study.STUDY.labels(columns) | study.COLUMNS | {"CI": "CO2 over GDP"},
    ).astype({"count": int}),
    "tab-cities283-descriptives",
    "Variables of the regressions; the last column is what is left after city and year means.",
    stub="variable",
)

# %%
words = study.STUDY.labels([*regressors, "INNOV"]) | {"TCE": study.COLUMNS["TCE"]}
crossed = sample.panel.frame[["TCE", *regressors, "INNOV"]].corr()
largest = float(crossed.where(~np.eye(len(crossed), dtype=bool)).abs().max(axis=None))
text = study.published.rows().query("paper == 'B'").set_index("row")["text"]
numbers(
    b2_largest=largest,
    b2_printed_largest=text["largest absolute correlation"].replace("<", "below "),
    b2_vif=vif.max(),
    b2_vif_of=words[vif.idxmax()],
    b2_vif_said=", so the conclusion holds here" if vif.max() < 10 else ": here it does not hold",
)
page.by(variance_inflation).table(
    crossed.where(np.tril(np.ones(crossed.shape, dtype=bool)))
    .assign(VIF=vif)
    .rename(index=words, columns=words),
    "tab-cities283-correlations",
    "Correlations, and variance inflation factors of the regressors.",
    stub="",
    digits=2,
)

# %% [markdown]
# The largest correlation is {glue:text}`b2_largest:.2f` ({numref}`tab-cities283-correlations`); the paper's are {glue:text}`b2_printed_largest`, from which it
# concludes that nothing is collinear. That does not follow: collinearity can join more than two
# variables. The variance inflation factor, which would see it, is {glue:text}`b2_vif:.1f` at most, of
# {glue:text}`b2_vif_of`{glue:text}`b2_vif_said`. The claims on these tables are in
# {numref}`tab-cities283-data-beside`.

# %%
settings = ["capital depreciation rate", "base year, capital deflator", "base year, GDP deflator",
            "producer services"]  # fmt: skip
ledger.record([claim(row, "setting") for row in settings], anchor=INPUT_TABLE)

# %%
positive = {name: found["r"] > 0 for name, found in together.items()}

# %%
page.by(correlations).beside(
    by_outcome([
        claim("controls", "implied", holds=False, note="five are defined, five stand in the equations."),
        claim("largest absolute correlation", "free", holds=largest < 0.7),
        claim("multicollinearity", "free", holds=bool(vif.max() < 10),
              note=f"largest variance inflation factor {vif.max():.1f}. "
              + ("The conclusion holds here; it" if vif.max() < 10 else "The conclusion does not hold here, and it")
              + " does not follow from the correlations."),
        *in_words(
            sample, "correlation of INA and TCE",
            {n: positive[n]["all"] and found.loc["all", "p"] < 0.05 for n, found in together.items()},
            {n: f"r = {found.loc['all', 'r']:.3f}" for n, found in together.items()},
            sample.derived_kind,
        ),
        *in_words(
            sample, "correlation of INA and TCE by year",
            {n: positive[n].all() for n in together},
            {n: f"positive in {positive[n].drop('all').sum()} of {len(by_year)} years, at 5 % in "
             f"{(found.drop('all')['p'] < 0.05).sum()}" for n, found in together.items()},
            sample.derived_kind,
        ),
    ]),
    "tab-cities283-data-beside",
    "What the paper's text says about Tables B2 and B3 and Figure B-F4.",
)  # fmt: skip

# %%
means = sample.panel.frame[["INA", "INNOV"]].join(
    sample.group("region").rename("region"), on="city"
)
means = means.groupby(["year", "region"]).mean()
titles = {
    "INA": ("co-agglomeration", "index (B9)"),
    "INNOV": ("innovation", "patents per 10⁴ persons"),
}
ends = means.unstack("region").iloc[[0, -1]].T
page.figure(
    regional_means(means, titles),
    "fig-cities283-variables",
    "Mean co-agglomeration and patents per 10⁴ persons, by region.",
    alt="Two line charts of regional means. From the first year to the last: "
    + "; ".join(
        f"{name} in the {study.PLACES[region]} {first:.2f} to {last:.2f}"
        for (name, region), (first, last) in ends.T.items()
    )
    + ".",
    values=means,
)

# %% [markdown]
# {numref}`fig-cities283-variables` has the two series by region: {glue:text}`b2_ends`.

# %%
numbers(
    b2_ends="; ".join(
        f"{study.STUDY.label(name)} is highest in the {study.PLACES[ends.loc[name].iloc[:, -1].idxmax()]}"
        for name in ("INA", "INNOV")
    )
)
