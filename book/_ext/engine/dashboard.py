"""The ledger of claims as a page, the list of tables and programs, and the badge beside a table.

``{claims}``
    The dashboard: counts by verdict and kind, and every claim in a table that can be filtered
    without a network. A printed row that no claim speaks of, or a claim on a row that is not
    printed, is a warning and so fails the strict build.
``{programs}``
    Every table and figure of the book with its notebook, functions, inputs and files.
``{concordance}``
    Every table and figure that the papers print, and where the book derives it.
``{found}``
    Sentences from the boxes in which chapters say what they found.
``{ledger}``
    A role in a foot line: a link from the table to its claims.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.book import ledger, published, tables
from analysis.book.forms import fill
from analysis.errors import listed
from analysis.resources import ROOT

from . import harvest
from .execute import program_address
from .markup import CHAPTER, link, per_cent, up, warn
from .sources import definition, uri

PAGE = "book/ledger"


def _number(value: object, printed: str) -> str:
    if value is None or pd.isna(value):
        return ""
    decimals = len(printed.partition(".")[2]) if printed else 3
    whole = not decimals and float(value).is_integer()
    return tables.number(int(value) if whole else float(value), f".{min(decimals + 1, 6)}f")


class Later(nodes.General, nodes.Element):
    """A place for a table whose links carry numbers that are known once every page is read."""


class Collected(SphinxDirective):
    """Leaves the place of what is collected from all pages; its lines say what of it."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        return [Later(kind=self.name, lines=list(self.content))]


def _check(env: BuildEnvironment, docname: str, claims: pd.DataFrame) -> None:
    """Warn where a printed row has no claim, a claim no row, or two claims contradict each other."""
    said = {
        "%d claims name a place where nothing is printed: %s": ledger.unknown(claims),
        "%d places are contradicted by one claim on the print and borne out by another: %s": (
            ledger.disagreements(claims)
        ),
    }
    if Path(env.srcdir) == ROOT:  # a part has claims on its own rows alone
        for paper, rows in ledger.missing(claims).groupby("paper"):
            names = [f"table {r.table}, {r.row}, {r.column}" for r in rows.itertuples()]
            said[f"%d printed rows of paper {paper} have no claim in the ledger: %s"] = names
    for text, names in said.items():
        if names:
            warn(docname, "ledger", text, len(names), listed(names, 8))


def _ledger(env: BuildEnvironment, docname: str) -> str:
    """Counts by verdict and kind, the filters, and every claim."""
    claims = ledger.frame(harvest.claims(env))
    _check(env, docname, claims)
    places = claims[["paper", "table", "place"]].itertuples(index=False)
    claims["print"] = [published.name(*place) for place in places]
    return fill(
        "ledger.html", up=up(docname), chips={**tables.CHIPS, "": ""}, number=_number,
        link=partial(_result_link, env, docname),
        entries=[(title, same.to_dict("records")) for title, same in ledger.entries(claims)],
        counts=ledger.counts(claims), total=len(claims),
        choices={
            name: sorted(set(claims[name]) - {""}, key=_natural)
            for name in ("print", "kind", "verdict")
        },
    )  # fmt: skip


