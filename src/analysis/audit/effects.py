"""Short- and long-run effects against the coefficients that they are said to come from.

For a row-standardised W the total short-run effect of x is (beta + theta) / (1 - rho) and the total
long-run effect (beta + theta) / (1 - tau - rho - eta), whatever W is. So each printed pair of
coefficients and total gives the same multiplier, and it can be compared with the printed
parameters. Programs print either the value at the estimate or the mean of simulated draws; the
checks allow for the noise of `draws` of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.audit.finding import Finding, Grade
from analysis.audit.persistence import Dynamics, dynamics
from analysis.audit.table import cell, find, place, require
from analysis.rounding import Interval, Printed

DRAWS = 500
"""Draws that a widely used program takes for its effects unless told otherwise."""

LEVEL = 0.001
"""Level at which a disagreement beyond rounding and simulation noise is reported."""


def effect_rows(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, horizon: str, lag: str = "W."
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
    lag : str
        Prefix of a spatial lag.

    Returns
    -------
    DataFrame
        Indexed by term: beta, theta, direct, indirect, their standard errors (``*_se``) and half
        units of rounding (``*_half``), total, and ``own`` = beta + theta.
    """
    require(coefficients, ["model", "term", "estimate", "std_error"], "effects")
    require(effects, ["horizon", "effect", "term", "estimate", "std_error"], "effects")
    chosen = effects[effects["horizon"].astype(str) == horizon]
    rows: dict[str, dict[str, float]] = {}
    for term in chosen["term"].astype(str).unique():
        beta, theta = find(coefficients, model, term), find(coefficients, model, lag + term)
        parts: dict[str, tuple[Printed | None, Printed | None]] = {
            "beta": (beta.estimate, beta.error) if beta else (None, None),
            "theta": (theta.estimate, theta.error) if theta else (None, None),
        }
        for kind in ("direct", "indirect"):
            got = chosen[(chosen["term"].astype(str) == term) & (chosen["effect"] == kind)]
            if len(got) == 1:
                parts[kind] = (cell(got.iloc[0], "estimate"), cell(got.iloc[0], "std_error"))
        values: dict[str, float] = {}
        for name, (estimate, error) in parts.items():
            if estimate is None or error is None:
                break
            values |= {name: estimate.value, f"{name}_half": estimate.unit / 2,
                       f"{name}_se": error.value, f"{name}_se_half": error.unit / 2}  # fmt: skip
        if len(values) == 16:
            rows[term] = values
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=float)
    if frame.empty:
        return frame
    return frame.assign(
        own=frame["beta"] + frame["theta"], total=frame["direct"] + frame["indirect"]
    )


@dataclass(frozen=True, slots=True)
class ImpliedMultiplier:
    """One multiplier fitted to all regressors: total = multiplier x (beta + theta).

    Attributes
    ----------
    value, std_error : float
        Weighted least squares through the origin; the error is inflated where the rows scatter
        more than rounding and simulation noise explain.
    scatter, df : float, int
        Sum of squared standardised residuals and its degrees of freedom.
    rows : DataFrame
        For each regressor: own, total, expected at the printed parameters, noise, and the two
        standardised distances.
    printed : float
        Multiplier that the printed parameters give.
    misfit : float
        Sum of squared standardised distances from the printed multiplier.
    """

    value: float
    std_error: float
    scatter: float
    df: int
    rows: pd.DataFrame
    printed: float
    misfit: float

    @property
    def denominator(self) -> float:
        """1 / multiplier: 1 - rho in the short run, 1 - tau - rho - eta in the long run."""
        return 1 / self.value

    @property
    def denominator_error(self) -> float:
        """Standard error of the denominator (delta method)."""
        return self.std_error / self.value**2

    @property
    def misfit_p(self) -> float:
        """P value of the printed multiplier."""
        return float(stats.chi2.sf(self.misfit, len(self.rows)))

    @property
    def scatter_p(self) -> float:
        """P value of any common multiplier."""
        return float(stats.chi2.sf(self.scatter, self.df)) if self.df else 1.0


