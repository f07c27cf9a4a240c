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
# # What follows, and what does not

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20
std_errors: str = "information"  # standard errors:
# information | sandwich | cluster | driscoll-kraay

# %%
import numpy as np
import pandas as pd
from myst_nb import glue

from analysis.book import heavy as validate, parameters, tables
from analysis.book import compare, published
from analysis.inference.turning_point import quadratic_report
from analysis.papers.ne34.targets import truth
from analysis.papers.ne34 import study as ne34
from analysis.study import open_study
from analysis.papers.ne34.tables import group_difference, main_fits

parameters.check()
sample = open_study(ne34.STUDY, globals())
where = {
    "data": {"panel": sample.panel},
    "parameters": sample.parameters | {"standard errors": std_errors},
}
dynamic = main_fits(sample, std_errors)["Model 2"]
_, same_curve = group_difference(sample, std_errors)
curve = quadratic_report(
    dynamic.params, dynamic.cov, "Coagg", "Coagg^2", sample.panel.values("Coagg")
)
sample.banner

# %% [markdown]
# This page gathers the argument. {numref}`tab-ne34-hypotheses` puts each hypothesis beside the number that
# should bear it: what the print gives, what these data give, and of what kind the second is. A
# number from simulated data that agrees with the print is the machinery finding what was put in;
# it is no support for the hypothesis. The single sentences of the paper stand in the chapters before, each
# with its number, and all of them in the [ledger](../../book/ledger.md).

# %%
table4 = published.estimates("paper_a_table4").query("model == 'Model 2'").set_index("term")
table7 = published.estimates("paper_a_table7").set_index(["model", "term"])
gap = float(table7.loc[("NRC", "Coagg"), "estimate"]) - float(
    table7.loc[("RC", "Coagg"), "estimate"]
)
gap_error = np.hypot(
    float(table7.loc[("NRC", "Coagg"), "std_error"]),
    float(table7.loc[("RC", "Coagg"), "std_error"]),
)
b1, b2 = (float(table4.loc[term, "estimate"]) for term in ("Coagg", "Coagg^2"))
kind = sample.estimate_kind
stars = table4["printed"].str.replace("*", "\\*").str.replace("-", "−")
rows = {
    "H1: co-agglomeration matters": {
        "print": f"coefficient {stars['Coagg']}",
        "here": f"{dynamic.params['Coagg']:.3f} ({dynamic.std_errors['Coagg']:.3f})",
        "kind": kind,
    },
    "H2: inverted U": {
        "print": f"square {stars['Coagg^2']}; turns at {-b1 / (2 * b2):.3f}",
        "here": f"turns at {curve['turning_point']:.2f}, Fieller {curve['fieller']}; "
        f"P of the U test {curve['u_p']:.3f}",
        "kind": kind,
    },
    "spatial spillover of carbon": {
        "print": f"ρ {stars['rho']}",
        "here": f"{dynamic.params['rho']:.3f} ({dynamic.std_errors['rho']:.3f})",
        "kind": kind,
    },
    "H3: groups differ": {
        "print": f"difference {gap:.3f} ({gap_error:.3f}), not tested in the paper",
        "here": f"P = {same_curve.p_value:.2f} for one curve in both groups",
        "kind": sample.derived_kind,
    },
}
tables.show(
    pd.DataFrame.from_dict(rows, orient="index"),
    "tab-ne34-hypotheses",
    "Each hypothesis and the numbers that should bear it.",
    stub="claim",
    code=[main_fits, group_difference, quadratic_report],
    **where,
)

