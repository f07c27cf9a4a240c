"""Cells that stand on a page only where what they say holds."""

import nbformat
import pytest

from analysis.book.conditions import drop_what_fails


def notebook(holds):
    glued = nbformat.v4.new_output(
        "display_data",
        data={"application/papermill.record/text/plain": str(holds)},
        metadata={"scrapbook": {"name": "when-simulated", "mime_prefix": "application/"}},
    )
    tagged = {"tags": ["when-simulated"]}
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("Of the generator.", metadata=tagged),
            nbformat.v4.new_code_cell("2", metadata=tagged),
            nbformat.v4.new_markdown_cell("Of any data."),
            nbformat.v4.new_code_cell("conditions(simulated=x)", outputs=[glued]),
        ]
    )


@pytest.mark.parametrize(("holds", "left"), [(True, 4), (False, 2)])
def test_a_tagged_cell_stands_only_where_its_condition_holds(holds, left):
    page = notebook(holds)
    drop_what_fails(page)
    assert len(page.cells) == left


def test_a_condition_that_nobody_named_drops_nothing():
    page = notebook(False)
    page.cells[0].metadata["tags"] = ["when-stable"]
    drop_what_fails(page)
    assert page.cells[0].source == "Of the generator."


@pytest.mark.parametrize(
    ("holds", "box"), [(True, ["One.\nTwo.\nThree."]), (False, ["One.\nThree."])]
)
def test_sentences_of_the_box_that_hold_make_one_box(holds, box):
    page = notebook(holds)
    box_of = ":::{{in-short}}\n{}\n:::".format
    page.cells[:0] = [
        nbformat.v4.new_markdown_cell(box_of("One.")),
        nbformat.v4.new_markdown_cell(box_of("Two."), metadata={"tags": ["when-simulated"]}),
        nbformat.v4.new_markdown_cell(box_of("Three.")),
    ]
    drop_what_fails(page)
    shown = [cell.source for cell in page.cells if "in-short" in cell.source]
    assert shown == [box_of(text) for text in box]
