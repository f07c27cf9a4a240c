"""Files as they come, by a mapping that is kept, into tables of units and periods.

``MAP.toml`` says of each table which file it is in, how it is laid out, what its columns are called and
in which units they are. What is done to the files stands in a log beside the output.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import RawDataError, StudyFileError, listed
from analysis.measures.reports import WORDS, chinese_characters, count_words
from analysis.resources import declared, write_all
from analysis.study.cells import cells, decoded, separated
from analysis.study.keys import Problems, check, fields, load, refusal, told
from analysis.study.names import Names, plain

EMPTY = ("", "na", "n/a", "nan", "none", "-", "--", "—", "…", "..", "无")
"""Cells that mean that a value is not known, beside those that a table declares."""

_LARGEST = 2**29
_SAID = declared("analysis.study", "ingest.toml")
KEYS = fields(_SAID["keys"])
"""Every key of a mapping, by section."""


def factor(unit: str, wanted: str) -> float:
    """Return what a number in one unit is multiplied by to be in another.

    Raises
    ------
    StudyFileError
        If a unit is not known, or the two measure different things.

    Examples
    --------
    >>> factor("万元", "10^8 yuan"), factor("million US dollars", "万美元"), factor("公顷", "10^4 m2")
    (0.0001, 100.0, 1.0)
    """
    if unit == wanted:
        return 1.0
    (kind, size), (other, goal) = _measure(unit), _measure(wanted)
    if kind != other:
        words = {"unit": unit, "kind": kind, "wanted": wanted, "other": other}
        raise StudyFileError(told("ingest.measure", **words))
    return size / goal


def _measure(unit: str) -> tuple[str, float]:
    bases = {str(b): (kind, x) for kind, known in _SAID["units"].items() for b, x in known.items()}
    for base, (kind, size) in bases.items():
        prefix = unit.removesuffix(base).strip()
        if unit.endswith(base) and prefix in _SAID["prefixes"]:
            return kind, size * _SAID["prefixes"][prefix]
    raise StudyFileError(told("ingest.unit", unit, bases, unit=unit))


@dataclass(slots=True)
class _Log:
    """What was changed, and what is wrong: all of it, before anything is written."""

    rows: list[dict[str, object]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, where: str, what: str, before: object = "", after: object = "") -> None:
        self.rows.append({"where": where, "what": what, "before": before, "after": after})


@dataclass(frozen=True, slots=True)
class _Places:
    """The table of places, what its rows and their provinces are called, and what is no place."""

    table: pd.DataFrame
    id: str
    names: Names
    provinces: Names
    skip: frozenset[str]

    @classmethod
    def read(cls, base: Path, said: Mapping[str, Any]) -> _Places:
        table = separated(base / said["file"], dtype={said["id"]: object}, keep_default_na=False)
        around = said.get("province", [])
        names = Names.of(table, said["id"], said.get("names", []), around, said.get("old"))
        provinces = Names.of(table, around[0], around) if around else names
        return cls(table, said["id"], names, provinces, frozenset(map(plain, said.get("skip", []))))


def read_cells(path: Path, sheet: str = "", encoding: str = "") -> pd.DataFrame:
    """Read every cell of a table, headings included, whatever the file calls itself.

    A workbook that is HTML or text under another name is read as what it is, and one that is locked
    by the default password is opened.

    Raises
    ------
    RawDataError
        If there is no such file or sheet, or it is no table.
    """
    content = path.read_bytes() if path.is_file() else b""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path, content, sheet)
    text = decoded(path, encoding)
    if text.lstrip().startswith("<"):
        found = pd.read_html(io.StringIO(text), header=None)
        largest = max(found, key=lambda table: table.size)
        return largest.T.reset_index(drop=True).T.astype(object)
    return cells(path, text, sep=None, engine="python")


def _workbook(path: Path, content: bytes, sheet: str) -> pd.DataFrame:
    import msoffcrypto
    from python_calamine import CalamineError

    held = io.BytesIO(content)
    if content.startswith(b"\xd0\xcf") and msoffcrypto.OfficeFile(held).is_encrypted():
        locked, held = msoffcrypto.OfficeFile(held), io.BytesIO()
        locked.load_key(password="VelvetSweatshop")  # what Excel locks with where none is given
        locked.decrypt(held)
    held.seek(0)
    if zipfile.is_zipfile(held):
        with zipfile.ZipFile(held) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _LARGEST:
            raise RawDataError(told("ingest.large", path=path, size=size / 2**20))
    held.seek(0)
    try:
        book = pd.ExcelFile(held, engine="calamine")
        if sheet and sheet not in book.sheet_names:
            raise RawDataError(
                told("ingest.sheet", sheet, book.sheet_names, path=path, sheet=sheet)
            )
        return pd.read_excel(book, sheet or 0, header=None, dtype=object)
    except CalamineError as error:
        raise RawDataError(f"{path} is no workbook that can be read: {error}") from error


def _headed(table: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    """Join the rows of names, merged cells repeated, and keep what lies below."""
    head = table.iloc[[row - 1 for row in rows]]
    head = head.map(lambda cell: "" if _blank(cell) else plain(cell))
    for row in range(len(head) - 1):
        head.iloc[row] = head.iloc[row].replace("", np.nan).ffill().fillna("")
    names: list[str] = []
    for column in head:
        name = "_".join(dict.fromkeys(part for part in head[column] if part))
        twice = sum(re.sub(r"#\d+$", "", n) == name for n in names)
        names.append(f"{name}#{twice + 1}" if twice and name else name)
    body = table.iloc[max(rows) :].set_axis(names, axis=1)
    body.index = pd.RangeIndex(max(rows) + 1, max(rows) + 1 + len(body))
    return body[~body.map(_blank).all(axis=1)]


def _blank(cell: object) -> bool:
    return cell is None or cell is pd.NaT or str(cell).strip().lower() in EMPTY[:4]


def _sources(base: Path, entry: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, str]]]:
    """Files of a table, with what {year} and {unit} stand for in each."""
    name = entry["file"]
    if "{" not in name:
        yield base / name, {}
        return
    pattern = re.sub(r"\\\{(year|unit)\\\}", r"(?P<\1>[^/]+?)", re.escape(name))
    for path in sorted(base.glob(re.sub(r"\{\w+\}", "*", name))):
        found = re.fullmatch(pattern, path.relative_to(base).as_posix())
        if found:
            yield path, found.groupdict()


def _cell_column(body: pd.DataFrame, name: str, where: str) -> pd.Series:
    if plain(name) not in body:
        words = {"where": where, "name": name}
        raise RawDataError(told("ingest.column", plain(name), body.columns, **words))
    return body[plain(name)]


def _long(base: Path, entry: Mapping[str, Any]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of unit, province, period and the wanted columns, as text, a frame a file."""
    layout, columns = entry.get("layout", "long"), entry["columns"]
    for path, at in _sources(base, entry):
        sheet = str(entry.get("sheet", "")).format_map({"year": "{year}", **at})
        table = read_cells(path, sheet, entry.get("encoding", ""))
        body = _headed(table, entry.get("header", [1]))
        where = path.name + (f" [{sheet}]" if sheet else "")
        keys = pd.DataFrame(index=body.index)
        for key in ("unit", "province"):
            if entry.get(key):
                keys[key] = _cell_column(body, entry[key], where)
        if "province" in keys:
            keys["province"] = keys["province"].mask(keys["province"].map(_blank)).ffill()
        period = entry.get("period", at.get("year"))
        of_rows = isinstance(period, str) and not period.isdigit()
        if period is not None:
            keys["period"] = _cell_column(body, period, where) if of_rows else period
        if layout == "matrix":
            wide = body.drop(columns=[plain(entry[k]) for k in ("unit", "province", "period")
                                      if isinstance(entry.get(k), str)])  # fmt: skip
            across = "unit" if "period" in keys else "period"
            (name,) = columns
            parts = [keys.assign(**{across: head, name: wide[head]}) for head in wide if head]
            yield where, pd.concat(parts)
        elif layout == "wide":
            found: dict[str, dict[str, pd.Series]] = {}
            for name, column in columns.items():
                asked = plain(entry["pattern"]).replace("{name}", plain(column.get("from", name)))
                match = re.escape(asked).replace(r"\{year\}", r"(\d{4})")
                heads = {m[1]: h for h in body if (m := re.fullmatch(match, h))}
                if not heads:
                    words = {"where": where, "asked": asked}
                    raise RawDataError(told("ingest.pattern", asked, body.columns, **words))
                for year, head in heads.items():
                    found.setdefault(year, {})[name] = body[head]
            yield where, pd.concat([keys.assign(period=y, **found[y]) for y in sorted(found)])
        else:
            taken = {n: _cell_column(body, c.get("from", n), where) for n, c in columns.items()}
            yield where, keys.assign(**taken)


