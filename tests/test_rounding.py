import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AuditTableError
from analysis.rounding import Interval, printed

numbers = st.floats(-1e3, 1e3, allow_nan=False)
decimals = st.integers(0, 6)


@given(numbers, decimals)
def test_the_unrounded_number_lies_in_the_interval_of_its_print(value, places):
    number = printed(f"{value:.{places}f}")
    assert number is not None
    assert number.interval.contains(value)
    assert number.interval.upper - number.interval.lower == pytest.approx(10.0**-places, rel=1e-6)


@given(numbers, numbers, decimals, st.sampled_from(["+", "-", "*", "/"]))
def test_arithmetic_on_intervals_holds_the_result_on_unrounded_numbers(a, b, places, sign):
    x, y = printed(f"{a:.{places}f}").interval, printed(f"{b:.{places}f}").interval
    if sign == "/" and b == 0:
        return
    result = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[
        sign
    ]()
    truth = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[sign]
    slack = 1e-9 * (1 + abs(truth))
    assert result.lower - slack <= truth <= result.upper + slack


def test_trailing_zeros_count():
    assert printed("0.0800").interval.upper < printed("0.08").interval.upper


def test_typographic_minus_is_a_minus():
    assert printed("\u22120.215").value == -0.215


@pytest.mark.parametrize("text", ["0.5***", "(0.1)", "1,000", "50%", "abc", "1e-3"])
def test_anything_but_a_plain_decimal_number_is_refused_by_name(text):
    with pytest.raises(AuditTableError, match="line 3"):
        printed(text, "table.csv, line 3")


def test_division_by_an_interval_around_zero_knows_nothing():
    assert Interval(1, 2) / Interval(-1, 1) == Interval(-math.inf, math.inf)
