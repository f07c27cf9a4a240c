"""Simulated effects agree with the delta method; the conventions of other software are labelled ones."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import SpecificationError
from analysis.spatial import Specification, fit
from analysis.spatial.operator import SparseOperator, operator_of
from analysis.weights import Weights

DYNAMIC = Specification("logc", ["logp", "logy"], time_lag=True, space_time_lag=True)


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


def test_xsmles_convention_holds_both_lags_fixed_and_prints_means(dynamic):
    table = dynamic.effects("long", method="xsmle", draws=40, rng=np.random.default_rng(7))
    held = ["L.logc", "W.L.logc"]
    cov = dynamic.cov.copy()
    cov.loc[held], cov.loc[:, held] = 0.0, 0.0
    values, vectors = np.linalg.eigh(cov)
    noise = np.random.default_rng(7).standard_normal((40, len(cov)))
    draws = dynamic.params.to_numpy() + noise @ (vectors * np.sqrt(values.clip(0))).T
    w = dynamic.weights.matrix
    identity = np.eye(len(w))
    effects = []
    for draw in draws:
        p = dict(zip(dynamic.params.index, draw, strict=True))
        assert p["L.logc"] == pytest.approx(dynamic.params["L.logc"], rel=1e-12)
        left = (1 - p["L.logc"]) * identity - (p["rho"] + p["W.L.logc"]) * w
        matrix = np.linalg.solve(left, p["logp"] * identity + p["W.logp"] * w)
        effects.append([np.trace(matrix) / len(w), matrix.sum() / len(w)])
    means, deviations = np.mean(effects, axis=0), np.std(effects, axis=0, ddof=1)
    for kind, mean, deviation in zip(("direct", "total"), means, deviations, strict=True):
        assert table.loc[(kind, "logp"), "estimate"] == pytest.approx(mean, rel=1e-8)
        assert table.loc[(kind, "logp"), "std_error"] == pytest.approx(deviation, rel=1e-8)


def test_long_run_effects_add_the_lags_of_a_regressor(cigarettes):
    panel, weights = cigarettes
    found = fit(panel, replace(DYNAMIC, regressors=("logp", "L.logp", "logy")), weights)
    p = found.params
    total = p["logp"] + p["L.logp"] + p["W.logp"] + p["W.L.logp"]
    long = found.effects("long")
    assert long.loc[("total", "logp"), "estimate"] == pytest.approx(
        total / (1 - p["L.logc"] - p["W.L.logc"] - p["rho"])
    )
    assert ("total", "L.logp") not in long.index
    assert ("total", "L.logp") in found.effects("short").index


def test_draws_need_the_spectrum(cigarettes):
    from scipy import sparse

    panel, weights = cigarettes
    thin = Weights(sparse.csr_array(weights.matrix), weights.units)
    found = fit(panel, replace(DYNAMIC, time_lag=False, space_time_lag=False), thin)
    assert isinstance(operator_of(thin), SparseOperator)
    with pytest.raises(SpecificationError, match="dense"):
        found.effects(method="simulation")
    with pytest.raises(SpecificationError, match="store W dense"):
        found.covariance("sandwich")


def test_intervals_reach_further_at_a_higher_level(dynamic):
    wide, narrow = dynamic.effects(level=0.99), dynamic.effects(level=0.9)
    assert (wide["upper"] > narrow["upper"]).all()
    assert (wide["lower"] < narrow["lower"]).all()
