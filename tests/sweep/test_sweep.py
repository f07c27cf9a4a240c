import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import tasks
from hypothesis import given
from hypothesis import strategies as st

from analysis.sweep import SweepError, grid, key, sweep


def plan(count, **more):
    return [{"x": x, **more} for x in range(count)]


def test_a_grid_has_every_combination_and_no_empty_choice():
    rows = grid({"a": [1, 2], "b": ["u", "v", "w"], "c": 0})
    assert len(rows) == 6
    assert len({tuple(row.items()) for row in rows}) == 6
    with pytest.raises(SweepError, match="no value for a"):
        grid({"a": []})


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.booleans() | st.text(max_size=5)))
def test_the_key_does_not_depend_on_the_order_of_names(specification):
    backwards = dict(reversed(specification.items()))
    assert key(specification) == key(backwards)
    assert key(specification) != key({**specification, "one more": 1})
    assert key(specification) != key(specification, "other code")


def test_one_worker_two_workers_and_a_cluster_write_the_same_bytes(tmp_path, cluster):
    ways = {"one": {"jobs": 1}, "two": {"jobs": 2}, "many": {"scheduler": cluster}}
    for name, way in ways.items():
        sweep(tasks.numbers, plan(40), tmp_path / name, **way)
    for file in ("results.csv", "results.parquet"):
        contents = {(tmp_path / name / file).read_bytes() for name in ways}
        assert len(contents) == 1


def test_failures_are_rows_with_their_error(tmp_path):
    table = sweep(tasks.numbers, plan(20), tmp_path, jobs=1)
    failed = table[table["error"] != ""]
    assert list(failed["x"]) == [3, 13]
    assert list(failed["error"]) == [f"ValueError: x = {x} is not liked" for x in (3, 13)]
    assert failed["trace"].isna().all()
    assert table["trace"].notna().sum() == 18


def test_both_files_hold_the_same_table(tmp_path):
    mixed = [{"x": 1, "drop": [2020, 2021]}, {"x": "one", "drop": []}]
    sweep(tasks.two_rows, mixed, tmp_path, jobs=1)
    parquet = pd.read_parquet(tmp_path / "results.parquet")
    csv = pd.read_csv(tmp_path / "results.csv", keep_default_na=False, na_values={"estimate": ""})
    pd.testing.assert_frame_equal(parquet, csv, check_dtype=False)
    assert list(parquet["term"]) == ["a", "b", "a", "b"]
    assert list(parquet["drop"]) == ["[2020, 2021]", "[2020, 2021]", "[]", "[]"]


def test_a_second_call_runs_only_what_is_new(tmp_path):
    log = str(tmp_path / "log")
    sweep(tasks.slow, plan(5, log=log), tmp_path / "out", jobs=1)
    table = sweep(tasks.slow, plan(8, log=log), tmp_path / "out", jobs=1)
    assert Path(log).read_text().split() == [str(x) for x in range(8)]
    assert list(table["square"]) == [x**2 for x in range(8)]
    sweep(tasks.slow, plan(1, log=log), tmp_path / "out", jobs=1, fingerprint="other code")
    assert Path(log).read_text().split()[-1] == "0"


def test_what_failed_is_run_again_when_asked_and_only_that(tmp_path):
    log, mended = str(tmp_path / "log"), tmp_path / "mended"
    asked = plan(6, log=log, mended=str(mended))
    first = sweep(tasks.fails_until_mended, asked, tmp_path / "out", jobs=1)
    assert list(first.loc[first["error"] != "", "x"]) == [2, 5]
    mended.touch()
    again = sweep(tasks.fails_until_mended, asked, tmp_path / "out", jobs=1)
    pd.testing.assert_frame_equal(first, again)
    whole = sweep(tasks.fails_until_mended, asked, tmp_path / "out", jobs=1, retry=True)
    assert list(whole["square"]) == [x**2 for x in range(6)]
    assert (whole["error"] == "").all()
    assert Path(log).read_text().split() == [*"012345", *"25"]
    after = sweep(tasks.fails_until_mended, asked, tmp_path / "out", jobs=1)
    pd.testing.assert_frame_equal(whole, after)


