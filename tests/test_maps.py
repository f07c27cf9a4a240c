"""Maps put every city in its place and refuse a city that has none."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures, maps
from analysis.errors import CityMismatchError
from analysis.measures.geography import cities

GEO = cities("ne34")


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
    with pytest.raises(CityMismatchError, match="atlantis"):
        maps.points(axes, GEO, pd.Series([1.0], ["atlantis"]))
