"""A page says only what is true of its data: re-run with real files or another matrix, and read."""

import re

import nbformat
import pytest

from analysis.book.rerun import rerun
from analysis.resources import ROOT

SECTIONS = ("data", "dependence", "model_choice", "estimates", "effects", "robustness",
            "heterogeneity", "conclusions")  # fmt: skip
REAL = {"raw": str(ROOT / "data" / "simulated" / "ne34" / "as-printed")}
OTHER = {"weights": "nearest-5", "years": "2005-2015"}
OF_A_GENERATOR = r"simulat\w*|generator|truth|targeted|recovered|inherited|scenario|seeds"
OF_A_TRUTH = r"recovered|where the truth is|over (?:many )?seeds"


def prose(section, values, folder):
    """What a reader meets: text, captions, notes and tables, without code and without paths."""
    page = rerun(f"ne34/{section}", values, folder, compare=False)
    notebook = nbformat.read(page.notebook, as_version=4)
    own = [cell for cell in notebook.cells if "rerun-note" not in cell.metadata.get("tags", [])]
    texts = [cell.source for cell in own if cell.cell_type == "markdown"]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown", "")
            texts.append("" if "{stale}" in text else text)  # of a result, not of this page's data
    text = "\n".join(texts)
    return re.sub(r"\S*/\S+|parameters:.*|\b(?:raw|seed) ?=.*|.*from the files of.*", "", text)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_a_page_on_real_files_speaks_of_no_generator(section, tmp_path):
    text = prose(section, REAL | OTHER, tmp_path)
    found = [m[0] + ": " + text[m.start() - 60 : m.end() + 40] for m in
             re.finditer(OF_A_GENERATOR, text, re.IGNORECASE)]  # fmt: skip
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("section", ["estimates", "effects", "robustness"])
def test_a_page_with_another_matrix_claims_no_recovery(section, tmp_path):
    assert re.findall(OF_A_TRUTH, prose(section, OTHER, tmp_path), re.IGNORECASE) == []
