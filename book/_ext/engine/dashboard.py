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
    A role in a foot line: what the claims of the table came to, with a link into the dashboard.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from pathlib import Path

import pandas as pd
from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.book import ledger, published, tables
from analysis.book.forms import fill
from analysis.errors import listed
from analysis.resources import ROOT

from . import harvest
from .markup import CHAPTER, _up
from .sources import definition, uri

logger = logging.getLogger(__name__)
PAGE = "book/ledger"
CHIP = {str(verdict): chip for verdict, chip in tables.CHIPS.items()}
COLUMNS = ("print", "what", "printed", "derived", "kind", "verdict", "where")


def _number(value: object, printed: str) -> str:
    if value is None or pd.isna(value):
        return ""
    decimals = len(printed.partition(".")[2]) if printed else 3
    return tables.number(float(value), f".{min(decimals + 1, 6)}f")


class Claims(SphinxDirective):
    """Checks that every printed row has its claim, and leaves the place of the dashboard."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        claims = ledger.frame(harvest.claims(self.env))
        ours = claims[claims["paper"].isin(published.rows()["paper"])]  # others name what they like
        said = {
            "%d claims name a place where nothing is printed: %s": ledger.unknown(ours),
            "%d places are contradicted by one claim on the print and borne out by another: %s": (
                ledger.disagreements(claims)
            ),
        }
        if Path(self.env.srcdir) == ROOT:  # a part has claims on its own rows alone
            for paper, rows in ledger.missing(claims).groupby("paper"):
                names = [f"table {r.table}, {r.row}, {r.column}" for r in rows.itertuples()]
                said[f"%d printed rows of paper {paper} have no claim in the ledger: %s"] = names
        for text, names in said.items():
            if names:
                logger.warning(
                    text, len(names), listed(names, 8),
                    location=self.get_location(), type="engine", subtype="ledger",
                )  # fmt: skip
        return [Later(kind=self.name)]


def _ledger(env: BuildEnvironment, docname: str) -> str:
    """Counts by verdict and kind, the filters, and every claim."""
    claims = ledger.frame(harvest.claims(env)).assign(print="")
    for i, claim in claims.iterrows():
        claims.loc[i, "print"] = published.name(claim["paper"], claim["table"], claim["place"])
    return fill(
        "ledger.html", up=_up(docname), columns=COLUMNS, chips={**CHIP, "": ""},
        entries=[
            (title, [_shown(env, docname, claim) for claim in same.to_dict("records")])
            for title, same in ledger.entries(claims)
        ],
        counts=ledger.counts(claims), total=len(claims),
        choices={
            name: sorted(set(claims[name]) - {""}, key=_natural)
            for name in ("print", "kind", "verdict")
        },
    )  # fmt: skip


def _shown(env: BuildEnvironment, docname: str, claim: dict) -> dict:
    """A claim with its words, the print, what is derived here, a remark, and where it is shown."""
    printed = claim["says"] or claim["printed"].replace("-", "−")
    if claim["printed_error"]:
        printed += f" ({claim['printed_error']})"
    here, error = (_number(claim[name], claim["printed"]) for name in ("derived", "std_error"))
    if here and error:
        here += f" ({error})"
    if claim["says"] and isinstance(claim["holds"], bool):
        here = here or ("holds" if claim["holds"] else "does not hold")
    page = claim["page"]
    where = (
        _result_link(env, docname, page, claim["anchor"])
        if claim["anchor"]
        else Markup('<a href="{}{}.html">{}</a>').format(_up(docname), page, page)
    )
    remark = ": ".join(filter(None, (claim["conflict"], claim["note"])))
    what = ", ".join(filter(None, [claim["words"] or claim["row"], claim["column"]]))
    return {**claim, "what": what, "shown": printed, "here": here, "remark": remark, "where": where}


def _natural(text: object) -> list:
    """A2 before A10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(text))]


def _code_link(docname: str, name: str) -> str:
    shown = Markup("<code>{}</code>").format(name.removeprefix("analysis."))
    found = definition(name)
    link = Markup('<a href="{}">{}</a>')
    return link.format(uri(docname, *found), shown) if found else shown


class Later(nodes.General, nodes.Element):
    """A place for a table whose links carry numbers that are known once every page is read."""


class Programs(SphinxDirective):
    """List of tables and programs, from the same records as the RO-Crate."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        return [Later(kind=self.name)]


class Found(SphinxDirective):
    """What chapters found, in the words of their own boxes.

    Each line names a chapter and, after bars, words by which to choose sentences of its box. Where
    none has them the first is taken; in the book itself that is a warning.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        chosen = [tuple(map(str.strip, line.split("|"))) for line in self.content if line.strip()]
        return [Later(kind=self.name, chosen=chosen)]


def _found(app: Sphinx, docname: str, chosen: list[tuple[str, ...]]) -> str:
    lines = []
    for page, *words in chosen:
        if page not in app.env.found_docs:
            continue
        tree = app.env.get_doctree(page)
        app.env.apply_post_transforms(tree, page)
        text = " ".join(
            " ".join(part.astext() for part in box[1:])
            for box in tree.findall(nodes.container)
            if "in-short" in box["classes"]
        )
        told = _SENTENCE.split(text)
        sentences = [s for s in told if any(word in s for word in words)] or told[:1]
        absent = [word for word in words if word not in text]
        if text and absent and not app.config.book_values:
            logger.warning(
                "no sentence of the box of %s has the words %s", page, listed(absent),
                location=docname, type="engine", subtype="found",
            )  # fmt: skip
        if text:
            title = app.env.titles[page].astext()
            number = CHAPTER.match(title)
            said = re.sub("^(?:Yes|No): ", "", " ".join(sentences))  # what the title asks
            lines.append((said, page, number[0] if number else title))
    return fill("found.html", lines=lines, up=_up(docname))


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    makers = {"claims": _ledger, "programs": _programs, "concordance": _concordance}
    for place in list(doctree.findall(Later)):
        if place["kind"] == "found":
            html = _found(app, docname, place["chosen"])
        else:
            html = makers[place["kind"]](app.env, docname)
        place.replace_self(nodes.raw("", html, format="html"))


