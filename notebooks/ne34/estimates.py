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
# # Does co-agglomeration bend carbon intensity down?

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20
std_errors: str = "information"  # standard errors:
# information | sandwich | cluster | driscoll-kraay

# %%
from dataclasses import replace

import numpy as np
import pandas as pd
import seaborn as sns
from myst_nb import glue
from scipy import stats

from analysis import spatial
from analysis.book import figures, heavy as validate, ledger, parameters, tables
from analysis.book import compare, published
from analysis.inference.turning_point import quadratic_report
from analysis.panel import Panel
from analysis.papers.ne34.targets import truth
from analysis.papers.ne34 import study as ne34
from analysis.study import open_study
from analysis.papers.ne34.tables import UNCORRECTED, main_fits

parameters.check()
sample = open_study(ne34.STUDY, globals())
where = {
    "data": {"panel": sample.panel},
    "parameters": sample.parameters | {"standard errors": std_errors},
}
fits = main_fits(sample, std_errors)
direct = main_fits(sample, std_errors, UNCORRECTED)
static, dynamic = fits.values()
sample.banner

# %% [markdown]
# The static model explains carbon intensity by this year's co-agglomeration, its square, six
# controls, and the neighbours' values of all of these and of carbon intensity itself. The
# dynamic model adds last year's carbon intensity, here and next door:
#
# $$
# y_t = \rho W y_t + \tau y_{t-1} + \eta W y_{t-1} + X_t \beta + W X_t \theta + \mu + \xi_t \iota + \varepsilon_t ,
# $$
#
# with city effects $\mu$ and year effects $\xi_t$. The default estimator removes the effects by
# orthonormal transformations before it maximises the likelihood {cite:p}`leeyu2010`, and corrects the
# dynamic model for the bias of order $1/T$ {cite:p}`yudejonglee2008,leeyu2010dynamic`. Beside it stands
# what printed papers mostly use: the same likelihood with dummy variables and no correction. {numref}`tab-ne34-main`
# has both.

# %%
terms = ne34.STUDY.labels(list(dynamic.params.index))
tables.regressions(
    {
        ("static", "default"): static,
        ("static", "uncorrected"): direct["Model 1"],
        ("dynamic", "default"): dynamic,
        ("dynamic", "uncorrected"): direct["Model 2"],
    },
    "tab-ne34-main",
    "Spatial Durbin models of carbon intensity with city and year effects (the paper's Table 4).",
    terms=terms,
    statistics={
        "city-years": "nobs",
        "R², within": lambda fit: fit.rsquared["within"],
        "R², effects included": lambda fit: fit.rsquared["explained"],
        "log-likelihood": "loglik",
    },
    with_stars=True,
    notes="Log-likelihoods are at the uncorrected maximum; those of the transformation (default) and of "
    "dummy variables (uncorrected) are not comparable.",
    code=[main_fits, spatial.fit],
    **where,
)

# %% [markdown]
# ## Beside print and beside the truth
#
# Model 2's parameters are those the generator was given, so its estimates are *recovered*: the
# verdict in {numref}`tab-ne34-dynamic-beside` judges them against the truth. That one in twenty lies outside its
# sampling error is what 95 % means. The static model leaves out what drives these data, last
# year's carbon intensity, so it has no truth to recover: its comparison in
# {numref}`tab-ne34-static-beside` is free.

# %%
claims = compare.estimates(
    "A",
    "4",
    "Model 2",
    dynamic.params,
    dynamic.std_errors,
    kind=sample.estimate_kind,
    outcome="Carbon",
    true=sample.true,
)
extra = [
    ledger.printed_claim(
        "A", "4", "R^2", "Model 2", kind=sample.derived_kind, derived=float(dynamic.rsquared["within"]),
        note="xsmle's within R²; the print does not say which it is",
    ),
    ledger.printed_claim("A", "4", "Observations", "Model 2", kind="setting", derived=float(dynamic.nobs)),
]  # fmt: skip
labels = ne34.STUDY.labels(list(dynamic.params.index)) | {
    "L.y": ne34.STUDY.label("L.Carbon"),
    "W.L.y": ne34.STUDY.label("W.L.Carbon"),
    "R^2": "R²",
    "Observations": "observations",
    "Ind Time": "city and year effects",
}
tables.beside(
    [*claims, *extra, *compare.settings("A", "4", "Model 2")],
    "tab-ne34-dynamic-beside",
    "Table 4, dynamic model, beside print.",
    labels=labels,
    stub="term",
    code=[main_fits, spatial.fit],
    **where,
)

