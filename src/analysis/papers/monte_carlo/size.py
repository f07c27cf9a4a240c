"""How often LM tests reject a true null, by what they take for the lagged fit."""

from __future__ import annotations

from itertools import product
from typing import Literal, get_args

import pandas as pd

from analysis.book.heavy import result
from analysis.inference.resampling import parallel
from analysis.papers.monte_carlo.likelihood import MATRICES, SHAPES, Cell, draw_panel, matrix_of
from analysis.spatial import Specification
from analysis.spatial.specification_tests import lm_tests

Convention = Literal["elhorst", "dummies", "transformation"]
SPEC = Specification("y", ["x"])


def _rejected(job: tuple[str, str, int]) -> list[dict[str, object]]:
    shape, matrix, draw = job
    w = matrix_of(shape, matrix)
    panel = draw_panel(Cell(shape, matrix, False, 0.0), w, draw)
    return [
        {"shape": shape, "weights": matrix, "convention": convention}
        | {
            test.name: test.p_value < 0.05
            for test in lm_tests(panel, SPEC, w, convention=convention)
        }
        for convention in get_args(Convention)
    ]


@result(
    "monte_carlo_lm",
    budget=120,
    files=["data/geography/cities_ne34.csv", "data/geography/cities_283.csv"],
)
def monte_carlo_lm() -> pd.DataFrame:
    """Shares of samples without spatial dependence in which each test rejects at 5 %."""
    jobs = [
        (shape, matrix, draw)
        for shape, matrix in product(SHAPES, MATRICES)
        for draw in range(1000 if shape == "34 x 20" else 400)
    ]
    draws = pd.DataFrame([row for rows in parallel(_rejected, jobs) for row in rows])
    cells = draws.groupby(["shape", "weights", "convention"], sort=False)
    return cells.mean(numeric_only=False).assign(draws=cells.size()).reset_index().round(4)
