import numpy as np
import pandas as pd
import pytest
from esda.moran import Moran
from honest import honest, nearest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import full2W
from scipy.stats import norm

from analysis.audit import (
    COLUMNS,
    Interval,
    Statement,
    across_columns,
    audit_table,
    check_statements,
    confidence_intervals,
    degrees_of_freedom,
    effect_rows,
    effect_sums,
    exchanged,
    findings_frame,
    group_difference,
    implied_moran_sd,
    joint_test,
    largest_modulus,
    lower_bounds,
    moran_against_weights,
    named_weights,
    natural_units,
    printed,
    repeated_rows,
    spread,
    stability,
    stars,
    stated_numbers,
    statistics_against_p,
    totals_table,
    turning_points,
    turning_points_apart,
)
from analysis.audit.moments import observations
from analysis.audit.moran import MoranMoments
from analysis.audit.significance import implied_degrees_of_freedom
from analysis.errors import AuditTableError

TABLES = 25


def alarms(table, cities, years):
    full = table.reindex(columns=list(COLUMNS), fill_value="")
    return [f for f in audit_table(full, cities, years) if f.contradicts]


def frame(**columns):
    return pd.DataFrame(columns)


@pytest.mark.seconds
@pytest.mark.parametrize("simulated", [True, False])
def test_consistent_tables_raise_no_alarm(simulated):
    """Each level is 0.1 % or an algebraic bound, so no alarm is expected in 25 tables."""
    raised = {}
    for seed in range(TABLES):
        paper = honest(seed, simulated=simulated)
        found = alarms(paper.table, paper.cities, paper.years)
        if found:
            raised[seed] = [(f.check, f.place) for f in found]
    assert raised == {}


# planted errors, each of a kind that papers have


def plant(seed, change):
    paper = honest(seed)
    table = paper.table.copy()
    assert change(table) is None
    return checks(alarms(table, paper.cities, paper.years))


def checks(findings):
    """Names of findings and of their witnesses."""
    return {one.check for f in findings for one in (f, *f.witnesses)}


def graded(findings):
    return [(f.certainty, f.consequence) for f in findings]


NONE = ("none", "none")


def cell(paper, column, value, /, **where):
    rows = np.logical_and.reduce([paper[name] == text for name, text in where.items()])
    assert rows.sum() == 1
    paper.loc[rows, column] = value(paper.loc[rows, column].iloc[0])


def flip(text):
    return text[1:] if text.startswith("-") else "-" + text


@pytest.mark.parametrize("seed", range(8))
def test_a_misplaced_decimal_point_in_a_standard_deviation_is_found(seed):
    def change(table):
        cell(table, "std_dev", lambda s: f"{float(s) * 10:.3f}", table="1", term="a")

    assert "spread" in plant(seed, change)


@pytest.mark.parametrize("seed", range(8))
def test_stars_that_the_standard_error_does_not_support_are_found(seed):
    def change(table):
        rows = (table["table"] == "2") & (table["std_error"] != "")
        ratio = table.loc[rows, "estimate"].astype(float) / table.loc[rows, "std_error"].astype(
            float
        )
        weak = ratio.abs().idxmin()
        table.loc[weak, "stars"] = "***"

    assert "stars" in plant(seed, change)


@pytest.mark.parametrize("seed", range(8))
def test_a_z_value_with_two_digits_swapped_is_found(seed):
    def change(table):
        rows = table.index[table["term"] == "Moran"]
        table.loc[rows[0], ["statistic", "p"]] = ["2.827", "0.050"]

    assert "statistic against P" in plant(seed, change)


@pytest.mark.parametrize("seed", range(8))
def test_a_row_pasted_twice_is_found(seed):
    def change(table):
        rows = table.index[table["term"] == "Moran"]
        columns = ["estimate", "statistic", "p"]
        table.loc[rows[3], columns] = table.loc[rows[5], columns].tolist()

    assert "repeated row" in plant(seed, change) or honest(seed).years < 12


