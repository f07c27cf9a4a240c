"""Collects what the executed notebooks carry besides their pages.

A table or figure carries its files (CSV, LaTeX, SVG) and a comparison carries its claims as
outputs of types of their own, so that they live and die with the outputs they belong to. The files
go to ``_results/`` of the built book, the claims of all pages to ``_results/claims.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from analysis.ledger import CLAIMS_TYPE
from analysis.provenance import FILES_TYPE

from . import sources

logger = logging.getLogger(__name__)


def payloads(record: dict, mime: str) -> Iterator[dict]:
    """What the outputs of one executed notebook hold of one type, in order."""
    for cell in record["outputs"]:
        for output in cell:
            content = output.get("data", {}).get(mime)
            if content is not None:
                yield content


def _collect(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    from . import notebooks, outputs

    store = outputs(app)
    folder = Path(app.outdir) / "_results"
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    claims = []
    for docname in notebooks(app.env):
        record = store.record(docname) or {"outputs": []}
        for payload in payloads(record, FILES_TYPE):
            for name, content in payload["files"].items():
                if files.setdefault(name, content) != content:
                    logger.warning("two results are called %r", name, location=docname)
        for payload in payloads(record, CLAIMS_TYPE):
            claims += [{**claim, "page": docname} for claim in payload["claims"]]
    files["claims.json"] = json.dumps(claims, indent=1, ensure_ascii=False)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        target = folder / name
        if not target.is_file() or target.read_text(encoding="utf-8") != content:
            target.write_text(content, encoding="utf-8")


def _sweep(app: Sphinx, error: Exception | None) -> None:
    """Remove built pages and stored outputs of what has left the book."""
    if error is not None or app.builder.name != "html":
        return
    from . import outputs

    kept = {*app.env.found_docs, *map(sources.page, sources.modules()), "index", "search"}
    for base, ending in ((Path(app.outdir), ".html"), (outputs(app).folder, ".json")):
        for path in base.rglob(f"*{ending}"):
            name = path.relative_to(base).as_posix().removesuffix(ending)
            if name not in kept and not name.startswith("_static/"):
                path.unlink()


def setup(app: Sphinx) -> None:
    """Collect once every page is written."""
    app.connect("build-finished", _collect)
    app.connect("build-finished", _sweep)
