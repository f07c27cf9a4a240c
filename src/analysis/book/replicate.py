"""A book made again from nothing, and the report on it that editors of data ask for.

The project is copied, its environment installed anew from the lock, the book built there, and every
number of every table compared with what was kept.
"""

from __future__ import annotations

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pypandoc

from analysis.book import record
from analysis.book.build import NOTEBOOKS, BuildError, title
from analysis.book.edition import edition
from analysis.book.forms import fill
from analysis.book.provenance import file_digest
from analysis.resources import ROOT, project

__all__ = ["Replication", "replicate"]

NOT_COPIED = ("_build", ".venv", ".uv", ".git", ".*_cache", "__pycache__")
LICENCES = re.compile(r"^\| `([\w-]+)/` \|.*?\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
"""Folder, owner and licence in the first table of ``data/README.md``."""


@dataclass(slots=True)
class Replication:
    """What was made again, and what came of it.

    Attributes
    ----------
    tables : DataFrame
        A row a table: its section, caption, how many numbers were compared, and the verdict.
    steps : list of tuple
        Command and its seconds, in order.
    report : list of Path
        The report, as HTML and as a Word file.
    """

    tables: pd.DataFrame
    steps: list[tuple[str, float]] = field(default_factory=list)
    report: list[Path] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether every table equals what was kept."""
        return bool((self.tables["verdict"] == "equal").all())


def replicate(
    folder: Path = ROOT, output: Path = Path("replication"), heavy: bool = False
) -> Replication:
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

    Raises
    ------
    BuildError
        A step failed; the message holds the end of what it said. Or nothing was kept to compare with.
    """
    project("analysis replicate")
    folder = folder.expanduser().resolve()
    kept = next(
        (
            place
            for place in (folder / "data" / "record", folder / "record", _results(folder))
            if record.tables(place)
        ),
        None,
    )
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
        done = Replication(compared(_results(place), kept), steps)
        sections: dict[str, list[str | pd.DataFrame]] = {
            "Steps": [pd.DataFrame(steps, columns=["step", "seconds"]).round(1)],
            "Sections": [_sections(place)],
            "Data": [_data(place, folder)],
            "Randomness": _randomness(copy, place, heavy),
            "Tables": [done.tables],
            "Environment": [_machine(), _packages(copy)],
        }
    done.report = _write(folder, output, kept, done.tables, sections)
    return done


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
    differing: dict[str, list[str]] = {}
    for line in record.differences(made, kept):
        label, _, what = line.partition(": ")
        differing.setdefault(label, []).append(what)
    rows = []
    for label, path in (record.tables(kept) | record.tables(made)).items():
        sidecar = path.with_suffix(".json")
        says = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
        cells = pd.read_csv(path, dtype=str).apply(lambda cell: cell.str.contains(r"\d", na=False))
        wrong = differing.get(label, [])
        rows.append(
            {
                "table": label,
                "section": _section(says.get("program", {}).get("notebook", "")),
                "caption": says.get("caption", ""),
                "numbers": int(cells.to_numpy().sum()),
                "verdict": f"{len(wrong)} different: {wrong[0]}" if wrong else "equal",
            }
        )
    return pd.DataFrame(rows)


def _section(notebook: str) -> str:
    return notebook.removeprefix(NOTEBOOKS).removesuffix(".py")


def _executed(place: Path) -> dict[str, dict[str, Any]]:
    """What was noted of each notebook while it ran, by section."""
    base = place / "_build" / "executed"
    return {
        path.relative_to(base).with_suffix("").as_posix().removeprefix(NOTEBOOKS): json.loads(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(base.rglob("*.json"))
    }


def _sections(place: Path) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "section": name,
                "seconds": f"{ran['cost']['seconds']:.1f}",
                "peak memory, MB": round(ran["cost"]["bytes"] / 1e6) or "not measured",
                "files read": len(ran["reads"]),
            }
            for name, ran in _executed(place).items()
        ]
    )


def _randomness(copy: Path, place: Path, heavy: bool) -> list[str | pd.DataFrame]:
    """Say which seeds the sections have, and where results of many draws come from."""
    seeds = [
        {"section": section, "parameter": name, "value": value}
        for section, ran in _executed(place).items()
        for name, value in ran["parameters"].items()
        if "seed" in name
    ]
    said = "Every random number comes from a seed among a section's parameters."
    parts = [said, pd.DataFrame(seeds)] if seeds else ["Nothing is random."]
    if place != copy:
        return parts
    long = [
        {"result": path.stem, "seconds": one["seconds"], "fingerprint": one["fingerprint"]}
        for path in sorted((copy / "data" / "validated").glob("*.json"))
        for one in [json.loads(path.read_text(encoding="utf-8"))]
    ]
    how = (
        "were made again before the book was built"
        if heavy
        else "were taken as they are kept, each with the fingerprint of the code and data that made it"
    )
    return [*parts, f"Results of long simulations {how}.", pd.DataFrame(long)]


def _data(place: Path, folder: Path) -> pd.DataFrame:
    """Every data file that a section read, with its owner and licence."""
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    rights = {name: (whose, licence) for name, whose, licence in LICENCES.findall(readme)}
    own = ("as its folder says", "as its folder says")
    if (folder / "study.toml").is_file():
        said = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig")).get(
            "data", {}
        )
        own = (said.get("source", "not declared"), said.get("licence", "not declared"))
    by_file: dict[str, set[str]] = {}
    for section, ran in _executed(place).items():
        for name in ran["reads"]:
            by_file.setdefault(name, set()).add(section)
    rows = []
    for name, sections in sorted(by_file.items()):
        path = place / name
        if not path.is_file() or name.startswith("book/"):
            continue
        parts = Path(name).parts
        whose, licence = rights.get(parts[1], own) if parts[0] == "data" else own
        rows.append(
            {"file": name, "bytes": path.stat().st_size, "SHA-256 begins": file_digest(path, 16),
             "whose": whose, "licence": licence, "read by": ", ".join(sorted(sections))}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _machine() -> pd.DataFrame:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    said = {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": f"{memory:.0f} GB",
        "Python": platform.python_version(),
    }
    return pd.DataFrame(said.items(), columns=["", "here"])


def _packages(copy: Path) -> pd.DataFrame:
    """Packages of the fresh environment."""
    asks = (
        "import json; from importlib.metadata import distributions as d; "
        "print(json.dumps(sorted({(x.name, x.version) for x in d()})))"
    )
    said = subprocess.run(
        [copy / ".venv" / "bin" / "python", "-c", asks], capture_output=True, text=True, check=True
    )
    return pd.DataFrame(json.loads(said.stdout), columns=["package", "version"])


def _write(
    folder: Path,
    output: Path,
    kept: Path,
    tables: pd.DataFrame,
    sections: Mapping[str, Sequence[str | pd.DataFrame]],
) -> list[Path]:
    """Write the report as HTML and as a Word file."""
    page, word = output / "replication.html", output / "replication.docx"
    text = fill(
        "replication.html",
        title=title(folder),
        tables=len(tables),
        wrong=int((tables["verdict"] != "equal").sum()),
        numbers=tables["numbers"].sum(),
        against=kept.relative_to(folder).as_posix(),
        edition=edition(folder),
        day=time.strftime("%Y-%m-%d"),
        sections=sections,
    )
    page.write_text(text, encoding="utf-8")
    pypandoc.convert_text(text, "docx", format="html", outputfile=os.fspath(word))
    return [page, word]
