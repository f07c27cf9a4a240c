"""What an audit leaves on a page and in the ledger: findings as a table, checks as claims."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from analysis import audit
from analysis.audit import Finding, Statement
from analysis.audit.effects import Dynamics
from analysis.audit.statements import Says
from analysis.book import figures, ledger, published, tables
from analysis.book.ledger import Claim, Kind
from analysis.book.tables import Table
from analysis.book.text import literal
from analysis.errors import DomainError, RawDataError
from analysis.inference.implied_rho import implied_rho
from analysis.resources import data_path
from analysis.rounding import Interval, Printed, printed
from analysis.weights import Weights

MARKS = {"***": "significant at 1 %", "**": "significant at 5 %", "*": "significant at 10 %"}


def findings_table(
    findings: Iterable[Finding],
    label: str,
    caption: str,
    computation: bool = False,
    **options: Any,
) -> Table:
    """Findings as a numbered table, those of most consequence first.

    Parameters
    ----------
    findings : iterable of Finding
    label, caption : str
        As for :func:`analysis.book.tables.show`.
    computation : bool
        Whether the arithmetic stands below each sentence; the CSV always has it.
    **options
        Passed on to :func:`analysis.book.tables.show`.

    Raises
    ------
    SpecificationError
        If the label is malformed.
    """
    frame = audit.findings_frame(findings)
    parts = frame[["place", "printed", "recomputed", "sentence"]].map(_wrapped)
    shown = parts.set_axis(["where", "printed", "implied", "what is shown"], axis=1)
    if computation:
        arithmetic = frame["computation"].map(lambda text: f"<br>{_wrapped(text, 'arithmetic')}")
        shown["what is shown"] += arithmetic.where(frame["computation"] != "", "")
    shown.index = pd.Index(
        [
            f"[{consequence}]{{.chip .chip-{tables.CHIPS[consequence]}}}<br>{certainty}"
            if certainty != "none" else "[fits]{.chip .chip-good}"
            for consequence, certainty in zip(frame["consequence"], frame["certainty"], strict=True)
        ]
    )  # fmt: skip
    table = tables.show(shown, label, caption, stub="weighs", **options)
    return replace(table, csv=frame.set_index("consequence"))


SYMBOLS = {"rho": "ρ", "tau": "τ", "eta": "η", "beta": "β", "theta": "θ", "chi2": "χ²"}


def _wrapped(text: str, style: str = "words") -> str:
    text = re.sub(rf"\b({'|'.join(SYMBOLS)})\b", lambda name: SYMBOLS[name[0]], text)
    text = re.sub(r"(?<![\w)])-(?=[\d(])", "−", text)  # a sign, and not a span or a difference
    return f"[{literal(text)}]{{.{style}}}" if text else ""


def _name(paper: str, table: str) -> str:
    return f"paper_{paper.lower()}_table{table}"


def star_claims(paper: str, table: str, but: Collection[tuple[str, str]] = ()) -> list[Claim]:
    """Whether each estimate of a table has the stars that its standard error supports.

    Parameters
    ----------
    paper, table : str
    but : collection of (str, str)
        Model and term of cells that are judged elsewhere.
    """
    estimates = published.estimates(_name(paper, table))
    wrong = {finding.place for finding in audit.stars(estimates)}
    return [
        Claim(
            paper, table, row["term"], row["model"], Kind.IMPLIED,
            says=MARKS.get(row["stars"], "not significant at 10 %"),
            holds=f"Table {row['table']}, {row['model']}, {row['term']}" not in wrong,
            note=f"stars against {row['estimate']} ({row['std_error']})",
        )
        for _, row in estimates[estimates["std_error"] != ""].iterrows()
        if (row["model"], row["term"]) not in but
    ]  # fmt: skip


def p_claims(
    paper: str, table: str, statistic: str, p: str, row_label: str,
    df: Mapping[str, int] | None = None,
) -> list[Claim]:  # fmt: skip
    """Each printed P of a table beside the one that its statistic has within rounding.

    Parameters
    ----------
    paper, table : str
    statistic, p, row_label : str
        Columns of the transcription.
    df : mapping, optional
        Degrees of freedom by row of chi-squared statistics; without, P is a normal's, two-sided.
    """
    found = published.load(_name(paper, table)).set_index(row_label)[statistic].map(printed)
    claims = []
    for row, z in found.dropna().items():
        implied, note = audit.two_sided(z.interval), ""
        if df is not None:
            if row not in df:
                continue
            ends = stats.chi2.sf([z.interval.upper, z.interval.lower], df[row])
            implied, note = Interval(*map(float, ends)), f"{df[row]} degrees of freedom"
        claims.append(
            ledger.printed_claim(
                paper, table, str(row), p, kind=Kind.IMPLIED, derived=implied.middle,
                inputs_rounding=(implied.upper - implied.lower) / 2, note=note,
            )
        )  # fmt: skip
    return claims


def spread_claims(paper: str, table: str, row_label: str) -> list[Claim]:
    """Whether each standard deviation of a table is possible."""
    frame = published.load(_name(paper, table)).rename(columns={row_label: "term"})
    wrong = {finding.place: finding.sentence for finding in audit.spread(frame)}
    told = [wrong.get(f"Table {row.table}, {row.term}", "") for row in frame.itertuples()]
    return [
        Claim(
            paper, table, row.term, "std_dev", Kind.IMPLIED,
            says=f"standard deviation {row.std_dev} within its bounds", holds=not said, note=said,
            conflict=f"standard deviation of {row.term}" if said else "",
        )
        for row, said in zip(frame.itertuples(), told, strict=True)
    ]  # fmt: skip


def number_claims(paper: str, implied: Mapping[str, Interval]) -> list[Claim]:
    """Numbers of the text beside what the tables give them within rounding, by quantity."""
    return [
        ledger.claim_in_number(paper, name, value.middle, (value.upper - value.lower) / 2)
        for name, value in implied.items()
    ]


def effect_claims(
    paper: str, table: str, rows: pd.DataFrame, parameters: Dynamics, horizon: str,
    matrices: Iterable[Weights], column: str, cause: str,
    draws: int = audit.DRAWS,
) -> list[Claim]:  # fmt: skip
    """Printed effects beside what coefficients and parameters give, over candidate matrices.

    Parameters
    ----------
    paper, table : str
        Where the effects are printed.
    rows : DataFrame
        From :func:`analysis.audit.effect_rows`.
    parameters : Dynamics
        As printed.
    horizon : {"short", "long"}
        In the long run matrices on which the dynamics explode around the common trend are left out.
    matrices : iterable of Weights
        Candidates, row-standardised.
    column : str
        Printed column, with braces where "direct" or "indirect" stands.
    cause : str
        What a printed effect out of reach is laid to.
    draws : int
        Four standard errors of the mean of so many draws are allowed for.
    """
    tau, rho, eta = (parameters.value(name) for name in ("tau", "rho", "eta"))
    roots = [np.linalg.eigvals(w.dense()).astype(complex) for w in matrices]
    if horizon == "long":
        around = (np.delete(root, np.argmax(root.real)) for root in roots)
        stable = [audit.largest_modulus(tau, rho, eta, rest) < 1 for rest in around]
        roots = list(compress(roots, stable))
    error = parameters.error("rho")
    kinds = ["direct", "indirect"]
    now, above, below = (
        np.array([
            audit.expected_effects(rows, tau, value, eta, root, horizon).loc[rows.index, kinds]
            for root in roots
        ])
        for value in (rho, rho + error, rho - error)
    )  # fmt: skip
    # the mean of draws lies off the value at the estimate by the curvature in rho
    slack = np.ptp(now, axis=0) / 2 + np.abs((above + below) / 2 - now).max(axis=0)
    scale = abs(1 - rho if horizon == "short" else 1 - tau)
    slack += (rows[["beta_half"]].to_numpy() + rows[["theta_half"]].to_numpy()) / scale
    slack += 4 * rows[["direct_se", "indirect_se"]].to_numpy() / math.sqrt(draws)
    middle = (now.max(axis=0) + now.min(axis=0)) / 2
    off = np.abs(middle - rows[kinds]) > slack + rows[["direct_half", "indirect_half"]].to_numpy()
    return [
        ledger.printed_claim(
            paper, table, str(term), column.format(kind), kind=Kind.IMPLIED,
            derived=float(middle[i, j]), inputs_rounding=float(slack[i, j]),
            conflict=cause if off.iloc[i, j] else "",
            note=f"over {len(roots)} matrices, with the noise of {draws} draws",
        )
        for i, term in enumerate(rows.index) for j, kind in enumerate(kinds)
    ]  # fmt: skip


def total_effect(row: pd.Series, rho: float, weights: Weights) -> float:
    """Mean total effect of coefficients beta and theta on a W that need not be row-standardised."""
    w = weights.dense()
    own = np.linalg.solve(np.eye(len(w)) - rho * w, row.beta * np.eye(len(w)) + row.theta * w)
    return float(own.sum(axis=1).mean())


def against_matrices(
    rows: pd.DataFrame, parameters: Dynamics, implied: float, moran: pd.DataFrame,
    matrices: Mapping[str, Weights], draws: int = audit.DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """What printed short-run effects and a printed table of Moran's I say about candidate matrices.

    Parameters
    ----------
    rows : DataFrame
        From :func:`analysis.audit.effect_rows`.
    parameters : Dynamics
        As printed.
    implied : float
        The rho that the effects imply.
    moran : DataFrame
        Columns ``morans_i`` and ``z`` as printed.
    matrices : mapping of str to Weights
        Row-standardised.
    draws : int

    Returns
    -------
    DataFrame
        One row a matrix: squared distance of the effects at the printed and at the implied rho, P
        value of the latter, largest modulus of the dynamics under both, the truth for which an
        uncorrected estimate of the implied size stands, and the rows of Moran's I that the matrix
        can have made.
    """
    tau, rho, eta = (parameters.value(name) for name in ("tau", "rho", "eta"))
    fits = audit.moran_against_weights(moran, {name: w.dense() for name, w in matrices.items()})
    lines = {}
    for name, w in matrices.items():
        roots = np.linalg.eigvals(w.dense()).astype(complex)
        printed_off, off = (
            audit.misfit(rows, audit.expected_effects(rows, tau, r, eta, roots, "short"), draws)
            for r in (rho, implied)
        )
        try:
            behind = implied_rho(w, implied).truth
        except DomainError:
            behind = math.nan
        lines[name] = {
            "χ² at print": printed_off,
            "χ² at implied ρ": off,
            "P": stats.chi2.sf(off, 2 * len(rows)),
            "modulus at print": audit.largest_modulus(tau, rho, eta, roots),
            "modulus at implied ρ": audit.largest_modulus(tau, implied, eta, roots),
            "truth behind": behind,
            "rows of Moran's I": fits.loc[name, "rows_randomisation"],
        }
    return pd.DataFrame(lines).T


def statements(paper: str) -> dict[str, list[tuple[str, Statement]]]:
    """Sentences of a paper as relations between printed cells, by transcribed quantity.

    Read from ``data/published/statements_a.csv`` and so on: quantity, table, cells ("model|term"
    parted by semicolons), says, level, than.

    Returns
    -------
    dict
        Quantity to pairs of table and statement.

    Raises
    ------
    RawDataError
        If a statement says what :class:`analysis.audit.Statement` does not know.
    """
    path = data_path("published", f"statements_{paper.lower()}.csv")
    said = published.rows(paper, "text").set_index("row")[["place", "words"]]
    found: dict[str, list[tuple[str, Statement]]] = {}
    rows = pd.read_csv(path, dtype=str, keep_default_na=False).join(said, on="quantity").fillna("")
    rows["again"] = rows.duplicated("quantity", keep=False)
    for row in rows.itertuples(index=False):
        if row.says not in get_args(Says):
            choices = ", ".join(get_args(Says))
            raise RawDataError(f"{path.name}: {row.says!r} is unknown; choose {choices}")
        cells, than = (
            tuple((m, t) for m, _, t in (cell.partition("|") for cell in text.split(";")) if t)
            for text in (row.cells, row.than)
        )
        place = row.place
        if place and row.again:  # which part of the sentence this row is about
            models, terms = (list(dict.fromkeys(part)) for part in zip(*cells, strict=True))
            place = f"{place}: {', '.join([*models, *terms[: len(terms) == 1], row.says])}"
        statement = Statement(
            place or row.quantity, row.words or f"{row.quantity}: {row.says}", cells, row.says,
            float(row.level or 0.10), than,
        )  # fmt: skip
        found.setdefault(row.quantity, []).append((row.table, statement))
    return found


def check_statements(paper: str) -> dict[str, list[Finding]]:
    """Hold each of :func:`statements` against its table."""
    return {
        quantity: [
            audit.check_statements(published.estimates(_name(paper, table)), [statement])[0]
            for table, statement in entries
        ]
        for quantity, entries in statements(paper).items()
    }


def statement_claims(
    paper: str,
    checks: Mapping[str, Sequence[Finding]],
    against: Mapping[str, Finding] | None = None,
) -> list[Claim]:
    """Claims of the sentences: one holds where no finding speaks against it.

    Parameters
    ----------
    paper : str
    checks : mapping of str to sequence of Finding
        From :func:`check_statements`.
    against : mapping of str to Finding, optional
        Further findings that contradict a quantity.
    """
    further = against or {}
    transcribed = set(published.rows(paper, "text")["row"])
    claims = []
    for quantity in dict.fromkeys([*checks, *further]):
        found = [*checks.get(quantity, ()), *filter(None, [further.get(quantity)])]
        wrong = [f for f in found if f.contradicts]
        if quantity in transcribed:
            claims.append(
                ledger.claim_in_words(
                    paper, quantity, not wrong, note=" ".join(f.sentence for f in wrong),
                    conflict=further[quantity].check if quantity in further else "",
                )
            )  # fmt: skip
    return claims


def printed_numbers(rows: pd.Series, row: str) -> list[Printed]:
    """Read the numbers in a row of the running text, in their order.

    Examples
    --------
    >>> [str(n) for n in printed_numbers(pd.Series({"share": "42.4%, +14.6% over 2012"}), "share")]
    ['42.4', '14.6', '2012']
    """
    found = [printed(text, row) for text in re.findall(r"-?\d+\.?\d*", rows[row])]
    if not found:
        raise RawDataError(f"{row}: the transcription has no number")
    return [number for number in found if number is not None]


def first_number(rows: pd.Series, row: str) -> Printed:
    """Read the number that a row of the running text prints first."""
    return printed_numbers(rows, row)[0]


def totals_figure(
    axes: Axes, rows: pd.DataFrame, noise: pd.Series, slopes: Mapping[str, float]
) -> None:
    """Draw total effects over the sums of coefficients, with a line for each slope that is named."""
    own = rows["beta"] + rows["theta"]
    span = np.array([own.min(), own.max()]) * 1.05
    axes.axhline(0, color=figures.MUTED, linewidth=0.8)
    axes.errorbar(
        own, rows["total"], yerr=2 * noise, fmt="o", color=figures.INK, markersize=4, capsize=2
    )
    for colour, (name, slope) in zip(figures.COLOURS, slopes.items(), strict=False):
        axes.plot(span, slope * span, color=colour, label=name)
