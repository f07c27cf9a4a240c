"""Spatial weight matrices: distances, the matrices of the literature, standardisation, alignment.

Every builder returns a row-standardised matrix with a zero diagonal; pass `standardise=False` to
look at the raw one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from analysis import errors
from analysis.errors import SpecificationError, listed, told_apart
from analysis.panel import FloatArray, numbers, present, value_of_each
from analysis.resources import declared, refuse

SAYS = declared("analysis", "refusals.toml")["weights"]

Matrix: TypeAlias = Any  # a dense ndarray or a scipy.sparse.csr_array; SciPy ships no types

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), kilometres."""

_DENSE = 3000
"""Matrices of libpysal's with at most so many rows are stored dense."""

ROW_SUM_TOLERANCE = 1e-8
"""Rows sum to one within this; an exact comparison fails on ordinary inverse-distance matrices."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A spatial weight matrix with the units its rows and columns stand for.

    Attributes
    ----------
    matrix : ndarray or scipy.sparse.csr_array, shape (N, N)
        Non-negative, zero diagonal, a copy that cannot be changed. ``matrix[i, j]`` is the weight of
        unit j for unit i. It may be given as a DataFrame, whose labels then put it into the order
        of `units`.
    units : Index
    name : str
        Says how it was built; used in tables and messages.
    places : DataFrame, optional
        ``lon`` and ``lat`` by unit, where W was built from them.

    Raises
    ------
    WeightsError
        If the matrix is not square, has negative entries or a nonzero diagonal.
    UnitMismatchError
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
    units: pd.Index
    name: str = "W"
    places: pd.DataFrame | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        units, matrix, name = _index(self.units), self.matrix, self.name
        if isinstance(matrix, pd.DataFrame):
            matrix = _by_label(matrix, units, name)
        try:
            if np.iscomplexobj(matrix):
                raise TypeError("complex numbers")
            if sparse.issparse(matrix):
                matrix = sparse.csr_array(matrix, dtype=float, copy=True)
                matrix.sum_duplicates()
            else:
                matrix = np.array(matrix, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise errors.WeightsError(SAYS["numbers"].format(error, name=name)) from error
        object.__setattr__(self, "units", units)
        object.__setattr__(self, "matrix", matrix)
        parts = [matrix.data, matrix.indices, matrix.indptr] if self.is_sparse else [matrix]
        for part in parts:  # what is computed from W once must stay true
            part.flags.writeable = False
        shape, n = matrix.shape, len(units)
        square = len(shape) == 2 and shape[0] == shape[1]
        refuse(errors.WeightsError, SAYS, {"square": not square}, name=name, shape=shape)
        twice = units.has_duplicates and units[units.duplicated()]
        wrong = {"labels": n != shape[0], "twice": twice}
        refuse(errors.UnitMismatchError, SAYS, wrong, name=name, shape=shape, n=n)
        finite, diagonal = np.isfinite(self.row_sums), matrix.diagonal()
        endless = not finite.all() and units[~finite]
        refuse(errors.NonFiniteError, SAYS, {"finite": endless}, name=name)
        negative = parts[0].min(initial=0.0) < 0 and units[(matrix < 0).sum(axis=1) > 0]
        wrong = {"negative": negative, "diagonal": diagonal.any() and units[diagonal != 0]}
        refuse(errors.WeightsError, SAYS, wrong, name=name)

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def is_sparse(self) -> bool:
        """Whether the matrix is stored sparse."""
        return bool(sparse.issparse(self.matrix))

    @cached_property
    def row_sums(self) -> FloatArray:
        """Row sums, shape (N,)."""
        return np.asarray(self.matrix.sum(axis=1)).ravel()

    @cached_property
    def is_row_standardised(self) -> bool:
        """Whether every row sums to one, within 1e-8."""
        return bool(np.abs(self.row_sums - 1).max() < ROW_SUM_TOLERANCE)

    def __repr__(self) -> str:
        kind = "sparse" if self.is_sparse else "dense"
        return f"Weights({self.name!r}, {self.n} units, {kind})"

    def dense(self) -> FloatArray:
        """Return the matrix as a dense array."""
        return self.matrix.toarray() if self.is_sparse else self.matrix

    def require_row_standardised(self, why: str) -> None:
        """Raise NotRowStandardisedError, naming units and the reason, unless rows sum to one."""
        if self.is_row_standardised:
            return
        off = np.abs(self.row_sums - 1) >= ROW_SUM_TOLERANCE
        gaps = zip(self.units[off], self.row_sums[off] - 1, strict=True)
        rows = [f"{unit} (1{gap:+.3g})" for unit, gap in gaps]
        refuse(errors.NotRowStandardisedError, SAYS, {"sums": rows}, name=self.name, why=why)

    def require_neighbours(self) -> None:
        """Raise IslandError unless each unit has a neighbour."""
        bare = self.row_sums <= 0
        wrong = {"islands": bare.any() and self.units[bare]}
        refuse(errors.IslandError, SAYS, wrong, name=self.name)

    def row_standardise(self) -> Weights:
        """Divide each row by its sum.

        Raises
        ------
        IslandError
            If a unit has no neighbour.
        """
        self.require_neighbours()
        return replace(self, matrix=self.matrix * (1 / self.row_sums)[:, None])

    def align(self, units: Iterable[object]) -> Weights:
        """Reorder rows and columns to the given units, which must be the same set.

        The last answer is kept, so that what was computed from it need not be computed anew.

        Raises
        ------
        UnitMismatchError
            If a unit is missing from W, or W has units that are not asked for.
        """
        asked, answer = self.__dict__.get("_aligned", (self.units, None))
        answer = answer or self
        if units is asked:
            return answer
        wanted = _index(units)
        if not wanted.equals(answer.units):
            answer = self._take(wanted)
            extra = told_apart(self.units.difference(wanted, sort=False), wanted)
            refuse(errors.UnitMismatchError, SAYS, {"extra": extra}, name=self.name)
        # A reference to itself would keep W, and all that is known of it, until a collection of cycles.
        self.__dict__["_aligned"] = (wanted, None if answer is self else answer)
        return answer

    def sub(self, units: Iterable[object]) -> Weights:
        """Rows and columns of some units; rows are standardised anew if they were before.

        Raises
        ------
        UnitMismatchError
            If a unit is not in W.
        IslandError
            If a unit of a row-standardised W has no neighbour left.
        """
        taken = self._take(_index(units))
        return taken.row_standardise() if self.is_row_standardised else taken

    def _take(self, units: pd.Index) -> Weights:
        missing = told_apart(units.difference(self.units, sort=False), self.units)
        alike = units.inferred_type == self.units.inferred_type
        wrong = {"missing" if alike else "typed": missing}
        refuse(errors.UnitMismatchError, SAYS, wrong, w=self, units=units)
        if units.equals(self.units):
            return self
        order = self.units.get_indexer(units)
        return replace(self, matrix=self.matrix[order][:, order], units=units)

    def to_libpysal(self) -> Any:
        """Return the matrix as a :class:`libpysal.weights.W`; its ids are the unit labels."""
        from libpysal.weights import WSP

        wsp = WSP(sparse.csr_matrix(self.matrix), id_order=list(self.units))
        return wsp.to_W(silence_warnings=True)

    def to_graph(self) -> Any:
        """Return the matrix as a :class:`libpysal.graph.Graph`; its ids are the unit labels."""
        from libpysal.graph import Graph

        return Graph.from_sparse(sparse.coo_array(self.matrix), ids=list(self.units))

    @classmethod
    def from_libpysal(
        cls, w: Any, units: Iterable[object] | None = None, name: str = "libpysal"
    ) -> Weights:
        """Copy of a libpysal ``W`` or ``Graph`` as it stands; standardise it there or here.

        Parameters
        ----------
        w : libpysal.weights.W or libpysal.graph.Graph
        units : iterable, optional
            New labels in the order of the matrix rows; the object's own ids by default.
        name : str

        Raises
        ------
        UnitMismatchError
            If `units` are the object's own ids in another order: what stands in a row would
            change its name.
        """
        matrix = sparse.csr_array(w.sparse)
        ids = w.id_order if hasattr(w, "id_order") else list(w.unique_ids)
        labels = _index(ids if units is None else units)
        turned = set(labels) == set(ids) and list(labels) != list(ids)
        refuse(errors.UnitMismatchError, SAYS, {"order": turned}, name=name)
        matrix.eliminate_zeros()  # how a Graph writes that a unit has no neighbour
        return cls(matrix.toarray() if matrix.shape[0] <= _DENSE else matrix, labels, name)


def as_weights(weights: Any) -> Weights:
    """Return weights as they are, and make some of a libpysal ``W`` or ``Graph``.

    Raises
    ------
    SpecificationError
        If it is none of these: an array has no labels by which it could be aligned.
    """
    if isinstance(weights, Weights):
        return weights
    theirs = hasattr(weights, "sparse") and {"id_order", "adjacency"} & set(dir(weights))
    refuse(SpecificationError, SAYS, {"kind": not theirs}, weights=weights)
    return Weights.from_libpysal(weights)


def _by_label(frame: pd.DataFrame, units: pd.Index, name: str) -> FloatArray:
    rows, columns = (listed(map(repr, labels), 3) for labels in (frame.index, frame.columns))
    words, labels = {"name": name, "rows": rows, "columns": columns}, frame.index
    refuse(errors.UnitMismatchError, SAYS, {"apart": not labels.equals(frame.columns)}, **words)
    twice = labels[labels.duplicated()].append(units[units.duplicated()])
    odd = twice.append(labels.symmetric_difference(units, sort=False)).unique()
    refuse(errors.UnitMismatchError, SAYS, {"odd": [*map(repr, odd)]}, name=name)
    return frame.loc[units, units].to_numpy()


def _index(labels: Any) -> pd.Index:
    return labels if isinstance(labels, pd.Index) else pd.Index(list(labels), name="unit")


def great_circle(geo: pd.DataFrame) -> FloatArray:
    """Great-circle distances between places (haversine formula).

    Parameters
    ----------
    geo : DataFrame
        Indexed by unit, with columns ``lon`` and ``lat`` in degrees.

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
    names = present(geo, ["lon", "lat"], "coordinates")
    refuse(errors.SampleSizeError, SAYS, {"places": geo.empty})
    values = np.column_stack([numbers(geo[name], "coordinates") for name in names])
    refuse(errors.DomainError, SAYS, {"globe": geo.index[(np.abs(values) > [180, 90]).any(axis=1)]})
    return values


