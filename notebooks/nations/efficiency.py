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
# # III.3 Who emits least for what it makes?

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
found = sections.efficiency(sample)
found.short

# %% [markdown]
# Efficiency is measured as in paper B {cite:p}`tone2003`: how far capital, labour and carbon dioxide
# could shrink and output grow if an economy did as the best do. The frontier is that of all economies and
# years together, so that scores of different years can be compared.

# %%
found["scores"]

# %% [markdown]
# One thing limits what a score of this kind says: carbon dioxide is counted where it is emitted, so that an
# economy that imports what is dirty to make looks clean.
