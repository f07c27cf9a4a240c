"""The record of ``make bench`` laid out for its page."""

from __future__ import annotations

import json

import pandas as pd
from matplotlib.figure import Figure

from analysis.book import figures
from analysis.resources import data_path

OURS = "this package"
KEYS = ["job", "implementation", "weights", "n"]


def recorded(name: str) -> tuple[pd.DataFrame, str]:
    """A record of ``make bench``, and the machine and versions that it was made with."""
    machine = json.loads(data_path("benchmarks", f"{name}.json").read_text())
    versions = (
        f"{key} {machine[key]}" for key in machine if key in ("numpy", "scipy", "spreg", "DEAPack")
    )
    about = f"{machine['processor']}, one core; Python {machine['python']}, {', '.join(versions)}"
    return pd.read_csv(data_path("benchmarks", f"{name}.csv")), about


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
    """Set first and further fits with a dense matrix side by side, the quickest first fit first.

    What was recorded on another machine has no ratio.
    """
    at = found[(found["n"] == cities) & (found["weights"] == "dense 1/d")]
    own = at[at["implementation"] == OURS].set_index("job")
    names = {"first": "first fit", "seconds": "further fits"}
    ratios = {
        f"{name}, times this package": (at[step] / at["job"].map(own[step])).where(at["measured"])
        for step, name in (("first", "first"), ("seconds", "further"))
    }
    at = at.assign(how=at["how"].str.partition(",")[0], **ratios).sort_values(
        ["job", "measured", "first"], ascending=[False, False, True]
    )
    names |= {name: name for name in ratios} | {"megabytes": "MB", "how": "how"}
    return at.set_index(["job", "implementation"])[list(names)].rename(columns=names)


def losses(found: pd.DataFrame) -> str:
    """Where a peer's first or further fit takes less time than this package's, in words."""
    lines = []
    dense = found["measured"] & (found["weights"] == "dense 1/d")
    for cities in sorted(found.loc[dense, "n"].unique()):
        ratios = peers(found, cities).iloc[:, 2:4].stack()
        for who, lost in ratios[ratios < 1].groupby(level=1):
            span = " to ".join(dict.fromkeys(f"{x:.2f}" for x in (lost.min(), lost.max())))
            lines.append(f"{who} with {cities:,} cities ({span} times as long)")
    return "; ".join(lines) or "nowhere"


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
    right.set(xlabel="cities", ylabel="memory beyond imports, MB")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure
