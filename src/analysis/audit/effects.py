"""Short- and long-run effects against the coefficients that they are said to come from.

Whatever W is, the mean total effect of x is ``a beta + b theta``, with one pair (a, b) for all
regressors: a is the mean row sum of ``M = [(1 - tau) I - c W]^{-1}`` and b that of ``M W``, c being
rho in the short run (where tau counts as zero) and rho + eta in the long run. Since
``(1 - tau) M - c M W = I``, the pair tells c: ``(1 - tau) a - c b = 1``. Two more things follow
without any weight matrix at hand: if W has no negative entry and c is positive, no row sum of M is
below 1 / (1 - tau); and rows of W that sum to one make a = b. Mean direct effects are such a pair
too, with diagonals in place of row sums.

Programs print either the value at the estimate or the mean of simulated draws; the checks allow for
the noise of `draws` of them.
"""

import math
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.audit.finding import Finding, checked, found
from analysis.audit.table import Estimate, cell, find, place, require
from analysis.rounding import Interval, Printed

DRAWS = 500
"""Draws that a widely used program takes for its effects unless told otherwise."""

LEVEL = 0.001
"""Level at which a disagreement beyond rounding and simulation noise is reported."""


class Dynamics(NamedTuple):
    """Printed parameters of y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + ...

    Attributes
    ----------
    tau, eta, rho : Estimate or None
        None where the table does not print the parameter.
    """

    tau: Estimate | None
    eta: Estimate | None
    rho: Estimate | None

    def _of(self, name: str, part: str) -> Printed:
        return getattr(getattr(self, name), part, None) or Printed("0", 0.0, 0.0)

    def interval(self, name: str) -> Interval:
        """Return the rounding interval of one parameter; a parameter not printed counts as zero."""
        return self._of(name, "estimate").interval

    def value(self, name: str) -> float:
        """Return the printed value of one parameter, zero if not printed."""
        return self._of(name, "estimate").value

    def error(self, name: str) -> float:
        """Return the printed standard error of one parameter, zero if not printed."""
        return self._of(name, "error").value

    @property
    def sum(self) -> Interval:
        """Sum tau + rho + eta with rounding."""
        return self.interval("tau") + self.interval("rho") + self.interval("eta")


def dynamics(table: pd.DataFrame, model: str) -> Dynamics:
    """Collect tau, eta and rho of one printed model."""
    require(table, ["model", "term", "estimate"], "stability")
    return Dynamics(*(find(table, model, term) for term in ("L.y", "W.L.y", "rho")))


def largest_modulus(tau: float, rho: float, eta: float, eigenvalues: np.ndarray) -> float:
    """Largest modulus of ``(tau + eta w) / (1 - rho w)`` over the eigenvalues w of W.

    Yu, de Jong and Lee (2008): below one, the process forgets its past.

    Examples
    --------
    >>> round(largest_modulus(0.708, 0.18, 0.265, np.array([1.0, -0.1])), 3)
    1.187
    """
    w = np.asarray(eigenvalues)
    return float(np.max(np.abs((tau + eta * w) / (1 - rho * w))))


@checked
def stability(table: pd.DataFrame, model: str, long_run: bool = False) -> Iterator[Finding]:
    """Sum of the printed dynamic parameters against one.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate`` and, where printed, ``std_error``.
    model : str
    long_run : bool
        Whether long-run effects of this model are printed; they exist only below one.

    Returns
    -------
    list of Finding
        Empty for a static model and where some unrounded parameters are stable. For a
        row-standardised W, tau + rho + eta < 1 is the condition at the unit eigenvalue when
        rho < 1; where rho is not printed the finding says which rho would be needed.
    """
    has = dynamics(table, model)
    if has.tau is None or has.sum.lower < 1:
        return
    tau, eta, rho = (has.value(name) for name in ("tau", "eta", "rho"))
    # with the rounding alone the sum exceeds one; with its sampling error it need not
    values = {"sum": tau + rho + eta, "flipped": tau + eta - rho, "needed": 1 - tau - eta}
    values["std_error"] = math.hypot(*map(has.error, ("tau", "eta", "rho")))
    yield found(
        "stability" if has.rho else "needed", has.tau.where, grade="likely main" * long_run,
        ends=["long" if long_run else "short"], tau=tau, eta=eta, rho=rho, interval=has.sum,
        response=(tau + eta) / (1 - rho) if rho != 1 else math.inf, values=values,
    )  # fmt: skip


