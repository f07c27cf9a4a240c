"""What must hold of the panel: a balanced frame, or an error that names city, year and column."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import errors
from analysis.panel import Panel, value_of_each, within


def long_frame(cities=("Anshan", "Benxi", "Fushun"), years=(2003, 2004, 2005)):
    index = pd.MultiIndex.from_product([cities, years], names=["city", "year"])
    frame = index.to_frame(index=False)
    frame["y"] = np.arange(len(frame), dtype=float)
    return frame


def test_rows_in_any_order_give_the_same_panel():
    frame = long_frame()
    shuffled = frame.sample(frac=1, random_state=1)
    expected = Panel.from_frame(frame).values("y")
    got = Panel.from_frame(shuffled).sub(units=["Anshan", "Benxi", "Fushun"]).values("y")
    np.testing.assert_array_equal(got, expected)


def test_values_have_years_down_and_cities_across():
    panel = Panel.from_frame(long_frame())
    assert panel.values("y").shape == (3, 3)
    assert panel.values("y")[1, 2] == panel.frame.loc[("Fushun", 2004), "y"]
    pd.testing.assert_series_equal(panel.series(panel.values("y"), "y"), panel.frame["y"])


def test_index_levels_serve_as_keys():
    frame = long_frame().set_index(["city", "year"])
    assert Panel.from_frame(frame).n_units == 3


def test_keys_may_have_other_names():
    frame = long_frame().rename(columns={"city": "state", "year": "t"})
    assert list(Panel.from_frame(frame, "state", "t").periods) == [2003, 2004, 2005]


@pytest.mark.parametrize(
    ("break_it", "error", "words"),
    [
        (lambda f: pd.concat([f, f.iloc[[4]]]), errors.DuplicateObservationError, ["Benxi 2004"]),
        (lambda f: f.drop(index=4), errors.UnbalancedPanelError, ["Benxi 2004"]),
        (lambda f: f[f.year != 2004], errors.UnbalancedPanelError, ["2004"]),
        (lambda f: f.drop(columns="year"), errors.MissingColumnError, ["'year'"]),
        (lambda f: f.assign(year=f.year + 0.5), errors.PanelError, ["whole numbers"]),
        (lambda f: f.assign(city=f.city.where(f.index != 2)), errors.PanelError, ["row 2"]),
        (lambda f: f.iloc[:0], errors.PanelError, ["no rows"]),
        (
            lambda f: f.assign(year=pd.to_datetime(f.year.astype(str))),
            errors.PanelError,
            ["holds dates", "2003", ".dt.year"],
        ),
        (
            lambda f: f.assign(year=f.year.replace(2005, 2_005_000_000)),
            errors.UnbalancedPanelError,
            ["2005-2004999999"],
        ),
        (
            lambda f: f.set_index(["city", "year"]).assign(city="elsewhere"),
            errors.PanelError,
            ["both a column and a level of the index: city"],
        ),
    ],
)
def test_a_frame_that_is_no_panel_is_refused_by_name(break_it, error, words):
    with pytest.raises(error) as caught:
        Panel.from_frame(break_it(long_frame()), source="raw.csv")
    assert "raw.csv" in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, "n/a"])
def test_a_value_that_is_no_number_is_named_when_used(bad):
    frame = long_frame()
    frame["y"] = frame["y"].astype(object)
    frame.loc[5, "y"] = bad
    with pytest.raises(errors.NonFiniteError, match=r"'y'.*Benxi 2005"):
        Panel.from_frame(frame).values("y")


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("dates", pd.date_range("2003", periods=9)),
        ("dates", pd.date_range("2003", periods=9, tz="UTC")),
        ("dates", pd.period_range("2003", periods=9, freq="Y")),
        ("durations", pd.to_timedelta(range(9), unit="D")),
        ("complex numbers", np.arange(9) + 1j),
    ],
)
def test_a_column_whose_numbers_would_mean_nothing_is_refused(kind, column):
    panel = Panel.from_frame(long_frame().assign(q=column))
    with pytest.raises(errors.PanelError, match=f"'q' holds {kind}, .* needed: (take|divide)"):
        panel.values("q")


@pytest.mark.parametrize("shape", [np.asarray, np.ndarray.tolist])
def test_an_array_with_cities_down_is_refused_and_not_scrambled(shape):
    panel = Panel.from_frame(long_frame(years=(2003, 2004)))
    with pytest.raises(errors.PanelError, match=r"'z' has shape \(3, 2\).*\(2, 3\)"):
        panel.assign(z=shape(np.zeros((3, 2))))
    with pytest.raises(errors.PanelError, match=r"'z' has shape \(6,\)"):
        panel.assign(z=shape(np.zeros(6)))


def test_a_series_is_put_into_the_panels_order_or_refused():
    panel = Panel.from_frame(long_frame())
    y = panel.frame["y"]
    np.testing.assert_array_equal(
        panel.assign(z=y.sample(frac=1, random_state=0)).values("z"), panel.values("y")
    )
    for other in (y.reset_index(drop=True), y.swaplevel(), y.iloc[1:], y.iloc[[0] * 9]):
        with pytest.raises(errors.PanelError, match=r"'z' must have the panel's 9 rows"):
            panel.assign(z=other)


def test_a_cross_section_needs_its_own_year_only():
    panel = Panel.from_frame(long_frame())
    holed = panel.assign(y=panel.frame["y"].where(panel.frame.index != ("Benxi", 2003)))
    pd.testing.assert_series_equal(holed.cross_section("y", 2005), panel.cross_section("y", 2005))
    assert list(panel.cross_section("y", 2005)) == list(panel.values("y")[2])
    with pytest.raises(errors.NonFiniteError, match="Benxi 2003"):
        holed.cross_section("y", 2003)


def test_values_by_city_may_come_with_a_row_a_city_year_if_they_agree():
    panel = Panel.from_frame(long_frame().assign(side=list("eeewwweee")))
    expected = {"Anshan": "e", "Benxi": "w", "Fushun": "e"}

    def of_each(values):
        return value_of_each(values, "groups", panel.units, errors.UnitMismatchError)

    flat = panel.frame.reset_index().set_index("city")["side"]
    for values in (panel.frame["side"], panel.frame["side"].swaplevel(), flat, pd.Series(expected)):
        assert of_each(values).to_dict() == expected
    flat.iloc[4] = "e"
    with pytest.raises(errors.DuplicateObservationError, match=r"groups: .* Benxi \(w, e\)"):
        of_each(flat)
    assert of_each(expected).to_dict() == expected
    with pytest.raises(errors.SpecificationError, match=r"groups: must be a Series .* not list"):
        of_each(list("ewe"))


def test_an_unknown_column_lists_what_there_is():
    with pytest.raises(errors.MissingColumnError, match="no column 'x'; it has y"):
        Panel.from_frame(long_frame()).values("x")


def test_sub_panels_keep_the_order_asked_for():
    panel = Panel.from_frame(long_frame()).sub(units=["Fushun", "Anshan"], periods=[2004, 2005])
    assert list(panel.units) == ["Fushun", "Anshan"]
    assert list(panel.periods) == [2004, 2005]
    assert panel.values("y")[0, 0] == 7.0


@pytest.mark.parametrize(
    ("kwargs", "error", "match"),
    [
        ({"units": ["Dalian"]}, errors.PanelError, "Dalian"),
        ({"periods": [1999]}, errors.PanelError, "1999"),
        ({"periods": [2003, 2005]}, errors.UnbalancedPanelError, "not consecutive"),
        ({"units": ["Anshan", "Anshan"]}, errors.PanelError, "twice"),
        ({"units": []}, errors.PanelError, "no city left"),
    ],
)
def test_a_sub_panel_that_cannot_be_is_refused(kwargs, error, match):
    with pytest.raises(error, match=match):
        Panel.from_frame(long_frame()).sub(**kwargs)


def test_a_lag_is_last_years_value_of_the_same_city():
    panel = Panel.from_frame(long_frame())
    lagged = panel.lag("y")
    assert lagged.loc[("Benxi", 2005)] == panel.frame.loc[("Benxi", 2004), "y"]
    assert lagged.isna().sum() == 3


def test_a_lag_longer_than_the_panel_is_refused():
    with pytest.raises(errors.SampleSizeError, match="the panel has 3"):
        Panel.from_frame(long_frame()).lag("y", 3)


@pytest.mark.parametrize("periods", [0, -1, 1.5, "1"])
def test_a_lag_that_is_no_number_of_years_is_refused(periods):
    with pytest.raises(errors.SpecificationError, match="whole number of periods"):
        Panel.from_frame(long_frame()).lag("y", periods)


@given(t=st.integers(1, 6), n=st.integers(1, 6), seed=st.integers(0, 2**32 - 1))
def test_two_way_demeaning_is_a_projection_with_zero_means(t, n, seed):
    values = np.random.default_rng(seed).normal(size=(t, n, 2))
    once = within(values, "two-way")
    np.testing.assert_allclose(once.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(once.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(within(once, "two-way"), once, atol=1e-12)


def test_demeaning_the_panel_equals_demeaning_its_arrays():
    panel = Panel.from_frame(long_frame())
    np.testing.assert_allclose(
        panel.within(["y"], "time").values("y"), within(panel.values("y"), "time")
    )


def test_unknown_effects_are_refused():
    with pytest.raises(errors.SpecificationError, match="twoway"):
        within(np.ones((2, 2)), "twoway")
