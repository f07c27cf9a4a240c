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
# # IV.6 Can an efficiency score be trusted? Published cases, misprints and the choice of years
#
# :::{simulated}
# The first section solves small published cases. All others use a simulated panel of invented
# cities around a known frontier; it is calibrated to nothing, and shows what formulas do, not what
# Chinese cities did. Times at the end were measured.
# :::
#
# The outcome of paper B is the *total-factor carbon emission efficiency* of a city: how far its
# capital, labour and energy could shrink, its output grow and its carbon dioxide fall if it did as
# well as the best. The slacks-based measure {cite:p}`tone2001,tone2003` compares a city $o$ with
# inputs $x_o$, good output $y_o$ and bad output $b_o$ to mixtures $\lambda$ of all city-years, its own
# included,
#
# $$
# \rho_o = \min \frac{1 - \frac1m \sum_i s^-_i / x_{io}}
#   {1 + \frac1q \bigl( \sum_r s^g_r / y_{ro} + \sum_h s^b_h / b_{ho} \bigr)}
# \quad \text{s.t.} \quad X\lambda + s^- = x_o, \; Y\lambda - s^g = y_o, \; B\lambda + s^b = b_o,
# $$
#
# with $\lambda, s \ge 0$, $m$ inputs and $q$ outputs of both kinds. It is one linear program a
# city-year. {source}`analysis.efficiency.score` solves them all at once, in floating point, and
# proves every score by a bound from the dual program that holds against every city-year. This
# chapter asks whether those scores are right, what the paper's misprints would do to them, and how
# much they owe to choices that a reader does not see.

# %% tags=["parameters"]
returns: str = "constant"  # returns to scale: constant | variable
cities: int = 283  # number of simulated cities: 20..400
years: int = 11  # number of simulated years from 2009: 4..15
seed: int = 20  # seed of the simulated panel: 0..

# %%
import json

import pandas as pd
import seaborn as sns
from myst_nb import glue

from analysis.resources import data_path
from analysis import efficiency
from analysis.book import figures, ledger, parameters, tables
from analysis.efficiency import Technology
from analysis.simulate.frontier import frontier_panel
from analysis.papers.cities283 import frontiers

parameters.check()

technology = Technology(
    frontiers.CITY.inputs, frontiers.CITY.good, frontiers.CITY.bad, returns=returns
)
panel = frontier_panel(cities, years, seed=seed)
simulated = {"parameters": {"returns": returns, "cities": cities, "years": years, "seed": seed}}

# %% [markdown]
# ## Cases solved elsewhere
#
# Some cases are small enough to be solved exactly: their scores are fractions. Others were printed
# by other software. {numref}`tab-efficiency-tone` holds the nine units of {cite:t}`tone2003`, one
# input, one good and one bad output, against the exact solution; {numref}`tab-efficiency-cases`
# sums up all cases.

# %%
compared = frontiers.case_comparison()
nine = pd.concat(
    {
        f"{kind} returns": compared.loc[f"Tone (2003), {kind} returns", ["fraction", "here"]]
        for kind in ("constant", "variable")
    },
    axis=1,
).rename(columns={"fraction": "exact"})
tables.show(
    nine,
    "tab-efficiency-tone",
    "Efficiency of the nine units of Tone (2003), exact and as computed here.",
    stub="unit",
    digits=15,
    code=[efficiency.score],
    data={"published_small.json": frontiers.CASES_FILE},
)

# %%
compared["digits"] = [
    ledger.agreeing_digits(here, there)
    for here, there in zip(compared["here"], compared["elsewhere"], strict=True)
]
compared["difference"] = (compared["here"] - compared["elsewhere"]).abs()
by_case = compared.groupby(level="case", sort=False).agg(
    numbers=("here", "size"),
    source=("source", "first"),
    difference=("difference", "max"),
    digits=("digits", "min"),
)
tables.show(
    by_case.rename(
        columns={
            "source": "compared with",
            "difference": "largest difference",
            "digits": "fewest digits agreeing",
        }
    ),
    "tab-efficiency-cases",
    "Small cases solved here and elsewhere.",
    stub="case",
    formats={"largest difference": ".0e", "fewest digits agreeing": ".1f"},
    code=[frontiers.case_comparison],
    data={"published_small.json": frontiers.CASES_FILE},
    notes="The Malmquist-Luenberger index and the enhanced Russell measure are compared with "
    "numbers printed to ten digits or more by other software.",
)