def signed(minimum):
    """Seeds whose printed rho is far enough from zero for its sign to show in the totals."""
    chosen = []
    for seed in range(100):
        table = honest(seed).table
        rho = float(
            table.loc[(table["table"] == "2") & (table["term"] == "rho"), "estimate"].iloc[0]
        )
        if rho < -minimum:
            chosen.append(seed)
    return chosen[:6]


@pytest.mark.parametrize("seed", signed(0.15))
def test_an_absolute_value_posted_in_place_of_a_negative_rho_is_found(seed):
    found = plant(seed, lambda table: cell(table, "estimate", flip, table="2", term="rho"))
    assert "short-run totals" in found


@pytest.mark.parametrize("seed", range(6))
def test_effects_of_another_model_are_found(seed):
    other = honest(seed + 1000).table

    def change(table):
        chosen = table.index[table["effect"] != ""]
        source = other.loc[other["effect"] != "", ["estimate", "std_error"]].to_numpy()
        table.loc[chosen, ["estimate", "std_error"]] = source

    assert {"short-run totals", "long-run totals"} & plant(seed, change)


@pytest.mark.parametrize("seed", range(6))
def test_a_regressor_in_percent_described_as_a_share_is_found(seed):
    def change(table):
        rows = (table["table"] == "1") & (table["term"] == "b")
        for name in ("mean", "std_dev", "min", "max"):
            table.loc[rows, name] = f"{float(table.loc[rows, name].iloc[0]) / 1000:.6f}"

    assert "units" in plant(seed, change)


def test_a_wrong_sample_size_is_found():
    paper = honest(3)
    cell(paper.table, "estimate", lambda n: str(int(n) + paper.cities), term="Observations")
    assert "observations" in {f.check for f in alarms(paper.table, paper.cities, paper.years)}


def test_an_explosive_sum_of_parameters_matters_most_where_long_run_effects_are_printed():
    paper = honest(0)
    cell(paper.table, "estimate", lambda _: "0.900", table="2", term="L.y")
    cell(paper.table, "estimate", lambda _: "0.300", table="2", term="W.L.y")
    cell(paper.table, "estimate", lambda _: "0.100", table="2", term="rho")
    assert {"stability", "long-run totals"} <= checks(alarms(paper.table, None, None))
    coefficients = paper.table[paper.table["table"] == "2"]
    assert graded(stability(coefficients, "m", long_run=True)) == [("likely", "main")]
    assert graded(stability(coefficients, "m")) == [("likely", "secondary")]


def test_without_a_printed_rho_the_needed_one_is_named():
    table = frame(model=["m"] * 2, term=["L.y", "W.L.y"], estimate=["0.774", "0.406"])
    assert stability(table, "m")[0].recomputed == "stable only for rho < -0.180"


# each check against what it must equal


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-50, 50, allow_nan=False), min_size=3, max_size=40),
    st.integers(1, 4),
)
def test_no_sample_breaks_the_bounds_on_its_standard_deviation(values, places):
    v = np.array(values)
    row = {
        name: [f"{number:.{places}f}"]
        for name, number in zip(
            ("mean", "std_dev", "min", "max"),
            (v.mean(), v.std(ddof=1), v.min(), v.max()),
            strict=True,
        )
    }
    assert spread(frame(term=["x"], **row), n=len(v)) == []


def test_the_least_standard_deviation_is_reached_by_a_sample():
    n, low, high = 12, 0.0, 10.0
    rest = (n * 4.0 - low - high) / (n - 2)
    v = np.array([low, high] + [rest] * (n - 2))
    table = frame(term=["x"], mean=["4.00000"], std_dev=[f"{v.std(ddof=1) - 0.001:.5f}"],
                  min=["0.00000"], max=["10.00000"])  # fmt: skip
    assert spread(table, n=n)
    table["std_dev"] = f"{v.std(ddof=1) + 0.001:.5f}"
    assert spread(table, n=n) == []


