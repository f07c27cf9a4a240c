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
# With all controls {glue:text}`total_with:.0%` of the total effects of
# co-agglomeration differ from zero, without them {glue:text}`total_without:.0%`. Over all
# {glue:text}`n_specifications:d` specifications {glue:text}`same:.0%` of the coefficients have the sign of their
# median, {glue:text}`median:.4f`, and {glue:text}`significant:.0%` are significant besides.
# :::

# %% tags=["parameters"]
quantity: str = "coefficient"  # what is drawn: coefficient | direct effect | total effect
weights: list[str] = []  # weight matrices kept, all if empty:
# inverse-distance | inverse-distance-squared | gravity | nearest-5
dynamics: list[str] = []  # models kept, all if empty: static | dynamic

# %%
from analysis.book import heavy, parameters
from analysis.book.page import Page, numbers
from analysis.study.curve import choices, picture, report
from analysis.study.curve.null import SIGNIFICANT, joint_test, null_grid, shares
from analysis.papers.cities283 import study as cities283
from analysis.study import open_study

parameters.check()
sample = open_study(cities283.STUDY)
estimated = heavy.load("curve-cities283")
table = report.kept(estimated.frame, weights=weights, dynamics=dynamics)
curve = picture.Curve.of(cities283.STUDY, table)
summary = shares(table[table["error"].isna()])
page = Page()

# %% [markdown]
# Paper B regresses an efficiency index on co-agglomeration (INA) with one matrix, one sample and one
# estimator. {numref}`tab-curve283-choices` lists what could have been chosen otherwise:
# {glue:text}`n_choices:d` choices, {glue:text}`n_specifications:d` specifications, all of them
# estimated here {cite:p}`simonsohn2020`. The outcome is the index computed from the raw tables, not
# the latent efficiency behind them: every estimate is *inherited*, since the generator was given coefficients of
# the latter and none of the former.

# %%
numbers(n_choices=len(curve.choices), n_specifications=len(curve.specifications))
page.by(picture.Curve).table(
    report.choices_table(curve),
    "tab-curve283-choices",
    "Choices of the 283-city study's specification curve; the book's own comes first.",
    stub="choice",
)

# %% [markdown]
# {numref}`fig-curve-cities283` sorts the estimates. On the screen it can be worked: untick an option,
# and the curve, its median and its shares are those of what is left; the ring marks the book's own
# specification. Estimates whose 95 % interval leaves out zero are drawn in colour.

# %%
drawn = page.by(picture.still, picture.live).figure(
    picture.still(curve, "INA", quantity),
    "fig-curve-cities283",
    f"Specification curve of INA ({quantity}), simulated data: estimates with 95 % intervals in "
    "ascending order, and the choices behind each.",
    alt=report.alternative(curve, "INA", quantity),
    values=curve.specifications.join(curve.estimates[("INA", quantity)]),
)
drawn

# %% tags=["remove-input"]
picture.live(curve, drawn.label, report.quantities(curve, first=("INA", quantity)))

# %% [markdown]
# {numref}`tab-curve283-shares` sums the curve up. {glue:text}`same:.0%` of the coefficients have the
# sign of their median, {glue:text}`median:.4f`, and {glue:text}`significant:.0%` have it and differ
# from zero at 5 %. Of the total effects {glue:text}`significant_total:.0%` do. The controls
# matter: without them {glue:text}`total_without:.0%` of the total effects differ from zero, with all of them
# {glue:text}`total_with:.0%`, by matrix {glue:text}`total_by_matrix`.

# %%
own = summary.set_index(["term", "quantity"]).loc[("INA", "coefficient")]
total = summary.set_index(["term", "quantity"]).loc[("INA", "total effect")]
totals = table[table["error"].isna()].query("term == 'INA' and quantity == 'total effect'")
totals = totals.assign(significant=totals["p_value"] < SIGNIFICANT)
by_controls = totals.groupby("controls")["significant"].mean()
by_matrix = totals[totals["controls"] == "all"].groupby("weights")["significant"].mean()
numbers(
    same=own["same_sign"],
    median=own["median"],
    significant=own["significant_same_sign"],
    significant_total=total["significant_same_sign"],
    total_with=by_controls["all"],
    total_without=by_controls["none"],
    total_by_matrix=", ".join(
        f"{v:.0%} under {name}" for name, v in by_matrix.sort_values().items()
    ),
)

