"""Directives and roles that the pages use beyond MyST's own, and their formulas.

``{simulated}``, ``{real}``, ``{published}``
    The banner that says what the data of a page are.
``{in-short}``
    What the page found, first thing under its banner.
``{folded}``
    Folds the numbered table inside it behind a line with its number and caption.
``{stale}``
    The notice over a heavy result that today's code would not give; it fails the strict build.
``{drawing}``
    A numbered figure whose SVG takes the colours of the page.
``{result}``
    A role: a link to a file that a table or figure on the page offers.

Formulas become MathML while the book is built, so that no page carries a script for them. Pandoc
translates all formulas of a page in one call; what it has translated once is kept beside the
doctrees. A formula that it cannot read is a warning, and so fails the strict build.
"""

import base64
import json
import re
import subprocess
import zlib
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pypandoc
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import docname_join, logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.writers.html5 import HTML5Translator

from analysis.book.build import entries, headline
from analysis.book.inline import BANNERS, as_text
from analysis.book.text import signed

logger = logging.getLogger(__name__)
_KEPT = "mathml.json"
CHAPTER = re.compile(r"[IVX]+\.\d+")
"""Number of a chapter, with which its title begins."""


def up(docname: str) -> str:
    """Way from a page to the top folder of the book."""
    return "../" * docname.count("/")


def warn(location: Any, subtype: str, text: str, *words: object) -> None:
    """Warn of something on a page or in a node, which fails the strict build."""
    logger.warning(text, *words, location=location, type="engine", subtype=subtype)


def link(shown: str | nodes.Node, uri: str, *classes: str) -> nodes.reference:
    """Link to another page or file of the built book."""
    inside = nodes.Text(shown) if isinstance(shown, str) else shown
    return nodes.reference("", "", inside, refuri=uri, internal=True, classes=list(classes))


def _marked(node: nodes.Element, name: str) -> list[nodes.inline]:
    """What is marked by a class inside a node."""
    return [mark for mark in node.findall(nodes.inline) if name in mark["classes"]]


class Box(SphinxDirective):
    """A box around its content: what the page found, or a folded table."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        if self.name == "folded":
            return [self.fill(folded())]
        title = nodes.paragraph("", "", nodes.strong("", BANNERS[self.name][0]))
        return [self.fill(nodes.container("", title, classes=[self.name]))]

    def fill(self, box: nodes.Element) -> nodes.Element:
        """Parse the content into a box."""
        self.state.nested_parse(self.content, self.content_offset, box)
        return box


class Banner(Box):
    """What the data of the page are; text in the body follows the standing sentence."""

    def run(self) -> list[nodes.Node]:
        title, sentence = BANNERS[self.name]
        head = nodes.paragraph("", "", nodes.strong("", title), classes=["banner-title"])
        body = nodes.container(classes=["banner-text"])
        if sentence:
            body += nodes.paragraph("", sentence)
        classes = ["data-banner", f"data-{self.name}"]
        return [nodes.container("", head, self.fill(body), classes=classes)]


class folded(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """A numbered table behind a line with its number and caption."""


def _open_fold(self: HTML5Translator, node: folded) -> None:
    self.body.append('<details class="folded"><summary>')
    table = next(node.findall(nodes.table))
    self.add_fignumber(table)
    for child in table[0].children:
        child.walkabout(self)
    self.body.append("</summary>")


def _close_fold(self: HTML5Translator, node: folded) -> None:
    self.body.append("</details>")


class Stale(SphinxDirective):
    """A heavy result that no longer stands: said on the page, and fatal to the strict build."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not self.config.book_origin:  # whose results are other ones anyway
            now = "is not what today's code and data give: run `make validate STUDIES=%s`"
            text = f"the committed result %r {now}"
            warn(self.get_location(), "stale", text, name, name)
        text = f"The result “{name}” below was made by an earlier state of the code or data."
        said = nodes.paragraph("", text)
        return [nodes.container("", said, classes=["data-banner", "data-stale"])]


