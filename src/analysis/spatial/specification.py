"""What is to be estimated: which lags, which effects, which estimator, which standard errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from analysis.errors import SpecificationError, did_you_mean, listed

Model = Literal["ols", "slx", "sar", "sdm", "sem", "sdem", "sac"]
EffectsKind = Literal["none", "individual", "time", "two-way", "random", "random+time"]
Estimator = Literal[
    "transformation",
    "transformation-uncorrected",
    "direct",
    "direct-corrected",
    "direct-corrected-published",
]
WithinOrder = Literal["weights-first", "demean-first"]
StandardErrors = Literal["information", "sandwich", "cluster", "driscoll-kraay"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "model": get_args(Model),
    "effects": get_args(EffectsKind),
    "estimator": get_args(Estimator),
    "within_order": get_args(WithinOrder),
    "std_errors": get_args(StandardErrors),
}

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
    def parse(cls, text: str) -> Term:
        """Read ``x``, ``L.x``, ``L2.x``, ``x^2`` or ``L.x^2``."""
        match = _TERM.match(text) if isinstance(text, str) else None
        if match is None:
            raise SpecificationError(f"cannot read the term {text!r}; write x, L.x, L2.x or x^2")
        prefix, power = match["lag"], match["power"]
        lag = 0 if prefix is None else int(prefix or 1)
        if power is not None and int(power) < 1:
            raise SpecificationError(f"term {text!r}: the power must be at least 1")
        return cls(match["name"], lag, int(power or 1))

    def __str__(self) -> str:
        prefix = "" if self.lag == 0 else f"L{self.lag if self.lag > 1 else ''}."
        return prefix + self.contemporary

    @property
    def contemporary(self) -> str:
        """The same term without its time lag."""
        return self.name + (f"^{self.power}" if self.power > 1 else "")


@dataclass(frozen=True, slots=True)
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
    std_errors : {"information", "sandwich", "cluster", "driscoll-kraay"}
        "sandwich" uses third and fourth moments of the residuals, "cluster" allows dependence over
        the years of a city, "driscoll-kraay" dependence across cities and over years.
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
    regressors: tuple[str, ...]
    model: Model = "sdm"
    durbin: tuple[str, ...] | None = None
    time_lag: bool = False
    space_time_lag: bool = False
    effects: EffectsKind = "two-way"
    estimator: Estimator = "transformation"
    within_order: WithinOrder = "weights-first"
    std_errors: StandardErrors = "information"
    unit_roots: bool = False

    def __init__(
        self,
        outcome: str,
        regressors: Sequence[str],
        model: Model = "sdm",
        durbin: Sequence[str] | None = None,
        time_lag: bool = False,
        space_time_lag: bool = False,
        effects: EffectsKind = "two-way",
        estimator: Estimator = "transformation",
        within_order: WithinOrder = "weights-first",
        std_errors: StandardErrors = "information",
        unit_roots: bool = False,
    ) -> None:
        values: dict[str, Any] = {
            "outcome": outcome,
            "regressors": _names("regressors", regressors),
            "model": model,
            "durbin": None if durbin is None else _names("durbin", durbin),
            "time_lag": time_lag,
            "space_time_lag": space_time_lag,
            "effects": effects,
            "estimator": estimator,
            "within_order": within_order,
            "std_errors": std_errors,
            "unit_roots": unit_roots,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        for option, choices in _CHOICES.items():
            _check_choice(option, getattr(self, option), choices)
        for option in ("time_lag", "space_time_lag", "unit_roots"):
            if not isinstance(getattr(self, option), bool):
                raise SpecificationError(
                    f"{option}={getattr(self, option)!r}: must be True or False"
                )
        if not isinstance(self.outcome, str) or not self.outcome:
            raise SpecificationError(f"outcome={self.outcome!r}: must be the name of a column")
        terms = [str(Term.parse(text)) for text in self.regressors]
        repeated = sorted({t for t in terms if terms.count(t) > 1})
        if repeated:
            raise SpecificationError(f"regressors named twice: {listed(repeated)}")
        own_terms = [t for t in map(Term.parse, self.regressors) if t.name == self.outcome]
        if any(not t.lag for t in own_terms):
            raise SpecificationError(f"{self.outcome!r} is both the outcome and a regressor")
        if own_terms:
            raise SpecificationError(
                f"a lag of the outcome {self.outcome!r} among the regressors: use time_lag=True, "
                "which also corrects the bias it brings"
            )
        # A column of such a name would be overwritten by the model's own term, or the reverse.
        own = {"const", "rho", "lambda", "phi", "sigma2", f"W.L.{self.outcome}"}
        taken = [t for t in terms if t in own | {f"W.{d}" for d in self.durbin_terms}]
        if taken:
            raise SpecificationError(
                f"regressors that bear the name of one of the model's own terms: {listed(taken)}; "
                "rename these columns, or leave a ready-made spatial lag to the model"
            )
        if not terms and not self.is_dynamic:
            raise SpecificationError("regressors: name at least one")
        if self.durbin is not None:
            if not self.has_durbin_terms:
                raise SpecificationError(
                    f"durbin terms were named, but model={self.model!r} has no spatially lagged "
                    "regressors; choose 'slx', 'sdm' or 'sdem'"
                )
            unknown = [d for d in self.durbin if str(Term.parse(d)) not in terms]
            if unknown:
                raise SpecificationError(f"durbin terms that are no regressors: {listed(unknown)}")
        if self.is_random and self.is_dynamic:
            raise SpecificationError(
                "random effects are correlated with the lagged outcome; use fixed effects"
            )
        if self.is_random and self.estimator != "transformation":
            raise SpecificationError(
                f"effects={self.effects!r} has no bias to correct; leave `estimator` at its default"
            )
        if self.is_random and self.std_errors != "information":
            raise SpecificationError(
                f"std_errors={self.std_errors!r} assumes fixed effects; with effects={self.effects!r} "
                "use 'information'"
            )
        if self.within_order == "demean-first":
            if self.is_transformed and not self.is_random:
                raise SpecificationError(
                    "within_order='demean-first' belongs to the direct approach; combine it with "
                    "estimator='direct' or 'direct-corrected'"
                )
            if self.is_random:
                raise SpecificationError("within_order='demean-first' needs fixed effects")

    @property
    def terms(self) -> tuple[Term, ...]:
        """The regressors, parsed."""
        return tuple(Term.parse(text) for text in self.regressors)

    @property
    def durbin_terms(self) -> tuple[Term, ...]:
        """Regressors whose spatial lag enters."""
        if not self.has_durbin_terms:
            return ()
        return self.terms if self.durbin is None else tuple(map(Term.parse, self.durbin))

    @property
    def has_spatial_lag(self) -> bool:
        """Whether rho is free."""
        return self.model in ("sar", "sdm", "sac")

    @property
    def has_spatial_error(self) -> bool:
        """Whether lambda is free."""
        return self.model in ("sem", "sdem", "sac")

    @property
    def has_durbin_terms(self) -> bool:
        """Whether spatially lagged regressors enter."""
        return self.model in ("slx", "sdm", "sdem")

    @property
    def is_dynamic(self) -> bool:
        """Whether a lag of the outcome enters."""
        return self.time_lag or self.space_time_lag

    @property
    def is_random(self) -> bool:
        """Whether city effects are random."""
        return self.effects in ("random", "random+time")

    has_city_effects = property(lambda self: self.has_unit_effects)  # its former name

    @property
    def has_unit_effects(self) -> bool:
        """Whether cities have fixed effects."""
        return self.effects in ("individual", "two-way")

    @property
    def has_time_effects(self) -> bool:
        """Whether years have fixed effects."""
        return self.effects in ("time", "two-way", "random+time")

    @property
    def is_transformed(self) -> bool:
        """Whether the effects are removed by orthonormal transformations."""
        return self.estimator.startswith("transformation")

    @property
    def is_corrected(self) -> bool:
        """Whether a bias correction follows the maximisation."""
        return self.estimator.startswith("direct-corrected") or (
            self.estimator == "transformation" and self.is_dynamic
        )

    @property
    def longest_lag(self) -> int:
        """Years lost at the start of the panel."""
        return max([int(self.is_dynamic), *(term.lag for term in self.terms)])

    @property
    def label(self) -> str:
        """A short description for captions."""
        kind = "dynamic" if self.is_dynamic else "static"
        return f"{kind} {self.model.upper()}, {self.effects} effects"


def _names(option: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise SpecificationError(f"{option}={value!r}: give a list of names, such as [{value!r}]")
    if not isinstance(value, Iterable):
        raise SpecificationError(f"{option}={value!r}: give a list of names")
    return tuple(value)


def _check_choice(option: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        hint = did_you_mean(value, choices) or ";"
        raise SpecificationError(
            f"{option}={value!r} is unknown{hint} choose from {listed(choices, 9)}"
        )
