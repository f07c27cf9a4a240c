import json
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tasks
from hypothesis import given
from hypothesis import strategies as st

from analysis.book.sweep import SweepError, grid, key, sweep


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
    assert key(tasks.cube, specification) == key(tasks.cube, backwards)
    assert key(tasks.cube, specification) != key(tasks.cube, {**specification, "one more": 1})
    assert key(tasks.cube, specification) != key(tasks.cube, specification, "other code")


def test_two_functions_do_not_share_rows(tmp_path):
    for run, squares in ((tasks.cube, [0, 1, 8]), (tasks.deadly, [0, 1, 4])):
        assert list(sweep(run, plan(3), tmp_path, jobs=1)["square"]) == squares
    for exponent in (2, 3):
        table = sweep(partial(tasks.power, exponent), plan(3), tmp_path, jobs=1)
        assert list(table["power"]) == [x**exponent for x in range(3)]
    assert key(partial(tasks.power, 2), {}) != key(partial(tasks.power, exponent=2), {})
    assert key(tasks.wrapped, {}) != key(tasks.cube, {})


@pytest.mark.parametrize(
    "run",
    [
        lambda specification: {},
        partial(lambda specification: {}),
        type("Nameless", (), {"__call__": lambda self, specification: {}})(),
        Path("here").joinpath,
    ],
)
def test_a_function_without_a_name_of_its_own_is_refused(tmp_path, run):
    with pytest.raises(SweepError, match="cannot be imported by a name"):
        sweep(run, plan(1), tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_a_partial_of_what_cannot_be_told_apart_is_refused(tmp_path):
    with pytest.raises(SweepError, match="an argument of the partial is of type DataFrame"):
        sweep(partial(tasks.power, pd.DataFrame()), plan(1), tmp_path, jobs=1)


@pytest.mark.slow
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


GOOD = '["0123456789abcdef0123", [{"square": 1}], ""]\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,2\n", 1),
        ("5\n", 1),
        ("5", 1),
        ('"abc"\n', 1),
        ("[1, 2, 3]\n", 1),
        (GOOD + '["0123", {"square": 1}, ""]\n', 2),
        (GOOD + '["0123", [1], ""]\n' + GOOD, 2),
        (GOOD + GOOD[:-9] + "\n" + GOOD, 2),
        (GOOD + "\n", 2),
        (GOOD + "\udcff\n", 2),
    ],
)
def test_a_file_that_is_no_journal_is_named_and_left_alone(tmp_path, text, line):
    journal = tmp_path / "rows.jsonl"
    journal.write_text(text, errors="surrogateescape")
    before = journal.read_bytes()
    with pytest.raises(SweepError, match=rf"rows\.jsonl, line {line}: .*nothing was changed"):
        sweep(tasks.cube, plan(1), tmp_path, jobs=1)
    assert journal.read_bytes() == before
    assert list(tmp_path.iterdir()) == [journal]


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_wherever_the_last_line_was_cut_the_whole_ones_count(tmp_path, cut):
    (tmp_path / "rows.jsonl").write_text(GOOD + GOOD[:cut])
    sweep(tasks.cube, plan(1), tmp_path, jobs=1)
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert lines[0] + "\n" == GOOD
    assert [json.loads(line)[1] for line in lines[1:]] == [[{"square": 0}]]


SCRIPT = """
import sys, tasks
from analysis.book.sweep import sweep
sweep(tasks.slow, [{"x": x, "log": sys.argv[1]} for x in range(100)], sys.argv[2], jobs=2)
"""


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_dead_local_worker_costs_no_row(tmp_path):
    table = sweep(tasks.dies_once, plan(30, log=str(tmp_path / "m")), tmp_path / "out", jobs=2)
    assert list(table["square"]) == [x**2 for x in range(30)]
    assert (table["error"] == "").all()


@pytest.mark.slow
def test_a_specification_that_kills_its_worker_is_a_row_and_is_tried_again(tmp_path):
    table = sweep(tasks.deadly, plan(12), tmp_path, jobs=2)
    assert list(table.loc[table["error"] != "", "x"]) == [5]
    assert table["error"].str.startswith("WorkerLost").sum() == 1
    assert (tmp_path / "rows.jsonl").read_text().count("\n") == 11


@pytest.mark.slow
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


@pytest.mark.seconds
def test_an_address_without_a_scheduler_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.book.sweep._PATIENCE", 1)
    with pytest.raises(SweepError, match="no dask scheduler with a worker answers at tcp"):
        sweep(tasks.slow, plan(1), tmp_path, scheduler="tcp://127.0.0.1:1")


def test_two_sweeps_cannot_write_to_one_folder(tmp_path):
    specification = {"folder": str(tmp_path)}
    table = sweep(tasks.sweeps_into_its_own_folder, [specification], tmp_path, jobs=1)
    assert table["error"][0].startswith("SweepError: another sweep is writing")


@pytest.mark.parametrize(
    ("specifications", "says"),
    [
        ([], "no specification"),
        ([{"x": object()}], "x is of type object"),
        ([{"x": np.datetime64("2020-01-01")}], "x is of type datetime64"),
        ([{"x": 1.0}, {"x": float("inf")}], "x is inf"),
        ([{"x": [1.0, float("nan")]}], "x is nan"),
        ([{"error": 1}], "the table's own column"),
    ],
)
def test_a_specification_that_cannot_be_stored_is_named_before_anything_runs(
    tmp_path, specifications, says
):
    with pytest.raises(SweepError, match=says):
        sweep(tasks.two_rows, specifications, tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("run", "specification", "says"),
    [
        (tasks.two_rows, {"term": 1}, "share the name term"),
        (tasks.overwrites, {}, "the table's own column"),
        (tasks.no_row, {"result": None}, "the result holds None, no row"),
        (tasks.no_row, {"result": "ab"}, "the result holds 'a', no row"),
        (tasks.leaves, {}, "SystemExit: gone"),
    ],
)
def test_a_result_that_is_no_row_is_a_failure_with_its_reason(tmp_path, run, specification, says):
    table = sweep(run, [specification], tmp_path, jobs=1)
    assert says in table["error"][0]
