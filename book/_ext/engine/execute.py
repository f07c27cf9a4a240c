"""Runs the notebooks, and only those whose code, data or packages have changed since last time.

A notebook's *key* covers its code cells, the modules of the package that they import (without
docstrings and comments), the lock and the Python version. While it runs, the data files that its
processes open are noted. Its outputs stand as long as the key and the contents of those files do.
"""

import json
import math
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from analysis.book import parameters, provenance, run
from analysis.book.conditions import drop_what_fails
from analysis.resources import ROOT, write_all

OWN_TYPES = "application/vnd.analysis."
CHANGED = "changed while it ran"
"""State of a file of which nobody can say what of it was read."""


def key(sources: Sequence[str], values: Mapping[str, Any]) -> str:
    """Fingerprint of everything that decides the outputs of some code cells, data files apart."""
    imports = provenance.imported_modules(run.plain_python(sources))
    extra = {"cells": list(sources), "python": sys.version_info[:2], "parameters": dict(values)}
    return provenance.fingerprint(imports, files=["uv.lock"], extra=extra)


def state(path: str, began: float = math.inf) -> str:
    """What must stay the same of a file or folder that a notebook has read since it began.

    The system keeps the time of a change, and nobody can set it back.
    """
    target = ROOT / path
    if target.is_file() and target.stat().st_ctime_ns >= began:
        return CHANGED
    if target.is_dir():
        return provenance.digest("\n".join(sorted(item.name for item in target.iterdir())))
    content = provenance.file_digest(target)
    if Path(path).parent == Path("data/validated") and target.suffix == ".json":
        return f"{content} {'current' if provenance.is_current(target) else 'stale'}"
    return content


