"""The linear programs: what a unit may do with slacks, its scale and its own observation.

Every measure is one program over the scaled rows of an evaluated unit o (each row divided by
o's own value, so that every coefficient of o is one and units of measurement drop out)::

    minimise   cost @ own
    subject to own_matrix @ own + reference @ intensity = rhs,   own >= 0, intensity >= 0

``own`` holds the unknowns that are the same for every unit (scale, slacks, the unit's own
observation); ``reference`` is the frontier's data and differs between units by its scaling only.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from analysis.resources import declared

SAYS = declared("analysis.efficiency", "refusals.toml")
Returns = Literal["constant", "variable"]
Disposability = Literal["strong", "weak"]


class Shape(NamedTuple):
    """Numbers of inputs, good outputs and bad outputs, in the order in which rows are stacked."""

    inputs: int
    good: int
    bad: int

    @property
    def rows(self) -> int:
        """Rows of data."""
        return sum(self)


@dataclass(frozen=True)
class Program:
    """One family of linear programs, ready for any number of units.

    Attributes
    ----------
    shape : Shape
        Inputs, good outputs, bad outputs.
    returns : {"constant", "variable"}
        Under variable returns a row ``sum intensity = scale`` follows the rows of data.
    matrix : (K, P) array
        Coefficients of the own unknowns. K rows: data, returns if variable, normalisation if any.
    cost : (P,) array
        Objective.
    rhs : (K,) array
        Right-hand side.
    barred : (P,) bool array
        Unknowns that may stand in the starting basis but must end at zero: artificial ones, and the
        unit's own observation where it does not belong to the reference set.
    scale, self_column : int
        Positions of the Charnes-Cooper scale (-1 if there is none) and of the own observation.
    slack : (rows,) int array
        Position of each row's slack, -1 where the row has none.
    beta : (int, int)
        Positions of the positive and negative part of a directional distance (-1: none).
    separate_abatement : bool
        Whether inputs may be used without output (Kuosmanen's form of weak disposability).
    """

    shape: Shape
    returns: Returns
    matrix: np.ndarray
    cost: np.ndarray
    rhs: np.ndarray
    barred: np.ndarray
    self_column: int
    slack: np.ndarray
    scale: int = -1
    beta: tuple[int, int] = (-1, -1)
    separate_abatement: bool = False

    @cached_property
    def start(self) -> np.ndarray:
        """Columns of a feasible starting basis: the unit against itself."""
        first = [int(s) for s in (self.self_column, self.scale, *self.slack) if s >= 0]
        chosen: list[int] = []
        for column in dict.fromkeys([*first, *range(self.matrix.shape[1])]):
            trial = [*chosen, column]
            if np.linalg.matrix_rank(self.matrix[:, trial]) == len(trial):
                chosen = trial
        return np.array(chosen)


class _Columns:
    """Collects the own unknowns of a program one by one."""

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows
        self.columns: list[tuple[dict[int, float], float, bool]] = []

    def add(self, entries: dict[int, float], cost: float = 0.0, barred: bool = False) -> int:
        self.columns.append((entries, cost, barred))
        return len(self.columns) - 1

    def program(
        self, shape: Shape, returns: Returns, rhs: np.ndarray, **positions: object
    ) -> Program:
        matrix = np.zeros((self.n_rows, len(self.columns)))
        for k, (entries, *_) in enumerate(self.columns):
            matrix[list(entries), k] = list(entries.values())
        cost, barred = (np.array(part) for part in list(zip(*self.columns, strict=True))[1:])
        return Program(shape, returns, matrix, cost, rhs, barred, **positions)  # type: ignore[arg-type]


def _signs(shape: Shape) -> np.ndarray:
    """Sign of the slack of each row: inputs and bad outputs shrink, good outputs grow."""
    return np.r_[np.ones(shape.inputs), -np.ones(shape.good), np.ones(shape.bad)]


def slacks_based(
    shape: Shape, returns: Returns, *, input_weight: float = 1.0, output_weight: float = 1.0,
    bad_sign: float = 1.0, beyond: bool = False,
) -> Program:  # fmt: skip
    """Slacks-based measure with separable bad outputs (Tone 2001, 2004), Charnes-Cooper form.

    Parameters
    ----------
    shape, returns
        Data and returns to scale.
    input_weight, output_weight : float
        1 counts the slacks of that side in the measure, 0 does not (input- and output-oriented).
        ``output_weight=-1`` is the minus in the denominator that is sometimes printed.
    bad_sign : {1, -1}
        -1 is the sign of the bad output's slack in the same misprint.
    beyond : bool
        Super-efficiency on slacks (Tone 2002), bad outputs on the side that may grow: the reference set
        leaves the unit itself out, inputs and bad outputs of the unit may grow and its good outputs
        shrink until the others can match it, and the least such change is the score, at least one. An
        orientation forbids changes of the other side.

    Examples
    --------
    >>> slacks_based(Shape(3, 1, 1), "variable").matrix.shape
    (7, 7)
    """
    signs, n_out = _signs(shape), shape.good + shape.bad
    signs[shape.inputs + shape.good :] *= bad_sign
    way, norm = -1.0 if beyond else 1.0, shape.rows + (returns == "variable")
    own, slacks = _Columns(norm + 1), np.full(shape.rows, -1)
    scale = own.add({**dict.fromkeys(range(norm), -1.0), norm: 1.0}, cost=1.0)
    for row, sign in enumerate(signs):
        is_input = row < shape.inputs
        weight = way * (input_weight / shape.inputs if is_input else output_weight / n_out)
        if beyond:
            own.add({row: sign})  # room that costs nothing
        if weight or not beyond:
            entries = {row: way * sign} | ({} if is_input else {norm: weight})
            slacks[row] = own.add(entries, cost=-weight if is_input else 0.0)
    itself = own.add(dict.fromkeys(range(norm), 1.0), barred=beyond)
    rhs = np.r_[np.zeros(norm), 1.0]
    return own.program(shape, returns, rhs, scale=scale, self_column=itself, slack=slacks)


def largest_output_slack(shape: Shape, returns: Returns, *, bad_sign: float = 1.0) -> Program:
    """Largest mean relative slack of the outputs: minus the objective of this program.

    Where it reaches one, the denominator with the misprinted minus can vanish.
    """
    base = slacks_based(shape, returns, input_weight=0.0, output_weight=0.0, bad_sign=bad_sign)
    cost = np.zeros_like(base.cost)
    cost[base.slack[shape.inputs :]] = -1.0 / (shape.good + shape.bad)
    return replace(base, cost=cost)


def directional(
    shape: Shape, returns: Returns, disposability: Disposability, *, own_in_reference: bool = True
) -> Program:
    """Directional distance along (good, -bad) (Chung, Färe and Grosskopf 1997; Oh 2010).

    ``max beta`` with inputs no larger, good outputs ``(1 + beta)`` and bad outputs ``(1 - beta)``
    times the unit's. Under weak disposability bad outputs hold with equality; with variable returns
    each reference unit then abates at its own rate (Kuosmanen 2005).
    """
    variable = returns == "variable"
    n_rows = shape.rows + variable
    first_bad = shape.inputs + shape.good
    signs = _signs(shape)
    own = _Columns(n_rows)
    slack = [
        -1 if row >= first_bad and disposability == "weak" else own.add({row: signs[row]})
        for row in range(shape.rows)
    ]
    itself = own.add(dict.fromkeys(range(n_rows), 1.0), barred=not own_in_reference)
    up = {row: 1.0 if row >= first_bad else -1.0 for row in range(shape.inputs, shape.rows)}
    beta = own.add(up, cost=-1.0), own.add({k: -v for k, v in up.items()}, cost=1.0)
    if disposability == "weak":
        for row in range(first_bad, shape.rows):
            own.add({row: 1.0}, barred=True)
    return own.program(
        shape, returns, np.ones(n_rows), self_column=itself, slack=np.array(slack), beta=beta,
        separate_abatement=variable and disposability == "weak",
    )  # fmt: skip
