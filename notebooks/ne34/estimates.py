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
# # I.5 Estimates: paper A, Table A4

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied |
# levels-at-random
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20
std_errors: str = "information"  # standard errors:
# information | observed | sandwich | cluster | driscoll-kraay | conley

# %%
import numpy as np
import pandas as pd
import seaborn as sns

from analysis.book import compare, figures, heavy as validate
from analysis.book.page import conditions, numbers
from analysis.book.tables import p_value
from analysis.inference.contrasts import likelihood_ratio
from analysis.inference.turning_point import quadratic_report
from analysis.papers.ne34 import tables as made
from analysis.study import results, sections, tryit

sample, page = made.opened(globals(), made.main_fits)
found = sections.estimates(sample)
static, dynamic = made.main_fits(sample).values()
theirs, theirs_static = made.printed("4", "Model 2"), made.printed("4", "Model 1")
report, holds = made.bend(dynamic), made.standing(sample)
values = sample.panel.values("Coagg")
turning = values.min() < report["turning_point"] < values.max()
stood_in = made.stood_in({"the static model": static, "the dynamic model": dynamic})
numbers(ne34_stood_in=stood_in)
conditions(turning=turning, unturned=not turning, stood_in=bool(stood_in))
sample.banner

# %% [markdown]
# :::{in-short}
# The dynamic model of Table A4 has {glue:text}`print_b1` for co-agglomeration and
# {glue:text}`print_b2` for its square: an inverted U that turns at {glue:text}`print_turn:.3f`.
# On the data here the two are {glue:text}`ne34_here_coagg_estimate:.3f` ({glue:text}`ne34_here_coagg_std_error:.3f`) and {glue:text}`ne34_here_coagg_2_estimate:.3f`
# ({glue:text}`ne34_here_coagg_2_std_error:.3f`).
# :::

# %% [markdown] tags=["when-turning"]
# :::{in-short}
# That curve turns at {glue:text}`ne34_here_turn:.2f`, and {glue:text}`ne34_beyond_years:d` of {glue:text}`ne34_n:d`
# city-years lie beyond.
# :::

# %% [markdown] tags=["when-unturned"]
# :::{in-short}
# That curve does not turn within the data.
# :::

# %% [markdown] tags=["when-seeded"]
# :::{in-short}
# What cannot be had on paper A's cities, with the dense matrix assumed here, is ρ: where the truth is
# {glue:text}`ne34_over_rho_truth:.2f`, the uncorrected estimator, what programs give unless told otherwise, has
# {glue:text}`ne34_over_rho_direct:.2f` in the median, and even the corrected one leaves a 90 % range of
# {glue:text}`ne34_rho_width:.1f`.
# :::

# %% [markdown]
# The static model, the paper's equation (1), explains carbon intensity by this year's co-agglomeration,
# its square, six controls, and the neighbours' values of all of these and of carbon intensity itself. The
# dynamic model, equation (2), adds last year's carbon intensity, here and next door. In the book's letters
#
# $$
# y_t = \rho W y_t + \tau y_{t-1} + \eta W y_{t-1} + X_t \beta + W X_t \theta + \mu + \xi_t \iota + \varepsilon_t ,
# $$
#
# with city effects $\mu$ and year effects $\xi_t$ ([both equations as printed](../../book/notation.md), with
# their slips: a single coefficient for all controls, β₀ that the text calls θ₀). The default estimator
# removes the effects by orthonormal transformations before it maximises the likelihood
# {cite:p}`leeyu2010`, and corrects the dynamic model for the bias of order $1/T$
# {cite:p}`yudejonglee2008,leeyu2010dynamic`. In {numref}`tab-ne34-main` this
# default is called *transformation*. Beside it stands what programs mostly do unless told otherwise: the same
# likelihood with dummy variables and no correction, *direct* in the table and *uncorrected* in the text.

# %%
found["table"]

# %% [markdown] tags=["when-stood_in"]
# Not every model has an estimate by the default here: its likelihood rises up to the edge of the parameter space. Another
# estimator stands in: {glue:text}`ne34_stood_in`.

