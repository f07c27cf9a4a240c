"""The inline markup of labels, captions and cells: made safe for a page, and carried elsewhere.

Text may hold a little MyST: mathematics, emphasis, code, roles, links and spans with a class.
Whatever else is in it stays text: no tag of HTML passes but ``<br>``, which the tables set
themselves, and each character that means something to LaTeX is escaped. Text from data goes
through :func:`analysis.book.text.literal` before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis.resources import declared

_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\$(?!\s)(?P<math>[^$]+?)(?<!\s)\$(?!\d)"
    r"|\{[a-z:-]+\}`(?P<target>[^`]*)`"
    r"|`(?P<code>[^`]+)`"
    r"|(?P<br><br>)"
    r"|\[(?P<span>(?:[^\[\]\\]|\\.)*)\](?:\{(?P<attributes>[^}]*)\}|\([^()\s]*\))"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|(?<![\w*])\*(?P<emphasis>[^*\s][^*]*)\*(?!\*)"
)
_OPENING = re.compile(
    r"\$(?!\s)(?P<math>[^$]+?)(?<!\s)\$(?!\d)|(?P<slashes>\\*)<(?!br>)(?=[A-Za-z/!?])"
)
_SIGNS = declared("analysis.book", "signs.toml")
_NAMED: dict[str, str] = _SIGNS["named"]
_LATEX: dict[str, str] = {sign: f"${name}$" for name, sign in _NAMED.items()} | _SIGNS["latex"]


def safe(text: object) -> str:
    r"""Text with its markup, in which nothing opens a tag of HTML, on one line.

    Examples
    --------
    >>> safe("p < 0.05 <script> $a<b$<br>*x*")
    'p < 0.05 \\<script> $a\\lt b$<br>*x*'
    """

    def as_text(match: re.Match[str]) -> str:
        if match["math"]:
            return match[0].replace("<", "\\lt ")
        slashes = match["slashes"]
        return f"{slashes}{'' if len(slashes) % 2 else chr(92)}<"

    return _OPENING.sub(as_text, " ".join(str(text).split()))


def as_html(text: object) -> str:
    r"""Text with its markup as HTML that needs no style sheet.

    Examples
    --------
    >>> as_html(r"$\rho$ of <b> & [differs]{.chip .chip-warn}")
    '<i>ρ</i> of &lt;b&gt; &amp; <span class="chip chip-warn">differs</span>'
    """
    return _carried(text, "html")


def as_text(text: object) -> str:
    r"""Text without its markup.

    Examples
    --------
    >>> as_text(r"[0.55\*]{.x}<br>$\rho$ of {numref}`tab-a`")
    '0.55* ρ of tab-a'
    """
    return _carried(text, "plain")


def as_latex(text: object) -> str:
    r"""Text with its markup as LaTeX, every character that LaTeX would act on escaped.

    Examples
    --------
    >>> as_latex("34 × 20, 1/d^2, Coagg², R&D at 5 %, $\\rho^2$")
    '34 $\\times$ 20, 1/d\\textasciicircum{}2, Coagg$^{2}$, R\\&D at 5 \\%, $\\rho^2$'
    """
    return _carried(text, "tex")


def _carried(text: object, form: str) -> str:
    """Carry text over piece by piece."""
    (literal, mathematics), out, end = _FORMS[form], [], 0
    line = " ".join(str(text).split())
    for match in _TOKEN.finditer(line):
        kind, what = next((k, v) for k, v in match.groupdict().items() if v is not None)
        names = " ".join(re.findall(r"(?<=\.)[\w-]+", match["attributes"] or ""))
        if kind in ("span", "strong", "emphasis"):
            what = _carried(what, form)
        else:
            what = mathematics(what) if kind == "math" else literal(what)
        out += [
            literal(line[end : match.start()]),
            _MARKS[kind].get(form, "{0}").format(what, names),
        ]
        end = match.end()
    return "".join([*out, literal(line[end:])])


def _latex_literal(text: str) -> str:
    out = []
    for c in text:
        kind, _, code = unicodedata.decomposition(c).partition(" ")
        if kind in ("<sub>", "<super>") and c not in _LATEX:
            out.append(f"${'_' if kind == '<sub>' else '^'}{{{chr(int(code, 16))}}}$")
        else:  # no font of pdflatex is sure to have more
            unsure = rf"\textless{{}}U+{ord(c):04X}\textgreater{{}}"
            out.append(_LATEX.get(c, c if ord(c) < 0x180 else unsure))
    return "".join(out)


def _unicode(tex: str) -> str:
    """Simple mathematics in plain characters; empty where it is not that simple."""
    for name, sign in _NAMED.items():
        tex = re.sub(re.escape(name) + r"(?![A-Za-z])\s*", sign, tex)
    tex = re.sub(r"\^2(?!\d)", "²", tex.replace("{", "").replace("}", "").replace("\\lt ", "<"))
    tex = re.sub(r"_(\d)", lambda m: chr(0x2080 + int(m[1])), tex)
    return "" if re.search(r"[\\^_]", tex) else tex.replace("-", "−")


def _html_math(tex: str) -> str:
    return f"<i>{escape(_unicode(tex))}</i>" if _unicode(tex) else f"${escape(tex)}$"


_MARKS: dict[str, dict[str, str]] = _SIGNS["marks"]
_FORMS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "html": (escape, _html_math),
    "plain": (str, lambda tex: _unicode(tex) or tex),
    "tex": (_latex_literal, "${}$".format),
}
"""How each form spells text, and mathematics."""

BANNERS: dict[str, list[str]] = _SIGNS["banners"]
"""Title of each box of a page, and the sentence that always stands in it."""


@dataclass(frozen=True, slots=True)
class Banner:
    """A box of a page as a cell's output: what the data are, or what was found."""

    kind: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        title, standing = BANNERS[self.kind]
        text = f"{standing} {self.text}".strip()
        return {
            "text/markdown": f":::{{{self.kind}}}\n{self.text}\n:::",
            "text/html": '<div style="border-left:4px solid;padding:.4em 1em">'
            f"<b>{title}.</b> {as_html(text)}</div>",
            "text/plain": f"{title}: {as_text(text)}",
        }
