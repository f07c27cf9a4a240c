"""What is to be estimated: which lags, which effects, which estimator, which standard errors."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias, cast, get_args

from analysis.errors import SpecificationError
from analysis.panel import Effects, FloatArray, Panel
from analysis.resources import declared, refuse
from analysis.spatial.conley import Conley, only
from analysis.spatial.estimates import StandardErrors, check_choice

Model: TypeAlias = str
EffectsKind: TypeAlias = str
Estimator: TypeAlias = str
WithinOrder = Literal["weights-first", "demean-first"]


MODELS, EFFECTS, ESTIMATORS = declared("analysis.spatial", "models.toml").values()
"""What is estimated, and how: each member with what it has."""

SAYS = declared("analysis.spatial", "refusals.toml")["specification"]

_TERM = re.compile(r"^(?:L(?P<lag>\d*)\.)?(?P<name>.+?)(?:\^(?P<power>\d+))?$")


@dataclass(frozen=True, slots=True)
class Term:
    """One regressor: a variable, its time lag and its power.

    Examples
    --------
    >>> Term.parse("L2.Coagg^2")
    Term(name='Coagg', lag=2, power=2)
    >>> str(Term("Coagg", lag=1))
    'L.Coagg'
    """

    name: str
    lag: int = 0
    power: int = 1

    @classmethod
    @cache
    def parse(cls, text: str) -> Term:
        """Read ``x``, ``L.x``, ``L2.x``, ``x^2`` or ``L.x^2``."""
        match = _TERM.match(text) if isinstance(text, str) else None
        refuse(SpecificationError, SAYS, {"term": match is None}, text=text)
        lag, name, power = cast(re.Match[str], match).groups()
        refuse(SpecificationError, SAYS, {"power": int(power or 1) < 1}, text=text)
        return cls(name, 0 if lag is None else int(lag or 1), int(power or 1))

    def __str__(self) -> str:
        return f"L{self.lag if self.lag > 1 else ''}." * (self.lag > 0) + self.contemporary

    def column(self, columns: Container[str]) -> tuple[str, int]:
        """Return the column that it is made of, and the power still to be taken.

        A column of its full name, such as ``x^2``, is taken as it is.

        Raises
        ------
        SpecificationError
            If a column bears the name of the lag: the term would have two meanings.
        """
        if self.lag and str(self) in columns:
            refuse(SpecificationError, SAYS, {"column": True}, term=self)
        ready = self.contemporary in columns
        return (self.contemporary, 1) if ready else (self.name, self.power)

    @property
    def contemporary(self) -> str:
        """The same term without its time lag."""
        return self.name + (f"^{self.power}" if self.power > 1 else "")


def term_values(panel: Panel, term: Term) -> FloatArray:
    """Values of a regressor before its time lag, shape (T, N)."""
    name, power = term.column(panel.columns)
    values = panel.values(name)
    return values**power if power > 1 else values


def _has(table: dict[str, list[str]], option: str, part: str, says: str) -> cached_property[bool]:
    """Whether the chosen member of an option has a part."""
    found = cached_property(lambda self: part in table[getattr(self, option)])
    found.__doc__ = says
    return found


@dataclass(frozen=True)
class Specification:
    """A spatial panel model.

    ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + X_t beta + W X_t theta + effects + u_t``,
    ``u_t = lambda M u_t + v_t``; the `model` says which of rho, theta and lambda are free.

    Parameters
    ----------
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Terms ``x``, ``x^2``, ``L.x``, ``L2.x``; a power or a lag needs no column of its own, and a
        column that bears the name of a power, such as ``x^2``, is taken as it is.
    model : {"ols", "slx", "sar", "sdm", "sem", "sdem", "sac"}
    durbin : sequence of str, optional
        Terms whose spatial lag enters a slx, sdm or sdem model; all regressors by default.
    time_lag, space_time_lag : bool
        Whether ``y_{t-1}`` and ``W y_{t-1}`` enter.
    effects : {"none", "individual", "time", "two-way", "random", "random+time"}
        Fixed effects of cities and years; "random" makes the city effects random. In a model with
        lambda the random effects pass through the filter of the errors with the innovations
        (Kapoor, Kelejian and Prucha 2007), as in spreg and in splm's "sem2re", not in its "semre".
        Their variance is estimated as ``phi = sigma / sqrt(sigma2 + T sigma_mu2)``; one, its bound,
        where cities do not vary beyond their errors.
    estimator : str
        "transformation" (default) removes the effects by orthonormal transformations, and with a
        lagged outcome corrects the 1/T bias. "transformation-uncorrected" leaves that out.
        "direct" is the uncorrected dummy-variable likelihood, "direct-corrected" adds the
        corrections of order 1/T and 1/N. "direct-corrected-published" differs in static models
        with effects="time" only: like published routines it then rescales sigma2 and leaves rho
        alone.
    within_order : {"weights-first", "demean-first"}
        Whether W y (and the filter of the errors) is formed before the effects are removed, which is
        the dummy-variable likelihood used by Elhorst's routines and spreg, or from the demeaned
        outcome, as in splm, SDPDmod's static models and xsmle's objective. Spatial lags of
        regressors are formed first in either case. The second serves to match printed tables.
    std_errors : str or Conley
        "information" (expected; "dummies" is that of a regression with dummies for the years),
        "observed" (minus the Hessian of the likelihood at its maximum, which a bias correction leaves as
        it is), "sandwich" (third and fourth moments of the residuals), "cluster" (dependence over the
        years of a city; t with one less than there are cities), "driscoll-kraay" (between all cities and
        over years), "conley" (between near cities and near years; a :class:`Conley` sets its cut-offs
        and kernel).
    unit_roots : bool
        In the dynamic correction, treat roots above 1 - 1/n as unit roots as existing software
        does. The correction then jumps at that boundary.

    Raises
    ------
    SpecificationError
        If an option is unknown, or options contradict each other.

    Examples
    --------
    >>> Specification("logc", ["logp", "logy"]).label
    'static SDM, two-way effects'
    >>> Specification("y", ["x"], model="sdmm")
    Traceback (most recent call last):
        ...
    analysis.errors.SpecificationError: model='sdmm' is unknown, did you mean 'sdm'? ...
    """

    outcome: str
    regressors: Sequence[str]
    model: Model = "sdm"
    durbin: Sequence[str] | None = None
    time_lag: bool = False
    space_time_lag: bool = False
    effects: EffectsKind = "two-way"
    estimator: Estimator = "transformation"
    within_order: WithinOrder = "weights-first"
    std_errors: StandardErrors | Conley = "information"
    unit_roots: bool = False

    def __post_init__(self) -> None:
        for option in ("regressors", "durbin"):
            if (given := getattr(self, option)) is not None:
                object.__setattr__(self, option, names_of(option, given))
        choices = {"model": MODELS, "effects": EFFECTS, "estimator": ESTIMATORS}
        for option, offered in (choices | {"within_order": get_args(WithinOrder)}).items():
            check_choice(option, getattr(self, option), offered)
        only(self.std_errors)
        for option in ("time_lag", "space_time_lag", "unit_roots"):
            value = getattr(self, option)
            known = isinstance(value, bool)
            refuse(SpecificationError, SAYS, {"flag": not known}, option=option, value=value)
        named = isinstance(self.outcome, str) and self.outcome
        refuse(SpecificationError, SAYS, {"outcome": not named}, spec=self)
        own = {"const", "rho", "lambda", "phi", "sigma2", f"W.L.{self.outcome}"}
        durbin = [str(term) for term in self.durbin_terms]
        terms = check_terms(self, durbin, own | {f"W.{d}" for d in durbin})
        demeans, random = self.within_order == "demean-first", self.is_random
        wrong = {
            "none": not terms and not self.is_dynamic,
            "durbin": self.durbin is not None and not self.has_durbin_terms,
            "dynamic": random and self.is_dynamic,
            "unbiased": random and self.estimator != "transformation",
            "errors": random and self.std_errors not in ("information", "observed"),
            "order": demeans and random,
            "direct": demeans and self.is_transformed,
        }
        refuse(SpecificationError, SAYS, wrong, spec=self)

    has_spatial_lag = _has(MODELS, "model", "rho", "Whether rho is free.")
    has_spatial_error = _has(MODELS, "model", "lambda", "Whether lambda is free.")
    has_durbin_terms = _has(MODELS, "model", "durbin", "Whether spatially lagged regressors enter.")
    is_random = _has(EFFECTS, "effects", "random", "Whether unit effects are random.")
    has_unit_effects = _has(EFFECTS, "effects", "units", "Whether units have fixed effects.")
    has_time_effects = _has(EFFECTS, "effects", "periods", "Whether periods have fixed effects.")
    is_transformed = _has(
        ESTIMATORS, "estimator", "transformed", "Whether effects are transformed out."
    )

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The regressors, parsed."""
        return tuple(Term.parse(text) for text in self.regressors)

    @cached_property
    def durbin_terms(self) -> tuple[Term, ...]:
        """Regressors whose spatial lag enters."""
        if not self.has_durbin_terms:
            return ()
        return self.terms if self.durbin is None else tuple(map(Term.parse, self.durbin))

    @property
    def uses_weights(self) -> bool:
        """Whether anything is lagged in space."""
        return bool(MODELS[self.model]) or self.space_time_lag

    @property
    def is_dynamic(self) -> bool:
        """Whether a lag of the outcome enters."""
        return self.time_lag or self.space_time_lag

    @property
    def fixed_effects(self) -> Effects:
        """The effects that are removed; random ones stay in."""
        return {"random": "none", "random+time": "time"}.get(self.effects, self.effects)  # type: ignore[return-value]

    @property
    def is_corrected(self) -> bool:
        """Whether a bias correction follows the maximisation."""
        kinds = ["all", "dynamic"] if self.is_dynamic else ["all"]
        return any(f"corrects {kind} models" in ESTIMATORS[self.estimator] for kind in kinds)

    @cached_property
    def longest_lag(self) -> int:
        """Periods lost at the start of the panel."""
        return max([int(self.is_dynamic), *(term.lag for term in self.terms)])

    @property
    def label(self) -> str:
        """A short description for captions."""
        kind = "dynamic" if self.is_dynamic else "static"
        return f"{kind} {self.model.upper()}, {self.effects} effects"


def check_terms(specification: Any, durbin: Sequence[str], taken: set[str]) -> list[str]:
    """Regressors as terms, or SpecificationError where two terms would have one name.

    `taken` are names that the model gives to terms of its own.
    """
    terms = [str(Term.parse(text)) for text in specification.regressors]
    wrong = {
        "repeated": sorted({t for t in terms if terms.count(t) > 1}),
        "own": [t for t in terms if Term.parse(t).name == specification.outcome],
        "taken": [t for t in terms if t in taken],
        "unknown": [d for d in durbin if d not in terms],
    }
    refuse(SpecificationError, SAYS, wrong, spec=specification)
    return terms


def names_of(option: str, value: Any) -> tuple[str, ...]:
    """Names in a tuple, or SpecificationError where they are no list."""
    wrong = isinstance(value, str) or not isinstance(value, Iterable)
    refuse(SpecificationError, SAYS, {"names": wrong}, option=option, value=value)
    return tuple(value)
