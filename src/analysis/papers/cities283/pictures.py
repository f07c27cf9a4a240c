"""Drawings of paper B's argument and its own kinds of picture: the paper's are not in our copy."""

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from analysis.book import figures, maps
from analysis.book.diagrams import Arrow, Box, draw
from analysis.book.tables import number
from analysis.inference.mediation import Mediation
from analysis.panel import Panel
from analysis.papers.cities283.claims import listing
from analysis.papers.cities283.study import COLUMNS, STUDY
from analysis.resources import declared
from analysis.study import Sample

DRAWN = declared("analysis.papers.cities283", "drawings.toml")
REPORTED = DRAWN["reported"]
"""Ends of the mediation procedure, by :meth:`Mediation.branch`, as a sentence names them."""


def channels(name: str) -> Figure:
    """Draw the channels of one hypothesis: every box leads to those of the next step it feeds.

    Examples
    --------
    >>> len(channels("spillover").axes[0].patches)
    11
    """
    steps = DRAWN["channels"][name]
    tallest = max(map(len, steps))
    figure, axes = figures.canvas(width=7.2, height=0.9 + 0.55 * tallest)
    boxes, arrows = {}, []
    for (k, step), (i, text) in ((s, b) for s in enumerate(steps) for b in enumerate(s[1])):
        y = ((len(step) - 1) / 2 - i) * tallest / len(step)
        marked = k in (0, len(steps) - 1) or "INNOV" in text
        boxes[text] = Box(3.1 * k, y, text, 2.6, 0.55 + 0.3 * text.count("\n"), marked=marked)
    for now, then in pairwise(steps):
        n = max(len(now), len(then))
        arrows += [(now[i * len(now) // n], then[i * len(then) // n]) for i in range(n)]
    draw(axes, boxes, arrows, fontsize=7 if len(steps) > 3 else 8)
    return figure


def mediation_paths(results: Mapping[str, Mediation]) -> Figure:
    """Draw the steps of the mediation test with the branch that each outcome takes."""
    height = 3.6 * len(results)
    figure, panels = figures.canvas(len(results), width=7.2, height=height, squeeze=False)
    for axes, (name, result) in zip(panels.flat, results.items(), strict=True):
        end = result.branch()
        boxes = {
            step: Box(box["x"], box["y"], box["box"], box["width"], marked=end in box["on"])
            for step, box in DRAWN["steps"].items()
        }
        arrows = [
            Arrow(a, b, answer, marked=boxes[a].marked and boxes[b].marked)
            for a, b, answer in DRAWN["arrows"]
        ]
        draw(axes, boxes, arrows)
        axes.set_title(COLUMNS.get(name, name))
    return figure


def by_year(panel: Panel, x: str, y: str, found: pd.DataFrame) -> Figure:
    """Draw one small scatterplot a year with its least-squares line and its correlation."""
    figure, panels = figures.canvas(2, 5, width=7.2, height=3.6, sharex=True, sharey="row")
    for axis in panels.flat[len(found) :]:
        axis.set_axis_off()
    for axis, (year, r) in zip(panels.flat, found["r"].items(), strict=False):
        sns.regplot(
            panel.frame.xs(int(year), level="year"), x=x, y=y, ci=None, truncate=False, ax=axis,
            scatter_kws={"s": 3, "alpha": 0.4, "linewidths": 0}, line_kws={"color": figures.COLOURS[1]},
        )  # fmt: skip
        axis.set(title=f"{year}: r = {r:.2f}", xlabel="", ylabel="")
    figure.supxlabel(STUDY.label(x), fontsize=10, color=figures.INK)
    figure.supylabel(STUDY.label(y), fontsize=10, color=figures.INK)
    figure.told = f"Scatter plots, one a year. Correlations: {listing(found['r'], '.2f')}."
    return figure


def heat(r: pd.DataFrame) -> Figure:
    """Draw the correlations below the diagonal, each with its number."""
    figure, axis = figures.canvas(width=7.2, height=3.8)
    shown = r.iloc[1:, :-1].where(r < 1)
    sns.heatmap(
        shown, annot=shown.map(number, spec=".2f"), fmt="", vmin=-1, vmax=1, ax=axis,
        cmap=figures.DIVERGING, annot_kws={"fontsize": 9, "color": figures.INK},
        cbar_kws={"label": "correlation"},
    )  # fmt: skip
    axis.tick_params(length=0)
    axis.tick_params(axis="x", rotation=25)
    axis.grid(visible=False)
    largest = f"the largest of size {shown.abs().max(axis=None):.2f}"
    figure.told = f"Heat map of the correlations below the diagonal, {largest}."
    return figure


def distributions(values: pd.Series, unit: str) -> Figure:
    """Draw the distribution of a variable over the cities, a violin with its quartiles a year."""
    figure, axis = figures.canvas(width=7.2, height=3.0)
    look = {"cut": 0, "inner": "quart", "color": figures.COLOURS[0], "linewidth": 0.8}
    sns.violinplot(values.rename(unit).reset_index(), x="year", y=unit, ax=axis, **look)
    axis.set_xlabel("")
    medians = listing(values.groupby("year").median(), ".2f")
    figure.told = f"Violins of the {unit}s, one a year. Medians: {medians}."
    return figure


def improving(sample: Sample, index: pd.DataFrame) -> Figure:
    """Map in each year the cities above one, filled and sized by their index, over the others."""
    figure, panels = figures.canvas(2, 2, width=7.2, height=6.2)
    for axis, (year, values) in zip(panels.flat, index.items(), strict=False):
        maps.ground(axis, sample.places)
        # few sizes, since points of one size are one shape; others are small rings below
        sizes = (14 + 120 * (values - 1).clip(upper=0.4)).round(-1).where(values > 1, 0)
        for size, at in sample.places.groupby(sizes.reindex(sample.units)):
            look = {"color": figures.COLOURS[1], "alpha": 0.8, "s": size}
            if not size:
                look = {"c": "none", "edgecolors": figures.MUTED, "s": 5}
            axis.scatter(at["lon"], at["lat"], lw=0.5, zorder=3, **look)
        axis.set_title(f"{year}: {(values > 1).sum()} of {len(values)} above one")
    for axis in panels.flat[index.shape[1] :]:
        axis.set_axis_off()
    told = "Maps of the cities; those above one are filled, larger as the index is"
    figure.told = f"{told}: {listing((index > 1).sum(), 'd')}."
    return figure
