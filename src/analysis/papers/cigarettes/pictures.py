"""Figures of the cigarette chapter."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from scipy import stats

from analysis import spatial
from analysis.book import figures, maps
from analysis.book.figures import COLOURS, INK, MUTED
from analysis.spatial import Fit
from analysis.weights import Weights


def states(packs: pd.DataFrame, points: pd.DataFrame, weights: Weights) -> Figure:
    """Draw sales by year, and where the states lie, joined to their neighbours.

    Parameters
    ----------
    packs : DataFrame
        States by years.
    points : DataFrame
        lon and lat of each state.
    weights : Weights
    """
    figure, (left, right) = figures.canvas(1, 2, height=3.4, width_ratios=[1, 1.45])
    long = packs.melt(var_name="year", value_name="packs per head")
    look = {"estimator": "median", "errorbar": ("pi", 80), "color": COLOURS[0]}
    sns.lineplot(long, x="year", y="packs per head", ax=left, **look)
    last = packs.columns[-1]
    dots = maps.points(right, points, packs[last], norm=Normalize(vmax=160), size=40, scale=False)
    links = points[["lon", "lat"]].to_numpy()[np.argwhere(np.triu(weights.dense() > 0))]
    right.add_collection(LineCollection(links, colors=MUTED, linewidths=0.6))
    figure.colorbar(dots, ax=right, label=f"packs per head, {last}", shrink=0.8, extend="max")
    return figure


def moran(found: pd.DataFrame) -> Figure:
    """Draw Moran's I by year with its 95 % range under random assignment."""
    reach = stats.norm.isf(0.025) * np.sqrt(found["variance_random"])
    figure, axes = figures.canvas(height=3.0)
    low, high = found["expected"] - reach, found["expected"] + reach
    axes.fill_between(found.index, low, high, color=COLOURS[6], alpha=0.25, linewidth=0)
    axes.plot(found.index, found["I"], marker="o", markersize=3.5)
    axes.set(xlabel="year", ylabel="Moran's $I$", ylim=(-0.3, None))
    return figure


def profiles(
    fits: Mapping[str, Mapping[str, Fit]], drawn: Sequence[str]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the likelihood as a function of rho, below its maximum; return the curves as well.

    Parameters
    ----------
    fits : mapping
        Title of a panel to its fits, by name.
    drawn : sequence of str
        Names of the fits that are drawn.
    """
    grid = np.linspace(-0.4, 0.96, 137)
    figure, panels = figures.canvas(1, len(fits), height=3.3, sharey=True)
    curves = {}
    for axis, (title, inside) in zip(panels, fits.items(), strict=True):
        for colour, name in zip(COLOURS, drawn, strict=False):
            curve = spatial.profile(inside[name], grid) - inside[name].loglik
            curves[title, name] = curve
            axis.plot(curve.index, curve, label=name, color=colour)
            axis.axvline(inside[name].params["rho"], color=colour, linewidth=0.8, linestyle=":")
        axis.axhline(-stats.chi2.isf(0.05, 1) / 2, color=INK, linewidth=0.8, linestyle="--")
        axis.set(title=title, xlabel="ρ", ylim=(-12, 0.6))
    panels[0].set_ylabel("log-likelihood below its maximum")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure, pd.DataFrame(curves)
