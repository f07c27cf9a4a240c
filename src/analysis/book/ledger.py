"""Claims: one printed number, its re-derivation, and the verdict that written rules give."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis.book import published
from analysis.errors import AuditTableError, SpecificationError, listed
from analysis.rounding import Printed, printed

CLAIMS_TYPE = "application/vnd.analysis.claims+json"
QUANTILE = 1.959963984540054
"""Two-sided 5 % point of the standard normal distribution."""


class Fitted(Protocol):
    """What a fit must have to be shown in a table."""

    @property
    def params(self) -> pd.Series:
        """Estimates by term."""

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors by term."""


class Kind(StrEnum):
    """What a derived number has to do with the printed one."""

    TARGETED = "targeted"
    RECOVERED = "recovered"
    INHERITED = "inherited"
    SETTING = "setting"
    IMPLIED = "implied"
    FREE = "free"


class Verdict(StrEnum):
    """What a comparison comes to."""

    ROUNDING = "agrees within rounding"
    SAMPLING = "within sampling error"
    DIFFERS = "differs"
    BORNE_OUT = "borne out"
    NOT_BORNE_OUT = "not borne out"
    TARGET_MET = "target met"
    TARGET_MISSED = "target missed"
    NOT_DERIVABLE = "not derivable"
    INCONSISTENT = "inconsistent in print"


@dataclass(frozen=True, slots=True)
class Claim:
    """One number of a paper beside what is derived here.

    Attributes
    ----------
    paper, table, row, column : str
        Where it is printed.
    kind : Kind
        Targeted (the generator was calibrated to it), recovered (an estimate of a parameter that
        the generator was given), inherited (an estimate on data in which printed coefficients
        were planted, but not of such a parameter), setting (a call of our own, such as which
        controls enter: nothing to judge), implied (arithmetic on printed numbers alone) or free.
    printed : str
        Its characters as printed, ``"0.708"``; the number of decimals sets the rounding. Empty
        where the paper prints none.
    derived : float, optional
        What is derived here; None where the data do not allow it.
    std_error : float, optional
        Standard error of `derived`.
    printed_error : str
        The standard error as printed.
    stars : str
        The stars as printed.
    truth : float, optional
        The parameter that the generator was given; needed for a recovered claim.
    tolerance : float
        How near a targeted number was to come to its target.
    inputs_rounding : float
        Of an implied claim: how far `derived` can move within the rounding of the printed
        numbers it was computed from.
    same_data : bool
        Whether `derived` comes from the very data of the print: sampling error then excuses
        nothing.
    says : str
        A claim in words (a sign, an ordering, a significance) in place of a number.
    holds : bool, optional
        Whether the numbers at hand bear `says` out; None where they cannot tell.
    conflict : str
        Cause that an audit has found for what the print contradicts here: rows of one cause stand
        together. Only an implied claim that does not hold, by what was computed, can have one.
    note : str
        A remark for the reader.
    place : str
        Section and paragraph where the paper says it.
    words : str
        What the paper claims, in words complete enough to be judged. Where these two are empty,
        the ledger takes them from the transcription.
    """

    paper: str
    table: str
    row: str
    column: str
    kind: Kind
    printed: str = ""
    derived: float | None = None
    std_error: float | None = None
    printed_error: str = ""
    stars: str = ""
    truth: float | None = None
    inputs_rounding: float = 0.0
    tolerance: float = 0.0
    same_data: bool = False
    says: str = ""
    holds: bool | None = None
    conflict: str = ""
    note: str = ""
    place: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        object.__setattr__(self, "holds", None if self.holds is None else bool(self.holds))
        for text in (self.printed, self.printed_error):
            _number(text, self.where)
        if self.says and self.printed:
            raise SpecificationError(f"{self.where}: a claim is a number or words, not both")
        if self.kind is Kind.RECOVERED and self.truth is None and not self.says:
            raise SpecificationError(f"{self.where}: a recovered claim needs the generator's truth")
        if self.kind in (Kind.TARGETED, Kind.IMPLIED) and not (self.printed or self.says):
            raise SpecificationError(f"{self.where}: a {self.kind} claim needs a printed number")
        if self.conflict and verdict(self) is not Verdict.INCONSISTENT:
            raise SpecificationError(
                f"{self.where}: nothing computed contradicts the print, so {self.conflict!r} cannot "
                "be its cause; a conflict needs an implied claim that does not hold"
            )

    @property
    def where(self) -> str:
        """Place in the paper, in words."""
        return f"{self.paper}, table {self.table}, {self.row}, {self.column}"


def _number(text: str, where: str = "table") -> Printed | None:
    return printed(text.replace(",", ""), where)


