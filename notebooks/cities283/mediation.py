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
# # II.7 Through innovation? Paper B, Table B8 and Figure B-F9

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010
weights: str = "inverse-distance"  # spatial weights: inverse-distance | inverse-distance-squared | additive-nest | diagonal-nest | product | gravity | nearest-5
outcome: str = "index"  # form of the outcome: index | log-index | level | cumulative

# %%
import pandas as pd

from analysis.book import ledger
from analysis.book.page import conditions, numbers
from analysis.book.tables import number
from analysis.inference.first_stage import BOTH, SECOND, Frontier, frontier_bootstrap
from analysis.inference.mediation import Mediation, mediation, monte_carlo_interval, share_intervals
from analysis.papers.cities283 import coverage, pictures, study, tables
from analysis.papers.cities283.claims import beside, claim, in_numbers, quoted
from analysis.simulate.frontier import two_stages
from analysis.study import open_page, sections

sample, page = open_page(study.STUDY, globals(), mediation)
found = tables.mediations(sample)
paths, effects = tables.mediation_paths(sample, found)
intervals = {name: share_intervals(result, seed=seed) for name, result in found.items()}
ends = {name: result.branch() for name, result in found.items()}
first, SCORES = study.COLUMNS[next(iter(found))], study.COLUMNS["TCE"]
shown = sections.mediation(sample, {study.COLUMNS[n]: of for n, of in found.items()}, paths)
sample.banner

# %% tags=["remove-cell"]
quotes = quoted("mediation")
printed = float(quotes["b7_printed"])
told = {name: pictures.REPORTED[end] for name, end in ends.items()}
conditions(full=ends["TCE"] == "full")
numbers(
    b7_data="On the simulated data here" if sample.is_simulated else "Here",
    **quotes,
    b7_part=float(quotes["b7_headline"]) * printed / 100,
    b7_share=100 * intervals["TCE"].loc[("share", "Monte Carlo")],
    b7={"over": 100 * paths.loc["share", SCORES], "end": told["TCE"], "first": first},
    b7_of_first=100 * paths[first],
    b7_told=" and ".join(f"{end} on {study.COLUMNS[n]}" for n, end in told.items()),
    b7_left=100 * paths.loc["phi1", SCORES] / paths.loc["theta1", SCORES],
)

# %% tags=["remove-cell"]
CHAIN, boot = study.WORDS["chain"], tables.bootstrapped().loc["TCE"]
drawn = {stage: boot.loc[stage].loc[list(CHAIN)] for stage in (SECOND, BOTH)}
ranges = {stage: frame[["estimate", "lower", "upper"]] for stage, frame in drawn.items()}
alone, whole = (frame["upper"] - frame["lower"] for frame in ranges.values())
wider, cases = (whole / alone).rename("times as wide"), tables.covered()
against = cases.loc[("errors go with the regressor", "theta1"), "basic"]
conditions(
    narrow=sample.recovers and wider.max() < 1.25,
    found_in_part=sample.recovers and against[SECOND] < against[BOTH] < 0.92,
)
numbers(
    b7_changes="hardly changes" if abs(wider["share"] - 1) < 0.1 else "changes",
    b7_wider=wider["share"],
    b7_most=wider.max(),
    b7_widest=CHAIN[wider.idxmax()],
    b7_units=Frontier(sample.data.production, study.TECHNOLOGY).size,
    b7_drawn=int(boot["draws"].max()),
    b7_stood_in=boot["stood_in"].groupby("stage").first(),
    b7=100 * boot.loc[(slice(None), ["share"]), ["lower", "upper"]],
    b7_held=cases["basic"],
)

