"""Do groups of cities differ: permutation of whole cities, and one model with interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations
from statistics import mode
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from analysis import errors
from analysis.errors import listed
from analysis.inference.contrasts import apart
from analysis.inference.resampling import SAYS, run_draws
from analysis.panel import FloatArray, Panel, as_panel, value_of_each
from analysis.resources import refuse
from analysis.spatial import Fit, Specification, TestResult, fit
from analysis.spatial.design import term_values
from analysis.spatial.operator import operator_of
from analysis.spatial.specification import Term
from analysis.weights import Weights, as_weights, great_circle


def _labels(panel: Panel, groups: pd.Series) -> pd.Series:
    labels = value_of_each(groups, "groups", panel.units, errors.UnitMismatchError).astype(str)
    alike = {"one_group": labels.nunique() < 2}
    refuse(errors.SampleSizeError, SAYS, alike, first=labels.iloc[0])
    return labels


def inside(weights: Weights, units: pd.Index) -> Weights:
    """Weights within a group: the sub-matrix, with lost neighbours replaced by the nearest.

    A unit that had k neighbours and has fewer of them in the group gets the nearest others of the
    group, up to k, each with its mean weight before. So nearest neighbours become the nearest in the
    group, contiguity keeps what it has and is filled up, and a matrix that joins all units is its
    sub-matrix. Rows are standardised anew where they were. Where W does not know places, the
    sub-matrix it is.

    Raises
    ------
    IslandError
        If W does not know places and a unit of a row-standardised W has no neighbour left.
    """
    weights = as_weights(weights)
    if weights.places is None:
        return weights.sub(units)
    matrix = weights._take(units).dense().copy()
    rows = weights.dense()[weights.units.get_indexer(units)]
    before = (rows > 0).sum(axis=1)
    short = np.minimum(before, len(units) - 1) - (matrix > 0).sum(axis=1)
    if (short <= 0).all():
        return weights.sub(units)
    far = great_circle(weights.places.loc[units])
    far[(matrix > 0) | np.eye(len(units), dtype=bool)] = np.inf
    for row in np.flatnonzero(short > 0):
        nearest = np.argsort(far[row], kind="stable")[: short[row]]
        matrix[row, nearest] = rows[row].sum() / before[row]
    made = replace(weights, matrix=matrix, units=units)
    return made.row_standardise() if weights.is_row_standardised else made


def _fit_inside(
    panel: Panel, specification: Specification, weights: Weights, cities: pd.Index
) -> Fit:
    near = inside(weights, cities) if specification.uses_weights else weights._take(cities)
    return fit(panel.sub(units=cities), specification, near)


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """One coefficient in groups of cities, and its differences.

    Attributes
    ----------
    term : str
    fits : dict
        Fit of each group on its own sub-panel and the weights within it.
    pairs : DataFrame
        Indexed by (first, second): ``difference``; ``p_value`` of the permutation test, two-sided;
        ``p_holm`` adjusted over the pairs; ``p_normal`` of the difference over its standard error,
        for comparison; ``failed`` draws.
    draws : DataFrame
        Permuted differences, one column a pair; missing where a draw could not be estimated.
    reasons : dict
        By pair, an example of the commonest reason why a draw could not be estimated; empty if none.
    """

    term: str
    fits: dict[str, Fit]
    pairs: pd.DataFrame
    draws: pd.DataFrame
    reasons: dict[str, str]

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Estimate, standard error, p value and size of each group."""
        shown = ["estimate", "std_error", "p_value"]
        rows = {
            label: {**result.summary.loc[self.term, shown], "cities": result.panel.n_units,
                    "observations": result.nobs}
            for label, result in self.fits.items()
        }  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def permutation_p(observed: float, draws: FloatArray) -> float:
    """Two-sided p value ``(1 + #{abs(d*) >= abs(d)}) / (1 + R)``; a missing draw counts as extreme.

    Examples
    --------
    >>> permutation_p(2.0, np.array([-3.0, 0.5, 1.0, np.nan]))
    0.6
    """
    # equal in exact arithmetic is equal: the identity and label swaps must count
    close = np.abs(draws) >= np.abs(observed) * (1 - 1e-9)
    return float((1 + (close | np.isnan(draws)).sum()) / (1 + len(draws)))


