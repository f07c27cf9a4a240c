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
# :::{in-short}
# They do: Moran's $I$ of crime is {glue:text}`columbus_crime:.2f`,
# {glue:text}`columbus_crime_z:.1f` standard deviations above what chance would give. R's spdep and
# this book's tables agree in at least {glue:text}`columbus_digits:.1f` digits. Of
# {glue:text}`columbus_found:d` neighbourhoods with a significant local statistic of {glue:text}`columbus_first`,
# {glue:text}`columbus_kept:d` are left once false discoveries are held at 5 %.
# :::
#
# Moran's $I$ asks whether places near each other are alike. With $z$ the deviations from the mean and $W$ a matrix that
# says who is near whom,
#
# $$
# I = \frac{n}{\sum_i \sum_j w_{ij}} \cdot \frac{\sum_i \sum_j w_{ij}\, z_i z_j}{\sum_i z_i^2},
# $$
#
# which is near $-1/(n-1)$ where neighbours are no more alike than strangers {cite:p}`moran1950`. Both papers of this book
# report it year by year, and Columbus is a usual place to check the software that does.

# %% tags=["parameters"]
variables: list[str] = ["CRIME", "HOVAL", "INC"]  # variables tested, in order, all if empty:
# CRIME | HOVAL | INC
seed: int = 0  # seed of the permutations: 0..4294967295
p_value: str = "randomisation"  # moments under the null: randomisation | normality

# %%
import pandas as pd

from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.papers import comparison, elsewhere, validation
from analysis.spatial import Specification, fit
from analysis.spatial.moran import QUADRANTS, global_moran, local_moran, moran_scatter

parameters.check()
names = ["CRIME", "HOVAL", "INC"]
shown = {name: validation.NAMES[name] for name in variables or names}
suffix = {"randomisation": "_random", "normality": "_normal"}[p_value]
panel, weights = validation.columbus()
found = pd.concat({name: global_moran(panel, name, weights, seed=seed) for name in names})
found = found.droplevel(1).rename(columns=lambda column: column.removesuffix(suffix))
page = validation.page({"columbus.shp": panel}, [global_moran], p_value=p_value)

# %% [markdown]
# Two neighbourhoods are neighbours where they share a border or a corner, and each row of $W$ is divided by its sum. Crime
# clusters: $I$ is {glue:text}`columbus_crime:.2f` and stands {glue:text}`columbus_crime_z:.1f` standard deviations above
# its mean under the null ({numref}`tab-columbus-moran`). {numref}`fig-columbus-scatter` shows where it comes from; the
# slope of the line *is* the statistic, since the rows of $W$ sum to one.

# %%
crime = found.loc["CRIME"]
numbers(columbus_crime=crime["I"], columbus_crime_z=crime["z"])
numbers(columbus_units=panel.n_units, columbus_moments=p_value)
moran = found.loc[list(shown)].assign(deviation=found["variance"] ** 0.5)
page.table(moran, "tab-columbus-moran")

# %%
points = moran_scatter(panel.cross_section("CRIME", 1980), weights)
drawn = figures.moran_scatters({1980: points}, {1980: crime["I"]}, unit="neighbourhood")
page.figure(drawn, "fig-columbus-scatter", values=points)

# %% [markdown]
# ## Without assuming a distribution, and place by place
#
# The P values above take the sampling distribution to be normal. A **permutation test** does not: it deals the observed
# values to the neighbourhoods at random, again and again, and asks how often $I$ comes out as far from its mean. The
# **local** statistic {cite:p}`anselin1995` splits $I$ into one term for each neighbourhood,
# $I_i = z_i \sum_j w_{ij} z_j / \hat\sigma^2$, and holds $z_i$ fixed while it deals the others.
#
# For {glue:text}`columbus_first` {glue:text}`columbus_found:d` neighbourhoods are significant at the 5 % level
# ({numref}`tab-columbus-local`), where about {glue:text}`columbus_expected:.1f` would be found if nothing were there;
# {glue:text}`columbus_kept:d` are left once the share of false discoveries is held at 5 % {cite:p}`benjamini1995`. Cluster
# maps in print rarely say so, and many use one-sided p values, half as large.

