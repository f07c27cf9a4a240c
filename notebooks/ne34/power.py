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
# # I.10 What can 34 cities see?
#
# :::{simulated}
# 34 real cities, 20 years of generated series, 200 seeds, parameters as paper A prints them. The spread
# of estimates over seeds is the generator's, in which the controls move within cities by as much as makes their
# standard errors come out about as printed.
# :::

# %% tags=["parameters"]
level: float = 0.05  # of the two-sided tests: 0.0001..0.5
power: float = 0.8  # share of samples in which an effect is to be found: 0.1..0.999

# %%
from analysis.book import compare, figures, heavy, parameters
from analysis.book.page import Page, numbers
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.papers.ne34.power import detectable, multiple

parameters.check()
seeds = heavy.load("ne34_seeds").frame
data = {"seeds": "data/validated/ne34_seeds.csv"}
page = Page(data, {"level": level, "power": power}, [detectable], ne34.STUDY.captions)
small = detectable(seeds, level, power)
printed = small.dropna(subset=["printed"])
seen, spilled = printed["seen"] >= 1, printed.index.str.startswith("W × co-agg")
times, errors = multiple(level, power), made.printed("4", "Model 2").std_errors

# %%
numbers(
    power_rho=small.loc["W × carbon intensity (ρ)"],
    power_rho_error=errors["rho"],
    power_rho_by_print=times * errors["rho"],
    power_smallest_gap=small.loc["difference of co-agglomeration between groups", "smallest"],
    power_gap_by_print=times * made.printed_gap("Coagg").std_error,
    power_gap={group: made.printed("7", group).std_errors["Coagg"] for group in ("RC", "NRC")},
    power_multiple=times,
    power_level=level,
    power_wanted=power,
    power_missed=1 - power,
    power_seen=f"{seen.sum()}: {', '.join(printed.index[seen])}" if seen.any() else "none",
    power_detected=seen.sum(),
    power_all=len(printed),
    power_spilled=len(printed[spilled]),
    power_spilled_seen=(seen & spilled).sum(),
    power_point=compare.seeds(seeds, "as-printed", "4", "Model 2").loc["turning point"],
)

# %% [markdown]
# :::{in-short}
# On the dense matrix assumed here a sample of 34 cities and 20 years finds a ρ significant in
# {glue:text}`power_wanted:.0%` of cases only from {glue:text}`power_rho_smallest:.2f` on; by the standard error that
# the paper prints ({glue:text}`power_rho_error:.3f`) it would be from {glue:text}`power_rho_by_print:.2f` on
# ({glue:text}`power_multiple:.1f` times it). The paper prints {glue:text}`power_rho_printed:.2f`.
# Of the {glue:text}`power_all:d` printed coefficients below it can see {glue:text}`power_seen`. The others, at the printed
# size, would be missed in more than {glue:text}`power_missed:.0%` of samples.
# Two groups of cities must differ by {glue:text}`power_smallest_gap:.1f` in the coefficient of co-agglomeration on
# the data here, by {glue:text}`power_gap_by_print:.1f` at the printed standard errors
# ({glue:text}`power_gap_rc:.3f`, {glue:text}`power_gap_nrc:.3f`), before a test tells them apart as often.
# :::
#
# A two-sided test at {glue:text}`power_level:.0%` rejects in {glue:text}`power_wanted:.0%` of samples where the true
# effect is {glue:text}`power_multiple:.2f` standard deviations of its estimate away from zero. That deviation is
# taken from 200 samples of the generator, estimated by the default estimator. {numref}`tab-ne34-power` has each
# effect, {numref}`fig-ne34-power` those that the paper prints.

# %%
page.table(small, "tab-ne34-power")

# %%
figure, axes = figures.canvas(height=3.4)
axes.barh(printed.index[::-1], printed["seen"][::-1], color=figures.COLOURS[0], height=0.6)
axes.axvline(1, color=figures.INK, linewidth=1)
axes.annotate("seen", (1, len(printed) - 0.45), xytext=(4, 0), textcoords="offset points")
axes.set(xscale="log", xlabel="printed effect over the smallest that is detected")
axes.xaxis.set_major_formatter("{x:g}")
page.figure(figure, "fig-ne34-power", values=printed)

# %% [markdown]
# The turning point is estimated between {glue:text}`power_point_low:.1f` and {glue:text}`power_point_high:.1f` in nine of
# ten samples. Of the {glue:text}`power_spilled:d` spillovers of co-agglomeration in Table A4 the design sees
# {glue:text}`power_spilled_seen:d` at the printed size, so that an insignificant spillover is no evidence that there
# is none.
