"""The concentrated (quasi) likelihood of the whole model family, and its maximum.

All models share one form. Let ``v = S(lambda) [S(rho) y - Z b]`` be the innovations after the effects
are removed. The stack of columns [y, W y, M y, M W y, Z, M Z] is demeaned once and compressed by
a QR decomposition; every evaluation for other rho and lambda is then small linear algebra:

    ln L = -n t/2 [ln(2 pi s2) + 1] + t (ln|S(rho)| + ln|S(lambda)|) + N ln(phi),  s2 = v'v / (n t)

With random city effects, v is split into the within part and phi times the between part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from analysis.errors import EstimationError, listed
from analysis.spatial.operator import DenseOperator, SpatialOperator

FloatArray = NDArray[np.float64]

_GRID = 64
_FLAT = 1e-9
"""Change of the mean log-likelihood over the parameter space below which it identifies nothing."""
_LEVEL = 1e-6
"""Curvature of the mean log-likelihood, parameters in widths of their intervals, taken for none."""


@dataclass(frozen=True, slots=True)
class Point:
    """Parameter values: coefficients b (K,), rho, lambda, phi, sigma2, and the log-likelihood."""

    b: FloatArray
    rho: float
    lam: float
    phi: float
    sigma2: float
    loglik: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Demeaned data and effective sample sizes of one estimation.

    Attributes
    ----------
    y, wy, my, mwy : ndarray, shape (T, N)
        The outcome and its spatial lags by W, M and MW, effects removed after lagging.
    z, mz : ndarray, shape (T, N, K)
        Regressors and their spatial lags by M (M is the matrix of the error process).
    names : tuple of str
        Labels of the K regressors.
    lag_operator, error_operator : SpatialOperator or None
        None where rho or lambda is fixed at zero.
    dynamic_operator : SpatialOperator or None
        The matrix of the lagged outcome; None in static models.
    units, periods : int
        Effective n and t: N or N - 1 cities, T or T - 1 years.
    centred : bool
        Whether the unit eigenvalue is left out of the log-determinants.
    random : bool
        Whether city effects are random.
    """

    y: FloatArray
    wy: FloatArray
    my: FloatArray
    mwy: FloatArray
    z: FloatArray
    mz: FloatArray
    names: tuple[str, ...]
    lag_operator: SpatialOperator | None
    error_operator: SpatialOperator | None
    dynamic_operator: SpatialOperator | None
    units: int
    periods: int
    centred: bool
    random: bool

    @property
    def n_obs(self) -> int:
        """Effective number of observations n t."""
        return self.units * self.periods

    def innovations(self, point: Point) -> FloatArray:
        """v at a point, shape (T, N); with random effects, quasi-demeaned."""
        b, rho, lam = point.b, point.rho, point.lam
        v = self.y - rho * self.wy - lam * self.my + rho * lam * self.mwy
        v = v - (self.z - lam * self.mz) @ b
        if self.random:
            v = v - (1 - point.phi) * v.mean(axis=0, keepdims=True)
        return v

    def filtered(self, lam: float, phi: float) -> FloatArray:
        """S(lambda) Z, quasi-demeaned with random effects, shape (T, N, K)."""
        z = self.z - lam * self.mz
        if self.random:
            z = z - (1 - phi) * z.mean(axis=0, keepdims=True)
        return z


class _Profile(NamedTuple):
    """Concentrated coefficients, v'v, v'(-dv/drho), v'(-dv/dlambda), and the between part of v'v."""

    b: FloatArray
    ssr: float
    by_rho: float
    by_lam: float
    between: float


