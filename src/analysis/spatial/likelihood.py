"""The concentrated (quasi) likelihood of the whole model family, and its maximum.

All models share one form. Let ``v = S(lambda) [S(rho) y - Z b]`` be the innovations after the effects
are removed. The stack of columns [Z, y, W y, M Z, M y, M W y] is demeaned once and compressed by
a QR decomposition; every evaluation for other rho and lambda is then small linear algebra:

    ln L = -n t/2 [ln(2 pi s2) + 1] + t (ln|S(rho)| + ln|S(lambda)|) + N ln(phi),  s2 = v'v / (n t)

With random city effects, v is split into the within part and phi times the between part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from analysis.errors import EstimationError
from analysis.panel import FloatArray
from analysis.resources import declared, refuse
from analysis.spatial.operator import SpatialOperator

SAYS = declared("analysis.spatial", "refusals.toml")["likelihood"]
FREE = {"rho": "rho", "lam": "lambda", "phi": "phi"}
"""Parameters that the likelihood is searched over, and what they are called."""
_PLACE = {name: place for place, name in enumerate(FREE)}
_GRIDS = [
    np.stack(np.meshgrid(*[(1 - np.cos(np.arange(1, n + 1) * np.pi / (n + 1))) / 2] * count), -1)
    for count, n in enumerate((40, 11, 7), start=1)
]
"""Nodes of the first look along each of one, two or three parameters, as shares of the intervals."""
_NONE = np.array([0.0, 0.0, 1.0])  # parameters of a model without any
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
    columns : ndarray, shape (T, N, K + 2)
        Regressors, the outcome and its spatial lag by W, effects removed after lagging.
    lagged : ndarray, shape (T, N, K + 2)
        Their spatial lags by M, the matrix of the error process; of no account where lambda is zero.
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

    columns: FloatArray
    lagged: FloatArray
    names: tuple[str, ...]
    lag_operator: SpatialOperator | None
    error_operator: SpatialOperator | None
    dynamic_operator: SpatialOperator | None
    units: int
    periods: int
    centred: bool
    random: bool

    @property
    def z(self) -> FloatArray:
        """Regressors, shape (T, N, K)."""
        return self.columns[..., :-2]

    @property
    def y(self) -> FloatArray:
        """Outcome, shape (T, N)."""
        return self.columns[..., -2]

    def taking(self, kept: list[int]) -> Problem:
        """The same problem with some of the regressors."""
        columns, lagged = (part[..., [*kept, -2, -1]] for part in (self.columns, self.lagged))
        names = tuple(self.names[i] for i in kept)
        return replace(self, columns=columns, lagged=lagged, names=names)

    @property
    def n_obs(self) -> int:
        """Effective number of observations n t."""
        return self.units * self.periods

    @cached_property
    def free(self) -> list[str]:
        """Which of rho, lam and phi are free."""
        return [name for name, _ in self.log_dets] + ["phi"] * self.random

    @cached_property
    def log_dets(self) -> list[tuple[str, SpatialOperator]]:
        """The log-determinants in the likelihood: by which parameter, of which matrix."""
        both = ("rho", self.lag_operator), ("lam", self.error_operator)
        return [(name, operator) for name, operator in both if operator is not None]

    def innovations(self, point: Point) -> FloatArray:
        """v at a point, shape (T, N); with random effects, quasi-demeaned."""
        columns = self.filtered(point.lam, point.phi)
        return columns[..., -2] - point.rho * columns[..., -1] - columns[..., :-2] @ point.b

    def filtered(self, lam: float, phi: float) -> FloatArray:
        """The columns filtered by S(lambda), quasi-demeaned with random effects."""
        columns = self.columns
        return self.quasi(columns - lam * self.lagged if self.error_operator else columns, phi)

    def quasi(self, values: FloatArray, phi: float) -> FloatArray:
        """Values less the share of their means over time that random effects take."""
        return values - (1 - phi) * values.mean(axis=0) if self.random else values

    @cached_property
    def triangles(self) -> list[FloatArray]:
        """Triangular factors of the columns and, with lambda, their lags by M.

        One, or with random effects one of the part within units and one of the part between.
        """
        both = [self.columns, self.lagged]
        columns = np.concatenate(both, axis=-1) if self.error_operator else self.columns
        if not self.random:
            return [_triangle(columns)]
        between = columns.mean(axis=0)
        return [_triangle(columns - between), _triangle(between * np.sqrt(len(columns)))]


def _triangle(columns: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.qr(columns.reshape(-1, columns.shape[-1]), mode="r"))


class Likelihood:
    """The concentrated log-likelihood at many points (rho, lambda, phi) at once, shape (M, 3)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.plain = problem.error_operator is None and not problem.random  # nothing filters
        self._last: tuple[bytes, Any] = (b"", ())

    def _projected(self, theta: FloatArray) -> Any:
        """Stack, and coefficients and residuals of y and W y, filtered, on Z; shapes (M, ., .)."""
        p, k = self.problem, len(self.problem.names)
        key = b"plain" if self.plain else theta[:, 1:].tobytes()
        if key != self._last[0]:
            within, *between = p.triangles
            if self.plain:
                b = np.linalg.solve(within[:k, :k], within[:k, k:])
                self._last = key, (within[None], b[None], within[None, k:, k:])
                return self._last[1]
            lam, phi = theta[:, 1, None, None], theta[:, 2, None, None]
            stack = np.repeat(within[None], len(theta), axis=0)
            if between:
                stack = np.concatenate([stack, phi * between[0]], axis=1)
            both = stack[..., : k + 2]
            if p.error_operator is not None:
                both = both - lam * stack[..., k + 2 :]
            z, targets = both[..., :k], both[..., k:]
            q, r = np.linalg.qr(z)
            across = q.swapaxes(1, 2) @ targets
            self._last = key, (stack, np.linalg.solve(r, across), targets - q @ across)
        return self._last[1]

    def value(self, theta: FloatArray, rough: bool = False) -> FloatArray:
        """Log-likelihood at each point; `rough` takes log-determinants for a first look."""
        p, e = self.problem, self._projected(theta)[2]
        v = e[..., 0] - theta[:, :1] * e[..., 1]
        value = -p.n_obs / 2 * (np.log(2 * np.pi / p.n_obs * (v * v).sum(axis=1)) + 1)
        for name, operator in p.log_dets:
            log_det = operator.rough_log_det if rough else operator.log_det
            value = value + p.periods * log_det(theta[:, _PLACE[name]], p.centred)
        return value + p.units * np.log(theta[:, 2]) if p.random else value

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Derivatives in the free parameters, (M, F)."""
        p, (stack, b, e) = self.problem, self._projected(theta)
        rho, k = theta[:, :1], len(p.names)
        v = e[..., 0] - rho * e[..., 1]
        scale = p.n_obs / (v * v).sum(axis=1)
        by = {"rho": scale * (v * e[..., 1]).sum(axis=1)}
        if p.error_operator is not None:
            own = (stack[..., k + 2 : -2] @ (b[..., :1] - rho[..., None] * b[..., 1:]))[..., 0]
            by["lam"] = scale * (v * (stack[..., -2] - rho * stack[..., -1] - own)).sum(axis=1)
        if p.random:
            between = v[:, len(p.triangles[0]) :]
            by["phi"] = (p.units - scale * (between**2).sum(axis=1)) / theta[:, 2]
        for name, operator in p.log_dets:
            by[name] = by[name] - p.periods * operator.trace_g(theta[:, _PLACE[name]], p.centred)
        return np.stack([by[name] for name in p.free], axis=1)

    def point(self, theta: FloatArray) -> Point:
        """Everything at one point."""
        _, b, e = self._projected(theta[None])
        rho, lam, phi = theta.tolist()
        v = e[0, :, 0] - rho * e[0, :, 1]
        sigma2 = float(v @ v) / self.problem.n_obs
        loglik = float(self.value(theta[None])[0])
        return Point(b[0, :, 0] - rho * b[0, :, 1], rho, lam, phi, sigma2, loglik)


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
    if not problem.free:
        return Likelihood(problem).point(_NONE)
    search = _Search(problem)
    tops = [search.climb(start) for start in search.starts()]
    heights = search.value(search.full(np.stack([top[0] for top in tops]))) if tops[1:] else [0]
    top = tops[np.argmax(heights)]
    search.check(*top)
    return search.point(search.full(top[0][None])[0])


class _Search(Likelihood):
    """Maximisation over the free parameters inside their intervals."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.places = [_PLACE[name] for name in problem.free]
        self.single = len(problem.log_dets) == 1 and not problem.random  # nothing else is free
        intervals = [operator.bounds for _, operator in problem.log_dets]
        low, high = np.array(intervals + [(0.0, 1.0)] * problem.random).T
        self.width = high - low
        self.low, self.high = low + 1e-6 * self.width, high - 1e-6 * self.width
        if problem.random:  # no variance between units: a legitimate boundary
            self.high[-1] = 1.0

    def full(self, points: FloatArray) -> FloatArray:
        full = np.zeros((len(points), 3)) + _NONE
        full[:, self.places] = points
        return full

    def starts(self) -> FloatArray:
        """Nodes of a grid that are no lower than the nodes beside them."""
        count = len(self.places)
        grid = _GRIDS[count - 1]
        points = self.low + (self.high - self.low) * grid.reshape(-1, count)
        values = self.value(self.full(points), rough=True).reshape(grid.shape[:-1])
        edge = max(len(grid) // 8, 1)
        if np.ptp(values[(slice(edge, -edge),) * count]) < _FLAT * self.problem.n_obs:
            self._refuse("flat", [True] * count)
        hills = np.ones(values.shape, dtype=bool)
        for axis in range(count):
            along, hill = values.swapaxes(0, axis), hills.swapaxes(0, axis)
            hill[1:] &= along[1:] >= along[:-1]
            hill[:-1] &= along[:-1] >= along[1:]
        return points[hills.ravel()]

    def climb(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Top, score and curvature there by Newton's method, uphill also where the curvature says down."""
        if self.single and (top := self._glide(float(x[0]))):
            return top
        for _ in range(60):
            score, curvature = found = self._derivatives(x)
            outward = np.where(x <= self.low, score < 0, (x >= self.high) & (score > 0))
            if outward.any():
                score = np.where(outward, 0.0, score)
                curvature = np.where(outward | outward[:, None], 0.0, curvature)
            sizes, axes = _axes(curvature)
            sizes = np.maximum(np.abs(sizes), _LEVEL * self.problem.n_obs)
            step = axes @ (axes.T @ score / sizes) * self.width
            reach = np.abs(step / self.width).max()
            if reach > 0.02:  # not yet where the quadratic holds
                shares = 0.5 ** np.arange(8)[:, None]
                tried = np.clip(x + shares * step, self.low, self.high)
                x = tried[np.argmax(self.value(self.full(tried), rough=True))]
                continue
            x = np.clip(x + step, self.low, self.high)
            if reach < 3e-7:  # and so its square from the top
                break
        return x, *found

    def _glide(self, x: float) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """The same for one parameter alone where plain steps arrive, else nothing."""
        low, high, width = (float(end[0]) for end in (self.low, self.high, self.width))
        for _ in range(6):
            score, curvature = self._slopes(x)
            step = -score / curvature if curvature < 0 else np.inf
            if abs(step) > 0.1 * width or not low < x + step < high:
                return None
            x += step
            if abs(step) < 3e-7 * width:  # and so its square from the top
                top, slope, bend = np.array([x, score * width, curvature * width**2])[:, None]
                return top, slope, bend[None]
        return None

    def _slopes(self, x: float) -> tuple[float, float]:
        """First and second derivative in the one parameter, rho or lambda."""
        p, ((_, operator),) = self.problem, self.problem.log_dets
        stack, b, e = (part[0] for part in self._projected(self.full(np.array([[x]]))))
        if self.plain:
            u = e[:, 1]
            v = e[:, 0] - x * u
            bent = u @ u
        else:
            (z, y), v = np.split(stack[:, len(p.names) + 2 : -1], [-1], axis=1), e[:, 0]
            u = y[:, 0] - z @ b[:, 0]  # v moves by minus this, and by Z times what b moves
            filtered = stack[:, : len(p.names)] - x * z
            moves = filtered.T @ u + z.T @ v
            bent = u @ u - moves @ np.linalg.solve(filtered.T @ filtered, moves)
        squares = v @ v
        score = float(v @ u / squares)
        bend = 2 * score**2 - float(bent / squares)
        g, gg = operator.traces(x, p.centred)
        return p.n_obs * score - p.periods * g, p.n_obs * bend - p.periods * gg

    def _derivatives(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and curvature, parameters in widths of their intervals."""
        count, steps = len(x), np.diag(_STEP * self.width)
        around = x + np.vstack([np.zeros(count), steps, -steps])
        found = self.gradient(self.full(around)) * self.width
        curvature = (found[1 : count + 1] - found[count + 1 :]) / (2 * _STEP)
        return found[0], (curvature + curvature.T) / 2

    def check(self, top: FloatArray, score: FloatArray, curvature: FloatArray) -> None:
        """Refuse a top that is at an edge or level in some direction."""
        n_obs = self.problem.n_obs
        near = np.minimum(top - self.low, self.high - top) < 1e-7 * self.width
        inside = len(top) - (self.problem.random and top[-1] == 1)  # phi may be at its bound
        if near.any():
            self._refuse("edge", (near & (np.abs(score) > _LEVEL * n_obs))[:inside])
        worst, directions = _axes(curvature[:inside, :inside] / n_obs)
        if inside and worst[-1] > -_LEVEL:
            self._refuse("level", np.abs(directions[:, -1]) > 0.1)

    def _refuse(self, what: str, which: Iterable[Any]) -> None:
        pairs = zip(self.problem.free, which, strict=False)
        refuse(EstimationError, SAYS, {what: [FREE[name] for name, so in pairs if so]})


def _axes(curvature: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and vectors, at no cost where there is one parameter."""
    return (curvature[0], np.ones((1, 1))) if len(curvature) == 1 else np.linalg.eigh(curvature)
