import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.book.figures import svg
from analysis.errors import ParameterError
from analysis.study import find_study, known_studies, open_study
from analysis.study.curve import choices, picture, report
from analysis.study.curve.choices import defaults, full_grid, offers
from analysis.study.curve.null import shares

STUDY = find_study("cigarettes")


@pytest.fixture(scope="module")
def table():
    """A made-up sweep: estimates that depend on two choices in a known way."""
    rng = np.random.default_rng(3)
    rows = []
    for chosen in full_grid(STUDY):
        if (chosen["controls"], chosen["estimator"], chosen["model"]) != ("all", "direct", "sdm"):
            continue
        shift = {"contiguity": -1.0, "both-orders": 0.2, "second-order": -0.5}[chosen["weights"]]
        size = shift + 0.3 * (chosen["dynamics"] == "dynamic") + 0.01 * rng.normal()
        for quantity, value in (("coefficient", size), ("total effect", 2 * size)):
            estimate = {"term": "logp", "quantity": quantity, "estimate": value, "std_error": 0.05}
            p_value = 0.0 if abs(value) > 0.1 else 1.0
            rows.append({**chosen, **estimate, "p_value": p_value, "nobs": 9, "error": None})
    failed = {**defaults(STUDY), "estimator": "direct", "tail": 5.0, "error": "SampleSizeError: no"}
    return pd.DataFrame([*rows, failed])


@pytest.fixture(scope="module")
def curve(table):
    return picture.Curve.of(STUDY, table)


def test_every_study_declares_a_grid_of_specifications_with_the_books_own_in_it():
    for name in known_studies():
        study = find_study(name)
        grid = full_grid(study)
        assert 50 <= len(grid) <= 3000
        assert defaults(study) in grid
        for choice in choices(study).values():
            for value in choice.values:
                if not choice.parameter.path:
                    assert choice.parameter.check(value) == value
        assert set(study.under_null) <= set(choices(study))


def test_a_curve_holds_what_varies_and_leaves_failures_out(curve, table):
    assert set(curve.choices) == {
        "weights", "years", "cities", "tail", "dynamics", "std_errors",
    }  # fmt: skip
    assert len(curve.specifications) == table["error"].isna().sum() / 2
    total = curve.estimates[("logp", "total effect")]["estimate"]
    np.testing.assert_allclose(total, 2 * curve.estimates[("logp", "coefficient")]["estimate"])
    book = curve.specifications.iloc[curve.book]
    assert all(book[name] == defaults(STUDY)[name] for name in curve.choices)


def test_shares_count_signs_and_significance(table):
    row = shares(table[table["error"].isna()]).set_index("quantity").loc["coefficient"]
    assert row["same_sign"] == pytest.approx(2 / 3)
    assert row["significant_same_sign"] == pytest.approx(2 / 3)
    assert row["median"] < 0


def test_medians_by_choice_show_the_choice_that_matters(curve):
    medians = report.by_choice(curve, "logp", "coefficient")["median"]
    weights = medians[offers(STUDY)["weights"].meaning]
    assert weights.idxmax() == "both-orders"
    tails = medians[offers(STUDY)["tail"].meaning]
    assert np.ptp(tails) < 0.05 < np.ptp(weights)


def test_what_is_kept_must_be_something(table):
    assert set(report.kept(table, weights=["contiguity"])["weights"]) == {"contiguity"}
    assert len(report.kept(table, weights=[])) == len(table)
    with pytest.raises(ParameterError, match="no specification"):
        report.kept(table, weights=["gravity"])


def test_the_still_picture_is_small_and_the_same_every_time(curve):
    first, second = (svg(picture.still(curve, "logp", "coefficient")) for _ in range(2))
    assert first == second
    assert len(first) < 400_000


def embedded(live):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', live.text)[1])


