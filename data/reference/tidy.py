"""Reads what other software gave, one file and layout each, into a few tables.

``python data/reference/tidy.py`` writes ``estimates.csv``, ``moran.csv`` and the small frontier cases with
their solutions beside this script. Terms and estimators have the package's names; nothing else is changed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = (
    "data", "software", "file", "model", "dynamic", "effects", "estimator", "quantity", "term",
    "estimate", "std_error", "mean_of_draws", "p_value",
)  # fmt: skip
WAYS = {"individual": "individual", "time": "time", "twoways": "two-way"}
OUTCOMES = {"cigar": ("logc", "logc"), "produc": ("lgsp", "log(gsp)")}
VARIABLES = {
    "logp": "logp", "logy": "logy", "log(pcap)": "lpcap", "log(pc)": "lpc", "log(emp)": "lemp",
    "unemp": "unemp",
}  # fmt: skip
EFFECTS = ("direct", "indirect", "total")
LM = ("LM lag", "Robust LM lag", "LM error", "Robust LM error")
OURS = "second implementation of ours"

Row = dict[str, Any]


def load(file: str) -> Any:
    return json.loads((HERE / file).read_text(encoding="utf-8"))


def term(data: str, name: str) -> str:
    """Translate the name of a term, ``W*log(pc)`` or ``wlogp``, to ours."""
    ours, theirs = OUTCOMES[data]
    names = {
        "L.y": f"L.{ours}",
        "L.Wy": f"W.L.{ours}",
        f"{theirs}(t-1)": f"L.{ours}",
        f"W*{theirs}(t-1)": f"W.L.{ours}",
    }
    for variable, short in VARIABLES.items():
        names |= {variable: short} | dict.fromkeys((f"W*{variable}", f"w{variable}"), f"W.{short}")
    return names[name]


def coefficients(
    about: Row, estimates: dict[str, float], errors: dict[str, float]
) -> Iterator[Row]:
    for name, value in estimates.items():
        yield about | {
            "quantity": "coefficient", "term": name, "estimate": value,
            "std_error": errors.get(name),
        }  # fmt: skip


def loglik(about: Row, value: float | None) -> Iterator[Row]:
    if value:
        yield about | {"quantity": "loglik", "estimate": value}


def second(data: str) -> Iterator[Row]:
    """Read the second implementation of ours."""
    file = f"spatial/exact_{data}.json"
    numbers = load(file)
    about = {"data": data, "software": OURS, "file": file}
    estimators = {
        "direct": None,
        "direct-corrected-published": "LeeYu_bias_corrected_direct_approach",
        "transformation": "LeeYu_transformation_approach_ML",
    }
    for name, entry in numbers["static"].items():
        model, way = name.split("_")
        for estimator, inner in estimators.items():
            found = entry if inner is None else entry.get(inner)
            if found is not None:
                this = about | {
                    "model": model, "dynamic": 0, "effects": WAYS[way], "estimator": estimator,
                }  # fmt: skip
                yield from second_entry(this, found, found["se"]["values"], found.get("loglik"))
    estimators = {"transform": "transformation", "individual": "transformation", "direct": "direct"}
    for name, entry in numbers["dynamic"].items():
        model, kind, *lags = name.split("_")
        if lags != ["tl1", "stl1"]:
            continue
        effects = "individual" if kind == "individual" else "two-way"
        for corrected, found in ((False, entry), (True, entry["bias_corrected"])):
            estimator = estimators[kind]
            if estimator == "transformation" and not corrected:
                estimator = "transformation-uncorrected"
            elif estimator == "direct" and corrected:
                estimator = "direct-corrected"
            this = about | {
                "model": model, "dynamic": 1, "effects": effects, "estimator": estimator,
            }  # fmt: skip
            errors = found["se_normal"]["values"]
            yield from second_entry(this, found, errors, entry["loglik"])
    tests = numbers["tests"]
    chosen = tests["SDM_selection_twoways"]
    lm = tests["LM_twoways"]["tests"]
    yield from recorded_tests(
        about,
        [lm[short]["stat"] for short in ("LM_lag", "RLM_lag", "LM_error", "RLM_error")],
        chosen["ml"]["Wald_SDM_vs_SAR"]["stat"],
        chosen["ml"]["Wald_SDM_vs_SEM"]["stat"],
        chosen["LR_SDM_vs_SAR"]["stat"],
        chosen["LR_SDM_vs_SEM"]["stat"],
    )


def second_entry(about: Row, entry: Row, errors: list[float], value: float | None) -> Iterator[Row]:
    data = about["data"]
    spatial = "rho" if "rho" in entry else "lambda"
    slopes = [term(data, name) for name in entry["names"]]
    terms = [*slopes, spatial, "sigma2"]
    values = [*entry["beta"], entry[spatial], entry["sigma2"]]
    yield from coefficients(
        about, dict(zip(terms, values, strict=True)), dict(zip(terms, errors, strict=True))
    )
    yield from loglik(about, value)
    own = [name for name in slopes if not name.startswith(("W.", "L."))]
    for horizon, table in entry.get("effects", {}).items():
        for effect in EFFECTS:
            for i, name in enumerate(own):
                yield about | {
                    "quantity": f"{horizon.replace('static', 'short')} {effect}",
                    "term": name,
                    "estimate": table["point"][effect][i],
                    "std_error": table["delta_se"][effect][i],
                    "mean_of_draws": table["sim"]["mean"][effect][i],
                }


def recorded_tests(about: Row, lm: list[float], *others: float) -> Iterator[Row]:
    """Read specification tests of the static two-way model."""
    names = (*LM, "Wald SAR", "Wald SEM", "LR SAR", "LR SEM", "Hausman")
    about = about | {"model": "sdm", "dynamic": 0, "effects": "two-way"}
    for name, value in zip(names, [*lm, *others], strict=False):
        yield about | {"quantity": "test", "term": name, "estimate": value}


def spreg() -> Iterator[Row]:
    file = "spatial/spreg191_cigar.json"
    ways = {"oneway": "individual", "twoway": "two-way"}
    for name, entry in load(file).items():
        if "FE_" not in name:
            continue
        *_, model, way = name.split("_")
        about = {
            "data": "cigar", "software": "spreg 1.9.1", "file": file, "model": model.lower(),
            "dynamic": 0, "effects": ways[way], "estimator": "direct",
        }  # fmt: skip
        kept = {
            each.replace("W_logc", "rho").replace("W_", "W."): i
            for i, each in enumerate(entry["names"])
            if not each.startswith("time_")
        }
        estimates = {each: entry["betas"][i] for each, i in kept.items()}
        errors = {each: entry["std_err"][i] for each, i in kept.items()}
        yield from coefficients(about, estimates | {"sigma2": entry["sig2"]}, errors)
        yield from loglik(about, entry["logll"])


def splm(data: str) -> Iterator[Row]:
    file = f"spatial/splm_{data}.json"
    numbers = load(file)
    swapped = {"lambda": "rho", "rho": "lambda"}  # splm's lambda is the lag, its rho the error
    about = {"data": data, "software": "splm 1.6.5", "file": file, "dynamic": 0}
    for name, entry in numbers.items():
        *_, model, way, option = ["", "", "", *name.removeprefix("produc_").split("_")]
        if option not in ("LY", "noLY") or way not in WAYS:
            continue
        this = about | {
            "model": model, "effects": WAYS[way], "estimator": "LeeYu" if option == "LY" else "direct",
        }  # fmt: skip
        slopes = {name: term(data, name) for name in entry["coeftable"] if name not in swapped}
        slopes |= {name: ours for name, ours in swapped.items() if name in entry["coeftable"]}
        estimates = {ours: entry["coeftable"][name]["est"] for name, ours in slopes.items()}
        errors = {ours: entry["coeftable"][name]["se"] for name, ours in slopes.items()}
        yield from coefficients(this, estimates | {"sigma2": entry["sigma2"]}, errors)
        if model in ("sar", "sdm") and option == "noLY":
            yield from loglik(this, entry["loglik"])
    if data == "produc":
        impacts = numbers["impacts_produc_sar_twoways"]
        this = about | {"model": "sar", "effects": "two-way", "estimator": "direct"}
        for k, effect in enumerate(EFFECTS):
            for i, name in enumerate(("lpcap", "lpc", "lemp", "unemp")):
                yield this | {
                    "quantity": f"short {effect}", "term": name, "estimate": impacts[effect][i],
                    "std_error": impacts["semat"][i][k],
                }  # fmt: skip
    tests = numbers["tests" if data == "cigar" else "tests_produc"]
    yield from recorded_tests(
        about,
        [tests[f"slmtest_twoways_{each}"]["statistic"] for each in ("lml", "rlml", "lme", "rlme")],
    )


def xsmle() -> Iterator[Row]:
    """Read what xsmle posts: coefficients and their default errors, of the observed information."""
    file = "spatial/xsmle145_produc.csv"
    names = {"Spatial:rho": "rho", "Spatial:lambda": "lambda", "Variance:sigma2_e": "sigma2"}
    with (HERE / file).open(encoding="utf-8", newline="") as content:
        for row in csv.DictReader(content):
            about = {
                "data": "produc", "software": "xsmle 1.4.5", "file": file, "model": row["model"],
                "dynamic": 0, "effects": row["effects"], "estimator": "direct",
            }  # fmt: skip
            if row["term"] == "ll":
                yield from loglik(about, float(row["estimate"]))
                continue
            part, _, variable = row["term"].partition(":")
            ours = names.get(row["term"], f"W.{variable}" if part == "Wx" else variable)
            yield from coefficients(
                about, {ours: float(row["estimate"])}, {ours: float(row["std_error"])}
            )


def sdpdmod() -> Iterator[Row]:
    file = "spatial/sdpdmod_patched.json"
    for name, entry in load(file).items():
        if not name.endswith("_tl_stl"):
            continue
        data, model, way, *_ = name.split("_")
        about = {
            "data": data, "software": "SDPDmod 0.0.6, clipping removed", "file": file,
            "model": model, "dynamic": 1, "effects": WAYS[way],
        }  # fmt: skip
        for kind, estimator in (
            ("ml", "transformation-uncorrected"), ("bias_corrected", "transformation"),
        ):  # fmt: skip
            found = entry[kind]
            this = about | {"estimator": estimator}
            estimates = {term(data, each): value for each, value in found["coef"].items()}
            errors = {
                each: abs(value / t)
                for (each, value), t in zip(estimates.items(), found["t"], strict=True)
            }
            yield from coefficients(
                this,
                estimates | {"rho": found["rho"], "sigma2": found["sigma2"]},
                errors | {"rho": found["rho"] / found["rho_t"]},
            )
            yield from loglik(this, entry["ml"]["loglik"])
        for horizon, short in (("short", "st"), ("long", "lt")):
            for effect in EFFECTS:
                for row in entry["effects"][f"{effect.upper()}{short}.tab"]:
                    yield this | {
                        "quantity": f"{horizon} {effect}", "term": term(data, row["_row"]),
                        "std_error": row["Std. Error"], "mean_of_draws": row["Estimate"],
                    }  # fmt: skip


def elhorst() -> Iterator[Row]:
    file = "spatial/elhorst_octave_cigar.json"
    numbers = load(file)
    about = {
        "data": "cigar", "software": "Elhorst's routines in Octave", "file": file, "dynamic": 0,
    }  # fmt: skip
    for name, entry in numbers["models"].items():
        model, number, *rest = name.split("_")
        if not rest or number not in ("model1", "model2", "model3"):
            continue
        corrected = rest == ["bc1"]
        effects = {"1": "individual", "2": "time", "3": "two-way"}[number[-1]]
        estimator = "direct-corrected-published" if corrected else "direct"
        this = about | {"model": model, "effects": effects, "estimator": estimator}
        terms = ["logp", "logy", *(["W.logp", "W.logy"] if model == "sdm" else []), "rho"]
        estimates = dict(zip(terms, [*entry["beta"], entry["rho"]], strict=True))
        errors = {
            each: abs(value / t)
            for (each, value), t in zip(estimates.items(), entry["t"], strict=True)
        }
        yield from coefficients(this, estimates | {"sigma2": entry["sige"]}, errors)
        yield from loglik(this, None if corrected else entry["lik"])
    chosen = numbers["models"]["sdm_model3_bc0"]["tests"]
    yield from recorded_tests(
        about,
        numbers["LM_tests"]["twoways"],
        *(chosen[name] for name in ("Wald_lag", "Wald_err", "LR_lag", "LR_err")),
        numbers["hausman_FEbc_vs_RE"]["stat"],
    )


def firms() -> Iterator[Row]:
    """Read R's plm on the two panels of firms."""
    file = "gmm/panel_R_plm_grunfeld.json"
    numbers = load(file)
    about = {"data": "grunfeld", "software": f"plm {numbers['version']['plm']}", "file": file}
    models = {"pooled": "pool", "fixed": "fe", "random": "re_swar", "two-way": "twoway"}
    for model, theirs in models.items():
        both = [
            {name.replace("(Intercept)", "const"): value for name, value in entry.items()}
            for entry in (numbers[theirs]["coef"], numbers[theirs]["se"])
        ]
        yield from coefficients(about | {"model": model}, *both)
    tests = {
        "F: firm effects": "pFtest_ind",
        "F: firm and year effects": "pFtest_tw",
        "F: year effects given firm effects": "pFtest_time_given_ind",
        "LM: firm effects": "bp",
        "LM: year effects": "bp_time",
        "LM: firm and year effects": "bp_tw",
        "Honda: firm effects": "honda",
        "Hausman: fixed against random": "hausman",
    }
    for ours, theirs in tests.items():
        yield about | {
            "quantity": "test", "term": ours, "estimate": numbers[theirs]["stat"],
            "p_value": numbers[theirs]["p"],
        }  # fmt: skip
    file = "gmm/gmm_R_plm_pdynmc.json"
    numbers = load(file)
    about = {"data": "empluk", "software": f"plm {numbers['versions']['plm']}", "file": file}
    equations = {
        "difference": ("AB_a_{}", ""),
        "system": ("BB_sys_{}", ""),
        "system, collapsed": ("BB_sys_{}", "_collapse"),
    }
    for equation, (name, suffix) in equations.items():
        for steps, theirs in (("one step", "onestep"), ("two steps", "twosteps")):
            entry = numbers[name.format(theirs) + suffix]["robust"]
            both = [
                {from_plm(each): value for each, value in entry[part].items()}
                for part in ("coef", "se")
            ]
            yield from coefficients(about | {"model": equation, "estimator": steps}, *both)
    yield from roodman()


