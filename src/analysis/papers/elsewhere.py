"""What other software estimated on the public panels, in the shape of a fit.

``data/reference/estimates.csv`` holds one number a row under the package's names of terms and
estimators; ``data/reference/tidy.py`` made it from what each software wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.book import ledger
from analysis.errors import StudyError
from analysis.resources import data_path

FILE = "data/reference/estimates.csv"
MORAN_FILE = "data/reference/moran.csv"

SECOND = "second implementation of ours"
"""Not third-party software; it forms W y from the demeaned outcome in direct dynamic models."""
SPREG = "spreg 1.9.1"
SPLM = "splm 1.6.5"
"""R; its option for the correction of Lee and Yu is the estimator ``LeeYu`` here."""
XSMLE = "xsmle 1.4.5"
"""Stata; maximand W(Q y), derivatives of Q(W y): with year effects it stops between the two."""
SDPDMOD = "SDPDmod 0.0.6, clipping removed"
"""R, once its clipping of the information is removed; rho searched on binned log-determinants."""
ELHORST = "Elhorst's routines in Octave"
PLM = "plm 2.6.2"
ROODMAN = "Roodman (2009), printed"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Estimates of other software on a public panel.

    Attributes
    ----------
    software : str
        Name and version.
    params, std_errors : Series
        By term; standard errors are missing where the software prints none.
    loglik : float
        Missing where not printed.
    effects : mapping of str to DataFrame
        "short", "long" (static models: "short" alone), indexed by (effect, term), columns
        ``estimate`` (the mean of draws where the software prints no other), ``std_error`` and
        ``mean_of_draws`` (missing where the software has none).
    """

    software: str
    params: pd.Series
    std_errors: pd.Series
    loglik: float = np.nan
    effects: Mapping[str, pd.DataFrame] = field(default_factory=dict)


_read = cache(pd.read_csv)


def _chosen(**asked: object) -> pd.DataFrame:
    rows = _read(data_path("reference", "estimates.csv"))
    for column, value in asked.items():
        found = rows[rows[column] == value]
        if found.empty:
            there = ", ".join(map(str, rows[column].dropna().unique()))
            raise StudyError(f"nothing is recorded of {column} {value!r}; there are {there}")
        rows = found
    return rows


def estimates(
    software: str,
    data: str,
    model: str = "sdm",
    effects: str | None = "two-way",
    estimator: str | None = "direct",
    dynamic: bool = False,
) -> Recorded:
    """Estimates of one software on one public panel.

    Parameters
    ----------
    software : str
        One of the names of this module.
    data : {"cigar", "produc", "grunfeld", "empluk"}
    model : str
        "sar", "sdm", "sem", "sdem"; of firms "pooled", "fixed", "random", "two-way" (investment)
        and "difference", "system", "system, collapsed" (employment).
    effects, estimator : str or None
        As in :class:`analysis.spatial.Specification`; None where firms have none.
    dynamic : bool
        Whether the outcome's lag and its spatial lag enter.

    Raises
    ------
    StudyError
        If that was not recorded; the message lists what was.

    Examples
    --------
    >>> estimates(SDPDMOD, "cigar", estimator="transformation", dynamic=True).params["rho"].round(3)
    np.float64(0.076)
    """
    asked: dict[str, object] = {"software": software, "data": data, "model": model}
    asked |= {} if effects is None else {"dynamic": float(dynamic), "effects": effects}
    asked |= {} if estimator is None else {"estimator": estimator}
    rows = _chosen(**asked)
    slopes = rows[rows["quantity"] == "coefficient"].set_index("term")
    loglik = rows.loc[rows["quantity"] == "loglik", "estimate"]
    split = rows["quantity"].str.split(" ", expand=True).reindex(columns=[0, 1])
    value = rows["estimate"].fillna(rows["mean_of_draws"])
    tables = rows.assign(horizon=split[0], effect=split[1], estimate=value).dropna(subset="effect")
    columns = ["estimate", "std_error", "mean_of_draws"]
    return Recorded(
        software,
        slopes["estimate"],
        slopes["std_error"],
        float(loglik.iloc[0]) if len(loglik) else np.nan,
        {
            str(horizon): table.set_index(["effect", "term"])[columns]
            for horizon, table in tables.groupby("horizon")
        },
    )


