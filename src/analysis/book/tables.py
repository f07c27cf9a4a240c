"""A result becomes a numbered table of the book, with notes, files and where it came from."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype
from scipy import stats

from analysis.book import ledger
from analysis.book.forms import fill
from analysis.book.inline import as_text
from analysis.book.ledger import CLAIMS_TYPE, Claim, Fitted, Kind, Verdict
from analysis.book.provenance import FILES_TYPE, digest, file_digest
from analysis.book.text import as_csv, literal
from analysis.errors import SpecificationError
from analysis.resources import ROOT, declared

Cell = tuple[str, str, str]
"""Text of a cell, its stars, and the standard error below it."""

ABSENT = "–"
LONG = 12
"""Rows from which on a comparison with one verdict only is folded."""
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
STARS_NOTE = "Two-sided: \\*\\*\\* p < 0.01, \\*\\* p < 0.05, \\* p < 0.1."
LEGEND = STARS_NOTE.replace("Two-sided", "Standard errors in parentheses; stars as printed")
CHIPS: dict[str, str] = declared("analysis.book", "signs.toml")["chips"]
"""Look of each verdict, and of what a finding weighs."""
_P_VALUE = re.compile(r"[pP](?: ?$|,| of | value| \()")


def number(value: object, spec: str = ".3f") -> str:
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
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if not isinstance(value, (int, float, np.number)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        spec = spec if spec.endswith("d") else "d"
    text = ABSENT if math.isnan(value) else f"{value:{spec}}".replace("inf", "∞")
    if not text.strip("-0.%"):  # what rounds to zero has no sign
        text = text.lstrip("-")
    return text.replace("-", "−")


def _p_text(value: object, spec: str) -> str:
    """A p-value in a table: what rounds to nothing is smaller than the last digit."""
    shown = number(value, spec)
    small = isinstance(value, float) and value >= 0 and not shown.strip("0.")
    return f"<{10.0 ** -_decimals(shown):{spec}}" if small else shown


def p_value(p: float, spec: str = ".3f") -> str:
    """Return "p = 0.012" for a sentence, or "p < 0.001" where rounding leaves nothing.

    Examples
    --------
    >>> p_value(0.0123), p_value(0.0001), p_value(0.004, ".2f")
    ('p = 0.012', 'p < 0.001', 'p < 0.01')
    """
    shown = _p_text(float(p), spec)
    return f"p < {shown[1:]}" if shown[0] == "<" else f"p = {shown}"


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
    sides: tuple[str, ...]
    stub: str = ""
    notes: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    csv: pd.DataFrame | None = field(default=None, repr=False)
    origin: Mapping[str, Any] = field(default_factory=dict, repr=False)
    folded: bool = False

    def _keyed(self) -> Iterator[tuple[str, str, tuple[Cell, ...]]]:
        """Section, label and cells of each row."""
        for key, cells in zip(self.frame.index, self.cells, strict=True):
            section, label = (key[0], key[-1]) if isinstance(key, tuple) else ("", key)
            yield str(section), str(label), cells

    def rows(self) -> Iterator[tuple[str, tuple[Cell, ...]]]:
        """Label and cells of each row; the heading of a section is a label without cells."""
        for section, rows in itertools.groupby(self._keyed(), itemgetter(0)):
            if section:
                yield section, ()
            yield from (row[1:] for row in rows)

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Heading over several columns, if any, and heading of each column."""
        heads = [c if isinstance(c, tuple) else ("", c) for c in self.frame.columns]
        return [(" · ".join(str(p) for p in above if str(p)), str(last)) for *above, last in heads]

    @property
    def myst(self) -> str:
        """The table in MyST: numbered, with a label for cross-references."""
        return fill("table.md", t=self)

    @property
    def html(self) -> str:
        """The table for a window without the book's style: all that the page shows, and no more."""
        return fill("table.html", t=self)

    @property
    def latex(self) -> str:
        """The table in LaTeX, over several pages where it is long."""
        longest = [
            max(len(as_text(text)) for text, *_ in of) for of in zip(*self.cells, strict=True)
        ]
        lengths = zip(self.sides, longest, strict=False)  # no rows have no lengths
        prose = {j: min(n, 120) for j, (side, n) in enumerate(lengths) if side == "left" and n > 25}
        share = max(0.3, 0.8 - 0.09 * (len(self.sides) - len(prose))) / (sum(prose.values()) or 1)
        wide = r">{\raggedright\arraybackslash}p{%.2f\linewidth}"
        widths = [
            wide % (share * prose[j]) if j in prose else s[0] for j, s in enumerate(self.sides)
        ]
        above = itertools.groupby(head[0] for head in self.heads)
        groups = [(group, len(list(run))) for group, run in above]
        return fill("table.tex", t=self, widths=widths, groups=groups)

    @property
    def files(self) -> dict[str, str]:
        """Name and content of each file that the foot line offers."""
        values = self.frame if self.csv is None else self.csv
        plain = str if self.claims else as_text  # claims go into the file as the ledger has them
        return {f"{self.label}.csv": as_csv(values, plain=plain), f"{self.label}.tex": self.latex}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        heads = [" · ".join(filter(None, head)) for head in self.heads]
        bundle = {
            "text/markdown": self.myst,
            "text/html": self.html,
            "text/plain": self.frame.to_string(na_rep=ABSENT),
            FILES_TYPE: carried(self) | {"heads": heads, "rows": list(self._keyed())},
        }
        if self.claims:
            bundle[CLAIMS_TYPE] = ledger.record(self.claims, self.label, self.origin).payload
        return bundle


