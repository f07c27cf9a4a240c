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
# # The data: cities, years, variables

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
import numpy as np
import pandas as pd
import seaborn as sns
from myst_nb import glue

from analysis import audit
from analysis.book import figures, heavy as validate, ledger, parameters, tables
from analysis.book import compare
from analysis.measures.cleaning import interpolate, isolated_jumps
from analysis.measures.intensity import expenditure_share
from analysis.papers.ne34.targets import (
    DESIGN,
    TRUTHS,
    YEARS,
    coagglomeration_path,
    rho_implied_by_effects,
    truth,
)
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.tables import descriptives

parameters.check()
sample = ne34.load(scenario, raw, seed, years, weights, winsorised, without)
tabulated = sample.tabulated
by_year = tabulated.frame.groupby(level="year")[["Coagg", "Carbon"]].mean()
where = {"data": {"panel": tabulated}, "parameters": sample.parameters}
sample.banner

# %% [markdown]
# The paper {cite:p}`han2026` takes its series from city yearbooks, an emission inventory and the
# texts of government work reports, and does not publish them. This book therefore starts one step
# earlier, from *raw tables* in native units (persons, yuan, dollars, tonnes, words), and builds
# every variable itself. Whoever has the real tables puts them into `data/raw/ne34` in the form that
# `data/README.md` describes, sets `raw` above, and everything in Part I is derived from them.
#
# ## From raw tables to variables
#
# **Carbon intensity** is CO₂ over GDP. **Co-agglomeration** rests on location quotients. With
# $e_{ij}$ the employment of industry $j$ in city $i$, $E_j$ its employment in all the cities, $e_i$
# and $E$ the same for all industries,
#
# $$
# LQ_{ij} = \frac{e_{ij}/E_j}{e_i/E}, \qquad
# \mathit{Coagg}_i = \left(1 - \frac{|LQ_{im} - LQ_{is}|}{LQ_{im} + LQ_{is}}\right) + (LQ_{im} + LQ_{is}),
# $$
#
# with $m$ manufacturing and $s$ six producer services pooled. The first part rewards balance
# between the two, the second their weight in the city. An identity follows that no data can escape:
# the mean of a quotient over the cities, *weighted by employment*, is one in every year, so the
# weighted mean of $LQ_m + LQ_s$ is two. The printed unweighted mean of the whole index,
# {glue:text}`ne34_coagg_printed_mean`, is so far below this that, if the quotients refer to these
# cities, the index must be higher where employment is large ([the audit](../referee/audit_ne34.py)
# has the bound).
#
# Gaps are filled by linear interpolation on the year axis, within a city and inside its observed
# years only; {numref}`tab-ne34-gaps` counts them. Nothing is extrapolated: a gap at the end of a
# series is an error.

# %%
columns = [
    (f"{name}.csv", column, int(table[column].isna().sum()), len(table))
    for name, table in sample.raw.items()
    for column in table.columns
]
gaps = pd.DataFrame(columns, columns=["file", "column", "empty cells", "of"])
gaps = gaps[gaps["empty cells"] > 0]
tables.show(
    gaps.set_index(pd.MultiIndex.from_frame(gaps[["file", "column"]]))[["empty cells", "of"]],
    "tab-ne34-gaps",
    "Empty cells of the raw tables that interpolation fills.",
    stub="column",
    code=[interpolate],
    **where,
)

# %% [markdown]
# One cell stands out before any model is run. {numref}`tab-ne34-jumps` lists the city-years whose
# fiscal expenditure over GDP differs by more than a factor of three from the year before *and* the
# year after, which is what a slip of a unit looks like. One such cell was put into the simulated data
# on purpose, because the paper prints a maximum of GOV of
# {glue:text}`ne34_gov_max`: a city that spends more than four times its GDP. In all, expenditure
# exceeds GDP in {glue:text}`ne34_gov_above_one:d` city-years of these data; with the one cell alone the
# printed deviation of GOV would not be reached by a generator whose series are as smooth as these.

# %%
jumps = isolated_jumps(tabulated.frame, "GOV")
tables.show(
    jumps.set_index(jumps.index.map(lambda key: f"{sample.geo.loc[key[0], 'name_en']} {key[1]}")),
    "tab-ne34-jumps",
    "City-years in which GOV differs by more than a factor of three from both neighbouring years.",
    stub="city-year",
    code=[isolated_jumps, expenditure_share],
    **where,
)

