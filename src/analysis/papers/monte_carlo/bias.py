"""Estimated against true rho: the closed form of the bias, and the simulated samples on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.inference.implied_rho import expected_rho
from analysis.papers.monte_carlo.likelihood import MATRICES, SHAPES, matrix_of

TRUTHS = np.linspace(-0.6, 0.9, 31)


def curves() -> pd.DataFrame:
    """Value to which uncorrected maximum likelihood tends, by shape, matrix and true rho."""
    rows = [
        (shape, name, rho, expected_rho(matrix_of(shape, name), rho))
        for shape in SHAPES
        for name in MATRICES
        for rho in TRUTHS
    ]
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
    chosen = (draws["estimator"] == "direct") & (draws["quantity"] == "bias")
    found = draws[chosen & (draws["item"] == "rho")]
    cells = found[["shape", "weights", "true_rho"]].itertuples(index=False)
    expected = [expected_rho(matrix_of(shape, name), rho) for shape, name, rho in cells]
    keys = ["shape", "weights", "model", "true_rho", "mean", "mc_error", "expected"]
    return found.assign(mean=found["true_rho"] + found["value"], expected=expected)[keys]


def _of(frame: pd.DataFrame, shape: str, name: str) -> pd.DataFrame:
    return frame[(frame["shape"] == shape) & (frame["weights"] == name)]


def picture(curves: pd.DataFrame, points: pd.DataFrame) -> Figure:
    """Draw the curves of both shapes side by side, the samples' means on them."""
    figure, panels = figures.canvas(columns=len(SHAPES), height=4.2, sharey=True)
    for axes, shape in zip(panels, SHAPES, strict=True):
        axes.axline((0, 0), slope=1, color=figures.MUTED, linewidth=0.8, linestyle=":")
        axes.axhline(0, color=figures.MUTED, linewidth=0.6)
        ends = []
        for colour, name in zip(figures.COLOURS, MATRICES, strict=False):
            curve = _of(curves, shape, name)
            axes.plot(curve["true_rho"], curve["expected"], color=colour)
            ends.append((float(curve["expected"].iloc[-1]), name, colour))
            for model, filled in (("static", colour), ("dynamic", "none")):
                here = _of(points[points["model"] == model], shape, name)
                axes.plot(here["true_rho"], here["mean"], "o", color=colour, markerfacecolor=filled)
        lowest = -np.inf
        for height, name, colour in sorted(ends):
            lowest = max(height, lowest + 0.085)
            axes.text(TRUTHS[-1] + 0.04, lowest, name, color=colour, va="center", fontsize=8)
        axes.set_xlim(right=TRUTHS[-1] + 0.55)
        cities, years = shape.split(" x ")
        axes.set(title=f"{cities} cities, {years} years", xlabel="true ρ")
    panels[0].set_ylabel("estimated ρ, uncorrected")
    return figure
