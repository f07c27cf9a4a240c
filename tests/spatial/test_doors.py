"""What a user of the field may hand over, and what comes back under the field's names."""

import libpysal
import numpy as np
import pandas as pd
import pytest
import spreg
from linearmodels.panel import PanelOLS
from tests_support import noise_panel

from analysis import errors
from analysis.panel import Panel
from analysis.spatial import Specification, fit
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.moran import global_moran, local_moran
from analysis.spatial.specification_tests import pesaran_cd
from analysis.weights import Weights


@pytest.fixture(scope="module")
def states():
    """A frame with a two-level index under names of the user's own, and libpysal's weights."""
    rng = np.random.default_rng(5)
    index = pd.MultiIndex.from_product(
        [[f"s{i:02}" for i in range(25)], range(1990, 2000)], names=["state", "quarter"]
    )
    frame = pd.DataFrame(rng.uniform(1, 3, (250, 3)), index, ["y", "x", "z"])
    frame["side"] = np.where(index.get_level_values(0) < "s12", "north", "south")
    w = libpysal.weights.lat2W(5, 5)
    w.remap_ids([f"s{i:02}" for i in range(25)])
    w.transform = "r"
    return frame, w


def test_a_frame_and_libpysals_weights_give_the_fit_of_panel_and_weights(states):
    frame, w = states
    ours = Weights(w.full()[0], pd.Index(w.id_order))
    expected = fit(Panel.from_frame(frame), Specification("y", ["x", "z"]), ours)
    shuffled = frame.sample(frac=1, random_state=2)
    graph = libpysal.graph.Graph.from_W(w)
    for data, weights in ((frame, w), (shuffled, graph), (frame.reset_index(), ours)):
        keyed = data if data.index.nlevels == 2 else Panel.from_frame(data, "state", "quarter")
        found = fit(keyed, "y ~ x + z", weights)
        pd.testing.assert_series_equal(found.params, expected.params)
        assert (found.panel.unit, found.panel.period) == ("state", "quarter")


def test_weights_go_to_libpysal_and_come_back_without_loss(states):
    binary = Weights(np.triu(np.ones((4, 4)), 1), pd.Index(list("abcd")), "order")  # d is an island
    for there in (binary.to_libpysal(), binary.to_graph()):
        back = Weights.from_libpysal(there)
        np.testing.assert_array_equal(back.dense(), binary.dense())
        assert list(back.units) == list("abcd")


@pytest.mark.filterwarnings("ignore")
def test_spreg_takes_the_weights_and_estimates_the_same(states):
    frame, w = states
    panel, ours = Panel.from_frame(frame), Weights.from_libpysal(w)
    found = fit(panel, "y ~ x + z", ours, model="sar", effects="individual", estimator="direct")
    theirs = spreg.Panel_FE_Lag(
        panel.values("y").T, np.hstack([panel.values(n).T for n in ("x", "z")]), ours.to_libpysal()
    )
    np.testing.assert_allclose(found.params[["x", "z", "rho"]], theirs.betas.ravel(), rtol=1e-5)


