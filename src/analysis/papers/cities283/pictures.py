"""Drawings of paper B's argument, made from its text: its own pictures are not in our copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.book.diagrams import Arrow, Box, draw
from analysis.inference.mediation import Mediation
from analysis.panel import Panel
from analysis.papers.cities283.study import COLUMNS, REGIONS

LEVELS: Mapping[str, Sequence[Sequence[str]]] = {
    "direct": (
        ("co-agglomeration",),
        ("cost effect", "resource allocation"),
        ("intermediate goods:\nlower transaction costs", "factors flow: information\n"
         "and recruiting cost less", "capital goes to\ncleaner products",
         "labour finds work\nwhere it is used"),
        ("more output,\nmoney for clean\ntechnology",),
        ("higher TCE",),
    ),
    "transmission": (
        ("co-agglomeration",),
        ("knowledge spillover", "resource sharing:\ntalent, education,\nfacilities"),
        ("innovation\nINNOV",),
        ("better combination\nof factors", "supply moves to\nclean industries",
         "new energy\nbecomes cheaper"),
        ("higher TCE",),
    ),
    "spillover": (
        ("co-agglomeration\nnext door",),
        ("technology: knowledge\ncrosses at little cost", "learning: officials under\n"
         "promotion pressure copy", "collaboration: regions\nspecialise"),
        ("higher TCE here",),
    ),
}  # fmt: skip
"""Steps of the three hypotheses' channels, left to right."""


def channels(name: str) -> Figure:
    """Draw the channels of one hypothesis: every box leads to those of the next step it feeds.

    Examples
    --------
    >>> len(channels("spillover").axes[0].texts)
    5
    """
    steps = LEVELS[name]
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


ENDS = {
    "masked": "no total effect:\nmasking possible",
    "interval": "interval of χ₁φ₂\ndecides",
    "partial": "partial mediation:\nreport the share",
    "full": "φ₁ not significant:\ncalled full mediation",
}
"""Where the mediation procedure can end, by :meth:`Mediation.branch`."""

REPORTED = {
    "masked": "no total effect",
    "interval": "no verdict before the interval of χ₁φ₂",
    "partial": "partial mediation",
    "full": "“full” mediation",
}
"""The same as a sentence names it."""


def mediation_path(axes: Axes, result: Mediation, title: str) -> None:
    """Draw the steps of the mediation test with the branch that a result takes."""
    end = result.branch()
    at = {"masked": (-3.2, 1.9), "interval": (3.2, 0.8), "partial": (-1.6, -0.4),
          "full": (1.6, -0.4)}  # fmt: skip
    boxes = {
        "theta": Box(0, 3, "θ₁ significant?", 1.9, marked=True),
        "paths": Box(0, 1.9, "χ₁ and φ₂\nsignificant?", 1.9, marked=end != "masked"),
        "phi": Box(0, 0.8, "φ₁ significant?", 1.9, marked=end in ("partial", "full")),
        **{name: Box(*at[name], text, 2.2, marked=name == end) for name, text in ENDS.items()},
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
