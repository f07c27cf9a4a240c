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
# # Discussion, conclusions and policy of paper B
#
# :::{simulated}
# What the paper concludes, in our words, beside what this part of the book could and could not show
# with generated series for 283 real cities.
# :::
#
# ## What the paper concludes
#
# The paper finds that co-agglomeration raises carbon efficiency, that part of the effect runs
# through innovation, that neighbours gain as well, and that the east and cities without a
# resource base gain most. Its discussion places this beside work on manufacturing and
# service clusters; its policy part asks for demonstration parks where both sectors settle together, for
# an energy mix with less coal, for joint planning across city borders, for support of research in
# firms, and for different measures in different regions: deeper integration in the east, taking over
# of industry with strict standards in the centre, groundwork in the west, and new industries where
# resources run out.
#
# {numref}`tab-cities283-conclusions` takes the conclusions one by one: which chapter bears the number,
# and what a reader of the paper still cannot know.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import pandas as pd
from myst_nb import glue

from analysis import parameters, published, tables
from analysis.studies import cities283 as study

parameters.check()
sample = study.load(raw, seed, dropped, first_raw_year)
text = published.rows().query("paper == 'B'").set_index("row")["text"]
conclusions = pd.DataFrame(
    [
        (
            "Efficiency fell on average, and rose in 2011 and 2018",
            text["mean SML index"],
            "[](efficiency.py)",
            "a mean of 1.37 in one year is a break in data, not in technology; what broke is not said",
        ),
        (
            "H1: co-agglomeration raises efficiency",
            text["INA, SDM two-way FE"],
            "[](durbin.py)",
            "the estimator and its correction; on a 1/d matrix they decide",
        ),
        (
            "H3: neighbours gain",
            text["W x INA, SDM two-way FE"],
            "[](durbin.py)",
            "how much of ρ comes from energy that is known only by province",
        ),
        (
            "H2: through innovation",
            text["mediated share (conclusion)"],
            "[](mediation.py)",
            "an interval for the share, and whether something else moves both",
        ),
        (
            "The result is robust",
            text["robustness 2: spatial system GMM"],
            "[](robustness.py)",
            "the ρ of the GMM, its instruments and tests",
        ),
        (
            "East > centre > west; other > resource-based",
            text["Fisher permutation p"],
            "[](heterogeneity.py)",
            "what was permuted, and how many tails were counted",
        ),
    ],
    columns=["conclusion", "printed", "chapter", "not known to a reader"],
).set_index("conclusion")
tables.show(
    conclusions,
    "tab-cities283-conclusions",
    "The paper's conclusions, where the book takes them up, and what stays open.",
    stub="conclusion",
    code=[study.load],
    data={"panel": sample.panel},
    parameters=sample.parameters,
)

# %%
moved = sample.panel.within(["INA"], "two-way").frame["INA"]
glue("cities283_unit_over_movement", float(1 / moved.std()), display=False)
glue("cities283_cities_per_region", int(sample.group("region").value_counts().min()), display=False)
glue("cities283_others", sample.panel.n_cities - 1, display=False)

# %% [markdown]
# ## Does the policy follow?
#
# * **"One unit of co-agglomeration raises efficiency by 0.0255."** One unit is
#   {glue:text}`cities283_unit_over_movement:.1f` times the standard deviation of what
#   co-agglomeration moves within cities and years. The outcome is a yearly *factor*: the sentence
#   is about growth, and reads as if it were about a level. And 0.0255 is a coefficient of a
#   Durbin model, not an effect; the direct effect differs from it by what comes back over neighbours.
# * **Joint planning across borders** rests on the indirect effect. It is large in any model with this
#   matrix, because it adds up small responses of {glue:text}`cities283_others` cities that are all "neighbours". The
#   robustness chapter shows how it changes with matrices under which a neighbour is a neighbour.
# * **Support for innovation** rests on the mediated share. Its interval is wide, and no regression here
#   tells innovation as a cause from innovation as a companion.
# * **Different measures by region** rest on differences between groups. The smallest region has
#   {glue:text}`cities283_cities_per_region` cities; with groups of that size most differences cannot be told from chance, even where they are real.
# * **Less coal** is good policy on other grounds; the model has no coal in it. Energy enters efficiency
#   as output times a provincial intensity, so a city cannot save energy in these data at all.
# * **Policy needs causes.** Two-way effects take out what is fixed in a city and common to a
#   year. They do not take out that efficient cities attract industry. The GMM was meant to deal with
#   this and cannot, on this matrix.
#
# ## What the simulated data showed, and what they cannot
#
# They showed that the chain from raw tables to tests returns the truth it was given where the
# outcome is the latent efficiency, and what measurement by scores adds: smaller slopes, a larger
# $\rho$, a narrower jump in 2018. They cannot show whether co-agglomeration does any of this in
# China. With the real files in `data/raw/cities283` every page of this part can be run again, and
# the comparisons with the print, now free, would become a reproduction.
