"""Munnell's production function: 48 US states, 1970-1986."""

from __future__ import annotations

from analysis.papers.validation import PUBLIC_CAPITAL, public_capital, states
from analysis.study import Data, Study, Variable


def load() -> Data:
    """Read Munnell's panel and where the states lie."""
    panel, weights = public_capital()
    return Data(panel=panel, places=states(weights), about=" of Munnell's production panel.")


STUDY = Study(
    name="public_capital",
    title="Public capital and private production in 48 US states",
    variables=(
        Variable("lgsp", "ln output", "outcome", "ln gross state product"),
        Variable("lpcap", "ln public capital", "explanatory", "ln public capital"),
        Variable("lpc", "ln private capital", "control", "ln private capital"),
        Variable("lemp", "ln employment", "control", "ln employment"),
        Variable("unemp", "unemployment", "control", "per cent"),
    ),
    model=PUBLIC_CAPITAL,
    load=load,
    years=tuple(range(1970, 1987)),
    weights="contiguity",
    matrices={"contiguity": lambda places, _: public_capital()[1].sub(places.index)},
    unit="state",
    units="states",
)
