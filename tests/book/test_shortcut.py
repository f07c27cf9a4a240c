"""`make book` skips the build exactly when nothing that it depends on has changed."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("build", ROOT / "book" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SITE", tmp_path / "_build" / "html")
    for name in (
        "src/analysis/room.py",
        "data/numbers.csv",
        "_build/html/index.html",
        ".venv/ready",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n")
    return module


@pytest.mark.parametrize(
    "name",
    ["src/analysis/room.py", "data/numbers.csv", "_build/html/index.html", ".venv/ready", "new.md"],
)
def test_a_change_anywhere_that_counts_is_seen(build, tmp_path, name):
    before = build.state()
    assert build.state() == before
    (tmp_path / name).write_text("12\n")
    assert build.state() != before


def test_a_page_that_is_gone_is_seen(build, tmp_path):
    before = build.state()
    (tmp_path / "_build/html/index.html").unlink()
    assert build.state() != before


@pytest.mark.parametrize("name", ["tests/test_x.py", "src/analysis/__pycache__/room.pyc", ".git/x"])
def test_what_no_page_shows_does_not_count(build, tmp_path, name):
    before = build.state()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("1\n")
    assert build.state() == before