def test_a_formula_says_logs_powers_lags_interactions_and_categories(states):
    frame, w = states
    panel = Panel.from_frame(frame)
    by_hand = panel.assign(
        **{"log(y)": np.log(panel.values("y")), "x:z": panel.values("x") * panel.values("z")}
    )
    expected = fit(by_hand, Specification("log(y)", ["x", "x^2", "L.z", "x:z"]), w)
    found = fit(frame, "log(y) ~ x + x^2 + L.z + x:z", w)
    pd.testing.assert_series_equal(found.params, expected.params)
    assert found.nobs == 25 * 9
    sides = fit(frame, "y ~ x + C(side)", w, model="ols", effects="time")
    assert "C(side)[T.south]" in sides.params
    dynamic = fit(frame, "y ~ L.y + x", w)
    assert dynamic.specification.time_lag
    assert dynamic.nobs == 25 * 9
    inside = fit(frame, "y ~ log(L.x)", w)
    moved = panel.lag("x").unstack().iloc[:, 1:]
    np.testing.assert_allclose(inside.panel.frame["log(`L.x`)"].unstack(), np.log(moved))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda f, w: fit(f, "y ~ qx", w), errors.MissingColumnError, "no column 'qx'"),
        (lambda f, w: fit(f, "y ~ x +", w), errors.SpecificationError, "cannot read the formula"),
        (lambda f, w: fit(f, "x", w), errors.SpecificationError, "cannot read the formula"),
        (lambda f, w: fit(f, "y ~ x", w, modle="sar"), errors.SpecificationError, "modle.*model"),
        (lambda f, w: fit(f, Specification("y", ["x"]), w, model="sar"), errors.SpecificationError,
         "options go with a formula"),
        (lambda f, w: fit(f.assign(x=-f.x), "y ~ log(x)", w), errors.DomainError,
         r"log\(x\): must be positive, is not in s00 1990"),
        (lambda f, w: fit(f.assign(**{"L.x": 1.0}), "y ~ L.x", w), errors.SpecificationError,
         "'L.x' is a lag of 'x' and the name of a column"),
        (lambda f, w: fit(f.drop(index=("s03", 1995)), "y ~ x", w), errors.UnbalancedPanelError,
         "no row for s03 1995; each state"),
        (lambda f, w: fit(f.rename(index={"s03": "s02 "}), "y ~ x", w), errors.UnitMismatchError,
         "'s02 '"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_in_the_users_words(states, call, error, words):
    with pytest.raises(error, match=words), np.errstate(invalid="ignore"):
        call(*states)


def test_results_have_linearmodels_names_and_numbers(states):
    frame, w = states
    theirs = PanelOLS(frame["y"], frame[["x", "z"]], entity_effects=True).fit()
    ours = fit(frame, "y ~ x + z", w, model="ols", effects="individual")
    terms = ["x", "z"]
    np.testing.assert_allclose(ours.params[terms], theirs.params)
    assert ours.df_resid == theirs.df_resid - 1  # sigma2 is a parameter of ours
    np.testing.assert_allclose(ours.resids, theirs.resids, atol=1e-12)
    np.testing.assert_allclose(ours.fitted_values + ours.resids, frame["y"])
    scale = ours.std_errors["x"] / theirs.std_errors["x"]  # one divisor against another
    np.testing.assert_allclose(ours.tstats[terms] * scale, theirs.tstats)
    level = ours.conf_int(0.9)
    np.testing.assert_allclose(level["upper"] - level["lower"], 2 * 1.6448536 * ours.std_errors)
    assert ours.aic == pytest.approx(2 * len(ours.params) - 2 * ours.loglik)
    assert ours.bic > ours.aic
    np.testing.assert_allclose(ours.pvalues, ours.summary["p_value"])


def test_a_summary_says_what_was_estimated_and_shows_in_a_notebook(states):
    frame, w = states
    found = fit(frame, "y ~ x", w)
    text = str(found)
    for word in ("static SDM", "25 x state", "quarter 1990-1999", "information", "W.x"):
        assert word in text
    assert "<th>model</th>" in found._repr_html_()
    assert isinstance(found.summary.loc["x", "estimate"], float)
    for result in (found, fit_gmm(frame, "y ~ x", w)):  # what maketables asks a result for
        assert list(result.__maketables_coef_table__.columns) == ["b", "se", "t", "p"]
        assert result.__maketables_depvar__ == "y"
        assert result.__maketables_stat__("N") == result.nobs


@pytest.mark.parametrize("kind", ["sandwich", "cluster", "driscoll-kraay"])
def test_other_standard_errors_need_no_other_fit(states, kind):
    frame, w = states
    plain = fit(frame, "y ~ x", w)
    moved = plain.with_cov(kind)
    anew = fit(frame, "y ~ x", w, std_errors=kind)
    pd.testing.assert_frame_equal(moved.effects(), anew.effects())
    assert moved.wald("x = W.x") == anew.wald("x = W.x") != plain.wald("x = W.x")
    with pytest.raises(errors.SpecificationError, match="did you mean 'cluster'"):
        plain.with_cov("clustered")


def test_other_standard_errors_of_gmm_are_those_of_another_estimation(states):
    frame, w = states
    spec = GmmSpecification("y", ["x"])
    moved = fit_gmm(frame, spec, w).with_cov("information")
    anew = fit_gmm(frame, GmmSpecification("y", ["x"], std_errors="information"), w)
    pd.testing.assert_series_equal(moved.std_errors, anew.std_errors)
    assert moved.wald("x = 0").statistic == pytest.approx(moved.tstats["x"] ** 2)
    assert moved.effects().shape == (3, 6)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("x = W.x", lambda p: p["x"] - p["W.x"]),
        ("x + 2*W.x = 1.5, rho", lambda p: [p["x"] + 2 * p["W.x"] - 1.5, p["rho"]]),
        ("W.x + rho * x = 0", lambda p: p["W.x"] + p["rho"] * p["x"]),
    ],
)
def test_restrictions_may_be_written(states, text, function):
    found = fit(*[states[0], "y ~ x", states[1]])
    assert found.wald(text).statistic == pytest.approx(found.wald(function).statistic)


