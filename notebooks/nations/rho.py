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
# # III.1 Three estimators, three ρ

# %% tags=["parameters"]
years: str = "1990-2010"  # sample years, first to last: 1990..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance |
# inverse-distance-squared | nearest-5
without: list[str] = []  # economies left out, by their code in data/nations
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
from analysis.resources import ROOT
from analysis.study import find_study, open_page, sections

sample, _ = open_page(find_study(ROOT / "notebooks" / "nations"), globals())
sample.banner

# %%
found = sections.estimators(sample)
found.short

# %% [markdown]
# Part III asks the papers' questions of data that exist: carbon dioxide, output, capital and labour of
# 124 economies over 21 years {cite:p}`feenstra2015`. It cannot ask about co-agglomeration, and it says
# nothing about Chinese cities. What it can show on real data is what Parts I and II show on simulated
# data: that the estimator decides what a spillover is.
#
# Neighbours are weighted by the distance between capitals. Papers of this kind mostly maximise the
# likelihood with dummy variables for places and years (*direct*), some correct it afterwards
# (*direct-corrected*), and one can transform the dummies away before (*transformation*).

# %%
found["figure"]

# %%
found["table"]

# %% [markdown]
# The column *implied* is no fourth estimate. It takes the uncorrected one and asks at which true ρ
# maximum likelihood with year effects would tend to it, by a formula that knows W and nothing else.
# On a dense matrix it lands beside the
# transformation; on nearest neighbours little is to be corrected, and there the four differ by less than one
# standard error.
