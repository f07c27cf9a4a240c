"""Named exceptions: each message says where the trouble is, what was expected and what to do."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches


class AnalysisError(Exception):
    """Base of every error that this package raises on purpose."""


class PanelError(AnalysisError, ValueError):
    """A frame of units and periods that cannot serve as a balanced panel."""


class MissingColumnError(PanelError, KeyError):
    """A column that was asked for is not in the data."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0])


class DuplicateObservationError(PanelError):
    """The same unit and period occur more than once."""


class UnbalancedPanelError(PanelError):
    """A unit is not observed in every period."""


class NonFiniteError(PanelError):
    """A value is missing, infinite or not a number."""


class GapError(PanelError):
    """A gap that interpolation inside the observed range cannot fill."""


class DomainError(PanelError):
    """A value outside the range in which the formula makes sense."""


class WeightsError(AnalysisError, ValueError):
    """A spatial weight matrix that cannot serve."""


class UnitMismatchError(WeightsError):
    """Units of the panel and of a weight matrix, groups or a map differ."""


class IslandError(WeightsError):
    """A unit without neighbours where each needs one."""


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
    """Too few units, periods or group members for what was asked."""


class UnstableError(EstimationError):
    """Parameter estimates outside the region in which the quantity exists."""


class RawDataError(AnalysisError, ValueError):
    """A raw file that breaks its contract."""


class ParameterError(AnalysisError, ValueError):
    """An unknown, ill-typed or out-of-range notebook or command parameter."""


class NoBookError(AnalysisError, FileNotFoundError):
    """Something that only the cloned book has, not the installed package."""


class StudyFileError(AnalysisError, ValueError):
    """A declaration of a study that cannot be used: every mistake in it, a line each."""


class StudyError(AnalysisError, LookupError):
    """A heavy study that does not exist, has not been run, or returned no table."""


class AuditTableError(AnalysisError, ValueError):
    """A table of printed numbers that the audit cannot read."""


class EstimatorWarning(UserWarning):
    """A caution of an estimator: the numbers stand, and need a second look."""


class UnitRootWarning(EstimatorWarning):
    """A bias correction that divides by the distance of a root from one, which is small."""


class DiscardedDrawsWarning(EstimatorWarning):
    """Simulated parameters at which what was asked for does not exist, left out of a summary."""


class IndefiniteWarning(EstimatorWarning):
    """A covariance estimate that was not positive semi-definite, freed from its negative part."""


class FewClustersWarning(EstimatorWarning):
    """Clustered standard errors from so few clusters that they come out too small."""


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


def choose(name: object, known: Iterable[object]) -> str:
    """The end of a message about a name that is none of those known: the nearest, and all.

    Examples
    --------
    >>> "no part 'tests'" + choose("tests", ["test", "figure"])
    "no part 'tests', did you mean 'test'? there are: test, figure"
    """
    known = list(known)
    return f"{did_you_mean(name, known) or ';'} there are: {listed(known, 30)}"


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


def _plain(label: object) -> str:
    return unicodedata.normalize("NFKC", str(label)).strip().casefold()


def told_apart(labels: Iterable[object], known: Iterable[object] = ()) -> list[str]:
    """Labels as a message writes them: quoted and in ASCII where the eye could mistake one.

    Parameters
    ----------
    labels : iterable
    known : iterable
        What else there is: a label that looks like another one of these is quoted.

    Examples
    --------
    >>> told_apart(["Anshan", "Benxi "], ["Anshan", "Benxi"])
    ['Anshan', "'Benxi '"]
    >>> told_apart(["2001"], [2001, 2002])
    ["'2001'"]
    """
    labels = [label.item() if hasattr(label, "item") else label for label in labels]
    known = [k.item() if hasattr(k, "item") else k for k in (known if labels else ())]
    alike = Counter(_plain(label) for label in {*labels, *known})
    return [
        str(label)
        if alike[_plain(label)] == 1
        and str(label).strip() == unicodedata.normalize("NFC", str(label))
        else ascii(label)
        for label in labels
    ]
