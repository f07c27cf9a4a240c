"""What a sample gives, as fits and frames: sections of own studies and papers' chapters set them out."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis.audit.effects import largest_modulus
from analysis.book import parameters
from analysis.book.text import literal
from analysis.errors import AnalysisError, listed
from analysis.inference.groups import InteractionModel
from analysis.inference.resampling import parallel
from analysis.inference.turning_point import quadratic_report
from analysis.panel import Panel
from analysis.spatial import Fit, Specification
from analysis.spatial.effects import Horizon
from analysis.spatial.estimates import TestResult
from analysis.spatial.specification import Estimator, StandardErrors
from analysis.study.fallback import estimate
from analysis.study.sample import Sample, find_study, open_study
from analysis.weights import Weights

Key = TypeVar("Key", bound=Hashable)
Estimate = Callable[[Panel, Specification, Weights], Fit]
Alternative = tuple[str, str, Sample, Specification]
"""Kind and name of a choice, the sample and the model that it makes."""
Row = dict[str, Any]


def fits(
    asked: Mapping[Key, tuple[Sample, Specification]], by: Estimate = estimate
) -> dict[Key, Fit]:
    """Fit models to samples; by the next estimator that exists unless `by` says otherwise."""
    return {key: by(of.panel, model, of.weights) for key, (of, model) in asked.items()}


def main_fits(
    sample: Sample, estimators: Sequence[Estimator] = (), by: Estimate = estimate
) -> dict[tuple[str, str], Fit]:
    """Fit the static and the dynamic main model, by the study's estimator or by several.

    Returns
    -------
    dict
        By ``"static"`` or ``"dynamic"``, and the estimator that was used. With fewer than four
        periods there is no dynamic model.
    """
    found: dict[tuple[str, str], Fit] = {}
    for heading, model in (("static", sample.study.static), ("dynamic", sample.study.dynamic)):
        if heading == "dynamic" and sample.panel.n_periods < 4:
            continue
        for estimator in dict.fromkeys(estimators or (model.estimator,)):
            made = by(sample.panel, replace(model, estimator=estimator), sample.weights)
            found.setdefault((heading, made.specification.estimator), made)
    return found


def over_periods(moran: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a matrix: mean, least and largest I, standard deviations, significant periods.

    The standard deviation under normality is that of every period, under randomisation it depends
    on the values: its least and largest are given.
    """
    whole = pd.concat(moran)
    whole["significant"] = (whole["p_random"] < 0.05).astype(int)
    made = whole.groupby(level=0, sort=False).agg(
        mean=("I", "mean"), least=("I", "min"), most=("I", "max"),
        sd_normal=("variance_normal", "first"), sd_random_least=("variance_random", "min"),
        sd_random_most=("variance_random", "max"), significant=("significant", "sum"),
    )  # fmt: skip
    deviations = made.filter(like="sd_")
    return made.assign(**np.sqrt(deviations))


