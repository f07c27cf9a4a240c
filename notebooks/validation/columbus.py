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
# # IV.1 Do neighbours resemble each other? Moran's I in Columbus, Ohio
#
# :::{real}
# 49 neighbourhoods of Columbus, Ohio, in 1980 {cite:p}`anselin1988`: burglaries and vehicle thefts
# per thousand households, value of housing and household income, both in thousand dollars.
# :::
#
# Moran's $I$ asks whether places near each other are alike. With $z$ the deviations from the mean
# and $W$ a matrix that says who is near whom,
#
# $$
# I = \frac{n}{\sum_i \sum_j w_{ij}} \cdot \frac{\sum_i \sum_j w_{ij}\, z_i z_j}{\sum_i z_i^2},
# $$
#
# which is near $-1/(n-1)$ where neighbours are no more alike than strangers {cite:p}`moran1950`.
# Both papers of this book report it year by year, so the first thing to know is whether the
# software behind this book's tables can be trusted. Columbus is a usual place to check that.

# %% tags=["parameters"]
variables: list[str] = ["CRIME", "HOVAL", "INC"]  # variables tested, in order, all if empty:
# CRIME | HOVAL | INC
seed: int = 0  # seed of the permutations: 0..
p_value: str = "randomisation"  # moments under the null: randomisation | normality

# %%
import json

import geopandas
import pandas as pd
from esda.moran import Moran
from libpysal import examples
from libpysal.weights import Queen
from myst_nb import glue

from analysis.resources import data_path
from analysis.book import figures, ledger, parameters, tables
from analysis.panel import Panel
from analysis.spatial.moran import QUADRANTS, global_moran, local_moran
from analysis.weights import Weights

parameters.check()

NAMES = {"CRIME": "Crime", "HOVAL": "Housing value", "INC": "Income"}
variables = variables or list(NAMES)
columbus = geopandas.read_file(examples.get_path("columbus.shp"))
weights = Queen.from_dataframe(columbus, use_index=False)
tests = {name: Moran(columbus[name], weights, transformation="r", permutations=0) for name in NAMES}

# %% [markdown]
# Two neighbourhoods are neighbours where they share a border or a corner, and each row of $W$ is
# divided by its sum. {numref}`tab-columbus-moran` gives the statistic, its mean and standard
# deviation under the null hypothesis and what follows from them.

# %%
suffix = {"randomisation": "rand", "normality": "norm"}[p_value]
moran = pd.DataFrame(
    {
        NAMES[name]: {
            "I": test.I,
            "E(I)": test.EI,
            "standard deviation": getattr(test, f"VI_{suffix}") ** 0.5,
            "z": getattr(test, f"z_{suffix}"),
            "p, two-sided": getattr(test, f"p_{suffix}"),
        }
        for name, test in ((name, tests[name]) for name in variables)
    }
).T
tables.show(
    moran,
    "tab-columbus-moran",
    f"Moran's I in 49 neighbourhoods of Columbus, moments under {p_value}.",
    stub="variable",
    formats={"z": ".2f", "p, two-sided": ".1e"},
    data={"columbus.shp": columbus[variables]},
    parameters={"p_value": p_value},
)

# %%
glue("columbus_crime", float(tests["CRIME"].I), display=False)
glue("columbus_crime_z", float(getattr(tests["CRIME"], f"z_{suffix}")), display=False)

# %% [markdown]
# Crime clusters: $I$ is {glue:text}`columbus_crime:.2f` and stands
# {glue:text}`columbus_crime_z:.1f` standard deviations above its mean under the null.
# {numref}`fig-columbus-scatter` shows where it comes from: each neighbourhood against the mean of
# its neighbours. The slope of the line *is* the statistic, since the rows of $W$ sum to one.

# %%
crime = columbus["CRIME"]
deviation = crime - crime.mean()
points = pd.DataFrame({"x": deviation, "y": weights.sparse @ deviation})
figure, axes = figures.canvas(height=3.8)
axes.axhline(0, color=figures.MUTED, linewidth=0.8)
axes.axvline(0, color=figures.MUTED, linewidth=0.8)
axes.scatter(points["x"], points["y"], s=22, alpha=0.85, linewidth=0)
axes.axline((0, 0), slope=tests["CRIME"].I, color=figures.COLOURS[1])
axes.set(xlabel="crime, deviation from the mean", ylabel="mean of the neighbours")
figures.show(
    figure,
    "fig-columbus-scatter",
    "Crime in each neighbourhood against the mean of its neighbours. The slope is Moran's I.",
    alt="Scatter plot of 49 neighbourhoods. Those with more crime than the mean mostly have "
    "neighbours with more crime than the mean, and the fitted line rises with a slope of "
    f"{tests['CRIME'].I:.2f}.",
    values=points.rename(columns={"x": "deviation", "y": "mean_of_neighbours"}),
    data={"columbus.shp": columbus["CRIME"]},
)