@pytest.mark.seconds
@settings(max_examples=200, deadline=None)
@given(st.floats(-5, 5), st.floats(0.01, 2), st.integers(2, 4))
def test_stars_given_before_rounding_are_accepted_after_it(estimate, error, places):
    ratio = abs(estimate / error)
    mark = "***" if ratio > 2.5759 else "**" if ratio > 1.96 else "*" if ratio > 1.64486 else ""
    table = frame(
        term=["x"], estimate=[f"{estimate:.{places}f}"], std_error=[f"{error:.{places}f}"],
        stars=[mark],
    )  # fmt: skip
    assert stars(table) == []


def test_too_few_stars_are_slight_and_too_many_are_not():
    table = frame(term=["a", "b", "c"], estimate=["0.9", "0.10", "0.20"],
                  std_error=["0.1", "0.20", "0.10"], stars=["", "*", "***"])  # fmt: skip
    assert [f.consequence for f in stars(table)] == ["slight", "secondary", "secondary"]
    assert findings_frame(stars(table))["consequence"].tolist() == [
        "secondary",
        "secondary",
        "slight",
    ]


def test_a_mark_outside_the_legend_is_reported():
    table = frame(term=["a"], estimate=["0.9"], std_error=["0.1"], stars=["†"])
    assert "legend" in stars(table)[0].sentence


def test_a_one_sided_p_is_named_as_such():
    found = statistics_against_p(frame(term=["a"], z=["1.70"], p=["0.045"]))
    assert found[0].consequence == "slight"
    assert "one-sided" in found[0].sentence


def test_implied_degrees_of_freedom_hold_the_true_ones():
    from scipy import stats

    for df in (1, 4, 16, 33):
        statistic = float(stats.chi2.isf(0.037, df))
        p = f"{stats.chi2.sf(round(statistic, 2), df):.3f}"
        assert df in implied_degrees_of_freedom(printed(f"{statistic:.2f}"), printed(p))


def test_a_test_printed_without_statistic_is_reported_once():
    table = frame(test=["a", "b", "c"], statistic=["", "", "3.84"], p=["0.01", "0.02", "0.050"])
    found = degrees_of_freedom(table, {"c": 1})
    assert len(found) == 1
    assert "2 tests" in found[0].sentence
    assert degrees_of_freedom(table, {"c": 4})[0].consequence == "secondary"


def test_moran_moments_equal_those_of_esda():
    rng = np.random.default_rng(5)
    w = nearest(rng, 30, 4)
    y = rng.gamma(2, size=30)
    moran = Moran(y, full2W(w), permutations=0, transformation="r")
    moments = MoranMoments(w)
    kurtosis = float(((y - y.mean()) ** 4).mean() / y.var() ** 2)
    assert moments.normality_sd == pytest.approx(moran.seI_norm, rel=1e-12)
    assert moments.randomisation_sd(kurtosis) == pytest.approx(moran.seI_rand, rel=1e-12)
    assert moments.kurtosis(moran.seI_rand) == pytest.approx(kurtosis, rel=1e-9)
    assert moments.lowest <= moran.I <= moments.highest


def test_the_matrix_that_made_a_moran_table_fits_it_and_another_does_not():
    rng = np.random.default_rng(6)
    w, other = nearest(rng, 34, 4), nearest(rng, 34, 0)
    rows = []
    for year in range(15):
        y = np.linalg.solve(np.eye(34) - 0.6 * w, rng.normal(size=34))
        moran = Moran(y, full2W(w), permutations=0, transformation="r")
        rows.append((year, f"{moran.I:.3f}", f"{moran.z_rand:.3f}"))
    table = pd.DataFrame(rows, columns=["year", "morans_i", "z"])
    sure = table[table["z"].astype(float).abs() > 0.2]
    fit = moran_against_weights(sure, {"own": w, "other": other})
    assert fit.loc["own", "rows_randomisation"] == len(sure)
    assert fit.loc["other", "rows_randomisation"] == 0
    assert fit.loc["own", "rows_attainable"] == len(sure)