def _pair_difference(
    panel: Panel, specification: Specification, weights: Weights, term: str,
    sizes: tuple[int, int], rng: np.random.Generator,
) -> float | str:  # fmt: skip
    """The difference in one draw, or why there is none."""
    shuffled = rng.permutation(panel.n_units)
    # cities keep the panel's order within a group: the estimate cannot depend on it
    parts = np.sort(shuffled[: sizes[0]]), np.sort(shuffled[sizes[0] :])
    try:
        fits = [_fit_inside(panel, specification, weights, panel.units[part]) for part in parts]
    except errors.AnalysisError as error:
        return f"{type(error).__name__}: {error}"
    return float(fits[0].params[term] - fits[1].params[term])


def compare_groups(
    panel: Panel, specification: Specification, weights: Weights, groups: pd.Series, term: str,
    draws: int = 999, seed: int = 0, n_jobs: int = 1,
) -> GroupComparison:  # fmt: skip
    """Permutation test of the difference of a coefficient between groups of cities.

    For each pair of groups, labels are permuted over their whole cities; each draw estimates both
    groups anew, on weights within each group by the rule of :func:`inside`.

    Parameters
    ----------
    panel : Panel
    specification : Specification
    weights : Weights
        Of all cities of the panel.
    groups : Series
        Label of each city.
    term : str
        A coefficient: ``"x"``, ``"W.x"`` or ``"rho"``.
    draws, seed : int
        Every pair draws from its own stream.
    n_jobs : int
        Worker processes; results do not depend on it.

    Returns
    -------
    GroupComparison

    Raises
    ------
    UnitMismatchError
        If a city has no label or is not in W.
    SampleSizeError
        If there are fewer than two groups, or a group is too small to estimate.
    SpecificationError
        If `term` is not estimated.
    EstimationError
        If more than a tenth of the draws could not be estimated.

    Notes
    -----
    Labels are exchangeable under the null if groups are scattered over the map. Contiguous
    regions are not: a permuted group is thinner on the ground than a region, and its sub-matrix of
    W has another structure. Read :func:`interaction_model` beside it.
    """
    panel = as_panel(panel)
    known = [str(t) for t in specification.terms]
    estimated = *known, *(f"W.{t}" for t in specification.durbin_terms)
    absent = term not in (*estimated, *["rho"] * specification.has_spatial_lag)
    words = {"term": term, "known": listed(known, 20)}
    refuse(errors.SpecificationError, SAYS, {"coefficient": absent}, **words)
    labels = _labels(panel, groups)
    weights = as_weights(weights).align(panel.units)
    members = {label: panel.units[labels == label] for label in dict.fromkeys(sorted(labels))}
    fits = {}
    for label, cities in members.items():
        try:
            fits[label] = _fit_inside(panel, specification, weights, cities)
        except errors.AnalysisError as error:
            raise type(error)(f"group {label!r} ({len(cities)} x {panel.unit}): {error}") from error
    names = (name for term in specification.terms for name in (term.name, term.contemporary))
    read = panel.columns.isin([specification.outcome, *names])
    small = replace(panel, frame=panel.frame.loc[:, read])  # workers receive a copy
    rows, drawn, reasons = {}, {}, {}
    for number, (first, second) in enumerate(combinations(members, 2)):
        cities = panel.units[labels.isin([first, second])]
        pair, sizes = small.sub(units=cities), (len(members[first]), len(members[second]))
        draw = partial(_pair_difference, pair, specification, weights, term, sizes)
        stream = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
        found = run_draws(draw, draws, stream, n_jobs)
        said = [value for value in found if isinstance(value, str)]
        kinds = [text.partition(":")[0] for text in said]
        reason = said[kinds.index(mode(kinds))] if said else ""
        refuse(
            errors.EstimationError, SAYS, {"lost": len(said) > 0.1 * draws}, first=first,
            second=second, failed=len(said), draws=draws, reason=reason,
        )  # fmt: skip
        values = np.array([np.nan if isinstance(value, str) else value for value in found])
        gap = apart(*((fits[g].params[term], fits[g].std_errors[term]) for g in (first, second)))
        p = permutation_p(gap.estimate, values)
        rows[first, second] = (gap.estimate, p, gap.p_value, len(said))
        drawn[f"{first} - {second}"], reasons[f"{first} - {second}"] = values, reason
    columns = ["difference", "p_value", "p_normal", "failed"]
    index = pd.MultiIndex.from_tuples(rows, names=["first", "second"])
    pairs = pd.DataFrame(list(rows.values()), index, columns)
    ranked = pairs["p_value"].sort_values()
    holm = (ranked * np.arange(len(ranked), 0, -1)).cummax().clip(upper=1)
    pairs.insert(2, "p_holm", holm.reindex(pairs.index))
    return GroupComparison(term, fits, pairs, pd.DataFrame(drawn).rename_axis("draw"), reasons)


