"""Variables from columns by a small grammar: numbers, columns, + - * / ^, log, lag and share.

Python's parser reads the text, and nothing of it is ever run: every part is looked at, and what is
not in the grammar is refused by name. A column whose name is no plain word stands in backticks.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

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
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_FUNCTIONS = {"log": (1, 1), "lag": (1, 2), "share": (2, 2)}


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

    def _name(self, node: ast.Name) -> str:
        inside = re.fullmatch(r"_(\d+)_", node.id)
        return (
            self.names[int(inside[1])] if inside and int(inside[1]) < len(self.names) else node.id
        )

    def _words(self, node: ast.expr) -> str:
        return re.sub(r"\b_(\d+)_\b", lambda m: self.names[int(m[1])], ast.unparse(node))

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Name():
                return
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
                return self._check(inner)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                if isinstance(op, ast.Pow) and self._number(right) is None:
                    raise SpecificationError(f"{self.text!r}: a power is a number from -10 to 10")
                self._check(left)
                return self._check(right)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                if name not in _FUNCTIONS:
                    hint = did_you_mean(name, _FUNCTIONS) or ";"
                    raise SpecificationError(f"{self.text!r}: no function {name!r}{hint} {GRAMMAR}")
                low, high = _FUNCTIONS[name]
                if not low <= len(args) <= high:
                    raise SpecificationError(
                        f"{self.text!r}: {name} takes {low} to {high} arguments"
                    )
                if name == "lag" and len(args) == 2:
                    periods = self._number(args[1])
                    if periods is None or periods % 1 or periods < 1:
                        raise SpecificationError(
                            f"{self.text!r}: a lag is a whole number from 1 to 10"
                        )
                for argument in args:
                    self._check(argument)
                return None
        raise SpecificationError(
            f"{self.text!r}: {ast.unparse(node)!r} is not in the grammar; {GRAMMAR}"
        )

    @staticmethod
    def _number(node: ast.expr) -> float | None:
        sign = 1.0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -1.0, node.operand
        value = node.value if isinstance(node, ast.Constant) else None
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 10
        return sign * float(value) if fits and isinstance(value, int | float) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are named, in order."""
        called = {id(n.func) for n in ast.walk(self.tree) if isinstance(n, ast.Call)}
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called]
        found.sort(key=lambda node: node.col_offset)
        return tuple(dict.fromkeys(self._name(node) for node in found))

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
        result = self._value(self.tree, frame)
        return result if isinstance(result, pd.Series) else pd.Series(result, index=frame.index)

    def _value(self, node: ast.expr, frame: pd.DataFrame) -> pd.Series | float:
        match node:
            case ast.Name():
                return frame[self._name(node)].astype(float)
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.UnaryOp(op=op, operand=inner):
                value = self._value(inner, frame)
                return -value if isinstance(op, ast.USub) else value
            case ast.BinOp(left=left, op=op, right=right):
                return self._combined(self._value(left, frame), op, self._value(right, frame), node)
            case ast.Call(func=ast.Name(id="log"), args=[inner]):
                value = self._series(inner, frame)
                self._require(
                    value, value > 0, f"log of {self._words(inner)}, which must be positive"
                )
                return np.log(value)
            case ast.Call(func=ast.Name(id="lag"), args=[inner, *more]):
                periods = int(self._number(more[0]) or 1) if more else 1
                return self._series(inner, frame).groupby(level=0).shift(periods)
            case ast.Call(args=[part, whole]):
                above, below = self._series(part, frame), self._series(whole, frame)
                fits = (above >= 0) & (above <= below) & (below > 0)
                self._require(above, fits, "a share, which must lie between 0 and 1")
                return above / below
        raise SpecificationError(f"{self.text!r} cannot be computed; {GRAMMAR}")

    def _series(self, node: ast.expr, frame: pd.DataFrame) -> pd.Series:
        value = self._value(node, frame)
        return value if isinstance(value, pd.Series) else pd.Series(value, index=frame.index)

    def _combined(
        self, left: pd.Series | float, op: ast.operator, right: pd.Series | float, node: ast.BinOp
    ) -> pd.Series | float:
        if isinstance(op, ast.Div):
            below = right if isinstance(right, pd.Series) else pd.Series([right])
            self._require(
                below, below != 0, f"division by {self._words(node.right)}, which is zero"
            )
            return left / right
        with np.errstate(all="ignore"):
            match op:
                case ast.Add():
                    value = left + right
                case ast.Sub():
                    value = left - right
                case ast.Mult():
                    value = left * right
                case _:
                    value = left**right
        if isinstance(value, pd.Series):
            known = left.notna() if isinstance(left, pd.Series) else value.notna()
            if isinstance(right, pd.Series):
                known &= right.notna()
            self._require(
                value.where(known), ~known | np.isfinite(value), "a number too large, or none"
            )
        return value

    def _require(self, value: pd.Series, fits: pd.Series, what: str) -> None:
        bad = value.index[value.notna() & ~fits]
        if len(bad):
            where = [" ".join(map(str, e)) if isinstance(e, tuple) else str(e) for e in bad]
            raise DomainError(f"{self.text!r}: {what}, in {listed(where)}")