def implied_multiplier(
    rows: pd.DataFrame, parameters: Dynamics, horizon: str, draws: int = DRAWS
) -> ImpliedMultiplier:
    """Fit the multiplier that turns coefficients into printed totals.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`.
    parameters : Dynamics
        Printed tau, eta and rho.
    horizon : {"short", "long"}
    draws : int
        Simulated draws whose noise is allowed for.

    Returns
    -------
    ImpliedMultiplier
    """
    names = ("rho",) if horizon == "short" else ("tau", "rho", "eta")
    denominator = 1 - sum(parameters.value(name) for name in names)
    error = np.sqrt(sum(parameters.error(name) ** 2 for name in names))
    half = sum((parameters.interval(n).upper - parameters.interval(n).lower) / 2 for n in names)
    own, total = rows["own"].to_numpy(), rows["total"].to_numpy()
    rounding = (rows["direct_half"] ** 2 + rows["indirect_half"] ** 2).to_numpy() / 3
    coefficient = (rows["beta_half"] ** 2 + rows["theta_half"] ** 2).to_numpy() / 3
    simulation = (rows["direct_se"] + rows["indirect_se"]).to_numpy() ** 2 / draws

    def noise(multiplier: float) -> np.ndarray:
        return np.sqrt(rounding + simulation + multiplier**2 * coefficient)

    value = float(np.median(total / np.where(own == 0, np.nan, own)))
    if not np.isfinite(value):
        value = 1 / denominator
    for _ in range(20):
        weight = 1 / noise(value) ** 2
        value = float((weight * own * total).sum() / (weight * own**2).sum())
    s = noise(value)
    scatter = float((((total - value * own) / s) ** 2).sum())
    df = len(rows) - 1
    inflate = max(1.0, scatter / df) if df else 1.0
    given = 1 / denominator if denominator else np.inf
    # draws of the parameters move the mean of a ratio; rounding moves the ratio itself
    drift = (error / denominator) ** 2 + half / abs(denominator) if denominator else np.inf
    off = (total - given * own) / np.sqrt(noise(given) ** 2 + (given * own * drift) ** 2)
    shown = pd.DataFrame(
        {"own": own, "total": total, "ratio": total / np.where(own == 0, np.nan, own),
         "at_printed": given * own, "at_implied": value * own, "noise": s,
         "distance_printed": off, "distance_implied": (total - value * own) / s},
        index=rows.index,
    )  # fmt: skip
    return ImpliedMultiplier(
        value, float(np.sqrt(inflate / (own**2 / s**2).sum())), scatter, df, shown, given,
        float((off**2).sum()),
    )  # fmt: skip


def totals(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, draws: int = DRAWS,
    **names: str,
) -> list[Finding]:  # fmt: skip
    """Totals against coefficients for the short and the long run.

    Parameters
    ----------
    coefficients, effects, model
        As in :func:`effect_rows`.
    draws : int
    **names : str
        Terms of ``tau``, ``eta`` and ``rho`` if not the default ones.

    Returns
    -------
    list of Finding
        Grave where the printed parameters cannot give the totals beyond rounding and simulation
        noise; moderate where no common multiplier can.
    """
    parameters = dynamics(coefficients, model, **names)
    found = []
    if parameters.rho is None:
        return []
    for horizon in ("short", "long"):
        rows = effect_rows(coefficients, effects, model, horizon)
        if len(rows) < 2 or (horizon == "long" and parameters.tau is None):
            continue
        fit = implied_multiplier(rows, parameters, horizon, draws)
        if fit.misfit_p >= LEVEL:
            continue
        symbol = "1 - rho" if horizon == "short" else "1 - tau - rho - eta"
        kept = 0.0 if horizon == "short" else parameters.value("tau") + parameters.value("eta")
        rho = 1 - kept - fit.denominator
        opposite = int((np.sign(rows["total"]) != np.sign(fit.printed * rows["own"])).sum())
        listing = "; ".join(
            f"{term} {row.total:.4g} / {row.own:.4g} = {row.ratio:.3g}"
            for term, row in fit.rows.iterrows()
        )
        grade: Grade = "grave"
        found.append(
            Finding(
                grade, f"{horizon}-run totals", f"{model}, {len(rows)} regressors",
                f"rho {parameters.value('rho')}, {symbol} = {1 / fit.printed:.3f}",
                f"{symbol} = {fit.denominator:.3f} ({fit.denominator_error:.3f}), "
                f"rho = {rho:.3f} ({fit.denominator_error:.3f})",
                f"total / (beta + theta): {listing}; common multiplier {fit.value:.3f} "
                f"({fit.std_error:.3f}; median {fit.rows['ratio'].median():.3f}), "
                f"the printed parameters give {fit.printed:.3f}; "
                f"chi2({len(rows)}) = {fit.misfit:.1f}, P {fit.misfit_p:.1e}; "
                f"{opposite} of {len(rows)} totals have the sign opposite to the expected one",
                f"The {horizon}-run totals do not follow from the printed coefficients and rho; "
                f"they imply {symbol} = {fit.denominator:.3f}, that is rho near {rho:.2f}.",
            )
        )  # fmt: skip
        if fit.scatter_p < LEVEL:
            far = fit.rows.loc[fit.rows["distance_implied"].abs().nlargest(2).index]
            found.append(
                Finding(
                    "moderate", f"{horizon}-run totals", f"{model}, " + ", ".join(far.index),
                    "; ".join(f"{t} {total:.3g}" for t, total in far["total"].items()),
                    "; ".join(f"{t} {total:.3g}" for t, total in far["at_implied"].items()),
                    f"scatter about the common multiplier chi2({fit.df}) = {fit.scatter:.1f}, "
                    f"P {fit.scatter_p:.1e}",
                    f"No single {symbol} gives all {horizon}-run totals; the rows named are the "
                    "farthest from the common one.",
                )
            )  # fmt: skip
    return found


