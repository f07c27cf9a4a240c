"""Efficiency put to the test: small cases solved elsewhere, misprints, windows, capital stocks."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.book import ledger
from analysis.efficiency import Efficiency, Technology, malmquist, score, score_as_printed
from analysis.measures.capital import capital_stock
from analysis.panel import Panel
from analysis.papers.cities283.study import WORDS
from analysis.resources import data_path

CASES_FILE = "data/reference/frontier_solutions.csv"

CITY = Technology(("capital", "labour", "energy"), ("gdp",), ("co2",))
"""What paper B measures: three inputs, real GDP and carbon dioxide."""

TOLERANCE = 1e-9
"""Two scores are the same below this."""


def case_comparison() -> pd.DataFrame:
    """Scores and indices of all small cases beside those from elsewhere.

    Returns
    -------
    DataFrame
        Indexed by (case, unit): ``here``, ``elsewhere``, ``fraction`` (exact solution as text, where
        there is one) and ``source``.
    """
    cases, table = (
        pd.read_csv(data_path("reference", f"frontier_{name}.csv"), dtype={"city": str, "elsewhere": str})
        for name in ("cases", "solutions")
    )  # fmt: skip
    for _, part in table.groupby("label", sort=False):
        asked = part.iloc[0]
        data = cases[cases["case"] == asked["case"]].drop(columns="case").dropna(axis=1, how="all")
        panel = Panel.from_frame(data, source=asked["case"])
        inputs, good, bad = (tuple(c for c in panel.columns if c[0] == kind) for kind in "xyb")
        options = asked[["returns", "measure", "disposability"]].to_dict()
        technology = Technology(inputs, good, bad, **options)
        if asked["what"] == "index":
            found = malmquist(panel, technology, asked["form"]).index
        else:
            found = score(panel, technology).level
        rows = pd.MultiIndex.from_frame(part[["city", "year"]])
        table.loc[part.index, "here"] = found.loc[rows].to_numpy()
    exact = table["source"] != "DataEnvelopmentAnalysis.jl"
    table["fraction"] = table["elsewhere"].where(exact, "")
    table["elsewhere"] = table["elsewhere"].map(lambda text: float(Fraction(text)))
    table = table.set_index(["label", "unit"]).rename_axis(["case", "unit"])
    return table[["here", "elsewhere", "fraction", "source"]]


def by_case(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up :func:`case_comparison`: a row a case."""
    here, there = compared["here"], compared["elsewhere"]
    found = compared.assign(off=(here - there).abs(), digits=ledger.agreeing_digits(here, there))
    by = found.groupby(level="case", sort=False)
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
    for name, options in WORDS["versions"].items():
        found = score_as_printed(panel, technology, **options)
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


def _directional(technology: Technology) -> Technology:
    return replace(technology, measure="directional", disposability=None)


def _forms(panel: Panel, technology: Technology) -> dict[str, Efficiency]:
    """Three kinds of index: what paper B says it computes, Oh (2010), what its equation (2) prints."""
    return {
        "global, slacks-based": malmquist(panel, technology),
        "global, directional": malmquist(panel, _directional(technology)),
        "Malmquist-Luenberger": malmquist(panel, _directional(technology), "contemporaneous"),
    }


def index_forms(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """Yearly indices of three kinds, one column each, indexed by (city, year).

    Columns: ``global, slacks-based`` (what paper B says it computes), ``global, directional`` (Oh
    2010) and ``Malmquist-Luenberger`` (what its equation (2) prints).
    """
    return pd.DataFrame({name: form.index for name, form in _forms(panel, technology).items()})


def form_summary(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """How the three kinds of index differ on one panel.

    Returns
    -------
    DataFrame
        One row a form: ``transitions``, ``no solution``, ``geometric mean``, ``improving`` (above
        one), ``other direction`` (share of transitions that the global slacks-based form has on the
        other side of one), ``rank correlation`` with it, and ``chain gap``: the index from the first
        year to the last as the yearly ones multiplied and in one step, median absolute difference of
        the logarithms. A circular index gives the same twice. The pooled years of the global forms
        are those of the whole panel; the Malmquist-Luenberger index looks at the two end years alone.
    """
    found = _forms(panel, technology)
    forms = pd.DataFrame({name: form.index for name, form in found.items()})
    first, last = panel.periods[0], panel.periods[-1]
    ends = panel.frame[panel.frame.index.isin([first, last], level="year")]
    ends = ends.rename({first: 1, last: 2}, level="year")
    at_ends = Panel.from_frame(ends, source=panel.source)
    in_one_step = malmquist(at_ends, _directional(technology), "contemporaneous").index
    levels = pd.DataFrame({name: form.level for name, form in found.items()})
    levels["global, directional"] = 1 / (1 + levels["global, directional"])
    direct = levels.xs(last, level="year") / levels.xs(first, level="year")
    direct["Malmquist-Luenberger"] = in_one_step.xs(2, level="year")
    chained = pd.DataFrame({n: form.cumulative.xs(last, level="year") for n, form in found.items()})
    up, known, base = forms > 1, forms.notna(), forms["global, slacks-based"]
    columns = {
        "transitions": len(forms),
        "no solution": (~known).sum(),
        "geometric mean": np.exp(np.log(forms).mean()),
        "improving": up.sum(),
        "other direction": up.ne(base > 1, axis=0).where(known).astype(float).mean(),
        "rank correlation": forms.corrwith(base, method="spearman"),
        "chain gap": (np.log(chained) - np.log(direct)).abs().median(),
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
    years, whole, rows = list(panel.periods), malmquist(panel, technology), {}
    for gone in ([], years[:1], years[-1:], years[-2:]):
        name = f"without {' and '.join(map(str, gone))}" if gone else "all years"
        kept = [year for year in years if year not in gone]
        found = malmquist(panel.sub(periods=kept), technology)
        before, steps = (
            whole.level.reindex(found.level.index),
            whole.index.reindex(found.index.index),
        )
        change = (found.level - before).abs()
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
    base, rows = score(panel, technology).level, {}
    for name, options in WORDS["capital"].items():
        stock = capital_stock(panel, "investment", **options)
        level = score(panel.assign(capital=stock), technology).level
        ratio = (stock / panel.frame["capital"]).groupby(level="year").median()
        rows[name] = {
            **ratio.iloc[[0, -1]].rename(lambda year: f"stock / truth, {year}"),
            "mean score": level.mean(),
            "rank correlation": base.corr(level, method="spearman"),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def certificates(panel: Panel, technology: Technology = CITY) -> pd.DataFrame:
    """Proofs of every program behind the three indices of :func:`index_forms`."""
    forms = _forms(panel, technology)
    return pd.concat({name: form.certificate for name, form in forms.items()}, names=["form"])
