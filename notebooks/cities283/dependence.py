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
# # II.5 Do neighbours resemble each other? Paper B, Table B5, Figures B-F7 and B-F8

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

from analysis.book import figures, maps, parameters
from analysis.book.page import Page, in_short, say
from analysis.papers.cities283 import study
from analysis.study import open_study
from analysis.papers.cities283.claims import by_outcome, in_words
from analysis.spatial.moran import global_moran, local_moran, moran_scatter

parameters.check()
sample = open_study(study.STUDY, globals())
page = Page({"panel": sample.panel}, sample.parameters, [global_moran])
series = {**sample.outcomes, "INA": "co-agglomeration"}
moran = {
    name: global_moran(sample.panel, name, sample.weights, permutations=permutations)
    for name in series
}
sample.banner

# %%
span = [year for year in range(2011, 2020) if year in sample.panel.periods]
clustered = {n: (f.loc[span, "p_random"] < 0.05) & (f.loc[span, "I"] > 0) for n, f in moran.items()}
years = [year for year in study.FIGURE_YEARS if year in sample.panel.periods]
points = {
    name: {
        year: moran_scatter(sample.panel.cross_section(name, year), sample.weights)
        for year in years
    }
    for name in series
}
like = {
    name: pd.Series(
        {y: f["quadrant"].isin(["high-high", "low-low"]).mean() for y, f in found.items()}
    )
    for name, found in points.items()
}
in_short(
    "The paper prints that efficiency and co-agglomeration are spatially clustered in each year from 2011 to "
    "2019, and that most cities lie in the high-high and low-low corners of their Moran scatterplots. Of "
    "2010, which Table B5 holds too, the sentence says nothing.",
    f"Here co-agglomeration clusters significantly in {clustered['INA'].sum()} of {len(span)} of these years, "
    f"the scores in {clustered['TCE'].sum()}; in the like corners lie {like['TCE'].min():.0%} to "
    f"{like['TCE'].max():.0%} of the cities by the scores, where half would by chance.",
)

# %% [markdown]
# ## Global Moran's I (Table B5)
#
# A spatial model needs a reason. Moran's $I$ {cite:p}`moran1950` asks, year by year, whether
# efficient cities lie near efficient ones and co-agglomerated cities near co-agglomerated ones
# ({numref}`fig-cities283-moran`).

# %%
figure, axes = figures.canvas(height=3.2)
for (name, label), colour in zip(series.items(), figures.COLOURS, strict=False):
    axes.plot(moran[name].index, moran[name]["z_random"], "o-", color=colour, label=label)
axes.axhline(1.96, color=figures.MUTED, linewidth=0.9)
axes.set(ylabel="z of Moran's I (line: 5 %)")
axes.legend()
page.figure(
    figure,
    "fig-cities283-moran",
    "Moran's I by year: how many standard deviations from what chance gives.",
    alt="Line chart of the z value of Moran's I. "
    + "; ".join(f"{series[n]} from {f['z_random'].min():.1f} to {f['z_random'].max():.1f}"
                for n, f in moran.items())
    + ".",
    values=pd.concat(moran),
)  # fmt: skip

# %%
HEADS = {"I": "I", "z_random": "z", "p_random": "p", "p_permutation": "p, permuted"}
page.table(
    pd.concat(
        {label: moran[n][list(HEADS)].rename(columns=HEADS) for n, label in series.items()}, axis=1
    ),
    "tab-cities283-moran",
    "Moran's I by year: statistic, z and two-sided p under randomisation, p by permutation.",
    stub="year",
    formats={"z": ".2f"},
    folded=True,
)

# %%
largest = moran["TCE"]["I"].max()
say(f"""
$I$ is {largest:.3f} at most for the scores, {moran["TCE"]["z_random"].max():.1f} standard deviations away from what
chance gives ({{numref}}`tab-cities283-moran`). The size of $I$ cannot be compared between matrices; its $z$ says how surely it
differs from zero, not how strong the clustering is.
""")
say(
    """With weights $1/d$ every city is a neighbour of every other, a city's "neighbourhood" is an average over the
country, and averages hardly vary: that keeps $I$ small whatever the clustering.""",
    when=weights == "inverse-distance",
)
say(
    """A year in which the index shows no clustering does not contradict a spatial model. In the generator the
city effects are clustered, the errors are not until the spatial lag passes them on, and what a single year shows of the
sum is partly chance.""",
    when=sample.is_simulated and not clustered["TCE"].all(),
)

