"""Drawings of paper B's argument, made from its text: its own pictures are not in our copy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.book import figures, maps
from analysis.book.diagrams import Arrow, Box, draw
from analysis.inference.mediation import Mediation
from analysis.panel import Panel
from analysis.papers.cities283.study import COLUMNS, FACTORS, REGIONS
from analysis.papers.cities283.targets import PRINTED
from analysis.study import Sample

DRAWN: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("drawings.toml").read_text())
REPORTED = {name: end["said"] for name, end in DRAWN["ends"].items()}
"""Ends of the mediation procedure, by :meth:`Mediation.branch`, as a sentence names them."""


def channels(name: str) -> Figure:
    """Draw the channels of one hypothesis: every box leads to those of the next step it feeds.

    Examples
    --------
    >>> len(channels("spillover").axes[0].texts)
    5
    """
    steps = DRAWN["channels"][name]
    tallest = max(map(len, steps))
    figure, axes = figures.canvas(width=7.2, height=0.9 + 0.55 * tallest)
    boxes, arrows = {}, []
    for k, step in enumerate(steps):
        for i, text in enumerate(step):
            y = (len(step) - 1) / 2 - i
            ends = k in (0, len(steps) - 1) or "INNOV" in text
            boxes[text] = Box(
                3.1 * k, y * tallest / len(step), text, 2.6, 0.25 + 0.3 * (1 + text.count("\n")),
                marked=ends,
            )  # fmt: skip
    for now, then in pairwise(steps):
        per = max(len(now), len(then)) // min(len(now), len(then))
        for i in range(max(len(now), len(then))):
            arrows.append((now[min(i // (per if len(then) > len(now) else 1), len(now) - 1)],
                           then[min(i // (per if len(now) > len(then) else 1), len(then) - 1)]))  # fmt: skip
    draw(axes, boxes, arrows, fontsize=7 if len(steps) > 3 else 8)
    return figure


def mediation_path(axes: Axes, result: Mediation, title: str) -> None:
    """Draw the steps of the mediation test with the branch that a result takes."""
    end = result.branch()
    boxes = {
        "theta": Box(0, 3, "θ₁ significant?", 1.9, marked=True),
        "paths": Box(0, 1.9, "χ₁ and φ₂\nsignificant?", 1.9, marked=end != "masked"),
        "phi": Box(0, 0.8, "φ₁ significant?", 1.9, marked=end in ("partial", "full")),
        **{
            name: Box(drawn["x"], drawn["y"], drawn["box"], 2.2, marked=name == end)
            for name, drawn in DRAWN["ends"].items()
        },
    }
    steps = [("theta", "masked", "no"), ("theta", "paths", "yes"), ("paths", "interval", "no"),
             ("paths", "phi", "yes"), ("phi", "partial", "yes"), ("phi", "full", "no")]  # fmt: skip
    draw(
        axes,
        boxes,
        [Arrow(a, b, label, marked=boxes[a].marked and boxes[b].marked) for a, b, label in steps],
    )
    axes.set_title(COLUMNS.get(title, title))


def by_year(panel: Panel, x: str, y: str, found: pd.DataFrame) -> Figure:
    """Draw one small scatterplot a year with its least-squares line and its correlation."""
    figure, panels = figures.canvas(2, 5, width=7.2, height=3.6, sharex=True, sharey="row")
    ends = panel.frame[x].min(), panel.frame[x].max()
    for axis in panels.ravel()[len(found) :]:
        axis.set_axis_off()
    for axis, year in zip(panels.ravel(), found.index, strict=False):
        values = panel.frame.xs(int(year), level="year")
        axis.scatter(values[x], values[y], s=3, alpha=0.4, linewidth=0, rasterized=True)
        slope, start = np.polyfit(values[x], values[y], 1)
        axis.axline((0, start), slope=slope, color=figures.COLOURS[1])
        axis.set(xlim=ends, title=f"{year}: r = {found.loc[year, 'r']:.2f}")
    return figure


def regional_means(means: pd.DataFrame, titles: Mapping[str, tuple[str, str]]) -> Figure:
    """Draw yearly means by region, a panel a variable: title and axis label."""
    figure, panels = figures.canvas(1, len(titles), width=7.2, height=3.0)
    for axis, (name, (title, unit)) in zip(panels, titles.items(), strict=True):
        for region, colour in zip(REGIONS, figures.COLOURS, strict=False):
            values = means[name].xs(region, level="region")
            axis.plot(values.index, values, color=colour, label=region)
        axis.set(title=title, ylabel=unit)
    panels[0].legend()
    return figure


def index_and_regions(
    sample: Sample, index: Mapping[str, pd.DataFrame]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean index by year, and regions' means of the scores less that of all cities."""
    figure, (left, right) = figures.canvas(1, 2, width=7.2, height=3.3)
    for (name, values), colour in zip(index.items(), figures.COLOURS, strict=False):
        left.plot(values.columns, values.mean(), color=colour, label=COLUMNS[name])
    jumps = PRINTED.yearly_mean
    left.plot(list(jumps), list(jumps.values()), "D", color=figures.INK, markerfacecolor="none",
              label="printed")  # fmt: skip
    left.axhline(1, color=figures.MUTED, linewidth=0.9)
    left.set(title="mean index, all cities", ylabel="yearly factor")
    left.legend()
    scores = index["TCE"]
    apart = scores.groupby(sample.group("region")).mean().sub(scores.mean()).T[list(REGIONS)]
    for region, colour in zip(REGIONS, figures.COLOURS[2:], strict=False):
        right.plot(apart.index, apart[region], color=colour, label=region)
    right.axhline(0, color=figures.MUTED, linewidth=0.9)
    right.set(title="scores: region less all cities")
    right.legend()
    return figure, apart


def components(parts: pd.DataFrame) -> Figure:
    """Draw the index of the scores and its two factors by year: all cities, and each region."""
    figure, panels = figures.canvas(1, 4, width=7.2, height=2.8, sharey=True)
    for axis, name in zip(panels, ["all", *REGIONS], strict=True):
        for (column, label), colour in zip(
            FACTORS.items(), [figures.INK, *figures.COLOURS], strict=False
        ):
            axis.plot(parts.loc[name].index, parts.loc[name, column], color=colour, label=label)
        axis.axhline(1, color=figures.MUTED, linewidth=0.9)
        axis.set(title=name if name != "all" else "all cities", xticks=parts.loc[name].index[::4])
    panels[0].set_ylabel("mean yearly factor")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def improving(sample: Sample, index: pd.DataFrame) -> Figure:
    """Map in each year the cities above one, filled and sized by their index, over the others."""
    figure, panels = figures.canvas(2, 2, width=7.2, height=6.2)
    for axis in panels.ravel():
        axis.set_axis_off()
    for axis, (year, values) in zip(panels.ravel(), index.items(), strict=False):
        up = values[values > 1]
        maps.ground(axis, sample.places)
        for chosen, style in (
            (values.index.difference(up.index), {"s": 5, "facecolors": "none", "edgecolors": figures.MUTED}),
            (up.index, {"s": 14 + 120 * (up - 1).clip(upper=0.4), "color": figures.COLOURS[1], "alpha": 0.8}),
        ):  # fmt: skip
            places = sample.places.loc[chosen]
            axis.scatter(places["lon"], places["lat"], linewidth=0.5, zorder=3, **style)
        axis.set_title(f"{year}: {len(up)} of {len(values)} above one")
    return figure
