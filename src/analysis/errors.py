"""Named exceptions: each message says where the trouble is, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class AnalysisError(Exception):
    """Base of every error that this package raises on purpose."""


class PanelError(AnalysisError, ValueError):
    """A city-by-year frame that cannot serve as a balanced panel."""


class MissingColumnError(PanelError, KeyError):
    """A column that was asked for is not in the data."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0])


class DuplicateObservationError(PanelError):
    """The same city-year occurs more than once."""


class UnbalancedPanelError(PanelError):
    """A city-year is missing, or a city is not observed in every year."""


class NonFiniteError(PanelError):
    """A value is missing, infinite or not a number."""


class GapError(PanelError):
    """A gap that interpolation inside the observed range cannot fill."""


class DomainError(PanelError):
    """A value outside the range in which the formula makes sense."""


class WeightsError(AnalysisError, ValueError):
    """A spatial weight matrix that cannot serve."""


class CityMismatchError(WeightsError):
    """Cities of the panel and of the weight matrix differ, or stand in another order."""


class IslandError(WeightsError):
    """A city without neighbours where every city needs one."""


class NotRowStandardisedError(WeightsError):
    """Rows of W do not sum to one where the method needs it."""


class SpecificationError(AnalysisError, ValueError):
    """An unknown option, or options that contradict each other."""


class EstimationError(AnalysisError, ValueError):
    """Data on which the asked-for estimator is not defined."""


class CollinearityError(EstimationError):
    """Regressors that are collinear, or have no variation left after the effects."""


class ConstantOutcomeError(EstimationError):
    """An outcome without variation left after the effects."""


class SampleSizeError(EstimationError):
    """Too few cities, years or group members for what was asked."""


class UnstableError(EstimationError):
    """Parameter estimates outside the region in which the quantity exists."""


class RawDataError(AnalysisError, ValueError):
    """A raw file that breaks its contract."""


class ParameterError(AnalysisError, ValueError):
    """An unknown, ill-typed or out-of-range notebook or command parameter."""


class StudyError(AnalysisError, LookupError):
    """A heavy study that does not exist, has not been run, or returned no table."""


class AuditTableError(AnalysisError, ValueError):
    """A table of printed numbers that the audit cannot read."""


class UnitRootWarning(UserWarning):
    """A bias correction that divides by the distance of a root from one, which is small."""


class DiscardedDrawsWarning(UserWarning):
    """Simulated parameters at which what was asked for does not exist, left out of a summary."""


def nearest(name: object, known: Iterable[object]) -> str:
    """Return the known name closest to a mistyped one, whatever its case, or an empty text.

    Examples
    --------
    >>> nearest("wieghts", ["weights", "years"])
    'weights'
    >>> nearest("gravty-model", ["gravity", "inverse-distance"])
    'gravity'
    """
    by_lower = {str(item).strip().lower(): str(item) for item in known}
    near = get_close_matches(str(name).strip().lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[near[0]] if near else ""


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Name the nearest match for a message; empty where nothing is near.

    Examples
    --------
    >>> did_you_mean("Lnpgdp", ["Carbon", "LnPGDP"])
    ", did you mean 'LnPGDP'?"
    >>> did_you_mean("rainfall", ["Carbon", "LnPGDP"])
    ''
    """
    near = nearest(name, known)
    return f", did you mean {near!r}?" if near else ""


def listed(items: Iterable[object], at_most: int = 5) -> str:
    """Join the first few items for a message and count the rest.

    Examples
    --------
    >>> listed(["Anshan", "Benxi", "Fushun"], at_most=2)
    'Anshan, Benxi and 1 more'
    """
    entries = [str(item) for item in items]
    shown = ", ".join(entries[:at_most])
    rest = len(entries) - at_most
    return f"{shown} and {rest} more" if rest > 0 else shown
