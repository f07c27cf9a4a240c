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
# # II.3 Efficiency over time and space: paper B, Figures B-F5 and B-F6

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import pandas as pd

from analysis.book.page import conditions, numbers
from analysis.efficiency import malmquist, score_as_printed
from analysis.papers.cities283 import frontiers, pictures, study, tables
from analysis.papers.cities283.claims import beside, claim, in_numbers, listing, quoted
from analysis.study import open_page

sample, page = open_page(study.STUDY, globals(), malmquist)
page = page.of(**{"inputs and outputs": sample.data.production})
index = {name: sample.panel.frame[name].unstack("year") for name in sample.outcomes}
scores = index["TCE"]
parts = tables.components(sample)
seen = [year for year in study.FIGURE_YEARS if year in scores.columns]
rising = (scores[seen] > 1).sum()
sample.banner

# %% tags=["remove-cell"]
signs = frontiers.misprints(sample.data.production, study.TECHNOLOGY)
forms = frontiers.form_summary(sample.data.production, study.TECHNOLOGY)
printed = {y: int(study.printed_number(f"cities improving {y}")) for y in seen}
above = [str(year) for year in scores if scores[year].mean() > 1]
quotes, best = quoted("efficiency"), parts.loc["all"]
jump, peak = float(quotes["b3_jump"]), best["best_practice_change"].idxmax()
top, calm = best.loc[peak], best.drop(peak)
conditions(
    frontier=abs(top["efficiency_change"] - 1) < 0.1 * abs(top["index"] - 1),
    latent="latent" in index,
)
numbers(
    b3_data="On the simulated data here" if sample.is_simulated else "On the data here",
    **quotes,
    b3={"growth": 100 * (jump - 1), "less": 100 * (1 - 1 / jump)},
    b3_energy=study.printed_number("energy per GDP 2018").lstrip("-"),
)

# %% tags=["remove-cell"]
numbers(
    b3={"scores": scores.mean(axis=None), "above": ", ".join(above) or "no year", "peak": peak},
    b3_top=top,
    b3_top_in=100 * (top - 1),
    b3_calm=calm.agg(lambda part: f"{part.min():.2f} and {part.max():.2f}"),
    b3_improve={"printed": listing(printed, "d"), "here": listing(rising, "d")},
    b3_off=(rising - pd.Series(printed)).abs().max(),
)

# %% [markdown]
# :::{in-short}
# The paper prints a mean index of {glue:text}`b3_mean`: efficiency fell in every year but 2011
# ({glue:text}`b3_first`) and 2018 ({glue:text}`b3_jump`), in all regions alike. From paper B's print alone:
# the index of 2018, {glue:text}`b3_jump`, is a growth of {glue:text}`b3_growth:.2f` %, not of {glue:text}`b3_stated` %; equation (1) has two
# wrong signs and equation (2) is not the global index that the text announces. Here the scores' mean index is
# {glue:text}`b3_scores:.4f`, above one in {glue:text}`b3_above`. {glue:text}`b3_data` best practice changed in {glue:text}`b3_peak:d` by a
# factor of {glue:text}`b3_top_best_practice_change:.2f`, the cities' distance to it by {glue:text}`b3_top_efficiency_change:.2f`.
# :::
#
# ## Two equations
#
# A city-year is efficient if no mixture of observed city-years makes at least as much output with no more
# of any input and of carbon and does better in one of them. The slacks-based measure {cite:p}`tone2003`
# turns the slack that remains into a number between 0 and 1.
#
# **(B1)** prints it, for the unit $k$ with $m$ inputs, $q_1$ good and $q_2$ bad outputs, as
#
# $$
# \min \rho = \frac{1 - \frac{1}{m} \sum_{i=1}^{m} s_i^- / x_{ik}}
# {1 - \frac{1}{q_1 + q_2} \left( \sum_{r=1}^{q_1} s_r^g / y_{rk}^g + \sum_{r=1}^{q_2} s_r^b / y_{rk}^b \right)}
# $$
#
# subject to $X\lambda + s^- = x_k$, $Y^g\lambda - s^g = y_k^g$, $Y^b\lambda - s^b = y_k^b$ and
# $\lambda, s^-, s^g, s^b \ge 0$. The book computes it with a *plus* in the denominator and with
# $Y^b\lambda + s^b = y_k^b$. With the printed minus, slack in outputs would raise the score; with
# the printed sign of $s^b$ a city could remove slack in carbon by emitting more. The text below the
# equation calls the slack of the good outputs $s^+$, the equation $s^g$. No row says that $\lambda$ sums
# to one, so returns to scale are constant, here as there.
#
# **(B2)**, announced as the global Malmquist index, is
#
# $$
# GML^{t,t+1} = \left\{ \frac{1 + \vec D_C^{T}(x^t, y^t, b^t; g^t)}{1 + \vec D_C^{T}(x^{t+1}, y^{t+1}, b^{t+1}; g^{t+1})}
# \times \frac{1 + \vec D_C^{T+1}(x^t, y^t, b^t; g^t)}{1 + \vec D_C^{T+1}(x^{t+1}, y^{t+1}, b^{t+1}; g^{t+1})}
# \right\}^{1/2} .
# $$
#
# That is the conventional Malmquist-Luenberger index: directional distances $\vec D$ in place of
# the slacks of (B1), and the technologies of two periods (printed $T$ and $T+1$ where $t$ is meant) in place
# of one global technology. It is not transitive and can lack a solution, which are the two faults that
# the text says the global index avoids. The book follows the text: the ratio of two years' scores of (B1) against the
# frontier of all years pooled {cite:p}`pastor2005`. Figure B-F5 calls the index SML, equation (B2) GML.
#
# {numref}`tab-cities283-equations` has what either misprint does on these data. Scores by (B1) as printed
# average {glue:text}`b3_printed_mean:.2f` and not {glue:text}`b3_right_mean:.2f`{glue:text}`b3_unbounded`.
# The index by (B2) as printed has no solution for {glue:text}`b3_ml_no_solution:.0f` of
# {glue:text}`b3_ml_transitions:.0f` transitions and goes the other way in {glue:text}`b3_ml_other_direction:.0%` of the rest.
# [](../validation/efficiency.py) takes both up on panels of other kinds.

