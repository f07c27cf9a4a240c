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
# # IV.7 What 34 cities and a dense W can tell: a Monte Carlo experiment
#
# :::{simulated}
# Cities and coordinates are real, every variable is drawn with a stated truth. What this page shows is
# how the estimators behave in the shapes of the two papers.
# :::
#
# Agreement between programs, as on the pages before, says that a formula was coded as written. It does
# not say that the estimate is near the truth. Only samples from a known truth can say that, and they
# must look like the samples in question: as many cities, as many years, the same map, the same kind
# of weight matrix. The two papers have 34 cities over 20 years and 283 cities over 10, and both use a
# matrix in which every city is a neighbour of every other.
#
# With two-way effects that matters more than one might think. Year effects take the mean of all cities
# out of every year. In a dense row-standardised W the spatial lag of a city *is* nearly such a mean, so
# demeaning removes most of what would identify $\rho$, and leaves a bias of the order of one over the
# number of *effective* neighbourhoods instead of one over the number of cities.

# %% tags=["parameters"]
true_rho: float = 0.2  # true rho of the figure and of the detailed tables: -0.2 | 0 | 0.2

# %%
import numpy as np
import pandas as pd
from myst_nb import glue

from analysis.book import figures, parameters, tables
from analysis.spatial import fit
from analysis.spatial.gmm import fit_gmm
from analysis.book.heavy import load
from analysis.papers.monte_carlo import gmm as monte_carlo_gmm, likelihood as monte_carlo

parameters.check()
result = load("monte_carlo")
table = result.frame
data = {"draws": "data/validated/monte_carlo.csv"}
code = [fit, monte_carlo.experiment]
LABELS = {
    "direct": "uncorrected",
    "direct-corrected": "corrected",
    "transformation": "transformation",
}
WEIGHTS = list(monte_carlo.MATRICES)

at = table[np.isclose(table["true_rho"], true_rho)]
static, dynamic = at[at["model"] == "static"], at[at["model"] == "dynamic"]
glue("n_draws_small", int(monte_carlo.SHAPES["34 x 20"][2]), display=False)
glue("n_draws_large", int(monte_carlo.SHAPES["283 x 10"][2]), display=False)
glue("n_cells", len(monte_carlo.CELLS), display=False)
glue("all_rhos", ", ".join(tables.number(rho, ".1f") for rho in monte_carlo.RHOS), display=False)
glue("beta", monte_carlo.BETA, display=False)
glue("theta", monte_carlo.THETA, display=False)
glue("tau", monte_carlo.TAU, display=False)
glue("eta", monte_carlo.ETA, display=False)
failures = table.query("quantity == 'failures'")
glue("failures", int(failures["value"].sum()), display=False)
glue("all_fits", int(failures["draws"].sum()), display=False)
glue("true_rho", true_rho, display=False)

# %% [markdown]
# ## The experiment
#
# The model is $y_t = \rho W y_t + \tau y_{t-1} + \eta W y_{t-1} + \beta x_t + \theta W x_t + \mu + \xi_t +
# \varepsilon_t$ with $\beta =$ {glue:text}`beta:.0f`, $\theta =$ {glue:text}`theta:.0f`, and in the dynamic
# version $\tau =$ {glue:text}`tau:.1f`, $\eta =$ {glue:text}`eta:.1f`. The regressor, both kinds of effects
# and the errors are standard normal, the regressor correlated with the city effects. True $\rho$ is one of
# {glue:text}`all_rhos`, and the matrices are $1/d$, $1/d^2$, the additive nest (half inverse distance, half
# inverse income difference, incomes drawn once from a log-normal law) and, for contrast, the five nearest
# neighbours. Each of the {glue:text}`n_cells:d` cells has {glue:text}`n_draws_small:d` samples of 34 × 20 or
# {glue:text}`n_draws_large:d` of 283 × 10, all from one seed. Three estimators see every sample: the
# dummy-variable likelihood without correction, the same with the corrections of Lee and Yu
# {cite:p}`leeyu2010` or of Yu, de Jong and Lee {cite:p}`yudejonglee2008`, and the transformation likelihood
# that this book uses by default. In {glue:text}`failures:d` of the {glue:text}`all_fits:d` fits the likelihood had
# no interior maximum or a correction left the parameter space; those samples are left out of that
# estimator's row.
#
# ## Bias in the spatial parameter

