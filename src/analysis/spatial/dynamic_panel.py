"""Difference and system GMM for dynamic panels, balanced or not, in xtabond2's conventions.

The spatial estimator of :mod:`analysis.spatial.gmm` declares its regressors and instruments and
leaves the rest to this module, which knows nothing of space.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Self, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from analysis import errors
from analysis.errors import listed
from analysis.panel import FloatArray, keyed, numbers, present
from analysis.spatial.conley import Conley, only, positive, settled
from analysis.spatial.estimates import (
    Estimates,
    StandardErrors,
    TestResult,
    check_choice,
    table_of_tests,
)
from analysis.spatial.specification import Term

Equation = Literal["both", "difference", "level"]

CONSTANT = "const"
OFFERED = ("information", "cluster", "conley")
"""Kinds of standard errors."""
_SPARSEST = 10
"""Periods may span this many times those that occur: one typed 20000101 would fill the memory."""

_DEPENDENT = 1e-9
"""A column is dependent on earlier ones if less than this share of its length is left."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """One variable that serves as instrument.

    Attributes
    ----------
    variable : str
        A column of the data, or a lag of one: ``"L.n"``, ``"L2.n"``.
    style : {"lags", "own"}
        "lags" (xtabond2's gmmstyle): levels lagged `first` to `last` instrument the differenced
        equation, the difference lagged ``first - 1`` the level equation; what is missing counts
        as zero. "own" (ivstyle): the variable instruments itself, differenced in the differenced
        equation, as it is in the level equation, in one column.
    first, last : int, int or None
        Lags used by the style "lags"; ``None`` takes all there are.
    equation : {"both", "difference", "level"}
        The equations it serves in; difference GMM has no level equation.
    collapse : bool
        One column a lag instead of one a lag and period.
    group : str
        Instruments of one group are tested together by the difference-in-Hansen test; the
        variable by default.
    """

    variable: str
    style: Literal["lags", "own"] = "lags"
    first: int = 2
    last: int | None = None
    equation: Equation = "both"
    collapse: bool = False
    group: str = ""

    def __post_init__(self) -> None:
        check_choice(f"instruments {self.variable!r}: style", self.style, ("lags", "own"))
        check_choice(f"instruments {self.variable!r}: equation", self.equation, get_args(Equation))
        last = self.first if self.last is None else self.last
        if self.style == "lags" and not 0 <= self.first <= last:
            raise errors.SpecificationError(
                f"instruments {self.variable!r}: lags {self.first} to {self.last} are no range"
            )

    @property
    def name(self) -> str:
        """The group's name."""
        return self.group or self.variable


@dataclass(frozen=True, eq=False, repr=False)
class GmmFit(Estimates):
    """Estimates of a dynamic panel by difference or system GMM.

    Attributes
    ----------
    method, outcome : str
        What was estimated, in words.
    std_errors_kind : {"information", "cluster", "conley"} or Conley
    params : Series
    cov : DataFrame
        Covariance of the parameters.
    sigma2 : float
        Variance of the idiosyncratic error: half the mean square of the one-step differenced
        residuals.
    nobs, n_units : int
        Observations (of the level equation if there is one) and units in the sample.
    n_instruments : int
        Linearly independent instrument columns.
    instruments : DataFrame
        Group, equation and number of columns of each set of instruments.
    tests : DataFrame
        Arellano-Bond AR(1) and AR(2) in differences (standard normal), Sargan (not robust) and
        Hansen (robust, two-step weights; chi-squared): ``statistic``, ``df``, ``p_value``.
    difference_in_hansen : DataFrame
        A row a group of instruments: Hansen without it, and the difference, which tests it;
        missing where the model is not identified without the group.
    resids, fitted_values : DataFrame
        Of the differenced and, in system GMM, of the level equation.
    again : callable
        Estimates anew with standard errors of another kind.
    """

    method: str
    outcome: str
    std_errors_kind: StandardErrors | Conley
    params: pd.Series
    cov: pd.DataFrame
    sigma2: float
    nobs: int
    n_units: int
    n_instruments: int
    instruments: pd.DataFrame
    tests: pd.DataFrame
    difference_in_hansen: pd.DataFrame
    resids: pd.DataFrame
    fitted_values: pd.DataFrame
    again: Callable[..., GmmFit]

    @property
    def header(self) -> dict[str, str]:
        """What stands over the table of coefficients."""
        return {
            "model": self.method,
            "outcome": self.outcome,
            "observations": f"{self.nobs:,} of {self.n_units:,} units",
            "instruments": str(self.n_instruments),
            "standard errors": str(self.std_errors_kind),
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.method}, {self.nobs} observations)"

    def with_cov(self, kind: StandardErrors | Conley) -> Self:
        """Return the same estimates with standard errors of another kind, in all that follows.

        Parameters
        ----------
        kind : {"information", "cluster", "conley"} or Conley
        """
        return self.again(std_errors=kind)  # type: ignore[return-value]