# %% [markdown]
# ## Discussion
#
# **The rising branch.** In print and here most cities lie where more co-agglomeration goes with more
# carbon. The paper reads the printed mean of {glue:text}`ne34_mean` "well below" the turning point
# {glue:text}`ne34_turn:.3f` as room before the benefits begin. That reading is what the model says: one
# curve in the level of co-agglomeration for every city. What is assumed and not tested is that cities
# on the left would follow, as they rise, the slopes now seen in the few cities on the right.
#
# **The falling branch.** It is supported by few city-years: {glue:text}`ne34_share:.0%` of them in
# these data. A quadratic must turn somewhere; whether it turns inside the data is what the U test
# asks, and the paper does not report one.
#
# **The spatial parameters.** Printed ρ, τ and η sum to more than one, and the printed long-run effects cannot
# come from them ([](effects.py)). The most economical reading of the print is a ρ of the other sign
# ([](data.py), [](../referee/audit_ne34.py)). Even the *right* ρ would be poorly known: with so few cities
# and a dense matrix the usual estimator is biased by more than the parameter's size ([](estimates.py),
# [](../validation/monte_carlo.py)). The sentence that carbon
# intensity spills over between cities has no firm ground in either case.
#
# **The long run.** "Long-term effects are greater": around the common trend, a τ between zero and one
# tends to make direct effects larger in the long run. With the common trend included neither direct nor
# total long-run effects exist under the printed parameters.
#
# **Groups and sectors.** The difference between resource-based and other cities is not significant in
# the print's own numbers ([](heterogeneity.py)). The ranking of sectors by turning point is not tested in
# the paper, and that intervals overlap is no test either. Tested pair by pair under an assumed correlation,
# finance can be told from some of the other sectors and not from its nearest ([](../referee/audit_ne34.py)).
#
# ## Conclusions
#
# What the print supports, taken at its word: within a city, years of higher co-agglomeration are
# years of higher carbon intensity, less so the higher it already is. What it does not support:
# statements about neighbours, about the long run in total, and about which cities or sectors differ.
# None of this says that the statements are wrong; it says which numbers would be needed.
#
# ## Policy
#
# The paper recommends to raise co-agglomeration beyond the turning point, to treat resource-based cities
# differently, to favour finance, and to coordinate regionally. {numref}`tab-ne34-policy` says on which
# result each rests.

# %%
sectors = (
    table7["estimate"]
    .replace("", np.nan)
    .astype(float)
    .unstack("term")
    .filter(like="Sector", axis=0)
)
turns = (-sectors["Coagg"] / (2 * sectors["Coagg^2"])).sort_values()
table5 = published.load("paper_a_table5").query(
    "effect == 'indirect' and term.str.startswith('Coagg')"
)
spill = table5["estimate"].astype(float) / table5["std_error"].astype(float)
policy = {
    "raise co-agglomeration beyond the turn": {
        "rests on": "H2 and causal reading of it",
        "borne by the numbers": "shape: yes, in print; cause: no design for it; the way there leads over the top",
    },
    "differentiate by city type": {
        "rests on": "a difference between groups",
        "borne by the numbers": f"no: {gap:.3f} with standard error {gap_error:.3f} in print",
    },
    "favour finance and other services that turn early": {
        "rests on": "the order of sector turning points",
        "borne by the numbers": f"order: yes, in print ({turns.iloc[0]:.2f}, the next {turns.iloc[1]:.2f}); "
        "difference: not tested in the paper",
    },
    "coordinate between neighbouring cities": {
        "rests on": "ρ and indirect effects",
        "borne by the numbers": "no: printed indirect effects of co-agglomeration have |z| of at most "
        f"{spill.abs().max():.2f}, and ρ contradicts Table 5",
    },
}
tables.show(
    pd.DataFrame.from_dict(policy, orient="index"),
    "tab-ne34-policy",
    "Recommendations and what they rest on.",
    stub="recommendation",
    data={
        "Table 5": "data/published/paper_a_table5.csv",
        "Table 7": "data/published/paper_a_table7.csv",
    },
)

# %% [markdown]
# ## What would change with the real files
#
# Put them into `data/raw/ne34`, set `raw`, and every table of Part I is derived from them; the kinds turn
# to *free*, the verdicts begin to speak about the paper, and two questions get an answer that simulated data cannot
# give: which weight matrix makes the printed Moran's $I$; and whether the cell with an expenditure of four times GDP
# is a slip. A third, which sign ρ has when the estimator's bias is taken out, may stay open: of simulated data
# sets with a true ρ of {glue:text}`ne34_true_rho:.2f` the middle 90 % give estimates from
# {glue:text}`ne34_low_rho:.2f` to {glue:text}`ne34_high_rho:.2f` ([](estimates.py)).

# %%
text = published.rows().query("paper == 'A'").set_index("row")["text"]
seeds = compare.seeds(validate.load("ne34_seeds").frame, "as-printed", "4", "Model 2")
glue("ne34_true_rho", truth("as-printed").dynamics.rho, display=False)
glue("ne34_low_rho", float(seeds.loc["rho", "low"]), display=False)
glue("ne34_high_rho", float(seeds.loc["rho", "high"]), display=False)
glue("ne34_mean", str(text["mean Coagg"]), display=False)
glue("ne34_turn", -b1 / (2 * b2), display=False)
glue("ne34_share", float(curve["share_beyond"]), display=False)
