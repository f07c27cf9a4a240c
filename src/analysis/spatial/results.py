"""What a fit returns: labelled estimates, and everything that follows from them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import (
    DiscardedDrawsWarning,
    PanelError,
    SpecificationError,
    UnstableError,
    listed,
)
from analysis.panel import Panel, as_panel
from analysis.spatial import effects as spatial_effects
from analysis.spatial.conley import Conley, only
from analysis.spatial.correction import dynamic_parameters
from analysis.spatial.covariance import COVARIANCES, kernel_sandwich
from analysis.spatial.design import Design, build
from analysis.spatial.estimates import (
    FEW_CLUSTERS,
    Estimates,
    StandardErrors,
    TestResult,
    check_choice,
)
from analysis.spatial.likelihood import Point, Problem
from analysis.spatial.operator import DenseOperator
from analysis.spatial.specification import Specification
from analysis.spatial.threads import one_blas_thread
from analysis.weights import Weights

FloatArray = NDArray[np.float64]
Horizon = Literal["short", "long"]


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


class Fit(Estimates):
    """An estimated spatial panel model; made by :func:`analysis.spatial.fit`.

    `summary` is the single truth that tables render. Costly parts are computed when first asked for.
    """

    def __init__(self, design: Design, problem: Problem, point: Point, maximum: Point) -> None:
        self._design = design
        self._problem = problem
        self._point = point
        self._maximum = maximum

    def __repr__(self) -> str:
        return f"Fit({self.specification.label}, {self.nobs} observations, W: {self.weights.name})"

    @property
    def specification(self) -> Specification:
        """What was asked for."""
        return self._design.specification

    @property
    def weights(self) -> Weights:
        """The matrix of the spatial lags."""
        return self._design.weights

    @property
    def panel(self) -> Panel:
        """The data."""
        return self._design.panel

    @property
    def periods(self) -> pd.Index:
        """Periods of the estimation sample."""
        return self._design.periods

    @cached_property
    def outcome(self) -> str:  # type: ignore[override]
        """Name of the dependent variable."""
        return self.specification.outcome

    @cached_property
    def nobs(self) -> int:  # type: ignore[override]
        """Units times periods in the estimation sample."""
        return int(self._design.y.size)

    @property
    def df_resid(self) -> int:
        """Observations less parameters and fixed effects."""
        spec, (periods, units) = self.specification, self._design.y.shape
        effects = (units - 1) * spec.has_unit_effects + (periods - 1) * spec.has_time_effects
        has_level = spec.has_unit_effects or spec.effects in ("time", "random+time")
        return self.nobs - len(self.params) - effects - has_level

    @property
    def header(self) -> dict[str, str]:
        """What stands over the table of coefficients."""
        spec, (periods, units) = self.specification, self._design.y.shape
        errors = spec.std_errors
        if only(errors, (*COVARIANCES, "conley")) == "conley":
            errors = self.conley(errors)
        few = (self.n_clusters or FEW_CLUSTERS) < FEW_CLUSTERS
        return {
            "model": f"{spec.label}, {spec.estimator}",
            "outcome": spec.outcome,
            "observations": f"{self.nobs:,} = {units} x {self.panel.unit}, {periods} x "
            f"{self.panel.period} {self.periods[0]}-{self.periods[-1]}",
            "weights": self.weights.name,
            "standard errors": str(errors)
            + (f", of {units} clusters: below some 30 too small" if few else ""),
            "log-likelihood": f"{self.loglik:.4f}",
        }

    @cached_property
    def _names(self) -> list[str]:
        spec = self.specification
        spatial = ["rho"] * spec.has_spatial_lag + ["lambda"] * spec.has_spatial_error
        return [*self._design.names, *spatial, *(["phi"] * spec.is_random), "sigma2"]

    @cached_property
    def params(self) -> pd.Series:
        """Estimates: coefficients, rho, lambda, phi (each where free), sigma2."""
        spec, point = self.specification, self._point
        spatial = [point.rho] * spec.has_spatial_lag + [point.lam] * spec.has_spatial_error
        values = [*point.b, *spatial, *([point.phi] * spec.is_random), point.sigma2]
        return pd.Series(values, index=pd.Index(self._names, name="term"), name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of `params`, of the kind the specification asks for."""
        return self.covariance(self.specification.std_errors)

    @property
    def n_clusters(self) -> int | None:  # type: ignore[override]
        """Units, where standard errors are clustered by them."""
        return self.panel.n_units if self.specification.std_errors == "cluster" else None

    def with_cov(self, kind: StandardErrors | Conley) -> Self:
        """Return the same estimates with standard errors of another kind, in all that follows.

        Parameters
        ----------
        kind : str or Conley
            As for a :class:`Specification`.
        """
        design = replace(self._design, specification=self.specification.with_errors(kind))
        return type(self)(design, self._problem, self._point, self._maximum)

    @one_blas_thread
    def covariance(self, kind: StandardErrors | Conley) -> pd.DataFrame:
        """Covariance matrix of `params` of another kind.

        Parameters
        ----------
        kind : str or Conley
            As for a :class:`Specification`.

        Warns
        -----
        IndefiniteWarning
            If a Conley covariance had a negative part.
        """
        name = only(kind, (*COVARIANCES, "conley"))
        if name == "conley":
            kernels = self.conley(kind).kernels(self.panel.units, len(self.periods), None)
            values = kernel_sandwich(self._problem, self._point, *kernels)
        else:
            at = self._maximum if name == "observed" else self._point
            values = COVARIANCES[name](self._problem, at)
        return pd.DataFrame(values, index=self.params.index, columns=self.params.index)

    def conley(self, kind: str | Conley = "conley") -> Conley:
        """Kernel and cut-offs of Conley errors of this fit, what rules leave open filled in."""
        rule = kind if isinstance(kind, Conley) else Conley()
        return rule.settled(self.panel.units, len(self.periods), self.weights.places)

    def covariance_at(
        self, params: pd.Series, kind: Literal["information", "observed"] = "information"
    ) -> pd.DataFrame:
        """Inverse information of this model at other values of its parameters.

        Parameters
        ----------
        params : Series
            New values by name; parameters it lacks keep their estimates.
        kind : {"information", "observed"}
            Stata's xsmle stops at the maximum of the likelihood with ``within_order="demean-first"``
            and prints the observed kind of the other order there: fit both, and ask the second for
            its covariance at the parameters of the first.
        """
        values = self.params.copy()
        shared = values.index.intersection(params.index)
        values[shared] = params[shared]
        point = replace(
            self._point,
            b=values.iloc[: len(self._point.b)].to_numpy(),
            rho=float(values.get("rho", 0.0)),
            lam=float(values.get("lambda", 0.0)),
            phi=float(values.get("phi", 1.0)),
            sigma2=float(values["sigma2"]),
        )
        matrix = COVARIANCES[kind](self._problem, point)
        return pd.DataFrame(matrix, index=values.index, columns=values.index)

    @property
    def sigma2(self) -> float:
        """Variance of the innovations."""
        return self._point.sigma2

    @property
    def loglik(self) -> float:
        """Log-likelihood at its maximum; bias corrections come after and do not change it."""
        return self._maximum.loglik

    @property
    def aic(self) -> float:
        """Akaike's criterion; fixed effects are not counted, so compare within one choice of them."""
        return -2 * self.loglik + 2 * len(self.params)

    @property
    def bic(self) -> float:
        """Schwarz's criterion on the effective sample; fixed effects are not counted."""
        return -2 * self.loglik + np.log(self._problem.n_obs) * len(self.params)

    @property
    def _error_weights(self) -> Weights | None:
        return self._design.error_weights if self.specification.has_spatial_error else None

    def _labelled(self, values: FloatArray, name: str) -> pd.Series:
        return self.panel.series(values, name, self.periods)

    @cached_property
    def resids(self) -> pd.Series:
        """Innovations with the effects removed, by city and year."""
        return self._labelled(self._problem.innovations(self._point), "residual")

    @cached_property
    def _disturbance(self) -> FloatArray:
        """y - rho W y - Z b: effects plus errors, before any filter."""
        design = self._design
        return design.y - self._point.rho * design.wy - design.z @ self._point.b

    @cached_property
    def fixed_effects(self) -> pd.DataFrame:
        """City and year effects recovered from the residuals, each with mean zero, and the constant.

        Means of ``y - rho W y - Z b``: the likelihood's own estimates, but for the year effects of a
        model with lambda, where these are means after the filter of the errors.

        Raises
        ------
        SpecificationError
            If the model has random effects.
        """
        spec = self.specification
        if spec.is_random:
            raise SpecificationError("random effects are not estimated one by one")
        u = self._disturbance
        grand = u.mean() if spec.has_unit_effects or spec.has_time_effects else 0.0
        by_city = (u.mean(axis=0) - grand) * spec.has_unit_effects
        by_year = (u.mean(axis=1) - grand) * spec.has_time_effects
        kinds = ["constant", *[self.panel.unit] * len(by_city), *[self.panel.period] * len(by_year)]
        labels = ["", *self.panel.units, *self.periods]
        index = pd.MultiIndex.from_arrays([kinds, labels], names=["kind", "label"])
        values = np.concatenate([[grand], by_city, by_year])
        return pd.DataFrame({"estimate": values}, index=index)

    @property
    def fitted_values(self) -> pd.Series:
        """Outcome less its innovation: ``rho W y + Z b`` and the effects, on the observed W y."""
        return self.predict("structural")

    def predict(
        self,
        kind: Literal["reduced", "structural"] = "reduced",
        data: Panel | pd.DataFrame | None = None,
    ) -> pd.Series:
        """Fitted outcome, fixed effects included; random ones are not predicted.

        Parameters
        ----------
        kind : {"reduced", "structural"}
            "reduced" is ``S(rho)^{-1} (Z b + effects)``; "structural" uses the observed W y.
        data : Panel or DataFrame, optional
            New data of the same units and periods: what the outcome would be with other values of
            the regressors, the effects as estimated. Lags of the outcome are those in `data`.

        Returns
        -------
        Series
            By unit and period.

        Raises
        ------
        SpecificationError
            If the kind is unknown.
        PanelError, MissingColumnError
            If the new data have other units or periods, or lack a variable.
        """
        if not isinstance(kind, str):
            raise SpecificationError(
                f"kind is a {type(kind).__name__}: choose 'reduced' or 'structural', and pass new "
                "values of the regressors as predict(data=...)"
            )
        check_choice("kind", kind, ("reduced", "structural"))
        design, rho = self._design, self._point.rho
        if data is not None:
            panel = as_panel(data)
            if not panel.frame.index.equals(self.panel.frame.index):
                raise PanelError(
                    f"{panel.source}: effects are known for the {self.panel.n_units} x "
                    f"{self.panel.unit} and {self.panel.period} {self.panel.periods[0]}-"
                    f"{self.panel.periods[-1]} of the fit alone; give all of them, in one order"
                )
            design = build(panel, self.specification, self.weights, self._error_weights)
        signal = design.z @ self._point.b
        if not self.specification.is_random:
            effects = self.fixed_effects["estimate"]
            cities, years = design.y.shape[1], design.y.shape[0]
            signal = signal + effects.iloc[0] + effects.iloc[1 : 1 + cities].to_numpy()
            signal = signal + effects.iloc[1 + cities :].to_numpy().reshape(years, 1)
        if kind == "structural":
            return self._labelled(signal + rho * design.wy, "fitted")
        return self._labelled(design.operator.solve(rho, signal), "fitted")

    @cached_property
    def rsquared(self) -> pd.Series:
        """Five measures of fit, none of them the R2 of least squares.

        within, between, overall
            Squared correlations as Stata's xsmle defines them, effects not added back:
            ``y - ybar_i`` with ``S^{-1} (Z - Zbar_i) b``, ``ybar_i`` with ``S^{-1} Zbar_i b``,
            y with ``S^{-1} Z b``.
        correlation
            Squared correlation of the demeaned outcome with ``S^{-1} QZ b``.
        explained
            ``1 - SSR / SST``, effects counted as explained.
        """
        design, rho = self._design, self._point.rho
        y, signal = design.y, design.z @ self._point.b
        solve = design.operator.solve

        def squared(a: FloatArray, b: FloatArray) -> float:
            if np.ptp(a) == 0 or np.ptp(b) == 0:
                return np.nan
            return float(np.corrcoef(a.ravel(), b.ravel())[0, 1] ** 2)

        mean = signal.mean(axis=0, keepdims=True)
        ssr = float((self._problem.innovations(self._point) ** 2).sum())
        measures = {
            "within": squared(y - y.mean(axis=0), solve(rho, signal - mean)),
            "between": squared(y.mean(axis=0, keepdims=True), solve(rho, mean)),
            "overall": squared(y, solve(rho, signal)),
            "correlation": squared(self._problem.y, solve(rho, self._problem.z @ self._point.b)),
            "explained": 1 - ssr / float(((y - y.mean()) ** 2).sum()),
        }
        return pd.Series(measures, name="rsquared")

    @cached_property
    def _multiplier(self) -> spatial_effects.Multiplier:
        return spatial_effects.Multiplier.of(self.params.index, self.outcome)

    def _slopes(self, long_run: bool) -> list[spatial_effects.Slope]:
        spec = self.specification
        return spatial_effects.slopes_of(self.params.index, spec.terms, spec.durbin_terms, long_run)

    @cached_property
    def stability(self) -> Stability:
        """Roots of the dynamic model, on W and around a common trend.

        Raises
        ------
        SpecificationError
            If the model is static, or W is sparse.
        """
        operator = self._design.operator
        if not self.specification.is_dynamic:
            raise SpecificationError("a static model has no dynamics to be stable")
        if not isinstance(operator, DenseOperator):
            raise SpecificationError("the roots need the spectrum of W; store it dense")
        tau, eta = dynamic_parameters(self._point, self.specification)
        rho = self._point.rho

        def largest(w: NDArray) -> float:
            return float(np.abs((tau + eta * w) / (1 - rho * w)).max())

        top, outcome = operator.largest_eigenvalue, self.specification.outcome
        loads = {f"L.{outcome}": 1.0, f"W.L.{outcome}": top, "rho": top}
        present = {name: load for name, load in loads.items() if name in self.params.index}
        test = self.wald(
            lambda p: sum(load * p[name] for name, load in present.items()) - 1, "unit eigenvalue"
        )
        others = np.delete(operator.eigenvalues, np.argmin(np.abs(operator.eigenvalues - top)))
        return Stability(
            largest(operator.eigenvalues), largest(others), tau + (rho + eta) * top, test
        )

    def _require_long_run(self) -> None:
        if not self.specification.is_dynamic:
            raise SpecificationError(
                "a static model has no long run apart from the short; use horizon='short'"
            )
        operator = self._design.operator
        if not isinstance(operator, DenseOperator):
            tau, eta = dynamic_parameters(self._point, self.specification)
            spatial_effects.require_long_run(operator, tau, eta, self._point.rho)
        else:
            stability = self.stability
            if not stability.is_stable:
                trend = (
                    "the dynamics around the common trend are stable, the trend itself is not"
                    if stability.root_around_trend < 1
                    else "the dynamics are unstable around the common trend as well"
                )
                raise UnstableError(
                    f"long-run effects do not exist at this estimate: {stability}; {trend}. "
                    "Report short-run effects or responses by horizon instead"
                )

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
            If the long run does not exist at the estimate, or at none of the draws.

        Warns
        -----
        DiscardedDrawsWarning
            If the effects do not exist at more than 1 % of the draws.
        """
        if horizon not in ("short", "long"):
            raise SpecificationError(f"horizon={horizon!r}: choose 'short' or 'long'")
        if method not in ("delta", "simulation", "xsmle"):
            raise SpecificationError(f"method={method!r}: choose 'delta', 'simulation' or 'xsmle'")
        if not 0 < level < 1:
            raise SpecificationError(f"level={level!r}: must lie between 0 and 1")
        if draws is not None and draws < 2:
            raise SpecificationError(f"draws={draws!r}: a spread needs at least two")
        long_run = horizon == "long"
        if long_run:
            self._require_long_run()
        slopes = self._slopes(long_run)
        names = [slope.name for slope in slopes]
        operator, parameters = self._design.operator, self.params.to_numpy()
        estimates, jacobian = spatial_effects.point_and_jacobian(
            parameters, slopes, self._multiplier, operator, long_run
        )
        covariance = self.cov.to_numpy()
        if method == "delta":
            variance = np.einsum("vep,pq,veq->ve", jacobian, covariance, jacobian)
            return spatial_effects.table(names, estimates, np.sqrt(variance), level)
        if method == "xsmle":
            fixed = [i for i in (self._multiplier.tau, self._multiplier.eta) if i is not None]
            covariance = covariance.copy()
            covariance[fixed, :] = covariance[:, fixed] = 0.0
        rng = np.random.default_rng(0) if rng is None else rng
        count = (500 if method == "xsmle" else 5000) if draws is None else draws
        sample = _normal_draws(rng, parameters, covariance, count)
        simulated = spatial_effects.simulate(sample, slopes, self._multiplier, operator, long_run)
        kept = simulated[~np.isnan(simulated).any(axis=(1, 2))]
        lost = count - len(kept)
        if len(kept) < 2:
            raise UnstableError(f"the {horizon}-run effects exist at none of {count} draws")
        if lost > 0.01 * count:
            warnings.warn(
                f"the {horizon}-run effects do not exist at {lost} of {count} draws, which are left "
                "out of means and deviations",
                DiscardedDrawsWarning,
                stacklevel=3,
            )
        centre = kept.mean(axis=0) if method == "xsmle" else estimates
        frame = spatial_effects.table(names, centre, kept.std(axis=0, ddof=1), level)
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
        if effect not in spatial_effects.KINDS or horizon not in ("short", "long"):
            raise SpecificationError(
                f"effect={effect!r}, horizon={horizon!r}: choose from "
                f"{listed(spatial_effects.KINDS)} and from short, long"
            )
        if horizon == "long":
            self._require_long_run()
        slopes = self._slopes(horizon == "long")
        _, jacobian = spatial_effects.point_and_jacobian(
            self.params.to_numpy(),
            slopes,
            self._multiplier,
            self._design.operator,
            horizon == "long",
        )
        rows = jacobian[:, spatial_effects.KINDS.index(effect)]
        names = pd.Index([slope.name for slope in slopes], name="term")
        return pd.DataFrame(rows @ self.cov.to_numpy() @ rows.T, index=names, columns=names)

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
        """
        _check_horizon(horizon)
        slopes = self._slopes(long_run=False)
        values, jacobian = spatial_effects.response_path(
            self.params.to_numpy(), slopes, self._multiplier, self._design.operator, horizon
        )
        if cumulative:
            values, jacobian = values.cumsum(axis=0), jacobian.cumsum(axis=0)
        variance = np.einsum("hvep,pq,hveq->hve", jacobian, self.cov.to_numpy(), jacobian)
        names = [slope.name for slope in slopes]
        tables = {
            year: spatial_effects.table(names, value, error)
            for year, (value, error) in enumerate(zip(values, np.sqrt(variance), strict=True))
        }
        return pd.concat(tables, names=[self.panel.period])


def _check_horizon(horizon: int) -> None:
    if not isinstance(horizon, int | np.integer) or horizon < 0:
        raise SpecificationError(f"horizon={horizon!r}: a number of periods, 0 or more")


def _normal_draws(
    rng: np.random.Generator, mean: FloatArray, covariance: FloatArray, count: int
) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    return mean + rng.standard_normal((count, len(mean))) @ root.T