class Drawing(SphinxDirective):
    """A numbered figure around an inline SVG; the body is the caption."""

    has_content = True
    option_spec: ClassVar = dict.fromkeys(("name", "alt", "svg"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        svg = zlib.decompress(base64.b64decode(self.options["svg"])).decode()
        role = "group" if "<a " in svg else "img"
        attributes = f'role="{role}" aria-label="{escape(self.options["alt"])}"'
        drawn = svg.replace("<svg ", f"<svg {attributes} ", 1)
        picture = nodes.raw("", f'<div class="picture">{drawn}</div>', format="html")
        figure = nodes.figure("", picture, classes=["drawing"])
        caption = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, caption)
        first, *rest = caption.children
        figure += nodes.caption("", "", *first.children)
        if rest:
            figure += nodes.legend("", *rest)
        self.add_name(figure)
        self.set_source_info(figure)
        return [figure]


_PER_CENT = re.compile(r"(?:(?<=\d) ?|^ )%(?![^<]*>)")


def per_cent(text: str) -> str:
    """Keep a per cent beside its number, by a space that does not break; not inside a tag of HTML."""
    return _PER_CENT.sub("\N{NO-BREAK SPACE}%", text)


class Signs(SphinxPostTransform):
    """Glued numbers below zero get the tables' minus sign, per cent its space; titles stay."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        verbatim = nodes.FixedTextElement | nodes.literal | nodes.math | nodes.title
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, verbatim):
                continue
            said = per_cent(text)
            if "pasted-text" in text.parent.get("classes", ()):
                said = per_cent(signed(text))
            if said != text:
                text.parent.replace(text, nodes.Text(said))


class NumberedOnce(StandardDomain):
    """Sphinx's standard domain; a page that numbered references lead to is unpickled once, not for each."""

    def _resolve_numref_xref(self, env: BuildEnvironment, *rest: Any) -> nodes.Element | None:
        if not hasattr(self, "_once"):
            self._once = SimpleNamespace(**vars(env) | {"get_doctree": cache(env.get_doctree)})
        return super()._resolve_numref_xref(self._once, *rest)


class Result(SphinxRole):
    """Link to a file that comes with a table or figure, named by its ending."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        ending = Path(self.text).suffix.removeprefix(".")
        names = {"csv": "CSV", "tex": "LaTeX", "svg": "SVG", "json": "provenance"}
        uri = f"{up(self.env.docname)}_results/{self.text}"
        return [link(names.get(ending, ending), uri)], []


class ResultTables(SphinxTransform):
    """What MyST's tables cannot say: heads over columns, headings of sections, labels of rows.

    A table whose cells hold sentences or verdicts also carries the head of its column in each
    cell, with which a narrow window shows every row as a card.
    """

    default_priority = 400

    def apply(self) -> None:
        for table in list(self.document.findall(nodes.table)):
            if "result" not in table.parent.get("classes", []):
                continue
            (group,) = table.findall(nodes.tgroup)
            next(group.findall(nodes.colspec))["stub"] = 1
            (head,) = group.findall(nodes.thead)
            body = next(group.findall(nodes.tbody), nodes.tbody())  # none where a table has no rows
            spanners = [_take_spanner(entry) for entry in head[0]]
            names = [entry.astext() for entry in head[0]]
            if any(spanners):
                _span_heads(head, spanners)
            words = (len(mark.astext()) for mark in body.findall(nodes.inline))
            if _marked(body, "chip") or max(words, default=0) > 40:
                table["classes"].append("cards")
            for row in body:
                for formula in list(row[0].findall(nodes.math)):
                    if formula.astext() == row[0].astext():  # no name for who hears the table
                        name = as_text(f"${formula.astext()}$")
                        formula.parent.append(nodes.inline("", name, classes=["unseen"]))
                if _marked(row[0], "section-row"):
                    row[0]["morecols"] = len(row) - 1
                    del row[1:]
                elif "cards" in table["classes"]:
                    for name, entry in zip(names[1:], row[1:], strict=True):
                        if entry.children:
                            entry[0].insert(0, nodes.inline("", name, classes=["card-label"]))


def _span_heads(head: nodes.thead, groups: list[str]) -> None:
    """Set a row of groups above the heads; a head without a group reaches up into it."""
    above, at = nodes.row(), 0
    for group, run in groupby(groups):
        columns = len(list(run))
        if group:
            spans = nodes.paragraph("", group)
            above += nodes.entry("", spans, classes=["spans"], morecols=columns - 1)
            at += columns
        for entry in [] if group else [head[0].pop(at) for _ in range(columns)]:
            entry["morerows"] = 1
            above += entry
    head.insert(0, above)


def _take_spanner(entry: nodes.entry) -> str:
    """Remove the group above a head and the line break after it, and return its text."""
    for mark in _marked(entry, "spanner"):
        del mark.parent[: mark.parent.index(mark) + 2]
        return mark.astext()
    return ""


@cache
def _titles(origin: Path) -> dict[str, str]:
    """Title of the page on which each table, figure or page of a book stands."""
    made: dict[str, str] = {}
    told: dict[str, str] = {}  # by the first page that speaks of it, where no code names it
    for entry in entries(origin):
        if title := headline(entry.path):
            made[entry.file] = title
            text = entry.path.read_text(encoding="utf-8") if entry.is_notebook else ""
            for quote, label in re.findall(r'("?)\b((?:tab|fig)-[a-z0-9-]+)', text):
                (made if quote else told).setdefault(label, title)
    return told | made


class PlainElsewhere(SphinxPostTransform):
    """In a book made from another, references to what only that one has become plain text.

    Runs before any reference is resolved.
    """

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        if not self.config.book_origin:
            return
        labels = self.env.domains["std"].anonlabels
        for node in list(self.document.findall(addnodes.pending_xref)):
            target = node["reftarget"]
            if node["reftype"] == "doc":
                is_here = docname_join(node["refdoc"], target) in self.env.all_docs
            elif node.get("refdomain") == "doc":
                is_here = target in self.env.all_docs
            else:
                is_here = node["reftype"] not in ("ref", "numref", "myst") or target in labels
            if not is_here:
                node.replace_self(nodes.inline("", self._words(node, target)))

    def _words(self, node: addnodes.pending_xref, target: str) -> str:
        titles = _titles(Path(self.config.book_origin))
        page = re.sub(r"\.(?:md|py|ipynb)$", "", docname_join(node["refdoc"], target))
        title = titles.get(target) or titles.get(page) or ""
        if node.get("refexplicit") and "%s" not in node.astext():
            return node.astext()
        if node["reftype"] == "numref":
            kind = "a figure" if target.startswith("fig") else "a table"
            return f"{kind} of “{title}”" if title else kind
        return f"“{title}”" if title else "another page"


def mathml(formulas: list[tuple[str, bool]]) -> list[str]:
    """MathML of formulas in TeX, each with whether it stands by itself; empty where it is none."""
    paragraphs = [
        {"t": "Para", "c": [{"t": "Math", "c": [{"t": form}, tex]}]}
        for form, tex in (("DisplayMath" if own else "InlineMath", tex) for tex, own in formulas)
    ]
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": paragraphs}
    command = [pypandoc.get_pandoc_path(), "--from=json", "--to=html", "--mathml", "--wrap=none"]
    done = subprocess.run(
        command, input=json.dumps(document), capture_output=True, text=True, check=True
    )
    slim = re.sub(r"</?semantics>|<annotation.*?</annotation>| xmlns=\"[^\"]*\"", "", done.stdout)
    found = re.findall(r"<p>(.*?)</p>", slim, re.DOTALL)
    return [text if text.startswith("<math") else "" for text in found]


def _formula(node: nodes.Element) -> tuple[str, bool]:
    """Formula of a node, and whether it stands by itself; its lines are aligned, as Sphinx has them."""
    tex, own = node.astext().strip(), isinstance(node, nodes.math_block)
    if own and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex, own


def _translate(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    known = _known(app)
    found = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    if new := list(dict.fromkeys(each for each in map(_formula, found) if each not in known)):
        known |= zip(new, mathml(new), strict=True)
        kept = json.dumps([[*formula, text] for formula, text in known.items()])
        Path(app.doctreedir, _KEPT).write_text(kept, encoding="utf-8")
    for node in found:
        if not known[_formula(node)]:
            text = "this formula does not become MathML; write it more simply: %s"
            warn(node, "formula", text, _formula(node)[0])


def _known(app: Sphinx) -> dict[tuple[str, bool], str]:
    if not hasattr(app, "book_formulas"):
        kept = Path(app.doctreedir, _KEPT)
        rows = json.loads(kept.read_text("utf-8")) if kept.is_file() else []
        app.book_formulas = {(tex, own): text for tex, own, text in rows}
    return app.book_formulas


def _text(app: Sphinx, node: nodes.Element) -> str:
    """MathML of a node, also of one that stands in no page's tree, such as a title in a list."""
    known, formula = _known(app), _formula(node)
    if formula not in known:
        (known[formula],) = mathml([formula])
    return known[formula] or f"<code>{escape(formula[0])}</code>"


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    text = _text(self.builder.app, node)
    long = len(re.findall("<m[ino]", text)) > 12  # a narrow window has to scroll in it
    self.body.append(f'<span class="formula-inline">{text}</span>' if long else text)
    raise nodes.SkipNode


def _display(self: HTML5Translator, node: nodes.math_block) -> None:
    ids = "".join(f' id="{name}"' for name in node["ids"][:1])
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    text = _text(self.builder.app, node)
    self.body.append(f'<div class="formula"{ids}>{text}{number}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the directives, the roles and the renderer of formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.connect("doctree-resolved", _translate)
    app.add_transform(ResultTables)
    app.add_node(folded, html=(_open_fold, _close_fold))
    app.add_directive("folded", Box)
    app.add_config_value("book_origin", "", "")  # where the sources of a book with others come from
    app.add_config_value("book_values", {}, "")  # those parameters, by page
    app.add_post_transform(PlainElsewhere)
    app.add_post_transform(Signs)
    app.add_js_file("page.js", loading_method="defer")
    for kind in BANNERS:
        app.add_directive(kind, Box if kind == "in-short" else Banner)
    app.add_directive("stale", Stale)
    app.add_directive("drawing", Drawing)
    app.add_role("result", Result())
