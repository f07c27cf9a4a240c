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
from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.book import ledger, published, tables
from analysis.book.inline import as_text
from analysis.errors import listed
from analysis.resources import ROOT

from . import harvest
from .markup import _up
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
        absent = ledger.missing(claims)
        if Path(self.env.srcdir) != ROOT:  # a part has claims on its own rows alone
            absent = absent.iloc[:0]
        for paper, rows in absent.groupby("paper"):
            names = [f"table {r.table}, {r.row}, {r.column}" for r in rows.itertuples()]
            logger.warning(
                "%d printed rows of paper %s have no claim in the ledger: %s",
                len(rows), paper, listed(names, 8),
                location=self.get_location(), type="engine", subtype="ledger",
            )  # fmt: skip
        odd = ledger.unknown(claims)
        if odd:
            logger.warning(
                "%d claims name a place where nothing is printed: %s", len(odd), listed(odd, 8),
                location=self.get_location(), type="engine", subtype="ledger",
            )  # fmt: skip
        against = ledger.disagreements(claims) if len(claims) else []
        if against:
            logger.warning(
                "%d places are contradicted by one claim on the print and borne out by another: %s",
                len(against), listed(against, 8),
                location=self.get_location(), type="engine", subtype="ledger",
            )  # fmt: skip
        return [Later(kind=self.name)]


