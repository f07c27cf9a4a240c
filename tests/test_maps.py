"""Maps put every city in its place and refuse a city that has none."""

import numpy as np
import pandas as pd
import pytest
import shapely

from analysis.book import figures, maps
from analysis.errors import UnitMismatchError
from analysis.papers.places import cities
from analysis.resources import data_path

GEO = cities("ne34")


def test_each_value_is_drawn_at_its_own_city():
    values = pd.Series(np.arange(34.0), GEO.index[::-1])
    _, axes = figures.canvas()
    drawn = maps.points(axes, GEO, values)
    np.testing.assert_array_equal(drawn.get_offsets(), GEO.loc[values.index, ["lon", "lat"]])
    np.testing.assert_array_equal(drawn.get_array(), values)


def test_every_city_lies_inside_the_frame_and_on_land():
    _, axes = figures.canvas()
    maps.ground(axes, GEO)
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    assert GEO["lon"].between(west, east).all()
    assert GEO["lat"].between(south, north).all()
    land = maps._lines(data_path("geography", "lines", "china.geojson"))["land"]
    assert shapely.dwithin(shapely.points(GEO[["lon", "lat"]].to_numpy()), land, 0.1).all()


def test_a_map_names_the_source_of_its_lines():
    figure, axes = figures.canvas()
    maps.ground(axes, GEO)
    shown = figures.show(figure, "fig-map", "Where the cities lie.", "A map of all the cities.")
    assert shown.caption == f"Where the cities lie. {maps.SOURCE}"


def test_the_bar_is_as_long_as_it_says():
    _, axes = figures.canvas()
    maps.ground(axes, GEO)
    (text,), (line,) = axes.texts, axes.lines
    ends, level = line.get_xdata(), line.get_ydata()[0]
    shown = np.ptp(ends) * 111.32 * np.cos(np.radians(np.mean(axes.get_ylim())))
    assert shown == pytest.approx(float(text.get_text().removesuffix(" km")))
    assert level < GEO["lat"].min()


def test_places_beyond_china_are_drawn_on_the_world_without_a_bar():
    _, axes = figures.canvas()
    maps.ground(axes, pd.DataFrame({"lon": [-70.0, 120.0], "lat": [-30.0, 50.0]}))
    assert not axes.texts


def test_each_class_has_its_own_colour_and_the_rest_is_named():
    labels = pd.Series("none", GEO.index)
    labels.iloc[:3] = "high-high"
    _, axes = figures.canvas()
    maps.classes(axes, GEO, labels)
    sizes = {
        drawn.get_label(): len(drawn.get_offsets())
        for drawn in axes.collections
        if not drawn.get_label().startswith("_")
    }
    assert sizes == {"not significant": 31, "high-high": 3, "low-low": 0, "high-low": 0,
                     "low-high": 0}  # fmt: skip


def test_a_city_without_coordinates_is_named():
    _, axes = figures.canvas()
    with pytest.raises(UnitMismatchError, match="atlantis"):
        maps.points(axes, GEO, pd.Series([1.0], ["atlantis"]))


def test_maps_over_time_share_one_scale_a_row_and_clusters_one_legend():
    values = {year: pd.Series(np.arange(34.0) * year, GEO.index) for year in (1, 2)}
    figure = maps.over_time(GEO, {"index": values}, named=["harbin"])
    (first, second) = (axis.collections[0] for axis in figure.axes[:2])
    assert first.norm is second.norm
    assert "Harbin" in {text.get_text() for text in figure.axes[0].texts}
    labels = pd.Series(["high-high"] + ["not significant"] * 33, GEO.index)
    drawn = maps.clusters(GEO, {2003: labels, 2022: labels})
    assert [axis.get_title() for axis in drawn.axes] == ["2003", "2022"]
    assert len(drawn.legends) == 1
