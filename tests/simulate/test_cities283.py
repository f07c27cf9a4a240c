"""The simulated 283-city data meet their printed targets and obey their stated law."""

import numpy as np
import pandas as pd
import pytest

from analysis.efficiency import Technology, malmquist
from analysis.errors import RawDataError
from analysis.panel import within
from analysis.papers.cities283 import generator as cities283
from analysis.papers.cities283.generator import YEARS, simulate
from analysis.papers.cities283.measures import BAD, GOOD, INPUTS, variables
from analysis.papers.cities283.study import STUDY
from analysis.papers.cities283.targets import CHOSEN, CONTROLS, PRINTED, REGRESSORS
from analysis.spatial.moran import global_moran
from analysis.study import open_study
from analysis.weights import inverse_distance

SEED = 1
"""Not the seed of the committed data."""


@pytest.fixture(scope="module")
def draw():
    return simulate(SEED)


@pytest.fixture(scope="module")
def panel(draw):
    return variables(draw.raw, ["zhongwei"])


@pytest.fixture(scope="module")
def latent(draw):
    return draw.latent.drop("zhongwei", level="city")


def test_the_committed_files_are_what_one_command_writes(tmp_path):
    for path in cities283.regenerate(tmp_path):
        committed = cities283.ROOT / "data" / "simulated" / "cities283" / path.name
        assert path.read_bytes() == committed.read_bytes(), path.name


def test_latent_index_meets_the_printed_means_and_counts(latent):
    printed, index = PRINTED, latent["index"].dropna()
    by_year = index.groupby("year")
    for year, count in printed.improving.items():
        assert int((index.xs(year, level="year") > 1).sum()) == count
    for year, mean in printed.yearly_mean.items():
        assert by_year.mean()[year] == pytest.approx(mean, abs=1e-7)
    assert index.mean() == pytest.approx(printed.overall_mean, abs=1e-7)
    others = by_year.mean().drop(list(printed.yearly_mean))
    assert (others < 1).all()


def test_named_cities_improve_or_decline_in_the_named_years(latent):
    printed, index = PRINTED, latent["index"].unstack("year")[list(PRINTED.improving)]
    assert (index.loc[list(printed.always_up)] > 1).all(axis=None)
    assert (index.loc[list(printed.always_down)] < 1).all(axis=None)


@pytest.mark.seconds
def test_the_index_clusters_in_the_years_and_on_the_matrix_of_the_print():
    first, last = PRINTED.moran_years

    def weakest(scenario, name):
        sample = open_study(STUDY, weights=PRINTED.moran_matrix, scenario=scenario)
        found = global_moran(sample.panel, name, sample.weights).loc[first:last]
        return np.where(found["I"] > 0, found["p_random"], 1).max()

    for name in ("latent", "TCE"):
        assert weakest("placed", name) < 0.01
        assert weakest("faint-field", name) > 0.05


def test_level_is_the_product_of_the_index_and_stays_below_one(latent):
    level, index = latent["efficiency"].unstack("year"), latent["index"].unstack("year")
    np.testing.assert_allclose(
        level[list(YEARS[1:])] / level[list(YEARS[:-1])].to_numpy(), index[list(YEARS[1:])], 1e-6
    )
    assert level.max(axis=None) < 1
    assert level.min(axis=None) > 0


def test_score_against_the_reference_technology_is_the_latent_level(panel, latent):
    ratio = {
        name: cities283.REFERENCE[name] * panel.frame["output"] / panel.frame[name]
        for name in ("capital", "energy", "co2")
    }
    labour = cities283.REFERENCE["labour"] * panel.frame["output"] * 1e4 / panel.frame["labour"]
    score = (ratio["capital"] + labour + ratio["energy"]) / 3 / (1.5 - 0.5 * ratio["co2"])
    np.testing.assert_allclose(score, latent["efficiency"].reindex(score.index), rtol=2e-3)


def test_scores_computed_from_the_raw_tables_follow_the_latent_index(panel, latent):
    scored = malmquist(panel, Technology(INPUTS, GOOD, BAD)).index
    assert np.corrcoef(scored, latent["index"].reindex(scored.index))[0, 1] > 0.9