def _ledger(env: BuildEnvironment, docname: str) -> str:
    """Counts by verdict and kind, the filters, and every claim."""
    claims = ledger.frame(harvest.claims(env))
    if claims.empty:
        return "<p>No claims yet.</p>"
    claims["print"] = [
        published.name(*place)
        for place in claims[["paper", "table", "place"]].itertuples(index=False)
    ]
    lines = []
    for title, same in ledger.entries(claims):
        rows = [_cells(env, docname, claim) for claim in same.to_dict("records")]
        data = " ".join(
            f'data-{name}="{escape("|".join(dict.fromkeys(map(str, same[name]))))}"'
            for name in ("print", "kind", "verdict", "anchor")
        )
        cells = rows[0]
        if title:
            inner = "".join(
                f"<tr>{''.join(f'<td>{cell}</td>' for cell in row[:4])}</tr>" for row in rows
            )
            opened = f"<details><summary>{escape(title)}</summary><table>{inner}</table></details>"
            cells = (cells[0], opened, "", "", *cells[4:])
        body = "".join(f"<td>{cell}</td>" for cell in cells)
        lines.append(f'<tr {data} data-count="{len(same)}">{body}</tr>')
    choices = "".join(
        f'<label>{name} <select data-filter="{name}"><option value="">all</option>'
        + "".join(
            f"<option>{escape(str(value))}</option>"
            for value in sorted(set(claims[name]) - {""}, key=_natural)
        )
        + "</select></label>"
        for name in ("print", "kind", "verdict")
    )
    head = "".join(f'<th scope="col"><button type="button">{c}</button></th>' for c in COLUMNS)
    return (
        f"{_counts(ledger.counts(claims))}"
        f'<div class="ledger-filter" role="search" aria-label="claims">{choices}'
        '<label>contains <input type="search" data-filter="text"></label>'
        f'<output aria-live="polite">{len(claims)} claims</output> '
        f'<a href="{_up(docname)}_results/claims.csv">CSV</a></div>'
        f'<div class="ledger-scroll"><table class="ledger sortable"><thead><tr>{head}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cells(env: BuildEnvironment, docname: str, claim: dict) -> tuple[str, ...]:
    """Where it is printed, the claim in words, printed, derived, kind, verdict, where it is shown."""
    printed = claim["says"] or claim["printed"].replace("-", "−")
    if claim["printed_error"]:
        printed += f" ({claim['printed_error']})"
    derived = _number(claim["derived"], claim["printed"])
    if derived and claim["std_error"] is not None and not pd.isna(claim["std_error"]):
        derived += f" ({_number(claim['std_error'], claim['printed'])})"
    if claim["says"] and isinstance(claim["holds"], bool):
        derived = derived or ("holds" if claim["holds"] else "does not hold")
    where = (
        _result_link(env, docname, claim["page"], claim["anchor"])
        if claim["anchor"]
        else f'<a href="{_up(docname)}{claim["page"]}.html">{escape(claim["page"])}</a>'
    )
    chip = CHIP.get(claim["verdict"])
    verdict = f'<span class="chip chip-{chip}">{claim["verdict"]}</span>' if chip else ""
    remark = ": ".join(filter(None, (claim["conflict"], claim["note"])))
    if remark:
        verdict += f'<div class="ledger-note">{escape(remark)}</div>'
    what = ", ".join(filter(None, [claim["words"] or claim["row"], claim["column"]]))
    return (
        escape(claim["print"]), escape(what), escape(printed), derived, claim["kind"], verdict, where
    )  # fmt: skip


def _natural(text: object) -> list:
    """A2 before A10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(text))]


def _code_link(name: str, docname: str) -> str:
    found = definition(name)
    shown = f"<code>{escape(name.removeprefix('analysis.'))}</code>"
    return f'<a href="{uri(docname, *found)}">{shown}</a>' if found else shown


def _counts(table: pd.DataFrame) -> str:
    rows = (
        (f'<span class="chip chip-{CHIP[verdict]}">{verdict}</span>', *(n or "–" for n in row))
        for verdict, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return _grid(("verdict", *table.columns), rows, "ledger-counts")


def _grid(heads: Iterable[str], rows: Iterable[Iterable[str]], style: str = "ledger") -> str:
    """A table that scrolls by itself; cells are HTML."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="ledger-scroll"><table class="{style}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


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
            number = re.match(r"[IVX]+\.\d+", title)
            lines.append(
                f"<li>{escape(' '.join(sentences))} "
                f'<a href="{_up(docname)}{page}.html">{number[0] if number else escape(title)}</a></li>'
            )
    return f'<ul class="found">{"".join(lines)}</ul>'


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    makers = {"claims": _ledger, "programs": _programs, "concordance": _concordance}
    for place in list(doctree.findall(Later)):
        if place["kind"] == "found":
            html = _found(app, docname, place["chosen"])
        else:
            html = makers[place["kind"]](app.env, docname)
        place.replace_self(nodes.raw("", html, format="html"))


def _number_of(env: BuildEnvironment, docname: str, label: str) -> str:
    """What the book calls a table or figure: "Table I.5.2"."""
    kind = "table" if label.startswith("tab-") else "figure"
    number = env.toc_fignumbers.get(docname, {}).get(kind, {}).get(nodes.make_id(label))
    return f"{kind.title()} {'.'.join(map(str, number))}" if number else escape(label)


def _result_link(env: BuildEnvironment, docname: str, page: str, label: str) -> str:
    address = f"{_up(docname)}{page}.html#{nodes.make_id(label)}"
    return f'<a href="{address}">{_number_of(env, page, label)}</a>'


def _rerun_line(page: str) -> str:
    return f"<code>analysis rerun {escape(page.removeprefix('notebooks/'))}</code>"


def _programs(env: BuildEnvironment, docname: str) -> str:
    up = _up(docname)
    rows = [
        (
            _result_link(env, docname, made["page"], made["label"]),
            escape(as_text(made["caption"])),
            f'<a href="{up}{harvest.program_address(made["page"])}">{escape(made["source"])}</a>, '
            f"line {made['line']}",
            ", ".join(_code_link(name, docname) for name in made["origin"].get("code", [])),
            " ".join(
                f'<a href="{up}_results/{name}">{Path(name).suffix[1:]}</a>'
                for name in (*made["files"], f"{made['label']}.json")
            ),
        )
        for made in sorted(harvest.results(env), key=lambda made: _place(env, made["page"]))
    ]
    return _grid(
        ("result", "what it shows", "program", "functions", "files"), rows, "ledger programs"
    )


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
    up = _up(docname)
    made = harvest.results(env)
    claims = harvest.claims(env)
    pages = sorted(
        (page for page in {r["page"] for r in made} if page.startswith("notebooks/")),
        key=lambda page: _place(env, page),
    )
    rows = []
    for printed in published.contents().itertuples():
        name = printed.print
        named = re.compile(rf"(?<![\w-]){name}(?![\w-])")
        own = [
            claim
            for claim in claims
            if claim["verdict"]
            and published.name(claim["paper"], claim["table"], claim["place"]) == name
        ]
        derived = [
            r
            for r in made
            if named.search(r["caption"]) or any(c["anchor"] == r["label"] for c in own)
        ]
        chapters = [page for page in pages if named.search(_headings(env, page))] or [
            page
            for page in pages
            if any(r["page"] == page for r in derived) and not page.startswith("notebooks/referee/")
        ]
        counted = Counter(claim["verdict"] for claim in own)
        said = ", ".join(tables.counted(n, verdict) for verdict, n in counted.most_common())
        rows.append(
            (
                f"<b>{name}</b>",
                escape(printed.shows),
                "<br>".join(
                    f'<a href="{up}{page}.html{_heading_anchor(env, page, named)}">'
                    f"{escape(env.titles[page].astext())}</a>"
                    for page in chapters
                )
                or "–",
                ", ".join(
                    _result_link(env, docname, r["page"], r["label"])
                    for r in derived
                    if r["page"] in chapters
                )
                or "–",
                f'<a href="{up}{PAGE}.html?print={name}">{len(own)}</a>: {said}' if own else "–",
                "<br>".join(map(_rerun_line, chapters)),
            )
        )
    return _grid(
        ("print", "shows", "chapter", "derived in", "claims in the ledger", "run it again"),
        rows,
        "ledger concordance",
    )


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