def test_restrictions_may_be_arrays_and_are_refused_by_name(states):
    found = fit(states[0], "y ~ x", states[1])
    by_name = pd.DataFrame([[1.0, -1.0]], columns=["x", "W.x"])
    expected = found.wald("x = W.x")
    assert found.wald(by_name) == expected
    assert found.wald(np.array([1.0, -1, 0, 0])).statistic == pytest.approx(expected.statistic)
    with pytest.raises(errors.MissingColumnError, match="no parameter q"):
        found.wald("x = q")
    with pytest.raises(errors.SpecificationError, match="cannot read"):
        found.wald("x = (W.x")
    with pytest.raises(errors.SpecificationError, match="needs 4 columns"):
        found.wald(np.ones((1, 3)))


def test_new_data_are_predicted_under_the_old_effects(states):
    frame, w = states
    found = fit(frame, "y ~ x", w)
    pd.testing.assert_series_equal(found.predict(data=frame), found.predict())
    more = found.predict(data=frame.assign(x=frame["x"] + 1)) - found.predict()
    total = found.effects().loc[("total", "x"), "estimate"]
    assert more.mean() == pytest.approx(total)
    with pytest.raises(errors.SpecificationError, match=r"predict\(data=\.\.\.\)"):
        found.predict(frame)
    with pytest.raises(errors.PanelError, match="of the fit alone"):
        found.predict(data=frame.loc[["s00", "s01"]])


def test_periods_that_are_dates_or_stand_apart_are_refused_at_every_door():
    panel, _ = noise_panel(1)
    frame = panel.frame.reset_index()
    instruments = [Instruments("y", "lags", 2, 4, collapse=True), Instruments("x", "own")]
    dated = frame.assign(year=pd.to_datetime(frame["year"].astype(str)))
    apart = frame.assign(year=frame["year"].where(frame.index != 3, 20_000_101))
    for bad, words in ((dated, r"holds dates.*\.dt\.year"), (apart, "correct the entry")):
        with pytest.raises(errors.PanelError, match=words):
            dynamic_panel_gmm(bad, "y", ["L.y", "x"], instruments)


def test_moran_refuses_what_it_cannot_compute():
    panel, weights = noise_panel(1)
    for scale in (1e160, 1e-160):
        with pytest.raises(errors.EstimationError, match="change its unit"):
            global_moran(panel.assign(y=panel.values("y") * scale), "y", weights)
    for seed in (-1, 2**32):
        with pytest.raises(errors.SpecificationError, match="from 0 to 4294967295"):
            local_moran(panel.cross_section("y", 2001), weights, seed=seed)
    values = panel.cross_section("y", 2001)
    with pytest.raises(errors.DuplicateObservationError, match="city00"):
        local_moran(pd.concat([values, values.iloc[:1]]), weights)


def test_pesarans_test_names_a_unit_whose_residuals_do_not_vary():
    index = pd.MultiIndex.from_product([list("abc"), range(5)], names=["city", "year"])
    resids = pd.Series(np.random.default_rng(0).normal(size=15), index)
    resids.loc["b"] = 0.25
    with pytest.raises(errors.ConstantOutcomeError, match="do not vary: b"):
        pesaran_cd(resids)


def test_a_gap_of_a_row_sum_too_small_to_print_is_seen():
    panel, weights = noise_panel(1)
    coarse = Weights(weights.matrix.astype("float32") * (1 - 6e-8), weights.units)
    with pytest.raises(errors.NotRowStandardisedError, match=r"city00 \(1-\d.*e-0\d\)"):
        fit(panel, Specification("y", ["x"]), coarse)
