"""A section of the book with other parameters: checked, executed, compared, and a page of its own.

The notebook runs twice, side by side: as asked, and with the book's parameters. The result says at
its top which parameters differ and what that changed in each table.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from analysis.book import parameters
from analysis.book.conditions import drop_what_fails
from analysis.book.heavy import REQUEST
from analysis.book.rerun.changes import annotate
from analysis.book.rerun.page import citations, render, resolve, unlink
from analysis.book.run import Kernels, NotebookFailedError, modules_elsewhere, run
from analysis.book.text import file_name
from analysis.errors import ParameterError, did_you_mean, listed
from analysis.resources import ROOT, declared, project, write_all

FAULTS = declared("analysis.book", "faults.toml")["rerun"]
__all__ = ["NotebookFailedError", "Rerun", "find", "rerun", "sections"]


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a re-execution has made.

    Attributes
    ----------
    notebook, page : Path
        The executed notebook and the stand-alone page.
    differing : dict
        The parameters that differ from the book's, by name.
    changes : dict of str to int
        Label of each table to how many of its numbers have changed; empty if not compared.
    """

    notebook: Path
    page: Path
    differing: dict[str, Any]
    changes: dict[str, int]


def find(notebook: str | Path) -> Path:
    """Find a notebook as named from the current folder or from the project's.

    Parameters
    ----------
    notebook : str or Path
        A path, or its end inside the project's ``notebooks/``: ``validation/columbus``.

    Raises
    ------
    ParameterError
        If there is none, with the nearest name; or several.
    """
    asked = Path(notebook).expanduser()
    own = asked.parent / "notebooks"  # FOLDER/estimates, of a study's folder
    candidates = (asked, ROOT / asked, own / f"{asked.stem}.py")
    if there := next(filter(Path.is_file, candidates), None):
        return there.resolve()
    if (asked.parent / "study.toml").is_file():
        has = sorted(path.stem for path in own.glob("*.py"))
        words = {
            "folder": asked.parent,
            "near": did_you_mean(asked.stem, has),
            "has": listed(has, 20),
        }
        fault = FAULTS["not_of_study" if has else "none_of_study"]
        raise ParameterError(fault.format(notebook=notebook, **words))
    known = sections()
    name = (asked.parent / asked.stem).as_posix().removeprefix("notebooks/")
    hits = [key for key in known if name in (key, key.split("/")[-1])]
    if len(hits) == 1:
        return known[hits[0]]
    if hits:
        raise ParameterError(f"{notebook} could be {' or '.join(hits)}: say which.")
    near = listed(get_close_matches(name, known, n=5, cutoff=0.0))
    raise ParameterError(FAULTS["nothing"].format(notebook=notebook, near=near))


def sections() -> dict[str, Path]:
    """Every section of the book by name, in order."""
    project("a section of the book")
    folder = ROOT / "notebooks"
    paths = sorted(folder.rglob("*.py"))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}


def rerun(
    notebook: str | Path,
    values: Mapping[str, Any],
    folder: str | Path = "reruns",
    *,
    compare: bool = True,
    heavy: bool = False,
) -> Rerun:
    """Execute a notebook with other parameters and write the result as notebook and as page.

    Parameters
    ----------
    notebook : str or Path
        As for :func:`find`.
    values : mapping
        Values by parameter name. Text is read as from the command line.
    folder : str or Path
        Where the two files go, named after the section and what differs. Where that is cut short
        or spelt otherwise, as in a path, a hash of the values keeps other values' files apart.
    compare : bool
        Run the notebook with the book's parameters as well and show what changed.
    heavy : bool
        Make heavy results that the page shows anew for these parameters.

    Returns
    -------
    Rerun

    Raises
    ------
    ParameterError
        Before anything runs: unknown name, wrong type, value that is not allowed; a folder that
        cannot be written to.
    NotebookFailedError
        If a cell raises. Neither file is written then.
    """
    source = find(notebook)
    target = Path(folder).expanduser().resolve()
    known = parameters.of_notebook(source)
    chosen = {name: parameters.known(known, name).read(each) for name, each in values.items()}
    book = {name: parameter.default for name, parameter in known.items()}
    differing = {name: chosen[name] for name in known if chosen.get(name, book[name]) != book[name]}
    _check_writable(target)
    runs = [chosen, {}] if compare and differing else [chosen]
    more = {REQUEST: "1"} if heavy else {}
    with Kernels(modules_elsewhere(source)) as kernels, ThreadPoolExecutor(len(runs)) as pool:
        here, *default = pool.map(lambda asked: _execute(source, asked, kernels, more), runs)
    changes = annotate(here, default[0] if default else None, known, differing)
    name = _file_name(source, differing)
    unlink(here, source)
    book_folder = next((place for place in source.parents if (place / "_toc.yml").is_file()), None)
    html, words = render(here, book_folder)
    plain = resolve(here, words, citations(ROOT / "book" / "references.bib"))
    files = {f"{name}.ipynb": nbformat.writes(plain), f"{name}.html": html}
    written, page = write_all(target, files)
    return Rerun(written, page, differing, changes)


def _check_writable(folder: Path) -> None:
    """Refuse a place that cannot take the result before time is spent on making it."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise ParameterError(f"cannot write into {folder}: {there} is no folder for that.")


def _execute(
    source: Path, values: Mapping[str, Any], kernels: Kernels, more: Mapping[str, str]
) -> nbformat.NotebookNode:
    """Run a notebook in its own folder."""
    try:
        ran = run(jupytext.read(source), values, source.parent, kernels, more)
    except NotebookFailedError as error:
        given = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        said = f"{source.name} stopped with {given or 'its own parameters'}, {error}"
        raise NotebookFailedError(said) from error
    drop_what_fails(ran)
    return ran


def _file_name(source: Path, differing: Mapping[str, Any]) -> str:
    book = ROOT / "notebooks"
    section = source.relative_to(book) if source.is_relative_to(book) else Path(source.name)
    return file_name("-".join(section.with_suffix("").parts), differing)
