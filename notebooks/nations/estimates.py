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
# # III.5 Carbon intensity and income

# %% tags=["parameters"]
years: str = "1990-2010"  # sample years, first to last: 1990..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance |
# inverse-distance-squared | nearest-5
without: list[str] = []  # economies left out, by their code in data/nations
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20

# %%
from analysis.book.page import in_short
from analysis.resources import ROOT
from analysis.study import find_study, open_page, sections, tryit

sample, _ = open_page(find_study(ROOT / "notebooks" / "nations"), globals())
sample.banner

# %%
found = sections.estimates(sample)
effects = sections.effects(sample)
turn = sections.turning_point(sample)
long_run = [sentence for sentence in effects.said if "ong-run" in sentence]
in_short(*reversed(turn.said), *long_run, *found.said[:1])

# %% [markdown]
# The income curve is the question that carries over: does carbon intensity first rise and then fall with
# income? The model is that of paper A with income in the place of co-agglomeration.

# %%
found["figure"]

# %%
found["table"]

# %%
tryit.estimates(sample, "nations/estimates")

# %%
found["implied"]

# %% [markdown]
# ## Effects at home and next door

# %%
effects["table"]

# %%
effects["slopes"]

# %% [markdown]
# ## Is there a turning point?

# %%
turn["table"]

# %% [markdown]
# These are associations. Income does not fall from the sky, and an economy that grows may grow by what
# is dirty or by what is clean.