def _natural(text: object) -> list:
    """A2 before A10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(text))]


def _found(env: BuildEnvironment, docname: str, *lines: str) -> str:
    """What chapters found, in the words of their own boxes.

    Each line names a chapter and, after bars, words by which to choose sentences of its box. Where
    none has them the first is taken; in the book itself that is a warning.
    """
    found = []
    for page, *words in (map(str.strip, line.split("|")) for line in lines if line.strip()):
        if page not in env.found_docs:
            continue
        tree = env.get_doctree(page)
        env.apply_post_transforms(tree, page)
        boxes = [box for box in tree.findall(nodes.container) if "in-short" in box["classes"]]
        text = " ".join(part.astext() for box in boxes for part in box[1:])
        if not text:
            continue
        told = _SENTENCE.split(text)
        sentences = [s for s in told if any(word in s for word in words)] or told[:1]
        absent = [word for word in words if word not in text]
        if absent and not env.config.book_values:
            said = "no sentence of the box of %s has the words %s"
            warn(docname, "found", said, page, listed(absent))
        title = env.titles[page].astext()
        number = CHAPTER.match(title)
        said = re.sub("^(?:Yes|No): ", "", " ".join(sentences))  # what the title asks
        found.append((said, page, number[0] if number else title))
    return fill("found.html", lines=found, up=up(docname))


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(Later)):
        html = MAKERS[place["kind"]](app.env, docname, *place["lines"])
        place.replace_self(nodes.raw("", per_cent(html), format="html"))


def _result_link(env: BuildEnvironment, docname: str, page: str, label: str) -> str:
    """Link to a table or figure by what the book calls it: "Table I.5.2"."""
    anchor, kind = nodes.make_id(label), "table" if label.startswith("tab-") else "figure"
    number = env.toc_fignumbers.get(page, {}).get(kind, {}).get(anchor)
    name = f"{kind.title()} {'.'.join(map(str, number))}" if number else label
    return Markup('<a href="{}{}.html#{}">{}</a>').format(up(docname), page, anchor, name)


def _programs(env: BuildEnvironment, docname: str) -> str:
    made = sorted(harvest.results(env), key=lambda made: _place(env, made["page"]))
    return fill(
        "programs.html", up=up(docname), results=made, program=program_address,
        link=partial(_result_link, env, docname), definition=definition, uri=partial(uri, docname),
    )  # fmt: skip


def _place(env: BuildEnvironment, page: str) -> int:
    """Position of a page in the book's order."""
    order = list(env.collect_relations())
    return order.index(page) if page in order else len(order)


def _concordance(env: BuildEnvironment, docname: str) -> str:
    """Every table and figure that the two papers print, and where the book has it.

    A page derives a printed table if one of its headings or captions names it or, for a table of
    paper A, if its claims are on it.
    """
    made = [(result["page"], result["about"]) for result in harvest.results(env)]
    claims: dict[str, list[dict]] = {}
    for claim in harvest.claims(env):
        if claim["verdict"]:
            name = published.name(claim["paper"], claim["table"], claim["place"])
            claims.setdefault(name, []).append(claim)
    pages = {page for page, _ in made if page.startswith("notebooks/")}
    rows = []
    for printed in published.contents().itertuples():
        own = claims.get(printed.print, [])
        named = re.compile(rf"(?<![\w(-]){printed.print}(?![\w-])")  # "(B6)" is an equation
        anchors = {claim["anchor"] for claim in own}
        derived = [
            (page, about["result"])
            for page, about in made
            if named.search(about["caption"]) or about["result"] in anchors
        ]
        headed = {page: _headings(env, page, named) for page in pages}
        chapters = {page for page, at in headed.items() if at} or {
            page for page, _ in derived if page in pages and "/referee/" not in page
        }
        ordered = {
            page: (env.titles[page].astext(), *headed[page][-1:])
            for page in sorted(chapters, key=partial(_place, env))
        }
        derived = [(page, label) for page, label in derived if page in chapters]
        rows.append((printed, ordered, derived, Counter(claim["verdict"] for claim in own)))
    return fill(
        "concordance.html", up=up(docname), rows=rows, ledger=PAGE, counted=tables.counted,
        link=partial(_result_link, env, docname),
    )  # fmt: skip


def _headings(env: BuildEnvironment, page: str, named: re.Pattern[str]) -> list[str]:
    """Anchors of the headings of a page in which a printed table is named."""
    links = env.tocs[page].findall(nodes.reference)
    return [link["anchorname"] for link in links if named.search(link.astext())]


class Badge(SphinxRole):
    """Link from a table to its claims in the ledger; what they came to stands in its caption."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        leads = f"{up(self.env.docname)}{PAGE}.html?result={self.text}"
        return [link("ledger", leads, "ledger-badge")], []


MAKERS: dict[str, Callable[..., str]] = {
    "claims": _ledger, "programs": _programs, "concordance": _concordance, "found": _found,
}  # fmt: skip


def setup(app: Sphinx) -> None:
    """Register directives, role and the pages' dependence on the notebooks."""
    app.add_node(Later)
    for name in MAKERS:
        app.add_directive(name, Collected)
    app.connect("doctree-resolved", _fill)
    app.add_role("ledger", Badge())
    app.add_js_file("ledger.js", loading_method="defer")