# %% [markdown]
# ## How the simulated data were made, and what print would not allow
#
# The cities, their coordinates and their resource-based flags are real; the series are not. Targets,
# design and seed were fixed and committed before any estimate on them was looked at. In order:
#
# 1. **Employment** by city, year and sector, such that the co-agglomeration computed from it has the
#    printed mean and deviation and, by year, a path that rises to the printed peak in
#    {glue:text}`ne34_peak_year:d` and then falls. Two things are solved for: how steeply both
#    industries rise with city size, and how concentrated employment is.
# 2. **Controls** with the printed means and deviations, the shares above their printed minima, turned
#    back into the raw columns they are computed from. How much they move within a city is set so
#    that the printed standard errors are about those that arise here.
# 3. **Carbon intensity** by the dynamic spatial Durbin model of Table 4 with the printed parameters
#    as truth and the additive nest as $W$, from the very variables that the pipeline computes.
# 4. **Gaps**, then rounding to the units of the raw files.
#
# Print cannot be met everywhere. What was done instead:
#
# * *FDI.* A standard deviation of {glue:text}`ne34_fdi_printed` is impossible for numbers between
#   {glue:text}`ne34_fdi_min` and {glue:text}`ne34_fdi_max` with mean {glue:text}`ne34_fdi_mean`: with these
#   three it cannot exceed {glue:text}`ne34_fdi_bound:.3f`. With the
#   decimal point one place to the left it is possible; that is the target.
# * *Units.* GOV, FDI and TI are tabulated as fractions. Their regression coefficients have sizes that
#   make sense only per percentage point. That is an inference, not a statement of the paper: here
#   they are fractions in this chapter and per cent in every regression.
# * *The error.* Printed standard errors fix the ratio of the error to the movement of the
#   regressors, not its size. Normal errors as large as the extreme cell of GOV suggests would make
#   carbon intensity negative in the cleanest cities, so σ is {glue:text}`ne34_sigma` and the regressors
#   move less in proportion. The printed minimum and maximum of carbon intensity are not aimed at.
# * *Explosive dynamics.* The printed τ + η + ρ is {glue:text}`ne34_unit_sum:.3f`, above one: on the unit
#   eigenvalue of $W$, that is on the common trend of the cities, the printed model explodes. Year
#   effects absorb that trend, so the data are generated around a declared path of yearly means, and
#   the dynamics run on $W$ with its unit eigenvalue removed, where the printed parameters are stable.
# * *A second truth.* The effects printed in Table 5 cannot come from the printed ρ. With a
#   row-standardised $W$ the total short-run effect is $(\beta + \theta)/(1 - \rho)$, and both sides
#   are printed: the eight regressors together give ρ = {glue:text}`ne34_rho_implied:.3f`
#   (standard error {glue:text}`ne34_rho_implied_error:.3f`, from rounding and the noise of simulated
#   effects, independent for a direct and an indirect effect). [The audit](../referee/audit_ne34.py)
#   allows that the two move together, which weighs the same ratios differently:
#   {glue:text}`ne34_rho_audit:.3f` ({glue:text}`ne34_rho_audit_error:.3f`).
#   {numref}`tab-ne34-truths` has both scenarios; the parameter `scenario` switches.

# %%
truths = pd.DataFrame({name: truth(name).as_series() for name in TRUTHS})
truths.loc["sum"] = truths.loc[["L.y", "W.L.y", "rho"]].sum()
names = ne34.STUDY.labels(["L.Carbon", "W.L.Carbon", "rho"])
shown = truths.loc[["L.y", "W.L.y", "rho", "sum", "Coagg", "Coagg^2", "W.Coagg", "W.Coagg^2"]]
tables.show(
    shown.set_axis([*names.values(), "τ + η + ρ", *map(ne34.STUDY.label, shown.index[4:])]),
    "tab-ne34-truths",
    "The two truths of the simulated data: the parameters of interest. All others are those of "
    "Table 4, model 2, in both.",
    stub="parameter",
    code=[truth, rho_implied_by_effects],
    data={
        "Table 4": "data/published/paper_a_table4.csv",
        "Table 5": "data/published/paper_a_table5.csv",
    },
)

# %% [markdown]
# ## Table 1: descriptive statistics
#
# {numref}`tab-ne34-descriptives` is what the pipeline computes, {numref}`tab-ne34-descriptives-beside` sets it
# beside the print. Means and deviations are *targeted*: that they are met says that the generator does what it was
# built for, and nothing about the paper. Where one misses by a unit of the last digit, gaps and the
# rounding of raw columns came in between. The printed deviation of FDI is no target, being
# impossible; minima and maxima are free, except the largest GOV and the least GOV, FDI and TI, which
# the generator takes as floors. Values stay above a floor, so these three may miss by a little.