# %% [markdown]
# ## Without assuming a distribution, and place by place
#
# The P values above take the sampling distribution to be normal. A **permutation test** does not: it
# deals the observed values to the neighbourhoods at random, again and again, and asks how often $I$
# comes out as far from its mean. The **local** statistic {cite:p}`anselin1995` splits $I$ into one
# term for each neighbourhood, $I_i = z_i \sum_j w_{ij} z_j / \hat\sigma^2$, and holds
# $z_i$ fixed while it deals the others. {numref}`tab-columbus-local` counts the clusters it finds at
# the 5 % level.

# %%
long = columbus.drop(columns="geometry").assign(place=range(len(columbus)), year=1980)
panel = Panel.from_frame(pd.DataFrame(long), unit="place", source="Columbus")
shared = Weights.from_libpysal(weights, panel.units, "queen contiguity").row_standardise()
permuted = {
    NAMES[name]: global_moran(panel, name, shared, seed=seed).loc[1980, "p_permutation"]
    for name in variables
}
local = {
    NAMES[name]: local_moran(panel.cross_section(name, 1980), shared, seed=seed)
    for name in variables
}
clusters = pd.DataFrame(
    {
        name: {
            "p of I, permutation": permuted[name],
            **frame["cluster"].value_counts().reindex(QUADRANTS, fill_value=0).to_dict(),
            "after false discovery control": (frame["p_fdr"] <= 0.05).sum(),
        }
        for name, frame in local.items()
    }
).T
tables.show(
    clusters,
    "tab-columbus-local",
    "Permutation test of I, and neighbourhoods with a local statistic significant at 5 % "
    "(two-sided), by quadrant: own value first, the neighbours' second.",
    stub="variable",
    formats={"p of I, permutation": ".3f", **dict.fromkeys(clusters.columns[1:], ".0f")},
    code=[global_moran, local_moran],
    data={"columbus.shp": columbus[variables]},
    parameters={"seed": seed},
)

# %%
glue("columbus_expected", 0.05 * len(columbus), display=False)
first = clusters.iloc[0]
glue("columbus_found", int(first[list(QUADRANTS)].sum()), display=False)
glue("columbus_kept", int(first["after false discovery control"]), display=False)
glue("columbus_first", clusters.index[0].lower(), display=False)

# %% [markdown]
# Testing every neighbourhood at 5 % would find about {glue:text}`columbus_expected:.1f` of them
# even if nothing were there. For {glue:text}`columbus_first` there are
# {glue:text}`columbus_found:d`, of which {glue:text}`columbus_kept:d` are left once the share of
# false discoveries is held at 5 % {cite:p}`benjamini1995`. Cluster maps in print rarely say so, and
# many use one-sided p values, half as large.
#
# ## The same numbers from elsewhere
#
# R's spdep {cite:p}`bivand2018` was run once on the same map with the same $W$; what it returned
# is kept with the data. {numref}`tab-columbus-spdep` counts the digits in which the two
# agree.

# %%
reference = json.loads(data_path("reference", "autocorrelation", "moran_R_spdep.json").read_text())
entries = {
    (NAMES[name], quantity): (float(ours), reference[f"{name}_{suffix}_two.sided"][theirs])
    for name, test in ((name, tests[name]) for name in variables)
    for quantity, ours, theirs in (
        ("I", test.I, "I"),
        ("variance", getattr(test, f"VI_{suffix}"), "VI"),
        ("z", getattr(test, f"z_{suffix}"), "z"),
        ("p, two-sided", getattr(test, f"p_{suffix}"), "p"),
    )
}
compared = pd.DataFrame(
    {
        "here": {key: ours for key, (ours, _) in entries.items()},
        "spdep": {key: theirs for key, (_, theirs) in entries.items()},
        "digits": {key: ledger.agreeing_digits(*pair) for key, pair in entries.items()},
    }
)
version = reference["version"]["spdep"]
tables.show(
    compared,
    "tab-columbus-spdep",
    f"Moran's I from esda, used here, and from spdep {version}, with the digits that agree.",
    stub="statistic",
    digits=6,
    formats={"p, two-sided": ".4e", "digits": ".1f"},
    data={"moran_R_spdep.json": "data/reference/autocorrelation/moran_R_spdep.json"},
)

# %%
glue("columbus_digits", float(compared["digits"].min()), display=False)

# %% [markdown]
# Every statistic agrees in at least {glue:text}`columbus_digits:.1f` digits: given $W$, the two
# programs compute the same thing. Where two tables of Moran's $I$ on the same data differ, the place
# to look is therefore rather in three choices that a paper should state: which $W$, whether its rows
# were divided by their sums, and whether the moments are those of randomisation or of normality.
