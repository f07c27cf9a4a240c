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
# # Do the printed numbers agree with themselves? Paper B, 283 cities
#
# :::{published}
# Only the numbers and claims in the running text of paper B, transcribed, and the list of its cities.
# The tables of the paper are not at hand, nor are its title and authors verified.
# :::
#
# Less can be checked here than in {doc}`audit_ne34`: without tables there are no standard errors to
# recompute. What remains is arithmetic between sentences, dates that should be one, three misprinted
# equations, and a headline that leaves out most of the effect.

# %% tags=["parameters"]
assumed_rho: list[float] = [0.0, 0.3, 0.6]  # spatial parameters of the total effect: -0.9..0.9
years_of_index: list[int] = [9, 10]  # yearly indices between 2010 or 2011 and 2019: 1..20

# %%
import re
from functools import partial

import pandas as pd
from myst_nb import glue
from scipy import stats

from analysis.book import ledger, parameters, tables
from analysis.book import published, referee
from analysis.audit import Finding
from analysis.resources import data_path

parameters.check()

TEXT = "data/published/paper_b_intext.csv"
FINDINGS = "tab-audit-cities283-findings"
printed_rows = published.rows().query("paper == 'B'").set_index("row")["text"]
value = partial(referee.first_number, printed_rows)
cities = pd.read_csv(data_path("geography", "cities_283.csv"))
resource = int(cities["resource_based"].sum())
mean, first, jump = (value(f"mean SML {name}") for name in ("index", "2011", "2018"))
own, lagged = value("INA, SDM two-way FE"), value("W x INA, SDM two-way FE")
growth = {year: (float(index.value) - 1) * 100 for year, index in (("2011", first), ("2018", jump))}
others = {
    years: (mean.interval * years - first.interval - jump.interval) / (years - 2.0)
    for years in years_of_index
}
identity_share = value("mediated share (results)")
mediated = own.interval * (identity_share.interval / 100.0)

# %%
stated = value("growth 2018 as stated")
peak = printed_rows["carbon peak year (as stated)"]
pledge = printed_rows["2009 pledge (as stated)"].split()[0]
clean, more = (float(x) for x in re.findall(r"[\d.]+", printed_rows["clean energy share 2020"])[:2])
highest = printed_rows["largest absolute correlation"].lstrip("<")
tested = printed_rows["Fisher permutation p"].split()[0].lstrip("<")
findings = [
    Finding(
        "moderate", "headline", "conclusion", f"{own} per unit of INA",
        f"(β + θ)/(1 − ρ) is {own.value + lagged.value:.4f} or more for ρ ≥ 0",
        f"({own} + {lagged}) / (1 - rho), rho not in the running text but called positive",
        "The headline is the coefficient of the city's own co-agglomeration. In a model with a "
        "spatial lag it is no effect, and the printed coefficient of the neighbours' mean is "
        f"{lagged.value / own.value:.0f} times as large: the total effect that the model implies is more than ten times the headline.",
    ),
    Finding(
        "slight", "arithmetic", "text on Figure 5", f"growth {stated} % in 2018",
        f"{growth['2018']:.2f} %", f"{jump} - 1 = {jump.value - 1:.4f}",
        f"An index of {jump} is a growth of {growth['2018']:.2f} per cent; the printed percentage "
        "is the decimal fraction. The one for 2011 is converted correctly.",
    ),
    Finding(
        "slight", "dates", "sample", "2011-2019 in two places, 2010-2019 in one",
        "one sample period", "",
        "Introduction and conclusion give 2011 to 2019, the data section 2010 to 2019. The counts "
        "of cities that improve in 2010 need data of 2009, which fits an index for 2010 to 2019.",
    ),
    Finding(
        "slight", "dates", "Figure 6", "2009 in the caption, 2010 in the text", "one set of years",
        "", "Text and caption name different first years for the same four maps.",
    ),
    Finding(
        "moderate", "mediation", "equations 10-12", "theta1 = phi1 + chi1 phi2",
        "theta1 = phi1 + chi1 phi2 + chi1W phi2W even by least squares", "",
        "The decomposition on which the mediated share rests is an identity of least squares if "
        "innovation enters alone. A third Durbin model also contains the neighbours' innovation, a "
        "second mediator, whose term is missing; three different rho change the gap further. The "
        "running text does not say how large it is.",
    ),
    Finding(
        "slight", "equations", "equation 1", "a minus in the denominator; yb = Yb lambda - sb",
        "a plus; yb = Yb lambda + sb", "",
        "With the printed signs slack in outputs would raise the score, and a city could remove slack "
        "in a bad output by emitting more.",
    ),
    Finding(
        "moderate", "equations", "equation 2", "technologies of two adjacent periods",
        "one pooled technology", "",
        "The text announces a global Malmquist index, the equation is the conventional "
        "Malmquist-Luenberger index, which is not circular. Which was computed decides whether "
        "indices may be chained.",
    ),
    Finding(
        "moderate", "equations", "equation 7", "K(t) = K(t-1) + (1 - delta) I(t)",
        "K(t) = (1 - delta) K(t-1) + I(t) / P(t)", "",
        "As printed the investment of the year loses a part at once and old capital never "
        "depreciates. If it was computed so, the index is affected.",
    ),
    Finding(
        "slight", "policy facts", "introduction, mechanism", f"peak by {peak}; cut by {pledge}",
        "around 2030; 40 to 45 %", "",
        "The peak year pledged under the Paris Agreement and the target of 2009 are misstated.",
    ),
    Finding(
        "slight", "policy facts", "discussion", f"an increase of {more} % over 2012",
        f"{clean - more:.1f} % or {clean / (1 + more / 100):.1f} % in 2012", "",
        "The sentence does not say whether it means percentage points or per cent.",
    ),
    Finding(
        "slight", "method", "text on Table 3",
        f"no multicollinearity, as correlations are below {highest}",
        "variance inflation factors", "",
        "Multicollinearity can involve more than two variables.",
    ),
]  # fmt: skip
referee.findings_table(
    findings,
    FINDINGS,
    "Findings on the numbers in the text of paper B.",
    computation=True,
    data={"text": TEXT},
)

