"""One plain scipy linprog a unit, written from the formulas and from nothing else."""

import numpy as np
from scipy.optimize import linprog

TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def _optimum(cost, a_eq, b_eq, bounds=None):
    found = linprog(cost, A_eq=a_eq, b_eq=b_eq, bounds=bounds, method="highs", options=TIGHT)
    if found.status == 2:
        return np.nan
    assert found.status == 0, found.message
    return found.fun


def sbm(x, y, b, X, Y, B, variable=False, inputs=True, outputs=True):
    """Unknowns t, Lambda, S-, Sg, Sb (Charnes and Cooper); unit x, y, b against X, Y, B."""
    n, m, s1, s2 = len(X), len(x), len(y), len(b)
    q = s1 + s2
    wi, wo = inputs / m, outputs / q
    cost = np.r_[1.0, np.zeros(n), np.full(m, -wi), np.zeros(q)]
    eye = np.eye(m + q)
    rows = np.hstack(
        [
            -np.ones((m + q, 1)),
            np.vstack([(X / x).T, (Y / y).T, (B / b).T]),
            eye * np.r_[np.ones(m), -np.ones(s1), np.ones(s2)],
        ]
    )
    norm = np.r_[1.0, np.zeros(n + m), np.full(q, wo)]
    a_eq, b_eq = [rows, norm[None]], [np.zeros(m + q), [1.0]]
    if variable:
        a_eq.append(np.r_[-1.0, np.ones(n), np.zeros(m + q)][None])
        b_eq.append([0.0])
    return _optimum(cost, np.vstack(a_eq), np.concatenate(b_eq))


def super_sbm(x, y, b, X, Y, B, variable=False):
    """Unknowns t, Lambda, additions (S-, Sg, Sb), unused room (m + q)."""
    n, m, s1, s2 = len(X), len(x), len(y), len(b)
    q = s1 + s2
    cost = np.r_[1.0, np.zeros(n), np.full(m, 1 / m), np.zeros(q), np.zeros(m + q)]
    sign = np.diag(np.r_[np.ones(m), -np.ones(s1), np.ones(s2)])
    rows = np.hstack(
        [-np.ones((m + q, 1)), np.vstack([(X / x).T, (Y / y).T, (B / b).T]), -sign, sign]
    )
    norm = np.r_[1.0, np.zeros(n + m), np.full(q, -1 / q), np.zeros(m + q)]
    a_eq, b_eq = [rows, norm[None]], [np.zeros(m + q), [1.0]]
    if variable:
        a_eq.append(np.r_[-1.0, np.ones(n), np.zeros(2 * (m + q))][None])
        b_eq.append([0.0])
    return _optimum(cost, np.vstack(a_eq), np.concatenate(b_eq))


def distance(x, y, b, X, Y, B, variable=False, weak=True):
    """Largest beta; Kuosmanen's second set of intensities if weak with variable returns."""
    n, m, s1, s2 = len(X), len(x), len(y), len(b)
    idle = n if variable and weak else 0
    zero = np.zeros
    slack = np.diag(np.r_[np.ones(m), -np.ones(s1), np.ones(s2)])[:, : m + s1 + s2 * (not weak)]
    rows = np.hstack(
        [
            np.r_[zero(m), -np.ones(s1), np.ones(s2)][:, None],
            np.vstack([(X / x).T, (Y / y).T, (B / b).T]),
            np.vstack([(X / x).T, zero((s1 + s2, n))])[:, :idle],
            slack,
        ]
    )
    b_eq = np.ones(m + s1 + s2)
    if variable:
        rows = np.vstack([rows, np.r_[0.0, np.ones(n + idle), zero(slack.shape[1])]])
        b_eq = np.r_[b_eq, 1.0]
    cost = np.r_[-1.0, zero(rows.shape[1] - 1)]
    bounds = [(None, None)] + [(0, None)] * (rows.shape[1] - 1)
    return -_optimum(cost, rows, b_eq, bounds)
