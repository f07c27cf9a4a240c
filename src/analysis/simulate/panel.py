"""Dynamic spatial panels of a stated truth."""

import numpy as np

from analysis.errors import SpecificationError
from analysis.panel import FloatArray
from analysis.weights import Weights, as_weights


def spatial_panel(
    weights: Weights, signal: FloatArray, rho: float, tau: float = 0.0, eta: float = 0.0
) -> FloatArray:
    """Outcome of ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + s_t``, from zero on.

    Parameters
    ----------
    weights : Weights
    signal : ndarray, shape (T, N)
        What regressors, effects and errors add in each period.
    rho, tau, eta : float

    Returns
    -------
    ndarray, shape (T, N)
        With tau or eta the first periods still remember the start: draw more and drop them.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.weights import k_nearest
    >>> line = pd.DataFrame({"lon": [0.0, 1, 2], "lat": 40.0}, index=list("abc"))
    >>> spatial_panel(k_nearest(line, 2), np.ones((2, 3)), rho=0.5, tau=0.25).round(2).tolist()
    [[2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]
    """
    w = as_weights(weights).dense()
    if np.shape(signal)[1:] != (len(w),):
        raise SpecificationError(
            f"signal: must be periods by {len(w)} units, is {np.shape(signal)}"
        )
    inverse = np.linalg.inv(np.eye(len(w)) - rho * w)
    y = np.zeros_like(signal)
    before = np.zeros(len(w))
    for t, now in enumerate(signal):
        before = y[t] = inverse @ (now + tau * before + eta * w @ before)
    return y
