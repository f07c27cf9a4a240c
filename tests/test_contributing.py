"""What CONTRIBUTING shows works, and its tables say what the code says."""

import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from notebooks.test_notebooks import faults
from test_house import PROJECT, ROOT

from analysis.book import parameters
from analysis.book.rerun import rerun

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(heading):
    """The first block of Python under a heading."""
    section = TEXT.partition(f"## {heading}\n")[2]
    return re.search(r"^(`{3,})python\n(.*?)^\1$", section, re.DOTALL | re.MULTILINE).group(2)


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    path = tmp_path_factory.mktemp("chapter") / "chapter.py"
    path.write_text(block("How to add a chapter"), encoding="utf-8")
    return path


@pytest.mark.seconds
def test_the_chapter_runs_with_other_parameters(chapter):
    done = rerun(chapter, {"effects": "individual"}, chapter.parent / "out", compare=False)
    page = done.page.read_text(encoding="utf-8")
    assert "Table 1" in page
    assert "Figure 1" in page
    cells = nbformat.read(done.notebook, 4).cells
    shown = "".join(str(cell.get("outputs", "")) for cell in cells)
    assert "tab-demand" in shown
    assert "fig-demand" in shown


def test_the_chapter_keeps_the_rules_that_it_explains(chapter):
    assert list(parameters.of_notebook(chapter)) == ["effects"]
    for cell in chapter.read_text(encoding="utf-8").split("# %%"):
        if not cell.startswith((" [markdown]", " tags")):
            assert list(faults(cell)) == []


def test_the_weight_matrix_joins_what_lies_near():
    names: dict = {}
    exec(block("How to add a weight matrix"), names)
    places = pd.DataFrame({"lon": [0.0, 0.0, 0.0], "lat": [0.0, 1.0, 2.0]}, ["a", "b", "c"])
    found = names["within"](places, 120)
    np.testing.assert_allclose(found.dense(), [[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]])


def test_the_floors_are_those_that_lint_enforces():
    rows = re.findall(r"^\| (\d) \| (.+) \|$", TEXT, re.MULTILINE)
    told = [set(re.findall(r"`(\w+)`", rooms)) for _, rooms in rows]
    assert [int(floor) for floor, _ in rows] == list(range(len(rows)))
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    assert told == [set(re.findall(r"\w+", layer)) for layer in reversed(layers)]
    package = {
        path.stem
        for path in (ROOT / "src" / "analysis").glob("[a-z]*")
        if path.suffix in ("", ".py")
    }
    assert set().union(*told) == package


def test_every_task_has_its_page():
    for task in ("a chapter", "a study", "an estimator", "a weight matrix",
                 "a check of printed numbers", "a reference number"):  # fmt: skip
        assert f"\n## How to add {task}\n" in TEXT


def test_names_of_modules_and_files_exist():
    for name in set(re.findall(r"`(?:src/)?((?:data|tests|book|notebooks)/[\w/.]*\w)`", TEXT)):
        made = name.startswith("data/validated/bias")
        assert made or (ROOT / name).exists() or (ROOT / "src/analysis" / name).exists(), name


def test_the_data_folders_are_those_that_are_there():
    told = re.findall(r"^\| `(\w+)/` \|", (ROOT / "data" / "README.md").read_text(), re.MULTILINE)
    there = [path.name for path in (ROOT / "data").iterdir() if path.is_dir()]
    assert sorted(told) == sorted(there)


def test_the_help_of_commands_names_sections_that_exist():
    from typer.testing import CliRunner

    from analysis.cli import app

    for command in ("rerun", "parameters"):
        printed = CliRunner().invoke(app, [command, "--help"]).stdout
        named = re.findall(r"\b(?:ne34|cities283|validation|referee)/\w+", printed)
        assert named
        for section in named:
            assert (ROOT / "notebooks" / f"{section}.py").is_file(), section
