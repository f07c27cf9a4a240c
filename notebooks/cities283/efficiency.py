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
import seaborn as sns
from matplotlib.colors import Normalize

from analysis.book import figures, maps, parameters, tables
from analysis.book.page import Page, in_short, numbers, say
from analysis.efficiency import malmquist, score_as_printed
from analysis.study import open_study
from analysis.papers.cities283 import frontiers, study
from analysis.papers.cities283.claims import by_outcome, claim, in_numbers, in_words
from analysis.papers.cities283.tables import components, rise

parameters.check()
sample = open_study(study.STUDY, globals())
page = Page({"inputs and outputs": sample.data.production}, sample.parameters, [malmquist])
index = {name: sample.panel.frame[name].unstack("year") for name in sample.outcomes}
scores = index["TCE"]
parts = components(sample)
kinds = {"latent": "targeted", "TCE": sample.derived_kind}
printed = {row: study.printed_number(f"mean SML {row}") for row in ("index", "2011", "2018")}
sample.banner

# %%
signs = frontiers.misprints(sample.data.production, study.TECHNOLOGY)
forms = frontiers.form_summary(sample.data.production, study.TECHNOLOGY)
both, ml = signs.loc["both, as printed"], forms.loc["Malmquist-Luenberger"]
peak = parts.loc["all", "best_practice_change"].idxmax()
top = parts.loc["all"].loc[peak]
frontier = abs(top["efficiency_change"] - 1) < 0.1 * abs(top["index"] - 1)
above = scores.mean()[scores.mean() > 1]
in_short(
    f"The paper prints a mean index of {printed['index']}: efficiency fell in every year but 2011 "
    f"({printed['2011']}) and 2018 ({printed['2018']}), in all regions alike.",
    f"From the print alone: {printed['2018']} is a growth of {100 * (float(printed['2018']) - 1):.2f} %, "
    f"not of {study.printed_number('growth 2018 as stated')} %; equation (1) has two wrong signs and "
    "equation (2) is not the global index that the text announces.",
    f"Here the scores' mean index is {scores.mean(axis=None):.4f}, above one in "
    f"{', '.join(map(str, above.index)) or 'no year'}. {'On simulated data, in' if sample.is_simulated else 'In'} {peak} best practice changed by a factor of "
    f"{top['best_practice_change']:.2f}, the cities' distance to it by {top['efficiency_change']:.2f}"
    + (
        ": the cities moved together with the frontier and hardly nearer to it."
        if frontier
        else "."
    ),
)

# %% [markdown]
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
# average {glue:text}`b3_printed_mean:.2f` and not {glue:text}`b3_right_mean:.2f`; {glue:text}`b3_unbounded:d`
# programs have no minimum. The index by (B2) as printed has no solution for {glue:text}`b3_ml_lost:d` of
# {glue:text}`b3_ml_all:d` transitions and goes the other way in {glue:text}`b3_ml_other:.0%` of the rest.
# [](../validation/efficiency.py) takes both up on panels of other kinds.

# %%
numbers(
    b3_printed_mean=both["mean"],
    b3_right_mean=signs.loc["as it should be", "mean"],
    b3_unbounded=int(both["no minimum"]),
    b3_ml_lost=int(ml["no solution"]),
    b3_ml_all=int(ml["transitions"]),
    b3_ml_other=ml["other direction"],
)

# %%
told = {"mean": signs["mean"], "rank correlation": signs["rank correlation"],
        "no solution": signs["no minimum"]}  # fmt: skip
page.by(score_as_printed, malmquist).table(
    pd.concat(
        {
            "(B1), score": pd.DataFrame(told),
            "(B2), index": forms[["geometric mean", "rank correlation", "no solution"]].set_axis(
                list(told), axis=1
            ),
        }
    ),
    "tab-cities283-equations",
    "Scores and indices by the equations as they should be and as printed.",
    stub="version",
    digits=3,
    formats={"no solution": ".0f"},
    notes="Means of the indices are geometric. Rank correlation: with the first row of each block.",
)

