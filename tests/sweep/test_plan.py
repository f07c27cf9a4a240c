import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import AnalysisError, ParameterError
from analysis.study import find_study
from analysis.study.curve import estimate
from analysis.study.curve.choices import full_grid, offers
from analysis.study.curve.plan import read


def test_what_is_not_named_keeps_its_default():
    plan = read("cigarettes", {"weights": "contiguity,second-order", "tail": "0,1,2.5"})
    assert len(plan.specifications) == 6
    assert {row["tail"] for row in plan.specifications} == {0.0, 1.0, 2.5}
    for row in plan.specifications:
        assert row.keys() == offers(find_study("cigarettes")).keys()
        assert row["model"] == "sdm"


def test_one_specification_written_twice_is_one():
    plan = read("cigarettes", {"years": "1963-1977,1963:1977", "tail": "0,0.0"})
    assert [row["years"] for row in plan.specifications] == ["1963-1977"]


def test_a_star_takes_every_value_and_all_stars_the_full_grid():
    study = find_study("cigarettes")
    plan = read("cigarettes", dict.fromkeys(offers(study), "*"))
    assert plan.specifications == full_grid(study)
    assert len(plan.specifications) == len({tuple(row.items()) for row in plan.specifications})


@pytest.mark.parametrize(
    ("source", "values", "says"),
    [
        ("cigarets", {}, "did you mean 'cigarettes'"),
        ("cigarettes", {"wieghts": "*"}, "did you mean 'weights'"),
        ("cigarettes", {"weights": "contigity"}, "did you mean 'contiguity'"),
        ("cigarettes", {"tail": "0,40"}, "a number from 0 to 10"),
        ("cigarettes", {"years": "1950-1992"}, "from 1963 to 1992"),
        ("nowhere.yaml", {}, "no file"),
    ],
)
def test_a_wrong_name_or_value_is_refused_before_anything_runs(source, values, says):
    with pytest.raises(ParameterError, match=says):
        read(source, values)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("study: cigarettes", "give a `grid:`"),
        ("grid: {tail: [0]}", "name either"),
        ("study: cigarettes\nrun: a:b\ngrid: {tail: [0]}", "name either"),
        ("study: cigarettes\ngird: {tail: [0]}", "did you mean 'grid'"),
        ("study: cigarettes\ngrid: [1]", "written as name: value"),
        ("study: cigarettes\ngrid: {tale: [0]}", "did you mean 'tail'"),
        ("study: cigarettes\nspecifications: [{tail: true}]", "a number from 0 to 10"),
        ("study: [", "not valid YAML"),
        ("run: nomodule_here:f\ngrid: {x: [0]}", "cannot find the function"),
        ("run: math:pi\ngrid: {x: [0]}", "is no function"),
        ("run: broken_task:f\ngrid: {x: [0]}", "SyntaxError"),
        ("study: [cigarettes]\ngrid: {tail: [0]}", "the name of one study"),
        ("study: cigarettes\ngrid: {1: 2}", "written as name: value"),
        ("study: cigarettes\nspecifications: 5", "takes a list of them, not 5"),
        ("study: cigarettes\nspecifications: {tail: 0}", "takes a list of them"),
        ('study: ne34\ngrid: {raw: "a\\0b"}', "parameter raw"),
        ("study: cigarettes\ngrid: {tail: 0, tail: 1}", "tail is given twice"),
        ("study: cigarettes\ngrid: {tail: \udcff}", "not valid YAML"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, text, says):
    path = tmp_path / "plan.yaml"
    path.write_text(text, errors="surrogateescape")
    (tmp_path / "broken_task.py").write_text("def f(:")
    with pytest.raises(ParameterError, match=says):
        read(path)


def test_rows_from_a_users_files_are_not_used_again_once_these_change(tmp_path):
    file = tmp_path / "gdp.csv"
    before = [file.write_text(text) and read("ne34", {"raw": str(tmp_path)}) for text in "ab"]
    assert before[0].specifications == before[1].specifications
    assert before[0].fingerprint != before[1].fingerprint


def test_grids_and_single_specifications_add_up(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "study: cigarettes\n"
        "grid:\n- {model: [sdm, sar], tail: [0, 1]}\n- {controls: none, years: '*'}\n"
        "specifications:\n- {model: slx, dynamics: dynamic}\n"
    )
    plan = read(path)
    assert plan.name == "plan"
    assert len(plan.specifications) == 4 + 3 + 1
    assert plan.specifications[-1]["dynamics"] == "dynamic"
    assert len(read(path, {"tail": "2"}).specifications) == 2 + 3 + 1