def test_a_z_of_zero_implies_no_standard_deviation():
    with pytest.raises(AuditTableError, match="2003"):
        implied_moran_sd(frame(year=["2003"], morans_i=["-0.03"], z=["0.00"]), 34)


def test_the_largest_modulus_is_that_of_the_companion_matrix():
    rng = np.random.default_rng(7)
    w = nearest(rng, 12, 3)
    tau, rho, eta = 0.6, -0.2, 0.3
    a = np.linalg.solve(np.eye(12) - rho * w, tau * np.eye(12) + eta * w)
    assert largest_modulus(tau, rho, eta, np.linalg.eigvals(w)) == pytest.approx(
        np.abs(np.linalg.eigvals(a)).max()
    )


def test_groups_are_compared_by_a_test_and_not_by_stars():
    table = frame(model=["a", "b"], term=["x", "x"], estimate=["0.236", "0.716"],
                  std_error=["0.277", "0.245"])  # fmt: skip
    found = group_difference(table, "a", "b", "x", claimed=True)
    assert found.contradicts
    assert "cannot be told apart" in found.sentence
    assert found.values["std_error"] == pytest.approx(np.hypot(0.277, 0.245))
    assert not group_difference(table, "a", "b", "x").contradicts
    with pytest.raises(AuditTableError, match="'y'"):
        group_difference(table, "a", "b", "y")


def test_a_stated_turning_point_is_accepted_within_rounding_only():
    table = frame(model=["m", "m"], term=["x", "x^2"], estimate=["0.550", "-0.082"],
                  std_error=["0.173", "0.028"])  # fmt: skip
    (turn,) = turning_points(table)
    allowed = Interval(turn.values["lower"], turn.values["upper"])
    assert not stated_numbers({"turn": ("3.354", allowed)})
    assert stated_numbers({"turn": ("3.454", allowed)})[0].contradicts


def test_turning_points_far_apart_with_small_errors_differ():
    table = frame(model=["a", "a", "b", "b"], term=["x", "x^2"] * 2,
                  estimate=["1.00", "-0.10", "1.00", "-0.50"],
                  std_error=["0.01", "0.001", "0.01", "0.005"])  # fmt: skip
    assert not turning_points_apart(table, "x", claimed=True)[0].contradicts
    table["std_error"] = ["0.50", "0.09", "0.60", "0.300"]
    assert turning_points_apart(table, "x", claimed=True)[0].contradicts


def test_repeated_rows_in_a_coarse_table_are_chance():
    coarse = frame(a=["1", "2", "1", "2", "1"], b=["3", "4", "3", "3", "4"])
    assert repeated_rows(coarse, ["a", "b"]) == []


def test_observations_lose_a_year_to_a_lag():
    assert observations("646", 34, 20, lags=1) == []
    assert observations("646", 34, 20) != []


@pytest.mark.parametrize(
    ("says", "against"),
    [("positive", False), ("negative", True), ("significant", False), ("not significant", True),
     ("significantly positive", False), ("significantly negative", True)],
)  # fmt: skip
def test_statements_are_held_against_the_cells_they_speak_of(says, against):
    table = frame(model=["m"], term=["x"], estimate=["0.50"], std_error=["0.10"])
    assert (
        check_statements(table, [Statement("1", "q", (("m", "x"),), says)])[0].contradicts
        == against
    )


def test_a_statement_with_exceptions_does_not_hold_and_names_them():
    table = frame(model=["m", "m"], term=["x", "z"], estimate=["0.50", "0.01"],
                  std_error=["0.10", "0.10"])  # fmt: skip
    said = Statement("1", "none is significant", (("m", "x"), ("m", "z")), "not significant")
    found = check_statements(table, [said])[0]
    assert found.contradicts
    assert "m, x" in found.sentence
    larger = Statement("1", "q", (("m", "x"),), "larger", than=(("m", "z"),))
    differ = Statement("1", "q", (("m", "x"),), "different", than=(("m", "z"),))
    assert graded(check_statements(table, [larger, differ])) == [NONE, NONE]
    with pytest.raises(AuditTableError, match="'w' in m"):
        check_statements(table, [Statement("1", "q", (("m", "w"),), "positive")])