# %%
claims = compare.estimates(
    "A",
    "4",
    "Model 1",
    static.params,
    static.std_errors,
    kind=sample.derived_kind,
    outcome="Carbon",
)
extra = [
    ledger.printed_claim("A", "4", "R^2", "Model 1", kind=sample.derived_kind, derived=float(static.rsquared["within"])),
    ledger.printed_claim("A", "4", "Observations", "Model 1", kind="setting", derived=float(static.nobs)),
]  # fmt: skip
tables.beside(
    [*claims, *extra, *compare.settings("A", "4", "Model 1")],
    "tab-ne34-static-beside",
    "Table 4, static model, beside print.",
    labels=labels,
    stub="term",
    code=[main_fits, spatial.fit],
    **where,
)

# %% [markdown]
# ## What an uncorrected ρ looks like
#
# {numref}`tab-ne34-seeds` repeats the dynamic model on {glue:text}`ne34_n_seeds:d` data sets from the
# same truth. The coefficients of co-agglomeration and the controls have medians near their truth by
# either estimator. The lag of carbon intensity has not: without correction τ comes out at
# {glue:text}`ne34_tau_direct:.2f` where the truth is {glue:text}`ne34_tau_true:.2f`, by the default at
# {glue:text}`ne34_tau_default:.2f`. The spatial parameters are further off: with a
# dense $W$ on as many cities the uncorrected ρ has its median at {glue:text}`ne34_rho_direct:.2f` where the
# truth is {glue:text}`ne34_rho_true:.2f`, the default's at {glue:text}`ne34_rho_default:.2f`, and η
# is pushed the other way.
#
# That is no accident of these data. [](../validation/monte_carlo.py) draws samples of the same shape from a
# simpler model: {numref}`tab-bias-rho` has the bias of ρ at several truths and on four matrices, where it
# depends on $W$ more than on the truth, and {numref}`tab-dynamic-bias` the dynamic model. So a printed ρ
# from such data means little by itself. A positive one would, if it came from an
# uncorrected estimator on this matrix, ask for a truth far above itself; and a negative one is what a
# positive truth looks like. Even the default leaves a 90 %
# range of {glue:text}`ne34_rho_width:.1f` in width: so many cities and this matrix do not hold more
# information about ρ.
#
# The static model has no truth to be held against; {numref}`tab-ne34-static-seeds` has its medians. With last
# year's carbon intensity left out, ρ stands in for it: its range by the default reaches from
# {glue:text}`ne34_static_low:.2f` to {glue:text}`ne34_static_high:.2f`.

# %%
results = validate.load("ne34_seeds").frame
book_scenario = scenario if sample.is_simulated else "as-printed"
default = compare.seeds(results, book_scenario, "4", "Model 2")
uncorrected = compare.seeds(results, book_scenario, "4 uncorrected", "Model 2")
true = truth(book_scenario).as_series().rename({"L.y": "L.Carbon", "W.L.y": "W.L.Carbon"})
printed = published.estimates("paper_a_table4").query("model == 'Model 2'").set_index("term")
printed = printed["estimate"].astype(float).rename({"L.y": "L.Carbon", "W.L.y": "W.L.Carbon"})
over = pd.concat(
    {
        "": pd.DataFrame({"truth": true, "here": dynamic.params}),
        "default": compare.ranged(default),
        "uncorrected": compare.ranged(uncorrected),
    },
    axis=1,
).loc[dynamic.params.index]
n_seeds = int(results["seeds"].max())
left_out = {
    name: n_seeds - compare.seeds_used(results, book_scenario, table, model)
    for name, table, model in (
        ("dynamic", "4", "Model 2"),
        ("dynamic uncorrected", "4 uncorrected", "Model 2"),
        ("static", "4", "Model 1"),
        ("static uncorrected", "4 uncorrected", "Model 1"),
    )
}
tables.show(
    over.rename(index=labels),
    "tab-ne34-seeds",
    f"The dynamic model over {n_seeds} seeds, scenario {book_scenario}: median and the range from the "
    "5 % to the 95 % quantile. Left out, having no interior maximum: "
    f"{left_out['dynamic']} seeds by the default, {left_out['dynamic uncorrected']} uncorrected.",
    stub="term",
    code=[validate.load],
)

