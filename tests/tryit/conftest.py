"""One page with the mathematics for all tests."""

import pytest
from beside import Engine


@pytest.fixture(scope="session")
def engine(chromium):
    made = Engine(chromium)
    yield made
    made.context.close()
