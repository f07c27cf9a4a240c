"""Tables show every number given to them, in MyST, LaTeX and CSV alike."""

import io
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.book import inline, tables
from analysis.book.ledger import CLAIMS_TYPE, Claim
from analysis.book.provenance import FILES_TYPE
from analysis.book.text import literal
from analysis.errors import SpecificationError

FRAME = pd.DataFrame({"a": [0.5, -2.0], "b": [0.25, np.nan]}, index=["x", "y"])


def rows(table):
    body = [line for line in table.myst.split("\n") if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in body]


def test_the_table_is_numbered_labelled_and_captioned():
    table = tables.show(FRAME, "tab-small", "Two\n  lines of  caption.")
    assert ":::{table} Two lines of caption.\n:name: tab-small\n" in table.myst


def test_cells_are_formatted_aligned_and_missing_ones_dashed():
    table = tables.show(FRAME, "tab-small", "Caption.", formats={"b": ".1f"}, stub="term")
    assert rows(table) == [
        ["term", "a", "b"],
        [":--", "--:", "--:"],
        ["x", "0.500", "0.2"],
        ["y", "−2.000", "–"],
    ]


def test_standard_errors_stand_below_and_stars_beside():
    errors = pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, np.nan]}, index=FRAME.index)
    p_values = pd.DataFrame({"a": [0.2, 0.001], "b": [0.04, np.nan]}, index=FRAME.index)
    table = tables.show(FRAME, "tab-small", "Caption.", errors=errors, p_values=p_values)
    *_, first, second = rows(table)
    assert first[1] == "0.500<br>[(0.100)]{.std-error}"
    assert first[2] == r"0.250[\*\*]{.stars}<br>[(0.300)]{.std-error}"
    assert second[1] == r"−2.000[\*\*\*]{.stars}<br>[(0.200)]{.std-error}"
    assert second[2] == "–"
    assert "p < 0.01" in table.myst


def test_a_column_format_goes_before_a_row_format():
    table = tables.show(FRAME, "tab-small", "Caption.", formats={"a": ".1f", "x": ".5f"})
    assert rows(table)[2] == ["x", "0.5", "0.25000"]


def test_two_levels_make_heads_over_columns_and_sections():
    frame = pd.DataFrame(
        [[1, 2], [3, 4]],
        index=pd.MultiIndex.from_tuples([("static", "x"), ("dynamic", "x")]),
        columns=pd.MultiIndex.from_tuples([("here", "default"), ("here", "corrected")]),
    )
    shown = rows(tables.show(frame, "tab-small", "Caption."))
    assert shown[0][1:] == ["[here]{.spanner}<br>default", "[here]{.spanner}<br>corrected"]
    assert shown[2] == ["[static]{.section-row}", "", ""]
    assert shown[3] == ["x", "1", "2"]
    assert shown[4] == ["[dynamic]{.section-row}", "", ""]


