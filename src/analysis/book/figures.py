"""Figures of the book: one style, colours that all can tell apart, words for who cannot see.

A figure is drawn once and read on white and on black: lines and lettering take the colour of the
page, series take colours with enough contrast on both.
"""

import base64
import io
import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
import seaborn.objects as so
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from analysis.book.forms import fill
from analysis.book.ledger import QUANTILE
from analysis.book.provenance import FILES_TYPE
from analysis.book.tables import carried, check_label, number, origin
from analysis.book.text import as_csv
from analysis.errors import SpecificationError

COLOURS = ("#2f7fc1", "#d1690e", "#1a936f", "#b3589a", "#a8851c", "#7a6fd0", "#6f7b86")
"""Series colours: after Okabe and Ito, evened out to a contrast of 3 on white and on black."""

DIVERGING = LinearSegmentedColormap.from_list("book", ["#2f7fc1", "#b9b9b9", "#d1690e"])
SEQUENTIAL = LinearSegmentedColormap.from_list("book", ["#e8cf8e", "#dc8a3c", "#c02f3a"])

INK, MUTED, PAPER = "#010203", "#040506", "#fdfeff"
"""Colours that follow the page: its text, its thin lines, its background. Black is text, too."""
_ON_PAGES = {INK: "currentColor", "#000000": "currentColor",
             MUTED: "var(--figure-muted, #8a8f98)", PAPER: "var(--figure-paper, #ffffff)"}  # fmt: skip
_ALONE = {"currentColor": "#1f2933", r"var\(--figure-\w+, (#\w+)\)": r"\1"}
"""What these are in a page, and in a file that stands alone."""

WIDTH = 7.6
"""Inches that a figure is wide; the page scales it to its column."""

CROWD = 400
"""Points without an outline from which on they are a picture and no longer a shape each."""

_HALO = "halo"

STYLE = mpl.rc_params_from_file(
    Path(__file__).with_name("book.mplstyle"), use_default_template=False
)
STYLE["axes.prop_cycle"] = cycler(color=COLOURS)


def style() -> AbstractContextManager[None]:
    """Draw in the book's style inside this context, and leave matplotlib as it was."""
    return mpl.rc_context(STYLE)


class Drawing(Figure):
    """A figure that can say in words what it shows, for who cannot see it, and give its numbers."""

    told = ""
    values: pd.DataFrame | None = None


def canvas(
    rows: int = 1, columns: int = 1, *, width: float = WIDTH, height: float = 3.6, **options: Any
) -> tuple[Drawing, Any]:
    """Open a figure in the book's style.

    Parameters
    ----------
    rows, columns : int
        Grid of axes.
    width, height : float
        Size in inches; the page scales it to its column.
    **options
        Passed on to ``Figure.subplots``.

    Returns
    -------
    tuple
        The figure, and its axes (an array where there are several).
    """
    with style():
        figure = Drawing(figsize=(width, height))
        axes = figure.subplots(rows, columns, **options)
    return figure, axes


def _span(values: Iterable[Any]) -> str:
    """Numbers in words, to three digits."""
    texts = (number(float(x), ".0f" if abs(x) >= 1000 else ".3g") for x in values)
    return " to ".join(dict.fromkeys(texts))


def moran_scatters(
    points: Mapping[int, pd.DataFrame], slopes: Mapping[int, float], unit: str = "city"
) -> Figure:
    """Draw Moran scatterplots side by side, one a year, each with its least-squares line.

    Parameters
    ----------
    points : mapping
        By year, as :func:`analysis.spatial.moran.moran_scatter` returns them: ``z`` and ``lag``.
    slopes : mapping
        Moran's I by year; where the rows of W sum to one it is the slope of the line.
    unit : str
        What a point stands for.

    Returns
    -------
    Figure
    """
    figure, panels = canvas(1, len(points), height=2.7, sharey=True, sharex=True, squeeze=False)
    for axis, (year, cloud) in zip(panels[0], points.items(), strict=True):
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.axvline(0, color=MUTED, linewidth=0.8)
        sns.regplot(
            cloud, x="z", y="lag", ci=None, truncate=False, ax=axis, line_kws={"color": COLOURS[1]},
            scatter_kws={"s": 6 if len(cloud) > 100 else 18, "alpha": 0.5, "linewidths": 0},
        )  # fmt: skip
        axis.set(title=f"{year}: I = {slopes[year]:.3f}", xlabel="", ylabel="")
    slope = ", ".join(f"{slopes[year]:.3f} in {year}" for year in points)
    figure.told = f"Moran scatterplots, a point a {unit}. Slopes: {slope}."
    figure.supxlabel(f"the {unit}, in standard deviations", fontsize=10, color=INK)
    panels[0, 0].set_ylabel("its neighbours' mean")
    return figure


