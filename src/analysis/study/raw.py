"""Raw contracts: what each raw file must hold, and errors that name file, row, city and year.

A :class:`RawContract` lists the files of one study as :class:`RawTable` objects, these list their
:class:`Column` objects; :meth:`RawContract.read` returns checked frames, or raises with all faults
of all files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import RawDataError, StudyFileError, did_you_mean, listed
from analysis.measures.cleaning import interpolate
from analysis.measures.intensity import check_units
from analysis.panel import Panel
from analysis.resources import declared, write_all
from analysis.study.cells import cells
from analysis.study.ingest import factor
from analysis.study.keys import told
from analysis.study.names import Names
from analysis.study.transform import Transform

EMPTY = ("", "NA")
"""How a raw file writes a value that is not known."""


@dataclass(frozen=True, slots=True)
class Column:
    """One measured column of a raw file.

    Attributes
    ----------
    name, unit, meaning : str
    positive : bool
        Zero is refused as well as negative values.
    at_most : float, optional
        Largest value that the unit allows.
    at_least : float, optional
        Smallest value; zero unless told.
    whole : bool
        Counts: a fraction is refused.
    gaps : bool
        Cells may be empty; interpolation fills them inside a city's observed range.
    """

    name: str
    unit: str
    meaning: str
    positive: bool = True
    at_most: float | None = None
    at_least: float | None = 0.0
    whole: bool = False
    gaps: bool = False

    @property
    def allowed(self) -> str:
        """The admissible values in words.

        Examples
        --------
        >>> Column("share", "%", "a share", positive=False, at_most=100).allowed
        'a number of at least 0 and at most 100'
        """
        least, most = self.at_least, self.at_most
        lower = "" if least is None else f"{'above' if self.positive else 'of at least'} {least:g}"
        upper = "" if most is None else f"{'' if lower else 'of '}at most {most:g}"
        bounds = " and ".join(filter(None, [lower, upper]))
        return f"a {'whole ' * self.whole}number {bounds}".rstrip()

    def holds(self, values: pd.Series) -> pd.Series:
        """Which values are admissible, missing ones aside."""
        fine = pd.Series(np.isfinite(values.to_numpy(dtype=float)), index=values.index)
        if self.at_least is not None:
            fine &= values > self.at_least if self.positive else values >= self.at_least
        if self.at_most is not None:
            fine &= values <= self.at_most
        if self.whole:
            fine &= values % 1 == 0
        return fine


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A condition between the columns of one row.

    Attributes
    ----------
    holds : str
        An expression of columns; rows with an empty cell among them are skipped.
    expected : str
        What must hold, in words.
    """

    holds: str
    expected: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """One raw file: a CSV with its keys first, one row for each combination of the keys.

    Attributes
    ----------
    file : str
    keys : tuple of str
        Some of ``city``, ``province``, ``year``.
    columns : tuple of Column
    checks : tuple of RowCheck
    instead : tuple of Column
        What the file may hold in place of `columns`.
    """

    file: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    checks: tuple[RowCheck, ...] = ()
    instead: tuple[Column, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the measured columns."""
        return [column.name for column in self.columns]

    @property
    def header(self) -> str:
        """First line of the file."""
        return ",".join([*self.keys, *self.names])


@dataclass(frozen=True, slots=True)
class RawContract:
    """All raw files of one study.

    Attributes
    ----------
    study : str
    tables : tuple of RawTable
    labels : mapping
        What the units of each key (``city``, ``province``) can be called; years are free.
    needs : mapping of str to tuple of str
        Variable to the files that it is made of, names without suffix.
    years : tuple of int
        The study's raw years.
    made : mapping of str to list of str
        Variable to the expressions of raw columns that give it, the first that can be had.
    plausible : mapping
        Ratios of two files, as :func:`analysis.measures.intensity.check_units` reads them.
    """

    study: str
    tables: tuple[RawTable, ...]
    labels: Mapping[str, Names] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    made: Mapping[str, list[str]] = field(default_factory=dict)
    plausible: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, package: str, study: str, **options: Any) -> RawContract:
        """Read the contract that a package's ``raw.toml`` declares.

        Parameters
        ----------
        package, study : str
        **options
            ``labels`` and ``years``.
        """
        said = declared(package, "raw.toml")
        known = declared("analysis.study", "yearbook.toml") | said["tables"]
        made = []
        for name in said["files"]:
            of = known[name]
            columns, instead = (
                tuple(Column(**each) for each in of.get(key, ())) for key in ("columns", "instead")
            )
            checks = tuple(RowCheck(**check) for check in of.get("checks", ()))
            keys = tuple(of.get("keys", ("city", "year")))
            made.append(RawTable(f"{name}.csv", keys, columns, checks, instead))
        needs = {variable: tuple(of) for variable, of in said["needs"].items()}
        options |= {"made": said["variables"], "plausible": said["plausible"]}
        return cls(study, tuple(made), needs=needs, **options)

    def table(self, file: str) -> RawTable:
        """Look up one table by its file name."""
        return next(table for table in self.tables if table.file == file)

    def examine(
        self, folder: str | Path, required: Mapping[str, Sequence[Any]]
    ) -> tuple[dict[str, pd.DataFrame], list[str], list[str]]:
        """Read every file of a folder and list all faults.

        Returns
        -------
        tables : dict
            The sound ones, by file name without suffix, sorted and indexed by their keys.
        wrong : list of str
            Every fault of every file that is there, with rows, cities, years and what to do.
        missing : list of str
            Files that are not there.
        """
        folder = Path(folder)
        there = sorted(path.name for path in folder.glob("*.csv"))
        strangers = set(there) - {table.file for table in self.tables}
        tables, wrong, missing = {}, [], []
        for table in self.tables:
            path = folder / table.file
            if table.file not in there:
                held = listed(there, 20) or "no CSV files"
                words = {"path": path, "header": table.header, "held": held}
                missing.append(told("raw.missing", table.file, strangers, **words))
                continue
            frame, faults = read_table(path, table, required, self.labels)
            wrong += [fault if str(path) in fault else f"{path}: {fault}" for fault in faults]
            if frame is not None and not faults:
                tables[path.stem] = frame
        return tables, wrong, missing

    def read(
        self, folder: str | Path, required: Mapping[str, Sequence[Any]], *, partial: bool = False
    ) -> dict[str, pd.DataFrame]:
        """Read and check every file of a folder.

        Parameters
        ----------
        folder : path
        required : mapping
            The labels that must be present for each key: ``{"city": [...], "year": [...]}``.
            Rows beyond them must still be well formed, and are kept.
        partial : bool
            Whether files may be missing, as long as one is there.

        Returns
        -------
        dict
            By file name without suffix; each frame is sorted and indexed by its keys.

        Raises
        ------
        RawDataError
            With all faults of all files.
        """
        if not Path(folder).is_dir():
            files = listed((table.file for table in self.tables), 20)
            raise RawDataError(told("raw.folder", folder=folder, study=self.study, files=files))
        tables, wrong, missing = self.examine(folder, required)
        if partial and (tables or wrong):
            missing = [line for line in missing if "did you mean" in line]
        wrong = [*missing, *wrong]
        if wrong:
            several = f"{len(wrong)} faults in {folder}:\n- "
            raise RawDataError((several if len(wrong) > 1 else "") + "\n- ".join(wrong))
        return tables

    def lacking(self, held: Collection[str]) -> dict[str, list[str]]:
        """Files that each variable would need and that are not held; empty where it can be made."""
        return {v: [f"{f}.csv" for f in of if f not in held] for v, of in self.needs.items()}

    def variables(self, tables: Mapping[str, pd.DataFrame], **more: pd.Series) -> pd.DataFrame:
        """Those of the declared variables for which the columns of tables without gaps suffice.

        Parameters
        ----------
        tables : mapping
            As :func:`fill` returns them; those of provinces are left alone.
        **more
            Further columns, by city and year.
        """
        of_cities = [table for table in tables.values() if "city" in table.index.names]
        wide = pd.concat(of_cities, axis=1).assign(**more)
        for table in tables.values():
            wide = wide.join(table, on="year") if table.index.names == ["year"] else wide
        found = {}
        for name, texts in self.made.items():
            read = (Transform.read(text) for text in texts)
            if usable := [each for each in read if set(each.columns) <= set(wide)]:
                found[name] = usable[0].of(wide)
        return pd.DataFrame(found, wide.index)

    def panel(self, frame: pd.DataFrame, roster: Iterable[str], source: str) -> Panel:
        """Make variables a panel of the cities on a roster, refusing what only a wrong unit explains."""
        frame = frame.loc[[city for city in roster if city in frame.index]]
        check_units(frame, {k: of for k, of in self.plausible.items() if k in frame}, source)
        return Panel.from_frame(frame, source=source)

    def source(self, folder: object, held: Collection[str]) -> str:
        """Name a folder, and the files that it does not hold."""
        absent = [table.file for table in self.tables if Path(table.file).stem not in held]
        return f"{folder} (without {listed(absent, 12)})" if absent else str(folder)

    def write(self, tables: Mapping[str, pd.DataFrame], folder: str | Path) -> list[Path]:
        """Write frames as the contract's CSV files, all of them or none.

        Parameters
        ----------
        tables : mapping
            By file name without suffix, indexed by the table's keys.
        folder : path
            Created where needed.

        Returns
        -------
        list of Path
        """
        texts = {t.file: _csv(tables[Path(t.file).stem].reset_index(), t) for t in self.tables}
        return write_all(Path(folder), texts)


def _csv(frame: pd.DataFrame, table: RawTable) -> str:
    """Text of one file: plain digits to fifteen places, empty where missing."""
    text = frame[[*table.keys, *table.names]].astype(object)
    for name in table.names:
        text[name] = ["" if pd.isna(value) else f"{value:.15g}" for value in frame[name]]
    return text.to_csv(index=False, lineterminator="\n")


def _text(path: Path, table: RawTable) -> tuple[pd.DataFrame, RawTable, dict[str, float]]:
    """Read the file as text by line number, with the table that it is and factors of its units."""
    frame = cells(path, skipinitialspace=True).fillna("").astype(str)
    frame = frame.apply(lambda column: column.str.strip())
    heads = frame.iloc[0].str.extract(r"(?s)^(.*?)(?:\s*\[(.+)\])?$")
    names, units = heads[0].tolist(), heads.set_index(0)[1].dropna()
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise RawDataError(f"column {listed(twice)} occurs more than once in the header")
    if table.instead and {column.name for column in table.instead} <= set(names):
        table = replace(table, columns=table.instead, checks=())
    expected = [*table.keys, *table.names]
    if absent := [name for name in expected if name not in names]:
        words = {"absent": listed(map(repr, absent), 20), "names": ",".join(names)}
        spare = [name for name in names if name and name not in expected]
        raise RawDataError(told("raw.absent", absent[0], spare, header=table.header, **words))
    factors = {c.name: factor(units[c.name], c.unit) for c in table.columns if c.name in units}
    body = frame.iloc[1:].set_axis(names, axis=1)[expected]
    body.index = pd.RangeIndex(2, 2 + len(body), name="line")
    body = body[(body != "").any(axis=1)]
    if body.empty:
        raise RawDataError(told("raw.rows", keys=" and ".join(table.keys)))
    return body, table, factors


def read_table(
    path: Path,
    table: RawTable,
    required: Mapping[str, Sequence[Any]],
    labels: Mapping[str, Names] | None = None,
) -> tuple[pd.DataFrame | None, list[str]]:
    """Read one raw file and list all that breaks its contract.

    A column may be headed ``name [unit]``, and is then turned into the contract's unit.

    Parameters
    ----------
    path : Path
    table : RawTable
    required : mapping
        Labels that must be present for each key.
    labels : mapping, optional
        What the units of a key can be called.

    Returns
    -------
    frame : DataFrame or None
        Sorted and indexed by the keys, float columns, missing where the cell was empty.
    wrong : list of str
    """
    try:
        body, table, factors = _text(path, table)
    except (RawDataError, StudyFileError) as error:
        return None, [str(error)]
    keys, frame, wrong = list(table.keys), body.copy(), list[str]()

    def found(where: pd.Series, fault: str, value: str = "", **words: object) -> None:
        """Note a fault in some rows, each named by its keys and, if asked, its value."""
        rows = listed(
            f"row {line} ({' '.join(body.loc[line, keys])}"
            + (f", {value} = {body.loc[line, value]})" if value else ")")
            for line in where.index[where]
        )
        if rows:
            wrong.append(told(f"raw.{fault}", rows=rows, **words))

    for key in keys:
        known, blank = (labels or {}).get(key), body[key] == ""
        found(blank, "key", key=key)
        if key == "year":
            year = body[key].str.extract(r"^((?:19|20)\d\d)(?:\.0+)?$")[0]
            frame[key] = year.astype("Int64")
            found(year.isna() & ~blank, "year")
        elif known is not None:
            frame[key] = body[key].map({label: known.find(label) for label in body[key].unique()})
            odd = frame[key].isna() & ~blank
            asked = did_you_mean(body.loc[odd, key].iloc[0], known.ids) if odd.any() else ""
            found(odd, "unknown", key=key, asked=asked, such=listed(known.ids, 2))
    if wrong:
        return None, wrong
    frame = frame.astype({"year": "int64"} if "year" in keys else {})
    found(frame.duplicated(keys, keep=False), "twice", keys=" and ".join(keys))
    for column in table.columns:
        name, words = column.name, {"name": column.name, "unit": column.unit}
        text = body[name].mask(body[name].isin(EMPTY))
        value = pd.to_numeric(text, errors="coerce").astype("float64") * factors.get(name, 1.0)
        frame[name] = value
        found(value.isna() & text.notna(), "number", name, **words)
        found(text.isna() & (not column.gaps), "gap", **words)
        odd = value.notna() & ~column.holds(value)
        found(odd, "range", name, allowed=column.allowed, **words)
    for check in table.checks:
        named = [name for name in table.names if re.search(rf"\b{name}\b", check.holds)]
        broken = frame[named].notna().all(axis=1) & ~frame.eval(check.holds)
        found(broken, "check", expected=check.expected)
    wrong += _incomplete(frame, table, required)
    return frame.set_index(keys).sort_index(), wrong


def _incomplete(
    frame: pd.DataFrame, table: RawTable, required: Mapping[str, Sequence[Any]]
) -> list[str]:
    """Say which of the required rows are not there: whole units, whole years, or single rows."""
    wanted = pd.MultiIndex.from_product([list(required[k]) for k in table.keys], names=table.keys)
    missing = wanted.difference(pd.MultiIndex.from_frame(frame[list(table.keys)]), sort=False)
    if not len(missing):
        return []
    for key in table.keys if len(table.keys) > 1 else ():
        if absent := [label for label in required[key] if label not in set(frame[key])]:
            fault = "raw.whole_year" if key == "year" else "raw.whole_unit"
            return [told(fault, key=key, absent=listed(absent))]
    return [told("raw.row", where=listed(" ".join(map(str, each)) for each in missing))]


def fill(
    raw: Mapping[str, pd.DataFrame], years: Collection[int], whole: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Interpolate the gaps of every raw table and keep the given years, of `whole` tables all.

    Parameters
    ----------
    raw : mapping
        By file name without suffix, as :meth:`RawContract.read` returns it.
    years : collection of int
    whole : collection of str

    Raises
    ------
    GapError
        If a gap is not inside its unit's observed range; names file, unit, year and column.
    """
    return {
        name: interpolate(table, source=f"{name}.csv", years=None if name in whole else years)
        for name, table in raw.items()
    }


def left(units: Iterable[Any], without: Collection[Any], source: str) -> list[Any]:
    """Return the units that stay, in order.

    Raises
    ------
    RawDataError
        If one that is to go is not there, with the nearest label.
    """
    there = list(units)
    unknown = [unit for unit in without if unit not in there]
    if unknown:
        words = {"source": source, "unknown": listed(unknown), "many": len(there)}
        raise RawDataError(told("raw.left", unknown[0], there, **words))
    return [unit for unit in there if unit not in set(without)]
