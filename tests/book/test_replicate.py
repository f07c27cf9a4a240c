"""A book is made again from nothing, and the report says of every table whether it is the same."""

import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.book import record
from analysis.book.build import BuildError, build
from analysis.book.replicate import compared, replicate
from analysis.cli import app


def test_a_table_that_differs_is_named_with_its_first_cell(tmp_path):
    text = (record.RECORD / "tab-bias-rho.csv").read_text()
    first = next(line for line in text.splitlines()[1:])
    changed = first.rpartition(",")[0] + ",17"
    (tmp_path / "tab-bias-rho.csv").write_text(text.replace(first, changed, 1))
    found = compared(tmp_path, record.RECORD).set_index("table")["verdict"]
    assert found["tab-bias-rho"].startswith("1 different: row 2, column")
    assert "'17'" in found["tab-bias-rho"]
    assert found.drop("tab-bias-rho").str.endswith("only in the record").all()


def test_a_folder_without_tables_is_told_to_be_built_first(tmp_path):
    with pytest.raises(BuildError, match="holds no tables to compare with: build it first"):
        replicate(tmp_path, tmp_path / "report")
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_study_made_again_tells_the_one_number_that_was_changed_in_its_record(study, tmp_path):
    build(study)
    kept = record.tables(study / "_build" / "html" / "_results")
    (study / "record").mkdir()
    for path in kept.values():
        shutil.copy2(path, study / "record")
    changed = next(study.joinpath("record", p.name) for p in kept.values() if "0." in p.read_text())
    changed.write_text(changed.read_text().replace("0.", "7.", 1))
    asked = ["replicate", str(study), "--output", str(tmp_path / "report")]
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code == 1, ended.output
    assert f"{changed.stem}: 1 different" in ended.output
    assert ended.output.count("different") == 1
    text = (tmp_path / "report" / "replication.html").read_text(encoding="utf-8")
    for said in (f"1 of {len(kept)} tables differ", "make setup", "panel.csv", "not declared",
                 "peak memory", "numpy"):  # fmt: skip
        assert said in text
    assert (tmp_path / "report" / "replication.docx").read_bytes()[:2] == b"PK"


@pytest.fixture
def study(tmp_path):
    from tests_support import noise_panel

    from analysis.study.skeleton import new

    panel, _ = noise_panel(3)
    frame = panel.frame.reset_index()
    unit, _, outcome, explanatory = frame.columns[:4]
    frame.to_csv(tmp_path / "panel.csv", index=False)
    units = frame[unit].unique()
    places = pd.DataFrame({unit: units, "lon": range(10, 10 + len(units)), "lat": 50.0})
    places["lat"] += places["lon"] % 4
    places.to_csv(tmp_path / "places.csv", index=False)
    new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", outcome, explanatory)
    return tmp_path / "made"
