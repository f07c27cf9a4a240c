"""The level of efficiency, its index over time, and what an equation as printed would give."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.efficiency.programs import SAYS, largest_output_slack, slacks_based
from analysis.efficiency.simplex import OPTIMAL, TOLERANCE, Solution, solve
from analysis.efficiency.technology import Technology, checked_data, reference_sets
from analysis.errors import SampleSizeError, SpecificationError
from analysis.panel import Panel, as_panel
from analysis.resources import refuse

Form = Literal["global", "contemporaneous"]


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


class _Collector:
    """Fills the labelled arrays of a level, one reference set after the other."""

    def __init__(self, panel: Panel, technology: Technology) -> None:
        self.index, self.technology = panel.frame.index, technology
        self.data = checked_data(panel, technology)
        n = len(self.data)
        self.level, self.beta = np.full(n, np.nan), np.zeros(n)
        self.slacks = np.full_like(self.data, np.nan)
        self.ahead = np.zeros(n, dtype=bool)
        self.peers: list[pd.DataFrame] = []
        self.certificates: list[pd.DataFrame] = []

    def years(self, rows: np.ndarray) -> str:
        years = self.index[rows].get_level_values(1)
        return "-".join(map(str, sorted({years.min(), years.max()})))

    def certify(self, units: np.ndarray, reference: np.ndarray, found: Solution) -> None:
        """One row of proof a linear program."""
        proof = {"gap": found.gap, "residual": found.residual, "certified": found.certified}
        rows = self.index[units].to_frame(index=False)
        self.certificates.append(rows.assign(against=self.years(reference), **proof))

    def keep(
        self, units: np.ndarray, reference: np.ndarray, found: Solution, sign: float = 1.0
    ) -> None:
        """Store levels, slacks (times `sign`), peers and proofs, in place of what was there."""
        self.certify(units, reference, found)
        self.level[units], self.slacks[units] = np.nan, np.nan
        self.peers = [kept[~kept["unit"].isin(units)] for kept in self.peers]
        technology = self.technology
        program = technology.program(beyond=sign < 0)
        solved = found.status == OPTIMAL
        units, own = units[solved], found.own[solved]
        scale = own[:, program.scale] if program.scale >= 0 else np.ones(len(own))
        shares = np.where(program.slack >= 0, own[:, program.slack], 0.0) / scale[:, None]
        self.slacks[units] = sign * shares * self.data[units]
        self.level[units] = np.minimum(found.objective[solved], 1.0 if sign > 0 else np.inf)
        if technology.measure == "directional":
            up, down = program.beta
            self.level[units] = self.beta[units] = np.maximum(own[:, up] - own[:, down], 0.0)
        intensities = found.intensities[solved] / scale[:, None]
        lines, places = np.nonzero(intensities > 0.0)
        itself = np.where(program.barred[program.self_column], 0.0, own[:, program.self_column])
        at = np.flatnonzero(itself > 0.0)
        peers = np.r_[reference[found.peers[solved][lines, places]], units[at]]
        values = np.r_[intensities[lines, places], itself[at] / scale[at]]
        columns = {"unit": np.r_[units[lines], units[at]], "peer": peers, "intensity": values}
        self.peers.append(pd.DataFrame(columns))

    def result(self) -> Efficiency:
        technology, index, shape = self.technology, self.index, self.technology.shape
        signs = np.repeat([1.0, -1.0, 1.0], [shape.inputs, shape.good, shape.bad])
        grows = np.repeat([0.0, 1.0, -1.0], [shape.inputs, shape.good, shape.bad])
        moved = self.data * (1.0 + grows * self.beta[:, None]) - signs * self.slacks
        at_frontier = 0.0 if technology.measure == "directional" else 1.0
        summary = {
            technology.level_name: self.level,
            "efficient": self.ahead | (np.abs(self.level - at_frontier) <= TOLERANCE),
            "status": np.where(np.isnan(self.level), "infeasible", "optimal"),
        }
        table = pd.concat(self.peers).groupby(["unit", "peer"])["intensity"].sum().reset_index()
        unit, peer = (index[table.pop(n)].to_frame(index=False) for n in ("unit", "peer"))
        peers = pd.concat([unit, peer.add_prefix("peer_"), table], axis=1)
        proof = pd.concat(self.certificates, ignore_index=True)
        columns = list(technology.columns)
        slacks, points = (pd.DataFrame(part, index, columns) for part in (self.slacks, moved))
        return Efficiency(technology, pd.DataFrame(summary, index), slacks, points, peers, proof)


def score(panel: Panel, technology: Technology) -> Efficiency:
    """Level of efficiency of every city-year.

    Parameters
    ----------
    panel : Panel
        Inputs and outputs, all positive.
    technology : Technology
        What to measure.

    Returns
    -------
    Efficiency

    Raises
    ------
    MissingColumnError, NonFiniteError, DomainError
        If the data cannot be measured; the message names city, year and column.
    SampleSizeError
        If a window is longer than the panel, or super-efficiency has nobody to compare with.

    Notes
    -----
    Under the pooled reference set adding or dropping a year can change the scores of all others:
    the years are part of the definition.

    Examples
    --------
    The nine units of Tone (2004), constant returns:

    >>> good, bad = [1, 2, 6, 8, 9, 5, 4, 6, 4], [1, 1, 2, 4, 7, 2, 3, 4, 6]
    >>> frame = pd.DataFrame({"city": list("ABCDEFGHI"), "year": 1, "x": 1, "y": good, "b": bad})
    >>> found = score(Panel.from_frame(frame), Technology(("x",), ("y",), ("b",)))
    >>> found.level.round(4).to_list()
    [0.1, 0.25, 1.0, 1.0, 1.0, 0.75, 0.4286, 0.6667, 0.3582]
    >>> found.certified
    True
    """
    panel = as_panel(panel)
    collector, program = _Collector(panel, technology), technology.program()
    data = collector.data
    for units, reference in reference_sets(technology, panel.n_units, panel.n_periods):
        collector.keep(units, reference, solve(program, data[units], data[reference]))
        if technology.super_efficiency:
            years = collector.years(reference)
            refuse(SampleSizeError, SAYS, {"alone": len(reference) < 2}, years=years)
            ahead = units[collector.level[units] >= 1.0 - TOLERANCE]
            collector.ahead[ahead] = True
            own = np.searchsorted(reference, ahead)
            beyond = technology.program(beyond=True)
            found = solve(beyond, data[ahead], data[reference], exclude=own)
            collector.keep(ahead, reference, found, sign=-1.0)
    return collector.result()


def malmquist(panel: Panel, technology: Technology, form: Form = "global") -> Efficiency:
    """Index of productivity change from one year to the next.

    Parameters
    ----------
    panel : Panel
        Inputs and outputs, all positive.
    technology : Technology
        With ``reference="pooled"``: the index looks at each year's own reference set by itself.
    form : {"global", "contemporaneous"}
        ``global``: both years are measured against all years pooled, so that the index is circular
        and always defined. On the slacks-based measure it is
        ``GMI = rho_G(t+1) / rho_G(t) = EC x BPC`` (technology of Pastor and Lovell 2005), on the
        directional distance ``GML = (1 + D_G(t)) / (1 + D_G(t+1))`` (Oh 2010).
        ``contemporaneous``: the Malmquist-Luenberger index of Chung, Färe and Grosskopf (1997),
        the geometric mean over the two years' own reference sets, on the directional distance
        only. Distances across years may not exist; such transitions stay missing.

    Returns
    -------
    Efficiency
        With ``index``, ``efficiency_change``, ``best_practice_change`` (``technical_change`` if
        contemporaneous) and ``cumulative`` in ``summary``. Levels, slacks, projections and peers
        are those against the pooled years (each year's own if contemporaneous).

    Raises
    ------
    SpecificationError
        If the form is unknown or does not fit the technology.
    SampleSizeError
        If the panel has one year only.

    Examples
    --------
    Two years of one city, the example of Oh's index with a hand solution, 8/5:

    >>> frame = pd.DataFrame({"city": "a", "year": [1, 2], "x": [1, 1], "y": [1, 2], "b": [2, 1]})
    >>> technology = Technology(("x",), ("y",), ("b",), measure="directional")
    >>> malmquist(Panel.from_frame(frame), technology).index.round(12).to_list()
    [1.6]
    """
    panel = as_panel(panel)
    wrong = {
        "form": form not in get_args(Form),
        "reference": technology.reference != "pooled",
        "luenberger": form == "contemporaneous" and technology.measure != "directional",
    }
    refuse(SpecificationError, SAYS, wrong, t=technology, form=form)
    refuse(SampleSizeError, SAYS, {"periods": panel.n_periods < 2}, panel=panel)
    within_year = score(panel, replace(technology, reference="contemporaneous"))
    if form == "contemporaneous":
        return _contemporaneous(panel, technology, within_year)
    pooled = score(panel, technology)
    levels = np.reshape([pooled.level, within_year.level], (2, panel.n_units, panel.n_periods))
    if technology.measure == "directional":
        levels = 1.0 / (1.0 + levels)
    change, catching_up = levels[..., 1:] / levels[..., :-1]
    proof = within_year.certificate
    return _with_index(pooled, proof, change, catching_up, "best_practice_change")


def _contemporaneous(panel: Panel, technology: Technology, yearly: Efficiency) -> Efficiency:
    collector, program = _Collector(panel, technology), technology.program(own_in_reference=False)
    year = np.tile(np.arange(panel.n_periods), panel.n_units)

    def across(unit_year: int, reference_year: int) -> np.ndarray:
        units, reference = np.flatnonzero(year == unit_year), np.flatnonzero(year == reference_year)
        found = solve(program, collector.data[units], collector.data[reference])
        collector.certify(units, reference, found)
        return np.where(found.status == OPTIMAL, -found.objective, np.nan)

    steps = range(panel.n_periods - 1)
    own = 1 + yearly.level.to_numpy().reshape(panel.n_units, panel.n_periods)
    ahead = 1 + np.column_stack([across(t, t + 1) for t in steps])  # 1 + D^{t+1} of year t
    behind = 1 + np.column_stack([across(t + 1, t) for t in steps])  # 1 + D^t of year t+1
    with np.errstate(invalid="ignore", divide="ignore"):
        catching_up = own[:, :-1] / own[:, 1:]
        squared = (own[:, :-1] / behind) * (ahead / own[:, 1:])
        change = np.sqrt(np.where(squared > 0, squared, np.nan))
    proof = pd.concat(collector.certificates)
    return _with_index(yearly, proof, change, catching_up, "technical_change")


def _with_index(
    level: Efficiency, proof: pd.DataFrame, change: np.ndarray, catching_up: np.ndarray, rest: str
) -> Efficiency:
    """Add the transitions, dated by their later year, and their proof to a level."""
    first = np.full((len(change), 1), np.nan)
    parts = {"index": change, "efficiency_change": catching_up, rest: change / catching_up}
    columns = {name: np.hstack([first, values]).ravel() for name, values in parts.items()}
    chain = np.cumprod(np.hstack([np.ones_like(first), change]), axis=1)
    summary = level.summary.assign(**columns, cumulative=chain.ravel())
    years = summary.index.get_level_values(1)
    lost = summary["index"].isna() & (years > years.min())
    summary["status"] = summary["status"].mask(lost, "infeasible")
    proof = pd.concat([level.certificate, proof], ignore_index=True)
    return replace(level, summary=summary, certificate=proof)


def score_as_printed(
    panel: Panel, technology: Technology, *, minus_in_denominator: bool = True,
    bad_output_grows: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Score with a misprint of the slacks-based measure beside the right one.

    As printed, it has the denominator as *one minus* the mean relative slack of the outputs, and the
    bad output's constraint as ``B L - s = b``, so that its slack is *more* pollution. Where the
    outputs can grow so far that the denominator reaches zero, the printed program has no minimum:
    just beyond zero its ratio falls without bound.

    Parameters
    ----------
    panel : Panel
    technology : Technology
        A non-oriented slacks-based measure with a bad output, without super-efficiency.
    minus_in_denominator, bad_output_grows : bool
        Which of the two misprints to keep.

    Returns
    -------
    DataFrame
        Indexed by (city, year): ``efficiency``, the right score; ``largest_slack``, the largest
        mean relative output slack that the printed constraints allow; ``has_minimum``, whether the
        printed program has one; ``printed``, the least ratio with a positive denominator, which is
        what a solver returns for the linearised program.

    Raises
    ------
    SpecificationError
        If the technology is another one.

    Examples
    --------
    >>> good, bad = [1, 2, 6, 8, 9, 5, 4, 6, 4], [1, 1, 2, 4, 7, 2, 3, 4, 6]
    >>> frame = pd.DataFrame({"city": list("ABCDEFGHI"), "year": 1, "x": 1, "y": good, "b": bad})
    >>> panel, technology = Panel.from_frame(frame), Technology(("x",), ("y",), ("b",))
    >>> found = score_as_printed(panel, technology, bad_output_grows=False)
    >>> found["has_minimum"].to_list()
    [False, True, True, True, True, True, True, True, True]
    """
    asked = technology.measure, technology.orientation, technology.super_efficiency
    other = asked != ("sbm", "none", False) or not technology.bad
    refuse(SpecificationError, SAYS, {"printed": other})
    panel = as_panel(panel)
    shape, returns = technology.shape, technology.returns
    bad_sign = -1.0 if bad_output_grows else 1.0
    weight = -1.0 if minus_in_denominator else 1.0
    printed = slacks_based(shape, returns, output_weight=weight, bad_sign=bad_sign)
    furthest = largest_output_slack(shape, returns, bad_sign=bad_sign)
    data = checked_data(panel, technology)
    value, slack = np.empty(len(data)), np.empty(len(data))
    for units, reference in reference_sets(technology, panel.n_units, panel.n_periods):
        value[units] = solve(printed, data[units], data[reference]).objective
        slack[units] = -solve(furthest, data[units], data[reference]).objective
    least = (slack < 1.0 - TOLERANCE) | (not minus_in_denominator)
    columns = {"largest_slack": slack, "has_minimum": least, "printed": value}
    return score(panel, technology).level.to_frame("efficiency").assign(**columns)