def test_effects_stand_beside_their_coefficients():
    table = honest(0).table
    rows = effect_rows(table[table["table"] == "2"], table[table["effect"] != ""], "m", "short")
    assert len(rows) == 6
    assert np.allclose(rows["total"], rows["direct"] + rows["indirect"])


def with_ratios(table):
    """The honest table with z, P and a 95 % interval beside each estimate, and totals of effects."""
    rows = []
    for row in table.to_dict("records"):
        if row["std_error"] and float(row["std_error"]) > 0.0005:
            # the print is of rounded numbers, as where a table is typed from a table
            b, se = float(row["estimate"]), float(row["std_error"])
            row |= {
                "statistic": f"{b / se:.2f}", "p": f"{2 * norm.sf(abs(b / se)):.3f}",
                "ci_low": f"{b - 1.96 * se:.3f}", "ci_high": f"{b + 1.96 * se:.3f}",
            }  # fmt: skip
        rows.append(row)
    full = pd.DataFrame(rows).fillna("")
    direct = full[full["effect"] == "direct"].reset_index(drop=True)
    indirect = full[full["effect"] == "indirect"].reset_index(drop=True)
    added = direct["estimate"].astype(float) + indirect["estimate"].astype(float)
    total = direct[["table", "model", "term", "horizon"]].assign(
        effect="total", estimate=added.map("{:.3f}".format)
    )
    return pd.concat([full, total], ignore_index=True).fillna("")


@pytest.fixture(scope="module")
def ratio_tables():
    return [(made := honest(seed), with_ratios(made.table)) for seed in range(5)]


@pytest.mark.seconds
def test_consistent_ratios_intervals_and_totals_raise_no_alarm(ratio_tables):
    for made, table in ratio_tables:
        assert alarms(table, made.cities, made.years) == []


@pytest.mark.seconds
@pytest.mark.parametrize(
    ("column", "check"),
    [("statistic", "ratio"), ("p", "ratio"), ("ci_high", "confidence interval"),
     ("ci_low", "confidence interval")],
)  # fmt: skip
def test_a_wrong_ratio_p_or_end_of_an_interval_is_found(ratio_tables, column, check):
    for made, table in ratio_tables:
        at = table.index[(table["term"] == "x") & (table["horizon"] == "") & (table["p"] != "")][0]
        wrong = table.astype(object)
        # three quarters of a standard error, or the P of another statistic
        step = 0.75 * float(wrong.loc[at, "std_error"]) if column.startswith("ci") else 0.75
        shown = float(wrong.loc[at, column])
        wrong.loc[at, column] = (
            f"{(0.5 if shown < 0.2 else 0.01) if column == 'p' else shown + step:.3f}"
        )
        found = alarms(wrong, made.cities, made.years)
        assert checks(found) == {check}


@pytest.mark.seconds
def test_a_total_that_is_not_the_sum_is_found(ratio_tables):
    for made, table in ratio_tables:
        at = table.index[table["effect"] == "total"][0]
        wrong = table.astype(object)
        wrong.loc[at, "estimate"] = f"{float(wrong.loc[at, 'estimate']) + 0.004:.3f}"
        assert {f.check for f in alarms(wrong, made.cities, made.years)} == {"sum of effects"}


def test_an_interval_of_t_is_accepted_and_one_of_another_level_found():
    def table(q):
        return frame(
            term=["x"], estimate=["0.300"], std_error=["0.100"],
            ci_low=[f"{0.3 - q / 10:.3f}"], ci_high=[f"{0.3 + q / 10:.3f}"],
        )  # fmt: skip

    assert confidence_intervals(table(2.086)) == []  # t with 20 degrees of freedom
    assert "not as wide" in confidence_intervals(table(1.28))[0].sentence
    outside = table(1.96).assign(estimate="0.700")
    assert "lies outside" in confidence_intervals(outside)[0].sentence


