"""What follows from the spatial multiplier, whoever estimated it: effects, responses, stability.

Short run ``S(rho)^{-1} (beta I + theta W)``, long run ``[(1-tau) I - (rho+eta) W]^{-1} (beta I + theta W)``
(LeSage and Pace 2009; Elhorst 2014). Both are ``(aI - cW)^{-1} (beta I + theta W)``; with ``r = c/a`` the
mean diagonal and the mean row sum of that matrix are

    m = beta (1 + r g(r)) / a + theta g(r) / a

where g(r) is the mean diagonal (tr G / N), or the mean row sum, of G(r). What multiplies beta and theta
is called their loads here: an array whose last two axes are the kind of effect, then beta and theta.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import DiscardedDrawsWarning, SpecificationError, UnstableError
from analysis.panel import FloatArray
from analysis.resources import declared, refuse
from analysis.spatial.estimates import Estimates, TestResult, check_choice, inference
from analysis.spatial.operator import DenseOperator, SpatialOperator, operator_of
from analysis.spatial.threads import one_blas_thread
from analysis.weights import Weights

Horizon = Literal["short", "long"]

SAYS = declared("analysis.spatial", "refusals.toml")["effects"]
KINDS = ("direct", "indirect", "total")
_OF_BOTH = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, 1.0]])
"""The three kinds from direct and total."""


class Slopes(NamedTuple):
    """Variables, and what picks their coefficients out of the parameters.

    `of` (2, V, P) adds up a variable's own coefficients and its spatially lagged ones; `dynamic` (3, P)
    picks tau, eta and rho, zero where the model lacks them.
    """

    names: list[str]
    of: FloatArray
    dynamic: FloatArray


def _loads(g: FloatArray, r: ArrayLike, a: ArrayLike) -> FloatArray:
    """Loads from g, its last axis direct and total."""
    r, a = (np.asarray(value)[..., None] for value in (r, a))
    return _OF_BOTH @ np.stack([(1 + r * g) / a, g / a], axis=-1)


def loads(
    operator: SpatialOperator, dynamic: FloatArray, long_run: bool
) -> tuple[FloatArray, FloatArray]:
    """Loads of short- or long-run effects, (3, 2), and their derivatives in tau, eta, rho, (3, 3, 2)."""
    tau, eta, rho = dynamic
    a, c = (1 - tau, rho + eta) if long_run else (1.0, rho)
    r = c / a
    means = np.array(operator.traces(r)) / operator.n
    g, by_r = np.stack([means, operator.row_means(r)], axis=1)
    found = _loads(g, r, a)
    slope = _OF_BOTH @ np.stack([g + r * by_r, by_r], axis=-1) / a
    in_c, in_a = slope / a, -(found + r * slope) / a
    return found, np.stack([-in_a * long_run, in_c * long_run, in_c])


def path_loads(
    operator: SpatialOperator, dynamic: FloatArray, horizon: int
) -> tuple[FloatArray, FloatArray]:
    """Loads of the responses after 0 to `horizon` years, (H + 1, 3, 2), and their derivatives.

    ``D_h = [(tau I + eta W) S^{-1}]^h S^{-1} (beta I + theta W)``, evaluated on the spectrum.
    """
    tau, eta, rho = dynamic
    h = np.arange(horizon + 1)[:, None]
    both = []
    for w in (_spectrum(operator, "responses by horizon need"), np.ones(1)):
        step, s = tau + eta * w, 1 / (1 - rho * w)
        weight = step**h * s ** (h + 1)
        before = h * step ** np.maximum(h - 1, 0) * s ** (h + 1)
        parts = np.stack([weight, before, before * w, (h + 1) * w * s * weight])
        both.append(np.real(np.stack([parts, parts * w], axis=-1)).mean(axis=2))
    found = _OF_BOTH @ np.stack(both, axis=2)
    return found[0], found[1:]


def _spectrum(operator: Any, what: str) -> NDArray:
    known = isinstance(operator, DenseOperator) and operator.row_standardised
    refuse(SpecificationError, SAYS, {"spectrum": not known}, what=what)
    return operator.eigenvalues


def simulated(
    draws: FloatArray, slopes: Slopes, operator: SpatialOperator, long_run: bool
) -> FloatArray:
    """Effects at many parameter draws, (R, V, 3); missing where the multiplier does not exist."""
    w = _spectrum(operator, "use method='delta': simulated effects need")
    tau, eta, rho = slopes.dynamic @ draws.T
    a, c = (1 - tau, rho + eta) if long_run else (np.ones_like(tau), rho)
    r = c / a
    low, high = operator.bounds
    exists = (a > 0) & (r > low) & (r < high)
    safe = np.where(exists, r, 0.0)
    diagonal = [
        np.real(w / (1 - part[:, None] * w)).mean(axis=1)
        for part in np.split(safe, range(500, len(safe), 500))
    ]
    g = np.stack([np.concatenate(diagonal), 1 / (1 - safe)], axis=-1)
    out = np.einsum("rds,svp,rp->rvd", _loads(g, safe, a), slopes.of, draws, optimize=True)
    out[~exists] = np.nan
    return out


def point_and_jacobian(
    parameters: FloatArray, slopes: Slopes, found: FloatArray, derivatives: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Effects (..., V, 3) and their derivatives in the parameters (..., V, 3, P) from loads."""
    own = slopes.of @ parameters
    effects = np.einsum("...ds,sv->...vd", found, own)
    jacobian = np.einsum("...ds,svp->...vdp", found, slopes.of)
    jacobian += np.einsum("x...ds,sv,xp->...vdp", derivatives, own, slopes.dynamic)
    return effects, jacobian


