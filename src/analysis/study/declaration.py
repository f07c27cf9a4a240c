"""What a study is: its variables, model, weights and groups, declared once and frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd

from analysis.errors import SpecificationError, listed
from analysis.weights import (
    Weights,
    additive_nest,
    diagonal_nest,
    gravity,
    inverse_distance,
    k_nearest,
    product,
)

Role = Literal["outcome", "explanatory", "control", "mediator"]

WEIGHTS: Mapping[str, Callable[[pd.DataFrame, pd.Series], Weights]] = MappingProxyType(
    {
        "additive-nest": additive_nest,
        "inverse-distance": lambda geo, _: inverse_distance(geo),
        "inverse-distance-squared": lambda geo, _: inverse_distance(geo, power=2),
        "diagonal-nest": diagonal_nest,
        "product": product,
        "gravity": gravity,
        "nearest-5": lambda geo, _: k_nearest(geo, 5),
    }
)
"""Builders of every weight matrix that the books' notebooks offer, from geography and mean income."""


def weight_matrix(kind: str, geo: pd.DataFrame, income: pd.Series) -> Weights:
    """Build one of :data:`WEIGHTS`.

    Parameters
    ----------
    kind : str
    geo : DataFrame
        Indexed by city, with ``lon`` and ``lat``.
    income : Series
        Period-mean GDP per head by city; some matrices do not use it.

    Returns
    -------
    Weights
        Row-standardised.

    Raises
    ------
    SpecificationError
        If the kind is unknown.

    Examples
    --------
    >>> geo = pd.DataFrame({"lon": [0., 0, 0], "lat": [0., 1, 3]}, index=list("abc"))
    >>> weight_matrix("inverse-distance", geo, pd.Series(1.0, geo.index)).name
    '1/d^1'
    """
    if kind not in WEIGHTS:
        raise SpecificationError(f"weights {kind!r} are unknown; choose {listed(WEIGHTS, 20)}")
    return WEIGHTS[kind](geo, income)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a study.

    Attributes
    ----------
    symbol : str
        As the paper writes it, and the column of the panel.
    label : str
        In words, for tables.
    role : {"outcome", "explanatory", "control", "mediator"}
    unit : str
        Of the regressions.
    definition : str
    """

    symbol: str
    label: str
    role: Role
    unit: str
    definition: str


@dataclass(frozen=True, slots=True)
class Study:
    """A study as a frozen declaration.

    Attributes
    ----------
    name : str
        Name of its folders and of its part of the book.
    paper : str
        Its letter in the ledger.
    title, citation : str
        The citation is a key of ``book/references.bib``, or empty.
    variables : tuple of Variable
    regressors : tuple of str
        Terms of the main model, in the order of the paper.
    years : tuple of int
    weights : str
        Default weight matrix, one of :data:`WEIGHTS`.
    """

    name: str
    paper: str
    title: str
    citation: str
    variables: tuple[Variable, ...]
    regressors: tuple[str, ...]
    years: tuple[int, ...]
    weights: str

    @property
    def outcome(self) -> str:
        """Symbol of the dependent variable."""
        return next(v.symbol for v in self.variables if v.role == "outcome")

    def label(self, term: str) -> str:
        """Name a term of a fit for a table.

        Examples
        --------
        >>> from analysis.papers.ne34.study import STUDY
        >>> STUDY.label("W.Coagg^2"), STUDY.label("W.L.Carbon"), STUDY.label("rho")
        ('W × co-agglomeration²', 'W × carbon intensity, last year (η)', 'W × carbon intensity (ρ)')
        """
        words = {v.symbol: v.label for v in self.variables}
        outcome = words[self.outcome]
        special = {
            "rho": f"W × {outcome} (ρ)",
            "lambda": "W × error (λ)",
            "sigma2": "error variance (σ²)",
            f"L.{self.outcome}": f"{outcome}, last year (τ)",
            f"W.L.{self.outcome}": f"W × {outcome}, last year (η)",
        }
        if term in special:
            return special[term]
        if term.startswith("W."):
            return f"W × {self.label(term[2:])}"
        base, _, power = term.partition("^")
        return words.get(base, base) + ("²" if power == "2" else "")

    def labels(self, terms: pd.Index | list[str]) -> dict[str, str]:
        """Return the label of each term, in order."""
        return {term: self.label(term) for term in terms}
