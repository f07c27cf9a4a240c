"""A study of one's own: ``study.toml`` beside a panel and a table of places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from analysis.book import parameters
from analysis.book.text import literal
from analysis.efficiency import Technology, malmquist
from analysis.errors import AnalysisError, StudyFileError, did_you_mean, listed
from analysis.panel import Panel, keyed
from analysis.spatial import Specification, Term
from analysis.spatial.covariance import COVARIANCES
from analysis.spatial.specification import ESTIMATORS, MODELS
from analysis.study.curve.choices import offered, spans
from analysis.study.declaration import Choice, Data, Group, Matrix, Role, Study, Variable
from analysis.study.transform import Transform
from analysis.weights import (
    Weights,
    additive_nest,
    diagonal_nest,
    gravity,
    inverse_distance,
    k_nearest,
    product,
)

FILE = "study.toml"
KINDS = ("real", "simulated", "published")
BALANCES = ("units", "periods", "largest")
ESTIMATED = ("efficiency", "index")
"""Columns that a section [efficiency] adds to the panel, for transforms to use."""

KINDS_OF_VALUE: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "a list": (list,),
    "a table": (dict,),
    "a whole number": (int,),
    "a number": (int, float),
    "true or false": (bool,),
}
FIELDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    section: {key: tuple(said.split(": ", 1)) for key, said in keys.items()}
    for section, keys in tomllib.loads(
        files("analysis.study").joinpath("fields.toml").read_text(encoding="utf-8")
    ).items()
}
"""Every key of the file: its kind and meaning."""

BUILDERS: Mapping[str, Callable[..., Weights]] = {
    "inverse-distance": inverse_distance,
    "nearest": k_nearest,
    "additive-nest": additive_nest,
    "diagonal-nest": diagonal_nest,
    "product": product,
    "gravity": gravity,
}
WITH_INCOME = ("additive-nest", "diagonal-nest", "product", "gravity")


@dataclass(slots=True)
class _Problems:
    """What is wrong, collected so that one check lists everything."""

    found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.found.append(f"{where}: {what}" if where else what)

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        try:
            yield
        except (AnalysisError, OSError, ValueError) as error:
            self.add(where, str(error))


def read(folder: str | Path) -> Study:
    """Read a folder's ``study.toml`` as a study.

    Raises
    ------
    StudyFileError
        With everything that is wrong, a line each.
    """
    study, problems = examine(folder)
    if study is None or problems:
        raise StudyFileError(
            "\n".join([f"{Path(folder) / FILE} cannot be used:", *(f"- {p}" for p in problems)])
        )
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
    stamp = tuple(
        (str(path), path.stat().st_mtime_ns)
        for path in sorted(base.rglob("*"))
        if path.is_file() and path.suffix in (".toml", ".csv", ".parquet", ".gal")
        and "_build" not in path.parts
    )  # fmt: skip
    study, problems = _examine(base, stamp)
    return study, list(problems)


@cache
def _examine(base: Path, _: tuple[tuple[str, int], ...]) -> tuple[Study | None, tuple[str, ...]]:
    problems = _Problems()
    content = _content(base, problems)
    if content is None:
        return None, tuple(problems.found)
    raw, places = _files(base, content.get("data", {}), problems)
    if raw is None or places is None:
        return None, tuple(problems.found)
    fit_together = not problems.found
    variables = _variables(content, raw, problems)
    model = _model(content, variables, problems)
    matrices = _matrices(base, content, places, variables, problems)
    groups = _groups(content, places, raw, problems)
    technology = _technology(content, raw, problems)
    if model is None or not matrices or not fit_together:
        return None, tuple(problems.found)
    made: Data | None = None
    with problems.at(""):
        made = _data(content, raw, places, variables, technology, problems.notes)
    if made is None:
        return None, tuple(problems.found)
    panel, data = made.panel, content["data"]
    periods = tuple(int(period) for period in panel.periods)
    of = content.get("study", {})
    unit = of.get("unit", panel.unit)
    study = Study(
        name=str(base),
        title=of.get("title", base.name),
        citation=of.get("citation", ""),
        variables=tuple(variables[name].variable for name in variables),
        model=model,
        load=_Loaded(made),
        years=periods,
        weights=next(iter(matrices)),
        matrices=matrices,
        income=data.get("income", ""),
        groups=groups,
        choices=_choices(content, model, tuple(matrices), periods, problems),
        files=tuple(str(base / name) for name in (FILE, data["panel"], data["places"])),
        unit=unit,
        units=of.get("units", re.sub(r"(?<![aeiou])y$", "ie", unit) + "s" * unit.isascii()),
        technology=technology,
        robustness=_robustness(content, panel, matrices, problems),
        printed=str(base / content["printed"]["tables"]) if "printed" in content else "",
        names=data.get("name", ""),
    )
    for name in matrices:
        with problems.at(f"[weights.{name}]"):
            _require_near_and_far(study.matrix(name, panel, places))
    return study, tuple(problems.found)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A loader without choices of its own."""

    data: Data

    def __call__(self) -> Data:
        return self.data


