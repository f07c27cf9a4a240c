"""Maps put every city in its place and refuse a city that has none."""

import numpy as np
import pandas as pd
import pytest
import shapely

from analysis.book import figures, maps
from analysis.errors import UnitMismatchError
from analysis.papers.places import cities

GEO = cities("ne34")


@pytest.fixture(autouse=True)
def without_polygons(monkeypatch):
    monkeypatch.setattr(maps, "_prefectures", dict)


@pytest.fixture
def squares(monkeypatch):
    """A square with a hole around each city, as the optional package would give polygons."""
    found = {
        str(row.adcode): shapely.Point(row.lon, row.lat)
        .buffer(0.5, cap_style="square")
        .difference(shapely.Point(row.lon, row.lat).buffer(0.1))
        for row in GEO.itertuples()
    }
    monkeypatch.setattr(maps, "_prefectures", lambda: found)
    return found


def test_each_value_is_drawn_at_its_own_city():
    values = pd.Series(np.arange(34.0), GEO.index[::-1])
    _, axes = figures.canvas()
    drawn = maps.points(axes, GEO, values)
    np.testing.assert_array_equal(drawn.get_offsets(), GEO.loc[values.index, ["lon", "lat"]])
    np.testing.assert_array_equal(drawn.get_array(), values)


def test_every_city_lies_inside_the_frame():
    _, axes = figures.canvas()
    maps.outline(axes, GEO)
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    assert GEO["lon"].between(west, east).all()
    assert GEO["lat"].between(south, north).all()


def test_each_class_has_its_own_colour_and_the_rest_is_hollow():
    labels = pd.Series("none", GEO.index)
    labels.iloc[:3] = "high"
    _, axes = figures.canvas()
    maps.classes(axes, GEO, labels, {"high": figures.COLOURS[0]})
    assert [len(drawn.get_offsets()) for drawn in axes.collections] == [31, 3]


def test_a_city_without_coordinates_is_named():
    _, axes = figures.canvas()
    with pytest.raises(UnitMismatchError, match="atlantis"):
        maps.points(axes, GEO, pd.Series([1.0], ["atlantis"]))


def test_with_polygons_each_value_colours_its_own_prefecture(squares):
    values = pd.Series(np.arange(34.0), GEO.index[::-1])
    _, axes = figures.canvas()
    drawn = maps.points(axes, GEO, values)
    np.testing.assert_array_equal(drawn.get_array(), values)
    centres = [path.get_extents() for path in drawn.get_paths()]
    np.testing.assert_allclose(
        [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in centres],
        GEO.loc[values.index, ["lon", "lat"]],
    )


def test_with_polygons_classes_are_in_the_legend_and_the_rest_is_grey(squares):
    labels = pd.Series("none", GEO.index)
    labels.iloc[:3] = "high"
    _, axes = figures.canvas()
    maps.classes(axes, GEO, labels, {"high": figures.COLOURS[0]})
    assert sorted(len(drawn.get_paths()) for drawn in axes.collections) == [3, 31]
    assert axes.get_legend_handles_labels()[1] == ["high"]


def test_a_city_without_a_polygon_leaves_a_map_of_points(squares):
    squares.pop(str(GEO["adcode"].iloc[0]))
    assert maps.polygons(GEO) == {}
