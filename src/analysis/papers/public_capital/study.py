"""Munnell's production function: 48 US states, 1970-1986."""

from analysis.papers.validation import PUBLIC_CAPITAL, public_capital, states
from analysis.study import Data, Study
from analysis.study.declaration import written


def load() -> Data:
    """Read Munnell's panel and where the states lie."""
    panel, weights = public_capital()
    return Data(panel=panel, places=states(weights), about=" of Munnell's production panel.")


STUDY = Study(
    **written("analysis.papers.public_capital"),
    model=PUBLIC_CAPITAL,
    load=load,
    years=tuple(range(1970, 1987)),
    matrices={"contiguity": lambda places, _: public_capital()[1].sub(places.index)},
)