# %% [markdown]
# {numref}`tab-audit-cities283-findings` lists what was found, the gravest first. The sections below show
# the arithmetic and the equations.
#
# ## The headline and the total effect
#
# The conclusion says that a unit more of co-agglomeration raises efficiency by {glue:text}`b_own`. That is
# the coefficient of a city's own value in a spatial Durbin model. The coefficient of the neighbours' mean
# is {glue:text}`b_lagged`, and the spatial lag of the outcome is called significantly positive. If the rows of $W$ sum
# to one, the total effect is $(\beta+\theta)/(1-\rho)$.

# %%
totals = pd.DataFrame(
    {
        f"ρ = {rho:.1f}": {
            "total effect of INA": (own.value + lagged.value) / (1 - rho),
            "times the headline": (own.value + lagged.value) / (1 - rho) / own.value,
        }
        for rho in assumed_rho
    }
).T
tables.show(
    totals,
    "tab-audit-cities283-total",
    "Total effect of co-agglomeration that the printed coefficients imply.",
    stub="if",
    formats={"times the headline": ".1f"},
    notes="The spatial parameter is not among the numbers at hand; the rows are assumptions.",
    data={"text": TEXT},
    parameters={"assumed_rho": assumed_rho},
)

# %%
glue("b_times", float(totals["times the headline"].min()), display=False)
glue("b_own", str(own), display=False)
glue("b_lagged", str(lagged), display=False)
glue("b_cities", int(value("cities").value), display=False)

# %% [markdown]
# Even with $\rho = 0$ the total is {glue:text}`b_times:.1f` times the headline
# ({numref}`tab-audit-cities283-total`). Two readings are open. The spillover may be real and the
# headline understates the paper's own estimate. Or the coefficient on the neighbours' mean is large
# because that mean hardly varies: with $w_{ij} = 1/d_{ij}$ over {glue:text}`b_cities:d` cities every city's neighbourhood is
# nearly the same national mean, which year effects absorb. The standard error of $\theta$ and the
# printed table of effects would tell.
#
# It also matters what the outcome is. A yearly index is a growth factor: a coefficient on it says how
# much *faster* efficiency grows, year after year, not by how much it is higher.
#
# ## The index over the years
#
# The mean index is {glue:text}`b_mean`; the means of 2011 and 2018 are {glue:text}`b_first` and
# {glue:text}`b_jump`, and those of all other years are said to lie below one.

# %%
index = pd.DataFrame(
    {
        f"{years} yearly means": {
            "mean of the others, lowest": interval.lower,
            "mean of the others, highest": interval.upper,
            "without 2018": float((mean.value * years - jump.value) / (years - 1)),
        }
        for years, interval in others.items()
    }
).T
tables.show(
    index,
    "tab-audit-cities283-index",
    "Mean index of the years whose value is not printed, if years weigh alike.",
    stub="if the mean is over",
    digits=4,
    data={"text": TEXT},
    parameters={"years_of_index": years_of_index},
)

