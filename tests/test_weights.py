"""What must hold of the weight matrices, and the errors that name the city."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal.weights import DistanceBand, lat2W
from scipy import sparse

from analysis import errors, weights
from analysis.weights import Weights


@pytest.fixture
def geo():
    cities = pd.read_csv("data/geography/cities_ne34.csv").set_index("city_id")
    return cities[["lon", "lat"]]


@pytest.fixture
def income(geo):
    return pd.Series(np.linspace(20_000, 90_000, len(geo)) ** 1.01, index=geo.index)


def builders(geo, income):
    return [
        weights.inverse_distance(geo, 1),
        weights.inverse_distance(geo, 2),
        weights.additive_nest(geo, income),
        weights.diagonal_nest(geo, income),
        weights.product(geo, income),
        weights.gravity(geo, income),
        weights.k_nearest(geo, 5),
        weights.k_nearest(geo, 5, dense=False),
    ]


def test_every_builder_gives_zero_diagonals_and_rows_that_sum_to_one(geo, income):
    for w in builders(geo, income):
        assert w.is_row_standardised, w
        assert not w.dense().diagonal().any(), w
        assert (w.dense() >= 0).all(), w


def test_a_quarter_of_the_globe_is_a_quarter_of_its_circumference():
    frame = pd.DataFrame({"lon": [0.0, 90.0, 0.0], "lat": [0.0, 0.0, 90.0]}, index=list("abc"))
    quarter = np.pi / 2 * weights.EARTH_RADIUS_KM
    np.testing.assert_allclose(weights.great_circle(frame), quarter * (1 - np.eye(3)), rtol=1e-12)


def test_distances_agree_with_libpysal(geo):
    from libpysal.cg import arcdist

    points = geo.to_numpy()
    expected = arcdist(points[0], points[7]) * weights.EARTH_RADIUS_KM / 6371.0
    assert weights.great_circle(geo)[0, 7] == pytest.approx(expected, rel=1e-9)


def test_inverse_distance_agrees_with_libpysal_on_the_plane():
    # Near the equator and a small extent great-circle distance is Euclidean up to scale.
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 0.01, size=(12, 2))
    frame = pd.DataFrame(points, columns=["lon", "lat"])
    peer = DistanceBand(points, threshold=1.0, binary=False, alpha=-1.0)
    peer.transform = "r"
    np.testing.assert_allclose(
        weights.inverse_distance(frame).matrix, peer.full()[0], rtol=1e-6, atol=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 8))
def test_the_nearest_are_the_k_smallest_distances(seed, k):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"lon": rng.uniform(-180, 180, 9), "lat": rng.uniform(-90, 90, 9)})
    d = weights.great_circle(frame)
    np.fill_diagonal(d, np.inf)
    nearest = weights.k_nearest(frame, k).matrix > 0
    assert (nearest.sum(axis=1) == k).all()
    for i in range(9):
        assert d[i][nearest[i]].max() <= d[i][~nearest[i]].min() * (1 + 1e-9)


@given(order=st.permutations(range(6)))
def test_reordering_cities_reorders_w_and_nothing_else(order):
    frame = pd.DataFrame(
        {"lon": [120.0, 121, 123, 126, 130, 131], "lat": [40.0, 42, 41, 45, 44, 48]},
        index=list("abcdef"),
    )
    moved = frame.iloc[list(order)]
    w = weights.inverse_distance(frame)
    np.testing.assert_allclose(
        weights.inverse_distance(moved).matrix, w.align(moved.index).matrix, rtol=1e-12
    )


def test_a_submatrix_is_standardised_anew(geo):
    w = weights.inverse_distance(geo)
    some = list(geo.index[[3, 1, 8]])
    expected = weights.inverse_distance(geo.loc[some]).matrix
    np.testing.assert_allclose(w.sub(some).matrix, expected, rtol=1e-12)


def test_libpysal_round_trip():
    peer = lat2W(3, 4)
    w = Weights.from_libpysal(peer, name="rook").row_standardise()
    assert w.is_row_standardised
    back = w.to_libpysal()
    np.testing.assert_allclose(back.full()[0], w.matrix)
    assert list(back.id_order) == list(w.units)


def test_near_ties_of_income_are_floored(geo):
    income = pd.Series(1000.0, index=geo.index)
    income.iloc[0] = 1000.0001
    w = weights.additive_nest(geo, income, phi=0.0)
    np.testing.assert_allclose(w.matrix[0, 1:], 1 / (len(geo) - 1))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda g, y: weights.inverse_distance(g.drop(columns="lon")),
            errors.MissingColumnError,
            "lon",
        ),
        (
            lambda g, y: weights.inverse_distance(g.assign(lat=g.lat.where(g.index != "benxi"))),
            errors.NonFiniteError,
            "benxi",
        ),
        (
            lambda g, y: weights.inverse_distance(
                g.assign(lat=g.lat.where(g.index != "benxi", 140.0))
            ),
            errors.DomainError,
            "benxi",
        ),
        (
            lambda g, y: weights.inverse_distance(
                pd.concat([g, g.loc[["benxi"]].rename(index={"benxi": "twin"})])
            ),
            errors.DomainError,
            "benxi and twin",
        ),
        (lambda g, y: weights.inverse_distance(g, 0), errors.SpecificationError, "power"),
        (lambda g, y: weights.additive_nest(g, y, phi=2), errors.SpecificationError, "phi"),
        (lambda g, y: weights.additive_nest(g, y.drop("benxi")), errors.UnitMismatchError, "benxi"),
        (
            lambda g, y: weights.product(g, y.mask(y.index == "benxi", -1)),
            errors.DomainError,
            "benxi",
        ),
        (lambda g, y: weights.product(g, y, floor=0), errors.SpecificationError, "floor"),
        (lambda g, y: weights.k_nearest(g, 34), errors.SpecificationError, "33"),
        (
            lambda g, y: weights.inverse_distance(g).align(g.index[:-1]),
            errors.UnitMismatchError,
            "which the panel lacks",
        ),
        (
            lambda g, y: weights.gravity(g, pd.concat([y, y.iloc[:1] + 1])),
            errors.DuplicateObservationError,
            "income: more than one value for shenyang",
        ),
        (
            lambda g, y: weights.inverse_distance(g).align(range(34)),
            errors.UnitMismatchError,
            "string labels such as shenyang, these are of type integer",
        ),
        (
            lambda g, y: weights.inverse_distance(g).sub(["atlantis"]),
            errors.UnitMismatchError,
            "atlantis",
        ),
    ],
)
def test_what_cannot_be_a_weight_matrix_is_refused_by_name(geo, income, call, error, words):
    with pytest.raises(error, match=words):
        call(geo, income)


@pytest.mark.parametrize(
    ("matrix", "error", "words"),
    [
        (np.ones((2, 3)), errors.WeightsError, "square"),
        (np.ones((3, 3)), errors.UnitMismatchError, "2 labels"),
        (np.eye(2), errors.WeightsError, "a, b"),
        (np.array([[0, -1.0], [1, 0]]), errors.WeightsError, "negative weights in the rows of a"),
        (np.array([[0, 1.0], [np.nan, 0]]), errors.NonFiniteError, "b"),
        (sparse.csr_array(np.array([[0, -1.0], [1, 0]])), errors.WeightsError, "negative"),
    ],
)
def test_a_matrix_that_cannot_serve_is_refused(matrix, error, words):
    with pytest.raises(error, match=words):
        Weights(matrix, pd.Index(["a", "b"]))


def test_labels_that_occur_twice_are_refused():
    with pytest.raises(errors.UnitMismatchError, match="twice: a"):
        Weights(np.array([[0, 1.0], [1, 0]]), pd.Index(["a", "a"]))


def test_a_labelled_matrix_is_read_by_its_labels():
    cities = pd.Index(["a", "b", "c"], name="city")
    matrix = np.array([[0, 1.0, 2], [3, 0, 4], [5, 6, 0]])
    frame = pd.DataFrame(matrix, cities, cities)
    turned = frame.loc[["c", "a", "b"], ["c", "a", "b"]]
    np.testing.assert_array_equal(Weights(turned, cities).matrix, matrix)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame(1 - np.eye(2), list("ab"), list("ba")), "labelled differently"),
        (pd.DataFrame(1 - np.eye(2)), "unlike 0, 1, 'a', 'b'"),
        (pd.DataFrame(1 - np.eye(3), list("abc"), list("abc")), "unlike 'c'"),
        (pd.DataFrame(np.zeros((3, 3)), list("aab"), list("aab")), "unlike 'a'"),
    ],
)
def test_a_labelled_matrix_with_other_labels_than_its_cities_is_refused(frame, words):
    with pytest.raises(errors.UnitMismatchError, match=words):
        Weights(frame, pd.Index(["a", "b"]))


def test_libpysal_ids_are_not_handed_round():
    peer = lat2W(3, 4)
    ids = list(peer.id_order)
    w = Weights.from_libpysal(peer)
    np.testing.assert_array_equal(Weights.from_libpysal(peer, ids).matrix, w.matrix)
    assert list(Weights.from_libpysal(peer, list("abcdefghijkl")).units) == list("abcdefghijkl")
    with pytest.raises(errors.UnitMismatchError, match=r"another order.*\.align\(units\)"):
        Weights.from_libpysal(peer, ids[::-1])
    assert list(w.align(ids[::-1]).units) == ids[::-1]


def test_income_may_come_with_a_row_a_city_year_if_it_is_constant(geo, income):
    twice = pd.concat([income, income])
    for build in (weights.gravity, weights.additive_nest, weights.diagonal_nest):
        np.testing.assert_array_equal(build(geo, twice).matrix, build(geo, income).matrix)


def test_an_island_is_named():
    w = Weights(np.array([[0, 1.0, 0], [1, 0, 0], [0, 0, 0]]), pd.Index(["a", "b", "hainan"]))
    with pytest.raises(errors.IslandError, match="hainan"):
        w.row_standardise()


def test_rows_that_do_not_sum_to_one_are_named_where_it_matters(geo):
    w = weights.inverse_distance(geo, standardise=False)
    with pytest.raises(errors.NotRowStandardisedError, match="shenyang"):
        w.require_row_standardised("the bias correction")


def test_rounding_in_row_sums_does_not_count_as_unstandardised(geo):
    w = weights.inverse_distance(geo)
    assert (w.row_sums != 1).any()
    w.require_row_standardised("a correction")


@pytest.mark.parametrize("kind", [np.array, sparse.csr_array])
def test_w_cannot_be_changed_under_what_was_computed_from_it(kind):
    mine = kind([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    w = Weights(mine, pd.Index(["a", "b", "c"]))
    entries = w.matrix.data if w.is_sparse else w.matrix
    with pytest.raises(ValueError, match="read-only"):
        entries[:] = 2.0
    mine[0, 1] = 5.0  # the caller's own stays theirs
    assert w.dense()[0, 1] == 1.0


def test_libpysals_builders_are_met_by_the_great_circle(geo):
    d = weights.great_circle(geo)
    np.fill_diagonal(d, np.inf)
    peer = DistanceBand(geo, threshold=400, radius=weights.EARTH_RADIUS_KM, silence_warnings=True)
    band = weights.distance_band(geo, 400, standardise=False)
    np.testing.assert_array_equal(band.matrix, peer.full()[0])
    reach = np.sort(d, axis=1)[:, [4]]
    found = weights.kernel(geo, 5, standardise=False).dense()
    np.testing.assert_allclose(found, np.clip(1 - d / reach, 0, None), atol=1e-6)
    assert not found.diagonal().any()


def test_areas_that_touch_are_neighbours_at_a_corner_unless_rook():
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import box

    cells = [box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)]
    shapes = geopandas.GeoDataFrame(geometry=cells, index=list("abcd"))
    queen = weights.contiguity(shapes, standardise=False)
    rook = weights.contiguity(shapes, rook=True, standardise=False)
    np.testing.assert_array_equal(queen.dense(), 1 - np.eye(4))
    np.testing.assert_array_equal(rook.row_sums, 2)
    assert list(queen.units) == list("abcd")


def test_nearest_neighbours_are_libpysals_also_where_places_coincide(geo):
    from libpysal.weights import KNN

    twins = pd.concat([geo, geo.iloc[:3].rename(index="twin of {}".format)])
    for k in (1, 4):
        peer = KNN(twins.to_numpy(), k=k, radius=weights.EARTH_RADIUS_KM)
        found = weights.k_nearest(twins, k, standardise=False)
        np.testing.assert_array_equal(found.matrix, peer.sparse.toarray())


def test_many_units_are_checked_without_a_matrix_of_all_pairs():
    n = 300_000
    after = (np.arange(n) + 1) % n
    ring = sparse.csr_array((np.ones(n), (np.arange(n), after)), shape=(n, n))
    assert Weights(ring, pd.RangeIndex(n)).is_row_standardised
