"""One command builds the book, or a part of it, with other parameters or from other raw files."""

import html
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.book import heavy, parameters
from analysis.book.build import BuildError, assign, build, read_values
from analysis.cli import app
from analysis.errors import ParameterError
from analysis.resources import ROOT

NEAR = 'weights: str = "near"  # weights: near | far\n'
FILES = 'raw: str = ""  # real files: folder\n'
KNOWN = {
    "north/data": parameters.declared(NEAR + FILES),
    "north/fits": parameters.declared(NEAR + "lags: int = 1  # lags: 0..3"),
    "south/data": parameters.declared('weights: str = "queen"  # weights: queen | rook\n' + FILES),
}


def write(folder, files):
    """Write a small book: texts by their place in the folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_each_section_gets_what_it_knows_and_may_have():
    found = assign(KNOWN, {"weights": "far", "lags": "2"})
    assert found.values == {
        "north/data": {"weights": "far"},
        "north/fits": {"weights": "far", "lags": 2},
    }
    assert found.kept == {"weights": ["south/data"]}
    assert found.report()[-1] == "weights has its own value in south/data"


def test_the_books_own_value_changes_nothing():
    assert assign(KNOWN, {"lags": 1}).values == {}


def test_a_name_can_be_meant_for_a_folder_or_a_section_alone():
    asked = {"weights": "far", "north/fits/weights": "near", "south/weights": "rook"}
    assert assign(KNOWN, asked).values == {
        "north/data": {"weights": "far"},
        "south/data": {"weights": "rook"},
    }


def test_raw_files_go_to_the_study_whose_name_they_bear(tmp_path):
    mine = tmp_path / "north"
    mine.mkdir()
    assert assign(KNOWN, {"raw": str(mine)}).values == {"north/data": {"raw": str(mine)}}
    with pytest.raises(ParameterError, match=r"north, south read different files.*north/raw"):
        assign(KNOWN, {"raw": str(tmp_path)})
    assert list(assign(KNOWN, {"south/raw": str(tmp_path)}).values) == ["south/data"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"wieghts": "far"}, "did you mean 'weights'.*north/data, north/fits, south/data know"),
        ({"rainfall": 1}, "there are: lags, raw, weights"),
        ({"lags": 7}, "north/fits: parameter lags = 7"),
        ({"weights": "fra"}, "did you mean 'far'"),
        ({"south/weights": "far"}, "south/data: parameter weights"),
        ({"nort/weights": "far"}, "no section or folder nort, did you mean 'north'"),
        ({"raw": "/no/such/north"}, "folder that exists"),
    ],
)
def test_what_no_section_can_take_is_refused(asked, says):
    with pytest.raises(ParameterError, match=says):
        assign(KNOWN, asked)


def test_a_file_holds_parameters_for_all_or_for_some_and_its_paths_begin_beside_it(tmp_path):
    (tmp_path / "north").mkdir()
    path = tmp_path / "real.yaml"
    path.write_text("weights: far\nnorth: {raw: north, fits: {lags: 2}}\n")
    values = read_values(path)
    assert values == {
        "weights": "far",
        "north/raw": str(tmp_path / "north"),
        "north/fits/lags": 2,
    }
    path.write_text("- a\n")
    with pytest.raises(ParameterError, match="holds no parameters"):
        read_values(path)


def test_a_folder_that_is_no_book_is_named_with_what_to_do(tmp_path):
    for name, says in (("nosuch", "does not exist"), (".", "has no _toc.yml")):
        done = CliRunner().invoke(app, ["build", str(tmp_path / name)])
        assert done.exit_code == 1
        assert says in done.output
        assert "analysis new" in done.output
        assert "--part" in done.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-p", "wieghts=gravity"], "did you mean 'weights'"),
        (["--part", "XIV"], "there is no part 'XIV'"),
        (["/no/such/folder"], "does not exist"),
    ],
)
def test_a_mistake_is_named_before_anything_runs(monkeypatch, arguments, says):
    monkeypatch.setattr("analysis.book.build._run", lambda *_: pytest.fail("it ran"))
    done = CliRunner().invoke(app, ["build", *arguments])
    assert done.exit_code == 1
    assert says in done.output.replace("\n", " ")


def test_a_result_of_the_books_own_parameters_is_called_so_where_others_were_given(monkeypatch):
    said = []
    monkeypatch.setattr(heavy, "_say", said.append)
    monkeypatch.setattr(heavy.provenance, "is_current", lambda sidecar: sidecar.is_file())
    heavy.load("ne34_seeds")
    assert said == []
    monkeypatch.setitem(parameters._differing, "weights", "gravity")
    heavy.load("ne34_seeds")
    assert "made with the book's own parameters" in said[0]


@pytest.mark.parametrize(
    ("ends", "says"), [("kill -9 $$", "signal 9 ended it"), ("echo no room; exit 3", "no room")]
)
def test_a_build_that_fails_says_why(tmp_path, monkeypatch, ends, says):
    program = tmp_path / "jupyter-book"
    program.write_text(f"#!/bin/sh\n{ends}\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    (tmp_path / "_toc.yml").write_text("root: index\n")
    with pytest.raises(BuildError, match=says):
        build(tmp_path)


CHAPTER = "notebooks/ne34/dependence"


@pytest.mark.slow
@pytest.mark.book
def test_a_part_of_the_book_is_built_from_other_files_declared_real(tmp_path):
    raw = tmp_path / "ne34 <b>files</b>"
    shutil.copytree(ROOT / "data" / "simulated" / "ne34" / "as-printed", raw)
    (raw / "truth.csv").unlink()
    carbon = pd.read_csv(raw / "co2.csv")
    carbon.assign(co2=1.25 * carbon["co2"]).to_csv(raw / "co2.csv", index=False)
    asked = {"raw": str(raw), "weights": "gravity"}
    index, assigned = build(ROOT, asked, ["ne34/data", "ne34/dependence"], tmp_path / "book")
    assert assigned.values["ne34/dependence"] == asked
    site = index.parent
    first, page = (
        html.unescape(re.sub(r"<[^>]+>", "", text.partition("<article")[2]))
        for text in map(Path.read_text, (site / "book/index.html", site / f"{CHAPTER}.html"))
    )
    for text in (first, page):
        assert "Not the book’s" in text
        assert "<b>files</b>" in text, "a folder's name is text"
        assert "additive-nest" in text, "what the book has"
    assert "Real data" in page
    assert f"from the files of {raw}" in page, "there too a name is text"
    assert "Simulated data" not in page
    numbers = pd.read_csv(site / "_results" / "tab-ne34-descriptives.csv", index_col=0)
    before = pd.read_csv(ROOT / "data" / "record" / "tab-ne34-descriptives.csv", index_col=0)
    ratio = numbers.loc[:, "mean"].iloc[0] / before.loc[:, "mean"].iloc[0]
    assert ratio == pytest.approx(1.25, rel=0.01)
    card = json.loads((site / "_results" / "tab-ne34-descriptives.json").read_text())
    assert str(raw / "co2.csv") in card["inputs"]
    assert card["parameters"]["raw"] == str(raw)
    claims = json.loads((site / "_results" / "claims.json").read_text())
    assert {claim["page"] for claim in claims} <= {"notebooks/ne34/data", CHAPTER}
    assert not re.search(
        r'href="[^"]*ne34/estimates', (site / "notebooks/ne34/data.html").read_text()
    )


STUDY = """# %% [markdown]
# # Rain
#
# It rained {glue:text}`rain:.0f` times; {numref}`tab-rain` has it.

