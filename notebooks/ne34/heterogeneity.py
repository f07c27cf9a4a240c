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
# # I.8 Which cities, which services? Paper A, Table A7

# %% tags=["parameters"]
scenario: str = "as-printed"  # truth of the simulated data: as-printed | effects-implied |
# levels-at-random
raw: str = ""  # the study's real files, in place of simulated data: folder
seed: int = 20260315  # seed of the generator; the book's reads the committed files: 0..
years: str = "2003-2022"  # sample years, first to last: 1990..2100
without: list[str] = []  # cities left out, by their id in data/geography
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance |
# inverse-distance-squared | diagonal-nest | product | gravity | nearest-5
winsorised: float = 0.0  # per cent pulled in at each tail of every variable, 0 for none: 0..20
std_errors: str = "information"  # standard errors:
# information | observed | sandwich | cluster | driscoll-kraay | conley

# %%
import pandas as pd

from analysis.book import compare, heavy as validate
from analysis.book.page import conditions, numbers
from analysis.inference.turning_point import turning_point
from analysis.papers.ne34 import study as ne34, tables as made
from analysis.study import sections

sample, page = made.opened(globals(), made.group_fits, made.sector_fits)
groups, sectors = made.group_fits(sample), made.sector_fits(sample)
holds = made.standing(sample)
own = holds["seeded"] and seed == made.targets.SEED and scenario == "as-printed"
model = sections.heterogeneity(sample, "resource").of["models"]["resource"]
tests = made.group_tests(model, groups, validate.load("ne34_groups").frame if own else None)
turns = made.sector_turns(sample, sectors)
order = turns["print", "point"].sort_values()
conditions(own=own)
sample.banner

# %% [markdown]
# :::{in-short}
# The paper finds the curve in the other cities and not in resource-based ones, and calls the
# heterogeneity significant. Its own numbers do not bear that out: the two coefficients differ by
# {glue:text}`print_gap:.3f` with a standard error of {glue:text}`print_gap_error:.3f` (P =
# {glue:text}`print_gap_p:.2f`). Finance turns first among the sectors, but the next follows by
# {glue:text}`ne34_turn_gap:.2f`. On the data here one curve for both groups has
# {glue:text}`ne34_same_p`.
# :::

# %% [markdown]
# The paper estimates its dynamic model apart for resource-based cities (RC) and the others (NRC), and six
# times for all cities with the co-agglomeration of manufacturing and one service sector. It then compares
# stars. In resource-based cities, it argues, co-agglomeration revolves round the extraction and processing of
# minerals, where technology and resource dependence are fixed and no synergy comes about; the others'
# flexible structure lets technology improve and scale pay. {numref}`tab-ne34-groups` and
# {numref}`tab-ne34-sectors` repeat both on the data here, {numref}`fig-ne34-groups-beside` sets them beside the
# print, {numref}`tab-ne34-groups-beside` number by number.

# %% [markdown] tags=["when-simulated"]
# The generator knows no such difference: one inverted U holds in all cities, and it is the *pooled*
# co-agglomeration that acts. So whatever differs between columns below is chance, the cut of $W$ and
# the correlation of sector indices with the pooled one.

# %%
names = ne34.GROUPS | {f"Sector {k}": name for k, name in enumerate(made.SECTORS.values(), start=1)}
of_print = {column: made.printed("7", column) for column in names}
curves = {"here": groups | sectors, "printed": of_print}
curves = {name: made.named_curve(columns, names) for name, columns in curves.items()}
page.intervals(curves, "fig-ne34-groups-beside")

# %%
page.regressions({names[group]: fit for group, fit in groups.items()}, "tab-ne34-groups")

# %%
coagg = made.named_curve(sectors, names)["estimate"].unstack()[made.CURVE]
summary = coagg.loc[list(made.SECTORS.values())].rename(columns={"Coagg^2": "Coagg²"})
summary["ρ"] = [fit.params["rho"] for fit in sectors.values()]
summary[["turning point", "Fieller's 95 % set"]] = turns["here"][["point", "fieller"]]
summary["log-likelihood"] = [fit.loglik for fit in sectors.values()]
page.by(made.sector_fits, turning_point).table(summary, "tab-ne34-sectors")

# %%
claims = made.column_claims(sample, "7", groups | sectors)
page.beside(claims, "tab-ne34-groups-beside", labels=names | made.PRINTED_LABELS)

# %% [markdown]
# ## The test that is missing
#
# A coefficient that is significant in one group and not in the other is not thereby different
# {cite:p}`gelman2006`. {numref}`tab-ne34-difference` tests the difference itself: for the print (two
# independent estimates, from its coefficients and standard errors), for the two fits here, and in one model
# for all cities in which each group has its own slopes. The print does not bear a difference out.
# "Not significant in resource-based cities" is right as a description of one column, and says nothing
# about the two. P values below 0.05 on the data here: {glue:text}`ne34_tests_below:d` of
# {glue:text}`ne34_tests_all:d`.

# %% [markdown] tags=["when-own"]
# Further rows permute whole cities between the groups, which keep their sizes and get their own part of $W$
# in each draw.

