"""Covariance matrices of the estimates: two informations, moment sandwich, and kernels of scores.

The quasi-score of every parameter has the form ``(L' v + v' P v - sigma2 tr P) / sigma2``: a linear part
L and a quadratic part P, which is G for rho, its counterpart for lambda, and I / (2 sigma2) for sigma2.
Order of the parameters: coefficients, rho, lambda, phi (each where free), sigma2.
"""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Literal, TypeAlias, cast

import numpy as np
from scipy import linalg

from analysis.errors import EstimationError, SampleSizeError, SpecificationError
from analysis.panel import FloatArray
from analysis.resources import declared, refuse
from analysis.spatial.conley import newey_west_lags, over_time, positive
from analysis.spatial.likelihood import Point, Problem
from analysis.spatial.operator import DenseOperator

Matrix: TypeAlias = Callable[[Problem, Point], FloatArray]
SAYS = declared("analysis.spatial", "refusals.toml")["covariance"]


def _mean_direction(problem: Problem, point: Point) -> FloatArray:
    """Expected derivative of the innovations in rho, G S(lambda) Z b, shape (T, N)."""
    assert problem.lag_operator is not None
    direction = problem.lag_operator.apply_g(point.rho, problem.z @ point.b)
    if problem.error_operator is not None:
        direction = direction - point.lam * problem.error_operator.lag(direction)
    direction = problem.quasi(direction, point.phi)
    return direction - direction.mean(axis=1, keepdims=True) if problem.centred else direction


def _error_g(problem: Problem, point: Point) -> FloatArray:
    """Derivative of the log-filter in rho as seen by the innovations: S(lambda) G S(lambda)^{-1}."""
    lag, error = _dense(problem.lag_operator), _dense(problem.error_operator)
    b = np.eye(error.n) - point.lam * error.matrix
    return linalg.solve(b.T, (b @ lag.g(point.rho)).T).T


def _dense(operator: object) -> DenseOperator:
    refuse(SpecificationError, SAYS, {"dense": not isinstance(operator, DenseOperator)})
    return cast(DenseOperator, operator)


def information(problem: Problem, point: Point) -> FloatArray:
    """Expected information matrix, not divided by the sample size.

    Parameters
    ----------
    problem : Problem
    point : Point

    Returns
    -------
    ndarray, shape (P, P)
    """
    s2, t, k = point.sigma2, problem.periods, len(point.b)
    centred, both = problem.centred, len(problem.log_dets) == 2
    linear = _linear(problem, point)
    linear = linear.reshape(-1, linear.shape[-1])
    out = np.zeros((k + len(problem.free) + 1,) * 2)
    out[: linear.shape[1], : linear.shape[1]] = linear.T @ linear / s2
    out[-1, -1] = problem.n_obs / (2 * s2**2)
    if problem.random:
        out[-2, -2] = 2 * problem.units / point.phi**2
        out[-2, -1] = out[-1, -2] = -problem.units / (point.phi * s2)
    for i, (name, operator) in enumerate(problem.log_dets, start=k):
        r = getattr(point, name)
        trace, square = operator.traces(r, centred)
        out[i, -1] = out[-1, i] = t * trace / s2
        if problem.random:
            out[i, -2] = out[-2, i] = -2 * trace / point.phi
        if not both:
            out[i, i] += t * (square + operator.trace_gtg(r, centred))
    forms = _forms(problem, point) if both else {}
    for (i, g), (j, h) in product(forms.items(), repeat=2):
        out[i, j] += t * float((g * h.T).sum() + (g * h).sum())
    return out


def _linear(problem: Problem, point: Point) -> FloatArray:
    """Linear parts of the score: regressors and, with rho, the derivative's mean; (T, N, K or K + 1)."""
    z = problem.filtered(point.lam, point.phi)[..., :-2]
    if problem.lag_operator is None:
        return z
    return np.concatenate([z, _mean_direction(problem, point)[..., None]], axis=-1)


def _forms(problem: Problem, point: Point) -> dict[int, FloatArray]:
    """Quadratic matrices of the score of rho and lambda, by their place."""
    found = {}
    for i, (name, operator) in enumerate(problem.log_dets, start=len(point.b)):
        both = name == "rho" and problem.error_operator is not None
        g = _error_g(problem, point) if both else _dense(operator).g(getattr(point, name))
        found[i] = g - g.mean(axis=0) if problem.centred else g
    return found


