"""Sidecars, the RO-Crate, and that the same commit gives the same results twice."""

import json
import sys
from pathlib import Path

import pytest

from analysis import provenance
from analysis.ledger import CLAIMS_TYPE
from analysis.provenance import FILES_TYPE, ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from engine import harvest
from engine.execute import Outputs, code_cells, read

NOTEBOOK = "notebooks/referee/audit_cities283"
SOURCE = ROOT / f"{NOTEBOOK}.py"
RESULT = {
    "label": "tab-x",
    "caption": "A table.",
    "files": {"tab-x.csv": "a,b\n1,2\n", "tab-x.tex": "x"},
    "origin": {
        "code": ["analysis.audit.spread"],
        "data": {"panel": "ab"},
        "parameters": {"k": "4"},
    },
    "page": "notebooks/x",
    "source": "notebooks/x.py",
    "line": 7,
    "sha256": "00",
    "fingerprint": "11",
    "inputs": {"data/a.csv": "22"},
    "notebook_parameters": {"seed": "7"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One notebook executed twice, each time from nothing."""
    records = []
    for name in ("first", "second"):
        store = Outputs(ROOT, tmp_path_factory.mktemp(name))
        assert store.run(NOTEBOOK, SOURCE) is None
        records.append(store)
    return records


def test_two_runs_give_the_same_files_claims_and_inputs(runs):
    first, second = (store.record(NOTEBOOK) for store in runs)
    for kind in (FILES_TYPE, CLAIMS_TYPE):
        once, again = (list(harvest.payloads(record, kind)) for record in (first, second))
        assert once
        assert [provenance.digest(json.dumps(item, sort_keys=True)) for item in once] == [
            provenance.digest(json.dumps(item, sort_keys=True)) for item in again
        ]
    assert (first["key"], first["reads"]) == (second["key"], second["reads"])
    assert "data/published/paper_b_intext.csv" in first["reads"]


def test_claims_leave_no_output_on_the_page(runs):
    notebook = read(SOURCE.read_text(encoding="utf-8"))
    runs[0].attach(NOTEBOOK, notebook)
    shown = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
    assert shown
    assert not any("for the ledger" in data.get("text/plain", "") for data in shown)


def test_a_sidecar_names_inputs_program_parameters_seeds_and_versions():
    card = json.loads(harvest.sidecar(RESULT, harvest.software()))
    assert card["inputs"] == {"data/a.csv": "22"}
    assert card["parameters"] == {"seed": "7", "k": "4"}
    assert card["program"]["functions"] == ["analysis.audit.spread"]
    assert card["files"]["tab-x.csv"] == provenance.digest("a,b\n1,2\n", 64)
    assert {"numpy", "pandas", "scipy"} <= set(card["software"]["packages"])


def test_the_crate_links_each_file_to_its_program_and_inputs_and_is_the_same_every_time():
    made_with = harvest.software()
    once = harvest.crate([RESULT], made_with, "Book")
    assert once == harvest.crate([RESULT], made_with, "Book")
    graph = {entry["@id"]: entry for entry in json.loads(once)["@graph"]}
    action = graph["#tab-x"]
    assert action["instrument"] == {"@id": "#notebooks/x.py"}
    assert action["object"] == [{"@id": "#data/a.csv"}]
    assert {"@id": "_results/tab-x.csv"} in action["result"]
    assert graph["_results/tab-x.csv"]["sha256"] == provenance.digest("a,b\n1,2\n", 64)


def test_a_built_result_is_what_its_sidecar_says(pytestconfig):
    folder = Path(pytestconfig.rootpath) / "_build" / "html" / "_results"
    cards = [path for path in folder.glob("*.json") if path.name != "claims.json"]
    if not cards:
        pytest.skip("the book is not built")
    for card in cards:
        for name, content in json.loads(card.read_text(encoding="utf-8"))["files"].items():
            assert provenance.digest((folder / name).read_bytes(), 64) == content, name
