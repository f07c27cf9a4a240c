"""Direct, indirect and total effects: short and long run, by horizon, with standard errors.

Short run ``S(rho)^{-1} (beta I + theta W)``, long run ``[(1-tau) I - (rho+eta) W]^{-1} (beta I + theta W)``
(LeSage and Pace 2009; Elhorst 2014). Both are ``(aI - cW)^{-1} (beta I + theta W)``; with ``r = c/a`` the
mean diagonal and the mean row sum of that matrix are

    m = [beta (1 + r g(r)) + theta g(r)] / a

where g(r) is the mean diagonal (tr G / N), or the mean row sum, of G(r). One formula serves for
direct and total effects, and its derivatives give exact delta-method standard errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import SpecificationError, UnstableError
from analysis.spatial.operator import DenseOperator, SpatialOperator
from analysis.spatial.specification import Term

FloatArray = NDArray[np.float64]

KINDS = ("direct", "indirect", "total")


@dataclass(frozen=True, slots=True)
class Multiplier:
    """Where the parameters of the multiplier stand in the parameter vector.

    ``index[name]`` is the position of tau, eta or rho; absent ones are zero.
    """

    tau: int | None
    eta: int | None
    rho: int | None

    @classmethod
    def of(cls, names: pd.Index, outcome: str) -> Multiplier:
        """Find them among the names of the parameters."""
        places = {name: place for place, name in enumerate(names)}
        return cls(*(places.get(name) for name in (f"L.{outcome}", f"W.L.{outcome}", "rho")))

    def values(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Tau, eta and rho of one parameter vector or of many, the last axis being parameters."""

        def at(position: int | None) -> FloatArray:
            if position is None:
                return np.zeros(parameters.shape[:-1])
            return parameters[..., position]

        return at(self.tau), at(self.eta), at(self.rho)


