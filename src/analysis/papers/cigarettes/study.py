"""Cigarette demand in 46 US states."""

import numpy as np
import pandas as pd

from analysis.papers.validation import CIGARETTES, cigarettes, states
from analysis.study import Data, Study
from analysis.study.curve.choices import controls, offered, spans
from analysis.study.declaration import Matrix, written
from analysis.weights import Weights


def load() -> Data:
    """Read Baltagi's panel and where the states lie."""
    panel, weights = cigarettes()
    return Data(panel=panel, places=states(weights), about=" of Baltagi's cigarette panel.")


def _reach(kind: str) -> Matrix:
    def build(places: pd.DataFrame, _: pd.Series) -> Weights:
        first = cigarettes()[1]
        adjacent = first.dense() > 0
        second = (adjacent @ adjacent > adjacent) & ~np.eye(len(adjacent), dtype=bool)
        reach = {"contiguity": adjacent, "second-order": second, "both-orders": adjacent | second}
        whole = Weights(reach[kind].astype(float), first.units, kind).row_standardise()
        return whole.sub(places.index)

    return build


STUDY = Study(
    **written("analysis.papers.cigarettes"),
    model=CIGARETTES,
    load=load,
    years=tuple(range(1963, 1993)),
    matrices={kind: _reach(kind) for kind in ("contiguity", "both-orders", "second-order")},
    choices=(
        spans("1963-1992", "1963-1977", "1978-1992"),
        controls("logy"),
        offered("model", "spatial model", "sdm", "sar", "sem", "sdem", "slx"),
    ),
)