# --- arrays on the unit-by-period grid -----------------------------------------------------------


def shifted(grid: FloatArray, periods: int) -> FloatArray:
    """Lag along the last axis; what falls off the edge is missing."""
    lagged = np.full_like(grid, np.nan)
    lagged[..., periods:] = grid[..., : grid.shape[-1] - periods]
    return lagged


def _difference(grid: FloatArray) -> FloatArray:
    return grid - shifted(grid, 1)


class _Grid:
    """Variables of a long frame as (unit, period) arrays; missing city-years are NaN."""

    def __init__(self, frame: pd.DataFrame, unit: str = "", period: str = "") -> None:
        given = keyed(frame, unit, period, "data")
        self.frame = given.index.to_frame().join(given)
        self.units, seen = given.index.unique(0), given.index.unique(1).sort_values()
        if seen[-1] - seen[0] > _SPARSEST * len(seen) + 100:
            raise errors.PanelError(
                f"data: column {period!r} runs from {seen[0]} to {seen[-1]}, of which only "
                f"{len(seen)} occur; correct the entry that stands apart, or count periods by one"
            )
        self.periods = pd.RangeIndex(seen[0], seen[-1] + 1, name=seen.name)
        at = self.units.get_indexer(given.index.get_level_values(0))
        self.where = at, given.index.get_level_values(1).to_numpy() - seen[0]

    def __getitem__(self, name: str) -> FloatArray:
        term = Term.parse(name)
        variable, power = term.column(self.frame.columns)
        present(self.frame, [variable], "data")
        if term.lag >= len(self.periods):
            raise errors.SampleSizeError(f"{name}: the data have {len(self.periods)} periods only")
        grid = np.full((len(self.units), len(self.periods)), np.nan)
        grid[self.where] = numbers(self.frame[variable], "data", gaps=True)
        return shifted(grid**power if power > 1 else grid, term.lag)


def _lag_columns(
    source: FloatArray, lags: Sequence[int], rows: NDArray[np.bool_], collapse: bool
) -> FloatArray:
    """Lags of one variable as instrument columns, (N, T, L); zero where missing or unused."""
    lagged = np.stack([shifted(source, lag) for lag in lags], axis=-1)
    lagged = np.where(rows[..., None] & np.isfinite(lagged), lagged, 0.0)
    if collapse:
        return lagged
    n, t, count = lagged.shape
    columns = np.zeros((n, t, t, count))
    index = np.arange(t)
    columns[:, index, index] = lagged
    return columns.reshape(n, t, t * count)


def _blocks(
    instrument: Instruments, values: FloatArray, rows: dict[str, NDArray[np.bool_]]
) -> list[tuple[str, FloatArray]]:
    """Instrument columns of one declaration: pairs of equation and (N, R, L) columns."""
    serves = [equation for equation in rows if instrument.equation in ("both", equation)]
    change, collapse = _difference(values), instrument.collapse
    if instrument.style == "own":
        sources = {"difference": (change, range(1)), "level": (values, range(1))}
        sets, collapse = [serves], True
    else:
        first, oldest = instrument.first, values.shape[1] - 1
        last = oldest if instrument.last is None else min(instrument.last, oldest)
        before = max(first - 1, 0)
        sources = {
            "difference": (values, range(first, last + 1)),
            "level": (change, range(before, before + 1)),
        }
        sets = [[equation] for equation in serves if sources[equation][1]]
    found = []
    for chosen in filter(None, sets):
        parts = {e: _lag_columns(*sources[e], rows[e], collapse) for e in chosen}
        empty = np.zeros_like(parts[chosen[0]])
        columns = np.concatenate([parts.get(e, empty) for e in rows], axis=1)
        found.append((chosen[0] if len(chosen) == 1 else "both", columns))
    return found


