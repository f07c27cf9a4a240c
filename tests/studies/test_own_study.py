"""A study of one's own: from two files to sections, and every mistake by name."""

import json
import re
import shlex
import subprocess
import sys
import warnings
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import (
    DomainError,
    DuplicateObservationError,
    MissingColumnError,
    SpecificationError,
    StudyFileError,
    UnitRootWarning,
)
from analysis.spatial import fit
from analysis.study import find_study, open_study, sections
from analysis.study.attempt import attempt
from analysis.study.curve.choices import defaults
from analysis.study.curve.choices import estimate as estimate_one
from analysis.study.curve.plan import read as plan
from analysis.study.own import FIELDS, balances, examine, read
from analysis.study.skeleton import PAGES, new, older, prepare
from analysis.study.transform import Transform
from analysis.weights import distance_band, kernel

UNITS = [f"town {letter}" for letter in "abcdefghijkl"]


def files(folder):
    """Two small files with invented numbers, and a declaration that uses every section."""
    rng = np.random.default_rng(8)
    index = pd.MultiIndex.from_product([UNITS, range(2001, 2009)], names=["town", "year"])
    frame = pd.DataFrame(index=index)
    frame["gdp"] = np.exp(rng.normal(3, 0.4, len(frame)))
    frame["people"] = np.exp(rng.normal(1, 0.2, len(frame)))
    frame["capital"] = frame["gdp"] * np.exp(rng.normal(1, 0.2, len(frame)))
    frame["roads"] = rng.uniform(1, 5, len(frame))
    frame["patents"] = rng.uniform(1, 9, len(frame)) + 0.5 * frame["roads"]
    frame["co2"] = frame["gdp"] * np.exp(0.2 * frame["roads"] + rng.normal(0, 0.2, len(frame)))
    frame.reset_index().to_csv(folder / "panel.csv", index=False)
    places = pd.DataFrame({"town": UNITS, "name": [u.title() for u in UNITS]})
    places["lon"], places["lat"] = rng.uniform(10, 14, 12), rng.uniform(50, 54, 12)
    places["coast"] = [1, 0] * 6
    places.to_csv(folder / "places.csv", index=False)
    (folder / "study.toml").write_text(SOUND)
    return folder


