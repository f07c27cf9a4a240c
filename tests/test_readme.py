"""The README's numbers are those of the record."""

import re

import pandas as pd

from analysis.book.record import RECORD
from analysis.resources import ROOT

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def recorded(label, **options):
    return pd.read_csv(RECORD / f"{label}.csv", **options)


def test_the_rho_that_the_printed_effects_need():
    findings = recorded("tab-audit-ne34-findings")
    found = findings.set_index("check").loc["spatial parameter against effects", "recomputed"]
    needed = float(re.match(r"rho = (-[0-9.]+)", found)[1])
    assert f"ρ = −{-needed:.2f}; beside them it prints +0.18" in README


def test_what_the_usual_estimator_finds_where_there_is_no_spillover():
    bias = recorded("tab-bias-rho", header=[0, 1], index_col=[0, 1])["bias"]
    row = bias.loc[("34 × 20, additive nest", "true ρ 0.0")].astype(float)
    assert f"finds ρ = −{-row['uncorrected']:.2f} on average" in README
    assert f"likelihood {abs(row['transformation']):.2f}." in README


def test_the_difference_between_the_groups():
    findings = recorded("tab-audit-ne34-findings")
    row = findings[findings["place"].str.contains("RC, Coagg against NRC")].iloc[0]
    difference, error, p = re.search(
        r"difference ([0-9.]+) \(([0-9.]+)\), P ([0-9.]+)", row["recomputed"]
    ).groups()
    assert (
        f"differ by {float(difference):.2f} with a standard error of {float(error):.2f}" in README
    )
    assert f"(P = {float(p):.2f})" in README
