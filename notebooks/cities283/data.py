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

from analysis.book import ledger
from analysis.book.page import numbers
from analysis.book.tables import p_value
from analysis.inference.panel_tests import variance_inflation
from analysis.measures.capital import DEPRECIATION, accumulate
from analysis.papers.cities283 import measures, pictures, study, tables
from analysis.papers.cities283.claims import NAMED, beside, claim, quoted
from analysis.study import open_page, sections

sample, page = open_page(study.STUDY, globals(), measures.variables)
raw_page = page.of(**{"raw tables": sample.data.production})
regressors = list(study.STUDY.regressors)
found = sections.description(sample, tables.described(sample))
vif = found.of["inflation"]
together = {name: tables.correlations(sample.panel, name, "INA") for name in sample.outcomes}
by_year, overall = together["TCE"].drop("all"), together["TCE"].loc["all"]
capital = tables.capital_as_printed(sample.data.production)
sample.banner

# %% tags=["remove-cell"]
numbers(
    b2_ratio=capital["ratio"].iloc[-1],
    b2={"r": overall["r"], "p": p_value(overall["p"]), "years": len(by_year)},
    b2_positive=int((by_year["r"] > 0).sum()),
    b2_significant=int(((by_year["r"] > 0) & (by_year["p"] < 0.05)).sum()),
    **quoted("data"),
    b2_grew=tables.mean_growth(sample.data.production, ["output", "labour"]).loc[2018].abs(),
)

# %% [markdown]
# :::{in-short}
# The paper prints that co-agglomeration and efficiency correlate positively, in all city-years and in
# every single year, and that no correlation reaches 0.7, which it takes for the absence of collinearity.
# From the print alone: equation (7) as printed never lets old capital wear out, which makes the mean
# stock {glue:text}`b2_ratio:.2f` times as large by the last year here; of six controls that the
# text names five are defined. Here the correlation of co-agglomeration with the scores is {glue:text}`b2_r:.2f`
# ({glue:text}`b2_p`), positive in {glue:text}`b2_positive:d` of {glue:text}`b2_years:d` years and significant at 5 % in
# {glue:text}`b2_significant:d`; the largest variance inflation factor is {glue:text}`b2_vif:.1f`.
# :::
#
# ## Where the paper's data come from
#
# Carbon dioxide is from the CEADs data base, price indices of investment and GDP from the China
# Statistical Yearbook, everything else from the China Urban Statistical Yearbook. Every variable below is built from raw tables in the form that those files have
# (`data/raw/cities283/README.md`): employment by sector, investment, prices, energy intensities,
# carbon dioxide and so on.

# %% [markdown] tags=["when-simulated"]
# **How the simulated data were made.** The paper's files are not at hand. The generator starts from a **latent
# efficiency** and works backwards to the raw tables:
#
# 1. Co-agglomeration, five controls and patents follow processes of their own on the real map.
# 2. The latent yearly index obeys a spatial Durbin model with two-way effects whose coefficients are
#    stated in {numref}`tab-cities283-truth`. Year effects are set so that the latent index has
#    exactly the means and the numbers of improving cities that the paper prints, and the cities it
#    names improve or decline in the years it names. City effects follow the map, so that the index
#    clusters in the years in which the paper says so ([](dependence.py)).
# 3. The latent level is the product of the index over the years. Capital, employment, energy and
#    carbon dioxide are then chosen so that each city-year has that level against one reference
#    technology. Energy is output times the *province's* intensity, as in the paper, and capital is
#    the sum of past investment, so employment and carbon dioxide take up the rest.
# 4. Everything is rounded as yearbooks are, and about one cell in a hundred of some tables is left
#    empty for the interpolation to fill.
#
# Targets, free choices and the seed were committed before any estimate on these data was looked at; how far the city
# effects follow the map was raised once later, for the sentence on Moran's $I$ alone.
# *Targeted* truths are printed in the paper (*in expectation* where samples vary around them, *order* where
# print only ranks the groups), *chosen* ones have a printed sign at most, *solved* ones follow from the others.
#
# A mean index of {glue:text}`b2_jump` in 2018 is a jump that raw data can hardly make: capital falls by
# {glue:text}`b2_depreciation:.1f` % a year at most, and energy per unit of GDP changes by the printed
# {glue:text}`b2_energy` %. The simulated raw data carry a break instead: real GDP jumps by {glue:text}`b2_grew_output:.0%` in
# 2018 while employment falls by {glue:text}`b2_grew_labour:.0%` in the mean city. If the printed means are right, then either
# most cities jump like this in the paper's data as well, or a few by very much; both look like a break in the
# statistics. Two-way and spatial models have year effects, which absorb it; pooled, fixed and random ones do not.

