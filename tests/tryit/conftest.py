"""One page with the mathematics for all tests."""

import pytest
from beside import Engine


@pytest.fixture(scope="session")
def engine(chromium):
    made = Engine(chromium)
    yield made
    made.context.close()


@pytest.fixture
def opened(visit, files):
    """Open a page of `files`, and watch that it asks nobody and complains of nothing."""
    visits = []

    def begin(name, choice="", theme="light", width=1280, **options):
        page = visit("file:", viewport={"width": width, "height": 900}, **options)
        visits.append(page)
        page.open((files / f"{name}-{theme}.html").as_uri() + choice)
        return page.page

    yield begin
    assert not [said for each in visits for said in (*each.outside, *each.complaints)]