def _result_link(env: BuildEnvironment, docname: str, page: str, label: str) -> str:
    """Link to a table or figure by what the book calls it: "Table I.5.2"."""
    anchor, kind = nodes.make_id(label), "table" if label.startswith("tab-") else "figure"
    number = env.toc_fignumbers.get(page, {}).get(kind, {}).get(anchor)
    name = f"{kind.title()} {'.'.join(map(str, number))}" if number else label
    return Markup('<a href="{}{}.html#{}">{}</a>').format(_up(docname), page, anchor, name)


def _programs(env: BuildEnvironment, docname: str) -> str:
    made = sorted(harvest.results(env), key=lambda made: _place(env, made["page"]))
    return fill(
        "programs.html", up=_up(docname), results=made, program=harvest.program_address,
        link=partial(_result_link, env, docname), source=partial(_code_link, docname),
    )  # fmt: skip


def _place(env: BuildEnvironment, page: str) -> int:
    """Position of a page in the book's order."""
    order = [env.config.root_doc]
    for name in order:
        order += env.toctree_includes.get(name, [])
    return order.index(page) if page in order else len(order)


def _concordance(env: BuildEnvironment, docname: str) -> str:
    """Every table and figure that the two papers print, and where the book has it.

    A page derives a printed table if one of its headings or captions names it or, for a table of
    paper A, if its claims are on it.
    """
    made = harvest.results(env)
    claims: dict[str, list[dict]] = {}
    for claim in harvest.claims(env):
        if claim["verdict"]:
            name = published.name(claim["paper"], claim["table"], claim["place"])
            claims.setdefault(name, []).append(claim)
    pages = {result["page"] for result in made if result["page"].startswith("notebooks/")}
    rows = []
    for printed in published.contents().itertuples():
        name, own = printed.print, claims.get(printed.print, [])
        named = re.compile(rf"(?<![\w-]){name}(?![\w-])")
        anchors = {claim["anchor"] for claim in own}
        derived = [
            (result["page"], result["label"])
            for result in made
            if named.search(result["caption"]) or result["label"] in anchors
        ]
        chapters = {page for page in pages if named.search(_headings(env, page))} or {
            page for page, _ in derived if page in pages and "/referee/" not in page
        }
        ordered = sorted(chapters, key=partial(_place, env))
        counted = Counter(claim["verdict"] for claim in own).most_common()
        rows.append(
            {
                "name": name,
                "shows": printed.shows,
                "chapters": [
                    (f"{page}.html{_heading_anchor(env, page, named)}", env.titles[page].astext())
                    for page in ordered
                ],
                "derived": [(page, label) for page, label in derived if page in chapters],
                "claims": len(own),
                "said": ", ".join(tables.counted(n, verdict) for verdict, n in counted),
                "pages": ordered,
            }
        )
    link = partial(_result_link, env, docname)
    return fill("concordance.html", up=_up(docname), rows=rows, link=link, ledger=PAGE)


def _headings(env: BuildEnvironment, page: str) -> str:
    return "\n".join(link.astext() for link in env.tocs[page].findall(nodes.reference))


def _heading_anchor(env: BuildEnvironment, page: str, named: re.Pattern[str]) -> str:
    found = [x for x in env.tocs[page].findall(nodes.reference) if named.search(x.astext())]
    return found[-1]["anchorname"] if found else ""


class Badge(SphinxRole):
    """What the claims shown in one table came to."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found = Counter(
            (claim["kind"], claim["verdict"])
            for claim in harvest.claims(self.env)
            if claim["page"] == self.env.docname
            and claim["anchor"] == self.text
            and claim["verdict"]
        )
        shown = ", ".join(f"{n} {kind} · {verdict}" for (kind, verdict), n in sorted(found.items()))
        text = f"ledger: {shown}" if shown else "ledger"
        uri = f"{_up(self.env.docname)}{PAGE}.html?result={self.text}"
        link = nodes.reference("", text, refuri=uri, internal=True, classes=["ledger-badge"])
        return [link], []


def _again(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list:
    """Read the pages made from the harvest again whenever any notebook is run again."""
    from . import notebooks, outputs

    store = outputs(app)
    moved = (added | changed | removed) - {""}
    stale = any(not store.is_current(name, path) for name, path in notebooks(env).items())
    pages = [name for name, meta in env.metadata.items() if meta.get("harvest") == "yes"]
    return pages if moved or stale else []


def setup(app: Sphinx) -> None:
    """Register directives, role and the pages' dependence on the notebooks."""
    app.add_directive("claims", Claims)
    app.add_node(Later)
    app.add_directive("programs", Programs)
    app.add_directive("concordance", Programs)
    app.add_directive("found", Found)
    app.connect("doctree-resolved", _fill)
    app.add_role("ledger", Badge())
    app.connect("env-get-outdated", _again)
    app.add_js_file("ledger.js", loading_method="defer")