def verdict(claim: Claim) -> Verdict | None:
    """Judge a claim by its kind.

    A *setting* is not judged, nor is what cannot be derived. A *targeted* number is only ever said
    to meet or miss its target, within the tolerance stated with it. A *recovered* one is held
    against the truth given to
    the generator, within 1.96 standard errors. An *implied* one must reach the print within the
    rounding of what it was computed from, else the print contradicts itself. An *inherited* or
    *free* one agrees
    if it rounds to the print, and lies within sampling error if the two differ by no more than
    1.96 standard errors of their difference (unless the data are the same). A claim in words is
    borne out or not; one that the print itself does not bear out makes the print inconsistent.

    Examples
    --------
    >>> tau = Claim("A", "4", "Carbon, last year", "Model 2", Kind.RECOVERED, "0.708",
    ...             derived=0.695, std_error=0.020, truth=0.708)
    >>> str(verdict(tau))
    'within sampling error'
    """
    if claim.kind is Kind.SETTING:
        return None
    good, bad = _WORDS.get(claim.kind, (Verdict.BORNE_OUT, Verdict.NOT_BORNE_OUT))
    if claim.says:
        return Verdict.NOT_DERIVABLE if claim.holds is None else good if claim.holds else bad
    if claim.derived is None or not math.isfinite(claim.derived):
        return Verdict.NOT_DERIVABLE
    if claim.kind is Kind.RECOVERED and claim.truth is not None:
        return _sampling(claim.derived - claim.truth, claim.std_error)
    number = _number(claim.printed)
    if number is None:
        return Verdict.NOT_DERIVABLE
    off, rounding = abs(claim.derived - number.value), number.unit / 2 * (1 + 1e-9)
    if claim.kind is Kind.TARGETED:
        return good if off <= max(rounding, claim.tolerance) else bad
    if off <= rounding + (claim.inputs_rounding if claim.kind is Kind.IMPLIED else 0):
        return Verdict.ROUNDING
    if claim.kind is Kind.IMPLIED:
        return bad
    if claim.same_data or claim.std_error is None:
        return Verdict.DIFFERS
    theirs = _number(claim.printed_error)
    return _sampling(off, math.hypot(claim.std_error, theirs.value if theirs else 0.0))


_WORDS = {
    Kind.TARGETED: (Verdict.TARGET_MET, Verdict.TARGET_MISSED),
    Kind.IMPLIED: (Verdict.BORNE_OUT, Verdict.INCONSISTENT),
}


def _sampling(difference: float, std_error: float | None) -> Verdict:
    if std_error is None or not math.isfinite(std_error):
        return Verdict.DIFFERS
    return Verdict.SAMPLING if abs(difference) <= QUANTILE * std_error else Verdict.DIFFERS


def agreeing_digits(derived: Any, reference: Any) -> Any:
    """Count the leading digits in which numbers agree: minus log10 of the relative gap.

    At most 15.7, the digits that double precision holds; the absolute difference counts where
    the reference is zero.

    Examples
    --------
    >>> float(agreeing_digits(0.2292003, 0.2292).round(1))
    5.9
    """
    off = np.abs(derived - reference) / np.where(reference == 0, 1.0, np.abs(reference))
    return np.maximum(0.0, -np.log10(np.maximum(off, sys.float_info.epsilon)))


def agreement(derived: Any, reference: Any) -> pd.Series:
    """Fewest digits in which two sets of estimates agree, by kind of number, and the largest gap.

    Parameters
    ----------
    derived, reference
        Anything with ``params``, ``std_errors`` and ``loglik``, such as a fit. Terms that only
        one of them has are left out.

    Returns
    -------
    Series
        ``slopes``, ``spatial`` (rho, lambda), ``sigma2``, ``std_errors`` (of slopes and spatial
        parameters) and ``loglik``; missing where `reference` has no such number. ``gap`` is the
        largest difference of a slope or spatial parameter in standard errors of `derived`: digits
        are relative, so a coefficient near zero has few of them without being far off.
    """
    terms = derived.params.index.intersection(reference.params.index, sort=False)
    spatial = terms.intersection(["rho", "lambda"])
    slopes = terms.drop([*spatial, "sigma2"], errors="ignore")
    estimated = slopes.append(spatial)
    params, errors = (
        agreeing_digits(*(getattr(fit, part).reindex(terms) for fit in (derived, reference)))
        for part in ("params", "std_errors")
    )
    off = (derived.params - reference.params)[estimated].abs() / derived.std_errors[estimated]
    found = {
        "slopes": params[slopes].min(),
        "spatial": params[spatial].min(),
        "sigma2": params.get("sigma2", math.nan),
        "std_errors": errors[estimated].min(),
        "loglik": agreeing_digits(getattr(derived, "loglik", math.nan), reference.loglik),
        "gap": off.max(),
    }
    return pd.Series(found, dtype=float, name="digits")


