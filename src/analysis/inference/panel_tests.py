"""The non-spatial baseline: pooled, fixed- and random-effects estimates and the tests between them.

Estimators are linearmodels'; the Breusch-Pagan Lagrange multipliers, which it lacks, and the tests
between nested effects are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import (
    CollinearityError,
    ConstantOutcomeError,
    EstimationError,
    SampleSizeError,
    SpecificationError,
    listed,
)
from analysis.panel import Effects, Panel, as_panel, within
from analysis.spatial.conley import Conley, only, positive, settled
from analysis.spatial.estimates import (
    Estimates,
    StandardErrors,
    TestResult,
    check_choice,
    table_of_tests,
)
from analysis.spatial.formula import read
from analysis.spatial.specification import Term, term_values
from analysis.spatial.specification_tests import hausman_result

FloatArray = NDArray[np.float64]
_KINDS: dict[str, dict[str, Any]] = {
    "information": {},
    "sandwich": {"cov_type": "robust"},
    "cluster": {"cov_type": "clustered", "cluster_entity": True},
    "driscoll-kraay": {"cov_type": "kernel"},
    "conley": {},
}
"""How linearmodels calls the kinds of standard errors; it has none of Conley's."""

_COLLINEAR = 1e-8
"""Singular values of columns of unit length at most this size count as zero."""


def breusch_pagan_lm(
    resids: FloatArray, effects: Literal["individual", "time", "two-way"] = "individual"
) -> TestResult:
    """Lagrange multiplier test of random effects (Breusch and Pagan 1980).

    Parameters
    ----------
    resids : ndarray, shape (T, N)
        Residuals of pooled least squares.
    effects : {"individual", "time", "two-way"}

    Returns
    -------
    TestResult
        Chi-squared.

    Raises
    ------
    SampleSizeError
        With one period or one unit.
    SpecificationError
        For unknown effects.

    Examples
    --------
    >>> breusch_pagan_lm(np.array([[1.0, -1.0], [2.0, -2.0]])).df
    1
    """
    check_choice("effects", effects, ("individual", "time", "two-way"))
    t, n = resids.shape
    if t < 2 or n < 2:
        raise SampleSizeError(
            f"the Breusch-Pagan test needs two periods and units, not {t} and {n}"
        )
    total = (resids**2).sum()
    by_city = n * t / (2 * (t - 1)) * ((resids.sum(axis=0) ** 2).sum() / total - 1) ** 2
    by_year = n * t / (2 * (n - 1)) * ((resids.sum(axis=1) ** 2).sum() / total - 1) ** 2
    statistic = {"individual": by_city, "time": by_year, "two-way": by_city + by_year}[effects]
    df = 2 if effects == "two-way" else 1
    return TestResult(f"LM: {effects} effects", float(statistic), df)


def honda(resids: FloatArray) -> TestResult:
    """One-sided version of the test of individual random effects (Honda 1985).

    Parameters
    ----------
    resids : ndarray, shape (T, N)
        Residuals of pooled least squares.

    Returns
    -------
    TestResult
        Standard normal, the upper tail.
    """
    t, n = resids.shape
    excess = (resids.sum(axis=0) ** 2).sum() / (resids**2).sum() - 1
    statistic = np.sqrt(n * t / (2 * (t - 1))) * excess
    return TestResult("Honda: individual effects", float(statistic), None, "upper normal")


def _with_terms(panel: Panel, regressors: Sequence[str]) -> Panel:
    """Give powers and time lags columns of their own; periods that lags cost are gone."""
    panel = as_panel(panel)
    terms = {name: Term.parse(name) for name in regressors}
    made = {n: t for n, t in terms.items() if t.column(panel.columns) != (n, 1)}
    for name, term in made.items():
        panel = panel.assign(**{name: term_values(panel, term)})
        if term.lag:
            panel = panel.assign(**{name: panel.lag(name, term.lag)})
    return panel.sub(periods=panel.periods[max([0, *(term.lag for term in made.values())]) :])


