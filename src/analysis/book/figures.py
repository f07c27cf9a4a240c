"""Figures of the book: one style, colours that all can tell apart, words for who cannot see.

A figure is drawn once and read on white and on black: lines and lettering take the colour of the
page, series take colours with enough contrast on both.
"""

from __future__ import annotations

import base64
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
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
from analysis.book.tables import foot_line, number, origin
from analysis.book.text import as_csv
from analysis.errors import SpecificationError

COLOURS = ("#2f7fc1", "#d1690e", "#1a936f", "#b3589a", "#a8851c", "#7a6fd0", "#6f7b86")
"""Series colours: after Okabe and Ito, evened out to a contrast of 3 on white and on black."""

DIVERGING = LinearSegmentedColormap.from_list("book", ["#2f7fc1", "#b9b9b9", "#d1690e"])
SEQUENTIAL = LinearSegmentedColormap.from_list("book", ["#e8cf8e", "#dc8a3c", "#c02f3a"])

_INK, _MUTED, _PAPER = "#010203", "#040506", "#fdfeff"
_PAGE_COLOURS = {_INK: "currentColor", "#000000": "currentColor", _MUTED: "var(--figure-muted, #8a8f98)",
                 _PAPER: "var(--figure-paper, #ffffff)"}  # fmt: skip
INK, MUTED, PAPER = _INK, _MUTED, _PAPER
"""Colours that follow the page: its text, its thin lines, its background. Black is text, too."""

WIDTH = 7.6
"""Inches that a figure is wide; the page scales it to its column."""

CROWD = 400
"""Points without an outline from which on they are a picture and no longer a shape each."""

_HALO = "halo"

STYLE = mpl.rc_params_from_file(
    Path(__file__).with_name("book.mplstyle"), use_default_template=False
)
STYLE["axes.prop_cycle"] = cycler(color=COLOURS)


@contextmanager
def style() -> Iterator[None]:
    """Draw in the book's style inside this context, and leave matplotlib as it was."""
    with mpl.rc_context(STYLE):
        yield