def band(
    axes: Axes,
    line: pd.Series,
    low: pd.Series,
    high: pd.Series,
    colour: str = COLOURS[0],
    label: str = "",
) -> None:
    """Draw a line over its index with the band between two others."""
    axes.fill_between(line.index, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(line.index, line, color=colour, label=label)


def lines(
    panels: Mapping[str, pd.DataFrame],
    *,
    units: Mapping[str, str] | str = "",
    printed: Mapping[str, pd.Series] | None = None,
    level: float | None = None,
    stacked: bool = False,
    **options: Any,
) -> Figure:
    """Draw series by period, a panel a frame, a line a column, named where there are several.

    The same names stand once: in the first panel that has them, below if many stand side by side.

    Parameters
    ----------
    panels : mapping
        Title of a panel to its frame, indexed by period. An empty title is not written.
    units : mapping or str
        What the axis of a panel measures, by title; one text stands at the first panel.
    printed : mapping, optional
        Title to printed values by period, drawn as diamonds.
    level : float, optional
        Where a thin line goes through all panels: zero, one, or what chance gives.
    stacked : bool
        Panels below each other instead of side by side.
    **options
        Passed on to :func:`canvas`: ``height``, ``sharey``.

    Returns
    -------
    Figure

    Examples
    --------
    >>> means = pd.DataFrame({"east": [1.0, 1.2], "west": [0.8, 0.9]}, index=[2010, 2011])
    >>> figure = lines({"efficiency": means}, units="mean score", level=1)
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['east', 'west']
    """
    shape = (len(panels), 1) if stacked else (1, len(panels))
    options = {"height": 2.3 * len(panels) if stacked else 3.2, "sharex": stacked, **options}
    figure, axes = canvas(*shape, squeeze=False, **options)
    units = {next(iter(panels)): units} if isinstance(units, str) else units
    many = len(panels) > 2 and not stacked
    said, legends = ["Line chart, first and last values."], []
    for axis, (title, frame) in zip(axes.flat, panels.items(), strict=True):
        for colour, (name, line) in zip(itertools.cycle(COLOURS), frame.items(), strict=False):
            axis.plot(line.index, line, color=colour, label=str(name))
            first, ends = _span(line.iloc[[0, -1]]), _span(line.agg(["min", "max"]))
            said.append(f"{title}{', ' * bool(title)}{name}: {first}, extremes {ends}.")
        if printed and title in printed:
            axis.plot(printed[title], "D", color=INK, ms=5, mfc="none", label="printed")
        if level is not None:
            axis.axhline(level, color=MUTED, linewidth=0.9)
        axis.set(title=title, ylabel=units.get(title, ""))
        axis.xaxis.set_major_locator(MaxNLocator(nbins=3 if many else 5, integer=True))
        handles, named = axis.get_legend_handles_labels()
        if len(named) > 1 and named not in legends:
            legends.append(named)
            if many:
                figure.legend(handles, named, loc="outside lower center", ncols=len(named))
            else:
                axis.legend()
    figure.told = " ".join(said)
    return figure


def responses(
    path: pd.DataFrame, panels: Mapping[str, Mapping[tuple[str, str], str]], unit: str = "",
    ends: Mapping[Any, float] | pd.Series | None = None, **options: Any,
) -> Figure:  # fmt: skip
    """Draw responses over the years after a shock, with their 95 % intervals.

    Parameters
    ----------
    path : DataFrame
        :meth:`analysis.spatial.Fit.response_path`, or its first years.
    panels : mapping
        Title of a panel to its lines: (effect, term) to the name shown, empty for none.
    unit : str
        What the axes measure.
    ends : mapping, optional
        Where a line ends in the long run, by (effect, term): drawn dotted.
    **options
        Passed on to :func:`canvas`: ``height``, ``sharey``.

    Returns
    -------
    Figure

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([range(3), ["direct"], ["x"]], names=["horizon", "effect", "term"])
    >>> path = pd.DataFrame({"estimate": [1, 0.5, 0.2], "lower": 0.0, "upper": 1.0}, index)
    >>> figure = responses(path, {"here": {("direct", "x"): ""}})
    >>> [axis.get_title() for axis in figure.axes]
    ['here']
    """
    figure, axes = canvas(1, len(panels), squeeze=False, **{"height": 3.2, **options})
    for axis, (title, shown) in zip(axes.flat, panels.items(), strict=True):
        for colour, (key, name) in zip(COLOURS, shown.items(), strict=False):
            line = path.xs(key, level=("effect", "term"))
            band(axis, line["estimate"], line["lower"], line["upper"], colour, name)
            if ends is not None:
                axis.axhline(ends[key], color=colour, linewidth=0.8, linestyle=":")
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set(title=title, xlabel="years after the shock")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0, 0].set_ylabel(unit)
    named = axes[0, 0].get_legend_handles_labels()
    if len(named[1]) > 1:
        figure.legend(*named, loc="outside upper right", ncols=len(named[1]))
    return figure


