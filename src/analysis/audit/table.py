"""Rows and cells of printed tables."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis.errors import AuditTableError, PanelError, listed
from analysis.panel import present
from analysis.resources import declared, refuse
from analysis.rounding import Interval, Printed, printed

SAYS = declared("analysis.audit", "refusals.toml")


def require(table: pd.DataFrame, columns: Sequence[str], check: str) -> None:
    """Raise AuditTableError unless the columns a check reads are there."""
    try:
        present(table, columns)
    except PanelError as error:
        raise AuditTableError(f"the check of {check} needs other columns: {error}") from error


def place(row: pd.Series, *extra: str) -> str:
    """Where a row stands: table, model, term, or whatever of these the table has."""
    names = ("table", "model", "term", "variable", "symbol", "test", "year", *extra)
    given = {n: str(row[n]) for n in names if n in row.index and not pd.isna(row[n])}
    parts = [f"Table {x}" if n == "table" else x for n, x in given.items() if x.strip()]
    return ", ".join(dict.fromkeys(parts)) or f"row {row.name}"


def cell(row: pd.Series, column: str) -> Printed | None:
    """One cell as a printed number, None if empty."""
    return printed(row[column], f"{place(row)}, column {column}")


def filled(
    table: pd.DataFrame, check: str, *columns: str, also: Sequence[str] = ()
) -> Iterator[tuple[Any, ...]]:
    """Rows in which all these cells are filled, each with its printed numbers; what is in `also` is there."""
    require(table, [*columns, *also], check)
    for _, row in table.iterrows():
        cells = [cell(row, name) for name in columns]
        if None not in cells:
            yield row, *cells


def over(estimate: Interval, error: Interval) -> Interval:
    """Size of an estimate in standard errors, of which the least may be zero."""
    size = abs(estimate)
    return Interval(
        size.lower / error.upper if error.upper else 0.0,
        size.upper / error.lower if error.lower else math.inf,
    )


class Estimate(NamedTuple):
    """A printed estimate with its standard error, a Printed too, or None where there is none."""

    where: str
    estimate: Printed
    error: Any


def find(table: pd.DataFrame, model: str | None, term: str) -> Estimate | None:
    """Look up the estimate of a term in a model, None if the table has none."""
    here = table["term"].to_numpy(object) == term
    if model is not None:
        here &= table["model"].to_numpy(object) == model
    if not here.any():
        return None
    row = table.iloc[here.argmax()]
    refuse(AuditTableError, SAYS, {"places": here.sum() > 1}, where=place(row), n=here.sum())
    value = cell(row, "estimate")
    error = cell(row, "std_error") if "std_error" in row.index else None
    return None if value is None else Estimate(place(row), value, error)


def pick(table: pd.DataFrame, model: str | None, term: str, bare: bool = False) -> Estimate:
    """Like `find`, but raise AuditTableError if the term, or (unless `bare`) its error, is missing."""
    require(table, ["term", "estimate", "std_error"] + (["model"] if model else []), "coefficients")
    got = find(table, model, term)
    lacks = got is None or (got.error is None and not bare)
    words = {"model": model or "the table", "terms": listed(table["term"].unique(), 20)}
    what = "estimate" if bare else "estimate with a standard error"
    refuse(AuditTableError, SAYS, {"estimate": lacks}, term=term, what=what, **words)
    assert got is not None
    return got


def difference(one: Estimate, other: Estimate) -> tuple[Interval, Interval]:
    """Difference of two independent estimates, and its standard error."""
    error = Interval(*map(math.hypot, one.error.positive, other.error.positive))
    return one.estimate.interval - other.estimate.interval, error
