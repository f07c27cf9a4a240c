"""One bootstrap from frontier to share: what a draw is, by another road, and what intervals say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.efficiency import malmquist, score
from analysis.errors import EstimationError, SpecificationError
from analysis.inference import first_stage, frontier_bootstrap
from analysis.inference.first_stage import BOTH, SECOND, Frontier, FrontierBootstrap, Resampler
from analysis.inference.groups import interaction_model
from analysis.inference.mediation import mediation
from analysis.panel import Panel
from analysis.papers.cities283 import coverage
from analysis.simulate.frontier import TWO_STAGES, distance_of, two_stages
from analysis.spatial import Specification

TECHNOLOGY = coverage.TECHNOLOGY
SPEC = Specification("scored", ["x"], model="sdm")
PATHS = ["theta1", "chi1", "phi1", "phi2"]
N, T = 24, 4


def by_region(panel, weights):
    labels = pd.Series(np.where(panel.values("east")[0] > 0, "east", "west"), panel.units)
    return interaction_model(panel, SPEC, weights, labels)


def study(exponent=0.7, **changes):
    production, latent, weights = two_stages(2, N, T, tilt=0.1)
    frontier = Frontier(production, replace(TECHNOLOGY, **changes), exponent)
    panel = latent.assign(scored=frontier.outcome(frontier.levels))
    found = mediation(panel, SPEC, weights, "x", "m")
    return frontier, found, {"region": by_region(panel, weights)}


@pytest.fixture(scope="module")
def case():
    return study()


@pytest.fixture(scope="module")
def drawn(case):
    frontier, found, groups = case
    return frontier_bootstrap(found, frontier, groups, draws=12, seed=5)


def textbook(own, reference):
    """Slacks-based score: three inputs, a good and a bad output, in shares of the unit's own."""
    columns = np.vstack([own, reference]) / own
    rows = np.hstack([-np.ones((5, 1)), columns.T, np.diag([1.0, 1.0, 1.0, -1.0, 1.0])])
    scale = np.concatenate([[1.0], np.zeros(len(columns)), [0, 0, 0, 0.5, 0.5]])
    cost = np.concatenate([[1.0], np.zeros(len(columns)), [-1 / 3] * 3, [0, 0]])
    found = linprog(cost, A_eq=np.vstack([rows, scale]), b_eq=[0, 0, 0, 0, 0, 1], bounds=(0, None))
    return found.fun


def regenerated(fitted, cities, panel):
    """Outcome of a fit with other cities' residuals and the regressors of a panel, W inverted."""
    old, name, W = fitted.panel, fitted.outcome, fitted.weights.dense()
    resids = fitted.resids.to_numpy().reshape(N, T).T
    grown = resids * np.sqrt(fitted.sigma2 / np.mean(resids**2))
    S = np.eye(N) - fitted.params["rho"] * W
    signal = old.values(name) @ S.T - resids
    for term in [t for t in fitted.params.index if t in panel.columns]:
        change = panel.values(term) - old.values(term)
        signal = signal + fitted.params[term] * change
        signal = signal + fitted.params.get(f"W.{term}", 0.0) * change @ W.T
    return (signal + grown[:, cities]) @ np.linalg.inv(S).T


@pytest.mark.seconds
def test_a_draw_is_what_a_naive_implementation_makes_of_the_same_random_numbers(case):
    frontier, found, groups = case
    rng = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(3,)))
    cities = rng.integers(0, N, N)
    units = rng.permutation(N)[: round(N**0.7)]
    data = frontier.production.frame[list(TECHNOLOGY.columns)].to_numpy().reshape(N, T + 1, 5)

    def levels(members):
        reference = data[members].reshape(-1, 5)
        scores = [textbook(own, reference) for own in data.reshape(-1, 5)]
        return np.array(scores).reshape(N, T + 1).T

    full = levels(np.arange(N))
    moved = full + (len(units) / N) ** (2 / 5) * (levels(units) - full)
    change = moved[1:] / moved[:-1] - full[1:] / full[:-1]
    assert np.abs(change).max() > 0.01, "the case has a first stage to speak of"

    panel, weights = found.total.panel, found.total.weights
    with_m = panel.assign(m=regenerated(found.mechanism, cities, panel))
    second = regenerated(found.outcome, cities, with_m)
    model = groups["region"]
    grouped = regenerated(model.fit, cities, model.fit.panel)
    rows = Resampler(found, frontier, groups).draw(7, 3)
    assert [row["stage"] for row in rows] == [SECOND, BOTH]
    for row, extra in zip(rows, (0.0, change), strict=True):
        again = mediation(with_m.assign(scored=second + extra), SPEC, weights, "x", "m")
        slopes = by_region(panel.assign(scored=grouped + extra), weights).fit.params
        expected = {
            **again.paths["estimate"].astype(float),
            "rho": again.total.params["rho"],
            "direct effect": again.total.effects()["estimate"]["direct", "x"],
            "total effect": again.total.effects()["estimate"]["total", "x"],
            "east - west": slopes["x[east]"] - slopes["x[west]"],
        }
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_the_levels_and_the_index_are_those_of_the_efficiency_room(case):
    frontier, found, _ = case
    level = score(frontier.production, TECHNOLOGY).level.to_numpy().reshape(N, T + 1).T
    np.testing.assert_allclose(frontier.levels, level, rtol=1e-12)
    index = malmquist(frontier.production, TECHNOLOGY).index.dropna().to_numpy().reshape(N, T).T
    np.testing.assert_allclose(found.total.panel.values("scored"), index, rtol=1e-9)


