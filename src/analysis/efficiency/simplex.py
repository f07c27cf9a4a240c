"""Many small linear programs at once: revised simplex in numpy with column generation.

All units share their own unknowns and differ by the scaling of the reference columns. The frontier
is tiny, so each unit works on a small common set of columns; when it is optimal there, every
reference column is priced with its duals and the most violated one joins the set. Pricing all
columns is at once the stopping rule and the certificate: nothing is called optimal before it.

Degeneracy (the right-hand side of a slacks-based program is almost all zeros) is met by a small
perturbation of the right-hand side; values are then recomputed from the final basis with the true
one. A basis that the true right-hand side rejects is tried again with a smaller perturbation, and
what is left goes to HiGHS; its answers carry the same certificate, and none where it does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult, linprog
from threadpoolctl import ThreadpoolController

from analysis.efficiency.programs import SAYS, Program
from analysis.errors import EstimationError
from analysis.resources import refuse

TOLERANCE = 1e-9
"""A solution is certified when its gap and its residual stay below this."""

_PRICE = 1e-10  # reference columns may violate their dual constraint by no more than this
_INNER = 1e-11
_PIVOT = 1e-9
_FEASIBLE = 1e-12  # mending a violated row may cost a multiple of it, which the basis hides
_ZERO = 1e-13  # rounding of a basic unknown that stands at zero
_PERTURBATIONS = (1e-7, 1e-11)
_EXPEL = 1e3  # cost of an unknown that has to leave the basis
_SMALL_SET = 400
_CHUNK_ENDS, _CHUNK = (128, 640, 2688), 4096
_PRICE_ROWS, _PRICE_COLUMNS = 64, 2048

# The matrix products are too small to share between threads; waiting for each other costs more.
_THREADS = ThreadpoolController()

_TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}

OPTIMAL, INFEASIBLE, UNSOLVED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Solution:
    """Solutions of one program for n units.

    Attributes
    ----------
    status : (n,) int array
        `OPTIMAL` or `INFEASIBLE`.
    objective : (n,) array
        Optimal value, NaN where infeasible.
    own : (n, P) array
        Own unknowns, in the scaled units of the program.
    peers : (n, K) int array
        Reference units with a positive intensity, -1 where a place is empty.
    intensities : (n, K) array
        Their intensities.
    gap : (n,) array
        Difference between the value of the primal solution and a bound from a dual one that holds
        against every reference column (infeasible units: violation of the proof of infeasibility).
    residual : (n,) array
        Largest violation of a constraint by the primal solution, in shares of the unit's own value.
    """

    status: np.ndarray
    objective: np.ndarray
    own: np.ndarray
    peers: np.ndarray
    intensities: np.ndarray
    gap: np.ndarray
    residual: np.ndarray

    @property
    def certified(self) -> np.ndarray:
        """Whether gap and residual stay below `TOLERANCE`."""
        return (self.gap <= TOLERANCE) & (self.residual <= TOLERANCE)


@dataclass(slots=True)
class _Basis:
    """Current bases of n units: codes below P are own unknowns, P + j is reference column j."""

    codes: np.ndarray
    inverse: np.ndarray
    values: np.ndarray

    def take(self, index: np.ndarray) -> _Basis:
        return _Basis(self.codes[index], self.inverse[index], self.values[index])

    def put(self, index: np.ndarray, other: _Basis) -> None:
        self.codes[index], self.inverse[index] = other.codes, other.inverse
        self.values[index] = other.values


class _Problem:
    """Scaled data of one call, the reference columns asked for so far, and what is solved."""

    def __init__(
        self, program: Program, units: np.ndarray, reference: np.ndarray, exclude: np.ndarray | None
    ) -> None:
        self.program, self.units, self.reference = program, units, reference
        self.n_reference = len(reference)
        centre = np.exp(np.log(reference).mean(axis=0))
        columns, own = reference / centre, units / centre
        if program.returns == "variable":
            columns = np.column_stack([columns, np.ones(len(columns))])
            own = np.column_stack([own, np.ones(len(own))])
        if program.separate_abatement:
            idle = columns.copy()
            idle[:, program.shape.inputs : program.shape.rows] = 0.0
            columns = np.vstack([columns, idle])
        self.column_size = np.linalg.norm(columns, axis=1)
        self.unit_size = np.linalg.norm(own, axis=1)
        self.columns = np.ascontiguousarray((columns / self.column_size[:, None]).T)
        self.inverse_units = self.unit_size[:, None] / own
        self.exclude = np.full(len(units), -1) if exclude is None else exclude
        n, (k, p) = len(units), program.matrix.shape
        self.solution = Solution(
            np.full(n, UNSOLVED), np.full(n, np.nan), np.full((n, p), np.nan), np.full((n, k), -1),
            np.zeros((n, k)), np.full(n, np.inf), np.full(n, np.inf),
        )  # fmt: skip
        n_columns = self.columns.shape[1]
        self.position, self.index = np.full(n_columns, -1), np.empty(0, dtype=np.intp)
        self.ask(np.arange(n_columns) if n_columns <= _SMALL_SET else self._extremes())

    def put(self, unit: np.ndarray | int, **values: object) -> None:
        """Write what is known of some units."""
        for name, value in values.items():
            getattr(self.solution, name)[unit] = value

    def _extremes(self) -> np.ndarray:
        """Best columns by each ratio of a good output to an input or a bad output."""
        shape, real = self.program.shape, self.columns[:, : self.n_reference]
        good = range(shape.inputs, shape.inputs + shape.good)
        below = [k for k in range(shape.rows) if k not in good]
        return np.unique([np.argmax(real[up] / real[down]) for up in good for down in below])

    def ask(self, columns: np.ndarray) -> None:
        """Take those columns into the working set that are new there."""
        new = np.unique(columns[self.position[columns] < 0])
        self.position[new] = len(self.index) + np.arange(len(new))
        self.index = np.r_[self.index, new]
        self.working = np.ascontiguousarray(self.columns[:, self.index])

    def scaled(self, codes: np.ndarray, unit: np.ndarray) -> np.ndarray:
        """Columns of the given codes: shape (n, K) for one code a unit, (n, K, k) for k of them."""
        n_own = self.program.matrix.shape[1]
        is_own = codes < n_own
        own = self.program.matrix[:, np.where(is_own, codes, 0)]
        reference = np.zeros_like(own)
        scale = self.inverse_units[unit].T
        picked = self.columns[:, np.where(is_own, 0, codes - n_own)]
        reference[: len(self.columns)] = picked * (scale if codes.ndim == 1 else scale[:, :, None])
        return np.moveaxis(np.where(is_own, own, reference), 0, 1)

    def whole(self, own: np.ndarray) -> np.ndarray:
        """What belongs to the own unknowns, with zeros for the reference columns."""
        return np.r_[own, np.zeros(self.columns.shape[1], own.dtype)]

    def shifted_duals(self, duals: np.ndarray, unit: np.ndarray, shift: float) -> np.ndarray:
        """Duals of the data rows for unscaled columns, inputs made dearer by `shift` in all.

        A column priced at or below zero with these proves the bound less `shift`.
        """
        n_inputs = self.program.shape.inputs
        moved = duals[:, : len(self.columns)].copy()
        moved[:, :n_inputs] -= shift / n_inputs
        return moved * self.inverse_units[unit]

    def price(self, duals: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Most violated reference column of each unit, over all columns, and its violation."""
        best = np.full(len(duals), -np.inf)
        where = np.zeros(len(duals), dtype=np.intp)
        excluded = self.exclude[unit]
        for top in range(0, len(duals), _PRICE_ROWS):
            rows = slice(top, top + _PRICE_ROWS)
            lines = np.arange(len(duals[rows]))
            for left in range(0, self.columns.shape[1], _PRICE_COLUMNS):
                values = duals[rows] @ self.columns[:, left : left + _PRICE_COLUMNS]
                local = excluded[rows] - left
                hit = (local >= 0) & (local < values.shape[1])
                values[lines[hit], local[hit]] = -np.inf
                column = values.argmax(axis=1)
                value = values[lines, column]
                better = value > best[rows]
                best[rows][better] = value[better]
                where[rows][better] = column[better] + left
        return where, best


