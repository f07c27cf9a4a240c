"""A book made again from nothing, and the report on it that editors of data ask for.

The project is copied, its environment installed anew from the lock, the book built there, and every
number of every table compared with what was kept.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pypandoc

from analysis.book import record
from analysis.book.build import BuildError, title
from analysis.book.edition import edition
from analysis.book.forms import fill
from analysis.book.inline import as_text
from analysis.book.provenance import file_digest
from analysis.resources import ROOT, project

NOT_COPIED = ("_build", ".venv", ".uv", ".git", ".*_cache", "__pycache__")
LICENCES = re.compile(r"^\| `([\w-]+)/` \|.*?\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
"""Folder, owner and licence in the first table of ``data/README.md``."""


def replicate(
    folder: Path = ROOT, output: Path = Path("replication"), heavy: bool = False
) -> tuple[pd.DataFrame, list[Path]]:
    """Make a book again in a fresh copy and environment, and report on it.

    Parameters
    ----------
    folder : Path
        The project's own book, or the folder of a study. A study's tables are compared with its
        folder ``record``, or with those of its last build where it has none.
    output : Path
        Folder for the report (``replication.html`` and ``.docx``), the tables made and the log.
    heavy : bool
        Whether the heavy results are made again too, which takes minutes.

    Returns
    -------
    tables : DataFrame
        A row a table: its section, caption, how many numbers were compared, and the verdict.
    report : list of Path
        The report, as HTML and as a Word file.

    Raises
    ------
    BuildError
        A step failed; the message holds the end of what it said. Or nothing was kept to compare with.
    """
    project("analysis replicate")
    folder = folder.expanduser().resolve()
    places = (folder / "data" / "record", folder / "record", _results(folder))
    kept = next(filter(record.tables, places), None)
    if kept is None:
        raise BuildError(
            f"{folder} holds no tables to compare with: build it first, with `analysis build {folder}`."
        )
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        copy = place = Path(scratch, "project")
        _copied(ROOT, copy)
        if folder != ROOT:
            place = Path(scratch, "study")
            _copied(folder, place)
        commands = [
            ["make", "setup", f"PYTHON={getattr(sys, '_base_executable', sys.executable)}"],
            *([["make", "validate"]] if heavy else []),
            [".venv/bin/analysis", "build", os.fspath(place)],
        ]
        log = output / "replication.log"
        log.unlink(missing_ok=True)
        steps = [_step(command, copy, log) for command in commands]
        made = output / "tables"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        for path in record.tables(_results(place)).values():
            shutil.copy2(path, made)
        tables, ran = compared(_results(place), kept), _records(place / "_build" / "executed")
        page = fill(
            "replication.html", title=title(folder), edition=edition(folder), tables=tables,
            against=kept.relative_to(folder).as_posix(), day=time.strftime("%Y-%m-%d"), steps=steps,
            ran=ran, files=_data(ran, place, folder), heavy=heavy,
            long=_records(copy / "data" / "validated") if place == copy else {},
            packages=_packages(copy), platform=platform, os=os,
        )  # fmt: skip
    report = [output / f"replication.{ending}" for ending in ("html", "docx")]
    report[0].write_text(page, encoding="utf-8")
    pypandoc.convert_text(page, "docx", format="html", outputfile=os.fspath(report[1]))
    return tables, report


def _results(folder: Path) -> Path:
    return folder / "_build" / "html" / "_results"


def _copied(source: Path, target: Path) -> None:
    """Copy what is committed of a folder, or all but what was built where nothing is."""
    if (source / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", source, target], check=True)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*NOT_COPIED))


def _step(command: Sequence[str], copy: Path, log: Path) -> tuple[str, float]:
    """Run one step of the replication in the copy; return what it is called and its seconds."""
    began = time.monotonic()
    said = " ".join(command[:3]).partition(" PYTHON=")[0].replace(os.fspath(copy.parent), "…")
    own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, cwd=copy, env=own, capture_output=True, text=True, check=False)
    text = f"{done.stdout}{done.stderr}".strip()
    with log.open("a", encoding="utf-8") as lines:
        lines.write(f"$ {said}\n{text}\n")
    if done.returncode:
        end = "\n".join(text.splitlines()[-8:])
        raise BuildError(f"`{said}` ended with status {done.returncode}:\n{end}\nAll of it: {log}")
    return said, time.monotonic() - began


def compared(made: Path, kept: Path) -> pd.DataFrame:
    """Every table that was made or kept: how many numbers it holds, and whether they are equal.

    Examples
    --------
    >>> found = compared(record.RECORD, record.RECORD)
    >>> set(found["verdict"]), bool((found["numbers"] > 0).any())
    ({'equal'}, True)
    """
    differing, rows = defaultdict(list), []
    for line in record.differences(made, kept):
        label, _, what = line.partition(": ")
        differing[label].append(what)
    for label, path in (record.tables(kept) | record.tables(made)).items():
        sidecar = path.with_suffix(".json")
        says = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
        cells = pd.read_csv(path, dtype=str).apply(lambda cell: cell.str.contains(r"\d", na=False))
        wrong = differing[label]
        rows.append(
            {
                "table": label,
                "section": says.get("program", {}).get("notebook", ""),
                "caption": as_text(says.get("caption", "")),
                "numbers": int(cells.to_numpy().sum()),
                "verdict": f"{len(wrong)} different: {wrong[0]}" if wrong else "equal",
            }
        )
    return pd.DataFrame(rows)


def _records(base: Path) -> dict[str, dict[str, Any]]:
    """Content of the JSON files in a folder, by name."""
    return {
        path.relative_to(base).with_suffix("").as_posix(): json.loads(path.read_text("utf-8"))
        for path in sorted(base.rglob("*.json"))
    }


def _data(ran: Mapping[str, Any], place: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Every data file that a section read, with its owner and licence."""
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    rights = {name: (whose, licence) for name, whose, licence in LICENCES.findall(readme)}
    own = ("as its folder says", "as its folder says")
    if (study := folder / "study.toml").is_file():
        said = tomllib.loads(study.read_text(encoding="utf-8-sig")).get("data", {})
        own = (said.get("source", "not declared"), said.get("licence", "not declared"))
    read = pd.Series({section: noted["reads"] for section, noted in ran.items()}).explode().dropna()
    for name, sections in read.groupby(read).groups.items():
        path, (top, *below) = place / name, Path(name).parts
        if path.is_file() and top != "book":
            whose, licence = rights.get(below[0], own) if top == "data" else own
            yield {"name": os.path.relpath(path, place), "bytes": path.stat().st_size,
                   "sha": file_digest(path, 16), "whose": whose, "licence": licence,
                   "by": list(sections)}  # fmt: skip


def _packages(copy: Path) -> list[tuple[str, str]]:
    """Packages of the fresh environment, and their versions."""
    asks = (
        "import json; from importlib.metadata import distributions as d; "
        "print(json.dumps(sorted({(x.name, x.version) for x in d()})))"
    )
    python = copy / ".venv" / "bin" / "python"
    said = subprocess.run([python, "-c", asks], capture_output=True, text=True, check=True)
    return [tuple(each) for each in json.loads(said.stdout)]
