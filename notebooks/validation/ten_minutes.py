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
# # IV.9 Ten minutes, from W to the sign of ρ
#
# :::{published}
# Two public maps, 49 neighbourhoods of Columbus and 34 cities of north-east China, and four numbers
# that paper A prints. Nothing is simulated.
# :::
#
# :::{in-short}
# A ρ estimated with year effects and no correction can have the wrong sign: with 34 cities that are all neighbours of
# each other ({glue:text}`ten_matrix`), any truth between 0 and {glue:text}`ten_zero:.2f` comes out negative on average. And the
# sign in print can be contradicted by the effects beside it: paper A prints {glue:text}`ten_printed:.2f`, its effects need {glue:text}`ten_implied:.2f`.
# :::
#
# This is for readers who have run a regression and never a spatial one. Most steps end with where the
# book has more of it.
#
# ## 1. What is W?
#
# A table that says who is whose neighbour. In Columbus two neighbourhoods are neighbours where they
# share a border or a corner; each has {glue:text}`ten_least:d` to {glue:text}`ten_most:d` of them, and each row is divided by its sum.

# %% tags=["parameters"]
matrix: str = "1/d"  # the dense matrix of the last steps: 1/d | additive nest

# %%
import numpy as np
import pandas as pd

from analysis.book import figures, parameters
from analysis.book.page import numbers
from analysis.inference.implied_rho import expected_rho, implied_rho
from analysis.papers import validation
from analysis.papers.monte_carlo import likelihood
from analysis.papers.ne34.tables import printed
from analysis.papers.ne34.targets import rho_implied_by_effects

parameters.check()
columbus, weights = validation.columbus()
W = weights.dense()

# %% [markdown]
# ## 2. What is Wy?
#
# The mean of $y$ at a place's neighbours. Where places with much crime have neighbours with much crime,
# $y$ and $Wy$ rise together, and the slope is Moran's $I$ ({numref}`fig-columbus-scatter`).

# %% tags=["show-input"]
crime = columbus.values("CRIME")[0]
z = crime - crime.mean()
slope = z @ W @ z / (z @ z)

# %% [markdown]
# Here it is {glue:text}`ten_slope:.2f`; {doc}`columbus` tests it.
#
# ## 3. What is ρ?
#
# The weight of the neighbours in a model, $y = \rho W y + x\beta + \varepsilon$. What is added at one
# place comes back from its neighbours: one unit of $x$ everywhere is worth $\beta/(1-\rho)$, not $\beta$.
# At $\rho$ = {glue:text}`ten_printed:.2f` that is {glue:text}`ten_up:.2f` times $\beta$, at {glue:text}`ten_implied:.2f` it is
# {glue:text}`ten_down:.2f` times. So the sign of $\rho$ says whether neighbours lift each other or crowd each other out.
#
# ## 4. Why a panel gets it wrong
#
# Papers remove what all places share in a year. If everybody is everybody's neighbour, $Wy$ is the mean
# of all the others, $(n\bar y - y)/(n-1)$; take the year's mean out, and what is left of it is
# $-(y - \bar y)/(n-1)$: the place itself, with a minus sign. Maximum likelihood finds that minus and
# calls it $\rho$. {numref}`fig-ten-minutes` draws what it tends to, by a formula that needs $W$ and nothing else.

# %% tags=["show-input"]
truths = np.linspace(-0.4, 0.8, 25)
names = {"5 nearest": "5 nearest neighbours", "1/d^2": "1/distance²", matrix: matrix}
found = {name: likelihood.matrix_of("34 x 20", name) for name in names}
lines = pd.DataFrame(
    {name: [expected_rho(w, rho) for rho in truths] for name, w in found.items()}, truths
)

# %%
figure, axes = figures.canvas(height=4.2)
axes.axhline(0, color=figures.MUTED, linewidth=0.8)
axes.plot(truths, truths, ":", color=figures.INK)
axes.text(0.62, 0.68, "unbiased", ha="right", color=figures.INK)
for colour, side, name in zip(figures.COLOURS, ("bottom", "top", "center"), names, strict=False):
    axes.plot(lines.index, lines[name], color=colour)
    axes.text(0.82, lines[name].iloc[-1], names[name], va=side, color=colour)

# %%
zero, null = implied_rho(found[matrix], 0.0).truth, expected_rho(found[matrix], 0.0)
numbers(ten_matrix=matrix, ten_zero=zero, ten_null=null)
axes.axvspan(0, zero, color=figures.MUTED, alpha=0.15, linewidth=0)
axes.set(xlabel="true ρ", ylabel="estimated ρ", xlim=(-0.4, 1.15), ylim=(-1.0, 0.85))
axes.set_xticks([-0.4, 0, 0.4, 0.8])
validation.page({}, [expected_rho], matrix=matrix).figure(figure, "fig-ten-minutes", values=lines)

# %% [markdown]
# The line can be read backwards: an estimate of 0 on this matrix stands for a true {glue:text}`ten_zero:.2f`, and a
# truth of 0 gives {glue:text}`ten_null:.2f`. {doc}`monte_carlo` checks that on thousands of samples, and
# {doc}`../nations/rho` meets it in real data.
#
# ## 5. And the print may contradict itself
#
# Paper A prints $\beta$ and $\theta$ of each variable in Table A4 and its total effect in Table A5. The ratio of
# $\beta + \theta$ to it is $1-\rho$ on every $W$ whose rows sum to one. It gives {glue:text}`ten_implied:.2f` ({glue:text}`ten_error:.2f` if the noise of direct and indirect effects is
# independent; the audit allows for more), where the print has {glue:text}`ten_printed:.2f`: {doc}`../referee/audit_ne34`.
#
# Try it: `analysis rerun validation/ten_minutes -p matrix="additive nest"`.

# %%
neighbours = (W > 0).sum(axis=1)
stated, (implied, error) = printed("4", "Model 2").params["rho"], rho_implied_by_effects()
numbers(ten={"least": neighbours.min(), "most": neighbours.max(), "slope": slope})
numbers(ten={"printed": stated, "implied": implied, "error": error})
numbers(ten={"up": 1 / (1 - stated), "down": 1 / (1 - implied)})