# the effects without any weight matrix


def pair_of(paper, horizon="short", kind="total"):
    table = paper.table
    rows = effect_rows(table[table["table"] == "2"], table[table["effect"] != ""], "m", horizon)
    return rows, effect_sums(rows, kind)


@pytest.mark.parametrize("seed", range(8))
def test_effects_tell_the_spatial_parameter_without_a_weight_matrix(seed):
    paper = honest(seed, decimals=6, simulated=False)
    found = {row["term"]: float(row["estimate"]) for _, row in paper.table.iterrows()
             if row["term"] in ("L.y", "W.L.y", "rho")}  # fmt: skip
    rho, error = pair_of(paper)[1].spatial_parameter()
    assert rho == pytest.approx(found["rho"], abs=max(1e-3, 4 * error))
    both, error = pair_of(paper, "long")[1].spatial_parameter(found["L.y"])
    assert both == pytest.approx(found["rho"] + found["W.L.y"], abs=max(1e-3, 4 * error))


def test_a_matrix_that_is_not_row_standardised_tells_its_parameter_as_well():
    rng = np.random.default_rng(3)
    w = rng.uniform(size=(12, 12)) / 9
    np.fill_diagonal(w, 0)
    m = np.linalg.inv(np.eye(12) - 0.4 * w)
    beta, theta = rng.normal(size=(2, 5))
    rows = pd.DataFrame(
        {"beta": beta, "theta": theta, "direct_se": 1e-6, "indirect_se": 1e-6,
         "total": [(b * m + t * m @ w).sum(axis=1).mean() for b, t in zip(beta, theta, strict=True)]}
        | {f"{name}_half": 1e-9 for name in ("direct", "indirect", "beta", "theta")}
    )  # fmt: skip
    fit = effect_sums(rows)
    assert fit.spatial_parameter()[0] == pytest.approx(0.4, abs=1e-6)
    assert fit.own > 1
    assert fit.lagged != pytest.approx(fit.own, rel=0.05)
    bounds = lower_bounds(rows, 0.4)
    assert len(bounds)
    assert (bounds["printed"] >= bounds["bound"] - 1e-9).all()


@pytest.mark.parametrize(("rho", "found"), [(-0.2, True), (0.2, False)])
def test_a_total_below_its_least_size_betrays_the_sign_of_rho(rho, found):
    w = nearest(np.random.default_rng(8), 20, 3)
    total = np.linalg.inv(np.eye(20) - rho * w).sum(axis=1).mean()
    rows = pd.DataFrame({"beta": [1.0], "theta": [0.0], "total": [total], "direct_se": 0.4,
                         "indirect_se": 0.3, "direct_half": 0.0005, "indirect_half": 0.0005,
                         "beta_half": 0.0005}, ["x"])  # fmt: skip
    assert (lower_bounds(rows, 0.2).loc["x", "distance"] > 4) == found


@pytest.mark.seconds
def test_two_exchanged_cells_are_named_in_most_tables_and_never_others():
    hits = 0
    for seed in range(12):
        rows = pair_of(honest(seed))[0]
        assert exchanged(rows) is None
        least, *_, most = rows["indirect"].sort_values().index
        planted = rows.copy()
        planted.loc[[least, most], "indirect"] = rows.loc[[most, least], "indirect"].to_numpy()
        found = exchanged(planted.assign(total=planted["direct"] + planted["indirect"]))
        if found is not None:
            assert (found.kind, set(found.terms)) == ("indirect", {least, most})
            hits += 1
    assert hits >= 8


# further checks of the text and of descriptives


