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
# # IV.2 Can the estimators be trusted? Cigarette demand in 46 US states, 1963-92
#
# :::{real}
# 46 states over 30 years {cite:p}`baltagilevin1992`: packs sold per head, their price and disposable
# income, both deflated by consumer prices. The panel comes with R's plm, the contiguity of the
# states with libpysal.
# :::
#
# Cigarettes cross borders. Where a state raises its tax, smokers near the border buy next door, so
# sales in one state depend on prices in the next. That makes this panel a standard example of spatial
# panel econometrics {cite:p}`elhorst2014`, and the right place for a question that comes before all
# others in this book: *does the software behind its tables compute what it says?*
#
# The question has an answer only where somebody else has computed the same. This page estimates
# the spatial Durbin model, static and dynamic, by every estimator that the book uses, and sets each
# beside the numbers that other software gave on the same data. Where they differ it asks why, and
# does not stop before the difference has a cause. The number of digits in which two results
# agree is computed here, from the numbers themselves: it is minus the decimal logarithm of their
# relative difference, so that 3 means a difference in about the third digit.

# %% tags=["parameters"]
years_ahead: int = 40  # years over which a response to a price rise is followed: 10..80
draws: int = 5000  # draws of the simulated effects: 500..50000
density_power: float = 1.0  # power of distance in the densest matrix: 0.25..3

# %%
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import seaborn as sns
from myst_nb import glue
from scipy import stats

from analysis import spatial
from analysis.book import figures, ledger, parameters, tables
from analysis.errors import DiscardedDrawsWarning
from analysis.spatial import specification_tests
from analysis.spatial.moran import global_moran
from analysis.papers import elsewhere, validation
from analysis.weights import inverse_distance, k_nearest

parameters.check()
panel, weights = validation.cigarettes()
states = validation.states(weights)
data = {"Cigar": panel}
PRICE, INCOME = "price", "income"
TERMS = {
    "L.logc": "sales, last year ($\\tau$)",
    "W.L.logc": "neighbours' sales, last year ($\\eta$)",
    "logp": PRICE,
    "logy": INCOME,
    "W.logp": "neighbours' price",
    "W.logy": "neighbours' income",
    "rho": "neighbours' sales ($\\rho$)",
    "sigma2": "$\\sigma^2$",
}
STATIC = {term: name for term, name in TERMS.items() if "L." not in term}
DIGITS = {
    "slopes": "slopes",
    "spatial": "ρ",
    "sigma2": "σ²",
    "std_errors": "std. errors",
    "loglik": "log-lik.",
    "gap": "gap / s.e.",
}

# %% [markdown]
# ## The data
#
# All three variables are logarithms. {numref}`tab-cigar-data` splits their spread into the part
# between states and the part within them. Only the second part is left once every state has an
# intercept of its own, and of it only what is not common to all states once every year has one too:
# that is the column *two-way*, and the raw material of everything below.
# {numref}`fig-cigar-states` shows what they have in common, a rise and a long fall, and how far they
# are apart.

# %%
names = {"logc": "packs per head", "logp": "real price", "logy": "real income per head"}
columns = panel.frame[list(names)]
spread = pd.DataFrame(
    {
        "mean": columns.mean(),
        "std. dev.": columns.std(),
        "between": columns.groupby(level="city").mean().std(),
        "within": panel.within(list(names), "individual").frame[list(names)].std(),
        "two-way": panel.within(list(names), "two-way").frame[list(names)].std(),
        "min": columns.min(),
        "max": columns.max(),
    }
).rename(names)
tables.show(
    spread,
    "tab-cigar-data",
    f"Cigarette demand: {panel.n_units} states, {panel.n_periods} years, in logarithms.",
    stub="logarithm of",
    data=data,
)

# %%
packs = np.exp(panel.frame["logc"]).unstack("year")
last = int(panel.periods[-1])
figure, axes = figures.canvas(1, 2, height=3.4, gridspec_kw={"width_ratios": [1, 1.45]})
sns.lineplot(
    packs.melt(value_name="packs"),
    x="year",
    y="packs",
    estimator="median",
    errorbar=("pi", 80),
    color=figures.COLOURS[0],
    ax=axes[0],
)
axes[0].set(xlabel="year", ylabel="packs per head")
near = np.argwhere(np.triu(weights.dense() > 0))
xy = states[["lon", "lat"]].to_numpy()
for a, b in near:
    axes[1].plot(xy[[a, b], 0], xy[[a, b], 1], color=figures.MUTED, linewidth=0.6, zorder=1)
dots = axes[1].scatter(
    *xy.T, c=packs[last], cmap=figures.SEQUENTIAL, s=44, linewidth=0, zorder=2, vmax=160
)
axes[1].set(xticks=[], yticks=[], aspect=1.25)
axes[1].spines[:].set_visible(False)
figure.colorbar(dots, ax=axes[1], label=f"packs per head, {last}", shrink=0.8, extend="max")
figures.show(
    figure,
    "fig-cigar-states",
    "Left: median of the states and the range from the 10th to the 90th percentile. Right: the "
    f"states in {last}, joined where they share a border. The District of Columbia is drawn "
    "between the two states that it borders.",
    alt="Left: line chart of packs per head; the median rises to the late seventies and falls "
    "thereafter. Right: 46 states as dots coloured by sales and joined to their neighbours; sales "
    "are highest in a few states of the east and lowest in Utah.",
    values=packs,
    data=data,
)

# %% [markdown]
# ## Do neighbours resemble each other?
#
# Moran's $I$ of sales, one year at a time {cite:p}`moran1950`, answers without any model.
# {numref}`fig-cigar-moran` shows it with the range in which it would lie in 95 of 100 years if sales
# were dealt out to the states at random.

