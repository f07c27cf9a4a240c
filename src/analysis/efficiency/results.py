"""The results object of a level or an index: labelled, with its proof."""

from dataclasses import dataclass

import pandas as pd

from analysis.efficiency.programs import SAYS
from analysis.efficiency.technology import Technology
from analysis.errors import SpecificationError
from analysis.resources import refuse


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
        refuse(SpecificationError, SAYS, {"level": column not in self.summary}, column=column)
        return self.summary[column]

    @property
    def index(self) -> pd.Series:
        """Change from the year before, of every city and every year but the first."""
        values = self._transition("index")
        years = values.index.get_level_values(1)
        return values[years > years.min()]

    @property
    def cumulative(self) -> pd.Series:
        """Product of the index up to each year; one in the first year."""
        return self._transition("cumulative")

    @property
    def infeasible(self) -> pd.DataFrame:
        """City-years without a solution: no level, or no index towards that year."""
        return self.summary[self.summary["status"] == "infeasible"]
