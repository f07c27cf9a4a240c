"""Builds the book strictly, or says that nothing has changed since it was last built.

The engine itself finds out which notebooks must run again; this spares a reader even the asking.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
STATE = ROOT / "_build" / "state"
APART = {"_build", "tests", "bench", "__pycache__"}
"""Folders without a part in the book, as all hidden ones are."""


def files(folder: Path) -> Iterator[Path]:
    """Files of the project, in order."""
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in APART and not name.startswith(".")
        )
        yield from (Path(base) / name for name in sorted(names))


def state() -> str:
    """Digest of all that the book is made from, of the installation, and of the pages as they stand."""
    found = hashlib.sha256(sys.version.encode())
    for path in files(ROOT):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    for path in [ROOT / ".venv" / "ready", *sorted(SITE.rglob("*"))]:
        if path.is_file():
            stat = path.stat()
            found.update(f"{path.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}\0".encode())
    return found.hexdigest()


def main() -> int:
    """Build unless the last build was whole and made from what is there now."""
    if not (STATE.is_file() and STATE.read_text(encoding="utf-8") == state()):
        STATE.unlink(missing_ok=True)
        program = Path(sys.executable).with_name("jupyter-book")
        command = [program, "build", ROOT, "-n", "-W", "--keep-going", "-q"]
        built = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if built.returncode:
            return built.returncode
        STATE.write_text(state(), encoding="utf-8")
    print(f"The book: {(SITE / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
