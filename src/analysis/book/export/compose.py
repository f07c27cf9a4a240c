"""Pages of a built book joined into one HTML text, less what only a screen needs."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup, Tag

SCREEN_ONLY = (
    ".headerlink, p.where, details.hide, .result-foot, script, .ledger-filter, button, "
    ".ledger-scroll:has(table.sortable, table.programs), .unseen"
)
"""What a document leaves out: code, foot lines, ways about, and the long lists of links."""


def compose(pages: Sequence[str], site: Path, book: str, title: str, edition: str) -> str:
    """HTML of some pages as one text, with a head that lists them.

    Links between these pages lead within the text; links to other pages become plain text.
    """
    marks = {f"{page}.html": page.replace("/", "-") for page in pages}
    bodies, contents = [], []
    for page in pages:
        file = f"{page}.html"
        whole = BeautifulSoup((site / file).read_text(encoding="utf-8"), "html.parser")
        article = whole.select_one("article")
        assert article is not None, file
        heading = article.h1
        for image in article.select("img"):
            image["src"] = str((site / file).parent / str(image["src"]))
        clean(article, file, marks)
        name = heading.get_text() if heading else page
        contents.append(f'<li><a href="#{marks[file]}">{escape(name)}</a></li>')
        bodies.append(f'<div class="chapter" id="{marks[file]}">{article.decode_contents()}</div>')
    return (
        f'<header class="cover"><p class="book">{escape(book)}</p><h1>{escape(title)}</h1>'
        f'<p class="edition">{escape(edition)}</p><ul>{"".join(contents)}</ul></header>'
        f"<main>{''.join(bodies)}</main>"
    )


def clean(article: Tag, file: str, marks: Mapping[str, str]) -> None:
    """Drop what only a screen needs from a page, and make its names and links the document's."""
    for node in article.select(SCREEN_ONLY):
        node.decompose()
    for summary in article.select("details.folded > summary"):
        summary.decompose()  # the table has the same caption
    for node in article.select("details, summary"):
        node.name = "div"
    for node in article.select("[id]"):
        if not node.find_parent("svg"):
            node["id"] = f"{marks[file]}--{node['id']}"
    for link in article.select("a[href]"):
        goes = str(link["href"])
        if link.find_parent("svg") or urlsplit(goes).scheme:
            continue
        address, anchor = urldefrag(goes)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), address))
        mark = marks.get(target if address else file)
        if mark is None:
            link.unwrap()
        else:
            link["href"] = f"#{mark}--{anchor}" if anchor else f"#{mark}"
    for link in article.select("svg a"):
        link.unwrap()
