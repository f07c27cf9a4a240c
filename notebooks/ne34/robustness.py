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
# # Do the estimates stand other choices?

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
import warnings
from dataclasses import replace

import pandas as pd
from myst_nb import glue

from analysis import spatial
from analysis.book import heavy as validate, ledger, parameters, tables
from analysis.book import compare, published
from analysis.errors import UnitRootWarning
from analysis.papers.ne34 import study as ne34
from analysis.study import Sample, open_study
from analysis.papers.ne34.tables import robustness_fits
from analysis.study.declaration import WEIGHTS

parameters.check()
sample = open_study(ne34.STUDY, globals())
where = {
    "data": {"panel": sample.panel},
    "parameters": sample.parameters | {"standard errors": std_errors},
}
fits = robustness_fits(sample, std_errors)
sample.banner

# %% [markdown]
# The paper checks its dynamic model in three ways: another matrix, called
# economic-geographic distance (taken here as the product $1/d_{ij}^2 \times 1/|\bar Y_i - \bar Y_j|$,
# the name does not fix the formula); a spatial error model; and all variables
# winsorised at 1 % in each tail, by Stata's percentile rule. The second column prints no lag of
# carbon intensity, so it is read as the static error model.
#
# {numref}`tab-ne34-robust` has the three. All are misspecified for the data at hand, each in its way: these were generated with another
# matrix, with lags of the outcome, and from variables that had not been winsorised. So
# {numref}`tab-ne34-robust-beside` compares *freely*, and {numref}`tab-ne34-robust-seeds` says what
# each of these estimators makes of the known truth.

# %%
names = {
    "Model 1": "another W (product)",
    "Model 2": "spatial error, static",
    "Model 3": "winsorised 1 %",
}
tables.regressions(
    {names[column]: fit for column, fit in fits.items()},
    "tab-ne34-robust",
    "Robustness checks (the paper's Table 6).",
    terms=ne34.STUDY.labels(
        ["L.Carbon", "W.L.Carbon", *ne34.STUDY.regressors, "rho", "lambda", "sigma2"]
    ),
    statistics={"city-years": "nobs", "R², within": lambda fit: fit.rsquared["within"]},
    with_stars=True,
    code=[robustness_fits, spatial.fit],
    **where,
)

# %%
claims = []
for column, fit in fits.items():
    claims += compare.estimates(
        "A",
        "6",
        column,
        fit.params,
        fit.std_errors,
        kind=sample.derived_kind,
        outcome="Carbon",
    )
    claims.append(
        ledger.printed_claim(
            "A", "6", "R^2", column, kind=sample.derived_kind, derived=float(fit.rsquared["within"])
        )
    )
labels = ne34.STUDY.labels(list(fits["Model 1"].params.index)) | names | {
    "L.y": ne34.STUDY.label("L.Carbon"), "W.L.y": ne34.STUDY.label("W.L.Carbon"), "R^2": "R²",
}  # fmt: skip
tables.beside(
    claims,
    "tab-ne34-robust-beside",
    "Table 6 beside print.",
    labels=labels,
    stub="term",
    code=[robustness_fits, spatial.fit],
    **where,
)

# %%
BOOK_SCENARIO = "as-printed"  # these columns were run over the seeds in this scenario only
results = validate.load("ne34_seeds").frame
shown = ["L.Carbon", "W.L.Carbon", "Coagg", "Coagg^2", "rho", "lambda"]
over = pd.concat(
    {
        names[column]: compare.ranged(compare.seeds(results, BOOK_SCENARIO, "6", column))
        for column in fits
    },
    axis=1,
)
over = over.loc[[term for term in shown if term in over.index]]
n_seeds = int(results["seeds"].max())
used = min(compare.seeds_used(results, BOOK_SCENARIO, "6", column) for column in fits)
over.insert(
    0, ("", "truth"), open_study(ne34.STUDY, scenario=BOOK_SCENARIO).truth.reindex(over.index)
)
tables.show(
    over.rename(index=ne34.STUDY.label),
    "tab-ne34-robust-seeds",
    f"The three checks over {n_seeds} seeds, scenario {BOOK_SCENARIO}: median and 90 % range, and the "
    "truth of the data. Seeds in which one of the three has no interior maximum are left out "
    f"({n_seeds - used} of {n_seeds}).",
    stub="term",
    code=[validate.load],
)

# %% [markdown]
# ## What the paper does not vary
#
# {numref}`tab-ne34-choices` changes one choice at a time in the dynamic model: the matrix, the
# estimator, the sample, the outliers. The extreme city is the one whose GOV has the largest value; the years
# from 2020 on are left out because employment by sector is, by the prefaces of the yearbooks, no longer
# published for recent years (`data/README.md`). A matrix of common borders is not among the
# choices: it needs boundaries, which this book does not hold; the five nearest neighbours stand in for it.

# %%
dynamic = replace(ne34.DYNAMIC, std_errors=std_errors)
extreme = sample.panel.frame["GOV"].idxmax()[0]
last = int(sample.panel.periods[-1])
choices = {("main", "default"): sample}
choices |= {("matrix", kind): sample.with_weights(kind) for kind in WEIGHTS if kind != weights}
choices[("sample", f"without {sample.places.loc[extreme, 'name_en']}")] = sample.sub(
    units=[city for city in sample.panel.units if city != extreme]
)
if last >= 2020:
    choices[("sample", "without 2020 and later")] = sample.sub(
        periods=[int(year) for year in sample.panel.periods if year < 2020]
    )