# %%
glue("b_mean", str(mean), display=False)
glue("b_first", str(first), display=False)
glue("b_jump", str(jump), display=False)
glue("b_other_low", min(x.lower for x in others.values()), display=False)
glue("b_other_high", max(x.upper for x in others.values()), display=False)
glue("b_without", float(index["without 2018"].max()), display=False)

# %% [markdown]
# The other years must average between {glue:text}`b_other_low:.4f` and {glue:text}`b_other_high:.4f`
# ({numref}`tab-audit-cities283-index`): below one. That is a bound on their mean; that each of them lies
# below one, as stated, does not follow. They also show how
# much hangs on one year: without 2018 the mean would be {glue:text}`b_without:.4f` at most. An
# arithmetic mean of growth factors overstates cumulated growth, so the decline that the text reads
# from {glue:text}`b_mean` is if anything understated.
#
# ## Significance and the mediated share
#
# The running text gives coefficients with a level and without a standard error. The level bounds the error:
# {numref}`tab-audit-cities283-errors`.

# %%
levels = {
    "INA, two-way FE (no space)": (0.05, 0.01),
    "INA, SDM two-way FE": (0.01, None),
    "W x INA, SDM two-way FE": (0.01, None),
}
bounds = {}
for name, (above, below) in levels.items():
    size = abs(value(name).interval)
    bounds[name] = {
        "coefficient": value(name).value,
        "P below": above,
        "standard error below": size.upper / stats.norm.isf(above / 2),
        "and above": size.lower / stats.norm.isf(below / 2) if below else float("nan"),
    }
tables.show(
    pd.DataFrame(bounds).T,
    "tab-audit-cities283-errors",
    "Standard errors that the printed levels of significance allow.",
    stub="coefficient of",
    digits=4,
    formats={"P below": ".2f"},
    notes="From the normal distribution; the last column where the text also says that P lies "
    "above 0.01.",
    data={"text": TEXT},
)

# %%
glue("b_share", identity_share.value, display=False)
glue("b_mediated", 1000 * mediated.middle, display=False)
glue("b_direct", 1000 * (own.value - mediated.middle), display=False)
glue("b_ratio", own.value / value("INA, two-way FE (no space)").value, display=False)
glue("b_peak", peak, display=False)
glue("b_pledge", pledge, display=False)
glue("b_clean_rise", more, display=False)
glue("b_highest", highest, display=False)
glue("b_tested", tested, display=False)
glue("b_tested_twice", 2 * float(tested), display=False)
glue("b_clean_points", clean - more, display=False)
glue("b_clean_percent", clean / (1 + more / 100), display=False)

# %% [markdown]
# Nothing contradicts. With space in the model the coefficient is {glue:text}`b_ratio:.1f` times the
# one without.
#
# The share of {glue:text}`b_share:.2f` % that goes through innovation is stated without an interval. If
# it refers to the printed coefficient, the mediated part is {glue:text}`b_mediated:.2f` and the
# remaining one {glue:text}`b_direct:.2f` thousandths per unit of co-agglomeration, provided that the
# identity holds, which it need not: a Durbin model with innovation also contains the neighbours'
# innovation, and each of the three has a $\rho$ of its own. It is then a share of the small coefficient,
# not of the total effect above. The mediated part is a product of two estimates; without their standard
# errors, which are not in the running text, its own is unknown, so whether the share differs from zero
# cannot be told from these numbers.
#
# ## Group differences
#
# The effect is called significant in the east and the centre and not in the west, larger in cities
# that do not depend on resources, and all differences are tested by permutation with $P$ below
# {glue:text}`b_tested`. That is the right kind of comparison. But the widely used routine permutes rows rather than whole cities,
# folds $P$ at one half and so reports a one-sided value; {glue:text}`b_tested` on that scale is
# {glue:text}`b_tested_twice:.1f` on the usual one.
# Whether the paper's test does so its running text does not say. Coefficients and standard errors of the groups would
# allow a check.
#
# ## Three misprinted equations
#
# **The slacks-based measure.** With $m$ inputs, $s_1$ good and $s_2$ bad outputs, $q = s_1 + s_2$, it is
#
# $$
# \rho = \min \frac{1-\frac1m\sum_i s_i^-/x_{io}}
# {1+\frac1q\left(\sum_r s_r^g/y_{ro}+\sum_h s_h^b/b_{ho}\right)}
# \quad\text{s.t.}\quad x_o = X\lambda+s^-,\; y_o = Y\lambda-s^g,\; b_o = B\lambda+s^b .
# $$
#
# Equation (1) as printed has a *minus* in the denominator and $y^b = Y^b\lambda - s^b$. With the minus,
# slack in outputs would *raise* the score instead of lowering it; with the second sign a city could remove slack in
# a bad output by emitting more. Both are taken for misprints: scores so computed would not be
# efficiencies.
#
# **The index.** The text announces a global Malmquist index; equation (2) as printed is the geometric
# mean over two technologies of adjacent periods, the conventional Malmquist-Luenberger index. It is
# not circular, and its cross-period programs can be infeasible. The global one refers all years to
# one pooled technology, $\mathrm{GMI} = \rho^G_{t+1}/\rho^G_t$, and neither can happen. Which of the two
# was computed decides whether indices may be chained.
#
# **Capital.** Perpetual inventory is $K_t = (1-\delta)K_{t-1} + I_t/P_t$. Equation (7) as printed is
# $K_t = K_{t-1} + (1-\delta)I_t$: the investment of the year loses {glue:text}`b_delta` % at once and old
# capital never depreciates.

