"""What a fit returns: labelled estimates, and everything that follows from them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Literal, Self

import numpy as np
import pandas as pd

from analysis.errors import PanelError, SpecificationError
from analysis.panel import FloatArray, Panel, as_panel, within
from analysis.spatial.conley import Conley, only, settled
from analysis.spatial.covariance import COVARIANCES, kernel_sandwich
from analysis.spatial.design import Design, build
from analysis.spatial.effects import SpatialEstimates
from analysis.spatial.estimates import FEW_CLUSTERS, StandardErrors, check_choice
from analysis.spatial.likelihood import FREE, Likelihood, Point, Problem
from analysis.spatial.threads import one_blas_thread


@lru_cache(maxsize=512)
def _index(terms: tuple[str, ...]) -> pd.Index:
    return pd.Index(terms, name="term")


class Fit(SpatialEstimates):
    """An estimated spatial panel model; made by :func:`analysis.spatial.fit`.

    `summary` is the single truth that tables render. Costly parts are computed when first asked for.
    """

    def __init__(self, design: Design, problem: Problem, point: Point, maximum: Point) -> None:
        self._design, self._problem = design, problem
        self._point, self._maximum = point, maximum
        self.specification, self.outcome = design.specification, design.specification.outcome
        self.weights, self.panel = design.weights, design.panel
        self.nobs = int(design.y.size)
        self.period = design.panel.period

    @cached_property
    def periods(self) -> pd.Index:
        """The periods left after lags."""
        return self._design.periods

    def __repr__(self) -> str:
        return f"Fit({self.specification.label}, {self.nobs} observations, W: {self.weights.name})"

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
        conley = only(spec.std_errors) == "conley"
        errors = str(self.conley() if conley else spec.std_errors)
        if (self.n_clusters or FEW_CLUSTERS) < FEW_CLUSTERS:
            errors += f", of {units} clusters: below some 30 too small"
        off = self.trace_error
        rough = {"traces": f"of random probes, relative error {off:.2%}"} if off else {}
        return {
            "model": f"{spec.label}, {spec.estimator}",
            "outcome": spec.outcome,
            "observations": f"{self.nobs:,} = {units} x {self.panel.unit}, {periods} x "
            f"{self.panel.period} {self.periods[0]}-{self.periods[-1]}",
            "weights": self.weights.name,
            "standard errors": errors,
            "log-likelihood": f"{self.loglik:.4f}",
            **rough,
        }

    @property
    def trace_error(self) -> float:
        """Relative standard error of tr G'G behind the errors of rho or lambda; zero where exact.

        A sparse W of more than 2,000 units has it estimated; all else is exact.
        """
        if self.specification.std_errors != "information":
            return 0.0
        return max(
            (w.trace_error(getattr(self._point, name), self._problem.centred)
             for name, w in self._problem.log_dets), default=0.0,
        )  # fmt: skip

    @cached_property
    def _terms(self) -> pd.Index:
        free = [FREE[name] for name in self._problem.free]
        return _index((*self._design.names, *free, "sigma2"))

    @cached_property
    def params(self) -> pd.Series:
        """Estimates: coefficients, rho, lambda, phi (each where free), sigma2."""
        point = self._point
        free = [getattr(point, name) for name in self._problem.free]
        values = np.array([*point.b, *free, point.sigma2])
        return pd.Series(values, self._terms, name="estimate", copy=False)

    @cached_property
    @one_blas_thread
    def _cov(self) -> FloatArray:
        if (name := only(self.specification.std_errors)) == "conley":
            kernels = self.conley().kernels(len(self.periods))
            return kernel_sandwich(self._problem, self._point, *kernels)
        at = self._maximum if name == "observed" else self._point
        return COVARIANCES[name](self._problem, at)

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of `params`, of the kind the specification asks for."""
        return pd.DataFrame(self._cov, index=self._terms, columns=self._terms)

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
        design = replace(self._design, specification=replace(self.specification, std_errors=kind))
        return type(self)(design, self._problem, self._point, self._maximum)

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
        return self.with_cov(kind).cov

    def conley(self) -> Conley:
        """Kernel and cut-offs of Conley errors of this fit, what rules leave open filled in."""
        rule, places = self.specification.std_errors, self.weights.places
        return settled(rule, self.panel.units, len(self.periods), places)

    def covariance_at(
        self, params: pd.Series, kind: Literal["information", "observed"] = "information"
    ) -> pd.DataFrame:
        """Inverse information of this model at other values of its parameters.

        Parameters
        ----------
        params : Series
            New values by name; parameters it lacks keep their estimates.
        kind : {"information", "observed"}
            Stata's xsmle maximises the likelihood with ``within_order="demean-first"`` by derivatives
            of the other order: a spatial lag with year effects stops between both maxima, and the
            observed kind of the other order at its parameters gives the errors that it prints.
        """
        values = params.reindex(self.params.index).fillna(self.params)
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

    def _labelled(self, values: FloatArray, name: str) -> pd.Series:
        return self.panel.series(values, name, self.periods)

    @cached_property
    def resids(self) -> pd.Series:
        """Innovations with the effects removed, by city and year."""
        return self._labelled(self._problem.innovations(self._point), "residual")

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
        spec, design = self.specification, self._design
        if spec.is_random:
            raise SpecificationError("random effects are not estimated one by one")
        u = design.y - self._point.rho * design.wy - design.z @ self._point.b
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
            other = design.error_weights if self.specification.has_spatial_error else None
            design = build(panel, self.specification, self.weights, other)
        signal = design.z @ self._point.b
        if not self.specification.is_random:
            u = self._design.y - rho * self._design.wy - self._design.z @ self._point.b
            signal = signal + u - within(u, self.specification.fixed_effects)
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


