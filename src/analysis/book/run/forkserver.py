"""The process that kernels are forked from: it has imported what the notebooks need, once for all.

It runs as a script, with the names of the modules to import as its arguments. Each line that it
reads is a request for a kernel, as JSON; it answers with the new process's number. It ends when its
input does. It never imports the package itself, so that what the package reads while it is
imported is noted as the notebook's own.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import warnings


def serve(modules: list[str]) -> None:
    """Import the modules, then fork a kernel for every request."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they would be said on no page
        for name in modules:
            with contextlib.suppress(ImportError):  # the notebook that needs it will say so
                importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries kernels that have ended
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            become_kernel(**json.loads(line))
        print(pid, flush=True)


def become_kernel(argv: list[str], cwd: str, env: dict[str, str], stderr: str) -> None:
    """Turn this fresh fork into the kernel that ``argv`` would start by itself."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if stderr:
        os.dup2(os.open(stderr, os.O_WRONLY | os.O_APPEND), 2)
    os.dup2(2, 1)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = [*argv, f"--IPKernelApp.parent_handle={os.getppid()}"]  # ends when the server does
    from ipykernel.kernelapp import launch_new_instance
    from sitecustomize import note_peak, watch_if_asked  # type: ignore[import-not-found]

    watch_if_asked()
    launch_new_instance()
    if "BOOK_READS" in env:
        note_peak()
    os._exit(0)


if __name__ == "__main__":
    del sys.path[0]  # this script's folder
    serve(sys.argv[1:])
