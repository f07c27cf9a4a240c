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
    what, lines = "the file is empty", []
    try:
        reader = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        stripped = ([cell.strip() for cell in cells] for cells in reader)
        lines = [(reader.line_num, cells) for cells in stripped if any(cells)]
    except (csv.Error, UnicodeDecodeError) as trouble:
        what = str(trouble)
    refuse(AuditTableError, SAYS, {"unread": not lines}, path=path, what=what)
    (_, head), *rows = lines
    for number, cells in rows:
        words = {"file": path.name, "line": number, "n": len(cells), "columns": len(head)}
        refuse(AuditTableError, SAYS, {"cells": len(cells) != len(head)}, **words)
    table = pd.DataFrame([cells for _, cells in rows], columns=head, dtype=str)
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
    key = [name for name in ("table", "model", "term", "horizon", "effect") if name in table]
    repeated = table.duplicated(key)
    for (number, _), again, (_, row) in zip(rows, repeated, table.iterrows(), strict=True):
        line = f"{path.name}, line {number}"
        found = {x: printed(row.get(x, ""), f"{line}, column {x}") for x in NUMBERS}
        value = {name: math.nan if one is None else one.value for name, one in found.items()}
        horizon, effect = row.get("horizon", ""), row.get("effect", "")
        described = None not in [found[name] for name in MOMENTS]
        wrong = {
            "term": not row["term"],
            "horizon": horizon not in ("", "short", "long"),
            "effect": effect not in ("", "direct", "indirect", "total"),
            "half": {"effect", "horizon"} <= set(head) and bool(horizon) != bool(effect),
            "std_error": value["std_error"] < 0,
            "std_dev": value["std_dev"] < 0,
            "df": value["df"] % 1 > 0 or value["df"] < 1 or value["df"] > 1e9,
            "p": value["p"] < 0 or value["p"] > 1,
            "interval": (found["ci_low"] is None) != (found["ci_high"] is None),
            "ends": value["ci_low"] > value["ci_high"],
            "observations": described and found["observations"] is None,
            "clash": again,
        }
        words = {**found, "line": line, "horizon": horizon, "effect": effect}
        words["what"] = ", ".join(filter(None, row[key]))
        refuse(AuditTableError, SAYS, wrong, **words)
    return table.reindex(columns=list(COLUMNS), fill_value="")


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
    table = table.astype(object)  # rows are looked up one by one
    given = table != ""
    described = table[given["mean"] & given["std_dev"]]
    tests = table[given["statistic"] & given["p"]]
    # a statistic without a standard error belongs to a test, such as Moran's I with its z
    tested = given["statistic"] & ~given["std_error"]
    estimates = table[given["estimate"] & ~given["effect"] & ~tested]
    effects = table[given["estimate"] & given["effect"]]
    plain = tests[(tests["df"] == "") & (tests["std_error"] == "")]
    found = spread(described[described["observations"] != ""])
    found += significance.statistics_against_p(plain, "statistic")
    for _, row in tests[tests["df"] != ""].iterrows():
        expected, frame = {row["term"]: int(float(row["df"]))}, row.to_frame().T
        found += significance.degrees_of_freedom(frame, expected, label="term")
    found += significance.ratios(table) + significance.confidence_intervals(table) + sums(effects)
    if len(plain) > 5:
        filled = [name for name in ("estimate", "statistic", "p") if (plain[name] != "").all()]
        found += repeated_rows(plain, filled)
    if given["stars"].any():
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