def effect_rows(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, horizon: str
) -> pd.DataFrame:
    """Coefficients and effects of each regressor side by side.

    Parameters
    ----------
    coefficients : DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error``; the spatial lag of x is ``W.x``.
    effects : DataFrame
        Columns ``horizon`` ("short", "long"), ``effect`` ("direct", "indirect"), ``term``,
        ``estimate``, ``std_error``.
    model : str
        Column of the coefficients that the effects belong to.
    horizon : {"short", "long"}

    Returns
    -------
    DataFrame
        Indexed by term: beta, theta, direct, indirect, their standard errors (``*_se``) and half
        units of rounding (``*_half``), and total.
    """
    require(coefficients, ["model", "term", "estimate", "std_error"], "effects")
    require(effects, ["horizon", "effect", "term", "estimate", "std_error"], "effects")
    chosen = effects[effects["horizon"].astype(str) == horizon]
    once = chosen[~chosen.duplicated(["effect", "term"], keep=False)]
    rows: dict[str, dict[str, float]] = {}
    for term in chosen["term"].astype(str).unique():
        parts = {
            "beta": find(coefficients, model, term), "theta": find(coefficients, model, f"W.{term}"),
            **{kind: find(once[once["effect"] == kind], None, term) for kind in ("direct", "indirect")},
        }  # fmt: skip
        rows[term] = {
            f"{name}{ending}": number
            for name, one in parts.items() if one and one.error
            for ending, printed in (("", one.estimate), ("_se", one.error))
            for number, ending in ((printed.value, ending), (printed.unit / 2, f"{ending}_half"))
        }  # fmt: skip
    rows = {term: values for term, values in rows.items() if len(values) == 16}
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=float)
    return frame if frame.empty else frame.assign(total=frame["direct"] + frame["indirect"])


class EffectSums(NamedTuple):
    """The pair (a, b) that turns coefficients into printed effects, whatever W is.

    Attributes
    ----------
    own, lagged : float
        a and b of ``a beta + b theta``.
    cov : ndarray, shape (2, 2)
        Their covariance from rounding and simulation noise, inflated where the rows scatter more.
    scatter, df : float, int
        Sum of squared standardised residuals and its degrees of freedom.
    rows : DataFrame
        For each regressor: printed effect, fitted one, noise, distance in units of noise, and the
        most that the effect's standard error can be, since covariances are not printed.
    """

    own: float
    lagged: float
    cov: np.ndarray
    scatter: float
    df: int
    rows: pd.DataFrame

    @property
    def values(self) -> dict[str, float]:
        """a and b with their standard errors, and the P value of one pair for all regressors."""
        own_error, lagged_error = np.sqrt(np.diag(self.cov)).tolist()
        return {
            "own": self.own, "own_error": own_error, "lagged": self.lagged,
            "lagged_error": lagged_error, "scatter": self.scatter, "df": self.df,
            "scatter_p": float(stats.chi2.sf(self.scatter, self.df)),
        }  # fmt: skip

    def spatial_parameter(self, tau: float = 0.0) -> tuple[float, float]:
        """Return c with its standard error: rho in the short run, rho + eta in the long run."""
        value = ((1 - tau) * self.own - 1) / self.lagged
        slope = np.array([(1 - tau) / self.lagged, -value / self.lagged])
        return value, float(np.sqrt(slope @ self.cov @ slope))

    def distance(self, c: float, error: float = 0.0, half: float = 0.0, tau: float = 0.0) -> float:
        """How many standard errors (1 - tau) a - c b lies from one.

        `error`, the standard error of c, moves the mean of draws by its square over that of
        1 - tau - c; `half` is the rounding of c.
        """
        slope = np.array([1 - tau, -c])
        drift = (error / (1 - tau - c)) ** 2 + half * abs(self.lagged)
        gap = float(slope @ [self.own, self.lagged]) - 1
        return gap / float(np.sqrt(slope @ self.cov @ slope + drift**2))