# %%
bias = table.query("quantity == 'bias' and item == 'rho' and model == 'static'")
figure, axes = figures.canvas(1, 2, height=3.4, sharey=True)
for panel_axes, shape in zip(axes, monte_carlo.SHAPES, strict=True):
    cell = bias[(bias["shape"] == shape) & np.isclose(bias["true_rho"], true_rho)]
    for position, (estimator, label) in enumerate(LABELS.items()):
        line = cell[cell["estimator"] == estimator].set_index("weights").loc[WEIGHTS]
        places = np.arange(len(WEIGHTS)) + 0.18 * (position - 1)
        panel_axes.errorbar(
            places,
            line["value"],
            yerr=1.96 * line["mc_error"],
            fmt="os^"[position],
            color=figures.COLOURS[position],
            label=label,
        )
    panel_axes.axhline(0, color=figures.MUTED, linewidth=0.8)
    panel_axes.set_xticks(range(len(WEIGHTS)), WEIGHTS)
    panel_axes.set_title(shape.replace(" x ", " × "))
axes[0].set_ylabel("bias of ρ")
axes[1].legend(loc="lower center", fontsize="small")
worst = bias.loc[bias["value"].abs().idxmax()]
figures.show(
    figure,
    "fig-bias-rho",
    f"Bias of ρ in the static Durbin model with two-way effects, true ρ = {true_rho:g}; "
    "bars are 95 % Monte Carlo intervals.",
    alt=(
        "Two panels, 34 by 20 and 283 by 10, with the bias of three estimators for four weight matrices. "
        f"The largest bias is {worst['value']:.2f}, for the {worst['estimator']} estimator with "
        f"{worst['weights']} and {worst['shape']}."
    ),
    values=bias,
    code=code,
    data=data,
)

# %%
keys = ["shape", "weights", "true_rho"]
wide = bias.pivot_table(index=keys, columns="estimator", values="value")[list(LABELS)]
rmse = table.query("quantity == 'rmse' and item == 'rho' and model == 'static'").pivot_table(
    index=keys, columns="estimator", values="value"
)[list(LABELS)]
shown = pd.concat({"bias": wide, "root mean squared error": rmse}, axis=1).rename(columns=LABELS)
order = pd.MultiIndex.from_product([monte_carlo.SHAPES, WEIGHTS, monte_carlo.RHOS], names=keys)
shown = shown.loc[order]
shown.index = pd.MultiIndex.from_tuples(
    [
        (f"{shape.replace(' x ', ' × ')}, {w}", f"true ρ {tables.number(rho, '.1f')}")
        for shape, w, rho in shown.index
    ]
)
tables.show(
    shown,
    "tab-bias-rho",
    "Bias and root mean squared error of ρ, static Durbin model, two-way effects; the dummy-variable "
    "likelihood uncorrected and corrected, and the transformation likelihood.",
    digits=3,
    code=code,
    data=data,
)


# %%
of = {
    (row.estimator, row.shape, row.weights, row.true_rho): row.value
    for row in bias.itertuples(index=False)
}
glue("direct_nest", true_rho + of["direct", "34 x 20", "additive nest", true_rho], display=False)
glue("direct_near", true_rho + of["direct", "34 x 20", "5 nearest", true_rho], display=False)
glue("direct_d", true_rho + of["direct", "34 x 20", "1/d", true_rho], display=False)
glue("direct_d_large", true_rho + of["direct", "283 x 10", "1/d", true_rho], display=False)
glue("corrected_nest", true_rho + of["direct-corrected", "34 x 20", "additive nest", true_rho],
     display=False)  # fmt: skip
glue("transformed_nest", true_rho + of["transformation", "34 x 20", "additive nest", true_rho],
     display=False)  # fmt: skip