SOUND = """
[study]
title = "Roads & <carbon> $x$ {ref}`y`"
[data]
panel = "panel.csv"
unit = "town"
period = "year"
places = "places.csv"
name = "name"
income = "income"
[variables.carbon]
label = "ln <b>carbon</b> | {ref}`x` $"
role = "outcome"
transform = "log(co2 / gdp)"
[variables.roads]
role = "explanatory"
[variables.income]
label = "income"
transform = "gdp / people"
[variables.patents]
transform = "log"
[weights.far]
build = "inverse-distance"
[weights.near]
build = "nearest"
k = 3
[model]
outcome = "carbon"
regressors = ["roads", "roads^2", "income"]
[groups.coast]
column = "coast"
labels = {1 = "coast", 0 = "inland"}
[mediation]
mediator = "patents"
[efficiency]
inputs = ["capital", "people"]
good = ["gdp"]
bad = ["co2"]
[robustness]
without = [["town a"]]
[curve]
controls = ["all"]
estimator = ["transformation"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return files(tmp_path_factory.mktemp("own"))


@pytest.fixture
def copy(tmp_path):
    return files(tmp_path)


def test_a_declaration_opens_like_any_study(folder):
    sample = open_study(find_study(str(folder)), weights="near", years="2002-2008")
    assert (sample.panel.n_units, sample.panel.n_periods, sample.matrix) == (12, 7, "near")
    raw = pd.read_csv(folder / "panel.csv").set_index(["town", "year"])
    wanted = np.log(raw["co2"] / raw["gdp"]).loc[("town c", 2005)]
    assert sample.panel.frame["carbon"].loc[("town c", 2005)] == pytest.approx(wanted)
    assert sample.kind() == "free"
    assert sample.banner.kind == "real"


@pytest.mark.seconds
@pytest.mark.parametrize("name", sections.SECTIONS)
def test_every_section_has_the_parts_that_its_page_shows(folder, name):
    study = find_study(str(folder))
    section = sections.SECTIONS[name]
    if sections.lacks(study).get(section.__name__):
        assert name == "audit"
        return
    found = section(open_study(study))
    assert found.said
    for part in PAGES[name]["parts"]:
        shown = found[part]
        if hasattr(shown, "myst"):  # what the user wrote is text and never markup
            assert not re.search(r"(?<!\\)[<{]b>|(?<!\\)\{ref\}", shown.myst.partition("\n\n")[2])
            assert f"{shown.label}.csv" in shown.files
            assert not re.search(r"\\[^\s\w]", shown.files[f"{shown.label}.csv"])
            assert f"analysis.study.sections.{section.__name__}" in shown.origin["code"]


@pytest.mark.seconds
@pytest.mark.parametrize("model", ['"sar"', '"sem"', '"slx"', '"sdm"\ndynamic = true'])
def test_the_sections_take_every_model(copy, model):
    path = copy / "study.toml"
    path.write_text(SOUND.replace("[model]", f"[model]\nmodel = {model}"))
    sample = open_study(read(copy))
    for name in (
        "model_choice",
        "estimates",
        "effects",
        "turning_point",
        "robustness",
        "mediation",
    ):
        assert sections.SECTIONS[name](sample).said


def test_a_part_that_there_is_not_is_named_with_the_nearest(folder):
    found = sections.robustness(open_study(find_study(str(folder))))
    with pytest.raises(Exception, match="did you mean 'table'"):
        found["tabel"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('income = "income"', 'incme = "income"', "unknown key incme, did you mean 'income'"),
        ("[robustness]", "[robustnes]", r"unknown section \[robustnes\], did you mean 'robustness'"),
        ("k = 3", 'k = "3"', "k = '3' must be a whole number"),
        ("k = 3", "k = 0", "k=0: must be a whole number from 1 to 11"),
        ("k = 3", "", "nearest needs k: neighbours"),
        ("k = 3", "k = 3\nkilometres = 5", "nearest takes no kilometres, but k"),
        ('build = "nearest"\nk = 3', 'build = "distance-band"', "distance-band needs kilometres"),
        ('build = "nearest"\nk = 3', 'build = "distance-band"\nkilometres = 1', "without neighbours: town a"),
        ('build = "nearest"', 'build = "kernel"\nfunction = "gausian"', "did you mean 'gaussian'"),
        ('build = "nearest"\nk = 3', 'build = "contiguity"', "contiguity needs file"),
        ('build = "nearest"\nk = 3', 'build = "contiguity"\nfile = "b.geojson"', "no file .*b.geojson"),
        ('build = "nearest"', 'build = "gravity"', "gravity takes no k, but power"),
        ("k = 3", "k = 40", "weights.near"),
        ('build = "nearest"', 'build = "nearst"', "no build 'nearst', did you mean 'nearest'"),
        ('build = "nearest"\nk = 3', 'file = "w.csv"', "no file"),
        ("log(co2 / gdp)", "log(co3 / gdp)", "no column 'co3' in the panel, did you mean 'co2'"),
        ("log(co2 / gdp)", "log(co2 - 1e9)", "log of co2 .* must be positive, in town a 2001"),
        ("log(co2 / gdp)", "__import__('os')", "no function '__import__'"),
        ('column = "coast"', 'column = "cost"', "no column of the places 'cost', did you mean 'coast'"),
        ('1 = "coast", 0', '1 = "coast", 2', "labels name no group for the value 0"),
        ('outcome = "carbon"\nreg', 'outcome = "crbon"\nreg', "no variable 'crbon', did you mean"),
        ('"roads^2", "income"]', '"rods^2"]', "no variable 'rods'"),
        ('mediator = "patents"', 'mediator = "patent"', r"no variable 'patent', did you mean 'patents'"),
        ('"town a"', '"town z"', "no unit 'town z', did you mean 'town"),
        ('inputs = ["capital"', 'inputs = ["kapital"', "no column 'kapital', did you mean 'capital'"),
        ('places = "places.csv"', 'places = "place.csv"', "no file .*place.csv, did you mean 'places.csv'"),
        ('period = "year"', 'period = "yaer"', "no column 'yaer', did you mean 'year'"),
        ('role = "explanatory"', 'role = "explaining"', "there are: outcome, explanatory"),
        ("[model]", "[model", "is no TOML"),
        ("[curve]", '[printed]\ntables = "p.csv"\n[curve]', r"\[printed\] tables: there is no file .*p.csv"),
        ("[robustness]", "[robustness]\nperiods = [1999]", "reaches beyond the panel, to 1999"),
        ('regressors = ["roads", "roads^2", "income"]', "", "regressors is missing"),
        ('[weights.near]', '["weights"."ne\\nar"]', "named by letters"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(copy, old, new, says):
    path = copy / "study.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    _, problems = examine(copy)
    assert re.search(says, "\n".join(problems)), problems
    with pytest.raises(StudyFileError, match="cannot be used"):
        read(copy)


@pytest.mark.parametrize(
    "content",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "[" + ".".join("a" * 5000) + "]",
        "a = " + "9" * 5000,
        "a = 1\na = 2",
        "a = '\x00'",
        "\ud800",
    ],
)
def test_a_trick_of_toml_is_named_with_its_file(tmp_path, content):
    path = tmp_path / "study.toml"
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(StudyFileError, match=r"study\.toml is no TOML: .*\w"):
        read(tmp_path)


def test_an_editors_mark_at_the_head_of_a_file_is_no_fault(copy):
    path = copy / "study.toml"
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert examine(copy)[1] == []


@pytest.mark.parametrize(
    ("name", "content", "build"),
    [
        ("w.gal", "99999 a\n", ""),
        ("w.gal", "", ""),
        ("w.geojson", '{"type":', 'build = "contiguity"\n'),
        ("w.geojson", "[]", 'build = "contiguity"\n'),
        ("w.gpkg", "no database", 'build = "contiguity"\n'),
        ("w.csv", "unit,neighbour,weight\na,b,x\n", ""),
        ("w.csv", "", ""),
    ],
)
def test_a_file_of_weights_that_cannot_be_read_is_named(copy, name, content, build):
    (copy / name).write_text(content)
    path = copy / "study.toml"
    text = path.read_text().replace('build = "nearest"\nk = 3', f'{build}file = "{name}"')
    path.write_text(text)
    assert name in "\n".join(examine(copy)[1])


def test_one_check_lists_all_mistakes_at_once(copy):
    path = copy / "study.toml"
    text = path.read_text().replace("log(co2 / gdp)", "log(co3)").replace("k = 3", "k = 0")
    path.write_text(text.replace('mediator = "patents"', 'mediator = "patens"'))
    done = CliRunner().invoke(app, ["check", str(copy)])
    assert done.exit_code == 1
    assert done.output.count("\n- ") + done.output.startswith("- ") == 3


def test_a_sound_study_says_what_can_run(folder):
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 0, done.output
    assert "mediation: can run" in done.output
    assert "audit: left out, needs a file of printed numbers" in done.output


def test_a_matrix_of_another_size_is_refused(copy):
    w = pd.DataFrame(1.0 - np.eye(11), UNITS[:-1], UNITS[:-1])
    w.to_csv(copy / "w.csv")
    path = copy / "study.toml"
    path.write_text(path.read_text().replace('build = "nearest"\nk = 3', 'file = "w.csv"'))
    assert "w.csv has 11 units, the panel 12; no row for town l" in "\n".join(examine(copy)[1])


def test_a_matrix_from_a_file_is_aligned_by_label(copy):
    rng = np.random.default_rng(1)
    order = rng.permutation(UNITS)
    numbers = rng.uniform(size=(12, 12))
    np.fill_diagonal(numbers, 0)
    w = pd.DataFrame(numbers, UNITS, UNITS)
    w.loc[order, order].to_csv(copy / "w.csv")
    path = copy / "study.toml"
    path.write_text(path.read_text().replace('build = "nearest"\nk = 3', 'file = "w.csv"'))
    sample = open_study(read(copy), weights="near")
    wanted = w.div(w.sum(axis=1), axis=0)
    np.testing.assert_allclose(sample.weights.dense(), wanted, rtol=1e-12)


def declared(folder, lines):
    """The folder's study with another matrix in the place of its nearest neighbours."""
    path = folder / "study.toml"
    path.write_text(SOUND.replace('build = "nearest"\nk = 3', lines))
    return folder


