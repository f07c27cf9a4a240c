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
# # Short run and long run, here and next door

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

horizon: int = 15  # years that the responses are followed: 5..40

# %%
import warnings

import numpy as np
import pandas as pd
from myst_nb import glue

from analysis.book import figures, heavy as validate, ledger, parameters, tables
from analysis.book import compare, published
from analysis.errors import DiscardedDrawsWarning
from analysis.inference.turning_point import quadratic_report
from analysis.papers.ne34 import study as ne34
from analysis.study import open_study
from analysis.papers.ne34.tables import main_fits

parameters.check()
sample = open_study(ne34.STUDY, globals())
where = {
    "data": {"panel": sample.panel},
    "parameters": sample.parameters | {"standard errors": std_errors},
}
fit = main_fits(sample, std_errors)["Model 2"]
stable = fit.stability.is_stable
sample.banner

# %% [markdown]
# In a model with spatial lags a coefficient is not an effect: a change in one city returns through its
# neighbours. The short-run effects of a regressor are the entries of
# $(I - \rho W)^{-1}(\beta I + \theta W)$; the mean of its diagonal is the *direct*, the mean of
# its row sums the *total* and their difference the *indirect* effect {cite:p}`lesagepace2009,elhorst2014`.
# In the long run $(I - \rho W)^{-1}$ becomes $[(1 - \tau) I - (\rho + \eta) W]^{-1}$. For a row-standardised
# $W$ the totals are $(\beta + \theta)/(1 - \rho)$ and $(\beta + \theta)/(1 - \tau - \rho - \eta)$: the
# second exists only if τ + ρ + η is below one.
#
# ## What the print implies before any data
#
# {numref}`tab-ne34-implied` computes the printed Table 5 from the printed Table 4, by these formulas alone.
# The short-run totals need no weight matrix at all. With the printed ρ they do not
# agree with the print, and the long-run totals turn their sign, because the
# denominator {glue:text}`ne34_denominator:.3f` is negative: {glue:text}`ne34_signs_printed:d` of eight have
# the sign of Table 5. With the sign of ρ turned round the short-run totals come close to the print
# and {glue:text}`ne34_signs_turned:d` of the eight long-run totals have its sign.

# %%
coefficients = published.estimates("paper_a_table4").query("model == 'Model 2'").set_index("term")
coefficients = (
    coefficients["estimate"].astype(float).rename({"L.y": "L.Carbon", "W.L.y": "W.L.Carbon"})
)
table5 = published.load("paper_a_table5")
table5["value"] = table5["estimate"].astype(float)
totals = table5.groupby(["horizon", "term"])["value"].sum()
turned = coefficients.copy()
turned["rho"] = -turned["rho"]
columns = {}
for run in ("short", "long"):
    columns[(f"{run}-run total", "printed ρ")] = ne34.effects_of(coefficients, sample.weights, run)[
        "total"
    ]
    columns[(f"{run}-run total", "ρ with the other sign")] = ne34.effects_of(
        turned, sample.weights, run
    )["total"]
    columns[(f"{run}-run total", "Table 5")] = totals[run]
implied = pd.DataFrame(columns).loc[list(ne34.STUDY.regressors)]
tables.show(
    implied.rename(index=ne34.STUDY.label),
    "tab-ne34-implied",
    "Total effects that the printed Table 4 implies, and those that Table 5 prints (direct plus indirect).",
    stub="regressor",
    code=[ne34.effects_of],
    data={
        "Table 4": "data/published/paper_a_table4.csv",
        "Table 5": "data/published/paper_a_table5.csv",
    },
)

# %% [markdown]
# ## Effects estimated here
#
# Standard errors are those of the delta method, from all parameters. Long-run effects are given
# only where the estimate is stable; where it is not, the formula still returns numbers, but nothing
# converges to them, and the table leaves them out. {numref}`tab-ne34-effects` says which is the case
# here: {glue:text}`ne34_stability_text`. {numref}`tab-ne34-effects-beside` sets them beside the print, and
# beside the effects of the true parameters where these exist.

