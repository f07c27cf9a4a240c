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
# # IV.5 A lagged outcome and its instruments: employment in UK firms
#
# :::{real}
# 140 British firms, 1976 to 1984, not all observed in every year {cite:p}`arellano1991`: logarithms
# of employment (n), real wage (w), gross capital (k) and industry output (ys).
# :::
#
# Firms that employ many people this year did so last year. A model that says so,
#
# $$
# n_{it} = \tau\, n_{i,t-1} + x_{it}'\beta + \mu_i + \xi_t + \varepsilon_{it},
# $$
#
# cannot be estimated by removing firm means when $T$ is short: the mean of $n_{i,t-1}$ contains
# $\varepsilon_{i,t-1}$, the demeaned lag is correlated with the demeaned error, and $\tau$ comes out
# too small by a bias of order $1/T$ {cite:p}`nickell1981`. First differences remove $\mu_i$ as well,
# and leave a correlation that can be dealt with: $\Delta n_{i,t-1}$ contains
# $\varepsilon_{i,t-1}$, but $n_{i,t-2}$ and what is older do not. If the errors are not
# autocorrelated, these levels are instruments for the difference. That is *difference* GMM
# {cite:p}`arellano1991`. If, besides, changes are uncorrelated with $\mu_i$, past differences are
# instruments for the equation in levels, and both equations together make *system* GMM
# {cite:p}`blundell1998`. The 283-city paper uses the second, with a spatial lag added, as a
# robustness check.

# %% tags=["parameters"]
last_lag: int = 8  # oldest level of a variable used as instrument: 2..8

# %%
import pandas as pd
from myst_nb import glue

from analysis.book import figures, ledger, parameters, tables
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.papers import firms

parameters.check()

data = firms.employment()
EXOGENOUS = ["w", "L.w", "k", "L.k", "L2.k", "ys", "L.ys", "L2.ys"]
own = [Instruments(name, "own", group="regressors") for name in EXOGENOUS]
difference = {
    steps: dynamic_panel_gmm(
        data,
        "n",
        ["L.n", "L2.n", *EXOGENOUS],
        [Instruments("n", last=last_lag), *own],
        unit="firm",
        steps=steps,
    )
    for steps in (1, 2)
}
system = {
    (collapse, steps): dynamic_panel_gmm(
        data,
        "n",
        ["L.n", "w", "L.w", "k", "L.k"],
        [Instruments(name, last=last_lag, collapse=collapse) for name in ("n", "w", "k")],
        unit="firm",
        system=True,
        steps=steps,
    )
    for collapse in (False, True)
    for steps in (1, 2)
}

# %% [markdown]
# ## Difference GMM
#
# Equation (a) of Arellano and Bond's fourth table takes wage, capital and output as exogenous and
# instruments employment by all its levels from the second lag on. One step weights the moments as
# independent errors would ask for; two steps take the weights from the residuals of the first. The
# textbook standard errors of the second step are far too small, because they forget that the
# weights were estimated; Windmeijer's correction {cite:p}`windmeijer2005` puts that back.

# %%
shown = ["L.n", "L2.n", "w", "L.w", "k", "ys"]
plain = dynamic_panel_gmm(
    data,
    "n",
    ["L.n", "L2.n", *EXOGENOUS],
    [Instruments("n", last=last_lag), *own],
    unit="firm",
    steps=2,
    std_errors="conventional",
)
tables.regressions(
    {
        "one step": difference[1],
        "two steps, Windmeijer": difference[2],
        "two steps, uncorrected": plain,
    },
    "tab-employment-difference",
    "Employment by difference GMM, year effects included, standard errors in parentheses. Lags of "
    "k and ys beyond those shown are in the model.",
    terms={name: name for name in shown},
    statistics={
        "instruments": "n_instruments",
        "observations": "nobs",
        "firms": "n_units",
    },
    formats={"instruments": ".0f", "observations": ".0f", "firms": ".0f"},
    stub="term",
    code=[dynamic_panel_gmm],
    data={"plm EmplUK": data},
    parameters={"last_lag": last_lag},
)