def from_plm(name: str) -> str:
    """Translate ``lag(log(wage), 0:1)1`` to ``L.w``."""
    variables = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}
    short = next(each for each, long in variables.items() if f"log({long})" in name)
    lag = name[-1] if name[-1].isdigit() else "0"
    if name.endswith("1)"):  # a single lag carries no number of its own
        lag = "1"
    return {"0": short, "1": f"L.{short}", "2": f"L2.{short}"}[lag]


def roodman() -> Iterator[Row]:
    """Read what Roodman (2009) prints for the two equations, one step."""
    file = "gmm/gmm_published_and_own.json"
    numbers = load(file)["published"]
    about = {
        "data": "empluk", "software": "Roodman (2009), printed", "file": file,
        "estimator": "one step",
    }  # fmt: skip
    equations = {
        "difference": (numbers["AB91_a1_onestep"], "L1.n", "se_robust"),
        "system": (numbers["Roodman_system_onestep_small"], "L1.n", "se_without_small"),
    }
    for equation, (entry, lagged, errors) in equations.items():
        lagged = lagged if lagged in entry["coef"] else "L.n"
        this = about | {"model": equation}
        yield from coefficients(
            this, {"L.n": entry["coef"][lagged]}, {"L.n": entry[errors][lagged]}
        )
        values = {
            "AR(1)": entry["ar1"], "AR(2)": entry["ar2"], "Sargan": entry["sargan"],
            "Hansen": entry["hansen"], "instruments": entry["n_instr"],
            "observations": entry["n_obs"],
        }  # fmt: skip
        for name, value in values.items():
            yield this | {"quantity": "test", "term": name, "estimate": value}


