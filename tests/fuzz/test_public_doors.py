"""Every door that takes a frame or weights: broken input ends in a named error, never in a raw one."""

import importlib
import inspect
import os
import pkgutil
import resource
import signal
import warnings
from decimal import Decimal

import libpysal
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy import sparse

from analysis import audit
from analysis.audit.significance import ratios
from analysis.audit.stacking import stacking
from analysis.efficiency import Technology, malmquist, score, score_as_printed
from analysis.errors import AnalysisError
from analysis.inference.groups import bdiff_replica, compare_groups, inside, interaction_model
from analysis.inference.implied_rho import expected_rho, implied_rho, readings
from analysis.inference.mediation import mediation
from analysis.inference.panel_tests import baseline, effects_f_test, variance_inflation
from analysis.inference.probabilities import model_probabilities, sensitivity
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.measures.capital import capital_stock
from analysis.measures.cleaning import interpolate, isolated_jumps, winsorise
from analysis.measures.deflation import at_city, chained_deflator, constant_prices
from analysis.measures.intensity import check_units, energy_from_intensity, positive
from analysis.panel import Panel, as_panel, keyed, measured, numbers, present, value_of_each
from analysis.simulate.common import spatial_panel
from analysis.spatial import Specification, fit, profile
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.moran import global_moran, local_moran, moran_scatter
from analysis.spatial.specification_tests import (
    hausman,
    joint_effects_tests,
    lm_tests,
    pesaran_cd,
    specification_tests,
)
from analysis.weights import (
    Weights,
    additive_nest,
    diagonal_nest,
    distance_band,
    gravity,
    great_circle,
    inverse_distance,
    k_nearest,
    kernel,
    product,
)

UNITS = [f"u{i}" for i in range(7)]
PERIODS = list(range(2001, 2007))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
"""Calls of each door; the environment can ask for more."""


