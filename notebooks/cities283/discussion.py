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
# # II.10 Discussion, conclusions and policy: paper B, sections 6 and 7

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
import pandas as pd

from analysis.book.page import numbers
from analysis.papers.cities283 import study, tables
from analysis.papers.cities283.claims import NAMED, quoted
from analysis.study import open_page

sample, page = open_page(study.STUDY, globals(), tables.conclusions)
found = tables.conclusions(sample)
here = found["estimate"][study.COLUMNS["TCE"]]
sample.banner

# %% [markdown]
# :::{in-short}
# Paper B concludes that a unit of co-agglomeration raises efficiency by {glue:text}`b10_headline`, that neighbours gain as
# well, that {glue:text}`b10_share` % runs through innovation and that the east and cities without a
# resource base gain most. It asks for joint development of industry and services, for technology and talent, and for
# industrial policy by local conditions. From the print alone: the {glue:text}`b10_headline` is a coefficient and no effect,
# while the paper's own second conclusion, the spillover, rests on a coefficient {glue:text}`b10_times:.0f` times as large;
# what the policy asks for (incentives, spending on technology, property rights, coordination) is in none of its models. Here the scores give {glue:text}`b10_ina_h1:.4f`,
# {glue:text}`b10_w_ina_h3:.3f` and {glue:text}`b10_mediated_share_h2:.0%`.
# :::
#
# ## What the paper discusses (section 6)
#
# **Why efficiency rises.** Co-agglomeration widens the market for intermediate goods and draws talent,
# so that transactions, information and recruiting cost less and money is left for technology; and it
# moves factors from inefficient to efficient firms. As evidence the paper names a government document on the
# integration of advanced manufacturing and modern services, and Liaoning, which rewards
# service-oriented manufacturers ({glue:text}`b10_liaoning`). *What bears it here:* the coefficient of co-agglomeration ([](durbin.py)). Costs
# and reallocation have no variable, and the firms counted are in one province.
#
# **Why through innovation.** Knowledge spills over and labour, education and infrastructure are shared, so that innovation
# costs less; it then saves factors and turns the energy structure. As evidence: clean energy in installed capacity
# ({glue:text}`b10_clean`), mainly by progress in new energy and materials. *What bears it here:* the mediated share
# ([](mediation.py)). Energy is output times a provincial intensity ([](data.py)), so a city's energy structure cannot enter
# these data at all.
#
# **Why neighbours gain.** Knowledge diffuses; officials under promotion pressure learn technology and management from
# next door; regions specialise, technology where productivity is high, resources and labour where it is low. As evidence: Shanghai turns
# to finance, business services and information technology, and Jiangsu, Zhejiang and Anhui take up what it
# leaves. *What bears it here:* the coefficient of the neighbours' co-agglomeration and the spatial lag ([](durbin.py)), which cannot tell the three
# apart; specialisation of that kind can even *lower* co-agglomeration in the city that loses its manufacturing.
#
# The text names no limitations of its own.
#
# ## The conclusions and their numbers (section 7)

# %%
said = pd.Series(NAMED["discussion"]["rows"]).replace(study.TEXTS)
printed = {"estimate": said, "std_error": float("nan")}
shown = {part: found[part].assign(printed=of) for part, of in printed.items()}
page.table(shown, "tab-cities283-conclusions")

# %% [markdown]
# {numref}`tab-cities283-conclusions` has the paper's four conclusions in numbers; their verdicts stand in the
# chapters and in the [ledger](../../book/ledger.md).
#
# | conclusion | chapter | what the text leaves open |
# |:--|:--|:--|
# | (1) Co-agglomeration raises efficiency, by {glue:text}`b10_headline` a unit | [](durbin.py) | the direct effect, the estimator and its correction |
# | (2) It spills over, by technology, demonstration and collaboration | [](durbin.py) | whether the matrix was row-standardised; how much of ρ comes from measurement |
# | (3) Innovation mediates in part, {glue:text}`b10_share` % | [](mediation.py) | an interval; whether something else moves both |
# | (4) East before centre, west none; other before resource-based | [](heterogeneity.py) | the coefficients; what was permuted, and how many tails |
#
# ## Does the policy follow?
#
# **(1) Develop industry and services together**, the "two-wheel drive" of manufacturing and service, and raise the
# share of environmentally friendly services by training and incentives for innovation. It rests on conclusion (1). The
# outcome is a yearly *factor*: {glue:text}`b10_headline` a unit is about growth and reads as if it were about a level, and it is
# the coefficient of a Durbin model, to which the paper itself adds a spillover. No estimate separates
# environmentally friendly services from others.
#
# **(2) Better policy for technology and talent**: spending on both, incentives for high technology, introduction of
# low-carbon technology, protection of intellectual property. It rests on conclusion (3) and calls innovation the core
# driving force; by the paper's own share {glue:text}`b10_rest:.0f` % of the effect does not run through it. Talent, spending and property
# rights are not in the models.
#
# **(3) Industrial policy by local conditions**, with a rational layout, coordinated between regions so that
# industries develop in linkage. It rests on conclusion (4) for the first half and on (2) for the second. The paper
# says that integration is low in some regions; which, its text does not say, and it has no recommendation
# for any one region or kind of city.

# %% tags=["remove-cell"]
quotes = quoted("discussion")
numbers(
    **quotes,
    b10_rest=100 - float(quotes["b10_share"]),
    b10_times=float(quotes["b10_lagged"]) / float(quotes["b10_own"]),
    b10=here,
    b10_moves=1 / sample.panel.within(["INA"], "two-way").values("INA").std(),
    b10_gmm=here["ρ by GMM"],
)

# %% [markdown]
# One unit of co-agglomeration is {glue:text}`b10_moves:.1f` times the standard deviation of what it moves within cities and
# years here. And **policy needs causes.** Two-way effects take out what is fixed in a city and common to a year; they do not
# take out that efficient cities attract industry. The GMM was meant to deal with that; its $\rho$ is
# {glue:text}`b10_gmm:.2f` here ([](robustness.py)).

# %% [markdown] tags=["when-recovers"]
# **What the simulated data showed, and what they cannot.** On latent efficiency the likelihood estimators return the
# parameters ({numref}`tab-cities283-seeds`). The scores show what measurement adds over the chain from raw tables: over
# those seeds a smaller slope of co-agglomeration and a larger $\rho$, in the median. Whether co-agglomeration does any of this in China they cannot show. With
# the real files in `data/raw/cities283` every page of this part can be run again, and its comparisons with the print become a
# reproduction.
