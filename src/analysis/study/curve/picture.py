"""A specification curve as a picture, and as one that a reader can filter in the page."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from analysis.book import figures
from analysis.book.inline import as_text
from analysis.book.ledger import QUANTILE
from analysis.book.text import spelled
from analysis.study.curve.choices import choices, defaults, offers
from analysis.study.declaration import Study
from analysis.study.sample import Sample
from analysis.study.tryit import Box

ENDS = ("estimate", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Curve:
    """The estimates of one quantity over all specifications.

    Attributes
    ----------
    study : Study
    choices : tuple of str
        Choices that vary.
    specifications : DataFrame
        One row a specification, one column a choice.
    estimates : dict of (str, str) to DataFrame
        By term and quantity: ``estimate``, ``std_error``, ``p_value``, one row a specification.
    truths : mapping of (str, str) to float
        What the data were made with, where that is known.
    """

    study: Study
    choices: tuple[str, ...]
    specifications: pd.DataFrame
    estimates: dict[tuple[str, str], pd.DataFrame]
    truths: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, study: Study, table: pd.DataFrame, sample: Sample | None = None) -> Curve:
        """Read the table of a sweep over a study; specifications that failed are left out.

        Of a sample whose truth is known the curve keeps that of each quantity that has one.
        """
        done = table[table["error"].fillna("") == ""]
        names = [name for name in offers(study) if name in table.columns]
        choices = tuple(name for name in names if len(set(done[name])) > 1)
        wide = {
            (str(term), str(quantity)): group.set_index(list(choices))
            for (term, quantity), group in done.groupby(["term", "quantity"], sort=False)
        }
        index = next(iter(wide.values())).index
        columns = ["estimate", "std_error", "p_value"]
        aligned = {key: frame.loc[index, columns].reset_index(drop=True)
                   for key, frame in wide.items()}  # fmt: skip
        known = {} if sample is None else truths(sample)
        return cls(study, choices, index.to_frame(index=False), aligned, known)

    @property
    def book(self) -> int | None:
        """Position of the book's own specification."""
        is_book = np.logical_and.reduce(
            [self.specifications[name] == defaults(self.study)[name] for name in self.choices]
        )
        found = np.flatnonzero(is_book)
        return int(found[0]) if len(found) else None

    def options(self, name: str) -> list[Any]:
        """Values of a choice, in the order in which the study declares them."""
        present = set(self.specifications[name])
        return [value for value in choices(self.study)[name].values if value in present]

    def label(self, term: str) -> str:
        """Words for a term, without markup."""
        return as_text(self.study.label(term))


def truths(sample: Sample) -> dict[tuple[str, str], float]:
    """What the generator's parameters say of each quantity of a curve; nothing where there are none.

    Coefficients, total effects (the same on any W whose rows sum to one), and a square's turning point.
    """
    given, focus = sample.truth, sample.study.focus
    if given is None:
        return {}
    total = {term: given[term] + given.get(f"W.{term}", 0.0) for term in focus}
    made = {(term, "coefficient"): float(given[term]) for term in focus}
    made |= {(term, "total effect"): total[term] / (1 - given.get("rho", 0.0)) for term in focus}
    if sample.study.squared:
        made[focus[0], "turning point"] = -given[focus[0]] / (2 * given[focus[1]])
    return made