def shares(table: pd.DataFrame, label: str) -> Figure:
    """Draw a row of shares as a bar, a part a column.

    Parameters
    ----------
    table : DataFrame
        Shares by row and column.
    label : str
        Of the axis.
    """
    figure, axis = canvas(height=0.8 + 0.32 * len(table))
    table[::-1].plot.barh(stacked=True, width=0.8, color=list(COLOURS), ax=axis, legend=False)
    axis.set(xlabel=label, ylabel="", xlim=(0, 1))
    sums = ", ".join(f"{name} {share:.2f}" for name, share in table.sum(axis=1).items())
    figure.told = f"Bars of {label}, a part {', '.join(map(str, table))}. {sums}."
    axis.legend(ncols=table.shape[1], loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
    return figure


def halo(text: Text) -> Text:
    """Keep lettering readable on what lies behind it."""
    text.set_gid(_HALO)
    return text


def intervals(
    series: Mapping[str, Any],
    *,
    truth: Mapping[Any, Any] | pd.Series | None = None,
    printed: Mapping[Any, Any] | pd.Series | None = None,
    labels: Mapping[Any, str] | Callable[[str], str] | None = None,
    times: Mapping[Any, float] | str | None = None,
    limits: tuple[float, float] | None = None,
    unit: str = "estimate",
    height: float | None = None,
) -> Figure:
    """Draw estimates with their 95 % intervals, one line a row, beside the truth and the print.

    Parameters
    ----------
    series : mapping
        Name to a fit (anything with ``params`` and ``std_errors``) or a frame by row: its first
        column is the estimate, ``std_error`` or ``low`` and ``high`` give the interval. Two levels
        of the index make groups. The rows are the first series', in its order; its name is
        written in its colour.
    truth, printed : mapping or Series, optional
        By row: a tick for the truth, a diamond for the printed number, one mark where all agree.
    labels : mapping or callable, optional
        Row to the name shown.
    times : mapping, optional
        Row, or its last level, to a factor by which it is drawn, so that small coefficients can be
        read; it is named.
        ``"even"``: a power of ten for each row, so that all reach about equally far.
    limits : tuple, optional
        Ends of the axis; an interval that goes on ends in an arrow there.
    unit : str
        What the axis measures.
    height : float, optional
        In inches; by default what the rows need.

    Returns
    -------
    Figure

    Examples
    --------
    >>> fit = pd.DataFrame({"estimate": [0.5], "std_error": [0.1]}, index=["rho"])
    >>> figure = intervals({"corrected": fit}, truth={"rho": 0.4}, labels={"rho": "ρ"})
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['ρ']
    """
    frames = {name: _ranges(values) for name, values in series.items()}
    index = next(iter(frames.values())).index
    whole = pd.concat(frames)[["low", "high"]].astype(float).abs().max(axis=1)
    reach = whole.groupby(level=list(range(1, whole.index.nlevels))).max()
    even = 10 ** np.floor(np.log10(reach.max() / reach.where(reach > 0, reach.max())))
    factors = even if isinstance(times, str) else times or {}
    known = {} if labels is None or callable(labels) else labels
    called = labels if callable(labels) else str
    scaled = [(row, row[-1] if isinstance(row, tuple) else row) for row in index]
    factor = pd.Series({row: float(factors.get(row, factors.get(x, 1.0))) for row, x in scaled})
    lines: dict[Any, str] = {}  # from the top, rows of a group below its heading
    named: dict[Any, str] = {}
    for row in index:
        *group, last = row if isinstance(row, tuple) else (row,)
        name = known.get(last) or called(str(last))
        lines |= dict(zip(group, map(str, group), strict=True))
        lines[row] = name + (f" (×{factor[row]:g})" if factor[row] != 1 else "")
        named[row] = ", ".join([*map(str, group), name])
    at = pd.Series({row: list(lines).index(row) for row in index})
    figure, axes = canvas(height=height or 0.75 + 0.3 * len(lines) * max(1.0, 0.55 * len(frames)))
    shifts = 0.56 * (np.arange(len(frames)) + 0.5) / len(frames) - 0.28
    parts = [
        frame.reindex(index).mul(factor, axis=0).assign(series=name, y=at + shift)
        for shift, (name, frame) in zip(shifts, frames.items(), strict=True)
    ]
    drawn = pd.concat(parts, ignore_index=True)
    colours = dict(zip(frames, itertools.cycle(COLOURS), strict=False))
    plot = so.Plot(drawn, x="value", xmin="low", xmax="high", y="y", color="series").theme(STYLE)
    ranges = plot.scale(color=colours).add(so.Range(linewidth=2), orient="y", legend=False)
    ranges.add(so.Dot(pointsize=6), legend=False).on(axes).plot()
    past = (drawn["low"].lt, "<"), (drawn["high"].gt, ">")
    for name, colour in colours.items():
        axes.plot([], [], "o", color=colour, label=name, markersize=5.5)
        for end, (beyond, mark) in zip(limits or (), past, strict=False):
            if len(there := drawn["y"][beyond(end) & (drawn["series"] == name)]):
                axes.plot([end] * len(there), there, mark, color=colour, clip_on=False)
    given = {n: pd.Series(m) for n, m in (("truth", truth), ("printed", printed)) if m is not None}
    if len(given) == 2 and given["truth"].reindex(index).equals(given["printed"].reindex(index)):
        given = {"truth = print": given["truth"]}
    for name, marks in given.items():
        values = marks.reindex(index).astype(float) * factor
        mark, size = ("D", 6) if name == "printed" else ("|", 17)
        axes.plot(values, at, mark, color=INK, ms=size, mfc="none", mew=1.5, label=name, zorder=4)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_yticks(range(len(lines)), lines.values())
    for line, text in zip(lines, axes.get_yticklabels(), strict=True):
        text.set(fontweight="normal" if line in named else "bold")
    axes.set(ylim=(len(lines) - 0.4, -0.6), xlim=limits, xlabel=unit, ylabel="")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0, pad=10 if limits else 3.5)
    axes.spines["left"].set_visible(False)
    told = [_said(*each, named) for each in frames.items()]
    for name, marks in given.items():
        if len(known := index.intersection(marks.index)) < 10:
            each = "; ".join(f"{named[row]} {_span([marks[row]])}" for row in known)
            told.append(f"{name}: {each}.")
    figure.told = " ".join(["Interval plot.", *told])
    texts = [name.replace(r"\$", "$") for name in named.values()]
    numbers = {
        name: of.reindex(index).assign(**given).set_axis(texts) for name, of in frames.items()
    }
    figure.values = pd.concat(numbers, names=["series", "row"])
    names = axes.get_legend_handles_labels()[1]
    if len(names) > 1:
        rows = -(-sum(len(name) + 6 for name in names) // 90)
        columns = -(-len(names) // rows)
        figure.legend(loc="outside upper left", ncols=columns, labelcolor="linecolor")
    return figure


def _said(name: str, frame: pd.DataFrame, named: Mapping[Any, str]) -> str:
    """A series in words: its estimates with their intervals, or only between what they lie."""
    if len(frame) > 9:
        return f"{name}: {len(frame)} estimates, {_span(frame['value'].agg(['min', 'max']))}."
    told = (
        f"{named[row]} {_span([each['value']])} ({_span(each[['low', 'high']])})"
        for row, each in frame.iterrows()
        if row in named
    )
    return f"{name}: {'; '.join(told)}."


def _ranges(values: Any) -> pd.DataFrame:
    """Value and ends of the 95 % interval, by row."""
    if not isinstance(values, pd.DataFrame):
        values = pd.DataFrame({"estimate": values.params, "std_error": values.std_errors})
    value = values.iloc[:, 0].astype(float)
    if "std_error" in values:
        half = QUANTILE * values["std_error"].astype(float)
        return pd.DataFrame({"value": value, "low": value - half, "high": value + half})
    values = values.rename(columns={"lower": "low", "upper": "high"})
    if not {"low", "high"} <= set(values.columns):
        raise SpecificationError(
            "intervals: each series is a fit, or a frame with an estimate in its first column and "
            f"std_error or low and high; there are {', '.join(map(str, values.columns))}"
        )
    return values[["low", "high"]].astype(float).assign(value=value)


def svg(figure: Figure) -> str:
    """SVG of a figure, the same bytes for the same drawing, in the colours of the page.

    Raises
    ------
    SpecificationError
        The figure has nothing drawn in it.
    """
    if not figure.axes:
        raise SpecificationError("an empty figure: draw into its axes before showing it")
    for legend in figure.findobj(Legend):
        legend.set_frame_on(True)
        legend.get_frame().set(facecolor=PAPER, alpha=0.8, linewidth=0)
    clouds = [c for c in figure.findobj(PathCollection) if not np.any(c.get_linewidth())]
    if sum(np.shape(cloud.get_offsets())[0] for cloud in clouds) > CROWD:
        for cloud in clouds:
            cloud.set_rasterized(True)
    buffer = io.StringIO()
    with style():
        figure.savefig(
            buffer, format="svg", dpi=200, bbox_inches="tight", pad_inches=0.05,
            metadata={"Date": None, "Creator": None},
        )  # fmt: skip
    text = buffer.getvalue()
    head = '<svg fill="currentColor" font-family="Helvetica, Arial, sans-serif" '
    text = text[text.index("<svg ") :]
    share = float(text.partition('width="')[2].partition("pt")[0]) / (72 * figure.get_figwidth())
    if share < 0.8:  # what was cut off at the sides must not make the rest larger
        head += f'style="max-width: {share:.0%}" '
    text = text.replace("<svg ", head, 1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # The typeface is the page's; what DejaVu Sans measured leaves it room.
    text = re.sub(r"font-family: 'DejaVu Sans'[^;\"]*(; )?", "", text)
    # A hundredth of a point is finer than any screen.
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]), text)
    stroke = f"paint-order: stroke; stroke: {PAPER}; stroke-width: 2.5px; stroke-linejoin: round; "
    text = re.sub(rf'(<g id="{_HALO}[^>]*>\s*(?:<!--.*?-->\s*)?(?:<g[^>]*>\s*)?<text style=")',
                  rf"\g<1>{stroke}", text)  # fmt: skip
    for placeholder, colour in _ON_PAGES.items():
        text = text.replace(placeholder, colour)
    return text


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as the output of a notebook cell."""

    label: str
    caption: str
    alt: str
    svg: str
    values: pd.DataFrame | None = None
    origin: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def myst(self) -> str:
        """The figure in MyST: numbered, with a label for cross-references and a foot line."""
        packed = zlib.compress(_own_ids(self.svg, self.label).encode(), 9)
        return fill("figure.md", f=self, packed=base64.b64encode(packed).decode())

    @property
    def files(self) -> dict[str, str]:
        """Name and content of each file that the foot line offers."""
        standing = self.svg
        for page, fixed in _ALONE.items():
            standing = re.sub(page, fixed, standing)
        files = {f"{self.label}.svg": '<?xml version="1.0" encoding="utf-8"?>\n' + standing}
        if self.values is not None:
            files[f"{self.label}.csv"] = as_csv(self.values)
        return files

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/markdown": self.myst,
            "image/svg+xml": self.files[f"{self.label}.svg"],
            "text/plain": self.alt,
            FILES_TYPE: carried(self),
        }


def show(
    figure: Figure,
    label: str,
    caption: str,
    alt: str = "",
    *,
    values: pd.DataFrame | None = None,
    **made: Any,
) -> Picture:
    """Make a numbered figure of a drawing.

    Parameters
    ----------
    figure : Figure
        Drawn into axes that :func:`canvas` gave.
    label : str
        Label for cross-references, ``fig-...``; also the name of the files offered.
    caption : str
        Caption, one sentence.
    alt : str
        What a reader who cannot see it must know: what is drawn and what it shows. Plots of
        intervals, lines, shares and Moran's scatter tell their numbers themselves.
    values : DataFrame, optional
        The numbers drawn, offered as CSV; plots of intervals have their own.
    **made
        ``code``, ``data`` and ``parameters``, as for :func:`analysis.book.tables.origin`.

    Raises
    ------
    SpecificationError
        The label is malformed, or the text for readers who cannot see the figure is missing.
    """
    check_label(label, "fig")
    alt = alt or getattr(figure, "told", "")
    if len(alt.split()) < 4:
        raise SpecificationError(
            f"figure {label!r}: say in alt what is drawn and what it shows, in a sentence"
        )
    whole = f"{caption} {figure.get_label()}".strip()  # a map's label is the source of its lines
    values = getattr(figure, "values", None) if values is None else values
    return Picture(label, whole, alt, svg(figure), values, origin(**made))


def _own_ids(text: str, label: str) -> str:
    """Prefix every id of an SVG with its label, so that two figures on a page keep apart."""
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{label}-", text)
