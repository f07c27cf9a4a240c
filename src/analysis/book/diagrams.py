"""Drawn diagrams: boxes and arrows in the book's style, for frameworks and decision paths."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analysis.book.figures import COLOURS, INK, MUTED, halo, style
from analysis.errors import SpecificationError, listed


@dataclass(frozen=True, slots=True)
class Box:
    """One box: centre in units of the drawing, text (line breaks allowed), size, emphasis, address."""

    x: float
    y: float
    text: str
    width: float = 1.6
    height: float = 0.62
    marked: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow between two boxes, by name, with an optional label at its middle."""

    start: str
    end: str
    label: str = ""
    marked: bool = False


def draw(
    axes: Axes,
    boxes: Mapping[str, Box],
    arrows: Iterable[Arrow | tuple[str, str]],
    fontsize: float = 8.5,
) -> None:
    """Draw boxes and the arrows between them.

    Parameters
    ----------
    axes : Axes
    boxes : mapping
        By name. Those marked are drawn in colour.
    arrows : iterable of Arrow, or of pairs of names
    fontsize : float

    Raises
    ------
    SpecificationError
        If an arrow names no box, or two boxes it joins stand at one point.

    Examples
    --------
    >>> from analysis.book.figures import canvas
    >>> figure, axes = canvas(height=1.5)
    >>> draw(axes, {"a": Box(0, 0, "cause"), "b": Box(3, 0, "effect")}, [("a", "b")])
    >>> len(axes.texts)
    2
    """
    drawn = {}
    with style():
        for name, box in boxes.items():
            colour = COLOURS[0] if box.marked else MUTED
            drawn[name] = FancyBboxPatch(
                (box.x - box.width / 2, box.y - box.height / 2), box.width, box.height,
                boxstyle="round,pad=0,rounding_size=0.08", edgecolor=colour,
                facecolor=to_rgba(colour, 0.2 if box.marked else 0.1),
                linewidth=1.6 if box.marked else 0.9,
            )  # fmt: skip
            axes.add_patch(drawn[name])
            lines = box.text.split("\n")  # each centred by itself, whatever typeface the page has
            for k, line in enumerate(lines):
                axes.annotate(
                    line, (box.x, box.y), (0, 1.25 * fontsize * ((len(lines) - 1) / 2 - k)),
                    textcoords="offset points", ha="center", va="center", fontsize=fontsize,
                    color=INK, url=box.link or None,
                )  # fmt: skip
        for entry in arrows:
            arrow = entry if isinstance(entry, Arrow) else Arrow(*entry)
            if unknown := [name for name in (arrow.start, arrow.end) if name not in boxes]:
                known = f"which is no box; there are {listed(boxes, 30)}"
                raise SpecificationError(f"an arrow joins {listed(unknown)}, {known}")
            start, end = ((boxes[name].x, boxes[name].y) for name in (arrow.start, arrow.end))
            if start == end:
                raise SpecificationError(
                    f"the boxes {arrow.start!r} and {arrow.end!r} stand at one point"
                )
            axes.add_patch(
                FancyArrowPatch(
                    start, end, patchA=drawn[arrow.start], patchB=drawn[arrow.end], shrinkA=1,
                    shrinkB=1, arrowstyle="-|>", mutation_scale=10,
                    color=COLOURS[0] if arrow.marked else MUTED,
                    linewidth=2.0 if arrow.marked else 1.0,
                )
            )  # fmt: skip
            if arrow.label:
                along, up = end[0] - start[0], end[1] - start[1]
                if abs(up) > 2 * abs(along):
                    x, y, ha, va = 4, 0, "left", "center"
                elif along * up > 0:  # above the arrow, on the side to which it does not fall
                    x, y, ha, va = -4, 1, "right", "bottom"
                else:
                    x, y, ha, va = (4, 1, "left", "bottom") if up else (0, 3, "center", "bottom")
                middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
                halo(axes.annotate(arrow.label, middle, (x, y), textcoords="offset points",
                                   ha=ha, va=va, fontsize=fontsize - 0.5, color=INK))  # fmt: skip
        xs = [b.x + s * b.width / 2 for b in boxes.values() for s in (-1, 1)]
        ys = [b.y + s * b.height / 2 for b in boxes.values() for s in (-1, 1)]
        axes.set(xlim=(min(xs) - 0.1, max(xs) + 0.1), ylim=(min(ys) - 0.1, max(ys) + 0.1))
        axes.set_axis_off()
