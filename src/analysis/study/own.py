"""A study of one's own: ``study.toml`` beside a panel and a table of places."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from inspect import signature
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import weights
from analysis.book import parameters
from analysis.book.text import literal
from analysis.efficiency import Technology, malmquist
from analysis.errors import AnalysisError, StudyFileError, listed, told_apart
from analysis.panel import Panel, keyed
from analysis.resources import declared
from analysis.spatial import Specification, Term
from analysis.study.cells import present, separated
from analysis.study.curve.choices import DECISIONS, decision, offered, spans
from analysis.study.declaration import Choice, Data, Group, Matrix, Study, Variable
from analysis.study.keys import Problems, check, check_names, fields, leaves, load, refusal, told
from analysis.study.sample import PERIODS
from analysis.study.transform import Transform
from analysis.weights import Weights

FILE = "study.toml"
ESTIMATED = ("efficiency", "index")
"""Columns that a section [efficiency] adds to the panel, for transforms to use."""

FIELDS = fields(declared("analysis.study", "fields.toml"))
"""Every key of the file, by section."""

BUILDERS: Mapping[str, Callable[..., Weights]] = {
    name: getattr(weights, {"nearest": "k_nearest"}.get(name, name.replace("-", "_")))
    for name in FIELDS["weights.NAME"]["build"].choices
}
"""Functions of `analysis.weights` by the name under ``build``."""


def fault(
    which: str, name: object = "", known: Iterable[object] = (), /, **words: object
) -> StudyFileError:
    """A fault of ``faults.toml`` as an error."""
    return StudyFileError(told(f"own.{which}", name, known, **words))


def read(folder: str | Path) -> Study:
    """Read a folder's ``study.toml`` as a study.

    Raises
    ------
    StudyFileError
        With everything that is wrong, a line each.
    """
    study, problems = examine(folder)
    if study is None or problems:
        raise refusal(Path(folder) / FILE, problems)
    return study


def examine(folder: str | Path) -> tuple[Study | None, list[str]]:
    """Read a folder's ``study.toml`` and its data, and list everything that is wrong.

    Returns
    -------
    study : Study or None
        None where the file is too wrong to say.
    problems : list of str
        Empty for a sound study.
    """
    base = Path(folder).expanduser().resolve()
    path = base / FILE
    if not path.is_file():
        return None, [told("own.nowhere", path=path)]
    try:
        content = load(path)
    except StudyFileError as error:
        return None, [str(error)]
    files = [base / each for each in leaves(content) if isinstance(each, str) and len(each) < 200]
    stamp = tuple((str(file), file.stat().st_mtime_ns) for file in [path, *files] if file.is_file())
    study, problems = _examine(base, stamp)
    return study, list(problems)


@cache
def _examine(base: Path, _: tuple[tuple[str, int], ...]) -> tuple[Study | None, tuple[str, ...]]:
    content, problems = load(base / FILE), Problems()
    study = _study(base, content, problems)
    return study, tuple(problems.found)


def _study(base: Path, content: Mapping[str, Any], problems: Problems) -> Study | None:
    """Read each part of a declaration, as far as what is wrong allows."""
    check(content, FIELDS, ("data", "model", "variables", "weights"), problems)
    if problems.found:
        return None
    data, of = content["data"], content.get("study", {})
    raw, places = _files(base, data, problems)
    if raw is None or places is None:
        return None
    fit_together = not problems.found
    regressors = content["model"]["regressors"]
    there: dict[str, Collection[str]] = {
        "variable": content["variables"],
        "column": raw.columns,
        "column of the places": places.columns,
        "matrix": content["weights"],
        "unit": [str(unit) for unit in raw.index.unique(0)],
        "set of controls": ["all", "none", *(f"without-{term}" for term in regressors)],
    }
    check_names(content, FIELDS, there, problems)
    variables = _variables(content, raw, problems)
    model = _model(content, problems)
    matrices = _matrices(base, content, raw, problems)
    groups = _groups(content, places, raw, problems)
    technology = made = None
    if said := content.get("efficiency"):
        with problems.at("[efficiency]"):
            inputs, good, bad = (tuple(said.get(of, ())) for of in ("inputs", "good", "bad"))
            technology = Technology(inputs, good, bad, reference=said.get("reference", "pooled"))
    with problems.at(""):
        if model is not None and matrices and fit_together:
            made = _data(content, raw, places, variables, technology, problems.notes)
    if made is None or model is None:
        return None
    panel = made.panel
    unit = of.get("unit", panel.unit)
    study = Study(
        name=str(base),
        title=of.get("title", base.name),
        citation=of.get("citation", ""),
        variables=tuple(variable for variable, _ in variables.values()),
        model=model,
        load=lambda: made,
        years=tuple(panel.periods.tolist()),
        weights=next(iter(matrices)),
        matrices=matrices,
        income=data.get("income", ""),
        groups=groups,
        choices=_choices(content, model, panel, problems),
        files=tuple(str(base / name) for name in (FILE, data["panel"], data["places"])),
        unit=unit,
        units=of.get("units", several(unit)),
        period=next((word for word in PERIODS if word in panel.period.lower()), "period"),
        technology=technology,
        robustness=_robustness(content, panel, problems),
        printed=str(base / content["printed"]["tables"]) if "printed" in content else "",
        names=data.get("name", ""),
    )
    if study.printed:
        with problems.at("[printed] tables"):
            present(Path(study.printed))
    for name in matrices:
        with problems.at(f"[weights.{name}]"):
            matrix = study.matrix(name, panel, places)
            away = matrix.dense()[~np.eye(matrix.n, dtype=bool)]
            if matrix.n > 2 and np.ptp(away) <= 1e-12 * away.max():  # all are neighbours alike
                raise fault("flat", others=matrix.n - 1)
    return study


def several(unit: str) -> str:
    """The plural of what a unit is called.

    Examples
    --------
    >>> several("county"), several("state"), several("城市")
    ('counties', 'states', '城市')
    """
    return re.sub(r"(?<![aeiou])y$", "ie", unit) + "s" * unit.isascii()


def table(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file; ``:`` and ``..`` are how statistical offices write nothing."""
    if path.suffix != ".parquet":
        return separated(path, na_values=[":", ".."])
    with present(path).open("rb") as file:
        return pd.read_parquet(file).reset_index(drop=True)


