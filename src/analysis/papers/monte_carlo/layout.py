"""Rows of the experiments laid out as tables and as the figure of the bias."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.resources import declared

WORDS = declared("analysis.papers.monte_carlo", "layout.toml")
ESTIMATORS, ITEMS, GMM = (WORDS[part] for part in ("estimators", "items", "gmm"))


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


def by(rows: pd.DataFrame, section: list[str], row: list[str]) -> pd.DataFrame:
    """Put what the rows are about into the index: words of a section, and of a row in it.

    Examples
    --------
    >>> rows = pd.DataFrame({"shape": ["34 x 20"], "weights": ["1/d"], "value": [1.0]})
    >>> by(rows, ["shape"], ["weights"]).index[0]
    ('34 × 20', '1/d')
    """
    words = [rows[list(part)].agg(", ".join, axis=1) for part in (section, row)]
    shown = [each.replace({" x ": " × ", r"\^2": "²"}, regex=True) for each in words]
    index = pd.MultiIndex.from_arrays(shown)
    return rows.drop(columns=[*section, *row]).set_index(index)


def laid_out(
    rows: pd.DataFrame,
    down: str,
    labels: Mapping[object, str] | None = None,
    across: str = "estimator",
    heads: Mapping[str, str] = ESTIMATORS,
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
    heads : mapping
        Its values in order, with their headings.
    """
    several = ["model"] if len(set(rows["model"])) > 1 else []
    section = [each for each in (*several, "shape", "weights") if each != down]
    rows = rows.sort_values("model", ascending=False, kind="stable")  # static, then dynamic
    rows = rows.assign(**{down: rows[down].map(labels)}) if labels else rows
    wide = by(rows, section, [down]).set_index(across, append=True)["value"].unstack(sort=False)
    inside = list(labels.values()) if labels else wide.index.unique(1)
    order = pd.MultiIndex.from_product([wide.index.unique(0), inside])
    return wide.loc[order[order.isin(wide.index)], list(heads)].rename(columns=heads)


def gmm_laid_out(by_gmm: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The spatial parameter by GMM, and the Monte Carlo errors of what has one."""
    rows = chosen(by_gmm, item="rho").replace({"model": {"lag": "x", "Durbin": "x, Wx"}})
    rows = by(rows, ["shape", "weights"], ["model"])
    errors = rows.reindex(columns=[f"{name}_error" for name in GMM]).set_axis(GMM.values(), axis=1)
    return rows[list(GMM)].rename(columns=GMM), errors


def bias_figure(
    bias: pd.DataFrame, section: str = "shape", row: str = "weights", unit: str = "bias of ρ"
) -> Figure:
    """Draw the bias of each estimator by section and row, with its Monte Carlo interval."""
    rows = by(bias.rename(columns={"mc_error": "std_error"}), [section], [row])
    found = {
        label: chosen(rows, estimator=name)[["value", "std_error"]]
        for name, label in ESTIMATORS.items()
    }
    return figures.intervals(found, unit=unit)
