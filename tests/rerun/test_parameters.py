import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from analysis.book import parameters
from analysis.errors import ParameterError

CELL = """\
weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance | gravity
years: str = "2003-2022"  # sample years, first to last: 2003..2022
seed: int = 7  # seed of the generator: 0..
tail: float = 0.01  # share winsorised in each tail: 0..0.25
lagged: bool = True  # include last year's outcome
power: int = 1  # power of distance: 1 | 2
drop: list[int] = []  # years left out: 2003..2022
raw: str = ""  # the study's real files;
# empty for the simulated data: folder
label: str = "run: one"  # a word of your own, such as a: b
"""


@pytest.fixture
def known():
    return parameters.declared(CELL)


def test_every_line_of_the_cell_is_read(known):
    assert list(known) == [
        "weights", "years", "seed", "tail", "lagged", "power", "drop", "raw", "label",
    ]  # fmt: skip
    assert known["weights"].choices == ("additive-nest", "inverse-distance", "gravity")
    assert known["weights"].meaning == "spatial weights"
    assert known["power"].choices == (1, 2)
    assert known["years"].is_span
    assert (known["years"].low, known["years"].high) == (2003, 2022)
    assert (known["seed"].low, known["seed"].high) == (0, None)
    assert known["raw"].path == "folder"
    assert known["raw"].meaning == "the study's real files; empty for the simulated data"
    assert known["label"].meaning == "a word of your own, such as a: b"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("weights", "gravity", "gravity"),
        ("years", "2005-2019", "2005-2019"),
        ("years", "2012", "2012"),
        ("seed", "12", 12),
        ("tail", "0.05", 0.05),
        ("tail", "0", 0.0),
        ("lagged", "false", False),
        ("power", "2", 2),
        ("drop", "2020,2021", [2020, 2021]),
        ("drop", "", []),
        ("raw", "", ""),
    ],
)
def test_text_becomes_a_value_of_the_declared_type(known, name, text, value):
    parsed = known[name].read(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "weights",
            "gravty",
            "one of additive-nest, inverse-distance, gravity, did you mean 'grav",
        ),
        ("years", "2005", ""),
        ("years", "2001-2019", "from 2003 to 2022"),
        ("years", "2019-2005", "runs backwards"),
        ("years", "all", "no span of years"),
        ("seed", "-1", "a whole number of 0 or more"),
        ("seed", "1.5", "a whole number"),
        ("seed", "many", "a whole number"),
        ("tail", "nan", "a number from 0 to 0.25"),
        ("tail", "0.3", "a number from 0 to 0.25"),
        ("lagged", "maybe", "true or false"),
        ("power", "3", "one of 1, 2"),
        ("drop", "2020,1999", "from 2003 to 2022"),
        ("drop", "2020;2021", "a list, each a whole number"),
        ("raw", "/no/such/folder", "folder that exists"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(known, name, text, says):
    if not says:
        assert known[name].read(text) == text
        return
    with pytest.raises(ParameterError, match=says) as caught:
        known[name].read(text)
    assert name in str(caught.value)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1]])
def test_a_value_of_another_type_is_not_converted(known, value):
    with pytest.raises(ParameterError, match="seed"):
        parameters.checked(known, {"seed": value})


def test_an_unknown_name_gets_the_nearest_one(known):
    with pytest.raises(ParameterError, match=r"wieghts, did you mean 'weights'"):
        parameters.checked(known, {"wieghts": "gravity"})


def test_a_path_is_taken_from_where_the_command_was_given(known, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert known["raw"].read("mine") == str(tmp_path / "mine")


def test_a_formatter_may_wrap_a_line_in_parentheses():
    source = 'kind: str = (\n    "a"  # which one: a | b\n)\nn: int = 1  # how many: 0..\n'
    known = parameters.declared(source)
    assert known["kind"].choices == ("a", "b")
    assert known["n"].low == 0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a = 1  # x", "name: type = default"),
        ("a: int  # x", "name: type = default"),
        ("a: int = 1", "say in a comment"),
        ("a: tuple = ()  # x", "has type tuple"),
        ("a: int = len([])  # x", "must be a literal"),
        ("a: int = 3  # x: 4..5", "not a whole number from 4 to 5"),
        ("a: int = 1  # x: 1 | two", "not all int"),
        ("a: str = 'c'  # x: a | b", "one of a, b"),
        ("import os", "line 1"),
        ("a: int = ", "not valid Python"),
        ("# nothing", "declares no parameter"),
    ],
)
def test_a_cell_that_breaks_the_convention_is_named(source, says):
    with pytest.raises(ParameterError, match=says):
        parameters.declared(source, "book.py, parameters cell")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export a notebook as ``jupytext --to ipynb`` does."""
    text = (
        '# %% tags=["parameters"]\n'
        + CELL
        + "\n# %%\nfrom analysis.book import parameters\n\nparameters.check()\n"
        + "\n# %%\nprint(type(tail).__name__, years)\n"
    )
    path = tmp_path_factory.mktemp("exported") / "notebook.ipynb"
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "language": "python",
        "display_name": "Python 3",
    }
    nbformat.write(notebook, path)
    return path


def test_parameters_are_read_from_both_forms_of_notebook(exported):
    assert parameters.of_notebook(exported) == parameters.declared(CELL)


@pytest.mark.seconds
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["-p", "tail", "0", "-p", "years", "2012"], None),
        (["-p", "wieghts", "gravity"], "did you mean 'weights'"),
        (["-p", "weights", "gravty"], "did you mean 'gravity'"),
        (["-p", "seed", "many"], "a whole number of 0 or more"),
    ],
)
def test_plain_papermill_fails_on_a_wrong_parameter(exported, tmp_path, options, says):
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(exported)]
    done = subprocess.run(
        [*command, str(tmp_path / "out.ipynb"), *options], capture_output=True, text=True
    )
    if says is None:
        assert done.returncode == 0, done.stderr
        cells = nbformat.read(tmp_path / "out.ipynb", 4).cells
        assert cells[-1].outputs[0].text == "float 2012\n"
    else:
        assert done.returncode != 0
        assert says in done.stderr


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    path = tmp_path / "plain.py"
    path.write_text("# %%\nx = 1\n")
    with pytest.raises(ParameterError, match="0 cells tagged parameters"):
        parameters.of_notebook(path)
    with pytest.raises(ParameterError, match="no notebook"):
        parameters.of_notebook(Path("nowhere.py"))
