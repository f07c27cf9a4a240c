"""What depends on W alone, computed once per W: spectrum, log-determinants, traces, multipliers.

Notation: ``S(r) = I - r W`` and ``G(r) = W S(r)^{-1}``. With time effects and a row-standardised W the
unit eigenvalue belongs to the common trend; `centred` quantities leave it out. They are those of
``F' W F`` with F orthonormal to ones, without forming F: ``F'S = (F'SF)F'`` since W 1 = 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import SuperLU, eigs, eigsh, splu

from analysis.weights import Weights

FloatArray = NDArray[np.float64]

_SYMMETRY_TOLERANCE = 1e-10
_TRACE_SEED = 20_090_131
_TRACE_WORK = 200_000


class SpatialOperator(ABC):
    """What the estimators ask of a weight matrix."""

    def __init__(self, weights: Weights) -> None:
        self.n = weights.n
        self.row_standardised = weights.is_row_standardised
        self.matrix = weights.matrix

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Open interval of r around zero in which S(r) is regular."""

    @abstractmethod
    def log_det(self, r: float, centred: bool = False) -> float:
        """ln |S(r)|, without the unit eigenvalue where `centred`."""

    @abstractmethod
    def trace_g(self, r: float, centred: bool = False) -> float:
        """Trace of G(r)."""

    @abstractmethod
    def trace_gg(self, r: float, centred: bool = False) -> float:
        """Trace of G(r) G(r)."""

    @abstractmethod
    def trace_gtg(self, r: float, centred: bool = False) -> float:
        """Trace of G(r)' G(r)."""

    @abstractmethod
    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """S(r)^{-1} applied to each year of an array of shape (T, N)."""

    def apply_g(self, r: float, values: FloatArray) -> FloatArray:
        """G(r) applied to each year of an array of shape (T, N)."""
        return self.lag(self.solve(r, values))

    def lag(self, values: FloatArray) -> FloatArray:
        """W applied to each year of an array of shape (T, N) or (T, N, K)."""
        years, cities = values.shape[:2]
        flat = np.moveaxis(values, 1, 0).reshape(cities, -1)
        lagged = np.asarray(self.matrix @ flat).reshape(cities, years, *values.shape[2:])
        return np.moveaxis(lagged, 0, 1)

    def row_means(self, r: float) -> tuple[float, float]:
        """Mean row sums of G(r) and of its derivative G(r) G(r)."""
        if self.row_standardised:
            return 1 / (1 - r), 1 / (1 - r) ** 2
        first = self.apply_g(r, np.ones((1, self.n)))
        return float(first.mean()), float(self.apply_g(r, first).mean())


