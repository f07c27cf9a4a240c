"""Parts of the book as documents: what they keep of the pages, and what paper asks for."""

import re
import subprocess
import sys
import zipfile

import pytest
from bs4 import BeautifulSoup

from analysis.book.edition import edition
from analysis.book.export import documents, made
from analysis.book.export.files import compose, word_html
from analysis.errors import ParameterError
from analysis.resources import ROOT

HTML = ROOT / "_build" / "html"

ONE = """<html><body><nav>Contents</nav><article>
<h1>I.1 One<a class="headerlink" href="#one">#</a></h1><p class="where">analysis rerun a/one</p>
<p id="below">See <a href="two.html#tab-x">Table I.2.1</a>, <a href="../b.html">elsewhere</a>,
<a href="https://doi.org/1">a paper</a> and <a href="#below">here</a>.</p>
<details class="hide"><summary>Code</summary><pre>print(1)</pre></details></article></body></html>"""
TWO = """<html><body><article><h1>I.2 Two</h1>
<details class="folded"><summary>Table I.2.1 Numbers</summary><div class="result">
<table id="tab-x"><caption>Table I.2.1 Numbers</caption><tr><th>x</th>
<td class="text-right"><span class="card-label">b</span>0.5<span class="stars">**</span></td></tr>
</table></div><div class="result-foot">code</div></details>
<figure class="drawing"><svg viewBox="0 0 1 1" aria-label="A line that rises."></svg></figure>
</article></body></html>"""


@pytest.fixture
def joined(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.html").write_text(ONE)
    (tmp_path / "a" / "two.html").write_text(TWO)
    return compose(["a/one", "a/two"], tmp_path, "The book", "Part I · Both", "Version 1")


def test_code_and_ways_about_stay_on_the_screen(joined):
    for word in ("print(1)", "analysis rerun", "Contents", ">#<"):
        assert word not in joined


def test_links_lead_within_the_document_or_out_of_the_book(joined):
    page = BeautifulSoup(joined, "html.parser")
    goes = [link["href"] for link in page.select("main a")]
    assert goes == ["#a-two--tab-x", "https://doi.org/1", "#a-one--below"]
    assert all(page.find(id=to[1:]) for to in goes if to.startswith("#"))
    assert "elsewhere" in page.main.get_text()


def test_a_folded_table_is_open_with_one_caption(joined):
    page = BeautifulSoup(joined, "html.parser")
    assert not page.select("details, summary")
    assert page.get_text().count("Table I.2.1 Numbers") == 1


def test_the_head_names_the_book_the_part_its_chapters_and_the_edition(joined):
    head = BeautifulSoup(joined, "html.parser").header.get_text(" ")
    assert " ".join(head.split()) == "The book Part I · Both Version 1 I.1 One I.2 Two"


def test_pandoc_gets_pictures_with_their_words_and_sides_of_columns(joined, tmp_path):
    page = BeautifulSoup(word_html(joined, [tmp_path / "x.png"]), "html.parser")
    assert page.img["src"] == str(tmp_path / "x.png")
    assert page.img["alt"] == "A line that rises."
    assert page.td["style"] == "text-align: right"
    assert page.td.get_text() == "0.5 **"


def test_every_part_is_a_document_and_a_section_may_be_one():
    names = [document.name for document in documents()]
    assert names == ["part-I", "part-II", "part-III", "part-IV", "part-V", "part-VI", "part-VII"]
    (one,) = documents(parts=["validation/columbus"])
    assert one.pages == ("notebooks/validation/columbus",)
    with pytest.raises(ParameterError, match=r"no part 'XI'.*there are: I ·"):
        documents(parts=["XI"])


def test_a_study_of_ones_own_is_one_document(tmp_path):
    (tmp_path / "_config.yml").write_text("title: Rain and roads\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: a}]\n")
    (tmp_path / "a.md").write_text("# A\n")
    (one,) = documents(tmp_path)
    assert (one.name, one.title, one.pages) == ("rain-and-roads", "Rain and roads", ("a",))
    assert made(tmp_path) == []


def test_an_edition_is_a_version_a_commit_and_its_day(tmp_path):
    assert re.fullmatch(r"Version \S+", edition(tmp_path))
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "file").write_text("1")
    subprocess.run([*git, "add", "file"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-qm", "one"], cwd=tmp_path, check=True)
    assert re.fullmatch(r"Version \S+, commit \w{7,} of \d{4}-\d\d-\d\d", edition(tmp_path))
    (tmp_path / "file").write_text("2")
    assert edition(tmp_path).endswith(", with changes")


PRINT = """
import sys
from pathlib import Path
from analysis.book.export import documents
from analysis.book.export.files import WIDTH, compose, laid_out, write_word

site, target = map(Path, sys.argv[1:])
(part,) = documents(parts=["III"])
text = compose(part.pages, site, "Book", part.title, "Version 1")
(target / "III.html").write_text(text)
with laid_out(text, "Version 1") as page:
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= WIDTH
    page.pdf(target / "III.pdf")
    write_word(page, target / "III.docx", "Book", part.title, "Version 1")
"""
"""In a process of its own, since Playwright allows no second browser beside the tests'."""


@pytest.mark.book
@pytest.mark.slow
def test_a_part_fits_the_paper_and_its_word_file_has_numbered_tables(tmp_path):
    subprocess.run([sys.executable, "-c", PRINT, HTML, tmp_path], check=True)
    text = (tmp_path / "III.html").read_text()
    pdf = (tmp_path / "III.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 8
    with zipfile.ZipFile(tmp_path / "III.docx") as word:
        body = word.read("word/document.xml").decode()
        pictures = [name for name in word.namelist() if name.endswith(".png")]
    named = re.findall(r"<w:t[^>]*>((?:Table|Figure) III\.\d+\.\d+) ?</w:t>", body)
    captions = re.findall(r'class="caption-number">([^<]+?) ?<', text)
    assert set(captions) <= set(named)
    assert len(pictures) == text.count("<svg") > 0
    assert "<m:oMath>" in body