# %%
runs = ["short", "long"] if stable else ["short"]
effects = {run: fit.effects(run) for run in runs}
frame = pd.concat(
    {(f"{run} run"): e["estimate"].unstack("effect") for run, e in effects.items()}, axis=1
)
errors = pd.concat(
    {(f"{run} run"): e["std_error"].unstack("effect") for run, e in effects.items()}, axis=1
)
p_values = pd.concat(
    {(f"{run} run"): e["p_value"].unstack("effect") for run, e in effects.items()}, axis=1
)
order = list(ne34.STUDY.regressors)
tables.show(
    frame.loc[order].rename(index=ne34.STUDY.label),
    "tab-ne34-effects",
    "Effects on carbon intensity (the paper's Table 5).",
    errors=errors.loc[order],
    p_values=p_values.loc[order],
    stub="regressor",
    code=[type(fit).effects],
    **where,
)

# %%
true = {
    run: ne34.effects_of(sample.truth, sample.weights, run) if sample.recovers else None
    for run in ("short", "long")
}
exists = sample.recovers and sample.truth[["L.Carbon", "W.L.Carbon", "rho"]].sum() < 1
claims = []
for run, prefix in (("short", "ST"), ("long", "LT")):
    for effect in ("direct", "indirect"):
        for name in order:
            place = ("A", "5", name, f"{prefix} {effect} effect")
            known = true[run] is not None and (run == "short" or exists)
            claims.append(
                ledger.printed_claim(
                    *place,
                    kind="recovered" if known else sample.derived_kind,
                    derived=float(effects[run].loc[(effect, name), "estimate"])
                    if run in effects
                    else None,
                    std_error=float(effects[run].loc[(effect, name), "std_error"])
                    if run in effects
                    else None,
                    truth=float(true[run].loc[name, effect]) if known else None,
                )
            )
tables.beside(
    claims,
    "tab-ne34-effects-beside",
    "Table 5 beside print. Truth: the effects of the generator's parameters.",
    labels=ne34.STUDY.labels(order)
    | {
        f"{prefix} {effect} effect": f"{run} run, {effect}"
        for run, prefix in (("short", "ST"), ("long", "LT"))
        for effect in ("direct", "indirect")
    },
    notes="" if stable else f"Long run not derivable: {fit.stability}.",
    stub="regressor",
    code=[type(fit).effects],
    **where,
)

# %% [markdown]
# ## How the print's software would report it
#
# xsmle draws β, θ and ρ from their estimated distribution with τ and η held fixed, and prints the means
# and standard deviations of the effects over {glue:text}`ne34_draws:d` draws. {numref}`tab-ne34-xsmle`
# sets this beside the delta method, on the scenario whose long run exists (effects-implied) if this
# page's does not. Its column *all drawn* draws τ and η as well, equally often.

# %%
other = sample if stable or not sample.is_simulated else sample.again(scenario="effects-implied")
shown_fit = fit if other is sample else main_fits(other, std_errors)["Model 2"]
runs = ["short", "long"] if shown_fit.stability.is_stable else ["short"]
conventions = (
    ("effect", "here", "delta", "estimate"),
    ("effect", "xsmle", "xsmle", "estimate"),
    ("standard error", "delta", "delta", "std_error"),
    ("standard error", "all drawn", "simulation", "std_error"),
    ("standard error", "xsmle", "xsmle", "std_error"),
)
DRAWS = 500  # as many as xsmle takes
with warnings.catch_warnings():  # of draws without a long run: the page counts them
    warnings.simplefilter("ignore", DiscardedDrawsWarning)
    by_method = {
        (run, method): shown_fit.effects(run, method=method, draws=DRAWS)
        for run in runs
        for method in ("delta", "simulation", "xsmle")
    }
left_out = {
    method: by_method[runs[-1], method].attrs["draws_without_long_run"]
    for method in ("simulation", "xsmle")
}
three = pd.concat(
    {
        f"{run} run, {effect}": pd.DataFrame(
            {
                (what, how): by_method[run, method].loc[effect, column]
                for what, how, method, column in conventions
            }
        ).loc[order]
        for run in runs
        for effect in ("direct", "indirect")
    }
)
tables.show(
    three.rename(index=ne34.STUDY.label, level=1),
    "tab-ne34-xsmle",
    "Effects and their standard errors under three conventions: the estimate with the delta method, "
    f"{DRAWS} draws of all parameters, and xsmle's means and deviations of {DRAWS} draws without τ and "
    f"η. Left out, having no {runs[-1]} run: {left_out['simulation']} and {left_out['xsmle']} draws.",
    stub="regressor",
    code=[type(fit).effects],
    data={"panel": other.panel},
    parameters=other.parameters | {"standard errors": std_errors},
)

