"""The north-east study loads the book's data, other seeds and a user's files alike."""

import numpy as np
import pytest

from analysis import spatial
from analysis.errors import DomainError, ParameterError, RawDataError, SpecificationError
from analysis.papers.ne34 import study as ne34
from analysis.papers.ne34.generator import simulate
from analysis.papers.ne34.measures import CONTRACT, SECTORS, in_fractions, variables
from analysis.papers.ne34.targets import SCENARIOS, SEED
from analysis.study import open_study
from analysis.study.declaration import WEIGHTS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_committed_files_are_what_the_seed_generates(scenario):
    generated = simulate(scenario, SEED).tables
    for name, table in open_study(ne34.STUDY, scenario=scenario).raw.items():
        np.testing.assert_array_equal(table.to_numpy(), generated[name][table.columns].sort_index())


def test_a_folder_of_real_files_takes_the_place_of_simulated_data(tmp_path):
    CONTRACT.write(simulate(seed=4).tables, tmp_path)
    sample = open_study(ne34.STUDY, raw=tmp_path)
    assert not sample.is_simulated
    assert sample.estimate_kind == sample.target_kind == "free"
    assert sample.true("rho") is None
    assert "{real}" in sample.banner._repr_mimebundle_()["text/markdown"]


def test_cities_without_data_can_be_left_out_of_real_files(tmp_path):
    tables = simulate(seed=4).tables
    tables["co2"] = tables["co2"].drop(["yingkou", "jinzhou"], level="city")
    CONTRACT.write(tables, tmp_path)
    with pytest.raises(RawDataError, match=r"co2.csv: no rows for the city jinzhou, yingkou"):
        open_study(ne34.STUDY, raw=tmp_path)
    sample = open_study(ne34.STUDY, raw=tmp_path, without=["yingkou", "jinzhou"])
    assert sample.panel.n_units == sample.weights.n == 32
    assert sample.weights.is_row_standardised


def test_only_the_generators_own_matrix_recovers():
    assert open_study(ne34.STUDY).true("rho") == 0.18
    assert open_study(ne34.STUDY, weights="gravity").true("rho") is None
    assert open_study(ne34.STUDY, winsorised=1).estimate_kind == "inherited"


def test_shares_are_in_per_cent_for_the_regressions_only():
    sample = open_study(ne34.STUDY)
    tabulated = variables(sample.raw)
    for name in ("GOV", "FDI", "TI"):
        np.testing.assert_allclose(sample.panel.values(name), 100 * tabulated.values(name))
        np.testing.assert_allclose(in_fractions(sample.panel).values(name), tabulated.values(name))


@pytest.mark.seconds
@pytest.mark.parametrize("kind", WEIGHTS)
def test_every_weight_matrix_carries_the_main_model(kind):
    sample = open_study(ne34.STUDY, weights=kind)
    fit = spatial.fit(sample.panel, ne34.DYNAMIC, sample.weights)
    assert fit.nobs == 34 * 19


def test_every_sector_has_its_specification():
    sample = open_study(ne34.STUDY)
    for sector in SECTORS:
        specification = ne34.sector_specification(sector, ne34.STATIC)
        fit = spatial.fit(sample.panel, specification, sample.weights)
        assert f"Coagg_{sector}^2" in fit.params.index


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"scenario": "printed"}, ParameterError, "as-printed"),
        ({"years": "1999-2005"}, ParameterError, "2003-2022"),
        ({"weights": "contiguity"}, SpecificationError, "additive-nest"),
        ({"winsorised": 60}, DomainError, "50"),
        ({"raw": "data/raw/nowhere"}, RawDataError, "no such folder"),
        ({"without": ["peking"]}, RawDataError, "peking"),
    ],
)
def test_what_cannot_be_loaded_is_named(options, error, match):
    with pytest.raises(error, match=match):
        open_study(ne34.STUDY, **options)


@pytest.mark.parametrize(
    ("cut", "kind"),
    [({}, "targeted"), ({"years": "2010-2019"}, "inherited"), ({"without": ["shenyang"]}, "inherited"),
     ({"winsorised": 5.0}, "inherited")],
)  # fmt: skip
def test_a_target_is_one_of_the_whole_sample_only(cut, kind):
    assert open_study(ne34.STUDY, **cut).target_kind == kind
