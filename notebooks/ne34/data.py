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
# # I.2 Data: paper A, Table A1 and Figure A-F2

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied |
# levels-at-random
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
from dataclasses import replace

import pandas as pd

from analysis import audit
from analysis.book import compare, heavy as validate, published
from analysis.book.ledger import printed_claim
from analysis.book.page import numbers
from analysis.measures.cleaning import interpolate, isolated_jumps
from analysis.papers.ne34.measures import SECTORS, in_fractions
from analysis.papers.ne34.targets import DESIGN, rho_implied_by_effects, truth
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import sections

sample, page = made.opened(globals())
by_year = sample.panel.frame.groupby(level="year")[["Coagg", "Carbon"]].mean()
fractions = replace(sample, panel=in_fractions(sample.panel))
found, coagg = sections.description(fractions), by_year["Coagg"]
moments = found.of["moments"].rename(columns={"count": "observations", "std": "std_dev"})
sample.banner

# %% [markdown]
# :::{in-short}
# In print co-agglomeration averages {glue:text}`print_mean` with a peak in 2011, and
# carbon intensity falls, rises and falls. Table A1 also prints a deviation of foreign investment of
# {glue:text}`ne34_fdi_std_dev:.3f`, where its mean and range allow {glue:text}`ne34_fdi_bound:.3f` at
# most, and a city that spends {glue:text}`ne34_gov_max` times its GDP. On the data here mean
# co-agglomeration is {glue:text}`ne34_coagg_mean:.3f`, highest in {glue:text}`ne34_peak:d` at
# {glue:text}`ne34_peak_value:.2f`; carbon intensity {glue:text}`ne34_carbon_path`.
# :::

# %% [markdown] tags=["when-simulated"]
# :::{in-short}
# These shapes were put in: the data are simulated.
# :::

# %% [markdown]
# The paper {cite:p}`han2026` takes its series from the China City Statistical Yearbook, the cities'
# government work reports and, for carbon dioxide, the grid inventory EDGAR; gaps are interpolated. It
# does not publish them. This book therefore starts one step earlier, from *raw tables* in native units
# (persons, yuan, dollars, tonnes, words), and builds every variable itself. Whoever has the real tables
# puts them into `data/raw/ne34` in the form that `data/README.md` describes, sets the parameter `raw`,
# and everything in Part I is derived from them.
#
# ## From raw tables to variables
#
# **Carbon intensity** is CO₂ over GDP. **Co-agglomeration** rests on location quotients, the paper's
# equations (4) and (3). With $e_{ij}$ the employment of city $i$ in industry $j$, $E_j$ that of the industry in
# the north-east, $e_i$ and $E$ the same for all industries,
#
# $$
# LQ_{ij} = \frac{e_{ij}}{E_j} \Big/ \frac{e_i}{E} ,
# $$
#
# $$
# \mathit{Coagg} = \left(1 - \frac{|LQ_{agman} - LQ_{agser}|}{LQ_{agman} + LQ_{agser}}\right)
# + |LQ_{agman} + LQ_{agser}| ,
# $$
#
# with *agman* manufacturing and *agser* the producer services, {glue:text}`ne34_sectors` sectors pooled:
# {glue:text}`ne34_sector_names`. The code computes just this; the bars round the sum change nothing, a
# quotient being positive. The first part rewards balance between the two, the second their weight in the
# city. The paper calls the index a "modified exponential growth (EG) index"; EG usually stands for
# Ellison and Glaeser, whose index is another one. For want of the two areas left out, $E_j$ and $E$ are sums over the
# cities of the sample here.
#
# An identity follows that no data can escape: the mean of a quotient over the cities, *weighted by
# employment*, is one in every year, so the weighted mean of $LQ_m + LQ_s$ is two. The printed unweighted
# mean of the whole index, {glue:text}`print_mean`, is so far below this that the index must
# be higher where employment is large ([the audit](../referee/audit_ne34.py) has the bound).
#
# **Controls**: government intervention GOV (fiscal expenditure over GDP), economic development LnPGDP
# (log GDP a head; the paper's section 3.4 writes LnGDP for it, its tables LnPGDP), openness FDI (foreign
# investment over GDP), infrastructure LnRD (log road area a head), technological innovation TI (science
# and technology in fiscal expenditure), environmental regulation LnER (log share of environmental words
# in the work report).
#
# Gaps are filled linearly on the year axis, within a city and inside its observed years only;
# {numref}`tab-ne34-gaps` counts them. Nothing is extrapolated: a gap at the end of a series is an error.

