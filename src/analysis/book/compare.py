"""Estimates and tables turned into claims on what was printed in the same place."""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.book import ledger, published
from analysis.book.ledger import Claim
from analysis.book.tables import number

Truth = Callable[[str], float | None]


def estimates(
    paper: str,
    table: str,
    column: str,
    params: pd.Series,
    std_errors: pd.Series,
    *,
    kind: str,
    outcome: str,
    true: Truth | None = None,
) -> list[Claim]:
    """One claim for each printed estimate of a column that the fit has as well.

    Parameters
    ----------
    paper, table, column : str
        Column of the print, as :func:`analysis.book.published.rows` names it.
    params, std_errors : Series
        By term of the fit.
    kind : str
        Kind of the comparison; ``"recovered"`` becomes ``"inherited"`` for terms without a truth.
    outcome : str
        Name of the dependent variable; the print calls it y.
    true : callable, optional
        From a term to the generator's parameter, or None.
    """
    names = {"L.y": f"L.{outcome}", "W.L.y": f"W.L.{outcome}"}
    printed = published.rows(paper, table).query("column == @column")["row"]
    pairs = [(row, names.get(row, row)) for row in printed]
    truths = {term: true(term) if true is not None else None for _, term in pairs}
    return [
        ledger.printed_claim(
            paper, table, row, column,
            kind="inherited" if kind == "recovered" and truths[term] is None else kind,
            derived=float(params[term]), std_error=float(std_errors[term]), truth=truths[term],
        )
        for row, term in pairs
        if term in params.index
    ]  # fmt: skip


def cells(
    paper: str,
    table: str,
    frame: pd.DataFrame,
    kinds: Mapping[str, str],
    tolerances: Mapping[str, pd.Series] | None = None,
) -> list[Claim]:
    """One claim for each number of a printed table with several numbers a row.

    Parameters
    ----------
    paper, table : str
    frame : DataFrame
        Rows and columns named as in the print; columns not in `kinds` are left out.
    kinds : mapping
        Column, or "row column" where one row is of another kind, to the kind of its comparison.
    tolerances : mapping, optional
        Column to how near its targeted numbers were to come, by row.
    """
    given = tolerances or {}
    return [
        ledger.printed_claim(
            paper, table, str(row), column,
            kind=kinds.get(f"{row} {column}", kinds[column]), derived=float(frame.loc[row, column]),
            tolerance=float(given[column][row]) if column in given else 0.0,
        )
        for column in frame.columns
        if column in kinds
        for row in frame.index
    ]  # fmt: skip


def settings(paper: str, table: str, column: str) -> list[Claim]:
    """Enter rows that only say which controls and effects a column has, taken over as they are."""
    rows = published.rows(paper, table).query("column == @column and text == 'control'")["row"]
    return [
        ledger.printed_claim(paper, table, row, column, kind="setting", holds=True) for row in rows
    ]


def seeds(results: pd.DataFrame, scenario: str, table: str, column: str = "") -> pd.DataFrame:
    """Median and 90 % range over seeds of one printed column, by row.

    Parameters
    ----------
    results : DataFrame
        The committed study of seeds: scenario, table, column, row, median, low, high.
    scenario, table, column : str
    """
    chosen = column_of(results, scenario, table, column)
    return chosen.set_index("row")[["median", "low", "high"]]


def column_of(results: pd.DataFrame, scenario: str, table: str, column: str) -> pd.DataFrame:
    """Rows of the study of seeds that are about one printed column."""
    named = results.fillna({"column": ""}).astype({"table": str})
    return named.query("scenario == @scenario and table == @table and column == @column")


def over_seeds(
    results: pd.DataFrame, scenario: str, columns: Mapping[str, tuple[str, str]]
) -> dict[str, pd.DataFrame]:
    """Printed columns over the seeds, as :func:`ranged`, each with how many seeds have all of it.

    Parameters
    ----------
    columns : mapping
        Heading to table and column of the print; one that no seed has is left out.
    """
    found = {head: column_of(results, scenario, *place) for head, place in columns.items()}
    return {
        f"{head}, {rows['seeds'].min():d} seeds": ranged(rows.set_index("row"))
        for head, rows in found.items()
        if len(rows)
    }


def ranged(spread: pd.DataFrame) -> pd.DataFrame:
    """Median and range of :func:`seeds` in two columns, the range as text, for narrow tables.

    Examples
    --------
    >>> ranged(pd.DataFrame({"median": [0.17], "low": [-0.19], "high": [0.43]}))
       median     90 % range
    0    0.17  −0.190 to 0.430
    """
    text = spread[["low", "high"]].map(number)
    words = text["low"] + " to " + text["high"]
    return pd.DataFrame({"median": spread["median"], "90 % range": words}, index=spread.index)
