"""Difference and system GMM for dynamic panels, balanced or not, in xtabond2's conventions.

The spatial estimator of :mod:`analysis.spatial.gmm` declares its regressors and instruments and
leaves the rest to this module, which knows nothing of space.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Self, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, stats

from analysis import errors
from analysis.panel import FloatArray, keyed, numbers, present
from analysis.resources import declared, refuse
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

SAYS = declared("analysis.spatial", "refusals.toml")["gmm"]
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
        ranged = self.style == "own" or 0 <= self.first <= last
        refuse(errors.SpecificationError, SAYS, {"range": not ranged}, z=self)


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


class _Grid:
    """Variables of a long frame as (unit, period) arrays; missing city-years are NaN."""

    def __init__(self, frame: pd.DataFrame, unit: str = "", period: str = "") -> None:
        given = keyed(frame, unit, period, "data")
        self.frame = given.index.to_frame().join(given)
        self.units, seen = given.index.unique(0), given.index.unique(1).sort_values()
        apart = seen[-1] - seen[0] > _SPARSEST * len(seen) + 100
        refuse(errors.PanelError, SAYS, {"apart": apart}, seen=seen, first=seen[0], last=seen[-1])
        self.periods = pd.RangeIndex(seen[0], seen[-1] + 1, name=seen.name)
        self.made: dict[str, FloatArray] = {}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self.made:
            term, periods = Term.parse(name), len(self.periods)
            variable, power = term.column(self.frame.columns)
            present(self.frame, [variable], "data")
            wrong = {"lag": term.lag >= periods}
            refuse(errors.SampleSizeError, SAYS, wrong, name=name, periods=periods)
            wide = numbers(self.frame[variable], "data", gaps=True).unstack()
            grid = wide.reindex(index=self.units, columns=self.periods).to_numpy()
            self.made[name] = shifted(grid**power, term.lag)
        return self.made[name]


def _lags(
    z: Instruments, values: FloatArray, rows: dict[str, NDArray[np.bool_]]
) -> Iterator[tuple[str, FloatArray]]:
    """Lags as instruments, by equation; shape (N, R, L), zero where missing or unused."""
    n, t = values.shape
    last = t - 1 if z.last is None else min(z.last, t - 1)
    before = max(z.first - 1, 0)
    sources = {
        "difference": (values, range(z.first, last + 1)),
        "level": (values - shifted(values, 1), range(before, min(before + 1, t))),
    }
    for place, (equation, sample) in enumerate(rows.items()):
        source, lags = sources[equation]
        if z.equation in ("both", equation) and lags:
            lagged = np.stack([shifted(source, lag) for lag in lags], axis=-1)
            lagged = np.where(sample[..., None] & np.isfinite(lagged), lagged, 0.0)
            if not z.collapse:
                lagged = (lagged[:, :, None] * np.eye(t)[..., None]).reshape(n, t, -1)
            after = t * (len(rows) - 1 - place)
            yield equation, np.pad(lagged, ((0, 0), (t * place, after), (0, 0)))


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
        needed = [outcome, *regressors, *(z.variable for z in instruments if z.style == "own")]
        complete = np.all([np.isfinite(grid[name]) for name in needed], axis=0)
        differenced = np.pad(complete[:, 1:] & complete[:, :-1], ((0, 0), (1, 0)))
        refuse(errors.SampleSizeError, SAYS, {"rows": not differenced.any()}, outcome=outcome)
        rows = {"difference": differenced} | ({"level": complete} if system else {})
        used, t = np.concatenate(list(rows.values()), axis=1), len(grid.periods)
        # With a level equation period effects stand in that one only: differenced dummies would
        # repeat these moments.
        equation, sample = list(rows.items())[-1]
        declare, extra = partial(Instruments, style="own", equation=equation), []
        for period in np.flatnonzero(sample.any(axis=0) & period_effects)[int(system) :]:
            extra.append(
                declare(f"{grid.periods.name}_{grid.periods[period]}", group="period effects")
            )
            grid.made[extra[-1].variable] = np.broadcast_to(np.eye(t)[period], sample.shape)
        if system:
            extra.append(declare(CONSTANT))
            grid.made[CONSTANT] = np.ones(sample.shape)
        names = [*regressors, *(z.variable for z in extra)]

        D = np.eye(t) - np.eye(t, k=-1)  # its first row has no predecessor and is never used
        transform = np.vstack([D, np.eye(t)]) if system else D

        def stacked(names: Sequence[str], rows: NDArray[np.bool_]) -> FloatArray:
            values = np.nan_to_num(np.stack([grid[name] for name in names], axis=-1))
            return np.where(rows[..., None], np.einsum("rt,itk->irk", transform, values), 0.0)

        blocks, labels = [], []
        for z in (*instruments, *extra):
            own = z.style == "own" and [e for e in rows if z.equation in ("both", e)]
            if own:
                there = used & np.repeat([e in own for e in rows], t)
                found = [("both" if len(own) == 2 else own[0], stacked([z.variable], there))]
            else:
                found = list(_lags(z, grid[z.variable], rows))
            for where, columns in found:
                blocks.append(columns)
                labels += [(z.group or z.variable, where, z.style)] * columns.shape[-1]
        refuse(errors.SpecificationError, SAYS, {"none": not blocks}, outcome=outcome)
        Z, _, keep = _unit_length(np.concatenate(blocks, axis=-1))
        self.X, self.lengths, independent = _unit_length(stacked(names, used))
        dependent = list(np.array(names)[~independent])
        refuse(errors.CollinearityError, SAYS, {equation: dependent}, outcome=outcome)
        self.y, self.Z, self.used = stacked([outcome], used)[..., 0], Z[..., keep], used
        self.H, self.t, self.names = transform @ transform.T, t, names
        self.labels = pd.DataFrame(labels, columns=["group", "equation", "style"])[keep]
        self.n_units = int(used.any(axis=1).sum())
        self.zx = np.einsum("irl,irk->ilk", self.Z, self.X)  # Z_i'X_i and Z_i'y_i
        self.zy = np.einsum("irl,ir->il", self.Z, self.y)
        n, k = self.zx.shape[1:]
        words = {"outcome": outcome, "n": n, "k": k, "units": self.n_units}
        identified = n >= k and np.linalg.matrix_rank(self.zx.sum(axis=0)) == k
        refuse(errors.EstimationError, SAYS, {"identified": not identified}, **words)
        if n > self.n_units:
            warnings.warn(SAYS["many"].format(**words), stacklevel=3)


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
    t = stack.t
    e = (stack.y - stack.X @ step.b)[:, :t]
    lagged = np.nan_to_num(shifted(e, order))
    product = (lagged * e).sum(axis=1)
    wx = np.einsum("it,itk->k", lagged, stack.X[:, :t])
    half = step.half @ (step.moments.T @ product)
    variance = product @ product - 2 * wx @ half + wx @ cov @ wx
    z = float(product.sum() / np.sqrt(variance)) if variance > 0 else np.nan
    return TestResult(f"AR({order})", z, None, "normal")


def _difference_in_hansen(stack: _Stack, S: FloatArray, hansen: float) -> pd.DataFrame:
    by, zx, k = stack.labels, stack.zx, len(stack.names)
    members = {group: by["group"] == group for group in by["group"].unique() if group != CONSTANT}
    at_level = (by["equation"] == "level") & (by["style"] == "lags")
    members |= {"lags in the level equation": at_level} if at_level.any() else {}
    rows = {}
    for label, left_out in members.items():
        kept = ~left_out.to_numpy()
        statistic, df = np.nan, int(kept.sum()) - k
        if df >= 0 and np.linalg.matrix_rank(zx[:, kept].sum(axis=0)) == k:
            # the subset's own block of S keeps the difference from going negative (Hayashi 2000)
            step = _Step(zx[:, kept], stack.zy[:, kept], linalg.pinvh(S[np.ix_(kept, kept)]))
            statistic = step.criterion if df else 0.0
        rows[label] = statistic, df, stats.chi2.sf(statistic, df)
    columns = ["without", "without_df", "without_p_value"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    found["statistic"], found["df"] = hansen - found["without"], len(by) - k - found["without_df"]
    found["p_value"] = stats.chi2.sf(found["statistic"], found["df"])
    return found.astype({"df": float}).rename_axis("instruments")


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
    given, kind = dict(locals()), only(std_errors, OFFERED)
    check_choice("steps", steps, (1, 2))
    refuse(errors.SpecificationError, SAYS, {"regressors": not regressors}, outcome=outcome)
    grid = _Grid(frame, unit, period)
    stack = _Stack(grid, outcome, regressors, instruments, system, period_effects)
    zx, zy = stack.zx, stack.zy
    n_instruments, k = zx.shape[1:]
    in_first = np.einsum("irl,rs,ism->lm", stack.Z, stack.H, stack.Z, optimize=True)
    one = _Step(zx, zy, linalg.pinvh(in_first))
    S = one.moments.T @ one.moments
    two = _Step(zx, zy, linalg.pinvh(S))
    robust_one = one.half @ S @ one.half.T

    nobs, df = int(stack.used[:, -stack.t :].sum()), n_instruments - k
    differenced = (stack.y - stack.X @ one.b)[:, : stack.t]
    # xtabond2 divides by the observations it reports, also where differenced rows are fewer
    sigma2 = float((differenced**2).sum() / 2 / nobs)
    step, clustered = (one, two)[steps - 1], kind != "information"
    if steps == 1:
        cov = robust_one if clustered else sigma2 * nobs / (nobs - k) * one.bread
    else:
        cov = _windmeijer(zx, one, two, robust_one) if clustered else two.bread
    serial = [_serial_correlation(order, stack, step, cov) for order in (1, 2)]
    over = {"Sargan": one.criterion / sigma2, "Hansen": two.criterion}
    over_identified = [TestResult(name, c if df > 0 else np.nan, df) for name, c in over.items()]
    tests = table_of_tests([*serial, *over_identified])
    if kind == "conley":
        rule = settled(std_errors, grid.units, stack.t, places)
        cov = _conley(stack, step, *rule.kernels(stack.t))
    cov = cov / np.outer(stack.lengths, stack.lengths)
    if small_sample:
        cov = cov * (stack.n_units / (stack.n_units - 1) * nobs / (nobs - k + 1))
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
        n_units=stack.n_units,
        n_instruments=n_instruments,
        instruments=kinds.reset_index(name="columns"),
        tests=tests[["statistic", "df", "p_value"]].rename_axis(None),
        difference_in_hansen=_difference_in_hansen(stack, S, two.criterion),
        resids=_by_equation(stack.y - fitted, stack, grid),
        fitted_values=_by_equation(fitted, stack, grid),
        again=partial(dynamic_panel_gmm, **given),
    )


def _by_equation(values: FloatArray, stack: _Stack, grid: _Grid) -> pd.DataFrame:
    """Rows of the stack under their units and periods, a column an equation."""
    kept = np.where(stack.used, values, np.nan).reshape(len(values), -1, stack.t)
    index = pd.MultiIndex.from_product([grid.units, grid.periods])
    names = ["difference", "level"][: kept.shape[1]]
    return pd.DataFrame(kept.swapaxes(1, 2).reshape(len(index), -1), index, names).dropna(how="all")