def as_record(claim: Claim) -> dict[str, Any]:
    """One claim with its verdict as plain values, ready for JSON."""
    plain = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(claim).items()
    }
    said = _cell(claim.paper, claim.table, claim.row) if claim.table == published.TEXT else {}
    return {
        **plain,
        "kind": str(claim.kind),
        "verdict": str(verdict(claim) or ""),
        "place": claim.place or said.get("place", ""),
        "words": claim.words or said.get("claim", ""),
    }


@dataclass(frozen=True, slots=True)
class Recorded:
    """Claims for the ledger from the last line of a cell: invisible on the page.

    :func:`analysis.book.tables.beside` enters the claims that it shows; this is for comparisons
    that a page makes in another form.

    Attributes
    ----------
    claims : sequence of Claim
    anchor : str
        Label of the table or figure on the page that shows the comparison.
    origin : mapping
        From :func:`analysis.book.tables.origin`: code, data and parameters.
    """

    claims: Sequence[Claim]
    anchor: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> dict[str, Any]:
        """What a cell's output carries for the ledger."""
        claims = [as_record(claim) for claim in self.claims]
        return {"claims": claims, "anchor": self.anchor, "origin": dict(self.origin)}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        said = f"{len(self.claims)} claims for the ledger"
        return {CLAIMS_TYPE: self.payload, "text/plain": said}


record = Recorded


def several(name: str) -> list[str]:
    """Names of the numbers of a transcribed table that has several a row, else none.

    In such a table a claim's column names the number.

    Examples
    --------
    >>> several("paper_a_table2"), several("paper_a_table4")
    (['morans_i', 'z', 'p'], [])
    """
    items = published.items(name)
    return [] if {"estimate", "value"} & set(items) else list(items)


def printed_claim(
    paper: str, table: str, row: str, column: str = "", *, kind: Kind | str, **derived: Any
) -> Claim:
    """Claim on a transcribed number: what was printed is looked up, not typed.

    Parameters
    ----------
    paper, table, row, column : str
        Place as in :func:`analysis.book.published.rows`; in tables with several numbers a row the
        column is the number's name, such as ``"mean"`` or ``"z"``.
    kind : Kind
    **derived
        Other attributes of the claim: ``derived``, ``std_error``, ``truth``, ``holds``, ``note`` ...

    Raises
    ------
    SpecificationError
        If nothing is printed in that place.

    Examples
    --------
    >>> claim = printed_claim("A", "4", "L.y", "Model 2", kind="recovered", derived=0.70,
    ...                       std_error=0.02, truth=0.708)
    >>> claim.printed, claim.printed_error, claim.stars, str(verdict(claim))
    ('0.708', '0.018', '***', 'within sampling error')
    """
    place = _cell(paper, table, row, column)
    if not place:
        known = published.rows(paper, table)
        names = known["row"].unique() if row not in set(known["row"]) else known["column"].unique()
        raise SpecificationError(
            f"paper {paper}, table {table}: nothing printed in row {row!r}, column {column!r}; "
            f"there are {listed(names, 40)}"
        )
    item = "value" if table == published.TEXT else "estimate" if "estimate" in place else column
    if item == column and not place.get(column):
        raise SpecificationError(f"paper {paper}, table {table}: no column {column!r}")
    shown = place[item]
    said: dict[str, Any] = {"printed": shown.removesuffix("%").strip()}
    try:
        if _number(said["printed"]) is None:
            said = {"says": shown or "left empty"}
        elif "estimate" in place:
            said |= {"printed_error": place.get("std_error", ""), "stars": place.get("stars", "")}
    except AuditTableError:
        said = {"says": shown}
    return Claim(paper, table, row, column, Kind(kind), **said, **derived)


def _cell(paper: str, table: str, row: str, column: str = "") -> dict[str, str]:
    """Return what is transcribed of a place, of the whole row where no column is told apart."""
    places = _places(published.files(paper, table))
    return places.get((row, column)) or places.get((row, ""), {})