def test_a_pipe_in_a_cell_does_not_split_it():
    frame = pd.DataFrame({"p": ["a | b"]}, index=["P(>|z|)"])
    assert rows(tables.show(frame, "tab-small", "Caption."))[2] == [r"P(>\|z\|)", r"a \| b"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_the_csv_gives_back_every_digit(values):
    frame = pd.DataFrame({"value": values})
    content = tables.show(frame, "tab-small", "Caption.").files["tab-small.csv"]
    back = pd.read_csv(io.StringIO(content), index_col=0)
    assert back["value"].tolist() == values


def test_the_csv_holds_the_standard_errors_beside_the_estimates():
    content = tables.show(FRAME, "tab-small", "Caption.", errors=FRAME / 10).files["tab-small.csv"]
    back = pd.read_csv(io.StringIO(content), index_col=0)
    assert list(back) == ["a", "a (std. error)", "b", "b (std. error)"]
    assert back.loc["y", "a (std. error)"] == -0.2


def test_the_latex_is_escaped_and_complete():
    frame = pd.DataFrame({"R² & more": [-0.5]}, index=["50 %_share ($\\rho$)"])
    latex = tables.show(frame, "tab-small", "All of 5 %.", errors=frame.abs()).latex
    for piece in (
        r"50 \%\_share ($\rho$)",
        r"R$^{2}$ \& more",
        r"\label{tab-small}",
        "$-$0.500",
        "All of 5 \\%",
    ):
        assert piece in latex
    assert "std-error" not in latex


@given(st.text(max_size=30))
def test_no_text_leaves_latex_an_open_brace_or_a_character_that_it_acts_on(text):
    plain = inline.as_latex(literal(text))
    rest = re.sub(r"\\text[a-z]+\{\}|\\ldots\{\}|\\[\\{}$&#%_]", "", plain)
    rest = re.sub(r"\$[^$]+\$", "", rest)
    assert not re.search(r"[$&#%_^\\{}<>|]", rest)
    assert all(ord(c) < 0x180 for c in plain)


def test_regressions_set_fits_side_by_side_with_gaps_dashed():
    def fit(**params):
        series = pd.Series(params)
        return SimpleNamespace(params=series, std_errors=series.abs() / 10, nobs=646)

    table = tables.regressions(
        {"static": fit(x=1.0), "dynamic": fit(x=2.0, lag=0.7)},
        "tab-small",
        "Caption.",
        terms={"lag": "Last year", "x": "X"},
        statistics={"city-years": "nobs", "params": lambda each: len(each.params)},
        with_stars=True,
    )
    assert [row[0] for row in rows(table)[2:]] == ["Last year", "X", "city-years", "params"]
    assert rows(table)[2][1:] == ["–", r"0.700[\*\*\*]{.stars}<br>[(0.070)]{.std-error}"]
    assert rows(table)[4][1:] == ["646", "646"]


def claim(row="Coagg", kind="recovered", **changed):
    return Claim(
        "A", "4", row, "Model 2", kind,
        **{"printed": "0.550", "derived": 0.6, "std_error": 0.1, "printed_error": "0.173",
           "stars": "***", "truth": 0.55 if kind == "recovered" else None} | changed,
    )  # fmt: skip


def test_beside_shows_truth_print_and_verdict_and_records_the_claims():
    table = tables.beside([claim()], "tab-beside", "Caption.")
    assert rows(table)[0][1:] == ["derived here", "truth", "printed", "verdict"]
    assert rows(table)[2] == [
        "Coagg",
        "0.600<br>[(0.100)]{.std-error}",
        "0.550",
        r"0.550[\*\*\*]{.stars}<br>[(0.173)]{.std-error}",
        "[within sampling error]{.chip .chip-good}",
    ]
    bundle = table._repr_mimebundle_()
    assert bundle[CLAIMS_TYPE]["claims"][0]["verdict"] == "within sampling error"
    assert set(bundle[FILES_TYPE]["files"]) == {"tab-beside.csv", "tab-beside.tex"}


def test_beside_explains_printed_stars_and_has_a_dash_where_a_sentence_has_no_number():
    sentence = claim("inverted U", "free", printed="", stars="", says="yes", holds=True, derived=None,
                     std_error=None, printed_error="")  # fmt: skip
    both = tables.beside([claim(), sentence], "tab-beside", "Caption.")
    assert rows(both)[3][1] == "–"
    assert both.notes == (tables.LEGEND,)
    alone = tables.beside([sentence], "tab-beside", "Caption.")
    assert "derived here" not in rows(alone)[0]
    assert alone.notes == ()


def test_the_caption_says_of_which_kind_the_comparisons_are_and_what_they_came_to():
    entries = [claim(), claim("GOV", derived=9.0), claim("FDI")]
    table = tables.beside(entries, "tab-beside", "Table A4 beside the print.")
    assert table.caption == (
        "Table A4 beside the print. Recovered: 2 within sampling error, 1 differs."
    )


def test_kinds_have_a_column_where_there_are_several():
    table = tables.beside([claim(), claim("GOV", "free")], "tab-beside", "Caption.")
    assert [row[-2] for row in rows(table)] == ["kind", ":--", "recovered", "free"]


def test_a_setting_is_named_in_a_note_and_has_no_row_and_no_chip():
    entries = [claim(), claim("controls", "setting", printed="", says="yes", holds=True)]
    table = tables.beside(entries, "tab-beside", "Caption.")
    assert [row[0] for row in rows(table)[2:]] == ["Coagg"]
    assert "not judged: controls." in table.notes[0]
    assert len(table.claims) == 2


def test_a_setting_beside_judged_numbers_of_its_row_is_named_by_its_column():
    counted = Claim("A", "2", "GOV", "observations", "setting", "680", derived=680)
    judged = Claim("A", "2", "GOV", "mean", "free", "0.2", derived=0.2)
    table = tables.beside([counted, judged], "tab-beside", "Caption.", labels={"GOV": "government"})
    assert table.notes == ("Settings, not judged: observations.",)


def test_a_long_comparison_of_one_verdict_is_folded():
    entries = [claim(f"x{i}", "free", derived=9.0) for i in range(tables.LONG)]
    table = tables.beside(entries, "tab-beside", "Caption.")
    assert table.folded
    assert table.caption.endswith(f"Free: all {tables.LONG} differ.")
    assert not tables.beside(entries[1:], "tab-beside", "Caption.").folded


HOSTILE = '<script>alert(1)</script><img src=x onerror="y"> & 50 % $5 | \\<b> #_^~{}'


@pytest.mark.parametrize("form", ["myst", "html"])
def test_text_stays_text_wherever_it_stands(form):
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE]))
    table = tables.show(frame, "tab-small", HOSTILE, stub=HOSTILE, notes=HOSTILE,
                        parameters={"city": HOSTILE}, data={HOSTILE: frame})  # fmt: skip
    text = getattr(table, form)
    opening = re.findall(r"(?<!\\)(?:\\\\)*<(?=[A-Za-z/!?])(?!br>)", text)
    ours = "".join(re.findall(r"<(/?[a-z]+)", text)) if form == "html" else ""
    assert "script" not in ours
    assert "img" not in ours
    assert form == "html" or not opening


