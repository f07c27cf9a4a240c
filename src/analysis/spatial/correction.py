"""Bias corrections for fixed effects: Lee and Yu (static), Yu, de Jong and Lee (dynamic).

The score of the demeaned likelihood has a mean of order one for each fixed effect it absorbed. With the
information Sigma per observation, the estimate is moved by ``Sigma^{-1} a / T`` for the city effects and
``Sigma^{-1} a / N`` for the year effects.
"""

import warnings
from dataclasses import replace

import numpy as np

from analysis.errors import SpecificationError, UnitRootWarning, UnstableError
from analysis.panel import FloatArray
from analysis.resources import declared, refuse
from analysis.spatial.covariance import information, invert
from analysis.spatial.likelihood import FREE, Point, Problem
from analysis.spatial.operator import DenseOperator, SpatialOperator
from analysis.spatial.specification import ESTIMATORS, Specification

SAYS = declared("analysis.spatial", "refusals.toml")["correction"]


def correct(problem: Problem, point: Point, specification: Specification) -> Point:
    """Correct a maximum for the bias that the fixed effects of `specification` bring.

    Parameters
    ----------
    problem : Problem
    point : Point
        The uncorrected maximum.
    specification : Specification

    Returns
    -------
    Point
        With the log-likelihood of the maximum.
    """
    spec, (years, cities) = specification, problem.y.shape
    of_units, of_periods = spec.has_unit_effects, spec.has_time_effects and not problem.centred
    rescales = "rescales" in ESTIMATORS[spec.estimator] and not (of_units or spec.is_dynamic)
    if rescales and of_periods:
        return replace(point, sigma2=point.sigma2 * cities / (cities - 1))
    bias = np.zeros(len(point.b) + len(problem.log_dets) + 1)
    if spec.is_dynamic and of_units:
        bias += _dynamic_bias(problem, point, spec) / years
    if of_periods:
        # the mean of minus the score per year effect, which the unit eigenvalue of W carries
        spatial = [1 / (1 - getattr(point, name)) for name, _ in problem.log_dets]
        bias += np.array([*np.zeros(len(point.b)), *spatial, 1 / (2 * point.sigma2)]) / cities
    if bias.any():
        point = _moved(problem, point, invert(information(problem, point) / problem.n_obs) @ bias)
    if spec.is_dynamic or not of_units:
        return point
    return replace(point, sigma2=point.sigma2 * years / (years - 1))


def _moved(problem: Problem, point: Point, shift: FloatArray) -> Point:
    k, moved = len(point.b), {}
    for (name, operator), step in zip(problem.log_dets, shift[k:-1], strict=True):
        moved[name] = getattr(point, name) + float(step)
        low, high = operator.bounds
        words = {"parameter": FREE[name], "value": moved[name], "low": low, "high": high}
        refuse(UnstableError, SAYS, {"moved": not low < moved[name] < high}, **words)
    return replace(point, b=point.b + shift[:k], sigma2=point.sigma2 + float(shift[-1]), **moved)


def _dynamic_bias(problem: Problem, point: Point, specification: Specification) -> FloatArray:
    """Mean of minus the score per city effect, with a lagged outcome.

    With ``H = [(1 - tau) I - (rho + eta) W]^{-1}``: tr H / n for tau, tr WH / n for eta,
    ``(tau tr GH + eta tr GWH + tr G) / n`` for rho, tr G(lambda) / n for lambda, 1 / (2 sigma2).
    """
    spec, centred, operator = specification, problem.centred, problem.dynamic_operator
    at = point.rho, *dynamic_parameters(point, spec)
    if isinstance(operator, DenseOperator):
        traces = _traces(operator, *at, centred, spec.unit_roots)
    else:
        assert operator is not None
        refuse(SpecificationError, SAYS, {"roots": spec.unit_roots})
        traces = _traces_by_fractions(operator, *at, centred)
    h, wh, gh, gwh, g = traces
    lags = [h] * spec.time_lag + [wh] * spec.space_time_lag
    own = [at[1] * gh + at[2] * gwh + g] * ("rho" in problem.free)
    errors = problem.error_operator
    own += [] if errors is None else [float(errors.trace_g(point.lam, centred))]
    moments = np.array([*lags, *np.zeros(len(point.b) - len(lags)), *own]) / problem.units
    return np.append(moments, 1 / (2 * point.sigma2))


def warn_near_unit_roots(problem: Problem, point: Point, specification: Specification) -> None:
    """Warn where the dynamic correction divides by a root's distance from one that is small.

    A root of ``(tau I + eta W) (I - rho W)^{-1}`` above 1 - 1/n, where published software begins to
    treat it as a unit root. Silent for a sparse W, whose roots are not known.
    """
    operator = problem.dynamic_operator
    if specification.unit_roots or not isinstance(operator, DenseOperator):
        return
    tau, eta = dynamic_parameters(point, specification)
    roots = _roots(operator, point.rho, tau, eta, problem.centred)
    if beyond := int((roots > 1 - 1 / operator.n).sum()):
        words = {"n": len(roots), "units": operator.n, "largest": float(roots.max())}
        message = SAYS["near"].format(beyond=beyond, **words)
        warnings.warn(message, UnitRootWarning, stacklevel=4)


def _roots(
    operator: DenseOperator, rho: float, tau: float, eta: float, centred: bool
) -> FloatArray:
    w = operator.spectrum(centred)
    return np.asarray(np.real((tau + eta * w) / (1 - rho * w)))


def dynamic_parameters(point: Point, specification: Specification) -> tuple[float, float]:
    """Tau and eta: the first coefficients, where they are in the model."""
    tau = float(point.b[0]) if specification.time_lag else 0.0
    eta = float(point.b[int(specification.time_lag)]) if specification.space_time_lag else 0.0
    return tau, eta


def _traces(
    operator: DenseOperator, rho: float, tau: float, eta: float, centred: bool, unit_roots: bool
) -> list[float]:
    """Traces of H, WH, GH, GWH and G as sums over the spectrum."""
    w = operator.spectrum(centred)
    h = 1 / (1 - tau - (rho + eta) * w)
    if unit_roots:
        h = np.where(_roots(operator, rho, tau, eta, centred) > 1 - 1 / operator.n, 0.0, h)
    g = w / (1 - rho * w)
    return [float(np.real(values.sum())) for values in (h, w * h, g * h, g * w * h, g)]


def _traces_by_fractions(
    operator: SpatialOperator, rho: float, tau: float, eta: float, centred: bool
) -> list[float]:
    """The same from tr G at rho and at ``r = (rho + eta) / (1 - tau)``, by partial fractions."""
    a = 1 - tau
    r = (rho + eta) / a
    low, high = operator.bounds
    exists = a > 0 and low < r < high
    refuse(UnstableError, SAYS, {"apart": not exists}, r=r, low=low, high=high)
    at_r, at_rho = (float(operator.trace_g(x, centred)) for x in (r, rho))
    if abs(r - rho) > 1e-5:
        gh, gwh = (r * at_r - rho * at_rho) / (r - rho), (at_r - at_rho) / (r - rho)
    else:
        gwh = operator.traces(rho, centred)[1]
        gh = at_rho + rho * gwh
    n = operator.n - int(centred)
    return [(n + r * at_r) / a, at_r / a, gh / a, gwh / a, at_rho]
