"""An estimator that exists: the one asked for, or the next.

On a matrix as dense as 1/d the transformation likelihood of some samples rises up to rho = 1 and
has no maximum inside. ``fit.specification.estimator`` says which estimator was used; tables show it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from analysis.errors import EstimationError
from analysis.panel import Panel
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.specification import Estimator
from analysis.weights import Weights

Result = TypeVar("Result")

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
            return estimate(replace(specification, estimator=estimator))
        except EstimationError:
            continue
    return estimate(replace(specification, estimator=last))


def estimate(panel: Panel, specification: Specification, weights: Weights) -> Fit:
    """Fit a model by its estimator, or by the next of :data:`FALLBACKS` that exists.

    Raises
    ------
    EstimationError
        If none of the estimators exists.
    """
    return first_estimate(lambda spec: fit(panel, spec, weights), specification)
