"""The generator keeps its word: printed targets met, stated truth in the data, same bytes again."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import SpecificationError
from analysis.panel import within
from analysis.papers.ne34.generator import _regression_block, simulate, write
from analysis.papers.ne34.measures import CONTRACT, regressors, variables
from analysis.papers.ne34.targets import (
    DESIGN,
    REGRESSORS,
    SCENARIOS,
    SEED,
    YEARS,
    coagglomeration_path,
    printed_moments,
    printed_moran,
    rho_implied_by_effects,
    truth,
)
from analysis.papers.places import cities
from analysis.resources import ROOT
from analysis.weights import inverse_distance

COMMITTED = ROOT / "data" / "simulated" / "ne34"


@pytest.fixture(scope="module", params=SCENARIOS)
def data(request):
    return simulate(request.param)


def test_the_files_keep_the_contract(tmp_path, data):
    write(data, tmp_path)
    required = {"city": list(data.weights.units), "year": list(YEARS)}
    read = CONTRACT.read(tmp_path, required)
    for name, table in read.items():
        pd.testing.assert_frame_equal(table, data.tables[name].sort_index()[table.columns])


def test_another_seed_gives_other_data():
    assert not simulate(seed=1).tables["gdp"].equals(simulate(seed=2).tables["gdp"])


def test_scenarios_share_everything_but_carbon():
    one, *others = (simulate(scenario, seed=3).tables for scenario in SCENARIOS)
    for other in others:
        assert [name for name in one if not one[name].equals(other[name])] == ["co2"]


def test_an_unknown_scenario_is_refused():
    with pytest.raises(SpecificationError, match="as-printed"):
        simulate("as_printed")


@pytest.mark.parametrize("seed", [SEED, 11])
def test_printed_means_and_deviations_are_met(seed):
    data = simulate(seed=seed)
    frame = regressors(data.complete)
    carbon = data.complete["co2"]["co2"] / data.complete["gdp"]["gdp"]
    frame = frame.assign(Carbon=carbon)
    for name, target in printed_moments().items():
        # Raw columns are rounded, and words are whole, which moves the logarithm of small counts.
        rounding = 3e-3 if name == "LnER" else 1e-3
        assert frame[name].mean() == pytest.approx(target.mean, rel=rounding), name
        assert frame[name].std() == pytest.approx(target.std_dev, rel=rounding), name


def test_mean_coagglomeration_follows_its_path():
    frame = regressors(simulate(seed=5).complete)
    np.testing.assert_allclose(
        frame["Coagg"].groupby("year").mean(), coagglomeration_path(), atol=2e-3
    )


def test_the_extreme_cell_is_where_it_was_declared():
    gov = regressors(simulate(seed=5).complete)["GOV"]
    assert gov.idxmax() == tuple(DESIGN.extreme_cell)
    assert gov.max() == pytest.approx(printed_moments()["GOV"].maximum, abs=1e-4)


def test_the_declared_number_of_cells_is_empty(data):
    for where, count in DESIGN.gaps.items():
        name, column = where.split(".")
        assert int(data.tables[name][column].isna().sum()) == count
        years = data.tables[name][column].unstack("year")
        assert years[[YEARS[0], YEARS[-1]]].notna().to_numpy().all()
    assert sum(int(t.isna().sum().sum()) for t in data.tables.values()) == sum(DESIGN.gaps.values())


def test_what_the_model_leaves_over_are_the_errors(data):
    """The data obey the stated model: its residual is the drawn error up to two-way effects."""
    labels = data.weights.units
    frame = regressors(data.complete)
    wide = {name: frame[name].unstack("city")[labels].to_numpy() for name in frame.columns}
    block, w, y, parameters = _regression_block(wide), data.weights.dense(), data.carbon, data.truth
    beta, theta = (parameters[[w + name for name in REGRESSORS]].to_numpy() for w in ("", "W."))
    left = (
        y[1:]
        - parameters["rho"] * y[1:] @ w.T
        - parameters["L.Carbon"] * y[:-1]
        - parameters["W.L.Carbon"] * y[:-1] @ w.T
        - (block @ beta + (block @ theta) @ w.T)[1:]
    )
    # City and year effects are arbitrary, so compare what is left when both are removed.
    np.testing.assert_allclose(
        within(left, "two-way"), within(data.errors[1:], "two-way"), atol=1e-9
    )


def yearly_moran(data):
    w = inverse_distance(cities("ne34"), DESIGN.placement).dense()
    z = data.carbon - data.carbon.mean(axis=1, keepdims=True)
    return (z @ w.T * z).sum(axis=1) / (z**2).sum(axis=1)


@pytest.mark.parametrize("seed", [SEED, 11, 12])
def test_levels_lie_in_space_so_that_morans_i_follows_its_printed_path(seed):
    gap = yearly_moran(simulate(seed=seed)) - printed_moran()["morans_i"].to_numpy()
    # The deviation of I that the print implies is .09.
    assert np.abs(gap).max() < 0.12
    assert abs(gap.mean()) < 0.02


def test_levels_at_random_have_no_place_in_space():
    assert np.abs(yearly_moran(simulate("levels-at-random"))).max() < 0.12


def test_placing_levels_leaves_their_distribution_and_that_of_each_kind():
    placed, random = simulate(seed=5).carbon, simulate("levels-at-random", seed=5).carbon
    flags = cities("ne34")["resource_based"].to_numpy() == 1
    for kind in (flags, ~flags):
        ours, theirs = (np.sort(carbon[:, kind].mean(axis=0)) for carbon in (placed, random))
        np.testing.assert_allclose(ours, theirs, rtol=0.15)
    np.testing.assert_allclose(within(placed, "two-way"), within(random, "two-way"), atol=1e-9)


@pytest.mark.seconds
def test_carbon_is_positive_over_many_seeds():
    for seed in range(4):
        assert simulate("effects-implied", seed).carbon.min() > 0.5


def test_the_pipeline_reads_simulated_files_as_it_reads_real_ones(data):
    panel = variables(data.tables)
    assert (panel.n_units, panel.n_periods) == (34, 20)
    np.testing.assert_allclose(panel.values("Carbon"), data.carbon, rtol=1e-3)


def test_rho_implied_by_the_printed_effects_is_negative_and_apart_from_the_printed_one():
    estimate, error = rho_implied_by_effects()
    printed = truth("as-printed")["rho"]
    assert estimate + 3 * error < 0 < printed
    assert abs(estimate + printed) < error


def test_the_implied_rho_reproduces_the_printed_short_run_totals_better():
    published = pd.read_csv(ROOT / "data/published/paper_a_table5.csv")
    short = published[published["model"].str.startswith("ST")]
    totals = short.groupby("term")["estimate"].sum()

    def gap(scenario):
        parameters = truth(scenario)
        ours = pd.Series(
            {
                name: (parameters[name] + parameters[f"W.{name}"]) / (1 - parameters["rho"])
                for name in REGRESSORS
            }
        )
        return float(((ours - totals) ** 2).sum())

    assert gap("effects-implied") < 0.1 * gap("as-printed")


def test_the_command_writes_the_same_files(tmp_path):
    result = CliRunner().invoke(app, ["simulate", "ne34", "--output", str(tmp_path)])
    assert result.exit_code == 0
    for path in tmp_path.rglob("*.csv"):
        assert path.read_bytes() == (COMMITTED / path.relative_to(tmp_path)).read_bytes()


def test_the_command_suggests_the_study_that_was_meant():
    result = CliRunner().invoke(app, ["simulate", "ne43"])
    assert result.exit_code == 1
    assert "ne34" in result.stderr
