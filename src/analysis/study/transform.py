"""Variables from columns by a small grammar: numbers, columns, + - * / ^, log, lag and share.

Python's parser reads the text, and nothing of it is ever run: every part is looked at, and what is
not in the grammar is refused by name. A column whose name is no plain word stands in backticks.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import pandas as pd

from analysis.errors import (
    DomainError,
    MissingColumnError,
    SpecificationError,
    did_you_mean,
    listed,
)

LONGEST = 300
"""Characters of an expression."""

GRAMMAR = (
    "write columns, numbers, + - * / ^, log(x), lag(x), lag(x, 2), share(part, whole), and a column "
    "of several words in backticks"
)
_OPERATORS: dict[type[ast.operator], Callable[[pd.Series, pd.Series], pd.Series]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_ARGUMENTS = {"log": (1, 1), "lag": (1, 2), "share": (2, 2)}
Value = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True)
class Transform:
    """An expression that has been read.

    Attributes
    ----------
    text : str
    columns : tuple of str
        Columns that are named, in order.
    lags : int
        Periods at the start that the result lacks.

    Examples
    --------
    >>> made = Transform.read("log(`real gdp` / pop) - lag(x, 2)^2")
    >>> made.columns, made.lags
    (('real gdp', 'pop', 'x'), 2)
    >>> Transform.read("__import__('os')")
    Traceback (most recent call last):
        ...
    analysis.errors.SpecificationError: "__import__('os')": no function '__import__'; write columns...
    """

    text: str
    columns: tuple[str, ...]
    lags: int
    _value: Value = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Transform:
        """Read an expression.

        Raises
        ------
        SpecificationError
            If it is not in the grammar.
        """
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
            raise SpecificationError(f"an expression is a text of 1 to {LONGEST} characters")
        quoted = list(dict.fromkeys(re.findall(r"`([^`]*)`", text)))
        plain = text.replace("^", "**")
        for position, name in enumerate(quoted):
            plain = plain.replace(f"`{name}`", f" _{position}_ ")
        try:
            tree = ast.parse(plain.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise SpecificationError(f"{text!r} cannot be read; {GRAMMAR}") from error
        reader = _Reader(text, tuple(quoted))
        value, lags = reader.read(tree)
        return cls(text, tuple(dict.fromkeys(reader.columns)), lags, value)

    def of(self, frame: pd.DataFrame) -> pd.Series:
        """Compute the expression on a frame indexed by unit and consecutive period.

        Raises
        ------
        MissingColumnError
            If a column is not there.
        DomainError
            If a logarithm, a division or a share has no value; names units and periods.
        """
        for name in self.columns:
            if name not in frame:
                raise MissingColumnError(
                    f"{self.text!r}: no column {name!r}{did_you_mean(name, frame.columns)}"
                )
        return self._value(frame)


@dataclass(slots=True)
class _Reader:
    """Turns each part of an expression into what computes it, and refuses what is not in the grammar."""

    text: str
    names: tuple[str, ...]
    columns: list[str] = field(default_factory=list)

    def words(self, node: ast.expr) -> str:
        return re.sub(
            r"\b_(\d+)_\b",
            lambda m: self.names[int(m[1])] if int(m[1]) < len(self.names) else m[0],
            ast.unparse(node),
        )

    def refuse(self, why: str) -> NoReturn:
        raise SpecificationError(f"{self.text!r}: {why}")

    def require(self, fits: pd.Series, what: str) -> None:
        bad = fits.index[~fits]
        if len(bad):
            where = [" ".join(map(str, e)) if isinstance(e, tuple) else str(e) for e in bad]
            raise DomainError(f"{self.text!r}: {what}, in {listed(where)}")

    @staticmethod
    def number(node: ast.expr) -> float | None:
        try:
            value = ast.literal_eval(node)
        except ValueError:
            return None
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 10
        return float(value) if fits else None

    def read(self, node: ast.expr) -> tuple[Value, int]:
        """What computes a part, and how many periods at the start it lacks."""
        match node:
            case ast.Name():
                column = self.words(node)
                self.columns.append(column)
                return lambda frame: frame[column].astype(float), 0
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return lambda frame: pd.Series(float(number), frame.index), 0
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                inner, lags = self.read(operand)
                return (lambda frame: -inner(frame)) if isinstance(op, ast.USub) else inner, lags
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                if isinstance(op, ast.Pow) and self.number(right) is None:
                    self.refuse("a power is a number from -10 to 10")
                (first, before), (second, after) = self.read(left), self.read(right)
                zero = f"division by {self.words(right)}, which is zero"

                def joined(frame: pd.DataFrame) -> pd.Series:
                    a, b = first(frame), second(frame)
                    if isinstance(op, ast.Div):
                        self.require(b != 0, zero)
                    with np.errstate(all="ignore"):
                        value = _OPERATORS[type(op)](a, b)
                    fits = a.isna() | b.isna() | np.isfinite(value)
                    self.require(fits, "a number too large, or none")
                    return value

                return joined, max(before, after)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments)
        self.refuse(f"{ast.unparse(node)!r} is not in the grammar; {GRAMMAR}")

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[Value, int]:
        """The same of a function."""
        if name not in _ARGUMENTS:
            self.refuse(f"no function {name!r}{did_you_mean(name, _ARGUMENTS) or ';'} {GRAMMAR}")
        low, high = _ARGUMENTS[name]
        if not low <= len(arguments) <= high:
            self.refuse(f"{name} takes {low} to {high} arguments")
        (inner, lags), whole = self.read(arguments[0]), arguments[-1]
        if name == "lag":
            periods = self.number(whole) if len(arguments) == 2 else 1
            if periods is None or periods % 1 or periods < 1:
                self.refuse("a lag is a whole number from 1 to 10")
            by = int(periods)
            return lambda frame: inner(frame).groupby(level=0).shift(by), lags + by
        positive = f"log of {self.words(whole)}, which must be positive"

        def log(frame: pd.DataFrame) -> pd.Series:
            value = inner(frame)
            self.require(value.isna() | (value > 0), positive)
            return np.log(value)

        if name == "log":
            return log, lags
        of, after = self.read(whole)

        def share(frame: pd.DataFrame) -> pd.Series:
            above, below = inner(frame), of(frame)
            fits = (above >= 0) & (above <= below) & (below > 0)
            unknown = above.isna() | below.isna()
            self.require(fits | unknown, "a share, which must lie between 0 and 1")
            return above / below

        return share, max(lags, after)
