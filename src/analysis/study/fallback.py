"""An estimator that exists: the one asked for, or the next.

On a matrix as dense as 1/d the transformation likelihood of some samples rises up to rho = 1 and
has no maximum inside. ``fit.specification.estimator`` says which estimator was used; tables show it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import TypeVar

from analysis.errors import EstimationError
from analysis.panel import Panel
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.specification import Estimator
from analysis.weights import Weights

Result = TypeVar("Result")

STOOD_IN: ContextVar[dict[tuple[str, str], None]] = ContextVar("STOOD_IN")
"""Pairs of an estimator that did not exist and its stand-in, where a section collects them."""

FALLBACKS: tuple[Estimator, ...] = ("direct-corrected", "direct")
"""Estimators to turn to where the one asked for does not exist, in this order."""


def first_estimate(
    estimate: Callable[[Specification], Result], specification: Specification
) -> Result:
    """Estimate by the specification's estimator, or by the next of :data:`FALLBACKS` that exists.

    Raises
    ------
    EstimationError
        If none of them exists.
    """
    *order, last = dict.fromkeys((specification.estimator, *FALLBACKS))
    for estimator in order:
        try:
            found = estimate(replace(specification, estimator=estimator))
        except EstimationError:
            continue
        break
    else:
        estimator, found = last, estimate(replace(specification, estimator=last))
    if estimator != specification.estimator:
        STOOD_IN.get({})[specification.estimator, estimator] = None
    return found


def estimate(panel: Panel, specification: Specification, weights: Weights) -> Fit:
    """Fit a model by its estimator, or by the next of :data:`FALLBACKS` that exists.

    Raises
    ------
    EstimationError
        If none of the estimators exists.
    """
    return first_estimate(lambda spec: fit(panel, spec, weights), specification)
