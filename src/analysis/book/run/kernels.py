"""Starts the notebooks' kernels, forked from one process that has imported what they all need.

Starting Python, a kernel and the scientific packages takes longer than most notebooks run. Only
Linux forks: elsewhere libraries may not survive it, and each kernel starts by itself.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

HERE = Path(__file__).parent
RECORDER = HERE / "recorder"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ALWAYS = ("ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib_inline.backend_inline")


def environment() -> dict[str, str]:
    """Variables that every kernel has: one thread each, and the recorder of what it reads."""
    path = [str(RECORDER), os.environ.get("PYTHONPATH", "")]
    return os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(filter(None, path))}


class Kernels(contextlib.AbstractContextManager["Kernels"]):
    """A fork server for as long as the ``with`` block lasts."""

    def __init__(self, modules: Iterable[str], forks: bool = sys.platform == "linux") -> None:
        os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # this environment's kernel first
        command = [sys.executable, str(HERE / "forkserver.py"), *ALWAYS, *sorted(modules)]
        pipe = subprocess.PIPE
        self._server: Any = None
        if forks:
            self._server = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, env=environment(), text=True
            )
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
        raise RuntimeError(
            f"the process that kernels are forked from ended with code {self._server.wait()}; "
            "what it printed says why"
        )

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
        """Nothing to do: the server, its parent, lets the system bury it."""
        return 0

    def send_signal(self, signum: int) -> None:
        """As the system does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signum)