# %%
tryit.estimates(sample, "ne34/estimates")

# %% [markdown]
# ## Beside print
#
# {numref}`tab-ne34-dynamic-beside` sets the dynamic model beside the print, {numref}`tab-ne34-static-beside` the
# static one.

# %% [markdown] tags=["when-recovers"]
# The dynamic model's parameters are those the generator was given, so its estimates are *recovered*: the
# verdict judges them against the truth. That one in twenty lies outside its sampling error is what 95 % means.
# The static model leaves out what drives these data, last year's carbon intensity, so it has no truth to
# recover.

# %%
claims = made.column_claims(sample, "4", {"Model 2": dynamic}, sample.estimate_kind)
page.beside(claims, "tab-ne34-dynamic-beside", labels=made.PRINTED_LABELS)

# %%
claims = made.column_claims(sample, "4", {"Model 1": static})
page.beside(claims, "tab-ne34-static-beside", labels=made.PRINTED_LABELS)

# %% [markdown] tags=["when-seeded"]
# ## What an uncorrected ρ looks like
#
# {numref}`fig-ne34-seeds` repeats the dynamic model on {glue:text}`ne34_n_seeds:d` data sets from the
# same truth. The coefficients of co-agglomeration have medians near their truth by either estimator. The
# lag of carbon intensity falls short of it: without correction τ comes out at {glue:text}`ne34_over_tau_direct:.2f`, by the
# default at {glue:text}`ne34_over_tau_default:.2f`, where the truth is {glue:text}`ne34_over_tau_truth:.2f`. The
# spatial parameters are further off: the uncorrected ρ has its median at {glue:text}`ne34_over_rho_direct:.2f`
# where the truth is {glue:text}`ne34_over_rho_truth:.2f`, the default's at {glue:text}`ne34_over_rho_default:.2f`, and
# η is pushed the other way. {numref}`tab-ne34-seeds` has all terms.
#
# [](../validation/monte_carlo.py) draws samples of the same shape from a simpler model:
# {numref}`tab-bias-rho` has the bias of ρ at several truths and on several matrices, where it depends on $W$
# more than on the truth, and {numref}`tab-dynamic-bias` the dynamic model. So a printed ρ from such data
# means little by itself. A positive one, from an uncorrected estimator on this matrix, asks for a
# truth far above itself; a negative one is what a positive truth looks like. With these cities and a
# dense $W$ even the corrected estimator leaves a 90 % range of {glue:text}`ne34_rho_width:.1f`.
#
# The static model has no truth to be held against ({numref}`tab-ne34-static-seeds`). With last year's carbon
# intensity left out, ρ stands in for it: by the default it ranges from {glue:text}`ne34_static_low:.2f` to
# {glue:text}`ne34_static_high:.2f`.

# %% tags=["when-seeded"]
seeds = validate.load("ne34_seeds").frame
at = scenario if holds["seeded"] else "as-printed"
default, uncorrected = (
    compare.seeds(seeds, at, table, "Model 2") for table in ("4", "4 uncorrected")
)
true = made.truth(at)
drawn = ["L.Carbon", "W.L.Carbon", "rho", "Coagg", "Coagg^2"]
numbers(ne34_n_seeds=int(seeds["seeds"].max()), ne34_seeds_at=at)
over = pd.concat({"default": default, "uncorrected": uncorrected})
shown = {name: over.loc[name].loc[drawn] for name in ("default", "uncorrected")}
page.by(validate.load).intervals(shown, "fig-ne34-seeds", over, truth=true, printed=theirs.params)

# %% tags=["when-seeded"]
columns = {"default": ("4", "Model 2"), "uncorrected": ("4 uncorrected", "Model 2")}
over = {"": pd.DataFrame({"truth": true, "here": dynamic.params})}
over = pd.concat(over | compare.over_seeds(seeds, at, columns), axis=1).loc[dynamic.params.index]
page.by(validate.load).table(over, "tab-ne34-seeds")

