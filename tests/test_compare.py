"""Estimates become claims on the print in the same place, and on no other."""

import pandas as pd
import pytest

from analysis.book import compare
from analysis.book.ledger import Kind, verdict


def test_each_printed_term_finds_its_estimate():
    params = pd.Series({"L.Carbon": 0.7, "Coagg": 0.5, "rho": 0.1, "sigma2": 0.2})
    claims = compare.estimates(
        "A", "4", "Model 2", params, params / 10, kind="recovered", outcome="Carbon",
        true={"L.Carbon": 0.708, "Coagg": 0.55}.get,
    )  # fmt: skip
    by_row = {claim.row: claim for claim in claims}
    assert set(by_row) == {"L.y", "Coagg", "rho"}
    assert (by_row["L.y"].derived, by_row["L.y"].printed) == (0.7, "0.708")
    assert by_row["Coagg"].kind is Kind.RECOVERED


def test_an_estimate_of_no_given_parameter_is_inherited():
    params = pd.Series({"rho": 0.1})
    (claim,) = compare.estimates(
        "A", "4", "Model 2", params, params, kind="recovered", outcome="Carbon", true={}.get
    )
    assert claim.kind is Kind.INHERITED


def test_cells_take_the_kind_of_their_column_unless_told_otherwise():
    frame = pd.DataFrame({"mean": [6.3, 0.03], "max": [30.0, 0.4]}, index=["Carbon", "FDI"])
    claims = compare.cells("A", "1", frame, {"mean": "targeted", "max": "free", "FDI mean": "free"})
    kinds = {(claim.row, claim.column): str(claim.kind) for claim in claims}
    assert kinds == {
        ("Carbon", "mean"): "targeted",
        ("FDI", "mean"): "free",
        ("Carbon", "max"): "free",
        ("FDI", "max"): "free",
    }


def test_rows_that_only_name_controls_are_settings_without_a_verdict():
    claims = compare.settings("A", "7", "RC")
    assert {claim.row for claim in claims} == {"Control", "Ind", "Time"}
    assert all(claim.says == "control" and verdict(claim) is None for claim in claims)


def test_seeds_select_one_printed_column():
    results = pd.DataFrame(
        {
            "scenario": ["as-printed", "as-printed", "effects-implied"],
            "table": ["4", "4", "4"],
            "column": ["Model 1", "Model 2", "Model 2"],
            "row": ["rho", "rho", "rho"],
            "median": [1.0, 2.0, 3.0],
            "low": [0.0, 1.0, 2.0],
            "high": [2.0, 3.0, 4.0],
        }
    )
    assert compare.seeds(results, "as-printed", "4", "Model 2").loc[
        "rho", "median"
    ] == pytest.approx(2)
