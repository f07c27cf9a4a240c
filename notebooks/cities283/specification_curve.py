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
# Paper B's model was estimated in {glue:text}`n_specifications:d` ways (matrix, years, controls, estimator and so
# on) on simulated data. The coefficient of co-agglomeration is {glue:text}`sign` in {glue:text}`how_many` of them
# and significant with that sign in {glue:text}`significant:.0%`. {glue:text}`decides`: with them it is significant in
# {glue:text}`coefficient_with` of the ways, without them in {glue:text}`coefficient_without`.
# :::

# %% tags=["parameters"]
quantity: str = "coefficient"  # what is drawn: coefficient | direct effect | total effect
weights: list[str] = []  # weight matrices kept, all if empty:
# inverse-distance | inverse-distance-squared | gravity | nearest-5
dynamics: list[str] = []  # models kept, all if empty: static | dynamic

# %%
from analysis.book import heavy, parameters
from analysis.book.page import Page, numbers, say
from analysis.study.curve import choices, picture, report
from analysis.study.curve.null import SIGNIFICANT, joint_test, null_fit, null_grid, shares
from analysis.papers.cities283 import study as cities283
from analysis.study import open_study

parameters.check()
sample = open_study(cities283.STUDY)
estimated = heavy.load("curve-cities283")
table = report.kept(estimated.frame, weights=weights, dynamics=dynamics)
curve = picture.Curve.of(cities283.STUDY, table, sample)
summary = shares(table[table["error"].isna()])
page = Page(captions=cities283.STUDY.captions)

# %% [markdown]
# Paper B reads its main estimate off one matrix, one sample and one estimator; its Table B9 changes outcome,
# estimator and sample one at a time. {numref}`tab-curve283-choices` lists what could have been chosen otherwise:
# {glue:text}`n_choices:d` choices, {glue:text}`n_specifications:d` specifications, all of them
# estimated here {cite:p}`simonsohn2020`. The outcome is the index computed from the raw tables, not
# the latent efficiency behind them: every estimate is *inherited*, since the generator was given coefficients of
# the latter and none of the former.

# %%
numbers(n_choices=len(curve.choices), n_specifications=len(curve.specifications))
page.by(picture.Curve).table(report.choices_table(curve), "tab-curve283-choices")

# %% [markdown]
# {numref}`fig-curve-cities283` sorts the estimates. On the screen it can be worked: untick an option,
# and the curve, its median and its shares are those of what is left; the ring marks the book's own
# specification, the dashed line the truth of latent efficiency. Estimates whose 95 % interval leaves out
# zero are drawn in colour.

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

# %% tags=["remove-input"]
say(report.beside_truth(curve, "INA", quantity, of="latent efficiency"))

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
by_option = report.by_choice(curve, "INA", "coefficient")["significant"]
moves = by_option.groupby(level=0).agg(lambda part: part.max() - part.min())
entering = choices(cities283.STUDY)["controls"].parameter.meaning
by_matrix = totals[totals["controls"] == "all"].groupby("weights")["significant"].mean()

# %%
numbers(
    sign="positive" if own["median"] > 0 else "negative",
    how_many="all" if own["same_sign"] == 1 else f"{own['same_sign']:.0%}",
    decides="The controls decide most"
    if moves.idxmax() == entering
    else f"Most is decided by the {moves.idxmax()}, but the controls matter",
    coefficient_with=f"{by_option[entering, 'all']:.0%}",
    coefficient_without=f"{by_option[entering, 'none']:.0%}",
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
page.by(shares).table(report.shares_table(summary), "tab-curve283-shares")

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
)

# %% [markdown]
# ## Is the curve more than chance would draw?
#
# The estimates of a curve come from one data set. What the same choices return where there is no
# effect is drawn as in Part I: the default model is estimated without co-agglomeration (estimator:
# {glue:text}`null_estimator`), its residuals are drawn anew by whole cities, and {glue:text}`null_specifications:d` specifications
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
    null_estimator=null_fit(cities283.STUDY).specification.estimator,
    draws=int(null["draw"].max()) + 1,
    incomplete=int((missing > 0).sum()),
    most_missing=int(missing.max()),
    budget=heavy.results()["curve-cities283-null"].budget,
    null_share=share["null_95"],
    own_share=share["observed"],
    joint_p=share["p_value"],
)
page.by(joint_test).table(report.joint_table(joint), "tab-curve283-joint")

# %% [markdown]
# The share of these specifications in which INA is significant with the median's sign is
# {glue:text}`own_share:.0%`; without any effect, one data set in twenty reaches
# {glue:text}`null_share:.0%` or more (P = {glue:text}`joint_p:.3f`). Robustness checks on one data set
# survive or fail together, and the second number is the yardstick for the first.
#
# With the study's real files in `data/raw/cities283`, `analysis sweep cities283 -p
# raw=data/raw/cities283` with a `*` for each choice gives the curve of the study itself.
