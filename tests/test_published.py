import json

import numpy as np
import pandas as pd
import pytest

from analysis import audit
from analysis.book import ledger, published, referee
from analysis.book.ledger import Claim, Kind, Verdict, verdict
from analysis.errors import RawDataError, SpecificationError
from analysis.resources import ROOT
from analysis.weights import Weights


def collected(claims):
    return ledger.frame([ledger.as_record(claim) for claim in claims])


def test_every_printed_row_has_a_place_of_its_own():
    rows = published.rows()
    assert not rows.duplicated(["paper", "table", "row", "column"]).any()
    lines = sum(len(published.load(name)) for name in published.names())
    assert len(rows) == lines


def test_print_is_kept_character_by_character():
    table = published.load("paper_a_table7")
    sector = table[(table["model"] == "Sector 3") & (table["term"] == "Coagg")].iloc[0]
    assert (sector["estimate"], sector["std_error"]) == ("0.0800", "0.0602")


def test_a_paper_is_found_by_its_letter_and_a_table_by_its_number_alone():
    assert [path.stem for path in published.files("A", "7")] == ["paper_a_table7"]
    assert published.files("*") == published.files("A", "*") == published.files("a_table1") == ()
    assert {path.stem for path in published.files()} == set(published.names())


def test_an_unknown_table_is_named():
    with pytest.raises(RawDataError, match="paper_a_table9"):
        published.load("paper_a_table9")


def test_a_claim_looks_its_number_up_and_refuses_places_without_one():
    claim = ledger.printed_claim("A", "2", "2003", "z", kind="free", derived=2.8, std_error=0.1)
    assert (claim.printed, verdict(claim)) == ("2.827", Verdict.SAMPLING)
    with pytest.raises(SpecificationError, match="Model 9"):
        ledger.printed_claim("A", "4", "Coagg", "Model 9", kind="free")
    with pytest.raises(SpecificationError, match="Coaggg"):
        ledger.printed_claim("A", "4", "Coaggg", "Model 1", kind="free")


def filled(row, column):
    return published.load(row.file).iloc[row.line - 2][column]


def everywhere():
    """A claim on every printed number and sentence."""
    return [
        ledger.printed_claim(row.paper, row.table, row.row, column, kind="free")
        for row in published.rows().itertuples(index=False)
        for column in [c for c in ledger.several(row.file) if filled(row, c)] or [row.column]
    ]


def test_a_claim_on_every_place_leaves_none_missing():
    claims = collected(everywhere())
    assert ledger.missing(claims).empty
    assert ledger.unknown(claims) == []


def test_a_row_without_a_claim_is_missed_and_a_claim_without_a_row_is_found():
    claims = [claim for claim in everywhere() if (claim.paper, claim.row) != ("A", "Coagg")]
    odd = Claim("A", "9", "Coagg", "Model 1", Kind.FREE, "0.5")
    found = collected([*claims, odd])
    assert set(ledger.missing(found)["row"]) == {"Coagg"}
    assert len(ledger.unknown(found)) == 1


def test_a_row_is_missed_if_one_of_its_numbers_has_no_claim():
    claims = [c for c in everywhere() if (c.table, c.row, c.column) != ("2", "2003", "z")]
    absent = ledger.missing(collected(claims))
    assert absent[["table", "row"]].to_numpy().tolist() == [["2", "2003"]]


def test_a_row_added_to_the_transcription_is_missed_by_the_claims_of_the_built_book(monkeypatch):
    built = ROOT / "_build" / "html" / "_results" / "claims.json"
    if not built.is_file():
        pytest.skip("the book is not built")
    claims = ledger.frame(json.loads(built.read_text(encoding="utf-8")))
    rows = published.rows()
    added = rows[rows["paper"] == "B"].tail(1).assign(row="a new sentence")
    monkeypatch.setattr(published, "rows", lambda: pd.concat([rows, added], ignore_index=True))
    assert ledger.missing(claims)["row"].tolist() == ["a new sentence"]


def test_what_print_cannot_tell_stays_beside_what_another_page_derives():
    unclear = ledger.claim_in_words("A", "GOV magnitude", None, "unlike units")
    derived = ledger.printed_claim("A", "text", "GOV magnitude", kind="free", holds=True)
    assert len(collected([unclear, derived])) == 2


@pytest.mark.parametrize(
    ("kind", "holds", "expected"),
    [
        ("implied", True, Verdict.BORNE_OUT),
        ("implied", False, Verdict.INCONSISTENT),
        ("free", False, Verdict.NOT_BORNE_OUT),
        ("recovered", True, Verdict.BORNE_OUT),
        ("targeted", True, Verdict.TARGET_MET),
        ("targeted", False, Verdict.TARGET_MISSED),
        ("free", None, Verdict.NOT_DERIVABLE),
    ],
)
def test_a_claim_in_words_is_judged_by_its_kind(kind, holds, expected):
    claim = Claim("A", "text", "finance", "", kind, says="most capable", holds=holds)
    assert verdict(claim) is expected


