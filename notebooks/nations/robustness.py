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
# # III.6 Other choices, groups, human capital

# %% tags=["parameters"]
years: str = "1990-2010"  # sample years, first to last: 1990..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance |
# inverse-distance-squared | nearest-5
without: list[str] = []  # economies left out, by their code in data/nations
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
from analysis.book.page import in_short
from analysis.resources import ROOT
from analysis.study import find_study, open_page, sections

sample, _ = open_page(find_study(ROOT / "notebooks" / "nations"), globals())
sample.banner

# %%
found = sections.robustness(sample)
groups = sections.heterogeneity(sample, "income")
channel = sections.mediation(sample)
in_short(*found.said, *groups.said, *channel.said)

# %%
found["figure"]

# %%
found["table"]

# %% [markdown]
# ## Rich economies and the others

# %%
groups["table"]

# %%
groups["tests"]

# %% [markdown]
# ## Through human capital?

# %%
channel["paths"]

# %%
channel["tests"]

# %% [markdown]
# A mediated share presumes that nothing else moves both human capital and carbon intensity. Nothing in
# these data can show that.
