"""Every table of the built book holds the numbers of the record."""

import re
import sys

import pandas as pd
import pytest

from analysis.book import record
from analysis.book.provenance import file_digest


@pytest.mark.book
@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11),
    reason="for other Pythons the lock has another numpy and spreg: their names and last digits",
)
def test_the_built_book_has_the_numbers_of_the_record():
    found = record.differences()
    assert not found, "\n".join(found[:40])


@pytest.mark.book
def test_no_file_of_the_built_book_holds_markup():
    marked = {
        path.name: line
        for path in record.BUILT.glob("*.csv")
        for line in path.read_text().splitlines()
        if re.search(r"\\[!-/:-@\[-`{-~]|\$[^$]+\$|\{[a-z:-]+\}`|\]\{\.", line)
    }
    assert not marked


def test_the_record_is_what_its_hashes_say():
    kept = pd.read_csv(record.RECORD / record.HASHES, index_col="table")["sha256"]
    assert {
        label: file_digest(path, 64) for label, path in record.tables(record.RECORD).items()
    } == (kept.to_dict())


@pytest.fixture
def two(tmp_path):
    built, kept = tmp_path / "built", tmp_path / "kept"
    built.mkdir()
    (built / "tab-a.csv").write_text("term,b\nx,0.25\n")
    record.keep(built, kept)
    return built, kept


def test_a_changed_number_and_a_lost_or_new_table_are_told(two):
    built, kept = two
    assert record.differences(built, kept) == []
    (built / "tab-a.csv").write_text("term,b\nx,0.2500001\n")
    assert record.differences(built, kept) == [
        "tab-a: row 2, column 2: '0.2500001', '0.25' in the record"
    ]
    (built / "tab-a.csv").rename(built / "tab-b.csv")
    assert record.differences(built, kept) == [
        "tab-b: not in the record",
        "tab-a: only in the record",
    ]


def test_digits_in_which_machines_differ_do_not_count(two):
    built, kept = two
    (built / "tab-a.csv").write_text("term,b\nx,0.25000000000001\n")
    assert record.differences(built, kept) == []
