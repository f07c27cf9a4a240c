"""A notebook run by papermill, in a kernel that is forked from a warm process where it can be.

The build of the book and a re-run of one section go through :func:`run`; plain ``papermill`` on the
notebook that jupytext writes gives the same outputs.

Starting Python, a kernel and the scientific packages takes longer than most notebooks run. Only
Linux forks: elsewhere libraries may not survive it, and each kernel starts by itself.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from analysis.book import provenance
from analysis.book.heavy import REQUEST
from analysis.errors import AnalysisError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a progress bar's looks
    import papermill
    from papermill.exceptions import PapermillExecutionError


HERE = Path(__file__).parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ALWAYS = ("ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib_inline.backend_inline")
SECONDS_PER_CELL = 600
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
INJECTED = "injected-parameters"
CELL = "cell "
"""Begins the lines that part the log of what is read by cells; all others are paths."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def environment() -> dict[str, str]:
    """Variables that every kernel has: one thread each, and the recorder of what it reads."""
    path = [str(HERE / "recorder"), os.environ.get("PYTHONPATH", "")]
    return os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(filter(None, path))}


class Kernels(contextlib.AbstractContextManager["Kernels"]):
    """A fork server for as long as the ``with`` block lasts."""

    def __init__(self, modules: Iterable[str], forks: bool = sys.platform == "linux") -> None:
        os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # this environment's kernel first
        command = [sys.executable, str(HERE / "forkserver.py"), *ALWAYS, *sorted(modules)]
        pipe = subprocess.PIPE
        popen = partial(subprocess.Popen, stdin=pipe, stdout=pipe, env=environment(), text=True)
        self._server: Any = popen(command) if forks else None
        self._one_at_a_time = threading.Lock()

    def __exit__(self, *exception: object) -> None:
        if self._server is not None:
            self._server.communicate()

    def fork(self, argv: list[str], cwd: str, env: dict[str, str], stderr: str = "") -> int:
        """Number of a new process that becomes a kernel with these arguments.

        Raises
        ------
        RuntimeError
            The fork server is no more.
        """
        request = json.dumps({"argv": argv, "cwd": os.fspath(cwd), "env": env, "stderr": stderr})
        with self._one_at_a_time, contextlib.suppress(BrokenPipeError):
            self._server.stdin.write(f"{request}\n")
            self._server.stdin.flush()
            answer = self._server.stdout.readline()
            if answer:
                return int(answer)
        code = self._server.wait()  # what it printed says why
        raise RuntimeError(f"the process that kernels are forked from ended with code {code}")

    @contextlib.contextmanager
    def manager(self, env: Mapping[str, str]) -> Iterator[type[AsyncKernelManager]]:
        """Manager of a kernel that will be forked from here, with these variables.

        It talks through files of its own where the system can, so that no two kernels want the
        same port. What the kernel says besides its cells' output is printed only where it fails.
        """
        kernels = self
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
            tempfile.NamedTemporaryFile() as said,
        ):

            class Manager(AsyncKernelManager):
                async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                    if sys.platform != "win32":
                        self.transport = "ipc"
                        self.connection_file = str(Path(scratch, "k.json"))
                        self.ip = str(Path(scratch, "k"))
                    spec = self.kernel_spec
                    self.provisioner = Provisioner(kernel_id="", kernel_spec=spec, parent=self)
                    self.provisioner.kernels = kernels
                    await super().start_kernel(env=dict(env), stderr=said, **options)

            try:
                yield Manager
            except (RuntimeError, TimeoutError):
                said.seek(0)
                sys.stderr.write(said.read().decode(errors="replace"))
                raise


class Provisioner(LocalProvisioner):
    """Starts a kernel, from the fork server if there is one, and ends it without interrupting it.

    A manager interrupts a kernel before it asks it to end; one that has just become idle then
    prints an error although nothing went wrong.
    """

    kernels: Kernels

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the process."""
        if self.kernels._server is None:
            return await super().launch_kernel(cmd, **kwargs)
        argv = ["ipykernel", *cmd[cmd.index("-f") :]]
        self.pid = self.pgid = self.kernels.fork(
            argv, kwargs["cwd"], kwargs["env"], getattr(kwargs.get("stderr"), "name", "")
        )
        self.process: Any = Forked(self.pid)
        self.cwd = kwargs["cwd"]
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Pass a signal on, unless it would only interrupt."""
        if signum != signal.SIGINT:
            await super().send_signal(signum)


class Forked:
    """As much of :class:`subprocess.Popen` as a provisioner asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return None
        return 0

    def wait(self) -> int:
        """Nothing to do: the system buries it."""
        return 0

    def send_signal(self, signum: int) -> None:
        """As the system does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signum)


class NotebookFailedError(AnalysisError, RuntimeError):
    """A notebook that stopped at an exception."""


def read(text: str) -> NotebookNode:
    """Parse a percent-format script; its header may leave the kernel out."""
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata.setdefault("kernelspec", KERNEL)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Cells that run, in order, but for the one that papermill adds."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [cell for cell in code if INJECTED not in cell.metadata.get("tags", [])]


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

    with kernels.manager(env) as manager:
        try:
            ran = papermill.execute_notebook(
                nbformat.from_dict(notebook), None, parameters=dict(values), progress_bar=False,
                kernel_name=KERNEL["name"], kernel_manager_class=manager, on_cell_execute=mark,
                execution_timeout=None if REQUEST in env else SECONDS_PER_CELL,
                resources={"metadata": {"path": os.fspath(folder)}},
            )  # fmt: skip
        except PapermillExecutionError as error:
            first = error.source.strip().partition("\n")[0]
            says = f"in the cell that begins `{first}`: {error.ename}: {error.evalue}"
            raise NotebookFailedError(_ANSI.sub("", says)) from error
        except (CellTimeoutError, DeadKernelError) as error:
            raise NotebookFailedError(f"{type(error).__name__}: {error}") from error
    return _without_traces(ran)


def _without_traces(notebook: NotebookNode) -> NotebookNode:
    """Drop what papermill notes of scratch paths and the time of day."""
    for part in (notebook, *notebook.cells):
        part.metadata.pop("papermill", None)
        part.metadata.pop("execution", None)
    return notebook