def dummy_information(problem: Problem, point: Point) -> FloatArray:
    """Expected information of the regression with dummies, ``Q G X b`` in place of ``G (Q X b)``.

    With Q = I - 11'/N over the units of a year and a row-standardised W the derivative of
    ``v = Q (y - rho W y - X b)`` in rho has the mean ``-Q G X b``, G = W (I - rho W)^{-1}, and since
    ``G 1 = 1 / (1 - rho)`` and ``Q 1 = 0`` it is ``-Q G Q X b``. :func:`information` has ``G Q X b``, as
    Elhorst's routines and splm print it for the direct likelihood. As ``X'Q Q = X'Q`` both agree in all
    entries but rho's own, where that one is larger by N times the squared yearly means of ``G Q X b`` over
    sigma2: errors of rho here are larger by up to half a per cent on cigarettes and public capital. By
    transformation, without year effects and without rho there is no difference.
    """
    info = information(problem, point)
    free = np.abs(problem.y.mean(axis=1)).max() < 1e-9 * np.abs(problem.y).max()
    if "rho" in problem.free and free and not problem.random:
        means = _mean_direction(problem, point).mean(axis=1)
        info[len(point.b), len(point.b)] -= problem.y.shape[1] * float(means @ means) / point.sigma2
    return info


def _score_parts(
    problem: Problem, point: Point, joint: bool
) -> tuple[FloatArray, FloatArray, dict[int, FloatArray]]:
    """Linear parts (T, N, P), diagonals (N, P) and, if `joint`, quadratic matrices of the score."""
    k, n = len(point.b), problem.y.shape[1]
    known, size = _linear(problem, point), k + len(problem.free) + 1
    linear = np.pad(known, ((0, 0), (0, 0), (0, size - known.shape[-1])))
    diagonal, quadratic = np.zeros((n, size)), {}
    diagonal[:, -1] = (1 - 1 / n if problem.centred else 1) / (2 * point.sigma2)
    if joint or len(problem.log_dets) == 2:
        quadratic = _forms(problem, point)
        for i, form in quadratic.items():
            diagonal[:, i] = form.diagonal()
    elif problem.log_dets:
        ((name, operator),) = problem.log_dets
        diagonal[:, k] = _dense(operator).diagonal(getattr(point, name), problem.centred)
    return linear, diagonal, quadratic


def moment_sandwich(problem: Problem, point: Point) -> FloatArray:
    """Sandwich with the residuals' third and fourth moments (quasi maximum likelihood).

    Valid for independent, identically distributed errors of any law with a fourth moment. The fourth
    moment is taken from the residuals; over a short T demeaning pulls it towards the normal's.
    """
    linear, diagonal, _ = _score_parts(problem, point, joint=False)
    v = problem.innovations(point)
    m3, excess = float((v**3).mean()), float((v**4).mean()) - 3 * point.sigma2**2
    cross = linear.sum(axis=0).T @ diagonal
    quartic = len(v) * diagonal.T @ diagonal
    info = information(problem, point)
    meat = info + (m3 * (cross + cross.T) + excess * quartic) / point.sigma2**2
    return _sandwich(info, meat)


def kernel_sandwich(
    problem: Problem, point: Point, space: FloatArray | Literal["own", "all"], time: FloatArray
) -> FloatArray:
    """Sandwich for errors correlated over units and periods as far as two kernels say.

    The part of the score that belongs to one unit counts with the kernel of the two units. The
    quadratic forms of rho and lambda also join pairs of units; two pairs count with

        (k_ik k_jl + k_il k_jk) / sqrt((1 + k_ij^2) (1 + k_kl^2)),  k^2 the kernel,

    which is one for a pair with itself, so that the result does not depend on the order of units.

    Parameters
    ----------
    problem : Problem
    point : Point
    space : ndarray, shape (N, N), or {"own", "all"}
        Weights of pairs of units; "own" stands for the identity, and all periods, "all" for ones.
    time : ndarray, shape (T, T)
        Weights of pairs of periods.
    """
    linear, diagonal, quadratic = _score_parts(problem, point, joint=True)
    v = problem.innovations(point)
    years, n = v.shape
    # Centred on their means: what demeaning or a correction did to sigma2 then cancels.
    level = float((v**2).mean())
    own = linear * v[..., None] + diagonal * (v**2 - level)[..., None]
    if problem.centred:  # and so sigma2's form, Q / (2 sigma2), joins pairs as well
        quadratic[-1] = np.full((n, n), -1 / (2 * point.sigma2 * n))
    joint = {i: (p + p.T) / 2 for i, p in quadratic.items()}
    for pair in joint.values():
        np.fill_diagonal(pair, 0.0)
    shift = level / (n - 1) if problem.centred else 0.0  # mean of the products is minus this
    if isinstance(space, str) and space == "own":
        unit = own.sum(axis=0)
        meat, squares = unit.T @ unit, (v.T @ v + years * shift) ** 2
        for i, j in product(joint, repeat=2):
            meat[i, j] += 2 * float(np.vdot(joint[i] * squares, joint[j]))
    elif isinstance(space, str):
        total = own.sum(axis=1)
        for i, pair in joint.items():
            total[:, i] += ((v @ pair) * v).sum(axis=1) + shift * pair.sum()
        meat = total.T @ time @ total
    else:
        smooth, root = np.tensordot(time, own, 1), np.sqrt(space)
        meat = np.einsum("tnp,tnq->pq", own, space @ smooth, optimize=True)
        products = (v[:, :, None] * v[:, None, :] + shift) / np.sqrt(1 + space)
        pairs = {i: pair * products for i, pair in joint.items()}
        for i, first in pairs.items():
            reached = root @ first @ root
            cross = np.sqrt(2) * np.einsum("tnn,tnp->p", reached, smooth)
            meat[i] += cross
            meat[:, i] += cross
            for j, second in pairs.items():
                meat[i, j] += 2 * float(np.vdot(reached, np.tensordot(time, second, 1)))
        meat = positive(meat)
    return _sandwich(information(problem, point), meat / point.sigma2**2)


