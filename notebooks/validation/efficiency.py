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
# :::{in-short}
# As computed here, yes: all {glue:text}`efficiency_cases:d` published scores and indices come out in at least
# {glue:text}`efficiency_digits:.1f` digits, and every score carries a proof. As printed, not always: on this
# panel, which is calibrated to nothing, paper B's equation (1) has no minimum for
# {glue:text}`misprint_both_as_printed_no_minimum:,.0f` of {glue:text}`misprint_both_as_printed_city_years:,.0f` city-years;
# what it does to the data of Part II stands in [](../cities283/efficiency.py). Choices that a reader does not see count too: without the last year
# {glue:text}`drop_last_changed:.0%` of the remaining scores change.
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
# with $\lambda, s \ge 0$, $m$ inputs and $q$ outputs of both kinds: one linear program a city-year.
# {source}`analysis.efficiency.score` solves them all at once, in floating point, and proves every score by a bound from
# the dual program that holds against every city-year.

# %% tags=["parameters"]
returns: str = "constant"  # returns to scale: constant | variable
cities: int = 283  # number of simulated cities: 20..400
years: int = 11  # number of simulated years from 2009: 4..15
seed: int = 20  # seed of the simulated panel: 0..

# %%
import pandas as pd
import seaborn as sns

from analysis import efficiency
from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.efficiency import Technology
from analysis.measures.capital import DEPRECIATION
from analysis.papers import timing, validation
from analysis.papers.cities283 import frontiers
from analysis.simulate.frontier import frontier_panel

parameters.check()
city = frontiers.CITY

# %%
technology = Technology(city.inputs, city.good, city.bad, returns=returns)
panel = frontier_panel(cities, years, seed=seed)
asked = {"returns": returns, "cities": cities, "years": years, "seed": seed}
page = validation.page({"simulated panel": panel}, [], **asked)
cases = validation.page({"frontier_solutions.csv": frontiers.CASES_FILE}, [])

# %% [markdown]
# ## Cases solved elsewhere
#
# Some cases are small enough to be solved exactly: their scores are fractions. Others were printed by other software.
# All {glue:text}`efficiency_cases:d` numbers agree in at least {glue:text}`efficiency_digits:.1f` digits
# ({numref}`tab-efficiency-cases`); {numref}`tab-efficiency-tone` holds the nine units of {cite:t}`tone2003`. The tests of
# the project go further and hold random panels with ties, duplicated and nearly identical units, and units of measurement
# many orders of magnitude apart, against one plain linear program a unit and against exact arithmetic.

# %%
compared = frontiers.case_comparison()
by_case = frontiers.by_case(compared)
numbers(efficiency_cases=len(compared), efficiency_digits=by_case["fewest digits agreeing"].min())
KINDS = {f"{kind} returns": f"Tone (2003), {kind} returns" for kind in ("constant", "variable")}
nine = {title: compared.loc[case, ["fraction", "here"]] for title, case in KINDS.items()}
shown = pd.concat(nine, axis=1).rename(columns={"fraction": "exact"})
cases.by(efficiency.score).table(shown, "tab-efficiency-tone")

# %%
cases.by(frontiers.case_comparison).table(by_case, "tab-efficiency-cases")

# %% [markdown]
# ## Two signs
#
# The first equation of paper B prints a *minus* in the denominator, and gives the slack of the bad output the sign of a
# good one: $B\lambda - s^b = b_o$. With both, the program has no minimum for
# {glue:text}`misprint_both_as_printed_no_minimum:,.0f` of {glue:text}`misprint_both_as_printed_city_years:,.0f` city-years
# ({numref}`tab-efficiency-misprints`); with the minus alone for
# {glue:text}`misprint_minus_in_the_denominator_no_minimum:.0f`. Wherever outputs can improve by 100 % on average the
# denominator passes through zero, and the ratio can be made as small as one likes. A solver that is given the linearised
# program does not notice, since the transformation keeps the denominator positive; it returns a number.
#
# With the wrong sign of the bad output alone, what counts as waste is pollution *added*; there is always a solution, and
# the scores have a rank correlation of
# {glue:text}`misprint_bad_output_with_the_wrong_sign_rank_correlation:.2f` with the right ones. With both signs it is
# {glue:text}`misprint_both_as_printed_rank_correlation:.2f`, because the minus makes output slacks unattractive and so
# hides the other error; {glue:text}`misprint_both_as_printed_changed:,.0f` scores are still other numbers
# ({numref}`fig-efficiency-misprints`). Which equation the authors' software solved cannot be known from the print. The
# rest of the book uses the right one.

