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
# # The question of paper B
#
# :::{published}
# What the paper asks and claims, in our words. Its title, authors and DOI are not verified, so it
# is called "paper B"; only the numbers in its running text are known to us.
# :::
#
# Manufacturing and the services that manufacturers buy (transport, software, finance, business
# services, research) tend to settle in the same places. Paper B asks whether this
# *co-agglomeration* makes Chinese cities produce more with less carbon: whether it raises their
# **total-factor carbon emission efficiency**, for short TCE, in 283 cities over about ten years.
#
# ## Three hypotheses
#
# * **H1, direct.** Co-agglomeration raises efficiency where it happens: shared suppliers, shared
#   infrastructure, shorter ways between a plant and its services.
# * **H2, through innovation.** Part of the effect runs through knowledge: cities where both
#   sectors meet invent more, and inventions save inputs and emissions.
# * **H3, spillover.** Neighbouring cities gain as well, because firms trade, copy and commute over
#   city borders.
#
# {numref}`fig-cities283-framework` puts the three together, {numref}`fig-cities283-direct` and
# {numref}`fig-cities283-transmission` take them apart.

# %% tags=["parameters"]
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284

# %%
import pandas as pd
from myst_nb import glue

from analysis.book import figures, ledger, parameters, tables
from analysis.book import published
from analysis.book.diagrams import Arrow, Box, draw
from analysis.papers.places import cities
from analysis.papers.cities283.generator import require_candidate

figure, axes = figures.canvas(width=7.2, height=3.4)
draw(
    axes,
    {
        "makers": Box(0, 2.2, "manufacturing"),
        "services": Box(0, 0.2, "producer\nservices"),
        "ina": Box(2.6, 1.2, "co-agglomeration\nINA", marked=True),
        "innov": Box(5.2, 2.4, "innovation\nINNOV"),
        "tce": Box(7.8, 1.2, "carbon efficiency\nTCE", width=1.9, marked=True),
        "space": Box(5.2, 0.0, "neighbouring cities\nW × INA, W × TCE", width=2.1),
        "controls": Box(7.8, -0.6, "five controls", width=1.9),
    },
    [
        ("makers", "ina"),
        ("services", "ina"),
        Arrow("ina", "tce", "H1 direct", marked=True),
        Arrow("ina", "innov", "H2"),
        Arrow("innov", "tce", "H2"),
        Arrow("ina", "space", "H3"),
        Arrow("space", "tce", "H3"),
        ("controls", "tce"),
    ],
)
figures.show(
    figure,
    "fig-cities283-framework",
    "The framework: one direct channel, one through innovation, one over space (the paper's Figure "
    "1, redrawn in our words).",
    alt="Diagram. Manufacturing and producer services lead to co-agglomeration, which leads to "
    "carbon efficiency directly, through innovation and through neighbouring cities.",
)

# %%
figure, axes = figures.canvas(width=7.2, height=3.0)
draw(
    axes,
    {
        "ina": Box(-0.2, 1, "co-agglomeration", width=1.9, marked=True),
        "scale": Box(3, 2.2, "shared suppliers,\nlabour, infrastructure", width=2.2),
        "chain": Box(3, 1.0, "shorter chains,\nless transport", width=2.2),
        "clean": Box(3, -0.2, "services replace\nenergy-hungry steps", width=2.2),
        "inputs": Box(6, 1.6, "less capital, labour\nand energy a unit", width=2.1),
        "carbon": Box(6, 0.2, "less carbon\na unit", width=2.1),
        "tce": Box(8.6, 1.0, "higher TCE", marked=True),
    },
    [
        ("ina", "scale"), ("ina", "chain"), ("ina", "clean"),
        ("scale", "inputs"), ("chain", "inputs"), ("chain", "carbon"), ("clean", "carbon"),
        ("inputs", "tce"), ("carbon", "tce"),
    ],
)  # fmt: skip
figures.show(
    figure,
    "fig-cities283-direct",
    "Direct channels: what could make a co-agglomerated city more efficient by itself (the paper's Figure 2).",
    alt="Diagram. Co-agglomeration leads to shared suppliers, shorter chains and services in place "
    "of energy-hungry steps; these save inputs and carbon, which raises efficiency.",
)