# %% [markdown]
# ## The index by year and region (Figure B-F5)

# %%
figure, (left, right) = figures.canvas(1, 2, width=7.2, height=3.3)
for (name, values), colour in zip(index.items(), figures.COLOURS, strict=False):
    left.plot(values.columns, values.mean(), color=colour, label=study.COLUMNS[name])
left.plot([2011, 2018], [float(printed["2011"]), float(printed["2018"])], "D", color=figures.INK,
          markerfacecolor="none", label="printed")  # fmt: skip
left.axhline(1, color=figures.MUTED, linewidth=0.9)
left.set(title="mean index, all cities", ylabel="yearly factor")
left.legend()
apart = scores.groupby(sample.group("region")).mean().sub(scores.mean()).T[list(study.REGIONS)]
sns.lineplot(apart, ax=right, dashes=False, palette=figures.COLOURS[2:5])
right.axhline(0, color=figures.MUTED, linewidth=0.9)
right.set(title="scores: region less all cities", xlabel="", ylabel="")
page.figure(
    figure,
    "fig-cities283-index",
    "Mean index by year, and how far each region lies from it (Figure B-F5); above one, efficiency rises.",
    alt="Left, lines of the mean yearly index: "
    + "; ".join(f"{study.COLUMNS[n]} from {v.mean().min():.2f} to {v.mean().max():.2f}, highest in "
                f"{v.mean().idxmax()}" for n, v in index.items())
    + f". Right, regions less the mean of all: between {apart.min(axis=None):.3f} and {apart.max(axis=None):.3f}.",
    values=pd.DataFrame({study.COLUMNS[n]: v.mean() for n, v in index.items()}),
)  # fmt: skip

# %%
widest = (apart.max(axis=1) - apart.min(axis=1)).max()
say(f"""
The years differ far more than the regions ({{numref}}`fig-cities283-index`): regional means lie
at most {widest:.3f} apart in a year, while the mean of all cities moves between {scores.mean().min():.2f}
and {scores.mean().max():.2f}. For 2018 the paper gives two reasons: a cleaner mix of energy (less coal, more gas and
non-fossil energy) and better use of it (listed energy-saving equipment, energy per unit of GDP down by
{study.printed_number("energy per GDP 2018").lstrip("-")} %). Neither is of the size of the jump: a factor of
{printed["2018"]} needs about {100 * (1 - 1 / float(printed["2018"])):.0f} % less of all that goes in, or
{100 * (float(printed["2018"]) - 1):.0f} % more of what comes out, in the mean city and within a year.
""")

# %% [markdown]
# ## What the index is made of
#
# The index is the product of two factors: how a city moves against the frontier of its own year
# (*efficiency change*), and how that frontier moves against the pooled one (*best-practice change*).

# %%
figure, axes = figures.canvas(height=3.2)
words = {"index": "index", "efficiency_change": "efficiency change",
         "best_practice_change": "best-practice change"}  # fmt: skip
for (column, label), colour in zip(words.items(), [figures.INK, *figures.COLOURS], strict=False):
    axes.plot(parts.loc["all"].index, parts.loc["all", column], color=colour, label=label)
axes.axhline(1, color=figures.MUTED, linewidth=0.9)
axes.set_ylabel("mean yearly factor of the scores")
axes.legend()
page.figure(
    figure,
    "fig-cities283-components",
    "Mean index of the scores and its two factors.",
    alt="Line chart of three yearly means. "
    + "; ".join(f"{label} from {parts.loc['all', c].min():.2f} to {parts.loc['all', c].max():.2f}, "
                f"highest in {parts.loc['all', c].idxmax()}" for c, label in words.items())
    + ".",
    values=parts,
)  # fmt: skip

# %%
page.table(
    parts.rename(columns=words),
    "tab-cities283-components",
    "Mean index of the scores, efficiency change and best-practice change by year and region.",
    stub="year",
    folded=True,
)