# %%
effect = frontiers.misprints(panel, technology)
numbers(misprint=effect)
page.by(efficiency.score_as_printed, frontiers.misprints).table(effect, "tab-efficiency-misprints")

# %%
one = efficiency.score_as_printed(panel, technology, minus_in_denominator=False)
two = efficiency.score_as_printed(panel, technology).sort_values("has_minimum")
figure, panels = figures.canvas(1, 2, height=3.3, sharex=True, sharey=True)
drawn = {"bad output with the wrong sign": one, "both misprints": two}
look = {"hue": "has_minimum", "hue_order": [True, False], "palette": figures.COLOURS[:2]}
for axis, (title, each) in zip(panels, drawn.items(), strict=True):
    sns.scatterplot(each, x="efficiency", y="printed", ax=axis, s=5, lw=0, legend=False, **look)
    axis.axline((0, 0), slope=1, color=figures.MUTED, linewidth=0.8)
    axis.set(title=title, xlabel="right score", ylabel="score as printed")
as_printed = page.by(efficiency.score_as_printed)
as_printed.figure(figure, "fig-efficiency-misprints", values=two.reset_index())

# %% [markdown]
# ## Two indices
#
# The text of paper B says *global Malmquist index*: both years are measured against all years pooled
# {cite:p}`pastor2005`, so that $\mathrm{GMI} = \rho^G_{t+1} / \rho^G_t$ always exists and multiplies up over the years. Its
# second equation prints the Malmquist-Luenberger index of {cite:t}`chung1997`, the geometric mean over the frontiers of
# the two years, which is neither: a city of one year may lie where the other year's frontier has nothing to compare it
# with, and then the index does not exist. {cite:t}`oh2010` gives the global form of that second index.
#
# The printed form has no solution for {glue:text}`ml_no_solution:.0f` of {glue:text}`ml_transitions:,.0f` transitions
# ({numref}`tab-efficiency-forms`), its yearly values multiplied up miss the direct comparison of the first and the last
# year by {glue:text}`ml_chain_gap:.1%` in the median city, and {glue:text}`ml_other_direction:.1%` of the transitions that
# it measures point in the other direction than the global index. With such holes a formula gives no balanced panel. The
# book computes the global index on the slacks-based measure, as the text says. Its arithmetic mean over all transitions is
# {glue:text}`mean_global_slacks_based:.3f`, the printed one {glue:text}`mean_malmquist_luenberger:.3f`
# ({numref}`fig-efficiency-index`), since the slacks-based measure counts every slack and the directional distance only
# what can be had along one direction.

# %%
forms = frontiers.form_summary(panel, technology)
indices = frontiers.index_forms(panel, technology)
numbers(ml=forms.loc["Malmquist-Luenberger"], mean=indices.mean())
page.by(efficiency.malmquist, frontiers.form_summary).table(forms, "tab-efficiency-forms")

# %%
by_year = indices.groupby("year").mean()
numbers(index={"least": by_year.min(axis=None), "most": by_year.max(axis=None)})
drawn = figures.lines({"": by_year}, units="mean index", level=1)
by_form = page.by(frontiers.index_forms)
by_form.figure(drawn, "fig-efficiency-index", values=by_year.reset_index())

# %% [markdown]
# ## Which years are pooled
#
# A pooled frontier is made of the best city-years of the whole window, and paper B speaks of 2010-2019 in one place and of
# 2011-2019 in another. Without the last year {glue:text}`drop_last_changed:.0%` of the remaining scores change, by up to
# {glue:text}`drop_last_largest_change:.2f`, and {glue:text}`drop_last_direction_changed:.0f` transitions change from
# improvement to decline or back; without the first year {glue:text}`drop_first:.1%` of the scores change
# ({numref}`tab-efficiency-years`). The frontier of this panel advances, so that its late years carry it. A study that does
# not say which years it pooled has not said what it measured.

# %%
dropped = frontiers.dropping_years(panel, technology)
first, last = (f"without {panel.periods[end]}" for end in (0, -1))
numbers(drop_last=dropped.loc[last], drop_first=dropped.loc[first, "changed"])
page.by(frontiers.dropping_years).table(dropped, "tab-efficiency-years")

