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
# # III.7 Every combination

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
found = sections.specification_curve(sample)
found.short

# %% [markdown]
# One specification is one opinion. Crossed are the matrix, the controls, the lags of the outcome, the
# estimator, the tails and the errors; circled is the declared model, which is dynamic.

# %%
found["curve"]

# %%
found["shares"]

# %%
found["choices"]