# %%
calm = parts.loc["all"].drop(peak)
say(f"""
In {peak} best practice changes by {100 * (top["best_practice_change"] - 1):.0f} %, the cities' distance to it
by {100 * (top["efficiency_change"] - 1):.0f} % ({{numref}}`fig-cities283-components`; by region in
{{numref}}`tab-cities283-components`). In the other years best practice moves between
{calm["best_practice_change"].min():.2f} and {calm["best_practice_change"].max():.2f}, efficiency change between
{calm["efficiency_change"].min():.2f} and {calm["efficiency_change"].max():.2f}. A best practice below one means
that the pooled frontier is made of other years, not that knowledge was lost.
""")
say(
    """The whole cloud of cities moved, which is what a change in the statistics looks like as much as
what a change in technology does.""",
    when=frontier,
)

# %% [markdown]
# ## Improving cities (Figure B-F6)

# %%
seen = [year for year in study.FIGURE_YEARS if year in scores.columns]
figure, panels = figures.canvas(2, 2, width=7.2, height=6.2)
for axis in panels.ravel():
    axis.set_axis_off()
for axis, year in zip(panels.ravel(), seen, strict=False):
    drawn = maps.points(
        axis, sample.places, scores[year] - 1, norm=Normalize(-0.2, 0.2),
        colours=figures.DIVERGING, title=f"{year}: {(scores[year] > 1).sum()} rise", size=16,
    )  # fmt: skip
with figures.style():  # lettering in the page's colour, in the dark as well
    figure.colorbar(drawn, ax=panels, shrink=0.6, label="index of the scores less one")
page.figure(
    figure,
    "fig-cities283-maps",
    "Yearly index of the scores in four years, less one (Figure B-F6).",
    alt="Maps of the cities, coloured by the yearly index less one. "
    + "; ".join(f"{year}: {(scores[year] > 1).sum()} cities above one" for year in seen)
    + ".",
    values=scores[seen],
)

# %%
off = {year: int((scores[year] > 1).sum()) - int(study.printed_number(f"cities improving {year}"))
       for year in seen}  # fmt: skip
say(f"""
The paper counts {", ".join(study.printed_number(f"cities improving {year}") + f" improving cities in {year}" for year in seen)};
the scores give {", ".join(str((scores[year] > 1).sum()) for year in seen)} ({{numref}}`fig-cities283-maps`,
{{numref}}`tab-cities283-index-beside`). The count hangs on how many cities lie just above one and is off
by up to {max(map(abs, off.values()))}.
""")
say(
    """Latent efficiency meets the means and counts because it was made to; that it does shows nothing. The scores
show what measurement does to them.""",
    when="latent" in index,
)

# %%
counted = {f"cities improving {year}": year for year in seen}
claims = [
    in_numbers(sample, f"mean SML {year}", {name: (v[year].mean(), v[year].sem())}, kind=kinds[name])
    for name, v in index.items() for year in (2011, 2018)
] + [
    in_numbers(sample, "mean SML index", {name: (v.mean(axis=None), None)}, kind=kinds[name])
    for name, v in index.items()
] + [
    in_numbers(sample, row, {name: ((v[year] > 1).sum(), None)}, kind=kinds[name])
    for name, v in index.items() for row, year in counted.items()
]  # fmt: skip
absent = [y for y in study.FIGURE_YEARS if y not in seen]
page.beside(
    by_outcome(*claims, [claim(f"cities improving {y}", "free") for y in absent]),
    "tab-cities283-index-beside",
    "Printed means and counts of the index beside those of the outcomes.",
)

