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
# # I.4 Which spatial model? Paper A, Table A3

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

# %%
from analysis import spatial
from analysis.audit.stacking import lm_by_stacking
from analysis.book import heavy as validate
from analysis.book.page import numbers
from analysis.inference.probabilities import PRIOR_NOTE, sensitivity
from analysis.spatial.specification_tests import specification_tests
from analysis.study.results import largest_roots
from analysis.papers import comparison, elsewhere
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import results, sections

sample, page = made.opened(globals(), specification_tests)
chosen = sections.model_choice(sample)
tests, found = chosen.of["tests"], chosen.of["chances"]
p, main = tests["p_value"], made.printed("4", "Model 2").params[list(made.DYNAMICS)]
sample.banner

# %% [markdown]
# :::{in-short}
# The paper takes its tests, all with P below 0.05, as support for a spatial Durbin model with city
# and year effects. On the data here {glue:text}`ne34_rejecting:d` of the eight tests for spatial
# terms {glue:text}`ne34_reject` at 5 %.
# :::

# %% [markdown] tags=["when-seeded"]
# :::{in-short}
# That tells little: on data whose truth is that very model the tests for space reject in
# {glue:text}`ne34_rejected_lowest:.1%` to {glue:text}`ne34_rejected_highest:.1%` of the samples.
# :::

# %% [markdown]
# :::{in-short}
# What no test of the table looks at: the printed τ + η + ρ is {glue:text}`print_sum:.3f`,
# above one, so that the chosen model explodes along the common trend.
# :::

# %% [markdown]
# Lagrange multiplier tests ask whether residuals of a model without space show a spatial lag or a
# spatial error. Wald and likelihood ratio tests ask whether the spatial Durbin model reduces to one
# of them. A Hausman test compares fixed with random city effects, and two likelihood ratio tests ask
# whether city and year effects are needed at all {cite:p}`anselin1988,elhorst2014`. The paper ran them
# with its "economic-geographic nested" matrix, which this book reads as the additive nest
# ({ref}`why <the-nested-matrix>`); those here have the matrix {glue:text}`ne34_tests_on`.
#
# In {numref}`tab-ne34-tests` LM and Hausman tests use the static model; Wald, LR and joint tests the
# dynamic one. The last row, Pesaran's test of dependence between the residuals of different cities, is
# not in the print.

# %%
chosen["tests"]

# %% [markdown]
# ## Beside print
#
# Of the first eight tests the paper prints P alone, of the last three P and the statistic.
# {numref}`tab-ne34-tests-beside` sets them beside what is computed here. Whether the printed statistics
# and P values of the joint tests fit each other is asked in [](../referee/audit_ne34.py).

# %%
held = {"model choice": (p.drop("Pesaran CD") < 0.05).all()}
kind = sample.derived_kind
claims = made.specification_claims(tests, kind) + made.said(held, kind)
made.told(page, claims, "tab-ne34-tests-beside")

# %% [markdown]
# ## The same from spreg
#
# spreg, run here, has the pooled tests and models with city effects; year effects and last year's
# outcome it has not, so the two-way Durbin models have no counterpart there. {numref}`tab-ne34-spreg-lm`
# has the tests. spreg divides the squared residuals by their degrees of freedom; with that variance
# three of the four are the same here in at least {glue:text}`ne34_spreg_lm:.1f` digits. The LM test
# against a lag is not: by algebra LM lag and robust LM error sum to LM error and robust LM lag, and
# spreg's do not. It multiplies the trace of $W'W + WW$ by itself where the formula multiplies it by the
# number of years. Of the models, in {numref}`tab-ne34-spreg-models`, slopes and $\rho$ or $\lambda$ agree in
# at least {glue:text}`ne34_spreg_models:.1f` digits.
#
# Whoever stacks $W$ once a year over rows that are sorted by city gets other tests that look as plausible: the
# LM test against a lag would be {glue:text}`ne34_lm_the_other_order:.2f` here, not {glue:text}`ne34_lm_as_the_rows:.2f`. The audit
# knows such a table by its statistics ({source}`analysis.audit.stacking.stacking`); of these tests the paper
# prints P alone, so this cannot be asked of it.

# %%
lm = comparison.spreg_lm(sample.panel, sample.weights, ne34.STATIC)
page.by(comparison.spreg_lm).table(lm, "tab-ne34-spreg-lm")