# %% [markdown]
# In the short run the three agree, τ and η having no part in it. The long run divides by 1 − τ − ρ − η,
# estimated at {glue:text}`ne34_xsmle_denominator:.3f` in this table. Where that is close to zero, the
# delta method reports very large standard errors, as it should: the data do not exclude a
# denominator of zero. Here ρ alone carries most of the uncertainty of the denominator (standard error
# {glue:text}`ne34_xsmle_rho_error:.3f` of {glue:text}`ne34_xsmle_error:.3f`), so that fixing τ and η
# hides little. The ratio has no finite moments when the denominator may be zero: means and deviations
# over draws depend on the number of draws and on the seed. Besides,
# {glue:text}`ne34_left_out_simulation:d` draws of all parameters and
# {glue:text}`ne34_left_out_xsmle:d` of xsmle's, which have no long run, had to be left out. No deviation
# over draws says how well the long run is determined.

# %% [markdown]
# ## Responses over the years
#
# What always exists is the response to a shock of one year, followed from year to year.
# {numref}`fig-ne34-responses` shows the mean response of the city itself and of all other cities together to one
# unit of co-agglomeration, holding its square. Where the lines keep growing, the common trend is
# explosive at this estimate: every city's own response contains its share of that trend, so the
# direct line grows with it, only later. Where the estimate is stable both lines return to zero.

# %%
path = fit.response_path(horizon)
figure, axes = figures.canvas(1, 2, height=3.2)
for axis, effect, colour in zip(axes, ("direct", "indirect"), figures.COLOURS, strict=False):
    line = path.xs((effect, "Coagg"), level=("effect", "term"))
    axis.fill_between(
        line.index, line["lower"], line["upper"], color=colour, alpha=0.2, linewidth=0
    )
    axis.plot(line.index, line["estimate"], color=colour)
    axis.axhline(0, color=figures.MUTED, linewidth=0.8)
    axis.set(title=f"{effect} response", xlabel="years after the shock")
figures.show(
    figure,
    "fig-ne34-responses",
    "Mean response of carbon intensity to one year of one unit more co-agglomeration, with 95 % "
    "intervals by the delta method.",
    alt="Two line charts over the years after a shock. The direct response starts near "
    f"{path.loc[(0, 'direct', 'Coagg'), 'estimate']:.2f} and stands at "
    f"{path.loc[(horizon, 'direct', 'Coagg'), 'estimate']:.2f} after {horizon} years; the indirect one "
    f"starts near {path.loc[(0, 'indirect', 'Coagg'), 'estimate']:.2f} and stands at "
    f"{path.loc[(horizon, 'indirect', 'Coagg'), 'estimate']:.2f}; both intervals are far wider at the end.",
    values=path.xs("Coagg", level="term"),
    code=[type(fit).response_path],
    **where,
)

# %% [markdown]
# ## Turning points of effects
#
# The curve in effects need not turn where the curve in coefficients does. {numref}`tab-ne34-effect-turning`
# has the turning point of the direct and the total effect. Where Fieller's set is the whole line, no
# turning point is excluded, whatever the delta method's standard error says.

# %%
turning = {
    f"{run} run, {effect}": quadratic_report(
        effects[run].loc[effect, "estimate"],
        fit.effects_covariance(effect, run),
        "Coagg",
        "Coagg^2",
        sample.panel.values("Coagg"),
    )
    for run in effects
    for effect in ("direct", "total")
}
names = {
    "turning_point": "turning point",
    "std_error": "standard error",
    "fieller": "Fieller's 95 % set",
    "shape": "shape",
    "u_p": "P of the U test",
}
tables.show(
    pd.DataFrame(turning).loc[list(names)].rename(index=names),
    "tab-ne34-effect-turning",
    "Turning points of the effects of co-agglomeration.",
    code=[quadratic_report],
    **where,
)