# %%
ratio = difference[2].std_errors["L.n"] / plain.std_errors["L.n"]
glue("employment_ratio", float(ratio), display=False)

# %% [markdown]
# In {numref}`tab-employment-difference` the corrected standard error of lagged employment is
# {glue:text}`employment_ratio:.1f` times the uncorrected one.
#
# ## Do the instruments hold?
#
# {numref}`tab-employment-tests` has the tests that must stand beside such a table.
#
# - **AR(1)** and **AR(2)**: differenced errors *must* be correlated with their first lag, since they
#   share an error; correlation with the second lag would mean that the errors in levels are
#   autocorrelated and the youngest instruments invalid.
# - **Sargan** and **Hansen**: with more instruments than parameters, not all moments can be zero at
#   once; the statistics ask whether they are farther from zero than chance allows if all instruments
#   are valid. Sargan's assumes independent errors of one variance; Hansen's does not, but loses its
#   power when instruments are many.

# %%
columns = {
    "difference, one step": difference[1],
    "difference, two steps": difference[2],
    "system, one step": system[False, 1],
    "system, two steps": system[False, 2],
}
tables.show(
    pd.concat(
        {
            name: fit.tests[["statistic", "p_value"]].rename(columns={"p_value": "p"})
            for name, fit in columns.items()
        },
        axis=1,
    ),
    "tab-employment-tests",
    "Tests of autocorrelation in differences and of overidentification.",
    stub="test",
    formats={"statistic": ".2f", "p": ".3f"},
    code=[dynamic_panel_gmm],
    data={"plm EmplUK": data},
)

# %%
tests = system[False, 2].tests["p_value"]
glue("employment_ar2", float(tests["AR(2)"]), display=False)
glue("employment_sargan", float(tests["Sargan"]), display=False)
glue("employment_hansen", float(tests["Hansen"]), display=False)

# %% [markdown]
# That there is no first-order correlation is rejected everywhere, as it must be; that there is none of
# second order is not (p {glue:text}`employment_ar2:.2f` for system GMM in two steps). Sargan's test rejects the instruments and Hansen's does not
# (p {glue:text}`employment_sargan:.0e` and {glue:text}`employment_hansen:.2f`). The first is no verdict
# on the instruments alone: errors whose variance differs between firms are enough to make it reject.
#
# ## System GMM, and how many instruments
#
# Blundell and Bond's equation instruments wage and capital by their lags too. Every variable, lag
# and year then makes a column, and {numref}`tab-employment-system` shows what that costs: the
# number of instruments nears the number of firms. So many instruments fit the endogenous variables
# too well and leave the Hansen test without power. *Collapsing* keeps one column a lag
# {cite:p}`roodman2009`.

# %%
tables.regressions(
    {
        ("all instruments", "one step"): system[False, 1],
        ("all instruments", "two steps"): system[False, 2],
        ("collapsed", "one step"): system[True, 1],
        ("collapsed", "two steps"): system[True, 2],
    },
    "tab-employment-system",
    "Employment by system GMM, year effects and constant included, robust standard errors in "
    "parentheses.",
    terms={name: name for name in ("L.n", "w", "L.w", "k", "L.k")},
    statistics={
        "instruments": "n_instruments",
        "Hansen": lambda fit: fit.tests.loc["Hansen", "statistic"],
        "degrees of freedom": lambda fit: fit.tests.loc["Hansen", "df"],
        "p of Hansen": lambda fit: fit.tests.loc["Hansen", "p_value"],
    },
    formats={"instruments": ".0f", "degrees of freedom": ".0f", "Hansen": ".2f"},
    stub="term",
    code=[dynamic_panel_gmm],
    data={"plm EmplUK": data},
    parameters={"last_lag": last_lag},
)