def _content(base: Path, problems: _Problems) -> dict[str, Any] | None:
    """Parse the file and check every key and type."""
    path = base / FILE
    if not path.is_file():
        problems.add(
            "", f"there is no {path}; `analysis new FOLDER --panel P --places Q` makes one"
        )
        return None
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.add("", f"{path} is no TOML: {error}")
        return None
    top = {name.partition(".")[0]: name for name in FIELDS}
    for section, entry in content.items():
        if section not in top:
            hint = did_you_mean(section, top) or ";"
            problems.add("", f"unknown section [{section}]{hint} there are {', '.join(top)}")
            continue
        named = top[section].endswith(".NAME")
        if not isinstance(entry, dict) or (
            named and not all(isinstance(each, dict) for each in entry.values())
        ):
            problems.add(f"[{section}]", f"write [{top[section]}] and lines key = value")
            return None
        parts = {f"{section}.{n}": e for n, e in entry.items()} if named else {section: entry}
        for where, each in parts.items():
            _check_keys(where, each, FIELDS[top[section]], problems)
    for section, keys in (("data", ("panel", "unit", "period", "places")),
                          ("model", ("outcome", "regressors"))):  # fmt: skip
        for key in keys:
            if key not in content.get(section, {}):
                problems.add(f"[{section}]", f"{key} is missing: {FIELDS[section][key][1]}")
    for section in ("variables", "weights"):
        if not content.get(section):
            problems.add("", f"there is no [{section}.NAME]; declare at least one")
    data = content.get("data", {})
    for key, allowed in (("kind", KINDS), ("balance", BALANCES), ("gaps", ("interpolate",))):
        if key in data and data[key] not in allowed:
            problems.add("[data]", f"{key} = {data[key]!r}: choose {listed(allowed)}")
    return content if not problems.found else None


def _check_keys(
    where: str, entry: Mapping[str, Any], known: Mapping[str, tuple[str, str]], problems: _Problems
) -> None:
    for key, value in entry.items():
        if key not in known:
            hint = did_you_mean(key, known) or ";"
            problems.add(f"[{where}]", f"unknown key {key}{hint} there are {', '.join(known)}")
            continue
        kinds = KINDS_OF_VALUE[known[key][0]]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            problems.add(f"[{where}]", f"{key} = {value!r} must be {known[key][0]}")


def heading(text: str) -> str:
    """Spell a title of the user's for a page."""
    return literal(text)


