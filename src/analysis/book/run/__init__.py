"""A notebook run by papermill, in a kernel that is forked from a warm process where it can be.

The build of the book and a re-run of one section go through :func:`run`; plain ``papermill`` on the
notebook that jupytext writes gives the same outputs.
"""

import os
import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from analysis.book import provenance
from analysis.book.heavy import REQUEST
from analysis.book.run.kernels import Kernels, environment
from analysis.errors import AnalysisError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a progress bar's looks
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import remove_error_markers


SECONDS_PER_CELL = 600
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
INJECTED = "injected-parameters"
CELL = "cell "
"""Begins the lines that part the log of what is read by cells; all others are paths."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookFailedError(AnalysisError, RuntimeError):
    """A notebook that stopped at an exception; `notebook` holds the outputs up to there."""

    def __init__(self, message: str, notebook: NotebookNode) -> None:
        super().__init__(message)
        self.notebook = notebook


def read(text: str) -> NotebookNode:
    """Parse a percent-format script; its header may leave the kernel out."""
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata.setdefault("kernelspec", KERNEL)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Cells that run, in order, but for the one that papermill adds."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and INJECTED not in cell.metadata.get("tags", [])
    ]


def injected(notebook: NotebookNode, values: Mapping[str, Any]) -> NotebookNode:
    """Return the notebook with the cell that papermill adds for these parameters."""
    prepared = papermill.execute_notebook(
        nbformat.from_dict(notebook), None, dict(values), prepare_only=True, progress_bar=False
    )
    return _without_traces(prepared)


def plain_python(cells: Sequence[str]) -> str:
    """Join the code of some cells, without what only a notebook understands."""
    lines = "\n".join(cells).split("\n")
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)


def modules_elsewhere(notebook: Path) -> set[str]:
    """Modules of other packages that a notebook imports, itself or through this one.

    None where the code cannot be read: running it will say so.
    """
    source = plain_python([cell.source for cell in code_cells(jupytext.read(notebook))])
    try:
        ours = provenance.closure(provenance.imported_modules(source))
        files = filter(None, map(provenance.module_file, ours))
        sources = [source, *(path.read_text(encoding="utf-8") for path in files)]
        return set().union(*map(provenance.imports_elsewhere, sources))
    except (SyntaxError, ModuleNotFoundError):
        return set()


def run(
    notebook: NotebookNode,
    values: Mapping[str, Any],
    folder: Path,
    kernels: Kernels,
    watched: Mapping[str, str] | None = None,
) -> NotebookNode:
    """Run a notebook with the given parameters and return it with its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        Not changed.
    values : mapping
        Injected below the cell tagged ``parameters``, as papermill does.
    folder : Path
        Where the kernel runs.
    kernels : Kernels
        Where it comes from.
    watched : mapping, optional
        Further variables of the kernel's environment.

    Raises
    ------
    NotebookFailedError
        If a cell raises or takes too long, or the kernel dies.
    """
    env = environment() | dict(watched or {})

    def mark(cell: NotebookNode, cell_index: int) -> None:
        with Path(env.get("BOOK_READS", os.devnull)).open("a", encoding="utf-8") as log:
            log.write(f"{CELL}{cell_index}\n")

    with tempfile.TemporaryDirectory() as scratch, kernels.manager(env) as manager:
        done = Path(scratch, "done.ipynb")
        try:
            ran = papermill.execute_notebook(
                nbformat.from_dict(notebook), done, parameters=dict(values), progress_bar=False,
                request_save_on_cell_execute=False, kernel_name=KERNEL["name"],
                kernel_manager_class=manager, on_cell_execute=mark,
                execution_timeout=None if REQUEST in env else SECONDS_PER_CELL,
                resources={"metadata": {"path": os.fspath(folder)}},
            )  # fmt: skip
        except PapermillExecutionError as error:
            stopped = remove_error_markers(nbformat.read(done, as_version=4))
            first = error.source.strip().partition("\n")[0]
            says = f"in the cell that begins `{first}`: {error.ename}: {error.evalue}"
            raise NotebookFailedError(_ANSI.sub("", says), _without_traces(stopped)) from error
        except (CellTimeoutError, DeadKernelError) as error:
            raise NotebookFailedError(f"{type(error).__name__}: {error}", notebook) from error
    return _without_traces(ran)


def _without_traces(notebook: NotebookNode) -> NotebookNode:
    """Drop what papermill notes of scratch paths and the time of day."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    return notebook