# %%
wider = (system[True, 2].std_errors / system[False, 2].std_errors)["L.n"]
glue("employment_wider", float(wider), display=False)

# %% [markdown]
# Collapsing makes the standard error of lagged employment {glue:text}`employment_wider:.1f` times as
# large after two steps. The smaller one is bought with instruments whose validity a Hansen test with
# so many of them can hardly judge.
#
# A Hansen test can be taken apart: without one group of instruments the statistic falls, and the
# fall tests that group. {numref}`tab-employment-groups` does so for the lags that only the level
# equation uses: they rest on the extra assumption that system GMM makes, so they are the ones to
# ask about.

# %%
groups = system[False, 2].difference_in_hansen
tables.show(
    groups[["without", "without_df", "statistic", "df", "p_value"]].rename(
        columns={
            "without": "Hansen without",
            "without_df": "df without",
            "statistic": "difference",
            "p_value": "p",
        }
    ),
    "tab-employment-groups",
    "Difference-in-Hansen tests of groups of instruments, system GMM with all instruments.",
    stub="instruments",
    formats={
        "Hansen without": ".2f",
        "df without": ".0f",
        "difference": ".2f",
        "df": ".0f",
        "p": ".3f",
    },
    code=[dynamic_panel_gmm],
    data={"plm EmplUK": data},
)

# %%
level = groups.loc["lags in the level equation"]
glue("employment_level_p", float(level["p_value"]), display=False)

# %% [markdown]
# For them p is {glue:text}`employment_level_p:.2f`: no evidence against the extra assumption, from a
# test that many instruments have weakened.

# %%
lags = range(2, 9)
by_lags = {
    collapse: [
        dynamic_panel_gmm(
            data,
            "n",
            ["L.n", "w", "L.w", "k", "L.k"],
            [Instruments(name, last=last, collapse=collapse) for name in ("n", "w", "k")],
            unit="firm",
            system=True,
        )
        for last in lags
    ]
    for collapse in (False, True)
}
points = pd.concat(
    {
        "collapsed" if collapse else "all": pd.DataFrame(
            {
                "last_lag": list(lags),
                "instruments": [fit.n_instruments for fit in fits],
                "estimate": [fit.params["L.n"] for fit in fits],
                "std_error": [fit.std_errors["L.n"] for fit in fits],
            }
        )
        for collapse, fits in by_lags.items()
    },
    names=["instruments used", None],
).reset_index(level=0)

# %% [markdown]
# {numref}`fig-employment-lags` shows what is left to the author's choice. Each point is an estimate
# that could have been printed.

# %%
collapsed = points[points["instruments used"] == "collapsed"]
figure, axes = figures.canvas(height=3.6)
for place, (name, rows) in enumerate(points.groupby("instruments used")):
    axes.errorbar(
        rows["instruments"],
        rows["estimate"],
        yerr=1.96 * rows["std_error"],
        fmt="o",
        markersize=4,
        capsize=2,
        color=figures.COLOURS[place],
        label={"all": "all instruments", "collapsed": "collapsed"}[name],
    )
axes.legend(loc="lower right")
axes.set(xlabel="number of instruments", ylabel="coefficient of lagged employment")
figures.show(
    figure,
    "fig-employment-lags",
    "The coefficient of lagged employment and its 95 % interval, system GMM in two steps, by the "
    "oldest lag used (second to eighth).",
    alt=f"{len(points)} estimates with intervals against the number of instruments. Collapsed "
    f"instruments, at most {collapsed['instruments'].max()}, give {collapsed['estimate'].min():.2f} to "
    f"{collapsed['estimate'].max():.2f} with wide intervals; all instruments give narrower ones.",
    values=points,
    code=[dynamic_panel_gmm],
    data={"plm EmplUK": data},
)