def squares(folder, **rename):
    """Areas of the twelve towns: three rows of four squares, each in two halves."""
    features = []
    for place, name in enumerate(UNITS):
        x, y = place % 4, place // 4
        for a, b in ((x, x + 0.5), (x + 0.5, x + 1)):
            ring = [[a, y], [b, y], [b, y + 1], [a, y + 1], [a, y]]
            shape = {"type": "Polygon", "coordinates": [ring]}
            properties = {"number": place, "NAME": rename.get(name[-1], name)}
            features.append({"type": "Feature", "properties": properties, "geometry": shape})
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "areas.geojson").write_text(text)


@pytest.mark.parametrize(("rook", "corner"), [("true", 0), ("false", 1)])
def test_areas_that_touch_are_neighbours(copy, rook, corner):
    squares(copy)
    declared(copy, f'build = "contiguity"\nfile = "areas.geojson"\nrook = {rook}')
    near = open_study(read(copy), weights="near").weights
    found = pd.DataFrame(near.dense() > 0, near.units, near.units)
    assert found.loc["town a", ["town b", "town e"]].all()
    assert found.loc["town a", "town f"] == bool(corner)
    assert found.loc["town a"].sum() == 2 + corner


def test_an_area_that_is_missing_is_named_with_the_nearest(copy):
    squares(copy, c="towm c")
    declared(copy, 'build = "contiguity"\nfile = "areas.geojson"')
    said = "\n".join(examine(copy)[1])
    assert (
        "areas.geojson has 12 units, the panel 12; no row for town c, did you mean 'towm c'" in said
    )
    declared(copy, 'build = "contiguity"\nfile = "areas.geojson"\nid = "code"')
    assert "no property 'code' with the units' labels; it has number, NAME" in "\n".join(
        examine(copy)[1]
    )


def test_a_list_of_neighbours_is_a_matrix(copy):
    pairs = [(a, b) for a, b in zip(UNITS, UNITS[1:] + UNITS[:1], strict=True)]
    frame = pd.DataFrame(pairs + [b[::-1] for b in pairs], columns=["unit", "neighbour"])
    frame.assign(weight=[1] * 12 + [3] * 12).to_csv(copy / "n.csv", index=False)
    weights = open_study(read(declared(copy, 'file = "n.csv"')), weights="near").weights
    w = pd.DataFrame(weights.dense(), weights.units, weights.units)
    assert w.loc["town b", ["town c", "town a"]].tolist() == [0.25, 0.75]
    frame.iloc[1:].replace("town a", "town z").to_csv(copy / "n.csv", index=False)
    assert "no row for town a" in "\n".join(examine(copy)[1])


def test_a_mediator_is_one_whatever_its_role_and_may_be_a_regressor(copy):
    path = copy / "study.toml"
    text = SOUND.replace("[variables.patents]", '[variables.patents]\nrole = "control"')
    path.write_text(
        text.replace('["roads", "roads^2", "income"]', '["roads", "patents", "income"]')
    )
    study = read(copy)
    assert study.symbols("mediator") == ("patents",)
    assert not sections.lacks(study)["mediation"]
    found = sections.mediation(open_study(study))
    assert "in the paths it is the mediator alone" in found.said[-1]
    assert found.said[0].startswith("The mediated effect is")
    path.write_text(SOUND)
    alone = sections.mediation(open_study(read(copy)))
    assert not [said for said in alone.said if "mediator alone" in said]


@pytest.mark.seconds
@pytest.mark.parametrize("regressors", [["roads", "L.roads", "income"], ["L2.roads", "income"]])
def test_a_lag_among_the_regressors_stops_no_page_and_has_a_name(copy, regressors):
    path = copy / "study.toml"
    path.write_text(SOUND.replace('["roads", "roads^2", "income"]', json.dumps(regressors)))
    study = read(copy)
    assert study.label("L.roads") == "roads, last year"
    assert study.label("W.L2.roads") == "W × roads, 2 years before"
    assert replace(study, period="period").label("L.carbon").endswith(", last period (τ)")
    assert study.focus == (regressors[0],)
    sample = open_study(study)
    for name in ("data", "estimates", "effects", "robustness", "heterogeneity", "mediation"):
        assert not attempt(sections.SECTIONS[name], sample).said[0].startswith("This section")
    rows = estimate_one(str(copy), {})
    assert {row["quantity"] for row in rows} == {"coefficient", "direct effect", "total effect"}


