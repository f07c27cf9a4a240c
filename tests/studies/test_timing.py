"""The record of times, laid out."""

import pandas as pd
import pytest

from analysis.papers import timing
from analysis.resources import data_path


@pytest.fixture(scope="module")
def fits():
    return timing.fits(pd.read_csv(data_path("benchmarks", "spatial.csv")))


def test_a_first_fit_pays_for_what_depends_on_w_alone(fits):
    own = fits[fits["implementation"] == timing.OURS]
    assert (own["first"] > own["seconds"]).all()
    assert (fits["first"] >= fits["seconds"]).all()


def test_ratios_are_of_first_fits_and_the_quickest_stands_first(fits):
    table = timing.peers(fits, 283)
    ratio = table["first, times this package"]
    assert (ratio.xs(timing.OURS, level="implementation") == 1).all()
    for _, rows in ratio.groupby(level="job"):
        assert rows.is_monotonic_increasing


def test_foreign_machines_are_told_apart(fits):
    assert set(fits.loc[~fits["measured"], "implementation"]) == {"R splm", "R SDPDmod"}
