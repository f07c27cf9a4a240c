"""Runs the notebooks, and only those whose code, data or packages have changed since last time.

A notebook's *key* covers its code cells, the modules of the package that they import (without
docstrings and comments), the lock and the Python version. While it runs, the data files that its
processes open are noted. Its outputs stand as long as the key and the contents of those files do.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from analysis.book import parameters, provenance

from .kernels import Kernels, environment, imports_elsewhere

SECONDS_PER_CELL = 600
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
OWN_TYPES = "application/vnd.analysis."


@dataclass(frozen=True, slots=True)
class Failure:
    """A notebook that did not run to its end."""

    docname: str
    message: str


def read(text: str) -> nbformat.NotebookNode:
    """Parse a percent-format script; its header may leave the kernel out."""
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata.setdefault("kernelspec", KERNEL)
    return notebook


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Cells that run, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def defaults(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Names and defaults of what a notebook's ``parameters`` cell declares."""
    declared = map(parameters.declared, parameters.tagged(notebook.cells))
    return {name: str(p.default) for cell in declared for name, p in cell.items()}


def key(sources: Sequence[str], root: Path) -> str:
    """Fingerprint of everything that decides the outputs of some code cells, data files apart."""
    imports = provenance.imported_modules(_plain_python(sources))
    raw = root / "data" / "raw"
    return provenance.fingerprint(
        imports,
        files=["uv.lock"],
        extra={
            "cells": list(sources),
            "python": sys.version_info[:2],
            "raw": sorted(path.relative_to(raw).as_posix() for path in raw.rglob("*")),
            "optional": [
                package
                for module, package in provenance.OPTIONAL.items()
                if module in imports and find_spec(package)
            ],
        },
    )


def modules_elsewhere(notebook: Path) -> set[str]:
    """Modules of other packages that a notebook imports, itself or through this one.

    None where the code cannot be read: running it will say so.
    """
    cells = code_cells(read(notebook.read_text(encoding="utf-8")))
    source = _plain_python([cell.source for cell in cells])
    try:
        ours = provenance.closure(provenance.imported_modules(source))
        files = filter(None, map(provenance.module_file, ours))
        sources = [source, *(path.read_text(encoding="utf-8") for path in files)]
        return set().union(*(imports_elsewhere(each, provenance.PACKAGE.name) for each in sources))
    except SyntaxError:
        return set()


def _plain_python(cells: Sequence[str]) -> str:
    """The code of some cells as one piece, without what only a notebook understands."""
    lines = "\n".join(cells).split("\n")
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)


def state(path: str, root: Path) -> str:
    """What must stay the same of a file or folder that a notebook has read."""
    target = root / path
    if target.is_dir():
        return provenance.digest("\n".join(sorted(item.name for item in target.iterdir())))
    content = provenance.file_digest(target)
    if Path(path).parent == Path("data/validated") and target.suffix == ".json":
        return f"{content} {'current' if provenance.is_current(target) else 'stale'}"
    return content


class Outputs:
    """The outputs of the book's notebooks, kept in one small file for each."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder
        self._current: dict[str, bool] = {}

    def _record_path(self, docname: str) -> Path:
        return self.folder / f"{docname}.json"

    def record(self, docname: str) -> dict | None:
        """The stored run of a notebook, current or not."""
        path = self._record_path(docname)
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def is_current(self, docname: str, source: Path) -> bool:
        """Whether the stored outputs are what running the notebook now would give.

        Asked once for each notebook and run: a build takes the project as it finds it.
        """
        if docname not in self._current:
            self._current[docname] = self._is_current(docname, source)
        return self._current[docname]

    def _is_current(self, docname: str, source: Path) -> bool:
        record = self.record(docname)
        if record is None:
            return False
        text = source.read_text(encoding="utf-8")
        cells = record["cells"]
        if provenance.digest(text) != record["source"]:
            cells = [cell.source for cell in code_cells(read(text))]
        try:
            now = key(cells, self.root)
        except (SyntaxError, LookupError, ModuleNotFoundError):
            return False
        return now == record["key"] and all(
            state(path, self.root) == before for path, before in record["reads"].items()
        )

    def attach(self, docname: str, notebook: nbformat.NotebookNode) -> None:
        """Give each code cell its stored outputs, less what only the build reads."""
        record = self.record(docname)
        if record is None:
            return
        for cell, outputs in zip(code_cells(notebook), record["outputs"], strict=False):
            kept = []
            for output in outputs:
                data = output.get("data", {})
                own = [mime for mime in data if mime.startswith(OWN_TYPES)]
                for mime in own:
                    del data[mime]
                if not (own and set(data) == {"text/plain"}):  # claims alone are not for the page
                    kept.append(nbformat.from_dict(output))
            cell.outputs = kept

    def run(self, docname: str, source: Path, kernels: Kernels) -> Failure | None:
        """Run one notebook and store what it gave; a failed run leaves no usable record."""
        path = self._record_path(docname)
        path.unlink(missing_ok=True)
        self._current.pop(docname, None)
        text = source.read_text(encoding="utf-8")
        notebook = read(text)
        cells = [cell.source for cell in code_cells(notebook)]
        try:
            ran = key(cells, self.root)
        except (SyntaxError, ModuleNotFoundError) as error:
            return Failure(docname, f"{type(error).__name__}: {error}")
        failure = None
        with tempfile.TemporaryDirectory() as scratch:
            log = Path(scratch) / "reads"
            watched = {"BOOK_READS": str(log), "BOOK_ROOT": str(self.root)}
            client = NotebookClient(
                notebook,
                timeout=SECONDS_PER_CELL,
                km=kernels.manager(KERNEL["name"]),
                resources={"metadata": {"path": str(source.parent)}},
            )
            try:
                client.execute(env=environment() | watched, cleanup_kc=True)
            except CellExecutionError as error:
                failure = Failure(docname, f"a cell raised {error.ename}: {error.evalue}")
            except (CellTimeoutError, DeadKernelError) as error:
                failure = Failure(docname, f"{type(error).__name__}: {error}")
            lines = log.read_text(encoding="utf-8").split("\n") if log.is_file() else []
        reads = sorted({line for line in lines if line})
        record = {
            "key": "failed" if failure else ran,
            "source": provenance.digest(text),
            "cells": cells,
            "parameters": defaults(notebook),
            "reads": {name: state(name, self.root) for name in reads},
            "outputs": [cell.outputs for cell in code_cells(notebook)],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(path)
        return failure

    def run_all(self, sources: dict[str, Path]) -> list[Failure]:
        """Run several notebooks side by side, one for each processor, the longest texts first."""
        if not sources:
            return []
        longest_first = sorted(sources, key=lambda name: -sources[name].stat().st_size)
        with (
            Kernels(set().union(*map(modules_elsewhere, sources.values()))) as kernels,
            ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool,
        ):
            done = pool.map(lambda name: self.run(name, sources[name], kernels), longest_first)
            return [failure for failure in done if failure is not None]