def test_without_sampling_error_of_the_frontier_both_bootstraps_are_one():
    frontier, found, groups = study(exponent=1.0)
    both = frontier_bootstrap(found, frontier, groups, draws=3, seed=1).draws
    pd.testing.assert_frame_equal(both.loc[SECOND], both.loc[BOTH].set_axis(both.loc[SECOND].index))


def test_the_second_stage_is_the_same_with_and_without_a_first(case, drawn):
    _, found, groups = case
    alone = frontier_bootstrap(found, groups=groups, draws=12, seed=5)
    pd.testing.assert_frame_equal(alone.draws, drawn.draws.loc[[SECOND]])
    assert set(alone.draws.index) == {SECOND}


def test_own_residuals_give_the_data_back_and_lost_variance_is_returned(case):
    for fitted in (case[1].mechanism, case[1].outcome):
        equation = first_stage._Equation.of(fitted)
        assert np.mean(equation.resids**2) == pytest.approx(fitted.sigma2)
        innovations = fitted.resids.to_numpy().reshape(N, T).T
        own = replace(equation, resids=innovations).generated(np.arange(N))
        np.testing.assert_allclose(own, fitted._design.y, atol=1e-9)


@pytest.mark.seconds
def test_draws_do_not_depend_on_workers_nor_on_how_many_follow(case, drawn):
    frontier, found, groups = case
    few = frontier_bootstrap(found, frontier, groups, draws=5, seed=5, n_jobs=2)
    for stage in (SECOND, BOTH):
        pd.testing.assert_frame_equal(few.draws.loc[stage], drawn.draws.loc[stage].iloc[:5])


def test_the_second_stage_agrees_with_the_classical_error():
    _, latent, weights = two_stages(4, 60, 5)
    found = mediation(latent, replace(SPEC, outcome="index"), weights, "x", "m")
    errors = frontier_bootstrap(found, draws=80).intervals()["std_error"][SECOND]
    # errors are independent and identical here: 4 errors of a spread of 80
    for path in PATHS:
        assert errors[path] == pytest.approx(found.paths.loc[path, "std_error"], rel=0.5)
    assert errors["indirect"] == pytest.approx(found.tests.loc["Sobel", "std_error"], rel=0.5)


def test_scores_are_only_drawn_upwards_and_fewer_units_draw_them_further(case):
    frontier = case[0]
    drawn = frontier.against(np.arange(0, N, 3))
    assert (drawn >= frontier.levels - 1e-9).all()
    assert (frontier.against(np.arange(0, N, 6)) >= drawn - 1e-9).all()
    assert frontier.rate == 2 / 5
    assert replace(frontier, technology=replace(TECHNOLOGY, returns="variable")).rate == 2 / 6


def test_the_basic_interval_is_the_percentile_interval_turned_around(drawn):
    ends = drawn.intervals(0.9).loc[BOTH]
    for name in ("theta1", "east - west", "rho"):
        row = ends.loc[name]
        assert row["lower"] == pytest.approx(2 * row["estimate"] - row["percentile_upper"])
        assert row["upper"] == pytest.approx(2 * row["estimate"] - row["percentile_lower"])
    turned = 2 * drawn.estimates - drawn.draws.loc[BOTH, drawn.estimates.index]
    share = turned["chi1"] * turned["phi2"] / turned["theta1"]
    assert ends.loc["share", "upper"] == pytest.approx(share.quantile(0.95))


def test_estimates_are_those_of_the_fits(case, drawn):
    _, found, groups = case
    for name, value in found.summary.drop("gap_share").items():
        assert drawn.estimates[name] == pytest.approx(value)
    slopes = groups["region"].slopes
    difference = slopes["east", "estimate"] - slopes["west", "estimate"]
    assert drawn.estimates["east - west"] == pytest.approx(difference["x"])


def test_failed_draws_are_counted_by_reason_and_too_many_are_refused(case, monkeypatch):
    _, found, _ = case
    few = Resampler(found)
    rows = [row for k in range(10) for row in few.draw(0, k)]
    kept = FrontierBootstrap.of(few.estimates, rows, ["EstimationError: flat"])
    assert kept.failures == {"EstimationError: flat": 1}
    with pytest.raises(EstimationError, match=r"3 of 13 draws.*: EstimationError: flat"):
        FrontierBootstrap.of(few.estimates, rows, ["B: rare", *["EstimationError: flat"] * 2])

    def refuses(design):
        raise EstimationError("no interior maximum")

    monkeypatch.setattr(first_stage, "fit_design", refuses)
    assert few.attempt(0, 0) == "EstimationError: no interior maximum"


