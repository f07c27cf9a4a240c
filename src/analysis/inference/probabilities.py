r"""Which W, which model: posterior probabilities from marginal likelihoods (LeSage 2014).

Fixed effects are taken out by orthonormal transformations. What is left, of n units and t periods, has
the likelihood of :mod:`analysis.spatial.likelihood`. With the priors

.. math:: \beta \mid \sigma^2 \sim N(0, \sigma^2 (g Z'Z)^{-1}), \quad p(\sigma^2) \propto 1 / \sigma^2,
          \quad \rho, \lambda \sim \mathrm{Beta}(d, d) \text{ on } (-1, 1)

the slopes and the variance integrate in closed form; with :math:`A = Z_*'Z_* + g Z'Z`, the stars for
:math:`I - \lambda W` applied to outcome and regressors,

.. math:: p(y \mid \rho, \lambda) = \Gamma(\tfrac{nt}{2}) |g Z'Z|^{1/2} |A|^{-1/2} |I - r W|^t
          [\pi (y_*'y_* - y_*'Z_* A^{-1} Z_*'y_*)]^{-nt/2}

and one integral over r, rho or lambda, is left. Z has another W in it from matrix to matrix, but its
prior says each time what one observation in 1/g would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial.chebyshev import Chebyshev
from scipy import stats
from scipy.special import gammaln, logsumexp

from analysis.errors import SpecificationError, listed
from analysis.inference.resampling import SAYS
from analysis.panel import FloatArray, Panel, as_panel
from analysis.resources import refuse
from analysis.spatial.design import build, problem_of
from analysis.spatial.likelihood import Problem
from analysis.spatial.operator import DenseOperator
from analysis.spatial.specification import Specification
from analysis.weights import as_weights

CANDIDATES = ("sar", "sdm", "sem", "sdem", "slx")
_POINTS = 4001
_NODES = 80


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the data.

    Attributes
    ----------
    g : float, optional
        The prior of the slopes weighs as much as this share of the sample; ``1 / (n t)`` by
        default, one observation. 0 makes it flat, as in LeSage (2014): models with different
        numbers of regressors can then not be compared.
    shape : float
        Both parameters of the Beta law of rho and lambda on (-1, 1): 1 is uniform, larger ones
        draw to zero.
    """

    g: float | None = None
    shape: float = 1.0

    def __post_init__(self) -> None:
        if (self.g is not None and not self.g >= 0) or not self.shape > 0:
            raise SpecificationError(f"{self!r}: g must be 0 or more, shape positive")

    def __str__(self) -> str:
        slopes = "one observation" if self.g is None else f"{self.g:.2g} of the sample"
        return f"slopes: {slopes if self.g != 0 else 'flat'}; rho: Beta({self.shape:g})"


PRIOR_NOTE: str = SAYS["prior_note"]
PRIORS = (Prior(), Prior(0.01), Prior(0.1), Prior(shape=4.0))
"""The default, and others to see how much depends on it."""


@dataclass(frozen=True, eq=False)
class ModelProbabilities:
    """Posterior probabilities of every model with every W.

    Attributes
    ----------
    log_marginals : DataFrame
        Logarithm of the marginal likelihood, a row a matrix, a column a model.
    spatial : DataFrame
        Posterior mean of rho or lambda; missing for SLX.
    prior : Prior
    """

    log_marginals: pd.DataFrame
    spatial: pd.DataFrame
    prior: Prior

    @cached_property
    def table(self) -> pd.DataFrame:
        """Probability of each matrix (rows) with each model (columns); they sum to one."""
        return np.exp(self.log_marginals - logsumexp(self.log_marginals.to_numpy()))

    @property
    def of_weights(self) -> pd.Series:
        """Probability of each matrix, whatever the model."""
        return self.table.sum(axis=1).rename("probability")

    @property
    def of_models(self) -> pd.Series:
        """Probability of each model, whatever the matrix."""
        return self.table.sum().rename("probability")

    @property
    def best(self) -> tuple[str, str]:
        """Matrix and model of the largest probability."""
        matrix, model = self.table.stack().idxmax()
        return str(matrix), str(model)


def _grid(problem: Problem, shape: float) -> tuple[FloatArray, FloatArray]:
    """Points of the spatial parameter, and there t ln|I - r W| with the log prior and the step."""
    operator = problem.lag_operator or problem.error_operator
    if operator is None:
        return np.zeros(1), np.zeros(1)
    low, high = operator.bounds
    reach = min(-low, high)  # one where rows sum to one
    grid = reach * ((2 * np.arange(_POINTS) + 1) / _POINTS - 1)  # midpoints of equal steps
    if isinstance(operator, DenseOperator):
        log_dets = operator.log_det(grid, problem.centred)
    else:
        at = np.vectorize(lambda r: operator.log_det(float(r), problem.centred))
        log_dets = Chebyshev.interpolate(at, _NODES, [grid[0], grid[-1]])(grid)
    prior = stats.beta(shape, shape).logpdf((1 + grid / reach) / 2) - np.log(_POINTS)
    return grid, problem.periods * log_dets + prior