# %% tags=["parameters"]
factor: int = 1  # how often: 1..

# %%
from pathlib import Path

import pandas as pd

from analysis.book import heavy, parameters
from analysis.book.page import Page, numbers

parameters.check()
rows = pd.read_csv(Path("..") / "data" / "rain.csv", index_col="city") * factor
numbers(rain=rows["rain"].sum())

# %%
Page().table(rows, "tab-rain", "Rain.")
"""


@pytest.mark.slow
@pytest.mark.book
def test_a_folder_of_ones_own_is_a_book_and_has_other_parameters_too(tmp_path):
    folder = tmp_path / "my study"
    files = {
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: notebooks/rain\n",
        "_config.yml": "title: My study\nauthor: Me\n",
        "index.md": "# My study\n\n{numref}`tab-rain`\n",
        "notebooks/rain.py": STUDY,
        "data/rain.csv": "city,rain\nAnshan,3\nBenxi,4\n",
    }
    write(folder, files)

    def says(index):
        page = index.parent / "notebooks" / "rain.html"
        return re.sub(r"<[^>]+>", "", page.read_text().partition("<article")[2])

    index, _ = build(folder)
    assert "It rained 7 times" in says(index)
    assert index == folder / "_build" / "html" / "index.html"
    (folder / "data" / "rain.csv").write_text("city,rain\nAnshan,3\nBenxi,5\n")
    assert "It rained 8 times" in says(build(folder)[0]), "its data are watched"
    other, assigned = build(folder, {"factor": 10})
    assert assigned.values == {"rain": {"factor": 10}}
    assert "It rained 80 times" in says(other)
    assert "It rained 8 times" in says(index)


HEAVY = STUDY.replace(
    "numbers(rain=rows",
    """
def made(factor=1):
    return pd.DataFrame({"rain": [factor]})


made.__module__ = "analysis.errors"
heavy.result("test-rain", budget=1, takes=["factor"])(made)
rows["forecast"] = heavy.load("test-rain").frame["rain"].sum() if factor > 1 else 1
numbers(rain=rows""",
)


@pytest.mark.slow
@pytest.mark.book
def test_on_request_a_heavy_result_is_made_anew_for_the_books_parameters(tmp_path):
    files = {
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: notebooks/rain\n",
        "index.md": "# Rain\n",
        "notebooks/rain.py": HEAVY,
        "data/rain.csv": "city,rain\nAnshan,3\nBenxi,4\n",
    }
    write(tmp_path, files)
    try:
        index, _ = build(tmp_path, {"factor": 10}, heavy=True)
        table = pd.read_csv(index.parent / "_results" / "tab-rain.csv", index_col="city")
        page = (index.parent / "notebooks" / "rain.html").read_text()
    finally:
        for path in heavy.ANEW.glob("test-rain--*"):
            path.unlink()
    assert table["forecast"].tolist() == [10, 10]
    assert "The result “test-rain” below was made anew with factor = 10." in page