# %%
moments = descriptives(sample)
tables.show(
    moments.rename(index=ne34.STUDY.label, columns={"std_dev": "standard deviation"}),
    "tab-ne34-descriptives",
    "Descriptive statistics (the paper's Table 1), shares as fractions.",
    stub="variable",
    formats={"observations": ".0f"},
    code=[descriptives],
    **where,
)

# %%
target = sample.target_kind
kinds = {"observations": "setting", "mean": target, "std_dev": target, "min": "free", "max": "free"}
given = ("GOV max", "GOV min", "FDI min", "TI min")
tables.beside(
    compare.cells(
        "A", "1", moments, kinds | dict.fromkeys(given, target) | {"FDI std_dev": "free"}
    ),
    "tab-ne34-descriptives-beside",
    "Table 1 beside print.",
    labels=ne34.STUDY.labels(list(moments.index)) | {"std_dev": "standard deviation"},
    stub="variable",
    code=[descriptives],
    **where,
)

# %% [markdown]
# ## Figure 2: how both series moved
#
# The paper reads its Figure 2 as "first up, then down" for co-agglomeration and "decline-rise-decline"
# for carbon intensity. {numref}`fig-ne34-trends` has these shapes because the generator was given
# them; {numref}`tab-ne34-trends` ties each sentence to the numbers.

# %%
figure, axes = figures.canvas(2, 1, height=4.6, sharex=True)
axes[0].plot(by_year.index, by_year["Coagg"], color=figures.COLOURS[0])
axes[1].plot(by_year.index, by_year["Carbon"], color=figures.COLOURS[1])
axes[0].set(ylabel="co-agglomeration")
axes[1].set(ylabel="carbon intensity,\nt per 10⁴ yuan", xlabel="year")
axes[1].set_xticks(by_year.index[::3])
figures.show(
    figure,
    "fig-ne34-trends",
    "Mean co-agglomeration and mean carbon intensity of the cities by year (the paper's Figure 2).",
    alt=f"Two line charts by year. Mean co-agglomeration peaks in {by_year['Coagg'].idxmax()} at "
    f"{by_year['Coagg'].max():.2f} and ends at {by_year['Coagg'].iloc[-1]:.2f}. Mean carbon "
    f"intensity starts at {by_year['Carbon'].iloc[0]:.1f} and ends at {by_year['Carbon'].iloc[-1]:.1f}.",
    values=by_year,
    **where,
)

# %%
steps = np.sign(np.diff(by_year["Carbon"]))
turns = [int(s) for k, s in enumerate(steps) if k == 0 or s != steps[k - 1]]
coagg = by_year["Coagg"]
peak = int(coagg.idxmax())
tables.beside(
    [
        ledger.printed_claim("A", "text", "mean Coagg", kind=target, derived=float(moments.loc["Coagg", "mean"])),
        ledger.printed_claim(
            "A", "text", "peak of mean Coagg", kind=target, derived=float(coagg.max()), note=f"in {peak}"
        ),
        ledger.printed_claim(
            "A", "text", "Coagg trend (4.1)", kind=target,
            holds=bool(coagg.index[0] < peak < coagg.index[-1]),
            note=f"the highest mean is that of {peak}, neither the first nor the last year",
        ),
        ledger.printed_claim(
            "A", "text", "Coagg trend (5.2)", kind=target, holds=bool(coagg.iloc[-1] < coagg.iloc[0]),
            note=f"the mean is {coagg.iloc[0]:.2f} in the first year, {coagg.iloc[-1]:.2f} in the last; "
            f"the highest is that of {peak}",
        ),
        ledger.printed_claim("A", "text", "Carbon trend", kind=target, holds=turns == [-1, 1, -1]),
    ],
    "tab-ne34-trends",
    "What the text says about levels and trends.",
    stub="sentence",
    **where,
)  # fmt: skip

# %% [markdown]
# "Declining during the sampled years" and "first up, then down" are two descriptions of one series:
# the second is true of the path, the first only of its ends.
#
# {numref}`fig-ne34-groups` splits both series by the State Council's list of resource-based cities
# (the split is ours; the paper prints no trend by group).

# %%
flags = sample.geo["resource_based"].map({1: "resource-based", 0: "other"})
grouped = tabulated.frame[["Coagg", "Carbon"]].reset_index()
grouped["group"] = grouped["city"].map(flags)
means = grouped.groupby(["year", "group"])[["Coagg", "Carbon"]].mean()
by_group = means.unstack()
figure, axes = figures.canvas(1, 2, height=3.2)
for axis, name in zip(axes, means, strict=True):
    sns.lineplot(
        means, x="year", y=name, hue="group", hue_order=by_group[name].columns, ax=axis,
        palette=figures.COLOURS[:by_group[name].shape[1]], legend=axis is axes[0],
    )  # fmt: skip
    axis.set(title=ne34.STUDY.label(name), ylabel="", xticks=by_group.index[::6])
