"""Intervals of a mediated effect and of its share in the total, by delta method and Monte Carlo."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference.mediation import Mediation


def share_intervals(
    result: Mediation, level: float = 0.95, draws: int = 100_000, seed: int = 0
) -> pd.DataFrame:
    """Sobel's and the Monte Carlo interval of ``chi1 phi2`` and of its share.

    The share is taken in ``phi1 + chi1 phi2``, so that the mediated effect moves in numerator and
    denominator alike; it differs from ``chi1 phi2 / theta1`` by the gap of the identity. Estimates
    of the outcome's equation keep their covariance, the mediator's equation is independent of it.

    Parameters
    ----------
    result : Mediation
    level : float
    draws, seed : int
        Of the Monte Carlo interval.

    Returns
    -------
    DataFrame
        Indexed by ``quantity`` ("indirect", "share") and ``method`` ("Sobel", "Monte Carlo"):
        ``estimate``, ``lower``, ``upper``.

    Notes
    -----
    "Sobel" is the symmetric interval by the delta method, of the share too. A denominator near
    zero makes it too short; the Monte Carlo interval then shows its tails.
    """
    chi, phi1, phi2 = result.paths["estimate"][["chi1", "phi1", "phi2"]].astype(float)
    names = [result.treatment, result.mediator]
    cov = np.zeros((3, 3))
    cov[0, 0] = float(result.paths.loc["chi1", "std_error"]) ** 2
    cov[1:, 1:] = result.outcome.cov.loc[names, names].to_numpy(dtype=float)
    product, whole = chi * phi2, phi1 + chi * phi2
    gradients = {
        "indirect": np.array([phi2, 0.0, chi]),
        "share": np.array([phi1 * phi2, -product, phi1 * chi]) / whole**2,
    }
    estimates = {"indirect": product, "share": product / whole}
    z = np.random.default_rng(seed).multivariate_normal([chi, phi1, phi2], cov, draws)
    drawn = {"indirect": z[:, 0] * z[:, 2]}
    drawn["share"] = drawn["indirect"] / (z[:, 1] + drawn["indirect"])
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows = {}
    for name, gradient in gradients.items():
        half = stats.norm.ppf(tails[1]) * float(np.sqrt(gradient @ cov @ gradient))
        low, high = np.quantile(drawn[name], tails)
        rows[name, "Sobel"] = (estimates[name], estimates[name] - half, estimates[name] + half)
        rows[name, "Monte Carlo"] = (estimates[name], float(low), float(high))
    index = pd.MultiIndex.from_tuples(rows, names=["quantity", "method"])
    return pd.DataFrame(list(rows.values()), index, ["estimate", "lower", "upper"])
