"""Specification tests agree with splm, Elhorst's routines and linearmodels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests_support import random_effects_panel

from analysis.errors import EstimationError, SampleSizeError, SpecificationError
from analysis.spatial import Specification, fit
from analysis.spatial import specification_tests as module
from analysis.spatial.specification_tests import (
    durbin_tests,
    hausman,
    joint_effects_tests,
    lm_tests,
    pesaran_cd,
    specification_tests,
)

SDM = Specification("logc", ["logp", "logy"], estimator="direct")
NAMES = {"LM lag": "LM_lag", "LM error": "LM_error", "Robust LM lag": "RLM_lag",
         "Robust LM error": "RLM_error"}  # fmt: skip


@pytest.mark.parametrize(
    ("effects", "key"),
    [("none", "none"), ("individual", "individual"), ("time", "time"), ("two-way", "twoways")],
)
def test_lm_tests_agree_with_the_second_implementation_and_elhorst(
    cigarettes, reference, effects, key
):
    panel, weights = cigarettes
    found = {t.name: t for t in lm_tests(panel, replace(SDM, effects=effects), weights)}
    expected = reference("exact_cigar")["tests"][f"LM_{key}"]["tests"]
    elhorst = reference("elhorst_octave_cigar")["LM_tests"]
    elhorst = elhorst["pooled" if key == "none" else key]
    order = ["LM lag", "Robust LM lag", "LM error", "Robust LM error"]
    for position, name in enumerate(order):
        np.testing.assert_allclose(found[name].statistic, expected[NAMES[name]]["stat"], rtol=1e-8)
        np.testing.assert_allclose(found[name].p_value, expected[NAMES[name]]["p"], rtol=1e-6)
        np.testing.assert_allclose(found[name].statistic, elhorst[position], atol=6e-5)


def test_w_in_another_order_and_of_libpysal_gives_the_same_tests(cigarettes):
    panel, weights = cigarettes
    expected = [t.statistic for t in lm_tests(panel, SDM, weights)]
    for other in (weights.sub(panel.units[::-1]), weights.to_libpysal(), weights.to_graph()):
        found = [t.statistic for t in lm_tests(panel.frame, SDM, other)]
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_pooled_lm_tests_agree_with_splm(cigarettes, reference):
    panel, weights = cigarettes
    found = {t.name: t.statistic for t in lm_tests(panel, SDM, weights, pooled=True)}
    for name, key in (("LM lag", "lml"), ("LM error", "lme"), ("Robust LM lag", "rlml")):
        expected = reference("splm_cigar")["tests"][f"slmtest_pooling_{key}"]["statistic"]
        np.testing.assert_allclose(found[name], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("effects", "key"), [("individual", "individual"), ("time", "time"), ("two-way", "twoways")]
)
def test_durbin_tests_agree_with_the_second_implementation(cigarettes, reference, effects, key):
    panel, weights = cigarettes
    expected = reference("exact_cigar")["tests"][f"SDM_selection_{key}"]
    plain = {t.name: t for t in durbin_tests(fit(panel, replace(SDM, effects=effects), weights))}
    for name, want in (
        ("Wald SAR", expected["ml"]["Wald_SDM_vs_SAR"]),
        ("Wald SEM", expected["ml"]["Wald_SDM_vs_SEM"]),
        ("LR SAR", expected["LR_SDM_vs_SAR"]),
        ("LR SEM", expected["LR_SDM_vs_SEM"]),
    ):
        np.testing.assert_allclose(plain[name].statistic, want["stat"], rtol=1e-6)
        assert plain[name].df == want["df"]


def test_joint_effects_of_the_non_spatial_model_are_the_published_ones(cigarettes):
    panel, weights = cigarettes
    cities, years = joint_effects_tests(panel, replace(SDM, model="ols"), weights)
    # Elhorst (2014) prints 2315.7 and 473.1, with N and T degrees of freedom where one fewer is right.
    assert round(cities.statistic, 1) == 2315.7
    assert round(years.statistic, 1) == 473.1
    assert (cities.df, years.df) == (45, 29)


def test_hausman_keeps_its_size_when_city_effects_are_random():
    spec = Specification("y", ["x"], effects="individual")
    rejections = sum(
        hausman(*swap(random_effects_panel(seed, n=25, t=5), spec)).p_value < 0.05
        for seed in range(20)
    )
    # Binomial(20, .05): four or fewer with probability .997.
    assert rejections <= 4


def test_hausman_rejects_when_city_effects_follow_the_regressor():
    spec = Specification("y", ["x"], model="sar", effects="individual")
    panel, weights = random_effects_panel(3, n=25, t=5)
    x = panel.values("x") + 2 * np.linspace(-1, 1, panel.n_units)
    shifted = panel.assign(x=x, y=panel.values("y") + 3 * np.linspace(-1, 1, panel.n_units))
    assert hausman(shifted, spec, weights).p_value < 0.05


def swap(data, specification):
    panel, weights = data
    return panel, specification, weights


def test_hausman_refuses_dynamic_models(cigarettes):
    panel, weights = cigarettes
    with pytest.raises(SpecificationError, match="static"):
        hausman(panel, replace(SDM, time_lag=True), weights)


def test_pesaran_cd_agrees_with_its_definition_pair_by_pair():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(7, 4))
    total = sum(
        stats.pearsonr(values[:, i], values[:, j])[0] for i in range(4) for j in range(i + 1, 4)
    )
    index = pd.MultiIndex.from_product([list("abcd"), range(7)], names=["city", "year"])
    found = pesaran_cd(pd.Series(values.T.ravel(), index=index))
    np.testing.assert_allclose(found.statistic, np.sqrt(2 * 7 / 12) * total, rtol=1e-12)


def test_a_restricted_model_without_an_estimate_costs_its_own_test_only(cigarettes, monkeypatch):
    def refuse(panel, specification, weights):
        if specification.model == "sem" or specification.is_random:
            raise EstimationError("no maximum inside")
        return fit(panel, specification, weights)

    panel, weights = cigarettes
    whole = module.specification_tests(panel, SDM, weights)
    monkeypatch.setattr(module, "fit", refuse)
    table = module.specification_tests(panel, SDM, weights)
    lost = table["statistic"].isna()
    assert list(table.index[lost]) == ["LR SEM", "Hausman"]
    assert table.loc[lost, "note"].str.contains("no maximum inside").all()
    pd.testing.assert_frame_equal(table[~lost], whole[~lost], check_dtype=False)


def test_pesaran_cd_refuses_two_years():
    index = pd.MultiIndex.from_product([list("abcd"), range(2)], names=["city", "year"])
    with pytest.raises(SampleSizeError, match="2 periods"):
        pesaran_cd(pd.Series(np.arange(8.0), index=index))


def test_one_call_gives_the_whole_battery(cigarettes):
    panel, weights = cigarettes
    table = specification_tests(
        panel, Specification("logc", ["logp", "logy"], time_lag=True, space_time_lag=True), weights
    )
    assert list(table.columns) == ["statistic", "df", "p_value", "note"]
    assert table.index.is_unique
    assert len(table) == 12
    assert table.loc["Wald SEM", "df"] == 3  # two slopes and the lag of the outcome
    assert table["statistic"].notna().all()
