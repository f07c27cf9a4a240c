"""Comparison of groups: permutation of cities, interactions, the bdiff replica."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import (
    DuplicateObservationError,
    EstimationError,
    IslandError,
    SampleSizeError,
    SpecificationError,
    UnitMismatchError,
)
from analysis.inference.groups import (
    bdiff_replica,
    compare_groups,
    inside,
    interaction_model,
    permutation_p,
)
from analysis.panel import Panel
from analysis.spatial import Specification, fit
from analysis.weights import Weights, inverse_distance, k_nearest


def simulated(seed, n=24, t=6, rho=0.2, slopes=(1.0, 1.0)):
    """Cities alternate between two groups, b and a, with the given slopes of x."""
    rng = np.random.default_rng(seed)
    names = pd.Index([f"c{i:02}" for i in range(n)], name="city")
    geo = pd.DataFrame(rng.uniform(0, 10, (n, 2)), index=names, columns=["lon", "lat"])
    weights = inverse_distance(geo, power=2)
    W = weights.dense()
    groups = pd.Series(np.resize(["b", "a"], n), index=names)
    slope = np.where(groups == "a", slopes[0], slopes[1])
    S = np.linalg.inv(np.eye(n) - rho * W)
    mu, rows = rng.normal(size=n), []
    for _ in range(t):
        x, z = rng.normal(size=(2, n))
        rows.append((S @ (slope * x + 0.5 * z + 0.3 * W @ x + mu + rng.normal(size=n)), x, z))
    values = np.array(rows)
    frame = pd.DataFrame({k: values[:, j].T.ravel() for j, k in enumerate("yxz")})
    frame["city"], frame["year"] = np.repeat(names, t), np.tile(np.arange(2010, 2010 + t), n)
    return Panel.from_frame(frame), weights, groups


SPEC = Specification("y", ["x", "z"], model="sdm")


@pytest.mark.seconds
def test_every_draw_is_one_of_the_differences_that_a_relabelling_of_cities_gives():
    panel, weights, groups = simulated(1, n=8, t=10)
    spec = replace(SPEC, model="slx")
    found = compare_groups(panel, spec, weights, groups, "x", draws=25, seed=2)

    def estimate(cities):
        part = fit(panel.sub(units=cities), spec, weights.sub(cities))
        return part.params["x"]

    possible = []
    for chosen in combinations(range(8), 4):
        rest = [i for i in range(8) if i not in chosen]
        possible.append(estimate(panel.units[list(chosen)]) - estimate(panel.units[rest]))
    gap = np.abs(found.draws.iloc[:, 0].to_numpy()[:, None] - np.array(possible)).min(axis=1)
    assert np.nanmax(gap) < 1e-9
    assert found.draws.iloc[:, 0].nunique() > 5
    observed = estimate(panel.units[groups == "a"]) - estimate(panel.units[groups == "b"])
    row = found.pairs.loc[("a", "b")]
    assert row["difference"] == pytest.approx(observed, abs=1e-12)
    draws = found.draws.iloc[:, 0]
    expected = (1 + (draws.abs() >= abs(observed) - 1e-12).sum() + draws.isna().sum()) / 26
    assert row["p_value"] == pytest.approx(expected)


@pytest.mark.seconds
def test_a_real_difference_is_found_and_its_absence_is_not():
    panel, weights, groups = simulated(3, slopes=(0.0, 2.0))
    assert compare_groups(panel, SPEC, weights, groups, "x", draws=39).pairs["p_value"].item() == (
        1 / 40
    )
    panel, weights, groups = simulated(3)
    assert compare_groups(panel, SPEC, weights, groups, "x", draws=39).pairs["p_value"].item() > 0.1


@pytest.mark.seconds
def test_workers_and_order_of_cities_do_not_matter():
    panel, weights, groups = simulated(4, n=12)
    one = compare_groups(panel, SPEC, weights, groups, "x", draws=17, seed=9)
    two = compare_groups(panel, SPEC, weights, groups, "x", draws=17, seed=9, n_jobs=2)
    pd.testing.assert_frame_equal(one.draws, two.draws)
    turned = panel.sub(units=panel.units[::-1])
    other = compare_groups(turned, SPEC, weights, groups, "x", draws=5, seed=9)
    pd.testing.assert_frame_equal(
        other.estimates[["estimate", "std_error"]],
        one.estimates[["estimate", "std_error"]],
        rtol=1e-6,
    )


@pytest.mark.seconds
def test_all_pairs_of_three_groups_come_with_holms_adjustment():
    panel, weights, _ = simulated(5, n=24)
    groups = pd.Series(np.resize(["west", "east", "centre"], 24), index=panel.units)
    found = compare_groups(panel, SPEC, weights, groups, "W.x", draws=9)
    assert list(found.pairs.index) == [("centre", "east"), ("centre", "west"), ("east", "west")]
    p = found.pairs["p_value"].sort_values()
    holm = np.minimum(1, np.maximum.accumulate(p.to_numpy() * [3, 2, 1]))
    np.testing.assert_allclose(found.pairs.loc[p.index, "p_holm"], holm)
    assert found.estimates["cities"].tolist() == [8, 8, 8]


@pytest.mark.parametrize("model", ["sdm", "sar", "sdem", "slx"])
def test_interactions_collapse_to_the_pooled_model_when_slopes_are_the_same(model):
    """With the restriction imposed, columns of all groups add up to the pooled regressors."""
    panel, weights, groups = simulated(6)
    spec = replace(SPEC, model=model)
    found = interaction_model(panel, spec, weights, groups)
    pooled = fit(panel, spec, weights)
    assert found.fit.loglik >= pooled.loglik - 1e-8
    lr = 2 * (found.fit.loglik - pooled.loglik)
    df = len(found.tests)
    joint = found.fit.wald(
        lambda p: [p[f"{name}[a]"] - p[f"{name}[b]"] for name in found.tests.index]
    )
    # Wald and LR of the same true restriction are asymptotically the same number
    assert joint.df == df
    assert joint.statistic == pytest.approx(lr, rel=0.35, abs=1.0)


def test_interaction_slopes_recover_their_truth_and_the_test_finds_them():
    panel, weights, groups = simulated(7, n=40, t=8, slopes=(0.2, 1.5))
    found = interaction_model(panel, SPEC, weights, groups)
    for group, truth in (("a", 0.2), ("b", 1.5)):
        row = found.slopes.loc["x", group]
        assert abs(row["estimate"] - truth) < 3.5 * row["std_error"]
    assert found.tests.loc["x", "p_value"] < 1e-6
    assert found.tests.loc["z", "p_value"] > 0.01
    assert (found.tests["df"] == 1).all()


def test_interactions_take_squares_and_lags():
    panel, weights, groups = simulated(8)
    found = interaction_model(panel, Specification("y", ["x", "x^2", "L.z"]), weights, groups)
    assert list(found.tests.index) == ["x", "x^2", "L.z", "W.x", "W.x^2", "W.L.z"]
    square = panel.assign(**{"q": panel.values("x") ** 2})
    other = interaction_model(square, Specification("y", ["x", "q", "L.z"]), weights, groups)
    assert found.fit.loglik == pytest.approx(other.fit.loglik, rel=1e-10)


@pytest.mark.seconds
def test_labels_may_come_with_a_row_a_city_year():
    panel, weights, groups = simulated(4, n=12)
    labelled = panel.assign(side=np.tile(groups, (panel.n_periods, 1)))
    flat = labelled.frame.reset_index().set_index("city")["side"]
    spec = replace(SPEC, model="slx")
    expected = compare_groups(panel, spec, weights, groups, "x", draws=3)
    for labels in (flat, labelled.frame["side"]):
        found = compare_groups(panel, spec, weights, labels, "x", draws=3)
        pd.testing.assert_frame_equal(found.pairs, expected.pairs)
        interaction_model(panel, spec, weights, labels)
        bdiff_replica(panel, "y", ["x"], labels, "x", draws=3)
    flat.iloc[0] = "a"
    with pytest.raises(DuplicateObservationError, match=r"c00 \(a, b\)"):
        compare_groups(panel, spec, weights, flat, "x")


def test_interactions_do_not_depend_on_the_order_of_w():
    panel, weights, groups = simulated(6)
    found = interaction_model(panel, SPEC, weights, groups)
    turned = interaction_model(panel, SPEC, weights.align(panel.units[::-1]), groups)
    np.testing.assert_allclose(turned.fit.params, found.fit.params, rtol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda f: f.effects(),
        lambda f: f.effects_covariance("total"),
        lambda f: f.response_path(3),
    ],
)
def test_an_interaction_model_has_slopes_but_no_effects(call):
    panel, weights, groups = simulated(6)
    found = interaction_model(panel, SPEC, weights, groups)
    with pytest.raises(SpecificationError, match=r"no effects.*compare_groups"):
        call(found.fit)


@pytest.mark.seconds
def test_bdiff_replica_rejects_a_true_null_about_twice_as_often_as_it_says():
    rejected = []
    for seed in range(150):
        panel, _, groups = simulated(seed, n=10, t=12, rho=0.0)
        row = bdiff_replica(panel, "y", ["x", "z"], groups, "x", draws=59, seed=seed)
        rejected.append((row["p_folded"] < 0.05, row["p_two_sided"] <= 0.05))
        assert row["p_folded"] <= 0.5
    folded, two_sided = np.mean(rejected, axis=0)
    assert folded > 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)
    assert folded > two_sided


def test_bdiff_replica_compares_two_within_regressions():
    panel, _, groups = simulated(2)
    row = bdiff_replica(panel, "y", ["x", "z"], groups, "x", draws=19)
    ols = Specification("y", ["x", "z"], model="ols")
    weights = simulated(2)[1]
    slopes = [
        fit(panel.sub(units=c), ols, weights.sub(c)).params["x"]
        for c in (panel.units[groups == "a"], panel.units[groups == "b"])
    ]
    assert row["difference"] == pytest.approx(slopes[0] - slopes[1], rel=1e-9)


def test_missing_draws_count_as_extreme():
    assert permutation_p(1.0, np.array([0.0, 0.5, np.nan])) == pytest.approx(0.5)
    assert permutation_p(1.0, np.array([1.0, -1.0, 0.2])) == pytest.approx(0.75)


def test_nearest_neighbours_of_a_group_are_the_nearest_in_it():
    panel, dense, groups = simulated(0)
    members = panel.units[groups == "a"]
    near = k_nearest(dense.places, 3)
    np.testing.assert_array_equal(
        inside(near, members).matrix, k_nearest(dense.places.loc[members], 3).matrix
    )
    np.testing.assert_array_equal(inside(dense, members).matrix, dense.sub(members).matrix)


def test_a_unit_keeps_its_contiguous_neighbours_and_is_filled_up_with_the_nearest():
    places = pd.DataFrame({"lon": [0.0, 1, 2, 3, 4, 5], "lat": 40.0}, list("abcdef"))
    line = np.eye(6, k=1) + np.eye(6, k=-1)
    chain = Weights(line, places.index, "chain", places).row_standardise()
    found = inside(chain, places.index[[0, 1, 3, 5]])  # d has lost both its neighbours
    expected = [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]]
    np.testing.assert_allclose(found.matrix, expected)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_groups_are_compared_on_nearest_neighbour_weights(k):
    panel, dense, groups = simulated(4)
    near = k_nearest(dense.places, k)
    found = compare_groups(panel, SPEC, near, groups, "x", draws=19)
    assert found.pairs["failed"].tolist() == [0]
    assert found.reasons == {"a - b": ""}


def test_least_squares_needs_no_weights_to_compare_groups():
    panel, dense, groups = simulated(4)
    spec = replace(SPEC, model="ols")
    near = replace(k_nearest(dense.places, 1), places=None)
    found = compare_groups(panel, spec, near, groups, "x", draws=19)
    assert found.pairs.equals(compare_groups(panel, spec, dense, groups, "x", draws=19).pairs)


def test_the_commonest_reason_of_failed_draws_is_told():
    panel, _dense, groups = simulated(4)
    # Each city's one neighbour is of its own group: permuted groups tear the pairs apart.
    ranks = pd.Series(range(24), panel.units)
    matrix = np.zeros((24, 24))
    for label in "ab":
        members = ranks[groups == label].to_numpy()
        matrix[members[::2], members[1::2]] = matrix[members[1::2], members[::2]] = 1.0
    pairs = Weights(matrix, panel.units, "pairs")
    with pytest.raises(EstimationError, match="most often for this reason: IslandError"):
        compare_groups(panel, SPEC, pairs.row_standardise(), groups, "x", draws=19)


def test_bad_input_is_named():
    panel, weights, groups = simulated(0)
    with pytest.raises(UnitMismatchError, match="c03"):
        compare_groups(panel, SPEC, weights, groups.drop("c03"), "x")
    with pytest.raises(SampleSizeError, match="nothing to compare"):
        compare_groups(panel, SPEC, weights, groups.replace("b", "a"), "x")
    with pytest.raises(SpecificationError, match="no coefficient"):
        compare_groups(panel, SPEC, weights, groups, "q")
    lonely = groups.where(groups.index != "c00", "alone").replace({"b": "a"})
    with pytest.raises((SampleSizeError, IslandError), match=r"'alone' \(1 x city\)"):
        compare_groups(panel, SPEC, weights, lonely, "x")
    sparse = k_nearest(pd.DataFrame({"lon": np.arange(24.0), "lat": 0.0}, index=panel.units), 1)
    with pytest.raises(IslandError, match="group"):
        compare_groups(panel, SPEC, replace(sparse, places=None), groups, "x")
    with pytest.raises(SpecificationError, match="level"):
        interaction_model(panel, replace(SPEC, effects="time"), weights, groups)
    with pytest.raises(SampleSizeError, match="two groups"):
        bdiff_replica(panel, "y", ["x"], pd.Series(list("abc") * 8, index=panel.units), "x")
    with pytest.raises(SpecificationError, match="draws"):
        compare_groups(panel, SPEC, weights, groups, "x", draws=0)
