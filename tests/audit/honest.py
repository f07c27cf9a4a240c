"""Tables that are consistent by construction: made from a model, then rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from esda.moran import Moran
from libpysal.weights import full2W

TERMS = ("x", "x^2", "a", "b", "c", "d")


def nearest(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """Row-standardised k-nearest-neighbour or inverse-distance (k = 0) weights."""
    points = rng.uniform(size=(n, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    reach = np.sort(distance, axis=1)[:, [k - 1]]
    w = 1 / distance if k == 0 else (distance <= reach).astype(float)
    return w / w.sum(axis=1, keepdims=True)


def mark(ratio: float) -> str:
    size = abs(ratio)
    return "***" if size > 2.5758 else "**" if size > 1.96 else "*" if size > 1.6449 else ""


@dataclass
class Honest:
    w: np.ndarray
    table: pd.DataFrame
    cities: int
    years: int


def honest(seed: int, decimals: int = 3, simulated: bool = True) -> Honest:
    """One paper's worth of numbers: descriptives, a dynamic Durbin model and its effects.

    The data are drawn, the coefficients scatter about a truth with the covariance that the data
    imply, the effects follow from the coefficients exactly or as means of 500 draws.
    """
    rng = np.random.default_rng([20260101, seed])
    n, years = int(rng.integers(25, 60)), int(rng.integers(8, 21))
    w = nearest(rng, n, int(rng.choice([0, 4, 6])))
    roots = np.linalg.eigvals(w)
    t = years - 1
    scale = 10 ** rng.uniform(-0.5, 1, size=5)
    level = rng.normal(size=(1, n, 5)) * rng.uniform(0.3, 1.5, size=5)
    base = (level + rng.normal(size=(years, n, 5)) + rng.normal(size=(years, 1, 5)) / 2) * scale
    base[..., 0] = np.exp(base[..., 0] / scale[0] / 2)
    x = np.stack([base[..., 0], base[..., 0] ** 2, *np.moveaxis(base[..., 1:], -1, 0)], axis=-1)
    k = x.shape[-1]
    wx = np.einsum("ij,tjk->tik", w, x)
    z = np.concatenate([x, wx], axis=-1)[1:]
    z = z - z.mean(axis=0) - z.mean(axis=1, keepdims=True) + z.mean(axis=(0, 1))
    flat = z.reshape(-1, 2 * k)
    sigma = rng.uniform(0.3, 2)
    cov = np.zeros((2 * k + 3, 2 * k + 3))
    cov[3:, 3:] = sigma**2 * np.linalg.inv(flat.T @ flat)
    cov[0, 0], cov[1, 1], cov[2, 2] = rng.uniform(0.01, 0.03, 3) ** 2
    errors = np.sqrt(np.diag(cov))
    while True:
        tau, eta, rho = rng.uniform(0.2, 0.8), rng.uniform(-0.3, 0.2), rng.uniform(-0.4, 0.5)
        if tau + eta + rho < 0.85 and tau - eta + rho > -0.5:
            break
    estimate = np.concatenate([[tau, eta, rho], rng.normal(size=2 * k) * 4 * errors[3:]])

    def effects(v: np.ndarray, short: bool) -> np.ndarray:
        lag = 0 if short else v[0]
        both = v[2] if short else v[2] + v[1]
        inverse = 1 / (1 - lag - both * roots)
        g, h = inverse.mean().real, (inverse * roots).mean().real
        beta, theta = v[3 : 3 + k], v[3 + k :]
        direct = beta * g + theta * h
        return np.array([direct, (beta + theta) / (1 - lag - both) - direct])

    def text(value: float) -> str:
        return f"{value:.{decimals}f}"

    rows = []
    for name, value, error in zip(
        ("L.y", "W.L.y", "rho", *TERMS, *(f"W.{term}" for term in TERMS)),
        estimate, errors, strict=True,
    ):  # fmt: skip
        rows.append({"table": "2", "model": "m", "term": name, "estimate": text(value),
                     "std_error": text(error), "stars": mark(value / error)})  # fmt: skip
    rows.append({"table": "2", "model": "m", "term": "Observations", "estimate": str(n * t)})
    draws = rng.multivariate_normal(estimate, cov, size=500)
    if not simulated:
        draws = estimate + (draws - draws.mean(axis=0))
    for horizon in ("short", "long"):
        drawn = np.array([effects(v, horizon == "short") for v in draws])
        shown = drawn.mean(axis=0) if simulated else effects(estimate, horizon == "short")
        error = drawn.std(axis=0, ddof=1)
        for i, kind in enumerate(("direct", "indirect")):
            for j, term in enumerate(TERMS):
                rows.append({"table": "3", "model": "m", "term": term, "horizon": horizon,
                             "effect": kind, "estimate": text(shown[i, j]),
                             "std_error": text(error[i, j]),
                             "stars": mark(shown[i, j] / error[i, j])})  # fmt: skip
    for j, term in enumerate(TERMS):
        v = x[..., j].ravel()
        rows.append({"table": "1", "term": term, "observations": str(v.size),
                     "mean": text(v.mean()), "std_dev": text(v.std(ddof=1)),
                     "min": text(v.min()), "max": text(v.max())})  # fmt: skip
    neighbours = full2W(w, silence_warnings=True)
    for year in range(years):
        y = np.linalg.solve(np.eye(n) - 0.5 * w, rng.normal(size=n))
        moran = Moran(y, neighbours, permutations=0, transformation="r")
        rows.append({"table": "4", "model": f"{2000 + year}", "term": "Moran",
                     "estimate": text(moran.I), "statistic": text(moran.z_rand),
                     "p": text(moran.p_rand)})  # fmt: skip
    return Honest(w, pd.DataFrame(rows).fillna(""), n, years)