def carried(result: Any) -> dict[str, Any]:
    """What a table or figure carries for the build: its files, and what it says of itself."""
    return {name: getattr(result, name) for name in ("files", "label", "caption", "origin")}


def check_label(label: str, kind: str) -> None:
    """Refuse a label that is not ``tab-...`` or ``fig-...``, whichever is asked for."""
    if not re.fullmatch(rf"{kind}(-[a-z0-9]+)+", label):
        raise SpecificationError(
            f"label {label!r}: write {kind}- and lower-case words joined by hyphens"
        )


def show(
    frame: pd.DataFrame,
    label: str,
    caption: str,
    *,
    errors: pd.DataFrame | None = None,
    p_values: pd.DataFrame | None = None,
    digits: int = 3,
    formats: Mapping[Any, str] | None = None,
    stub: str = "",
    notes: str = "",
    folded: bool = False,
    **made: Any,
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
        Format specification of a column or a row; a column's goes before a row's.
    stub : str
        Heading of the first column.
    notes : str
        Notes under the table.
    folded : bool
        Whether the table waits behind a line with its number and caption, for a long one whose
        message a figure or sentence has told.
    **made
        ``code``, ``data`` and ``parameters`` of the foot line, as for :func:`origin`.

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
    check_label(label, "tab")
    for name, other in (("errors", errors), ("p_values", p_values)):
        if other is not None and other.shape != frame.shape:
            raise SpecificationError(
                f"table {label!r}: {name} has shape {other.shape}, the table {frame.shape}"
            )
    chosen = dict(formats or {})

    def cell(i: int, j: int) -> Cell:
        row, column, value = frame.index[i], frame.columns[j], frame.iloc[i, j]
        error, p = (None if of is None else of.iloc[i, j] for of in (errors, p_values))
        head, key = (name[-1] if isinstance(name, tuple) else name for name in (column, row))
        form = next((chosen[name] for name in (column, head, key) if name in chosen), None)
        form = form or f".{digits_for(value, error, digits)}f"
        marks = "" if p is None or pd.isna(p) else stars(float(p))
        if isinstance(form, str) and any(_P_VALUE.match(str(name)) for name in (head, key)):
            return _p_text(value, form), marks, ""
        absent = error is None or pd.isna(error)
        return number(value, form), marks, "" if absent else f"({number(error, form)})"

    rows, columns = map(range, frame.shape)
    parts = [frame.iloc[:, j] for j in columns]
    return Table(
        label,
        caption,
        frame,
        tuple(tuple(cell(i, j) for j in columns) for i in rows),
        tuple("left" if infer_dtype(of.astype(object)) == "string" else "right" for of in parts),
        stub,
        tuple(filter(None, [notes, STARS_NOTE if p_values is not None else ""])),
        csv=_with_errors(frame, errors),
        origin=origin(**made),
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
    stacked: bool = False,
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
        Further rows: name shown to an attribute of the fit (``"rsquared.within"``) or a function of
        it.
    with_stars : bool
        Whether to set stars, from the standard normal distribution.
    stacked : bool
        Whether headings over several columns become sections of rows, so that a wide table fits.
    **options
        Passed on to :func:`show`.
    """
    order = terms or {term: term for fit in fits.values() for term in fit.params.index}
    estimates, errors = (
        pd.DataFrame({name: getattr(fit, part) for name, fit in fits.items()}, list(order), dtype=float)
        .set_axis(list(order.values()))
        for part in ("params", "std_errors")
    )  # fmt: skip
    columns = estimates.columns
    p_values = (estimates / errors).abs().apply(stats.norm.sf) * 2
    rows = {
        name: list(map(get if callable(get) else attrgetter(get), fits.values()))
        for name, get in (statistics or {}).items()
    }
    extra = pd.DataFrame(list(rows.values()), list(rows), columns, dtype=object)
    shown = pd.concat([estimates.astype(object), extra])
    heads = [getattr(fit, "header", {}) for fit in fits.values()]
    if kinds := dict.fromkeys(
        head["standard errors"] for head in heads if "standard errors" in head
    ):
        said = f"Standard errors: {literal('; '.join(kinds))}."
        options["notes"] = " ".join(filter(None, [options.get("notes", ""), said]))
    parts = [shown, errors.reindex(shown.index), p_values.reindex(shown.index)]
    if stacked:
        parts = [pd.concat({top: part[top] for top in columns.unique(0)}) for part in parts]
    if with_stars:
        options["p_values"] = parts[2]
    return show(parts[0], label, caption, errors=parts[1], **options)


def beside(
    claims: Iterable[Claim],
    label: str,
    caption: str,
    *,
    labels: Mapping[str, str] | None = None,
    stub: str = "",
    notes: str = "",
    folded: bool = False,
    **made: Any,
) -> Table:
    """Set what is derived here beside what was printed, with the kind and the verdict of each.

    The claims go into the ledger. The truth is shown where any claim has one; claims of several
    printed columns are shown in sections. The caption says of which kind the comparisons are and
    what they came to; settings, which nothing can come of, are named in a note. `labels` renames
    rows and columns on the page, while the ledger keeps them as printed. A long table of one
    verdict is folded by itself.

    Raises
    ------
    SpecificationError
        There is nothing to compare.
    """
    entries = tuple(claims)
    if not entries:
        raise SpecificationError(f"table {label!r}: no claims to set side by side")
    records = {claim: ledger.as_record(claim) for claim in entries}
    words = labels or {}
    rows = {c: words.get(c.row, records[c]["words"] or c.row) for c in entries}
    judged = [claim for claim in entries if ledger.verdict(claim) is not None] or list(entries)
    lines = pd.DataFrame([_line(claim) for claim in judged])
    bare = {
        "truth": all(claim.truth is None for claim in judged),
        "kind": len({claim.kind for claim in judged}) == 1,
        "derived here": all(claim.says and claim.derived is None for claim in judged),
    }
    lines = lines.drop(columns=[name for name, told in bare.items() if told])
    index = pd.Index([rows[claim] for claim in judged])
    if len({claim.column for claim in judged}) > 1:
        sections = [words.get(claim.column, claim.column) for claim in judged]
        index = pd.MultiIndex.from_arrays([sections, index])
    named = {claim.row for claim in judged}  # a row judged by another column is named by this one
    fixed = dict.fromkeys(
        words.get(claim.column, claim.column) if claim.row in named else rows[claim]
        for claim in entries if claim not in judged
    )  # fmt: skip
    verdicts = Counter((claim.kind, ledger.verdict(claim)) for claim in judged)
    all_notes = [
        notes,
        f"Settings, not judged: {', '.join(fixed)}." if fixed else "",
        LEGEND if any(claim.stars for claim in judged) else "",
        *dict.fromkeys(f"{rows[c].rstrip('. ')}: {c.note}" for c in judged if c.note),
    ]
    return Table(
        label,
        f"{caption.rstrip('. ')}. {_summary(verdicts)}",
        lines.map(lambda cell: cell[0]).set_axis(index),
        tuple(lines.itertuples(index=False, name=None)),
        tuple("left" if name in ("kind", "verdict") else "right" for name in lines.columns),
        stub,
        tuple(filter(None, all_notes)),
        entries,
        csv=pd.DataFrame(list(records.values())).set_index("row"),
        origin=origin(**made),
        folded=folded or (len(verdicts) == 1 and len(judged) >= LONG),
    )


def _line(claim: Claim) -> dict[str, Cell]:
    """Cells of a claim set beside its print, by column."""
    printed = _decimals(claim.printed)
    spec = f".{min(printed, digits_for(claim.derived, claim.std_error, printed))}f"
    text = claim.says or claim.printed.replace("-", "−") or ABSENT
    return {
        "derived here": (
            number(claim.derived, spec), "",
            f"({number(claim.std_error, spec)})" if claim.std_error else "",
        ),
        "truth": (number(claim.truth, f".{printed}f"), "", ""),
        "printed": (text, claim.stars, f"({claim.printed_error})" if claim.printed_error else ""),
        "kind": (str(claim.kind), "", ""),
        "verdict": (_chip(claim), "", ""),
    }  # fmt: skip


def counted(n: int, verdict: str) -> str:
    """Say how many comparisons came to a verdict.

    Examples
    --------
    >>> counted(1, "differs"), counted(3, "agrees within rounding")
    ('1 differs', '3 agree within rounding')
    """
    several = re.sub("^(differ|agree)s", r"\1", verdict)
    return f"{n} {several if n > 1 else verdict}"


def _summary(verdicts: Counter[tuple[Kind, Verdict | None]]) -> str:
    """Kinds and verdicts of a table in a line.

    Examples
    --------
    >>> _summary(Counter({(Kind.FREE, Verdict.DIFFERS): 60}))
    'Free: all 60 differ.'
    """
    parts = []
    for kind in dict.fromkeys(kind for kind, _ in verdicts):
        found = [counted(n, v) for (k, v), n in verdicts.items() if k == kind and v is not None]
        total = "all " if len(found) == 1 and not found[0].startswith("1 ") else ""
        parts.append(f"{kind}: {total}{', '.join(found)}")
    line = "; ".join(parts)
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def origin(
    code: Sequence[Any] = (),
    data: Mapping[str, object] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """What the foot line of a table or figure says, as plain values for the sidecar and the ledger.

    Parameters
    ----------
    code : sequence
        Functions whose source is linked.
    data : mapping, optional
        What the numbers were computed from, name to frame, panel or file.
    parameters : mapping, optional
        What was asked for.

    Examples
    --------
    >>> origin([number], parameters={"seed": 1})
    {'code': ['analysis.book.tables.number'], 'data': {}, 'parameters': {'seed': '1'}}
    """
    return {
        "code": [f"{item.__module__}.{item.__qualname__}" if hasattr(item, "__qualname__")
                 else item.__name__ for item in code],  # a module has no other
        "data": {name: data_digest(source) for name, source in (data or {}).items()},
        "parameters": {name: str(value) for name, value in (parameters or {}).items()},
    }  # fmt: skip


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


def _chip(claim: Claim) -> str:
    result = ledger.verdict(claim)
    if result is None:
        return ""
    chip = f"[{result}]{{.chip .chip-{CHIPS[result]}}}"
    return f"{chip}<br>[{claim.conflict}]{{.words}}" if claim.conflict else chip


def _decimals(printed: str) -> int:
    return len(printed.partition(".")[2]) if printed else 3


def digits_for(value: object, error: object, digits: int) -> int:
    """Decimals that a number deserves: three figures of a large standard error, two of a small one.

    Without an error, five figures of a large number.

    Examples
    --------
    >>> digits_for(0.5502, 0.173, 3), digits_for(12.3, 2455.8, 3), digits_for(4013.12, None, 3)
    (3, 0, 1)
    """
    if isinstance(error, float) and 0 < error < math.inf:
        size = math.floor(math.log10(error))
        if size >= 0:
            return max(0, min(digits, 2 - size))
        return min(1 - size, 6) if size < 1 - digits else digits
    if isinstance(value, float) and 1000 <= abs(value) < math.inf:
        return max(0, min(digits, 4 - math.floor(math.log10(abs(value)))))
    return digits


def _with_errors(frame: pd.DataFrame, errors: pd.DataFrame | None) -> pd.DataFrame:
    if errors is None:
        return frame
    both = {}
    for j, column in enumerate(frame.columns):
        name = ", ".join(map(str, column)) if isinstance(column, tuple) else str(column)
        both[name] = frame.iloc[:, j]
        both[f"{name} (std. error)"] = errors.iloc[:, j].set_axis(frame.index)
    return pd.DataFrame(both)