def effect_sums(rows: pd.DataFrame, kind: str = "total", draws: int = DRAWS) -> EffectSums:
    """Fit the pair (a, b) of all regressors by weighted least squares.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`, three rows or more.
    kind : {"total", "direct"}
    draws : int
        Simulated draws whose noise is allowed for.

    Examples
    --------
    >>> rows = pd.DataFrame({"beta": [1., 0, 1], "theta": [0., 1, 1], "total": [1.25, 1.25, 2.5],
    ...                      "direct_se": 0.1, "indirect_se": 0.1, "direct_half": 0.0005,
    ...                      "indirect_half": 0.0005, "beta_half": 0.0005, "theta_half": 0.0005})
    >>> round(effect_sums(rows).spatial_parameter()[0], 3)
    0.2
    """
    x, y = rows[["beta", "theta"]].to_numpy(), rows[kind].to_numpy()
    parts = ("direct",) if kind == "direct" else ("direct", "indirect")
    error = sum(rows[f"{part}_se"] for part in parts).to_numpy()
    rounding = sum(rows[f"{part}_half"] ** 2 for part in parts).to_numpy() / 3
    halves = rows[["beta_half", "theta_half"]].to_numpy() ** 2 / 3
    pair = np.ones(2)
    for _ in range(20):
        noise = np.sqrt(rounding + error**2 / draws + halves @ pair**2)
        scaled = x / noise[:, None]
        cov = np.linalg.pinv(scaled.T @ scaled)
        pair = cov @ scaled.T @ (y / noise)
    fitted = x @ pair
    off = (y - fitted) / noise
    scatter, df = float(off @ off), len(y) - 2
    columns = {"printed": y, "std_error_at_most": error, "fitted": fitted, "noise": noise}
    shown = pd.DataFrame({**columns, "distance": off}, index=rows.index)
    own, lagged = map(float, pair)
    return EffectSums(own, lagged, cov * max(1.0, scatter / df), scatter, df, shown)


def leave_one_out(rows: pd.DataFrame, draws: int = DRAWS) -> pd.Series:
    """Short-run rho that the totals of all regressors but one imply, by the one left out."""
    sums_without = (effect_sums(rows.drop(index=[term]), draws=draws) for term in rows.index)
    return pd.Series([one.spatial_parameter()[0] for one in sums_without], rows.index)


class Exchange(NamedTuple):
    """Two cells of one column that fit the coefficients once they change places.

    Attributes
    ----------
    kind : str
        "direct" or "indirect".
    terms : (str, str)
    before, after, next_best : float
        Scatter about one pair (a, b) as printed, after this exchange, and after the best other.
    df : int
    rows : DataFrame
        The rows with the two estimates exchanged.
    """

    kind: str
    terms: tuple[str, str]
    before: float
    after: float
    next_best: float
    df: int
    rows: pd.DataFrame


def exchanged(rows: pd.DataFrame, draws: int = DRAWS) -> Exchange | None:
    """Look for the one exchange of two estimates of a column that makes the effects fit.

    Returns
    -------
    Exchange or None
        None if the rows fit as printed, if no exchange makes them fit, or if
        another comes within a tenth of the gain.
    """
    as_printed = effect_sums(rows, draws=draws)
    if as_printed.values["scatter_p"] >= LEVEL:
        return None
    tried = []
    for kind in ("direct", "indirect"):
        for one, other in combinations(rows.index, 2):
            swapped = rows.copy()
            swapped.loc[[one, other], kind] = rows.loc[[other, one], kind].to_numpy()
            swapped["total"] = swapped["direct"] + swapped["indirect"]
            tried.append((effect_sums(swapped, draws=draws).scatter, kind, (one, other), swapped))
    tried.sort(key=lambda item: item[0])
    after, kind, terms, swapped = tried[0]
    gain, runner_up = as_printed.scatter - after, as_printed.scatter - tried[1][0]
    if stats.chi2.sf(after, as_printed.df) < LEVEL or runner_up > 0.9 * gain:
        return None
    return Exchange(kind, terms, as_printed.scatter, after, tried[1][0], as_printed.df, swapped)


