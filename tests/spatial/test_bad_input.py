"""What cannot be estimated is refused by name: city, year, column, option, and what to do."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from tests_support import noise_panel

from analysis import errors
from analysis.inference.panel_tests import baseline
from analysis.panel import Panel
from analysis.spatial import Specification, fit
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.moran import global_moran
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import Weights

SDM = Specification("y", ["x", "z"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "sdmm"}, "did you mean 'sdm'"),
        ({"effects": "twoway"}, "did you mean 'two-way'"),
        ({"estimator": "lee-yu"}, "choose from"),
        ({"std_errors": "robust"}, "choose from"),
        ({"within_order": "first"}, "choose from"),
        ({"time_lag": 1}, "True or False"),
        ({"regressors": "x"}, r"list of names, such as \['x'\]"),
        ({"regressors": ["x", "x"]}, "named twice: x"),
        ({"regressors": ["y"]}, "both the outcome and a regressor"),
        ({"regressors": ["x", "L.y"]}, "time_lag=True"),
        ({"regressors": []}, "at least one"),
        ({"model": "sar", "durbin": ["x"]}, "no spatially lagged"),
        ({"durbin": ["q"]}, "no regressors: q"),
        ({"effects": "random", "time_lag": True}, "random effects"),
        ({"effects": "random", "estimator": "direct"}, "no bias to correct"),
        ({"within_order": "demean-first"}, "direct approach"),
        ({"outcome": ""}, "name of a column"),
        ({"regressors": ["x^0"]}, "at least 1"),
        ({"regressors": ["x", "W.x"]}, "own terms: W.x"),
        ({"regressors": ["x", "const"], "effects": "none"}, "own terms: const"),
        ({"regressors": ["rho"]}, "own terms: rho"),
    ],
)
def test_an_impossible_specification_says_what_is_wrong(options, words):
    arguments = {"outcome": "y", "regressors": ["x", "z"]} | options
    with pytest.raises(errors.SpecificationError, match=words):
        Specification(**arguments)


ESTIMATORS = {
    "fit": lambda panel, w: fit(panel, SDM, w),
    "lm_tests": lambda panel, w: lm_tests(panel, SDM, w),
    "fit_gmm": lambda panel, w: fit_gmm(panel, GmmSpecification("y", ["x"]), w),
    "global_moran": lambda panel, w: global_moran(panel, "y", w),
    "baseline": lambda panel, w: baseline(panel, "y", ["x"]),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_arrays_are_no_panel_and_no_weights_for_they_have_no_labels(name):
    panel, weights = noise_panel(1)
    with pytest.raises(errors.SpecificationError, match=r"not ndarray.*Panel\.from_frame"):
        ESTIMATORS[name](panel.frame.to_numpy(), weights)
    if name != "baseline":
        with pytest.raises(errors.SpecificationError, match=r"not ndarray.*Weights\(matrix, units"):
            ESTIMATORS[name](panel, weights.matrix)


def broken(change):
    panel, weights = noise_panel(1)
    return change(panel), weights


@pytest.mark.parametrize(
    ("change", "spec", "error", "words"),
    [
        (lambda p: p.assign(x=np.ones((6, 12))), SDM, errors.CollinearityError, "x"),
        (
            lambda p: p.assign(x=np.tile(np.arange(12.0), (6, 1))),
            SDM,
            errors.CollinearityError,
            "constant over the periods",
        ),
        (
            lambda p: p.assign(z=2 * p.values("x")),
            SDM,
            errors.CollinearityError,
            "z is a linear combination of x",
        ),
        (lambda p: p.assign(y=np.ones((6, 12))), SDM, errors.ConstantOutcomeError, "not vary"),
        (lambda p: p, replace(SDM, regressors=("x", "q")), errors.MissingColumnError, "'q'"),
        (
            lambda p: p.assign(x=p.frame["x"].where(p.frame.index != ("city03", 2004))),
            SDM,
            errors.NonFiniteError,
            "city03 2004",
        ),
        (lambda p: p.sub(periods=[2001]), SDM, errors.SampleSizeError, "at least 2"),
        (
            lambda p: p.sub(periods=[2001, 2002]),
            replace(SDM, time_lag=True),
            errors.SampleSizeError,
            "1 after 1 for lags",
        ),
        (
            lambda p: p.sub(periods=[2001, 2002, 2003]),
            replace(SDM, regressors=("L3.x",)),
            errors.SampleSizeError,
            "after 3 for lags",
        ),
    ],
)
def test_data_that_cannot_carry_the_model_are_refused(change, spec, error, words):
    panel, weights = broken(change)
    with pytest.raises(error, match=words):
        fit(panel, spec, weights)


def test_one_city_is_refused():
    panel, weights = noise_panel(1)
    lone = panel.sub(units=["city00"])
    with pytest.raises(errors.AnalysisError):
        fit(lone, SDM, weights)
    alone = Weights(np.zeros((1, 1)), pd.Index(["city00"]))
    with pytest.raises(errors.AnalysisError, match=r"city00|2 cities"):
        fit(lone, SDM, alone)


def test_a_panel_too_small_for_its_regressors_is_refused():
    panel, _ = noise_panel(1)
    two = panel.sub(units=["city00", "city01"], periods=[2001, 2002])
    w = Weights(np.array([[0, 1.0], [1, 0]]), two.units)
    with pytest.raises(errors.SampleSizeError, match="too few"):
        fit(two, SDM, w)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda w: w.sub(w.units[:-1]), errors.UnitMismatchError, "no row for city11"),
        (
            lambda w: replace(w, matrix=2 * w.matrix),
            errors.NotRowStandardisedError,
            r"city00 \(1\+1\)",
        ),
        (lambda w: w.matrix, errors.SpecificationError, "Weights"),
    ],
)
def test_a_w_that_does_not_suit_is_refused(change, error, words):
    panel, weights = noise_panel(1)
    with pytest.raises(error, match=words):
        fit(panel, SDM, change(weights))


def test_extra_cities_in_w_are_named():
    panel, weights = noise_panel(1)
    with pytest.raises(errors.UnitMismatchError, match=r"has city11.*sub\(panel.units\)"):
        fit(panel.sub(units=panel.units[:-1]), SDM, weights)


def test_an_island_is_refused():
    panel, weights = noise_panel(1)
    matrix = weights.matrix.copy()
    matrix[3] = 0
    with pytest.raises(errors.IslandError, match="city03"):
        fit(panel, SDM, Weights(matrix, weights.units))


def test_a_w_that_is_not_row_standardised_serves_where_the_method_allows_it():
    panel, weights = noise_panel(1)
    binary = Weights((weights.matrix > 0).astype(float), weights.units)
    found = fit(panel, replace(SDM, estimator="direct"), binary)
    total = np.linalg.inv(np.eye(12) - found.params["rho"] * binary.matrix) @ (
        found.params["x"] * np.eye(12) + found.params["W.x"] * binary.matrix
    )
    assert found.effects().loc[("total", "x"), "estimate"] == pytest.approx(total.sum() / 12)


def test_the_lag_of_a_regressor_needs_no_row_standardised_w():
    panel, weights = noise_panel(1)
    binary = Weights((weights.matrix > 0).astype(float), weights.units)
    lagged = fit(panel, replace(SDM, model="slx"), binary)
    by_hand = panel.assign(
        wx=panel.values("x") @ binary.matrix.T, wz=panel.values("z") @ binary.matrix.T
    )
    plain = fit(by_hand, Specification("y", ["x", "z", "wx", "wz"], model="ols"), binary)
    np.testing.assert_allclose(lagged.params, plain.params, rtol=1e-12)
    np.testing.assert_allclose(lagged.std_errors, plain.std_errors, rtol=1e-12)
    with pytest.raises(errors.NotRowStandardisedError):
        fit(panel, replace(SDM, model="slx", space_time_lag=True), binary)


def growing_panel():
    panel, weights = noise_panel(5, n=15, t=12)
    y = np.exp(0.35 * np.arange(12))[:, None] * (1 + 0.1 * panel.values("x"))
    spec = Specification("y", ["x"], effects="individual", time_lag=True, space_time_lag=True)
    return panel.assign(y=y + 0.01 * panel.values("y")), spec, weights


def test_a_correction_near_a_unit_root_is_done_with_a_warning():
    panel, spec, weights = growing_panel()
    with pytest.warns(errors.UnitRootWarning, match=r"2 of 15 roots.*above 1 - 1/15") as warned:
        fit(panel, spec, weights)
    assert warned[0].filename == __file__
    quiet = [
        (panel, replace(spec, unit_roots=True)),  # the user has decided
        (panel, replace(spec, estimator="direct")),  # nothing is corrected
        (panel, replace(spec, effects="time")),  # no city effects, no such bias
        (noise_panel(5, n=15, t=12)[0], spec),  # nothing is near
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.UnitRootWarning)
        for data, options in quiet:
            fit(data, options, weights)


@pytest.mark.filterwarnings("ignore::analysis.errors.UnitRootWarning")
def test_long_run_effects_of_an_unstable_estimate_are_refused_with_the_roots():
    panel, spec, weights = growing_panel()
    found = fit(panel, spec, weights)
    assert not found.stability.is_stable
    with pytest.raises(errors.UnstableError, match=r"on W.*common trend.*Wald test of one"):
        found.effects("long")
    assert found.effects("short")["estimate"].notna().all()


def test_long_run_effects_of_an_unstable_estimate_are_refused_with_a_sparse_w_too():
    weights = noise_panel(1)[1]
    rng = np.random.default_rng(0)
    years, n = 12, weights.n
    x, errs = rng.normal(size=(2, years, n))
    inverse = np.linalg.inv(np.eye(n) - 0.5 * weights.matrix)
    y, before = np.empty((years, n)), np.zeros(n)
    for t in range(years):
        before = y[t] = inverse @ (0.7 * before + x[t] + 0.3 * errs[t])
    frame = pd.DataFrame({"y": y.T.ravel(), "x": x.T.ravel()})
    frame["city"], frame["year"] = np.repeat(weights.units, years), np.tile(range(years), n)
    spec = Specification(
        "y", ["x"], model="sar", time_lag=True, effects="individual", estimator="direct"
    )
    sparse_weights = replace(weights, matrix=sparse.csr_array(weights.matrix))
    for w in (weights, sparse_weights):
        found = fit(Panel.from_frame(frame), spec, w)
        assert found.params[["L.y", "rho"]].sum() > 1
        with pytest.raises(errors.UnstableError, match="do not exist"):
            found.effects("long")


def test_a_static_model_has_no_long_run():
    panel, weights = noise_panel(1)
    found = fit(panel, SDM, weights)
    with pytest.raises(errors.SpecificationError, match="static"):
        found.effects("long")
    with pytest.raises(errors.SpecificationError, match="static"):
        _ = found.stability


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda f: f.effects("medium"), errors.SpecificationError, "short"),
        (lambda f: f.effects(method="bootstrap"), errors.SpecificationError, "delta"),
        (lambda f: f.wald(["q"]), errors.MissingColumnError, "no parameter q"),
        (lambda f: f.covariance("hc1"), errors.SpecificationError, "hc1"),
        (lambda f: f.predict("out"), errors.SpecificationError, "reduced"),
    ],
)
def test_unknown_options_of_the_results_are_refused(call, error, words):
    panel, weights = noise_panel(1)
    found = fit(panel, SDM, weights)
    with pytest.raises(error, match=words):
        call(found)