# %%
static_default = compare.seeds(results, book_scenario, "4", "Model 1")
static_printed = published.estimates("paper_a_table4").query("model == 'Model 1'").set_index("term")
over_static = pd.concat(
    {
        "": pd.DataFrame(
            {
                "printed": static_printed["estimate"].astype(float).reindex(static.params.index),
                "here": static.params,
            }
        ),
        "default": compare.ranged(static_default),
        "uncorrected": compare.ranged(
            compare.seeds(results, book_scenario, "4 uncorrected", "Model 1")
        ),
    },
    axis=1,
).loc[static.params.index]
tables.show(
    over_static.rename(index=labels),
    "tab-ne34-static-seeds",
    f"The static model over {n_seeds} seeds, scenario {book_scenario}: median and the range from the "
    "5 % to the 95 % quantile. Left out, having no interior maximum: "
    f"{left_out['static']} seeds by the default, {left_out['static uncorrected']} uncorrected.",
    stub="term",
    code=[validate.load],
)

# %% [markdown]
# ## The inverted U and where it turns
#
# With own coefficients $b_1$ of co-agglomeration and $b_2$ of its square the curve turns at
# $-b_1 / (2 b_2)$. A negative $b_2$ alone does not make an inverted U on the range of the data: Lind and
# Mehlum's test asks that the slope be positive at the lower end and negative at the upper
# {cite:p}`lindmehlum2010`. Two intervals for the turning point stand in {numref}`tab-ne34-turning`; the
# delta method's is symmetric by construction, Fieller's is not and may be unbounded.
# {numref}`fig-ne34-inverted-u` draws the curve above the data that carry it.

# %%
reports = {
    name: quadratic_report(fit.params, fit.cov, "Coagg", "Coagg^2", sample.panel.values("Coagg"))
    for name, fit in {
        "static": static,
        "dynamic": dynamic,
        "dynamic, uncorrected": direct["Model 2"],
    }.items()
}
shown = {
    "turning_point": "turning point",
    "std_error": "standard error",
    "delta_lower": "delta method, lower",
    "delta_upper": "delta method, upper",
    "fieller": "Fieller's 95 % set",
    "slope_low": "slope at the smallest value",
    "slope_high": "slope at the largest value",
    "u_p": "P of the U test",
    "share_beyond": "share of city-years beyond",
}
tables.show(
    pd.DataFrame(reports).loc[list(shown)].rename(index=shown),
    "tab-ne34-turning",
    "Turning point of the fitted curve.",
    code=[quadratic_report],
    **where,
)

# %%
own = dynamic.params[["Coagg", "Coagg^2"]].to_numpy()
grid = np.linspace(0, float(sample.panel.values("Coagg").max()), 200)
level = own[0] * grid + own[1] * grid**2
design = np.column_stack([grid, grid**2])
covariance = dynamic.cov.loc[["Coagg", "Coagg^2"], ["Coagg", "Coagg^2"]].to_numpy()
band = stats.norm.ppf(0.975) * np.sqrt(np.einsum("ni,ij,nj->n", design, covariance, design))
figure, axes = figures.canvas(2, 1, height=4.8, sharex=True, height_ratios=[3, 1])
axes[0].fill_between(
    grid, level - band, level + band, color=figures.COLOURS[0], alpha=0.2, linewidth=0
)
axes[0].plot(grid, level, color=figures.COLOURS[0], label="estimated")
if sample.recovers:
    axes[0].plot(grid, sample.true("Coagg") * grid + sample.true("Coagg^2") * grid**2,
                 color=figures.INK, linestyle="--", linewidth=1.2, label="truth")  # fmt: skip
