"""What other software estimated on the public panels, read into the shape of a fit.

Each package names terms in its own way and stores t values or standard errors; here all have the
terms of :class:`analysis.spatial.Specification`, so that they stand beside a fit in one table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import StudyError, listed
from analysis.resources import data_path

Study = Literal["cigar", "produc"]
EffectsKind = Literal["individual", "time", "two-way"]

_OUTCOME = {"cigar": "logc", "produc": "lgsp"}
_VARIABLES = {
    "logp": "logp", "logy": "logy", "log(pcap)": "lpcap", "log(pc)": "lpc", "log(emp)": "lemp",
    "unemp": "unemp",
}  # fmt: skip
_WAYS = {"individual": "individual", "time": "time", "two-way": "twoways"}
_SECOND = {
    "direct": None,
    "direct-corrected-published": "LeeYu_bias_corrected_direct_approach",
    "transformation": "LeeYu_transformation_approach_ML",
}
_DYNAMIC = {
    "transformation": ("transform", True),
    "transformation-uncorrected": ("transform", False),
    "direct": ("direct", False),
    "direct-corrected": ("direct", True),
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """Estimates of other software on a public panel.

    Attributes
    ----------
    software : str
        Name and version.
    file : str
        Where the numbers stand, below the project's folder.
    params, std_errors : Series
        By term; standard errors are missing where the software prints none.
    loglik : float
        Missing where not printed.
    effects : mapping of str to DataFrame
        "short", "long" (static models: "short" alone), indexed by (effect, term), columns
        ``estimate`` and ``std_error``, and ``mean_of_draws`` where the software simulates.
    """

    software: str
    file: str
    params: pd.Series
    std_errors: pd.Series
    loglik: float = np.nan
    effects: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def second(
    study: Study,
    model: str = "sdm",
    effects: EffectsKind = "two-way",
    estimator: str = "transformation",
    dynamic: bool = False,
) -> Recorded:
    """Estimates of the second implementation of ours: not third-party software.

    In its direct dynamic models W y is formed from the demeaned outcome
    (``within_order="demean-first"`` here).

    Parameters
    ----------
    study : {"cigar", "produc"}
    model : {"sar", "sdm", "sem", "sdem"}
    effects : {"individual", "time", "two-way"}
    estimator : str
        As in :class:`analysis.spatial.Specification`.
    dynamic : bool
        Whether ``y_{t-1}`` and ``W y_{t-1}`` enter; with individual or two-way effects only.

    Raises
    ------
    StudyError
        If that model was not recorded.

    Examples
    --------
    >>> second("cigar", estimator="direct").params["rho"].round(6)
    np.float64(0.2292)
    """
    name = f"exact_{study}"
    numbers = _load(name)
    if dynamic:
        kind, corrected = _entry(_DYNAMIC, estimator, "estimators of dynamic models")
        if effects == "individual":
            kind = "individual"
        elif effects == "time":
            raise StudyError(f"{name}.json holds no dynamic model with time effects alone")
        entry = _entry(numbers["dynamic"], f"{model}_{kind}_tl1_stl1", name)
        loglik = entry["loglik"]
        if corrected:
            entry = entry["bias_corrected"]
        errors = entry["se_normal"]["values"]
    else:
        entry = _entry(numbers["static"], f"{model}_{_WAYS[effects]}", name)
        loglik = entry["loglik"]
        inner = _entry(_SECOND, estimator, "estimators of static models")
        if inner is not None:
            entry = _entry(entry, inner, name)
            loglik = entry.get("loglik", np.nan)
        errors = entry["se"]["values"]
    spatial = "rho" if "rho" in entry else "lambda"
    terms = [*_terms(study, entry["names"]), spatial, "sigma2"]
    tables = {
        {"static": "short"}.get(horizon, horizon): _effects(study, entry["names"], table)
        for horizon, table in entry.get("effects", {}).items()
    }
    return Recorded(
        "second implementation of ours",
        f"data/reference/spatial/{name}.json",
        pd.Series([*entry["beta"], entry[spatial], entry["sigma2"]], terms, dtype=float),
        pd.Series(errors, terms, dtype=float),
        loglik,
        tables,
    )


def spreg(model: str = "sdm", effects: Literal["individual", "two-way"] = "two-way") -> Recorded:
    """Fixed effects by spreg 1.9.1 on the cigarettes: the uncorrected direct likelihood.

    Parameters
    ----------
    model : {"sar", "sdm", "sem", "sdem"}
    effects : {"individual", "two-way"}

    Raises
    ------
    StudyError
        If that model was not recorded.

    Examples
    --------
    >>> spreg("sar").software
    'spreg 1.9.1'
    """
    kind = "Error" if model in ("sem", "sdem") else "Lag"
    way = "twoway" if effects == "two-way" else "oneway"
    numbers = _load("spreg191_cigar")
    entry = _entry(numbers, f"ML_{kind}FE_{model.upper()}_{way}", "spreg191_cigar")
    kept = [i for i, name in enumerate(entry["names"]) if not name.startswith("time_")]
    names = [entry["names"][i].replace("W_logc", "rho").replace("W_", "W.") for i in kept]
    return Recorded(
        "spreg 1.9.1",
        "data/reference/spatial/spreg191_cigar.json",
        pd.Series([*(entry["betas"][i] for i in kept), entry["sig2"]], [*names, "sigma2"]),
        pd.Series([*(entry["std_err"][i] for i in kept), np.nan], [*names, "sigma2"]),
        entry["logll"],
    )


def splm(
    study: Study,
    model: str = "sdm",
    effects: EffectsKind = "two-way",
    corrected: bool = False,
) -> Recorded:
    """Fixed effects by R's splm 1.6.5, with or without its option ``LeeYu``.

    The two-way SAR of public capital has effects; their standard errors leave out the covariance of
    rho and the slopes.

    Parameters
    ----------
    study : {"cigar", "produc"}
    model : {"sar", "sdm", "sem", "sdem"}
        On public capital only "sar" and "sem" were recorded.
    effects : {"individual", "time", "two-way"}
    corrected : bool

    Raises
    ------
    StudyError
        If that model was not recorded.

    Examples
    --------
    >>> list(splm("cigar").params.index)
    ['logp', 'logy', 'W.logp', 'W.logy', 'rho', 'sigma2']
    """
    name = f"splm_{study}"
    prefix = "produc_" if study == "produc" else ""
    suffix = "LY" if corrected else "noLY"
    entry = _entry(_load(name), f"{prefix}{model}_{_WAYS[effects]}_{suffix}", name)
    # splm calls the spatial lag lambda and the spatial error rho
    swapped = {"lambda": "rho", "rho": "lambda"}
    spatial = [term for term in entry["coeftable"] if term in swapped]
    slopes = [term for term in entry["coeftable"] if term not in swapped]
    terms = [*_terms(study, slopes), *(swapped[term] for term in spatial)]
    cells = [entry["coeftable"][term] for term in [*slopes, *spatial]]
    loglik = entry["loglik"] if model in ("sar", "sdm") and not corrected else np.nan
    tables = {}
    if (study, model, effects, corrected) == ("produc", "sar", "two-way", False):
        impacts = _load(name)["impacts_produc_sar_twoways"]
        kinds = ("direct", "indirect", "total")
        rows = {
            (kind, term): {"estimate": impacts[kind][i], "std_error": impacts["semat"][i][k]}
            for k, kind in enumerate(kinds)
            for i, term in enumerate(_terms(study, slopes)[: len(impacts["semat"])])
        }
        tables["short"] = _by_effect(rows)
    return Recorded(
        f"splm {entry['software']['version']}",
        f"data/reference/spatial/{name}.json",
        pd.Series([*(cell["est"] for cell in cells), entry["sigma2"]], [*terms, "sigma2"]),
        pd.Series([*(cell["se"] for cell in cells), np.nan], [*terms, "sigma2"]),
        loglik or np.nan,
        tables,
    )


def sdpdmod(
    study: Study,
    model: str = "sdm",
    effects: Literal["individual", "two-way"] = "two-way",
    corrected: bool = True,
) -> Recorded:
    """Dynamic models by R's SDPDmod 0.0.6 once its clipping of the information is removed.

    The transformation of Lee and Yu with the correction of order 1/T, rho searched on binned
    log-determinants; effects are means over draws.

    Parameters
    ----------
    study : {"cigar", "produc"}
    model : {"sar", "sdm"}
    effects : {"individual", "two-way"}
    corrected : bool

    Raises
    ------
    StudyError
        If that model was not recorded.

    Examples
    --------
    >>> sdpdmod("cigar").params["rho"].round(3)
    np.float64(0.076)
    """
    entry = _entry(
        _load("sdpdmod_patched"), f"{study}_{model}_{_WAYS[effects]}_tl_stl", "sdpdmod_patched"
    )
    found = entry["bias_corrected" if corrected else "ml"]
    slopes = pd.Series(list(found["coef"].values()), _terms(study, found["coef"]), dtype=float)
    t = pd.Series(found["t"], slopes.index, dtype=float)
    params = pd.concat([slopes, pd.Series({"rho": found["rho"], "sigma2": found["sigma2"]})])
    errors = pd.concat(
        [(slopes / t).abs(), pd.Series({"rho": found["rho"] / found["rho_t"], "sigma2": np.nan})]
    )
    tables = {}
    for horizon, short in (("short", "st"), ("long", "lt")):
        rows = {
            (effect, term): {"mean_of_draws": row["Estimate"], "std_error": row["Std. Error"]}
            for effect in ("direct", "indirect", "total")
            for row in entry["effects"][f"{effect.upper()}{short}.tab"]
            for term in _terms(study, [row["_row"]])
        }
        tables[horizon] = _by_effect(rows)
    return Recorded(
        "SDPDmod 0.0.6, clipping removed",
        "data/reference/spatial/sdpdmod_patched.json",
        params,
        errors,
        entry["ml"]["loglik"],
        tables if corrected else {},
    )


def elhorst(
    model: str = "sdm",
    effects: EffectsKind = "two-way",
    corrected: bool = False,
) -> Recorded:
    """Elhorst's routines, run in Octave on the cigarettes: the direct likelihood.

    Parameters
    ----------
    model : {"sar", "sdm"}
    effects : {"individual", "time", "two-way"}
    corrected : bool
        With the correction of Lee and Yu (``direct-corrected-published`` here).

    Raises
    ------
    StudyError
        If that model was not recorded.

    Examples
    --------
    >>> elhorst(corrected=True).params["rho"].round(3)
    np.float64(0.269)
    """
    name = "elhorst_octave_cigar"
    number = {"individual": 1, "time": 2, "two-way": 3}[effects]
    entry = _entry(_load(name)["models"], f"{model}_model{number}_bc{int(corrected)}", name)
    terms = ["logp", "logy", *(["W.logp", "W.logy"] if model == "sdm" else []), "rho"]
    values = pd.Series([*entry["beta"], entry["rho"]], terms, dtype=float)
    errors = (values / pd.Series(entry["t"], terms)).abs()
    return Recorded(
        "Elhorst's routines in Octave",
        f"data/reference/spatial/{name}.json",
        pd.concat([values, pd.Series({"sigma2": entry["sige"]})]),
        pd.concat([errors, pd.Series({"sigma2": np.nan})]),
        np.nan if corrected else entry["lik"],
    )


def spdep_moran() -> pd.DataFrame:
    """Moran's I of log cigarette sales by year from R's spdep 1.2.7.

    Returns
    -------
    DataFrame
        One row a year, columns as in :func:`analysis.spatial.moran.global_moran`.

    Examples
    --------
    >>> spdep_moran().loc[1963, "I"].round(4)
    np.float64(0.2624)
    """
    columns = {
        "I": "I", "E": "expected", "var_norm": "variance_normal", "z_norm": "z_normal",
        "p_norm": "p_normal", "var_rand": "variance_random", "z_rand": "z_random",
        "p_rand": "p_random",
    }  # fmt: skip
    by_year = _load("moran_cigar_by_year")["by_year"]
    frame = pd.DataFrame.from_dict(by_year, orient="index").rename(columns=columns)
    frame.index = pd.Index([1900 + int(year) for year in by_year], name="year")
    return frame[list(columns.values())]


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


def recorded_tests(study: Study) -> pd.DataFrame:
    """Specification tests of the static two-way model from other software.

    Parameters
    ----------
    study : {"cigar", "produc"}

    Returns
    -------
    DataFrame
        By test, named as in :func:`analysis.spatial.specification_tests.specification_tests`; a
        column of statistics for each software, missing where it gives none. Wald tests are those
        of the uncorrected direct likelihood; Elhorst's Hausman test compares bias-corrected fixed
        effects with random effects.

    Examples
    --------
    >>> recorded_tests("cigar").loc["LM lag", "splm 1.6.5"].round(4)
    np.float64(46.9005)
    """
    names = ["LM lag", "Robust LM lag", "LM error", "Robust LM error"]
    recorded = _load(f"splm_{study}")["tests" if study == "cigar" else "tests_produc"]
    columns = {
        "splm 1.6.5": {
            name: recorded[f"slmtest_twoways_{short}"]["statistic"]
            for name, short in zip(names, ["lml", "rlml", "lme", "rlme"], strict=True)
        }
    }
    if study == "cigar":
        elhorst = _load("elhorst_octave_cigar")
        chosen = elhorst["models"]["sdm_model3_bc0"]["tests"]
        columns["Elhorst's routines"] = {
            **dict(zip(names, elhorst["LM_tests"]["twoways"], strict=True)),
            "Wald SAR": chosen["Wald_lag"],
            "Wald SEM": chosen["Wald_err"],
            "LR SAR": chosen["LR_lag"],
            "LR SEM": chosen["LR_err"],
            "Hausman": elhorst["hausman_FEbc_vs_RE"]["stat"],
        }
    second = _load(f"exact_{study}")["tests"]
    chosen = second["SDM_selection_twoways"]
    columns["second implementation of ours"] = {
        **{
            name: second["LM_twoways"]["tests"][short]["stat"]
            for name, short in zip(
                names, ["LM_lag", "RLM_lag", "LM_error", "RLM_error"], strict=True
            )
        },
        "Wald SAR": chosen["ml"]["Wald_SDM_vs_SAR"]["stat"],
        "Wald SEM": chosen["ml"]["Wald_SDM_vs_SEM"]["stat"],
        "LR SAR": chosen["LR_SDM_vs_SAR"]["stat"],
        "LR SEM": chosen["LR_SDM_vs_SEM"]["stat"],
    }
    order = [*names, "Wald SAR", "Wald SEM", "LR SAR", "LR SEM", "Hausman"]
    return pd.DataFrame(columns).reindex(order).rename_axis("test")


@lru_cache(maxsize=8)
def _load(name: str) -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads(
        data_path("reference", "spatial", f"{name}.json").read_text()
    )
    return numbers


def _entry(entries: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in entries:
        raise StudyError(f"{key!r} is not recorded in {where}; there are {listed(entries, 40)}")
    return entries[key]


def _terms(study: Study, names: Iterable[str]) -> list[str]:
    """Terms of other packages under our names."""
    outcome = _OUTCOME[study]
    printed = {"cigar": "logc", "produc": "log(gsp)"}[study]
    fixed = {
        "L.y": f"L.{outcome}",
        "L.Wy": f"W.L.{outcome}",
        f"{printed}(t-1)": f"L.{outcome}",
        f"W*{printed}(t-1)": f"W.L.{outcome}",
    }
    for name, ours in _VARIABLES.items():
        fixed[name] = ours
        fixed[f"W*{name}"] = fixed[f"w{name}"] = f"W.{ours}"
    return [fixed[name] for name in names]


def _effects(study: Study, names: Sequence[str], table: Mapping[str, Any]) -> pd.DataFrame:
    terms = [t for t in _terms(study, names) if not t.startswith(("W.", "L."))]
    rows = {
        (effect, term): {
            "estimate": table["point"][effect][i],
            "std_error": table["delta_se"][effect][i],
            "mean_of_draws": table["sim"]["mean"][effect][i],
        }
        for effect in ("direct", "indirect", "total")
        for i, term in enumerate(terms)
    }
    return _by_effect(rows)


def _by_effect(rows: Mapping[tuple[str, str], Mapping[str, float]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=["effect", "term"])
    return pd.DataFrame(list(rows.values()), index=index)
