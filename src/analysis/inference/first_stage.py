"""One bootstrap from frontier to share: intervals that know that efficiency scores are estimates.

A study that measures efficiency and then explains it has two stages, and a bootstrap of the second
alone takes the first as data. Here every draw measures anew, and everything behind it follows.

**First stage.** The estimated frontier lies inside the true one, so scores are too high, and the
usual bootstrap (as many units, drawn with replacement) does not show by how much: it puts the
frontier back onto itself with a probability that does not vanish, and is inconsistent (Simar and
Wilson 1998; Kneip, Simar and Wilson 2008). Subsampling is consistent there: the reference technology
is that of m of the n units, drawn without replacement with their whole histories, ``m = n^exponent``,
and the law of ``n^r (estimate - truth)`` is read from ``m^r (score by m - score by n)``. A draw's
scores are therefore ``score + (m/n)^r (score by m - score)``.

The rate r is ``2 / (p + q + 1)`` for p inputs and q outputs under variable returns (Kneip, Park and
Simar 1998) and ``2 / (p + q)`` under constant ones (Park, Jeong and Simar 2010), for radial measures.
The slacks-based measure has no limit theorem that we know of. What can be said: it is the minimum of a
smooth function over the part of the technology that dominates the unit. Where a smooth, strictly convex
frontier touches a level set of that function, the hull of n points misses the minimum by the height h of
the cap whose content, of order ``h^((p + q + 1) / 2)``, is about 1/n; where a slack is zero the minimum
lies at a given place of the frontier, which the hull misses by the same order. Both give the rate of
the radial measures, and constant returns take one dimension off. At kinks of the frontier, as where it
is a single ray, the rate is slower and not known to us here; so is the right m.

**Second stage.** With rates below 1/2, which is p + q > 4 under constant returns, the bias of the
scores outweighs the sampling error of what is averaged over them (Kneip, Simar and Wilson 2015;
for regressions Simar and Wilson 2007): an interval has to be moved, not only widened. The fitted
equations generate mediator and outcome anew, every city with the whole residual history of another
(W, regressors and dependence over time stay; cities themselves and their links are never resampled).
The change that the draw's scores make in the outcome is added to it, by city, so that errors of the
scores keep their tie to the cities' mix of inputs. Residuals contain errors of the scores already, which
makes intervals wider rather than narrower.

``basic`` intervals turn the draws around the estimates, twice the estimate less the draw: they take the
bias out that the draws show. ``percentile`` intervals add it once more and are right for the second stage
alone. With few units or many inputs and outputs subsampling finds the size of the bias only roughly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.efficiency import Technology
from analysis.efficiency.simplex import solve
from analysis.efficiency.technology import checked_data
from analysis.errors import AnalysisError, EstimationError, SpecificationError, listed
from analysis.inference.groups import InteractionModel
from analysis.inference.mediation import Mediation
from analysis.inference.resampling import SAYS, parallel
from analysis.panel import FloatArray, Panel
from analysis.resources import refuse
from analysis.spatial import Fit
from analysis.spatial.design import Design
from analysis.spatial.fit import fit_design
from analysis.spatial.specification import Estimator

Row = dict[str, Any]
_KNOWN = ("sbm", "pooled", "none", False)

SECOND, BOTH = "second stage", "frontier to share"
"""Names of the two bootstraps: scores taken as data, and scores measured anew in every draw."""


def growth(levels: FloatArray) -> FloatArray:
    """Global index of the scores: each period's level over the one before, shape (T - 1, N)."""
    return levels[1:] / levels[:-1]


