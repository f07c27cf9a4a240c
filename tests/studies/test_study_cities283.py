"""The 283-city study: settings change what they say, and nothing else."""

import shutil

import numpy as np
import pandas as pd
import pytest

from analysis.book.diagrams import Arrow, Box, draw
from analysis.book.figures import canvas
from analysis.errors import (
    DomainError,
    EstimationError,
    ParameterError,
    RawDataError,
    SpecificationError,
)
from analysis.papers.cities283 import generator, study
from analysis.papers.cities283.measures import CONTRACT
from analysis.resources import data_path
from analysis.spatial import fit
from analysis.study import open_study
from analysis.study.fallback import FALLBACKS


@pytest.fixture(scope="module")
def sample():
    return open_study(study.STUDY)


def test_printed_group_sizes(sample):
    assert sample.group("resource").value_counts().to_dict() == {
        "other": 169,
        "resource-based": 114,
    }
    assert set(sample.group("region")) == set(study.REGIONS)


def test_what_follows_from_other_truths_is_called_solved(sample):
    kinds = sample.data.truth.set_index(["equation", "term"])["kind"]
    with_innov = kinds["TCE with INNOV"]
    solved = {"INA", "INNOV", "W.INA", "W.INNOV", "lnGDP", "HUM", "sigma2"}
    assert set(with_innov.index[with_innov == "solved"]) == solved
    assert kinds["TCE", "INA"] == kinds["mediation", "share"] == "targeted"
    kept = ["equation", "term", "value"]
    drawn = generator.read().truth
    pd.testing.assert_frame_equal(sample.data.truth[kept], drawn[kept])


def test_default_index_is_the_ratio_of_certified_pooled_scores(sample):
    level = sample.data.efficiency.level.unstack("year")
    index = sample.panel.frame["TCE"].unstack("year")
    assert sample.data.efficiency.certified
    for year in sample.panel.periods:
        ratio = (level[year] / level[year - 1]).reindex(index.index)
        np.testing.assert_allclose(index[year], ratio, rtol=1e-9)


@pytest.mark.seconds
@pytest.mark.parametrize("outcome", ["log-index", "level", "cumulative"])
def test_forms_of_the_outcome_belong_together(sample, outcome):
    other = open_study(study.STUDY, outcome=outcome).panel.frame["TCE"].unstack("year")
    index = sample.panel.frame["TCE"].unstack("year")
    expected = {
        "log-index": np.log(index),
        "level": sample.panel.frame["level"].unstack("year"),
        "cumulative": index.cumprod(axis=1),
    }[outcome]
    pd.testing.assert_frame_equal(other, expected, check_exact=False, rtol=1e-9)


@pytest.mark.seconds
def test_beginning_a_year_later_gives_nine_indices_and_another_initial_stock(sample):
    later = open_study(study.STUDY, first_raw_year=2010)
    assert list(later.panel.periods) == list(range(2011, 2020))
    assert len(later.data.production.frame) == 2830
    assert not later.recovers
    # the initial stock is inferred from another first year
    first = later.data.production.values("capital")[0]
    assert not np.allclose(first, sample.data.production.values("capital")[1])


@pytest.mark.seconds
def test_raw_files_of_the_contract_give_the_simulated_sample(sample, tmp_path):
    CONTRACT.write(sample.raw, tmp_path)
    real = open_study(study.STUDY, raw=tmp_path)
    assert not real.is_simulated
    assert real.true("INA") is None
    assert list(real.outcomes) == ["TCE"]
    np.testing.assert_array_equal(real.panel.values("TCE"), sample.panel.values("TCE"))


@pytest.mark.seconds
def test_truths_are_withheld_where_estimates_cannot_be_held_against_them(sample):
    assert sample.true("INA") == pytest.approx(0.0255)
    assert open_study(study.STUDY, weights="nearest-5").true("INA") is None


@pytest.mark.seconds
@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"outcome": "levels"}, ParameterError, "outcome 'levels' is unknown"),
        ({"first_raw_year": 2011}, ParameterError, "2009 or 2010"),
        ({"dropped": "zhongway"}, RawDataError, "zhongwei"),
        ({"scenario": "scattered", "seed": 1}, ParameterError, "scenario 'scattered' is unknown"),
        ({"weights": "distance"}, SpecificationError, "weights 'distance' are unknown"),
        ({"raw": "data/raw/nowhere"}, RawDataError, "no such folder"),
    ],
)
def test_a_wrong_setting_is_named(options, error, said):
    with pytest.raises(error, match=said):
        open_study(study.STUDY, **options)


@pytest.mark.seconds
def test_a_missing_city_year_is_named(sample, tmp_path):
    CONTRACT.write(sample.raw, tmp_path)
    path = tmp_path / "co2.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("anshan,2012")) + "\n")
    with pytest.raises(RawDataError, match=r"co2\.csv: no row for anshan 2012"):
        open_study(study.STUDY, raw=tmp_path)


@pytest.mark.seconds
def test_carbon_dioxide_in_tonnes_is_refused(sample, tmp_path):
    tonnes = sample.raw["co2"].copy()
    tonnes.loc[("anshan", 2012), "co2"] *= 1e4
    CONTRACT.write({**sample.raw, "co2": tonnes}, tmp_path)
    with pytest.raises(DomainError, match=r"co2\.csv: carbon dioxide .* anshan 2012 \("):
        open_study(study.STUDY, raw=tmp_path)


def test_an_estimator_that_does_not_exist_gives_way_to_one_that_says_its_name(sample):
    spec = study.Specification("CI", study.STUDY.regressors)
    with pytest.raises(EstimationError, match="no interior maximum"):
        fit(sample.panel, spec, sample.weights)
    found = study.estimate(sample.panel, spec, sample.weights)
    assert found.specification.estimator in FALLBACKS


def test_printed_numbers_are_looked_up():
    assert study.printed_number("W x INA, SDM two-way FE") == "0.304"
    assert study.printed_number("energy per GDP 2018") == "-3.1"
    with pytest.raises(ParameterError, match="no number"):
        study.printed_number("improves in all four years")


def test_a_diagram_refuses_an_arrow_to_nowhere():
    _, axes = canvas()
    boxes = {"a": Box(0, 0, "a"), "b": Box(2, 0, "b")}
    draw(axes, boxes, [Arrow("a", "b", "so")])
    assert {text.get_text() for text in axes.texts} == {"a", "b", "so"}
    with pytest.raises(SpecificationError, match="c, which is no box"):
        draw(axes, boxes, [("a", "c")])


@pytest.mark.seconds
def test_six_files_suffice_for_the_index_and_where_it_lies(tmp_path):
    for name in CONTRACT.needs["TCE"]:
        shutil.copy(data_path("simulated", "cities283", f"{name}.csv"), tmp_path)
    panel = study.load(raw=tmp_path).panel
    whole = study.load().panel
    assert {"TCE", "INA", "CI"} <= set(panel.columns)
    assert not {"OPEN", "HUM", "INNOV"} & set(panel.columns)
    for name in ("TCE", "INA"):
        np.testing.assert_allclose(panel.values(name), whole.values(name))
    (tmp_path / "prices.csv").unlink()
    with pytest.raises(
        RawDataError, match=r"no prices.csv, without which there is no efficiency index"
    ):
        study.load(raw=tmp_path)
