"""Small simulated panels that several tests share."""

import numpy as np
import pandas as pd

from analysis.panel import Panel
from analysis.weights import Weights, k_nearest


def noise_panel(seed: int, n: int = 12, t: int = 6) -> tuple[Panel, Weights]:
    """Noise with two regressors and a nearest-neighbour W, for algebraic identities."""
    rng = np.random.default_rng(seed)
    cities = pd.Index([f"city{i:02}" for i in range(n)], name="city")
    geo = pd.DataFrame(
        {"lon": rng.uniform(115, 130, n), "lat": rng.uniform(38, 50, n)}, index=cities
    )
    index = pd.MultiIndex.from_product([cities, range(2001, 2001 + t)], names=["city", "year"])
    frame = pd.DataFrame(rng.normal(size=(n * t, 3)), index=index, columns=["y", "x", "z"])
    frame["y"] += frame["x"] - 0.5 * frame["z"]
    return Panel.from_frame(frame), k_nearest(geo, 4)


def random_effects_panel(seed: int, n: int = 40, t: int = 6, rho: float = 0.3):
    """A spatial lag model whose city effects are independent of the regressor."""
    panel, weights = noise_panel(seed, n, t)
    rng = np.random.default_rng([seed, 1])
    signal = panel.values("x") + rng.normal(size=n) + rng.normal(size=(t, n))
    y = np.linalg.solve(np.eye(n) - rho * weights.matrix, signal.T).T
    return panel.assign(y=y), weights