def _proximity(geo: pd.DataFrame, power: float) -> FloatArray:
    refuse(SpecificationError, SAYS, {"power": not power > 0}, power=power)
    distances = great_circle(geo)
    np.fill_diagonal(distances, np.inf)
    same = [f"{geo.index[i]} and {geo.index[j]}" for i, j in np.argwhere(distances == 0)[:1]]
    refuse(errors.DomainError, SAYS, {"point": same})
    return distances ** -float(power)


def _income(geo: pd.DataFrame, income: pd.Series) -> FloatArray:
    found = value_of_each(income, "income", geo.index, errors.UnitMismatchError)
    values = numbers(found.rename("income"), "income").to_numpy()
    refuse(errors.DomainError, SAYS, {"income": geo.index[~(values > 0)]})
    return values


def economic_proximity(income: FloatArray, floor: float = 0.01) -> FloatArray:
    """Inverse absolute income differences, floored.

    Parameters
    ----------
    income : ndarray, shape (N,)
        Period-mean income per head.
    floor : float
        Differences below this share of mean income are set to it: near ties would otherwise make
        two units each other's only neighbours.

    Returns
    -------
    ndarray, shape (N, N)
        Zero diagonal.
    """
    refuse(SpecificationError, SAYS, {"floor": not floor > 0}, floor=floor)
    difference = np.maximum(np.abs(income[:, None] - income), floor * income.mean())
    closeness = 1 / difference
    np.fill_diagonal(closeness, 0.0)
    return closeness


