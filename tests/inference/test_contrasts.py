"""Sums and differences of estimates, tests between nested fits, and the band of a curve."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import MissingColumnError, SpecificationError
from analysis.inference.contrasts import apart, contrast, likelihood_ratio
from analysis.inference.turning_point import curve
from analysis.papers.ne34 import study as ne34
from analysis.spatial import fit
from analysis.study import open_study


@pytest.fixture(scope="module")
def sample():
    return open_study(ne34.STUDY)


@pytest.fixture(scope="module")
def dynamic(sample):
    return fit(sample.panel, ne34.DYNAMIC, sample.weights)


def test_a_contrast_of_zero_is_the_wald_test(dynamic):
    gap = contrast(dynamic.params, dynamic.cov, {"Coagg": 1, "GOV": -1})
    wald = dynamic.wald(lambda p: p["Coagg"] - p["GOV"])
    assert gap.p_value == pytest.approx(float(wald.p_value), rel=1e-9)


def test_a_contrast_names_the_term_that_is_missing(dynamic):
    with pytest.raises(MissingColumnError, match="Coag"):
        contrast(dynamic.params, dynamic.cov, {"Coag": 1})


def test_independent_estimates_are_apart_by_the_root_of_both_variances():
    difference = apart((3.0, 3.0), (1.0, 4.0))
    assert tuple(difference) == (2.0, 5.0)


def test_the_likelihood_ratio_counts_the_restrictions(sample, dynamic):
    controls = tuple(x for x in ne34.DYNAMIC.regressors if x != "Coagg^2")
    straight = fit(sample.panel, replace(ne34.DYNAMIC, regressors=controls), sample.weights)
    test = likelihood_ratio(dynamic, straight)
    assert test.df == 2
    assert test.statistic == pytest.approx(2 * (dynamic.loglik - straight.loglik))
    with pytest.raises(SpecificationError, match="not nested"):
        likelihood_ratio(straight, dynamic)


def test_the_band_of_a_curve_is_that_of_its_height(dynamic):
    band = curve(dynamic.params, dynamic.cov, "Coagg", "Coagg^2", [0.0, 2.0])
    height = contrast(dynamic.params, dynamic.cov, {"Coagg": 2.0, "Coagg^2": 4.0})
    assert band.loc[2.0, "estimate"] == pytest.approx(height.estimate)
    half = 1.959963984540054 * height.std_error
    np.testing.assert_allclose(band.loc[2.0, "high"] - height.estimate, half)
    np.testing.assert_allclose(band.loc[0.0], 0.0, atol=1e-12)
