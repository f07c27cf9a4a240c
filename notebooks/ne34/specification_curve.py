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
# # V.1 Does the answer depend on the specification? Paper A
#
# :::{simulated}
# 34 real cities, generated series, scenario *as printed*; what the curve is held against is the truth
# that the generator was given.
# :::
#
# :::{in-short}
# In {glue:text}`n_specifications:d` specifications the sign of the square of co-agglomeration turns in
# {glue:text}`turned:.1%`; its size goes from {glue:text}`span_min:.3f` to {glue:text}`span_max:.3f` (median
# {glue:text}`median:.3f`), and {glue:text}`significant:.1%` differ from zero with the median's sign. Such agreement is
# not accuracy: the truth behind these data is
# {glue:text}`true_square:.3f`, {glue:text}`overshoot:.0%` of the estimates lie below it, and the turn of the curve still goes from {glue:text}`turn_05:.2f` to
# {glue:text}`turn_95:.2f`, with the truth at {glue:text}`turn_true:.2f`.
# :::

# %% tags=["parameters"]
term: str = "Coagg^2"  # term of the curve and its table: Coagg | Coagg^2
quantity: str = "coefficient"  # what is drawn: coefficient | direct effect | total effect
weights: list[str] = []  # weight matrices kept, all if empty:
# additive-nest | inverse-distance | inverse-distance-squared | product | gravity | nearest-5
dynamics: list[str] = []  # models kept, all if empty: static | dynamic

# %%
from analysis.book import parameters
from analysis.study.curve import picture, report
from analysis.book.page import numbers, say
from analysis.papers import curves
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import open_study

parameters.check()
sample = open_study(ne34.STUDY)
page, found = curves.opened(sample, term, quantity, weights=weights, dynamics=dynamics)
curve = found.of["curve"]

# %% [markdown]
# Every estimate of the previous chapters rests on choices that another analyst could have made
# otherwise: who is near whom, which years, whether tails are pulled in, whether the extreme city
# stays, which controls enter, static or dynamic, how the bias of the fixed effects is treated, how
# standard errors are computed. Here all combinations of {glue:text}`n_choices:d` such choices are
# estimated, {glue:text}`n_specifications:d` specifications in all, and shown at once as a
# specification curve {cite:p}`simonsohn2020`. {numref}`tab-curve-ne34-choices` lists the choices.

# %%
found["offered"]

# %% [markdown]
# {numref}`fig-curve-ne34` sorts the estimates of the square of co-agglomeration, on which the
# inverted U rests. On the screen it can be worked: untick an option, and the curve, its median and
# its shares are those of what is left; the ring marks the book's own specification, the dashed line the
# truth. Estimates whose 95 % interval leaves out zero are drawn in colour.

# %%
found["curve"]

# %% tags=["remove-input"]
picture.live(curve, found["curve"].label, report.quantities(curve, first=(term, quantity)))

# %% tags=["remove-input"]
say(report.beside_truth(curve, term, quantity))

# %% [markdown]
# {numref}`tab-curve-shares` sums the curve up. The data are simulated with coefficients of
# {glue:text}`true_linear:.3f` and {glue:text}`true_square:.3f`; the book's own specification, which is that
# of the truth, gives {glue:text}`own_square:.3f` for the square on this draw. What lies between these two
# is the luck of one data set, and every specification has nearly the same luck; what lies between
# {glue:text}`own_square:.3f` and the rest of the curve is, for the most part, the choice.
# {glue:text}`same:.1%` of the estimates of the square have the sign of their median, and {glue:text}`significant:.1%` have
# it and differ from zero at 5 %. The median over all specifications is
# {glue:text}`median:.3f`. Half of the curve uses the uncorrected estimator, and half leaves the
# controls out: a median over specifications is a description of choices, not an estimate.

# %%
square = found.of["summary"].loc["coefficient", "Coagg^2"]
estimates = curve.estimates[("Coagg^2", "coefficient")]["estimate"]
numbers(
    true_linear=sample.truth["Coagg"],
    true_square=sample.truth["Coagg^2"],
    own_square=made.main_fits(sample)["Model 2"].params["Coagg^2"],
    same=square["same_sign"],
    turned=1 - square["same_sign"],
    span=estimates.agg(["min", "max"]),
    significant=square["significant_same_sign"],
    median=square["median"],
    overshoot=(estimates < sample.truth["Coagg^2"]).mean(),
)
found["shares"]

# %% [markdown]
# ## Which choice moves the estimate
#
# {numref}`tab-curve-by-choice` gives the median of the curve's estimates under each option, all
# other choices running through all of theirs. Where the medians of a choice lie far apart, a reader
# of the paper should ask why that option was taken.

# %%
found["choices"]

# %% [markdown]
# ## Turning points
#
# The turning point $-\beta_1 / (2 \beta_2)$ is a ratio of two estimates that move together. Between
# the 5 % and the 95 % point of the curve it goes from {glue:text}`turn_05:.2f` to
# {glue:text}`turn_95:.2f`, with the truth at {glue:text}`turn_true:.2f`: a range over specifications of
# one data set is no confidence interval and need not hold the truth. In
# {glue:text}`turn_outside:.0%` of the specifications the turn lies outside the range of
# co-agglomeration in the data. {numref}`tab-curve-turning` tells models and estimators apart.

# %%
turning = curve.estimates[("Coagg", "turning point")]["estimate"]
observed = sample.panel.frame["Coagg"]
numbers(
    turn_05=turning.quantile(0.05),
    turn_95=turning.quantile(0.95),
    turn_true=-sample.truth["Coagg"] / (2 * sample.truth["Coagg^2"]),
    turn_outside=(~turning.between(observed.min(), observed.max())).mean(),
)
turns = report.turning_points(curve, observed)
page.by(report.turning_points).table(turns, "tab-curve-turning")

# %% [markdown]
# ## Is the curve more than chance would draw?
#
# The estimates of a curve come from one data set, so that a share of significant ones means little
# until it is held against what the same choices return where there is no effect. For that the
# default model is estimated without co-agglomeration, its residuals are drawn anew by whole cities,
# and {glue:text}`null_specifications:d` specifications (each matrix, static and dynamic, corrected
# and not) are estimated on each of {glue:text}`draws:d` data sets built from them (budget:
# {glue:text}`budget:.0f` s on two idle cores). {numref}`tab-curve-joint` compares. Standard errors are clustered by city here.

# %%
curves.against_chance(page, sample, "Coagg^2", "tab-curve-joint")

# %% [markdown]
# The share of specifications in which the square is significant with the median's sign is
# {glue:text}`joint_observed:.0%`; without any effect, one data set in twenty reaches
# {glue:text}`joint_null_95:.0%` or more (P = {glue:text}`joint_p_value:.3f`). How large that second number is
# should be remembered when a paper reports that a result "survives" its robustness checks: checks
# on the same data survive or fail together.
#
# ## What would change with the real files
#
# The curve above shows how much the specification matters when the model behind the data is known.
# With the study's real files in `data/raw/ne34`, `analysis sweep ne34 -p raw=data/raw/ne34` with a
# `*` for each choice gives the curve of the study itself.
