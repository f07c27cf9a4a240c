"""What other parameters have changed: the tables of two executed notebooks, cell against cell."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import nbformat

from analysis.book.forms import fill
from analysis.book.inline import as_text
from analysis.book.parameters import Parameter
from analysis.book.provenance import FILES_TYPE
from analysis.book.text import spelled

_NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+−]?\d+)?")
_CHIP = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\{\.chip[^}]*\}")
_Shown = Mapping[str, Any]
_Cell = tuple[str, str, str]
_Place = tuple[tuple[str, int], tuple[str, int]]


class Change(NamedTuple):
    """How a table differs from the book's.

    Attributes
    ----------
    label, caption : str
        Of the table.
    counts : dict of str to int
        Numbers in both tables, and how many of them are shown differently; how many turned their
        sign, differ significantly from zero at 5 % in one of the tables only, or have another
        verdict.
    myst : str
        The table with the book's value below each cell that changed; empty if none did.
    """

    label: str
    caption: str
    counts: dict[str, int]
    myst: str


def _counted(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Tell what repeats apart by its count."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name, seen[name]


def _cells(table: _Shown) -> dict[_Place, _Cell]:
    """Cells by row and column."""
    rows = _counted(f"{section}\n{label}" for section, label, _ in table["rows"])
    return {
        (row, column): tuple(cell)
        for row, (*_, cells) in zip(rows, table["rows"], strict=True)
        for column, cell in zip(_counted(table["heads"]), cells, strict=True)
    }


def carried(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, _Shown]]:
    """Yield what tables and figures among the outputs carry, with the position of their cell."""
    for position, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if FILES_TYPE in output.get("data", {}):
                yield position, output["data"][FILES_TYPE]


def shown_tables(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, _Shown]]:
    """Yield of these the numbered tables."""
    return ((position, each) for position, each in carried(notebook) if "rows" in each)


def number(text: str) -> float | None:
    """Return the first number of a cell as shown, or None.

    Examples
    --------
    >>> number("−1,250.5"), number("yes")
    (-1250.5, None)
    """
    match = _NUMBER.match(as_text(text).lstrip("("))
    return float(match[0].replace("−", "-").replace(",", "")) if match else None


def compare(here: _Shown, book: _Shown) -> Change:
    """Set a table beside the one that the book's parameters give.

    Cells are matched by the labels of their row and column, so that rows may come and go.
    """
    mine, theirs = _cells(here), _cells(book)
    shared = [(mine[place], theirs[place]) for place in mine if place in theirs]
    values = [(number(new[0]), number(old[0]), new != old) for new, old in shared]
    numbers = [(a, b, other) for a, b, other in values if a is not None and b is not None]
    clear = Counter((_is_significant(new), _is_significant(old)) for new, old in shared)
    counts = {
        "numbers": len(numbers),
        "changed": sum(changed for *_, changed in numbers),
        "signs turned": sum(new * old < 0 for new, old, _ in numbers),
        "significant here only": clear[True, False],
        "in the book only": clear[False, True],
        "other verdict": sum(_CHIP.findall(new[0]) != _CHIP.findall(old[0]) for new, old in shared),
    }
    myst = "" if mine == theirs else _beside(here, mine, theirs)
    return Change(here["label"], here["caption"], counts, myst)


def _is_significant(cell: _Cell) -> bool:
    """Whether an estimate differs from zero at 5 %, by its stars or else by its standard error."""
    text, stars, error = cell
    estimate, spread = number(text), number(error)
    if stars or estimate is None or not spread:
        return len(stars) >= 2
    return abs(estimate) > 1.96 * abs(spread)


def _beside(here: _Shown, mine: Mapping[_Place, _Cell], theirs: Mapping[_Place, _Cell]) -> str:
    """Write the table with the book's value below each cell that changed."""
    pairs = ((cell, theirs.get(place)) for place, cell in mine.items())
    rows = [(*names, list(itertools.islice(pairs, len(own)))) for *names, own in here["rows"]]
    gone = {}
    for what, axis in (("Rows", 0), ("Columns", 1)):
        kept = {place[axis] for place in mine}
        names = (place[axis][0].split("\n")[-1] for place in theirs if place[axis] not in kept)
        gone[what] = list(dict.fromkeys(names))
    return fill("rerun_beside.md", heads=here["heads"], rows=rows, gone=gone)


def annotate(
    here: nbformat.NotebookNode,
    book: nbformat.NotebookNode | None,
    known: Mapping[str, Parameter],
    differing: Mapping[str, Any],
) -> dict[str, int]:
    """Write into an executed notebook what differs from the book.

    Parameters
    ----------
    here : NotebookNode
        Gets a note below its title and, after each table, what changed in it.
    book : NotebookNode, optional
        The run with the book's parameters.
    known, differing : mapping
        The notebook's parameters, and the values that differ.

    Returns
    -------
    dict of str to int
        Label of each table to how many of its numbers changed.
    """
    standard = {table["label"]: table for _, table in shown_tables(book)} if book else {}
    found = [(at, table) for at, table in shown_tables(here) if table["label"] in standard]
    changes = [(at, compare(table, standard[table["label"]])) for at, table in found]
    for at, change in reversed(changes):
        if change.myst:
            text = fill("rerun_change.md", counts=change.counts, table=change.myst)
            here.cells.insert(at + 1, _markdown(text, "rerun-change"))
    own = "**A re-run with the book's own parameters.**"
    note = fill(
        "rerun_note.md", said=differs(known, differing) if differing else own, differing=differing,
        compared=book is not None, changes=[change for _, change in changes],
    )  # fmt: skip
    below_title(here, note)
    return {change.label: change.counts["changed"] for _, change in changes}


def differs(known: Mapping[str, Parameter], differing: Mapping[str, Any]) -> str:
    """Write which parameters differ from the book's, as a table."""
    rows = [
        (name, spelled(value), spelled(known[name].default), known[name].meaning)
        for name, value in differing.items()
    ]
    return fill("differs.md", rows=rows)


def _markdown(text: str, tag: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text, metadata={"tags": [tag]})


def below_title(notebook: nbformat.NotebookNode, text: str) -> None:
    """Insert a cell after the first heading, splitting the cell that holds it."""
    note = _markdown(text, "rerun-note")
    for position, cell in enumerate(notebook.cells):
        match = re.search(r"^# .*\n?", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and match:
            rest = cell.source[match.end() :].strip("\n")
            cell.source = match[0].rstrip("\n")
            after = [nbformat.v4.new_markdown_cell(rest)] if rest else []
            notebook.cells[position + 1 : position + 1] = [note, *after]
            return
    notebook.cells.insert(0, note)