def moran() -> Iterator[Row]:
    """Read Moran's I of R's spdep: the cigarettes by year, Columbus by variable."""
    both = (("norm", "normal"), ("rand", "random"))
    for year, entry in load("spatial/moran_cigar_by_year.json")["by_year"].items():
        row = {"data": "cigar", "variable": "logc", "year": 1900 + int(year)}
        row |= {"I": entry["I"], "expected": entry["E"]}
        for theirs, ours in both:
            for here, there in (("variance", "var"), ("z", "z"), ("p", "p")):
                row[f"{here}_{ours}"] = entry[f"{there}_{theirs}"]
        yield row
    numbers = load("autocorrelation/moran_R_spdep.json")
    for variable in ("CRIME", "HOVAL", "INC"):
        row = {"data": "columbus", "variable": variable}
        for theirs, ours in both:
            entry = numbers[f"{variable}_{theirs}_two.sided"]
            row |= {"I": entry["I"], "expected": entry["EI"]}
            for here, there in (("variance", "VI"), ("z", "z"), ("p", "p")):
                row[f"{here}_{ours}"] = entry[there]
        yield row


def small_cases() -> tuple[list[Row], list[Row]]:
    """Data of small frontier cases, and their scores and indices with what they are."""
    content = load("dea/published_small.json")
    for k in ("panel1", "panel2"):
        entry = content["Oh2010_analytic"][k]
        blocks = {key.upper(): [[[v]] for v in entry[key]] for key in "xyb"}
        content[k] = blocks | {"names": ["unit"], "GML": entry["GML"]}
    data, solutions = [], []
    for case in ("Tone2001", "Tone2003", "ERG_jl", "ML_jl", "panel1", "panel2"):
        entry = content[case]
        blocks = {key: entry[key] for key in "XYB" if key in entry}
        blocks = {k: v if isinstance(v[0][0], list) else [v] for k, v in blocks.items()}
        units = entry.get("names") or [str(i + 1) for i in range(len(blocks["X"][0]))]
        for year in range(len(blocks["X"])):
            for i, unit in enumerate(units):
                row = {"case": case, "city": unit, "year": year + 1}
                for key, values in blocks.items():
                    row |= {f"{key.lower()}{j}": v for j, v in enumerate(values[year][i])}
                data.append(row)
    exact, julia = "exact fraction", "DataEnvelopmentAnalysis.jl"
    sbm, weak = ("sbm", "strong"), ("directional", "weak")
    for label, case, key, returns, (measure, disposability), form, source in (
        ("Tone (2001), constant returns", "Tone2001", "exact_crs", "constant", sbm, "global", exact),
        ("Tone (2003), constant returns", "Tone2003", "exact_crs", "constant", sbm, "global", exact),
        ("Tone (2003), variable returns", "Tone2003", "exact_vrs", "variable", sbm, "global", exact),
        ("Enhanced Russell, constant returns", "ERG_jl", "published_crs", "constant", sbm, "global", julia),
        ("Enhanced Russell, variable returns", "ERG_jl", "published_vrs", "variable", sbm, "global", julia),
        ("Malmquist-Luenberger", "ML_jl", "published_ML", "constant", ("directional", "strong"),
         "contemporaneous", julia),
        ("Global Malmquist-Luenberger, 1", "panel1", "GML", "constant", weak, "global", "by hand"),
        ("Global Malmquist-Luenberger, 2", "panel2", "GML", "constant", weak, "global", "by hand"),
    ):  # fmt: skip
        units = [row["city"] for row in data if row["case"] == case and row["year"] == 1]
        index = measure == "directional"
        for i, value in enumerate(content[case][key]):
            by_hand = source == "by hand"
            solutions.append(
                {"label": label, "case": case, "what": "index" if index else "level",
                 "returns": returns, "measure": measure, "disposability": disposability,
                 "form": form, "city": units[0 if by_hand else i],
                 "year": i + 2 if by_hand else 2 if index else 1,
                 "unit": f"to year {i + 2}" if by_hand else units[i],
                 "elsewhere": value, "source": source}
            )  # fmt: skip
    return data, solutions


def write(name: str, columns: list[str], rows: list[Row]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sources = [
        second("cigar"), second("produc"), spreg(), splm("cigar"), splm("produc"), sdpdmod(),
        elhorst(), xsmle(), firms(),
    ]  # fmt: skip
    write("estimates.csv", list(COLUMNS), [row for source in sources for row in source])
    found = list(moran())
    write("moran.csv", list(found[0]), found)
    cases, solutions = small_cases()
    write("frontier_cases.csv", ["case", "city", "year", "x0", "x1", "y0", "y1", "b0"], cases)
    write("frontier_solutions.csv", list(solutions[0]), solutions)