def test_extremes_are_shown_in_their_units_and_judged_by_what_is_known():
    table = frame(term=["lnx", "share"], mean=["10.5", "0.23"], std_dev=["0.7", "0.26"],
                  min=["8.4", "0.10"], max=["12.8", "4.37"])  # fmt: skip
    possible = {"share": Interval(0, 1), "lnx": Interval(1e3, 1e6)}
    found = {f.place: f for f in natural_units(table, ["lnx"], possible)}
    assert found["share"].contradicts
    assert not found["lnx"].contradicts
    assert found["lnx"].values["highest"] == pytest.approx(np.exp(12.8))


def test_a_turn_outside_the_data_is_told():
    effects = frame(
        table=["5"] * 4, horizon=["short"] * 4, effect=["direct", "indirect"] * 2,
        term=["x", "x", "x^2", "x^2"], estimate=["0.585", "-0.454", "-0.087", "0.081"],
        std_error=["0.1"] * 4,
    )  # fmt: skip
    total = totals_table(effects)
    assert total["estimate"].tolist() == ["0.131", "-0.006"]
    (beyond,) = turning_points(total, ranges={"x": Interval(0.3, 8.6)})
    (within,) = turning_points(total, ranges={"x": Interval(0.3, 11)})
    assert (beyond.values["outside"], within.values["outside"]) == (1, 0)
    assert "No value in the data" in beyond.sentence
    assert "No value in the data" not in within.sentence


def test_a_joint_p_larger_than_one_z_allows_is_found():
    table = frame(model=["m"] * 2, term=["a", "b"], estimate=["0.40", "0.01"],
                  std_error=["0.10", "0.10"])  # fmt: skip
    assert joint_test(table, "m", ["a", "b"], printed("0.050")).contradicts
    assert not joint_test(table, "m", ["a", "b"], printed("0.000")).contradicts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-4, 4), min_size=2, max_size=5), st.floats(0, 0.95))
def test_no_wald_test_of_correlated_estimates_breaks_the_bound(z, correlation):
    from scipy.stats import chi2

    z = np.round(z, 3)
    cov = np.full((len(z), len(z)), correlation) + (1 - correlation) * np.eye(len(z))
    p = chi2.sf(z @ np.linalg.solve(cov, z), len(z))
    names = [f"x{i}" for i in range(len(z))]
    table = frame(model=["m"] * len(z), term=names, estimate=[f"{v:.3f}" for v in z],
                  std_error=["1.000"] * len(z))  # fmt: skip
    assert not joint_test(table, "m", names, printed(f"{p:.3f}")).contradicts


def test_a_sign_that_turns_between_columns_is_named():
    table = frame(model=["a", "b", "c"], term=["x"] * 3, estimate=["0.33", "-0.17", "0.30"],
                  std_error=["0.12", "0.25", "0.12"])  # fmt: skip
    found = across_columns([table], "x", "positive")
    assert (found.contradicts, found.values["other"], found.values["clear"]) == (True, 1, 2)
    steady = table[table["model"] != "b"]
    assert not across_columns([steady], "x", "positive").contradicts


def test_a_number_of_the_text_must_round_from_its_table():
    right = {"mean": ("1.36", printed("1.361")), "turn": ("3.354", Interval(3.33, 3.38))}
    assert stated_numbers(right) == []
    wrong = stated_numbers({"mean": ("1.63", printed("1.361"))})
    assert "1.63" in wrong[0].sentence


def test_a_named_matrix_that_fits_no_row_is_set_against_those_that_fit():
    against = pd.DataFrame(
        {"rows_randomisation": [0, 20], "rows": [20, 20]}, index=["nest", "nearest"]
    )
    assert named_weights(against, ["nest"]).contradicts
    assert not named_weights(against, ["nest", "nearest"]).contradicts


def test_stars_may_stand_for_other_levels():
    table = pd.DataFrame(
        {"term": ["x"], "estimate": ["0.30"], "std_error": ["0.13"], "stars": ["*"]}
    )
    assert [finding.recomputed for finding in stars(table)] == ["**"]
    assert stars(table, {"*": 0.05, "**": 0.01, "***": 0.001}) == []
