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
from scipy import stats

from analysis import errors
from analysis.errors import listed
from analysis.inference.resampling import SAYS
from analysis.panel import Effects, FloatArray, Panel, as_panel, within
from analysis.resources import refuse
from analysis.spatial import TestResult
from analysis.spatial.conley import Conley, only, positive, settled
from analysis.spatial.estimates import Estimates, StandardErrors, check_choice, table_of_tests
from analysis.spatial.formula import read
from analysis.spatial.specification import Term, term_values
from analysis.spatial.specification_tests import hausman_result

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
    refuse(errors.SampleSizeError, SAYS, {"grid": min(t, n) < 2}, t=t, n=n)
    parts = {"individual": [resids], "time": [resids.T], "two-way": [resids, resids.T]}[effects]
    statistic = sum(honda(part).statistic ** 2 for part in parts)
    return TestResult(f"LM: {effects} effects", statistic, len(parts))


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
    excess = (resids.sum(axis=0) ** 2).sum() / (resids**2).sum() - 1
    statistic = np.sqrt(resids.size / (2 * (len(resids) - 1))) * excess
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


def _varying(block: FloatArray, effects: Effects) -> tuple[FloatArray, np.ndarray]:
    """Columns freed from the effects, or from their mean, and which of them still vary."""
    left = block - block.mean(axis=(0, 1)) if effects == "none" else within(block, effects)
    varies = np.linalg.norm(left, axis=(0, 1)) > 1e-10 * np.linalg.norm(block, axis=(0, 1))
    years, cities, columns = block.shape
    return left.reshape(years * cities, columns), varies


def _independent(panel: Panel, regressors: Sequence[str], effects: Effects) -> FloatArray:
    """Columns freed from the effects, of unit length, where each has something of its own left."""
    left, varies = _varying(panel.block(regressors), effects)
    means = "" if effects == "none" else f" beyond {panel.unit} and {panel.period} means"
    names = [name for name, still in zip(regressors, varies, strict=True) if not still]
    left = left / np.where(varies, np.linalg.norm(left, axis=0), 1)
    twice = np.linalg.matrix_rank(left, tol=_COLLINEAR) < len(regressors)
    wrong = {"unvaried": names, "collinear": twice}
    words = {"panel": panel, "means": means, "names": listed(names or regressors, 30)}
    refuse(errors.CollinearityError, SAYS, wrong, **words)
    return left


def _least_squares(
    panel: Panel, outcome: str, regressors: Sequence[str], effects: Effects
) -> tuple[float, int]:
    """Sum of squared residuals, and the rank of regressors, effects and constant together."""
    y, y_varies = _varying(panel.block([outcome]), effects)
    words = {"panel": panel, "outcome": outcome, "effects": effects}
    refuse(errors.ConstantOutcomeError, SAYS, {"constant": not y_varies.all()}, **words)
    X, varies = _varying(panel.block(regressors), effects)
    X = X[:, varies] / np.linalg.norm(X[:, varies], axis=0)
    slopes, _, rank, _ = np.linalg.lstsq(X, y[:, 0], rcond=_COLLINEAR)
    e = y[:, 0] - X @ slopes
    n, t = panel.n_units, panel.n_periods
    absorbed = {"none": 1, "individual": n, "time": t, "two-way": n + t - 1}[effects]
    return float(e @ e), absorbed + int(rank)


def effects_f_test(
    panel: Panel, outcome: str, regressors: Sequence[str],
    effects: Effects = "individual", against: Effects = "none",
) -> TestResult:  # fmt: skip
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
    smaller = {"individual": ["none"], "time": ["none"], "two-way": ["none", "individual", "time"]}
    words = {"effects": effects, "against": against, "outcome": outcome}
    apart = against not in smaller.get(effects, ())
    refuse(errors.SpecificationError, SAYS, {"nested": apart}, **words)
    panel = _with_terms(panel, regressors)
    large, rank = _least_squares(panel, outcome, regressors, effects)
    small, rank_against = _least_squares(panel, outcome, regressors, against)
    nobs = panel.n_units * panel.n_periods
    df, resid, names = rank - rank_against, nobs - rank, listed(regressors, 30)
    refuse(errors.CollinearityError, SAYS, {"spanned": df < 1}, panel=panel, names=names, **words)
    left = {"freedom": resid < 1}
    refuse(errors.SampleSizeError, SAYS, left, nobs=nobs, k=len(regressors), **words)
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
    scaled = _independent(as_panel(panel), regressors, "none")
    return pd.Series(np.diag(np.linalg.inv(scaled.T @ scaled)), list(regressors), name="VIF")


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
        cells = self.results["pooled"].params.index, ["estimate", "std_error", "z", "p_value"]
        tables = {name: fit.summary.loc[cells] for name, fit in self.results.items()}
        return pd.concat(tables, axis=1).rename(columns={"z": "t"}, level=1).rename_axis("term")

    def with_cov(self, kind: StandardErrors | Conley) -> Baseline:
        """Return the same estimates with standard errors of another kind; the tests stay."""
        return replace(self, results={n: fit.with_cov(kind) for n, fit in self.results.items()})


def baseline(
    panel: Panel | pd.DataFrame, outcome: str, regressors: Sequence[str] = (),
    std_errors: StandardErrors | Conley = "information",
) -> Baseline:  # fmt: skip
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
    given = as_panel(panel)
    if "~" in outcome and not regressors:
        given, outcome, regressors, lagged = read(given, outcome)
        regressors = (f"L.{outcome}",) * lagged + regressors
    refuse(errors.SpecificationError, SAYS, {"bare": not regressors}, outcome=outcome)
    unit, period = f"{given.unit} effects", f"{given.period} effects"
    both = f"{given.unit} and {period}"
    nested: dict[str, tuple[Effects, Effects]] = {
        unit: ("individual", "none"), both: ("two-way", "none"),
        f"{period} given {unit}": ("two-way", "individual"),
    }  # fmt: skip
    terms = given, outcome, regressors
    tests = {f"F: {name}": effects_f_test(*terms, *pair) for name, pair in nested.items()}
    panel = _with_terms(given, regressors)
    _independent(panel, regressors, "two-way")
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
        names = listed(regressors, 30)
        raise errors.EstimationError(f"{panel.source}: {names}: {error}") from error
    pooled = plain["pooled"].theirs, PanelOLS(y, X, time_effects=True).fit()
    resids, net = (
        fit.resids.to_numpy().reshape(panel.n_units, panel.n_periods).T for fit in pooled
    )

    def hausman(fixed: str, random: str) -> TestResult:
        other = plain[random]
        return hausman_result(plain[fixed], other.params, other.cov, list(regressors))

    tests |= {
        f"LM: {unit}": breusch_pagan_lm(resids), f"LM: {period}": breusch_pagan_lm(resids, "time"),
        f"LM: {both}": breusch_pagan_lm(resids, "two-way"), f"Honda: {unit}": honda(resids),
        "Hausman: fixed against random": hausman("fixed", "random"),
        f"Honda: {unit} given {period}": honda(net),
        f"Hausman: fixed against random, {period} in both": hausman("two-way", "random+time"),
    }  # fmt: skip
    table = table_of_tests(replace(test, name=name) for name, test in tests.items())
    return Baseline(plain, table).with_cov(std_errors)