def table(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file."""
    if not path.is_file():
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*")])
        raise StudyFileError(f"there is no file {path}{near}")
    if path.suffix == ".parquet":
        with path.open("rb") as file:
            return pd.read_parquet(file).reset_index(drop=True)
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudyFileError(
            f"{path} is not UTF-8; convert it (yearbooks are often GB18030)"
        ) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise StudyFileError(f"{path} is no table of comma-separated values: {error}") from error


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
    base: Path, data: Mapping[str, Any], problems: _Problems
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read panel and places, checked and keyed."""
    raw: pd.DataFrame | None = None
    places: pd.DataFrame | None = None
    with problems.at("[data] panel"):
        rows = table(base / data["panel"])
        if data["period"] in rows:
            rows[data["period"]] = in_years(rows[data["period"]])
        found, unit, period = keyed(rows, data["unit"], data["period"], data["panel"])
        raw = found.set_index([unit, period])
        if data.get("periods"):
            span = list(parameters.years(data["periods"], "periods"))
            there = raw.index.get_level_values(1)
            if span[0] < there.min() or span[-1] > there.max():
                raise StudyFileError(
                    f"periods = {data['periods']!r} reaches beyond the data, which have "
                    f"{there.min()}-{there.max()}"
                )
            raw = raw[there.isin(span)]
    with problems.at("[data] places"):
        places = table(base / data["places"])
        key = data.get("id", data["unit"])
        for column in (key, "lon", "lat", *filter(None, [data.get("name")])):
            if column not in places:
                raise StudyFileError(
                    f"no column {column!r}{did_you_mean(column, places.columns)}; it has "
                    f"{listed(places.columns, 20)}"
                )
        twice = places.loc[places[key].duplicated(), key]
        if len(twice):
            raise StudyFileError(f"more than one row for {listed(twice)}")
        places = places.set_index(key).rename_axis(data["unit"])
        if raw is not None:
            lost = raw.index.unique(0).difference(places.index, sort=False)
            if len(lost):
                near = did_you_mean(lost[0], map(str, places.index))
                raise StudyFileError(f"no row for {listed(lost)}{near}, which the panel has")
    return raw, places


@dataclass(frozen=True, slots=True)
class _Made:
    variable: Variable
    transform: Transform


def _variables(
    content: Mapping[str, Any], raw: pd.DataFrame, problems: _Problems
) -> dict[str, _Made]:
    """Read every variable's transform against the panel's columns."""
    made: dict[str, _Made] = {}
    mediator = content.get("mediation", {}).get("mediator", "")
    extra = ESTIMATED if "efficiency" in content else ()
    for name, entry in content["variables"].items():
        where = f"[variables.{name}]"
        role = entry.get("role", "mediator" if name == mediator else "control")
        if role not in get_args(Role):
            problems.add(where, f"role = {role!r}: choose {listed(get_args(Role))}")
        written = entry.get("transform", "none")
        plain = f"`{name}`"
        text = {"none": plain, "log": f"log({plain})"}.get(written, written)
        with problems.at(f"{where} transform"):
            transform = Transform.read(text)
            for column in transform.columns:
                if column not in raw and column not in extra:
                    raise StudyFileError(
                        f"no column {column!r} in the panel{did_you_mean(column, raw.columns)}"
                    )
            variable = Variable(
                name, entry.get("label", name), role, entry.get("unit", ""),
                entry.get("definition", ""),
            )  # fmt: skip
            made[name] = _Made(variable, transform)
    for where, name in (("[mediation] mediator", mediator),
                        ("[data] income", content["data"].get("income", ""))):  # fmt: skip
        if name and name not in content["variables"]:
            problems.add(where, f"no variable {name!r}{did_you_mean(name, content['variables'])}")
    return made


def _model(
    content: Mapping[str, Any], variables: Mapping[str, _Made], problems: _Problems
) -> Specification | None:
    wanted = content["model"]
    names = [wanted["outcome"], *wanted["regressors"]]
    for name in names:
        with problems.at("[model]"):
            base = Term.parse(name).name
            if base not in content["variables"]:
                hint = did_you_mean(base, content["variables"])
                raise StudyFileError(f"no variable {base!r}{hint}, which {name!r} needs")
    with problems.at("[model]"):
        options = {
            k: wanted[k] for k in ("model", "effects", "estimator", "std_errors") if k in wanted
        }
        dynamic = wanted.get("dynamic", False)
        return Specification(
            wanted["outcome"], wanted["regressors"], time_lag=dynamic, space_time_lag=dynamic,
            **options,
        )  # fmt: skip
    return None


def _matrices(
    base: Path, content: Mapping[str, Any], places: pd.DataFrame, variables: Mapping[str, _Made],
    problems: _Problems,
) -> dict[str, Matrix]:  # fmt: skip
    made: dict[str, Matrix] = {}
    for name, entry in content["weights"].items():
        where = f"[weights.{name}]"
        if not re.fullmatch(r"[\w .+-]+", name):
            problems.add(where, "a matrix is named by letters, digits, blanks and . + -")
        elif ("file" in entry) == ("build" in entry):
            problems.add(where, "give either build or file")
        elif "file" in entry:
            with problems.at(where):
                whole = _from_file(base / entry["file"], places, name)
                made[name] = partial(_cut, whole)
                if len(extra := whole.units.difference(places.index, sort=False)):
                    problems.notes.append(
                        f"{entry['file']} has {len(extra)} units that the places lack "
                        f"({listed(extra)}); they are left out and the rows divided by what remains."
                    )
        elif entry["build"] not in BUILDERS:
            hint = did_you_mean(entry["build"], BUILDERS) or ";"
            problems.add(
                where, f"no build {entry['build']!r}{hint} there are {', '.join(BUILDERS)}"
            )
        elif entry["build"] in WITH_INCOME and not content["data"].get("income"):
            problems.add(where, f"{entry['build']} needs [data] income, a variable")
        elif entry["build"] == "nearest" and entry.get("k", 0) < 1:
            problems.add(where, "nearest needs k, a whole number from 1")
        else:
            made[name] = partial(_built, name, dict(entry))
    return made


def _built(name: str, entry: Mapping[str, Any], places: pd.DataFrame, income: pd.Series) -> Weights:
    build = BUILDERS[entry["build"]]
    options = {key: entry[key] for key in ("power", "k") if key in entry}
    made = build(places, income) if entry["build"] in WITH_INCOME else build(places, **options)
    return replace(made, name=name)


def _require_near_and_far(weights: Weights) -> None:
    """Refuse a matrix in which all are neighbours alike."""
    away = weights.dense()[~np.eye(weights.n, dtype=bool)]
    if weights.n > 2 and np.ptp(away) <= 1e-12 * away.max():
        raise StudyFileError(
            "all cells are equal, so that a unit's neighbours are simply all the others: Moran's I "
            f"is then -1/{weights.n - 1} whatever the data, and rho is lost among the period effects; "
            "choose a matrix that tells near from far"
        )


def _cut(whole: Weights, places: pd.DataFrame, _: pd.Series) -> Weights:
    return whole.sub(places.index).row_standardise()


def _from_file(path: Path, places: pd.DataFrame, name: str) -> Weights:
    """Read a matrix whose labels are those of the places."""
    if path.suffix == ".gal":
        from libpysal.io import open as open_weights

        if not path.is_file():
            raise StudyFileError(f"there is no file {path}")
        found = Weights.from_libpysal(open_weights(str(path), "r").read(), name=name)
        matrix, rows, columns = found.dense(), found.units, found.units
    else:
        frame = table(path)
        frame = frame.set_index(frame.columns[0])
        if frame.shape[0] != frame.shape[1]:
            raise StudyFileError(f"{path.name} is {frame.shape[0]} by {frame.shape[1]}, not square")
        matrix, rows, columns = frame.to_numpy(dtype=float), frame.index, frame.columns
    by_text = {str(unit): unit for unit in places.index}
    labels = [by_text.get(str(label), label) for label in rows]
    if [str(label) for label in columns] != [str(label) for label in rows]:
        raise StudyFileError(f"{path.name}: its columns are not labelled as its rows")
    missing = [unit for unit in places.index if str(unit) not in {str(label) for label in rows}]
    if missing:
        raise StudyFileError(
            f"{path.name} has {len(labels)} units, the places {len(places)}; no row for "
            f"{listed(missing)}"
        )
    return Weights(matrix, pd.Index(labels, name=places.index.name), name, places)


def _groups(
    content: Mapping[str, Any], places: pd.DataFrame, raw: pd.DataFrame, problems: _Problems
) -> dict[str, Group]:
    made = {}
    here = places.loc[places.index.intersection(raw.index.unique(0))]
    for name, entry in content.get("groups", {}).items():
        where = f"[groups.{name}]"
        column = entry.get("column", name)
        if column not in places:
            hint = did_you_mean(column, places.columns)
            problems.add(where, f"no column {column!r} in the places{hint}")
            continue
        labels = {str(value): str(label) for value, label in entry.get("labels", {}).items()}
        values = here[column]
        by_value = {v: labels.get(str(v), "") for v in values.unique()} if labels else {}
        unnamed = [value for value, label in by_value.items() if not label]
        if unnamed:
            problems.add(
                where, f"labels name no group for the value {listed(unnamed)} of {column!r}"
            )
        sizes = (values.map(by_value) if labels else values).value_counts()
        for label in sizes.index[sizes < 2]:
            problems.add(where, f"group {label!r} has one unit; a group needs two or more")
        if len(sizes) < 2:
            problems.add(where, f"column {column!r} divides nothing: all units are in one group")
        made[name] = Group(column, by_value)
    return made


def _technology(
    content: Mapping[str, Any], raw: pd.DataFrame, problems: _Problems
) -> Technology | None:
    entry = content.get("efficiency")
    if entry is None:
        return None
    for key in ("inputs", "good", "bad"):
        for column in entry.get(key, []):
            if column not in raw:
                problems.add(
                    f"[efficiency] {key}",
                    f"no column {column!r}{did_you_mean(column, raw.columns)}",
                )
    with problems.at("[efficiency]"):
        return Technology(
            tuple(entry.get("inputs", [])), tuple(entry.get("good", [])),
            tuple(entry.get("bad", [])), reference=entry.get("reference", "pooled"),
        )  # fmt: skip
    return None


def _data(
    content: Mapping[str, Any], raw: pd.DataFrame, places: pd.DataFrame,
    variables: Mapping[str, _Made], technology: Technology | None, notes: list[str],
) -> Data:  # fmt: skip
    """Fill, balance, measure and transform, and say what each step cost."""
    data = content["data"]
    used = {c for made in variables.values() for c in made.transform.columns} - set(ESTIMATED)
    if technology is not None:
        used |= {*technology.inputs, *technology.good, *technology.bad}
    frame = raw[[column for column in raw if column in used]].apply(pd.to_numeric, errors="coerce")
    odd = [c for c in frame if (frame[c].isna() & raw[c].notna()).any()]
    if odd:
        where = frame.index[frame[odd[0]].isna() & raw[odd[0]].notna()]
        raise StudyFileError(
            f"column {odd[0]!r} of the panel is no number in "
            f"{listed(' '.join(map(str, each)) for each in where)}"
        )
    unit, period = (str(name) for name in frame.index.names)
    years = range(
        int(frame.index.get_level_values(1).min()), int(frame.index.get_level_values(1).max()) + 1
    )
    whole = pd.MultiIndex.from_product([frame.index.unique(0), years], names=[unit, period])
    frame = frame.reindex(whole)
    notes = list(notes)
    if data.get("gaps") == "interpolate":
        filled = frame.groupby(level=0, group_keys=False).apply(
            lambda part: part.interpolate(limit_area="inside")
        )
        count = int((frame.isna() & filled.notna()).to_numpy().sum())
        if count:
            units = int((frame.isna() & filled.notna()).any(axis=1).groupby(level=0).any().sum())
            notes.append(f"{count} empty cells of {units} units were filled by linear interpolation "
                         "inside each unit's observed range.")  # fmt: skip
        frame = filled
    complete = frame.notna().all(axis=1).unstack(period)
    if not complete.to_numpy().all():
        frame, note = _balanced(frame, complete, data.get("balance", ""), data.get("gaps", ""))
        notes.append(note)
    production = efficiency = None
    if technology is not None:
        production = Panel.from_frame(frame, unit, period, data["panel"])
        efficiency = malmquist(production, technology)
        scores = efficiency.summary
        frame = frame.assign(efficiency=scores["efficiency"], index=scores["index"])
    skipped = 0
    columns = {}
    for name, made in variables.items():
        with_index = technology is not None and "index" in made.transform.columns
        skipped = max(skipped, made.transform.lags + with_index)
        columns[name] = made.transform.of(frame)
    result = pd.DataFrame(columns)
    if skipped:
        kept = sorted(result.index.unique(1))[skipped:]
        first = "period serves" if skipped == 1 else f"{skipped} periods serve"
        notes.append(f"The first {first} lags and changes alone.")
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
    offers = balances(complete)
    if wanted not in offers:
        holes = frame.index[frame.isna().any(axis=1)]
        said = [
            f'balance = "{name}" keeps {len(u)} of {len(complete)} units and {len(p)} of '
            f"{complete.shape[1]} periods ({p[0]}-{p[-1]})"
            for name, (u, p) in offers.items()
        ]
        inside = "" if gaps else '; or gaps = "interpolate" fills gaps inside a unit\'s range'
        raise StudyFileError(
            f"[data]: the panel is not balanced: {len(holes)} rows are missing or have an empty cell, "
            f"such as {listed(' '.join(map(str, hole)) for hole in holes)}. In [data], "
            f"{'; '.join(said) or 'no balanced part has two units and two periods'}{inside}"
        )
    units, periods = offers[wanted]
    kept = frame.loc[(list(units), list(periods)), :]
    return kept, (
        f"Of {len(complete)} units and {complete.shape[1]} periods, {len(units)} units and "
        f"{len(periods)} periods have every value and are kept."
    )


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
    n_periods = held.shape[1]
    best: dict[str, tuple[int, int, int]] = {}
    for first in range(n_periods):
        for last in range(first + 1, n_periods):
            units = int(held[:, first : last + 1].all(axis=1).sum())
            if units < 2:
                continue
            cells = (units * (last - first + 1), first, last)
            if last - first + 1 == n_periods:
                best["units"] = cells
            if units == len(held):
                best["periods"] = max(best.get("periods", cells), cells)
            best["largest"] = max(best.get("largest", cells), cells)
    found = {}
    for name in BALANCES:
        if name in best:
            _, first, last = best[name]
            units_kept = complete.index[held[:, first : last + 1].all(axis=1)]
            found[name] = (units_kept, complete.columns[first : last + 1])
    return found


def _robustness(
    content: Mapping[str, Any], panel: Panel, matrices: Mapping[str, Matrix], problems: _Problems
) -> dict[str, tuple[Any, ...]]:
    entry = content.get("robustness", {})
    for name in entry.get("weights", []):
        if name not in matrices:
            problems.add(
                "[robustness] weights", f"no matrix {name!r}{did_you_mean(name, matrices)}"
            )
    for group in entry.get("without", []):
        for label in group if isinstance(group, list) else [group]:
            if str(label) not in {str(each) for each in panel.units}:
                hint = did_you_mean(label, map(str, panel.units))
                problems.add("[robustness] without", f"no unit {label!r}{hint}")
    for span in entry.get("periods", []):
        with problems.at("[robustness] periods"):
            outside = sorted(set(parameters.years(span, "periods")) - set(panel.periods))
            if outside:
                raise StudyFileError(f"{span!r} reaches beyond the panel, to {outside[0]}")
    for percent in entry.get("winsorise", []):
        if not isinstance(percent, int | float) or not 0 < percent < 50:
            problems.add("[robustness] winsorise", f"{percent!r} is no per cent between 0 and 50")
    return {key: tuple(value) for key, value in entry.items()}


DECISIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "model": ("spatial model", tuple(MODELS)),
    "dynamics": ("lags of the outcome", ("static", "dynamic")),
    "estimator": ("treatment of the effects' bias", tuple(ESTIMATORS)),
    "std_errors": ("standard errors", tuple(COVARIANCES)),
}
"""Choices of a curve that begin with what the model declares: their meaning and values."""