@dataclass(frozen=True, eq=False)
class Frontier:
    """The first stage: what was measured, on whom, and how its sampling error is drawn.

    Parameters
    ----------
    production : Panel
        Inputs and outputs of the same units, for the outcome's periods and those before that its
        index needs.
    technology : Technology
        Slacks-based, all unit-periods pooled.
    exponent : float
        Of the number of units in a draw's reference technology, ``n^exponent``. Theory asks for
        less than one, simulated studies speak for about 0.6; 1 measures against all units, without
        sampling error.
    outcome : callable
        From levels, shape (T, N), to the outcome of the second stage.

    Raises
    ------
    SpecificationError
        If the technology is another, or the exponent not in (0, 1].
    """

    production: Panel
    technology: Technology
    exponent: float = 0.6
    outcome: Callable[[FloatArray], FloatArray] = growth

    def __post_init__(self) -> None:
        t = self.technology
        other = (t.measure, t.reference, t.orientation, t.super_efficiency) != _KNOWN
        wrong = {"rate": other, "exponent": not 0 < self.exponent <= 1}
        words = {"technology": t, "known": _KNOWN[:3], "exponent": self.exponent}
        refuse(SpecificationError, SAYS, wrong, **words)

    @property
    def rate(self) -> float:
        """Power of the number of units at which scores near the truth."""
        return 2 / (len(self.technology.columns) + (self.technology.returns == "variable"))

    @property
    def size(self) -> int:
        """Units in a draw's reference technology."""
        return max(2, round(self.production.n_units**self.exponent))

    @cached_property
    def _data(self) -> FloatArray:
        """Inputs and outputs, shape (N, T, rows)."""
        data = checked_data(self.production, self.technology)
        return data.reshape(self.production.n_units, -1, data.shape[1])

    def against(self, units: np.ndarray) -> FloatArray:
        """Levels of all units against some, every unit-period itself among them, shape (T, N)."""
        own, reference = (np.concatenate(part) for part in (self._data, self._data[units]))
        found = solve(self.technology.program(), own, reference)
        return np.minimum(found.objective, 1.0).reshape(self._data.shape[:2]).T

    @cached_property
    def levels(self) -> FloatArray:
        """Levels against all units, shape (T, N)."""
        return self.against(np.arange(self.production.n_units))

    def change(self, rng: np.random.Generator) -> FloatArray:
        """What one draw of the frontier adds to the outcome."""
        n, m = self.production.n_units, self.size
        drawn = self.against(np.sort(rng.permutation(n)[:m]))
        levels = self.levels + (m / n) ** self.rate * (drawn - self.levels)
        return self.outcome(levels) - self.outcome(self.levels)


@dataclass(frozen=True, eq=False)
class _Equation:
    """A fitted equation that can generate its outcome and be estimated again; arrays (T, N)."""

    design: Design
    params: Row
    signal: FloatArray  # Z b + effects
    resids: FloatArray

    @classmethod
    def of(cls, fit: Fit) -> _Equation:
        design, resids = fit._design, fit._problem.innovations(fit._point)
        signal = design.y - fit._point.rho * design.wy - resids
        # residuals are shrunk by the effects they were freed from; give them back their variance
        scaled = resids * np.sqrt(fit.sigma2 / np.mean(resids**2))
        return cls(design, _params(fit), signal, scaled)

    def generated(self, cities: np.ndarray, moved: FloatArray | float = 0.0) -> FloatArray:
        """Outcome with the residual histories of the given cities."""
        values = self.signal + moved + self.resids[:, cities]
        return self.design.operator.solve(self.params["rho"], values)

    def again(self, y: FloatArray, estimator: Estimator, **columns: FloatArray) -> Row:
        """Coefficients with another outcome, and other columns among the regressors."""
        design, z = self.design, self.design.z
        for name, values in columns.items():
            z = np.where(np.array(design.names) == name, values[..., None], z)
        spec = replace(design.specification, estimator=estimator)
        lag = design.operator.lag(y)
        return _params(fit_design(replace(design, y=y, wy=lag, z=z, specification=spec)))


def _params(fit: Fit) -> Row:
    """Coefficients and rho by name; plain, for thousands of fits."""
    slopes = zip(fit._design.names, map(float, fit._point.b), strict=True)
    return {**dict(slopes), "rho": fit._point.rho}


