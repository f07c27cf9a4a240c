"""Rows of the experiments laid out as tables and as the figure of the bias."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures

ESTIMATORS = {
    "direct": "uncorrected", "direct-corrected": "corrected", "transformation": "transformation",
}  # fmt: skip
ITEMS = {
    "x": "slope of x", "W.x": "slope of Wx", "L.y": "τ", "W.L.y": "η", "rho": "ρ",
    "short-run total effect": "short-run total effect",
    "long-run total effect": "long-run total effect",
}  # fmt: skip
GMM = {
    "median": "median", "low": "5 %", "high": "95 %", "above_one": "one or more",
    "least_squares": "least squares", "coverage": "coverage", "hansen_rejects": "Hansen rejects",
    "instruments": "instruments",
}  # fmt: skip


def chosen(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Rows of an experiment whose columns have these values, one or several.

    Examples
    --------
    >>> chosen(pd.DataFrame({"item": ["x", "rho"], "value": [1.0, 2.0]}), item="rho")["value"].item()
    2.0
    """
    for column, value in values.items():
        table = table[table[column].isin(value if isinstance(value, list) else [value])]
    return table


def laid_out(
    rows: pd.DataFrame,
    down: str,
    labels: Mapping[object, str] | None = None,
    across: str = "estimator",
    heads: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Lay numbers out: sections by sample and matrix, a row for each value of one column.

    Parameters
    ----------
    rows : DataFrame
        Chosen rows of an experiment, one number a cell of the table, in the experiment's order.
    down : str
        The column that gives the rows of a section; "weights" if the sections are samples.
    labels : mapping, optional
        Its values in order, with the words shown.
    across : str
        The column that is spread over the table's columns.
    heads : mapping, optional
        Its values in order, with their headings; default the estimators.
    """
    heads = heads or ESTIMATORS
    labels = labels or {each: each for each in rows[down]}
    order = {value: place for place, value in enumerate(labels)}
    parts = [each for each in ("model", "shape", "weights") if each != down]
    parts = parts if len(set(rows["model"])) > 1 else parts[1:]
    rows = rows.sort_values("model", ascending=False, kind="stable")  # static, then dynamic
    rows = rows.assign(section=rows[parts].agg(", ".join, axis=1).str.replace(" x ", " × "))
    sections = rows["section"].unique()
    rows = rows.sort_values(down, key=lambda each: each.map(order), kind="stable")
    wide = rows.set_index(["section", down, across])["value"].unstack(sort=False)[list(heads)]
    return (
        wide.loc[sections].rename(columns=heads).rename(labels, level=1).rename_axis([None, None])
    )


def gmm_laid_out(by_gmm: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The spatial parameter by GMM, and the Monte Carlo errors of what has one."""
    rows = chosen(by_gmm, item="rho").replace(
        {
            "shape": {"34 x 20": "34 × 20", "283 x 10": "283 × 10"},
            "model": {"lag": "x", "Durbin": "x, Wx"},
        }
    )
    rows = rows.set_index([rows["shape"] + ", " + rows["weights"], "model"]).rename_axis(
        [None, None]
    )
    errors = rows.reindex(columns=[f"{name}_error" for name in GMM]).set_axis(GMM.values(), axis=1)
    return rows[list(GMM)].rename(columns=GMM), errors


def bias_figure(bias: pd.DataFrame) -> Figure:
    """Draw the bias of each estimator by sample and matrix, with its Monte Carlo interval."""
    rows = bias.rename(columns={"mc_error": "std_error"}).set_index(["shape", "weights"])
    found = {
        label: chosen(rows, estimator=name)[["value", "std_error"]]
        for name, label in ESTIMATORS.items()
    }
    return figures.intervals(found, unit="bias of ρ")