def sums(effects: pd.DataFrame) -> list[Finding]:
    """Hold printed total effects against direct plus indirect ones.

    Parameters
    ----------
    effects : DataFrame
        Columns ``model``, ``horizon``, ``effect`` ("direct", "indirect", "total"), ``term`` and
        ``estimate`` as printed.

    Returns
    -------
    list of Finding
        Moderate where no unrounded numbers add up. Means of the same draws add up as the values
        at the estimate do, so nothing is allowed for but rounding.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": "m", "horizon": "short", "term": "x",
    ...                      "effect": ["direct", "indirect", "total"],
    ...                      "estimate": ["0.31", "0.12", "0.47"]})
    >>> sums(rows)[0].recomputed
    '0.42 to 0.44'
    """
    require(effects, ["model", "horizon", "effect", "term", "estimate"], "sums of effects")
    found = []
    for _, row in effects[effects["effect"] == "total"].iterrows():
        same = effects[
            (effects["model"] == row["model"])
            & (effects["horizon"] == row["horizon"])
            & (effects["term"] == row["term"])
        ]
        parts = {
            kind: cell(part, "estimate")
            for kind in ("direct", "indirect")
            for _, part in same[same["effect"] == kind].iterrows()
        }
        direct, indirect, total = parts.get("direct"), parts.get("indirect"), cell(row, "estimate")
        if direct is None or indirect is None or total is None:
            continue
        implied = direct.interval + indirect.interval
        if implied.overlaps(total.interval):
            continue
        found.append(
            Finding(
                "moderate", "sum of effects", f"{place(row)}, {row['horizon']} run",
                f"direct {direct}, indirect {indirect}, total {total}", f"{implied:.4g}",
                f"{direct} + {indirect} lies in {implied:.4g}",
                "The direct and the indirect effect do not add up to the total.",
            )
        )  # fmt: skip
    return found


def diagonal_range(rho: float) -> Interval:
    """Range of the mean diagonal of (I - rho W)^{-1} over all row-standardised W >= 0.

    With first returns ``f_k >= 0``, ``f_1 = 0`` and ``sum f_k <= 1``, the diagonal is
    ``1 / (1 - sum f_k rho^k)``, so it lies in ``[1, 1 / (1 - rho^2)]`` for ``rho >= 0`` and in
    ``[1 / (1 + abs(rho)^3), 1 / (1 - rho^2)]`` below.

    Examples
    --------
    >>> diagonal_range(0.5)
    Interval(lower=1.0, upper=1.3333333333333333)
    """
    return Interval(1.0 if rho >= 0 else 1 / (1 + abs(rho) ** 3), 1 / (1 - rho**2))


