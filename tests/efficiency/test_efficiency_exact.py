"""Scores against plain linear programs, on data made to be difficult."""

import linprog_oracle as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.efficiency import simplex
from analysis.efficiency.programs import Shape, directional, slacks_based
from analysis.efficiency.simplex import INFEASIBLE, OPTIMAL, solve

EXACT = 1e-9


@st.composite
def panels(draw):
    """Inputs, good and bad outputs of random, tied, duplicated or badly scaled units."""
    shape = Shape(draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(0, 2)))
    n = draw(st.integers(2, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["plain", "ties", "duplicates", "proportional", "units"]))
    data = rng.lognormal(0, 1, (n, 1)) * rng.lognormal(0, 0.4, (n, shape.rows))
    if kind == "ties":
        data = rng.integers(1, 5, (n, shape.rows)).astype(float)
    elif kind == "duplicates":
        data = data[rng.integers(0, n, n)]
    elif kind == "proportional":
        data = data[rng.integers(0, n, n)] * rng.integers(1, 5, (n, 1))
    elif kind == "units":
        data = data * 10.0 ** rng.uniform(-12, 12, shape.rows)
    return shape, data


def split(shape, data):
    return np.split(data, [shape.inputs, shape.inputs + shape.good], axis=-1)


returns = st.sampled_from(["constant", "variable"])


@settings(max_examples=25)
@given(panels(), returns, st.sampled_from(["none", "input", "output"]))
def test_slacks_based_scores_equal_linprog(case, returns, orientation):
    shape, data = case
    ins, outs = orientation != "output", orientation != "input"
    program = slacks_based(shape, returns, input_weight=float(ins), output_weight=float(outs))
    found = solve(program, data, data)
    expected = [
        oracle.sbm(*split(shape, unit), *split(shape, data), returns == "variable", ins, outs)
        for unit in data
    ]
    assert found.certified.all()
    np.testing.assert_allclose(found.objective, expected, rtol=0, atol=EXACT)


@settings(max_examples=25)
@given(panels(), returns)
def test_super_efficiency_equals_linprog_and_leaves_out_the_unit_itself(case, returns):
    shape, data = case
    everyone = np.arange(len(data))
    found = solve(slacks_based(shape, returns, beyond=True), data, data, exclude=everyone)
    expected = np.array(
        [
            oracle.super_sbm(
                *split(shape, unit),
                *split(shape, np.delete(data, k, axis=0)),
                variable=returns == "variable",
            )
            for k, unit in enumerate(data)
        ]
    )
    assert found.certified.all()
    np.testing.assert_array_equal(found.status == INFEASIBLE, np.isnan(expected))
    np.testing.assert_allclose(found.objective, expected, rtol=EXACT, atol=EXACT)


@settings(max_examples=25)
@given(panels(), returns, st.sampled_from(["weak", "strong"]))
def test_directional_distances_equal_linprog_within_and_across_sets(case, returns, disposability):
    shape, data = case
    if not shape.bad:
        disposability = "strong"
    options = {"variable": returns == "variable", "weak": disposability == "weak"}
    half = len(data) // 2 + 1
    own = solve(directional(shape, returns, disposability), data, data)
    across = solve(
        directional(shape, returns, disposability, own_in_reference=False), data, data[:half]
    )
    for found, reference in ((own, data), (across, data[:half])):
        expected = np.array(
            [
                oracle.distance(*split(shape, unit), *split(shape, reference), **options)
                for unit in data
            ]
        )
        assert found.certified.all()
        np.testing.assert_array_equal(found.status == INFEASIBLE, np.isnan(expected))
        np.testing.assert_allclose(-found.objective, expected, rtol=EXACT, atol=EXACT)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(-13, -5),
    returns,
    st.sampled_from(["sbm", "strong", "weak"]),
)
def test_nearly_identical_units_are_scored_as_by_linprog(seed, distance, returns, measure):
    rng = np.random.default_rng(seed)
    shape = Shape(2, 1, 1)
    data = np.repeat(rng.lognormal(0, 0.5, (5, shape.rows)), 2, axis=0)
    data *= 1 + 10.0**distance * rng.normal(size=data.shape)
    program = (
        slacks_based(shape, returns) if measure == "sbm" else directional(shape, returns, measure)
    )
    found = solve(program, data, data)
    variable = returns == "variable"

    def expected_of(unit):
        arguments = (*split(shape, unit), *split(shape, data), variable)
        try:
            if measure == "sbm":
                return oracle.sbm(*arguments)
            return -oracle.distance(*arguments, measure == "weak")
        except AssertionError:  # HiGHS gives up on some of these
            return np.nan

    expected = np.array([expected_of(unit) for unit in data])
    # units this close move a score by more than a float solver's tolerance, HiGHS's here
    known = np.isfinite(expected)
    np.testing.assert_allclose(found.objective[known], expected[known], rtol=0, atol=1e-6)
    assert (found.status == OPTIMAL).all()  # every unit may at least be its own peer


@settings(max_examples=10)
@given(panels(), returns, st.booleans())
def test_what_is_left_to_highs_has_the_same_scores_and_the_same_certificate(case, returns, ahead):
    shape, data = case
    program = slacks_based(shape, returns, beyond=ahead)
    exclude = np.arange(len(data)) if ahead else None
    ours = solve(program, data, data, exclude=exclude)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplex, "_PERTURBATIONS", ())
        theirs = solve(program, data, data, exclude=exclude)
    np.testing.assert_array_equal(theirs.status, ours.status)
    np.testing.assert_allclose(theirs.objective, ours.objective, rtol=EXACT, atol=EXACT)
    assert theirs.certified.all()


@pytest.mark.parametrize("returns", ["constant", "variable"])
@pytest.mark.parametrize("convex", [False, True])
def test_column_generation_finds_the_frontier_of_a_large_set(returns, convex):
    rng = np.random.default_rng(8)
    shape = Shape(3, 1, 1)
    mix = rng.lognormal(0, 0.4, (900, shape.rows))
    if convex:  # many units on the frontier
        mix[:, 3] = np.exp(np.log(mix[:, [0, 1, 2, 4]]).mean(axis=1))
    data = mix * rng.lognormal(0, 1, (900, 1))
    found = solve(slacks_based(shape, returns), data, data)
    assert found.certified.all()
    for k in range(0, 900, 75):
        expected = oracle.sbm(*split(shape, data[k]), *split(shape, data), returns == "variable")
        assert found.objective[k] == pytest.approx(expected, rel=0, abs=EXACT)


def test_a_certificate_is_a_bound_that_holds_against_every_reference_unit():
    rng = np.random.default_rng(2)
    shape = Shape(2, 1, 1)
    data = rng.lognormal(size=(60, shape.rows))
    found = solve(slacks_based(shape, "variable"), data, data)
    program = slacks_based(shape, "variable")
    for k in range(len(data)):
        scale = found.own[k, program.scale]
        used = found.peers[k] >= 0
        mixture = found.intensities[k, used] @ data[found.peers[k, used]]
        mixture += found.own[k, program.self_column] * data[k]
        slack = found.own[k, program.slack] * data[k] * np.array([1, 1, -1, 1])
        np.testing.assert_allclose(mixture + slack, scale * data[k], atol=1e-12)
    assert (found.status == OPTIMAL).all()
    assert found.gap.max() < EXACT
    assert found.residual.max() < EXACT
