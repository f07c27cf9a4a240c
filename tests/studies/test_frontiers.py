"""The comparisons of the efficiency chapter say what they claim to say."""

import numpy as np
import pandas as pd
import pytest

from analysis.efficiency import Technology, malmquist, score, score_as_printed
from analysis.errors import SpecificationError
from analysis.papers.cities283 import frontiers
from analysis.simulate.frontier import frontier_panel

CITY_COLUMNS = (frontiers.CITY.inputs, frontiers.CITY.good, frontiers.CITY.bad)


@pytest.fixture(scope="module")
def panel():
    return frontier_panel(30, 5, seed=3)


def test_all_small_cases_agree_with_their_solutions_elsewhere():
    table = frontiers.case_comparison()
    assert len(table) == 47
    assert (table["here"] - table["elsewhere"]).abs().max() < 1e-10


def test_the_simulated_panel_is_the_same_again_and_keeps_its_promises(panel):
    again = frontier_panel(30, 5, seed=3)
    pd.testing.assert_frame_equal(again.frame, panel.frame, check_exact=True)
    assert not frontier_panel(30, 5, seed=4).frame.equals(panel.frame)
    assert (panel.frame.drop(columns="inefficiency") > 0).all().all()
    still = frontier_panel(60, 1, seed=3, on_frontier=0.5, progress=0.0)
    found = score(still, frontiers.CITY)
    free = still.frame["inefficiency"] == 0
    assert (found.level[free] > 1 - 1e-9).all()
    with pytest.raises(SpecificationError, match="on_frontier"):
        frontier_panel(3, 3, on_frontier=2.0)


def test_without_misprints_the_printed_score_is_the_right_one(panel):
    found = score_as_printed(
        panel, frontiers.CITY, minus_in_denominator=False, bad_output_grows=False
    )
    np.testing.assert_allclose(found["printed"], found["efficiency"], atol=1e-9)
    assert found["has_minimum"].all()


def test_a_program_has_no_minimum_where_its_denominator_can_vanish(panel):
    found = score_as_printed(panel, frontiers.CITY)
    assert ((found["largest_slack"] >= 1) == ~found["has_minimum"]).all()
    assert found["has_minimum"].nunique() == 2
    with pytest.raises(SpecificationError, match="non-oriented"):
        score_as_printed(panel, Technology(("capital",), ("gdp",)))


def test_misprints_are_counted_one_by_one(panel):
    table = frontiers.misprints(panel)
    assert table.loc["as it should be", "changed"] == 0
    assert table.loc["bad output with the wrong sign", "no minimum"] == 0
    assert table.loc["both, as printed", "no minimum"] > 0


def test_the_directional_forms_let_the_bad_output_be_disposed_of_at_a_cost_only(panel):
    weak = malmquist(panel, Technology(*CITY_COLUMNS, measure="directional"))
    found = frontiers.index_forms(panel)["global, directional"]
    np.testing.assert_allclose(found, weak.index, rtol=1e-9)


def test_the_global_forms_are_circular_and_the_printed_one_is_not(panel):
    table = frontiers.form_summary(panel)
    assert table.loc[["global, slacks-based", "global, directional"], "chain gap"].max() < 1e-12
    assert table.loc["Malmquist-Luenberger", "chain gap"] > 1e-4
    assert (table.loc[["global, slacks-based", "global, directional"], "no solution"] == 0).all()


def test_dropping_years_compares_city_years_that_stay(panel):
    table = frontiers.dropping_years(panel)
    assert table.loc["all years", "changed"] == 0
    assert list(table["city-years"]) == [150, 120, 120, 90]


def test_true_capital_is_recovered_from_its_own_investment(panel):
    table = frontiers.capital_variants(panel)
    np.testing.assert_allclose(table.loc["I₀ / 0.10"].iloc[:2], 1.0)
    assert table.loc["I₀ / 0.10", "rank correlation"] == pytest.approx(1.0)
    assert table.loc["I₀ / 0.10, formula as printed"].iloc[1] > 1.1


def test_every_program_of_the_chapter_is_certified(panel):
    assert frontiers.certificates(panel)["certified"].all()