class Drawing(Figure):
    """A figure that can say in words what it shows, for who cannot see it."""

    told = ""


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
    for axis, (title, frame) in zip(axes.flat, panels.items(), strict=True):
        for colour, (name, line) in zip(COLOURS, frame.items(), strict=False):
            axis.plot(line.index, line, color=colour, label=str(name))
        if printed and title in printed:
            axis.plot(printed[title], "D", color=INK, ms=5, mfc="none", label="printed")
        if level is not None:
            axis.axhline(level, color=MUTED, linewidth=0.9)
        axis.set(title=title, ylabel=units.get(title, ""))
        axis.xaxis.set_major_locator(MaxNLocator(nbins=3 if many else 5, integer=True))
    drawn = [
        f"{title}{', ' * bool(title)}{name}: {_span(line.iloc[[0, -1]])}, "
        f"extremes {_span(line.agg(['min', 'max']))}."
        for title, frame in panels.items()
        for name, line in frame.items()
    ]
    figure.told = " ".join(["Line chart, first and last values.", *drawn])
    told: list[list[str]] = []
    for axis in axes.flat:
        handles, named = axis.get_legend_handles_labels()
        if len(named) > 1 and named not in told:
            told.append(named)
            if many:
                figure.legend(handles, named, loc="outside lower center", ncols=len(named))
            else:
                axis.legend()
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
    left = np.zeros(len(table))
    for colour, (name, part) in zip(COLOURS, table[::-1].items(), strict=False):
        axis.barh(table.index[::-1].astype(str), part, left=left, color=colour, label=str(name))
        left += part.to_numpy()
    axis.set(xlabel=label, xlim=(0, 1))
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
    labels: Mapping[Any, str] | None = None,
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
    labels : mapping, optional
        Row to the name shown.
    times : mapping, optional
        Row to a factor by which it is drawn, so that small coefficients can be read; it is named.
        ``"even"``: a power of ten for each row, so that all reach equally far but for less than that.
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
    groups = [row[0] if isinstance(row, tuple) else "" for row in index]
    room = max(1.0, 0.55 * len(frames))  # that a row takes, in lines
    at, place = {}, 0.0
    headings: dict[float, str] = {}
    for k, (row, group) in enumerate(zip(index, groups, strict=True)):
        if group and (k == 0 or group != groups[k - 1]):
            headings[place] = str(group)
            place += 1 / room
        at[row] = place
        place += 1
    figure, axes = canvas(height=height or 0.75 + 0.3 * place * room)
    reach = pd.concat(frames)[["low", "high"]].astype(float).abs().max(axis=1)
    reach = reach.groupby(level=list(range(1, reach.index.nlevels))).max()
    even = 10 ** np.floor(np.log10(reach.max() / reach.where(reach > 0, reach.max())))
    factors = even if isinstance(times, str) else times or {}
    factor = {row: float(factors.get(row, 1.0)) for row in index}
    width = 0.56 / max(1, len(frames))
    for k, (name, frame) in enumerate(frames.items()):
        colour = COLOURS[k % len(COLOURS)]
        shift = (k - (len(frames) - 1) / 2) * width
        for row in index.intersection(frame.index, sort=False):
            value, low, high = frame.loc[row, ["value", "low", "high"]].astype(float) * factor[row]
            y = at[row] + shift
            axes.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
            axes.plot(value, y, "o", color=colour, markersize=5.5)
            for end, mark in zip(limits or (), "<>", strict=False):
                if (low < end) if mark == "<" else (high > end):
                    axes.plot(end, y, mark, color=colour, markersize=6, clip_on=False)
        axes.plot([], [], "o-", color=colour, label=name, markersize=5.5)
    given = [pd.Series(marks, dtype=float) for marks in (truth, printed) if marks is not None]
    names = [n for n, m in (("truth", truth), ("printed", printed)) if m is not None]
    if len(given) == 2 and given[0].reindex(index).equals(given[1].reindex(index)):
        given, names = given[:1], ["truth = print"]
    for name, marks in zip(names, given, strict=True):
        rows = [row for row in index if row in marks.index and pd.notna(marks[row])]
        axes.plot(
            [marks[row] * factor[row] for row in rows], [at[row] for row in rows],
            "D" if name == "printed" else "|", color=INK, markerfacecolor="none",
            markersize=6 if name == "printed" else 17, markeredgewidth=1.5, label=name, zorder=4,
        )  # fmt: skip
    axes.axvline(0, color=MUTED, linewidth=1)
    parts = {row: row if isinstance(row, tuple) else (row,) for row in index}
    names_of = {row: (labels or {}).get(part[-1], str(part[-1])) for row, part in parts.items()}
    named = {row: ", ".join([*map(str, parts[row][:-1]), name]) for row, name in names_of.items()}
    shown = {
        row: name + (f" (×{factor[row]:g})" if factor[row] != 1 else "")
        for row, name in names_of.items()
    }
    axes.set_yticks(list(at.values()), list(shown.values()))
    for y, heading in headings.items():
        axes.annotate(heading, (0, y), (-6, 0), ("axes fraction", "data"), "offset points",
                      ha="right", va="center", fontweight="bold", color=INK)  # fmt: skip
    axes.set(ylim=(place - 0.4, -0.6), xlim=limits, xlabel=unit)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    marked = {
        name: [f"{named[row]} {_span([marks[row]])}" for row in index.intersection(marks.index)]
        for name, marks in zip(names, given, strict=True)
    }
    drawn = [_said(*each, named) for each in frames.items()]
    drawn += [f"{name}: {'; '.join(of)}." for name, of in marked.items() if len(of) < 10]
    figure.told = " ".join(["Interval plot.", *drawn])
    if len(frames) + len(names) > 1:
        letters = sum(len(name) + 6 for name in (*frames, *names))
        per_row = -(-(len(frames) + len(names)) // -(-letters // 90))
        legend = figure.legend(loc="outside upper left", ncols=per_row)
        for text, name in zip(legend.get_texts(), [*frames, *names], strict=True):
            if name in frames:
                text.set_color(COLOURS[list(frames).index(name) % len(COLOURS)])
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
        legend.get_frame().set(facecolor=_PAPER, alpha=0.8, linewidth=0)
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
    text = text[text.index("<svg ") :].replace("<svg ", head, 1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # The typeface is the page's; what DejaVu Sans measured leaves it room.
    text = re.sub(r"font-family: 'DejaVu Sans'[^;\"]*(; )?", "", text)
    # A hundredth of a point is finer than any screen.
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]), text)
    stroke = f"paint-order: stroke; stroke: {_PAPER}; stroke-width: 2.5px; stroke-linejoin: round; "
    text = re.sub(rf'(<g id="{_HALO}[^>]*>\s*(?:<!--.*?-->\s*)?(?:<g[^>]*>\s*)?<text style=")',
                  rf"\g<1>{stroke}", text)  # fmt: skip
    for placeholder, colour in _PAGE_COLOURS.items():
        text = text.replace(placeholder, colour)
    return text


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as the output of a notebook cell."""

    label: str
    caption: str
    alt: str
    svg: str
    foot: tuple[str, ...]
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
        colours = {"currentColor": "#1f2933", "var(--figure-muted, #8a8f98)": "#8a8f98",
                   "var(--figure-paper, #ffffff)": "#ffffff"}  # fmt: skip
        standing = self.svg
        for page, fixed in colours.items():
            standing = standing.replace(page, fixed)
        files = {f"{self.label}.svg": '<?xml version="1.0" encoding="utf-8"?>\n' + standing}
        if self.values is not None:
            files[f"{self.label}.csv"] = as_csv(self.values)
        return files

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/markdown": self.myst,
            "image/svg+xml": self.files[f"{self.label}.svg"],
            "text/plain": self.alt,
            FILES_TYPE: {"files": self.files, "label": self.label, "caption": self.caption,
                         "origin": dict(self.origin)},
        }  # fmt: skip


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
        The numbers drawn, offered as CSV.
    **made
        ``code``, ``data`` and ``parameters``, as for :func:`analysis.book.tables.foot_line`.

    Raises
    ------
    SpecificationError
        The label is malformed, or the text for readers who cannot see the figure is missing.
    """
    if not re.fullmatch(r"fig-[a-z0-9]+(-[a-z0-9]+)*", label):
        raise SpecificationError(
            f"figure label {label!r}: write fig- and lower-case words joined by hyphens"
        )
    alt = alt or getattr(figure, "told", "")
    if len(alt.split()) < 4:
        raise SpecificationError(
            f"figure {label!r}: say in alt what is drawn and what it shows, in a sentence"
        )
    files = [f"{label}.svg", *([f"{label}.csv"] if values is not None else [])]
    whole = f"{caption} {figure.get_label()}".strip()  # a map's label is the source of its lines
    foot = foot_line(*files, **made)
    return Picture(label, whole, alt, svg(figure), foot, values, origin(**made))


def _own_ids(text: str, label: str) -> str:
    """Prefix every id of an SVG with its label, so that two figures on a page keep apart."""
    text = re.sub(r'\bid="', f'id="{label}-', text)
    text = re.sub(r'(xlink:href|href)="#', rf'\1="#{label}-', text)
    return re.sub(r"url\(#", f"url(#{label}-", text)