class _Compressed:
    """Small sufficient statistics of a problem: triangular factors of the stacked columns."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        columns = np.concatenate(
            [
                np.stack([problem.y, problem.wy, problem.my, problem.mwy], axis=-1),
                problem.z,
                problem.mz,
            ],
            axis=-1,
        )
        self.k = problem.z.shape[-1]
        self.parts: list[FloatArray] = []
        self._last: tuple[tuple[float, float], tuple[FloatArray, FloatArray, FloatArray]] | None
        self._last = None
        if problem.random:
            between = columns.mean(axis=0)
            self.parts.append(_triangle((columns - between).reshape(-1, columns.shape[-1])))
            self.parts.append(_triangle(between * np.sqrt(len(columns))))
        else:
            self.parts.append(_triangle(columns.reshape(-1, columns.shape[-1])))

    def _project(self, lam: float, phi: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Stack, coefficients and residuals of y and W y (both S(lambda)-filtered) on Z."""
        if self._last is not None and self._last[0] == (lam, phi):
            return self._last[1]
        k = self.k
        scales = (1.0,) if len(self.parts) == 1 else (1.0, phi)
        stack = np.concatenate([s * part for s, part in zip(scales, self.parts, strict=True)])
        targets = stack[:, :2] - lam * stack[:, 2:4]
        z = stack[:, 4 : 4 + k] - lam * stack[:, 4 + k :]
        q, r = np.linalg.qr(z)
        b = np.linalg.solve(r, q.T @ targets)
        self._last = ((lam, phi), (stack, b, targets - q @ (q.T @ targets)))
        return self._last[1]

    def profile(self, rho: float, lam: float, phi: float) -> _Profile:
        """Concentrate the coefficients out."""
        stack, b_both, v_both = self._project(lam, phi)
        combine = np.array([1.0, -rho])
        b, v = b_both @ combine, v_both @ combine
        by_rho = stack[:, 1] - lam * stack[:, 3]
        by_lam = stack[:, 2] - rho * stack[:, 3] - stack[:, 4 + self.k :] @ b
        between = v[len(self.parts[0]) :] if len(self.parts) == 2 else np.zeros(1)
        return _Profile(
            b, float(v @ v), float(v @ by_rho), float(v @ by_lam), float(between @ between)
        )

    def ssr_over(self, rhos: FloatArray, lam: float, phi: float) -> FloatArray:
        """Sums of squares at many rho."""
        _, _, v = self._project(lam, phi)
        gram = v.T @ v
        return gram[0, 0] - 2 * rhos * gram[0, 1] + rhos**2 * gram[1, 1]


def _triangle(columns: FloatArray) -> FloatArray:
    scale = np.sqrt((columns**2).sum(axis=0))
    scale[scale == 0] = 1.0
    return linalg.qr(columns / scale, mode="r", check_finite=False)[0][: columns.shape[1]] * scale


def maximise(problem: Problem) -> Point:
    """Maximise the concentrated likelihood.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Point

    Raises
    ------
    EstimationError
        If the maximum lies on the boundary of the parameter space.
    """
    small = _Compressed(problem)
    likelihood = _Likelihood(problem, small)
    if problem.random:
        return likelihood.point(*_maximise_jointly(likelihood))
    if problem.lag_operator is not None and problem.error_operator is not None:
        return likelihood.point(*_maximise_jointly(likelihood))
    if problem.lag_operator is not None:
        return likelihood.point(_maximise_one(likelihood, "rho"), 0.0, 1.0)
    if problem.error_operator is not None:
        return likelihood.point(0.0, _maximise_one(likelihood, "lam"), 1.0)
    return likelihood.point(0.0, 0.0, 1.0)


