"""What raw numbers are refused for, and where."""

import pandas as pd

from analysis.errors import listed
from analysis.panel import labels
from analysis.resources import declared

SAYS = declared("analysis.measures", "refusals.toml")


def where(wrong: pd.Series, form: str = "g") -> str:
    """First places of a series, each with its value; nothing if there are none."""
    cells = zip(labels(wrong.index), wrong, strict=True)
    return listed(f"{place} ({value:{form}})" for place, value in cells)
