"""A public panel estimated here beside what other software gave on it."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import spatial
from analysis.errors import DiscardedDrawsWarning
from analysis.inference.panel_tests import baseline
from analysis.panel import Panel
from analysis.papers import elsewhere
from analysis.papers.elsewhere import ELHORST, SECOND, SPLM, Recorded
from analysis.resources import declared
from analysis.spatial import Fit, Specification, specification_tests
from analysis.spatial.design import build
from analysis.spatial.estimates import table_of_tests
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import Weights

Pairs = Mapping[Any, tuple[Any, Recorded]]
_DECLARED = declared("analysis.papers", "comparisons.toml")


def fits(panel: Panel, weights: Weights, model: Specification, label: str) -> dict[Any, Fit]:
    """Estimate a model with one declared change after another, by the columns of a table."""
    found: dict[Any, Fit] = {}
    for name, changes in _DECLARED["fits"][label].items():
        heads = tuple(name.split(" | "))
        found[heads if heads[1:] else name] = spatial.fit(panel, replace(model, **changes), weights)
    return found


def pairs(
    panel: Panel, weights: Weights, model: Specification, data: str, label: str
) -> dict[tuple[str, str], tuple[Fit, Recorded]]:
    """Estimate what was recorded.

    Parameters
    ----------
    panel, weights, model
        Whose other software is meant.
    data : {"cigar", "produc"}
    label : str
        Under which ``comparisons.toml`` says what is estimated.

    Returns
    -------
    dict
        (software, title) to the fit here and the recorded one.
    """
    found = {}
    for name, title, changes, *own in _DECLARED["pairs"][label]:
        spec, software = replace(model, **changes), getattr(elsewhere, name)
        estimator = own[0] if own else spec.estimator
        recorded = elsewhere.estimates(
            software, data, spec.model, spec.effects, estimator, spec.time_lag
        )
        found[software, title] = spatial.fit(panel, spec, weights), recorded
    return found


def as_spreg(fit: Fit, panel: Panel) -> Recorded:
    """Errors and log-likelihood of random effects with a spatial lag by the formulas of spreg.

    It leaves ``N ln(phi)`` out of the log-likelihood, and the row and column of phi in its
    information matrix are neither the second derivatives nor symmetric.
    """
    phi, s2, n = fit.params["phi"], fit.params["sigma2"], panel.n_units
    info = pd.DataFrame(np.linalg.inv(fit.cov), fit.cov.index, fit.cov.index)
    info.loc["rho", "phi"] = info.loc["phi", "rho"] = -info.loc["rho", "sigma2"] / panel.n_periods
    info.loc["phi", ["phi", "sigma2"]] = n * (1 + 1 / phi**2), -n / s2**2
    info.loc["sigma2", "phi"] = -n / s2
    errors = pd.Series(np.sqrt(np.diag(np.linalg.inv(info))), info.index)
    return Recorded("by spreg's formulas", fit.params, errors, fit.loglik - n * np.log(phi))


_SPREG = {"individual": "Panel_FE_", "random": "Panel_RE_", "none": "ML_"}
"""What spreg's routines begin with, by effects."""