# %%
glue("efficiency_cases", len(compared), display=False)
glue("efficiency_digits", float(compared["digits"].min()), display=False)

# %% [markdown]
# All {glue:text}`efficiency_cases:d` numbers agree in at least {glue:text}`efficiency_digits:.1f`
# digits. The tests of the project go further and hold random panels with ties, duplicated and
# nearly identical units, and units of measurement many orders of magnitude apart, against one
# plain linear program a unit and against exact arithmetic, to $10^{-9}$.
#
# ## Two signs
#
# The first equation of paper B prints a *minus* in the denominator, and gives the slack of the bad
# output the sign of a good one: $B\lambda - s^b = b_o$. Neither is a matter of taste.
#
# With the minus, the ratio can be made as small as one likes wherever outputs can improve by 100 %
# on average: the denominator passes through zero and turns negative. For such a city-year the
# program as printed has *no minimum*. A solver that is given the linearised program does not
# notice, since the transformation keeps the denominator positive; it returns a number. With the
# wrong sign of the bad output, the slack that counts as waste is pollution *added*.
# {numref}`tab-efficiency-misprints` counts both on the simulated panel.

# %%
effect = frontiers.misprints(panel, technology)
tables.show(
    effect,
    "tab-efficiency-misprints",
    "Equation (1) of paper B with each misprint, on the simulated panel.",
    stub="version",
    code=[efficiency.score_as_printed, frontiers.misprints],
    data={"simulated panel": panel},
    notes="No minimum: city-years for which the program as printed is unbounded. The other columns "
    "describe what a solver returns; changed and rank correlation are against the right score.",
    **simulated,
)

# %%
both = effect.loc["both, as printed"]
glue("misprint_total", int(both["city-years"]), display=False)
glue("misprint_both", int(both["no minimum"]), display=False)
glue("misprint_minus", int(effect.loc["minus in the denominator", "no minimum"]), display=False)
glue("misprint_both_rank", float(both["rank correlation"]), display=False)
wrong = effect.loc["bad output with the wrong sign"]
glue("misprint_bad_rank", float(wrong["rank correlation"]), display=False)
glue("misprint_both_changed", int(both["changed"]), display=False)

# %% [markdown]
# Taken at its word, with both signs, the printed program has no minimum for
# {glue:text}`misprint_both:d` of {glue:text}`misprint_total:d` city-years; with the minus alone for
# {glue:text}`misprint_minus:d`. The wrong sign of the bad output alone leaves a program that always
# has a solution, and its scores have a rank correlation of {glue:text}`misprint_bad_rank:.2f` with
# the right ones. With both signs a solver returns scores of rank correlation
# {glue:text}`misprint_both_rank:.2f` with the right ones, because a minus in the denominator makes
# output slacks unattractive and so hides the other error; {glue:text}`misprint_both_changed:d`
# scores are still other numbers. {numref}`fig-efficiency-misprints` shows both kinds of damage.
# Which equation the authors' software solved cannot be known from the print. The rest of the book
# uses the right one.

# %%
figure, axes = figures.canvas(1, 2, height=3.3, sharex=True, sharey=True)
one = efficiency.score_as_printed(panel, technology, minus_in_denominator=False)
two = efficiency.score_as_printed(panel, technology)
axes[0].scatter(one["efficiency"], one["printed"], s=4, alpha=0.4, linewidth=0)
fine, lost = two[two["has_minimum"]], two[~two["has_minimum"]]
axes[1].scatter(
    lost["efficiency"],
    lost["printed"],
    s=4,
    alpha=0.4,
    linewidth=0,
    color=figures.COLOURS[1],
    label="no minimum",
)
axes[1].scatter(
    fine["efficiency"],
    fine["printed"],
    s=4,
    alpha=0.6,
    linewidth=0,
    color=figures.COLOURS[0],
    label="defined",
)
axes[0].axline((0, 0), slope=1, color=figures.MUTED, linewidth=0.8)
axes[1].axline((0, 0), slope=1, color=figures.MUTED, linewidth=0.8)
axes[0].set(title="bad output with the wrong sign", xlabel="right score", ylabel="score as printed")
axes[1].set(title="both misprints", xlabel="right score")
axes[1].legend(loc="upper left", markerscale=3)
figures.show(
    figure,
    "fig-efficiency-misprints",
    "Scores of the misprinted programs, as a solver returns them, against the right score; "
    "simulated panel.",
    alt="Two scatter plots against the right score. With the wrong sign of the bad output the "
    "points are scattered widely, most of them below the diagonal; with both misprints most lie "
    "near the diagonal, and "
    f"{len(lost)} of {len(two)} belong to programs without a minimum.",
    values=two.reset_index(),
    code=[efficiency.score_as_printed],
    data={"simulated panel": panel},
    **simulated,
)

