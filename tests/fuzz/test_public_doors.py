"""Every door that takes a frame or weights: broken input ends in a named error, never in a raw one."""

import os
import warnings

import libpysal
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis.efficiency import Technology, malmquist, score
from analysis.efficiency.printed import score_as_printed
from analysis.errors import AnalysisError
from analysis.inference.groups import compare_groups, interaction_model
from analysis.inference.implied_rho import implied_rho
from analysis.inference.mediation import mediation
from analysis.inference.panel_tests import baseline, effects_f_test, variance_inflation
from analysis.measures.agglomeration import coagglomeration_frame
from analysis.measures.capital import capital_stock
from analysis.measures.cleaning import interpolate, isolated_jumps, winsorise
from analysis.measures.deflation import constant_prices
from analysis.measures.intensity import carbon_intensity
from analysis.panel import Panel
from analysis.spatial import Specification, fit, profile
from analysis.spatial.dynamic_panel import Instruments, dynamic_panel_gmm
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.spatial.moran import global_moran, local_moran
from analysis.spatial.specification_tests import lm_tests, pesaran_cd, specification_tests
from analysis.weights import Weights, gravity, inverse_distance, k_nearest

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


def columns(frame, *names):
    """Columns of a frame, ones where they were dropped."""
    ones = pd.Series(1.0, frame.index)
    return [frame.get(name, ones) for name in names]


def given_of(places, name):
    """A column of the places, ones where it was dropped."""
    return places[name] if name in places else pd.Series(1.0, places.index)


def flat(frame):
    return frame.reset_index()


DOORS = {
    "Panel": lambda f, p, w: Panel.from_frame(flat(f)),
    "fit": lambda f, p, w: fit(f, Specification("y", ["x", "z"]), w),
    "fit by formula": lambda f, p, w: fit(f, "y ~ log(x) + z", w, model="sar"),
    "fit dynamic": lambda f, p, w: fit(
        panel(f), Specification("y", ["x"], time_lag=True, space_time_lag=True), w
    ),
    "fit sem": lambda f, p, w: fit(f, "y ~ x", w, model="sem", effects="individual"),
    "fit ols": lambda f, p, w: fit(f, "y ~ x", w, model="ols", std_errors="cluster"),
    "fit direct": lambda f, p, w: fit(f, "y ~ x", w, estimator="direct").effects(),
    "profile": lambda f, p, w: profile(fit(f, "y ~ x", w), [-0.2, 0.1]),
    "fit_gmm": lambda f, p, w: fit_gmm(f, GmmSpecification("y", ["x"]), w),
    "dynamic_panel_gmm": lambda f, p, w: dynamic_panel_gmm(
        flat(f), "y", ["L.y", "x"],
        [Instruments("y", "lags", 2, 4, collapse=True), Instruments("x", "own")],
        "unit", "period",
    ),
    "global_moran": lambda f, p, w: global_moran(panel(f), "y", w, permutations=19),
    "local_moran": lambda f, p, w: local_moran(
        panel(f).cross_section("y", PERIODS[0]), w, permutations=19
    ),
    "lm_tests": lambda f, p, w: lm_tests(panel(f), Specification("y", ["x"]), w),
    "specification_tests": lambda f, p, w: specification_tests(
        panel(f), Specification("y", ["x"]), w
    ),
    "pesaran_cd": lambda f, p, w: pesaran_cd(*columns(f, "y")),
    "baseline": lambda f, p, w: baseline(f, "y", ["x", "z"]),
    "effects_f_test": lambda f, p, w: effects_f_test(panel(f), "y", ["x"]),
    "variance_inflation": lambda f, p, w: variance_inflation(panel(f), ["x", "z"]),
    "compare_groups": lambda f, p, w: compare_groups(
        panel(f), Specification("y", ["x"], model="ols"), w, given_of(p, "side"), "x", draws=9
    ),
    "interaction_model": lambda f, p, w: interaction_model(
        panel(f), Specification("y", ["x"]), w, given_of(p, "side")
    ),
    "mediation": lambda f, p, w: mediation(panel(f), Specification("y", ["x"]), w, "x", "z"),
    "implied_rho": lambda f, p, w: implied_rho(w, 0.2, 0.05),
    "score": lambda f, p, w: score(panel(f), Technology(("x", "z"), ("y",), ("total",))).summary,
    "super score": lambda f, p, w: score(
        panel(f), Technology(("x",), ("y",), returns="variable", super_efficiency=True)
    ).aggregate(by=given_of(p, "side")),
    "malmquist": lambda f, p, w: malmquist(panel(f), Technology(("x",), ("y",))),
    "score_as_printed": lambda f, p, w: score_as_printed(
        panel(f), Technology(("x",), ("y",), ("z",))
    ),
    "winsorise": lambda f, p, w: winsorise(f, ["x"]),
    "interpolate": lambda f, p, w: interpolate(f, ["x"]),
    "isolated_jumps": lambda f, p, w: isolated_jumps(f, "x"),
    "capital_stock": lambda f, p, w: capital_stock(panel(f), "x"),
    "coagglomeration_frame": lambda f, p, w: coagglomeration_frame(f, "x", ["z"], "total"),
    "carbon_intensity": lambda f, p, w: carbon_intensity(*columns(f, "x", "z")),
    "constant_prices": lambda f, p, w: constant_prices(
        *columns(f, "x", "z"), pd.Series(p.index, p.index)
    ),
    "inverse_distance": lambda f, p, w: inverse_distance(p),
    "gravity": lambda f, p, w: gravity(p, given_of(p, "income")),
    "k_nearest": lambda f, p, w: k_nearest(p, 3),
}  # fmt: skip