spread = (
    table.query(
        "quantity == 'rmse' and item == 'rho' and model == 'static' and estimator == 'transformation'"
    )
    .set_index(["shape", "weights", "true_rho"])["value"]
    .sort_index()
)
glue("spread_nest", float(spread["34 x 20", "additive nest", true_rho]), display=False)
glue("spread_d_large", float(spread["283 x 10", "1/d", true_rho]), display=False)
glue("spread_near", float(spread["34 x 20", "5 nearest", true_rho]), display=False)
nest = wide.loc[("34 x 20", "additive nest")]
left = nest["direct-corrected"] / nest["direct"]
glue("worst_nest", float(nest["direct"].min()), display=False)
glue("best_nest", float(nest["direct"].max()), display=False)
glue("left_low", float(left.min()), display=False)
glue("left_high", float(left.max()), display=False)
glue("spread_nest_low", float(spread["34 x 20", "additive nest"].min()), display=False)
glue("spread_nest_high", float(spread["34 x 20", "additive nest"].max()), display=False)

# %% [markdown]
# {numref}`fig-bias-rho` and {numref}`tab-bias-rho` show three things.
#
# *The uncorrected estimate depends on W more than on the truth.* At a true $\rho$ of
# {glue:text}`true_rho:.1f`, 34 cities and the five nearest neighbours it is {glue:text}`direct_near:.2f` on
# average; with the additive nest it is {glue:text}`direct_nest:.2f`, with $1/d$ {glue:text}`direct_d:.2f`.
# Two hundred and eighty-three cities do not cure it: $1/d$ gives {glue:text}`direct_d_large:.2f`, for the
# matrix stays dense however many cities there are.
#
# *The correction of order 1/N removes a part.* With the additive nest it moves the average to
# {glue:text}`corrected_nest:.2f`. It is a first-order expansion, and here the first order is large.
#
# *The transformation likelihood is centred*, at {glue:text}`transformed_nest:.2f` in the same cell, because
# it never estimates the year effects. What it cannot do is create information: the root mean squared error
# is {glue:text}`spread_nest:.2f` there against {glue:text}`spread_near:.2f` for nearest neighbours, and still
# {glue:text}`spread_d_large:.2f` for 283 cities with $1/d$.
#
# ## Slopes, effects, dynamics

# %%
items = {
    "x": "slope of x",
    "W.x": "slope of Wx",
    "L.y": "τ",
    "W.L.y": "η",
    "rho": "ρ",
    "short-run total effect": "short-run total effect",
    "long-run total effect": "long-run total effect",
}
picked = dynamic.query("quantity == 'median bias'")
lines = picked.pivot_table(index=["shape", "weights", "item"], columns="estimator", values="value")[
    list(LABELS)
]
order = pd.MultiIndex.from_product([monte_carlo.SHAPES, WEIGHTS, items])
lines = lines.loc[order].rename(columns=LABELS)
lines.index = pd.MultiIndex.from_tuples(
    [(f"{shape.replace(' x ', ' × ')}, {w}", items[item]) for shape, w, item in lines.index]
)
small = dynamic[(dynamic["shape"] == "34 x 20") & (dynamic["weights"] == "1/d")]
long_run = small[
    (small["item"] == "long-run total effect") & (small["estimator"] == "transformation")
]
long_run = long_run[long_run["quantity"] == "median bias"].iloc[0]
truth = monte_carlo.Cell("34 x 20", "1/d", True, true_rho).truth
own_lag = picked[(picked["item"] == "L.y") & (picked["estimator"] == "direct")]
own_lag = own_lag.groupby("shape")["value"].mean()
glue("tau_small", float(own_lag["34 x 20"]), display=False)
glue("tau_large", float(own_lag["283 x 10"]), display=False)
glue("long_run", truth["long-run total effect"], display=False)
glue("room", 1 - truth["L.y"] - truth["W.L.y"] - true_rho, display=False)
glue("short_of", -float(long_run["value"]), display=False)
glue("stable", float(long_run["draws"] / monte_carlo.SHAPES["34 x 20"][2]), display=False)
tables.show(
    lines,
    "tab-dynamic-bias",
    f"Median bias in the dynamic Durbin model, two-way effects, true ρ = {true_rho:g}.",
    notes="Medians, since long-run effects have heavy tails: their denominator can come close to zero. "
    "Samples whose estimate has no long run are left out of that row.",
    code=code,
    data=data,
)