def indirect_std_errors(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, draws: int = DRAWS,
    rho: str = "rho",
) -> list[Finding]:  # fmt: skip
    """Hold standard errors of short-run indirect effects against those of theta.

    Notes
    -----
    The indirect effect is ``a theta + b beta`` with ``b = 1/(1 - rho) - g`` and
    ``a = 1/(1 - rho) - (g - 1)/rho``, g the mean diagonal of ``(I - rho W)^{-1}``, whose range over
    all row-standardised W is known. Whatever W and the covariances are, its standard error is at
    least ``a se(theta) - abs(b) se(beta)``: for a positive rho the standard errors of theta are
    stretched, for a negative one they shrink.

    Returns
    -------
    list of Finding
        Grave if, taken together, the printed standard errors lie below the bound.
    """
    spatial = find(coefficients, model, rho)
    rows = effect_rows(coefficients, effects, model, "short")
    if spatial is None or len(rows) < 2 or abs(spatial.estimate.value) >= 1:
        return []
    r = spatial.estimate.value
    if r == 0:
        return []
    g = diagonal_range(r)
    a = min(1 / (1 - r) - (end - 1) / r for end in (g.lower, g.upper))
    b = max(abs(1 / (1 - r) - end) for end in (g.lower, g.upper))
    bound = np.maximum(a * rows["theta_se"] - b * rows["beta_se"], 0)
    noise = np.sqrt(
        bound**2 / (2 * draws)
        + (rows["indirect_se_half"] ** 2 + (a * rows["theta_se_half"]) ** 2
           + (b * rows["beta_se_half"]) ** 2) / 3
    )  # fmt: skip
    z = (bound - rows["indirect_se"]) / noise
    # draws are shared between rows, so the rows are not pooled as if independent
    together = float(z.mean())
    limit = float(stats.norm.isf(LEVEL)) / np.sqrt(len(rows)) * 1.5
    if together < limit:
        return []
    ratio = rows["indirect_se"] / rows["theta_se"]
    middle = float(ratio.median())
    listing = "; ".join(
        f"{term} {row.indirect_se:.3g} / {row.theta_se:.3g} = {row.indirect_se / row.theta_se:.2f}"
        f" (bound {bound[term] / row.theta_se:.2f})"
        for term, row in rows.iterrows()
    )
    return [
        Finding(
            "grave", "indirect standard errors", f"{model}, {len(rows)} regressors",
            f"rho {spatial.estimate}; se(indirect) / se(theta) about {middle:.2f}",
            f"1/(1 - rho) near {middle:.2f}, rho near {1 - 1 / middle:.2f}",
            f"{listing}; mean standardised distance below the bound {together:.1f}",
            f"The standard errors of {int((z > 0).sum())} of {len(rows)} indirect effects lie "
            f"below what rho = {spatial.estimate} allows on any row-standardised W; the ratio to "
            f"those of theta fits rho near {1 - 1 / middle:.2f}.",
        )
    ]  # fmt: skip


def direct_effects(
    coefficients: pd.DataFrame, effects: pd.DataFrame, model: str, draws: int = DRAWS,
    rho: str = "rho",
) -> list[Finding]:  # fmt: skip
    """Short-run direct effects against own coefficients.

    Notes
    -----
    direct = g beta + (g - 1) theta / rho, g the mean diagonal of (I - rho W)^{-1}. So
    (direct - beta) / (beta + theta / rho) is one number for all regressors and lies in the range
    that :func:`diagonal_range` gives.

    Returns
    -------
    list of Finding
        Moderate if the common g - 1 lies outside its range by more than rounding and simulation
        noise.
    """
    spatial = find(coefficients, model, rho)
    rows = effect_rows(coefficients, effects, model, "short")
    if spatial is None or len(rows) < 2 or not 0.01 < abs(spatial.estimate.value) < 1:
        return []
    r = spatial.estimate.value

    def fit(value: float) -> tuple[float, float]:
        x = (rows["beta"] + rows["theta"] / value).to_numpy()
        y = (rows["direct"] - rows["beta"]).to_numpy()
        s2 = (
            rows["direct_se"] ** 2 / draws + (rows["direct_half"] ** 2 + rows["beta_half"] ** 2) / 3
        ).to_numpy()
        estimate = float((x * y / s2).sum() / (x**2 / s2).sum())
        scatter = float(((y - estimate * x) ** 2 / s2).sum()) / (len(x) - 1)
        return estimate, float(np.sqrt(max(1.0, scatter) / (x**2 / s2).sum()))

    value, error = fit(r)
    allowed = diagonal_range(r)
    allowed = Interval(allowed.lower - 1, allowed.upper - 1)
    distance = max(allowed.lower - value, value - allowed.upper) / error
    if distance < float(stats.norm.isf(LEVEL)):
        return []
    other, other_error = fit(-r)
    other_range = diagonal_range(-r)
    fits = (
        other_range.lower - 1 - 2 * other_error <= other <= other_range.upper - 1 + 2 * other_error
    )
    return [
        Finding(
            "moderate", "direct effects", f"{model}, {len(rows)} regressors", f"rho {r}",
            f"mean diagonal less one {value:.4f} ({error:.4f}); allowed {allowed:.4f}",
            "; ".join(f"{t} {row.direct:.4g} - {row.beta:.4g}" for t, row in rows.iterrows())
            + f" against beta + theta / rho; with rho {-r}: {other:.4f} ({other_error:.4f}), "
            f"allowed {other_range.lower - 1:.4f} to {other_range.upper - 1:.4f}",
            f"The direct effects differ from the own coefficients in a way that rho = {r} does not "
            "allow on any row-standardised W"
            + (f"; rho = {-r} does." if fits else "; neither does the opposite sign."),
        )
    ]  # fmt: skip