@dataclass(eq=False)
class Outputs:
    """The outputs of a book's notebooks, kept in one small file for each.

    Files that were read are named from the project's folder.

    Attributes
    ----------
    folder : Path
        Where the outputs are kept.
    origin : Path
        Where the book's sources come from; the notebooks run there.
    values : mapping
        Parameters of the notebooks that have others than their own.
    """

    folder: Path
    origin: Path = ROOT
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cache  # noqa: B019 (lives as long as the build)
    def record(self, docname: str) -> dict | None:
        """The stored run of a notebook, current or not; read once."""
        path = self.folder / f"{docname}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    @cache  # noqa: B019
    def is_current(self, docname: str, source: Path) -> bool:
        """Whether the stored outputs are what running the notebook now would give.

        Asked once for each notebook and run: a build takes the project as it finds it.
        """
        record = self.record(docname)
        if record is None:
            return False
        text, cells = source.read_text(encoding="utf-8"), record["cells"]
        if provenance.digest(text) != record["source"]:
            cells = [cell.source for cell in run.code_cells(run.read(text))]
        same = (state(path) == before for path, before in record["reads"].items())
        return self._key_now(docname, cells) == record["key"] and all(same)

    def _key_now(self, docname: str, cells: Sequence[str]) -> str:
        """Key of a notebook's cells, empty where the code that they need cannot be read."""
        try:
            return key(cells, self.values.get(docname, {}))
        except (SyntaxError, LookupError, ModuleNotFoundError):
            return ""

    def attach(self, docname: str, notebook: nbformat.NotebookNode) -> None:
        """Give each code cell its stored outputs, less what only the build reads."""
        record = self.record(docname)
        if record is None:
            return
        for cell, outputs in zip(run.code_cells(notebook), record["outputs"], strict=False):
            cell.outputs = []
            for output in outputs:
                data = output.get("data", {})
                plain = {mime: data[mime] for mime in data if not mime.startswith(OWN_TYPES)}
                if plain == data or set(plain) != {"text/plain"}:  # not for claims alone
                    shown = {**output, "data": plain} if data else output
                    cell.outputs.append(nbformat.from_dict(shown))
        drop_what_fails(notebook)

    def run(self, docname: str, source: Path, kernels: run.Kernels) -> str:
        """Run one notebook and store what it gave, or say why it failed, which leaves no record."""
        path = self.folder / f"{docname}.json"
        path.unlink(missing_ok=True)
        text = source.read_text(encoding="utf-8")
        notebook = run.read(text)
        values = self.values.get(docname, {})
        cells = [cell.source for cell in run.code_cells(notebook)]
        declared = map(parameters.declared, parameters.tagged(notebook.cells))
        own = {name: each.default for cell in declared for name, each in cell.items()}
        try:
            ran = key(cells, values)
        except (SyntaxError, ModuleNotFoundError) as error:
            return f"{type(error).__name__}: {error}"
        with tempfile.TemporaryDirectory() as scratch:
            log, peak, began = Path(scratch, "reads"), Path(scratch, "reads.peak"), time.time_ns()
            asks = {"BOOK_READS": str(log), "BOOK_WATCH": os.pathsep.join(self._watched(values))}
            try:
                place = self.origin / Path(docname).parent
                notebook = run.run(notebook, values, place, kernels, asks)
            except run.NotebookFailedError as error:
                return str(error)
            lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
            peaks = [int(line) for line in peak.read_text().split()] if peak.is_file() else []
            cost = {"seconds": (time.time_ns() - began) / 1e9, "bytes": max(peaks, default=0)}
        reads = self._reads(notebook, lines)
        record = {
            "key": ran if self._key_now(docname, cells) == ran else CHANGED,
            "source": provenance.digest(text),
            "cells": cells,
            "parameters": {name: str(value) for name, value in (own | values).items()},
            "reads": {name: state(name, began) for name in sorted(set().union(*reads))},
            "reads_behind": [
                sorted(n for n in set().union(*(reads[j] for j in behind)) if n[:4] != "src/")
                for behind in provenance.cells_behind([run.plain_python([cell]) for cell in cells])
            ],
            "outputs": [cell.outputs for cell in run.code_cells(notebook)],
            "cost": cost,
        }
        write_all(path.parent, {path.name: json.dumps(record)})
        return ""

    def _watched(self, values: Mapping[str, Any]) -> list[str]:
        """Folders whose files count as read: data, what modules declare, scripts, what is asked for."""
        bases = dict.fromkeys((ROOT, self.origin))
        places = ("data", "src", "tests", "study.toml", "book/_static/try")
        named = (str(base / name) for base in bases for name in places)
        given = (value for value in values.values() if isinstance(value, str))
        return [*named, *(value for value in given if Path(value).is_absolute())]

    def _reads(self, notebook: nbformat.NotebookNode, log: Sequence[str]) -> list[set[str]]:
        """Files that each code cell has read, from a log in which ``run.CELL`` marks the cells."""
        found: dict[int, set[str]] = defaultdict(set)
        at = 0
        for line in log:
            path = Path(line)
            if line.startswith(run.CELL):
                at = int(line.removeprefix(run.CELL))
            elif not (path.is_dir() and path.is_relative_to(ROOT / "src")):  # imports
                inside = path.is_relative_to(ROOT)
                found[at].add(path.relative_to(ROOT).as_posix() if inside else line)
        own = {id(cell) for cell in run.code_cells(notebook)}
        return [found[i] for i, cell in enumerate(notebook.cells) if id(cell) in own]

    def run_all(self, sources: dict[str, Path]) -> dict[str, str]:
        """Run several notebooks side by side, one for each processor, the longest texts first.

        Returns why some failed, by name.
        """
        names = sorted(sources, key=lambda name: -sources[name].stat().st_size)
        modules = set().union(*map(run.modules_elsewhere, sources.values()))
        with run.Kernels(modules) as kernels, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            said = list(pool.map(lambda name: self.run(name, sources[name], kernels), names))
        for kept in (Outputs.record, Outputs.is_current):
            kept.cache_clear()
        return {name: failure for name, failure in zip(names, said, strict=True) if failure}


def outputs(app: Sphinx) -> Outputs:
    """The store of executed notebooks beside the built pages, one for each build."""
    if not hasattr(app, "book_outputs"):
        folder = Path(app.outdir).parent / "executed"
        origin = Path(app.config.book_origin or app.srcdir)
        app.book_outputs = Outputs(folder, origin, app.config.book_values)
    return app.book_outputs


def notebooks(env: BuildEnvironment) -> dict[str, Path]:
    """Source file of each notebook of the book."""
    sources = {name: Path(env.doc2path(name)) for name in sorted(env.found_docs)}
    return {name: path for name, path in sources.items() if path.suffix == ".py"}


def program_address(docname: str, ending: str = ".py") -> str:
    """Address of the script or the executed notebook of a chapter in the built book."""
    return f"_programs/{docname.removeprefix('notebooks/')}{ending}"