# %% [markdown]
# Without correction two things go wrong at once ({numref}`tab-dynamic-bias`). The own lag $\tau$ has the bias of
# Nickell {cite:p}`nickell1981`, of the order of one over the number of years: {glue:text}`tau_small:.2f` with 20 of
# them and {glue:text}`tau_large:.2f` with 10, whatever W is. On the dense matrices $\rho$ is far too low besides,
# and the slope of $Wx$ and $\eta$ too high, because they stand in for it: a neighbourhood that seems too weak
# as a multiplier is made good as a regressor. Both corrected estimators repair the own lag; only the
# transformation repairs the rest.
#
# The short-run total effect is nearly right throughout, since what $\rho$ loses $Wx$ takes up. The *long-run*
# total effect is not, under any estimator: its truth is {glue:text}`long_run:.1f`, its denominator
# {glue:text}`room:.1f`, and an error of a few hundredths in $\tau + \eta + \rho$ moves it by a large part of itself.
# On the dense matrices the median of the transformation falls short by {glue:text}`short_of:.1f` with 34 cities and
# $1/d$, over the {glue:text}`stable:.0%` of the samples in which the estimate is stable at all, and an average of
# stable samples is not an average of samples.
#
# ## Do the intervals cover, do the tests keep their size?

# %%
coverage = at[(at["quantity"] == "coverage") & (at["estimator"] == "transformation")]
named = {"information": "information", "sandwich": "sandwich", "cluster": "by city",
         "driscoll-kraay": "Driscoll–Kraay"}  # fmt: skip
kept = ["x", "rho", "short-run total effect"]
grid = (
    coverage[coverage["item"].isin([*kept, "long-run total effect"])]
    .pivot_table(index=["model", "shape", "weights", "item"], columns="std_errors", values="value")[
        list(named)
    ]
    .rename(columns=named)
)
grid.index = pd.MultiIndex.from_tuples(
    [
        (f"{model}, {shape.replace(' x ', ' × ')}, {w}", items[item])
        for model, shape, w, item in grid.index
    ]
)
errors = " and ".join(
    f"{np.sqrt(monte_carlo.LEVEL * (1 - monte_carlo.LEVEL) / draws):.3f} ({shape.replace(' x ', ' × ')})"
    for shape, (_, _, draws) in monte_carlo.SHAPES.items()
)
long_runs = [label for label in grid.index if label[1] == "long-run total effect"]
dense = [label for label in long_runs if label[0].endswith(("1/d", "nest"))]
rest = grid.drop(index=long_runs)
glue(
    "cover_dk_ten",
    float(rest.loc[["283 ×" in a for a, _ in rest.index], "Driscoll–Kraay"].mean()),
    display=False,
)
glue(
    "cover_dk_twenty",
    float(rest.loc[["34 ×" in a for a, _ in rest.index], "Driscoll–Kraay"].mean()),
    display=False,
)
glue("cover_information", float(rest["information"].mean()), display=False)
glue("cover_long", float(grid.loc[dense, "information"].mean()), display=False)
tables.show(
    grid,
    "tab-coverage",
    f"Coverage of nominal 95 % intervals, transformation estimator, true ρ = {true_rho:g}.",
    digits=2,
    notes=f"Monte Carlo error of a coverage of 95 %: {errors}. Errors are independent and normal here, "
    "so that every kind of standard error is valid in large samples; the sandwich differs from the "
    "information matrix by the fourth moment alone, which hardly touches these parameters.",
    code=code,
    data=data,
)