# %%
moran = global_moran(panel, "logc", weights, permutations=0)
reach = stats.norm.isf(0.025) * np.sqrt(moran["variance_random"])
figure, axes = figures.canvas(height=3.0)
axes.fill_between(
    moran.index,
    moran["expected"] - reach,
    moran["expected"] + reach,
    color=figures.COLOURS[6],
    alpha=0.25,
    linewidth=0,
)
axes.plot(moran.index, moran["I"], marker="o", markersize=3.5)
axes.set(xlabel="year", ylabel="Moran's $I$", ylim=(-0.3, None))
figures.show(
    figure,
    "fig-cigar-moran",
    "Moran's I of log sales per head by year, with the 95 % range under random assignment.",
    alt=f"Line chart of Moran's I from {moran['I'].iloc[0]:.2f} in {moran.index[0]} to "
    f"{moran['I'].iloc[-1]:.2f} in {moran.index[-1]}, with the band that random assignment allows.",
    values=moran,
    code=[global_moran],
    data=data,
)

# %%
spdep = elsewhere.spdep_moran()
glue("moran_first", float(moran["I"].iloc[0]), display=False)
glue("moran_low", float(moran["I"].min()), display=False)
glue("moran_high", float(moran["I"].max()), display=False)
glue("moran_significant", int((moran["p_random"] < 0.05).sum()), display=False)
glue("moran_years", len(moran), display=False)
glue(
    "moran_digits",
    min(min(map(ledger.agreeing_digits, moran[name], spdep[name])) for name in spdep),
    display=False,
)
NAMES = {"I": "I", "variance_random": "variance, randomisation", "z_random": "z, randomisation",
         "p_random": "p, randomisation", "variance_normal": "variance, normality",
         "z_normal": "z, normality", "p_normal": "p, normality"}  # fmt: skip
tables.show(
    pd.DataFrame(
        {
            "digits that agree": {
                shown: min(map(ledger.agreeing_digits, moran[name], spdep[name]))
                for name, shown in NAMES.items()
            },
            "first year, here": {shown: moran[name].iloc[0] for name, shown in NAMES.items()},
            "first year, spdep": {shown: spdep[name].iloc[0] for name, shown in NAMES.items()},
        }
    ),
    "tab-cigar-moran",
    "Moran's I here (esda) and from R's spdep: fewest agreeing digits over all years.",
    stub="statistic",
    digits=6,
    formats={"digits that agree": ".1f"},
    code=[global_moran],
    data={"moran_cigar_by_year.json": "data/reference/spatial/moran_cigar_by_year.json"},
)

# %% [markdown]
# $I$ lies between {glue:text}`moran_low:.2f` and {glue:text}`moran_high:.2f` and is significant at
# five per cent in {glue:text}`moran_significant:d` of {glue:text}`moran_years:d` years.
# {numref}`tab-cigar-moran` holds it against R's spdep {cite:p}`bivand2018`, run on the same years:
# the two agree in at least {glue:text}`moran_digits:.1f` digits, which is about what double precision
# holds.
#
# ## The static model
#
# The spatial Durbin model lets sales depend on the neighbours' sales, prices and incomes,
#
# $$
# y_t = \rho W y_t + X_t \beta + W X_t \theta + \mu + \xi_t \iota + e_t ,
# $$
#
# with an intercept $\mu_i$ for each state and $\xi_t$ for each year. Three ways to estimate it have
# been proposed, and papers seldom say which they took:
#
# * **direct**: treat the intercepts as parameters and maximise the likelihood. There are as many of
#   them as states and years, and their estimation error leaks into $\rho$ and $\sigma^2$;
# * **direct, corrected**: subtract an estimate of that leak afterwards {cite:p}`leeyu2010`;
# * **transformation**: remove the intercepts by orthonormal transformations before the likelihood
#   is formed, so that nothing leaks {cite:p}`leeyu2010`. This is the default of this book.
#
# {numref}`tab-cigar-static` has all three, and a fourth that is explained below it.

# %%
model = validation.CIGARETTES
static = {
    "direct": spatial.fit(panel, replace(model, estimator="direct"), weights),
    "direct, corrected": spatial.fit(
        panel, replace(model, estimator="direct-corrected-published"), weights
    ),
    "transformation": spatial.fit(panel, model, weights),
    "direct, demeaned first": spatial.fit(
        panel, replace(model, estimator="direct", within_order="demean-first"), weights
    ),
}
tables.regressions(
    static,
    "tab-cigar-static",
    "Static spatial Durbin model of cigarette sales, two-way effects. Standard errors below.",
    terms=STATIC,
    statistics={"log-likelihood": lambda fit: f"{fit.loglik:.2f}", "state-years": "nobs"},
    formats={"$\\sigma^2$": ".5f"},
    notes="The corrections come after the maximisation, so the log-likelihood of the second column "
    "is that of the first. That of the transformation counts fewer observations.",
    code=[spatial.fit],
    data=data,
)

