"""Formulas become MathML while the book is built, so that no page carries a script for them.

Pandoc translates all formulas of a page in one call; what it has translated once is kept beside the
doctrees. A formula that it cannot read is a warning, and so fails the strict build.
"""

import json
import re
import subprocess
from html import escape
from pathlib import Path

import pypandoc
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from .markup import warn

_KEPT = "formulas.json"


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


def _own(node: nodes.Element) -> bool:
    return isinstance(node, nodes.math_block)


def _tex(node: nodes.Element) -> str:
    """Formula of a node; lines of one formula are aligned, as Sphinx would have them."""
    tex = node.astext().strip()
    if _own(node) and r"\\" in tex and r"\begin" not in tex:
        return rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex


def _translate(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    known = _known(app)
    found = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    new = list(dict.fromkeys((_tex(x), _own(x)) for x in found if _key(x) not in known))
    if new:
        for (tex, own), text in zip(new, mathml(new), strict=True):
            known[f"{own:d}{tex}"] = text
        Path(app.doctreedir, _KEPT).write_text(json.dumps(known), encoding="utf-8")
    for node in found:
        if not known[_key(node)]:
            text = "this formula does not become MathML; write it more simply: %s"
            warn(node, "formula", text, _tex(node))


def _key(node: nodes.Element) -> str:
    return f"{_own(node):d}{_tex(node)}"


def _known(app: Sphinx) -> dict[str, str]:
    if not hasattr(app, "book_formulas"):
        kept = Path(app.doctreedir, _KEPT)
        app.book_formulas = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    return app.book_formulas


def _text(app: Sphinx, node: nodes.Element) -> str:
    """MathML of a node, also of one that stands in no page's tree, such as a title in a list."""
    known = _known(app)
    if _key(node) not in known:
        (known[_key(node)],) = mathml([(_tex(node), _own(node))])
    return known[_key(node)] or f"<code>{escape(_tex(node))}</code>"


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


def setup(app: Sphinx) -> dict[str, object]:
    """Register the renderer of formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.connect("doctree-resolved", _translate)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
