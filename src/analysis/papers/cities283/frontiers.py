"""Efficiency put to the test: small cases solved elsewhere, misprints, windows, capital stocks."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.book import ledger
from analysis.efficiency import Efficiency, Technology, malmquist, score, score_as_printed
from analysis.errors import StudyError, listed
from analysis.measures.capital import capital_stock
from analysis.panel import Panel
from analysis.papers.cities283.study import WORDS
from analysis.resources import data_path

CASES_FILE = "data/reference/frontier_solutions.csv"

CITY = Technology(("capital", "labour", "energy"), ("gdp",), ("co2",))
"""What paper B measures: three inputs, real GDP and carbon dioxide."""

TOLERANCE = 1e-9
"""Two scores are the same below this."""


def case_panel(name: str) -> Panel:
    """Data of one small case, columns x0, x1, ..., y0, ..., b0, ...

    Raises
    ------
    StudyError
        If there is no such case.

    Examples
    --------
    >>> case_panel("Tone2003").columns.to_list()
    ['x0', 'y0', 'b0']
    """
    cases = pd.read_csv(data_path("reference", "frontier_cases.csv"), dtype={"city": str})
    chosen = cases[cases["case"] == name].drop(columns="case").dropna(axis=1, how="all")
    if chosen.empty:
        raise StudyError(f"no case {name!r}; there are {listed(cases['case'].unique(), 12)}")
    return Panel.from_frame(chosen, source=name)


def case_comparison() -> pd.DataFrame:
    """Scores and indices of all small cases beside those from elsewhere.

    Returns
    -------
    DataFrame
        Indexed by (case, unit): ``here``, ``elsewhere``, ``fraction`` (exact solution as text, where
        there is one) and ``source``.
    """
    path = data_path("reference", "frontier_solutions.csv")
    table = pd.read_csv(path, dtype={"city": str, "elsewhere": str})
    for _, part in table.groupby("label", sort=False):
        asked = part.iloc[0]
        panel = case_panel(asked["case"])
        inputs, good, bad = (tuple(c for c in panel.columns if c[0] == kind) for kind in "xyb")
        options = asked[["returns", "measure", "disposability"]].to_dict()
        technology = Technology(inputs, good, bad, **options)
        is_index = asked["what"] == "index"
        found = (
            malmquist(panel, technology, asked["form"]) if is_index else score(panel, technology)
        )
        rows = pd.MultiIndex.from_frame(part[["city", "year"]])
        table.loc[part.index, "here"] = (
            (found.index if is_index else found.level).loc[rows].to_numpy()
        )
    exact = table["source"] != "DataEnvelopmentAnalysis.jl"
    table["fraction"] = table["elsewhere"].where(exact, "")
    table["elsewhere"] = table["elsewhere"].map(lambda text: float(Fraction(text)))
    table = table.set_index(["label", "unit"]).rename_axis(["case", "unit"])
    return table[["here", "elsewhere", "fraction", "source"]]


def by_case(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up :func:`case_comparison`: a row a case."""
    digits = np.vectorize(ledger.agreeing_digits)(compared["here"], compared["elsewhere"])
    off = (compared["here"] - compared["elsewhere"]).abs()
    by = compared.assign(off=off, digits=digits).groupby(level="case", sort=False)
    table = by.agg({"here": "size", "source": "first", "off": "max", "digits": "min"})
    heads = ("numbers", "compared with", "largest difference", "fewest digits agreeing")
    return table.set_axis(heads, axis=1)