# %%
agreement = elsewhere.digits(comparison.spreg_models(sample.panel, sample.weights, ne34.STATIC))
page.by(comparison.spreg_models).table(agreement, "tab-ne34-spreg-models")

# %% [markdown]
# Without space the same model is least squares, and linearmodels is an independent check of it and of
# clustered and Driscoll-Kraay errors. In {numref}`tab-ne34-linearmodels` slopes agree in at least
# {glue:text}`ne34_linear:.0f` digits, and the errors of all terms differ by one factor, that of the
# degrees of freedom which linearmodels counts and a likelihood does not. Random city effects stand apart:
# by likelihood here and by Swamy and Arora's two variances there, they agree in {glue:text}`ne34_linear_random:.1f` digits.

# %%
linear = comparison.linear_now(sample.panel, sample.weights, ne34.STATIC)
page.by(comparison.linear_now).table(linear, "tab-ne34-linearmodels")

# %% tags=["remove-cell"]
same = elsewhere.beside(lm["here, its variance"], lm.iloc[:, 0])["digits"]
stacked = lm_by_stacking(sample.panel, ne34.STATIC, sample.weights).loc["LM lag"]
numbers(
    ne34_spreg_lm=same.drop("LM lag").iloc[:3].min(),
    ne34_linear=linear["slopes agree in digits"].drop("random").min(),
    ne34_linear_random=linear["slopes agree in digits"]["random"].min(),
    ne34_spreg_models=agreement[["slopes", "spatial"]].min(axis=None),
    ne34_lm=stacked,
)

# %% [markdown] tags=["when-seeded"]
# ## What the tests can and cannot decide
#
# In {numref}`tab-ne34-tests-seeds` each test is run on data sets whose truth is known to be a
# dynamic Durbin model with fixed effects of both kinds. A good test should choose it nearly always;
# one that seldom does cannot support, or refute, the paper's choice. But a rejection rate is power only
# where the test keeps its size. The last column has, for the tests of the
# [Monte Carlo experiment](../validation/monte_carlo.py), the share of samples in which a *true* null is
# rejected with as many cities and the additive nest ({numref}`tab-size`).

# %% tags=["when-seeded"]
seeds = validate.load("ne34_seeds").frame
spread, lost = made.rejections(seeds, validate.load("monte_carlo").frame)
spread.insert(0, "here", tests["statistic"])
numbers(ne34_seeds_all=int(seeds["seeds"].max()), ne34_seeds_lost=lost)
page.by(validate.load).table(spread, "tab-ne34-tests-seeds")

# %% [markdown] tags=["when-seeded"]
# The tests for spatial terms reject in {glue:text}`ne34_rejected_lowest:.1%`
# ({glue:text}`ne34_rejected_lowest_name`) to {glue:text}`ne34_rejected_highest:.1%`
# ({glue:text}`ne34_rejected_highest_name`) of the seeds. A dense matrix on few cities does that: the
# spatial lag of almost anything is close to the mean of all cities, and the year effects have taken that
# out. Demeaning makes the classical LM tests reject a true null in {glue:text}`ne34_size_lm_lag:.1%` (lag)
# and {glue:text}`ne34_size_lm_error:.1%` (error) of the samples; on these data they reject in
# {glue:text}`ne34_rejected_lm_lag:.1%` and {glue:text}`ne34_rejected_lm_error:.1%`, so neither can be read. Of the
# robust forms the one against a lag rejects a true null in {glue:text}`ne34_size_robust_lm_lag:.1%`, the one
# against an error in {glue:text}`ne34_size_robust_lm_error:.1%`. The Wald and likelihood ratio tests against
# the model without $WX$ reject one in {glue:text}`ne34_size_wald_sar:.1%` and {glue:text}`ne34_size_lr_sar:.1%`:
# they nearly keep their size, and lack power.
#
# The Hausman test rejects in {glue:text}`ne34_rejected_hausman:.1%` of the seeds, so on such data the choice
# of fixed effects cannot rest on it. The tests of city and year effects reject in at least
# {glue:text}`ne34_rejected_effects:.1%` of the seeds, and are right to. Pesaran's test rejects in
# {glue:text}`ne34_rejected_pesaran_cd:.1%`, and is wrong to: the errors were drawn independently. Year effects make
# the residuals of each year sum to nearly zero, so that they are negatively correlated between cities by
# construction (median statistic {glue:text}`ne34_cd_median:.2f`). After year effects it is no evidence of
# dependence.

