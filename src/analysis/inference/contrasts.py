"""Differences and sums of estimates, tests between nested fits, and P of one coefficient by a bootstrap."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis import errors
from analysis.errors import listed
from analysis.inference.resampling import SAYS, run_draws
from analysis.resources import refuse
from analysis.spatial import Fit, TestResult
from analysis.spatial.fit import fit_design
from analysis.spatial.likelihood import maximise


class Contrast(NamedTuple):
    """A linear combination of estimates."""

    estimate: float
    std_error: float

    @property
    def p_value(self) -> float:
        """Two-sided P of zero, by the normal distribution."""
        return float(2 * stats.norm.sf(abs(self.estimate / self.std_error)))


def contrast(params: pd.Series, cov: pd.DataFrame, weights: Mapping[str, float]) -> Contrast:
    """Sum of estimates of one fit, each with its weight.

    Examples
    --------
    >>> b = pd.Series({"x[a]": 0.75, "x[b]": 0.25})
    >>> V = pd.DataFrame([[0.05, 0.01], [0.01, 0.06]], b.index, b.index)
    >>> contrast(b, V, {"x[a]": 1, "x[b]": -1})
    Contrast(estimate=0.5, std_error=0.3)
    """
    unknown = listed(term for term in weights if term not in params)
    known = listed(params.index, 40)
    refuse(errors.MissingColumnError, SAYS, {"terms": unknown}, unknown=unknown, known=known)
    terms, c = list(weights), np.array(list(weights.values()), dtype=float)
    variance = c @ cov.loc[terms, terms].to_numpy() @ c
    return Contrast(float(c @ params[terms].to_numpy()), float(np.sqrt(variance)))


def apart(first: tuple[float, float], second: tuple[float, float]) -> Contrast:
    """First minus second of two independent estimates, each with its standard error.

    Examples
    --------
    >>> difference = apart((0.716, 0.245), (0.236, 0.277))
    >>> round(difference.std_error, 3), round(difference.p_value, 2)
    (0.37, 0.19)
    """
    return Contrast(float(first[0] - second[0]), float(np.hypot(first[1], second[1])))


def likelihood_ratio(larger: Fit, smaller: Fit) -> TestResult:
    """Test of the restrictions that lead from one fit to another on the same observations.

    Raises
    ------
    SpecificationError
        If the second fit has a term that the first lacks, as many terms, or other observations.
    """
    extra = listed(smaller.params.index.difference(larger.params.index))
    df = len(larger.params) - len(smaller.params)
    apart = df < 1 or larger.nobs != smaller.nobs
    refuse(errors.SpecificationError, SAYS, {"foreign_terms": extra, "sizes": apart}, extra=extra)
    return TestResult("likelihood ratio", 2 * (larger.loglik - smaller.loglik), df)


def wild_bootstrap(fit: Fit, term: str, draws: int = 999, seed: int = 0) -> TestResult:
    """Test that a coefficient is zero by the wild cluster bootstrap-t.

    The model is estimated under the null; in each draw every unit's whole history of residuals gets
    one random sign, the outcome follows through ``(I - rho W)^{-1}``, and the model is estimated
    anew with clustered errors (Cameron, Gelbach and Miller 2008). Lags of the outcome stay as
    observed (a fixed design).

    Parameters
    ----------
    fit : Fit
        A model without random effects and without a spatial error.
    term : str
        One of the regressors, or its spatial lag ``W.x``.
    draws, seed : int
        Draws, each with its own stream.

    Returns
    -------
    TestResult
        The clustered t value; ``p_value`` is the share of draws at least as far from zero.

    Raises
    ------
    MissingColumnError
        If `term` is no regressor.
    EstimationError
        If more than a tenth of the draws could not be estimated.
    """
    spec, names = fit.specification, list(fit._design.names)
    words = {"term": term, "known": listed(names, 40), "label": spec.label}
    refuse(errors.MissingColumnError, SAYS, {"wild_term": term not in names}, **words)
    wrong = {"wild_model": spec.is_random or spec.has_spatial_error}
    refuse(errors.EstimationError, SAYS, wrong, **words)
    place, problem = names.index(term), fit._problem
    kept = [i for i in range(len(names)) if i != place]
    null = problem.taking(kept)
    point = maximise(null)
    signal = fit._design.z[..., kept] @ point.b
    resids = null.innovations(point)
    operator = fit._design.operator

    def t_value(found: Fit) -> float:
        variance = found.covariance("cluster").iloc[place, place]
        return float(found._point.b[place] / np.sqrt(variance))

    def draw(rng: np.random.Generator) -> float:
        signs = rng.choice([-1.0, 1.0], problem.y.shape[1])
        y = operator.solve(point.rho, signal + resids * signs)
        try:
            return t_value(fit_design(replace(fit._design, y=y, wy=operator.lag(y))))
        except errors.AnalysisError:
            return np.nan

    values = np.array(run_draws(draw, draws, seed))
    failed = int(np.isnan(values).sum())
    wrong = {"wild_draws": failed > 0.1 * draws}
    refuse(errors.EstimationError, SAYS, wrong, failed=failed, draws=draws)
    observed = t_value(fit)
    beyond = np.abs(values[~np.isnan(values)]) >= abs(observed) * (1 - 1e-9)
    p = float((1 + beyond.sum() + failed) / (1 + draws))
    note = f"{draws} draws, {problem.y.shape[1]} clusters"
    return TestResult(f"wild cluster bootstrap: {term}", observed, None, "bootstrap", note, p=p)
