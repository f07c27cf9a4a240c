# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A section to try
#
# {numref}`tab-try` has a mean $\bar x$ of draws; see also {ref}`another page <elsewhere>`.

# %% tags=["parameters"]
seed: int = 7  # seed of the draws: 0..
cities: str = "many"  # how many rows: few | many
years: str = "2003-2006"  # years drawn: 2003..2022
label: str = "Anshan"  # name of the first row
folder: str = ""  # a folder of files, empty for none: folder

# %%
from analysis.book import parameters

parameters.check()

# %%
import numpy as np
import pandas as pd

from analysis.book import tables

rng = np.random.default_rng(seed)
names = [label, "Benxi", "Fushun"] if cities == "many" else [label]
columns = [str(year) for year in parameters.years(years)]
draws = pd.DataFrame(rng.normal(size=(len(names), len(columns))), index=names, columns=columns)

# %%
tables.show(
    draws,
    "tab-try",
    "Draws of some cities.",
    errors=draws.abs() / 2,
    p_values=draws.abs() / 10,
    code=[tables.show],
    data={"draws": draws},
    parameters={"seed": seed, "label": label},
)

# %%
tables.show(pd.DataFrame({"n": [3]}, index=["rows"]), "tab-same", "A table that stays.")

# %%
if seed == 13:
    raise ValueError("thirteen is not liked")
