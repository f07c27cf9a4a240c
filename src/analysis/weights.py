"""Spatial weight matrices: distances, the matrices of the literature, standardisation, alignment.

Every builder returns a row-standardised matrix with a zero diagonal; pass `standardise=False` to
look at the raw one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from analysis.errors import (
    CityMismatchError,
    DomainError,
    IslandError,
    MissingColumnError,
    NonFiniteError,
    NotRowStandardisedError,
    SpecificationError,
    WeightsError,
    listed,
)
from analysis.panel import by_city

FloatArray = NDArray[np.float64]
Matrix: TypeAlias = Any  # a dense ndarray or a scipy.sparse.csr_array; SciPy ships no types

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), kilometres."""

ROW_SUM_TOLERANCE = 1e-8
"""Rows sum to one within this; an exact comparison fails on ordinary inverse-distance matrices."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A spatial weight matrix with the cities its rows and columns stand for.

    Attributes
    ----------
    matrix : ndarray or scipy.sparse.csr_array, shape (N, N)
        Non-negative, zero diagonal, a copy that cannot be changed. ``matrix[i, j]`` is the weight of
        city j for city i. It may be given as a DataFrame, whose labels then put it into the order
        of `cities`.
    cities : Index
    name : str
        Says how it was built; used in tables and messages.

    Raises
    ------
    WeightsError
        If the matrix is not square, has negative entries or a nonzero diagonal.
    CityMismatchError
        If the labels do not fit the matrix.
    NonFiniteError
        If an entry is missing or infinite.

    Examples
    --------
    >>> w = Weights(np.array([[0., 1.], [2., 0.]]), pd.Index(["a", "b"]), "toy")
    >>> w.row_standardise().matrix
    array([[0., 1.],
           [1., 0.]])
    """

    matrix: Matrix
    cities: pd.Index
    name: str = "W"

    def __post_init__(self) -> None:
        object.__setattr__(self, "cities", pd.Index(self.cities, name="city"))
        if isinstance(self.matrix, pd.DataFrame):
            object.__setattr__(self, "matrix", self._by_label(self.matrix))
        if sparse.issparse(self.matrix):
            matrix: Matrix = sparse.csr_array(self.matrix, dtype=float, copy=True)
            matrix.sum_duplicates()
            parts = [matrix.data, matrix.indices, matrix.indptr]
        else:
            matrix = np.array(self.matrix, dtype=float)
            parts = [matrix]
        for part in parts:  # what is computed from W once must stay true
            part.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise WeightsError(f"{self.name}: W must be square, it has shape {matrix.shape}")
        if len(self.cities) != matrix.shape[0]:
            raise CityMismatchError(
                f"{self.name}: {len(self.cities)} city labels for a {matrix.shape[0]}-row W"
            )
        if self.cities.has_duplicates:
            twice = self.cities[self.cities.duplicated()]
            raise CityMismatchError(f"{self.name}: cities that occur twice: {listed(twice)}")
        entries = matrix.data if sparse.issparse(matrix) else matrix
        if not np.isfinite(entries).all():
            rows = np.unique(np.nonzero(~np.isfinite(_dense(matrix)))[0])
            raise NonFiniteError(
                f"{self.name}: entries that are not finite in the rows of "
                f"{listed(self.cities[rows])}"
            )
        if (entries < 0).any():
            rows = np.unique(np.nonzero(_dense(matrix) < 0)[0])
            raise WeightsError(
                f"{self.name}: negative weights in the rows of {listed(self.cities[rows])}"
            )
        diagonal = matrix.diagonal()
        if (diagonal != 0).any():
            raise WeightsError(
                f"{self.name}: cities that neighbour themselves: "
                f"{listed(self.cities[diagonal != 0])}; set the diagonal of W to zero"
            )

    def _by_label(self, frame: pd.DataFrame) -> FloatArray:
        rows = frame.index
        if not rows.equals(frame.columns):
            raise CityMismatchError(
                f"{self.name}: rows and columns of the frame are labelled differently (rows "
                f"{listed(map(repr, rows), 3)}; columns {listed(map(repr, frame.columns), 3)}); "
                "label both by city, in one order, or pass frame.to_numpy() if both already stand "
                "in the order of `cities`"
            )
        twice = rows[rows.duplicated()].append(self.cities[self.cities.duplicated()])
        odd = twice.append(rows.symmetric_difference(self.cities, sort=False)).unique()
        if len(odd):
            raise CityMismatchError(
                f"{self.name}: each city must stand once among the labels of the frame and once in "
                f"`cities`, written alike, unlike {listed(map(repr, odd))}"
            )
        return frame.loc[self.cities, self.cities].to_numpy()

    @property
    def n(self) -> int:
        """Number of cities."""
        return len(self.cities)

    @property
    def is_sparse(self) -> bool:
        """Whether the matrix is stored sparse."""
        return bool(sparse.issparse(self.matrix))

    @cached_property
    def row_sums(self) -> FloatArray:
        """Row sums, shape (N,)."""
        return np.asarray(self.matrix.sum(axis=1)).ravel()

    @property
    def is_row_standardised(self) -> bool:
        """Whether every row sums to one, within 1e-8."""
        return bool(np.abs(self.row_sums - 1).max() < ROW_SUM_TOLERANCE)

    def __repr__(self) -> str:
        kind = "sparse" if self.is_sparse else "dense"
        return f"Weights({self.name!r}, {self.n} cities, {kind})"

    def dense(self) -> FloatArray:
        """Return the matrix as a dense array."""
        return _dense(self.matrix)

    def require_row_standardised(self, why: str) -> None:
        """Raise NotRowStandardisedError, naming cities and the reason, unless rows sum to one."""
        if not self.is_row_standardised:
            off = np.abs(self.row_sums - 1) >= ROW_SUM_TOLERANCE
            rows = (
                f"{c} ({s:.6g})" for c, s in zip(self.cities[off], self.row_sums[off], strict=True)
            )
            raise NotRowStandardisedError(
                f"{self.name}: rows must sum to one for {why}, but these do not: {listed(rows)}; "
                "call .row_standardise() first, or use an estimator that does not need it"
            )

    def row_standardise(self) -> Weights:
        """Divide each row by its sum.

        Raises
        ------
        IslandError
            If a city has no neighbour.
        """
        islands = self.row_sums <= 0
        if islands.any():
            raise IslandError(
                f"{self.name}: without neighbours: {listed(self.cities[islands])}; "
                "give them neighbours (inverse distance, nearest neighbours) or drop them"
            )
        scale = 1 / self.row_sums
        if self.is_sparse:
            return replace(self, matrix=sparse.csr_array(sparse.diags_array(scale) @ self.matrix))
        return replace(self, matrix=scale[:, None] * self.matrix)

    def align(self, cities: Iterable[object]) -> Weights:
        """Reorder rows and columns to the given cities, which must be the same set.

        Raises
        ------
        CityMismatchError
            If a city is missing from W, or W has cities that are not asked for.
        """
        wanted = self._known(cities)
        extra = self.cities.difference(wanted, sort=False)
        if len(extra):
            raise CityMismatchError(
                f"{self.name}: has {listed(extra)}, which the panel lacks; "
                "call .sub(panel.cities), which re-standardises the rows"
            )
        return self._take(wanted)

    def sub(self, cities: Iterable[object]) -> Weights:
        """Rows and columns of some cities; rows are standardised anew if they were before.

        Raises
        ------
        CityMismatchError
            If a city is not in W.
        IslandError
            If a city of a row-standardised W has no neighbour left.
        """
        taken = self._take(self._known(cities))
        return taken.row_standardise() if self.is_row_standardised else taken

    def _known(self, cities: Iterable[object]) -> pd.Index:
        wanted = pd.Index(list(cities), name="city")
        missing = wanted.difference(self.cities, sort=False)
        if len(missing):
            asked, known = wanted.inferred_type, self.cities.inferred_type
            alike = (
                "build W from the panel's cities"
                if asked == known
                else f"W has {known} labels such as {self.cities[0]}, these are of type {asked}: "
                "write them alike"
            )
            raise CityMismatchError(f"{self.name}: no row for {listed(missing)}; {alike}")
        return wanted

    def _take(self, cities: pd.Index) -> Weights:
        if cities.equals(self.cities):
            return self
        order = self.cities.get_indexer(cities)
        return replace(self, matrix=self.matrix[order][:, order], cities=cities)

    def to_libpysal(self) -> Any:
        """Return the matrix as a :class:`libpysal.weights.W`; its ids are the city labels."""
        from libpysal.weights import WSP

        wsp = WSP(sparse.csr_array(self.matrix), id_order=list(self.cities))
        return wsp.to_W(silence_warnings=True)

    @classmethod
    def from_libpysal(
        cls, w: Any, cities: Iterable[object] | None = None, name: str = "libpysal"
    ) -> Weights:
        """Row-standardised copy of a libpysal ``W`` or ``Graph``.

        Parameters
        ----------
        w : libpysal.weights.W or libpysal.graph.Graph
        cities : iterable, optional
            New labels in the order of the matrix rows; the object's own ids by default.
        name : str

        Raises
        ------
        CityMismatchError
            If `cities` are the object's own ids in another order: what stands in a row would
            change its name.
        IslandError
            If a city has no neighbour.
        """
        matrix = w.sparse
        ids = getattr(w, "id_order", None)
        if ids is None:
            ids = list(w.unique_ids)
        labels = pd.Index(list(ids if cities is None else cities), name="city")
        if set(labels) == set(ids) and list(labels) != list(ids):
            raise CityMismatchError(
                f"{name}: `cities` are the ids of W in another order, and would give its rows each "
                "other's names; leave `cities` out and call .align(cities) on the result"
            )
        dense_enough = matrix.shape[0] <= 3000
        return cls(matrix.toarray() if dense_enough else matrix, labels, name).row_standardise()


