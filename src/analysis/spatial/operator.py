"""What depends on W alone, computed once per W: spectrum, log-determinants, traces, multipliers.

Notation: ``S(r) = I - r W`` and ``G(r) = W S(r)^{-1}``. With time effects and a row-standardised W the
unit eigenvalue belongs to the common trend; `centred` quantities leave it out. They are those of
``F' W F`` with F orthonormal to ones, without forming F: ``F'S = (F'SF)F'`` since W 1 = 1.
"""

from functools import cached_property
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse
from scipy.linalg import lapack
from scipy.sparse.linalg import SuperLU, eigs, eigsh, splu

from analysis.panel import FloatArray
from analysis.weights import Weights

_SYMMETRY_TOLERANCE = 1e-10
_INVERSES = 2
"""Inverses of a symmetrisable W before its eigenvectors are computed."""
_NEAR = 0.05
"""Distance of r from zero below which G(r) is a product: the difference of inverse and I loses digits."""
_EXACT = 2000
"""Units up to which the traces of a sparse W are exact."""
_PROBES = 16
"""Random probes behind traces beyond."""
_SEED = 20_090_131


class _Operator:
    """What dense and sparse matrices have in common."""

    def __init__(self, weights: Weights) -> None:
        self.n = weights.n
        self.row_standardised = weights.is_row_standardised
        self.matrix = weights.matrix

    def lag(self, values: FloatArray) -> FloatArray:
        """W applied to each year of an array of shape (T, N) or (T, N, K)."""
        if values.ndim == 2:
            return np.asarray(self.matrix @ values.T).T
        each = np.moveaxis(values, -1, 0)
        return np.moveaxis(self.lag(each.reshape(-1, self.n)).reshape(each.shape), 0, -1)

    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """S(r)^{-1} applied to each year of an array of shape (T, N)."""
        raise NotImplementedError

    def apply_g(self, r: float, values: FloatArray) -> FloatArray:
        """G(r) applied to each year of an array of shape (T, N)."""
        return self.lag(self.solve(r, values))

    def row_means(self, r: float) -> tuple[float, float]:
        """Mean row sums of G(r) and of its derivative G(r) G(r)."""
        if self.row_standardised:
            return 1 / (1 - r), 1 / (1 - r) ** 2
        first = self.apply_g(r, np.ones((1, self.n)))
        return float(first.mean()), float(self.apply_g(r, first).mean())


