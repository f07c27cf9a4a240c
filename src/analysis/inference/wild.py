"""Wild cluster bootstrap: P of one coefficient where few units make clustered errors unreliable."""

from dataclasses import replace

import numpy as np

from analysis.errors import AnalysisError, EstimationError, MissingColumnError, listed
from analysis.inference.resampling import SAYS, run_draws
from analysis.resources import refuse
from analysis.spatial import Fit, TestResult
from analysis.spatial.fit import fit_design
from analysis.spatial.likelihood import maximise


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
    refuse(MissingColumnError, SAYS, {"wild_term": term not in names}, **words)
    refuse(EstimationError, SAYS, {"wild_model": spec.is_random or spec.has_spatial_error}, **words)
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
        except AnalysisError:
            return np.nan

    values = np.array(run_draws(draw, draws, seed))
    failed = int(np.isnan(values).sum())
    refuse(EstimationError, SAYS, {"wild_draws": failed > 0.1 * draws}, failed=failed, draws=draws)
    observed = t_value(fit)
    beyond = np.abs(values[~np.isnan(values)]) >= abs(observed) * (1 - 1e-9)
    p = float((1 + beyond.sum() + failed) / (1 + draws))
    note = f"{draws} draws, {problem.y.shape[1]} clusters"
    return TestResult(f"wild cluster bootstrap: {term}", observed, None, "bootstrap", note, p=p)