class _Likelihood:
    """Value and gradient of the concentrated log-likelihood in (rho, lambda, phi)."""

    def __init__(self, problem: Problem, small: _Compressed) -> None:
        self.problem = problem
        self.small = small

    def point(self, rho: float, lam: float, phi: float) -> Point:
        found = self.small.profile(rho, lam, phi)
        value = self._value(found.ssr, rho, lam, phi)
        return Point(found.b, rho, lam, phi, found.ssr / self.problem.n_obs, value)

    def _value(self, ssr: float, rho: float, lam: float, phi: float) -> float:
        p = self.problem
        value = -p.n_obs / 2 * (np.log(2 * np.pi * ssr / p.n_obs) + 1)
        if p.lag_operator is not None:
            value += p.periods * p.lag_operator.log_det(rho, p.centred)
        if p.error_operator is not None:
            value += p.periods * p.error_operator.log_det(lam, p.centred)
        if p.random:
            value += p.units * np.log(phi)
        return float(value)

    def value(self, rho: float, lam: float, phi: float) -> float:
        return self._value(self.small.profile(rho, lam, phi).ssr, rho, lam, phi)

    def gradient(self, rho: float, lam: float, phi: float) -> FloatArray:
        p = self.problem
        found = self.small.profile(rho, lam, phi)
        scale = p.n_obs / found.ssr
        out = np.zeros(3)
        if p.lag_operator is not None:
            out[0] = scale * found.by_rho - p.periods * p.lag_operator.trace_g(rho, p.centred)
        if p.error_operator is not None:
            out[1] = scale * found.by_lam - p.periods * p.error_operator.trace_g(lam, p.centred)
        if p.random:
            out[2] = p.units / phi - scale * found.between / phi
        return out


def _interval(operator: SpatialOperator, centred: bool) -> tuple[float, float]:
    low, high = operator.bounds
    margin = 1e-6 * (high - low)
    return low + margin, high - margin


def _maximise_one(likelihood: _Likelihood, which: str) -> float:
    """Bracket the maximum on a grid, then find the root of the score: exact to rounding."""
    problem = likelihood.problem
    operator = problem.lag_operator if which == "rho" else problem.error_operator
    assert operator is not None
    low, high = _interval(operator, problem.centred)

    def arguments(r: float) -> tuple[float, float, float]:
        return (r, 0.0, 1.0) if which == "rho" else (0.0, r, 1.0)

    position = 0 if which == "rho" else 1
    if isinstance(operator, DenseOperator):
        grid = (low + high) / 2 - (high - low) / 2 * np.cos(np.linspace(0, np.pi, _GRID))
        log_dets = problem.periods * operator.log_dets(grid, problem.centred)
        if which == "rho":
            ssr = likelihood.small.ssr_over(grid, 0.0, 1.0)
        else:
            ssr = np.array([likelihood.small.profile(*arguments(r)).ssr for r in grid])
        values = log_dets - problem.n_obs / 2 * np.log(ssr)
        best = int(np.argmax(values))
        left, right = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
        _refuse_flat(values[_GRID // 8 : -_GRID // 8], problem, _SYMBOLS[position])
    else:
        found = optimize.minimize_scalar(
            lambda r: -likelihood.value(*arguments(r)),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-4},
        )
        left, right = max(found.x - 1e-3, low), min(found.x + 1e-3, high)

    def score(r: float) -> float:
        return float(likelihood.gradient(*arguments(r))[position])

    if not (score(left) > 0 > score(right)):
        symbol = _SYMBOLS[position]
        raise EstimationError(
            f"the likelihood has no interior maximum in {symbol}: it still rises at the edge of "
            f"({low:.4g}, {high:.4g}). The panel does not identify {symbol}; "
            "try another W, fewer spatially lagged regressors or more periods"
        )
    return float(optimize.brentq(score, left, right, xtol=1e-15, rtol=4 * np.finfo(float).eps))


_SYMBOLS = ("rho", "lambda", "phi")


def _refuse_flat(values: FloatArray, problem: Problem, symbols: str) -> None:
    """Refuse a likelihood that takes one value over the whole parameter space."""
    if np.ptp(values) < _FLAT * problem.n_obs:
        raise EstimationError(
            f"the likelihood does not depend on {symbols}: on these data W y says nothing that the "
            "effects have not said, as where each unit has all others as equal neighbours; try "
            "another W, or other effects"
        )


def _all_three(free: list[int], values: FloatArray) -> tuple[float, float, float]:
    """Rho, lambda and phi where some are free."""
    full = [0.0, 0.0, 1.0]
    for position, value in zip(free, values, strict=True):
        full[position] = float(value)
    return full[0], full[1], full[2]


def _maximise_jointly(likelihood: _Likelihood) -> tuple[float, float, float]:
    """Maximise over two or three of (rho, lambda, phi) from several starts, then polish the score."""
    problem = likelihood.problem
    free: list[int] = []
    bounds: list[tuple[float, float]] = []
    starts: list[list[float]] = []
    for position, operator in enumerate((problem.lag_operator, problem.error_operator)):
        if operator is not None:
            free.append(position)
            bounds.append(_interval(operator, problem.centred))
            starts.append([-0.3, 0.1, 0.5])
    if problem.random:
        free.append(2)
        bounds.append((1e-6, 1.0))
        starts.append([0.1, 0.6])

    if not free:
        return _all_three(free, np.empty(0))
    best: optimize.OptimizeResult | None = None
    values: list[float] = []
    for start in np.stack(np.meshgrid(*starts, indexing="ij"), axis=-1).reshape(-1, len(free)):
        found = optimize.minimize(
            lambda x: -likelihood.value(*_all_three(free, x)) / problem.n_obs,
            start,
            jac=lambda x: -likelihood.gradient(*_all_three(free, x))[free] / problem.n_obs,
            bounds=bounds,
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 500},
        )
        values += [
            likelihood.value(*_all_three(free, start)),
            likelihood.value(*_all_three(free, found.x)),
        ]
        if best is None or found.fun < best.fun - 1e-12:
            best = found
    assert best is not None
    _refuse_flat(np.array(values), problem, listed(_SYMBOLS[position] for position in free))
    at_edge = [
        position
        for position, value, (low, high) in zip(free, best.x, bounds, strict=True)
        if min(value - low, high - value) < 1e-7 * (high - low)
    ]
    return _polished(likelihood, best.x, free, bounds, at_edge)