def _build(matrix: Matrix, geo: pd.DataFrame, name: str, standardise: bool) -> Weights:
    weights = Weights(matrix, geo.index, name, geo[["lon", "lat"]])
    return weights.row_standardise() if standardise else weights


def inverse_distance(geo: pd.DataFrame, power: float = 1, standardise: bool = True) -> Weights:
    """Inverse-distance weights ``1 / d_ij ** power``.

    Parameters
    ----------
    geo : DataFrame
        Indexed by unit, with ``lon`` and ``lat`` in degrees.
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
    geo: pd.DataFrame, income: pd.Series, phi: float = 0.5, power: float = 1, floor: float = 0.01
) -> Weights:
    """Weighted sum of row-standardised inverse distance and inverse income difference.

    ``phi * rs(1/d^power) + (1 - phi) * rs(1/|Y_i - Y_j|)``; the default matrix of the north-east
    study, there called economic-geographic nested.

    Parameters
    ----------
    geo : DataFrame
        Indexed by unit, with ``lon`` and ``lat`` in degrees.
    income : Series
        Period-mean GDP per head by unit.
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
    refuse(SpecificationError, SAYS, {"phi": not 0 <= phi <= 1}, phi=phi)
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
    geo: pd.DataFrame, income: pd.Series, power: float = 2, floor: float = 0.01,
    standardise: bool = True,
) -> Weights:  # fmt: skip
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
    """Weight one for the `k` nearest units by great-circle distance, as libpysal finds them.

    Parameters
    ----------
    geo : DataFrame
        Indexed by unit, with ``lon`` and ``lat`` in degrees.
    k : int
        Number of neighbours, fewer than the number of units.
    standardise : bool
    dense : bool
        Store the matrix dense; sparse serves thousands of units.

    Raises
    ------
    SpecificationError
        If `k` is not between 1 and N - 1.
    """
    known = isinstance(k, int | np.integer) and 1 <= k < len(geo)
    refuse(SpecificationError, SAYS, {"k": not known}, k=k, most=len(geo) - 1)
    from libpysal.cg.sphere import toXYZ
    from scipy.spatial import KDTree

    n, places = len(geo), _coordinates(geo)
    tree = KDTree([toXYZ(place) for place in places])
    near = tree.query(tree.data, k=k + 1)[1]  # as KNN does, but without a dict of neighbours
    others = near != np.arange(n)[:, None]
    others[others.all(axis=1), -1] = False
    ends = np.arange(0, n * k + 1, k)
    matrix = sparse.csr_array((np.ones(n * k), near[others], ends), shape=(n, n))
    return _build(matrix.toarray() if dense else matrix, geo, f"{k} nearest", standardise)


