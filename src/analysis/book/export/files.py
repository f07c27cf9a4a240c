"""Pages of a built book joined into one text, printed by Chromium, and made a Word file by pandoc."""

from __future__ import annotations

import io
import posixpath
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pypandoc
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from analysis.book.build import BuildError
from analysis.book.export.chromium import FLAGS, HOW, installed
from analysis.book.forms import fill
from analysis.resources import ROOT

WIDTH, HEIGHT = 658, 980
"""Text area of a page of A4, in CSS pixels."""


SCREEN_ONLY = (
    ".headerlink, p.where, details.hide, .result-foot, script, .ledger-filter, button, "
    ".ledger-scroll:has(table.sortable, table.programs), .unseen, details.folded > summary"
)
"""What a document leaves out: code, foot lines, ways about, long lists of links, captions said twice."""


def compose(pages: Sequence[str], site: Path, book: str, title: str, edition: str) -> str:
    """HTML of some pages as one text, with a head that lists them.

    Links between these pages lead within the text; links to other pages become plain text.
    """
    marks = {f"{page}.html": page.replace("/", "-") for page in pages}
    chapters = []
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
        chapters.append((marks[file], name, Markup(article.decode_contents())))
    return fill("document.html", book=book, title=title, edition=edition, chapters=chapters)


def clean(article: Tag, file: str, marks: Mapping[str, str]) -> None:
    """Drop what only a screen needs from a page, and make its names and links the document's."""
    for node in article.select(SCREEN_ONLY):
        node.decompose()
    for node in article.select("details, summary"):
        node.name = "div"
    for node in article.select("[id]:not(svg *)"):
        node["id"] = f"{marks[file]}--{node['id']}"
    for link in article.select("svg a"):
        link.unwrap()
    for link in article.select("a[href]"):
        address, anchor = urldefrag(str(link["href"]))
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), address))
        if mark := marks.get(target if address else file):
            link["href"] = f"#{mark}--{anchor}" if anchor else f"#{mark}"
        elif not urlsplit(address).scheme:
            link.unwrap()


@dataclass(frozen=True, slots=True)
class Printed:
    """A composed text that a browser has laid out."""

    tab: Tab
    text: str
    scratch: Path

    def pdf(self, target: Path) -> Path:
        """Print it, with its headings as the outline."""
        self.tab.pdf(path=target, prefer_css_page_size=True, outline=True, tagged=True)
        return target

    def pictures(self) -> list[Path]:
        """Every drawing as a PNG file, in order."""
        found = []
        for k, drawing in enumerate(self.tab.locator("figure.drawing svg").all()):
            found.append(self.scratch / f"figure-{k}.png")
            drawing.screenshot(path=found[-1], type="png")
        return found


@contextmanager
def laid_out(text: str, edition: str) -> Iterator[Printed]:
    """Lay a composed text out as Chromium will print it."""
    path = installed()
    if path is None:
        raise BuildError(f"documents are printed by Chromium or Chrome: {HOW}")
    styles = [ROOT / "book" / "_static" / "book.css", Path(__file__).with_name("print.css")]
    shell = fill(
        "printed.html", text=text, edition=edition,
        styles=[style.read_text(encoding="utf-8") for style in styles],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        file = Path(scratch) / "document.html"
        file.write_text(shell, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2.5)
        tab.emulate_media(media="print", color_scheme="light")
        tab.goto(file.as_uri())
        tab.evaluate(Path(__file__).with_name("fit.js").read_text(encoding="utf-8"))
        yield Printed(tab, text, Path(scratch))
        browser.close()


def word_html(text: str, pictures: list[Path]) -> str:
    """Rewrite a composed text for pandoc: pictures as files, sides of columns, styles by name."""
    whole = BeautifulSoup(text, "html.parser")
    for node in whole.select(".cover, .card-label"):
        node.decompose()
    for drawing, path in zip(whole.select("figure.drawing svg"), pictures, strict=True):
        alt = str(drawing.get("aria-label", ""))
        drawing.replace_with(whole.new_tag("img", src=str(path), alt=alt, width="100%"))
    for cell in whole.select("td.text-right, th.text-right"):
        cell["style"] = "text-align: right"
    for mark in whole.select(".stars, .chip + .words"):
        mark.insert(0, " ")
    for box in whole.select(".data-banner, .in-short, .result-notes"):
        box["data-custom-style"] = "Note"
    return str(whole)


def write_word(printed: Printed, target: Path, book: str, title: str, edition: str) -> Path:
    """Write a Word file of a laid out text: numbered tables, drawings as PNG, formulas as such."""
    look = printed.scratch / "reference.docx"
    _reference(look)
    said = {"title": title, "subtitle": book, "date": edition, "lang": "en"}
    asked = [f"--reference-doc={look}", *(f"--metadata={k}={v}" for k, v in said.items())]
    text = word_html(printed.text, printed.pictures())
    pypandoc.convert_text(
        text, "docx", format="html", outputfile=str(target), extra_args=["--quiet", *asked]
    )
    return target


def _reference(look: Path) -> None:
    """Write pandoc's own styles, with small type in tables and notes and narrower margins."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file=reference.docx"]
    given = subprocess.run(command, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(given)) as old, zipfile.ZipFile(look, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "word/styles.xml":
                content = re.sub(
                    rb'(w:styleId="Compact">.*?)(</w:style>)',
                    rb'\1<w:rPr><w:sz w:val="16"/><w:szCs w:val="16"/></w:rPr>\2',
                    content, count=1, flags=re.DOTALL,
                )  # fmt: skip
            new.writestr(item, content)
