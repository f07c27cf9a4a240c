"""An executed notebook as one HTML file that needs nothing beside it.

Sphinx renders it with the book's own settings and directives, so that tables, figures, citations
and mathematics look as in the book; styles, pictures and files to download are written into it.
"""

from __future__ import annotations

import base64
import html
import io
import mimetypes
import re
import shutil
import sys
import tempfile
import urllib.parse
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
import yaml

from analysis.book.provenance import FILES_TYPE
from analysis.book.rerun.resolve import numbers
from analysis.resources import ROOT

_STEM = "section"
_UNFOLDED = {"show-input", "remove-input", "hide-cell", "remove-cell", "hide-input"}
"""Tags under which a cell keeps the fold it has."""
_SETTINGS = ("nb_", "myst_", "bibtex_", "numfig", "language")
_MIME = {"csv": "text/csv", "tex": "application/x-tex", "svg": "image/svg+xml"}


def render(notebook: nbformat.NotebookNode) -> tuple[str, dict[str, str]]:
    """Return the page of an executed notebook, and words for its labels.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs; nothing is executed.

    Returns
    -------
    page : str
        HTML with every style, picture and download inside.
    words : dict of str to str
        As :func:`analysis.book.rerun.resolve.numbers`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        body, title, styles, words = _body(notebook, Path(scratch))
    body = _with_downloads(_framed(body), _offered(notebook))
    own = files(__package__)
    look = own.joinpath("page.css").read_text(encoding="utf-8") + styles
    shell = own.joinpath("page.html").read_text(encoding="utf-8")
    parts = {"title": title, "style": look, "body": body}
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: parts[match[1]], shell), words


def _body(notebook: nbformat.NotebookNode, scratch: Path) -> tuple[str, str, str, dict[str, str]]:
    """Render the body with Sphinx in scratch space; also the title, styles and words of labels."""
    source, built = scratch / "source", scratch / "built"
    source.mkdir()
    nbformat.write(_prepared(notebook), source / f"{_STEM}.ipynb")
    captured = _build(source, built, _settings(source))
    body = re.sub(
        r'src="(_images/[^"]+)"', lambda match: f'src="{_data_uri(built / match[1])}"', captured[0]
    )
    styles = [built / "_static" / "pygments.css", ROOT / "book" / "_static" / "book.css"]
    look = "\n".join(path.read_text() for path in styles if path.is_file())
    return body, captured[1], look, captured[2]


def _build(source: Path, built: Path, settings: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Run Sphinx in this process and catch the one page's body and title."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    caught: dict[str, str] = {}

    def catch(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
        if page == _STEM:
            caught.update(body=context["body"], title=context["title"])

    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source,
            None,
            built,
            built / ".doctrees",
            "html",
            confoverrides=settings,
            status=None,
            warning=io.StringIO(),  # references to other pages of the book lead nowhere here
            freshenv=True,
        )
        app.connect("html-page-context", catch)
        app.build()
    return caught["body"], re.sub(r"<[^>]+>", "", caught["title"]), numbers(app.env)


def _settings(source: Path) -> dict[str, Any]:
    """Sphinx settings: those of the book that decide how a page looks, without its machinery."""
    config = ROOT / "_config.yml"
    book = yaml.safe_load(config.read_text(encoding="utf-8")) if config.is_file() else {}
    taken = {
        name: value
        for name, value in book.get("sphinx", {}).get("config", {}).items()
        if name.startswith(_SETTINGS) and name != "nb_custom_formats"
    }
    extensions = ["myst_nb"]
    library = ROOT / "book" / "references.bib"
    if library.is_file():
        shutil.copy(library, source / "references.bib")
        extensions.append("sphinxcontrib.bibtex")
        taken["bibtex_bibfiles"] = ["references.bib"]
    own = ROOT / "book" / "_ext"
    if (own / "engine" / "markup.py").is_file():
        if str(own) not in sys.path:
            sys.path.append(str(own))
        extensions += ["engine.markup", "engine.formulas"]
        taken["html_math_renderer"] = "mathml"
    return {
        **taken,
        "extensions": extensions,
        "root_doc": _STEM,
        "project": book.get("title", ""),
        "html_theme": "basic",
        "nb_execution_mode": "off",
        "myst_enable_extensions": book.get("parse", {}).get(
            "myst_enable_extensions", ["colon_fence", "dollarmath", "amsmath", "attrs_inline"]
        ),
        "pygments_style": "friendly",
    }


def fold(notebook: nbformat.NotebookNode) -> None:
    """Fold the code of each cell, unless a tag says otherwise, behind a line that says what it is."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.setdefault("tags", [])
        if not _UNFOLDED.intersection(tags):
            tags.append("hide-input")
        shown = "".join(o.get("data", {}).get("text/markdown", "") for o in cell.get("outputs", []))
        made = re.search(r"^:::\{(table|drawing)\}", shown, re.MULTILINE)
        lines = len(cell.source.splitlines())
        what = f"Code ({lines} lines)"
        if "parameters" in tags:
            what = "Parameters of this page"
        elif "injected-parameters" in tags:
            what = "Parameters given in their place"
        elif made:
            what = f"Code of this {made[1].replace('drawing', 'figure')} ({lines} lines)"
        elif re.search(r"^(import|from) ", cell.source, re.MULTILINE):
            what = f"Set-up of this page ({lines} lines)"
        what = what.replace("(1 lines)", "(1 line)")
        cell.metadata["mystnb"] = {"code_prompt_show": what, "code_prompt_hide": what}


