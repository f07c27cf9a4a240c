"""Stars, statistics, P values and degrees of freedom against one another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.audit.finding import Finding, checked, found
from analysis.audit.table import cell, difference, filled, over, pick, place, require
from analysis.rounding import Interval, Printed

STAR_LEVELS: Mapping[str, float] = {"***": 0.01, "**": 0.05, "*": 0.10}
"""The usual convention: three stars below 1 %, two below 5 %, one below 10 %."""


def two_sided(statistic: Interval, df: float | None = None) -> Interval:
    """Two-sided P value of an interval of z (or of t with `df` degrees of freedom)."""
    size, law = abs(statistic), stats.t(df or np.inf)
    return Interval(float(2 * law.sf(size.upper)), float(2 * law.sf(size.lower)))


def error_bounds(estimate: Printed, below: float, above: float | None = None) -> Interval:
    """Standard errors that an estimate can have whose two-sided P lies below a level (and above another).

    Examples
    --------
    >>> bounds = error_bounds(Printed("0.0170", 0.017, 0.0001), 0.05, 0.01)
    >>> print(f"{bounds:.5f}")
    0.00658 to 0.00870
    """
    size = abs(estimate.interval)
    least = 0.0 if above is None else size.lower / float(stats.norm.isf(above / 2))
    return Interval(least, size.upper / float(stats.norm.isf(below / 2)))


@checked
def stars(table: pd.DataFrame, levels: Mapping[str, float] = STAR_LEVELS) -> Iterator[Finding]:
    """Stars against the ratio of estimate to standard error.

    Parameters
    ----------
    table : DataFrame
        Columns ``estimate``, ``std_error``, ``stars`` as printed, and what names a row (``table``,
        ``model``, ``term``).
    levels : mapping of str to float
        Each mark and the level below which it is given.

    Returns
    -------
    list of Finding
        Empty if for each row some unrounded estimate and standard error give the printed stars.

    Notes
    -----
    The reference distribution is the normal; with few degrees of freedom a table based on t has
    fewer stars than this allows, never more.

    Examples
    --------
    >>> table = pd.DataFrame({"term": ["x"], "estimate": ["0.30"], "std_error": ["0.20"],
    ...                       "stars": ["**"]})
    >>> [(finding.certainty, finding.recomputed) for finding in stars(table)]
    [('shown', 'none')]
    """
    for row, estimate, error in filled(table, "stars", "estimate", "std_error", also=["stars"]):
        mark = "" if pd.isna(row["stars"]) else str(row["stars"]).strip()
        if error.positive.upper == 0:
            continue
        if mark and mark not in levels:
            yield found("mark", place(row), mark=mark, known=", ".join(levels))
            continue
        ratio = over(estimate.interval, error.positive)
        p = two_sided(ratio)
        on = [x for x in levels.values() if p.contains(x)]  # falls to either side
        ends = p.lower, p.upper, *(level * factor for level in on for factor in (0.999, 1.001))
        possible = {_mark(end, levels) for end in ends}
        if mark in possible:
            continue
        too_many = levels.get(mark, 1.0) < p.lower
        shown = " or ".join(sorted(item or "none" for item in possible))
        yield found(
            "stars", place(row), grade="" if too_many else "shown slight", estimate=estimate,
            error=error, ratio=ratio, p=p, shown=shown, mark=mark or "none", given=mark or "no star",
        )  # fmt: skip


def _mark(p: float, levels: Mapping[str, float]) -> str:
    return min((level, mark) for mark, level in [*levels.items(), ("", np.inf)] if p < level)[1]


@checked
def statistics_against_p(table: pd.DataFrame, statistic: str = "z") -> Iterator[Finding]:
    """Check normal statistics against their two-sided P values.

    Parameters
    ----------
    table : DataFrame
        With the columns `statistic` and ``p`` as printed.
    statistic : str

    Returns
    -------
    list of Finding
        One for each row where no unrounded pair fits; the sentence says if a one-sided P would.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2003, 2004], "z": ["2.827", "1.645"],
    ...                       "p": ["0.005", "0.050"]})
    >>> [finding.place for finding in statistics_against_p(table)]
    ['2004']
    """
    for row, value, level in filled(table, "statistics against P", statistic, "p"):
        implied = two_sided(value.interval)
        if implied.overlaps(level.positive):
            continue
        one_sided = (implied * 0.5).overlaps(level.positive)
        yield found(
            "statistic", place(row), grade="shown slight" if one_sided else "",
            ends=["one_sided" if one_sided else "neither"], statistic=statistic, value=value,
            level=level, implied=implied, size=abs(value.value),
        )  # fmt: skip


LEVEL = 0.05
"""Level at which groups are said to differ."""

FEWEST_DF = 10
"""Fewest degrees of freedom of t that the checks on estimates reckon with; more lead to normal."""


@checked
def ratios(table: pd.DataFrame) -> Iterator[Finding]:
    """Estimate over standard error against the z or t and the P value in the same row.

    Parameters
    ----------
    table : DataFrame
        Columns ``estimate``, ``std_error``, ``statistic`` and ``p`` as printed.

    Returns
    -------
    list of Finding
        One for each number that no unrounded estimate and standard error give. A statistic
        may be printed without its sign; a P value may come from the normal distribution or from t
        with ten or more degrees of freedom.

    Examples
    --------
    >>> row = {"term": ["x"], "estimate": ["0.30"], "std_error": ["0.20"],
    ...        "statistic": ["2.50"], "p": [""]}
    >>> ratios(pd.DataFrame(row))[0].recomputed
    '1.439 to 1.564'
    """
    more = ["statistic", "p"]
    for row, estimate, error in filled(table, "ratios", "estimate", "std_error", also=more):
        z, p = (cell(row, name) for name in more)
        if error.positive.lower <= 0:
            continue
        ratio = estimate.interval / error.positive
        bounds = Interval(two_sided(ratio).lower, two_sided(ratio, FEWEST_DF).upper)
        wrong = {}
        readings = (ratio, abs(ratio)) if z and z.value >= 0 else (ratio,)
        if z and not any(map(z.interval.overlaps, readings)):
            wrong[f"statistic {z}"] = f"{ratio:.3f}"
        if p and not bounds.overlaps(p.positive):
            wrong[f"P {p}"] = f"{bounds:.4f}"
        for said, implied in wrong.items():
            yield found(
                "ratio", place(row, "horizon", "effect"), estimate=estimate, error=error,
                ratio=ratio, said=said, implied=implied,
            )  # fmt: skip


@checked
def confidence_intervals(table: pd.DataFrame) -> Iterator[Finding]:
    """Ends of confidence intervals against the estimate and its standard error.

    Parameters
    ----------
    table : DataFrame
        Columns ``estimate``, ``std_error``, ``ci_low`` and ``ci_high`` as printed.

    Returns
    -------
    list of Finding
        One if an estimate lies outside its interval; a slight one if it is not in the middle (an
        interval of quantiles need not be symmetric); one if the width is not that of a 90, 95
        or 99 % interval with the printed standard error, whether from the normal distribution or
        from t with ten or more degrees of freedom.

    Examples
    --------
    >>> row = {"term": ["x"], "estimate": ["0.30"], "std_error": ["0.10"], "ci_low": ["0.10"],
    ...        "ci_high": ["0.50"]}
    >>> confidence_intervals(pd.DataFrame(row))
    []
    """
    law, check = stats.t([np.inf, FEWEST_DF]), "confidence intervals"
    allowed = {f"{x:.0f} %": Interval(*law.ppf(0.5 + x / 200).tolist()) for x in (90, 95, 99)}
    rows = filled(table, check, "estimate", "ci_low", "ci_high", also=["std_error"])
    for row, estimate, low, high in rows:
        error, where = cell(row, "std_error"), place(row, "horizon", "effect")
        shown: dict[str, Any] = {"estimate": estimate, "low": low, "high": high, "error": error}
        middle = (low.interval + high.interval) * 0.5
        inside = low.interval.lower <= estimate.value <= high.interval.upper
        if not inside or not middle.overlaps(estimate.interval):
            said = "is not the middle of" if inside else "lies outside"
            grade = "shown slight" if inside else ""
            yield found("middle", where, grade=grade, said=said, middle=middle, **shown)
        elif error and error.positive.lower > 0:
            width = (high.interval - low.interval) / (error.positive * 2.0)
            levels = ", ".join(f"{name} {one:.3f}" for name, one in allowed.items())
            if not any(map(width.overlaps, allowed.values())):
                yield found("width", where, width=width, levels=levels, **shown)


def implied_degrees_of_freedom(statistic: Printed, p: Printed) -> tuple[int, ...]:
    """Whole degrees of freedom, up to 500, at which a chi-squared statistic has the printed P.

    Examples
    --------
    >>> implied_degrees_of_freedom(Printed("11.07", 11.07, 0.01), Printed("0.050", 0.05, 0.001))
    (5,)
    """
    df = np.arange(1, 501)
    upper = stats.chi2.sf(max(statistic.interval.lower, 0.0), df)
    lower = stats.chi2.sf(statistic.interval.upper, df)
    return tuple(df[(lower <= p.interval.upper) & (upper >= p.interval.lower)].tolist())


@checked
def degrees_of_freedom(
    table: pd.DataFrame, expected: Mapping[str, int], label: str = "test"
) -> Iterator[Finding]:
    """Chi-squared statistics and their P values against the degrees of freedom they should have.

    Parameters
    ----------
    table : DataFrame
        Columns `label`, ``statistic``, ``p``; rows without a statistic are reported as such.
    expected : mapping of str to int
        Degrees of freedom by the row's label.
    label : str
        Column that names the test.

    Returns
    -------
    list of Finding
    """
    require(table, [label, "statistic", "p"], "degrees of freedom")
    bare = []
    for _, row in table.iterrows():
        name, statistic, p = str(row[label]), cell(row, "statistic"), cell(row, "p")
        if statistic is None and p is not None:
            bare.append(f"{name} (P {p})")
        if statistic is None or p is None or name not in expected:
            continue
        fits, df = implied_degrees_of_freedom(statistic, p), expected[name]
        if df in fits:
            continue
        values = {"p_implied": stats.chi2.sf(statistic.value, df), "df_expected": df}
        values |= {"df": fits[0], "fits": len(fits)} if fits else {}
        span = " to ".join(map(str, sorted({*fits[:1], *fits[-1:]})))
        yield found(
            "degrees of freedom", place(row, label), ends=["fits" if fits else "none"], name=name,
            statistic=statistic, p=p, values=values,
            needed=f"{span} degrees of freedom" if fits else "no number up to 500",
        )  # fmt: skip
    if bare:
        yield found("bare", place(table.iloc[0]).split(", ")[0], tests=", ".join(bare), n=len(bare))


def group_difference(
    table: pd.DataFrame, first: str, second: str, term: str, claimed: bool = False
) -> Finding:
    """Difference of one coefficient between two separately estimated groups, tested at 5 %.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error`` as printed.
    first, second : str
        The two values of ``model``.
    term : str
        The coefficient.
    claimed : bool
        Whether the text says that the groups differ.

    Returns
    -------
    Finding
        Of main consequence if a difference is claimed that the test does not support, else shown
        for information.

    Raises
    ------
    AuditTableError
        If a group or term is not in the table.

    Notes
    -----
    z = (b1 - b2) / sqrt(se1^2 + se2^2) for estimates from disjoint cities; a dependence between
    the groups through space is ignored. Comparing stars is not a test: one estimate can pass a
    level and the other miss it while the two hardly differ (Gelman and Stern 2006).
    """
    a, b = pick(table, first, term), pick(table, second, term)
    p = two_sided(over(*difference(a, b)))
    weak = p.lower > LEVEL
    gap = abs(a.estimate.value - b.estimate.value)
    error = float(np.hypot(a.error.value, b.error.value))
    verdict = "cannot be told apart" if weak else "differ" if p.upper < LEVEL else "may differ"
    return found(
        "group difference", f"{a.where} against {second}", weak and claimed, a=a, b=b, z=gap / error,
        interval=p, term=term, first=first, second=second, verdict=verdict,
        values={"difference": gap, "std_error": error, "p": p.middle},
    )  # fmt: skip


def joint_test(table: pd.DataFrame, model: str, terms: Sequence[str], p: Printed) -> Finding:
    """Printed P value of a joint test against the z values of what it tests.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate``, ``std_error`` as printed.
    model : str
    terms : sequence of str
        The coefficients that are zero under the hypothesis.
    p : Printed
        Of the Wald test.

    Returns
    -------
    Finding
        Against the print if P is larger than the largest single z allows: a joint Wald statistic
        is at least the square of each z. Otherwise for information, with the P value that
        uncorrelated estimates would give.
    """
    picked = [pick(table, model, term) for term in terms]
    z = [abs(got.estimate.interval) / got.error.positive for got in picked]
    most = float(stats.chi2.sf(max(one.lower for one in z) ** 2, len(z)))
    middle = np.array([one.middle for one in z])
    guide = float(stats.chi2.sf(float(middle @ middle), len(z)))
    off = p.interval.lower > most
    listing = ", ".join(f"{term} {x:.2f}" for term, x in zip(terms, middle, strict=True))
    return found(
        "joint test", f"{model}, {len(z)} terms", off, ends=["off" if off else "fits"], p=p, n=len(z),
        largest=middle.max() ** 2, squares=middle @ middle, listing=listing,
        values={"most": most, "uncorrelated": guide, "printed": p.value},
    )  # fmt: skip
