"""Intervals of the mediated share: what the delta method and normal draws must agree on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis.inference.mediation import product_tests, share_intervals


@dataclass
class Outcome:
    cov: pd.DataFrame


class Result:
    treatment, mediator = "x", "m"

    def __init__(self, chi, phi1, phi2, errors):
        self.paths = pd.DataFrame(
            {"estimate": [chi, phi1, phi2], "std_error": errors}, index=["chi1", "phi1", "phi2"]
        )
        names = ["m", "x"]
        self.outcome = Outcome(
            pd.DataFrame(np.diag([errors[2] ** 2, errors[1] ** 2]), names, names)
        )


def test_the_product_has_sobels_standard_error():
    result = Result(1.0, 0.5, 0.5, [0.2, 0.1, 0.1])
    row = share_intervals(result).loc[("indirect", "Sobel")]
    tests = product_tests((1.0, 0.2), (0.5, 0.1)).loc["Sobel"]
    assert row["estimate"] == pytest.approx(0.5)
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.959964 * tests["std_error"])


def test_with_small_errors_both_intervals_of_the_share_agree():
    found = share_intervals(Result(1.0, 0.5, 0.5, [0.002, 0.001, 0.001])).loc["share"]
    assert found["estimate"].tolist() == pytest.approx([0.5, 0.5])
    width = found["upper"] - found["lower"]
    assert width["Monte Carlo"] == pytest.approx(width["Sobel"], rel=0.02)


def test_a_denominator_near_zero_makes_the_drawn_interval_the_wider_one():
    found = share_intervals(Result(0.5, -0.2, 0.5, [0.05, 0.1, 0.05])).loc["share"]
    width = found["upper"] - found["lower"]
    assert width["Monte Carlo"] > width["Sobel"]


def test_a_lower_level_gives_the_shorter_interval_and_sobels_by_the_normal_quantile():
    result = Result(1.0, 0.5, 0.5, [0.2, 0.1, 0.1])
    wide, short = share_intervals(result), share_intervals(result, level=0.9)
    ratio = (short["upper"] - short["lower"]) / (wide["upper"] - wide["lower"])
    assert ratio.xs("Sobel", level="method").tolist() == pytest.approx([1.644854 / 1.959964] * 2)
    assert (ratio < 1).all()
