"""Spatial dynamic panels by GMM: instruments, recovery of the truth, algebra, bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import SpecificationError, UnitMismatchError, UnstableError
from analysis.panel import Panel
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.weights import k_nearest

TRUTH = {"L.y": 0.4, "x": 1.0, "W.x": 0.5, "rho": 0.3}


def simulated(seed, n=100, t=8, truth=TRUTH, feedback=0.0):
    """A spatial dynamic panel; with feedback x responds to the last error of the outcome."""
    rng = np.random.default_rng(seed)
    names = pd.Index([f"c{i:03}" for i in range(n)], name="city")
    geo = pd.DataFrame(rng.uniform(0, 10, (n, 2)), index=names, columns=["lon", "lat"])
    weights = k_nearest(geo, 4)
    W = weights.dense()
    S = np.linalg.inv(np.eye(n) - truth["rho"] * W)
    mu, x, y, e = rng.normal(size=n), np.zeros(n), np.zeros(n), np.zeros(n)
    rows = []
    for _ in range(t + 25):
        x = 0.5 * x + 0.3 * mu + feedback * e + rng.normal(size=n)
        e = rng.normal(size=n)
        y = S @ (truth["L.y"] * y + truth["x"] * x + truth["W.x"] * W @ x + mu + e)
        rows.append((y, x))
    values = np.array(rows[-t:])
    frame = pd.DataFrame(
        {
            "city": np.repeat(names, t),
            "year": np.tile(np.arange(2003, 2003 + t), n),
            "y": values[:, 0].T.ravel(),
            "x": values[:, 1].T.ravel(),
        }
    )
    return Panel.from_frame(frame), weights


SPEC = GmmSpecification("y", ["x"], durbin=["x"])


@pytest.fixture(scope="module")
def case():
    return simulated(0)


def test_coefficients_are_those_of_the_plain_estimator_with_spatial_lags_as_columns(case):
    panel, weights = case
    W = weights.matrix
    frame = panel.assign(
        Wy=panel.values("y") @ W.T,
        Wx=panel.values("x") @ W.T,
        WWx=panel.values("x") @ W.T @ W.T,
    ).frame.reset_index()
    instruments = [Instruments(v, "lags", 2, 3, collapse=True) for v in ("y", "Wy")]
    for v in ("x", "Wx", "WWx"):
        instruments.append(Instruments(v, "own", equation="difference"))
        instruments.append(Instruments(v, "lags", 1, 1, equation="level", collapse=True))
    plain = dynamic_panel_gmm(frame, "y", ["L.y", "x", "Wx", "Wy"], instruments, system=True)
    spatial = fit_gmm(panel, SPEC, weights)
    np.testing.assert_allclose(spatial.params, plain.params, rtol=1e-9)
    np.testing.assert_allclose(spatial.cov, plain.cov, rtol=1e-7)
    assert list(spatial.params.index[:4]) == ["L.y", "x", "W.x", "rho"]
    assert spatial.n_instruments == plain.n_instruments == 2 * 3 + 3 * 2 + 6 + 1


@pytest.mark.seconds
def test_truth_is_recovered_within_simulation_error_and_errors_match_the_spread():
    fits = [fit_gmm(*_swap(simulated(seed))) for seed in range(80)]
    terms = list(TRUTH)
    estimates = np.array([fit.params[terms] for fit in fits])
    errors = np.array([fit.std_errors[terms] for fit in fits])
    spread = estimates.std(axis=0)
    gap = np.abs(estimates.mean(axis=0) - list(TRUTH.values()))
    # finite-sample bias of GMM, well below its spread, and the error of a mean over 80 draws
    assert (gap < (3 / np.sqrt(80) + 0.15) * spread).all()
    ratio = errors.mean(axis=0) / spread
    assert (np.abs(ratio - 1) < 3 / np.sqrt(160) + 0.05).all()


def _swap(case):
    panel, weights = case
    return panel, SPEC, weights


@pytest.mark.seconds
def test_predetermined_instruments_undo_the_bias_of_feedback():
    wrong, right = [], []
    for seed in range(25):
        panel, weights = simulated(seed, feedback=0.8)
        for kind, found in (("exogenous", wrong), ("predetermined", right)):
            spec = GmmSpecification("y", ["x"], durbin=["x"], exogeneity=kind)
            found.append(fit_gmm(panel, spec, weights).params["x"])
    error = np.std(right) / np.sqrt(25)
    assert abs(np.mean(right) - 1) < 3 * error + 0.02
    assert abs(np.mean(wrong) - 1) > 3 * error + 0.02


@pytest.mark.parametrize(
    ("exogeneity", "declared"),
    [
        ("exogenous", [("own", 2, "difference"), ("lags", 1, "level")]),
        ("uncorrelated", [("own", 2, "both")]),
        ("predetermined", [("lags", 1, "both")]),
        ("endogenous", [("lags", 2, "both")]),
    ],
)
def test_exogeneity_decides_the_instruments(exogeneity, declared):
    spec = GmmSpecification("y", ["x"], exogeneity=exogeneity)
    found = [(z.style, z.first, z.equation) for z in spec.instruments() if z.variable == "W^2.x"]
    assert found == declared
    both = {z.variable for z in spec.instruments()}
    assert both == {"y", "W.y", "x", "W.x", "W^2.x"}
    less = GmmSpecification("y", ["x"], second_order=False, system=False)
    assert "W^2.x" not in {z.variable for z in less.instruments()}


def test_difference_gmm_and_one_step_run_on_the_same_specification(case):
    panel, weights = case
    for options in ({"system": False}, {"steps": 1}, {"space_time_lag": True}):
        fit = fit_gmm(panel, GmmSpecification("y", ["x"], durbin=["x"], **options), weights)
        gap = np.abs(fit.params[list(TRUTH)] - pd.Series(TRUTH)) / fit.std_errors[list(TRUTH)]
        assert (gap < 4).all()
        assert ("const" in fit.params) == options.get("system", True)


def test_squares_and_lags_need_no_column_of_their_own(case):
    panel, weights = case
    ready = panel.assign(**{"x2": panel.values("x") ** 2})
    by_name = fit_gmm(ready, GmmSpecification("y", ["x", "x^2", "L.x"]), weights)
    by_column = fit_gmm(ready, GmmSpecification("y", ["x", "x2", "L.x"]), weights)
    assert by_name.params["x^2"] == pytest.approx(by_column.params["x2"], rel=1e-9)
    assert by_name.nobs == 100 * 7


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 500), a=st.sampled_from([-3.0, 0.01, 200.0]))
def test_order_of_cities_and_units_of_measurement_do_not_matter(seed, a):
    panel, weights = simulated(seed, n=50, t=7)
    base = fit_gmm(panel, SPEC, weights)
    order = np.random.default_rng(seed).permutation(panel.units)
    moved = fit_gmm(panel.sub(units=order), SPEC, weights)
    np.testing.assert_allclose(moved.params, base.params, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(moved.std_errors, base.std_errors, rtol=1e-6)
    scaled = fit_gmm(panel.assign(y=a * panel.values("y")), SPEC, weights)
    for term in ("L.y", "rho"):
        assert scaled.params[term] == pytest.approx(base.params[term], rel=1e-6)
    assert scaled.params["x"] == pytest.approx(a * base.params["x"], rel=1e-6)


def test_effects_have_the_closed_form_of_a_row_standardised_w(case):
    panel, weights = case
    fit = fit_gmm(panel, SPEC, weights)
    b = fit.params
    short, long = fit.effects(), fit.effects("long")
    total = (b["x"] + b["W.x"]) / (1 - b["rho"])
    assert short.loc[("total", "x"), "estimate"] == pytest.approx(total)
    total = (b["x"] + b["W.x"]) / (1 - b["rho"] - b["L.y"])
    assert long.loc[("total", "x"), "estimate"] == pytest.approx(total)
    W, n = weights.dense(), weights.n
    effect = np.linalg.solve(np.eye(n) - b["rho"] * W, b["x"] * np.eye(n) + b["W.x"] * W)
    assert short.loc[("direct", "x"), "estimate"] == pytest.approx(np.trace(effect) / n)
    # the delta method against the spread of draws of the parameters
    terms = ["x", "W.x", "rho"]
    draws = np.random.default_rng(0).multivariate_normal(b[terms], fit.cov.loc[terms, terms], 4000)
    spread = np.std((draws[:, 0] + draws[:, 1]) / (1 - draws[:, 2]))
    assert short.loc[("total", "x"), "std_error"] == pytest.approx(spread, rel=0.1)


def test_bad_input_is_named(case):
    panel, weights = case
    with pytest.raises(SpecificationError, match="list of names"):
        GmmSpecification("y", "x")
    with pytest.raises(SpecificationError, match="no regressors"):
        GmmSpecification("y", ["x"], durbin=["z"])
    with pytest.raises(SpecificationError, match="weak"):
        GmmSpecification("y", ["x"], exogeneity="weak")
    with pytest.raises(SpecificationError, match="exogeneity: regressor='z' is unknown"):
        GmmSpecification("y", ["x"], exogeneity={"z": "endogenous"})
    with pytest.raises(SpecificationError, match="time_lag"):
        GmmSpecification("y", ["L2.y"])
    with pytest.raises(SpecificationError, match="second lag"):
        GmmSpecification("y", ["x"], first_lag=1)
    with pytest.raises(SpecificationError, match="twice"):
        GmmSpecification("y", ["x", "x"])
    for name in ("rho", "const", "W.x", "W.y"):
        with pytest.raises(SpecificationError, match=f"own terms: {name}"):
            GmmSpecification("y", ["x", name])
    with pytest.raises(UnitMismatchError, match="c000"):
        fit_gmm(panel, SPEC, weights.sub(weights.units[1:]))
    with pytest.raises(SpecificationError, match="GmmSpecification"):
        fit_gmm(panel, ["y", "x"], weights)
    static = fit_gmm(panel, GmmSpecification("y", ["x"], time_lag=False), weights)
    with pytest.raises(SpecificationError, match="no long run"):
        static.effects("long")


def test_estimates_outside_the_parameter_space_have_no_effects(case):
    panel, weights = case
    fit = fit_gmm(panel, SPEC, weights)
    fit.params["rho"] = 1.2
    with pytest.raises(UnstableError, match="outside"):
        fit.effects()
    fit.params["rho"], fit.params["L.y"] = 0.5, 0.6
    with pytest.raises(UnstableError, match="largest root"):
        fit.effects("long")


def test_a_regressor_may_enter_by_its_lag_alone(case):
    panel, weights = case
    square = fit_gmm(panel, GmmSpecification("y", ["L.x^2"]), weights)
    by_column = panel.assign(q=panel.values("x") ** 2)
    expected = fit_gmm(by_column, GmmSpecification("y", ["L.q"]), weights)
    np.testing.assert_allclose(square.params.to_numpy(), expected.params.to_numpy(), rtol=1e-9)


def test_what_follows_from_the_multiplier_is_that_of_likelihood_fits(case):
    panel, weights = case
    found = fit_gmm(panel, SPEC, weights)
    found.params["rho"], found.params["L.y"] = 0.3, 0.4
    table = found.effects("long")
    errors = np.sqrt(np.diag(found.effects_covariance("total", "long")))
    np.testing.assert_allclose(table.loc["total", "std_error"], errors, rtol=1e-12)
    path = found.response_path(200, cumulative=True)
    np.testing.assert_allclose(path.loc[200, "estimate"], table["estimate"], rtol=1e-8)
    assert found.stability.is_stable
    drawn = found.effects("short", "simulation", draws=100)
    np.testing.assert_allclose(drawn["estimate"], found.effects()["estimate"], rtol=1e-12)
