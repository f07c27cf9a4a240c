"""Where the files of the project lie: in its folder, or inside the installed package."""

import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sized
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from analysis.errors import NoBookError, listed

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder: the one that holds ``src/``, ``data/`` and ``uv.lock``."""

_CLONED = ROOT.joinpath("uv.lock").is_file()


def data_path(*parts: str) -> Path:
    """Path of a file of the project's ``data/`` folder.

    An installed package holds the folders ``geography``, ``published`` and ``examples``.

    Raises
    ------
    FileNotFoundError
        No such file; the message names where it was looked for.

    Examples
    --------
    >>> data_path("examples", "printed_tables.csv").name
    'printed_tables.csv'
    """
    data = ROOT / "data" if _CLONED else Path(__file__).with_name("data")
    path = data.joinpath(*parts)
    if not path.exists():
        if not _CLONED:
            project(f"data/{'/'.join(parts)}")
        raise FileNotFoundError(
            f"no data file {'/'.join(parts)!r} in {path.parent}; "
            "data/README.md lists what is there and how to make or get the rest"
        )
    return path


def noted(path: Path) -> Path:
    """Count a file as read again where its content is kept in memory: the book notes who reads what."""
    sys.audit("open", str(path), "r", 0)
    return path


def declared(package: str, name: str) -> dict[str, Any]:
    """Read a TOML file that lies beside a package's modules; keys that are whole numbers become such.

    Examples
    --------
    >>> declared("analysis.study", "pages.toml")["data"]["title"]
    'The data'
    """

    def keyed(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {int(key) if key.isdigit() else key: keyed(each) for key, each in value.items()}

    content: dict[str, Any] = keyed(tomllib.loads(files(package).joinpath(name).read_text("utf-8")))
    return content


def refuse(
    error: type[Exception], says: Mapping[str, str], wrong: Mapping[str, Any], /, **words: object
) -> None:
    """Raise an error for the first thing that is wrong, in the words that a file has for it.

    In these ``{0}`` stands for the thing itself, of several for the first few.

    Examples
    --------
    >>> refuse(ValueError, {"empty": "no rows in {0} of {folder}"}, {"empty": ["a.csv"]}, folder="raw")
    Traceback (most recent call last):
    ...
    ValueError: no rows in a.csv of raw
    """
    for name, found in wrong.items():
        several = isinstance(found, Sized) and not isinstance(found, str)
        if len(found) if several else found:
            raise error(says[name].format(listed(found) if several else found, **words))


def project(what: str = "this command") -> Path:
    """Return the project's folder, for `what` works only inside the cloned book.

    Raises
    ------
    NoBookError
        If the package was installed without it.

    Examples
    --------
    >>> project() == ROOT
    True
    """
    if not _CLONED:
        raise NoBookError(
            f"{what} needs the book, not only the installed package: clone its repository, run "
            "`make setup` there, and use the command `analysis` of its .venv"
        )
    return ROOT


def write_all(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files in a scratch folder beside their place, then move all there: none is half written."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as scratch:
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            Path(scratch, name).write_bytes(raw)
        return [Path(scratch, name).replace(folder / name) for name in files]


def put(path: Path, content: str | bytes) -> None:
    """Write a file unless it holds that already."""
    raw = content.encode() if isinstance(content, str) else content
    if not path.is_file() or path.read_bytes() != raw:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def lock(file: IO[Any], *, wait: bool = True) -> bool:
    """Take an open file for this process, until it is closed; say whether that could be done.

    Parameters
    ----------
    file : file
    wait : bool
        Whether to wait until no other process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock: two processes go unnoticed there
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
