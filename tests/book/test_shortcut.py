"""`make book` skips the build exactly when nothing that it depends on has changed."""

import pytest

from analysis.book import build


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    for name in (
        "src/analysis/room.py",
        "data/numbers.csv",
        "_build/html/index.html",
        ".venv/ready",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["src/analysis/room.py", "data/numbers.csv", "_build/html/index.html", ".venv/ready", "new.md"],
)
def test_a_change_anywhere_that_counts_is_seen(project, name):
    before = build.state(project)
    assert build.state(project) == before
    (project / name).write_text("12\n")
    assert build.state(project) != before


def test_a_page_that_is_gone_is_seen(project):
    before = build.state(project)
    (project / "_build/html/index.html").unlink()
    assert build.state(project) != before


@pytest.mark.parametrize("name", ["tests/test_x.py", "src/analysis/__pycache__/room.pyc", ".git/x"])
def test_what_no_page_shows_does_not_count(project, name):
    before = build.state(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("1\n")
    assert build.state(project) == before


def test_a_study_of_ones_own_is_also_made_from_the_package(project, tmp_path_factory):
    study = tmp_path_factory.mktemp("study")
    before = build.state(study)
    (project / "src/analysis/room.py").write_text("2\n")
    assert build.state(study) != before