class DenseOperator(_Operator):
    """Exact spectrum of a dense W (Ord 1975).

    If ``W = D^{-1} C`` with C symmetric, W is similar to a symmetric matrix and every trace costs at
    most O(N^2) once its eigenvectors are known; otherwise quantities beyond the eigenvalues cost one
    inverse.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._last: tuple[float, FloatArray] | None = None
        self._inverses = 0

    @cached_property
    def _similar(self) -> tuple[FloatArray, FloatArray]:
        return symmetrised(self.matrix) or (self.matrix, np.ones(self.n))

    @property
    def is_symmetrisable(self) -> bool:
        """Whether W is similar to a symmetric matrix by a diagonal scaling."""
        return self._similar[0] is not self.matrix

    @property
    def _scaled(self) -> FloatArray:
        """The symmetric matrix that W is similar to; W itself where there is none."""
        return self._similar[0]

    @property
    def _root(self) -> FloatArray:
        """The scaling that makes W symmetric; ones where there is none."""
        return self._similar[1]

    @cached_property
    def _decomposition(self) -> tuple[FloatArray, FloatArray]:
        values, vectors = np.linalg.eigh(self._scaled)
        return values, vectors

    def _by_vectors(self, r: float) -> bool:
        """Whether eigenvectors serve at r: they cost five inverses, which a single fit does not need."""
        if not self.is_symmetrisable:
            return False
        kept = self._last is not None and self._last[0] == r
        return "_decomposition" in vars(self) or not (kept or self._inverses < _INVERSES)

    @cached_property
    def eigenvalues(self) -> NDArray:
        """All N eigenvalues; real where W is similar to a symmetric matrix."""
        find = np.linalg.eigvalsh if self.is_symmetrisable else linalg.eigvals
        return find(self._scaled)

    @cached_property
    def _centred_eigenvalues(self) -> NDArray:
        w = self.eigenvalues
        return w[np.arange(len(w)) != np.abs(w - 1).argmin()]

    def spectrum(self, centred: bool = False) -> NDArray:
        """Eigenvalues, without the unit one where `centred`."""
        return self._centred_eigenvalues if centred else self.eigenvalues

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Open interval of r around zero in which S(r) is regular."""
        w = self.eigenvalues
        real = np.real(w[np.abs(np.imag(w)) < 1e-12])
        low = real.min() if real.size and real.min() < 0 else -np.abs(w).max()
        return float(1 / low), float(1 / real.max())

    def log_det(self, r: ArrayLike, centred: bool = False) -> FloatArray:
        """ln |S(r)| at each r, without the unit eigenvalue where `centred`."""
        return np.log(np.abs(1 - np.multiply.outer(r, self.spectrum(centred)))).sum(axis=-1)

    rough_log_det = log_det

    def trace_g(self, r: ArrayLike, centred: bool = False) -> FloatArray:
        """Trace of G(r) at each r."""
        w = self.spectrum(centred)
        return np.real(w / (1 - np.multiply.outer(r, w))).sum(axis=-1)

    def traces(self, r: float, centred: bool = False) -> tuple[float, float]:
        """Traces of G(r) and of its square at one r."""
        w = self.spectrum(centred)
        g = w / (1 - r * w)
        return float(g.sum().real), float((g @ g).real)

    @cached_property
    def _gram(self) -> FloatArray:
        vectors, root = self._decomposition[1], self._root
        heavy, light = vectors * root[:, None], vectors / root[:, None]
        return (heavy.T @ heavy) * (light.T @ light)

    def _filter(self, r: float) -> FloatArray:
        values = self._decomposition[0]
        return values / (1 - r * values)

    def _spectral(self, f: FloatArray, rows: FloatArray) -> FloatArray:
        vectors = self._decomposition[1]
        return ((rows @ vectors) * f) @ vectors.T

    def _scaled_g(self, r: float) -> FloatArray:
        """G(r) in the coordinates of the scaling, shape (N, N)."""
        if self._last is None or self._last[0] != r:
            self._last = (r, _g(self._scaled, r, self.is_symmetrisable))
            self._inverses += 1
        return self._last[1]

    def g(self, r: float) -> FloatArray:
        """G(r) itself, shape (N, N)."""
        return self._scaled_g(r) / self._root[:, None] * self._root

    def _column_sums(self, r: float) -> FloatArray:
        if self._by_vectors(r):
            return self._spectral(self._filter(r), 1 / self._root) * self._root
        return (1 / self._root) @ self._scaled_g(r) * self._root

    def trace_gtg(self, r: float, centred: bool = False) -> float:
        """Trace of G(r)' G(r)."""
        if self._by_vectors(r):
            f = self._filter(r)
            total = float(f @ self._gram @ f)
        else:
            total = float(self._root**-2 @ self._scaled_g(r) ** 2 @ self._root**2)
        return total - float((self._column_sums(r) ** 2).sum()) / self.n if centred else total

    def trace_error(self, r: float, centred: bool = False) -> float:
        """Relative standard error of :meth:`trace_gtg`, which is exact."""
        return 0.0

    def diagonal(self, r: float, centred: bool = False) -> FloatArray:
        """Diagonal of G(r), or of (I - 11'/N) G(r) where `centred`."""
        if self._by_vectors(r):
            diagonal = self._decomposition[1] ** 2 @ self._filter(r)
        else:
            diagonal = np.diag(self._scaled_g(r)).copy()
        return diagonal - self._column_sums(r) / self.n if centred else diagonal

    def apply_g(self, r: float, values: FloatArray) -> FloatArray:
        """G(r) applied to each year of an array of shape (T, N)."""
        rows = values * self._root
        if self._by_vectors(r):
            return self._spectral(self._filter(r), rows) / self._root
        return rows @ self._scaled_g(r).T / self._root

    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """S(r)^{-1} applied to each year of an array of shape (T, N)."""
        if self.is_symmetrisable:
            f = 1 / (1 - r * self._decomposition[0])
            return self._spectral(f, values * self._root) / self._root
        return linalg.solve(np.eye(self.n) - r * self.matrix, values.T).T


