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
# # I.1 The question: paper A, sections 1 to 3
#
# :::{published}
# What the paper asks and argues, in our words, and what can be checked of it without any data.
# :::
#
# :::{in-short}
# In {glue:text}`ne34_printed_cities` cities of the north-east, paper A finds, carbon intensity first
# rises and then falls with co-agglomeration: {glue:text}`print_b1` for the level,
# {glue:text}`print_b2` for its square, a turn at {glue:text}`print_turn:.3f` where the mean is
# {glue:text}`print_mean`. Its Tables A1 and A4 bear that out. Two further claims do not follow from
# what it prints: that this year's intensities depend on each other with a positive ρ (the effects of Table A5 need about
# {glue:text}`print_needed:.2f`, Table A4 has {glue:text}`print_rho`), and that resource-based cities
# differ from the others (P = {glue:text}`print_gap_p:.2f`).
# :::
#
# Han and co-authors {cite:p}`han2026` start from China's promise to let emissions peak and then to
# become neutral. The plan of the time asks for manufacturing of high quality and for producer services
# (research, finance, leasing, information, transport, trade) that specialise and move up the value chain;
# the authors argue that both should be integrated. Does their
# *co-agglomeration* lower **carbon intensity**, carbon dioxide per unit of output? The paper names three
# gaps in what had been written: most studies look at one industry at a time; most look at China as a
# whole or at its rich regions, few at the north-east with its heavy industry, its dependence on
# resources and the people who leave it; and few ask whether the answer differs between kinds of cities
# and of services. What had been written it sorts by outcome: green innovation, green growth, and carbon,
# where some find a straight line down and others a curve.
#
# ## Three hypotheses
#
# **H1: co-agglomeration acts directly on carbon intensity** (section 2.1). The paper goes back to
# Marshall's shared inputs, spreading knowledge and pooled labour, to Jacobs's gains between unlike
# industries, and to Porter's competition that speeds new technology on its way. Four channels follow.
# Knowledge and competition bring economies of scale, and save cost and energy. Shared infrastructure is
# better used, environmental investment included, so that protection costs each firm less. Linkages along
# the chain let services fit what manufacturers need. And services rich in technology raise the
# productivity of manufacturing, hence less carbon for each unit made.
#
# **H2: an inverted U** (section 2.2). Crowding has a price. Firms compete for factors and turn to
# carbon-intensive ones; beyond what the environment can carry, abatement costs rise. *At first* this
# side wins: firms share workers and facilities, but to survive they expand capacity, burn the cheaper
# coal, and local governments in pursuit of growth relax their rules and let dirty projects pass. *Later*
# the other side wins: supply chains are complete, factor demand falls, infrastructure saves transport
# and transaction costs, and services deep inside manufacturing spread technology that saves energy.
#
# **H3: the effect differs** (section 2.3). Resource-based cities hang on vertically integrated chains,
# which keep knowledge from crossing industries; the others are diversified and flexible. Among services,
# knowledge-intensive ones spread green technology, while transport and storage save on logistics and may
# themselves add emissions.
#
# What the model can say about each is limited from the start. H1 and H2 are about the sign and shape
# of a partial correlation with city and year effects taken out; nothing in the design makes
# co-agglomeration vary for reasons of its own. The channels are argued and none is measured: no variable
# for linkages, competition or coal enters. H3 claims that groups differ, so it needs a test of the
# difference; the paper compares stars instead ([](heterogeneity.py)).
#
# ## The way through Part I, and Figure A-F1
#
# {numref}`fig-ne34-roadmap` shows the chapters of Part I and the tables that they derive. The paper's own road map is
# Figure A-F1, of which our copy holds the caption alone.

# %% tags=["parameters"]
without: list[str] = []  # cities left out of the count, by their id in data/geography

# %%
from functools import partial

from analysis.book import figures, parameters
from analysis.book.diagrams import Box, draw
from analysis.book.ledger import printed_claim
from analysis.book.page import Page, numbers
from analysis.papers.places import cities
from analysis.papers.ne34 import study as ne34, tables as made

parameters.check()

# %%
roadmap = made.WORDS["roadmap"]
boxes = {name: Box(width=2.3, **box) for name, box in roadmap["boxes"].items()}
figure, axes = figures.canvas(width=7.2, height=3.4)
draw(axes, boxes, roadmap["arrows"], fontsize=8)
Page(captions=ne34.STUDY.captions).figure(figure, "fig-ne34-roadmap")

# %% [markdown]
# 1. [](data.py): what the data are, and what print would not allow.
# 2. [](dependence.py): Moran's $I$ by year, maps, local clusters.
# 3. [](model_choice.py): the battery of tests, and where the dynamics stand.
# 4. [](estimates.py): the estimates, the bias of the usual estimator, the inverted U, the controls.
# 5. [](effects.py): what a change does here and next door, now and later.
# 6. [](robustness.py): other matrices, estimators, samples, standard errors.
# 7. [](heterogeneity.py): groups, sectors and the missing test.
# 8. [](conclusions.py): each hypothesis, conclusion and recommendation, and the number that bears it or not.
#
# A later part of the book has several hundred specifications at once ([](specification_curve.py)), the
# agreement of the printed tables with each other ([](../referee/audit_ne34.py)) and a
# [ledger](../../book/ledger.md) of printed numbers and claims. [Notation](../../book/notation.md)
# sets the paper's symbols and equations beside the book's.
#
# The paper's data are not public. By default everything runs on *simulated* data whose truth is the
# printed model; the [ledger](../../book/ledger.md) explains what each kind of comparison can tell. Only
# arithmetic on printed numbers (*implied*) and public lists can say anything about the paper. The
# others tell whether the machinery works, and what it would take to learn more.
#
# ## The area
#
# The paper takes {glue:text}`ne34_printed_cities` cities of three provinces over
# {glue:text}`ne34_years`, from the year in which the programme to revive the north-east began to two
# years after the carbon goals of 2020. The Yanbian prefecture and the Greater Khingan Range are left
# out for want of data. The lists are public, so that the counts can be checked: {numref}`tab-ne34-cities`.

# %%
geo = cities("ne34").drop(index=without)
flagged = geo["resource_based"] == 1
inside = geo["province_en"].nunique() == 3 and not {"yanbian", "daxinganling"} & set(geo.index)
page = Page(
    {"cities_ne34.csv": "data/geography/cities_ne34.csv"},
    code=[cities],
    captions=ne34.STUDY.captions,
)
count = partial(printed_claim, "A", "text", kind="free", same_data=True)
claims = [
    count("cities", derived=float(len(geo))),
    count("resource-based cities", derived=float(flagged.sum())),
    count("share resource-based", derived=float(flagged.mean()), holds=bool(flagged.mean() > 0.5)),
    count("provinces", holds=inside),
]
made.told(page, claims, "tab-ne34-cities")

# %%
numbers(
    print=made.of_print(),
    ne34_printed_cities=claims[0].printed,
    ne34_years=f"{ne34.STUDY.years[0]}-{ne34.STUDY.years[-1]}",
)
