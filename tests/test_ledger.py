"""The verdicts follow the written rules."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.book.ledger import (
    CLAIMS_TYPE,
    Claim,
    Kind,
    Verdict,
    agreeing_digits,
    as_record,
    record,
    verdict,
)
from analysis.errors import AuditTableError, SpecificationError

finite = st.floats(-1e6, 1e6)


def claim(kind, printed="0.550", **values):
    return Claim("A", "4", "Coagg", "Model 2", kind, printed, **values)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (claim("free", derived=0.5504), Verdict.ROUNDING),
        (claim("free", derived=0.5505), Verdict.ROUNDING),
        (claim("free", derived=0.5506), Verdict.DIFFERS),
        (claim("free", derived=0.60, std_error=0.03), Verdict.SAMPLING),
        (claim("free", derived=0.60, std_error=0.02), Verdict.DIFFERS),
        (claim("free", derived=0.60, std_error=0.02, printed_error="0.02"), Verdict.SAMPLING),
        (claim("free", derived=0.60, std_error=9.0, same_data=True), Verdict.DIFFERS),
        (claim("free", derived=None), Verdict.NOT_DERIVABLE),
        (claim("free", derived=float("nan")), Verdict.NOT_DERIVABLE),
        (claim("free", "", derived=0.6, std_error=0.1), Verdict.NOT_DERIVABLE),
        (claim("implied", derived=0.58, conflict="sign of rho"), Verdict.INCONSISTENT),
        (claim("inherited", derived=0.60, std_error=0.03), Verdict.SAMPLING),
        (claim("inherited", derived=0.60, std_error=0.02), Verdict.DIFFERS),
        (claim("setting", derived=0.56), None),
        (claim("implied", derived=0.5503), Verdict.ROUNDING),
        (claim("implied", derived=0.58), Verdict.INCONSISTENT),
        (claim("implied", derived=0.58, inputs_rounding=0.03), Verdict.ROUNDING),
        (claim("targeted", derived=0.55), Verdict.TARGET_MET),
        (claim("targeted", derived=0.56, std_error=9.0), Verdict.TARGET_MISSED),
        (claim("targeted", derived=0.56, tolerance=0.02), Verdict.TARGET_MET),
        (claim("targeted", derived=0.58, tolerance=0.02), Verdict.TARGET_MISSED),
        (claim("recovered", derived=0.7, std_error=0.1, truth=0.55), Verdict.SAMPLING),
        (claim("recovered", derived=0.7, std_error=0.05, truth=0.55), Verdict.DIFFERS),
        (claim("recovered", derived=0.55, std_error=0.001, truth=0.7), Verdict.DIFFERS),
        (claim("recovered", derived=0.55, truth=0.55), Verdict.DIFFERS),
    ],
)
def test_verdict(entry, expected):
    assert verdict(entry) is expected


@given(finite, st.floats(0, 1e6), finite)
def test_agreement_is_never_given_to_a_targeted_claim(derived, error, target):
    entry = claim("targeted", f"{target:.3f}", derived=derived, std_error=error)
    assert verdict(entry) in {Verdict.TARGET_MET, Verdict.TARGET_MISSED}


@given(finite, finite, finite)
def test_a_recovered_claim_does_not_look_at_the_print(derived, truth, printed):
    with_print = claim("recovered", f"{printed:.3f}", derived=derived, std_error=1.0, truth=truth)
    without = claim("recovered", "", derived=derived, std_error=1.0, truth=truth)
    assert verdict(with_print) is verdict(without)


@given(st.decimals(-1000, 1000, places=3), st.floats(-0.0005, 0.0005))
def test_whatever_rounds_to_the_print_agrees(printed, within):
    entry = claim("free", f"{printed:.3f}", derived=float(printed) + within * 0.999)
    assert verdict(entry) is Verdict.ROUNDING


def test_trailing_zeros_and_typographic_minus_of_the_print_count():
    assert verdict(claim("free", "0.550", derived=0.5506)) is Verdict.DIFFERS
    assert verdict(claim("free", "0.55", derived=0.5506)) is Verdict.ROUNDING
    assert verdict(claim("free", "−0.25", derived=-0.25)) is Verdict.ROUNDING
    assert verdict(claim("free", "1,252", derived=1252.0)) is Verdict.ROUNDING


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (
            "recovered",
            {"derived": 1.0},
            "Coagg, Model 2: a recovered claim needs the generator's truth",
        ),
        ("targeted", {"printed": ""}, "needs a printed number"),
        ("free", {"printed": "0.550***"}, "put stars, parentheses and %"),
        ("implied", {"conflict": "sign of rho"}, "nothing computed contradicts the print"),
        ("implied", {"conflict": "sign of rho", "derived": 0.5503}, "nothing computed contradicts"),
        ("free", {"conflict": "sign of rho", "derived": 0.9}, "needs an implied claim"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(kind, values, says):
    with pytest.raises((SpecificationError, AuditTableError), match=says):
        claim(kind, **values)


def test_a_comparison_of_numpy_numbers_survives_json():
    entry = Claim("A", "text", "own lag", "", "free", says="positive", holds=np.float64(2) > 1)
    assert json.loads(json.dumps(as_record(entry)))["holds"] is True


def test_records_survive_json():
    entry = claim("recovered", derived=0.6, std_error=0.1, truth=0.55, stars="***", note="n")
    plain = json.loads(json.dumps(as_record(entry)))
    assert plain["verdict"] == "within sampling error"
    assert Claim(**{name: plain[name] for name in Claim.__slots__}) == entry


def test_the_ledger_says_where_a_claim_is_made_and_a_page_may_say_more():
    rho = Claim("A", "text", "rho Model 2", "", "free", says="positive, 1% level", holds=True)
    assert as_record(rho)["place"].startswith("4.2.2")
    more = Claim("A", "text", "rho Model 2", "", "free", says="s", holds=True, place="5, last")
    assert as_record(more)["place"] == "5, last"


def test_what_numpy_finds_true_can_be_recorded():
    said = Claim("A", "4", "Coagg", "Model 2", "free", says="positive", holds=np.float64(1) > 0)
    assert json.loads(json.dumps(as_record(said)))["holds"] is True


def test_what_is_not_finite_becomes_null():
    assert as_record(claim("free", derived=float("inf")))["derived"] is None


def test_recording_shows_no_more_than_a_count():
    bundle = record([claim("free", derived=0.55)])._repr_mimebundle_()
    assert bundle["text/plain"] == "1 claims for the ledger"
    assert set(bundle) == {CLAIMS_TYPE, "text/plain"}
    assert bundle[CLAIMS_TYPE]["claims"][0]["kind"] == Kind.FREE


def test_agreeing_digits_count_relative_to_the_reference():
    assert agreeing_digits(1.001, 1.0) == pytest.approx(3)
    assert agreeing_digits(1000.001, 1000.0) == pytest.approx(6)
    assert agreeing_digits(1e-4, 0.0) == pytest.approx(4)
    assert agreeing_digits(3.0, 1.0) == 0
    assert 15 < agreeing_digits(0.1, 0.1) < 16
