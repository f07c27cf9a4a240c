"""Raw contracts: what each raw file must hold, and errors that name file, row, city and year.

A :class:`RawContract` lists the files of one study as :class:`RawTable` objects, these list their
:class:`Column` objects; :meth:`RawContract.read` returns checked frames or raises. Values are
checked by pandera schemas built from the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import RawDataError, did_you_mean, listed
from analysis.measures.cleaning import interpolate

EMPTY = ("", "NA")
"""How a raw file writes a value that is not known."""

_HEADER_LINES = 1


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
        noun = "a whole number" if self.whole else "a number"
        lower = (
            "" if self.at_least is None
            else f" above {self.at_least:g}" if self.positive
            else f" of at least {self.at_least:g}"
        )  # fmt: skip
        upper = "" if self.at_most is None else f"at most {self.at_most:g}"
        joint = " and " if lower and upper else " of " if upper else ""
        return f"{noun}{lower}{joint}{upper}"

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
    columns : tuple of str
    expected : str
        What must hold, in words.
    holds : callable
        From the frame to a boolean series; rows with an empty cell among `columns` are skipped.
    """

    columns: tuple[str, ...]
    expected: str
    holds: Callable[[pd.DataFrame], pd.Series]


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
    """

    file: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    checks: tuple[RowCheck, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the measured columns."""
        return [column.name for column in self.columns]

    @property
    def header(self) -> str:
        """First line of the file."""
        return ",".join([*self.keys, *self.names])

    def schema(self) -> pa.DataFrameSchema:
        """Build the pandera schema that the parsed frame must pass."""
        return pa.DataFrameSchema(
            {
                column.name: pa.Column(
                    float,
                    pa.Check(column.holds, error=column.allowed, ignore_na=True),
                    nullable=column.gaps,
                )
                for column in self.columns
            }
        )


