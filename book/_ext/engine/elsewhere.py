"""A book made from another: references to what only that one has become plain text."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import docname_join

from analysis.book.build import entries


@cache
def _titles(origin: Path) -> dict[str, str]:
    """Title of the page on which each table, figure or page of a book stands."""
    found = {}
    for entry in entries(origin):
        text = entry.path.read_text(encoding="utf-8")
        heading = r"^# # (.+)$" if entry.path.suffix == ".py" else r"^# (.+)$"
        if title := re.search(heading, text, re.MULTILINE):
            names = re.findall(r"\b(?:tab|fig)-[a-z0-9-]+", text) if entry.is_notebook else []
            found |= dict.fromkeys((entry.file, *names), title[1])
    return found


class PlainElsewhere(SphinxPostTransform):
    """Runs before any reference is resolved."""

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


def setup(app: Sphinx) -> None:
    """Register the transform, and what it asks the configuration for."""
    app.add_config_value("book_origin", "", "")  # where the sources of a book with others come from
    app.add_config_value("book_values", {}, "")  # those parameters, by page
    app.add_post_transform(PlainElsewhere)