def _unit_length(columns: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Scaled columns, their lengths, and which of them do not depend on those before them."""
    rows = columns.reshape(-1, columns.shape[-1])
    lengths = np.linalg.norm(rows, axis=0)
    scaled = rows / np.where(lengths > 0, lengths, 1.0)
    pending = np.flatnonzero(lengths > 0)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled[:, pending], mode="r")))
    independent = np.zeros(columns.shape[-1], dtype=bool)
    independent[pending[: len(diagonal)][diagonal > _DEPENDENT]] = True
    return scaled.reshape(columns.shape), lengths, independent


def _sample(
    grid: _Grid, outcome: str, regressors: Sequence[str], instruments: Sequence[Instruments]
) -> dict[str, NDArray[np.bool_]]:
    """Where the difference, and where the level, of everything is observed."""
    used = [outcome, *regressors, *(z.variable for z in instruments if z.style == "own")]
    complete = np.all([np.isfinite(grid[name]) for name in used], axis=0)
    difference = complete & np.pad(complete, ((0, 0), (1, 0)))[:, :-1]
    if not difference.any():
        raise errors.SampleSizeError(
            f"{outcome}: no unit has two consecutive periods in which outcome, regressors and "
            "instruments are all observed; shorten the lags or add periods"
        )
    return {"difference": difference, "level": complete}


def _dummies(
    grid: _Grid, sample: NDArray[np.bool_], equation: Equation, period_effects: bool
) -> dict[Instruments, FloatArray]:
    """Period effects and the constant by their declarations as instruments.

    With a level equation in that one only: differenced dummies would repeat these moments.
    """
    declare = partial(Instruments, style="own", equation=equation)
    found = {}
    seen = np.flatnonzero(sample.any(axis=0) & period_effects)
    for t in seen[1:] if equation == "level" else seen:
        name = f"{grid.periods.name}_{grid.periods[t]}"
        only_then = np.broadcast_to(np.arange(sample.shape[1]) == t, sample.shape)
        found[declare(name, group="period effects")] = only_then.astype(float)
    if equation == "level":
        found[declare(CONSTANT)] = np.ones(sample.shape)
    return found


class _Stack:
    """Differenced rows, then level rows, of each unit; rows out of the sample are zero.

    Shapes: y (N, R), X (N, R, K), Z (N, R, L), H (R, R), used (N, R); R counts both equations.
    Columns of X and Z have unit length, so that units of measurement do not touch the arithmetic;
    `lengths` (K,) are those that X had; `labels` have group, equation and style of each instrument.
    """

    def __init__(
        self,
        grid: _Grid,
        outcome: str,
        regressors: Sequence[str],
        instruments: Sequence[Instruments],
        system: bool,
        period_effects: bool,
    ) -> None:
        rows = _sample(grid, outcome, regressors, instruments)
        if not system:
            del rows["level"]
        equation, sample = next(reversed(rows.items()))
        extra = _dummies(grid, sample, equation, period_effects)  # type: ignore[arg-type]
        names = [*regressors, *(dummy.variable for dummy in extra)]
        X = np.stack([*(grid[name] for name in regressors), *extra.values()], axis=-1)
        blocks, labels = [], []
        for instrument in (*instruments, *extra):
            values = extra[instrument] if instrument in extra else grid[instrument.variable]
            for where, columns in _blocks(instrument, values, rows):
                blocks.append(columns)
                labels += [(instrument.name, where, instrument.style)] * columns.shape[-1]
        if not blocks:
            raise errors.SpecificationError(
                f"{outcome}: no instruments; name at least one for each regressor"
            )

        def stacked(values: FloatArray) -> FloatArray:
            forms = {"difference": np.diff(values, axis=1, prepend=np.nan), "level": values}
            shape = (..., *[None] * (values.ndim - 2))
            kept = [np.where(used[shape], forms[where], 0.0) for where, used in rows.items()]
            return np.concatenate(kept, axis=1)

        t = len(grid.periods)
        D = np.eye(t) - np.eye(t, k=-1)
        transform = np.vstack([D, np.eye(t)]) if system else D
        # the first row of D has no predecessor, but it is never in the sample
        Z, _, keep = _unit_length(np.concatenate(blocks, axis=-1))
        scaled, lengths, independent = _unit_length(stacked(X))
        if not independent.all():
            dependent = [n for n, ok in zip(names, independent, strict=True) if not ok]
            raise errors.CollinearityError(
                f"{outcome}: {listed(dependent)} cannot be told from the other regressors"
                + ("" if system else " after differencing (a variable constant over time vanishes)")
                + "; drop it"
            )
        self.y, self.X, self.lengths = stacked(grid[outcome]), scaled, lengths
        self.Z, self.used = Z[..., keep], np.concatenate(list(rows.values()), axis=1)
        self.H, self.n_difference, self.names = transform @ transform.T, t, names
        self.labels = pd.DataFrame(labels, columns=["group", "equation", "style"])[keep]


# --- estimation ----------------------------------------------------------------------------------


class _Step:
    """One GMM step: weights A, bread (X'Z A Z'X)^-1, estimate b, moments Z_i'e_i (N, L)."""

    def __init__(self, zx: FloatArray, zy: FloatArray, A: FloatArray) -> None:
        ZX, Zy = zx.sum(axis=0), zy.sum(axis=0)
        self.A, self.bread = A, linalg.pinvh(ZX.T @ A @ ZX)
        self.half = self.bread @ (ZX.T @ A)
        self.b = self.bread @ (ZX.T @ (A @ Zy))
        self.moments = zy - zx @ self.b
        total = self.moments.sum(axis=0)
        self.criterion = float(total @ A @ total)


def _windmeijer(zx: FloatArray, one: _Step, two: _Step, robust_one: FloatArray) -> FloatArray:
    """Two-step covariance corrected for the estimated weights (Windmeijer 2005)."""
    v = two.A @ two.moments.sum(axis=0)
    change = np.einsum("ilk,i->lk", zx, one.moments @ v)
    change += one.moments.T @ np.einsum("ilk,l->ik", zx, v)
    D, V = two.half @ change, two.bread
    return V + D @ V + V @ D.T + D @ robust_one @ D.T


def _conley(stack: _Stack, step: _Step, space: FloatArray, time: FloatArray) -> FloatArray:
    """Covariance that joins the moments of near units and periods, in both equations alike."""
    moments = stack.Z * (stack.y - stack.X @ step.b)[..., None]
    rows = np.tile(time, (len(stack.H) // len(time),) * 2)
    near = np.tensordot(space, np.tensordot(rows, moments, (1, 1)), (1, 1))
    S = np.einsum("irl,irm->lm", moments, near, optimize=True)
    return step.half @ positive((S + S.T) / 2) @ step.half.T


def _serial_correlation(order: int, stack: _Stack, step: _Step, cov: FloatArray) -> TestResult:
    """Arellano and Bond's test on differenced residuals, with clustered moments."""
    t = stack.n_difference
    e = (stack.y - stack.X @ step.b)[:, :t]
    lagged = np.nan_to_num(shifted(e, order))
    product = (lagged * e).sum(axis=1)
    wx = np.einsum("it,itk->k", lagged, stack.X[:, :t])
    half = step.half @ (step.moments.T @ product)
    variance = product @ product - 2 * wx @ half + wx @ cov @ wx
    z = float(product.sum() / np.sqrt(variance)) if variance > 0 else np.nan
    return TestResult(f"AR({order})", z, None, "normal")


def _chi2(statistic: float, df: int, name: str = "") -> TestResult:
    return TestResult(name, statistic if df > 0 else np.nan, df)


def _difference_in_hansen(
    stack: _Stack, zx: FloatArray, zy: FloatArray, S: FloatArray, hansen: float
) -> pd.DataFrame:
    by = stack.labels
    labels = {group: (by["group"] == group).to_numpy() for group in by["group"].unique()}
    labels.pop(CONSTANT, None)
    if (lags_at_level := ((by["equation"] == "level") & (by["style"] == "lags")).to_numpy()).any():
        labels["lags in the level equation"] = lags_at_level
    k, count = zx.shape[2], zx.shape[1]
    rows = {}
    for label, members in labels.items():
        kept = ~members
        # the subset's own block of S keeps the difference from going negative (Hayashi 2000)
        without, df = TestResult("", np.nan, None), int(kept.sum()) - k
        if df >= 0 and np.linalg.matrix_rank(zx[:, kept].sum(axis=0)) == k:
            fit = _Step(zx[:, kept], zy[:, kept], linalg.pinvh(S[np.ix_(kept, kept)]))
            without = TestResult("", fit.criterion if df else 0.0, df)
        gap = _chi2(hansen - without.statistic, count - k - df)
        rows[label] = (
            without.statistic, df, without.p_value, gap.statistic, float(count - k - df), gap.p_value,
        )  # fmt: skip
    columns = ["without", "without_df", "without_p_value", "statistic", "df", "p_value"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("instruments")


def dynamic_panel_gmm(
    frame: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    instruments: Sequence[Instruments],
    unit: str = "",
    period: str = "",
    system: bool = False,
    steps: Literal[1, 2] = 2,
    std_errors: StandardErrors | Conley = "cluster",
    period_effects: bool = True,
    small_sample: bool = False,
    places: pd.DataFrame | None = None,
) -> GmmFit:
    """Difference or system GMM (Arellano and Bond 1991; Blundell and Bond 1998).

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period, in any order; a unit may lack periods.
    outcome : str
    regressors : sequence of str
        Terms ``x``, ``x^2``, ``L.x``, ``L2.x``.
    instruments : sequence of Instruments
        Period effects and the constant need none.
    unit, period : str
        Columns or levels of the index that say whose row it is, and when; found as by
        :meth:`analysis.panel.Panel.from_frame`.
    system : bool
        Add the level equation, with a constant.
    steps : {1, 2}
        One step weights by the covariance that independent errors would have (xtabond2's h(3)
        for the system); two steps by the clustered one at the one-step residuals.
    std_errors : {"information", "cluster", "conley"} or Conley
        "cluster" allows dependence over the periods of a unit, with Windmeijer's correction after two
        steps; "conley" between near units and near periods, by residuals of the last step.
    period_effects : bool
        Dummies of all periods but the first, instrumented by themselves.
    small_sample : bool
        xtabond2's ``small``: covariance times ``N / (N - 1) * n / (n - K + 1)``; the AR tests keep
        the covariance without it, as there.
    places : DataFrame, optional
        ``lon`` and ``lat`` by unit, for Conley errors.

    Returns
    -------
    GmmFit

    Raises
    ------
    MissingColumnError, DuplicateObservationError, NonFiniteError
        If the frame does not hold what is asked for.
    SampleSizeError
        If no unit is observed often enough in a row.
    CollinearityError
        If regressors are collinear after differencing.
    EstimationError
        With fewer independent instruments than parameters.
    SpecificationError
        For an unknown option.

    Notes
    -----
    Formulas and conventions follow Roodman (2009). Instruments that depend linearly on others are
    left out and not counted.
    """
    check_choice("steps", steps, (1, 2))
    kind = only(std_errors, OFFERED)
    if not regressors:
        raise errors.SpecificationError(f"{outcome}: no regressors")
    grid = _Grid(frame, unit, period)
    stack = _Stack(grid, outcome, regressors, instruments, system, period_effects)
    zx, zy = _moments(stack, outcome)
    n_instruments, k = zx.shape[1:]
    in_first = np.einsum("irl,rs,ism->lm", stack.Z, stack.H, stack.Z, optimize=True)
    one = _Step(zx, zy, linalg.pinvh(in_first))
    S = one.moments.T @ one.moments
    two = _Step(zx, zy, linalg.pinvh(S))
    robust_one = one.half @ S @ one.half.T

    nobs = int(stack.used[:, stack.n_difference :].sum() if system else stack.used.sum())
    differenced = (stack.y - stack.X @ one.b)[:, : stack.n_difference]
    # xtabond2 divides by the observations it reports, also where differenced rows are fewer
    sigma2 = float((differenced**2).sum() / 2 / nobs)
    step, clustered = (one, two)[steps - 1], kind != "information"
    if steps == 1:
        cov = robust_one if clustered else sigma2 * nobs / (nobs - k) * one.bread
    else:
        cov = _windmeijer(zx, one, two, robust_one) if clustered else two.bread
    serial = [_serial_correlation(order, stack, step, cov) for order in (1, 2)]
    sargan = _chi2(one.criterion / sigma2, n_instruments - k, "Sargan")
    tests = table_of_tests([*serial, sargan, _chi2(two.criterion, n_instruments - k, "Hansen")])
    if kind == "conley":
        rule = settled(std_errors, grid.units, len(grid.periods), places)
        cov = _conley(stack, step, *rule.kernels(len(grid.periods)))
    cov = cov / np.outer(stack.lengths, stack.lengths)
    n_units = int(stack.used.any(axis=1).sum())
    if small_sample:
        cov = cov * (n_units / (n_units - 1) * nobs / (nobs - k + 1))
    names = pd.Index(stack.names, name="term")
    kinds = stack.labels.groupby(["group", "equation"], sort=False).size()
    fitted = stack.X @ step.b
    return GmmFit(
        method=f"{'system' if system else 'difference'} GMM, {('one step', 'two steps')[steps - 1]}",
        outcome=outcome,
        std_errors_kind=std_errors,
        params=pd.Series(step.b / stack.lengths, index=names, name="estimate"),
        cov=pd.DataFrame(cov, index=names, columns=names),
        sigma2=sigma2,
        nobs=nobs,
        n_units=n_units,
        n_instruments=n_instruments,
        instruments=kinds.reset_index(name="columns"),
        tests=tests[["statistic", "df", "p_value"]].rename_axis(None),
        difference_in_hansen=_difference_in_hansen(stack, zx, zy, S, two.criterion),
        resids=_by_equation(stack.y - fitted, stack, grid),
        fitted_values=_by_equation(fitted, stack, grid),
        again=partial(
            dynamic_panel_gmm, frame, outcome, regressors, instruments, unit, period, system, steps,
            period_effects=period_effects, small_sample=small_sample, places=places,
        ),
    )  # fmt: skip


def _moments(stack: _Stack, outcome: str) -> tuple[FloatArray, FloatArray]:
    """Z_i'X_i and Z_i'y_i, or an error where they do not identify the parameters."""
    zx = np.einsum("irl,irk->ilk", stack.Z, stack.X)
    zy = np.einsum("irl,ir->il", stack.Z, stack.y)
    n_instruments, k = zx.shape[1:]
    if n_instruments < k or np.linalg.matrix_rank(zx.sum(axis=0)) < k:
        raise errors.EstimationError(
            f"{outcome}: {n_instruments} independent instruments do not identify {k} parameters"
        )
    n_units = int(stack.used.any(axis=1).sum())
    if n_instruments > n_units:
        warnings.warn(
            f"{outcome}: {n_instruments} instruments for {n_units} units; the two-step weights "
            "are singular and the Hansen test has no power. Collapse the instruments or use "
            "fewer lags",
            stacklevel=3,
        )
    return zx, zy


def _by_equation(values: FloatArray, stack: _Stack, grid: _Grid) -> pd.DataFrame:
    """Rows of the stack under their units and periods, a column an equation."""
    kept = np.where(stack.used, values, np.nan)
    parts = np.split(kept, range(stack.n_difference, kept.shape[1], stack.n_difference), axis=1)
    index = pd.MultiIndex.from_product([grid.units, grid.periods])
    by = zip(("difference", "level"), parts, strict=False)
    return pd.DataFrame({n: v.ravel() for n, v in by}, index).dropna(how="all")
