import numpy as np
import pandas as pd
import pytest

from analysis.spatial import Specification, fit
from analysis.study import find_study
from analysis.study.curve.choices import defaults, sample
from analysis.study.curve.null import curve_of, joint_test, null_fit, null_outcome, shares

STUDY = find_study("cigarettes")


class SameCities:
    """A generator that draws every city once, in order."""

    def integers(self, n, size):
        return np.arange(size)


@pytest.fixture(scope="module", params=["static", "dynamic"])
def restricted(request):
    part = sample(STUDY, defaults(STUDY))
    lags = request.param == "dynamic"
    spec = Specification("logc", ["logy"], time_lag=lags, space_time_lag=lags)
    return fit(part.panel, spec, part.weights)


def test_the_outcome_is_rebuilt_from_its_own_residuals(restricted):
    t, n = len(restricted.periods), restricted.panel.n_units
    residuals = restricted.resids.to_numpy()
    swelled = residuals * np.sqrt(t * n / ((t - 1) * (n - 1)))
    made = null_outcome(restricted, SameCities())
    observed = restricted.panel.frame["logc"]
    if t == restricted.panel.n_periods:
        solve = np.linalg.inv(np.eye(n) - restricted.params["rho"] * restricted.weights.dense())
        gap = ((swelled - residuals).reshape(n, t).T @ solve.T).T.ravel()
        np.testing.assert_allclose(made.to_numpy(), observed.to_numpy() + gap, atol=1e-9)
    first = restricted.panel.periods[0]
    if t < restricted.panel.n_periods:
        starts = made.xs(first, level="year"), observed.xs(first, level="year")
        pd.testing.assert_series_equal(*starts, check_names=False)


def test_drawn_shocks_have_the_estimated_variance(restricted):
    t, n = len(restricted.periods), restricted.panel.n_units
    squares = (restricted.resids.to_numpy() ** 2).sum() / ((t - 1) * (n - 1))
    assert squares == pytest.approx(restricted.sigma2, rel=0.1)


def test_under_the_null_the_curve_is_centred_on_no_effect():
    result = null_fit(STUDY)
    draws = [
        shares(
            curve_of(STUDY, [defaults(STUDY)], null_outcome(result, np.random.default_rng([3, i])))
        )
        for i in range(40)
    ]
    medians = pd.concat(draws).query("quantity == 'coefficient'")["median"]
    clustered = curve_of(STUDY, [{**defaults(STUDY), "std_errors": "cluster"}])
    observed = clustered.set_index("quantity").loc["coefficient"]
    # Residuals of a city hang together over the years: the spread is that of clustered errors.
    assert abs(medians.mean()) < 3.5 * medians.std() / np.sqrt(len(medians))
    assert medians.std() == pytest.approx(observed["std_error"], rel=0.5)


def test_the_joint_p_value_counts_the_draws_that_reach_the_observed():
    columns = {"term": "x", "quantity": "coefficient"}
    observed = pd.DataFrame(
        [{**columns, "median": -2.0, "significant_same_sign": 0.5, "mean_z": -1.0}]
    )
    null = pd.DataFrame(
        [
            {**columns, "median": m, "significant_same_sign": s, "mean_z": z, "draw": i}
            for i, (m, s, z) in enumerate([(1, 0.1, 0.2), (3, 0.5, -3), (-2, 0.6, 1), (0, 0, 0)])
        ]
    )
    p = joint_test(observed, null).set_index("statistic")["p_value"]
    assert p.to_dict() == {"median": 3 / 5, "significant_same_sign": 3 / 5, "mean_z": 3 / 5}


def test_a_failing_specification_is_left_out_of_a_curve():
    impossible = {**defaults(STUDY), "years": "1963-1964", "dynamics": "dynamic"}
    curve = curve_of(STUDY, [defaults(STUDY), impossible])
    assert set(curve["position"]) == {0}