def effects(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, draws: int = DRAWS
) -> list[Finding]:
    """Printed effects against coefficients and spatial parameter: one finding, its witnesses in it.

    Parameters
    ----------
    coefficients, effects, model
        As in :func:`effect_rows`.
    draws : int

    Returns
    -------
    list of Finding
        One on the spatial parameter, with totals, standard errors, direct effects and stability
        as its witnesses; one a horizon if two estimates seem exchanged or if no pair (a, b) fits.
        Without effects of three regressors, what :func:`stability` finds.
    """
    parameters = dynamics(coefficients, model)
    has_long = len(effects) > 0 and "long" in effects["horizon"].to_list()
    sums_to_one = stability(coefficients, model, has_long)
    if parameters.rho is None or not len(effects):
        return sums_to_one
    others, witnesses = [], []
    for horizon in ("short", "long"):
        rows = effect_rows(coefficients, effects, model, horizon)
        if len(rows) < 3 or (horizon == "long" and parameters.tau is None):
            continue
        swap = exchanged(rows, draws)
        if swap is not None:
            pair = " and ".join(swap.terms)
            where = f"{model}, {horizon} run, {pair}"
            others.append(found("exchanged cells", where, swap=swap, pair=pair, horizon=horizon))
            rows = swap.rows
        fit = effect_sums(rows, draws=draws)
        seen = _totals(fit, parameters, model, horizon)
        witnesses += seen
        if not seen and fit.values["scatter_p"] < LEVEL:
            far = fit.rows.loc[fit.rows["distance"].abs().nlargest(2).index]
            texts = far[["printed", "fitted"]].map("{:.3g}".format)
            totals, fitted = ("; ".join(map(" ".join, texts[c].items())) for c in texts)
            others.append(found(
                "no pair", f"{model}, {', '.join(far.index)}", horizon=horizon, totals=totals,
                fitted=fitted, values=fit.values,
            ))  # fmt: skip
        if horizon == "short":
            witnesses += indirect_std_errors(rows, parameters.value("rho"), model, draws)
            witnesses += _direct(rows, parameters, model, draws)
    if not witnesses:
        return [*sums_to_one, *others]
    least = parameters.sum.lower
    flips = least - 2 * parameters.value("rho") < 1 <= least
    joined = [*witnesses, *(sums_to_one if flips else [])]
    first = sorted(witnesses, key=lambda one: not one.check.endswith("totals"))[0].values
    checks = ", ".join(one.check for one in joined[1:])
    finding = found(
        "spatial parameter against effects", f"effects of {model}", rho=parameters.rho.estimate,
        first=joined[0], ends=["further"] if checks else [], checks=checks,
        computations="; ".join(f"{one.check}: {one.computation}" for one in joined),
        values={**first, "rho_printed": parameters.value("rho")}, witnesses=tuple(joined),
    )  # fmt: skip
    return [finding, *others, *([] if flips else sums_to_one)]


@checked
def _totals(fit: EffectSums, parameters: Dynamics, model: str, horizon: str) -> Iterator[Finding]:
    drawn = ("rho",) if horizon == "short" else ("rho", "eta", "tau")
    rho, eta, tau = [*map(parameters.value, drawn), 0.0, 0.0][:3]
    error = math.hypot(*map(parameters.error, drawn))
    half = sum((i.upper - i.lower) / 2 for i in map(parameters.interval, drawn))
    distance = fit.distance(rho + eta, error, half, tau)
    if 2 * stats.norm.sf(abs(distance)) >= LEVEL:
        return
    value, std_error = fit.spatial_parameter(tau)
    floor = 1 / (1 - tau)
    below = (floor - fit.own) / fit.values["own_error"]
    yield found(
        "totals", f"{model}, {len(fit.rows)} regressors", horizon=horizon, name=" + ".join(drawn[:2]),
        c=rho + eta, value=value, implied=f", rho = {value - eta:.3f}" if eta else "", floor=floor,
        ends=["below"] * int(rho + eta > 0 and below > stats.norm.isf(LEVEL)),
        values={**fit.values, "rho": value - eta, "rho_error": std_error, "distance": distance,
                "below_floor": below},
    )  # fmt: skip


