"""Heavy studies: written whole or not at all, and stale as soon as their inputs move."""

import inspect
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.book import heavy as validate
from analysis.book import provenance
from analysis.errors import StudyError

FRAME = pd.DataFrame({"rho": [0.1, 1 / 3], "draw": [0, 1]})


INPUTS = {
    "modules": ["analysis.errors"], "files": [], "packages": ["numpy"],
    "extra": {"study": "small"}, "without": [],
}  # fmt: skip


def small(run=lambda: FRAME.copy(), **changes):
    return replace(validate.HeavyResult("small", run, INPUTS, 60.0), **changes)


def failing():
    raise ValueError("no convergence")


def test_a_result_comes_back_to_twelve_digits(tmp_path):
    validate.perform(small(), tmp_path)
    result = validate.load("small", tmp_path)
    assert not result.stale
    pd.testing.assert_frame_equal(result.frame, FRAME, rtol=5e-12, atol=0)


def test_a_failed_run_leaves_the_old_result_untouched(tmp_path):
    validate.perform(small(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="no convergence"):
        validate.perform(small(failing), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("returned", [None, FRAME.set_index("draw")])
def test_a_study_that_returns_no_plain_table_is_refused(tmp_path, returned):
    with pytest.raises(StudyError, match="must return a DataFrame with a plain index"):
        validate.perform(small(lambda: returned), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_stale_result_warns_and_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)  # another test may have begun a shell
    validate.perform(small(), tmp_path)
    sidecar = tmp_path / "small.json"
    record = json.loads(sidecar.read_text())
    record["fingerprint"] = "0" * 12
    sidecar.write_text(json.dumps(record))
    with pytest.warns(validate.StaleResultWarning, match="make validate STUDIES=small"):
        assert validate.load("small", tmp_path).stale


def test_a_result_that_is_not_there_is_named_with_its_command(tmp_path):
    with pytest.raises(StudyError, match="make validate STUDIES=small"):
        validate.load("small", tmp_path)
    validate.perform(small(), tmp_path)
    with pytest.raises(StudyError, match="did you mean 'small'"):
        validate.load("smal", tmp_path)


def test_the_machinery_of_studies_is_no_part_of_their_fingerprint():
    counted = provenance.closure(["analysis.book.heavy"], validate.MACHINERY)
    assert not set(counted) & set(validate.MACHINERY)


def test_an_unknown_study_is_refused():
    with pytest.raises(StudyError, match="no study is called 'nonsense'"):
        validate.chosen(["nonsense"])


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A page with other parameters, a committed table, and a study that counts its runs."""
    ran = []

    def run(**values):
        ran.append(values)
        return FRAME.assign(power=values["power"])

    said = []
    study = small(run, takes=("power", "years"))
    monkeypatch.setattr(validate, "results", lambda: {"small": study})
    monkeypatch.setattr(validate, "ANEW", tmp_path / "anew")
    monkeypatch.setattr(validate, "_say", said.append)
    monkeypatch.setattr(validate.parameters, "_differing", {"power": 2, "label": "<b>"})
    validate.perform(small(), tmp_path)
    return ran, said


def test_a_page_with_other_parameters_shows_the_defaults_result_and_says_so(asked, tmp_path):
    ran, said = asked
    pd.testing.assert_frame_equal(validate.load("small", tmp_path).frame, FRAME)
    assert not ran
    assert "the book's own parameters, not with those of this page" in said[0]


def test_asked_for_the_result_is_made_anew_once_for_what_it_takes(asked, tmp_path, monkeypatch):
    ran, said = asked
    monkeypatch.setenv(validate.REQUEST, "1")
    for _ in range(2):
        assert set(validate.load("small", tmp_path).frame["power"]) == {2}
    assert ran == [{"power": 2}]
    assert (
        said[0]
        == "The result “small” below was made anew with power \\= 2, and with the book's own label."
    )
    monkeypatch.delenv(validate.REQUEST)
    assert set(validate.load("small", tmp_path).frame["power"]) == {2}, "what is there is shown"
    monkeypatch.setattr(validate.parameters, "_differing", {"power": 3})
    assert "power" not in validate.load("small", tmp_path).frame


def noted(specification):
    """A row, and a note of the run."""
    with Path(specification["notes"]).open("a") as file:
        file.write(f"{specification['draw']}\n")
    return {"value": 1 / (1 + specification["draw"])}


def test_a_study_that_was_killed_goes_on_and_ends_as_one_that_was_not(tmp_path, monkeypatch):
    notes = tmp_path / "notes"
    plan = [{"notes": str(notes), "draw": draw} for draw in range(6)]
    monkeypatch.setattr(validate, "_registered", {"small": small()})
    monkeypatch.setattr(validate, "BEGUN", tmp_path / "begun")
    whole = validate.swept("small", noted, plan)
    assert not list((tmp_path / "begun").iterdir()), "nothing is left of a finished study"

    def killed(plan, outcomes):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("analysis.book.sweep._table", killed)
        with pytest.raises(KeyboardInterrupt):
            validate.swept("small", noted, plan[:4])
    notes.write_text("")
    pd.testing.assert_frame_equal(validate.swept("small", noted, plan), whole)
    assert sorted(notes.read_text().split()) == ["4", "5"], "finished rows are not run again"


def test_every_study_can_be_called_with_what_it_takes():
    for study in validate.results().values():
        inspect.signature(study.run).bind(**dict.fromkeys(study.takes))


@pytest.mark.book
def test_every_committed_result_is_current():
    stale = [
        path.stem for path in validate.FOLDER.glob("*.json") if not provenance.is_current(path)
    ]
    assert not stale, f"run `make validate STUDIES={' '.join(stale)}`"


def test_every_study_has_a_committed_result():
    committed = {path.stem for path in validate.FOLDER.glob("*.json")}
    assert committed == set(validate.results())
