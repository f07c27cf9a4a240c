"""One function that estimates every member of the family."""

from __future__ import annotations

from analysis.errors import SpecificationError
from analysis.panel import Panel
from analysis.spatial.correction import correct, warn_near_unit_roots
from analysis.spatial.design import build, problem_of
from analysis.spatial.likelihood import maximise
from analysis.spatial.results import Fit
from analysis.spatial.specification import Specification
from analysis.spatial.threads import one_blas_thread
from analysis.weights import Weights


@one_blas_thread
def fit(
    panel: Panel,
    specification: Specification,
    weights: Weights,
    error_weights: Weights | None = None,
) -> Fit:
    """Estimate a spatial panel model by (quasi) maximum likelihood.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        Model, effects, estimator and standard errors.
    weights : Weights
        Matrix of the spatial lags, cities in the panel's order (``weights.align(panel.units)``).
        Keep the object between fits: its spectrum is computed once.
    error_weights : Weights, optional
        Matrix of the error process; `weights` by default.

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
    UnitRootWarning
        If a dynamic correction divides by the distance of a root from one and that is below 1/N.

    Notes
    -----
    Static models with fixed effects use the transformation likelihood of Lee and Yu (2010), dynamic
    ones the estimator of Yu, de Jong and Lee (2008) after time effects are removed by
    transformation, both as default; see :class:`Specification` for the alternatives.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from analysis.weights import k_nearest
    >>> rng = np.random.default_rng(1)
    >>> geo = pd.DataFrame({"lon": rng.uniform(120, 130, 20), "lat": rng.uniform(40, 50, 20)},
    ...                    index=pd.Index([f"c{i:02}" for i in range(20)], name="city"))
    >>> frame = pd.MultiIndex.from_product([geo.index, range(2003, 2013)],
    ...                                    names=["city", "year"]).to_frame(index=False)
    >>> frame["x"], frame["y"] = rng.normal(size=200), rng.normal(size=200)
    >>> panel = Panel.from_frame(frame)
    >>> result = fit(panel, Specification("y", ["x"]), k_nearest(geo, 4))
    >>> list(result.params.index)
    ['x', 'W.x', 'rho', 'sigma2']
    """
    if not isinstance(specification, Specification):
        raise SpecificationError(
            f"specification must be a Specification, not {type(specification).__name__}"
        )
    design = build(panel, specification, weights, error_weights)
    problem = problem_of(design)
    maximum = maximise(problem)
    if not specification.is_corrected:
        return Fit(design, problem, maximum, maximum)
    if specification.is_dynamic and specification.has_unit_effects:
        warn_near_unit_roots(problem, maximum, specification)
    return Fit(design, problem, correct(problem, maximum, specification), maximum)
