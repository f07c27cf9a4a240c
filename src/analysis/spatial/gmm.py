"""Spatial dynamic panels by GMM, with the spatial lag of the outcome endogenous."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any, Literal, Self, get_args

import pandas as pd

from analysis.errors import SpecificationError
from analysis.panel import Panel
from analysis.resources import refuse
from analysis.spatial import dynamic_panel
from analysis.spatial.conley import Conley, only
from analysis.spatial.dynamic_panel import GmmFit, Instruments
from analysis.spatial.effects import SpatialEstimates
from analysis.spatial.estimates import StandardErrors, check_choice
from analysis.spatial.formula import asked
from analysis.spatial.operator import operator_of
from analysis.spatial.specification import Term, check_terms, names_of, term_values
from analysis.weights import Weights, as_weights

SHARED = ("system", "steps", "std_errors", "period_effects", "small_sample")
"""Options of the estimation itself, passed on as they are."""
Exogeneity = Literal["exogenous", "uncorrelated", "predetermined", "endogenous"]


@dataclass(frozen=True, slots=True)
class GmmSpecification:
    """A spatial dynamic panel model and its instruments.

    ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + X_t beta + W X_t theta + mu + xi_t 1 + e_t``

    The outcome and its spatial lag are instrumented by their own lags in the differenced equation
    and by lagged differences in the level equation; regressors by themselves, their spatial lags
    ``W X`` and ``W^2 X`` (Kukenova and Monteiro 2009).

    Parameters
    ----------
    outcome : str
    regressors : sequence of str
        Terms ``x``, ``x^2``, ``L.x``.
    durbin : sequence of str, optional
        Terms whose spatial lag is a regressor; none by default.
    spatial_lag, time_lag, space_time_lag : bool
        Whether ``W y_t``, ``y_{t-1}`` and ``W y_{t-1}`` enter.
    exogeneity : str or mapping of term to str
        What regressors may be correlated with.
        "exogenous": with the city effect only; differences instrument both equations.
        "uncorrelated": not even with that; xtabond2's plain ivstyle.
        "predetermined": also with past errors; lags from `first_lag` - 1 on.
        "endogenous": also with the present error; lags from `first_lag` on.
        Terms that a mapping leaves out are "exogenous".
    first_lag, last_lag : int
        Lags of the outcome and its spatial lag in the differenced equation.
    collapse : bool
        One instrument a lag instead of one a lag and year.
    second_order : bool
        Whether ``W^2 X`` instruments too.
    system : bool
        Add the level equation.
    steps : {1, 2}
    std_errors : {"information", "cluster", "conley"} or Conley
        "cluster" allows dependence over the periods of a unit, with Windmeijer's correction after two
        steps; "conley" between near units and near periods.
    period_effects : bool
    small_sample : bool
        xtabond2's ``small``.

    Raises
    ------
    SpecificationError
        If an option is unknown or options contradict each other.

    Examples
    --------
    >>> spec = GmmSpecification("y", ["x", "z"], exogeneity={"z": "endogenous"})
    >>> spec.exogeneity
    (('x', 'exogenous'), ('z', 'endogenous'))
    """

    outcome: str
    regressors: Sequence[str]
    durbin: Sequence[str] = ()
    spatial_lag: bool = True
    time_lag: bool = True
    space_time_lag: bool = False
    exogeneity: str | Mapping[str, Exogeneity] | Sequence[tuple[str, Exogeneity]] = "exogenous"
    first_lag: int = 2
    last_lag: int = 3
    collapse: bool = True
    second_order: bool = True
    system: bool = True
    steps: Literal[1, 2] = 2
    std_errors: StandardErrors | Conley = "cluster"
    period_effects: bool = True
    small_sample: bool = False

    def __post_init__(self) -> None:
        for option in ("regressors", "durbin"):
            names = names_of(option, getattr(self, option))
            object.__setattr__(self, option, tuple(str(Term.parse(name)) for name in names))
        kinds: Any = self.exogeneity
        if isinstance(kinds, str):
            kinds = dict.fromkeys(self.regressors, kinds)
        kinds = dict.fromkeys(self.regressors, "exogenous") | dict(kinds)
        object.__setattr__(self, "exogeneity", tuple(kinds.items()))
        made = {f"{w}.{name}" for w in ("W", "W^2") for name in (self.outcome, *self.regressors)}
        check_terms(self, self.durbin, made | {"rho", dynamic_panel.CONSTANT})
        for name, kind in kinds.items():
            check_choice("exogeneity: regressor", name, self.regressors)
            check_choice(f"exogeneity of {name!r}", kind, get_args(Exogeneity))
        check_choice("steps", self.steps, (1, 2))
        only(self.std_errors, dynamic_panel.OFFERED)
        something = self.is_dynamic or self.spatial_lag or self.regressors
        wrong = {"nothing": not something, "first": not 2 <= self.first_lag <= self.last_lag}
        refuse(SpecificationError, dynamic_panel.SAYS, wrong, spec=self)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The regressors, parsed."""
        return tuple(map(Term.parse, self.regressors))

    @property
    def durbin_terms(self) -> tuple[Term, ...]:
        """Regressors whose spatial lag enters."""
        return tuple(map(Term.parse, self.durbin))

    @property
    def is_dynamic(self) -> bool:
        """Whether a lag of the outcome enters."""
        return self.time_lag or self.space_time_lag

    def coefficients(self) -> tuple[str, ...]:
        """Names of the coefficients, year effects and constant aside."""
        y = self.outcome
        lags = [f"L.{y}"] * self.time_lag + [f"W.L.{y}"] * self.space_time_lag
        durbin = (f"W.{name}" for name in self.durbin)
        return (*lags, *self.regressors, *durbin, *["rho"] * self.spatial_lag)

    def instruments(self) -> list[Instruments]:
        """Instrument declarations, in the terms of :mod:`analysis.spatial.dynamic_panel`."""
        spatial = self.spatial_lag or self.space_time_lag
        lags = partial(Instruments, collapse=self.collapse)
        first, last = self.first_lag, self.last_lag
        own = [self.outcome] + [f"W.{self.outcome}"] * spatial
        found = [lags(variable, first=first, last=last) for variable in own]
        prefixes = ["", *["W."] * (spatial or bool(self.durbin))]
        prefixes += ["W^2."] * (len(prefixes) > 1 and self.second_order)
        for (term, kind), prefix in product(self.exogeneity, prefixes):
            name = prefix + term
            if kind == "uncorrelated":
                found.append(Instruments(name, "own"))
            elif kind == "exogenous":
                found.append(Instruments(name, "own", equation="difference"))
                if self.system:  # the present difference, which carries no city effect
                    found.append(lags(name, first=1, last=1, equation="level"))
            else:
                earlier = kind == "predetermined"
                found.append(lags(name, first=first - earlier, last=last - earlier))
        return found