def tests(data: str, **asked: object) -> pd.DataFrame:
    """Tests of other software on a public panel: of a spatial one, those of the static two-way model.

    Wald tests are those of the uncorrected direct likelihood; Elhorst's Hausman test compares
    bias-corrected fixed effects with random effects.

    Parameters
    ----------
    data : {"cigar", "produc", "grunfeld", "empluk"}
    **asked
        Further columns of the file and what they must be: ``software``, ``model``.

    Returns
    -------
    DataFrame
        By test, a column of statistics for each software, missing where it gives none.

    Examples
    --------
    >>> tests("cigar").loc["LM lag", SPLM].round(4)
    np.float64(46.9005)
    """
    rows = _chosen(data=data, quantity="test", **asked)
    table = rows.pivot(index="term", columns="software", values="estimate")
    return table.reindex(rows["term"].unique()).rename_axis(index="test", columns=None)


def printed(software: str, data: str, model: str) -> pd.Series:
    """Lagged employment, its standard error, tests and counts of an equation as printed.

    Examples
    --------
    >>> printed(ROODMAN, "empluk", "difference")["Hansen"]
    np.float64(31.38)
    """
    recorded = estimates(software, data, model, None, None)
    lagged = {"L.n": recorded.params["L.n"], "standard error": recorded.std_errors["L.n"]}
    return pd.concat([pd.Series(lagged), tests(data, software=software, model=model)[software]])


def digits(pairs: Mapping[Any, Sequence[Any]]) -> pd.DataFrame:
    """Fewest digits in which estimates agree with recorded ones, by kind of number.

    Parameters
    ----------
    pairs : mapping
        Name to a fit and a :class:`Recorded`.

    Returns
    -------
    DataFrame
        A row a pair, columns as :func:`analysis.book.ledger.agreement`.
    """
    return pd.DataFrame({name: ledger.agreement(*pair) for name, pair in pairs.items()}).T


def beside(ours: pd.Series, theirs: pd.Series, there: str = "there") -> pd.DataFrame:
    """Set numbers beside recorded ones of the same names: ``here``, `there`, ``digits``.

    Examples
    --------
    >>> beside(pd.Series({"I": 0.5}), pd.Series({"I": 0.5005})).round(2)
       here  there  digits
    I   0.5    0.5     3.0
    """
    table = pd.DataFrame({"here": ours, there: theirs.reindex(ours.index)})
    return table.assign(digits=ledger.agreeing_digits(table["here"], table[there]))


def moran(data: str, by: str) -> pd.DataFrame:
    """Moran's I from R's spdep 1.2.7: of log cigarette sales by year, of Columbus by variable.

    Parameters
    ----------
    data : {"cigar", "columbus"}
    by : {"year", "variable"}

    Returns
    -------
    DataFrame
        Columns as in :func:`analysis.spatial.moran.global_moran`; p values are two-sided.

    Examples
    --------
    >>> moran("cigar", by="year").loc[1963, "I"].round(4)
    np.float64(0.2624)
    """
    table = _read(data_path("reference", "moran.csv"))
    return table[table["data"] == data].astype({by: int} if by == "year" else {}).set_index(by)


def elhorst_printed() -> pd.DataFrame:
    """Two likelihood ratio statistics of the cigarettes as Elhorst (2014) prints them.

    Returns
    -------
    DataFrame
        By test: ``printed`` as text, so that its rounding is kept, and ``df_printed``.

    Examples
    --------
    >>> elhorst_printed().loc["time effects", "printed"]
    '473.1'
    """
    path = data_path("reference", "spatial", "elhorst2014_printed.csv")
    return pd.read_csv(path, index_col="test", dtype={"printed": str})
