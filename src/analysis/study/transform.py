"""Variables from columns by a small grammar: numbers, columns, + - * / ^, log, lag and share.

Python's parser reads the text, and nothing of it is ever run: every part is looked at, and what is
not in the grammar is refused by name. A column whose name is no plain word stands in backticks.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Transform:
    """An expression that has been read.

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
    tree: ast.expr
    names: tuple[str, ...]

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
        made = cls(text, tree, tuple(quoted))
        made._check(tree)
        return made

    def _words(self, node: ast.expr) -> str:
        return re.sub(
            r"\b_(\d+)_\b",
            lambda m: self.names[int(m[1])] if int(m[1]) < len(self.names) else m[0],
            ast.unparse(node),
        )

    def _refuse(self, why: str) -> NoReturn:
        raise SpecificationError(f"{self.text!r}: {why}")

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Name():
                inner: list[ast.expr] = []
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                inner = []
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                inner = [operand]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                if isinstance(op, ast.Pow) and self._number(right) is None:
                    self._refuse("a power is a number from -10 to 10")
                inner = [left, right]
            case ast.Call(func=ast.Name(id=name), args=inner, keywords=[]):
                if name not in _ARGUMENTS:
                    hint = did_you_mean(name, _ARGUMENTS) or ";"
                    self._refuse(f"no function {name!r}{hint} {GRAMMAR}")
                low, high = _ARGUMENTS[name]
                if not low <= len(inner) <= high:
                    self._refuse(f"{name} takes {low} to {high} arguments")
                periods = self._number(inner[1]) if name == "lag" and len(inner) == 2 else 1
                if periods is None or periods % 1 or periods < 1:
                    self._refuse("a lag is a whole number from 1 to 10")
            case _:
                self._refuse(f"{ast.unparse(node)!r} is not in the grammar; {GRAMMAR}")
        for each in inner:
            self._check(each)

    @staticmethod
    def _number(node: ast.expr) -> float | None:
        try:
            value = ast.literal_eval(node)
        except ValueError:
            return None
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 10
        return float(value) if fits else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are named, in order."""
        called = {id(n.func) for n in ast.walk(self.tree) if isinstance(n, ast.Call)}
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called]
        found.sort(key=lambda node: node.col_offset)
        return tuple(dict.fromkeys(self._words(node) for node in found))

    @property
    def lags(self) -> int:
        """Periods at the start that the result lacks."""
        return self._lags(self.tree)

    def _lags(self, node: ast.AST) -> int:
        inner = max((self._lags(child) for child in ast.iter_child_nodes(node)), default=0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lag":
            return inner + (int(self._number(node.args[1]) or 1) if len(node.args) == 2 else 1)
        return inner

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
        return self._value(self.tree, frame)

    def _value(self, node: ast.expr, frame: pd.DataFrame) -> pd.Series:
        match node:
            case ast.Name():
                return frame[self._words(node)].astype(float)
            case ast.Constant(value=int() | float() as number):
                return pd.Series(float(number), frame.index)
            case ast.UnaryOp(op=op, operand=operand):
                value = self._value(operand, frame)
                return -value if isinstance(op, ast.USub) else value
            case ast.BinOp(left=first, op=op, right=second):
                left, right = self._value(first, frame), self._value(second, frame)
                if isinstance(op, ast.Div):
                    self._require(right != 0, f"division by {self._words(second)}, which is zero")
                with np.errstate(all="ignore"):
                    value = _OPERATORS[type(op)](left, right)
                fits = left.isna() | right.isna() | np.isfinite(value)
                self._require(fits, "a number too large, or none")
                return value
            case ast.Call(func=ast.Name(id="log"), args=[inner]):
                value = self._value(inner, frame)
                what = f"log of {self._words(inner)}, which must be positive"
                self._require(value.isna() | (value > 0), what)
                return np.log(value)
            case ast.Call(func=ast.Name(id="lag"), args=[inner, *more]):
                periods = int(self._number(more[0]) or 1) if more else 1
                return self._value(inner, frame).groupby(level=0).shift(periods)
            case ast.Call(args=[part, whole]):
                above, below = self._value(part, frame), self._value(whole, frame)
                fits = (above >= 0) & (above <= below) & (below > 0)
                unknown = above.isna() | below.isna()
                self._require(fits | unknown, "a share, which must lie between 0 and 1")
                return above / below
        self._refuse(f"cannot be computed; {GRAMMAR}")

    def _require(self, fits: pd.Series, what: str) -> None:
        bad = fits.index[~fits]
        if len(bad):
            where = [" ".join(map(str, e)) if isinstance(e, tuple) else str(e) for e in bad]
            raise DomainError(f"{self.text!r}: {what}, in {listed(where)}")