def test_another_estimator_stands_in_where_the_first_has_no_estimate(case, monkeypatch):
    _, found, _ = case
    estimated = first_stage.fit_design

    def choosy(design):
        if design.specification.estimator == "transformation":
            raise EstimationError("no interior maximum")
        return estimated(design)

    monkeypatch.setattr(first_stage, "fit_design", choosy)
    with pytest.raises(EstimationError, match="no interior maximum"):
        Resampler(found).draw(0, 0)
    made = Resampler(found, stand_ins=("direct",))
    (row,) = made.draw(0, 0)
    assert row["stood_in"] == 1.0
    cities = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(0,))).integers(0, N, N)
    drawn = made._equations[1].generated(cities)
    assert row["chi1"] == pytest.approx(made._equations[1].again(drawn, "direct")["x"])


def test_bad_input_is_named(case):
    frontier, found, groups = case
    for change in (
        {"measure": "directional"},
        {"reference": "contemporaneous"},
        {"orientation": "input"},
    ):
        with pytest.raises(SpecificationError, match="knows no rate for Technology"):
            replace(frontier, technology=replace(TECHNOLOGY, **change))
    with pytest.raises(SpecificationError, match=r"exponent=1\.5 must lie in"):
        replace(frontier, exponent=1.5)
    fewer = frontier.production.sub(units=frontier.production.units[1:])
    with pytest.raises(SpecificationError, match="only one of both has city 0"):
        Resampler(found, replace(frontier, production=fewer))
    cheap = frontier.production.assign(gdp=frontier.production.values("gdp") ** 1.1)
    with pytest.raises(
        SpecificationError, match="'scored' is not what the scores of simulated production"
    ):
        Resampler(found, replace(frontier, production=cheap))
    panel, weights = found.total.panel, found.total.weights
    other = mediation(panel, replace(SPEC, outcome="index"), weights, "x", "m")
    with pytest.raises(
        SpecificationError, match=r"another outcome than 'index': .'region': 'scored'"
    ):
        frontier_bootstrap(other, groups=groups)
    with pytest.raises(SpecificationError, match="draws=0"):
        frontier_bootstrap(found, draws=0)


def test_the_bootstrap_takes_a_ready_made_square_without_its_base(case):
    panel, weights = case[1].total.panel, case[1].total.weights
    squared = panel.frame.assign(**{"x^2": panel.frame["x"] ** 2})
    spec = replace(SPEC, regressors=("x^2",), model="sar", effects="individual")
    full = mediation(Panel.from_frame(squared), spec, weights, "x^2", "m")
    bare = mediation(Panel.from_frame(squared.drop(columns="x")), spec, weights, "x^2", "m")
    pd.testing.assert_frame_equal(
        frontier_bootstrap(bare, draws=2).draws, frontier_bootstrap(full, draws=2).draws
    )


def test_the_simulated_scores_have_the_stated_distance_to_a_dense_frontier():
    rng = np.random.default_rng(0)
    logs = rng.normal(0, 0.25, (4, 4000))
    dense = np.exp([*logs[:3], logs.mean(axis=0), logs[3]]).T  # on the frontier
    for level in (0.5, 0.8, 0.95):
        mix = rng.normal(0, 0.05, 4)
        gdp = np.exp(mix.mean() - distance_of(np.array([level]))[0])
        found = textbook(np.array([*np.exp(mix[:3]), gdp, np.exp(mix[3])]), dense)
        assert level <= found < level + 0.01


def test_the_simulated_study_obeys_its_stated_law():
    production, latent, weights = two_stages(1, 300, 8)
    found = mediation(latent, replace(SPEC, outcome="index"), weights, "x", "m")
    true = TWO_STAGES
    phi2 = true["share"] * true["theta1"] / true["chi1"]
    expected = {"theta1": true["theta1"], "chi1": true["chi1"], "phi2": phi2,
                "phi1": true["theta1"] - phi2 * true["chi1"]}  # fmt: skip
    gap = (found.paths["estimate"] - pd.Series(expected)) / found.paths["std_error"]
    assert (gap.abs() < 3.5).all()
    assert abs(found.share - true["share"]) < 0.1
    levels = Frontier(production, TECHNOLOGY).levels
    index = levels[1:] / levels[:-1]
    assert np.corrcoef(index.ravel(), latent.values("index").ravel())[0, 1] > 0.9


def test_a_simulated_study_says_of_each_interval_whether_it_holds_the_truth(monkeypatch):
    monkeypatch.setattr(coverage, "DRAWS", 19)
    asked = {"errors": "errors go with the regressor", "exponent": 0.6, "seed": 3}
    rows = pd.DataFrame(coverage.replication(asked)).set_index(["stage", "quantity"])
    ends = coverage.bootstrapped(3, 0.15, 0.6, 19).intervals()
    assert set(rows.index) == {(s, q) for s in (SECOND, BOTH) for q in coverage.SHOWN}
    for case, row in rows.iterrows():
        truth, end = TWO_STAGES[case[1]], ends.loc[case]
        assert row["basic"] == (end["lower"] <= truth <= end["upper"])
        assert row["percentile"] == (end["percentile_lower"] <= truth <= end["percentile_upper"])
