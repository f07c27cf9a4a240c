from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.audit import COLUMNS, audit_table, read_table
from analysis.cli import app
from analysis.errors import AuditTableError
from analysis.resources import data_path

EXAMPLE = data_path("examples", "printed_tables.csv")


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a CSV"),
        ("term,estimate\n", "no rows"),
        ("model,estimate\na,1\n", "'term' is needed"),
        ("term,estimat\nx,1\n", "did you mean 'estimate'"),
        ("term,estimate\nx,0.5***\n", "line 2, column estimate"),
        ("term,estimate\n,0.5\n", "line 2: no term"),
        ("term,estimate,std_error\nx,0.5,-0.1\n", "negative"),
        ("term,mean,std_dev,min,max,observations\nx,1,-1,0,2,9\n", "column std_dev: -1 is negat"),
        (f"term,estimate,std_error\nx,{'9' * 400},1\n", "not a plain decimal number"),
        (f"term,statistic,p,df\nx,5,0.05,{10**24}\n", "no number of degrees of freedom"),
        ("term,p\nx,1.5\n", "no probability"),
        ("term,estimate\nx,0.5,7\n", "line 2: 3 cells under 2 columns"),
        ("term,estimate\n\nx\n", "line 3: 1 cells under 2 columns"),
        ("term;estimate\nx;0.5\n", "separate the columns by commas"),
        ("term,statistic,p,df\nx,5,0.05,2.5\n", "no number of degrees of freedom"),
        ("term,mean,std_dev,min,max,observations\nx,1,1,0,2,\n", "column observations"),
        ("term,estimate,ci_low,ci_high\nx,1,0.5,\n", "both ci_low and ci_high"),
        ("term,estimate,ci_low,ci_high\nx,1,1.5,0.5\n", "above ci_high"),
        ("term,estimate\nx,0.5\nx,0.6\n", "line 3: x stands there twice"),
        ("term,estimate,horizon,effect\nx,0.5,medium,direct\n", "write short or long"),
        ("term,estimate,horizon,effect\nx,0.5,short,\n", "both horizon and effect"),
        ("term,mean,std_dev,min,max,observations\nx,1,1,0,2,many\n", "column observations"),
    ],
)
def test_a_bad_table_gets_a_named_error(tmp_path, text, message):
    with pytest.raises(AuditTableError, match=message):
        read_table(write(tmp_path, text))


def test_a_missing_file_is_named():
    with pytest.raises(AuditTableError, match="no such file"):
        read_table(Path("nowhere.csv"))


def test_a_folder_and_a_binary_file_are_named(tmp_path):
    with pytest.raises(AuditTableError, match="a folder"):
        read_table(tmp_path)
    picture = tmp_path / "table.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    with pytest.raises(AuditTableError, match="not a CSV"):
        read_table(picture)


def test_the_example_holds_the_known_contradictions():
    found = [f for f in audit_table(read_table(EXAMPLE), 34, 20) if f.contradicts]
    by_check = {f.check: f for f in found}
    assert by_check["spread"].certainty == "shown"
    rho = by_check["spatial parameter against effects"]
    assert {one.check for one in rho.witnesses} == {
        "short-run totals", "long-run totals", "indirect standard errors", "direct effects",
        "stability",
    }  # fmt: skip
    assert rho.values["rho"] == pytest.approx(-0.187, abs=5e-4)
    assert by_check["exchanged cells"].place == "Model 2, long run, TI and LnER"
    assert by_check["repeated row"].consequence == "slight"
    assert not set(by_check) & {"stars", "statistic against P", "observations", "turning point"}


def test_findings_of_most_consequence_come_first():
    weights = [f.weight for f in audit_table(read_table(EXAMPLE), 34, 20)]
    assert weights == sorted(weights)


def test_the_command_prints_findings_and_its_status_tells_of_grave_ones(tmp_path):
    result = CliRunner().invoke(app, ["audit", str(EXAMPLE), "--cities", "34", "--years", "20"])
    assert result.exit_code == 2
    assert "can be at most 0.115" in result.output
    fine = write(tmp_path, "term,estimate,std_error,stars\nx,0.50,0.10,***\n")
    result = CliRunner().invoke(app, ["audit", str(fine)])
    assert result.exit_code == 0
    assert "0 findings" in result.output


def test_the_command_lists_its_columns_and_names_bad_tables(tmp_path):
    listed = CliRunner().invoke(app, ["audit", "--columns"]).output
    assert all(name in listed for name in COLUMNS)
    result = CliRunner().invoke(app, ["audit", str(write(tmp_path, "term,estimate\nx,abc\n"))])
    assert result.exit_code == 1
    assert CliRunner().invoke(app, ["audit"]).exit_code == 1


def test_every_check_runs_only_where_its_columns_are_filled():
    only = pd.DataFrame({"term": ["x"], "estimate": ["0.5"]})
    assert audit_table(only.reindex(columns=list(COLUMNS), fill_value="")) == []