def _long(panel: Panel, model: Specification, weights: Weights) -> tuple[Any, Any, list[str]]:
    """Outcome and regressors as spreg wants them: all units of a period, then the next."""
    effects: Any = "none" if panel.n_periods == 1 else "individual"
    design = build(panel, replace(model, model="sar", effects=effects, estimator="direct"), weights)
    kept = [k for k, name in enumerate(design.names) if name != "const"]
    x = design.z.reshape(-1, len(design.names))[:, kept]
    return design.y.reshape(-1, 1), x, [design.names[k] for k in kept]


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the lines that spreg prints and what scipy and numpy say of its steps."""
    with redirect_stdout(None), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def spreg_now(panel: Panel, weights: Weights, model: Specification) -> Recorded:
    """Estimate a spatial lag or error with fixed, random or no effects by the installed spreg."""
    import spreg

    y, x, names = _long(panel, model, weights)
    with _quietly():
        kind, parameter = {"sar": ("Lag", "rho"), "sem": ("Error", "lambda")}[model.model]
        fit = getattr(spreg, _SPREG[model.effects] + kind)(y, x, weights.to_libpysal())
    constant = [] if model.effects == "individual" else ["const"]
    terms = [*constant, *names, parameter, *["phi"] * (model.effects == "random")]
    return Recorded(
        f"spreg {spreg.__version__}, run here",
        pd.Series([*np.ravel(fit.betas), *np.ravel(fit.sig2)], [*terms, "sigma2"]),
        pd.Series([*np.ravel(fit.std_err), np.nan], [*terms, "sigma2"]),
        float(np.ravel(fit.logll)[0]),
    )


def spreg_models(panel: Panel, weights: Weights, model: Specification) -> dict[Any, Any]:
    """Pairs of our fit and spreg's of the models that both have, for the same regressors.

    Random effects with a spatial error are left out: spreg's search leaves the region in which that
    model exists. spreg has no lagged neighbours' outcome, no year effects but as dummies and no
    correction, so that a dynamic or two-way Durbin model has no counterpart in it.
    """
    found = {}
    for name, changes in _DECLARED["spreg"].items():
        each = replace(model, **changes)
        if (each.effects == "none") == (panel.n_periods == 1):
            theirs = spreg_now(panel, weights, each)
            found[theirs.software, name] = (spatial.fit(panel, each, weights), theirs)
    return found


LM = ("LM lag", "Robust LM lag", "LM error", "Robust LM error")


def spreg_lm(panel: Panel, weights: Weights, model: Specification) -> pd.DataFrame:
    """Pooled Lagrange multiplier tests by the installed spreg and here.

    Returns
    -------
    DataFrame
        A row a test, and the two sums that are equal by algebra, LM lag + robust LM error and LM
        error + robust LM lag. Columns: spreg; ours with the variance of the residuals that spreg
        takes for panels, which divides by the degrees of freedom; and ours as elsewhere in the book,
        which divides by their number, as spreg does for a cross-section.
    """
    import spreg

    y, x, _ = _long(panel, model, weights)
    w = weights.to_libpysal()
    with _quietly():
        if panel.n_periods == 1:
            fit = spreg.OLS(y, x, w, spat_diag=True)
            theirs = [fit.lm_lag, fit.rlm_lag, fit.lm_error, fit.rlm_error]
        else:
            routines = ("panel_LMlag", "panel_rLMlag", "panel_LMerror", "panel_rLMerror")
            theirs = [getattr(spreg, routine)(y, x, w) for routine in routines]
    columns: dict[str, Any] = {f"spreg {spreg.__version__}": [test[0] for test in theirs]}
    for word, unbiased in (("here, its variance", True), ("here", False)):
        tests = lm_tests(panel, model, weights, pooled=True, unbiased=unbiased)
        columns[word] = table_of_tests(tests)["statistic"].reindex(LM)
    table = pd.DataFrame(columns, index=pd.Index(LM), dtype=float)
    table.loc["LM lag + robust LM error"] = table.iloc[0] + table.iloc[3]
    table.loc["LM error + robust LM lag"] = table.iloc[2] + table.iloc[1]
    return table


def linear_now(panel: Panel, weights: Weights, model: Specification) -> pd.DataFrame:
    """Least squares here, the model without space, beside linearmodels.

    Returns
    -------
    DataFrame
        By effects and kind of standard errors: the fewest digits in which slopes agree, and the
        smallest and largest ratio of an error here to linearmodels', which differ by one factor for
        degrees of freedom or not at all. Random effects have the share of the units' means that
        they take off from the likelihood here, from two variances there (Swamy and Arora).
    """
    rows = {}
    kinds = {"pooled": "none", "fixed": "individual", "two-way": "two-way"}
    for kind in ("information", "cluster", "driscoll-kraay"):
        theirs = baseline(panel, model.outcome, model.regressors, kind).results
        more = {"random": "random"} if kind == "information" else {}
        for name, effects in (kinds | more).items():
            estimator = "transformation" if effects == "random" else "direct"
            plain = replace(model, model="ols", effects=effects, estimator=estimator)
            ours = spatial.fit(panel, replace(plain, std_errors=kind), weights)
            terms = list(model.regressors)
            slopes = elsewhere.beside(ours.params[terms], theirs[name].params)["digits"]
            ratio = ours.std_errors[terms] / theirs[name].std_errors[terms]
            rows[name, kind] = {
                "slopes agree in digits": min(slopes.min(), 12.0),  # beyond, machines differ
                "errors here / there, least": ratio.min(),
                "greatest": ratio.max(),
            }
    table = pd.DataFrame(rows).T.rename_axis(index=["effects", "standard errors"])
    return table.sort_index(level=0, sort_remaining=False)


def spread(panel: Panel, names: list[str]) -> pd.DataFrame:
    """Mean, standard deviation in all, between units and within them, and range of variables.

    Returns
    -------
    DataFrame
        ``within`` is net of the units' means, ``two-way`` of the periods' too.
    """
    frame = panel.frame[names]
    table = frame.agg(["mean", "std", "min", "max"]).T.rename(columns={"std": "std. dev."})
    table.insert(2, "between", frame.groupby(level=0).mean().std())
    table.insert(3, "within", panel.within(names, "individual").frame[names].std())
    table.insert(4, "two-way", panel.within(names, "two-way").frame[names].std())
    return table


def battery(panel: Panel, weights: Weights, model: Specification, data: str) -> pd.DataFrame:
    """Specification tests of the direct two-way model beside the recorded ones.

    Returns
    -------
    DataFrame
        ``statistic``, ``df``, ``P``, a column for each software, and ``digits``: those that
        agree with the nearest of them.
    """
    spec = replace(model, effects="two-way", estimator="direct")
    found = specification_tests.specification_tests(panel, spec, weights)
    names = {SPLM: "splm", ELHORST: "Elhorst", SECOND: "second"}
    others = elsewhere.tests(data).reindex(found.index).rename(columns=names)
    digits = others.apply(lambda column: elsewhere.beside(found["statistic"], column)["digits"])
    table = found[["statistic", "df", "p_value"]].rename(columns={"p_value": "P"})
    table = table.join(others).assign(digits=digits.max(axis=1))
    return table.rename({"LR city effects": "LR state effects"})


def estimates_beside(ours: Any, theirs: Any, there: str) -> pd.DataFrame:
    """Set the estimates and errors of fits or of effects beside those from elsewhere."""
    effects = isinstance(ours, pd.DataFrame)
    kinds = ("estimate", "std_error") if effects else ("params", "std_errors")
    parts = [elsewhere.beside(getattr(ours, c), getattr(theirs, c), there) for c in kinds]
    return pd.concat(parts, axis=1, keys=["estimate", "standard error"])


def rho(fits: Mapping[str, Fit]) -> pd.Series:
    """The spatial parameter of each fit."""
    return pd.Series({name: fit.params["rho"] for name, fit in fits.items()})


def off(found: Pairs, software: str) -> float:
    """Largest difference in rho between the fits here and those of one software."""
    of = [pair for (name, _), pair in found.items() if name == software]
    return max(abs(ours.params["rho"] - theirs.params["rho"]) for ours, theirs in of)


def simulated_effects(fit: Fit, draws: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Long-run effects by draws of all parameters, and by the convention of Stata's xsmle.

    Both say in their ``attrs`` how many draws have no long run, in place of the warning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DiscardedDrawsWarning)
        return fit.effects("long", "simulation", draws=draws), fit.effects("long", "xsmle")


def joint_effects(panel: Panel, weights: Weights, model: Specification) -> pd.DataFrame:
    """Likelihood ratio tests of the effects of the cigarettes, here and as Elhorst (2014) prints.

    Returns
    -------
    DataFrame
        A row a kind of effects; ``same`` where the statistic rounds to the print.
    """
    tests = specification_tests.joint_effects_tests(panel, replace(model, model="ols"), weights)
    names = {"LR city effects": "individual effects", "LR year effects": "time effects"}
    found = table_of_tests(tests).rename(names).rename_axis(None)[["statistic", "df"]]
    joint = found.join(elsewhere.elhorst_printed(), how="inner")
    joint["5 % point"] = stats.chi2.isf(0.05, joint["df"])
    return joint.assign(same=joint["statistic"].map("{:.1f}".format) == joint["printed"])


def errors_without_covariance(fit: Fit, terms: Sequence[str]) -> pd.Series:
    """Delta-method errors of total effects in a spatial lag, rho and slopes taken as uncorrelated."""
    left = 1 - fit.params["rho"]
    slopes, errors = fit.params[list(terms)], fit.std_errors
    return np.hypot(errors[list(terms)] / left, slopes * errors["rho"] / left**2)
