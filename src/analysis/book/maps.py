"""Maps of places as points over coast, borders and provinces.

The lines are Natural Earth's, in the public domain (``data/geography/lines``): China and what lies
around it in detail, the world coarsely. They are there to recognise a country by, and draw no
border that Natural Earth does not draw.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib import path as mpath
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from analysis.book.figures import INK, MUTED, PAPER, SEQUENTIAL, canvas, halo
from analysis.errors import UnitMismatchError, listed
from analysis.resources import data_path, noted

DETAILED = (70.0, 14.0, 140.0, 56.0)
"""West, south, east and north of what the lines of China cover."""

MARGIN = 1.2
"""Degrees around the outermost places."""

SOURCE = "Lines: Natural Earth, public domain."
LISA = {"high-high": "#d7301f", "low-low": "#2f7fc1", "high-low": "#f4a58b", "low-high": "#92c5de"}
"""The convention of local Moran maps: alike high red, alike low blue, mixed pale, the rest grey."""


@cache
def _lines(file: Path) -> dict[str, shapely.Geometry]:
    return {
        feature["properties"]["kind"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in json.loads(file.read_text(encoding="utf-8"))["features"]
    }


def ground(axes: Axes, geo: pd.DataFrame, *, scale: bool = True) -> None:
    """Draw land, borders and provinces behind the places, and set the axes up as a map.

    Parameters
    ----------
    axes : Axes
    geo : DataFrame
        Indexed by place, ``lon`` and ``lat`` in degrees.
    scale : bool
        Whether to draw a bar of round length; a map of the world has none.
    """
    west, south = geo[["lon", "lat"]].min() - MARGIN
    east, north = geo[["lon", "lat"]].max() + MARGIN
    detailed = shapely.covers(shapely.box(*DETAILED), shapely.box(west, south, east, north))
    fineness = (east - west) / (480 * axes.get_position().width)
    view = shapely.box(west - 1, south - 1, east + 1, north + 1)
    lines = data_path("geography", "lines", f"{'china' if detailed else 'world'}.geojson")
    for kind, whole in _lines(noted(lines)).items():
        shape = shapely.simplify(shapely.intersection(whole, view), fineness)
        pieces = [part for part in shapely.get_parts(shape) if part.length > 2 * fineness]
        if kind == "land":
            pieces = [r for part in pieces if part.area for r in (part.exterior, *part.interiors)]
        if not pieces:
            continue
        path = mpath.Path.make_compound_path(*(mpath.Path(np.asarray(p.coords)) for p in pieces))
        axes.add_patch(
            PathPatch(
                path, facecolor=to_rgba(MUTED, 0.13) if kind == "land" else "none", edgecolor=MUTED,
                linewidth=0.35 if kind == "province" else 0.7, zorder=int(kind != "land"),
            )
        )  # fmt: skip
    axes.set(xlim=(west, east), ylim=(south, north))
    degree = np.cos(np.radians((south + north) / 2))
    axes.set_aspect(1 / degree)
    axes.set_axis_off()
    axes.figure.set_label(SOURCE)
    if scale and detailed:
        across = (east - west) * 111.32 * degree
        length = next(km for km in (1000, 500, 200, 100) if km < across / 3 or km == 100)
        start, level = west + 0.03 * (east - west), south + 0.03 * (north - south)
        end = start + length / (111.32 * degree)
        axes.plot([start, end], [level, level], color=INK, linewidth=1.6, zorder=5)
        halo(axes.annotate(f"{length} km", (start, level), (0, 3), textcoords="offset points",
                           fontsize=8, color=INK))  # fmt: skip


def points(
    axes: Axes,
    geo: pd.DataFrame,
    values: pd.Series,
    *,
    norm: Normalize | None = None,
    title: str = "",
    size: float = 46.0,
    scale: bool = True,
) -> PathCollection:
    """Map one value a place by colour; give several maps one `norm` to make them comparable.

    Returns
    -------
    PathCollection
        For a colour bar.

    Raises
    ------
    UnitMismatchError
        If a place of `values` has no coordinates.
    """
    placed = _placed(axes, geo, values.index, title, scale)
    return axes.scatter(
        placed["lon"], placed["lat"], c=values.to_numpy(dtype=float), cmap=SEQUENTIAL, norm=norm,
        s=size, edgecolor=PAPER, linewidth=0.6, zorder=3, clip_on=False,
    )  # fmt: skip


def classes(
    axes: Axes, geo: pd.DataFrame, labels: pd.Series, *, title: str = "", size: float = 46.0
) -> None:
    """Map one cluster of a local Moran's I a place; those without one are small grey points.

    Raises
    ------
    UnitMismatchError
        If a place of `labels` has no coordinates.
    """
    placed = _placed(axes, geo, labels.index, title)
    found = labels.where(labels.isin(list(LISA)), "not significant")
    grey: dict[str, Any] = {"s": size / 5, "alpha": 0.7, "linewidth": 0, "zorder": 2}
    outlined: dict[str, Any] = {"s": size, "edgecolor": INK, "linewidth": 0.4, "zorder": 3}
    for name, colour in {"not significant": MUTED, **LISA}.items():
        here, look = placed[found == name], outlined if name in LISA else grey
        axes.scatter(here["lon"], here["lat"], color=colour, label=name, clip_on=False, **look)


def over_time(
    geo: pd.DataFrame, rows: Mapping[str, Mapping[object, pd.Series]], *, named: Iterable[str] = ()
) -> Figure:
    """Map variables in several periods, a row a variable on one scale, its last colour the top 5 %.

    Parameters
    ----------
    geo : DataFrame
        As for :func:`ground`.
    rows : mapping
        Label of the colour bar to the values by title of the map, a year for example.
    named : iterable of str
        Places whose names the first map bears; the last row's first map names their provinces.

    Returns
    -------
    Figure

    Examples
    --------
    >>> geo = pd.DataFrame({"lon": [120.0, 125.0], "lat": [40.0, 45.0]}, index=["a", "b"])
    >>> values = {year: pd.Series([1.0, 2.0], geo.index) for year in (2003, 2022)}
    >>> [axis.get_title() for axis in over_time(geo, {"index": values}).axes[:2]]
    ['2003', '2022']
    """
    columns = len(next(iter(rows.values())))
    figure, axes = canvas(len(rows), columns, height=3.0 * len(rows), squeeze=False)
    for row, (label, values) in zip(axes, rows.items(), strict=True):
        numbers = pd.concat(list(values.values()))
        norm = Normalize(numbers.min(), numbers.quantile(0.95))
        for axis, (title, part) in zip(row, values.items(), strict=True):
            drawn = points(axis, geo, part, norm=norm, title=str(title))
        bar = figure.colorbar(drawn, ax=list(row), shrink=0.8, extend="max")
        bar.set_label(label, color=INK)
        bar.ax.tick_params(color=MUTED, labelcolor=INK)
    names(axes[0, 0], geo, named)
    if "province_en" in geo:
        regions(axes[-1, 0], geo)
    return figure


def clusters(
    geo: pd.DataFrame, found: Mapping[object, pd.Series], *, size: float = 46.0, **options: float
) -> Figure:
    """Map the local clusters of several periods or variables side by side, with one legend.

    Parameters
    ----------
    geo : DataFrame
        As for :func:`ground`.
    found : mapping
        Title of a map to the cluster of each place, as :func:`analysis.spatial.moran.local_moran`
        names them.
    size : float
        Of a point.
    **options
        Passed on to :func:`analysis.book.figures.canvas`: ``width``, ``height``.

    Returns
    -------
    Figure
    """
    figure, axes = canvas(1, len(found), squeeze=False, **{"height": 3.6, **options})
    for axis, (title, labels) in zip(axes[0], found.items(), strict=True):
        classes(axis, geo, labels.astype(str), title=str(title), size=size)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def names(axes: Axes, geo: pd.DataFrame, cities: Iterable[str]) -> None:
    """Write the names of some places beside their points."""
    for place in geo.loc[list(cities)].itertuples():
        halo(
            axes.annotate(
                str(place.name_en), (place.lon, place.lat), xytext=(5, 3),
                textcoords="offset points", fontsize=8, color=INK, zorder=6,
            )
        )  # fmt: skip


def regions(axes: Axes, geo: pd.DataFrame) -> None:
    """Write the name of each province or region near the middle of its places, where most room is."""
    flat = np.array([1 / 6, 1])  # a name is wide
    every = geo[["lon", "lat"]].to_numpy() * flat
    for name, places in geo.groupby("province_en")[["lon", "lat"]]:
        middle, spread = places.mean(), places.std(ddof=0)
        ends = np.linspace(middle - spread, middle + spread, 12)
        free = np.stack(np.meshgrid(*ends.T), -1).reshape(-1, 2)
        gap = np.linalg.norm((free * flat)[:, None] - every, axis=2).min(axis=1)
        x, y = free[gap.argmax()]
        halo(axes.text(x, y, str(name).upper(), fontsize=7.5, color=MUTED, ha="center",
                       va="center", zorder=2))  # fmt: skip


def _placed(
    axes: Axes, geo: pd.DataFrame, cities: pd.Index, title: str, scale: bool = True
) -> pd.DataFrame:
    """Draw an empty map, and return where on it the cities lie."""
    absent = cities.difference(geo.index, sort=False)
    if len(absent):
        raise UnitMismatchError(f"map: no coordinates for {listed(absent)}")
    ground(axes, geo, scale=scale)
    axes.set_title(title)
    return geo.loc[cities]