def test_a_curve_of_two_variables_of_interest_has_no_turning_point(copy):
    path = copy / "study.toml"
    text = SOUND.replace("[variables.income]", '[variables.income]\nrole = "explanatory"')
    path.write_text(text.replace('["roads", "roads^2", "income"]', '["roads", "income"]'))
    assert "turning point" not in {row["quantity"] for row in estimate_one(str(copy), {})}


def test_zeros_before_a_number_do_not_part_a_unit_from_its_neighbours(copy):
    for name in ("panel.csv", "places.csv"):
        rows = pd.read_csv(copy / name)
        rows["town"] = [f"{UNITS.index(town) + 1:03d}" for town in rows["town"]]
        rows.to_csv(copy / name, index=False)
    ring = [f"{k:03d} 1\n{k % 12 + 1:03d}\n" for k in range(1, 13)]
    (copy / "w.gal").write_text("0 12 towns town\n" + "".join(ring))
    path = copy / "study.toml"
    text = re.sub(r"(?m)^without = .*$", "", SOUND)
    path.write_text(text.replace('build = "nearest"\nk = 3', 'file = "w.gal"'))
    dense = open_study(read(copy), weights="near").weights.dense()
    assert [int(row.argmax()) for row in dense] == [*range(1, 12), 0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace(",", ";"), "semicolons between columns"),
        (lambda text: text + text.splitlines()[1] + "\n", "more than one row for 1 2001"),
        (lambda text: re.sub(r"(?m)^2,2003,.*$", "2,2003" + 6 * ",soon", text),
         "co2: no number, 'soon', in 2 2003; correct the cell"),
    ],
)  # fmt: skip
def test_new_says_what_is_wrong_with_a_panel_of_numbered_units(tmp_path, change, says):
    rows = pd.read_csv(files(tmp_path) / "panel.csv")
    rows["town"] = [UNITS.index(town) + 1 for town in rows["town"]]
    (tmp_path / "panel.csv").write_text(change(rows.to_csv(index=False)))
    places = pd.read_csv(tmp_path / "places.csv").assign(town=range(1, 13))
    places.to_csv(tmp_path / "places.csv", index=False)
    with pytest.raises(Exception, match=re.escape(says)):
        new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", "co2", "roads")
    assert not (tmp_path / "made").exists()


def test_the_periods_are_no_column_that_the_places_have(tmp_path):
    rows = pd.read_csv(files(tmp_path) / "panel.csv")
    rows["town"] = [UNITS.index(town) + 1 for town in rows["town"]]
    rows["year"] -= 2000
    rows.rename(columns={"year": "round"}).to_csv(tmp_path / "panel.csv", index=False)
    places = pd.read_csv(tmp_path / "places.csv").assign(town=range(1, 13))
    places.to_csv(tmp_path / "places.csv", index=False)
    new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", "co2", "roads")
    assert 'period = "round"' in (tmp_path / "made" / "study.toml").read_text()


def test_no_sentence_speaks_of_period_effects_or_lags_that_the_model_lacks(copy):
    path = copy / "study.toml"
    path.write_text(
        SOUND.replace("[groups.coast]", 'model = "sar"\neffects = "individual"\n[groups.coast]')
    )
    sample = open_study(read(copy))
    estimates, mediation = sections.estimates(sample), sections.mediation(sample)
    assert estimates["implied"] is None
    assert not [said for said in estimates.said if "true ρ" in said]
    assert not [said for said in mediation.said if "neighbours mediate" in said]
    (note,) = sections.model_choice(sample)["probabilities"].notes
    assert "Year" not in note


def test_notes_that_say_the_same_stand_once(folder):
    (notes,) = sections.model_choice(open_study(read(folder)))["tests"].notes
    assert (
        notes.count("two\\-way effects removed\\, with which it rejects a true null too often") == 1
    )
    assert "LM lag, LM error" in notes


def test_bands_and_kernels_are_those_of_the_library(copy):
    far = read(declared(copy, 'build = "distance-band"\nkilometres = 300'))
    places = far.load().places
    wanted = distance_band(places, 300).align(UNITS)
    np.testing.assert_allclose(open_study(far, weights="near").weights.dense(), wanted.dense())
    kernels = read(declared(copy, 'build = "kernel"\nk = 4\nfunction = "quadratic"'))
    found = open_study(kernels, weights="near").weights.dense()
    np.testing.assert_allclose(found, kernel(places, 4, "quadratic").dense())


def test_a_group_of_one_is_refused(copy):
    places = pd.read_csv(copy / "places.csv")
    places["coast"] = [1] + [0] * 11
    places.to_csv(copy / "places.csv", index=False)
    assert "group 'coast' has one unit" in "\n".join(examine(copy)[1])
    places["coast"] = [np.nan] + [1.0, 0.0] * 5 + [1.0]
    places.to_csv(copy / "places.csv", index=False)
    assert examine(copy)[1] == ["[groups.coast]: 'coast' is empty for town a"]


def holed(folder):
    panel = pd.read_csv(folder / "panel.csv")
    panel = panel[~((panel["town"] == "town b") & (panel["year"] < 2003))]
    panel.loc[(panel["town"] == "town c") & (panel["year"] == 2005), "gdp"] = np.nan
    panel.to_csv(folder / "panel.csv", index=False)
    return folder