def _polished(
    likelihood: _Likelihood,
    found: FloatArray,
    free: list[int],
    bounds: list[tuple[float, float]],
    at_edge: list[int],
) -> tuple[float, float, float]:
    """Make the score exactly zero, or refuse a maximum that is at an edge or level."""
    problem, optimum = likelihood.problem, np.array(found)
    inside = np.ones(len(free), dtype=bool)
    if 2 in at_edge and optimum[-1] > 0.5:
        # No variance between cities: phi = 1 is the pooled model, a legitimate boundary.
        at_edge.remove(2)
        optimum[-1], inside[-1] = 1.0, False
    if at_edge:
        names = listed(_SYMBOLS[position] for position in at_edge)
        raise EstimationError(
            f"the likelihood has no interior maximum in {names}; the panel does not identify it. "
            "Try another W or a simpler model"
        )
    if not inside.any():
        return _all_three(free, optimum)

    def score(x: FloatArray) -> FloatArray:
        moved = optimum.copy()
        moved[inside] = x
        return likelihood.gradient(*_all_three(free, moved))[free][inside] / problem.n_obs

    polished = optimize.root(score, optimum[inside], tol=1e-14)
    if np.abs(polished.x - optimum[inside]).max() < 1e-4:
        optimum[inside] = polished.x
    widths = np.array([high - low for low, high in bounds])[inside]
    _refuse_ridge(score, optimum[inside], widths, [_SYMBOLS[p] for p in np.array(free)[inside]])
    return _all_three(free, optimum)


def _refuse_ridge(
    score: Callable[[FloatArray], FloatArray],
    optimum: FloatArray,
    widths: FloatArray,
    symbols: list[str],
) -> None:
    """Refuse an optimum that is level in some direction, parameters in widths of their intervals."""
    steps = 1e-4 * np.diag(widths)
    curvature = widths * [(score(optimum + h) - score(optimum - h)) / 2e-4 for h in steps]
    last = len(widths) - 1
    worst, direction = linalg.eigh((curvature + curvature.T) / 2, subset_by_index=[last, last])
    if worst[0] > -_LEVEL:
        level = [s for s, share in zip(symbols, direction[:, 0], strict=True) if abs(share) > 0.1]
        raise EstimationError(
            f"the likelihood is level in {listed(level)} at its maximum; the panel does not tell "
            "them apart. Try another W or a simpler model"
        )
