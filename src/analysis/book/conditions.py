"""Cells of a notebook that stand on its page only where what they say holds.

A cell tagged ``when-simulated`` is shown if ``conditions(simulated=...)`` said so, wherever on the
page it was called. The book and a re-run drop the others; in a Jupyter window all can be seen.
"""

from typing import Any

_WHEN = "when-"
_BOX = ":::{in-short}"


def conditions(**holds: object) -> None:
    """Say which tagged cells of this notebook hold, name by name."""
    from myst_nb import glue

    for name, value in holds.items():
        glue(f"{_WHEN}{name}", bool(value), display=False)


def drop_what_fails(notebook: Any) -> None:
    """Drop the tagged cells of an executed notebook whose condition does not hold.

    Boxes ``:::{in-short}`` that then follow each other become one, so that a sentence of the box
    can have its condition.

    Examples
    --------
    >>> from types import SimpleNamespace as Cell
    >>> said = {"metadata": {"scrapbook": {"name": "when-stable"}}, "data": {"text/plain": "False"}}
    >>> cells = [Cell(metadata={"tags": ["when-stable"]}, get={"source": "It is."}.get),
    ...          Cell(metadata={}, get={"source": "x", "outputs": [said]}.get)]
    >>> notebook = Cell(cells=cells)
    >>> drop_what_fails(notebook)
    >>> len(notebook.cells)
    1
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    named = {o.get("metadata", {}).get("scrapbook", {}).get("name", ""): o for o in outputs}
    failing = {
        name
        for name, output in named.items()
        if name.startswith(_WHEN) and "False" in output["data"].values()
    }
    kept: list[Any] = []
    for cell in notebook.cells:
        if failing.intersection(cell.metadata.get("tags", [])):
            continue
        boxes = [each.get("source", "").strip() for each in (*kept[-1:], cell)]
        if len(boxes) == 2 and all(box.startswith(_BOX) and box.endswith("\n:::") for box in boxes):
            kept[-1].source = boxes[0].removesuffix(":::") + boxes[1].removeprefix(_BOX).lstrip()
        else:
            kept.append(cell)
    notebook.cells = kept
