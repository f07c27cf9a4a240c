"""A table of LM tests by a W that is stacked in the wrong order is found out, a right one is not."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.audit.stacking import lm_by_stacking, stacking
from analysis.papers import validation
from analysis.spatial.specification_tests import lm_tests

SPEC = replace(validation.CIGARETTES, effects="individual")


@pytest.fixture(scope="module")
def both():
    return lm_by_stacking(validation.cigarettes()[0], SPEC, validation.cigarettes()[1])


def test_the_rows_own_order_gives_the_statistics_of_lm_tests(both):
    panel, weights = validation.cigarettes()
    expected = {t.name: t.statistic for t in lm_tests(panel, SPEC, weights)}
    np.testing.assert_allclose(both["as the rows"], [expected[n] for n in both.index], rtol=1e-6)


def test_the_other_order_is_that_of_a_block_diagonal_w_over_rows_sorted_by_unit(both):
    panel, weights = validation.cigarettes()
    freed = panel.within(["logc", "logp", "logy"], "individual")
    y, x, z = (freed.values(name).T.ravel() for name in ("logc", "logp", "logy"))  # by unit
    X = np.column_stack([x, z])
    e = y - X @ np.linalg.lstsq(X, y)[0]
    w, s2 = weights.dense(), e @ e / len(e)
    blocks = np.kron(np.eye(panel.n_periods), w)
    error = (e @ blocks @ e / s2) ** 2 / (panel.n_periods * ((w * w).sum() + (w * w.T).sum()))
    assert both.loc["LM error", "the other order"] == pytest.approx(error, rel=1e-6)


def test_a_wrongly_stacked_table_is_found_and_a_right_one_passes(both):
    panel, weights = validation.cigarettes()
    wrong = {name: f"{value:.2f}" for name, value in both["the other order"].items()}
    right = {name: f"{value:.2f}" for name, value in both["as the rows"].items()}
    assert [f.place for f in stacking(panel, SPEC, weights, wrong)] == list(both.index)
    assert stacking(panel, SPEC, weights, right) == []
