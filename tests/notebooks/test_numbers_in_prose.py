"""A number in the words of a page is glued, or listed with what it is."""

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

import jupytext
import pandas as pd
import pytest

from analysis.book import published, record
from analysis.papers import firms, places, validation
from analysis.papers.ne34.study import STUDY
from analysis.study import sections

ROOT = Path(__file__).parents[2]
PAGES = [
    page.relative_to(ROOT).as_posix()
    for page in [
        *sorted((ROOT / "notebooks").rglob("*.py")),
        *sorted((ROOT / "book").glob("*.md")),
        *sorted((ROOT / "src").rglob("captions.toml")),
        *sorted((ROOT / "src").rglob("words.toml")),
        *sorted((ROOT / "src").rglob("pages.toml")),
    ]
]
LISTED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

CAPTIONS = {
    label: entry
    for file in (ROOT / "src" / "analysis" / "papers").rglob("captions.toml")
    for label, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()
}
"""Captions that are kept in a file, by label."""

NUMBER = re.compile(r"(?<![\w.,])[−-]?(?:\d+(?:\.\d+)?\s?(?:%|per cent\b)|\d*\.\d+)(?![\w.]*\d|\w)")
"""A decimal or a percentage; not the parts of a version or section such as 4.2.2."""

COUNT = re.compile(
    r"(?<![\w.,/−-])(?!two[ -](?:way|sided|steps?)\b)(?!(?<=the )two\b)"
    r"(?:\d{1,3}(?:,\d{3})*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"(?:[ -](?!(?:of|and|or|in|by|to|for)\b)[\w-]+){0,2}?[ -]"
    r"(?:cit(?:y|ies)|city-years|years|seeds|draws|samples|states|firms|countries|economies"
    r"|neighbourhoods|specifications|rows|columns|regressors|sectors|tests|checks|matrices|pairs"
    r"|totals|effects|estimates|groups|digits|numbers|prefectures|candidates|units|data sets)\b",
    re.IGNORECASE,
)
"""A whole number, in figures or words, of something that data have or results count."""

NO_PROSE = re.compile(
    r"^```.*?^```|\{[\w:+-]+\}`[^`]*`|`[^`]*`|\{[a-z_]\w*(?:[:!][^{}]*)?\}|<[^>]*>|\(https?:[^)]*\)|^:\w+:.*$",
    re.DOTALL | re.MULTILINE,
)
FORMAT = re.compile(r"[,+]?\.\d+[a-z%]")


def words(markdown):
    """Markdown without code, roles, tags, addresses and fields to be filled, on one line."""
    return " ".join(NO_PROSE.sub(" ", markdown).split())