def lower_bounds(rows: pd.DataFrame, rho: float, draws: int = DRAWS) -> pd.DataFrame:
    """Least size of a total effect on any W without negative weights and with rho below its limit.

    For ``rho > 0`` the total is ``beta + (beta + theta / rho)(m - 1)``, m >= 1 being the mean row
    sum of ``(I - rho W)^{-1}``: where ``beta`` and ``beta + theta / rho`` have the same sign, the
    total has it too and is at least as large as ``beta``.

    Returns
    -------
    DataFrame
        The rows with such a bound: bound, printed total (both with that sign made positive),
        noise of the mean of `draws` draws and of rounding, and distance below in units of noise.

    Examples
    --------
    >>> rows = pd.DataFrame({"beta": [0.3], "theta": [0.0], "total": [0.2], "direct_se": 0.1,
    ...     "indirect_se": 0.1, "direct_half": 0.0, "indirect_half": 0.0, "beta_half": 0.0}, ["x"])
    >>> round(float(lower_bounds(rows, 0.2).loc["x", "distance"]), 1)
    11.2
    """
    sign = np.sign(rows["beta"])
    bound = rows[(sign == np.sign(rows["beta"] + rows["theta"] / rho)) & (rho > 0)]
    sign = sign[bound.index]
    error = bound["direct_se"] + bound["indirect_se"]
    rounding = (bound[["direct_half", "indirect_half", "beta_half"]] ** 2).sum(axis=1) / 3
    shown = bound[["beta", "total"]].mul(sign, axis=0).set_axis(["bound", "printed"], axis=1)
    shown["noise"] = np.sqrt(error**2 / draws + rounding)
    return shown.assign(distance=(shown["bound"] - shown["printed"]) / shown["noise"])


@checked
def sums(effects: pd.DataFrame) -> Iterator[Finding]:
    """Hold printed total effects against direct plus indirect ones.

    Parameters
    ----------
    effects : DataFrame
        Columns ``model``, ``horizon``, ``effect`` ("direct", "indirect", "total"), ``term`` and
        ``estimate`` as printed.

    Returns
    -------
    list of Finding
        One where no unrounded numbers add up. Means of the same draws add up as the values at the
        estimate do, so nothing is allowed for but rounding.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": "m", "horizon": "short", "term": "x",
    ...                      "effect": ["direct", "indirect", "total"],
    ...                      "estimate": ["0.31", "0.12", "0.47"]})
    >>> sums(rows)[0].recomputed
    '0.42 to 0.44'
    """
    require(effects, ["model", "horizon", "effect", "term", "estimate"], "sums of effects")
    for (_, horizon, _), same in effects.groupby(["model", "horizon", "term"], sort=False):
        parts = {row["effect"]: cell(row, "estimate") for _, row in same.iterrows()}
        direct, indirect, total = (parts.get(kind) for kind in ("direct", "indirect", "total"))
        if direct is None or indirect is None or total is None:
            continue
        implied = direct.interval + indirect.interval
        if not implied.overlaps(total.interval):
            yield found(
                "sum of effects", f"{place(same.iloc[-1])}, {horizon} run", direct=direct,
                indirect=indirect, total=total, implied=implied,
            )  # fmt: skip