def log_marginal(problem: Problem, prior: Prior) -> tuple[float, float]:
    """Log marginal likelihood of one model, and the posterior mean of rho or lambda."""
    k, n = problem.z.shape[-1], problem.n_obs
    z, y, wy = np.split(problem.columns.reshape(-1, k + 2), [k, k + 1], axis=1)
    mz, my, _ = np.split(problem.lagged.reshape(-1, k + 2), [k, k + 1], axis=1)
    y, wy, my = y.ravel(), wy.ravel(), my.ravel()
    scale = np.linalg.norm(z, axis=0)
    z, mz = z / scale, mz / scale
    own = z.T @ z
    g = 1 / n if prior.g is None else prior.g
    grid, weight = _grid(problem, prior.shape)
    r = grid[:, None]
    if problem.error_operator is None:  # the outcome alone is lagged
        mz, my = np.zeros_like(z), wy
    cross = z.T @ mz
    A = (1 + g) * own - r[..., None] * (cross + cross.T) + r[..., None] ** 2 * (mz.T @ mz)
    crossed = z.T @ y - r * (mz.T @ y + z.T @ my) + r**2 * (mz.T @ my)
    squares = y @ y - 2 * grid * (y @ my) + grid**2 * (my @ my)
    left = squares - (crossed * np.linalg.solve(A, crossed[..., None])[..., 0]).sum(axis=1)
    df = n if g else n - k
    value = weight - np.linalg.slogdet(A)[1] / 2 - df / 2 * np.log(left)
    constant = gammaln(df / 2) - df / 2 * np.log(np.pi)
    constant += (np.linalg.slogdet(own)[1] + k * np.log(g)) / 2 if g else -np.log(scale).sum()
    total = float(logsumexp(value))
    return constant + total, float(np.exp(value - total) @ grid)


def model_probabilities(
    panel: Panel | pd.DataFrame, specification: Specification, weights: Mapping[str, Any] | Any,
    models: Sequence[str] = CANDIDATES, prior: Prior | None = None,
) -> ModelProbabilities:  # fmt: skip
    """Posterior probabilities of models and weight matrices, all equally likely before.

    Parameters
    ----------
    panel : Panel or DataFrame
    specification : Specification
        Outcome, regressors, lags and effects; its model is replaced by each of `models`.
    weights : mapping of name to Weights, or Weights
        The matrices that compete.
    models : sequence of str
        Some of "ols", "slx", "sar", "sdm", "sem", "sdem".
    prior : Prior, optional

    Returns
    -------
    ModelProbabilities

    Raises
    ------
    SpecificationError
        For random effects, models with two spatial parameters, or a flat prior over models with
        different numbers of regressors.
    AnalysisError
        As for :func:`analysis.spatial.fit`.

    Notes
    -----
    With lags of the outcome the likelihood is conditional on the first period, and the effects' bias
    of order 1/T is in it. The probabilities say which of these models the data favour, not that
    one of them is true.

    Examples
    --------
    >>> from analysis.weights import inverse_distance, k_nearest
    >>> rng = np.random.default_rng(0)
    >>> names = pd.Index([f"c{i}" for i in range(20)], name="city")
    >>> geo = pd.DataFrame({"lon": rng.uniform(0, 9, 20), "lat": rng.uniform(40, 49, 20)}, names)
    >>> near, all_of_them = k_nearest(geo, 3), inverse_distance(geo)
    >>> x = rng.normal(size=(20, 9))
    >>> y = np.linalg.solve(np.eye(20) - 0.6 * near.matrix, x + rng.normal(size=(20, 9)))
    >>> rows = pd.MultiIndex.from_product([names, range(9)], names=["city", "year"])
    >>> frame = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, rows)
    >>> found = model_probabilities(
    ...     frame, Specification("y", ["x"]), {"near": near, "all": all_of_them})
    >>> found.best
    ('near', 'sar')
    """
    prior = prior or Prior()
    panel = as_panel(panel)
    matrices = weights if isinstance(weights, Mapping) else {"W": weights}
    wrong = [model for model in models if model not in ("ols", *CANDIDATES)]
    asked = listed(wrong) or specification.effects
    refuse(SpecificationError, SAYS, {"models": wrong or specification.is_random}, wrong=asked)
    marginals = pd.DataFrame(index=pd.Index(list(matrices), name="weights"), columns=list(models))
    spatial, sizes = marginals.copy(), set()
    for (name, matrix), model in ((w, m) for w in matrices.items() for m in models):
        problem = _problem(panel, specification, as_weights(matrix), model)
        sizes.add(problem.z.shape[-1])
        marginals.loc[name, model], mean = log_marginal(problem, prior)
        spatial.loc[name, model] = mean if problem.free else np.nan
    refuse(SpecificationError, SAYS, {"flat": prior.g == 0 and len(sizes) > 1})
    return ModelProbabilities(marginals.astype(float), spatial.astype(float), prior)


def _problem(panel: Panel, specification: Specification, weights: Any, model: str) -> Problem:
    plain = replace(
        specification, model=model, durbin=None, estimator="transformation", std_errors="information",
        within_order="weights-first",
    )  # fmt: skip
    if plain.has_durbin_terms:
        plain = replace(plain, durbin=specification.durbin)
    problem = problem_of(build(panel, plain, weights))
    # The transformation takes a period from dynamic models as well.
    return replace(problem, periods=len(problem.y) - plain.has_unit_effects)


def sensitivity(
    panel: Panel | pd.DataFrame, specification: Specification, weights: Mapping[str, Any] | Any,
    priors: Sequence[Prior] = PRIORS,
) -> pd.DataFrame:  # fmt: skip
    """Probabilities of matrices and of models under several priors.

    Returns
    -------
    DataFrame
        A row a prior; columns ("matrix", name) and ("model", name).
    """
    rows = {}
    for prior in priors:
        found = model_probabilities(panel, specification, weights, prior=prior)
        rows[str(prior)] = pd.concat({"matrix": found.of_weights, "model": found.of_models})
    return pd.DataFrame(rows).T.rename_axis("prior")