# %% [markdown]
# ## Two indices
#
# The text of paper B says *global Malmquist index*: both years are measured against all years
# pooled {cite:p}`pastor2005`, so that $\mathrm{GMI} = \rho^G_{t+1} / \rho^G_t$ always exists and
# multiplies up over the years. Its second equation prints the Malmquist-Luenberger index of
# {cite:t}`chung1997`, the geometric mean over the frontiers of the two years, which is neither: a
# city of one year may lie where the other year's frontier has nothing to compare it with, and then
# the index does not exist. {cite:t}`oh2010` gives the global form of that second index.
# {numref}`tab-efficiency-forms` puts the three on the same data. A transition without a solution is
# counted and stays empty.

# %%
forms = frontiers.form_summary(panel, technology)
tables.show(
    forms,
    "tab-efficiency-forms",
    "Three indices of productivity change on the simulated panel.",
    stub="index",
    formats={"other direction": ".1%", "chain gap": ".1e"},
    code=[efficiency.malmquist, frontiers.form_summary],
    data={"simulated panel": panel},
    notes="Improving: index above one. Other direction: share of transitions on the other side of "
    "one than the first index. Chain gap: median absolute log difference between the yearly "
    "indices multiplied up and the index from the first to the last year in one step.",
    **simulated,
)

# %%
printed_form = forms.loc["Malmquist-Luenberger"]
glue("ml_lost", int(printed_form["no solution"]), display=False)
glue("ml_all", int(printed_form["transitions"]), display=False)
glue("ml_gap", float(100 * printed_form["chain gap"]), display=False)
glue("ml_other", float(100 * printed_form["other direction"]), display=False)
means = frontiers.index_forms(panel, technology).mean()
glue("mean_global", float(means["global, slacks-based"]), display=False)
glue("mean_printed", float(means["Malmquist-Luenberger"]), display=False)

# %% [markdown]
# The printed form has no solution for {glue:text}`ml_lost:d` of {glue:text}`ml_all:d` transitions,
# its yearly values multiplied up miss the direct comparison of the first and the last year by
# {glue:text}`ml_gap:.1f` % in the median city, and of the transitions that it does measure
# {glue:text}`ml_other:.1f` % point in the other direction than the global index. With such holes a
# formula gives no balanced panel for a spatial model, unless they are filled in; a global index has
# none. The book computes the global index on the slacks-based measure, as the text of the paper
# says. {numref}`fig-efficiency-index` shows the mean by year, which the paper prints: averaged over
# all transitions it is {glue:text}`mean_global:.3f` for that index and
# {glue:text}`mean_printed:.3f` for the printed one, since the slacks-based measure counts every
# slack and the directional distance only what can be had along one direction.

# %%
by_year = frontiers.index_forms(panel, technology).groupby("year").mean()
figure, axes = figures.canvas(height=3.2)
axes.axhline(1.0, color=figures.MUTED, linewidth=0.8)
sns.lineplot(
    by_year,
    palette=figures.COLOURS[: by_year.shape[1]],
    marker="o",
    markersize=4,
    mec="none",
    ax=axes,
)
axes.set(xlabel="year", ylabel="mean index")
axes.legend(title=None)
figures.show(
    figure,
    "fig-efficiency-index",
    "Mean yearly index by form; simulated panel, transitions without a solution left out.",
    alt="Line chart of the mean index by year for three forms of the index, between "
    f"{by_year.to_numpy().min():.3f} and {by_year.to_numpy().max():.3f}; over all years the "
    f"slacks-based form averages {by_year.iloc[:, 0].mean():.3f}, the global directional form "
    f"{by_year.iloc[:, 1].mean():.3f} and the Malmquist-Luenberger form "
    f"{by_year.iloc[:, 2].mean():.3f}.",
    values=by_year.reset_index(),
    code=[frontiers.index_forms],
    data={"simulated panel": panel},
    **simulated,
)