# %% tags=["when-simulated"]
page.by(study.load).table(tables.truths(sample), "tab-cities283-truth")

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
other = sample.again(formula="printed")
usual, printed = (study.estimate(of.panel, study.DURBIN, of.weights) for of in (sample, other))
numbers(
    b2_depreciation=100 * DEPRECIATION,
    b2_rank=sample.panel.frame["level"].corr(other.panel.frame["level"], method="spearman"),
    b2={"ina": usual.params["INA"], "ina_printed": printed.params["INA"]},
)

# %%
INPUTS = "tab-cities283-inputs"
numbers(b2_measured=f"{len(sample.data.production.frame):,}")
raw_page.table(tables.inputs_described(sample.data.production), INPUTS)

# %%
raw_page.by(accumulate).table(capital, "tab-cities283-capital")

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
found["variables"]

# %%
words = study.STUDY.labels([*regressors, "INNOV"]) | {"TCE": study.COLUMNS["TCE"]}
names = ["TCE", *regressors, "INNOV"]
crossed = found.of["r"].loc[names, names]
crossed = crossed.where(np.tril(np.ones(crossed.shape, dtype=bool)))
largest = float(crossed[crossed < 1].abs().max(axis=None))
numbers(
    b2_largest=largest,
    b2_printed_largest=study.TEXTS["largest absolute correlation"].replace("<", "below "),
    b2={"vif": vif.max(), "vif_of": words[vif.idxmax()]},
    b2_vif_said=", so the conclusion holds here" if vif.max() < 10 else ": here it does not hold",
)
shown = crossed.rename(index=words, columns=words)
page.figure(pictures.heat(shown), "fig-cities283-correlations", values=crossed)

# %%
shown = shown.assign(VIF=vif.rename(words))
page.by(variance_inflation).table(shown, "tab-cities283-correlations")

# %% [markdown]
# The largest correlation is {glue:text}`b2_largest:.2f` in size ({numref}`fig-cities283-correlations`,
# {numref}`tab-cities283-correlations`); the paper's are {glue:text}`b2_printed_largest`, from which it
# concludes that nothing is collinear. That does not follow: collinearity can join more than two
# variables. The variance inflation factor, which would see it, is {glue:text}`b2_vif:.1f` at most, of
# {glue:text}`b2_vif_of`{glue:text}`b2_vif_said`. The claims on these tables are in
# {numref}`tab-cities283-data-beside`.

# %%
ledger.record([claim(row, "setting") for row in NAMED["data"]["settings"]], anchor=INPUTS)

# %%
kind = sample.derived_kind
positive = {n: f["r"] > 0 for n, f in together.items()}
strong = {n: f["p"] < 0.05 for n, f in together.items()}
of_years = {n: f"positive in {positive[n].drop('all').sum()} of {len(by_year)} years, at 5 % in "
            f"{strong[n].drop('all').sum()}" for n in together}  # fmt: skip
overall_too = {n: positive[n]["all"] and strong[n]["all"] for n in together}
r = {n: f"r = {f.loc['all', 'r']:.3f}" for n, f in together.items()}
beside(
    page.by(tables.correlations),
    "tab-cities283-data-beside",
    sample,
    [
        claim("controls", "implied", holds=False, note="five are defined, five stand in the equations."),
        claim("largest absolute correlation", "free", holds=largest < 0.7),
        claim("multicollinearity", "free", holds=vif.max() < 10,
              note=f"largest variance inflation factor {vif.max():.1f}; from correlations it does not follow."),
    ],
    ("correlation of INA and TCE", overall_too, r, kind),
    ("correlation of INA and TCE by year", {n: positive[n].all() for n in together}, of_years, kind),
)  # fmt: skip

# %%
means = tables.means_by_region(sample, ["INA", "INNOV"])
titles = {"INA": "co-agglomeration", "INNOV": "innovation"}
lines = {title: means[name].unstack()[list(study.REGIONS)] for name, title in titles.items()}
page.by(tables.means_by_region).lines(lines, "fig-cities283-variables", means)

# %% tags=["remove-cell"]
last = means.unstack("region").iloc[-1]
highest = last.groupby(level=0).idxmax().str[1].map(study.WORDS["places"])
numbers(b2_in=highest)

# %% [markdown]
# In the last year of {numref}`fig-cities283-variables` co-agglomeration is highest in the {glue:text}`b2_in_ina`,
# innovation in the {glue:text}`b2_in_innov`.
