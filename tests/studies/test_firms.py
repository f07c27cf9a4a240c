"""The two firm panels and the recorded numbers of other software on them."""

import numpy as np
import pytest

from analysis.errors import StudyError
from analysis.inference.panel_tests import baseline
from analysis.papers import firms
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm


@pytest.mark.parametrize("model", ["pooled", "fixed", "random", "two-way"])
def test_recorded_investment_estimates_carry_our_labels(model):
    recorded = firms.investment_elsewhere(model)
    ours = baseline(firms.investment(), "inv", ["value", "capital"]).results[model]
    shared = [t for t in ours.params.index if t in recorded.params.index]
    assert {"value", "capital"} <= set(shared)
    np.testing.assert_allclose(ours.params[shared], recorded.params[shared], rtol=1e-9)


def test_recorded_tests_carry_our_labels():
    ours = baseline(firms.investment(), "inv", ["value", "capital"]).tests
    theirs = firms.investment_tests_elsewhere()
    assert list(ours.index) == list(theirs.index)
    np.testing.assert_allclose(ours["statistic"], theirs["statistic"], rtol=1e-9)


@pytest.mark.parametrize("steps", [1, 2])
def test_recorded_employment_estimates_carry_our_labels(steps):
    regressors = ["L.n", "w", "L.w", "k", "L.k"]
    ours = dynamic_panel_gmm(
        firms.employment(),
        "n",
        regressors,
        [Instruments(name) for name in ("n", "w", "k")],
        "firm",
        system=True,
        steps=steps,
    )
    recorded = firms.employment_elsewhere("system", steps)
    assert set(recorded.params.index) == set(regressors)
    np.testing.assert_allclose(
        ours.std_errors[regressors], recorded.std_errors[regressors], rtol=1e-8
    )
    difference = firms.employment_elsewhere("difference", steps)
    assert list(difference.params.index) == [
        "L.n", "L2.n", "w", "L.w", "k", "L.k", "L2.k", "ys", "L.ys", "L2.ys",
    ]  # fmt: skip


def test_printed_numbers_are_read_by_column():
    printed = firms.employment_in_print()
    assert printed.loc["instruments"].tolist() == [41, 113]
    assert printed.loc["Hansen", "difference"] == 31.38


def test_unknown_names_are_refused():
    with pytest.raises(StudyError, match="pooled"):
        firms.investment_elsewhere("between")
    with pytest.raises(StudyError, match="system"):
        firms.employment_elsewhere("levels", 1)
