"""The record of ``make bench`` laid out for its page."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures

OURS = "this package"
KEYS = ["job", "implementation", "weights", "n"]


def fits(record: pd.DataFrame) -> pd.DataFrame:
    """Fits of the record, a row each.

    Returns
    -------
    DataFrame
        ``seconds`` of a fit with W prepared, ``first`` with what depends on W alone (peers that do
        not prepare W pay it in every fit), ``measured`` here or recorded elsewhere.
    """
    prepare = record[record["step"] == "prepare"].set_index(KEYS)["seconds"].rename("prepare")
    found = record[record["step"] == "fit"].join(prepare, on=KEYS)
    return found.assign(
        first=found["seconds"] + found["prepare"].fillna(0),
        measured=~found["how"].str.startswith("recorded"),
    )


def peers(found: pd.DataFrame, cities: int) -> pd.DataFrame:
    """Set first and further fits with a dense matrix side by side, the quickest first."""
    at = found[(found["n"] == cities) & (found["weights"] == "dense 1/d")]
    own = at[at["implementation"] == OURS].set_index("job")["first"]
    at = at.assign(ratio=at["first"] / at["job"].map(own), how=at["how"].str.partition(",")[0])
    names = {
        "first": "first fit", "seconds": "further fits", "ratio": "first, times this package",
        "megabytes": "MB", "how": "how",
    }  # fmt: skip
    at = at.sort_values(["job", "ratio"], ascending=[False, True])
    return at.set_index(["job", "implementation"])[list(names)].rename(columns=names)


def steps(own: pd.DataFrame) -> pd.DataFrame:
    """Seconds of preparation and of a fit by matrix and number of cities, and peak memory."""
    wide = own[["prepare", "seconds"]].rename(columns={"seconds": "fit"}).unstack("job")
    wide = wide.swaplevel(axis=1)[
        [(job, step) for job in ("static SDM", "dynamic SDM") for step in ("prepare", "fit")]
    ]
    wide["peak", "MB"] = own["megabytes"].groupby(level=["weights", "n"]).max()
    wide.index = pd.MultiIndex.from_tuples([(w, f"{n:,} cities") for w, n in wide.index])
    return wide


def growth(measured: pd.DataFrame) -> Figure:
    """Draw seconds and memory of a fit against the number of cities."""
    figure, (left, right) = figures.canvas(1, 2, height=3.4)
    for job, style in {"static SDM": "-", "dynamic SDM": "--"}.items():
        lines = measured[measured["job"] == job].groupby(["implementation", "weights"])
        for (who, w), line in lines:
            kind = "sparse" if w.startswith("sparse") else "dense"
            place = {OURS: 0, "plain numpy": 1}.get(who, 2) if kind == "dense" else 3
            look = {"marker": "o", "markersize": 3.5, "color": figures.COLOURS[place]}
            label = f"{who}, {kind} W" if job == "static SDM" else None
            left.loglog(line["n"], line["seconds"], style, label=label, **look)
            if job == "static SDM":
                right.semilogx(line["n"], line["megabytes"], style, **look)
    left.set(xlabel="cities", ylabel="CPU seconds of a fit")
    right.set(xlabel="cities", ylabel="peak memory of the process, MB")
    left.legend(loc="lower right", fontsize="small")
    return figure
