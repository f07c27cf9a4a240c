"""Real capital, real GDP and energy from raw series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import (
    DomainError,
    SpecificationError,
    UnbalancedPanelError,
    UnitMismatchError,
)
from analysis.measures.capital import accumulate, capital_stock
from analysis.measures.deflation import chained_deflator, constant_prices
from analysis.measures.intensity import energy_from_intensity
from analysis.panel import Panel

rates = st.floats(0.01, 0.3)


def investment_panel(flows):
    flows = np.asarray(flows, dtype=float)
    index = pd.MultiIndex.from_product(
        [[f"city {i}" for i in range(flows.shape[1])], range(2009, 2009 + len(flows))],
        names=["city", "year"],
    )
    return Panel.from_frame(pd.DataFrame({"i": flows.T.ravel()}, index=index), source="inv.csv")


@pytest.mark.seconds
@given(rate=rates, growth=st.floats(-0.005, 0.2))
def test_capital_approaches_its_steady_state_at_the_rate_that_theory_gives(rate, growth):
    flows = 50.0 * (1 + growth) ** np.arange(8)[:, None]
    stock = capital_stock(investment_panel(flows), "i", rate, initial="steady-state").to_numpy()
    steady = flows.ravel() * (1 + growth) / (growth + rate)
    start = 1 / (1 + growth) - 1
    expected = start * ((1 - rate) / (1 + growth)) ** np.arange(8)
    np.testing.assert_allclose(stock / steady - 1, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.seconds
@given(rate=rates)
def test_capital_is_the_sum_of_surviving_vintages(rate):
    flows = np.random.default_rng(3).lognormal(size=(9, 4))
    stock = capital_stock(investment_panel(flows), "i", rate, initial="depreciation")
    ages = np.arange(8, -1, -1)
    survive = (1 - rate) ** ages
    first = flows[0] / rate * survive[0]
    expected = first + (survive[1:, None] * flows[1:]).sum(axis=0)
    np.testing.assert_allclose(stock.xs(2017, level="year"), expected, rtol=1e-12)


def test_the_choice_of_the_initial_stock_fades_at_the_rate_of_depreciation():
    flows = np.random.default_rng(5).lognormal(size=(11, 3))
    panel = investment_panel(flows)
    one = capital_stock(panel, "i", 0.1, initial="ratio", ratio=0.2)
    two = capital_stock(panel, "i", 0.1, initial="ratio", ratio=0.1)
    gap = (two - one).to_numpy().reshape(3, 11)
    np.testing.assert_allclose(gap[:, 1:] / gap[:, :-1], 0.9, rtol=1e-12)


def test_the_printed_formula_never_wears_out_old_capital():
    flows = np.full((6, 1), 10.0)
    printed = accumulate(flows, np.array([100.0]), 0.1, "printed").ravel()
    np.testing.assert_allclose(np.diff(printed), 9.0)
    right = accumulate(flows, np.array([100.0]), 0.1).ravel()
    np.testing.assert_allclose(right, 100.0)


def test_negative_investment_is_refused_with_city_and_year():
    flows = np.ones((4, 3))
    flows[2, 1] = -5.0
    with pytest.raises(DomainError, match=r"inv\.csv.*'i' is negative in city 1 2011 \(-5\)"):
        capital_stock(investment_panel(flows), "i")


def test_no_steady_state_is_refused_with_the_city():
    flows = np.ones((4, 2))
    flows[:, 1] = [8, 4, 2, 1]
    with pytest.raises(DomainError, match=r"no steady state.*city 1"):
        capital_stock(investment_panel(flows), "i", initial="steady-state")


@pytest.mark.parametrize(
    "options",
    [{"initial": "guess"}, {"formula": "new"}, {"depreciation": 1.2}, {"ratio": 0.0}],
)
def test_unknown_options_of_capital_are_refused(options):
    with pytest.raises(SpecificationError, match=next(iter(options))):
        capital_stock(investment_panel(np.ones((3, 1))), "i", **options)


def prices(values, places=("north", "south")):
    index = pd.MultiIndex.from_product([places, range(2009, 2009 + len(values))])
    return pd.Series([*values, *values][: len(index)], index=index)


@given(base=st.sampled_from([2009, 2010, 2012]))
def test_a_deflator_is_one_in_its_base_year_and_moves_by_the_yearly_index(base):
    yearly = prices([90.0, 104.0, 99.0, 103.5])
    chained = chained_deflator(yearly, base)
    np.testing.assert_allclose(chained.xs(base, level=1), 1.0)
    np.testing.assert_allclose(chained.xs(2011, level=1) / chained.xs(2010, level=1), 0.99)


def test_a_chain_does_not_skip_a_year():
    with pytest.raises(UnbalancedPanelError, match="south 2010"):
        chained_deflator(prices([100.0, 104.0, 99.0]).drop(("south", 2010)), 2009)
    with pytest.raises(DomainError, match="base year 2001"):
        chained_deflator(prices([100.0, 104.0]), 2001)
    with pytest.raises(DomainError, match=r"north 2010 \(-4\)"):
        chained_deflator(prices([100.0, -4.0]), 2009)


def test_a_city_without_province_or_price_is_named():
    nominal = pd.Series([1.0], pd.MultiIndex.from_tuples([("a", 2012)]))
    deflator = chained_deflator(prices([100.0, 104.0]), 2009)
    with pytest.raises(UnitMismatchError, match="a"):
        constant_prices(nominal, deflator, pd.Series({"b": "north"}))
    with pytest.raises(DomainError, match="no deflator for north 2012"):
        constant_prices(nominal, deflator, pd.Series({"a": "north"}))


def test_energy_carries_no_more_than_one_intensity_a_province_year():
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([list("abcd"), [2010, 2011]])
    gdp = pd.Series(rng.lognormal(size=8), index=index)
    intensity = pd.Series(
        [0.5, 0.6, 0.7, 0.8], pd.MultiIndex.from_product([["p", "q"], [2010, 2011]])
    )
    province = pd.Series({"a": "p", "b": "p", "c": "q", "d": "q"})
    energy = energy_from_intensity(gdp, intensity, province, gdp_base=2009, intensity_base=2009)
    assert (energy / gdp).round(12).nunique() == 4
    with pytest.raises(SpecificationError, match=r"current prices.*prices of 2005"):
        energy_from_intensity(gdp, intensity, province, gdp_base=None, intensity_base=2005)
    with pytest.raises(DomainError, match="no energy intensity for q 2011"):
        energy_from_intensity(
            gdp, intensity.drop(("q", 2011)), province, gdp_base=2009, intensity_base=2009
        )
