"""The tables of the north-east study: what follows from parameters alone agrees with what fits say."""

import re

import numpy as np
import pytest

from analysis.book import published, referee
from analysis.errors import NotRowStandardisedError
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.measures import SECTORS
from analysis.papers.ne34.tables import (
    controls_that,
    group_difference,
    group_fits,
    main_fits,
    moran_implied,
    printed,
    printed_gap,
    read,
    said,
    sector_fits,
    sentences,
)
from analysis.study import open_study, sections
from analysis.study.results import largest_roots
from analysis.weights import Weights


@pytest.fixture(scope="module")
def sample():
    return open_study(ne34.STUDY, scenario="effects-implied")


@pytest.fixture(scope="module")
def fit(sample):
    return main_fits(sample)["Model 2"]


@pytest.mark.parametrize("horizon", ["short", "long"])
def test_effects_of_the_estimates_are_the_effects_of_the_fit(sample, fit, horizon):
    ours = ne34.effects_of(fit.params, sample.weights, horizon)
    theirs = fit.effects(horizon)["estimate"].unstack("effect").loc[ours.index]
    np.testing.assert_allclose(ours[["direct", "total"]], theirs[["direct", "total"]], rtol=1e-8)


def test_total_effects_of_the_truth_have_their_closed_form(sample):
    truth = sample.truth
    total = ne34.effects_of(truth, sample.weights)["total"]
    expected = (truth["Coagg"] + truth["W.Coagg"]) / (1 - truth["rho"])
    assert total["Coagg"] == pytest.approx(expected, rel=1e-10)


def test_roots_are_those_of_the_fit(sample, fit):
    tau, eta, rho = (fit.params[name] for name in ("L.Carbon", "W.L.Carbon", "rho"))
    on_w, around = largest_roots(sample.weights, tau, eta, rho)
    assert on_w == pytest.approx(fit.stability.root, rel=1e-8)
    assert around == pytest.approx(fit.stability.root_around_trend, rel=1e-8)


def test_roots_need_a_row_standardised_matrix(sample):
    raw = Weights(2 * sample.weights.dense(), sample.weights.units, "doubled")
    with pytest.raises(NotRowStandardisedError):
        largest_roots(raw, 0.7, 0.2, 0.1)


def test_groups_split_the_cities(sample):
    fits = group_fits(sample)
    assert {name: fit.panel.n_units for name, fit in fits.items()} == {"RC": 19, "NRC": 15}


def test_each_sector_stands_in_the_column_of_its_number(sample):
    names = [fit.params.index[2] for fit in sector_fits(sample).values()]
    assert names == [f"Coagg_{sector}" for sector in SECTORS]


def test_the_difference_test_has_two_degrees_of_freedom(sample):
    _, test = group_difference(sample)
    assert test.df == 2
    assert 0 < test.p_value < 1


def test_a_section_of_own_studies_has_the_papers_labels_headings_and_words(sample):
    printed = moran_implied(sample)
    found = sections.dependence(sample, 99, periods=[2003, 2022], beside=printed)
    assert found["moran"].label == "tab-ne34-moran"
    assert list(found["moran"].frame.columns[:3]) == ["I", "E(I)", "z, randomisation"]
    assert found["weights"].frame.index[-1] == "print"
    assert found["weights"].frame.loc["print", "mean I"] == printed["mean"].item()
    assert found["map"].label == "fig-ne34-clusters"
    assert "in 2003" in found["map"].alt
    assert "in 2022" in found["map"].alt
    assert found["clusters"] is None or found["clusters"].label == "tab-clusters"


def test_a_group_that_the_cut_leaves_without_neighbours_gets_its_matrix_anew():
    near = open_study(ne34.STUDY, weights="nearest-5")
    groups = near.group("resource")
    parts = [near.sub(groups.index[groups == group]) for group in ("RC", "NRC")]
    assert all((part.weights.row_sums > 0).all() for part in parts)


PART = r"(¶ \d( and \d)?|\(\d\)|last ¶|(conclusion|policy) \(\d\))"
PLACE = rf"(abstract|[1-5](\.\d){{0,2}}), {PART}( and {PART})?"