class DenseOperator(SpatialOperator):
    """Exact spectrum of a dense W (Ord 1975).

    If ``W = D^{-1} C`` with C symmetric, W is similar to a symmetric matrix and every trace costs at
    most O(N^2) once its eigenvectors are known; otherwise quantities beyond the eigenvalues cost one
    inverse.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._last: tuple[float, FloatArray] | None = None

    @cached_property
    def _scale(self) -> FloatArray | None:
        return symmetrising_scale(self.matrix)

    @cached_property
    def _decomposition(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        assert self._scale is not None
        root = np.sqrt(self._scale)
        symmetric = root[:, None] * self.matrix / root
        values, vectors = linalg.eigh((symmetric + symmetric.T) / 2, driver="evd")
        return values, vectors, root

    @property
    def is_symmetrisable(self) -> bool:
        """Whether W is similar to a symmetric matrix by a diagonal scaling."""
        return self._scale is not None

    @cached_property
    def eigenvalues(self) -> NDArray:
        """All N eigenvalues; real where W is similar to a symmetric matrix."""
        if self.is_symmetrisable:
            return self._decomposition[0]
        return linalg.eigvals(self.matrix)

    @cached_property
    def largest_eigenvalue(self) -> float:
        """The largest real part of an eigenvalue, which is one where rows sum to one."""
        return 1.0 if self.row_standardised else float(np.real(self.eigenvalues).max())

    @cached_property
    def centred_eigenvalues(self) -> NDArray:
        """The eigenvalues without the unit one."""
        return np.delete(self.eigenvalues, np.argmin(np.abs(self.eigenvalues - 1)))

    def spectrum(self, centred: bool = False) -> NDArray:
        """Eigenvalues, without the unit one where `centred`."""
        return self.centred_eigenvalues if centred else self.eigenvalues

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """See :class:`SpatialOperator`."""
        real = np.real(self.eigenvalues[np.abs(np.imag(self.eigenvalues)) < 1e-12])
        low = (
            1 / real.min() if real.size and real.min() < 0 else -1 / np.abs(self.eigenvalues).max()
        )
        return float(low), float(1 / real.max())

    def log_det(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        return float(np.log(np.abs(1 - r * self.spectrum(centred))).sum())

    def log_dets(self, grid: FloatArray, centred: bool = False) -> FloatArray:
        """Log-determinants at many points."""
        return np.log(np.abs(1 - np.outer(grid, self.spectrum(centred)))).sum(axis=1)

    def trace_g(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        w = self.spectrum(centred)
        return float(np.real(w / (1 - r * w)).sum())

    def trace_gg(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        w = self.spectrum(centred)
        return float(np.real((w / (1 - r * w)) ** 2).sum())

    @cached_property
    def _gram(self) -> FloatArray:
        _, vectors, root = self._decomposition
        heavy = (vectors * (root**2)[:, None]).T @ vectors
        heavy *= (vectors / (root**2)[:, None]).T @ vectors
        return heavy

    def _filter(self, r: float) -> FloatArray:
        values = self._decomposition[0]
        return values / (1 - r * values)

    def g(self, r: float) -> FloatArray:
        """G(r) itself, shape (N, N)."""
        if self._last is None or self._last[0] != r:
            s = np.eye(self.n) - r * self.matrix
            self._last = (r, linalg.solve(s.T, self.matrix.T).T)
        return self._last[1]

    def column_sums(self, r: float) -> FloatArray:
        """1' G(r), shape (N,)."""
        if self.is_symmetrisable:
            _, vectors, root = self._decomposition
            return (vectors @ (self._filter(r) * (vectors.T @ (1 / root)))) * root
        return self.g(r).sum(axis=0)

    def trace_gtg(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        if self.is_symmetrisable:
            f = self._filter(r)
            total = float(f @ self._gram @ f)
        else:
            total = float((self.g(r) ** 2).sum())
        return total - float((self.column_sums(r) ** 2).sum()) / self.n if centred else total

    def diagonal(self, r: float, centred: bool = False) -> FloatArray:
        """Diagonal of G(r), or of (I - 11'/N) G(r) where `centred`."""
        if self.is_symmetrisable:
            diagonal = self._decomposition[1] ** 2 @ self._filter(r)
        else:
            diagonal = np.diag(self.g(r)).copy()
        return diagonal - self.column_sums(r) / self.n if centred else diagonal

    def _spectral(self, f: FloatArray, values: FloatArray) -> FloatArray:
        _, vectors, root = self._decomposition
        return ((((values * root) @ vectors) * f) @ vectors.T) / root

    def apply_g(self, r: float, values: FloatArray) -> FloatArray:
        """See :class:`SpatialOperator`."""
        if self.is_symmetrisable:
            return self._spectral(self._filter(r), values)
        return values @ self.g(r).T

    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """See :class:`SpatialOperator`."""
        if self.is_symmetrisable:
            return self._spectral(1 / (1 - r * self._decomposition[0]), values)
        return linalg.solve(np.eye(self.n) - r * self.matrix, values.T).T


class SparseOperator(SpatialOperator):
    """Exact log-determinants by sparse LU; for thousands of cities with few neighbours each.

    Traces of G and GG are derivatives of the log-determinant (central differences of exact values);
    tr G'G is estimated with fixed random probes, 200,000 / N of them and at least 16, so the standard
    errors of spatial parameters carry a relative error of a few thousandths.
    """

    _STEP = 1e-3

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._identity = sparse.eye_array(self.n, format="csc")
        self._csc = sparse.csc_array(self.matrix)
        self._log_dets: dict[float, float] = {}
        self._factor: tuple[float, SuperLU] | None = None

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Interval of r searched, inside the regular one.

        (-1, 1) for a row-standardised W, else from the largest eigenvalue and, where W is
        symmetric, the smallest.
        """
        if self.row_standardised or self.n < 3:
            reach = 1 / float(self.matrix.sum(axis=1).max())
            return -reach, reach
        start = np.ones(self.n)
        symmetric = abs(self.matrix - self.matrix.T).max() == 0
        if symmetric:
            ends = [
                eigsh(self.matrix, k=1, which=end, v0=start, return_eigenvectors=False)[0]
                for end in ("SA", "LA")
            ]
            return float(1 / ends[0]), float(1 / ends[1])
        top = eigs(self.matrix, k=1, which="LR", v0=start, return_eigenvectors=False)[0]
        return float(-1 / top.real), float(1 / top.real)

    def _lu(self, r: float) -> SuperLU:
        if self._factor is None or self._factor[0] != r:
            self._factor = (r, splu(self._identity - r * self._csc))
        return self._factor[1]

    def log_det(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        if r not in self._log_dets:
            pivots = self._lu(r).U.diagonal()
            self._log_dets[r] = float(np.log(np.abs(pivots)).sum())
        return self._log_dets[r] - (np.log(1 - r) if centred else 0.0)

    def _around(self, r: float, centred: bool) -> tuple[FloatArray, float]:
        """Log-determinants at r-2h, r-h, r, r+h, r+2h, and h."""
        low, high = self.bounds
        step = min(self._STEP, 0.2 * min(r - low, high - r))
        return np.array([self.log_det(r + k * step, centred) for k in (-2, -1, 0, 1, 2)]), step

    def trace_g(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        values, step = self._around(r, centred)
        return float(-(values @ [1, -8, 0, 8, -1])) / (12 * step)

    def trace_gg(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        values, step = self._around(r, centred)
        return float(-(values @ [-1, 16, -30, 16, -1])) / (12 * step**2)

    @cached_property
    def _probes(self) -> FloatArray:
        rng = np.random.default_rng(_TRACE_SEED)
        return rng.choice([-1.0, 1.0], size=(max(16, _TRACE_WORK // self.n), self.n))

    def trace_gtg(self, r: float, centred: bool = False) -> float:
        """See :class:`SpatialOperator`."""
        image = self.apply_g(r, self._probes)
        if centred:
            image = image - image.mean(axis=1, keepdims=True)
        return float((image**2).sum(axis=1).mean())

    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """See :class:`SpatialOperator`."""
        return self._lu(r).solve(np.ascontiguousarray(values.T)).T


def symmetrising_scale(matrix: FloatArray) -> FloatArray | None:
    """Positive d with ``d_i w_ij = d_j w_ji`` for all pairs, if there is one.

    A row-standardised symmetric matrix has d equal to its original row sums up to a factor.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Non-negative.

    Returns
    -------
    ndarray, shape (N,), or None

    Examples
    --------
    >>> symmetrising_scale(np.array([[0, 1.0, 0], [0.5, 0, 0.5], [0, 1.0, 0]]))
    array([1., 2., 1.])
    >>> symmetrising_scale(np.array([[0, 1.0, 0], [0, 0, 1.0], [1.0, 0, 0]])) is None
    True
    """
    n = len(matrix)
    if ((matrix > 0) != (matrix.T > 0)).any():
        return None
    log_scale = np.full(n, np.nan)
    graph = sparse.csr_array(matrix)
    for root in range(n):
        if not np.isnan(log_scale[root]):
            continue
        log_scale[root] = 0.0
        order, parents = breadth_first_order(graph, root, directed=False)
        for node in order[1:]:
            parent = parents[node]
            log_scale[node] = log_scale[parent] + np.log(
                matrix[parent, node] / matrix[node, parent]
            )
    scale = np.exp(log_scale)
    flow = scale[:, None] * matrix
    if np.abs(flow - flow.T).max() > _SYMMETRY_TOLERANCE * flow.max():
        return None
    return scale


_operators: WeakKeyDictionary[Weights, DenseOperator | SparseOperator] = WeakKeyDictionary()


def operator_of(weights: Weights) -> DenseOperator | SparseOperator:
    """Return the operator of a weight matrix, built at its first use and kept while W lives."""
    if weights not in _operators:
        _operators[weights] = (
            SparseOperator(weights) if weights.is_sparse else DenseOperator(weights)
        )
    return _operators[weights]
