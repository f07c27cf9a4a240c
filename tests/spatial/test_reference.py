"""Agreement with independent software on cigarettes and public capital.

`exact_*.json` is a second implementation of our own formulas; spreg, splm and SDPDmod are other people's.
Its one-dimensional searches stop at a tolerance that leaves up to 2e-8 in a flat spatial parameter; ours
solve the score, and a test below shows that the score is zero there to rounding.
"""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import UnstableError
from analysis.papers import validation
from analysis.spatial import Fit, Specification, fit
from analysis.spatial.correction import correct
from analysis.spatial.covariance import _mean_direction, information, invert
from analysis.spatial.likelihood import Likelihood

EFFECTS = {"individual": "individual", "time": "time", "twoways": "two-way"}
CASES = {
    "cigar": (validation.cigarettes, validation.CIGARETTES),
    "produc": (validation.public_capital, validation.PUBLIC_CAPITAL),
}


@pytest.fixture(scope="module", params=CASES)
def case(request, reference):
    load, specification = CASES[request.param]
    panel, weights = load()
    return reference(f"exact_{request.param}"), panel, weights, specification


def assert_agrees(found, expected, std_errors="se"):
    spatial = expected.get("rho", expected.get("lambda"))
    want = np.array([*expected["beta"], spatial])
    np.testing.assert_allclose(found.params.iloc[:-1], want, rtol=3e-8, atol=3e-8)
    np.testing.assert_allclose(found.sigma2, expected["sigma2"], atol=1e-8)
    if "loglik" in expected:
        np.testing.assert_allclose(found.loglik, expected["loglik"], atol=1e-8)
    if std_errors in expected:
        want = expected[std_errors]["values"]
        np.testing.assert_allclose(found.std_errors, want, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("model", ["sar", "sdm", "sem", "sdem"])
@pytest.mark.parametrize("effects", EFFECTS)
def test_static_models_agree_with_the_second_implementation(case, model, effects):
    numbers, panel, weights, spec = case
    expected = numbers["static"][f"{model}_{effects}"]

    def estimate(estimator):
        return fit(
            panel,
            Specification(
                spec.outcome, spec.regressors, model, effects=EFFECTS[effects], estimator=estimator
            ),
            weights,
        )

    direct = estimate("direct")
    assert_agrees(direct, expected)
    if "r2_xsmle_style" in expected:
        for kind in ("within", "between", "overall"):
            np.testing.assert_allclose(
                direct.rsquared[kind], expected["r2_xsmle_style"][f"r2_{kind}"], atol=1e-7
            )
    corrected = expected.get("LeeYu_bias_corrected_direct_approach")
    if corrected:
        assert_agrees(estimate("direct-corrected-published"), corrected)
    transformed = expected.get("LeeYu_transformation_approach_ML")
    if transformed:
        assert_agrees(estimate("transformation"), transformed)


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("kind", ["individual", "transform", "direct"])
@pytest.mark.parametrize("lags", ["tl1_stl1", "tl1_stl0", "tl0_stl1"])
def test_dynamic_models_agree_with_the_second_implementation(case, model, kind, lags):
    numbers, panel, weights, spec = case
    expected = numbers["dynamic"][f"{model}_{kind}_{lags}"]
    # The reference forms W y from the demeaned outcome in its direct dynamic models.
    direct = kind == "direct"
    plain = "direct" if direct else "transformation-uncorrected"
    corrected = "direct-corrected" if direct else "transformation"

    def estimate(estimator, std_errors="information"):
        return fit(
            panel,
            Specification(
                spec.outcome,
                spec.regressors,
                model,
                time_lag=lags.startswith("tl1"),
                space_time_lag=lags.endswith("stl1"),
                effects="individual" if kind == "individual" else "two-way",
                estimator=estimator,
                within_order="demean-first" if direct else "weights-first",
                std_errors=std_errors,
            ),
            weights,
        )

    maximum = estimate(plain)
    assert_agrees(maximum, expected, "se_normal")
    # Near a unit root the correction magnifies the reference's last digits, so start it from them.
    wanted = expected["bias_corrected"]
    if not -1.3 < wanted["rho"] < 1:
        with pytest.raises(UnstableError, match="moves rho"):
            estimate(corrected)
        return
    moved = estimate(corrected)
    start = replace(
        maximum._point,
        b=np.array(expected["beta"]),
        rho=expected["rho"],
        sigma2=expected["sigma2"],
    )
    point = correct(moved._problem, start, moved.specification)
    assert_agrees(Fit(moved._design, moved._problem, point, start), wanted, "se_normal")
    np.testing.assert_allclose(moved.params.iloc[:-2], wanted["beta"], atol=1e-6)
    # With time effects removed by a transformation the reference takes moments of F'v, which depend
    # on the basis F; ours take them of v and do not.
    if kind != "transform":
        assert_agrees(estimate(plain, "sandwich"), expected, "se_sandwich")


@pytest.mark.parametrize("model", ["sar", "sem", "sdem", "sac"])
def test_the_score_is_zero_at_the_estimate(case, model):
    _, panel, weights, spec = case
    found = fit(panel, Specification(spec.outcome, spec.regressors, model), weights)
    point, problem = found._point, found._problem
    score = Likelihood(problem).gradient(np.array([[point.rho, point.lam, point.phi]]))
    np.testing.assert_allclose(score, 0, atol=1e-6)


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("effects", EFFECTS)
def test_static_effects_and_their_delta_errors_agree(case, model, effects):
    numbers, panel, weights, spec = case
    expected = numbers["static"][f"{model}_{effects}"]["effects"]["static"]
    specification = Specification(
        spec.outcome, spec.regressors, model, effects=EFFECTS[effects], estimator="direct"
    )
    found = fit(panel, specification, weights).effects()
    for kind in ("direct", "indirect", "total"):
        for ours, theirs in (("estimate", "point"), ("std_error", "delta_se")):
            np.testing.assert_allclose(
                found.loc[kind, ours], expected[theirs][kind], rtol=1e-6, atol=1e-7
            )


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("horizon", ["short", "long"])
def test_dynamic_effects_agree(case, model, horizon):
    numbers, panel, weights, spec = case
    expected = numbers["dynamic"][f"{model}_transform_tl1_stl1"]["bias_corrected"]["effects"]
    specification = Specification(
        spec.outcome,
        spec.regressors,
        model,
        time_lag=True,
        space_time_lag=True,
        std_errors="sandwich",
    )
    found = fit(panel, specification, weights).effects(horizon)
    for kind in ("direct", "indirect", "total"):
        np.testing.assert_allclose(
            found.loc[kind, "estimate"], expected[horizon]["point"][kind], rtol=1e-5, atol=1e-7
        )


SPREG = {"SAR": "sar", "SDM": "sdm", "SEM": "sem", "SDEM": "sdem"}


@pytest.mark.parametrize("way", ["oneway", "twoway"])
@pytest.mark.parametrize("model", SPREG)
def test_fixed_effects_agree_with_spreg(cigarettes, reference, model, way):
    kind = "Error" if "E" in model else "Lag"
    expected = reference("spreg191_cigar")[f"ML_{kind}FE_{model}_{way}"]
    panel, weights = cigarettes
    specification = Specification(
        "logc",
        ["logp", "logy"],
        SPREG[model],
        effects="individual" if way == "oneway" else "two-way",
        estimator="direct",
    )
    found = fit(panel, specification, weights)
    kept = [not name.startswith("time_") for name in expected["names"]]
    betas, errors = (np.array(expected[key])[kept] for key in ("betas", "std_err"))
    np.testing.assert_allclose(found.params.iloc[: len(betas)], betas, atol=2e-7)
    np.testing.assert_allclose(found.sigma2, expected["sig2"], rtol=1e-7)
    np.testing.assert_allclose(found.loglik, expected["logll"], atol=1e-6)
    ours = found.std_errors.to_numpy()
    if way == "twoway" and kind == "Lag":
        # spreg keeps year dummies as regressors, so G Z b is net of year means in its information;
        # Elhorst's formula, ours in the direct approach, leaves them in.
        direction = _mean_direction(found._problem, found._point)
        year_means = (direction.mean(axis=1) ** 2).sum() * found.panel.n_units
        netted = information(found._problem, found._point)
        rho = len(found._point.b)
        netted[rho, rho] -= year_means / found.sigma2
        ours = np.sqrt(np.diag(invert(netted)))
    np.testing.assert_allclose(ours[: len(errors)], errors, rtol=1e-5)


@pytest.mark.parametrize("model", ["SAR", "SDM"])
def test_random_effects_agree_with_spreg(cigarettes, reference, model):
    expected = reference("spreg191_cigar")[f"ML_LagRE_{model}_oneway"]
    panel, weights = cigarettes
    specification = Specification("logc", ["logp", "logy"], SPREG[model], effects="random")
    found = fit(panel, specification, weights)
    np.testing.assert_allclose(found.params.iloc[:-1], expected["betas"], atol=2e-6)
    np.testing.assert_allclose(found.loglik, expected["logll"], atol=1e-6)


@pytest.mark.parametrize("model", ["sar", "sdm", "sem", "sdem"])
@pytest.mark.parametrize("effects", EFFECTS)
def test_demeaning_first_reproduces_splm(cigarettes, reference, model, effects):
    expected = reference("splm_cigar")[f"{model}_{effects}_noLY"]
    panel, weights = cigarettes
    specification = Specification(
        "logc",
        ["logp", "logy"],
        model,
        effects=EFFECTS[effects],
        estimator="direct",
        within_order="demean-first",
    )
    found = fit(panel, specification, weights)
    # splm calls the spatial lag lambda and the spatial error rho, and prints it first.
    (spatial, *slopes) = expected["coeftable"].values()
    want = [*(s["est"] for s in slopes), spatial["est"]]
    np.testing.assert_allclose(found.params.iloc[: len(want)], want, atol=1e-6)
    np.testing.assert_allclose(found.sigma2, expected["sigma2"], rtol=1e-6)


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("kind", ["individual", "twoways"])
@pytest.mark.parametrize("data", ["cigar", "produc"])
def test_dynamic_models_agree_with_sdpdmod_once_its_clipping_is_removed(
    reference, data, model, kind
):
    expected = reference("sdpdmod_patched")[f"{data}_{model}_{kind}_tl_stl"]["bias_corrected"]
    load, spec = CASES[data]
    panel, weights = load()
    specification = Specification(
        spec.outcome,
        spec.regressors,
        model,
        time_lag=True,
        space_time_lag=True,
        effects=EFFECTS[kind],
        unit_roots=True,
    )
    found = fit(panel, specification, weights)
    # SDPDmod searches rho on binned log-determinants, which leaves an error of about a hundredth.
    np.testing.assert_allclose(found.params["rho"], expected["rho"], atol=0.012)
    np.testing.assert_allclose(
        found.params.iloc[: len(expected["coef"])], list(expected["coef"].values()), atol=0.03
    )
