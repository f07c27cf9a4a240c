"""Time the newest spreg in a Python of its own: the lock of this project holds an older one.

``bench/spatial.py --spreg PYTHON`` makes an environment of that Python (3.12 or newer) under
``_build/spreg``, installs the newest spreg there, and runs this file in it, which imports nothing of this
project but :mod:`measure`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from measure import Measured, alone, settled, timed

ENVIRONMENT = Path(__file__).resolve().parents[1] / "_build" / "spreg"
VERSIONS = (
    "import numpy, platform, scipy, spreg; versions = [m.__version__ for m in (spreg, numpy, scipy)]; "
    "print(*versions, platform.python_version())"
)
"""What the environment has, asked in it."""
SMALL = 24
"""Units of the sample with which each process warms up."""


class NoSpregError(RuntimeError):
    """Why there is no newer spreg to be timed."""


def install(python: str) -> tuple[Path, dict[str, str]]:
    """Python of an environment with the newest spreg, and the versions of what is in it.

    Raises
    ------
    NoSpregError
        If that Python does not run, or nothing can be installed.
    """
    inside = ENVIRONMENT / "bin" / "python"
    steps = [
        *([] if inside.exists() else [[python, "-m", "venv", str(ENVIRONMENT)]]),
        [str(inside), "-m", "pip", "install", "--quiet", "--upgrade", "spreg", "scipy", "pandas"],
        [str(inside), "-c", VERSIONS],
    ]
    said = ""
    for step in steps:
        try:
            said = subprocess.run(step, check=True, capture_output=True, text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError) as error:
            last = getattr(error, "stderr", None) or str(error)
            raise NoSpregError(f"{' '.join(step[:4])}: {last.strip().splitlines()[-1]}") from error
    names = ("spreg", "numpy", "scipy", "python")
    return inside, dict(zip(names, said.splitlines()[-1].split(), strict=True))


def run(python: Path, y: np.ndarray, x: np.ndarray, w: np.ndarray) -> dict[str, Measured]:
    """The steps of one sample, measured by that Python.

    Parameters
    ----------
    python : Path
    y, x : ndarray, shapes (T N, 1) and (T N, K)
        All units of a period, then of the next.
    w : ndarray, shape (N, N)
    """
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sample.npz"
        np.savez(data, y=y, x=x, w=w)
        command = [str(python), __file__, str(data)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: Measured(**values) for name, values in json.loads(said.splitlines()[-1]).items()}


def _measured(path: str, repeats: int) -> dict[str, dict[str, float]]:
    import libpysal
    import spreg

    data = np.load(path)
    y, x, matrix = data["y"], data["x"], data["w"]

    def work(n: int) -> Callable[[], float]:
        periods, w = len(y) // len(matrix), matrix[:n, :n]
        outcome, regressors = (v.reshape(periods, -1, v.shape[1])[:, :n] for v in (y, x))
        outcome, regressors = outcome.reshape(-1, 1), regressors.reshape(-1, x.shape[1])
        theirs = libpysal.weights.full2W(w / w.sum(axis=1, keepdims=True))

        def fit() -> float:
            found = spreg.ML_LagFE(
                outcome, regressors, theirs, slx_lags=1, time_effects=True, spat_impacts=None
            )
            return float(np.ravel(found.rho)[0])

        return fit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work(SMALL)()
        settled()
        found = timed(work(len(matrix)), repeats)
    return {"fit": asdict(found)}


if __name__ == "__main__":
    sample = sys.argv[1]
    n = len(np.load(sample)["w"])
    print(json.dumps(alone(_measured, sample, 3 if n <= 300 else 1)))
