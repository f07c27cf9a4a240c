"""Numbers in a sentence that names a table, on the built pages: each rounds from a cell of that table."""

import csv
import re
import tomllib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis.resources import ROOT

BUILT = ROOT / "_build" / "html"
DERIVED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""By page, tables beside which a number stands that is computed from cells, or is none of its cells."""

NUMBER = re.compile(r"(?<![<\w.])(?<!< )[−-]?\d[\d,]*(?:\.\d+)?(?:\s?%)?")
SENTENCE = re.compile(r"(?<=[.:?;])\s+(?=[A-Z⟦⟨])")


def value(text):
    return float(text.replace("−", "-").replace(",", "").rstrip("\N{NO-BREAK SPACE} %"))


def cells(folder, labels):
    """Numbers in the cells of some tables or figures."""
    for label in labels:
        path = folder / "_results" / f"{label}.csv"
        if path.is_file():
            with path.open(encoding="utf-8") as rows:
                yield from (
                    value(n)
                    for row in csv.reader(rows)
                    for cell in row
                    for n in NUMBER.findall(cell)
                )


def rounds_from(text, known):
    """Whether a number as shown is one of the known, rounded; a share may be shown in per cent."""
    half = 0.5 * 10.0 ** -len(text.rstrip("\N{NO-BREAK SPACE} %").partition(".")[2])
    scales = (100,) if text.endswith("%") else (1, 100)
    return any(
        abs(abs(c) * k - abs(value(text))) <= half * (1 + 1e-6) for c in known for k in scales
    )


def sentences(page):
    """Sentences of a page with the labels that they name and the numbers that are glued in them."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article")
    for link in article.select("a[href] .std-numref"):
        link.replace_with(f"⟦{link.parent['href'].rpartition('#')[2]}⟧")
    for glued in article.select(".pasted-text"):
        glued.replace_with(f"⟨{glued.get_text()}⟩")
    for told in article.select("p, li:not(:has(p))"):
        for sentence in SENTENCE.split(" ".join(told.get_text().split())):
            labels = re.findall(r"⟦((?:tab|fig)-[^⟧]+)⟧", sentence)
            glued = " ".join(re.findall(r"⟨([^⟩]*)⟩", sentence))
            yield sentence, labels, [n for n in NUMBER.findall(glued) if "." in n or "%" in n]


def pages(folder):
    for page in sorted([*folder.glob("notebooks/*/*.html"), *folder.glob("book/*.html")]):
        yield page.relative_to(folder).with_suffix("").as_posix(), page


def wrong(folder, derived=None):
    """Numbers that no cell of the tables named beside them gives, with their sentence."""
    for name, page in pages(folder):
        computed = set((derived or {}).get(name, ()))
        for sentence, labels, shown in sentences(page):
            known = [] if computed & set(labels) else list(cells(folder, labels))
            yield from (
                f"{name}: {n} in {sentence}" for n in shown if known and not rounds_from(n, known)
            )


@pytest.mark.book
def test_every_number_beside_a_table_rounds_from_it():
    found = list(wrong(BUILT, DERIVED))
    assert not found, "\n".join(found)


@pytest.mark.book
def test_each_table_that_is_listed_is_named_on_its_page():
    for name, page in pages(BUILT):
        told = {label for _, labels, _ in sentences(page) for label in labels}
        assert set(DERIVED.get(name, ())) <= told, name


@pytest.mark.book
def test_per_cent_is_written_in_one_way():
    for name, page in pages(BUILT):
        article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(
            "article"
        )
        for verbatim in article.select("script, style, pre, code"):
            verbatim.decompose()
        assert not re.search(r".{0,30}\d%", article.get_text()), name


@pytest.fixture
def book(tmp_path):
    """A book of one page with one table and a sentence that names it."""
    (tmp_path / "_results").mkdir()
    (tmp_path / "_results" / "tab-a.csv").write_text("term,estimate\nx,-0.2468\nshare,0.5\n")
    page = tmp_path / "notebooks" / "part" / "page.html"
    page.parent.mkdir(parents=True)

    def made(number):
        page.write_text(
            f'<article><p>Here x is <span class="pasted-text">{number}</span> '
            '(<a href="#tab-a"><span class="std-numref">Table I.1.1</span></a>).</p></article>',
            encoding="utf-8",
        )
        return list(wrong(tmp_path))

    return made


@pytest.mark.parametrize("number", ["−0.25", "0.247 (0.50)", "50 %", "50\xa0%", "p < 0.001", "34"])
def test_a_number_that_rounds_from_the_table_passes(book, number):
    assert not book(number)


@pytest.mark.parametrize("number", ["−0.24", "0.248", "51 %", "0.2 (0.6)"])
def test_a_planted_wrong_number_is_found(book, number):
    assert len(book(number)) == 1
