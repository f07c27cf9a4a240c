"""What the tables, figures and sentences of one page share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from analysis.book import figures, tables
from analysis.book.conditions import conditions as conditions
from analysis.book.figures import Picture
from analysis.book.inline import Banner
from analysis.book.ledger import Claim, Fitted
from analysis.book.published import TEXT
from analysis.book.tables import Table
from analysis.errors import SpecificationError


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the data, parameters and code that the foot line of everything on it names.

    Attributes
    ----------
    data : mapping
        What the numbers are computed from, name to frame, panel or file.
    parameters : mapping
        What was asked for.
    code : sequence
        Functions whose source is linked.
    captions : mapping
        By label: ``caption``, and further options (``stub``, ``digits``, ``notes``, ``alt``) that the
        calls do not give themselves; ``{name:.2f}`` in their texts is a number that was glued before.
        ``rows`` and ``columns`` name those of a table, in order, with their headings; where it is
        ``named``, the page's names are its rows'; ``data`` are files that it was made from; ``drawn``
        has options of a drawing.
    names : callable
        What tables call a term for which no name is declared.
    """

    data: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    code: Sequence[object] = ()
    captions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    names: Callable[[str], str] = field(default=str, repr=False)

    def by(self, *code: object, **parameters: object) -> Page:
        """Return the page with other code, and further parameters, for what comes next."""
        return replace(self, code=code, parameters={**self.parameters, **parameters})

    def of(self, **data: object) -> Page:
        """Return the page with other data, for what comes next."""
        return replace(self, data=data)

    def _with(self, label: str, *said: str, **options: Any) -> dict[str, Any]:
        given = {name: text for name, text in zip(("caption", "alt"), said, strict=False) if text}
        declared = {
            name: with_glued(of, label) for name, of in self.captions.get(label, {}).items()
        }
        read = declared.pop("data", {}) | options.get("data", {})
        declared.pop("drawn", None)
        return {
            "code": self.code,
            **declared,
            **given,
            **options,
            "data": {**self.data, **read},
            "parameters": {**self.parameters, **options.get("parameters", {})},
        }

    def table(
        self,
        frame: pd.DataFrame | Mapping[str, pd.DataFrame],
        label: str,
        caption: str = "",
        **options: Any,
    ) -> Table:
        """Make a table, as :func:`analysis.book.tables.show`, of the declared rows and columns.

        Estimates may come with their errors and P values: ``estimate``, ``std_error``, ``p_value``.
        """
        made = self._with(label, caption, **options)
        parts = {"estimate": frame} if isinstance(frame, pd.DataFrame) else dict(frame)
        for axis, part in enumerate(("rows", "columns")):
            if names := made.pop(part, None):
                for name, of in parts.items():
                    parts[name] = of.reindex(list(names), axis=axis).rename(names, axis=axis)
        shown = parts["estimate"]
        if made.pop("named", False):
            shown = shown.rename(self.names)
        made = {"errors": parts.get("std_error"), "p_values": parts.get("p_value")} | made
        return tables.show(shown, label, **made)

    def regressions(
        self, fits: Mapping[Any, Fitted], label: str, caption: str = "", **options: Any
    ) -> Table:
        """Set fits side by side, as :func:`analysis.book.tables.regressions`."""
        made = self._with(label, caption, **options)
        if "terms" in made:
            made["terms"] = {term: name or self.names(term) for term, name in made["terms"].items()}
        return tables.regressions(fits, label, **made)

    def beside(
        self, claims: Iterable[Claim], label: str, caption: str = "", **options: Any
    ) -> Table:
        """Set claims beside their print, as :func:`analysis.book.tables.beside`, by the page's names."""
        made, claims = self._with(label, caption, **options), tuple(claims)
        named = {claim.row: self.names(claim.row) for claim in claims if claim.table != TEXT}
        return tables.beside(claims, label, **made | {"labels": named | made.get("labels", {})})

    def figure(
        self, figure: Figure, label: str, caption: str = "", alt: str = "", **options: Any
    ) -> Picture:
        """Make a figure, as :func:`analysis.book.figures.show`."""
        return figures.show(figure, label, **self._with(label, caption, alt, **options))

    def intervals(
        self, series: Mapping[str, Any], label: str, values: object = None, **options: Any
    ) -> Picture:
        """Draw estimates with their intervals, as :func:`analysis.book.figures.intervals`.

        By the page's names, and with what is declared as ``drawn``.
        """
        drawn = {"labels": self.names, **self._drawn(label), **options}
        return self.figure(figures.intervals(series, **drawn), label, values=values)

    def lines(
        self, panels: Mapping[str, pd.DataFrame], label: str, values: object = None, **options: Any
    ) -> Picture:
        """Draw series by period, as :func:`analysis.book.figures.lines`, and as is declared."""
        drawn = figures.lines(panels, **{**self._drawn(label), **options})
        return self.figure(drawn, label, values=values)

    def _drawn(self, label: str) -> Mapping[str, Any]:
        return dict(self.captions.get(label, {}).get("drawn", {}))


_GLUED: dict[str, object] = {}
"""Numbers and words of this page, as glued."""


def with_glued(text: Any, label: str) -> Any:
    """Fill a declared text with what was glued; anything else stays as it is."""

    def fill(found: re.Match[str]) -> str:
        if found[1] not in _GLUED:
            raise SpecificationError(f"{label}: its words name {found[1]}, which is not glued yet")
        return tables.number(_GLUED[found[1]], found[2] or ".3f")

    return re.sub(r"\{(\w+_\w+)(?::([^{}]*))?\}", fill, text) if isinstance(text, str) else text


def say(text: str, when: object = True) -> None:
    """Show a paragraph of MyST where it holds, nothing where it does not.

    Examples
    --------
    >>> say("The truth is {glue:text}`rho:.2f`.", when=False)
    """
    if when:
        display(Markdown(text))


def in_short(*sentences: str | bool | None) -> None:
    """Show the box of what the page found: the sentences that hold, in one paragraph.

    Examples
    --------
    >>> from contextlib import redirect_stdout
    >>> from io import StringIO
    >>> with redirect_stdout(StringIO()) as shown:
    ...     in_short("The print says 0.18.", False and "The truth is 0.18.")
    >>> "The print" in shown.getvalue(), "The truth" in shown.getvalue()
    (True, False)
    """
    told = [sentence for sentence in sentences if isinstance(sentence, str) and sentence]
    display(Banner("in-short", " ".join(told)))


def numbers(**values: object) -> None:
    """Glue numbers and words for the prose of a page: ``{glue:text}`name:.2f```.

    Of a mapping, Series or DataFrame every cell is glued: ``means=frame`` gives ``means_row_column``
    in lower case, what is no letter or digit written as ``_``.

    Examples
    --------
    >>> numbers(rho=np.float64(0.25), n=34, sign="negative", bias=pd.Series({"34 × 20": 0.1}))
    """
    from myst_nb import glue

    for name, value in values.items():
        for key, each in _cells(name, value):
            _GLUED[key] = each.item() if isinstance(each, np.generic) else each
            glue(key, _GLUED[key], display=False)


def _cells(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Name and value of each number to glue."""
    if isinstance(value, pd.DataFrame):
        value = value.stack(list(range(value.columns.nlevels)), future_stack=True)
    if not isinstance(value, pd.Series | Mapping):
        yield name, value
        return
    for key, each in value.items():
        parts = [name, *map(str, key if isinstance(key, tuple) else (key,))]
        yield "_".join(re.sub(r"\W+", "_", part).strip("_").lower() for part in parts), each