@dataclass(frozen=True, slots=True)
class RawContract:
    """All raw files of one study.

    Attributes
    ----------
    study : str
    tables : tuple of RawTable
    labels : mapping
        The labels each key can take (``city``, ``province``), for spelling; years are free.
    """

    study: str
    tables: tuple[RawTable, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self, file: str) -> RawTable:
        """Look up one table by its file name.

        Raises
        ------
        RawDataError
            If the contract has no such file.
        """
        for table in self.tables:
            if table.file == file:
                return table
        files = [table.file for table in self.tables]
        raise RawDataError(
            f"{self.study}: no raw file {file!r}; the contract lists {listed(files, 20)}"
        )

    def describe(self) -> pd.DataFrame:
        """Every file and column with unit, admissible values, gaps and meaning."""
        rows = [
            {
                "file": table.file,
                "keys": ", ".join(table.keys),
                "column": column.name,
                "unit": column.unit,
                "values": column.allowed,
                "gaps": "inside the range" if column.gaps else "none",
                "meaning": column.meaning,
            }
            for table in self.tables
            for column in table.columns
        ]
        return pd.DataFrame(rows)

    @property
    def markdown(self) -> str:
        """The contract as a Markdown table, with the checks between columns below it."""
        described = self.describe()
        lines = [
            "| " + " | ".join(described.columns) + " |",
            "|" + " --- |" * described.shape[1],
            *("| " + " | ".join(row) + " |" for row in described.to_numpy()),
            "",
            *(
                f"- `{table.file}`: {check.expected}."
                for table in self.tables
                for check in table.checks
            ),
        ]
        return "\n".join(lines)

    def read(
        self, folder: str | Path, required: Mapping[str, Sequence[Any]]
    ) -> dict[str, pd.DataFrame]:
        """Read and check every file of a folder.

        Parameters
        ----------
        folder : path
        required : mapping
            The labels that must be present for each key: ``{"city": [...], "year": [...]}``.
            Rows beyond them must still be well formed, and are kept.

        Returns
        -------
        dict
            By file name without suffix; each frame is sorted and indexed by its keys.

        Raises
        ------
        RawDataError
            On the first file that breaks the contract, with file, rows, cities, years, what was
            expected and what to do.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise RawDataError(
                f"{folder}: no such folder; put the {self.study} files there "
                f"({listed((t.file for t in self.tables), 20)}), see data/README.md"
            )
        return {
            Path(table.file).stem: read_table(folder, table, required, self.labels)
            for table in self.tables
        }

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
        texts = {}
        for table in self.tables:
            frame = tables[Path(table.file).stem].reset_index()
            texts[table.file] = _csv(frame, table)
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for file, text in texts.items():
            path = folder / file
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
        return written


def _csv(frame: pd.DataFrame, table: RawTable) -> str:
    """Text of one file: plain digits to fifteen places, empty where missing."""
    text = frame[[*table.keys, *table.names]].astype(object)
    for name in table.names:
        text[name] = ["" if pd.isna(value) else f"{value:.15g}" for value in frame[name]]
    return text.to_csv(index=False, lineterminator="\n")


def _text(path: Path, table: RawTable) -> pd.DataFrame:
    """Read the file as text, indexed by line number, empty lines dropped."""
    if not path.is_file():
        present = sorted(p.name for p in path.parent.glob("*.csv"))
        found = (
            f"the folder holds {listed(present, 20)}" if present else "the folder has no CSV files"
        )
        raise RawDataError(
            f"{path}: file is missing{did_you_mean(path.name, present)}; expected a CSV that starts with "
            f"'{table.header}'; {found}"
        )
    try:
        frame = pd.read_csv(
            path,
            dtype=str,
            encoding="utf-8-sig",
            keep_default_na=False,
            skip_blank_lines=False,
            header=None,
            skipinitialspace=True,
        )
    except UnicodeDecodeError as error:
        raise RawDataError(
            f"{path}: not UTF-8 (byte {error.start}); yearbook exports are often GB18030: "
            "convert the file to UTF-8"
        ) from error
    except pd.errors.EmptyDataError as error:
        raise RawDataError(f"{path}: the file is empty; expected '{table.header}'") from error
    except pd.errors.ParserError as error:
        raise RawDataError(
            f"{path}: not a comma-separated table with one column for each name in the header "
            f"({error}); check separators and quotes"
        ) from error
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    names = list(frame.iloc[0])
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise RawDataError(f"{path}: column {listed(twice)} occurs more than once in the header")
    expected = [*table.keys, *table.names]
    absent = [name for name in expected if name not in names]
    if absent:
        spare = [name for name in names if name and name not in expected]
        hint = did_you_mean(absent[0], spare)
        raise RawDataError(
            f"{path}: no column {listed(map(repr, absent), 20)}{hint}; the header reads "
            f"'{','.join(names)}', expected '{table.header}'"
        )
    body = frame.iloc[1:].set_axis(names, axis=1)[expected]
    body.index = pd.RangeIndex(_HEADER_LINES + 1, _HEADER_LINES + 1 + len(body), name="line")
    body = body[(body != "").any(axis=1)]
    if body.empty:
        raise RawDataError(f"{path}: a header and no rows; expected one row for each "
                           f"{' and '.join(table.keys)}")  # fmt: skip
    return body


def _places(frame: pd.DataFrame, lines: Iterable[Any], keys: Sequence[str], value: str = "") -> str:
    """Describe rows: line number, keys and, where asked for, one value."""
    chosen = frame.loc[list(lines)]
    words = []
    for line in chosen.index:  # cell by cell: a row of a frame would turn years into fractions
        at = " ".join(str(chosen.loc[line, key]) for key in keys)
        shown = f", {value} = {chosen.loc[line, value]!s}" if value else ""
        words.append(f"row {line} ({at}{shown})")
    return listed(words)


def _parse_keys(
    body: pd.DataFrame, path: Path, table: RawTable, labels: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    parsed = body.copy()
    for key in table.keys:
        blank = body.index[body[key] == ""]
        if len(blank):
            raise RawDataError(
                f"{path}: {key} is empty in {_places(body, blank, table.keys)}; every row needs it"
            )
        if key == "year":
            wrong = body.index[~body[key].str.fullmatch(r"(19|20)\d\d")]
            if len(wrong):
                raise RawDataError(
                    f"{path}: year must be four digits, is not in "
                    f"{_places(body, wrong, table.keys)}"
                )
            parsed[key] = body[key].astype("int64")
        elif key in labels:
            unknown = body.index[~body[key].isin(labels[key])]
            if len(unknown):
                hint = did_you_mean(body.loc[unknown[0], key], labels[key])
                raise RawDataError(
                    f"{path}: unknown {key} in {_places(body, unknown, table.keys)}{hint}; "
                    f"labels are those of data/geography, such as {listed(labels[key], 2)}"
                )
    twice = parsed.index[parsed.duplicated(list(table.keys), keep=False)]
    if len(twice):
        raise RawDataError(
            f"{path}: more than one row for the same {' and '.join(table.keys)}: "
            f"{_places(parsed, twice, table.keys)}; keep one"
        )
    return parsed


def _parse_numbers(parsed: pd.DataFrame, path: Path, table: RawTable) -> pd.DataFrame:
    numbers = {}
    for column in table.columns:
        text = parsed[column.name]
        text = text.mask(text.isin(EMPTY))
        value = pd.to_numeric(text, errors="coerce").astype("float64")
        wrong = parsed.index[value.isna() & text.notna()]
        if len(wrong):
            raise RawDataError(
                f"{path}: column {column.name!r} ({column.unit}) is not a number in "
                f"{_places(parsed, wrong, table.keys, column.name)}; write plain digits with a "
                "decimal point, no thousands separators, and leave unknown values empty"
            )
        numbers[column.name] = value
    return parsed[list(table.keys)].assign(**numbers)


def _check_values(frame: pd.DataFrame, path: Path, table: RawTable) -> None:
    try:
        table.schema().validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        failures = error.failure_cases
        name = failures["column"].iloc[0]
        column = next(c for c in table.columns if c.name == name)
        cases = failures[failures["column"] == name]
        lines = sorted(set(cases["index"].dropna().astype(int)))
        empty = [line for line in lines if pd.isna(frame.loc[line, name])]
        if empty:
            raise RawDataError(
                f"{path}: column {name!r} ({column.unit}) is empty in "
                f"{_places(frame, empty, table.keys)}; this column may have no gaps: fill it from "
                "its source, or leave the city or the year out"
            ) from None
        raise RawDataError(
            f"{path}: column {name!r} ({column.unit}) must be {column.allowed}, is not in "
            f"{_places(frame, lines, table.keys, name)}; check the cell and its unit"
        ) from None
    for check in table.checks:
        complete = frame[list(check.columns)].notna().all(axis=1)
        broken = frame.index[complete & ~check.holds(frame)]
        if len(broken):
            raise RawDataError(
                f"{path}: {check.expected}, which fails in {_places(frame, broken, table.keys)}; "
                "check these cells and their units"
            )


def _check_complete(
    frame: pd.DataFrame, path: Path, table: RawTable, required: Mapping[str, Sequence[Any]]
) -> None:
    wanted = pd.MultiIndex.from_product(
        [list(required[key]) for key in table.keys], names=table.keys
    )
    present = pd.MultiIndex.from_frame(frame[list(table.keys)])
    missing = wanted.difference(present, sort=False)
    if not len(missing):
        return
    if "city" in table.keys or "province" in table.keys:
        key = "city" if "city" in table.keys else "province"
        absent = [label for label in required[key] if label not in set(frame[key])]
        if absent:
            raise RawDataError(
                f"{path}: no rows for the {key} {listed(absent)}; add them, or leave them out of "
                "the study (by the parameter `without` where it has one)"
            )
    if "year" in table.keys and len(table.keys) > 1:
        held = set(frame["year"])
        absent = [year for year in required["year"] if year not in held]
        if absent:
            raise RawDataError(
                f"{path}: no rows for the year {listed(absent)}; add them, or choose other years"
            )
    where = listed(" ".join(map(str, entry)) for entry in missing)
    raise RawDataError(
        f"{path}: no row for {where}; add a row (with empty cells where the value is unknown and "
        "gaps are allowed), or choose other years or cities"
    )


def read_table(
    folder: str | Path,
    table: RawTable,
    required: Mapping[str, Sequence[Any]],
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> pd.DataFrame:
    """Read one raw file and check it against its table.

    Parameters
    ----------
    folder : path
    table : RawTable
    required : mapping
        Labels that must be present for each key.
    labels : mapping, optional
        Labels that a key can take.

    Returns
    -------
    DataFrame
        Sorted and indexed by the keys, float columns, missing where the cell was empty.

    Raises
    ------
    RawDataError
        If the file is missing, unreadable or breaks the contract.
    """
    path = Path(folder) / table.file
    body = _text(path, table)
    parsed = _parse_keys(body, path, table, labels or {})
    frame = _parse_numbers(parsed, path, table)
    _check_values(frame, path, table)
    _check_complete(frame, path, table, required)
    return frame.set_index(list(table.keys)).sort_index()


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
        raise RawDataError(
            f"{source}: cannot leave out {listed(unknown)}: not among the {len(there)} there are"
            f"{did_you_mean(unknown[0], map(str, there))}"
        )
    return [unit for unit in there if unit not in set(without)]
