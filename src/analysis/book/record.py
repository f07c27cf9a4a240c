"""The record: every table of the book as CSV, against which a built book is held.

A changed number shows twice, in the built table and in ``data/record``; whoever changes one on
purpose changes the other in the same commit and says why. ``python -m analysis.book.record``
writes the tables of the built book into the record.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.book.provenance import file_digest
from analysis.resources import ROOT

BUILT = ROOT / "_build" / "html" / "_results"
RECORD = ROOT / "data" / "record"
HASHES = "SHA256.csv"
CLOSE = 1e-7
"""Numbers are the same if they agree to this part: machines differ in the last digits."""


def tables(folder: Path) -> dict[str, Path]:
    """Tables of a built book or of the record, by label."""
    return {path.stem: path for path in sorted(folder.glob("tab-*.csv"))}


def keep(built: Path = BUILT, record: Path = RECORD) -> int:
    """Write the tables of a built book into the record, with their hashes; return how many."""
    found = tables(built)
    record.mkdir(parents=True, exist_ok=True)
    for label, path in tables(record).items():
        if label not in found:
            path.unlink()
    hashes = pd.Series(
        {label: file_digest(path, 64) for label, path in found.items()}, name="sha256"
    )
    hashes.rename_axis("table").to_csv(record / HASHES, lineterminator="\n")
    for label, path in found.items():
        (record / f"{label}.csv").write_bytes(path.read_bytes())
    return len(found)


def differences(built: Path = BUILT, record: Path = RECORD) -> list[str]:
    """Say of each table in which the built book and the record differ, where they do.

    Examples
    --------
    >>> differences(RECORD, RECORD)
    []
    """
    ours, theirs = tables(built), tables(record)
    lines = [f"{label}: not in the record" for label in ours if label not in theirs]
    lines += [f"{label}: only in the record" for label in theirs if label not in ours]
    for label in sorted(ours.keys() & theirs.keys()):
        if ours[label].read_bytes() != theirs[label].read_bytes():
            lines += [f"{label}: {what}" for what in _cells(ours[label], theirs[label])]
    return lines


def _cells(built: Path, recorded: Path) -> list[str]:
    kinds = {"header": None, "dtype": str, "keep_default_na": False}
    here, there = (pd.read_csv(path, **kinds) for path in (built, recorded))
    if here.shape != there.shape:
        return ["{} x {} cells, {} x {} cells kept".format(*here.shape, *there.shape)]
    ours, theirs = (frame.apply(pd.to_numeric, errors="coerce") for frame in (here, there))
    same = (here == there).to_numpy() | np.isclose(ours, theirs, rtol=CLOSE, atol=1e-10)
    return [
        f"row {row + 1}, column {column + 1}: {here.iloc[row, column]!r}, "
        f"{there.iloc[row, column]!r} in the record"
        for row, column in np.argwhere(~same)
    ]


if __name__ == "__main__":
    sys.stdout.write(f"{keep()} tables kept in {RECORD.relative_to(ROOT)}\n")
