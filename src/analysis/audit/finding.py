"""A finding: what was printed, what follows from the rest of the print, and how much it matters."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, ParamSpec, get_args

import pandas as pd

from analysis.resources import declared

Certainty = Literal["shown", "likely", "none"]
Asked = ParamSpec("Asked")
Consequence = Literal["main", "secondary", "slight", "none"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check.

    Attributes
    ----------
    certainty : {"shown", "likely", "none"}
        shown: it follows from print alone, beyond rounding and simulation noise; likely: it rests
        on chance or on something outside the print; none: a computation that contradicts nothing.
    consequence : {"main", "secondary", "slight", "none"}
        main: a main result turns on it; secondary: a statement or another number does not follow;
        slight: a cell or label is off and nothing turns on it.
    check : str
        Name of the check.
    place : str
        Table, column and row.
    printed : str
        The value or values as printed.
    recomputed : str
        Value or interval that the rest of the print implies.
    computation : str
        The arithmetic, in full.
    sentence : str
        What is shown, in words.
    values : mapping of str to float
        The numbers of the finding, for pages that speak of it.
    witnesses : tuple of Finding
        Findings that are traces of this one.
    """

    certainty: Certainty
    consequence: Consequence
    check: str
    place: str
    printed: str
    recomputed: str
    computation: str
    sentence: str
    values: Mapping[str, float] = field(default_factory=dict)
    witnesses: tuple[Finding, ...] = ()

    @property
    def contradicts(self) -> bool:
        """Whether the finding speaks against the print."""
        return self.certainty != "none"

    def witness(self, check: str) -> Mapping[str, float]:
        """Numbers of the witness of that check."""
        return next(one.values for one in self.witnesses if one.check == check)

    @property
    def weight(self) -> tuple[int, ...]:
        """Place in a list: consequence first, then certainty."""
        grades = (Consequence, self.consequence), (Certainty, self.certainty)
        return tuple(get_args(kind).index(grade) for kind, grade in grades)


_WORDS = declared("analysis.audit", "findings.toml")


def found(
    kind: str, place: str, /, against: bool = True, grade: str = "", ends: Iterable[str] = (),
    values: Mapping[str, float] | None = None, witnesses: tuple[Finding, ...] = (), **words: object,
) -> Finding:  # fmt: skip
    """Return a finding in the words that ``findings.toml`` has for its kind.

    Parameters
    ----------
    kind, place : str
    against : bool
        Whether it speaks against the print.
    grade : str
        Certainty and consequence, where they are not the kind's.
    ends : iterable of str
        Endings of the sentence.
    values, witnesses
        As in :class:`Finding`.
    **words
        What the texts are filled with, beside `values`.
    """
    words = {**(values or {}), **words}
    said: dict[str, Any] = {"check": kind, **_WORDS[kind]}
    said["sentence"] += "".join(said[end] for end in ends)
    parts = ("check", "printed", "recomputed", "computation", "sentence")
    filled = (said.get(part, "").format(**words) for part in parts)
    name, *texts = (re.sub(r"(?<=\d)%", " %", text) for text in filled)
    graded = (grade or said["grade"]).split() if against else ["none", "none"]
    fields: list[Any] = [*graded, name, place, *texts, values or {}, witnesses]
    return Finding(*fields)


def checked(check: Callable[Asked, Iterator[Finding]]) -> Callable[Asked, list[Finding]]:
    """Make a check that yields its findings return them as a list."""

    @functools.wraps(check)
    def run(*arguments: Asked.args, **options: Asked.kwargs) -> list[Finding]:
        return list(check(*arguments, **options))

    return run


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a frame, those of most consequence first.

    Examples
    --------
    >>> findings_frame([]).columns.tolist()[:4]
    ['certainty', 'consequence', 'check', 'place']
    """
    rows = sorted(findings, key=lambda finding: finding.weight)
    names = [name for name in Finding.__dataclass_fields__ if name not in ("values", "witnesses")]
    return pd.DataFrame([asdict(row) for row in rows], columns=names)