# %%
order_gap = static["direct"].params["rho"] - static["direct, demeaned first"].params["rho"]
for name, value in {
    "rho_direct": static["direct"].params["rho"],
    "rho_corrected": static["direct, corrected"].params["rho"],
    "rho_transformed": static["transformation"].params["rho"],
    "rho_demeaned_first": static["direct, demeaned first"].params["rho"],
    "leak": static["transformation"].params["rho"] - static["direct"].params["rho"],
    "leak_in_errors": (static["transformation"].params["rho"] - static["direct"].params["rho"])
    / static["transformation"].std_errors["rho"],
    "order_gap": order_gap,
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Own price and income behave as demand theory has it, and the neighbours' income lowers sales. What
# the estimators disagree about is $\rho$: {glue:text}`rho_direct:.3f` directly,
# {glue:text}`rho_corrected:.3f` after the correction, {glue:text}`rho_transformed:.3f` by
# transformation. The leak of the intercepts is {glue:text}`leak:.3f`, or
# {glue:text}`leak_in_errors:.1f` standard errors. Unlike a standard error it does not shrink with
# more years: it comes from the year effects, of which each year brings another, and is of order
# $1/N$.
#
# The last column is a fourth estimator, which papers do not name and some packages compute. Removing
# state means commutes with $W$; removing year means does not, unless the columns of $W$ sum to one
# as its rows do. So it matters whether $Wy$ is formed first and then demeaned, which is the
# likelihood with dummy variables, or from the demeaned outcome. Here the order moves $\rho$ by
# {glue:text}`order_gap:.4f`.
#
# ### The same from elsewhere
#
# {numref}`tab-cigar-static-digits` counts the digits in which the estimates agree with
#
# * **spreg 1.9.1**, direct likelihood (1.9.0 has no two-way option);
# * **R's splm 1.6.5** {cite:p}`millopiras2012`, which demeans first;
# * **Elhorst's routines**, written for MATLAB and run here in Octave, direct and corrected;
# * a **second implementation of ours**, which is no third-party software: it guards against slips
#   of the keyboard, not against a common misunderstanding.

# %%
years = panel.frame.index.get_level_values("year").to_series(panel.frame.index)
dummies = {f"y{year}": (years == year).astype(float) for year in panel.periods[1:]}
with_dummies = spatial.fit(
    panel.assign(**dummies),
    replace(
        model,
        regressors=(*model.regressors, *dummies),
        durbin=model.regressors,
        effects="individual",
        estimator="direct",
    ),
    weights,
)
splm_corrected = elsewhere.splm("cigar", corrected=True)
pairs = {
    ("spreg 1.9.1", "two-way, year effects demeaned here"): (static["direct"], elsewhere.spreg()),
    ("spreg 1.9.1", "two-way, year dummies here as there"): (with_dummies, elsewhere.spreg()),
    ("splm 1.6.5", "against W first"): (static["direct"], elsewhere.splm("cigar")),
    ("splm 1.6.5", "against demeaned first"): (
        static["direct, demeaned first"],
        elsewhere.splm("cigar"),
    ),
    ("splm 1.6.5", "its correction, against Lee and Yu's"): (
        spatial.fit(
            panel,
            replace(model, estimator="direct-corrected-published", within_order="demean-first"),
            weights,
        ),
        splm_corrected,
    ),
    ("Elhorst's routines", "direct"): (static["direct"], elsewhere.elhorst()),
    ("Elhorst's routines", "direct, corrected"): (
        static["direct, corrected"],
        elsewhere.elhorst(corrected=True),
    ),
    **{
        ("second implementation of ours", shown): (
            static[shown],
            elsewhere.second("cigar", estimator=estimator),
        )
        for shown, estimator in {
            "direct": "direct",
            "direct, corrected": "direct-corrected-published",
            "transformation": "transformation",
        }.items()
    },
}
static_digits = pd.DataFrame({key: ledger.agreement(*pair) for key, pair in pairs.items()}).T
tables.show(
    static_digits.rename(columns=DIGITS),
    "tab-cigar-static-digits",
    "Static model: fewest digits in which the estimates here agree with those from elsewhere.",
    stub="compared with",
    digits=1,
    formats={"gap / s.e.": ".0e"},
    notes="A dash where the software prints no such number. Gap: the largest difference of a "
    "coefficient, in standard errors.",
    code=[ledger.agreement, elsewhere],
    data={pair[1].file.split("/")[-1]: pair[1].file for pair in pairs.values()},
)

# %%
spreg_key = ("spreg 1.9.1", "two-way, year effects demeaned here")
dummy_key = ("spreg 1.9.1", "two-way, year dummies here as there")
elhorst_key = ("Elhorst's routines", "direct")
for name, value in {
    "spreg_rho": static_digits.loc[spreg_key, "spatial"],
    "spreg_se": static_digits.loc[spreg_key, "std_errors"],
    "spreg_se_dummies": static_digits.loc[dummy_key, "std_errors"],
    "se_rho": static["direct"].std_errors["rho"],
    "se_rho_spreg": elsewhere.spreg().std_errors["rho"],
    "splm_rho_other": static_digits.loc[("splm 1.6.5", "against W first"), "spatial"],
    "splm_rho_same": static_digits.loc[("splm 1.6.5", "against demeaned first"), "spatial"],
    "splm_shift": splm_corrected.params["rho"] - elsewhere.splm("cigar").params["rho"],
    "leeyu_shift": static["direct, corrected"].params["rho"] - static["direct"].params["rho"],
    "splm_sigma2": splm_corrected.params["sigma2"] / elsewhere.splm("cigar").params["sigma2"],
    "leeyu_sigma2": panel.n_periods / (panel.n_periods - 1),
    "elhorst_off": elsewhere.elhorst().params["rho"] - static["direct"].params["rho"],
    "elhorst_loglik": static["direct"].loglik - elsewhere.elhorst().loglik,
    "second_worst": static_digits.loc["second implementation of ours"]
    .drop(columns="gap")
    .min()
    .min(),
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Each line that falls short has a cause:
#
# * **spreg's standard errors.** Its coefficients agree ($\rho$ in {glue:text}`spreg_rho:.0f` digits),
#   its standard errors in {glue:text}`spreg_se:.0f` only: that of $\rho$ is
#   {glue:text}`se_rho_spreg:.5f` there, {glue:text}`se_rho:.5f` here. spreg enters the year
#   effects as dummy variables, so the information on $\rho$ is net of the year means of the fitted
#   neighbours' sales; in Elhorst's formula, and in the direct estimator here, they are left in. Let
#   the estimator here carry the year dummies as regressors, and the standard errors agree in
#   {glue:text}`spreg_se_dummies:.0f` digits.
# * **splm demeans first.** Against the likelihood with $W$ first, its $\rho$ agrees in
#   {glue:text}`splm_rho_other:.0f` digits, in the same order of operations in
#   {glue:text}`splm_rho_same:.0f`.
# * **splm's two-way correction** has the wrong sign and scale. Lee and Yu's moves $\rho$ by
#   {glue:text}`leeyu_shift:+.4f`; splm's by {glue:text}`splm_shift:+.5f`. It multiplies $\sigma^2$ by
#   {glue:text}`splm_sigma2:.3f`, where $T/(T-1)$ is {glue:text}`leeyu_sigma2:.3f`. Its estimates with
#   `LeeYu = TRUE` and two-way effects should not be used.
# * **Elhorst's routines** look the log-determinant up in a table of values of $\rho$ a thousandth
#   apart. So $\rho$ ends {glue:text}`elhorst_off:+.4f` from the maximum, and the error of the table
#   goes straight into the log-likelihood, which is {glue:text}`elhorst_loglik:.2f` too low. The
#   eigenvalues of $W$ {cite:p}`ord1975` give the log-determinant at any $\rho$.
# * The **second implementation** agrees in at least {glue:text}`second_worst:.1f` digits everywhere.
#   Its search stops at a tolerance; the one here finds the root of the score.
#
# ### What a price rise does
#
# A coefficient of this model is not an effect: a price rise in one state moves sales there, which
# moves sales in the neighbouring states, which comes back. The mean response of a state to its own
# price is the *direct* effect, that of all others taken together the *indirect* one
# {cite:p}`lesagepace2009`. {numref}`tab-cigar-effects` gives them at the estimate with errors by the
# delta method, and beside each the digits in which both agree with the second implementation.

# %%
effect_columns, effect_errors = {}, {}
for shown, estimator in {"direct": "direct", "transformation": "transformation"}.items():
    found = static[shown].effects()
    other = elsewhere.second("cigar", estimator=estimator).effects["short"]
    effect_columns[shown, "effect"] = found["estimate"]
    effect_errors[shown, "effect"] = found["std_error"]
    for column, title in {"estimate": "digits", "std_error": "digits of the error"}.items():
        effect_columns[shown, title] = found[column].combine(other[column], ledger.agreeing_digits)
        effect_errors[shown, title] = np.nan
effects = pd.DataFrame(effect_columns).rename(index={"logp": PRICE, "logy": INCOME})
tables.show(
    effects,
    "tab-cigar-effects",
    "Static model: direct, indirect and total effects, with the digits that agree with the second "
    "implementation of ours.",
    errors=pd.DataFrame(effect_errors).set_axis(effects.index),
    stub="effect of",
    formats={"digits": ".1f", "digits of the error": ".1f"},
    code=[spatial.Fit.effects],
    data=data,
)

# %%
elasticities = static["transformation"].effects()["estimate"]
glue("price_direct", float(elasticities["direct", "logp"]), display=False)
glue("price_indirect", float(elasticities["indirect", "logp"]), display=False)
glue("income_indirect", float(elasticities["indirect", "logy"]), display=False)
glue(
    "price_indirect_z",
    float(static["transformation"].effects().loc[("indirect", "logp"), "z"]),
    display=False,
)

# %% [markdown]
# One per cent on the price changes sales in the state by {glue:text}`price_direct:.2f` per cent. The
# spillover is {glue:text}`price_indirect:.2f` ($z$ = {glue:text}`price_indirect_z:.1f`), and its sign
# is the wrong one for border trade: dearer cigarettes next door should bring customers, not
# keep them away. Keep that in mind for the dynamic model. Richer neighbours go with lower sales
# ({glue:text}`income_indirect:.2f`).
#
# ## How well is $\rho$ known, and what a dense $W$ does to it
#
# {numref}`fig-cigar-profile` draws the likelihood as a function of $\rho$ alone, everything else at
# its best: the curve falls below the dashed line where a likelihood ratio test at five per cent
# rejects. On the left $W$ is the contiguity of the states. On the right every state neighbours
# every other, with weight one over distance, as in the papers of this book.

# %%
dense = inverse_distance(states[["lon", "lat"]], power=density_power)
matrices = {
    "contiguity": weights,
    "five nearest": k_nearest(states[["lon", "lat"]], 5),
    "1/distance²": inverse_distance(states[["lon", "lat"]], power=2),
    f"1/distance{'' if density_power == 1 else f'^{density_power:g}'}": dense,
}
grid = np.linspace(-0.4, 0.96, 137)
figure, axes = figures.canvas(1, 2, height=3.3, sharey=True)
curves = {}
for axis, (title, matrix) in zip(axes, list(matrices.items())[:: len(matrices) - 1], strict=True):
    for place, estimator in enumerate(["direct", "transformation"]):
        found = spatial.fit(panel, replace(model, estimator=estimator), matrix)
        curve = spatial.profile(found, grid) - found.loglik
        curves[title, estimator] = curve
        axis.plot(curve.index, curve, label=estimator, color=figures.COLOURS[place])
        axis.axvline(
            found.params["rho"], color=figures.COLOURS[place], linewidth=0.8, linestyle=":"
        )
    axis.axhline(-stats.chi2.isf(0.05, 1) / 2, color=figures.INK, linewidth=0.8, linestyle="--")
    axis.set(title=title, xlabel="ρ", ylim=(-12, 0.6))
axes[0].set_ylabel("log-likelihood below its maximum")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
figures.show(
    figure,
    "fig-cigar-profile",
    "Log-likelihood of the static model as a function of ρ, below its maximum, by the direct and "
    "the transformation approach, for a sparse and a dense matrix of weights.",
    alt="Two panels of parabola-like curves. With the contiguity matrix the direct and the "
    "transformation curve are narrow and close to each other. With inverse distance both are wider "
    "and the transformation's maximum lies far to the right of the direct one's.",
    values=pd.DataFrame(curves),
    code=[spatial.profile],
    data=data,
    parameters={"density_power": density_power},
)

# %%
rows = {}
for title, matrix in matrices.items():
    found = {
        estimator: spatial.fit(panel, replace(model, estimator=estimator), matrix)
        for estimator in ("direct", "direct-corrected-published", "transformation")
    }
    exact = found["transformation"]
    rows[title] = {
        "links": float((matrix.dense() > 0).sum(axis=1).mean()),
        "direct": found["direct"].params["rho"],
        "corrected": found["direct-corrected-published"].params["rho"],
        "transformation": exact.params["rho"],
        "s.e.": exact.std_errors["rho"],
        "leak / s.e.": (exact.params["rho"] - found["direct"].params["rho"])
        / exact.std_errors["rho"],
    }
density = pd.DataFrame(rows).T
tables.show(
    density,
    "tab-cigar-dense",
    "The spatial parameter ρ of the static model under four matrices of weights.",
    stub="W",
    formats={"links": ".1f", "leak / s.e.": ".1f"},
    notes="Links: mean number of neighbours. Leak: what the direct estimate falls short of the "
    "transformation. The standard error is that of the transformation.",
    code=[spatial.fit],
    data=data,
    parameters={"density_power": density_power},
)

# %%
for name, value in {
    "dense_direct": density["direct"].iloc[-1],
    "dense_corrected": density["corrected"].iloc[-1],
    "dense_transformed": density["transformation"].iloc[-1],
    "dense_leak": density["leak / s.e."].iloc[-1],
    "dense_error_ratio": density["s.e."].iloc[-1] / density["s.e."].iloc[0],
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# With one over distance ({numref}`tab-cigar-dense`) the direct estimate is
# {glue:text}`dense_direct:.2f`, the correction takes it to {glue:text}`dense_corrected:.2f`, and the
# transformation says {glue:text}`dense_transformed:.2f`: a leak of {glue:text}`dense_leak:.1f`
# standard errors, and a standard error {glue:text}`dense_error_ratio:.1f` times that under
# contiguity. The reason is plain at the extreme. If all states were equally near, $Wy$ would be the
# mean of the others, and once year means are taken out it is $-y/(N-1)$: the outcome itself, with a
# negative sign. Nothing is left from which to learn $\rho$, and what little there is pulls it down.
# A denser $W$ comes nearer to that extreme. On real data nobody knows the true $\rho$, so this table
# shows a disagreement, not who is right. That takes data with a known truth, and
# {doc}`the Monte Carlo chapter <monte_carlo>` has them: it measures the bias of these estimators on
# the map of 34 cities, dense matrices among them.
#
# ## The dynamic model
#
# Smoking is a habit, so last year's sales enter, and those of the neighbours:
#
# $$
# y_t = \rho W y_t + \tau y_{t-1} + \eta W y_{t-1} + X_t \beta + W X_t \theta + \mu + \xi_t \iota + e_t .
# $$
#
# The lag brings a bias of order $1/T$ of its own. With state effects it is corrected by the formula
# of {cite:t}`yudejonglee2008`; with year effects as well these are first transformed away
# {cite:p}`leeyu2010dynamic`, which is the default here. {numref}`tab-cigar-dynamic` has four
# estimators of the two-way model, and the default estimator with state or year effects alone.

# %%
dynamic_model = replace(model, time_lag=True, space_time_lag=True)
dynamic = {
    ("direct", "plain"): replace(dynamic_model, estimator="direct"),
    ("direct", "corrected"): replace(dynamic_model, estimator="direct-corrected"),
    ("transformation", "plain"): replace(dynamic_model, estimator="transformation-uncorrected"),
    ("transformation", "corrected"): dynamic_model,
    ("one kind", "states"): replace(dynamic_model, effects="individual"),
    ("one kind", "years"): replace(dynamic_model, effects="time"),
}
dynamic = {key: spatial.fit(panel, spec, weights) for key, spec in dynamic.items()}
default = dynamic["transformation", "corrected"]
tables.regressions(
    dynamic,
    "tab-cigar-dynamic",
    "Dynamic spatial Durbin model of cigarette sales. Standard errors below.",
    terms=TERMS,
    statistics={
        "$\\tau + \\rho + \\eta$": lambda fit: f"{fit.stability.unit_sum:.3f}",
        "P of a unit root": lambda fit: f"{fit.stability.unit_test.p_value:.3f}",
        "largest root": lambda fit: f"{fit.stability.root:.3f}",
        "state-years": "nobs",
    },
    formats={"$\\sigma^2$": ".5f"},
    notes="P of a unit root: Wald test that the sum of the three dynamic parameters is one. Largest "
    "root: the largest modulus of the dynamics over the eigenvalues of W; below one where shocks die "
    "out.",
    code=[spatial.fit],
    data=data,
)

# %%
for name, value in {
    "tau": default.params["L.logc"],
    "tau_uncorrected": dynamic["transformation", "plain"].params["L.logc"],
    "rho_dynamic": default.params["rho"],
    "rho_dynamic_direct": dynamic["direct", "plain"].params["rho"],
    "rho_individual": dynamic["one kind", "states"].params["rho"],
    "root_individual": dynamic["one kind", "states"].stability.root,
    "sum_individual": dynamic["one kind", "states"].stability.unit_sum,
    "p_individual": dynamic["one kind", "states"].stability.unit_test.p_value,
    "p_default": default.stability.unit_test.p_value,
    "half_life": np.log(0.5) / np.log(default.stability.root),
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Habit takes most of what the static model gave to the neighbours: $\tau$ is {glue:text}`tau:.3f`
# and $\rho$ {glue:text}`rho_dynamic:.3f`. The correction moves $\tau$, from
# {glue:text}`tau_uncorrected:.3f`; the transformation moves $\rho$, which the direct likelihood puts
# at {glue:text}`rho_dynamic_direct:.3f`. Where shocks last longest, half of one is gone after
# {glue:text}`half_life:.0f` years.
#
# Year effects decide whether there is a long run at all. Without them whatever is common to all states,
# such as the fall in smoking, can only be the work of neighbours: $\rho$ is {glue:text}`rho_individual:.3f`, the three dynamic
# parameters add up to {glue:text}`sum_individual:.3f`, and a unit root is not rejected
# ($P$ = {glue:text}`p_individual:.2f`). The largest root is {glue:text}`root_individual:.3f`, so a
# long-run effect does not exist at that estimate and the package refuses to print one. With year
# effects a unit root is rejected ($P$ = {glue:text}`p_default:.3f`).

# %%
sums = {
    (
        "SDPDmod 0.0.6, clipping removed",
        f"{effects}, {'corrected' if corrected else 'uncorrected'}",
    ): (
        spatial.fit(
            panel,
            replace(
                dynamic_model,
                effects=effects,
                unit_roots=True,
                estimator="transformation" if corrected else "transformation-uncorrected",
            ),
            weights,
        ),
        elsewhere.sdpdmod("cigar", effects=effects, corrected=corrected),
    )
    for effects in ("individual", "two-way")
    for corrected in (False, True)
}
sums |= {
    ("second implementation of ours", title): (
        spatial.fit(
            panel,
            replace(
                dynamic_model,
                estimator=estimator,
                within_order="demean-first" if title.startswith("direct") else "weights-first",
            ),
            weights,
        ),
        elsewhere.second("cigar", estimator=estimator, dynamic=True),
    )
    for title, estimator in {
        "direct": "direct",
        "direct, corrected": "direct-corrected",
        "transformation, uncorrected": "transformation-uncorrected",
        "transformation, corrected": "transformation",
    }.items()
}
dynamic_digits = pd.DataFrame({key: ledger.agreement(*pair) for key, pair in sums.items()}).T
tables.show(
    dynamic_digits.drop(columns="loglik").rename(columns=DIGITS),
    "tab-cigar-dynamic-digits",
    "Dynamic model: fewest digits in which the estimates here agree with those from elsewhere.",
    stub="compared with",
    digits=1,
    formats={"gap / s.e.": ".0e"},
    notes="Gap: the largest difference of a coefficient, in standard errors.",
    code=[ledger.agreement, elsewhere],
    data={pair[1].file.split("/")[-1]: pair[1].file for pair in sums.values()},
)

# %%
sdpdmod = elsewhere.sdpdmod("cigar")
for name, value in {
    "sdpdmod_rho": sdpdmod.params["rho"],
    "sdpdmod_off": max(
        abs(pair[1].params["rho"] - pair[0].params["rho"])
        for key, pair in sums.items()
        if key[0].startswith("SDPDmod")
    ),
    "second_dynamic": dynamic_digits.loc["second implementation of ours"]
    .drop(columns=["loglik", "gap"])
    .min()
    .min(),
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# Third-party software for the dynamic model is scarce. R's **SDPDmod** has it, but as released
# (0.0.6) it clips the information matrix in a way that depends on the units of the outcome; with
# that step removed (three lines) its estimates agree with those here as far as its grid of
# log-determinants allows ({numref}`tab-cigar-dynamic-digits`): $\rho$ is off by at most
# {glue:text}`sdpdmod_off:.4f`. Its convention for roots near one is an option here and switched on for
# the comparison. The **second implementation** agrees in at least
# {glue:text}`second_dynamic:.1f` digits. Two of its conventions had to be matched: its direct
# estimates form $Wy$ from the demeaned outcome, and the standard errors compared are those from the
# information matrix, because its sandwich errors after a transformation depend on which
# orthonormal basis was used, while those here do not.
#
# ### Short and long run
#
# {numref}`tab-cigar-dynamic-effects` has the effects of the default within a year and after all
# adjustment.

# %%
effect_columns, effect_errors = {}, {}
for horizon in ("short", "long"):
    found = default.effects(horizon)
    other = elsewhere.second("cigar", dynamic=True).effects[horizon]
    theirs = sdpdmod.effects[horizon]
    effect_columns[f"{horizon} run", "here"] = found["estimate"]
    effect_errors[f"{horizon} run", "here"] = found["std_error"]
    effect_columns[f"{horizon} run", "second"] = other["estimate"]
    effect_errors[f"{horizon} run", "second"] = other["std_error"]
    effect_columns[f"{horizon} run", "SDPDmod"] = theirs["mean_of_draws"]
    effect_errors[f"{horizon} run", "SDPDmod"] = theirs["std_error"]
effects = pd.DataFrame(effect_columns).rename(index={"logp": PRICE, "logy": INCOME})
tables.show(
    effects,
    "tab-cigar-dynamic-effects",
    "Dynamic model, two-way effects: direct, indirect and total effects in the short and the long "
    "run. Standard errors below.",
    errors=pd.DataFrame(effect_errors).set_axis(effects.index),
    stub="effect of",
    notes="Here: information matrix and delta method. Second: the second implementation of ours, "
    "sandwich errors and delta method. SDPDmod: mean and standard deviation of draws.",
    code=[spatial.Fit.effects],
    data=data,
)

# %%
path = default.response_path(years_ahead, cumulative=True)
long_run = default.effects("long")
figure, axes = figures.canvas(height=3.2)
for place, kind in enumerate(("direct", "indirect", "total")):
    line = path.xs((kind, "logp"), level=("effect", "term"))
    axes.fill_between(
        line.index,
        line["lower"],
        line["upper"],
        color=figures.COLOURS[place],
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(line.index, line["estimate"], color=figures.COLOURS[place], label=kind)
    axes.axhline(
        long_run.loc[(kind, "logp"), "estimate"],
        color=figures.COLOURS[place],
        linewidth=0.8,
        linestyle=":",
    )
axes.axhline(0, color=figures.MUTED, linewidth=0.8)
axes.set(xlabel="years after the rise", ylabel="per cent of sales")
axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
figures.show(
    figure,
    "fig-cigar-path",
    "Response of sales to a lasting price rise of one per cent, with 95 % intervals by the delta "
    "method. Dotted: the long-run effects.",
    alt="Three lines over the years after a price rise. The direct effect falls towards its long-run "
    "value, the indirect effect rises above zero with a wide interval, the total lies between.",
    values=path.xs("logp", level="term"),
    code=[spatial.Fit.response_path],
    data=data,
    parameters={"years_ahead": years_ahead},
)

# %%
second_long = elsewhere.second("cigar", dynamic=True).effects["long"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DiscardedDrawsWarning)  # the note below the table says as much
    simulated = default.effects("long", "simulation", draws=draws)
    stata = default.effects("long", "xsmle")
tables.show(
    pd.DataFrame(
        {
            ("value", "estimate"): long_run["estimate"],
            ("delta method", "from"): long_run["lower"],
            ("delta method", "to"): long_run["upper"],
            ("draws", "from"): simulated["lower"],
            ("draws", "to"): simulated["upper"],
            ("mean of draws", "second"): second_long["mean_of_draws"],
            ("mean of draws", "SDPDmod"): sdpdmod.effects["long"]["mean_of_draws"],
            ("mean of draws", "xsmle"): stata["estimate"],
        }
    ).rename(index={"logp": PRICE, "logy": INCOME}),
    "tab-cigar-draws",
    "Long-run effects: the value at the estimate with two 95 % intervals, and what packages print.",
    stub="effect of",
    digits=2,
    notes=f"Intervals of draws: quantiles of {draws} draws of all parameters, of which "
    f"{simulated.attrs['draws_without_long_run']} have no long run. Second: the second implementation "
    "of ours. xsmle: the convention of that Stata package, τ and η held fixed, computed here; "
    f"{stata.attrs['draws_without_long_run']} of its {stata.attrs['draws']} draws have no long run.",
    code=[spatial.Fit.effects],
    data=data,
    parameters={"draws": draws},
)

# %%
key = ("indirect", "logy")
for name, value in {
    "long_estimate": long_run.loc[key, "estimate"],
    "long_second": second_long.loc[key, "mean_of_draws"],
    "long_sdpdmod": sdpdmod.effects["long"].loc[key, "mean_of_draws"],
    "long_price": long_run.loc[("direct", "logp"), "estimate"],
    "short_spill": default.effects().loc[("indirect", "logp"), "estimate"],
    "short_spill_z": default.effects().loc[("indirect", "logp"), "z"],
    "short_price": default.effects().loc[("direct", "logp"), "estimate"],
    "long_ratio": long_run.loc[("direct", "logp"), "estimate"]
    / default.effects().loc[("direct", "logp"), "estimate"],
    "long_xsmle": stata.loc[key, "estimate"],
    "rho_eta": default.cov.loc["rho", "W.L.logc"]
    / (default.std_errors["rho"] * default.std_errors["W.L.logc"]),
    "long_upper_delta": long_run.loc[key, "upper"],
    "long_upper_draws": simulated.loc[key, "upper"],
}.items():
    glue(name, float(value), display=False)

# %% [markdown]
# A lasting price rise of one per cent changes sales in the state by {glue:text}`short_price:.2f` per
# cent in the same year and by {glue:text}`long_price:.2f` per cent in the end,
# {glue:text}`long_ratio:.1f` times as much; {numref}`fig-cigar-path` shows how long the end takes. The
# spillover of the price is {glue:text}`short_spill:.2f` ($z$ = {glue:text}`short_spill_z:.1f`) in the
# same year: the sign of border trade, and the opposite of what the static model said. In the long run
# its interval includes zero.
#
# What packages print as *the* long-run effect is often another number. It has
# $1 - \tau - \rho - \eta$ below the line, which is small here, so draws of the parameters make it
# heavy-tailed and its mean is pulled outwards ({numref}`tab-cigar-draws`): the indirect effect of income is
# {glue:text}`long_estimate:.3f` at the estimate, {glue:text}`long_second:.3f` as a mean of draws in
# the second implementation and {glue:text}`long_sdpdmod:.3f` in SDPDmod. The convention
# of Stata's xsmle is farther off, {glue:text}`long_xsmle:.2f`: it draws $\rho$ but holds $\eta$ fixed,
# although the two are correlated with {glue:text}`rho_eta:.2f`, so that draws of a large $\rho$ are not
# offset and bring the denominator closer to zero. The upper end of the
# interval is {glue:text}`long_upper_delta:.2f` by the delta method and
# {glue:text}`long_upper_draws:.2f` by the quantiles of draws. This book reports the value at the
# estimate with delta-method errors, and the quantiles where the long run matters.
#
# ## Which model, and are both kinds of effects needed?
#
# {numref}`tab-cigar-tests` runs the tests that papers print before they choose: Lagrange multiplier
# tests on the residuals of least squares, Wald and likelihood ratio tests of the Durbin model
# against its special cases, fixed against random effects, and dependence that is left. Beside each
# stands what other software gives, and the digits that agree with the best of it.

# %%
found = specification_tests.specification_tests(panel, replace(model, estimator="direct"), weights)
others = elsewhere.recorded_tests("cigar").reindex(found.index)
battery = pd.concat([found[["statistic", "df", "p_value"]], others], axis=1)
battery["digits"] = [
    max(ledger.agreeing_digits(row["statistic"], row[name]) for name in others)
    if row[list(others)].notna().any()
    else np.nan
    for _, row in battery.iterrows()
]
battery["splm digits"] = [
    ledger.agreeing_digits(a, b) if b == b else np.nan
    for a, b in zip(battery["statistic"], battery["splm 1.6.5"], strict=True)
]
SHORT = {
    "p_value": "P",
    "splm 1.6.5": "splm",
    "Elhorst's routines": "Elhorst",
    "second implementation of ours": "second",
}
tables.show(
    battery.drop(columns="splm digits").rename(columns=SHORT),
    "tab-cigar-tests",
    "Specification tests of the static model, direct likelihood, two-way effects.",
    stub="test",
    digits=2,
    formats={"df": ".0f", "P": ".4f", "digits": ".1f"},
    notes="splm 1.6.5, Elhorst's routines, the second implementation of ours; digits: those that agree "
    "with the nearest of the three.",
    code=[specification_tests.specification_tests, elsewhere.recorded_tests],
    data=data,
)

# %%
tests = {result.name: result for result in specification_tests.joint_effects_tests(
    panel, replace(model, model="ols"), weights
)}  # fmt: skip
pairs = {"individual effects": "LR city effects", "time effects": "LR year effects"}
printed = elsewhere.elhorst_printed()
joint = pd.DataFrame(
    {
        "statistic": {row: tests[name].statistic for row, name in pairs.items()},
        "as printed": printed["printed"],
        "df": {row: tests[name].df for row, name in pairs.items()},
        "df as printed": printed["df_printed"],
    }
)
joint["5 % point"] = stats.chi2.isf(0.05, joint["df"])
tables.show(
    joint,
    "tab-cigar-joint",
    "Joint likelihood ratio tests of the effects in the model without spatial lags, here and as "
    "printed by Elhorst (2014).",
    stub="joint significance of",
    digits=1,
    code=[specification_tests.joint_effects_tests],
    data=data,
)

# %%
rounded = [f"{a:.1f}" == b for a, b in zip(joint["statistic"], joint["as printed"], strict=True)]
glue("joint_same", "Both statistics round" if all(rounded) else "Not both round", display=False)
glue("lm_digits", float(battery["splm digits"].min()), display=False)
glue("lr_sar_p", float(found.loc["LR SAR", "p_value"]), display=False)
glue("lr_sem_p", float(found.loc["LR SEM", "p_value"]), display=False)
n, periods = panel.n_units, panel.n_periods
glue("cd_null", float(-np.sqrt(n * periods / (2 * (n - 1)))), display=False)
glue("hausman", float(found.loc["Hausman", "statistic"]), display=False)
glue("hausman_elhorst", float(others.loc["Hausman", "Elhorst's routines"]), display=False)
glue("cd", float(found.loc["Pesaran CD", "statistic"]), display=False)

# %% [markdown]
# The multiplier tests agree with splm's in at least {glue:text}`lm_digits:.1f` digits. Both special
# cases are rejected, the SAR ($P$ = {glue:text}`lr_sar_p:.4f`) more clearly than the SEM
# ($P$ = {glue:text}`lr_sem_p:.3f`), so the Durbin model stays. Pesaran's CD of
# {glue:text}`cd:.1f` cannot be read against zero: taking out year means makes the correlation of two
# states negative, which alone brings it to about {glue:text}`cd_null:.1f`.
#
# The Hausman test is the exception in the table: {glue:text}`hausman:.1f` here, which does not reject
# random effects, and {glue:text}`hausman_elhorst:.1f` by Elhorst's routines, which does. It weighs the
# difference of two estimates by the difference of their covariance matrices. The routines take
# fixed effects after bias correction, and each covariance matrix as its estimator gives it; here both
# matrices are evaluated at the same point, so that two estimates of $\sigma^2$ do not stand in for the
# difference that the test is about. A statistic that depends on this so much should not decide. The
# fixed effects stay for a better reason: these states are not a sample from a population of states.
#
# Two statistics can be held against print ({numref}`tab-cigar-joint`; {cite:t}`elhorst2014`).
# {glue:text}`joint_same` to what is printed, and both kinds of effects are needed by a wide margin.
# The degrees of freedom differ by one: beside a constant there are $N - 1$ free state effects and
# $T - 1$ free year effects, where the print counts $N$ and $T$. At these statistics nothing hangs on
# it.
#
# ## What to take from this page
#
# * Where two programs estimate the same thing, they agree as far as their arithmetic allows; where
#   they do not, the difference has a name: the order of $W$ and demeaning, a grid, a formula for the
#   information, a mean of draws.
# * The choice that matters is the estimator, not the program: it moves $\rho$ in the static model by
#   {glue:text}`leak:.3f` on this panel, and far more on a dense $W$.
# * The uncorrected direct likelihood, which spreg, splm and Elhorst's routines compute unless told
#   otherwise, is not used in this book for two-way effects unless a printed table has to be matched.