# %%
named_down = [c for c in ("yantai", "taian", "rizhao", "chengdu", "nanning") if c in scores.index]
up = {
    n: (v.loc["beijing", seen] > 1).all() if "beijing" in v.index else None
    for n, v in index.items()
}
down = {n: (v.loc[named_down, seen] < 1).all(axis=None) for n, v in index.items()}
rose = {n: rise(v, 2017, 2018) for n, v in index.items()}
spread = {n: v.groupby(sample.group("region")).mean() for n, v in index.items()}
gap = {n: float((v.max() - v.min()).max()) for n, v in spread.items()}
low = {n: (v.mean().drop([2011, 2018], errors="ignore") < 1).all() for n, v in index.items()}
told = [
    ("mean SML other years", low, None),
    ("trend of TCE", {n: v.mean(axis=None) < 1 for n, v in index.items()}, None),
    ("rise from 2017 to 2018", {n: change > 0 and p < 0.05 for n, (change, p) in rose.items()},
     {n: f"{change:.3f} ({tables.p_value(p)})" for n, (change, p) in rose.items()}),
    ("regions, mean index", {n: g < 0.05 for n, g in gap.items()},
     {n: f"largest difference in a year {g:.3f}, held against 0.05" for n, g in gap.items()}),
    ("improves in all four years", up, None),
    ("declines in all four years", down, None),
]  # fmt: skip
in_all = [claim for row, holds, notes in told for name in index
          for claim in in_words(sample, row, {name: holds[name]}, notes, sample.derived_kind if "regions" in row else kinds[name])]  # fmt: skip

# %%
level = sample.data.efficiency.level
slackless = (sample.data.efficiency.slacks.abs().max(axis=1) < 1e-6) == (level > 1 - 1e-9)
chain = sample.data.efficiency.cumulative.unstack("year").iloc[:, -1]
ends = level.unstack("year").iloc[:, -1] / level.unstack("year").iloc[:, 0]
intensity = sample.raw["energy"]["energy_intensity"].unstack("year").mean()
of_measure = [
    claim("range of the score", "free", holds=bool(level.between(0, 1 + 1e-9).all()),
          note=f"{level.min():.2f} to {level.max():.2f}."),
    claim("efficient score", "free", holds=bool(slackless.all())),
    claim("index without infeasible programs", "free", holds=bool(scores.notna().all(axis=None)),
          note="of the global index; that of (B2) as printed can be infeasible."),
    claim("circular index", "free", holds=bool(((chain / ends - 1).abs() < 1e-9).all()),
          note="of the global index; that of (B2) as printed is not."),
    *in_numbers(sample, "energy per GDP 2018",
                {"mean of the provinces": (100 * (intensity[2018] / intensity[2017] - 1), None)},
                kind="free" if not sample.is_simulated else "targeted"),
]  # fmt: skip
page.beside(
    by_outcome(of_measure, in_all),
    "tab-cities283-index-words",
    "What the text says about measure and index.",
)

# %% [markdown]
# The sentences behind {numref}`tab-cities283-index-words` are told by the paper from one index; the text
# does not say how many cities are at the frontier or how certain a score is.

# %%
frame = sample.panel.frame
if "latent" in frame:
    two = {"level": ("level", "latent level"), "yearly index": ("TCE", "latent")}
    known = {
        label: {"mean of the scores": frame[a].mean(), "mean of latent efficiency": frame[b].mean(),
                "correlation of the two": frame[a].corr(frame[b])}
        for label, (a, b) in two.items()
    }  # fmt: skip
    say("""
**What scores say about the efficiency they measure.** Here both sides are known: the latent level from which
the raw tables were built, and the score computed from them ({numref}`tab-cities283-latent-scored`). Two things
keep them apart. The frontier of the scores is made of the cities themselves, not of the reference technology.
And energy is output times the intensity of the *province*, so it is the same per unit of output for all
cities of a province.
""")

# %%
page.table(
    pd.DataFrame(known),
    "tab-cities283-latent-scored",
    f"Scores of {len(sample.data.efficiency.summary):,} city-years beside the latent efficiency behind the data.",
    notes=f"{int(sample.data.efficiency.summary['efficient'].sum())} city-years are efficient; duality certifies "
    f"{'every score' if sample.data.efficiency.certified else 'not every score'} as optimal.",
) if "latent" in frame else None

# %% [markdown]
# ## A growth factor as an outcome
#
# The regressions of the next chapters explain the *yearly index*, as the paper's do. A coefficient on
# a growth factor is an effect on growth: one unit more of co-agglomeration, kept through the sample, would
# add its coefficient to the factor of every year. The level and the cumulative index are settings
# (`outcome`), and [](robustness.py) runs them all.
