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
# # Do neighbours resemble each other?
#
# :::{simulated}
# 283 real cities, generated series. *Latent efficiency* is what the data were built from;
# *efficiency scores* are what can be computed from the raw tables. With the parameter `raw` the
# page is derived from real files instead, and latent efficiency drops out.
# :::
#
# A spatial model needs a reason. Moran's $I$ {cite:p}`moran1950` with inverse-distance weights asks, year by
# year, whether efficient cities lie near efficient ones and co-agglomerated cities near
# co-agglomerated ones.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance | inverse-distance-squared | additive-nest | diagonal-nest | product | gravity | nearest-5
outcome: str = "index"  # form of the outcome: index | log-index | level | cumulative
permutations: int = 499  # draws of the permutation tests: 99..9999

# %%
import pandas as pd
from myst_nb import glue

from analysis.book import figures, ledger, maps, parameters, tables
from analysis.spatial.moran import global_moran, local_moran, moran_scatter
from analysis.papers.cities283 import study

parameters.check()
sample = study.load(raw, seed, dropped, first_raw_year, weights, outcome)
series = {**sample.outcomes, "INA": "co-agglomeration"}
moran = {
    name: global_moran(sample.panel, name, sample.weights, permutations=permutations)
    for name in series
}
where = {"data": {"panel": sample.panel}, "parameters": sample.parameters}

# %% [markdown]
# ## Global Moran's I (the paper's Table 5)
#
# {numref}`tab-cities283-moran` has the statistic of each year; {numref}`tab-cities283-moran-beside` asks what
# of the paper's sentence about it holds.

# %%
table = pd.concat(
    {
        label: moran[name][["I", "z_random", "p_random", "p_permutation"]].rename(
            columns={"z_random": "z", "p_random": "p", "p_permutation": "p, permuted"}
        )
        for name, label in series.items()
    },
    axis=1,
)
tables.show(
    table,
    "tab-cities283-moran",
    "Moran's I by year: statistic, z and two-sided p under randomisation, p by permutation.",
    stub="year",
    formats={"z": ".2f"},
    code=[global_moran],
    **where,
)

# %%
span = [year for year in range(2011, 2020) if year in sample.panel.periods]
significant = {
    name: (frame.loc[span, "p_random"] < 0.05) & (frame.loc[span, "I"] > 0)
    for name, frame in moran.items()
}
glue("cities283_moran_years", len(span), display=False)
for name, label in (("TCE", "scores"), ("INA", "ina")):
    glue(f"cities283_moran_{label}", int(significant[name].sum()), display=False)
    glue(f"cities283_moran_{label}_largest", float(moran[name]["I"].max()), display=False)
tables.beside(
    [
        ledger.Claim(
            "B", "text", "global Moran, years significant", label,
            "free" if name == "INA" else sample.derived_kind,
            says="positive and significant in 2011-2019",
            derived=None,
            holds=bool(significant[name].all()),
            note=f"{label}: {int(significant[name].sum())} of {len(span)} years at 5 %.",
        )
        for name, label in series.items()
    ],
    "tab-cities283-moran-beside",
    "What the paper's text says about its Table 5.",
    code=[global_moran],
    **where,
)  # fmt: skip

# %% [markdown]
# Co-agglomeration is clustered in {glue:text}`cities283_moran_ina` of
# {glue:text}`cities283_moran_years` years, the scores' index in
# {glue:text}`cities283_moran_scores`. The statistics look small (the largest for the scores is
# {glue:text}`cities283_moran_scores_largest:.3f`) although some are many standard deviations away from zero.
# Both follow from the matrix: with weights $1/d$ every city is a neighbour of every other, a city's
# "neighbourhood" is an average over the country, and averages hardly vary. The size of $I$ cannot be
# compared between matrices; its $z$ says how surely it differs from zero, not how strong the clustering is.
#
# A year in which the index shows no clustering does not contradict a spatial model. In the generator the
# city effects are clustered, the errors are not until the spatial lag passes them on, and what a single
# year shows of the sum is partly chance.
#
# ## Moran scatterplots and clusters (the paper's Figures 7 and 8)
#
# In {numref}`fig-cities283-moran-tce` and {numref}`fig-cities283-moran-ina` each point is a city: its standardised value against the mean of its neighbours. The slope is
# Moran's $I$; the corners are high-high, low-low and the two mixed ones.
# {numref}`fig-cities283-clusters` maps the cities whose corner is more than chance.