def _varying(block: FloatArray, effects: Effects) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Columns freed from the effects, or from their mean, and which of them still vary."""
    left = block - block.mean(axis=(0, 1)) if effects == "none" else within(block, effects)
    varies = np.linalg.norm(left, axis=(0, 1)) > 1e-10 * np.linalg.norm(block, axis=(0, 1))
    years, cities, columns = block.shape
    return left.reshape(years * cities, columns), varies


def _least_squares(
    panel: Panel, outcome: str, regressors: Sequence[str], effects: Effects
) -> tuple[float, int]:
    """Sum of squared residuals, and the rank of regressors, effects and constant together."""
    y, y_varies = _varying(panel.block([outcome]), effects)
    if not y_varies.all():
        raise ConstantOutcomeError(
            f"{panel.source}: {outcome!r} does not vary once effects={effects!r} are removed"
        )
    X, varies = _varying(panel.block(regressors), effects)
    X = X[:, varies] / np.linalg.norm(X[:, varies], axis=0)
    basis, sizes, _ = np.linalg.svd(X, full_matrices=False)
    basis = basis[:, sizes > _COLLINEAR]
    e = y[:, 0] - basis @ (basis.T @ y[:, 0])
    n, t = panel.n_units, panel.n_periods
    absorbed = {"none": 1, "individual": n, "time": t, "two-way": n + t - 1}[effects]
    return float(e @ e), absorbed + basis.shape[1]


def effects_f_test(
    panel: Panel,
    outcome: str,
    regressors: Sequence[str],
    effects: Effects = "individual",
    against: Effects = "none",
) -> TestResult:
    """F test that the effects which `effects` has beyond `against` are all zero.

    Parameters
    ----------
    panel : Panel
    outcome : str
    regressors : sequence of str
        Terms ``x``, ``x^2``, ``L.x``.
    effects, against : {"none", "individual", "time", "two-way"}
        The larger and the smaller model.

    Returns
    -------
    TestResult
        F, with both degrees of freedom.

    Raises
    ------
    SpecificationError
        If the second model is not nested in the first.
    ConstantOutcomeError
        If the effects leave nothing of the outcome.
    CollinearityError
        If the regressors span the effects that are to be tested.
    SampleSizeError
        If no degrees of freedom are left.

    Notes
    -----
    ``effects="two-way", against="individual"`` is the test of year effects. Degrees of freedom are
    differences of ranks: a regressor that the effects absorb, or that repeats another, counts once.
    """
    nested = {
        "individual": ("none",),
        "time": ("none",),
        "two-way": ("none", "individual", "time"),
    }
    if against not in nested.get(effects, ()):
        raise SpecificationError(f"effects={against!r} is not nested in effects={effects!r}")
    return _effects_test(_with_terms(panel, regressors), outcome, regressors, effects, against)


def _effects_test(
    panel: Panel, outcome: str, regressors: Sequence[str], effects: Effects, against: Effects
) -> TestResult:
    """The same on columns that are made."""
    large, rank = _least_squares(panel, outcome, regressors, effects)
    small, rank_against = _least_squares(panel, outcome, regressors, against)
    df, resid = rank - rank_against, panel.n_units * panel.n_periods - rank
    if df < 1:
        raise CollinearityError(
            f"{panel.source}: {listed(regressors, 30)} span the {effects} effects beyond "
            f"effects={against!r}; drop regressors that do not vary within them"
        )
    if resid < 1:
        raise SampleSizeError(
            f"{outcome}: {panel.n_units * panel.n_periods} observations leave no degrees of freedom "
            f"for {effects} effects and {len(regressors)} regressors"
        )
    statistic = (small - large) / df / (large / resid)
    given = "" if against == "none" else f" given {against} effects"
    return TestResult(
        f"F: {effects} effects{given}", statistic, float(df), "F", df_resid=float(resid)
    )


def variance_inflation(panel: Panel, regressors: Sequence[str]) -> pd.Series:
    """Variance inflation factor of each regressor, all city-years pooled, with a constant.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": list("abcd"), "year": 1, "x": [1, 1, 2, 2], "z": [1, 2, 1, 2]})
    >>> variance_inflation(Panel.from_frame(frame), ["x", "z"]).tolist()
    [1.0, 1.0]
    """
    panel = as_panel(panel)
    left, varies = _varying(panel.block(regressors), "none")
    scaled = left / np.where(varies, np.linalg.norm(left, axis=0), np.inf)
    if np.linalg.matrix_rank(scaled, tol=_COLLINEAR) < len(regressors):
        raise CollinearityError(
            f"{panel.source}: {listed(regressors, 30)} are collinear, or one does not vary; drop one"
        )
    inverse = np.linalg.inv(scaled.T @ scaled)
    return pd.Series(np.diag(inverse), index=list(regressors), name="VIF")


class LeastSquares(Estimates):
    """One of linearmodels' results with the names that all estimates here have.

    What it does not have itself, such as ``variance_decomposition``, is linearmodels' own.
    """

    def __init__(self, model: Any, label: str, outcome: str, kind: StandardErrors | Conley) -> None:
        name = only(kind, _KINDS)
        self._model, self._label, self._kind = model, label, kind
        self.theirs = model.fit(**_KINDS[name])
        self.outcome, self.nobs = outcome, int(self.theirs.nobs)
        self.params, self.cov = self.theirs.params, self.theirs.cov
        if name == "cluster":
            self.n_clusters = int(self.theirs.entity_info["total"])
        if name == "conley":
            self._kind, self.cov = self._conley(kind)

    def _conley(self, kind: StandardErrors | Conley) -> tuple[Conley, pd.DataFrame]:
        """Rule with its cut-offs, and the covariance by scores of the regression as it is run."""
        grid = self._model.dependent.index
        units, years = (grid.get_level_values(level).unique() for level in (0, 1))
        rule = settled(kind, units, len(years), None)
        space, time = rule.kernels(len(years))
        X = self._regressors(len(units), len(years))
        scores = X * self.theirs.wresids.to_numpy().reshape(*X.shape[:2], 1)
        near = np.tensordot(space, np.einsum("ts,isk->itk", time, scores), 1)
        bread = np.linalg.inv(np.einsum("itk,itl->kl", X, X))
        meat = positive(np.einsum("itk,itl->kl", scores, near))
        return rule, pd.DataFrame(bread @ meat @ bread, *[self.params.index] * 2)

    def _regressors(self, units: int, years: int) -> FloatArray:
        """Regressors without the effects, the constant's means added back; shape (N, T, K)."""
        X = self._model.exog.values2d.reshape(units, years, -1)
        if hasattr(self.theirs, "theta"):
            share = self.theirs.theta.to_numpy().reshape(-1, 1, 1)
            return X - share * X.mean(axis=1, keepdims=True)
        kinds: dict[str, Effects] = {"fixed": "individual", "two-way": "two-way"}
        if self._label not in kinds:
            return X
        free = within(X.swapaxes(0, 1), kinds[self._label]).swapaxes(0, 1)
        return np.asarray(free + X.mean(axis=(0, 1)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "theirs":
            raise AttributeError(name)
        return getattr(self.theirs, name)

    df_resid = property(lambda self: int(self.theirs.df_resid))

    @property
    def header(self) -> dict[str, str]:
        """What stands over the table of coefficients."""
        return {"model": self._label, **super().header, "standard errors": str(self._kind)}

    @property
    def _law(self) -> Any:
        return stats.t((self.n_clusters or self.df_resid + 1) - 1)

    def with_cov(self, kind: StandardErrors | Conley) -> LeastSquares:
        """Return the same estimates with standard errors of another kind.

        Parameters
        ----------
        kind : {"information", "sandwich", "cluster", "driscoll-kraay", "conley"} or Conley
            Conley's needs the places.
        """
        return LeastSquares(self._model, self._label, self.outcome, kind)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Non-spatial estimates of one equation and the tests that choose between them.

    Attributes
    ----------
    results : dict of LeastSquares
        "pooled", "fixed", "random" (Swamy-Arora), "two-way" and "random+time", random unit effects
        with dummies of the periods.
    tests : DataFrame
        F tests of unit and period effects, Breusch-Pagan tests, Honda's and Hausman's, without year
        effects and with them: ``statistic``, ``df``, ``df_resid``, ``p_value``.
    """

    results: dict[str, LeastSquares]
    tests: pd.DataFrame

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Estimate, standard error, t and p of each term (rows) in each model (top columns).

        Without the dummies of the periods.
        """
        terms = self.results["pooled"].params.index
        columns = {"z": "t"}
        tables = {
            name: pd.DataFrame(fit.summary)
            .loc[terms]
            .drop(columns=["lower", "upper"])
            .rename(columns=columns)
            for name, fit in self.results.items()
        }
        return pd.concat(tables, axis=1).rename_axis("term")

    def with_cov(self, kind: StandardErrors | Conley) -> Baseline:
        """Return the same estimates with standard errors of another kind; the tests stay."""
        return replace(self, results={n: fit.with_cov(kind) for n, fit in self.results.items()})


def baseline(
    panel: Panel | pd.DataFrame,
    outcome: str,
    regressors: Sequence[str] = (),
    std_errors: StandardErrors | Conley = "information",
) -> Baseline:
    """Pooled, fixed-effects, random-effects and two-way estimates with the tests between them.

    Parameters
    ----------
    panel : Panel or DataFrame
    outcome : str
        Or a formula, as for :func:`analysis.spatial.fit`, and no regressors.
    regressors : sequence of str
        Terms ``x``, ``x^2``, ``L.x``; lags cost periods at the start.
    std_errors : {"information", "sandwich", "cluster", "driscoll-kraay"} or Conley
        Of the estimates; the tests use "information".

    Returns
    -------
    Baseline

    Raises
    ------
    ConstantOutcomeError, CollinearityError
        If outcome or a regressor has no variation left within cities and years.
    SpecificationError
        For an unknown covariance.
    MissingColumnError, NonFiniteError
        As for :meth:`analysis.panel.Panel.values`.

    Notes
    -----
    The constant of the fixed-effects models is the mean effect.
    """
    from linearmodels.panel import PanelOLS, PooledOLS, RandomEffects

    only(std_errors, _KINDS)
    if "~" in outcome and not regressors:
        panel, outcome, regressors, lagged = read(as_panel(panel), outcome)
        regressors = (f"L.{outcome}",) * lagged + regressors
    if not regressors:
        raise SpecificationError(f"{outcome}: no regressors")
    panel = _with_terms(panel, regressors)
    _check_variation(panel, outcome, regressors)
    y = panel.series(panel.values(outcome), outcome)
    X = pd.DataFrame({name: panel.series(panel.values(name), name) for name in regressors})
    X.insert(0, "const", 1.0)
    years = pd.get_dummies(y.index.get_level_values(1), drop_first=True, dtype=float)
    dummies = years.set_axis(y.index).rename(columns=lambda year: f"{panel.period} {year}")
    try:
        models: dict[str, Any] = {
            "pooled": PooledOLS(y, X),
            "fixed": PanelOLS(y, X, entity_effects=True),
            "random": RandomEffects(y, X),
            "two-way": PanelOLS(y, X, entity_effects=True, time_effects=True),
            "random+time": RandomEffects(y, X.join(dummies)),
        }
        plain = {n: LeastSquares(model, n, outcome, "information") for n, model in models.items()}
    except ValueError as error:  # sizes too far apart for its own test of the rank, or too few rows
        raise EstimationError(f"{panel.source}: {listed(regressors, 30)}: {error}") from error

    def grid(values: pd.DataFrame) -> FloatArray:
        return values.to_numpy().reshape(panel.n_units, panel.n_periods).T

    resids = grid(plain["pooled"].theirs.resids)
    net = grid(PanelOLS(y, X, time_effects=True).fit().resids)
    unit, period = f"{panel.unit} effects", f"{panel.period} effects"
    both = f"{panel.unit} and {period}"
    tests: dict[str, TestResult] = {
        f"F: {unit}": _effects_test(panel, outcome, regressors, "individual", "none"),
        f"F: {both}": _effects_test(panel, outcome, regressors, "two-way", "none"),
        f"F: {period} given {unit}": _effects_test(
            panel, outcome, regressors, "two-way", "individual"
        ),
        f"LM: {unit}": breusch_pagan_lm(resids, "individual"),
        f"LM: {period}": breusch_pagan_lm(resids, "time"),
        f"LM: {both}": breusch_pagan_lm(resids, "two-way"),
        f"Honda: {unit}": honda(resids),
    }
    by = ("fixed", "random"), ("two-way", "random+time")
    plainly, in_both = (
        hausman_result(plain[f], plain[r].params, plain[r].cov, list(regressors)) for f, r in by
    )
    tests |= {
        "Hausman: fixed against random": plainly,
        f"Honda: {unit} given {period}": honda(net),
        f"Hausman: fixed against random, {period} in both": in_both,
    }
    table = table_of_tests(replace(test, name=name) for name, test in tests.items())
    return Baseline(plain, table).with_cov(std_errors)


def _check_variation(panel: Panel, outcome: str, regressors: Sequence[str]) -> None:
    left, varies = _varying(panel.block([outcome, *regressors]), "two-way")
    if not varies[0]:
        raise ConstantOutcomeError(
            f"{panel.source}: {outcome!r} does not vary beyond {panel.unit} and {panel.period} means"
        )
    if not varies[1:].all():
        names = [name for name, good in zip(regressors, varies[1:], strict=True) if not good]
        raise CollinearityError(
            f"{panel.source}: {listed(names)} do not vary beyond {panel.unit} and {panel.period} means; drop "
            "them from a model with fixed effects"
        )
    scaled = left[:, 1:] / np.linalg.norm(left[:, 1:], axis=0)
    if np.linalg.matrix_rank(scaled, tol=_COLLINEAR) < len(regressors):
        raise CollinearityError(
            f"{panel.source}: {listed(regressors, 30)} are collinear within {panel.unit} and {panel.period}; "
            "drop one"
        )