axes[0].legend(title=None)
figures.show(
    figure,
    "fig-ne34-groups",
    "Mean co-agglomeration and carbon intensity by year, resource-based cities and others.",
    alt="Two line charts by year, each with one line for resource-based and one for other cities. "
    f"Carbon intensity averages {by_group['Carbon']['resource-based'].mean():.1f} in resource-based "
    f"cities and {by_group['Carbon']['other'].mean():.1f} in the others.",
    values=by_group.set_axis([" ".join(key) for key in by_group.columns], axis=1),
    **where,
)

# %% [markdown]
# ## Not one data set but many
#
# One simulated data set is one draw. {numref}`tab-ne34-descriptives-seeds` gives, for what is not
# targeted, the median and the range that holds 90 % of the seeds, beside the print. (Means and
# deviations are the same in every seed, being targets.) Of the {glue:text}`ne34_extremes:d` printed
# extremes that the generator was not given, {glue:text}`ne34_extremes_beyond:d` lie further out than
# its range, being more than series as smooth as these reach, and
# {glue:text}`ne34_extremes_within:d` less far out.

# %%
results = validate.load("ne34_seeds").frame
spread = pd.concat(
    {
        item: compare.ranged(compare.seeds(results, "as-printed", "1", item)).assign(
            printed=ledger.published.load("paper_a_table1").set_index("symbol")[item].astype(float)
        )
        for item in ("min", "max")
    },
    axis=1,
)
tables.show(
    spread.rename(index=ne34.STUDY.label),
    "tab-ne34-descriptives-seeds",
    f"Extremes of Table 1 over {int(results['seeds'].max())} seeds of the generator.",
    stub="variable",
    code=[validate.load],
)

# %%
published = ledger.published.load("paper_a_table1").set_index("symbol")
beyond = within = 0
for item, out, near in (("min", "low", "high"), ("max", "high", "low")):
    sign = 1 if item == "max" else -1
    quantiles = compare.seeds(results, "as-printed", "1", item).round(3)
    gaps_out = sign * (published[item].astype(float) - quantiles[out])
    gaps_near = sign * (published[item].astype(float) - quantiles[near])
    free = ~(published.index + f" {item}").isin(given)
    beyond += int((gaps_out > 1e-9)[free].sum())
    within += int((gaps_near < -1e-9)[free].sum())
glue("ne34_extremes", 2 * len(published) - len(given), display=False)
glue("ne34_extremes_beyond", beyond, display=False)
glue("ne34_extremes_within", within, display=False)
glue("ne34_coagg_printed_mean", str(published.loc["Coagg", "mean"]), display=False)
glue("ne34_gov_max", str(published.loc["GOV", "max"]), display=False)
glue("ne34_gov_above_one", int((tabulated.frame["GOV"] > 1).sum()), display=False)
glue("ne34_fdi_printed", str(published.loc["FDI", "std_dev"]), display=False)
glue("ne34_fdi_min", str(published.loc["FDI", "min"]), display=False)
glue("ne34_fdi_max", str(published.loc["FDI", "max"]), display=False)
glue("ne34_fdi_mean", str(published.loc["FDI", "mean"]), display=False)
low, high, mean = (float(published.loc["FDI", item]) for item in ("min", "max", "mean"))
glue("ne34_fdi_bound", float(np.sqrt((high - mean) * (mean - low))), display=False)
glue("ne34_peak_year", YEARS[int(np.argmax(coagglomeration_path()))], display=False)
glue("ne34_sigma", f"{DESIGN.sigma:g}", display=False)
glue("ne34_unit_sum", truth("as-printed").dynamics.unit_root_sum, display=False)
rho, rho_error = rho_implied_by_effects()
glue("ne34_rho_implied", rho, display=False)
glue("ne34_rho_implied_error", rho_error, display=False)
table4, table5 = (ledger.published.estimates(f"paper_a_table{i}") for i in (4, 5))
short_run = audit.implied_multiplier(
    audit.effect_rows(table4, table5, "Model 2", "short"),
    audit.dynamics(table4, "Model 2"),
    "short",
)
glue("ne34_rho_audit", 1 - short_run.denominator, display=False)
glue("ne34_rho_audit_error", short_run.denominator_error, display=False)