def test_an_unbalanced_panel_offers_its_balanced_parts_with_their_cost(copy):
    said = "\n".join(examine(holed(copy))[1])
    assert 'balance = "units" keeps 10 of 12 units and 8 of 8 periods (2001-2008)' in said
    assert 'balance = "periods" keeps 12 of 12 units and 3 of 8 periods (2006-2008)' in said
    assert 'gaps = "interpolate"' in said


def test_a_part_or_interpolation_is_taken_only_where_asked_for_and_told(copy):
    path = holed(copy) / "study.toml"
    path.write_text(
        SOUND.replace("[variables.carbon]", 'balance = "units"\ngaps = "interpolate"\n'
                      "[variables.carbon]", 1)
    )  # fmt: skip
    study = read(copy)
    data = study.load()
    assert data.panel.n_units == 11
    assert "town b" not in data.panel.units
    filled = next(note for note in data.notes if "linear interpolation" in note)
    assert re.search(r"range: 1 \(town \w \d{4} \w+\)\.$", filled), "the cell is named"
    assert any("11 units and 8 periods have every value" in note for note in data.notes)
    assert sum("units" in said for said in sections.description(open_study(study)).said) >= 2


def test_the_largest_part_has_the_most_cells():
    rng = np.random.default_rng(5)
    held = pd.DataFrame(rng.uniform(size=(9, 7)) < 0.8)
    units, periods = balances(held)["largest"]
    best = max(
        held.iloc[:, a:b].all(axis=1).sum() * (b - a)
        for a in range(7) for b in range(a + 2, 8) if held.iloc[:, a:b].all(axis=1).sum() > 1
    )  # fmt: skip
    assert len(units) * len(periods) == best
    assert held.loc[units, periods].to_numpy().all()


@pytest.mark.parametrize(
    "text",
    ["x.y", "x[0]", "f(x)", "lambda: 1", "(x := 1)", "'a'", "x if y else x", "x^100", "x ** y",
     "log(x", "True", "x; y", "{x}", "x < y", "not x", "log(x, y)", "lag(x, 0)", "x" * 400, "", "x @ y"],
)  # fmt: skip
def test_what_is_not_in_the_grammar_is_refused(text):
    with pytest.raises(SpecificationError):
        Transform.read(text)


def test_transforms_compute_what_they_say():
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2, 3]], names=["unit", "period"])
    frame = pd.DataFrame({"x": [1.0, 2, 4, 8, 16, 32], "real gdp": 2.0, "z": 0.0}, index=index)
    assert Transform.read("lag(x) * 2 ^ 2 - 1").of(frame).tolist()[1:3] == [3.0, 7.0]
    assert Transform.read("lag(x)").of(frame).isna().tolist() == [True, False, False] * 2
    assert Transform.read("share(x, x + `real gdp`)").of(frame).iloc[0] == pytest.approx(1 / 3)
    np.testing.assert_allclose(Transform.read("log(x)").of(frame), np.log(frame["x"]))
    with pytest.raises(DomainError, match="division by z, which is zero, in a 1"):
        Transform.read("x / z").of(frame)
    with pytest.raises(DomainError, match="share"):
        Transform.read("share(x, `real gdp`)").of(frame)
    with pytest.raises(MissingColumnError, match="did you mean 'x'"):
        Transform.read("xx").of(frame.rename(columns={"real gdp": "g"}))


def test_a_sweep_takes_the_folder(folder):
    asked = plan(str(folder), {"weights": "*", "dynamics": "*"})
    assert asked.name == folder.name
    assert len(asked.specifications) == 4
    assert {row["quantity"] for row in asked.run(asked.specifications[0])} >= {"coefficient"}


def test_new_pages_are_never_written_over(copy):
    prepare(copy)
    page, toc = copy / "notebooks" / "estimates.py", copy / "_toc.yml"
    page.write_text("# mine\n")
    toc.write_text("format: jb-book\nroot: mine\n")
    prepare(copy)
    assert page.read_text() == "# mine\n"
    assert "root: mine" in toc.read_text()


def test_notebooks_of_an_older_version_stay_and_are_named(copy):
    assert not older(copy)
    prepare(copy)
    pages = copy / "notebooks"
    edited, old = pages / "effects.py", pages / "estimates.py"
    edited.write_text(edited.read_text() + "\n# mine\n")
    assert not older(copy)
    text = re.sub("made: .*", "made: 00000000", old.read_text())
    old.write_text(text)
    assert any("estimates.py: of an older version" in line for line in prepare(copy))
    assert old.read_text() == text
    with pytest.raises(StudyFileError, match=r"there already.*\n.*moves these out of notebooks"):
        new(copy, copy / "panel.csv", copy / "places.csv", "co2", "roads")
    old.rename(copy / "estimates.py")
    assert not any("older" in line for line in prepare(copy))
    assert old.is_file()


def test_a_new_declaration_shows_every_key_and_reads_back(copy):
    begun(copy)
    text = (copy / "made" / "study.toml").read_text()
    for section, keys in FIELDS.items():
        part = text.partition(f"[{section}]")[2] or text.partition(f"# [{section}]")[2]
        for key, said in keys.items():
            assert re.search(rf"^(# )?{key} = .*{re.escape(said.told)}$", part, re.M), (
                section,
                key,
            )
    assert 'labels = { 1 = "coast", 0 = "not coast" }' in text


