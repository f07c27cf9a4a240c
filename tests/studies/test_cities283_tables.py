"""Tables of paper B: each column is what its name says, and claims keep their outcome's kind."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from analysis.inference.mediation import Mediation
from analysis.inference.panel_tests import variance_inflation
from analysis.papers.cities283 import claims, study, tables
from analysis.spatial import fit
from analysis.study import open_study, sections
from analysis.weights import Weights, inverse_distance

REGRESSORS = list(study.DURBIN.regressors)


@pytest.fixture(scope="module")
def sample():
    return open_study(study.STUDY)


def test_capital_as_printed_starts_alike_and_never_falls_behind(sample):
    ratio = tables.capital_as_printed(sample.data.production)["ratio"]
    assert ratio.iloc[0] == 1
    assert (ratio.diff().iloc[1:] > 0).all()


def test_inflation_factors_are_those_of_statsmodels(sample):
    X = np.column_stack([np.ones(len(sample.panel.frame)), sample.panel.frame[REGRESSORS]])
    expected = [variance_inflation_factor(X, k + 1) for k in range(len(REGRESSORS))]
    np.testing.assert_allclose(variance_inflation(sample.panel, REGRESSORS), expected, rtol=1e-9)


def test_the_mean_of_all_cities_is_that_of_the_regions_by_their_size(sample):
    parts = tables.components(sample)
    size = sample.group("region").value_counts()
    weighted = sum(parts.loc[r] * size[r] for r in study.REGIONS) / size.sum()
    pd.testing.assert_frame_equal(parts.loc["all"], weighted[parts.columns], rtol=1e-9)


def test_effects_do_not_depend_on_the_unit_of_distance_but_on_the_row_sums(sample):
    spec = tables.specifications(sample, estimator="direct")["TCE"]
    metres = inverse_distance(sample.places, standardise=False)
    scaled = Weights(metres.matrix * 1000, metres.units, "in metres")
    totals = [
        fit(sample.panel, spec, w).effects().loc[("total", "INA"), "estimate"]
        for w in (metres, scaled, inverse_distance(sample.places))
    ]
    assert totals[0] == pytest.approx(totals[1], rel=1e-5)
    assert abs(totals[2] / totals[0] - 1) > 0.5


def test_least_squares_takes_the_neighbours_as_a_regressor(sample):
    found = tables.least_squares(sample, "TCE", sample.weights, city_effects=False)
    frame = sample.panel.frame
    y = sample.panel.values("TCE")
    W = sample.weights.dense()
    X = sample.panel.block(REGRESSORS)
    WX = np.einsum("ij,tjk->tik", W, X)
    columns = [y[:-1], (y @ W.T)[1:], *np.moveaxis(X[1:], -1, 0), *np.moveaxis(WX[1:], -1, 0)]
    design = np.stack([c - c.mean(axis=1, keepdims=True) for c in columns], axis=-1)
    target = y[1:] - y[1:].mean(axis=1, keepdims=True)
    b = np.linalg.lstsq(design.reshape(target.size, -1), target.ravel(), rcond=None)[0]
    assert found.params["neighbours"] == pytest.approx(b[1], rel=1e-6)
    assert len(frame) - found.nobs == sample.panel.n_units


@pytest.mark.seconds
def test_groups_whose_part_of_the_matrix_leaves_islands_get_one_of_their_own():
    fits = tables.group_fits(open_study(study.STUDY, weights="nearest-5"))
    assert {fit.panel.n_units for fit in fits.values()} == {100, 83, 114, 169}


def test_mediation_in_effects_is_the_product_of_the_effects(sample):
    result = tables.mediations(sample)["TCE"]
    found = result.in_effects()
    chi = result.mechanism.effects().loc[("total", "INA"), "estimate"]
    phi2 = result.outcome.effects().loc[("total", "INNOV"), "estimate"]
    assert found.loc["mediated", "estimate"] == pytest.approx(chi * phi2)
    parts = found["estimate"]
    assert parts["total"] == pytest.approx(parts["phi1"] + parts["mediated"] + parts["gap"])


@pytest.mark.parametrize(
    ("p", "end"),
    [
        ((0.2, 0.0, 0.0, 0.0), "masked"),
        ((0.0, 0.2, 0.0, 0.0), "interval"),
        ((0.0, 0.0, 0.0, 0.2), "interval"),
        ((0.0, 0.0, 0.2, 0.0), "full"),
        ((0.0, 0.0, 0.0, 0.0), "partial"),
    ],
)
def test_the_steps_of_the_mediation_test_end_where_they_say(p, end):
    paths = pd.DataFrame({"p_value": p}, index=["theta1", "chi1", "phi1", "phi2"])
    assert Mediation.branch(SimpleNamespace(paths=paths)) == end


def test_claims_carry_the_kind_of_their_outcome_and_stand_together(sample):
    row = "spatial lag of TCE"
    found = claims.by_outcome(
        claims.in_words(sample, row, {"TCE": True, "latent": np.bool_(False)}),
        [claims.claim("controls", "implied", holds=False)],
        claims.in_numbers(sample, "headline", {"latent": (0.02, 0.01)}, truth=0.0255),
    )
    assert [c.column for c in found] == ["", *2 * ["latent efficiency"], "efficiency scores"]
    assert [str(c.kind) for c in found] == ["implied", "recovered", "recovered", "inherited"]
    assert found[2].printed == "0.0255"


@pytest.mark.seconds
def test_errors_stand_below_the_slopes_they_belong_to(sample):
    models = tables.interaction_models(sample)
    cells = tables.interactions(models)
    assert cells["std_error"].columns.equals(cells["estimate"].columns)
    own = models["efficiency scores", "region"].slopes.loc["INA", ("east", "std_error")]
    assert cells["std_error"].loc["co-agglomeration, east", "efficiency scores"] == own
    found = tables.conclusions(sample)
    assert found["std_error"].columns.equals(found["estimate"].columns)


def test_effects_of_several_outcomes_stand_under_their_headings(sample):
    main = tables.each_outcome(sample, {"SDM": {}})["efficiency scores", "SDM"]
    cells = sections.effect_columns({"efficiency scores": main.effects()})
    expected = main.effects().loc[("total", "INA")]
    for what in ("estimate", "std_error", "p_value"):
        assert cells[what].loc["INA", ("efficiency scores", "total")] == expected[what]
        assert list(cells[what].columns.get_level_values(1)) == ["direct", "indirect", "total"]


def test_a_sign_counts_only_at_its_level(sample):
    rows = pd.DataFrame({"estimate": [0.02, -0.4], "p_value": [0.03, 0.2]}, index=["INA", "GOV"])
    row = "INA, SDM two-way FE, significance"
    for level, terms, holds in (
        (0.05, {"INA": 1}, True),
        (0.01, {"INA": 1}, False),
        (0.05, {"INA": -1}, False),
        (0.1, {"INA": 1, "GOV": -1}, False),
    ):
        (found,) = claims.signed(sample, {"TCE": rows}, {row: (level, terms)})
        assert found.holds is holds
    assert found.note == "efficiency scores: 0.0200 (p = 0.030), government −0.400 (p = 0.200)."
