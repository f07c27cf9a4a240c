"""The likelihood profile in the spatial parameter."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import SpecificationError
from analysis.papers.validation import CIGARETTES
from analysis.spatial import fit, profile


@pytest.mark.parametrize("estimator", ["direct", "transformation"])
@pytest.mark.parametrize("model", ["sdm", "sem"])
def test_its_maximum_is_the_estimate(cigarettes, model, estimator):
    panel, weights = cigarettes
    found = fit(panel, replace(CIGARETTES, model=model, estimator=estimator), weights)
    at = found.params["rho" if model == "sdm" else "lambda"]
    values = profile(found, [at - 1e-3, at, at + 1e-3])
    np.testing.assert_allclose(values.iloc[1], found.loglik, rtol=1e-14)
    assert values.iloc[1] > values.iloc[[0, 2]].max()


def test_at_zero_it_is_the_model_without_the_lag(cigarettes):
    panel, weights = cigarettes
    spec = replace(CIGARETTES, estimator="direct")
    without = fit(panel, replace(spec, model="slx"), weights)
    at_zero = profile(fit(panel, spec, weights), [0.0]).iloc[0]
    np.testing.assert_allclose(at_zero, without.loglik, rtol=1e-13)


def test_values_outside_the_interval_and_models_without_one_parameter_are_refused(cigarettes):
    panel, weights = cigarettes
    found = fit(panel, CIGARETTES, weights)
    with pytest.raises(SpecificationError, match=r"rho=1\.5: choose values inside"):
        profile(found, [0.2, 1.5])
    with pytest.raises(SpecificationError, match="one spatial parameter"):
        profile(fit(panel, replace(CIGARETTES, model="slx"), weights), [0.0])
