"""papermill by itself, a re-run and the book give the same outputs for the same parameters."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.book.rerun import rerun
from analysis.book.run import code_cells, read
from analysis.resources import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from engine.execute import Outputs

SECTION = Path(__file__).with_name("section.py")


def outputs(notebook):
    return [cell.outputs for cell in code_cells(notebook)]


@pytest.mark.seconds
@pytest.mark.parametrize("values", [{}, {"seed": 8, "cities": "few"}], ids=["own", "other"])
def test_three_roads_give_the_same_outputs(tmp_path, values):
    plain, done = tmp_path / "plain.ipynb", tmp_path / "done.ipynb"
    nbformat.write(read(SECTION.read_text()), plain)
    asked = [part for name, value in values.items() for part in ("-p", name, str(value))]
    command = [sys.executable, "-m", "papermill", plain, done, *asked, "--no-progress-bar"]
    subprocess.run(command, check=True, capture_output=True)
    alone = outputs(nbformat.read(done, 4))
    assert all(alone[3:5]), "tables that there are to compare"
    again = nbformat.read(rerun(SECTION, values, tmp_path, compare=False).notebook, 4)
    assert outputs(again)[1:] == alone, "but for the cell that looks for the package"
    book = Outputs(tmp_path / "executed", SECTION.parent, {"section": values})
    assert book.run_all({"section": SECTION}) == {}
    assert book.record("section")["outputs"] == alone
    assert book.is_current("section", SECTION)
    others = Outputs(tmp_path / "executed", SECTION.parent, {"section": {"seed": 9}})
    assert not others.is_current("section", SECTION), "parameters are part of the key"
