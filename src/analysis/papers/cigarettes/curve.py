"""Cigarette demand in 46 US states."""

from __future__ import annotations

import numpy as np

from analysis.panel import Panel
from analysis.papers.validation import cigarettes
from analysis.study.curve.choices import (
    DYNAMICS,
    ESTIMATOR,
    STD_ERRORS,
    TAIL,
    Case,
    controls,
    offered,
    spans,
)
from analysis.weights import Weights


def _weights(kind: str, panel: Panel) -> Weights:
    _, first = cigarettes()
    adjacent = first.dense() > 0
    second = (adjacent.astype(int) @ adjacent.astype(int) > 0) & ~adjacent
    np.fill_diagonal(second, val=False)
    reach = {"contiguity": adjacent, "second-order": second, "both-orders": adjacent | second}
    whole = Weights(reach[kind].astype(float), first.units, kind).row_standardise()
    return whole.sub(panel.units)


CASE = Case(
    name="cigarettes",
    title="Cigarette demand in 46 US states",
    outcome="logc",
    focus=("logp",),
    controls=("logy",),
    panel=lambda chosen: cigarettes()[0],
    weights=_weights,
    choices=(
        offered("weights", "spatial weights", "contiguity", "both-orders", "second-order"),
        spans("1963-1992", "1963-1977", "1978-1992"),
        offered("cities", "states", "all", "without-extreme"),
        TAIL,
        controls("logy"),
        offered("model", "spatial model", "sdm", "sar", "sem", "sdem", "slx"),
        DYNAMICS,
        ESTIMATOR,
        STD_ERRORS,
    ),
)
