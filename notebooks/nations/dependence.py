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
# # III.4 Do neighbours resemble each other?

# %% tags=["parameters"]
years: str = "1990-2010"  # sample years, first to last: 1990..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance |
# inverse-distance-squared | nearest-5
without: list[str] = []  # economies left out, by their code in data/nations
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
from analysis.book.page import numbers
from analysis.resources import ROOT
from analysis.study import find_study, open_page, sections

sample, _ = open_page(find_study(ROOT / "notebooks" / "nations"), globals())
sample.banner

# %%
found = sections.dependence(sample)
found.short

# %%
found["moran"]

# %%
found["weights"]

# %%
found["map"]

# %%
found["clusters"]

# %% [markdown]
# ## Which model?
#
# The tests that the papers use to choose a Durbin model, on these data:

# %%
choice = sections.model_choice(sample)
choice["tests"]

# %%
year_effects = choice["tests"].frame["P"]["LR year effects"]
numbers(nations_years_p=float(year_effects))

# %% [markdown]
# Year effects ($P$ = {glue:text}`nations_years_p:.2f`) stay in the model whether or not they are significant,
# because the papers' models have them.
