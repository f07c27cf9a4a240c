"""What stands between a fit here and the numbers of other software."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import spatial
from analysis.papers import comparison, elsewhere, validation
from analysis.papers.cigarettes import pictures


@pytest.fixture(scope="module")
def cigarettes():
    return *validation.cigarettes(), validation.CIGARETTES


def test_spreg_run_here_finds_the_same_spatial_lag(cigarettes):
    panel, weights, model = cigarettes
    lag = replace(model, model="sar", effects="individual", estimator="direct")
    theirs = comparison.spreg_now(panel, weights, lag)
    ours = spatial.fit(panel, lag, weights)
    for name in ("params", "std_errors"):
        here, there = getattr(ours, name), getattr(theirs, name).dropna()
        np.testing.assert_allclose(here[there.index], there, rtol=1e-6)


def test_spregs_panel_models_are_found_again(cigarettes):
    pairs = comparison.spreg_models(*cigarettes)
    assert len(pairs) == 3
    for ours, theirs in pairs.values():
        skipped = ["phi", "sigma2"]  # another parametrisation with random effects
        here, there = (each.params.drop(skipped, errors="ignore") for each in (ours, theirs))
        np.testing.assert_allclose(here[there.index], there, rtol=1e-4)


def test_spregs_random_effects_are_found_again_by_its_formulas_alone(cigarettes):
    ours, theirs = list(comparison.spreg_models(*cigarettes).values())[-1]
    imitated = comparison.as_spreg(ours, cigarettes[0])
    digits = elsewhere.digits({"own": (ours, theirs), "as spreg": (imitated, theirs)})
    assert digits.loc["own", ["std_errors", "loglik"]].max() < 2
    assert digits.loc["as spreg"].drop("gap").min() > 7


def test_spregs_lm_tests_are_found_again_but_for_the_one_that_breaks_the_identity(cigarettes):
    panel, weights, model = cigarettes
    table = comparison.spreg_lm(panel, weights, model)
    spreg, ours = table.iloc[:, 0], table["here, its variance"]
    single = ["Robust LM lag", "LM error", "Robust LM error"]
    np.testing.assert_allclose(ours[single], spreg[single], rtol=1e-8)
    for name in ("here, its variance", "here"):
        np.testing.assert_allclose(*table[name].iloc[4:], rtol=1e-10)
    assert abs(spreg.iloc[4] / spreg.iloc[5] - 1) > 0.01
    y, x, _ = comparison._long(panel, model, weights)
    x, w = np.column_stack([np.ones(len(y)), x]), np.asarray(weights.matrix)
    lag = np.kron(np.eye(panel.n_periods), w)
    fitted = x @ np.linalg.lstsq(x, y)[0]
    s2 = ((y - fitted) ** 2).sum() / (len(y) - x.shape[1])
    off = lag @ fitted - x @ np.linalg.lstsq(x, lag @ fitted)[0]
    trace = (w * w).sum() + (w * w.T).sum()
    score = ((y - fitted) * (lag @ y)).sum() / s2
    for statistic, factor in ((ours, panel.n_periods), (spreg, trace)):
        found = score**2 / ((off**2).sum() / s2 + factor * trace)
        assert found == pytest.approx(statistic["LM lag"], rel=1e-6)


@pytest.mark.seconds
def test_without_space_linearmodels_finds_the_same_slopes_and_errors_up_to_one_factor(cigarettes):
    panel, weights, model = cigarettes
    whole = comparison.linear_now(panel, weights, model)
    assert whole.loc["random", "slopes agree in digits"].min() > 0.5, "by other variances there"
    table = whole.drop("random", level=0)
    assert len(table) == 9
    assert table["slopes agree in digits"].min() > 7
    least, greatest = table["errors here / there, least"], table["greatest"]
    np.testing.assert_allclose(least, greatest, rtol=1e-6)
    n, k = panel.n_units * panel.n_periods, len(model.regressors) + 1
    assert least["pooled", "information"] == pytest.approx(np.sqrt((n - k) / n), rel=1e-6)


def test_errors_of_year_dummies_are_those_that_spreg_recorded(cigarettes):
    panel, weights, model = cigarettes
    direct = spatial.fit(panel, replace(model, estimator="direct"), weights)
    recorded = elsewhere.estimates(elsewhere.SPREG, "cigar").std_errors["rho"]
    assert direct.with_cov("dummies").std_errors["rho"] == pytest.approx(recorded, rel=1e-6)
    assert direct.std_errors["rho"] != pytest.approx(recorded, rel=1e-3)


def test_each_row_is_estimated_as_it_was_recorded(cigarettes):
    panel, weights, model = cigarettes
    dynamic = replace(model, time_lag=True, space_time_lag=True)
    for spec, label in ((model, "cigar-static-digits"), (dynamic, "dynamic")):
        pairs = comparison.pairs(panel, weights, spec, "cigar", label)
        second = {key: pair for key, pair in pairs.items() if key[0] == elsewhere.SECOND}
        assert elsewhere.digits(second)["spatial"].min() > 7
    assert comparison.off(pairs, elsewhere.SDPDMOD) < 0.005
    assert comparison.off(pairs, elsewhere.SECOND) < 1e-7


def test_tests_stand_beside_the_nearest_of_the_recorded_ones(cigarettes):
    table = comparison.battery(*cigarettes, "cigar")
    assert (table.loc[table["splm"].notna(), "digits"] > 13).all()
    assert table.loc["Pesaran CD", ["splm", "digits"]].isna().all()


def test_spread_falls_with_each_kind_of_means_that_is_taken_out(cigarettes):
    table = comparison.spread(cigarettes[0], ["logc", "logp"])
    assert (table["two-way"] < table["within"]).all()
    assert (table["within"] < table["std. dev."]).all()
    assert list(table.index) == ["logc", "logp"]


def test_errors_without_covariance_are_those_of_a_diagonal_covariance(cigarettes):
    panel, weights, model = cigarettes
    fit = spatial.fit(panel, replace(model, model="sar"), weights)
    found = comparison.errors_without_covariance(fit, ["logp"])["logp"]
    rng = np.random.default_rng(1)
    rho, slope = (
        rng.normal(fit.params[term], 0.01 * fit.std_errors[term], 200_000)
        for term in ("rho", "logp")
    )
    assert found == pytest.approx(100 * (slope / (1 - rho)).std(), rel=0.01)


def test_curves_have_their_maximum_at_the_estimate(cigarettes):
    panel, weights, model = cigarettes
    fits = {title: {"direct": spatial.fit(panel, model, weights)} for title in ("a", "b")}
    _, curves = pictures.profiles(fits, ["direct"])
    best = curves["a", "direct"].idxmax()
    assert best == pytest.approx(fits["a"]["direct"].params["rho"], abs=0.01)
    assert curves.max().max() <= 0


@pytest.fixture(scope="module")
def columbus():
    model = spatial.Specification("CRIME", ["INC", "HOVAL"], effects="none", estimator="direct")
    return *validation.columbus(), model


def test_of_one_period_spregs_lag_and_error_are_found_again(columbus):
    pairs = comparison.spreg_models(*columbus)
    assert [name for _, name in pairs] == ["spatial lag", "spatial error"]
    assert elsewhere.digits(pairs).drop(columns="gap").min(axis=None) > 7


def test_of_one_period_spregs_tests_are_found_again_and_keep_the_identity(columbus):
    table = comparison.spreg_lm(*columbus)
    np.testing.assert_allclose(table["here"], table.iloc[:, 0], rtol=1e-9)
    np.testing.assert_allclose(table.iloc[4], table.iloc[5], rtol=1e-9)
