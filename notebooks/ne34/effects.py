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
# # I.6 Effects, short and long run: paper A, Table A5

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

horizon: int = 15  # years that the responses are followed: 5..40

# %%
import numpy as np
import pandas as pd

from analysis.book import compare, figures, heavy as validate
from analysis.book.page import conditions, numbers
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import sections, tryit

sample, page = made.opened(globals())
found = sections.effects(sample)
fit, effects = found.of["fit"], found.of["effects"]
stability, page = fit.stability, page.by(type(fit).effects)
conditions(stable=stability.is_stable, unstable=not stability.is_stable)
sample.banner

# %% [markdown]
# :::{in-short}
# Table A5 cannot come from Table A4. With the printed ρ every short-run total would be
# {glue:text}`ne34_ratio_needed:.2f` times β + θ; the printed totals are
# {glue:text}`ne34_ratio_min:.2f` to {glue:text}`ne34_ratio_max:.2f` times β + θ, as a ρ of about the
# same size with the *other* sign makes them, and {glue:text}`ne34_signs_turned:d` of the eight
# long-run totals have the sign that it gives (with the printed ρ {glue:text}`ne34_signs_printed:d`).
# On the data here the short-run direct effect of co-agglomeration is {glue:text}`ne34_direct_estimate:.2f`
# ({glue:text}`ne34_direct_std_error:.2f`).
# :::

# %% [markdown] tags=["when-unstable"]
# :::{in-short}
# Long-run effects do not exist, because the estimate is unstable.
# :::

# %% [markdown] tags=["when-stable"]
# :::{in-short}
# The long-run one is {glue:text}`ne34_long_direct:.2f`.
# :::

# %% [markdown]
# In a model with spatial lags a coefficient is not an effect: a change in one city returns through its
# neighbours. The short-run effects of a regressor are the entries of
# $(I - \rho W)^{-1}(\beta I + \theta W)$; the mean of its diagonal is the *direct*, the mean of
# its row sums the *total* and their difference the *indirect* effect {cite:p}`lesagepace2009,elhorst2014`.
# In the long run $(I - \rho W)^{-1}$ becomes $[(1 - \tau) I - (\rho + \eta) W]^{-1}$. For a row-standardised
# $W$ the totals are $(\beta + \theta)/(1 - \rho)$ and $(\beta + \theta)/(1 - \tau - \rho - \eta)$: the
# second exists only if τ + ρ + η is below one.
#
# ## From the print alone
#
# {numref}`tab-ne34-implied` computes the printed Table A5 from the printed Table A4 by these formulas alone.
# The short-run totals need no weight matrix beyond row sums of one
# ([the audit](../referee/audit_ne34.py) does without that, too). With the printed ρ they do not agree with
# the print, and the long-run totals turn their sign, because the denominator
# {glue:text}`ne34_denominator:.3f` is negative. With the sign of ρ turned round the short-run totals come
# close to the print.
#
# A detail of the text: it takes the turning point from the "direct impact coefficients" of Table A4. These
# are coefficients; the direct effects of Table A5 turn at {glue:text}`ne34_turn_short:.3f` in the short run
# and at {glue:text}`ne34_turn_long:.3f` in the long run.

# %%
implied = made.implied_totals(sample)
page.by(ne34.effects_of).table(implied, "tab-ne34-implied")

# %% [markdown]
# ## Effects estimated here
#
# Standard errors in {numref}`tab-ne34-effects` are those of the delta method, from all parameters.
# {numref}`tab-ne34-effects-beside` sets the effects beside the print.

# %% [markdown] tags=["when-unstable"]
# The estimate is unstable: its largest root on $W$ is {glue:text}`ne34_root:.2f` and τ + ρ + η =
# {glue:text}`ne34_unit_sum:.2f` (P = {glue:text}`ne34_unit_p:.3f` for one). The long-run formula still returns
# numbers, but nothing converges to them, so the table gives the short run alone.

# %% [markdown] tags=["when-stable"]
# The estimate is stable: its largest root on $W$ is {glue:text}`ne34_root:.2f` and τ + ρ + η =
# {glue:text}`ne34_unit_sum:.2f` (P = {glue:text}`ne34_unit_p:.3f` for one), so long-run effects exist.

