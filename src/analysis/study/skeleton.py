"""A new study from two files: a commented ``study.toml``, and short notebooks to be edited."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd

from analysis.book.text import literal
from analysis.errors import StudyFileError, listed
from analysis.panel import keyed
from analysis.study import own
from analysis.study.keys import told
from analysis.study.sections import PAGES, SECTIONS, lacks

MARK = "# Written by `analysis`; without this line it is left as it is.\n"


def notebook(name: str) -> str:
    """Text of a section's notebook, in jupytext's percent format, with a mark of its making."""
    page = PAGES[name]
    text = files("analysis.study").joinpath("notebook.txt").read_text(encoding="utf-8")
    text = text.replace("{title}", page["title"]).replace("{section}", SECTIONS[name].__name__)
    for part, said in page["parts"].items():
        if sentence := said.get("before"):
            text += f'\n# %% [markdown] tags=["when-possible"]\n# {sentence}\n'
        text += f'\n# %% tags=["when-possible"]\nfound["{part}"]\n'
    return text.replace("{made}", sha256(text.encode()).hexdigest()[:8])


def older(folder: Path) -> list[str]:
    """Say which of a folder's notebooks are not those that this version would write, edits aside."""
    texts = {path: path.read_text(encoding="utf-8") for path in folder.glob("notebooks/*.py")}
    made = {name: re.search(r"^#     made: .*$", notebook(name), re.M) for name in SECTIONS}
    names = [path.name for path, text in sorted(texts.items())
             if (mark := made.get(path.stem)) and mark[0] not in text]  # fmt: skip
    return [told("new.older", names=listed(names, 20))] if names else []


def prepare(folder: Path) -> list[str]:
    """Write the pages that a study's folder lacks, and its table of contents.

    What is there is never written over, but for what still bears our mark.

    Returns
    -------
    list of str
        Sections that are left out, with what they lack, and notebooks of an older version.

    Raises
    ------
    StudyFileError
        If the declaration has mistakes.
    """
    study = own.read(folder)
    wants = {name: lacks(study).get(make.__name__, "") for name, make in SECTIONS.items()}
    notebooks = {f"notebooks/{name}.py": notebook(name) for name, lack in wants.items() if not lack}
    pages = [file.removesuffix(".py") for file in notebooks]
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    title = json.dumps(study.title, ensure_ascii=False)
    shown = json.dumps(html.escape(study.title), ensure_ascii=False)  # it is put into pages as HTML
    listing = "\n".join(pages)
    wanted = {
        **notebooks,
        "_config.yml": f'{MARK}title: {title}\nauthor: ""\nsphinx:\n  config:\n    html_title: {shown}\n',
        "_toc.yml": MARK + json.dumps(toc, indent=1) + "\n",
        "index.md": f"# {literal(study.title)}\n\n## What was found\n\n```{{found}}\n{listing}\n```\n"
        f"\n% {MARK.removeprefix('# ')}",
    }
    for name, text in wanted.items():
        path = folder / name
        held = path.read_text(encoding="utf-8") if path.is_file() else MARK
        if MARK.removeprefix("# ") in held and held != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    missing = [f"left out: {name}: needs {lack}" for name, lack in wants.items() if lack]
    return missing + older(folder)


_KNOWN = {
    "period": ("year", "period", "time", "date", "t", "jahr", "année", "año", "年份", "年度", "年"),
    "lon": ("lon", "lng", "long", "longitude", "x", "经度"),
    "lat": ("lat", "latitude", "y", "纬度"),
    "code": ("id", "geo", "code", "region_id", "nuts", "nuts2", "nuts3", "fips", "iso3"),
}
"""Names by which columns are known, the likelier first."""


def _guess(asked: str, columns: Sequence[object], fits: Sequence[str], what: str) -> str:
    """Return the column asked for, or the only one that can be meant."""
    wrong = asked and asked not in columns
    if wrong or not (asked or fits):
        fault = "new.asked" if wrong else "new.none"
        raise StudyFileError(told(fault, asked, columns, asked=asked, what=what))
    return asked or str(fits[0])


