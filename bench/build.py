"""How long a fresh copy of the project takes to build its book, to be checked and to be tested.

``python bench/build.py --write`` keeps the record that the book shows. It copies the last commit, installs
into the copy, and takes some twelve minutes. The seconds are by the clock: let the machine do nothing else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd
from measure import FOLDER, machine

ROOT = Path(__file__).resolve().parents[1]
STEPS = {
    "installation": "setup",
    "whole book": "book",
    "book without a change": "book",
    "style, types and fast tests": "check",
    "book and tests": "test",
}
"""What is timed, in this order, and make's word for it."""


def experiment() -> pd.DataFrame:
    """Seconds of each step; one that fails ends it."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
        for what, target in STEPS.items():
            started = time.perf_counter()
            subprocess.run(["make", target], cwd=copy, check=True)
            rows.append((what, f"make {target}", round(time.perf_counter() - started, 1)))
    return pd.DataFrame(rows, columns=["step", "command", "seconds"])


def main() -> None:
    """Run the experiment and print it; keep it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"keep the result in {FOLDER.name}/")
    chosen = parser.parse_args()
    record = experiment()
    print(record.to_string(index=False))
    if chosen.write:
        record.to_csv(FOLDER / "build.csv", index=False, lineterminator="\n")
        about = machine(("jupyter-book", "pytest")) | {"clock": "seconds by the clock"}
        (FOLDER / "build.json").write_text(json.dumps(about, indent=2) + "\n")


if __name__ == "__main__":
    main()
