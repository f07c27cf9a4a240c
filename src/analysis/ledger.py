"""Claims: one printed number, its re-derivation, and the verdict that written rules give."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

import pandas as pd

from analysis.errors import SpecificationError

CLAIMS_TYPE = "application/vnd.analysis.claims+json"
QUANTILE = 1.959963984540054
"""Two-sided 5 % point of the standard normal distribution."""


class Estimates(Protocol):
    """What two sets of estimates are compared by."""

    @property
    def params(self) -> pd.Series:
        """Estimates by term."""

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors by term."""

    @property
    def loglik(self) -> float:
        """Log-likelihood."""


class Kind(StrEnum):
    """What a derived number has to do with the printed one."""

    TARGETED = "targeted"
    RECOVERED = "recovered"
    IMPLIED = "implied"
    FREE = "free"


class Verdict(StrEnum):
    """What a comparison comes to."""

    ROUNDING = "agrees within rounding"
    SAMPLING = "within sampling error"
    DIFFERS = "differs"
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
        the generator was given), implied (arithmetic on printed numbers alone) or free.
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
    inputs_rounding : float
        Of an implied claim: how far `derived` can move within the rounding of the printed
        numbers it was computed from.
    same_data : bool
        Whether `derived` comes from the very data of the print: sampling error then excuses
        nothing.
    conflict : str
        What in the print this number cannot be reconciled with, if an audit has shown it.
    note : str
        A remark for the reader.
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
    same_data: bool = False
    conflict: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        if self.kind is Kind.RECOVERED and self.truth is None:
            raise SpecificationError(
                f"{self.where}: a recovered claim needs the truth that the generator was given"
            )
        if self.kind in (Kind.TARGETED, Kind.IMPLIED) and not self.printed:
            raise SpecificationError(f"{self.where}: a {self.kind} claim needs a printed number")
        for text in filter(None, (self.printed, self.printed_error)):
            try:
                float(_ascii(text))
            except ValueError:
                raise SpecificationError(
                    f"{self.where}: {text!r} is not a printed number; "
                    "put stars and remarks into their own fields"
                ) from None

    @property
    def where(self) -> str:
        """Place in the paper, in words."""
        return f"{self.paper}, table {self.table}, {self.row}, {self.column}"

    @property
    def printed_value(self) -> float | None:
        """The printed number."""
        return float(_ascii(self.printed)) if self.printed else None

    @property
    def rounding(self) -> float:
        """Half a unit of the last printed digit."""
        return half_unit(self.printed) if self.printed else 0.0


def _ascii(text: str) -> str:
    return text.strip().replace("−", "-").replace("–", "-").replace(",", "")


def half_unit(printed: str) -> float:
    """Half a unit of the last digit of a number as printed.

    Examples
    --------
    >>> half_unit("0.708"), half_unit("12"), half_unit("1.5e-3")
    (0.0005, 0.5, 5e-05)
    """
    mantissa, _, exponent = _ascii(printed).lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(f"5e{int(exponent or 0) - decimals - 1}")


def verdict(claim: Claim) -> Verdict:
    """Judge a claim by its kind.

    A conflict in the print comes first; then what cannot be derived. A *targeted* number is only
    ever said to meet or miss its target. A *recovered* one is held against the truth given to
    the generator, within 1.96 standard errors. An *implied* one must reach the print within the
    rounding of what it was computed from, else the print contradicts itself. A *free* one agrees
    if it rounds to the print, and lies within sampling error if the two differ by no more than
    1.96 standard errors of their difference (unless the data are the same).

    Examples
    --------
    >>> tau = Claim("A", "4", "Carbon, last year", "Model 2", Kind.RECOVERED, "0.708",
    ...             derived=0.695, std_error=0.020, truth=0.708)
    >>> str(verdict(tau))
    'within sampling error'
    """
    if claim.conflict:
        return Verdict.INCONSISTENT
    if claim.derived is None or not math.isfinite(claim.derived):
        return Verdict.NOT_DERIVABLE
    derived, rounding = claim.derived, claim.rounding * (1 + 1e-9)
    printed = claim.printed_value
    if claim.kind is Kind.RECOVERED:
        assert claim.truth is not None  # checked when the claim was made
        return _sampling(derived - claim.truth, claim.std_error)
    if printed is None:
        return Verdict.NOT_DERIVABLE
    off = abs(derived - printed)
    if claim.kind is Kind.TARGETED:
        return Verdict.TARGET_MET if off <= rounding else Verdict.TARGET_MISSED
    if claim.kind is Kind.IMPLIED:
        reached = off <= rounding + claim.inputs_rounding
        return Verdict.ROUNDING if reached else Verdict.INCONSISTENT
    if off <= rounding:
        return Verdict.ROUNDING
    if claim.same_data or claim.std_error is None:
        return Verdict.DIFFERS
    theirs = float(_ascii(claim.printed_error)) if claim.printed_error else 0.0
    return _sampling(off, math.hypot(claim.std_error, theirs))