def _g(matrix: FloatArray, r: float, symmetric: bool) -> FloatArray:
    """``A (I - r A)^{-1}``, of a symmetric A by Cholesky's factor where that exists."""
    s = matrix * -r
    s.flat[:: len(s) + 1] += 1.0
    half, failed = lapack.dpotrf(s.T, lower=True) if symmetric else (None, True)
    if failed:
        return np.asarray(np.linalg.solve(s.T, matrix.T).T)
    lower, _ = lapack.dpotri(half, lower=True, overwrite_c=True)
    inverse = lower + lower.T
    inverse.flat[:: len(s) + 1] /= 2
    if abs(r) < _NEAR:
        return matrix @ inverse
    inverse.flat[:: len(s) + 1] -= 1.0
    inverse /= r
    return inverse


class SparseOperator(_Operator):
    """Exact log-determinants by sparse LU; for thousands of cities with few neighbours each.

    Around a point that is asked for, seven of them make a polynomial; its derivatives are minus the
    traces of G and GG, to six digits and more. tr G'G is exact up to 2,000 units. Beyond, random
    probes estimate how far it lies from that of ``W + r W W``, which is known.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._csc = sparse.csc_array(self.matrix)
        self._pieces: list[Chebyshev] = []
        self._factor: tuple[float, SuperLU] | None = None
        self._gtg: tuple[float, bool, float, float] | None = None

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Interval of r searched, inside the regular one.

        (-1, 1) for a row-standardised W, else from the largest eigenvalue and, where W is
        symmetric, the smallest.
        """
        if self.row_standardised or self.n < 3:
            reach = 1 / float(self.matrix.sum(axis=1).max())
            return -reach, reach
        options = {"k": 1, "v0": np.ones(self.n), "return_eigenvectors": False}
        if abs(self.matrix - self.matrix.T).max() == 0:
            low, high = (eigsh(self.matrix, which=end, **options)[0] for end in ("SA", "LA"))
        else:
            high = eigs(self.matrix, which="LR", **options)[0].real
            low = -high
        return float(1 / low), float(1 / high)

    def _lu(self, r: float) -> SuperLU:
        if self._factor is None or self._factor[0] != r:
            self._factor = (r, splu(sparse.eye_array(self.n, format="csc") - r * self._csc))
        return self._factor[1]

    def _smooth(self, r: ArrayLike, derivative: int) -> FloatArray:
        """Log-determinant, or a derivative, without the unit eigenvalue of row-standardised W."""

        def exact(r: float) -> float:
            pivots = np.log(np.abs(self._lu(float(r)).U.diagonal())).sum()
            return float(pivots - (np.log(1 - r) if self.row_standardised else 0.0))

        def at(r: float) -> float:
            around = [p for p in self._pieces if p.domain[0] <= r <= p.domain[1]]
            if not around:
                reach = 0.06 * min(r - self.bounds[0], self.bounds[1] - r)
                domain = [r - reach, r + reach]
                around = [Chebyshev.interpolate(np.vectorize(exact), 6, domain)]
                self._pieces += around
            return float((around[0].deriv(derivative) if derivative else around[0])(r))

        return np.vectorize(at, otypes=[float])(r)

    def _unit(self, centred: bool) -> bool:
        return self.row_standardised and not centred

    def log_det(self, r: ArrayLike, centred: bool = False) -> FloatArray:
        """ln |S(r)| at each r, without the unit eigenvalue where `centred`."""
        return self._smooth(r, 0) + (np.log1p(np.negative(r)) if self._unit(centred) else 0.0)

    def trace_g(self, r: ArrayLike, centred: bool = False) -> FloatArray:
        """Trace of G(r) at each r."""
        return self._unit(centred) / (1 - np.asarray(r)) - self._smooth(r, 1)

    def traces(self, r: float, centred: bool = False) -> tuple[float, float]:
        """Traces of G(r) and of its square at one r."""
        square = self._unit(centred) / (1 - r) ** 2 - self._smooth(r, 2)
        return float(self.trace_g(r, centred)), float(square)

    @cached_property
    def _probes(self) -> FloatArray:
        return np.random.default_rng(_SEED).choice([-1.0, 1.0], size=(_PROBES, self.n))

    @cached_property
    def _powers(self) -> FloatArray:
        """Estimated traces of the powers of W times the end of its interval (Barry and Pace 1999)."""
        image, traces = self._probes, []
        for _ in range(40):
            image = self.lag(image) * self.bounds[1]
            traces.append((image * self._probes).sum(axis=1).mean())
        traces[0] = 0.0
        return np.array(traces)

    def rough_log_det(self, r: ArrayLike, centred: bool = False) -> FloatArray:
        """What comes near :meth:`log_det` for less."""
        k = np.arange(1, 41)
        powers = np.power.outer(np.asarray(r) / self.bounds[1], k)
        return -(powers * (self._powers - centred) / k).sum(axis=-1)

    @cached_property
    def _square(self) -> Any:
        return self.matrix @ self.matrix

    def _estimated(self, r: float, centred: bool) -> tuple[float, float]:
        """Trace of G'G, without the unit eigenvalue where centred, and its standard error."""

        def lengths(columns: FloatArray) -> FloatArray:
            return (columns**2).sum(axis=0) - centred * columns.sum(axis=0) ** 2 / self.n

        if self._gtg is None or self._gtg[:2] != (r, centred):
            error = 0.0
            if self.n <= _EXACT:
                parts = np.arange(0, self.n, 256)
                columns = (self._csc[:, start : start + 256].toarray() for start in parts)
                total = sum(lengths(self._lu(r).solve(part)).sum() for part in columns)
            else:
                near = self.matrix + r * self._square
                known = (near.data**2).sum() - centred * (near.sum(axis=0) ** 2).sum() / self.n
                gaps = lengths(self.apply_g(r, self._probes).T) - lengths(near @ self._probes.T)
                total = known + gaps.mean()
                error = float(gaps.std(ddof=1) / np.sqrt(_PROBES))
            self._gtg = (r, centred, float(total), error)
        return self._gtg[2:]

    def trace_gtg(self, r: float, centred: bool = False) -> float:
        """Trace of G(r)' G(r)."""
        return self._estimated(r, centred)[0]

    def trace_error(self, r: float, centred: bool = False) -> float:
        """Relative standard error of :meth:`trace_gtg`; zero where it is exact."""
        value, error = self._estimated(r, centred)
        return error / value

    def solve(self, r: float, values: FloatArray) -> FloatArray:
        """S(r)^{-1} applied to each year of an array of shape (T, N)."""
        return self._lu(r).solve(np.ascontiguousarray(values.T)).T