# %%
years = [year for year in study.FIGURE_YEARS if year in sample.panel.periods]
points = {
    year: moran_scatter(sample.panel.cross_section("TCE", year), sample.weights) for year in years
}
figures.show(
    figures.moran_scatters(points, moran["TCE"]["I"]),
    "fig-cities283-moran-tce",
    "Moran scatterplots of the efficiency scores' index in four years (the paper's Figure 7).",
    alt="Moran scatterplots of the index, a city's standardised value against the mean of its "
    "neighbours. Slopes: "
    + ", ".join(f"{moran['TCE'].loc[year, 'I']:.3f} in {year}" for year in years)
    + ".",
    values=pd.concat(points, names=["year"]),
    code=[moran_scatter],
    **where,
)

# %%
points = {
    year: moran_scatter(sample.panel.cross_section("INA", year), sample.weights) for year in years
}
figures.show(
    figures.moran_scatters(points, moran["INA"]["I"]),
    "fig-cities283-moran-ina",
    "Moran scatterplots of co-agglomeration in four years (the paper's Figure 8).",
    alt="Moran scatterplots of co-agglomeration, a city's standardised value against the mean of its "
    "neighbours. Slopes: "
    + ", ".join(f"{moran['INA'].loc[year, 'I']:.3f} in {year}" for year in years)
    + ".",
    values=pd.concat(points, names=["year"]),
    code=[moran_scatter],
    **where,
)

# %%
last = years[-1]
clusters = {
    name: local_moran(
        sample.panel.cross_section(name, last), sample.weights, permutations=permutations, seed=last
    )
    for name in ("TCE", "INA")
}
figure, panels = figures.canvas(1, 2, height=3.8)
for axis, (name, frame) in zip(panels, clusters.items(), strict=True):
    maps.classes(axis, sample.geo, frame["cluster"], title=f"{series[name]}, {last}", size=18)
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
figures.show(
    figure,
    "fig-cities283-clusters",
    "Clusters by the local Moran statistic, two-sided at 5 %, without correction for "
    f"{sample.panel.n_units} tests.",
    alt="Two maps of the cities; those in significant clusters are coloured. "
    + "; ".join(
        f"{series[n]}: "
        + ", ".join(f"{int((f['cluster'] == kind).sum())} {kind}" for kind in maps.LISA)
        for n, f in clusters.items()
    )
    + ".",
    values=pd.concat(
        {n: f[["value", "I", "p_value", "p_fdr", "cluster"]] for n, f in clusters.items()}
    ),
    code=[local_moran],
    **where,
)

# %%
glue("cities283_local_tests", sample.panel.n_units, display=False)
glue("cities283_local_raw", int((clusters["TCE"]["p_value"] <= 0.05).sum()), display=False)
glue("cities283_local_fdr", int((clusters["TCE"]["p_fdr"] <= 0.05).sum()), display=False)
glue("cities283_local_chance", float(0.05 * sample.panel.n_units), display=False)

# %% [markdown]
# Of {glue:text}`cities283_local_tests:d` tests at 5 % about {glue:text}`cities283_local_chance:.0f` would come out by chance.
# {glue:text}`cities283_local_raw` cities are in a cluster of the index in the last year, and
# {glue:text}`cities283_local_fdr` remain once the false discovery rate is held at 5 %.
