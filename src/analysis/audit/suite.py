"""All checks that a file of printed numbers allows, in one call."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.audit import significance
from analysis.audit.curvature import totals_table, turning_points
from analysis.audit.effects import DRAWS, sums
from analysis.audit.effects import effects as effects_of
from analysis.audit.finding import Finding
from analysis.audit.moments import MOMENTS, observations, repeated_rows, spread, units
from analysis.audit.table import SAYS, place
from analysis.errors import AuditTableError, did_you_mean, listed
from analysis.resources import declared, refuse
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
    what = "a folder, not a CSV file" if path.is_dir() else "no such file"
    refuse(AuditTableError, SAYS, {"missing": not path.is_file()}, path=path, what=what)
    lines = _lines(path)
    head = [name.strip() for name in lines[0][1]]
    for number, cells in lines[1:]:
        words = {"file": path.name, "line": number, "n": len(cells), "columns": len(head)}
        refuse(AuditTableError, SAYS, {"cells": len(cells) != len(head)}, **words)
    table = pd.DataFrame([cells for _, cells in lines[1:]], columns=head, dtype=str)
    unknown = [name for name in head if name not in COLUMNS]
    hint = did_you_mean(unknown[0], COLUMNS) or ";" if unknown else ""
    if len(head) == 1 and any(mark in head[0] for mark in ";\t|"):
        hint = ": separate the columns by commas."
    wrong = {"unknown": unknown, "twice": len({*head}) < len(head), "needed": "term" not in head,
             "empty": table.empty}  # fmt: skip
    refuse(
        AuditTableError, SAYS, wrong, file=path.name, unknown=listed(unknown), hint=hint,
        known=", ".join(COLUMNS), twice=listed(table.columns[table.columns.duplicated()]),
    )  # fmt: skip
    table = table.apply(lambda column: column.str.strip())
    for i, row in table.iterrows():
        line = f"{path.name}, line {lines[int(str(i)) + 1][0]}"
        found = {x: printed(row.get(x, ""), f"{line}, column {x}") for x in NUMBERS}
        value = {name: math.nan if one is None else one.value for name, one in found.items()}
        horizon, effect = row.get("horizon", ""), row.get("effect", "")
        described = None not in [found[name] for name in MOMENTS]
        wrong = {
            "term": not row["term"],
            "horizon": horizon not in ("", *HORIZONS),
            "effect": effect not in ("", *EFFECTS),
            "half": {"effect", "horizon"} <= set(head) and bool(horizon) != bool(effect),
            "std_error": value["std_error"] < 0,
            "std_dev": value["std_dev"] < 0,
            "df": value["df"] % 1 > 0 or value["df"] < 1 or value["df"] > 1e9,
            "p": value["p"] < 0 or value["p"] > 1,
            "interval": (found["ci_low"] is None) != (found["ci_high"] is None),
            "ends": value["ci_low"] > value["ci_high"],
            "observations": described and found["observations"] is None,
        }
        words = {**found, "line": line, "horizon": horizon, "effect": effect}
        refuse(AuditTableError, SAYS, wrong, **words)
    key = [name for name in ("table", "model", "term", "horizon", "effect") if name in table]
    clash = table[table.duplicated(key)]
    for i, first in clash.iterrows():
        where = f"{path.name}, line {lines[int(str(i)) + 1][0]}"
        what = ", ".join(str(first[name]) for name in key if first[name])
        refuse(AuditTableError, SAYS, {"clash": True}, where=where, what=what)
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
    found += spread(described[described["observations"] != ""])
    for position, (_, row) in enumerate(tests.iterrows()):
        frame = tests.iloc[[position]]
        if row["df"]:
            found += significance.degrees_of_freedom(
                frame, {row["term"]: int(float(row["df"]))}, label="term"
            )
        elif not row["std_error"]:
            found += significance.statistics_against_p(frame, "statistic")
    found += significance.ratios(table) + significance.confidence_intervals(table) + sums(effects)
    plain = tests[(tests["df"] == "") & (tests["std_error"] == "")]
    if len(plain) > 5:
        filled = [name for name in ("estimate", "statistic", "p") if (plain[name] != "").all()]
        found += repeated_rows(plain, filled)
    if (table["stars"] != "").any():
        found += significance.stars(estimates) + significance.stars(effects)
    ends = described.loc[(described[["min", "max"]] != "").all(axis=1), ["term", "min", "max"]]
    ranges = {term: Interval(float(low), float(high)) for term, low, high in ends.to_numpy()}
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
