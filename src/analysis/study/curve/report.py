"""The tables that a chapter makes of a specification curve."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.book.ledger import QUANTILE
from analysis.book.tables import number
from analysis.book.text import spelled
from analysis.errors import ParameterError
from analysis.study.curve.choices import offers
from analysis.study.curve.null import SIGNIFICANT
from analysis.study.curve.picture import Curve
from analysis.study.declaration import Study

STATISTICS = {
    "median": "median, absolute",
    "significant_same_sign": "share significant, same sign",
    "mean_z": "mean z, absolute",
}


def kept(table: pd.DataFrame, **options: Sequence[Any]) -> pd.DataFrame:
    """Keep the specifications with certain options; an empty list keeps all.

    Raises
    ------
    ParameterError
        If none is left.

    Examples
    --------
    >>> kept(pd.DataFrame({"weights": ["knn", "gravity"]}), weights=["knn"])["weights"].tolist()
    ['knn']
    """
    mask = np.ones(len(table), dtype=bool)
    for name, values in options.items():
        if values:
            mask &= table[name].isin(list(values)).to_numpy()
    if not mask.any():
        raise ParameterError(f"no specification has {options}: keep more of them.")
    return table[mask]


def choices_table(curve: Curve) -> pd.DataFrame:
    """Return what was chosen from: one row a choice."""
    rows = {}
    for name in curve.choices:
        known = offers(curve.study)[name]
        book = [value for value in curve.options(name) if value == known.default]
        options = [*book, *(value for value in curve.options(name) if value not in book)]
        rows[name] = {"meaning": known.meaning, "options": ", ".join(map(spelled, options))}
    return pd.DataFrame.from_dict(rows, orient="index")


def by_choice(curve: Curve, term: str, quantity: str) -> pd.DataFrame:
    """Return the median and the share of significant estimates under each option."""
    values = curve.estimates[(term, quantity)]
    columns = {}
    for name in curve.choices:
        for option in curve.options(name):
            group = values[(curve.specifications[name] == option).to_numpy()]
            significant = (group["p_value"] < SIGNIFICANT).mean()
            of = [float(len(group)), group["estimate"].median(), significant]
            columns[offers(curve.study)[name].meaning, spelled(option)] = of
    return pd.DataFrame(columns, ["specifications", "median", "significant"]).T


def beside_truth(curve: Curve, term: str, quantity: str, of: str = "") -> str:
    """Say on which side of the truth the estimates lie; empty where no truth is known.

    Parameters
    ----------
    curve : Curve
    term, quantity : str
    of : str
        What the truth is one of, where that is not what was estimated.
    """
    truth = curve.truths.get((term, quantity))
    if truth is None:
        return ""
    values = curve.estimates[(term, quantity)].dropna(subset="estimate")
    n, below = len(values), int((values["estimate"] < truth).sum())
    reach = QUANTILE * values["std_error"]
    held = (values["estimate"] - truth).abs().le(reach).mean()
    most, side, other = max((below, "below", "above"), (n - below, "above", "below"))
    told = f"the truth{of and f' of {of}'}, {number(truth, '.3g')}"
    if most == n:
        said = f"All {n} estimates lie {side} {told}"
    else:
        said = f"Of {n} estimates {most} lie {side} {told}, {n - most} {other}"
    agree = max((values["estimate"] > 0).mean(), (values["estimate"] < 0).mean())
    if most >= 0.9 * n and agree >= 0.9:
        said += (
            f". Their agreement ({agree:.0%} have one sign) is no accuracy, for they come of one data set "
            "and share its luck"
        )
    return f"{said}. Of all 95 % intervals {held:.0%} hold the truth."


def turning_points(curve: Curve, observed: pd.Series) -> pd.DataFrame:
    """Return quantiles of the turning point by model and estimator, where both vary.

    Parameters
    ----------
    curve : Curve
    observed : Series
        The variable, whose range says what is inside the data.
    """
    values = curve.estimates[(curve.study.focus[0], "turning point")]["estimate"]
    by = [name for name in ("dynamics", "estimator") if name in curve.choices]
    keys = [curve.specifications[name] for name in by] or [pd.Series("all", values.index)]
    rows = {}
    for key, group in values.groupby(keys, sort=False):
        label = ", ".join(key) if isinstance(key, tuple) else str(key)
        rows[label] = {
            "specifications": float(len(group)),
            "5 %": group.quantile(0.05),
            "median": group.median(),
            "95 %": group.quantile(0.95),
            "inside the data": group.between(observed.min(), observed.max()).mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def joint_table(joint: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Lay out :func:`analysis.study.curve.null.joint_test` for a table, by the study's labels."""
    shown = joint.assign(
        observed=joint["observed"].abs(),
        statistic=joint["statistic"].map(STATISTICS),
        term=joint["term"].map(study.label) + ", " + joint["quantity"],
    )
    columns = {"observed": "observed", "null_95": "95 % point without effect", "p_value": "P"}
    return (
        shown.set_index(["statistic", "term"])[list(columns)].rename(columns=columns).sort_index()
    )


def quantities(curve: Curve, first: tuple[str, str]) -> dict[tuple[str, str], str]:
    """Return what a live curve offers: coefficients, total effects, the turning point."""
    offered = [key for key in curve.estimates if key[1] != "direct effect" and key != first]
    return {key: f"{curve.label(key[0])}, {key[1]}" for key in [first, *offered]}


def alternative(curve: Curve, term: str, quantity: str) -> str:
    """Say what the picture of a curve shows, for those who cannot see it."""
    values = curve.estimates[(term, quantity)]["estimate"]
    truth = curve.truths.get((term, quantity))
    return (
        f"Dots in ascending order: {len(values)} estimates of {curve.label(term)} ({quantity}) from "
        f"{values.min():.3f} to {values.max():.3f}, median {values.median():.3f}"
        f"{f', a dashed line at the truth, {truth:.3f}' if truth is not None else ''}; below, ticks show "
        "which option of each choice every specification takes."
    )
