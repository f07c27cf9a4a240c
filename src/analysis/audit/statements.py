"""Sentences of the text against the tables they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.audit.finding import Finding, Grade
from analysis.audit.significance import two_sided
from analysis.audit.table import Estimate, find
from analysis.errors import AuditTableError
from analysis.rounding import Interval

Says = Literal["positive", "negative", "significant", "not significant", "larger", "different"]


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
        `level`; "larger": each cell larger in size than its partner in `than`; "different": each
        cell differs from its partner by a test at `level`.
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


def check_statements(table: pd.DataFrame, statements: Iterable[Statement]) -> list[Finding]:
    """Hold each statement against the table.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error`` as printed.
    statements : iterable of Statement

    Returns
    -------
    list of Finding
        One a statement: none if all cells bear it out within rounding, moderate if any does not.

    Raises
    ------
    AuditTableError
        If a cell is not in the table.
    """
    return [_check(table, statement) for statement in statements]


def _get(table: pd.DataFrame, cell: tuple[str, str]) -> Estimate:
    got = find(table, *cell)
    if got is None:
        raise AuditTableError(f"a statement speaks of {cell[1]} in {cell[0]}: not in the table")
    return got


def _ratio(estimate: Interval, error: Interval) -> Interval:
    size = abs(estimate)
    return Interval(
        size.lower / error.upper if error.upper else 0.0,
        size.upper / error.lower if error.lower else float("inf"),
    )


def _check(table: pd.DataFrame, statement: Statement) -> Finding:
    against, shown = [], []
    partners = statement.than or (None,) * len(statement.cells)
    for cell, partner in zip(statement.cells, partners, strict=True):
        got = _get(table, cell)
        value = got.estimate.interval
        if statement.says in ("positive", "negative"):
            holds = value.upper > 0 if statement.says == "positive" else value.lower < 0
            text = str(got.estimate)
        elif statement.says == "larger":
            assert partner is not None
            other = _get(table, partner)
            holds = abs(value).upper > abs(other.estimate.interval).lower
            text = f"{got.estimate} against {other.estimate}"
        else:
            if got.error is None:
                raise AuditTableError(f"{got.where}: no standard error to judge significance by")
            error = got.error.positive
            text = f"{got.estimate} ({got.error})"
            if statement.says == "different":
                assert partner is not None
                other = _get(table, partner)
                assert other.error is not None
                value = value - other.estimate.interval
                far = other.error.positive
                error = Interval(
                    (error.lower**2 + far.lower**2) ** 0.5, (error.upper**2 + far.upper**2) ** 0.5
                )
                text += f" against {other.estimate} ({other.error})"
            p = two_sided(_ratio(value, error))
            text += f", P {p:.3f}"
            beyond = p.upper > statement.level
            holds = beyond if statement.says == "not significant" else p.lower < statement.level
        shown.append(f"{cell[0]}, {cell[1]}: {text}")
        if not holds:
            against.append(shown[-1])
    grade: Grade = "moderate" if against else "none"
    verdict = (
        "The table bears the statement out."
        if not against
        else f"{len(against)} of the {len(shown)} numbers it speaks of say otherwise: "
        + "; ".join(against) + "."
    )  # fmt: skip
    return Finding(
        grade, "statement", statement.place, statement.quote,
        f"{len(shown) - len(against)} of {len(shown)} agree", "; ".join(shown), verdict,
    )  # fmt: skip
