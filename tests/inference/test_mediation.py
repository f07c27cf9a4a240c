"""Mediation: the classical tests, the identity and the bootstrap."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ConstantOutcomeError, SpecificationError
from analysis.inference.mediation import (
    mediation,
    monte_carlo_interval,
    product_tests,
)
from analysis.panel import Panel
from analysis.resources import data_path
from analysis.spatial import Specification
from analysis.weights import inverse_distance

ANCHOR = json.loads(data_path("reference", "gmm", "mediation_framing.json").read_text())["hand"]
TRUTH = {"theta1": 0.7, "chi1": 0.5, "phi1": 0.4, "phi2": 0.6}


def simulated(seed, n=40, t=8, rho=0.3):
    rng = np.random.default_rng(seed)
    names = pd.Index([f"c{i:02}" for i in range(n)], name="city")
    geo = pd.DataFrame(rng.uniform(0, 10, (n, 2)), index=names, columns=["lon", "lat"])
    weights = inverse_distance(geo, power=2)
    W = weights.dense()
    S = np.linalg.inv(np.eye(n) - rho * W)
    mu, rows = rng.normal(size=n), []
    for year in range(t):
        x, z = 0.5 * mu + rng.normal(size=n), rng.normal(size=n)
        m = S @ (0.5 * x + 0.2 * z + 0.2 * W @ x + mu + rng.normal(size=n))
        y = S @ (0.4 * x + 0.6 * m + 0.3 * z + 0.1 * W @ x - mu + 0.5 * year + rng.normal(size=n))
        rows.append((y, m, x, z))
    values = np.array(rows)
    frame = pd.DataFrame({k: values[:, j].T.ravel() for j, k in enumerate("ymxz")})
    frame["city"], frame["year"] = np.repeat(names, t), np.tile(np.arange(2010, 2010 + t), n)
    return Panel.from_frame(frame), weights


SPEC = Specification("y", ["x", "z"])


@pytest.fixture(scope="module")
def case():
    return simulated(0)


@pytest.fixture(scope="module")
def result(case):
    return mediation(case[0], SPEC, case[1], "x", "m")


def test_classical_tests_agree_with_the_framing_data():
    first, second = (ANCHOR["a"], ANCHOR["sa"]), (ANCHOR["b"], ANCHOR["sb"])
    tests = product_tests(first, second)
    assert tests.loc["Sobel", "estimate"] == pytest.approx(ANCHOR["ab"], rel=1e-12)
    assert tests.loc["Sobel", "z"] == pytest.approx(ANCHOR["sobel_z"], rel=1e-12)
    assert tests.loc["Sobel", "p_value"] == pytest.approx(ANCHOR["sobel_p"], rel=1e-10)
    assert tests.loc["Aroian", "z"] == pytest.approx(ANCHOR["aroian_z"], rel=1e-12)
    assert tests.loc["Goodman", "z"] == pytest.approx(ANCHOR["goodman_z"], rel=1e-12)
    # two Monte Carlo intervals: ours has error about .0002 at these quantiles
    np.testing.assert_allclose(monte_carlo_interval(first, second), ANCHOR["mc_ci"], atol=0.0015)


def test_goodman_is_missing_where_its_variance_is_negative():
    tests = product_tests((0.1, 1.0), (0.1, 1.0))
    assert np.isnan(tests.loc["Goodman", "z"])
    assert tests.loc["Sobel", "p_value"] > 0.5


def test_paths_add_up_for_least_squares_and_leave_a_gap_in_a_spatial_model(case, result):
    panel, weights = case
    nested = mediation(panel, replace(SPEC, model="ols"), weights, "x", "m")
    assert abs(nested.gap) < 1e-12
    assert result.gap != 0
    assert abs(result.summary["gap_share"]) < 0.1
    summary = result.summary
    assert summary["theta1"] == pytest.approx(
        summary["phi1"] + summary["indirect"] + summary["gap"]
    )
    assert summary["share"] == pytest.approx(summary["indirect"] / summary["theta1"])


def test_truth_is_recovered(result):
    paths = result.paths
    gap = np.abs(paths["estimate"] - pd.Series(TRUTH)) / paths["std_error"]
    assert (gap[["chi1", "phi1", "phi2"]] < 3.5).all()
    assert result.mechanism.specification.outcome == "m"
    assert list(result.outcome.specification.regressors) == ["x", "z", "m"]


@pytest.mark.parametrize("regressor", ["m^2", "L.m", "L2.m^2"])
def test_a_mediator_hidden_in_the_total_equation_is_refused(case, regressor):
    panel, weights = case
    with pytest.raises(SpecificationError, match=f"already.*as {re.escape(regressor)}"):
        mediation(panel, Specification("y", ["x", regressor]), weights, "x", "m")


def test_bad_input_is_named(case):
    panel, weights = case
    with pytest.raises(SpecificationError, match="no regressor"):
        mediation(panel, SPEC, weights, "q", "m")
    with pytest.raises(SpecificationError, match="already"):
        mediation(panel, SPEC, weights, "x", "z")
    with pytest.raises(SpecificationError, match="static"):
        mediation(panel, replace(SPEC, time_lag=True), weights, "x", "m")
    with pytest.raises(SpecificationError, match="spatial error"):
        mediation(panel, replace(SPEC, model="sem"), weights, "x", "m")
    flat = panel.assign(m=np.ones((8, 40)))
    with pytest.raises(ConstantOutcomeError, match="mechanism equation"):
        mediation(flat, SPEC, weights, "x", "m")
