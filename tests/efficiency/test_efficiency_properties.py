"""What must hold of levels and indices whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.efficiency import Technology, malmquist, score
from analysis.errors import (
    DomainError,
    MissingColumnError,
    NonFiniteError,
    SampleSizeError,
    SpecificationError,
)
from analysis.panel import Panel

SBM = Technology(("capital", "labour"), ("gdp",), ("co2",))
OH = Technology(("capital", "labour"), ("gdp",), ("co2",), measure="directional")


def infeasible(found):
    """City-years without a solution: no level, or no index towards that year."""
    return found.summary[found.summary["status"] == "infeasible"]


def random_panel(seed, n_cities=6, n_years=3):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"city {i}" for i in range(n_cities)], range(2009, 2009 + n_years)],
        names=["city", "year"],
    )
    size = np.repeat(rng.lognormal(0, 1, n_cities), n_years)[:, None]
    data = size * rng.lognormal(0, 0.3, (len(index), 4))
    frame = pd.DataFrame(data, index=index, columns=list(SBM.columns))
    return Panel.from_frame(frame, source="cities.csv")


seeds = st.integers(0, 10**6)
technologies = st.sampled_from(
    [SBM, OH, Technology(SBM.inputs, SBM.good, SBM.bad, returns="variable")]
)


@settings(max_examples=8)
@given(seeds, technologies, st.lists(st.integers(-9, 9), min_size=4, max_size=4))
def test_units_of_measurement_drop_out(seed, technology, powers):
    panel = random_panel(seed)
    scaled = Panel.from_frame(panel.frame * 10.0 ** np.array(powers))
    np.testing.assert_allclose(
        score(scaled, technology).level, score(panel, technology).level, rtol=0, atol=1e-10
    )


@settings(max_examples=8)
@given(seeds, technologies)
def test_the_order_of_cities_does_not_matter(seed, technology):
    panel = random_panel(seed)
    turned = panel.sub(units=list(panel.units)[::-1])
    ours, theirs = malmquist(panel, technology), malmquist(turned, technology)
    pd.testing.assert_series_equal(ours.level, theirs.level.reindex(ours.level.index), atol=1e-12)


@settings(max_examples=8)
@given(seeds, technologies)
def test_the_global_index_is_circular_and_splits_into_its_parts(seed, technology):
    panel = random_panel(seed, n_years=4)
    found = malmquist(panel, technology)
    parts = found.summary.dropna()
    np.testing.assert_allclose(
        parts["index"], parts["efficiency_change"] * parts["best_practice_change"], rtol=1e-12
    )
    level = found.level if technology.measure == "sbm" else 1 / (1 + found.level)
    start = level.groupby("city").transform("first")
    np.testing.assert_allclose(found.cumulative, level / start, rtol=1e-10)
    assert infeasible(found).empty
    assert found.certified


@pytest.mark.seconds
@settings(max_examples=8)
@given(seeds)
def test_a_larger_reference_set_never_raises_a_score(seed):
    panel = random_panel(seed, n_years=4)

    def level(**options):
        return score(panel, Technology(SBM.inputs, SBM.good, SBM.bad, **options)).level.to_numpy()

    pooled, yearly = level(), level(reference="contemporaneous")
    window, sequential = level(reference="window", window=2), level(reference="sequential")
    slack = 1e-9
    assert (pooled <= sequential + slack).all()
    assert (sequential <= yearly + slack).all()
    assert (window <= yearly + slack).all()
    assert (yearly <= 1.0).all()
    years = panel.frame.index.get_level_values("year")
    np.testing.assert_allclose(sequential[years == 2012], pooled[years == 2012], atol=1e-9)
    np.testing.assert_allclose(level(reference="window", window=1), yearly, atol=1e-9)
    np.testing.assert_allclose(level(reference="window", window=4), pooled, atol=1e-9)


@settings(max_examples=8)
@given(seeds)
def test_variable_returns_and_orientations_only_raise_the_score(seed):
    panel = random_panel(seed)

    def level(**options):
        return score(panel, Technology(SBM.inputs, SBM.good, SBM.bad, **options)).level

    neither = level()
    assert (level(returns="variable") >= neither - 1e-9).all()
    assert (level(orientation="input") >= neither - 1e-9).all()
    assert (level(orientation="output") >= neither - 1e-9).all()


@settings(max_examples=8)
@given(seeds, st.sampled_from(["constant", "variable"]))
def test_slacks_peers_and_projections_are_those_of_the_score(seed, returns):
    panel = random_panel(seed)
    technology = Technology(SBM.inputs, SBM.good, SBM.bad, returns=returns)
    found = score(panel, technology)
    share = found.slacks / panel.frame
    by_hand = (1 - share[["capital", "labour"]].mean(axis=1)) / (
        1 + share[["gdp", "co2"]].mean(axis=1)
    )
    np.testing.assert_allclose(by_hand, found.level, atol=1e-9)
    peers = found.peers.merge(
        panel.frame, left_on=["peer_city", "peer_year"], right_index=True, how="left"
    )
    mixture = peers[list(technology.columns)].mul(peers["intensity"], axis=0)
    mixture = mixture.groupby([peers["city"], peers["year"]]).sum().reindex(panel.frame.index)
    np.testing.assert_allclose(mixture, found.projections, rtol=1e-9)
    if returns == "variable":
        total = peers.groupby(["city", "year"])["intensity"].sum()
        np.testing.assert_allclose(total, 1.0, atol=1e-9)


@settings(max_examples=6)
@given(seeds, technologies)
def test_a_projected_city_is_efficient_among_the_others(seed, technology):
    panel = random_panel(seed, n_cities=5, n_years=2)
    found = score(panel, technology)
    first = panel.frame.index[0]
    moved = panel.frame.copy()
    moved.loc[first] = found.projections.loc[first]
    others = moved.drop(index=[first])
    everyone = pd.concat([panel.frame.reset_index(), moved.loc[[first]].reset_index()])
    everyone["city"] = [*panel.frame.index.map(str), "projected"]
    everyone["year"] = 2009
    assert len(others) + 2 == len(everyone)
    again = score(Panel.from_frame(everyone), technology).level.loc["projected"].iloc[0]
    expected = 1.0 if technology.measure == "sbm" else 0.0
    assert again == pytest.approx(expected, abs=1e-8)


@settings(max_examples=6)
@given(seeds)
def test_super_efficiency_tells_efficient_cities_apart_and_leaves_others_alone(seed):
    panel = random_panel(seed)
    plain = score(panel, SBM)
    ahead = score(panel, Technology(SBM.inputs, SBM.good, SBM.bad, super_efficiency=True))
    efficient = plain.summary["efficient"]
    assert (ahead.level[efficient] >= 1 - 1e-9).all()
    pd.testing.assert_series_equal(ahead.level[~efficient], plain.level[~efficient])
    assert (ahead.slacks[efficient] <= 0).all().all()
    assert ahead.certified


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_who_has_no_super_efficiency_is_efficient_all_the_same(orientation):
    frame = pd.DataFrame(
        {"city": list("abcd"), "year": 1, "x": [1.0, 2, 4, 8], "y": [1.0, 3, 5, 6]}
    )
    technology = Technology(
        ("x",), ("y",), returns="variable", super_efficiency=True, orientation=orientation
    )
    found = score(Panel.from_frame(frame), technology)
    assert found.summary["efficient"].all()
    expected = {"input": [2, 1.25, 1.5, np.nan], "output": [np.nan, 9 / 7, 1.25, 1.2]}
    np.testing.assert_allclose(found.level, expected[orientation])


def test_an_undefined_super_efficiency_is_reported_and_not_filled_in():
    frame = pd.DataFrame(
        {
            "city": list("abc"),
            "year": 2010,
            "x": [1.0, 2.0, 3.0],
            "y": [1.0, 4.0, 5.0],
            "b": [1.0, 1.0, 1.0],
        }
    )
    technology = Technology(
        ("x",), ("y",), ("b",), returns="variable", orientation="input", super_efficiency=True
    )
    found = score(Panel.from_frame(frame), technology)
    assert infeasible(found).index.to_list() == [("c", 2010)]
    assert np.isnan(found.level.loc[("c", 2010)])
    assert found.certified


def test_a_transition_without_solution_is_reported_and_not_filled_in():
    found = malmquist(random_panel(4, n_cities=8), OH, "contemporaneous")
    lost = found.index.isna()
    assert 0 < lost.sum() < len(lost)
    assert set(infeasible(found).index) == set(found.index.index[lost])
    first_lost = infeasible(found).index[0]
    city = found.summary.loc[first_lost[0]]
    assert city.loc[first_lost[1] :, "cumulative"].isna().all()
    assert found.certified


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (
            0.0,
            DomainError,
            r"cities\.csv: column 'labour' is zero or negative in city 2 2010 \(0\)",
        ),
        (-3.0, DomainError, r"'labour' is zero or negative in city 2 2010 \(-3\)"),
        (np.nan, NonFiniteError, r"cities\.csv: column 'labour'.*city 2 2010"),
        (np.inf, NonFiniteError, r"'labour'.*city 2 2010"),
        (1e9, DomainError, r"factor 1e\+06 away from its median.*city 2 2010 \(1e\+09\)"),
        (1e-9, DomainError, r"'labour' is more than a factor.*city 2 2010 \(1e-09\)"),
    ],
)
def test_data_that_cannot_be_measured_are_refused_with_city_year_and_column(value, error, words):
    panel = random_panel(1)
    frame = panel.frame.copy()
    frame.loc[("city 2", 2010), "labour"] = value
    with pytest.raises(error, match=words):
        score(Panel.from_frame(frame, source="cities.csv"), SBM)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(MissingColumnError, match="'energy'"):
        score(random_panel(1), Technology(("energy",), ("gdp",)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"measure": "ccr"}, "measure='ccr'"),
        ({"returns": "increasing"}, "returns='increasing'"),
        ({"orientation": "both"}, "orientation='both'"),
        ({"reference": "global"}, "reference='global'"),
        ({"reference": "window"}, "belong together"),
        ({"window": 3}, "belong together"),
        ({"reference": "window", "window": 0}, "window=0"),
        ({"disposability": "none"}, "disposability='none'"),
        ({"disposability": "weak"}, "measure='directional'"),
        ({"measure": "directional", "orientation": "input"}, "own direction"),
        ({"measure": "directional", "super_efficiency": True}, "super_efficiency"),
        ({"max_ratio": 0.5}, "max_ratio"),
        ({"bad": ("gdp",)}, "'gdp' is named more than once"),
        ({"good": "gdp"}, "one string"),
        ({"good": ()}, "at least one"),
    ],
)
def test_options_that_are_unknown_or_contradict_each_other_are_refused(options, words):
    with pytest.raises(SpecificationError, match=words):
        Technology(**{"inputs": ("capital",), "good": ("gdp",), "bad": ("co2",)} | options)


def test_an_index_needs_years_a_known_form_and_a_technology_that_fits():
    panel = random_panel(1)
    with pytest.raises(SpecificationError, match="form='chained'"):
        malmquist(panel, SBM, "chained")
    with pytest.raises(SpecificationError, match="Malmquist-Luenberger"):
        malmquist(panel, SBM, "contemporaneous")
    with pytest.raises(SpecificationError, match="sets its reference sets itself"):
        malmquist(panel, Technology(("capital",), ("gdp",), reference="sequential"))
    with pytest.raises(SampleSizeError, match="at least two periods"):
        malmquist(panel.sub(periods=[2009]), SBM)
    with pytest.raises(SampleSizeError, match="longer than the panel"):
        score(panel, Technology(("capital",), ("gdp",), reference="window", window=9))
    with pytest.raises(SpecificationError, match="malmquist"):
        _ = score(panel, SBM).index