def expected_effects(
    rows: pd.DataFrame,
    tau: float,
    rho: float,
    eta: float,
    eigenvalues: NDArray[np.complex128] | NDArray[np.float64],
    horizon: str,
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
    return pd.DataFrame({"direct": direct, "indirect": rows["own"] / (a - c) - direct})


def misfit(
    rows: pd.DataFrame, expected: pd.DataFrame, draws: int = DRAWS, allowance: float = 0.0
) -> pd.Series:
    """Squared distance of printed effects from expected ones, in units of noise, by regressor.

    Parameters
    ----------
    rows : DataFrame
        From :func:`effect_rows`.
    expected : DataFrame
        From :func:`expected_effects`.
    draws : int
        The noise is the simulation error of that many draws and the rounding of print.
    allowance : float
        Further relative error, such as the shift that draws give the mean of a ratio.

    Returns
    -------
    Series
        Sum over direct and indirect effect, indexed by regressor.
    """
    total = pd.Series(0.0, index=rows.index)
    for kind in ("direct", "indirect"):
        variance = (
            rows[f"{kind}_se"] ** 2 / draws
            + (rows[f"{kind}_half"] ** 2 + rows["beta_half"] ** 2 + rows["theta_half"] ** 2) / 3
            + (allowance * expected[kind]) ** 2
        )
        total += (rows[kind] - expected[kind]) ** 2 / variance
    return total


@dataclass(frozen=True, slots=True)
class ClosestRho:
    """The spatial parameter that brings coefficients closest to printed effects.

    Attributes
    ----------
    value, std_error : float
        The error is inflated where the best fit is worse than the noise explains.
    misfit : float
        Sum of squared standardised distances there.
    """

    value: float
    std_error: float
    misfit: float


def closest_rho(
    rows: pd.DataFrame,
    tau: float,
    eta: float,
    eigenvalues: NDArray[np.complex128] | NDArray[np.float64],
    horizon: str,
    draws: int = DRAWS,
    bounds: tuple[float, float] = (-0.9, 0.9),
) -> ClosestRho:
    """Find the rho under which printed coefficients come closest to printed effects on one W.

    Parameters
    ----------
    rows, eigenvalues, horizon, draws
        As for :func:`expected_effects` and :func:`misfit`.
    tau, eta : float
        Kept as printed.
    bounds : (float, float)
        Where to look.
    """

    def distance(value: float) -> float:
        expected = expected_effects(rows, tau, value, eta, eigenvalues, horizon)
        return float(misfit(rows, expected, draws).sum())

    best = optimize.minimize_scalar(distance, bounds=bounds, method="bounded")
    step = 0.01
    curvature = (distance(best.x + step) - 2 * best.fun + distance(best.x - step)) / step**2
    scale = max(1.0, best.fun / (2 * len(rows) - 1))
    return ClosestRho(float(best.x), float(np.sqrt(2 * scale / curvature)), float(best.fun))
