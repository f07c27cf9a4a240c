"""The concentrated (quasi) likelihood of the whole model family, and its maximum.

All models share one form. Let ``v = S(lambda) [S(rho) y - Z b]`` be the innovations after the effects
are removed. The stack of columns [Z, y, W y, M Z, M y, M W y] is demeaned once and compressed by
a QR decomposition; every evaluation for other rho and lambda is then small linear algebra:

    ln L = -n t/2 [ln(2 pi s2) + 1] + t (ln|S(rho)| + ln|S(lambda)|) + N ln(phi),  s2 = v'v / (n t)

With random city effects, v is split into the within part and phi times the between part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EstimationError, listed
from analysis.spatial.operator import SpatialOperator

FloatArray = NDArray[np.float64]

FREE = {"rho": "rho", "lam": "lambda", "phi": "phi"}
"""Parameters that the likelihood is searched over, and what they are called."""
_NODES = [(1 - np.cos(np.linspace(0, np.pi, nodes + 2)[1:-1])) / 2 for nodes in (40, 11, 7)]
"""Nodes of the first look along each of one, two or three free parameters, as shares."""
_STEP = 5e-7
"""Of the score's differences, in widths of the parameters' intervals: inside their margins."""
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
        Regressors and their spatial lags by M, the matrix of the error process. What is lagged by M
        is zero where lambda is.
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

    @cached_property
    def free(self) -> list[str]:
        """Which of rho, lam and phi are free."""
        there = self.lag_operator is not None, self.error_operator is not None, self.random
        return [name for name, is_free in zip(FREE, there, strict=True) if is_free]

    @cached_property
    def log_dets(self) -> list[tuple[str, SpatialOperator]]:
        """The log-determinants in the likelihood: by which parameter, of which matrix."""
        both = ("rho", self.lag_operator), ("lam", self.error_operator)
        return [(name, operator) for name, operator in both if operator is not None]

    def innovations(self, point: Point) -> FloatArray:
        """v at a point, shape (T, N); with random effects, quasi-demeaned."""
        rho, lam = point.rho, point.lam
        v = self.y - rho * self.wy
        if self.error_operator is not None:
            v = v - lam * (self.my - rho * self.mwy)
        return self.quasi(v, point.phi) - self.filtered(lam, point.phi) @ point.b

    def filtered(self, lam: float, phi: float) -> FloatArray:
        """S(lambda) Z, quasi-demeaned with random effects, shape (T, N, K)."""
        return self.quasi(self.z if self.error_operator is None else self.z - lam * self.mz, phi)

    def quasi(self, values: FloatArray, phi: float) -> FloatArray:
        """Values less the share of their means over time that random effects take."""
        return values - (1 - phi) * values.mean(axis=0) if self.random else values

    @cached_property
    def triangles(self) -> list[FloatArray]:
        """Triangular factors of [Z, y, W y] and, with lambda, their lags by M.

        One, or with random effects one of the part within units and one of the part between.
        """
        parts = [self.z, self.y[..., None], self.wy[..., None]]
        if self.error_operator is not None:
            parts += [self.mz, self.my[..., None], self.mwy[..., None]]
        columns = np.concatenate(parts, axis=-1)
        if not self.random:
            return [_triangle(columns)]
        between = columns.mean(axis=0)
        return [_triangle(columns - between), _triangle(between * np.sqrt(len(columns)))]


def _triangle(columns: FloatArray) -> FloatArray:
    rows = columns.reshape(-1, columns.shape[-1])
    scale = np.sqrt(np.einsum("ij,ij->j", rows, rows))
    scale[scale == 0] = 1.0
    return np.linalg.qr(rows / scale, mode="r") * scale


class Likelihood:
    """The concentrated log-likelihood at many points (rho, lambda, phi) at once, shape (M, 3)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._last: tuple[bytes, tuple[FloatArray, FloatArray, FloatArray]] = (b"", ())  # type: ignore[assignment]

    def _projected(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Stack, and coefficients and residuals of y and W y, filtered, on Z; shapes (M, ., .)."""
        p, k = self.problem, self.problem.z.shape[-1]
        if p.free in ([], ["rho"]):  # neither filters
            theta = theta[:1]
        key = theta[:, 1:].tobytes()
        if key != self._last[0]:
            lam, phi = theta[:, 1, None, None], theta[:, 2, None, None]
            within, *between = p.triangles
            stack = np.repeat(within[None], len(theta), axis=0)
            if between:
                stack = np.concatenate([stack, phi * between[0]], axis=1)
            both = stack
            if p.error_operator is not None:
                both = stack[..., : k + 2] - lam * stack[..., k + 2 :]
            z, targets = both[..., :k], both[..., k:]
            q, r = np.linalg.qr(z)
            across = q.swapaxes(1, 2) @ targets
            found = stack, np.linalg.solve(r, across), targets - q @ across
            self._last = (key, found)
        return self._last[1]

    def _at(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Stack, coefficients (M, K) and residuals (M, m)."""
        stack, b, v = self._projected(theta)
        rho = theta[:, :1]
        return stack, b[..., 0] - rho * b[..., 1], v[..., 0] - rho * v[..., 1]

    def value(self, theta: FloatArray, rough: bool = False) -> FloatArray:
        """Log-likelihood at each point; `rough` takes log-determinants for a first look."""
        p, (_, _, v) = self.problem, self._at(theta)
        value = -p.n_obs / 2 * (np.log(2 * np.pi / p.n_obs * (v * v).sum(axis=1)) + 1)
        for name, operator in p.log_dets:
            log_det = operator.rough_log_det if rough else operator.log_det
            value = value + p.periods * log_det(theta[:, list(FREE).index(name)], p.centred)
        return value + p.units * np.log(theta[:, 2]) if p.random else value

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Derivatives in the free parameters, (M, F)."""
        p, (stack, b, v) = self.problem, self._at(theta)
        k, scale = b.shape[1], p.n_obs / (v * v).sum(axis=1)
        rho, lam, phi = theta.T[..., None]
        by = {}
        if "rho" in p.free:
            column = stack[..., k + 1] - (lam * stack[..., -1] if "lam" in p.free else 0.0)
            by["rho"] = scale * (v * column).sum(axis=1)
        if "lam" in p.free:
            own = (stack[..., k + 2 : -2] @ b[..., None])[..., 0]
            by["lam"] = scale * (v * (stack[..., -2] - rho * stack[..., -1] - own)).sum(axis=1)
        if p.random:
            between = v[:, len(p.triangles[0]) :]
            by["phi"] = (p.units - scale * (between**2).sum(axis=1)) / phi[:, 0]
        for name, operator in p.log_dets:
            traces = operator.trace_g(theta[:, list(FREE).index(name)], p.centred)
            by[name] = by[name] - p.periods * traces
        return np.stack(list(by.values()), axis=1)

    def point(self, theta: FloatArray) -> Point:
        """Everything at one point."""
        _, b, v = self._at(theta[None])
        rho, lam, phi = theta.tolist()
        sigma2 = float(v[0] @ v[0]) / self.problem.n_obs
        return Point(b[0], rho, lam, phi, sigma2, float(self.value(theta[None])[0]))


def maximise(problem: Problem) -> Point:
    """Maximise the concentrated likelihood.

    A first look at a grid finds the hills, Newton's method their tops.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Point

    Raises
    ------
    EstimationError
        If the maximum lies on the boundary of the parameter space, or is no single point.
    """
    likelihood, free = Likelihood(problem), problem.free
    theta = np.array([0.0, 0.0, 1.0])
    if not free:
        return likelihood.point(theta)
    search = _Search(likelihood)
    tops = [search.climb(start) for start in search.starts()]
    top = max(tops, key=lambda top: search.value(top[0])) if len(tops) > 1 else tops[0]
    search.refuse(*top)
    theta[search.places] = top[0]
    return likelihood.point(theta)


class _Search:
    """Maximisation over the free parameters inside their intervals."""

    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        problem = self.problem = likelihood.problem
        self.places = [list(FREE).index(name) for name in problem.free]
        intervals = [operator.bounds for _, operator in problem.log_dets]
        low, high = np.array(intervals + [(0.0, 1.0)] * problem.random).T
        self.width = high - low
        self.low, self.high = low + 1e-6 * self.width, high - 1e-6 * self.width
        if problem.random:  # no variance between units: a legitimate boundary
            self.high[-1] = 1.0

    def _full(self, points: FloatArray) -> FloatArray:
        full = np.zeros((len(points), 3))
        full[:, 2] = 1.0
        full[:, self.places] = points
        return full

    def value(self, point: FloatArray) -> float:
        return float(self.likelihood.value(self._full(point[None]))[0])

    def starts(self) -> FloatArray:
        """Nodes of a grid that are higher than the nodes beside them."""
        count = len(self.places)
        share = _NODES[count - 1]
        nodes = len(share)
        lines = [a + (b - a) * share for a, b in zip(self.low, self.high, strict=True)]
        points = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, count)
        values = self.likelihood.value(self._full(points), rough=True).reshape([nodes] * count)
        edge = max(nodes // 8, 1)
        if np.ptp(values[(slice(edge, -edge),) * count]) < _FLAT * self.problem.n_obs:
            raise EstimationError(
                f"the likelihood does not depend on {self._symbols(range(count))}: on these data W y "
                "says nothing that the effects have not said, as where each unit has all others as "
                "equal neighbours; try another W, or other effects"
            )
        hills = np.ones_like(values, dtype=bool)
        for axis in range(count):
            ahead = np.diff(values, axis=axis) > 0
            first, last = (np.zeros_like(np.take(ahead, [0], axis)) for _ in range(2))
            hills &= ~np.concatenate([ahead, last], axis) & ~np.concatenate([first, ~ahead], axis)
        return points[hills.ravel()]

    def climb(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Top, score and curvature there by Newton's method, uphill also where the curvature says down."""
        for _ in range(60):
            found = self._derivatives(x)
            score, curvature = (values.copy() for values in found)
            outward = np.where(x <= self.low, score < 0, (x >= self.high) & (score > 0))
            score[outward] = 0.0
            curvature[outward], curvature[:, outward] = 0.0, 0.0
            sizes, axes = _axes(curvature)
            sizes = np.maximum(np.abs(sizes), _LEVEL * self.problem.n_obs)
            step = axes @ (axes.T @ score / sizes) * self.width
            reach = np.abs(step / self.width).max()
            if reach > 0.02:  # not yet where the quadratic holds
                shares = 0.5 ** np.arange(8)[:, None]
                tried = np.clip(x + shares * step, self.low, self.high)
                x = tried[np.argmax(self.likelihood.value(self._full(tried), rough=True))]
                continue
            x = np.clip(x + step, self.low, self.high)
            if reach < 3e-7:  # and so its square from the top
                break
        return x, *found

    def _derivatives(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and curvature, parameters in widths of their intervals."""
        steps = _STEP * np.diag(self.width)
        found = self.likelihood.gradient(self._full(np.vstack([x, x + steps, x - steps])))
        count = len(x)
        curvature = (found[1 : count + 1] - found[count + 1 :]) * self.width / (2 * _STEP)
        return found[0] * self.width, (curvature + curvature.T) / 2

    def refuse(self, top: FloatArray, score: FloatArray, curvature: FloatArray) -> None:
        """Refuse a top that is at an edge or level in some direction."""
        n_obs = self.problem.n_obs
        near = np.minimum(top - self.low, self.high - top) < 1e-7 * self.width
        pooled = (np.array(self.places) == 2) & (top == self.high)
        edge = near & ~pooled & (np.abs(score) > _LEVEL * n_obs)
        if edge.any():
            raise EstimationError(
                f"the likelihood has no interior maximum in {self._symbols(edge)}: it still rises at "
                "the edge of the parameter space. The panel does not identify it; try another W, a "
                "simpler model, fewer spatially lagged regressors or more periods"
            )
        inside = np.flatnonzero(~pooled)
        worst, directions = _axes(curvature[np.ix_(inside, inside)] / n_obs)
        if inside.size and worst[-1] > -_LEVEL:
            level = inside[np.abs(directions[:, -1]) > 0.1]
            raise EstimationError(
                f"the likelihood is level in {self._symbols(level)} at its maximum; the panel does "
                "not tell them apart. Try another W or a simpler model"
            )

    def _symbols(self, which: object) -> str:
        return listed(np.array([FREE[name] for name in self.problem.free])[which])  # type: ignore[call-overload]


def _axes(curvature: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and vectors, at no cost where there is one parameter."""
    return (curvature[0], np.ones((1, 1))) if len(curvature) == 1 else np.linalg.eigh(curvature)