def _reports(base: Path, entry: Mapping[str, Any], log: _Log) -> Iterator[tuple[str, pd.DataFrame]]:
    """Word counts of report texts, one file a unit and year."""
    words = tuple(entry.get("words", WORDS))
    rows = []
    for path, at in _sources(base, entry):
        text = decoded(path, entry.get("encoding", ""))
        counted, whole = count_words(text, words).total(), chinese_characters(text)
        if not whole:
            log.wrong.append(told("ingest.coding", file=path.name))
        rows.append({"unit": at.get("unit"), "period": at.get("year", entry.get("period")),
                     "environment_words": counted, "total_words": whole})  # fmt: skip
    log.add(entry["file"], "words of the list counted; total_words are Chinese characters")
    yield entry["file"], pd.DataFrame(rows)


def _grid(
    base: Path, entry: Mapping[str, Any], places: _Places, log: _Log
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Sum the cells of a grid whose centres lie near each place."""
    import xarray
    from scipy.spatial import KDTree

    from analysis.weights import EARTH_RADIUS_KM

    def on_sphere(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        x, y = np.radians(lon.astype(float)), np.radians(lat.astype(float))
        return np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])

    ((name, column),) = entry["columns"].items()
    centres = on_sphere(*(places.table[c].to_numpy() for c in ("lon", "lat")))
    chord = 2 * np.sin(entry["radius"] / EARTH_RADIUS_KM / 2)
    for path, at in _sources(base, entry):
        with xarray.open_dataset(path) as grid:
            layer = grid[column.get("from", name)].transpose("lat", "lon")
            lat, lon = np.meshgrid(grid["lat"], grid["lon"], indexing="ij")
            values = np.nan_to_num(layer.to_numpy().astype(float)).ravel()
        near = KDTree(on_sphere(lon.ravel(), lat.ravel())).query_ball_point(centres, chord)
        log.add(path.name, f"cells with centres within {entry['radius']} km of a place summed")
        sums = [values[cells].sum() for cells in near]
        rows = {"unit": places.table[places.id], "period": at.get("year"), name: sums}
        yield path.name, pd.DataFrame(rows)


def _periods(values: pd.Series, shift: int, where: str, log: _Log) -> pd.Series:
    """Read years, whether 2003, 2003.0, 2003年 or a date."""
    text = values.astype(str).str.strip()
    year = text.str.extract(r"^(\d{4})(?:\.0+|年|[-/]\d.*)?$")[0]
    bad = text[year.isna()]
    if len(bad):
        words = {"cells": listed(bad.unique()), "rows": listed(bad.index, 3)}
        log.wrong.append(told("ingest.year", where=where, **words))
    if shift:
        log.add(where, "year of the file to year of the data", "", f"{shift:+d}")
    return year.astype("Int64") + shift


def _numbers(
    values: pd.Series, column: Mapping[str, Any], empty: tuple[str, ...], where: str, log: _Log
) -> pd.Series:
    text = values.map(lambda cell: "" if _blank(cell) else str(cell).strip())
    known = ~text.str.lower().isin(empty)
    number = pd.to_numeric(text.where(known).str.replace(r"(?<=\d)[,，](?=\d{3})", "", regex=True),
                           errors="coerce")  # fmt: skip
    bad = text[known & number.isna()]
    if len(bad):
        rows = listed(f"{row} ({cell})" for row, cell in bad.items())
        log.wrong.append(told("ingest.number", where=where, rows=rows))
    for cell, count in text[~known & (text != "")].value_counts().items():
        log.add(where, f"{count} cells mean not known", cell)
    by = factor(column["in"], column["to"]) if "to" in column else 1.0
    if by != 1:
        log.add(where, f"times {by:g}", column["in"], column["to"])
    return number * by


def _identified(
    rows: pd.DataFrame, entry: Mapping[str, Any], places: _Places, where: str, log: _Log
) -> pd.DataFrame:
    """Turn names into ids; rows of provinces and totals go."""
    known = places.provinces if entry.get("level") == "province" else places.names
    skip = places.skip | {plain(label) for label in entry.get("skip", [])}
    province: pd.Series = rows.get("province", pd.Series("", rows.index))
    labels = rows["unit"].map(plain)
    heads = labels.isin(known.provinces)
    if entry.get("province_rows"):
        province = rows["unit"].where(heads).ffill().fillna("")
    gone = heads | labels.isin(skip) | rows["unit"].map(_blank)
    for label, count in rows.loc[gone, "unit"].astype(str).value_counts().items():
        log.add(where, f"{count} rows left out, no unit", label)
    rows, province = rows[~gone], province[~gone]
    pairs = pd.DataFrame({"unit": rows["unit"], "province": province})
    found = {}
    for pair in pairs.drop_duplicates().itertuples(index=False):
        found[tuple(pair)] = one = known.find(*pair)
        said = " ".join(str(part) for part in pair[::-1] if str(part).strip())
        if one is None:
            log.wrong.append(f"{where}: {said!r} is no known place{known.nearest(pair[0])}")
        elif str(one) != str(pair[0]):
            log.add(where, "name to id", said, one)
    ids = [found[tuple(pair)] for pair in pairs.itertuples(index=False)]
    return rows.assign(unit=ids).dropna(subset="unit")


def ingest(mapping: str | Path, output: str | Path | None = None) -> list[Path]:
    """Turn files into tables by a mapping, and keep mapping and log beside them.

    Parameters
    ----------
    mapping : path
        A TOML file; its paths start from its folder.
    output : path, optional
        Folder; that of the mapping's [output] by default.

    Returns
    -------
    list of Path
        What was written: all tables, ``ingest.csv`` (the log) and the mapping; or nothing.

    Raises
    ------
    StudyFileError
        If the mapping cannot be used.
    RawDataError
        With everything that is wrong in the files, a line each.
    """
    mapping = Path(mapping)
    content = _mapping(mapping)
    base, log = mapping.parent, _Log()
    to = content.get("output", {})
    said = content.get("places", {})
    places = _Places.read(base, said) if said else None
    made: dict[str, pd.DataFrame] = {}
    for name, entry in content["tables"].items():
        try:
            frame = _table(base, name, entry, to, places, log)
            file = entry.get("output", f"{name}.csv")
            if not re.fullmatch(r"\w[\w .+-]*", file) or file in ("ingest.csv", mapping.name):
                raise StudyFileError(f"writes no {file!r}: a file is named by letters, digits, blanks "
                                     "and . + -, and not as the log or the mapping")  # fmt: skip
            made[file] = frame if file not in made else made[file].join(frame, how="outer")
        except (RawDataError, StudyFileError, ValueError) as error:
            log.wrong.append(f"[tables.{name}] {error}")
    if log.wrong:
        wrong = "\n".join(f"- {line}" for line in dict.fromkeys(log.wrong))
        raise RawDataError(f"{mapping}: nothing is written:\n{wrong}")
    folder = Path(output) if output else base / to.get("folder", "ingested")
    if not output and not folder.resolve().is_relative_to(base.resolve()):
        raise StudyFileError(f"{mapping}: [output] folder {to['folder']!r} lies outside its own; "
                             "name it by --output")  # fmt: skip
    files = {
        name: frame.to_csv(float_format="%.15g", lineterminator="\n")
        for name, frame in made.items()
    }
    files["ingest.csv"] = pd.DataFrame(log.rows).to_csv(index=False, lineterminator="\n")
    return write_all(folder, {**files, mapping.name: mapping.read_bytes()})


def _table(
    base: Path, name: str, entry: Mapping[str, Any], to: Mapping[str, Any],
    places: _Places | None, log: _Log,
) -> pd.DataFrame:  # fmt: skip
    layout = entry.get("layout", "long")
    if layout == "grid":
        if places is None:
            raise StudyFileError("a grid is summed around places: declare [places]")
        parts = _grid(base, entry, places, log)
    else:
        parts = _reports(base, entry, log) if layout == "reports" else _long(base, entry)
    keys = {"unit": entry.get("level", to.get("unit", "city")), "period": to.get("period", "year")}
    done = []
    for where, rows in parts:
        if "unit" in rows and places is not None and layout != "grid":
            rows = _identified(rows, entry, places, where, log)
        rows = rows.assign(period=_periods(rows["period"], entry.get("shift", 0), where, log))
        empty = (*EMPTY, *(str(cell).lower() for cell in entry.get("empty", [])))
        for column, said in entry.get("columns", {}).items():
            rows[column] = _numbers(rows[column], said, empty, f"{where}, {column}", log)
        done.append(rows.drop(columns="province", errors="ignore"))
    if not done:
        raise RawDataError(f"there is no file {entry['file']}")
    frame = pd.concat(done)
    index = [key for key in keys if key in frame]
    values = frame.columns.difference(index, sort=False)
    frame = frame[~frame[values].isna().all(axis=1)]
    twice = frame.loc[frame.duplicated(index), index]
    if len(twice):
        pairs = listed(" ".join(map(str, pair)) for pair in twice.itertuples(index=False))
        raise RawDataError(told("ingest.twice", pairs=pairs))
    return frame.set_index(index).sort_index().rename_axis([keys[key] for key in index])


def _mapping(path: Path) -> dict[str, Any]:
    """Read and check the mapping."""
    content, problems = load(path), Problems()
    check(content, KEYS, ["tables"], problems)
    for name, entry in content.get("tables", {}).items() if not problems.found else ():
        where, columns = f"[tables.{name}]", entry.get("columns", {})
        if not columns and entry.get("layout") != "reports":
            problems.add(where, "needs columns")
        for column in [each for each, said in columns.items() if ("to" in said) != ("in" in said)]:
            problems.add(f"{where[:-1]}.columns.{column}]", "needs both in and to, or neither")
    if problems.found:
        raise refusal(path, problems.found)
    return content
