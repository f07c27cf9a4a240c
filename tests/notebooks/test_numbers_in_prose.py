"""A number in the words of a page is glued, or listed with what it is."""

import ast
import re
import tomllib
from pathlib import Path

import jupytext
import pytest

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
        listed = [*LISTED["everywhere"], *LISTED["page"].get(page, {})]
    for text in texts(page) if page in PAGES else [page]:
        allowed = [m.span() for phrase in listed for m in re.finditer(re.escape(phrase), text)]
        for number in NUMBER.finditer(text):
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


def test_captions_in_a_file_are_read_and_each_belongs_to_a_page():
    code = " ".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert CAPTIONS
    for label, entry in CAPTIONS.items():
        assert f'"{label}"' in code, f"{label} has a caption and stands on no page"
        assert (
            entry["caption"]
            if "caption" in entry
            else set(entry) <= {"stub", "digits", "notes", "folded", "formats", "with_stars", "alt"}
        )


def test_nothing_is_listed_that_no_page_says():
    told = {page: " ".join(texts(page)) for page in PAGES}
    for phrase in LISTED["everywhere"]:
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
    ],
)
def test_a_typed_number_is_found(text):
    assert list(typed(text, []))


@pytest.mark.parametrize(
    "text",
    [
        "34 cities in 2003",
        "version 1.4.5",
        "sections 4.2.2 and 5",
        "W_0.5 and x.5y",
        "equation (10)",
    ],
)
def test_what_is_no_result_is_left_alone(text):
    assert not list(typed(text, []))