# %% tags=["when-seeded", "remove-cell"]
rejected, size = (spread[x].astype(float) for x in ("share rejected at 5 %", "a true null"))
of_space = rejected[made.OF_SPACE]
numbers(
    ne34_rejected=rejected,
    ne34_size=size.dropna(),
    ne34_rejected_lowest=of_space.min(),
    ne34_rejected_lowest_name=of_space.idxmin(),
    ne34_rejected_highest=of_space.max(),
    ne34_rejected_highest_name=of_space.idxmax(),
    ne34_rejected_effects=rejected[["LR city effects", "LR year effects"]].min(),
    ne34_cd_median=spread.loc["Pesaran CD", "median"],
)

# %% [markdown]
# ## Which matrix, which model?
#
# The paper swaps its matrix without a criterion. Marginal likelihoods are one {cite:p}`lesage2014`: the probability of
# the data under a matrix and a model, whatever the parameters. With all {glue:text}`ne34_matrices:d` {ref}`matrices <the-matrices>` and
# the models alike before, {numref}`fig-ne34-probabilities` has what they are after:
# {glue:text}`ne34_best_weights` comes first with {glue:text}`ne34_best_share:.0%`, {glue:text}`ne34_second_weights` next with
# {glue:text}`ne34_second_share:.0%`, and models that lag the
# regressors (SDM, SDEM, SLX) have {glue:text}`ne34_durbin_share:.1%` together. Other priors move that of the first matrix
# between {glue:text}`ne34_prior_min:.0%` and {glue:text}`ne34_prior_max:.0%`
# ({numref}`tab-ne34-priors`).

# %% [markdown] tags=["when-simulated"]
# The truth here is a Durbin model on the additive nest. A lagged regressor must explain more than one
# observation's worth to pay for its parameter, and with so dense a matrix and so few cities few can. How often truth is
# found is a matter for simulation: {numref}`tab-weights-found`.

# %%
chosen["figure"]

# %%
matrices = {kind: sample.on(kind) for kind in sample.study.matrices}
priors = sensitivity(sample.panel, ne34.DYNAMIC, matrices)
table = priors["matrix"].join(priors["model"].rename(columns=str.upper))
notes = PRIOR_NOTE + " The first row has this prior, the others one change each."
formats = dict.fromkeys(table, ".3f")
page.by(sensitivity).table(table, "tab-ne34-priors", formats=formats, notes=notes)

# %% tags=["remove-cell"]
first, second = found.of_weights.nlargest(2).items()
numbers(
    ne34_matrices=len(found.table),
    ne34_best=dict(zip(("weights", "share"), first, strict=True)),
    ne34_second=dict(zip(("weights", "share"), second, strict=True)),
    ne34_durbin_share=found.of_models[["sdm", "sdem", "slx"]].sum(),
    ne34_prior=priors["matrix"][first[0]].agg(["min", "max"]),
)

# %% [markdown]
# ## Where the chosen model stands
#
# A dynamic spatial model is stable if every root $(\tau + \eta w)/(1 - \rho w)$, over the eigenvalues
# $w$ of $W$, is inside the unit circle. A row-standardised $W$ has the eigenvalue one, which concerns
# the common trend of all cities; with year effects the data cannot move along it freely, and what
# matters for the estimator are the other roots. {numref}`tab-ne34-stability` has both, for the
# estimate on these data and for the *printed* parameters on each matrix. The printed sum
# {glue:text}`print_sum:.3f` exceeds one, so that the printed model explodes along the common trend
# on whichever row-standardised matrix. Around the common trend it explodes as well on
# {glue:text}`ne34_exploding`.

# %%
rejecting = (p[made.OF_SPACE] < 0.05).sum()
roots = results.roots_by_weights(sample, *main)
exploding = roots.index[roots["around_trend"] > 1]
fit = made.main_fits(sample)["Model 2"].stability
roots = roots.rename("print, {}".format)
roots.loc["estimate here"] = fit.root, fit.root_around_trend
numbers(
    ne34_exploding=", ".join(exploding) or "no matrix",
    ne34_rejecting=rejecting,
    ne34_reject="rejects" if rejecting == 1 else "reject",
    ne34_tests_on=weights.replace("-", " "),
)
page.by(largest_roots, spatial.Fit).table(roots, "tab-ne34-stability")