def _spatial_frame(panel: Panel, specification: GmmSpecification, weights: Weights) -> pd.DataFrame:
    """Outcome, regressors, their lags and spatial lags as columns, one row a city-year."""
    lag, columns = operator_of(weights).lag, {}
    for name in (specification.outcome, f"L.{specification.outcome}", *specification.regressors):
        term = Term.parse(name)
        columns[term.contemporary] = present = term_values(panel, term)  # GMM lags it itself
        before = dynamic_panel.shifted(present.T, min(term.lag, panel.n_periods)).T
        columns[f"W.{name}"] = lag(before)
        columns[f"W^2.{name}"] = lag(columns[f"W.{name}"])
    columns["rho"] = columns[f"W.{specification.outcome}"]
    return pd.DataFrame({name: panel.series(values, name) for name, values in columns.items()})


@dataclass(frozen=True, eq=False, repr=False)
class SpatialGmmFit(GmmFit, SpatialEstimates):
    """A :class:`GmmFit` that knows its specification and W, and so its effects.

    Attributes
    ----------
    specification : GmmSpecification
    weights : Weights
    """

    specification: GmmSpecification
    weights: Weights

    def with_cov(self, kind: StandardErrors | Conley) -> Self:
        """Return the same estimates with standard errors of another kind; see :class:`GmmFit`."""
        return self.again(replace(self.specification, std_errors=kind))  # type: ignore[return-value]


def fit_gmm(
    panel: Panel | pd.DataFrame,
    specification: GmmSpecification | str,
    weights: Any,
    **options: Any,
) -> SpatialGmmFit:
    """Estimate a spatial dynamic panel by difference or system GMM.

    Parameters
    ----------
    panel : Panel or DataFrame
    specification : GmmSpecification or str
        Or a formula, as for :func:`analysis.spatial.fit`, with the rest in `options`.
    weights : Weights, libpysal.weights.W or libpysal.graph.Graph
        Reordered to the panel's units; not standardised anew.
    **options
        Of a :class:`GmmSpecification`, where a formula is given.

    Returns
    -------
    SpatialGmmFit
        The coefficient of ``W y_t`` is called ``rho``.

    Raises
    ------
    UnitMismatchError
        If W and the panel have different cities.
    MissingColumnError, NonFiniteError
        If the panel lacks a variable or a value.
    CollinearityError, EstimationError, SampleSizeError
        As for :func:`analysis.spatial.dynamic_panel.dynamic_panel_gmm`.

    Notes
    -----
    With a dense W the spatial lag hardly varies once year effects are in, and rho is close to
    unidentified although the tests look well; compare it with the likelihood's.
    """
    data, spec = asked(panel, specification, GmmSpecification, options)
    weights = as_weights(weights).align(data.units)
    result = dynamic_panel.dynamic_panel_gmm(
        _spatial_frame(data, spec, weights),
        spec.outcome,
        spec.coefficients(),
        spec.instruments(),
        places=weights.places,
        **{name: getattr(spec, name) for name in SHARED},
    )
    own = {"again": partial(fit_gmm, data, weights=weights), "specification": spec}
    return SpatialGmmFit(**vars(result) | own, weights=weights)
