"""The results object of a level or an index: labelled, with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.efficiency.simplex import TOLERANCE
from analysis.efficiency.technology import Technology
from analysis.errors import (
    DomainError,
    DuplicateObservationError,
    SpecificationError,
    UnitMismatchError,
    listed,
)
from analysis.panel import value_of_each


@dataclass(frozen=True, eq=False)
class Efficiency:
    """Levels, and where asked for an index, of every city-year.

    Attributes
    ----------
    technology : Technology
        What was measured.
    summary : DataFrame
        Indexed by (city, year). The level (``efficiency`` or ``distance``), ``efficient`` and
        ``status`` ("optimal" or "infeasible"); of an index also ``index``, ``efficiency_change``,
        ``best_practice_change`` (``technical_change`` for the contemporaneous form), dated by the
        later year, and ``cumulative``, one in the first year. A value without a solution is missing
        and stays missing.
    slacks, projections : DataFrame
        Indexed by (city, year), in the units of the data: input excess, shortfall of good outputs,
        excess of bad outputs; and the point on the frontier that removes them. Slacks of a
        super-efficient city-year are negative. The score is unique, the point that attains it
        need not be.
    peers : DataFrame
        One row a city-year and reference city-year with its intensity.
    certificate : DataFrame
        One row a linear program: city, year, ``against`` (years of the reference set), ``gap``
        between the score and a bound that holds against every reference city-year, ``residual`` of
        the constraints, and ``certified``.
    """

    technology: Technology
    summary: pd.DataFrame
    slacks: pd.DataFrame
    projections: pd.DataFrame
    peers: pd.DataFrame
    certificate: pd.DataFrame

    @property
    def level(self) -> pd.Series:
        """The score of every city-year."""
        return self.summary[self.technology.level_name]

    @property
    def certified(self) -> bool:
        """Whether every program is proved optimal (or infeasible) within 1e-9."""
        return bool(self.certificate["certified"].all())

    def _transition(self, column: str) -> pd.Series:
        if column not in self.summary.columns:
            raise SpecificationError(
                f"this result is a level and has no {column!r}; an index comes from malmquist()"
            )
        values = self.summary[column]
        if column == "cumulative":
            return values
        years = values.index.get_level_values(1)
        return values[years > years.min()]

    @property
    def index(self) -> pd.Series:
        """Change from the year before, of every city and every year but the first."""
        return self._transition("index")

    @property
    def cumulative(self) -> pd.Series:
        """Product of the index up to each year; one in the first year."""
        return self._transition("cumulative")

    @property
    def infeasible(self) -> pd.DataFrame:
        """City-years without a solution: no level, or no index towards that year."""
        missing = self.summary["status"] == "infeasible"
        return self.summary[missing]

    def aggregate(
        self,
        by: pd.Series | Mapping[Any, Any] | None = None,
        column: str | None = None,
        mean: Literal["arithmetic", "geometric"] = "arithmetic",
        weights: pd.Series | None = None,
    ) -> pd.DataFrame:
        """Mean by year, for all cities or for groups of them.

        Parameters
        ----------
        by : Series indexed by city, optional
            Group of each city.
        column : str, optional
            Column of `summary`; the index where there is one, else the level.
        mean : {"arithmetic", "geometric"}
            A growth factor is averaged geometrically, or as papers print it.
        weights : Series indexed by (city, year), optional
            Weights, such as real GDP; equal if not given.

        Returns
        -------
        DataFrame
            One row a year, one column a group (``all`` without groups). City-years without a
            solution are left out of the mean; :attr:`infeasible` lists them.

        Raises
        ------
        SpecificationError
            If the column or the mean is unknown.
        UnitMismatchError
            If a city has no group or no weight.
        """
        column = column or ("index" if "index" in self.summary else self.technology.level_name)
        known = self.summary.select_dtypes("float").columns
        if column not in known:
            raise SpecificationError(f"column={column!r} is unknown; choose {listed(known, 12)}")
        if mean not in ("arithmetic", "geometric"):
            raise SpecificationError(
                f"mean={mean!r} is unknown; choose 'arithmetic' or 'geometric'"
            )
        values = (
            self._transition(column)
            if column not in ("cumulative", self.technology.level_name)
            else self.summary[column]
        )
        units = values.index.get_level_values(0)
        group = pd.Series("all", index=values.index)
        if by is not None:
            each = value_of_each(by, "by", units.unique(), UnitMismatchError)
            group = pd.Series(each.loc[units].to_numpy(), index=values.index)
        weight = pd.Series(1.0, index=values.index)
        if weights is not None:
            if weights.index.has_duplicates:
                twice = weights.index[weights.index.duplicated()]
                raise DuplicateObservationError(f"weights: more than one for {listed(twice, 3)}")
            weight = weights.reindex(values.index).astype(float)
            for bad, error, words in (
                (weight.isna(), UnitMismatchError, "no weight"),
                ((weight < 0) | np.isinf(weight), DomainError, "a negative or infinite weight"),
            ):
                if bad.any():
                    where = (f"{unit} {period}" for unit, period in weight.index[bad])
                    raise error(f"weights: {words} for {listed(where)}")
        weight = weight.where(values.notna())
        shown = np.log(values) if mean == "geometric" else values
        keys = [values.index.get_level_values(1), group.to_numpy()]
        total = (shown * weight).groupby(keys).sum(min_count=1)
        table = (total / weight.groupby(keys).sum(min_count=1)).unstack()
        table.index.name, table.columns.name = (
            values.index.names[1],
            None if by is None else getattr(by, "name", None),
        )
        return np.exp(table) if mean == "geometric" else table


def certificate_frame(
    index: pd.MultiIndex, against: str, gap: np.ndarray, residual: np.ndarray
) -> pd.DataFrame:
    """One row of proof a linear program."""
    frame = index.to_frame(index=False)
    frame["against"] = against
    frame["gap"], frame["residual"] = gap, residual
    frame["certified"] = (gap <= TOLERANCE) & (residual <= TOLERANCE)
    return frame
