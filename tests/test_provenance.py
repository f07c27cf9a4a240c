"""Fingerprints move exactly with what a result depends on."""

import ast
import json

import pytest

from analysis.book import provenance
from analysis.resources import data_path


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in which top imports middle imports bottom, and other stands apart."""
    folder = tmp_path / "src" / "analysis"
    (folder / "rooms").mkdir(parents=True)
    files = {
        "__init__.py": '"""House."""\n',
        "bottom.py": '"""Bottom."""\nVALUE = 1\n',
        "other.py": "VALUE = 2\n",
        "rooms/__init__.py": "",
        "rooms/middle.py": "from ..bottom import VALUE\n",
        "rooms/sibling.py": "from . import middle\n",
        "top.py": "def late():\n    from analysis.rooms import middle\n    return middle\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(provenance, "PACKAGE", folder)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    return folder


def test_the_closure_follows_absolute_relative_and_late_imports(package):
    assert provenance.closure(["analysis.top"]) == (
        "analysis", "analysis.bottom", "analysis.rooms", "analysis.rooms.middle", "analysis.top",
    )  # fmt: skip
    assert "analysis.rooms.middle" in provenance.closure(["analysis.rooms.sibling"])


def test_a_module_left_out_is_not_followed(package):
    left = provenance.closure(["analysis.top"], without=["analysis.rooms.middle"])
    assert left == ("analysis", "analysis.rooms", "analysis.top")


def test_an_unknown_module_is_refused_by_name(package):
    with pytest.raises(ModuleNotFoundError, match=r"analysis\.attic"):
        provenance.closure(["analysis.attic"])


def test_a_changed_line_anywhere_below_changes_the_fingerprint(package):
    before = provenance.fingerprint(["analysis.top"])
    (package / "bottom.py").write_text('"""Bottom."""\nVALUE = 3\n')
    assert provenance.fingerprint(["analysis.top"]) != before


def test_a_changed_table_that_a_module_names_changes_it_and_one_beside_it_does_not(package):
    (package / "bottom.py").write_text('VALUE = declared(__package__, "told.toml")\n')
    (package / "told.toml").write_text("one = 1\n")
    before = provenance.fingerprint(["analysis.top"])
    (package / "untold.toml").write_text("one = 1\n")
    assert provenance.fingerprint(["analysis.top"]) == before
    words = provenance.fingerprint(["analysis.top"], without=["told.toml"])
    (package / "told.toml").write_text("one = 2\n")
    assert provenance.fingerprint(["analysis.top"]) != before
    assert provenance.fingerprint(["analysis.top"], without=["told.toml"]) == words


def test_prose_comments_layout_and_unrelated_modules_do_not(package):
    before = provenance.fingerprint(["analysis.top"])
    (package / "bottom.py").write_text('"""Quite another docstring."""\n\nVALUE = (1)  # one\n')
    (package / "other.py").write_text("VALUE = 99\n")
    assert provenance.fingerprint(["analysis.top"]) == before


def test_a_string_that_is_no_docstring_counts():
    assert provenance.code_digest("x = 'a'") != provenance.code_digest("x = 'b'")
    assert provenance.code_digest("f(1)\n'a'") != provenance.code_digest("f(1)\n'b'")


def test_a_data_file_counts_by_its_content_and_by_its_absence(package, tmp_path):
    (tmp_path / "d.csv").write_text("x\n1\n")
    before = provenance.fingerprint(files=["d.csv"])
    (tmp_path / "d.csv").write_text("x\n2\n")
    changed = provenance.fingerprint(files=["d.csv"])
    (tmp_path / "d.csv").unlink()
    assert len({before, changed, provenance.fingerprint(files=["d.csv"])}) == 3


def test_locked_versions_count_and_an_unlocked_package_is_refused(package, tmp_path):
    entry = '[[package]]\nname = "numpy"\nversion = "{}"\n'
    (tmp_path / "uv.lock").write_text(entry.format("2.4.0"))
    before = provenance.fingerprint(packages=["numpy"])
    (tmp_path / "uv.lock").write_text(entry.format("2.4.1"))
    assert provenance.fingerprint(packages=["numpy"]) != before
    with pytest.raises(LookupError, match=r"'scipy' is not in uv\.lock"):
        provenance.fingerprint(packages=["scipy"])


def test_a_committed_result_is_current_until_its_code_or_table_changes(package, tmp_path):
    table, sidecar = tmp_path / "r.csv", tmp_path / "r.json"
    table.write_text("x\n1\n")
    inputs = {"modules": ["analysis.top"], "files": [], "packages": [], "extra": {}, "without": []}
    record = {
        "fingerprint": provenance.fingerprint(**inputs),
        "content": provenance.file_digest(table, 64),
        "inputs": inputs,
    }
    sidecar.write_text(json.dumps(record))
    assert provenance.is_current(sidecar)
    table.write_text("x\n2\n")
    assert not provenance.is_current(sidecar), "an edited table"
    table.write_text("x\n1\n")
    (package / "bottom.py").write_text("VALUE = 7\n")
    assert not provenance.is_current(sidecar), "changed code"
    (package / "top.py").unlink()
    assert not provenance.is_current(sidecar), "a module that is gone"
    table.unlink()
    assert not provenance.is_current(sidecar), "no table"


def test_a_missing_data_file_says_where_to_look():
    with pytest.raises(FileNotFoundError, match=r"data/README\.md"):
        data_path("geography", "atlantis.csv")


def test_the_empty_text_that_python_3_12_puts_into_a_nested_format_does_not_count():
    tree = ast.parse('f"{x:{width}}"')
    before = provenance._canonical(tree)
    tree.body[0].value.values[0].format_spec.values.append(ast.Constant(""))
    assert provenance._canonical(tree) == before