axes[0].axvline(reports["dynamic"]["turning_point"], color=figures.COLOURS[1], linewidth=1)
axes[0].set(ylabel="contribution to carbon intensity")
axes[0].legend()
sns.histplot(sample.panel.frame["Coagg"], bins=40, color=figures.MUTED, linewidth=0, ax=axes[1])
axes[1].set(xlabel="co-agglomeration", ylabel="city-years")
figures.show(
    figure,
    "fig-ne34-inverted-u",
    "The fitted curve of the dynamic model with its pointwise 95 % band, zero at zero, above the "
    "histogram of co-agglomeration. The vertical line is the turning point.",
    alt=f"A curve that rises from zero, turns at {reports['dynamic']['turning_point']:.2f} and falls, "
    "with a band that widens to the right; below, a histogram with nine tenths of the city-years "
    f"between {np.quantile(sample.panel.values('Coagg'), 0.05):.1f} and "
    f"{np.quantile(sample.panel.values('Coagg'), 0.95):.1f}.",
    code=[quadratic_report],
    **where,
)

# %% [markdown]
# Of all city-years {glue:text}`ne34_beyond:.0%` lie to the right of the turn:
# {glue:text}`ne34_beyond_years:d`, of {glue:text}`ne34_beyond_cities:d` cities
# ({glue:text}`ne34_beyond_names`), of which {glue:text}`ne34_always_beyond:d` lie there in every year.
# "Inverted U" is a statement about them. Without these cities the coefficient of the square is
# {glue:text}`ne34_rest_square:.2f` instead of {glue:text}`ne34_square:.2f`, its standard error
# {glue:text}`ne34_rest_error:.2f` instead of {glue:text}`ne34_error:.2f`, and the curve turns at
# {glue:text}`ne34_rest_turn:.2f` where the largest value left is {glue:text}`ne34_rest_largest:.2f` (P of
# the U test {glue:text}`ne34_rest_p:.2f`).
#
# A straight line has a log-likelihood lower by {glue:text}`ne34_straight:.1f`; it is the quadratic without
# the square and its spatial lag, and the likelihood ratio test on
# {glue:text}`ne34_straight_df:d` degrees of freedom has P = {glue:text}`ne34_straight_p:.3f`. A curve that
# flattens and never falls, the logarithm of co-agglomeration in place of the two terms, has one lower by
# {glue:text}`ne34_flattening:.1f` with as many parameters fewer; it is not nested in the quadratic, so
# that this is a comparison and no test. That the truth is quadratic is known here, and would have to be
# argued on real data. The print says as well that few cities lie beyond the turn;
# {numref}`tab-ne34-estimates-words` ties its sentences to numbers.

# %%
b1, b2 = printed["Coagg"], printed["Coagg^2"]
rounding = abs(-b1 / (2 * b2)) * (0.0005 / abs(b1) + 0.0005 / abs(b2))
is_beyond = sample.panel.frame["Coagg"] > reports["dynamic"]["turning_point"]
years_beyond = is_beyond.groupby(level="city").sum()
beyond = years_beyond > 0
p = {name: fit.summary["p_value"] for name, fit in fits.items()}
tables.beside(
    [
        ledger.printed_claim(
            "A", "text", "inflection point", kind="implied", derived=float(-b1 / (2 * b2)),
            inputs_rounding=float(rounding),
        ),
        ledger.printed_claim(
            "A", "text", "lag effect", kind="implied", derived=float(printed["L.Carbon"]), inputs_rounding=0.0005,
        ),
        ledger.printed_claim(
            "A", "text", "rho Model 1", kind=sample.derived_kind,
            holds=bool(static.params["rho"] > 0 and p["Model 1"]["rho"] < 0.10),
        ),
        ledger.printed_claim(
            "A", "text", "rho Model 2", kind=sample.estimate_kind,
            holds=bool(dynamic.params["rho"] > 0 and p["Model 2"]["rho"] < 0.01),
        ),
        ledger.printed_claim(
            "A", "text", "cities beyond the inflection point", kind=sample.derived_kind,
            holds=bool(0 < beyond.mean() < 0.2),
            note=f"{beyond.sum()} of {len(beyond)} cities lie beyond the turning point estimated here in some "
            "year; few is taken as below a fifth",
        ),
        ledger.printed_claim(
            "A", "text", "TI", kind=sample.estimate_kind,
            holds=bool(dynamic.params["TI"] < 0 and p["Model 2"]["TI"] > 0.10),
        ),
    ],
    "tab-ne34-estimates-words",
    "What the text says about Table 4.",
    stub="sentence",
    code=[quadratic_report],
    **where,
)  # fmt: skip