# %%
found["table"]

# %%
tryit.estimates(sample, "ne34/effects", show="effects")

# %%
numbers(
    ne34_truth_told=" Truth: the effects of the generator's parameters." * sample.recovers,
    ne34_run_told="No long run: the estimate is unstable." * (not stability.is_stable),
)
page.beside(made.effects_claims(sample, effects), "tab-ne34-effects-beside")

# %% [markdown]
# ## Three conventions for one table
#
# The paper does not say which program made Table A5. xsmle, the usual one for such tables, draws β, θ and ρ
# from their estimated distribution with τ and η held fixed, and prints means and standard deviations of the
# effects over {glue:text}`ne34_draws:d` draws. {numref}`tab-ne34-xsmle` sets this beside the delta method,
# {glue:text}`ne34_on_what`; the column *all drawn* draws τ and η as well.

# %%
here = stability.is_stable or not sample.is_simulated
other = sample if here else sample.again(scenario="effects-implied")
shown_fit = fit if here else made.main_fits(other)["Model 2"]
runs = ("short", "long") if shown_fit.stability.is_stable else ("short",)
DRAWS = 500  # as many as xsmle takes
three, lost = made.conventions(shown_fit, runs, DRAWS)
long_shown = "long" in runs
left = " Left out, having no long run: {simulation} and {xsmle} draws.".format(**lost)
numbers(ne34_draws=DRAWS, ne34_left_told=left * long_shown, ne34_left_out=pd.Series(lost))
conditions(long_shown=long_shown, short_alone=not long_shown)
parts = {"data": {"panel": other.panel}, "parameters": other.parameters}
page.table(three, "tab-ne34-xsmle", **parts)

# %% [markdown]
# In the short run the three differ by the noise of the draws alone, τ and η having no part in it.

# %% [markdown] tags=["when-short_alone"]
# The estimate on these data is unstable, so the table has the short run alone.

# %% [markdown] tags=["when-long_shown"]
# The long run divides by 1 − τ − ρ − η, estimated at {glue:text}`ne34_xsmle_denominator:.3f` ({glue:text}`ne34_xsmle_error:.3f`) in this table;
# {glue:text}`ne34_left_out_simulation:d` draws of all parameters and {glue:text}`ne34_left_out_xsmle:d` of xsmle's had no
# long run and were left out.

# %% [markdown] tags=["when-near_zero"]
# The divisor is within two standard errors of zero. The delta method reports very large errors, as it should. The ratio has no
# finite moments: means and deviations over draws depend on their number and on the seed, and their spread does not
# measure how uncertain the long run is.

# %% [markdown]
# ## Responses over the years
#
# What always exists is the response to a shock of one year, followed from year to year.
# {numref}`fig-ne34-responses` shows the mean response of the city itself and of all other cities together to
# one unit of co-agglomeration, holding its square, over the first {glue:text}`ne34_shown:d` years.

# %% [markdown] tags=["when-unstable"]
# Both lines grow in the end: this estimate is explosive. By year {glue:text}`ne34_horizon:d` the mean response
# of the others stands at {glue:text}`ne34_end_indirect:.1f`, from {glue:text}`ne34_start_indirect:.1f` at first.

# %% [markdown] tags=["when-stable"]
# Both lines return to zero: by year {glue:text}`ne34_horizon:d` the mean response of the others stands at
# {glue:text}`ne34_end_indirect:.1f`, from {glue:text}`ne34_start_indirect:.1f` at first.

# %% tags=["remove-cell"]
path, shown = fit.response_path(horizon), min(horizon, 5)
of_coagg = path.xs("Coagg", level="term")
start, end = (of_coagg.loc[year, "estimate"] for year in (0, horizon))

# %%
numbers(ne34_shown=shown, ne34_horizon=horizon, ne34_start=start, ne34_end=end)
panels = {f"{effect} response": {(effect, "Coagg"): ""} for effect in ("direct", "indirect")}
page.by(type(fit).response_path).figure(
    figures.responses(path.loc[:shown], panels, "carbon intensity,\nt per 10⁴ yuan"),
    "fig-ne34-responses",
    values=of_coagg,
)