def test_a_cut_last_line_of_the_journal_is_run_again(tmp_path):
    log = str(tmp_path / "log")
    first = sweep(tasks.slow, plan(5, log=log), tmp_path / "out", jobs=1)
    journal = tmp_path / "out" / "rows.jsonl"
    journal.write_text(journal.read_text()[:-9])
    again = sweep(tasks.slow, plan(5, log=log), tmp_path / "out", jobs=1)
    pd.testing.assert_frame_equal(first, again)
    assert len(Path(log).read_text().split()) == 6
    assert all(json.loads(line) for line in journal.read_text().splitlines())


SCRIPT = """
import sys, tasks
from analysis.sweep import sweep
sweep(tasks.slow, [{"x": x, "log": sys.argv[1]} for x in range(100)], sys.argv[2], jobs=2)
"""


def test_a_killed_sweep_goes_on_without_losing_or_repeating_work(tmp_path):
    log, out = tmp_path / "log", tmp_path / "out"
    command = [sys.executable, "-c", SCRIPT, str(log), str(out)]
    process = subprocess.Popen(command, cwd=Path(__file__).parent)
    journal = out / "rows.jsonl"
    while not journal.exists() or journal.read_text().count("\n") < 30:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (out / "results.csv").exists()
    kept = [json.loads(line) for line in journal.read_text().splitlines(keepends=True)[:-1]]
    time.sleep(0.3)  # what the orphaned workers had in hand
    subprocess.run(command, cwd=Path(__file__).parent, check=True)
    table = pd.read_parquet(out / "results.parquet")
    assert list(table["square"]) == [x**2 for x in range(100)]
    ran = log.read_text().split()
    assert set(ran) == {str(x) for x in range(100)}
    kept = {str(round(rows[0]["square"] ** 0.5)) for _, rows, _ in kept}
    assert len(kept) >= 29
    assert {x for x, times in Counter(ran).items() if times > 1}.isdisjoint(kept)


def test_a_dead_local_worker_costs_no_row(tmp_path):
    table = sweep(tasks.dies_once, plan(30, log=str(tmp_path / "m")), tmp_path / "out", jobs=2)
    assert list(table["square"]) == [x**2 for x in range(30)]
    assert (table["error"] == "").all()


def test_a_specification_that_kills_its_worker_is_a_row_and_is_tried_again(tmp_path):
    table = sweep(tasks.deadly, plan(12), tmp_path, jobs=2)
    assert list(table.loc[table["error"] != "", "x"]) == [5]
    assert table["error"].str.startswith("WorkerLost").sum() == 1
    assert (tmp_path / "rows.jsonl").read_text().count("\n") == 11


def test_a_worker_killed_half_way_costs_a_cluster_no_row(tmp_path, cluster, workers):
    log = str(tmp_path / "log")
    killed = []

    def progress(done, total, failed):
        if done >= 40 and not killed:
            killed.append(workers.kill_one())

    table = sweep(
        tasks.slow, plan(100, log=log), tmp_path / "out", scheduler=cluster, progress=progress
    )
    assert killed
    assert list(table["square"]) == [x**2 for x in range(100)]
    assert (table["error"] == "").all()


def test_an_address_without_a_scheduler_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.sweep._PATIENCE", 1)
    with pytest.raises(SweepError, match="no dask scheduler with a worker answers at tcp"):
        sweep(tasks.slow, plan(1), tmp_path, scheduler="tcp://127.0.0.1:1")


def test_two_sweeps_cannot_write_to_one_folder(tmp_path):
    def run(specification):
        with pytest.raises(SweepError, match="another sweep is writing"):
            sweep(tasks.two_rows, plan(1), tmp_path, jobs=1)
        return {}

    table = sweep(run, plan(1), tmp_path, jobs=1)
    assert list(table["error"]) == [""]


def test_values_that_cannot_be_stored_are_named(tmp_path):
    with pytest.raises(SweepError, match="x is of type object"):
        sweep(tasks.two_rows, [{"x": object()}], tmp_path, jobs=1)
    with pytest.raises(SweepError, match="no specification"):
        sweep(tasks.two_rows, [], tmp_path, jobs=1)
    with pytest.raises(SweepError, match="share the name term"):
        sweep(tasks.two_rows, [{"term": 1}], tmp_path, jobs=1)
