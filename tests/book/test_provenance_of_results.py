"""Sidecars, the RO-Crate, and that the same commit gives the same results twice."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.book import provenance
from analysis.book.ledger import CLAIMS_TYPE
from analysis.book.provenance import FILES_TYPE
from analysis.resources import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from engine import harvest
from engine.execute import Outputs

from analysis.book.run import code_cells, read

RESULT = {
    "page": "notebooks/x",
    "content": {"tab-x.csv": "a,b\n1,2\n", "tab-x.tex": "x"},
    "offered": {"data/a.csv": "_data/a.csv"},
    "about": {
        "result": "tab-x",
        "caption": "A table.",
        "files": {"tab-x.csv": provenance.digest("a,b\n1,2\n", 64), "tab-x.tex": "33"},
        "program": {"notebook": "notebooks/x.py", "line": 7, "sha256": "00", "fingerprint": "11",
                    "functions": ["analysis.audit.spread"]},
        "inputs": {"data/a.csv": "22"},
        "data": {"panel": "ab"},
        "parameters": {"seed": "7", "k": "4"},
    },
}  # fmt: skip


AGAIN = {
    "notebooks/referee/audit_cities283": "arithmetic on print",
    "notebooks/ne34/model_choice": "fits on simulated data",
    "notebooks/validation/columbus": "permutations, on real data",
    "notebooks/cities283/dependence": "maps and figures",
}
"""Cheap notebooks of different kinds: each is run again and held against the build."""


def built(name):
    """The record of a notebook in the built book, None if there is none of this code and data."""
    store = Outputs(ROOT / "_build" / "executed")
    return store.record(name) if store.is_current(name, ROOT / f"{name}.py") else None


def ran(name, folder):
    """One notebook executed from nothing."""
    store = Outputs(folder)
    assert store.run_all({name: ROOT / f"{name}.py"}) == {}
    return store


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.seconds) for name in AGAIN]
)
def runs(request, tmp_path_factory):
    """One run of a notebook and an earlier one: the build's if it is current, else a second."""
    name = request.param
    first = built(name) or ran(name, tmp_path_factory.mktemp("first")).record(name)
    return name, first, ran(name, tmp_path_factory.mktemp("second"))


def test_a_result_stands_in_the_line_of_its_notebook_that_shows_it():
    name = "notebooks/nations/estimates.py"
    text = (ROOT / name).read_text(encoding="utf-8")
    cells = [cell.source for cell in code_cells(read(text))]
    at = [text.split("\n")[line - 1] for line in harvest._shown_at(text, cells)]
    assert 'found["table"]' in at
    assert not [line for line in at if not line.strip() or line.startswith("#")]


def test_two_runs_give_the_same_outputs_files_claims_and_inputs(runs):
    name, first, store = runs
    second = store.record(name)
    assert list(harvest.payloads(first, FILES_TYPE))
    if name != "notebooks/validation/columbus":  # which compares with software, not with a paper
        assert list(harvest.payloads(first, CLAIMS_TYPE))
    # every output: numbers in prose, tables, pictures, files and claims
    for once, again in zip(first["outputs"], second["outputs"], strict=True):
        assert provenance.digest(json.dumps(once)) == provenance.digest(json.dumps(again))
    assert (first["key"], first["reads"]) == (second["key"], second["reads"])


def test_the_files_on_the_site_are_those_that_a_run_gives(runs):
    name, _, store = runs
    folder = ROOT / "_build" / "html" / "_results"
    if not folder.is_dir() or built(name) is None:
        pytest.skip("the book is not built from this code and data")
    for result in harvest.payloads(store.record(name), FILES_TYPE):
        for file, content in result["files"].items():
            assert provenance.file_digest(folder / file, 64) == provenance.digest(content, 64), file


def test_a_run_notes_the_files_it_reads(runs):
    name, first, _ = runs
    if name == "notebooks/referee/audit_cities283":
        assert "data/published/paper_b_intext.csv" in first["reads"]
    assert "src/analysis/book/forms/table.md" in first["reads"], "what a table is written by"
    assert not any("__pycache__" in name for name in first["reads"]), "what Python keeps for itself"


def test_a_table_is_made_from_the_files_of_the_cells_that_it_rests_on_alone(runs):
    name, first, _ = runs
    inputs = {result["label"]: result["inputs"] for result in harvest._made(first)}
    if name == "notebooks/validation/columbus":
        assert inputs["tab-columbus-spdep"] == ["data/reference/moran.csv"]
        assert inputs["tab-columbus-moran"] == []
    assert set().union(*inputs.values()) <= set(first["reads"])


def test_claims_leave_no_output_on_the_page(runs):
    name, _, store = runs
    notebook = read((ROOT / f"{name}.py").read_text(encoding="utf-8"))
    store.attach(name, notebook)
    shown = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
    assert shown
    assert not any("for the ledger" in data.get("text/plain", "") for data in shown)


@pytest.mark.seconds
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
    assert action["instrument"] == {"@id": "_programs/x.py"}
    assert "File" in graph["_programs/x.py"]["@type"]
    assert action["object"] == [{"@id": "_data/a.csv"}]
    assert graph["_data/a.csv"]["@type"] == "File"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", graph["./"]["datePublished"])
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


def test_every_file_that_the_crate_names_is_there_with_its_hash(pytestconfig):
    site = Path(pytestconfig.rootpath) / "_build" / "html"
    metadata = site / "ro-crate-metadata.json"
    if not metadata.is_file():
        pytest.skip("the book is not built")
    named = [
        e
        for e in json.loads(metadata.read_text(encoding="utf-8"))["@graph"]
        if "File" in e["@type"]
    ]
    assert len(named) > 300
    for entry in named:
        assert provenance.file_digest(site / entry["@id"], 64) == entry["sha256"], entry["@id"]


@pytest.mark.slow
def test_the_crate_holds_all_that_its_profile_requires(pytestconfig, tmp_path):
    """Metadata alone, in an environment of the validator's own; its full check needs the network."""
    root = Path(pytestconfig.rootpath)
    metadata = root / "_build" / "html" / "ro-crate-metadata.json"
    if not metadata.is_file():
        pytest.skip("the book is not built")
    shutil.copy2(metadata, tmp_path)
    with_it = ["--no-project", "--with", "roc-validator==0.13.0", "--with", "rocrate==0.16.0"]
    script = root / "tests" / "book" / "validate_crate.py"
    run = [
        root / ".uv" / "bin" / "uv",
        "run",
        "--python",
        sys.executable,
        *with_it,
        "python",
        script,
    ]
    done = subprocess.run(
        [*run, tmp_path], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if "Failed to fetch" in done.stderr or "No solution found" in done.stderr:
        pytest.skip("the validator cannot be installed here")
    assert done.stdout.strip() == "valid", done.stdout + done.stderr[-2000:]