# %%
page.by(made.group_tests, sections.heterogeneity).table(tests, "tab-ne34-difference")

# %% [markdown]
# ## Which sector turns first?
#
# Leasing is not significant, the paper says, possibly because such services have little to do with
# production itself. Information services and transport have a significant inverted U; research, finance and trade
# have significant effects, finance and trade the strongest before the turn, perhaps because inflowing capital
# first expands capacity. Beyond the turn all three cut emissions strongly, finance most; it is the sector most able
# to cross, with the strongest spread of knowledge.
#
# {numref}`fig-ne34-sector-turns` has the printed turning points. Their intervals need the covariance of the two
# coefficients of a column, which the paper omits; the correlation estimated on the data here stands in for
# it. {glue:text}`ne34_first` turns first at {glue:text}`ne34_turn_first:.2f`, {glue:text}`ne34_second` follows
# at {glue:text}`ne34_turn_second:.2f`, and {glue:text}`ne34_turns_inside:d` of the other five printed points
# lie inside its interval; [the audit](../referee/audit_ne34.py) tests the pairs. A low turning point is not yet
# a sector that crosses it: that depends on where its index lies.

# %% [markdown] tags=["when-crossed"]
# On the data here the share of city-years beyond the printed point is largest for {glue:text}`ne34_most`.

# %%
ranked = turns["print"].loc[order.index]
numbers(ne34_whose="the simulated data" if sample.is_simulated else "the data at hand")
points, limits = {"printed": ranked[["point", "low", "high"]]}, (0.0, 2 * float(order.iloc[-2]))
page.by(turning_point).intervals(points, "fig-ne34-sector-turns", ranked, limits=limits)

# %% [markdown]
# ## Sentence by sentence
#
# {numref}`tab-ne34-groups-words` ties the sentences of the text to numbers. The text says that the sector
# results stand in a Table 8; they stand in Table A7, and there is no Table A8. Its section 3.4 lists the
# sectors in another order than 4.4.2, which the table follows.

# %%
most, finance = ranked["beyond"].astype(float).idxmax(), made.SECTORS["finance"]
crossed = bool(ranked["beyond"].max() > 0)
conditions(crossed=crossed)
judged = {
    "heterogeneity": tests["P"].xs("here, one model, same curve", level=1).item() < 0.05,
    "finance": crossed and most == finance,
}
columns = {column: fit.summary for column, fit in (groups | sectors).items()}
kind = sample.derived_kind
claims = made.sector_claims() + made.sentences("7", columns, kind) + made.said(judged, kind)
made.told(page, claims, "tab-ne34-groups-words")

# %% [markdown] tags=["when-seeded"]
# ## Over many seeds
#
# No group differs in truth ({numref}`tab-ne34-groups-seeds`), and the test in one model finds a difference in
# {glue:text}`ne34_difference_size:.1%` of the seeds at the 5 % level. The coefficient of co-agglomeration ranges
# from {glue:text}`ne34_rc_low:.2f` to {glue:text}`ne34_rc_high:.2f` in resource-based cities and from
# {glue:text}`ne34_nrc_low:.2f` to {glue:text}`ne34_nrc_high:.2f` in the others, where co-agglomeration has a
# standard deviation of {glue:text}`ne34_NRC_spread:.2f` instead of {glue:text}`ne34_RC_spread:.2f`. So one column
# with stars and one without can well arise where there is no difference at all.

# %% tags=["when-seeded"]
results = validate.load("ne34_seeds").frame
over = {names[column]: compare.seeds(results, "as-printed", "7", column) for column in names}
curves = {
    name: found.filter(regex="^Coagg", axis=0).set_axis(pd.Index(["linear", "square"], name="row"))
    for name, found in over.items()
}
numbers(ne34_seeds_drawn=int(results["seeds"].max()))
page.by(validate.load).table(pd.concat(curves), "tab-ne34-groups-seeds")

# %% tags=["remove-cell"]
test = results.query("row == 'p' and column == 'difference'").iloc[0]
first, shares = ranked.iloc[0], ranked["beyond"].astype(float)
of_data = tests.loc[~tests.index.get_level_values(1).str.startswith("print"), "P"]
numbers(
    ne34_same_p=f"P = {of_data.xs('here, one model, same curve', level=1).item():.2f}",
    ne34_tests={"below": (of_data < 0.05).sum(), "all": len(of_data)},
    ne34_first=order.index[0].capitalize(),
    ne34_second=order.index[1],
    ne34_turn=pd.Series(order.to_numpy()[:2], ["first", "second"]),
    ne34_turn_gap=order.iloc[1] - order.iloc[0],
    ne34_turns_inside=order.iloc[1:].between(first["low"], first["high"]).sum(),
    ne34_most=f"{most} ({shares[most]:.1%})"
    + ("" if judged["finance"] else f", not for {finance}"),
    ne34_difference_size=test["below_5_percent"],
    **{f"ne34_{g}_spread": groups[g].panel.values("Coagg").std() for g in groups},
    **{f"ne34_{group}": over[names[group]].loc["Coagg"] for group in groups},
)
