"""The Monte Carlo study draws what it says, and the same whatever else runs."""

import numpy as np
import pandas as pd
import pytest

from analysis.papers.monte_carlo import choices, gmm, layout
from analysis.papers.monte_carlo import likelihood as study


def test_a_draw_depends_on_its_cell_and_number_only():
    cell = study.Cell("34 x 20", "1/d", True, 0.2)
    one, again, other = (study.draw_panel(cell, draw) for draw in (3, 3, 4))
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert not np.allclose(one.frame, other.frame)


def test_a_sample_obeys_its_model():
    cell = study.Cell("34 x 20", "additive nest", True, -0.2)
    w = study.matrix_of(cell.shape, cell.matrix)
    panel = study.draw_panel(cell, 0)
    y, x = panel.values("y"), panel.values("x")
    lag = y[:-1]
    rest = (
        y[1:]
        - cell.rho * y[1:] @ w.matrix.T
        - study.TAU * lag
        - study.ETA * lag @ w.matrix.T
        - study.BETA * x[1:]
    )
    rest = rest - rest.mean(axis=0) - rest.mean(axis=1, keepdims=True) + rest.mean()
    # Unit-variance noise is all that is left: 660 numbers, 33 x 19 degrees of freedom.
    assert 0.8 < (rest**2).sum() / (33 * 19) < 1.2


def test_every_cell_is_summarised_with_monte_carlo_errors(monkeypatch):
    monkeypatch.setitem(study.SHAPES, "34 x 20", ("ne34", 20, 12))
    monkeypatch.setattr(study, "parallel", lambda function, jobs: [function(j) for j in jobs])
    table = study.monte_carlo([study.Cell("34 x 20", "5 nearest", False, 0.0)])
    assert {"bias", "median bias", "rmse", "coverage", "size", "failures"} == set(table["quantity"])
    assert set(table.loc[table["quantity"] == "coverage", "std_errors"]) == set(study.ERRORS)
    assert table["mc_error"].notna().all()
    sharp = table.query("quantity == 'bias' and item == 'x' and estimator == 'transformation'")
    assert abs(sharp["value"].iloc[0]) < 5 * sharp["mc_error"].iloc[0]


@pytest.mark.seconds
def test_gmm_is_summarised_for_every_parameter_of_a_cell(monkeypatch):
    monkeypatch.setattr(study, "parallel", lambda function, jobs: [function(j) for j in jobs])
    rows = gmm.summarise(study.drawn(gmm.one_draw, {("34 x 20", "5 nearest", "lag"): 25}))
    assert list(rows["item"]) == list(gmm.ITEMS)
    assert (rows["draws"] == 25).all()
    assert rows["truth"].between(rows["low"], rows["high"]).all()
    assert rows["coverage"].between(0.5, 1).all()
    assert (rows[["median_error", "least_squares_error"]] > 0).all(axis=None)


@pytest.mark.seconds
def test_shares_of_samples_are_counted_by_shape_and_design(monkeypatch):
    monkeypatch.setattr(study, "parallel", lambda function, jobs: [function(j) for j in jobs])
    keys, draws = ["shape", "weights", "convention"], {"34 x 20": 3, "283 x 10": 0}
    rows = choices.shares(choices._rejected, keys, draws, ("1/d", "5 nearest"))
    assert list(rows.columns[:3]) == keys
    assert len(rows) == 2 * 3
    assert (rows["draws"] == 3).all()
    assert rows["LM lag"].between(0, 1).all()


def test_least_squares_finds_the_truth_where_the_lag_has_no_error_to_share():
    cell = study.Cell("34 x 20", "5 nearest", True, 0.2)
    w = study.matrix_of(cell.shape, cell.matrix)
    panel = study.draw_panel(cell, 0)
    y, x = panel.values("y"), panel.values("x")
    exact = np.vstack([y[:1], np.zeros_like(y[1:])])
    for t in range(1, len(y)):
        before = exact[t - 1]
        signal = study.BETA * x[t] + study.TAU * before + study.ETA * w.matrix @ before
        exact[t] = np.linalg.solve(np.eye(w.n) - cell.rho * w.dense(), signal)
    found = gmm.least_squares(
        panel.assign(y=pd.Series(exact.T.ravel(), panel.frame.index)), w, durbin=True
    )
    truth = {"rho": cell.rho, "L.y": study.TAU, "W.L.y": study.ETA, "x": study.BETA, "W.x": 0}
    np.testing.assert_allclose([found[name] for name in truth], list(truth.values()), atol=1e-9)


def test_a_layout_has_a_section_a_sample_and_keeps_the_experiments_order():
    rows = pd.DataFrame(
        [
            ("dynamic", "283 x 10", "1/d", item, estimator, place)
            for place, (item, estimator) in enumerate(
                (item, estimator) for item in ("rho", "x") for estimator in layout.ESTIMATORS
            )
        ],
        columns=["model", "shape", "weights", "item", "estimator", "value"],
    )
    table = layout.laid_out(rows, "item", layout.ITEMS)
    assert list(table.index) == [("283 × 10, 1/d", "slope of x"), ("283 × 10, 1/d", "ρ")]
    assert list(table.columns) == list(layout.ESTIMATORS.values())
    assert table.loc[("283 × 10, 1/d", "ρ"), "corrected"] == 1


def test_a_layout_by_matrix_loses_none():
    rows = pd.DataFrame({"shape": "34 x 20", "weights": study.MATRICES}).assign(
        model="static", estimator="direct", value=np.arange(5.0)
    )
    table = layout.laid_out(rows, "weights", heads={"direct": "uncorrected"})
    assert list(table["uncorrected"]) == [0, 1, 2, 3, 4]