# %%
local = pd.concat({
    name: local_moran(panel.cross_section(variable, 1980), weights, seed=seed)
    for variable, name in shown.items()
})  # fmt: skip
clusters = pd.crosstab(local.index.get_level_values(0), local["cluster"], rownames=[""])
clusters = clusters.reindex(index=list(shown.values()), columns=QUADRANTS, fill_value=0)
numbers(columbus_expected=0.05 * panel.n_units, columbus_found=clusters.iloc[0].sum())
clusters.insert(0, "p of I, permutation", found["p_permutation"].rename(shown))
kept = (local["p_fdr"] <= 0.05).groupby(level=0).sum()
clusters["after false discovery control"] = kept
numbers(columbus_kept=kept[clusters.index[0]], columbus_first=clusters.index[0].lower())
page.by(global_moran, local_moran, seed=seed).table(clusters, "tab-columbus-local")

# %% [markdown]
# ## The same numbers from elsewhere
#
# R's spdep {cite:p}`bivand2018` was run once on the same map with the same $W$. Every statistic agrees in at least
# {glue:text}`columbus_digits:.1f` digits ({numref}`tab-columbus-spdep`). Where two tables of Moran's $I$ on the same data
# differ, the place to look is therefore rather in three choices that a paper should state: which $W$, whether its rows
# were divided by their sums, and whether the moments are those of randomisation or of normality.

# %%
spdep = elsewhere.moran("columbus", by="variable")
spdep = spdep.rename(columns=lambda column: column.removesuffix(suffix))
ours, theirs = (
    each.loc[list(shown), ["I", "variance", "z", "p"]].stack() for each in (found, spdep)
)
compared = elsewhere.beside(ours, theirs, "spdep").rename({"p": "p, two-sided"})
numbers(columbus_digits=compared["digits"].min())
on_record = page.of(**{"moran.csv": elsewhere.MORAN_FILE})
on_record.table(compared, "tab-columbus-spdep")

# %% [markdown]
# ## From a statistic to a model
#
# Moran's $I$ says that neighbours are alike, not why. In a *spatial lag* crime here answers to crime next door; in a
# *spatial error* what nobody measured is shared. By maximum likelihood from income and housing value, $\rho$ is
# {glue:text}`model_rho:.2f` in the lag and $\lambda$ {glue:text}`model_lambda:.2f` in the error; every number agrees with
# spreg's, run on this page, in at least {glue:text}`model_digits:.1f` digits ({numref}`tab-columbus-models`), the
# multiplier tests in {glue:text}`lm_digits:.1f` ({numref}`tab-columbus-lm`). Of the robust ones that against a lag is
# {glue:text}`lm_robust_lm_lag:.2f`, that against an error {glue:text}`lm_robust_lm_error:.2f`. By algebra the LM test
# against a lag and the robust one against an error add up to the other pair ({glue:text}`lm_lm_lag_robust_lm_error:.3f`);
# on panels one of spreg's tests breaks that identity ({doc}`the next chapter <cigarettes>`).

# %%
model = Specification("CRIME", ["INC", "HOVAL"], effects="none", estimator="direct")
pairs = comparison.spreg_models(panel, weights, model)
digits = elsewhere.digits(pairs)
page = validation.page({"columbus.shp": panel}, [fit, comparison.spreg_models])
page.table(digits, "tab-columbus-models")

# %%
lag, error = (ours.params for ours, _ in pairs.values())
lm = comparison.spreg_lm(panel, weights, model).drop(columns="here, its variance")
lm_digits = elsewhere.beside(lm["here"], lm.iloc[:, 0])["digits"].min()
numbers(model_digits=digits.drop(columns="gap").min(axis=None), lm=lm["here"], lm_digits=lm_digits)
numbers(model_rho=lag["rho"], model_lambda=error["lambda"])
page.by(comparison.spreg_lm).table(lm, "tab-columbus-lm")
