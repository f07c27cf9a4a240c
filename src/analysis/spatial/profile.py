"""The likelihood as a function of the spatial parameter alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.errors import SpecificationError
from analysis.spatial.likelihood import FREE, Likelihood
from analysis.spatial.results import Fit


def profile(fit: Fit, values: Iterable[float]) -> pd.Series:
    """Log-likelihood at fixed values of rho (or lambda), all else at its best.

    Parameters
    ----------
    fit : Fit
        A model with one spatial parameter and fixed effects or none.
    values : iterable of float
        Inside the interval on which I - rho W is invertible.

    Returns
    -------
    Series
        Log-likelihood by value; its maximum over all values is ``fit.loglik``.

    Raises
    ------
    SpecificationError
        If the model has no spatial parameter, two of them, or random effects, or a value lies
        outside the interval.

    Notes
    -----
    Values whose log-likelihood is less than 1.92 below the maximum form the 95 % interval of the
    likelihood ratio test. Bias corrections come after the maximisation and are not in it.

    Examples
    --------
    >>> from analysis.spatial import fit
    >>> from analysis.papers.validation import CIGARETTES, cigarettes
    >>> panel, weights = cigarettes()
    >>> found = fit(panel, CIGARETTES, weights)
    >>> bool(profile(found, [found.params["rho"]]).iloc[0] - found.loglik < 1e-9)
    True
    """
    spec = fit.specification
    if spec.is_random or spec.has_spatial_lag == spec.has_spatial_error:
        raise SpecificationError(
            f"a profile needs one spatial parameter and no random effects; this is a {spec.label}"
        )
    ((parameter, operator),) = fit._problem.log_dets
    low, high = operator.bounds
    grid, which = np.array(list(values), dtype=float), FREE[parameter]
    outside = grid[~((low < grid) & (grid < high))]
    if outside.size:
        raise SpecificationError(
            f"{which}={outside[0]:.4g}: choose values inside ({low:.4g}, {high:.4g})"
        )
    theta = np.tile([0.0, 0.0, 1.0], (len(grid), 1))
    theta[:, list(FREE).index(parameter)] = grid
    found = Likelihood(fit._problem).value(theta)
    return pd.Series(found, index=pd.Index(grid, name=which), name="loglik")
