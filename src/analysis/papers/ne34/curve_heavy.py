"""Specification curve of the north-east study, and the same where co-agglomeration has no effect."""

from __future__ import annotations

import pandas as pd

from analysis.book import heavy as validate
from analysis.papers import curves as _curves
from analysis.papers.ne34.curve import CASE


@validate.study("curve-ne34", budget=90, files=CASE.files)
def curve() -> pd.DataFrame:
    """All specifications."""
    return _curves.whole_curve(CASE)


@validate.study("curve-ne34-null", budget=120, files=CASE.files)
def curve_without_effect() -> pd.DataFrame:
    """Part of the specifications, on data without an effect."""
    return _curves.null_curves(CASE)
