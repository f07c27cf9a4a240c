"""Rows of the experiments laid out as tables and as the figure of the bias."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.papers.monte_carlo.likelihood import MATRICES, SHAPES

ESTIMATORS = {
    "direct": "uncorrected",
    "direct-corrected": "corrected",
    "transformation": "transformation",
}
ITEMS = {
    "x": "slope of x",
    "W.x": "slope of Wx",
    "L.y": "τ",
    "W.L.y": "η",
    "rho": "ρ",
    "short-run total effect": "short-run total effect",
    "long-run total effect": "long-run total effect",
}


def times(shape: str) -> str:
    """Write "34 x 20" as "34 × 20"."""
    return shape.replace(" x ", " × ")


def chosen(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Rows of an experiment whose columns have these values, one or several.

    Examples
    --------
    >>> chosen(pd.DataFrame({"item": ["x", "rho"], "value": [1.0, 2.0]}), item="rho")["value"].item()
    2.0
    """
    kept = pd.Series(True, index=table.index)
    for column, value in values.items():
        kept &= table[column].isin(list(value) if isinstance(value, (list, tuple)) else [value])
    return table[kept]


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
        Chosen rows of an experiment, one number a cell of the table.
    down : str
        The column that gives the rows of a section; "weights" if the sections are samples.
    labels : mapping, optional
        Its values in order, with the words shown; default in the order of the experiment.
    across : str
        The column that is spread over the table's columns.
    heads : mapping, optional
        Its values in order, with their headings; default the estimators.
    """
    heads = heads or ESTIMATORS
    labels = labels or {each: each for each in (MATRICES if down == "weights" else rows[down])}
    keys = ["model", "shape", *([] if down == "weights" else ["weights"]), down]
    wide = rows.pivot_table(index=keys, columns=across, values="value")[list(heads)]
    orders = {"model": ["static", "dynamic"], "shape": SHAPES, "weights": MATRICES, down: labels}
    order = pd.MultiIndex.from_product([list(orders[key]) for key in keys])
    wide = wide.loc[order[order.isin(wide.index)]].rename(columns=heads)
    several = len(set(rows["model"])) > 1
    wide.index = pd.MultiIndex.from_tuples(
        [
            (", ".join([*([model] if several else []), times(shape), *rest]), labels[last])
            for model, shape, *rest, last in wide.index
        ]
    )
    return wide


GMM = {
    "median": "median", "low": "5 %", "high": "95 %", "above_one": "one or more",
    "least_squares": "least squares", "coverage": "coverage", "hansen_rejects": "Hansen rejects",
    "instruments": "instruments",
}  # fmt: skip


def gmm_laid_out(by_gmm: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The spatial parameter by GMM, and the Monte Carlo errors of what has one."""
    rows = chosen(by_gmm, item="rho")
    regressors = rows["model"].map({"lag": "x", "Durbin": "x, Wx"})
    sections = rows["shape"].map(times) + ", " + rows["weights"]
    rows = rows.set_axis(pd.MultiIndex.from_arrays([sections, regressors], names=[None, None]))
    errors = rows.reindex(columns=[f"{name}_error" for name in GMM]).set_axis(GMM.values(), axis=1)
    return rows[list(GMM)].rename(columns=GMM), errors


def bias_figure(bias: pd.DataFrame) -> Figure:
    """Draw the bias of each estimator by matrix and sample, with its Monte Carlo interval."""
    figure, panels = figures.canvas(1, len(SHAPES), height=3.4, sharey=True)
    for axis, shape in zip(panels, SHAPES, strict=True):
        for k, (estimator, label) in enumerate(ESTIMATORS.items()):
            line = chosen(bias, shape=shape, estimator=estimator).set_index("weights")
            line = line.reindex(list(MATRICES))
            places = np.arange(len(line)) + 0.18 * (k - 1)
            error = 1.96 * line["mc_error"]
            axis.errorbar(
                places, line["value"], error, fmt="os^"[k], color=figures.COLOURS[k], label=label
            )
        axis.axhline(0, color=figures.MUTED, linewidth=0.8)
        axis.set_xticks(range(len(MATRICES)), [name.replace(" ", "\n") for name in MATRICES])
        axis.set_title(times(shape))
    panels[0].set_ylabel("bias of ρ")
    panels[-1].legend(loc="lower center", fontsize="small")
    return figure
