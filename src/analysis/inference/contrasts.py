"""Differences and sums of estimates with their standard errors, and tests between nested fits."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import MissingColumnError, SpecificationError, listed
from analysis.inference.resampling import SAYS
from analysis.resources import refuse
from analysis.spatial import Fit, TestResult


class Contrast(NamedTuple):
    """A linear combination of estimates."""

    estimate: float
    std_error: float

    @property
    def p_value(self) -> float:
        """Two-sided P of zero, by the normal distribution."""
        return float(2 * stats.norm.sf(abs(self.estimate / self.std_error)))


def contrast(params: pd.Series, cov: pd.DataFrame, weights: Mapping[str, float]) -> Contrast:
    """Sum of estimates of one fit, each with its weight.

    Examples
    --------
    >>> b = pd.Series({"x[a]": 0.75, "x[b]": 0.25})
    >>> V = pd.DataFrame([[0.05, 0.01], [0.01, 0.06]], b.index, b.index)
    >>> contrast(b, V, {"x[a]": 1, "x[b]": -1})
    Contrast(estimate=0.5, std_error=0.3)
    """
    unknown, known = (
        listed(term for term in weights if term not in params),
        listed(params.index, 40),
    )
    refuse(MissingColumnError, SAYS, {"terms": unknown}, unknown=unknown, known=known)
    terms, c = list(weights), np.array(list(weights.values()), dtype=float)
    variance = c @ cov.loc[terms, terms].to_numpy() @ c
    return Contrast(float(c @ params[terms].to_numpy()), float(np.sqrt(variance)))


def apart(first: tuple[float, float], second: tuple[float, float]) -> Contrast:
    """First minus second of two independent estimates, each with its standard error.

    Examples
    --------
    >>> difference = apart((0.716, 0.245), (0.236, 0.277))
    >>> round(difference.std_error, 3), round(difference.p_value, 2)
    (0.37, 0.19)
    """
    return Contrast(float(first[0] - second[0]), float(np.hypot(first[1], second[1])))


def likelihood_ratio(larger: Fit, smaller: Fit) -> TestResult:
    """Test of the restrictions that lead from one fit to another on the same observations.

    Raises
    ------
    SpecificationError
        If the second fit has a term that the first lacks, as many terms, or other observations.
    """
    extra = listed(smaller.params.index.difference(larger.params.index))
    df = len(larger.params) - len(smaller.params)
    apart = df < 1 or larger.nobs != smaller.nobs
    refuse(SpecificationError, SAYS, {"foreign_terms": extra, "sizes": apart}, extra=extra)
    return TestResult("likelihood ratio", 2 * (larger.loglik - smaller.loglik), df)
