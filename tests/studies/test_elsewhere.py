"""Numbers of other software, read into the shape of a fit, and the states they are about."""

import math
import shutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis.book import ledger
from analysis.errors import StudyError
from analysis.papers import elsewhere, validation
from analysis.resources import data_path


@pytest.fixture(scope="module")
def cigarettes():
    return validation.cigarettes()


@pytest.fixture(scope="module")
def public_capital():
    return validation.public_capital()


def _named_contiguity(weights):
    names = validation.states(weights)["abbreviation"]
    return pd.DataFrame(weights.dense() > 0, index=names.array, columns=names.array)


def test_the_states_have_their_names(cigarettes, public_capital):
    # Two matrices of different origin must say the same of the states that both have.
    first, second = (_named_contiguity(weights) for _, weights in (cigarettes, public_capital))
    common = first.index.intersection(second.index)
    assert len(common) == 45
    pd.testing.assert_frame_equal(first.loc[common, common], second.loc[common, common])


def test_every_state_lies_in_its_country(cigarettes, public_capital):
    for _, weights in (cigarettes, public_capital):
        points = validation.states(weights)
        assert points["lon"].between(-125, -66).all()
        assert points["lat"].between(24, 50).all()
        assert points["abbreviation"].is_unique


@pytest.mark.parametrize(
    "software", [elsewhere.SECOND, elsewhere.SPREG, elsewhere.SPLM, elsewhere.ELHORST]
)
def test_all_packages_name_the_same_static_terms(software):
    recorded = elsewhere.estimates(software, "cigar")
    static = ["logp", "logy", "W.logp", "W.logy", "rho", "sigma2"]
    assert list(recorded.params.index) == static
    assert list(recorded.std_errors.index) == static


@pytest.mark.parametrize("data", ["cigar", "produc"])
def test_dynamic_models_name_the_same_terms_and_effects(data):
    ours, theirs = (
        elsewhere.estimates(software, data, estimator="transformation", dynamic=True)
        for software in (elsewhere.SECOND, elsewhere.SDPDMOD)
    )
    assert list(ours.params.index) == list(theirs.params.index)
    for horizon in ("short", "long"):
        assert ours.effects[horizon].index.equals(theirs.effects[horizon].index)


def test_effects_of_splm_follow_from_its_coefficients(public_capital):
    _, weights = public_capital
    recorded = elsewhere.estimates(elsewhere.SPLM, "produc", "sar")
    rho, slopes = recorded.params["rho"], recorded.params[:"unemp"]
    inverse = np.linalg.inv(np.eye(weights.n) - rho * weights.dense())
    found = recorded.effects["short"]["estimate"]
    np.testing.assert_allclose(found["total"], slopes / (1 - rho), rtol=1e-6)
    np.testing.assert_allclose(found["direct"], slopes * inverse.diagonal().mean(), rtol=1e-6)


def test_standard_errors_are_what_the_t_values_say():
    recorded = elsewhere.estimates(elsewhere.ELHORST, "cigar")
    assert recorded.params["rho"] / recorded.std_errors["rho"] == pytest.approx(6.999748)


@pytest.mark.parametrize(
    "asked",
    [
        (elsewhere.SECOND, "cigar", "sac"),
        (elsewhere.SECOND, "cigar", "sdm", "two-way", "moments"),
        (elsewhere.SECOND, "cigar", "sdm", "time", "direct", True),
        (elsewhere.SPLM, "produc", "sdm"),
        (elsewhere.ELHORST, "cigar", "sem"),
        (elsewhere.PLM, "grunfeld", "between", None, None),
    ],
)
def test_what_was_not_recorded_is_named_with_what_was(asked):
    with pytest.raises(StudyError, match="there are"):
        elsewhere.estimates(*asked)


def test_the_tidy_tables_are_what_their_script_makes_of_the_files(tmp_path):
    reference = data_path("reference")
    shutil.copytree(reference, tmp_path / "reference")
    script = tmp_path / "reference" / "tidy.py"
    subprocess.run([sys.executable, script], check=True)
    for name in ("estimates.csv", "moran.csv", "frontier_cases.csv", "frontier_solutions.csv"):
        assert script.with_name(name).read_bytes() == (reference / name).read_bytes()


@dataclass
class Numbers:
    params: pd.Series
    std_errors: pd.Series
    loglik: float


def test_agreement_counts_the_fewest_digits_of_each_kind():
    terms = ["x", "W.x", "rho", "sigma2"]
    errors = pd.Series([0.1, 0.1, 0.1, np.nan], terms)
    ours = Numbers(pd.Series([1.0, 2.0, 0.5, 0.1], terms), errors, -10.0)
    theirs = Numbers(pd.Series([1.001, 2.0, 0.5 + 5e-6, 0.2], terms), errors * 1.01, math.nan)
    digits = ledger.agreement(ours, theirs)
    assert digits["slopes"] == pytest.approx(3, abs=0.01)
    assert digits["spatial"] == pytest.approx(5, abs=0.01)
    assert digits["sigma2"] == pytest.approx(0.3, abs=0.01)
    assert digits["std_errors"] == pytest.approx(2, abs=0.01)
    assert math.isnan(digits["loglik"])
    assert digits["gap"] == pytest.approx(0.01)
    same = ledger.agreement(ours, ours)
    assert same.pop("gap") == 0
    assert (same > 15).all()
