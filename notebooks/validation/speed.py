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
# # IV.8 What it costs: time and memory as the number of cities grows
#
# :::{simulated}
# Random points on a map and a panel of ten years with four regressors: only the time that a fit takes is
# of interest here.
# :::

# %% [markdown]
# :::{in-short}
# With {glue:text}`speed_cities:d` cities the first static fit takes {glue:text}`speed_first:.0f`
# milliseconds, all that depends on W included, and every further one {glue:text}`speed_fit:.1f`. A first fit
# takes plain numpy {glue:text}`speed_plain:.1f` times as long and the spreg of this book, whose panel model
# is a narrower one, {glue:text}`speed_spreg:.0f` times; with {glue:text}`speed_few:d` cities plain numpy
# takes {glue:text}`speed_few_plain:.1f` times as long as this package. A sparse matrix of
# {glue:text}`speed_sparse_n:,d` cities takes {glue:text}`speed_sparse:.1f` seconds for its first fit.
# :::

# %% [markdown] tags=["when-newest"]
# :::{in-short}
# The newest spreg, whose static model is the same, takes {glue:text}`speed_spreg_new:.0f` times as long as this
# package for a first fit.
# :::

# %% [markdown] tags=["when-splm"]
# :::{in-short}
# A first static fit takes R's splm {glue:text}`speed_splm:.0f` times as long as this package.
# :::

# %% [markdown] tags=["when-sdpdmod"]
# :::{in-short}
# A first dynamic fit takes R's SDPDmod {glue:text}`speed_sdpdmod:,.0f` times as long as this package.
# :::

# %% [markdown]
# A specification curve, a permutation test or a Monte Carlo experiment fits the same kind of model
# thousands of times on the same few matrices. What decides whether that takes minutes or days is how much
# of a fit depends on W alone: its eigenvalues, the traces behind the standard errors, the interval
# in which $\rho$ may lie. The package computes these once for each matrix and keeps them; the eigenvectors, which
# cost more than all else, it computes for a matrix that is used again, with the third value of $\rho$ that
# standard errors are asked for. What is left of a static model with two-way effects is a few products of small matrices and a search in one dimension.

# %% tags=["parameters"]
cities: int = 283  # cities at which the ratios are taken: 34 | 100 | 283 | 300 | 1000 | 3000

# %%
import pandas as pd

from analysis.book import parameters
from analysis.book.page import conditions, numbers
from analysis.papers import timing, validation
from analysis.spatial import fit

parameters.check()
record, stated = timing.recorded("spatial")
fits = timing.fits(record)
sources = {f"{name}.csv": f"data/benchmarks/{name}.csv" for name in ("spatial", "build")}
page = validation.page(sources, [fit])

# %% [markdown]
# {numref}`tab-speed-peers` puts fits beside peers, on the same data and in one run. The spreg that goes with this book has a panel model with city effects only, and no dynamics;
# the newest one, which needs a newer Python and was timed in an environment of its own, has both kinds of
# effects, by dummies for the years. The plain numpy version is what somebody writes for this one model:
# eigenvalues, the transformation, a bounded search, the correction of the dynamic model, the
# whole information matrix. It has no checks, no labels and no other model. All give standard errors.

# %% [markdown] tags=["when-splm"]
# R's splm has the static model with dummies for cities and years, uncorrected for either. The form that it
# wants $W$ in was made before.

# %% [markdown] tags=["when-sdpdmod"]
# R's SDPDmod has both models. It looks for $\rho$ on a grid of log-determinants, which it computes one by one in
# every fit: that is where its time goes.

# %% [markdown] tags=["when-elsewhere"]
# There was no R with {glue:text}`speed_elsewhere` on this machine: the table has what another took.

# %%
shown = timing.peers(fits, cities)
foreign = sorted(
    set(fits.loc[~fits["measured"], "implementation"].str.removeprefix("R ")), reverse=True
)
said = " What was recorded elsewhere is from another machine and other data, and has no ratio."
numbers(speed_cities=cities, speed_stated=stated, speed_foreign=said if foreign else "")
page.table(shown, "tab-speed-peers")

# %% [markdown]
# Where a peer is quicker stands in {numref}`tab-speed-losses`, at every size that was measured. With few cities
# a fit is little but its checks, its labels and its search for a second maximum, which plain numpy does
# without.

