"""One function that estimates every member of the family."""

import warnings
from typing import Any

import pandas as pd

from analysis.errors import FewClustersWarning
from analysis.panel import Panel
from analysis.spatial.correction import correct, warn_near_unit_roots
from analysis.spatial.design import Design, build, problem_of
from analysis.spatial.estimates import FEW_CLUSTERS
from analysis.spatial.formula import asked
from analysis.spatial.likelihood import maximise
from analysis.spatial.results import Fit
from analysis.spatial.specification import Specification
from analysis.spatial.threads import one_blas_thread


@one_blas_thread
def fit(
    panel: Panel | pd.DataFrame,
    specification: Specification | str,
    weights: Any,
    error_weights: Any = None,
    **options: Any,
) -> Fit:
    """Estimate a spatial panel model by (quasi) maximum likelihood.

    Parameters
    ----------
    panel : Panel or DataFrame
        Balanced. A frame has the units in the first level of its index and the periods in the
        second, or columns called unit and period (or city and year); :meth:`Panel.from_frame` takes
        other names, and its result saves the checks of a second fit.
    specification : Specification or str
        Model, effects, estimator and standard errors; or a formula such as
        ``"y ~ log(x) + x^2 + L.z + x:z + C(region)"``, with the rest in `options`.
    weights : Weights, libpysal.weights.W or libpysal.graph.Graph
        Matrix of the spatial lags, used as it stands and put into the panel's order by its labels.
        Keep one `Weights` between fits: its spectrum is computed once.
    error_weights : optional
        Matrix of the error process; `weights` by default.
    **options
        Of a :class:`Specification`, where a formula is given.

    Returns
    -------
    Fit

    Raises
    ------
    UnitMismatchError, IslandError, NotRowStandardisedError
        If W does not suit the panel or the estimator.
    NonFiniteError, MissingColumnError, SampleSizeError, CollinearityError, ConstantOutcomeError
        If the data cannot carry the model.
    EstimationError, UnstableError
        If the likelihood has no interior maximum, or a correction leaves the parameter space.

    Warns
    -----
    FewClustersWarning
        If clustered standard errors rest on fewer than 30 units.
    UnitRootWarning
        If a dynamic correction divides by the distance of a root from one and that is below 1/N.

    Notes
    -----
    Static models with fixed effects use the transformation likelihood of Lee and Yu (2010), dynamic
    ones the estimator of Yu, de Jong and Lee (2008) after time effects are removed by
    transformation, both as default; see :class:`Specification` for the alternatives.

    Examples
    --------
    A frame with a two-level index and libpysal's weights:

    >>> import numpy as np, pandas as pd
    >>> from libpysal.weights import lat2W
    >>> states = pd.MultiIndex.from_product([range(16), range(2003, 2013)], names=["state", "year"])
    >>> frame = pd.DataFrame(np.random.default_rng(1).uniform(1, 2, (160, 2)), states, ["x", "y"])
    >>> W = lat2W(4, 4)
    >>> W.transform = "r"
    >>> found = fit(frame, "log(y) ~ x + x^2", W, model="sdm", effects="two-way")
    >>> list(found.params.index)
    ['x', 'x^2', 'W.x', 'W.x^2', 'rho', 'sigma2']
    >>> found.wald("x = W.x").df
    1
    """
    data, spec = asked(panel, specification, Specification, options)
    design = build(data, spec, weights, error_weights)
    if spec.std_errors == "cluster" and data.n_units < FEW_CLUSTERS:
        warnings.warn(
            f"clustered standard errors of {data.n_units} clusters ({data.unit}) come out too small; "
            f"beside t with {data.n_units - 1} degrees of freedom see analysis.inference.wild_bootstrap",
            FewClustersWarning,
            stacklevel=3,
        )
    found = fit_design(design)
    if spec.is_corrected and spec.is_dynamic and spec.has_unit_effects:
        warn_near_unit_roots(found._problem, found._maximum, spec)
    return found


def fit_design(design: Design) -> Fit:
    """Estimate from arrays: what bootstraps call, whose draws change some of them alone.

    Raises
    ------
    EstimationError, UnstableError, CollinearityError, ConstantOutcomeError
        As :func:`fit`.
    """
    spec, problem = design.specification, problem_of(design)
    maximum = maximise(problem)
    point = correct(problem, maximum, spec) if spec.is_corrected else maximum
    return Fit(design, problem, point, maximum)
