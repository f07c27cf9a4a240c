"""Simulated effects agree with the delta method; the conventions of other software are labelled ones."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import SpecificationError
from analysis.spatial import Specification, fit
from analysis.spatial.operator import SparseOperator, operator_of
from analysis.weights import Weights

DYNAMIC = Specification("logc", ["logp", "logy"], effects="individual", time_lag=True)


@pytest.fixture(scope="module")
def dynamic(cigarettes):
    panel, weights = cigarettes
    return fit(panel, DYNAMIC, weights)


def test_draws_agree_with_the_delta_method_where_the_estimate_is_sharp(dynamic):
    delta = dynamic.effects("short")
    drawn = dynamic.effects("short", method="simulation", draws=40_000)
    np.testing.assert_allclose(drawn["estimate"], delta["estimate"], rtol=1e-12)
    np.testing.assert_allclose(drawn["std_error"], delta["std_error"], rtol=0.05)
    np.testing.assert_allclose(drawn["lower"], delta["lower"], atol=0.15 * delta["std_error"].max())


def test_draws_of_the_long_run_have_heavier_tails_than_the_delta_method_says(dynamic):
    delta = dynamic.effects("long")
    drawn = dynamic.effects("long", method="simulation", draws=5_000)
    assert drawn.attrs["draws"] == 5_000
    assert (drawn["std_error"] > 0.9 * delta["std_error"]).all()


def test_two_calls_give_the_same_draws_and_another_generator_others(dynamic):
    one, two = (dynamic.effects(method="simulation", draws=300) for _ in range(2))
    other = dynamic.effects(method="simulation", draws=300, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(one, two)
    assert not np.allclose(one["std_error"], other["std_error"], rtol=1e-6)


def test_xsmles_convention_holds_the_lag_fixed_and_prints_means(dynamic):
    ours = dynamic.effects("long", method="simulation", draws=20_000)
    theirs = dynamic.effects("long", method="xsmle", draws=20_000)
    assert (theirs.loc["total", "std_error"] < ours.loc["total", "std_error"]).all()
    assert not np.allclose(theirs["estimate"], ours["estimate"], rtol=1e-6)
    short = dynamic.effects("short", method="xsmle", draws=20_000)
    np.testing.assert_allclose(short["std_error"], dynamic.effects("short")["std_error"], rtol=0.05)


def test_long_run_effects_add_the_lags_of_a_regressor(cigarettes):
    panel, weights = cigarettes
    found = fit(panel, replace(DYNAMIC, regressors=("logp", "L.logp", "logy")), weights)
    p = found.params
    total = p["logp"] + p["L.logp"] + p["W.logp"] + p["W.L.logp"]
    long = found.effects("long")
    assert long.loc[("total", "logp"), "estimate"] == pytest.approx(
        total / (1 - p["L.logc"] - p["rho"])
    )
    assert ("total", "L.logp") not in long.index
    assert ("total", "L.logp") in found.effects("short").index


def test_draws_need_the_spectrum(cigarettes):
    from scipy import sparse

    panel, weights = cigarettes
    thin = Weights(sparse.csr_array(weights.matrix), weights.cities)
    found = fit(panel, replace(DYNAMIC, time_lag=False), thin)
    assert isinstance(operator_of(thin), SparseOperator)
    with pytest.raises(SpecificationError, match="dense"):
        found.effects(method="simulation")
    with pytest.raises(SpecificationError, match="store W dense"):
        found.covariance("sandwich")


def test_intervals_reach_further_at_a_higher_level(dynamic):
    wide, narrow = dynamic.effects(level=0.99), dynamic.effects(level=0.9)
    assert (wide["upper"] > narrow["upper"]).all()
    assert (wide["lower"] < narrow["lower"]).all()