# %%
naive = at[
    (at["quantity"] == "coverage") & (at["item"] == "rho") & (at["std_errors"] == "information")
]
versus = naive.pivot_table(
    index=["model", "shape", "weights"], columns="estimator", values="value"
)[list(LABELS)].rename(columns=LABELS)
versus.index = pd.MultiIndex.from_tuples(
    [(f"{model}, {shape.replace(' x ', ' × ')}", w) for model, shape, w in versus.index]
)
tables.show(
    versus,
    "tab-coverage-rho",
    f"Coverage of the nominal 95 % interval for ρ by estimator, true ρ = {true_rho:g}.",
    digits=2,
    code=code,
    data=data,
)

# %%
sizes = table[table["quantity"] == "size"]
sizes = sizes[np.isclose(sizes["true_rho"], 0.0)].pivot_table(
    index=["model", "shape", "weights"], columns="item", values="value"
)
sizes = sizes[
    ["Wald of W x", "LR of W x", "LM lag", "Robust LM lag", "LM error", "Robust LM error"]
]
sizes.index = pd.MultiIndex.from_tuples(
    [(f"{model}, {shape.replace(' x ', ' × ')}", w) for model, shape, w in sizes.index]
)
glue("lm_dense", float(sizes.loc[("static, 34 × 20", "1/d"), "LM lag"]), display=False)
glue("lm_near", float(sizes.loc[("static, 34 × 20", "5 nearest"), "LM lag"]), display=False)
cover = versus["uncorrected"]
glue("cover_direct", float(cover[("static, 34 × 20", "additive nest")]), display=False)
cover = versus["transformation"]
glue("cover_transformed", float(cover[("static, 34 × 20", "additive nest")]), display=False)
tables.show(
    sizes,
    "tab-size",
    "Share of samples in which a true null is rejected at 5 %, true ρ and θ zero.",
    digits=2,
    notes=(
        "LM tests use residuals of least squares with two-way effects removed, as in applied papers; they "
        "are not defined here for the dynamic model."
    ),
    code=code,
    data=data,
)

# %% [markdown]
# Intervals from the transformation's information matrix contain the coefficients and the short-run effect in
# {glue:text}`cover_information:.0%` of the samples on average over {numref}`tab-coverage`. Driscoll and Kraay's
# errors rely on many years and have 20 or 10 of them: {glue:text}`cover_dk_twenty:.0%` and
# {glue:text}`cover_dk_ten:.0%`. Intervals of the long-run total effect on a dense matrix contain it in
# {glue:text}`cover_long:.0%` of the stable samples: no delta method repairs a denominator near zero.
#
# With the additive nest and 34 cities the *uncorrected* interval for $\rho$ contains the truth in
# {glue:text}`cover_direct:.0%` of the samples, the transformation's in {glue:text}`cover_transformed:.0%`
# ({numref}`tab-coverage-rho`). The Lagrange multiplier test for a spatial lag, which applied papers run on
# demeaned data before they choose a model, rejects a true null in {glue:text}`lm_dense:.0%` of the samples
# with $1/d$ and in {glue:text}`lm_near:.0%` with nearest neighbours ({numref}`tab-size`): on a dense matrix
# it answers to the demeaning as much as to the data.
#
# ## Instruments instead of a likelihood
#
# Spatial system GMM {cite:p}`kukenova2009` needs no correction for either kind of bias. It needs
# instruments that move $Wy$ and nothing else. Lags of $Wy$ do so little after year effects on a dense
# matrix; and once $Wx$ is a regressor, the outside variation in $Wy$ comes from $W^2x$, with a strength of
# $\rho\beta + \theta$ times what $W^2x$ has left beside $Wx$. The experiment repeats the dynamic cells with
# $\rho =$ {glue:text}`gmm_rho:.1f`, with and without $Wx$ among the regressors; both models are true, since
# $\theta = 0$.

