"""Posterior probabilities of models and matrices agree with integrals done by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.special import gammaln
from tests_support import noise_panel

from analysis.errors import SpecificationError
from analysis.inference import Prior, model_probabilities
from analysis.inference.probabilities import CANDIDATES, sensitivity
from analysis.spatial import Specification, fit
from analysis.weights import inverse_distance, k_nearest

SPEC = Specification("y", ["x", "z"])


def by_hand(panel, weights, model, g, shape):
    """Transform, integrate slopes and variance by multivariate t, and rho by quadrature."""
    n, t = panel.n_units, panel.n_periods

    def orthonormal(size):
        return np.linalg.qr(np.column_stack([np.ones(size), np.eye(size)[:, 1:]]))[0][:, 1:]

    F_n, F_t = orthonormal(n), orthonormal(t)
    W = F_n.T @ weights.dense() @ F_n

    def transformed(name):
        return F_n.T @ panel.values(name).T @ F_t

    y, X = transformed("y"), [transformed(name) for name in ("x", "z")]
    if model in ("sdm", "sdem", "slx"):
        X = [*X, *(W @ x for x in X)]
    Z = np.column_stack([x.ravel() for x in X])
    size, eye = y.size, np.eye(n - 1)
    prior = np.linalg.inv(g * Z.T @ Z)

    def density(r):
        S = eye - r * W
        moved = S @ y if model != "slx" else y
        stars = Z
        if model in ("sem", "sdem"):
            stars = np.column_stack([(S @ x).ravel() for x in X])
        spread = np.eye(size) + stars @ prior @ stars.T
        q = moved.ravel() @ np.linalg.solve(spread, moved.ravel())
        value = gammaln(size / 2) - size / 2 * np.log(np.pi * q) - np.linalg.slogdet(spread)[1] / 2
        if model != "slx":
            value += (t - 1) * np.linalg.slogdet(S)[1] + stats.beta(shape, shape, -1, 2).logpdf(r)
        return value

    if model == "slx":
        return density(0.0)
    top = max(density(r) for r in np.linspace(-0.99, 0.99, 50))
    area, _ = integrate.quad(lambda r: np.exp(density(r) - top), -1, 1, epsabs=1e-10, limit=200)
    return top + np.log(area)


@pytest.mark.parametrize("shape", [1.0, 3.0])
@pytest.mark.parametrize("g", [0.02, 0.5])
def test_marginal_likelihoods_are_those_of_the_integral_by_hand(g, shape):
    panel, near = noise_panel(5, 9, 5)
    matrices = {"near": near, "far": inverse_distance(near.places)}
    found = model_probabilities(panel, SPEC, matrices, prior=Prior(g, shape))
    for name, weights in matrices.items():
        for model in CANDIDATES:
            expected = by_hand(panel, weights, model, g, shape)
            np.testing.assert_allclose(
                found.log_marginals.loc[name, model], expected, atol=1e-6, err_msg=model
            )
    assert found.table.to_numpy().sum() == pytest.approx(1)
    assert found.of_weights.sum() == pytest.approx(found.of_models.sum())


def test_a_flat_prior_is_the_limit_of_a_weak_one_among_models_of_one_size():
    panel, weights = noise_panel(5, 9, 5)
    models = ("sdm", "sdem", "slx")
    flat = model_probabilities(panel, SPEC, weights, models, Prior(0)).log_marginals
    # With weak slopes k degrees of freedom stay in the residual: compare where it does not matter.
    assert flat.columns.tolist() == list(models)
    assert np.isfinite(flat).all(axis=None)
    with pytest.raises(SpecificationError, match="different numbers of regressors"):
        model_probabilities(panel, SPEC, weights, prior=Prior(0))


def test_the_posterior_mean_of_rho_follows_the_likelihood():
    panel, weights = noise_panel(7, 30, 12)
    spatial = np.linalg.solve(np.eye(30) - 0.4 * weights.matrix, panel.values("y").T).T
    panel = panel.assign(y=spatial)
    found = model_probabilities(panel, SPEC, weights, prior=Prior(1e-6))
    mode = fit(panel, SPEC, weights).params["rho"]
    assert found.spatial.loc["W", "sdm"] == pytest.approx(mode, abs=0.02)


def test_units_of_measurement_move_no_probability():
    panel, weights = noise_panel(5)
    one = model_probabilities(panel, SPEC, weights).table
    scaled = panel.assign(y=1e4 * panel.values("y"), x=1e-3 * panel.values("x"))
    np.testing.assert_allclose(model_probabilities(scaled, SPEC, weights).table, one, rtol=1e-7)


@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sdem"])
def test_the_true_matrix_and_model_are_found_in_a_large_sample(model):
    panel, near = noise_panel(11, 60, 15)
    W, rng = near.matrix, np.random.default_rng(3)
    x, e = panel.values("x"), rng.normal(size=(15, 60))
    signal = x + (0.8 * x @ W.T if model in ("sdm", "sdem") else 0)
    S = np.linalg.inv(np.eye(60) - 0.6 * W)
    y = signal + e @ S.T if model in ("sem", "sdem") else (signal + e) @ S.T
    matrices = {"4 nearest": near, "7 nearest": k_nearest(near.places, 7),
                "1/d": inverse_distance(near.places)}  # fmt: skip
    spec = Specification("y", ["x"])
    found = model_probabilities(panel.assign(y=y), spec, matrices)
    assert found.best == ("4 nearest", model)
    table = sensitivity(panel.assign(y=y), spec, matrices)
    assert (table["matrix"].idxmax(axis=1) == "4 nearest").all()
    pd.testing.assert_series_equal(
        table["model"].sum(axis=1), pd.Series(1.0, table.index), check_names=False
    )


def test_a_dynamic_model_and_a_sparse_matrix_serve_as_well():
    panel, near = noise_panel(2, 12, 8)
    dynamic = replace(SPEC, time_lag=True)
    dense = model_probabilities(panel, dynamic, near)
    thin = model_probabilities(panel, dynamic, k_nearest(near.places, 4, dense=False))
    np.testing.assert_allclose(thin.log_marginals, dense.log_marginals, atol=1e-3)


def test_what_cannot_be_compared_is_refused():
    panel, weights = noise_panel(1)
    with pytest.raises(SpecificationError, match="sac"):
        model_probabilities(panel, SPEC, weights, ("sar", "sac"))
    with pytest.raises(SpecificationError, match="random"):
        model_probabilities(panel, replace(SPEC, effects="random"), weights)
    with pytest.raises(SpecificationError, match="g must be"):
        Prior(-1)