# %%
empty = {f"{file}.csv": of.isna().agg(["sum", "count"]).T for file, of in sample.raw.items()}
page.by(interpolate).table(pd.concat(empty).query("`sum` > 0"), "tab-ne34-gaps")

# %% [markdown]
# {numref}`tab-ne34-jumps` lists the city-years whose fiscal expenditure over GDP differs by more than a
# factor of three from the year before *and* the year after, which is what a slip of a unit looks like.
# The printed maximum of GOV, {glue:text}`ne34_gov_max`, is a city that spends more than four times its GDP.
# In the data here expenditure exceeds GDP in {glue:text}`ne34_gov_above_one:d` city-years{glue:text}`ne34_gov_where`.

# %%
spent = fractions.panel.frame["GOV"]
above = spent[spent > 1].index.get_level_values(0).value_counts()
where = ", ".join(f"{sample.places.loc[city, 'name_en']} {n}" for city, n in above.items())
where = f" ({where})" if where else ""
jumps = isolated_jumps(fractions.panel.frame, "GOV")
named = [f"{sample.places.loc[city, 'name_en']} {year}" for city, year in jumps.index]
page.by(isolated_jumps).table(jumps.set_axis(named), "tab-ne34-jumps")

# %% [markdown] tags=["when-simulated"]
# One such cell was put into the simulated data on purpose, to reach the printed maximum. With it alone
# series as smooth as these would not reach the printed deviation of GOV, so the cities' levels are spread until
# they do; the city at the top may then spend more than its GDP year after year.
# [How the data were made](../../book/simulated_ne34.md) tells what else was solved for, and what
# print would not allow. Two truths differ in the spatial parameter ({numref}`tab-ne34-truths`): as
# Table A4 prints it, and as the effects of Table A5 imply it.

# %% tags=["when-simulated"]
page.by(truth, rho_implied_by_effects).table(made.truths(), "tab-ne34-truths")

# %% [markdown]
# ## Table A1: descriptive statistics
#
# {numref}`tab-ne34-descriptives` is what the pipeline computes; folded below, each number stands beside the
# print ({numref}`tab-ne34-descriptives-beside`).

# %% [markdown] tags=["when-targeted"]
# Means and deviations are *targeted*: that they are met says that the generator does what it was
# built for, and nothing about the paper. Where one misses by a unit of the last digit, gaps and the
# rounding of raw columns came in between. The printed deviation of FDI is no target, being
# impossible; a smaller one stands in its place. Minima and maxima are free, except the largest GOV and
# the least GOV, FDI and TI, which the generator is given, and the largest FDI, to which its mean, its
# deviation and its floor leave one value: it is *inherited* from them.

# %%
found["variables"]

# %%
target = sample.target_kind
kinds = {"observations": "setting", "mean": target, "std_dev": target, "min": "free", "max": "free"}
given = dict.fromkeys(("GOV max", "GOV min", "FDI min", "TI min"), target)
given["FDI max"] = sample.derived_kind  # mean, deviation and floor leave it one value
kinds |= given | {"FDI std_dev": "free"}
claims = compare.cells("A", "1", moments, kinds)
page.by(sections.description).beside(claims, "tab-ne34-descriptives-beside")

# %% [markdown]
# ## Figure A-F2: how both series moved
#
# The paper describes its figure in two ways: co-agglomeration "first increased and then decreased"
# (section 4.1) and showed a "declining trend" (5.2). On the data here ({numref}`fig-ne34-trends`) the mean
# starts at {glue:text}`ne34_coagg_first:.2f`, is highest in {glue:text}`ne34_peak:d` at
# {glue:text}`ne34_peak_value:.2f` and ends at {glue:text}`ne34_coagg_last:.2f`. Where both descriptions hold,
# the first is of the path and the second only of its ends ({numref}`tab-ne34-trends`).

# %%
titles = {"Coagg": "co-agglomeration", "Carbon": "carbon intensity, t per 10⁴ yuan"}
panels = {title: by_year[[name]] for name, title in titles.items()}
page.lines(panels, "fig-ne34-trends", by_year)