@dataclass(frozen=True, eq=False)
class Resampler:
    """What a draw needs; arguments as for :func:`frontier_bootstrap`.

    `stand_ins` are tried in this order in draws in which the estimator of a fit has no estimate.

    Raises
    ------
    SpecificationError
        If the parts do not belong together.
    """

    result: Mediation
    frontier: Frontier | None = None
    groups: Mapping[str, InteractionModel] = field(default_factory=dict)
    stand_ins: Sequence[Estimator] = ()

    def __post_init__(self) -> None:
        total, made = self.result.total, self.frontier
        outcomes = {name: group.fit.outcome for name, group in self.groups.items()}
        foreign = {name: own for name, own in outcomes.items() if own != total.outcome}
        words = {"outcome": total.outcome, "made": made and made.production, "foreign": foreign}
        if made is not None:
            units, own, y = made.production.units, made.outcome(made.levels), total._design.y
            same = units.equals(total.panel.units) and own.shape == y.shape
            other = listed(units.symmetric_difference(total.panel.units)) or "no unit"
            wrong = {"scores": not (same and np.allclose(own, y, rtol=0, atol=1e-6))}
            refuse(SpecificationError, SAYS, wrong, other=other, **words)
        refuse(SpecificationError, SAYS, {"foreign": foreign}, **words)

    @cached_property
    def _equations(self) -> tuple[_Equation, ...]:
        fits = (self.result.total, self.result.mechanism, self.result.outcome)
        return tuple(_Equation.of(fit) for fit in (*fits, *(g.fit for g in self.groups.values())))

    @cached_property
    def estimates(self) -> pd.Series:
        """Every quantity on the data themselves."""
        row = self._row(*(equation.params for equation in self._equations))
        return _derived(pd.DataFrame([row])).iloc[0].rename("estimate")

    def _row(self, total: Row, mechanism: Row, outcome: Row, *grouped: Row) -> Row:
        """Paths, effects, slopes by group and their differences, of coefficients by equation."""
        x, rho = self.result.treatment, total["rho"]
        operator = self._equations[0].design.operator
        g = np.array([operator.trace_g(rho) / operator.n, operator.row_means(rho)[0]])
        direct, whole = total[x] * (1 + rho * g) + total.get(f"W.{x}", 0.0) * g
        row = {
            "theta1": total[x], "chi1": mechanism[x], "phi1": outcome[x],
            "phi2": outcome[self.result.mediator], "rho": rho, "direct effect": direct,
            "indirect effect": whole - direct, "total effect": whole,
        }  # fmt: skip
        for model, params in zip(self.groups.values(), grouped, strict=True):
            slopes = {name: params[f"{x}[{name}]"] for name in model.groups}
            pairs = combinations(slopes, 2)
            row |= slopes | {f"{a} - {b}": slopes[a] - slopes[b] for a, b in pairs}
        return row

    def draw(self, seed: int, number: int) -> list[Row]:
        """One draw from its own stream: a row for the second stage, and one from frontier to share.

        Raises
        ------
        EstimationError
            If an equation could not be estimated.
        """
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        total, mechanism, outcome, *grouped = self._equations
        m, lag = self.result.mediator, outcome.design.operator.lag
        n = outcome.design.panel.n_units
        cities = rng.integers(0, n, n)
        mediator = mechanism.generated(cities)
        change = mediator - mechanism.design.y
        moved = outcome.params[m] * change + outcome.params.get(f"W.{m}", 0.0) * lag(change)
        y = outcome.generated(cities, moved)
        by_group = [equation.generated(cities) for equation in grouped]
        columns = {m: mediator, f"W.{m}": lag(mediator)}
        of_mediator = cache(partial(mechanism.again, mediator))

        def three(shift: FloatArray | float, estimator: Estimator) -> list[Row]:
            last = outcome.again(y + shift, estimator, **columns)
            return [total.again(y + shift, estimator), of_mediator(estimator), last]

        def estimated(shift: FloatArray | float) -> Row:
            params, stood_in = self._first(total, partial(three, shift))
            for equation, own in zip(grouped, by_group, strict=True):
                params.append(self._first(equation, partial(equation.again, own + shift))[0])
            return self._row(*params) | {"stood_in": stood_in}

        rows = [{"stage": SECOND, **estimated(0.0)}]
        if self.frontier is not None:
            rows.append({"stage": BOTH, **estimated(self.frontier.change(rng))})
        return rows

    def _first(self, of: _Equation, estimate: Callable[[Estimator], Any]) -> tuple[Any, float]:
        """By the estimator of an equation, or the first stand-in that exists; and whether one did."""
        for place, estimator in enumerate((of.design.specification.estimator, *self.stand_ins)):
            try:
                return estimate(estimator), float(place > 0)
            except EstimationError as error:
                reason = error
        raise reason

    def attempt(self, seed: int, number: int) -> list[Row] | str:
        """:meth:`draw`, or why it failed."""
        try:
            return self.draw(seed, number)
        except AnalysisError as error:
            return f"{type(error).__name__}: {error}"


def _derived(frame: pd.DataFrame) -> pd.DataFrame:
    """Mediated effect, gap and share of the paths."""
    mediated = frame["chi1"] * frame["phi2"]
    gap = frame["theta1"] - frame["phi1"] - mediated
    return frame.assign(indirect=mediated, gap=gap, share=mediated / frame["theta1"])