def test_the_page_holds_the_estimates_and_nothing_from_outside(curve):
    live = picture.live(curve, "fig-x", report.quantities(curve, ("logp", "coefficient")))
    data = embedded(live)
    assert [each["label"] for each in data["quantities"]] == [
        "ln price, coefficient", "ln price, total effect",
    ]  # fmt: skip
    estimates = curve.estimates[("logp", "coefficient")]["estimate"]
    np.testing.assert_allclose(data["quantities"][0]["estimate"], estimates, rtol=1e-4)
    assert data["book"] == curve.book
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", live.text)


def test_estimates_stand_beside_the_truth_that_made_the_data(curve):
    key = ("logp", "coefficient")
    values = curve.estimates[key]["estimate"]
    assert report.beside_truth(curve, *key) == ""
    above = replace(curve, truths={key: 2.0})
    said = report.beside_truth(above, *key)
    assert f"All {len(values)} estimates lie below the truth, 2" in said
    assert "0% hold the truth" in said
    between = replace(curve, truths={key: float(values.median())})
    assert "Their agreement" not in report.beside_truth(between, *key)
    drawn = svg(picture.still(above, *key))
    assert "truth 2" in drawn
    plain = svg(picture.still(curve, *key))
    assert "truth" not in plain
    assert "ln price: coefficient" in plain
    assert "spatial weights" in plain
    assert embedded(picture.live(above, "fig-x", {key: "x"}))["quantities"][0]["truth"] == 2.0


def test_the_picture_tells_how_many_intervals_it_cuts_off(curve):
    key = ("logp", "coefficient")
    values = curve.estimates[key]
    errors = values["std_error"].where(values.index > 0, 100 * values["std_error"].max())
    wide = replace(curve, estimates={key: values.assign(std_error=errors)})
    assert {"↓ 1 intervals go on", "↑ 1 intervals go on"} <= set(
        re.findall(r"[↓↑] \d+ intervals go on", svg(picture.still(wide, *key)))
    )


def test_the_truth_of_a_curve_is_that_of_the_generator():
    sample = open_study(find_study("ne34"))
    given, truths = sample.truth, picture.truths(sample)
    assert truths["Coagg^2", "coefficient"] == given["Coagg^2"]
    total = (given["Coagg"] + given["W.Coagg"]) / (1 - given["rho"])
    assert truths["Coagg", "total effect"] == pytest.approx(total)
    assert picture.truths(open_study(STUDY)) == {}


@pytest.mark.browser
def test_a_reader_filters_by_choice_with_the_keyboard_on_a_phone(curve, tmp_path, chromium):
    live = picture.live(curve, "fig-x", report.quantities(curve, ("logp", "coefficient")))
    still = svg(picture.still(curve, "logp", "coefficient"))
    path = tmp_path / "page.html"
    path.write_text(
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<figure id="fig-x">{still}<figcaption>Figure</figcaption></figure>{live.text}'
    )
    page = chromium.new_page(viewport={"width": 375, "height": 700})
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    summary = page.locator(".curve-summary")
    count = len(curve.specifications)
    assert f"{count} of {count} specifications" in summary.inner_text()
    assert not page.locator("svg.curve-still").is_visible()
    box = page.get_by_label("both-orders")
    box.focus()
    page.keyboard.press("Space")
    assert f"{count * 2 // 3} of {count}" in summary.inner_text()
    assert "100 % have the sign of the median" in summary.inner_text()
    reading = page.locator(".curve-reading")
    before = reading.inner_text()
    assert "the book's specification" in before
    page.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    assert reading.inner_text() != before
    page.get_by_label("Shown:").select_option("1")
    doubled = summary.inner_text()
    page.get_by_role("button", name="Show all").click()
    assert f"{count} of {count}" in summary.inner_text() != doubled
    for name in ("contiguity", "both-orders", "second-order"):
        page.get_by_label(name, exact=True).uncheck()
    assert "No specification is left" in summary.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.emulate_media(media="print")
    assert page.locator("svg.curve-still").is_visible()
    assert not page.locator(".curve-live").is_visible()
    assert said == []