def text_of_a():
    return published.load("paper_a_intext").set_index("quantity")


def test_every_row_of_the_running_text_says_section_paragraph_and_claim():
    rows = text_of_a()
    assert len(rows) > 80
    odd = [
        place
        for place in rows["place"]
        if not all(re.fullmatch(PLACE, p) for p in place.split("; "))
    ]
    assert odd == []
    assert rows["claim"].str.endswith((".", ")")).all()


NUMBERS_OF_THE_TEXT = {
    "1": ["14th", "decade", "three", "2003-2022"], "2.1": ["three"],
    "3.1": ["34", "2003", "2020"], "3.4": ["six", "2019"],
    "4.1": ["2003-2022", "1.40", "2011"],
    "4.2.2": ["10%", "1%", "5%", "0.71", "3.354", "1.361", "two"],
    "4.3": ["1st and 99th"], "4.4.1": ["34", ">50%", "19", "2013-2020", "1%"],
    "4.4.2": ["1 to 6", "Table 8"], "5.1": ["six", "2019"], "5.2": ["34", "2003-2022"],
}  # fmt: skip


@pytest.mark.parametrize("section", NUMBERS_OF_THE_TEXT)
def test_every_number_of_the_text_has_a_row_with_its_place(section):
    rows = text_of_a()
    here = rows[[f"; {section}," in f"; {place}" for place in rows["place"]]]
    for number in NUMBERS_OF_THE_TEXT[section]:
        assert here["value"].str.contains(number, regex=False).any(), number


def test_a_sentence_is_judged_on_data_and_keeps_its_note():
    one, other = said({"own lag": True, "finance": False}, "inherited", {"own lag": "note"})
    assert (one.kind, one.holds, one.note) == ("inherited", True, "note")
    assert (other.kind, other.holds) == ("free", False)
    assert other.note.startswith("read as")


@pytest.mark.parametrize("table", ["4", "5", "6", "7"])
def test_sentences_are_judged_on_data_by_the_rule_that_judges_them_in_print(table):
    estimates = published.estimates(f"paper_a_table{table}").query("std_error != ''")
    columns = {
        str(model): rows.set_index("term")[["estimate", "std_error"]]
        for model, rows in estimates.groupby("model")
    }
    judged = {claim.row: claim.holds for claim in sentences(table, columns, "free")}
    print_ = {
        row: not any(finding.contradicts for finding in found)
        for row, found in referee.check_statements("A").items()
        if row in judged
    }
    assert judged
    assert judged == print_


def test_the_note_of_a_sentence_names_effects_and_variables_in_words():
    estimates = published.estimates("paper_a_table5").query("model == 'ST indirect effect'")
    rows = estimates.set_index("term")[["estimate", "std_error"]]
    notes = {c.row: c.note for c in sentences("5", {"ST indirect effect": rows}, "free")}
    assert (
        notes["spillovers"] == "7 of 8 agree; not indirect effect in the short run, ln GDP per head"
    )


def test_a_sentence_on_a_column_that_is_not_there_is_left_out(fit):
    rows = {claim.row for claim in sentences("4", {"Model 2": fit.summary}, "free")}
    assert "rho Model 2" in rows
    assert "rho Model 1" not in rows


def test_what_was_read_and_not_computed_is_open_contradicted_or_a_matter_of_record():
    claims = {claim.row: claim for claim in read()}
    assert set(claims) <= set(text_of_a().index)
    assert all(claim.note for claim in claims.values() if claim.kind != "setting")
    assert claims["sector results"].holds is False
    assert claims["mechanism"].holds is None
    assert str(claims["carbon goals"].kind) == "free"


def test_the_printed_gap_between_groups_is_that_of_two_columns():
    first, second = printed("7", "NRC"), printed("7", "RC")
    gap = printed_gap("Coagg")
    assert gap.estimate == pytest.approx(first.params["Coagg"] - second.params["Coagg"])
    assert gap.p_value > 0.05


def test_controls_that_stay_and_controls_that_turn_are_told_apart():
    assert controls_that("turn") == "technology spending and ln environmental regulation"
    assert set(controls_that("stay").split(", ")[0].split(" and ")) == {"government size"}
