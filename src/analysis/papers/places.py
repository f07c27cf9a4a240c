"""The cities of the two studies: labels, coordinates, regions, resource-based flags."""

from functools import lru_cache
from typing import Literal

import pandas as pd

from analysis.resources import data_path
from analysis.study.names import Names

Roster = Literal["ne34", "cities283", "cities284"]


@lru_cache(maxsize=8)
def _read(roster: str) -> pd.DataFrame:
    name = f"cities_{roster.removeprefix('cities')}.csv"
    frame = pd.read_csv(data_path("geography", name), keep_default_na=False)
    return frame.rename(columns={"city_id": "city"}).set_index("city")


def cities(roster: Roster) -> pd.DataFrame:
    """Read the geography of one roster of cities.

    Parameters
    ----------
    roster : {"ne34", "cities283", "cities284"}

    Returns
    -------
    DataFrame
        Indexed by city, with ``lon`` and ``lat`` (degrees), names, provinces, regions and flags.

    Examples
    --------
    >>> geo = cities("ne34")
    >>> len(geo), int(geo["resource_based"].sum())
    (34, 19)
    """
    return _read(roster).copy()


def names(roster: Roster) -> dict[str, Names]:
    """What the cities of a roster and their provinces can be called in raw files."""
    table, around = cities(roster).reset_index(), ["province_en", "province_zh"]
    return {
        "city": Names.of(table, "city", ["adcode", "name_en", "name_zh"], around),
        "province": Names.of(table, "province_en", around),
    }