# %% [markdown]
# ## Which years are pooled
#
# A pooled frontier is made of the best city-years of the whole window. Paper B speaks of 2010-2019
# in one place and of 2011-2019 in another. {numref}`tab-efficiency-years` drops years and compares
# the scores of the city-years that stay.

# %%
dropped = frontiers.dropping_years(panel, technology)
tables.show(
    dropped,
    "tab-efficiency-years",
    "What the choice of years does to the pooled scores of the city-years that stay.",
    stub="years",
    formats={"changed": ".1%", "rank correlation": ".4f"},
    code=[frontiers.dropping_years],
    data={"simulated panel": panel},
    notes="Changed: share of scores that move by more than 1e-9. Direction changed: transitions "
    "whose index crosses one.",
    **simulated,
)

# %%
without_last = dropped.loc[f"without {panel.periods[-1]}"]
without_first = dropped.loc[f"without {panel.periods[0]}"]
glue("drop_last", float(100 * without_last["changed"]), display=False)
glue("drop_last_largest", float(without_last["largest change"]), display=False)
glue("drop_last_direction", int(without_last["direction changed"]), display=False)
glue("drop_first", float(100 * without_first["changed"]), display=False)

# %% [markdown]
# Without the last year {glue:text}`drop_last:.0f` % of the remaining scores change, by up to
# {glue:text}`drop_last_largest:.2f`, and {glue:text}`drop_last_direction:d` transitions change from
# improvement to decline or back; without the first year {glue:text}`drop_first:.1f` % of the scores
# change. The frontier of this panel advances, so that its late years carry it. The window is part
# of the definition of the variable, and a study that does not say which years it pooled has not
# said what it measured.
#
# ## Capital
#
# Capital is not observed. It is accumulated, $K_t = (1 - \delta) K_{t-1} + I_t$, from a first stock
# that has to be guessed. Equation (7) of paper B prints $K_t = K_{t-1} + (1 - \delta) I_t$, in
# which old capital never wears out. The simulated panel knows its true stock, whose first year is
# ten times that year's investment; {numref}`tab-efficiency-capital` compares the first two columns
# with it.

# %%
capital = frontiers.capital_variants(panel, technology)
tables.show(
    capital,
    "tab-efficiency-capital",
    "Initial stocks and the printed formula: median stock over the true one, and the scores.",
    stub="capital",
    code=[frontiers.capital_variants],
    data={"simulated panel": panel},
    notes="δ = 9.6 %, g: the city's mean growth of real investment. I₀ / 0.10 is the rule of "
    "{cite:t}`zhang2004` and true here by construction. Rank correlation with the scores on true "
    "capital.",
    **simulated,
)

# %%
as_printed = capital.loc["I₀ / 0.10, formula as printed"]
glue("capital_printed", float(as_printed.iloc[1]), display=False)
glue("capital_printed_rank", float(as_printed["rank correlation"]), display=False)
glue("capital_steady", float(capital.loc["I₀ / (g + δ)"].iloc[1]), display=False)
glue("capital_steady_rank", float(capital.loc["I₀ / (g + δ)", "rank correlation"]), display=False)

# %% [markdown]
# By the last year the printed formula has {glue:text}`capital_printed:.2f` times the true stock in
# the median city (rank correlation of the scores {glue:text}`capital_printed_rank:.3f`). A wrong
# first stock fades at the rate of depreciation: the steady-state rule ends at
# {glue:text}`capital_steady:.2f` times the truth, but the early years keep its error, and the rank
# correlation over all years is {glue:text}`capital_steady_rank:.3f`. The two correlations say which
# of the two matters more for the ranking.
#
# ## Proof and cost
#
# Every program behind the three indices comes with a certificate: the largest difference between a score and
# its bound, and the largest violation of a constraint.

# %%
proofs = frontiers.certificates(panel, technology)
glue("proofs", len(proofs), display=False)
glue("proofs_certified", int(proofs["certified"].sum()), display=False)
glue("proofs_gap", f"{proofs['gap'].max():.0e}", display=False)
glue("proofs_residual", f"{proofs['residual'].max():.0e}", display=False)

