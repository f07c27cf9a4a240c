"""A finding: what was printed, what follows from the rest of the print, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import pandas as pd

Grade = Literal["grave", "moderate", "slight", "none"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""From worst to least; `none` marks a computation worth showing that contradicts nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check.

    Attributes
    ----------
    grade : {"grave", "moderate", "slight", "none"}
        grave: no data can have produced the printed numbers together, or a main result turns on
        it; moderate: a statement or a secondary number does not follow; slight: a cell or label is
        off without consequence; none: shown for information.
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
    """

    grade: Grade
    check: str
    place: str
    printed: str
    recomputed: str
    computation: str
    sentence: str


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a frame, grave ones first.

    Examples
    --------
    >>> findings_frame([]).columns.tolist()
    ['grade', 'check', 'place', 'printed', 'recomputed', 'computation', 'sentence']
    """
    rows = sorted(findings, key=lambda finding: GRADES.index(finding.grade))
    return pd.DataFrame([asdict(row) for row in rows], columns=list(Finding.__dataclass_fields__))


def worst(findings: Iterable[Finding]) -> Grade:
    """Return the worst grade among findings, `none` if there are no findings."""
    return min((finding.grade for finding in findings), key=GRADES.index, default="none")