def test_outcome_obeys_the_stated_durbin_model_up_to_an_error_of_the_stated_size(
    draw, panel, latent
):
    truth = draw.truth[draw.truth["equation"] == "TCE"].set_index("term")["value"]
    geo = cities283.cities("cities284").loc[panel.units]
    W = inverse_distance(geo).matrix
    y = latent["index"].unstack("year").loc[panel.units, list(YEARS[1:])].to_numpy().T
    X = panel.block(REGRESSORS)[1:]
    WX = np.einsum("ij,tjk->tik", W, X)
    own = truth[list(REGRESSORS)].to_numpy()
    lagged = truth[[f"W.{x}" for x in REGRESSORS]].to_numpy()
    residual = within(y - truth["rho"] * y @ W.T - X @ own - WX @ lagged, "two-way")
    # the group departures of the slope of INA are small beside the error
    assert residual.std() == pytest.approx(CHOSEN.error * np.sqrt(0.9), rel=0.05)
    demeaned = within(X, "two-way").reshape(-1, X.shape[-1])
    noise = residual.std() / np.linalg.norm(demeaned, axis=0)
    slopes = np.linalg.lstsq(demeaned, residual.ravel(), rcond=None)[0]
    assert (np.abs(slopes) < 4 * noise).all()


@pytest.mark.seconds
def test_two_way_model_without_space_expects_the_printed_coefficient(draw, panel):
    """Average over errors: the projection of the outcome's systematic part on the regressors."""
    estimates = []
    for seed in range(2, 14):
        other = simulate(seed)
        regressors = variables(other.raw, ["zhongwei"])
        X = within(regressors.block(REGRESSORS)[1:], "two-way").reshape(-1, 6)
        y = other.latent["index"].unstack("year").loc[regressors.units, list(YEARS[1:])]
        estimates.append(
            np.linalg.lstsq(X, within(y.to_numpy().T, "two-way").ravel(), rcond=None)[0][0]
        )
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert np.mean(estimates) == pytest.approx(PRINTED.ina_two_way, abs=3.5 * error)
    assert error < 0.004


def test_truths_of_the_three_equations_satisfy_the_mediation_identity(draw):
    value = draw.truth.set_index(["equation", "term"])["value"]
    total = value["TCE", "INA"]
    through = value["INNOV", "INA"] * value["TCE with INNOV", "INNOV"]
    assert total == pytest.approx(value["TCE with INNOV", "INA"] + through, abs=1e-12)
    assert through / total == pytest.approx(PRINTED.mediated_share)
    for x in CONTROLS:
        direct = value["TCE with INNOV", x]
        assert value["TCE", x] == pytest.approx(
            direct + value["INNOV", x] * value["TCE with INNOV", "INNOV"], abs=1e-12
        )


def test_group_truths_have_the_printed_order(draw):
    value = draw.truth[draw.truth["equation"].str.startswith("group")].set_index("equation")[
        "value"
    ]
    assert value["group east"] > value["group central"] > value["group west"]
    assert value["group other"] > value["group resource-based"]


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(draw):
    again, other = simulate(SEED), simulate(SEED + 1)
    for name, table in draw.raw.items():
        pd.testing.assert_frame_equal(table, again.raw[name])
    assert not draw.raw["co2"].equals(other.raw["co2"])


def test_gaps_are_inside_the_years_and_the_variables_have_none(draw, panel):
    empty = draw.raw["roads"]["road_area"].isna()
    years = empty.index.get_level_values("year")[empty]
    assert empty.any()
    assert years.min() > YEARS[0]
    assert years.max() < YEARS[-1]
    assert np.isfinite(panel.block(list(panel.columns))).all()


def test_weighted_location_quotients_average_one(panel):
    weight = panel.values("labour") / panel.values("labour").sum(axis=1, keepdims=True)
    for name in ("lq_manufacturing", "lq_services"):
        np.testing.assert_allclose((weight * panel.values(name)).sum(axis=1), 1, atol=2e-3)


@pytest.mark.parametrize(
    ("dropped", "said"), [("zhongway", "did you mean 'zhongwei'"), ("daqing", "resource-based")]
)
def test_a_city_that_cannot_be_the_missing_one_is_refused(dropped, said):
    with pytest.raises(RawDataError, match=said):
        simulate(SEED, dropped=dropped)


def test_a_named_city_that_is_left_out_is_not_made_to_move():
    index = simulate(SEED + 2, dropped="nanning").latent["index"].unstack("year")
    declining = PRINTED.always_down
    assert "nanning" in declining
    years = list(PRINTED.improving)
    assert (index.loc[[city for city in declining if city != "nanning"], years] < 1).all(axis=None)


@pytest.mark.seconds
def test_another_missing_city_leaves_283(draw):
    other = simulate(SEED, dropped="beihai")
    panel = variables(other.raw, ["beihai"])
    assert (panel.n_units, panel.n_periods) == (283, 11)
    assert "zhongwei" in panel.units
