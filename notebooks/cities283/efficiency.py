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
# # Carbon efficiency of 283 cities
#
# :::{simulated}
# 283 real cities, generated series. *Latent efficiency* is what the data were built from;
# *efficiency scores* are what can be computed from the raw tables. With the parameter `raw` the
# page is derived from real files instead, and latent efficiency drops out.
# :::
#
# A city-year is efficient if no mixture of observed city-years makes at least as much output with no
# more of any input and of carbon and does better in one of them. The slacks-based measure {cite:p}`tone2003` turns the remaining
# slack into a number between 0 and 1; measured against the pooled frontier of all years, the ratio of
# two years' scores is the **global Malmquist index** {cite:p}`pastor2005`. Above one, the city has
# moved towards the frontier. The paper calls it SML; its first two equations are misprinted, which
# [](../validation/efficiency.py) takes up.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import pandas as pd
import seaborn as sns
from myst_nb import glue

from analysis.book import figures, ledger, maps, parameters, tables
from analysis.efficiency import malmquist
from analysis.papers.cities283 import study

parameters.check()
sample = study.load(raw, seed, dropped, first_raw_year)
where = {
    "code": [malmquist],
    "data": {"inputs and outputs": sample.production},
    "parameters": sample.parameters,
}
index = {name: sample.panel.frame[name].unstack("year") for name in sample.outcomes}
kind = {"latent": "targeted", "TCE": sample.derived_kind}

# %% [markdown]
# ## What scores say about the efficiency they measure
#
# Here both sides are known: the latent level from which the raw tables were built, and the score
# computed from them. {numref}`tab-cities283-latent-scored` says how far apart they are. Two things
# keep them apart. The frontier of the scores is made of the cities themselves, not of the reference
# technology. And energy is output times the intensity of the *province*, so energy per unit
# of output is the same for all cities of a province, whatever each of them does.

# %%
scored = sample.efficiency
frame = sample.panel.frame
pairs = {"level": ("level", "latent level"), "yearly index": ("index", "latent")}
apart = pd.DataFrame(
    {
        label: {
            "mean of the scores": frame[ours].mean(),
            **(
                {
                    "mean of latent efficiency": frame[theirs].mean(),
                    "correlation of the two": frame[ours].corr(frame[theirs]),
                }
                if theirs in frame
                else {}
            ),
        }
        for label, (ours, theirs) in pairs.items()
    }
)
tables.show(
    apart,
    "tab-cities283-latent-scored",
    f"Scores of {len(scored.summary):,} city-years beside the latent efficiency behind the data.",
    notes=f"{int(scored.summary['efficient'].sum())} city-years are efficient. Every score is proved "
    f"optimal by its dual: {'yes' if scored.certified else 'no'}.",
    **where,
)

# %% [markdown]
# ## The index by year and region (the paper's Figure 5)
#
# {numref}`fig-cities283-index` draws the mean index, {numref}`tab-cities283-index-beside` holds it
# against the printed numbers.

# %%
figure, panels = figures.canvas(1, len(index), width=7.2, height=3.2, sharey=True, squeeze=False)
regions = sample.group("region")
for axis, (name, values) in zip(panels[0], index.items(), strict=True):
    axis.axhline(1, color=figures.MUTED, linewidth=0.9)
    axis.plot(values.columns, values.mean(), color=figures.INK, linewidth=2.2, label="all cities")
    sns.lineplot(
        values.groupby(regions).mean().T[list(study.REGIONS)], ax=axis, dashes=False, linewidth=1.3,
        palette=figures.COLOURS[:len(study.REGIONS)], legend="auto" if axis is panels[0][0] else False,
    )  # fmt: skip
    axis.set(title=study.COLUMNS[name], xlabel="year")
panels[0][0].set_ylabel("mean yearly index")
panels[0][0].legend(title=None)
figures.show(
    figure,
    "fig-cities283-index",
    "Mean index by year and region (the paper's Figure 5); above one, efficiency rises.",
    alt="Line charts of the mean yearly index by region. "
    + "; ".join(
        f"{study.COLUMNS[n]}: mean of all cities above one in "
        f"{', '.join(str(y) for y in v.columns[v.mean() > 1]) or 'no year'}, highest in "
        f"{v.mean().idxmax()} ({v.mean().max():.2f})"
        for n, v in index.items()
    )
    + ".",
    values=pd.DataFrame({study.COLUMNS[n]: v.mean() for n, v in index.items()}),
    **where,
)  # fmt: skip

# %%
rows = [("mean SML 2011", 2011), ("mean SML 2018", 2018)]
counted = [(f"cities improving {year}", year) for year in study.FIGURE_YEARS]
claims = [
    ledger.Claim(
        "B",
        "text",
        row,
        study.COLUMNS[name],
        kind[name] if year in values.columns else "free",
        study.printed_number(row),
        derived=statistic(values[year]) if year in values.columns else None,
        std_error=error(values[year]) if year in values.columns else None,
    )
    for name, values in index.items()
    for entries, statistic, error in (
        (rows, lambda column: float(column.mean()), lambda column: float(column.sem())),
        (counted, lambda column: int((column > 1).sum()), lambda column: None),
    )
    for row, year in entries
]
claims += [
    ledger.Claim(
        "B",
        "text",
        "mean SML index",
        study.COLUMNS[name],
        kind[name],
        study.printed_number("mean SML index"),
        derived=float(values.mean(axis=None)),
    )
    for name, values in index.items()
]
tables.beside(
    sorted(claims, key=lambda claim: claim.column != study.COLUMNS["latent"]),
    "tab-cities283-index-beside",
    "Printed means and counts of the index beside those of the two outcomes.",
    notes="Latent efficiency was calibrated to these numbers; that it meets them shows nothing. "
    "The scores are free, and show how far a measured index is from the efficiency behind it.",
    **where,
)  # fmt: skip

