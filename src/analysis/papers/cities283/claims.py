"""Sentences of paper B as claims: what is printed is looked up, only what is found is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.book import ledger, tables
from analysis.book.ledger import Claim, Kind
from analysis.book.published import TEXT
from analysis.papers.cities283.study import COLUMNS, printed_number
from analysis.study import Sample

HEADINGS = {**COLUMNS, "INA": "co-agglomeration"}


def claim(row: str, kind: str, column: str = "", **found: Any) -> Claim:
    """Return one claim on a row of the running text.

    Examples
    --------
    >>> claim("F test, LM test", "free", "latent", holds=True).column
    'latent efficiency'
    """
    made = ledger.printed_claim("B", TEXT, row, kind=kind, **found)
    return replace(made, column=HEADINGS.get(column, column))


def in_words(
    sample: Sample,
    row: str,
    holds: Mapping[str, bool | None],
    notes: Mapping[str, str] | None = None,
    kind: str = "",
) -> list[Claim]:
    """Claims on a sentence, one an outcome; the kind is the outcome's unless given."""
    return [
        claim(
            row, kind or sample.kind(name), name, holds=None if true is None else bool(true),
            note=f"{HEADINGS.get(name, name)}: {notes[name]}." if notes else "",
        )
        for name, true in holds.items()
    ]  # fmt: skip


def sentences(sample: Sample, *told: tuple[Any, ...]) -> list[Claim]:
    """Claims on several sentences, each given as :func:`in_words` takes it, by outcome."""
    return by_outcome(*(in_words(sample, *entry) for entry in told))


def in_numbers(
    sample: Sample,
    row: str,
    found: Mapping[str, tuple[float, float | None]],
    truth: float | None = None,
    stars: str = "",
    kind: str = "",
) -> list[Claim]:
    """Claims on a printed number, one an outcome: estimate and standard error.

    The truth is that of latent efficiency.
    """
    return [
        Claim(
            "B", TEXT, row, COLUMNS.get(name, name), Kind(kind or sample.kind(name)),
            printed_number(row), stars=stars, derived=float(value),
            std_error=None if error is None else float(error),
            truth=truth if name == "latent" and sample.recovers else None,
        )
        for name, (value, error) in found.items()
    ]  # fmt: skip


def listing(values: Mapping[Any, float] | pd.Series, spec: str = ".3f") -> str:
    """Numbers with what they belong to, for a sentence.

    Examples
    --------
    >>> listing({2010: 0.6, 2013: 0.55}, ".0%"), listing({"east": 0.03, "west": 0.01}, ".2f")
    ('60% in 2010, 55% in 2013', 'east 0.03, west 0.01')
    """
    return ", ".join(
        f"{key} {tables.number(value, spec)}"
        if isinstance(key, str)
        else f"{tables.number(value, spec)} in {key}"
        for key, value in values.items()
    )


def said(estimate: pd.Series, spec: str = ".3f") -> str:
    """Estimate with its p value, as a note has it: ``0.022 (p = 0.003)``.

    Examples
    --------
    >>> said(pd.Series({"estimate": 0.0218, "p_value": 0.003}))
    '0.022 (p = 0.003)'
    """
    number = tables.number(float(estimate["estimate"]), spec)
    return f"{number} ({tables.p_value(float(estimate['p_value']))})"


def positive(estimate: pd.Series, level: float = 0.1, sign: int = 1) -> bool:
    """Whether an estimate has a sign and is significant."""
    return bool(estimate["estimate"] * sign > 0 and estimate["p_value"] < level)


def by_outcome(*claims: list[Claim]) -> list[Claim]:
    """Bring claims on the same outcome together, those on neither first."""
    order = ["", *COLUMNS.values()]
    together = [claim for group in claims for claim in group]
    return sorted(
        together, key=lambda claim: order.index(claim.column) if claim.column in order else -1
    )
