"""A result becomes a numbered table of the book, with notes, files and where it came from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy import stats

from analysis.book import ledger
from analysis.book.ledger import CLAIMS_TYPE, Claim, Verdict
from analysis.book.provenance import FILES_TYPE, digest, file_digest
from analysis.errors import SpecificationError
from analysis.resources import ROOT

Format = str | Callable[[Any], str]
Cell = tuple[str, str, str]
"""Text of a cell, its stars, and the standard error below it."""

ABSENT = "–"
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
STARS_NOTE = "Two-sided: \\*\\*\\* p < 0.01, \\*\\* p < 0.05, \\* p < 0.1."
CHIPS = {
    Verdict.ROUNDING: "good",
    Verdict.SAMPLING: "good",
    Verdict.DIFFERS: "warn",
    Verdict.BORNE_OUT: "good",
    Verdict.NOT_BORNE_OUT: "warn",
    Verdict.TARGET_MET: "plain",
    Verdict.TARGET_MISSED: "warn",
    Verdict.NOT_DERIVABLE: "plain",
    Verdict.INCONSISTENT: "bad",
}


class Fitted(Protocol):
    """What a table of estimates asks of a fit."""

    @property
    def params(self) -> pd.Series:
        """Estimates by term."""

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors by term."""


def number(value: object, spec: Format = ".3f") -> str:
    """One value as it is printed: a real minus sign, a dash where there is nothing.

    Examples
    --------
    >>> number(-0.25), number(-0.0001), number(float("nan")), number(680), number(True)
    ('−0.250', '0.000', '–', '680', 'yes')
    """
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return ABSENT
    if callable(spec):
        return spec(value)
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:d}".replace("-", "−")
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return ABSENT
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        text = f"{value:{spec}}"
        if not text.strip("-0.%"):  # what rounds to zero has no sign
            text = text.lstrip("-")
        return text.replace("-", "−")
    return str(value)


def p_value(p: float, spec: str = ".3f") -> str:
    """Return "p = 0.012" for a sentence, or "p < 0.001" where rounding leaves nothing.

    Examples
    --------
    >>> p_value(0.0123), p_value(0.0001), p_value(0.004, ".2f")
    ('p = 0.012', 'p < 0.001', 'p < 0.01')
    """
    digits = int(spec.strip(".f"))
    least = 10.0**-digits
    return f"p < {least:{spec}}" if p < least / 2 else f"p = {p:{spec}}"