# %% tags=["remove-cell"]
peak = int(coagg.idxmax())
levels = sample.panel.frame["Coagg"].groupby(level="city").mean().sort_values(ascending=False)
top = ", ".join(f"{sample.places.loc[c, 'name_en']} {levels[c]:.2f}" for c in levels.index[:4])
values = {
    "mean Coagg": moments.loc["Coagg", "mean"],
    "peak of mean Coagg": coagg.max(),
    "year of the peak": peak,
}

# %%
claims = [
    printed_claim("A", "text", row, kind=target, derived=float(v)) for row, v in values.items()
]
judged = {
    "Coagg trend (4.1)": coagg.index[0] < peak < coagg.index[-1],
    "Coagg trend (5.2)": coagg.iloc[-1] < coagg.iloc[0],
    "Carbon trend": made.turns(by_year["Carbon"]) == [-1, 1, -1],
    "polarisation": levels.iloc[:4].mean() > 2 * levels.median(),
    "producer services": len(SECTORS) == 6,
    "missing values": True,
    "high zones": set(levels.index[:4]) == {"shenyang", "changchun", "harbin", "dalian"},
}
claims += made.said(judged, target, {"high zones": top})
made.told(page, claims, "tab-ne34-trends")

# %% [markdown]
# {numref}`fig-ne34-groups` splits both series by the State Council's list of resource-based cities
# (the split is ours; the paper prints no trend by group).

# %%
group = sample.group("resource").map(ne34.GROUPS)
means = sample.panel.frame[["Coagg", "Carbon"]].join(group, on="city")
means = means.groupby(["resource", "year"]).mean()
panels = {ne34.STUDY.label(name): means[name].unstack("resource") for name in means}
page.lines(panels, "fig-ne34-groups", means)

# %% [markdown] tags=["when-seeded"]
# ## Not one data set but many
#
# One simulated data set is one draw. Over the seeds of the generator
# ({numref}`tab-ne34-descriptives-seeds`), of the {glue:text}`ne34_extremes:d` printed minima and maxima that
# were no targets {glue:text}`ne34_extremes_beyond:d` lie further out than in 95 % of simulated data sets,
# which are too smooth to reach them, and {glue:text}`ne34_extremes_within:d` less far out.

# %% tags=["when-seeded"]
results = validate.load("ne34_seeds").frame
spread = made.extremes(results)
free = spread[~spread.index.map(" ".join).isin(list(given))]["print lies"]
numbers(
    ne34_seeds_drawn=int(results["seeds"].max()),
    ne34_extremes=len(free),
    ne34_extremes_beyond=(free == "further out").sum(),
    ne34_extremes_within=(free == "less far out").sum(),
)
page.by(validate.load).table(spread, "tab-ne34-descriptives-seeds")

# %% tags=["remove-cell"]
table1 = published.load("paper_a_table1").set_index("symbol")
table4, table5 = (published.estimates(f"paper_a_table{i}") for i in (4, 5))
audited = audit.effect_sums(audit.effect_rows(table4, table5, "Model 2", "short"))
impossible = audit.spread(table1.rename_axis("term").reset_index())[0]
verbs = {-1: "falls", 1: "rises", 0: "stays"}
numbers(
    ne34_sectors=len(SECTORS),
    ne34_sector_names=", ".join(SECTORS.values()),
    ne34_coagg={"mean": coagg.mean(), "first": coagg.iloc[0], "last": coagg.iloc[-1]},
    ne34_carbon_path=", ".join(verbs[s] for s in made.turns(by_year["Carbon"])),
    ne34_peak=peak,
    ne34_peak_value=coagg.max(),
    ne34_gov={"max": table1.loc["GOV", "max"], "above_one": above.sum(), "where": where},
    ne34_fdi=table1.loc["FDI", ["min", "max", "mean", "std_dev"]].astype(float),
    ne34_fdi_bound=impossible.values["upper"],
    ne34_sigma=DESIGN.sigma,
    ne34_rho_implied=pd.Series(rho_implied_by_effects(), ["is", "error"]),
    ne34_rho_audit=pd.Series(audited.spatial_parameter(), ["is", "error"]),
)
