"""A composed text printed by Chromium, and carried into a Word file by pandoc."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pypandoc
from bs4 import BeautifulSoup
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from analysis.book.build import BuildError
from analysis.book.export.chromium import FLAGS, HOW, installed
from analysis.resources import ROOT

WIDTH, HEIGHT = 658, 980
"""Text area of a page of A4, in CSS pixels."""
FIT = """() => {
  const squeeze = (node, box) => {
    const ratio = box.clientWidth / node.scrollWidth;
    if (ratio < 1) node.style.zoom = ratio * 0.995;
  };
  for (const formula of document.querySelectorAll(".formula-inline, .formula")) {
    squeeze(formula, formula.closest("p, dd, li, td, .chapter"));
  }
  for (const drawing of document.querySelectorAll("figure.drawing svg")) {
    drawing.style.maxHeight = `max(70mm, ${0.65 * drawing.viewBox.baseVal.height}pt)`;
  }
  for (const table of document.querySelectorAll("table")) {
    const box = table.parentElement;
    table.classList.toggle("dense", table.scrollWidth > 1.15 * box.clientWidth);
    squeeze(table, box);
    const whole = table.closest(".result") || table;
    if (whole.offsetHeight < 250) whole.style.breakInside = "avoid";
  }
}"""
"""Makes what is wide smaller until it fits, keeps lettering legible and short tables on one page."""


class Printer:
    """A Chromium that prints; a context manager."""

    def __enter__(self) -> Printer:
        path = installed()
        if path is None:
            raise BuildError(f"documents are printed by Chromium or Chrome: {HOW}")
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=path, args=FLAGS)
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()

    @contextmanager
    def opened(self, text: str, edition: str) -> Iterator[Printed]:
        """Lay a composed text out as it will be printed."""
        look = [
            (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8"),
            files(__package__).joinpath("print.css").read_text(encoding="utf-8"),
            f"@page {{ @bottom-left {{ content: {json.dumps(edition, ensure_ascii=False)}; }} }}",
        ]
        shell = (
            '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
            f"<style>{' '.join(look)}</style></head><body>{text}</body></html>"
        )
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "document.html"
            file.write_text(shell, encoding="utf-8")
            tab = self._browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2.5
            )
            tab.emulate_media(media="print", color_scheme="light")
            tab.goto(file.as_uri())
            tab.evaluate(FIT)
            yield Printed(tab, text, Path(scratch))
            tab.close()


class Printed:
    """A composed text that a browser has laid out."""

    def __init__(self, tab: Tab, text: str, scratch: Path) -> None:
        self.tab, self.text, self.scratch = tab, text, scratch

    def pdf(self, target: Path) -> Path:
        """Print it, with its headings as the outline."""
        target.write_bytes(self.tab.pdf(prefer_css_page_size=True, outline=True, tagged=True))
        return target

    def pictures(self) -> list[Path]:
        """Every drawing as a PNG file, in order."""
        drawings = self.tab.locator("figure.drawing svg").all()
        found = [self.scratch / f"figure-{k}.png" for k in range(len(drawings))]
        for drawing, path in zip(drawings, found, strict=True):
            drawing.screenshot(path=path, type="png")
        return found


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
    look.write_bytes(_reference())
    said = {"title": title, "subtitle": book, "date": edition, "lang": "en"}
    command = [
        pypandoc.get_pandoc_path(), "--from=html", "--to=docx", f"--reference-doc={look}",
        "--output=-", "--quiet", *(f"--metadata={k}={v}" for k, v in said.items()),
    ]  # fmt: skip
    text = word_html(printed.text, printed.pictures())
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    target.write_bytes(done.stdout)
    return target


def _reference() -> bytes:
    """Pandoc's own styles, with small type in tables and notes and narrower margins."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file=reference.docx"]
    given = subprocess.run(command, capture_output=True, check=True).stdout
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(given)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "word/styles.xml":
                content = re.sub(
                    rb'(w:styleId="Compact">.*?)(</w:style>)',
                    rb'\1<w:rPr><w:sz w:val="16"/><w:szCs w:val="16"/></w:rPr>\2',
                    content, count=1, flags=re.DOTALL,
                )  # fmt: skip
            new.writestr(item, content)
    return made.getvalue()
