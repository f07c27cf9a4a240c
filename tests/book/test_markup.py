"""What the engine's own markup does to a page."""

import sys
from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from engine.markup import ResultTables, Signs, mathml, per_cent


def test_a_glued_number_below_zero_has_a_minus_sign_and_other_text_keeps_its_hyphens():
    document = new_document("page")
    glued = nodes.inline("", "-0.25", classes=["pasted-text"])
    word = nodes.inline("", "non-negative", classes=["pasted-text"])
    typed = nodes.inline("", "-0.25")
    zero = nodes.inline("", "-0.00", classes=["pasted-text"])
    document += nodes.paragraph("", "", glued, word, typed, zero)
    Signs(document).run()
    assert [part.astext() for part in document[0]] == ["−0.25", "non-negative", "-0.25", "0.00"]


def test_every_per_cent_has_a_space_that_does_not_break_but_in_code():
    document = new_document("page")
    parts = (
        nodes.inline("", "9%", classes=["pasted-text"]),
        nodes.literal("", "5%"),
        nodes.Text(" 95 %, "),
        nodes.inline("", "7", classes=["pasted-text"]),
        nodes.Text(" % in all"),
    )
    document += nodes.paragraph("", "", nodes.Text("12.5% of "), *parts)
    Signs(document).run()
    told = "12.5_% of 9_%5% 95_%, 7_% in all"
    assert document[0].astext() == told.replace("_", "\N{NO-BREAK SPACE}")
    assert (
        per_cent('<i style="width:50%">5%</i>') == '<i style="width:50%">5\N{NO-BREAK SPACE}%</i>'
    )


def test_formulas_become_mathml_and_what_cannot_is_told():
    first, second, bad = mathml([(r"\rho", False), (r"\begin{aligned}a&=b\\c&=d\end{aligned}", True),
                                 (r"\frac{1", False)])  # fmt: skip
    assert first == '<math display="inline"><mi>ρ</mi></math>'
    assert second.count("<mtr>") == 2
    assert bad == ""


def test_heads_span_their_columns_and_cells_carry_the_names_of_theirs():
    words = "Six words of a verdict that is long"
    result = nodes.container(classes=["result"])
    table, group = nodes.table(), nodes.tgroup(cols=3)
    for _ in range(3):
        group += nodes.colspec(colwidth=1)
    spanned = nodes.paragraph("", "", nodes.inline("", "here", classes=["spanner"]),
                              nodes.Text("\n"), nodes.Text("default"))  # fmt: skip
    head = nodes.row("", *(nodes.entry("", p) for p in (
        nodes.paragraph("", "term"), spanned, nodes.paragraph("", "verdict"))))  # fmt: skip
    chip = nodes.paragraph("", "", nodes.inline("", words, classes=["chip"]))
    body = nodes.row("", *(nodes.entry("", p) for p in (
        nodes.paragraph("", "x"), nodes.paragraph("", "1"), chip)))  # fmt: skip
    group += nodes.thead("", head)
    group += nodes.tbody("", body)
    table += group
    result += table
    document = new_document("page")
    document += result
    ResultTables(document).apply()
    above, below = table.findall(nodes.thead).__next__().children
    assert [entry.astext() for entry in above] == ["term", "here", "verdict"]
    assert [entry.get("morerows", 0) for entry in above] == [1, 0, 1]
    assert [entry.astext() for entry in below] == ["default"]
    assert "cards" in table["classes"]
    assert [p.astext() for p in body[2].findall(nodes.inline)] == ["verdict", words]


def test_a_table_without_rows_keeps_its_head():
    table, group = nodes.table(), nodes.tgroup(cols=1)
    group += nodes.colspec(colwidth=1)
    group += nodes.thead("", nodes.row("", nodes.entry("", nodes.paragraph("", "city-year"))))
    table += group
    document = new_document("page")
    document += nodes.container("", table, classes=["result"])
    ResultTables(document).apply()
    assert table.astext().strip() == "city-year"
