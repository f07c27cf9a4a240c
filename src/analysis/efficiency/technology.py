"""What is measured: variables, measure, returns, reference set; and data fit to be measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from analysis.efficiency import programs
from analysis.efficiency.programs import SAYS, Disposability, Program, Returns, Shape
from analysis.errors import DomainError, SampleSizeError, SpecificationError, listed
from analysis.panel import Panel, labels
from analysis.resources import refuse

Measure = Literal["sbm", "directional"]
Orientation = Literal["none", "input", "output"]
Reference = Literal["pooled", "contemporaneous", "sequential", "window"]
_OPTIONS = {"measure": Measure, "returns": Returns, "orientation": Orientation,
            "reference": Reference, "disposability": Disposability}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Technology:
    """Specification of an efficiency measurement.

    Parameters
    ----------
    inputs, good, bad : tuple of str
        Columns of the panel: inputs, good outputs, bad (undesirable) outputs.
    measure : {"sbm", "directional"}
        Slacks-based measure (Tone 2001; with bad outputs Tone 2004), an efficiency in (0, 1]; or
        the directional distance along (good, -bad) (Chung, Färe and Grosskopf 1997), an
        *in*efficiency that is zero on the frontier.
    returns : {"constant", "variable"}
        Returns to scale.
    orientation : {"none", "input", "output"}
        Which slacks the slacks-based measure counts. Bad outputs count with the outputs.
    reference : {"pooled", "contemporaneous", "sequential", "window"}
        Against whom a city-year is measured: all city-years, its own year, all years up to its
        own, or the last ``window`` years. The first years of a panel, which have fewer years behind
        them, share the first full window.
    window : int, optional
        Length of the window in years; with ``reference="window"`` only.
    super_efficiency : bool
        Measure efficient city-years against the others (Tone 2002), so that they differ.
    disposability : {"strong", "weak"}, optional
        Of bad outputs. The slacks-based measure is strong; the directional distance is weak unless
        said otherwise. Weak with variable returns follows Kuosmanen (2005).
    max_ratio : float
        A value further than this factor from the median of its column is refused as a slip in units
        of measurement.

    Raises
    ------
    SpecificationError
        If an option is unknown or options contradict each other.

    Examples
    --------
    >>> Technology(("capital", "labour", "energy"), ("gdp",), ("co2",)).disposability
    'strong'
    >>> Technology(("capital",), ("gdp",), reference="window")
    Traceback (most recent call last):
    ...
    analysis.errors.SpecificationError: reference="window" and window=<number of years> belong ...
    """

    inputs: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...] = ()
    measure: Measure = "sbm"
    returns: Returns = "constant"
    orientation: Orientation = "none"
    reference: Reference = "pooled"
    window: int | None = None
    super_efficiency: bool = False
    disposability: Disposability | None = None
    max_ratio: float = 1e6

    def __post_init__(self) -> None:
        for name in ("inputs", "good", "bad"):
            columns = getattr(self, name)
            wrong = {"string": isinstance(columns, str)}
            refuse(SpecificationError, SAYS, wrong, name=name, columns=columns)
            object.__setattr__(self, name, tuple(columns))
        if self.disposability is None:
            chosen = "weak" if self.measure == "directional" and self.bad else "strong"
            object.__setattr__(self, "disposability", chosen)
        for name, options in _OPTIONS.items():
            value, known = getattr(self, name), get_args(options)
            choices = ", ".join(map(repr, known[:-1])) + f" or {known[-1]!r}"
            words = {"name": name, "value": value, "choices": choices}
            refuse(SpecificationError, SAYS, {"option": value not in known}, **words)
        twice = sorted({c for c in self.columns if self.columns.count(c) > 1})
        whole = self.window is None or (type(self.window) is int and self.window > 0)
        directional, weak = self.measure == "directional", self.disposability == "weak"
        conflicts = {
            "empty": not self.inputs or not self.good,
            "twice": twice,
            "window": (self.reference == "window") != (self.window is not None),
            "length": not whole,
            "direction": directional and self.orientation != "none",
            "super": directional and self.super_efficiency,
            "bad": directional and weak and not self.bad,
            "strong": weak and not directional,
            "ratio": not self.max_ratio > 1,
        }
        refuse(SpecificationError, SAYS, conflicts, t=self, twice=listed(map(repr, twice)))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which arrays stack them."""
        return (*self.inputs, *self.good, *self.bad)

    @property
    def shape(self) -> Shape:
        """Numbers of inputs, good and bad outputs."""
        return Shape(len(self.inputs), len(self.good), len(self.bad))

    @property
    def level_name(self) -> str:
        """What the level is called: an efficiency or a distance."""
        return "efficiency" if self.measure == "sbm" else "distance"

    def program(self, *, own_in_reference: bool = True, beyond: bool = False) -> Program:
        """Build the linear program of the level, or (`beyond`) the one that tells efficient units apart."""
        if self.measure == "sbm":
            counts = {f"{side}_weight": float(self.orientation in ("none", side))
                      for side in ("input", "output")}  # fmt: skip
            return programs.slacks_based(self.shape, self.returns, **counts, beyond=beyond)
        assert self.disposability is not None  # since __post_init__
        return programs.directional(
            self.shape, self.returns, self.disposability, own_in_reference=own_in_reference
        )


def checked_data(panel: Panel, technology: Technology) -> np.ndarray:
    """Stack the data of a technology, one row a city-year in the order of the panel's frame.

    Parameters
    ----------
    panel : Panel
    technology : Technology

    Returns
    -------
    (N * T, rows) array

    Raises
    ------
    MissingColumnError, NonFiniteError
        As :meth:`analysis.panel.Panel.values`.
    DomainError
        If a value is zero or negative, or further than ``technology.max_ratio`` from the median of
        its column.
    """
    data = np.column_stack([panel.values(name).T.ravel() for name in technology.columns])
    for name, values in zip(technology.columns, data.T, strict=True):
        median, most = np.median(values), technology.max_ratio
        far = (values > most * median) | (values * most < median)
        for why, bad in {"negative": values <= 0, "far": far}.items():
            rows = zip(labels(panel.frame.index[bad]), values[bad], strict=True)
            where = listed(f"{row} ({value:g})" for row, value in rows)
            words = {"panel": panel, "name": name, "most": most, "median": median, "where": where}
            refuse(DomainError, SAYS, {why: where}, **words)
    return data


def reference_sets(
    technology: Technology, n_cities: int, n_years: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of the units that share a reference set, and the rows of that set.

    Parameters
    ----------
    technology : Technology
    n_cities, n_years : int

    Yields
    ------
    units, reference : int arrays
        Rows of :func:`checked_data`.

    Raises
    ------
    SampleSizeError
        If the window is longer than the panel.
    """
    year = np.tile(np.arange(n_years), n_cities)
    if technology.reference == "pooled":
        yield np.arange(len(year)), np.arange(len(year))
        return
    window = technology.window or 1
    refuse(SampleSizeError, SAYS, {"long": window > n_years}, window=window, n_years=n_years)
    for t in range(n_years):
        last = max(t, window - 1)
        first = 0 if technology.reference == "sequential" else last - window + 1
        yield np.flatnonzero(year == t), np.flatnonzero((year >= first) & (year <= last))
