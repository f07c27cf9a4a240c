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
# of estimates over seeds is the generator's; its errors were scaled so that the standard errors of the
# controls come out as printed.
# :::

# %% tags=["parameters"]
level: float = 0.05  # of the two-sided tests: 0.0001..0.5
power: float = 0.8  # share of samples in which an effect is to be found: 0.1..0.999

# %%
from analysis.book import compare, figures, heavy, parameters
from analysis.book.page import Page, in_short, numbers
from analysis.papers.ne34.power import detectable, multiple
from analysis.papers.ne34.tables import printed as column, printed_gap

parameters.check()
seeds = heavy.load("ne34_seeds").frame
page = Page(
    {"seeds": "data/validated/ne34_seeds.csv"}, {"level": level, "power": power}, [detectable]
)
small = detectable(seeds, level, power)
printed = small.dropna(subset=["printed"])
seen = printed.index[printed["seen"] >= 1]
rho = small.loc["W × carbon intensity (ρ)"]
point = compare.seeds(seeds, "as-printed", "4", "Model 2").loc["turning point"]
error = column("4", "Model 2").std_errors["rho"]

# %%
numbers(
    power_rho=rho["smallest"],
    power_rho_printed=rho["printed"],
    power_rho_error=error,
    power_rho_by_print=multiple(level, power) * error,
    power_gap=small.loc["difference of co-agglomeration between groups", "smallest"],
    power_gap_by_print=multiple(level, power) * printed_gap("Coagg").std_error,
    power_gap_errors=", ".join(
        f"{column('7', group).std_errors['Coagg']:.3f}" for group in ("RC", "NRC")
    ),
    power_multiple=multiple(level, power),
    power_level=level,
    power_wanted=power,
    power_missed=1 - power,
    power_seen=len(seen),
    power_all=len(printed),
    power_low=point["low"],
    power_high=point["high"],
)

# %%
in_short(
    "On the dense matrix assumed here a sample of 34 cities and 20 years finds a ρ significant in "
    "{glue:text}`power_wanted:.0%` of cases only from {glue:text}`power_rho:.2f` on; by the standard error that "
    "the paper prints ({glue:text}`power_rho_error:.3f`) it would be from {glue:text}`power_rho_by_print:.2f` on "
    "({glue:text}`power_multiple:.1f` times it).",
    "The paper prints {glue:text}`power_rho_printed:.2f`.",
    "Of the {glue:text}`power_all` printed coefficients below it can see {glue:text}`power_seen`"
    + (": " + ", ".join(seen) if len(seen) else "")
    + ". The others, at the printed size, would be missed in more than {glue:text}`power_missed:.0%` of samples.",
    "Two groups of cities must differ by {glue:text}`power_gap:.1f` in the coefficient of co-agglomeration on "
    "the data here, by {glue:text}`power_gap_by_print:.1f` at the printed standard errors "
    "({glue:text}`power_gap_errors`), before a test tells them apart.",
)

# %% [markdown]
# A two-sided test at {glue:text}`power_level:.0%` rejects in {glue:text}`power_wanted:.0%` of samples where the true
# effect is {glue:text}`power_multiple:.2f` standard deviations of its estimate away from zero. That deviation is
# taken from 200 samples of the generator, estimated by the default estimator. {numref}`tab-ne34-power` has each
# effect, {numref}`fig-ne34-power` those that the paper prints.

# %%
page.table(
    small.rename(
        columns={
            "spread": "std. deviation over seeds",
            "smallest": "smallest detectable",
            "seen": "printed over smallest",
        }
    ),
    "tab-ne34-power",
    f"The smallest effect that 34 cities and 20 years detect with power {power:g}, beside Table A4.",
    formats={"printed over smallest": ".1f"},
    notes=f"Two-sided tests at {level:.0%}. Standard deviations from the central 90 % of 200 seeds. A dash: "
    "the paper prints no such number.",
)

# %%
figure, axes = figures.canvas(height=3.4)
axes.barh(printed.index[::-1], printed["seen"][::-1], color=figures.COLOURS[0], height=0.6)
axes.axvline(1, color=figures.INK, linewidth=1)
axes.annotate("seen", (1, len(printed) - 0.45), xytext=(4, 0), textcoords="offset points")
axes.set(xscale="log", xlabel="printed effect over the smallest that is detected")
page.figure(
    figure,
    "fig-ne34-power",
    f"The design detects {len(seen)} of {len(printed)} printed effects with power {power:g}: those whose "
    "bars pass the line.",
    alt="Bar chart of each printed coefficient divided by the smallest detectable one, on a log scale, "
    "with a line at one.",
)

# %% [markdown]
# The turning point is estimated between {glue:text}`power_low:.1f` and {glue:text}`power_high:.1f` in nine of
# ten samples. An insignificant spillover in this design is no evidence that there
# is none: most spillovers of the printed size would go unseen.
