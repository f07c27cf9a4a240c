"""A new study from two files: a commented ``study.toml``, and short notebooks to be edited."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pandas as pd

from analysis.errors import StudyFileError, did_you_mean, listed
from analysis.panel import keyed
from analysis.study import own
from analysis.study.sections import PAGES, SECTIONS, lacks

MARK = "# Written by `analysis`; without this line it is left as it is.\n"


def notebook(name: str) -> str:
    """Text of a section's notebook, in jupytext's percent format."""
    page = PAGES[name]
    text = (
        files("analysis.study")
        .joinpath("notebook.txt")
        .read_text(encoding="utf-8")
        .format(title=page["title"], section=SECTIONS[name].__name__)
    )
    for part, said in page["parts"].items():
        if sentence := said.get("before"):
            text += f'\n# %% [markdown] tags=["when-possible"]\n# {sentence}\n'
        text += f'\n# %% tags=["when-possible"]\nfound["{part}"]\n'
    return text


def prepare(folder: Path) -> list[str]:
    """Write the pages that a study's folder lacks, and its table of contents.

    What is there is never written over, but for what still bears our mark.

    Returns
    -------
    list of str
        Sections that cannot run, with what they lack.

    Raises
    ------
    StudyFileError
        If the declaration has mistakes.
    """
    study = own.read(folder)
    wants = {name: lacks(study).get(SECTIONS[name].__name__, "") for name in SECTIONS}
    wanted = {f"notebooks/{name}.py": notebook(name) for name, lack in wants.items() if not lack}
    chapters = [{"file": file.removesuffix(".py")} for file in wanted]
    toc = {"format": "jb-book", "root": "index", "chapters": chapters}
    title = json.dumps(study.title, ensure_ascii=False)
    shown = json.dumps(html.escape(study.title), ensure_ascii=False)  # it is put into pages as HTML
    wanted["_config.yml"] = (
        MARK + f'title: {title}\nauthor: ""\nsphinx:\n  config:\n    html_title: {shown}\n'
    )
    pages = "\n".join(chapter["file"] for chapter in chapters)
    wanted["index.md"] = (
        f"# {own.heading(study.title)}\n\n## What was found\n\n```{{found}}\n{pages}\n```\n"
        f"\n% {MARK.removeprefix('# ')}"
    )
    for name, text in wanted.items():
        path = folder / name
        held = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not path.is_file() or (MARK.removeprefix("# ") in held and held != text):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    path = folder / "_toc.yml"
    if not path.is_file() or path.read_text(encoding="utf-8").startswith(MARK):
        path.write_text(MARK + json.dumps(toc, indent=1) + "\n", encoding="utf-8")
    return [f"{name}: needs {lack}" for name, lack in wants.items() if lack]


_PERIODS = ("year", "period", "time", "date", "t", "年份", "年度", "年")
_COORDINATES = {"lon": ("lon", "lng", "long", "longitude", "x", "经度"),
                "lat": ("lat", "latitude", "y", "纬度")}  # fmt: skip


def _guess(asked: str, columns: Sequence[object], fits: Sequence[str], what: str) -> str:
    """Return the column asked for, or the only one that can be meant."""
    if asked:
        if asked not in columns:
            raise StudyFileError(
                f"no column {asked!r} for the {what}{did_you_mean(asked, columns)}; there are "
                f"{listed(columns, 20)}"
            )
        return asked
    if not fits:
        raise StudyFileError(
            f"no column can be the {what}; name it by an option. There are {listed(columns, 20)}"
        )
    return str(fits[0])


def _say_lost(labels: pd.Series, where: pd.DataFrame, unit: str, source: str) -> None:
    """Name the places of the panel that the table of places lacks, if it has most of them."""
    wanted = labels.dropna().astype(str).unique()
    held = {c: set(where[c].astype(str)) for c in where}
    best = max(held, key=lambda c: (len(held[c].intersection(wanted)), c == unit))
    lost = [label for label in wanted if label not in held[best]]
    if len(lost) <= len(wanted) / 2:
        raise StudyFileError(
            f"{source} has no row for {listed(lost)}{did_you_mean(lost[0], held[best])}"
        )


def new(
    folder: Path, panel: Path, places: Path, outcome: str = "", explanatory: str = "",
    unit: str = "", period: str = "",
) -> list[str]:  # fmt: skip
    """Make a study's folder from a panel and a table of places.

    Parameters
    ----------
    folder : Path
        Created; it may not hold a ``study.toml``.
    panel, places : Path
        CSV or Parquet; copied into the folder's ``data``, coordinates renamed to lon and lat.
    outcome, explanatory : str
        Columns of the panel.
    unit, period : str
        Its keys; guessed where they can be.

    Returns
    -------
    list of str
        As :func:`prepare`.

    Raises
    ------
    StudyFileError
        If something must be named that cannot be guessed, or the files do not fit together.
    """
    if (folder / own.FILE).exists():
        raise StudyFileError(
            f"{folder / own.FILE} is there already; edit it, or choose another folder"
        )
    frame, where = own.table(panel), own.table(places)
    frame = frame.assign(
        **{c: own.in_years(frame[c]) for c in frame.select_dtypes(["object", "string"])}
    )
    whole = [c for c in frame.select_dtypes("number") if (frame[c].dropna() % 1 == 0).all()]
    whole.sort(key=lambda c: pd.api.types.is_float_dtype(frame[c]))
    likely = sorted(
        (c for c in whole if str(c).lower() in _PERIODS), key=lambda c: _PERIODS.index(c.lower())
    )
    period = _guess(period, frame.columns, likely or whole, "period (--period)")
    numbers = frame.select_dtypes("number").columns
    keys = [c for c in frame if c != period and not frame.duplicated([c, period]).any()
            and frame[c].nunique() < len(frame)]  # fmt: skip
    text = [c for c in keys if not pd.api.types.is_float_dtype(frame[c])]
    shared = [
        c for c in frame if c in where and c not in numbers and frame[c].nunique() < len(frame)
    ]
    unit = _guess(unit, frame.columns, text or shared, "unit (--unit)")
    frame, unit, period = keyed(frame, unit, period, panel.name)
    labels = set(frame[unit].dropna().astype(str))
    ids = [c for c in where if labels <= set(where[c].astype(str))]
    if not ids:
        _say_lost(frame[unit], where, unit, places.name)
    key = _guess("", where.columns, ids, f"places of the panel's {unit} (every label of the panel)")
    for name, known in _COORDINATES.items():
        found = next((c for c in where if str(c).lower() in known), None)
        if found is None:
            raise StudyFileError(
                f"{places.name} has no column {name} (degrees); it has {listed(where, 20)}"
            )
        where = where.rename(columns={found: name})
    numeric = [c for c in frame.select_dtypes("number") if c not in (unit, period)]
    for what, column in (("outcome", outcome), ("explanatory", explanatory)):
        if column not in numeric:
            raise StudyFileError(
                f"name the {what} variable by --{what}{did_you_mean(column, numeric)}; the panel's "
                f"numbers are {listed(numeric, 30)}"
            )
    notes = []
    usable = [c for c in numeric if c not in (outcome, explanatory) and frame[c].nunique() > 2
              and frame[c].groupby(frame[unit]).nunique().gt(1).any()]  # fmt: skip
    for column in frame.columns.difference([*numeric, unit, period], sort=False):
        cells = frame[column].dropna()
        odd = cells[pd.to_numeric(cells, errors="coerce").isna()]
        if 0 < len(odd) < len(cells) / 2:
            first = frame.loc[odd.index[0]]
            notes.append(f"{column}: no number, {odd.iloc[0]!r}, in {first[unit]} {first[period]}")
    used = frame.set_index([unit, period])[[outcome, explanatory, *usable]]
    holed = bool(used.unstack().isna().to_numpy().any())
    written = (own.FILE, "data/panel.csv", "data/places.csv")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "data" / "panel.csv", index=False)
    where.to_csv(folder / "data" / "places.csv", index=False)
    inside = where[where[key].astype(str).isin(labels)]
    groups = [c for c in where if c not in (key, "lon", "lat")
              and 2 <= inside[c].nunique() <= 6 and inside[c].value_counts().min() >= 2]  # fmt: skip
    names = [
        c for c in where.select_dtypes(["object", "string"]) if c != key and where[c].is_unique
    ]
    (folder / own.FILE).write_text(
        _declaration(folder.name, unit, period, key, names, outcome, explanatory, usable, groups),
        encoding="utf-8",
    )
    try:
        return [*notes, *prepare(folder)]
    except StudyFileError as error:
        if holed:  # holes are for study.toml to deal with, which therefore stays
            raise StudyFileError(
                f"{error}\nThe rest of {folder / own.FILE} is written: choose there, then "
                f"`analysis build {folder}`"
            ) from None
        for name in written:
            (folder / name).unlink()
        for made in (folder / "data", folder):
            if not any(made.iterdir()):
                made.rmdir()
        raise


def _line(section: str, key: str, value: object, comment: bool = True) -> str:
    spelled = json.dumps(value, ensure_ascii=False)
    meaning = own.FIELDS[section][key].meaning if comment else ""
    return f"{key} = {spelled}" + (f"  # {meaning}" if meaning else "") + "\n"


def _bare(name: object) -> str:
    text = str(name)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text, ensure_ascii=False)


def _declaration(
    title: str, unit: str, period: str, key: str, names: Sequence[str], outcome: str, explanatory: str,
    controls: Sequence[str], groups: Sequence[str],
) -> str:  # fmt: skip
    """Text of a first ``study.toml``: what could be guessed, and as comments what could be added."""
    lines = [
        "# A study. `analysis check` lists what is wrong here, `analysis build` makes the book.\n\n[study]\n",
        _line("study", "title", title), _line("study", "unit", unit), "\n[data]\n",
        _line("data", "panel", "data/panel.csv"), _line("data", "unit", unit),
        _line("data", "period", period), _line("data", "places", "data/places.csv"),
        *([_line("data", "id", key)] if key != unit else []),
        *([_line("data", "name", names[0])] if names else []),
        _line("data", "kind", "real"),
        *(f'# {k} = ""  # {own.FIELDS["data"][k].meaning}\n'
          for k in ("periods", "source", "licence", "income", "gaps", "balance")),
        "\n# A transform is \"log\" or an expression: log(gdp / population), lag(x), share(part, whole).\n",
    ]  # fmt: skip
    for name, role in (
        (outcome, "outcome"),
        (explanatory, "explanatory"),
        *((c, "control") for c in controls),
    ):
        lines.append(f"[variables.{_bare(name)}]\n" + _line("variables.NAME", "label", name, False)
                     + _line("variables.NAME", "role", role, False)
                     + _line("variables.NAME", "transform", "none", False) + "\n")  # fmt: skip
    lines += [
        "# The first matrix is the main one.\n[weights.inverse-distance]\n",
        'build = "inverse-distance"\npower = 1\n\n',
        "[weights.nearest]\nbuild = \"nearest\"\nk = 5\n\n[model]\n",
        _line("model", "outcome", outcome),
        _line("model", "regressors", [explanatory, *controls[:5]]),
        "dynamic = false  # " + own.FIELDS["model"]["dynamic"].meaning + "\n",
    ]  # fmt: skip
    for name in groups[:2]:
        lines.append(f"\n[groups.{_bare(name)}]\n" + _line("groups.NAME", "column", name))
    for section in ("mediation", "efficiency", "robustness", "curve", "printed"):
        lines.append(f"\n# [{section}]\n" + "".join(
            f"# {k} = ...  # {of.meaning}\n" for k, of in own.FIELDS[section].items()))  # fmt: skip
    return "".join(lines)