@dataclass(frozen=True, slots=True)
class Slope:
    """One variable: positions of its own and its spatially lagged coefficients, summed over lags."""

    name: str
    own: tuple[int, ...]
    lagged: tuple[int, ...]

    def values(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Beta and theta."""
        return (
            parameters[..., list(self.own)].sum(axis=-1),
            parameters[..., list(self.lagged)].sum(axis=-1),
        )


def slopes_of(
    names: pd.Index, terms: Iterable[Term], lagged: Iterable[Term], long_run: bool
) -> list[Slope]:
    """Variables with the positions of their coefficients; in the long run lags add up."""
    groups: dict[str, tuple[list[int], list[int]]] = {}
    lagged = set(lagged)
    for term in terms:
        label = term.contemporary if long_run else str(term)
        own, others = groups.setdefault(label, ([], []))
        own.append(int(names.get_loc(str(term))))
        if term in lagged:
            others.append(int(names.get_loc(f"W.{term}")))
    return [Slope(label, tuple(own), tuple(others)) for label, (own, others) in groups.items()]


def mean_functionals(operator: SpatialOperator, r: float) -> FloatArray:
    """Mean diagonal and mean row sum of G(r) in the first row, of its derivative in the second."""
    diagonal = operator.trace_g(r) / operator.n, operator.trace_gg(r) / operator.n
    rows = operator.row_means(r)
    return np.array([[diagonal[0], rows[0]], [diagonal[1], rows[1]]])


def point_and_jacobian(
    parameters: FloatArray,
    slopes: list[Slope],
    multiplier: Multiplier,
    operator: SpatialOperator,
    long_run: bool,
) -> tuple[FloatArray, FloatArray]:
    """Effects and their derivatives.

    Parameters
    ----------
    parameters : ndarray, shape (P,)
    slopes : list of Slope
    multiplier : Multiplier
    operator : SpatialOperator
    long_run : bool

    Returns
    -------
    effects : ndarray, shape (V, 3)
        Direct, indirect, total of each variable.
    jacobian : ndarray, shape (V, 3, P)
    """
    tau, eta, rho = (float(v) for v in multiplier.values(parameters))
    a, c = (1 - tau, rho + eta) if long_run else (1.0, rho)
    r = c / a
    level, slope_g = mean_functionals(operator, r)
    effects = np.zeros((len(slopes), 3))
    jacobian = np.zeros((len(slopes), 3, len(parameters)))
    for v, slope in enumerate(slopes):
        beta, theta = slope.values(parameters)
        for column, (g, dg) in enumerate(zip(level, slope_g, strict=True)):
            value = (beta * (1 + r * g) + theta * g) / a
            by_r = (beta * (g + r * dg) + theta * dg) / a
            gradient = np.zeros(len(parameters))
            np.add.at(gradient, list(slope.own), (1 + r * g) / a)
            np.add.at(gradient, list(slope.lagged), g / a)
            by_c, by_a = by_r / a, -value / a - by_r * r / a
            if multiplier.rho is not None:
                gradient[multiplier.rho] += by_c
            if long_run and multiplier.eta is not None:
                gradient[multiplier.eta] += by_c
            if long_run and multiplier.tau is not None:
                gradient[multiplier.tau] -= by_a
            place = 0 if column == 0 else 2
            effects[v, place] = value
            jacobian[v, place] = gradient
        effects[v, 1] = effects[v, 2] - effects[v, 0]
        jacobian[v, 1] = jacobian[v, 2] - jacobian[v, 0]
    return effects, jacobian


def require_long_run(operator: SpatialOperator, tau: float, eta: float, rho: float) -> None:
    """Refuse a long run that is not reached: a root ``(tau + eta w) / (1 - rho w)`` outside one.

    For a sparse W, whose eigenvalues are not known, w takes the ends of the interval they lie in.

    Raises
    ------
    UnstableError
    """
    if isinstance(operator, DenseOperator):
        w, where = operator.eigenvalues, "the largest root"
    else:
        w, where = 1 / np.array(operator.bounds), "the largest root that W may have"
    root = float(np.abs((tau + eta * w) / (1 - rho * w)).max())
    if root >= 1:
        raise UnstableError(
            f"long-run effects do not exist at this estimate: {where} is {root:.4f} "
            f"(tau + rho + eta = {tau + rho + eta:.4f}). Report short-run effects or responses by "
            "horizon instead"
        )


def simulate(
    draws: FloatArray,
    slopes: list[Slope],
    multiplier: Multiplier,
    operator: SpatialOperator,
    long_run: bool,
) -> FloatArray:
    """Effects at many parameter draws.

    Parameters
    ----------
    draws : ndarray, shape (R, P)

    Returns
    -------
    ndarray, shape (R, V, 3)
        Draws at which the multiplier does not exist are missing.
    """
    if not (isinstance(operator, DenseOperator) and operator.row_standardised):
        raise SpecificationError(
            "simulated effects need a dense, row-standardised W; use method='delta'"
        )
    tau, eta, rho = multiplier.values(draws)
    a, c = (1 - tau, rho + eta) if long_run else (np.ones_like(tau), rho)
    r = c / a
    w = operator.eigenvalues
    low, high = operator.bounds
    exists = (a > 0) & (r > low) & (r < high)
    safe = np.where(exists, r, 0.0)
    diagonal = np.empty_like(r)
    for start in range(0, len(r), 500):
        part = slice(start, start + 500)
        diagonal[part] = np.real(w / (1 - safe[part, None] * w)).mean(axis=1)
    rows = 1 / (1 - safe)
    out = np.empty((len(draws), len(slopes), 3))
    for v, slope in enumerate(slopes):
        beta, theta = slope.values(draws)
        for place, g in ((0, diagonal), (2, rows)):
            out[:, v, place] = (beta * (1 + safe * g) + theta * g) / a
        out[:, v, 1] = out[:, v, 2] - out[:, v, 0]
    out[~exists] = np.nan
    return out


def response_path(
    parameters: FloatArray,
    slopes: list[Slope],
    multiplier: Multiplier,
    operator: SpatialOperator,
    horizon: int,
) -> tuple[FloatArray, FloatArray]:
    """Mean responses to a shock that lasts one year, in each later year, with derivatives.

    ``D_h = [(tau I + eta W) S^{-1}]^h S^{-1} (beta I + theta W)``, evaluated on the spectrum.

    Returns
    -------
    effects : ndarray, shape (H + 1, V, 3)
    jacobian : ndarray, shape (H + 1, V, 3, P)

    Raises
    ------
    SpecificationError
        If W is sparse or not row-standardised.
    """
    if not (isinstance(operator, DenseOperator) and operator.row_standardised):
        raise SpecificationError("responses by horizon need a dense, row-standardised W")
    tau, eta, rho = (float(v) for v in multiplier.values(parameters))
    size = len(parameters)
    effects = np.zeros((horizon + 1, len(slopes), 3))
    jacobian = np.zeros((horizon + 1, len(slopes), 3, size))
    for place, w in ((0, operator.eigenvalues), (2, np.ones(1))):
        step, s = tau + eta * w, 1 / (1 - rho * w)
        for h in range(horizon + 1):
            weight = step**h * s ** (h + 1)
            before = h * step ** (h - 1) * s ** (h + 1) if h else np.zeros_like(weight)
            for v, slope in enumerate(slopes):
                beta, theta = slope.values(parameters)
                signal = beta + theta * w
                effects[h, v, place] = np.real(weight * signal).mean()
                gradient = jacobian[h, v, place]
                np.add.at(gradient, list(slope.own), np.real(weight).mean())
                np.add.at(gradient, list(slope.lagged), np.real(weight * w).mean())
                if multiplier.rho is not None:
                    gradient[multiplier.rho] = np.real((h + 1) * w * s * weight * signal).mean()
                if multiplier.tau is not None:
                    gradient[multiplier.tau] = np.real(before * signal).mean()
                if multiplier.eta is not None:
                    gradient[multiplier.eta] = np.real(before * w * signal).mean()
    effects[:, :, 1] = effects[:, :, 2] - effects[:, :, 0]
    jacobian[:, :, 1] = jacobian[:, :, 2] - jacobian[:, :, 0]
    return effects, jacobian


def table(
    names: list[str], estimates: FloatArray, errors: FloatArray, level: float = 0.95
) -> pd.DataFrame:
    """Label effects with normal inference.

    Parameters
    ----------
    names : list of str, length V
    estimates, errors : ndarray, shape (V, 3)
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        Indexed by (effect, term); columns estimate, std_error, z, p_value, lower, upper.
    """
    index = pd.MultiIndex.from_product([KINDS, names], names=["effect", "term"])
    frame = pd.DataFrame(
        {"estimate": estimates.T.ravel(), "std_error": errors.T.ravel()}, index=index
    )
    frame["z"] = frame["estimate"] / frame["std_error"]
    frame["p_value"] = 2 * stats.norm.sf(np.abs(frame["z"]))
    reach = stats.norm.ppf((1 + level) / 2) * frame["std_error"]
    frame["lower"], frame["upper"] = frame["estimate"] - reach, frame["estimate"] + reach
    return frame
