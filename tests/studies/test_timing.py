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
    dense = fits["weights"] == "dense 1/d"  # of a sparse W next to nothing depends on it alone
    assert (own["first"] > own["seconds"])[dense].all()
    assert own["prepare"].notna().all()
    assert (fits["first"] >= fits["seconds"])[dense].all()


def test_ratios_are_within_one_run_and_the_quickest_first_fit_stands_first(fits):
    table = timing.peers(fits, 283)
    ratio = table[["first fit, times this package", "further fit, times this package"]]
    assert (ratio.xs(timing.OURS, level="implementation") == 1).all(axis=None)
    measured = ratio[table["how"] == "measured"]
    assert ratio.drop(measured.index).isna().all(axis=None), "another machine has no ratio"
    for _, rows in measured["first fit, times this package"].groupby(level="job"):
        assert rows.is_monotonic_increasing


def test_losses_are_told_with_their_size(fits):
    one = (
        fits["implementation"].eq("plain numpy") & fits["n"].eq(1000) & fits["job"].eq("static SDM")
    )
    quick = fits.assign(
        first=fits["first"].mask(one, 1e-4), seconds=fits["seconds"].mask(one, 1e-4)
    )
    lost = timing.losses(quick).loc[[("1,000 cities", "static SDM, first fit")]]
    assert "plain numpy" in set(lost["peer"])
    assert (timing.losses(quick)["peer, times this package"] < 1).all()
    slow = fits.assign(
        **{
            c: fits[c].where(fits["implementation"] == timing.OURS, 1e3)
            for c in ("first", "seconds")
        }
    )
    assert timing.losses(slow).empty


def test_foreign_machines_are_told_apart(fits):
    assert set(fits.loc[~fits["measured"], "implementation"]) == {"R splm", "R SDPDmod"}