# %% [markdown]
# Latent efficiency meets its targets because it was made to. The scores show what measurement does to
# them: the jump of 2018 shrinks, and the count of improving cities, which hangs on how many lie just
# above one, is off by up to {glue:text}`cities283_count_off` cities.
#
# What else the paper says about its index is checked in {numref}`tab-cities283-index-words` against the
# two series. A mean index of {glue:text}`cities283_printed_2018` is a growth of
# {glue:text}`cities283_growth_2018:.2f` %, not of {glue:text}`cities283_stated_2018` % as the text has it.

# %%
off = [
    abs(int((index["TCE"][year] > 1).sum()) - int(study.printed_number(row)))
    for row, year in counted
    if year in index["TCE"].columns
]
printed_2018 = study.printed_number("mean SML 2018")
glue("cities283_printed_2018", printed_2018, display=False)
glue("cities283_growth_2018", 100 * (float(printed_2018) - 1), display=False)
glue("cities283_stated_2018", study.printed_number("growth 2018 as stated"), display=False)
glue("cities283_count_off", max(off, default=0), display=False)

# %%
means = {name: values.mean() for name, values in index.items()}
named_up = index["TCE"].index.intersection(["beijing"])
named_down = index["TCE"].index.intersection(["yantai", "taian", "rizhao", "chengdu", "nanning"])
seen = [year for year in study.FIGURE_YEARS if year in index["TCE"].columns]
words = []
for name, values in index.items():
    others = means[name].drop([2011, 2018], errors="ignore")
    words += [
        ledger.Claim(
            "B",
            "text",
            "mean SML other years",
            study.COLUMNS[name],
            kind[name],
            says="below 1",
            holds=bool((others < 1).all()),
        ),
        ledger.Claim(
            "B",
            "text",
            "improves in all four years",
            study.COLUMNS[name],
            kind[name],
            says="Beijing",
            holds=bool((values.loc[named_up, seen] > 1).all(axis=None)),
        ),
        ledger.Claim(
            "B",
            "text",
            "declines in all four years",
            study.COLUMNS[name],
            kind[name],
            says="five named cities",
            holds=bool((values.loc[named_down, seen] < 1).all(axis=None)),
        ),
    ]
intensity = sample.raw["energy"]["energy_intensity"].unstack("year").mean()
words.append(
    ledger.Claim("B", "text", "energy per GDP 2018", "mean of the provinces",
                 "targeted" if sample.simulated is not None else "free",
                 study.printed_number("energy per GDP 2018"),
                 derived=100 * float(intensity[2018] / intensity[2017] - 1),
                 note="per cent, from provincial intensities.")
)  # fmt: skip
tables.beside(
    words,
    "tab-cities283-index-words",
    "What the text says about the index.",
    **where,
)

# %% [markdown]
# ## Maps (the paper's Figure 6)
#
# {numref}`fig-cities283-maps` shows the scores' index in the four years of the paper's figure,
# {glue:text}`cities283_mark`. The years differ far more than the cities within a year do: one colour
# scale for all four would show little else, so each map has the year's mean taken out.

# %%
from matplotlib.colors import Normalize

glue("cities283_mark", maps.mark(), display=False)
figure, panels = figures.canvas(2, 2, width=7.2, height=6.2)
for axis, year in zip(panels.ravel(), seen, strict=False):
    values = index["TCE"][year] - index["TCE"][year].mean()
    drawn = maps.points(
        axis,
        sample.geo,
        values,
        norm=Normalize(-0.2, 0.2),
        colours=figures.DIVERGING,
        title=str(year),
        size=16,
    )
for axis in panels.ravel()[len(seen) :]:
    axis.set_axis_off()
with figures.style():  # lettering in the page's colour, in the dark as well
    figure.colorbar(drawn, ax=panels, shrink=0.6, label="index less the year's mean")
figures.show(
    figure,
    "fig-cities283-maps",
    "Yearly index of the scores in four years, less the mean of the year (the paper's Figure 6).",
    alt=f"Maps of the cities ({maps.mark()}), coloured by the yearly index less the mean of the year. "
    + "; ".join(
        f"{year}: {int((index['TCE'][year] > 1).sum())} cities above one, standard deviation "
        f"{index['TCE'][year].std():.2f}"
        for year in seen
    )
    + ".",
    values=index["TCE"][seen],
    **where,
)  # fmt: skip

# %% [markdown]
# ## A growth factor as an outcome
#
# The regressions of the next chapters explain the *yearly index*, as the paper's do. A coefficient on
# a growth factor is an effect on growth: one unit more of co-agglomeration, kept through the sample, would
# add its coefficient to the factor of every year. The level and the cumulative index are settings
# (`outcome`), and the robustness chapter runs them all.
