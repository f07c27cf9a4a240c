"""The tables of the north-east study: what follows from parameters alone agrees with what fits say."""

import numpy as np
import pytest

from analysis.errors import NotRowStandardisedError
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.measures import SECTORS, VARIABLES
from analysis.papers.ne34.tables import (
    controls_that,
    descriptives,
    group_difference,
    group_fits,
    main_fits,
    printed,
    printed_gap,
    said,
    sector_fits,
    words,
)
from analysis.study import open_study
from analysis.study.stability import largest_roots
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


def test_descriptives_cover_every_printed_variable(sample):
    table = descriptives(sample)
    assert list(table.index) == list(VARIABLES)
    assert (table["observations"] == 680).all()
    assert (table["min"] <= table["mean"]).all()


def test_a_group_that_the_cut_leaves_without_neighbours_gets_its_matrix_anew():
    near = open_study(ne34.STUDY, weights="nearest-5")
    parts = [near.sub(ne34.cities_of(group)) for group in ("RC", "NRC")]
    assert all((part.weights.row_sums > 0).all() for part in parts)


def test_every_row_of_the_running_text_says_where_and_what():
    told = words()
    assert len(told) > 50
    assert all(text.endswith(")") and "(" in text for text in told.values())


def test_a_sentence_is_judged_from_print_and_from_the_data_apart():
    claims = said({"own lag": (True, False, "note"), "reliability": ("open", None)}, "inherited")
    print_, open_, data = claims
    assert (print_.kind, print_.holds, print_.column) == ("implied", True, "the print")
    assert (data.kind, data.holds, data.column) == ("inherited", False, "the data here")
    assert open_.holds is None


def test_the_printed_gap_between_groups_is_that_of_two_columns():
    first, second = printed("7", "NRC"), printed("7", "RC")
    gap = printed_gap("Coagg")
    assert gap.estimate == pytest.approx(first.params["Coagg"] - second.params["Coagg"])
    assert gap.p_value > 0.05


def test_controls_that_stay_and_controls_that_turn_are_told_apart():
    assert controls_that("turn") == "technology spending and ln environmental regulation"
    assert set(controls_that("stay").split(", ")[0].split(" and ")) == {"government size"}
