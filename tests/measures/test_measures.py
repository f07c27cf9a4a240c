"""From raw tables to variables: identities of the formulas, and numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.errors import (
    DomainError,
    GapError,
    MissingColumnError,
    NonFiniteError,
    RawDataError,
    SpecificationError,
)
from analysis.measures.agglomeration import (
    coagglomeration,
    coagglomeration_frame,
    location_quotient,
)
from analysis.measures.cleaning import interpolate, isolated_jumps, percentile_bounds, winsorise
from analysis.measures.reports import count_words
from analysis.papers.ne34.measures import SECTORS, in_per_cent, variables

counts = arrays(np.float64, (3, 6), elements=st.floats(1, 1e6))


@given(counts, counts)
def test_the_employment_weighted_mean_of_a_quotient_is_one(sector, other):
    total = sector + other
    quotient = location_quotient(sector, total)
    weighted = (quotient * total).sum(axis=1) / total.sum(axis=1)
    np.testing.assert_allclose(weighted, 1, rtol=1e-12)


@given(counts, counts, st.floats(1e-3, 1e3))
def test_a_quotient_does_not_depend_on_the_unit_of_employment(sector, other, scale):
    total = sector + other
    np.testing.assert_allclose(
        location_quotient(sector * scale, total * scale),
        location_quotient(sector, total),
        rtol=1e-9,
    )


@given(counts, counts)
def test_coagglomeration_is_symmetric_and_bounded_by_its_level(a, b):
    index = coagglomeration(a, b)
    np.testing.assert_array_equal(index, coagglomeration(b, a))
    assert (index >= a + b).all()
    assert (index <= a + b + 1).all()


def test_coagglomeration_of_equal_quotients_is_one_plus_their_sum():
    a = np.array([0.2, 1.0, 3.0])
    np.testing.assert_allclose(coagglomeration(a, a), 1 + 2 * a)


def employment(values):
    index = pd.MultiIndex.from_product([["a", "b"], [2003, 2004]], names=["city", "year"])
    return pd.DataFrame(values, index=index, columns=["all", "m", "s1", "s2"], dtype=float)


ROWS = [[100, 20, 5, 5], [100, 30, 5, 5], [300, 20, 15, 15], [300, 10, 15, 15]]


def test_a_frame_pools_the_service_sectors():
    table = coagglomeration_frame(employment(ROWS), "m", ["s1", "s2"], "all")
    # 2003: manufacturing share .2 of .1 overall; services share .1 of .1 overall
    assert table.loc[("a", 2003), "lq_manufacturing"] == pytest.approx(2)
    assert table.loc[("a", 2003), "lq_services"] == pytest.approx(1)
    assert table.loc[("a", 2003), "coagg"] == pytest.approx(1 - 1 / 3 + 3)


def test_pooling_two_sectors_is_not_averaging_their_indices():
    rows = [[100, 20, 9, 1], [100, 30, 5, 5], [300, 20, 5, 25], [300, 10, 15, 15]]
    pooled = coagglomeration_frame(employment(rows), "m", ["s1", "s2"], "all")["coagg"]
    alone = [
        coagglomeration_frame(employment(rows), "m", [s], "all")["coagg"] for s in ("s1", "s2")
    ]
    assert not np.allclose(pooled, (alone[0] + alone[1]) / 2)


@pytest.mark.parametrize(("value", "column"), [(-1.0, "m"), (0.0, "all"), (np.nan, "all")])
def test_impossible_employment_names_city_year_and_column(value, column):
    frame = employment(ROWS)
    frame.loc[("b", 2004), column] = value
    with pytest.raises((DomainError, NonFiniteError), match=rf"'{column}'.*b 2004"):
        coagglomeration_frame(frame, "m", ["s1", "s2"], "all")


def test_an_absent_sector_is_named():
    with pytest.raises(MissingColumnError, match="s3"):
        coagglomeration_frame(employment(ROWS), "m", ["s1", "s3"], "all")


def gappy(values, years=(2003, 2004, 2005, 2008)):
    index = pd.MultiIndex.from_product([["a"], years], names=["city", "year"])
    return pd.DataFrame({"x": values}, index=index, dtype=float)


def test_interpolation_counts_years_not_rows():
    filled = interpolate(gappy([1, 2, np.nan, 6], years=(2003, 2004, 2007, 2008)))
    assert filled["x"].tolist() == [1, 2, 5, 6]


@pytest.mark.parametrize(("values", "year"), [([np.nan, 2, 3, 4], 2003), ([1, 2, 3, np.nan], 2008)])
def test_gaps_at_the_ends_are_refused(values, year):
    with pytest.raises(GapError, match=rf"fdi.csv.*a {year}"):
        interpolate(gappy(values), source="fdi.csv")


def test_interpolation_stays_inside_its_city():
    index = pd.MultiIndex.from_product([["a", "b"], [2003, 2004, 2005]], names=["city", "year"])
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0, 10.0, np.nan, 30.0]}, index=index)
    assert interpolate(frame)["x"].tolist() == [1, 2, 3, 10, 20, 30]


def test_interpolation_leaves_observed_values_alone():
    frame = gappy([1, np.nan, 3, 4])
    seen = frame["x"].notna()
    assert interpolate(frame)["x"][seen].equals(frame["x"][seen])


def test_stata_moves_six_values_in_each_tail_of_680_and_numpy_seven():
    frame = pd.DataFrame({"x": np.random.default_rng(1).normal(size=680)})
    moved = {
        rule: int((winsorise(frame, ["x"], rule=rule)["x"] != frame["x"]).sum())
        for rule in ("stata", "numpy")
    }
    assert moved == {"stata": 12, "numpy": 14}


@settings(max_examples=50)
@given(arrays(np.float64, 120, elements=st.floats(-1e6, 1e6)), st.floats(0.5, 20))
def test_winsorised_values_stay_in_the_range_and_in_order(values, percent):
    frame = pd.DataFrame({"x": values})
    trimmed = winsorise(frame, ["x"], percent)["x"].to_numpy()
    low, high = percentile_bounds(values, percent)
    assert ((trimmed >= low) & (trimmed <= high)).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(trimmed[order]) >= 0).all()


def test_an_unknown_percentile_rule_is_refused():
    with pytest.raises(SpecificationError, match="'r'"):
        percentile_bounds(np.arange(5.0), rule="r")


def test_a_percentage_of_half_or_more_is_refused():
    with pytest.raises(DomainError, match="50"):
        percentile_bounds(np.arange(5.0), 50)


def test_a_change_of_level_is_not_an_isolated_jump():
    assert isolated_jumps(gappy([1, 1, 9, 9]), "x").empty


def test_a_missing_value_leaves_the_bounds_of_the_others():
    frame = pd.DataFrame({"x": np.r_[np.arange(1.0, 101), np.nan]})
    trimmed = winsorise(frame, ["x"])["x"]
    assert trimmed.agg(["min", "max"]).tolist() == [1.5, 99.5]
    assert np.isnan(trimmed.iloc[-1])
    with pytest.raises(NonFiniteError, match="all missing"):
        percentile_bounds(np.array([np.nan]))


def test_the_next_row_is_not_the_next_year():
    index = pd.MultiIndex.from_tuples(
        [("a", 2003), ("a", 2004), ("a", 2009), ("a", 2010)], names=["city", "year"]
    )
    for values in ([1.0, 9, 1, 1], [1.0, 0, 1, 1]):
        assert isolated_jumps(pd.DataFrame({"x": values}, index), "x").empty


def test_a_unit_slip_is_an_isolated_jump():
    assert isolated_jumps(gappy([10, 11, 1.2, 12], range(2003, 2007)), "x").index.tolist() == [
        ("a", 2005)
    ]


def test_longest_words_match_first_and_no_character_counts_twice():
    text = "加强环境保护，治理污染，PM２．５下降，环保产业"
    assert count_words(text) == {"环境保护": 1, "污染": 1, "PM2.5": 1, "环保": 1}


def test_variants_count_only_when_asked():
    assert not count_words("SO2和COD")
    assert count_words("SO2和COD", variants=True).total() == 2


def test_the_panel_has_the_printed_variables_and_units(tables):
    panel = variables(tables)
    anshan = panel.frame.loc[("anshan", 2004)]
    gdp = tables["gdp"].loc[("anshan", 2004)]
    finance = tables["public_finance"].loc[("anshan", 2004)]
    roads = tables["roads"].loc[("anshan", 2004)]
    reports = tables["reports"].loc[("anshan", 2004)]
    rate = tables["exchange_rate"].loc[2004, "yuan_per_dollar"]
    expected = {
        "Carbon": tables["co2"].loc[("anshan", 2004), "co2"] / gdp["gdp"],
        "GOV": finance["expenditure"] / 1e4 / gdp["gdp"],
        "LnPGDP": np.log(gdp["gdp"] * 1e8 / (gdp["population"] * 1e4)),
        "FDI": tables["fdi"].loc[("anshan", 2004), "fdi"] * rate / 1e4 / gdp["gdp"],
        "LnRD": np.log(roads["road_area"] / roads["district_population"]),
        "TI": finance["science"] / finance["expenditure"],
        "LnER": np.log(reports["environment_words"] / reports["total_words"]),
    }
    for name, value in expected.items():
        assert anshan[name] == pytest.approx(value, rel=1e-12), name


def test_a_variable_that_has_no_value_names_city_and_year(tables):
    gdp = tables["gdp"].copy()
    gdp.loc[("anshan", 2004), "gdp"] = 0.0
    with pytest.raises(DomainError, match="division by gdp, which is zero, in anshan 2004"):
        variables(tables | {"gdp": gdp})


def test_per_cent_is_a_hundred_times_the_fraction(tables):
    panel = variables(tables)
    scaled = in_per_cent(panel)
    for name in ("GOV", "FDI", "TI"):
        np.testing.assert_allclose(scaled.values(name), 100 * panel.values(name))
    np.testing.assert_array_equal(scaled.values("LnPGDP"), panel.values("LnPGDP"))


def test_each_sector_has_its_own_index(tables):
    panel = variables(tables)
    for sector in SECTORS:
        alone = coagglomeration_frame(
            tables["employment"], "manufacturing", [sector], "all_industries"
        )["coagg"]
        np.testing.assert_allclose(panel.frame[f"Coagg_{sector}"], alone.reindex(panel.frame.index))


def test_a_left_out_city_still_counts_in_the_study_area(tables):
    whole, less = variables(tables), variables(tables, without=["dalian"])
    assert less.n_units == whole.n_units - 1
    assert "dalian" not in less.units
    pd.testing.assert_frame_equal(less.frame, whole.frame.drop("dalian", level="city"))


def test_a_city_without_data_can_be_left_out(tables):
    broken = {
        name: table.drop("dalian", level="city") if "city" in table.index.names else table
        for name, table in tables.items()
    }
    assert variables(broken, without=["dalian"]).n_units == 33


def test_an_unknown_city_cannot_be_left_out(tables):
    with pytest.raises(RawDataError, match="did you mean 'dalian'"):
        variables(tables, without=["dalan"])