def _refactor(problem: _Problem, basis: _Basis, unit: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """Recompute inverses and values from the basis codes; return which bases are regular."""
    matrices = problem.scaled(basis.codes, unit)
    regular = np.ones(len(unit), dtype=bool)
    try:
        basis.inverse = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        for k, matrix in enumerate(matrices):
            try:
                basis.inverse[k] = np.linalg.inv(matrix)
            except np.linalg.LinAlgError:
                regular[k] = False
    regular &= np.isfinite(basis.inverse).all(axis=(1, 2))
    basis.inverse[~regular] = np.eye(len(rhs))
    basis.values = basis.inverse @ rhs
    lost = rhs - (matrices @ basis.values[..., None])[..., 0]
    basis.values += (basis.inverse @ lost[..., None])[..., 0]  # one step of refinement
    return regular


def _pivot(problem: _Problem, basis: _Basis, unit: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Simplex steps on the working set until each unit is optimal there; return which are."""
    program = problem.program
    n_own, n_rows = program.matrix.shape[1], program.matrix.shape[0]
    full_cost = problem.whole(cost)
    finished = np.zeros(len(unit), dtype=bool)
    index = np.arange(len(unit))  # units that still move
    local = basis.take(index)
    basic_cost = full_cost[local.codes]
    excluded = problem.exclude[unit]
    excluded = np.where(excluded >= 0, problem.position[excluded], -1)
    for _ in range(200 * n_rows):
        duals = (basic_cost[:, None, :] @ local.inverse)[:, 0]
        own = duals @ program.matrix - cost
        own[:, program.barred] = -np.inf
        reference = problem.shifted_duals(duals, unit[index], _INNER) @ problem.working
        skipped = np.flatnonzero(excluded[index] >= 0)
        reference[skipped, excluded[index[skipped]]] = -np.inf
        lines = np.arange(len(index))
        best_own, best_reference = own.argmax(axis=1), reference.argmax(axis=1)
        gain_own, gain_reference = own[lines, best_own], reference[lines, best_reference]
        moving = (gain_own > _INNER) | (gain_reference > 0.0)
        finished[index[~moving]] = True
        entering = np.where(
            gain_own > gain_reference, best_own, n_own + problem.index[best_reference]
        )
        direction = (local.inverse @ problem.scaled(entering, unit[index])[..., None])[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(direction > _PIVOT, local.values / direction, np.inf)
        leaving = ratio.argmin(axis=1)
        step = ratio[lines, leaving]
        moving &= np.isfinite(step)  # an unbounded step is left to the next, more careful method
        if not moving.all():
            basis.put(index[~moving], local.take(~moving))
            if not moving.any():
                return finished
            local, lines = local.take(moving), lines[: moving.sum()]
            index, basic_cost, entering, direction, leaving, step = (
                part[moving] for part in (index, basic_cost, entering, direction, leaving, step)
            )
        pivot_row = local.inverse[lines, leaving] / direction[lines, leaving][:, None]
        local.inverse -= direction[:, :, None] * pivot_row[:, None, :]
        local.inverse[lines, leaving] = pivot_row
        local.values -= step[:, None] * direction
        local.values[lines, leaving] = step
        local.codes[lines, leaving] = entering
        basic_cost[lines, leaving] = full_cost[entering]
    basis.put(index, local)
    return finished


def _generate(
    problem: _Problem, basis: _Basis, unit: np.ndarray, cost: np.ndarray, rhs: np.ndarray
) -> tuple[np.ndarray, _Basis, np.ndarray]:
    """Alternate between simplex and pricing; return units that are optimal, their bases and duals."""
    program, full_cost = problem.program, problem.whole(cost)
    solved, all_duals = np.zeros(len(unit), dtype=bool), np.zeros((len(unit), len(rhs)))
    open_ = np.arange(len(unit))
    while len(open_):
        local = basis.take(open_)
        finished = _pivot(problem, local, unit[open_], cost)
        finished &= _refactor(problem, local, unit[open_], rhs)
        basis.put(open_, local)
        open_, local = open_[finished], local.take(finished)
        duals = (full_cost[local.codes][:, None, :] @ local.inverse)[:, 0]
        where, violation = problem.price(
            problem.shifted_duals(duals, unit[open_], _PRICE), unit[open_]
        )
        own = (duals @ program.matrix - cost)[:, ~program.barred].max(axis=1)
        optimal = (violation <= 0.0) & (own <= _PRICE)
        solved[open_[optimal]] = True
        all_duals[open_[optimal]] = duals[optimal]
        # A column of the working set that prices out again shows lost precision: leave that unit.
        wanted = ~optimal & (violation > 0.0) & (problem.position[where] < 0)
        problem.ask(where[wanted])
        open_ = open_[wanted]
    return unit[solved], basis.take(solved), all_duals[solved]


def _start(program: Program, n: int, epsilon: float) -> tuple[_Basis, np.ndarray]:
    """Each unit against itself, and a perturbed right-hand side at which that is not degenerate."""
    start = program.start
    matrix = program.matrix[:, start]
    k = len(start)
    spread = 1.0 + (np.arange(1, k + 1) * 0.6180339887498949) % 1.0
    rhs = program.rhs + epsilon * matrix @ spread
    inverse = np.linalg.inv(matrix)
    parts = (np.tile(part, (n, *[1] * part.ndim)) for part in (start, inverse, inverse @ rhs))
    return _Basis(*parts), rhs


def _prove(
    problem: _Problem, unit: np.ndarray, basis: _Basis, duals: np.ndarray, cost: np.ndarray
) -> None:
    """Keep what is proved at the true right-hand side, at which `basis` already stands."""
    program, n_own = problem.program, problem.program.matrix.shape[1]
    values = np.where(basis.values > _ZERO, basis.values, 0.0)
    matrices = problem.scaled(basis.codes, unit)
    residual = np.abs((matrices @ values[..., None])[..., 0] - program.rhs)
    objective = (problem.whole(program.cost)[basis.codes] * values).sum(axis=1)
    own_violation = np.maximum(duals @ program.matrix - cost, 0.0)[:, ~program.barred]
    # What a violated constraint may be worth counts as part of the gap.
    gap = np.abs(objective - duals @ program.rhs) + (np.abs(duals) * residual).sum(axis=1)
    gap += _PRICE + own_violation.sum(axis=1)
    is_peer = basis.codes >= n_own
    lines, places = np.nonzero(~is_peer)
    own = np.zeros((len(unit), n_own))
    own[lines, basis.codes[lines, places]] = values[lines, places]
    is_peer &= values > 0.0
    column = np.where(is_peer, basis.codes - n_own, 0)
    size = problem.unit_size[unit][:, None] / problem.column_size[column]
    proved = (gap <= TOLERANCE) & (residual.max(axis=1) <= _FEASIBLE)
    found = {
        "objective": objective, "own": own, "gap": gap, "residual": residual.max(axis=1),
        "peers": np.where(is_peer, column % problem.n_reference, -1),
        "intensities": np.where(is_peer, values * size, 0.0),
    }  # fmt: skip
    kept = {name: value[proved] for name, value in found.items()}
    problem.put(unit[proved], status=OPTIMAL, **kept)


def _solve_chunk(problem: _Problem, unit: np.ndarray, epsilon: float) -> None:
    """Solve for some units and keep what is proved; the rest stays unsolved."""
    program = problem.program
    basis, rhs = _start(program, len(unit), epsilon)
    barred, every_barred = program.barred, problem.whole(program.barred)
    cost = np.where(barred, _EXPEL, program.cost)
    if barred.any():
        unit, basis, duals = _generate(problem, basis, unit, barred.astype(float), rhs)
        true = basis.take(np.arange(len(unit)))
        _refactor(problem, true, unit, program.rhs)
        outside = (true.values * every_barred[true.codes]).sum(axis=1) > TOLERANCE
        outside &= duals @ program.rhs > TOLERANCE
        proof = np.maximum(duals @ program.matrix[:, ~barred], 0.0).max(axis=1) + _PRICE
        proved = outside & (proof <= TOLERANCE)
        problem.put(unit[proved], status=INFEASIBLE, gap=proof[proved], residual=0.0)
        unit, basis = unit[~outside], basis.take(~outside)
    unit, basis, duals = _generate(problem, basis, unit, cost, rhs)
    holds = _refactor(problem, basis, unit, program.rhs)
    holds &= (np.abs(basis.values) * every_barred[basis.codes]).max(axis=1) <= _ZERO
    _prove(problem, unit[holds], basis.take(holds), duals[holds], cost)


def _by_highs(problem: _Problem, unit: int) -> None:
    """One unit against all reference columns at once."""
    program, n_own = problem.program, problem.program.matrix.shape[1]
    cost, barred = problem.whole(program.cost), problem.whole(program.barred)
    A, closed = problem.scaled(np.arange(len(cost))[None], np.array([unit]))[0], barred.copy()
    if problem.exclude[unit] >= 0:
        closed[n_own + problem.exclude[unit]] = True

    def minimise(cost: np.ndarray, closed: np.ndarray) -> OptimizeResult:
        bounds = np.column_stack([np.zeros(len(cost)), np.where(closed, 0.0, np.inf)])
        found = linprog(cost, None, None, A, program.rhs, bounds, options=_TIGHT)
        return found if found.status == 0 else linprog(cost, None, None, A, program.rhs, bounds)

    found = minimise(cost, closed)
    if found.status == 2:  # how much of what is barred is needed
        found = minimise(barred.astype(float), closed & ~barred)
        if found.status == 0 and found.fun > TOLERANCE:
            violation = np.maximum(found.eqlin.marginals @ A[:, ~closed], 0.0).max()
            problem.put(unit, status=INFEASIBLE, gap=violation, residual=0.0)
            return
    refuse(EstimationError, SAYS, {"unsolved": found.status != 0}, message=found.message)
    x, duals = np.maximum(found.x, 0.0), found.eqlin.marginals
    residual = np.abs(A @ x - program.rhs)
    violation = np.where(closed, 0.0, np.maximum(duals @ A - cost, 0.0))
    inputs = A[: program.shape.inputs, n_own:].mean(axis=0)
    dearer = float((violation[n_own:] / inputs).max())  # see shifted_duals
    intensities = x[n_own:] * problem.unit_size[unit] / problem.column_size
    largest = np.argsort(-intensities)[: len(A)]
    used = largest[intensities[largest] > 0.0]
    problem.solution.peers[unit, : len(used)] = used % problem.n_reference
    problem.solution.intensities[unit, : len(used)] = intensities[used]
    gap = abs(cost @ x - duals @ program.rhs) + np.abs(duals) @ residual
    gap += violation[:n_own].sum() + dearer
    known = {"objective": cost @ x, "own": x[:n_own], "gap": gap, "residual": residual.max()}
    problem.put(unit, status=OPTIMAL, **known)


def solve(
    program: Program, units: np.ndarray, reference: np.ndarray, exclude: np.ndarray | None = None
) -> Solution:
    """Solve one program for many units against one reference set.

    Parameters
    ----------
    program : Program
        What to solve.
    units : (n, rows) array
        Inputs, good outputs and bad outputs of the evaluated units, all positive.
    reference : (J, rows) array
        The same of the reference units.
    exclude : (n,) int array, optional
        For each unit the row of ``reference`` that it must not use (-1: none).

    Returns
    -------
    Solution

    Examples
    --------
    Tone (2001): unit A has 79/99.

    >>> from analysis.efficiency.programs import Shape, slacks_based
    >>> data = np.array([[4, 3, 2, 3], [6, 3, 2, 3], [8, 1, 6, 2], [8, 1, 6, 1], [2, 4, 1, 4.0]])
    >>> found = solve(slacks_based(Shape(2, 2, 0), "constant"), data, data)
    >>> float(found.objective[0]), bool(found.certified.all())
    (0.79797979..., True)
    """
    problem = _Problem(program, units, reference, exclude)
    status = problem.solution.status
    order = np.random.default_rng(0).permutation(len(units))  # the first chunks are a fair sample
    with _THREADS.limit(limits=1, user_api="blas"):
        for epsilon in _PERTURBATIONS:
            left = order[status[order] == UNSOLVED]
            for chunk in np.split(left, [end for end in _CHUNK_ENDS if end < len(left)]):
                for part in np.array_split(chunk, -(-len(chunk) // _CHUNK) or 1):
                    _solve_chunk(problem, part, epsilon)
    for unit in np.flatnonzero(status == UNSOLVED):
        _by_highs(problem, int(unit))
    return problem.solution