def stars(p: float) -> str:
    """Stars of a p-value at 1, 5 and 10 per cent.

    Examples
    --------
    >>> stars(0.03), stars(0.2)
    ('**', '')
    """
    return next((mark for level, mark in STARS if p < level), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the output of a notebook cell.

    The page gets MyST, the built book the CSV and LaTeX files behind its foot line, the ledger
    the claims, and a Jupyter window plain HTML.
    """

    label: str
    caption: str
    frame: pd.DataFrame
    cells: tuple[tuple[Cell, ...], ...]
    numeric: tuple[bool, ...]
    stub: str = ""
    notes: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    csv: pd.DataFrame | None = field(default=None, repr=False)
    origin: Mapping[str, Any] = field(default_factory=dict, repr=False)
    folded: bool = False

    @property
    def myst(self) -> str:
        """The table in MyST: numbered, with a label for cross-references."""
        levels = self.frame.columns.nlevels
        names = [_header(column) if levels > 1 else str(column) for column in self.frame.columns]
        lines = [
            f"::::{{container}} result\n:::{{table}} {_one_line(self.caption)}",
            f":name: {self.label}\n",
            _row([self.stub, *names]),
            _row([":--", *("--:" if right else ":--" for right in self.numeric)]),
        ]
        section: object = None
        for key, cells in zip(self.frame.index, self.cells, strict=True):
            if isinstance(key, tuple):
                if key[0] != section and str(key[0]):
                    lines.append(_row([f"[{key[0]}]{{.section-row}}", *[""] * len(cells)]))
                section = key[0]
                key = key[-1]
            lines.append(_row([str(key), *map(_myst_cell, cells)]))
        lines.append(":::")
        if self.notes:
            lines += [":::{container} result-notes", "\n\n".join(self.notes), ":::"]
        if self.foot:
            lines += [":::{container} result-foot", *(f"- {part}" for part in self.foot), ":::"]
        lines.append("::::")
        if self.folded:
            lines = [":::::{folded}", *lines, ":::::"]
        return "\n".join([*lines, ""])

    @property
    def latex(self) -> str:
        """The table in LaTeX (booktabs, threeparttable), by maketables."""
        from maketables import MTable

        plain = [[_latex_cell(cell) for cell in row] for row in self.cells]
        frame = pd.DataFrame(
            plain,
            index=self.frame.index.map(_latex_key),
            columns=self.frame.columns.map(_latex_key),
            dtype=object,
        )
        table = MTable(
            frame,
            notes=_latex_text(" ".join(self.notes)),
            caption=_latex_text(self.caption),
            tab_label=self.label,
        )
        return str(table.make(type="tex"))

    @property
    def files(self) -> dict[str, str]:
        """Name and content of each file that the foot line offers."""
        values = self.frame if self.csv is None else self.csv
        return {
            f"{self.label}.csv": values.to_csv(lineterminator="\n"),
            f"{self.label}.tex": self.latex,
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/markdown": self.myst,
            "text/html": self.frame.to_html(na_rep=ABSENT),
            "text/plain": self.frame.to_string(na_rep=ABSENT),
            FILES_TYPE: {
                "files": self.files,
                "label": self.label,
                "caption": self.caption,
                "origin": dict(self.origin),
            },
        }
        if self.claims:
            bundle[CLAIMS_TYPE] = ledger.payload(self.claims, self.label, self.origin)
        return bundle


def show(
    frame: pd.DataFrame,
    label: str,
    caption: str,
    *,
    errors: pd.DataFrame | None = None,
    p_values: pd.DataFrame | None = None,
    digits: int = 3,
    formats: Mapping[Any, Format] | None = None,
    stub: str = "",
    notes: str = "",
    code: Sequence[object] = (),
    data: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    folded: bool = False,
) -> Table:
    """Make a numbered table of a frame.

    Parameters
    ----------
    frame : DataFrame
        One row a line; the index is the first column. Two levels of columns become a heading
        over several columns, two levels of the index become sections. Text may hold MyST.
    label : str
        Label for cross-references, ``tab-...``; also the name of the files offered.
    caption : str
        Caption, one sentence that says what is in the table, on which data.
    errors : DataFrame, optional
        Standard errors of the same shape, set in parentheses below.
    p_values : DataFrame, optional
        P-values of the same shape; where given, stars are set and explained.
    digits : int
        Decimals of numbers that `formats` does not mention.
    formats : mapping, optional
        Format of a column or a row: a format specification or a function of the value. A
        column's goes before a row's.
    stub : str
        Heading of the first column.
    notes : str
        Notes under the table.
    code : sequence
        Functions whose source the foot line links to.
    data : mapping, optional
        What the numbers were computed from, name to frame, panel or file.
    parameters : mapping, optional
        Parameters to name in the foot line.
    folded : bool
        Whether the table waits behind a line with its number and caption, for a long one whose
        message a figure or sentence has told.

    Raises
    ------
    SpecificationError
        The label is malformed, or `errors` or `p_values` is laid out unlike `frame`.

    Examples
    --------
    >>> table = show(pd.DataFrame({"I": [0.5002]}, index=["crime"]), "tab-crime", "Moran's I.")
    >>> "| crime | 0.500 |" in table.myst
    True
    """
    if not re.fullmatch(r"tab-[a-z0-9]+(-[a-z0-9]+)*", label):
        raise SpecificationError(
            f"table label {label!r}: write tab- and lower-case words joined by hyphens"
        )
    for name, other in (("errors", errors), ("p_values", p_values)):
        if other is not None and other.shape != frame.shape:
            raise SpecificationError(
                f"table {label!r}: {name} has shape {other.shape}, the table {frame.shape}"
            )
    chosen = dict(formats or {})

    def spec(row: object, column: object) -> Format:
        last = column[-1] if isinstance(column, tuple) else column
        key = row[-1] if isinstance(row, tuple) else row
        for name in (column, last, key):
            if name in chosen:
                return chosen[name]
        return f".{digits}f"

    cells = []
    for i, row in enumerate(frame.index):
        line: list[Cell] = []
        for j, column in enumerate(frame.columns):
            form = spec(row, column)
            error = None if errors is None else errors.iloc[i, j]
            p = None if p_values is None else p_values.iloc[i, j]
            line.append(
                (
                    number(frame.iloc[i, j], form),
                    "" if p is None or pd.isna(p) else stars(float(p)),
                    "" if error is None or pd.isna(error) else f"({number(error, form)})",
                )
            )
        cells.append(tuple(line))
    all_notes = [notes] if notes else []
    if p_values is not None:
        all_notes.append(STARS_NOTE)
    return Table(
        label,
        caption,
        frame,
        tuple(cells),
        tuple(_is_numeric(frame.iloc[:, j]) for j in range(frame.shape[1])),
        stub,
        tuple(all_notes),
        foot_line(f"{label}.csv", f"{label}.tex", code=code, data=data, parameters=parameters),
        csv=_with_errors(frame, errors),
        origin=origin(code, data, parameters),
        folded=folded,
    )


def regressions(
    fits: Mapping[Any, Fitted],
    label: str,
    caption: str,
    *,
    terms: Mapping[str, str] | None = None,
    statistics: Mapping[str, str | Callable[[Any], object]] | None = None,
    with_stars: bool = False,
    **options: Any,
) -> Table:
    """Set estimates of several models side by side, standard errors below.

    Parameters
    ----------
    fits : mapping
        Column heading to fit: anything with labelled ``params`` and ``std_errors``. A pair as
        heading puts a heading over several columns.
    label, caption : str
        As for :func:`show`.
    terms : mapping, optional
        Term to the name shown, in the order wanted; terms not named are left out. By default
        every term, in order of appearance, under its own name.
    statistics : mapping, optional
        Further rows: name shown to an attribute of the fit or a function of it.
    with_stars : bool
        Whether to set stars, from the standard normal distribution.
    **options
        Passed on to :func:`show`.
    """
    order = terms or {term: term for fit in fits.values() for term in fit.params.index}
    names = list(order.values())
    columns = (
        pd.MultiIndex.from_tuples(list(fits))
        if all(isinstance(heading, tuple) for heading in fits)
        else pd.Index(list(fits))
    )
    estimates = pd.DataFrame(index=names, columns=columns, dtype=object)
    errors = pd.DataFrame(np.nan, index=names, columns=columns)
    for j, fit in enumerate(fits.values()):
        estimates.iloc[:, j] = fit.params.reindex(list(order)).to_numpy(dtype=float)
        errors.iloc[:, j] = fit.std_errors.reindex(list(order)).to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = estimates.to_numpy(dtype=float) / errors.to_numpy(dtype=float)
    p_values = pd.DataFrame(2 * stats.norm.sf(np.abs(z)), index=names, columns=columns)
    rows = {
        name: [get(fit) if callable(get) else getattr(fit, get) for fit in fits.values()]
        for name, get in (statistics or {}).items()
    }
    extra = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    if rows:
        extra.columns = columns
        estimates = pd.concat([estimates, extra])
        errors = errors.reindex(estimates.index)
        p_values = p_values.reindex(estimates.index)
    return show(
        estimates,
        label,
        caption,
        errors=errors,
        p_values=p_values if with_stars else None,
        **options,
    )


def beside(
    claims: Iterable[Claim],
    label: str,
    caption: str,
    *,
    labels: Mapping[str, str] | None = None,
    stub: str = "",
    notes: str = "",
    code: Sequence[object] = (),
    data: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
    folded: bool = False,
) -> Table:
    """Set what is derived here beside what was printed, with the kind and the verdict of each.

    The claims go into the ledger. The truth is shown where any claim has one; claims of several
    printed columns are shown in sections; `labels` renames rows and columns on the page, while the
    ledger keeps them as printed.

    Raises
    ------
    SpecificationError
        There is nothing to compare.
    """
    entries = tuple(claims)
    if not entries:
        raise SpecificationError(f"table {label!r}: no claims to set side by side")
    several = len({claim.column for claim in entries}) > 1
    has_truth = any(claim.truth is not None for claim in entries)
    columns = ["derived here", *(["truth"] if has_truth else []), "printed", "kind · verdict"]
    cells = []
    for claim in entries:
        spec = f".{_decimals(claim.printed)}f"
        error = claim.std_error
        value = claim.holds if claim.says and claim.derived is None else claim.derived
        line: list[Cell] = [(number(value, spec), "", f"({number(error, spec)})" if error else "")]
        if has_truth:
            line.append((number(claim.truth, spec), "", ""))
        theirs = f"({claim.printed_error})" if claim.printed_error else ""
        text = claim.says or claim.printed.replace("-", "−") or ABSENT
        line.append((text, claim.stars, theirs))
        line.append((_chip(claim), "", ""))
        cells.append(tuple(line))
    words = labels or {}
    rows = [words.get(claim.row, claim.row) for claim in entries]
    heads = [words.get(claim.column, claim.column) for claim in entries]
    keys = list(zip(heads, rows, strict=True)) if several else rows
    index = pd.MultiIndex.from_tuples(keys) if several else pd.Index(keys)
    values = pd.DataFrame([ledger.as_record(claim) for claim in entries])
    shown = pd.DataFrame(
        [[text for text, _, _ in line] for line in cells], index=index, columns=columns
    )
    remarks = [
        f"{row}: {claim.note}" for row, claim in zip(rows, entries, strict=True) if claim.note
    ]
    return Table(
        label,
        caption,
        shown,
        tuple(cells),
        (*[True] * (len(columns) - 1), False),
        stub,
        tuple(filter(None, [notes, *remarks])),
        (
            *foot_line(f"{label}.csv", f"{label}.tex", code=code, data=data, parameters=parameters),
            f"{{ledger}}`{label}`",
        ),
        entries,
        csv=values.set_index("row"),
        origin=origin(code, data, parameters),
        folded=folded,
    )


def foot_line(
    *files: str,
    code: Sequence[object] = (),
    data: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> tuple[str, ...]:
    """Parts of the line that says where a table or figure came from, in MyST."""
    parts = [f"code: {', '.join(map(_source_link, code))}"] if code else []
    if data:
        parts.append("data: " + ", ".join(f"{k} `{data_digest(v)}`" for k, v in data.items()))
    if parameters:
        listed = ", ".join(f"{name} = {value}" for name, value in parameters.items())
        parts.append(f"parameters: {listed}")
    sidecars = [f"{Path(name).stem}.json" for name in files[:1]]
    return (*parts, *(f"{{result}}`{name}`" for name in (*files, *sidecars)))


def origin(
    code: Sequence[object] = (),
    data: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """What the foot line says, as plain values for the sidecar and the ledger.

    Examples
    --------
    >>> origin([number], parameters={"seed": 1})
    {'code': ['analysis.book.tables.number'], 'data': {}, 'parameters': {'seed': '1'}}
    """
    return {
        "code": [_dotted(item) for item in code],
        "data": {name: data_digest(source) for name, source in (data or {}).items()},
        "parameters": {name: str(value) for name, value in (parameters or {}).items()},
    }


def _dotted(function: object) -> str:
    name = getattr(function, "__qualname__", None)
    if name is None:  # a module
        return str(getattr(function, "__name__", function))
    return f"{getattr(function, '__module__', '')}.{name}"


def data_digest(source: object) -> str:
    """Short hash of a frame, of a panel's frame, or of a file of the project.

    Examples
    --------
    >>> data_digest(pd.DataFrame({"x": [1.0]}))
    'dc934ccb'
    """
    if isinstance(source, (str, Path)):
        return file_digest(ROOT / source, 8)
    frame = getattr(source, "frame", source)
    if not isinstance(frame, (pd.DataFrame, pd.Series)):
        raise SpecificationError(
            f"data in a foot line must be a frame, a panel or a file, not {type(source).__name__}"
        )
    return digest(frame.to_csv(lineterminator="\n"), 8)


def _source_link(function: object) -> str:
    return f"{{source}}`{_dotted(function)}`"


def _chip(claim: Claim) -> str:
    result = ledger.verdict(claim)
    if result is None:
        return str(claim.kind)
    text = f"{claim.kind} · {result}"
    if claim.conflict:
        text += f" ({claim.conflict})"
    return f"[{text}]{{.chip .chip-{CHIPS[result]}}}"


def _decimals(printed: str) -> int:
    return len(printed.partition(".")[2]) if printed else 3


def _is_numeric(column: pd.Series) -> bool:
    values = [value for value in column if not isinstance(value, str)]
    return any(not (value is None or pd.isna(value)) for value in values) or column.isna().all()


def _with_errors(frame: pd.DataFrame, errors: pd.DataFrame | None) -> pd.DataFrame:
    if errors is None:
        return frame
    named = errors.copy()
    named.columns = pd.Index([f"{_flat(column)} (std. error)" for column in frame.columns])
    values = frame.set_axis([_flat(column) for column in frame.columns], axis=1)
    both = pd.concat([values, named.set_axis(values.index)], axis=1)
    return both[[name for pair in zip(values.columns, named.columns, strict=True) for name in pair]]


def _flat(column: object) -> str:
    return ", ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _header(column: tuple[object, ...]) -> str:
    above = " · ".join(str(part) for part in column[:-1] if str(part))
    return f"[{above}]{{.spanner}}<br>{column[-1]}" if above else str(column[-1])


def _myst_cell(cell: Cell) -> str:
    text, marks, error = cell
    if marks:
        text += "[" + marks.replace("*", "\\*") + "]{.stars}"
    return f"{text}<br>[{error}]{{.std-error}}" if error else text


_MARKUP = re.compile(r"\[([^\]]*)\]\{[^}]*\}")
_ROLE = re.compile(r"\{[a-z:]+\}`([^`]*)`")
_LATEX = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "²": "$^2$", "−": "$-$", "–": "--",
          "·": r"$\cdot$", "∞": r"$\infty$", "ρ": r"$\rho$", "σ": r"$\sigma$", "τ": r"$\tau$",
          "η": r"$\eta$", "λ": r"$\lambda$", "β": r"$\beta$", "θ": r"$\theta$",
          "′": "$'$"}  # fmt: skip


def _latex_text(text: str) -> str:
    plain = _ROLE.sub(r"\1", _MARKUP.sub(r"\1", text)).replace("\\*", "*").replace("`", "")
    pieces = re.split(r"(\$[^$]+\$)", plain)
    return "".join(
        piece if piece.startswith("$") else "".join(_LATEX.get(c, c) for c in piece)
        for piece in pieces
    )


def _latex_key(key: object) -> Any:
    return tuple(map(_latex_key, key)) if isinstance(key, tuple) else _latex_text(str(key))


def _latex_cell(cell: Cell) -> str:
    text, marks, error = cell
    shown = _latex_text(text) + marks
    return f"{shown} \\\\ {_latex_text(error)}" if error else shown
