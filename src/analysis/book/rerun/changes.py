"""What other parameters have changed: the tables of two executed notebooks, cell against cell."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat

from analysis.book.inline import as_text
from analysis.book.parameters import Parameter
from analysis.book.text import literal, spelled

_COUNTS = {
    "reversed_signs": "signs turned",
    "gained": "significant here only",
    "lost": "in the book only",
    "verdicts": "other verdict",
}
NOTE = "rerun-note"
CHANGE = "rerun-change"
_CAPTION = re.compile(r"^:{3,}\{table\}[ \t]*(?P<caption>.*)$", re.MULTILINE)
_LABEL = re.compile(r"^:name:[ \t]*(?P<label>\S+)", re.MULTILINE)
_BAR = re.compile(r"(?<!\\)\|")
_NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+−]?\d+)?")
_CHIP = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\{\.chip[^}]*\}")
_STARS = re.compile(r"\[((?:\\?\*)+)\]\{\.stars\}")
_ERROR = re.compile(r"\[\(([^)]*)\)\]\{\.std-error\}")
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a page shows it.

    Attributes
    ----------
    label, caption : str
        As in the ``{table}`` directive.
    header : list of str
        Headings, that of the row labels first.
    rows : list of list of str
        Cells in MyST, the row label first.
    """

    label: str
    caption: str
    header: list[str]
    rows: list[list[str]]

    def cells(self) -> dict[tuple[_Key, _Key], str]:
        """Cells by row and column; what repeats is told apart by its count."""
        columns = _counted(self.header)[1:]
        section, labels = "", []
        for row in self.rows:
            if not any(row[1:]):
                section = row[0]
            labels.append(f"{section}\n{row[0]}")
        return {
            (row, column): text
            for row, texts in zip(_counted(labels), self.rows, strict=True)
            for column, text in zip(columns, texts[1:], strict=False)
        }


@dataclass(frozen=True, slots=True)
class Change:
    """How a table differs from the book's.

    Attributes
    ----------
    label, caption : str
        Of the table.
    compared, changed : int
        Numbers in both tables, and how many of them are shown differently.
    reversed_signs : int
        Numbers whose sign turned.
    gained, lost : int
        Numbers that differ significantly from zero at 5 % here only, and in the book only.
    verdicts : int
        Comparisons with another verdict.
    only_one : int
        Cells that one of the tables has alone.
    myst : str
        The table with the book's value below each cell that changed; empty if none did.
    """

    label: str
    caption: str
    compared: int
    changed: int
    reversed_signs: int
    gained: int
    lost: int
    verdicts: int
    only_one: int
    myst: str


def _counted(names: list[str]) -> list[_Key]:
    seen: dict[str, int] = {}
    keys = []
    for name in names:
        seen[name] = seen.get(name, -1) + 1
        keys.append((name, seen[name]))
    return keys


def shown_tables(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, Shown]]:
    """Yield the numbered tables among the outputs, with the position of their cell."""
    for position, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown", "")
            for block in _blocks("".join(text)):
                yield position, block


def _blocks(text: str) -> Iterator[Shown]:
    starts = [match.start() for match in _CAPTION.finditer(text)]
    for start, end in itertools.pairwise([*starts, len(text)]):
        block = text[start:end]
        caption = _CAPTION.search(block)
        label = _LABEL.search(block)
        lines = [line for line in block.splitlines() if line.startswith("|")]
        if caption and label and len(lines) >= 2:
            header, _, *rows = [_split(line) for line in lines]
            yield Shown(label["label"], caption["caption"].strip(), header, rows)


def _split(line: str) -> list[str]:
    return [part.strip() for part in _BAR.split(line.strip())[1:-1]]


def number(text: str) -> float | None:
    """Return the first number of a cell as shown, or None.

    Examples
    --------
    >>> number("−1,250.5[*]{.stars}"), number("yes")
    (-1250.5, None)
    """
    match = _NUMBER.match(as_text(text))
    return float(match[0].replace("−", "-").replace(",", "")) if match else None


def compare(here: Shown, book: Shown) -> Change:
    """Set a table beside the one that the book's parameters give.

    Cells are matched by the labels of their row and column, so that rows may come and go.
    """
    mine, theirs = here.cells(), book.cells()
    pairs = [
        (new, old)
        for place, text in mine.items()
        if place in theirs
        and (new := number(text)) is not None
        and (old := number(theirs[place])) is not None
    ]
    shared = [(mine[place], theirs[place]) for place in mine if place in theirs]
    lonely = len(mine.keys() ^ theirs.keys())
    stars = [(_is_significant(new), _is_significant(old)) for new, old in shared]
    return Change(
        here.label,
        here.caption,
        compared=len(pairs),
        changed=sum(new != old for new, old in pairs),
        reversed_signs=sum(new * old < 0 for new, old in pairs),
        gained=sum(new and not old for new, old in stars),
        lost=sum(old and not new for new, old in stars),
        verdicts=sum(_CHIP.findall(new) != _CHIP.findall(old) for new, old in shared),
        only_one=lonely,
        myst=_beside(here, book) if lonely or any(new != old for new, old in shared) else "",
    )


