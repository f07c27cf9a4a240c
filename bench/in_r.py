"""Time R's splm and SDPDmod on the samples of ``bench/spatial.py``, where R and they are installed.

``bench/peers.R`` is what R runs. splm has the static model alone, by the likelihood with dummies and without
a correction; SDPDmod both, its rho to some thousandths only, since it looks for it on a grid.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import Measured

SCRIPT = Path(__file__).with_name("peers.R")
MODELS = {"splm": ("static SDM",), "SDPDmod": ("static SDM", "dynamic SDM")}
LARGEST = {"splm": 3000, "SDPDmod": 283}
"""Cities beyond which a fit takes minutes."""


class NoRError(RuntimeError):
    """Why R could not do something."""


def _ask(*arguments: str, library: str | None) -> subprocess.CompletedProcess[str]:
    """Have R run the script, with packages of that library as well as its own."""
    environment = os.environ | ({"R_LIBS": str(Path(library).resolve())} if library else {})
    command = ["Rscript", "--vanilla", str(SCRIPT), *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoRError((getattr(error, "stderr", None) or str(error)).strip()) from error


def versions(library: str | None = None) -> dict[str, str]:
    """Versions of R, its BLAS and those of the two packages that load; nothing where neither does.

    Why something is left out is printed.
    """
    try:
        said = _ask(library=library)
    except NoRError as error:
        print(f"R's packages are left out, since R does not run: {error}")
        return {}
    print(said.stderr, end="", file=sys.stderr)
    found = dict(line.split(maxsplit=1) for line in said.stdout.splitlines())
    return {k: version.strip() for k, version in found.items()} if MODELS.keys() & found else {}


def run(
    package: str,
    model: str,
    y: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    repeats: int,
    library: str | None = None,
) -> Measured:
    """One model's fit to a sample, measured by R in a process of its own.

    Parameters
    ----------
    package, model : str
        One of :data:`MODELS`.
    y, x : ndarray, shapes (T, N) and (T, N, 4)
    w : ndarray, shape (N, N)
    repeats : int
        At most; a fit of seconds is not repeated.

    Raises
    ------
    NoRError
        If the fit fails.
    """
    columns = [y, *np.moveaxis(x, 2, 0), *np.moveaxis(w @ x, 2, 0)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sample"
        np.concatenate([v.ravel() for v in (*columns, w.T)]).tofile(data)
        said = _ask(package, model, str(data), str(len(w)), str(repeats), library=library)
    return Measured(*map(float, said.stdout.split()))
