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
#
# A specification curve, a permutation test or a Monte Carlo experiment fits the same kind of model
# thousands of times on the same few matrices. What decides whether that takes minutes or days is how much
# of a fit depends on W alone: its eigenvalues, the traces behind the standard errors, the interval
# in which $\rho$ may lie. The package computes these once for each matrix and keeps them. What is left of a
# static model with two-way effects is a few products of small matrices and a search in one dimension.

# %% tags=["parameters"]
cities: int = 283  # number of cities at which the ratios are taken: 100 | 283 | 300 | 1000 | 3000

# %%
import json

import pandas as pd
from myst_nb import glue

from analysis.resources import data_path
from analysis.book import figures, parameters, tables
from analysis.spatial import fit

parameters.check()
record = pd.read_csv(data_path("benchmarks", "spatial.csv"))
machine = json.loads(data_path("benchmarks", "spatial.json").read_text())
data = {"spatial.csv": "data/benchmarks/spatial.csv"}
elsewhere = record["how"].str.startswith("recorded")
fits = record[(record["step"] == "fit")]
own = fits[fits["implementation"] == "this package"].set_index(["job", "weights", "n"])["seconds"]
fits = fits.assign(
    ratio=fits["seconds"]
    / [own[key] for key in zip(fits["job"], fits["weights"], fits["n"], strict=True)]
)
stated = (
    f"{machine['processor']}, {machine['cores']} cores of which one is used; Python {machine['python']}, "
    f"numpy {machine['numpy']}, scipy {machine['scipy']}, spreg {machine['spreg']}"
)

# %% [markdown]
# {numref}`tab-speed-peers` puts a fit beside the peers that can be called from Python, on the same data and in
# one run. spreg's panel model has city effects only, and no dynamics; the plain numpy version
# is the uncorrected likelihood as a textbook writes it: eigenvalues, a bounded search, one inverse. Both do
# less than a fit here, which includes the correction and the standard errors.

# %%
beside = fits[(fits["n"] == cities) & (fits["implementation"] != "this package")]
mine = fits[(fits["n"] == cities) & (fits["implementation"] == "this package")]
mine = mine[mine["weights"] == "dense 1/d"]
shown = pd.concat([mine, beside]).sort_values(["job", "ratio"], ascending=[False, True])
shown["how"] = shown["how"].str.partition(",")[0]
shown = shown.set_index(["job", "implementation"])[["seconds", "ratio", "megabytes", "how"]]
tables.show(
    shown.rename(columns={"seconds": "seconds", "ratio": "times this package", "megabytes": "MB"}),
    "tab-speed-peers",
    f"One fit with {cities:,} cities over ten years and a dense 1/d matrix, beside its peers.",
    stub="implementation",
    formats={"seconds": ".4f", "times this package": ".1f", "MB": ".0f"},
    notes=f"CPU seconds of a process, W prepared. {stated}. A figure recorded elsewhere is from another machine and "
    "other data: its ratio is an order of magnitude, not a measurement.",
    code=[fit],
    data=data,
)

# %%
figure, axes = figures.canvas(1, 2, height=3.4)
measured = fits[~elsewhere.loc[fits.index]]
for position, (name, style) in enumerate({"static SDM": "-", "dynamic SDM": "--"}.items()):
    for (who, w), line in measured[measured["job"] == name].groupby(["implementation", "weights"]):
        kind = "sparse" if w.startswith("sparse") else "dense"
        colour = {"this package": 0, "plain numpy": 1}.get(who, 2) if kind == "dense" else 3
        for panel_axes, column in zip(axes, ("seconds", "megabytes"), strict=True):
            if position and column == "megabytes":
                continue
            panel_axes.loglog(
                line["n"],
                line[column],
                style,
                marker="o",
                markersize=3.5,
                color=figures.COLOURS[colour],
                label=f"{who}, {kind} W" if not position else None,
            )