# %%
page.by(shares).table(
    report.shares_table(summary),
    "tab-curve283-shares",
    "The specification curve in numbers: median, share with the median's sign, share significant "
    "at 5 % with that sign, simulated data.",
    digits=4,
    stub="term",
    formats={"specifications": ".0f", "same sign": ".0%", "significant": ".0%", "mean z": ".2f"},
)

# %% [markdown]
# ## Which choice moves the estimate
#
# {numref}`tab-curve283-by-choice` gives the median of the curve's estimates under each option, all
# other choices running through all of theirs. A logarithm of an index near one is about the index
# less one, so that the two forms of the outcome can share a curve. With all controls the median is
# {glue:text}`median_with:.4f` and {glue:text}`with_controls:.0%` of the estimates are significant,
# without any {glue:text}`median_without:.4f` and {glue:text}`without_controls:.0%`: the controls
# belong to the model that made these data, and leaving them out moves the estimate itself.

# %%
options = report.by_choice(curve, "INA", quantity)
entered = options.loc[choices(cities283.STUDY)["controls"].parameter.meaning]
numbers(
    median_with=entered.loc["all", "median"],
    median_without=entered.loc["none", "median"],
    with_controls=entered.loc["all", "significant"],
    without_controls=entered.loc["none", "significant"],
)
page.by(report.by_choice).table(
    options,
    "tab-curve283-by-choice",
    f"Estimates of INA ({quantity}) by choice: median and share significant at 5 %, simulated data.",
    digits=4,
    stub="option",
    formats={"specifications": ".0f", "significant": ".0%"},
)

# %% [markdown]
# ## Is the curve more than chance would draw?
#
# The estimates of a curve come from one data set. What the same choices return where there is no
# effect is drawn as in Part I: the default model is estimated without co-agglomeration, its
# residuals are drawn anew by whole cities, and {glue:text}`null_specifications:d` specifications
# (each matrix, static and dynamic, corrected and not) are estimated on each of
# {glue:text}`draws:d` data sets built from them (budget: {glue:text}`budget:.0f` s on two idle cores). In
# {glue:text}`incomplete:d` of them up to {glue:text}`most_missing:d` specifications have no estimate and are
# left out. Standard errors are clustered by city. {numref}`tab-curve283-joint` compares.

# %%
null = heavy.load("curve-cities283-null").frame
grid = null_grid(cities283.STUDY)
missing = len(grid) - null[null["draw"] >= 0].groupby("draw")["count"].min()
joint = joint_test(null[null["draw"] < 0], null[null["draw"] >= 0])
share = joint.set_index("statistic").loc["significant_same_sign"]
numbers(
    null_specifications=len(grid),
    draws=int(null["draw"].max()) + 1,
    incomplete=int((missing > 0).sum()),
    most_missing=int(missing.max()),
    budget=heavy.results()["curve-cities283-null"].budget,
    null_share=share["null_95"],
    own_share=share["observed"],
    joint_p=share["p_value"],
)
page.by(joint_test).table(
    report.joint_table(joint),
    "tab-curve283-joint",
    "Joint inference over the specification curve: observed statistics, their 95 % point where "
    "co-agglomeration has no effect, and P, simulated data.",
    digits=4,
    stub="term",
    formats={"P": ".3f"},
)

# %% [markdown]
# The share of these specifications in which INA is significant with the median's sign is
# {glue:text}`own_share:.0%`; without any effect, one data set in twenty reaches
# {glue:text}`null_share:.0%` or more (P = {glue:text}`joint_p:.3f`). Robustness checks on one data set
# survive or fail together, and the second number is the yardstick for the first.
#
# With the study's real files in `data/raw/cities283`, `analysis sweep cities283 -p
# raw=data/raw/cities283` with a `*` for each choice gives the curve of the study itself.