def in_years(values: pd.Series) -> pd.Series:
    """Years of a column of dates; any other column as it is.

    Examples
    --------
    >>> in_years(pd.Series(["2008-12-31", "2009年"])).tolist(), in_years(pd.Series(["a"])).tolist()
    ([2008, 2009], ['a'])
    """
    if pd.api.types.is_numeric_dtype(values):
        return values
    year = values.astype(str).str.extract(r"^\s*(\d{4})(?:年|[-/.]\d.*)?\s*$")[0]
    return year.astype("int64") if year.notna().all() else values


def _files(
    base: Path, data: Mapping[str, Any], problems: Problems
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read panel and places, checked and keyed."""
    raw: pd.DataFrame | None = None
    places: pd.DataFrame | None = None
    with problems.at("[data] panel"):
        rows = table(base / data["panel"])
        if data["period"] in rows:
            rows[data["period"]] = in_years(rows[data["period"]])
        raw = keyed(rows, data["unit"], data["period"], data["panel"])
        if data.get("periods"):
            span = list(parameters.years(data["periods"], "periods"))
            there = raw.index.get_level_values(1)
            first, last = there.min(), there.max()
            if span[0] < first or span[-1] > last:
                raise fault("periods", span=data["periods"], first=first, last=last)
            raw = raw[there.isin(span)]
    with problems.at("[data] places"):
        rows = table(base / data["places"])
        key = data.get("id", data["unit"])
        for column in (key, "lon", "lat", *filter(None, [data.get("name")])):
            if column not in rows:
                raise fault("column", column, rows.columns, column=column)
        twice = rows.loc[rows[key].duplicated(), key]
        if len(twice):
            raise StudyFileError(f"more than one row for {listed(twice)}")
        places = rows.set_index(key).rename_axis(data["unit"])
        if raw is not None:
            lost = raw.index.unique(0).difference(places.index, sort=False)
            if len(lost):
                unlike = listed(told_apart(lost, places.index))
                raise fault("unplaced", lost[0], places.index, lost=unlike)
    return raw, places


def _variables(
    content: Mapping[str, Any], raw: pd.DataFrame, problems: Problems
) -> dict[str, tuple[Variable, Transform]]:
    """Read every variable's transform against the panel's columns."""
    made = {}
    mediator = content.get("mediation", {}).get("mediator", "")
    columns = [*raw.columns, *(ESTIMATED if "efficiency" in content else ())]
    for name, entry in content["variables"].items():
        with problems.at(f"[variables.{name}] transform"):
            written, plain = entry.get("transform", "none"), f"`{name}`"
            transform = Transform.read(
                {"none": plain, "log": f"log({plain})"}.get(written, written)
            )
            for column in transform.columns:
                if column not in columns:
                    raise fault("unread", column, raw.columns, column=column)
            said = {"label": name, "role": "control", **entry}
            said |= {"role": "mediator"} if name == mediator else {}
            said.pop("transform", "")
            made[name] = Variable(name, **said), transform
    return made


def _model(content: Mapping[str, Any], problems: Problems) -> Specification | None:
    said, variables = content["model"], content["variables"]
    dynamic = said.get("dynamic", False)
    with problems.at("[model]"):
        for name in map(str, [said["outcome"], *said["regressors"]]):
            base = Term.parse(name).name
            if base not in variables:
                wrong = "product" if any(sign in base for sign in ":*") else "variable"
                raise fault(wrong, base, variables, base=base, name=name)
        options = {key: value for key, value in said.items() if key != "dynamic"}
        return Specification(**options, time_lag=dynamic, space_time_lag=dynamic)
    return None


def _matrices(
    base: Path, content: Mapping[str, Any], raw: pd.DataFrame, problems: Problems
) -> dict[str, Matrix]:
    made: dict[str, Matrix] = {}
    for name, entry in content["weights"].items():
        with problems.at(f"[weights.{name}]"):
            if not re.fullmatch(r"[\w .+-]+", name):
                raise StudyFileError("a matrix is named by letters, digits, blanks and . + -")
            options, build = _options(entry, bool(content["data"].get("income")))
            if "file" not in options:
                made[name] = partial(_built, name, build, options)
                continue
            units = raw.index.unique(0)
            path = base / options.pop("file")
            try:
                whole, extra = _from_file(path, build, options, units, name)
            except AnalysisError:
                raise
            except Exception as error:  # each format's reader raises what it likes
                raise StudyFileError(f"{path.name} cannot be read: {error!r}") from error
            made[name] = partial(_cut, whole)
            if extra:
                words = {"file": entry["file"], "many": len(extra), "extra": listed(extra)}
                problems.notes.append(told("own.extra", **words))
    return made


def _options(entry: Mapping[str, Any], has_income: bool) -> tuple[dict[str, Any], str]:
    """What a builder is called with, and its name; empty where a matrix is read from a file."""
    options = dict(entry)
    build = options.pop("build", "")
    takes = signature(BUILDERS[build]).parameters if build else {}
    keys = [key for key in takes if key in FIELDS["weights.NAME"]]
    needs = [key for key in keys if takes[key].default is takes[key].empty]
    if build in ("", "contiguity"):
        keys, needs = [*keys, "file", *(["id"] if build else [])], ["file"]
    if not build and "file" not in entry:
        raise StudyFileError("give either build or file")
    for key in needs:
        if key not in options:
            raise StudyFileError(f"{build} needs {key}: {FIELDS['weights.NAME'][key].meaning}")
    for key in options:
        if key not in keys:
            raise fault("takes", key, keys, build=build or "a matrix from a file", key=key)
    if "income" in takes and not has_income:
        raise StudyFileError(f"{build} needs [data] income, a variable")
    return options, build


def _built(
    name: str, build: str, options: Mapping[str, Any], places: pd.DataFrame, income: pd.Series
) -> Weights:
    make = BUILDERS[build]
    needed = (income,) if "income" in signature(make).parameters else ()
    return replace(make(places, *needed, **options), name=name)


def _cut(whole: Weights, places: pd.DataFrame, _: pd.Series) -> Weights:
    return whole.sub(places.index).row_standardise()


def _from_file(
    path: Path, build: str, options: dict[str, Any], units: pd.Index, name: str
) -> tuple[Weights, list[object]]:
    """Read a matrix, a list of neighbours or the areas that make one, and what the panel lacks."""
    if build:
        areas = _areas(present(path), options.pop("id", ""), units)
        found = weights.contiguity(areas, **options, standardise=False)
    elif path.suffix == ".gal":
        from libpysal.io import open as open_weights

        found = Weights.from_libpysal(open_weights(str(present(path)), "r").read())
    else:
        frame = table(path)
        if {"unit", "neighbour"} <= set(frame):
            from libpysal.graph import Graph

            pairs = frame.assign(weight=pd.to_numeric(frame.get("weight", 1.0)))
            graph = Graph.from_adjacency(pairs, "unit", "neighbour", "weight")
            found = Weights.from_libpysal(graph)
        else:
            frame = frame.set_index(frame.columns[0])
            if list(map(str, frame.columns)) != list(map(str, frame.index)):
                raise fault("square", file=path.name)
            found = Weights(frame.to_numpy(dtype=float), frame.index)
    by_text = {_spelled(unit, units): unit for unit in units}
    there = [by_text.get(_spelled(label, units), label) for label in found.units]
    labels = pd.Index(there, name=units.name)
    extra = list(labels.difference(units, sort=False))
    if len(missing := units.difference(labels, sort=False)):
        words = {"many": len(labels), "units": len(units), "missing": listed(missing)}
        raise fault("short", missing[0], extra, file=path.name, **words)
    return replace(found, units=labels, name=name), extra


def _spelled(label: object, units: pd.Index) -> str:
    """A label as text; where units are numbers the zeros before it do not count."""
    text = str(label)
    return text.lstrip("0") or text if pd.api.types.is_numeric_dtype(units) else text


def _areas(path: Path, key: str, units: pd.Index) -> Any:
    """Read a file of areas, one a unit, by the property that holds the units' labels."""
    import geopandas

    if path.suffix in (".json", ".geojson"):
        content = json.loads(path.read_text(encoding="utf-8"))
        areas = geopandas.GeoDataFrame.from_features(content)
    else:
        areas = geopandas.read_file(path)
    wanted = {_spelled(unit, units) for unit in units}
    offered = [c for c in areas.columns if c != areas.geometry.name]
    spelled = {column: [_spelled(label, units) for label in areas[column]] for column in offered}
    held = {column: len(wanted.intersection(spelled[column])) for column in offered}
    key = key or max(held, key=lambda column: held[column], default="")
    if not held.get(key):
        raise fault("property", key, held, file=path.name, key=key)
    return areas.assign(**{key: spelled[key]}).dissolve(by=key)


def _groups(
    content: Mapping[str, Any], places: pd.DataFrame, raw: pd.DataFrame, problems: Problems
) -> dict[str, Group]:
    made = {}
    here = places.loc[places.index.intersection(raw.index.unique(0))]
    for name, entry in content.get("groups", {}).items():
        where, column = f"[groups.{name}]", entry.get("column", name)
        if column not in places:
            if "column" not in entry:
                problems.add(where, f"no column of the places {name!r}; say which by column")
            continue
        labels = {str(value): str(label) for value, label in entry.get("labels", {}).items()}
        values = here[column]
        if values.isna().any():
            problems.add(where, f"{column!r} is empty for {listed(values.index[values.isna()])}")
            continue
        keys = {v: re.sub(r"\.0$", "", str(v)) for v in values.unique()}
        by_value = {v: labels.get(key, "") for v, key in keys.items()} if labels else {}
        unnamed = [value for value, label in by_value.items() if not label]
        if unnamed:
            problems.add(where, told("own.unnamed", values=listed(unnamed), column=column))
        sizes = (values.map(by_value) if labels else values).value_counts()
        for label in sizes.index[sizes < 2]:
            problems.add(where, f"group {label!r} has one unit; a group needs two or more")
        if len(sizes) < 2:
            problems.add(where, f"column {column!r} divides nothing: all units are in one group")
        made[name] = Group(column, by_value)
    return made


def _data(
    content: Mapping[str, Any], raw: pd.DataFrame, places: pd.DataFrame,
    variables: Mapping[str, tuple[Variable, Transform]], technology: Technology | None,
    notes: list[str],
) -> Data:  # fmt: skip
    """Fill, balance, measure and transform, and say what each step cost."""
    data = content["data"]
    used = {c for _, transform in variables.values() for c in transform.columns} - set(ESTIMATED)
    if technology is not None:
        used |= {*technology.inputs, *technology.good, *technology.bad}
    frame = raw[[column for column in raw if column in used]].apply(pd.to_numeric, errors="coerce")
    for column in frame:
        where = frame.index[~np.isfinite(frame[column]) & raw[column].notna()]
        if len(where):
            rows = listed(" ".join(map(str, each)) for each in where)
            raise fault("no_number", column=column, rows=rows)
    unit, period = (str(name) for name in frame.index.names)
    years = frame.index.get_level_values(1)
    span = range(int(years.min()), int(years.max()) + 1)
    whole = pd.MultiIndex.from_product([frame.index.unique(0), span], names=[unit, period])
    frame = frame.reindex(whole)
    notes = list(notes)
    if data.get("gaps") == "interpolate":
        filled = frame.groupby(level=0, group_keys=False).apply(
            lambda part: part.interpolate(limit_area="inside")
        )
        new = (frame.isna() & filled.notna()).stack()
        if count := int(new.sum()):
            where = listed(" ".join(map(str, cell)) for cell in new.index[new])
            notes.append(told("own.filled", count=count, where=where))
        frame = filled
    complete = frame.notna().all(axis=1).unstack(period)
    if not complete.to_numpy().all():
        frame, note = _balanced(frame, complete, data.get("balance", ""), data.get("gaps", ""))
        notes.append(note)
    production = efficiency = None
    if technology is not None:
        production = Panel.from_frame(frame, unit, period, data["panel"])
        efficiency = malmquist(production, technology)
        frame = frame.assign(**{name: efficiency.summary[name] for name in ESTIMATED})
    lost = [
        t.lags + (technology is not None and "index" in t.columns) for _, t in variables.values()
    ]
    result = pd.DataFrame({name: transform.of(frame) for name, (_, transform) in variables.items()})
    if skipped := max(lost):
        first = "period serves" if skipped == 1 else f"{skipped} periods serve"
        notes.append(f"The first {first} lags and changes alone.")
        kept = sorted(result.index.unique(1))[skipped:]
        result = result[result.index.get_level_values(1).isin(kept)]
    return Data(
        panel=Panel.from_frame(result, unit, period, data["panel"]),
        places=places,
        kind=data.get("kind", "real"),
        about=f", {literal(data.get('source', 'from ' + data['panel']).rstrip('.'))}.",
        notes=tuple(notes),
        production=production,
        efficiency=efficiency,
    )


def _balanced(
    frame: pd.DataFrame, complete: pd.DataFrame, wanted: str, gaps: str
) -> tuple[pd.DataFrame, str]:
    """Keep a balanced sub-panel, or offer the possible ones by name."""
    offers, (n, t) = balances(complete), complete.shape
    if wanted not in offers:
        holes = frame.index[frame.isna().any(axis=1)]
        said = [
            f'balance = "{name}" keeps {len(u)} of {n} units and {len(p)} of {t} periods ({p[0]}-{p[-1]})'
            for name, (u, p) in offers.items()
        ]
        raise fault(
            "unbalanced", many=len(holes), holes=listed(" ".join(map(str, hole)) for hole in holes),
            offers="; ".join(said) or "no balanced part has two units and two periods",
            inside="" if gaps else "; or gaps = \"interpolate\" fills gaps inside a unit's range",
        )  # fmt: skip
    units, periods = offers[wanted]
    note = told("own.kept", n=n, t=t, units=len(units), periods=len(periods))
    return frame.loc[(list(units), list(periods)), :], note


def balances(complete: pd.DataFrame) -> dict[str, tuple[pd.Index, pd.Index]]:
    """Balanced parts of a panel: all periods, all units, and the one with the most cells.

    Parameters
    ----------
    complete : DataFrame
        Units down, periods across, whether a unit has every value.

    Examples
    --------
    >>> held = pd.DataFrame([[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1]], list("abc")).astype(bool)
    >>> {name: (len(units), len(periods)) for name, (units, periods) in balances(held).items()}
    {'units': (2, 4), 'periods': (3, 3), 'largest': (3, 3)}
    """
    held = complete.to_numpy(dtype=bool)
    n, t = held.shape
    spans = [slice(*ends) for ends in combinations(range(t + 1), 2) if ends[1] - ends[0] > 1]
    units = {(s.start, s.stop): held[:, s].all(axis=1) for s in spans}
    units = {span: kept for span, kept in units.items() if kept.sum() > 1}
    fits = {
        "units": [span for span in units if span == (0, t)],
        "periods": [span for span, kept in units.items() if kept.sum() == n],
        "largest": list(units),
    }
    best = {
        name: max(among, key=lambda span: (units[span].sum() * (span[1] - span[0]), span))
        for name, among in fits.items() if among
    }  # fmt: skip
    return {name: (complete.index[units[span]], complete.columns[slice(*span)])
            for name, span in best.items()}  # fmt: skip


def _robustness(
    content: Mapping[str, Any], panel: Panel, problems: Problems
) -> dict[str, tuple[Any, ...]]:
    entry = content.get("robustness", {})
    for span in entry.get("periods", []):
        with problems.at("[robustness] periods"):
            outside = sorted(set(parameters.years(str(span), "periods")) - set(panel.periods))
            if outside:
                raise StudyFileError(f"{span!r} reaches beyond the panel, to {outside[0]}")
    for percent in entry.get("winsorise", []):
        if not isinstance(percent, int | float) or not 0 < percent < 50:
            problems.add("[robustness] winsorise", f"{percent!r} is no per cent between 0 and 50")
    return {key: tuple(value) for key, value in entry.items()}


def _choices(
    content: Mapping[str, Any], model: Specification, panel: Panel, problems: Problems
) -> tuple[Choice, ...]:
    """Read the section [curve]: each list is what the curve runs through."""
    entry = content.get("curve", {})
    made = [decision(model, name, entry[name]) for name in DECISIONS if entry.get(name)]
    for name in [name for name, values in entry.items() if not values]:
        problems.add(f"[curve] {name}", "is empty")
    span = f"{panel.periods[0]}-{panel.periods[-1]}"
    with problems.at("[curve] periods"):
        made.append(spans(span, *(str(s) for s in entry.get("periods", []) if s != span)))
    for name, meaning in (("weights", "spatial weights"), ("controls", "control variables")):
        if entry.get(name):
            made.append(offered(name, meaning, *map(str, entry[name])))
    return tuple(made)