def test_the_command_sweeps_a_real_panel_and_keeps_failures(tmp_path):
    command = ["sweep", "cigarettes", "-p", "weights=contiguity,both-orders", "-p", "tail=0,1"]
    command += ["-p", "dynamics=*", "-o", str(tmp_path), "--jobs", "1"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(tmp_path / "results.parquet")
    assert len(table) == 8 * 3
    assert (table["error"] == "").all()
    first = table.iloc[0]
    alone = estimate("cigarettes", {})[0]
    assert (first["term"], first["quantity"]) == ("logp", "coefficient")
    assert first["estimate"] == alone["estimate"]


@pytest.mark.seconds
def test_a_function_of_ones_own_is_swept_from_its_folder(tmp_path):
    Path(tmp_path, "mine.py").write_text("def cube(row):\n    return {'cube': row['x'] ** 3}\n")
    Path(tmp_path, "cubes.yml").write_text("run: mine:cube\ngrid: {x: [1, 2, 3]}\n")
    command = [sys.executable, "-m", "analysis.cli", "sweep", "cubes.yml", "--jobs", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["sweeps/cubes/results.parquet", "sweeps/cubes/results.csv"]
    assert "3 of 3, 0 failed" in done.stderr
    assert list(pd.read_csv(tmp_path / "sweeps/cubes/results.csv")["cube"]) == [1, 8, 27]


def test_a_folder_that_cannot_be_written_to_is_one_message(tmp_path):
    (tmp_path / "taken").touch()
    command = ["sweep", "cigarettes", "-o", str(tmp_path / "taken" / "below"), "--jobs", "1"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "Not a directory" in result.output
    assert "Traceback" not in result.output


def test_a_sweep_of_which_nothing_succeeds_fails_with_the_first_reason(tmp_path):
    command = ["sweep", "cigarettes", "-p", "years=1963,1964", "-o", str(tmp_path), "--jobs", "1"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "nothing could be estimated. The first row says: SampleSizeError" in result.output
    assert len(pd.read_csv(tmp_path / "results.csv")) == 2


def test_a_function_of_ones_own_has_no_choices_to_list(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("run: math:sqrt\ngrid: {x: [0]}")
    result = CliRunner().invoke(app, ["sweep", str(path), "--choices"])
    assert result.exit_code == 1
    assert "declares no choices" in result.output


def test_choices_are_listed():
    result = CliRunner().invoke(app, ["sweep", "cigarettes", "--choices"])
    assert result.exit_code == 0
    assert "standard errors" in result.output


OWN = "from helper import FACTOR\n\n\ndef f(s):\n    return {'v': s['x'] * FACTOR}\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A plan for a function of one's own, with a module and data beside it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("mine_here", "helper"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "helper.py").write_text("FACTOR = 3\n")
    (tmp_path / "mine_here.py").write_text(OWN)
    (tmp_path / "data.csv").write_text("x\n1\n")
    (tmp_path / "plan.yaml").write_text(
        "run: mine_here:f\ngrid: {x: [1, 2e0, 1e-3, 010, no, '1']}\n"
    )
    yield tmp_path
    for name in ("mine_here", "helper"):
        sys.modules.pop(name, None)


def test_values_are_typed_alike_in_a_file_and_on_the_command_line(own):
    in_file = [row["x"] for row in read(own / "plan.yaml").specifications]
    assert in_file == [1, 2.0, 0.001, 10, "no", "1"]
    given = [row["x"] for row in read(own / "plan.yaml", {"x": "1,2e0,1e-3,010,no"}).specifications]
    assert given == in_file[:-1]
    assert list(map(type, given)) == list(map(type, in_file[:-1]))


@pytest.mark.seconds
@pytest.mark.parametrize("file", ["helper.py", "mine_here.py", "data.csv"])
def test_what_stands_behind_ones_own_function_counts(own, file):
    before = read(own / "plan.yaml").fingerprint
    assert read(own / "plan.yaml").fingerprint == before
    with (own / file).open("a") as changed:
        changed.write("# more\n" if file.endswith(".py") else "2\n")
    assert read(own / "plan.yaml").fingerprint != before


def test_a_plan_says_whose_function_it_runs_before_it_does(own, capfd):
    read(own / "plan.yaml")
    assert f"runs f of {own / 'mine_here.py'}" in capfd.readouterr().err


def test_neither_aliases_nor_a_vast_grid_fill_the_memory(own):
    laughs = "a: &a [x, x]\nrun: mine_here:f\ngrid: {x: *a}\n"
    (own / "plan.yaml").write_text(laughs)
    with pytest.raises(ParameterError, match="write values out"):
        read(own / "plan.yaml")
    (own / "plan.yaml").write_text("[" * 100_000)
    with pytest.raises(ParameterError, match="not valid YAML"):
        read(own / "plan.yaml")
    wide = ", ".join(f"{name}: [{', '.join(map(str, range(40)))}]" for name in "abcde")
    (own / "plan.yaml").write_text(f"run: mine_here:f\ngrid: {{{wide}}}\n")
    with pytest.raises(AnalysisError, match="102,400,000 rows"):
        read(own / "plan.yaml")
