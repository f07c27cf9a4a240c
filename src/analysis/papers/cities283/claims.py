"""Sentences of paper B as claims: what is printed is looked up, only what is found is given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from typing import Any

import pandas as pd

from analysis.book import ledger, tables
from analysis.book.ledger import Claim, Kind
from analysis.book.page import Page
from analysis.book.published import TEXT
from analysis.book.tables import Table
from analysis.papers.cities283.study import COLUMNS, STUDY, TEXTS, printed_number
from analysis.resources import declared
from analysis.study import Sample

NAMED = declared("analysis.papers.cities283", "claims.toml")
"""Rows of the running text that a chapter names in a list, by chapter."""

Frames = Mapping[str, pd.DataFrame]
HEADINGS = {**COLUMNS, "INA": "co-agglomeration"}
SIGNS = {"lnGDP": 1, "GOV": -1, "ROAD": -1, "OPEN": -1, "HUM": -1}
"""Signs of the controls that the paper prints as significant."""


def quoted(chapter: str) -> dict[str, str]:
    """What a chapter quotes of the running text, by the names under which it is glued.

    Examples
    --------
    >>> quoted("mediation")
    {'b7_printed': '21.15', 'b7_headline': '0.0255'}
    """
    of = NAMED[chapter]
    words = {name: TEXTS[row] for name, row in of.get("words", {}).items()}
    return {name: printed_number(row) for name, row in of["numbers"].items()} | words


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
            row, kind or sample.kind(name), name, holds=true,
            note=f"{HEADINGS.get(name, name)}: {notes[name]}." if notes else "",
        )
        for name, true in holds.items()
    ]  # fmt: skip


def signed(
    sample: Sample, found: Frames, told: Mapping[str, Sequence[Any]], kind: str = ""
) -> list[Claim]:
    """Claims that terms have a sign and are significant.

    Parameters
    ----------
    found : mapping
        Outcome to its terms with ``estimate`` and ``p_value``.
    told : mapping
        Row to the level and the sign of each term.
    kind : str
        The outcome's unless given.
    """
    claims = []
    for (row, (level, terms)), (name, of) in product(told.items(), found.items()):
        holds = all(positive(of.loc[t], level, sign) for t, sign in terms.items())
        notes = [f"{STUDY.label(t)} {said(of.loc[t])}" if t in SIGNS else said(of.loc[t], ".4f")
                 for t in terms]  # fmt: skip
        claims += in_words(sample, row, {name: holds}, {name: ", ".join(notes)}, kind)
    return claims


def in_numbers(
    sample: Sample,
    row: str,
    found: Mapping[str, tuple[float, float | None]],
    truth: float | None = None,
    stars: str = "",
    kind: Mapping[str, str] | str = "",
) -> list[Claim]:
    """Claims on a printed number, one an outcome: estimate and standard error.

    The truth is that of latent efficiency; the kind is the outcome's unless given, one or by outcome.
    """
    kinds = dict.fromkeys(found, kind) if isinstance(kind, str) else kind
    return [
        Claim(
            "B", TEXT, row, COLUMNS.get(name, name), Kind(kinds[name] or sample.kind(name)),
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
    texts = {key: tables.number(value, spec) for key, value in values.items()}
    return ", ".join(f"{k} {v}" if isinstance(k, str) else f"{v} in {k}" for k, v in texts.items())


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
    return sorted(chain(*claims), key=lambda c: order.index(c.column) if c.column in order else -1)


def beside(page: Page, label: str, sample: Sample, *told: list[Claim] | tuple[Any, ...]) -> Table:
    """Set claims beside their print by outcome; a sentence may be given as to :func:`in_words`."""
    made = (in_words(sample, *each) if isinstance(each, tuple) else each for each in told)
    return page.beside(by_outcome(*made), label)