@dataclass(frozen=True, slots=True)
class Stability:
    """Where a dynamic model stands.

    Attributes
    ----------
    root : float
        Largest modulus of ``(tau + eta w) / (1 - rho w)`` over the eigenvalues w of W.
    root_around_trend : float
        The same without the largest eigenvalue, the unit one of a row-standardised W: the dynamics
        around a common trend that time effects absorb.
    unit_sum : float
        tau + rho + eta, for a W that is not row-standardised ``tau + (rho + eta) w`` with its
        largest eigenvalue w; below one where the total long-run effect exists.
    unit_test : TestResult
        Wald test that `unit_sum` is one.
    """

    root: float
    root_around_trend: float
    unit_sum: float
    unit_test: TestResult

    @property
    def is_stable(self) -> bool:
        """Whether every root, the common trend's included, is inside the unit circle."""
        return self.root < 1

    def __str__(self) -> str:
        return (
            f"largest root {self.root:.4f} on W, {self.root_around_trend:.4f} around a common trend; "
            f"tau + rho + eta = {self.unit_sum:.4f} (Wald test of one: chi2(1) = "
            f"{self.unit_test.statistic:.2f}, P = {self.unit_test.p_value:.3f})"
        )


class SpatialEstimates(Estimates):
    """Estimates of a model with a spatial multiplier, by likelihood or GMM.

    Terms have one rule: ``x`` and ``W.x`` are a regressor and its spatial lag, ``L.y`` and ``W.L.y``
    the lagged outcome and its spatial lag (tau and eta), ``rho`` belongs to ``W y``.
    """

    specification: Any
    weights: Weights

    def _slopes(self, long_run: bool) -> Slopes:
        """Where the coefficients stand; in the long run those of a variable and its lags add up."""
        spec, names = self.specification, self.params.index
        labels = [term.contemporary if long_run else str(term) for term in spec.terms]
        variables = list(dict.fromkeys(labels))
        of = np.zeros((2, len(variables), len(names)))
        for label, term in zip(labels, spec.terms, strict=True):
            of[0, variables.index(label), names.get_loc(str(term))] = 1.0
            if term in spec.durbin_terms:
                of[1, variables.index(label), names.get_loc(f"W.{term}")] = 1.0
        dynamic = [f"L.{spec.outcome}", f"W.L.{spec.outcome}", "rho"]
        picked = np.array([names == name for name in dynamic], dtype=float)
        return Slopes(variables, of, picked)

    @cached_property
    def stability(self) -> Stability:
        """Roots of the dynamic model, on W and around a common trend.

        Raises
        ------
        SpecificationError
            If the model is static, or W is sparse.
        """
        operator: Any = operator_of(self.weights)
        static, known = not self.specification.is_dynamic, isinstance(operator, DenseOperator)
        refuse(SpecificationError, SAYS, {"dynamics": static, "sparse": not known})
        dynamic = self._slopes(False).dynamic
        tau, eta, rho = dynamic @ self.params.to_numpy()
        w = operator.eigenvalues
        top = 1.0 if operator.row_standardised else float(np.real(w).max())
        roots = np.abs((tau + eta * w) / (1 - rho * w))
        around = np.delete(roots, np.argmin(np.abs(w - top)))
        test = self.wald(np.array([1.0, top, top]) @ dynamic, "unit eigenvalue", 1.0)
        return Stability(float(roots.max()), float(around.max()), tau + (rho + eta) * top, test)

    def _effects_at(self, horizon: Horizon) -> tuple[Slopes, FloatArray, FloatArray]:
        """Variables, effects (V, 3) and their derivatives in the parameters (V, 3, P).

        Effects that do not exist at the estimate are refused.
        """
        check_choice("horizon", horizon, ("short", "long"))
        long_run, operator = horizon == "long", operator_of(self.weights)
        slopes, parameters = self._slopes(long_run), self.params.to_numpy()
        tau, eta, rho = at = slopes.dynamic @ parameters
        low, high = operator.bounds
        words = {"rho": rho, "low": low, "high": high}
        refuse(UnstableError, SAYS, {"outside": not low < rho < high}, **words)
        static = not self.specification.is_dynamic
        refuse(SpecificationError, SAYS, {"static": long_run and static})
        if long_run and isinstance(operator, DenseOperator):
            root, trend_alone = self.stability.root, self.stability.root_around_trend < 1
            wrong = {"trend" if trend_alone else "unstable": root >= 1}
            refuse(UnstableError, SAYS, wrong, stability=self.stability)
        elif long_run:  # the eigenvalues are not known, but the interval in which they lie
            w = 1 / np.array([low, high])
            root = float(np.abs((tau + eta * w) / (1 - rho * w)).max())
            refuse(UnstableError, SAYS, {"bounded": root >= 1}, root=root)
        both = loads(operator, at, long_run)
        return slopes, *point_and_jacobian(parameters, slopes, *both)

    @one_blas_thread
    def effects(
        self,
        horizon: Horizon = "short",
        method: Literal["delta", "simulation", "xsmle"] = "delta",
        level: float = 0.95,
        draws: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> pd.DataFrame:
        """Direct, indirect and total effects of each regressor.

        Parameters
        ----------
        horizon : {"short", "long"}
            In the long run the coefficients of a variable and its time lags add up.
        method : {"delta", "simulation", "xsmle"}
            "delta": value at the estimate, analytic delta-method errors. "simulation": value at the
            estimate, standard deviation and quantiles over draws of all parameters. "xsmle": mean
            and standard deviation over draws of beta, theta and rho with tau and eta held fixed, as
            Stata's xsmle prints them; for matching printed tables.
        level : float
            Coverage of the interval.
        draws : int, optional
            Number of draws; 5000, and 500 with "xsmle".
        rng : numpy.random.Generator, optional
            Source of the draws; a fixed seed by default, so that two calls agree.

        Returns
        -------
        DataFrame
            Indexed by (effect, term): estimate, std_error, z, p_value, lower, upper. With draws,
            ``attrs`` holds how many there were (``draws``) and at how many of them the effects do
            not exist (``draws_without_long_run``). These are left out of means and deviations; an
            interval counts them as beyond both its ends.

        Raises
        ------
        SpecificationError
            If an option is unknown or the model is static and the long run is asked for.
        UnstableError
            If rho lies outside the parameter space, or the long run does not exist at the estimate,
            or at none of the draws.

        Warns
        -----
        DiscardedDrawsWarning
            If the effects do not exist at more than 1 % of the draws.
        """
        check_choice("method", method, ("delta", "simulation", "xsmle"))
        refuse(SpecificationError, SAYS, {"draws": draws is not None and draws < 2}, draws=draws)
        slopes, estimates, jacobian = self._effects_at(horizon)
        if method == "delta":
            variance = np.einsum("vep,pq,veq->ve", jacobian, self._cov, jacobian)
            return _table(slopes.names, estimates, np.sqrt(variance), level)
        covariance = self._cov.copy()
        if method == "xsmle":
            held = slopes.dynamic[:2].any(axis=0)
            covariance[held], covariance[:, held] = 0.0, 0.0
        rng = np.random.default_rng(0) if rng is None else rng
        count = (500 if method == "xsmle" else 5000) if draws is None else draws
        values, vectors = np.linalg.eigh(covariance)
        noise = rng.standard_normal((count, len(values)))
        sample = self.params.to_numpy() + noise @ (vectors * np.sqrt(values.clip(0))).T
        found = simulated(sample, slopes, operator_of(self.weights), horizon == "long")
        kept = found[~np.isnan(found).any(axis=(1, 2))]
        lost, words = count - len(kept), {"horizon": horizon, "count": count}
        refuse(UnstableError, SAYS, {"nowhere": len(kept) < 2}, **words)
        if lost > 0.01 * count:
            message = SAYS["lost"].format(lost=lost, **words)
            warnings.warn(message, DiscardedDrawsWarning, stacklevel=3)
        centre = kept.mean(axis=0) if method == "xsmle" else estimates
        frame = _table(slopes.names, centre, kept.std(axis=0, ddof=1), level)
        if method == "simulation":
            rank = (1 - level) / 2 * (count - 1)  # from either end, what is lost beyond it
            inside = (rank - lost) / (len(kept) - 1)
            for end, at, beyond in (("lower", inside, -np.inf), ("upper", 1 - inside, np.inf)):
                frame[end] = np.quantile(kept, at, axis=0).T.ravel() if inside >= 0 else beyond
        frame.attrs = {"draws": count, "draws_without_long_run": lost}
        return frame

    def effects_covariance(self, effect: str, horizon: Horizon = "short") -> pd.DataFrame:
        """Covariance of one kind of effect across regressors, by the delta method.

        Parameters
        ----------
        effect : {"direct", "indirect", "total"}
        horizon : {"short", "long"}

        Returns
        -------
        DataFrame
            Regressors by regressors: what a turning point of effects needs.

        Raises
        ------
        SpecificationError
            If an option is unknown or the model is static and the long run is asked for.
        UnstableError
            If the long run does not exist at the estimate.
        """
        check_choice("effect", effect, KINDS)
        slopes, _, jacobian = self._effects_at(horizon)
        rows, names = jacobian[:, KINDS.index(effect)], pd.Index(slopes.names, name="term")
        return pd.DataFrame(rows @ self._cov @ rows.T, index=names, columns=names)

    def response_path(self, horizon: int, cumulative: bool = False) -> pd.DataFrame:
        """Mean responses over the years to a shock that lasts one year.

        A time lag ``L.x`` among the regressors is a term of its own, counted from the year in which
        it takes effect.

        Parameters
        ----------
        horizon : int
            Years after the shock.
        cumulative : bool
            Sum up to each year; tends to the long-run effects where these exist, the terms of a
            variable and its lags added up.

        Returns
        -------
        DataFrame
            Indexed by (year, effect, term); columns as in :meth:`effects`.

        Raises
        ------
        SpecificationError
            If W is sparse or not row-standardised, or the horizon no number of periods.
        """
        whole = isinstance(horizon, int | np.integer) and horizon >= 0
        refuse(SpecificationError, SAYS, {"horizon": not whole}, horizon=horizon)
        slopes, parameters = self._slopes(long_run=False), self.params.to_numpy()
        at = slopes.dynamic @ parameters
        both = path_loads(operator_of(self.weights), at, horizon)
        values, jacobian = point_and_jacobian(parameters, slopes, *both)
        if cumulative:
            values, jacobian = values.cumsum(axis=0), jacobian.cumsum(axis=0)
        variance = np.einsum("hvep,pq,hveq->hve", jacobian, self._cov, jacobian)
        tables = map(_table, [slopes.names] * len(values), values, np.sqrt(variance))
        return pd.concat(dict(enumerate(tables)), names=[self.period])

    period = "period"


def _table(
    names: list[str], estimates: FloatArray, errors: FloatArray, level: float = 0.95
) -> pd.DataFrame:
    """Effects (V, 3) and their errors with normal inference, indexed by (effect, term)."""
    index = pd.MultiIndex.from_product([KINDS, names], names=["effect", "term"])
    return inference(
        pd.Series(estimates.T.ravel(), index), pd.Series(errors.T.ravel(), index), level
    )
