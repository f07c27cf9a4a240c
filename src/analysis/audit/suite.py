"""All checks that a file of printed numbers allows, in one call."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.audit.curvature import totals_table, turning_points
from analysis.audit.effects import DRAWS, sums
from analysis.audit.effects import effects as effects_of
from analysis.audit.finding import Finding
from analysis.audit.moments import MOMENTS, observations, repeated_rows, spread, units
from analysis.audit.significance import (
    confidence_intervals,
    degrees_of_freedom,
    ratios,
    stars,
    statistics_against_p,
)
from analysis.audit.table import place
from analysis.errors import AuditTableError, did_you_mean, listed
from analysis.resources import declared
from analysis.rounding import Interval, printed

COLUMNS: Mapping[str, str] = declared("analysis.audit", "columns.toml")
"""Columns of a file to audit; only ``term`` is required, and each check runs where it can."""

NUMBERS = ("estimate", "std_error", "statistic", "p", "df", "ci_low", "ci_high",
           "observations", *MOMENTS)  # fmt: skip
HORIZONS, EFFECTS = ("short", "long"), ("direct", "indirect", "total")


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV of printed numbers and check its form.

    Parameters
    ----------
    path : Path
        A CSV file with columns out of `COLUMNS`.

    Returns
    -------
    DataFrame
        All columns of `COLUMNS`, as text.

    Raises
    ------
    AuditTableError
        If the file is missing, is no CSV, has no rows, lacks ``term``, has an unknown column, a
        cell that is no plain number, a line with cells missing or left over, a row without a
        term, an unknown horizon or effect, half a confidence interval, or the same place twice.
    """
    if path.is_dir():
        raise AuditTableError(f"{path}: a folder, not a CSV file")
    if not path.is_file():
        raise AuditTableError(f"{path}: no such file")
    lines = _lines(path)
    head = [name.strip() for name in lines[0][1]]
    for number, cells in lines[1:]:
        if len(cells) != len(head):
            raise AuditTableError(
                f"{path.name}, line {number}: {len(cells)} cells under {len(head)} columns; "
                "put a cell that holds a comma in double quotes"
            )
    table = pd.DataFrame([cells for _, cells in lines[1:]], columns=head, dtype=str)
    unknown = [name for name in head if name not in COLUMNS]
    if unknown:
        hint = did_you_mean(unknown[0], COLUMNS) or ";"
        if len(head) == 1 and any(mark in head[0] for mark in ";\t|"):
            hint = ": separate the columns by commas."
        raise AuditTableError(
            f"{path.name}: unknown column {listed(unknown)}{hint} known are {', '.join(COLUMNS)}"
        )
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()]
        raise AuditTableError(f"{path.name}: column {listed(twice)} stands twice")
    if "term" not in table:
        raise AuditTableError(f"{path.name}: the column 'term' is needed")
    if table.empty:
        raise AuditTableError(f"{path.name}: no rows")
    table = table.apply(lambda column: column.str.strip())
    for i, row in table.iterrows():
        line = f"{path.name}, line {lines[int(str(i)) + 1][0]}"
        cells_of = {x: printed(row.get(x, ""), f"{line}, column {x}") for x in NUMBERS}
        value = {name: math.nan if one is None else one.value for name, one in cells_of.items()}
        horizon, effect = row.get("horizon", ""), row.get("effect", "")
        described = all(cells_of[name] is not None for name in MOMENTS)
        for wrong, says in (
            (not row["term"], ": no term"),
            (horizon not in ("", *HORIZONS), f", column horizon: {horizon!r}; write short or long"),
            (effect not in ("", *EFFECTS),
             f", column effect: {effect!r}; write {' or '.join(EFFECTS)}"),
            ("effect" in table and "horizon" in table and bool(horizon) != bool(effect),
             ": a row of effects needs both horizon and effect"),
            (value["std_error"] < 0, f", column std_error: {cells_of['std_error']} is negative"),
            (value["std_dev"] < 0, f", column std_dev: {cells_of['std_dev']} is negative"),
            (value["df"] % 1 > 0 or value["df"] < 1 or value["df"] > 1e9,
             f", column df: {cells_of['df']} is no number of degrees of freedom"),
            (value["p"] < 0 or value["p"] > 1, f", column p: {cells_of['p']} is no probability"),
            ((cells_of["ci_low"] is None) != (cells_of["ci_high"] is None),
             ": a confidence interval needs both ci_low and ci_high"),
            (value["ci_low"] > value["ci_high"],
             f": ci_low {cells_of['ci_low']} lies above ci_high {cells_of['ci_high']}"),
            (described and cells_of["observations"] is None, ", column observations: the bounds on a "
             "standard deviation need the number of observations"),
        ):  # fmt: skip
            if wrong:
                raise AuditTableError(line + says)
    key = [name for name in ("table", "model", "term", "horizon", "effect") if name in table]
    clash = table[table.duplicated(key)]
    if len(clash):
        first = clash.iloc[0]
        raise AuditTableError(
            f"{path.name}, line {lines[int(str(clash.index[0])) + 1][0]}: "
            f"{', '.join(str(first[name]) for name in key if first[name])} stands there twice"
        )
    return table.reindex(columns=list(COLUMNS), fill_value="")


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Cells of each line that is not blank, with its number."""
    try:
        reader = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except (csv.Error, UnicodeDecodeError) as trouble:
        raise AuditTableError(f"{path}: not a CSV file in UTF-8 ({trouble})") from None
    if not lines:
        raise AuditTableError(f"{path}: not a CSV file in UTF-8 (the file is empty)")
    return lines


def audit_table(
    table: pd.DataFrame, cities: int | None = None, years: int | None = None, draws: int = DRAWS
) -> list[Finding]:
    """Run every check that the filled columns allow.

    Parameters
    ----------
    table : DataFrame
        From :func:`read_table`.
    cities, years : int, optional
        Size of the panel, to check sample sizes; a model with ``L.y`` loses a year.
    draws : int
        Simulated draws behind printed effects, whose noise is allowed for.

    Returns
    -------
    list of Finding
        Those of most consequence first.

    Examples
    --------
    >>> frame = pd.DataFrame({"term": ["x"], "estimate": ["0.30"], "std_error": ["0.20"],
    ...                       "stars": ["**"]})
    >>> [f.check for f in audit_table(frame.reindex(columns=list(COLUMNS), fill_value=""))]
    ['stars']
    """
    found: list[Finding] = []
    table = table.astype(object)  # rows are looked up one by one
    described = table[(table["mean"] != "") & (table["std_dev"] != "")]
    tests = table[(table["statistic"] != "") & (table["p"] != "")]
    # a statistic without a standard error belongs to a test, such as Moran's I with its z
    tested = (table["statistic"] != "") & (table["std_error"] == "")
    estimates = table[(table["estimate"] != "") & (table["effect"] == "") & ~tested]
    effects = table[(table["estimate"] != "") & (table["effect"] != "")]
    sized = described[described["observations"] != ""]
    found += spread(sized)
    for position, (_, row) in enumerate(tests.iterrows()):
        frame = tests.iloc[[position]]
        if row["df"]:
            found += degrees_of_freedom(frame, {row["term"]: int(float(row["df"]))}, label="term")
        elif not row["std_error"]:
            found += statistics_against_p(frame, "statistic")
    found += ratios(table) + confidence_intervals(table) + sums(effects)
    plain = tests[(tests["df"] == "") & (tests["std_error"] == "")]
    if len(plain) > 5:
        filled = [name for name in ("estimate", "statistic", "p") if (plain[name] != "").all()]
        found += repeated_rows(plain, filled)
    if (table["stars"] != "").any():
        found += stars(estimates) + stars(effects)
    ranges = {
        row["term"]: Interval(float(row["min"]), float(row["max"]))
        for _, row in described.iterrows()
        if row["min"] and row["max"]
    }
    for model in estimates["model"].unique():
        own = estimates[estimates["model"] == model]
        own_effects = effects[effects["model"] == model]
        size = own[own["term"].str.lower().isin(["observations", "n"])]["estimate"]
        lagged = own["term"].isin(["L.y", "W.L.y"]).any()
        if len(size) and cities and years:
            where = place(own.loc[size.index[0]])
            found += observations(size.iloc[0], cities, years, int(lagged), where)
        n = printed(size.iloc[0]) if len(size) else None
        if n is not None and len(described):
            found += units(own, described, model, int(n.value))
        found += effects_of(own, own_effects, model, draws)
        found += turning_points(own, ranges=ranges)
        if len(own_effects):
            found += turning_points(totals_table(own_effects), ranges=ranges)
    return sorted(found, key=lambda finding: finding.weight)