# %% [markdown]
# ## Capital
#
# Capital is not observed. It is accumulated, $K_t = (1 - \delta) K_{t-1} + I_t$, from a first stock that has to be
# guessed. Equation (7) of paper B prints $K_t = K_{t-1} + (1 - \delta) I_t$, in which old capital never wears out. By the
# last year that formula has {glue:text}`capital_printed:.2f` times the true stock in the median city, and its scores a
# rank correlation of {glue:text}`capital_printed_rank:.3f` with those on the truth ({numref}`tab-efficiency-capital`). A
# wrong first stock fades at the rate of depreciation: the steady-state rule ends at {glue:text}`capital_steady:.2f` times
# the truth, but the early years keep its error, and the rank correlation over all years is
# {glue:text}`capital_steady_rank:.3f`.

# %%
capital = frontiers.capital_variants(panel, technology)
ends = {"printed": "I₀ / 0.10, formula as printed", "steady": "I₀ / (g + δ)"}
ranks = capital["rank correlation"]
numbers(capital={name: capital.loc[row].iloc[1] for name, row in ends.items()})
numbers(capital={f"{name}_rank": ranks[row] for name, row in ends.items()})
numbers(capital_wear=DEPRECIATION)
page.by(frontiers.capital_variants).table(capital, "tab-efficiency-capital")

# %% [markdown]
# ## Proof and cost
#
# Every program behind the three indices comes with a certificate: the largest difference between a score and its bound,
# and the largest violation of a constraint. Of {glue:text}`proofs:,d` programs {glue:text}`proofs_certified:,d` are
# certified; the largest gap is {glue:text}`proofs_gap:.0e`, the largest residual {glue:text}`proofs_residual:.0e`.
#
# By `make bench` on one core {glue:text}`speed_n:,d` scores under constant returns take {glue:text}`speed_own:.2f` s here,
# {glue:text}`speed_times_scipy_linprog:.0f` times as long with one `linprog` a unit and {glue:text}`speed_times_deapack:.0f` times as long
# with DEAPack, and the scores are the same ({numref}`tab-efficiency-speed`). {glue:text}`speed_largest_n:,.0f` city-years
# take at most {glue:text}`speed_largest_seconds:.0f` s and {glue:text}`speed_largest_megabytes:.0f` MB; the cost then grows
# with the square of their number, since each score is proved against each city-year ({numref}`fig-efficiency-growth`).

# %%
proofs = frontiers.certificates(panel, technology)
numbers(proofs=len(proofs), proofs_certified=int(proofs["certified"].sum()))
numbers(proofs_gap=proofs["gap"].max(), proofs_residual=proofs["residual"].max())

# %%
record, stated = timing.recorded("efficiency")
measured = validation.page({"efficiency.csv": "data/benchmarks/efficiency.csv"}, [])
peers = record[record["experiment"] == "peers"]
size = int(peers["n"].max())
peers = peers[peers["n"] == size].assign(returns=lambda rows: rows["returns"] + " returns")
peers = peers.set_index(["returns", "implementation"])
own = peers.xs("this package", level="implementation")["seconds"]
ratio = peers["seconds"].div(own, level="returns").mask(peers["how"].str.startswith("recorded"))
at = "constant returns"
numbers(speed_n=size, speed_own=own[at], speed_times=ratio[at], speed_stated=stated)

# %%
measured.table(peers.assign(ratio=ratio), "tab-efficiency-speed")

# %%
growth = record[record["experiment"] == "growth"]
shares = record[record["experiment"] == "frontier"]
shares = shares.assign(percent=100 * shares["efficient"])
numbers(speed_largest=growth[["n", "seconds", "megabytes"]].max())
numbers(growth=growth["seconds"].agg(["min", "max"]), shares=shares["seconds"].agg(["min", "max"]))
figure, (left, right) = figures.canvas(1, 2, height=3.2)
look = {"hue": "returns", "style": "returns", "dashes": False, "palette": figures.COLOURS[:2]}
sns.lineplot(growth, x="n", y="seconds", markers=True, ax=left, **look)
sns.lineplot(shares, x="percent", y="seconds", markers=True, legend=False, ax=right, **look)
left.set(xlabel="city-years", ylabel="CPU seconds", xscale="log", yscale="log")
right.set(ylabel="", xlabel=f"efficient, % of {shares['n'].max():,} city-years", ylim=(0, None))
measured.figure(figure, "fig-efficiency-growth", values=pd.concat([growth, shares]))
