"""What a person or a file supplies is text on a page, whatever it looks like."""

import csv
import html
import io
import re

import pandas as pd
import pytest
from docutils.core import publish_string
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.docutils_ import Parser

from analysis.book import tables
from analysis.book.inline import as_latex
from analysis.book.ledger import Claim, Kind
from analysis.book.text import as_csv, literal

HOSTILE = [
    "<script>document.title='taken'</script>",
    "<img src=x onerror=alert(1)>",
    "</style></title></td><svg onload=alert(1)>",
    "{ref}`nowhere` {raw}`x` {{ name }}",
    "$x$ $$y$$ \\frac{1}{2}",
    "a|b || c",
    "[link](javascript:alert(1)) ![p](x.png) [s]{.stars}",
    "&lt;b&gt; &amp; &#60;",
    "**b** _i_ `c` # no ::: {note} %",
    "<!-- never closed",
    "0.5 -1 -- \"quoted\" 'q' ... http://x.y/z \\",
]
EXTENSIONS = ["dollarmath", "colon_fence", "attrs_inline", "attrs_block", "deflist", "smartquotes"]


def shown(myst):
    """Paragraphs of a page, as a browser would show them."""
    page = publish_string(
        myst,
        parser=Parser(),
        writer_name="html5",
        settings_overrides={"myst_enable_extensions": EXTENSIONS, "halt_level": 2},
    ).decode()
    found = re.findall(r"<p>(.*?)</p>", page.partition("<body")[2], re.DOTALL)
    assert not any("<" in text for text in found)
    return [html.unescape(text) for text in found]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_in_prose_and_in_a_table(text):
    assert (
        shown(f"{literal(text)}\n\n| {literal(text)} |\n|--|\n| {literal(text)} |\n") == [text] * 3
    )


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_any_text_is_shown_as_it_is(text):
    assert shown(f"x{literal(text)}x") == [f"x{text}x"]


def test_lines_become_one_and_control_characters_go():
    assert literal("# one\n\n::: two\x00") == r"\# one \:\:\: two "


FORMULAS = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=1", "\r=1",
            "=HYPERLINK(\"http://x.y\", \"z\")", "-SUM(A1)"]  # fmt: skip


def test_no_cell_of_a_csv_is_a_formula():
    frame = pd.DataFrame({"x": FORMULAS, "=y": 1.0}, index=[f"={i}" for i in range(len(FORMULAS))])
    rows = list(csv.reader(io.StringIO(as_csv(frame), newline="")))
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert [row[1] for row in rows[1:]] == [f"'{text}".replace("\r", " ") for text in FORMULAS]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"W × carbon \(ρ\)", "W × carbon (ρ)"),
        (r"inverse\-distance", "inverse-distance"),
        (r"$\sigma^2$", "σ²"),
        (r"0.550\*\*\* (0.173)", "0.550*** (0.173)"),
        (r"[low-low]{.chip}", "low-low"),
        *((literal(text), f"'{text.strip()}") for text in FORMULAS if '"' not in text),
    ],
)
def test_the_file_of_a_table_holds_plain_text_and_no_formula(text, plain):
    table = tables.show(pd.DataFrame({text: [text]}, index=[text]), "tab-x", "Caption.")
    whole = table.files["tab-x.csv"]
    assert list(csv.reader(io.StringIO(whole))) == [["", plain], [plain, plain]]


def test_the_file_of_claims_holds_what_the_ledger_has():
    claim = Claim("A", "4", r"a*b* and c\*", "x", Kind.FREE, "0.5", 0.6)
    content = tables.beside([claim], "tab-x", "Caption.").files["tab-x.csv"]
    assert claim.row in content


def test_numbers_and_ranges_stay_as_they_are_in_a_csv():
    texts = ["-0.5", "-1e-05", "-0.35 to 0.18", "+0.8 / +0.5", "-inf", "−1", "a=b", "-1.2 (0.3)"]
    frame = pd.DataFrame({"x": texts, "n": [-0.5] * 8, "m": [-3] * 8})
    assert as_csv(frame) == frame.to_csv(lineterminator="\n")


@pytest.mark.parametrize(
    "text", [r"\input{/etc/passwd}", r"\write18{rm}", r"$\input{x}$", "^^5cinput{x}"]
)
def test_no_text_is_a_command_of_latex(text):
    made = as_latex(literal(text))
    assert not re.search(r"\\(input|write)|\^\^", made)