def _keys(frame: pd.DataFrame, where: pd.DataFrame, unit: str, period: str) -> tuple[str, str]:
    """Guess which columns hold units and periods."""
    whole = [c for c in frame.select_dtypes("number") if (frame[c].dropna() % 1 == 0).all()]
    whole.sort(key=lambda c: (pd.api.types.is_float_dtype(frame[c]), c in where))
    likely = [c for c in whole if str(c).lower() in _KNOWN["period"]]
    likely.sort(key=lambda c: _KNOWN["period"].index(c.lower()))
    period = _guess(period, frame.columns, likely or whole, "period (--period)")
    some = [c for c in frame if c != period and frame[c].nunique() < len(frame)]
    text = [c for c in some if not frame.duplicated([c, period]).any()
            and not pd.api.types.is_float_dtype(frame[c])]  # fmt: skip
    shared = [c for c in some if c in where and not pd.api.types.is_float_dtype(frame[c])]
    return _guess(unit, frame.columns, text or shared, "unit (--unit)"), period


def _placed(
    where: pd.DataFrame, labels: set[str], unit: str, source: str
) -> tuple[pd.DataFrame, str]:
    """Name the coordinates of the places, and find the column that has every unit of the panel."""
    held = {c: set(where[c].astype(str)) for c in where}
    ids = [c for c in where if labels <= held[c]]
    best = max(held, key=lambda c: (len(held[c] & labels), c == unit), default="")
    lost = sorted(labels - held.get(best, set()))
    if not ids and len(lost) <= len(labels) / 2:
        words = {"source": source, "lost": listed(lost)}
        raise StudyFileError(told("new.unplaced", lost[0], held[best], **words))
    what = (
        f"units of the places: none has every label of the panel's {unit!r} (--unit names another)"
    )
    key = _guess("", where.columns, ids, what)
    for name in ("lon", "lat"):
        found = next((c for c in where if str(c).lower() in _KNOWN[name]), None)
        if found is None:
            raise StudyFileError(told("new.degrees", name, where, source=source, name=name))
        where = where.rename(columns={found: name})
    return where, key


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
        As :func:`prepare`, and columns that hold text among numbers.

    Raises
    ------
    StudyFileError
        If something must be named that cannot be guessed, or the files do not fit together.
    """
    if (folder / own.FILE).exists():
        there = f"{folder / own.FILE} is there already; edit it, or choose another folder"
        raise StudyFileError("\n".join([there, *older(folder)]))
    frame, where = own.table(panel), own.table(places)
    frame = frame.apply(own.in_years)
    unit, period = _keys(frame, where, unit, period)
    frame = keyed(frame, unit, period, panel.name)
    (unit, period), frame = frame.index.names, frame.reset_index()
    labels = set(frame[unit].dropna().astype(str))
    where, key = _placed(where, labels, unit, places.name)
    numeric = [c for c in frame.select_dtypes("number") if c not in (unit, period)]
    mixed = {}
    for column in frame.columns.difference([*numeric, unit, period], sort=False):
        cells = frame[column].dropna()
        odd = cells[pd.to_numeric(cells, errors="coerce").isna()]
        if 0 < len(odd) < len(cells) / 2:
            first = frame.loc[odd.index[0]]
            at = f"{first[unit]} {first[period]}"
            mixed[column] = f"{column}: no number, {odd.iloc[0]!r}, in {at}"
    for what, column in (("outcome", outcome), ("explanatory", explanatory)):
        if column in mixed:
            raise StudyFileError(told("new.text", cell=mixed[column]))
        if column not in numeric:
            raise StudyFileError(told("new.name", column, numeric, what=what))
    if outcome == explanatory:
        raise StudyFileError(
            f"{outcome} is named as the outcome and as explanatory; choose another"
        )
    notes = list(mixed.values())
    usable = [c for c in numeric if c not in (outcome, explanatory) and frame[c].nunique() > 2
              and frame[c].groupby(frame[unit]).nunique().gt(1).any()]  # fmt: skip
    used = frame.set_index([unit, period])[[outcome, explanatory, *usable]]
    holed = bool(used.unstack().isna().to_numpy().any())
    inside = where[where[key].astype(str).isin(labels)]
    given = _given(folder.name, frame, inside, (unit, period, key), (outcome, explanatory, *usable))
    texts = {
        "data/panel.csv": frame.to_csv(index=False),
        "data/places.csv": where.to_csv(index=False),
        own.FILE: "".join(declaration(given)),
    }
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    try:
        return [*notes, *prepare(folder)]
    except StudyFileError as error:
        if holed:  # holes are for study.toml to deal with, which therefore stays
            rest = told("new.rest", file=folder / own.FILE, folder=quote(str(folder)))
            raise StudyFileError("\n".join([*notes, str(error), rest])) from None
        for name in texts:
            (folder / name).unlink()
        for made in (folder / "data", folder):
            if not any(made.iterdir()):
                made.rmdir()
        gone = told("new.unusable", panel=panel.name, places=places.name)
        said = str(error).replace(f"{folder / own.FILE} cannot be used", gone)
        raise StudyFileError(said) from None


def _given(
    title: str, frame: pd.DataFrame, places: pd.DataFrame, keys: tuple[str, str, str],
    variables: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """What could be guessed of a declaration, by section."""
    unit, period, key = keys
    outcome, explanatory, *controls = variables
    free = [c for c in places if c not in (key, "lon", "lat")]
    words = places[free].select_dtypes(exclude="number")
    names = [c for c in words if words[c].is_unique]
    groups = [c for c in free if 2 <= places[c].nunique() <= 6 and places[c].notna().all()
              and places[c].value_counts().min() >= 2]  # fmt: skip
    flags = {c: {"labels": {"1": c, "0": f"not {c}"}} for c in groups if set(places[c]) == {0, 1}}
    noun = "unit" if unit.lower() in _KNOWN["code"] else unit
    roles = {outcome: "outcome", explanatory: "explanatory"}
    data = {
        "panel": "data/panel.csv", "unit": unit, "period": period, "places": "data/places.csv",
        "id": key, "kind": "real", "name": "".join(names[:1]),
    }  # fmt: skip
    return {
        "study": {"title": title, "unit": noun, "units": own.several(noun)},
        "data": {k: v for k, v in data.items() if v and (k, v) != ("id", unit)},
        "variables": {name: {"label": name, "role": roles.get(name, "control"), "transform": "none"}
                      for name in variables},
        "weights": {"inverse-distance": {"build": "inverse-distance", "power": 1},
                    "nearest": {"build": "nearest", "k": 5}},
        "model": {"outcome": outcome, "regressors": [explanatory, *controls[:5]], "dynamic": False},
        "groups": {name: {"column": name, **flags.get(name, {})} for name in groups[:2]},
    }  # fmt: skip


def declaration(given: Mapping[str, Any]) -> Iterator[str]:
    """Text of a ``study.toml``: what is given, and as comments every other key."""
    yield "# A study. `analysis check` lists what is wrong here, `analysis build` makes the book.\n"
    for section, keys in own.FIELDS.items():
        top, many = section.removesuffix(".NAME"), section.endswith(".NAME")
        told = {key: f"# {said.told}" for key, said in keys.items()}
        entries = given.get(top, {}) if many else {"": given[top]} if top in given else {}
        for name, values in entries.items():
            yield f"\n[{top}.{_bare(name)}]\n" if many else f"\n[{top}]\n"
            for key, comment in told.items():
                if key in values:
                    yield f"{key} = {_toml(values[key])}" + ("" if many else f"  {comment}") + "\n"
                elif not many:
                    yield f"# {key} = ...  {comment}\n"
        if many or not entries:
            yield f"\n# [{section}]{'  (the first is the main one)' * (top == 'weights')}\n"
            yield from (f"# {key} = ...  {comment}\n" for key, comment in told.items())


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_bare(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _bare(name: object) -> str:
    text = str(name)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text, ensure_ascii=False)
