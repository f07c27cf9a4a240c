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
# # The question of paper A
#
# :::{published}
# What the paper asks and claims, in our words, and what can be checked of it without any data.
# :::
#
# The old industrial north-east of China emits much carbon for what it produces. Its manufacturing and
# the services that manufacturers buy (research, finance, leasing, software, transport, trade) have
# gathered in a few large cities. Han and co-authors {cite:p}`han2026` ask whether this *co-agglomeration*
# lowers or raises **carbon intensity**, carbon dioxide per unit of output, in
# {glue:text}`ne34_printed_cities` cities over {glue:text}`ne34_first_year:d`-{glue:text}`ne34_last_year:d`.
#
# ## Three hypotheses
#
# * **H1, direct.** Co-agglomeration changes carbon intensity where it happens. Two forces pull apart:
#   more of everything in one place costs energy; shared suppliers, shorter ways and cleaner services
#   save it.
# * **H2, inverted U.** The first force wins while co-agglomeration is low, the second when it is high, so
#   that carbon intensity first rises, then falls.
# * **H3, heterogeneity.** The curve differs between resource-based cities and others, and between the
#   services that gather with manufacturing.
#
# What the model can say about each is limited from the start. H1 and H2 are about the sign and shape
# of a partial correlation with city and year effects taken out; nothing in the design makes
# co-agglomeration vary for reasons of its own. H3 asks for a *difference*, and is answered by a test of
# one.
#
# ## The way through Part I
#
# {numref}`fig-ne34-roadmap` is the paper's argument as a road map; the chapters follow it.

# %% tags=["parameters"]
without: list[str] = []  # cities left out of the count, by their id in data/geography

# %%
from myst_nb import glue

from analysis.book import figures, ledger, parameters, tables
from analysis.book import published
from analysis.book.diagrams import Arrow, Box, draw
from analysis.papers.places import cities
from analysis.papers.ne34 import study as ne34

parameters.check()
figure, axes = figures.canvas(width=7.2, height=4.6)
draw(
    axes,
    {
        "raw": Box(0, 4, "raw tables:\nemployment, GDP, CO₂ ...", width=2.3),
        "measures": Box(0, 2.9, "location quotients,\nintensity, controls", width=2.3),
        "describe": Box(0, 1.8, "Table 1, Figure 2:\nlevels and trends", width=2.3),
        "moran": Box(3.4, 4, "Table 2: is it spatial?", width=2.3),
        "tests": Box(3.4, 2.9, "Table 3: which model?", width=2.3),
        "static": Box(3.4, 1.8, "Table 4: estimates", width=2.3, marked=True),
        "turn": Box(3.4, 0.7, "the inverted U\nand where it turns", width=2.3),
        "effects": Box(6.8, 4, "Table 5: effects, short\nand long run", width=2.3),
        "robust": Box(6.8, 2.9, "Table 6: other choices", width=2.3),
        "groups": Box(6.8, 1.8, "Table 7: groups, sectors", width=2.3),
        "end": Box(6.8, 0.7, "what follows, for whom", width=2.3),
    },
    [
        ("raw", "measures"), ("measures", "describe"), ("measures", "moran"), ("moran", "tests"),
        ("tests", "static"), ("static", "turn"), Arrow("static", "effects"),
        Arrow("static", "robust"), Arrow("static", "groups"), ("groups", "end"),
    ],
    fontsize=8,
)  # fmt: skip
figures.show(
    figure,
    "fig-ne34-roadmap",
    "The study's road map (its Figure 1, redrawn): from raw tables to policy.",
    alt="Diagram in three columns. Raw tables lead to measures and descriptive statistics; these to "
    "tests of spatial dependence, model choice and the estimates of Table 4; from there arrows lead to "
    "effects, robustness checks, groups of cities and sectors, and to what follows.",
)

# %% [markdown]
# 1. [](data.py): what the data are, and how the simulated ones were made.
# 2. [](dependence.py): Moran's $I$ by year, maps, local clusters.
# 3. [](model_choice.py): the battery of tests, and where the dynamics stand.
# 4. [](estimates.py): the estimates, the bias of the usual estimator, the inverted U.
# 5. [](effects.py): what a change does here and next door, now and later.
# 6. [](robustness.py): other matrices, estimators, samples, standard errors.
# 7. [](heterogeneity.py): groups, sectors and the missing test.
# 8. [](conclusions.py): each hypothesis and recommendation, and the number that bears it or does not.
#
# A later part of the book has several hundred specifications at once ([](specification_curve.py)), the
# agreement of the printed tables with each other ([](../referee/audit_ne34.py)) and a
# [ledger](../../book/ledger.md) of every printed number and claim.
#
# The paper's data are not public. By default everything runs on *simulated* data whose truth is the
# printed model; each comparison says of which kind it is: **targeted** (the generator was calibrated to
# the printed number), **recovered** (an estimate of a parameter the generator was given), **implied**
# (arithmetic on printed numbers alone) or **free** (neither). Only *implied* comparisons, and the few
# that rest on public lists as in {numref}`tab-ne34-cities`, can tell anything about the paper. The
# others tell whether the machinery works, and what it would take to learn more.
#
# ## The cities
#
# What the paper says about its cities can be checked at once ({numref}`tab-ne34-cities`): the list of
# resource-based cities is public.

# %%
text = published.rows().query("paper == 'A'").set_index("row")["text"]
glue("ne34_printed_cities", str(text["cities"]), display=False)
glue("ne34_first_year", int(ne34.STUDY.years[0]), display=False)
glue("ne34_last_year", int(ne34.STUDY.years[-1]), display=False)
geo = cities("ne34").drop(index=without)
resource = int(geo["resource_based"].sum())
tables.beside(
    [
        ledger.printed_claim("A", "text", "cities", kind="free", derived=float(len(geo)), same_data=True),
        ledger.printed_claim(
            "A", "text", "resource-based cities", kind="free", derived=float(resource), same_data=True
        ),
        ledger.printed_claim(
            "A", "text", "share resource-based", kind="free", holds=resource / len(geo) > 0.5,
            derived=resource / len(geo),
        ),
    ],
    "tab-ne34-cities",
    "The paper's count of cities against the State Council's list of 2013.",
    stub="count",
    code=[cities, ne34.cities_of],
    data={"cities_ne34.csv": "data/geography/cities_ne34.csv"},
)  # fmt: skip