def test_a_new_study_guesses_keys_and_asks_for_the_rest_by_name(tmp_path):
    files(tmp_path)
    with pytest.raises(StudyFileError, match=r"name the outcome variable by --outcome.*roads"):
        new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv")
    left = new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", "co2", "roads")
    study = read(tmp_path / "made")
    assert (study.outcome, study.focus) == ("co2", ("roads",))
    assert list(study.groups) == ["coast"]
    assert study.names == "name"
    assert any(line.startswith("left out: mediation: needs") for line in left)
    with pytest.raises(StudyFileError, match="there already"):
        new(tmp_path / "made", tmp_path / "panel.csv", tmp_path / "places.csv", "co2", "roads")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["made", "it's [a](b) {{7*7}} #1%", "<b>öl"])
def test_from_a_csv_in_an_empty_folder_to_pages(tmp_path, name):
    files(tmp_path)
    command = [sys.executable, "-m", "analysis.cli"]
    made = tmp_path / name
    named = ["--outcome", "co2", "--explanatory", "roads"]
    given = ["--panel", tmp_path / "panel.csv", "--places", tmp_path / "places.csv"]
    begun = subprocess.run(
        [*command, "new", made, *given, *named], check=True, capture_output=True, text=True
    )
    line = begun.stdout.rsplit("`", 2)[1]
    assert shlex.split(line) == ["analysis", "build", str(made)]
    subprocess.run([*command, *shlex.split(line)[1:]], check=True)
    written = {path.stem for path in (made / "notebooks").glob("*.py")}
    pages = {path.stem for path in (made / "_build" / "html" / "notebooks").glob("*.html")}
    assert pages == written
    assert {"data", "estimates", "robustness", "heterogeneity"} <= pages
    text = (made / "_build" / "html" / "notebooks" / "estimates.html").read_text()
    assert "In short" in text
    assert "simulated" not in text.lower()
    index = (made / "_build" / "html" / "index.html").read_text()
    heads = re.findall(r"<h1>(.*?)<", index) + re.findall(r"logo__title\">(.*?)<", index)
    assert {unescape(head).replace("’", "'") for head in heads} == {name}
    for page in (made / "_build" / "html").rglob("*.html"):
        assert "<b>ö" not in page.read_text()
    again = unescape(re.search(r"analysis rerun [^<\n]+", text)[0]).strip()
    assert shlex.split(again)[2] == f"{name}/estimates"


def test_every_key_of_the_file_is_explained_on_the_page():
    page = (Path(__file__).parents[2] / "book" / "own_study.md").read_text(encoding="utf-8")
    for section, keys in FIELDS.items():
        assert f"[{section}]" in page
        part = page.partition(f"### `[{section}]`")[2].partition("###")[0]
        for key, said in keys.items():
            assert re.search(rf"`{key}` .*{re.escape(said.meaning)} \|", part), f"{section}.{key}"
            assert all(choice in part for choice in said.choices)


def test_a_section_says_what_its_estimators_warn_of():
    study = find_study("cigarettes")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = sections.section("estimators")(_near_a_unit_root)(open_study(study))
    assert made.said == ["A caution of the estimator (2 such fits): one of 3 roots."]


def _near_a_unit_root(found, sample):
    for _ in range(2):
        warnings.warn("one of 3 roots", UnitRootWarning, stacklevel=1)


def test_a_fault_of_the_places_is_said_alone_and_infinity_is_no_number(copy):
    places, panel = pd.read_csv(copy / "places.csv"), pd.read_csv(copy / "panel.csv")
    places.drop(columns="lon").to_csv(copy / "places.csv", index=False)
    (said,) = examine(copy)[1]
    assert said.startswith("[data] places: no column 'lon'")
    places.replace("town c", "town c ").to_csv(copy / "places.csv", index=False)
    assert "no row for 'town c', which the panel has, did you mean 'town c '" in examine(copy)[1][0]
    places.to_csv(copy / "places.csv", index=False)
    panel.loc[1, "gdp"] = np.inf
    panel.to_csv(copy / "panel.csv", index=False)
    assert "column 'gdp' of the panel is no number in town a 2002" in "\n".join(examine(copy)[1])


def test_a_place_that_is_missing_is_named_though_there_are_groups(copy):
    places = pd.read_csv(copy / "places.csv")
    places.iloc[1:].to_csv(copy / "places.csv", index=False)
    assert any("[data] places: no row for town a" in said for said in examine(copy)[1])


def test_a_page_follows_the_declaration_that_was_edited_after_it(copy):
    prepare(copy)
    said = (copy / "notebooks" / "estimates.py").read_text()
    assert 'weights: str = ""' in said
    assert 'years: str = ""' in said
    sample = open_study(read(copy), {"weights": "", "years": ""})
    assert (sample.matrix, sample.panel.n_periods) == ("far", 8)
    path = copy / "study.toml"
    path.write_text(SOUND.replace("[variables.carbon]", 'periods = "2003-2008"\n[variables.carbon]', 1)
                    .replace("weights.far", "weights.distant"))  # fmt: skip
    sample = open_study(read(copy), {"weights": "", "years": ""})
    assert (sample.matrix, sample.panel.n_periods) == ("distant", 6)


def begun(folder, panel=None, places=None):
    for name, table in (("panel", panel), ("places", places)):
        if table is not None:
            table.to_csv(folder / f"{name}.csv", index=False)
    return new(folder / "made", folder / "panel.csv", folder / "places.csv", "co2", "roads")


