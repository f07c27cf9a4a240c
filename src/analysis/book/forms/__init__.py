"""What is written by a template: the forms lie beside this file, and the engine's beside the engine.

In a form that ends in ``.html`` whatever comes from outside is text unless a filter says otherwise.
"""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from analysis.book.inline import as_html, as_latex, as_text, safe
from analysis.book.text import literal
from analysis.resources import ROOT

_FOLDERS = (Path(__file__).parent, ROOT / "book" / "_ext" / "engine" / "forms")
_FORMS = Environment(
    loader=FileSystemLoader(_FOLDERS), autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
)  # fmt: skip


def fill(form: str, **values: Any) -> str:
    """Fill one of the forms, ``table.md`` for example."""
    return _FORMS.get_template(form).render(values)


def cell(content: str | tuple[str, str, str]) -> str:
    """Spell a cell of a pipe table: a text, or text, stars and standard error."""
    text, marks, error = (content, "", "") if isinstance(content, str) else content
    if marks:
        text += "[" + marks.replace("*", "\\*") + "]{.stars}"
    if error:
        text += f"<br>[{error}]{{.std-error}}"
    return re.sub(r"(?<!\\)\|", r"\|", safe(text))


_FORMS.filters |= {
    "cell": cell,
    "literal": literal,
    "html": lambda text: Markup(as_html(text)),
    "myst": safe,
    "plain": as_text,
    "tex": as_latex,
}
