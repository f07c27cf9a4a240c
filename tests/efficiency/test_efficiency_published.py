"""Scores and indices of small published cases."""

import json
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.efficiency import Technology, malmquist, score
from analysis.panel import Panel
from analysis.resources import data_path

CASES = json.loads(data_path("reference", "dea", "published_small.json").read_text())


def panel(X, Y, B=None):
    """Panel of arrays of shape (N, k) or (T, N, k)."""
    blocks = {"x": X, "y": Y} | ({} if B is None else {"b": B})
    arrays = {k: np.asarray(v, dtype=float) for k, v in blocks.items()}
    arrays = {k: v[None] if v.ndim == 2 else v for k, v in arrays.items()}
    rows = [
        {"city": f"unit {i}", "year": 2001 + t}
        | {f"{k}{j}": v[t, i, j] for k, v in arrays.items() for j in range(v.shape[2])}
        for t in range(arrays["x"].shape[0])
        for i in range(arrays["x"].shape[1])
    ]
    return Panel.from_frame(pd.DataFrame(rows))


def technology(data, **options):
    named = {k: tuple(c for c in data.columns if c[0] == k) for k in "xyb"}
    return Technology(named["x"], named["y"], named["b"], **options)


def exact(fractions):
    return [float(Fraction(f)) for f in fractions]


@pytest.mark.parametrize(
    ("case", "returns", "expected", "digits"),
    [
        ("Tone2001", "constant", exact(CASES["Tone2001"]["exact_crs"]), 1e-14),
        ("Tone2001", "variable", CASES["Tone2001"]["sbm_vrs"], 1e-14),
        ("Tone2003", "constant", exact(CASES["Tone2003"]["exact_crs"]), 1e-14),
        ("Tone2003", "variable", exact(CASES["Tone2003"]["exact_vrs"]), 1e-14),
        ("ERG_jl", "constant", CASES["ERG_jl"]["published_crs"], 1e-12),
        ("ERG_jl", "variable", CASES["ERG_jl"]["published_vrs"], 1e-14),
        ("Tone2001_analytic_vrs", "variable", exact(["1", "1", "1/2"]), 1e-14),
    ],
)
def test_slacks_based_scores_equal_the_published_ones(case, returns, expected, digits):
    data = panel(CASES[case]["X"], CASES[case]["Y"], CASES[case].get("B"))
    found = score(data, technology(data, returns=returns))
    assert found.certified
    np.testing.assert_allclose(found.level, expected, rtol=0, atol=digits)


def test_malmquist_luenberger_equals_the_published_index_and_its_parts():
    case = CASES["ML_jl"]
    data = panel(case["X"], case["Y"], case["B"])
    found = malmquist(
        data, technology(data, measure="directional", disposability="strong"), "contemporaneous"
    )
    np.testing.assert_allclose(found.index, case["published_ML"], rtol=0, atol=1e-10)
    last = found.summary.xs(2002, level="year")
    np.testing.assert_allclose(last["efficiency_change"], case["own_EC"], atol=1e-13)
    np.testing.assert_allclose(last["technical_change"], case["own_TC"], atol=1e-13)


@pytest.mark.parametrize("disposability", ["weak", "strong"])
def test_global_malmquist_luenberger_equals_the_second_implementation(disposability):
    case = CASES["ML_jl"]
    data = panel(case["X"], case["Y"], case["B"])
    found = malmquist(data, technology(data, measure="directional", disposability=disposability))
    np.testing.assert_allclose(found.index, case[f"own_GML_{disposability}"], atol=1e-13)


@pytest.mark.parametrize("name", ["panel1", "panel2"])
def test_global_malmquist_luenberger_equals_the_hand_solution(name):
    case = CASES["Oh2010_analytic"][name]
    one_city = {k: np.array(case[k], dtype=float)[:, None, None] for k in "xyb"}
    data = panel(one_city["x"], one_city["y"], one_city["b"])
    found = malmquist(data, technology(data, measure="directional"))
    np.testing.assert_allclose(found.level, exact(case["D_global"]), atol=1e-14)
    np.testing.assert_allclose(found.index, exact(case["GML"]), atol=1e-14)
    if "GML_0_2" in case:
        assert found.cumulative.iloc[-1] == pytest.approx(float(Fraction(case["GML_0_2"])))
