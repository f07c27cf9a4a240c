"""An executed notebook for its readers: one HTML file that needs nothing beside it, and for any viewer.

Sphinx renders the page with the book's own settings and directives, so that tables, figures, citations
and mathematics look as in the book; styles, pictures and files to download are written into it.
In the notebook for any viewer numbers, references and citations of its text are written out.
"""

import ast
import base64
import io
import mimetypes
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml
from bs4 import BeautifulSoup
from markupsafe import Markup
from nbformat import NotebookNode

from analysis.book.build import headline
from analysis.book.forms import fill
from analysis.book.rerun.changes import carried
from analysis.book.text import signed
from analysis.resources import ROOT, declared

_STEM = "section"
_UNFOLDED = {"show-input", "remove-input", "hide-cell", "remove-cell", "hide-input"}
"""Tags under which a cell keeps the fold it has."""
_SETTINGS = ("nb_", "myst_", "bibtex_", "numfig", "language")
_UNLINKED = re.compile(r"\{source\}(`[^`]+`)|^- \{(?:ledger|made-from)\}.*\n", re.MULTILINE)
GLUED = "application/papermill.record/text/plain"
_ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<body>[^`]+)`")
_TARGET = re.compile(r"(?P<words>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
_LINK = re.compile(r"\[(?P<words>[^\]]*)\]\((?P<file>[^():#\s]+\.(?:py|md|ipynb))\)")
_SPAN = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\{[^}]*\}")


def unlink(notebook: NotebookNode, source: Path) -> None:
    """Put words for links to other pages, which neither the page nor the notebook has beside it."""

    def words(match: re.Match[str]) -> str:
        page = source.parent / match["file"]
        title = headline(page) if page.is_file() else ""
        return match["words"] or (f"“{title}”" if title else "another page")

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(words, cell.source)


def render(notebook: NotebookNode, book: Path | None = None) -> tuple[str, dict[str, str]]:
    """Return the page of an executed notebook, and words for its labels.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs; nothing is executed.
    book : Path, optional
        Folder of the book that it is of, whose tables elsewhere are called after their pages.

    Returns
    -------
    page : str
        HTML with every style, picture and download inside.
    words : dict of str to str
        As :func:`numbers`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, built = Path(scratch, "source"), Path(scratch, "built")
        source.mkdir()
        nbformat.write(_prepared(notebook), source / f"{_STEM}.ipynb")
        caught, words = _build(source, built, book)
        own = Path(__file__).with_name("page.css")
        look = (own, built / "_static" / "pygments.css", ROOT / "book" / "_static" / "book.css")
        page = fill(
            "rerun.html", title=Markup(caught["title"]).striptags(),
            styles=[style.read_text(encoding="utf-8") for style in look],
            body=_alone(caught["body"], built, notebook),
        )  # fmt: skip
    return page, words


def _build(source: Path, built: Path, book: Path | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Run Sphinx in this process; the one page's body and title, and words for its labels."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    caught: dict[str, dict[str, Any]] = {}

    def catch(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
        caught[page] = context

    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source, None, built, built / ".doctrees", "html", status=None,
            confoverrides=_settings(source) | {"book_origin": str(book or "")},
            warning=io.StringIO(),  # references to other pages lead nowhere here
            freshenv=True,
        )  # fmt: skip
        app.connect("html-page-context", catch)
        app.build()
    return caught[_STEM], numbers(app.env)


def _settings(source: Path) -> dict[str, Any]:
    """Sphinx settings: those of the book that decide how a page looks, without its machinery."""
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    shutil.copy(ROOT / "book" / "references.bib", source)
    own = str(ROOT / "book" / "_ext")
    if own not in sys.path:
        sys.path.append(own)
    taken = {n: each for n, each in book["sphinx"]["config"].items() if n.startswith(_SETTINGS)}
    own_settings = declared("analysis.book.rerun", "page.toml")
    extensions = book["parse"]["myst_enable_extensions"]
    return {**taken, **own_settings, "project": book["title"], "myst_enable_extensions": extensions}


def fold(notebook: NotebookNode) -> None:
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
        size = f"({lines} line{'s' if lines != 1 else ''})"
        what = f"{'Code of the above' if cell.get('outputs') else 'Preparation'} {size}"
        if "parameters" in tags:
            what = "Parameters of this page"
        elif "injected-parameters" in tags:
            what = "Parameters given in their place"
        elif made:
            what = f"Code of this {made[1].replace('drawing', 'figure')} {size}"
        elif re.search(r"^(import|from) ", cell.source, re.MULTILINE):
            what = f"Set-up of this page {size}"
        elif re.search(r"^numbers\(", cell.source, re.MULTILINE):
            what = f"Numbers in the text {size}"
        cell.metadata["mystnb"] = {"code_prompt_show": what, "code_prompt_hide": what}


def _prepared(notebook: NotebookNode) -> NotebookNode:
    """Copy with the code folded as in the book, and a list of the works cited."""
    copy = nbformat.from_dict(notebook)
    fold(copy)
    for cell in copy.cells:  # only the book has pages of source, a ledger and its files
        if cell.cell_type == "markdown":
            cell.source = _UNLINKED.sub(r"\1", cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if text := data.get("text/markdown"):
                data["text/markdown"] = _UNLINKED.sub(r"\1", text)
    prose = [cell.source for cell in copy.cells if cell.cell_type == "markdown"]
    cited = any("{cite" in text for text in prose)
    if cited and not any("{bibliography}" in text for text in prose):
        listed = "## References\n\n```{bibliography}\n:filter: docname in docnames\n```"
        copy.cells.append(nbformat.v4.new_markdown_cell(listed))
    return copy


def _alone(body: str, built: Path, notebook: NotebookNode) -> str:
    """Put into a page what it would load or offer, and its tables into the frames of the theme."""
    offered = {n: text for _, one in carried(notebook) for n, text in one["files"].items()}
    whole = BeautifulSoup(body, "html.parser")
    for image in whole.select('img[src^="_images/"]'):
        image["src"] = _data_uri(str(image["src"]), (built / str(image["src"])).read_bytes())
    for link in whole.select('a[href*="_results/"]'):
        name = str(link["href"]).rpartition("_results/")[2]
        if name in offered:
            link["href"], link["download"] = _data_uri(name, offered[name].encode()), name
        elif item := link.find_parent("li"):  # what only the book's build writes, such as sidecars
            item.decompose()
    for table in whole.select("table.docutils"):
        table["class"] = f"table {' '.join(table['class'])}"
        table.wrap(whole.new_tag("div", attrs={"class": "pst-scrollable-table-container"}))
    return str(whole)


def _data_uri(name: str, content: bytes) -> str:
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def numbers(env: Any) -> dict[str, str]:
    """Words for each label of a built book: "Table 3", or the title of what it names."""
    domain = env.domains["std"]
    words = {name: title for name, (_, _, title) in domain.labels.items() if title}
    for name, (page, anchor) in domain.anonlabels.items():
        for kind, numbered in env.toc_fignumbers.get(page, {}).items():
            if anchor in numbered:
                shown = ".".join(map(str, numbered[anchor]))
                words[name] = env.config.numfig_format[kind].replace("%s", shown)
    return words


def citations(library: Path) -> dict[str, tuple[str, str]]:
    """Authors and year of each work in a BibTeX file."""
    if not library.is_file():
        return {}
    from pybtex.database import parse_file

    found = {}
    for key, entry in parse_file(str(library)).entries.items():
        people = [" ".join(p.last_names) for p in entry.persons.get("author", [])]
        people = [re.sub(r"[{}]", "", name) for name in people] or [entry.fields.get("title", key)]
        joined = " and ".join(people) if len(people) < 3 else f"{people[0]} et al."
        found[key] = (joined, entry.fields.get("year", "n.d."))
    return found


def resolve(
    notebook: NotebookNode, words: Mapping[str, str], cited: Mapping[str, tuple[str, str]]
) -> NotebookNode:
    """Copy an executed notebook, with nothing left in it that only the book's build understands.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs.
    words : mapping
        As :func:`numbers` gives them.
    cited : mapping
        As :func:`citations` gives them.
    """
    copy = nbformat.from_dict(notebook)
    glued: dict[str, Any] = {}
    for cell in copy.cells:
        for output in list(cell.get("outputs", [])):
            if GLUED in output.get("data", {}):
                glued[output["metadata"]["scrapbook"]["name"]] = _value(output["data"][GLUED])
                cell.outputs.remove(output)

    def written(match: re.Match[str]) -> str:
        role, body = match["role"], " ".join(match["body"].split())
        explicit = _TARGET.fullmatch(body)
        target = explicit["target"] if explicit else body
        if role == "glue:text":
            name, _, form = body.partition(":")
            text = format(glued[name], form) if name in glued else "…"
            return signed(text).replace("%", " %")
        if role.startswith("cite"):
            each = [cited.get(key.strip(), (key.strip(), "n.d.")) for key in body.split(",")]
            if role.endswith(":t"):
                return "; ".join(f"{who} [{year}]" for who, year in each)
            return f"[{'; '.join(f'{who}, {year}' for who, year in each)}]"
        found = words.get(target, "")
        if role == "numref":
            form = explicit["words"] if explicit else "%s"
            number = found or f"a {'figure' if target.startswith('fig') else 'table'} of the book"
            return form.replace("%s", number.split()[-1] if explicit and found else number)
        if role in ("ref", "doc"):
            return explicit["words"] if explicit else found or "another page"
        return f"`{target}`"

    for position, cell in enumerate(copy.cells):
        cell["id"] = f"cell-{position}"  # jupytext draws them
        if cell.cell_type == "markdown":
            cell.source = _SPAN.sub(r"\1", _without_fences(_ROLE.sub(written, cell.source)))
    first = next((i for i, c in enumerate(copy.cells) if c.cell_type == "code"), len(copy.cells))
    copy.cells.insert(first, nbformat.v4.new_code_cell(fill("needs.txt").strip(), id="needs"))
    return copy


def _value(shown: str) -> Any:
    try:
        return ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        return shown


def _without_fences(text: str) -> str:
    """Turn MyST's fenced boxes into quotes."""
    depth, lines, options = 0, [], False
    for line in text.split("\n"):
        if opening := re.match(r":{3,}\{([\w-]+)\}(.*)", line):
            depth, options = depth + 1, True
            lines.append("> " * depth + f"**{(opening[2] or opening[1]).strip()}**")
        elif re.fullmatch(r":{3,}\s*", line):
            depth = max(depth - 1, 0)
            lines.append("")
        elif re.fullmatch(r"\(\S+\)=\s*", line) or (options and re.match(r":\w+:", line)):
            continue
        else:
            options = False
            lines.append("> " * depth + line)
    return "\n".join(lines)
