"""The numbers that the two papers print, as tidy tables with the rounding of each.

Files in ``data/published`` hold the print character by character. Tables keep every number as
text, so that trailing zeros count. Terms are named as in the package:
``L.y`` for the outcome a year earlier, ``W.x`` for a spatial lag, ``x^2`` for a square.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import RawDataError, listed
from analysis.resources import data_path, noted

TERMS = {"y.L(1)": "L.y", "Wy.L(1)": "W.L.y"}
EFFECTS = {"ST": "short", "LT": "long"}
TEXT = "text"
"""In place of a table number: a number or claim printed in running text."""

_KEYS = ("symbol", "year", "test", "term", "quantity")
_NUMBERS = (
    "estimate", "std_error", "observations", "mean", "std_dev", "min", "max", "morans_i", "z",
    "statistic", "p", "value",
)  # fmt: skip


def names() -> list[str]:
    """Names of the transcribed tables, ``paper_a_table1`` and so on."""
    return sorted(path.stem for path in data_path("published").glob("paper_*.csv"))


def files(paper: str = "", table: str = "") -> tuple[Path, ...]:
    """Return the transcriptions of a paper, or of one of its tables or its text, as read from now on."""
    end = "intext" if table == TEXT else f"table{table}" if table else ""
    found = [(name, *name.split("_")[1:]) for name in names()]
    return tuple(
        noted(data_path("published", f"{name}.csv"))
        for name, letter, what in found
        if paper.lower() in ("", letter) and end in ("", what)
    )


@cache
def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _file(name: str) -> pd.DataFrame:
    if name not in names():
        raise RawDataError(f"no printed table {name!r}; there are {listed(names(), 20)}")
    return _read(noted(data_path("published", f"{name}.csv")))


def load(name: str) -> pd.DataFrame:
    """One transcribed table, all cells as text.

    Parameters
    ----------
    name : str
        For example ``"paper_a_table4"`` or ``"paper_b_intext"``.

    Returns
    -------
    DataFrame
        The columns of the file. In tables of estimates ``term`` follows the package's naming and
        ``as_printed`` keeps the paper's; tables of effects also have ``horizon`` ("short", "long")
        and ``effect`` ("direct", "indirect").

    Raises
    ------
    RawDataError
        If there is no such table.

    Examples
    --------
    >>> load("paper_a_table4").loc[0, ["model", "term", "as_printed", "estimate"]].tolist()
    ['Model 2', 'L.y', 'y.L(1)', '0.708']
    """
    table = _file(name).copy()
    if "term" in table:
        table = table.assign(as_printed=table["term"], term=table["term"].replace(TERMS))
    if "model" in table and table["model"].str.endswith("effect").all():
        words = table["model"].str.split(" ")
        table = table.assign(horizon=words.str[0].map(EFFECTS), effect=words.str[1])
    return table


def items(name: str) -> tuple[str, ...]:
    """Columns of a transcribed table that hold numbers, ``("estimate", "std_error")`` for example."""
    columns = _file(name).columns
    return tuple(item for item in _NUMBERS if item in columns)


def estimates(name: str) -> pd.DataFrame:
    """Rows of a transcribed table that hold a number, ready for :mod:`analysis.audit`.

    Leaves out rows that only say ``control``.
    """
    table = load(name)
    return table[table["estimate"].str.contains(r"\d")].reset_index(drop=True)


def rows(paper: str = "", table: str = "") -> pd.DataFrame:
    """Every row of every transcription, or of one paper or table, with the place that identifies it.

    Returns
    -------
    DataFrame
        Columns ``file``, ``line`` (of the file, the header being 1), ``paper`` ("A", "B"),
        ``table`` (its number or "text"), ``row``, ``column`` (model, or empty), ``text`` (what is
        printed), ``place`` and ``words`` (of the running text: section and paragraph, and the
        claim in words). No two rows share (paper, table, row, column).
    """
    columns = ["file", "line", "paper", "table", "row", "column", "text", "place", "words"]
    found = [row[:-1] for path in files(paper, table) for row in places(path)]
    return pd.DataFrame(found, columns=columns)


@cache
def places(path: Path) -> list[tuple[Any, ...]]:
    """Read the rows of one transcription, as :func:`rows` lists them, and the cells of each."""
    name, out = path.stem, []
    table, paper = load(name), name.split("_")[1].upper()
    number = name.rpartition("table")[2] if "table" in name else TEXT
    key = next(column for column in _KEYS if column in table)
    for line, row in enumerate(table.to_dict("records"), 2):
        text = row.get("printed", ", ".join(filter(None, (row[x] for x in items(name)))))
        said = (row["place"], row["claim"]) if number == TEXT else ("", "")
        out.append((name, line, paper, number, row[key], row.get("model", ""), text, *said, row))
    return out


@cache
def contents() -> pd.DataFrame:
    """Every table and figure that the two papers print, under the names that the book uses.

    Returns
    -------
    DataFrame
        Columns ``print`` ("A4", "B-F6"), ``shows`` and ``section`` (of the paper).
    """
    return pd.read_csv(data_path("published", "contents.csv"), dtype=str, keep_default_na=False)


def name(paper: str, table: str, place: str = "") -> str:
    """What the book calls a printed table, or the running text.

    A number of the running text belongs to the table that its section is about, where the tables
    themselves are not transcribed.

    Examples
    --------
    >>> name("A", "4"), name("A", "text", "4.2.2"), name("B", "text", "5 Results, robustness, 3")
    ('A4', 'A, text', 'B9')
    """
    if table != TEXT:
        return f"{paper}{table}" if table.isdigit() else f"{paper}, {table}"
    if not any("_table" in path.stem for path in files(paper)):
        for row in contents().itertuples():
            if str(row.print)[:1] == paper and f", {row.section}" in place and "-" not in row.print:
                return str(row.print)
    return f"{paper}, {TEXT}"
