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


def test_ratios_are_within_one_run_and_the_quickest_first_fit_stands_first(fits):
    table = timing.peers(fits, 283)
    ratio = table[["first, times this package", "further, times this package"]]
    assert (ratio.xs(timing.OURS, level="implementation") == 1).all(axis=None)
    measured = ratio[table["how"] == "measured"]
    assert ratio.drop(measured.index).isna().all(axis=None), "another machine has no ratio"
    for _, rows in measured["first, times this package"].groupby(level="job"):
        assert rows.is_monotonic_increasing


def test_losses_are_told_with_their_size(fits):
    one = (
        fits["implementation"].eq("plain numpy") & fits["n"].eq(1000) & fits["job"].eq("static SDM")
    )
    quick = fits.assign(
        first=fits["first"].mask(one, 1e-4), seconds=fits["seconds"].mask(one, 1e-4)
    )
    assert "plain numpy with 1,000 cities (0.00 to 0.02 times as long)" in timing.losses(quick)
    slow = fits.assign(
        **{
            c: fits[c].where(fits["implementation"] == timing.OURS, 1e3)
            for c in ("first", "seconds")
        }
    )
    assert timing.losses(slow) == "nowhere"


def test_foreign_machines_are_told_apart(fits):
    assert set(fits.loc[~fits["measured"], "implementation"]) == {"R splm", "R SDPDmod"}