def relabelled(draw, frame, places):
    """Other types of key, in the frame alone or in the places too."""
    kind = draw(st.sampled_from(["int", "float", "date", "period", "category", "none", "mixed",
                                 "spaces", "text years", "huge", "bool", "tuple", "half years"]))  # fmt: skip
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
    if draw(st.booleans()) and kind in ("int", "float", "category"):
        places = places.set_axis(pd.Index(dict.fromkeys(units)))
    frame = frame.set_axis(pd.MultiIndex.from_arrays([units, periods], names=frame.index.names))
    return frame, places


def broken_frame(draw, frame, places):
    """One fault of a frame, or a change that is none."""
    row, column = draw(st.integers(0, len(frame) - 1)), draw(st.integers(0, 3))
    name = frame.columns[column]
    faults = """keys shuffle duplicate gap cell scale constant dtype collinear drop twice empty
        index huge"""
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
                                         "category", "string", "datetime64[ns]"]))  # fmt: skip
            frame[name] = frame[name].astype("int64" if kind == "datetime64[ns]" else float)
            frame[name] = frame[name].astype(kind)
        case "collinear":
            frame["z"] = 2 * frame["x"]
        case "drop":
            frame = frame.drop(columns=name)
        case "twice":
            frame = frame.rename(columns={name: "x"})
        case "empty":
            frame = frame.iloc[: draw(st.integers(0, 7))]
        case "index":
            frame = draw(st.sampled_from([frame.droplevel(0), frame.reset_index(drop=True)]))
    return frame, places


def broken_places(draw, places):
    row, column = draw(st.integers(0, 6)), draw(st.integers(0, 3))
    match draw(
        st.sampled_from(["cell", "drop", "lack", "more", "twice", "text", "same", "groups"])
    ):
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
        case "groups":
            places["side"] = draw(st.sampled_from([0, None, [0, 1, 2, 3, 4, 5, 6], "one"]))
    return places


def broken_weights(draw, weights):
    cells = weights.dense().copy()
    match draw(st.sampled_from(["nan", "inf", "negative", "island", "raw", "zero", "small", "libpysal",
                                "labels", "scale", "array", "none", "lower", "graph"])):  # fmt: skip
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


def call(door, data):
    """One call with broken input: a result, or the named error that says what is wrong."""
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