# %% [markdown]
# ## Turning points of effects
#
# The curve in effects need not turn where the curve in coefficients does. {numref}`tab-ne34-effect-turning`
# has the turning points of the coefficients, of the direct and of the total effect. Where Fieller's set is the whole line, no
# turning point is excluded, whatever the delta method's standard error says.

# %%
sections.turning_point(sample, effects)["table"]

# %% [markdown] tags=["when-seeded"]
# ## Over many seeds
#
# {numref}`fig-ne34-effects-seeds` shows how far one data set can be from the truth for co-agglomeration,
# {numref}`tab-ne34-effects-seeds` for every regressor. Medians of the
# short-run direct effects lie near it by the measure of their ranges, which leave the sign in no doubt where the truth
# is not close to zero; indirect ones, which hang on θ and ρ, have ranges several times as wide. The long run counts only
# the seeds whose estimate is stable. Where the truth itself has no long run (a dash in the column
# *truth*), those seeds are the ones that err to the stable side, and their medians estimate nothing.

# %% tags=["when-seeded"]
numbers(ne34_scenario=scenario)
over = made.effects_over_seeds(validate.load("ne34_seeds").frame, sample)
drawn = over[[term in made.CURVE for _, term in over.index]]
page.by(validate.load).intervals(
    {"over the seeds": drawn[["median", "low", "high"]]}, "fig-ne34-effects-seeds", drawn,
    truth=drawn["truth"].dropna(),
) if len(over) else None  # fmt: skip

# %% tags=["when-seeded"]
over = pd.concat([over[["truth"]], compare.ranged(over)], axis=1)
page.by(validate.load).table(over, "tab-ne34-effects-seeds")

# %% [markdown]
# ## What the paper concludes from Table A5
#
# Both terms of co-agglomeration are significant in the short and in the long run, and larger in the long
# run; so, the paper says, emission cuts build up over time, and sharing knowledge needs lasting contact.
# Spillovers are not significant, which it traces to heavy industry and to industrial chains that end at the
# provincial border, and from which it argues for lower barriers between regions (sections 4.2.2, 5.1).
# {numref}`tab-ne34-effects-words` judges those on the data here, as far as their horizon exists there; the audit
# judges all of them on the print ([](../referee/audit_ne34.py)). No spillover *of co-agglomeration* is significant in
# print; that of ln GDP per head is, at 1 % in the short run, so "of the variables" says too much.

# %%
columns = {f"{made.RUNS[run]} {effect} effect": found.loc[effect]
           for run, found in effects.items() for effect in ("direct", "indirect")}  # fmt: skip
made.told(page, made.sentences("5", columns, sample.estimate_kind), "tab-ne34-effects-words")

# %% tags=["remove-cell"]
main = made.printed("4", "Model 2").params[list(made.DYNAMICS)]
theirs = {run: implied[f"{run}-run total", "Table A5"] for run in made.RUNS}
ratio = theirs["short"] / (implied["short-run total", "printed ρ"] * (1 - main["rho"]))
signs = np.sign(implied["long-run total"])
same = signs.eq(signs["Table A5"], axis=0).sum()
divisor = made.long_run_denominator(shown_fit)
conditions(near_zero=long_shown and abs(divisor.estimate) < 2 * divisor.std_error)
numbers(
    ne34_ratio_needed=1 / (1 - main["rho"]),
    ne34_ratio=ratio.agg(["min", "max"]),
    ne34_signs=same.set_axis(["printed", "turned", "of"]),
    ne34_denominator=1 - main.sum(),
    ne34_turn_short=made.turn(made.printed("5", "ST direct effect").params),
    ne34_turn_long=made.turn(made.printed("5", "LT direct effect").params),
)

# %% tags=["remove-cell"]
data = "on the data here" if here else "on data whose truth has a long run (effects-implied)"
own = {run: found.loc[("direct", "Coagg")] for run, found in effects.items()}
numbers(
    ne34_direct=own["short"],
    ne34_long_direct=own["long"]["estimate"] if "long" in own else 0.0,
    ne34_root=stability.root,
    ne34_unit={"sum": stability.unit_sum, "p": stability.unit_test.p_value},
    ne34_on_what=data,
    ne34_xsmle={"denominator": divisor.estimate, "error": divisor.std_error},
)