def require_weights(weights: object) -> None:
    """Raise SpecificationError, saying how to make some, unless the argument is `Weights`."""
    if not isinstance(weights, Weights):
        raise SpecificationError(
            f"weights must be an analysis.weights.Weights, not {type(weights).__name__}; it keeps "
            "the city labels, so that rows cannot be mixed up. Wrap the matrix: "
            "Weights(matrix, cities), or Weights.from_libpysal(w)"
        )


def _dense(matrix: Matrix) -> FloatArray:
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def great_circle(geo: pd.DataFrame) -> FloatArray:
    """Great-circle distances between cities (haversine formula).

    Parameters
    ----------
    geo : DataFrame
        Indexed by city, with columns ``lon`` and ``lat`` in degrees.

    Returns
    -------
    ndarray, shape (N, N)
        Kilometres.

    Raises
    ------
    MissingColumnError
        If a coordinate column is absent.
    NonFiniteError
        If a coordinate is missing.
    DomainError
        If a coordinate is not on the globe.

    Examples
    --------
    >>> geo = pd.DataFrame({"lon": [123.43278, 125.32278], "lat": [41.79222, 43.88]},
    ...                    index=["shenyang", "changchun"])
    >>> great_circle(geo)[0, 1].round()
    np.float64(279.0)
    """
    lon, lat = np.radians(_coordinates(geo)).T
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    distances = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    np.fill_diagonal(distances, 0.0)
    return distances


