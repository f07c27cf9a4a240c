"""Notebooks are narrative, a parameters cell and a few calls, and they ran to their end."""

import ast
import json
import re
from pathlib import Path

import jupytext
import pytest

from analysis.book import parameters

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.py"))
every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT / "notebooks").as_posix()
)


def cells(path, kind):
    return [cell for cell in jupytext.read(path).cells if cell.cell_type == kind]


@every_notebook
def test_a_notebook_opens_with_one_title(path):
    titles = [
        line
        for cell in cells(path, "markdown")
        for line in cell.source.split("\n")
        if line.startswith("# ")
    ]
    assert len(titles) == 1
    assert cells(path, "markdown")[0].source.startswith("# ")


LONGEST_CELL, LONGEST_LOOP = 25, 3
PARSERS = {"split", "rsplit", "partition", "rpartition", "strip", "rstrip", "lstrip"}


def code_lines(source):
    """Lines of code that are neither empty nor a comment."""
    return sum(1 for line in source.splitlines() if line.strip() and line.strip()[0] != "#")


def reads_text(node):
    """Whether a call takes a number out of words."""
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    inside = [each for argument in node.args for each in ast.walk(argument)]
    methods = {each.attr for each in inside if isinstance(each, ast.Attribute)}
    return called in ("float", "int") and bool(methods & PARSERS)


def faults(source):
    """What in a cell belongs to the package, in words."""
    if (lines := code_lines(source)) > LONGEST_CELL:
        yield f"a cell of {lines} lines"
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield f"defines {name}"
            case ast.While():
                yield "a while loop"
            case ast.For() if sum(isinstance(each, ast.stmt) for each in ast.walk(node)) > (
                LONGEST_LOOP + 1
            ):
                yield f"a loop of more than {LONGEST_LOOP} statements"
            case ast.Attribute(value=ast.Name(id="np"), attr="linalg"):
                yield "linear algebra by hand"
            case ast.Attribute(attr="cov" | "covariance"):
                yield "arithmetic on a covariance matrix"
            case ast.ImportFrom(module="scipy" | "scipy.stats"):
                yield "statistics by hand"
            case ast.Call() if reads_text(node):
                yield "a number read back from words"


@every_notebook
def test_a_reader_meets_no_algorithm(path):
    found = [fault for cell in cells(path, "code") for fault in faults(cell.source)]
    assert found == [], f"{path.name}: {found}: they belong to the package"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f():\n    pass", "defines f"),
        ("while True:\n    pass", "a while loop"),
        ("for x in y:\n    a\n    b\n    c\n    d", "a loop of more than 3 statements"),
        ("np.linalg.inv(a)", "linear algebra by hand"),
        ("fit.cov.loc[a, b]", "arithmetic on a covariance matrix"),
        ("from scipy import stats", "statistics by hand"),
        ("float(finding.recomputed.split()[0])", "a number read back from words"),
        ("\n".join(["x = 1"] * 26), "a cell of 26 lines"),
    ],
)
def test_what_belongs_to_the_package_is_told(source, says):
    assert list(faults(source)) == [says]


def test_prose_and_a_few_calls_are_let_pass():
    source = "# a comment\n" * 30 + "for axis in axes:\n    axis.set(x=1)\n" + "float(fit.rho)\n"
    assert list(faults(source)) == []


@every_notebook
def test_parameters_are_typed_and_explained(path):
    for parameter in parameters.of_notebook(path).values():
        assert parameter.meaning, f"{path.name}: say what {parameter.name} is"
        unread = re.search(r"\.\.|\|", parameter.meaning)  # a rule without its colon is no rule
        assert not unread, f"{path.name}: {parameter.name} has a colon missing before its rule"
        if parameter.kind in ("int", "float"):
            bounded = parameter.choices or (parameter.low, parameter.high) != (None, None)
            assert bounded, f"{path.name}: say between what {parameter.name} may lie"
    source = "\n".join(cell.source for cell in cells(path, "code"))
    checks = ("parameters.check()", "open_page(", "made.opened(")
    assert any(check in source for check in checks), f"{path.name}: check what was set"


@every_notebook
def test_no_result_depends_on_the_order_of_other_draws(path):
    source = "\n".join(cell.source for cell in cells(path, "code"))
    assert not re.search(r"np\.random\.(?!default_rng|Generator|SeedSequence)\w+", source)


@every_notebook
def test_no_label_is_used_twice_and_every_result_is_referred_to(path):
    code = "\n".join(cell.source for cell in cells(path, "code"))
    prose = "\n".join(cell.source for cell in cells(path, "markdown"))
    labels = re.findall(r'"((?:tab|fig)-[a-z0-9-]+)"', code)
    assert len(labels) == len(set(labels))
    elsewhere = "\n".join(
        other.read_text(encoding="utf-8")
        for other in [*NOTEBOOKS, *(ROOT / "book").glob("**/*.md")]
    )
    for label in labels:
        assert f"`{label}`" in prose or f"`{label}`" in elsewhere, f"{label} stands unmentioned"


@every_notebook
def test_references_stand_on_their_own_page(path):
    prose = "\n".join(cell.source for cell in cells(path, "markdown"))
    assert "{bibliography}" not in prose, f"{path.name}: book/references.md lists what is cited"


@pytest.mark.book
@every_notebook
def test_a_notebook_ran_to_its_end(path):
    name = path.relative_to(ROOT).with_suffix(".json")
    stored = ROOT / "_build" / "executed" / name
    assert stored.is_file(), "run `make book` first, or `make test`, which does"
    record = json.loads(stored.read_text(encoding="utf-8"))
    assert record["key"] != "failed"
    assert len(record["outputs"]) == len(cells(path, "code"))
    kinds = {output["output_type"] for outputs in record["outputs"] for output in outputs}
    assert "error" not in kinds