def whole(seed=0):
    """A frame, places and weights with which every door gives a result."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([UNITS, PERIODS], names=["unit", "period"])
    frame = pd.DataFrame(rng.uniform(1, 3, (len(index), 4)), index, ["y", "x", "z", "total"])
    frame["total"] += frame["x"] + frame["z"]
    places = pd.DataFrame(
        {"lon": rng.uniform(100, 120, 7), "lat": rng.uniform(25, 40, 7),
         "income": rng.uniform(1, 3, 7), "side": [0, 1, 0, 1, 0, 1, 0]}, UNITS,
    )  # fmt: skip
    return frame, places, k_nearest(places, 3)


def panel(frame):
    return Panel.from_frame(frame)


def column(frame, name):
    """A column of a frame, ones where it was dropped."""
    found = frame.get(name, pd.Series(1.0, frame.index))
    return found if isinstance(found, pd.Series) else found.iloc[:, 0]


def first(frame):
    """One period of the outcome."""
    return panel(frame).cross_section("y", PERIODS[0])


def flat(frame):
    return frame.reset_index(allow_duplicates=True)


def place(p):
    return pd.Series(list(p.index), p.index)


def table(f, **columns):
    """Numbers of a frame as a printed table."""
    cells = {n: f[n].astype(str).str[:6] for n in f.columns.unique() if f.columns.is_unique}
    return pd.DataFrame(cells).head(4).reset_index(drop=True).assign(**columns)


def printed_table(f):
    """A table of coefficients whose numbers are those of the frame."""
    return table(f, model="m", term=["x", "x^2", "rho", "W.x"][: min(len(f), 4)]).rename(
        columns={"y": "estimate", "x": "std_error", "z": "statistic", "total": "p"}
    )


def effects_table(f):
    made = table(f, table="1", model="m", horizon="short").rename(
        columns={"y": "estimate", "x": "std_error"}
    )
    kinds, terms = ["direct", "indirect"] * 2, ["x", "x", "z", "z"]
    return made.assign(effect=kinds[: len(made)], term=terms[: len(made)])


def moments_table(f):
    return table(f, term="x", observations="40").rename(
        columns={"y": "mean", "x": "std_dev", "z": "min", "total": "max"}
    )


def moran_table(f):
    return table(f, year=2003).rename(columns={"y": "morans_i", "x": "z", "z": "p"})


SIMPLE = Specification("y", ["x"])
FRONTIER = Technology(("x", "z"), ("y",), ("total",))
SYSTEM = [Instruments("y", "lags", 2, 4, collapse=True), Instruments("x", "own")]

DOORS = {
    "Panel": lambda f, p, w: Panel.from_frame(flat(f)),
    "as_panel": lambda f, p, w: as_panel(f),
    "keyed": lambda f, p, w: keyed(f),
    "measured": lambda f, p, w: measured(f),
    "measured series": lambda f, p, w: measured(column(f, "x"), gaps=True),
    "numbers": lambda f, p, w: numbers(column(f, "x"), gaps=True),
    "present": lambda f, p, w: present(f, ["x", "z"]),
    "value_of_each": lambda f, p, w: value_of_each(
        column(p, "side"), "side", p.index.unique(0), AnalysisError
    ),
    "fit": lambda f, p, w: fit(f, Specification("y", ["x", "z"]), w),
    "fit by formula": lambda f, p, w: fit(f, "y ~ log(x) + z", w, model="sar"),
    "fit by groups": lambda f, p, w: fit(f, "log(y) ~ x:z + C(z > 2) + lag(x)", w, model="slx"),
    "fit dynamic": lambda f, p, w: fit(
        f, Specification("y", ["x"], time_lag=True, space_time_lag=True), w
    ),
    "fit sem": lambda f, p, w: fit(f, "y ~ x", w, model="sem", effects="individual"),
    "fit ols": lambda f, p, w: fit(f, "y ~ x", w, model="ols", std_errors="cluster"),
    "fit conley": lambda f, p, w: fit(f, "y ~ x", w, std_errors="conley"),
    "fit sac": lambda f, p, w: fit(f, "y ~ x", w, error_weights=w, model="sac"),
    "fit random": lambda f, p, w: fit(f, "y ~ x + L.z", w, model="sar", effects="random"),
    "fit direct": lambda f, p, w: fit(f, "y ~ x", w, estimator="direct").effects(),
    "profile": lambda f, p, w: profile(fit(f, "y ~ x", w), [-0.2, 0.1]),
    "fit_gmm": lambda f, p, w: fit_gmm(f, GmmSpecification("y", ["x"]), w),
    "dynamic_panel_gmm": lambda f, p, w: dynamic_panel_gmm(
        flat(f), "y", ["L.y", "x"], SYSTEM, "unit", "period"
    ),
    "global_moran": lambda f, p, w: global_moran(f, "y", w, permutations=19),
    "moran_scatter": lambda f, p, w: moran_scatter(first(f), w),
    "local_moran": lambda f, p, w: local_moran(first(f), w, permutations=19),
    "lm_tests": lambda f, p, w: lm_tests(f, SIMPLE, w),
    "hausman": lambda f, p, w: hausman(f, SIMPLE, w),
    "joint_effects_tests": lambda f, p, w: joint_effects_tests(f, SIMPLE, w),
    "specification_tests": lambda f, p, w: specification_tests(f, SIMPLE, w),
    "pesaran_cd": lambda f, p, w: pesaran_cd(column(f, "y")),
    "baseline": lambda f, p, w: baseline(f, "y", ["x", "z"]),
    "effects_f_test": lambda f, p, w: effects_f_test(f, "y", ["x"]),
    "variance_inflation": lambda f, p, w: variance_inflation(f, ["x", "z"]),
    "inside": lambda f, p, w: inside(w, p.index[:4]),
    "compare_groups": lambda f, p, w: compare_groups(
        f, Specification("y", ["x"], model="ols"), w, column(p, "side"), "x", draws=9
    ),
    "interaction_model": lambda f, p, w: interaction_model(f, SIMPLE, w, column(p, "side")),
    "bdiff_replica": lambda f, p, w: bdiff_replica(
        f, "y", ["x"], column(p, "side"), "x", draws=9
    ),
    "mediation": lambda f, p, w: mediation(f, SIMPLE, w, "x", "z"),
    "model_probabilities": lambda f, p, w: model_probabilities(f, SIMPLE, w, ("sar", "slx")),
    "sensitivity": lambda f, p, w: sensitivity(f, SIMPLE, {"near": w}),
    "implied_rho": lambda f, p, w: implied_rho(w, 0.2, 0.05),
    "expected_rho": lambda f, p, w: expected_rho(w, 0.2),
    "readings": lambda f, p, w: readings({"W": w}, 0.2, 0.05),
    "spatial_panel": lambda f, p, w: spatial_panel(w, np.ones((3, 7)), 0.2),
    "score": lambda f, p, w: score(f, FRONTIER).summary,
    "super score": lambda f, p, w: score(
        f, Technology(("x",), ("y",), returns="variable", super_efficiency=True)
    ),
    "malmquist": lambda f, p, w: malmquist(f, Technology(("x",), ("y",))),
    "luenberger": lambda f, p, w: malmquist(
        f, Technology(("x",), ("y",), ("z",), measure="directional"), "contemporaneous"
    ),
    "score_as_printed": lambda f, p, w: score_as_printed(f, Technology(("x",), ("y",), ("z",))),
    "winsorise": lambda f, p, w: winsorise(f, ["x"]),
    "interpolate": lambda f, p, w: interpolate(f, ["x"]),
    "interpolate all": lambda f, p, w: interpolate(f, years=PERIODS[1:4]),
    "isolated_jumps": lambda f, p, w: isolated_jumps(f, "x"),
    "capital_stock": lambda f, p, w: capital_stock(f, "x"),
    "coagglomeration_frame": lambda f, p, w: coagglomeration_frame(f, "x", ["z"], "total"),
    "chained_deflator": lambda f, p, w: chained_deflator(column(f, "x"), PERIODS[2]),
    "at_city": lambda f, p, w: at_city(column(f, "x"), f.index, place(p), "price"),
    "constant_prices": lambda f, p, w: constant_prices(column(f, "x"), column(f, "z"), place(p)),
    "energy_from_intensity": lambda f, p, w: energy_from_intensity(
        column(f, "x"), column(f, "z"), place(p), gdp_base=2005, intensity_base=2005
    ),
    "check_units": lambda f, p, w: check_units(f, {"x": ("x.csv", "x", 0, 9)}, "s") or True,
    "positive": lambda f, p, w: positive(column(f, "x"), "x", "x.csv"),
    "great_circle": lambda f, p, w: great_circle(p),
    "inverse_distance": lambda f, p, w: inverse_distance(p),
    "additive_nest": lambda f, p, w: additive_nest(p, column(p, "income")),
    "diagonal_nest": lambda f, p, w: diagonal_nest(p, column(p, "income")),
    "product": lambda f, p, w: product(p, column(p, "income")),
    "gravity": lambda f, p, w: gravity(p, column(p, "income")),
    "k_nearest": lambda f, p, w: k_nearest(p, 3),
    "distance_band": lambda f, p, w: distance_band(p, 4000, standardise=False),
    "kernel": lambda f, p, w: kernel(p, 3),
    "stacking": lambda f, p, w: stacking(f, SIMPLE, w, {"LM lag": "3.14"}),
    "stars": lambda f, p, w: audit.stars(printed_table(f).assign(stars="*")),
    "statistics_against_p": lambda f, p, w: audit.statistics_against_p(printed_table(f), "statistic"),
    "ratios": lambda f, p, w: ratios(printed_table(f)),
    "confidence_intervals": lambda f, p, w: audit.confidence_intervals(
        printed_table(f).rename(columns={"statistic": "ci_low", "p": "ci_high"})
    ),
    "degrees_of_freedom": lambda f, p, w: audit.degrees_of_freedom(
        printed_table(f), {"x": 3}, "term"
    ),
    "group_difference": lambda f, p, w: audit.group_difference(
        pd.concat([printed_table(f), printed_table(f).assign(model="n")]), "m", "n", "x"
    ),
    "joint_test": lambda f, p, w: audit.joint_test(
        printed_table(f), "m", ["x", "W.x"], audit.printed("0.04")
    ),
    "dynamics": lambda f, p, w: audit.dynamics(printed_table(f), "m"),
    "stability": lambda f, p, w: audit.stability(printed_table(f), "m"),
    "turning_points": lambda f, p, w: audit.turning_points(printed_table(f)),
    "turning_points_apart": lambda f, p, w: audit.turning_points_apart(
        pd.concat([printed_table(f), printed_table(f).assign(model="n")]), "x"
    ),
    "check_statements": lambda f, p, w: audit.check_statements(
        printed_table(f), [audit.Statement("4", "x helps", (("m", "x"),), "significant")]
    ),
    "across_columns": lambda f, p, w: audit.across_columns([printed_table(f)], "x", "positive"),
    "effect_rows": lambda f, p, w: audit.effect_rows(
        printed_table(f), effects_table(f), "m", "short"
    ),
    "effects": lambda f, p, w: audit.effects(printed_table(f), effects_table(f), "m"),
    "sums": lambda f, p, w: audit.sums(effects_table(f)),
    "totals_table": lambda f, p, w: audit.totals_table(effects_table(f)),
    "spread": lambda f, p, w: audit.spread(moments_table(f)),
    "natural_units": lambda f, p, w: audit.natural_units(moments_table(f), ["x"]),
    "units": lambda f, p, w: audit.units(printed_table(f), moments_table(f), "m", 40),
    "repeated_rows": lambda f, p, w: audit.repeated_rows(moran_table(f), ["morans_i", "z"]),
    "implied_moran_sd": lambda f, p, w: audit.implied_moran_sd(moran_table(f), 7),
    "moran_against_weights": lambda f, p, w: audit.moran_against_weights(
        moran_table(f), {"W": np.ones((7, 7)) - np.eye(7)}
    ),
    "audit_table": lambda f, p, w: audit.audit_table(
        printed_table(f).reindex(columns=list(audit.COLUMNS), fill_value="")
    ),
}  # fmt: skip

BEHIND = {
    "hausman_result": "estimates and covariances of a fit", "contrast": "those of a fit",
    "curve": "those of a fit", "quadratic_report": "those of a fit",
    "effect_sums": "rows of effect_rows", "leave_one_out": "rows of effect_rows",
    "exchanged": "rows of effect_rows", "lower_bounds": "rows of effect_rows",
    "indirect_std_errors": "rows of effect_rows", "expected_effects": "rows of effect_rows",
    "misfit": "rows of effect_rows", "named_weights": "the table of moran_against_weights",
    "inference": "those of a fit",
    "build": "behind fit", "asked": "behind fit", "read": "behind fit", "operator_of": "behind fit",
    "term_values": "behind fit", "checked_data": "behind score",
    "lm_by_stacking": "behind stacking", "require": "behind the audit", "place": "a row, not a table",
    "filled": "behind the audit", "settled": "behind covariance", "where": "values that are refused",
    "cell": "a row, not a table", "find": "behind the audit", "pick": "behind the audit",
}  # fmt: skip
"""Public functions of the library that take a frame or W, but not as a user has it."""


def functions_of_the_library():
    """Public functions with a parameter that is a frame, a series, a panel or W."""
    for room in (
        "panel",
        "weights",
        "measures",
        "efficiency",
        "spatial",
        "inference",
        "audit",
        "simulate",
    ):
        top = importlib.import_module(f"analysis.{room}")
        inner = pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}.")
        for module in (top, *(importlib.import_module(found.name) for found in inner)):
            for name, member in inspect.getmembers(module, inspect.isfunction):
                kinds = [str(k) for n, k in member.__annotations__.items() if n != "return"]
                takes = any(
                    w in k for k in kinds for w in ("DataFrame", "Series", "Panel", "Weights")
                )
                if member.__module__ == module.__name__ and name[0] != "_" and takes:
                    yield name


def test_every_public_function_that_takes_a_frame_is_fuzzed():
    called = {name for door in DOORS.values() for name in door.__code__.co_names}
    known = set(functions_of_the_library())
    assert len(known) > 80
    assert sorted(known - called - set(BEHIND)) == []
    assert sorted(set(BEHIND) - known) == []


def relabelled(draw, frame, places):
    """Other types of key, in the frame alone or in the places too."""
    kind = draw(st.sampled_from(["int", "float", "date", "period", "category", "none", "mixed",
                                 "spaces", "text years", "huge", "bool", "tuple", "half years",
                                 "string", "Int64", "unit date", "unit period", "mixed years",
                                 "negative", "zero", "nan year", "swapped", "nameless", "one name",
                                 "apart", "composed"]))  # fmt: skip
    units, periods = frame.index.get_level_values(0), frame.index.get_level_values(1)
    number = units.map(UNITS.index)
    match kind:
        case "int":
            units = number
        case "float":
            units = number.astype(float)
        case "bool":
            units = number > 3
        case "date":
            periods = pd.to_datetime(periods.astype(str))
        case "period":
            periods = pd.PeriodIndex(periods.astype(str), freq="Y")
        case "category":
            units = pd.CategoricalIndex(units)
        case "none":
            units = units.where(number != 2, None)
        case "mixed":
            units = pd.Index([1 if u == "u1" else u for u in units], dtype=object)
        case "spaces":
            units = units.where(number != 2, "u2 ")
        case "text years":
            periods = periods.astype(str)
        case "huge":
            periods = periods.where(periods != PERIODS[0], 20_000_101)
        case "tuple":
            units = pd.Index([("a", u) for u in units], tupleize_cols=False)
        case "half years":
            periods = periods + 0.5
        case "string":
            units = units.astype("string")
        case "Int64":
            units, periods = number.astype("Int64"), periods.astype("Int64")
        case "unit date":
            units = pd.Timestamp("2001-01-01") + pd.to_timedelta(number, "D")
        case "unit period":
            units = pd.PeriodIndex([pd.Period(2000 + n, "Y") for n in number])
        case "mixed years":
            periods = pd.Index([str(t) if t == PERIODS[1] else t for t in periods], dtype=object)
        case "negative":
            periods = periods - 3000
        case "zero":
            periods = periods * 0
        case "nan year":
            periods = periods.where(periods != PERIODS[1])
        case "swapped":
            units, periods = periods, units
        case "nameless":
            frame = frame.rename_axis([None, None])
        case "one name":
            frame = frame.rename_axis(["period", "period"])
        case "apart":
            periods = periods + number * 10
        case "composed":
            units = units.where(number != 2, "u\u0301")
    labels = pd.Index(dict.fromkeys(units))
    if draw(st.booleans()) and kind in ("int", "float", "category") and len(labels) == len(places):
        places = places.set_axis(labels)
    frame = frame.set_axis(pd.MultiIndex.from_arrays([units, periods], names=frame.index.names))
    return frame, places


def broken_frame(draw, frame, places):
    """One fault of a frame, or a change that is none."""
    row, column = draw(st.integers(0, len(frame) - 1)), draw(st.integers(0, 3))
    name = frame.columns[column]
    faults = """keys keys shuffle duplicate gap cell cell scale constant dtype dtype collinear drop
        twice empty index huge columns cells wild"""
    match draw(st.sampled_from(faults.split())):
        case "keys":
            frame, places = relabelled(draw, frame, places)
        case "shuffle":
            frame = frame.sample(frac=1, random_state=1)
        case "duplicate":
            frame = pd.concat([frame, frame.iloc[[row]]])
        case "gap":
            frame = frame.drop(frame.index[row : row + draw(st.integers(1, 30))])
        case "cell":
            value = draw(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300, -1e-300]))
            frame.iloc[row, column] = value
        case "scale":
            frame[name] *= 10.0 ** draw(st.integers(-300, 300))
        case "huge":
            frame *= 10.0 ** draw(st.integers(-300, 300))
        case "constant":
            frame[name] = draw(st.sampled_from([0.0, 1.0, 1e300, 1e-300]))
        case "dtype":
            kind = draw(st.sampled_from([str, object, "Float64", "float32", int, bool, complex,
                                         "category", "string", "datetime64[ns]", "Int64", "int8",
                                         "timedelta64[ns]", "boolean", "Sparse[float]"]))  # fmt: skip
            whole_numbers = kind in ("datetime64[ns]", "timedelta64[ns]", "Int64", "boolean")
            frame[name] = (frame[name] > 2 if kind == "boolean" else frame[name]).astype(
                "int64" if whole_numbers else float
            )
            frame[name] = frame[name].astype(kind)
        case "collinear":
            frame["z"] = 2 * frame["x"]
        case "drop":
            frame = frame.drop(columns=name)
        case "twice":
            frame = frame.rename(columns={name: "x"})
        case "empty":
            frame = frame.iloc[: draw(st.integers(0, 7))]
        case "cells":
            value = draw(st.sampled_from([None, "", "1,5", "x", [1], {}, Decimal("1.5"), 10**400,
                                          1 + 2j, pd.NA, pd.NaT, pd.Timestamp(0), True,
                                          pd.Interval(0, 1), b"1", "=1+1"]))  # fmt: skip
            cells = frame[name].astype(object).tolist()
            cells[row] = value
            frame[name] = pd.Series(cells, frame.index, dtype=object)
        case "wild":
            floats = st.floats(allow_nan=True, allow_infinity=True)
            frame.iloc[:6, column] = draw(st.lists(floats, min_size=6, max_size=6))
        case "columns":
            frame = draw(st.sampled_from([
                frame.rename(columns={name: "unit"}), frame.rename(columns={name: None}),
                frame.set_axis(range(4), axis=1), frame[[]], frame.T,
                frame.set_axis(pd.MultiIndex.from_product([["y", "x"], ["a", "b"]]), axis=1),
            ]))  # fmt: skip
        case "index":
            frame = draw(st.sampled_from([
                frame.droplevel(0), frame.droplevel(1), frame.reset_index(drop=True),
                frame.reset_index(), frame.swaplevel(), frame.set_index(name, append=True),
                frame.reset_index(level=0),
            ]))  # fmt: skip
    return frame, places


def broken_places(draw, places):
    row, column = draw(st.integers(0, 6)), draw(st.integers(0, 3))
    kinds = "cell drop lack more twice text same groups object numbers columns none shuffle two"
    match draw(st.sampled_from(kinds.split())):
        case "cell":
            value = draw(st.sampled_from([np.nan, np.inf, 0.0, -1.0, 1e300, 91.0, 1e9]))
            places = places.astype(float)
            places.iloc[row, column] = value
        case "drop":
            places = places.drop(columns=places.columns[column])
        case "lack":
            places = places.drop(places.index[row])
        case "more":
            places = pd.concat([places, places.iloc[[row]].set_axis(["elsewhere"])])
        case "twice":
            places = pd.concat([places, places.iloc[[row]]])
        case "text":
            places = places.astype(str)
        case "same":
            places["lon"] = places["lat"] = places["income"] = 30.0
        case "object":
            value = draw(st.sampled_from([None, "x", [1], pd.NaT, 10**400, 1j, {}]))
            name = places.columns[column]
            cells = places[name].astype(object).tolist()
            cells[row] = value
            places[name] = pd.Series(cells, places.index, dtype=object)
        case "numbers":
            places = places.reset_index(drop=True)
        case "columns":
            places = places.set_axis([*places.columns[:3], "lon"], axis=1)
        case "none":
            places = places.iloc[:0]
        case "shuffle":
            places = places.sample(frac=1, random_state=1)
        case "two":
            places = places.set_axis(pd.MultiIndex.from_arrays([places.index, range(len(places))]))
        case "groups":
            places["side"] = draw(st.sampled_from([0, None, [0, 1, 2, 3, 4, 5, 6], "one"]))
    return places


def broken_weights(draw, weights):
    cells = weights.dense().copy()
    kinds = """nan inf negative island raw zero small libpysal labels scale array none lower graph
        sparse coo frame own complex rectangle twice wrong permuted object mapping sparse-nan"""
    match draw(st.sampled_from(kinds.split())):
        case "nan":
            cells[0, 1] = np.nan
        case "inf":
            cells[0, 1] = np.inf
        case "negative":
            cells[0] *= -1
        case "island":
            cells[2] = 0
        case "raw":
            cells = (cells > 0).astype(float)
        case "zero":
            cells[:] = 0
        case "small":
            return Weights(cells[:5, :5], weights.units[:5])
        case "libpysal":
            w = libpysal.weights.lat2W(1, 7)
            w.transform = draw(st.sampled_from(["r", "b"]))
            return w
        case "graph":
            return weights.to_graph()
        case "labels":
            return Weights(cells, weights.units[::-1])
        case "scale":
            cells *= 10.0 ** draw(st.integers(-300, 300))
        case "array":
            return cells
        case "sparse":
            return Weights(sparse.csr_matrix(cells), weights.units)
        case "coo":
            return sparse.coo_array(cells)
        case "sparse-nan":
            cells[0, 1] = np.nan
            return Weights(sparse.csr_array(cells), weights.units)
        case "frame":
            labels = draw(st.sampled_from([weights.units, weights.units[::-1], range(7)]))
            return Weights(pd.DataFrame(cells, labels, labels), weights.units)
        case "own":
            np.fill_diagonal(cells, 0.5)
        case "complex":
            return Weights(cells.astype(complex), weights.units)
        case "object":
            cells = cells.astype(object)
            cells[0, 1] = draw(st.sampled_from(["x", None, [1]]))
        case "rectangle":
            cells = cells[:, :5]
        case "twice":
            return Weights(cells, [*weights.units[:6], weights.units[0]])
        case "wrong":
            return Weights(cells, range(7))
        case "permuted":
            order = weights.units[::-1]
            kind = draw(st.sampled_from(["to_libpysal", "to_graph", "sub"]))
            return getattr(weights.sub(order), kind)(*([order] if kind == "sub" else []))
        case "mapping":
            return {"W": weights}
        case "none":
            return None
        case "lower":
            cells = np.tril(np.ones((7, 7)), -1)
    return Weights(cells, weights.units)


@pytest.mark.parametrize("door", DOORS)
def test_the_doors_are_open_to_what_is_right(door):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert DOORS[door](*whole()) is not None


@pytest.fixture
def bounded():
    """Neither a hang nor a huge allocation: a minute a call, and four gigabytes."""

    def late(*_):
        raise TimeoutError("a call that takes a minute hangs")

    before, handler = resource.getrlimit(resource.RLIMIT_AS), signal.signal(signal.SIGALRM, late)
    resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, before[1]))
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, handler)
    resource.setrlimit(resource.RLIMIT_AS, before)


def call(door, data):
    """One call with broken input: a result, or the named error that says what is wrong."""
    signal.alarm(60)
    frame, places, weights = whole(data.draw(st.integers(0, 5)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for what in data.draw(
                st.lists(st.sampled_from("fpw"), min_size=1, max_size=2, unique=True)
            ):
                if what == "f":
                    frame, places = broken_frame(data.draw, frame, places)
                elif what == "p":
                    places = broken_places(data.draw, places)
                else:
                    weights = broken_weights(data.draw, weights)
            result = DOORS[door](frame, places, weights)
        except AnalysisError as error:
            result = str(error)
    assert result is not None
    assert not isinstance(result, str) or 10 < len(result) < 2000


@pytest.mark.slow
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("door", DOORS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_broken_input_ends_in_a_named_error_or_in_a_result(door, data):
    call(door, data)