def misprints(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """What each sign misprint of paper B's equation (1) does to the scores of a panel.

    Returns
    -------
    DataFrame
        One row a version of the equation: ``city-years``; ``no minimum``, city-years for which the
        printed program has none; ``efficient``; ``mean``, ``changed`` (city-years whose score is
        another one) and ``rank correlation`` with the right score. The last four are of what a
        solver returns.
    """
    rows = {}
    for name, (minus, grows) in WORDS["versions"].items():
        found = score_as_printed(
            panel, technology, minus_in_denominator=minus, bad_output_grows=grows
        )
        right, printed = found["efficiency"], found["printed"]
        rows[name] = {
            "city-years": len(found),
            "no minimum": (~found["has_minimum"]).sum(),
            "efficient": (printed > 1 - TOLERANCE).sum(),
            "mean": printed.mean(),
            "changed": ((printed - right).abs() > TOLERANCE).sum(),
            "rank correlation": right.corr(printed, method="spearman"),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _forms(panel: Panel, technology: Technology) -> dict[str, Efficiency]:
    """Three kinds of index: what paper B says it computes, Oh (2010), what its equation (2) prints."""
    directional = replace(technology, measure="directional", disposability=None)
    return {
        "global, slacks-based": malmquist(panel, technology),
        "global, directional": malmquist(panel, directional),
        "Malmquist-Luenberger": malmquist(panel, directional, "contemporaneous"),
    }


def index_forms(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """Yearly indices of three kinds, one column each, indexed by (city, year).

    Columns: ``global, slacks-based`` (what paper B says it computes), ``global, directional`` (Oh
    2010) and ``Malmquist-Luenberger`` (what its equation (2) prints).
    """
    return pd.DataFrame({name: form.index for name, form in _forms(panel, technology).items()})


def chained_against_direct(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """Index from the first year to the last: the yearly ones multiplied, and in one step.

    A circular index gives the same twice. The pooled years of the global forms are those of the
    whole panel; the Malmquist-Luenberger index looks at the two end years alone.

    Returns
    -------
    DataFrame
        Indexed by city, columns (form, ``chained`` or ``direct``).
    """
    first, last = panel.periods[0], panel.periods[-1]
    ends = panel.frame[panel.frame.index.isin([first, last], level="year")]
    ends = ends.rename({first: 1, last: 2}, level="year")
    at_ends = _forms(Panel.from_frame(ends, source=panel.source), technology)
    columns: dict[tuple[str, str], pd.Series] = {}
    for name, found in _forms(panel, technology).items():
        level = found.level if name == "global, slacks-based" else 1 / (1 + found.level)
        ratio = level.xs(last, level="year") / level.xs(first, level="year")
        pair = at_ends[name].index.xs(2, level="year")
        columns[name, "chained"] = found.cumulative.xs(last, level="year")
        columns[name, "direct"] = pair if name == "Malmquist-Luenberger" else ratio
    return pd.DataFrame(columns)


def form_summary(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """How the three kinds of index differ on one panel.

    Returns
    -------
    DataFrame
        One row a form: ``transitions``, ``no solution``, ``geometric mean``, ``improving`` (above
        one), ``other direction`` (share of transitions that the global slacks-based form has on the
        other side of one), ``rank correlation`` with it, and ``chain gap``, the median absolute
        difference of the logarithms of the chained and the direct index.
    """
    forms = index_forms(panel, technology)
    ends = np.log(chained_against_direct(panel, technology))
    up, known, base = forms > 1, forms.notna(), forms["global, slacks-based"]
    gap = ends.xs("chained", axis=1, level=1) - ends.xs("direct", axis=1, level=1)
    other = up.ne(up["global, slacks-based"], axis=0)
    columns = {
        "transitions": len(forms),
        "no solution": (~known).sum(),
        "geometric mean": np.exp(np.log(forms).mean()),
        "improving": up.sum(),
        "other direction": other.where(known).astype(float).mean(),
        "rank correlation": forms.corrwith(base, method="spearman"),
        "chain gap": gap.abs().median(),
    }
    return pd.DataFrame(columns).loc[forms.columns]


def dropping_years(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """What leaving out the first or the last year does to the pooled scores of the others.

    Returns
    -------
    DataFrame
        One row a choice of years: ``city-years`` kept, ``changed`` (share of their scores that is
        another one), ``largest change``, ``rank correlation`` with the scores of all years,
        ``mean index``, and ``direction changed``, the number of transitions that cross one.
    """
    years = list(panel.periods)
    whole = malmquist(panel, technology)
    rows = {}
    for gone in ([], years[:1], years[-1:], years[-2:]):
        name = f"without {' and '.join(map(str, gone))}" if gone else "all years"
        kept = [year for year in years if year not in gone]
        found = malmquist(panel.sub(periods=kept), technology)
        before = whole.level.reindex(found.level.index)
        change = (found.level - before).abs()
        steps = whole.index.reindex(found.index.index)
        rows[name] = {
            "city-years": len(change),
            "changed": (change > TOLERANCE).mean(),
            "largest change": change.max(),
            "rank correlation": before.corr(found.level, method="spearman"),
            "mean index": found.index.mean(),
            "direction changed": ((found.index > 1) != (steps > 1)).sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def capital_variants(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """What the capital formula and the initial stock do to capital and to the scores.

    Parameters
    ----------
    panel : Panel
        With ``investment`` beside the columns of the technology; its ``capital`` is the truth.
    technology : Technology

    Returns
    -------
    DataFrame
        One row a variant: median ratio of the stock to the true one in the first and in the last
        year, mean score, and rank correlation with the scores on true capital.
    """
    base = score(panel, technology).level
    first, last = panel.periods[0], panel.periods[-1]
    rows = {}
    for name, options in WORDS["capital"].items():
        stock = capital_stock(panel, "investment", **options)
        level = score(panel.assign(capital=stock), technology).level
        ratio = (stock / panel.frame["capital"]).groupby(level="year").median()
        rows[name] = {
            f"stock / truth, {first}": ratio[first],
            f"stock / truth, {last}": ratio[last],
            "mean score": level.mean(),
            "rank correlation": base.corr(level, method="spearman"),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def certificates(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """Proofs of every program behind the three indices of :func:`index_forms`."""
    forms = _forms(panel, technology)
    return pd.concat({name: form.certificate for name, form in forms.items()}, names=["form"])
