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
# # V.2 How much of the effect on efficiency is the specification? Paper B
#
# :::{simulated}
# 283 real cities, generated series; the outcome is the efficiency index computed from them.
# :::
#
# :::{in-short}
# Estimated in {glue:text}`n_specifications:d` ways on simulated data (matrix, years, controls, estimator and so on),
# paper B's coefficient of co-agglomeration lies between {glue:text}`span_min:.4f` and {glue:text}`span_max:.4f`; in print it
# is {glue:text}`printed`. It is {glue:text}`sign` in {glue:text}`own_same_sign:.0%` of the ways and significant with that
# sign in {glue:text}`own_significant_same_sign:.0%`. What moves that share most is the choice of
# {glue:text}`decides`; with all controls it is {glue:text}`coefficient_all:.0%`, without any
# {glue:text}`coefficient_none:.0%`.
# :::

# %% tags=["parameters"]
quantity: str = "coefficient"  # what is drawn: coefficient | direct effect | total effect
weights: list[str] = []  # weight matrices kept, all if empty:
# inverse-distance | inverse-distance-squared | gravity | nearest-5
dynamics: list[str] = []  # models kept, all if empty: static | dynamic

# %%
import numpy as np

from analysis.book import parameters
from analysis.book.page import numbers, say
from analysis.study.curve import choices, picture, report
from analysis.study.curve.null import SIGNIFICANT
from analysis.papers import curves
from analysis.papers.cities283 import study as cities283
from analysis.papers.cities283.claims import listing
from analysis.study import open_study

parameters.check()
sample = open_study(cities283.STUDY)
page, found = curves.opened(sample, "INA", quantity, weights=weights, dynamics=dynamics)
curve = found.of["curve"]

# %% [markdown]
# Paper B reads its main estimate off one matrix, one sample and one estimator; its Table B9 changes outcome,
# estimator and sample one at a time. {numref}`tab-curve283-choices` lists what could have been chosen otherwise:
# {glue:text}`n_choices:d` choices, {glue:text}`n_tried:d` specifications, of which
# {glue:text}`n_specifications:d` have an estimate here {cite:p}`simonsohn2020`. The outcome is the index computed from the raw tables, not
# the latent efficiency behind them: every estimate is *inherited*, since the generator was given coefficients of
# the latter and none of the former.

# %% [markdown] tags=["when-some_failed"]
# The other {glue:text}`n_failed:d` have none, for {glue:text}`why_failed`.

# %%
found["offered"]

# %% [markdown]
# {numref}`fig-curve-cities283` sorts the estimates. On the screen it can be worked: untick an option,
# and the curve, its median and its shares are those of what is left; the ring marks the book's own
# specification, the dashed line the truth of latent efficiency. Estimates whose 95 % interval leaves out
# zero are drawn in colour.

# %%
found["curve"]

# %% tags=["remove-input"]
picture.live(curve, found["curve"].label, report.quantities(curve, first=("INA", quantity)))

# %% tags=["remove-input"]
say(report.beside_truth(curve, "INA", quantity, of="latent efficiency"))

# %% [markdown]
# {numref}`tab-curve283-shares` sums the curve up. {glue:text}`own_same_sign:.0%` of the coefficients have the
# sign of their median, {glue:text}`own_median:.4f`, and {glue:text}`own_significant_same_sign:.0%` have it and differ
# from zero at 5 %. Of the total effects {glue:text}`total_significant:.0%` do: without controls
# {glue:text}`total_none:.0%`, with all of them {glue:text}`total_all:.0%`, which is by matrix
# {glue:text}`total_by_matrix`.

# %%
sums = found.of["summary"].xs("INA", level="term")
totals = curve.specifications.join(curve.estimates["INA", "total effect"])
totals["significant"] = totals["p_value"] < SIGNIFICANT
by_matrix = totals[totals["controls"] == "all"].groupby("weights")["significant"].mean()
by_option = report.by_choice(curve, "INA", "coefficient")["significant"]
moves = by_option.groupby(level=0).agg(np.ptp)
entering = choices(cities283.STUDY)["controls"].parameter.meaning
numbers(
    own=sums.loc["coefficient"],
    span=curve.estimates[("INA", "coefficient")]["estimate"].agg(["min", "max"]),
    printed=cities283.printed_number("INA, SDM two-way FE"),
    sign="positive" if sums.loc["coefficient", "median"] > 0 else "negative",
    decides=moves.idxmax(),
    coefficient=by_option[entering],
    total_significant=sums.loc["total effect", "significant_same_sign"],
    total=totals.groupby("controls")["significant"].mean(),
    total_by_matrix=listing(by_matrix.sort_values(), ".0%"),
)

# %%
found["shares"]

# %% [markdown]
# ## Which choice moves the estimate
#
# {numref}`tab-curve283-by-choice` gives the median of the curve's estimates under each option, all
# other choices running through all of theirs. A logarithm of an index near one is about the index
# less one, so that the two forms of the outcome can share a curve. With all controls the median is
# {glue:text}`full_median:.4f` and {glue:text}`full_significant:.0%` of the estimates are significant,
# without any {glue:text}`without_median:.4f` and {glue:text}`without_significant:.0%`: the controls
# belong to the model that made these data, and leaving them out moves the estimate itself.

# %%
options = found.of["choices"]
numbers(full=options.loc[(entering, "all")], without=options.loc[(entering, "none")])
found["choices"]

# %% [markdown]
# ## Is the curve more than chance would draw?
#
# The estimates of a curve come from one data set. What the same choices return where there is no
# effect is drawn as in [](../ne34/specification_curve.py): the default model is estimated without co-agglomeration (estimator:
# {glue:text}`null_estimator`), its residuals are drawn anew by whole cities, and {glue:text}`null_specifications:d` specifications
# (each matrix, static and dynamic, corrected and not) are estimated on each of
# {glue:text}`draws:d` data sets built from them (budget: {glue:text}`budget:.0f` s on two idle cores). In
# {glue:text}`incomplete:d` of them up to {glue:text}`most_missing:d` specifications have no estimate and are
# left out. Standard errors are clustered by city. {numref}`tab-curve283-joint` compares.

# %%
curves.against_chance(page, sample, "INA", "tab-curve283-joint")

# %% [markdown]
# The share of these specifications in which co-agglomeration is significant with the median's sign is
# {glue:text}`joint_observed:.0%`; without any effect, one data set in twenty reaches
# {glue:text}`joint_null_95:.0%` or more (P = {glue:text}`joint_p_value:.3f`). Robustness checks on one data set
# survive or fail together, and the second number is the yardstick for the first.
#
# With the study's real files in `data/raw/cities283`, `analysis sweep cities283 -p
# raw=data/raw/cities283` with a `*` for each choice gives the curve of the study itself.
