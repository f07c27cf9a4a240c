"""Which model, which effects: the tests that applied papers run before they choose."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import linalg

from analysis import errors
from analysis.panel import FloatArray, Panel, as_panel, measured, within
from analysis.resources import declared, refuse
from analysis.spatial.design import build, problem_of
from analysis.spatial.estimates import Estimates, TestResult, check_choice
from analysis.spatial.fit import Fit, fit
from analysis.spatial.operator import operator_of
from analysis.spatial.specification import Specification
from analysis.weights import Weights, as_weights

SAYS = declared("analysis.spatial", "refusals.toml")["tests"]


def lm_tests(
    panel: Panel,
    specification: Specification,
    weights: Weights,
    pooled: bool = False,
    unbiased: bool = False,
    convention: Literal["elhorst", "dummies", "transformation"] = "elhorst",
) -> list[TestResult]:
    """Lagrange multiplier tests against a spatial lag and a spatial error, and their robust forms.

    Formulas of Anselin (1988) and Anselin et al. (1996) for panels as in Elhorst (2014); residuals are
    those of least squares on the regressors of `specification`, without spatial lags, after its fixed
    effects are removed.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        Outcome, regressors and effects; its spatial terms and lags of the outcome are left out.
    weights : Weights
    pooled : bool
        Ignore the effects and use least squares with a constant. Random effects are always ignored.
    unbiased : bool
        Divide the residuals' squares by their degrees of freedom instead of their number.
    convention : {"elhorst", "dummies", "transformation"}
        What the lagged fit W Q X b of a model with effects is. "elhorst", as in Elhorst's routines
        and splm, takes it as it is; "dummies" takes the effects out again, which is the information
        of the regression with dummies; "transformation" takes mean and variance of the scores from
        the transformation likelihood, and so keeps its size with year effects.

    Returns
    -------
    list of TestResult
        LM lag, robust LM lag, LM error, robust LM error; chi-squared with one degree of freedom.

    Notes
    -----
    Removing year effects correlates the residuals of all cities, and the denser W, the more the first
    two conventions take this for spatial dependence. They differ by little: "dummies" has the right
    variance of the score's linear part, but its mean, about minus one a year, is wrong in both, and
    "elhorst", with the larger variance, rejects a true null a little less often (in 34 cities over 20
    years with weights 1/d at 23.2 against 24.5 %, where "transformation" keeps to 5 %).
    """
    check_choice("convention", convention, ("elhorst", "dummies", "transformation"))
    panel = as_panel(panel)
    weights = as_weights(weights).align(panel.units)
    transformed = convention == "transformation"
    outcome, regressors = specification.outcome, specification.regressors
    effects = "none" if pooled else specification.effects
    estimator = "transformation" if transformed or specification.is_random else "direct"
    plain = Specification(outcome, regressors, "ols", effects=effects, estimator=estimator)
    problem = problem_of(build(panel, plain, weights))
    years, cities = problem.y.shape
    if transformed and problem.centred:
        weights.require_row_standardised("the transformation that removes time effects")
    z = problem.z.reshape(-1, problem.z.shape[-1])
    y = problem.y.ravel()
    b = linalg.lstsq(z, y)[0]
    e = (y - z @ b).reshape(years, cities)
    n_obs, periods = (problem.n_obs, problem.periods) if transformed else (e.size, years)
    s2 = float((e**2).sum()) / (n_obs - unbiased * z.shape[1])
    w, lag = weights.matrix, operator_of(weights).lag
    overlap, level = periods * float((w * w).sum() + (w * w.T).sum()), 0.0  # T tr (W'W + WW)
    if transformed and problem.centred:  # without the unit eigenvalue, and the share that s2 takes
        level = -float(periods)
        overlap -= periods * (1 + float((w.sum(axis=0) ** 2).sum()) / cities) + 2 * level**2 / n_obs
    refuse(errors.EstimationError, SAYS, {"lm": not (s2 > 0 and overlap > 0)})
    removed = "none" if convention == "elhorst" else plain.fixed_effects
    fitted_lag = within(lag((z @ b).reshape(years, cities)), removed).ravel()
    off_regressors = fitted_lag - z @ linalg.lstsq(z, fitted_lag)[0]
    j = (float(off_regressors @ off_regressors) + overlap * s2) / s2
    by_lag = float((e * problem.columns[..., -1]).sum()) / s2 - level
    by_error = float((e * lag(e)).sum()) / s2 - level
    try:
        statistics = {
            "LM lag": by_lag**2 / j,
            "Robust LM lag": (by_lag - by_error) ** 2 / (j - overlap),
            "LM error": by_error**2 / overlap,
            "Robust LM error": (by_error - overlap / j * by_lag) ** 2
            / (overlap * (1 - overlap / j)),
        }
    except ArithmeticError as error:
        raise errors.EstimationError(SAYS["digits"]) from error
    fixed = plain.fixed_effects
    note = "pooled least squares" if fixed == "none" else f"{fixed} effects removed"
    biased = plain.has_time_effects and not transformed
    often = ", with which it rejects a true null too often" if biased else ""
    return [
        TestResult(name, value, 1, note=note if name == "Robust LM lag" else note + often)
        for name, value in statistics.items()
    ]


def durbin_tests(durbin: Fit) -> list[TestResult]:
    """Wald and likelihood-ratio tests of a spatial Durbin model against its two special cases.

    Against the SAR, theta = 0. Against the SEM, theta + rho beta = 0, and with both lags of the outcome
    eta + rho tau = 0 as well. Likelihood ratios compare the maxima, before any bias correction.
    With one lag of the outcome only the SEM is not a special case of the Durbin model: the tests
    against it are then those of the common factor in X, and their chi-squared law is approximate.
    Nor is it one where only some regressors are lagged: these tests then have no statistic.

    Parameters
    ----------
    durbin : Fit
        Of model "sdm".

    Returns
    -------
    list of TestResult
        Wald SAR, Wald SEM, LR SAR, LR SEM.

    Raises
    ------
    SpecificationError
        If the fit is of another model, or lags no regressor.
    """
    spec = durbin.specification
    own = [str(term) for term in spec.durbin_terms]
    wrong = {"model": spec.model != "sdm", "durbin": not own}
    refuse(errors.SpecificationError, SAYS, wrong, spec=spec)
    tau, eta = f"L.{spec.outcome}", f"W.L.{spec.outcome}"
    with_lags = spec.time_lag and spec.space_time_lag

    def common_factor(p: pd.Series) -> FloatArray:
        pairs = [(f"W.{name}", name) for name in own] + [(eta, tau)] * with_lags
        return np.array([p[lagged] + p["rho"] * p[plain] for lagged, plain in pairs])

    sar = replace(spec, model="sar", durbin=None)
    sem = replace(sar, model="sem", space_time_lag=spec.space_time_lag and not with_lags)
    df = len(own) + with_lags
    if set(spec.durbin_terms) == set(spec.terms):
        wald_sem = durbin.wald(common_factor, "Wald SEM")
        lr_sem = _likelihood_ratio("LR SEM", durbin, sem, df)
    else:
        note = "the SEM is no special case where only some regressors are lagged"
        wald_sem, lr_sem = (
            TestResult(name, np.nan, df, note=note) for name in ("Wald SEM", "LR SEM")
        )
    wald_sar = durbin.wald([f"W.{name}" for name in own], "Wald SAR")
    return [wald_sar, wald_sem, _likelihood_ratio("LR SAR", durbin, sar, len(own)), lr_sem]


def _likelihood_ratio(name: str, larger: Fit, restricted: Specification, df: int) -> TestResult:
    """Test of a restriction; without a statistic where the restricted model cannot be estimated."""
    try:
        smaller = fit(larger.panel, restricted, larger.weights)
    except errors.EstimationError as error:
        return TestResult(name, np.nan, df, note=f"the restricted model: {error}")
    return TestResult(name, 2 * (larger.loglik - smaller.loglik), df)


def hausman(panel: Panel, specification: Specification, weights: Weights) -> TestResult:
    """Compare fixed with random city effects, on the slopes and the spatial parameters.

    Both covariance matrices are evaluated at the fixed-effects estimate, consistent under either
    hypothesis; two different error variances would swamp the small difference that counts.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        A static model; effects "individual" are compared with "random", "two-way" with
        "random+time".
    weights : Weights

    Returns
    -------
    TestResult
        The note says where the difference of the covariance matrices is not positive definite, in
        which case its positive part is used and the degrees of freedom are the rank of that part.

    Raises
    ------
    SpecificationError
        If the model is dynamic (random effects are then inconsistent) or lacks city effects.
    """
    counterpart = {"individual": "random", "two-way": "random+time"}
    other = specification.is_dynamic or specification.effects not in counterpart
    refuse(errors.SpecificationError, SAYS, {"hausman": other})
    plain = replace(specification, estimator="transformation", within_order="weights-first")
    plain = replace(plain, std_errors="information")
    fixed = fit(panel, plain, weights)
    random = fit(panel, replace(plain, effects=counterpart[plain.effects]), weights)
    shared = [name for name in fixed.params.index if name != "sigma2"]
    efficient = random.covariance_at(fixed.params)
    return hausman_result(fixed, random.params, efficient, shared)


def hausman_result(
    fixed: Estimates, params: pd.Series, cov: pd.DataFrame, shared: list[str]
) -> TestResult:
    """Distance of consistent estimates from efficient ones in the parameters they share."""
    gap = (fixed.params[shared] - params[shared]).to_numpy()
    spread = (fixed.cov.loc[shared, shared] - cov.loc[shared, shared]).to_numpy()
    scale = np.sqrt(np.diag(fixed.cov.loc[shared, shared]))
    values, vectors = linalg.eigh(spread / np.outer(scale, scale))
    positive = values > 1e-10
    along = vectors.T @ (gap / scale)
    statistic = float((along[positive] ** 2 / values[positive]).sum())
    note = "" if positive.all() else "difference of covariances not positive definite"
    return TestResult("Hausman", statistic, int(positive.sum()), note=note)


def joint_effects_tests(
    panel: Panel, specification: Specification, weights: Weights
) -> list[TestResult]:
    """Likelihood-ratio tests of the city effects, and of the year effects, given the other.

    Dummy-variable likelihoods of the model with two-way effects against those without city or
    without year effects; N - 1 and T - 1 degrees of freedom.

    Parameters
    ----------
    panel : Panel
    specification : Specification
    weights : Weights

    Returns
    -------
    list of TestResult
        City effects, year effects.
    """
    plain = replace(specification, effects="two-way", estimator="direct", std_errors="information")
    both = fit(panel, plain, weights)
    years_only, cities_only = replace(plain, effects="time"), replace(plain, effects="individual")
    return [
        _likelihood_ratio("LR city effects", both, years_only, both.panel.n_units - 1),
        _likelihood_ratio("LR year effects", both, cities_only, len(both.periods) - 1),
    ]


def pesaran_cd(resids: pd.Series) -> TestResult:
    """Test of cross-sectional dependence left in residuals (Pesaran 2004).

    Parameters
    ----------
    resids : Series
        Indexed by (city, year), balanced.

    Returns
    -------
    TestResult
        Standard normal, but not for residuals net of year effects, as the note then says: their
        correlations are pushed down by about 1/(N - 1), and the statistic to about -sqrt(T/2).

    Raises
    ------
    SampleSizeError
        If there are fewer than two cities or three years.
    """
    table = measured(resids, "residuals").unstack(0)
    values, (years, cities) = table.to_numpy(), table.shape
    size = np.abs(values).max()
    refuse(errors.UnbalancedPanelError, SAYS, {"balance": np.isnan(size)})
    short = cities < 2 or years < 3
    refuse(errors.SampleSizeError, SAYS, {"short": short}, cities=cities, years=years)
    flat = table.columns[np.ptp(values, axis=0) <= 1e-12 * size]
    refuse(errors.ConstantOutcomeError, SAYS, {"flat": flat})
    correlations = np.corrcoef(values.T)[np.triu_indices(cities, 1)]
    statistic = np.sqrt(2 * years / (cities * (cities - 1))) * correlations.sum()
    net = np.abs(values.mean(axis=1)).max() < 1e-8 * size
    centre = f"net of year effects: centred near −{np.sqrt(years / 2):.2f}, not at zero"
    return TestResult("Pesaran CD", float(statistic), None, "normal", centre if net else "")


def specification_tests(
    panel: Panel, specification: Specification, weights: Weights
) -> pd.DataFrame:
    """Run the whole battery in one call: statistic, degrees of freedom and P of each test.

    Where a restricted model cannot be estimated, its test has no statistic and the note says why.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        The spatial Durbin model under consideration. LM and Hausman tests use its static part.
    weights : Weights

    Raises
    ------
    EstimationError
        If the Durbin model itself cannot be estimated.

    Returns
    -------
    DataFrame
        Indexed by test; columns statistic, df, p_value, note.

    Examples
    --------
    >>> from analysis.weights import k_nearest
    >>> rng = np.random.default_rng(2)
    >>> cities = pd.Index([f"c{i}" for i in range(15)], name="city")
    >>> geo = pd.DataFrame({"lon": rng.uniform(120, 130, 15), "lat": rng.uniform(40, 50, 15)}, cities)
    >>> index = pd.MultiIndex.from_product([cities, range(8)], names=["city", "year"])
    >>> panel = Panel.from_frame(pd.DataFrame(rng.normal(size=(120, 2)), index, columns=["y", "x"]))
    >>> table = specification_tests(panel, Specification("y", ["x"]), k_nearest(geo, 4))
    >>> list(table.index[:4])
    ['LM lag', 'Robust LM lag', 'LM error', 'Robust LM error']
    """
    panel, weights = as_panel(panel), as_weights(weights)
    static = replace(specification, time_lag=False, space_time_lag=False)
    durbin = fit(panel, specification, weights)
    results = [*lm_tests(panel, specification, weights), *durbin_tests(durbin)]
    for names, tests, spec in (
        (("Hausman",) * static.has_unit_effects, lambda *given: [hausman(*given)], static),
        (("LR city effects", "LR year effects"), joint_effects_tests, specification),
    ):
        try:
            results += tests(panel, spec, weights) if names else []
        except errors.EstimationError as error:
            results += [TestResult(name, np.nan, None, note=str(error)) for name in names]
    results.append(pesaran_cd(durbin.resids))
    return pd.concat([result.summary for result in results])