# %% tags=["when-seeded"]
columns = {"default": ("4", "Model 1"), "uncorrected": ("4 uncorrected", "Model 1")}
over = {"": pd.DataFrame({"printed": theirs_static.params, "here": static.params})}
over = pd.concat(over | compare.over_seeds(seeds, at, columns), axis=1).loc[static.params.index]
page.by(validate.load).table(over, "tab-ne34-static-seeds")

# %% [markdown]
# ## The inverted U and where it turns
#
# With own coefficients $b_1$ of co-agglomeration and $b_2$ of its square the curve turns at
# $-b_1 / (2 b_2)$. A negative $b_2$ alone does not make an inverted U on the range of the data: Lind and
# Mehlum's test asks that the slope be positive at the lower end and negative at the upper
# {cite:p}`lindmehlum2010`; the paper reports no such test. Two intervals for the turning point stand in
# {numref}`tab-ne34-turning`; the delta method's is symmetric by construction, Fieller's is not and may be
# unbounded. {numref}`fig-ne34-inverted-u` draws the curve above the data that carry it.

# %%
direct = found.of["fits"]["dynamic", "direct"]
compared = {"static": static, "dynamic": dynamic, "dynamic, uncorrected": direct}
reports = {name: made.bend(fitted) for name, fitted in compared.items()}
page.by(quadratic_report).table(pd.DataFrame(reports), "tab-ne34-turning")

# %%
grid = np.linspace(0, float(values.max()), 200)
height = made.height(dynamic, grid)
figure, axes = figures.canvas(2, 1, height=4.8, sharex=True, height_ratios=[3, 1])
figures.band(axes[0], height["estimate"], height["low"], height["high"], label="estimated")
others = {"printed": theirs.params} | ({"truth": sample.truth} if sample.recovers else {})
looks = {"linewidth": 6, "alpha": 0.25}, {"linestyle": "--"}
for (name, b), look in zip(others.items(), looks, strict=False):
    curve = b["Coagg"] * grid + b["Coagg^2"] * grid**2
    axes[0].plot(grid, curve, label=name, color=figures.INK, **look)
if turning:
    axes[0].axvline(report["turning_point"], color=figures.COLOURS[1], linewidth=1)
axes[0].set(ylabel="contribution to carbon\nintensity, t per 10⁴ yuan")
axes[0].legend()
sns.histplot(sample.panel.frame["Coagg"], bins=40, color=figures.MUTED, linewidth=0, ax=axes[1])
axes[1].set(xlabel="co-agglomeration", ylabel="city-years")
tenths = sample.panel.frame["Coagg"].quantile([0.05, 0.95])
numbers(
    ne34_here_turn=report["turning_point"],
    ne34_tenths=tenths,
    ne34_turn_drawn=" The vertical line is the turning point." if turning else "",
    ne34_turn_seen=f"turns at {report['turning_point']:.2f}" if turning else "does not turn",
)
page.by(made.height).figure(figure, "fig-ne34-inverted-u", values=height)

# %% [markdown] tags=["when-turning"]
# Of all city-years {glue:text}`ne34_beyond_years:d` lie to the right of the turn, those of
# {glue:text}`ne34_beyond_names`; {glue:text}`ne34_always_beyond:d` of these cities lie there in every
# year.

# %% [markdown] tags=["when-falling"]
# The falling branch is a statement about them.

# %% [markdown] tags=["when-rest"]
# Without them the coefficient of the square is {glue:text}`ne34_rest_estimate:.2f`
# ({glue:text}`ne34_rest_std_error:.2f`) instead of {glue:text}`ne34_here_coagg_2_estimate:.2f`
# ({glue:text}`ne34_here_coagg_2_std_error:.2f`), and the P of the U test is {glue:text}`ne34_rest_u:.2f`.

# %% [markdown]
# A straight line has a log-likelihood lower by {glue:text}`ne34_straight:.1f`; the likelihood ratio test on
# {glue:text}`ne34_straight_df:d` degrees of freedom has {glue:text}`ne34_straight_p`. Replacing the
# two terms by the logarithm of co-agglomeration, a curve that flattens and never falls, lowers it by
# {glue:text}`ne34_flattening:.1f` and saves as many parameters; the models are not nested, so this is no
# test.

