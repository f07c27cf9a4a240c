"""Public panels and the numbers that independent software gave on them."""

import json

import pytest

from analysis.papers import validation
from analysis.resources import data_path

REFERENCE = data_path("reference", "spatial")


@pytest.fixture(scope="session")
def reference():
    return lambda name: json.loads((REFERENCE / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def cigarettes():
    return validation.cigarettes()


@pytest.fixture(scope="session")
def public_capital():
    return validation.public_capital()