def _is_significant(cell: str) -> bool:
    """Whether an estimate differs from zero at 5 %, by its stars or else by its standard error."""
    if stars := _STARS.search(cell):
        return stars[1].count("*") >= 2
    estimate, error = number(cell), _ERROR.search(cell)
    spread = number(error[1]) if error else None
    return bool(estimate is not None and spread and abs(estimate) > 1.96 * abs(spread))


def _beside(here: Shown, book: Shown) -> str:
    """Write the table with the book's value below each cell that changed."""
    mine, theirs = here.cells(), book.cells()
    places = iter(mine)
    lines = [_row(here.header), _row([":--", *["--:"] * (len(here.header) - 1)])]
    for row in here.rows:
        cells = [row[0]]
        for text in row[1:]:
            place = next(places)
            shown = literal(as_text(text))
            if place not in theirs:
                cells.append(f"{shown}<br>(not in the book's)" if text else "")
            elif theirs[place] == text:
                cells.append(shown)
            else:
                old = literal(as_text(theirs[place])) or "empty"
                cells.append(f"**{shown or 'empty'}**<br>book: {old}")
        lines.append(_row(cells))
    for what, axis in (("Rows", 0), ("Columns", 1)):
        kept = {place[axis] for place in mine}
        gone = dict.fromkeys(
            place[axis][0].split("\n")[-1] for place in theirs if place[axis] not in kept
        )
        if gone:
            lines += ["", f"{what} that only the book's has: {', '.join(gone)}."]
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


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
    changes: list[Change] = []
    if book is not None:
        standard = {table.label: table for _, table in shown_tables(book)}
        found = list(shown_tables(here))
        for position, table in reversed(found):
            if table.label not in standard:
                continue
            change = compare(table, standard[table.label])
            changes.insert(0, change)
            if change.myst:
                here.cells.insert(position + 1, _markdown(_detail(change), CHANGE))
    below_title(here, _note(known, differing, changes, book is not None))
    return {change.label: change.changed for change in changes}


def _note(
    known: Mapping[str, Parameter],
    differing: Mapping[str, Any],
    changes: list[Change],
    is_compared: bool,
) -> str:
    if not differing:
        return _wrapped("**A re-run with the book's own parameters.**")
    lines = [differs(known, differing)]
    if is_compared and changes:
        lines += [
            "",
            "What that changes in the tables, as shown; the text below was written for the book's.",
            "",
            _row(["table", "numbers", "changed", *_COUNTS.values()]),
            _row([":--", *["--:"] * (2 + len(_COUNTS))]),
        ]
        for change in changes:
            counts = (getattr(change, name) for name in ("compared", "changed", *_COUNTS))
            name = f"[{change.caption.rstrip('.')}](#{change.label})"
            lines.append(_row([name, *map(str, counts)]))
    elif is_compared:
        lines += ["", "This section has no numbered table to compare."]
    else:
        lines += ["", "The tables were not compared with the book's."]
    return _wrapped("\n".join(lines))


def differs(known: Mapping[str, Parameter], differing: Mapping[str, Any]) -> str:
    """Write which parameters differ from the book's, as a table."""
    rows = [
        (name, spelled(value), spelled(known[name].default), known[name].meaning)
        for name, value in differing.items()
    ]
    return "\n".join(
        [
            "**Not the book's results.** These parameters differ from the book's.",
            "",
            _row(["parameter", "here", "in the book", "meaning"]),
            "|:--|:--|:--|:--|",
            *(_row([literal(cell) for cell in row]) for row in rows),
        ]
    )


def _wrapped(text: str) -> str:
    return f'<div class="{NOTE}">\n\n{text}\n\n</div>'


def _detail(change: Change) -> str:
    count = f"{change.changed} of {change.compared} numbers" if change.compared else "cells"
    return (
        f'<details class="{CHANGE}"><summary>Against the book\'s parameters: {count} changed'
        f"</summary>\n\n{change.myst}\n\n</details>"
    )


def _markdown(text: str, tag: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text, metadata={"tags": [tag]})


def below_title(notebook: nbformat.NotebookNode, text: str) -> None:
    """Insert a cell after the first heading, splitting the cell that holds it."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        match = re.search(r"^# .*\n?", cell.source, re.MULTILINE)
        if match is None:
            continue
        rest = cell.source[match.end() :].strip("\n")
        cell.source = cell.source[: match.end()].rstrip("\n")
        added = [_markdown(text, NOTE)]
        if rest:
            added.append(nbformat.v4.new_markdown_cell(rest))
        notebook.cells[position + 1 : position + 1] = added
        return
    notebook.cells.insert(0, _markdown(text, NOTE))