def cluster(problem: Problem, point: Point) -> FloatArray:
    """Sandwich that allows any dependence over the years of a city, none between cities."""
    years, n = problem.y.shape
    return n / (n - 1) * kernel_sandwich(problem, point, "own", np.ones((years, years)))


def driscoll_kraay(problem: Problem, point: Point) -> FloatArray:
    """Sandwich that allows dependence between cities and, up to some lags, over years.

    Bartlett weights, ``floor(4 (T / 100)^(2/9))`` lags. Rests on a large T.
    """
    years = len(problem.y)
    refuse(SampleSizeError, SAYS, {"short": years < 3}, years=years)
    return kernel_sandwich(problem, point, "all", over_time(years, newey_west_lags(years)))


def _sandwich(info: FloatArray, meat: FloatArray) -> FloatArray:
    bread = invert(info)
    return bread @ meat @ bread


def invert(info: FloatArray) -> FloatArray:
    """Inverse of an information matrix, scaled to unit diagonal first.

    Raises
    ------
    EstimationError
        If it is not positive definite.
    """
    scale = np.sqrt(np.abs(info.diagonal()))
    scales = scale[:, None] * scale
    try:
        half = np.linalg.inv(np.linalg.cholesky(info / scales))
    except np.linalg.LinAlgError as error:
        raise EstimationError(SAYS["definite"]) from error
    return half.T @ half / scales


def observed_information(problem: Problem, point: Point) -> FloatArray:
    """Minus the Hessian of the log-likelihood, in its exact form.

    Parameters
    ----------
    problem : Problem
    point : Point

    Returns
    -------
    ndarray, shape (P, P)
    """
    p, s2, k = problem, point.sigma2, len(point.b)
    v = p.innovations(point)
    columns = [*range(k), *[k + 1] * (p.lag_operator is not None)]  # Z and W y
    slopes = (p.columns - point.lam * p.lagged)[..., columns]  # minus the derivatives of v
    if p.error_operator is not None:
        own = p.lagged @ np.array([*-point.b, 1.0, -point.rho])
        slopes = np.concatenate([slopes, own[..., None]], axis=-1)
    steps = p.quasi(slopes, point.phi)
    if p.random:
        between = np.broadcast_to(v.mean(axis=0) / point.phi, v.shape)
        steps = np.concatenate([steps, -between[..., None]], axis=-1)
    flat = steps.reshape(v.size, -1)
    out = np.zeros((flat.shape[1] + 1,) * 2)
    out[:-1, :-1] = flat.T @ flat / s2

    def bend(columns: FloatArray, j: int) -> None:
        """Second derivatives of v in parameter j and those that the columns belong to."""
        size = columns.shape[-1]
        bent = v.ravel() @ columns.reshape(-1, size) / s2
        out[:size, j] += bent
        out[j, :size] += bent

    if p.error_operator is not None:  # lambda multiplies b and rho in v
        bend(p.quasi(p.lagged[..., columns], point.phi), len(columns))
    if p.random:  # and phi all of it
        bend(-np.broadcast_to(slopes.mean(axis=0), slopes.shape), -2)
        out[-2, -2] += p.units / point.phi**2
    for i, (name, operator) in enumerate(p.log_dets, start=k):
        out[i, i] += p.periods * operator.traces(getattr(point, name), p.centred)[1]
    out[-1, :-1] = out[:-1, -1] = flat.T @ v.ravel() / s2**2
    out[-1, -1] = float((v**2).sum()) / s2**3 - p.n_obs / (2 * s2**2)
    return out


def _inverse(of: Matrix, problem: Problem, point: Point) -> FloatArray:
    """Inverse of an information matrix; zero for phi where it is at its bound of one."""
    info = of(problem, point)
    if not (problem.random and point.phi == 1.0):
        return invert(info)
    at = len(info) - 2  # phi stands before sigma2
    inverse = invert(np.delete(np.delete(info, at, 0), at, 1))
    return np.insert(np.insert(inverse, at, 0, 0), at, 0, 1)


COVARIANCES: dict[str, Matrix] = {
    "information": partial(_inverse, information),
    "dummies": partial(_inverse, dummy_information),
    "observed": partial(_inverse, observed_information),
    "sandwich": moment_sandwich,
    "cluster": cluster,
    "driscoll-kraay": driscoll_kraay,
}