# %% [markdown] tags=["when-simulated"]
# That the truth is quadratic is known here, and would have to be argued on real data.

# %%
rest, years_beyond = results.without_units_beyond(sample, "Coagg", report["turning_point"])
rivalling = results.rival_shapes(sample, "Coagg")
line = likelihood_ratio(dynamic, rivalling["straight"])
beyond, fewer = years_beyond[years_beyond > 0], made.main_fits(rest or sample)["Model 2"]
conditions(rest=turning and rest is not None, falling=turning and report["shape"] == "inverted U")
numbers(
    ne34_n=values.size,
    ne34_beyond_years=beyond.sum(),
    ne34_beyond_names=", ".join(sample.places.loc[beyond.index, "name_en"]) or "no city",
    ne34_always_beyond=(beyond == sample.panel.n_periods).sum(),
    ne34_rest=fewer.summary.loc["Coagg^2"],
    ne34_rest_u=made.bend(fewer)["u_p"],
    ne34_straight=line.statistic / 2,
    ne34_straight_df=line.df,
    ne34_straight_p=p_value(line.p_value),
    ne34_flattening=dynamic.loglik - rivalling["flattening"].loglik,
)

# %% [markdown]
# ## What the paper concludes from the controls
#
# From one column, the dynamic model, the paper draws its reading of the region (section 4.2.2).
# *Economic development and infrastructure* lower carbon intensity, at 1 % and 10 %: industry is upgraded,
# transport and transaction cost less. Against this stand **dual obstacles**. *Environmental policy failure*:
# regulation goes with more carbon, at 1 %, perhaps because a weak economy makes local enforcement lax and
# because firms under cost pressure cut innovation. A *disconnect in green innovation*: the coefficient of
# technology is negative and not significant, read as too little commercial use of green technology. Besides,
# *openness* raises intensity at 5 %, a pollution haven; and *government intervention* raises it at 1 %,
# by little, so that its means need improvement.
#
# {numref}`tab-ne34-controls` sets the printed column beside the four others that have the same controls.
# Sign and significance at 5 % hold in all five for {glue:text}`ne34_controls_stay`. The sign turns from
# column to column for {glue:text}`ne34_controls_turn`: regulation raises intensity only where
# last year's intensity is in the model, and technology raises it at 10 % where it is not. Both obstacles
# rest on these two. A coefficient that is not significant shows that an effect cannot be told from none,
# not that a link is missing; and none of the coefficients is shown to be causal.

# %%
page.by(made.settled).table(made.settled("cells"), "tab-ne34-controls")

# %% [markdown]
# ## Sentence by sentence
#
# {numref}`tab-ne34-estimates-words` ties what the text says about Table A4 to the numbers here;
# [the audit](../referee/audit_ne34.py) holds the same sentences, by the same rule, against the print.

# %%
few = f"{len(beyond)} of {sample.panel.n_units} cities in some year; few is taken as below a fifth"
rare, other = 0 < len(beyond) < sample.panel.n_units / 5, sample.derived_kind
kind, fits = sample.estimate_kind, {"Model 1": static.summary, "Model 2": dynamic.summary}
claims = made.sentences("4", fits, kind, {"rho Model 1": other})
claims += made.said({"left of the turn": values.mean() < report["turning_point"]}, kind)
beyond_few = "cities beyond the inflection point"
claims += made.said({beyond_few: rare}, other, {beyond_few: few})
made.told(page, claims, "tab-ne34-estimates-words")

# %% tags=["remove-cell"]
medians = {"truth": true, "default": default["median"], "direct": uncorrected["median"]}
numbers(
    ne34_here=dynamic.summary.loc[made.CURVE, ["estimate", "std_error"]],
    ne34_over=pd.DataFrame(medians).rename({"L.Carbon": "tau"}).loc[["tau", "rho"]],
    ne34_rho_width=default.loc["rho", "high"] - default.loc["rho", "low"],
    ne34_static=compare.seeds(seeds, at, "4", "Model 1").loc["rho"],
    ne34_controls={how: made.controls_that(how) for how in ("stay", "turn")},
)
