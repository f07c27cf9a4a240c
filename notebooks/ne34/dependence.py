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
# # I.3 Spatial dependence: paper A, Table A2

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied |
# levels-at-random
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "inverse-distance-squared"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

permutations: int = 999  # draws of the permutation tests: 99..9999

# %%
from analysis.book import compare, maps
from analysis.book.page import numbers
from analysis.spatial.moran import global_moran
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import sections

sample, page = made.opened(globals(), global_moran, permutations=permutations)
shown_years = [int(sample.panel.periods[k]) for k in (0, (sample.panel.n_periods - 1) // 2, -1)]
implied = made.moran_implied(sample)
found = sections.dependence(sample, permutations, periods=shown_years, seed=1, beside=implied)
moran, printed = found.of["moran"], made.printed_moran()
sample.banner

# %% [markdown]
# :::{in-short}
# In print Moran's $I$ of carbon intensity lies between {glue:text}`ne34_printed_min:.3f` and
# {glue:text}`ne34_printed_max:.3f` and is significant in every year. Table A2 itself speaks for a
# matrix that puts much weight on few neighbours: with the incomes at hand weights of {glue:text}`ne34_sd_even` are so
# even that Moran's $I$ cannot vary as much as the printed $I$ and $Z$ imply in any year. On the data here, with the matrix {glue:text}`ne34_w`, $I$ is
# between {glue:text}`ne34_here_min:.3f` and {glue:text}`ne34_here_max:.3f` and significant at 5 % in
# {glue:text}`ne34_here_significant:d` of {glue:text}`ne34_here_years:d` years.
# :::

# %% [markdown] tags=["when-placed"]
# :::{in-short}
# The places of high and low carbon intensity were simulated to come near the printed path.
# :::

# %% [markdown]
# Emissions cross borders, the paper argues, so it tests for dependence before it fits a spatial model.
# With $z$ the deviation from the year's mean, Moran's statistic {cite:p}`moran1950` is
#
# $$
# I = \frac{n}{\sum_i \sum_j w_{ij}} \cdot \frac{\sum_i \sum_j w_{ij}\, z_i z_j}{\sum_i z_i^2}.
# $$
#
# Its expectation without any dependence is $-1/(n - 1)$, and its spread depends on $W$ and, under
# randomisation, on how heavy the variable's tails are. {numref}`fig-ne34-moran` has it by year;
# {numref}`tab-ne34-moran` adds three kinds of inference, and {numref}`tab-ne34-moran-words` the paper's
# conclusion.

# %%
here, level = moran[["I"]].rename(columns={"I": f"here, {weights}"}), moran["expected"].iloc[0]
both = {"printed": {"": printed["morans_i"]}, "level": level}
page.lines({"": here}, "fig-ne34-moran", moran[["I", "expected"]], **both)

# %%
found["moran"]

# %%
theirs = moran.rename(columns={"I": "morans_i", "z_random": "z", "p_random": "p"})
theirs = theirs.loc[moran.index.intersection(printed.index), ["morans_i", "z", "p"]].rename(str)
kinds = dict.fromkeys(theirs, sample.derived_kind)
kinds |= {"morans_i": "targeted"} if made.standing(sample)["on_path"] else {}
near = 1.96 * ((printed["morans_i"] - moran["expected"]) / printed["z"]).dropna().rename(str)
claims = compare.cells("A", "2", theirs, kinds, {"morans_i": near})
page.beside(claims, "tab-ne34-moran-beside")

# %% [markdown] tags=["when-on_path"]
# Here the yearly $I$ on inverse distances squared is *targeted* to the printed path by swapping cities
# of one kind, and meets it where it comes within 1.96 times the deviation that the printed $I$ and z
# imply; the z values are not, and they are larger, because simulated levels have heavier tails.
# So {numref}`tab-ne34-moran-beside` shows nothing about the paper.

# %%
clustered = ((moran["I"] > 0) & (moran["p_random"] < 0.05)).all()
claims = made.said({"Moran 2003-2022": clustered}, kinds["morans_i"])
made.told(page, claims, "tab-ne34-moran-words")

# %% [markdown]
# ## Which matrix made the printed table?
#
# The paper names an "economic-geographic nested" matrix for its main analysis, gives no formula, and does
# not say with which $W$ it computed Table A2. The print itself holds a trace: $I$ and $Z$ together give
# the standard deviation that was used, $(I + 1/(n-1))/Z$, and under randomisation that depends on $W$
# strongly and on the data only through their kurtosis. The printed deviation lies between
# {glue:text}`ne34_sd_low:.3f` and {glue:text}`ne34_sd_high:.3f` and varies over the years, which points to
# moments under randomisation: those under normality are the same in every year.
#
# {numref}`tab-ne34-moran-weights` sets it beside that of {ref}`each candidate <the-matrices>` on the same cities. A
# heavy-tailed variable has a *smaller* spread under randomisation than under normality, so normality is
# about the most that a matrix can give. By it the lower end of the printed range is reached by
# {glue:text}`ne34_sd_reach_low`; the upper end by {glue:text}`ne34_sd_reach_high`. Below both stay
# {glue:text}`ne34_sd_reach_neither`, as a matrix does that spreads its weight over all cities. The book reads the
# paper's as the additive nest. Under randomisation on the data here the largest deviation of any is
# {glue:text}`ne34_sd_random:.3f`. [The audit](../referee/audit_ne34.py) has the argument without any
# data. If the main model was estimated with the matrix of Table A2, the stability of its printed
# parameters is in doubt for another reason ([](model_choice.py)).

# %%
found["weights"]

# %% [markdown] tags=["when-simulated"]
# Matrices with income in them use simulated incomes, so that for those the comparison is suggestive
# at best; those of pure distance stand on real coordinates.

# %% [markdown]
# ## Where: maps
#
# The paper names high co-agglomeration in the provincial capitals and Dalian and prints no map;
# {numref}`fig-ne34-maps` is ours.

# %%
large = sample.places.index.intersection(["shenyang", "dalian", "changchun", "harbin"])
held = {n: ne34.STUDY.label(n) for n in ("Coagg", "Carbon") if n in sample.panel.columns}
numbers(
    ne34_mapped=" above ".join(held.values()).capitalize(),
    ne34_mapped_years=", ".join(map(str, shown_years)),
)
rows = {
    label: {year: sample.panel.cross_section(name, year) for year in shown_years}
    for name, label in held.items()
}
drawn = maps.over_time(sample.places, rows, named=large)
mapped = sample.panel.frame.query("year in @shown_years")[[*held]]
page.by().figure(drawn, "fig-ne34-maps", values=mapped)

# %% [markdown]
# ## Local clusters
#
# The global statistic is the mean of local ones: $I_i = z_i \sum_j w_{ij} z_j / (\sum z^2/n)$ says whether
# a city and its neighbours are high together, low together, or unlike. {numref}`fig-ne34-clusters`
# marks the cities whose local statistic is beyond what shuffling the *other* cities gives in 95 of
# 100 cases. With so many cities tested at once {glue:text}`ne34_by_chance:.1f` are marked by chance alone,
# on average; here {glue:text}`ne34_marked`.

# %%
numbers(ne34_marked=found.of["marked"])
found["map"]

# %%
candidates, (low, high) = found.of["weights"].drop(index="print"), made.RANDOM
most = candidates["sd_normal"]
reach = {end: most >= implied[column].item() for end, column in (("low", low), ("high", high))}
reach = {end: most.index[who] for end, who in (reach | {"neither": ~reach["low"]}).items()}
even = reach["neither"]
numbers(
    ne34_w=weights.replace("-", " "),
    ne34_printed=printed["morans_i"].agg(["min", "max"]),
    ne34_here=moran["I"].agg(["min", "max"]),
    ne34_here_significant=(moran["p_random"] < 0.05).sum(),
    ne34_here_years=len(moran),
    ne34_sd_low=implied[low].item(),
    ne34_sd_high=implied[high].item(),
    ne34_sd_reach={end: ", ".join(who) or "none" for end, who in reach.items()},
    ne34_sd_even=f"the kinds {', '.join(even).replace('-', ' ')}" if len(even) else "none",
    ne34_sd_random=candidates[high].max(),
    ne34_by_chance=0.05 * sample.panel.n_units,
)
