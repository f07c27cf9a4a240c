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
# # VI.5 What does a printed ρ stand for?
#
# :::{published}
# A printed number, its weights and the coordinates of its places; no data of a panel. Incomes behind a matrix
# are simulated, the points on the curve are means of simulated samples.
# :::

# %% tags=["parameters"]
printed: float = 0.18  # printed, uncorrected rho: -1..1
std_error: float = 0.068  # its standard error: 0..1

# %%
import pandas as pd

from analysis.book import parameters
from analysis.book.heavy import load
from analysis.book.page import Page, conditions, numbers
from analysis.inference.implied_rho import implied_rho, readings
from analysis.papers import validation
from analysis.papers.monte_carlo import bias
from analysis.papers.monte_carlo.likelihood import matrix_of
from analysis.papers.ne34 import study as ne34
from analysis.papers.places import cities
from analysis.resources import data_path
from analysis.study import open_study, tryit

parameters.check()
asked = {"printed": printed, "std_error": std_error}
page = Page({}, asked, [implied_rho], validation.CAPTIONS)

# %% tags=["remove-cell"]
matrices = {
    f"{shape.partition(' x ')[0]} cities, {name.replace('^2', '²')}": matrix_of(shape, name)
    for shape in ("34 x 20", "283 x 10")
    for name in ("1/d", "1/d^2", "5 nearest")
}
read = readings(matrices, printed, std_error)

# %% tags=["remove-cell"]
dense, sparse = read.loc["34 cities, 1/d"], read.loc["34 cities, 5 nearest"]
numbers(stands={"printed": printed, "error": std_error})
numbers(stands_dense=dense, stands_sparse=sparse)
conditions(known=read["truth"].notna().all(), unknown=read["truth"].isna().any())

# %% [markdown] tags=["when-known"]
# :::{in-short}
# On 34 cities a printed {glue:text}`stands_printed:.2f` stands for a true {glue:text}`stands_dense_truth:.2f`
# on inverse distance and for {glue:text}`stands_sparse_truth:.2f` on five nearest neighbours.
# :::

# %% [markdown] tags=["when-unknown"]
# :::{in-short}
# A printed {glue:text}`stands_printed:.2f` cannot come from this estimator on every one of the book's matrices.
# :::

# %% [markdown]
# :::{in-short}
# Maximum likelihood with dummies for places and years, uncorrected, pulls ρ down, the more the denser W is: a
# true zero of 34 cities is printed as {glue:text}`stands_dense_zero:.2f` on inverse distance and as
# {glue:text}`stands_sparse_zero:.2f` on five nearest neighbours.
# :::

# %% [markdown]
# Put in a panel of your reading: where its places lie, how its neighbours are weighted, what it prints. Take this only
# for a ρ that was estimated by maximum likelihood with dummy variables for places *and* years and was not
# corrected, as programs mostly do unless told otherwise.

# %% tags=["remove-input"]
sample = open_study(ne34.STUDY)
income = sample.panel.frame[ne34.STUDY.income].groupby(level=0).mean()
nations = pd.read_csv(data_path("nations", "places.csv"), index_col=0)
means = bias.points(load("monte_carlo").frame)
builds = {"1/d": "inverse-distance", "1/d^2": "inverse-distance-squared", "5 nearest": "nearest-5"}
simulated = means.assign(
    place=means["shape"].map({"34 x 20": 0, "283 x 10": 1}), weights=means["weights"].map(builds)
).dropna(subset="weights")

# %% tags=["remove-input"]
tryit.printed_rho(
    {
        "34 cities of paper A": cities("ne34").assign(income=income),
        "283 cities of paper B": cities("cities283"),
        f"{len(nations)} economies": nations,
    },
    simulated,
    printed=printed, error=std_error, periods=20, weights="inverse-distance",
)  # fmt: skip

# %% [markdown]
# ## One number on several matrices
#
# {numref}`tab-stands-for` reads {glue:text}`stands_printed:.2f`, with its error of {glue:text}`stands_error:.3f`, on the
# book's matrices.

# %%
shown = read.rename(columns={"zero": "a true zero is printed as"})
page.by(readings).table(shown, "tab-stands-for")

# %% [markdown]
# ## Where it comes from, and where it ends
#
# Year dummies take one dimension of N out of the sum of squares and leave the log-determinant as it was. In the limit of
# many years maximum likelihood tends to the minimiser over $r$ of
# $\tfrac{N}{2} \ln \mathrm{tr}(M M') - \ln |I - r W|$ with $M = (I - 11'/N)(I - r W)(I - \rho W)^{-1}$, which knows W
# and the true ρ alone and rises with ρ, so that it can be read backwards
# ({source}`analysis.inference.implied_rho.implied_rho`; the simulated samples are those of
# [](../validation/monte_carlo.py), {numref}`fig-bias-curve`).
#
# * **T.** It is a limit for many years; with ten or twenty the samples lie a few hundredths from it.
# * **Regressors.** It holds without any and, nearly, for Durbin models, static and dynamic, whose WX takes up what
#   X explains next door. In a spatial lag model whose regressors explain much the bias is smaller than this page says.
# * **Errors.** λ of a spatial error model has the same limit. Errors need not be normal.
# * **Rows.** Those of W sum to one, and W is the one of the print. The name of a matrix does not fix it.
# * **Interval.** It carries the printed error over the curve. An error printed too small makes it too short.
# * **Program.** One that takes the dummies out before it multiplies by W maximises something slightly different.
# * **Not for** corrected or transformed estimates, models without year effects, or GMM, whose errors are others.