def _sampling(difference: float, std_error: float | None) -> Verdict:
    if std_error is None or not math.isfinite(std_error):
        return Verdict.DIFFERS
    return Verdict.SAMPLING if abs(difference) <= QUANTILE * std_error else Verdict.DIFFERS


def agreeing_digits(derived: float, reference: float) -> float:
    """Count the leading digits in which two numbers agree: minus log10 of the relative gap.

    At most 15.7, the digits that double precision holds; the absolute difference counts where
    the reference is zero.

    Examples
    --------
    >>> round(agreeing_digits(0.2292003, 0.2292), 1)
    5.9
    """
    scale = abs(reference) or 1.0
    off = max(abs(derived - reference) / scale, sys.float_info.epsilon)
    return max(0.0, -math.log10(off))


def agreement(derived: Estimates, reference: Estimates) -> pd.Series:
    """Fewest digits in which two sets of estimates agree, by kind of number.

    Parameters
    ----------
    derived, reference : Estimates
        Anything with ``params``, ``std_errors`` and ``loglik``, such as a fit. Terms that only
        one of them has are left out.

    Returns
    -------
    Series
        ``slopes``, ``spatial`` (rho, lambda), ``sigma2``, ``std_errors`` (of slopes and spatial
        parameters) and ``loglik``; missing where `reference` has no such number.
    """
    terms = [t for t in derived.params.index if t in reference.params.index]
    spatial = [t for t in terms if t in ("rho", "lambda")]
    slopes = [t for t in terms if t not in ("rho", "lambda", "sigma2")]

    def fewest(ours: pd.Series, theirs: pd.Series, names: list[str]) -> float:
        pairs = [(float(ours[t]), float(theirs[t])) for t in names if pd.notna(theirs[t])]
        return min((agreeing_digits(*pair) for pair in pairs), default=math.nan)

    loglik = float(reference.loglik)
    return pd.Series(
        {
            "slopes": fewest(derived.params, reference.params, slopes),
            "spatial": fewest(derived.params, reference.params, spatial),
            "sigma2": fewest(derived.params, reference.params, ["sigma2"]),
            "std_errors": fewest(derived.std_errors, reference.std_errors, slopes + spatial),
            "loglik": agreeing_digits(derived.loglik, loglik) if loglik == loglik else math.nan,
        },
        name="digits",
    )


def as_record(claim: Claim) -> dict[str, Any]:
    """One claim with its verdict as plain values, ready for JSON."""
    plain = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(claim).items()
    }
    return {**plain, "kind": str(claim.kind), "verdict": str(verdict(claim))}


def from_record(entry: Mapping[str, Any]) -> Claim:
    """Read back a claim that :func:`as_record` wrote."""
    return Claim(**{name: entry[name] for name in Claim.__slots__ if name in entry})


@dataclass(frozen=True, slots=True)
class Recorded:
    """Claims as the output of a notebook cell: invisible on the page, collected by the build."""

    claims: tuple[Claim, ...]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {CLAIMS_TYPE: payload(self.claims), "text/markdown": ""}


def payload(claims: Iterable[Claim]) -> dict[str, Any]:
    """Claims as a cell's output carries them to the ledger."""
    return {"claims": [as_record(claim) for claim in claims]}


def record(claims: Iterable[Claim]) -> Recorded:
    """Enter claims into the ledger from the last line of a notebook cell.

    :func:`analysis.tables.beside` does so for the claims that it shows; this is for comparisons
    that a page makes in another form.
    """
    return Recorded(tuple(claims))
