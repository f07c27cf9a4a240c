"""A section on files that are declared real says nothing that holds of a simulation only."""

import re
from pathlib import Path

import nbformat
import pytest

from analysis.book import parameters
from analysis.book.rerun import rerun
from analysis.book.text import literal
from analysis.papers.cities283 import study
from analysis.papers.cities283.measures import CONTRACT
from analysis.study import open_study

ROOT = Path(__file__).parents[2]
SECTIONS = [
    path.stem
    for path in sorted((ROOT / "notebooks" / "cities283").glob("*.py"))
    if "raw" in parameters.of_notebook(path)
]
FOREIGN = re.compile(r"generator|generated|simulat|recovered|inherited|latent|\btruth\b", re.I)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    CONTRACT.write(open_study(study.STUDY).raw, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_no_word_of_a_simulation_stands_on_a_page_of_real_data(section, real, tmp_path):
    made = rerun(f"cities283/{section}", {"raw": str(real)}, tmp_path, compare=False)
    notebook = nbformat.read(made.notebook, as_version=4)
    said = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            said.append(cell.source)
        for output in cell.get("outputs", []):
            said.append(str(output.get("data", {}).get("text/markdown", "")))
    text = re.sub(r"\[[^\]]*\]\([^)]*\)|tab-[\w-]+|fig-[\w-]+|`[^`]*`", "", "\n".join(said))
    for parameter in parameters.of_notebook(ROOT / f"notebooks/cities283/{section}.py").values():
        text = text.replace(literal(parameter.meaning), "")  # the box over the page lists them all
    words = FOREIGN.findall(text)
    assert not words
