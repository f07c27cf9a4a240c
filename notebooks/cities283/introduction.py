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
# # II.1 The question: paper B, sections 1 to 3
#
# :::{published}
# What the paper asks and claims, in our words. Its running text is known to us whole, with its
# twelve equations; of its eleven tables and nine pictures we have the captions only. Title, authors
# and DOI are not in our copy, so it is called "paper B". Its printed tables are B1 to B11 here, its
# figures B-F1 to B-F9.
# :::

# %% tags=["parameters"]
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284

# %%
import pandas as pd

from analysis.book import ledger, parameters
from analysis.book.page import Page, numbers
from analysis.papers.cities283 import claims, generator, pictures, study
from analysis.papers.places import cities

parameters.check()
generator.require_candidate(dropped)
page = Page(parameters={"dropped": dropped}, captions=study.STUDY.captions)
reach = cities("cities284")
geo = reach.drop(dropped)

# %% [markdown]
# :::{in-short}
# Paper B holds that cities in which manufacturing and producer services gather emit carbon more
# efficiently: through lower costs and better use of resources (H1), through innovation (H2), and
# next door as well (H3). It prints a coefficient of {glue:text}`b1_own` for a city's own co-agglomeration,
# {glue:text}`b1_lagged` for its neighbours' and {glue:text}`b1_share` % for the part that runs through innovation.
# Of the channels behind the three hypotheses innovation alone has a variable; the others are
# argued and cannot be told apart by any table of the paper. Its sample has two periods in print,
# {glue:text}`b1_period` and {glue:text}`b1_other_period`, and its list of controls one more than it defines.
# :::
#
# ## What is at stake (sections 1 and 2)
#
# China has promised to let its emissions peak and must not pay for it with growth. What reconciles
# the two, the paper argues, is **total-factor carbon emission efficiency**, TCE: as much output with
# as little carbon as capital, labour and energy allow. A ratio such as carbon per unit of GDP is
# easy to read and leaves the inputs out. Stochastic frontiers need a functional form; data
# envelopment does not, but most of it looks at one year at a time. A global Malmquist index on a
# slacks-based measure does neither, and few have used it for this.
#
# Much is known, the paper says, about what else moves this efficiency: industrial structure and
# environmental regulation raise it, income inequality and digital finance lower it, urbanisation
# first raises and then lowers it, and carbon markets and pilot cities matter. The co-location of
# manufacturing and producer services has been studied for pollution, haze and green development,
# hardly for carbon, and where it was, with provinces and without the mechanism. The paper calls it
# the main force behind carbon efficiency. It claims three contributions: index and spatial model in one
# frame; a theory with innovation as mediator; and {glue:text}`b1_cities` cities, so that regions and
# resource-based cities can be compared.
#
# ## Three hypotheses and their reasons (section 3)
#
# The paper starts from three theories of agglomeration. In that of Marshall, Arrow and Romer like firms
# gather, specialise their labour market and exchange technology; in Jacobs's unlike industries
# complement each other and compete; Porter's puts competition first, which lowers transaction
# costs.
#
# **H1: co-agglomeration raises TCE.** By a *cost effect*: suppliers and buyers of intermediate goods
# sit together and trade at lower cost, and skilled people come, so that information and recruiting
# cost less; what is saved goes into output and clean technology. And by a *resource allocation effect*:
# with specialisation, capital goes to cleaner products and labour from around finds work
# ({numref}`fig-cities283-direct`).

# %%
page.figure(pictures.channels("direct"), "fig-cities283-direct")

# %% [markdown]
# **H2: co-agglomeration raises TCE by promoting innovation.** To innovation it leads by *knowledge
# spillover* (producer services concentrate knowledge, firms exchange it, and law enforcement since
# the pledge of 2009 turns it towards emissions) and by *resource sharing* (talent, education,
# facilities). From innovation to TCE lead a better combination of production factors, a supply
# structure that moves towards clean industries, and new energy that becomes cheaper to use
# ({numref}`fig-cities283-transmission`).

