"""What is declared for a table or figure by label reaches it, numbers filled in."""

import pandas as pd
import pytest

from analysis.book.ledger import Claim
from analysis.book.page import Page, numbers
from analysis.errors import SpecificationError

FRAME = pd.DataFrame({"estimate": [0.5, 2.0], "p_value": [0.01, 0.2]}, index=["rho", "b1"])


def page(**said):
    return Page(captions={"tab-a": said, "fig-a": said}, names={"rho": "ρ"}.get)


@pytest.mark.filterwarnings("ignore")
def test_a_caption_names_what_was_glued():
    numbers(page_draws=99, page_share=0.256)
    table = page(caption="Of {page_draws:d} draws {page_share:.0%}.").table(FRAME, "tab-a")
    assert table.caption == "Of 99 draws 26%."


def test_a_caption_that_names_what_is_not_glued_is_refused():
    with pytest.raises(SpecificationError, match="tab-a: its words name page_unknown"):
        page(caption="Of {page_unknown:d} draws.").table(FRAME, "tab-a")


def test_declared_rows_and_columns_are_chosen_and_named():
    made = page(caption="A.", rows={"b1": "slope"}, columns={"p_value": "P", "estimate": "b"})
    frame = made.table(FRAME, "tab-a").frame
    assert (list(frame.index), list(frame.columns)) == (["slope"], ["P", "b"])


def test_a_drawing_takes_its_declared_scale_and_the_names_of_the_page():
    rows = pd.DataFrame({"estimate": [0.5], "std_error": [0.1]}, index=["rho"])
    shown = page(caption="A.", drawn={"times": {"rho": 5}}).intervals({"here": rows}, "fig-a")
    assert shown.alt == "Interval plot. here: ρ 0.5 (0.304 to 0.696)."
    assert "ρ (×5)" in shown.svg


def test_sentences_have_no_column_for_numbers_that_nobody_derived():
    claims = [Claim("A", "text", "trend", "", "free", says="rises", holds=True)]
    table = page(caption="A.").beside(claims, "tab-a")
    assert list(table.frame.columns) == ["printed", "verdict"]