def profile(fit: Fit, values: Iterable[float]) -> pd.Series:
    """Log-likelihood at fixed values of rho (or lambda), all else at its best.

    Parameters
    ----------
    fit : Fit
        A model with one spatial parameter and fixed effects or none.
    values : iterable of float
        Inside the interval on which I - rho W is invertible.

    Returns
    -------
    Series
        Log-likelihood by value; its maximum over all values is ``fit.loglik``.

    Raises
    ------
    SpecificationError
        If the model has no spatial parameter, two of them, or random effects, or a value lies
        outside the interval.

    Notes
    -----
    Values whose log-likelihood is less than 1.92 below the maximum form the 95 % interval of the
    likelihood ratio test. Bias corrections come after the maximisation and are not in it.

    Examples
    --------
    >>> from analysis.spatial import fit, profile
    >>> from analysis.papers.validation import CIGARETTES, cigarettes
    >>> panel, weights = cigarettes()
    >>> found = fit(panel, CIGARETTES, weights)
    >>> bool(profile(found, [found.params["rho"]]).iloc[0] - found.loglik < 1e-9)
    True
    """
    spec = fit.specification
    if spec.is_random or spec.has_spatial_lag == spec.has_spatial_error:
        raise SpecificationError(
            f"a profile needs one spatial parameter and no random effects; this is a {spec.label}"
        )
    ((parameter, operator),) = fit._problem.log_dets
    low, high = operator.bounds
    grid, which = np.array(list(values), dtype=float), FREE[parameter]
    outside = grid[~((low < grid) & (grid < high))]
    if outside.size:
        raise SpecificationError(
            f"{which}={outside[0]:.4g}: choose values inside ({low:.4g}, {high:.4g})"
        )
    theta = np.tile([0.0, 0.0, 1.0], (len(grid), 1))
    theta[:, list(FREE).index(parameter)] = grid
    found = Likelihood(fit._problem).value(theta)
    return pd.Series(found, index=pd.Index(grid, name=which), name="loglik")