def test_a_failed_beginning_names_the_fault_and_leaves_nothing(copy):
    panel, places = pd.read_csv(copy / "panel.csv"), pd.read_csv(copy / "places.csv")
    with pytest.raises(StudyFileError, match=r"places.csv has no row for town b, did you mean"):
        begun(copy, places=places.replace("town b", "towm b"))
    with pytest.raises(StudyFileError, match="more than one row for town a"):
        begun(copy, places=pd.concat([places, places.head(1)]))
    with pytest.raises(DuplicateObservationError, match="more than one row for town a 2001"):
        begun(copy, pd.concat([panel, panel.head(1)]), places)
    assert not (copy / "made").exists()


def test_years_written_as_decimals_begin_a_study_and_a_cell_of_text_is_named(copy):
    panel = pd.read_csv(copy / "panel.csv").astype({"year": float, "patents": object})
    panel.loc[2, "patents"] = "n/a (x)"
    assert "patents: no number, 'n/a (x)', in town a 2003" in begun(copy, panel)
    assert read(copy / "made").years[0] == 2001


def test_a_panel_in_the_coding_of_yearbooks_is_read_and_marks_of_nothing_are_holes(copy):
    panel = pd.read_csv(copy / "panel.csv").rename(columns={"patents": "专利"})
    panel.to_csv(copy / "panel.csv", index=False, encoding="gb18030")
    assert new(copy / "made", copy / "panel.csv", copy / "places.csv", "专利", "roads")
    assert read(copy / "made").outcome == "专利"
    panel["专利"] = panel["专利"].astype(object)
    panel.loc[3, "专利"] = ":"
    panel.to_csv(copy / "made" / "data" / "panel.csv", index=False)
    assert "such as town a 2004" in "\n".join(examine(copy / "made")[1])


def test_the_title_of_a_book_follows_the_declaration(copy):
    prepare(copy)
    path = copy / "study.toml"
    path.write_text(re.sub('title = ".*"', 'title = "Another"', SOUND))
    prepare(copy)
    assert 'title: "Another"' in (copy / "_config.yml").read_text()
    assert (copy / "index.md").read_text().startswith("# Another\n")


def test_a_page_that_a_folder_lacks_is_named_among_its_own(copy):
    prepare(copy)
    done = CliRunner().invoke(app, ["parameters", str(copy / "estimate")])
    assert "did you mean 'estimates'" in " ".join(done.output.split())


def with_sum(folder, rounded):
    """The panel with roads split into two columns that add up to it, and a model of all three."""
    panel = pd.read_csv(folder / "panel.csv")
    part = np.random.default_rng(3).uniform(0.2, 0.8, len(panel))
    panel["paved"], panel["gravel"] = panel["roads"] * part, panel["roads"] * (1 - part)
    panel = panel.round({"paved": 4, "gravel": 4}) if rounded else panel
    panel.to_csv(folder / "panel.csv", index=False)
    text = SOUND.replace(
        "[variables.income]", "[variables.paved]\n[variables.gravel]\n[variables.income]"
    )
    text = text.replace('["roads", "roads^2", "income"]', '["roads", "paved", "gravel"]')
    (folder / "study.toml").write_text(text)


@pytest.mark.seconds
@pytest.mark.parametrize("rounded", [False, True])
def test_a_sum_beside_its_parts_is_named_by_the_check(copy, rounded):
    with_sum(copy, rounded)
    done = CliRunner().invoke(app, ["check", str(copy)])
    assert done.exit_code == 1
    said = next(line for line in done.output.splitlines() if line.startswith("- [model]"))
    assert all(name in said for name in ("roads", "paved", "gravel"))


def test_a_section_that_cannot_be_made_is_a_page_with_its_reason(copy):
    with_sum(copy, rounded=False)
    made = attempt(sections.estimates, open_study(read(copy)))
    assert made["table"] is None
    said = made.said[0].replace(chr(92), "")
    assert "cannot be made of these data: gravel is a linear combination of roads, paved" in said
    assert "under [model] in study.toml" in said
    whole = attempt(sections.description, open_study(read(copy)))
    assert whole["variables"] is not None


def test_what_a_computation_warns_of_is_said_and_nothing_reaches_the_page(folder):
    def make(sample):
        warnings.warn("something is odd", RuntimeWarning, stacklevel=1)
        warnings.warn("this keyword goes", DeprecationWarning, stacklevel=1)
        return sections.Section(sample.page())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = attempt(make, open_study(find_study(str(folder))))
    assert made.said == ["A caution of the computation: something is odd."]


def test_a_matrix_that_knows_no_near_and_far_is_refused(copy):
    path = copy / "study.toml"
    path.write_text(SOUND.replace("k = 3", "k = 11"))
    assert r"[weights.near]: all cells are equal" in "\n".join(examine(copy)[1])


def test_periods_beyond_the_data_are_refused(copy):
    (copy / "study.toml").write_text(
        SOUND.replace("[variables.carbon]", 'periods = "1999-2008"\n[variables.carbon]', 1)
    )
    assert "reaches beyond the data, which have 2001-2008" in "\n".join(examine(copy)[1])


def test_units_of_a_matrix_that_the_places_lack_are_told(copy):
    names = [*UNITS, "elsewhere"]
    w = pd.DataFrame(np.random.default_rng(2).uniform(size=(13, 13)), names, names)
    w.where(~np.eye(13, dtype=bool), 0).to_csv(copy / "w.csv")
    path = copy / "study.toml"
    path.write_text(SOUND.replace('build = "nearest"\nk = 3', 'file = "w.csv"'))
    assert any("1 units that the panel lacks (elsewhere)" in n for n in read(copy).load().notes)