def _coordinates(geo: pd.DataFrame) -> FloatArray:
    for column in ("lon", "lat"):
        if column not in geo.columns:
            raise MissingColumnError(f"coordinates: no column {column!r}; it has {listed(geo)}")
    values = geo[["lon", "lat"]].to_numpy(dtype=float)
    missing = ~np.isfinite(values).all(axis=1)
    if missing.any():
        raise NonFiniteError(f"coordinates: missing for {listed(geo.index[missing])}")
    off = (np.abs(values[:, 0]) > 180) | (np.abs(values[:, 1]) > 90)
    if off.any():
        raise DomainError(
            f"coordinates: not degrees of longitude and latitude for {listed(geo.index[off])}"
        )
    return values


def _distances(geo: pd.DataFrame) -> FloatArray:
    distances = great_circle(geo)
    np.fill_diagonal(distances, np.inf)
    same = np.argwhere(distances == 0)
    if len(same):
        i, j = same[0]
        raise DomainError(
            f"coordinates: {geo.index[i]} and {geo.index[j]} stand at the same point, "
            "so their inverse distance is infinite; correct one of them"
        )
    return distances


def _proximity(geo: pd.DataFrame, power: float) -> FloatArray:
    if not power > 0:
        raise SpecificationError(f"power={power!r}: the distance decay must be positive")
    return _distances(geo) ** -float(power)


def _income(geo: pd.DataFrame, income: pd.Series) -> FloatArray:
    income = by_city(income, "income")
    missing = geo.index.difference(income.index, sort=False)
    if len(missing):
        raise CityMismatchError(f"income: no value for {listed(missing)}")
    values = income.loc[geo.index].to_numpy(dtype=float)
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        raise DomainError(
            f"income: must be positive and finite, is not for {listed(geo.index[bad])}"
        )
    return values


def economic_proximity(income: FloatArray, floor: float = 0.01) -> FloatArray:
    """Inverse absolute income differences, floored.

    Parameters
    ----------
    income : ndarray, shape (N,)
        Period-mean income per head.
    floor : float
        Differences below this share of mean income are set to it: near ties would otherwise make
        two cities each other's only neighbours.

    Returns
    -------
    ndarray, shape (N, N)
        Zero diagonal.
    """
    if not floor > 0:
        raise SpecificationError(f"floor={floor!r}: must be positive, or ties divide by zero")
    difference = np.maximum(np.abs(income[:, None] - income), floor * income.mean())
    closeness = 1 / difference
    np.fill_diagonal(closeness, 0.0)
    return closeness


def _build(matrix: Matrix, geo: pd.DataFrame, name: str, standardise: bool) -> Weights:
    weights = Weights(matrix, geo.index, name)
    return weights.row_standardise() if standardise else weights