# %% [markdown]
# :::{in-short}
# Paper B prints that innovation mediates {glue:text}`b7_printed` % of the total effect, in part and not in full, by an
# identity between coefficients of three Durbin models. From the print alone: of a coefficient of
# {glue:text}`b7_headline` that is {glue:text}`b7_part:.4f`, and the rest is not accounted for by innovation. In Durbin
# models the identity does not hold in general, since the neighbours' innovation is a second mediator; the share comes
# without an interval. {glue:text}`b7_data` the scores give {glue:text}`b7_share_estimate:.0f` % with a 95 % interval from {glue:text}`b7_share_lower:.0f` to
# {glue:text}`b7_share_upper:.0f` % ({glue:text}`b7_over:.0f` % of the coefficient that leaves innovation out), and the usual procedure
# reports {glue:text}`b7_end`.
# :::

# %% [markdown] tags=["when-recovers"]
# :::{in-short}
# To measure the scores anew in every draw of a bootstrap {glue:text}`b7_changes` the interval of that second share: from
# {glue:text}`b7_frontier_to_share_share_lower:.0f` to {glue:text}`b7_frontier_to_share_share_upper:.0f` %, where it runs from
# {glue:text}`b7_second_stage_share_lower:.0f` to {glue:text}`b7_second_stage_share_upper:.0f` % with the scores taken as data.
# :::

# %% [markdown]
# ## Three equations
#
# **(B10)** repeats (B5):
#
# $$
# \begin{aligned}
# TCE_{it} &= \theta_0 \sum_j W_{ij} TCE_{it} + \theta_1 INA_{it} + \theta_2 \ln GDP_{it} + \theta_3 GOV_{it}
# + \theta_4 ROAD_{it} + \theta_5 OPEN_{it} + \theta_6 HUM_{it} \\
# &\quad + \rho_0 \sum_j W_{ij} INA_{it} + \rho_1 \sum_j W_{ij} \ln GDP_{it} + \rho_2 \sum_j W_{ij} GOV_{it}
# + \rho_3 \sum_j W_{ij} ROAD_{it} \\
# &\quad + \rho_4 \sum_j W_{ij} OPEN_{it} + \rho_5 \sum_j W_{ij} HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} .
# \end{aligned}
# $$
#
# **(B11)**:
#
# $$
# \begin{aligned}
# INNOV_{it} &= \chi_0 \sum_j W_{ij} INNOV_{it} + \chi_1 INA_{it} + \chi_2 \ln GDP_{it} + \chi_3 GOV_{it}
# + \chi_4 ROAD_{it} + \chi_5 OPEN_{it} + \chi_6 HUM_{it} \\
# &\quad + \eta_0 \sum_j W_{ij} INA_{it} + \eta_1 \sum_j W_{ij} \ln GDP_{it} + \eta_2 \sum_j W_{ij} GOV_{it}
# + \eta_3 \sum_j W_{ij} ROAD_{it} \\
# &\quad + \eta_4 \sum_j W_{ij} OPEN_{it} + \eta_5 \sum_j W_{ij} HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} .
# \end{aligned}
# $$
#
# **(B12)**:
#
# $$
# \begin{aligned}
# TCE_{it} &= \varphi_0 \sum_j W_{ij} TCE_{it} + \varphi_1 INA_{it} + \varphi_2 INNOV_{it} + \varphi_3 \ln GDP_{it}
# + \varphi_4 GOV_{it} + \varphi_5 ROAD_{it} + \varphi_6 OPEN_{it} + \varphi_7 HUM_{it} \\
# &\quad + \omega_0 \sum_j W_{ij} INA_{it} + \omega_1 \sum_j INNOV_{it} + \omega_2 \sum_j W_{ij} \ln GDP_{it}
# + \omega_3 \sum_j W_{ij} GOV_{it} + \omega_4 \sum_j W_{ij} ROAD_{it} \\
# &\quad + \omega_5 \sum_j W_{ij} OPEN_{it} + \omega_6 \sum_j W_{ij} HUM_{it} + \mu_i + \lambda_t + \varepsilon_{it} .
# \end{aligned}
# $$
#
# In (B12) the neighbours' innovation is printed without $W$. A sum over all cities is the same for every city
# in a year, and the year effects swallow it; with the index as printed ($it$) the sum is the city's own innovation once more.
# Either way $\omega_1$ cannot be estimated. The book puts $W$ in. The sums carry the city's own index here too ([](durbin.py)), and the three equations share
# the symbols of their effects and errors, which differ. Innovation is patent applications a head. The paper's identity is
# $\theta_1 = \varphi_1 + \chi_1 \varphi_2$.