def test_html_for_other_windows_holds_all_that_the_page_shows():
    text = tables.beside([claim()], "tab-beside", "Caption $\\rho$.", notes="A note.").html
    for piece in ("Caption <i>ρ</i>.", "A note.", "(0.173)", "<sup>***</sup>", "verdict",
                  'class="chip chip-good">within sampling error'):  # fmt: skip
        assert piece in text


def test_small_p_values_are_bounds_and_large_errors_have_no_decimals():
    frame = pd.DataFrame({"effect": [1234.5678], "p": [1e-9]}, index=["x"])
    errors = pd.DataFrame({"effect": [2455.796], "p": [np.nan]}, index=["x"])
    table = tables.show(frame, "tab-small", "Caption.", errors=errors)
    assert rows(table)[2][1:] == ["1235<br>[(2456)]{.std-error}", "<0.001"]


def test_a_folded_table_waits_behind_its_caption():
    table = tables.show(FRAME, "tab-small", "Caption.", folded=True)
    assert table.myst.startswith(":::::{folded}\n::::{container} result")
    assert table.myst.endswith(":::::\n")


def test_beside_leaves_out_the_truth_where_there_is_none():
    entry = Claim("A", "4", "Coagg", "Model 2", "free", "0.55", derived=0.6)
    assert "truth" not in rows(tables.beside([entry], "tab-beside", "Caption."))[0]


def test_the_foot_line_names_code_data_and_parameters():
    table = tables.show(
        FRAME, "tab-small", "Caption.",
        code=[tables.show], data={"panel": FRAME}, parameters={"seed": 7},
    )  # fmt: skip
    foot = table.myst.partition(":::{container} result-foot\n")[2].partition("\n:::")[0]
    assert foot.split("\n") == [
        "- code: {source}`analysis.book.tables.show`",
        f"- data: panel `{tables.data_digest(FRAME)}`",
        "- parameters: seed = 7",
        "- {made-from}`tab-small`",
        "- {result}`tab-small.csv`",
        "- {result}`tab-small.tex`",
        "- {result}`tab-small.json`",
    ]


def test_the_data_hash_moves_with_any_digit():
    moved = FRAME.copy()
    moved.iloc[0, 0] = np.nextafter(0.5, 1)
    assert tables.data_digest(moved) != tables.data_digest(FRAME)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tables.show(FRAME, "Table 4", "C."), "lower-case words joined by hyphens"),
        (lambda: tables.show(FRAME, "tab-a", "C.", errors=FRAME[["a"]]), r"shape \(2, 1\)"),
        (lambda: tables.show(FRAME, "tab-a", "C.", data={"x": 3}), "not int"),
        (lambda: tables.beside([], "tab-a", "C."), "no claims"),
    ],
)
def test_a_table_that_cannot_be_made_is_refused(call, says):
    with pytest.raises(SpecificationError, match=says):
        call()


def test_headings_over_columns_become_sections_of_a_stacked_table():
    fit = SimpleNamespace(
        params=pd.Series({"x": 0.5}), std_errors=pd.Series({"x": 0.1}), sample=SimpleNamespace(n=3)
    )
    fits = {(outcome, model): fit for outcome in ("y", "z") for model in ("a", "b")}
    table = tables.regressions(fits, "tab-s", "S.", statistics={"n": "sample.n"}, stacked=True)
    assert list(table.frame.columns) == ["a", "b"]
    assert list(table.frame.index) == [("y", "x"), ("y", "n"), ("z", "x"), ("z", "n")]
    assert table.frame.loc[("z", "n"), "b"] == 3
