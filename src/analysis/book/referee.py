"""What an audit leaves on a page and in the ledger: findings as a table, checks as claims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis import audit, spatial
from analysis.audit import Finding
from analysis.book import ledger, published, tables
from analysis.book.ledger import Claim, Kind
from analysis.book.tables import Table
from analysis.panel import Panel
from analysis.rounding import Interval, Printed, printed
from analysis.weights import Weights

GRADE_CHIPS = {"grave": "bad", "moderate": "warn", "slight": "plain", "none": "good"}
MARKS = {"***": "significant at 1 %", "**": "significant at 5 %", "*": "significant at 10 %"}


def findings_table(
    findings: Iterable[Finding],
    label: str,
    caption: str,
    computation: bool = False,
    **options: Any,
) -> Table:
    """Findings as a numbered table, grave ones first.

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
    said = frame["sentence"].map(_wrapped)
    if computation:
        arithmetic = frame["computation"].map(lambda text: f"<br>{_wrapped(text, 'arithmetic')}")
        said += arithmetic.where(frame["computation"] != "", "")
    shown = pd.DataFrame(
        {
            "where": frame["place"].map(_wrapped),
            "printed": frame["printed"].map(_wrapped),
            "implied": frame["recomputed"].map(_wrapped),
            "what is shown": said,
        }
    )
    shown.index = pd.Index([f"[{g}]{{.chip .chip-{GRADE_CHIPS[g]}}}" for g in frame["grade"]])
    return replace(
        tables.show(shown, label, caption, stub="grade", **options), csv=frame.set_index("grade")
    )


def _wrapped(text: str, style: str = "words") -> str:
    return f"[{_safe(text)}]{{.{style}}}" if text else ""


def _safe(text: str) -> str:
    """Text that MyST shows as it stands."""
    text = text.replace("[", "(").replace("]", ")").replace(" -", " −")
    for character in ("*", "^", "_", "<", ">", "~"):
        text = text.replace(character, "\\" + character)
    return text


def star_claims(table: str) -> list[Claim]:
    """Whether each estimate of a table of paper A has the stars that its standard error supports."""
    name = f"paper_a_table{table}"
    estimates = published.estimates(name)
    wrong = {finding.place for finding in audit.stars(estimates)}
    claims = []
    for _, row in estimates[estimates["std_error"] != ""].iterrows():
        place = f"Table {row['table']}, {row['model']}, {row['term']}"
        says = MARKS.get(row["stars"], "not significant at 10 %")
        claims.append(
            Claim(
                "A", table, row["term"], row["model"], Kind.IMPLIED, says=says,
                holds=place not in wrong,
                note=f"stars against {row['estimate']} ({row['std_error']})",
            )
        )  # fmt: skip
    return claims


def p_claims(table: str, statistic: str, p: str, row_label: str) -> list[Claim]:
    """Each printed P of a table of paper A beside the two-sided one that its statistic has."""
    claims = []
    for _, row in published.load(f"paper_a_table{table}").iterrows():
        z = printed(row[statistic])
        if z is None:
            continue
        bounds = audit.two_sided(z.interval)
        claims.append(
            ledger.printed_claim(
                "A", table, row[row_label], p, kind=Kind.IMPLIED, derived=bounds.middle,
                inputs_rounding=(bounds.upper - bounds.lower) / 2,
            )
        )  # fmt: skip
    return claims


def spread_claims(table: str, row_label: str) -> list[Claim]:
    """Whether each standard deviation of a table of paper A is possible."""
    frame = published.load(f"paper_a_table{table}").rename(columns={row_label: "term"})
    wrong = {finding.place: finding for finding in audit.spread(frame)}
    claims = []
    for _, row in frame.iterrows():
        found = wrong.get(f"Table {row['table']}, {row['term']}")
        claims.append(
            Claim(
                "A", table, row["term"], "std_dev", Kind.IMPLIED,
                says=f"standard deviation {row['std_dev']} within its bounds",
                holds=found is None, note=found.sentence if found else "",
            )
        )  # fmt: skip
    return claims