# %%
lost = int(signs.loc["both, as printed", "no minimum"])
numbers(
    b3_printed_mean=signs.loc["both, as printed", "mean"],
    b3_right_mean=signs.loc["as it should be", "mean"],
    b3_unbounded=f", and {lost} programs have no minimum" if lost else "",
    b3_ml=forms.loc["Malmquist-Luenberger"],
)
heads = {"geometric mean": "mean", "no minimum": "no solution"}
blocks = {"(B1), score": signs.rename(columns=heads), "(B2), index": forms.rename(columns=heads)}
page.by(score_as_printed, malmquist).table(pd.concat(blocks), "tab-cities283-equations")

# %% [markdown]
# ## The index by year and region (Figure B-F5)

# %%
means = pd.DataFrame({study.COLUMNS[n]: v.mean() for n, v in index.items()})
by_region = scores.groupby(sample.group("region")).mean().T[list(study.REGIONS)]
apart = by_region.sub(scores.mean(), axis=0)
left, right = "mean index, all cities", "scores: region less all cities"
theirs = {left: pd.Series(tables.PRINTED.yearly_mean)}
page.lines({left: means, right: apart}, "fig-cities283-index", means, printed=theirs)

# %% [markdown]
# Between regions and between years ({numref}`fig-cities283-index`): regional means lie
# at most {glue:text}`b3_apart:.3f` apart in a year, while the mean of all cities moves between
# {glue:text}`b3_mean_min:.2f` and {glue:text}`b3_mean_max:.2f`. For 2018 the paper gives two reasons: a cleaner mix of energy
# (less coal, more gas and non-fossil energy) and better use of it (listed energy-saving equipment, energy per unit of GDP
# down by {glue:text}`b3_energy` %). Neither is of the size of the jump: a factor of {glue:text}`b3_jump` needs about
# {glue:text}`b3_less:.0f` % less of all that goes in, or {glue:text}`b3_growth:.0f` % more of what comes out, in the mean
# city and within a year. {numref}`fig-cities283-scores` has the scores behind the index: from 2017 to 2018 they rise in
# {glue:text}`b3_up:.0%` of the cities.

# %%
level = sample.data.efficiency.level
violins = pictures.distributions(level, "efficiency score")
numbers(
    b3_apart=(apart.max(axis=1) - apart.min(axis=1)).max(),
    b3_mean=scores.mean().agg(["min", "max"]),
    b3_up=(scores[2018] > 1).mean(),
)
page.figure(violins, "fig-cities283-scores", values=level.unstack("year").describe().T)

# %% [markdown]
# ## What the index is made of
#
# The index is the product of two factors: how a city moves against the frontier of its own year
# (*efficiency change*), and how that frontier moves against the pooled one (*best-practice change*).

