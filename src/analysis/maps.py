"""Maps of cities as points on a plain outline drawn around them.

The outline is a hull of the cities themselves, so that a map needs no boundary file and states no
boundary: it shows where the cities lie, not where a province ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Polygon

from analysis.errors import CityMismatchError, listed
from analysis.figures import INK, MUTED, PAPER, SEQUENTIAL


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
    west, south, east, north = hull.bounds
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
) -> PathCollection:
    """Map one value a city by colour; give several maps one `norm` to make them comparable.

    Returns
    -------
    PathCollection
        For a colour bar.

    Raises
    ------
    CityMismatchError
        If a city of `values` has no coordinates.
    """
    placed = _placed(geo, values.index)
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

    Raises
    ------
    CityMismatchError
        If a city of `labels` has no coordinates.
    """
    placed = _placed(geo, labels.index)
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
        raise CityMismatchError(f"map: no coordinates for {listed(absent)}")
    return geo.loc[cities]