def effect_claims(
    rows: pd.DataFrame, rho: float, table: str, columns: tuple[str, str], draws: int = audit.DRAWS
) -> list[Claim]:
    """Printed short-run effects beside the range that coefficients and rho allow on any W.

    Parameters
    ----------
    rows : DataFrame
        From :func:`analysis.audit.effect_rows`.
    rho : float
        The printed spatial parameter.
    table : str
        Table of paper A that prints the effects.
    columns : (str, str)
        Its columns of direct and of indirect effects.
    draws : int
        Four standard errors of the mean of so many draws are allowed for.

    Notes
    -----
    The mean diagonal g of ``(I - rho W)^{-1}`` has a known range over all row-standardised W; the
    direct effect ``beta + (g - 1)(beta + theta / rho)`` is monotone in it.
    """
    g = audit.diagonal_range(rho)
    claims = []
    for term, row in rows.iterrows():
        ends = [row.beta + (end - 1) * (row.beta + row.theta / rho) for end in (g.lower, g.upper)]
        direct = Interval(min(ends), max(ends))
        total = row.own / (1 - rho)
        for kind, column, value in (
            ("direct", columns[0], direct),
            ("indirect", columns[1], Interval(total - direct.upper, total - direct.lower)),
        ):
            rounding = row.beta_half + row.theta_half / (1 - rho)
            noise = 4 * row[f"{kind}_se"] / math.sqrt(draws)
            claims.append(
                ledger.printed_claim(
                    "A", table, str(term), column, kind=Kind.IMPLIED, derived=value.middle,
                    inputs_rounding=(value.upper - value.lower) / 2 + rounding + noise,
                    note="range over every row-standardised W, with simulation noise",
                )
            )  # fmt: skip
    return claims


def simulated_panel(
    weights: Weights, tau: float, rho: float, eta: float, years: int, rng: np.random.Generator
) -> Panel:
    """Draw a dynamic spatial panel with one regressor, after thirty years of start.

    ``y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + x_t / 2 + e_t``, x and e standard normal.
    """
    w, n, start = weights.dense(), weights.n, 30
    inverse = np.linalg.inv(np.eye(n) - rho * w)
    y, frames = np.zeros(n), []
    for year in range(start + years):
        x = rng.normal(size=n)
        y = inverse @ (tau * y + eta * w @ y + x / 2 + rng.normal(size=n))
        frames.append(pd.DataFrame({"city": weights.units, "year": year, "y": y, "x": x}))
    return Panel.from_frame(pd.concat(frames[start:]), source="simulated panel")


def estimator_bias(
    weights: Weights, tau: float, rho: float, eta: float, years: int, replications: int, seed: int
) -> pd.DataFrame:
    """Estimates of rho on simulated panels of a given truth, uncorrected and corrected.

    Parameters
    ----------
    weights : Weights
    tau, rho, eta : float
        The truth.
    years, replications, seed : int

    Returns
    -------
    DataFrame
        One row an estimator: truth, median, 5 % and 95 % quantile, share of negative estimates.
    """
    forms = {
        "uncorrected": spatial.Specification(
            "y", ["x"], time_lag=True, space_time_lag=True, estimator="direct"
        ),
        "corrected": spatial.Specification("y", ["x"], time_lag=True, space_time_lag=True),
    }
    values: dict[str, list[float]] = {name: [] for name in forms}
    for stream in np.random.default_rng(seed).spawn(replications):
        panel = simulated_panel(weights, tau, rho, eta, years, stream)
        for name, form in forms.items():
            values[name].append(float(spatial.fit(panel, form, weights).params["rho"]))
    return pd.DataFrame(
        {
            name: {
                "true ρ": rho,
                "median": np.median(found),
                "5 %": np.quantile(found, 0.05),
                "95 %": np.quantile(found, 0.95),
                "share negative": np.mean(np.array(found) < 0),
            }
            for name, found in values.items()
        }
    ).T


def first_number(rows: pd.Series, row: str) -> Printed | None:
    """Read the number that a row of the running text prints first."""
    return printed(rows[row].split(" ")[0].rstrip("%"), row)


def claim_from_checks(
    paper: str, checks: Mapping[str, Finding], row: str, *names: str
) -> ledger.Claim:
    """Return the claim of a sentence from the findings on it; it holds where none speaks against it."""
    found = [checks[name] for name in names or (row,)]
    against = " ".join(f.sentence for f in found if f.grade != "none")
    return ledger.claim_in_words(paper, row, not against, note=against)
