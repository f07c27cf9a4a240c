"""Sentences of the text against the tables they speak of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import pandas as pd

from analysis.audit.finding import Finding, checked, found
from analysis.audit.significance import two_sided
from analysis.audit.table import difference, filled, over, pick, place, require
from analysis.rounding import Interval, Printed, printed

Says = Literal["positive", "negative", "significantly positive", "significantly negative",
               "significant", "not significant", "larger", "different"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence as a relation that a table can bear out or not.

    Attributes
    ----------
    place : str
        Section of the text.
    quote : str
        The sentence or the part of it that matters.
    cells : tuple of (str, str)
        (model, term) of each estimate it speaks of.
    says : str
        "positive", "negative": the sign; "significant", "not significant": two-sided P against
        `level`; "significantly positive", "significantly negative": both; "larger": each cell
        larger in size than its partner in `than`; "different": each cell differs from its partner
        by a test at `level`.
    level : float
    than : tuple of (str, str)
        Partners, as many as cells.
    """

    place: str
    quote: str
    cells: tuple[tuple[str, str], ...]
    says: Says
    level: float = 0.10
    than: tuple[tuple[str, str], ...] = ()


@checked
def check_statements(table: pd.DataFrame, statements: Iterable[Statement]) -> Iterator[Finding]:
    """Hold each statement against the table.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error`` as printed.
    statements : iterable of Statement

    Returns
    -------
    list of Finding
        One a statement; it speaks against the text if any cell, within rounding, does.

    Raises
    ------
    AuditTableError
        If a cell is not in the table.
    """
    for statement in statements:
        against, shown, says = [], [], statement.says
        for spoken, partner in zip_longest(statement.cells, statement.than):
            signed = says in ("positive", "negative", "larger")
            got = pick(table, spoken[0], spoken[1], signed)
            other = pick(table, partner[0], partner[1], signed) if partner else got
            value, text = got.estimate.interval, str(got.estimate)
            signs = {"positive": value.upper > 0, "negative": value.lower < 0}
            holds = signs.get(says.split()[-1], True)
            if says == "larger":
                holds = abs(value).upper > abs(other.estimate.interval).lower
                text += f" against {other.estimate}"
            elif not signed:
                error = got.error.positive
                text += f" ({got.error})"
                if says == "different":
                    value, error = difference(got, other)
                    text += f" against {other.estimate} ({other.error})"
                p = two_sided(over(value, error))
                text += f", P {p:.3f}"
                level = statement.level
                holds &= p.upper > level if says == "not significant" else p.lower < level
            shown.append((f"{spoken[0]}, {spoken[1]}", text))
            against += [] if holds else shown[-1:]
        said, denied = ("; ".join(map(": ".join, cells)) for cells in (shown, against))
        some = 0 < len(against) < len(shown)
        yield found(
            "statement", statement.place, bool(against), quote=statement.quote, n=len(shown),
            but=f"; not {'; '.join(cell for cell, _ in against)}" if some else "", shown=said,
            agree=len(shown) - len(against), off=len(against), denied=denied,
            ends=["some" if some else "none" if against else "all"],
        )  # fmt: skip


def across_columns(
    tables: Iterable[pd.DataFrame], term: str, says: Literal["positive", "negative"]
) -> Finding:
    """A coefficient's sign and significance at 10 % in every printed column, where the text reads one.

    Parameters
    ----------
    tables : iterable of DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error`` as printed.
    term : str
    says : {"positive", "negative"}
        What the text concludes.

    Returns
    -------
    Finding
        Against the text if a column has the other sign or is not significant.

    Examples
    --------
    >>> table = pd.DataFrame({"table": "4", "model": ["a", "b"], "term": "x",
    ...                       "estimate": ["0.3", "-0.2"], "std_error": ["0.1", "0.2"]})
    >>> across_columns([table], "x", "positive").recomputed
    '1 of 2 columns significant, 1 of the other sign'
    """
    shown, clear, other = [], 0, 0
    for table in tables:
        require(table, ["term"], "columns")
        rows = table[table["term"] == term]
        for row, estimate, error in filled(rows, "columns", "estimate", "std_error"):
            agrees = (estimate.value > 0) == (says == "positive")
            p = two_sided(over(estimate.interval, error.positive))
            clear += agrees and p.lower < 0.10
            other += not agrees
            shown.append(f"{place(row)}: {estimate} ({error}), P {p:.3f}")
    return found(
        "all columns", term, clear < len(shown), says=says, shown="; ".join(shown), term=term,
        ends=["others" if other else "same"],
        elsewhere=f", {other} of the other sign" if other else "",
        values={"clear": clear, "other": other, "columns": len(shown)},
    )  # fmt: skip


@checked
def stated_numbers(stated: Mapping[str, tuple[str, Printed | Interval]]) -> Iterator[Finding]:
    """Numbers of the text against the tables that they come from.

    Parameters
    ----------
    stated : mapping
        From what a number is to the number as the text prints it and the table's, printed or
        computed with its rounding.

    Returns
    -------
    list of Finding
        One a number that no unrounded number of the table rounds to.

    Examples
    --------
    >>> stated_numbers({"mean": ("1.36", printed("1.361")), "lag": ("0.72", printed("0.708"))})[0].place
    'text, lag'
    """
    for name, (text, source) in stated.items():
        number = printed(text, name)
        assert number is not None
        interval = source.interval if isinstance(source, Printed) else source
        if not number.interval.overlaps(interval):
            yield found(
                "number in the text", f"text, {name}", text=text, interval=interval,
                values={"stated": number.value, "table": interval.middle},
            )  # fmt: skip