# %%
by_gmm = load("monte_carlo_gmm").frame
lag = by_gmm[by_gmm["item"] == "rho"]
own = by_gmm[by_gmm["item"].isin(["L.y", "x"])]
shown = lag.assign(
    sample=lag["shape"].str.replace(" x ", " × "),
    regressors=lag["model"].map({"lag": "x", "Durbin": "x, Wx"}),
).set_index(["sample", "weights", "regressors"])
shown = shown[["median", "low", "high", "coverage", "hansen_rejects", "instruments"]]
shown.index = pd.MultiIndex.from_tuples(
    [(f"{sample}, {w}", regressors) for sample, w, regressors in shown.index]
)
shown.columns = ["median", "5 %", "95 %", "coverage", "Hansen rejects", "instruments"]
where = shown["median"]
glue("gmm_rho", monte_carlo_gmm.RHO, display=False)
glue("gmm_near", float(where["283 × 10, 5 nearest", "x"]), display=False)
glue("gmm_dense", float(where["283 × 10, 1/d", "x"]), display=False)
glue("gmm_dense_low", float(shown.loc[("283 × 10, 1/d", "x"), "5 %"]), display=False)
glue("gmm_dense_high", float(shown.loc[("283 × 10, 1/d", "x"), "95 %"]), display=False)
glue("gmm_durbin_near", float(where["283 × 10, 5 nearest", "x, Wx"]), display=False)
glue("gmm_durbin_dense", float(where["283 × 10, 1/d", "x, Wx"]), display=False)
glue("gmm_own", float((own["median"] - own["truth"]).abs().max()), display=False)
glue("gmm_hansen", float(shown["Hansen rejects"].max()), display=False)
tables.show(
    shown,
    "tab-gmm-rho",
    f"ρ by spatial system GMM, true ρ = {monte_carlo_gmm.RHO:g}: quantiles over samples, coverage of the "
    "nominal 95 % interval, size of Hansen's test at 5 %.",
    digits=2,
    formats={"instruments": ".0f"},
    notes=f"{monte_carlo_gmm.DRAWS} samples a row; two steps, collapsed instruments, Windmeijer's errors, "
    "year effects.",
    code=[fit_gmm, monte_carlo_gmm.monte_carlo_gmm],
    data={"draws": "data/validated/monte_carlo_gmm.csv"},
)

# %% [markdown]
# With nearest neighbours, 283 cities and $x$ alone, GMM is where it should be ({numref}`tab-gmm-rho`): a
# median of {glue:text}`gmm_near:.2f`. On $1/d$ the median is {glue:text}`gmm_dense:.2f` and nine samples in ten lie
# between {glue:text}`gmm_dense_low:.2f` and {glue:text}`gmm_dense_high:.2f`. With $Wx$ among the regressors, which
# is the model that applied papers estimate, the medians are {glue:text}`gmm_durbin_near:.2f` with nearest
# neighbours and {glue:text}`gmm_durbin_dense:.2f` on $1/d$: weak instruments pull towards least squares, and least
# squares takes what neighbours have in common for what they do to each other. Hansen's test does not
# notice; it rejects in at most {glue:text}`gmm_hansen:.0%` of the samples. The own lag and the slope of $x$ are
# right all the while, their medians nowhere further than {glue:text}`gmm_own:.2f` from the truth: a reader who sees
# sensible slopes and a quiet Hansen test has learnt nothing about $\rho$.
#
# ## What follows for a published $\rho$
#
# A printed $\rho$ from a few dozen cities, a dense W and two-way effects cannot be read without knowing how
# it was computed. If the estimator was uncorrected, the number is the truth plus a bias that W and the
# number of cities bring about, and that hardly depends on the truth. In the cells of
# {numref}`tab-bias-rho` with 34 cities and the additive nest it lies between {glue:text}`worst_nest:.2f` and
# {glue:text}`best_nest:.2f`: a clearly negative estimate is what a truth of zero looks like, and an estimate near
# zero would speak for a clearly positive truth, though so large a one was not drawn here. If the estimator was
# corrected to first order, a third or more of the bias remains there
# ({glue:text}`left_low:.0%` to {glue:text}`left_high:.0%`). And where the estimator is centred, its spread says
# how little there was to know: a root mean squared error of {glue:text}`spread_nest_low:.2f` to
# {glue:text}`spread_nest_high:.2f` in the same cells means an interval wider than most values of $\rho$
# that papers dispute about.
