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
    for name in ("tab-bias-rho", "tab-curve-ne34-choices"):
        path = record.RECORD / f"{name}.csv"
        if path.is_file():
            shutil.copy2(path, tmp_path)
    (path,) = tmp_path.glob("tab-bias-rho.csv")
    frame = pd.read_csv(path, dtype=str)
    frame.iloc[3, -1] = "17"
    frame.to_csv(path, index=False)
    found = compared(tmp_path, record.RECORD).set_index("table")["verdict"]
    assert found["tab-bias-rho"].startswith("1 different: row 5, column")
    assert "'17'" in found["tab-bias-rho"]
    others = found.drop(list(record.tables(tmp_path)))
    assert others.str.endswith("only in the record").all()


def test_a_folder_without_tables_is_told_to_be_built_first(tmp_path):
    with pytest.raises(BuildError, match="holds no tables to compare with: build it first"):
        replicate(tmp_path, tmp_path / "report")
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_study_made_again_in_a_fresh_environment_equals_its_last_build(study_folder, tmp_path):
    build(study_folder)
    done = replicate(study_folder, tmp_path / "report")
    assert done.equal, done.tables[done.tables["verdict"] != "equal"]
    html, word = done.report
    text = html.read_text(encoding="utf-8")
    for said in (f"All {len(done.tables)} tables equal", "make setup", "panel.csv", "not declared",
                 "peak memory", "numpy"):  # fmt: skip
        assert said in text
    assert word.read_bytes()[:2] == b"PK"
    kept = record.tables(study_folder / "_build" / "html" / "_results")
    (study_folder / "record").mkdir()
    for path in kept.values():
        shutil.copy2(path, study_folder / "record")
    changed = next(path for path in kept.values() if "0." in path.read_text())
    record_of = study_folder / "record" / changed.name
    record_of.write_text(record_of.read_text().replace("0.", "7.", 1))
    asked = ["replicate", str(study_folder), "--output", str(tmp_path / "second")]
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code == 1, ended.output
    assert f"{changed.stem}: 1 different" in ended.output


@pytest.fixture
def study_folder(tmp_path):
    from analysis.study.skeleton import new
    from tests_support import noise_panel

    panel, _ = noise_panel(3)
    frame = panel.frame.reset_index()
    unit, period, outcome, explanatory = frame.columns[:4]
    frame.to_csv(tmp_path / "panel.csv", index=False)
    units = frame[unit].unique()
    places = pd.DataFrame({unit: units, "lon": range(10, 10 + len(units)), "lat": 50.0})
    places["lat"] += places["lon"] % 4
    places.to_csv(tmp_path / "places.csv", index=False)
    new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", outcome, explanatory)
    return tmp_path / "made"