SpatialOperator: TypeAlias = DenseOperator | SparseOperator


def symmetrised(matrix: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Symmetric matrix that W is similar to by a diagonal scaling, and the scaling, if there is one.

    Positive d with ``d_i^2 w_ij = d_j^2 w_ji`` for all pairs make ``d_i w_ij / d_j`` symmetric. For a
    row-standardised symmetric matrix they are the roots of its original row sums up to a factor.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Non-negative.

    Returns
    -------
    symmetric : ndarray, shape (N, N)
    scaling : ndarray, shape (N,)

    Examples
    --------
    >>> symmetrised(np.array([[0, 1.0, 0], [0.5, 0, 0.5], [0, 1.0, 0]]))[1] ** 2
    array([1., 2., 1.])
    >>> symmetrised(np.array([[0, 1.0, 0], [0, 0, 1.0], [1.0, 0, 0]])) is None
    True
    """
    scale, front = np.zeros(len(matrix)), np.array([], dtype=int)
    while not scale.all():
        if not front.size:
            front = np.flatnonzero(scale == 0)[:1]
            scale[front] = 1.0
        near = matrix[front] > 0  # outwards from a unit, ring by ring
        beyond = np.flatnonzero(near.any(axis=0) & (scale == 0))
        before = front[near[:, beyond].argmax(axis=0)]
        back = matrix[beyond, before]
        if not back.all():
            return None
        scale[beyond] = scale[before] * (matrix[before, beyond] / back)
        front = beyond
    flow, root = scale[:, None] * matrix, np.sqrt(scale)
    if (flow - flow.T).max() > _SYMMETRY_TOLERANCE * flow.max():
        return None
    symmetric = flow + flow.T
    symmetric /= np.outer(root, 2 * root)
    return symmetric, root


_operators: WeakKeyDictionary[Weights, SpatialOperator] = WeakKeyDictionary()


def operator_of(weights: Weights) -> SpatialOperator:
    """Return the operator of a weight matrix, built at its first use and kept while W lives."""
    if weights not in _operators:
        _operators[weights] = (SparseOperator if weights.is_sparse else DenseOperator)(weights)
    return _operators[weights]
