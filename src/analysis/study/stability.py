"""Where given dynamic parameters stand on a weight matrix, without any estimation."""

import numpy as np

from analysis.audit.effects import largest_modulus
from analysis.weights import Weights


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
    >>> import pandas as pd
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
