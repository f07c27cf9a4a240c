"""The same programs in exact arithmetic, one unit at a time, for data that floats cannot decide.

Units that differ by one part in 1e9 span a basis whose inverse is of order 1e9; no float solver
tells then which side of 1e-9 a score is on. Rational arithmetic does, in some tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from analysis.efficiency.programs import Program
from analysis.errors import EstimationError

_PERTURBATION = Fraction(1, 10**30)
_EXPEL = Fraction(1000)
_STEPS = 2000

Vector = list[Fraction]


@dataclass(frozen=True, slots=True)
class RationalSolution:
    """Exact optimum of one unit, rounded once at the end.

    ``unmet`` is the least possible violation of the constraints: zero if the program is feasible.
    """

    objective: float
    own: np.ndarray
    peers: np.ndarray
    intensities: np.ndarray
    unmet: float


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True) if x and y), Fraction(0))


class _Tableau:
    """Revised simplex with an exact inverse; candidates are proposed in floats, judged exactly."""

    def __init__(
        self, program: Program, unit: np.ndarray, reference: np.ndarray, exclude: int
    ) -> None:
        self.program = program
        self.unit = [Fraction(float(v)) for v in unit]
        self.reference = reference
        self.n_own = program.matrix.shape[1]
        # Weights such as 1/3 are meant exactly.
        self.own = [
            [Fraction(float(v)).limit_denominator(10**6) for v in column]
            for column in program.matrix.T
        ]
        rhs = [Fraction(float(v)).limit_denominator(10**6) for v in program.rhs]
        ratios = reference / unit
        if program.returns == "variable":
            ratios = np.column_stack([ratios, np.ones(len(ratios))])
        if program.separate_abatement:
            idle = ratios.copy()
            idle[:, program.shape.inputs : program.shape.rows] = 0.0
            ratios = np.vstack([ratios, idle])
        self.floats = np.zeros((len(rhs), len(ratios)))
        self.floats[: ratios.shape[1]] = ratios.T
        self.size = np.linalg.norm(self.floats, axis=0)
        self.excluded = [exclude] if exclude >= 0 else []
        self.codes = [int(c) for c in program.start]
        self.inverse = _inverse([self.column(c) for c in self.codes])
        weights = [Fraction(k + 1, len(rhs)) for k in range(len(rhs))]
        moved = [_dot([self.column(c)[r] for c in self.codes], weights) for r in range(len(rhs))]
        self.rhs = rhs
        self.perturbed = [b + _PERTURBATION * m for b, m in zip(rhs, moved, strict=True)]
        self.values = [_dot(row, self.perturbed) for row in self.inverse]

    def column(self, code: int) -> Vector:
        """Exact coefficients of an unknown."""
        if code < self.n_own:
            return self.own[code]
        idle, j = divmod(code - self.n_own, len(self.reference))
        shape = self.program.shape
        column = [
            Fraction(0)
            if idle and r >= shape.inputs
            else Fraction(float(self.reference[j, r])) / self.unit[r]
            for r in range(shape.rows)
        ]
        if self.program.returns == "variable":
            column.append(Fraction(1))
        return column + [Fraction(0)] * (len(self.floats) - len(column))

    def minimise(self, cost: Vector) -> Vector:
        """Pivot to the optimum; return the exact duals."""

        def price(code: int) -> Fraction:
            return cost[code] if code < self.n_own else Fraction(0)

        for _ in range(_STEPS):
            basic = [price(c) for c in self.codes]
            duals = [_dot(basic, column) for column in zip(*self.inverse, strict=True)]
            entering = self._entering(duals, price)
            if entering is None:
                return duals
            column = self.column(entering)
            direction = [_dot(row, column) for row in self.inverse]
            ratios = [
                (value / d, k)
                for k, (value, d) in enumerate(zip(self.values, direction, strict=True))
                if d > 0
            ]
            if not ratios:
                raise EstimationError("a linear program of the efficiency measure is unbounded")
            step, leaving = min(ratios)
            pivot = [v / direction[leaving] for v in self.inverse[leaving]]
            for k, d in enumerate(direction):
                if k != leaving and d:
                    self.inverse[k] = [
                        v - d * p for v, p in zip(self.inverse[k], pivot, strict=True)
                    ]
                    self.values[k] -= step * d
            self.inverse[leaving], self.values[leaving] = pivot, step
            self.codes[leaving] = entering
        raise EstimationError(
            f"a linear program of the efficiency measure did not end after {_STEPS} exact steps"
        )

    def _entering(self, duals: Vector, price: Callable[[int], Fraction]) -> int | None:
        """Find the unknown that promises most, if any does so exactly."""
        own = [
            (float(gain), k)
            for k in range(self.n_own)
            if not self.program.barred[k] and (gain := _dot(duals, self.own[k]) - price(k)) > 0
        ]
        floats = np.array([float(v) for v in duals])
        gains = floats @ self.floats
        doubt = 1e-14 * (np.abs(floats) @ np.abs(self.floats))
        gains[self.excluded] = -np.inf
        for j in np.argsort(-gains / self.size, kind="stable"):
            if gains[j] < -doubt[j]:
                break
            code = self.n_own + int(j)
            if code not in self.codes and _dot(duals, self.column(code)) > 0:
                own.append((float(gains[j] / self.size[j]), code))
                break
        return max(own)[1] if own else None


def _inverse(columns: list[Vector]) -> list[Vector]:
    """Exact inverse of the matrix with the given columns, by rows."""
    k = len(columns)
    rows = [
        [columns[c][r] for c in range(k)] + [Fraction(int(r == c)) for c in range(k)]
        for r in range(k)
    ]
    for c in range(k):
        pivot = next(r for r in range(c, k) if rows[r][c])
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for r in range(k):
            if r != c and rows[r][c]:
                factor = rows[r][c]
                rows[r] = [v - factor * p for v, p in zip(rows[r], rows[c], strict=True)]
    return [row[k:] for row in rows]


def solve_rationally(
    program: Program, unit: np.ndarray, reference: np.ndarray, exclude: int = -1
) -> RationalSolution:
    """Solve one unit exactly.

    Parameters
    ----------
    program : Program
    unit : (rows,) array
        Data of the evaluated unit.
    reference : (J, rows) array
        Data of the reference units.
    exclude : int
        Row of ``reference`` that must not be used, -1 for none.

    Returns
    -------
    RationalSolution

    Raises
    ------
    EstimationError
        If the program is unbounded.

    Examples
    --------
    >>> from analysis.efficiency.programs import Shape, slacks_based
    >>> data = np.array([[4, 3, 2, 3], [6, 3, 2, 3], [8, 1, 6, 2], [8, 1, 6, 1], [2, 4, 1, 4.0]])
    >>> program = slacks_based(Shape(2, 2, 0), "constant")
    >>> solve_rationally(program, data[0], data).objective == 79 / 99
    True
    """
    tableau = _Tableau(program, unit, reference, exclude)
    unmet = Fraction(0)
    cost = [Fraction(float(v)).limit_denominator(10**6) for v in program.cost]
    if program.barred.any():
        tableau.minimise([Fraction(int(b)) for b in program.barred])
        exact = [_dot(row, tableau.rhs) for row in tableau.inverse]
        unmet = sum(
            (
                v
                for v, c in zip(exact, tableau.codes, strict=True)
                if c < tableau.n_own and program.barred[c]
            ),
            Fraction(0),
        )
        cost = [_EXPEL if b else c for b, c in zip(program.barred, cost, strict=True)]
    own = np.zeros(tableau.n_own)
    peers: dict[int, Fraction] = {}
    objective = Fraction(0)
    tableau.minimise(cost)
    for code, row in zip(tableau.codes, tableau.inverse, strict=True):
        value = max(_dot(row, tableau.rhs), Fraction(0))
        if code < tableau.n_own:
            own[code] = float(value)
            if not program.barred[code]:
                objective += cost[code] * value
        elif value:
            j = (code - tableau.n_own) % len(reference)
            peers[j] = peers.get(j, Fraction(0)) + value
    return RationalSolution(
        objective=float(objective),
        own=own,
        peers=np.array(list(peers), dtype=int),
        intensities=np.array([float(v) for v in peers.values()]),
        unmet=float(unmet),
    )