# %%
heads = study.WORDS["equations"].items()
fits = {(study.COLUMNS[n], head): getattr(of, e) for n, of in found.items() for e, head in heads}
page.regressions(fits, "tab-cities283-mediation")

# %%
shown["paths"]

# %% [markdown]
# With least squares the identity is exact if innovation enters alone. (B12) also contains the neighbours'
# innovation, a second mediator, so that even without spatial lags of the outcomes a term $\chi_1^W \varphi_2^W$ is
# missing: co-agglomeration's coefficient in a regression of the neighbours' innovation, times that innovation's own.
# Three different $\rho$ change the gap further. Here it is {glue:text}`b7_of_first_gap_share:.1f` % of $\theta_1$ on
# {glue:text}`b7_first`, and {glue:text}`b7_of_first_ls:.1f` % with every $\rho$ zero ({numref}`tab-cities283-mediation`,
# {numref}`tab-cities283-mediation-summary`). The paper does not report it.
#
# ## How sure is the share?
#
# A product of two estimates is not normal, and a share divides it by a third. {numref}`fig-cities283-share` draws the
# interval by the delta method (Sobel's) and by Monte Carlo.

# %%
bounds = pd.concat({study.COLUMNS[n]: frame for n, frame in intervals.items()})
ways = {by: bounds.xs(("share", by), level=(1, 2)) for by in ("Sobel", "Monte Carlo")}
theirs = dict.fromkeys(ways["Sobel"].index, printed / 100)
known = {first: paths.loc["share", "truth"]} if sample.recovers else None
page.by(share_intervals).intervals(ways, "fig-cities283-share", bounds, printed=theirs, truth=known)

# %%
shown["tests"]

# %% [markdown]
# On the scores the interval runs from {glue:text}`b7_share_lower:.0f` % to {glue:text}`b7_share_upper:.0f` %
# ({numref}`tab-cities283-product` has the tests of the product). Without the paper's standard errors nothing of the kind
# can be said about its {glue:text}`b7_printed` %.

# %% [markdown] tags=["when-recovers"]
# ## From frontier to share
#
# Every interval so far takes the scores as data. They are estimates: the frontier is made of the cities themselves. To
# measure them anew in every draw {glue:text}`b7_changes` the interval of the share.

# %% tags=["when-recovers"]
both = pd.concat({**ranges, "": drawn[BOTH][["bias"]].join(wider)}, axis=1)
boots = page.by(frontier_bootstrap)
boots.table(both.rename(index=CHAIN), "tab-cities283-bootstrap")

# %% tags=["when-recovers"]
truth = paths["truth"][["theta1", "indirect", "share"]] if sample.recovers else None
every = pd.concat(ranges)
boots.intervals(ranges, "fig-cities283-bootstrap", every, truth=truth, labels=CHAIN)

# %% [markdown] tags=["when-recovers"]
# Measured anew in every draw ({numref}`tab-cities283-bootstrap`, {numref}`fig-cities283-bootstrap`), the share has an
# interval from {glue:text}`b7_frontier_to_share_share_lower:.0f` to {glue:text}`b7_frontier_to_share_share_upper:.0f` %, {glue:text}`b7_wider:.2f` times as
# wide as with the scores taken as data ({glue:text}`b7_second_stage_share_lower:.0f` to {glue:text}`b7_second_stage_share_upper:.0f` %); the largest
# factor, {glue:text}`b7_most:.2f`, is that of "{glue:text}`b7_widest`". A bootstrap of cities drawn with replacement is
# inconsistent for a frontier {cite:p}`kneip2008`: here a draw's frontier is that of the whole histories of
# {glue:text}`b7_units:d` cities drawn without replacement, and of the city-year measured itself, and the change is shrunk by the rate at which scores come near the truth, $n^{-2/5}$ with
# five inputs and outputs and constant returns. For the slacks-based measure that rate is our argument and no theorem, and
# with five dimensions the bias is found only roughly {cite:p}`kneip2015`.