@checked
def indirect_std_errors(
    rows: pd.DataFrame, rho: float, model: str, draws: int = DRAWS
) -> Iterator[Finding]:
    """Hold standard errors of short-run indirect effects against those of theta.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`.
    rho : float
        As printed.
    model : str
    draws : int

    Notes
    -----
    The indirect effect is ``a theta + b beta`` with ``b = 1/(1 - rho) - g`` and
    ``a = 1/(1 - rho) - (g - 1)/rho``, g the mean diagonal of ``(I - rho W)^{-1}``. With first returns
    ``f_k >= 0``, ``f_1 = 0`` and ``sum f_k <= 1`` that is ``1 / (1 - sum f_k rho^k)``, so over all
    row-standardised W it lies in ``[1, 1 / (1 - rho^2)]`` for ``rho >= 0`` and in
    ``[1 / (1 + abs(rho)^3), 1 / (1 - rho^2)]`` below. Whatever W and the covariances are, its standard
    error is at least ``a se(theta) - abs(b) se(beta)``: for a positive rho the standard errors of theta are
    stretched, for a negative one they shrink.

    Returns
    -------
    list of Finding
        One if, taken together, the printed standard errors lie below the bound.
    """
    if len(rows) < 2 or rho == 0 or abs(rho) >= 1:
        return
    ends = np.array([1.0 if rho >= 0 else 1 / (1 + abs(rho) ** 3), 1 / (1 - rho**2)])
    a = (1 / (1 - rho) - (ends - 1) / rho).min()
    b = np.abs(1 / (1 - rho) - ends).max()
    bound = np.maximum(a * rows["theta_se"] - b * rows["beta_se"], 0)
    halves = rows["indirect_se_half"], a * rows["theta_se_half"], b * rows["beta_se_half"]
    noise = np.sqrt(bound**2 / (2 * draws) + sum(half**2 for half in halves) / 3)
    z = (bound - rows["indirect_se"]) / noise
    # draws are shared between rows, so the rows are not pooled as if independent
    together = float(z.mean())
    if together < float(stats.norm.isf(LEVEL)) / np.sqrt(len(rows)) * 1.5:
        return
    ratio = rows["indirect_se"] / rows["theta_se"]
    listing = "; ".join(
        f"{term} {row.indirect_se:.3g} / {row.theta_se:.3g} = {ratio[term]:.2f} (bound {b:.2f})"
        for (term, row), b in zip(rows.iterrows(), bound / rows["theta_se"], strict=True)
    )
    middle = float(ratio.median())
    values = {"ratio": middle, "least": float(ratio.min()), "most": float(ratio.max()),
              "rho": 1 - 1 / middle, "below": int((z > 0).sum())}  # fmt: skip
    yield found(
        "indirect standard errors", f"{model}, {len(rows)} regressors", listing=listing,
        together=together, n=len(rows), said=rho, values=values,
    )  # fmt: skip


@checked
def _direct(rows: pd.DataFrame, parameters: Dynamics, model: str, draws: int) -> Iterator[Finding]:
    rho, fit = parameters.value("rho"), effect_sums(rows, "direct", draws)
    if rho > 0 and fit.lagged / fit.values["lagged_error"] <= -stats.norm.isf(LEVEL):
        where = f"{model}, {len(rows)} regressors"
        yield found("direct effects", where, rho=rho, values=fit.values)


def expected_effects(
    rows: pd.DataFrame, tau: float, rho: float, eta: float, eigenvalues: np.ndarray, horizon: str
) -> pd.DataFrame:
    """Direct and indirect effects that coefficients have under given parameters on a given W.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`.
    tau, rho, eta : float
    eigenvalues : ndarray, shape (N,)
        Of a row-standardised W.
    horizon : {"short", "long"}

    Returns
    -------
    DataFrame
        Columns ``direct``, ``indirect``, indexed as `rows`.

    Notes
    -----
    (a I - c W)^{-1} (beta I + theta W) with a = 1, c = rho in the short and a = 1 - tau,
    c = rho + eta in the long run; its mean diagonal is the mean over the eigenvalues w of
    (beta + theta w) / (a - c w), its row sums are (beta + theta) / (a - c).
    """
    a, c = (1.0, rho) if horizon == "short" else (1 - tau, rho + eta)
    w = np.asarray(eigenvalues)
    inverse = 1 / (a - c * w)
    direct = inverse.mean().real * rows["beta"] + (w * inverse).mean().real * rows["theta"]
    total = (rows["beta"] + rows["theta"]) / (a - c)
    return pd.DataFrame({"direct": direct, "indirect": total - direct})


def misfit(rows: pd.DataFrame, expected: pd.DataFrame, draws: int = DRAWS) -> float:
    """Squared distance of printed effects from expected ones, in units of rounding and noise.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`.
    expected : DataFrame
        From :func:`expected_effects`.
    draws : int
        Simulated draws whose noise is allowed for.
    """
    halves = rows["beta_half"] ** 2 + rows["theta_half"] ** 2
    squares = [
        (rows[kind] - expected[kind]) ** 2
        / (rows[f"{kind}_se"] ** 2 / draws + (rows[f"{kind}_half"] ** 2 + halves) / 3)
        for kind in ("direct", "indirect")
    ]
    return float(sum(squares).sum())
