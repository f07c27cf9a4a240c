"""The closed form of rho's bias against the committed Monte Carlo of the book."""

import numpy as np
import pytest

from analysis.book import heavy
from analysis.papers.monte_carlo import bias


@pytest.mark.seconds
def test_the_samples_of_every_cell_lie_on_the_closed_form():
    found = bias.points(heavy.load("monte_carlo").frame)
    gap = found["mean"] - found["expected"]
    assert len(found) == 60
    # What T = 10 and 20 years add to the limit is a few hundredths at most.
    assert (gap.abs() < 3 * found["mc_error"] + 0.03).all()
    assert abs(gap.mean()) < 0.015
    truth_missed = (found["mean"] - found["true_rho"]).abs()
    assert gap.abs().mean() < 0.1 * truth_missed.mean()


@pytest.mark.seconds
def test_a_denser_matrix_and_fewer_cities_move_the_estimate_further():
    at = bias.curves().set_index(["shape", "weights", "true_rho"])["expected"]
    truth = float(bias.TRUTHS[np.abs(bias.TRUTHS - 0.3).argmin()])
    for shape in ("34 x 20", "283 x 10"):
        assert at[shape, "1/d", truth] < at[shape, "1/d^2", truth] < truth
    for name in ("1/d", "1/d^2", "5 nearest"):
        assert at["34 x 20", name, truth] < at["283 x 10", name, truth]