# %% [markdown] tags=["when-narrow"]
# Here the scores' own errors add little. That is no property of an index of two scores: in the simulated studies of
# {numref}`tab-cities283-coverage`, which have the same index, intervals from frontier to share are
# {glue:text}`b7_factor_min:.2f` to {glue:text}`b7_factor_max:.2f` times as wide.

# %% tags=["when-recovers"]
held, studies = cases[["percentile", "basic"]], cases["studies"].min()
width = cases["width"].unstack("stage")
_, towns, near = two_stages(seed=0)
numbers(
    b7_factor=(width[BOTH] / width[SECOND]).agg(["min", "max"]),
    b7={"studies": int(studies), "towns": towns.n_units, "town_years": towns.n_periods},
    b7_near=int((near.dense()[0] > 0).sum()),
    b7_draws=coverage.DRAWS,
    b7_noise=(held * (1 - held) / studies).max(axis=None) ** 0.5,
    b7_percentile=cases["percentile"],
    b7_found=(cases["bias"] / cases["true_bias"])["errors go with the regressor", "theta1", BOTH],
)
designs = held.join(cases["width"]).unstack("stage")
page.by(coverage.coverage).table(designs.rename(index=CHAIN), "tab-cities283-coverage")

# %% [markdown] tags=["when-recovers"]
# Which of them holds the truth? In simulated studies in which errors of the scores go with the regressor, 95 % intervals of
# the second stage alone hold the true coefficient in {glue:text}`b7_held_errors_go_with_the_regressor_theta1_second_stage:.0%` and those from
# frontier to share in {glue:text}`b7_held_errors_go_with_the_regressor_theta1_frontier_to_share:.0%`, of the share in
# {glue:text}`b7_held_errors_go_with_the_regressor_share_second_stage:.0%` and {glue:text}`b7_held_errors_go_with_the_regressor_share_frontier_to_share:.0%`; where errors keep
# apart from it, the coefficient in {glue:text}`b7_held_errors_apart_from_it_theta1_second_stage:.0%` and
# {glue:text}`b7_held_errors_apart_from_it_theta1_frontier_to_share:.0%` ({numref}`tab-cities283-coverage`). The difference of
# east and west gains less: {glue:text}`b7_held_errors_go_with_the_regressor_east_west_second_stage:.0%` and
# {glue:text}`b7_held_errors_go_with_the_regressor_east_west_frontier_to_share:.0%`. Percentile intervals, which add the bias once
# more, hold the coefficient in {glue:text}`b7_percentile_errors_go_with_the_regressor_theta1_frontier_to_share:.0%` and the share in
# {glue:text}`b7_percentile_errors_go_with_the_regressor_share_frontier_to_share:.0%` there, and where errors keep apart the coefficient in
# {glue:text}`b7_percentile_errors_apart_from_it_theta1_frontier_to_share:.0%`.

# %% [markdown] tags=["when-found_in_part"]
# From frontier to share the basic intervals are nearer to 95 % and not there: subsampling finds {glue:text}`b7_found:.0%` of the coefficient's bias, and part of the
# gain is width.

# %% [markdown]
# ## With effects instead of coefficients
#
# In a Durbin model a coefficient is not an effect, so {numref}`tab-cities283-mediation-totals` does the same
# arithmetic with total effects.

# %%
page.by(Mediation.in_effects).table(effects, "tab-cities283-mediation-totals")