# %%
figure, axes = figures.canvas(width=7.2, height=3.0)
draw(
    axes,
    {
        "ina": Box(-0.3, 1, "co-agglomeration", width=2.1, marked=True),
        "meet": Box(2.9, 2.0, "makers and\nresearchers meet", width=1.9),
        "compete": Box(2.9, 0.0, "competition\nbetween suppliers", width=1.9),
        "innov": Box(5.7, 1.0, "more patents\na head (INNOV)", width=1.9),
        "process": Box(8.5, 2.0, "cleaner processes", width=1.8),
        "product": Box(8.5, 0.0, "better products", width=1.8),
        "tce": Box(11.1, 1.0, "higher TCE", marked=True),
    },
    [
        ("ina", "meet"), ("ina", "compete"), ("meet", "innov"), ("compete", "innov"),
        ("innov", "process"), ("innov", "product"), ("process", "tce"), ("product", "tce"),
    ],
    fontsize=7.5,
)  # fmt: skip
figures.show(
    figure,
    "fig-cities283-transmission",
    "Transmission: how co-agglomeration could work through innovation (the paper's Figure 3).",
    alt="Diagram. Co-agglomeration brings makers and researchers together and makes suppliers "
    "compete; both raise patents, which improve processes and products and so efficiency.",
)

# %% [markdown]
# A drawn channel is a story, not evidence. The chapters that follow test what can be tested: H1 in
# [](durbin.py), H2 in [](mediation.py), H3 in [](durbin.py) again. Nothing in the data tells the boxes of
# {numref}`fig-cities283-direct` apart, so they stay stories.
#
# ## What the text says about its own sample
#
# {numref}`tab-cities283-sample` puts the paper's description of its sample beside public facts; the
# verdicts are in [](../referee/audit_cities283.py). Of the {glue:text}`cities283_reach:d` prefecture-level cities that a balanced panel
# of these years can hold, {glue:text}`cities283_reach_resource:d` are on the State Council's list of
# resource-based places, as many as the paper counts. Of the {glue:text}`cities283_reach_other:d` others it
# uses {glue:text}`cities283_printed_other`: *one is missing, and which one is not known to us*. This page
# leaves out {glue:text}`cities283_dropped` (parameter `dropped`).

# %%
parameters.check()
require_candidate(dropped)
reach = cities("cities284")
geo = reach.drop(dropped)
text = published.rows().query("paper == 'B'").set_index("row")["text"]
resource = int(geo["resource_based"].sum())
glue("cities283_reach", len(reach), display=False)
glue("cities283_reach_resource", int(reach["resource_based"].sum()), display=False)
glue("cities283_reach_other", int((reach["resource_based"] == 0).sum()), display=False)
glue("cities283_printed_other", text["non-resource-based cities"], display=False)
glue("cities283_dropped", str(reach.loc[dropped, "name_en"]), display=False)
glue("cities283_peak_year", text["carbon peak year (as stated)"], display=False)
glue("cities283_pledge", text["2009 pledge (as stated)"].split()[0], display=False)
counts = {
    "cities": len(geo),
    "resource-based cities": resource,
    "non-resource-based cities": len(geo) - resource,
}
described = [*counts, *(row for row in text.index if row.startswith("years "))]
tables.show(
    pd.DataFrame({"printed": text[described], "here": pd.Series(counts).reindex(described)}),
    "tab-cities283-sample",
    "The paper's words about its sample, and the cities themselves.",
    stub="what is described",
    formats={"here": ".0f"},
    notes="The sample years should be the same in all three places, and those of the text of Figure 6 the "
    "same as in its caption.",
    code=[cities],
    data={"cities_284.csv": "data/geography/cities_284.csv"},
    parameters={"dropped": dropped},
)  # fmt: skip

# %% [markdown]
# The window matters because the outcome is a yearly change. Cities that "improve in 2010" need
# inputs of 2009, so the book reads raw data for 2009-2019 and gets an index for 2010-2019; the
# parameter `first_raw_year` gives the other reading.
#
# ## Statements that no city panel can check
#
# Some sentences of the paper are about policy documents and national statistics. They are entered
# in the [ledger](../../book/ledger.md) as not derivable ({numref}`tab-cities283-outside`), so that no
# printed number is passed over in silence. Two look like slips: the pledge under the Paris Agreement was
# to peak around 2030, the paper prints {glue:text}`cities283_peak_year`; that of 2009 was 40 to 45 %, the paper
# prints {glue:text}`cities283_pledge`.

# %%
outside = [
    "coal share 2018", "natural gas / non-fossil share 2018", "Liaoning demonstration enterprises",
    "clean energy share 2020", "carbon peak year (as stated)", "carbon intensity target",
    "2009 pledge (as stated)",
]  # fmt: skip
tables.beside(
    [ledger.printed_claim("B", "text", row, kind="free") for row in outside],
    "tab-cities283-outside",
    "Printed statements about policy and national statistics, outside what a city panel can show.",
    notes="Nothing in the raw contract bears on them.",
)
