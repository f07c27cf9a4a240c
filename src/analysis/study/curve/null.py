"""How a specification curve looks where there is no effect.

A curve's estimates come from one data set and are not independent, so that a share of significant
ones has no reference of its own. It gets one from data in which the effect is absent by
construction: the study's default model is estimated without the terms of interest, its residuals
are drawn anew by whole cities (each city keeps its years together; W and all regressors stay), the
outcome is rebuilt from them through the model, and every specification is estimated on it
(Simonsohn, Simmons and Nelson 2020, for the idea).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.book.sweep import grid
from analysis.errors import AnalysisError
from analysis.panel import Panel
from analysis.spatial import Fit, fit
from analysis.study.curve.choices import choices, defaults, quantities, sample, specification
from analysis.study.declaration import Study
from analysis.study.fallback import estimate

SIGNIFICANT = 0.05


def null_fit(study: Study) -> Fit:
    """Return the default model without the terms of interest, by the first estimator that exists."""
    chosen = defaults(study)
    part = sample(study, chosen)
    return estimate(part.panel, specification(study, chosen, is_null=True), part.weights)


def null_grid(study: Study) -> list[dict[str, Any]]:
    """Return the specifications estimated on every draw, standard errors clustered by unit."""
    every = {name: list(choices(study)[name].values) for name in study.under_null}
    return grid({**defaults(study), "std_errors": "cluster", **every})


def null_outcome(result: Fit, rng: np.random.Generator) -> pd.Series:
    """Draw an outcome on which the terms of interest have no effect.

    Parameters
    ----------
    result : Fit
        From :func:`null_fit`.
    rng : numpy.random.Generator

    Returns
    -------
    Series
        By city and year, for all years of the panel; a dynamic model starts from what was observed.
    """
    spec, panel = result.specification, result.panel
    observed = panel.values(spec.outcome)
    years, n = observed.shape
    first = years - len(result.periods)
    drawn = _centred(result.resids.to_numpy().reshape(n, -1).T[:, rng.integers(n, size=n)])
    t = len(drawn)
    drawn *= np.sqrt(t * n / ((t - 1) * (n - 1)))  # two-way demeaning took that share of variance
    W, params = result.weights.dense(), result.params
    tau = params.get(f"L.{spec.outcome}", 0.0)
    eta = params.get(f"W.L.{spec.outcome}", 0.0)
    multiplier = np.linalg.inv(np.eye(n) - params.get("rho", 0.0) * W)
    mean = _deterministic(result)
    made = observed.copy()
    for t, shock in enumerate(drawn):
        before = made[first + t - 1] if first + t else np.zeros(n)
        made[first + t] = multiplier @ (mean[t] + tau * before + eta * W @ before + shock)
    return panel.series(made, spec.outcome)


def _deterministic(result: Fit) -> np.ndarray:
    """Regressors and effects of every year, shape (T, N)."""
    spec, panel, params = result.specification, result.panel, result.params
    W = result.weights.dense()
    skipped = len(panel.periods) - len(result.periods)
    n = panel.n_units
    effects = result.fixed_effects["estimate"].to_numpy()
    total = effects[0] + effects[1 : 1 + n] + effects[1 + n :, None]
    for term in spec.regressors:
        values = panel.values(term)[skipped:]
        total = total + params[term] * values + params.get(f"W.{term}", 0.0) * values @ W.T
    return total


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=0) - values.mean(axis=1)[:, None] + values.mean()


def curve_of(
    study: Study,
    specifications: Sequence[Mapping[str, Any]],
    outcome: pd.Series | None = None,
    *,
    with_effects: bool = True,
) -> pd.DataFrame:
    """Estimate every specification in this process; those that fail are left out.

    Returns
    -------
    DataFrame
        Columns ``position`` (of the specification), ``term``, ``quantity``, ``estimate``,
        ``std_error``, ``p_value``, ``nobs``.
    """
    rows = []
    made = None if outcome is None else partial(_replaced, study.outcome, outcome)
    for position, chosen in enumerate(specifications):
        try:
            part = sample(study, chosen, made)
            result = fit(part.panel, specification(study, chosen), part.weights)
            rows += [
                {"position": position, **row}
                for row in quantities(study, result, with_effects=with_effects)
            ]
        except AnalysisError:
            continue
    return pd.DataFrame(rows)


def _replaced(name: str, outcome: pd.Series, panel: Panel) -> Panel:
    return panel.assign(**{name: outcome.reindex(panel.frame.index)})


def shares(curve: pd.DataFrame) -> pd.DataFrame:
    """Summarise a curve by term and quantity.

    Parameters
    ----------
    curve : DataFrame
        With columns term, quantity, estimate, std_error, p_value.

    Returns
    -------
    DataFrame
        One row a term and quantity: ``count``; ``median``; ``same_sign``, the share with the sign
        of the median; ``significant``, the share with p below 5 % whatever the sign;
        ``significant_same_sign``; ``mean_z``, the average z (Stouffer's statistic but for a
        factor).

    Examples
    --------
    >>> curve = pd.DataFrame({"term": "x", "quantity": "coefficient", "estimate": [1.0, 2.0, -1.0],
    ...                       "std_error": 0.5, "p_value": [0.046, 0.0001, 0.046]})
    >>> shares(curve)[["median", "significant_same_sign"]].round(3).values.tolist()
    [[1.0, 0.667]]
    """
    return (
        curve.groupby(["term", "quantity"], sort=False)
        .apply(_share_row, include_groups=False)
        .reset_index()
    )


def _share_row(group: pd.DataFrame) -> pd.Series:
    estimate = group["estimate"]
    same = np.sign(estimate) == np.sign(estimate.median())
    significant = group["p_value"] < SIGNIFICANT
    tested = 1.0 if group["p_value"].notna().any() else np.nan  # a turning point has no P
    return pd.Series({
        "count": float(len(group)), "median": estimate.median(), "same_sign": same.mean(),
        "significant": significant.mean() * tested,
        "significant_same_sign": (same & significant).mean() * tested,
        "mean_z": (estimate / group["std_error"]).mean(),
    })  # fmt: skip


def joint_test(observed: pd.DataFrame, null: pd.DataFrame) -> pd.DataFrame:
    """Hold a curve against curves drawn under the null.

    Parameters
    ----------
    observed : DataFrame
        From :func:`shares`.
    null : DataFrame
        The same for each draw, with a column ``draw``.

    Returns
    -------
    DataFrame
        By term and quantity (a turning point has no null), for the median, the share significant
        with the sign of the median and the
        mean z: the observed value, the 5 % and 95 % points under the null (of the absolute value
        where there is a sign), and ``p = (1 + #|null| >= |observed|) / (1 + draws)``.
    """
    rows = []
    for _, row in observed[observed["quantity"] != "turning point"].iterrows():
        draws = null[(null["term"] == row["term"]) & (null["quantity"] == row["quantity"])]
        for statistic in ("median", "significant_same_sign", "mean_z"):
            under, value = draws[statistic].abs(), row[statistic]
            rows.append({
                **row[["term", "quantity"]], "statistic": statistic, "observed": value,
                "null_05": under.quantile(0.05), "null_95": under.quantile(0.95),
                "p_value": (1 + (under >= abs(value)).sum()) / (1 + len(under)),
                "draws": len(under),
            })  # fmt: skip
    return pd.DataFrame(rows)
