"""The record of ``make bench`` laid out for its page."""

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
    cores = "one core" if machine["clock"].startswith("CPU") else f"{machine['cores']} cores"
    about = ", ".join([f"{machine['processor']}, {cores}; Python {machine['python']}", *versions])
    if newest := machine.get("newest spreg"):
        versions = (f"{key} {newest[key]}" for key in ("numpy", "scipy"))
        about += f" (the newest one: Python {newest['python']}, {', '.join(versions)})"
    if r := machine.get("R"):
        about += "; " + ", ".join(f"{key} {version}" for key, version in r.items())
    return pd.read_csv(data_path("benchmarks", f"{name}.csv")), about


def fits(record: pd.DataFrame) -> pd.DataFrame:
    """Fits of the record, a row each.

    Returns
    -------
    DataFrame
        ``seconds`` of a further fit, ``first`` of one with a W that nothing is known of yet (what
        peers that keep nothing take for every fit), ``prepare`` of what depends on W alone,
        ``measured`` here or recorded elsewhere.
    """
    steps = record.pivot_table("seconds", KEYS, "step").reindex(columns=["first", "prepare"])
    found = record[record["step"] == "fit"].join(steps, on=KEYS)
    return found.assign(
        first=found["first"].fillna(found["seconds"] + found["prepare"].fillna(0)),
        measured=~found["how"].str.startswith("recorded"),
    )


def peers(found: pd.DataFrame, cities: int) -> pd.DataFrame:
    """Set first and further fits with a dense matrix side by side, the quickest first fit first.

    What was recorded on another machine has no ratio.
    """
    at = found[(found["n"] == cities) & (found["weights"] == "dense 1/d")]
    own = at[at["implementation"] == OURS].set_index("job")
    at = at.sort_values(["job", "measured", "first"], ascending=[False, False, True])
    columns = {}
    for step, name in (("first", "first fit"), ("seconds", "further fit")):
        columns[f"{name}, s"] = at[step]
        ratio = at[step] / at["job"].map(own[step])
        columns[f"{name}, times this package"] = ratio.where(at["measured"])
    columns |= {"memory, MB": at["megabytes"], "how": at["how"].str.partition(",")[0]}
    table = pd.DataFrame(columns)
    return table.set_axis(pd.MultiIndex.from_frame(at[["job", "implementation"]]))


def losses(found: pd.DataFrame) -> pd.DataFrame:
    """Where a peer's first or further fit takes less time than this package's, a row each."""
    at = found[found["measured"] & (found["weights"] == "dense 1/d")]
    rows = []
    for (cities, job), group in at.groupby(["n", "job"]):
        own = group.set_index("implementation").loc[OURS]
        for step, name in (("first", "first"), ("seconds", "further")):
            for peer in group[group[step] < own[step]].itertuples():
                mine, theirs = 1000 * own[step], 1000 * getattr(peer, step)
                label = f"{cities:,} cities", f"{job}, {name} fit"
                rows.append((*label, peer.implementation, mine, theirs, theirs / mine))
    names = ["cities", "fit", "peer", "this package, ms", "peer, ms", "peer, times this package"]
    return pd.DataFrame(rows, columns=names).set_index(names[:2])


def steps(own: pd.DataFrame) -> pd.DataFrame:
    """Seconds of a first fit, of what W alone needs and of a further fit, by matrix; peak memory."""
    names = {"first": "first fit, s", "prepare": "W alone, s", "seconds": "further fit, s"}
    wide = own[list(names)].rename(columns=names).unstack("job").swaplevel(axis=1)
    wide = wide[[(job, step) for job in ("static SDM", "dynamic SDM") for step in names.values()]]
    wide["peak memory", "MB"] = own["megabytes"].groupby(level=["weights", "n"]).max()
    wide.index = pd.MultiIndex.from_tuples([(w, f"{n:,} cities") for w, n in wide.index])
    return wide


def growth(measured: pd.DataFrame) -> Figure:
    """Draw seconds and memory of a fit against the number of cities."""
    figure, (left, right) = figures.canvas(1, 2, height=3.4)
    peers = sorted(set(measured["implementation"]) - {OURS}, key=str.lower)
    places = dict(zip((OURS, *peers), (0, 1, 2, 4, 5, 6), strict=False))
    for job, style in {"static SDM": "-", "dynamic SDM": "--"}.items():
        lines = measured[measured["job"] == job].groupby(["implementation", "weights"])
        for (who, w), line in lines:
            kind = "sparse" if w.startswith("sparse") else "dense"
            place = 3 if kind == "sparse" else places[who]
            look = {"marker": "o", "markersize": 3.5, "color": figures.COLOURS[place]}
            label = f"{who}, {kind} W" if job == "static SDM" else None
            left.loglog(line["n"], line["seconds"], style, label=label, **look)
            if job == "static SDM":
                right.semilogx(line["n"], line["megabytes"], style, **look)
    left.set(xlabel="cities", ylabel="CPU seconds of a fit")
    right.set(xlabel="cities", ylabel="memory beyond imports, MB")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure
