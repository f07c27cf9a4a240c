"""One function that estimates every member of the family, and what follows from a fit."""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from analysis.errors import FewClustersWarning, PanelError, SpecificationError
from analysis.panel import FloatArray, Panel, as_panel, within
from analysis.resources import declared, refuse
from analysis.spatial.conley import Conley, only, settled
from analysis.spatial.correction import correct, warn_near_unit_roots
from analysis.spatial.covariance import COVARIANCES, kernel_sandwich
from analysis.spatial.design import Design, build, problem_of
from analysis.spatial.effects import SpatialEstimates
from analysis.spatial.estimates import FEW_CLUSTERS, StandardErrors, check_choice
from analysis.spatial.formula import asked
from analysis.spatial.likelihood import FREE, Likelihood, Point, Problem, maximise
from analysis.spatial.specification import Specification
from analysis.spatial.threads import one_blas_thread

SAYS = declared("analysis.spatial", "refusals.toml")["fit"]


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
        when = f"{self.panel.period} {self.periods[0]}-{self.periods[-1]}"
        return {
            "model": f"{spec.label}, {spec.estimator}",
            "outcome": spec.outcome,
            "observations": f"{self.nobs:,} = {units} x {self.panel.unit}, {periods} x {when}",
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
        at, centred = self._point, self._problem.centred
        found = [w.trace_error(getattr(at, name), centred) for name, w in self._problem.log_dets]
        return max(found, default=0.0)

    @cached_property
    def _terms(self) -> pd.Index:
        free = (FREE[name] for name in self._problem.free)
        return _index((*self._design.names, *free, "sigma2"))

    @cached_property
    def params(self) -> pd.Series:
        """Estimates: coefficients, rho, lambda, phi (each where free), sigma2."""
        at, free = self._point, self._problem.free
        values = np.array([*at.b, *(getattr(at, name) for name in free), at.sigma2])
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
        values = params.reindex(self._terms).fillna(self.params)
        moved = {name: float(values[FREE[name]]) for name in self._problem.free}
        b, sigma2 = values.iloc[: len(self._point.b)].to_numpy(), float(values["sigma2"])
        point = replace(self._point, b=b, sigma2=sigma2, **moved)
        return pd.DataFrame(COVARIANCES[kind](self._problem, point), self._terms, self._terms)

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

    @cached_property
    def resids(self) -> pd.Series:
        """Innovations with the effects removed, by city and year."""
        return self.panel.series(self._problem.innovations(self._point), "residual", self.periods)

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
        refuse(SpecificationError, SAYS, {"random": spec.is_random})
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
        refuse(SpecificationError, SAYS, {"kind": not isinstance(kind, str)}, kind=kind)
        check_choice("kind", kind, ("reduced", "structural"))
        design, rho = self._design, self._point.rho
        if data is not None:
            panel = as_panel(data)
            same = panel.frame.index.equals(self.panel.frame.index)
            refuse(PanelError, SAYS, {"panel": not same}, given=panel, panel=self.panel)
            other = design.error_weights if self.specification.has_spatial_error else None
            design = build(panel, self.specification, self.weights, other)
        signal = design.z @ self._point.b
        if not self.specification.is_random:
            u = self._design.y - rho * self._design.wy - self._design.z @ self._point.b
            signal = signal + u - within(u, self.specification.fixed_effects)
        structural = kind == "structural"
        found = signal + rho * design.wy if structural else design.operator.solve(rho, signal)
        return self.panel.series(found, "fitted", self.periods)

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
        y, signal, solve = design.y, design.z @ self._point.b, design.operator.solve

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


@one_blas_thread
def fit(
    panel: Panel | pd.DataFrame,
    specification: Specification | str,
    weights: Any,
    error_weights: Any = None,
    **options: Any,
) -> Fit:
    """Estimate a spatial panel model by (quasi) maximum likelihood.

    Parameters
    ----------
    panel : Panel or DataFrame
        Balanced. A frame has the units in the first level of its index and the periods in the
        second, or columns called unit and period (or city and year); :meth:`Panel.from_frame` takes
        other names, and its result saves the checks of a second fit.
    specification : Specification or str
        Model, effects, estimator and standard errors; or a formula such as
        ``"y ~ log(x) + x^2 + L.z + x:z + C(region)"``, with the rest in `options`.
    weights : Weights, libpysal.weights.W or libpysal.graph.Graph
        Matrix of the spatial lags, used as it stands and put into the panel's order by its labels.
        Keep one `Weights` between fits: its spectrum is computed once.
    error_weights : optional
        Matrix of the error process; `weights` by default.
    **options
        Of a :class:`Specification`, where a formula is given.

    Returns
    -------
    Fit

    Raises
    ------
    UnitMismatchError, IslandError, NotRowStandardisedError
        If W does not suit the panel or the estimator.
    NonFiniteError, MissingColumnError, SampleSizeError, CollinearityError, ConstantOutcomeError
        If the data cannot carry the model.
    EstimationError, UnstableError
        If the likelihood has no interior maximum, or a correction leaves the parameter space.

    Warns
    -----
    FewClustersWarning
        If clustered standard errors rest on fewer than 30 units.
    UnitRootWarning
        If a dynamic correction divides by the distance of a root from one and that is below 1/N.

    Notes
    -----
    Static models with fixed effects use the transformation likelihood of Lee and Yu (2010), dynamic
    ones the estimator of Yu, de Jong and Lee (2008) after time effects are removed by
    transformation, both as default; see :class:`Specification` for the alternatives.

    Examples
    --------
    A frame with a two-level index and libpysal's weights:

    >>> import numpy as np, pandas as pd
    >>> from libpysal.weights import lat2W
    >>> states = pd.MultiIndex.from_product([range(16), range(2003, 2013)], names=["state", "year"])
    >>> frame = pd.DataFrame(np.random.default_rng(1).uniform(1, 2, (160, 2)), states, ["x", "y"])
    >>> W = lat2W(4, 4)
    >>> W.transform = "r"
    >>> found = fit(frame, "log(y) ~ x + x^2", W, model="sdm", effects="two-way")
    >>> list(found.params.index)
    ['x', 'x^2', 'W.x', 'W.x^2', 'rho', 'sigma2']
    >>> found.wald("x = W.x").df
    1
    """
    data, spec = asked(panel, specification, Specification, options)
    design = build(data, spec, weights, error_weights)
    if spec.std_errors == "cluster" and data.n_units < FEW_CLUSTERS:
        said = SAYS["clusters"].format(panel=data, freedom=data.n_units - 1)
        warnings.warn(said, FewClustersWarning, stacklevel=3)
    found = fit_design(design)
    if spec.is_corrected and spec.is_dynamic and spec.has_unit_effects:
        warn_near_unit_roots(found._problem, found._maximum, spec)
    return found


def fit_design(design: Design) -> Fit:
    """Estimate from arrays: what bootstraps call, whose draws change some of them alone.

    Raises
    ------
    EstimationError, UnstableError, CollinearityError, ConstantOutcomeError
        As :func:`fit`.
    """
    spec, problem = design.specification, problem_of(design)
    maximum = maximise(problem)
    point = correct(problem, maximum, spec) if spec.is_corrected else maximum
    return Fit(design, problem, point, maximum)


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
    wrong = spec.is_random or spec.has_spatial_lag == spec.has_spatial_error
    refuse(SpecificationError, SAYS, {"profile": wrong}, spec=spec)
    ((parameter, operator),) = fit._problem.log_dets
    low, high = operator.bounds
    grid, which = np.array(list(values), dtype=float), FREE[parameter]
    outside = [f"{r:.4g}" for r in grid if not low < r < high][:1]
    refuse(SpecificationError, SAYS, {"outside": outside}, which=which, low=low, high=high)
    theta = np.tile([0.0, 0.0, 1.0], (len(grid), 1))
    theta[:, list(FREE).index(parameter)] = grid
    found = Likelihood(fit._problem).value(theta)
    return pd.Series(found, index=pd.Index(grid, name=which), name="loglik")