def test_a_targeted_claim_is_never_said_to_agree():
    numbers = [Claim("A", "1", "x", "mean", "targeted", "0.5", derived=d) for d in (0.5, 0.7)]
    words = [Claim("A", "1", "x", "mean", "targeted", says="s", holds=h) for h in (True, False)]
    verdicts = {str(verdict(claim)) for claim in (*numbers, *words)}
    assert verdicts == {"target met", "target missed"}


def test_a_claim_is_a_number_or_words():
    with pytest.raises(SpecificationError, match="not both"):
        Claim("A", "1", "x", "mean", "free", "0.5", says="positive")


def test_counts_have_no_total_over_kinds():
    claims = [
        Claim("A", "1", "x", "mean", "targeted", "0.5", derived=0.5),
        Claim("A", "1", "y", "mean", "free", "0.5", derived=0.5),
        Claim("A", "1", "y", "observations", "setting", "680", derived=680),
    ]
    table = ledger.counts(collected(claims))
    assert list(table.columns) == [str(kind) for kind in Kind if kind is not Kind.SETTING]
    assert table.to_numpy().sum() == 2
    assert table.loc["target met"].sum() == table.loc["agrees within rounding"].sum() == 1


def effect_claims(rho):
    """Claims on two printed effects that follow from rho = 0.18 on a ring of six."""
    ring = (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1)) / 2
    rows = pd.DataFrame(
        {"beta": [0.55], "theta": [-0.40], "beta_half": [0.0005], "theta_half": [0.0005],
         "direct_half": [0.0005], "indirect_half": [0.0005], "direct_se": [0.01],
         "indirect_se": [0.01]},
        index=["Coagg"],
    )  # fmt: skip
    w = Weights(ring, list("abcdef"), "ring")
    true = audit.expected_effects(rows, 0, 0.18, 0, np.linalg.eigvals(ring), "short")
    table = pd.DataFrame({"model": "m", "term": ["rho"], "estimate": [str(rho)], "std_error": [""]})
    return referee.effect_claims(
        "A",
        "5",
        rows.join(true),
        audit.dynamics(table, "m"),
        "short",
        [w],
        "ST {} effect",
        "rho",
    )


@pytest.mark.parametrize(("rho", "causes"), [(0.18, ["", ""]), (-0.18, ["rho", "rho"])])
def test_only_an_effect_out_of_reach_of_its_coefficients_is_laid_to_a_cause(
    monkeypatch, rho, causes
):
    shown = {"ST direct effect": "0.531", "ST indirect effect": "-0.348"}
    cell = {"estimate": "", "std_error": "0.010", "stars": ""}
    places = {("Coagg", c): cell | {"estimate": v} for c, v in shown.items()}
    monkeypatch.setattr(ledger, "_places", lambda files: places)
    assert [claim.conflict for claim in effect_claims(rho)] == causes


def test_the_statements_of_a_paper_speak_of_cells_that_its_tables_have():
    for paper in ("A",):
        checks = referee.check_statements(paper)
        assert checks
        assert set(checks) <= set(
            published.rows().query("paper == @paper and table == 'text'")["row"]
        )


def test_claims_of_one_cause_are_one_entry_and_so_are_equal_verdicts():
    def implied(row, derived, table="5", **values):
        return Claim("A", table, row, "m", "implied", "0.5", derived=derived, **values)

    claims = [
        *(implied(f"x{i}", 0.5) for i in range(6)),
        *(implied(f"y{i}", 0.9, conflict="sign of rho") for i in range(2)),
        Claim(
            "A", "text", "rho", "", "implied", says="positive", holds=False, conflict="sign of rho"
        ),
        Claim("A", "text", "mean", "", "implied", "0.5", derived=0.5),
    ]
    shown = [(title, len(same)) for title, same in ledger.entries(collected(claims))]
    assert shown == [
        ("Table A5: 6 × agrees within rounding", 6),
        ("sign of rho: 3 × inconsistent in print", 3),
        ("", 1),
    ]


def test_a_claim_contradicted_here_and_borne_out_there_is_named():
    one = Claim("A", "text", "rho Model 2", "", "implied", says="positive", holds=True)
    other = Claim("A", "text", "rho Model 2", "", "implied", says="positive", holds=False)
    simulated = Claim("A", "text", "rho Model 2", "", "recovered", says="positive", holds=True)
    assert ledger.disagreements(collected([one, other])) == ["A, table text, rho Model 2, "]
    assert ledger.disagreements(collected([simulated, other])) == []


def test_no_claim_of_the_built_book_is_contradicted_and_borne_out():
    built = ROOT / "_build" / "html" / "_results" / "claims.json"
    if not built.is_file():
        pytest.skip("the book is not built")
    claims = ledger.frame(json.loads(built.read_text(encoding="utf-8")))
    assert ledger.disagreements(claims) == []
    wrong = claims[claims["verdict"] == "inconsistent in print"]
    told = wrong["derived"].notna() | (wrong["conflict"] != "") | (wrong["note"] != "")
    assert told.all(), wrong.loc[~told, ["paper", "table", "row"]]