# %% [markdown]
# Of the {glue:text}`proofs:d` programs {glue:text}`proofs_certified:d` are
# certified; the largest gap is {glue:text}`proofs_gap`, the largest residual
# {glue:text}`proofs_residual`. {numref}`tab-efficiency-speed` and {numref}`fig-efficiency-growth`
# show what that costs. They were measured with `make bench` on one core.

# %%
record = pd.read_csv(data_path("benchmarks", "efficiency.csv"))
machine = json.loads(data_path("benchmarks", "efficiency.json").read_text())
peers = record[record["experiment"] == "peers"].set_index(["returns", "implementation"])
size = int(peers["n"].max())
peers = peers[peers["n"] == size]
own = peers.xs("this package", level="implementation")["seconds"]
peers["times this package"] = peers["seconds"] / peers.index.get_level_values("returns").map(own)
tables.show(
    peers[["seconds", "times this package", "difference", "how"]]
    .rename(columns={"seconds": "CPU seconds", "difference": "largest difference"})
    .rename(index=lambda name: f"{name} returns", level="returns"),
    "tab-efficiency-speed",
    f"Slacks-based scores of {size:,} simulated city-years against their pooled frontier.",
    stub="implementation",
    formats={"CPU seconds": ".2f", "times this package": ".0f", "largest difference": ".0e"},
    data={"efficiency.csv": "data/benchmarks/efficiency.csv"},
    notes=f"{machine['processor']}, one core; Python {machine['python']}, numpy "
    f"{machine['numpy']}, scipy {machine['scipy']}, DEAPack {machine['DEAPack']}. A figure "
    "recorded elsewhere is from another machine and other data: its ratio is an order of magnitude, "
    "not a measurement.",
)

# %%
growth = record[record["experiment"] == "growth"]
shares = record[record["experiment"] == "frontier"]
figure, axes = figures.canvas(1, 2, height=3.2)
for kind, marker in (("constant", "o"), ("variable", "s")):
    line = growth[growth["returns"] == kind]
    axes[0].loglog(line["n"], line["seconds"], marker=marker, markersize=4, label=f"{kind} returns")
    line = shares[shares["returns"] == kind].sort_values("efficient")
    axes[1].plot(
        100 * line["efficient"],
        line["seconds"],
        marker=marker,
        markersize=4,
        label=f"{kind} returns",
    )
axes[0].set(xlabel="city-years", ylabel="CPU seconds")
axes[1].set(xlabel=f"efficient city-years, % of {int(shares['n'].iloc[0]):,}", ylim=(0, None))
axes[0].legend()
figures.show(
    figure,
    "fig-efficiency-growth",
    "Cost of the scores and their proof as the panel grows, and as more of it lies on the frontier.",
    alt="Two line charts of CPU seconds: against the number of city-years on logarithmic axes, from "
    f"{growth['seconds'].min():.2f} to {growth['seconds'].max():.0f} seconds, and against the share "
    f"of efficient city-years, from {shares['seconds'].min():.2f} to {shares['seconds'].max():.1f} "
    "seconds.",
    values=pd.concat([growth, shares]),
    data={"efficiency.csv": "data/benchmarks/efficiency.csv"},
)

# %%
largest = growth[growth["n"] == growth["n"].max()]
glue("speed_n", size, display=False)
glue("speed_own", float(own["constant"]), display=False)
glue(
    "speed_linprog",
    float(peers.loc[("constant", "scipy linprog"), "times this package"]),
    display=False,
)
glue(
    "speed_deapack", float(peers.loc[("constant", "DEAPack"), "times this package"]), display=False
)
glue("speed_largest_n", int(largest["n"].max()), display=False)
glue("speed_largest", float(largest["seconds"].max()), display=False)
glue("speed_largest_mb", float(largest["megabytes"].max()), display=False)

# %% [markdown]
# {glue:text}`speed_n:d` scores under constant returns take {glue:text}`speed_own:.2f` s here,
# {glue:text}`speed_linprog:.0f` times as long with one `linprog` a unit and
# {glue:text}`speed_deapack:.0f` times as long with DEAPack, and the scores are the same.
# {glue:text}`speed_largest_n:d` city-years take at most {glue:text}`speed_largest:.0f` s and
# {glue:text}`speed_largest_mb:.0f` MB; the cost then grows with the square of their number, since
# each score is proved against each city-year.