def still(curve: Curve, term: str, quantity: str) -> Figure:
    """Draw a curve over its dashboard of choices.

    Parameters
    ----------
    curve : Curve
    term, quantity : str

    Returns
    -------
    Figure
        Estimates in ascending order with 95 % intervals (drawn to their 2 and 98 % points, and it
        says how many go on); a tick below for each option that a specification takes.
    """
    values = curve.estimates[(term, quantity)]
    order = np.argsort(values["estimate"].to_numpy(), kind="stable")
    ranked = values.iloc[order].reset_index(drop=True)
    lower, upper = (ends.iloc[order].reset_index(drop=True) for ends in _ends(values)[1:])
    meanings = offers(curve.study)
    rows = [(name, value) for name in curve.choices for value in (None, *curve.options(name))]
    heights = {"height_ratios": [2.6, 0.17 * len(rows)]}
    figure, (above, below) = figures.canvas(
        2, 1, height=3.2 + 0.17 * len(rows), sharex=True, gridspec_kw=heights
    )
    at = np.arange(len(ranked))
    clear = ((lower > 0) | (upper < 0)).to_numpy()
    for mask, colour in ((~clear, figures.MUTED), (clear, figures.COLOURS[0])):
        _strokes(above, at[mask], lower[mask], upper[mask], color=colour, linewidth=0.6, alpha=0.35)
        middle, half = ranked["estimate"][mask], 0.003 * np.ptp(ranked["estimate"])
        _strokes(above, at[mask], middle - half, middle + half, color=colour, linewidth=2)
    above.axhline(0, color=figures.INK, linewidth=0.8)
    marks = [0.0, *filter(np.isfinite, [curve.truths.get((term, quantity), np.nan)])]
    low = min(lower.quantile(0.02), ranked["estimate"].min(), *marks)
    high = max(upper.quantile(0.98), ranked["estimate"].max(), *marks)
    for truth in marks[1:]:
        above.axhline(truth, color=figures.COLOURS[2], linewidth=1.4, dashes=(5, 2))
        free = 0.01 if truth > ranked["estimate"].median() else 0.88  # the curve rises to the right
        told = above.text(free, truth, f"truth {truth:.3g}".replace("-", "−"), va="bottom",
                          color=figures.COLOURS[2], transform=above.get_yaxis_transform())  # fmt: skip
        figures.halo(told)
    low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    above.set_ylim(low, high)
    above.set_title(f"{curve.label(term)}: {quantity}, with 95 % intervals")
    for n, sign, place in (((lower < low).sum(), "↓", 0.02), ((upper > high).sum(), "↑", 0.92)):
        if n:
            told = above.text(0.99, place, f"{sign} {n} intervals go on", ha="right", color=figures.INK,
                              fontsize=9, transform=above.transAxes)  # fmt: skip
            figures.halo(told)
    if curve.book is not None:
        place = int(np.flatnonzero(order == curve.book)[0])
        above.plot(place, ranked["estimate"][place], "o", markerfacecolor="none", markersize=7,
                   color=figures.COLOURS[1])  # fmt: skip
    chosen = curve.specifications.iloc[order]
    for height, (name, value) in enumerate(rows):
        taken = at[(chosen[name] == value).to_numpy()]  # none on the line of a meaning
        _strokes(below, taken, np.full(len(taken), height - 0.38), np.full(len(taken), height + 0.38),
                 color=figures.MUTED, linewidth=0.5)  # fmt: skip
    said = [meanings[name].meaning if value is None else spelled(value) for name, value in rows]
    below.set_yticks(range(len(rows)), said, fontsize=8.5)
    for (_, value), text in zip(rows, below.get_yticklabels(), strict=True):
        text.set(fontweight="bold" if value is None else "normal")
    below.set_ylim(len(rows) - 0.4, -0.6)
    below.set_xlabel("specifications in ascending order of the estimate")
    below.grid(visible=False)
    return figure


def _strokes(axes: Any, x: ArrayLike, low: ArrayLike, high: ArrayLike, **look: Any) -> None:
    """Draw vertical strokes as one broken line, which keeps the file small."""
    ends = np.column_stack([low, high, np.full(len(np.asarray(x)), np.nan)]).ravel()
    axes.plot(np.repeat(x, 3), ends, solid_capstyle="round", **look)


def live(
    curve: Curve, figure: str, quantities: Mapping[tuple[str, str], str], digits: int = 5
) -> Box:
    """Make the curve that takes the place of a still picture on the screen.

    Parameters
    ----------
    curve : Curve
    figure : str
        Label of the still picture on the page, which stays for print.
    quantities : mapping
        Term and quantity to the name shown, in the order offered.
    digits : int
        Significant digits that the page holds.

    Returns
    -------
    Box
        Plain script and SVG, nothing from outside; worked by touch, pointer or keyboard.
    """
    options = {name: curve.options(name) for name in curve.choices}
    meanings = offers(curve.study)
    content = {
        "choices": [{"meaning": meanings[name].meaning, "options": [spelled(v) for v in values]}
                    for name, values in options.items()],
        "specifications": [
            [options[name].index(value) for name, value in zip(curve.choices, row, strict=True)]
            for row in curve.specifications.itertuples(index=False, name=None)
        ],
        "quantities": [
            {
                "label": label, "tested": key[1] != "turning point", "truth": curve.truths.get(key),
                **{name: [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in values]
                   for name, values in zip(ENDS, _ends(curve.estimates[key]), strict=True)},
            }
            for key, label in quantities.items()
        ],
        "book": curve.book,
    }  # fmt: skip
    own = files(__package__)
    script = own.joinpath("live.js").read_text(encoding="utf-8")
    style = own.joinpath("live.css").read_text(encoding="utf-8")
    packed = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    return Box(
        f'<div class="curve-live" data-figure="{html.escape(figure)}"><style>{style}</style>'
        f'<script type="application/json">{packed}</script><script>{script}</script></div>'
    )


def _ends(values: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    reach = QUANTILE * values["std_error"]
    return values["estimate"], values["estimate"] - reach, values["estimate"] + reach
