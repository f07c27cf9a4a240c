"""The closed form of the bias of rho: against simulation, and back again."""

import numpy as np
import pandas as pd
import pytest

from analysis import weights
from analysis.errors import DomainError, NotRowStandardisedError
from analysis.inference.implied_rho import expected_rho, implied_rho
from analysis.panel import Panel
from analysis.resources import data_path
from analysis.simulate.common import spatial_panel
from analysis.spatial import Specification, fit


@pytest.fixture(scope="module")
def geo():
    frame = pd.read_csv(data_path("geography", "cities_ne34.csv")).set_index("city_id")
    return frame[["lon", "lat"]]


@pytest.fixture(scope="module", params=[1, 2, "nearest"])
def w(request, geo):
    if request.param == "nearest":
        return weights.k_nearest(geo, 5)
    return weights.inverse_distance(geo, request.param)


def drawn(w, rho, theta, years, rng, model="sdm"):
    """One static panel with city and year effects."""
    x = rng.standard_normal((years, w.n))
    effects = rng.standard_normal(w.n) + rng.standard_normal((years, 1))
    noise = rng.standard_normal((years, w.n))
    mean = x + theta * x @ w.dense().T
    filtered = spatial_panel(w, noise if model == "sem" else mean + effects + noise, rho)
    y = mean + effects + filtered if model == "sem" else filtered
    index = pd.MultiIndex.from_product([w.units, range(years)], names=["city", "year"])
    return Panel(pd.DataFrame({"y": y.T.ravel(), "x": x.T.ravel()}, index=index), "drawn")


@pytest.mark.parametrize(("model", "rho"), [("sdm", 0.3), ("sdm", 0.0), ("sem", 0.3)])
def test_estimates_of_simulated_panels_centre_on_the_closed_form(w, model, rho):
    spec = Specification("y", ["x"], model=model, estimator="direct")
    name = "lambda" if model == "sem" else "rho"
    found = [
        fit(drawn(w, rho, 0.5 if model == "sdm" else 0.0, 20, rng, model), spec, w).params[name]
        for rng in np.random.default_rng(7).spawn(80)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    # What W x leaves of the signal, and T = 20, move the centre a little beyond the draws' error.
    assert abs(np.mean(found) - expected_rho(w, rho)) < 3 * error + 0.02


def test_the_numbers_of_the_real_cities_are_those_found_before(geo):
    path = [expected_rho(weights.inverse_distance(geo), rho) for rho in (-0.2, 0.0, 0.3, 0.6)]
    assert np.round(path, 2).tolist() == [-0.63, -0.45, -0.18, 0.09]


@pytest.mark.parametrize("rho", [-0.9, -0.2, 0.0, 0.3, 0.8])
def test_an_expected_estimate_is_read_back_as_its_truth(w, rho):
    read = implied_rho(w, expected_rho(w, rho), 0.05)
    assert read.truth == pytest.approx(rho, abs=1e-6)
    assert read.lower < read.truth < read.upper


def test_the_map_rises_so_that_each_estimate_has_one_truth(w):
    path = [expected_rho(w, rho) for rho in np.linspace(-0.95, 0.95, 20)]
    assert (np.diff(path) > 0).all()


def test_signal_that_no_spatial_lag_of_x_absorbs_pulls_the_estimate_to_the_truth(w):
    none, some, much = (expected_rho(w, 0.3, signal) for signal in (0, 10, 1e4))
    assert none < some < much
    assert much == pytest.approx(0.3, abs=0.01)


def test_an_estimate_that_no_truth_leads_to_is_refused(geo):
    with pytest.raises(DomainError, match=r"no true rho leads to 0\.9"):
        implied_rho(weights.inverse_distance(geo), 0.9)
    with pytest.raises(DomainError, match="can be inverted"):
        expected_rho(weights.inverse_distance(geo), 1.5)


def test_year_effects_need_rows_that_sum_to_one(geo):
    with pytest.raises(NotRowStandardisedError):
        implied_rho(weights.inverse_distance(geo, standardise=False), 0.1)


def test_a_spatial_lag_model_needs_the_signal_of_its_regressors(w):
    rho = 0.3
    rngs = np.random.default_rng(11).spawn(80)
    panels = [drawn(w, rho, 0.0, 20, rng) for rng in rngs]
    spec = Specification("y", ["x"], model="sar", estimator="direct")
    found = [fit(panel, spec, w).params["rho"] for panel in panels]
    g = w.dense() @ np.linalg.inv(np.eye(w.n) - rho * w.dense())

    def signal(panel):
        """Mean square of what x explains of G x beyond itself; errors have variance one."""
        x = panel.values("x")
        own, explained = (v - v.mean(0) - v.mean(1, keepdims=True) + v.mean() for v in (x, x @ g.T))
        rest = explained - own * (own * explained).sum() / (own**2).sum()
        return (rest**2).sum() / len(x)

    strength = np.mean([signal(panel) for panel in panels])
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - expected_rho(w, rho, strength)) < 3 * error + 0.02
    without = abs(np.mean(found) - expected_rho(w, rho))
    assert without > abs(np.mean(found) - expected_rho(w, rho, strength)), "x tells of rho"


@pytest.mark.parametrize("years", [10, 20])
def test_few_years_and_a_lagged_outcome_leave_the_centre_near_the_limit(w, years):
    rho, tau = 0.2, 0.4
    found = []
    for rng in np.random.default_rng(years).spawn(80):
        x, noise = rng.standard_normal((2, years + 30, w.n))
        y = spatial_panel(w, x + noise + rng.standard_normal(w.n), rho, tau)[-years - 1 :]
        index = pd.MultiIndex.from_product([w.units, range(years + 1)], names=["city", "year"])
        values = {"y": y.T.ravel(), "x": x[-years - 1 :].T.ravel()}
        panel = Panel(pd.DataFrame(values, index=index), "drawn")
        spec = Specification("y", ["x"], time_lag=True, space_time_lag=True, estimator="direct")
        found.append(fit(panel, spec, w).params["rho"])
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    # Its order is one over the number of years: a few hundredths beside a bias of up to .5.
    assert abs(np.mean(found) - expected_rho(w, rho)) < 3 * error + 0.3 / years
