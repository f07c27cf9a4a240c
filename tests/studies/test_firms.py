"""The two firm panels and the recorded numbers of other software on them."""

import numpy as np
import pytest

from analysis.inference.panel_tests import baseline
from analysis.papers import elsewhere, firms
from analysis.papers.elsewhere import PLM, ROODMAN


@pytest.mark.parametrize("model", ["pooled", "fixed", "random", "two-way"])
def test_recorded_investment_estimates_carry_our_labels(model):
    recorded = elsewhere.estimates(PLM, "grunfeld", model, None, None)
    ours = baseline(firms.investment(), "inv", ["value", "capital"]).results[model]
    shared = [t for t in ours.params.index if t in recorded.params.index]
    assert {"value", "capital"} <= set(shared)
    np.testing.assert_allclose(ours.params[shared], recorded.params[shared], rtol=1e-9)


def test_recorded_tests_carry_our_labels():
    ours = baseline(firms.investment(), "inv", ["value", "capital"]).tests
    theirs = elsewhere.tests("grunfeld")[PLM]
    assert set(theirs.index) <= set(ours.index)
    np.testing.assert_allclose(ours.loc[theirs.index, "statistic"], theirs, rtol=1e-9)


def test_the_equations_are_those_that_were_recorded():
    found = firms.equations(firms.employment())
    assert len(found) == 6
    for (name, steps), ours in found.items():
        recorded = elsewhere.estimates(PLM, "empluk", name, None, steps)
        terms = recorded.params.index
        assert set(terms) <= set(ours.params.index)
        np.testing.assert_allclose(ours.std_errors[terms], recorded.std_errors, rtol=1e-8)


def test_printed_numbers_stand_beside_ours_under_the_same_names():
    for name, fit in (("difference", firms.difference_gmm), ("system", firms.system_gmm)):
        ours, printed = (
            firms.beside_print(fit(firms.employment())),
            elsewhere.printed(ROODMAN, "empluk", name),
        )
        np.testing.assert_allclose(ours[["L.n", "standard error"]], printed.iloc[:2], atol=1e-6)
        assert ours["instruments"] == printed["instruments"] in (41, 113)


@pytest.mark.seconds
def test_every_oldest_lag_gives_fewer_instruments_if_collapsed():
    points = firms.by_oldest_lag(firms.employment()).set_index(["instruments used", "last_lag"])
    counts = points["instruments"].unstack(0)
    assert (counts["collapsed"] < counts["all"]).all()
    assert counts["all"].is_monotonic_increasing