def distance_band(geo: pd.DataFrame, kilometres: float, standardise: bool = True) -> Weights:
    """Weight one for the units within so many kilometres by great-circle distance.

    Examples
    --------
    >>> geo = pd.DataFrame({"lon": [0., 0, 0], "lat": [0., 1, 2]}, index=list("abc"))
    >>> distance_band(geo, 150).matrix.round(2).tolist()
    [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    refuse(SpecificationError, SAYS, {"kilometres": not kilometres > 0}, kilometres=kilometres)
    near = great_circle(geo) <= kilometres
    np.fill_diagonal(near, False)
    return _build(near, geo, f"within {kilometres:g} km", standardise)


def kernel(
    geo: pd.DataFrame, k: int, function: str = "triangular", standardise: bool = True
) -> Weights:
    """Weights that fall with distance to zero at each unit's `k`-th neighbour, by libpysal.

    Parameters
    ----------
    geo : DataFrame
        Indexed by unit, with ``lon`` and ``lat`` in degrees.
    k : int
        Its distance is the bandwidth.
    function : {"triangular", "quadratic", "quartic", "gaussian"}
    standardise : bool
    """
    from libpysal.weights import Kernel

    peer = Kernel(
        _coordinates(geo), k=k, fixed=False, function=function, radius=EARTH_RADIUS_KM,
        silence_warnings=True,
    )  # fmt: skip
    matrix = peer.sparse.toarray()
    np.fill_diagonal(matrix, 0.0)
    return _build(matrix, geo, f"{function} kernel, {k} nearest", standardise)


def contiguity(shapes: Any, rook: bool = False, standardise: bool = True) -> Weights:
    """Weight one for areas that share a border, or a corner unless `rook`, by libpysal.

    Parameters
    ----------
    shapes : GeoDataFrame
        Indexed by unit.
    rook, standardise : bool
    """
    from libpysal.weights import Queen, Rook

    kind = Rook if rook else Queen
    peer = kind.from_dataframe(shapes, ids=list(shapes.index), silence_warnings=True)
    found = Weights.from_libpysal(peer, name=f"{kind.__name__.lower()} contiguity")
    found = replace(found, units=shapes.index)
    return found.row_standardise() if standardise else found