choices[("outliers", "winsorised 1 %, Stata's rule")] = sample.winsorised(1)
choices[("outliers", "winsorised 1 %, numpy's rule")] = sample.winsorised(1, "numpy")
choices[("outliers", "winsorised 5 %")] = sample.winsorised(5)
with warnings.catch_warnings(record=True) as near_one:
    warnings.simplefilter("always", UnitRootWarning)
    estimated = {
        key: spatial.fit(other.panel, dynamic, other.weights) for key, other in choices.items()
    }
    for estimator in ("transformation-uncorrected", "direct-corrected", "direct"):
        estimated[("estimator", estimator)] = spatial.fit(
            sample.panel, replace(dynamic, estimator=estimator), sample.weights
        )
warned = "; ".join(str(warning.message) for warning in near_one)
glue("ne34_near_one", f"“{warned}.”" if warned else "nothing.", display=False)
estimated[("estimator", "direct, demeaned before W")] = spatial.fit(
    sample.panel, replace(dynamic, estimator="direct", within_order="demean-first"), sample.weights
)
kept = ["L.Carbon", "W.L.Carbon", "rho", "Coagg", "Coagg^2"]
summary = pd.DataFrame({key: fit.params[kept] for key, fit in estimated.items()}).T
errors = pd.DataFrame({key: fit.std_errors[kept] for key, fit in estimated.items()}).T
summary["turning point"] = -summary["Coagg"] / (2 * summary["Coagg^2"])
errors["turning point"] = float("nan")
tables.show(
    summary.rename(
        columns={
            "L.Carbon": "τ",
            "W.L.Carbon": "η",
            "rho": "ρ",
            "Coagg": "Coagg",
            "Coagg^2": "Coagg²",
        }
    ),
    "tab-ne34-choices",
    "The dynamic model under other choices, one at a time.",
    errors=errors,
    stub="choice",
    code=[spatial.fit, Sample.with_weights, Sample.winsorised],
    **where,
)

# %% [markdown]
# The two coefficients of the inverted U move little; what moves is everything that carries $W$.
# Between the estimators ρ goes from {glue:text}`ne34_rho_lowest:.2f` to
# {glue:text}`ne34_rho_highest:.2f` on the same data and the same matrix. The correction of the
# dummy-variable estimate ("direct-corrected") divides by the distance of each root of the dynamics from
# one, and the root of the common trend is among them, which the transformation has taken out. The
# package warns where that distance is small. Of these fits it says: {glue:text}`ne34_near_one`
#
# ## Standard errors
#
# {numref}`tab-ne34-standard-errors` has four kinds for the same estimates. The sandwich allows
# non-normal errors, the cluster any dependence over a city's years, Driscoll and Kraay's dependence
# across cities and years. The generated errors are independent and normal, so
# all four should agree up to their own noise; on real data a gap between them is information. The cluster
# rests on {glue:text}`ne34_clusters:d` cities, Driscoll and Kraay's on {glue:text}`ne34_periods:d` years;
# the latter is too small on average with so few ({numref}`tab-coverage`).

# %%
main = estimated[("main", "default")]
kinds = ("information", "sandwich", "cluster", "driscoll-kraay")
spread = pd.DataFrame(
    {
        kind: pd.Series(main.covariance(kind).to_numpy().diagonal() ** 0.5, main.params.index)
        for kind in kinds
    }
)
order = ["L.Carbon", "W.L.Carbon", *ne34.STUDY.regressors, "rho"]
tables.show(
    spread.loc[order].rename(index=ne34.STUDY.label),
    "tab-ne34-standard-errors",
    "Standard errors of the dynamic model by four formulas.",
    stub="term",
    code=[spatial.Fit.covariance],
    **where,
)

# %% [markdown]
# ## Are the signs unchanged?
#
# That is what the paper concludes from its Table 6; {numref}`tab-ne34-robust-words` counts.

# %%
table6 = published.estimates("paper_a_table6").pivot(
    index="model", columns="term", values="estimate"
)
printed_signs = (table6["Coagg"].astype(float) > 0) & (table6["Coagg^2"].astype(float) < 0)
signs = [fit.params["Coagg"] > 0 and fit.params["Coagg^2"] < 0 for fit in [main, *fits.values()]]
tables.beside(
    [
        ledger.printed_claim(
            "A", "text", "robustness", kind=sample.derived_kind, holds=all(signs),
            note=f"positive and negative in {sum(signs)} of {len(signs)} models here, Table 4's among them; in "
            f"{printed_signs.sum()} of {len(printed_signs)} in the print's Table 6",
        )
    ],
    "tab-ne34-robust-words",
    "The sentence of the text about Table 6.",
    stub="sentence",
    **where,
)  # fmt: skip

# %%
by_estimator = summary.loc[["estimator"], "rho"]
glue("ne34_clusters", main.panel.n_units, display=False)
glue("ne34_periods", main.nobs // main.panel.n_units, display=False)
glue("ne34_rho_lowest", float(min(by_estimator.min(), main.params["rho"])), display=False)
glue("ne34_rho_highest", float(max(by_estimator.max(), main.params["rho"])), display=False)

# %% [markdown]
# Unchanged signs are a weak form of robustness: on these data they follow from the truth, and in
# {numref}`tab-ne34-choices` they stay the same while ρ changes its own. A check that could have failed is the
# one on the spatial parameters, and those do not pass it.
#
# What would change with the real files: the numbers of every table here, the income matrices, and the
# meaning of a gap between the standard errors. What would not is that corrected and uncorrected estimators
# disagree on ρ when the matrix is dense ([](../validation/monte_carlo.py)).
