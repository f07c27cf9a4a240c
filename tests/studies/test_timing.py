"""The record of times, laid out, and the bench that makes it."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from analysis.papers import timing
from analysis.resources import ROOT, data_path


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


def in_r(fits):
    return fits["implementation"].str.startswith("R ")


def test_foreign_machines_are_told_apart(fits):
    here, foreign = (
        set(fits.loc[in_r(fits) & (fits["measured"] == m), "implementation"]) for m in (True, False)
    )
    assert here | foreign == {"R splm", "R SDPDmod"}
    assert not here & foreign, "what was measured needs no record from elsewhere"
    assert (fits["measured"] | in_r(fits)).all()


@pytest.mark.parametrize("how", ["measured, in R", "recorded elsewhere, on another machine"])
def test_peers_in_r_have_ratios_where_they_were_measured(how):
    record = pd.read_csv(data_path("benchmarks", "spatial.csv"))
    fits = timing.fits(record.assign(how=record["how"].mask(in_r(record), how)))
    assert fits.loc[in_r(fits), "measured"].eq(how.startswith("measured")).all()
    rows = timing.peers(fits, 283)
    rows = rows[rows.index.get_level_values("implementation").str.startswith("R ")]
    assert len(rows) >= 2
    for step in ("first fit", "further fit"):
        assert rows[f"{step}, times this package"].notna().eq(how.startswith("measured")).all()


def test_versions_of_r_are_told_where_it_ran(monkeypatch, tmp_path):
    about = json.loads(data_path("benchmarks", "spatial.json").read_text())
    made_up = about | {"R": {"R": "4.9.1", "splm": "1.9.9"}}
    for name, content in (("with", made_up), ("without", {k: about[k] for k in about if k != "R"})):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        (tmp_path / f"{name}.csv").write_text("job\n")
    monkeypatch.setattr(timing, "data_path", lambda _, name: tmp_path / name)
    assert timing.recorded("with")[1].endswith("; R 4.9.1, splm 1.9.9")
    assert "splm" not in timing.recorded("without")[1]


@pytest.mark.seconds
def test_the_bench_knows_its_jobs():
    command = [sys.executable, "bench/run.py", "no job of this name"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Ratios within one run" in ran.stdout


def test_the_record_of_the_build_has_all_steps():
    record, about = timing.recorded("build")
    assert list(record["command"]) == [
        f"make {x}" for x in ("setup", "book", "book", "check", "test")
    ]
    assert (record["seconds"] > 0).all()
    assert "cores" in about