# %%
page.figure(pictures.channels("transmission"), "fig-cities283-transmission")

# %% [markdown]
# **H3: co-agglomeration raises TCE next door.** *Technology*: knowledge crosses a border at little cost.
# *Learning*: officials who compete for promotion copy what advanced neighbours do. *Collaboration*:
# regions specialise, and industries that need resources and labour move to where productivity is
# lower, each by its advantage ({numref}`fig-cities283-spillover`). Later parts of the paper give the
# three other names: the results speak of technology spillover and learning, the conclusion of
# technology, demonstration and collaboration.

# %%
page.figure(pictures.channels("spillover"), "fig-cities283-spillover")

# %% [markdown]
# A drawn channel is a story until something in the data could contradict it. Here is what could:
#
# | hypothesis | what is estimated | what no variable stands for |
# |:--|:--|:--|
# | H1 | the coefficient of a city's own co-agglomeration ([](durbin.py)) | costs, allocation of capital and labour |
# | H2 | patents a head as mediator ([](mediation.py)) | spillover against sharing; factors, structure, energy |
# | H3 | the neighbours' co-agglomeration and efficiency ([](durbin.py)) | technology, learning, collaboration |
#
# ## The order of the parts (Figure B-F1)
#
# Figure B-F1, of which we have the caption, shows by the text the order of the paper's seven parts; this
# part of the book follows it.
#
# ## What the text says about its own sample
#
# Of the {glue:text}`b1_reach:d` prefecture-level cities that a balanced panel of these years can hold,
# {glue:text}`b1_resource:d` are on the State Council's list of resource-based places, as many as the
# paper counts ({numref}`tab-cities283-sample`). Of the {glue:text}`b1_other:d` others it uses
# {glue:text}`b1_printed_other`: *one is missing, and which one is not known to us*. This page leaves out
# {glue:text}`b1_dropped` (parameter `dropped`).

# %%
SAMPLE = "tab-cities283-sample"
resource = int(geo["resource_based"].sum())
counts = {
    "cities": len(geo),
    "resource-based cities": resource,
    "non-resource-based cities": len(geo) - resource,
    "municipalities left out": int(geo["municipality"].sum()),
    "number of regions": geo["region3"].nunique(),
}
described = [*counts, *(row for row in study.TEXTS.index if row.startswith("years "))]
numbers(
    **claims.quoted("introduction"),
    b1={"reach": len(reach), "resource": int(reach["resource_based"].sum())},
    b1_other=int((reach["resource_based"] == 0).sum()),
    b1_dropped=str(reach.loc[dropped, "name_en"]),
    b1_pledge=study.TEXTS["2009 pledge (as stated)"].split()[0],
)

# %%
here = pd.Series(counts).reindex(described)
page.by(cities).table(pd.DataFrame({"printed": study.TEXTS[described], "here": here}), SAMPLE)

# %% [markdown]
# The window matters because the outcome is a yearly change. Cities that "improve in 2010" need
# inputs of 2009, so the book reads raw data for 2009-2019 and gets an index for 2010-2019; the
# parameter `first_raw_year` of the other chapters gives the other reading.
#
# ## Statements that no city panel can check
#
# Some sentences are about policy documents, national statistics, methods, or causes that no variable stands for. They
# stand in the [ledger](../../book/ledger.md) as not derivable ({numref}`tab-cities283-outside`). Two look
# like slips: the pledge under the Paris Agreement was to peak around 2030, the paper prints
# {glue:text}`b1_peak`; that of 2009 was 40 to 45 %, the paper prints {glue:text}`b1_pledge`.

# %%
rows = claims.NAMED["introduction"]
own = [claims.claim(row, "free", derived=counts[row], same_data=True)
       for row in ("municipalities left out", "number of regions")]  # fmt: skip
ledger.record([*(claims.claim(row, "setting") for row in rows["settings"]), *own], anchor=SAMPLE)

# %%
page.beside([claims.claim(row, "free") for row in rows["outside"]], "tab-cities283-outside")
