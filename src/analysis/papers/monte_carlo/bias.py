"""Estimated against true rho: the closed form of the bias, and the simulated samples on it."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.inference.implied_rho import expected_rho
from analysis.papers.monte_carlo.likelihood import MATRICES, SHAPES, matrix_of

TRUTHS = np.linspace(-0.6, 0.9, 16)


@cache
def _expected(shape: str, name: str, rho: float) -> float:
    return expected_rho(matrix_of(shape, name), rho)


def curves() -> pd.DataFrame:
    """Value to which uncorrected maximum likelihood tends, by shape, matrix and true rho."""
    rows = [(*each, _expected(*each)) for each in product(SHAPES, MATRICES, map(float, TRUTHS))]
    return pd.DataFrame(rows, columns=["shape", "weights", "true_rho", "expected"])


def points(draws: pd.DataFrame) -> pd.DataFrame:
    """Mean uncorrected estimate of each simulated cell beside what the closed form says of it.

    Parameters
    ----------
    draws : DataFrame
        The table of :func:`analysis.papers.monte_carlo.likelihood.monte_carlo`.

    Returns
    -------
    DataFrame
        Columns shape, weights, model, true_rho, mean, mc_error, expected.
    """
    found = draws.query("estimator == 'direct' and quantity == 'bias' and item == 'rho'")
    cells = found[["shape", "weights", "true_rho"]].itertuples(index=False)
    expected = [_expected(*cell) for cell in cells]
    return found[["shape", "weights", "model", "true_rho"]].assign(
        mean=found["true_rho"] + found["value"], mc_error=found["mc_error"], expected=expected
    )


def picture(curves: pd.DataFrame, points: pd.DataFrame) -> Figure:
    """Draw the curves of both shapes side by side, the samples' means on them."""
    figure, panels = figures.canvas(columns=len(SHAPES), height=4.2, sharey=True)
    palette = dict(zip(MATRICES, figures.COLOURS, strict=False))
    for axes, shape in zip(panels, SHAPES, strict=True):
        curve, here = (each[each["shape"] == shape] for each in (curves, points))
        truths = curve["true_rho"].agg(["min", "max"])
        axes.plot(truths, truths, ":", color=figures.INK, linewidth=1.2, zorder=3)
        axes.axhline(0, color=figures.MUTED, linewidth=0.6)
        look = {"x": "true_rho", "hue": "weights", "palette": palette, "legend": False, "ax": axes}
        sns.lineplot(curve, y="expected", **look)
        sns.scatterplot(here[here["model"] == "static"], y="mean", **look)
        for name, dynamic in here[here["model"] == "dynamic"].groupby("weights"):
            axes.plot(dynamic["true_rho"], dynamic["mean"], "o", color=palette[name], mfc="none")
        lowest = -np.inf
        ends = curve[curve["true_rho"] == TRUTHS[-1]].sort_values("expected")
        for name, height in zip(ends["weights"], ends["expected"], strict=True):
            lowest = max(height, lowest + 0.085)
            axes.text(TRUTHS[-1] + 0.04, lowest, name.replace("^2", "²"), color=palette[name],
                      va="center", fontsize=8)  # fmt: skip
        axes.set(title="{} cities, {} years".format(*shape.split(" x ")), xlabel="true ρ")
        axes.set(ylabel="estimated ρ, uncorrected", xlim=(None, TRUTHS[-1] + 0.55))
        axes.set_ylim(top=max(axes.get_ylim()[1], lowest + 0.08))
    return figure