# %% [markdown]
# ## Over many seeds
#
# {numref}`tab-ne34-effects-seeds` shows how far one data set can be from the truth. Short-run direct effects
# are centred on it, with ranges that leave their sign in no doubt where the truth is not close to zero;
# indirect ones, which hang on θ and ρ, have ranges several times as wide. The long run counts only
# the seeds whose estimate is stable. Where the truth itself has no long run (a dash in the column
# *truth*), those seeds are the ones that err to the stable side, and their medians estimate nothing.

# %%
results = validate.load("ne34_seeds").frame
book_scenario = scenario if sample.is_simulated else "as-printed"
parts = {}
for run, prefix in (("short", "ST"), ("long", "LT")):
    for effect in ("direct", "indirect"):
        column = f"{prefix} {effect} effect"
        spread = compare.seeds(results, book_scenario, "5", column)
        if len(spread):
            known = sample.recovers and (run == "short" or exists)
            n_seeds = compare.seeds_used(results, book_scenario, "5", column)
            parts[f"{run} run, {effect}, {n_seeds} seeds"] = (
                compare.ranged(spread)
                .assign(truth=true[run][effect] if known else float("nan"))
                .loc[order, ["truth", "median", "90 % range"]]
            )
tables.show(
    pd.concat(parts).rename(index=ne34.STUDY.label, level=1),
    "tab-ne34-effects-seeds",
    f"Effects over the seeds of the generator, scenario {book_scenario}: truth, median and the range "
    "from the 5 % to the 95 % quantile. The long run is that of the seeds whose estimate is stable.",
    stub="regressor",
    code=[validate.load],
)

# %% [markdown]
# ## What the text says
#
# {numref}`tab-ne34-effects-words` holds two sentences of the paper against its own Table 5. That no
# spillover is significant is true of co-agglomeration, and not of every regressor.

# %%
short = effects["short"]
spill = short.loc["indirect", "p_value"]
bigger = (
    bool(
        (effects["long"].loc["direct", "estimate"].abs() > short.loc["direct", "estimate"].abs())[
            ["Coagg", "Coagg^2"]
        ].all()
    )
    if stable
    else None
)
printed5 = table5.set_index(["horizon", "effect", "term"])["value"].abs()
ratios = [
    printed5["long", "direct", x] > printed5["short", "direct", x] for x in ("Coagg", "Coagg^2")
]
printed_p = [
    float(row.estimate) / float(row.std_error)
    for row in table5[table5["effect"] == "indirect"].itertuples()
]
tables.beside(
    [
        ledger.printed_claim(
            "A", "text", "spillovers", kind="implied", holds=bool(np.abs(printed_p).max() < 1.645),
            note=f"largest printed |z| of an indirect effect: {np.abs(printed_p).max():.2f}, that of ln GDP per head; "
            f"here {int((spill < 0.1).sum())} of {len(spill)} short-run spillovers have P below 0.1",
        ),
        ledger.printed_claim(
            "A", "text", "long term against short term", kind="implied", holds=all(ratios),
            note="of the printed direct effects; here "
            + ("not derivable, the estimate being unstable" if bigger is None else f"{'yes' if bigger else 'no'}"),
        ),
    ],
    "tab-ne34-effects-words",
    "Sentences of the text about Table 5.",
    stub="sentence",
    **where,
)  # fmt: skip

# %%
denominator = 1 - coefficients[["L.Carbon", "W.L.Carbon", "rho"]].sum()
for name, column in (("printed", "printed ρ"), ("turned", "ρ with the other sign")):
    same = np.sign(implied["long-run total"][column]) == np.sign(
        implied["long-run total"]["Table 5"]
    )
    glue(f"ne34_signs_{name}", int(same.sum()), display=False)
glue("ne34_denominator", float(denominator), display=False)
glue(
    "ne34_xsmle_denominator",
    float(1 - shown_fit.params[["L.Carbon", "W.L.Carbon", "rho"]].sum()),
    display=False,
)
carried = shown_fit.cov.loc[["L.Carbon", "W.L.Carbon", "rho"], ["L.Carbon", "W.L.Carbon", "rho"]]
glue("ne34_xsmle_error", float(np.sqrt(carried.to_numpy().sum())), display=False)
glue("ne34_xsmle_rho_error", float(shown_fit.std_errors["rho"]), display=False)
glue("ne34_draws", DRAWS, display=False)
for method, number in left_out.items():
    glue(f"ne34_left_out_{method}", number, display=False)
glue("ne34_stability_text", str(fit.stability), display=False)
