import numpy as np
import pandas as pd
import pytest

from analysis.papers.ne34.measures import CONTRACT, SECTORS
from analysis.papers.places import cities

YEARS = tuple(range(2003, 2008))


def sound_tables(seed: int = 5) -> dict[str, pd.DataFrame]:
    """Raw tables that keep the contract, without gaps."""
    rng = np.random.default_rng(seed)
    roster = list(cities("ne34").index)
    index = pd.MultiIndex.from_product([roster, YEARS], names=["city", "year"])

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, len(index)).round(2)

    tables = {
        "employment": pd.DataFrame(
            {"all_industries": draw(5e5, 9e5), "manufacturing": draw(5e4, 2e5)}
            | {sector: draw(1e3, 2e4) for sector in SECTORS},
            index=index,
        ),
        "gdp": pd.DataFrame({"gdp": draw(200, 900), "population": draw(100, 900)}, index=index),
        "public_finance": pd.DataFrame(
            {"expenditure": draw(5e5, 9e5), "science": draw(1e3, 9e3)}, index=index
        ),
        "fdi": pd.DataFrame({"fdi": draw(1e3, 9e4)}, index=index),
        "roads": pd.DataFrame(
            {"road_area": draw(300, 900), "district_population": draw(40, 90)}, index=index
        ),
        "reports": pd.DataFrame(
            {"environment_words": draw(20, 60).round(), "total_words": draw(8e3, 1e4).round()},
            index=index,
        ),
        "co2": pd.DataFrame({"co2": draw(1e3, 9e3)}, index=index),
        "exchange_rate": pd.DataFrame(
            {"yuan_per_dollar": np.linspace(8.28, 7.6, len(YEARS))},
            index=pd.Index(YEARS, name="year"),
        ),
    }
    return tables


@pytest.fixture
def tables():
    return sound_tables()


@pytest.fixture
def folder(tmp_path, tables):
    CONTRACT.write(tables, tmp_path)
    return tmp_path


@pytest.fixture
def required():
    return {"city": list(cities("ne34").index), "year": list(YEARS)}
