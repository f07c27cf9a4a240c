"""Where the files that travel with the package lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder: the one that holds ``src/``, ``data/`` and ``uv.lock``."""


def data_path(*parts: str) -> Path:
    """Path of a file of the project's ``data/`` folder.

    Raises
    ------
    FileNotFoundError
        No such file; the message names where it was looked for.

    Examples
    --------
    >>> data_path("geography", "cities_ne34.csv").name
    'cities_ne34.csv'
    """
    path = ROOT.joinpath("data", *parts)
    if not path.exists():
        raise FileNotFoundError(
            f"no data file {'/'.join(parts)!r} in {path.parent}; "
            "data/README.md lists what is there and how to make or get the rest"
        )
    return path