# %%
named = parts.rename(columns=study.WORDS["factors"], index={"all": "all cities"})
panels = {region: named.loc[region] for region in ("all cities", *study.REGIONS)}
page.lines(panels, "fig-cities283-components", parts)

# %%
page.table(parts.rename(columns=study.WORDS["factors"]), "tab-cities283-components")

# %% tags=["remove-cell"]
regional = parts.drop("all", level="region").xs(peak, level="year")
numbers(b3_regions={name: listing(factors, ".2f") for name, factors in regional.items()})

# %% [markdown]
# In {glue:text}`b3_peak:d` best practice changes by {glue:text}`b3_top_in_best_practice_change:.0f` %, the cities' distance to it
# by {glue:text}`b3_top_in_efficiency_change:.0f` % ({numref}`fig-cities283-components`). By region
# ({numref}`tab-cities283-components`) best practice changes by these factors: {glue:text}`b3_regions_best_practice_change`; efficiency
# by these: {glue:text}`b3_regions_efficiency_change`. In the other years best practice moves between {glue:text}`b3_calm_best_practice_change`, efficiency
# change between {glue:text}`b3_calm_efficiency_change`. A best practice below one means that the pooled frontier is made of other
# years, not that knowledge was lost.

# %% [markdown] tags=["when-frontier"]
# The whole cloud of cities moved together with the frontier and hardly nearer to it, which is what a change in the
# statistics looks like as much as what a change in technology does.

# %% [markdown]
# ## Improving cities (Figure B-F6)
#
# The paper counts as improving {glue:text}`b3_improve_printed`; the scores give {glue:text}`b3_improve_here`
# ({numref}`fig-cities283-maps`, {numref}`tab-cities283-index-beside`). The count hangs on how many cities lie just above
# one and is off by up to {glue:text}`b3_off:d`.

# %% [markdown] tags=["when-latent"]
# Latent efficiency meets the means and counts because it was made to; that it does shows nothing. The scores
# show what measurement does to them.

# %%
page.figure(pictures.improving(sample, scores[seen]), "fig-cities283-maps", values=scores[seen])

# %%
kinds = {"latent": sample.target_kind, "TCE": sample.derived_kind}
each = index.items()
means = {f"mean SML {y}": {n: (v[y].mean(), v[y].sem()) for n, v in each} for y in (2011, 2018)}
means["mean SML index"] = {n: (v.mean(axis=None), None) for n, v in each}
up = {f"cities improving {y}": {n: ((v[y] > 1).sum(), None) for n, v in each} for y in seen}
claims = [in_numbers(sample, row, found, kind=kinds) for row, found in (means | up).items()]
absent = [claim(f"cities improving {y}", "free") for y in study.FIGURE_YEARS if y not in seen]
beside(page, "tab-cities283-index-beside", sample, *claims, absent)

# %%
energy = {"mean of the provinces": (tables.energy_change(sample), None)}
of_energy = in_numbers(sample, "energy per GDP 2018", energy, kind=sample.target_kind)
of_index = tables.index_claims(sample, index, seen)
beside(page, "tab-cities283-index-words", sample, tables.of_measure(sample), of_energy, of_index)

# %% [markdown]
# The paper draws the sentences of {numref}`tab-cities283-index-words` from one index; its text
# does not say how many cities are at the frontier or how certain a score is.

# %% [markdown] tags=["when-latent"]
# **What scores say about the efficiency they measure.** Here both sides are known: the latent level from which
# the raw tables were built, and the score computed from them ({numref}`tab-cities283-latent-scored`). Two things
# keep them apart. The frontier of the scores is made of the cities themselves, not of the reference technology.
# And energy is output times the intensity of the *province*, so it is the same per unit of output for all
# cities of a province.

# %% tags=["when-latent"]
numbers(
    b3_scored=f"{len(level):,}",
    b3_efficient=sample.data.efficiency.summary["efficient"].sum(),
    b3_certified="every score" if sample.data.efficiency.certified else "not every score",
)
page.table(tables.scores_beside_latent(sample), "tab-cities283-latent-scored")

# %% [markdown]
# ## A growth factor as an outcome
#
# The regressions of the next chapters explain the *yearly index*, as the paper's do. A coefficient on
# a growth factor is an effect on growth: one unit more of co-agglomeration, kept through the sample, would
# add its coefficient to the factor of every year. The level and the cumulative index are settings
# (`outcome`), and [](robustness.py) runs them all.
