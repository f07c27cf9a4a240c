"""The two public functions: the level of efficiency, and its index over time."""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.efficiency.programs import SAYS
from analysis.efficiency.results import Efficiency
from analysis.efficiency.simplex import OPTIMAL, TOLERANCE, Solution, solve
from analysis.efficiency.technology import Technology, checked_data, reference_sets
from analysis.errors import SampleSizeError, SpecificationError
from analysis.panel import Panel, as_panel
from analysis.resources import refuse

Form = Literal["global", "contemporaneous"]


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

    def keep(self, units: np.ndarray, reference: np.ndarray, found: Solution, sign: float) -> None:
        """Store levels, slacks (times `sign`) and peers of the units that have a solution."""
        technology = self.technology
        program = technology.super_program() if sign < 0 else technology.program()
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
        peers = reference[found.peers[solved][lines, places]]
        values = np.r_[intensities[lines, places], itself[at] / scale[at]]
        unit, peer = np.r_[units[lines], units[at]], np.r_[peers, units[at]]
        self.peers.append(pd.DataFrame({"unit": unit, "peer": peer, "intensity": values}))

    def result(self) -> Efficiency:
        technology, index, shape = self.technology, self.index, self.technology.shape
        signs = np.repeat([1.0, -1.0, 1.0], [shape.inputs, shape.good, shape.bad])
        grows = np.repeat([0.0, 1.0, -1.0], [shape.inputs, shape.good, shape.bad])
        moved = self.data * (1.0 + grows * self.beta[:, None]) - signs * self.slacks
        columns = list(technology.columns)
        at_frontier = 0.0 if technology.measure == "directional" else 1.0
        summary = {
            technology.level_name: self.level,
            "efficient": self.ahead | (np.abs(self.level - at_frontier) <= TOLERANCE),
            "status": np.where(np.isnan(self.level), "infeasible", "optimal"),
        }
        table = pd.concat(self.peers).groupby(["unit", "peer"])["intensity"].sum().reset_index()
        unit, peer = (index[table.pop(n)].to_frame(index=False) for n in ("unit", "peer"))
        return Efficiency(
            technology,
            pd.DataFrame(summary, index),
            pd.DataFrame(self.slacks, index, columns),
            pd.DataFrame(moved, index, columns),
            pd.concat([unit, peer.add_prefix("peer_"), table], axis=1),
            pd.concat(self.certificates, ignore_index=True),
        )


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
        found = solve(program, data[units], data[reference])
        collector.keep(units, reference, found, sign=1.0)
        collector.certify(units, reference, found)
        if technology.super_efficiency:
            years = collector.years(reference)
            refuse(SampleSizeError, SAYS, {"alone": len(reference) < 2}, years=years)
            ahead = units[collector.level[units] >= 1.0 - TOLERANCE]
            collector.ahead[ahead] = True
            own = np.searchsorted(reference, ahead)
            found = solve(technology.super_program(), data[ahead], data[reference], exclude=own)
            collector.level[ahead] = np.nan
            collector.peers[-1] = collector.peers[-1][~collector.peers[-1]["unit"].isin(ahead)]
            collector.slacks[ahead] = np.nan
            collector.keep(ahead, reference, found, sign=-1.0)
            collector.certify(ahead, reference, found)
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
    levels = np.stack([pooled.level, within_year.level]).reshape(2, panel.n_units, panel.n_periods)
    if technology.measure == "directional":
        levels = 1.0 / (1.0 + levels)
    change, catching_up = levels[..., 1:] / levels[..., :-1]
    return _with_index(pooled, within_year, change, catching_up, "best_practice_change")


def _contemporaneous(panel: Panel, technology: Technology, yearly: Efficiency) -> Efficiency:
    collector, program = _Collector(panel, technology), technology.program(own_in_reference=False)
    year = np.tile(np.arange(panel.n_periods), panel.n_units)

    def across(unit_year: int, reference_year: int) -> np.ndarray:
        units, reference = np.flatnonzero(year == unit_year), np.flatnonzero(year == reference_year)
        found = solve(program, collector.data[units], collector.data[reference])
        collector.certify(units, reference, found)
        return np.where(found.status == OPTIMAL, -found.objective, np.nan)

    steps = range(panel.n_periods - 1)
    own = yearly.level.to_numpy().reshape(panel.n_units, panel.n_periods)
    ahead = np.column_stack([across(t, t + 1) for t in steps])  # D^{t+1} of year t
    behind = np.column_stack([across(t + 1, t) for t in steps])  # D^t of year t+1
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = ((1 + own[:, :-1]) / (1 + behind)) * ((1 + ahead) / (1 + own[:, 1:]))
        change = np.sqrt(np.where(squared > 0, squared, np.nan))
        catching_up = (1 + own[:, :-1]) / (1 + own[:, 1:])
    across_years = replace(yearly, certificate=pd.concat(collector.certificates))
    return _with_index(yearly, across_years, change, catching_up, "technical_change")


def _with_index(
    level: Efficiency, other: Efficiency, change: np.ndarray, catching_up: np.ndarray, rest: str
) -> Efficiency:
    """Add the transitions, dated by their later year, to the summary of a level."""
    first = np.full((len(change), 1), np.nan)
    parts = {"index": change, "efficiency_change": catching_up, rest: change / catching_up}
    columns = {name: np.hstack([first, values]).ravel() for name, values in parts.items()}
    chain = np.cumprod(np.hstack([np.ones_like(first), change]), axis=1)
    summary = level.summary.assign(**columns, cumulative=chain.ravel())
    years = summary.index.get_level_values(1)
    lost = summary["index"].isna() & (years > years.min())
    summary["status"] = summary["status"].mask(lost, "infeasible")
    proof = pd.concat([level.certificate, other.certificate], ignore_index=True)
    return replace(level, summary=summary, certificate=proof)
