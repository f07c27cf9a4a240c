"""The book's own small Sphinx extension.

It runs notebooks (:mod:`engine.execute`), gives pages the few directives and roles that they need
beyond MyST's (:mod:`engine.markup`), shows the package's functions and their source
(:mod:`engine.sources`), collects the tables' files and the claims that the executed
notebooks carry (:mod:`engine.harvest`), and keeps every page readable offline.
"""

import re
import sys
from html import escape
from pathlib import Path
from shlex import quote

import markupsafe
import nbformat
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from analysis.book import parameters, run
from analysis.book.edition import edition
from analysis.book.export import made
from analysis.book.forms import fill
from analysis.book.provenance import file_digest
from analysis.book.rerun import changes, page
from analysis.resources import ROOT, lock

from . import markup
from .execute import notebooks, outputs, program_address

logger = logging.getLogger(__name__)
_app: Sphinx | None = None


def read_notebook(text: str) -> nbformat.NotebookNode:
    """Parse the notebook that Sphinx is reading, with its stored outputs and its code folded."""
    notebook = run.read(text)
    store, docname = outputs(_app), _app.env.docname
    store.attach(docname, notebook)
    values = store.values.get(docname)
    if values:
        (cell,) = parameters.tagged(notebook.cells)
        note = changes.differs(parameters.declared(cell), values)
        notebook = run.injected(notebook, values)
        changes.below_title(notebook, f":::{{container}} data-banner data-stale\n{note}\n:::")
    page.fold(notebook)
    return notebook


def _one_at_a_time(app: Sphinx) -> None:
    """Wait for another build of the same folder; the system frees it when this process ends."""
    place = Path(app.outdir).parent / ".lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    app.book_lock = place.open("w")
    if not lock(app.book_lock, wait=False):
        print(f"waiting for another build of {app.srcdir}", file=sys.stderr)
        lock(app.book_lock)
    begun = place.with_name(".begun")
    if begun.exists():  # the last build was ended: what it wrote may be half of a page
        _forget(app)
    begun.touch()


def _leave_out(app: Sphinx, config: Config) -> None:
    """Name folders without pages once instead of file by file, which every contents list matches."""
    folders = ("src", "tests", "bench", "data", "book/_ext")
    files = tuple(f"{folder}/" for folder in folders)
    kept = [pattern for pattern in config.exclude_patterns if not pattern.startswith(files)]
    config.exclude_patterns = [*kept, *folders]


def _name_edition(app: Sphinx, config: Config) -> None:
    """Say below each page which state of the book it is, and above it which documents hold it.

    Sphinx writes every page again when either has changed.
    """
    config.html_theme_options["extra_footer"] = f"<p>{escape(edition())}</p>"
    held = {page: one for one in made(Path(app.srcdir)) for page in one.pages}
    config.html_context["documents"] = {page: (one.name, one.title) for page, one in held.items()}


def _remember(app: Sphinx) -> None:
    global _app
    _app = app
    if app.builder.format == "html":
        app.builder.templates.environment.filters["lighter"] = _lighter


def _lighter(head: str) -> str:
    """Without font preloads, and without the script for icons that the style sheet draws as well."""
    unwanted = r'<link rel="preload" as="font"[^>]*>\s*|<script [^>]*fontawesome[^>]*></script>\s*'
    return re.sub(unwanted, "", str(head))


