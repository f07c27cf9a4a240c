"""In a notebook for any viewer, numbers, references and citations are written out."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.book.rerun.page import citations, resolve, unlink
from analysis.resources import ROOT

WORDS = {"tab-a": "Table 3", "here": "A section", "fig-b": "Figure 2"}
CITED = {"moran": ("Moran", "1950"), "ly": ("Lee and Yu", "2010")}


def written(text, **glued):
    outputs = [
        new_output(
            "display_data",
            {"application/papermill.record/text/plain": repr(value)},
            metadata={"scrapbook": {"name": name}},
        )
        for name, value in glued.items()
    ]
    notebook = new_notebook(cells=[new_markdown_cell(text), new_code_cell("1", outputs=outputs)])
    done = resolve(notebook, WORDS, CITED)
    assert done.cells[-1].outputs == [], "what was glued is in the text"
    nbformat.validate(done)
    return done.cells[0].source


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{glue:text}`rho:.2f` and {glue:text}`word`", "−0.25 and additive-nest"),
        ("{numref}`tab-a`, {numref}`Picture %s <fig-b>`", "Table 3, Picture 2"),
        ("{numref}`tab-z`", "a table of the book"),
        ("{ref}`words <here>` {ref}`here` {ref}`gone`", "words A section another page"),
        ("{cite:p}`moran,ly` {cite:t}`ly`", "[Moran, 1950; Lee and Yu, 2010] Lee and Yu [2010]"),
        ("{source}`analysis.spatial.fit` [x]{.chip}", "`analysis.spatial.fit` x"),
        ("(label)=\n# Title", "# Title"),
        (":::{note} Mind\n:class: tip\nthis\n:::\nafter", "> **Mind**\n> this\n\nafter"),
    ],
)
def test_what_only_the_build_understands_is_written_out(text, shown):
    assert written(text, rho=-0.25, word="additive-nest") == shown


def test_links_to_other_pages_become_their_titles(tmp_path):
    (tmp_path / "next.py").write_text("# ---\n# ---\n\n# %% [markdown]\n# # I.6 Effects\n")
    text = "See [](next.py), [the audit](../gone.py), [](../gone.md), [web](https://a.b/c.py)."
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    unlink(notebook, tmp_path / "here.py")
    said = "See “I.6 Effects”, the audit, another page, [web](https://a.b/c.py)."
    assert notebook.cells[0].source == said


def test_every_work_of_the_book_has_authors_and_a_year():
    found = citations(ROOT / "book" / "references.bib")
    assert found["leeyu2010"] == ("Lee and Yu", "2010")
    assert all(who and year.isdigit() for who, year in found.values())