@dataclass(frozen=True, eq=False)
class FrontierBootstrap:
    """Draws of both bootstraps, and the intervals that follow.

    Attributes
    ----------
    estimates : Series
        Paths ``theta1``, ``chi1``, ``phi1``, ``phi2`` of the mediation, ``indirect`` (the mediated
        effect), ``gap``, ``share``; ``rho`` and effects of the treatment in the total equation;
        slopes by group and their differences.
    draws : DataFrame
        The same quantities, one row a draw, indexed by stage; both stages of a draw give cities the
        same residuals. ``stood_in`` is one where another estimator stood in.
    failures : dict
        How often a draw could not be estimated, by reason, the commonest first.
    """

    estimates: pd.Series
    draws: pd.DataFrame
    failures: Mapping[str, int]

    @classmethod
    def of(
        cls, estimates: pd.Series, rows: Iterable[Row], failed: Iterable[str] = ()
    ) -> FrontierBootstrap:
        """Collect rows of draws, and the reasons why others failed.

        Raises
        ------
        EstimationError
            If more than a tenth of the draws failed; the message names the commonest reason.
        """
        rows, failures = list(rows), dict(Counter(failed).most_common())
        kept, lost = sum(row["stage"] == SECOND for row in rows), sum(failures.values())
        words = {"lost": lost, "draws": kept + lost, "reason": next(iter(failures), "")}
        refuse(EstimationError, SAYS, {"failed": lost > 0.1 * (kept + lost)}, **words)
        draws = pd.DataFrame(rows).set_index("stage").astype(float)
        return cls(estimates, _derived(draws), failures)

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Intervals by stage and quantity.

        Returns
        -------
        DataFrame
            ``estimate``; ``bias``, the median of the draws less the estimate; ``std_error``, half the
            range of the middle 68.3 % of the draws (shares have no variance); ``lower`` and
            ``upper`` of the basic interval, ``percentile_lower`` and ``percentile_upper``. The basic
            interval of what is computed from paths, as the share, is that of the paths turned
            around: a share is no sum.
        """
        tails = [(1 - level) / 2, (1 + level) / 2]
        parts = {}
        for stage, rows in self.draws.groupby(level=0, sort=False):
            drawn = _derived(rows)[self.estimates.index]
            at = drawn.quantile([*tails, 0.1587, 0.5, 0.8413]).to_numpy()
            turned = _derived(2 * self.estimates - drawn).quantile(tails).to_numpy()
            columns = {
                "estimate": self.estimates, "bias": at[3] - self.estimates,
                "std_error": (at[4] - at[2]) / 2, "lower": turned[0], "upper": turned[1],
                "percentile_lower": at[0], "percentile_upper": at[1],
            }  # fmt: skip
            parts[stage] = pd.DataFrame(columns)
        return pd.concat(parts, names=["stage", "quantity"])


def frontier_bootstrap(
    result: Mediation, frontier: Frontier | None = None,
    groups: Mapping[str, InteractionModel] | None = None, draws: int = 999, seed: int = 0,
    n_jobs: int = 1,
) -> FrontierBootstrap:  # fmt: skip
    """Bootstrap scores, index, spatial models, effects, mediated share and group differences at once.

    Parameters
    ----------
    result : Mediation
    frontier : Frontier, optional
        What the outcome was measured by; without it the outcome is data, and the second stage alone
        is drawn.
    groups : mapping of str to InteractionModel, optional
        Divisions of the cities, on the same outcome.
    draws, seed : int
        Every draw has its own stream, so that more draws contain fewer.
    n_jobs : int
        Worker processes; results do not depend on it.

    Returns
    -------
    FrontierBootstrap

    Raises
    ------
    SpecificationError
        If the parts do not belong together.
    EstimationError
        If more than a tenth of the draws could not be estimated.
    """
    refuse(SpecificationError, SAYS, {"draws": draws < 1}, draws=draws)
    made = Resampler(result, frontier, groups or {})
    found = list(parallel(partial(made.attempt, seed), range(draws), n_jobs))
    rows = [row for rows in found if not isinstance(rows, str) for row in rows]
    return FrontierBootstrap.of(made.estimates, rows, [x for x in found if isinstance(x, str)])