# %%
glue("ne34_rho_direct", float(uncorrected.loc["rho", "median"]), display=False)
glue("ne34_rho_default", float(default.loc["rho", "median"]), display=False)
glue("ne34_rho_true", float(true["rho"]), display=False)
glue("ne34_beyond", float(reports["dynamic"]["share_beyond"]), display=False)
glue("ne34_rho_width", float(default.loc["rho", "high"] - default.loc["rho", "low"]), display=False)
glue("ne34_n_seeds", n_seeds, display=False)
glue("ne34_tau_direct", float(uncorrected.loc["L.Carbon", "median"]), display=False)
glue("ne34_tau_default", float(default.loc["L.Carbon", "median"]), display=False)
glue("ne34_tau_true", float(true["L.Carbon"]), display=False)
glue("ne34_static_low", float(static_default.loc["rho", "low"]), display=False)
glue("ne34_static_high", float(static_default.loc["rho", "high"]), display=False)
controls = tuple(x for x in ne34.STUDY.regressors if x not in ("Coagg", "Coagg^2"))
logged = Panel(
    sample.panel.frame.assign(LnCoagg=np.log(sample.panel.frame["Coagg"])), sample.panel.source
)
for name, regressors in (
    ("flattening", ("LnCoagg", *controls)),
    ("straight", ("Coagg", *controls)),
):
    rival = spatial.fit(logged, replace(ne34.DYNAMIC, regressors=regressors), sample.weights)
    glue(f"ne34_{name}", float(dynamic.loglik - rival.loglik), display=False)
df = len(dynamic.params) - len(rival.params)
glue("ne34_straight_df", df, display=False)
glue(
    "ne34_straight_p", float(stats.chi2.sf(2 * (dynamic.loglik - rival.loglik), df)), display=False
)
glue("ne34_beyond_years", int(years_beyond.sum()), display=False)
glue("ne34_beyond_cities", int(beyond.sum()), display=False)
glue("ne34_always_beyond", int((years_beyond == sample.panel.n_periods).sum()), display=False)
glue(
    "ne34_beyond_names",
    ", ".join(sample.places.loc[beyond[beyond].index, "name_en"]),
    display=False,
)
few = beyond.mean() < 0.5
rest = sample.sub(units=beyond.index[~beyond]) if few else sample
without_them = spatial.fit(rest.panel, dynamic.specification, rest.weights)
curve = quadratic_report(
    without_them.params, without_them.cov, "Coagg", "Coagg^2", rest.panel.values("Coagg")
)
glue("ne34_square", float(dynamic.params["Coagg^2"]), display=False)
glue("ne34_error", float(dynamic.std_errors["Coagg^2"]), display=False)
glue("ne34_rest_square", float(without_them.params["Coagg^2"]), display=False)
glue("ne34_rest_error", float(without_them.std_errors["Coagg^2"]), display=False)
glue("ne34_rest_turn", float(curve["turning_point"]), display=False)
glue("ne34_rest_largest", float(rest.panel.values("Coagg").max()), display=False)
glue("ne34_rest_p", float(curve["u_p"]), display=False)

# %% [markdown]
# What would change with the real files: every number in {numref}`tab-ne34-main`, and the half of $W$ that is
# made of incomes. What would not change, if the study's matrix is as dense as the one assumed here, is the
# order of the estimator's bias: the coordinates and the number of cities are those of the study.
