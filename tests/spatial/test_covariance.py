"""Observed information is the curvature of the likelihood; Conley errors lie between two limits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import linalg
from tests_support import noise_panel

from analysis import errors
from analysis.inference.panel_tests import baseline
from analysis.panel import within
from analysis.papers import elsewhere
from analysis.papers.validation import CIGARETTES, PUBLIC_CAPITAL
from analysis.spatial import Conley, Specification, fit
from analysis.spatial.conley import settled
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.likelihood import Point
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import great_circle

EVERYWHERE, ALWAYS = float("inf"), 10_000
VARIANTS = [
    {},
    {"estimator": "direct"},
    {"estimator": "direct", "within_order": "demean-first"},
    {"model": "sem", "durbin": None},
    {"model": "sac", "durbin": None, "effects": "individual"},
    {"model": "sar", "durbin": None, "effects": "random"},
    {"model": "sac", "durbin": None, "effects": "random+time"},
    {"time_lag": True, "space_time_lag": True},
]


def log_likelihood(problem, values):
    """The definition, at any values of all parameters."""
    k, point = problem.z.shape[-1], {"rho": 0.0, "lam": 0.0, "phi": 1.0}
    free = [problem.lag_operator is not None, problem.error_operator is not None, problem.random]
    rest = iter(values[k:-1])
    point |= {name: next(rest) for name, is_free in zip(point, free, strict=True) if is_free}
    s2 = values[-1]
    v = problem.innovations(Point(values[:k], *point.values(), s2, 0.0))
    value = -problem.n_obs / 2 * np.log(2 * np.pi * s2) - (v**2).sum() / (2 * s2)
    for operator, r in zip(
        (problem.lag_operator, problem.error_operator), (point["rho"], point["lam"]), strict=True
    ):
        if operator is not None:
            value += problem.periods * operator.log_det(r, problem.centred)
    return value + problem.random * problem.units * np.log(point["phi"])


def numerical_hessian(function, at, step):
    def second_differences(h):
        n, out = len(at), np.empty((len(at), len(at)))
        moves = np.diag(h)
        for i in range(n):
            for j in range(n):
                a, b = moves[i], moves[j]
                out[i, j] = (
                    function(at + a + b) - function(at + a - b)
                    - function(at - a + b) + function(at - a - b)
                ) / (4 * h[i] * h[j])  # fmt: skip
        return out

    first, second, third = (second_differences(step / 2**power) for power in range(3))
    finer, finest = (4 * second - first) / 3, (4 * third - second) / 3
    return (16 * finest - finer) / 15


def assert_curvature(found):
    errors_ = np.sqrt(np.diag(found.covariance("observed")))
    at = found.params.to_numpy()
    if found.specification.is_corrected:
        maximum = replace(found.specification, estimator="transformation-uncorrected")
        at = fit(found.panel, maximum, found.weights).params.to_numpy()
    hessian = numerical_hessian(
        lambda values: log_likelihood(found._problem, values), at, errors_ / 15
    )
    expected = np.sqrt(np.diag(linalg.inv(-hessian)))
    np.testing.assert_allclose(errors_, expected, rtol=1e-6)


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_observed_information_is_minus_the_hessian_on_cigarettes(cigarettes, options):
    panel, weights = cigarettes
    assert_curvature(fit(panel, replace(CIGARETTES, **options), weights))


def test_observed_information_is_minus_the_hessian_on_public_capital(public_capital):
    panel, weights = public_capital
    assert_curvature(fit(panel, PUBLIC_CAPITAL, weights))


@pytest.mark.parametrize("seed", range(20))
def test_observed_information_is_minus_the_hessian_on_random_panels(seed):
    panel, weights = noise_panel(seed)
    effects = ("none", "individual", "time", "two-way")[seed % 4]
    assert_curvature(fit(panel, Specification("y", ["x", "z"], effects=effects), weights))


@pytest.mark.parametrize("model", ["sar", "sem", "sdm"])
@pytest.mark.parametrize("effects", ["individual", "two-way"])
def test_what_stata_prints_is_matched_errors_included(public_capital, model, effects):
    """xsmle 1.4.5 in Stata 18 on public capital; nine digits, where its maximiser converges."""
    panel, weights = public_capital
    stata = elsewhere.estimates(elsewhere.XSMLE, "produc", model, effects)
    spec = replace(
        PUBLIC_CAPITAL, model=model, effects=effects, estimator="direct", std_errors="observed"
    )
    if effects == "individual" or model == "sem":
        found = fit(panel, replace(spec, within_order="demean-first"), weights)
        np.testing.assert_allclose(found.params, stata.params[found.params.index], rtol=1e-9)
        np.testing.assert_allclose(found.loglik, stata.loglik, rtol=1e-9)
        errors = found.std_errors
    else:  # its derivatives are not those of its maximand, so that it stops near the maximum
        found = fit(panel, spec, weights)
        off = (found.params - stata.params) / found.std_errors
        assert off.abs().max() < 0.01
        at = found.covariance_at(stata.params[found.params.index], "observed")
        errors = pd.Series(np.sqrt(np.diag(at)), at.index)
    close = 1e-7 if effects == "individual" or model == "sem" else 6e-4
    np.testing.assert_allclose(errors, stata.std_errors[errors.index], rtol=close)
    if model != "sem":  # the expected kind would not match
        assert abs(found.with_cov("information").std_errors["rho"] / errors["rho"] - 1) > 0.01


@pytest.mark.parametrize("model", ["sar", "sdm"])
def test_errors_of_a_regression_with_dummies_differ_in_rho_alone(cigarettes, model):
    panel, weights = cigarettes
    found = fit(panel, replace(CIGARETTES, model=model, estimator="direct"), weights)
    plain, dummies = (linalg.inv(found.covariance(kind)) for kind in ("information", "dummies"))
    z, b, rho = found._design.z, found._point.b, found.params["rho"]
    g = linalg.solve(np.eye(46) - rho * weights.dense(), weights.dense())
    mean = within(z @ b @ g.T, "two-way")  # of regressors as they are, effects taken out at the end
    k = list(found.params.index).index("rho")
    trace = len(z) * (np.trace(g @ g) + (g**2).sum())
    assert dummies[k, k] == pytest.approx(trace + (mean**2).sum() / found.sigma2, rel=1e-8)
    assert plain[k, k] > dummies[k, k]
    dummies[k, k] = plain[k, k]
    np.testing.assert_allclose(dummies, plain, rtol=1e-8, atol=1e-4)


@pytest.mark.parametrize("change", [{}, {"effects": "individual", "estimator": "direct"}])
def test_errors_of_a_regression_with_dummies_are_the_usual_ones_elsewhere(cigarettes, change):
    found = fit(cigarettes[0], replace(CIGARETTES, **change), cigarettes[1])
    np.testing.assert_allclose(
        found.covariance("dummies"), found.covariance("information"), rtol=1e-9, atol=1e-15
    )


def test_observed_errors_of_one_order_at_parameters_of_the_other_are_its_curvature_there(
    cigarettes,
):
    panel, weights = cigarettes
    theirs = replace(CIGARETTES, estimator="direct", within_order="demean-first")
    point = fit(panel, theirs, weights).params
    ours = fit(panel, replace(theirs, within_order="weights-first"), weights)
    hessian = numerical_hessian(
        lambda values: log_likelihood(ours._problem, values),
        point.to_numpy(),
        ours.std_errors.to_numpy() / 15,
    )
    np.testing.assert_allclose(
        ours.covariance_at(point, "observed"), linalg.inv(-hessian), rtol=1e-5, atol=1e-12
    )


def somewhere(units, seed=0):
    rng = np.random.default_rng(seed)
    spots = rng.uniform([100, 30], [115, 45], (len(units), 2))
    return pd.DataFrame(spots, units, ["lon", "lat"])


MODELS = [
    CIGARETTES,
    replace(CIGARETTES, effects="individual"),
    replace(CIGARETTES, model="sac", durbin=None),
    replace(CIGARETTES, time_lag=True),
    replace(CIGARETTES, model="slx", effects="time", estimator="direct"),
]


@pytest.mark.parametrize("spec", MODELS, ids=lambda s: s.label)
def test_conley_errors_become_clustered_ones_where_no_unit_is_near(cigarettes, spec):
    panel, weights = cigarettes
    found, n = fit(panel, spec, weights), panel.n_units
    apart = Conley(0, ALWAYS, "uniform", somewhere(panel.units))
    np.testing.assert_allclose(
        found.covariance(apart) * n / (n - 1), found.covariance("cluster"), rtol=1e-9
    )


@pytest.mark.parametrize("spec", MODELS, ids=lambda s: s.label)
def test_conley_errors_become_driscoll_and_kraays_where_all_units_are_near(cigarettes, spec):
    panel, weights = cigarettes
    found = fit(panel, spec, weights)
    joined = found.covariance(Conley(EVERYWHERE, places=somewhere(panel.units)))
    expected = found.covariance("driscoll-kraay")
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((joined - expected) / size).to_numpy().max() < 1e-9


@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])  # all positive definite here
@pytest.mark.parametrize("name", ["pooled", "fixed", "two-way"])
def test_conley_errors_of_least_squares_are_those_of_the_double_sum(cigarettes, kernel, name):
    panel, _ = cigarettes
    panel = panel.sub(periods=panel.periods[:6])
    rule = Conley(250, 1, kernel, somewhere(panel.units))
    found = baseline(panel, "logc", ["logp", "logy"]).with_cov(rule).results[name]
    effects = {"pooled": "none", "fixed": "individual", "two-way": "two-way"}[name]
    freed = panel.within(["logp", "logy"], effects)
    X = np.stack([freed.values(c) for c in ("logp", "logy")], axis=-1)
    X = X - X.mean(axis=(0, 1))
    e = found.theirs.wresids.to_numpy().reshape(panel.n_units, -1).T
    far, (years, units) = great_circle(rule.places), e.shape
    meat = np.zeros((2, 2))
    for i in range(units):
        for j in range(units):
            for t in range(years):
                for s in range(years):
                    k = (1 - far[i, j] / 250) * (1 - abs(t - s) / 2)
                    if kernel == "uniform":
                        k = 1.0
                    if far[i, j] <= 250 and abs(t - s) <= 1:
                        meat += k * e[t, i] * e[s, j] * np.outer(X[t, i], X[s, j])
    bread = linalg.inv(np.einsum("tik,til->kl", X, X))
    np.testing.assert_allclose(
        found.cov.loc[["logp", "logy"], ["logp", "logy"]], bread @ meat @ bread, rtol=1e-8
    )


def test_the_default_cut_off_is_the_distance_to_the_root_of_n_th_nearest():
    panel, weights = noise_panel(1)
    rule = settled("conley", panel.units, panel.n_periods, weights.places)
    far = np.sort(great_circle(weights.places.loc[panel.units]), axis=1)
    assert rule.cutoff == np.median(far[:, round(np.sqrt(panel.n_units))])
    found = fit(panel, Specification("y", ["x"], std_errors="conley"), weights)
    assert f"{rule.cutoff:.4g} km" in str(found)
    np.testing.assert_allclose(found.cov, found.covariance(rule))


def test_an_indefinite_conley_covariance_loses_its_negative_part_and_says_so():
    panel, weights = noise_panel(3)
    found = fit(panel, Specification("y", ["x", "z"]), weights)
    with pytest.warns(errors.IndefiniteWarning, match="negative part"):
        cov = found.covariance(Conley(400, 1, "uniform"))
    assert np.linalg.eigvalsh(cov)[0] > -1e-12


def test_conley_without_places_is_refused(cigarettes):
    panel, weights = cigarettes
    found = fit(panel, CIGARETTES, weights)
    with pytest.raises(errors.SpecificationError, match="places"):
        found.covariance("conley")
    with pytest.raises(errors.UnitMismatchError, match="no place for"):
        found.covariance(Conley(places=somewhere(panel.units[1:])))
    with pytest.raises(errors.SpecificationError, match="cutoff=-1"):
        Conley(-1)


def test_gmm_has_conley_errors_with_clustered_ones_as_limit():
    panel, weights = noise_panel(2, t=9)
    spec = GmmSpecification("y", ["x"], steps=1)
    found = fit_gmm(panel, spec, weights)
    apart = found.with_cov(Conley(0, ALWAYS, "uniform"))
    np.testing.assert_allclose(apart.cov, found.cov, rtol=1e-6, atol=1e-12)
    near = found.with_cov("conley")
    pd.testing.assert_series_equal(near.params, found.params)
    assert (near.std_errors > 0).all()
    assert not np.allclose(near.cov, found.cov)


def test_generic_gmm_wants_places_for_conley_errors():
    panel, _ = noise_panel(2, t=9)
    instruments = [Instruments("y", collapse=True), Instruments("x", "own")]
    arguments = (panel.frame, "y", ["L.y", "x"], instruments)
    with pytest.raises(errors.SpecificationError, match="places"):
        dynamic_panel_gmm(*arguments, std_errors="conley")
    rule = Conley(places=somewhere(panel.units))
    assert "conley" in dynamic_panel_gmm(*arguments, std_errors=rule).header["standard errors"]


@pytest.mark.seconds
def test_t_values_of_clustered_errors_have_one_degree_less_than_clusters(cigarettes):
    panel, weights = cigarettes
    found = fit(panel, replace(CIGARETTES, std_errors="cluster"), weights)
    reach = (found.conf_int()["upper"] - found.params) / found.std_errors
    np.testing.assert_allclose(reach, 2.0141, atol=1e-4)  # t, 45 degrees, 97.5 %
    least = baseline(panel, "logc", ["logp"], "cluster").results["two-way"]
    reach = (least.conf_int()["upper"] - least.params) / least.std_errors
    np.testing.assert_allclose(reach, 2.0141, atol=1e-4)


def test_few_clusters_are_warned_of():
    panel, weights = noise_panel(1)
    with pytest.warns(errors.FewClustersWarning, match=r"12 clusters \(city\)"):
        fit(panel, Specification("y", ["x"], std_errors="cluster"), weights)


@pytest.mark.seconds
def test_the_conventions_of_lm_tests_differ_by_what_is_taken_out_of_the_lagged_fit(cigarettes):
    panel, weights = cigarettes
    spec = replace(CIGARETTES, estimator="direct")
    found = {
        name: [t.statistic for t in lm_tests(panel, spec, weights, convention=name)]
        for name in ("elhorst", "dummies", "transformation")
    }
    elhorst, dummies = found["elhorst"], found["dummies"]
    assert dummies[0] > elhorst[0]
    assert dummies[2] == elhorst[2]
    units, years = panel.n_units, panel.n_periods
    X = np.column_stack([
        panel.block(["logp", "logy"]).reshape(-1, 2),
        np.tile(np.eye(units), (years, 1)),
        np.repeat(np.eye(years)[:, 1:], units, axis=0),
    ])  # fmt: skip
    y, w = panel.values("logc").ravel(), np.kron(np.eye(years), weights.dense())
    b = linalg.lstsq(X, y)[0]
    e, lagged = y - X @ b, w @ X @ b
    s2, off = e @ e / len(e), lagged - X @ linalg.lstsq(X, lagged)[0]
    j = off @ off / s2 + (w * w).sum() + (w * w.T).sum()
    np.testing.assert_allclose(dummies[0], (e @ w @ y / s2) ** 2 / j, rtol=1e-8)


def test_lm_tests_by_transformation_keep_their_size_with_a_dense_w():
    rejected = {"elhorst": 0, "transformation": 0}
    for seed in range(60):
        panel, weights = noise_panel(seed, 20, 12)
        for name in rejected:
            tests = lm_tests(panel, Specification("y", ["x"]), weights, convention=name)
            rejected[name] += tests[2].p_value < 0.05
    assert rejected["elhorst"] > 20
    assert rejected["transformation"] <= 8  # 60 draws at 5 %: 99 % lie at or below