# %% [markdown]
# ## Which corner (Figures B-F7 and B-F8)
#
# Each point is a city: its standardised value against the mean of its neighbours. The slope is Moran's $I$
# ({numref}`fig-cities283-moran-tce`, {numref}`fig-cities283-moran-ina`).

# %%
page.by(moran_scatter).figure(
    figures.moran_scatters(points["TCE"], moran["TCE"]["I"]),
    "fig-cities283-moran-tce",
    "Moran scatterplots of the efficiency scores in four years (Figure B-F7).",
    alt="Moran scatterplots of the scores. Slopes: "
    + ", ".join(f"{moran['TCE'].loc[year, 'I']:.3f} in {year}" for year in years)
    + ".",
    values=pd.concat(points["TCE"], names=["year"]),
)

# %%
page.by(moran_scatter).figure(
    figures.moran_scatters(points["INA"], moran["INA"]["I"]),
    "fig-cities283-moran-ina",
    "Moran scatterplots of co-agglomeration in four years (Figure B-F8).",
    alt="Moran scatterplots of co-agglomeration. Slopes: "
    + ", ".join(f"{moran['INA'].loc[year, 'I']:.3f} in {year}" for year in years)
    + ".",
    values=pd.concat(points["INA"], names=["year"]),
)

# %%
told = {
    n: ", ".join(f"{share:.0%} in {y}" for y, share in shares.items()) for n, shares in like.items()
}
say(f"""
In the like corners lie, by the scores, {told["TCE"]} of the cities, by co-agglomeration {told["INA"]}. With a Moran's $I$ near zero half of the cities lie there
anyway. The paper calls this a significant
clustering; a count of corners is no test.
""")

# %%
count = {n: f"{c.sum()} of {len(span)} years at 5 %" for n, c in clustered.items()}
moved = {n: c.all() for n, c in clustered.items() if n != "INA"}
most = {n: (shares > 0.5).all() for n, shares in like.items()}
page.beside(
    by_outcome(
        in_words(sample, "global Moran, years significant", moved, count, sample.derived_kind),
        in_words(sample, "global Moran of INA, years significant", {series["INA"]: clustered["INA"].all()},
                 {series["INA"]: count["INA"]}, "free"),
        in_words(sample, "quadrants, TCE", {n: most[n] for n in moved}, told, sample.derived_kind),
        in_words(sample, "quadrants, INA", {series["INA"]: most["INA"]},
                 {series["INA"]: told["INA"]}, "free"),
    ),
    "tab-cities283-moran-beside",
    "What the paper's text says about Table B5 and Figures B-F7 and B-F8.",
)  # fmt: skip

# %%
last = years[-1]
clusters = {
    name: local_moran(
        sample.panel.cross_section(name, last), sample.weights, permutations=permutations, seed=last
    )
    for name in ("TCE", "INA")
}

# %%
figure, panels = figures.canvas(1, 2, height=3.8)
for axis, (name, frame) in zip(panels, clusters.items(), strict=True):
    maps.classes(axis, sample.places, frame["cluster"], title=f"{series[name]}, {last}", size=18)
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
page.by(local_moran).figure(
    figure,
    "fig-cities283-clusters",
    f"Clusters by the local Moran statistic, two-sided at 5 %, without correction for "
    f"{sample.panel.n_units} tests.",
    alt="Two maps of the cities; those in significant clusters are coloured. "
    + "; ".join(
        f"{series[n]}: " + ", ".join(f"{int((f['cluster'] == k).sum())} {k}" for k in maps.LISA)
        for n, f in clusters.items()
    )
    + ".",
    values=pd.concat(
        {n: f[["value", "I", "p_value", "p_fdr", "cluster"]] for n, f in clusters.items()}
    ),
)

# %%
own = clusters["TCE"]
say(f"""
{{numref}}`fig-cities283-clusters` maps the cities whose corner is more than chance, one by one, which the paper does
not. Of {len(own)} tests at 5 % about {0.05 * len(own):.0f} would come out by chance; {(own["p_value"] <= 0.05).sum()}
cities are in a cluster of the scores in {last}, and {(own["p_fdr"] <= 0.05).sum()} remain once the false discovery rate
is held at 5 % ({{numref}}`tab-cities283-moran-beside` has the paper's sentences).
""")