axes[0].set(xlabel="cities", ylabel="CPU seconds of a fit")
axes[1].set(xlabel="cities", ylabel="peak memory of the process, MB")
axes[0].legend(loc="lower right", fontsize="small")
axes[1].set_yscale("linear")
largest = own.xs("static SDM").xs("sparse, 6 nearest")
figures.show(
    figure,
    "fig-speed-growth",
    "Cost of a fit as the number of cities grows, W prepared: static Durbin model (solid) and dynamic "
    "(dashed) on the left, memory of the static one on the right.",
    alt=f"Two line charts on logarithmic axes. Seconds of a fit grow with the number of cities up to "
    f"{int(largest.index.max()):,}, where a sparse matrix takes {largest.iloc[-1]:.1f} seconds; memory on "
    "the right.",
    values=measured,
    code=[fit],
    data=data,
)

# %%
steps = record[
    (record["implementation"] == "this package") & record["step"].isin(["prepare", "fit"])
]
steps = steps.pivot_table(index=["weights", "n"], columns=["job", "step"], values="seconds")
steps = steps[[(job, step) for job in ("static SDM", "dynamic SDM") for step in ("prepare", "fit")]]
memory = record[(record["implementation"] == "this package") & (record["step"] == "fit")]
memory = memory.groupby(["weights", "n"])["megabytes"].max()
steps["peak", "MB"] = memory
steps.index = pd.MultiIndex.from_tuples([(w, f"{n:,} cities") for w, n in steps.index])
tables.show(
    steps,
    "tab-speed-growth",
    "CPU seconds of what depends on W alone and of a fit, by this package.",
    digits=3,
    formats={("peak", "MB"): ".0f"},
    notes=stated + ".",
    code=[fit],
    data=data,
)

# %%
many = record[record["job"] == "1,000 specifications"].iloc[0]
at = fits[fits["n"] == cities].set_index(["job", "implementation"])["ratio"]
sparse = own.xs("static SDM").xs("sparse, 6 nearest")
dense = own.xs("static SDM").xs("dense 1/d")
spreg = next(name for name in fits["implementation"] if name.startswith("spreg"))
glue("speed_cities", cities, display=False)
glue("speed_fit", 1000 * float(dense[cities]), display=False)
glue("speed_fit_dynamic", 1000 * float(own["dynamic SDM", "dense 1/d", cities]), display=False)
glue("speed_spreg", float(at["static SDM", spreg]), display=False)
glue("speed_plain", float(at["static SDM", "plain numpy"]), display=False)
glue("speed_dense_n", int(dense.index.max()), display=False)
glue("speed_dense", float(dense.iloc[-1]), display=False)
glue("speed_dense_mb", float(memory["dense 1/d"].iloc[-1]), display=False)
glue("speed_sparse_n", int(sparse.index.max()), display=False)
glue("speed_sparse", float(sparse.iloc[-1]), display=False)
glue("speed_many", float(1000 / many["seconds"]), display=False)

# %% [markdown]
# With {glue:text}`speed_cities:d` cities a static fit takes {glue:text}`speed_fit:.0f` milliseconds and a
# dynamic one {glue:text}`speed_fit_dynamic:.0f`; spreg's narrower model takes {glue:text}`speed_spreg:.0f` times
# as long, the textbook version {glue:text}`speed_plain:.0f` times. {numref}`fig-speed-growth` and
# {numref}`tab-speed-growth` show how that grows. A dense matrix of {glue:text}`speed_dense_n:,d` cities needs
# {glue:text}`speed_dense:.2f` s a fit and {glue:text}`speed_dense_mb:.0f` MB once it is prepared; preparing it is
# the cube of the number of cities, and happens once. A sparse matrix of
# {glue:text}`speed_sparse_n:,d` cities is never made dense: {glue:text}`speed_sparse:.1f` s a fit.
#
# A thousand different specifications on one matrix of 283 cities run at {glue:text}`speed_many:.0f` a second in two
# processes, standard errors included. The specification curves of this book are made that way.
#
# Seconds are those of the machine named under the tables; `make bench` gives the ratios on yours, and
# `python bench/spatial.py --write` makes the record of this page again.