def turning_points(
    fit: Fit, terms: Sequence[str], effects: Mapping[Horizon, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Where the coefficients of a variable and its square turn, and their direct and total effects.

    Returns
    -------
    DataFrame
        One row a quantity, columns those of :func:`quadratic_report`.
    dict
        Quantities without a turning point, and why.
    """
    linear, squared = terms
    asked = {"coefficients": (fit.params, fit.cov)}
    for horizon, found in effects.items():
        for kind in ("direct", "total"):
            name = f"{horizon}-run {kind} effect"
            asked[name] = found.loc[kind]["estimate"], fit.effects_covariance(kind, horizon)
    values, rows, without = fit.panel.values(linear), {}, {}
    for name, (params, cov) in asked.items():
        try:
            rows[name] = quadratic_report(params, cov, linear, squared, values)
        except AnalysisError as error:
            without[name] = str(error)
    return pd.DataFrame(rows).T, without


def alternatives(sample: Sample) -> Iterator[Alternative]:
    """What is tried beside the main model, one choice at a time: kind, name, sample and model.

    The study's ``robustness`` says what; its matrices, 1 % in the tails, the spatial lag and the
    spatial error model and the uncorrected estimator where it does not.
    """
    study, model, asked = sample.study, sample.study.model, sample.study.robustness
    yield "main", "as declared", sample, model
    for matrix in asked.get("weights", tuple(study.matrices)):
        if matrix != sample.matrix:
            yield "weights", matrix, sample.with_weights(matrix), model
    for percent in asked.get("winsorise", (1.0,)):
        yield "tails", f"winsorised {percent:g} %", sample.winsorised(percent), model
    for name in asked.get("models", ("sar", "sem")):
        if name != model.model:
            yield "model", name.upper(), sample, replace(model, model=name)
    for estimator in asked.get("estimators", ("direct",)):
        if estimator != model.estimator:
            yield "estimator", estimator, sample, replace(model, estimator=estimator)
    kinds: tuple[StandardErrors, ...] = ("cluster", "driscoll-kraay")
    for errors in asked.get("std_errors", kinds):
        yield "standard errors", errors, sample, replace(model, std_errors=errors)
    for group in asked.get("without", ()):
        out = {str(unit) for unit in (group if isinstance(group, list) else [group])}
        kept = [unit for unit in sample.units if str(unit) not in out]
        yield "sample", f"without {listed(sorted(out))}", sample.sub(kept), model
    for span in asked.get("periods", ()):
        yield "sample", span, sample.sub(periods=list(parameters.years(span))), model


def one_at_a_time(
    asked: Sequence[Alternative], by: Estimate = estimate
) -> tuple[dict[tuple[str, str], Fit], list[str]]:
    """Fit each of some alternatives, kind by kind.

    Returns
    -------
    dict
        Kind and name to the fit.
    list of str
        Those that could not be estimated, and why.

    Raises
    ------
    AnalysisError
        What kept the first from being estimated, where none could be.
    """
    found, failed = {}, {}
    kinds = [kind for kind, *_ in asked]
    for kind, name, other, model in sorted(asked, key=lambda choice: kinds.index(choice[0])):
        try:
            made = by(other.panel, model, other.weights)
            if len(made.std_errors):  # which may need more periods than the estimates
                found[kind, name] = made
        except AnalysisError as error:
            failed[name] = error
    if failed and not found:
        raise next(iter(failed.values()))
    return found, [f"{literal(name)}: {literal(error)}" for name, error in failed.items()]


def terms_of(fits: Mapping[Key, Fit], terms: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Some terms of several fits, a row each: ``estimate``, ``std_error`` and ``p_value``."""
    return {
        what: pd.DataFrame({key: fit.summary[what].reindex(terms) for key, fit in fits.items()}).T
        for what in ("estimate", "std_error", "p_value")
    }


def group_fits(
    sample: Sample, by: str, model: Specification, estimate: Estimate = estimate
) -> dict[str, Fit]:
    """Fit a model in each group of units, on its own part of the matrix."""
    groups = sample.group(by)
    parts = {str(name): sample.sub(groups.index[groups == name]) for name in groups.unique()}
    return fits({name: (part, model) for name, part in parts.items()}, estimate)


def same_slopes(model: InteractionModel, terms: Sequence[str]) -> TestResult:
    """Test in one model with slopes by group that some regressors have the same in all groups."""
    first, *others = model.groups

    def gaps(params: pd.Series) -> list[complex]:
        return [
            params[f"{x}[{first}]"] - params[f"{x}[{other}]"] for x in terms for other in others
        ]

    return model.fit.wald(gaps, f"same slopes of {listed(terms)} in all groups")


def largest_roots(weights: Weights, tau: float, eta: float, rho: float) -> tuple[float, float]:
    """Largest modulus of the roots of ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1}``.

    Parameters
    ----------
    weights : Weights
        Row-standardised.
    tau, eta, rho : float

    Returns
    -------
    on_w : float
        Over all eigenvalues of W.
    around_trend : float
        Without the unit eigenvalue, which belongs to the common trend.

    Raises
    ------
    NotRowStandardisedError
        If rows do not sum to one.

    Examples
    --------
    >>> pair = Weights(np.array([[0.0, 1.0], [1.0, 0.0]]), pd.Index(["a", "b"]), "pair")
    >>> tuple(round(root, 3) for root in largest_roots(pair, 0.5, 0.2, 0.1))
    (0.778, 0.273)
    """
    weights.require_row_standardised("the common trend to be an eigenvector of W")
    w = weights.dense()
    centre = np.eye(weights.n) - 1 / weights.n

    # Centring W takes the eigenvector of ones out and leaves one zero in its place.
    around = np.asarray(np.linalg.eigvals(centre @ w @ centre), complex)
    around = np.delete(around, np.abs(around).argmin())
    return (
        largest_modulus(tau, rho, eta, np.asarray(np.linalg.eigvals(w), complex)),
        largest_modulus(tau, rho, eta, around),
    )


def roots_by_weights(sample: Sample, tau: float, eta: float, rho: float) -> pd.DataFrame:
    """Largest root of given dynamics on each of the study's matrices, and around the trend."""
    found = {kind: largest_roots(sample.on(kind), tau, eta, rho) for kind in sample.study.matrices}
    return pd.DataFrame.from_dict(found, orient="index", columns=["on_w", "around_trend"])


def without_units_beyond(
    sample: Sample, variable: str, point: float
) -> tuple[Sample | None, pd.Series]:
    """Leave out the units that are beyond a point in some period.

    Returns
    -------
    Sample or None
        None where no unit would go, or half of them or more.
    Series
        Periods beyond the point, by unit.
    """
    beyond = (sample.panel.frame[variable] > point).groupby(level=0).sum()
    left = beyond.index[beyond == 0]
    return (sample.sub(left) if len(beyond) / 2 < len(left) < len(beyond) else None), beyond


def rival_shapes(sample: Sample, term: str) -> dict[str, Fit]:
    """Fit a line, and a logarithm that flattens and never falls, in place of a term with its square."""
    frame, study = sample.panel.frame, sample.study
    log = f"log {term}"
    logged = replace(
        sample, panel=Panel(frame.assign(**{log: np.log(frame[term])}), sample.panel.source)
    )
    return fits(
        {
            name: (logged, replace(study.model, regressors=(x, *study.controls)))
            for name, x in (("straight", term), ("flattening", log))
        }
    )


def _one(
    name: str, estimates: Callable[[Sample], list[Row]], choices: dict[str, Any], seed: int
) -> list[Row]:
    sample = open_study(find_study(name), seed=seed, **choices)
    return [{"seed": seed, **row} for row in estimates(sample)]


def over_seeds(
    name: str, estimates: Callable[[Sample], list[Row]], seeds: Iterable[int], **choices: Any
) -> pd.DataFrame:
    """Open a study at every seed, on all cores, and collect what is estimated there.

    Parameters
    ----------
    name : str
        A declared study whose loader has a choice ``seed``.
    estimates : callable
        From a sample to rows.
    seeds : iterable of int
    **choices
        Further choices, the same for all seeds.

    Returns
    -------
    DataFrame
        One row an estimate, ``seed`` first, in the order of the seeds.
    """
    found = parallel(partial(_one, name, estimates, choices), seeds)
    return pd.DataFrame([row for rows in found for row in rows])
