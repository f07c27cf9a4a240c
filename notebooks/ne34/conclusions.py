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
# # I.9 What follows, and what does not: paper A, section 5

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
from analysis.book import compare, heavy as validate, ledger, referee
from analysis.book.page import numbers
from analysis.inference.turning_point import quadratic_report
from analysis.papers.ne34 import tables as made

sample, page = made.opened(globals(), made.main_fits, made.group_difference, quadratic_report)
dynamic = made.main_fits(sample)["Model 2"]
_, same_curve = made.group_difference(sample)
curve = made.bend(dynamic)
sample.banner

# %% [markdown]
# :::{in-short}
# Taken at its word the print supports an inverted U within cities: {glue:text}`print_b1` for the
# level, {glue:text}`print_b2` for its square. It does not support a positive ρ (the printed effects
# contradict it), nor that the groups differ (P = {glue:text}`print_gap_p:.2f`); and with τ + η + ρ =
# {glue:text}`print_sum:.3f` the long-run effects of Table A5 cannot come from the printed model.
# The recommendations for neighbours and for resource-based cities rest on these, and no
# recommendation rests on a design that shows cause.
# :::

# %% [markdown]
# ## The hypotheses
#
# {numref}`tab-ne34-hypotheses` puts each hypothesis beside the number that should bear it: what the print
# gives, and what the data here give. The single sentences of the paper stand in the chapters before, each with
# its number, and all of them in the [ledger](../../book/ledger.md).

# %% [markdown] tags=["when-simulated"]
# A number from simulated data that agrees with the print is the machinery finding what was put in; it is no
# support for the hypothesis.

# %%
here = {"b": dynamic.params, "se": dynamic.std_errors, "same_curve": same_curve.p_value}
page.table(made.in_words("hypotheses", **here, curve=curve), "tab-ne34-hypotheses")

# %% [markdown]
# ## What the paper discusses
#
# The paper sees its contribution in stages: the interplay of scale economies and externalities drives a
# nonlinear effect (section 5.1). Locally, it says, co-agglomeration can save much carbon; but in the
# north-east, still left of the turning point, scale economies do not yet outweigh negative externalities, so that
# its level must rise. Spillovers are insignificant, so barriers between regions should fall. Cities
# and sectors differ, so policy should fit the place. And technological backwardness and the outflow of people
# may limit what agglomeration can do; whether it works may depend on regional development and on overcoming
# institutional obstacles.
#
# **The rising branch.** The printed mean of {glue:text}`print_mean` lies well below the turning point
# {glue:text}`print_turn:.3f`: on the numbers, the region is on the left. What is assumed and not tested is that
# cities there would follow, as they rise, the slopes now seen in the few cities on the right. Until the turn
# the same curve says that more co-agglomeration means more carbon.
#
# **The falling branch.** {glue:text}`ne34_beyond`. A quadratic
# must turn somewhere; whether it turns inside the data is what the U test asks, and the paper does not report
# one.
#
# **Stages and channels.** Scale economies, competition for factors, coal, lax enforcement and linkages enter no
# equation. The curve is what they were invoked to explain, and is no evidence for any of them. Backwardness,
# outflow and institutions are not in the model either; the paper offers them as possible limits.
#
# **The spatial parameters.** Printed ρ, τ and η sum to more than one, and the printed effects cannot come from
# them ([](effects.py)). If Table A5 is right, ρ is about
# {glue:text}`print_needed:.2f`, and if Table A4 is, it is what stands there; print alone cannot say which
# ([](../referee/audit_ne34.py)). If the paper's matrix is as dense as the nest
# that this book assumes, even the right ρ would be poorly known ([](estimates.py)); on matrices with few neighbours the
# bias is smaller ([](../validation/monte_carlo.py)), and Table A2 speaks for such a matrix, or one with
# fast-falling weights ([](dependence.py)).
#
# **No spillovers.** The paper argues for coordination *because* the indirect effects are not significant. For
# all regressors but ln GDP per head the printed errors of the short-run indirect effects are nearly as large as
# these, or larger: spillovers cannot be told from zero, which does not show that barriers keep them there.
#
# **A limitation that the paper states.** Its six sectors follow the classification of 2019, in which green
# finance and digital technology services do not stand apart; these might reach the turning point earlier,
# and future work should refine the sectors. No number in the paper bears on this, either way.
#
# ## What the paper concludes
#
# {numref}`tab-ne34-conclusions` goes through its three conclusions; {numref}`tab-ne34-conclusions-words` judges
# one that no earlier chapter did, and a name in the recommendations.

# %%
page.by().table(made.in_words("conclusions"), "tab-ne34-conclusions")

# %%
moran = made.printed_moran()
positive = (moran["morans_i"] > 0) & (moran["p"] < 0.05)
lasting = not any(found.contradicts for found in referee.check_statements("A")["own lag"])
clustered = f"by Table A2 ({positive.sum()} of {len(positive)} years) and the printed τ; the sign of ρ is another claim"
dependent = ledger.claim_in_words("A", "dependence", bool(positive.all() and lasting), clustered)
listed = "Changsha" in set(sample.places["name_en"])
claims = [dependent, *made.said({"Harbin-Changsha": listed}, "free")]
made.told(page, claims, "tab-ne34-conclusions-words")

# %% [markdown]
# ## What the paper recommends
#
# Three headings, six recommendations; {numref}`tab-ne34-policy` says on which result each rests and whether the
# numbers bear it.

# %%
page.by().table(made.in_words("policy"), "tab-ne34-policy")

# %% [markdown] tags=["when-simulated"]
# ## What would change with the real files
#
# Put them into `data/raw/ne34`, set `raw`, and every table of Part I is derived from them; the verdicts begin to
# speak about the paper, and two questions get an answer that simulated data cannot give: which weight
# matrix makes the printed Moran's $I$; and whether the cell with an expenditure of four times GDP is a slip.

# %% [markdown] tags=["when-seeded"]
# A third, which sign ρ has when the estimator's bias is taken out, may stay open: of simulated data sets with a
# true ρ of {glue:text}`ne34_true_rho:.2f` the middle 90 % give estimates from {glue:text}`ne34_seeds_rho_low:.2f` to
# {glue:text}`ne34_seeds_rho_high:.2f` ([](estimates.py)).

# %% tags=["remove-cell"]
share = curve["share_beyond"]
turns = f"{share:.0%} of city-years lie beyond the turn in the data here"
numbers(
    ne34_beyond=turns if 0 < share < 1 else "The fitted curve does not turn within the data here"
)

# %% tags=["when-seeded", "remove-cell"]
seeds = compare.seeds(validate.load("ne34_seeds").frame, "as-printed", "4", "Model 2")
numbers(ne34_true_rho=made.truth("as-printed")["rho"], ne34_seeds_rho=seeds.loc["rho"])