def inverse_distance(geo: pd.DataFrame, power: float = 1, standardise: bool = True) -> Weights:
    """Inverse-distance weights ``1 / d_ij ** power``.

    Parameters
    ----------
    geo : DataFrame
        Indexed by city, with ``lon`` and ``lat`` in degrees.
    power : float
        1 is the matrix of the 283-city study.
    standardise : bool
        Divide each row by its sum.

    Returns
    -------
    Weights

    Examples
    --------
    >>> geo = pd.DataFrame({"lon": [0., 0, 0], "lat": [0., 1, 3]}, index=list("abc"))
    >>> inverse_distance(geo).matrix.round(3)
    array([[0.   , 0.75 , 0.25 ],
           [0.667, 0.   , 0.333],
           [0.4  , 0.6  , 0.   ]])
    """
    return _build(_proximity(geo, power), geo, f"1/d^{power:g}", standardise)


def _rows(matrix: FloatArray) -> FloatArray:
    return matrix / matrix.sum(axis=1, keepdims=True)


def additive_nest(
    geo: pd.DataFrame,
    income: pd.Series,
    phi: float = 0.5,
    power: float = 1,
    floor: float = 0.01,
) -> Weights:
    """Weighted sum of row-standardised inverse distance and inverse income difference.

    ``phi * rs(1/d^power) + (1 - phi) * rs(1/|Y_i - Y_j|)``; the default matrix of the north-east
    study, there called economic-geographic nested.

    Parameters
    ----------
    geo : DataFrame
        Indexed by city, with ``lon`` and ``lat`` in degrees.
    income : Series
        Period-mean GDP per head by city.
    phi : float
        Weight of geography, between 0 and 1.
    power : float
    floor : float
        See :func:`economic_proximity`.

    Returns
    -------
    Weights
        Row-standardised by construction.
    """
    if not 0 <= phi <= 1:
        raise SpecificationError(f"phi={phi!r}: the weight of geography lies between 0 and 1")
    geography = _rows(_proximity(geo, power))
    economy = _rows(economic_proximity(_income(geo, income), floor))
    name = f"additive nest (phi={phi:g})"
    return _build(phi * geography + (1 - phi) * economy, geo, name, standardise=True)


def diagonal_nest(
    geo: pd.DataFrame, income: pd.Series, power: float = 1, standardise: bool = True
) -> Weights:
    """Inverse distance times each neighbour's relative income: ``1/d_ij^power * Y_j / mean(Y)``."""
    relative = _income(geo, income)
    matrix = _proximity(geo, power) * (relative / relative.mean())
    return _build(matrix, geo, "diagonal nest", standardise)


def product(
    geo: pd.DataFrame,
    income: pd.Series,
    power: float = 2,
    floor: float = 0.01,
    standardise: bool = True,
) -> Weights:
    """Inverse distance times inverse income difference: ``1/d_ij^power * 1/|Y_i - Y_j|``."""
    matrix = _proximity(geo, power) * economic_proximity(_income(geo, income), floor)
    return _build(matrix, geo, "product", standardise)


def gravity(
    geo: pd.DataFrame, income: pd.Series, power: float = 2, standardise: bool = True
) -> Weights:
    """Gravity weights ``Y_i * Y_j / d_ij^power``; standardised rows keep only the mass of j."""
    mass = _income(geo, income)
    matrix = _proximity(geo, power) * np.outer(mass, mass)
    return _build(matrix, geo, "gravity", standardise)


def k_nearest(geo: pd.DataFrame, k: int, standardise: bool = True, dense: bool = True) -> Weights:
    """Weight one for the `k` nearest cities by great-circle distance.

    Parameters
    ----------
    geo : DataFrame
        Indexed by city, with ``lon`` and ``lat`` in degrees.
    k : int
        Number of neighbours, fewer than the number of cities.
    standardise : bool
    dense : bool
        Store the matrix dense; sparse serves thousands of cities.

    Returns
    -------
    Weights

    Raises
    ------
    SpecificationError
        If `k` is not between 1 and N - 1.
    """
    n = len(geo)
    if not (isinstance(k, int | np.integer) and 1 <= k < n):
        raise SpecificationError(f"k={k!r}: must be a whole number from 1 to {n - 1}")
    lon, lat = np.radians(_coordinates(geo)).T
    points = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    # The chord grows with the great-circle distance, so nearest in space is nearest on the globe.
    _, neighbours = cKDTree(points).query(points, k=k + 1)
    rows = np.repeat(np.arange(n), k + 1)
    columns = neighbours.ravel()
    other = rows != columns
    rows, columns = rows[other], columns[other]
    rank = np.concatenate([np.arange(c) for c in np.bincount(rows, minlength=n)])
    rows, columns = rows[rank < k], columns[rank < k]
    matrix = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    return _build(matrix.toarray() if dense else matrix, geo, f"{k} nearest", standardise)
