"""Kernels over distance and time: whose errors may be correlated with whose (Conley 1999)."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import IndefiniteWarning, SpecificationError, UnitMismatchError
from analysis.panel import FloatArray
from analysis.resources import declared, refuse
from analysis.spatial.estimates import StandardErrors, check_choice
from analysis.weights import great_circle

SAYS = declared("analysis.spatial", "refusals.toml")["conley"]


def newey_west_lags(periods: int) -> int:
    """The usual number of lags, ``floor(4 (T / 100)^(2/9))``."""
    return int(np.floor(4 * (periods / 100) ** (2 / 9)))


def over_time(periods: int, lags: int, kernel: str = "bartlett") -> FloatArray:
    """Weight of each pair of periods.

    Examples
    --------
    >>> over_time(3, 1)
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    """
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    if kernel == "uniform":
        return (apart <= lags).astype(float)
    return np.maximum(0.0, 1 - apart / (lags + 1))


@dataclass(frozen=True, slots=True)
class Conley:
    """Standard errors for errors correlated with those of near units and near periods.

    The covariance of two units' scores in two periods counts with the product of a weight that
    falls with the great-circle distance and one that falls with the years between them.

    Parameters
    ----------
    cutoff : float, optional
        Kilometres beyond which units count as independent. By default the median distance of a
        unit to its sqrt(N)-th nearest. 0 keeps units apart, infinity joins all alike.
    lags : int, optional
        Periods over which errors may be correlated; ``floor(4 (T / 100)^(2/9))`` by default.
    kernel : {"bartlett", "uniform"}
        Weights that fall linearly, to zero at the cut-off and at `lags` + 1; or one up to there.
    places : DataFrame, optional
        ``lon`` and ``lat`` by unit; those that W was built from by default.

    Notes
    -----
    Over distances on a plane neither kernel makes every covariance matrix positive semi-definite.
    Where the sum of products is not, its negative part is set to zero, with a warning.

    Examples
    --------
    >>> Conley(300, 2)
    Conley(cutoff=300, lags=2, kernel='bartlett')
    """

    cutoff: float | None = None
    lags: int | None = None
    kernel: Literal["bartlett", "uniform"] = "bartlett"
    places: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_choice("kernel", self.kernel, ("bartlett", "uniform"))
        given = {"cutoff": self.cutoff, "lags": self.lags}
        wrong = {name: value is not None and not value >= 0 for name, value in given.items()}
        refuse(SpecificationError, SAYS, wrong, rule=self)

    def __str__(self) -> str:
        reach = "by rule" if self.cutoff is None else f"{self.cutoff:.4g} km"
        lags = "by rule" if self.lags is None else f"{self.lags}"
        return f"conley ({self.kernel}, cut-off {reach}, lags {lags})"

    def kernels(self, periods: int) -> tuple[FloatArray, FloatArray]:
        """Weights of pairs of units, and of pairs of periods, by a rule that is settled."""
        assert self.places is not None and self.cutoff is not None and self.lags is not None  # noqa: PT018
        distance, reach = great_circle(self.places), self.cutoff
        if self.kernel == "uniform" or reach in (0, np.inf):
            space = (distance <= reach).astype(float)
        else:
            space = np.maximum(0.0, 1 - distance / reach)
        np.fill_diagonal(space, 1.0)
        return space, over_time(periods, self.lags, self.kernel)


def settled(
    kind: str | Conley, units: pd.Index, periods: int, known: pd.DataFrame | None
) -> Conley:
    """Conley errors with places and what rules leave open filled in.

    Raises
    ------
    SpecificationError
        If nobody says where the units are.
    UnitMismatchError
        If a unit has no place.
    """
    rule = kind if isinstance(kind, Conley) else Conley()
    places: Any = known if rule.places is None else rule.places
    refuse(SpecificationError, SAYS, {"places": places is None})
    lost = units.difference(places.index)
    refuse(UnitMismatchError, SAYS, {"lost": lost})
    places = places.loc[units, ["lon", "lat"]]
    reach, lags = rule.cutoff, newey_west_lags(periods) if rule.lags is None else rule.lags
    if reach is None:
        nearest = min(round(np.sqrt(len(units))), len(units) - 1)
        reach = float(np.median(np.sort(great_circle(places), axis=1)[:, nearest]))
    return Conley(reach, lags, rule.kernel, places)


def positive(meat: FloatArray) -> FloatArray:
    """The matrix without its negative part, and a warning where it has one."""
    scale = np.sqrt(np.abs(np.diag(meat)))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(meat / np.outer(scale, scale))
    if values[0] >= -1e-10 * values[-1]:
        return meat
    warnings.warn(
        "the Conley covariance is not positive semi-definite with this kernel; its negative part "
        "is set to zero. Compare with a shorter cut-off",
        IndefiniteWarning,
        stacklevel=6,
    )
    root = vectors * np.sqrt(np.maximum(values, 0.0)) * scale[:, None]
    return np.asarray(root @ root.T)


def only(kind: Any, offered: Iterable[str] = get_args(StandardErrors)) -> str:
    """Name of a kind of standard errors, or SpecificationError where it is unknown or not offered."""
    name = "conley" if isinstance(kind, Conley) else kind
    check_choice("std_errors", name, get_args(StandardErrors))
    words = {"name": name, "offered": ", ".join(offered)}
    refuse(SpecificationError, SAYS, {"offered": name not in offered}, **words)
    return str(name)