def _prepared(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Copy with the code folded as in the book, and a list of the works cited."""
    copy = nbformat.from_dict(notebook)
    fold(copy)
    for cell in copy.cells:  # only the book has pages of source and a ledger
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\{source\}(`[^`]+`)", r"\1", cell.source)
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown")
            if text:
                text = re.sub(r"\{source\}(`[^`]+`)", r"\1", text)
                text = re.sub(r"^- \{(ledger|made-from)\}.*\n", "", text, flags=re.MULTILINE)
                output["data"]["text/markdown"] = text
    prose = [cell.source for cell in copy.cells if cell.cell_type == "markdown"]
    cited = any("{cite" in text for text in prose)
    if cited and not any("{bibliography}" in text for text in prose):
        listed = "## References\n\n```{bibliography}\n:filter: docname in docnames\n```"
        copy.cells.append(nbformat.v4.new_markdown_cell(listed))
    return copy


def _offered(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Name and content of the files that tables and figures offer."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found.update(output.get("data", {}).get(FILES_TYPE, {}).get("files", {}))
    return found


def _with_downloads(body: str, offered: dict[str, str]) -> str:
    """Put the files themselves where the page links to the book's."""

    def link(match: re.Match[str]) -> str:
        name = match[1]
        if name not in offered:
            return match[0]
        mime = _MIME.get(name.rpartition(".")[2], "text/plain")
        content = urllib.parse.quote(offered[name])
        return f'href="data:{mime};charset=utf-8,{content}" download="{html.escape(name)}"'

    linked = re.sub(r'href="(?:\.\./)*_results/([^"]+)"', link, body)
    # What only the book's build writes, such as the sidecars of its results, is not offered here.
    return re.sub(
        r'<li><p><a [^>]*href="(?:\.\./)*_results/[^>]*>[^<]*</a></p></li>\n?', "", linked
    )


def _framed(body: str) -> str:
    """Give each table the class and the scrolling frame that the book's theme gives it."""
    return re.sub(
        r'<table class="([^"]*docutils.*?)</table>',
        r'<div class="pst-scrollable-table-container"><table class="table \1</table></div>',
        body,
        flags=re.DOTALL,
    )


def _data_uri(path: Path) -> str:
    mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode()}"
