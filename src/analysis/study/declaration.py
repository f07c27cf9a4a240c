"""What a study is: its variables, model, weights, groups and choices, declared once and frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from analysis.book.parameters import Parameter
from analysis.efficiency import Efficiency, Technology
from analysis.errors import SpecificationError, did_you_mean, listed
from analysis.panel import Panel
from analysis.resources import declared
from analysis.spatial import Specification, Term
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
Matrix = Callable[[pd.DataFrame, pd.Series], Weights]

WEIGHTS: Mapping[str, Matrix] = MappingProxyType(
    {
        "additive-nest": additive_nest,
        "inverse-distance": lambda places, _: inverse_distance(places),
        "inverse-distance-squared": lambda places, _: inverse_distance(places, power=2),
        "diagonal-nest": diagonal_nest,
        "product": product,
        "gravity": gravity,
        "nearest-5": lambda places, _: k_nearest(places, 5),
    }
)
"""Builders of weight matrices, from places (``lon``, ``lat``) and the units' mean income."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a study.

    Attributes
    ----------
    symbol : str
        As the study writes it, and the column of the panel.
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
    unit: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A division of the units, by a column of the places.

    Attributes
    ----------
    column : str
    labels : mapping
        Value of the column to the name of the group; the values themselves where empty.
    """

    column: str
    labels: Mapping[Any, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision of an analyst.

    Attributes
    ----------
    parameter : Parameter
        Its name, default, meaning, and what is allowed.
    values : tuple
        What a full grid runs through.
    """

    parameter: Parameter
    values: tuple[Any, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Data:
    """What a study's loader returns.

    Attributes
    ----------
    panel : Panel
        In the units of the regressions, all units and periods that were asked for.
    places : DataFrame
        Indexed by unit; ``lon``, ``lat``, names, flags.
    kind : {"real", "simulated", "published"}
    about : str
        What the data are, for the banner: "34 cities, 20 years" and then this.
    tables : mapping
        Raw tables by file name without suffix, gaps as they came.
    truth : DataFrame, optional
        Parameters of a generator: equation, term, value; those of the main equation first.
    recovers : bool
        Whether estimates on the study's own weights can be held against `truth`.
    notes : tuple of str
        What was filled or left out on the way, a sentence each.
    production : Panel, optional
        Inputs and outputs behind an outcome that a frontier measures, all periods.
    efficiency : Efficiency, optional
        Scores and index computed from them.
    """

    panel: Panel
    places: pd.DataFrame
    kind: Literal["real", "simulated", "published"] = "real"
    about: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    truth: pd.DataFrame | None = None
    recovers: bool = False
    notes: tuple[str, ...] = ()
    production: Panel | None = None
    efficiency: Efficiency | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A study as a frozen declaration.

    Attributes
    ----------
    name : str
        Name of its folders, or the folder that holds it.
    title : str
    variables : tuple of Variable
    model : Specification
        The main model.
    load : callable
        Keyword choices with their defaults to :class:`Data`. One named ``years`` or ``without``
        (units left out) is handed over; :func:`analysis.study.open_study` cuts otherwise.
    years : tuple of int
    weights : str
        Default weight matrix, one of `matrices`.
    matrices : mapping
        Builders by name.
    paper : str
        Letter of its prints in the ledger, or empty.
    citation : str
        A key of the references, or empty.
    income : str
        Column of the panel for matrices with income in them, or empty.
    outcomes : mapping
        Columns that can stand for the outcome, with headings; the outcome alone where empty.
    recovered : str
        The column that the generator's parameters belong to; the outcome where empty.
    groups : mapping of str to Group
    left_out : mapping of str to str
        Values of the choice ``cities`` to the flag of the places that marks who goes.
    choices : tuple of Choice
        What a specification curve runs through, where it differs from the usual.
    under_null : tuple of str
        Choices that run through all their values on every draw under the null.
    files : tuple of str
        Data files that count for fingerprints.
    unit, units : str
        What the study calls one unit of the panel, and several.
    period : str
        And one period.
    technology : Technology, optional
        Where the outcome is measured by a frontier.
    robustness : mapping
        What is tried beside the main model: ``weights``, ``models``, ``winsorise``, ``without``,
        ``periods``.
    printed : str
        File of printed numbers to audit, or empty.
    names : str
        Column of the places with names to show; labels are shown where empty.
    captions : mapping
        Of tables and figures of its pages, by label, as :class:`analysis.book.page.Page` takes them.
    """

    name: str
    title: str
    variables: tuple[Variable, ...]
    model: Specification
    load: Callable[..., Data]
    years: tuple[int, ...]
    weights: str
    matrices: Mapping[str, Matrix] = field(default_factory=lambda: WEIGHTS)
    paper: str = ""
    citation: str = ""
    income: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    recovered: str = ""
    groups: Mapping[str, Group] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    under_null: tuple[str, ...] = ("weights", "dynamics", "estimator")
    files: tuple[str, ...] = ()
    unit: str = "city"
    units: str = "cities"
    period: str = "year"
    technology: Technology | None = None
    robustness: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    printed: str = ""
    names: str = ""
    captions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def outcome(self) -> str:
        """Symbol of the dependent variable."""
        return self.model.outcome

    @property
    def regressors(self) -> tuple[str, ...]:
        """Terms of the main model, in its order."""
        return tuple(self.model.regressors)

    @property
    def static(self) -> Specification:
        """The main model without lags of the outcome."""
        return replace(self.model, time_lag=False, space_time_lag=False)

    @property
    def dynamic(self) -> Specification:
        """The main model with last year's outcome, here and at the neighbours."""
        return replace(self.model, time_lag=True, space_time_lag=True)

    def symbols(self, role: Role) -> tuple[str, ...]:
        """Symbols of the variables in one role."""
        return tuple(v.symbol for v in self.variables if v.role == role)

    @property
    def focus(self) -> tuple[str, ...]:
        """The regressors that the study is about; their lags where there is nothing else of them."""
        about = self.symbols("explanatory")
        terms = [term for term in self.regressors if Term.parse(term).name in about]
        return tuple(term for term in terms if not Term.parse(term).lag) or tuple(terms)

    @property
    def squared(self) -> bool:
        """Whether the study is about one variable and its square, which have a turning point."""
        return len(self.focus) == 2 and self.focus[1] == f"{self.focus[0]}^2"

    @property
    def controls(self) -> tuple[str, ...]:
        """The other regressors."""
        return tuple(term for term in self.regressors if term not in self.focus)

    @property
    def columns(self) -> list[str]:
        """Columns of the panel that take part in the main model."""
        terms = (self.outcome, *self.focus, *self.controls)
        return list(dict.fromkeys(Term.parse(term).name for term in terms))

    def matrix(self, kind: str, panel: Panel, places: pd.DataFrame) -> Weights:
        """Build one of the study's weight matrices for the units of a panel.

        Raises
        ------
        SpecificationError
            If there is no such matrix.
        """
        if kind not in self.matrices:
            raise SpecificationError(
                f"weights {kind!r} are unknown{did_you_mean(kind, self.matrices)}; choose "
                f"{listed(self.matrices, 20)}"
            )
        income = pd.Series(dtype=float)
        if self.income:
            income = panel.frame[self.income].groupby(level=0).mean()[panel.units]
        return self.matrices[kind](places.loc[panel.units], income)

    def label(self, term: str) -> str:
        """Name a term of a fit for a table.

        Examples
        --------
        >>> from analysis.study import find_study
        >>> study = find_study("cigarettes")
        >>> study.label("W.logp^2"), study.label("W.L.logc"), study.label("rho")
        ('W × ln price²', 'W × ln sales, last year (η)', 'W × ln sales (ρ)')
        """
        words = {**self.outcomes, **{v.symbol: v.label for v in self.variables}}
        outcome = words[self.outcome]
        special = {
            "rho": f"W × {outcome} (ρ)",
            "lambda": "W × error (λ)",
            "sigma2": "error variance (σ²)",
            f"L.{self.outcome}": f"{outcome}, last {self.period} (τ)",
            f"W.L.{self.outcome}": f"W × {outcome}, last {self.period} (η)",
        }
        if term in special:
            return special[term]
        if term.startswith("W."):
            return f"W × {self.label(term[2:])}"
        of = Term.parse(term)
        before = f"{of.lag} {self.period}s before" if of.lag > 1 else f"last {self.period}"
        return (
            words.get(of.name, of.name)
            + ("²" if of.power == 2 else "")
            + f", {before}" * bool(of.lag)
        )

    def labels(self, terms: pd.Index | list[str]) -> dict[str, str]:
        """Return the label of each term, in order."""
        return {term: self.label(term) for term in terms}


def written(package: str) -> dict[str, Any]:
    """Return what a package's ``study.toml`` says of its study, as arguments of :class:`Study`."""
    content = declared(package, "study.toml")
    return {
        **content["study"],
        "variables": tuple(Variable(symbol, **of) for symbol, of in content["variables"].items()),
        "groups": {name: Group(**of) for name, of in content.get("groups", {}).items()},
        "robustness": content.get("robustness", {}),
    }
