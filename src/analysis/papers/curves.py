"""Which studies have their specification curve among the heavy results, and what their chapters share."""

from collections.abc import Sequence

import pandas as pd

from analysis.book import heavy
from analysis.book.figures import Picture
from analysis.book.page import Page, numbers
from analysis.book.tables import Table
from analysis.papers.cities283.study import STUDY as CITIES283
from analysis.papers.ne34.study import STUDY as NE34
from analysis.study import Sample
from analysis.study.curve import picture, report
from analysis.study.curve.heavy import register
from analysis.study.curve.null import joint_test, null_fit, null_grid, shares

for study in (NE34, CITIES283):
    register(study)


def opened(
    sample: Sample, term: str, quantity: str, **kept: Sequence[str]
) -> tuple[Page, picture.Curve, pd.DataFrame, pd.DataFrame]:
    """Read a study's committed curve, in so far as its choices are kept, and glue its counts.

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
    numbers(
        n_choices=len(curve.choices),
        n_specifications=len(curve.specifications),
        n_tried=len(curve.specifications) + int(table["error"].notna().sum()),
        curve_term=curve.label(term),
        curve_quantity=quantity,
    )
    return Page(captions=sample.study.captions), curve, table, shares(table[table["error"].isna()])


def drawn(page: Page, curve: picture.Curve, term: str, quantity: str, label: str) -> Picture:
    """Draw the curve as it stands on paper, with the numbers behind it."""
    return page.by(picture.still, picture.live).figure(
        picture.still(curve, term, quantity),
        label,
        alt=report.alternative(curve, term, quantity),
        values=curve.specifications.join(curve.estimates[term, quantity]),
    )


def against_chance(page: Page, sample: Sample, term: str, label: str) -> Table:
    """Show what the same choices return where there is no effect, and glue what the prose says of it."""
    study, name = sample.study, f"curve-{sample.study.name}-null"
    null, size = heavy.load(name).frame, len(null_grid(study))
    missing = size - null[null["draw"] >= 0].groupby("draw")["count"].min()
    joint = joint_test(null[null["draw"] < 0], null[null["draw"] >= 0])
    of_term = joint.query("term == @term and quantity == 'coefficient'").set_index("statistic")
    numbers(
        null_specifications=size,
        null_estimator=null_fit(study).specification.estimator,
        draws=len(missing),
        incomplete=int((missing > 0).sum()),
        most_missing=int(missing.max()),
        budget=heavy.results()[name].budget,
        joint=of_term.loc["significant_same_sign"],
    )
    return page.by(joint_test).table(report.joint_table(joint), label)
