"""Which studies have their specification curve among the heavy results, and what their chapters share."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.book import heavy
from analysis.book.figures import Picture
from analysis.book.page import Page
from analysis.papers.cities283.study import STUDY as CITIES283
from analysis.papers.ne34.study import STUDY as NE34
from analysis.study import Sample
from analysis.study.curve import picture, report
from analysis.study.curve.heavy import register
from analysis.study.curve.null import shares

for study in (NE34, CITIES283):
    register(study)


def opened(
    sample: Sample, **kept: Sequence[str]
) -> tuple[Page, picture.Curve, pd.DataFrame, pd.DataFrame]:
    """Read a study's committed curve, in so far as its choices are kept.

    Returns
    -------
    page : Page
    curve : Curve
    table, summary : DataFrame
        Every specification, and the shares of those that have an estimate.
    """
    frame = heavy.load(f"curve-{sample.study.name}").frame
    table = report.kept(frame, **kept)
    curve = picture.Curve.of(sample.study, table, sample)
    return Page(captions=sample.study.captions), curve, table, shares(table[table["error"].isna()])


def drawn(page: Page, curve: picture.Curve, term: str, quantity: str, label: str) -> Picture:
    """Draw the curve as it stands on paper, with the numbers behind it."""
    return page.by(picture.still, picture.live).figure(
        picture.still(curve, term, quantity),
        label,
        alt=report.alternative(curve, term, quantity),
        values=curve.specifications.join(curve.estimates[term, quantity]),
    )
