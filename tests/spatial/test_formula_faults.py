"""A formula that cannot be computed says which cell is at fault, in plain text."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DomainError, NonFiniteError, NotRowStandardisedError, SpecificationError
from analysis.spatial import fit
from analysis.spatial.estimates import TestResult


@pytest.fixture
def frame():
    rows = pd.MultiIndex.from_product([list("abcdef"), range(2010, 2015)], names=["town", "year"])
    values = np.random.default_rng(1).lognormal(size=(30, 2))
    return pd.DataFrame(values, rows, ["co2", "gdp"])


@pytest.fixture
def neighbours(frame):
    from libpysal.graph import Graph

    ring = list("abcdef")
    beside = {u: {ring[k - 1]: 1, ring[(k + 1) % 6]: 1} for k, u in enumerate(ring)}
    return Graph.from_weights_dict(beside)


def test_a_logarithm_of_nothing_names_the_row(frame, neighbours):
    frame.iloc[3, 1] = 0
    with pytest.raises(DomainError, match=r"log\(gdp\): must be positive, is not in a 2013 \(0\)"):
        fit(frame, "log(co2) ~ log(gdp)", neighbours.transform("r"))


def test_a_cell_of_text_names_the_row(frame, neighbours):
    frame = frame.astype({"gdp": object})
    frame.iloc[3, 1] = "n/a"
    with pytest.raises(NonFiniteError, match=r"'gdp' is not a finite number in a 2013 \(n/a\)"):
        fit(frame, "log(co2) ~ log(gdp)", neighbours.transform("r"))


def test_an_error_of_the_parser_is_plain_text(frame, neighbours):
    with pytest.raises(SpecificationError, match="cannot read the formula") as error:
        fit(frame, "log(co2 ~ gdp", neighbours.transform("r"))
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_weights_of_libpysal_are_told_their_own_method(frame, neighbours):
    with pytest.raises(NotRowStandardisedError, match=r"\.transform\('r'\)"):
        fit(frame, "log(co2) ~ log(gdp)", neighbours)


def test_a_test_shows_its_p():
    assert repr(TestResult("Wald", 3.84, 1)) == "Wald: 3.84, df = 1, P = 0.05004"