class InteractionFit(Fit):
    """Fit of an interaction model: all that a :class:`Fit` has, except effects.

    ``x[group]`` cannot change in cities of another group, and ``W.x[group]`` is a spatial lag that
    stands among the regressors as a variable of its own. Effects computed as if both could change
    everywhere, each alone, would be none of x.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise errors.SpecificationError(SAYS["no_effects"])

    effects = effects_covariance = response_path = _refuse


@dataclass(frozen=True, eq=False)
class InteractionModel:
    """One model on the full W in which every group has its own slopes.

    Attributes
    ----------
    fit : InteractionFit
        Coefficients ``x[group]`` and ``W.x[group]``; rho, year effects and variance are shared.
    groups : tuple of str
    tests : DataFrame
        Wald tests that a regressor's slopes, own and spatially lagged ones, are equal in all
        groups: ``statistic``, ``df``, ``p_value``.
    """

    fit: InteractionFit
    groups: tuple[str, ...]
    tests: pd.DataFrame

    @cached_property
    def slopes(self) -> pd.DataFrame:
        """Estimate, standard error and p value by term (rows) and group (top columns)."""
        pieces, whole = {}, self.fit.summary[["estimate", "std_error", "p_value"]]
        for group in self.groups:
            rows = whole[whole.index.str.endswith(f"[{group}]")]
            pieces[group] = rows.set_axis(rows.index.str.removesuffix(f"[{group}]"))
        return pd.concat(pieces, axis=1)


_WITHOUT_DURBIN: dict[str, Any] = {"sdm": "sar", "sdem": "sem", "slx": "ols"}


def interaction_model(
    panel: Panel, specification: Specification, weights: Weights, groups: pd.Series
) -> InteractionModel:
    """Estimate group x X and group x W X on the full W and test equality of the slopes.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        With city effects, which absorb the groups' own levels.
    weights : Weights
        Of all cities of the panel.
    groups : Series
        Label of each city.

    Returns
    -------
    InteractionModel

    Raises
    ------
    SpecificationError
        If the specification has no city effects.
    UnitMismatchError, SampleSizeError
        If a city has no label, or there is one group only.
    AnalysisError
        As for :func:`analysis.spatial.fit`.

    Notes
    -----
    ``W x`` is formed before it is split: a city's neighbours count whatever their group, the slope
    is the receiving city's.
    """
    spec = specification
    wrong = {"level": not spec.has_unit_effects}
    refuse(errors.SpecificationError, SAYS, wrong, label=spec.label)
    panel = as_panel(panel)
    labels = _labels(panel, groups)
    names = tuple(sorted(labels.unique()))
    durbin = {str(t) for t in spec.durbin_terms}
    weights = as_weights(weights).align(panel.units)
    columns: dict[str, FloatArray] = {}
    slopes: dict[str, list[str]] = {}
    for prefix, terms in (("", spec.terms), ("W.", [t for t in spec.terms if str(t) in durbin])):
        for term in terms:
            values = term_values(panel, term)
            whole = operator_of(weights).lag(values) if prefix else values
            for group in names:
                column = f"{prefix}{term.contemporary}[{group}]"
                columns[column] = whole * (labels == group).to_numpy(dtype=float)
                slopes.setdefault(f"{prefix}{term}", []).append(str(Term(column, term.lag)))
    regressors = tuple(member for members in slopes.values() for member in members)
    model = _WITHOUT_DURBIN.get(spec.model, spec.model)
    plain = replace(spec, regressors=regressors, model=model, durbin=None)
    result = fit(panel.assign(**columns), plain, weights)
    tests = [_equal(result, members, name).summary for name, members in slopes.items()]
    frame = pd.concat(tests)[["statistic", "df", "p_value"]].rename_axis("equal slopes of")
    own = InteractionFit(result._design, result._problem, result._point, result._maximum)
    return InteractionModel(own, names, frame)


def _equal(result: Fit, members: Sequence[str], name: str) -> TestResult:
    return result.wald(lambda p: [p[m] - p[members[0]] for m in members[1:]], name)


def bdiff_replica(
    panel: Panel, outcome: str, regressors: Sequence[str], groups: pd.Series, term: str,
    draws: int = 1000, seed: int = 0,
) -> pd.Series:  # fmt: skip
    """Replica of Stata's ``bdiff``: for showing what printed tables rest on, not for use.

    It permutes the group label over single city-years instead of cities, counts one tail, and folds
    p values above one half. Since a permuted "group" is no balanced panel, the model behind it is
    least squares with city and year effects, not a spatial one. In a short panel splitting the
    years of a city wastes city effects and hides part of the over-rejection.

    Parameters
    ----------
    panel : Panel
    outcome : str
    regressors : sequence of str
        Columns of the panel.
    groups : Series
        Label of each city; two groups.
    term : str
        One of the regressors.
    draws, seed : int

    Returns
    -------
    Series
        ``difference``, ``p_folded`` as the command prints it, and ``p_two_sided`` of the same
        draws.

    Raises
    ------
    SampleSizeError
        If there are not exactly two groups.
    SpecificationError
        If `term` is no regressor.
    """
    panel = as_panel(panel)
    labels = _labels(panel, groups)
    n, wrong = labels.nunique(), {"regressor": term not in regressors}
    refuse(errors.SampleSizeError, SAYS, {"two_groups": n != 2}, n=n)
    refuse(errors.SpecificationError, SAYS, wrong, term=term, known=listed(regressors, 20))
    place = list(regressors).index(term)
    t, n = panel.n_periods, panel.n_units
    y, X = panel.values(outcome).ravel(), panel.block(regressors).reshape(t * n, -1)
    columns = np.column_stack([y, X, np.repeat(np.eye(t)[:, 1:], n, axis=0)])
    city = np.tile(np.arange(n), t)
    inside = np.tile((labels == sorted(labels.unique())[0]).to_numpy(), t)

    def slope(rows: np.ndarray) -> float:
        part = pd.DataFrame(columns[rows])
        part = (part - part.groupby(city[rows]).transform("mean")).to_numpy()
        return float(np.linalg.lstsq(part[:, 1:], part[:, 0], rcond=None)[0][place])

    observed = slope(inside) - slope(~inside)
    rng = np.random.default_rng(seed)
    shuffled = (rng.permutation(inside) for _ in range(draws))
    permuted = np.array([slope(rows) - slope(~rows) for rows in shuffled])
    above = float((permuted > observed).mean())
    folded = {"p_folded": min(above, 1 - above), "p_two_sided": permutation_p(observed, permuted)}
    return pd.Series({"difference": observed, **folded}, name=term)
