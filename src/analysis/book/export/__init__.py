"""Parts of a built book as documents: PDF by Chromium, Word files by pandoc."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.book import build
from analysis.book.edition import edition
from analysis.resources import ROOT

FOLDER = Path("_build", "export")
LIST = "documents.json"


class Document(NamedTuple):
    """One document: name of its files without ending, title, and the pages in it."""

    name: str
    title: str
    pages: tuple[str, ...]


def documents(folder: Path = ROOT, parts: Sequence[str] = ()) -> list[Document]:
    """Documents that a book can be made into: one a part, or what is asked for.

    Parameters
    ----------
    folder : Path
        A book folder.
    parts : sequence of str
        Captions of parts, their numbers (``I``) or names of single sections; all parts by default.

    Raises
    ------
    ParameterError
        A part that does not exist.

    Examples
    --------
    >>> [document.name for document in documents(parts=["IV", "validation/columbus"])]
    ['part-IV', 'validation-columbus']
    """
    groups = build.chapters(folder)
    found = []
    for part in parts or groups:
        pages = groups[part] if part in groups else build.chosen(folder, part)
        (caption,) = [caption for caption, inside in groups.items() if pages[0] in inside]
        is_whole = len(pages) == len(groups[caption])
        title = caption if is_whole else part
        number = re.match(r"[IVX]+(?= ·)", title)
        name = f"part-{number[0]}" if number else re.sub(r"\W+", "-", title.lower()).strip("-")
        found.append(Document(name or "book", f"Part {title}" if number else title, tuple(pages)))
    return found


def export(folder: Path = ROOT, parts: Sequence[str] = ()) -> list[Path]:
    """Build a book, make documents of it, and let its pages link to them.

    Returns
    -------
    list of Path
        A PDF and a Word file for each document, in ``_build/export`` of the book's folder.

    Raises
    ------
    ParameterError, BuildError
        As :func:`analysis.book.build.build`; no browser is installed.
    """
    from analysis.book.export.files import compose, laid_out, write_word

    folder = folder.expanduser().resolve()
    asked = documents(folder, parts)
    build.build(folder)
    site, target = folder / "_build" / "html", folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    title, said = build.title(folder), edition()
    files = []
    for document in asked:
        text = compose(document.pages, site, title, document.title, said)
        stem = target / document.name
        with laid_out(text, said) as page:
            files += [page.pdf(stem.with_suffix(".pdf"))]
            files += [write_word(page, stem.with_suffix(".docx"), title, document.title, said)]
    known = {one.name: one for one in [*made(folder), *asked]}
    content = json.dumps(list(known.values()), indent=1, ensure_ascii=False)
    (target / LIST).write_text(content + "\n", encoding="utf-8")
    build.build(folder)
    return files


def made(folder: Path) -> list[Document]:
    """Documents of a book that are there."""
    listed = folder / FOLDER / LIST
    if not listed.is_file():
        return []
    found = [Document(*row) for row in json.loads(listed.read_text(encoding="utf-8"))]
    return [one for one in found if (folder / FOLDER / f"{one.name}.pdf").is_file()]