def _outdated(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list:
    """Pages to read again: all in another look, else what has another text, runs, or collects."""
    texts = {name: file_digest(Path(env.doc2path(name))) for name in env.found_docs}
    texts[""] = _look(app)
    before, env.book_texts = getattr(env, "book_texts", {}), texts
    if before.get("") != texts[""]:
        return sorted(env.found_docs)
    store = outputs(app)
    other = {name for name in env.found_docs if before.get(name) != texts[name]}
    other |= {name for name, path in notebooks(env).items() if not store.is_current(name, path)}
    if other or added or changed or removed:
        other |= {name for name, meta in env.metadata.items() if meta.get("harvest") == "yes"}
    return sorted(other)


def _look(app: Sphinx) -> str:
    """State of the files that every page is dressed in, which Sphinx copies only with a page."""
    folders = [*app.config.html_static_path, *app.config.templates_path]
    files = (file for folder in folders for file in (Path(app.confdir) / folder).rglob("*"))
    states = ((file, file.stat()) for file in sorted(files) if file.is_file())
    return str([(str(file), state.st_size, state.st_mtime_ns) for file, state in states])


def _run(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    app.book_changed = bool(docnames)
    store = outputs(app)
    asked = {name: path for name, path in notebooks(env).items() if name in docnames}
    stale = {name: path for name, path in asked.items() if not store.is_current(name, path)}
    if not stale:
        return
    logger.info("running %d notebooks: %s", len(stale), ", ".join(stale))
    for name, failure in store.run_all(stale).items():
        markup.warn(name, "run", failure)


def _rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write every page again after any change: numbers and references cross from page to page."""
    return sorted(env.found_docs) if app.book_changed else []


UNWANTED = re.compile("thebe|togglebutton|toggleHint|toggleOpen|design-tabs|MathJax")
"""Scripts of the theme and of extensions that no page here needs."""
UNSAID = re.compile(' aria-label="Toggle hidden content"| role="(?:doc-biblioentry|list)"')
"""Labels and roles that help no screen reader: deprecated, or on elements that may not have them."""


def _offline(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Drop the scripts that a page does not need, and say above it where its programs are."""
    for kind in ("script_files", "css_files"):
        files = {f"{getattr(file, 'filename', file)}{getattr(file, 'attributes', '')}": file
                 for file in context.get(kind, [])}  # fmt: skip
        context[kind] = [file for said, file in files.items() if not UNWANTED.search(said)]
    body = UNSAID.sub("", context.get("body", ""))
    line = _rerun_line(page, app.env) if page in notebooks(app.env) else ""
    if line:
        foot = '<div class="result-foot docutils container">\n<ul class="simple">\n'
        body = body.replace(foot, f"{foot}<li><p><code>{escape(line)}</code></p></li>\n")
    document, title = app.config.html_context["documents"].get(page, ("", ""))
    if line or document:
        more = "book/run_it_yourself"
        said = fill(
            "where.html", line=line, up=markup.up(page), script=program_address(page),
            notebook=program_address(page, ".ipynb"), more=more if more in app.env.found_docs else "",
            document=document, title=title,
        )  # fmt: skip
        body = body.replace("</h1>", f"</h1>{said}", 1)
    context["body"] = body
    for title in ("docstitle", "pagetitle"):  # some of the theme's templates set them as they are
        context[title] = markupsafe.escape(context.get(title, ""))


def _rerun_line(page: str, env: BuildEnvironment) -> str:
    """The line that runs a chapter again; a study's own is named from beside its folder."""
    origin = Path(env.config.book_origin or env.srcdir)
    name = page.removeprefix("notebooks/")
    return f"analysis rerun {quote(name if origin == ROOT else f'{origin.name}/{name}')}"


def _number_by_chapter(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number tables and figures within a chapter, as its title is numbered: Table I.5.2."""
    for docname, kinds in env.toc_fignumbers.items():
        chapter = markup.CHAPTER.match(env.titles[docname].astext())
        for numbers in kinds.values() if chapter else ():
            for position, name in enumerate(numbers, 1):
                numbers[name] = (chapter[0], position)
    return []


def _forget_failure(app: Sphinx, error: Exception | None) -> None:
    """After a warning forget what was read, so that the next build meets it again."""
    if error is not None or app._warncount:
        _forget(app)
    (Path(app.outdir).parent / ".begun").unlink(missing_ok=True)


def _forget(app: Sphinx) -> None:
    (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    """Register everything with Sphinx."""
    _one_at_a_time(app)
    app.connect("config-inited", _leave_out)
    app.connect("config-inited", _name_edition)
    app.connect("builder-inited", _remember)
    app.add_domain(markup.NumberedOnce, override=True)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-before-read-docs", _run)
    app.connect("env-updated", _rewrite)
    app.connect("env-get-updated", _number_by_chapter, priority=900)
    app.connect("html-page-context", _offline, priority=900)
    app.connect("build-finished", _forget_failure)
    for name in ("markup", "dashboard", "harvest", "sources"):
        app.setup_extension(
            f"engine.{name}"
        )  # not imported before: a re-run needs the markup alone
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}
