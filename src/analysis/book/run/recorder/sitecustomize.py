"""Notes which of the project's data files a notebook's processes open or list.

Python runs this file at start-up because the engine puts its folder on ``PYTHONPATH`` for the
kernels it starts; worker processes inherit it. One line a file goes to the log that the
environment names, and when a process ends its peak memory to a file beside that.
"""

import atexit
import os
import sys


def _watch(log: int, watched: str) -> None:
    folders = tuple(place + os.sep for place in watched.split(os.pathsep))

    def note(event: str, args: tuple) -> None:
        if event not in ("open", "os.listdir", "os.scandir") or not args:
            return
        try:
            path = os.path.abspath(os.fspath(args[0]))
            inside = (path + os.sep).startswith(folders)
        except TypeError:  # a number, or bytes
            return
        if inside and not path.endswith(".py") and f"{os.sep}__pycache__{os.sep}" not in path:
            os.write(log, f"{path}\n".encode())

    sys.addaudithook(note)


def watch_if_asked() -> None:
    """Begin, if the environment says where to."""
    if "BOOK_READS" in os.environ:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        _watch(os.open(os.environ["BOOK_READS"], flags, 0o644), os.environ["BOOK_WATCH"])
        atexit.register(note_peak)


def note_peak() -> None:
    """Leave the peak memory of this process, in bytes, beside the log."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # not known to this system
        return
    unit = 1 if sys.platform == "darwin" else 1024
    with open(f"{os.environ['BOOK_READS']}.peak", "a") as log:
        log.write(f"{getrusage(RUSAGE_SELF).ru_maxrss * unit}\n")


watch_if_asked()
