r"""The truth behind a printed rho: the bias of maximum likelihood with year effects, inverted.

With city and year dummies the likelihood of ``y_t = rho W y_t + mu + xi_t 1 + e_t`` is maximised at

.. math:: r \mapsto \tfrac{N}{2} \ln \sum_t \lVert Q (I - r W) \tilde y_t \rVert^2
          - T \ln |I - r W| ,

turned into a minimum, where :math:`\tilde y` is net of the means over time and
:math:`Q = I - 11'/N` takes out the year effects. For a row-standardised W,
:math:`(I - r W) S^{-1} = I + (\rho - r) G` with :math:`S = I - \rho W`, :math:`G = W S^{-1}`, and
the dummies vanish; so the expected sum of squares is proportional to

.. math:: N - 1 + 2 (\rho - r)\, \mathrm{tr}(Q G) + (\rho - r)^2 (\mathrm{tr}(Q G G') + \kappa)

and the estimator tends to its minimiser as T grows, while the log-determinant stays that of N
units although the squares are those of N - 1: this is the bias. It depends on W and rho alone
where :math:`\kappa = 0`. Regressors add :math:`\kappa`, the mean square of what they explain of
:math:`G X b` beyond themselves, over the error variance; a Durbin model has :math:`W X` among its
regressors, which leaves only terms of the second order in W, :math:`W^2 X (\theta + \rho \beta)` first: small
unless :math:`\theta + \rho \beta` is large against the error. Of a spatial error model
:math:`\lambda` has the same criterion with :math:`\kappa = 0`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from analysis.errors import DomainError
from analysis.inference.resampling import SAYS
from analysis.panel import FloatArray
from analysis.resources import refuse
from analysis.spatial.operator import DenseOperator
from analysis.weights import Weights, as_weights

EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class ImpliedRho:
    """The true rho for which an uncorrected estimate stands.

    Attributes
    ----------
    printed, std_error : float
        The estimate and its standard error; NaN where none was given.
    truth : float
        The rho at which maximum likelihood with year effects tends to `printed`.
    lower, upper : float
        What the ends of the estimate's interval stand for; an end beyond every estimate that a rho
        in its interval leads to stands for the end of that interval.
    """

    printed: float
    std_error: float
    truth: float
    lower: float
    upper: float


class _Criterion:
    """The expected criterion for one W."""

    def __init__(self, weights: Weights, signal: float) -> None:
        weights = as_weights(weights)
        weights.require_row_standardised("year effects to vanish from the likelihood")
        self.w, self.signal, self.name = weights.dense(), signal, weights.name
        self.operator = operator = DenseOperator(replace(weights, matrix=self.w))
        low, high = operator.bounds
        self.low, self.high = low + EDGE * (high - low), high - EDGE * (high - low)
        self.grid = np.linspace(self.low, self.high, 201)
        self.log_dets = operator.log_det(self.grid)

    def estimate(self, rho: float) -> float:
        """Return what the estimator tends to where the truth is `rho`."""
        n = len(self.w)
        g = self.w @ np.linalg.inv(np.eye(n) - rho * self.w)
        g = g - g.mean(axis=0)
        slope, curve = float(np.trace(g)), float((g**2).sum()) + self.signal

        def squares(r: FloatArray | float) -> FloatArray | float:
            return n - 1 + 2 * (rho - r) * slope + (rho - r) ** 2 * curve

        def derivative(r: float) -> float:
            by_squares = n * (slope + (rho - r) * curve) / squares(r)
            return float(self.operator.trace_g(r) - by_squares)

        at = int(np.argmin(n / 2 * np.log(squares(self.grid)) - self.log_dets))
        left, right = self.grid[[max(at - 1, 0), min(at + 1, len(self.grid) - 1)]]
        if derivative(left) >= 0 or derivative(right) <= 0:
            return float(left if derivative(left) >= 0 else right)
        return float(brentq(derivative, left, right, xtol=1e-14))


def expected_rho(weights: Weights, rho: float, signal: float = 0.0) -> float:
    """Value to which maximum likelihood with city and year dummies tends, uncorrected.

    Parameters
    ----------
    weights : Weights
        Row-standardised.
    rho : float
        The truth.
    signal : float
        Mean over years of the squared length of what the regressors explain of ``W y`` beyond
        themselves, over the error variance: 0 without regressors, small in a Durbin model unless
        ``theta + rho beta`` is large against sigma.

    Raises
    ------
    NotRowStandardisedError, DomainError
        Rows of W do not sum to one; rho lies outside its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.weights import inverse_distance
    >>> grid = pd.DataFrame({"lon": [0., 1, 2, 0, 1, 2], "lat": [40., 40, 40, 41, 41, 41]})
    >>> w = inverse_distance(grid.set_index(pd.Index(list("abcdef"))))
    >>> round(expected_rho(w, 0.3), 3)
    -1.329
    """
    criterion = _Criterion(weights, signal)
    outside = not criterion.low <= rho <= criterion.high
    refuse(DomainError, SAYS, {"outside": outside}, rho=rho, criterion=criterion)
    return criterion.estimate(rho)


def implied_rho(
    weights: Weights, printed: float, std_error: float = np.nan, level: float = 0.95,
    signal: float = 0.0,
) -> ImpliedRho:  # fmt: skip
    """Read a printed, uncorrected rho of a model with year effects for the truth behind it.

    Parameters
    ----------
    weights : Weights
        Row-standardised; those of the printed model.
    printed, std_error : float
        The estimate of maximum likelihood with city and year dummies, and its standard error.
    level : float
        Of the interval.
    signal : float
        As for :func:`expected_rho`.

    Raises
    ------
    NotRowStandardisedError, DomainError
        Rows of W do not sum to one; no rho leads to such an estimate with this W.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.weights import inverse_distance
    >>> grid = pd.DataFrame({"lon": [0., 1, 2, 0, 1, 2], "lat": [40., 40, 40, 41, 41, 41]})
    >>> w = inverse_distance(grid.set_index(pd.Index(list("abcdef"))))
    >>> round(implied_rho(w, expected_rho(w, 0.3)).truth, 6)
    0.3
    """
    criterion = _Criterion(weights, signal)
    least, most = criterion.estimate(criterion.low), criterion.estimate(criterion.high)
    words = {"printed": printed, "criterion": criterion, "least": least, "most": most}
    refuse(DomainError, SAYS, {"unreached": not least <= printed <= most}, **words)

    def invert(value: float) -> float:
        if np.isnan(value):
            return value
        value, ends = np.clip(value, least, most), (criterion.low, criterion.high)
        return float(brentq(lambda rho: criterion.estimate(rho) - value, *ends, xtol=1e-13))

    reach = norm.ppf((1 + level) / 2) * std_error
    truth, lower, upper = map(invert, (printed, printed - reach, printed + reach))
    return ImpliedRho(printed, std_error, truth, lower, upper)


def readings(
    matrices: Mapping[str, Weights], printed: float, std_error: float = np.nan
) -> pd.DataFrame:
    """Read one printed rho on several matrices.

    Parameters
    ----------
    matrices : mapping of str to Weights
    printed, std_error : float
        As for :func:`implied_rho`.

    Returns
    -------
    DataFrame
        By matrix: truth, lower, upper, and what zero is printed as; a row of missing values where
        no rho leads to such an estimate.
    """
    table = pd.DataFrame(np.nan, list(matrices), ["truth", "lower", "upper", "zero"])
    for name, weights in matrices.items():
        table.loc[name, "zero"] = expected_rho(weights, 0.0)
        with suppress(DomainError):
            found = implied_rho(weights, printed, std_error)
            table.loc[name, ["truth", "lower", "upper"]] = found.truth, found.lower, found.upper
    return table
