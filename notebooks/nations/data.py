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
# # III.2 Data: 124 economies, 1990-2010

# %% tags=["parameters"]
years: str = "1990-2010"  # sample years, first to last: 1990..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance |
# inverse-distance-squared | nearest-5
without: list[str] = []  # economies left out, by their code in data/nations
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
import numpy as np

from analysis.book.page import numbers
from analysis.resources import ROOT
from analysis.study import find_study, open_page, sections

sample, _ = open_page(find_study(ROOT / "notebooks" / "nations"), globals())
sample.banner

# %%
found = sections.description(sample)
found.short

# %% [markdown]
# Carbon intensity is territorial carbon dioxide over real GDP at purchasing power parity, in logarithms.
# The sample ends in 2010 because the emissions do. It has every economy for which each column is known
# in each year; which economies are missing is not random, poor and small ones mostly.

# %%
found["variables"]

# %% [markdown]
# The most carbon for its output is on record for {glue:text}`nations_top`: {glue:text}`nations_times:.0f` times the
# median of all rows. So much may speak of output in the source rather than of carbon; the row is kept, and
# the curve of this part is drawn without the most extreme economy too ([](curve.py)).

# %%
carbon = sample.panel.frame["Carbon"]
code, year = carbon.idxmax()
numbers(
    nations_top=f"{sample.places.loc[code, 'name']} in {year}",
    nations_times=np.exp(carbon.max() - carbon.median()),
)

# %%
found["trends"]

# %%
found["map"]

# %%
found["correlations"]

# %% [markdown]
# Files, units, licences and the script that makes the three tables stand in `data/nations`. The whole of
# Part III is declared in `notebooks/nations/study.toml`; each page is a few calls, the same that a study
# of your own gets ({doc}`../../book/run_it_yourself`).
