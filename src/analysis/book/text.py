"""Text from data, parameters, declarations, file names and errors stays text on a page.

What a person or a file supplies may hold whatever MyST or HTML would take for markup. All of it
goes through :func:`literal` on its way into a page; what the book's own code writes does not.
"""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.book.provenance import digest

_FORMULA = re.compile(r"[=@\t\r]|[+-](?!(?:[\d.,;:/\s%()*∞–±+\[\]eE-]|to|inf|nan)*$)")
"""What a spreadsheet would run; a number or a range of numbers with its sign is none."""
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
_LONGEST = 120  # characters of a file's name before its hash and ending
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def literal(text: object) -> str:
    r"""Spell a text in MyST so that a page shows it as it is, on one line.

    Every ASCII mark gets a backslash, so it fits in running text, headings, captions and the cells
    of a pipe table alike, and passes through HTML unharmed; it does not fit inside backticks.

    Examples
    --------
    >>> print(literal("<b> & {ref}`x` $1|2$"))
    \<b\> \& \{ref\}\`x\` \$1\|2\$
    >>> literal("two\nlines"), literal(0.5)
    ('two lines', '0\\.5')
    """
    return _MARKS.sub(r"\\\1", _CONTROL.sub(" ", str(text)))


def as_csv(frame: pd.DataFrame, index: bool = True, plain: Callable[[object], str] = str) -> str:
    """A table as CSV in which no cell is a formula: an apostrophe goes before what would be one.

    ``plain`` takes the markup out of a cell that was spelt for a page, before its formulas are sought.

    Examples
    --------
    >>> print(as_csv(pd.DataFrame({"x": ["=1+1", "-0.5", "-1+cmd|' /C calc'!A0"]}), index=False))
    x
    '=1+1
    -0.5
    '-1+cmd|' /C calc'!A0
    <BLANKLINE>
    """
    whole = frame.to_csv(index=index, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows = csv.reader(io.StringIO(whole.replace("\r", " "), newline=""))
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows(
        [f"'{cell}" if _FORMULA.match(cell.lstrip(" ")) else cell for cell in map(plain, row)]
        for row in rows
    )
    return made.getvalue()


def signed(number: str) -> str:
    """Give a number below zero its minus sign, and one that rounds to zero none; other text stays.

    Examples
    --------
    >>> signed("-0.25"), signed("-0.00"), signed("-0%"), signed("inverse-distance")
    ('−0.25', '0.00', '0%', 'inverse-distance')
    """
    return re.sub(r"^-(?=\d)", "−", re.sub(r"^-(?=[0.]+%?$)", "", number))


def spelled(value: object) -> str:
    """Spell a parameter's value for a reader.

    Examples
    --------
    >>> spelled(["a", "b"]), spelled(""), spelled(1.0)
    ('a, b', '(empty)', '1')
    """
    if isinstance(value, list):
        return ", ".join(map(spelled, value)) or "(empty)"
    return (f"{value:.12g}" if isinstance(value, float) else str(value)) or "(empty)"


def file_name(first: str, values: Mapping[str, object]) -> str:
    """Name files after what differs, in characters that every file system takes.

    Where that is cut short or spelt otherwise, a hash keeps other values' files apart.

    Examples
    --------
    >>> file_name("estimates", {"weights": "near"}), file_name("", {"raw": "/a/b"})
    ('estimates--weights=near', 'raw=b--2fc16bd9')
    """
    shown = {_in_files(name): _in_files(value) for name, value in values.items()}
    full = "--".join(filter(None, [first, *map("=".join, shown.items())]))
    if len(full) <= _LONGEST and shown == {name: str(value) for name, value in values.items()}:
        return full
    return f"{full[:_LONGEST]}--{digest(json.dumps(dict(values), sort_keys=True, default=str), 8)}"


def _in_files(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return re.sub(r"[^A-Za-z0-9.,+_-]+", "-", text.rpartition(os.sep)[2]) or "empty"