@cache
def _places(files: tuple[Path, ...]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the cells of every row of some transcriptions by row and column."""
    return {place[4:6]: place[-1] for file in files for place in published.places(file)}


def frame(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Collected claims as a frame, one row a claim."""
    return pd.DataFrame(
        list(records), columns=[*Claim.__slots__, "verdict", "page", "anchor", "origin"]
    )


def missing(claims: pd.DataFrame) -> pd.DataFrame:
    """Rows of the transcribed tables that no claim speaks of.

    Parameters
    ----------
    claims : DataFrame
        From :func:`frame`.

    Returns
    -------
    DataFrame
        Those rows of :func:`analysis.book.published.rows`. A row with several numbers needs a claim on
        each; a number of the running text may have one under any column.
    """
    rows = published.rows()
    named = [
        ([n for n in several(row.file) if _cell(row.paper, row.table, row.row)[n]] or [row.column])
        if row.table != published.TEXT else [""] for row in rows.itertuples()
    ]  # fmt: skip
    wanted = rows.assign(column=named).explode("column")
    entered = pd.MultiIndex.from_frame(_in_rows(claims)[_PLACE])
    there = pd.MultiIndex.from_frame(wanted[_PLACE]).isin(entered)
    return rows.loc[wanted.index[~there].unique()]


_PLACE = ["paper", "table", "row", "column"]


def _in_rows(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims without the column of a sentence, which only says by what it is judged."""
    return claims.assign(column=claims["column"].where(claims["table"] != published.TEXT, ""))


def unknown(claims: pd.DataFrame) -> list[str]:
    """Claims on a transcribed paper that name none of its rows."""
    return [
        f"{c.paper}, table {c.table}, {c.row}, {c.column}"
        for c in claims.itertuples(index=False)
        if published.files(c.paper)
        and not _cell(c.paper, c.table, c.row, c.column)
        and c.printed + c.says != ""
    ]


def disagreements(claims: pd.DataFrame) -> list[str]:
    """Places of the print that one claim finds contradicted and another borne out.

    Only implied claims count: what data say that were made from the print is no word on the print.

    Examples
    --------
    >>> rho = ["A", "text", "rho Model 2", "", "implied"]
    >>> both = [Claim(*rho, says="positive", holds=holds) for holds in (True, False)]
    >>> disagreements(frame(map(as_record, both)))
    ['A, table text, rho Model 2, ']
    """
    implied = _in_rows(claims[claims["kind"] == Kind.IMPLIED])
    return [
        "{}, table {}, {}, {}".format(*place)
        for place, found in implied.groupby(_PLACE)["verdict"].agg(set).items()
        if Verdict.INCONSISTENT in found and found & {Verdict.ROUNDING, Verdict.BORNE_OUT}
    ]


BLOCK = 5
"""So many claims of one table with one verdict stand as one entry."""


def entries(claims: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Claims as the ledger lists them: one entry a cause, one a block of equal verdicts, else one each.

    Returns
    -------
    list of (str, DataFrame)
        A title, empty for a claim alone, and the claims. By paper, the running text after the tables.

    Examples
    --------
    >>> same = [Claim("C", "1", f"x{i}", "", "free", "0.5", derived=0.5) for i in range(6)]
    >>> entries(frame(map(as_record, same)))[0][0]
    'Table C1: 6 × agrees within rounding'
    """
    in_text = claims["table"] == published.TEXT
    caused = claims["conflict"] != ""
    ordered = claims.assign(
        last=in_text & ~caused,
        group=claims["conflict"].where(caused, claims["table"].where(~in_text, "")),
        shown=claims["anchor"].where(claims["anchor"].notna() & ~caused, ""),
    ).sort_values(["paper", "last", "table"], kind="stable")
    keys = ["paper", "group", "conflict", "kind", "verdict", "shown"]
    found = []
    for (paper, group, conflict, _, verdict, *_), same in ordered.groupby(keys, sort=False):
        if group and len(same) >= (2 if conflict else BLOCK):
            title = conflict or f"Table {paper}{group}"
            found.append((f"{title}: {len(same)} × {verdict or 'setting'}", same))
        else:
            found += [("", same.iloc[[i]]) for i in range(len(same))]
    return found


def counts(claims: pd.DataFrame) -> pd.DataFrame:
    """Count claims by verdict and kind, without totals over kinds, which mean different things.

    Settings are not counted.

    Examples
    --------
    >>> one = as_record(Claim("C", "1", "x", "m", Kind.FREE, "0.5", derived=0.5))
    >>> int(counts(frame([one])).loc["agrees within rounding", "free"])
    1
    """
    judged = claims[claims["kind"] != str(Kind.SETTING)]
    table = pd.crosstab(judged["verdict"], judged["kind"])
    return table.reindex(
        index=[str(item) for item in Verdict if str(item) in table.index],
        columns=[str(item) for item in Kind if item is not Kind.SETTING],
        fill_value=0,
    )


def claim_in_words(
    paper: str, row: str, holds: bool | None, note: str = "", conflict: str = ""
) -> Claim:
    """Return the claim of a sentence of the running text, judged from print alone."""
    return printed_claim(
        paper, "text", row, kind="implied", holds=holds, note=note, conflict=conflict
    )


def claim_in_number(
    paper: str, row: str, derived: float, slack: float = 0.0, note: str = ""
) -> Claim:
    """Return the claim of a number of the running text that follows from other printed numbers."""
    return printed_claim(
        paper, "text", row, kind="implied", derived=derived, inputs_rounding=slack, note=note
    )
