"""The wild cluster bootstrap keeps its size where clustered errors of few units do not."""

from dataclasses import replace

import numpy as np
import pytest
from tests_support import noise_panel

from analysis.errors import EstimationError, MissingColumnError
from analysis.inference import wild_bootstrap
from analysis.spatial import Specification, fit

OLS = Specification("y", ["x", "z"], model="ols", effects="individual")


def test_the_t_value_is_the_clustered_one_and_p_a_share_of_draws():
    panel, weights = noise_panel(1)
    found = fit(panel, OLS, weights)
    test = wild_bootstrap(found, "x", draws=99)
    assert test.statistic == pytest.approx(found.with_cov("cluster").tstats["x"])
    assert (test.p_value * 100) % 1 == pytest.approx(0, abs=1e-9)
    assert test.p_value == wild_bootstrap(found, "x", draws=99).p_value


def test_least_squares_draws_are_those_of_the_textbook():
    panel, weights = noise_panel(2)
    spec = replace(OLS, regressors=("x",))
    test = wild_bootstrap(fit(panel, spec, weights), "x", draws=49, seed=5)
    freed = panel.within(["x", "y"], "individual")
    x, y = freed.values("x"), freed.values("y")

    def t(y):
        b = (x * y).sum() / (x * x).sum()
        scores = (x * (y - b * x)).sum(axis=0)
        return b / np.sqrt(12 / 11 * (scores**2).sum()) * (x * x).sum()

    seeds = np.random.SeedSequence(5).spawn(49)
    drawn = [t(y * np.random.default_rng(seed).choice([-1.0, 1.0], 12)) for seed in seeds]
    assert test.statistic == pytest.approx(t(y))
    assert test.p_value == pytest.approx((1 + (np.abs(drawn) >= abs(t(y))).sum()) / 50)


@pytest.mark.seconds
def test_with_eight_units_it_rejects_a_true_null_less_often_than_normal_clustered_errors():
    wild = naive = 0
    for seed in range(60):
        panel, weights = noise_panel(seed, 8, 5)
        rng = np.random.default_rng(seed)
        unit = rng.standard_normal(8) * np.arange(8)  # regressor and errors of unequal spread
        panel = panel.assign(y=unit * rng.normal(size=(5, 8)), x=np.arange(8) * panel.values("x"))
        found = fit(panel, replace(OLS, regressors=("x",)), weights)
        wild += wild_bootstrap(found, "x", draws=99, seed=seed).p_value < 0.05
        naive += abs(found.with_cov("cluster").tstats["x"]) > 1.96
    assert wild <= 8
    assert naive > wild


def test_a_strong_slope_of_a_spatial_durbin_model_is_found():
    panel, weights = noise_panel(3, 14, 8)
    found = fit(panel, Specification("y", ["x", "z"]), weights)
    assert wild_bootstrap(found, "x", draws=39).p_value == pytest.approx(1 / 40)
    dynamic = fit(panel, Specification("y", ["x", "z"], time_lag=True), weights)
    assert wild_bootstrap(dynamic, "x", draws=19).p_value == pytest.approx(1 / 20)


def test_what_it_cannot_do_is_named():
    panel, weights = noise_panel(3)
    with pytest.raises(MissingColumnError, match="no regressor 'q'"):
        wild_bootstrap(fit(panel, OLS, weights), "q")
    with pytest.raises(EstimationError, match="SEM"):
        wild_bootstrap(fit(panel, replace(OLS, model="sem"), weights), "x")
