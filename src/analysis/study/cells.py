"""Tables as files have them: text in UTF-8 or GB18030, and what no table is, by name."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import RawDataError, did_you_mean


def present(path: Path) -> Path:
    """The path of a file, if there is one.

    Raises
    ------
    RawDataError
        If there is none, with the nearest name beside it.
    """
    if not path.is_file():
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*")])
        raise RawDataError(f"there is no file {path}{near}")
    return path


def decoded(path: Path, encoding: str = "") -> str:
    """Text of a file, in UTF-8 or GB18030 unless told.

    Raises
    ------
    RawDataError
        If there is no such file, or it is neither.
    """
    content = present(path).read_bytes()
    for coding in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(coding)
        except (UnicodeDecodeError, LookupError):
            continue
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    told = ": this is UTF-16, Excel's Unicode text" if wide else ""
    raise RawDataError(f"{path} is not {encoding or 'UTF-8 or GB18030'}{told}; save it as UTF-8")


def separated(path: Path, text: str | None = None, **options: Any) -> pd.DataFrame:
    """Read a file of comma-separated values.

    Parameters
    ----------
    path : Path
    text : str, optional
        Its text, as :func:`decoded` reads it.
    **options
        As for :func:`pandas.read_csv`.

    Raises
    ------
    RawDataError
        If there is no such file, or it is no table.
    """
    text = decoded(path) if text is None else text
    if not text.strip():
        raise RawDataError(f"{path} is empty")
    head = text.partition("\n")[0]
    if ";" in head and "," not in head and not {"sep", "header"} & {*options}:
        raise RawDataError(
            f"{path}: semicolons between columns; save it with commas between them, and points in numbers"
        )
    try:
        return pd.read_csv(io.StringIO(text), **options)
    except pd.errors.ParserError as error:
        raise RawDataError(
            f"{path} is no table of comma-separated values ({error}); check separators and quotes"
        ) from error


def cells(path: Path, text: str | None = None, **options: Any) -> pd.DataFrame:
    """Every cell of such a file, headings and blank lines included, as it is written."""
    as_written = {"header": None, "dtype": object, "keep_default_na": False}
    return separated(path, text, skip_blank_lines=False, **as_written, **options)
