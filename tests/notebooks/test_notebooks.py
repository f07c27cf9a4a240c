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


@every_notebook
def test_a_reader_meets_no_algorithm(path):
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.While), (
                f"{path.name} defines {getattr(node, 'name', 'a loop')}: it belongs to the package"
            )


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
    assert "parameters.check()" in source, f"{path.name}: check what was set"


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