def test_the_curve_begins_with_what_the_model_declares(copy):
    path = copy / "study.toml"
    dynamic = SOUND.replace("[model]", '[model]\nmodel = "sar"\ndynamic = true')
    path.write_text(dynamic.replace("[curve]", '[curve]\ndynamics = ["static", "dynamic"]'))
    chosen = defaults(read(copy))
    assert (chosen["dynamics"], chosen["model"]) == ("dynamic", "sar")
    path.write_text(SOUND.replace("[curve]", '[curve]\ndynamics = ["statik"]'))
    assert "no dynamics 'statik', did you mean 'static'" in "\n".join(examine(copy)[1])


def test_dates_and_chinese_headings_begin_a_study(copy):
    panel, places = pd.read_csv(copy / "panel.csv"), pd.read_csv(copy / "places.csv")
    panel["年份"] = panel.pop("year").astype(str) + "-12-31"
    panel["town"], places["town"] = ("城" + f["town"].str[-1] for f in (panel, places))
    begun(
        copy,
        panel.rename(columns={"town": "城市"}),
        places.rename(columns={"town": "城市", "lon": "经度", "lat": "纬度"}),
    )
    study = read(copy / "made")
    assert (study.unit, study.units, study.years[0]) == ("城市", "城市", 2001)


def test_a_beginning_with_holes_keeps_its_declaration_and_says_so(copy):
    panel = pd.read_csv(copy / "panel.csv").iloc[1:]
    with pytest.raises(StudyFileError, match=r"study.toml is written: choose there"):
        begun(copy, panel)
    assert (copy / "made" / "study.toml").is_file()


@pytest.mark.seconds
def test_check_says_of_each_section_whether_it_is_made_without_a_refused_model(copy):
    with_sum(copy, rounded=False)
    done = CliRunner().invoke(app, ["check", str(copy)])
    said = dict(line.split(": ", 1) for line in done.output.splitlines() if ": " in line)
    assert said["data"] == said["dependence"] == "can run"
    sample = open_study(read(copy))
    for name, make in sections.SECTIONS.items():
        if said[name].startswith("not made"):
            assert "linear combination" in said[name]
            assert not attempt(make, sample).parts, name
        elif said[name] == "can run":
            assert attempt(make, sample).parts, name
    assert said["estimates"].startswith("not made, its page says why")


def test_errors_that_need_more_periods_leave_the_other_rows(copy):
    (copy / "study.toml").write_text(
        SOUND.replace("[variables.carbon]", 'periods = "2001-2002"\n[variables.carbon]', 1).replace(
            '"index"', '"efficiency"'
        )
    )
    found = attempt(sections.robustness, open_study(read(copy)))
    assert "driscoll-kraay" in found["table"].myst.partition("Not estimated")[2].replace("\\", "")


@pytest.mark.parametrize(
    ("column", "word"), [("year", "years"), ("Survey_Wave", "waves"), ("t", "periods")]
)
def test_a_banner_counts_periods_by_their_own_word(copy, column, word):
    panel = pd.read_csv(copy / "panel.csv").rename(columns={"year": column})
    panel.to_csv(copy / "panel.csv", index=False)
    (copy / "study.toml").write_text(SOUND.replace('period = "year"', f'period = "{column}"'))
    assert f"12 towns, 8 {word}," in open_study(read(copy)).banner.text


@pytest.mark.seconds
def test_sections_take_what_a_chapter_gives_them(folder):
    sample = open_study(find_study(str(folder)))
    model = sample.study.model
    fits = {name: fit(sample.panel, replace(model, model=name), sample.weights)
            for name in ("sar", "sdm")}  # fmt: skip
    shown = sections.effects(sample, fits).of["table"]["estimate"]
    assert shown["sdm"]["total"].to_dict() == pytest.approx(
        fits["sdm"].effects().loc["total", "estimate"].to_dict()
    )
    beside = sections.estimates(sample, {("spatial", name): each for name, each in fits.items()})
    assert list(beside["table"].frame.columns) == [("spatial", "sar"), ("spatial", "sdm")]
    half = sample.sub(periods=sample.panel.periods[:4])
    more = [("sample", "first half", half, model), ("outcome", "halved", half, model)]
    found = sections.robustness(sample, more, ["roads", "rho"], "rho", printed=0.5, truth=0.1)
    rows = found.of["estimate"]
    assert list(rows.columns) == ["roads", "rho"]
    kinds = list(dict.fromkeys(rows.index.get_level_values(0)))
    assert kinds[-2:] == ["sample", "outcome"]
    alike = rows["rho"].drop(index="outcome", level=0)
    assert f"{len(alike)} estimates" in found["figure"].alt
    assert found.of["fits"]["sample", "first half"].nobs == 48


@pytest.mark.seconds
def test_what_mediation_leaves_over_is_shown_and_told(folder):
    found = sections.mediation(open_study(find_study(str(folder))))
    paths = found.of["paths"]["estimate"]["estimate"]
    gap = paths["theta1"] - paths["phi1"] - paths["chi1"] * paths["phi2"]
    assert paths["gap"] == pytest.approx(gap)
    told = any("leave a gap" in sentence for sentence in found.said)
    assert told == (abs(gap) > 0.005 * abs(paths["theta1"]))


@pytest.mark.seconds
def test_a_curve_lists_its_choices_and_takes_no_median_of_turning_points(folder):
    found = sections.specification_curve(open_study(find_study(str(folder))))
    assert "turning point" in found.of["summary"].index.get_level_values("quantity")
    assert "turning point" not in found["shares"].myst
    assert found.of["offered"].loc["weights", "options"] == "far, near"