# %%
delta = value("capital depreciation rate").value / 100
investment, years = 1.0, 10
start = investment / (delta + 0.05)
right, wrong, real = start, start, investment
path = []
for year in range(1, years + 1):
    real *= 1.05
    right = (1 - delta) * right + real
    wrong = wrong + (1 - delta) * real
    path.append((year, right, wrong, wrong / right))
capital = pd.DataFrame(
    path, columns=["year", "K as usual", "K as printed", "printed over usual"]
).set_index("year")
tables.show(
    capital.loc[[1, 5, 10]],
    "tab-audit-cities283-capital",
    "Capital by the usual recursion and by the printed one, investment growing by 5 % a year.",
    stub="years after the start",
    notes="An illustration: first investment 1, initial capital I/(δ + g).",
    data={"text": TEXT},
)

# %%
glue("b_delta", str(value("capital depreciation rate")), display=False)
glue("b_capital", float(100 * (capital["printed over usual"].iloc[-1] - 1)), display=False)

# %% [markdown]
# After ten years the printed form gives {glue:text}`b_capital:.0f` % more capital
# ({numref}`tab-audit-cities283-capital`), and more so where investment was low. If it was computed so,
# the index is affected; if it is a misprint, not. The program or the capital series would settle it.
#
# ## Facts outside the data
#
# Two policy facts are misstated whatever the data: China's pledge under the Paris Agreement was to peak
# emissions around 2030, the paper prints {glue:text}`b_peak`; the target of 2009 was a cut in intensity of
# 40 to 45 %, the paper prints {glue:text}`b_pledge`. The share of clean energy in installed capacity is said
# to have risen by {glue:text}`b_clean_rise:.1f` % since 2012: in percentage points that makes
# {glue:text}`b_clean_points:.1f` % in 2012, in per cent {glue:text}`b_clean_percent:.1f` %, and the
# sentence does not say which is meant. No result depends on these.
#
# One conclusion of method goes further than what is printed: that all correlations between variables
# are below {glue:text}`b_highest` does not exclude multicollinearity, which can involve more than two of them.


# %% tags=["remove-input"]
words = partial(ledger.claim_in_words, "B")
number = partial(ledger.claim_in_number, "B")
sample_note = "2011-2019 in introduction and conclusion, 2010-2019 in the data section"
claims = [
    words("years (introduction)", False, sample_note),
    words("years (data section)", True, "fits the counts for 2010, which need data of 2009"),
    words("years (conclusion)", False, sample_note),
    number("cities", value("resource-based cities").value + value("non-resource-based cities").value,
           note="resource-based plus others"),
    ledger.printed_claim("B", "text", "resource-based cities", kind="free", derived=resource,
                         same_data=True, note="list of the State Council, 2013"),
    number("non-resource-based cities", value("cities").value - value("resource-based cities").value,
           note="all cities less the resource-based"),
    number("growth 2011 as stated", growth["2011"], 0.005, "index less one, in per cent"),
    number("growth 2018 as stated", growth["2018"], 0.005, "index less one, in per cent"),
    words("mean SML other years", None, "only their mean must lie below one"),
    words("years in text of Fig 6", True, "the years whose counts the text gives"),
    words("years in caption of Fig 6", False, "the text says 2010"),
    number("mediated share (conclusion)", identity_share.value, note="as in the results"),
    words("mediation identity", None,
          "an identity of least squares if innovation enters without its spatial lag"),
    words("headline", False, "the coefficient of a model with spatial lags is not the total effect"),
]  # fmt: skip
ledger.record(claims, FINDINGS, tables.origin(data={"text": TEXT}))