# %% tags=["remove-cell"]
shares, ours = effects["estimate"].loc["share"], pd.concat(effects).unstack(0)[first]
steps = (tuple(ours.loc[path, ["estimate", "std_error"]]) for path in ("chi", "phi2"))
low, high = monte_carlo_interval(*steps, seed=seed)
mediated = effects["estimate"].iloc[:, -1]["mediated"]
numbers(
    b7_share_effects=100 * shares[first],
    b7_total={"low": low, "high": high},
    b7_true={"share": 100 * shares.iloc[-1], "mediated": mediated},
    b7_contains="contains" if low <= mediated <= high else "leaves out",
)

# %% [markdown]
# On {glue:text}`b7_first` the share is {glue:text}`b7_share_effects:.0f` % in total effects and
# {glue:text}`b7_of_first_share:.0f` % in coefficients; the mediated total effect has a Monte Carlo interval from
# {glue:text}`b7_total_low:.3f` to {glue:text}`b7_total_high:.3f`. Total effects divide by $1 - \rho$ in each equation and
# add the coefficient of the neighbours' patents, and the errors of these multiply. The paper speaks of the total effect
# and writes its identity in coefficients.

# %% [markdown] tags=["when-recovers"]
# The generator's own parameters give {glue:text}`b7_true_share:.0f` % in total effects; the interval
# {glue:text}`b7_contains` their mediated effect, {glue:text}`b7_true_mediated:.3f`.

# %% [markdown]
# ## The procedure as a decision path (Figure B-F9)
#
# At 5 % the procedure reports {glue:text}`b7_told` ({numref}`fig-cities283-mediation-path`).

# %% [markdown] tags=["when-full"]
# "Full" is the procedure's word for a $\varphi_1$ that is not significant; on the scores it is still
# {glue:text}`b7_left:.0f` % of $\theta_1$.

# %%
page.figure(pictures.mediation_paths(found), "fig-cities283-mediation-path")

# %%
errors = 100 * tables.bootstrapped()["std_error"].xs("share", level="quantity")
error = dict(errors.groupby(level=0).first()) if sample.recovers else {}
shares = {n: (100 * r.share, error.get(n)) for n, r in found.items()}
product = {n: f.loc[("indirect", "Monte Carlo")] for n, f in intervals.items()}
span = "χ₁φ₂ from {lower} to {upper}"
spans = {n: span.format(**p.map(number, spec=".4f")) for n, p in product.items()}
identity = {n: abs(r.gap) < 0.5e-4 for n, r in found.items()}
gaps = {n: f"gap {number(r.gap, '.5f')}, held against four decimals" for n, r in found.items()}
true_share = 100 * paths.loc["share", "truth"] if sample.recovers else None
rest = f"its own share, {quotes['b7_printed']} %, leaves most of the effect to other channels."

# %%
BESIDE = "tab-cities283-mediation-beside"
beside(
    page,
    BESIDE,
    sample,
    in_numbers(sample, "mediated share (results)", shares, true_share),
    ("effect through innovation", {n: p["lower"] > 0 for n, p in product.items()}, spans),
    ("mediation, partial", {n: end == "partial" for n, end in ends.items()}, told),
    ("mediation identity", identity, gaps, sample.derived_kind),
    [claim("core driving force", "implied", holds=None, note=rest)],
)

# %% tags=["remove-input"]
ledger.record(in_numbers(sample, "mediated share (conclusion)", shares, true_share), BESIDE)

# %% [markdown]
# ## What H2 has gained
#
# Three regressions cannot tell innovation as a cause from innovation as a companion. If something else (a new
# university, a new mayor) raises both patents and efficiency, the share counts it as mediation: the method takes the
# absence of such a thing for granted, and the paper's text does not speak of it. It calls innovation the core of the effect
# ({numref}`tab-cities283-mediation-beside`), while its own share leaves the larger part to other channels.

# %% [markdown] tags=["when-recovers"]
# In the generator innovation does carry the stated share, and nothing outside the model moves innovation and
# efficiency together.
