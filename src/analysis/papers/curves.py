"""Which studies have their specification curve among the heavy results, and what their chapters share."""

from collections.abc import Sequence

from analysis.book import heavy
from analysis.book.page import Page, conditions, numbers
from analysis.book.tables import Table
from analysis.papers.cities283.study import STUDY as CITIES283
from analysis.papers.ne34.study import STUDY as NE34
from analysis.study import Sample, sections
from analysis.study.curve import report
from analysis.study.curve.heavy import register
from analysis.study.curve.null import joint_test, null_fit, null_grid

for study in (NE34, CITIES283):
    register(study)


def opened(
    sample: Sample, term: str, quantity: str, **kept: Sequence[str]
) -> tuple[Page, sections.Section]:
    """Read a study's committed curve, in so far as its choices are kept, and glue its counts."""
    table = report.kept(heavy.load(f"curve-{sample.study.name}").frame, **kept)
    found = sections.specification_curve(sample, table, term, quantity)
    curve, failed = found.of["curve"], table["error"].dropna().astype(str)
    conditions(some_failed=len(failed))
    numbers(
        n_choices=len(curve.choices),
        n_specifications=len(curve.specifications),
        n_tried=len(curve.specifications) + len(failed),
        n_failed=len(failed),
        why_failed=" or ".join(
            failed.str.extract(r": ([^:.]*)")[0].str.replace("rho", "ρ").unique()
        ),
    )
    return Page(captions=sample.study.captions), found


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
    return page.by(joint_test).table(report.joint_table(joint, study), label)