# %%
lost = timing.losses(fits)
numbers(speed_lost=len(lost))
page.table(lost, "tab-speed-losses")

# %%
measured = fits[fits["measured"]]
own = measured[measured["implementation"] == "this package"].set_index(["job", "weights", "n"])
own = own.sort_index()
sparse, dense = (own.loc[("static SDM", name)] for name in ("sparse, 6 nearest", "dense 1/d"))
numbers(
    speed_sparse_n=int(sparse.index.max()), speed_sparse=sparse["first"].iloc[-1],
    speed_sparse_fit=sparse["seconds"].iloc[-1], speed_dense_n=int(dense.index.max()),
    speed_dense=dense["seconds"].iloc[-1],
    speed_dense_mb=own.xs("dense 1/d", level="weights")["megabytes"].groupby("n").max().iloc[-1],
)  # fmt: skip
page.figure(timing.growth(measured), "fig-speed-growth", values=measured)

# %%
page.table(timing.steps(own), "tab-speed-growth")

# %%
many = record[record["job"] == "1,000 specifications"].iloc[0]
ratio = shown.loc["static SDM", "first fit, times this package"]
few = timing.peers(fits, int(dense.index.min())).loc["static SDM", ratio.name]
spregs = sorted(name for name in ratio.index if name.startswith("spreg"))
dynamic = shown.loc["dynamic SDM", ratio.name]
splm, sdpdmod = ratio.get("R splm"), dynamic.get("R SDPDmod")
conditions(
    newest=len(spregs) > 1, splm=pd.notna(splm), sdpdmod=pd.notna(sdpdmod), elsewhere=foreign
)
numbers(
    speed_first=1000 * dense.loc[cities, "first"], speed_fit=1000 * dense.loc[cities, "seconds"],
    speed_fit_dynamic=1000 * own.loc[("dynamic SDM", "dense 1/d", cities), "seconds"],
    speed_spreg=ratio[spregs[0]], speed_spreg_new=ratio[spregs[-1]], speed_plain=ratio["plain numpy"],
    speed_many=1000 / many["seconds"], speed_few=int(dense.index.min()), speed_few_plain=few["plain numpy"],
    speed_splm=splm, speed_sdpdmod=sdpdmod, speed_elsewhere=" and ".join(foreign),
)  # fmt: skip

# %% [markdown]
# With {glue:text}`speed_cities:d` cities a further static fit takes {glue:text}`speed_fit:.1f` milliseconds
# and a dynamic one {glue:text}`speed_fit_dynamic:.1f`. {numref}`fig-speed-growth` and
# {numref}`tab-speed-growth` show how that grows. A dense matrix of {glue:text}`speed_dense_n:,d` cities needs
# {glue:text}`speed_dense:.2f` s for a further static fit and {glue:text}`speed_dense_mb:.0f` MB; preparing it is
# the cube of the number of cities, and happens once. A sparse matrix of
# {glue:text}`speed_sparse_n:,d` cities is never made dense: {glue:text}`speed_sparse:.1f` s for the first fit. Its
# log-determinants are interpolated between exact ones near the estimate. With so many cities one trace behind
# the standard error of $\rho$, and behind the correction, is itself an estimate: the header of such a fit says
# by how much it may be off.
#
# A thousand different specifications on one matrix of 283 cities run at {glue:text}`speed_many:.0f` a second in two
# processes, standard errors included. The specification curves of this book are made that way.

# %%
built, machine = timing.recorded("build")
built = built.set_index("step")
took = built["seconds"]
numbers(
    speed_built=machine, speed_book=took["whole book"], speed_again=took["book without a change"],
    speed_check=took["style, types and fast tests"], speed_test=took["book and tests"] / 60,
)  # fmt: skip
page.table(built, "tab-speed-build")

# %% [markdown]
# The book itself, once its packages are installed, takes {glue:text}`speed_book:.0f` seconds from nothing and
# {glue:text}`speed_again:.0f` where nothing has changed ({numref}`tab-speed-build`). Its tests take
# {glue:text}`speed_test:.1f` minutes, those that need no book {glue:text}`speed_check:.0f` seconds.
#
# Seconds are those of the machine named under the tables; `make bench` gives the ratios on yours, and
# `python bench/spatial.py --write` and `python bench/build.py --write` make the records of this page again.
