"""Printed numbers as intervals: what a rounded value can have been before it was rounded."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.errors import AuditTableError


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval with the usual arithmetic; each operand is treated as independent.

    Examples
    --------
    >>> Interval(1.0, 2.0) - Interval(0.5, 0.6)
    Interval(lower=0.4, upper=1.5)
    >>> Interval(1.0, 2.0) / Interval(-1.0, 1.0)
    Interval(lower=-inf, upper=inf)
    """

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"an interval from {self.lower} to {self.upper} is empty")

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """Interval of one point."""
        return cls(value, value)

    @property
    def middle(self) -> float:
        """Midpoint."""
        return (self.lower + self.upper) / 2

    def __iter__(self) -> Iterator[float]:
        return iter((self.lower, self.upper))

    def __add__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        return Interval(self.lower + other.lower, self.upper + other.upper)

    def __neg__(self) -> Interval:
        return Interval(-self.upper, -self.lower)

    def __sub__(self, other: Interval | float) -> Interval:
        return self + -_interval(other)

    def __mul__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        ends = [a * b for a in (self.lower, self.upper) for b in (other.lower, other.upper)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        if other.contains(0):
            return Interval(-math.inf, math.inf)
        return self * Interval(1 / other.upper, 1 / other.lower)

    def __abs__(self) -> Interval:
        if self.contains(0):
            return Interval(0.0, max(-self.lower, self.upper))
        return self if self.lower > 0 else -self

    def contains(self, value: float) -> bool:
        """Whether a value lies inside, ends included."""
        return self.lower <= value <= self.upper

    def overlaps(self, other: Interval) -> bool:
        """Whether the two have a point in common."""
        return self.lower <= other.upper and other.lower <= self.upper

    def __format__(self, spec: str) -> str:
        ends = format(self.lower, spec or ".4g"), format(self.upper, spec or ".4g")
        return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _interval(value: Interval | float) -> Interval:
    return value if isinstance(value, Interval) else Interval.exactly(float(value))


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it was printed.

    Attributes
    ----------
    text : str
        The characters.
    value : float
        The number they spell.
    unit : float
        One unit of the last printed digit.
    """

    text: str
    value: float
    unit: float

    @property
    def interval(self) -> Interval:
        """All numbers that would have been printed so, whichever way ties are rounded."""
        slack = 1e-9 * self.unit  # decimal halves are not exact in binary
        return Interval(self.value - self.unit / 2 - slack, self.value + self.unit / 2 + slack)

    @property
    def positive(self) -> Interval:
        """The interval for a number that cannot be negative, such as a standard error."""
        return Interval(max(self.interval.lower, 0.0), max(self.interval.upper, 0.0))

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else self.text


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


def printed(text: object, where: str = "table") -> Printed | None:
    """Parse a printed number; an empty cell gives None.

    Parameters
    ----------
    text : object
        A cell. Minus signs may be typographic; thousands separators, stars and percent signs may
        not stand in it.
    where : str
        Named in the error.

    Raises
    ------
    AuditTableError
        If the text is not a plain decimal number.

    Examples
    --------
    >>> printed("0.0800").interval
    Interval(lower=0.07994999..., upper=0.08005000...)
    >>> printed("") is None
    True
    """
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return None
    plain = str(text).strip().replace("\u2212", "-").replace("\u2013", "-")
    if plain in {"", "nan", "<NA>", "None"}:
        return None
    if not _NUMBER.fullmatch(plain) or math.isinf(float(plain)):
        said = f"{where}: {str(text)!r} is not a plain decimal number"
        raise AuditTableError(f"{said}; put stars, parentheses and % into columns of their own")
    decimals = len(plain.partition(".")[2])
    return Printed(plain, float(plain), 10.0**-decimals)