def texts_of(source):
    """Captions, notes and sentences in code; of an f-string the parts that are typed."""
    for node in ast.walk(ast.parse(source)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and not FORMAT.fullmatch(text):
            yield words(text)


def said(declared):
    """Every text of a declaration, however deep."""
    if isinstance(declared, dict):
        declared = [*declared.values()]
    if isinstance(declared, list):
        for each in declared:
            yield from said(each)
    elif isinstance(declared, str) and not FORMAT.fullmatch(declared):
        yield words(declared)


def texts(page):
    """All that a page says in words that somebody typed."""
    path = ROOT / page
    if path.suffix == ".toml":
        return list(said(tomllib.loads(path.read_text(encoding="utf-8"))))
    if path.suffix == ".md":
        return [words(path.read_text(encoding="utf-8"))]
    cells = jupytext.read(path).cells
    told = [words(cell.source) for cell in cells if cell.cell_type == "markdown"]
    for cell in cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            told += texts_of(cell.source)
            labels = re.findall(r'"((?:tab|fig)-[a-z0-9-]+)"', cell.source)
            kept = [CAPTIONS.get(label, {}) for label in labels]
            told += [words(entry.get(k, "")) for entry in kept for k in ("caption", "notes", "alt")]
    return told


def typed(page, listed=None):
    """Numbers of a page that stand in no listed phrase, each with the words around it."""
    if listed is None:
        listed = [*LISTED["counted"], *LISTED["everywhere"], *LISTED["page"].get(page, {})]
    for text in texts(page) if page in PAGES else [page]:
        allowed = [m.span() for phrase in listed for m in re.finditer(re.escape(phrase), text)]
        for number in chain(NUMBER.finditer(text), COUNT.finditer(text)):
            if not any(a <= number.start() and number.end() <= b for a, b in allowed):
                yield text[max(0, number.start() - 40) : number.end() + 20]


@pytest.mark.parametrize("page", PAGES)
def test_every_number_in_words_is_glued_or_listed(page):
    found = list(typed(page))
    assert not found, f"{page}: glue it, or list it with its reason: {found}"


def test_what_is_listed_as_printed_stands_in_the_transcription():
    for page, phrases in LISTED["page"].items():
        for phrase, reason in phrases.items():
            source, _, place = reason.partition(".csv: ")
            if place:
                rows = (ROOT / "data" / "published" / f"{source}.csv").read_text(encoding="utf-8")
                assert any(place in row for row in rows.splitlines()), f"{page}: {phrase}: {place}"


def counts():
    """Counts that pages type, taken from the data."""
    a = {k: published.load(f"paper_a_table{k}") for k in (2, 3, 5, 6, 7)}
    economies = pd.read_csv(ROOT / "data" / "nations" / "panel.csv")
    panels = {"Cigar": validation.cigarettes()[0], "Produc": validation.public_capital()[0]}
    audited, tone = (
        pd.read_csv(record.RECORD / f"tab-{name}.csv")
        for name in ("audit-ne34-matrices", "efficiency-tone")
    )
    return {
        "cities of A": len(places.cities("ne34")),
        "cities of B": len(places.cities("cities283")),
        "years of A": len(a[2]),
        "seeds of A": pd.read_csv(ROOT / "data" / "validated" / "ne34_seeds.csv")["seeds"].max(),
        "tests of A3 without statistic": (a[3]["statistic"] == "").sum(),
        "effects of A5": a[5]["term"].nunique(),
        "checks of A6": a[6]["model"].nunique(),
        "sectors of A7": a[7]["model"].loc[lambda x: x.str.startswith("Sector")].nunique(),
        "matrices of the audit": len(audited),
        "matrices of Part I": len(STUDY.matrices),
        "economies": economies["country"].nunique(),
        "years of the economies": economies["year"].nunique(),
        **{f"states of {name}": panel.n_units for name, panel in panels.items()},
        **{f"years of {name}": panel.n_periods for name, panel in panels.items()},
        "firms of EmplUK": firms.employment()["firm"].nunique(),
        "firms of Grunfeld": firms.investment().n_units,
        "units of Tone": len(tone) - 2,
    }  # fmt: skip


@pytest.mark.seconds
def test_a_count_in_words_is_that_of_the_data():
    found, written = counts(), ["three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    for phrase, of in LISTED["counted"].items():
        said = next(w for w in re.findall(r"\w+", phrase.lower()) if w.isdigit() or w in written)
        number = int(said) if said.isdigit() else written.index(said) + 3
        assert number == found[of], f"{phrase}: {found[of]} {of}"


GLUED = re.compile(r"\{glue:text\}`(\w+)|\{numref\}`((?:tab|fig)-[\w-]+)")
LABEL = re.compile(r'"((?:tab|fig)-[\w-]+)"')


def when(cell):
    return {tag[5:] for tag in cell.metadata.get("tags", []) if tag.startswith("when-")}


@pytest.mark.parametrize("page", [page for page in PAGES if page.endswith(".py")])
def test_a_number_or_table_is_named_only_where_it_is_made(page):
    cells, tags = jupytext.read(ROOT / page).cells, {}
    code = [cell for cell in cells if cell.cell_type == "code"]
    for cell in code:
        for label in LABEL.findall(cell.source):
            tags.setdefault(label, set()).update(when(cell) or {""})
        for call in ast.walk(ast.parse(cell.source)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "numbers":
                for name in call.keywords:
                    tags.setdefault(name.arg or "", set()).update(when(cell) or {""})
    source = " ".join(cell.source for cell in code)
    for cell in cells:
        named = GLUED.findall(cell.source) if cell.cell_type == "markdown" else ()
        for key in map("".join, named):
            made = [name for name in tags if name and (key == name or key.startswith(f"{name}_"))]
            needed = tags[max(made, key=len)] if made else {""}
            if "" not in needed and not needed & when(cell):
                for tag in when(cell) or {"always"}:  # one condition may be part of another
                    assert any(f"{tag}=sample.{other} and" in source for other in needed), (
                        f"{page}: {key} is made when {needed}, named when {tag}"
                    )


LOOK = {"part", "stub", "digits", "notes", "folded", "formats", "with_stars", "stacked", "alt"}


def test_captions_in_a_file_are_read_and_each_belongs_to_a_page():
    code = " ".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert CAPTIONS
    for label, entry in CAPTIONS.items():
        section, _, part = entry.get("part", "").partition(".")
        stands = part in sections.PAGES[section]["parts"] if section else f'"{label}"' in code
        assert stands, f"{label} has a caption and stands on no page"
        assert entry["caption"] if "caption" in entry else set(entry) <= LOOK


def test_nothing_is_listed_that_no_page_says():
    told = {page: " ".join(texts(page)) for page in PAGES}
    for phrase in [*LISTED["counted"], *LISTED["everywhere"]]:
        assert any(phrase in text for text in told.values()), phrase
    for page, phrases in LISTED["page"].items():
        for phrase in phrases:
            assert phrase in told[page], f"{page}: {phrase}"


@pytest.mark.parametrize(
    "text",
    [
        "ρ is 0.18 here",
        "a share of 21%",
        "it falls by 12 per cent",
        "between −.15 and 2",
        "p = .05;",
        "34 cities in 2003",
        "over 200 seeds",
        "in seven of the ten samples",
        "all eight short-run totals",
    ],
)
def test_a_typed_number_is_found(text):
    assert list(typed(text, []))


@pytest.mark.parametrize(
    "text",
    [
        "the cities in 2003",
        "two-way effects, two steps",
        "version 1.4.5",
        "sections 4.2.2 and 5",
        "W_0.5 and x.5y",
        "equation (10)",
    ],
)
def test_what_is_no_result_is_left_alone(text):
    assert not list(typed(text, []))
