"""Estimates on an edge, and data that identify nothing, are refused or reported as what they are."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from tests_support import noise_panel

from analysis import errors
from analysis.spatial import Specification, fit
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.moran import local_moran
from analysis.spatial.operator import operator_of
from analysis.spatial.specification_tests import durbin_tests, lm_tests, pesaran_cd
from analysis.weights import Weights

SDM = Specification("y", ["x", "z"])
DYNAMIC = Specification("y", ["x"], effects="individual", time_lag=True, space_time_lag=True)


@pytest.mark.parametrize("apart", [1e-8, 1e-7])
def test_regressors_too_close_for_their_standard_errors_are_refused_by_name(apart):
    panel, weights = noise_panel(1)
    twin = panel.assign(twin=panel.values("x") + apart * panel.values("z"))
    spec = Specification("y", ["x", "twin"], model="ols", estimator="direct")
    with pytest.raises(errors.CollinearityError, match=r"twin is a linear combination of x"):
        fit(twin, spec, weights)


def test_standard_errors_of_close_regressors_are_those_of_an_orthogonal_pair():
    panel, weights = noise_panel(1)
    apart = 1e-5
    twin = panel.assign(twin=panel.values("x") + apart * panel.values("z"))
    spec = Specification("y", ["x", "twin"], model="ols", estimator="direct")
    close = fit(twin, spec, weights).std_errors["twin"]
    wide = fit(panel, replace(spec, regressors=["x", "z"]), weights).std_errors["z"]
    assert close * apart == pytest.approx(wide, rel=1e-4)


@pytest.mark.parametrize(
    ("model", "effects"),
    [("sar", "two-way"), ("sem", "two-way"), ("sac", "two-way"), ("sar", "random+time")],
)
def test_a_matrix_that_year_effects_make_empty_identifies_nothing(model, effects):
    panel, weights = noise_panel(1)
    equal = Weights((1 - np.eye(12)) / 11, weights.units)
    spec = Specification("y", ["x"], model=model, effects=effects)
    says = r"does not depend on|level in rho|maximum in rho"  # at the edge rounding may tell hill from plain
    with pytest.raises(errors.EstimationError, match=says):
        fit(panel, spec, equal)


def no_variance_between_cities(seed=3):
    panel, weights = noise_panel(seed)
    y = panel.values("y")
    return panel.assign(y=y - y.mean(axis=0) + 1e-3 * panel.values("z")), weights


def test_random_effects_without_variance_are_the_pooled_model_and_have_no_standard_error():
    panel, weights = no_variance_between_cities()
    spec = Specification("y", ["x"], model="sar", effects="random")
    random, pooled = fit(panel, spec, weights), fit(panel, replace(spec, effects="none"), weights)
    assert random.params["phi"] == 1.0
    assert random.summary.loc["phi"].drop("estimate").isna().all()
    shared = ["x", "rho", "sigma2"]
    np.testing.assert_allclose(random.params[shared], pooled.params[shared], rtol=1e-9)
    np.testing.assert_allclose(random.std_errors[shared], pooled.std_errors[shared], rtol=1e-9)
    pd.testing.assert_frame_equal(random.effects(), pooled.effects(), rtol=1e-9)
    assert random.wald("rho").p_value == pytest.approx(pooled.wald("rho").p_value)


def test_a_common_shock_alone_does_not_identify_rho_with_random_effects_either():
    panel, weights = noise_panel(2)
    shock = np.random.default_rng(1).normal(size=(6, 1))
    common = panel.assign(y=shock + 1e-6 * panel.values("y"))
    for effects in ("none", "individual", "random"):
        with pytest.raises(errors.EstimationError, match="no interior maximum in rho"):
            fit(common, Specification("y", ["x"], model="sar", effects=effects), weights)


def test_a_sem_is_not_tested_where_it_is_no_special_case():
    panel, weights = noise_panel(1)
    partial = durbin_tests(fit(panel, replace(SDM, durbin=["x"]), weights))
    found = {test.name: test for test in partial}
    assert np.isfinite(found["Wald SAR"].statistic)
    assert found["LR SAR"].statistic >= 0
    for name in ("Wald SEM", "LR SEM"):
        assert np.isnan(found[name].p_value)
        assert "no special case" in found[name].note
    with pytest.raises(errors.SpecificationError, match="durbin names none"):
        durbin_tests(fit(panel, replace(SDM, durbin=[]), weights))


def test_stability_does_not_depend_on_the_scale_of_w():
    panel, weights = noise_panel(5, n=15, t=12)
    doubled = replace(weights, matrix=2 * weights.matrix)
    once, twice = fit(panel, DYNAMIC, weights).stability, fit(panel, DYNAMIC, doubled).stability
    for name in ("root", "root_around_trend", "unit_sum"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name), rel=1e-6)
    assert twice.unit_test.statistic == pytest.approx(once.unit_test.statistic, rel=1e-6)


def persistent_panel():
    panel, weights = noise_panel(5, n=15, t=12)
    y = panel.values("y").copy()
    for year in range(1, 12):
        y[year] += 0.95 * y[year - 1]
    return panel.assign(y=y), weights


@pytest.mark.filterwarnings("ignore::analysis.errors.UnitRootWarning")
def test_draws_without_a_long_run_are_counted_and_widen_the_interval():
    panel, weights = persistent_panel()
    found = fit(panel, DYNAMIC, weights)
    with pytest.warns(errors.DiscardedDrawsWarning, match="of 5000 draws") as warned:
        simulated = found.effects("long", method="simulation")
    assert warned[0].filename == __file__
    lost = simulated.attrs["draws_without_long_run"]
    assert lost > 0.05 * 5000
    assert (simulated["lower"] == -np.inf).all()
    assert (simulated["upper"] == np.inf).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        short = found.effects("short", method="simulation")
    assert np.isfinite(short).all(axis=None)


def lattice(side=6):
    at = np.arange(side**2)
    row, column = at // side, at % side
    near = np.abs(row[:, None] - row) + np.abs(column[:, None] - column) == 1
    return near.astype(float), pd.Index([f"city{i:02}" for i in at])


def test_a_sparse_matrix_that_is_not_row_standardised_has_the_dense_one_s_interval():
    matrix, cities = lattice()
    stored = sparse.csr_array(matrix)
    dense, thin = (operator_of(Weights(m, cities)) for m in (matrix, stored))
    np.testing.assert_allclose(thin.bounds, dense.bounds, rtol=1e-10)
    matrix[0, 1] = 2.0  # no longer symmetric: the lower end is then inside
    dense, thin = (operator_of(Weights(m, cities)) for m in (matrix, sparse.csr_array(matrix)))
    assert thin.bounds[1] == pytest.approx(dense.bounds[1])
    assert dense.bounds[0] <= thin.bounds[0] < 0


def test_sparse_and_dense_agree_on_a_matrix_that_is_not_row_standardised():
    panel, _ = noise_panel(1, n=36)
    matrix, cities = lattice()
    spec = Specification("y", ["x"], model="sar", effects="individual", estimator="direct")
    dense = fit(panel, spec, Weights(matrix, cities))
    thin = fit(panel, spec, Weights(sparse.csr_array(matrix), cities))
    assert abs(dense.params["rho"]) > 1e-3
    np.testing.assert_allclose(thin.params, dense.params, rtol=1e-6)


def test_what_needs_the_spectrum_refuses_a_sparse_matrix():
    panel, weights = noise_panel(5, n=15, t=12)
    thin = Weights(sparse.csr_array(weights.matrix), weights.units)
    with pytest.raises(errors.SpecificationError, match="store W dense"):
        fit(panel, replace(DYNAMIC, unit_roots=True), thin)


@pytest.mark.parametrize("store", [np.array, sparse.csr_array])
def test_gmm_refuses_a_long_run_that_is_not_reached(store):
    panel, weights = noise_panel(5, n=30, t=8)
    found = fit_gmm(
        panel,
        GmmSpecification("y", ["x"], time_lag=True, space_time_lag=True),
        Weights(store(weights.matrix), weights.units),
    )
    moved = found.params.copy()
    moved[["L.y", "W.L.y", "rho"]] = 0.8, -0.95, 0.3
    with pytest.raises(errors.UnstableError, match="largest root"):
        replace(found, params=moved).effects("long")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"regressors": ["x", "y^2"]}, "both the outcome and a regressor"),
        ({"effects": "random", "std_errors": "cluster"}, "assumes fixed effects"),
    ],
)
def test_contradictions_are_refused_before_anything_is_estimated(options, words):
    with pytest.raises(errors.SpecificationError, match=words):
        replace(Specification("y", ["x"]), **options)


def test_a_matrix_for_errors_that_the_model_does_not_have_is_refused():
    panel, weights = noise_panel(1)
    with pytest.raises(errors.SpecificationError, match="has no spatial error"):
        fit(panel, SDM, weights, error_weights=weights)


@pytest.mark.parametrize("effects", ["none", "random"])
def test_a_constant_outcome_is_named_without_fixed_effects_too(effects):
    panel, weights = noise_panel(1)
    flat = panel.assign(y=np.full((6, 12), 3.0))
    with pytest.raises(errors.ConstantOutcomeError, match="does not vary"):
        fit(flat, Specification("y", ["x"], model="sar", effects=effects), weights)


@pytest.mark.parametrize("factor", [1e-100, 1e100, 1e160])
def test_units_beyond_floating_point_are_named(factor):
    panel, weights = noise_panel(1)
    with pytest.raises(errors.EstimationError, match="change its unit"):
        fit(panel.assign(y=factor * panel.values("y")), SDM, weights)


def test_ties_are_as_extreme_as_what_they_tie_with():
    _, weights = noise_panel(1)
    values = pd.Series([3.0, 1, 2, 5, 4, 3, 2, 4, 3, 1, 5, 3], weights.units)
    found = local_moran(values, weights)
    at_mean = found["z"].abs() < 1e-12
    assert at_mean.sum() == 4
    assert (found.loc[at_mean, "p_value"] == 1).all()
    island = weights.matrix.copy()
    island[0] = 0.0
    alone = local_moran(values, Weights(island, weights.units)).iloc[0]
    assert (alone["p_value"], alone["cluster"]) == (1.0, "not significant")


def test_tests_say_where_year_effects_spoil_their_law():
    panel, weights = noise_panel(1)
    notes = {test.name: test.note for test in lm_tests(panel, SDM, weights)}
    assert "rejects a true null too often" in notes["LM lag"]
    random = lm_tests(panel, replace(SDM, effects="random"), weights)[0]
    assert random.note == "pooled least squares"
    found = pesaran_cd(fit(panel, SDM, weights).resids)
    assert "centred near −1.7" in found.note
    own = pesaran_cd(fit(panel, replace(SDM, effects="individual"), weights).resids)
    assert own.note == ""