def _choices(
    content: Mapping[str, Any], model: Specification, matrices: tuple[str, ...],
    periods: tuple[int, ...], problems: _Problems,
) -> tuple[Choice, ...]:  # fmt: skip
    """Read the section [curve]: each list is what the curve runs through."""
    entry = dict(content.get("curve", {}))
    made = []
    span = f"{periods[0]}-{periods[-1]}"
    with problems.at("[curve] periods"):
        made.append(spans(span, *(s for s in entry.pop("periods", []) if s != span)))
    declared = {
        "dynamics": "dynamic" if model.time_lag else "static", "model": model.model,
        "estimator": model.estimator, "std_errors": str(model.std_errors),
    }  # fmt: skip
    usual = {"dynamics": ["static", "dynamic"], "estimator": ["transformation", "direct"],
             "std_errors": ["information", "cluster"]}  # fmt: skip
    for name, (meaning, allowed) in DECISIONS.items():
        values = entry.pop(name, usual.get(name, []))
        rest = [value for value in values if value != declared[name]]
        more = tuple(value for value in allowed if value not in (declared[name], *rest))
        with problems.at(f"[curve] {name}"):
            if wrong := [value for value in values if value not in allowed]:
                raise StudyFileError(
                    f"no {wrong[0]!r}{did_you_mean(wrong[0], allowed)}; choose {listed(allowed)}"
                )
            made.append(offered(name, meaning, str(declared[name]), *rest, more=more))
    for name, values in entry.items():
        meaning = "spatial weights" if name == "weights" else "control variables"
        wrong = [v for v in values if name == "weights" and v not in matrices]
        if not values or wrong:
            problems.add(f"[curve] {name}", f"no matrix {wrong[0]!r}" if wrong else "is empty")
        else:
            made.append(offered(name, meaning, *map(str, values)))
    return tuple(made)
