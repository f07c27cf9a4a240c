"""Specification curve of the north-east study, and the same where co-agglomeration has no effect."""

from __future__ import annotations

import pandas as pd

from analysis import validate
from analysis.curve.cases.ne34 import CASE
from analysis.validate import _curves


@validate.study("curve-ne34", budget=90, files=CASE.files)
def curve() -> pd.DataFrame:
    """All specifications."""
    return _curves.whole_curve(CASE)


@validate.study("curve-ne34-null", budget=120, files=CASE.files)
def curve_without_effect() -> pd.DataFrame:
    """Part of the specifications, on data without an effect."""
    return _curves.null_curves(CASE)
