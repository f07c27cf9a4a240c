"""Algebra that must hold whatever the data: order, scale, shift, nesting, closed forms, refusals."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_support import noise_panel

from analysis import errors
from analysis.spatial import Specification, fit
from analysis.spatial.operator import DenseOperator, SparseOperator
from analysis.spatial.specification_tests import durbin_tests
from analysis.weights import Weights, inverse_distance

STATIC = Specification("y", ["x", "z"])
DYNAMIC = replace(STATIC, time_lag=True, space_time_lag=True)
SPECIFICATIONS = [
    STATIC,
    DYNAMIC,
    replace(STATIC, model="sem"),
    replace(STATIC, model="sac"),
    replace(STATIC, model="sdem", effects="individual"),
    replace(STATIC, estimator="direct-corrected"),
    replace(DYNAMIC, estimator="direct-corrected"),
    replace(STATIC, effects="random", model="sar"),
    replace(STATIC, effects="none"),
]
KINDS = ["information", "sandwich", "cluster", "driscoll-kraay"]
quick = settings(max_examples=5, deadline=None)
seeds = st.integers(0, 10_000)


@pytest.mark.parametrize("spec", SPECIFICATIONS, ids=lambda s: f"{s.label}, {s.estimator}")
@quick
@given(seed=seeds)
def test_reordering_cities_together_with_w_changes_nothing(spec, seed):
    panel, weights = noise_panel(seed)
    order = np.random.default_rng(seed).permutation(panel.units)
    one = fit(panel, spec, weights)
    two = fit(panel.sub(units=order), spec, weights.align(order))
    np.testing.assert_allclose(two.params, one.params, rtol=1e-6, atol=1e-7)
    kinds = ["information"] if spec.is_random else KINDS
    for kind in kinds:
        np.testing.assert_allclose(two.covariance(kind), one.covariance(kind), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("spec", SPECIFICATIONS[:7], ids=lambda s: f"{s.label}, {s.estimator}")
@quick
@given(seed=seeds, scale=st.sampled_from([1e-6, 0.01, 10.0, 1e5]))
def test_rescaling_the_outcome_rescales_slopes_and_nothing_spatial(spec, seed, scale):
    panel, weights = noise_panel(seed)
    one = fit(panel, spec, weights)
    two = fit(panel.assign(y=scale * panel.values("y")), spec, weights)
    factor = pd.Series(scale, index=one.params.index)
    factor[[n for n in factor.index if n in ("rho", "lambda") or n.endswith("L.y")]] = 1.0
    factor["sigma2"] = scale**2
    np.testing.assert_allclose(two.params, factor * one.params, rtol=1e-7, atol=1e-9 * scale)
    np.testing.assert_allclose(two.std_errors, factor * one.std_errors, rtol=1e-6)


def test_no_property_holds_of_an_estimator_that_never_estimates(monkeypatch):
    def refuse(problem):
        raise errors.EstimationError("never")

    monkeypatch.setattr(sys.modules["analysis.spatial.fit"], "maximise", refuse)
    properties = [
        (test_reordering_cities_together_with_w_changes_nothing, {}),
        (test_rescaling_the_outcome_rescales_slopes_and_nothing_spatial, {"scale": 10.0}),
    ]
    for test, more in properties:
        for spec in SPECIFICATIONS:
            with pytest.raises(errors.EstimationError, match="never"):
                test.hypothesis.inner_test(spec=spec, seed=1, **more)


@quick
@given(seed=seeds, scale=st.sampled_from([1e-4, 0.5, 1e3]))
def test_rescaling_a_regressor_rescales_its_own_coefficients_only(seed, scale):
    panel, weights = noise_panel(seed)
    one = fit(panel, STATIC, weights)
    two = fit(panel.assign(x=scale * panel.values("x")), STATIC, weights)
    factor = pd.Series(1.0, index=one.params.index)
    factor[["x", "W.x"]] = 1 / scale
    np.testing.assert_allclose(two.params, factor * one.params, rtol=1e-7, atol=1e-10)


@quick
@given(seed=seeds, shift=st.sampled_from([-50.0, 7.0, 1e3]))
def test_shifting_by_city_and_year_changes_nothing_under_two_way_effects(seed, shift):
    panel, weights = noise_panel(seed)
    rng = np.random.default_rng(seed)
    moved = panel.assign(
        y=panel.values("y") + shift * rng.normal(size=panel.n_units) + shift,
        x=panel.values("x") + shift * rng.normal(size=(panel.n_periods, 1)),
    )
    one, two = fit(panel, STATIC, weights), fit(moved, STATIC, weights)
    # City effects of the outcome reach W y as W times the effects: constant over time as well.
    np.testing.assert_allclose(two.params, one.params, rtol=1e-6, atol=1e-8)


@quick
@given(seed=seeds)
def test_total_effects_have_their_closed_form_when_rows_sum_to_one(seed):
    panel, weights = noise_panel(seed)
    found = fit(panel, DYNAMIC, weights)
    p = found.params
    short = found.effects().loc["total", "estimate"]
    for name in ("x", "z"):
        both = p[name] + p[f"W.{name}"]
        assert short[name] == pytest.approx(both / (1 - p["rho"]), rel=1e-9)
        if found.stability.is_stable:
            long = found.effects("long").loc["total", "estimate"]
            denominator = 1 - p["L.y"] - p["rho"] - p["W.L.y"]
            assert long[name] == pytest.approx(both / denominator, rel=1e-9)


@pytest.mark.seconds
@quick
@given(seed=seeds)
def test_the_sum_of_responses_tends_to_the_long_run_effects(seed):
    panel, weights = noise_panel(seed)
    found = fit(panel, DYNAMIC, weights)
    if found.stability.root > 0.9:
        return
    path = found.response_path(300, cumulative=True).loc[300, "estimate"]
    np.testing.assert_allclose(path, found.effects("long")["estimate"], rtol=1e-8, atol=1e-10)


@quick
@given(seed=seeds)
def test_the_first_response_is_the_short_run_effect(seed):
    panel, weights = noise_panel(seed)
    found = fit(panel, DYNAMIC, weights)
    first = found.response_path(0).loc[0]
    columns = ["estimate", "std_error"]
    np.testing.assert_allclose(first[columns], found.effects()[columns], rtol=1e-7, atol=1e-10)


@quick
@given(seed=seeds)
def test_direct_effects_are_the_mean_diagonal_of_the_multiplier(seed):
    panel, weights = noise_panel(seed)
    found = fit(panel, STATIC, weights)
    p, w = found.params, weights.matrix
    multiplier = np.linalg.inv(np.eye(len(w)) - p["rho"] * w)
    effect = multiplier @ (p["x"] * np.eye(len(w)) + p["W.x"] * w)
    table = found.effects()["estimate"]
    assert table["direct", "x"] == pytest.approx(np.trace(effect) / len(w), rel=1e-9)
    assert table["total", "x"] == pytest.approx(effect.sum() / len(w), rel=1e-9)


def test_delta_errors_equal_numerical_derivatives():
    panel, weights = noise_panel(4)
    found = fit(panel, DYNAMIC, weights)
    _, _, jacobian = found._effects_at("long")
    for k, term in enumerate(found.params.index):
        both = []
        for step in (1e-6, -1e-6):
            moved = fit(panel, DYNAMIC, weights)
            moved.params[term] += step
            both.append(moved._effects_at("long")[1])
        np.testing.assert_allclose(jacobian[..., k], (both[0] - both[1]) / 2e-6, atol=2e-5)


@quick
@given(seed=seeds)
def test_slx_is_the_durbin_model_at_rho_zero(seed):
    panel, weights = noise_panel(seed)
    slx = fit(panel, replace(STATIC, model="slx"), weights)
    durbin = fit(panel, STATIC, weights)
    from analysis.spatial.likelihood import Likelihood

    at_zero = Likelihood(durbin._problem).point(np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(slx.params.iloc[:4], at_zero.b, rtol=1e-9)
    assert durbin.loglik >= slx.loglik - 1e-9


@quick
@given(seed=seeds)
def test_least_squares_is_the_ols_model(seed):
    panel, weights = noise_panel(seed)
    found = fit(panel, replace(STATIC, model="ols", effects="none"), weights)
    z = np.column_stack([np.ones(found.nobs), panel.frame["x"], panel.frame["z"]])
    b = np.linalg.lstsq(z, panel.frame["y"], rcond=None)[0]
    np.testing.assert_allclose(found.params.iloc[:3], b, rtol=1e-9, atol=1e-12)


@quick
@given(seed=seeds)
def test_the_dynamic_likelihood_at_tau_and_eta_zero_is_the_static_one(seed):
    panel, weights = noise_panel(seed)
    dynamic = fit(panel, replace(DYNAMIC, estimator="direct"), weights)
    static = fit(panel.sub(periods=panel.periods[1:]), replace(STATIC, estimator="direct"), weights)
    restricted = dynamic._problem.taking(list(range(2, len(dynamic._problem.names))))
    from analysis.spatial.likelihood import maximise

    assert maximise(restricted).loglik == pytest.approx(static.loglik, rel=1e-12)
    assert dynamic.loglik >= static.loglik - 1e-9


def test_transformation_equals_forming_the_transformed_data_by_hand():
    """ln L of F_N' Y F_T with W* = F_N' W F_N, all matrices formed."""
    from scipy.linalg import helmert

    panel, weights = noise_panel(8)
    found = fit(panel, replace(STATIC, model="sar"), weights)
    n, t = panel.n_units, panel.n_periods
    fn, ft = helmert(n).T, helmert(t).T
    w_star = fn.T @ weights.matrix @ fn
    y = fn.T @ panel.values("y").T @ ft
    x = np.stack([(fn.T @ panel.values(k).T @ ft).ravel() for k in ("x", "z")], axis=1)

    def loglik(rho):
        filtered = (y - rho * w_star @ y).ravel()
        b = np.linalg.lstsq(x, filtered, rcond=None)[0]
        e = filtered - x @ b
        m = (n - 1) * (t - 1)
        log_det = np.linalg.slogdet(np.eye(n - 1) - rho * w_star)[1]
        return -m / 2 * (np.log(2 * np.pi * (e @ e) / m) + 1) + (t - 1) * log_det

    rho = found.params["rho"]
    assert found.loglik == pytest.approx(loglik(rho), rel=1e-12)
    assert loglik(rho) > max(loglik(rho - 1e-4), loglik(rho + 1e-4))


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(
    "r", [-0.4, 0.0, 0.049, 0.051, 0.35, 0.7, 1.02]
)  # small ones, and one beyond
@pytest.mark.parametrize("before", [0, 2])  # inverses, after which eigenvectors serve
def test_operator_traces_equal_those_of_the_matrices(before, r, centred):
    _, weights = noise_panel(1, n=30)
    asymmetric = Weights(
        weights.matrix * np.random.default_rng(0).uniform(0.5, 1.5, (30, 30)), weights.units
    ).row_standardise()
    symmetric = inverse_distance(
        pd.DataFrame(np.random.default_rng(1).uniform(30, 40, (30, 2)), columns=["lon", "lat"])
    )
    by_columns = Weights(np.asfortranarray(symmetric.matrix), symmetric.units)
    v = np.random.default_rng(2).normal(size=(3, 30))
    for w in (asymmetric, symmetric, by_columns):
        operator = DenseOperator(w)
        for k in range(before):
            operator.g(0.1 + k / 10)
        g = w.matrix @ np.linalg.inv(np.eye(30) - r * w.matrix)
        j = np.eye(30) - centred / 30
        jg = j @ g
        assert operator.trace_g(r, centred) == pytest.approx(np.trace(jg), rel=1e-12, abs=1e-10)
        traces = np.trace(jg), np.trace(jg @ jg)
        assert operator.traces(r, centred) == pytest.approx(traces, rel=1e-12, abs=1e-10)
        assert operator.trace_gtg(r, centred) == pytest.approx((jg**2).sum(), rel=1e-12, abs=1e-9)
        np.testing.assert_allclose(
            operator.diagonal(r, centred), np.diag(jg), rtol=1e-11, atol=1e-10
        )
        np.testing.assert_allclose(operator.g(r), g, rtol=1e-11, atol=1e-10)
        np.testing.assert_allclose(operator.apply_g(r, v), v @ g.T, rtol=1e-11, atol=1e-10)
        np.testing.assert_allclose(operator.solve(r, v), v + r * v @ g.T, rtol=1e-11, atol=1e-10)
    one_sided = symmetric.matrix.copy()
    one_sided[3, 7] = 0.0
    assert DenseOperator(symmetric).is_symmetrisable
    assert not DenseOperator(asymmetric).is_symmetrisable
    assert not DenseOperator(Weights(one_sided, symmetric.units)).is_symmetrisable


@pytest.mark.parametrize("model", ["sar", "sem", "sdem"])
def test_steps_of_one_parameter_follow_the_derivatives_of_the_likelihood(model):
    from analysis.spatial.likelihood import _Search

    panel, weights = noise_panel(1, n=20, t=5)
    search = _Search(fit(panel, replace(STATIC, model=model), weights)._problem)

    def value(at):
        return search.value(search.full(np.array([[at]])))[0]

    h = 1e-4
    for x in (-0.4, 0.1, 0.6):
        score = (value(x + h) - value(x - h)) / (2 * h)
        bend = (value(x + h) - 2 * value(x) + value(x - h)) / h**2
        assert search._slopes(x) == pytest.approx((score, bend), rel=1e-5, abs=1e-4)


def test_a_sparse_w_gives_the_dense_answer():
    panel, dense = noise_panel(2, n=200, t=4)
    from scipy import sparse

    thin = Weights(sparse.csr_array(dense.matrix), dense.units, dense.name)
    for spec in (STATIC, DYNAMIC, replace(STATIC, model="sem")):
        one, two = fit(panel, spec, dense), fit(panel, spec, thin)
        np.testing.assert_allclose(two.params, one.params, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(two.std_errors, one.std_errors, rtol=1e-6)
        np.testing.assert_allclose(
            two.effects()["estimate"], one.effects()["estimate"], rtol=1e-6, atol=1e-8
        )
        assert two.trace_error == 0
        assert "traces" not in two.header
    assert isinstance(fit(panel, STATIC, thin)._design.operator, SparseOperator)


def test_an_estimated_trace_says_how_far_it_may_be_off(monkeypatch):
    from scipy import sparse

    from analysis.spatial import operator

    monkeypatch.setattr(operator, "_EXACT", 10)
    panel, dense = noise_panel(2, n=400, t=4)
    thin = Weights(sparse.csr_array(dense.matrix), dense.units, dense.name)
    exact, found = fit(panel, STATIC, dense), fit(panel, STATIC, thin)
    assert "relative error" in found.header["traces"]
    assert 0 < found.trace_error < 0.02
    for r in (-0.5, 0.2, 0.7):
        for centred in (False, True):
            truth = operator.operator_of(dense).trace_gtg(r, centred)
            mine = operator.operator_of(thin)
            off = abs(mine.trace_gtg(r, centred) / truth - 1)
            assert off < 4 * mine.trace_error(r, centred) + 1e-9
    np.testing.assert_allclose(found.std_errors, exact.std_errors, rtol=0.01)


@pytest.mark.parametrize("model", ["sar", "sem", "sac"])
@pytest.mark.parametrize("effects", ["two-way", "random"])
def test_no_point_of_a_fine_grid_is_above_the_maximum(model, effects):
    from analysis.spatial.likelihood import FREE, Likelihood

    for seed in range(3):
        panel, weights = noise_panel(seed, n=15, t=4)
        found = fit(panel, replace(STATIC, model=model, effects=effects), weights)
        lines = [np.linspace(-0.95, 0.95, 16)] * len(found._problem.log_dets)
        lines += [np.linspace(0.05, 1, 16)] * found._problem.random
        points = np.stack(np.meshgrid(*lines), axis=-1).reshape(-1, len(lines))
        theta = np.tile([0.0, 0.0, 1.0], (len(points), 1))
        theta[:, [list(FREE).index(name) for name in found._problem.free]] = points
        assert Likelihood(found._problem).value(theta).max() <= found.loglik + 1e-9


def test_what_is_kept_of_a_panel_belongs_to_one_matrix():
    panel, near = noise_panel(5)
    far = Weights(near.matrix @ near.matrix * (1 - np.eye(near.n)), near.units).row_standardise()
    for _ in range(2):
        for w in (near, far):
            fresh = noise_panel(5)[0]
            np.testing.assert_array_equal(
                fit(panel, STATIC, w).params, fit(fresh, STATIC, w).params
            )


def test_predictions_leave_the_residuals():
    panel, weights = noise_panel(3)
    for spec in (STATIC, replace(STATIC, effects="none"), replace(STATIC, effects="time")):
        found = fit(panel, replace(spec, estimator="direct"), weights)
        gap = panel.frame["y"] - found.predict("structural")
        np.testing.assert_allclose(gap, found.resids, atol=1e-9)


def test_derived_terms_equal_ready_made_columns():
    panel, weights = noise_panel(6, t=8)
    ready = panel.assign(squared=panel.values("x") ** 2, before=panel.lag("x").fillna(0.0))
    ready = ready.sub(periods=panel.periods[1:])
    one = fit(panel, replace(STATIC, regressors=("x", "x^2", "L.x")), weights)
    two = fit(ready, replace(STATIC, regressors=("x", "squared", "before")), weights)
    np.testing.assert_allclose(one.params, two.params, rtol=1e-9)


def test_extra_durbin_choice_drops_the_other_spatial_lags():
    panel, weights = noise_panel(6)
    found = fit(panel, replace(STATIC, durbin=("z",)), weights)
    assert list(found.params.index) == ["x", "z", "W.z", "rho", "sigma2"]


def test_error_weights_may_differ_from_lag_weights():
    panel, near = noise_panel(9, n=20, t=10)
    geo = pd.DataFrame(
        np.random.default_rng(0).uniform(30, 40, (20, 2)), near.units, ["lon", "lat"]
    )
    far = inverse_distance(geo)
    one = fit(panel, replace(STATIC, model="sac"), near, far)
    two = fit(panel, replace(STATIC, model="sac"), near)
    assert one.loglik != two.loglik


def test_weights_in_another_order_are_put_into_the_panels_by_their_labels():
    panel, near = noise_panel(9, n=20, t=10)
    turned = near.align(near.units[::-1])
    assert fit(panel, STATIC, turned).loglik == pytest.approx(fit(panel, STATIC, near).loglik)


def test_degrees_of_freedom_do_not_depend_on_units_of_measurement():
    panel, weights = noise_panel(3)
    plain = fit(panel, Specification("y", ["x", "z"]), weights)
    yuan = panel.assign(x=panel.values("x") * 1e10)
    found = fit(yuan, Specification("y", ["x", "z"]), weights)
    for test, expected in zip(durbin_tests(found), durbin_tests(plain), strict=True):
        assert test.df == expected.df == 2
        assert test.statistic == pytest.approx(expected.statistic, rel=1e-6)


def test_restrictions_that_repeat_each_other_or_have_no_derivative_are_refused():
    panel, weights = noise_panel(3)
    found = fit(panel, Specification("y", ["x"]), weights)
    for restrictions in (["x", "x"], lambda p: abs(p["x"]) - 1):
        with pytest.raises(errors.SpecificationError, match="repeats another"):
            found.wald(restrictions)