# %% [markdown]
# ## The same numbers from elsewhere
#
# R's plm, met on {doc}`the page of Grunfeld's data <grunfeld>`, estimated the same equations;
# {numref}`tab-employment-plm` counts the digits in which coefficients and robust standard errors
# agree, the fewest over all terms.
# Roodman {cite:p}`roodman2009` prints Stata's output for two of them, and
# {numref}`tab-employment-print` puts it beside ours.

# %%
recorded = {
    (name, steps): firms.employment_elsewhere(name, steps)
    for name in ("difference", "system", "system, collapsed")
    for steps in (1, 2)
}
full = {
    **{
        ("difference", s): dynamic_panel_gmm(
            data,
            "n",
            ["L.n", "L2.n", *EXOGENOUS],
            [Instruments("n"), *own],
            unit="firm",
            steps=s,
        )
        for s in (1, 2)
    },
    **{
        ("system, collapsed" if collapse else "system", s): dynamic_panel_gmm(
            data,
            "n",
            ["L.n", "w", "L.w", "k", "L.k"],
            [Instruments(name, collapse=collapse) for name in ("n", "w", "k")],
            unit="firm",
            system=True,
            steps=s,
        )
        for collapse in (False, True)
        for s in (1, 2)
    },
}
digits = pd.DataFrame(
    {
        (name, f"{'one step' if s == 1 else 'two steps'}"): {
            part: min(
                ledger.agreeing_digits(
                    getattr(full[name, s], attribute)[t], getattr(theirs, attribute)[t]
                )
                for t in theirs.params.index
            )
            for part, attribute in (("coefficients", "params"), ("standard errors", "std_errors"))
        }
        for (name, s), theirs in recorded.items()
    }
).T
tables.show(
    digits,
    "tab-employment-plm",
    f"Digits in which estimates here and from {recorded['system', 1].software} agree.",
    digits=1,
    stub="estimator",
    data={"gmm_R_plm_pdynmc.json": firms.EMPLOYMENT_FILES["plm"]},
)

# %%
printed = firms.employment_in_print()
ours = pd.DataFrame(
    {
        name: {
            "L.n": fit.params["L.n"],
            "standard error": fit.std_errors["L.n"],
            **fit.tests["statistic"].to_dict(),
            "instruments": fit.n_instruments,
            "observations": fit.nobs,
        }
        for name, fit in (("difference", full["difference", 1]), ("system", full["system", 1]))
    }
).loc[printed.index]
tables.show(
    pd.concat({"here": ours, "printed": printed}, axis=1).swaplevel(axis=1)[
        [(name, where) for name in ("difference", "system") for where in ("here", "printed")]
    ],
    "tab-employment-print",
    "One-step estimates here and as printed by Roodman (2009).",
    stub="quantity",
    formats={
        "L.n": ".7f",
        "standard error": ".7f",
        "AR(1)": ".2f",
        "AR(2)": ".2f",
        "Sargan": ".2f",
        "Hansen": ".2f",
        "instruments": ".0f",
        "observations": ".0f",
    },
    data={"gmm_published_and_own.json": firms.EMPLOYMENT_FILES["print"]},
)

# %%
glue("employment_digits", float(digits.min().min()), display=False)
glue(
    "employment_gap",
    float((ours - printed).loc[["L.n", "standard error"]].abs().max().max() * 1e7),
    display=False,
)

# %% [markdown]
# With plm every number agrees in at least {glue:text}`employment_digits:.1f` digits. With the
# printed ones the largest difference is {glue:text}`employment_gap:.1f` in the seventh decimal:
# Stata's copy of the data holds logarithms in single precision, and that is what it does to them.
# Sargan's statistic is compared with print alone, because plm reports another one under that name
# after one step.
#
# The engine under this page is the one that estimates the spatial equation of the 283-city paper,
# where $W y_t$ joins the right-hand side as one more endogenous variable with its own lags as
# instruments {cite:p}`kukenova2009`. What such instruments can tell about $\rho$ when $W$ is dense
# is another matter, and is asked there.
