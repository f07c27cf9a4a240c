"""Bias corrections for fixed effects: Lee and Yu (static), Yu, de Jong and Lee (dynamic).

The score of the demeaned likelihood has a mean of order one for each fixed effect it absorbed. With the
information Sigma per observation, the estimate is moved by ``Sigma^{-1} a / T`` for the city effects and
``Sigma^{-1} a / N`` for the year effects.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.errors import SpecificationError, UnitRootWarning, UnstableError
from analysis.spatial.covariance import information, invert
from analysis.spatial.likelihood import FREE, Point, Problem
from analysis.spatial.operator import DenseOperator, SpatialOperator
from analysis.spatial.specification import ESTIMATORS, Specification

FloatArray = NDArray[np.float64]


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
    years, cities = problem.y.shape
    if specification.is_dynamic:
        shift = np.zeros(len(point.b) + len(problem.log_dets) + 1)
        inverse = invert(information(problem, point) / problem.n_obs)
        if specification.has_unit_effects:
            shift += inverse @ _dynamic_bias(problem, point, specification) / years
        if specification.has_time_effects and not problem.centred:
            shift += inverse @ _time_bias(problem, point) / cities
        return _moved(problem, point, shift)
    corrected = point
    if specification.has_time_effects:
        if ESTIMATORS[specification.estimator].rescales and not specification.has_unit_effects:
            return replace(point, sigma2=point.sigma2 * cities / (cities - 1))
        inverse = invert(information(problem, point) / problem.n_obs)
        corrected = _moved(problem, point, inverse @ _time_bias(problem, point) / cities)
    if specification.has_unit_effects:
        corrected = replace(corrected, sigma2=corrected.sigma2 * years / (years - 1))
    return corrected


def _moved(problem: Problem, point: Point, shift: FloatArray) -> Point:
    k, moved = len(point.b), {}
    for (name, operator), step in zip(problem.log_dets, shift[k:-1], strict=True):
        moved[name] = getattr(point, name) + float(step)
        low, high = operator.bounds
        if not low < moved[name] < high:
            raise UnstableError(
                f"the bias correction moves {FREE[name]} to {moved[name]:.4g}, outside "
                f"({low:.4g}, {high:.4g}); use the transformation estimator, or more units or periods"
            )
    return replace(point, b=point.b + shift[:k], sigma2=point.sigma2 + float(shift[-1]), **moved)


def _time_bias(problem: Problem, point: Point) -> FloatArray:
    """Mean of minus the score per year effect; the unit eigenvalue of W carries it."""
    spatial = [1 / (1 - getattr(point, name)) for name, _ in problem.log_dets]
    return np.array([*np.zeros(len(point.b)), *spatial, 1 / (2 * point.sigma2)])


def _dynamic_bias(problem: Problem, point: Point, specification: Specification) -> FloatArray:
    """Mean of minus the score per city effect, with a lagged outcome.

    With ``H = [(1 - tau) I - (rho + eta) W]^{-1}``: tr H / n for tau, tr WH / n for eta,
    ``(tau tr GH + eta tr GWH + tr G) / n`` for rho, tr G(lambda) / n for lambda, 1 / (2 sigma2).
    """
    n, centred = problem.units, problem.centred
    tau, eta = dynamic_parameters(point, specification)
    operator = problem.dynamic_operator
    assert operator is not None
    if isinstance(operator, DenseOperator):
        traces = _traces(operator, point.rho, tau, eta, centred, specification.unit_roots)
    else:
        if specification.unit_roots:
            raise SpecificationError("unit_roots=True needs the spectrum of W; store W dense")
        traces = _traces_by_fractions(operator, point.rho, tau, eta, centred)
    k = len(point.b)
    lags = [traces["H"]] * specification.time_lag + [traces["WH"]] * specification.space_time_lag
    spatial = []
    if problem.lag_operator is not None:
        spatial.append(tau * traces["GH"] + eta * traces["GWH"] + traces["G"])
    if problem.error_operator is not None:
        spatial.append(float(problem.error_operator.trace_g(point.lam, centred)))
    moments = np.array([*lags, *np.zeros(k - len(lags)), *spatial]) / n
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
    beyond = roots > 1 - 1 / operator.n
    if beyond.any():
        warnings.warn(
            f"the bias correction divides by the distance from one of {int(beyond.sum())} of "
            f"{len(roots)} roots that lie above 1 - 1/{operator.n}; the largest is "
            f"{float(roots.max()):.4f}. Compare the fit with estimator='direct', which is not "
            "corrected, and with unit_roots=True, which leaves these roots out",
            UnitRootWarning,
            stacklevel=4,
        )


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
) -> dict[str, float]:
    """Traces of H, WH, GH, GWH and G as sums over the spectrum."""
    w = operator.spectrum(centred)
    h = 1 / (1 - tau - (rho + eta) * w)
    if unit_roots:
        h = np.where(_roots(operator, rho, tau, eta, centred) > 1 - 1 / operator.n, 0.0, h)
    g = w / (1 - rho * w)
    sums = {"H": h, "WH": w * h, "GH": g * h, "GWH": g * w * h, "G": g}
    return {name: float(np.real(values.sum())) for name, values in sums.items()}


def _traces_by_fractions(
    operator: SpatialOperator, rho: float, tau: float, eta: float, centred: bool
) -> dict[str, float]:
    """The same from tr G at rho and at ``r = (rho + eta) / (1 - tau)``, by partial fractions."""
    a = 1 - tau
    r = (rho + eta) / a
    low, high = operator.bounds
    if not (a > 0 and low < r < high):
        raise UnstableError(
            f"the dynamic correction needs (rho + eta) / (1 - tau) inside ({low:.3g}, {high:.3g}); "
            f"it is {r:.4g}"
        )
    at_r, at_rho = (float(operator.trace_g(x, centred)) for x in (r, rho))
    if abs(r - rho) > 1e-5:
        gh, gwh = (r * at_r - rho * at_rho) / (r - rho), (at_r - at_rho) / (r - rho)
    else:
        gwh = float(operator.trace_gg(rho, centred))
        gh = at_rho + rho * gwh
    n = operator.n - int(centred)
    return {"H": (n + r * at_r) / a, "WH": at_r / a, "GH": gh / a, "GWH": gwh / a, "G": at_rho}
